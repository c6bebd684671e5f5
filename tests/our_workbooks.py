"""Small workbooks whose formulas call our functions, and what a spreadsheet program makes of their copies."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

import xlsxwriter

from xl_poverty import CellError
from xl_poverty.ledger.files import read_book
from xl_poverty.ledger.settings import office_layers, own_layer

SHEET = "台账"


@dataclass
class Called:
    """A cell with a formula and what it shows. `area`: an array formula over it."""

    formula: str
    shows: object = None
    area: str = ""


def workbook(file: Path, cells: dict[str, object], names: dict[str, str] | None = None, sheets=(), tables=()) -> Path:
    """`cells`: "B2" of the sheet 台账, or "表!B2" of another one in `sheets`. `tables`: (area, name, titles)."""
    with xlsxwriter.Workbook(file, {"strings_to_formulas": False, "strings_to_numbers": False}) as book:
        made = {name: book.add_worksheet(name) for name in (SHEET, *sheets)}
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        for key, value in cells.items():
            sheet, _, place = key.rpartition("!")
            sheet = made[sheet or SHEET]
            if isinstance(value, Called):
                shows = value.shows.cell if isinstance(value.shows, CellError) else value.shows
                if value.area:
                    sheet.write_array_formula(value.area, f"{{={value.formula}}}", None, shows)
                else:
                    sheet.write_formula(place, f"={value.formula}", None, shows)
            elif isinstance(value, dt.date):
                sheet.write_datetime(place, value, day)
            elif isinstance(value, str):
                sheet.write_string(place, value)
            else:
                sheet.write(place, value)
        for area, name, titles in tables:
            made[SHEET].add_table(area, {"name": name, "columns": [{"header": title} for title in titles]})
        for name, text in (names or {}).items():
            book.define_name(name, f"={text}")
    return file


def read(file: Path):
    """(the workbook as it is read, the settings that go with it)."""
    book = read_book(file)
    return book, [own_layer(book), *office_layers(book)]


def calculated(file: Path, *places: str) -> list:
    """What formualizer calculates for cells of 台账; errors as their text."""
    import formualizer

    from xl_poverty.workbook.formula_text import area_named

    book = formualizer.load_workbook(str(file))
    book.evaluate_all()
    found = []
    for place in places:
        row, column, _, _ = area_named(place)[1]
        value = book.get_value(SHEET, row + 1, column + 1)
        found.append(f"#{value['kind']}" if isinstance(value, dict) else value)
    return found
