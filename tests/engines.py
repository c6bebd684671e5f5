"""Two spreadsheet engines as oracles for native formulas: formualizer in this process, LibreOffice beside it.

Both read the same .xlsx, written without results, and compute it themselves.
"""
from __future__ import annotations

import csv
import datetime as dt
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

import pytest
import xlsxwriter
from xlsxwriter.utility import xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

HEADER_ROWS = 1
#: the row that formula patterns refer to
FIRST_ROW = HEADER_ROWS + 1


class ErrorCell(str):
    """A cell that is an error; the text is what it shows."""


@dataclass
class Table:
    """Rows of input cells, and formulas over the columns of a row, written for row `FIRST_ROW`."""

    headers: list[str]
    rows: list[tuple]
    formulas: list[str]


#: constants cannot be errors in XlsxWriter, formulas can
_ERRORS = {"#N/A": "=NA()", "#DIV/0!": "=1/0", "#VALUE!": '=VALUE("x")', "#NUM!": "=SQRT(-1)",
           "#REF!": '=INDIRECT("nowhere!A1")'}  # fmt: skip


class _SharedFormulas(Worksheet):
    """A sheet that writes a column of like formulas once, as Excel does: 20000 copies of a long one fill the disk."""

    shared: dict[str, tuple[int, str]]

    def _prepare_formula(self, formula, expand_future_functions=False):
        return formula.lstrip("=")  # nothing here needs the prefix of a newer function, and looking costs a minute

    def _xml_formula_element(self, formula, result, attributes=()):
        if formula not in self.shared:
            super()._xml_formula_element(formula, result, attributes)
            return
        cell = dict(attributes)["r"]
        index, cells = self.shared[formula]
        if cells.startswith(f"{cell}:"):
            text = f'<f t="shared" ref="{cells}" si="{index}">{escape(formula)}</f>'
        else:
            text = f'<f t="shared" si="{index}"/>'
        self.fh.write(f'<c r="{cell}">{text}<v></v></c>')


def write_tables(file: Path, tables: list[Table]) -> None:
    """Write a sheet per table, T0, T1 …: inputs, then the formulas, without results."""
    with xlsxwriter.Workbook(file) as book:
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        for number, table in enumerate(tables):
            sheet = book.add_worksheet(f"T{number}", _SharedFormulas)
            sheet.write_row(0, 0, table.headers)
            width, last = len(table.headers), HEADER_ROWS + len(table.rows) - 1
            sheet.shared = {}
            for index, formula in enumerate(table.formulas):
                cells = f"{xl_rowcol_to_cell(HEADER_ROWS, width + index)}:{xl_rowcol_to_cell(last, width + index)}"
                sheet.shared[formula.lstrip("=")] = index, cells
            for row, cells in enumerate(table.rows, HEADER_ROWS):
                for column, cell in enumerate(cells):
                    write_cell(sheet, row, column, cell, day)
                for index, formula in enumerate(table.formulas):
                    sheet.write_formula(row, width + index, formula, None, "")


def write_cell(sheet, row: int, column: int, cell, day) -> None:
    if isinstance(cell, ErrorCell):
        sheet.write_formula(row, column, _ERRORS[cell], None, "")
    elif isinstance(cell, str):
        sheet.write_string(row, column, cell)
    elif isinstance(cell, bool):
        sheet.write_boolean(row, column, cell)
    elif isinstance(cell, dt.date):
        sheet.write_datetime(row, column, cell, day)
    elif cell is not None:
        sheet.write_number(row, column, cell)


def recalculated_by_formualizer(file: Path, tables: list[Table]) -> list[list[tuple]]:
    """Per table, per row: the values of its formulas, errors as ErrorCell."""
    import formualizer

    book = formualizer.load_workbook(str(file))
    book.evaluate_all()
    results = []
    for number, table in enumerate(tables):
        first, last = len(table.headers) + 1, len(table.headers) + len(table.formulas)
        cells = formualizer.RangeAddress(f"T{number}", FIRST_ROW, first, HEADER_ROWS + len(table.rows), last)
        values = book.sheet(f"T{number}").get_values(cells)
        results.append([tuple(ErrorCell(f"#{v['kind']}") if isinstance(v, dict) else v for v in row) for row in values])
    return results


# ---- LibreOffice

HOW_TO_INSTALL = (
    "LibreOffice Calc is not installed, so native formulas cannot be checked in a real spreadsheet: "
    "apt-get install libreoffice-calc (or set XL_POVERTY_NO_CALC=1 to skip)"
)

#: comma, quote, UTF-8, from line 1, texts quoted, numbers in full and not as shown, every sheet
_CSV = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,true,false,false,false,false,-1"


def office_program() -> str | None:
    return shutil.which("soffice") or shutil.which("libreoffice")


def need_libreoffice() -> None:
    """Fail where LibreOffice is absent, or skip where its absence is accepted."""
    if office_program() is None:
        if os.environ.get("XL_POVERTY_NO_CALC") == "1":
            pytest.skip(HOW_TO_INSTALL)
        pytest.fail(HOW_TO_INSTALL, pytrace=False)


class LibreOffice:
    """One conversion of a workbook to values, running beside this process."""

    def __init__(self, file: Path, folder: Path):
        self.file, self.folder = file, folder
        profile = (folder / "profile").as_uri()
        self.process = subprocess.Popen(
            [office_program(), "--headless", f"-env:UserInstallation={profile}", "--convert-to", _CSV,
             "--outdir", str(folder), str(file)],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip

    def results(self, tables: list[Table]) -> list[list[tuple]]:
        """Per table, per row: the values of its formulas, errors as ErrorCell."""
        told, _ = self.process.communicate(timeout=1200)
        results = []
        for number, table in enumerate(tables):
            file = self.folder / f"{self.file.stem}-T{number}.csv"
            if not file.exists():
                raise RuntimeError(f"LibreOffice made no {file.name}: {told.decode(errors='replace')}")
            with open(file, encoding="utf-8", newline="") as stream:
                lines = list(csv.reader(stream))[HEADER_ROWS : HEADER_ROWS + len(table.rows)]
            width, wanted = len(table.headers), len(table.formulas)
            results.append([tuple(map(_value, (line + [""] * wanted)[width : width + wanted])) for line in lines])
            file.unlink()
        return results


def _value(text: str):
    """What a cell of the .csv holds: results of rules are numbers, truths, errors and Chinese words."""
    if text in ("TRUE", "FALSE"):
        return text == "TRUE"
    if text.startswith(("#", "Err:")):
        return ErrorCell(text)
    try:
        return float(text)
    except ValueError:
        return text
