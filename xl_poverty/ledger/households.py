"""The households of a table, and what is told of each: one figure from its rows, sums, the type.

A figure of a household stands in a merged cell, on every row alike, or on one of them. A blank is never 0, rows that
differ are an error that names them, and neither a blank nor an error vanishes in a sum.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np

from ..errors import CellError
from ..formulas import values
from ..rules.expressions import exact
from .checks.facts import MONITORED
from .fields import Field, fields, parts_of
from .layout import BLANK_IS_NIL
from .reading import HOUSEHOLDS, LedgerTable
from .rows import Rows, formula_number

_FAR = 1 << 60
_SHOWN = 8


@dataclass
class Home:
    """One household.

    rows     its rows that count: who has not died or moved away
    every    all its rows
    head     the row of the 户主: the first one who is there, else the first one, else the first row
    number   its place in the lists of `Households`
    """

    key: str
    rows: list[int]
    every: list[int]
    head: int
    number: int = field(default=0, kw_only=True)


class Households:
    """The households of a table, in the order of their first rows; lists of this class have an entry for each.

    told     can they be told apart? Else each row is an entry of its own.
    count    how many there are; behind them each row whose household is not known is an entry of its own
    keys     per entry what it is known by, "" where it is not known
    of       per row the number of its entry
    order, first, head   the rows by entry; per entry its first row and the row of its 户主
    """

    def __init__(self, rows: Rows):
        table, groups = rows.table, rows.table.households
        self.rows, self.table = rows, table
        self.told = groups is not None or table.kind == HOUSEHOLDS
        if groups is None:
            self.of = np.arange(len(table))
            self.count = len(table) if self.told else 0
            self.keys = [str(table.row_number(row)) if self.told else "" for row in range(len(table))]
        else:
            lost = np.flatnonzero(groups.codes < 0)
            self.of, self.count = groups.codes.astype(np.int64), len(groups)
            self.of[lost] = self.count + np.arange(len(lost))
            self.keys = [*groups.keys, *[""] * len(lost)]
        self.order = np.argsort(self.of, kind="stable")
        self.starts = np.searchsorted(self.of[self.order], np.arange(len(self)))
        self.first = self.order[self.starts]
        self.head = self._heads()
        self._figures: dict[str, list | None] = {}
        self._totals: dict[str, list | None] = {}

    def __len__(self) -> int:
        """The number of entries."""
        return len(self.keys)

    def _heads(self) -> np.ndarray:
        found = self.first.copy()
        if self.table.heads is not None:
            for chosen in (self.table.heads, self.table.heads & ~self.table.gone):
                rows = np.flatnonzero(chosen)[::-1]  # the first one of an entry is written last
                found[self.of[rows]] = rows
        return found

    def members(self, entry: int) -> list[int]:
        """The rows of an entry."""
        end = self.starts[entry + 1] if entry + 1 < len(self) else len(self.order)
        return self.order[self.starts[entry] : end].tolist()

    def homes(self, kind: type[Home] = Home) -> list[Home]:
        """The households that can be told apart, each as a `kind` of its own."""
        gone, found = self.table.gone, []
        for entry in range(self.count):
            every = self.members(entry)
            staying = [row for row in every if not gone[row]]
            found.append(kind(self.keys[entry], staying, every, int(self.head[entry]), number=entry))
        return found

    def added(self, of_rows: np.ndarray) -> np.ndarray:
        """Per entry the sum over its rows."""
        if not len(self):
            return np.zeros(0, np.int64)
        return np.add.reduceat(of_rows[self.order].astype(np.int64), self.starts)

    # ---- one figure of each

    def one(self, cells: Sequence, label: str, nil: bool = False) -> list:
        """What the rows say alike, `cells` being one per row: None where all are blank (0 with `nil`), a CellError
        where one of them cannot be used or they differ."""
        known: dict = {}
        codes = np.fromiter((known.setdefault(cell, len(known)) for cell in cells), np.int64, len(cells))
        distinct = list(known)
        none = np.array([values.is_blank(cell) for cell in distinct], bool)
        wrong = np.array([isinstance(cell, CellError) for cell in distinct], bool)
        of_rows = codes[self.order]
        ranked = of_rows + np.where(wrong[of_rows], _FAR, 0)  # an error is the highest of all
        blank = none[of_rows]
        if not len(self):
            return []
        low = np.minimum.reduceat(np.where(blank, 2 * _FAR, ranked), self.starts)
        high = np.maximum.reduceat(np.where(blank, -1, ranked), self.starts)
        found: list = []
        for entry, (least, most) in enumerate(zip(low.tolist(), high.tolist())):
            if most < 0:
                found.append(0 if nil else None)
            elif most < _FAR and least == most:
                found.append(distinct[most])
            else:
                found.append(self._problem(entry, cells, label))
        return found

    def _problem(self, entry: int, cells: Sequence, label: str) -> CellError:
        rows = [row for row in self.members(entry) if not values.is_blank(cells[row])]
        error = next((cells[row] for row in rows if isinstance(cells[row], CellError)), None)
        if error:
            return error
        shown = "、".join(str(self.table.row_number(row)) for row in rows[:_SHOWN])
        more = "等" if len(rows) > _SHOWN else ""
        return CellError("inconsistent", f"“{label}”同一户各行不一样（第{shown}行{more}），请核对")

    def figure(self, name: str) -> list | None:
        """What the column of a field says of each: a value, None where it is blank, 0 there where somebody answered
        that a blank is nil, a CellError where it cannot be used or the rows differ. None without the column."""
        if name not in self._figures:
            cells, label = self.rows.get(name), fields()[name].label
            usable = None if cells is None else self._usable(fields()[name], cells)
            self._figures[name] = None if cells is None else self.one(usable, label, blank_is_nil(self.table, label))
        return self._figures[name]

    def _usable(self, known: Field, cells: list) -> list:
        """The cells of a column, errors for those that cannot be used: rules are given what stands there, to say
        themselves what can be filled in."""
        cleaned = self.table.cells(known.name)
        if cleaned is None or known.kind in ("id", "key") or not cleaned.unusable.any():
            return cells
        cells, kept = list(cells), {}
        for row in np.flatnonzero(cleaned.unusable).tolist():
            code = int(cleaned.codes[row])
            if code not in kept:
                clean = cleaned.distinct[code]
                kept[code] = values.error_cell(cells[row], known.label) or _unusable(known, clean.reason)
            cells[row] = kept[code]
        return cells

    def total(self, name: str) -> list | None:
        """A sum of each: what its own column says, else what the columns of its parts come to, None where one of these
        is blank. What stands under 年收入 may be blank, then its four kinds tell it. None without any column."""
        if name not in self._totals:
            own = self.figure(name)
            reckoned = None
            if own is None or (name == "annual_income" and None in own):
                columns = [column for column in map(self.total, parts_of(name)) if column is not None]
                if name != "annual_income" or len(columns) == len(parts_of(name)):
                    reckoned = list(map(added, zip(*columns))) if columns else None
            if own is not None and reckoned is not None:
                own = list(map(either, own, reckoned))
            self._totals[name] = reckoned if own is None else own
        return self._totals[name]

    @property
    def persons_field(self) -> str | None:
        """The column that says by how many the income of each is divided."""
        return next((name for name in ("persons_year", "household_size") if name in self.rows), None)

    def persons(self) -> list | None:
        """By how many the income of each is divided; None without such a column."""
        return self.figure(self.persons_field) if self.persons_field else None

    # ---- the type

    def types(self) -> list | None:
        """What kind of household each is to the rules: the kind of 监测对象 before the type. None without either
        column."""
        kinds, types = self.figure("monitor_type"), self.figure("household_type")
        if kinds is None or types is None:
            return types if kinds is None else kinds
        return list(map(either, kinds, types))

    def monitored(self, entry: int) -> bool | None:
        """Is it a 监测对象? None where what is written cannot be used."""
        told = [column[entry] for column in map(self.figure, ("monitor_type", "household_type")) if column is not None]
        if any(one in MONITORED for one in told if isinstance(one, str)):
            return True
        return None if any(isinstance(one, CellError) for one in told) else False


def blank_is_nil(table: LedgerTable, label: str) -> bool:
    """Did somebody answer that a blank of this column means that there is nothing?"""
    return table.answers.get(f"{BLANK_IS_NIL}{label}") == "是"


def _unusable(known: Field, reason: str) -> CellError:
    code = "not_number" if known.kind in ("money", "number", "months") else "unknown_option"
    return CellError(code, f"“{known.label}”{reason}")


def either(one, other):
    """The first that is not blank."""
    return other if one is None else one


def is_number(value) -> bool:
    return isinstance(value, (int, float, Fraction)) and not isinstance(value, bool)


def added(amounts: Iterable, labels: Sequence[str] = ()):
    """The exact sum: the first error among the amounts, None where one is blank. `labels`: of the columns they stand
    in; with them a blank is an error that names its column."""
    amounts = list(amounts)
    if all(amount.__class__ is int for amount in amounts):
        return sum(amounts)
    error = next((amount for amount in amounts if isinstance(amount, CellError)), None)
    if error:
        return error
    if None in amounts:
        return _asked(labels[amounts.index(None)]) if labels else None
    return formula_number(sum(map(exact, amounts), Fraction(0)))


def _asked(label: str) -> CellError:
    return CellError("missing", f"“{label}”空白：没有的请填0，或答复“{BLANK_IS_NIL}{label}”")
