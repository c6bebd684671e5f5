"""村级填报: what village clerks fill in, without macros and without Python, in WPS too."""

from __future__ import annotations

from collections.abc import Sequence

from columns import DAY_NAME, Columns
from control import CONTROL, DATE, control_page, policy_setting
from ledger import ledger_sheet, parameter_page, told_page

from xl_poverty.rules.parameters import Policy
from xl_poverty.workbook.pages import Page

_HELP = (
    "先在上面选政策、填业务日期；不选政策也可以填，待补列就只查共同要填的。",
    "到“台账”表，一人一行填黄格；同一户的各行填同一个户编号，户的数字（收入、亩数、人口数）填在户主行。",
    "有下拉的从下拉里选；浅灰的格自动算，不要改；灰色的格是成员行不用填的，灰字的表头是这份政策用不着的。",
    "“待补”列变红，说的是这一行还缺什么；全部不红了再上报。",
    "存盘后把文件交给乡镇，乡镇用“合并”把各村的文件合成一个。",
)


def village_pages(policies: Sequence[Policy]) -> list[Page]:
    columns = Columns(policies, native=True, results=False)
    sheet = ledger_sheet(columns, "村级填报表")
    control = control_page("村级填报", [policy_setting(), DATE], (), _HELP, policies)
    told = told_page(sheet, None, [f"一人一行；“{CONTROL}”里先填政策和{DAY_NAME}。"])
    return [control, sheet.page, told, *filter(None, [parameter_page(columns)])]
