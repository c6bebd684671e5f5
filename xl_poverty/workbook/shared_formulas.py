"""Formulas that are written once for many cells."""

from __future__ import annotations

import re
from functools import lru_cache

from .references import MOST_COLUMNS, MOST_ROWS, Spot, column_of, letters_of

_REFERENCE = re.compile(
    r"""("(?:[^"]|"")*"|'(?:[^']|'')*'|\[[^\]]*\])"""  # texts, names of sheets, columns of tables
    r"""|(?<![\w.$])(\$?)([A-Z]{1,3})(\$?)([1-9]\d{0,6})(?![\w.(!])"""
    r"""|(?<![\w.$])(\$?)([A-Z]{1,3}):(\$?)([A-Z]{1,3})(?![\w.(!$])"""
    r"""|(?<![\w.$])(\$?)([1-9]\d{0,6}):(\$?)([1-9]\d{0,6})(?![\w.(!$])"""
)


def moved(formula: str, down: int, right: int) -> str:
    """A formula as it reads when it is copied to another cell."""
    parts, lowest, highest = _across(formula, right)
    if lowest + down >= 1 and highest + down <= MOST_ROWS:  # as nearly always
        return "".join([part if part.__class__ is str else str(part + down) for part in parts])
    return _REFERENCE.sub(lambda match: match[1] or _reference(match, down, right), formula)


@lru_cache(maxsize=256)
def _across(formula: str, right: int) -> tuple[list[str | int], int, int]:
    """(a formula in other columns, in parts: texts, and rows that go down with it; the first and the last such row)."""
    parts: list[str | int] = []
    place = 0
    for match in _REFERENCE.finditer(formula):
        if match[1] is not None:
            continue
        parts.append(formula[place : match.start()])
        place = match.end()
        if match[11] is not None:
            for between, fixed, digits in (("", match[10], match[11]), (":", match[12], match[13])):
                parts += [between, _row(fixed, digits, 0) if fixed else int(digits)]
        elif match[3] is None or match[4] or _column(match[2], match[3], right) == "#REF!":
            parts.append(_reference(match, 0, right))
        else:
            parts += [_column(match[2], match[3], right), int(match[5])]
    parts.append(formula[place:])
    rows = [part for part in parts if isinstance(part, int)]
    return parts, min(rows, default=MOST_ROWS), max(rows, default=1)


def _column(fixed: str, letters: str, right: int) -> str:
    place = column_of(letters) + (0 if fixed else right)
    return fixed + letters_of(place) if 0 <= place < MOST_COLUMNS else "#REF!"


def _row(fixed: str, digits: str, down: int) -> str:
    place = int(digits) + (0 if fixed else down)
    return f"{fixed}{place}" if 1 <= place <= MOST_ROWS else "#REF!"


def _reference(match, down: int, right: int) -> str:
    if match[3] is not None:
        parts = _column(match[2], match[3], right), _row(match[4], match[5], down)
        return "#REF!" if "#REF!" in parts else "".join(parts)
    if match[7] is not None:
        return f"{_column(match[6], match[7], right)}:{_column(match[8], match[9], right)}"
    return f"{_row(match[10], match[11], down)}:{_row(match[12], match[13], down)}"


class Formulas:
    """The texts of a sheet's formulas. What each says is settled when they are asked for."""

    def __init__(self, by_place: bool = False):
        self.by_place = by_place  # the file has them in the order of their cells, however they are added
        self._texts: list[tuple[list[int], list[int], list[str]]] = []
        self._others: list[tuple[list[Spot], list[tuple[str, dict]]]] = []

    def add_texts(self, rows: list[int], columns: list[int], texts: list[str]):
        """Formulas that are written for one cell."""
        self._texts.append((rows, columns, texts))

    def add_all(self, spots: list[Spot], written: list[tuple[str, dict]]):
        """Formulas of any kind: their texts and attributes."""
        self._others.append((spots, written))

    def done(self) -> dict[Spot, str]:
        found: dict[Spot, str] = {}
        for rows, columns, texts in self._texts:
            found.update(zip(zip(rows, columns), map("=".__add__, texts)))
        written_out: list[tuple[Spot, str, str]] = []
        waiting: list[tuple[Spot, str]] = []
        for spots, written in self._others:
            for spot, (text, attrs) in zip(spots, written):
                kind, group = attrs.get("t"), attrs.get("si")
                if kind == "dataTable":
                    text = f"TABLE({','.join(_inputs(attrs))})"
                elif kind == "shared" and group is not None:
                    if text:
                        written_out.append((spot, group, text))
                    else:
                        waiting.append((spot, group))
                found[spot] = f"={text}"
        if self.by_place:
            written_out.sort()
        shared = {group: (spot, text) for spot, group, text in written_out}
        for (row, column), group in waiting:
            if group in shared:
                (top, left), text = shared[group]
                found[row, column] = f"={moved(text, row - top, column - left)}"
        return found


def _inputs(attrs: dict) -> tuple[str, str]:
    """The cells into which a table of results puts what stands above and left of it."""
    if attrs.get("dt2D") in ("1", "true"):
        return attrs.get("r1", ""), attrs.get("r2", "")
    return (attrs.get("r1", ""), "") if attrs.get("dtr") in ("1", "true") else ("", attrs.get("r1", ""))
