"""Filling a ledger: the clerk's workbook with the entitlements appended, in a copy or in itself."""
from __future__ import annotations

import io
import zipfile
from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from ..errors import CellError, LedgerError
from ..formulas.documents import documents
from ..formulas.office import current, using
from ..formulas.signatures import signatures
from ..rules.parameters import name_key
from ..workbook.changes import ColumnCells, SheetChanges
from ..workbook.fresh import fresh_workbook, sheet_names, table_workbook
from ..workbook.grafting import Graft
from ..workbook.references import letters_of
from ..workbook.saving import free_name, is_read_only, result_name, saved
from ..workbook.sheets import Protected
from ..workbook.styles import Look
from ..workbook.writing import Written, write_cells
from .entitlements import BASIS, SUMMED, Entitled, entitle
from .files import temporary_place
from .headers import header_key
from .paid import Due, settle
from .reading import Ledger, LedgerTable, read_ledger
from .rosters import Paid, read_paid
from .rows import Rows, ready_rows
from .settings import SHEET as SETTINGS_SHEET

#: columns of the results that stand in a workbook of their own, beside those of the results
RESULTS_SHEET, RESULTS_ROW = "核算结果", "台账行号"
_WHO = ("household_id", "name", "id_number")


class NothingToFill(LedgerError):
    """No measure can be reckoned for this ledger; the message says why."""


@dataclass
class Filled:
    """What `fill` did.

    target      where the results are, and whether that is the ledger itself
    backup      the file as it was before, where one was replaced
    households  (reckoned, waiting for something to be put right), None where nobody can tell
    """

    target: Path
    sheet: str
    rows: int
    entitled: Entitled
    remarks: list[str] = field(default_factory=list)
    first: list[tuple[int, str]] = field(default_factory=list)  # (row number, basis) of the first explained rows
    households: tuple[int, int] | None = None
    ledger: Ledger | None = None
    backup: Path | None = None
    in_place: bool = False
    unlocking: bool = False
    due: Due | None = None  # what is still due, where payments were given

    def output(self, found: LedgerTable, basis: str = BASIS) -> list[tuple[str, list]]:
        """(header, a value or CellError per row) of every column that goes beside the ledger."""
        told = []
        for header, cells in self.entitled.output(basis):
            told.append((header, cells))
            for one in self.due.columns.values() if self.due else ():
                if header == one.column.header:
                    told += zip(_paid_headers(found, one.column.signature.alias), (one.paid, one.due))
        return told


def default_target(source: Path) -> Path:
    """<name>_已核算.xlsx beside the ledger, .xlsm where it has macros."""
    return source.with_name(f"{source.stem}_已核算{'.xlsm' if _has_macros(source) else '.xlsx'}")


def _has_macros(source: Path) -> bool:
    try:
        with zipfile.ZipFile(source) as package:
            return b"macroEnabled" in package.read("[Content_Types].xml")
    except (OSError, KeyError, zipfile.BadZipFile):  # no .xlsx
        return False


def fill(
    source, target=None, policy: str = "", as_of=None, measures=None, sheet: str | None = None, progress=None,
    answers=None, in_place: bool = False, paid=(), unlocking: bool = False,
) -> Filled:  # fmt: skip
    """Append the entitlements to a copy of the ledger; with `in_place` to the ledger itself, a backup beside it.

    Nothing else in the workbook changes. Where it is protected, or may not be written to, the results go to a workbook
    of their own, <name>_核算结果.xlsx; with `unlocking` a sheet that is protected without a password is written to all
    the same. Defaults come from the workbook (names 政策, 业务日期, sheet 核算口径), then `policy`, `as_of` and
    `answers` (choices by the key of a question), then office.toml beside the ledger, then the user's. `paid`: rosters
    and national exports that tell what was paid; with them 已发 and 本次应发 stand beside 应享.
    Raises LedgerError, CellError (unknown_policy), PolicyError.
    """
    source = Path(source)
    target = source if in_place else Path(target) if target else default_target(source)
    check_paths(source, target, in_place)
    ledger = read_ledger(source, sheet, policy, answers, as_of)
    if in_place and ledger.kind != "xlsx":
        raise LedgerError(f"{source.name} 不是 .xlsx，不能直接写进去；不加 --in-place 时结果写到新的 .xlsx")
    found = main_table(ledger)
    rows, doubts = ready_rows(ledger, found)
    payments = _payments(paid, target, ledger, rows)
    entitled = entitle(rows, ledger.settings, None, measures, progress, payments)
    if not entitled.columns:
        why = "；".join(f"{alias}（{reason}）" for alias, reason in entitled.left_out.items())
        raise NothingToFill(f"没有可核算的事项：{why or f'{entitled.policy.short_name}的文件没有发到户到人的补贴金额'}")
    asked = dict(ledger=ledger, in_place=in_place, unlocking=unlocking)
    filled = Filled(target, found.sheet.name, len(found), entitled, **asked)
    filled.due = settle(rows, entitled, payments) if payments else None
    _write(filled, found)
    filled.households = _households(found, entitled)
    filled.remarks += [*_remarks(filled, found), *entitled.remarks, *(filled.due.remarks if filled.due else ())]
    filled.remarks += _doubts_told(doubts)
    filled.first = [(found.row_number(row), text) for row, text in enumerate(entitled.bases) if text]
    return filled


# ---- reading


def _payments(paid, target: Path, ledger: Ledger, rows: Rows) -> Paid | None:
    """What was paid; None where nobody gave it. Raises LedgerError."""
    if not paid:
        return None
    check_paid(paid, target)
    if rows.get("id_number") is None:
        raise LedgerError("台账没有“证件号码”列，不能与发放表核对")
    with using(*ledger.settings.layers) as settings:
        return read_paid(paid, settings)


def check_paid(paid, target: Path):
    """Raises LedgerError where a file of payments is not there, or would be written over."""
    for file in map(Path, paid):
        if not file.exists():
            raise LedgerError(f"找不到发放表：{file.name}")
        if file.resolve() == target.resolve():
            raise LedgerError("输出文件不能是发放表，请换一个文件名")


def check_paths(source: Path, target: Path, in_place: bool = False):
    """Raises LedgerError where the result cannot be put there."""
    if not in_place and source.resolve() == target.resolve():
        raise LedgerError("输出文件不能是台账自己，请换一个文件名；要直接写进台账，请用 --in-place")
    if not target.parent.is_dir():
        raise LedgerError(f"输出文件夹不存在：{target.parent}")
    place = temporary_place(target.parent)
    if place:
        raise LedgerError(f"{source.name} 是在{place}里打开的，结果存在那里会丢，请先把台账另存到自己的文件夹")


def main_table(ledger: Ledger) -> LedgerTable:
    """The table of persons or households. Raises LedgerError without one."""
    if ledger.main is None:
        asked = "".join(f"\n{question.text}（{question.place}）" for question in ledger.questions)
        raise LedgerError(
            f"{ledger.path.name} 里没有找到人员或户的台账（至少要认出几列表头，如 户编号、证件号码、户类型）；"
            f"请核对表头文字，或用 xl-poverty inspect 看看是怎样认的{asked}"
        )
    return ledger.main


def _same_document(one: str, other: str) -> bool:
    return any(name_key(one) in names and name_key(other) in names
               for names in ([name_key(name) for name in policy.names] for policy in documents(current())))  # fmt: skip


def _remarks(filled: Filled, found: LedgerTable) -> list[str]:
    """What a clerk should know of a result."""
    ledger = filled.ledger
    told = [*ledger.remarks, *(f"设置不一致：{text}" for text in ledger.settings.disagreements(_same_document))]
    told += [f"列“{header}”是以前核算的，这次没有更新" for header in _left_over(filled, found)]
    living = [header for header, _ in filled.output(found) if _is_living(found, header)]
    if living:
        told.append(f"这些列是公式，由表格软件自己算，没有写入：{'、'.join(living)}")
    if found.dropped:
        whys = "、".join(Counter(row.why for row in found.dropped))
        numbers = "、".join(str(row.row + 1) for row in found.dropped)
        told.append(f"未当作数据的行：第{numbers}行（{whys}）")
    others = [t.sheet.name for t in ledger.tables if t is not found and t.kind == found.kind and len(t)]
    if others:
        told.append(f"还有同样的表没有核算：{'、'.join(dict.fromkeys(others))}，可用 --sheet 指明工作表")
    told += [f"待答复：{question.text}" for question in found.questions]
    return told


def _doubts_told(doubts) -> list[str]:
    count = sum(max(1, len(finding.rows)) for finding in doubts)
    return [f"台账里有疑点，{count}处没有用来核算；用 xl-poverty check 列出全部疑点"] if count else []


def _households(found: LedgerTable, entitled: Entitled) -> tuple[int, int] | None:
    """(households reckoned, households with a row that waits)."""
    groups = found.households
    if groups is None or not len(groups):
        return None
    failed = np.zeros(len(found), bool)
    for sums in entitled.sums.values():
        failed |= [isinstance(amount, CellError) for amount in sums]
    waiting = int(np.count_nonzero(groups.count(failed)))
    return len(groups) - waiting, waiting


def _left_over(filled: Filled, found: LedgerTable) -> list[str]:
    """Columns of an earlier run that this one did not compute."""
    new = {header_key(header) for header, _ in filled.output(found)}
    aliases = [signature.alias for signature in signatures().values()]
    ours = {header_key(f"应享{alias}") for alias in aliases}
    ours |= {header_key(header) for alias in aliases for header in _paid_headers(found, alias)
             if header_key(f"本次应发{alias}") in found.by_header}  # fmt: skip
    ours |= {header_key(f"应享{nature}合计") for nature in SUMMED}
    return [column.path[-1] for key, column in found.by_header.items() if key in ours - new]


def _is_living(found: LedgerTable, header: str) -> bool:
    """Whether the workbook has a column of this name that it calculates by itself."""
    column = found.by_header.get(header_key(header))
    return column is not None and bool(np.isin(found.sheet.formula_rows(column.position), found.layout.data).any())


# ---- writing


def _write(filled: Filled, found: LedgerTable):
    """Put the results where they belong, and say of it what a clerk should know."""
    ledger, source = filled.ledger, filled.ledger.path
    try:
        if filled.in_place and is_read_only(source):
            raise Protected(f"{source.name} 是只读文件，不能直接写进去")
        written = _written(filled, found)
    except Protected as why:
        filled.target = free_name(result_name(source.with_suffix(".xlsx")))
        filled.in_place = False
        _write_apart(filled, found)
        filled.remarks.append(f"{why}。结果写到了 {filled.target.name}：一行对台账的一行，次序相同")
        return
    if written.saved.moved_because:
        filled.remarks.append(written.saved.moved_because)
        filled.in_place = False
    filled.target, filled.backup = written.saved.path, written.saved.backup
    if filled.backup:
        filled.remarks.append(f"原来的 {filled.backup.name.partition('_备份_')[0]} 备份在 {filled.backup.name}")
    if ledger.kind != "xlsx":
        filled.remarks.append(f"{source.name} 不是 .xlsx：结果是一份新的 .xlsx，里面是台账的内容，没有它的格式")
    blanked = sum(written.blanked.values())
    if blanked:
        filled.remarks.append(f"{blanked}处公式要用到新写的内容，打开结果文件时会重新计算")


def _written(filled: Filled, found: LedgerTable) -> Written:
    ledger, book = filled.ledger, filled.ledger.book
    source, names = ledger.path, [sheet.name for sheet in book.sheets]
    if ledger.kind != "xlsx":
        source, names = io.BytesIO(fresh_workbook(book)), sheet_names(book)
        source.name = ledger.path.name
    name = dict(zip((id(sheet) for sheet in book.sheets), names))[id(found.sheet)]
    changes, sheets = {name: _columns(found, filled)}, []
    settings = _settings(ledger, filled.entitled)
    there = next((sheet for sheet in book.sheets if sheet.name == SETTINGS_SHEET), None)
    if there is None:
        sheets.append(Graft(_settings_workbook(settings), SETTINGS_SHEET))
    else:
        known = {str(key).strip() for key in _first_cells(there) if key is not None}
        new = [row for row in settings if row[0] not in known]
        if new:
            changes[SETTINGS_SHEET] = {
                (there.height + 1 + at, column): value
                for at, row in enumerate(new) for column, value in enumerate(row, 1) if value is not None
            }  # fmt: skip
    given = {"in_place": filled.in_place, "unlocking": filled.unlocking}
    return write_cells(source, filled.target, changes, sheets=sheets, **given)


def _first_cells(sheet) -> list:
    codes = sheet.column(0)
    return [codes.values[code] for code in codes.codes] if sheet.width else []


def _columns(found: LedgerTable, filled: Filled) -> SheetChanges:
    """The results as columns of the ledger; a column of an earlier run is renewed."""
    changes = SheetChanges()
    keys = {key: column.position + 1 for key, column in found.by_header.items()}
    last, top, bottom = found.columns[-1].position + 1, found.layout.top + 1, found.layout.bottom + 1
    numbers = [int(row) + 1 for row in found.layout.data]
    head = Look(like=last, horizontal="center", vertical="center", wrap=True, number_format="General")
    next_column = _free_column(found) + 1
    for header, cells in filled.output(found, _basis_header(found)):
        if _is_living(found, header):
            continue
        cells = list(cells)
        position = keys.get(header_key(header))
        if position is None:
            position, next_column = next_column, next_column + 1
            for row in range(top, bottom + 1):
                changes.cells[row, position] = header if row == top else None
                changes.looks[row, position] = head
            if bottom > top:
                changes.merges.append(f"{letters_of(position - 1)}{top}:{letters_of(position - 1)}{bottom}")
            changes.widths[position] = 60 if header.endswith(BASIS) else 13
        # rows may be banded, so each cell looks like the last one of its row
        changes.columns.append(ColumnCells(position, numbers, cells, replace(_look(header, cells), like=last)))
    edges = letters_of(found.columns[0].position), top, letters_of(last - 1), numbers[-1] if numbers else bottom
    changes.table = "{}{}:{}{}".format(*edges)
    return changes


def _look(header: str, cells: list) -> Look:
    if header.endswith(BASIS):
        return Look(number_format="General", horizontal="left", vertical="center")
    fen = any(isinstance(value, float) and not value.is_integer() for value in cells)
    return Look(number_format="#,##0.00" if fen else "#,##0", horizontal="right", vertical="center")


def _free_column(found: LedgerTable) -> int:
    """Position of the first column, from 0, that is free beside the table: behind its last one, or behind all that
    stands to its right."""
    after = found.columns[-1].position + 1
    rows = np.concatenate([np.arange(found.layout.top, found.layout.bottom + 1), found.layout.data])
    taken = [c for c in range(after, found.sheet.width) if found.sheet.column(c).codes[rows].any()]
    return taken[-1] + 2 if taken else after


def _paid_headers(found: LedgerTable, alias: str) -> tuple[str, str]:
    """Headers of what was paid and what is due now. A column 已发 that the clerk has is not written over: ours stands
    beside 本次应发."""
    paid, due, other = f"已发{alias}", f"本次应发{alias}", f"发放表已发{alias}"
    there = [header_key(header) in found.by_header for header in (paid, due, other)]
    return (other if there[2] or (there[0] and not there[1]) else paid), due


def _basis_header(found: LedgerTable) -> str:
    """依据, unless the clerk has a column of that name with something else in it."""
    column = found.by_header.get(header_key(BASIS))
    if column is None:
        return BASIS
    codes, cells = found.raw(column)
    texts = [str(cells[code] or "") for code in np.unique(codes)]
    ours = all(not text or "（第" in text or "〕" in text for text in texts)
    return BASIS if ours else f"应享{BASIS}"


def _settings(ledger: Ledger, entitled: Entitled) -> list[tuple]:
    """The effective 政策, 业务日期, 口径 and answers, for whoever opens the file later; what waits for an answer."""
    settings = ledger.settings
    day, day_origin = settings.first("as_of")
    _, policy_origin = settings.first("policy")
    rows = [("政策", entitled.policy.short_name, f"{entitled.policy.cited}，取自{policy_origin}")]
    if day:
        rows.append(("业务日期", day, f"取自{day_origin}"))
    rows += used_readings(entitled, settings)
    rows += [(key, choice, "已答复") for key, choice in ledger.answers.items()]
    for question in ledger.questions:
        rows.append((question.key, None, f"{question.text}请在左边填：{'、'.join(question.choices)}"))
    return list({row[0]: row for row in reversed(rows)}.values())[::-1]


def _settings_workbook(rows: list[tuple]) -> bytes:
    return table_workbook(SETTINGS_SHEET, ("项目", "值", "说明"), (22, 26, 60), rows)


def _write_apart(filled: Filled, found: LedgerTable):
    """The results in a workbook of their own: row by row those of the ledger, told by who they are."""
    who = [(found.fields[name], found.raw(found.fields[name])) for name in _WHO if name in found.fields]
    output = [(header, list(cells)) for header, cells in filled.output(found)]
    heads = (RESULTS_ROW, *(column.path[-1] for column, _ in who), *(header for header, _ in output))
    rows = []
    for row in range(len(found)):
        cells = [values[codes[row]] for _, (codes, values) in who]
        # numbers of households and persons stay what they are only as texts
        cells = ["" if cell is None or isinstance(cell, CellError) else str(cell) for cell in cells]
        rows.append((found.row_number(row), *cells, *(values[row] for _, values in output)))
    widths = [10, *(20 for _ in who), *(60 if header.endswith(BASIS) else 13 for header, _ in output)]
    data = table_workbook(RESULTS_SHEET, heads, widths, rows)
    with saved(filled.target, source=filled.ledger.path) as file:
        file.write(data)


def used_readings(entitled: Entitled, settings) -> list[tuple[str, str, str]]:
    """(口径, choice, why) of every reading that the computed measures rest on."""
    from ..formulas.calls import bind_function

    found = {}
    for column in entitled.columns:
        binding = bind_function(column.signature, entitled.policy.id, None, settings).binding
        measure = entitled.policy.measures[column.signature.name]
        for name, choice in binding.readings.items():
            shared = any(r.name == name for r in entitled.policy.readings)
            label = name if shared else column.signature.alias
            found.setdefault(label, (label, choice, entitled.policy.reading(measure, name).because))
    return list(found.values())


def save(workbook, target: Path):
    """A workbook of openpyxl's, whole or not at all; what was there before is kept beside it."""
    with saved(target, backup=True) as file:
        workbook.save(file)
