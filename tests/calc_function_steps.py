"""Steps of test_calc_functions.py inside calc_driver.py."""

from __future__ import annotations

import threading

import uno
import unohelper
from calc_driver import properties, shown
from com.sun.star.awt import XCallback


class _Called(unohelper.Base, XCallback):
    def __init__(self):
        self.done = threading.Event()

    def notify(self, data):
        self.done.set()


def settle(office):
    """What Calc has still to do by itself is done: ours comes behind it."""
    for _ in range(2):
        called = _Called()
        office.service("com.sun.star.awt.AsyncCallback").addCallback(called, None)
        if not called.done.wait(300):
            raise TimeoutError("LibreOffice is busy")


def open_as_template(office, file: str) -> int:
    """A new workbook made of a file."""
    given = properties(AsTemplate=True)
    return office.keep(office.desktop.loadComponentFromURL(uno.systemPathToFileUrl(file), "_blank", 0, given))


def wizard(office) -> dict:
    """What the function wizard knows: name -> (category, description, [(argument, description, optional)])."""
    known = office.service("com.sun.star.sheet.FunctionDescriptions")
    found = {}
    for index in range(known.Count):
        told = {one.Name: one.Value for one in known.getByIndex(index)}
        arguments = [(one.Name, one.Description, one.IsOptional) for one in told["Arguments"] or ()]
        found[told["Name"]] = told["Category"], told["Description"], arguments
    return found


def name(office, document: int, name: str, content: str):
    """Define a name."""
    from com.sun.star.table import CellAddress

    office.documents[document].NamedRanges.addNewByName(name, content, CellAddress(), 0)


def fill_down(office, document: int, place: str):
    """As with Ctrl+D."""
    office.area(document, place).fillAuto(0, 1)


def undo(office, document: int):
    office.documents[document].getUndoManager().undo()


def protect(office, document: int, password: str):
    office.documents[document].Sheets.getByIndex(0).protect(password)


def is_protected(office, document: int) -> bool:
    return office.documents[document].Sheets.getByIndex(0).isProtected()


def typed_and_reckoned(office, document: int, place: str, texts: list, result: str) -> list:
    """What a cell shows after each of these was typed and everything reckoned, without a pause."""
    found = []
    for text in texts:
        office.area(document, place).String = text
        office.documents[document].calculateAll()
        found.append(shown(office, document, result)[0][0])
    return found


def count_from(office, document: int, year: int):
    """The day that a document counts from: 1899-12-30 or 1904-01-01."""
    from com.sun.star.util import Date

    office.documents[document].NullDate = Date(30, 12, 1899) if year == 1899 else Date(1, 1, 1904)


def remove_name(office, document: int, name: str):
    office.documents[document].NamedRanges.removeByName(name)


def sheet(office, document: int, name: str):
    office.documents[document].Sheets.insertNewByName(name, 1)
