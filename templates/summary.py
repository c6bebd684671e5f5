"""汇总.xlsm: what the summary of ledgers needs, and the buttons that put it there."""

from __future__ import annotations

from collections.abc import Sequence

from control import DATE, FILES, OTHERS, READINGS, control_page, policy_setting

from xl_poverty.rules.parameters import Policy
from xl_poverty.workbook.pages import Page

ACTIONS = ("summary", "compare", "freeze", "explain", "backup")
_HELP = (
    "在“台账文件”里写各村、各乡镇的台账：文件名或整个文件夹，几个用分号隔开；台账里写了政策和业务日期的以台账为准。",
    "按“生成汇总”：汇总各表放在本工作簿里；台账改了再按一次就更新，您在汇总表里填的数、加的批注都保留。",
    "上期台账填了，就有两年比较；发放表填了，就有兑现率；农民收入填了，就比较增幅。",
    "按钮按不动（宏被禁用）时，用命令行：xl-poverty summary 台账文件夹 -o 汇总.xlsx。",
)


def summary_pages(policies: Sequence[Policy]) -> list[Page]:
    others = [one for one in OTHERS if one.name in ("上期台账", "发放表") or one.for_action == "summary"]
    settings = [policy_setting(), DATE, READINGS, FILES, *others]
    return [control_page("汇总", settings, ACTIONS, _HELP, policies)]
