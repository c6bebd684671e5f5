"""Workbooks with macros and the add-in, as bytes; the same pages give the same bytes."""
from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence

from ... import __version__
from ...formulas.signatures import signatures
from ...workbook.page_workbook import Macros, page_workbook
from ...workbook.pages import TEXT, TITLE, Page
from ..actions import ACTIONS
from . import ribbon
from .installing import INTERPRETER
from .project import source, vba_project, xlwings_module
from .wrappers import formula_module

#: the module of the formulas; not the same in a workbook and in the add-in, where both are open
BOOK_FORMULAS, ADDIN_FORMULAS = "XlpBookFormulas", "XlpAddinFormulas"
#: where xlwings looks for its settings, and where the macros look for texts
CONFIG, HELP = "xlwings.conf", "xlp_help"
_ACTIONS = "XlpActions"
_MOST = 255  # characters of what the function wizard shows
_TEXTS = {
    "title": "帮扶",
    "failed": "没有做成。如果这台电脑没有安装 xl_poverty，请运行 安装.bat，再打开工作簿。原因：",
    "no_result": "这一格没有算出来。如果这台电脑没有安装 xl_poverty，请运行 安装.bat，再打开工作簿。原因：",
    "first_only": "结果有好几格，这一格放不下：请选中和数据一样多的单元格，在编辑栏里按 Ctrl+Shift+Enter。",
    "areas": "一个参数只能是一块连着的区域。",
    "name": "请改正，没有指向一个有效单元格的名称：",
    "no_book": "请先打开台账。",
    "replace": "当前单元格里已有内容，要换成公式吗？",
}
_MACRO_BOOK = "application/vnd.ms-excel.sheet.macroEnabled.main+xml"
_ADDIN = "application/vnd.ms-excel.addin.macroEnabled.main+xml"
_UI = "customUI/customUI.xml"
_UI_TYPE = "http://schemas.microsoft.com/office/2006/relationships/ui/extensibility"
_ABOUT = (
    f"xl_poverty {__version__}：公式和“帮扶”选项卡，供所有工作簿使用。",
    "本加载项含 xlwings 的 VBA 模块，版权归 Zoomer Analytics LLC，按 BSD 3-Clause 许可使用，许可全文在模块开头。",
)


def macro_workbook(
    pages: Sequence[Page], *, keys: bool = False, modules: Mapping[str, str] | None = None, progress=None
) -> bytes:
    """The .xlsm of these pages: with its own functions, and buttons that run actions.

    modules: name -> source of VBA that stands beside ours or takes its place.
    """
    pages = [*pages, _config_page(), _help_page()]
    ours = {
        "xlwings": xlwings_module(),
        BOOK_FORMULAS: formula_module(BOOK_FORMULAS),
        _ACTIONS: action_module(ACTIONS),
        **{name: source(name) for name in ("XlpRuntime", "XlpHelp", "XlpMessages", "XlpBook")},
    }
    project = vba_project(ours | dict(modules or {}), len(pages))
    macros = Macros(project, {id_: sub_name(id_) for id_ in ACTIONS})
    content = page_workbook(pages, keys=keys, macros=macros, progress=progress)
    return _with_ribbon(content, ribbon.book_ribbon())


def addin(*, modules: Mapping[str, str] | None = None) -> bytes:
    """The .xlam: the functions for every workbook, and the tab 帮扶."""
    about = Page("帮扶", widths=(90,))
    about.put(0, 0, "xl_poverty 加载项", TITLE)
    for row, line in enumerate(_ABOUT, 1):
        about.put(row, 0, line, TEXT)
    pages = [about, _config_page(), _help_page()]
    ours = {
        # the module for workbooks, not that for add-ins: this one takes its settings from the add-in alone, never from
        # a sheet or file that came along with somebody's workbook, and keeps to one Python for all workbooks
        "xlwings": xlwings_module(),
        ADDIN_FORMULAS: formula_module(ADDIN_FORMULAS),
        **{name: source(name) for name in ("XlpRuntime", "XlpHelp", "XlpMessages", "XlpAddin")},
    }
    project = vba_project(ours | dict(modules or {}), len(pages))
    content = page_workbook(pages, keys=False, macros=Macros(project, {}))
    return _with_ribbon(content, ribbon.addin_ribbon(), as_addin=True)


def sub_name(action: str) -> str:
    """The Sub that a button with this action runs: XlpCheck."""
    return f"Xlp{action.title()}"


def action_module(ids: Iterable[str]) -> str:
    """A Sub per action, for buttons."""
    about = "' One Sub per button. Generated from the actions."
    lines = [f'Attribute VB_Name = "{_ACTIONS}"', "Option Explicit", about]
    for id_ in ids:
        lines += ["", f"Public Sub {sub_name(id_)}()", f'    XlpRun "{id_}"', "End Sub"]
    return "\n".join(lines) + "\n"


def config() -> Mapping[str, str]:
    """What xlwings is told. Blank ones too: what stands here is not looked up in files that lie about."""
    version = re.search(r'XLWINGS_VERSION As String = "([^"]+)"', xlwings_module())
    return {
        "INTERPRETER_WIN": INTERPRETER,
        "ADD_WORKBOOK_TO_PYTHONPATH": "false",  # nobody's udfs.py beside a workbook is to be run
        "PYTHONPATH": "",
        "CONDA PATH": "",
        "CONDA ENV": "",
        "UDF MODULES": "udfs",
        "USE UDF SERVER": "True",
        "DEBUG UDFS": "False",
        "SHOW CONSOLE": "False",
        "XLWINGS_VERSION": version.group(1),
        "XL_POVERTY_VERSION": __version__,
    }


def _config_page() -> Page:
    return _listed(CONFIG, config().items())


def _help_page() -> Page:
    rows: list[Sequence[str]] = [(f"text {key}", text) for key, text in _TEXTS.items()]
    # in one cell: a row of the arguments' names would be read as the head of a ledger
    rows += [
        (name, "\n".join(line[:_MOST] for line in ribbon.wizard_help(one))) for name, one in signatures().items()
    ]
    return _listed(HELP, rows)


def _listed(name: str, rows: Iterable[Sequence[str]]) -> Page:
    """A hidden page of texts, that nothing is written behind."""
    page = Page(name, hidden=True)
    for row, values in enumerate(rows):
        page.row(row, 0, values)
        page.row_keys[row] = ""
    return page


def _with_ribbon(content: bytes, custom_ui: str, *, as_addin: bool = False) -> bytes:
    """The package with its ribbon, on the day that all packages of zips begin with."""
    relation = f'<Relationship Id="rIdXlp" Type="{_UI_TYPE}" Target="{_UI}"/></Relationships>'
    edits: dict[str, Callable[[str], str]] = {"_rels/.rels": lambda text: text.replace("</Relationships>", relation)}
    if as_addin:
        edits["[Content_Types].xml"] = lambda text: text.replace(_MACRO_BOOK, _ADDIN)
    output = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as book, zipfile.ZipFile(output, "w") as target:
        parts = {name: book.read(name) for name in book.namelist()}
        for name, edit in edits.items():
            parts[name] = edit(parts[name].decode()).encode()
        for name, data in (parts | {_UI: custom_ui.encode()}).items():
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            target.writestr(info, data, zipfile.ZIP_DEFLATED, 9)
    return output.getvalue()
