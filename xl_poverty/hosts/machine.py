"""The computer as installing and diagnosing see it: registry, environment, programs. Tests use a double of it. And what
they say of it."""
from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path

try:
    import winreg
except ModuleNotFoundError:  # not Windows
    winreg = None


#: states of a `Finding`
FINE, DOUBT, WRONG, UNSEEN = "正常", "注意", "不行", "未看"


class InstallError(Exception):
    """What cannot be installed or taken away; the message says why and what to do."""


@dataclass
class Done:
    """What became of it, in sentences. `steps`: what was changed, empty when everything was as it should be."""

    steps: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Finding:
    """One thing looked at. `told` says what was found and what it means, `remedy` what to do about it."""

    state: str
    item: str
    told: str
    remedy: str = ""


class Machine:
    """This computer. Keys are written `HKCU\\Software\\…`; a key or value that is missing is None, never an error."""

    windows = sys.platform == "win32"
    environment: Mapping[str, str] = os.environ
    prefix = sys.prefix
    base_prefix = sys.base_prefix
    executable = sys.executable
    is_root = hasattr(os, "geteuid") and os.geteuid() == 0

    @property
    def libraries(self) -> list[Path]:
        """The folders in which this Python finds what is installed."""
        return [Path(one) for one in sys.path if Path(one).name in ("site-packages", "dist-packages")]

    def version_of(self, package: str) -> str | None:
        """The version of an installed package."""
        try:
            return metadata.version(package)
        except metadata.PackageNotFoundError:
            return None

    def make_environment(self, folder: Path) -> Path:
        """A bare environment of this Python; the folder in which it finds what is installed."""
        venv.EnvBuilder(with_pip=False).create(folder)
        return Path(sysconfig.get_path("purelib", "venv", {"base": str(folder)}))

    def value(self, key: str, name: str = ""):
        """A value of the registry; without a name the key's own."""
        return self.values(key).get(name)

    def values(self, key: str) -> dict:
        opened = self._open(key)
        if opened is None:
            return {}
        with opened:
            count = winreg.QueryInfoKey(opened)[1]
            return {name: value for name, value, _ in (winreg.EnumValue(opened, number) for number in range(count))}

    def subkeys(self, key: str) -> list[str]:
        opened = self._open(key)
        if opened is None:
            return []
        with opened:
            return [winreg.EnumKey(opened, number) for number in range(winreg.QueryInfoKey(opened)[0])]

    def write(self, key: str, values: dict):
        """Make a key with these texts and numbers."""
        hive, path = _parted(key)
        with winreg.CreateKeyEx(hive, path, 0, winreg.KEY_WRITE | winreg.KEY_WOW64_64KEY) as opened:
            for name, value in values.items():
                kind = winreg.REG_DWORD if isinstance(value, int) else winreg.REG_SZ
                winreg.SetValueEx(opened, name, 0, kind, value)

    def delete(self, key: str):
        """Delete a key that has no keys below it."""
        hive, path = _parted(key)
        try:
            winreg.DeleteKeyEx(hive, path, winreg.KEY_WOW64_64KEY)
        except FileNotFoundError:
            return

    def running(self, program: str) -> bool:
        """Whether somebody runs a program of this name, elsewhere than on Windows: whether this user does."""
        if not self.windows:
            return any(_is_called(process, program) for process in Path("/proc").glob("[0-9]*"))
        asked = ["tasklist", "/NH", "/FI", f"IMAGENAME eq {program}"]
        try:
            told = subprocess.run(asked, capture_output=True, timeout=30, check=False).stdout
        except (OSError, subprocess.TimeoutExpired):
            return False
        return program.lower().encode() in told.lower()

    def output(self, arguments: list[str], folder: Path, seconds: float) -> str:
        """What a program writes, in UTF-8, that is started in a folder. Raises OSError, subprocess.TimeoutExpired."""
        return self.run(arguments, folder, seconds)[1]

    def run(self, arguments: list[str], folder: Path, seconds: float) -> tuple[int, str]:
        """The exit code, and the same."""
        flags = getattr(subprocess, "CREATE_NO_WINDOW", 0)
        done = subprocess.run(
            arguments, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, timeout=seconds,
            check=False, creationflags=flags, cwd=folder, env={**self.environment, "PYTHONIOENCODING": "utf-8"},
        )  # fmt: skip
        return done.returncode, done.stdout.decode("utf-8", "replace")

    def program(self, name: str) -> Path | None:
        """A program that can be called by its name; where it really lies."""
        found = shutil.which(name, path=self.environment.get("PATH", ""))
        return Path(found).resolve() if found else None

    def ansi(self) -> str:
        """Python's name of the code page in which VBA hands paths to Windows."""
        page = self.value(r"HKLM\SYSTEM\CurrentControlSet\Control\Nls\CodePage", "ACP")
        return f"cp{page}" if page else "utf-8"

    def expanded(self, text: str) -> str:
        """%NAMES% of the environment filled in, whatever their case."""
        known = {name.upper(): value for name, value in self.environment.items()}
        return re.sub(r"%([^%]+)%", lambda found: known.get(found[1].upper(), found[0]), text)

    def path(self, text: str) -> Path:
        """A path as Windows writes it, with names of the environment in it."""
        return Path(self.expanded(text).replace("\\", os.sep))

    def excel_versions(self) -> list[str]:
        """Versions of Excel that left something in the registry, the newest first: 16.0, 15.0 …"""
        found = set()
        for hive in (r"HKCU\Software", r"HKLM\SOFTWARE", r"HKLM\SOFTWARE\WOW6432Node"):
            office = rf"{hive}\Microsoft\Office"
            for name in self.subkeys(office):
                if re.fullmatch(r"1\d\.0", name) and "excel" in map(str.lower, self.subkeys(rf"{office}\{name}")):
                    found.add(name)
        return sorted(found, reverse=True)

    def _open(self, key: str):
        if winreg is None:
            return None
        hive, path = _parted(key)
        try:
            return winreg.OpenKeyEx(hive, path, 0, winreg.KEY_READ | winreg.KEY_WOW64_64KEY)
        except OSError:
            return None


def _is_called(process: Path, program: str) -> bool:
    with suppress(OSError):  # it ended meanwhile
        return process.stat().st_uid == os.getuid() and (process / "comm").read_text().strip() == program
    return False


def _parted(key: str):
    """(hive, path): always the 64-bit view, so that every Python sees the same; WOW6432Node is written out."""
    hive, _, path = key.partition("\\")
    return {"HKCU": winreg.HKEY_CURRENT_USER, "HKLM": winreg.HKEY_LOCAL_MACHINE}[hive], path
