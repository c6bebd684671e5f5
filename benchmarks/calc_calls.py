"""What calls cost in a real LibreOffice Calc, all in all: a cell, a row of an array formula, memory.

    python benchmarks/calc_calls.py [calls, for the memory; default 1000000]

Needs LibreOffice 25.2. Told is the fastest of several runs. Beside ours stand functions of Python that do nothing, in
an extension of their own: what a call takes of LibreOffice itself differs between machines and hours, so that only
times of one run can be held together. To be kept: a cell within 20 µs where the bare call takes 6, a row of an array
formula within 5 µs where the bare one takes 2, no growth of memory.

Calculated is in the thread of LibreOffice's window, where somebody's own calculations run. In a thread that steers it
from outside, Python 3.11 maps 16 KB of memory and gives them back at every call, which can take longer than the call.
"""
from __future__ import annotations

import re
import sys
import tempfile
import zipfile
from pathlib import Path

import xlsxwriter

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
from calc_office import Calc  # noqa: E402

from xl_poverty.hosts.libreoffice.packaging import SETTINGS as OF_OFFICE, TYPES, build_oxt  # noqa: E402
from xl_poverty.hosts.libreoffice.typelib import Method, type_library  # noqa: E402

STEPS = Path(__file__).with_name("calc_steps.py")
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
#: functions that do nothing, with a matrix for an answer as ours have it; and what calculates in the window's thread
BARE = """
import os, time
import uno, unohelper
from com.sun.star.awt import XCallback
from com.sun.star.task import XJob
from org.xlpoverty.bare import XBare

class Bare(unohelper.Base, XBare):
    def __init__(self, context):
        pass
    def bare(self, one):
        return one if one.__class__ is tuple else ((1.0,),)
    def bareten(self, document, *given):
        return given[3] if given[3].__class__ is tuple else ((1.0,),)

class Clock(unohelper.Base, XJob, XCallback):
    told = ()
    def __init__(self, context):
        self.context = context
    def service(self, name):
        return self.context.ServiceManager.createInstanceWithContext(name, self.context)
    def execute(self, given):
        if not given:  # is it done?
            return Clock.told
        Clock.told, self.given = (), given
        self.service("com.sun.star.awt.AsyncCallback").addCallback(self, None)
    def notify(self, data):
        url, runs = (one.Value for one in self.given)
        started = time.perf_counter()
        document = self.service("com.sun.star.frame.Desktop").loadComponentFromURL(url, "_blank", 0, ())
        self.service("com.sun.star.awt.Toolkit").processEventsToIdle()
        times, memory = [time.perf_counter() - started], []
        for _ in range(runs):
            started = time.perf_counter()
            document.calculateAll()
            times.append(time.perf_counter() - started)
            with open("/proc/self/statm") as pages:
                memory.append(int(pages.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20)
        document.close(True)
        Clock.told = tuple(times), tuple(memory)

g_ImplementationHelper = unohelper.ImplementationHelper()
g_ImplementationHelper.addImplementation(Bare, "org.xlpoverty.bare.Bare", ("org.xlpoverty.bare.Bare",))
g_ImplementationHelper.addImplementation(Clock, "org.xlpoverty.bare.Clock", ("org.xlpoverty.bare.Clock",))
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


def book(file: Path, rows: int, formula: str, array: bool = False, blanks: bool = False) -> None:
    """`blanks`: every third row does not say what the travel cost, which is asked for."""
    with xlsxwriter.Workbook(file) as written:
        sheet = written.add_worksheet()
        if blanks:
            written.define_name("口径", '="标准=限额据实"')
        for row in range(1, rows + 1):
            place = ("跨省", "省内区外", "区内")[row % 3]
            cost = "" if blanks and row % 3 == 0 else 500 + row % 700
            sheet.write_row(row, 0, ["脱贫户", "是", place, cost, "否", 44958 + row % 300])
            if not array:
                sheet.write_formula(row, 7, "=" + formula.format(row + 1), None, "")
        if array:
            told = re.sub(r"([A-F])\{0\}", rf"\g<1>2:\g<1>{rows + 1}", formula)
            sheet.write_array_formula(1, 7, rows, 7, f"{{={told}}}", None, "")


def measured(calc: Calc, file: Path, runs: int = RUNS) -> tuple[float, list, list]:
    """Seconds until it is open and all is put right, those of each run, and the MB that LibreOffice held after it."""
    (opened, *times), memory = calc.of(STEPS).measured(str(file), runs)
    return opened, times, memory


def main(calls: int = 1_000_000) -> None:
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        build_oxt(folder / "xl_poverty.oxt", interpreter=Path(sys.executable))
        with Calc(folder / "profile") as calc:
            build_bare(folder / "bare.oxt")
            calc.install(str(folder / "bare.oxt"))
            calc.install(str(folder / "xl_poverty.oxt"))
            file = folder / "cells.xlsx"
            for name, formula in SCALAR.items():
                book(file, CELLS, formula)
                print(f"{name:48} {min(measured(calc, file)[1]) / CELLS * 1e6:6.1f} µs a cell", flush=True)
            for name in ARRAYS:
                book(file, ROWS, SCALAR[name], array=True)
                print(f"array formula, {name:33} {min(measured(calc, file)[1]) / ROWS * 1e6:6.1f} µs a row", flush=True)
            travel = SCALAR["TRAVEL_SUBSIDY, five cells"]
            for told, blanks in (("", False), (", a third with a blank to be told from 0", True)):
                book(file, CELLS, travel, blanks=blanks)
                seconds = min(measured(calc, file, 0)[0] for _ in range(RUNS))
                print(f"opening {CELLS} formulas{told}: {seconds:.1f} s", flush=True)
            book(file, CELLS, travel)
            _, _, memory = measured(calc, file, RUNS + calls // CELLS)
            print(f"memory over {calls} calls: {memory[RUNS - 1]:.0f} MB -> {memory[-1]:.0f} MB")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))
