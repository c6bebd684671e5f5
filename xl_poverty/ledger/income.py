"""The year's income of each household from a ledger's columns: four kinds, expense, net, per head.

Blank means nil in some ledgers and unknown in others: a blank is 0 only where somebody answered so for that column.
What a place reckons in its own way (pensions not counted, expense as a share of the gross) stands as [accounting] in
the document's data with its quote, or in office.toml with its source, which comes first.
"""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..errors import CellError
from ..formulas.batch import batch
from ..formulas.office import Settings
from ..formulas.signatures import find
from ..rules.expressions import exact
from ..rules.parameters import Policy
from .fields import fields, parts_of
from .households import Households, added, blank_is_nil, either, is_number
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


def fallen(last: Sequence, this: Sequence) -> tuple | None:
    """(last, this) of an item of LOSS_CAUSES that several columns make up: of those that fell, if any did, since what
    rises elsewhere makes up for no loss; else of all of them. None where one is not known."""
    if not last or not all(map(is_number, (*last, *this))):
        return None
    down = [(one, other) for one, other in zip(last, this) if other < one] or list(zip(last, this))
    return added(one for one, _ in down), added(other for _, other in down)


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


def reckon(rows: Rows, settings: Settings, policy: Policy) -> Reckoned | None:
    """The incomes of a table's households; None where a kind of income, the expense or the number of persons has no
    column."""
    table = rows.table
    sources = {argument: _sources(table, name) for argument, name in KINDS.items()}
    accounting = _accounting(settings, policy)
    ratios = accounting.get("expense_ratios", {})
    if not sources["business_cost"] and ratios:
        sources["business_cost"] = [name for name in ratios if name not in ("source", "clause") and name in table]
    homes = Households(rows)
    if not (homes.told and homes.persons_field and all(sources.values())):
        return None
    facts = {argument: _total(homes, names) for argument, names in sources.items()}
    used = [name for names in sources.values() for name in names]
    told = ["纯收入＝四项收入－生产经营性支出"]
    if sources["business_cost"] != _sources(table, KINDS["business_cost"]):
        facts["business_cost"] = _total(homes, sources["business_cost"], ratios)
        told.append(f"支出按收入的比例算（{ratios['source']}）")
    pension = accounting.get("pension", {})
    if pension.get("counted") is False:
        facts["transfer"] = _less(facts["transfer"], homes, "pension_income")
        used.append("pension_income")
        told.append(f"养老金不计入（{pension['source']}）")
    if "expense_subsidy" in table:
        used.append("expense_subsidy")
        facts["cost_subsidy"] = [0 if value is None else value for value in homes.figure("expense_subsidy")]
    facts["persons"] = homes.persons()
    count = len(homes)
    found = {}
    for name in ("NET_INCOME", "PER_CAPITA_INCOME"):
        signature = find(name)
        own = {argument: facts[argument] for argument in signature.by_name if argument in facts}
        results = batch(signature, own, count, policy.id, [None] * count, settings)
        found[name] = [result.error or result.value for result in results]
    nil = [fields()[name].label for name in dict.fromkeys(used) if _nil_used(homes, name)]
    if nil:
        told.append(f"空白按0（已答复）：{'、'.join(nil)}")
    waiting = sum(isinstance(value, CellError) for value in found["PER_CAPITA_INCOME"])
    of_rows = homes.of.tolist()
    net, per_head = ([found[name][entry] for entry in of_rows] for name in ("NET_INCOME", "PER_CAPITA_INCOME"))
    return Reckoned(net, per_head, "；".join(told), count, waiting)


def _nil_used(homes: Households, name: str) -> bool:
    """Is a household's blank of this column taken for 0?"""
    if name not in homes.table or not blank_is_nil(homes.table, fields()[name].label):
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
    """Per entry of the households a number, None where nothing is written, or a CellError; a whole list is None where
    no column tells it.

    net                   纯收入: the ledger's own column, else what its incomes come to
    per_head              人均纯收入: its own column, else 纯收入 divided by the persons
    gross_last, net_last  年收入 and 纯收入 of the year before, from this ledger's columns of that year
    come_to               纯收入 of this year and of the last as the incomes come to it, whatever the ledger states
    told                  how that was reckoned, "" where it was not
    """

    net: list | None
    per_head: list | None
    gross_last: list | None
    net_last: list | None
    come_to: tuple[list | None, list | None]
    told: str = ""


def incomes_of(
    homes: Households, settings: Settings, policy: Policy | None, reckoned: Reckoned | None = None
) -> Incomes:
    """The incomes of a table's households, whether they stand there or follow. `reckoned`: where they were already."""
    able = policy is not None and {"NET_INCOME", "PER_CAPITA_INCOME"} <= policy.measures.keys()
    reckoned = reckoned or (reckon(homes.rows, settings, policy) if able else None)
    plainly = not _accounting(settings, policy)  # else only `reckon` knows how, and last year's columns do not tell
    persons = homes.persons()
    if reckoned:
        net = [reckoned.net[row] for row in homes.first.tolist()]
    else:
        net = _without(homes.total("annual_income"), homes.total("operating_expense"), plainly)
    gross_last = homes.figure("annual_income_last_year")
    kinds = [homes.figure(f"{name}_last_year") for name in parts_of("annual_income")]
    if None not in kinds:
        sums = list(map(added, zip(*kinds)))
        gross_last = sums if gross_last is None else list(map(either, gross_last, sums))
    net_last = _without(gross_last, homes.figure("operating_expense_last_year"), plainly)
    come_to = net, net_last
    stated = homes.figure("net_income"), homes.figure("net_income_last_year")
    net, net_last = (own if own is not None else other for own, other in zip(stated, come_to))
    # where the ledger has no such column, its place among the rows may hold what was reckoned without a stated 纯收入
    per_head = homes.figure("per_capita_income") if "per_capita_income" in homes.table else None
    if per_head is None and net is not None and persons is not None:
        per_head = list(map(divided, net, persons))
    return Incomes(net, per_head, gross_last, net_last, come_to, reckoned.told if reckoned else "")


def _without(gross: list | None, expense: list | None, plainly: bool) -> list | None:
    if gross is None or expense is None or not plainly:
        return None
    return [added((one, _times(other, -1))) for one, other in zip(gross, expense)]


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
