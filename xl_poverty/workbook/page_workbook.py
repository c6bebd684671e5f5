"""An .xlsx of pages, built with XlsxWriter."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache
from unicodedata import east_asian_width

from ..errors import CellError
from .encoding import MOST_TEXT, Formula
from .pages import Cell, Chart, Dropdown, Limit, Page, Style
from .references import letters_of

#: stand for the result of a formula that has none, which XlsxWriter would call 0, and for an empty text, of which it
#: would make a number without a figure; what charts remember of them is cut out at the end
_NO_RESULT, _EMPTY = "\ue000no result\ue000", "\ue000empty\ue000"
_FIXED = dt.datetime(2020, 1, 1)
_FIRST_DAY = dt.date(1899, 12, 30)
#: begins each key in the hidden column
KEY_MARK = "§"
#: points that a line of text takes, by the size of its letters; characters that fit into a width of 1
_LINE, _FITS = 1.35, 10.5
#: in points: A4, what of it is margin, a row, the width of a character, a pixel
_PAPER, _MARGINS, _ROW, _CHARACTER, _PIXEL = (595, 842), (72, 86), 15, 5.25, 0.75
_UNSURE = 0.15
#: an empty row on a page with a chart: one without a height of its own is lower in LibreOffice than elsewhere
_EMPTY_ROW = 15.75
#: where a form's sheet of paper ends is known to so much of it; how much wider columns are in programs that lack the
#: font of the workbook (the wider a page, the more rows stand on a sheet of paper)
_ENDS, _WIDER = 0.03, 1.35
#: what is a little longer than so many sheets of paper is printed smaller rather than on one more
_LITTLE, _LITTLE_WITH_CHART, _FEW_SHEETS = 0.12, 0.25, 3
#: a table whose letters would be smaller than this goes on beside itself, on sheets where they are as large as that
_TOO_SMALL, _SMALL = 0.5, 0.6
_LONGEST_LIST = 255  # characters of the options of a dropdown
_KINDS = {"column": ("column", None), "stacked": ("column", "stacked"), "bar": ("bar", None), "line": ("line", None),
          "pie": ("pie", None)}  # fmt: skip
_FRAME = "#8C8C8C"
_WHAT = {"whole": "整数", "decimal": "数字", "date": "日期"}
_ANY = {"whole": -(10**9), "decimal": -(10**12), "date": dt.date(1900, 1, 1)}
#: the newest calculation that a workbook can be marked with; a program that knows a newer one than the file's
#: calculates everything when it opens the file, and with macros blocked every result would be lost
_CALCULATION = 191029


@dataclass(frozen=True)
class Macros:
    """A VBA project, and which Sub of it each action of a button runs. Its documents are ThisWorkbook, Sheet1, …"""

    project: bytes
    subs: Mapping[str, str]


def page_workbook(pages: Sequence[Page], *, keys: bool = True, macros: Macros | None = None, progress=None) -> bytes:
    """The workbook of these pages; the same pages give the same bytes.

    keys: a hidden column behind each page says what its rows are about, so that they are found again when somebody has
    put rows between them. With macros it is an .xlsm, which is not calculated when it is opened, and has its buttons.
    progress(done, of how many, "写入") is called before each page.
    """
    import xlsxwriter
    from xlsxwriter.worksheet import Worksheet

    class AsWritten(Worksheet):
        """Formulas are not searched for newer functions, of which none stands here: that takes half of the time."""

        def write_as_it_is(self, row: int, column: int, text: str, look, result):
            self.text = text.lstrip("=")
            self.write_formula(row, column, "=", look, result)

        def _prepare_formula(self, formula, expand_future_functions=False):
            return self.text if formula == "=" else formula.lstrip("=")

        def _xml_formula_element(self, formula, result, attributes=()):
            if result not in (_NO_RESULT, _EMPTY):
                return super()._xml_formula_element(formula, result, attributes)
            told = "".join(f' {key}="{value}"' for key, value in attributes if key != "t" or result == _EMPTY)
            shown = "<v></v>" if result == _EMPTY else ""
            return self.fh.write(f"<c{told}><f>{self._escape_data(formula)}</f>{shown}</c>")

    stream = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(stream, options) as book:
        book.set_properties({"created": _FIXED})
        formats: dict[Style, object] = {}
        sheets = [book.add_worksheet(page.name, AsWritten) for page in pages]
        for done, (page, sheet) in enumerate(zip(pages, sheets)):
            if progress:
                progress(done, len(pages), "写入")
            _Writer(book, sheet, page, formats).write(keys)
            if macros:
                sheet.set_vba_name(f"Sheet{done + 1}")
                _buttons(sheet, page, macros.subs)
        if macros:
            book.add_vba_project(io.BytesIO(macros.project), is_stream=True)
            book.set_vba_name("ThisWorkbook")
            book.calc_on_load, book.calc_id = False, _CALCULATION
    return _without_marks(stream.getvalue()) if any(page.charts for page in pages) else stream.getvalue()


def _buttons(sheet, page: Page, subs: Mapping[str, str]):
    for one in page.buttons:
        told = {"macro": subs[one.action], "caption": one.caption, "width": one.width, "height": one.height}
        sheet.insert_button(*one.at, told)


def paper(page: Page) -> tuple[float, float]:
    """(how much smaller than it is a page is printed to be as wide as its sheet of paper, how many points of it are as
    high as one)."""
    across, down = _PAPER if not page.landscape else _PAPER[::-1]
    width = sum(_points(page, column) for column in range(max(page.width, len(page.widths))))
    scale = min(1, (across - _MARGINS[0]) / max([width, 1, *(chart.width * _PIXEL for chart in page.charts)]))
    return scale, (down - _MARGINS[1]) / scale


def _width(page: Page, column: int) -> float:
    return page.widths[column] if column < len(page.widths) else 8.43


def _points(page: Page, column: int) -> float:
    return _width(page, column) * _CHARACTER + 4


def row_key(page: Page, row: int) -> str:
    """What a row is known by: its key, else its number; "" for one that is nobody's."""
    return page.row_keys.get(row, f"#{row}")


class _Writer:
    def __init__(self, book, sheet, page: Page, formats: dict):
        self.book, self.sheet, self.page, self.formats = book, sheet, page, formats
        self.by_identity: dict[int, object] = {}

    def write(self, keys: bool):
        page, sheet = self.page, self.sheet
        for column, width in enumerate(page.widths):
            sheet.set_column(column, column, width)
        self.heights = self._needed()
        self.high = self._pages_high()
        self.charts = [self._placed(chart) for chart in page.charts]
        self._set_heights()
        covered = set()
        for top, left, bottom, right in page.merges:
            sheet.merge_range(top, left, bottom, right, None, self._format(page.cells[top, left].style))
            spots = ((row, column) for row in range(top, bottom + 1) for column in range(left, right + 1))
            covered.update(spot for spot in spots if spot != (top, left))
        for (row, column), cell in page.cells.items():
            if (row, column) not in covered:
                self._cell(row, column, cell)
        if keys:
            self._keys()
        self._around()
        for chart in self.charts:
            self._chart(chart)

    def _format(self, style: Style):
        known = self.by_identity.get(id(style))  # comparing looks with each other takes long
        if known is None:
            known = self.by_identity[id(style)] = self._made(style)
        return known

    def _made(self, style: Style):
        if style not in self.formats:
            told = {
                "bold": style.bold, "font_size": style.size, "font_name": style.font, "valign": style.vertical,
                "num_format": style.number_format, "text_wrap": style.wrap, "indent": style.indent,
                "locked": style.locked, "font_charset": 134,
            }  # fmt: skip
            if style.horizontal and style.horizontal != "general":
                told["align"] = style.horizontal
            if style.colour:
                told["font_color"] = f"#{style.colour}"
            if style.fill:
                told["bg_color"] = f"#{style.fill}"
            if style.underline:
                told["underline"] = 1
            if style.border:
                told |= {"border": 1, "border_color": _FRAME}
            self.formats[style] = self.book.add_format(told)
        return self.formats[style]

    def _cell(self, row: int, column: int, cell: Cell):
        sheet, look, value = self.sheet, self._format(cell.style), cell.value
        link = self.page.links.get((row, column))
        if link:
            name, (to_row, to_column) = link
            name = name.replace("'", "''")
            target = f"internal:'{name}'!{letters_of(to_column)}{to_row + 1}"
            sheet.write_url(row, column, target, look, "" if value is None else str(value))
        elif value is None or value == "":
            sheet.write_blank(row, column, None, look)
        elif isinstance(value, Formula):
            result = _NO_RESULT if value.result is None else _EMPTY if value.result == "" else _plain(value.result)
            sheet.write_as_it_is(row, column, value.text, look, result)
        elif isinstance(value, CellError):
            sheet.write_formula(row, column, f"={value.cell}", look, value.cell)
        elif isinstance(value, str):
            sheet.write_string(row, column, value[:MOST_TEXT], look)
        elif isinstance(value, bool):
            sheet.write_boolean(row, column, value, look)
        elif isinstance(value, dt.date):
            sheet.write_datetime(row, column, value, look)
        else:
            sheet.write_number(row, column, _plain(value), look)

    def _keys(self):
        """Behind the page's last column, so that a row that is moved or sorted takes its key along."""
        column = self.page.width
        for row in range(self.page.height):
            if key := row_key(self.page, row):
                self.sheet.write_string(row, column, f"{KEY_MARK}{key}")
        self.sheet.set_column(column, column, 2, None, {"hidden": True})

    def _needed(self) -> dict[int, float]:
        """Rows are as high as their texts need, merged cells included, which no spreadsheet program adjusts to."""
        page, across, down = self.page, {}, set()
        for top, left, bottom, right in page.merges:
            across[top, left] = right
            if bottom > top:
                down.add((top, left))
        needed: dict[int, float] = {}
        for (row, column), cell in page.cells.items():
            value = cell.value.result if isinstance(cell.value, Formula) else cell.value
            if row in page.heights or (row, column) in down:
                continue
            style = cell.style
            lines = 1
            if style.wrap and isinstance(value, str):
                last = across.get((row, column), column)
                width = sum(map(self._width, range(column, last + 1))) - 1.5 - 2 * style.indent
                lines = _lines(value, width * _FITS / style.size)
            height = lines * style.size * _LINE + 4
            if height > needed.get(row, 0):
                needed[row] = height
        return {**needed, **page.heights}

    def _set_heights(self):
        page = self.page
        if self.charts:
            for row in range(max(page.height, *(chart.at[0] + chart.height // 20 for chart in self.charts)) + 1):
                self.heights.setdefault(row, _EMPTY_ROW)
        for row, height in self.heights.items():
            self.sheet.set_row(row, min(height, 409))

    def _until(self, row: int) -> float:
        """What stands above a row, in points."""
        empty = _EMPTY_ROW if self.page.charts else _ROW
        return sum(self.heights.get(one, empty) for one in range(row))

    def _pages_high(self) -> int:
        """On at most how many sheets of paper a page is printed, 0: on as many as it takes. A chart stays with its
        table, and no sheet is for two rows, where little is left over for them."""
        page = self.page
        if page.one_page or page.pages_high or page.pages_wide > 1 or page.filtered:
            return 1 if page.one_page else page.pages_high
        whole = paper(page)[1]
        if page.charts:
            end = max(self._until(chart.at[0]) + chart.height * _PIXEL for chart in page.charts)
            return 1 if max(end, self._until(page.height)) <= whole * (1 + _LITTLE_WITH_CHART) else 0
        sheets = self._until(page.height) / whole
        full = int(sheets + _LITTLE / 4)
        return full if 1 <= full <= _FEW_SHEETS and sheets - full <= _LITTLE else 0

    def _repeated(self) -> tuple[int, int] | None:
        """The head of the table in which the sheets of paper surely end, where none is said to be repeated."""
        page = self.page
        if page.repeat or not page.tables or not page.pages_high:
            return page.repeat
        whole, least = paper(page)[1], self._until(page.height) / page.pages_high
        for first, last in page.tables:
            top, bottom = self._until(first + 2), self._until(last + 1)
            if all(top < number * max(whole, least) * (1 - _ENDS)
                   and bottom > number * max(whole * _WIDER, least) * (1 + _ENDS)
                   for number in range(1, page.pages_high)):  # fmt: skip
                return first, first
        return None

    def _beside(self) -> tuple[int, tuple[int, int] | None]:
        """(on how many sheets of paper side by side, the columns that each of them has)."""
        page = self.page
        scale = paper(page)[0]
        if page.pages_wide > 1 or page.one_page or scale >= _TOO_SMALL or not (page.freeze and page.freeze[1]):
            return page.pages_wide, page.repeat_columns
        across = (_PAPER[1] if page.landscape else _PAPER[0]) - _MARGINS[0]
        again = sum(_points(page, column) for column in range(page.freeze[1]))
        if again > across / _SMALL / 2:
            return page.pages_wide, page.repeat_columns
        sheets = -(-(across / scale - again) // (across / _SMALL - again))
        return int(sheets), (0, page.freeze[1] - 1)

    def _width(self, column: int) -> float:
        return _width(self.page, column)

    def _around(self):
        page, sheet = self.page, self.sheet
        for one in page.dropdowns:
            told = {"validate": "list", "source": list(one.options), "error_type": "warning",
                    "error_title": "不在选项里", "error_message": "不在下拉选项里，确认要这样填吗？"}  # fmt: skip
            if len(",".join(one.options).encode("utf-16-le")) // 2 > _LONGEST_LIST:
                raise ValueError(f"the options of a dropdown on {page.name} are too long together")
            sheet.data_validation(*one.area, told | _asked(one))
        if page.texts:
            areas = " ".join(f"{letters_of(left)}{top + 1}:{letters_of(right)}{bottom + 1}"
                             for top, left, bottom, right in page.texts)  # fmt: skip
            sheet.ignore_errors({"number_stored_as_text": areas})
        for one in page.limits:
            sheet.data_validation(*one.area, _limited(one) | _asked(one))
        for (row, column), note in page.notes.items():
            height = 16 * _lines(note, 34) + 14
            look = {"x_scale": 220 / 128, "y_scale": height / 74, "font_name": "宋体", "font_size": 9}
            sheet.write_comment(row, column, note, look)
        for name, place in page.names.items():
            top, left, bottom, right = place if len(place) == 4 else (*place, *place)
            cells = [f"${letters_of(column)}${row + 1}" for row, column in {(top, left): 0, (bottom, right): 0}]
            sheet_name = page.name.replace("'", "''")
            self.book.define_name(name, f"='{sheet_name}'!{':'.join(cells)}")
        for one in page.colourings:
            look = {"bg_color": f"#{one.fill}"} if one.fill else {"border": 1, "border_color": _FRAME}
            look |= {"font_color": f"#{one.colour}"} if one.colour else {}
            sheet.conditional_format(
                *one.area, {"type": "formula", "criteria": f"={one.formula}", "format": self.book.add_format(look)}
            )
        if page.freeze:
            sheet.freeze_panes(*page.freeze)
        if page.filtered:
            sheet.autofilter(*page.filtered)
        if page.landscape:
            sheet.set_landscape()
        sheet.set_paper(9)  # A4
        sheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.6)
        sheet.center_horizontally()
        wide, columns = self._beside()
        sheet.fit_to_pages(wide, self.high)
        if repeated := self._repeated():
            sheet.repeat_rows(*repeated)
        if columns:
            sheet.repeat_columns(*columns)
        if page.footer:
            sheet.set_footer(f"&C&9{page.footer}")
        if page.hidden:  # LibreOffice prints hidden sheets, but no empty cells
            sheet.print_area(0, page.width + 1, 0, page.width + 1)
        elif page.height:
            bottom, right = self._charts_end()
            sheet.print_area(0, 0, max(page.height - 1, bottom), max(page.width - 1, right))
        if page.breaks:
            sheet.set_h_pagebreaks(page.breaks)
        if page.tab_colour:
            sheet.set_tab_color(f"#{page.tab_colour}")
        if page.protected:
            sheet.protect("", {"format_cells": True, "format_columns": True, "format_rows": True, "autofilter": True,
                               "sort": True})  # fmt: skip
        if page.hidden:
            sheet.very_hidden()

    def _placed(self, chart: Chart) -> Chart:
        """A chart that would stand across the end of a sheet of paper stands on the next one: no break can be set where
        the width of a page is fitted to the paper."""
        page = self.page
        if self.high:
            return chart
        whole = paper(page)[1]
        first, last = page.repeat or (0, -1)
        again = self._until(last + 1) - self._until(first)
        place = self._until(chart.at[0])
        used = place if place < whole else again + (place - whole) % (whole - again)
        unsure = _UNSURE * whole  # programs differ in where a sheet of paper ends
        if place >= whole and used - again < unsure:
            down = unsure
        elif chart.height * _PIXEL + unsure > whole - used:
            down = whole - used + unsure
        else:
            return chart
        return replace(chart, at=(chart.at[0] + int(down // _EMPTY_ROW) + 1, chart.at[1]))

    def _charts_end(self) -> tuple[int, int]:
        """The last row and column that a chart covers."""
        bottom = right = 0
        for chart in self.charts:
            column, left = chart.at[1], chart.width
            while (left := left - (self._width(column) * 7 + 5)) > 0:
                column += 1
            bottom, right = max(bottom, chart.at[0] + chart.height // 20 + 1), max(right, column)
        return bottom, right

    def _chart(self, chart: Chart):
        kind, subtype = _KINDS[chart.kind]
        made = self.book.add_chart({"type": kind, "subtype": subtype} if subtype else {"type": kind})
        for name, area in chart.series:
            told = {"name": name, "values": [self.page.name, *area], "categories": [self.page.name, *chart.categories]}
            if chart.kind == "pie":
                told["data_labels"] = {"percentage": True, "category": True}
            made.add_series(told)
        made.set_title({"name": chart.title, "name_font": {"size": 12, "bold": True}, "overlay": False})
        if chart.kind != "pie":
            lines = {"visible": True, "line": {"color": "#D9D9D9"}}
            values = {"num_format": "0%" if chart.unit == "%" else "#,##0", "major_gridlines": lines}
            made.set_y_axis(values | ({"name": chart.unit} if chart.unit not in ("", "%") else {}))
        if len(chart.series) < 2 and chart.kind != "pie":
            made.set_legend({"none": True})
        else:
            made.set_legend({"position": "bottom"})
        made.set_size({"width": chart.width, "height": chart.height})
        self.sheet.insert_chart(*chart.at, made, {"description": chart.title, "object_position": 2})


def _limited(limit: Limit) -> dict:
    """A validation as XlsxWriter takes it."""
    what, low, high = _WHAT[limit.kind], limit.low, limit.high
    if low is not None and high is not None:
        said, asked = f"应是 {low} 到 {high} 之间的{what}", {"criteria": "between", "minimum": low, "maximum": high}
    elif high is not None:
        said, asked = f"应是不大于 {high} 的{what}", {"criteria": "<=", "value": high}
    elif low is not None:
        said, asked = f"应是不小于 {low} 的{what}", {"criteria": ">=", "value": low}
    else:
        said, asked = f"应是{what}", {"criteria": ">=", "value": _ANY[limit.kind]}
    kind = {"whole": "integer"}.get(limit.kind, limit.kind)
    return {"validate": kind, "error_type": "warning", "error_title": "请核对",
            "error_message": f"{said}，确认要这样填吗？"} | asked  # fmt: skip


def _asked(one: Dropdown | Limit) -> dict:
    """What is shown when a cell is chosen, as XlsxWriter takes it."""
    if not (one.title or one.message):
        return {}
    return {"input_title": one.title[:32], "input_message": one.message[:255]}


def _plain(value):
    if isinstance(value, dt.date):
        return (dt.date(value.year, value.month, value.day) - _FIRST_DAY).days
    return float(value) if isinstance(value, Fraction) else value


@lru_cache(1 << 16)
def _lines(text: str, width: float) -> int:
    width = max(1, int(width))
    return sum(max(1, -(-_wide(line) // width)) for line in text.split("\n"))


def _wide(text: str) -> int:
    """Its width in characters, of which a Chinese one takes two."""
    if text.isascii():
        return len(text)
    return sum(2 if east_asian_width(character) in "WFA" else 1 for character in text)


def _without_marks(content: bytes) -> bytes:
    marks = _NO_RESULT.encode(), _EMPTY.encode()
    with zipfile.ZipFile(io.BytesIO(content)) as source:
        members = [(info, source.read(info)) for info in source.infolist()]
    if not any(mark in data for _, data in members for mark in marks):
        return content
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as target:
        for info, data in members:
            for mark in marks:
                data = data.replace(mark, b"")
            target.writestr(info, data)
    return output.getvalue()
