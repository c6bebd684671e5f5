"""The year's income of each household from a ledger's columns: four kinds, expense, net, per head.

Blank means nil in some ledgers and unknown in others: a blank is 0 only where somebody answered so for that column.
What a place reckons in its own way (pensions not counted, expense as a share of the gross) stands as [accounting] in
the document's data with its quote, or in office.toml with its source, which comes first.
"""
from __future__ import annotations

from dataclasses import dataclass, field

from ..errors import CellError
from ..formulas.batch import batch
from ..formulas.office import Settings
from ..formulas.signatures import find
from ..rules.expressions import exact
from ..rules.parameters import Policy
from .fields import fields, parts_of
from .households import PERSONS, Households, added, blank_is_nil, is_number
from .reading import LedgerTable
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
    accounting = _accounting(settings, policy)
    ratios = accounting.get("expense_ratios", {})
    if not sources["business_cost"] and ratios:
        sources["business_cost"] = [name for name in ratios if name not in ("source", "clause") and name in table]
    if persons is None or not all(sources.values()):
        return None
    homes = Households(rows)
    if not homes.told:
        return None
    facts = {argument: _total(homes, names) for argument, names in sources.items()}
    told = ["纯收入＝四项收入－生产经营性支出"]
    if sources["business_cost"] != _sources(table, KINDS["business_cost"]):
        facts["business_cost"] = _total(homes, sources["business_cost"], ratios)
        told.append(f"支出按收入的比例算（{ratios['source']}）")
    pension = accounting.get("pension", {})
    if pension.get("counted") is False:
        facts["transfer"] = _less(facts["transfer"], homes, "pension_income")
        told.append(f"养老金不计入（{pension['source']}）")
    if "expense_subsidy" in table:
        facts["cost_subsidy"] = [0 if value is None else value for value in homes.figure("expense_subsidy")]
    facts["persons"] = homes.persons()
    count = len(homes)
    found = {}
    for name in ("NET_INCOME", "PER_CAPITA_INCOME"):
        signature = find(name)
        own = {argument: facts[argument] for argument in signature.by_name if argument in facts}
        results = batch(signature, own, count, policy.id, [None] * count, settings)
        found[name] = [result.error or result.value for result in results]
    used = dict.fromkeys(name for names in (*sources.values(), _BESIDE) for name in names if name in rows)
    nil = [fields()[name].label for name in used if _nil_used(homes, name)]
    if nil:
        told.append(f"空白按0（已答复）：{'、'.join(nil)}")
    waiting = sum(isinstance(value, CellError) for value in found["PER_CAPITA_INCOME"])
    of_rows = homes.of.tolist()
    net, per_head = ([found[name][entry] for entry in of_rows] for name in ("NET_INCOME", "PER_CAPITA_INCOME"))
    return Reckoned(net, per_head, "；".join(told), count, waiting)


def _nil_used(homes: Households, name: str) -> bool:
    """Is a household's blank of this column taken for 0?"""
    if not blank_is_nil(homes.table, fields()[name].label):
        return False
    return bool((homes.added(~homes.table.cells(name).blank) == 0).any())


def _sources(table: LedgerTable, name: str) -> list[str]:
    """The column of a sum, or the columns of its parts; empty where neither is there."""
    return [name] if name in table else [part for part in parts_of(name) if part in table]


def _total(homes: Households, names: list[str], ratios: dict | None = None) -> list:
    """Per household the sum of columns; an error where one of them is blank or wrong. `ratios`: the share of each that
    counts."""
    labels = [fields()[name].label for name in names]
    columns = [homes.figure(name) for name in names]
    if ratios:
        columns = [[_times(one, ratios[name]) for one in column] for name, column in zip(names, columns)]
    return [added(amounts, labels) for amounts in zip(*columns)]


def _times(amount, share):
    return exact(amount) * exact(share) if is_number(amount) else amount


def _less(amounts: list, homes: Households, name: str) -> list:
    """Amounts without what stands in a column; an amount cannot be told where that is not known."""
    label, less = fields()[name].label, homes.figure(name)
    if less is None:
        error = CellError("missing", f"缺“{label}”列：按设置养老金不计入，没有这一列减不出来")
        return [error] * len(amounts)
    return [added((amount, _times(one, -1)), ("", label)) for amount, one in zip(amounts, less)]


# ---- as it is stated, or as it is reckoned


@dataclass
class Incomes:
    """Per entry of the households: a number, None where nothing is written, or a CellError. A whole list is None where
    no column tells it.

    net, per_head    纯收入 and 人均纯收入: the ledger's own column, else what its incomes come to
    net_last         上年纯收入: its own column, else last year's four kinds less the expense, where the place reckons
                     incomes no other way
    reckoned         what the incomes come to, where it was reckoned
    """

    net: list | None
    per_head: list | None
    net_last: list | None
    reckoned: Reckoned | None


def incomes_of(homes: Households, settings: Settings, policy: Policy | None) -> Incomes:
    """The incomes of a table's households, whether they stand there or follow."""
    net, per_head = homes.figure("net_income"), homes.figure("per_capita_income")
    reckoned = None
    if policy is not None and homes.told and (net is None or "per_capita_income" not in homes.table):
        reckoned = reckon(homes.rows, settings, policy)
    if reckoned:
        first = homes.first.tolist()
        net = [reckoned.net[row] for row in first] if net is None else net
        per_head = [reckoned.per_head[row] for row in first] if per_head is None else per_head
    persons = homes.persons()
    if per_head is None and net is not None and persons is not None:
        per_head = [divided(one, count) for one, count in zip(net, persons)]
    last = homes.figure("net_income_last_year")
    if last is None and not _accounting(settings, policy):
        columns = [homes.figure(f"{name}_last_year") for name in KINDS.values()]
        if None not in columns:
            last = [added((*kinds, _times(expense, -1))) for *kinds, expense in zip(*columns)]
    return Incomes(net, per_head, last, reckoned)


def divided(amount, persons):
    """An amount per head; None or the error where one of the two is not known, None without persons."""
    if not is_number(amount):
        return amount
    if not is_number(persons):
        return persons
    return formula_number(exact(amount) / exact(persons)) if persons > 0 else None


def _accounting(settings: Settings, policy: Policy | None) -> dict:
    """How a place reckons in its own way; the office's before the document's."""
    return {**(policy.accounting if policy else {}), **settings.accounting}
