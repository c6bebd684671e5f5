"""The tables of web pages, which many systems export under the name of .xls."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from ...errors import EXCEL_ERRORS, LedgerError
from ...workbook.references import MOST_COLUMNS
from ...workbook.refusals import RESAVE
from .cells import MOST_CELLS, error_cell, put, trimmed, unescaped
from .csv_text import text_cell
from .sheet import Sheet


def read_html(text: str, name: str) -> list[Sheet]:
    parser = _Tables()
    try:
        parser.feed(text)
        parser.close()
    except _TooLarge:
        raise LedgerError(f"{name} 的表格大得不正常；{RESAVE}") from None
    tables = [table for table in parser.tables if table.rows]
    if not tables:
        raise LedgerError(f"{name} 是网页，里面没有表格；请重新从系统导出，或{RESAVE}")
    titles = re.findall(r"<x:Name>([^<]*)</x:Name>", text)
    for number, table in enumerate(tables, 1):
        table.name = unescaped(titles[number - 1]) if len(titles) == len(tables) else f"表{number}"
        trimmed(table.rows)
        bottom = len(table.rows) - 1
        table.merged = [(t, left, min(b, bottom), r) for t, left, b, r in table.merged
                        if t <= bottom and (left, t) != (r, min(b, bottom))]  # fmt: skip
    return tables


class _TooLarge(Exception):
    pass


class _Tables(HTMLParser):
    """The tables of a page, also where closing tags are left out; a table within a cell is a table of its own."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.tables: list[Sheet] = []
        self._open: list[_OpenTable] = []
        self._silent = 0  # in <style> or <script>

    def handle_starttag(self, tag, attrs):
        attrs = {key: value or "" for key, value in attrs}
        if tag == "table":
            self._open.append(_OpenTable(Sheet("", [])))
            self.tables.append(self._open[-1].sheet)
        elif tag in ("style", "script", "title"):
            self._silent += 1
        elif self._open:
            if tag == "tr":
                self._open[-1].start_row("display:none" in attrs.get("style", "").replace(" ", "").lower())
            elif tag in ("td", "th"):
                self._open[-1].start_cell(attrs)
            elif tag in ("br", "p", "div") and self._open[-1].text:
                self._open[-1].text.append("\n")

    def handle_startendtag(self, tag, attrs):
        if tag == "br":
            self.handle_starttag(tag, attrs)
        elif tag in ("td", "th", "tr"):
            self.handle_starttag(tag, attrs)
            self.handle_endtag(tag)

    def handle_endtag(self, tag):
        if tag in ("style", "script", "title"):
            self._silent = max(self._silent - 1, 0)
        elif self._open:
            if tag == "table":
                self._open.pop().end_cell()
            elif tag in ("td", "th"):
                self._open[-1].end_cell()
            elif tag == "tr":
                self._open[-1].end_row()

    def handle_data(self, data):
        if self._open and self._open[-1].text is not None and not self._silent:
            self._open[-1].text.append(re.sub(r"[ \t\r\n\f]+", " ", data))

    def close(self):
        super().close()
        while self._open:
            self._open.pop().end_cell()


class _OpenTable:
    def __init__(self, sheet: Sheet):
        self.sheet = sheet
        self.row = self.column = -1
        self.taken: dict[int, int] = {}  # column -> last row that a cell from above reaches
        self.text: list[str] | None = None
        self.attrs: dict = {}
        self.cells = 0

    def start_row(self, hidden: bool = False):
        self.end_cell()
        self.row += 1
        self.column = -1
        self.sheet.rows.append([])
        if hidden:
            self.sheet.hidden_rows.add(self.row)

    def end_row(self):
        self.end_cell()
        self.column = MOST_COLUMNS  # a cell outside any row opens a new one

    def start_cell(self, attrs: dict):
        self.end_cell()
        if self.row < 0 or self.column == MOST_COLUMNS:
            self.start_row()
        self.attrs, self.text = attrs, []

    def end_cell(self):
        if self.text is None:
            return
        text, self.text = "".join(self.text).replace("\xa0", " "), None
        text = "\n".join(line.strip(" ") for line in text.split("\n")).strip("\n")
        column = self.column + 1
        while self.taken.get(column, -1) >= self.row:
            column += 1
        width, height = _span(self.attrs, "colspan", 1000), _span(self.attrs, "rowspan", 65534)
        self.column = column + width - 1
        self.cells += width
        if self.column >= MOST_COLUMNS or self.cells > MOST_CELLS:
            raise _TooLarge
        error = self.attrs.get("x:err")
        value = error_cell(text if text in EXCEL_ERRORS else error) if error else text_cell(text)
        put([self.sheet.rows[self.row]], (0, self.column), None)
        self.sheet.rows[self.row][column] = value
        if height > 1:
            self.taken.update(dict.fromkeys(range(column, self.column + 1), self.row + height - 1))
        if width * height > 1:
            self.sheet.merged.append((self.row, column, self.row + height - 1, self.column))


def _span(attrs: dict, key: str, most: int) -> int:
    found = re.match(r"\s*(\d{1,9})", attrs.get(key, ""))
    return min(max(int(found[1]), 1), most) if found else 1
