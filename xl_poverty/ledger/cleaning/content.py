"""What all kinds of cells share: the content of a cell without the dirt around it, and how readings are kept."""
from __future__ import annotations

import datetime as dt
import math
import re
import unicodedata
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache, wraps
from typing import Any

from ...errors import CellError
from ...formulas import values
from . import reasons as why
from .result import BLANK, EMPTY, VALUE, Clean, unusable

#: text that is longer is no number, month or date, but a remark
NEVER_LONGER = 60
#: how many readings of a kind are kept
KEPT = 1 << 16


def kept(function: Callable[..., Clean]):
    """Keep the results of a function of a cell, and refuse what is no cell. 1, 1.0 and TRUE are different cells."""
    remembered = lru_cache(maxsize=KEPT, typed=True)(function)

    @wraps(function)
    def clean(raw, *rest, **named):
        try:
            return remembered(raw, *rest, **named)
        except TypeError:
            try:
                hash(raw)
            except TypeError:
                return unusable(why.NO_CELL, raw)
            raise

    return clean


def after(usual: Callable[[Any], Any]):
    """Make a function of (cell, content) one of a cell. `usual` finds the value in cells that need no second look; a
    cell whose content says all by itself (a blank, an error value) ends there."""

    def mark(function: Callable[[Any, Any], Clean]):
        @wraps(function)
        def clean(raw):
            value = usual(raw)
            if value:
                return Clean(VALUE, value, "", "", raw)
            found = content(raw)
            return found if found.__class__ is Clean else function(raw, found)

        del clean.__wrapped__  # it takes the cell alone
        return kept(clean)

    return mark


def plain_cell(raw):
    """A cell as it stands, but None for what pandas and NumPy leave where nothing is: NaN, NA, NaT."""
    kind = raw.__class__
    if kind in _NEVER_NIL:
        return raw
    if isinstance(raw, float):
        return None if math.isnan(raw) else raw
    if isinstance(raw, Decimal):
        return None if raw.is_nan() else raw
    if kind.__name__ in ("NAType", "NaTType"):
        return None
    return None if kind.__name__ in _NUMPY_WITH_NIL and raw != raw else raw


_NEVER_NIL = frozenset((str, int, bool, type(None)))
_NUMPY_WITH_NIL = ("datetime64", "timedelta64", "float32", "float16", "longdouble")


def content(raw):
    """The content of a cell: text without dirt, a finite number, a date; or the Clean that it already is."""
    if raw is None:
        return EMPTY
    if isinstance(raw, (str, CellError)):
        error = values.error_cell(raw.strip() if isinstance(raw, str) else raw, "")
        if error:
            add_in = "，公式要用的加载项可能没有装" if error.cell == "#NAME?" else ""
            return unusable(f"单元格是错误值{error.cell}{add_in}，请先改正", raw)
        text = unarmoured(plain_text(raw))
        return text or Clean(BLANK, raw=raw)
    if plain_cell(raw) is None:
        return Clean(BLANK, raw=raw)
    found = _unwrapped(raw)
    if isinstance(found, (float, Decimal)) and not math.isfinite(found):
        return unusable(why.INFINITE, raw)
    return found


def _unwrapped(raw):
    """A NumPy scalar as the Python value that it holds; a datetime64 of nanoseconds would be an integer."""
    if raw.__class__.__name__ == "datetime64":
        return raw.astype("datetime64[us]").item()
    return values.unwrap(raw)


def no_number(found) -> str:
    """Why content that is no text is no number either, or ""."""
    if isinstance(found, bool):
        return why.BOOLEAN
    if isinstance(found, (int, float, Decimal, Fraction)):
        return ""
    return why.IS_DATE if isinstance(found, (dt.date, dt.time, dt.timedelta)) else why.NO_CELL


# ---- text


def plain_text(text: str) -> str:
    """Text with its width folded, without invisible marks, every run of blanks one. Signs that are a number each (①, ²)
    stay as they are: ①500 is not 1500."""
    if not text.isascii():
        if not _NEVER_ODD.fullmatch(text) and any(map(_is_odd, text)):
            text = "".join(c if _is_odd(c) else unicodedata.normalize("NFKC", c) for c in text)
        else:
            text = unicodedata.normalize("NFKC", text)
    return " ".join(without_invisible(text).split())


#: ASCII, Chinese characters and their punctuation, full width
_NEVER_ODD = re.compile("[\\s!-~\u3001-\u301f\u4e00-\u9fff\uff01-\uff5e]*")


@lru_cache(maxsize=4096)
def _is_odd(character: str) -> bool:
    return unicodedata.category(character) in ("No", "So") and any(
        "0" <= c <= "9" for c in unicodedata.normalize("NFKC", character)
    )


def without_invisible(text: str) -> str:
    """Without the zero-width and control characters that web pages and exports leave; blanks stay."""
    if text.isprintable():
        return text
    return "".join(c for c in text if c.isspace() or unicodedata.category(c) not in ("Cf", "Cc"))


_QUOTED = re.compile(r'=?"+([^"]*)"+')


def unarmoured(text: str) -> str:
    """Without the ="…" and ' that exports put around text."""
    while text[:1] in _ARMOUR:
        quoted = _QUOTED.fullmatch(text)
        stripped = (quoted[1] if quoted else text.lstrip("'‘’`")).strip()
        if stripped == text:
            break
        text = stripped
    return text


_ARMOUR = frozenset("='\"‘’`")
_BLANKS = re.compile(r"(?<!\d) | (?!\d)", re.ASCII)


def compact(text: str) -> str:
    """Without blanks, but for those between digits: 500 600 is no 500600."""
    return _BLANKS.sub("", text).upper() if " " in text else text.upper()
