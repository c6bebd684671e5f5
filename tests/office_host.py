"""xlwings' own server path: the calls that Excel on the web sends, as xlwings.server answers them, without the network.

xlwings decides what it is when it is imported, so this wants a process of its own: as a script it reads pickled calls
from its standard input and writes what they came to, and the metadata of all functions.
"""
from __future__ import annotations

import asyncio
import datetime as dt
import json
import os
import pickle
import sys

#: xlwings' server code is free for noncommercial use, which a test is
os.environ |= {"XLWINGS_ON_SERVER": "true", "XLWINGS_LICENSE_KEY": "noncommercial"}
#: xlwings asks for it at every value: that it is not there takes half of the time to find out
sys.modules.setdefault("pyodide", None)

ERROR_TYPES = {"Null": "#NULL!", "Div0": "#DIV/0!", "Value": "#VALUE!", "Ref": "#REF!", "Name": "#NAME?",
               "Num": "#NUM!", "NotAvailable": "#N/A"}  # fmt: skip
EPOCH = dt.datetime(1899, 12, 30)


def load(runtime: str = "1.4"):
    """(call, module): a function of (name, *arguments) that calls one of ours, and udfs as xlwings sees it."""
    import xlwings
    from xlwings.server import custom_functions_call

    import udfs

    loop = asyncio.new_event_loop()

    def call(name: str, *arguments):
        infos = getattr(udfs, name).__xlfunc__["args"]
        fixed = len(infos) - infos[-1]["vararg"]
        handed = [matrix(argument) for argument in arguments]
        if infos[-1]["vararg"]:  # what repeats comes as one list
            handed = [*handed[:fixed], handed[fixed:]]
        data = {
            "func_name": name, "args": json.loads(json.dumps(handed)), "client": "Office.js",
            "caller_address": "[台账.xlsx]台账!D2", "session_id": "", "culture_info_name": "zh-CN",
            "date_format": "yyyy/m/d", "version": xlwings.__version__, "runtime": runtime,
        }  # fmt: skip
        result = loop.run_until_complete(custom_functions_call(data, udfs))
        return rows(json.loads(json.dumps(result)))

    return call, udfs


# ---- values on their way


def matrix(argument):
    """An argument as Excel sends it: rows of cells."""
    if not isinstance(argument, (list, tuple)):
        return [[office(argument)]]
    return [[office(cell) for cell in row] for row in argument]


def office(cell):
    if isinstance(cell, dt.date):
        days = (dt.datetime(*cell.timetuple()[:6]) - EPOCH).total_seconds() / 86400
        return {"type": "FormattedNumber", "basicValue": days, "numberFormat": "yyyy/m/d"}
    if isinstance(cell, str) and cell in ERROR_TYPES.values():
        return {"type": "Error", "basicValue": cell, "basicType": "Error"}
    return cell


def rows(result):
    """What the cells show: ("error", "#N/A") for an error value, rows as tuples of tuples, a date as a date."""
    found = tuple(tuple(map(shown, row)) for row in result)
    return found[0][0] if len(found) == len(found[0]) == 1 else found


def shown(cell):
    if isinstance(cell, dict) and cell["type"] == "Error":
        return "error", ERROR_TYPES[cell["errorType"]]
    if isinstance(cell, dict):
        assert cell["type"] == "FormattedNumber" and cell["numberFormat"] == "yyyy/m/d"
        return (EPOCH + dt.timedelta(days=cell["basicValue"])).date()
    assert cell.__class__ in (str, int, float, bool) and not str(cell).startswith("#"), cell
    return cell


def run(calls: list) -> tuple[list, dict]:
    """What calls (name, arguments, 口径) come to, and the metadata. No workbook tells its own 口径 here."""
    from xlwings.server import custom_functions_meta

    from xl_poverty import office as settings

    call, module = load()
    found = []
    for name, arguments, readings in calls:
        with settings(readings=readings):
            found.append(call(name, *arguments))
    return found, custom_functions_meta(module)


if __name__ == "__main__":
    pickle.dump(run(pickle.load(sys.stdin.buffer)), sys.stdout.buffer)
