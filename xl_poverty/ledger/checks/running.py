"""Running checks over a ledger, and what they found as a list to work through."""
from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from typing import TYPE_CHECKING

import numpy as np

from ...errors import CellError, LedgerError
from ..columns import Column
from ..memory import no_collection
from ..reading import is_of_household
from .registry import SEVERITIES, Check, Found, Terms, checks, groups

if TYPE_CHECKING:
    from ..reading import Ledger, LedgerTable


@dataclass(frozen=True)
class Finding:
    """What one check found in one column of a table.

    rows    of the table, ascending; empty for a finding about the column or the sheet as a whole
    field   name of the column's field, None for a column of no use or for the sheet
    texts   what is wrong with the cell, for all rows or one per row; no personal data
    """

    check: Check
    table: LedgerTable
    rows: np.ndarray
    field: str | None
    column: Column | None
    texts: str | Sequence[str]

    def text(self, place: int) -> str:
        """What is wrong in the row of this place among `rows`."""
        return self.texts if isinstance(self.texts, str) else self.texts[place]


@dataclass(frozen=True)
class Doubt:
    """One line of the 疑点表.

    cell    D7; the column (D列) or "" for a finding about the whole column or sheet
    row     of the sheet, from 1; None for such a finding
    value   as shown; numbers of persons, phones and accounts are masked
    name    of the person, as it stands in the sheet
    """

    check: str
    title: str
    group: str
    severity: str
    sheet: str
    cell: str
    row: int | None
    value: str
    text: str
    remedy: str
    name: str


def run(
    ledger: Ledger,
    only: Iterable[str] | None = None,
    skip: Iterable[str] = (),
    limits: Mapping[str, Mapping[str, float]] | None = None,
) -> list[Finding]:
    """What the checks find in all tables of a ledger.

    only    names of checks or groups to run; None runs all but those that the office has switched off
    skip    names of checks or groups not to run
    limits  name of a check -> its limits that are to differ, before those of the office

    Raises LedgerError for names that are not known, and where a check itself fails.
    """
    settings = ledger.settings
    wanted = named(only) if only is not None else set(checks()) - named(settings.checks_off)
    wanted -= named(skip)
    own = _limits(settings.check_limits, limits or {})
    terms = Terms.of_run(ledger, {name: {**one.limits, **own.get(name, {})} for name, one in checks().items()})
    found: list[Finding] = []
    with no_collection():
        for one in map(checks().__getitem__, filter(wanted.__contains__, checks())):
            for place in [ledger] if one.whole else [t for t in ledger.tables if len(t) and one.runs_over(t)]:
                found += _run(one, place, terms.of_check(one.name))
    return found


def named(names: Iterable[str]) -> set[str]:
    """The checks of these names or titles, or of the groups of these names. Raises LedgerError."""
    known = _names()
    names = [names] if isinstance(names, str) else list(names)
    unknown = [name for name in names if name not in known]
    if unknown:
        raise LedgerError(f"没有检查项“{'、'.join(unknown)}”，分组有：{'、'.join(groups())}")
    return set().union(*(known[name] for name in names))


@cache
def _names() -> dict[str, set[str]]:
    """Name or title of a check, or name of a group -> names of checks."""
    of_group = {group: {one.name for one in members} for group, members in groups().items()}
    return {**{one.title: {one.name} for one in checks().values()}, **of_group, **{name: {name} for name in checks()}}


def _limits(*given: Mapping[str, Mapping[str, float]]) -> dict[str, dict[str, float]]:
    found: dict[str, dict[str, float]] = {}
    for limits in given:
        for name, numbers in limits.items():
            if name not in checks():
                raise LedgerError(f"没有检查项“{name}”，不能改它的界限")
            known = checks()[name].limits
            for limit, number in numbers.items():
                if limit not in known:
                    offered = f"可以改的有：{'、'.join(known)}" if known else "它没有界限"
                    raise LedgerError(f"检查项“{name}”没有界限“{limit}”，{offered}")
                if isinstance(number, bool) or not isinstance(number, (int, float)):
                    raise LedgerError(f"检查项“{name}”的界限“{limit}”应是数字")
                found.setdefault(name, {})[limit] = number
    return found


def _run(one: Check, place: Ledger | LedgerTable, terms: Terms) -> Iterator[Finding]:
    try:
        found = one.function(place, terms)
        found = [found] if isinstance(found, Found) else list(found or ())
    except Exception as error:  # a fault of ours, which must not pass for a ledger without doubts
        raise LedgerError(f"检查项“{one.title}”（{one.name}）没有运行成功，请把这句话报告给软件维护者") from error
    for part in filter(None, found):
        field = part.column.field.name if part.column is not None and part.column.field else None
        yield Finding(one, part.table, part.rows, field, part.column, part.texts)


# ---- as a list


def doubts(ledger: Ledger, findings: Iterable[Finding]) -> Iterator[Doubt]:
    """One line per cell that something is wrong with, in the order of work: severity, sheet, check, row.

    A cell merged over several rows is told once.
    """
    sheets = {id(sheet): place for place, sheet in enumerate(ledger.book.sheets)}

    def order(finding: Finding):
        sheet = sheets.get(id(finding.table.sheet), len(sheets))
        return SEVERITIES.index(finding.check.severity), sheet, finding.check.place

    for _, same in groupby(sorted(findings, key=order), order):
        lines = [line for finding in same for line in _lines(finding)]
        lines.sort(key=lambda line: line[0])
        yield from (doubt for _, doubt in lines)


def _lines(finding: Finding) -> Iterator[tuple[tuple[int, int], Doubt]]:
    """((row, column), line), in any order."""
    one, table, column = finding.check, finding.table, finding.column
    told = (one.name, one.title, one.group, one.severity, table.sheet.name)
    position = -1 if column is None else column.position
    if not len(finding.rows):
        cell = f"{column.letter}列" if column is not None else ""
        yield (-1, position), Doubt(*told, cell, None, "", finding.text(0), one.remedy, "")
        return
    names = table.person_names
    shown_in = None if column is None else _Shown(table, column)
    places, alike = _told_once(finding)
    for place, others in zip(places.tolist(), alike.tolist()):
        row = int(finding.rows[place])
        number = table.row_number(row)
        cell = table.place(row, column) if column is not None else ""
        value = shown_in(row) if shown_in else ""
        text = finding.text(place) + (f"；本户另有{others}行也是" if others else "")
        yield (number, position), Doubt(*told, cell, number, value, text, one.remedy, names[row])


def _told_once(finding: Finding) -> tuple[np.ndarray, np.ndarray]:
    """(places among the rows of a finding, for how many further rows of the household each stands).

    Rows that share a merged cell are told once, and so is what a household repeats on the rows of its members.
    """
    table, column = finding.table, finding.column
    places = np.arange(len(finding.rows))
    if column is None:
        return places, np.zeros(len(places), np.int64)
    cells = table.cells(column)
    if cells.spread.any():
        owner = np.maximum.accumulate(np.where(cells.spread, -1, np.arange(len(cells))))[finding.rows]
        places = np.sort(np.unique(owner, return_index=True)[1])
    alike = np.zeros(len(places), np.int64)
    if column.field is None or not is_of_household(column.field) or table.households is None:
        return places, alike
    rows = finding.rows[places]
    homes, codes = table.households.codes[rows], cells.codes[rows]
    alone = np.where(homes < 0, np.arange(len(rows)) + len(table.households), homes)
    together = alone.astype(np.int64) * (len(cells.distinct) + 1) + codes
    _, first, counts = np.unique(together, return_index=True, return_counts=True)
    order = np.argsort(first)
    return places[first[order]], counts[order] - 1


#: a run of digits that may be a number of a person, a phone or an account, wherever it stands; a 户编号 has up to 16
_NUMBER = re.compile(r"\d{11,}[Xx]?")
_LONGER = re.compile(r"\d{17,}[Xx]?")


class _Shown:
    """What stands in the cells of a column, in one line. Personal numbers keep at most 4 characters at the front and 2
    at the end."""

    def __init__(self, table: LedgerTable, column: Column):
        self._codes, self._values = table.raw(column)
        self._cells = table.cells(column)
        self._personal = column.field is not None and column.field.personal
        self._hidden = _LONGER if column.field is not None and column.field.kind == "key" else _NUMBER

    def __call__(self, row: int) -> str:
        raw = self._cells[row].raw
        if raw is None:
            raw = self._values[self._codes[row]]
        text = _text(raw)
        return masked(text) if self._personal else self._hidden.sub(lambda found: masked(found[0]), text)


def _text(raw) -> str:
    if raw is None:
        return ""
    if isinstance(raw, CellError):
        return raw.cell
    if isinstance(raw, bool):
        return str(raw).upper()
    if isinstance(raw, dt.datetime):
        return raw.date().isoformat() if raw.time() == dt.time() else raw.isoformat(" ")
    if isinstance(raw, float) and raw.is_integer():
        return str(int(raw))
    return " ".join(str(raw).split())


def masked(text: str) -> str:
    """A personal number that can be found again in the sheet, but not copied from the list."""
    front, back = min(4, len(text) // 3), min(2, len(text) // 5)
    return text[:front] + "*" * (len(text) - front - back) + text[len(text) - back :]


#: checks of cells without a value, beside those of the group 单元格
_OF_NO_VALUE = ("error_cell", "name_error", "formula_without_result")


def blocking() -> list[str]:
    """The checks of values whose findings are to be settled before anything is computed with them. A cell that has no
    value is an error to whoever takes it, without any check."""
    return [name for name, one in checks().items() if one.blocks and name not in _OF_NO_VALUE and one.group != "单元格"]


def blocked(ledger: Ledger, findings: Iterable[Finding]) -> dict[tuple[int, str], np.ndarray]:
    """(number of the table, field) -> per row: must its cell be settled before anything is computed from it?"""
    return {key: np.array([text is not None for text in why]) for key, why in why_blocked(ledger, findings).items()}


def why_blocked(ledger: Ledger, findings: Iterable[Finding]) -> dict[tuple[int, str], np.ndarray]:
    """(number of the table, field) -> per row what has to be settled first, None where nothing has."""
    places = {id(table): place for place, table in enumerate(ledger.tables)}
    found: dict[tuple[int, str], np.ndarray] = {}
    for finding in findings:
        if not finding.check.blocks or finding.field is None:
            continue
        key = places[id(finding.table)], finding.field
        if key not in found:
            found[key] = np.full(len(finding.table), None, object)
        why = found[key]
        rows = finding.rows.tolist() if len(finding.rows) else range(len(why))
        for place, row in enumerate(rows):
            if why[row] is None:
                why[row] = finding.text(place)
    return found
