"""Figures of a summary: what is counted or added up, for which places, and from which rows of a ledger.

A figure is described once; its value, its formula over the sheets of details, and the rows that it comes from follow.
Amounts are exact: whole fen, or fractions; nothing is rounded before it is shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property

import numpy as np

from ..ledger.rows import formula_number

#: what a column of details holds: words, whole numbers, whole fen, exact amounts in 元 (None: not known)
WORD, COUNT, FEN, AMOUNT = "word", "count", "fen", "amount"
#: tables of details: households; what they are due and were paid; their measures; households of last year's ledgers
HOUSEHOLDS, DUES, HELP, LAST = "户", "应享", "措施", "上年台账"


@dataclass(frozen=True)
class Place:
    """A village; "" where everything of a level is meant."""

    document: str = ""
    town: str = ""
    village: str = ""

    def covers(self, other: Place) -> bool:
        pairs = ((self.document, other.document), (self.town, other.town), (self.village, other.village))
        return all(not own or own == its for own, its in pairs)


@dataclass(frozen=True)
class Source:
    """Rows of a ledger's sheet, as it numbers them."""

    file: str
    sheet: str
    rows: tuple[int, ...]


@dataclass(frozen=True)
class Tally:
    """A column of details added up over the rows in which other columns hold certain words.

    where  (column, words of which one has to stand there)
    needs  what a ledger must tell for it: keys of `Details.told`; without them it is not counted there, and not 0
    """

    table: str
    column: str
    where: tuple[tuple[str, tuple[str, ...]], ...] = ()
    needs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Quotient:
    """One figure divided by another, exactly; `less` 1 makes it a growth. None where the divisor is not above 0."""

    top: Tally | Quotient
    bottom: Tally | Quotient
    less: int = 0


@dataclass(frozen=True)
class Figure:
    """value: a number, None where it cannot be told (`why`). sources: the rows that were counted."""

    value: object
    why: str = ""
    sources: tuple[Source, ...] = ()


class Words:
    """A column of words, each different one kept once."""

    def __init__(self, values: Iterable[str]):
        known: dict[str, int] = {"": 0}
        self.codes = np.fromiter((known.setdefault(word, len(known)) for word in values), np.int32)
        self.words = list(known)

    def __len__(self) -> int:
        return len(self.codes)

    def __getitem__(self, row: int) -> str:
        return self.words[self.codes[row]]

    def among(self, wanted: Sequence[str]) -> np.ndarray:
        """Per row: is it one of these words?"""
        chosen = np.array([word in wanted for word in self.words])
        return chosen[self.codes]

    @property
    def used(self) -> set[str]:
        """The words that stand in some row."""
        return {self.words[code] for code in np.unique(self.codes).tolist()} - {""}


@dataclass
class Table:
    """One table of details.

    columns    name -> Words, whole numbers, fen, or exact amounts
    kinds      name -> WORD, COUNT, FEN, AMOUNT
    place      per row the number of its place
    household  per row the number of its household
    """

    name: str
    columns: dict[str, object]
    kinds: dict[str, str]
    place: np.ndarray
    household: np.ndarray

    def __len__(self) -> int:
        return len(self.place)

    def chosen(self, tally: Tally) -> np.ndarray:
        """Per row: does a tally take it?"""
        taken = np.ones(len(self), bool)
        for name, wanted in tally.where:
            column = self.columns.get(name)
            taken = taken & column.among(wanted) if column is not None else np.zeros(len(self), bool)
        return taken

    def value(self, name: str, row: int):
        """A cell as it is shown: 元 for fen; None where there is nothing."""
        value = self.columns[name][row]
        if self.kinds[name] == WORD:
            return value or None
        if self.kinds[name] == FEN:
            return formula_number(Fraction(int(value), 100)) if value else None
        if self.kinds[name] == COUNT:
            return int(value) or None
        return None if value is None else formula_number(value)


@dataclass
class Details:
    """All that was found, household by household.

    places   the villages, in the order of the ledgers
    tables   name -> Table
    told     what a ledger can tell -> the numbers of the ledgers that do
    origins  per household (number of its ledger, its rows as the sheet numbers them)
    ledgers  (file, sheet) of each ledger
    """

    places: list[Place]
    tables: dict[str, Table]
    told: dict[str, set[int]]
    origins: list[tuple[int, tuple[int, ...]]]
    ledgers: list[tuple[str, str]]
    _sums: dict[Tally, list] = field(default_factory=dict)

    @cached_property
    def ledgers_of(self) -> list[set[int]]:
        """Per place the numbers of the ledgers that have rows there."""
        found: list[set[int]] = [set() for _ in self.places]
        for name in (HOUSEHOLDS, LAST):
            if name in self.tables:
                table = self.tables[name]
                for place, number in set(zip(table.place.tolist(), table.columns["台账号"].tolist())):
                    found[place].add(number)
        return found

    def tells(self, place: int, needs: Sequence[str]) -> bool:
        return all(self.ledgers_of[place] & self.told.get(need, set()) for need in needs)

    def sums(self, tally: Tally) -> list:
        """Per place the exact sum, None where no ledger tells it."""
        if tally not in self._sums:
            table = self.tables[tally.table]
            found: list = [None] * len(self.places)
            sums = self._added(table, tally)
            for place in range(len(self.places)):
                if self.tells(place, tally.needs):
                    found[place] = sums[place]
            self._sums[tally] = found
        return self._sums[tally]

    def _added(self, table: Table, tally: Tally) -> list:
        taken = table.chosen(tally)
        column, kind = table.columns.get(tally.column), table.kinds.get(tally.column)
        if column is None:
            return [0] * len(self.places)
        if kind == AMOUNT:
            sums = [0] * len(self.places)
            places = table.place.tolist()
            for row in np.flatnonzero(taken).tolist():
                if column[row] is not None:
                    sums[places[row]] += column[row]
            return sums
        added = np.zeros(len(self.places), np.int64)
        np.add.at(added, table.place[taken], column[taken])
        return [Fraction(fen, 100) for fen in added.tolist()] if kind == FEN else added.tolist()

    def value(self, what: Tally | Quotient, place: Place = Place()):
        """The exact value for a place and all within it; None where it cannot be told."""
        if isinstance(what, Tally):
            told = [one for one, own in zip(self.sums(what), self.places) if one is not None and place.covers(own)]
            return sum(told) if told else None
        top, bottom = self.value(what.top, place), self.value(what.bottom, place)
        if top is None or bottom is None or bottom <= 0:
            return None
        return Fraction(top) / bottom - what.less

    def figure(self, what: Tally | Quotient, place: Place = Place()) -> Figure:
        """The value with the rows of the ledgers that it comes from."""
        value = self.value(what, place)
        why = "" if value is not None else "未统计"
        return Figure(None if value is None else formula_number(value), why, tuple(self.sources(what, place)))

    def sources(self, what: Tally | Quotient, place: Place = Place()) -> list[Source]:
        households: set[int] = set()
        for tally in _tallies(what):
            table = self.tables[tally.table]
            within = np.array([place.covers(own) for own in self.places], bool)
            taken = table.chosen(tally) & within[table.place]
            column = table.columns.get(tally.column)
            if column is None or tally.table == LAST:
                continue
            if table.kinds[tally.column] == AMOUNT:
                rows = [row for row in np.flatnonzero(taken).tolist() if column[row] is not None]
            else:
                rows = np.flatnonzero(taken & (column != 0)).tolist()
            households.update(table.household[rows].tolist())
        by_ledger: dict[int, list[int]] = {}
        for household in sorted(households):
            number, rows = self.origins[household]
            by_ledger.setdefault(number, []).extend(rows)
        return [Source(*self.ledgers[number], tuple(sorted(rows))) for number, rows in by_ledger.items()]


def _tallies(what: Tally | Quotient) -> list[Tally]:
    return [what] if isinstance(what, Tally) else [*_tallies(what.top), *_tallies(what.bottom)]
