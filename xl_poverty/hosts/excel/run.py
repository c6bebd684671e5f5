"""Where the macros come in: RunPython "from xl_poverty.hosts.excel import run; run.action('check')"."""

from __future__ import annotations

import re
import traceback
from typing import TYPE_CHECKING

from ...errors import CellError, LedgerError, PolicyError
from ..actions import ACTIONS
from .live import TITLE, ExcelBook

if TYPE_CHECKING:
    import xlwings as xw

#: lines that a message box has room for
_MOST_LINES, _LAST_LINES = 24, 3
#: how Excel says that it is busy: a cell is being edited, a dialog is open
_BUSY = (-2147418111, -2146777998)
_UNICODE_TEXT = 13
#: what the command line calls otherwise
_HERE = {
    "--last": "“操作”表的“上期台账”", "--paid": "“操作”表的“发放表”", "--as-of": "“操作”表的“业务日期”",
    "--policy": "“操作”表的“政策”", "--start": "“操作”表的“公示开始”", "--measures": "“操作”表的“事项”",
    "--farmers": "“操作”表的“农民收入上年、农民收入本年”", "xl-poverty check": "按钮“体检”",
    "xl-poverty inspect": "按钮“识别表头”",
}  # fmt: skip
_OPTION = re.compile("|".join(_HERE))


def action(name: str):
    """Run an action (its id) on the workbook whose button was clicked, and say what came of it."""
    import xlwings as xw

    run(xw.Book.caller(), name)


def run(book: xw.Book, name: str):
    """The same on a given workbook. Whatever happens is said in a message; nothing is raised."""
    one, app = ACTIONS[name], book.app
    failed = True
    try:
        app.status_bar = f"{one.caption}，请稍候……"
        text = one.run(ExcelBook(book))
        failed = False
    except CellError as error:
        text = error.message
    except LedgerError as error:
        text = str(error)
    except PolicyError as error:
        text = "政策文件或设置有误：\n" + "\n".join(error.mistakes)
    except Exception as error:  # a message is all that a clerk would see of it
        text = _unexpected(error)
    finally:
        app.status_bar = False
    if failed:
        text = f"{one.caption}没有做成，工作簿没有改动。\n\n{text}"
    elif one.id == "explain" and _copied(text):
        text = f"{text}\n\n（已复制，可以直接粘贴）"
    text = _OPTION.sub(lambda found: _HERE[found[0]], text)
    app.alert(_short(text), f"{TITLE}：{one.caption}", mode="critical" if failed else "info")


def _unexpected(error: Exception) -> str:
    """Without the error's own words: they may hold what stands in a cell."""
    if getattr(error, "hresult", None) in _BUSY:
        return "Excel 正忙：有单元格正在编辑，或有对话框开着；请按回车键或 Esc 键，关闭对话框后再试"
    places = [f"{one.filename.replace(chr(92), '/').rpartition('/')[2]} 第{one.lineno}行"
              for one in traceback.extract_tb(error.__traceback__)][-3:]  # fmt: skip
    where = "，".join(reversed(places))
    return f"程序出错（{type(error).__name__}，{where}）；请把这句话报告给软件维护者"


def _short(text: str) -> str:
    """The beginning, and the end, which says where everything is."""
    lines = text.split("\n")
    left = len(lines) - _MOST_LINES
    if left > 0:
        lines[_MOST_LINES - _LAST_LINES : -_LAST_LINES] = [f"……另有 {left} 行"]
    return "\n".join(lines)


def _copied(text: str) -> bool:
    """Put a text on the clipboard of Windows."""
    try:
        import win32clipboard
    except ImportError:
        return False
    win32clipboard.OpenClipboard()
    try:
        win32clipboard.EmptyClipboard()
        win32clipboard.SetClipboardText(text.replace("\n", "\r\n"), _UNICODE_TEXT)
    finally:
        win32clipboard.CloseClipboard()
    return True
