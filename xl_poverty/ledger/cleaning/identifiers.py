"""Identity numbers, phones, accounts, and the keys of households and persons: digits that are no numbers."""
from __future__ import annotations

import datetime as dt
import re
from functools import lru_cache
from operator import mul
from typing import NamedTuple

from ...errors import CellError
from ...formulas import identity
from . import reasons as why
from .amounts import EXPONENT_FORM
from .content import KEPT, after, content, kept, no_number, unarmoured
from .result import VALUE, Clean, unusable
from .spellings import said, table


class PersonNumber(NamedTuple):
    """The 18 characters on which a person is joined, and category and level of a disability certificate behind them."""

    key: str
    disability: tuple[str, str] | None = None


# ---- identity numbers

_WHOLE_NUMBER = re.compile(r"[1-9]\d{16}[\dX](?:[1-7][1-4](?:B\d)?)?", re.ASCII)
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_WEIGHT_OF_ZEROS = ord("0") * sum(WEIGHTS)
CHECK_DIGITS = "10X98765432"


@kept
def person_number(raw) -> Clean:
    """A PersonNumber: the 18 characters, and what the tail of 20 or 22 says.

    The form decides, so that somebody mistyped alike in two tables stays one person; a wrong check digit or day, or a
    number of 15 digits, is a value with the reason beside it.
    """
    if raw.__class__ is str and _WHOLE_NUMBER.fullmatch(raw) and is_right(raw):
        return Clean(VALUE, PersonNumber(raw[:18], identity.disability(raw) if len(raw) > 18 else None), "", "", raw)
    found = content(raw)
    if found.__class__ is Clean:
        return found
    if isinstance(found, str):
        nothing = said(found, raw)
        if nothing:
            return nothing
        number = found.upper()
        if _WHOLE_NUMBER.fullmatch(number) and is_right(number):
            return Clean(VALUE, PersonNumber(number[:18], identity.disability(number)), "", "", raw)
    elif isinstance(found, bool) or no_number(found):
        return unusable("不是证件号码，请填18位号码", raw)
    try:
        mistake = identity.id_check(found)
    except CellError as error:
        mistake = error.message
    if mistake in (identity.CORRECT, "未填"):
        mistake = ""
    key = identity.person_number(found)
    if key is None or mistake == why.DISTORTED or "失真" in mistake:
        return unusable(_with_remedy(mistake or "不是证件号码"), raw)
    if mistake == why.OLD_NUMBER and len(set(key[:6] + key[8:17])) == 1:
        return unusable(why.FILLER, raw)
    return Clean(VALUE, PersonNumber(key, identity.disability(found)), mistake and _with_remedy(mistake), "", raw)


def _with_remedy(mistake: str) -> str:
    return mistake if "请" in mistake else f"{mistake}，请按证件核对"


def is_right(number: str) -> bool:
    """Is a number of the right form without mistake? What is not is looked at by `identity`."""
    weighed = sum(map(mul, number.encode(), WEIGHTS))  # of the first 17
    return (
        CHECK_DIGITS[(weighed - _WEIGHT_OF_ZEROS) % 11] == number[17]
        and _is_birth(number[6:14])
        and not number.startswith("999999")
    )


@lru_cache(maxsize=KEPT)
def _is_birth(digits: str) -> bool:
    try:
        return dt.date(int(digits[:4]), int(digits[4:6]), int(digits[6:])).year >= 1900
    except ValueError:
        return False


# ---- phones and accounts

_PHONE = re.compile(r"(?:\+?86|0086)?(1[3-9]\d{9})|(0\d{2,3})?([2-9]\d{6,7})|([48]00\d{7})", re.ASCII)
_MOBILE = re.compile(r"1[3-9]\d{9}", re.ASCII)
_PHONE_DIRT = re.compile(r"[ ()\-—–]")


def usual_phone(raw) -> tuple[str] | None:
    """The number in a cell that is a mobile phone's and nothing else, None for any other cell. Made for speed."""
    kind = raw.__class__
    if kind is str:
        return (raw,) if _MOBILE.fullmatch(raw) else None
    if (kind is int or kind is float) and 13_000_000_000 <= raw < 20_000_000_000 and raw == int(raw):
        return (str(int(raw)),)
    return None


@after(usual_phone)
def phone(raw, found) -> Clean:
    """The phone numbers of a cell, a tuple of texts of digits without the dirt between them, each once."""
    if not isinstance(found, str):
        if isinstance(found, bool) or no_number(found) or found != int(found):
            return unusable(why.PHONE, raw)
        found = str(int(found))
    text = unarmoured(found)
    nothing = said(text, raw)
    if nothing:
        return nothing
    words = table()
    if words.masks.intersection(text):
        return unusable(why.PHONE_MASKED, raw)
    if EXPONENT_FORM.fullmatch(text.upper()):
        return unusable(why.PHONE_DISTORTED, raw)
    numbers: dict[str, None] = {}
    for part in words.between.split(text.removesuffix(".0")):
        if not part.strip():
            continue
        read = [_phone(part)]
        if read == [None]:
            read = [_phone(piece) for piece in part.split()]
        if not read or None in read:
            return unusable(why.PHONE, raw)
        numbers.update(dict.fromkeys(read))
    return Clean(VALUE, tuple(numbers), "", "", raw) if numbers else unusable(why.PHONE, raw)



def _phone(text: str) -> str | None:
    parts = _PHONE.fullmatch(_PHONE_DIRT.sub("", text).removesuffix(".0"))
    return parts and (parts[1] or parts[4] or (parts[2] or "") + parts[3])


_ACCOUNT = re.compile(r"\d{12,23}", re.ASCII)
_KEPT_DIGITS = 15


def _digits(raw) -> str | None:
    """Digits as text, from text of nothing else or from a number that has kept all of them."""
    kind = raw.__class__
    if kind is str:
        return raw if raw.isdecimal() and raw.isascii() else None
    if (kind is int or kind is float) and 0 <= raw < identity.DISTORTED_FROM and raw == int(raw):
        return str(int(raw))
    return None


def usual_account(raw) -> str | None:
    """The digits in a cell that is an account and no identity number, with all its digits; None for any other cell, and
    for 18 digits, which may be either. Made for speed."""
    digits = _digits(raw)
    if digits is None or not 12 <= len(digits) <= 23 or len(digits) == 18:
        return None
    return None if len(digits) > 18 and digits.endswith("000") else digits


@after(usual_account)
def account(raw, found) -> Clean:
    """An account or card number, 12 to 23 digits as text."""
    if not isinstance(found, str):
        if isinstance(found, bool) or no_number(found):
            return unusable(why.ACCOUNT, raw)
        if abs(found) >= identity.DISTORTED_FROM:
            return unusable(why.ACCOUNT_DISTORTED, raw)
        found = str(int(found)) if found == int(found) else ""
    text = re.sub(r"[ \-]", "", unarmoured(found))
    nothing = said(found, raw) if found else None
    if nothing:
        return nothing
    if EXPONENT_FORM.fullmatch(text.upper()):
        return unusable(why.ACCOUNT_DISTORTED, raw)
    if not _ACCOUNT.fullmatch(text):
        return unusable(why.ACCOUNT_ID if identity.person_number(text) else why.ACCOUNT, raw)
    if len(text) >= _KEPT_DIGITS + 3 and not text[_KEPT_DIGITS:].strip("0"):
        return unusable(why.ACCOUNT_ZEROS, raw)
    if len(text) == 18 and _WHOLE_NUMBER.fullmatch(text) and is_right(text):
        return unusable(why.ACCOUNT_ID, raw)
    return Clean(VALUE, text, "", "", raw)



# ---- keys

_KEY = re.compile(r"(?=.*\d)[0-9A-Z\u4e00-\u9fff](?:[-_./]?[0-9A-Z\u4e00-\u9fff]+)*", re.ASCII)


def usual_key(raw) -> str | None:
    """The key in a cell that is digits, too few for an identity number; None for any other cell. Made for speed."""
    digits = _digits(raw)
    return digits if digits and len(digits) < 18 else None


@after(usual_key)
def key(raw, found) -> Clean:
    """What a system counts a household or a person by (户编号, 人口编号): text of digits, letters and strokes, without
    blanks, letters upper case. An ID number is its 18 characters, with a doubt."""
    if isinstance(found, str):
        nothing = said(found, raw)
        if nothing:
            return nothing
        text = found.replace(" ", "").upper()
        if EXPONENT_FORM.fullmatch(text):
            return unusable(why.KEY_DISTORTED, raw)
        if _WHOLE_FLOAT.fullmatch(text):
            text = text.partition(".")[0]
    else:
        if isinstance(found, bool) or no_number(found) or found < 0 or found != int(found):
            return unusable(why.KEY, raw)
        if found >= identity.DISTORTED_FROM:
            return unusable(why.KEY_DISTORTED, raw)
        text = str(int(found))
    if not _KEY.fullmatch(text):
        return unusable(why.KEY, raw)
    if _WHOLE_NUMBER.fullmatch(text) and is_right(text):
        return Clean(VALUE, text[:18], why.KEY_ID, "", raw)
    return Clean(VALUE, text, "", "", raw)


_WHOLE_FLOAT = re.compile(r"\d+\.0+", re.ASCII)
