"""Putting the add-in where Excel loads it, and taking all of it away again.

XLSTART of the user and not AddIns with a value OPEN in the registry: Excel trusts XLSTART from the beginning, it is the
same for all versions of Excel, and nothing but a file has to be taken away again. All that was done stands in a record.
"""
from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import re
import shutil
from contextlib import suppress
from pathlib import Path, PureWindowsPath

from ... import __version__
from ...errors import LedgerError
from ..environment import ENVIRONMENT, HOME, INTERPRETER
from ..machine import Done, InstallError, Machine

ADDIN = "xl_poverty.xlam"
START = r"%APPDATA%\Microsoft\Excel\XLSTART"
TRUSTED = r"Software\Microsoft\Office\{}\Excel\Security\Trusted Locations"

_RECORD = "install.json"
_SHOWN_BY = "xl_poverty_packages.pth"  # in an environment that only shows on another Python's packages
_MARK = ":Zone.Identifier"  # the stream in which Windows notes that a file came from elsewhere
_CLOSE_EXCEL = "请保存并关闭所有 Excel 窗口（任务管理器里也不应再有 EXCEL.EXE），再运行一次"


def templates() -> Path:
    """The folder of the templates, in the checkout or in the installed package."""
    package = Path(__file__).parents[2]
    for folder in (package / "templates", package.parent / "templates"):
        if folder.is_dir():
            return folder
    raise InstallError("安装得不完整，缺少模板，请重新安装 xl_poverty")


def config_of(workbook: Path) -> dict[str, str]:
    """The hidden sheet of settings for xlwings in a workbook or add-in: key -> text. Raises LedgerError."""
    from ...ledger.files import read_book

    for sheet in read_book(workbook).sheets:
        if sheet.name.endswith(".conf"):
            rows = (sheet.row(number) for number in range(sheet.height))
            return {str(row[0]).upper(): str(row[1]) for row in rows if len(row) > 1 and row[0] and row[1] is not None}
    return {}


def dll_names(version: str) -> tuple[str, str]:
    """What xlwings' VBA loads: one for an Excel of 32 bits, one for 64. The bits of Python do not matter."""
    return f"xlwings32-{version}.dll", f"xlwings64-{version}.dll"


def is_marked(file: Path) -> bool:
    """Whether a file carries the mark of one that came from the internet or by mail."""
    try:
        return bool(re.search(rb"ZoneId=[34]", Path(f"{file}{_MARK}").read_bytes()))
    except OSError:
        return False


def installed_addin(machine: Machine) -> Path:
    return machine.path(START) / ADDIN


def install(machine: Machine, trust: Path | None = None, source: Path | None = None) -> Done:
    """Put the add-in into XLSTART, and see to the Python that it starts. Whatever is so already stays.

    trust: a folder of workbooks whose macros Excel is to run without asking. Raises InstallError, LedgerError.
    """
    _check_place(machine)
    source = source or templates() / ADDIN
    if not source.exists():
        raise InstallError(f"安装得不完整，缺少加载项 {ADDIN}，请重新安装 xl_poverty")
    version = machine.version_of("xlwings")
    wanted = config_of(source).get("XLWINGS_VERSION", version)
    if version is None or version != wanted:
        found = f"这里是 {version}" if version else "这里没有"
        raise InstallError(f"加载项要用 xlwings {wanted}，{found}。请运行：pip install \"xl_poverty[excel]\"")
    if trust is not None:
        trust = _trustworthy(machine, Path(trust))
    record = _Record(machine)
    done = Done()
    _see_to_python(machine, record, done)
    _see_to_dlls(machine, version, record, done)
    _put_addin(machine, source, record, done)
    if trust is not None:
        _trust(machine, trust, record, done)
    if not machine.excel_versions():
        done.remarks.append("没有找到 Microsoft Excel。WPS 不读这个加载项，请用命令行")
    elif machine.running("EXCEL.EXE"):
        done.remarks.append("Excel 正开着：全部关闭后再打开，才有“帮扶”选项卡")
    return done


def remove(machine: Machine) -> Done:
    """Undo what `install` did, from its record. Raises InstallError."""
    if not machine.windows:
        raise InstallError("这里不是 Windows，没有装过加载项")
    record, done = _Record(machine), Done()
    for key in list(record.keys):
        machine.delete(key)
        record.keys.remove(key)
        record.write()
        done.steps.append(f"取消了登记的信任位置 {key}")
    for file in sorted({*map(Path, record.files), installed_addin(machine)}):
        _take_away(file, record, done)
    for folder in list(record.folders):
        if Path(folder).exists():
            _remove_folder(Path(folder))
            done.steps.append(f"删除了 {folder}")
        record.folders.remove(folder)
        record.write()
    return done


class _Record:
    """What was done: files with what they were, keys of the registry, folders. On disk after every step."""

    def __init__(self, machine: Machine):
        self.path = machine.path(HOME) / _RECORD
        try:
            known = json.loads(self.path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            known = {}
        self.files: dict[str, dict] = known.get("files", {})
        self.keys: list[str] = known.get("keys", [])
        self.folders: list[str] = known.get("folders", [])

    def add_file(self, file: Path, content: bytes, replaced: str):
        self.files[str(file)] = {"sha256": _hash(content), "replaced": replaced}
        self.write()

    def write(self):
        told = {"version": __version__, "files": self.files, "keys": self.keys, "folders": self.folders}
        if not (self.files or self.keys or self.folders):
            self.path.unlink(missing_ok=True)
            with suppress(OSError):  # there is more in it
                self.path.parent.rmdir()
            return
        _write(self.path, json.dumps(told, ensure_ascii=False, indent=1).encode("utf-8"))


def _check_place(machine: Machine):
    if not machine.windows:
        raise InstallError("加载项只能装在有 Microsoft Excel 的 Windows 上；这里可以用命令行，功能一样")
    for name in ("APPDATA", "LOCALAPPDATA"):
        if not machine.environment.get(name):
            raise InstallError(f"这个用户没有环境变量 {name}，请注销后重新登录再试")
    if "\\windowsapps\\" in f"{machine.base_prefix}\\".lower():
        raise InstallError("这个 Python 来自微软商店，Excel 找不到它装的文件。请改装 python.org 的 Python，再重新安装")


def _see_to_python(machine: Machine, record: _Record, done: Done):
    """Excel starts INTERPRETER. Where this Python is another one, a small environment there shows on its packages."""
    folder, interpreter = machine.path(ENVIRONMENT), machine.path(INTERPRETER)
    if _same(folder, machine.prefix):
        if str(folder) in record.folders:  # 安装.bat has put a whole one where a small one was
            record.folders.remove(str(folder))
            record.write()
        return
    if interpreter.exists() and str(folder) not in record.folders:
        done.remarks.append(f"Excel 用的仍是 {folder} 里的 Python（由 安装.bat 安装），不是运行本命令的这一个")
        return
    # escaped, since nobody knows in which encoding a Python reads this file
    shown = "import site; " + "; ".join(f"site.addsitedir({ascii(str(one))})" for one in machine.libraries) + "\n"
    if interpreter.exists() and any(file.read_text() == shown for file in folder.rglob(_SHOWN_BY)):
        return
    if folder.exists():
        _remove_folder(folder)
    if str(folder) not in record.folders:
        record.folders.append(str(folder))
        record.write()
    (machine.make_environment(folder) / _SHOWN_BY).write_text(shown)
    done.steps.append(f"给 Excel 准备了 Python：{folder}")


def _see_to_dlls(machine: Machine, version: str, record: _Record, done: Done):
    """VBA looks for the DLL in the folder of the interpreter and in the one above it."""
    folder = machine.path(ENVIRONMENT)
    places = [Path(machine.prefix), Path(machine.executable).parent, *machine.libraries]
    for name in dll_names(version):
        if (folder / name).exists() or (machine.path(INTERPRETER).parent / name).exists():
            continue
        found = next((place / name for place in places if (place / name).exists()), None)
        if found is None:
            raise InstallError(
                f"缺少 xlwings 的文件 {name}，可能被杀毒软件删除了。"
                f"请在杀毒软件里恢复它，或运行：pip install --force-reinstall xlwings=={version}"
            )
        _put(folder / name, found.read_bytes(), record)
        done.steps.append(f"复制了 {name}")


def _put_addin(machine: Machine, source: Path, record: _Record, done: Done):
    target = installed_addin(machine)
    content = source.read_bytes()
    new = not target.exists()
    if new or target.read_bytes() != content or is_marked(target):
        _put(target, content, record)
        done.steps.append(f"{'装好' if new else '更新'}了加载项：{target}")
    elif str(target) not in record.files:
        record.add_file(target, content, "")


def _put(target: Path, content: bytes, record: _Record):
    """A file in its place, and in the record. A strange one that it replaces is kept for the day it is removed."""
    old = target.read_bytes() if target.exists() and not _is_ours(target, record) else None
    _write(target, content)
    kept = record.files.get(str(target), {}).get("replaced", "")
    if old is not None and not kept:
        place = record.path.parent / "replaced" / f"{dt.datetime.now():%Y%m%d-%H%M%S}_{target.name}"
        _write(place, old)
        kept = str(place)
    record.add_file(target, content, kept)


def _is_ours(file: Path, record: _Record) -> bool:
    """Whether we put a file there, also when Excel has saved it since."""
    if _hash(file.read_bytes()) == record.files.get(str(file), {}).get("sha256"):
        return True
    try:
        return file.suffix == Path(ADDIN).suffix and "XL_POVERTY_VERSION" in config_of(file)
    except LedgerError:
        return False


def _write(target: Path, content: bytes):
    """A new file under the name, not the old one written over: streams of the old one are gone with it."""
    temporary = target.with_name(f"~{target.name}.tmp")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_bytes(content)
        os.replace(temporary, target)
    except PermissionError:
        raise InstallError(f"不能写入 {target}：Excel 正在使用它。{_CLOSE_EXCEL}") from None
    except OSError as error:
        raise InstallError(f"不能写入 {target}：{error.strerror}") from None
    finally:
        for left in (temporary, Path(f"{target}{_MARK}")):
            with suppress(OSError):
                left.unlink()


def _take_away(file: Path, record: _Record, done: Done):
    if file.exists() and _is_ours(file, record):
        try:
            file.unlink()
        except PermissionError:
            raise InstallError(f"不能删除 {file}：Excel 正在使用它。{_CLOSE_EXCEL}") from None
        done.steps.append(f"删除了 {file}")
    kept = record.files.get(str(file), {}).get("replaced", "")
    if kept and Path(kept).is_file() and not file.exists():
        _write(file, Path(kept).read_bytes())
        Path(kept).unlink()
        with suppress(OSError):  # there are others
            Path(kept).parent.rmdir()
        done.steps.append(f"恢复了原来的 {file}")
    record.files.pop(str(file), None)
    record.write()


def _remove_folder(folder: Path):
    try:
        shutil.rmtree(folder)
    except OSError:
        raise InstallError(f"不能删除 {folder}：Excel 或它启动的 Python 正在使用它。{_CLOSE_EXCEL}") from None


def _trustworthy(machine: Machine, folder: Path) -> Path:
    """A folder that may be trusted: none into which files come by themselves. Raises InstallError."""
    folder = folder.absolute()
    if not machine.excel_versions():
        raise InstallError("没有找到 Microsoft Excel，不能登记信任的文件夹")
    if not folder.is_dir():
        raise InstallError(f"没有文件夹 {folder}，请先建好再信任它")
    text = str(folder)
    if text.startswith(("\\\\", "//")) or machine.values(rf"HKCU\Network\{text[:1]}"):
        raise InstallError(f"{folder} 在网络上，Excel 默认不信任网络位置。请用本机的文件夹，如 D:\\帮扶台账")
    user = machine.environment.get("USERPROFILE")
    wide = [folder.anchor, user, user and f"{user}/Desktop", user and f"{user}/Downloads", user and f"{user}/Documents"]
    wide += [machine.environment.get(name) for name in ("TEMP", "TMP", "APPDATA", "LOCALAPPDATA")]
    if any(one and _same(folder, one) for one in wide):
        raise InstallError(f"{folder} 里什么文件都可能有，信任它不安全。请另建一个只放台账的文件夹，如 D:\\帮扶台账")
    return folder


def _trust(machine: Machine, folder: Path, record: _Record, done: Done):
    text = str(folder).rstrip("\\/") + "\\"
    for version in machine.excel_versions():
        places = rf"HKCU\{TRUSTED.format(version)}"
        names = machine.subkeys(places)
        if any(_same(machine.value(rf"{places}\{name}", "Path") or "", text) for name in names):
            continue
        taken = {name.lower() for name in names}
        name = next(name for number in range(1000) if (name := f"Location{number}").lower() not in taken)
        record.keys.append(rf"{places}\{name}")
        record.write()
        today = f"{dt.date.today():%Y-%m-%d}"
        about = {"Path": text, "AllowSubfolders": 1, "Description": "xl_poverty", "Date": today}
        machine.write(rf"{places}\{name}", about)
        done.steps.append(f"Excel {version} 信任文件夹 {folder}")


def _same(one, other) -> bool:
    """Whether two paths mean one place, as Windows compares them."""
    with suppress(OSError):
        return os.path.samefile(one, other)
    return PureWindowsPath(os.path.normpath(str(one))) == PureWindowsPath(os.path.normpath(str(other)))


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
