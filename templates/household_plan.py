"""一户一策.xlsm: the empty form, and the buttons that make the plans of a ledger."""

from __future__ import annotations

from collections.abc import Sequence

from control import DATE, FILES, OTHERS, READINGS, control_page, policy_setting

from xl_poverty.plans.sheets import blank_pages
from xl_poverty.rules.parameters import Policy
from xl_poverty.workbook.pages import Page

ACTIONS = ("plan", "explain", "backup")
_HELP = (
    "在“台账文件”里写台账的文件名（放在同一个文件夹里）或路径，填好业务日期，按“生成一户一策”：每户一页，有目录。",
    "计划里填过的内容，再按一次按钮都保留；上期台账填了，就比较两年收入，发放表填了，就填“已发放”。",
    "没有台账、只做一户的，直接在“一户一策”表里填，黄格填写，白格自动算。",
    "按钮按不动（宏被禁用）时，用命令行：xl-poverty plan 台账.xlsx。",
)


def plan_pages(policies: Sequence[Policy]) -> list[Page]:
    settings = [policy_setting(), DATE, READINGS, FILES, *(one for one in OTHERS if one.name in ("上期台账", "发放表"))]
    return [control_page("一户一策", settings, ACTIONS, _HELP, policies), *blank_pages()]
