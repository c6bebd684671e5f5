"""What was read from an .xls, a .csv or a web page, in a new .xlsx: every value as it was."""

from __future__ import annotations

import csv
import datetime as dt
import io
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, strategies as st
from test_grafting import faults

from xl_poverty.errors import CellError, LedgerError
from xl_poverty.ledger.files import read_book
from xl_poverty.workbook.fresh import fresh_workbook, sheet_names
from xl_poverty.workbook.references import MOST_ROWS


@dataclass
class Sheet:
    name: str
    rows: list[list]
    merged: list = field(default_factory=list)
    hidden: bool = False
    hidden_rows: set = field(default_factory=set)
    hidden_columns: set = field(default_factory=set)


@dataclass
class Book:
    sheets: list[Sheet]
    path: Path = Path("台账.xls")


def reread(sheets: list[Sheet], folder) -> list:
    content = fresh_workbook(Book(sheets))
    assert faults(content) == []
    file = folder / "新.xlsx"
    file.write_bytes(content)
    return read_book(file).sheets


VALUES = [
    "张三", "=1+1", "+86", "-1", "@A1", "110101199001011234", "0012", " 前后 ", "两\n行", "a<b>&\"'", "_x000D_", "\x0b",
    "#N/A", "TRUE",
    1, 0, -5, 1.5, 0.1, 1e-9, 999999999999999, True, False,
    dt.date(2024, 8, 12), dt.datetime(2024, 8, 12, 9, 30, 15), dt.time(8, 30), dt.date(1900, 1, 1),
    dt.timedelta(hours=30),
    CellError("excel_error", "", "#N/A"), CellError("excel_error", "", "#DIV/0!"),
]  # fmt: skip


def test_values_are_what_they_were(tmp_path):
    rows = [[value] for value in VALUES]
    found = reread([Sheet("甲", rows)], tmp_path)[0].rows
    for (value,), (new,) in zip(rows, found):
        if isinstance(value, CellError):
            assert isinstance(new, CellError) and new.cell == value.cell
        else:
            assert (new, type(new)) == (value, type(value))


def test_no_text_becomes_a_formula():
    content = fresh_workbook(Book([Sheet("甲", [["=1+1", "=cmd|' /C calc'!A0", "{=1}", "+1", "@SUM(A1)"]])]))
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        sheet = file.read("xl/worksheets/sheet1.xml").decode()
    assert "<f" not in sheet and sheet.count('t="inlineStr"') == 5


def test_numbers_that_no_cell_can_hold_and_early_dates_become_texts(tmp_path):
    rows = [[110101199001011234], [-(10**15)], [dt.date(1899, 1, 1)]]
    found = reread([Sheet("甲", rows)], tmp_path)[0].rows
    assert found == [["110101199001011234"], ["-1000000000000000"], ["1899-01-01"]]


def test_texts_that_look_like_something_else_are_kept_when_edited():
    row = ["001", "=1", "张三", dt.date(2024, 1, 1), dt.datetime(2024, 1, 1, 8)]
    content = fresh_workbook(Book([Sheet("甲", [row])]))
    cells = next(openpyxl.load_workbook(io.BytesIO(content)).active.iter_rows())
    assert [cell.number_format for cell in cells] == ["@", "@", "General", "yyyy-mm-dd", "yyyy-mm-dd hh:mm"]


def test_what_is_merged_and_hidden(tmp_path):
    rows, merged = [["a", None], [None, None], ["b", "c"]], [(0, 0, 1, 0), (1, 0, 2, 0), (2, 1, 2, 1)]
    sheets = [Sheet("藏", [["x"]], hidden=True), Sheet("见", rows, merged, False, {1}, {1})]
    found = reread(sheets, tmp_path)
    assert [(sheet.name, sheet.hidden) for sheet in found] == [("藏", True), ("见", False)]
    assert found[1].merged == [(0, 0, 1, 0)]  # areas over each other are no workbook
    assert (found[1].hidden_rows, found[1].hidden_columns) == ({1}, {1})
    book = openpyxl.load_workbook(tmp_path / "新.xlsx")
    assert book.active.title == "见"


def test_where_all_sheets_are_hidden_the_first_is_shown(tmp_path):
    found = reread([Sheet("甲", [], hidden=True), Sheet("乙", [], hidden=True)], tmp_path)
    assert [sheet.hidden for sheet in found] == [False, True]


def test_names_of_sheets():
    names = ["a/b", "A_B", "", "一" * 40, "一" * 40, "'x'", "history", "[表]", "\n"]
    assert sheet_names(Book([Sheet(name, []) for name in names])) == [
        "a_b", "A_B_2", "表3", "一" * 31, "一" * 29 + "_2", "x", "表7", "_表_", "_",
    ]  # fmt: skip
    content = fresh_workbook(Book([Sheet(name, []) for name in names]))
    assert len(openpyxl.load_workbook(io.BytesIO(content)).sheetnames) == len(names)


def test_too_much_for_a_sheet():
    with pytest.raises(LedgerError, match="台账.xls 的「甲」有1048577行.*请先拆成几个文件"):
        fresh_workbook(Book([Sheet("甲", [[1]] * (MOST_ROWS + 1))]))
    with pytest.raises(LedgerError, match="单元格B1写不进 .xlsx：文字有40000个字"):
        fresh_workbook(Book([Sheet("甲", [[None, "字" * 40000]])]))


def test_a_csv(tmp_path):
    source = tmp_path / "台账.csv"
    lines = [["姓名", "证件号码", "金额"], ["张三", "110101199001011234", "1200"], ["=1+1", "0012", "a\nb"]]
    with open(source, "w", encoding="gb18030", newline="") as file:
        csv.writer(file).writerows(lines)
    book = read_book(source)
    target = tmp_path / "台账.xlsx"
    target.write_bytes(fresh_workbook(book))
    assert read_book(target).sheets[0].rows == lines
    assert openpyxl.load_workbook(target).sheetnames == ["台账"]


def test_a_web_page(tmp_path):
    source = tmp_path / "导出.xls"
    source.write_text(
        "<html><table><tr><td rowspan=2>户</td><td>1</td></tr><tr><td>2</td></tr></table></html>", encoding="utf-8"
    )
    target = tmp_path / "新.xlsx"
    book = read_book(source)
    target.write_bytes(fresh_workbook(book))
    again = read_book(target).sheets[0]
    assert (again.rows, again.merged) == (book.sheets[0].rows, book.sheets[0].merged)


def test_the_same_bytes_every_time():
    sheets = [Sheet("甲", [[value] for value in VALUES])]
    assert fresh_workbook(Book(sheets)) == fresh_workbook(Book(sheets))


_TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8).filter(lambda t: "\r" not in t)


@given(
    st.lists(
        st.lists(st.none() | _TEXTS | st.integers(-(10**14), 10**14) | st.booleans(), min_size=1, max_size=4),
        min_size=1, max_size=5,
    )
)  # fmt: skip
def test_any_rows(tmp_path_factory, rows):
    found = reread([Sheet("甲", rows)], tmp_path_factory.mktemp("fresh"))[0].rows

    def at(table, row, column):
        return table[row][column] if row < len(table) and column < len(table[row]) else None

    for row, cells in enumerate(rows):
        for column, value in enumerate(cells):
            new = at(found, row, column)
            assert (new, type(new)) == (value, type(value)), repr(value)
