"""What calls cost in a real LibreOffice Calc, all in all: a cell, a row of an array formula, memory.

    python benchmarks/calc_calls.py [calls, for the memory; default 1000000]

Needs LibreOffice 25.2. Told is the fastest of several runs. Beside ours stand functions of Python that do nothing, in
an extension of their own: what a call takes of LibreOffice itself differs five times between machines and hours, so
that only times of one run can be held together. To be kept: a cell within 20 µs where the bare call takes 6, a row of
an array formula within 5 µs where the bare one takes 2, no growth of memory.
"""
from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

import xlsxwriter

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
from calc_office import Calc  # noqa: E402

from xl_poverty.hosts.libreoffice.packaging import SETTINGS as OF_OFFICE, TYPES, build_oxt  # noqa: E402
from xl_poverty.hosts.libreoffice.typelib import Method, type_library  # noqa: E402

CELLS, ROWS, RUNS = 10_000, 100_000, 5
FACTS = '"双碾乡"'
SCALAR = {
    "SUM(D2)": "SUM(D{0})",
    "a bare call, one argument": "BARE(D{0})",
    "a bare call, ten and the document": "BARETEN(A{0},B{0},C{0},D{0},E{0},,,,1,F{0})",
    "IN_FORCE, two arguments": f"IN_FORCE(F{{0}},{FACTS})",
    "TRAVEL_SUBSIDY, five cells": f"TRAVEL_SUBSIDY(A{{0}},B{{0}},C{{0}},D{{0}},E{{0}},,,,{FACTS})",
    "the same, and a date": f"TRAVEL_SUBSIDY(A{{0}},B{{0}},C{{0}},D{{0}},E{{0}},,,,{FACTS},F{{0}})",
    "the same, a range of one cell": f"TRAVEL_SUBSIDY(A{{0}},B{{0}},C{{0}},D{{0}}:D{{0}},E{{0}},,,,{FACTS})",
}  # fmt: skip


ARRAYS = ("a bare call, one argument", "a bare call, ten and the document", "TRAVEL_SUBSIDY, five cells")
#: functions that do nothing, with a matrix for an answer as ours have it
BARE = """
import unohelper
from org.xlpoverty.bare import XBare

class Bare(unohelper.Base, XBare):
    def __init__(self, context):
        pass
    def bare(self, one):
        return one if one.__class__ is tuple else ((1.0,),)
    def bareten(self, document, *given):
        return given[3] if given[3].__class__ is tuple else ((1.0,),)

g_ImplementationHelper = unohelper.ImplementationHelper()
g_ImplementationHelper.addImplementation(Bare, "org.xlpoverty.bare.Bare", ("org.xlpoverty.bare.Bare",))
"""
SETTINGS = """<?xml version="1.0" encoding="UTF-8"?>
<oor:component-data xmlns:oor="http://openoffice.org/2001/registry" oor:name="CalcAddIns"
oor:package="org.openoffice.Office"><node oor:name="AddInInfo"><node oor:name="org.xlpoverty.bare.Bare"
oor:op="replace"><node oor:name="AddInFunctions">{}</node></node></node></oor:component-data>
"""
NODE = """<node oor:name="{0}" oor:op="replace"><prop oor:name="DisplayName"><value xml:lang="en-US">{1}</value></prop>
<prop oor:name="Category"><value>Add-In</value></prop>
<prop oor:name="CompatibilityName"><value xml:lang="en-US">{1}</value></prop></node>
"""
KINDS = {"bare.rdb": TYPES, "bare.py": "application/vnd.sun.star.uno-component;type=Python", "bare.xcu": OF_OFFICE}


def build_bare(target: Path) -> None:
    ten = [("document", "com.sun.star.beans.XPropertySet"), *((f"a{number}", "any") for number in range(10))]
    methods = [Method("bare", "[][]any", [("one", "any")]), Method("bareten", "[][]any", ten)]
    listed = "".join(f'<manifest:file-entry manifest:media-type="{kind}" manifest:full-path="{name}"/>'
                     for name, kind in KINDS.items())  # fmt: skip
    with zipfile.ZipFile(target, "w") as package:
        package.writestr("META-INF/manifest.xml", '<?xml version="1.0" encoding="UTF-8"?>'
                         f'<manifest:manifest xmlns:manifest="http://openoffice.org/2001/manifest">{listed}'
                         "</manifest:manifest>")  # fmt: skip
        package.writestr("bare.rdb", type_library({"org.xlpoverty.bare.XBare": methods}))
        package.writestr("bare.py", BARE)
        package.writestr("bare.xcu", SETTINGS.format(NODE.format("bare", "BARE") + NODE.format("bareten", "BARETEN")))


def book(file: Path, rows: int, formula: str, array: bool = False) -> None:
    with xlsxwriter.Workbook(file) as written:
        sheet = written.add_worksheet()
        for row in range(1, rows + 1):
            place = ("跨省", "省内区外", "区内")[row % 3]
            sheet.write_row(row, 0, ["脱贫户", "是", place, 500 + row % 700, "否", 44958 + row % 300])
            if not array:
                sheet.write_formula(row, 7, "=" + formula.format(row + 1), None, "")
        if array:
            told = re.sub(r"([A-F])\{0\}", rf"\g<1>2:\g<1>{rows + 1}", formula)
            sheet.write_array_formula(1, 7, rows, 7, f"{{={told}}}", None, "")


def memory(calc: Calc) -> int:
    """MB of LibreOffice that is started last."""
    found = subprocess.run(["ps", "-eo", "rss,lstart,args", "--sort=start_time"], capture_output=True, text=True).stdout
    line = [line for line in found.splitlines() if "soffice.bin" in line][-1]
    return int(line.split()[0]) // 1024


def fastest(calc: Calc, document: int, runs: int = RUNS) -> float:
    times = []
    for _ in range(runs):
        started = time.perf_counter()
        calc.calculate(document)
        times.append(time.perf_counter() - started)
    return min(times)


def main(calls: int = 1_000_000) -> None:
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        build_oxt(folder / "xl_poverty.oxt", interpreter=Path(sys.executable))
        with Calc(folder / "profile") as calc:
            build_bare(folder / "bare.oxt")
            calc.install(str(folder / "bare.oxt"))
            calc.install(str(folder / "xl_poverty.oxt"))
            for name, formula in SCALAR.items():
                book(folder / "cells.xlsx", CELLS, formula)
                document = calc.open(str(folder / "cells.xlsx"))
                print(f"{name:48} {fastest(calc, document) / CELLS * 1e6:6.1f} µs a cell", flush=True)
                calc.close(document)
            travel = SCALAR["TRAVEL_SUBSIDY, five cells"]
            for name in ARRAYS:
                book(folder / "rows.xlsx", ROWS, SCALAR[name], array=True)
                document = calc.open(str(folder / "rows.xlsx"))
                print(f"array formula, {name:33} {fastest(calc, document) / ROWS * 1e6:6.1f} µs a row", flush=True)
                calc.close(document)
            book(folder / "cells.xlsx", CELLS, travel)
            document = calc.open(str(folder / "cells.xlsx"))
            fastest(calc, document)
            before = memory(calc)
            fastest(calc, document, calls // CELLS)
            print(f"memory over {calls} calls: {before} MB -> {memory(calc)} MB")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))
