"""Writing into a workbook: what was asked for is there, everything else is as it was, and what cannot be is refused."""

from __future__ import annotations

import datetime as dt
import io
import math
import os
import re
import string
from decimal import Decimal

import numpy as np
import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st
from invented_workbooks import (
    HEADERS,
    LAST,
    LONG,
    REFUSED,
    RIGHT,
    SHEET,
    WORKBOOKS,
    protected_sheet,
    protected_structure,
    written,
)
from workbooks_compared import ANY, Allowed, Workbook, area, child, children, compared, letters, local

from xl_poverty import CellError
from xl_poverty.errors import LedgerError
from xl_poverty.workbook.changes import ColumnCells, SheetChanges
from xl_poverty.workbook.encoding import Formula
from xl_poverty.workbook.styles import Look
from xl_poverty.workbook.writing import write_cells

#: what openpyxl, the second reader, does not read
NOT_FOR_OPENPYXL = {"backslashes", "strict_names", "other_places"}
BESIDE = RIGHT + 1
CELLS = 100


@pytest.fixture
def write(tmp_path):
    """Write into the bytes of a workbook; the workbook is compared with what comes out, which is returned."""

    def writing(content: bytes, changes: dict, allowed: Allowed | None = None, suffix=".xlsx", **options) -> bytes:
        source, target = tmp_path / f"原{suffix}", tmp_path / f"新{suffix}"
        source.write_bytes(content)
        target.unlink(missing_ok=True)
        write_cells(source, target, changes, **options)
        after = target.read_bytes()
        assert source.read_bytes() == content
        assert sorted(path.name for path in tmp_path.iterdir()) == sorted((source.name, target.name))
        assert compared(content, after, allowed or Allowed(cells=positions(changes), grown=True)) == []
        return after

    return writing


@pytest.fixture
def refuse(tmp_path):
    """Writing is refused in words for a clerk, and nothing is left behind. Returns the words."""

    def refusing(content: bytes, changes: dict, suffix=".xlsx", errors=LedgerError, **options) -> str:
        source, target = tmp_path / f"原{suffix}", tmp_path / f"新{suffix}"
        source.write_bytes(content)
        with pytest.raises(errors) as told:
            write_cells(source, target, changes, **options)
        assert source.read_bytes() == content
        assert [path.name for path in tmp_path.iterdir()] == [source.name]
        words = str(told.value)
        if isinstance(told.value, LedgerError):
            assert re.search("[\u4e00-\u9fff]{4}", words), words
            assert not re.search(r"\d{15}|Error|object at|<.*>|/tmp", words), words
        return words

    return refusing


def positions(changes: dict) -> dict:
    """Changes as the comparison takes them."""
    found = {}
    for sheet, given_ in changes.items():
        cells = dict(given_) if not isinstance(given_, SheetChanges) else dict(given_.cells)
        for column in given_.columns if isinstance(given_, SheetChanges) else ():
            cells |= {(int(row), column.column): value for row, value in zip(column.rows, column.values)}
        found[sheet] = cells
    return found


def hundred(column: int) -> dict:
    """50 texts and 50 numbers in a column."""
    texts = ("已发放", "本人已故", "第三季度", "按《双碾乡2022》第十条", "待核")
    return {
        (row, column): f"{texts[row % 5]}{row}" if row % 2 else (row * 1.25 if row % 4 else row * 100)
        for row in range(1, CELLS + 1)
    }


def suffix_of(name: str) -> str:
    return ".xlsm" if name == "macros" else ".xlsx"


def reread(content: bytes):
    return openpyxl.load_workbook(io.BytesIO(content))


def free_column(content: bytes) -> int:
    cells = Workbook(content).cells(SHEET)
    return max((column for _, column in cells), default=0) + 1


# ---- every kind of workbook


@pytest.mark.parametrize("name", WORKBOOKS)
def test_a_hundred_cells_into_a_column_beside(name, write):
    content = WORKBOOKS[name]()
    cells = hundred(BESIDE)
    assert not any(row <= CELLS and column == BESIDE for row, column in Workbook(content).cells(SHEET)) or name in (
        "self_closing_rows",
    )
    after = write(content, {SHEET: cells}, suffix=suffix_of(name))
    if name not in NOT_FOR_OPENPYXL:
        sheet = reread(after)[SHEET]
        assert {at: sheet.cell(*at).value for at in cells} == cells
        if not any(local(root) == "table" for root in table_roots(after)):
            assert {type(sheet.cell(*at).value) for at in cells if at[0] % 2 == 0} <= {int, float}


@pytest.mark.parametrize("name", WORKBOOKS)
def test_a_hundred_cells_behind_everything_and_once_more(name, write, tmp_path):
    content = WORKBOOKS[name]()
    cells = hundred(free_column(content) + 1)
    after = write(content, {SHEET: cells}, suffix=suffix_of(name))
    again = write(after, {SHEET: cells}, suffix=suffix_of(name))
    assert Workbook(again).cells(SHEET) == Workbook(after).cells(SHEET)


@pytest.mark.parametrize("name", ["nothing_else", "formulas", "an_odd_hand", "rows_that_count_themselves", "prefixes"])
def test_the_same_changes_make_the_same_bytes(name, write):
    content = WORKBOOKS[name]()
    assert write(content, {SHEET: hundred(BESIDE)}) == write(content, {SHEET: hundred(BESIDE)})


def test_without_changes_it_is_the_same_workbook(write):
    for name in ("formulas", "charts", "sizes_behind"):
        content = WORKBOOKS[name]()
        write(content, {}, Allowed())
        write(content, {SHEET: {}}, Allowed())


def test_several_sheets_at_once(write):
    content = WORKBOOKS["tables_and_totals"]()
    write(content, {SHEET: hundred(9), "村名单": {(1, 1): "名单", (3, 6): 4, (9, 9): None}})


def test_sheets_that_are_hidden_are_sheets(write):
    content = WORKBOOKS["filter_and_outline"]()
    write(content, {"隐藏": {(2, 2): "藏"}, "深藏": {(1, 1): 1}})


# ---- values

BOLD_TEXTS = (
    "=1+1", "+1", "-1", "@SUM(A1)", "'单引号", '"双引号"', "  两头空格 ", "两行\n文字", "制表\t符", "回车\r\n换行",
    "回车\r",
    "_x000D_", "_x0041_字", "\x01控制", "\x0b", "<&>", "]]>", "<![CDATA[x]]>", "&amp;", "㐂𠮷🙂", "\u200b零宽",
    "\ufeff",
    "\ufffe", "990000190001010011", "0012", "1e5", "TRUE", "#N/A", "2022-01-01", "a" * 32767, " ", "\n", "中" * 400,
    "\u3000全角空格\u3000", "\xa0", "\x85", "\u2028", "\ud800半个字",
)  # fmt: skip


@pytest.mark.parametrize("name", ["nothing_else", "inline_strings", "prefixes", "the_least", "strict_names"])
def test_text_stays_text(name, write):
    content = WORKBOOKS[name]()
    cells = {(row, 20): text for row, text in enumerate(BOLD_TEXTS, 2)}
    after = write(content, {SHEET: cells})
    if name not in NOT_FOR_OPENPYXL:
        sheet = reread(after)[SHEET]
        for at, text in cells.items():
            assert sheet.cell(*at).data_type in "si"
            if not re.search("[\x00-\x1f\ud800\ufffe_]", text):
                assert sheet.cell(*at).value == text


@pytest.mark.parametrize("value", [
    0, 1, -1, 7, 10**15 - 1, -(10**15) + 1, 0.1, -0.0, 1e-300, 1.7976931348623157e308, 2 / 3, 123456789.01, 5e-324,
    Decimal("1234.56"), Decimal("0.1"), Decimal("1E+3"), Decimal("-0"), True, False, np.int64(5), np.float64(2.5),
    np.bool_(True), np.str_("村"), np.int8(-3), np.float32(0.5),
])  # fmt: skip
def test_numbers_and_truths(value, write):
    plain = value.item() if isinstance(value, np.generic) else value
    after = write(WORKBOOKS["nothing_else"](), {SHEET: {(2, 7): value}}, Allowed(cells={SHEET: {(2, 7): plain}}))
    found = Workbook(after).value(SHEET, (2, 7))
    assert found == (plain if isinstance(plain, str) else float(plain)) and isinstance(found, bool) == isinstance(
        plain, bool
    )


@pytest.mark.parametrize("name", ["nothing_else", "days_since_1904", "the_least", "prefixes"])
@pytest.mark.parametrize("value", [
    dt.date(2022, 8, 12), dt.datetime(2022, 8, 12, 13, 45, 30), dt.date(1904, 1, 2), dt.date(9999, 12, 31),
    dt.datetime(2022, 2, 28, 23, 59, 59), dt.date(1958, 3, 1),
])  # fmt: skip
def test_a_date_is_a_date_and_looks_like_one(name, value, write):
    after = write(WORKBOOKS[name](), {SHEET: {(2, 8): value}})
    shown = reread(after)[SHEET].cell(2, 8)
    assert shown.is_date
    assert shown.value == (value if isinstance(value, dt.datetime) else dt.datetime(value.year, value.month, value.day))


def test_a_date_before_the_first_march_of_1900_is_the_day_that_excel_shows(write):
    """Excel knows a 29th of February 1900: what comes before it counts one less."""
    after = write(WORKBOOKS["nothing_else"](), {SHEET: {(2, 8): dt.date(1900, 1, 1), (3, 8): dt.date(1900, 2, 28)}})
    assert Workbook(after).value(SHEET, (2, 8)) == 1 and Workbook(after).value(SHEET, (3, 8)) == 59


def test_days_that_the_calendar_of_the_workbook_does_not_have_are_refused(refuse):
    refuse(WORKBOOKS["nothing_else"](), {SHEET: {(2, 8): dt.date(1899, 12, 30)}})
    refuse(WORKBOOKS["days_since_1904"](), {SHEET: {(2, 8): dt.date(1903, 12, 31)}})


def test_a_date_over_a_date_keeps_its_look_and_over_a_number_it_is_one(write):
    content = WORKBOOKS["nothing_else"]()
    before, after = (
        Workbook(content),
        Workbook(write(content, {SHEET: {(2, 6): dt.date(2023, 1, 1), (2, 5): dt.date(2023, 1, 1)}})),
    )
    assert after.look(after.cells(SHEET)[2, 6].style) == before.look(before.cells(SHEET)[2, 6].style)
    old, new = before.look(before.cells(SHEET)[2, 5].style), after.look(after.cells(SHEET)[2, 5].style)
    assert new[:3] == old[:3]  # font, fill, border


@pytest.mark.parametrize("cell", ["#N/A", "#VALUE!", "#REF!", "#DIV/0!", "#NUM!", "#NAME?", "#NULL!"])
def test_errors_are_errors(cell, write):
    after = write(WORKBOOKS["nothing_else"](), {SHEET: {(2, 7): CellError("missing", "缺少村名", cell)}})
    assert reread(after)[SHEET].cell(2, 7).data_type == "e"


def test_a_blank_is_blank_and_keeps_its_look(write):
    content = WORKBOOKS["nothing_else"]()
    after = Workbook(write(content, {SHEET: {(2, 5): None, (3, 3): None, (4, 9): None, (200, 2): None}}))
    assert after.value(SHEET, (2, 5)) is None and after.value(SHEET, (3, 3)) is None
    assert after.cells(SHEET)[2, 5].style == Workbook(content).cells(SHEET)[2, 5].style


@pytest.mark.parametrize("value", [
    10**15, -(10**15), 10**18, Decimal(10) ** 15, math.nan, math.inf, -math.inf, Decimal("NaN"), Decimal("Infinity"),
    "字" * 32768, Formula(""), Formula('"\x01"'), Formula("1+" * 5000 + "1"), np.float64("nan"), np.int64(10**15),
])  # fmt: skip
def test_values_that_a_cell_cannot_hold_are_refused(value, refuse):
    refuse(WORKBOOKS["nothing_else"](), {SHEET: {(2, 7): "甲", (3, 7): value, (4, 7): "乙"}})


@pytest.mark.parametrize("value", [b"bytes", [1], (1, 2), {"a": 1}, object(), 1j])
def test_what_is_no_value_is_refused(value, refuse):
    refuse(WORKBOOKS["nothing_else"](), {SHEET: {(3, 7): value}}, errors=(LedgerError, TypeError, ValueError))


# ---- formulas


def test_formulas_with_their_results(write):
    values = {
        (2, 8): Formula("D2*2", 8), (3, 8): Formula("C3&\"户\"", "赵一户"), (4, 8): Formula("D4>3", True),
        (5, 8): Formula("1/0", CellError("div_zero", "除数为零")), (6, 8): Formula("D6*2"),
        (7, 8): Formula("B7&\"<&>\"", ""),
        (8, 8): Formula("TEXT(D8,\"0.0\")", " 1.0 "),
    }  # fmt: skip
    content = WORKBOOKS["nothing_else"]()
    after = Workbook(write(content, {SHEET: values}))
    shown = {row: after.value(SHEET, (row, 8)) for row in range(2, 9)}
    assert shown[2] == 8 and shown[3] == "赵一户" and shown[4] is True and shown[5] == "#DIV/0!" and shown[6] is None
    assert shown[8] == " 1.0 "
    assert [after.cells(SHEET)[row, 8].type for row in (2, 3, 4, 5)] == ["n", "str", "b", "e"]


def test_a_leading_equals_sign_is_no_part_of_a_formula(write, refuse):
    """Either way is well; `==` in the file is not."""
    content = WORKBOOKS["nothing_else"]()
    try:
        after = Workbook(write(content, {SHEET: {(2, 8): Formula("=D2*2", 8)}}))
    except (LedgerError, ValueError):
        return
    assert after.cells(SHEET)[2, 8].formula[0] == "D2*2"


def test_array_formulas(write):
    after = Workbook(write(WORKBOOKS["nothing_else"](), {SHEET: {(2, 8): Formula("D2:D4*2", 8, area="H2:H4")}}))
    assert after.cells(SHEET)[2, 8].formula[:3] == ("D2:D4*2", "array", "H2:H4")


@pytest.mark.parametrize("name", ["nothing_else", "formulas", "picture_in_a_cell", "the_least", "strict_names"])
def test_dynamic_arrays(name, write):
    """A formula that may spill has its mark in the workbook's metadata, beside the marks that there are."""
    column = 20
    after = Workbook(
        write(WORKBOOKS[name](), {SHEET: {(2, column): Formula("_xlfn.UNIQUE(B2:B9)", "第1村", dynamic=True)}})
    )
    cell = after.cells(SHEET)[2, column]
    number = int(dict(cell.attributes)["cm"])
    metadata = after.root(after.part_of_main("sheetMetadata"))
    record = children(children(child(metadata, "cellMetadata"))[number - 1])[0]
    kind = children(child(metadata, "metadataTypes"))[int(record.get("t")) - 1]
    assert kind.get("name") == "XLDAPR" and cell.formula[1] == "array"
    properties = next(child for child in metadata if child.get("name") == "XLDAPR" and local(child) == "futureMetadata")
    block = children(properties)[int(record.get("v"))]
    assert any(local(found) == "dynamicArrayProperties" and found.get("fDynamic") == "1" for found in block.iter())


def test_formulas_that_depend_on_what_changed_lose_their_results_and_no_others(write):
    content = WORKBOOKS["formulas"]()
    after = Workbook(write(content, {SHEET: {(3, 4): 6}}))
    before = Workbook(content)
    gone = {at for at, cell in before.cells(SHEET).items() if cell.formula and after.value(SHEET, at) is None
            and before.value(SHEET, at) is not None}  # fmt: skip
    assert gone == {(3, 9), (2, 11), (6, 11), (2, 13)}
    assert after.value(SHEET, (1, 10)) == 1234.5 and after.value(SHEET, (2, 9)) == before.value(SHEET, (2, 9))
    assert after.value("汇总", (4, 1)) is None and after.value("汇总", (1, 1)) == 0


def test_ages_and_other_formulas_of_the_day_keep_their_results(write):
    """What was written is nothing to them; whoever reads without calculating would find no age any more."""
    content = WORKBOOKS["formulas_of_the_day"]()
    after = Workbook(write(content, {SHEET: {(2, 4): 6}}))
    assert [after.value(SHEET, (row, 9)) for row in range(2, 7)] == [44887, 44887.5, 64, 4.5, 65]


def test_chains_of_formulas_over_sheets(write):
    after = Workbook(write(WORKBOOKS["formulas"](), {SHEET: {(2, 7): "已核"}}))
    assert [after.value(SHEET, (row, 10)) for row in (3, 4, 5)] == [None] * 3
    assert [after.value("汇总", (row, 1)) for row in (1, 3)] == [None] * 2
    assert after.value(SHEET, (1, 10)) == 1234.5 and after.value("汇总", (4, 1)) == 7


def test_a_formula_that_is_overwritten_leaves_the_chain(write):
    content = WORKBOOKS["formulas"]()
    after = Workbook(write(content, {SHEET: {(2, 10): 5, (7, 10): "两字"}}))
    chain = after.part_of_main("calcChain")
    links = [link.get("r") for link in children(after.root(chain))] if chain else []
    assert "J2" not in links


def test_every_workbook_with_formulas_is_calculated_on_load(write):
    for name in ("formulas", "strict_names", "an_external_link", "what_openpyxl_writes"):
        after = Workbook(write(WORKBOOKS[name](), {SHEET: {(2, 4): 9}}))
        assert child(after.root(after.main), "calcPr").get("fullCalcOnLoad") in ("1", "true")


@pytest.mark.parametrize("cell, what", [
    ((2, 11), "first cell of an array formula"), ((3, 11), "array formula"), ((2, 9), "first cell of a shared formula"),
])  # fmt: skip
def test_parts_of_formulas_are_refused(cell, what, refuse):
    words = refuse(WORKBOOKS["formulas"](), {SHEET: {cell: 1}})
    assert f"{letters(cell[1])}{cell[0]}" in words


@pytest.mark.parametrize("cell", [(2, 9), (3, 10), (2, 11)])
def test_parts_of_a_data_table_are_refused(cell, refuse):
    refuse(WORKBOOKS["data_table"](), {SHEET: {cell: 1}})


def test_a_cell_of_a_shared_formula_may_be_written(write):
    after = Workbook(write(WORKBOOKS["formulas"](), {SHEET: {(5, 9): 12, (41, 9): "无"}}))
    assert after.value(SHEET, (5, 9)) == 12 and after.cells(SHEET)[6, 9].formula[1] == "shared"


# ---- overwriting


def test_what_is_overwritten_keeps_its_look(write):
    content = WORKBOOKS["nothing_else"]()
    cells = {
        (2, 1): "甲",
        (3, 3): 7,
        (4, 5): 1.5,
        (1, 2): "行政村",
        (5, 6): dt.date(2022, 1, 1),
        (6, 5): Formula("D6*2", 4),
    }
    before, after = Workbook(content), Workbook(write(content, {SHEET: cells}))
    assert all(before.look(before.cells(SHEET)[at].style) == after.look(after.cells(SHEET)[at].style) for at in cells)


@pytest.mark.parametrize("name", ["rich_text", "picture_in_a_cell", "notes_and_links", "buttons_and_controls"])
def test_cells_with_more_than_a_value_can_be_overwritten(name, write):
    cells = {"rich_text": {(2, 9): "平", (3, 9): 5}, "picture_in_a_cell": {(3, 9): "图"},
             "notes_and_links": {(3, 3): "赵"}, "buttons_and_controls": {(5, 9): False}}[name]  # fmt: skip
    after = Workbook(write(WORKBOOKS[name](), {SHEET: cells}))
    for at in cells:
        assert "vm" not in dict(after.cells(SHEET)[at].attributes)


def test_every_cell_of_a_ledger_can_be_overwritten(write):
    content = WORKBOOKS["nothing_else"]()
    write(content, {SHEET: {at: f"{at[0]}之{at[1]}" for at in Workbook(content).cells(SHEET)}})


def test_rows_and_cells_where_there_are_none(write):
    after = write(WORKBOOKS["an_empty_sheet"](), {SHEET: {(1, 1): "甲", (1048576, 16384): "乙", (5, 3): 5}})
    assert Workbook(after).value(SHEET, (1048576, 16384)) == "乙"
    write(
        WORKBOOKS["self_closing_rows"](),
        {SHEET: {(60, 1): 1, (61, 3): 2, (61, 4): 3, (65, 1): 4, (70, 9): 5, (71, 1): 6}},
    )


@pytest.mark.parametrize("at", [(0, 1), (1, 0), (1048577, 1), (1, 16385), (-1, 2)])
def test_there_is_no_such_cell(at, refuse):
    refuse(WORKBOOKS["nothing_else"](), {SHEET: {at: 1}}, errors=(LedgerError, ValueError))


# ---- looks, widths, merges


def test_new_cells_have_no_number_format_of_their_neighbours(write):
    """F holds dates; numbers beside them are none."""
    after = Workbook(write(WORKBOOKS["nothing_else"](), {SHEET: hundred(BESIDE)}))
    formats = {after.number_format(after.cells(SHEET)[row, BESIDE].style) for row in range(2, CELLS + 1)}
    assert formats <= {"0", "General"}


def test_looks_of_new_cells(write):
    content = WORKBOOKS["nothing_else"]()
    cells = {(1, 7): "补贴", (2, 7): 1500.5, (3, 7): "无", (4, 7): 9}
    looks = {
        (1, 7): Look(like=6), (2, 7): Look(like=5, number_format="#,##0.00"),
        (3, 7): Look(horizontal="center", wrap=True),
        (4, 7): Look(like=6, number_format="0"),
    }  # fmt: skip
    allowed = Allowed(cells={SHEET: cells}, looks={SHEET: set(looks)}, grown=True)
    after = Workbook(write(content, {SHEET: SheetChanges(cells=cells, looks=looks)}, allowed))
    style = {row: after.look(after.cells(SHEET)[row, 7].style) for row in range(1, 5)}
    header = after.look(after.cells(SHEET)[1, 6].style)
    assert style[1][:3] == header[:3]  # font, fill, border
    assert style[2][3] in ("4", "#,##0.00")
    assert b'horizontal="center"' in style[3][-1][0] and b"wrapText" in style[3][-1][0]
    assert style[4][3] in ("1", "0")


def test_equal_looks_are_one_format(write):
    content = WORKBOOKS["nothing_else"]()
    cells = {(row, 7): row for row in range(1, 40)}
    looks = dict.fromkeys(cells, Look(like=5, number_format="0.0"))
    allowed = Allowed(cells={SHEET: cells}, looks={SHEET: set(looks)}, grown=True)
    after = Workbook(write(content, {SHEET: SheetChanges(cells=cells, looks=looks)}, allowed))
    assert len(after.formats) - len(Workbook(content).formats) <= 2  # under the header, and of the header


@pytest.mark.parametrize("name", ["nothing_else", "filter_and_outline", "prefixes", "strict_names", "the_least"])
def test_widths(name, write):
    widths = {3: 30.0, 7: 18.5, 14: 9.0}
    cells = {(2, 7): "甲"}
    allowed = Allowed(cells={SHEET: cells}, widths={SHEET: set(widths)}, grown=True)
    after = Workbook(write(WORKBOOKS[name](), {SHEET: SheetChanges(cells=cells, widths=widths)}, allowed))
    found = {
        column: float(col.get("width"))
        for cols in children(after.root(after.sheets[SHEET])) if local(cols) == "cols"
        for col in children(cols) for column in range(int(col.get("min")), int(col.get("max")) + 1)
    }  # fmt: skip
    assert all(abs(found[column] - width) < 1 for column, width in widths.items())


@pytest.mark.parametrize("name", ["nothing_else", "merges", "prefixes", "conditional_formats"])
def test_merges(name, write):
    cells = {(1, 12): "核查", (2, 12): "结果"}
    allowed = Allowed(cells={SHEET: cells}, merges={SHEET: {"L1:M1"}}, grown=True)
    write(WORKBOOKS[name](), {SHEET: SheetChanges(cells=cells, merges=["L1:M1"])}, allowed)


def test_a_merge_over_another_and_over_what_stands_there_is_refused(refuse):
    refuse(WORKBOOKS["merges"](), {SHEET: SheetChanges(cells={(1, 7): "甲"}, merges=["G1:H1"])})


@pytest.mark.parametrize("at", [(1, 9), (3, 8), (45, 1)])
def test_covered_cells_of_a_merge_are_refused(at, refuse):
    assert f"{letters(at[1])}{at[0]}" in refuse(WORKBOOKS["merges"](), {SHEET: {at: "甲"}})


def test_the_first_cell_of_a_merge_can_be_written(write):
    write(WORKBOOKS["merges"](), {SHEET: {(1, 8): "核查", (2, 8): 5, (44, 1): "填表人"}})


# ---- tables, filters, print areas, conditional formats and validations grow


def table_roots(content: bytes) -> list:
    book = Workbook(content)
    return [book.root(part) for name in book.sheets for part in book.related(book.sheets[name], "table")]


def table_of(content: bytes, name: str = "台账表"):
    return next(root for root in table_roots(content) if root.get("displayName") == name)


def column(header, number: int = BESIDE, last: int = LAST) -> dict:
    return {(1, number): header, **{(row, number): row for row in range(2, last + 1)}}


@pytest.mark.parametrize("name", ["table", "prefixes_and_a_table"])
def test_a_column_beside_a_table_joins_it(name, write):
    after = write(WORKBOOKS[name](), {SHEET: column("已发放")})
    table = table_of(after)
    assert table.get("ref") == f"A1:G{LAST}" and child(table, "autoFilter").get("ref") == f"A1:G{LAST}"
    titles = [(found.get("id"), found.get("name")) for found in children(child(table, "tableColumns"))]
    assert [title for _, title in titles] == [*HEADERS, "已发放"] and len({number for number, _ in titles}) == RIGHT + 1


def test_several_columns_beside_a_table_join_it(write):
    cells = column("甲", 7) | column("乙", 8) | column("丙", 9)
    after = write(WORKBOOKS["table"](), {SHEET: cells})
    assert table_of(after).get("ref") == f"A1:I{LAST}"


def test_a_column_beside_a_table_with_totals_joins_it_and_rows_below_do_not(write):
    after = write(WORKBOOKS["tables_and_totals"](), {SHEET: column("已发放")})
    table = table_of(after)
    assert table.get("ref") == f"A1:G{LAST + 1}" and child(table, "autoFilter").get("ref") == f"A1:G{LAST}"
    below = {(LAST + 2, number): "后" for number in range(1, RIGHT + 1)}
    assert table_of(write(WORKBOOKS["tables_and_totals"](), {SHEET: below})).get("ref") == f"A1:F{LAST + 1}"


def test_a_column_that_is_not_beside_a_table_does_not_join_it(write):
    assert table_of(write(WORKBOOKS["table"](), {SHEET: column("已发放", BESIDE + 1)})).get("ref") == f"A1:F{LAST}"


def test_rows_below_a_table_join_it(write):
    cells = {(LAST + 1, number): f"新{number}" for number in range(1, RIGHT + 1)}
    assert table_of(write(WORKBOOKS["table"](), {SHEET: cells})).get("ref") == f"A1:F{LAST + 1}"


@pytest.mark.parametrize("header, title", [("金额", "金额2"), (2022, "2022"), ("姓名", "姓名2"), ("A\nB", None)])
def test_titles_of_a_table_differ_and_are_texts(header, title, write):
    after = write(WORKBOOKS["table"](), {SHEET: column(header)})
    table, book = table_of(after), Workbook(after)
    if table.get("ref") == f"A1:G{LAST}" and title:
        assert children(child(table, "tableColumns"))[-1].get("name") == title
        assert book.value(SHEET, (1, BESIDE)) == title


def test_a_table_without_a_written_header_is_none_the_worse(write):
    """Cells beside the body only: Excel would join them under 列1; a table that stays as it is is as good."""
    cells = {(row, BESIDE): row for row in range(2, 10)}
    write(WORKBOOKS["table"](), {SHEET: cells}, Allowed(cells={SHEET: cells | {(1, BESIDE): ANY}}, grown=True))


def test_headers_of_a_table_are_refused_and_the_same_text_is_welcome(refuse, write):
    assert "C1" in refuse(WORKBOOKS["table"](), {SHEET: {(1, 3): "户主"}})
    refuse(WORKBOOKS["table"](), {SHEET: {(1, 3): None}})
    refuse(WORKBOOKS["table"](), {SHEET: {(1, 1): Formula("1+1", 2)}})
    write(WORKBOOKS["table"](), {SHEET: {(1, 3): "姓名", (2, 3): "新名"}})


def test_a_filter_grows_with_its_hidden_name(write):
    after = Workbook(write(WORKBOOKS["filter_and_outline"](), {SHEET: column("已发放")}))
    assert child(after.root(after.sheets[SHEET]), "autoFilter").get("ref") == f"A1:G{LAST}"
    assert after.names["_xlnm._FilterDatabase", "0"][0] == f"{SHEET}!$A$1:$G${LAST}"


def test_a_print_area_grows_that_ended_where_the_table_ended(write):
    after = Workbook(write(WORKBOOKS["names_and_print_settings"](), {SHEET: column("已发放")}))
    assert after.names["_xlnm.Print_Area", "0"][0] == f"{SHEET}!$A$1:$G${LAST}"
    assert after.names["总额", None][0] == f"{SHEET}!$E$2:$E${LAST}"


def areas_of(content: bytes, kind: str) -> list[str]:
    book = Workbook(content)
    return [e.get("sqref") for e in book.root(book.sheets[SHEET]).iter() if local(e) == kind and e.get("sqref")]


def test_validations_of_the_whole_table_grow_and_those_of_a_column_do_not(write):
    after = write(WORKBOOKS["validations"](), {SHEET: column("已发放")})
    assert areas_of(after, "dataValidation") == [f"A2:G{LAST}", f"D2:D{LAST}", f"B2:B{LAST}"]
    book = Workbook(after)
    newer = [e.text for e in book.root(book.sheets[SHEET]).iter() if local(e) == "sqref"]
    assert newer == [f"A2:G{LAST}"]


def test_conditional_formats_of_the_whole_table_grow_and_those_of_a_column_do_not(write):
    before = areas_of(WORKBOOKS["conditional_formats"](), "conditionalFormatting")
    after = areas_of(write(WORKBOOKS["conditional_formats"](), {SHEET: column("已发放")}), "conditionalFormatting")
    assert after == [f"A2:G{LAST}" if found == f"A2:F{LAST}" else found for found in before]


def test_nothing_grows_over_cells_that_stand_apart(write):
    for name in ("filter_and_outline", "names_and_print_settings", "validations", "conditional_formats", "table"):
        changes = {SHEET: column("已发放", 20)}
        write(WORKBOOKS[name](), changes, Allowed(cells=changes))


def test_nothing_grows_when_cells_inside_are_overwritten(write):
    for name in ("filter_and_outline", "names_and_print_settings", "validations", "conditional_formats", "table"):
        changes = {SHEET: {(5, 4): 9, (6, 5): 10.5}}
        write(WORKBOOKS[name](), changes, Allowed(cells=changes))


# ---- long columns


def test_long_columns(write):
    content = WORKBOOKS["a_long_ledger"]()
    every = range(2, LONG + 2)
    columns = [
        ColumnCells(8, every, [f"第{row}行" for row in every]),
        ColumnCells(9, every, np.arange(len(every)) / 4),
        ColumnCells(10, range(3, LONG + 2, 7), [None if row % 2 else row for row in range(3, LONG + 2, 7)]),
        ColumnCells(11, np.arange(2, 500), [Formula(f"D{row}*2", row) for row in range(2, 500)]),
    ]
    cells = {(1, number): f"列{number}" for number in (8, 9, 10, 11)} | {(LONG + 90, 2): "后"}
    write(content, {SHEET: SheetChanges(cells=cells, columns=columns)})


def test_long_columns_over_what_stands_there(write):
    content = WORKBOOKS["a_long_ledger"]()
    every = range(2, LONG + 2)
    write(
        content,
        {SHEET: SheetChanges(columns=[ColumnCells(2, every, ["村"] * len(every)), ColumnCells(4, every, list(every))])},
    )


# ---- the place of the file


def test_in_place_with_a_backup(tmp_path):
    content = WORKBOOKS["charts"]()
    path = tmp_path / "台账.xlsx"
    path.write_bytes(content)
    os.chmod(path, 0o640)
    write_cells(path, path, {SHEET: hundred(BESIDE)}, in_place=True)
    assert compared(content, path, Allowed(cells={SHEET: hundred(BESIDE)}, grown=True)) == []
    assert path.stat().st_mode & 0o777 == 0o640
    others = [other for other in tmp_path.iterdir() if other != path]
    assert len(others) == 1 and others[0].read_bytes() == content and "备份" in others[0].name


def test_the_source_is_not_written_to_unasked(tmp_path):
    content = WORKBOOKS["nothing_else"]()
    path = tmp_path / "台账.xlsx"
    path.write_bytes(content)
    link = tmp_path / "链接.xlsx"
    link.symlink_to(path)
    for target in (path, tmp_path / "." / "台账.xlsx", link):
        with pytest.raises(LedgerError):
            write_cells(path, target, {SHEET: {(1, 9): 1}})
    assert path.read_bytes() == content and len(list(tmp_path.iterdir())) == 2


def test_a_refusal_in_place_leaves_neither_a_backup_nor_a_change(tmp_path):
    content = WORKBOOKS["table"]()
    path = tmp_path / "台账.xlsx"
    path.write_bytes(content)
    with pytest.raises(LedgerError):
        write_cells(path, path, {SHEET: {(1, 1): "别的"}}, in_place=True)
    assert path.read_bytes() == content and list(tmp_path.iterdir()) == [path]


def test_a_target_that_is_there_stays_when_writing_is_refused(tmp_path):
    (tmp_path / "原.xlsx").write_bytes(WORKBOOKS["table"]())
    (tmp_path / "新.xlsx").write_bytes(b"other")
    with pytest.raises(LedgerError):
        write_cells(tmp_path / "原.xlsx", tmp_path / "新.xlsx", {SHEET: {(1, 1): "别的"}})
    assert (tmp_path / "新.xlsx").read_bytes() == b"other"


def test_names_of_files_that_clerks_have(tmp_path):
    content = WORKBOOKS["nothing_else"]()
    for name in ("2022年 台账（终稿）.xlsx", "a&b #1 50%.xlsx", "【最新】𠮷.xlsx"):
        (tmp_path / name).write_bytes(content)
        write_cells(tmp_path / name, tmp_path / f"新{name}", {SHEET: {(2, 9): 1}})
        assert compared(content, tmp_path / f"新{name}", Allowed(cells={SHEET: {(2, 9): 1}})) == []


@pytest.mark.parametrize("source, target", [("无.xlsx", "新.xlsx"), ("原.xlsx", "无此文件夹/新.xlsx")])
def test_places_that_are_not_there(source, target, tmp_path):
    (tmp_path / "原.xlsx").write_bytes(WORKBOOKS["nothing_else"]())
    with pytest.raises(LedgerError):
        write_cells(tmp_path / source, tmp_path / target, {SHEET: {(1, 9): 1}})
    assert [path.name for path in tmp_path.iterdir()] == ["原.xlsx"]


def test_a_folder_is_no_workbook(tmp_path):
    (tmp_path / "夹.xlsx").mkdir()
    (tmp_path / "原.xlsx").write_bytes(WORKBOOKS["nothing_else"]())
    for source, target in (("夹.xlsx", "新.xlsx"), ("原.xlsx", "夹.xlsx")):
        with pytest.raises(LedgerError):
            write_cells(tmp_path / source, tmp_path / target, {SHEET: {(1, 9): 1}})
    assert sorted(path.name for path in tmp_path.iterdir()) == ["原.xlsx", "夹.xlsx"]


def test_macros_stay_under_a_name_that_tells_of_them(tmp_path):
    """Excel opens no workbook with macros that is called .xlsx, and none without that is called .xlsm."""
    for name, wrong in (("macros", ".xlsx"), ("nothing_else", ".xlsm")):
        source = tmp_path / f"{name}{suffix_of(name)}"
        source.write_bytes(WORKBOOKS[name]())
        with pytest.raises(LedgerError):
            write_cells(source, tmp_path / f"新{wrong}", {SHEET: {(1, 9): 1}})
        assert not (tmp_path / f"新{wrong}").exists()


# ---- what is refused


@pytest.mark.parametrize("name", REFUSED)
def test_packages_that_must_not_be_written_to(name, refuse):
    refuse(REFUSED[name](), {SHEET: {(2, 9): "甲", (30, 9): "乙"}})


def test_a_bomb_is_refused_before_it_is_unpacked(refuse):
    import tracemalloc

    content = REFUSED["bomb"]()
    tracemalloc.start()
    refuse(content, {SHEET: {(2, 9): "甲"}})
    assert tracemalloc.get_traced_memory()[1] < 50 << 20
    tracemalloc.stop()


def test_sheets_that_hold_no_cells_or_are_not_there(refuse):
    words = refuse(WORKBOOKS["charts"](), {"图表": {(1, 1): 1}})
    assert "图表" in words
    words = refuse(WORKBOOKS["charts"](), {"村表": {(1, 1): 1}})
    assert "村表" in words and SHEET in words


def test_protected_sheets_are_not_written_to(refuse, write):
    assert SHEET in refuse(protected_sheet(), {SHEET: {(2, 9): "甲"}})
    write(protected_structure(), {SHEET: {(2, 9): "甲"}})  # what is protected is which sheets there are


def test_another_sheet_may_be_protected(write):
    def fill(book, sheet):
        book.add_worksheet("锁定").protect("")

    write(written(fill), {SHEET: {(2, 9): "甲"}})


def test_files_of_zips_cut_anywhere_are_refused(refuse):
    """Whatever is missing, it is said and nothing is written."""
    content = WORKBOOKS["formulas"]()
    for end in range(0, len(content), 397):
        refuse(content[:end], {SHEET: {(2, 9): "甲"}})


def test_one_byte_that_is_another(tmp_path):
    """It is refused, or not where it matters: what comes out is no more broken than what went in."""
    content = WORKBOOKS["nothing_else"]()
    source, target = tmp_path / "原.xlsx", tmp_path / "新.xlsx"
    for at in range(0, len(content), 61):
        broken = content[:at] + bytes([content[at] ^ 0x55]) + content[at + 1 :]
        source.write_bytes(broken)
        target.unlink(missing_ok=True)
        try:
            write_cells(source, target, {SHEET: {(2, 9): "甲"}})
        except LedgerError:
            assert not target.exists()
        else:
            assert compared(broken, target, Allowed(cells={SHEET: {(2, 9): "甲"}})) == []


def test_columns_beyond_the_sheet_are_refused_in_words(refuse):
    """A table may not grow over what stands beside it either."""
    refuse(WORKBOOKS["nothing_else"](), {SHEET: {(1, 16385): "甲"}}, errors=(LedgerError, ValueError))


# ---- names


def test_names_of_the_workbook(write):
    allowed = Allowed(cells={SHEET: {(2, 20): 5}}, names={"口径": f"{SHEET}!$T$2", "总额": f"{SHEET}!$E$2:$E$9"})
    for name in ("nothing_else", "names_and_print_settings", "prefixes", "strict_names", "the_least"):
        write(WORKBOOKS[name](), {SHEET: {(2, 20): 5}}, allowed, names=dict(allowed.names))


# ---- anything, anywhere

anywhere = st.tuples(st.integers(1, 70), st.integers(1, 14))
values = st.one_of(
    st.none(), st.booleans(), st.integers(-(10**15) + 1, 10**15 - 1),
    st.floats(allow_nan=False, allow_infinity=False), st.dates(dt.date(1904, 1, 2), dt.date(9999, 12, 31)),
    st.text(st.characters(codec="utf-8"), max_size=20), st.sampled_from(BOLD_TEXTS[:30]),
    st.builds(
        Formula, st.sampled_from(("D2*2", "SUM(A:B)", 'IF(A1="","<",1)')), st.sampled_from((None, 5, "五", True))
    ),
    st.decimals(-(10**9), 10**9, places=4), st.text(string.digits, min_size=15, max_size=19),
)  # fmt: skip
USUAL = [
    "nothing_else", "formulas", "merges", "rows_that_count_themselves", "an_odd_hand", "self_closing_rows", "prefixes",
    "the_least", "inline_strings", "rich_text", "an_empty_sheet", "tables_and_totals",
]  # fmt: skip


@settings(max_examples=int(os.environ.get("XL_POVERTY_ROWS", "0")) // 20 or 40,
          suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])  # fmt: skip
@given(name=st.sampled_from(USUAL), cells=st.dictionaries(anywhere, values, min_size=1, max_size=30))
def test_any_values_anywhere(name, cells, tmp_path):
    content = WORKBOOKS[name]()
    book = Workbook(content)
    source, target = tmp_path / "原.xlsx", tmp_path / "新.xlsx"
    source.write_bytes(content)
    target.unlink(missing_ok=True)
    try:
        write_cells(source, target, {SHEET: cells})
    except LedgerError as told:
        assert not target.exists()
        reasons = [at for at in cells if _not_writable(book, at)]
        assert reasons, told
        return
    assert not [at for at, value in cells.items() if value is not None and _not_writable(book, at, hard=True)]
    assert compared(content, target, Allowed(cells={SHEET: cells}, grown=True)) == []


def _not_writable(book: Workbook, at, hard=False) -> bool:
    """Whether a cell is part of something that may be, or `hard`: has to be refused."""
    root = book.root(book.sheets[SHEET])
    for merge in children(child(root, "mergeCells")):
        top, left, bottom, right = area(merge.get("ref"))
        if top <= at[0] <= bottom and left <= at[1] <= right and at != (top, left):
            return True
    for cell in book.cells(SHEET).values():
        if cell.formula and cell.formula[1] in ("array", "dataTable"):
            top, left, bottom, right = area(cell.formula[2])
            if top <= at[0] <= bottom and left <= at[1] <= right and (not hard or (top, left) != (bottom, right)):
                return True
    cell = book.cells(SHEET).get(at)
    if cell and cell.formula and cell.formula[1] == "shared" and cell.formula[2]:
        return True
    for part in book.related(book.sheets[SHEET], "table"):
        top, left, _, right = area(book.root(part).get("ref"))
        if at[0] == top and left <= at[1] <= right:
            return not hard
    return False
