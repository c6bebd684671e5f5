"""Whole columns of raw values through the column reading; rows that need a second look go to the cell reading."""
from __future__ import annotations

from itertools import repeat

from ..errors import CellError
from ..rules.arguments import TOO_LARGE, Argument
from ..rules.binding import TROUBLE
from . import values
from .calls import Bound, row_value

#: fewer rows than this are not worth the set-up of the column reading
FEWEST_ROWS = 64
#: decimals of a number that the column reading takes; finer ones go to the cell reading
DECIMALS = 4


def column_answers(bound: Bound, grid, rows) -> list:
    """The value or CellError of each of `rows`."""
    reading = column_results(bound, grid, rows)
    if reading is None:
        return _row_by_row(bound, grid.raws(rows))
    results, odd = reading
    shown = shown_results(bound, results)
    for position in odd.nonzero()[0].tolist():
        shown[position] = row_value(bound, grid.raw(rows[position]))
    return shown


def _row_by_row(bound: Bound, raws) -> list:
    found = []
    add, value = found.append, bound.row
    for raw in raws:
        try:
            add(value(*raw))
        except CellError as error:
            add(error)
    return found


def column_results(bound: Bound, grid, rows):
    """(Results, rows the cell reading must answer as a boolean array), or None where there is no column reading or
    too few rows for it."""
    if len(rows) < FEWEST_ROWS or bound.without_value:
        return None
    try:
        import numpy as np

        from ..rules.column import NotInColumns, run_column
    except ImportError:  # without NumPy the cell reading serves row by row
        return None
    odd = np.zeros(len(rows), bool)
    columns = {
        name: _coded(np, argument, grid.column(name), rows, odd) for name, argument in bound.binding.arguments.items()
    }
    if not columns:  # a line that depends on no input has no column to read
        return None
    try:
        results = run_column(bound.binding, columns)
    except NotInColumns:
        return None
    odd |= results.reasons == TROUBLE
    return results, odd


def shown_results(bound: Bound, results) -> list:
    """The values that cells show, as plain Python values."""
    binding = bound.binding
    ending = binding.outcome.ending
    if ending == "pay":
        fen = results.values
        whole = fen // 100
        if (whole * 100 == fen).all():
            return whole.tolist()
        return [bound.show(value) for value in fen.tolist()]
    if ending in ("choose", "listed"):
        words = binding.words
        return [words[code] for code in results.values.tolist()]
    if ending == "value":
        return [int(v) if v.is_integer() else v for v in results.values.tolist()]
    return results.values.tolist()


def _coded(np, argument: Argument, column, rows, odd):
    """A column of raw values as codes or `Numbers`. Marks in `odd` the rows that need the cell reading."""
    from ..rules.column import Numbers

    count = len(rows)
    if column.constant:
        try:
            blank = values.is_blank(column.cells)
            code = None if blank else values.read(argument, column.cells)
        except CellError:
            blank, code = False, None
            odd[:] = True
        if blank and not argument.optional:
            odd[:] = True
        if argument.finite:
            return np.full(count, code or 0, np.uint8)
        if argument.kind == "numbers":
            odd[:] = True  # one list for all rows: rare, and the cell reading serves
            return Numbers(np.zeros((count, argument.longest), np.int64))
        if code is None:
            return Numbers(np.zeros(count, np.int32), 0, np.full(count, True))
        number = _scaled(np, np.array([float(code)]), argument, flags := np.zeros(1, bool))
        if number is None or flags[0]:
            odd[:] = True
            return Numbers(np.zeros(count, np.int32))
        return Numbers(np.full(count, number.values[0]), number.scale)
    cells = column.cells
    if len(rows) != len(cells) or not isinstance(rows, range):
        cells = [cells[row] for row in rows]
    if argument.finite:
        return _word_codes(np, argument, cells, odd)
    if argument.kind == "numbers":
        return _lists(np, argument, cells, odd)
    floats, blank = _floats(np, cells, odd)
    if not argument.optional:
        odd |= blank
    return _scaled(np, floats, argument, odd, blank)


def _word_codes(np, argument: Argument, cells: list, odd):
    known = dict(argument.codes)
    if argument.optional:
        known.update({None: 0, "": 0})
    try:
        codes = np.fromiter(map(known.get, cells, repeat(255)), np.uint8, len(cells))
    except TypeError:  # something unhashable in a cell
        codes = np.fromiter((_code(known, cell) for cell in cells), np.uint8, len(cells))
    unknown = codes == 255
    if unknown.any():
        odd |= unknown
        codes[unknown] = 0
    return codes


def _code(known: dict, cell) -> int:
    try:
        return known.get(cell, 255)
    except TypeError:
        return 255


_PLAIN = {int, float}


def _floats(np, cells: list, odd):
    """(floats, blank marks); what is not a plain number is odd and counts as 0 here."""
    kinds = set(map(type, cells))
    if kinds <= _PLAIN:
        try:
            return np.array(cells, np.float64), np.zeros(len(cells), bool)
        except OverflowError:
            pass
    if str in kinds:  # national exports hold every number as text
        cells = [_text_number(cell) if cell.__class__ is str else cell for cell in cells]
    blank = np.fromiter((cell is None or cell.__class__ is str and not cell for cell in cells), bool, len(cells))
    usual = (cell.__class__ in _PLAIN and -TOO_LARGE < cell < TOO_LARGE for cell in cells)
    plain = np.fromiter(usual, bool, len(cells))
    odd |= ~(plain | blank)
    return np.fromiter((cell if ok else 0.0 for cell, ok in zip(cells, plain)), np.float64, len(cells)), blank


def _text_number(text: str):
    """A float for text that is nothing but a number and short enough for a float to hold; otherwise the text."""
    return float(text) if len(text) <= 15 and values.NUMBER.fullmatch(text) else text


def _scaled(np, floats, argument: Argument, odd, blank=None):
    """Floats as exact integers with as few decimals as they need; rows that do not fit, or break a limit, are odd."""
    from ..rules.column import Numbers

    with np.errstate(invalid="ignore"):
        beyond = ~(np.abs(floats) < TOO_LARGE)  # NaN too
        if beyond.any():
            odd |= beyond
            floats = np.where(beyond, 0.0, floats)
        wrong = np.zeros(len(floats), bool)
        if not argument.signed:
            wrong |= floats < 0
        if argument.low is not None:
            wrong |= floats < argument.low
        if argument.high is not None:
            wrong |= floats > argument.high
        if argument.whole:
            wrong |= floats != np.floor(floats)
        if wrong.any():
            odd |= wrong if blank is None else wrong & ~blank
            floats = np.where(wrong, 0.0, floats)
    scale, integers = 0, floats
    if (floats != np.floor(floats)).any():
        for scale in (2, DECIMALS):
            integers = np.rint(floats * 10**scale)
            # fifteen digits at most: then no two decimals share a float
            exact = (integers / 10**scale == floats) & (np.abs(integers) < 10**15)
            if exact.all():
                break
        else:
            odd |= ~exact
            integers = np.where(exact, integers, 0.0)
    return Numbers(integers.astype(np.int64), scale, blank if blank is not None and blank.any() else None)


def _lists(np, argument: Argument, cells: list, odd):
    from ..rules.column import Numbers

    width = max((len(cell) for cell in cells if cell is not None), default=1)
    flat = [value for cell in cells for value in (*cell, *[None] * (width - len(cell)))]
    flags = np.zeros(len(flat), bool)
    floats, blank = _floats(np, flat, flags)
    numbers = _scaled(np, floats, argument, flags, blank)
    shape = (len(cells), width)
    odd |= flags.reshape(shape).any(axis=1)
    blank = blank.reshape(shape)
    odd |= blank.any(axis=1) if argument.items else blank.all(axis=1)
    return Numbers(numbers.values.reshape(shape), numbers.scale, blank)
