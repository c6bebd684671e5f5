"""Which column is what: header texts against the table of fields.toml."""
from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path

from ..formulas.signatures import Signature
from ..rules.arguments import fold

FILE = Path(__file__).with_name("fields.toml")
_UNIT = re.compile(r"\((?:元|元/月|元/年|元/人|亩|天|月|个月|人|户|头|周岁|元/人/年)\)$")


@cache
def table() -> dict:
    with open(FILE, "rb") as stream:
        return tomllib.load(stream)


def header_key(text) -> str:
    """A header as headers are compared: folded, without a unit in brackets at its end."""
    return _UNIT.sub("", fold(str(text)))


@cache
def _common() -> dict[str, str]:
    """Header key -> field or argument, for the columns that mean the same everywhere."""
    known = {}
    for section in ("fields", "arguments"):
        for field, headers in table()[section].items():
            for header in headers:
                known.setdefault(header_key(header), field)
    return known


@cache
def known_headers() -> frozenset[str]:
    """Every header key that means something to somebody."""
    own = {header_key(h) for fields in table()["measures"].values() for hs in fields.values() for h in hs}
    return frozenset(_common()) | own


def find_columns(headers: list) -> dict[str, int]:
    """Field -> position of its column, for the columns that mean the same everywhere. The first of two equal headers
    counts."""
    found: dict[str, int] = {}
    for field, synonyms in (*table()["fields"].items(), *table()["arguments"].items()):
        keys = [header_key(header) for header in headers]
        for synonym in synonyms:
            if header_key(synonym) in keys:
                found[field] = keys.index(header_key(synonym))
                break
    return found


def measure_columns(signature: Signature, headers: list, alone=frozenset()) -> dict[str, int]:
    """Argument -> position, for the columns that belong to this measure alone: under a header of its own, the measure's
    name and the argument's, or the argument's only where it is among `alone` (no other measure takes it)."""
    keys = [header_key(header) for header in headers]
    own = table()["measures"].get(signature.name, {})
    found = {}
    for argument in signature.arguments:
        label, alias = argument.label, signature.alias
        candidates = [*own.get(argument.name, ()), f"{label}{alias}", f"{alias}{label}"]
        if argument.name in alone:
            candidates.append(label)
        for candidate in candidates:
            if header_key(candidate) in keys:
                found[argument.name] = keys.index(header_key(candidate))
                break
    return found


def header_hits(cells) -> int:
    """How many cells of a row are known headers."""
    return sum(1 for cell in cells if isinstance(cell, str) and header_key(cell) in known_headers())


def holds_data(cells) -> bool | None:
    """Is a row below the headers a row of data? None for an empty row, False for totals, notes and signatures."""
    words = table()["words"]
    first = next((str(cell) for cell in cells if cell is not None and str(cell).strip()), None)
    if first is None:
        return None
    first = "".join(first.split())
    return not (first in words["totals"] or first.startswith(tuple(words["notes"])))


def meant(header, cells: list) -> list:
    """Cells as they are meant under this header (是 under 风险是否已消除 means 已消除)."""
    meanings = table()["meanings"].get(header_key(header))
    if not meanings:
        return cells
    return [meanings.get(cell.strip(), cell) if isinstance(cell, str) else cell for cell in cells]
