"""Writing into a workbook that is killed, or finds the disk full or the folder closed: the old workbook or the new one,
whole, and never anything else."""

from __future__ import annotations

import io
import os
import random
import signal
import tempfile
import textwrap
import time
import zipfile
from pathlib import Path

import pytest
import xlsxwriter
from crashes import NOBODY, FullDisk, closed_folder, in_a_child, killed_at, on_small_disks, posix, python

from xl_poverty.errors import LedgerError
from xl_poverty.ledger.files import read_book
from xl_poverty.workbook import saving
from xl_poverty.workbook.saving import no_data
from xl_poverty.workbook.writing import write_cells

ROWS, SHEET = 60, "台账"
#: (in place, what the target is before)
WAYS = {"in place": (True, "the source"), "over a result": (False, "a result"), "new": (False, "nothing")}


def workbook(rows=ROWS) -> bytes:
    """A ledger with a column that is to be written, formulas, a picture's worth of bytes that do not shrink."""
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True})
    sheet = book.add_worksheet(SHEET)
    for row in range(rows):
        sheet.write_row(row, 0, [f"户{row}", row, f"文字{row * 7919 % 1000}", -1])
    book.add_worksheet("合计").write_formula("A1", f"=SUM({SHEET}!D1:D{rows})", None, -rows)
    book.close()
    with zipfile.ZipFile(stream, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/image1.jpeg", random.Random(1).randbytes(60_000))
    return stream.getvalue()


SOURCE = workbook()


def write(source: Path, target: Path, value: int):
    cells = {(row, 4): value for row in range(1, ROWS + 1)}
    return write_cells(source, target, {SHEET: cells}, in_place=source == target)


def value_of(path: Path) -> int:
    """The number that the whole column holds."""
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
    rows = read_book(path).sheets[0].rows
    (value,) = {row[3] for row in rows}
    assert [row[:3] for row in rows] == [[f"户{row}", row, f"文字{row * 7919 % 1000}"] for row in range(ROWS)]
    return value


with tempfile.TemporaryDirectory() as _folder:
    _paths = Path(_folder, "源.xlsx"), Path(_folder, "结果.xlsx")
    _paths[0].write_bytes(SOURCE)
    write(*_paths, -2)
    RESULT = _paths[1].read_bytes()


class Place:
    """A folder with a source and a target."""

    def __init__(self, folder: Path, way: str):
        folder.mkdir(exist_ok=True)
        self.folder, (self.in_place, before) = folder, WAYS[way]
        self.source = folder / "石桥村 台账.xlsx"
        self.source.write_bytes(SOURCE)
        self.target = self.source if self.in_place else folder / "结果.xlsx"
        if before == "a result":
            self.target.write_bytes(RESULT)
        self.before = {path: path.read_bytes() for path in folder.iterdir()}

    def write(self, value: int):
        return write(self.source, self.target, value)

    def untouched(self) -> bool:
        return {path: path.read_bytes() for path in self.folder.iterdir()} == self.before

    def values(self) -> list[int]:
        """What stands in the source, the target, and all backups: each of them whole."""
        found = []
        for path in sorted(self.folder.iterdir()):
            if path.name.startswith(".~xlp-"):
                continue
            value = value_of(path)
            if path == self.source and not self.in_place:
                assert value == -1 and path.read_bytes() == SOURCE
            elif path != self.target:
                assert no_data(path.name)
            found.append(value)
        return found


@pytest.fixture(params=WAYS)
def way(request) -> str:
    return request.param


@posix
def test_killed_at_random_moments(tmp_path, way):
    numbers = random.Random(way)
    place = Place(tmp_path / "whole", way)
    started = time.perf_counter()
    place.write(0)
    once = time.perf_counter() - started
    written = set()
    for turn in range(24):
        place = Place(tmp_path / str(turn), way)

        def writes(place=place):
            for value in range(10**9):
                place.write(value)

        child = in_a_child(writes)
        time.sleep(numbers.random() * 4 * once)
        os.kill(child, signal.SIGKILL)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
        values = place.values()
        written.add(max(values))
        place.write(77)
        assert value_of(place.target) == 77
    assert max(written) >= 0  # some had come through


@posix
def test_killed_at_random_steps(tmp_path, way):
    """A process that ends before any of the lines that writing goes through: 40 of them, and the last ones."""
    code = Path(saving.__file__).parent
    place = Place(tmp_path / "whole", way)
    ended, lines = killed_at(None, code, lambda: place.write(5))
    assert ended and lines > 1000 and value_of(place.target) == 5
    numbers, outcomes = random.Random(way), set()
    for step in [*numbers.sample(range(lines), 20), *numbers.sample(range(lines - 150, lines), 20)]:
        place = Place(tmp_path / str(step), way)
        ended, _ = killed_at(step, code, lambda place=place: place.write(5))
        assert not ended
        new = place.target.exists() and value_of(place.target) == 5
        assert new or place.target.exists() is (place.target in place.before)
        if not new and place.target in place.before:
            assert place.target.read_bytes() == place.before[place.target]
        place.values()
        outcomes.add(new)
    assert outcomes == {False, True}


@pytest.mark.parametrize("seed", range(20))
def test_a_full_disk(tmp_path, way, seed, monkeypatch):
    place = Place(tmp_path / "a", way)
    monkeypatch.setattr(saving.io, "FileIO", FullDisk)
    monkeypatch.setattr(FullDisk, "room", 10**9)
    place.write(5)
    needed = 10**9 - FullDisk.room
    place = Place(tmp_path / "b", way)
    FullDisk.room = random.Random(f"{way} {seed}").randrange(needed)
    with pytest.raises(LedgerError, match="磁盘空间不够"):
        place.write(5)
    assert place.untouched()
    FullDisk.room = needed
    place.write(5)
    assert value_of(place.target) == 5


@posix
def test_a_disk_that_is_really_full(tmp_path, way):
    """The target's disk, with 20 different amounts of room."""
    (tmp_path / "源.xlsx").write_bytes(SOURCE)
    disk = tmp_path / "disk"
    disk.mkdir()
    on_small_disks(
        """
        import random
        from xl_poverty.errors import LedgerError
        from xl_poverty.workbook.writing import write_cells

        source, folder, way = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
        content = source.read_bytes()
        pages = -(-len(content) // PAGE)
        cells = {"台账": {(row, 4): 5 for row in range(1, 61)}}
        write_cells(source, source.with_name("结果.xlsx"), cells)
        needed = -(-source.with_name("结果.xlsx").stat().st_size // PAGE)
        numbers = random.Random(way)
        for turn in range(20):
            there = 0 if way == "new" else pages
            disk(folder, there + numbers.randrange(1, needed))
            target = folder / "台账.xlsx"
            if there:
                target.write_bytes(content)
            before = list(folder.iterdir())
            try:
                write_cells(target if way == "in place" else source, target, cells, in_place=way == "in place")
            except LedgerError as error:
                assert "磁盘空间不够" in str(error), error
            else:
                raise AssertionError("written")
            assert list(folder.iterdir()) == before and (not there or target.read_bytes() == content)
            no_disk(folder)
        """,
        tmp_path / "源.xlsx", disk, way,
    )  # fmt: skip


@posix
def test_a_folder_for_temporary_files_that_is_full(tmp_path):
    """What is packed on the way lies elsewhere: that disk may be full, too."""
    source = tmp_path / "台账.xlsx"
    source.write_bytes(workbook(1_200))
    disk = tmp_path / "disk"
    disk.mkdir()
    on_small_disks(
        """
        import random, tempfile
        from xl_poverty.errors import LedgerError
        from xl_poverty.workbook.writing import write_cells

        source, folder = Path(sys.argv[1]), Path(sys.argv[2])
        content = source.read_bytes()
        tempfile.tempdir = str(folder)
        chance = random.Random(1)  # numbers that do not shrink: more than the largest disk holds
        cells = {"台账": {(row, column): chance.random() for row in range(1, 1_201) for column in range(4, 14)}}
        for pages in range(1, 21):
            disk(folder, pages)
            try:
                write_cells(source, source, cells, in_place=True)
            except LedgerError as error:
                assert "磁盘空间不够" in str(error), error
                assert source.read_bytes() == content and not list(source.parent.glob("*_备份_*"))
            else:
                raise AssertionError("written")
            no_disk(folder)
        """,
        source, disk,
    )  # fmt: skip


@posix
def test_a_limit_of_the_system_at_any_byte(tmp_path, way):
    """The system itself stops the writing of any file in the middle, at 20 random bytes."""
    place = Place(tmp_path, way)
    done = python(
        """
        import random, resource, signal, sys
        from pathlib import Path
        from xl_poverty.errors import LedgerError
        from xl_poverty.workbook.writing import write_cells

        source, target = map(Path, sys.argv[1:])
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        numbers = random.Random(5)
        cells = {"台账": {(row, 4): 5 for row in range(1, 61)}}
        for turn in range(20):
            resource.setrlimit(resource.RLIMIT_FSIZE, (numbers.randrange(60_000), resource.RLIM_INFINITY))
            try:
                write_cells(source, target, cells, in_place=source == target)
            except LedgerError as error:
                assert "存不下这么大的文件" in str(error), error
            else:
                raise AssertionError("written")
        """,
        place.source, place.target,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert place.untouched()


@posix
def test_a_folder_that_may_not_be_written_to(tmp_path, way):
    code = """
        from pathlib import Path
        from xl_poverty.errors import LedgerError
        from xl_poverty.workbook.writing import write_cells

        warm, folder, source, target = map(Path, sys.argv[1:])
        write_cells(warm, warm, {"台账": {(1, 4): 0}}, in_place=True)  # nobody may import what it needs
        os.chdir(folder)
        be_nobody()
        for turn in range(20):
            try:
                write_cells(source, target, {"台账": {(1, 4): turn}}, in_place=source == target)
            except LedgerError as error:
                assert "没有写入的权限" in str(error), error
            else:
                raise AssertionError("written")
        """
    warm = tmp_path / "台账.xlsx"
    warm.write_bytes(SOURCE)
    places = []
    with closed_folder(lambda folder: places.append(Place(folder, way))) as folder:
        (place,) = places
        done = python(NOBODY + textwrap.dedent(code), warm, folder, place.source.name, place.target.name)
        assert done.returncode == 0, done.stderr
        assert place.untouched()


def test_open_elsewhere(tmp_path, way):
    place = Place(tmp_path, way)
    (tmp_path / f"~${place.target.name}").touch()
    done = place.write(5).saved
    if way == "new":
        assert done.path == place.target and not done.moved_because
    else:
        assert done.path.name == f"{place.target.stem}_核算结果.xlsx" and "Excel" in done.moved_because
        assert place.target.read_bytes() == place.before[place.target]
    assert value_of(done.path) == 5 and done.backup is None


def test_in_place_leaves_a_backup(tmp_path):
    place = Place(tmp_path, "in place")
    backups = [place.write(value).saved.backup for value in range(3)]
    assert [value_of(backup) for backup in backups] == [-1, 0, 1] and value_of(place.target) == 2
    assert backups[0].read_bytes() == SOURCE
