"""A Windows computer with Excel that exists in a folder and a dictionary, for installing and diagnosing."""

from __future__ import annotations

import io
import json
import struct
from pathlib import Path

import xlsxwriter

from xl_poverty import __version__
from xl_poverty.hosts.excel.installing import INTERPRETER
from xl_poverty.hosts.machine import Machine

XLWINGS = "0.37.8"
EXCEL_SERVER = r"C:\Program Files\Microsoft Office\Root\Office16\EXCEL.EXE /automation"
_EXCEL_CLASS = "{00024500-0000-0000-C000-000000000046}"


class WindowsDouble(Machine):
    """Everything in order: Excel 16.0 of 64 bits, Python with xlwings and its DLLs, nothing of ours installed yet."""

    windows = True
    base_prefix = r"C:\Python312"

    def __init__(self, folder: Path, user: str = "张 三"):
        self.home = folder / user
        self.environment = {
            "APPDATA": str(self.home / "AppData/Roaming"),
            "LOCALAPPDATA": str(self.home / "AppData/Local"),
            "USERPROFILE": str(self.home),
            "TEMP": str(self.home / "AppData/Local/Temp"),
        }
        for name in ("APPDATA", "LOCALAPPDATA"):
            Path(self.environment[name]).mkdir(parents=True)
        python = folder / "Python 三一二"
        self.prefix, self.executable = str(python), str(python / "python.exe")
        self._libraries = [python / "Lib/site-packages"]
        self._libraries[0].mkdir(parents=True)
        for bits in (32, 64):
            (python / f"xlwings{bits}-{XLWINGS}.dll").write_bytes(b"MZ%d" % bits)
        self.versions = {"xlwings": XLWINGS, "pywin32": "312"}
        self.programs: set[str] = set()
        self.probe: object = self.told()
        self.excel = folder / "Office16" / "EXCEL.EXE"
        self.excel.parent.mkdir()
        self.excel.write_bytes(program(0x8664))
        self.registry: dict[str, dict] = {}
        self.put(r"HKCU\Software\Microsoft\Office\16.0\Excel\Security\Trusted Locations")
        self.put(r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\App Paths\excel.exe", {"": f'"{self.excel}"'})
        self.put(r"HKLM\SOFTWARE\Classes\Excel.Application\CLSID", {"": _EXCEL_CLASS})
        self.put(rf"HKLM\SOFTWARE\Classes\CLSID\{_EXCEL_CLASS}\LocalServer32", {"": EXCEL_SERVER})
        self.put(r"HKLM\SYSTEM\CurrentControlSet\Control\Nls\CodePage", {"ACP": "936"})

    def told(self, **changed) -> str:
        """What the interpreter that Excel starts says of itself."""
        told = {"python": [3, 12, 10], "bits": 64, "prefix": "", "failed": {}, "xl_poverty": __version__}
        return "a line of a site hook\n" + json.dumps({**told, "xlwings": XLWINGS, **changed})

    def put(self, key: str, values: dict | None = None):
        """A key, and the keys above it."""
        parts = key.split("\\")
        for end in range(1, len(parts) + 1):
            self.registry.setdefault("\\".join(parts[:end]), {})
        self.registry[key].update(values or {})

    @property
    def libraries(self):
        return self._libraries

    def values(self, key):
        return next((values for known, values in self.registry.items() if known.lower() == key.lower()), {})

    def subkeys(self, key):
        start = f"{key}\\".lower()
        return [known[len(start) :] for known in self.registry
                if known.lower().startswith(start) and "\\" not in known[len(start) :]]  # fmt: skip

    write = put

    def delete(self, key):
        self.registry.pop(key, None)

    def running(self, name):
        return name in self.programs

    def output(self, arguments, folder, seconds):
        if isinstance(self.probe, Exception):
            raise self.probe
        return self.probe

    def version_of(self, package):
        return self.versions.get(package)

    def make_environment(self, folder):
        for part in ("Scripts", "Lib/site-packages"):
            (folder / part).mkdir(parents=True)
        (folder / "Scripts/python.exe").write_bytes(b"MZ")
        return folder / "Lib/site-packages"

    def complete_environment(self):
        """The environment as 安装.bat makes it, and this as the Python that runs in it."""
        folder = Path(self.environment["LOCALAPPDATA"]) / "xl_poverty/python"
        self.make_environment(folder)
        for file in Path(self.prefix).glob("*.dll"):
            (folder / file.name).write_bytes(file.read_bytes())
        self.prefix, self.executable = str(folder), str(folder / "Scripts/python.exe")
        return folder

    @property
    def start(self) -> Path:
        return Path(self.environment["APPDATA"]) / "Microsoft/Excel/XLSTART"


def program(machine: int) -> bytes:
    """The beginning of a Windows program for a kind of processor."""
    return b"MZ" + b"\0" * 0x3A + struct.pack("<I", 0x80) + b"\0" * 0x40 + b"PE\0\0" + struct.pack("<H", machine)


def addin_like(version: str = __version__, xlwings: str = XLWINGS, interpreter: str = INTERPRETER) -> bytes:
    """A workbook with the settings of the add-in."""
    return workbook_of("xl_poverty.conf", {
        "INTERPRETER_WIN": interpreter, "XL_POVERTY_VERSION": version, "XLWINGS_VERSION": xlwings,
    })  # fmt: skip


def workbook_of(sheet: str, rows: dict[str, str], names: dict[str, str] | None = None) -> bytes:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        page = book.add_worksheet("操作")
        page.write(0, 0, "政策")
        for number, (name, text) in enumerate((names or {}).items()):
            page.write_string(number, 1, text)
            book.define_name(name, f"=操作!$B${number + 1}")
        page = book.add_worksheet(sheet)
        for number, row in enumerate(rows.items()):
            page.write_row(number, 0, row)
        page.very_hidden()
    return file.getvalue()
