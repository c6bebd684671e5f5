"""What has changed in a copy of a workbook, as few writes for the workbook that is open."""

from __future__ import annotations

import datetime as dt
import shutil

import openpyxl
import pytest
from live_excel import typed
from openpyxl.styles import Font, PatternFill
from openpyxl.workbook.defined_name import DefinedName

from xl_poverty import CellError
from xl_poverty.hosts.transfer import MOST_CELLS, areas, blocks, entered, excerpt, transfer
from xl_poverty.ledger.files import read_book
from xl_poverty.workbook.changes import SheetChanges
from xl_poverty.workbook.pages import TEXT, Page
from xl_poverty.workbook.regenerating import RECORD, regenerate
from xl_poverty.workbook.styles import Look
from xl_poverty.workbook.writing import write_cells


@pytest.mark.parametrize(
    "value",
    ["甲某", "990000196501010018", "007", "1-2", "3月5日", "三月", "TRUE", "true", "=A1", "+1", "-", "@甲", "'甲",
     "#N/A", "2025年", "12:30", "（一）", "a1", "1e5", "50%", " 甲", "甲\n乙", 0, 1.5, True, False, "电话：139"],
)  # fmt: skip
def test_what_is_typed_becomes_just_the_value(value):
    cell = openpyxl.Workbook().active["A1"]
    typed(cell, entered(value))
    assert cell.value == value and isinstance(cell.value, bool) == isinstance(value, bool)
    assert cell.data_type == ("s" if isinstance(value, str) else "b" if isinstance(value, bool) else "n")


def test_days_errors_and_blanks():
    assert entered(dt.date(2025, 11, 30)) == 45991 and entered(dt.datetime(2025, 11, 30, 12)) == 45991.5
    assert entered(dt.date(2025, 11, 30), True) == 45991 - 1462  # days from 1904
    assert entered(CellError("missing", "", "#N/A")) == "=#N/A"
    assert entered(None) == entered("") == ""
    assert entered("甲") == "甲"  # no mark in front of what needs none


def test_areas_are_few():
    rectangle = {(row, column) for row in range(3, 900) for column in (5, 6, 7)}
    assert list(areas(rectangle)) == [(3, 5, 899, 7)]
    assert sorted(areas(rectangle - {(10, 6)})) == [(3, 5, 9, 7), (10, 5, 10, 5), (10, 7, 10, 7), (11, 5, 899, 7)]
    assert list(areas(set())) == []


def test_blocks_hold_every_cell_once():
    cells = {(row, column): f"{row}/{column}" for row in range(MOST_CELLS // 2 + 5) for column in (0, 2, 3)}
    cells[7, 9] = "文" * 9000
    found = list(blocks(cells))
    told = {}
    for block in found:
        top, left, bottom, right = block.area
        assert len(block.rows) * len(block.rows[0]) <= MOST_CELLS
        for row, line in zip(range(top, bottom + 1), block.rows, strict=True):
            for column, value in zip(range(left, right + 1), line, strict=True):
                assert (row, column) not in told
                told[row, column] = value
    assert told == cells
    assert [block.area for block in found if block.is_long] == [(7, 9, 7, 9)]
    assert len(found) == 4  # the long text, A, C:D in two parts


@pytest.fixture
def ledger(tmp_path):
    """A ledger with a generated sheet, and somebody's own that reads it."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "台账"
    for row in (["姓名", "金额"], ["甲", 1], ["乙", 2], ["合计", "=SUM(B2:B3)"]):
        sheet.append(row)
    own = book.create_sheet("我的")
    own["A1"], own["A2"] = "=汇总!B2", "=SUM(汇总!B2:B3)*2"
    own["A3"] = '="汇总!B2"'
    book.save(tmp_path / "before.xlsx")
    put(tmp_path / "before.xlsx", [1, 2])
    shutil.copyfile(tmp_path / "before.xlsx", tmp_path / "after.xlsx")
    return tmp_path


def put(file, amounts, wide=10):
    page = Page("汇总", widths=(wide, wide))
    page.table(0, 0, ("村", "户数"), [(f"村{at}", amount) for at, amount in enumerate(amounts)], TEXT,
               [f"村{at}" for at in range(len(amounts))])  # fmt: skip
    return regenerate(file, [page], read_book(file))


def test_nothing_changes(ledger):
    assert transfer(ledger / "before.xlsx", ledger / "after.xlsx").empty


def test_cells_that_change(ledger):
    after = ledger / "after.xlsx"
    changes = SheetChanges(cells={(2, 2): "007", (3, 2): None, (2, 4): dt.date(2025, 1, 2)})
    changes.looks[2, 4] = Look(number_format="yyyy-mm-dd")
    changes.widths[4] = 30
    write_cells(after, after, {"台账": changes}, in_place=True)
    made = transfer(ledger / "before.xlsx", after)
    assert made.changed.keys() == {"台账"} and not made.copied
    assert made.changed["台账"].dressed or made.changed["台账"].wide
    change = made.changed["台账"]
    # the total lost its result, which is for Excel to show; the new cell comes with its look
    assert [(block.area, block.rows) for block in change.blocks] == [((1, 1, 2, 1), (("'007",), ("",)))]
    assert change.dressed == [(1, 3, 1, 3)] and change.wide == [3]
    former = {block.area: block.rows for block in change.former}
    assert former == {(1, 1, 2, 1): ((1.0,), (2.0,)), (1, 3, 1, 3): (("",),)}


def test_looks_are_the_same_however_they_are_numbered(ledger):
    """openpyxl writes all formats anew."""
    book = openpyxl.load_workbook(ledger / "before.xlsx")
    book["台账"]["A1"].font = Font(bold=True)
    book["台账"]["B2"].fill = PatternFill("solid", fgColor="FF0000")
    book.save(ledger / "before.xlsx")
    book = openpyxl.load_workbook(ledger / "before.xlsx")
    book["我的"]["F1"].font = Font(italic=True)
    book["台账"]["A2"].font = Font(italic=True)
    book["台账"]["A2"] = "丙"
    book.save(ledger / "after.xlsx")
    made = transfer(ledger / "before.xlsx", ledger / "after.xlsx")
    assert made.changed["台账"].dressed == [(1, 0, 1, 0)] and made.changed["我的"].dressed == [(0, 5, 0, 5)]


def test_a_sheet_of_another_layout_is_copied(ledger):
    put(ledger / "after.xlsx", [5, 6, 7], wide=20)
    made = transfer(ledger / "before.xlsx", ledger / "after.xlsx")
    assert made.replaced == {"汇总"} and made.copied == {"汇总": "我的"} and made.states == {"汇总": "visible"}
    # what reads it is written anew; so is what names it otherwise, which does no harm
    assert [(block.area, block.rows) for block in made.changed["我的"].blocks] == [
        ((0, 0, 2, 0), (("=汇总!B2",), ("=SUM(汇总!B2:B3)*2",), ('="汇总!B2"',)))
    ]


def test_new_sheets_are_copied(ledger):
    book = openpyxl.load_workbook(ledger / "before.xlsx")
    for name in ("汇总", RECORD):
        del book[name]
    book.save(ledger / "before.xlsx")
    shutil.copyfile(ledger / "before.xlsx", ledger / "after.xlsx")
    put(ledger / "after.xlsx", [1, 2])
    made = transfer(ledger / "before.xlsx", ledger / "after.xlsx")
    assert made.copied == {"汇总": "我的", RECORD: "汇总"} and not made.replaced
    assert made.states == {"汇总": "visible", RECORD: "veryHidden"}


def test_a_sheet_of_the_same_layout_is_written_cell_by_cell(ledger):
    put(ledger / "after.xlsx", [1, 9])
    made = transfer(ledger / "before.xlsx", ledger / "after.xlsx")
    assert "汇总" not in made.copied and "我的" not in made.changed
    assert [(block.area, block.rows) for block in made.changed["汇总"].blocks] == [((2, 1, 2, 1), ((9.0,),))]


def test_a_sheet_of_somebodys_own_is_never_replaced(ledger):
    changes = {"我的": SheetChanges(cells={(3, 3): "新"}, widths={3: 40})}
    write_cells(ledger / "after.xlsx", ledger / "after.xlsx", changes, in_place=True)
    made = transfer(ledger / "before.xlsx", ledger / "after.xlsx")
    assert not made.copied
    assert made.changed["我的"].wide == [2] and made.changed["我的"].blocks[0].rows == (("新",),)


def test_what_cannot_follow_is_told(ledger):
    for name in ("before.xlsx", "after.xlsx"):
        book = openpyxl.load_workbook(ledger / name)
        from openpyxl.formatting.rule import FormulaRule

        rule = FormulaRule(["汇总!$B$2>3"], fill=PatternFill(bgColor="FF0000"))
        book["我的"].conditional_formatting.add("A1:A9", rule)
        book.save(ledger / name)
    put(ledger / "after.xlsx", [5, 6, 7], wide=20)
    made = transfer(ledger / "before.xlsx", ledger / "after.xlsx")
    assert len(made.remarks) == 1 and "工作表“我的”的条件格式" in made.remarks[0]


def test_array_formulas_tables_names_and_print_areas(ledger):
    book = openpyxl.load_workbook(ledger / "before.xlsx")
    from openpyxl.worksheet.formula import ArrayFormula
    from openpyxl.worksheet.table import Table

    own = book["我的"]
    own["C1"] = ArrayFormula("C1:C2", "=汇总!B2:B3*1")
    for row in (("甲", "乙"), (1, 2)):
        own.append(row)
    own.add_table(Table(displayName="表一", ref="A4:B5"))
    own.print_area = "A1:B5"
    book.defined_names["总数"] = openpyxl.workbook.defined_name.DefinedName("总数", attr_text="汇总!$B$2")
    book.save(ledger / "before.xlsx")
    shutil.copyfile(ledger / "before.xlsx", ledger / "after.xlsx")
    changes = SheetChanges(cells={(4, 3): "丙", (5, 3): 3}, table="A4:B5")
    write_cells(ledger / "after.xlsx", ledger / "after.xlsx", {"我的": changes}, in_place=True)
    put(ledger / "after.xlsx", [5, 6, 7], wide=20)
    made = transfer(ledger / "before.xlsx", ledger / "after.xlsx")
    change = made.changed["我的"]
    assert change.arrays == [((0, 2, 1, 2), "汇总!B2:B3*1")]
    assert change.tables == {"表一": (3, 0, 4, 2)} and change.printed == "$A$1:$C$5"
    assert made.names == {"总数": "汇总!$B$2"}


def test_an_excerpt_reads_no_other_sheet(tmp_path):
    """Sheets to be copied without their formulas, looks of others without what their cells hold, nothing else."""
    book = openpyxl.Workbook()
    sheet, other = book.active, book.create_sheet("别的")
    sheet.title, other["A1"] = "台账", "990000196501010018"
    sheet.append(["甲某", 1, "=B1*2"])
    sheet.column_dimensions["B"].width = 30
    book.defined_names["名"] = DefinedName("名", attr_text="别的!$A$1")
    book.save(before := tmp_path / "前.xlsx")
    sheet["B1"].fill = PatternFill("solid", fgColor="FF0000")
    made = book.create_sheet("新", 1)
    made["A1"], made["A2"], made["B2"] = "=别的!A1", "文", "=SUM(台账!B1:B2)"
    made.freeze_panes = "B2"
    book.save(after := tmp_path / "后.xlsx")
    found = transfer(before, after, looks_only=True)
    excerpt(after, taken := tmp_path / "摘.xlsx", found)
    told = openpyxl.load_workbook(taken)
    assert told.sheetnames == ["台账", "新", "别的"] and not told.defined_names
    assert [cell.value for row in told["台账"] for cell in row] == [None] * 3
    assert told["台账"]["B1"].fill.fgColor.rgb == "00FF0000" and told["台账"].column_dimensions["B"].width == 30
    assert {cell.coordinate: cell.value for row in told["新"] for cell in row if cell.value} == {"A2": "文"}
    assert told["新"].freeze_panes == "B2" and told["别的"]["A1"].value is None
    # what the cell that looks otherwise holds stands in the blocks
    assert {block.area: block.rows for block in found.changed["台账"].blocks} == {(0, 1, 0, 1): ((1.0,),)}
    assert not transfer(before, after).changed["台账"].blocks


def test_another_font_is_no_other_look_where_looks_alone_are_copied(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["甲"])
    book.active["A1"].font = Font(name="宋体")
    book.save(before := tmp_path / "前.xlsx")
    book.active["A1"].font = Font(name="黑体")
    book.save(after := tmp_path / "后.xlsx")
    assert transfer(before, after, looks_only=True).empty and not transfer(before, after).empty
    book.active["A1"].font = Font(name="黑体", bold=True)
    book.save(after)
    assert not transfer(before, after, looks_only=True).empty
