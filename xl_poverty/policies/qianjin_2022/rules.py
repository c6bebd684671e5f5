"""佳木斯市前进区 佳前乡振发[2022]6号: what its text does with the figures of a ledger. It grants no money."""
from xl_poverty.rules import always, most, rule


@rule("INCOME_CHANGE")
def income_change(p, last_total, this_total):
    return always().choose((this_total > last_total, "增收"), (this_total < last_total, "减收"), otherwise="收入持平")


@rule("REPLACEMENT_INCOME")
def replacement_income(p, last_total, this_total):
    return always().pay(most(0, last_total - this_total))


@rule("LOSS_CAUSES")
def loss_causes(p, last, this, disaster, help_not_in_place):
    outcome = always()
    # farming and 其他 may be net losses
    for item in ("产业收益分配", "务工", "公益岗", "低保", "政策性补贴", "帮扶相应收入"):
        outcome = outcome.nonnegative(last.item(item), f"上年{item}是负数")
        outcome = outcome.nonnegative(this.item(item), f"本年{item}是负数")

    def fallen(item):
        return this.item(item) < last.item(item)

    def down(item):
        """Less than last year's, which there must have been."""
        return fallen(item) & (last.item(item) > 0)

    def cause(item):
        return f"{p.causes.entries[item]}"

    cancelled = down("低保") & (this.item("低保") <= 0)
    residual = down("低保") & ~cancelled | down("帮扶相应收入") & ~help_not_in_place | fallen("其他")
    return outcome.listed(
        (fallen("种养业经营") & ~disaster, cause("种养业经营")),
        *((down(item), cause(item)) for item in ("产业收益分配", "务工", "公益岗")),
        (cancelled, cause("低保")),
        (down("政策性补贴"), cause("政策性补贴")),
        (fallen("种养业经营") & disaster, cause("自然灾害")),
        (down("帮扶相应收入") & help_not_in_place, cause("帮扶相应收入")),
        (residual, cause("其他")),
        otherwise="无",
    )


@rule("CAUSE_CATEGORY")
def cause_category(p, cause):
    return always().choose(
        (cause.among(p.business), "经营性"),
        (cause.among(p.property), "财产性"),
        (cause.among(p.wage), "工资性"),
        (cause.among(p.transfer), "转移性"),
        otherwise="其他",
    )


@rule("PROFIT_MODE")
def profit_mode(p, labor_status):
    return always().choose((labor_status.isin(p.without), "差异化收益分配"), otherwise="参加生产劳动")


@rule("DIBAO_INCOME")
def dibao_income(p, gross_income, basic_pension, job_cost, persons):
    outcome = always().consistent(
        (basic_pension <= gross_income) | (basic_pension <= 0), "基础养老金大于家庭总收入"
    )  # fmt: skip
    return outcome.nonzero(persons, "人数为0").value((gross_income - basic_pension - job_cost) / persons)


@rule("DIBAO_STATUS")
def dibao_status(p, per_capita_income, standard, in_grace_period):
    return always().choose(
        (per_capita_income <= standard, "在保"), (in_grace_period, "渐退期"), otherwise="退出"
    )  # fmt: skip
