"""阜阳市促进脱贫人口增收工作方案（2023年9月21日）: what its text does with the amounts of policy.toml."""
from xl_poverty.rules import always, given, grows_faster, most, rule, telling, when


def registered(p, household_type):
    """脱贫人口, 监测对象 included."""
    return given(household_type.isin(p.registered), "不是脱贫人口或监测对象")


# ---- 四个确保: bodies of the parts, and of all four


def _above_nation(outcome, city_farmer_growth, national_growth):
    return outcome.needing(city_farmer_growth).needing(national_growth), city_farmer_growth > national_growth


def _incomes(outcome, poor_last, poor_this, farmer_last, farmer_this):
    for income in (poor_last, poor_this, farmer_last, farmer_this):
        outcome = outcome.needing(income)
    return outcome


def _grows_faster(outcome, poor_last, poor_this, farmer_last, farmer_this):
    outcome = (
        _incomes(outcome, poor_last, poor_this, farmer_last, farmer_this)
        .nonzero(poor_last, "上年脱贫人口人均纯收入为0，算不出增幅")
        .nonzero(farmer_last, "上年农民人均收入为0，算不出增幅")
        .consistent((poor_last > 0) & (farmer_last > 0), "上年收入是负数，算不出增幅")
    )
    return outcome, grows_faster(poor_last, poor_this, farmer_last, farmer_this)


def _smaller_gap(outcome, poor_last, poor_this, farmer_last, farmer_this):
    outcome = _incomes(outcome, poor_last, poor_this, farmer_last, farmer_this)
    this, last = farmer_this - poor_this, farmer_last - poor_last
    return outcome, telling(this < last, "差距本年{this}元，上年{last}元", this=this, last=last)


def _fewer_declined(outcome, declined_last, households_last, declined_this, households_this):
    for number in (declined_last, households_last, declined_this, households_this):
        outcome = outcome.needing(number)
    outcome = (
        outcome.nonzero(households_last, "上年总户数为0")
        .nonzero(households_this, "本年总户数为0")
        .consistent(declined_last <= households_last, "上年收入下降户数大于总户数")
        .consistent(declined_this <= households_this, "本年收入下降户数大于总户数")
    )
    fewer = declined_this * households_last < declined_last * households_this
    this, last = declined_this / households_this, declined_last / households_last
    return outcome, telling(fewer, "收入下降户占比本年{this}，上年{last}", this=this, last=last)


@rule("FOUR_GUARANTEE 1")
def first_guarantee(p, city_farmer_growth, national_growth):
    outcome, holds = _above_nation(always(), city_farmer_growth, national_growth)
    return outcome.holds(holds)


@rule("FOUR_GUARANTEE 2")
def second_guarantee(p, poor_last, poor_this, farmer_last, farmer_this):
    outcome, holds = _grows_faster(always(), poor_last, poor_this, farmer_last, farmer_this)
    return outcome.holds(holds)


@rule("FOUR_GUARANTEE 3")
def third_guarantee(p, poor_last, poor_this, farmer_last, farmer_this):
    outcome, holds = _smaller_gap(always(), poor_last, poor_this, farmer_last, farmer_this)
    return outcome.holds(holds)


@rule("FOUR_GUARANTEE 4")
def fourth_guarantee(p, declined_last, households_last, declined_this, households_this):
    outcome, holds = _fewer_declined(always(), declined_last, households_last, declined_this, households_this)
    return outcome.holds(holds)


@rule("FOUR_GUARANTEE")
def four_guarantees(
    p, city_farmer_growth, national_growth, poor_last, poor_this, farmer_last, farmer_this,
    declined_last, households_last, declined_this, households_this,
):  # fmt: skip
    incomes = poor_last, poor_this, farmer_last, farmer_this
    outcome, first = _above_nation(always(), city_farmer_growth, national_growth)
    outcome, second = _grows_faster(outcome, *incomes)
    outcome, third = _smaller_gap(outcome, *incomes)
    outcome, fourth = _fewer_declined(outcome, declined_last, households_last, declined_this, households_this)
    lacking = [(~holds, f"{number}") for number, holds in enumerate((first, second, third, fourth), start=1)]
    return outcome.listed(*lacking, otherwise="全部达到", before="未达到:")


# ---- 监测帮扶


@rule("WATCH_LIST")
def watch_list(p, household_type, per_capita_last, per_capita_this):
    below, fallen = p.words
    return registered(p, household_type).listed(
        (per_capita_this < p.line, below), (per_capita_this < per_capita_last, fallen), otherwise="无", between="+"
    )


@rule("WATCH_CLOSE_OK")
def watch_close_ok(p, per_capita_last, per_capita_this, measures_done):
    return always().holds((per_capita_this >= p.line) & (per_capita_this >= per_capita_last) & measures_done)


# ---- 产业、就业


@rule("PV_NET")
def pv_net(p, revenue, land_rent, operation, insurance, other):
    costs = land_rent + operation + insurance + when(other.blank(), 0, other)
    return always().pay(most(0, revenue - costs))


@rule("STARTUP_BONUS")
def startup_bonus(p, household_type, returned, self_employed, first_small_micro, already_claimed):
    return (
        registered(p, household_type)
        .needing(first_small_micro)
        .given(returned, "不是返乡")
        .given(self_employed, "没有自主创业")
        .given(first_small_micro, "不是首次创办小微企业")
        .given(~already_claimed, "以前已享受（一次性）")
        .pay(p.amount)
    )


@rule("TRAINING_LIVING")
def training_living(p, household_type, days):
    return registered(p, household_type).given(days > 0, "培训天数为0").pay(days * p.per_day)


@rule("GRADUATE_JOB_BONUS")
def graduate_job_bonus(p, graduation_year, year, employer, contract_months, social_insurance, already_claimed):
    return (
        given((graduation_year >= year) & (graduation_year <= year), "不是当年毕业")
        .given(employer.isin(p.employers), "不是到小微企业就业")
        .given(contract_months >= p.min_months, "劳动合同不足{min_months}个月")
        .given(social_insurance, "没有缴纳社会保险")
        .given(~already_claimed, "以前已享受（一次性）")
        .pay(p.amount)
    )
