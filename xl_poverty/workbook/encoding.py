"""What a cell holds, as the XML of a sheet spells it."""

from __future__ import annotations

import datetime as dt
import math
import re
from dataclasses import dataclass
from decimal import Decimal

from ..errors import CellError

#: errors that every workbook may hold; newer ones stand in files only with parts of their own
ERRORS = frozenset(("#N/A", "#VALUE!", "#REF!", "#DIV/0!", "#NUM!", "#NAME?", "#NULL!"))
MOST_TEXT = 32767
MOST_FORMULA = 8192

_FORBIDDEN = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff\ud800-\udfff]")
_LOOKS_ESCAPED = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
_FIRST_DAY = {False: dt.date(1899, 12, 30), True: dt.date(1904, 1, 1)}
#: until 28 February 1900 Excel counts a day less: it knows a 29 February 1900
_LEAP_DAY = dt.date(1900, 3, 1)
_EXACT_DIGITS = 10**15


class Unwritable(Exception):
    """A value that no cell can hold as it is; the message says why, in Chinese."""


@dataclass(frozen=True)
class Formula:
    """A formula to be written.

    text     as files have it, without "=": English names, commas
    result   what it shows until it is calculated again; None: nothing
    area     "C2:C9": one formula for all these cells, at the first of them
    dynamic  it may fill more cells than its own, as far as its result reaches
    """

    text: str
    result: object = None
    area: str = ""
    dynamic: bool = False


def escaped(text: str) -> str:
    """Text between tags. What XML does not allow is spelt as Excel spells it: _x000B_."""
    if "_x" in text:
        text = _LOOKS_ESCAPED.sub("_x005F_", text)
    if not text.isprintable():
        text = _FORBIDDEN.sub(lambda match: f"_x{ord(match[0]):04X}_", text)
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


class Encoder:
    """Values of one sheet: its prefix of names, and the days that its workbook counts from."""

    def __init__(self, prefix: bytes = b"", epoch_1904: bool = False):
        self.prefix, self.epoch_1904 = prefix, epoch_1904

    def content(self, value) -> tuple[bytes, bytes]:
        """(attributes of a cell with this value, what stands in the cell). Raises Unwritable."""
        prefix = self.prefix
        if value is None or (isinstance(value, str) and not value):
            return b"", b""
        if isinstance(value, str):
            text, space = self._text(value), b""
            if value != value.strip() or "\n" in value or "  " in value:
                space = b' xml:space="preserve"'
            return b' t="inlineStr"', b"<%bis><%bt%b>%b</%bt></%bis>" % (prefix, prefix, space, text, prefix, prefix)
        if isinstance(value, Formula):
            return self._formula(value)
        kind, text = self._plain(value)
        return kind, b"<%bv>%b</%bv>" % (prefix, text, prefix)

    def _text(self, value: str) -> bytes:
        if len(value) > MOST_TEXT:
            raise Unwritable(f"文字有{len(value)}个字，一个单元格最多能放{MOST_TEXT}个")
        return escaped(value).encode()

    def _formula(self, formula: Formula) -> tuple[bytes, bytes]:
        prefix, text = self.prefix, formula.text.removeprefix("=")
        if len(text) > MOST_FORMULA:
            raise Unwritable(f"公式有{len(text)}个字符，一个单元格最多能放{MOST_FORMULA}个")
        if not text.strip() or _FORBIDDEN.search(text):
            raise Unwritable("公式是空的，或有看不见的字符，请改正公式")
        attributes = b' t="array" ref="%b"' % formula.area.encode() if formula.area else b""
        kind, result = b"", b""
        if isinstance(formula.result, str):
            kind, result = b' t="str"', b"<%bv>%b</%bv>" % (prefix, self._text(formula.result), prefix)
        elif formula.result is not None:
            kind, result = self._plain(formula.result)
            result = b"<%bv>%b</%bv>" % (prefix, result, prefix)
        return kind, b"<%bf%b>%b</%bf>%b" % (prefix, attributes, escaped(text).encode(), prefix, result)

    def _plain(self, value) -> tuple[bytes, bytes]:
        """Attributes and text of what is neither text nor formula."""
        if isinstance(value, bool):
            return b' t="b"', b"1" if value else b"0"
        if isinstance(value, CellError):
            return b' t="e"', (value.cell if value.cell in ERRORS else "#VALUE!").encode()
        if isinstance(value, dt.date | dt.time | dt.timedelta):
            value = self._serial(value)
        return b"", self._number(value)

    @staticmethod
    def _number(value) -> bytes:
        if isinstance(value, int):
            if abs(value) >= _EXACT_DIGITS:
                raise Unwritable("整数有16位以上，表格软件会丢掉后几位，请作为文字写入")
            return b"%d" % value
        if isinstance(value, Decimal):
            if not value.is_finite():
                raise Unwritable("不是一个有限的数")
            if abs(value) >= _EXACT_DIGITS:
                raise Unwritable("数有16位以上，表格软件会丢掉后几位，请作为文字写入")
            text = format(value.normalize(), "f")
            return b"0" if text in ("-0", "") else text.encode()
        try:
            number = float(value)
        except (TypeError, ValueError):
            raise Unwritable(f"单元格里不能写 {type(value).__name__} 这样的值") from None
        if not math.isfinite(number):
            raise Unwritable("不是一个有限的数")
        if number.is_integer() and abs(number) < _EXACT_DIGITS:
            return b"%d" % number
        return repr(number).encode()

    def _serial(self, value):
        """Days since the first one of the workbook; clock times are parts of a day."""
        if isinstance(value, dt.timedelta):
            return value / dt.timedelta(days=1)
        if isinstance(value, dt.time):
            return _part_of_day(value)
        part = 0
        if isinstance(value, dt.datetime):
            if value.tzinfo is not None:
                raise Unwritable("时间带有时区，表格里没有时区，请换成当地时间")
            value, part = value.date(), _part_of_day(value.time())
        days = (value - _FIRST_DAY[self.epoch_1904]).days
        if not self.epoch_1904 and value < _LEAP_DAY:
            days -= 1
        if days < (0 if self.epoch_1904 else 1):
            raise Unwritable(f"日期{value:%Y-%m-%d}太早，表格里写不了，请作为文字写入")
        return days + part


def _part_of_day(time: dt.time):
    seconds = time.hour * 3600 + time.minute * 60 + time.second + time.microsecond / 1_000_000
    return seconds / 86400 if seconds else 0
