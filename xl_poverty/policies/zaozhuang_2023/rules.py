"""枣庄高新区 枣高社字【2023】16号: what its text does with the amounts of policy.toml."""
from xl_poverty.rules import always, given, least, risk_agrees, rule, when


def defined(outcome, p, household_type, risk_status):
    """脱贫户 in the sense of clause (一): (the checks, the test)."""
    unresolved = risk_status.isin(p.unresolved)
    outcome = risk_agrees(outcome, p, household_type, risk_status).stated(
        ~household_type.isin(p.unstated) | unresolved,
        "“户类型”只填了脱贫户，没有注明是否享受政策（本文件只管脱贫享受政策户和未消除风险的监测户）",
    )
    return outcome, household_type.isin(p.enjoying) | (unresolved & ~household_type.isin(p.farmers))


_OUTSIDE = "不是脱贫享受政策户，也不是未消除风险的监测户"


@rule("in_scope")
def in_scope(p, household_type, risk_status):
    outcome, inside = defined(always().needing(household_type), p, household_type, risk_status)
    return outcome.holds(inside)


# ---- 收入与分档


def _lines(p, low_line, high_line):
    """The printed lines, or those typed in their place: (checks, low, high)."""
    low, high = when(low_line.blank(), p.low_line, low_line), when(high_line.blank(), p.high_line, high_line)
    return always().consistent(low <= high, "低收入线高于高收入线"), low, high


@rule("TIER")
def tier(p, per_capita_income, household_type, risk_status, low_line, high_line):
    outcome, low, high = _lines(p, low_line, high_line)
    outcome, inside = defined(outcome, p, household_type, risk_status)
    return _classified(outcome, household_type, inside, per_capita_income >= high, per_capita_income >= low)


@rule("HOUSEHOLD_TIER")
def household_tier(p, total_net_income, persons, household_type, risk_status, low_line, high_line):
    outcome, low, high = _lines(p, low_line, high_line)
    outcome, inside = defined(outcome.nonzero(persons, "人数为0"), p, household_type, risk_status)
    reaches_high, reaches_low = total_net_income >= high * persons, total_net_income >= low * persons
    return _classified(outcome, household_type, inside, reaches_high, reaches_low)


def _classified(outcome, household_type, inside, reaches_high, reaches_low):
    return (
        outcome.given(household_type.blank() | inside, _OUTSIDE)
        .noting(household_type.blank(), "未填户类型，未检验是不是本文件所说的脱贫户")
        .choose((reaches_high, "高收入"), (reaches_low, "中等收入"), otherwise="低收入")
    )


@rule("TIER_GAP")
def tier_gap(p, per_capita_income, low_line, high_line):
    outcome, low, high = _lines(p, low_line, high_line)
    next_line = when(per_capita_income < low, low, high)
    return outcome.given(per_capita_income < high, "已是高收入").value(next_line - per_capita_income)


# ---- 产业与金融


@rule("PREMIUM_SUBSIDY")
def premium_subsidy(p, in_scope, project, premium):
    return (
        given(in_scope, "不是本文件所说的脱贫户")
        .given(project.isin(p.projects), "不是生产经营项目的保险")
        .given(premium > 0, "保费为0")
        .pay(premium)
    )


@rule("COURTYARD_AWARD")
def courtyard_award(p, household_type, investment, per_capita_income, has_labor, willing, risk_status):
    outcome, inside = defined(always(), p, household_type, risk_status)
    return (
        outcome.needing(investment)
        .needing(per_capita_income)
        .needing(has_labor)
        .needing(willing)
        .given(inside, _OUTSIDE)
        .given(per_capita_income < p.low_line, "不是低收入脱贫户（人均纯收入不低于{low_line}元）")
        .given(has_labor, "没有劳动力")
        .given(willing, "没有意愿")
        .given(investment > 0, "投资额为0")
        .pay(investment * p.share, cap=p.cap)
    )


@rule("INTEREST_SUBSIDY_DUE")
def interest_subsidy_due(p, in_scope, principal_and_interest_repaid):
    return always().holds(in_scope & principal_and_interest_repaid)


@rule("RISK_COMP_ELIGIBLE")
def risk_comp_eligible(p, loan_amount, principal_overdue, transition_programs_secured):
    return always().holds((loan_amount < p.below) & principal_overdue & transition_programs_secured)


# ---- 养老


@rule("ELDER_SUBSIDY")
def elder_subsidy(p, in_scope, age, disability_level, monthly_payment, months, rate):
    matched = least(monthly_payment, p.standard)
    counted = when(months.blank(), 1, months)
    return (
        always()
        .within(rate.blank() | (rate <= p.max_rate), "奖补比例高于原文的上限")
        .given(in_scope, "不是本文件所说的脱贫户")
        .given(_old_enough(p, age, disability_level), "未达到{min_age}周岁（一、二级残疾{relaxed_age}周岁）")
        .given(monthly_payment > 0, "子女没有缴纳赡养金")
        .given(counted > 0, "月数为0")
        .noting(rate.blank(), "未填奖补比例，按上限估算，不作发放依据")
        .pay(
            matched * when(rate.blank(), p.max_rate, rate),
            cap=matched * p.max_rate, times=counted, estimated=rate.blank(),
        )
    )  # fmt: skip


def _old_enough(p, age, disability_level):
    return (age >= p.min_age) | (disability_level.isin(p.relaxed) & (age >= p.relaxed_age))


@rule("ELDER_MONTHS")
def elder_age(p, disability_level):
    return always().value(when(disability_level.isin(p.relaxed), p.relaxed_age, p.min_age))


@rule("PENSION_PREPAY")
def pension_prepay(p, in_scope, in_pay_age, min_standard, chosen_standard):
    return (
        always()
        .consistent(chosen_standard.blank() | (chosen_standard >= min_standard), "所选缴费标准低于最低缴费标准")
        .given(in_scope, "不是本文件所说的脱贫户")
        .given(in_pay_age, "不在缴费年龄段")
        .pay(min_standard)
    )
