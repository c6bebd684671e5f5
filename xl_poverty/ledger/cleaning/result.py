"""What a cell means: a value, a blank, or nothing that can be used."""
from __future__ import annotations

from typing import Any, NamedTuple

VALUE, BLANK, UNUSABLE = "value", "blank", "unusable"

#: precisions of a date and of months
DAY, MONTH, YEAR, SPAN = "日", "月", "年", "起止"
UNTIL_NOW, LASTING = "至今", "长期"


class Clean(NamedTuple):
    """What a cell means.

    state      "value", "blank" or "unusable"
    value      the value; see each function for its shape
    reason     why it cannot be used and what to do, or a doubt beside a value
    precision  how far the value goes: 日, 月, 年, 起止, 至今, 长期 of a date; what an amount is for (月, 年, 人/年)
    raw        the cell as it stands; neither compared nor shown

    A tuple because ledgers have a hundred thousand of them and nothing is made faster; what it means is told by its
    names, not by its places.
    """

    state: str
    value: Any = None
    reason: str = ""
    precision: str = ""
    raw: Any = None

    def __eq__(self, other):
        return other.__class__ is Clean and self[:4] == other[:4]

    def __ne__(self, other):  # a tuple has its own
        return not self == other

    def __hash__(self):
        return hash(self[:4])

    def __repr__(self):
        shown = ", ".join(f"{name}={value!r}" for name, value in zip(self._fields, self[:4]))
        return f"Clean({shown})"


EMPTY = Clean(BLANK)


def unusable(reason: str, raw) -> Clean:
    return Clean(UNUSABLE, None, reason, "", raw)
