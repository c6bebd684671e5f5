"""Income: sums, per head, units, what can hardly be, and how it went since last year. All in 元."""
from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import numpy as np

from ...rules.sentence import amount_text
from ..fields import parts_of
from ..reading import BLANK_IS_NIL
from .registry import Found, at, check, whole

KINDS = ("wage_income", "operating_income", "property_income", "transfer_income")
TOTALS = ("annual_income", "net_income", "per_capita_income")
LAST_YEAR = {
    "per_capita_income": "per_capita_last_year", "net_income": "net_income_last_year",
    "annual_income": "annual_income_last_year",
}  # fmt: skip
#: columns in which 万元 among 元 can be told by the size of the figures
SIZED = (
    *KINDS, *TOTALS, *LAST_YEAR.values(), "work_income", "operating_expense", "monthly_wage", "guideline",
    "paid_amount", "paid_standard",
)  # fmt: skip
PERSONS = ("persons_year", "household_size", "persons_now")
#: floats that were exact amounts differ by less
_EXACT = 1e-6


def yuan(number: float) -> str:
    return f"{amount_text(round(float(number), 2))}元"


# ---- sums


def _sum_differs(t, terms, name: str, parts: tuple[str, ...]) -> Iterator[Found | None]:
    """A sum that is not that of its parts: of all where all are columns and known, else less than those that are."""
    about = terms.about(t)
    there = [part for part in parts if part in t]
    if not there:
        return
    total = about.numbers(name)
    figures = np.stack([_as_answered(t, part) for part in there])
    known = ~np.isnan(figures)
    told = np.where(known, figures, 0).sum(axis=0)
    tolerance = terms["yuan"] + _EXACT
    if len(there) == len(parts):
        complete = known.all(axis=0)
    else:
        complete = np.zeros(len(t), bool)
    wrong = complete & (np.abs(total - told) > tolerance)
    positive = (figures >= 0) | ~known
    short = ~complete & positive.all(axis=0) & (told > total + tolerance)

    def off(row: int) -> str:
        return f"与各项之和（{yuan(told[row])}）相差{yuan(abs(total[row] - told[row]))}"

    def less(row: int) -> str:
        return f"比填了的各项之和（{yuan(told[row])}）少{yuan(told[row] - total[row])}"

    yield at(t, name, about.once(wrong), off)
    yield at(t, name, about.once(short), less)


def _as_answered(t, name: str) -> np.ndarray:
    """The figures of a part, blanks as 0 only where somebody answered that they are."""
    cells = t.cells(name)
    if t.answers.get(f"{BLANK_IS_NIL}{t.fields[name].field.label}") != "是":
        return cells.numbers
    return np.where(cells.blank, 0.0, cells.numbers)


@check("annual_income_sum")
def annual_income_sum(t, terms):
    yield from _sum_differs(t, terms, "annual_income", KINDS)


def _parts_differ(name: str):
    def found(t, terms) -> Iterator[Found | None]:
        yield from _sum_differs(t, terms, name, parts_of(name))

    return found


for _kind in (*KINDS, "operating_expense"):
    check(f"{_kind}_parts")(_parts_differ(_kind))


@check("net_income_sum")
def net_income_sum(t, terms):
    about = terms.about(t)
    net, annual, expense = (about.numbers(name) for name in ("net_income", "annual_income", "operating_expense"))
    due = annual - expense
    # from 2022 the expense is less the subsidies for it; ledgers tell it before or after
    subsidy = np.nan_to_num(about.numbers("expense_subsidy"))
    off = np.minimum(np.abs(net - due), np.abs(net - due - subsidy)) > terms["yuan"] + _EXACT
    yield at(t, "net_income", about.once(off), lambda row: f"与年收入减生产经营性支出（{yuan(due[row])}）不符")


def _last_place(numbers: np.ndarray) -> float:
    """One unit of the last decimal place that a column's figures have: 1, 0.1 or 0.01."""
    known = numbers[~np.isnan(numbers)]
    for unit in (1.0, 0.1):
        if np.all(np.abs(known / unit - np.round(known / unit)) < _EXACT):
            return unit
    return 0.01


@check("per_capita_differs")
def per_capita_differs(t, terms):
    return _per_capita(t, terms, PERSONS[:1])


@check("per_capita_size")
def per_capita_size(t, terms):
    return () if "persons_year" in t else _per_capita(t, terms, PERSONS[1:])


def _per_capita(t, terms, persons: tuple[str, ...]) -> Iterator[Found | None]:
    about = terms.about(t)
    name = next((name for name in persons if name in t), None)
    if name is None:
        return
    each, net, count = about.numbers("per_capita_income"), about.numbers("net_income"), about.numbers(name)
    due = np.divide(net, count, out=np.full(len(t), np.nan), where=count > 0)
    off = np.abs(each - due) > max(terms["yuan"], _last_place(each)) + _EXACT
    label = t.fields[name].field.label
    yield at(t, "per_capita_income", about.once(off), lambda row: f"与纯收入除以{label}（{yuan(due[row])}）不符")


# ---- single figures


@check("income_negative")
def income_negative(t, terms):
    names = [*KINDS, "annual_income", "operating_expense"]
    names += [part for kind in (*KINDS, "operating_expense") for part in parts_of(kind)]
    for name in names:
        if name in t:
            yield at(t, name, t.cells(name).numbers < 0, "是负数，收入和支出分别填，都不会小于0")


@check("operating_without_expense")
def operating_without_expense(t, terms):
    about = terms.about(t)
    none = (about.numbers("operating_expense") == 0) | about.lacking("operating_expense")
    without = about.positive("operating_income") & none
    yield at(t, "operating_expense", about.once(without), "没有支出，生产经营性收入却大于0")


@check("expense_over_income")
def expense_over_income(t, terms):
    about = terms.about(t)
    loss = about.numbers("operating_expense") > about.numbers("operating_income")
    yield at(t, "operating_expense", about.once(loss), "大于生产经营性收入")


@check("ecology_without_forest")
def ecology_without_forest(t, terms):
    about = terms.about(t)
    without = about.positive("ecology_income") & (about.numbers("returned_forest_mu") == 0)
    yield at(t, "returned_forest_mu", about.once(without), "是0，生态补偿金却大于0")


def _small(name: str):
    """The function of a check: an amount of a year so small that it may be that of a month."""

    def found(t, terms) -> Found | None:
        about = terms.about(t)
        amounts = about.numbers(name)
        small = (amounts > 0) & (amounts < terms["yuan"])
        return at(t, name, about.once(small), f"一年不到{terms['yuan']:g}元，疑似填的是一个月的")

    return found


check("dibao_monthly")(_small("dibao_income"))
check("pension_monthly")(_small("pension_income"))


@check("income_below_line")
def income_below_line(t, terms):
    about = terms.about(t)
    each = about.numbers("per_capita_income")
    told, default = _line(terms)
    own = about.numbers("guideline")
    line = np.where(np.isnan(own), default, own)
    below = (each < line) & ~about.anywhere(about.monitored)

    def text(row: int) -> str:
        return f"低于{'本行的监测指导线' if not np.isnan(own[row]) else told}（{yuan(line[row])}），却不是监测对象"

    yield at(t, "per_capita_income", about.once(below), text)


def _line(terms) -> tuple[str, float]:
    """The line of the office in the year of the day, else the limit of the check."""
    known = terms.ledger.settings.line("监测指导线", terms.day.year)
    return ("监测指导线", float(known[0])) if known else ("核对线", terms["yuan"])


@check("per_capita_high")
def per_capita_high(t, terms):
    high = t.cells("per_capita_income").numbers > terms["yuan"]
    yield at(t, "per_capita_income", high, lambda row: f"超过{yuan(terms['yuan'])}，疑似单位填错")


@check("income_very_low")
def income_very_low(t, terms):
    for name in ("annual_income", "per_capita_income"):
        if name in t:
            amounts = t.cells(name).numbers
            yield at(t, name, (amounts > 0) & (amounts < terms["yuan"]), f"不到{terms['yuan']:g}元，疑似单位是万元")


@check("guideline_differs")
def guideline_differs(t, terms):
    lines = t.cells("guideline").numbers
    known, counts = np.unique(lines[~np.isnan(lines)], return_counts=True)
    if len(known) > 1:
        usual = known[counts.argmax()]
        yield at(t, "guideline", ~np.isnan(lines) & (lines != usual), f"与本表多数（{yuan(usual)}）不同")


# ---- units


@check("unit_mixed")
def unit_mixed(t, terms):
    for name in SIZED:
        if name not in t:
            continue
        numbers = t.cells(name).numbers
        median = terms.about(t).median(name, terms["least"])
        if np.isnan(median):
            continue
        low = (numbers > 0) & (numbers * terms["times_below"] <= median)
        high = numbers >= median * terms["times_above"]
        if not (low | high).any():
            continue
        usual = f"本列一般数（{yuan(median)}）"
        yield at(t, name, low, f"不到{usual}的{terms['times_below']:g}分之一，疑似单位是万元")
        yield at(t, name, high, f"是{usual}的{terms['times_above']:g}倍以上，疑似单位与别的行不同")


@check("column_unit")
def column_unit(t, terms):
    for name in (*TOTALS, *LAST_YEAR.values(), "monthly_wage"):
        if name not in t:
            continue
        column = t.fields[name]
        median = terms.about(t).median(name, terms["least"])
        if median < terms["lowest"]:
            yield whole(t, column, f"一般只有{yuan(median)}，疑似整列单位是万元或千元，表头没有写明")
        elif median > terms["highest"]:
            unit = f"，表头单位是{column.unit}" if column.unit else ""
            yield whole(t, column, f"一般有{yuan(median)}{unit}，疑似整列单位写错")


#: what an amount may be for, the usual one first; in other columns it is the year
_PER = {"monthly_wage": ("月",), "per_capita_income": ("年", "人", "人/年", "年/人")}


@check("money_per")
def money_per(t, terms):
    for name in ("monthly_wage", *KINDS, *TOTALS, *_all_parts()):
        if name in t:
            fits = _PER.get(name, ("年", "户", "年/户", "户/年"))
            odd = terms.about(t).with_precision(t.fields[name], lambda clean, fits=fits: clean.precision not in fits)
            cells, told = t.cells(name), f"这一列应按{fits[0]}"
            yield at(t, name, odd, lambda row, cells=cells, told=told: f"写的是按{cells[row].precision}，{told}")


@cache
def _all_parts() -> tuple[str, ...]:
    return tuple(part for kind in (*KINDS, "operating_expense") for part in parts_of(kind))


@check("income_identical")
def income_identical(t, terms):
    about = terms.about(t)
    for name in (*KINDS, *TOTALS, "monthly_wage"):
        if name in t:
            numbers = about.numbers(name)
            of_home = name != "monthly_wage"
            rows = about.once(~np.isnan(numbers)) if of_home else np.flatnonzero(~np.isnan(numbers))
            figures = numbers[rows]
            if len(rows) < terms["least"] or figures[0] == 0 or (figures != figures[0]).any():
                continue
            if not t.constants(name).any():
                yield whole(t, name, f"{len(rows)}{'户' if of_home else '行'}全是{yuan(figures[0])}，疑似整列复制")


# ---- since last year


def _years(t, terms) -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
    """(field, this year, last year) of the figures told of both years."""
    about = terms.about(t)
    for name, before in LAST_YEAR.items():
        if name in t and before in t:
            yield name, about.numbers(name), about.numbers(before)


def _change(now: np.ndarray, before: np.ndarray) -> np.ndarray:
    """The growth as a share of last year's figure; NaN where that is not above 0."""
    return np.divide(now - before, before, out=np.full(len(now), np.nan), where=before > 0)


@check("income_jump")
def income_jump(t, terms):
    for name, now, before in _years(t, terms):
        change = _change(now, before)
        up = terms.about(t).once(change > terms["rise"] + _EXACT)
        yield at(t, name, up, lambda row, change=change: f"比上年增加{change[row] * 100:.0f}%")


@check("income_drop")
def income_drop(t, terms):
    for name, now, before in _years(t, terms):
        change = _change(now, before)
        down = terms.about(t).once(change < -terms["fall"] - _EXACT)
        yield at(t, name, down, lambda row, change=change: f"比上年减少{-change[row] * 100:.0f}%")


@check("income_fall")
def income_fall(t, terms):
    # a drop beyond the limit is told by income_drop
    limit = terms.limit_of("income_drop", "fall")
    for name, now, before in _years(t, terms):
        change = _change(now, before)
        down = terms.about(t).once((change < 0) & (change >= -limit - _EXACT))
        yield at(t, name, down, lambda row, now=now, before=before: f"比上年少{yuan(before[row] - now[row])}")


@check("income_unchanged")
def income_unchanged(t, terms):
    for name, now, before in _years(t, terms):
        same = terms.about(t).once((now == before) & (now > 0))
        yield at(t, name, same, "与上年一分不差，疑似照抄上年")


# ---- against the members


@check("wage_income_without_work")
def wage_income_without_work(t, terms):
    about = terms.about(t)
    if t.households is None:
        return
    wages = np.nan_to_num(about.numbers("monthly_wage")) * np.nan_to_num(about.numbers("work_months"))
    earned = t.households.spread(np.bincount(
        t.households.codes[t.households.codes >= 0], wages[t.households.codes >= 0], len(t.households)
    ), 0.0)  # fmt: skip
    none = (about.numbers("wage_income") == 0) & (earned > 0)
    yield at(t, "wage_income", about.once(none), lambda row: f"是0，本户务工月工资乘月数共{yuan(earned[row])}")


@check("dibao_without_money")
def dibao_without_money(t, terms):
    yield _without_money(t, terms, "dibao", "dibao_income", "本户有人享受低保")


@check("money_without_dibao")
def money_without_dibao(t, terms):
    yield _without_right(t, terms, "dibao", "dibao_income", "本户没有人享受低保")


@check("tekun_without_money")
def tekun_without_money(t, terms):
    yield _without_money(t, terms, "tekun", "tekun_income", "本户有人享受特困供养")


@check("money_without_tekun")
def money_without_tekun(t, terms):
    yield _without_right(t, terms, "tekun", "tekun_income", "本户没有人享受特困供养")


def _without_money(t, terms, right: str, money: str, text: str) -> Found | None:
    about = terms.about(t)
    none = about.anywhere(about.has(right)) & ~about.anywhere(about.positive(money) | t.cells(money).unusable)
    zero = none & ((about.numbers(money) == 0) | about.lacking(money))
    return at(t, money, about.once(zero), f"没有金额，{text}")


def _without_right(t, terms, right: str, money: str, text: str) -> Found | None:
    about = terms.about(t)
    told = about.anywhere(about.has(right) | t.cells(right).unusable)
    return at(t, money, about.once(about.positive(money) & ~told), f"有金额，{text}")


@check("pension_without_elder")
def pension_without_elder(t, terms):
    about = terms.about(t)
    if t.households is None:
        return
    # somebody whose age is not known may be the one
    able = about.anywhere((about.ages >= terms["age"]) | np.isnan(about.ages))
    odd = about.once(about.positive("pension_income") & ~able)
    yield at(t, "pension_income", odd, f"有金额，本户没有满{terms['age']:g}周岁的人")
