"""The thorough reader of a sheet: from its XML alone."""

from __future__ import annotations

import datetime as dt
import re

from ...errors import LedgerError
from ...workbook.package import Package
from ...workbook.references import MOST_COLUMNS, MOST_ROWS, column_of, letters_of
from ...workbook.refusals import damaged
from ...workbook.shared_formulas import Formulas
from ...workbook.xml_text import decoded_text
from .cells import MOST_CELLS, as_number, dated, error_cell, no_result, trimmed
from .sheet import Sheet
from .styles import Styles


class Thorough:
    """A sheet from its XML alone."""

    def __init__(self, package: Package, sheet: Sheet, styles: Styles):
        self.package, self.sheet, self.styles = package, sheet, styles
        self.cells: dict[int, dict[int, object]] = {}
        self.columns: dict[str, int] = {}
        self.formulas = Formulas()
        self.row = self.column = -1
        self.inside = False  # sheetData
        self.text: list[str] | None = None  # what is being collected
        self.phonetic = 0
        self.attrs: dict = {}
        self.value: str | None = None
        self.inline: list[str] | None = None
        self.formula: tuple[str, dict] | None = None

    def walk(self, data: bytes):
        """The cells of some XML, into `cells`; what it says besides, into the sheet."""
        self.package.events(data, self.start, self.end, self.collect)

    def read(self, data: bytes):
        self.walk(data)
        sheet = self.sheet
        width = max((max(cells) + 1 for cells in self.cells.values() if cells), default=0)
        height = max((row + 1 for row, cells in self.cells.items() if cells), default=0)
        if width * height > MOST_CELLS:
            raise LedgerError(
                f"{self.package.name} 的工作表“{sheet.name}”一直到 {letters_of(width - 1)}{height} 都有内容，太大了；"
                "请删除表格以外多余的行和列，保存后再试"
            )
        rows = [[None] * width for _ in range(height)]
        for row, cells in self.cells.items():
            for column, value in cells.items():
                rows[row][column] = value
        sheet.rows = trimmed(rows)
        sheet.formulas = self.formulas.done()

    def collect(self, text: str):
        if self.text is not None:
            self.text.append(text)

    def start(self, tag: str, attrs: dict):
        if self.inside:
            if tag == "c":
                self._start_cell(attrs)
            elif tag == "v" or (tag == "t" and not self.phonetic):
                self.text = []
            elif tag == "is":
                self.inline = []
            elif tag == "f":
                self.text, self.formula = [], ("", attrs)
            elif tag == "rPh":
                self.phonetic += 1
            elif tag == "row":
                self.row = int(attrs["r"]) - 1 if attrs.get("r", "").isdigit() else self.row + 1
                self.column = -1
                if attrs.get("hidden") in ("1", "true") or attrs.get("ht") == "0":
                    self.sheet.hidden_rows.add(self.row)
        elif tag == "sheetData":
            self.inside = True
        elif tag == "col":
            self.sheet.hide_columns(attrs)
        elif tag == "mergeCell":
            self.sheet.merge(attrs.get("ref", ""))

    def _start_cell(self, attrs: dict):
        reference = attrs.get("r")
        if reference:
            letters = reference.rstrip("0123456789")
            column = self.columns.get(letters)
            if column is None:
                if not re.fullmatch("[A-Z]{1,3}", letters):
                    raise damaged(self.package.name, "单元格位置不对")
                column = self.columns[letters] = column_of(letters)
            self.column = column
            self.place = (int(reference[len(letters) :] or 0) - 1, column)
        else:
            self.column += 1
            self.place = (self.row, self.column)
        self.attrs, self.value, self.inline, self.formula = attrs, None, None, None

    def end(self, tag: str):
        if not self.inside:
            return
        if tag == "c":
            value = self._value()
            if value is not None:
                row, column = self.place
                if not (0 <= row < MOST_ROWS and column < MOST_COLUMNS):
                    raise damaged(self.package.name, "单元格位置不对")
                self.cells.setdefault(row, {})[column] = value
        elif tag == "rPh":
            self.phonetic -= 1
        elif tag == "sheetData":
            self.inside = False
        elif self.text is not None and tag in ("v", "t", "f"):
            text, self.text = "".join(self.text), None
            if tag == "v":
                self.value = text
            elif tag == "f":
                self.formula = (text, self.formula[1])
            elif self.inline is not None:
                self.inline.append(text)

    def _value(self):
        kind, text = self.attrs.get("t", "n"), self.value
        if self.formula is not None:
            self.formulas.add_all([self.place], [self.formula])
            if not text:
                return "" if kind == "str" else no_result()
        if kind == "inlineStr":
            return None if self.inline is None else decoded_text("".join(self.inline))
        if text is None or (not text and kind != "str"):
            return None
        try:
            return self._typed(kind, text)
        except (ValueError, IndexError, OverflowError):
            where = f"工作表“{self.sheet.name}”{letters_of(self.place[1])}{self.place[0] + 1}"
            raise damaged(self.package.name, where) from None

    def _typed(self, kind: str, text: str):
        if kind == "s":
            return self.styles.shared.texts[int(text)]
        if kind in ("str", "b", "e", "d"):
            return typed(kind, text)
        number = float(text)
        style = int(self.attrs.get("s", 0))
        shown = self.styles.kinds[style] if style < len(self.styles.kinds) else ""
        return dated(number, shown, self.styles.epoch_1904) if shown else as_number(number)


def typed(kind: str, text: str):
    """What the text of a cell says that is neither a number nor a shared text."""
    if kind == "b":
        return text.strip() in ("1", "true")
    if kind == "e":
        return error_cell(text)
    if kind == "d":
        return _iso(text)
    return decoded_text(text)


def _iso(text: str):
    """A date as strict workbooks may spell it."""
    for kind in (dt.date, dt.time, dt.datetime):
        try:
            return kind.fromisoformat(text)
        except ValueError:
            pass
    return text
