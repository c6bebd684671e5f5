"""One period of a ledger: its persons and households, and what is written of them."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction

import numpy as np

from ..errors import CellError
from ..formulas.batch import batch
from ..formulas.signatures import find
from ..ledger.cleaning import UNUSABLE, VALUE, gone
from ..ledger.fields import fields
from ..ledger.households import Home, Households
from ..ledger.income import incomes_of
from ..ledger.reading import HOUSEHOLDS, Ledger, LedgerTable
from ..ledger.rows import formula_number, ready_rows
from ..rules.parameters import Policy

BLANK = "空白"
DIFFERING = "各行不一致"
UNCLEAR = "待核实"


class Side:
    """persons    18 characters -> rows of who is there
    left       18 characters -> how somebody has left whose rows say so (死亡, 迁出 …)
    nameless   rows of who is there without a number that can be used
    """

    def __init__(self, ledger: Ledger, table: LedgerTable, policy: Policy | None):
        self.ledger, self.table, self.policy = ledger, table, policy
        self.rows, _ = ready_rows(ledger, table)
        self.day: dt.date | None = ledger.as_of
        self.of_persons = table.kind != HOUSEHOLDS and table.persons is not None
        self._villages = _texts(table, "village")
        self._towns = _texts(table, "town")
        status, self._gone = table.cells("status"), [""] * len(table)
        if status is not None:
            self._gone = status.mapped(lambda clean: gone(clean.value) if clean.state == VALUE else "").tolist()
        self.households = Households(self.rows)
        self.homes: dict[str, Home] = {}
        self.home_of: list[str] = [""] * len(table)
        self._gather_homes()
        self.persons: dict[str, list[int]] = {}
        self.left: dict[str, str] = {}
        self.nameless = 0
        self.person_of: list[str] = [""] * len(table)
        if self.of_persons:
            self._gather_persons()

    def _gather_homes(self):
        for home in self.households.homes():
            if self.table.households is None:  # a row each
                home.key = f"第{home.key}行"
            self.homes[home.key] = home
            for row in home.every:
                self.home_of[row] = home.key

    def _gather_persons(self):
        groups = self.table.persons
        for key, rows in zip(groups.keys, groups.rows):
            here = [row for row in rows.tolist() if not self._gone[row]]
            for row in rows.tolist():
                self.person_of[row] = key
            if here:
                self.persons[key] = here
            else:
                self.left[key] = self._gone[int(rows[-1])]
        without = np.flatnonzero(groups.codes < 0).tolist()
        self.nameless = sum(not self._gone[row] for row in without)

    # ---- persons

    def place(self, row: int) -> str:
        return f"{self._towns[row]}{self._villages[row]}"

    def name(self, row: int) -> str:
        return self.table.person_names[row]

    def who(self, row: int) -> tuple[str, str]:
        """By what two rows may be one person whose number has changed: the name, and the day of birth."""
        cells = self.table.cells("name")
        clean = None if cells is None else cells[row]
        name = clean.value.key if clean is not None and clean.state == VALUE else ""
        return name, self.birth(row)

    def birth(self, row: int) -> str:
        """YYYYMMDD, by the number; else by 出生日期."""
        key = self.person_of[row]
        if key:
            return key[6:14]
        cells = self.table.cells("birth_date")
        clean = None if cells is None else cells[row]
        return f"{clean.value:%Y%m%d}" if clean is not None and clean.state == VALUE else ""

    def head(self, home: Home) -> int | None:
        """The row of the only 户主 who is there, None where the rows tell none or several."""
        heads = self.table.heads
        found = [row for row in home.rows if heads is not None and heads[row]]
        return found[0] if len(found) == 1 else None

    def at(self, row: int) -> str:
        return f"{self.table.sheet.name}!{self.table.row_number(row)}行"

    # ---- what is written

    def amount(self, home: Home, name: str):
        """What a column of money says of the household. None where it is blank, a CellError where it cannot be used,
        is not there, or the rows differ."""
        return self._of(home, name, self.households.figure(name))

    def total(self, home: Home, name: str):
        """A sum: its own column, else what its parts come to; None where one of them is blank."""
        return self._of(home, name, self.households.total(name))

    @staticmethod
    def _of(home: Home, name: str, column: list | None):
        return CellError("missing", f"没有“{fields()[name].label}”列") if column is None else column[home.number]

    def fact(self, home: Home, name: str) -> str:
        """What the household's rows say of it, in words."""
        told = {text for row in home.every if (text := self.text(row, name)) != BLANK}
        return BLANK if not told else told.pop() if len(told) == 1 else DIFFERING

    def text(self, row: int, name: str) -> str:
        """A cell as it is shown: what it means, or that it cannot be used."""
        clean = self.table.cells(name)[row]
        if clean.state == VALUE:
            value = clean.value
            if isinstance(value, tuple):
                return value.shown if hasattr(value, "shown") else "、".join(map(str, value))
            if isinstance(value, Fraction):
                value = formula_number(value)
            return f"{value:%Y-%m-%d}" if isinstance(value, dt.date) else str(value)
        if clean.state == UNUSABLE:
            return f"（不能用：{clean.reason}）"
        return BLANK

    def monitored(self, home: Home) -> str:
        """未消除, 已消除, or 未注明 for a monitored household, 待核实 where that cannot be told; "" for one that is
        none."""
        told = self.households.monitored(home.number)
        if not told:
            return UNCLEAR if told is None else ""
        risk = self.fact(home, "risk_status") if "risk_status" in self.table else BLANK
        return risk if risk in ("未消除", "已消除") else "未注明"

    def household_type(self, home: Home):
        types = self.households.types()
        return None if types is None else types[home.number]

    def per_head(self) -> dict[str, object]:
        """人均纯收入 of each household: as it is stated, else as its incomes come to."""
        told = incomes_of(self.households, self.ledger.settings, self.policy).per_head
        if told is None:
            lacking = CellError("missing", "没有“人均纯收入”列，收入、支出或人口数的列也不全")
            return dict.fromkeys(self.homes, lacking)
        return {key: told[home.number] for key, home in self.homes.items()}

    def call(self, name: str, facts: dict[str, list]) -> list:
        """A function of the document for many households: values or CellErrors."""
        count = len(next(iter(facts.values()), ()))
        made = batch(find(name), facts, count, self.policy.id, [self.day] * count, self.ledger.settings)
        return [result.error or result.value for result in made]


def _texts(table: LedgerTable, name: str) -> list[str]:
    cells = table.cells(name)
    if cells is None:
        return [""] * len(table)
    return cells.mapped(lambda clean: str(clean.value).strip() if clean.state == VALUE else "").tolist()
