"""Two rules for the benchmark: brackets of words, and a capped rate by months."""
from xl_poverty.rules import given, least, rule


@rule("TIER")
def tier(p, per_capita_income, household_type):
    return given(~household_type.isin(p.outside), "不在范围内").choose(
        (per_capita_income < p.low, "低收入"), (per_capita_income < p.high, "中等收入"), otherwise="高收入"
    )


@rule("ELDER_SUBSIDY")
def elder(p, in_scope, age, disability_level, monthly_payment, months):
    return (
        given(in_scope, "不在范围内")
        .given((age >= p.age) | (disability_level.isin(p.relaxed) & (age >= p.relaxed_age)), "未达年龄")
        .given(monthly_payment > 0, "没有缴纳")
        .pay(least(monthly_payment, p.most) * p.rate, times=months)
    )
