"""A column of 10,000 rows as one call of classic Excel beside 10,000 calls of one row, through xlwings' own call path
(`xlwings.udfs.call_udf`, stand-ins for pywin32), and how long `import udfs` takes.

Values are made anew for every call, as COM makes them; the policy carries what the workbook says of itself. Both sides
run in turn, so that a drift of the machine meets them alike; told is CPU time of this thread, the median of the turns
and the best one. What COM itself takes comes on top, for a call of one row as for that of the column. To be kept:
a call of one row within 60 µs, three columns in a fiftieth of their rows one by one.

    python benchmarks/excel_calls.py [--rows 10000] [--repeats 7]
"""
import argparse
import random
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

import classic_host  # noqa: E402

TOLD = classic_host.CONTEXT.join(["", "双碾乡", "2023-06-30", "交通补贴=定额", "/tmp/台账", ""])
TYPES, DESTINATIONS = ("脱贫户", "监测户", "一般农户", "脱贫不稳定户"), ("跨省", "省内区外", "区内")


def word(*choices):
    """A text as COM makes one: an object of its own."""
    return lambda: random.choice(choices).encode().decode()


def number(low: int, high: int):
    return lambda: float(random.randint(low, high))


#: what is called -> the function, and how its arguments are made; None for a blank
CASES = {
    "交通补贴，三列": ("TRAVEL_SUBSIDY", [
        word(*TYPES), word("是", "否"), word(*DESTINATIONS), *[None] * 5]),
    "交通补贴，五列": ("TRAVEL_SUBSIDY", [
        word(*TYPES), word("是", "否"), word(*DESTINATIONS), number(0, 2000), word("是", "否"), *[None] * 3]),
    "稳岗补助，四列": ("STABLE_JOB_BONUS", [
        word(*TYPES), word("是", "否"), number(0, 12), number(500, 5000), *[None] * 3]),
    "人均纯收入，七列": ("PER_CAPITA_INCOME", [*[number(0, 90000)] * 5, number(1, 6), number(0, 900)]),
}  # fmt: skip


def measure(name: str, makers: list, rows: int, repeats: int):
    """(seconds of the column, seconds of its rows one by one) for every turn."""
    from xlwings.udfs import call_udf

    for _ in range(repeats):
        columns = [maker and tuple((maker(),) for _ in range(rows)) for maker in makers]
        start = time.thread_time()
        column = call_udf("udfs", name, (*columns, TOLD, None))
        whole = time.thread_time() - start
        lines = [tuple(one and one[row][0] for one in columns) for row in range(rows)]
        start = time.thread_time()
        single = [call_udf("udfs", name, (*line, TOLD, None)) for line in lines]
        one_by_one = time.thread_time() - start
        assert [*map(tuple, column)] == [tuple(result[0]) for result in single]
        yield whole, one_by_one


def starting() -> tuple[float, float]:
    """Seconds until xlwings is imported, and from there until udfs is, in a process of its own."""
    code = ("import time; start = time.perf_counter(); import xlwings; between = time.perf_counter(); import udfs\n"
            "print(between - start, time.perf_counter() - between)")  # fmt: skip
    told = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return tuple(map(float, told.split()))


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.partition("\n\n")[0])
    options.add_argument("--rows", type=int, default=10_000)
    options.add_argument("--repeats", type=int, default=7)
    options = options.parse_args()
    random.seed(20230630)
    classic_host.load()
    print("| 事项 | 一列（毫秒） | 一格（微秒） | 比 | 最快一次 |\n|---|---|---|---|---|")
    for label, (name, makers) in CASES.items():
        turns = [*measure(name, makers, options.rows, options.repeats)]
        whole, one_by_one = (statistics.median(side) for side in zip(*turns))
        ratio = statistics.median(b / a for a, b in turns)
        best = [min(side) for side in zip(*turns)]
        print(f"| {label} | {whole * 1e3:.1f} | {one_by_one / options.rows * 1e6:.1f} | 1 : {ratio:.0f} "
              f"| {best[0] * 1e3:.1f} / {best[1] / options.rows * 1e6:.1f} |")  # fmt: skip
    first, then = (statistics.median(side) for side in zip(*(starting() for _ in range(options.repeats))))
    print(f"\nimport xlwings {first * 1e3:.0f} ms, then import udfs {then * 1e3:.0f} ms")


if __name__ == "__main__":
    main()
