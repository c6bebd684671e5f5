"""Merging the files of many villages, beside the least that any program must do: python-calamine's bare read of the
same files, and deflating (zlib, level 6) the bytes that the result holds.

500 invented ledgers of 200 rows × 40 columns are written into a temporary folder, 20 of them broken in different ways:
encrypted, cut off, empty, without a header, of another kind, under another template … Told are the medians of reading
and joining (on all cores, as `merge` does it) and of writing, by the clock and in CPU time of all processes and
threads, and their ratios to the floors of the same turn. "zlib" writes with zlib even where isal is installed.

    pip install XlsxWriter python-calamine
    python benchmarks/merging_villages.py [--villages 500] [--repeats 3] [--folder FOLDER]

With --folder the ledgers stay there, and are taken from there the next time.
"""
import argparse
import io
import os
import random
import statistics
import tempfile
import time
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import python_calamine
import xlsxwriter
from reading_ledgers import HEADERS, household, write_ledger

from xl_poverty.summaries import merging
from xl_poverty.summaries.gathering import read_files, village_files
from xl_poverty.summaries.joining import joined
from xl_poverty.workbook import archive

ROWS = 200


# ---- what is measured


def bare_reading(folder: Path):
    for path in sorted(folder.iterdir()):
        try:
            python_calamine.CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()
        except Exception:  # broken ones
            continue


def reading_and_joining(folder: Path):
    files, _ = village_files(folder, folder / "result.xlsx")
    return joined(list(read_files(files)))


def deflating(target: Path):
    """What it takes to unpack them first is taken off."""
    with zipfile.ZipFile(target) as package:
        parts = [package.read(info) for info in package.infolist()]
    started, busy = time.perf_counter(), time.process_time()
    for part in parts:
        packer = zlib.compressobj(6, zlib.DEFLATED, -15)
        packer.compress(part)
        packer.flush()
    return time.perf_counter() - started, time.process_time() - busy


def timed(work: Callable):
    """(seconds, CPU seconds of this process and of those that it started, what came of it)."""
    before, started = os.times(), time.perf_counter()
    result = work()
    clock, after = time.perf_counter() - started, os.times()
    return clock, sum(after[:4]) - sum(before[:4]), result


def measure(folder: Path, target: Path, repeats: int):
    found: dict[str, list[tuple]] = {}
    fast = archive.compressor

    def note(label: str, clock: float, busy: float, floor: str):
        found.setdefault(label, []).append((clock, busy, *(found[floor][-1][:2] if floor else (clock, busy))))

    for _ in range(repeats):
        note("calamine, bare, in a loop", *timed(lambda: bare_reading(folder))[:2], "")
        clock, busy, merged = timed(lambda: reading_and_joining(folder))
        note("read and join", clock, busy, "calamine, bare, in a loop")
        merging.write(merged, target)
        note("deflate, zlib 6", *deflating(target), "")
        for label, compressor in (("write", fast), ("write, zlib", lambda: zlib.compressobj(6, zlib.DEFLATED, -15))):
            archive.compressor = compressor
            target.unlink(missing_ok=True)
            note(label, *timed(lambda: merging.write(merged, target))[:2], "deflate, zlib 6")
        archive.compressor = fast
        target.unlink(missing_ok=True)
    told = f"{len(merged.files)} files, {len(merged.bad)} of them not merged: {merged.rows_in:,} rows in, "
    print(f"{told}{merged.rows_out:,} out, {merged.rows_left:,} listed; {len(merged.duplicates)} rows of persons twice")
    print(f"{'':28}{'seconds':>9}{'ratio':>8}{'CPU s':>9}{'ratio':>8}")
    for label, turns in found.items():
        clocks, cpus = [t[0] / t[2] for t in turns], [t[1] / t[3] for t in turns]
        line = f"{label:28}{statistics.median(t[0] for t in turns):9.2f}{statistics.median(clocks):8.2f}"
        print(f"{line}{statistics.median(t[1] for t in turns):9.2f}{statistics.median(cpus):8.2f}")


# ---- invented villages


def sound(path: Path, number: int, headers=HEADERS):
    """Persons of one village; whoever is written twice is meant to be."""
    chance, seen = random.Random(number), [0]
    place = HEADERS.index("证件号码")

    def changed(row: list) -> list:
        seen[0] += 1
        day = f"{chance.randint(1935, 2015)}{chance.randint(1, 12):02}{chance.randint(1, 28):02}"
        digits = f"99{number:04}{day}{seen[0]:03}"
        weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
        row[place] = digits + "10X98765432"[sum(int(d) * w for d, w in zip(digits, weights)) % 11]
        row[HEADERS.index("户编号")] = f"99{number:04}{row[HEADERS.index('户编号')][-6:]}"
        row[HEADERS.index("村")] = f"第{number}村"
        return row[: len(headers)]

    write_ledger(path, ROWS, number, headers, changed)


def rows_of(number: int, count: int) -> list[list]:
    chance, rows = random.Random(number), []
    while len(rows) < count:
        rows += household(chance, len(rows), len(rows), count - len(rows))
    return rows


def table(path: Path, headers, rows, before=()):
    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet("台账")
    for number, row in enumerate((*before, headers, *rows)):
        for column, value in enumerate(row):
            if value is not None:
                sheet.write(number, column, value)
    book.close()


def cut(path: Path, number: int, share: float):
    sound(path, number)
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])


def repacked(path: Path, number: int, change: Callable[[str, bytes], bytes | None]):
    """With parts that are other ones, or none."""
    sound(path, number)
    stream = io.BytesIO()
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            data = change(info.filename, old.read(info))
            if data is not None:
                new.writestr(info.filename, data)
    path.write_bytes(stream.getvalue())


def flagged(path: Path, number: int):
    """Parts that say that they are encrypted."""
    sound(path, number)
    content = bytearray(path.read_bytes())
    for mark, at in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        start = content.find(mark)
        while start >= 0:
            content[start + at] |= 1
            start = content.find(mark, start + 4)
    path.write_bytes(content)


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
SHEET = "xl/worksheets/sheet1.xml"
ENCRYPTED = OLE + bytes(504) + "EncryptedPackage".encode("utf-16-le") + bytes(512)
ENTITY = b'<!DOCTYPE x [<!ENTITY a "b">]><worksheet'


def changed(wanted: str, change: Callable[[bytes], bytes | None]) -> Callable[[Path, int], object]:
    """A ledger with one part changed, or without it."""
    return lambda path, number: repacked(path, number, lambda name, data: change(data) if name == wanted else data)


#: how files are broken, or odd
WAYS: dict[str, Callable[[Path, int], object]] = {
    "空文件": lambda path, number: path.write_bytes(b""),
    "截断": lambda path, number: cut(path, number, 0.5),
    "只剩开头": lambda path, number: path.write_bytes(b"PK\3\4"),
    "加密": lambda path, number: path.write_bytes(ENCRYPTED),
    "压缩包加密": flagged,
    "图片改名": lambda path, number: path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(200)),
    "PDF改名": lambda path, number: path.write_bytes(b"%PDF-1.4\n" + bytes(200)),
    "老格式坏了": lambda path, number: path.write_bytes(OLE + bytes(2000)),
    "没有表": lambda path, number: table(path, ("通知",), [("请各村于25日前上报",)]),
    "没有表头": lambda path, number: table(path, rows_of(number, 1)[0], rows_of(number, 20)),
    "只有表头": lambda path, number: table(path, HEADERS, []),
    "空表": lambda path, number: table(path, (), []),
    "缺工作表": changed(SHEET, lambda data: None),
    "工作表坏了": changed(SHEET, lambda data: data[: len(data) // 2]),
    "缺工作簿": changed("xl/workbook.xml", lambda data: None),
    "实体攻击": changed(SHEET, lambda data: data.replace(b"<worksheet", ENTITY, 1)),
    "发放表": lambda path, number: table(path, ("姓名", "身份证号", "补贴项目", "补贴金额", "支付状态"),
                                      [("张三", None, "交通补贴", 600, "已支付")] * 20),
    "旧模板": lambda path, number: sound(path, number, HEADERS[:30]),
    "乱码": lambda path, number: path.write_bytes(bytes(random.Random(number).randrange(256) for _ in range(4000))),
    "文件夹名": lambda path, number: path.write_bytes(b"mime-version: 1.0\n" + bytes(50)),
}  # fmt: skip


def villages(folder: Path, count: int):
    folder.mkdir(parents=True, exist_ok=True)
    for number, (way, make) in enumerate(WAYS.items()):
        path = folder / f"{count - 1 - number:04}{way}.xlsx"
        if not path.exists():
            make(path, count - 1 - number)
    for number in range(count - len(WAYS)):
        path = folder / f"{number:04}第{number}村.xlsx"
        if not path.exists():
            sound(path, number)


def main():
    parser = argparse.ArgumentParser()
    for name, default in (("villages", 500), ("repeats", 3)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--folder", type=Path)
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = (wanted.folder or Path(temporary)) / f"merged{wanted.villages}"
        villages(folder, wanted.villages)
        measure(folder, Path(temporary) / "result.xlsx", wanted.repeats)


if __name__ == "__main__":
    main()
