"""Names of persons, and text that is shown as it stands."""
from __future__ import annotations

import datetime as dt
import re
import unicodedata
from decimal import Decimal
from typing import NamedTuple

from ...formulas import identity
from ...rules.arguments import fold
from . import reasons as why
from .content import after, content, kept, unarmoured, without_invisible
from .result import BLANK, VALUE, Clean, unusable
from .spellings import said, table


class Name(NamedTuple):
    """What names are compared on, and the name as it stands."""

    key: str
    shown: str


_HAN_NAME = re.compile("[\u4e00-\u9fff]{2,4}|[\u4e00-\u9fff]+·[\u4e00-\u9fff]+")
_USUAL_TEXT = re.compile("[\u4e00-\u9fffA-Za-z0-9][\u4e00-\u9fffA-Za-z0-9（）()，,。.、：:；;/·+-]*")
_SEVERAL_HAN = re.compile("[\u4e00-\u9fff]{2,}")
_REMARK = re.compile(r"\([^()]*\)")


#: quotation marks at the edges of a name are dirt, as armour is
_EDGES = "='\"‘’`"
_new = tuple.__new__


def usual_name(raw) -> Name | None:
    """The name in a cell of Chinese characters, with blanks within or around it, None for any other cell. For speed."""
    if raw.__class__ is not str:
        return None
    key = raw
    if not _HAN_NAME.fullmatch(raw):
        parts = raw.split()
        key = "".join(parts)
        if key == raw or not _HAN_NAME.fullmatch(key) or (len(parts) > 1 and min(map(len, parts)) > 1):
            return None
    return None if key in table().nothing else _new(Name, (key, raw))


@after(usual_name)
def name(raw, found) -> Clean:
    """A Name: the key has no blanks, one sign for every dot, width folded; shown is the cell as it stands."""
    if not isinstance(found, str):
        return unusable(why.NAME_NUMBER, raw)
    nothing = said(found, raw)
    if nothing:
        return nothing
    words = table()
    key = unarmoured(found)
    reason = ""
    while (shorter := _REMARK.sub("", key)) != key:
        key, reason = shorter, why.NAME_REMARK
    if sum(c.isdigit() for c in key) > 4:
        return unusable(why.NAME_NUMBER, raw)
    if words.masks.intersection(key):
        return unusable(why.NAME_MASKED, raw)
    if words.lost.intersection(key):
        return unusable(why.NAME_LOST, raw)
    if len([part for part in words.between.split(key) if part.strip()]) > 1:
        return unusable(why.NAME_SEVERAL, raw)
    parts = key.split()
    if len(parts) > 1 and all(_SEVERAL_HAN.fullmatch(part) for part in parts):
        reason = reason or why.NAME_BLANK
    # a mark that stood behind a blank belongs to the letter before it now
    key = unicodedata.normalize("NFC", key.replace(" ", "")).translate(words.dots)
    key = key.strip(words.dot + _EDGES)
    if not any(c.isalpha() or unicodedata.category(c) == "Co" for c in key):  # Co: rare characters of special fonts
        return unusable(why.NAME_NONE, raw)
    return Clean(VALUE, Name(key, raw), reason, "", raw)



@kept
def text(raw) -> Clean:
    """Text as it stands, without the blanks around it, runs of blanks as one, numbers without .0, days as ISO dates."""
    if usual_text(raw):
        return Clean(VALUE, raw, "", "", raw)
    found = content(raw)
    if found.__class__ is Clean:
        return found
    if isinstance(found, str):
        shown = unarmoured(" ".join(without_invisible(raw).split()))
        if table().is_nil(fold(shown)):
            return Clean(BLANK, raw=raw)
        return Clean(VALUE, shown, "", "", raw)
    if isinstance(found, bool):
        return Clean(VALUE, str(found).upper(), "", "", raw)
    if isinstance(found, dt.datetime):
        return Clean(VALUE, found.date().isoformat() if found.time() == dt.time() else str(found), "", "", raw)
    if isinstance(found, (int, float, Decimal)):
        if abs(found) >= identity.DISTORTED_FROM:
            return unusable(why.DISTORTED, raw)
        return Clean(VALUE, str(int(found) if found == int(found) else found), "", "", raw)
    if isinstance(found, (dt.date, dt.time)):
        return Clean(VALUE, str(found), "", "", raw)
    return unusable(why.NO_CELL, raw)


def usual_text(raw) -> str | None:
    """The text of a cell that stands as it is to be shown, None for any other cell. Made for speed."""
    if raw.__class__ is str and _USUAL_TEXT.fullmatch(raw):
        words = table()
        if len(raw) > words.longest_nil or (raw.isalnum() and raw.upper() not in words.nil):
            return raw
    return None
