"""奉节县促进低收入脱贫人口稳定增收的具体措施（2022年10月8日）: what its text does with the amounts of policy.toml."""
from xl_poverty.rules import always, given, risk_agrees, rule, when


@rule("LOW_INCOME_SCOPE")
def low_income_scope(p, household_type, income_base_year, income_estimate, risk_status):
    by_income = p.lifted if p.reading("不计入") else p.lifted + p.unstable
    unresolved = risk_status.isin(p.unresolved)
    by_base = ~income_base_year.blank() & (income_base_year <= p.base_line)
    by_estimate = ~income_estimate.blank() & (income_estimate < p.estimate_line)
    lifted = household_type.isin(by_income)
    return (
        risk_agrees(always().needing(household_type), p, household_type, risk_status)
        .needing(income_base_year, when=lifted & ~unresolved & ~by_estimate)
        .needing(income_estimate, when=lifted & ~unresolved & ~by_base)
        .holds(unresolved & ~household_type.isin(p.farmers) | lifted & (by_base | by_estimate))
    )


@rule("POST_PER_HOUSEHOLD_OK")
def post_per_household_ok(p, in_scope, has_weak_or_half_labor, willing, posts):
    return always().holds(~(in_scope & has_weak_or_half_labor & willing) | (posts >= p.posts))


@rule("INDUSTRY_HOME_BONUS")
def industry_home_bonus(
    p, route, household_type, risk_status, approved_amount, in_low_income_scope, willing_and_able,
    took_2022_monitor_award,
):  # fmt: skip
    monitor = route.isin(p.monitor)
    farmers, unresolved = household_type.isin(p.farmers), risk_status.isin(p.unresolved)
    return (
        always()
        .needing(risk_status, when=monitor)
        .consistent(
            ~monitor | ~household_type.isin(p.monitored) | ~risk_status.isin(p.not_monitored),
            "户类型是监测户，风险状态却填“无”",
        )
        .consistent(~monitor | ~farmers | ~unresolved, "户类型是一般农户，风险状态却填“未消除”")
        .needing(in_low_income_scope, when=~monitor)
        .needing(willing_and_able, when=~monitor)
        .given(~monitor | (unresolved & ~farmers), "不是风险未消除的监测对象")
        .given(monitor | in_low_income_scope, "不属于低收入脱贫人口")
        .given(monitor | willing_and_able, "没有发展意愿或能力")
        .given(monitor | ~took_2022_monitor_award, "已享受监测对象产业奖扶，不再享受")
        .given(approved_amount > 0, "核定奖补额为0")
        .pay(approved_amount, cap=p.cap[route])
    )


@rule("COLLEGE_AID")
def college_aid(p, in_scope, students, enrolment_year, year, is_yulu):
    return (
        given(in_scope, "不属于低收入脱贫人口")
        .given((enrolment_year >= year) & (enrolment_year <= year), "不是入学当年")
        .given(~is_yulu, "属于雨露计划，按原渠道资助")
        .given(students > 0, "学生人数为0")
        .pay(p.per_student, times=students)
    )


@rule("ELDER_SUBSIDY")
def elder_subsidy(p, in_scope, age, monthly_payment, months):
    counted = when(months.blank(), 1, months)
    return (
        given(in_scope, "不属于低收入脱贫人口")
        .given(age >= p.min_age, "未达到{min_age}周岁")
        .given(monthly_payment > 0, "子女没有缴纳赡养金")
        .given(counted > 0, "月数为0")
        .pay(monthly_payment * p.rate, cap=p.cap, times=counted)
    )


@rule("ELDER_MONTHS")
def elder_age(p):
    return always().value(p.min_age)
