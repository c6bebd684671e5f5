"""Filling ledgers, beside the least that any program must do that writes into a zipped workbook: inflate the source and
deflate the result (zlib, level 6), nothing else.

An invented ledger of 100,000 rows × 40 columns gets 应享 columns of three measures, their sums and 依据; then the same
columns, computed before, are written alone. openpyxl opens and saves the same ledger beside it. 500 ledgers of 200 rows
are filled on all cores; "fast" is with isal instead of zlib, where that is installed. Each side runs in a process of
its own, in turn: told are the medians of CPU seconds, their ratios to the floor of the same turn, and the peak of
memory, also above what the interpreter and the modules took.

    pip install XlsxWriter
    python benchmarks/filling_ledgers.py [--rows 100000] [--villages 500] [--repeats 3] [--folder FOLDER] [--openpyxl]

With --folder the ledgers stay there, and are taken from there the next time.
"""
import argparse
import importlib.util
import json
import pickle
import re
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile
import zlib
from pathlib import Path

DAY, POLICY = "2025-06-30", "双碾乡"
MEASURES = ["交通补贴", "稳岗补助", "耕地地力补贴"]
#: columns of the exported ledger that become those that the measures need
CHANGED = {"民族": "务工去向", "文化程度": "连续外出务工月数", "在校生状况": "确权承包亩数", "健康状况": "确权颁证到位"}
RESULT, COLUMNS = "result.xlsx", "columns.pickle"


# ---- the sides; each is run as `python filling_ledgers.py --side NAME LEDGER FOLDER`


def floor(source: Path, folder: Path):
    for path, work in ((source, None), (folder / RESULT, zlib.compressobj)):
        with zipfile.ZipFile(path) as package:
            for info in package.infolist():
                packer = work(6, zlib.DEFLATED, -15) if work else None
                with package.open(info) as part:
                    unpacked = time.process_time()
                    while piece := part.read(1 << 20):
                        if packer:
                            floor.unpacking += time.process_time() - unpacked
                            packer.compress(piece)
                            unpacked = time.process_time()
                if packer:
                    packer.flush()


#: the result's bytes have to come from somewhere: what unpacking them took is taken off
floor.unpacking = 0.0


def whole_fill(source: Path, folder: Path):
    from xl_poverty.ledger.filling import fill

    fill(source, folder / RESULT, POLICY, DAY, MEASURES)


def write_alone(source: Path, folder: Path):
    from xl_poverty.workbook.writing import write_cells

    write_cells(source, folder / RESULT, pickle.loads((folder / COLUMNS).read_bytes()))


def openpyxl_alone(source: Path, folder: Path):
    import openpyxl

    book = openpyxl.load_workbook(source)
    (name, changes), = pickle.loads((folder / COLUMNS).read_bytes()).items()
    for column in changes.columns:
        for row, value in zip(column.rows, column.values):
            book[name].cell(row, column.column, value)
    book.save(folder / "openpyxl.xlsx")


SIDES = {
    "floor": floor, "fill": whole_fill, "fill, fast": whole_fill, "write": write_alone, "write, fast": write_alone,
    "openpyxl": openpyxl_alone,
}  # fmt: skip


def run_side(name: str, source: Path, folder: Path):
    # what is imported is not what is measured
    if name.startswith("fill"):
        from xl_poverty.ledger import filling  # noqa: F401
    from xl_poverty.workbook import archive, writing  # noqa: F401

    if not name.endswith("fast"):
        archive.compressor = lambda: zlib.compressobj(archive.LEVEL, zlib.DEFLATED, -15)
    if name.startswith(("write", "openpyxl")):
        pickle.loads((folder / COLUMNS).read_bytes())
    before = peak()
    busy, clock = time.process_time(), time.perf_counter()
    SIDES[name](source, folder)
    print(json.dumps({
        "cpu": time.process_time() - busy - floor.unpacking, "clock": time.perf_counter() - clock,
        "peak": peak(), "above": peak() - before,
    }))  # fmt: skip


def peak() -> float:
    """The most memory so far, in MB; of this process alone, unlike ru_maxrss."""
    status = Path("/proc/self/status").read_text()
    return int(re.search(r"VmHWM:\s*(\d+)", status)[1]) / 1024


# ---- what is told


def prepare(source: Path, folder: Path):
    """The columns that are written alone, and the result whose bytes are the floor."""
    from xl_poverty.ledger import filling

    caught = []
    kept = filling._columns
    filling._columns = lambda *given: caught.append(kept(*given)) or caught[-1]
    filled = filling.fill(source, folder / RESULT, POLICY, DAY, MEASURES)
    (folder / COLUMNS).write_bytes(pickle.dumps({filled.sheet: caught[0]}))
    print(f"{len(caught[0].columns)} columns, {filled.rows:,} rows")


def measure(source: Path, folder: Path, sides: list[str], repeats: int):
    found = {side: [] for side in sides}
    for _ in range(repeats):
        for side in sides:
            call = [sys.executable, __file__, "--side", side, str(source), str(folder)]
            found[side].append(json.loads(subprocess.run(call, check=True, capture_output=True, text=True).stdout))
    print(f"{'':12}{'CPU s':>8}{'ratio':>8}{'seconds':>9}{'peak MB':>9}{'above MB':>10}")
    for side in sides:
        ratio = statistics.median(own["cpu"] / other["cpu"] for own, other in zip(found[side], found["floor"]))
        cpu, clock, peak, above = (
            statistics.median(turn[key] for turn in found[side]) for key in ("cpu", "clock", "peak", "above")
        )
        print(f"{side:12}{cpu:8.2f}{ratio:8.2f}{clock:9.2f}{peak:9.0f}{above:10.0f}")


def fill_one(source: Path):
    from xl_poverty.ledger.filling import fill

    fill(source, source.parent / "filled" / source.name, POLICY, DAY, MEASURES)


def measure_villages(folder: Path):
    from concurrent.futures import ProcessPoolExecutor

    (folder / "filled").mkdir(exist_ok=True)
    for old in (folder / "filled").iterdir():
        old.unlink()
    files = sorted(path for path in folder.iterdir() if path.suffix == ".xlsx")
    with ProcessPoolExecutor() as pool:
        list(pool.map(fill_one, files[:4]))
        for old in (folder / "filled").iterdir():
            old.unlink()
        started = time.perf_counter()
        list(pool.map(fill_one, files, chunksize=8))
        print(f"{len(files)} ledgers of 200 rows: {len(files) / (time.perf_counter() - started):.1f} per second")


def main():
    from reading_ledgers import HEADERS, write_ledger

    parser = argparse.ArgumentParser()
    for name, default in (("rows", 100_000), ("villages", 500), ("repeats", 3)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--openpyxl", action="store_true")
    wanted = parser.parse_args()
    headers = [CHANGED.get(header, header) for header in HEADERS]
    at = {header: place for place, header in enumerate(headers)}

    def changed(row: list) -> list:
        works = row[at["务工所在地"]] is not None
        row[at["务工去向"]] = "跨省" if works else None  # as the place of work says
        row[at["连续外出务工月数"]] = row[0] % 12 + 1 if works else None
        row[at["确权承包亩数"]] = row[0] % 90 / 10 + 1 if row[at["与户主关系"]] == "户主" else None
        row[at["确权颁证到位"]] = "是" if row[at["与户主关系"]] == "户主" else None
        return row

    with tempfile.TemporaryDirectory() as temporary:
        folder = wanted.folder or Path(temporary)
        large, villages = folder / f"fill{wanted.rows}.xlsx", folder / f"fill_villages{wanted.villages}"
        villages.mkdir(parents=True, exist_ok=True)
        if not large.exists():
            write_ledger(large, wanted.rows, 0, headers, changed)
        there = sum(path.suffix == ".xlsx" for path in villages.iterdir())
        for number in range(there, wanted.villages):
            write_ledger(villages / f"{number:04}.xlsx", 200, number + 1, headers, changed)
        prepare(large, folder)
        fast = importlib.util.find_spec("isal") is not None
        sides = [side for side in SIDES if fast or not side.endswith("fast")]
        sides = [side for side in sides if wanted.openpyxl or side != "openpyxl"]
        measure(large, folder, sides, wanted.repeats)
        measure_villages(villages)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--side"]:
        run_side(sys.argv[2], Path(sys.argv[3]), Path(sys.argv[4]))
    else:
        main()
