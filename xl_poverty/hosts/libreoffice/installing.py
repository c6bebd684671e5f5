"""Putting the extension into LibreOffice for the current user, taking it away, and why it does not work."""
from __future__ import annotations

import os
import re
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from ... import __version__
from ..machine import DOUBT, FINE, UNSEEN, WRONG, Done, Finding, InstallError, Machine
from .packaging import IDENTIFIER, OLDEST, build_oxt

EXTENSION = "xl_poverty.oxt"
_OLDEST = tuple(map(int, OLDEST.split(".")))
#: where LibreOffice tells Windows that it is
_REGISTERED = [rf"{hive}\SOFTWARE\{part}LibreOffice\UNO\InstallPath"
               for hive in ("HKLM", "HKCU") for part in ("", "WOW6432Node\\")]  # fmt: skip
_USUAL = ("/usr/lib/libreoffice/program", "/usr/lib64/libreoffice/program", "/opt/libreoffice*/program",
          "/Applications/LibreOffice.app/Contents/MacOS", r"%ProgramFiles%\LibreOffice\program")  # fmt: skip
_SECONDS = 180
_CLOSE = "请保存并关闭所有 LibreOffice 窗口（快速启动也要退出），再运行一次"


class _Office:
    """An installed LibreOffice: the folder of its programs."""

    def __init__(self, machine: Machine, folder: Path):
        self.machine, self.folder = machine, folder

    def run(self, program: str, *arguments: str) -> tuple[int, str]:
        """Raises InstallError."""
        # what ends in .com has a console in Windows and waits until it is done
        called = self.folder / (f"{program}.com" if self.machine.windows else program)
        try:
            return self.machine.run([str(called), *arguments], self.folder, _SECONDS)
        except subprocess.TimeoutExpired:
            raise InstallError(f"LibreOffice 的 {called.name} 过了 {_SECONDS} 秒没有结束。{_CLOSE}") from None
        except OSError as error:
            told = f"LibreOffice 的 {called.name} 启动不了（{error.strerror}），请重新安装 LibreOffice"
            raise InstallError(told) from None

    @property
    def version(self) -> tuple[int, ...]:
        """(25, 2, 3, 2); empty where it does not say."""
        found = re.search(r"LibreOffice\w* (\d+(?:\.\d+)+)", self.run("soffice", "--version")[1])
        return tuple(map(int, found[1].split("."))) if found else ()

    @property
    def installed(self) -> str | None:
        """The version of our extension that is there for this user."""
        code, told = self.run("unopkg", "list", IDENTIFIER)
        found = re.search(r"Version: *(\S+)", told)
        return found[1] if not code and found else None


def install(machine: Machine) -> Done:
    """Build the extension for the Python that runs this, and have LibreOffice install it. Raises InstallError."""
    office = _usable(machine)
    done = Done()
    before = office.installed
    with tempfile.TemporaryDirectory(prefix="xlp-") as folder:
        os.chmod(folder, 0o755)  # LibreOffice may run as somebody else
        file = Path(folder) / EXTENSION
        build_oxt(file, interpreter=Path(machine.executable))
        code, told = office.run("unopkg", "add", "-f", "-s", str(file))
    if code:
        raise InstallError(f"LibreOffice 没有装上扩展：{_reason(told)}")
    done.steps.append(f"{'更新' if before else '装好'}了 LibreOffice 的扩展 xl_poverty {__version__}")
    done.steps.append(f"按钮用的 Python：{machine.executable}")
    return done


def remove(machine: Machine) -> Done:
    """Raises InstallError."""
    office = _usable(machine, old=True)
    done = Done()
    if office.installed is None:
        return done
    code, told = office.run("unopkg", "remove", IDENTIFIER)
    if code:
        raise InstallError(f"LibreOffice 没有删除扩展：{_reason(told)}")
    done.steps.append("删除了 LibreOffice 的扩展 xl_poverty")
    return done


def diagnose(machine: Machine) -> Iterator[Finding]:
    """What there is to say of LibreOffice. Never raises for what is wrong on the computer."""
    office = _office(machine)
    if office is None:
        if not machine.excel_versions():
            told = "没有找到；没有 Microsoft Excel 的电脑可以装 LibreOffice 25.2 以后的版本"
            yield Finding(UNSEEN, "LibreOffice", told)
        return
    try:
        version = office.version
        told = ".".join(map(str, version)) or "版本不详"
        if version < _OLDEST:
            told += "，存 .xlsx 时会把函数名改坏"
            yield Finding(DOUBT, "LibreOffice", told, "要用函数和按钮，请升级到 25.2 以后的版本")
            return
        yield Finding(FINE, "LibreOffice", told)
        if _no_python(office):
            yield Finding(WRONG, "LibreOffice 的 Python", "没有装，扩展用不了", "apt install python3-uno")
        installed = None if machine.is_root else office.installed
    except InstallError as error:
        yield Finding(WRONG, "LibreOffice", str(error))
        return
    if installed == __version__:
        yield Finding(FINE, "LibreOffice 扩展", installed)
    elif installed:
        told = f"是 {installed}，这里是 {__version__}"
        yield Finding(WRONG, "LibreOffice 扩展", told, "xl-poverty install-oxt")
    else:
        yield Finding(UNSEEN, "LibreOffice 扩展", "没有装", "要在 LibreOffice 里用，请运行 xl-poverty install-oxt")


def _usable(machine: Machine, old: bool = False) -> _Office:
    """Raises InstallError."""
    if machine.is_root:  # LibreOffice refuses it, too, in other words
        raise InstallError("扩展装给当前用户：请用平时用 LibreOffice 的账户运行，不要用 root（不要加 sudo）")
    office = _office(machine)
    if office is None:
        raise InstallError("没有找到 LibreOffice。请先安装 LibreOffice 25.2 以后的版本（libreoffice.org），再运行一次")
    if not old and office.version < _OLDEST:
        told = ".".join(map(str, office.version)) or "版本不详"
        raise InstallError(f"LibreOffice 是 {told}，存 .xlsx 时会把函数名改坏。请升级到 25.2 以后的版本，再运行一次")
    if _no_python(office):
        raise InstallError("LibreOffice 缺少 Python 支持。请安装：apt install python3-uno，再运行一次")
    if any(machine.running(program) for program in ("soffice.bin", "soffice.exe")):
        raise InstallError(f"LibreOffice 正开着。{_CLOSE}")
    return office


def _office(machine: Machine) -> _Office | None:
    places = [machine.value(key) for key in _REGISTERED]
    found = machine.program("soffice")
    places.append(found and found.parent)
    for place in (Path(one) for one in places if one):
        if _is_office(place):
            return _Office(machine, place)
    for pattern in _USUAL:
        path = machine.path(pattern) if machine.windows == ("%" in pattern) else None
        for place in sorted(path.parent.parent.glob(f"{path.parent.name}/{path.name}")) if path else ():
            if _is_office(place):
                return _Office(machine, place)
    return None


def _is_office(folder: Path) -> bool:
    return any((folder / name).exists() for name in ("unopkg", "unopkg.com"))


def _no_python(office: _Office) -> bool:
    """Debian packs LibreOffice's Python apart."""
    return office.folder.as_posix().startswith("/usr/lib") and not (office.folder / "pythonloader.py").exists()


def _reason(told: str) -> str:
    """The first line that says what is wrong."""
    lines = [line.strip() for line in told.splitlines() if line.strip()]
    found = next((line for line in lines if line.startswith("ERROR:")), lines[0] if lines else "没有说明")
    return found.removeprefix("ERROR:").strip()
