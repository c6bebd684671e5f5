"""Formulas that are written once for many cells."""

from __future__ import annotations

import re

from .references import MOST_COLUMNS, MOST_ROWS, Spot, column_of, letters_of

_REFERENCE = re.compile(
    r"""("(?:[^"]|"")*"|'(?:[^']|'')*'|\[[^\]]*\])"""  # texts, names of sheets, columns of tables
    r"""|(?<![\w.$])(\$?)([A-Z]{1,3})(\$?)([1-9]\d{0,6})(?![\w.(!])"""
    r"""|(?<![\w.$])(\$?)([A-Z]{1,3}):(\$?)([A-Z]{1,3})(?![\w.(!$])"""
    r"""|(?<![\w.$])(\$?)([1-9]\d{0,6}):(\$?)([1-9]\d{0,6})(?![\w.(!$])"""
)


def moved(formula: str, down: int, right: int) -> str:
    """A formula as it reads when it is copied to another cell."""

    def column(fixed: str, letters: str) -> str:
        place = column_of(letters) + (0 if fixed else right)
        return fixed + letters_of(place) if 0 <= place < MOST_COLUMNS else "#REF!"

    def row(fixed: str, digits: str) -> str:
        place = int(digits) + (0 if fixed else down)
        return f"{fixed}{place}" if 1 <= place <= MOST_ROWS else "#REF!"

    def one(match):
        if match[1] is not None:
            return match[1]
        if match[3] is not None:
            parts = column(match[2], match[3]), row(match[4], match[5])
            return "#REF!" if "#REF!" in parts else "".join(parts)
        if match[7] is not None:
            return f"{column(match[6], match[7])}:{column(match[8], match[9])}"
        return f"{row(match[10], match[11])}:{row(match[12], match[13])}"

    return _REFERENCE.sub(one, formula)


class Formulas:
    """The texts of a sheet's formulas."""

    def __init__(self):
        self.found: dict[Spot, str] = {}
        self._shared: dict[str, tuple[Spot, str]] = {}
        self._waiting: list[tuple[Spot, str]] = []

    def add(self, spot: Spot, text: str, kind: str, attrs: dict):
        group = attrs.get("si") if kind == "shared" else None
        if kind == "dataTable":
            inputs = (
                (attrs.get("r1", ""), attrs.get("r2", ""))
                if attrs.get("dt2D") in ("1", "true")
                else (("", attrs.get("r1", "")) if attrs.get("dtr") not in ("1", "true") else (attrs.get("r1", ""), ""))
            )
            text = f"TABLE({','.join(inputs)})"
        elif group is not None and text:
            self._shared[group] = (spot, text)
        elif group is not None:
            self._waiting.append((spot, group))
        self.found[spot] = f"={text}"

    def done(self) -> dict[Spot, str]:
        for (row, column), group in self._waiting:
            if group in self._shared:
                (top, left), text = self._shared[group]
                self.found[row, column] = f"={moved(text, row - top, column - left)}"
        return self.found
