"""What an open document says for itself: names and the sheet of 口径, its folder, how it counts days.

It must never be stale, and asking must cost next to nothing: a document that changed is read anew at the next call, and
every document now and then, since formulas may change what a name shows without telling anybody.
"""
from __future__ import annotations

import datetime as dt
import os
import time
from contextlib import suppress

import uno
import unohelper
from com.sun.star.beans import XPropertySet
from com.sun.star.uno import Exception as UnoException
from com.sun.star.util import XModifyListener

from ...errors import CellError
from ...formulas.office import DAY_NAME, WORKBOOK_NAMES
from ..values import CONTEXT, SHEET

#: a document is looked at again after so many seconds
_LOOK_AGAIN = 0.02
#: the sheet of what is asked and what was chosen, and what of it is read
_READINGS, _LINES = "核算口径", "A1:B200"
EPOCH = dt.date(1899, 12, 30)
_LAST_DAY = 2958466


class Book(unohelper.Base, XModifyListener):
    """An open document.

    told   what it says, as `values.answer_in` takes it; a CellError where that cannot be read
    zero   the day that it counts from
    plain  there is nothing of that which a call would have to take care of
    """

    def __init__(self, document):
        self.document = document
        self.told: str | CellError = ""
        self.zero = EPOCH
        self.plain = True
        self.looked = 0.0
        self._looking = False
        document.addModifyListener(self)

    def modified(self, event):
        self.looked = 0.0

    def disposing(self, event):
        if self in _books:
            _books.remove(self)

    def look(self, now: float):
        if self._looking:  # what the names show is calculated by functions of ours
            return
        self._looking = True
        try:
            zero = self.document.NullDate
            self.zero = dt.date(zero.Year, zero.Month, zero.Day)
            self.told = self._says()
        except CellError as error:
            self.told = error
        finally:
            self._looking = False
            self.plain = self.told.__class__ is str and self.zero == EPOCH
            self.looked = now

    def serial(self, day: dt.date) -> float:
        return float((day - self.zero).days)

    def _says(self) -> str:
        """Raises CellError."""
        names = self.document.NamedRanges
        policy, day, readings = (self._named(names, name) for name in WORKBOOK_NAMES)
        lines = self._lines()
        folder = self._folder()
        if lines:
            readings += SHEET + lines
        if not (policy or day or readings or folder):
            return ""
        return CONTEXT.join(("", policy, day, readings, folder))

    def _folder(self) -> str:
        """Of its file, also while that is being opened: formulas are reckoned then, and URL is not known yet."""
        url = self.document.Location
        if not url.startswith("file:"):
            return ""
        if not self.document.URL and any(one.Name == "AsTemplate" and one.Value for one in self.document.Args):
            return ""
        return os.path.dirname(uno.fileUrlToSystemPath(url))

    def _named(self, names, name: str) -> str:
        """What the first cell of a name holds, or the constant that it stands for."""
        if not names.hasByName(name):
            return ""
        named = names.getByName(name)
        area = named.getReferredCells()
        if area is not None:
            address = area.RangeAddress
            cell = area.getCellByPosition(0, 0) if address.EndRow >= address.StartRow else None
            if cell is None or cell.getError():
                raise _no_cell(name)
            value = area.getCellRangeByPosition(0, 0, 0, 0).getDataArray()[0][0]
        else:
            value = _constant(named.Content)
            if value is None:
                raise _no_cell(name)
        return self._text(value, name == DAY_NAME)

    def _lines(self) -> str:
        sheets = self.document.Sheets
        if not sheets.hasByName(_READINGS):
            return ""
        found = []
        for key, choice in sheets.getByName(_READINGS).getCellRangeByName(_LINES).getDataArray():
            key = self._text(key)
            choice = self._text(choice, key == DAY_NAME)
            if key and choice:
                found.append(f"{_line(key)}={_line(choice)}")
        return ";".join(found)

    def _text(self, value, is_day: bool = False) -> str:
        if value.__class__ is not float:
            return (value or "").strip()
        if is_day and 0 < value < _LAST_DAY:
            return (self.zero + dt.timedelta(days=int(value))).isoformat()
        return str(int(value)) if value.is_integer() else repr(value)


def _no_cell(name: str) -> CellError:
    return CellError("excel_error", f"名称“{name}”没有指向一个有效单元格，请改正（工作表 - 命名区域）")


def _line(text: str) -> str:
    """A text that parts no lines."""
    return text.replace(";", "；")


def _constant(content: str):
    """The text or number that a name stands for without a cell; None for anything else."""
    if len(content) > 1 and content[0] == content[-1] == '"' and '"' not in content[1:-1].replace('""', ""):
        return content[1:-1].replace('""', '"')
    try:
        return float(content)
    except ValueError:
        return None


_books: list[Book] = []


def book_of(document: XPropertySet) -> Book:
    """The document that asks, as it is now."""
    for book in _books:
        if book.document == document:
            break
    else:
        book = Book(document)
        _books.insert(0, book)
    now = time.monotonic()
    if now - book.looked > _LOOK_AGAIN:
        with suppress(UnoException):  # it is being closed
            book.look(now)
    return book
