"""xlwings' own classic call path on any system: its com_server, udfs and Windows engine over stand-ins for pywin32.

`load()` gives a function that calls ours as the VBA of a workbook does: values as COM makes them, what comes back as a
cell shows it. It changes what `import xlwings` is, so it wants a process of its own: as a script this reads pickled
calls from its standard input and writes what they came to. What real COM adds, nothing here can tell.
"""
from __future__ import annotations

import ctypes
import datetime as dt
import pickle
import sys
import types

MARK = "\ue000"
CONTEXT = "\ue001"
#: VBA's CVErr(xlErrNA) and the like as COM hands them over
ERRORS = {"#NULL!": -2146826288, "#DIV/0!": -2146826281, "#VALUE!": -2146826273, "#REF!": -2146826265,
          "#NAME?": -2146826259, "#NUM!": -2146826252, "#N/A": -2146826246}  # fmt: skip


class Time(dt.datetime):
    """pywin32's date: a datetime with a time zone that means nothing."""


class _Anything:
    """A COM object, an interface, a function: whatever pywin32 would give."""

    def __init__(self, *arguments, **named):
        pass

    def __call__(self, *arguments, **named):
        return self

    def __getattr__(self, name: str):
        if name.startswith("_"):
            raise AttributeError(name)
        return _Anything()

    def __getitem__(self, key):
        return _Anything


class _Module(types.ModuleType):
    def __getattr__(self, name: str):
        if name.startswith("__"):
            raise AttributeError(name)
        made = type(name, (Exception,) if name in ("error", "com_error") else (_Anything,), {})
        setattr(self, name, made)
        return made


def _stand_ins() -> None:
    names = ["pythoncom", "pywintypes", "win32api", "win32con", "win32event", "win32gui", "win32process",
             "win32timezone", "win32com", "win32com.client", "win32com.client.dynamic", "win32com.server",
             "win32com.server.dispatcher", "win32com.server.policy", "win32com.server.util"]  # fmt: skip
    for name in names:
        sys.modules[name] = _Module(name)
        parent, _, own = name.rpartition(".")
        if parent:
            setattr(sys.modules[parent], own, sys.modules[name])
    sys.modules["win32com"].__path__ = []
    sys.modules["pywintypes"].TimeType = Time
    sys.modules["pythoncom"].TypeIIDs = _Anything()
    sys.modules["win32timezone"].TimeZoneInfo = types.SimpleNamespace(utc=lambda: dt.UTC)
    sys.modules["win32com.server.util"].unwrap = _not_wrapped
    sys.modules["pythoncom"].__file__ = ""
    for name in ("oledll", "windll", "PyDLL"):
        setattr(ctypes, name, _Anything())


def _not_wrapped(value):
    raise ValueError("no object of ours")


def load():
    """(call, module): a function of (name, *arguments) that calls one of ours, and udfs as xlwings sees it."""
    _stand_ins()
    import xlwings as xw
    from xlwings import _xlwindows, com_server, udfs as path

    xw._xlwindows = _xlwindows
    xw.engines.add(xw.main.Engine(impl=_xlwindows.engine))
    xw.engines.active = xw.engines["excel"]
    xw.func, xw.arg, xw.ret = path.xlfunc, path.xlarg, path.xlret
    import udfs

    server = com_server.XLPython()

    def call(name: str, *arguments):
        handed = tuple(com(argument) for argument in arguments)
        return shown(server.CallUDF("udfs", name, handed))

    return call, udfs


# ---- values on their way


def com(cell):
    """A cell, or rows of cells, as COM hands it to Python."""
    if isinstance(cell, (list, tuple)):
        return tuple(map(com, cell))
    if isinstance(cell, dt.date):
        return Time(*cell.timetuple()[:6], tzinfo=dt.UTC)
    if isinstance(cell, str) and cell in ERRORS:
        return ERRORS[cell]
    return float(cell) if isinstance(cell, int) and not isinstance(cell, bool) else cell


def shown(result):
    """What VBA makes of it: ("error", "#N/A") for an error value, rows as tuples of tuples, a date as a date."""
    if isinstance(result, (list, tuple)):
        rows = result if isinstance(result[0], (list, tuple)) else [result]  # com_server hands a single row over flat
        return tuple(tuple(map(shown, row)) for row in rows)
    if isinstance(result, dt.datetime):
        assert result.tzinfo is not None  # pywin32 takes no other
        return result.date()
    assert result.__class__ in (str, int, float, bool), result
    if isinstance(result, str) and result.startswith(MARK):
        assert result[1:] in ERRORS
        return "error", result[1:]
    return result


def run(calls: list) -> list:
    """What calls (name, arguments, 口径) come to; 口径 as the workbook says them, in front of the policy."""
    call, module = load()
    found = []
    for name, arguments, readings in calls:
        if readings:
            place = 0 if name in ("WHY", "BENEFIT") else len(module.__dict__[name].__xlfunc__["args"]) - 2
            lines = ";".join(f"{key}={choice}" for key, choice in readings.items())
            told = CONTEXT.join(["", "", "", lines, "", ""])
            arguments = [*arguments]
            arguments[place] = _prefixed(told, arguments[place])
        found.append(call(name, *arguments))
    return found


def _prefixed(told: str, cell):
    if isinstance(cell, (list, tuple)):
        return [_prefixed(told, cell[0]), *cell[1:]]
    return f"{told}{'' if cell is None else cell}"


if __name__ == "__main__":
    pickle.dump(run(pickle.load(sys.stdin.buffer)), sys.stdout.buffer)
