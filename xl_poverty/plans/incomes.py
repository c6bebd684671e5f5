"""The incomes of a household in two years: four kinds, what they come to, and the losses among their items.

What a ledger states stands before what its parts come to; where they differ it is said. A blank stays a blank.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

from ..formulas import values
from ..ledger.fields import parts_of
from ..ledger.households import added, is_number
from ..ledger.income import LOSS_ITEMS, divided, fallen
from ..rules.expressions import exact
from .homes import Home, Homes
from .menu import Cause

#: field of the ledger -> what it is called on the plan
LINES = {
    "wage_income": "工资性收入", "operating_income": "生产经营性收入", "property_income": "财产性收入",
    "transfer_income": "转移性收入", "annual_income": "年收入合计", "operating_expense": "生产经营性支出",
    "net_income": "家庭纯收入", "persons": "年度家庭人口数", "per_capita_income": "人均纯收入",
}  # fmt: skip
FOUR = tuple(LINES)[:4]
LAST_YEAR = "_last_year"
_LAST = {name: f"{name}{LAST_YEAR}" for name in (*FOUR, "annual_income", "operating_expense", "net_income")} | {
    "per_capita_income": "per_capita_last_year"
}
UP, DOWN, SAME = "增收", "减收", "持平"
#: amounts per head are printed to the fen
_HALF_FEN = Fraction(1, 200)


@dataclass
class Year:
    """Per line a number, None where nothing is written, or a CellError.

    stated   lines that the ledger states itself and that differ from what their parts come to -> what these come to
    own      lines that stand alone: the other lines do not come to them
    source   where they come from, for the clerk
    told     how 纯收入 was reckoned, where it is not simply the income less the expense
    of_last_ledger  the persons are not those of `source`, but of the ledger of that year, which reckons nothing here
    """

    lines: dict[str, object] = field(default_factory=dict)
    stated: dict[str, object] = field(default_factory=dict)
    own: set[str] = field(default_factory=set)
    source: str = ""
    told: str = ""
    of_last_ledger: bool = False

    def number(self, name: str):
        """The number of a line, None for anything else."""
        value = self.lines.get(name)
        return value if is_number(value) else None


def this_year(homes: Homes, home: Home) -> Year:
    """What the ledger says of the household's year."""
    year = Year({name: homes.total(home, name) for name in (*FOUR, "operating_expense")}, source="台账")
    persons = homes.households.persons()
    year.lines["persons"] = None if persons is None else persons[home.number]
    for name in ("annual_income", "net_income", "per_capita_income"):
        year.lines[name] = homes.told(home, name)
    _completed(year, _number(homes.incomes.come_to[0], home))
    reckoned, gross, expense = (year.number(name) for name in ("net_income", "annual_income", "operating_expense"))
    if "net_income" not in year.stated and None not in (reckoned, gross, expense):
        if exact(reckoned) != exact(gross) - exact(expense):
            year.own.add("net_income")
            year.told = homes.incomes.told
    return year


def last_year(homes: Homes, home: Home, before: Homes | None, same: dict[str, Home]) -> Year:
    """The year before: from columns of the ledger itself, else from the ledger of that year (`before`, its
    households by 户编号)."""
    found = {name: homes.told(home, of_last) for name, of_last in _LAST.items() if of_last in homes.table}
    if found:
        year = Year({name: found.get(name) for name in LINES}, source="台账的上年各列")
        _completed(year, _number(homes.incomes.come_to[1], home))
        if values.is_blank(year.lines["persons"]) and before is not None and home.key in same:
            _persons_of_last_ledger(year, before, same[home.key])
        return year
    if before is None or home.key not in same:
        return Year(dict.fromkeys(LINES), source="" if before is None else "上期台账里没有这一户")
    year = this_year(before, same[home.key])
    year.source = "上期台账"
    return year


def _persons_of_last_ledger(year: Year, before: Homes, home: Home):
    """Where fewer persons share less, both 减收 and 增收 stand on the form, and only the persons tell why. They reckon
    nothing: they are those that the incomes of the year come to."""
    persons = before.households.persons()
    persons = None if persons is None else persons[home.number]
    per_head, shared = year.number("per_capita_income"), divided(year.number("net_income"), persons)
    if is_number(per_head) and is_number(shared) and abs(exact(per_head) - exact(shared)) <= _HALF_FEN:
        year.lines["persons"], year.of_last_ledger = persons, True


def _number(column: list | None, home: Home):
    """A household's number of a column, None for anything else."""
    value = None if column is None else column[home.number]
    return value if is_number(value) else None


def _completed(year: Year, net=None) -> Year:
    """Sums that the ledger does not state, from their parts; where it states another one, that is kept. `net`: what the
    incomes come to."""
    lines = year.lines
    _put(year, "annual_income", added(lines.get(name) for name in FOUR))
    _put(year, "net_income", net)
    _put(year, "per_capita_income", divided(year.number("net_income"), year.number("persons")), _HALF_FEN)
    return year


def _put(year: Year, name: str, reckoned, tolerance: Fraction = Fraction(0)):
    """A sum as it is stated, or as its parts come to."""
    stated = year.lines.get(name)
    if values.is_blank(stated):
        year.lines[name] = reckoned
    elif not is_number(reckoned):
        year.own.add(name)
    elif not is_number(stated) or abs(exact(stated) - exact(reckoned)) > tolerance:
        year.stated[name] = reckoned
    else:  # rounded or not, the exact one decides where a line is near
        year.lines[name] = reckoned


def arguments(last: Year, this: Year) -> dict:
    """The incomes as rules take them."""
    per_head = last.lines.get("per_capita_income"), this.lines.get("per_capita_income")
    return {
        "per_capita_income": per_head[1], "per_capita_last": per_head[0], "per_capita_this": per_head[1],
        "last_total": last.lines.get("annual_income"), "this_total": this.lines.get("annual_income"),
    }  # fmt: skip


# ---- causes of a loss


_FARMING, _DISASTER = "种养业经营", "自然灾害"
#: arguments of LOSS_CAUSES that a household answers; those without whose answer a cause cannot be told
_FLAGS = ("disaster", "help_not_in_place")
_NEEDED = {_DISASTER: "disaster", "帮扶相应收入": "help_not_in_place"}


@dataclass(frozen=True)
class Loss:
    """One numbered cause: the figures of its item in both years, and whether it is there (None: cannot be told)."""

    cause: Cause
    last: object
    this: object
    there: bool | None


def losses(homes: Homes, home: Home, before: Homes | None, same: dict[str, Home], causes: tuple[Cause, ...]):
    """Per cause of the document, whether the household's items tell it. An item that one year does not tell leaves
    its cause open."""
    other = same.get(home.key) if before else None
    flags = {name: homes.household_flag(home, name) for name in _FLAGS if name in homes.table}
    found = []
    for cause in causes:
        item = _FARMING if cause.item == _DISASTER else cause.item
        columns = [_columns(one, item) for one in (homes, before) if one]
        alike = columns and columns[0] == columns[-1]  # else the years are not of the same things
        this = [homes.total(home, name) for name in columns[0]]
        last = [before.total(other, name) for name in columns[0]] if other and alike else []
        pair = fallen(last, this)
        told = pair or (None, added(this) if this else None)
        found.append(Loss(cause, *told, _there(homes, cause, item, pair, flags)))
    return found


def _columns(homes: Homes, item: str) -> list[str]:
    return [name for name in LOSS_ITEMS.get(item, ()) if name in homes.table or parts_of(name)]


def _there(homes: Homes, cause: Cause, item: str, pair: tuple | None, flags: dict) -> bool | None:
    """Does the document's rule name this cause where only this item differs?"""
    needed = _NEEDED.get(cause.item)
    if needed and flags.get(needed) is False:
        return False
    if pair is None or (needed and flags.get(needed) is None):
        return None
    items = list(_items())
    before, now = [0] * len(items), [0] * len(items)
    before[items.index(item)], now[items.index(item)] = pair
    told = homes.call("LOSS_CAUSES", {"last": before, "this": now, **flags})
    if not isinstance(told, str):
        return None
    return str(cause.number) in told.split(",")


def _items() -> tuple[str, ...]:
    from ..formulas.signatures import find

    return find("LOSS_CAUSES").by_name["last"].items


def told_apart(*years: Year) -> str:
    """Where a ledger states another sum than its parts come to, or a sum is reckoned in a way of its own."""
    told = []
    for year in years:
        for name, reckoned in year.stated.items():
            stated = _text(year.lines[name])
            told.append(f"{year.source}的{LINES[name]}是{stated}，各项算得{_text(reckoned)}，请核对")
        if year.told:
            told.append(f"{year.source}的家庭纯收入：{year.told}")
    return "；".join(told)


def _text(value) -> str:
    return f"{float(value):.2f}".rstrip("0").rstrip(".") if is_number(value) else "有误"
