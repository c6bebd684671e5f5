"""Formulas that tell a blank from 0.

Calc hands a single blank cell to a function as 0, and the cell of a range as what it is. So where that matters the
formulas of a document are put right: D2 becomes D2:D2, which is the same cell in Excel, too. 0 and FALSE() that stand
in a formula become texts, a number that is reckoned there, SUM(D2:F2), becomes TRANSPOSE(SUM(D2:F2)), a range of one.

That cannot happen while Calc calculates: it is done as soon as that is over, and before the document is saved.
"""
from __future__ import annotations

import itertools
import re
from collections import defaultdict
from contextlib import contextmanager, suppress
from functools import cached_property
from types import NoneType
from typing import NamedTuple

import uno
import unohelper
from com.sun.star.awt import XCallback
from com.sun.star.document import XDocumentEventListener
from com.sun.star.sheet import ComplexReference, FormulaToken, SingleReference
from com.sun.star.sheet.FillDirection import TO_BOTTOM
from com.sun.star.uno import Exception as UnoException

from ...formulas.signatures import Signature
from ...rules.arguments import FLAG_OPTIONS
from .interface import SERVICE, functions
from .unnoticed import SAVING, unnoticed

#: how formulas name our functions where programs read them
_MARK = f"{SERVICE.upper()}."
_FORMULAS = 16  # com.sun.star.sheet.CellFlags.FORMULA
#: com.sun.star.sheet.FormulaLanguage, FormulaMapGroup
_ENGLISH, _BINARY = 1, 8
#: com.sun.star.sheet.ReferenceFlags
_COLUMN_RELATIVE, _COLUMN_DELETED, _ROW_RELATIVE, _ROW_DELETED, _SHEET_RELATIVE, _SHEET_DELETED = 1, 2, 4, 8, 16, 32
_DELETED = _COLUMN_DELETED | _ROW_DELETED | _SHEET_DELETED
_REFERENCE = re.compile(r"(?<![\w$.])(\$?)([A-Z]{1,3})(\$?)([0-9]+)(?![\w(])")
#: what gives a cell, which may be blank, and not a number of its own
_GIVES_CELLS = ("IF", "IFS", "IFERROR", "IFNA", "CHOOSE", "SWITCH", "INDEX", "OFFSET", "INDIRECT", "LOOKUP", "VLOOKUP",
                "HLOOKUP", "XLOOKUP", "LET", "TRANSPOSE")  # fmt: skip
#: what makes one number of ranges
_GIVES_ONE = ("SUM", "SUMIF", "SUMIFS", "SUMPRODUCT", "COUNT", "COUNTA", "COUNTIF", "COUNTIFS", "MAX", "MIN", "AVERAGE")
#: what stands in a token that is no range
_ONE = (SingleReference, float, str, NoneType)
_TEXTS = {"zero": "0", "false": FLAG_OPTIONS[0]}
_METHODS = {f"{SERVICE}.{one.method}": one.signature for one in functions()}

_waiting: list = []
_heard: list = []  # documents that tell before they are saved
_called = False


def put_right(document) -> None:
    """As soon as Calc has done calculating."""
    global _called
    if document not in _waiting:
        _waiting.append(document)
    if document not in _heard:
        _heard.append(document)
        document.addDocumentEventListener(_BeforeSaving())
    if not _called:
        _called = True
        context = uno.getComponentContext()
        service = context.ServiceManager.createInstanceWithContext("com.sun.star.awt.AsyncCallback", context)
        service.addCallback(_Now(), None)


class _Now(unohelper.Base, XCallback):
    def notify(self, data):
        global _called
        _called = False
        for document in list(_waiting):
            _put_right(document)


class _BeforeSaving(unohelper.Base, XDocumentEventListener):
    def documentEventOccured(self, event):
        if event.EventName in SAVING and event.Source in _waiting:
            _put_right(event.Source)

    def disposing(self, event):
        for documents in (_waiting, _heard):
            if event.Source in documents:
                documents.remove(event.Source)


def _put_right(document) -> None:
    _waiting.remove(document)
    with suppress(UnoException), unnoticed(document), _still(document):  # closed meanwhile
        _Formulas(document).put_right()


@contextmanager
def _still(document):
    """Nothing is reckoned or drawn before all is done."""
    automatic = document.isAutomaticCalculationEnabled()
    document.lockControllers()
    document.enableAutomaticCalculation(False)
    try:
        yield
    finally:
        document.enableAutomaticCalculation(automatic)
        document.unlockControllers()


class _Argument(NamedTuple):
    """A stretch of tokens, and how it is handed over so that it tells."""

    start: int
    end: int
    how: str  # cell, zero, false, number


class _Formulas:
    """The formulas of a document that call ours."""

    def __init__(self, document):
        self.document = document
        self.sheets = [document.Sheets.getByIndex(index) for index in range(document.Sheets.Count)]
        self.columns: dict[tuple, tuple] = {}

    def put_right(self):
        for index, sheet in enumerate(self.sheets):
            alike, arrays = self._found(sheet)
            for places in alike.values():
                self._mend(index, sheet, places)
            for place in arrays:
                self._mend_array(index, sheet, place)

    def _found(self, sheet) -> tuple[dict, list]:
        """Places (column, row) of formulas that say the same of the cells around them; those of arrays."""
        alike, arrays = defaultdict(list), []
        for area in sheet.queryContentCells(_FORMULAS).RangeAddresses:
            cells = sheet.getCellRangeByPosition(area.StartColumn, area.StartRow, area.EndColumn, area.EndRow)
            for row, texts in enumerate(cells.getFormulaArray(), area.StartRow):
                for column, text in enumerate(texts, area.StartColumn):
                    if _MARK not in text:
                        continue
                    if text.startswith("{"):
                        arrays.append((column, row))
                    else:
                        alike[_relative(text, column, row)].append((column, row))
        return alike, arrays

    def _mend(self, index: int, sheet, places: list):
        tokens = sheet.getCellByPosition(*places[0]).getTokens()
        cells = (sheet.getCellByPosition(*place) for place in places)
        mended = self._mended(index, tokens, places, lambda: any(cell.getError() for cell in cells))
        if mended:
            for column, first, last in _runs(places):
                self._fill(sheet, mended, column, first, last)

    def _fill(self, sheet, tokens: tuple, column: int, first: int, last: int):
        """One formula into the cells of a column. Cell by cell Calc takes a time that grows with the square of their
        number; filled down they are done at once, but take their looks from the first: so those of one look by
        themselves."""
        cells = sheet.getCellRangeByPosition(column, first, column, last)
        if first < last:
            alike = cells.getCellFormatRanges()
            for index in range(alike.Count):
                area = alike.getByIndex(index)
                area.getCellByPosition(0, 0).setTokens(tokens)
                if area.Rows.Count > 1:
                    with suppress(UnoException):  # protected
                        area.fillAuto(TO_BOTTOM, 1)
        else:
            cells.getCellByPosition(0, 0).setTokens(tokens)
        texts = [_relative(text, column, row) for row, (text,) in enumerate(cells.getFormulaArray(), first)]
        for row, text in enumerate(texts):
            if text != texts[0]:  # filtered out, or protected
                cells.getCellByPosition(0, row).setTokens(tokens)

    def _mend_array(self, index: int, sheet, place: tuple[int, int]):
        cursor = sheet.createCursorByRange(sheet.getCellByPosition(*place))
        cursor.collapseToCurrentArray()
        address = cursor.RangeAddress
        if (address.StartColumn, address.StartRow) != place:
            return
        area = sheet.getCellRangeByName(cursor.AbsoluteName)
        mended = self._mended(index, area.getArrayTokens(), [place], sheet.getCellByPosition(*place).getError)
        if mended:
            area.setArrayTokens(mended)

    def _mended(self, index: int, tokens: tuple, places: list, failed) -> tuple | None:
        """The tokens as they are to be, for all these places; None where they are right."""
        wrong = []
        for one in self._arguments(tokens):
            if one.how == "cell":
                if any(cell == 0 or cell == "" for cell in self._cells(index, tokens[one.start].Data, places)):
                    wrong.append(one)
            elif one.how in _TEXTS or failed():
                wrong.append(one)
        if not wrong:
            return None
        mended = [*tokens]
        for one in sorted(wrong, reverse=True):
            if any(one.start <= other.start and other.end <= one.end for other in wrong if other is not one):
                continue  # what stands inside it may have been all that was wrong
            mended[one.start : one.end] = self._telling(one.how, mended[one.start : one.end])
        return tuple(mended)

    def _telling(self, how: str, tokens: list) -> list:
        if how == "cell":
            reference = tokens[0].Data
            return [FormulaToken(tokens[0].OpCode, ComplexReference(reference, reference))]
        if how in _TEXTS:
            return [FormulaToken(self._push, _TEXTS[how])]
        opened, closed, _ = self._signs
        (transpose,) = self._codes("TRANSPOSE")
        return [FormulaToken(transpose, None), FormulaToken(opened, None), *tokens, FormulaToken(closed, None)]

    def _cells(self, index: int, reference, places: list):
        """What the referenced cell holds, for each of these places."""
        flags = reference.Flags
        if flags & _DELETED:
            return
        sheet = index + reference.RelativeSheet if flags & _SHEET_RELATIVE else reference.Sheet
        by_column = defaultdict(list)
        for column, row in places:
            column = column + reference.RelativeColumn if flags & _COLUMN_RELATIVE else reference.Column
            by_column[column].append(row + reference.RelativeRow if flags & _ROW_RELATIVE else reference.Row)
        for column, rows in by_column.items():
            first, last = min(rows), max(rows)
            key = sheet, column, first, last
            if key not in self.columns:
                cells = self.sheets[sheet].getCellRangeByPosition(column, first, column, last)
                self.columns[key] = cells.getDataArray()
            held = self.columns[key]
            yield from (held[row - first][0] for row in rows)

    def _arguments(self, tokens: tuple):
        """The arguments of our functions that may be blank or 0 and do not tell."""
        opened, closed, separator = self._signs
        stack: list = []  # of (our function or None, number of the argument, where it begins)
        for place, token in enumerate(tokens):
            if token.OpCode == opened:
                before = tokens[place - 1] if place else None
                ours = before is not None and before.OpCode == self._external and _METHODS.get(before.Data)
                stack.append((ours or None, 0, place + 1))
            elif token.OpCode in (separator, closed) and stack:
                ours, number, start = stack.pop()
                if ours is not None and _may_be_number(ours, number):
                    how = self._how(tokens, start, place)
                    if how:
                        yield _trimmed(tokens, start, place, how, self._spaces)
                if token.OpCode == separator:
                    stack.append((ours, number + 1, place + 1))

    def _how(self, tokens: tuple, start: int, end: int) -> str:
        """cell, zero or number; nothing for what tells, and what may give a cell that is blank."""
        told = [token for token in tokens[start:end] if token.OpCode not in self._spaces]
        if not told:
            return ""
        if len(told) == 1:
            if isinstance(told[0].Data, SingleReference):
                return "cell"
            return "zero" if told[0].OpCode == self._push and told[0].Data == 0.0 else ""
        if told[0].OpCode == self._false:
            return "false" if len(told) == 3 else ""
        if told[0].OpCode == self._external and told[0].Data in _METHODS and told[-1].OpCode == self._signs[1]:
            return ""  # a range of one
        opened, closed, _ = self._signs
        within: list = []  # the functions around a token
        operators = set()
        before = None
        for token in told:
            if token.OpCode == opened:
                within.append(before)
            elif token.OpCode == closed:
                within.pop()
            elif not within and token.OpCode in self._operators:
                operators.add(token.OpCode)
            elif not isinstance(token.Data, _ONE) and not (within and within[-1] in self._giving_one):
                return ""  # a range, of which Calc takes the cell beside it
            before = token.OpCode
        if operators:
            return "" if self._joining in operators else "number"
        is_call = len(told) > 2 and told[0].OpCode not in (opened, *self._giving) and told[1].OpCode == opened
        return "number" if is_call else ""

    @cached_property
    def _mapper(self):
        return self.document.createInstance("com.sun.star.sheet.FormulaOpCodeMapper")

    def _codes(self, *names: str) -> tuple:
        return tuple(token.OpCode for token in self._mapper.getMappings(names, _ENGLISH))

    @cached_property
    def _signs(self) -> tuple:
        return self._codes("(", ")", ";")

    @cached_property
    def _operators(self) -> frozenset:
        codes = {token.Token.OpCode for token in self._mapper.getAvailableMappings(_ENGLISH, _BINARY)}
        return frozenset((*codes, *self._codes("%", "-")))

    @cached_property
    def _joining(self) -> int:
        return self._codes("&")[0]

    @cached_property
    def _giving(self) -> frozenset:
        return frozenset(self._codes(*_GIVES_CELLS))

    @cached_property
    def _giving_one(self) -> frozenset:
        return frozenset(self._codes(*_GIVES_ONE))

    @cached_property
    def _false(self) -> int:
        return self._codes("FALSE")[0]

    @cached_property
    def _external(self) -> int:
        return self._mapper.OpCodeExternal

    @cached_property
    def _push(self) -> int:
        return self._special(0)

    @cached_property
    def _spaces(self) -> frozenset:
        return frozenset((self._special(8), self._special(14)))

    def _special(self, offset: int) -> int:
        """A code of FormulaMapGroupSpecialOffset."""
        return self._mapper.getAvailableMappings(_ENGLISH, 0)[offset].Token.OpCode


def _runs(places: list):
    """(column, first row, last row) of cells that stand below each other."""
    for column, rows in itertools.groupby(sorted(places), key=lambda place: place[0]):
        rows = [row for _, row in rows]
        start = rows[0]
        for row, following in zip(rows, [*rows[1:], None]):
            if following != row + 1:
                yield column, start, row
                start = following


def _trimmed(tokens: tuple, start: int, end: int, how: str, spaces: frozenset) -> _Argument:
    while tokens[start].OpCode in spaces:
        start += 1
    while tokens[end - 1].OpCode in spaces:
        end -= 1
    return _Argument(start, end, how)


def _may_be_number(signature: Signature, number: int) -> bool:
    """Policy, day and measure are never 0, and a table is none of one cell."""
    if signature.more:
        return number > 0
    return number < len(signature.arguments) and signature.arguments[number].kind != "table"


def _relative(text: str, column: int, row: int) -> str:
    """A formula as it is the same wherever it is filled down or to the right."""

    def told(found) -> str:
        fixed_column, letters, fixed_row, digits = found.groups()
        own = letters if fixed_column else _number(letters) - column
        return f"<{fixed_column}{own},{fixed_row}{digits if fixed_row else int(digits) - row}>"

    return _REFERENCE.sub(told, text)


def _number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number
