"""Amounts of money and other numbers, exact, with the units beside them and over them."""
from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction
from functools import cache
from math import gcd

from ...rules.arguments import TOO_LARGE
from ...rules.expressions import exact
from . import reasons as why
from .content import NEVER_LONGER, compact, content, kept, no_number, plain_text
from .result import VALUE, Clean, unusable
from .spellings import NO_UNIT, Unit, said, table

#: 007 is none
PLAIN_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d*)?|-?\.\d+", re.ASCII)


@kept
def money(raw, unit: str = "元") -> Clean:
    """An amount in 元, exact (int or Fraction). `unit` is that of the header: 元, 万元, 元/月. What it is for stands in
    the precision: 1500元/月 is 1500 with 月, and is not multiplied by anything."""
    return quantity(raw, header_unit(unit, "元"))


@kept
def number(raw, unit: str = "", of: str = "") -> Clean:
    """A number, exact (int or Fraction), in the base of its unit: 公顷 in 亩, percent as a fraction. `unit` is that of
    the header, `of` what is counted (亩, 人), which the units of header and cell have to agree with; "" takes whatever
    unit the cell has."""
    return quantity(raw, header_unit(unit, of))


@cache
def header_unit(unit: str, of: str) -> Unit | None:
    """The unit of a header of figures that count `of`; None for one that is not known, or counts something else."""
    own = _unit(of) or NO_UNIT
    if not _bare(unit):
        return own
    found = _unit(unit)
    if found is None:
        return None
    if not found.base:
        found = found._replace(base=own.base)
    return found if own.base in ("", found.base) else None


def _bare(unit: str) -> str:
    return compact(plain_text(unit or "")).strip("()")


def _unit(text: str) -> Unit | None:
    parts = table().unit_text.fullmatch(_bare(text))
    return _own_unit(parts) if parts else None


def _own_unit(parts: re.Match) -> Unit:
    words = table()
    base, factor = words.units[parts["unit"]] if parts["unit"] else ("", 1)
    if parts["times"]:
        factor *= words.multipliers[parts["times"]]
    told = parts["each"] + parts["per"]
    per = "/".join(dict.fromkeys(words.per[word] for word in words.each.findall(told))) if told else ""
    return Unit(base, factor, per)


def quantity(raw, header: Unit | None) -> Clean:
    found = usual_number(raw, header)
    if found is not None:
        return Clean(VALUE, found, "", header.per, raw)
    found = content(raw)
    if found.__class__ is Clean:
        return found
    if isinstance(found, str):
        nothing = said(found, raw)
        if nothing:
            return nothing
        amount = _amount(found)
        if isinstance(amount, str):
            return unusable(amount, raw)
        amount, own = amount
    else:
        reason = no_number(found)
        if reason:
            return unusable(reason, raw)
        amount, own = exact(found), NO_UNIT
    if header is None:
        return unusable(why.HEADER_UNIT, raw)
    if own.base and header.base and own.base != header.base:
        return unusable(f"单位应是{header.base}，与单元格里写的不同，请核对", raw)
    said_something = own.base or own.factor != 1
    if header.base == "比例" and not said_something and 0 < abs(amount) <= 1:
        return unusable(why.PERCENT, raw)  # 80% in a cell is the number 0.8
    if header.factor != 1 and said_something and own.factor != header.factor:
        return unusable("单元格里写的单位与表头的不同，请核对后统一", raw)
    if header.per and own.per and header.per != own.per:
        return unusable("单元格里写的按月、按年与表头的不同，请核对后统一", raw)
    if abs(amount) >= TOO_LARGE:
        return unusable(why.LARGE, raw)
    factor = own.factor if said_something else header.factor
    if factor != 1:
        amount = exact(amount * factor)
        if abs(amount) >= TOO_LARGE:
            return unusable(why.LARGE, raw)
    return Clean(VALUE, amount, "", own.per or header.per, raw)


def usual_number(raw, header: Unit | None) -> int | Fraction | None:
    """The exact number in a cell that is a plain one under a unit, None for any other cell. Made for speed."""
    if header is None or header.base == "比例":
        return None
    kind, bottom = raw.__class__, 1
    if kind is int:
        top = raw
    elif kind is float:
        if not -TOO_LARGE < raw < TOO_LARGE:
            return None
        if raw.is_integer():
            top = int(raw)
        else:
            top, bottom = _ratio(raw)
    elif kind is str:
        whole, dot, part = raw.partition(".")
        if not _is_plain(raw, whole, part):
            return None
        top = int(whole + part)
        if dot:
            bottom = 10 ** len(part)
    else:
        return None
    limit = TOO_LARGE * bottom
    if not -limit < top < limit:
        return None
    if header.factor != 1:
        top, bottom = top * header.factor.numerator, bottom * header.factor.denominator
        limit = TOO_LARGE * bottom
        if not -limit < top < limit:
            return None
    return top if bottom == 1 else quotient(top, bottom)


def _is_plain(text: str, whole: str, part: str) -> bool:
    """Is a text of the form PLAIN_NUMBER? Told of most by what stands before and behind the dot."""
    if len(text) > NEVER_LONGER:
        return False
    if whole.isdecimal() and (not part or part.isdecimal()) and text.isascii():
        return whole[0] != "0" or len(whole) == 1
    return bool(PLAIN_NUMBER.fullmatch(text))


def _ratio(number: float) -> tuple[int, int]:
    """A number as it is written, as a ratio of whole numbers."""
    if -_FEW_DIGITS < number < _FEW_DIGITS:
        top = round(number * 10_000)
        if top / 10_000 == number:  # no other decimal of up to 15 digits has this float for its nearest
            return top, 10_000
    return exact(number).as_integer_ratio()


#: a float below it has no more than 14 digits if it has four decimals
_FEW_DIGITS = 10**10


def quotient(top: int, bottom: int) -> int | Fraction:
    """A ratio in lowest terms; Fraction by itself takes three times as long to look at what it is given."""
    common = gcd(top, bottom)
    if common == bottom:
        return top // common
    found = _new(Fraction)
    found._numerator, found._denominator = top // common, bottom // common
    return found


_new = object.__new__


def plain_number(text: str) -> int | Fraction:
    """The exact value of a text of the form PLAIN_NUMBER."""
    whole, _, part = text.partition(".")
    return quotient(int(whole + part), 10 ** len(part))


def _amount(text: str) -> tuple[int | Fraction, Unit] | str:
    """The number in a text as it is written and the unit beside it, or why there is none."""
    if len(text) > NEVER_LONGER:
        return why.UNCLEAR
    words = table()
    text = compact(text)
    parts = words.quantity.fullmatch(text)
    if parts:
        digits = parts["number"].replace(",", "")
        own = _own_unit(parts)
        if parts["currency"]:
            if own.base not in ("", "元"):
                return why.UNCLEAR
            own = own._replace(base="元")
        if own.base == "比例" and parts["times"]:
            return why.UNCLEAR
        if parts["sign"] and parts["inner"]:
            return why.UNCLEAR
        if len(digits) > 1 and digits[0] == "0" and digits[1] != ".":
            return why.CODE
        amount = exact(Decimal(digits))
        return (-amount if (parts["sign"] or parts["inner"]) in words.minus else amount), own
    parts = words.bracketed.fullmatch(text)
    if parts:
        return -exact(Decimal(parts["number"].replace(",", ""))), NO_UNIT
    return why_no_amount(text)


_DATE_LIKE = re.compile(r"\d{4}(?:年\d|([-/.])\d{1,2}(?:\1\d{1,2})(?!\d))", re.ASCII)
EXPONENT_FORM = re.compile(r"\d(?:\.\d*)?E[+-]?\d+")
_DIGITS = re.compile(r"\d+(?:[.,]\d+)*", re.ASCII)
_CHINESE_DIGITS = frozenset("〇零一二两三四五六七八九十百千万亿壹贰叁肆伍陆柒捌玖拾佰仟")


def why_no_amount(text: str) -> str:
    words = table()
    groups = len(_DIGITS.findall(text))
    if not groups:
        return why.CHINESE if _CHINESE_DIGITS.intersection(text) else why.NOT_NUMBER
    if _DATE_LIKE.match(text):
        return why.IS_DATE
    if EXPONENT_FORM.fullmatch(text):
        return why.EXPONENT
    if groups == 2 and words.range.search(text):
        return why.RANGE
    for pattern, reason in ((words.bound, why.BOUND), (words.about, why.ABOUT), (words.spoken, why.SPOKEN)):
        if pattern.match(text) or (pattern is words.about and pattern.search(text)):
            return reason
    return why.SEVERAL if groups > 1 else why.UNCLEAR


