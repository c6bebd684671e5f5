"""双碾乡 双发〔2022〕67号: what its text does with the amounts of policy.toml."""
from xl_poverty.rules import always, given, least, most, rule, when


def registered(p, household_type, risk_status):
    """脱贫户和监测户, in the reading chosen for those whose risk is cleared and those who no longer enjoy policies."""
    outcome = given(household_type.isin(p.registered), "不是脱贫户或监测户")
    if p.chosen("脱贫不享受政策户") == "不计入":
        outcome = outcome.given(~household_type.isin(p.not_enjoying), "是脱贫不享受政策户")
    if p.chosen("已消除监测户") == "不计入":
        monitored = household_type.isin(p.monitored)
        outcome = (
            outcome.needing(risk_status, when=monitored)
            .consistent(~monitored | ~risk_status.isin(["无"]), "户类型是监测户，风险状态却填“无”")
            .given(~monitored | risk_status.isin(p.unresolved), "监测户风险已消除")
        )
    return outcome


def registered_worker(p, household_type, is_labor, risk_status):
    """脱贫户和监测户劳动力."""
    counted = p.labor if p.chosen("弱劳动力") == "不计入" else p.labor + p.weak_labor
    return registered(p, household_type, risk_status).given(is_labor.isin(counted), "不是劳动力")


# ---- 一、发展产业


@rule("MICROLOAN_TOPUP")
def microloan_topup(p, household_type, outstanding, requested, needs, can_repay, risk_status):
    return (
        registered(p, household_type, risk_status)
        .stated(~household_type.isin(p.unstated), "监测户未注明类别：只有边缘易致贫户和脱贫户可以追加")
        .given(household_type.isin(p.eligible), "不是脱贫户或边缘易致贫户")
        .given(needs, "没有追加的实际需要")
        .given(can_repay, "不具备还款能力")
        .given(outstanding < p.cap, "贷款余额已到单户上限{cap}元")
        .given(requested > 0, "没有申请追加")
        .pay(requested, cap=p.cap - least(outstanding, p.cap))
    )


@rule("COURTYARD_AWARD")
def courtyard_award(p, household_type, approved_amount, risk_status):
    return (
        registered(p, household_type, risk_status)
        .needing(approved_amount)
        .given(approved_amount > 0, "核定奖补额为0")
        .pay(approved_amount, cap=p.cap)
    )


@rule("PIG_BREED_SUBSIDY")
def pig_breed_subsidy(p, operator, heads, drives_poor):
    return given(drives_poor, "没有带动脱贫户和监测户").given(heads > 0, "头数为0").pay(heads * p.per_head)


@rule("GREENHOUSE_SUBSIDY")
def greenhouse_subsidy(p, kind, mu, drives_poor):
    outcome = given(mu > 0, "亩数为0")
    if p.reading("须带动"):
        outcome = outcome.given(drives_poor, "没有带动脱贫户和监测户")
    return outcome.pay(mu * p.per_mu[kind])


@rule("LAND_FERTILITY_SUBSIDY")
def land_fertility_subsidy(p, contract_mu, certified):
    return given(certified, "没有确权颁证").given(contract_mu > 0, "确权承包亩数为0").pay(contract_mu * p.per_mu)


@rule("GRAIN_SUBSIDY")
def grain_subsidy(p, grain_mu, part):
    central, province = p.per_mu["中央"], p.per_mu["省级"]
    both = part.blank() | part.isin(["合计"])
    per_mu = when(both, central + province, when(part.isin(["中央"]), central, province))
    return given(grain_mu > 0, "实际种粮亩数为0").pay(grain_mu * per_mu)


# ---- 二、扩大就业


@rule("TRAVEL_SUBSIDY")
def travel_subsidy(p, household_type, is_labor, destination, actual_cost, claimed_this_year, risk_status):
    away = destination.isin(p.amount)
    outcome = (
        registered_worker(p, household_type, is_labor, risk_status)
        .given(~claimed_this_year, "本年度已享受")
        .given(away, "不在跨省或省内区外务工")
    )
    if p.reading("限额据实"):
        return outcome.needing(actual_cost, when=away).pay(actual_cost, cap=p.amount[destination])
    return outcome.pay(p.amount[destination])


def _stable_job(p, household_type, is_labor, already_claimed, destination, risk_status):
    return (
        registered_worker(p, household_type, is_labor, risk_status)
        .given(~already_claimed, "以前已享受（一次性）")
        .given(~destination.isin(p.local), "在区内务工，不是外出务工")
        .noting(destination.blank(), "未填务工去向，未检验是否外出")
    )


@rule("STABLE_JOB_BONUS")
def stable_job_bonus(
    p, household_type, is_labor, continuous_months, monthly_wage, already_claimed, destination, risk_status
):
    return (
        _stable_job(p, household_type, is_labor, already_claimed, destination, risk_status)
        .given(continuous_months >= p.min_months, "连续外出务工不足{min_months}个月")
        .given(monthly_wage >= p.min_wage, "月工资未达到{min_wage}元")
        .pay(p.monthly, times=p.months)
    )


@rule("STABLE_JOB_BONUS_BY_MONTH")
def stable_job_bonus_by_month(
    p, household_type, is_labor, wages_by_month, already_claimed, destination, risk_status
):
    return (
        _stable_job(p, household_type, is_labor, already_claimed, destination, risk_status)
        .given(
            wages_by_month.longest_run(p.min_wage) >= p.min_months,
            "月工资达到{min_wage}元的最长连续月数不足{min_months}个月",
        )
        .pay(p.monthly, times=p.months)
    )


@rule("JOB_INTRO_SUBSIDY")
def job_intro_subsidy(p, place, contract_months, persons, claimed_per_person):
    unclaimed = claimed_per_person.blank()
    return (
        given(contract_months >= p.min_months[place], "劳动合同月数不够（最低月数：{min_months}）")
        .given(persons > 0, "实际就业人数为0")
        .noting(unclaimed, "未填每人申报额，按上限估算，不作发放依据")
        .pay(
            when(unclaimed, p.cap[place], claimed_per_person),
            cap=p.cap[place], times=persons, estimated=unclaimed,
        )
    )  # fmt: skip


@rule("PV_VILLAGE_SHARE")
def pv_village_share(p, total_revenue):
    return always().pay(total_revenue * p.share)


def _returned_founder(p, household_type, is_labor, returned, self_employed, risk_status):
    return (
        registered_worker(p, household_type, is_labor, risk_status)
        .given(returned, "不是返乡回流人员")
        .given(self_employed, "没有自主创业")
    )


@rule("STARTUP_BONUS")
def startup_bonus(p, household_type, is_labor, returned, self_employed, already_claimed, risk_status):
    return (
        _returned_founder(p, household_type, is_labor, returned, self_employed, risk_status)
        .given(~already_claimed, "以前已享受（一次性）")
        .pay(p.amount)
    )


@rule("SHOP_RENT_SUBSIDY")
def shop_rent_subsidy(p, household_type, is_labor, returned, self_employed, annual_rent, risk_status):
    outcome = _returned_founder(p, household_type, is_labor, returned, self_employed, risk_status)
    outcome = outcome.given(annual_rent > 0, "没有租金")
    return outcome.pay(p.cap) if p.reading("定额") else outcome.pay(annual_rent, cap=p.cap)


@rule("TRAINING_LIVING")
def training_living(p, household_type, is_labor, willing, employed, days, risk_status):
    return (
        registered_worker(p, household_type, is_labor, risk_status)
        .given(willing, "没有培训意愿")
        .given(~employed, "已实现就业")
        .given(days > 0, "培训天数为0")
        .pay(days * p.per_day)
    )


def _training_modes(p, mode):
    """Modes paid by the day, whatever the employment after it."""
    return mode.isin(p.general) if p.reading("三种方式") else mode.isin(p.public)


def _training_per_person(p, mode, days):
    """(amount, cap) per person: by result in two steps, otherwise a flat day rate with a lower cap."""
    by_result = mode.isin(p.by_result)
    return when(by_result, p.steps.each(days), days * p.general_day), when(by_result, p.cap, p.general_cap)


@rule("TRAINING_SUBSIDY")
def training_subsidy(p, mode, days, employment_rate):
    by_result = mode.isin(p.by_result)
    amount, cap = _training_per_person(p, mode, days)
    return (
        given(by_result | _training_modes(p, mode), "这种培训方式没有补贴标准")
        .needing(employment_rate, when=by_result)
        .given(~by_result | (employment_rate >= p.min_rate), "培训结束后就业率未达到{min_rate}")
        .given(days > 0, "培训天数为0")
        .pay(amount, cap=cap)
    )


@rule("TRAINING_CLASS_SUBSIDY")
def training_class_subsidy(p, mode, persons, employed_persons, days):
    by_result = mode.isin(p.by_result)
    amount, cap = _training_per_person(p, mode, days)
    return (
        always()
        .consistent(employed_persons <= persons, "就业人数大于培训人数")
        .given(by_result | _training_modes(p, mode), "这种培训方式没有补贴标准")
        .given(persons > 0, "培训人数为0")
        .given(~by_result | (employed_persons >= p.min_rate * persons), "培训结束后就业率未达到{min_rate}")
        .given(days > 0, "培训天数为0")
        .pay(amount, cap=cap, times=persons)
    )


@rule("DISABLED_TRAINING")
def disabled_training(p, rural_needy_disabled, wants_training, persons, claimed_this_year):
    return (
        given(rural_needy_disabled, "不是农村困难残疾人")
        .given(wants_training, "没有培训需求")
        .given(~claimed_this_year, "本年度已享受")
        .given(persons > 0, "人数为0")
        .pay(p.per_person, times=persons)
    )


@rule("DISABLED_INDUSTRY")
def disabled_industry(p, rural_needy_disabled, suitable_stable_project, persons):
    return (
        given(rural_needy_disabled, "不是农村困难残疾人")
        .given(suitable_stable_project, "不是适合自身、收入稳定的产业项目")
        .given(persons > 0, "人数为0")
        .pay(p.per_person, times=persons)
    )


@rule("EMPLOYMENT_BASE_AWARD")
def employment_base_award(p, persons, recognized_base, took_absorb_subsidy):
    return (
        given(recognized_base, "没有认定为就业帮扶基地")
        .given(~took_absorb_subsidy, "已享受一次性吸纳就业补助，不重复享受")
        .given(persons >= p.steps.first, "吸纳人数不足{steps}人")
        .pay(p.steps.highest(persons))
    )


@rule("ABSORB_ELIGIBLE")
def absorb_eligible(p, staff, poor_workers, labor_intensive):
    return (
        always()
        .consistent(poor_workers <= staff, "脱贫监测职工数大于职工总数")
        .holds(labor_intensive & (staff >= p.min_staff) & (poor_workers >= p.min_share * staff))
    )


# ---- 三、四、消费帮扶与兜底


@rule("LOVE_COUPON")
def love_coupon(p, person_type, persons, risk_status):
    by_risk = person_type.isin(p.by_risk)
    return (
        given(person_type.isin(p.unconditional + p.by_risk), "不是特困人员或监测对象")
        .needing(risk_status, when=by_risk)
        .consistent(~by_risk | ~risk_status.isin(["无"]), "对象是监测对象，风险状态却填“无”")
        .given(~by_risk | risk_status.isin(p.unresolved), "监测对象风险已消除")
        .given(persons > 0, "人数为0")
        .pay(p.per_person, times=persons)
    )


@rule("COUPON_SHARE")
def coupon_share(p, level, persons):
    return (
        given(level.isin(p.weights), "乡级不出资")
        .given(persons > 0, "人数为0")
        .pay(p.per_person * p.weights.shares[level], times=persons)
    )


@rule("DISABLED_STUDENT_AID")
def disabled_student_aid(p, student_kind, enrolled, already_claimed):
    return (
        given(student_kind.isin(p.eligible), "不是残疾人大学生或残疾人家庭子女大学生")
        .given(enrolled, "不在读")
        .given(~already_claimed, "以前已享受（一次性）")
        .pay(p.amount)
    )


@rule("TEMP_RELIEF_FLAG")
def temp_relief_flag(p, event_kind, hardship, applying_dibao_or_tekun):
    return always().holds(hardship & (event_kind.isin(p.events) | applying_dibao_or_tekun))


@rule("POVERTY_INSURANCE_GAP")
def poverty_insurance_gap(p, household_type, per_capita_income, guideline, persons, risk_status):
    return (
        registered(p, household_type, risk_status)
        .given(per_capita_income < guideline, "人均纯收入不低于监测指导线")
        .given(persons > 0, "人数为0")
        .pay(most(0, guideline - per_capita_income), times=persons)
    )
