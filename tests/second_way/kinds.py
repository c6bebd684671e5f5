"""What the documents make of a household: scope, tier, watch list, incomes of a year."""

from __future__ import annotations

from .cells import Waiting, needed, number
from .dues import MONITORED, POOR, in_scope, low_income

KINDS = ("工资性收入", "生产经营性收入", "财产性收入", "转移性收入")
EXPENSE = "生产经营性支出"


def net(head):
    """The household's 纯收入 as the ledger has it, else the four kinds less the expense."""
    if "纯收入" in head:
        return needed(number(head["纯收入"]))
    return sum(needed(number(head[kind])) for kind in KINDS) - needed(number(head[EXPENSE]))


def per_head(head):
    return net(head) / number(head["年度家庭人口数"])


def tier(head):
    """枣庄高新区（一）: 15000 and 11000 per head, of those in scope."""
    try:
        if not in_scope(head):
            return "不适用"
    except Waiting:
        return "待改"
    income = number(head["家庭人均纯收入"])
    return "高收入" if income >= 15000 else "中等收入" if income >= 11000 else "低收入"


def watch(head, last_head):
    """阜阳市 2: below 10000 per head, below last year's."""
    if head["户类型"] not in POOR:
        return "不适用"
    if last_head is None:
        return "待改"
    this = per_head(head)
    told = [name for name, is_so in (("低于1万元", this < 10000), ("收入下降", this < per_head(last_head))) if is_so]
    return "+".join(told) or "无"


def per_head_last(head):
    """Last year's income per head as this ledger's own columns have it."""
    return needed(number(head["上年人均纯收入"]))


def planned(name, head):
    """Whether the document asks for a plan of the household; `Waiting` where that cannot be told."""
    if name == "枣庄高新区":
        return tier(head) != "不适用"
    if name == "奉节县":
        return low_income(head)
    if name == "阜阳市":  # both lists, and the monitored, for whom measures are planned
        if head["户类型"] != "脱贫户":
            return head["户类型"] in MONITORED
        return per_head(head) < 10000 or per_head(head) < per_head_last(head)
    return head["户类型"] in POOR


def counted(name, head):
    """Whether the document's incomes are told of the household: the poor and the monitored, within its scope."""
    if name == "枣庄高新区":
        return tier(head) not in ("不适用", "待改")
    return head["户类型"] in POOR

