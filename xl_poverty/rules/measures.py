"""Rule bodies that documents share. Amounts, lines and scopes come from each document's own data."""
from __future__ import annotations

from .expressions import Outcome, always, most, telling, when
from .parameters import rule


def net_income(wage, business, property, transfer, business_cost, cost_subsidy):  # noqa: A002 the contract's name
    """Net income of a household: the four kinds less the cost of production; a subsidy that reduces that cost
    reduces what is taken off. The national reckoning, the same in every document."""
    return wage + business + property + transfer - business_cost + when(cost_subsidy.blank(), 0, cost_subsidy)


def _cost_subsidy_within_cost(cost_subsidy, business_cost):
    return cost_subsidy.blank() | (cost_subsidy <= business_cost)


@rule("NET_INCOME")
def household_net_income(p, wage, business, property, transfer, business_cost, cost_subsidy):  # noqa: A002
    return (
        always()
        .consistent(_cost_subsidy_within_cost(cost_subsidy, business_cost), "减支补贴大于生产经营性支出")
        .value(net_income(wage, business, property, transfer, business_cost, cost_subsidy))
    )


@rule("PER_CAPITA_INCOME")
def per_capita_income(p, wage, business, property, transfer, business_cost, persons, cost_subsidy):  # noqa: A002
    return (
        always()
        .consistent(_cost_subsidy_within_cost(cost_subsidy, business_cost), "减支补贴大于生产经营性支出")
        .nonzero(persons, "人数为0")
        .value(net_income(wage, business, property, transfer, business_cost, cost_subsidy) / persons)
    )


def risk_agrees(outcome: Outcome, p, household_type, risk_status) -> Outcome:
    """Household type and risk status must not contradict each other; a monitored household needs its status."""
    monitored = household_type.isin(p.monitored)
    return (
        outcome.needing(risk_status, when=monitored)
        .consistent(~monitored | ~risk_status.isin(p.not_monitored), "户类型是监测户，风险状态却填“无”")
        .consistent(
            ~household_type.isin(p.farmers) | ~risk_status.isin(p.unresolved), "户类型是一般农户，风险状态却填“未消除”"
        )
    )


@rule("GROWTH_ABOVE")
def growth_above(p, poor_last, poor_this, farmer_last, farmer_this):
    return (
        always()
        .nonzero(poor_last, "上年脱贫人口人均纯收入为0，算不出增幅")
        .nonzero(farmer_last, "上年农民人均收入为0，算不出增幅")
        .consistent((poor_last > 0) & (farmer_last > 0), "上年收入是负数，算不出增幅")
        .holds(grows_faster(poor_last, poor_this, farmer_last, farmer_this))
    )


def grows_faster(poor_last, poor_this, farmer_last, farmer_this):
    """Is this ÷ last larger for the poor? Multiplied out, since quotients are not exact."""
    return telling(
        poor_this * farmer_last > farmer_this * poor_last,
        "脱贫人口增幅{poor}，农民增幅{farmers}",
        poor=poor_this / poor_last - 1, farmers=farmer_this / farmer_last - 1,
    )  # fmt: skip


# ---- indicators: at least `low`, more than `over`, a rise of at least `rise` over the base, at most `high`. With a
# base all but `rise` are shares or multiples of it; with a second base `low2` ÷ `per2` of that one is a line as well.

_LINES = ("low", "over", "high")


@rule("INDICATOR_OK")
def indicator_ok(p, actual):
    return always().holds(_between(p, actual, *(getattr(p, name) if p.has(name) else None for name in _LINES)))


@rule("INDICATOR_OK of base")
def indicator_of_base_ok(p, actual, base):
    outcome = always().needing(base)
    if not p.measure.compared:
        outcome = outcome.nonzero(base, f"{p.measure.base}为0")
    if p.measure.share:
        outcome = outcome.consistent(actual <= base, f"实际数大于{p.measure.base}")
    return outcome.holds(_between(p, actual, *(_line_of_base(p, name, base) for name in _LINES)))


@rule("INDICATOR_OK of bases")
def indicator_of_bases_ok(p, actual, base, base2):
    outcome = always().needing(base).needing(base2)
    outcome = outcome.nonzero(base, f"{p.measure.base}为0").nonzero(base2, f"{p.measure.base2}为0")
    if p.has("printed"):  # figures of the text that do not fit its own rule
        same = (actual.among([p.printed]) & base.among([p.printed_base])) if p.has("printed_base") else None
        outcome = outcome.noting(same, p.measure.note)
    return outcome.holds(actual >= _line_of_bases(p, base, base2))


def _line_of_base(p, name, base):
    if name == "low" and p.has("rise"):
        return base + p.rise * base
    return getattr(p, name) * base if p.has(name) else None


def _line_of_bases(p, base, base2):
    return most(p.low * base, p.low2 / p.per2 * base2)


def _between(p, actual, low, over, high):
    """At least `low`, more than `over`, at most `high`; `low` is strict where the chosen reading says so."""
    strict = bool(p.measure.strict) and p.reading(p.measure.strict)
    tests = []
    if low is not None:
        tests.append(actual > low if strict else actual >= low)
    if over is not None:
        tests.append(actual > over)
    if high is not None:
        tests.append(actual <= high)
    test, *others = tests
    for other in others:
        test = test & other
    return test


@rule("INDICATOR_LINE 下限")
def indicator_low(p):
    return always().value(p.low if p.has("low") else p.over)


@rule("INDICATOR_LINE 上限")
def indicator_high(p):
    return always().value(p.high)


@rule("INDICATOR_LINE 下限 of base")
def indicator_low_of_base(p, base):
    low = _line_of_base(p, "low", base)
    return always().needing(base).value(_line_of_base(p, "over", base) if low is None else low)


@rule("INDICATOR_LINE 下限 of bases")
def indicator_low_of_bases(p, base, base2):
    return always().needing(base).needing(base2).value(_line_of_bases(p, base, base2))


@rule("INDICATOR_LINE 上限 of base")
def indicator_high_of_base(p, base):
    return always().needing(base).value(p.high * base)
