"""Cells: values, errors and dates, and rows of them without blank edges."""

from __future__ import annotations

import datetime as dt

from ...errors import CellError
from ...workbook.references import Spot

MOST_CELLS = 50_000_000
EXACT = 2**53
NO_RESULT = "公式还没有计算结果，请用 Excel、WPS 或 LibreOffice 打开并保存一次"


def error_cell(text: str) -> CellError:
    """The error of a cell that shows `text`."""
    if text == "#NAME?":
        return CellError("excel_error", "单元格是 #NAME?：公式里的函数没有认出来，可能没有加载插件", text)
    return CellError("excel_error", f"单元格是错误值{text}，请先改正", text)


def no_result() -> CellError:
    return CellError("excel_error", NO_RESULT, "#N/A")


def as_number(value: float):
    """A whole number is an int where a float holds it exactly."""
    return int(value) if -EXACT < value < EXACT and value.is_integer() else value


def dated(number: float, kind: str, epoch_1904: bool):
    """A number as its date format shows it; what no date can be stays a number."""
    if kind == "duration":
        try:
            return dt.timedelta(milliseconds=round(number * 86_400_000))
        except OverflowError:
            return as_number(number)
    shift = 1462 if epoch_1904 else 0
    if not 0 <= number < 2_958_466 - shift:
        return as_number(number)
    days, milliseconds = divmod(round(number * 86_400_000), 86_400_000)
    if days + shift >= 2_958_466:  # rounded
        return as_number(number)
    clock = dt.timedelta(milliseconds=milliseconds)
    if number < 1:
        return (dt.datetime.min + clock).time()
    days += shift
    moment = dt.datetime(1899, 12, 30 if days >= 60 else 31) + dt.timedelta(days=days) + clock
    return moment if milliseconds else moment.date()


def unescaped(text: str) -> str:
    if "&" in text:
        import html

        text = html.unescape(text)
    return text.replace("\r\n", "\n")


# ---- rows


def put(rows: list[list], spot: Spot, value):
    row, column = spot
    while len(rows) <= row:
        rows.append([])
    cells = rows[row]
    if len(cells) <= column:
        cells.extend([None] * (column + 1 - len(cells)))
    cells[column] = value


def trimmed(rows: list[list]) -> list[list]:
    """Without blank rows and columns at the end, all rows of one length."""
    while rows and all(cell is None for cell in rows[-1]):
        rows.pop()
    width = max(map(len, rows), default=0)
    while width and all(len(row) < width or row[width - 1] is None for row in rows):
        width -= 1
    for row in rows:
        if len(row) > width:
            del row[width:]
        elif len(row) < width:
            row.extend([None] * (width - len(row)))
    return rows
