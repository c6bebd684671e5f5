"""Reading a ledger as it is: its tables, what each column is, what each cell means, whose rows they are.

    ledger = read_ledger("某村台账.xlsx", policy="双碾乡")
    ledger.main.fields["id_number"].letter     # "D"
    ledger.main.cells("monthly_wage")[0]       # Clean(state="value", value=3200, …)
    ledger.questions                           # what is not guessed
"""
from __future__ import annotations

import datetime as dt
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path

import numpy as np

from ..errors import LedgerError
from ..formulas.documents import named_document
from ..formulas.office import Layer, Settings, using
from ..formulas.signatures import AS_OF, own_signatures, plain_arguments
from ..formulas.values import read_date
from ..rules.parameters import Policy
from ..workbook.regenerating import generated_sheets
from .cleaning import UNUSABLE, VALUE, Clean, clean_column, gone, plain_cell, text
from .columns import Cells, Column
from .fields import Field, household_arguments
from .files import Book, Sheet, read_book, temporary_place
from .headers import header_key, meant
from .layout import BLANK_IS_NIL, WORDED, Dropped, Layout, Question, find_tables, headed_table
from .memory import collect_seldom, no_collection
from .settings import SHEET as SETTINGS_SHEET, office_layers, own_layer

#: sheets that are generated into a ledger's workbook: the doubts, how it was read, and the summary, whose other sheets
#: begin with its name
DOUBTS, DESCRIPTION, SUMMARY = "疑点表", "识别表头", "汇总"
PERSONS, HOUSEHOLDS, SPELLS, PAYMENTS, OTHER = "人员", "户", "务工", "发放", "其他"
IN_WORDS = "月数写成了文字，请只填数字"
MERGED = "这一格合并了几行，分不清是每人的还是全户的，请取消合并，逐人填写"
#: kinds of cells of which one stands for one person
_OF_ONE = ("money", "number", "months")
_FIGURES = re.compile(r"[\d.]+")
#: fewer files than this for each process do not pay for starting it
_PAYS = 8


@dataclass(frozen=True)
class Groups:
    """Rows that belong together: of one person, of one household.

    codes   per row the number of its group, -1 where it cannot be told
    keys    per group what it is known by (18 characters, 户编号)
    """

    codes: np.ndarray
    keys: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.keys)

    @cached_property
    def sizes(self) -> np.ndarray:
        """Per group its number of rows."""
        return self._counted(self.codes)

    @cached_property
    def rows(self) -> list[np.ndarray]:
        """Per group its rows, ascending."""
        order = np.argsort(self.codes, kind="stable")
        order = order[np.count_nonzero(self.codes < 0) :]
        return np.split(order, np.cumsum(self.sizes)[:-1]) if len(self.keys) else []

    def count(self, mask: np.ndarray) -> np.ndarray:
        """Per group, how many of its rows a mask holds for."""
        return self._counted(self.codes[mask])

    def _counted(self, codes: np.ndarray) -> np.ndarray:
        return np.bincount(codes + 1, minlength=len(self.keys) + 1)[1:]

    def spread(self, of_group: np.ndarray, default=False) -> np.ndarray:
        """What holds for each group, told of each of its rows."""
        padded = np.empty(len(of_group) + 1, of_group.dtype)
        padded[:-1], padded[-1] = of_group, default  # -1 takes the last
        return padded[self.codes]


class LedgerTable:
    """One table of a ledger. Its rows are counted from 0 over the rows of data; `row_number` tells the sheet's."""

    def __init__(self, sheet: Sheet, layout: Layout, answers: Mapping[str, str]):
        self.sheet, self.layout, self.answers = sheet, layout, answers
        self._cells: dict[tuple[int, str], Cells] = {}

    def __len__(self) -> int:
        return len(self.layout.data)

    def __getstate__(self) -> dict:
        """For another process: what was read; cleaning again is quicker than carrying what was cleaned."""
        return {"sheet": self.sheet, "layout": self.layout, "answers": self.answers, "_cells": {}}

    @cached_property
    def offers(self) -> frozenset[str]:
        """What checks ask for: names of fields, and "=id" for any column of that kind."""
        return frozenset(self.fields).union(f"={column.field.kind}" for column in self.columns if column.field)

    @property
    def columns(self) -> list[Column]:
        """Every column of the table, known or not, in order."""
        return self.layout.columns

    @property
    def dropped(self) -> list[Dropped]:
        return self.layout.dropped

    @cached_property
    def fields(self) -> dict[str, Column]:
        """Field name -> its column. Where a field has several columns, the one that counts."""
        found: dict[str, Column] = {}
        for column in self.columns:
            if column.field and column.field.name not in found:
                found[column.field.name] = column
        return found

    def __contains__(self, name: str) -> bool:
        return name in self.fields

    def several(self, name: str) -> list[Column]:
        """All columns of a field that repeats (致贫/返贫风险1, 2, 3)."""
        return [column for column in self.columns if column.field and column.field.name == name]

    def row_number(self, row: int) -> int:
        """The row as the sheet numbers it, from 1."""
        return int(self.layout.data[row]) + 1

    def place(self, row: int, column: Column | str) -> str:
        """Where a cell stands: D7."""
        column = self.fields[column] if isinstance(column, str) else column
        return f"{column.letter}{self.row_number(row)}"

    @cached_property
    def by_header(self) -> dict[str, Column]:
        """Header key -> the first column under it: the lowest level of the header, or the two lowest together."""
        found: dict[str, Column] = {}
        for column in self.columns:
            for path in (column.path[-1:], column.path[-2:]):
                found.setdefault(header_key("".join(path)), column)
        return found

    def cells(self, column: Column | str, field: Field | None = None) -> Cells | None:
        """The cells of a field's column as they were cleaned; None without such a column. `field`: read a column as
        this one instead."""
        if isinstance(column, str):
            if column not in self.fields:
                return None
            column = self.fields[column]
        field = field or column.field
        key = column.position, field.name if field else ""
        if key not in self._cells:
            self._cells[key] = self._clean(column, field)
        return self._cells[key]

    def raw(self, column: Column | str):
        """The cells of a column as they stand, over the rows of data: (codes, values)."""
        column = self.fields[column] if isinstance(column, str) else column
        codes, values = self.sheet.column(column.position)
        return codes[self.layout.data], values

    def constants(self, column: Column | str) -> np.ndarray:
        """Per row: does a plain value stand there, although most of the column's cells are formulas?"""
        column = self.fields[column] if isinstance(column, str) else column
        formulas = self.sheet.formula_rows(column.position)
        if not len(formulas):
            return np.zeros(len(self), bool)
        is_formula = np.isin(self.layout.data, formulas)
        codes, _ = self.raw(column)
        filled = codes != 0
        mostly = np.count_nonzero(is_formula) * 2 > np.count_nonzero(filled)
        return filled & ~is_formula if mostly else np.zeros(len(self), bool)

    # ---- persons and households

    @cached_property
    def kind(self) -> str:
        """What its rows are: 人员, 户, 务工 (several rows of a person), 发放 or 其他."""
        has = self.fields.__contains__
        person = has("id_number") or has("beneficiary_id") or has("name") or has("person_id")
        if has("paid_amount") and (has("paid_measure") or has("paid_state") or has("payee_name")) and person:
            return PAYMENTS
        if person and (has("work_start") or has("work_end")) and not has("relation"):
            return SPELLS
        if has("relation") or has("is_head") or has("person_id"):
            return PERSONS
        if has("household_id") and self.households is not None:
            once = len(self.households) == np.count_nonzero(self.households.codes >= 0)
            if once and (has("head_name") or not has("id_number")):
                return HOUSEHOLDS
        if person:
            return PERSONS
        return HOUSEHOLDS if has("household_id") or has("head_name") else OTHER

    def _grouped(self, name: str, key) -> Groups | None:
        cells = self.cells(name)
        if cells is None:
            return None
        numbers: dict[str, int] = {}
        of_distinct = [numbers.setdefault(key(clean.value), len(numbers)) if clean.state == VALUE else -1
                       for clean in cells.distinct]  # fmt: skip
        codes = np.array(of_distinct, np.int64)[cells.codes]
        first = np.full(len(numbers) + 1, len(codes))  # -1 takes the last
        first[codes[::-1]] = np.arange(len(codes))[::-1]  # the first row is written last
        first = first[:-1]
        used = np.flatnonzero(first < len(codes))
        used = used[np.argsort(first[used])]  # in the order of the rows
        renumbered = np.full(len(numbers) + 1, -1)
        renumbered[used] = np.arange(len(used))
        keys = list(numbers)
        return Groups(renumbered[codes], tuple(keys[number] for number in used))

    @cached_property
    def persons(self) -> Groups | None:
        """The rows of each person, by the first 18 characters of the number; None without such a column."""
        name = "id_number" if "id_number" in self else "beneficiary_id"
        return self._grouped(name, lambda number: number.key)

    @cached_property
    def households(self) -> Groups | None:
        """The rows of each household: by 户编号, else by the rows over which 户主 or 序号 is merged; None where neither
        tells."""
        if "household_id" in self:
            return self._grouped("household_id", lambda key: key)
        for name in ("head_name", "sequence"):
            cells = self.cells(name)
            if cells is not None and cells.spread.any():
                numbers = np.cumsum(~cells.spread) - 1
                return Groups(numbers, tuple(str(number + 1) for number in range(numbers[-1] + 1)))
        return None

    @cached_property
    def heads(self) -> np.ndarray | None:
        """Per row: is it the 户主? None where no column tells."""
        if "relation" in self:
            return self.cells("relation").among("户主")
        return self.cells("is_head").among("是") if "is_head" in self else None

    @cached_property
    def gone(self) -> np.ndarray:
        """Per row: has the person died or moved away?"""
        cells = self.cells("status")
        if cells is None:
            return np.zeros(len(self), bool)
        return cells.mapped(lambda clean: clean.state == VALUE and gone(clean.value), bool)

    @cached_property
    def person_names(self) -> list[str]:
        """Per row the name as it stands, "" where none can be read."""
        cells = self.cells("name") or self.cells("head_name")
        if cells is None:
            return [""] * len(self)
        return cells.mapped(lambda clean: clean.value.shown if clean.state == VALUE else "").tolist()

    # ---- cleaning

    def _clean(self, column: Column, field: Field | None) -> Cells:
        codes, values = self.raw(column)
        codes, spread, merged = self._filled(column, codes)
        used = np.flatnonzero(np.bincount(codes, minlength=len(values)))
        if len(used) < len(values):  # what stands in other rows need not be read
            renumbered = np.empty(len(values), np.int64)
            renumbered[used] = np.arange(len(used))
            codes, values = renumbered[codes], [values[i] for i in used.tolist()]
        if field is None:
            return Cells(codes, list(map(text, values)), spread)
        values = meant(column.header, values)
        distinct = clean_column(field, values, column.unit)
        if field.kind == "months" and not self.takes_words(field):
            distinct = [_only_figures(clean) for clean in distinct]
        if merged.any() and field.kind in _OF_ONE and not is_of_household(field):
            distinct.append(Clean(UNUSABLE, None, MERGED))
            codes = np.where(merged, len(distinct) - 1, codes)
        return Cells(codes, distinct, spread)

    def _filled(self, column: Column, codes: np.ndarray):
        """(codes, rows filled from the cell they are merged into, all rows of merges in which something stands).
        Nothing is filled beyond a merge."""
        spread, merged = np.zeros(len(codes), bool), np.zeros(len(codes), bool)
        data = self.layout.data
        for top, bottom in self._merges.get(column.position, ()):
            first, end = np.searchsorted(data, (top, bottom + 1))
            if end - first > 1 and data[first] == top:
                if not spread.any():
                    codes = codes.copy()
                codes[first:end] = codes[first]
                merged[first:end] = codes[first] != 0
                spread[first + 1 : end] = True
        return codes, spread, merged

    @cached_property
    def _merges(self) -> dict[int, list[tuple[int, int]]]:
        """Position -> (first row, last row) of the merges that start in that column and go down."""
        found: dict[int, list[tuple[int, int]]] = {}
        for top, left, bottom, _ in self.sheet.merged:
            if bottom > top > self.layout.bottom:
                found.setdefault(left, []).append((top, bottom))
        return found

    def takes_words(self, field: Field) -> bool:
        """Did somebody answer that months in words (6个月, 半年) count as the months they say?"""
        return self.answers.get(f"{WORDED}{field.label}") == "是"

    @cached_property
    def questions(self) -> list[Question]:
        """What is not guessed in this table."""
        return [*self.layout.questions, *self._worded_months(), *self._blank_incomes()]

    def _worded_months(self) -> Iterator[Question]:
        for column in self.fields.values():
            key = f"{WORDED}{column.field.label}"
            if column.field.kind != "months" or key in self.answers:
                continue
            worded = self.cells(column).mapped(lambda clean: clean.reason == IN_WORDS, bool)
            count = np.count_nonzero(worded)
            if count:
                told = f"{column.letter}列“{column.header}”有{count}格月数写成文字（如 6个月），是否按文字说的月数算？"
                yield Question(key, told, ("是", "否"), f"{self.sheet.name}!{self.place(int(worded.argmax()), column)}")

    def _blank_incomes(self) -> Iterator[Question]:
        """Once per income column: does a blank mean that there is none?"""
        if self.kind not in (PERSONS, HOUSEHOLDS):
            return
        for column in self.fields.values():
            key = f"{BLANK_IS_NIL}{column.field.label}"
            if not column.field.part_of or key in self.answers:
                continue
            cells = self.cells(column)
            if self.households is None:
                count, noun = int(np.count_nonzero(cells.blank)), "行"
            else:
                count, noun = int(np.count_nonzero(self.households.count(~cells.blank) == 0)), "户"
            if count:
                told = f"{column.letter}列“{column.header}”有{count}{noun}空白：空白是没有这一项（按0算），还是没有填？"
                yield Question(key, told, ("是", "否"), f"{self.sheet.name}!{column.letter}{self.layout.bottom + 1}")


def is_of_household(field: Field) -> bool:
    """Does a column of this field hold what belongs to the whole household?"""
    return field.of == "户" or field.name in household_arguments()


def _only_figures(clean: Clean) -> Clean:
    """Months as a figure; what is written in words waits for an answer."""
    if clean.state == VALUE and isinstance(clean.raw, str) and not _FIGURES.fullmatch(clean.raw.strip()):
        return Clean(UNUSABLE, None, IN_WORDS, "", clean.raw)
    return clean


# ---- a whole file


@dataclass
class Ledger:
    """A file as it was understood.

    tables     in the order of the sheets
    policy     the document that is meant, None if nobody said
    answers    choices by the key of a question, with those of the workbook and the office
    settings   what the workbook and the office say besides
    remarks    what a clerk should know before working with the file
    """

    path: Path
    book: Book
    tables: list[LedgerTable]
    policy: Policy | None
    answers: dict[str, str]
    settings: Settings
    as_of: dt.date | None = None
    remarks: list[str] = field(default_factory=list)

    @property
    def kind(self) -> str:
        return self.book.kind

    @cached_property
    def main(self) -> LedgerTable | None:
        """The table to reckon with: of persons before work spells before households, one with what rules ask for
        before one without, then the one with the most columns that are known."""
        order = (OTHER, HOUSEHOLDS, SPELLS, PERSONS)

        def rank(table: LedgerTable):
            asked = not plain_arguments().keys().isdisjoint(table.fields)
            return not table.sheet.hidden, asked, order.index(table.kind), len(table.fields)

        able = [t for t in self.tables if t.kind in order and len(t)]
        best = max(able, key=rank, default=None)
        return None if best is not None and best.kind == OTHER and not rank(best)[1] else best

    @property
    def questions(self) -> list[Question]:
        """What is not guessed, each once."""
        found = {question.key: question for t in self.tables for question in t.questions}
        return list(found.values())


def read_ledger(
    path, sheet: str | None = None, policy: str | None = None, answers: Mapping[str, str] | None = None, as_of=None
) -> Ledger:
    """Read a workbook (.xlsx, .xlsm, .xls), .csv or HTML table as it is.

    sheet     read only this one
    policy    the document, by id, short name or number; else the workbook's or office's
    answers   choices by the key of a question (空白按0：低保金 …); those kept in the workbook (sheet 核算口径) and in
              office.toml count as well, the given ones first
    as_of     业务日期

    Raises LedgerError for a file that cannot be read or lacks the sheet, CellError unknown_policy.
    """
    with no_collection():
        return _read(Path(path), sheet, policy, answers, as_of)


def _read(path: Path, sheet: str | None, policy: str | None, answers, as_of) -> Ledger:
    book = read_book(path)
    if sheet is not None and all(s.name != sheet for s in book.sheets):
        raise LedgerError(f"没有工作表“{sheet}”，有：{'、'.join(s.name for s in book.sheets)}")
    given = Layer("选项", policy or "", None if as_of is None else read_date(AS_OF, as_of), answers=dict(answers or {}))
    with using(own_layer(book), given, *office_layers(book)) as settings:
        document = named_document(None, settings)[0] if settings.first("policy")[0] else None
        return understood(book, settings, document, sheet)


def understood(book: Book, settings: Settings, policy: Policy | None, sheet: str | None = None) -> Ledger:
    """The tables of a file that was read."""
    own = own_signatures(policy).values() if policy else ()
    kept, reports = settings.answers, _reports(book)
    tables = [LedgerTable(one, layout, kept) for one in book.sheets
              if sheet in (None, one.name) and one.name != SETTINGS_SHEET and one.name not in reports
              for layout in find_tables(one, kept, settings.headers, own)]  # fmt: skip
    ledger = Ledger(book.path, book, tables, policy, kept, settings, settings.first("as_of")[0])
    place = temporary_place(book.path)
    if place:
        ledger.remarks.append(f"文件在{place}里打开，随时会被清掉，请先另存到自己的文件夹再用")
    hidden = [one.name for one in book.sheets if one.hidden and any(t.sheet is one for t in tables)]
    if hidden:
        ledger.remarks.append(f"隐藏的工作表里有台账：{'、'.join(hidden)}，请核对要不要算")
    return ledger


def _reports(book: Book) -> set[str]:
    """Sheets that were generated into the ledger's workbook: what they list is no ledger."""
    ours = DOUBTS, DESCRIPTION, SUMMARY
    return {name for name in generated_sheets(book) if name in ours or name.startswith(f"{SUMMARY}_")}


def read_ledgers(paths: Iterable, policy: str | None = None, answers=None, processes: int | None = None):
    """Read many files on all cores; yields, in their order, a Ledger or the LedgerError of a file that cannot be read.

    `processes`: how many; None takes as many as pay.
    """
    paths = [Path(path) for path in paths]
    read = partial(_read_or_error, policy=policy, answers=answers)
    yield from in_processes(read, paths, processes)


def _read_or_error(path: Path, policy, answers) -> Ledger | LedgerError:
    try:
        return read_ledger(path, policy=policy, answers=answers)
    except LedgerError as error:
        return error


def in_processes(work: Callable, items: list, processes: int | None = None) -> Iterator:
    """work(item) of every item, in order, on several cores where that pays."""
    count = processes or (min(os.cpu_count() or 1, len(items) // _PAYS) if len(items) >= 2 * _PAYS else 1)
    if count < 2:
        yield from map(work, items)
        return
    with ProcessPoolExecutor(count, initializer=collect_seldom) as pool:
        yield from pool.map(work, items, chunksize=max(1, min(4, len(items) // (4 * count))))


# ---- tables that are no file


def range_ledger(rows: list[list], settings: Settings, policy: Policy | None = None) -> Ledger:
    """The tables in a range of cells."""
    sheet = Sheet("区域", [[plain_cell(cell) for cell in row] for row in rows])
    return understood(Book(Path("区域"), "range", [sheet]), settings, policy)


def frame_ledger(df, settings: Settings, policy: Policy | None = None) -> Ledger:
    """A pandas DataFrame as a ledger of one table: its columns are the headers, whatever they are."""
    levels = [list(level) for level in zip(*df.columns)] if df.columns.nlevels > 1 else [list(df.columns)]
    columns = [df.iloc[:, position].tolist() for position in range(df.shape[1])]
    cells = [[plain_cell(cell) for cell in row] for row in zip(*columns)]
    sheet = Sheet("表", [*([None if head == "" else head for head in level] for level in levels), *cells])
    own = own_signatures(policy).values() if policy else ()
    answers = settings.answers
    table = LedgerTable(sheet, headed_table(sheet, len(levels), answers, settings.headers, own), answers)
    book = Book(Path("表"), "range", [sheet])
    return Ledger(book.path, book, [table], policy, answers, settings, settings.first("as_of")[0])
