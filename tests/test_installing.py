"""new, install-addin and its undoing, on a computer that is only a folder and a dictionary."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from windows_double import XLWINGS, WindowsDouble, addin_like

from xl_poverty.cli import main
from xl_poverty.errors import LedgerError
from xl_poverty.hosts.excel import installing
from xl_poverty.hosts.excel.installing import ADDIN, config_of, install, is_marked, remove
from xl_poverty.hosts.machine import InstallError, Machine

# ---- new

TEMPLATES = (
    "台账模板.xlsm", "台账模板.xlsx", "台账模板_双碾乡.xlsm", "台账模板_双碾乡.xlsx",
    "一户一策.xlsm", "一户一策.xlsx", "汇总.xlsm", "村级填报.xlsx", "xl_poverty.xlam",
)  # fmt: skip


@pytest.fixture
def templates(tmp_path, monkeypatch):
    folder, work = tmp_path / "templates", tmp_path / "工作 一"
    folder.mkdir()
    work.mkdir()
    for name in TEMPLATES:
        (folder / name).write_text(name, encoding="utf-8")
    monkeypatch.setattr(installing, "templates", lambda: folder)
    monkeypatch.chdir(work)
    return work


@pytest.mark.parametrize(
    ("asked", "written", "source"),
    [
        (["台账"], "台账模板.xlsm", "台账模板.xlsm"),
        (["台账模板"], "台账模板.xlsm", "台账模板.xlsm"),
        (["台账", "--portable"], "台账模板.xlsx", "台账模板.xlsx"),
        (["台账", "--policy", "双碾乡"], "台账模板_双碾乡.xlsm", "台账模板_双碾乡.xlsm"),
        (["台账", "--policy", "双发〔2022〕67号", "--portable"], "台账模板_双碾乡.xlsx", "台账模板_双碾乡.xlsx"),
        (["台账模板_双碾乡.xlsm"], "台账模板_双碾乡.xlsm", "台账模板_双碾乡.xlsm"),
        (["台账", "-o", "我的台账.xlsm"], "我的台账.xlsm", "台账模板.xlsm"),
        (["台账", "-o", "我的台账"], "我的台账.xlsm", "台账模板.xlsm"),
        (["台账", "-o", "台账2025.11"], "台账2025.11.xlsm", "台账模板.xlsm"),
        (["汇总", "-o", "."], "汇总.xlsm", "汇总.xlsm"),
        (["村级填报"], "村级填报.xlsx", "村级填报.xlsx"),
        (["村级填报", "--portable"], "村级填报.xlsx", "村级填报.xlsx"),
    ],
)
def test_new_writes_a_template(templates, capsys, asked, written, source):
    assert main(["new", *asked]) == 0
    assert [file.name for file in templates.iterdir()] == [written]
    assert (templates / written).read_text(encoding="utf-8") == source
    assert written in capsys.readouterr().out


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (["花名册"], "没有模板“花名册”，可用：一户一策、台账、村级填报、汇总"),
        (["xl_poverty"], "没有模板“xl_poverty”"),
        (["汇总", "--portable"], "“汇总”没有不带宏的模板"),
        (["汇总", "--policy", "双碾乡"], "“汇总”不分政策"),
        (["台账", "--policy", "阜阳市"], "没有阜阳市的模板。请用空白模板（xl-poverty new 台账），在“政策”格里填"),
        (["台账", "--policy", "某县"], "没有名为“某县”的政策"),
        (["台账", "-o", "台账.xlsx"], "要以 .xlsm 结尾，不是“.xlsx”（不要宏的请加 --portable）"),
        (["台账", "--portable", "-o", "台账.xlsm"], "要以 .xlsx 结尾"),
        (["台账", "-o", "没有的文件夹/台账.xlsm"], "台账.xlsm 没有保存：文件夹不见了"),
    ],
)
def test_new_says_what_it_cannot_write(templates, capsys, asked, told):
    assert main(["new", *asked]) == 1
    assert told in capsys.readouterr().err
    assert not list(templates.iterdir())


def test_new_never_writes_over_a_file(templates, capsys):
    mine = templates / "台账模板.xlsm"
    mine.write_text("填了三天", encoding="utf-8")
    for asked in (["台账"], ["台账", "-o", "台账模板.xlsm"], ["台账", "-o", "."]):
        assert main(["new", *asked]) == 1
        assert "已经有 台账模板.xlsm，没有覆盖" in capsys.readouterr().err
    assert mine.read_text(encoding="utf-8") == "填了三天"


@pytest.mark.parametrize("asked", [["--list"], [], ["台账", "--list"]])
def test_new_lists_the_templates(templates, capsys, asked):
    assert main(["new", *asked]) == 0
    told = capsys.readouterr().out
    assert "  台账模板_双碾乡（.xlsm、.xlsx）\n" in told and "  村级填报（.xlsx）\n" in told
    assert "xlam" not in told and not list(templates.iterdir())


# ---- install-addin


@pytest.fixture
def machine(tmp_path):
    return WindowsDouble(tmp_path)


@pytest.fixture
def addin(tmp_path):
    file = tmp_path / "package" / ADDIN
    file.parent.mkdir()
    file.write_bytes(addin_like())
    return file


def tree(machine) -> dict[str, bytes | None]:
    """All that lies in the user's folders, and the registry."""
    found = {str(f.relative_to(machine.home)): f.read_bytes() for f in machine.home.rglob("*") if f.is_file()}
    return {**found, **{key: str(values).encode() for key, values in machine.registry.items()}}


def test_everything_that_excel_needs_is_put_in_its_place(machine, addin):
    done = install(machine, source=addin)
    assert (machine.start / ADDIN).read_bytes() == addin.read_bytes()
    environment = machine.home / "AppData/Local/xl_poverty/python"
    assert (environment / "Scripts/python.exe").exists()
    # where VBA looks: the folder above the one of python.exe
    assert {file.name for file in environment.glob("*.dll")} == {f"xlwings{b}-{XLWINGS}.dll" for b in (32, 64)}
    shown = (environment / "Lib/site-packages/xl_poverty_packages.pth").read_bytes()
    assert shown.isascii() and ascii(str(machine.libraries[0])).encode("ascii") in shown
    assert len(done.steps) == 4 and not done.remarks
    assert not [file for file in machine.start.iterdir() if file.name != ADDIN]


def test_twice_is_as_good_as_once(machine, addin):
    install(machine, source=addin)
    before = tree(machine)
    assert install(machine, source=addin).steps == []
    assert tree(machine) == before


def test_all_of_it_can_be_taken_away(machine, addin):
    before = tree(machine)
    (machine.home / "台账").mkdir()
    install(machine, machine.home / "台账", addin)
    assert tree(machine) != before
    assert len(remove(machine).steps) == 5  # the trusted folder, the add-in, two DLLs, the environment
    assert tree(machine) == before
    assert not (machine.home / "AppData/Local/xl_poverty").exists()
    assert remove(machine).steps == []


def test_a_strange_file_of_that_name_comes_back(machine, addin):
    machine.start.mkdir(parents=True)
    (machine.start / ADDIN).write_bytes(b"somebody else's")
    before = tree(machine)
    install(machine, source=addin)
    addin.write_bytes(addin_like("0.2.0"))
    (machine.start / ADDIN).write_bytes(b"somebody else's, again")
    install(machine, source=addin)  # what was there first is what comes back
    assert "恢复了原来的" in "".join(remove(machine).steps)
    assert tree(machine) == before


def test_an_older_one_is_replaced_and_not_kept(machine, addin):
    machine.start.mkdir(parents=True)
    (machine.start / ADDIN).write_bytes(addin_like("0.0.9"))
    assert "更新了加载项" in "".join(install(machine, source=addin).steps)
    assert config_of(machine.start / ADDIN)["XL_POVERTY_VERSION"] != "0.0.9"
    remove(machine)
    assert not (machine.start / ADDIN).exists()


def test_one_that_excel_saved_since_is_still_ours(machine, addin):
    install(machine, source=addin)
    (machine.start / ADDIN).write_bytes(addin_like("saved by Excel"))
    remove(machine)
    assert not (machine.start / ADDIN).exists()


def test_one_without_a_record_is_known_by_its_settings(machine, addin):
    install(machine, source=addin)
    (machine.home / "AppData/Local/xl_poverty/install.json").unlink()
    remove(machine)
    assert not (machine.start / ADDIN).exists()


def test_a_file_that_is_not_ours_stays_when_all_is_taken_away(machine):
    machine.start.mkdir(parents=True)
    (machine.start / ADDIN).write_bytes(b"somebody else's")
    assert remove(machine).steps == []
    assert (machine.start / ADDIN).read_bytes() == b"somebody else's"


def test_the_mark_of_a_download_does_not_come_along(machine, addin):
    stream = Path(f"{machine.start / ADDIN}:Zone.Identifier")
    machine.start.mkdir(parents=True)
    (machine.start / ADDIN).write_bytes(addin.read_bytes())  # the same file, but copied there with its mark
    for file in (machine.start / ADDIN, addin):
        Path(f"{file}:Zone.Identifier").write_bytes(b"[ZoneTransfer]\r\nZoneId=3\r\n")
    assert is_marked(machine.start / ADDIN)
    assert install(machine, source=addin).steps
    assert not stream.exists() and not is_marked(machine.start / ADDIN)


def test_a_file_of_this_computer_carries_no_mark(tmp_path):
    file = tmp_path / "a.xlsm"
    assert not is_marked(file)
    Path(f"{file}:Zone.Identifier").write_bytes(b"[ZoneTransfer]\r\nZoneId=0\r\n")
    assert not is_marked(file)


def test_a_newer_version_of_xlwings_brings_its_dlls(machine, addin):
    install(machine, source=addin)
    for bits in (32, 64):
        (Path(machine.prefix) / f"xlwings{bits}-9.9.dll").write_bytes(b"MZ new")
    machine.versions["xlwings"] = "9.9"
    addin.write_bytes(addin_like(xlwings="9.9"))
    install(machine, source=addin)
    environment = machine.home / "AppData/Local/xl_poverty/python"
    assert (environment / "xlwings64-9.9.dll").read_bytes() == b"MZ new"
    before = set(machine.home.rglob("*.dll"))
    remove(machine)
    assert before and not set(machine.home.rglob("*.dll"))


# ---- the Python that Excel starts


def test_in_the_environment_of_the_installer_nothing_is_made(machine, addin):
    folder = machine.complete_environment()
    before = {file: file.read_bytes() for file in folder.rglob("*") if file.is_file()}
    assert len(install(machine, source=addin).steps) == 1
    remove(machine)
    assert {file: file.read_bytes() for file in folder.rglob("*") if file.is_file()} == before


def test_another_python_leaves_the_environment_of_the_installer_alone(machine, addin):
    own = machine.prefix, machine.executable
    folder = machine.complete_environment()
    machine.prefix, machine.executable = own
    done = install(machine, source=addin)
    assert "安装.bat" in "".join(done.remarks) and not list(folder.rglob("*.pth"))
    remove(machine)
    assert (folder / "Scripts/python.exe").exists()


def test_the_installer_may_take_the_place_of_a_small_environment(machine, addin):
    install(machine, source=addin)
    shutil.rmtree(machine.home / "AppData/Local/xl_poverty/python")
    folder = machine.complete_environment()
    install(machine, source=addin)
    remove(machine)
    assert (folder / "Scripts/python.exe").exists()


def test_a_small_environment_follows_its_python(machine, addin):
    install(machine, source=addin)
    machine._libraries = [Path(machine.prefix) / "Lib/other-packages"]
    assert "准备了 Python" in "".join(install(machine, source=addin).steps)
    (shown,) = machine.home.rglob("*.pth")
    assert "other-packages" in shown.read_text()


def test_a_real_small_environment_finds_the_packages(tmp_path):
    """The way of the .pth file, with Python itself and a folder of a difficult name."""
    library = tmp_path / "用户's 库 é" / "site-packages"
    library.mkdir(parents=True)
    (library / "shown_package.py").write_text("found = True\n")
    (library / "nested.pth").write_text("import sys; sys.nested_was_read = True\n")  # as pywin32 has one

    class Here(WindowsDouble):
        make_environment = Machine.make_environment

    machine = Here(tmp_path / "computer")
    machine._libraries = [library]
    source = tmp_path / ADDIN
    source.write_bytes(addin_like())
    install(machine, source=source)
    program = machine.home / "AppData/Local/xl_poverty/python" / ("Scripts" if os.name == "nt" else "bin") / "python"
    asked = "import sys, shown_package; print(shown_package.found, sys.nested_was_read)"
    said = subprocess.run([program, "-c", asked], capture_output=True, text=True, check=True, cwd=tmp_path)
    assert said.stdout == "True True\n"


# ---- what is refused


def refused(machine, addin, told, **asked):
    before = tree(machine)
    with pytest.raises(InstallError, match=told):
        install(machine, source=addin, **asked)
    assert tree(machine) == before


def test_not_windows(addin):
    assert sys.platform != "win32"
    with pytest.raises(InstallError, match="只能装在有 Microsoft Excel 的 Windows"):
        install(Machine(), source=addin)
    with pytest.raises(InstallError, match="不是 Windows"):
        remove(Machine())


def test_the_command_says_so_too(capsys):
    assert main(["install-addin"]) == 1 and main(["install-addin", "--remove"]) == 1
    assert capsys.readouterr().err.count("Windows") == 2


def test_xlwings_must_be_there_and_of_the_version_of_the_add_in(machine, addin):
    machine.versions["xlwings"] = "0.37.9"
    refused(machine, addin, "要用 xlwings 0.37.8，这里是 0.37.9")
    del machine.versions["xlwings"]
    refused(machine, addin, "要用 xlwings 0.37.8，这里没有")


def test_a_dll_that_is_gone(machine, addin):
    machine.complete_environment()
    (Path(machine.prefix) / f"xlwings64-{XLWINGS}.dll").unlink()
    refused(machine, addin, f"缺少 xlwings 的文件 xlwings64-{XLWINGS}.dll，可能被杀毒软件删除了")


def test_a_dll_beside_the_packages_is_found(machine, addin):
    """pip install --target puts it there."""
    for file in Path(machine.prefix).glob("*.dll"):
        file.rename(machine.libraries[0] / file.name)
    install(machine, source=addin)
    assert (machine.home / f"AppData/Local/xl_poverty/python/xlwings64-{XLWINGS}.dll").exists()


def test_python_of_the_microsoft_store(machine, addin):
    machine.base_prefix = r"C:\Program Files\WindowsApps\PythonSoftwareFoundation.Python.3.12_3.12.2800.0_x64__qbz5n2"
    refused(machine, addin, "微软商店")


def test_a_user_without_folders(machine, addin):
    machine.environment["APPDATA"] = ""
    refused(machine, addin, "APPDATA")


def test_a_package_without_the_add_in(machine, tmp_path):
    refused(machine, tmp_path / "none.xlam", "缺少加载项")


def test_excel_holds_the_add_in(machine, addin, monkeypatch):
    """Windows refuses to replace what Excel has open: the old one stays, no other file is left in XLSTART."""
    install(machine, source=addin)
    old = addin.read_bytes()
    addin.write_bytes(addin_like("0.2.0"))
    replace, unlink = os.replace, Path.unlink

    def held(source, target):
        if Path(target).name == ADDIN:
            raise PermissionError(13, "held", str(target))
        replace(source, target)

    def kept(self, missing_ok=False):
        if self.name == ADDIN:
            raise PermissionError(13, "held", str(self))
        unlink(self, missing_ok)

    with monkeypatch.context() as patched:
        patched.setattr(os, "replace", held)
        patched.setattr(Path, "unlink", kept)
        refused(machine, addin, "Excel 正在使用它。请保存并关闭所有 Excel 窗口")
        with pytest.raises(InstallError, match="Excel 正在使用它"):
            remove(machine)
    assert [file.name for file in machine.start.iterdir()] == [ADDIN]
    assert (machine.start / ADDIN).read_bytes() == old
    remove(machine)
    assert not (machine.start / ADDIN).exists()


def test_excel_runs_and_is_told_to_start_again(machine, addin):
    machine.programs.add("EXCEL.EXE")
    assert "再打开" in "".join(install(machine, source=addin).remarks)


def test_a_computer_with_wps_alone(machine, addin):
    machine.registry.clear()
    assert "WPS 不读这个加载项" in "".join(install(machine, source=addin).remarks)


# ---- trusted folders

PLACES = r"HKCU\Software\Microsoft\Office\16.0\Excel\Security\Trusted Locations"


def test_a_folder_is_trusted_once_and_under_a_free_number(machine, addin):
    ours = machine.home / "帮扶 台账"
    ours.mkdir()
    machine.put(rf"{PLACES}\Location0", {"Path": "C:\\Templates\\"})
    machine.put(rf"{PLACES}\Location2", {"Path": "C:\\Start\\"})
    machine.put(r"HKCU\Software\Microsoft\Office\15.0\Excel")
    install(machine, ours, addin)
    entry = machine.values(rf"{PLACES}\Location1")
    assert entry["Path"] == f"{ours}\\" and entry["AllowSubfolders"] == 1
    assert machine.values(rf"{PLACES.replace('16.0', '15.0')}\Location0")["Path"] == f"{ours}\\"
    assert install(machine, ours, addin).steps == []
    remove(machine)
    assert machine.subkeys(PLACES) == ["Location0", "Location2"]


@pytest.mark.parametrize("folder", ["", "Desktop", "Downloads", "Documents", "AppData/Roaming", "AppData/Local/Temp"])
def test_a_folder_into_which_anything_may_come_is_not_trusted(machine, addin, folder):
    place = machine.home / folder
    place.mkdir(parents=True, exist_ok=True)
    refused(machine, addin, "里什么文件都可能有", trust=place)


def test_neither_a_drive_nor_a_folder_that_is_not_there_nor_one_on_the_network(machine, addin, monkeypatch):
    refused(machine, addin, "里什么文件都可能有", trust=Path("/"))
    refused(machine, addin, "没有文件夹", trust=machine.home / "没有")
    ours = machine.home / "台账"
    ours.mkdir()
    machine.put(rf"HKCU\Network\{str(ours)[0]}", {"RemotePath": r"\\server\share"})
    refused(machine, addin, "在网络上", trust=ours)


def test_no_folder_is_trusted_without_excel(machine, addin):
    (machine.home / "台账").mkdir()
    machine.registry.clear()
    refused(machine, addin, "没有找到 Microsoft Excel", trust=machine.home / "台账")


# ---- the computer itself


class FakeRegistry:
    """winreg as far as it is used, with the calls that the real one has."""

    HKEY_CURRENT_USER, HKEY_LOCAL_MACHINE, KEY_READ, KEY_WRITE, KEY_WOW64_64KEY = "U", "M", 1, 2, 256
    REG_SZ, REG_DWORD = 1, 4

    class Key(dict):
        def __exit__(self, *_):
            self.closed = True

        def __enter__(self):
            return self

    def __init__(self):
        self.keys = {}

    def OpenKeyEx(self, key, sub_key, reserved, access):
        assert access == self.KEY_READ | self.KEY_WOW64_64KEY and reserved == 0
        if (key, sub_key) not in self.keys:
            raise FileNotFoundError(2, "no such key")
        return self.keys[key, sub_key]

    def CreateKeyEx(self, key, sub_key, reserved, access):
        assert access == self.KEY_WRITE | self.KEY_WOW64_64KEY and reserved == 0
        return self.keys.setdefault((key, sub_key), self.Key())

    def SetValueEx(self, key, name, reserved, kind, value):
        assert kind == (self.REG_DWORD if isinstance(value, int) else self.REG_SZ) and reserved == 0
        key[name] = (value, kind)

    def DeleteKeyEx(self, key, sub_key, access):
        assert access == self.KEY_WOW64_64KEY
        if (key, sub_key) not in self.keys:
            raise FileNotFoundError(2, "no such key")
        del self.keys[key, sub_key]

    def _below(self, key):
        (own,) = [known for known, value in self.keys.items() if value is key]
        start = f"{own[1]}\\"
        return [path[len(start) :] for hive, path in self.keys if hive == own[0] and path.startswith(start)]

    def QueryInfoKey(self, key):
        return len(self._below(key)), len(key), 0

    def EnumKey(self, key, index):
        return self._below(key)[index]

    def EnumValue(self, key, index):
        name = list(key)[index]
        return name, *key[name]


def test_the_registry_is_read_and_written(monkeypatch):
    monkeypatch.setattr("xl_poverty.hosts.machine.winreg", FakeRegistry())
    computer, key = Machine(), r"HKCU\Software\Microsoft\Office\16.0"
    computer.delete(key)
    computer.write(r"HKCU\Software\Microsoft\Office", {})
    computer.write(key, {"Path": "D:\\台账\\", "AllowSubfolders": 1, "": "own"})
    assert computer.values(key) == {"Path": "D:\\台账\\", "AllowSubfolders": 1, "": "own"}
    assert computer.value(key, "Path") == "D:\\台账\\" and computer.value(key) == "own"
    assert computer.subkeys(r"HKCU\Software\Microsoft\Office") == ["16.0"]
    assert computer.value(key.replace("HKCU", "HKLM"), "Path") is None and computer.subkeys(r"HKLM\none") == []
    computer.delete(key)
    assert computer.values(key) == {}


def test_a_computer_without_registry_has_nothing_in_it():
    computer = Machine()
    assert computer.value(r"HKLM\SOFTWARE", "x") is None and computer.subkeys("HKCU") == []
    assert computer.excel_versions() == [] and computer.ansi() == "utf-8" and not computer.running("EXCEL.EXE")


def test_names_of_the_environment_are_filled_in(machine):
    machine.environment["LocalAppData"] = "wrong case, still the same name on Windows"
    del machine.environment["LOCALAPPDATA"]
    assert machine.expanded("%LOCALAPPDATA%/a%b%") == "wrong case, still the same name on Windows/a%b%"


def test_all_that_is_said_can_be_written_to_a_file_on_a_chinese_windows():
    """There a redirected output is in the code page."""
    package = Path(installing.__file__).parent
    for file in (package / "doctor.py", package / "installing.py", package.parents[1] / "cli" / "install.py"):
        file.read_text(encoding="utf-8").encode("gbk")


# ---- the add-in that is shipped


def test_the_add_in_starts_the_python_that_is_installed():
    config = config_of(installing.templates() / ADDIN)
    assert config["INTERPRETER_WIN"] == installing.INTERPRETER
    assert config["XL_POVERTY_VERSION"] == installing.__version__
    assert config["XLWINGS_VERSION"] == XLWINGS == Machine().version_of("xlwings")


def test_a_workbook_without_settings_has_none(tmp_path):
    assert config_of(Path(__file__).parents[1] / "workbooks" / "双碾乡台账.xlsx") == {}
    broken = tmp_path / ADDIN
    broken.write_bytes(b"PK\3\4 cut short")
    with pytest.raises(LedgerError):
        config_of(broken)
