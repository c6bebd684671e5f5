"""The year's income of each household from a ledger's columns: four kinds, expense, net, per head.

Blank means nil in some ledgers and unknown in others: a blank is 0 only where somebody answered so for that column.
What a place reckons in its own way (pensions not counted, expense as a share of the gross) stands as [accounting] in
the document's data with its quote, or in office.toml with its source, which comes first.
"""
from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np

from ..errors import CellError
from ..formulas import values
from ..formulas.batch import batch
from ..formulas.office import Settings
from ..formulas.signatures import find
from ..rules.expressions import exact
from ..rules.parameters import Policy
from .fields import Field, fields
from .layout import BLANK_IS_NIL
from .reading import HOUSEHOLDS, LedgerTable
from .rows import Rows, formula_number

#: argument of NET_INCOME -> the sum in the ledger that it is
KINDS = {"wage": "wage_income", "business": "operating_income", "property": "property_income",
         "transfer": "transfer_income", "business_cost": "operating_expense"}  # fmt: skip
#: item of LOSS_CAUSES -> the columns that add up to it; 其他 is what belongs to no other item
LOSS_ITEMS = {
    "种养业经营": ("operating_income",), "产业收益分配": ("asset_income",), "务工": ("work_income",),
    "公益岗": ("public_post_income",), "低保": ("dibao_income",),
    "政策性补贴": ("family_planning_income", "ecology_income", "industry_award_income", "job_award_income"),
    "其他": ("other_wage_income", "land_income", "loan_project_income", "entrusted_income", "other_property_income",
           "tekun_income", "pension_income", "other_transfer_income"),
}  # fmt: skip
#: columns that say by how many the income is divided, the first that is there
PERSONS = ("persons_year", "household_size")


@dataclass
class Reckoned:
    """Per row of the ledger what its household's income comes to: a number, or the CellError that it waits for.

    told   how it was reckoned, for 依据
    """

    net: list
    per_head: list
    told: str
    households: int = 0
    waiting: int = 0
    remarks: list[str] = field(default_factory=list)


def reckon(rows: Rows, settings: Settings, policy: Policy) -> Reckoned | None:
    """The incomes of a table's households; None where a kind of income, the expense or the number of persons has no
    column."""
    table = rows.table
    sources = {argument: _sources(table, name) for argument, name in KINDS.items()}
    persons = next((name for name in PERSONS if name in table), None)
    accounting = {**policy.accounting, **settings.accounting}
    ratios = accounting.get("expense_ratios", {})
    if not sources["business_cost"] and ratios:
        sources["business_cost"] = [name for name in ratios if name not in ("source", "clause") and name in table]
    if persons is None or not all(sources.values()):
        return None
    members = _members(table)
    if members is None:
        return None
    of = _Households(rows, members)
    facts = {argument: of.total(names) for argument, names in sources.items()}
    told = ["纯收入＝四项收入－生产经营性支出"]
    if sources["business_cost"] != _sources(table, KINDS["business_cost"]):
        facts["business_cost"] = of.total(sources["business_cost"], ratios)
        told.append(f"支出按收入的比例算（{ratios['source']}）")
    pension = accounting.get("pension", {})
    if pension.get("counted") is False:
        facts["transfer"] = of.less(facts["transfer"], "pension_income")
        told.append(f"养老金不计入（{pension['source']}）")
    if "expense_subsidy" in table:
        facts["cost_subsidy"] = [0 if value is None else value for value in of.values("expense_subsidy")]
    facts["persons"] = of.values(persons)
    count = len(members)
    found = {}
    for name in ("NET_INCOME", "PER_CAPITA_INCOME"):
        signature = find(name)
        own = {argument: facts[argument] for argument in signature.by_name if argument in facts}
        results = batch(signature, own, count, policy.id, [None] * count, settings)
        found[name] = [result.error or result.value for result in results]
    nil = [label for label in of.nil if label]
    if nil:
        told.append(f"空白按0（已答复）：{'、'.join(nil)}")
    waiting = sum(isinstance(value, CellError) for value in found["PER_CAPITA_INCOME"])
    made = Reckoned([None] * rows.count, [None] * rows.count, "；".join(told), count, waiting)
    for number, own in enumerate(members):
        for row in own:
            made.net[row], made.per_head[row] = found["NET_INCOME"][number], found["PER_CAPITA_INCOME"][number]
    return made


def _sources(table: LedgerTable, name: str) -> list[str]:
    """The column of a sum, or the columns of its parts; empty where neither is there."""
    return [name] if name in table else [part.name for part in parts_of(name) if part.name in table]


def parts_of(name: str) -> list[Field]:
    """The fields that a sum is made of."""
    return [part for part in fields().values() if part.part_of == name]


def _members(table: LedgerTable) -> list[list[int]] | None:
    """The rows of each household; None where they cannot be told apart."""
    if table.households is not None:
        known = [own.tolist() for own in table.households.rows]
        return known + [[row] for row in np.flatnonzero(table.households.codes < 0).tolist()]
    return [[row] for row in range(len(table))] if table.kind == HOUSEHOLDS else None


class _Households:
    """Figures of households, each from the rows of its members."""

    def __init__(self, rows: Rows, members: list[list[int]]):
        self.rows, self.members = rows, members
        self.nil: list[str] = []

    def values(self, name: str) -> list:
        """Per household the figure of a column: it stands on one row or alike on several. None where it is blank, a
        CellError where it cannot be used or the rows differ."""
        cells, label = self.rows.get(name), fields()[name].label
        is_nil = self.rows.table.answers.get(f"{BLANK_IS_NIL}{label}") == "是"
        found, used = [], False
        for own in self.members:
            told = [cells[row] for row in own if not values.is_blank(cells[row])]
            error = next((value for value in told if isinstance(value, CellError)), None)
            if error is None and len({exact(value) for value in told if not isinstance(value, (str, CellError))}) > 1:
                error = CellError("inconsistent", f"“{label}”同一户各行不一样，请核对")
            if not told and is_nil:
                used = True
            found.append(error or (told[0] if told else 0 if is_nil else None))
        if used:
            self.nil.append(label)
        return found

    def total(self, names: list[str], ratios: dict | None = None) -> list:
        """Per household the sum of columns; blank or wrong where one of them is. `ratios`: the share of each that
        counts."""
        sums: list = [Fraction(0)] * len(self.members)
        for name in names:
            share = exact(ratios[name]) if ratios else 1
            for number, value in enumerate(self.values(name)):
                sums[number] = _added(sums[number], value, share, fields()[name].label)
        return [_given(value) for value in sums]

    def less(self, amounts: list, name: str) -> list:
        """Amounts without what stands in a column; an amount cannot be told where that is not known."""
        label = fields()[name].label
        if name not in self.rows:
            error = CellError("missing", f"缺“{label}”列：按设置养老金不计入，没有这一列减不出来")
            return [error] * len(amounts)
        return [_given(_added(amount, value, -1, label)) for amount, value in zip(amounts, self.values(name))]


def _added(total, value, share, label: str):
    if isinstance(total, CellError) or total is None:
        return total
    if isinstance(value, CellError):
        return value
    if value is None:
        return CellError("missing", f"“{label}”空白：没有的请填0，或答复“{BLANK_IS_NIL}{label}”")
    if isinstance(value, str):
        return CellError("not_number", f"“{label}”填的不是数字，请填数字")
    return exact(total) + share * exact(value)


def _given(value):
    return formula_number(value) if isinstance(value, (int, Fraction)) else value
