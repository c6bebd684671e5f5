"""doctor: what keeps functions and buttons from working is told, with a remedy; a sound computer has no fault."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from windows_double import XLWINGS, WindowsDouble, addin_like, program, workbook_of

from xl_poverty.cli import main
from xl_poverty.formulas.office import office
from xl_poverty.hosts.excel import doctor, installing
from xl_poverty.hosts.excel.doctor import diagnose
from xl_poverty.hosts.excel.installing import ADDIN, INTERPRETER, install
from xl_poverty.hosts.machine import DOUBT, FINE, UNSEEN, WRONG, Machine

OFFICE = r"Software\Microsoft\Office\16.0"
RULED = r"HKCU\Software\Policies\Microsoft\Office\16.0"
ASR = r"HKLM\SOFTWARE\Policies\Microsoft\Windows Defender\Windows Defender Exploit Guard\ASR\Rules"
CHILDREN, CALLS = "D4F940AB-401B-4EFC-AADC-AD5F3C50688A", "92E97FA1-2EDF-4476-BDD6-9DD0B4DDDC7B"
PYTHON, DLL, GUARD = "Excel 用的 Python", "xlwings 的 DLL", "攻击面减少规则"


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """A computer on which all is in order, the add-in installed."""
    package = tmp_path / "package"
    package.mkdir()
    (package / ADDIN).write_bytes(addin_like())
    for module in (installing, doctor):
        monkeypatch.setattr(module, "templates", lambda: package)
    found = WindowsDouble(tmp_path)
    install(found)
    return found


def told(machine, workbook=None) -> dict[str, tuple[str, str, str]]:
    """What is not fine: item -> state, text, remedy. Nothing is said twice."""
    with office(policy="双碾乡"):
        found = diagnose(machine, workbook)
    items = [finding.item for finding in found if finding.state != FINE]
    assert len(items) == len(set(items)), items
    return {f.item: (f.state, f.told, f.remedy) for f in found if f.state != FINE}


def test_a_sound_computer(machine):
    assert told(machine) == {}
    with office(policy="双碾乡"):
        fine = {finding.item: finding.told for finding in diagnose(machine)}
    assert "64 位" in fine["Excel"] and "EXCEL.EXE" in fine["Excel 的登记"] and "双碾乡" in fine["默认政策"]
    assert f"xlwings {XLWINGS}" in fine[PYTHON] and "64" in fine[DLL] and "0.1.0 版" in fine["加载项"]
    assert "汉字和空格没有关系" in fine["文件夹的名称"]


def named(path, name, value):
    return lambda machine: machine.put(path, {name: value})


def wps_alone(machine):
    machine.registry.clear()
    machine.excel.unlink()


def strange_class(machine):
    machine.put(r"HKCU\Software\Classes\Excel.Application\CLSID", {"": "{45540001-5750-5300-4B49-4E47534F4655}"})


def environment_gone(machine):
    machine.path(INTERPRETER).unlink()


def dll_gone(machine):
    (machine.path(installing.ENVIRONMENT) / f"xlwings64-{XLWINGS}.dll").unlink()


def addin_gone(machine):
    (machine.start / ADDIN).unlink()


def addin(**changed):
    return lambda machine: (machine.start / ADDIN).write_bytes(addin_like(**changed))


def addin_marked(machine):
    Path(f"{machine.start / ADDIN}:Zone.Identifier").write_bytes(b"[ZoneTransfer]\r\nZoneId=3\r\n")


def addin_broken(machine):
    (machine.start / ADDIN).write_bytes(b"PK\3\4 cut short")


def second_copy(machine):
    (machine.start / "xl_poverty (1).xlam").write_bytes(b"")


def copy_in_addins(machine):
    other = Path(machine.environment["APPDATA"]) / "Microsoft/AddIns" / ADDIN
    other.parent.mkdir(parents=True)
    other.write_bytes(b"")


def set_to(name, value):
    return lambda machine: setattr(machine, name, value)


def variable(name, value):
    return lambda machine: machine.environment.update({name: value})


def without(package):
    return lambda machine: machine.versions.pop(package)


SECURITY = rf"HKCU\{OFFICE}\Excel\Security"
FAULTS = {
    "no Excel": (wps_alone, "Excel", WRONG, "没有找到 Microsoft Excel", "--portable"),
    "WPS, machine": (
        named(r"HKLM\SOFTWARE\Classes\CLSID\{00024500-0000-0000-C000-000000000046}\LocalServer32", "",
              r'"C:\Program Files (x86)\Kingsoft\WPS Office\12.1.0.18912\office6\et.exe" /automation'),
        "Excel 的登记", WRONG, "被 WPS 接管了", "WPS Office 兼容第三方系统和软件"),
    "WPS, user": (
        named(r"HKCU\Software\Classes\CLSID\{00024500-0000-0000-C000-000000000046}\LocalServer32", "",
              r"C:\Users\a\AppData\Local\kingsoft\wps office\12.1\office6\ksolaunch.exe"),
        "Excel 的登记", WRONG, "被 WPS 接管了", "快速修复"),
    "WPS, number": (strange_class, "Excel 的登记", WRONG, "不是 Excel 的编号", "配置工具"),
    "WPS, 32 bits": (
        named(r"HKLM\SOFTWARE\Classes\WOW6432Node\CLSID\{00024500-0000-0000-C000-000000000046}\LocalServer32", "",
              r"C:\WPS\office6\et.exe"),
        "Excel 的登记", WRONG, "WOW6432Node", "配置工具"),
    "Excel not registered": (
        lambda machine: machine.registry.pop(
            r"HKLM\SOFTWARE\Classes\CLSID\{00024500-0000-0000-C000-000000000046}\LocalServer32"),
        "Excel 的登记", DOUBT, "没有 Excel 的 COM 登记", "快速修复"),
    "Python of the store": (set_to("base_prefix", r"C:\Program Files\WindowsApps\Python"), "Python", WRONG, "微软商店",
                            "python.org"),
    "a strange PYTHONHOME": (variable("PYTHONHOME", "D:\\soft"), "环境变量", DOUBT, "PYTHONHOME", "环境变量"),
    "no pywin32": (without("pywin32"), "xlwings", WRONG, "缺少 pywin32", "pip install pywin32"),
    "no environment": (environment_gone, PYTHON, WRONG, "Could not find Interpreter", "安装.bat"),
    "its Python was removed": (set_to("probe", "No Python at 'C:\\Python312\\python.exe'"), PYTHON, WRONG, "启动不了",
                               "安装.bat"),
    "it does not start": (set_to("probe", OSError("bad image")), PYTHON, WRONG, "启动不了", "安装.bat"),
    "it hangs": (set_to("probe", subprocess.TimeoutExpired("python", 120)), PYTHON, WRONG, "杀毒软件", "信任"),
    "it lacks something": (
        lambda machine: setattr(machine, "probe", machine.told(failed={"pythoncom": "ImportError: DLL load failed"})),
        PYTHON, WRONG, "pythoncom：ImportError: DLL load failed", "安装.bat"),
    "it is older": (lambda machine: setattr(machine, "probe", machine.told(xl_poverty="0.0.9")), PYTHON, DOUBT,
                    "它里面的 xl_poverty 是 0.0.9", "安装.bat"),
    "a DLL is gone": (dll_gone, DLL, WRONG, f"xlwings64-{XLWINGS}.dll", "恢复被隔离的文件"),
    "no add-in": (addin_gone, "加载项", DOUBT, "没有安装", "install-addin"),
    "add-in of another xlwings": (addin(xlwings="0.36.0"), "加载项", WRONG, "它要 xlwings 0.36.0，这里是 0.37.8",
                                  "install-addin"),
    "add-in with another Python": (addin(interpreter="python"), "加载项", WRONG, "要启动的 Python 是 python",
                                   "install-addin"),
    "older add-in": (addin(version="0.0.9"), "加载项", DOUBT, "0.0.9 版", "install-addin"),
    "marked add-in": (addin_marked, "加载项", WRONG, "来自互联网", "install-addin"),
    "broken add-in": (addin_broken, "加载项", WRONG, "读不出来", "install-addin"),
    "two add-ins": (second_copy, "加载项重复", WRONG, "xl_poverty (1).xlam", "只留 XLSTART"),
    "one in AddIns": (copy_in_addins, "加载项重复", WRONG, "AddIns", "只留 XLSTART"),
    "one that is opened": (named(rf"HKCU\{OFFICE}\Excel\Options", "OPEN1", '/R "D:\\XL_POVERTY.xlam"'),
                           "加载项重复", WRONG, "D:\\XL_POVERTY.xlam", "只留 XLSTART"),
    "disabled after a crash": (
        named(rf"HKCU\{OFFICE}\Excel\Resiliency\DisabledItems", "2B7A",
              b"\1\0\0\0" + "C:\\Users\\张三\\XLSTART\\XL_Poverty.xlam".encode("utf-16-le")),
        "加载项被禁用", WRONG, "停用了它", "禁用项目"),
    "macros off": (named(SECURITY, "VBAWarnings", 4), "宏设置 16.0", DOUBT, "宏一律禁用", "--trust"),
    "signed macros only": (named(SECURITY, "VBAWarnings", 3), "宏设置 16.0", DOUBT, "只运行签名的宏", "信任中心"),
    "all macros": (named(SECURITY, "VBAWarnings", 1), "宏设置 16.0", DOUBT, "也包括病毒", "并发出通知"),
    "macros off, ruled": (named(rf"{RULED}\Excel\Security", "VBAWarnings", 4), "宏设置 16.0", DOUBT, "宏一律禁用",
                          "找管理员"),
    "the ruler has the last word": (
        lambda machine: (machine.put(SECURITY, {"VBAWarnings": 2}),
                         machine.put(rf"{RULED}\Excel\Security", {"VBAWarnings": 4})),
        "宏设置 16.0", DOUBT, "宏一律禁用", "找管理员"),
    "macros from outside": (named(rf"{RULED}\Excel\Security", "blockcontentexecutionfrominternet", 1), "外来文件 16.0",
                            DOUBT, "没有“启用内容”按钮", "解除锁定"),
    "no VBA": (named(r"HKLM\SOFTWARE\Microsoft\Office\16.0\Common", "VBAOff", 1), "VBA 16.0", WRONG, "VBA", "命令行"),
    "no trusted places": (named(rf"{SECURITY}\Trusted Locations", "AllLocationsDisabled", 1), "受信任位置 16.0", WRONG,
                          "全部停用", "取消“禁用”"),
    "no places of one's own": (named(rf"{RULED}\Common\Security\Trusted Locations", "Allow User Locations", 0),
                               "受信任位置 16.0", DOUBT, "无效", "管理员"),
    "signed add-ins only": (named(SECURITY, "RequireAddinSig", 1), "加载项设置 16.0", WRONG, "没有签名", "取消勾选"),
    "no add-ins": (named(SECURITY, "DisableAllAddins", 1), "加载项设置 16.0", WRONG, "都停用了", "取消勾选"),
    "no child processes": (named(ASR, CHILDREN, "1"), GUARD, WRONG, "Office 程序启动别的程序", "放行"),
    "no calls of Windows": (named(ASR, CALLS, "1"), GUARD, WRONG, "宏调用 Windows 的功能", "xl-poverty do"),
    "warned of child processes": (named(ASR, CHILDREN, "6"), GUARD, DOUBT, "拦下并提示", "放行"),
    "rules from the cloud": (
        named(r"HKLM\SOFTWARE\Policies\Microsoft\Windows Defender\Policy Manager", "ASRRules",
              f"56a863a9-875e-4185-98a7-b882c64b5ce5=1|{CHILDREN.lower()}=1"),
        GUARD, WRONG, "Office 程序启动别的程序", "管理员"),
    "no cmd": (named(r"HKCU\Software\Policies\Microsoft\Windows\System", "DisableCMD", 2), "命令提示符", WRONG,
               "cmd.exe", "管理员"),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_told_with_its_remedy(machine, name):
    spoil, item, state, text, remedy = FAULTS[name]
    spoil(machine)
    found = told(machine)
    assert item in found, found
    assert found[item][0] == state and text in found[item][1] and remedy in found[item][2], found[item]
    if name not in ("no Excel", "no environment"):  # nothing else is blamed for it
        assert set(found) == {item}


@pytest.mark.parametrize("state", [0, 2])
def test_a_rule_that_is_off_or_only_watches_is_no_fault(machine, state):
    machine.put(ASR, {CHILDREN: str(state)})
    assert told(machine) == {}


def test_a_name_that_the_code_page_lacks(tmp_path):
    lacks = "没有的字"
    for user, page, fault in (("张三", "936", ""), ("张三", "1252", lacks), ("Zoë", "936", lacks), ("Zoë", "1252", ""),
                              ("𠮷田", "936", lacks), ("R&D 科", "936", "符号 &"), ("张 三", "65001", "")):  # fmt: skip
        folder = tmp_path / f"{page}{user}"
        folder.mkdir()
        computer = WindowsDouble(folder, user)
        computer.environment["LOCALAPPDATA"] = f"C:\\Users\\{user}\\AppData\\Local"  # less of it than the test's folder
        computer.put(r"HKLM\SYSTEM\CurrentControlSet\Control\Nls\CodePage", {"ACP": page})
        (finding,) = doctor._places(computer)
        assert (finding.state == WRONG) == bool(fault) and fault in finding.told, (user, page, finding)


def test_the_start_folder_on_the_network(machine):
    machine.environment["APPDATA"] = r"\\server\profiles\zhang"
    found = told(machine)
    assert found["XLSTART 的位置"][0] == DOUBT


def test_bits_of_programs(tmp_path):
    for kind, bits in ((0x14C, 32), (0x8664, 64), (0x1C0, None)):
        file = tmp_path / "a.exe"
        file.write_bytes(program(kind))
        assert doctor._bits_of(file) == bits
    file.write_bytes(b"MZ")
    assert doctor._bits_of(file) is None and doctor._bits_of(tmp_path / "none.exe") is None


def test_an_excel_of_32_bits_beside_a_python_of_64_is_no_fault(machine):
    machine.excel.write_bytes(program(0x14C))
    assert told(machine) == {}


def test_another_program_in_the_place_of_excel_is_not_taken_for_it(machine):
    other = machine.excel.parent / "Kingsoft" / "et.exe"
    other.parent.mkdir()
    other.write_bytes(program(0x14C))
    machine.put(r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\App Paths\excel.exe", {"": str(other)})
    assert told(machine)["Excel"][0] == WRONG
    machine.put(r"HKLM\SOFTWARE\Microsoft\Office\16.0\Excel\InstallRoot", {"Path": str(machine.excel.parent)})
    assert told(machine) == {}


def test_the_question_to_the_interpreter_is_understood_by_python():
    """The real one: it says what it lacks instead of ending."""
    said = Machine().output([sys.executable, "-B", "-c", doctor._PROBE], Path(sys.prefix), 120)
    assert '"xl_poverty": "0.1.0"' in said and '"pythoncom": "ModuleNotFoundError' in said


# ---- a workbook


def book(path: Path, **settings) -> Path:
    rows = {"INTERPRETER_WIN": INTERPRETER, "XLWINGS_VERSION": XLWINGS, **settings}
    path.write_bytes(workbook_of("xlwings.conf", rows, {"政策": "双碾乡"}))
    return path


def test_a_sound_workbook(machine, tmp_path):
    assert told(machine, book(tmp_path / "台 账.xlsm")) == {}


@pytest.mark.parametrize(
    ("settings", "state", "text"),
    [
        ({"XLWINGS_VERSION": "0.30.1"}, WRONG, "它的宏要 xlwings 0.30.1，这里是 0.37.8"),
        ({"INTERPRETER_WIN": "python"}, DOUBT, "它要启动的 Python 是“python”"),
    ],
)
def test_a_workbook_of_another_version(machine, tmp_path, settings, state, text):
    found = told(machine, book(tmp_path / "旧.xlsm", **settings))["旧.xlsm"]
    assert found[0] == state and text in found[1] and "xl-poverty new" in found[2]


def test_a_workbook_that_was_downloaded(machine, tmp_path):
    file = book(tmp_path / "台账.xlsm")
    Path(f"{file}:Zone.Identifier").write_bytes(b"[ZoneTransfer]\r\nZoneId=3\r\n")
    assert "解除锁定" in told(machine, file)["台账.xlsm"][2]


def test_a_workbook_with_a_policy_that_nobody_knows(machine, tmp_path):
    file = tmp_path / "台账.xlsx"
    file.write_bytes(workbook_of("空", {}, {"政策": "某县"}))
    found = told(machine, file)["台账.xlsx"]
    assert found[0] == WRONG and "没有名为“某县”的政策" in found[1]


def test_a_workbook_that_cannot_be_read(machine, tmp_path):
    assert told(machine, tmp_path / "没有.xlsx")["没有.xlsx"][:2] == (WRONG, "找不到文件：没有.xlsx")


def test_nobody_says_which_policy(machine, tmp_path):
    file = tmp_path / "台账.xlsx"
    file.write_bytes(workbook_of("空", {}))
    states = {finding.item: finding.state for finding in diagnose(machine, file)}
    assert states["台账.xlsx"] == DOUBT and "默认政策" not in states


# ---- the command


def test_the_command_where_there_is_no_windows(capsys):
    assert os.name != "nt"
    assert main(["doctor"]) == 0
    said = capsys.readouterr().out
    assert "【未看】Excel：只在 Windows 上有" in said and "看得到的都没有问题" in said


def test_the_command_ends_with_1_where_something_is_wrong(machine, monkeypatch, capsys):
    monkeypatch.setattr("xl_poverty.hosts.machine.Machine", lambda: machine)
    with office(policy="双碾乡"):
        assert main(["doctor"]) == 0
        assert "没有发现不能用的地方" in capsys.readouterr().out
        machine.put(ASR, {CHILDREN: "1"})
        assert main(["doctor"]) == 1
    said = capsys.readouterr().out
    assert "【不行】攻击面减少规则" in said and "　　　　办法：" in said and "有 1 处不行" in said


def test_what_is_not_looked_at_is_said_apart():
    states = {finding.item: finding.state for finding in diagnose(Machine())}
    assert states["Excel"] == UNSEEN and states["Python"] == FINE
