"""Rule bodies that documents share. Amounts, lines and scopes come from each document's own data."""
from __future__ import annotations

from .expressions import always, when
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


# ---- indicators: `low` and `high` are the lines; a document that names a base means a share or multiple of it


@rule("INDICATOR_OK")
def indicator_ok(p, actual):
    low, high = (getattr(p, name) if p.has(name) else None for name in ("low", "high"))
    return always().holds(_between(p, actual, low, high))


@rule("INDICATOR_OK of base")
def indicator_of_base_ok(p, actual, base):
    outcome = always().needing(base).nonzero(base, f"{p.measure.base}为0")
    if p.measure.share:
        outcome = outcome.consistent(actual <= base, f"实际数大于{p.measure.base}")
    low = p.low * base if p.has("low") else None
    high = p.high * base if p.has("high") else None
    return outcome.holds(_between(p, actual, low, high))


def _between(p, actual, low, high):
    """At least `low`, at most `high`; both inclusive unless the chosen reading is the strict one."""
    strict = bool(p.measure.strict) and p.reading(p.measure.strict)
    above = None if low is None else actual > low if strict else actual >= low
    below = None if high is None else actual <= high
    return above if below is None else below if above is None else above & below


@rule("INDICATOR_LINE 下限")
def indicator_low(p):
    return always().value(p.low)


@rule("INDICATOR_LINE 上限")
def indicator_high(p):
    return always().value(p.high)


@rule("INDICATOR_LINE 下限 of base")
def indicator_low_of_base(p, base):
    return always().needing(base).value(p.low * base)


@rule("INDICATOR_LINE 上限 of base")
def indicator_high_of_base(p, base):
    return always().needing(base).value(p.high * base)
