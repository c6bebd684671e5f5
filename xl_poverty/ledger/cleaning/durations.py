"""Numbers of months: counted, in words, or reckoned from one month to another."""
from __future__ import annotations

import calendar
import datetime as dt
import re
from fractions import Fraction
from functools import cache

from ...rules.expressions import exact
from . import reasons as why
from .amounts import PLAIN_NUMBER, header_unit, plain_number, why_no_amount
from .content import NEVER_LONGER, compact, content, kept, no_number
from .dates import Moment, span_of
from .result import SPAN, VALUE, YEAR, Clean, unusable
from .spellings import said, table


@kept
def months(raw, unit: str = "") -> Clean:
    """A number of months, 0 to 36 (int or Fraction); precision 起止 where it was reckoned from two months.

    `unit` is that of the header, which holds for a bare number: 月, 年; a unit of money is that of other columns.
    """
    found = content(raw)
    if found.__class__ is Clean:
        return found
    precision = ""
    if isinstance(found, str):
        nothing = said(found, raw)
        if nothing:
            return nothing
        if len(found) > NEVER_LONGER:
            return unusable(why.MONTHS_UNCLEAR, raw)
        text = compact(found)
        bare = PLAIN_NUMBER.fullmatch(text)
        count, precision = (plain_number(text), "") if bare else _months(text)
        if isinstance(count, str):
            return unusable(count, raw)
    elif isinstance(found, (dt.date, dt.time, dt.timedelta)):
        return unusable(why.MONTHS_DATE, raw)
    else:
        reason = no_number(found)
        if reason:
            return unusable(reason, raw)
        bare, count = True, exact(found)
    if bare:
        factor = _months_each(unit)
        if factor is None:
            return unusable(why.MONTHS_HEADER, raw)
        count *= factor
    if not 0 <= count <= table().data["months"]["highest"]:
        return unusable(why.MONTHS_LIMIT, raw)
    return Clean(VALUE, exact(count), "", precision, raw)


@cache
def _months_each(unit: str) -> Fraction | None:
    """How many months one of a header's unit is; None for what is counted otherwise (天)."""
    text = compact(unit or "").strip("()（）")
    if text in table().month_headers:
        return table().month_headers[text]
    other = header_unit(unit, "")
    return Fraction(1) if other and other.base in ("", "元") else None


_NAMED_MONTH = re.compile(r"\d{1,2}月份?", re.ASCII)
_HALF = Fraction(1, 2)


def _months(text: str) -> tuple[int | Fraction | str, str]:
    """The months in a text and their precision, or why there are none."""
    words = table()
    if text in words.month_words:
        return words.month_words[text], ""
    counted = _counted_months(text)
    if counted is not None:
        return counted, ""
    if text in words.months_vague:
        return why.MONTHS_UNCLEAR, ""
    between = words.months_between.fullmatch(text)
    if between:
        first, last = map(int, between.groups())
        if not (1 <= first <= 12 and 1 <= last <= 12):
            return why.MONTHS_UNCLEAR, ""
        return (last - first + 1, SPAN) if first <= last else (why.BACKWARDS, "")
    span = span_of(text)
    if span:
        return _months_of(*span)
    if _NAMED_MONTH.fullmatch(text):
        return why.MONTH_NAME, ""
    reason = why_no_amount(text)
    return (why.MONTHS_UNCLEAR if reason in (why.UNCLEAR, why.NOT_NUMBER, why.CHINESE, why.IS_DATE) else reason), ""


def _counted_months(text: str) -> Fraction | None:
    """The sum of parts such as 1年, 半, 2个月, the larger first."""
    words, total, place, before = table(), Fraction(0), 0, None
    while place < len(text):
        part = words.month_part.match(text, place)
        if not part:
            return None
        unit = words.month_units[part["unit"]] if part["unit"] else Fraction(1)
        if before is not None and unit >= before:
            return None
        count = Fraction(words.month_digits.get(part["number"], part["number"]))
        total += unit * (count + (_HALF if part["half"] or part["within"] else 0))
        place, before = part.end(), unit
        if text[place : place + 1] in ("零", "又"):
            place += 1
    return total if before is not None else None


def _months_of(start: Moment, end: Moment | str) -> tuple[int | str, str]:
    if isinstance(end, str) or YEAR in (start.precision, end.precision):
        return why.MONTHS_UNCLEAR, ""
    if start.day.day != 1 or end.last.day != calendar.monthrange(end.last.year, end.last.month)[1]:
        return why.MONTHS_PART, ""
    if end.last < start.day:
        return why.BACKWARDS, ""
    return (end.last.year - start.day.year) * 12 + end.last.month - start.day.month + 1, SPAN
