"""Measures of help: registered but nothing came of it, lacking, or told on several rows of one household."""
from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import numpy as np

from ...formulas.signatures import own_signatures, signatures
from ..cleaning import VALUE
from .facts import naming
from .registry import Found, at, check

HELP = (
    "industry_help", "job_help", "finance_help", "public_post_help", "housing_help", "water_help", "health_help",
    "schooling_help", "education_help", "general_help", "social_help",
)  # fmt: skip
_TRAVEL = ("外出务工补贴", "交通补贴", "交通费", "务工补贴")
_EXPORT = ("劳务输出",)
_POST = ("公益岗", "公益性岗位")


def _persons_in(tables: Iterable, which: Callable) -> set[str]:
    """The persons (18 characters) of all rows for which a mask holds. `which`: a table to the mask, or to None."""
    found: set[str] = set()
    for t in tables:
        mask = which(t) if t.persons is not None else None
        if mask is not None:
            codes = np.unique(t.persons.codes[mask & (t.persons.codes >= 0)])
            found.update(t.persons.keys[code] for code in codes.tolist())
    return found


def _is_one_of(t, persons: set[str]) -> np.ndarray:
    """Per row: is its person one of these?"""
    if t.persons is None or not persons:
        return np.zeros(len(t), bool)
    known = np.array([key in persons for key in t.persons.keys] + [False])
    return known[t.persons.codes]


def _registered_only(ledger, terms, words: tuple[str, ...], done: Callable, text: str) -> Iterator[Found | None]:
    """就业帮扶 that names one of some words, in a household of which no member has it done. `done`: a table to a mask
    of rows or, where it has no column that tells, None."""
    tables = [t for t in ledger.tables if "job_help" in t and (t.persons is not None or t.households is not None)]
    telling = [t for t in ledger.tables if done(t) is not None]
    for t in tables if telling else ():
        about = terms.about(t)
        own = done(t)
        has = np.zeros(len(t), bool) if own is None else own
        if any(other is not t for other in telling):
            has = has | _is_one_of(t, _persons_in(telling, done))
        only = naming(t.cells("job_help"), *words) & ~about.anywhere(has)
        yield at(t, "job_help", about.once(only), text)


@check("travel_help_unpaid", whole=True)
def travel_help_unpaid(ledger, terms):
    def paid(t) -> np.ndarray | None:
        return terms.about(t).positive("travel_paid") | t.cells("travel_paid").unusable if "travel_paid" in t else None

    yield from _registered_only(ledger, terms, _TRAVEL, paid, "登记了外出务工补贴，本户没有人的交通费补助大于0")


@check("labour_export_without_work", whole=True)
def labour_export_without_work(ledger, terms):
    def works(t) -> np.ndarray | None:
        told = any(name in t for name in ("work_months", "monthly_wage", "work_start", "working"))
        return terms.about(t).works if told else None

    yield from _registered_only(ledger, terms, _EXPORT, works, "登记了劳务输出，本户没有人有务工记录")


@check("travel_paid_unregistered")
def travel_paid_unregistered(t, terms):
    about = terms.about(t)
    named = naming(t.cells("job_help"), *_TRAVEL) | t.cells("job_help").unusable
    unregistered = about.positive("travel_paid") & about.monitored & ~about.anywhere(named)
    yield at(t, "travel_paid", unregistered, "有金额，本户就业帮扶里没有登记外出务工补贴")


@check("post_help_without_post")
def post_help_without_post(t, terms):
    about = terms.about(t)
    without = ~about.anywhere(about.has_post)
    if "public_post_help" in t:
        registered = about.once(about.has("public_post_help") & without)
        yield at(t, "public_post_help", registered, "登记了，本户没有人有公益性岗位")
    if "job_help" in t:
        named = naming(t.cells("job_help"), *_POST)
        yield at(t, "job_help", about.once(named & without), "登记了公益性岗位，本户没有人有公益性岗位")


@check("post_without_help")
def post_without_help(t, terms):
    about = terms.about(t)
    told = about.has("public_post_help")
    if "job_help" in t:
        told = told | naming(t.cells("job_help"), *_POST)
    without = about.anywhere(about.has_post) & about.monitored & ~about.anywhere(told)
    yield at(t, "public_post_help", about.once(without), "没有登记，本户有人有公益性岗位")


@check("post_without_months")
def post_without_months(t, terms):
    months = t.cells("public_post_months")
    without = terms.about(t).has("public_post") & (months.blank | (months.numbers == 0))
    yield at(t, "public_post_months", without, "没有填，公益性岗位却填了")


@check("post_income_without_post")
def post_income_without_post(t, terms):
    about = terms.about(t)
    without = about.positive("public_post_income") & ~about.anywhere(about.has_post)
    yield at(t, "public_post_income", about.once(without), "有金额，本户没有人有公益性岗位")


@check("posts_many")
def posts_many(t, terms):
    about = terms.about(t)
    if t.households is None:
        return
    name = "public_post" if "public_post" in t else "public_post_months"
    posts = about.has_post & about.staying
    counts = t.households.spread(t.households.count(posts))
    many = posts & (counts >= terms["posts"])
    yield at(t, name, about.once(many), lambda row: f"本户有{counts[row]}个公益性岗位")


# ---- lacking


def _nothing(t, about, names) -> np.ndarray:
    """Per row: is nothing told in any of these columns, on any row of the household?"""
    told = np.zeros(len(t), bool)
    for name in names:
        told |= about.has(name) | (t.cells(name).unusable if name in t else False)
    return ~about.anywhere(told)


@check("monitored_without_measure")
def monitored_without_measure(t, terms):
    about = terms.about(t)
    there = [name for name in HELP if name in t]
    if len(there) < terms["columns"]:
        return
    at_risk = about.monitored & (t.cells("risk_status").among("未消除") if "risk_status" in t else True)
    without = about.once(at_risk & _nothing(t, about, there))
    yield at(t, there[0], without, "和其他措施列都没有填，本户是风险未消除的监测对象")


@check("development_without_measure")
def development_without_measure(t, terms):
    about = terms.about(t)
    there = [name for name in ("industry_help", "job_help", "finance_help", "public_post_help") if name in t]
    if len(there) >= terms["columns"]:
        empty = about.has("development_help") & _nothing(t, about, there)
        yield at(t, "development_help", about.once(empty), "已实施，产业、就业、金融、公益岗位帮扶却都没有填")


#: a word of a risk -> the measure against it
_AGAINST = {"病": "health_help", "学": "education_help", "住房": "housing_help", "饮水": "water_help"}


@check("risk_without_measure")
def risk_without_measure(t, terms):
    about = terms.about(t)
    for word, name in _AGAINST.items():
        if name not in t:
            continue
        named = np.zeros(len(t), bool)
        for column in t.several("risk"):
            named |= naming(t.cells(column), word)
        others = (name, "schooling_help") if name == "education_help" else (name,)
        without = named & about.monitored & _nothing(t, about, others)
        if "risk_status" in t:
            without &= ~t.cells("risk_status").among("已消除")
        yield at(t, name, about.once(without), "没有填，本户的风险里有这一类")


@check("guarantee_without_measure")
def guarantee_without_measure(t, terms):
    about = terms.about(t)
    for name, word, measure in (("unsafe_house", "是", "housing_help"), ("safe_water", "否", "water_help"),
                                ("dropped_out", "是", "schooling_help")):  # fmt: skip
        if name in t and measure in t:
            without = t.cells(name).among(word) & _nothing(t, about, (measure,))
            text = f"没有填，{t.fields[name].field.label}却填了{word}"
            yield at(t, measure, about.once(without), text)


@check("uninsured_flag_differs")
def uninsured_flag_differs(t, terms):
    about, flag = terms.about(t), t.cells("uninsured_member")
    without = t.cells("medical_insurance").among("否") & ~about.holds("employee_medical", "是") & about.staying
    wrong = flag.among("否") & about.anywhere(without)
    yield at(t, "uninsured_member", about.once(wrong), "是否，本户却有人两种医保都没有参加")


@check("no_labour_flag_differs")
def no_labour_flag_differs(t, terms):
    about = terms.about(t)
    able = t.cells("is_labor").among("是", "弱劳动力或半劳动力") & about.staying
    wrong = t.cells("no_labor_household").among("是") & about.anywhere(able)
    yield at(t, "no_labor_household", about.once(wrong), "是整户无劳动能力，本户却有劳动力")


# ---- told several times

#: columns of what is due to a household as a whole, where no document says
_OF_HOUSEHOLDS = ("contract_mu", "grain_mu", "premium", "outstanding", "requested", "approved_amount", "investment")


def _claims_of_households(policy) -> tuple[str, ...]:
    """Columns of what the document grants to a household as a whole."""
    if policy is None:
        return _OF_HOUSEHOLDS
    offered = {**signatures(), **own_signatures(policy)}
    return tuple(dict.fromkeys(
        argument.name
        for name, measure in policy.measures.items()
        if measure.payee == "户" and name in offered and offered[name].result == "元"
        for argument in offered[name].arguments
        if argument.claim and argument.kind == "number" and argument.name not in ("persons", "per_capita_income")
    ))  # fmt: skip


@check("household_measure_repeated")
def household_measure_repeated(t, terms):
    if t.households is None:
        return
    for name in _claims_of_households(terms.ledger.policy):
        if name not in t:
            continue
        cells = t.cells(name)
        claimed = cells.mapped(lambda clean: clean.state == VALUE and clean.value > 0, bool) & ~cells.spread
        counts = t.households.spread(t.households.count(claimed))
        again = claimed & (counts > 1)
        again[terms.about(t).once(again)] = False  # the first row may stay
        told = terms.about(t).once(again)
        yield at(t, name, told, lambda row, counts=counts: f"本户有{counts[row]}行都填了，会重复算")
