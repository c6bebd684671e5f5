"""The files of many villages, read on all cores: their tables as they stand, and of every other row why it is none of
them."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property, partial
from itertools import compress
from pathlib import Path
from typing import NamedTuple

import numpy as np

from ..errors import CellError, LedgerError
from ..formulas.office import using
from ..ledger.blocks import is_blank
from ..ledger.cleaning import VALUE
from ..ledger.fields import Field
from ..ledger.files import NO_RESULT, read_book
from ..ledger.headers import key_of, meant
from ..ledger.layout import find_tables
from ..ledger.memory import no_collection
from ..ledger.reading import OTHER, LedgerTable, in_processes
from ..ledger.report import SUFFIXES
from ..ledger.settings import SHEET as SETTINGS_SHEET, office_layers, own_layer
from ..workbook.encoding import MOST_TEXT
from ..workbook.saving import no_data

#: numbers from here on have lost digits
_DISTORTED = 10**15
_DIGITS = ("id", "key", "phone", "account")
#: what the units of these kinds are where a header says none
_USUAL_UNITS = {"money": ("元",), "months": ("月", "个月", "月数")}
_TEXTS = {str, type(None)}

Place = tuple[str, str]  # town, village


class Head(NamedTuple):
    """A column of one table: its header, the how-manieth of that text, what it was taken for and what it counts in.
    `unit`: "" for the usual one. `meaning`: "是否" where 是 means something else under this header."""

    key: str
    nth: int
    path: tuple[str, ...]
    field: str
    unit: str
    meaning: str
    label: str


@dataclass
class Part:
    """A table of one file. `codes`: column × row, each the place of the cell in `values` of its column."""

    sheet: str
    kind: str
    heads: tuple[Head, ...]
    numbers: list[int]
    codes: np.ndarray
    values: list[list]
    merges: list[tuple[int, int, int]]  # column, first row, last row, from 0 over the rows of data
    persons: tuple[np.ndarray, tuple[str, ...]] | None
    households: tuple[np.ndarray, tuple[str, ...]] | None
    places: tuple[np.ndarray, list[Place]]
    file: str = ""

    def __len__(self) -> int:
        return len(self.numbers)

    def cell(self, column: int, row: int):
        return self.values[column][self.codes[column, row]]

    @cached_property
    def fields(self) -> dict[str, int]:
        """Field -> its first column."""
        found: dict[str, int] = {}
        for at, head in enumerate(self.heads):
            if head.field:
                found.setdefault(head.field, at)
        return found

    def shown(self, name: str, row: int) -> str:
        value = self.cell(self.fields[name], row) if name in self.fields else None
        return "" if value is None or isinstance(value, CellError) else str(value).strip()

    def household(self, row: int) -> str:
        code = -1 if self.households is None else self.households[0][row]
        return "" if code < 0 else self.households[1][code]

    def place(self, row: int) -> Place:
        codes, labels = self.places
        return labels[codes[row]]


@dataclass(frozen=True)
class Left:
    """Rows that were not copied, and why. Numbers as the sheet counts them."""

    file: str
    sheet: str
    why: str
    rows: tuple[int, ...]


@dataclass
class Read:
    """One file as a worker hands it over."""

    file: str
    digest: bytes = b""
    error: str = ""
    rows: int = 0
    parts: list[Part] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    without_rows: list[str] = field(default_factory=list)  # sheets with headers and nothing below


# ---- which files


def village_files(sources, target: Path) -> tuple[list[tuple[Path, str]], list[str]]:
    """((file, how it is called) of all that can be ledgers, names of the other files in the folders). Backups,
    temporary files and an earlier result are neither. Raises LedgerError."""
    sources = [sources] if isinstance(sources, (str, Path)) else list(sources)
    found: dict[Path, str] = {}
    others: list[str] = []
    for source in map(Path, sources):
        if not source.exists():
            raise LedgerError(f"找不到 {source.name}，请核对文件或文件夹的名称")
        inside = sorted(path for path in source.rglob("*") if path.is_file()) if source.is_dir() else [source]
        for path in inside:
            shown = path.relative_to(source).as_posix() if source.is_dir() else path.name
            same = target.exists() and path.samefile(target)
            if same and not source.is_dir():
                raise LedgerError(f"结果不能写进要合并的 {path.name}，请给结果另起一个文件名")
            if same or source.is_dir() and (path.name.startswith(".") or no_data(path.name)):
                continue
            if source.is_dir() and path.suffix.lower() not in SUFFIXES:
                others.append(shown)
            else:
                found.setdefault(path, shown)
    if not found:
        raise LedgerError(f"{'、'.join(Path(source).name for source in sources)} 里没有台账文件")
    again = {name for name, count in Counter(found.values()).items() if count > 1}
    return [(path, f"{path.parent.name}/{name}" if name in again else name) for path, name in found.items()], others


# ---- reading, in several processes


def read_files(files: list[tuple[Path, str]], progress=None, hidden: bool = False) -> Iterator[Read]:
    """Each file as it was read, in order, on all cores. One that ends a process ends only that one."""
    work, done = partial(_read_or_error, hidden=hidden), 0
    told = progress or (lambda done, total, label: None)
    with suppress(BrokenProcessPool):
        for done, read in enumerate(in_processes(work, files), 1):
            told(done, len(files), read.file)
            yield read
    for done, file in enumerate(files[done:], done + 1):  # noqa: B020
        told(done, len(files), file[1])
        yield _read_apart(work, file)


def _read_apart(work, file: tuple[Path, str]) -> Read:
    with ProcessPoolExecutor(1) as pool:
        try:
            return pool.submit(work, file).result()
        except BrokenProcessPool:
            return Read(file[1], error="读到一半程序中断了（可能太大，内存不够），请拆成几个文件后再试")


def _read_or_error(file: tuple[Path, str], hidden: bool = False) -> Read:
    path, shown = file
    try:
        with no_collection():
            return _read(path, shown, hidden)
    except LedgerError as error:
        return Read(shown, error=str(error))
    except Exception as error:  # whatever is wrong with one file must not stop the others
        why = f"{path.name} 读不出来（{type(error).__name__}），请用 Excel 或 WPS 打开，另存为 .xlsx 后再试"
        return Read(shown, error=why)


def _read(path: Path, shown: str, hidden: bool) -> Read:
    book = read_book(path)
    found = Read(shown, hashlib.blake2b(path.read_bytes(), digest_size=16).digest())
    layers = office_layers(book)
    with suppress(LedgerError):  # what a workbook says of its 业务日期 does not matter here
        layers.insert(0, own_layer(book))
    with using(*layers) as settings:
        for sheet in book.sheets:
            tables = []
            if sheet.name != SETTINGS_SHEET:
                layouts = find_tables(sheet, settings.answers, settings.headers)
                tables = [LedgerTable(sheet, layout, settings.answers) for layout in layouts]
            _sheet(found, sheet, tables, hidden)
    if not found.parts:
        found.error = _without_table(shown, book, found)
    return found


def _without_table(shown: str, book, found: Read) -> str:
    if not found.rows:
        return f"{shown} 里什么也没有填"
    if found.without_rows:
        return f"{shown} 的「{'」「'.join(found.without_rows)}」只有表头，没有数据"
    secret = [sheet.name for sheet in book.sheets if sheet.hidden]
    told = f"；隐藏的工作表没有读：{'、'.join(secret)}" if secret else ""
    return f"{shown} 里没有认出台账的表头（至少要有几个认得的列名，如 户编号、姓名、证件号码）{told}"


def _sheet(found: Read, sheet, tables: list[LedgerTable], hidden: bool):
    """Its tables as parts; every other row in which something stands with the reason why it is not copied."""
    filled = np.zeros(sheet.height, bool)
    for column in range(sheet.width):
        filled |= sheet.column(column).codes != 0
    found.rows += int(np.count_nonzero(filled))
    why: dict[int, str] = {}
    if sheet.name == SETTINGS_SHEET:
        rest = "核算口径（各村自己的设置）"
    elif sheet.hidden and not hidden and tables:
        rest, tables = "隐藏的工作表", []
    elif not tables:
        rest = "没有认出台账的工作表"
    else:
        rest = "表外的文字"
    copied = np.zeros(sheet.height, bool)
    for table in tables:
        if not len(table):
            found.without_rows.append(sheet.name)
        if table.kind == OTHER or not len(table):
            continue
        twice = copied[table.layout.data]
        found.rows += int(np.count_nonzero(twice))  # of two tables side by side: a row of each
        copied[table.layout.data] = True
        found.parts.append(_part(found, table))
    for table in tables:
        layout = table.layout
        why |= dict.fromkeys(layout.data.tolist(), f"别的表，没有合并（{table.kind}）")
        why |= dict.fromkeys(range(layout.top, layout.bottom + 1), "表头")
        why |= {row.row: row.why for row in layout.dropped}
    if tables:
        first = min(table.layout.top for table in tables)
        why |= dict.fromkeys(range(first), "标题")
    by_why: dict[str, list[int]] = {}
    for row in np.flatnonzero(filled & ~copied).tolist():
        told = why.get(row) or ("只有空格的行" if all(map(is_blank, sheet.row(row))) else rest)
        by_why.setdefault(told, []).append(row + 1)
    found.left += [Left(found.file, sheet.name, told, tuple(rows)) for told, rows in by_why.items()]


def _part(found: Read, table: LedgerTable) -> Part:
    columns, data = table.columns, table.layout.data
    coded = [_used(*table.raw(column)) for column in columns]
    codes = np.empty((len(columns), len(data)), np.int32)
    for at, (own, _) in enumerate(coded):
        codes[at] = own
    _remark(found, table, coded)
    seen: Counter = Counter()
    heads = []
    for column in columns:
        key = key_of(column.header)
        name, unit, meaning, label = "", "", "", ""
        if column.field:
            name, unit, label = column.field.name, _unit(column.field, column.unit), column.field.label
            meaning = "是否" if meant(column.header, ["是"]) != ["是"] else ""
        heads.append(Head(key, seen[key], column.path, name, unit, meaning, label))
        seen[key] += 1
    groups = [g and (g.codes, g.keys) for g in (table.persons, table.households if "household_id" in table else None)]
    return Part(
        table.sheet.name, table.kind, tuple(heads), (data + 1).tolist(), codes, [values for _, values in coded],
        list(_merges(table)), *groups, _places(table, found.file), found.file,
    )  # fmt: skip


def _used(codes: np.ndarray, values: list) -> tuple[np.ndarray, list]:
    """A column without what stands in other rows of the sheet only."""
    used = np.zeros(len(values), bool)
    used[codes] = used[0] = True
    if used.all():
        return codes, values
    return (np.cumsum(used) - 1)[codes], list(compress(values, used.tolist()))


def _unit(field: Field, unit: str) -> str:
    """"" for the usual one."""
    usual = _USUAL_UNITS.get(field.kind, (field.unit,))
    return "" if unit in usual else unit


def _remark(found: Read, table: LedgerTable, coded: list):
    """What somebody should know of a table that is copied."""
    where = f"「{table.sheet.name}」"
    secret = int(np.isin(table.layout.data, list(table.sheet.hidden_rows)).sum()) if table.sheet.hidden_rows else 0
    if secret:
        found.remarks.append(f"{where}有{secret}行是隐藏的，也合并了")
    for column, (codes, values) in zip(table.columns, coded):
        kinds = set(map(type, values))
        if column.field and column.field.kind in _DIGITS and not kinds.isdisjoint((int, float)):
            told = f"{where}{column.letter}列“{column.header}”有{{}}格号码存成了数字，末几位已丢失，照原样合并"
            _count(found, told, codes, (v.__class__ in (int, float) and abs(v) >= _DISTORTED for v in values))
        if CellError in kinds:
            told = f"{where}{column.letter}列有{{}}个公式没有算出的结果，写成了 #N/A；请用 Excel 打开保存一次再合并"
            _count(found, told, codes, (v.__class__ is CellError and v.message == NO_RESULT for v in values))
        if max(map(len, values[1:] if kinds == _TEXTS else map(str, values))) > MOST_TEXT:
            raise LedgerError(f"{found.file} 的{where}{column.letter}列有一格超过{MOST_TEXT}个字，一个单元格放不下")


def _count(found: Read, told: str, codes: np.ndarray, which: Iterable[bool]):
    """A remark with the number of rows whose value is one of those."""
    count = int(np.count_nonzero(np.fromiter(which, bool)[codes]))
    if count:
        found.remarks.append(told.format(count))


def _merges(table: LedgerTable) -> Iterator[tuple[int, int, int]]:
    """Merged cells that go down over rows of data."""
    at = {column.position: place for place, column in enumerate(table.columns)}
    data = table.layout.data
    for top, left, bottom, _ in table.sheet.merged:
        if bottom > top > table.layout.bottom and left in at:
            first, end = np.searchsorted(data, (top, bottom + 1)).tolist()
            if end - first > 1 and data[first] == top:
                yield at[left], first, end - 1


def _places(table: LedgerTable, file: str) -> tuple[np.ndarray, list[Place]]:
    """Per row the number of its town and village; a village nobody names is ""."""
    numbers: dict[Place, int] = {}
    towns, villages = table.cells("town"), table.cells("village")
    if villages is None and towns is None:
        return np.zeros(len(table), np.int64), [("", "")]
    count = len(table)
    ways = [np.zeros(count, np.int64) if cells is None else cells.codes for cells in (towns, villages)]
    names = [[""] if cells is None else [_said(clean) for clean in cells.distinct] for cells in (towns, villages)]
    pairs, codes = np.unique(ways[0] * len(names[1]) + ways[1], return_inverse=True)
    found = [(names[0][pair // len(names[1])], names[1][pair % len(names[1])]) for pair in pairs.tolist()]
    labels = [numbers.setdefault(place, len(numbers)) for place in found]
    return np.array(labels)[codes.reshape(-1)], list(numbers)


def _said(clean) -> str:
    return str(clean.value).strip() if clean.state == VALUE else ""


