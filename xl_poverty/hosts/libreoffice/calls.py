"""A call of Calc: its cells to the functions, and back.

Calc hands over numbers, dates, TRUE and FALSE as numbers, and a single blank cell as 0. So a 0 is read both ways; where
that makes a difference there is no result, and the formula is put right (`blanks`), since a range of one cell tells.
"""
from __future__ import annotations

import datetime as dt
import itertools
import struct
from collections.abc import Iterable
from functools import cache

from ...errors import CellError
from ...formulas.documents import known_function
from ...formulas.office import Settings, current
from ...formulas.ranges import Strip
from ...formulas.signatures import AS_OF, POLICY, Signature
from ...rules.arguments import Argument
from ..values import answer_in, error_text, from_calc, refused, settings_of, to_rows
from . import blanks
from .context import Book, book_of
from .worker import WorkerError, shared

#: so many arguments that are blank or 0 are read both ways
_MOST_UNDECIDED = 4
#: what the cell shows, as Calc counts errors
_CODES = {"#NULL!": 521, "#DIV/0!": 532, "#VALUE!": 519, "#REF!": 524, "#NAME?": 525, "#NUM!": 503, "#N/A": 32767}
_LAST_SERIAL = 2958465


def _error_value(code: int) -> float:
    return struct.unpack("<d", struct.pack("<Q", 0x7FF8 << 48 | code))[0]


#: an error is a NaN that tells its code
_ERRORS = {text: _error_value(code) for text, code in _CODES.items()}


def method(signature: Signature):
    """The method that Calc calls for a function."""
    name, more = signature.name, signature.more

    def call(self, document, *given):
        book = book_of(document)
        if more:
            return _rows(_answer(signature, book, (*given[:-1], *(given[-1] or ()))), book)
        if 0.0 in given or not book.plain:
            return _rows(_answer(signature, book, given), book)
        if tuple in map(type, given):
            cells = tuple(map(_of_one, given))
            if tuple in map(type, cells):
                return _rows(_answer(signature, book, given), book)
            given = cells
        if given[-1].__class__ is float:
            given = (*given[:-1], _day(book, given[-1]))
        result = _ask(book, name, given)
        if result.__class__ is str:
            return ((result,),)
        if result.__class__ in _NUMBERS:
            return ((float(result),),)
        return _rows(result, book)

    return call


_NUMBERS = frozenset((int, float, bool))


def _of_one(raw):
    """The cell of a range of one, which formulas have that were put right; anything else as it is."""
    return from_calc(raw) if raw.__class__ is tuple and len(raw) == 1 and len(raw[0]) == 1 else raw


def _answer(signature: Signature, book: Book, given: tuple):
    """The same for a call that needs a second look. Raises nothing that a clerk would have to see."""
    name = signature.name
    if book.told.__class__ is CellError:
        return refused(name, book.told)
    settings = settings_of(book.told) if book.told else current()
    if settings.__class__ is CellError:
        return refused(name, settings)
    zeros = [place for place, one in enumerate(given) if one.__class__ is float and not one]
    given = tuple(map(from_calc, given))
    kinds = _kinds(signature, given, settings)
    try:
        given = _with_days(book, kinds, given)
    except CellError as error:
        return refused(name, error)
    given = _placed(given, [place for place in zeros if _never_a_number(kinds[place])], itertools.repeat(None))
    undecided = [place for place in zeros if given[place] is not None]
    if not undecided:
        return _ask(book, name, given)
    if len(undecided) <= _MOST_UNDECIDED:
        blank_or_0 = itertools.product((None, 0.0), repeat=len(undecided))
        results = (_ask(book, name, _placed(given, undecided, cells)) for cells in blank_or_0)
        first = next(results)
        if all(_same(first, other) for other in results):
            return first
    blanks.put_right(book.document)
    labels = "、".join(dict.fromkeys(kinds[place].label for place in undecided if kinds[place]))
    told = f"“{labels}”是空白还是0，Calc没有告诉公式，结果却不一样：请在公式里把这一格写成一格的区域，如 D2 写成 D2:D2"
    return refused(name, CellError("missing", told))


def _placed(given: tuple, places: list[int], cells: Iterable) -> tuple:
    placed = [*given]
    for place, cell in zip(places, cells):
        placed[place] = cell
    return tuple(placed)


def _same(one, other) -> bool:
    """Does a cell show the same?"""
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_same, one, other))
    if isinstance(one, CellError) and isinstance(other, CellError):
        return error_text(one) == error_text(other)
    return one == other


def _ask(book: Book, name: str, given: tuple):
    if name in _missing_here:
        return _elsewhere(book, name, given)
    try:
        return answer_in(book.told, name, given)
    except ImportError:
        return _elsewhere(book, name, given)


#: functions that want libraries which the Python of this office does not have
_missing_here: set[str] = set()


def _elsewhere(book: Book, name: str, given: tuple):
    """What the worker says."""
    if name not in ("WHY", "BENEFIT"):  # those depend on what they are asked about
        _missing_here.add(name)
    try:
        return shared().answer(name, given, book.told)
    except WorkerError as error:
        return refused(name, CellError("unverified", str(error)))


# ---- what is meant by an argument


def _never_a_number(kind: Argument | None) -> bool:
    """0 in these is a blank."""
    return kind in (POLICY, AS_OF) or kind is not None and kind.kind == "table"


def _kinds(signature: Signature, given: tuple, settings: Settings) -> list[Argument | None]:
    """What is asked for at each place of a call; None where nobody knows, or where a name of an argument stands."""
    if not signature.more:
        known = [*signature.arguments, POLICY, AS_OF]
    else:
        known = [POLICY]  # what it is about is a name, too
        try:
            other = known_function(given[0], settings)
        except CellError:
            other = None
        if other is not None and signature.name == "WHY":
            if other.more and len(given) > 1:
                return [POLICY, *_kinds(other, given[1:], settings)]
            known += [*other.arguments, POLICY, AS_OF]
        elif other is not None:
            arguments = {**other.by_name, "policy": POLICY, "as_of": AS_OF}
            for name in given[1::2]:
                label = name.strip() if isinstance(name, str) else ""
                known += [POLICY, arguments.get(other.labels.get(label, label))]
    return [*known[: len(given)], *[None] * (len(given) - len(known))]


def _with_days(book: Book, kinds: list[Argument | None], given: tuple) -> tuple:
    """Numbers as the days that they are in this document. Raises CellError for tables of a document that counts days
    from another one: which of their numbers are days, nobody can tell."""
    found = [*given]
    for place, (one, kind) in enumerate(zip(given, kinds)):
        if kind is None:
            continue
        if kind is AS_OF or not book.plain and (kind.kind == "date" or kind.name == "birth_date"):
            if isinstance(one, Strip):
                found[place] = Strip(_day(book, cell) for cell in one)
            elif isinstance(one, list):
                found[place] = [[_day(book, cell) for cell in row] for row in one]
            else:
                found[place] = _day(book, one)
        elif kind.kind == "table" and not book.plain and isinstance(one, list):
            told = "这个文件的日期不从1899-12-30算起，表里的日期会认错：请在 选项 - LibreOffice Calc - 计算 里改过来"
            raise CellError("bad_date", told)
    return tuple(found)


def _day(book: Book, cell):
    """A number as the day that it shows as; anything else, and 20230630, as it is."""
    if cell.__class__ is float and 1 <= cell <= _LAST_SERIAL:
        return _days(book.zero, int(cell))
    return cell


@cache
def _days(zero: dt.date, serial: int) -> dt.date:
    return zero + dt.timedelta(days=serial)


# ---- results


def _rows(result, book: Book) -> tuple:
    rows = to_rows(_without_bools(result), _shown_error, book.serial)
    return tuple(map(tuple, rows))


def _without_bools(result):
    """FALSE that Python hands over is shown as 1."""
    if isinstance(result, list):
        if bool not in map(type, result) and list not in map(type, result):
            return result
        return result.__class__(map(_without_bools, result))
    return float(result) if result.__class__ is bool else result


def _shown_error(error: CellError) -> float:
    return _ERRORS[error_text(error)]
