"""Where a cell stands: C7 and its area, zero-based."""

from __future__ import annotations

import re

MOST_ROWS, MOST_COLUMNS = 1 << 20, 1 << 14

Spot = tuple[int, int]
Area = tuple[int, int, int, int]  # top, left, bottom, right
_AREA = re.compile(r"\$?([A-Z]{1,3})\$?(\d+)(?::\$?([A-Z]{1,3})\$?(\d+))?")


def column_of(letters) -> int:
    number = 0
    for letter in letters.encode() if isinstance(letters, str) else letters:
        number = number * 26 + letter - 64
    return number - 1


def letters_of(column: int) -> str:
    text, column = "", column + 1
    while column:
        column, digit = divmod(column - 1, 26)
        text = chr(65 + digit) + text
    return text


def area_of(reference: str) -> Area | None:
    found = _AREA.fullmatch(reference.strip())
    if not found:
        return None
    left, top, right, bottom = found.groups()
    right, bottom = right or left, bottom or top
    return int(top) - 1, column_of(left), int(bottom) - 1, column_of(right)
