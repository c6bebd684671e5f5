"""Saving a file so that whatever happens the old one or the new one is there, whole.

Written is a temporary file beside the target, which then takes the target's name in one step. Where the target must not
be replaced (open elsewhere, read-only, changed meanwhile) the result stays beside it under a name of its own.
"""

from __future__ import annotations

import errno
import io
import os
import re
import secrets
import shutil
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from ..errors import LedgerError

#: what a crash may leave behind: never taken for data, and cleared away when it is a day old
_TEMPORARY = re.compile(r"\.~xlp-[0-9a-f]{16}\.tmp")
_STALE = 24 * 3600
_BACKUP = re.compile(r"_备份_\d{8}-\d{6}(?: \(\d+\))?$")
#: program -> how it names the file that says who has a workbook open
_OWNERS = {"Excel": "~${}", "WPS": ".~{}", "LibreOffice": ".~lock.{}#"}
#: virus scanners and search indexes hold a new file for a moment on Windows
_PAUSES = (0.1, 0.2, 0.4, 0.8) if os.name == "nt" else ()
_LONGEST_NAME = 255  # bytes on Linux; on Windows and macOS UTF-16 units, of which no name has more than bytes
_LONGEST_PATH = 240  # Windows: 260 of a file, 248 of its folder


@dataclass(frozen=True)
class Saved:
    """Where the result is.

    moved_because: "" when it is where it should be; else a sentence that says why the target stayed as it was and what
    to do about it.
    """

    path: Path
    backup: Path | None = None
    moved_because: str = ""


class SavingFile(io.BufferedRandom):
    """What `saved` hands out: a binary file to write, seek and read in, not to close. `result` is there after it."""

    result: Saved | None = None


@contextmanager
def saved(
    target, *, source=None, backup: bool = False, check: Callable[[BinaryIO], object] | None = None, seen=None
) -> Iterator[SavingFile]:
    """Write `target` as a whole or not at all.

    source: the file that the result was made of; a new target is as private as it is
    backup: a copy of the present target is put beside it first. All of them are kept: none is overwritten or deleted
    check:  looks at the written file before it takes the target's name; whatever it raises leaves the target as it was
    seen:   `state_of(target)` as it was when it was read: changes that somebody makes after that are not overwritten

    Raises LedgerError, with the target as it was and no temporary file left.
    """
    target = Path(target)
    with told_in_words(target):
        real = _real(target)
        _check_place(real)
        if seen is None:
            seen = state_of(real)
        _clear_away(real.parent)
        temporary, file = _temporary(real.parent)
        try:
            yield file
            file.flush()
            _adopt_mode(temporary, real, source)
            _fsync(file.fileno())
            if check is not None:
                file.seek(0)
                check(file)
            file.close()
            done = _put(temporary, real, seen, backup)
            beside = real if target.is_symlink() else target  # not the long form of a path that Windows wants
            kept = done.backup and beside.with_name(done.backup.name)
            file.result = Saved(beside.with_name(done.path.name), kept, done.moved_because)
        finally:
            with suppress(OSError):  # what could not be written cannot be flushed either
                file.close()
            with suppress(OSError):
                os.unlink(temporary)


@contextmanager
def told_in_words(target) -> Iterator[None]:
    """What a system refuses while `target` is made becomes a LedgerError. `saved` does that by itself."""
    try:
        yield
    except OSError as error:
        raise LedgerError(_sentence(error, Path(target))) from error


def lock_of(path) -> str:
    """The program, and where it says so the person, that has a workbook open; "" where nobody has.

    A hint: it is told by the owner file beside the workbook, which a crash leaves behind.
    """
    owner = _owner(Path(path))
    return owner[0] if owner else ""


def free_name(path) -> Path:
    """The path itself, or the first of its kind that is free: 台账.xlsx, 台账 (2).xlsx …"""
    path = _fitting(Path(path), "")
    free, number = path, 2
    while os.path.lexists(free):
        free, number = _fitting(path, f" ({number})"), number + 1
    return free


def result_name(path) -> Path:
    """<name>_核算结果.xlsx beside a workbook that must not be written to."""
    return _fitting(Path(path), "_核算结果")


def no_data(name: str) -> bool:
    """Whether a file, by its name, is none that somebody keeps data in: our temporaries and backups, owner files."""
    name = os.path.basename(name)
    return name.startswith(("~$", ".~")) or _BACKUP.search(os.path.splitext(name)[0]) is not None


def backed_up(path, content=None) -> Path:
    """A copy of a file beside it, under a name of its own; `content`: a file that holds what it is to be a copy of.
    Raises LedgerError."""
    with told_in_words(path):
        return _backed_up(Path(path), Path(content or path))


def state_of(path) -> tuple[int, int, int] | None:
    """What changes when somebody saves a file; None where there is none."""
    try:
        found = os.stat(path)
    except (FileNotFoundError, NotADirectoryError):
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


# ---- places and names


def _real(target: Path) -> Path:
    """Where a link leads: a file that took the place of the link would leave the one behind it as it was."""
    real = Path(os.path.realpath(target)) if target.is_symlink() else target
    if os.name == "nt":
        import ntpath

        return Path(_extended(str(real), ntpath))
    return real


def _extended(path: str, windows) -> str:
    """A path that is too long for Windows in the form in which it is not."""
    path = windows.abspath(path)
    if len(path) < _LONGEST_PATH or path.startswith("\\\\?\\"):
        return path
    return f"\\\\?\\UNC\\{path[2:]}" if path.startswith("\\\\") else f"\\\\?\\{path}"


def _check_place(real: Path):
    if real.is_dir():
        raise LedgerError(f"{real.name} 是文件夹，请给结果另起一个文件名")
    if not real.parent.is_dir():
        raise LedgerError(f"输出文件夹不存在：{real.parent}")
    if os.path.lexists(real) and not real.is_file():  # a device or a pipe would be replaced by a file
        raise LedgerError(f"{real.name} 不是普通文件，请给结果另起一个文件名")


def _fitting(path: Path, addition: str) -> Path:
    """The path with something added to its stem, which is cut where the name would be too long."""
    stem = path.stem
    while stem and len(os.fsencode(f"{stem}{addition}{path.suffix}")) > _LONGEST_NAME:
        stem = stem[:-1]
    return path.with_name(f"{stem}{addition}{path.suffix}")


def _temporary(folder: Path) -> tuple[Path, SavingFile]:
    # not tempfile.mkstemp: in a folder that may not be written to it tries names for ever on Windows
    path = folder / f".~xlp-{secrets.token_hex(8)}.tmp"
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL
    for name in ("O_BINARY", "O_NOINHERIT", "O_CLOEXEC", "O_NOFOLLOW"):
        flags |= getattr(os, name, 0)
    return path, SavingFile(io.FileIO(os.open(path, flags, 0o600), "r+b"), 1 << 18)


def _clear_away(folder: Path):
    """Remove what crashes of ours left in the folder."""
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if _TEMPORARY.fullmatch(entry.name):
                with suppress(OSError):
                    found = entry.stat(follow_symlinks=False)
                    if stat.S_ISREG(found.st_mode) and time.time() - found.st_mtime > _STALE:
                        os.unlink(entry.path)


# ---- who has it open


def _owner(path: Path) -> tuple[str, str] | None:
    """(who, name of the owner file)"""
    for program, pattern in _OWNERS.items():
        owner = path.with_name(pattern.format(path.name))
        if os.path.isfile(owner):  # its name may be too long to exist
            person = ""
            with suppress(OSError, UnicodeDecodeError, ValueError, IndexError):
                person = _person(program, owner)
            return f"{program}（{person}）" if person else program, owner.name
    return None


def _person(program: str, owner: Path) -> str:
    with open(owner, "rb") as file:
        content = file.read(2000)
    if program == "LibreOffice":  # name,login,computer,…
        names = content.decode("utf-8").replace("\\,", " ").split(",")[:2]
        person = names[0].strip() or names[1].strip()
    elif len(content) == 165:  # the name in one byte per character, padded, and again in two
        length = int.from_bytes(content[55:57], "little")
        person = content[57 : 57 + 2 * length].decode("utf-16-le").strip(" \0")
    else:
        return ""
    # a login may be the number of a phone or an ID card
    return person if len(person) <= 30 and person.isprintable() and not re.search(r"\d{6}", person) else ""


def _held(real: Path, seen) -> str:
    """Why the target must not be replaced; "" where it may."""
    now = state_of(real)
    if now is None:
        return ""
    if now != seen:
        return f"{real.name} 刚才被别的程序改过，为了不盖掉那些改动，没有替换它；请核对两个文件"
    if is_read_only(real):
        return f"{real.name} 是只读文件，没有替换它；要直接写进去，请先去掉文件的只读属性"
    owner = _owner(real)
    if owner:
        who, file = owner
        return (
            f"{real.name} 正在 {who} 里打开，没有替换它；请先关闭再试，"
            f"如果其实没有人打开，请删除同一文件夹里的 {file} 再试"
        )
    return ""


def is_read_only(path) -> bool:
    """Whether a file says that it must not be written to; to an administrator too."""
    try:
        return not os.stat(path).st_mode & 0o222 or not os.access(path, os.W_OK)
    except FileNotFoundError:
        return False


# ---- the last steps


def _put(temporary: Path, real: Path, seen, backup: bool) -> Saved:
    because, kept = _held(real, seen), None
    if not because:
        try:
            if backup and real.exists():
                kept = _backed_up(real, real)
                because = _held(real, seen)
            if not because:
                _replace(temporary, real)
                _fsync_folder(real.parent)
                return Saved(real, kept)
        except PermissionError:
            because = f"{real.name} 写不进去，可能正在 Excel 或 WPS 里打开；请关闭后再试"
        except BaseException:
            _forget(kept, real, seen)
            raise
        _forget(kept, real, seen)
    path = _put_free(temporary, result_name(real))
    _fsync_folder(real.parent)
    return Saved(path, None, because)


def _forget(backup: Path | None, real: Path, seen):
    """Remove a backup that is none, since the original is there untouched."""
    if backup is not None and state_of(real) == seen:
        with suppress(OSError):
            os.unlink(backup)


def _replace(temporary: Path, real: Path):
    for pause in _PAUSES:
        try:
            return os.replace(temporary, real)
        except PermissionError:
            time.sleep(pause)
    return os.replace(temporary, real)


def _put_free(temporary: Path, wished: Path) -> Path:
    """Give the temporary file a name that is free, never that of another file. Returns the name."""
    while True:
        path = free_name(wished)
        try:
            if os.name == "nt":
                os.rename(temporary, path)  # refuses to replace, there
            else:
                try:
                    os.link(temporary, path)
                except FileExistsError:
                    raise
                except OSError:  # memory sticks know no links; that the name was free is then all that can be said
                    os.rename(temporary, path)
                else:
                    os.unlink(temporary)
        except FileExistsError:
            continue
        return path


def _backed_up(real: Path, content: Path) -> Path:
    """A copy, not a link: programs that write into the file itself would change a linked backup with it."""
    temporary, file = _temporary(real.parent)
    try:
        with file:
            with open(content, "rb") as original:
                shutil.copyfileobj(original, file, 1 << 20)
            file.flush()
            _fsync(file.fileno())
        with suppress(OSError):
            shutil.copystat(content, temporary)  # it shows when the ledger was last worked on
        path = _put_free(temporary, _fitting(real, f"_备份_{time.strftime('%Y%m%d-%H%M%S')}"))
        _fsync_folder(real.parent)
        return path
    finally:
        with suppress(OSError):
            os.unlink(temporary)


def _adopt_mode(temporary: Path, real: Path, source):
    """Who may read and write it: as the file that is replaced, else as the source, else as any new file."""
    like = real if real.exists() else Path(source) if source is not None else None
    try:
        found = os.stat(like) if like is not None else None
    except FileNotFoundError:
        found = None
    if found is None:
        mode = 0o666 & ~_umask()
    elif like is real:
        mode = stat.S_IMODE(found.st_mode)
        if hasattr(os, "chown") and (found.st_uid, found.st_gid) != (os.geteuid(), os.getegid()):
            with suppress(OSError):
                os.chown(temporary, found.st_uid, found.st_gid)
    else:
        mode = found.st_mode & 0o666 | 0o600
    with suppress(PermissionError, NotImplementedError):  # some network drives know no modes
        os.chmod(temporary, mode)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _fsync(handle: int):
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP, errno.ENOSYS):  # drives that cannot
            raise


def _fsync_folder(folder: Path):
    """So that the new name outlives a power failure; Windows has no such thing."""
    if os.name != "posix":
        return
    with suppress(OSError):  # the file is in its place already
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


# ---- what is said


_FULL = "磁盘空间不够；请删除不用的文件，或换一个磁盘后再试"
_BARRED = "没有写入的权限；请换一个文件夹，或请管理员给这个文件夹写入权限"
_WHY = {
    errno.ENOSPC: _FULL,
    errno.EDQUOT: _FULL,
    errno.EFBIG: "磁盘存不下这么大的文件；请换一个磁盘（U 盘可能要改用 NTFS 或 exFAT 格式）后再试",
    errno.EROFS: "磁盘或文件夹是只读的；请换一个文件夹后再试",
    errno.EACCES: _BARRED,
    errno.EPERM: _BARRED,
    errno.ENAMETOOLONG: "文件名或文件夹路径太长；请缩短文件名，或换到上层的文件夹后再试",
    errno.ENOENT: "文件夹不见了，U 盘或网络盘可能断开了；请重新连接后再试",
    errno.EIO: "磁盘读写出错，U 盘或网络盘可能断开了；请重新连接，或换一个磁盘后再试",
    errno.EINVAL: '文件名里可能有不能用的字符（如 ? * : " < > |）；请改文件名后再试',
}
_TOO_LONG = 206  # what Windows says of paths


def _sentence(error: OSError, target: Path) -> str:
    name = target.name
    if getattr(error, "winerror", None) == _TOO_LONG:
        why = _WHY[errno.ENAMETOOLONG]
    else:
        why = _WHY.get(error.errno) or f"{error.strerror or type(error).__name__}；请换一个文件夹后再试"
    kept = f"，原来的 {name} 没有改动" if os.path.lexists(target) else ""
    return f"{name} 没有保存{kept}：{why}"
