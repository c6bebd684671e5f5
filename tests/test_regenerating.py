"""Generated sheets made anew: what somebody typed there stays, whatever they did to rows and columns."""

from __future__ import annotations

import datetime as dt
import subprocess

import openpyxl
import pytest
from hypothesis import given, settings, strategies as st
from openpyxl.styles import PatternFill

from tests.engines import need_libreoffice, office_program
from xl_poverty.errors import CellError, LedgerError
from xl_poverty.ledger.files import read_book
from xl_poverty.workbook.encoding import Formula
from xl_poverty.workbook.pages import COUNT, DAY, ENTRY, TEXT, TITLE, Dropdown, Page
from xl_poverty.workbook.regenerating import EDITS, RECORD, regenerate

NOT_CALCULATED = object()


def page(villages: dict[str, int], name: str = "汇总", note=None) -> Page:
    """A row per village, room for a remark and a day, a sum."""
    made = Page(name, widths=(12, 10, 20, 12))
    made.put(0, 0, "各村户数", TITLE, across=4)
    rows = [(village, count, note, None) for village, count in villages.items()]
    after = made.table(1, 0, ("行政村", "户数", "备注", "日期"), rows, (TEXT, COUNT, ENTRY, DAY), keys=villages)
    total = Formula(f"SUM(B3:B{after})", sum(villages.values()))
    made.row(after, 0, ("合计", total, None, None), (TEXT, COUNT, ENTRY, DAY), key="合计")
    made.dropdowns.append(Dropdown((2, 2, after - 1, 2), ("是", "否")))
    return made


def again(target, *pages):
    return regenerate(target, pages, read_book(target))


@pytest.fixture
def target(tmp_path):
    made = regenerate(tmp_path / "汇总.xlsx", [page({"甲村": 26, "乙村": 3})])
    assert made.created and not made.edits
    return made.target


def edited(target, change):
    book = openpyxl.load_workbook(target)
    change(book)
    book.save(target)


def sheet_of(target, name: str):
    return next(sheet for sheet in read_book(target).sheets if sheet.name == name)


def texts(target, sheet="汇总") -> list[list]:
    rows = (row[:4] for row in sheet_of(target, sheet).rows)
    return [[NOT_CALCULATED if isinstance(cell, CellError) else cell for cell in row] for row in rows]


def told(made) -> list[tuple]:
    return [(edit.place, edit.typed, edit.generated, edit.conflict) for edit in made.edits]


def formulas(target, sheet="汇总") -> dict:
    return dict(sheet_of(target, sheet).formulas)


def test_the_same_again_does_not_touch_the_file(target):
    before = target.read_bytes()
    made = again(target, page({"甲村": 26, "乙村": 3}))
    assert made.changed == 0 and made.backup is None and target.read_bytes() == before
    assert [one.name for one in target.parent.iterdir()] == [target.name]


def test_what_changed_is_written_and_the_rest_of_the_sheet_stays(target):
    def paint(book):
        book["汇总"]["A3"].fill = PatternFill("solid", fgColor="FF00FF")
        book["汇总"].column_dimensions["A"].width = 33

    edited(target, paint)
    made = again(target, page({"甲村": 27, "乙村": 3}))
    assert not made.edits and made.changed == 2  # the figure, and the sum's result
    assert made.backup.name.startswith("汇总_备份_")
    rows = texts(target)
    assert rows[2][:2] == ["甲村", 27] and rows[4][:2] == ["合计", 30]
    sheet = openpyxl.load_workbook(target)["汇总"]
    assert sheet["A3"].fill.fgColor.rgb.endswith("FF00FF") and sheet.column_dimensions["A"].width == 33
    assert again(target, page({"甲村": 27, "乙村": 3})).changed == 0


def test_what_somebody_typed_stays_and_conflicts_are_told_until_they_are_settled(target):
    def type_over(book):
        sheet = book["汇总"]
        sheet["B3"], sheet["C3"], sheet["D4"] = 99, "李书记核过", dt.date(2025, 11, 30)

    edited(target, type_over)
    made = again(target, page({"甲村": 26, "乙村": 3}))
    assert told(made) == [("B3", "99", "26", False)]
    made = again(target, page({"甲村": 30, "乙村": 4}))
    assert told(made) == [("B3", "99", "30", True)]
    rows = texts(target)
    assert rows[2][:3] == ["甲村", 99, "李书记核过"] and rows[3][1] == 4
    assert rows[3][3] in (dt.date(2025, 11, 30), dt.datetime(2025, 11, 30))
    listed = sheet_of(target, EDITS).rows
    assert listed[3][:4] == ["汇总", "B3", "99", "30"]
    before = target.read_bytes()
    assert again(target, page({"甲村": 30, "乙村": 4})).conflicts and target.read_bytes() == before

    edited(target, lambda book: book["汇总"].__setitem__("B3", 30))
    assert not again(target, page({"甲村": 30, "乙村": 4})).edits
    assert again(target, page({"甲村": 31, "乙村": 4})).changed
    assert texts(target)[2][1] == 31
    assert "没有手工改动" in sheet_of(target, EDITS).rows[1][0]


def test_a_formula_that_somebody_wrote_stays_one(target):
    edited(target, lambda book: book["汇总"].__setitem__("B3", "=20+6"))
    made = again(target, page({"甲村": 28, "乙村": 5}))
    assert [edit.place for edit in made.conflicts] == ["B3"] and made.edits[0].typed == "=20+6"
    assert formulas(target)[2, 1] == "=20+6" and texts(target)[3][1] == 5


def test_a_sum_that_was_replaced_by_a_number_is_told(target):
    edited(target, lambda book: book["汇总"].__setitem__("B5", 29))
    made = again(target, page({"甲村": 26, "乙村": 3}))
    assert [(edit.place, edit.typed, edit.generated) for edit in made.edits] == [("B5", "29", "=SUM(B3:B4)")]


def test_areas_of_one_cell_may_be_written_as_cells(tmp_path):
    target = regenerate(tmp_path / "汇总.xlsx", [page({"甲村": 26})]).target
    assert formulas(target)[3, 1] == "=SUM(B3:B3)"
    edited(target, lambda book: book["汇总"].__setitem__("B4", "=SUM(B3)"))
    made = again(target, page({"甲村": 26, "乙村": 3}))
    assert not made.edits and formulas(target)[4, 1] == "=SUM(B3:B4)"

    edited(target, lambda book: book["汇总"].__setitem__("B5", "=SUM(B3)"))
    assert [edit.typed for edit in again(target, page({"甲村": 26, "乙村": 3})).edits] == ["=SUM(B3)"]


def insert_row(book):
    """As a spreadsheet program does it: the hidden keys move along, references too."""
    sheet = book["汇总"]
    sheet.insert_rows(4)
    sheet["A4"], sheet["B4"], sheet["C4"] = "（新村，未建账）", 7, "自己加的一行"
    sheet["B6"] = "=SUM(B3:B5)"


def test_a_row_of_somebodys_own_stays_where_it_is(target):
    edited(target, insert_row)
    made = again(target, page({"甲村": 27, "乙村": 4}))
    assert not made.edits
    rows = texts(target)
    assert [row[:2] for row in rows[2:5]] == [["甲村", 27], ["（新村，未建账）", 7], ["乙村", 4]]
    assert formulas(target) == {(5, 1): "=SUM(B3:B5)"}


def test_a_row_of_somebodys_own_moves_along_when_the_layout_changes(target):
    def change(book):
        insert_row(book)
        book["汇总"]["C5"], book["汇总"]["F3"] = "乙村的备注", "旁边的话"
        own = book.create_sheet("我的表")
        own["A1"], own["A2"] = "=汇总!B6", "=SUM(汇总!B3:B5)"

    edited(target, change)
    made = again(target, page({"丙村": 5, "甲村": 26, "乙村": 3}))
    assert not made.edits
    rows = texts(target)
    assert [row[:3] for row in rows[2:]] == [
        ["丙村", 5, None], ["甲村", 26, None], ["（新村，未建账）", 7, "自己加的一行"], ["乙村", 3, "乙村的备注"],
        ["合计", NOT_CALCULATED, None],
    ]  # fmt: skip
    assert formulas(target) == {(6, 1): "=SUM(B3:B6)"}
    assert "旁边的话" in [cell for row in sheet_of(target, "汇总").rows for cell in row]
    assert formulas(target, "我的表") == {(0, 0): "=汇总!B7", (1, 0): "=SUM(汇总!B4:B6)"}
    before = target.read_bytes()
    assert again(target, page({"丙村": 5, "甲村": 26, "乙村": 3})).changed == 0 and target.read_bytes() == before


def test_rows_that_somebody_sorted_are_found_by_their_keys(target):
    def sort(book):
        sheet = book["汇总"]
        for column in range(1, 6):
            one, other = sheet.cell(3, column), sheet.cell(4, column)
            one.value, other.value = other.value, one.value

    edited(target, sort)
    made = again(target, page({"甲村": 27, "乙村": 4}))
    assert not made.edits and [row[:2] for row in texts(target)[2:4]] == [["乙村", 4], ["甲村", 27]]


def test_a_column_that_somebody_put_in(target):
    def insert(book):
        sheet = book["汇总"]
        sheet.insert_cols(2)
        sheet["B2"], sheet["B3"], sheet["C5"] = "联系人", "王主任", "=SUM(C3:C4)"

    edited(target, insert)
    made = again(target, page({"甲村": 27, "乙村": 4}))
    rows = sheet_of(target, "汇总").rows
    assert rows[2][:3] == ["甲村", "王主任", 27] and rows[3][2] == 4 and not made.conflicts


def test_a_deleted_row_is_told(target):
    edited(target, lambda book: book["汇总"].delete_rows(3))
    made = again(target, page({"甲村": 26, "乙村": 4}))
    assert [(edit.place, edit.why) for edit in made.edits][0] == ("A3", "这一行被删去了，没有恢复")
    assert texts(target)[2][:2] == ["乙村", 4]


def test_a_village_that_is_gone_leaves_and_what_was_typed_is_told(target):
    edited(target, lambda book: book["汇总"].__setitem__("C4", "乙村的备注"))
    again(target, page({"甲村": 26}))
    assert [row[0] for row in texts(target)[2:]] == ["甲村", "合计"]
    listed = sheet_of(target, EDITS).rows
    assert any("乙村的备注" in str(cell) for row in listed for cell in row)


def test_sheets_of_somebodys_own_are_never_replaced(target):
    edited(target, lambda book: book.create_sheet("花名册").__setitem__("A1", "我自己的"))
    with pytest.raises(LedgerError, match="花名册.*不是本工具生成的"):
        again(target, page({"甲村": 26}, name="花名册"))
    again(target, page({"甲村": 28, "乙村": 3}), page({"甲村": 1}, name="第二张"))
    book = openpyxl.load_workbook(target)
    assert book["花名册"]["A1"].value == "我自己的" and "第二张" in book.sheetnames
    assert book[RECORD].sheet_state == "veryHidden"


def test_a_sheet_that_is_not_generated_any_more_stays(target):
    again(target, page({"甲村": 26, "乙村": 3}), page({"甲村": 1}, name="李家"))
    edited(target, lambda book: book["李家"].__setitem__("C3", "走访过"))
    made = again(target, page({"甲村": 26, "乙村": 3}))
    assert made.left == ["李家"] and texts(target, "李家")[2][2] == "走访过"
    made = again(target, page({"甲村": 26, "乙村": 3}), page({"甲村": 2}, name="李家"))
    assert not made.edits and texts(target, "李家")[2][1:3] == [2, "走访过"]


def test_results_of_formulas_are_left_to_the_program_once_somebody_typed(target):
    edited(target, lambda book: book["汇总"].__setitem__("C3", "核过"))
    again(target, page({"甲村": 40, "乙村": 3}))
    assert texts(target)[4][1] is NOT_CALCULATED and formulas(target)[4, 1] == "=SUM(B3:B4)"


def test_the_record_tells_nothing_of_what_was_deleted(target):
    edited(target, lambda book: book["汇总"].__setitem__("A3", "某某"))
    content = str(sheet_of(target, RECORD).rows)
    assert "各村户数" not in content  # texts are kept as hashes


ACTIONS = st.tuples(st.sampled_from(["type", "insert", "delete"]), st.integers(2, 7), st.integers(1, 6))
VILLAGES = st.dictionaries(st.sampled_from(["甲村", "乙村", "丙村", "丁村"]), st.integers(0, 9), min_size=1)


@settings(max_examples=25, deadline=None)
@given(VILLAGES, VILLAGES, st.lists(ACTIONS, max_size=6))
def test_nothing_that_somebody_typed_is_ever_lost(tmp_path_factory, before, after, actions):
    target = tmp_path_factory.mktemp("x") / "汇总.xlsx"
    regenerate(target, [page(before)])
    book = openpyxl.load_workbook(target)
    sheet, typed = book["汇总"], set()
    for number, (action, row, column) in enumerate(actions):
        if action == "type" and column != 5:  # the fifth holds the keys
            typed.discard(sheet.cell(row, column).value)
            sheet.cell(row, column, f"填的{number}")
            typed.add(f"填的{number}")
        elif action == "insert":
            sheet.insert_rows(row)
        elif action == "delete":
            typed -= {cell.value for cell in sheet[row]}
            sheet.delete_rows(row)
    book.save(target)
    again(target, page(after))
    cells = [str(cell) for name in ("汇总", EDITS) for one in read_book(target).sheets if one.name == name
             for row in one.rows for cell in row]  # fmt: skip
    assert typed <= {text for text in typed if any(text in cell for cell in cells)}
    content = target.read_bytes()
    again(target, page(after))
    assert target.read_bytes() == content


def test_another_program_saved_it(target, tmp_path):
    need_libreoffice()
    again(target, page({"甲村": 26, "乙村": 3}), page({"丙 村": 8}, name="第 2 张"))
    (tmp_path / "out").mkdir()
    subprocess.run(
        [office_program(), f"-env:UserInstallation=file://{tmp_path}/profile", "--headless", "--convert-to",
         "xlsx:Calc MS Excel 2007 XML", "--outdir", str(tmp_path / "out"), str(target)],
        check=True, capture_output=True,
    )  # fmt: skip
    saved = tmp_path / "out" / target.name
    made = again(saved, page({"甲村": 26, "乙村": 5}), page({"丙 村": 8}, name="第 2 张"))
    assert not made.edits and texts(saved)[3][1] == 5
