"""What calls cost in a real LibreOffice Calc, all in all: a cell, a row of an array formula, memory.

    python benchmarks/calc_calls.py [calls, for the memory; default 1000000]

Needs LibreOffice 25.2. The fastest of several runs is told, beside the time of a cell without a function of ours: what
else the machine does is in all of them.
"""
from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import xlsxwriter

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
from calc_office import Calc  # noqa: E402

from xl_poverty.hosts.libreoffice.packaging import build_oxt  # noqa: E402

CELLS, ROWS, RUNS = 10_000, 100_000, 5
FACTS = '"双碾乡"'
SCALAR = {
    "SUM(D2)": "SUM(D{0})",
    "IN_FORCE, two arguments": f"IN_FORCE(F{{0}},{FACTS})",
    "TRAVEL_SUBSIDY, five cells": f"TRAVEL_SUBSIDY(A{{0}},B{{0}},C{{0}},D{{0}},E{{0}},,,,{FACTS})",
    "the same, and a date": f"TRAVEL_SUBSIDY(A{{0}},B{{0}},C{{0}},D{{0}},E{{0}},,,,{FACTS},F{{0}})",
    "the same, a range of one cell": f"TRAVEL_SUBSIDY(A{{0}},B{{0}},C{{0}},D{{0}}:D{{0}},E{{0}},,,,{FACTS})",
}  # fmt: skip


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
            calc.install(str(folder / "xl_poverty.oxt"))
            for name, formula in SCALAR.items():
                book(folder / "cells.xlsx", CELLS, formula)
                document = calc.open(str(folder / "cells.xlsx"))
                print(f"{name:32} {fastest(calc, document) / CELLS * 1e6:6.1f} µs a cell", flush=True)
                calc.step("", "close", (document,))
            travel = SCALAR["TRAVEL_SUBSIDY, five cells"]
            book(folder / "rows.xlsx", ROWS, travel, array=True)
            document = calc.open(str(folder / "rows.xlsx"))
            print(f"{'array formula, ' + str(ROWS) + ' rows':32} {fastest(calc, document) / ROWS * 1e6:6.1f} µs a row")
            calc.step("", "close", (document,))
            book(folder / "cells.xlsx", CELLS, travel)
            document = calc.open(str(folder / "cells.xlsx"))
            fastest(calc, document)
            before = memory(calc)
            fastest(calc, document, calls // CELLS)
            print(f"memory over {calls} calls: {before} MB -> {memory(calc)} MB")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))
