"""Where the macros come in: RunPython "from xl_poverty.hosts.excel import run; run.action('check')"."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import TITLE
from ..actions import ACTIONS
from ..telling import told
from .live import ExcelBook

if TYPE_CHECKING:
    import xlwings as xw

#: how Excel says that it is busy: a cell is being edited, a dialog is open
_BUSY = (-2147418111, -2146777998)
_UNICODE_TEXT = 13


def action(name: str):
    """Run an action (its id) on the workbook whose button was clicked, and say what came of it."""
    import xlwings as xw

    run(xw.Book.caller(), name)


def run(book: xw.Book, name: str):
    """The same on a given workbook. Whatever happens is said in a message; nothing is raised."""
    one, app = ACTIONS[name], book.app

    def opened() -> ExcelBook:
        app.status_bar = f"{one.caption}，请稍候……"
        return ExcelBook(book)

    try:
        said = told(one, opened, copied=_copied, reason=_busy)
    finally:
        app.status_bar = False
    app.alert(said.text, f"{TITLE}：{one.caption}", mode="critical" if said.failed else "info")


def _busy(error: Exception) -> str:
    if getattr(error, "hresult", None) in _BUSY:
        return "Excel 正忙：有单元格正在编辑，或有对话框开着；请按回车键或 Esc 键，关闭对话框后再试"
    return ""


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
