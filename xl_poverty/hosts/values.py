"""The one adapter of values: from the cells of a host to the functions, and from their results to cells.

Most ranges are one column. It travels as a `Strip`, a flat list, with which the functions are quicker.

Classic Excel hands over what COM makes of cells, and in front of the policy what the workbook says for itself. Excel on
the web (xlwings Server, Lite) hands over JSON, Calc numbers and texts. None of them guesses: a blank is a blank, 0 is
0, an error is an error.
This module knows no xlwings; `udfs` puts it between xlwings and the functions.
"""
from __future__ import annotations

import datetime as dt
import re
import time
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import NoneType

from .. import formulas
from ..errors import CELLS, EXCEL_ERRORS, CellError, PolicyError
from ..formulas.office import WORKBOOK_NAMES, Settings, calling, current, office_beside, workbook_layer
from ..formulas.ranges import Strip
from ..formulas.signatures import signatures

#: stands before the text of an error value, for the macro to make a real one of it
ERROR = "\ue000"
#: stands before and between what a workbook says for itself, in front of the policy
CONTEXT = "\ue001"
#: stands between the name 口径 and the lines of the sheet 核算口径
SHEET = "\ue002"
#: arguments whose names in the contract are words of VBA -> what they are called in a host
RENAMED = {"property": "property_income"}

#: classes of cells that functions take as they are
PLAIN = frozenset((str, float, bool, NoneType))
_ROWS = (tuple, list)
#: how COM hands over errors: their numbers in VBA, xlErrNull … xlErrCalc, counted from here
_COM_ERROR = -2146828288
_COM_ERRORS = {
    _COM_ERROR + number: text
    for number, text in (
        (2000, "#NULL!"), (2007, "#DIV/0!"), (2015, "#VALUE!"), (2023, "#REF!"), (2029, "#NAME?"), (2036, "#NUM!"),
        (2042, "#N/A"), (2043, "#GETTING_DATA"), (2045, "#SPILL!"), (2046, "#CONNECT!"), (2047, "#BLOCKED!"),
        (2048, "#UNKNOWN!"), (2049, "#FIELD!"), (2050, "#CALC!"),
    )
}  # fmt: skip
#: errors that every host can show; a newer one of an input is shown as #VALUE!
_SHOWN_ERRORS = EXCEL_ERRORS & {"#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A"}
_EPOCH = dt.datetime(1899, 12, 30)
#: what stands in a number format without telling a date: texts, colours, conditions
_FORMAT_TEXTS = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]')
_LARGEST = 2**31 - 1
#: a changed office.toml counts after so many seconds; to look at every call would cost more than the call
_LOOK_AGAIN = 2.0


# ---- what a host hands over


def from_excel(raw):
    """What COM hands over for an argument: a cell, a range (rows of cells), or one row."""
    return _range(raw, _com_cell) if raw.__class__ in _ROWS else _com_cell(raw)


def from_office(raw):
    """What Excel on the web hands over for an argument, as JSON."""
    return _range(raw, _office_cell) if raw.__class__ in _ROWS else _office_cell(raw)


def from_calc(raw):
    """What Calc hands over for an argument: a text, a number, nothing for what is left out, or rows of cells, in which
    an empty text is a blank."""
    if raw.__class__ is not tuple:
        return raw
    if len(raw[0]) == 1:
        column = [one for (one,) in raw]
        if "" in column:
            column = [None if one == "" else one for one in column]
        return Strip(column) if len(column) > 1 else column[0]
    return [[None if one == "" else one for one in row] if "" in row else list(row) for row in raw]


def _range(raw, cell):
    if not raw:
        return None
    rows = raw if raw[0].__class__ in _ROWS else (raw,)
    if len(rows[0]) == 1:
        column = [one for (one,) in rows]
        if len(column) == 1:
            return cell(column[0])
        return Strip(column if PLAIN.issuperset(map(type, column)) else map(cell, column))
    return [list(row) if PLAIN.issuperset(map(type, row)) else [*map(cell, row)] for row in rows]


def _com_cell(raw):
    if raw.__class__ in PLAIN:
        return raw
    if raw.__class__ is int and 2000 <= raw - _COM_ERROR < 3000:  # a number of a cell is a float
        return _COM_ERRORS.get(raw, "#VALUE!")  # an error that is newer than this
    if isinstance(raw, dt.datetime):  # pywin32's own kind, with a time zone that means nothing
        return dt.datetime(*raw.timetuple()[:6])
    return raw


def _office_cell(raw):
    if raw.__class__ in PLAIN or raw.__class__ is int:
        return raw
    if isinstance(raw, dict):
        value = raw.get("basicValue")
        if raw.get("type") == "FormattedNumber" and _is_date(raw.get("numberFormat", "")):
            return _EPOCH + dt.timedelta(days=value)
        return value
    return None  # null, of which Pyodide makes an object of its own


def _is_date(number_format: str) -> bool:
    return re.search("[ymd年月日]", _FORMAT_TEXTS.sub("", number_format).lower()) is not None


# ---- calling a function


@dataclass(frozen=True)
class _Call:
    function: object
    place: int  # of the argument that may carry what the workbook says
    takes_strips: bool  # every argument is one cell per row
    explains: bool  # says in words what is wrong


@cache
def _call(name: str) -> _Call:
    signature = signatures()[name]
    place = 0 if signature.more else len(signature.arguments)
    takes_strips = not signature.more and all(a.kind not in ("numbers", "table") for a in signature.arguments)
    return _Call(getattr(formulas, name), place, takes_strips, name == "WHY")


def answer(name: str, *arguments):
    """What a function comes to: a value, rows of values (or a Strip of them), with a CellError where there is none.

    Arguments as `from_excel` and `from_office` give them, 政策 and 业务日期 at the end. Where the first cell of 政策
    (of the measure, in WHY and BENEFIT) begins with CONTEXT, the workbook's own defaults stand before it.
    """
    call = _call(name)
    told = arguments[call.place]
    while told.__class__ in (Strip, list):
        told = told[0]
    if told.__class__ is not str or told[:1] != CONTEXT:
        return _answer(call, "", arguments)
    head, _, own = told.rpartition(CONTEXT)
    first = arguments[call.place]
    first = own if first is told else _with_first(first, own)
    return _answer(call, head, (*arguments[: call.place], first, *arguments[call.place + 1 :]))


def answer_in(head: str, name: str, arguments: tuple):
    """The same, where what the workbook says for itself stands beside the arguments: the CONTEXT text but for its last
    mark, or nothing."""
    return _answer(_call(name), head, arguments)


def _answer(call: _Call, head: str, arguments: tuple):
    try:
        if not head:
            return _result(call, arguments)
        settings = settings_of(head)
        if settings.__class__ is CellError:
            return _told(call, settings)
        return calling(settings, _result, call, arguments)
    except PolicyError as error:
        return _told(call, _policy_error(error))


def _result(call: _Call, arguments: tuple):
    try:
        if Strip in map(type, arguments):
            return _over_strips(call, arguments)
        return call.function(*arguments)
    except CellError as error:
        return error


def _over_strips(call: _Call, arguments: tuple):
    kinds = {argument.__class__ for argument in arguments}
    if call.takes_strips and list not in kinds:
        if len({len(argument) for argument in arguments if argument.__class__ is Strip}) == 1:
            return Strip(call.function(*arguments))
    return call.function(*([[cell] for cell in one] if one.__class__ is Strip else one for one in arguments))


def refused(name: str, error: CellError):
    """What a function comes to where it cannot be asked."""
    return _told(_call(name), error)


def _told(call: _Call, error: CellError):
    """What is wrong with the settings, as this function can say it."""
    return f"算不出（{error.cell}）：{error.message}。" if call.explains else error


def _policy_error(error: PolicyError) -> CellError:
    return CellError("unknown_policy", "；".join(error.mistakes))


# ---- what a workbook says for itself


@dataclass
class _Known:
    """Settings of a workbook that were made once."""

    settings: Settings | CellError  # or what stands in their way
    folder: Path | None
    stamp: int | None  # of its office.toml
    looked: float


_known: dict[tuple, _Known] = {}
_MOST_KNOWN = 64


def _with_first(cells: list, own: str) -> list:
    """A range with another first cell."""
    head = _with_first(cells[0], own) if cells[0].__class__ is list else own
    return cells.__class__([head, *cells[1:]])


def settings_of(head: str) -> Settings | CellError:
    """What is in force in a workbook that says this for itself, or what stands in its way."""
    base = current()
    known = _known.get((base, head))
    now = time.monotonic()
    if known is not None:
        if now - known.looked < _LOOK_AGAIN:
            return known.settings
        known.looked = now
        if _stamp(known.folder) == known.stamp:
            return known.settings
    if len(_known) >= _MOST_KNOWN:
        _known.clear()
    folder = head.split(CONTEXT)[4]
    folder = Path(folder) if folder else None
    stamp = _stamp(folder)
    made = _known[base, head] = _Known(_made(base, head, folder), folder, stamp, now)
    return made.settings


def _stamp(folder: Path | None) -> int | None:
    try:
        return folder and (folder / "office.toml").stat().st_mtime_ns
    except OSError:
        return None


def _made(base: Settings, head: str, folder: Path | None) -> Settings | CellError:
    """The settings of a workbook: its own, those beside it, those of the user; or the CellError in their way."""
    _, *named, _ = head.split(CONTEXT)
    named[2], _, sheet = named[2].partition(SHEET)
    lines = (line.partition("=")[::2] for line in sheet.split(";"))
    try:
        own = workbook_layer(dict(zip(WORKBOOK_NAMES, named)), lines)
        return Settings((own, *(office_beside(folder) if folder else ()), *base.layers))
    except CellError as error:
        return error
    except PolicyError as error:
        return _policy_error(error)
    except OSError as error:
        return CellError("unknown_policy", f"台账旁的 office.toml 打不开（{error.strerror}），请核对")


# ---- what a host shows


def to_rows(result, error, day) -> list:
    """The result as rows of cells. `error` and `day` make of a CellError and of a date what the host takes."""
    if result.__class__ is Strip:
        kinds = set(map(type, result))
        if len(kinds) == 1 and float not in kinds:  # few different values: a row is made once for each
            row_of = {one: (_shown(one, error, day),) for one in set(result)}
            return [*map(row_of.__getitem__, result)]
        if kinds <= _SHOWN or kinds <= _NUMBERS and max(map(abs, result)) <= _LARGEST:
            return [*zip(result)]
        return [(_shown(one, error, day),) for one in result]
    if result.__class__ is list:
        return [[_shown(one, error, day) for one in row] for row in result]
    return [[result if result.__class__ in _SHOWN else _shown(result, error, day)]]


#: what a cell shows as it is, and numbers that need not be looked at one by one
_SHOWN = frozenset((str, float, bool))
_NUMBERS = frozenset((int, float, bool))


def _shown(one, error, day):
    if one.__class__ is int:  # what needs more than 32 bits, not every Office takes
        return one if -_LARGEST <= one <= _LARGEST else float(one)
    if one.__class__ in _SHOWN:
        return one
    if isinstance(one, CellError):
        return error(one)
    return "" if one is None else day(one)


def error_text(error: CellError) -> str:
    """The error value that a cell shows."""
    return error.cell if error.cell in _SHOWN_ERRORS else CELLS["excel_error"]


def marked_error(error: CellError) -> str:
    """The same for classic Excel, whose macro makes a real error value of it."""
    return ERROR + error_text(error)
