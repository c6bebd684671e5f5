"""A ledger of many villages as one workbook for each of them: its rows under the same titles and headers, in the same
looks. Formulas become the values that they showed.

Every row of data is in one of the workbooks; rows of which nobody can tell the village are in 未分村.xlsx.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np

from ..errors import LedgerError
from ..ledger.cleaning import VALUE
from ..ledger.files import temporary_place
from ..ledger.filling import main_table
from ..ledger.reading import Ledger, LedgerTable, read_ledger
from ..ledger.settings import SHEET as SETTINGS_SHEET
from ..workbook.fresh import fresh_workbook, sheet_names
from ..workbook.protection import check_written
from ..workbook.saving import saved, state_of
from ..workbook.values_only import ValuesOnly
from ..workbook.xml_text import Unusual

WITHOUT = "未分村"
#: rows that say something of the whole ledger, not of one village
_OF_ALL = ("小计", "合计", "总计", "共计", "累计")
#: what a ledger can be split by -> the fields that tell it, and what a row without it is called
BY = {"village": ("town", "village"), "town": ("town",)}
_NO_NAME = re.compile(r'[\\/:*?"<>|\x00-\x1f]')
_LONGEST = 80


@dataclass(frozen=True)
class Piece:
    """One workbook: whose rows, how many, where it is."""

    name: str
    rows: int
    path: Path
    backup: Path | None = None


@dataclass
class Split:
    """What became of a ledger.

    rows      of data that the ledger has; all of them are in `pieces`
    left_out  rows that are no data and in no piece: sheet -> why -> how many
    """

    rows: int
    pieces: list[Piece] = field(default_factory=list)
    left_out: dict[str, dict[str, int]] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)

    @property
    def written(self) -> int:
        return sum(piece.rows for piece in self.pieces)


def split(
    ledger_path, folder, by: str = "village", sheet: str | None = None, answers=None,
    progress: Callable[[int, int, str], object] | None = None,
) -> Split:  # fmt: skip
    """Write a workbook for each village of a ledger into `folder`, which is made where it is not there.

    by  "village" or "town"

    Files that are there already are kept as backups. Raises LedgerError, nothing written, where the ledger names no
    village.
    """
    source, folder = Path(ledger_path), Path(folder)
    if by not in BY:
        raise ValueError(f"cannot split by {by}")
    ledger = read_ledger(source, sheet, answers=answers)
    names, tables = _names(ledger, by)
    _check_folder(source, folder)
    result = Split(sum(map(len, tables)))
    copy, sheets = _copied(ledger, result)
    by_name = _rows(ledger, tables, names, result)
    kept = {SETTINGS_SHEET: None} if SETTINGS_SHEET in copy.names and SETTINGS_SHEET in sheets else {}
    _remark(ledger, copy, sheets, by_name, result)
    folder.mkdir(exist_ok=True)
    taken: dict[str, str] = {}
    for done, (name, (count, rows)) in enumerate(by_name.items(), 1):
        path = folder / f"{_file_name(name, taken)}.xlsx"
        wanted = {sheets[one]: chosen for one, chosen in rows.items()}
        seen = state_of(path)
        with saved(path, source=source, backup=True, check=partial(check_written, name=path.name), seen=seen) as output:
            copy.write(output, wanted | kept)
        result.pieces.append(Piece(name, count, output.result.path, output.result.backup))
        if output.result.moved_because:
            result.remarks.append(output.result.moved_because)
        if progress:
            progress(done, len(by_name), name)
    if result.written != result.rows:
        raise AssertionError(f"{result.rows} rows, {result.written} written")
    return result


def _check_folder(source: Path, folder: Path):
    place = temporary_place(folder)
    if place:
        raise LedgerError(f"{source.name} 是在{place}里打开的，结果存在那里会丢，请先把台账另存到自己的文件夹")
    if not folder.parent.is_dir():
        raise LedgerError(f"输出文件夹的上层不存在：{folder.parent}")
    if folder.exists() and not folder.is_dir():
        raise LedgerError(f"{folder.name} 是文件，请另指明一个文件夹")


# ---- whose rows


def _names(ledger: Ledger, by: str) -> tuple[dict[int, list[str]], list[LedgerTable]]:
    """(id of a table -> per row the name of its village, tables that are split). A table without such a column follows
    the main one by household, then by person. Raises LedgerError."""
    main = main_table(ledger)
    label = "行政村" if by == "village" else "乡镇"
    if BY[by][-1] not in main:
        where = f"{ledger.path.name} 的表“{main.sheet.name}”"
        raise LedgerError(f"{where}没有“{label}”列，不能按{label}拆分；请先补上这一列")
    told = {id(main): _own_names(main, by)}
    known: dict[str, dict[str, str]] = {"households": {}, "persons": {}}
    for kind, names in known.items():
        groups = getattr(main, kind)
        for key, rows in zip(groups.keys, groups.rows) if groups is not None else ():
            own = {told[id(main)][row] for row in rows.tolist()} - {""}
            names[key] = own.pop() if len(own) == 1 else ""
    tables = [main]
    for table in ledger.tables:
        if table is main or not len(table):
            continue
        if BY[by][-1] in table:
            names = _own_names(table, by)
        elif table.persons is not None or "household_id" in table:
            names = [""] * len(table)
        else:
            continue
        for kind in ("households", "persons"):
            groups = getattr(table, kind) if kind == "persons" or "household_id" in table else None
            codes = [] if groups is None else groups.codes.tolist()
            for row, code in enumerate(codes):
                if not names[row] and code >= 0:
                    names[row] = known[kind].get(groups.keys[code], "")
        told[id(table)] = names
        tables.append(table)
    return told, tables


def _own_names(table: LedgerTable, by: str) -> list[str]:
    """Per row the village. Its town stands before it where two towns have a village of that name."""
    columns = [table.cells(name) for name in BY[by]]
    told = [[""] * len(table) if cells is None else cells.mapped(_said).tolist() for cells in columns]
    if by == "town":
        return told[0]
    towns: dict[str, set[str]] = {}
    for town, village in zip(*told):
        towns.setdefault(village, set()).add(town)
    return [f"{town}{village}" if village and len(towns[village]) > 1 else village for town, village in zip(*told)]


def _said(clean) -> str:
    return str(clean.value).strip() if clean.state == VALUE else ""


def _rows(ledger: Ledger, tables: list[LedgerTable], names: dict[int, list[str]], result: Split) -> dict:
    """Name -> (rows of data, sheet -> numbers of its rows in the workbook), in the order of the ledger."""
    order: dict[str, None] = {}
    for table in tables:
        order.update(dict.fromkeys(names[id(table)]))
    by_sheet: dict[str, list[LedgerTable]] = {}
    for table in tables:
        by_sheet.setdefault(table.sheet.name, []).append(table)
    common = {name: _common(own, ledger, result) for name, own in by_sheet.items()}
    found = {}
    for name in sorted(order, key=lambda one: one == ""):
        count, rows = 0, {}
        for sheet, own in by_sheet.items():
            chosen: set[int] = set()
            for table in own:
                mine = np.flatnonzero(np.array([one == name for one in names[id(table)]], bool))
                chosen.update((table.layout.data[mine] + 1).tolist())
                count += len(mine)
            if chosen or sheet == tables[0].sheet.name:
                rows[sheet] = sorted(chosen | common[sheet])
        found[name or WITHOUT] = count, rows
    return found


def _common(tables: list[LedgerTable], ledger: Ledger, result: Split) -> set[int]:
    """Rows of a sheet that every piece has: titles, headers, notes and signatures; totals are nobody's."""
    sheet, data = tables[0].sheet, set()
    every = [table for table in ledger.tables if table.sheet is sheet]
    for table in every:
        data.update(table.layout.data.tolist())
    why = {dropped.row: dropped.why for table in every for dropped in table.dropped}
    top = min(table.layout.top for table in tables)
    kept, bottom = set(), max(table.layout.bottom for table in tables)
    for row in range(sheet.height):
        told = why.get(row, "")
        if row in data:
            continue
        if any(word in told for word in _OF_ALL):
            counts = result.left_out.setdefault(sheet.name, {})
            counts[told] = counts.get(told, 0) + 1
        elif row < top or row <= bottom or told:
            kept.add(row + 1)
        elif any(value is not None for value in sheet.row(row)):
            counts = result.left_out.setdefault(sheet.name, {})
            counts["表外的文字"] = counts.get("表外的文字", 0) + 1
    return kept


# ---- the workbooks


def _copied(ledger: Ledger, result: Split) -> tuple[ValuesOnly, dict[str, str]]:
    """(the workbook as values, what its sheets are called there)."""
    sheets = {sheet.name: sheet.name for sheet in ledger.book.sheets}
    if ledger.kind == "xlsx":
        try:
            copy = ValuesOnly(ledger.path.read_bytes(), ledger.path.name)
            for name in {table.sheet.name for table in ledger.tables}:
                copy.sheet(name)
            return copy, sheets
        except Unusual:
            result.remarks.append(f"{ledger.path.name} 的格式不是通常的写法，拆出的文件里只有内容，没有原来的格式")
    else:
        result.remarks.append(f"{ledger.path.name} 不是 .xlsx，拆出的文件里只有内容，没有原来的格式")
    names = dict(zip(sheets, sheet_names(ledger.book)))
    return ValuesOnly(fresh_workbook(ledger.book), ledger.path.name), names


def _remark(ledger: Ledger, copy: ValuesOnly, sheets: dict[str, str], by_name: dict, result: Split):
    written = {sheet for _, rows in by_name.values() for sheet in rows}
    for name in sorted(written, key=list(sheets).index):
        sheet = copy.sheet(sheets[name])
        if sheet.formulas:
            result.remarks.append(f"“{name}”的{sheet.formulas}个公式写成了它显示的结果")
        if sheet.unresolved:
            places = "、".join(sheet.unresolved[:10]) + ("…" if len(sheet.unresolved) > 10 else "")
            told = f"“{name}”有{len(sheet.unresolved)}个公式没有算出的结果，写成了 #N/A（{places}）"
            result.remarks.append(f"{told}；请用 Excel 或 WPS 打开原台账保存一次再拆")
        if sheet.left:
            result.remarks.append(f"“{name}”的{'、'.join(dict.fromkeys(sheet.left))}没有带过去")
    left = [sheet.name for sheet in ledger.book.sheets if sheet.name not in written | {SETTINGS_SHEET}]
    if left:
        result.remarks.append(f"没有拆分、也没有放进各村文件的工作表：{'、'.join(left)}")
    for sheet, counts in result.left_out.items():
        told = "、".join(f"{why}{count}行" for why, count in counts.items())
        result.remarks.append(f"“{sheet}”里不分村的行没有放进各村文件：{told}")
    if WITHOUT in by_name:
        result.remarks.append(f"有{by_name[WITHOUT][0]}行没有写村，在 {WITHOUT}.xlsx 里，请补上后重新拆分")


def _file_name(name: str, taken: dict[str, str]) -> str:
    """A village's name as that of a file; each another one."""
    plain = _NO_NAME.sub("_", name).strip(" .")[:_LONGEST] or WITHOUT
    found, number = plain, 2
    while taken.setdefault(found.casefold(), name) != name:
        found, number = f"{plain}_{number}", number + 1
    return found
