"""Pages as workbooks: what a reader of the file and a printer get."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from fractions import Fraction

import openpyxl
import pytest

from xl_poverty.errors import CellError
from xl_poverty.workbook.encoding import Formula
from xl_poverty.workbook.page_workbook import page_workbook
from xl_poverty.workbook.pages import (
    COUNT,
    DAY,
    ENTRY,
    LINK,
    MONEY,
    RED,
    TEXT,
    TITLE,
    Chart,
    Colouring,
    Dropdown,
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
