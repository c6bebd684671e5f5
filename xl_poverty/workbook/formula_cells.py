"""The formulas of a sheet and what they showed last, from its XML, piece by piece."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from ..errors import CellError
from .references import Area, area_of
from .shared_formulas import moved
from .xml_text import Unusual, decoded_text, entities

_ATTRIBUTE = re.compile(rb"""([\w:.-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")


class FormulaCell(NamedTuple):
    """A cell with a formula, zero-based.

    text     without "="; that of a shared formula as it stands in this cell; of a table of results its input cells
    kind     "" of one cell, "array", "shared" (the cell that holds it for others) or "dataTable"
    area     cells that an array formula or a table of results fills
    value    the result in the file: number, text, truth value, CellError; None where there is none
    group    of a shared formula, also in the cells that do not hold it
    """

    row: int
    column: int
    text: str
    kind: str
    area: Area | None
    value: object
    group: str = ""


def attributes(tag: bytes) -> dict[str, str]:
    return {key.decode(): entities((double or single).decode()) for key, double, single in _ATTRIBUTE.findall(tag)}


class FormulaReader:
    """Finds formulas in whole rows of a sheet. Raises Unusual where a cell does not say its place (r="B7")."""

    def __init__(self, prefix: bytes = b""):
        self.mark = b"<%bf" % prefix
        self._cell = re.compile(
            rb"<%bc\s(?P<cell>[^>]*)>\s*<%bf\b(?P<attrs>[^>]*?)(?:/>|>(?P<text>[^<]*)</%bf\s*>)\s*(?P<rest>.*?)</%bc\s*>"
            % (prefix, prefix, prefix, prefix),
            re.DOTALL,
        )
        self._value = re.compile(rb"<%bv(?:\s[^>]*)?>([^<]*)<" % prefix)
        self._shared: dict[str, tuple[int, int, str]] = {}

    def read(self, rows: bytes) -> Iterator[FormulaCell]:
        if b"f" not in rows or self.mark not in rows:  # one letter is found much sooner than two
            return
        for match in self._cell.finditer(rows):
            cell = attributes(match["cell"])
            place = area_of(cell.get("r", ""))
            if place is None:
                raise Unusual
            row, column = place[:2]
            attrs = attributes(match["attrs"]) if match["attrs"] else {}
            text = entities((match["text"] or b"").decode())
            kind, area = attrs.get("t", ""), area_of(attrs["ref"]) if "ref" in attrs else None
            if kind == "dataTable":
                text = ",".join(attrs[key] for key in ("r1", "r2") if key in attrs)
            group = attrs.get("si", "") if kind == "shared" else ""
            if kind == "shared":
                if text:
                    self._shared[group] = row, column, text
                elif group in self._shared:
                    top, left, text = self._shared[group]
                    text, kind, area = moved(text, row - top, column - left), "", None
            value = self._result(cell, match["rest"])
            yield FormulaCell(row, column, text, "" if kind == "normal" else kind, area, value, group)

    def _result(self, cell: dict, rest: bytes):
        found = self._value.search(rest)
        kind = cell.get("t", "n")
        if found is None:
            return "" if kind == "str" and rest else None
        text = entities(found[1].decode())
        if kind == "b":
            return text.strip() in ("1", "true")
        if kind == "e":
            return CellError("excel_error", f"单元格是错误值{text}", text)
        if kind == "n":
            try:
                number = float(text)
            except ValueError:
                return None
            return int(number) if number.is_integer() and abs(number) < 2**53 else number
        return decoded_text(text)
