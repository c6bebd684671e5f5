"""Filled plans read back: states, measures, dates, visits and what else a clerk has entered.

Rows are found by the keys that stand beside them, columns by their heads, so that rows put in between and moved do not
matter.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from ..errors import CellError, LedgerError
from ..ledger.files import Book, read_book
from ..ledger.report import ledger_files
from ..workbook.page_workbook import KEY_MARK
from .plan import STATES
from .sheets import MEASURE_STATES

_MARKS = frozenset(f"{KEY_MARK}{key}" for key in ("标题", "状态", "户:户主", "措施:表头", "走访:表头"))
_UNTOUCHED = ("", *MEASURE_STATES[:2])


@dataclass(frozen=True)
class MeasureRead:
    """One measure of a plan as it stands; `added`: the clerk put it there."""

    name: str
    kind: str
    state: str
    gain: object
    due: dt.date | None
    done: dt.date | None
    effect: str
    added: bool


@dataclass(frozen=True)
class Visit:
    """One visit or call. `month`: that it was entered for."""

    month: int | None
    day: dt.date
    way: str
    who: str
    told: str


@dataclass
class PlanRead:
    """A plan as it stands in a workbook.

    key       户编号
    dates     term -> the day on which it was done
    people    role -> name
    paid      name of a measure's function -> what the clerk entered as received, in 元
    claimed   name of a measure's function -> 是 or 否
    registers what is recorded, by its name
    rows      key of a row -> what a clerk may have filled in there, for rows that a new plan would not have
    wrong     cells that cannot be used: place and why
    """

    file: str
    sheet: str
    key: str
    name: str
    state: str
    closed: dt.date | None
    measures: list[MeasureRead] = field(default_factory=list)
    visits: list[Visit] = field(default_factory=list)
    dates: dict[str, dt.date | None] = field(default_factory=dict)
    people: dict[str, str] = field(default_factory=dict)
    paid: dict[str, object] = field(default_factory=dict)
    claimed: dict[str, str] = field(default_factory=dict)
    registers: dict[str, object] = field(default_factory=dict)
    rows: dict[str, dict] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)


def read_plans(path) -> list[PlanRead]:
    """The plans of a workbook, or of all workbooks of a folder. Raises LedgerError."""
    path = Path(path)
    files = ledger_files([path])
    found = [plan for file in files for plan in plans_in(read_book(file))]
    if not found:
        raise LedgerError(f"{path.name} 里没有一户一策（要有生成时带的行标记；复制到别的表里的认不出）")
    counts = Counter(plan.key for plan in found if plan.key)
    twice = [key for key, count in counts.items() if count > 1]
    if twice:
        told = f"户编号 {'、'.join(twice[:5])}{'等' if len(twice) > 5 else ''} 有不止一份一户一策"
        raise LedgerError(f"{path.name} 里{told}，分不清以哪份为准，请留一份")
    return found


def plans_in(book: Book) -> list[PlanRead]:
    """The plans of a book, in the order of its sheets."""
    return [_Sheet(book.path.name, sheet).plan() for sheet in book.sheets if _key_column(sheet) is not None]


def _key_column(sheet) -> int | None:
    """The column that says what the rows are about; None on a sheet that is no plan."""
    for column in range(sheet.width - 1, -1, -1):
        if {value for value in sheet.column(column).values if isinstance(value, str)} >= _MARKS:
            return column
    return None


class _Sheet:
    def __init__(self, file: str, sheet):
        self.file, self.sheet = file, sheet
        self.cells = sheet.rows
        keys = _key_column(sheet)
        self.rows: dict[str, int] = {}
        for row, cells in enumerate(self.cells):
            key = cells[keys] if keys < len(cells) else None
            if isinstance(key, str) and key.startswith(KEY_MARK):
                self.rows.setdefault(key[len(KEY_MARK) :], row)
        self.width = keys
        self.wrong: list[str] = []

    def plan(self) -> PlanRead:
        state = self.beside("状态", "状态")
        plan = PlanRead(
            self.file, self.sheet.name, _text(self.beside("户:户主", "户编号")), _text(self.beside("户:户主", "户主")),
            _text(state), self.day("状态", self.beside("状态", "销号日期")),
        )  # fmt: skip
        if plan.state and plan.state not in STATES:
            self.wrong.append(f"{self.sheet.name}：状态“{plan.state}”不在选项里（{'、'.join(STATES)}）")
        self._measures(plan)
        self._visits(plan)
        for key, row in self.rows.items():
            kind, _, name = key.partition(":")
            if name in ("", "表头"):
                continue
            if kind == "时限":
                plan.dates[name] = self.day(key, self.under(key, "时限:表头", "完成日期"))
            elif kind == "责任":
                plan.people[name] = _text(self.under(key, "责任:表头", "姓名"))
            elif kind == "应享" and name not in ("合计", "没有"):
                self._entitlement(plan, key, name)
            elif kind == "登记":
                self._registers(plan, row, name)
        plan.wrong = self.wrong
        return plan

    # ---- cells

    def value(self, row: int, column: int):
        cells = self.cells[row]
        value = cells[column] if column < min(len(cells), self.width) else None
        return None if isinstance(value, str) and not value.strip() else value

    def beside(self, key: str, label: str):
        """What stands to the right of a label, before the next filled cell but one."""
        row = self.rows.get(key)
        if row is None:
            return None
        labels = [column for column in range(self.width) if self.value(row, column) == label]
        if not labels:
            return None
        known = {"户主", "户编号", "联系电话", "行政村", "状态", "销号日期", "超期事项", "缺走访月数"}
        for column in range(labels[0] + 1, self.width):
            value = self.value(row, column)
            if value is not None:
                return None if value in known else value
        return None

    def heads(self, key: str) -> dict[str, list[int]]:
        """Head -> the columns where it stands."""
        row, found = self.rows.get(key), {}
        for column in range(self.width) if row is not None else ():
            head = self.value(row, column)
            if isinstance(head, str):
                found.setdefault(head.strip(), []).append(column)
        return found

    def under(self, key: str, heads: str, head: str):
        columns = self.heads(heads).get(head)
        return self.value(self.rows[key], columns[0]) if columns else None

    def day(self, key: str, value) -> dt.date | None:
        """A date of a row, None for a blank and for what is none, which is told."""
        from ..formulas.signatures import AS_OF
        from ..formulas.values import read_date

        if value is None:
            return None
        try:
            return read_date(AS_OF, value)
        except CellError:
            place = f"{self.sheet.name} 第{self.rows[key] + 1}行"
            self.wrong.append(f"{place}：日期认不出，请写成2023-02-01的样子")
            return None

    # ---- sections

    def _measures(self, plan: PlanRead):
        for key, row in self.rows.items():
            kind, _, name = key.partition(":")
            if kind != "措施" or name == "表头":
                continue
            cell = {head: self.value(row, columns[0]) for head, columns in self.heads("措施:表头").items()}
            text, added = _text(cell.get("措施（条款）")), bool(re.fullmatch(r"新增\d+", name))
            state = _text(cell.get("状态"))
            if state and state not in MEASURE_STATES:
                self.wrong.append(f"{self.sheet.name} 第{row + 1}行：措施状态“{state}”不在选项里")
            done, effect = self.day(key, cell.get("落实日期")), _text(cell.get("成效"))
            filled = bool(text if added else (state not in _UNTOUCHED or done or effect))
            if filled:
                plan.rows[key] = {"filled": True, "kind": _text(cell.get("类别"))}
            if added and not text:
                continue
            plan.measures.append(MeasureRead(
                text if added else name, _text(cell.get("类别")), state, cell.get("预计增收"),
                self.day(key, cell.get("完成时限")), done, effect, added,
            ))  # fmt: skip

    def _visits(self, plan: PlanRead):
        heads = self.heads("走访:表头")
        sides = list(zip(*(heads.get(head, []) for head in ("月份", "走访日期", "方式", "走访人", "情况和问题"))))
        for key, row in self.rows.items():
            if not key.startswith("走访:") or key in ("走访:表头", "走访:本户"):
                continue
            for month, date, way, who, told in sides:
                day = self.day(key, self.value(row, date))
                if day is None:
                    continue
                number = self.value(row, month)
                number = int(number) if isinstance(number, (int, float)) else None
                others = (_text(self.value(row, column)) for column in (way, who, told))
                plan.visits.append(Visit(number, day, *others))
        plan.visits.sort(key=lambda visit: visit.day)

    def _entitlement(self, plan: PlanRead, key: str, name: str):
        paid, claimed = self.under(key, "应享:表头", "已发放"), _text(self.under(key, "应享:表头", "已申报"))
        if claimed:
            plan.claimed[name] = claimed
        if isinstance(paid, (int, float)) and not isinstance(paid, bool):
            plan.paid[name] = paid
        elif paid is not None:
            self.wrong.append(f"{self.sheet.name} 第{self.rows[key] + 1}行：已发放填的不是数字，请只填数字")
        if claimed or paid is not None:
            row = {"filled": True, "text": _text(self.under(key, "应享:表头", "事项（条款）"))}
            plan.rows[key] = row | {"nature": _text(self.under(key, "应享:表头", "性质"))}

    def _registers(self, plan: PlanRead, row: int, names: str):
        """Label and entry take turns."""
        labels = {name: column for column in range(self.width) for name in names.split("|")
                  if re.sub(r"（[^（）]*）$", "", _text(self.value(row, column)).partition("\n")[0]) == name
                  or _text(self.value(row, column)).partition("\n")[0] == name}  # fmt: skip
        order = sorted(labels.values())
        for name, column in labels.items():
            end = next((other for other in order if other > column), self.width)
            entries = (self.value(row, one) for one in range(column + 1, end))
            plan.registers[name] = next((value for value in entries if value is not None), None)


def _text(value) -> str:
    if value is None or isinstance(value, CellError):
        return ""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value).strip()
