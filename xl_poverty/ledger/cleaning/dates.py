"""Dates of every shape that ledgers have, with their precision; spans of them."""
from __future__ import annotations

import calendar
import datetime as dt
import re
from decimal import Decimal
from functools import cache
from typing import NamedTuple

from . import reasons as why
from .content import NEVER_LONGER, compact, content, kept
from .result import DAY, LASTING, MONTH, SPAN, VALUE, YEAR, Clean, unusable
from .spellings import said, table


class Moment(NamedTuple):
    day: dt.date
    precision: str

    @property
    def last(self) -> dt.date:
        """Its last day."""
        year, month, _ = self.day.timetuple()[:3]
        if self.precision == YEAR:
            return dt.date(year, 12, 31)
        return self.day.replace(day=calendar.monthrange(year, month)[1]) if self.precision == MONTH else self.day


def date(raw) -> Clean:
    """A date, the first day of a month or year, with its precision 日, 月 or 年.

    A span is (first day, last day) with 起止; (first day, None) with 至今 or 长期 where it is open; None with these
    where no beginning stands there.
    """
    day = usual_day(raw)
    if day is not None:
        return Clean(VALUE, day, "", DAY, raw)
    if raw.__class__ is dt.datetime or raw.__class__ is dt.date:  # not kept: equal times of two zones are two days
        return _moment_of(raw, raw)
    return _date(raw)


def usual_day(raw) -> dt.date | None:
    """The day in a cell that is a date, a serial, 20230201 or 2023-02-01, None for any other cell. Made for speed."""
    kind = raw.__class__
    if kind is str:
        if not (len(raw) == 8 and raw.isdecimal() or len(raw) == 10 and raw[4] == raw[7] == "-"):
            return None
        text = raw
    elif kind is dt.date or kind is dt.datetime:
        return raw.date() if kind is dt.datetime and _within(raw) else raw if _within(raw) else None
    elif kind is int or (kind is float and raw.is_integer()):
        if _CLEAR_SERIAL <= raw <= LAST_SERIAL:
            return EPOCH + dt.timedelta(int(raw))
        if not 10_000_000 <= raw < 100_000_000:
            return None
        text = str(int(raw))
    else:
        return None
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        return None
    return day if _within(day) else None


def _within(day: dt.date) -> bool:
    first, last = _years()
    return first <= day.year <= last


@cache
def _years() -> tuple[int, int]:
    limits = table().data["dates"]
    return limits["first_year"], limits["last_year"]


@kept
def _date(raw) -> Clean:
    found = content(raw)
    if found.__class__ is Clean:
        return found
    if isinstance(found, dt.date):
        return _moment_of(found, raw)
    if isinstance(found, (float, Decimal)) and found == int(found):
        found = int(found)
    if found.__class__ is int:
        found = str(found)
    elif isinstance(found, (float, Decimal)):
        if FIRST_SERIAL <= found < LAST_SERIAL + 1:  # with a time of day
            return Clean(VALUE, EPOCH + dt.timedelta(days=int(found)), "", DAY, raw)
        found = str(found)
    if not isinstance(found, str):
        return unusable(why.DATE_UNCLEAR, raw)
    return _dated(found, raw)


def _moment_of(found: dt.date, raw) -> Clean:
    if found.year == dt.MAXYEAR:
        return Clean(VALUE, None, "", LASTING, raw)
    if not _within(found):
        return unusable(why.YEAR_LIMIT, raw)
    return Clean(VALUE, dt.date(found.year, found.month, found.day), "", DAY, raw)


EPOCH = dt.date(1899, 12, 30)
#: serials from 1927 on; smaller numbers are years or mistakes
FIRST_SERIAL, LAST_SERIAL = 10000, 73050
#: below it a serial may be a year and a month without its 0: 20233
_CLEAR_SERIAL = 21000
_TIME = re.compile(r"(?<=\d)日?(?: |T| T)\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?Z?$", re.ASCII)
_FULL = re.compile(r"(\d{4})(?:([-/.])(\d{1,2})\2(\d{1,2})|年(\d{1,2})月(\d{1,2})[日号]?)", re.ASCII)
_YEAR_MONTH = re.compile(r"(\d{4})(?:([-/.])(\d{1,2})|年(\d{1,2})月份?)", re.ASCII)
_YEAR = re.compile(r"(\d{4})(?:年度?)?", re.ASCII)
_ALL_DIGITS = re.compile(r"(\d{4,8})(?:\.0+)?", re.ASCII)
_SHORT_YEAR = re.compile(r"\d{2}(?:年\d{1,2}月.*|([-/.])\d{1,2}\1\d{1,2})", re.ASCII)
_YEARLESS = re.compile(r"(\d{1,2})月份?(?:(\d{1,2})[日号]?)?|(\d{1,2})([-/.])(\d{1,2})", re.ASCII)


def _dated(text: str, raw) -> Clean:
    nothing = said(text, raw)
    if nothing:
        return nothing
    if len(text) > NEVER_LONGER:
        return unusable(why.DATE_UNCLEAR, raw)
    text = compact(_TIME.sub("", text))
    words = table()
    if text in words.open_dates:
        return Clean(VALUE, None, "", words.open_dates[text], raw)
    found = _moment(text)
    if isinstance(found, Moment):
        parts = _YEAR_MONTH.fullmatch(text)
        if parts and parts[2] == "." and parts[3] == "1":  # 2023.10 loses its 0 in a number
            return unusable(why.ONE_OR_TEN, raw)
        return Clean(VALUE, found.day, "", found.precision, raw)
    if found is None:
        span = span_of(text)
        if span:
            start, end = span
            if isinstance(end, str):
                return Clean(VALUE, (start.day, None), "", end, raw)
            if end.last < start.day:
                return unusable(why.BACKWARDS, raw)
            return Clean(VALUE, (start.day, end.last), "", SPAN, raw)
        found = why.SHORT_YEAR if _SHORT_YEAR.fullmatch(text) else why.DATE_UNCLEAR
    return unusable(found, raw)


def _moment(text: str) -> Moment | str | None:
    """A day, month or year; a reason where it is one that cannot be; None where the text has another shape."""
    parts = _ALL_DIGITS.fullmatch(text)
    if parts:
        return _moment_in_digits(parts[1])
    parts = _FULL.fullmatch(text)
    if parts:
        return _made(parts[1], parts[3] or parts[5], parts[4] or parts[6], DAY)
    parts = _YEAR_MONTH.fullmatch(text)
    if parts:
        return _made(parts[1], parts[3] or parts[4], "1", MONTH)
    parts = _YEAR.fullmatch(text)
    return _made(parts[1], "1", "1", YEAR) if parts else None


def _moment_in_digits(digits: str) -> Moment | str:
    match len(digits):
        case 8:
            return _made(digits[:4], digits[4:6], digits[6:], DAY)
        case 6:
            return _made(digits[:4], digits[4:], "1", MONTH)
        case 4:
            return _made(digits, "1", "1", YEAR)
        case 5 if digits[:2] in ("19", "20") and digits[4] != "0":
            return why.MONTH_OR_SERIAL  # 20233 is a day in 1955, or March 2023
        case 5 if FIRST_SERIAL <= int(digits) <= LAST_SERIAL:
            return Moment(EPOCH + dt.timedelta(days=int(digits)), DAY)
    return why.DATE_UNCLEAR


def _made(year: str, month: str, day: str, precision: str) -> Moment | str:
    first, last = _years()
    if not first <= int(year) <= last:
        return why.YEAR_LIMIT
    try:
        return Moment(dt.date(int(year), int(month), int(day)), precision)
    except ValueError:
        return why.NO_SUCH_DAY


def span_of(text: str) -> tuple[Moment, Moment | str] | None:
    """The two ends of a span; the second is 至今 or 长期 where it is open. None where there are no two ends, or several
    ways to cut them."""
    words = table()
    parts = words.months_of_year.fullmatch(text)
    if parts:
        text = f"{parts[1]}年{parts[2]}月-{parts[1]}年{parts[3]}月"
    found = set()
    for cut in words.dash.finditer(text):
        left = text[: cut.start()]
        start = _moment(left)
        if not isinstance(start, Moment):
            continue
        for dash in words.dashes:
            if text.startswith(dash, cut.start()):
                right = text[cut.start() + len(dash) :]
                end = words.open_dates.get(right) or _end(right, left, start)
                if isinstance(end, (Moment, str)) and end not in (why.NO_SUCH_DAY, why.YEAR_LIMIT, why.DATE_UNCLEAR):
                    if end != why.MONTH_OR_SERIAL:
                        found.add((start, end))
    return found.pop() if len(found) == 1 else None


def _end(text: str, beginning: str, start: Moment) -> Moment | str | None:
    """The end of a span, which may leave out the year of its beginning."""
    parts = _YEARLESS.fullmatch(text)
    if not parts:
        return _moment(text)
    year = str(start.day.year)
    if parts[1]:
        if bool(parts[2]) != (start.precision == DAY):
            return None
        return _made(year, parts[1], parts[2] or "1", DAY if parts[2] else MONTH)
    same = _FULL.fullmatch(beginning)
    return _made(year, parts[3], parts[5], DAY) if same and same[2] == parts[4] else None
