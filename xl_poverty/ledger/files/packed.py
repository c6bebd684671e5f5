"""Cells as the quick reader packs them: arrays instead of objects."""

from __future__ import annotations

from bisect import bisect_left
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from ...errors import CellError
from .cells import EXACT, as_number, dated

#: what the number of a packed cell is: itself, a date or duration, the place of a shared text, that of an odd value
NUMBER, DATE, DURATION, SHARED, ODD = range(5)
#: numbers that are whole and lie so close together are told apart by a table instead of sorting
_NEAR = 16
#: columns × different values up to which a sheet's columns are told apart together
_SMALL = 1 << 21


class Codes(NamedTuple):
    """A column. `values[codes[row]]` is the cell of a row; each different cell stands in `values` once, by type and
    value (an error cell by its message); `values[0]` is None, the blank."""

    codes: np.ndarray  # int32, one per row of the sheet
    values: list


class Cells:
    """The cells of some rows that hold something, column by column.

    rows            where they stand, from 0, ascending in each column
    kinds, numbers  what they hold, see above
    starts          per column where its cells start, and at last where they end
    """

    def __init__(self, rows, columns, kinds, numbers, kept: np.ndarray):
        """Cells row by row, of which only those at the places `kept` hold something."""
        columns = columns[kept]
        kept = kept[np.argsort(columns.astype(np.uint16), kind="stable")]
        self.rows, self.kinds, self.numbers = rows[kept], kinds[kept], numbers[kept]
        self.starts = np.append(0, np.cumsum(np.bincount(columns)))

    @property
    def width(self) -> int:
        return len(self.starts) - 1

    def column(self, column: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        here = slice(self.starts[column], self.starts[column + 1])
        return self.rows[here], self.kinds[here], self.numbers[here]


class Packed:
    """The cells of a sheet.

    parts   one below the other, none of them without cells
    shared  the workbook's shared texts; the numbers of cells tell the first of equal ones
    odd     values that are neither number, date nor shared text
    """

    def __init__(self, parts: list[Cells], shared: list[str], odd: list, epoch_1904: bool):
        self.parts, self.shared, self.odd, self.epoch_1904 = parts, shared, odd, epoch_1904
        self._ends = [int(part.rows.max()) for part in parts]
        self.height = self._ends[-1] + 1 if parts else 0
        self.width = max((part.width for part in parts), default=0)

    def row(self, row: int) -> list:
        if not 0 <= row < self.height:
            raise IndexError(row)
        cells: list = [None] * self.width
        part = self.parts[bisect_left(self._ends, row)]
        places = np.flatnonzero(part.rows == row)
        columns = np.searchsorted(part.starts, places, "right") - 1
        for column, kind, number in zip(*(one.tolist() for one in (columns, part.kinds[places], part.numbers[places]))):
            cells[column] = self._value(kind, number)
        return cells

    def _value(self, kind: int, number: float):
        if kind == SHARED:
            return self.shared[int(number)]
        if kind == ODD:
            return self.odd[int(number)]
        return as_number(number) if kind == NUMBER else dated(number, _SHOWN[kind], self.epoch_1904)

    def column(self, column: int) -> Codes:
        if self._small:
            return self._small.get(column) or Codes(np.zeros(self.height, np.int32), [None])
        found = [part.column(column) for part in self.parts if column < part.width]
        if not found:
            return Codes(np.zeros(self.height, np.int32), [None])
        rows, kinds, numbers = found[0] if len(found) == 1 else map(np.concatenate, zip(*found))
        which, values, plain = self._different(kinds, numbers)
        codes = np.zeros(self.height, np.int32)
        codes[rows] = which + 1
        return _coded(codes, values, plain)

    @cached_property
    def _small(self) -> dict[int, Codes]:
        """All columns of a small sheet, for which their cells are told apart together; nothing for another one."""
        if len(self.parts) != 1:
            return {}
        part = self.parts[0]
        which, values, plain = self._different(part.kinds, part.numbers)
        if self.width * len(values) > _SMALL:
            return {}
        column_of = np.repeat(np.arange(self.width), np.diff(part.starts))
        places = which + column_of * len(values)
        seen = np.zeros(self.width * len(values), bool)
        seen[places] = True
        found = np.flatnonzero(seen)
        number = np.empty(len(seen), np.int32)
        number[found] = np.arange(len(found))
        starts = np.searchsorted(found, np.arange(self.width + 1) * len(values))
        values = list(map(values.__getitem__, (found % len(values)).tolist()))
        codes = np.zeros((self.width, self.height), np.int32)
        codes[column_of, part.rows] = number[places] - starts[column_of] + 1
        spans = enumerate(pairwise(starts.tolist()))
        return {column: _coded(codes[column], values[first:last], plain) for column, (first, last) in spans}

    def _different(self, kinds: np.ndarray, numbers: np.ndarray) -> tuple[np.ndarray, list, bool]:
        """(per cell which of the values it is; the values; whether they differ for sure)."""
        which, values = np.empty(len(kinds), np.int64), []
        present = np.flatnonzero(np.bincount(kinds)).tolist()
        for kind in present:
            chosen = slice(None) if len(present) == 1 else kinds == kind
            different, places = distinct(numbers[chosen], whole=kind in (SHARED, ODD))
            which[chosen] = places + len(values)
            values += self._values(kind, different)
        return which, values, {NUMBER, SHARED}.issuperset(present)

    def _values(self, kind: int, numbers: np.ndarray) -> list:
        if kind in (SHARED, ODD):
            texts = self.shared if kind == SHARED else self.odd
            return list(map(texts.__getitem__, numbers.astype(np.int64).tolist()))
        if kind == NUMBER:
            whole = (np.abs(numbers) < EXACT) & (np.floor(numbers) == numbers)
            values = numbers.astype(object)
            values[whole] = numbers[whole].astype(np.int64)
            return values.tolist()
        return [self._value(kind, number) for number in numbers.tolist()]


_SHOWN = {DATE: "date", DURATION: "duration"}


def distinct(numbers: np.ndarray, whole: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """(the different numbers, ascending; per number its place among them). `whole`: all are known to be whole."""
    if not len(numbers):
        return numbers, np.zeros(0, np.int64)
    low, high = numbers.min(), numbers.max()
    if high - low < _NEAR * len(numbers) and (whole or np.array_equal(np.floor(numbers), numbers)):
        places = (numbers - low).astype(np.int64)
        seen = np.zeros(int(high - low) + 1, bool)
        seen[places] = True
        found = np.flatnonzero(seen)
        number = np.empty(len(seen), np.int32)
        number[found] = np.arange(len(found))
        return found + low, number[places]
    return np.unique(numbers, return_inverse=True)


def key_of(value):
    """What makes a cell different from others: its type and value. Blanks and texts are their own keys."""
    kind = value.__class__
    if value is None or kind is str:
        return value
    if kind is float:
        value = as_number(value)
        return value.__class__, value if value == value else "NaN"
    return kind, value.message if isinstance(value, CellError) else value


def _coded(codes: np.ndarray, values: list, plain: bool) -> Codes:
    """A column of these values, of which 0 is the blank. `plain`: they differ for sure."""
    values = [None, *values]
    return Codes(codes, values) if plain else Codes(*_once(codes, values))


def _once(codes: np.ndarray, values: list) -> tuple[np.ndarray, list]:
    """The same column, without values that stand there twice."""
    places: dict = {}
    which = [places.setdefault(key_of(value), place) for place, value in enumerate(values)]
    if len(places) == len(values):
        return codes, values
    kept = sorted(places.values())
    renumbered = np.zeros(len(values), np.int32)
    renumbered[kept] = np.arange(len(kept))
    return renumbered[which][codes], [values[place] for place in kept]
