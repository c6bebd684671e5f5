"""Saving: the old file or the new one, whole, whatever happens; nobody's open or changed file is replaced."""

from __future__ import annotations

import errno
import hashlib
import ntpath
import os
import random
import re
import signal
import stat
import textwrap
import time
import zipfile
from pathlib import Path

import pytest
from crashes import NOBODY, FullDisk, closed_folder, in_a_child, killed_at, on_small_disks, posix, python

from xl_poverty.errors import LedgerError
from xl_poverty.workbook import saving
from xl_poverty.workbook.saving import Saved, free_name, is_read_only, lock_of, no_data, result_name, saved, state_of

OLD, NEW = b"old " * 5000, b"new " * 90000


def save(target, content=NEW, **how) -> Saved:
    with saved(target, **how) as file:
        file.write(content)
    return file.result


def names(folder) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture
def ledger(tmp_path) -> Path:
    path = tmp_path / "石桥村 台账.xlsx"
    path.write_bytes(OLD)
    return path


# ---- what it does


def test_a_new_file(tmp_path):
    target = tmp_path / "结果.xlsx"
    assert save(target) == Saved(target)
    assert target.read_bytes() == NEW and names(tmp_path) == ["结果.xlsx"]


def test_a_file_is_replaced_and_what_was_in_it_kept_beside_it(ledger):
    os.utime(ledger, (1_600_000_000, 1_600_000_000))
    before = time.time()
    done = save(ledger, backup=True)
    assert done.path == ledger and not done.moved_because and ledger.read_bytes() == NEW
    assert re.fullmatch(r"石桥村 台账_备份_\d{8}-\d{6}\.xlsx", done.backup.name)
    assert done.backup.read_bytes() == OLD and done.backup.stat().st_mtime == 1_600_000_000
    assert ledger.stat().st_mtime >= before - 2
    assert names(ledger.parent) == sorted([ledger.name, done.backup.name])


def test_all_backups_are_kept(ledger, monkeypatch):
    monkeypatch.setattr(saving.time, "strftime", lambda _: "20261122-080000")
    contents = [OLD]
    for turn in range(4):
        contents.append(b"%d" % turn)
        save(ledger, contents[-1], backup=True)
    stem = f"{ledger.stem}_备份_20261122-080000"
    backups = [ledger.with_name(f"{stem}{number}.xlsx") for number in ("", " (2)", " (3)", " (4)")]
    assert [backup.read_bytes() for backup in backups] == contents[:-1]
    assert all(no_data(backup.name) for backup in backups)


def test_a_macro_workbook_stays_one(tmp_path):
    path = tmp_path / "台账.xlsm"
    path.write_bytes(OLD)
    assert save(path, backup=True).backup.suffix == ".xlsm" and result_name(path).name == "台账_核算结果.xlsm"


def test_nothing_to_back_up(tmp_path):
    assert save(tmp_path / "新.xlsx", backup=True).backup is None


def test_a_zip_is_written_and_read_in_it(tmp_path):
    def whole(file):
        assert zipfile.ZipFile(file).testzip() is None

    with saved(tmp_path / "a.xlsx", check=whole) as file, zipfile.ZipFile(file, "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
    assert zipfile.ZipFile(tmp_path / "a.xlsx").namelist() == ["xl/workbook.xml"]


@pytest.mark.parametrize("error", [LedgerError("坏"), KeyboardInterrupt(), zipfile.BadZipFile(), MemoryError()])
@pytest.mark.parametrize("where", ["body", "check"])
def test_an_error_leaves_everything_as_it_was(ledger, error, where):
    def fail(*_):
        raise error

    with pytest.raises(type(error)) as raised, saved(ledger, backup=True, check=fail) as file:
        file.write(NEW)
        if where == "body":
            fail()
    assert raised.value is error and ledger.read_bytes() == OLD and names(ledger.parent) == [ledger.name]


def test_what_is_no_place_for_a_file(tmp_path):
    for target, told in ((tmp_path, "是文件夹"), (tmp_path / "没有" / "a.xlsx", "输出文件夹不存在")):
        with pytest.raises(LedgerError, match=told):
            save(target)


@posix
def test_a_pipe_is_not_replaced(tmp_path):
    os.mkfifo(tmp_path / "a.xlsx")
    with pytest.raises(LedgerError, match="不是普通文件"):
        save(tmp_path / "a.xlsx")


@posix
def test_a_link_stays_one(ledger, tmp_path):
    other = tmp_path / "别处"
    other.mkdir()
    link = other / "捷径.xlsx"
    link.symlink_to(ledger)
    done = save(link, backup=True)
    assert link.is_symlink() and ledger.read_bytes() == NEW
    assert done.path == ledger and done.backup.parent == ledger.parent and names(other) == ["捷径.xlsx"]
    same = other / ledger.name
    same.symlink_to(ledger)
    owner_of(ledger, "~$").touch()
    assert save(same).path == result_name(ledger) and result_name(ledger).read_bytes() == NEW


@posix
@pytest.mark.parametrize("mode", [0o600, 0o640, 0o664, 0o755])
def test_who_may_read_it_stays(ledger, tmp_path, mode):
    ledger.chmod(mode)
    assert stat.S_IMODE(save(ledger, backup=True).backup.stat().st_mode) == mode
    assert stat.S_IMODE(ledger.stat().st_mode) == mode
    copy = save(tmp_path / "副本.xlsx", source=ledger).path
    assert stat.S_IMODE(copy.stat().st_mode) == mode & 0o666  # a ledger of persons is not opened to more people
    new = tmp_path / "新.xlsx"
    save(new)
    (tmp_path / "旁").touch()
    assert new.stat().st_mode == (tmp_path / "旁").stat().st_mode


@posix
def test_a_copy_of_a_read_only_file_can_be_written_to(ledger, tmp_path):
    ledger.chmod(0o444)
    assert stat.S_IMODE(save(tmp_path / "副本.xlsx", source=ledger).path.stat().st_mode) == 0o644


# ---- names


def test_free_names(tmp_path):
    path = tmp_path / "台账.xlsx"
    assert free_name(path) == path
    path.touch()
    assert free_name(path).name == "台账 (2).xlsx"
    (tmp_path / "台账 (2).xlsx").mkdir()
    assert free_name(path).name == "台账 (3).xlsx"


@posix
def test_a_link_to_nowhere_is_no_free_name(tmp_path):
    (tmp_path / "a.xlsx").symlink_to(tmp_path / "没有")
    assert free_name(tmp_path / "a.xlsx").name == "a (2).xlsx"


@pytest.mark.parametrize("stem", ["村" * 83, "a" * 250, "x" * 247 + "村"], ids=["Chinese", "ASCII", "both"])
def test_the_longest_names(tmp_path, stem):
    path = tmp_path / f"{stem}.xlsx"
    try:
        path.write_bytes(OLD)
    except OSError:
        pytest.skip("the drive does not take the name itself")
    done = save(path, backup=True)
    assert done.backup.read_bytes() == OLD and "_备份_" in done.backup.name and path.read_bytes() == NEW
    assert result_name(path).name.endswith("_核算结果.xlsx")
    result_name(path).touch()
    assert free_name(result_name(path)).name.endswith(" (2).xlsx")


def test_a_name_that_is_too_long(tmp_path):
    with pytest.raises(LedgerError, match="文件名或文件夹路径太长"):
        save(tmp_path / ("村" * 300 + ".xlsx"))
    assert names(tmp_path) == []


def test_long_paths_of_windows():
    long = "C:\\" + "资料\\" * 90 + "台账.xlsx"
    assert saving._extended("C:\\台账.xlsx", ntpath) == "C:\\台账.xlsx"
    assert saving._extended(long, ntpath) == "\\\\?\\" + long
    assert saving._extended("\\\\服务器\\" + long[3:], ntpath) == "\\\\?\\UNC\\服务器\\" + long[3:]
    assert saving._extended("\\\\?\\" + long, ntpath) == "\\\\?\\" + long
    assert saving._extended(long.replace("\\", "/"), ntpath) == "\\\\?\\" + long


@pytest.mark.parametrize(
    "name, expected",
    {
        "台账.xlsx": False, "台账_已核算.xlsx": False, "台账_核算结果.xlsx": False, "备份.xlsx": False,
        "台账_备份_20261122.xlsx": False, "备份_台账.xlsx": False, "台账~.xlsx": False,
        "台账_备份_20261122-081500.xlsx": True, "台账_备份_20261122-081500 (2).xlsm": True,
        "~$台账.xlsx": True, ".~台账.xlsx": True, ".~lock.台账.xlsx#": True, ".~xlp-0123456789abcdef.tmp": True,
    }.items(),
)  # fmt: skip
def test_what_is_no_data(name, expected):
    assert no_data(name) is expected and no_data(f"/村/{name}") is expected


# ---- who has it open

EXCEL = bytes([4]) + "王芳".encode("gbk").ljust(54) + (2).to_bytes(2, "little") + "王芳".encode("utf-16-le").ljust(108)
OWNERS = {
    "~$": (EXCEL, "Excel（王芳）"),
    ".~": (EXCEL, "WPS（王芳）"),
    ".~lock.#": ("王芳,wang,电脑,22.11.2026 08:00,file:///home/w;".encode(), "LibreOffice（王芳）"),
}


def owner_of(path, pattern) -> Path:
    start, _, end = pattern.partition("#")
    return path.with_name(f"{start}{path.name}{'#' if '#' in pattern else ''}")


@pytest.mark.parametrize("pattern", OWNERS)
def test_who_has_it_open(ledger, pattern):
    assert lock_of(ledger) == ""
    content, who = OWNERS[pattern]
    owner = owner_of(ledger, pattern)
    owner.write_bytes(content)
    assert lock_of(ledger) == who
    program = who.partition("（")[0]
    for odd in (b"", b"\xff" * 165, bytes(165), EXCEL[:100], b",", b"\xff,", b"13800000000,13800000000,,"):
        owner.write_bytes(odd)
        assert lock_of(ledger) == program
    done = save(ledger, backup=True)
    assert ledger.read_bytes() == OLD and done.path.read_bytes() == NEW and done.backup is None
    assert done.path.name == "石桥村 台账_核算结果.xlsx"
    assert program in done.moved_because and owner.name in done.moved_because
    assert save(ledger).path.name == "石桥村 台账_核算结果 (2).xlsx"
    owner.unlink()
    assert save(ledger).path == ledger


def test_a_new_file_waits_for_nobody(tmp_path):
    (tmp_path / "~$a.xlsx").touch()
    assert save(tmp_path / "a.xlsx").path.name == "a.xlsx"


@pytest.mark.parametrize("backup", [False, True])
def test_a_file_that_cannot_be_replaced(ledger, monkeypatch, backup):
    def refuse(source, target):
        if Path(target).name == ledger.name:
            raise PermissionError(errno.EACCES, "used by another process")
        real(source, target)

    real = os.replace
    pauses = []
    monkeypatch.setattr(saving.os, "replace", refuse)
    monkeypatch.setattr(saving.time, "sleep", pauses.append)
    monkeypatch.setattr(saving, "_PAUSES", (0.1, 0.2))
    done = save(ledger, backup=backup)
    assert pauses == [0.1, 0.2]  # it may only be a virus scanner
    assert done.path.read_bytes() == NEW and "正在 Excel 或 WPS 里打开" in done.moved_because
    assert ledger.read_bytes() == OLD and names(ledger.parent) == sorted([ledger.name, done.path.name])


@pytest.mark.parametrize("moment", ["before", "after"])
def test_stopped_by_hand_around_the_last_step(ledger, monkeypatch, moment):
    """The backup goes where the original stays, and only there."""

    def stop(source, target):
        if moment == "after":
            real(source, target)
        raise KeyboardInterrupt

    real = os.replace
    monkeypatch.setattr(saving.os, "replace", stop)
    with pytest.raises(KeyboardInterrupt):
        save(ledger, backup=True)
    contents = [path.read_bytes() for path in sorted(ledger.parent.iterdir())]
    assert contents == ([OLD] if moment == "before" else [NEW, OLD])


def test_a_scanner_lets_go(ledger, monkeypatch):
    def refuse_once(source, target):
        if not pauses:
            raise PermissionError(errno.EACCES, "used by another process")
        real(source, target)

    real, pauses = os.replace, []
    monkeypatch.setattr(saving.os, "replace", refuse_once)
    monkeypatch.setattr(saving.time, "sleep", pauses.append)
    monkeypatch.setattr(saving, "_PAUSES", (0.1, 0.2))
    assert save(ledger).path == ledger and ledger.read_bytes() == NEW


def test_a_drive_without_links(ledger, monkeypatch):
    def refuse(*_):
        raise OSError(errno.EPERM, "no links here")

    monkeypatch.setattr(saving.os, "link", refuse, raising=False)
    (ledger.parent / f"~${ledger.name}").touch()
    assert save(ledger).path.read_bytes() == NEW
    (ledger.parent / f"~${ledger.name}").unlink()
    assert save(ledger, backup=True).backup.read_bytes() == OLD


def test_a_file_that_somebody_changed_meanwhile(ledger):
    seen = state_of(ledger)
    with saved(ledger, seen=seen, backup=True) as file:
        file.write(NEW)
        ledger.write_bytes(b"the clerk's own work")
    assert ledger.read_bytes() == b"the clerk's own work" and file.result.path.read_bytes() == NEW
    assert "刚才被别的程序改过" in file.result.moved_because and file.result.backup is None
    done = save(ledger, seen=seen)  # read long ago
    assert "改过" in done.moved_because and ledger.read_bytes() == b"the clerk's own work"


def test_a_file_that_came_or_went_meanwhile(tmp_path):
    target = tmp_path / "a.xlsx"
    with saved(target) as file:
        file.write(NEW)
        target.write_bytes(OLD)
    assert target.read_bytes() == OLD and file.result.path.name == "a_核算结果.xlsx"
    with saved(target, backup=True) as file:
        file.write(NEW)
        target.unlink()
    assert target.read_bytes() == NEW and file.result == Saved(target)


@posix
def test_a_file_that_says_it_is_read_only(ledger):
    assert not is_read_only(ledger) and not is_read_only(ledger.parent / "没有.xlsx")
    ledger.chmod(0o444)
    assert is_read_only(ledger)
    done = save(ledger, backup=True)
    assert "只读" in done.moved_because and ledger.read_bytes() == OLD and done.path.read_bytes() == NEW


# ---- what a crash left


def test_what_a_crash_left_is_cleared_away(tmp_path):
    def left(name, days):
        path = tmp_path / name
        path.write_bytes(b"half")
        os.utime(path, (time.time() - days * 86400,) * 2)
        return path

    old, young = left(".~xlp-0123456789abcdef.tmp", 1.1), left(".~xlp-0123456789abcdee.tmp", 0.9)
    others = [left(name, 9) for name in (".~xlp-notes.tmp", ".~xlp-0123456789abcdef.xlsx", "x.tmp", "~$台账.xlsx")]
    folder = tmp_path / ".~xlp-1123456789abcdef.tmp"
    folder.mkdir()
    os.utime(folder, (0, 0))
    save(tmp_path / "a.xlsx")
    assert not old.exists() and young.exists() and folder.exists() and all(path.exists() for path in others)


# ---- what the system refuses

REFUSALS = {
    errno.ENOSPC: "磁盘空间不够",
    errno.EFBIG: "存不下这么大的文件",
    errno.EROFS: "只读的",
    errno.EACCES: "没有写入的权限",
    errno.EIO: "磁盘读写出错",
    errno.ENAMETOOLONG: "太长",
    errno.EINVAL: "不能用的字符",
    errno.ENOTCONN: "请换一个文件夹",
}


@pytest.mark.parametrize(
    "call, number",
    [
        (call, number) for call in ("open", "fsync", "replace", "copyfileobj") for number in REFUSALS
        # some drives cannot be told to write at once; a file that is open elsewhere gets its result beside it
        if (call, number) not in {("fsync", errno.EINVAL), ("replace", errno.EACCES), ("copyfileobj", errno.EACCES)}
    ],
)  # fmt: skip
def test_a_refusal_is_told_in_words(ledger, monkeypatch, call, number):
    def refuse(*_):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(saving.shutil if call == "copyfileobj" else saving.os, call, refuse)
    with pytest.raises(LedgerError, match=REFUSALS[number]) as raised:
        save(ledger, backup=True)
    monkeypatch.undo()
    told = str(raised.value)
    assert f"原来的 {ledger.name} 没有改动" in told and "\n" not in told and "tmp" not in told
    assert str(ledger.parent) not in told
    assert "原来的" not in saving._sentence(raised.value.__cause__, Path("没有.xlsx"))
    assert ledger.read_bytes() == OLD and names(ledger.parent) == [ledger.name]


def test_what_windows_says_of_long_paths():
    error = OSError(errno.ENOENT, "…")
    error.winerror = 206
    assert "太长" in saving._sentence(error, Path("台账.xlsx"))


@pytest.mark.parametrize("number", [errno.EINVAL, errno.ENOTSUP])
def test_a_drive_that_cannot_be_told_to_write(ledger, monkeypatch, number):
    def refuse(*_):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(saving.os, "fsync", refuse)
    assert save(ledger, backup=True).backup.read_bytes() == OLD and ledger.read_bytes() == NEW


def pieces(content: bytes, seed: int):
    """The content in pieces of random sizes."""
    sizes, at = random.Random(seed), 0
    while at < len(content):
        size = sizes.choice((1, 100, 5000, 70_000))
        yield content[at : at + size]
        at += size


@pytest.mark.parametrize("backup", [False, True])
@pytest.mark.parametrize("seed", range(25))
def test_a_full_disk(ledger, monkeypatch, seed, backup):
    monkeypatch.setattr(saving.io, "FileIO", FullDisk)
    needed = len(NEW) + (len(OLD) if backup else 0)
    monkeypatch.setattr(FullDisk, "room", random.Random(f"{seed} {backup}").randrange(needed))
    with pytest.raises(LedgerError, match="磁盘空间不够"), saved(ledger, backup=backup) as file:
        for piece in pieces(NEW, seed):
            file.write(piece)
    assert ledger.read_bytes() == OLD and names(ledger.parent) == [ledger.name]
    FullDisk.room = needed
    save(ledger, backup=backup)  # it was just enough
    assert ledger.read_bytes() == NEW and FullDisk.room == 0


@posix
def test_a_limit_of_the_system_at_any_byte(ledger):
    """The system itself stops the writing in the middle, at 40 random bytes."""
    done = python(
        """
        import random, resource, signal, sys
        from pathlib import Path
        from xl_poverty.errors import LedgerError
        from xl_poverty.workbook.saving import saved

        ledger = Path(sys.argv[1])
        old, new = ledger.read_bytes(), b"new " * 90000
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        numbers = random.Random(5)
        for turn in range(40):
            resource.setrlimit(resource.RLIMIT_FSIZE, (numbers.randrange(len(new)), resource.RLIM_INFINITY))
            try:
                with saved(ledger, backup=turn % 2 == 1) as file:
                    for start in range(0, len(new), 7001):
                        file.write(new[start : start + 7001])
            except LedgerError as error:
                assert "存不下这么大的文件" in str(error), error
            else:
                raise AssertionError("written")
            assert ledger.read_bytes() == old and list(ledger.parent.iterdir()) == [ledger], turn
        """,
        ledger,
    )
    assert done.returncode == 0, done.stderr


@posix
def test_a_disk_that_is_really_full(tmp_path):
    on_small_disks(
        """
        import random
        from xl_poverty.errors import LedgerError
        from xl_poverty.workbook.saving import saved

        folder = Path(sys.argv[1])
        numbers = random.Random(7)
        old, new = b"old " * 5000, numbers.randbytes(400_000)
        for turn in range(24):
            pages = -(-len(old) // PAGE) + numbers.randrange(1, -(-len(new) // PAGE))
            disk(folder, pages)
            ledger = folder / "台账.xlsx"
            ledger.write_bytes(old)
            try:
                with saved(ledger, backup=turn % 2 == 1) as file:
                    for start in range(0, len(new), 9001):
                        file.write(new[start : start + 9001])
            except LedgerError as error:
                assert "磁盘空间不够" in str(error), error
            else:
                raise AssertionError("written")
            assert ledger.read_bytes() == old and list(folder.iterdir()) == [ledger], turn
            assert os.statvfs(folder).f_bfree >= pages - len(old) // PAGE - 2  # nothing is left behind unseen
            no_disk(folder)
        """,
        tmp_path,
    )


@posix
def test_a_folder_that_may_not_be_written_to():
    """As somebody who is no administrator: those may write everywhere."""
    code = """
        from pathlib import Path
        from xl_poverty.errors import LedgerError
        from xl_poverty.workbook.saving import saved

        os.chdir(sys.argv[1])
        be_nobody()
        for turn in range(20):
            for name in ("台账.xlsx", "新.xlsx"):
                try:
                    with saved(Path(name), backup=True) as file:
                        file.write(b"new")
                except LedgerError as error:
                    print(error)
                else:
                    raise AssertionError("written")
        """
    with closed_folder(lambda folder: (folder / "台账.xlsx").write_bytes(OLD)) as folder:
        done = python(NOBODY + textwrap.dedent(code), folder)
        assert done.returncode == 0, done.stderr
        assert (folder / "台账.xlsx").read_bytes() == OLD and names(folder) == ["台账.xlsx"]
    told = done.stdout.splitlines()
    assert len(told) == 40 and all("没有写入的权限" in line for line in told)


# ---- killed


def saves(ledger: Path, seed: int):
    """Saves one thing after the other, for ever."""
    numbers = random.Random(seed)
    while True:
        content = numbers.randbytes(numbers.choice((10, 5_000, 400_000)))
        with saved(ledger, backup=seed % 2 == 1) as file:
            file.write(hashlib.sha256(content).digest())
            for start in range(0, len(content), 4099):
                file.write(content[start : start + 4099])


def whole(content: bytes) -> bool:
    return hashlib.sha256(content[32:]).digest() == content[:32]


def assert_whole(folder: Path, ledger: Path):
    assert whole(ledger.read_bytes())
    for path in folder.iterdir():
        if path != ledger:
            assert no_data(path.name), path.name
            if path.suffix == ".xlsx":
                assert whole(path.read_bytes()), path.name


@posix
def test_killed_at_random_moments(tmp_path):
    numbers = random.Random(11)
    halves = 0
    for turn in range(24):
        folder = tmp_path / str(turn)
        folder.mkdir()
        ledger = folder / "台账.xlsx"
        ledger.write_bytes(hashlib.sha256(b"first").digest() + b"first")
        child = in_a_child(lambda ledger=ledger, turn=turn: saves(ledger, turn))
        time.sleep(0.005 + numbers.random() * 0.05)
        os.kill(child, signal.SIGKILL)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
        assert_whole(folder, ledger)
        halves += any(path.suffix == ".tmp" for path in folder.iterdir())
        save(ledger)  # goes on as if nothing had been
        assert ledger.read_bytes() == NEW
    assert halves  # it was hit while it wrote


@posix
@pytest.mark.parametrize("backup", [False, True])
def test_killed_at_every_step(tmp_path, backup):
    """A process that ends, without any farewell, before each single line that saving goes through."""
    step = 0
    states = set()
    ended = False
    while not ended:
        folder = tmp_path / str(step)
        folder.mkdir()
        ledger = folder / "台账.xlsx"
        ledger.write_bytes(OLD)
        ended, _ = killed_at(step, Path(saving.__file__), lambda ledger=ledger: save(ledger, backup=backup))
        content = ledger.read_bytes()
        assert content in (OLD, NEW)
        left = {p: p.read_bytes() for p in folder.iterdir() if p != ledger}
        assert all(no_data(p.name) for p in left)
        backups = [data for p, data in left.items() if p.suffix == ".xlsx"]
        assert backups in ([], [OLD]) and (backups or not backup or content == OLD)
        states.add((content == NEW, len(backups), any(p.suffix == ".tmp" for p in left)))
        step += 1
    assert content == NEW and len(left) == backup
    assert step > 60 and len(states) == 3 + backup
