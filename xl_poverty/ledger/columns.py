"""A column of a ledger: what its header was taken for, and its cells, each different one read once."""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ..workbook.references import letters_of
from .cleaning import BLANK, UNUSABLE, VALUE, Clean
from .fields import Field

_STATES = {VALUE: 0, BLANK: 1, UNUSABLE: 2}


@dataclass
class Column:
    """One column of a table.

    position    on the sheet, from 0
    path        the header texts over it, from the top level down, as they stand (without line breaks)
    field       what it was taken for, None for a column of no use here
    confidence  0 to 1; 1 is a known header, letter by letter
    how         why it was taken for that, in words for the clerk
    unit        what its figures are counted in: the header's own unit, else that of a line above; "" if none is told
    """

    position: int
    path: tuple[str, ...]
    field: Field | None = None
    confidence: float = 0.0
    how: str = ""
    unit: str = ""

    @property
    def letter(self) -> str:
        return letters_of(self.position)

    @property
    def header(self) -> str:
        """The header on one line."""
        return "／".join(self.path)


def shared(array: np.ndarray) -> np.ndarray:
    """An array that is kept and given to many: nobody may change it."""
    array.flags.writeable = False
    return array


def standing(codes: np.ndarray, values: list, places: list[int]) -> np.ndarray:
    """Per row of a coded column: is its cell one of the values at these places?"""
    chosen = np.zeros(len(values), bool)
    chosen[places] = True
    return chosen[codes]


class Cells:
    """The cells of a column over the rows of data, as they were cleaned. Each different cell was read once.

    codes    per row, which of `distinct` it is
    spread   rows whose cell was filled from the cell that they are merged into (a sum counts it once)
    """

    def __init__(self, codes: np.ndarray, distinct: list[Clean], spread: np.ndarray | None = None):
        self.codes, self.distinct = codes, distinct
        self.spread = np.zeros(len(codes), bool) if spread is None else spread

    def __len__(self) -> int:
        return len(self.codes)

    def __getitem__(self, row: int) -> Clean:
        return self.distinct[self.codes[row]]

    def mapped(self, function: Callable[[Clean], object], dtype=object) -> np.ndarray:
        """A function of each cell, per row; it is called once for each different cell."""
        if dtype is object:  # tuples among them must stay whole
            found = np.empty(len(self.distinct), dtype)
            for i, clean in enumerate(self.distinct):
                found[i] = function(clean)
        else:
            found = np.fromiter(map(function, self.distinct), dtype, len(self.distinct))
        return found[self.codes]

    @cached_property
    def _state(self) -> np.ndarray:
        return np.array([_STATES[clean.state] for clean in self.distinct], np.uint8)[self.codes]

    @cached_property
    def known(self) -> np.ndarray:
        """Per row: is there a value?"""
        return shared(self._state == 0)

    @cached_property
    def blank(self) -> np.ndarray:
        return shared(self._state == 1)

    @cached_property
    def unusable(self) -> np.ndarray:
        return shared(self._state == 2)

    @cached_property
    def values(self) -> np.ndarray:
        """Per row the value, None where there is none."""
        return self.mapped(lambda clean: clean.value if clean.state == VALUE else None)

    @cached_property
    def numbers(self) -> np.ndarray:
        """Per row the value as a float, NaN where there is none. For comparing, not for amounts."""
        numbers = [float(clean.value) if clean.state == VALUE else np.nan for clean in self.distinct]
        return shared(np.array(numbers, np.float64)[self.codes])

    def among(self, *wanted) -> np.ndarray:
        """Per row: is the value one of these? For several values in one cell: is one of them in it?"""
        chosen = frozenset(wanted)

        def one(clean: Clean) -> bool:
            if clean.state != VALUE:
                return False
            return not chosen.isdisjoint(clean.value) if isinstance(clean.value, tuple) else clean.value in chosen

        return self.mapped(one, bool)
