"""What a check is: its entry in checks.toml, its function, and what the function is told and gives back."""
from __future__ import annotations

import datetime as dt
import importlib
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ...rules.sentence import day_text
from ..columns import Column
from ..fields import fields
from .facts import Facts

if TYPE_CHECKING:
    from ..reading import Ledger, LedgerTable

FILE = Path(__file__).with_name("checks.toml")
#: in the order in which doubts are worked on
SEVERITIES = ("错误", "疑点", "提示")
#: the modules in which the functions stand
MODULES = (
    "identity", "persons", "household", "monitoring", "income", "work", "measures", "payments", "deadlines", "workbook",
    "cells",
)  # fmt: skip
TABLE_KINDS = ("人员", "户", "务工", "发放", "其他")
_KEYS = {
    "title": str, "group": str, "severity": str, "about": str, "remedy": str, "source": str, "needs": list,
    "tables": list, "limits": dict, "blocks": bool,
}  # fmt: skip
_REQUIRED = ("title", "group", "severity", "about", "remedy", "source")


@dataclass(frozen=True)
class Check:
    """One rule that the rows of a ledger are held against.

    severity  错误 (cannot be), 疑点 (can hardly be), 提示 (worth a look)
    needs     fields without which it does not run; "a|b" is either; "=id" is any column of that kind
    tables    kinds of table it runs over; () is all
    limits    numbers that an office may change
    blocks    is what rests on the cell not computed until the doubt is settled?
    whole     does it look at the whole ledger, not at one table?
    """

    name: str
    title: str
    group: str
    severity: str
    about: str
    remedy: str
    source: str
    needs: tuple[str, ...] = ()
    tables: tuple[str, ...] = ()
    limits: Mapping[str, float] = field(default_factory=dict, hash=False)
    blocks: bool = False
    whole: bool = False
    place: int = field(default=0, compare=False)  # in checks.toml
    function: Callable | None = field(default=None, compare=False, repr=False)

    def runs_over(self, table: LedgerTable) -> bool:
        """Is it the right kind of table, with all the columns?"""
        if self.tables and table.kind not in self.tables:
            return False
        return not any(map(table.offers.isdisjoint, self._alternatives))

    @cached_property
    def _alternatives(self) -> list[list[str]]:
        return [need.split("|") for need in self.needs]


@dataclass(frozen=True)
class Found:
    """What a function gives back: cells of one column in which something is wrong.

    rows    of the table, ascending; empty where the column or the sheet as a whole is meant
    texts   what is wrong with the cell, for all rows or one per row
    """

    table: LedgerTable
    rows: np.ndarray
    column: Column | None
    texts: str | Sequence[str]


class PerRow(Sequence):
    """Texts that are made when they are asked for: a function of the row."""

    def __init__(self, rows: np.ndarray, text: Callable[[int], str]):
        self._rows, self._text = rows, text

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, place):
        if isinstance(place, slice):
            return [self._text(int(row)) for row in self._rows[place]]
        return self._text(int(self._rows[place]))


def at(table: LedgerTable, column: Column | str | None, which, texts) -> Found | None:
    """The rows in which something is wrong with the cell of a column; None where there are none.

    which   a bool array over all rows, or the rows
    texts   one text, or a function of the row
    """
    rows = which.nonzero()[0] if which.dtype == bool else which
    if not len(rows):
        return None
    if rows is which:
        rows = np.unique(rows)
    column = table.fields[column] if isinstance(column, str) else column
    return Found(table, rows, column, PerRow(rows, texts) if callable(texts) else texts)


def whole(table: LedgerTable, column: Column | str | None, text: str) -> Found:
    """Something is wrong with a column, or with the sheet (None)."""
    column = table.fields[column] if isinstance(column, str) else column
    return Found(table, np.empty(0, np.int64), column, text)


@dataclass
class Terms:
    """What a check goes by besides the table: its limits (terms["age"]), and

    day     on which ages and delays are reckoned, where a row has no 业务日期 of its own
    told    that day in words
    """

    ledger: Ledger
    day: dt.date
    told: str
    every: Mapping[str, Mapping[str, float]]  # the limits of all checks
    check: str = ""
    _facts: dict[int, Facts] = field(default_factory=dict)

    def __getitem__(self, name: str) -> float:
        return self.every[self.check][name]

    def of_check(self, name: str) -> Terms:
        """The same for another check."""
        return Terms(self.ledger, self.day, self.told, self.every, name, self._facts)

    def limit_of(self, check: str, name: str) -> float:
        """A limit of another check."""
        return self.every[check][name]

    def about(self, table: LedgerTable) -> Facts:
        """What several checks want to know of the rows of a table."""
        if id(table) not in self._facts:
            self._facts[id(table)] = Facts(table, self.day, self.told)
        return self._facts[id(table)]

    @classmethod
    def of_run(cls, ledger: Ledger, every: Mapping[str, Mapping[str, float]]) -> Terms:
        day, told = ledger.as_of, "业务日期"
        if not day:
            day, told = dt.date.today(), "今天"
        return cls(ledger, day, f"按{told}（{day_text(day)}）算", every)


_functions: dict[str, tuple[Callable, bool]] = {}


def check(name: str, whole: bool = False):
    """Register a function under the name of its entry in checks.toml.

    It takes (table, terms) or, over the whole ledger, (ledger, terms), and gives a Found, several, or None.
    """

    def keep(function: Callable[..., Found | Iterable[Found | None] | None]):
        if name in _functions:
            raise ValueError(f"checks: {name} has two functions")
        _functions[name] = function, whole
        return function

    return keep


@cache
def checks() -> dict[str, Check]:
    """Every check by its name, in the order of checks.toml. Raises ValueError with all mistakes."""
    with open(FILE, "rb") as stream:
        data = tomllib.load(stream)
    for module in MODULES:
        importlib.import_module(f".{module}", __package__)
    mistakes = [f"{name}: no function" for name in data if name not in _functions]
    mistakes += [f"{name}: no entry" for name in _functions if name not in data]
    for name, entry in data.items():
        mistakes += [f"{name}: {text}" for text in _wrong(entry)]
    if mistakes:
        raise ValueError("checks.toml:\n" + "\n".join(mistakes))
    found = {}
    for place, (name, entry) in enumerate(data.items()):
        lists = {key: tuple(entry.get(key, ())) for key in ("needs", "tables")}
        function, over_all = _functions[name]
        found[name] = Check(name, **{**entry, **lists}, place=place, whole=over_all, function=function)
    return found


def _wrong(entry: dict):
    for key, value in entry.items():
        if key not in _KEYS:
            yield f"unknown key {key}"
        elif not isinstance(value, _KEYS[key]):
            yield f"{key} is no {_KEYS[key].__name__}"
    yield from (f"lacks {key}" for key in _REQUIRED if not entry.get(key))
    if entry.get("severity") not in SEVERITIES:
        yield f"severity is not one of {SEVERITIES}"
    yield from (f"there is no kind of table {kind}" for kind in entry.get("tables", ()) if kind not in TABLE_KINDS)
    for need in entry.get("needs", ()):
        known = (one in fields() or one.startswith("=") for one in need.split("|"))
        if not all(known):
            yield f"needs {need}, which is no field"
    for name, limit in entry.get("limits", {}).items():
        if isinstance(limit, bool) or not isinstance(limit, (int, float)):
            yield f"limit {name} is no number"


def groups() -> dict[str, list[Check]]:
    """The checks by group, in the order of checks.toml."""
    found: dict[str, list[Check]] = {}
    for one in checks().values():
        found.setdefault(one.group, []).append(one)
    return found
