"""Sentences for files that cannot be read."""

from __future__ import annotations

from ..errors import LedgerError

RESAVE = "请用 Excel 或 WPS 打开，另存为 .xlsx 后再试"


def no_workbook(name: str) -> str:
    return f"{name} 不是能读的表格；能读 .xlsx、.xlsm、.xls、.csv 和网页格式的 .xls，别的{RESAVE}"


def damaged(name: str, what: object = "") -> LedgerError:
    return LedgerError(f"{name} 已损坏，读不出来{f'（{what}）' if what else ''}；{RESAVE}，或重新下载")
