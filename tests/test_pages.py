"""Pages as workbooks: what a reader of the file and a printer get."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from dataclasses import replace
from fractions import Fraction

import openpyxl
import pytest

from xl_poverty.errors import CellError
from xl_poverty.workbook.encoding import Formula
from xl_poverty.workbook.page_workbook import Macros, page_workbook
from xl_poverty.workbook.pages import (
    COUNT,
    DAY,
    ENTRY,
    LINK,
    MONEY,
    RED,
    TEXT,
    TITLE,
    Button,
    Chart,
    Colouring,
    Dropdown,
    Limit,
    Page,
)  # fmt: skip

LONG = "长期慢性病，需要长期服药，家里只有一个劳动力，去年因病自付费用较多，村里已上报。"


@pytest.fixture
def page() -> Page:
    page = Page("汇总", widths=(12, 10, 10, 12), repeat=(0, 1), freeze=(2, 0), filtered=(1, 0, 3, 3))
    page.put(0, 0, "各村户数", TITLE, across=4)
    rows = [("甲村", 26, Fraction(3, 2), dt.date(2025, 11, 30)), ("=1+1", None, CellError("missing", "缺"), True)]
    page.table(1, 0, ("行政村", "户数", "金额", "日期"), rows, (TEXT, COUNT, MONEY, DAY), keys=("甲", "乙"))
    page.row(4, 0, (LONG, Formula("SUM(B3:B4)", 26), Formula("B5*2"), None), (TEXT, COUNT, COUNT, ENTRY))
    return page


def opened(*pages, **options):
    return openpyxl.load_workbook(io.BytesIO(page_workbook(pages, **options)))


def sheet_xml(*pages) -> str:
    with zipfile.ZipFile(io.BytesIO(page_workbook(pages))) as file:
        return file.read("xl/worksheets/sheet1.xml").decode()


def test_the_same_pages_give_the_same_bytes(page):
    assert page_workbook([page]) == page_workbook([page])


def test_values_stay_what_they_are(page):
    sheet = opened(page)["汇总"]
    assert [cell.value for cell in sheet[3]][:4] == ["甲村", 26, 1.5, dt.datetime(2025, 11, 30)]
    assert sheet["A4"].value == "=1+1" and sheet["A4"].data_type == "s"
    assert sheet["B4"].value is None and sheet["C4"].value == "=#N/A" and sheet["D4"].value is True
    assert sheet["D3"].number_format == "yyyy-mm-dd" and sheet["C3"].number_format == "#,##0.00"


def test_formulas_show_their_result_or_nothing(page):
    xml = sheet_xml(page)
    assert "<f>SUM(B3:B4)</f><v>26</v>" in xml
    assert "<f>B5*2</f></c>" in xml


def test_rows_are_high_enough_for_their_texts(page):
    """The long text takes 76 places of the 10 or so that a column of 12 has beside its margins: 8 lines."""
    sheet = opened(page)["汇总"]
    assert sheet.row_dimensions[5].height >= 8 * 10.5 * 1.2
    assert sheet.row_dimensions[3].height < 25


def test_a_merged_text_has_the_width_of_its_cells(page):
    page.put(6, 0, LONG, TEXT, across=4)
    heights = opened(page)["汇总"].row_dimensions
    assert heights[7].height < heights[5].height / 2


def test_keys_stand_in_a_hidden_column_and_only_where_they_are_wanted(page):
    sheet = opened(page)["汇总"]
    assert [row[4].value for row in sheet.iter_rows()] == ["§#0", "§#1", "§甲", "§乙", "§#4"]
    assert sheet.column_dimensions["E"].hidden
    assert opened(page, keys=False)["汇总"].max_column == 4


def test_lists_colours_links_and_print(page):
    page.dropdowns.append(Dropdown((2, 3, 3, 3), ("未启动", "进行中"), "状态", "选一项"))
    page.colourings.append(Colouring((2, 1, 3, 1), "B3>10", RED))
    page.put(5, 0, "到名单", LINK)
    page.link(5, 0, "名 单", (2, 1))
    sheet = opened(page, Page("名 单", landscape=True, one_page=True))["汇总"]
    (validation,) = sheet.data_validations.dataValidation
    assert validation.formula1 == '"未启动,进行中"' and str(validation.sqref) == "D3:D4"
    assert validation.errorStyle == "warning"  # what a ledger holds is told of, not refused
    ((area, (rule,)),) = [(str(area.sqref), area.rules) for area in sheet.conditional_formatting]
    assert (area, rule.formula) == ("B3:B4", ["B3>10"])
    assert sheet["A6"].hyperlink.location == "'名 单'!B3"
    assert sheet.print_title_rows == "$1:$2" and sheet.print_area == "'汇总'!$A$1:$D$6"
    assert sheet.page_setup.paperSize == 9 and sheet.freeze_panes == "A3" and sheet.auto_filter.ref == "A2:D4"


def test_options_too_long_for_a_dropdown_are_refused(page):
    page.dropdowns.append(Dropdown((2, 3, 3, 3), ("选项" * 20,) * 7))
    with pytest.raises(ValueError, match="too long"):
        page_workbook([page])


def test_charts_are_printed_with_the_page(page):
    page.charts.append(Chart("column", "户数", (2, 0, 3, 0), (("户数", (2, 1, 3, 1)),), (7, 0), 480, 288))
    sheet = opened(page)["汇总"]
    last = sheet.print_area.rpartition("$")[2]
    assert int(last) >= 7 + 288 // 20 and len(sheet._charts) == 1


def test_a_hidden_page_does_not_show_in_the_programs_list(page):
    assert opened(page, Page("记录", hidden=True))["记录"].sheet_state == "veryHidden"


def test_names_notes_and_limits(page):
    page.name = "操作's"
    page.names |= {"政策": (0, 0), "村": (2, 0, 3, 0)}
    page.notes[1, 1] = "按户编号计，一户一次"
    page.limits += [
        Limit((2, 1, 3, 1), "whole", 0, 12, "月数", "0 到 12"),
        Limit((2, 3, 3, 3), "date", dt.date(2020, 1, 1)),
        Limit((2, 2, 3, 2), "decimal", high=0.5),
        Limit((4, 3, 4, 3), "decimal"),
    ]
    book = opened(page)
    assert {name: one.attr_text for name, one in book.defined_names.items()} == {
        "政策": "'操作''s'!$A$1", "村": "'操作''s'!$A$3:$A$4",
    }  # fmt: skip
    sheet = book["操作's"]
    assert sheet["B2"].comment.text == "按户编号计，一户一次"
    told = [
        (str(one.sqref), one.type, one.operator or "between", one.formula1, one.formula2, one.errorStyle)
        for one in sheet.data_validations.dataValidation
    ]
    assert told == [
        ("B3:B4", "whole", "between", "0", "12", "warning"),
        ("D3:D4", "date", "greaterThanOrEqual", "43831", None, "warning"),
        ("C3:C4", "decimal", "lessThanOrEqual", "0.5", None, "warning"),
        ("D5", "decimal", "greaterThanOrEqual", "-1000000000000", None, "warning"),
    ]
    assert sheet.data_validations.dataValidation[0].error == "应是 0 到 12 之间的整数，确认要这样填吗？"


def test_buttons_stand_only_where_there_are_macros(page):
    page.buttons.append(Button((0, 5), "体检", "check"))
    assert page_workbook([page]) == page_workbook([replace(page, buttons=[])])
    content = page_workbook([page], macros=Macros(b"project", {"check": "XlpCheck"}))
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        drawing = file.read("xl/drawings/vmlDrawing1.vml").decode()
        book = file.read("xl/workbook.xml").decode()
        assert file.read("xl/vbaProject.bin") == b"project"
        assert 'codeName="Sheet1"' in file.read("xl/worksheets/sheet1.xml").decode()
    assert "<x:FmlaMacro>[0]!XlpCheck</x:FmlaMacro>" in drawing and "体检" in drawing
    assert 'codeName="ThisWorkbook"' in book
    assert "fullCalcOnLoad" not in book and 'calcId="191029"' in book


def test_a_button_without_its_macro_is_refused(page):
    page.buttons.append(Button((0, 5), "体检", "check"))
    with pytest.raises(KeyError, match="check"):
        page_workbook([page], macros=Macros(b"project", {}))


def test_print_across_sheets_of_paper_and_texts_of_digits(page):
    page.pages_wide, page.repeat_columns = 2, (0, 1)
    page.texts += [(2, 0, 3, 0), (2, 2, 3, 2)]
    sheet = opened(page)["汇总"]
    assert (sheet.page_setup.fitToWidth, sheet.print_title_cols) == (2, "$A:$B")
    assert '<ignoredError sqref="A3:A4 C3:C4" numberStoredAsText="1"/>' in sheet_xml(page)


def filled(rows: int, columns: int = 4, width: float = 12, **options) -> Page:
    page = Page("长表", widths=(width,) * columns, **options)
    page.table(0, 0, ("甲",) * columns, [(1,) * columns for _ in range(rows)], COUNT)
    return page


def sheets_high(sheet) -> int:
    told = sheet.page_setup.fitToHeight
    return 1 if told is None else told


@pytest.mark.parametrize(("rows", "sheets"), [(20, 0), (41, 1), (45, 1), (60, 0), (86, 2)])
def test_no_sheet_of_paper_for_two_rows(rows, sheets):
    """A row of 18.2 points, 756 points of paper."""
    assert sheets_high(opened(filled(rows))["长表"]) == sheets


def test_a_chart_is_printed_below_its_table_where_that_is_possible():
    def with_chart(rows):
        page = filled(rows)
        page.charts.append(Chart("column", "户数", (1, 0, 5, 0), (("户数", (1, 1, 5, 1)),), (rows + 2, 0), 480, 288))
        return opened(page)["长表"]

    sheet = with_chart(35)  # 36 rows and a chart of 216 points: a tenth more than a sheet of paper
    assert sheets_high(sheet) == 1 and sheet._charts[0].anchor._from.row == 37
    # rows without a height of their own differ between programs, and the chart with them
    assert all(sheet.row_dimensions[row].height for row in range(1, 38 + 14))
    assert sheets_high(with_chart(60)) == 0


def test_a_table_too_wide_to_be_read_goes_on_beside_itself():
    wide = opened(filled(3, 60, 12, landscape=True, freeze=(1, 2)))["长表"]
    assert wide.page_setup.fitToWidth == 4 and wide.print_title_cols == "$A:$B"
    for page in (filled(3, 15, 12, landscape=True, freeze=(1, 2)), filled(3, 60, 12, landscape=True)):
        sheet = opened(page)["长表"]
        assert sheet.page_setup.fitToWidth in (None, 1) and not sheet.print_title_cols


@pytest.mark.parametrize(("last", "repeated"), [(90, "$5:$5"), (45, None)])
def test_the_head_of_a_table_is_printed_again_where_paper_surely_ends_in_it(last, repeated):
    page = filled(95, 12, 8.6, pages_high=2)
    page.tables.append((4, last))
    assert opened(page)["长表"].print_title_rows == repeated


def test_a_frame_where_a_formula_holds(page):
    page.colourings.append(Colouring((2, 1, 3, 1), 'B3=""', ""))
    (rule,) = next(iter(opened(page)["汇总"].conditional_formatting)).rules
    assert rule.dxf.border.left.style == "thin" and rule.dxf.fill is None
