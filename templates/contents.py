"""All templates: file name → what is in it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from columns import ROWS, Columns
from control import CONTROL, DATE, OTHERS, READINGS, control_page, policy_setting
from household_plan import plan_pages
from ledger import all_page, every_document, ledger_sheet, parameter_page, settings_page, told_page
from summary import summary_pages
from village import village_pages

from xl_poverty.plans.sheets import blank_pages
from xl_poverty.rules.parameters import Policy
from xl_poverty.workbook.pages import Page

#: buttons of a ledger, in rows of three
LEDGER_ACTIONS = ("inspect", "check", "recalculate", "summary", "roster", "notice", "plan", "compare", "freeze",
                  "explain", "backup")  # fmt: skip
_HELP = (
    "先在上面填业务日期（没有写明政策的模板，先选政策）。",
    "到“台账”表，一人一行填黄格；同一户各行填同一个户编号，户的数字填在户主行。",
    f"有{ROWS}行；不够时在“审阅”里撤销工作表保护（没有密码），在最后一行上面插入行，再把整行公式往下拉。",
    "“待补”列变红，说的是这一行还缺什么；补齐后应享各列自动算出，浅灰的格是公式，不要改。",
    "各列怎么填、出自哪一条，看“说明”表，或把鼠标放在表头上；各项合计看“合计”表。",
)
_WITH_MACROS = (
    "公式要用 xl_poverty：没有装的电脑上显示 #VALUE!，请先运行 安装.bat，或改用同名的 .xlsx 模板。",
    "按钮按不动（宏被禁用）时，用命令行做同样的事：xl-poverty do 重算 台账.xlsm。",
)
_PORTABLE = (
    "这份模板用的是普通公式，没有装 xl_poverty 的电脑、WPS 里也能算；数额都在“政策参数”表里。",
    "数字要填成数字（不要填成文本），选项要从下拉里选，否则算不出来。",
)


@dataclass(frozen=True)
class Content:
    """A template. macros: an .xlsm with buttons; keys: with hidden keys of rows, as plans have them."""

    pages: list[Page]
    macros: bool = False
    keys: bool = False


def files() -> dict[str, Content]:
    """Every template by its file name."""
    return {name: make() for name, make in makers().items()}


def makers() -> dict[str, Callable[[], Content]]:
    """What makes each template, by its file name."""
    policies = every_document()
    found: dict[str, Callable[[], Content]] = {}
    for chosen in [[policy] for policy in policies] + [policies]:
        name = "台账模板" + (f"_{chosen[0].short_name}" if len(chosen) == 1 else "")
        found[f"{name}.xlsm"] = lambda chosen=chosen: Content(ledger_pages(chosen), macros=True)
        found[f"{name}.xlsx"] = lambda chosen=chosen: Content(ledger_pages(chosen, native=True))
    found["村级填报.xlsx"] = lambda: Content(village_pages(policies))
    found["一户一策.xlsm"] = lambda: Content(plan_pages(policies), macros=True)
    found["一户一策.xlsx"] = lambda: Content(blank_pages(), keys=True)
    found["汇总.xlsm"] = lambda: Content(summary_pages(policies), macros=True)
    return found


def ledger_pages(policies: Sequence[Policy], native: bool = False) -> list[Page]:
    """The template of a document's ledger; of several documents, for the one that is chosen in it."""
    alone = policies[0] if len(policies) == 1 else None
    columns = Columns(policies, native)
    title = f"{alone.short_name}脱贫户和监测户台账" if alone else "脱贫户和监测户台账"
    sheet = ledger_sheet(columns, title)
    settings = [policy_setting(alone.short_name if alone else ""), DATE]
    settings += [] if native else [READINGS, *OTHERS]
    lines = [*_HELP, *(_PORTABLE if native else _WITH_MACROS)]
    actions = () if native else LEDGER_ACTIONS
    control = control_page(title, settings, actions, lines, policies)
    cited = f"《{alone.title}》{alone.number}" if alone else f"按“{CONTROL}”里选的政策核算"
    pages = [control, sheet.page, all_page(sheet), told_page(sheet, alone, [cited])]
    return [*pages, *filter(None, [parameter_page(columns) if native else settings_page(policies)])]
