"""How the example workbooks look: a ledger, its settings and notes, a table of payments."""

from datetime import date, datetime
from itertools import accumulate
from typing import NamedTuple

import xlsxwriter
from xlsxwriter.utility import xl_col_to_name

FIRST_DATA_ROW = 4  # as Excel counts
HEADER_ROW = FIRST_DATA_ROW - 2  # from 0
FONT = "微软雅黑"
PAGE_WIDTH = 260  # of an A3 page, in characters, at a size that can be read
NA_FORMULA = "=NA()"


class Column(NamedTuple):
    """A column as it stands in the ledger."""

    header: str
    width: float
    kind: str
    options: tuple = ()

    @property
    def name(self):
        return self.header.replace("\n", "")


class Sheet(NamedTuple):
    """A ledger or table of payments: what stands above it, and a mapping from header to value for each row."""

    name: str
    title: str
    unit_line: str
    columns: list
    rows: list
    groups: str = ""  # the column by whose value rows are shaded in turn
    frozen: str = ""  # the last column that stays in sight


KIND_STYLE = {
    "count": {"align": "center"},
    "text": {"align": "center"},
    "note": {"align": "left"},
    "id": {"align": "center", "num_format": "@"},
    "date": {"align": "center", "num_format": "yyyy-mm-dd"},
    "number": {"align": "right"},
    "money": {"align": "right", "num_format": "0.00"},
}


class Styles:
    """Cell formats, made once per combination."""

    def __init__(self, workbook):
        self._workbook, self._made = workbook, {}

    def __call__(self, **properties):
        key = tuple(sorted(properties.items()))
        if key not in self._made:
            common = {"font_name": FONT, "font_size": 10, "valign": "vcenter"}
            self._made[key] = self._workbook.add_format({**common, **properties})
        return self._made[key]


def write_cell(sheet, row, column, value, style):
    if value is None:
        sheet.write_blank(row, column, None, style)
    elif value == NA_FORMULA:
        sheet.write_formula(row, column, value, style, "#N/A")
    elif isinstance(value, str):
        sheet.write_string(row, column, value, style)
    elif isinstance(value, date):
        sheet.write_datetime(row, column, datetime(value.year, value.month, value.day), style)
    else:
        sheet.write_number(row, column, value, style)


def write_sheet(sheet, style, told):
    """The table under its title and unit line, printed on A3, the persons repeated on every page."""
    columns, last_column, last_row = told.columns, len(told.columns) - 1, HEADER_ROW + len(told.rows)
    names = [column.name for column in columns]
    widths = list(accumulate(column.width for column in columns))
    titled = sum(width <= PAGE_WIDTH for width in widths) - 1  # the title stands on the first page, not across all
    sheet.merge_range(0, 0, 0, titled, told.title, style(bold=True, font_size=16, align="center"))
    sheet.merge_range(1, 0, 1, titled, told.unit_line, style(align="left"))
    sheet.set_row(0, 30)
    sheet.set_row(1, 20)
    sheet.set_row(HEADER_ROW, 48)
    head = style(bold=True, align="center", text_wrap=True, border=1, bg_color="#D9E2EF")
    for place, column in enumerate(columns):
        sheet.set_column(place, place, column.width, style(**KIND_STYLE[column.kind]))
        sheet.write_string(HEADER_ROW, place, column.header, head)
        if column.options:
            told_options = {
                "validate": "list",
                "source": list(column.options),
                "error_type": "warning",
                "error_title": "请核对",
                "error_message": f"“{column.name}”一般从下拉选项中选择，确认仍要填写吗？",
            }
            sheet.data_validation(HEADER_ROW + 1, place, last_row, place, told_options)
    group, shaded = None, True
    for row, cells in enumerate(told.rows, start=HEADER_ROW + 1):
        if told.groups and cells.get(told.groups) != group:
            group, shaded = cells.get(told.groups), not shaded
        shade = {"bg_color": "#F3F6FA"} if shaded and told.groups else {}
        for place, (name, column) in enumerate(zip(names, columns, strict=True)):
            cell_style = style(border=1, border_color="#BFBFBF", **KIND_STYLE[column.kind], **shade)
            write_cell(sheet, row, place, cells.get(name), cell_style)
    letters = [xl_col_to_name(place) for place, column in enumerate(columns) if column.kind == "id"]
    texts = [f"{letter}{FIRST_DATA_ROW}:{letter}{last_row + 1}" for letter in letters]
    sheet.ignore_errors({"number_stored_as_text": " ".join(texts)})
    sheet.freeze_panes(HEADER_ROW + 1, names.index(told.frozen) + 1 if told.frozen else 0)
    sheet.autofilter(HEADER_ROW, 0, last_row, last_column)
    sheet.set_landscape()
    sheet.set_paper(8)  # A3
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    sheet.fit_to_pages(-(-int(widths[-1]) // PAGE_WIDTH), 0)
    sheet.repeat_rows(HEADER_ROW)
    if told.frozen:
        sheet.repeat_columns(0, names.index(told.frozen))
    sheet.set_footer("&C第&P页，共&N页")


def write_list(sheet, style, heads, rows):
    """A list on A4: (header, width) of each column, a tuple per row."""
    head = style(bold=True, align="center", border=1, bg_color="#D9E2EF")
    for column, (header, width) in enumerate(heads):
        sheet.set_column(column, column, width)
        sheet.write_string(0, column, header, head)
    for row, cells in enumerate(rows, start=1):
        for column, value in enumerate(cells):
            form = {"num_format": "yyyy-mm-dd"} if isinstance(value, date) else {}
            left = {"align": "left"} if column == 1 else {}
            write_cell(sheet, row, column, value, style(border=1, text_wrap=column == len(heads) - 1, **left, **form))
    sheet.freeze_panes(1, 0)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)


def write_workbook(path, told, author, day, settings=(), notes=()):
    """One table, and where they are given the sheets 核算口径 (each item a name of the workbook) and 填表说明."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with xlsxwriter.Workbook(str(path)) as workbook:
        created = datetime(day.year, day.month, day.day, 8)
        workbook.set_properties({"title": told.title, "author": author, "created": created})
        style = Styles(workbook)
        sheet = workbook.add_worksheet(told.name)
        if settings:
            listed = workbook.add_worksheet("核算口径")
            write_list(listed, style, [("项目", 14), ("值", 16), ("说明", 78)], settings)
            for row, (item, _, _) in enumerate(settings, start=2):
                workbook.define_name(item, f"='{listed.get_name()}'!$B${row}")
        if notes:
            write_list(workbook.add_worksheet("填表说明"), style, [("栏目", 44), ("说明", 100)], notes)
        write_sheet(sheet, style, told)
