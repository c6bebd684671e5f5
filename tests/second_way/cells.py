"""The raw sheets as pandas frames, and cells as exact numbers; what cannot be told is `Waiting`, never 0."""

from __future__ import annotations

import unicodedata
from fractions import Fraction
from functools import lru_cache
from math import floor
from pathlib import Path

import openpyxl
import pandas as pd

WORKBOOKS = Path(__file__).parents[2] / "workbooks"
FIRST_ROW = 4
GONE = ("死亡", "迁出", "自然减少")


class Waiting(Exception):
    """A cell that somebody has to settle first: blank where it is needed, 待核实, text, outside the options."""


def frame(path, sheet=None, header=3):
    """A sheet under its header row as pandas objects; blank cells are None, the index is Excel's row number."""
    book = openpyxl.load_workbook(path, data_only=True, read_only=True)
    rows = list((book[sheet] if sheet else book.worksheets[0]).iter_rows(min_row=header, values_only=True))
    book.close()
    names = [str(name).replace("\n", "") for name in rows[0]]
    found = pd.DataFrame(rows[1:], columns=names, dtype=object, index=range(header + 1, header + len(rows)))
    return found.astype(object).where(found.notna(), None)


def text(value):
    """A cell's text, widths and blanks at the ends evened out; blank: None."""
    if value is None:
        return None
    return unicodedata.normalize("NFKC", str(value)).strip() or None


def number(value, units=()):
    """A cell as a fraction; None when blank. `units`: what a clerk may write behind it, with its factor."""
    if value is None:
        return None
    if isinstance(value, bool):
        raise Waiting(value)
    if isinstance(value, (int, float)):
        return Fraction(str(value))
    told = text(value)
    for unit, factor in units:
        if told.endswith(unit):
            told, by = told[: -len(unit)], factor
            break
    else:
        by = 1
    try:
        return Fraction(told) * by
    except ValueError as error:
        raise Waiting(value) from error


MONEY = (("万元", 10000), ("元", 1))
DAYS = (("天", 1),)


def money(value):
    """Money in 元; with its unit it counts as well. A negative one has to be settled."""
    found = number(value, MONEY)
    if found is not None and found < 0:
        raise Waiting(value)
    return found


def needed(value):
    if value is None:
        raise Waiting("blank")
    return value


def whole(value):
    if value is not None and value.denominator != 1:
        raise Waiting(value)
    return value


def one_of(value, options):
    """One of the options or None; any other text has to be settled."""
    found = text(value)
    if found is not None and found not in options:
        raise Waiting(value)
    return found


def yes(value):
    """是 → True, 否 → False, blank: None."""
    found = one_of(value, ("是", "否"))
    return None if found is None else found == "是"


def id18(value):
    return text(value).upper()[:18]


def fen(value):
    """元 rounded half up to the fen, as a whole number of fen."""
    return floor(Fraction(value) * 100 + Fraction(1, 2))


def fen_of(cell):
    """What stands in a workbook (元, a float) as fen."""
    return round(Fraction(str(cell)) * 100)


@lru_cache
def ledger(name, last=False):
    return frame(WORKBOOKS / f"{name}台账{'_上期' if last else ''}.xlsx", "台账")


def as_of(name):
    """The day of the ledger, from its sheet 核算口径."""
    settings = frame(WORKBOOKS / f"{name}台账.xlsx", "核算口径", header=1).set_index("项目")["值"]
    return settings["业务日期"].date()


def here(rows):
    """The persons who count: neither dead, moved away nor struck off."""
    return rows[~rows["人口状态"].isin(GONE)]
