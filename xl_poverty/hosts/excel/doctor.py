"""Why the functions or buttons do not work on a computer: everything they rest on, looked at one by one."""
from __future__ import annotations

import json
import re
import struct
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path, PureWindowsPath

from ... import __version__
from ...errors import CellError, LedgerError, PolicyError
from ..machine import DOUBT, FINE, UNSEEN, WRONG, Finding, InstallError, Machine
from .installing import (
    ADDIN,
    ENVIRONMENT,
    INTERPRETER,
    START,
    config_of,
    dll_names,
    installed_addin,
    is_marked,
    templates,
)

#: said by the interpreter that Excel starts, as Excel starts it: in its own folder, with everybody's environment
_PROBE = """
import json, struct, sys
told = {"python": list(sys.version_info[:3]), "bits": struct.calcsize("P") * 8, "prefix": sys.prefix, "failed": {}}
for name in ("xl_poverty", "udfs", "xlwings", "pythoncom", "win32com.client", "numpy", "lxml"):
    try:
        __import__(name)
    except BaseException as error:
        told["failed"][name] = f"{type(error).__name__}: {error}"
for name in ("xl_poverty", "xlwings"):
    told[name] = getattr(sys.modules.get(name), "__version__", None)
print("\\n" + json.dumps(told))
"""
_PROBE_SECONDS = 120
_REINSTALL = "重新运行 安装.bat（或 pip install \"xl_poverty[excel]\" 后运行 xl-poverty install-addin）"
_COMMANDS = "按钮的功能都可以用命令行做：xl-poverty do"
_PE_BITS = {0x14C: 32, 0x8664: 64, 0xAA64: 64}
_EXCEL_CLASS = "{00024500-0000-0000-C000-000000000046}"
_WPS = re.compile(r"kingsoft|\\wps|ksolaunch|\\et\.exe", re.IGNORECASE)
#: rules of Windows Defender that stop macros: id -> what they forbid
_RULES = {
    "d4f940ab-401b-4efc-aadc-ad5f3c50688a": "Office 程序启动别的程序",
    "92e97fa1-2edf-4476-bdd6-9dd0b4dddc7b": "宏调用 Windows 的功能",
}


def diagnose(machine: Machine, workbook: Path | None = None) -> list[Finding]:
    """Everything, in the order in which one thing needs the other. Never raises for what is wrong on the computer."""
    found = list(_python(machine))
    if machine.windows:
        for look in (_excel, _registration, _interpreter, _addin, _trust, _guards, _places):
            found += look(machine)
    else:
        unseen = "只在 Windows 上有：Excel、加载项、宏设置、注册表都没有看"
        found.append(Finding(UNSEEN, "Excel", unseen, "这里可以用命令行和生成的文件"))
    found += _policy(workbook)
    if workbook is not None:
        found += _workbook(machine, workbook)
    return found


def _python(machine: Machine) -> Iterator[Finding]:
    version, bits = ".".join(map(str, sys.version_info[:3])), struct.calcsize("P") * 8
    if "\\windowsapps\\" in f"{machine.base_prefix}\\".lower():
        yield Finding(WRONG, "Python", f"{version}，来自微软商店：它装的文件 Excel 找不到", "改装 python.org 的 Python")
    else:
        yield Finding(FINE, "Python", f"{version}，{bits} 位（位数不必和 Excel 一样），xl_poverty {__version__}")
    xlwings = machine.version_of("xlwings")
    if xlwings is None:
        state = WRONG if machine.windows else UNSEEN
        yield Finding(state, "xlwings", "没有安装；Excel 里的函数和按钮要用它", "pip install \"xl_poverty[excel]\"")
    elif machine.windows and machine.version_of("pywin32") is None:
        told = f"{xlwings}，但缺少 pywin32，不能和 Excel 通信"
        yield Finding(WRONG, "xlwings", told, "pip install pywin32")
    else:
        yield Finding(FINE, "xlwings", xlwings)
    strange = [name for name in ("PYTHONHOME", "PYTHONPATH") if machine.environment.get(name)]
    if machine.windows and strange:
        told = f"环境变量 {'、'.join(strange)} 是别的软件设的，会让 Excel 启动的 Python 找错文件"
        yield Finding(DOUBT, "环境变量", told, "函数显示 #VALUE! 时，在“系统属性 > 环境变量”里删除它")


# ---- Excel


def _excel(machine: Machine) -> Iterator[Finding]:
    program = _excel_program(machine)
    if program is None:
        told = "没有找到 Microsoft Excel：加载项和带宏的模板用不了（WPS 也不行）"
        yield Finding(WRONG, "Excel", told, "用命令行，或用 xl-poverty new … --portable 的普通模板")
        return
    bits = _bits_of(program)
    versions = "、".join(machine.excel_versions()) or "版本不详"
    yield Finding(FINE, "Excel", f"{versions}，{f'{bits} 位' if bits else '位数不详'}，{program}")
    if "windowsapps" in str(program).lower():
        told = "Office 来自微软商店，可能启动不了 Python"
        yield Finding(DOUBT, "Office 来源", told, "函数显示 #VALUE! 时，请改装普通安装包的 Office")


def _excel_program(machine: Machine) -> Path | None:
    """EXCEL.EXE, as the registry tells it."""
    told = []
    for root in (r"HKLM\SOFTWARE", r"HKLM\SOFTWARE\WOW6432Node"):
        folder = machine.value(rf"{root}\Microsoft\Office\ClickToRun\Configuration", "InstallationPath")
        told += [rf"{folder}\root\Office16\EXCEL.EXE"] if folder else []
        for version in machine.excel_versions():
            folder = machine.value(rf"{root}\Microsoft\Office\{version}\Excel\InstallRoot", "Path")
            told += [rf"{folder}\EXCEL.EXE"] if folder else []
        told.append(machine.value(rf"{root}\Microsoft\Windows\CurrentVersion\App Paths\excel.exe") or "")
    programs = (machine.path(text.strip('"')) for text in told if text and not _WPS.search(text))
    return next((program for program in programs if program.is_file()), None)


def _bits_of(program: Path) -> int | None:
    """32 or 64, from the header of a program."""
    try:
        with open(program, "rb") as file:
            file.seek(0x3C)
            (header,) = struct.unpack("<I", file.read(4))
            file.seek(header)
            signature, kind = struct.unpack("<4sH", file.read(6))
    except (OSError, struct.error):
        return None
    return _PE_BITS.get(kind) if signature == b"PE\0\0" else None


def _registration(machine: Machine) -> Iterator[Finding]:
    """Whom Windows starts when a program asks for Excel. WPS puts itself there."""
    item, servers, taken = "Excel 的登记", [], []
    for root in (r"HKCU\Software\Classes", r"HKLM\SOFTWARE\Classes", r"HKLM\SOFTWARE\Classes\WOW6432Node"):
        number = machine.value(rf"{root}\Excel.Application\CLSID")
        if number and number.upper() != _EXCEL_CLASS:
            taken.append(rf"{root}\Excel.Application：{number}，不是 Excel 的编号")
        server = machine.value(rf"{root}\CLSID\{_EXCEL_CLASS}\LocalServer32")
        if server and _WPS.search(server):
            taken.append(f"{root}：{server}")
        elif server:
            servers.append(server)
    if taken:
        remedy = (
            "关闭 WPS 和 Excel；开始菜单 > WPS Office > 配置工具 > 高级 > 兼容设置，"
            "取消“WPS Office 兼容第三方系统和软件”；再到“设置 > 应用 > Microsoft Office > 修改”做“快速修复”"
        )
        yield Finding(WRONG, item, f"被 WPS 接管了，按钮会去找 WPS 而不是 Excel（{'；'.join(taken)}）", remedy)
    elif servers:
        yield Finding(FINE, item, servers[0])
    else:
        yield Finding(DOUBT, item, "没有 Excel 的 COM 登记", "到“设置 > 应用 > Microsoft Office > 修改”做“快速修复”")


# ---- the Python that Excel starts


def _interpreter(machine: Machine) -> Iterator[Finding]:
    item, program = "Excel 用的 Python", machine.path(INTERPRETER)
    if not program.exists():
        yield Finding(WRONG, item, f"没有 {program}，按钮会报 Could not find Interpreter", _REINSTALL)
        return
    yield from _probed(machine, item, program)
    version = machine.version_of("xlwings")
    folders = (machine.path(ENVIRONMENT), program.parent)
    names = dll_names(version) if version else ()
    lacking = [name for name in names if not any((folder / name).exists() for folder in folders)]
    if lacking:
        remedy = f"在杀毒软件里恢复被隔离的文件，或{_REINSTALL}"
        yield Finding(WRONG, "xlwings 的 DLL", f"{folders[0]} 里缺少 {'、'.join(lacking)}，函数全是 #VALUE!", remedy)
    elif names:
        yield Finding(FINE, "xlwings 的 DLL", "、".join(names))


def _probed(machine: Machine, item: str, program: Path) -> Iterator[Finding]:
    """Starts it as Excel would and asks what it finds."""
    try:
        text = machine.output([str(program), "-B", "-c", _PROBE], program.parent, _PROBE_SECONDS)
        told = json.loads(text.strip().rpartition("\n")[2])
    except subprocess.TimeoutExpired:
        remedy = f"在杀毒软件里信任 {machine.path(ENVIRONMENT)}，再试一次"
        yield Finding(WRONG, item, f"启动 {_PROBE_SECONDS} 秒没有反应，多半是杀毒软件在逐个检查文件", remedy)
        return
    except (OSError, ValueError):
        yield Finding(WRONG, item, f"{program} 启动不了（它原来的 Python 可能已卸载）", _REINSTALL)
        return
    if told["failed"]:
        name, why = next(iter(told["failed"].items()))
        yield Finding(WRONG, item, f"缺少或不能用 {'、'.join(told['failed'])}（{name}：{why}）", _REINSTALL)
    elif told["xl_poverty"] != __version__:
        told = f"它里面的 xl_poverty 是 {told['xl_poverty']}，运行本命令的是 {__version__}"
        yield Finding(DOUBT, item, told, "要用新的一版：" + _REINSTALL)
    else:
        version = ".".join(map(str, told["python"]))
        yield Finding(FINE, item, f"{program}，{version}，{told['bits']} 位，xlwings {told['xlwings']}")


# ---- the add-in


def _addin(machine: Machine) -> Iterator[Finding]:
    target = installed_addin(machine)
    again = "关闭 Excel，运行 xl-poverty install-addin"
    if not target.exists():
        told = f"没有安装（{target.parent} 里没有 {ADDIN}）：模板照样能用，没有“帮扶”选项卡"
        yield Finding(DOUBT, "加载项", told, again)
    else:
        yield from _of_addin(machine, target, again)
    others = [one for one in target.parent.glob("xl_poverty*") if one.suffix.startswith(".xla") and one.name != ADDIN]
    beside = machine.path(r"%APPDATA%\Microsoft\AddIns") / ADDIN
    others += [beside] if beside.exists() else []
    for version in machine.excel_versions():
        key = rf"HKCU\Software\Microsoft\Office\{version}\Excel\Options"
        opened = (str(value) for name, value in machine.values(key).items() if name.upper().startswith("OPEN"))
        others += [text for text in opened if ADDIN in text.lower()]
    if others:
        told = f"还有别的 {ADDIN}：{'、'.join(map(str, others))}。同名函数会互相打架"
        remedy = "在 文件 > 选项 > 加载项 > 转到 里取消它们，再删除多余的文件，只留 XLSTART 里的"
        yield Finding(WRONG, "加载项重复", told, remedy)
    for version in machine.excel_versions():
        key = rf"HKCU\Software\Microsoft\Office\{version}\Excel\Resiliency\DisabledItems"
        if any(ADDIN in _text(value).lower() for value in machine.values(key).values()):
            remedy = "文件 > 选项 > 加载项 > 管理“禁用项目” > 转到，选中 xl_poverty，点“启用”"
            yield Finding(WRONG, "加载项被禁用", f"Excel {version} 上次出错后停用了它", remedy)


def _text(value) -> str:
    """What a binary value says in Windows' encoding, its other bytes left out."""
    return value.decode("utf-16-le", "ignore") if isinstance(value, bytes) else str(value)


def _of_addin(machine: Machine, target: Path, again: str) -> Iterator[Finding]:
    if is_marked(target):
        yield Finding(WRONG, "加载项", f"{target} 带有“来自互联网”的标记，Excel 不运行它的宏", again)
        return
    try:
        config = config_of(target)
        same = target.read_bytes() == (templates() / ADDIN).read_bytes()
    except (LedgerError, InstallError, OSError) as error:
        yield Finding(WRONG, "加载项", f"{target} 读不出来：{error}", again)
        return
    version, xlwings = config.get("XL_POVERTY_VERSION", "不详"), config.get("XLWINGS_VERSION")
    installed = machine.version_of("xlwings")
    if xlwings != installed:
        told = f"它要 xlwings {xlwings or '（不详）'}，这里是 {installed or '没有'}：版本必须一样，否则函数全是 #VALUE!"
        yield Finding(WRONG, "加载项", told, again)
    elif config.get("INTERPRETER_WIN") != INTERPRETER:
        told = f"它要启动的 Python 是 {config.get('INTERPRETER_WIN')}，不是 {INTERPRETER}"
        yield Finding(WRONG, "加载项", told, again)
    elif not same:
        yield Finding(DOUBT, "加载项", f"{version} 版，和 xl_poverty {__version__} 带的不一样", again)
    else:
        yield Finding(FINE, "加载项", f"{version} 版，{target}")


# ---- what Excel trusts


def _trust(machine: Machine) -> Iterator[Finding]:
    for version in machine.excel_versions():
        own = rf"HKCU\Software\Microsoft\Office\{version}"
        ruled = rf"HKCU\Software\Policies\Microsoft\Office\{version}"

        def setting(path: str, name: str, own=own, ruled=ruled):
            """(value, whether the administrator has set it); his word is the stronger."""
            value = machine.value(rf"{ruled}\{path}", name)
            return (machine.value(rf"{own}\{path}", name), False) if value is None else (value, True)

        found = list(_settings(version, setting, machine))
        yield from found or [Finding(FINE, f"宏设置 {version}", "没有禁止：打开带宏的工作簿时点“启用内容”")]


def _settings(version: str, setting, machine: Machine) -> Iterator[Finding]:
    def wrong(item: str, told: str, ruled: bool, remedy: str, state=WRONG):
        what = "单位的管理策略规定的，请找管理员" if ruled else remedy
        return Finding(state, f"{item} {version}", told, f"{what}；{_COMMANDS}" if state == WRONG else what)

    centre = "文件 > 选项 > 信任中心 > 信任中心设置"
    off, ruled = setting("Common", "VBAOff")
    if off == 1 or machine.value(rf"HKLM\SOFTWARE\Microsoft\Office\{version}\Common", "VBAOff") == 1:
        yield wrong("VBA", "Office 没有装或关闭了 VBA，宏一概不能用", ruled, "修改 Office 安装，加上“VBA”")
    warnings, ruled = setting(r"Excel\Security", "VBAWarnings")
    if warnings in (3, 4):
        told = "宏一律禁用，不提示" if warnings == 4 else "只运行签名的宏，我们的没有签名"
        remedy = (
            f"{centre} > 宏设置，选“禁用所有宏，并发出通知”；"
            "或者把台账放进信任的文件夹：xl-poverty install-addin --trust 文件夹"
        )
        yield wrong("宏设置", f"{told}（XLSTART 和受信任的文件夹除外）", ruled, remedy, DOUBT)
    elif warnings == 1:
        remedy = f"{centre} > 宏设置，选“禁用所有宏，并发出通知”"
        yield wrong("宏设置", "任何文件的宏都运行，也包括病毒", ruled, remedy, DOUBT)
    block, ruled = setting(r"Excel\Security", "blockcontentexecutionfrominternet")
    if block == 1:
        told = "来自互联网、邮件、微信的文件，宏一律不运行，没有“启用内容”按钮"
        remedy = "右键文件 > 属性 > 勾选“解除锁定”，或用 xl-poverty new 在本机生成模板"
        yield Finding(DOUBT, f"外来文件 {version}", told, remedy)
    disabled, ruled = setting(r"Excel\Security\Trusted Locations", "AllLocationsDisabled")
    if disabled == 1:
        told = "全部停用了，XLSTART 里的加载项也要另外批准"
        yield wrong("受信任位置", told, ruled, f"{centre} > 受信任位置，取消“禁用”")
    places, ruled = setting(r"Common\Security\Trusted Locations", "Allow User Locations")
    if places == 0:
        told = "自己添加的受信任位置无效（单位的管理策略）"
        yield Finding(DOUBT, f"受信任位置 {version}", told, "--trust 登记的文件夹不起作用，请找管理员")
    signed = "只加载签名的加载项，我们的没有签名"
    for name, told in (("RequireAddinSig", signed), ("DisableAllAddins", "所有加载项都停用了")):
        value, ruled = setting(r"Excel\Security", name)
        if value == 1:
            yield wrong("加载项设置", told, ruled, f"{centre} > 加载项，取消勾选")


def _guards(machine: Machine) -> Iterator[Finding]:
    """What stops Office from starting Python."""
    defender = "Microsoft\\Windows Defender"
    guard = f"{defender}\\Windows Defender Exploit Guard\\ASR\\Rules"
    rules: dict[str, int] = {}
    for key in (rf"HKLM\SOFTWARE\{guard}", rf"HKLM\SOFTWARE\Policies\{guard}"):
        set_there = machine.values(key).items()
        rules |= {name.lower().strip("{}"): int(value) for name, value in set_there if _is_number(value)}
    managed = machine.value(rf"HKLM\SOFTWARE\Policies\{defender}\Policy Manager", "ASRRules") or ""
    rules |= {number.lower(): int(state) for number, state in re.findall(r"\{?([0-9a-fA-F-]{36})\}?=(\d)", managed)}
    for number, forbids in _RULES.items():
        state = rules.get(number, 0)
        if state in (1, 6):
            told = f"Windows Defender {'禁止' if state == 1 else '会拦下并提示'}“{forbids}”，函数和按钮启动不了 Python"
            remedy = f"这是单位定的，请管理员在“攻击面减少规则”里放行 {machine.path(INTERPRETER)}；{_COMMANDS}"
            yield Finding(WRONG if state == 1 else DOUBT, "攻击面减少规则", told, remedy)
    hives = (r"HKCU\Software\Policies\Microsoft\Windows\System", r"HKLM\SOFTWARE\Policies\Microsoft\Windows\System")
    if any(machine.value(key, "DisableCMD") in (1, 2) for key in hives):
        told = "命令提示符（cmd.exe）被禁用，Excel 启动不了 Python"
        yield Finding(WRONG, "命令提示符", told, "请管理员放开 cmd.exe；加载项和按钮离不开它")
    if not any(rules.get(number, 0) in (1, 6) for number in _RULES):
        told = "没有发现 Windows Defender 的拦截规则（360、火绒等的拦截看不到）"
        yield Finding(FINE, "拦截", told)


def _is_number(value) -> bool:
    return isinstance(value, int) or (isinstance(value, str) and value.isdigit())


def _places(machine: Machine) -> Iterator[Finding]:
    program, start = machine.path(INTERPRETER), machine.path(START)
    page = machine.ansi()
    try:
        str(program).encode(page)
        readable = True
    except UnicodeEncodeError:
        readable = False
    except LookupError:  # a code page that Python does not know
        readable = str(program).isascii()
    marks = "".join(sorted({mark for mark in str(program) if mark in "&^%!\"'"}))
    another = "请用另一个用户名（汉字或字母都可以，不要符号）登录 Windows 再安装"
    if not readable:
        yield Finding(WRONG, "文件夹的名称", f"{program} 里有本机代码页（{page}）没有的字，Excel 装不上 DLL", another)
    elif marks:
        yield Finding(WRONG, "文件夹的名称", f"{program} 里有符号 {marks}，Excel 启动 Python 时会认错", another)
    else:
        yield Finding(FINE, "文件夹的名称", f"{program}（汉字和空格没有关系）")
    if _on_network(machine, start):
        told = f"{start} 在网络上，Excel 默认不信任网络上的文件夹"
        yield Finding(DOUBT, "XLSTART 的位置", told, "请管理员允许网络上的受信任位置，或把个人文件夹改回本机")


def _on_network(machine: Machine, place: Path) -> bool:
    text = str(place)
    return text.startswith(("\\\\", "//")) or bool(machine.values(rf"HKCU\Network\{text[:1]}"))


# ---- the office and a workbook


def _policy(workbook: Path | None) -> Iterator[Finding]:
    from ...formulas.documents import document
    from ...formulas.office import current, user_file

    try:
        name, origin = current().first("policy")
        if name:
            policy = document(name, current())
            yield Finding(FINE, "默认政策", f"{policy.short_name} {policy.cited}（{origin}）")
            return
    except PolicyError as error:
        yield Finding(WRONG, "默认政策", f"设置有误：{'；'.join(error.mistakes)}", f"改正 {user_file()}")
        return
    except CellError as error:
        yield Finding(WRONG, "默认政策", error.message, f"改正 {user_file()}")
        return
    if workbook is None:
        told = f"没有设（{user_file()} 里的 policy）：公式要写明政策，或在工作簿的“政策”格里填"
        yield Finding(DOUBT, "默认政策", told, "用模板时在“操作”页填“政策”就可以")


def _workbook(machine: Machine, workbook: Path) -> Iterator[Finding]:
    from ...formulas.documents import document
    from ...formulas.office import current
    from ...ledger.files import read_book
    from ...ledger.settings import office_layers, own_layer

    item = workbook.name
    try:
        book = read_book(workbook)
        layers = [own_layer(book), *office_layers(book)]
        config = config_of(workbook) if workbook.suffix.lower() == ".xlsm" else {}
    except (LedgerError, PolicyError) as error:
        yield Finding(WRONG, item, str(error))
        return
    named = next(((layer.policy, layer.origin) for layer in layers if layer.policy), None)
    if named:
        try:
            policy = document(named[0], current())
            yield Finding(FINE, item, f"政策：{policy.short_name} {policy.cited}（{named[1]}）")
        except CellError as error:
            yield Finding(WRONG, item, error.message, "改正工作簿的“政策”格")
    elif not current().first("policy")[0]:
        yield Finding(DOUBT, item, "工作簿没有写政策，本机也没有默认政策", "在“操作”页的“政策”格里选")
    if is_marked(workbook):
        told = "带有“来自互联网”的标记，Excel 不运行它的宏"
        yield Finding(WRONG, item, told, "右键文件 > 属性 > 勾选“解除锁定” > 确定（压缩包要在解压前解除）")
    if machine.windows and _on_network(machine, workbook.absolute()):
        yield Finding(DOUBT, item, "在网络上：别人同时打开时按钮写不进去", "复制到本机再用")
    if config:
        yield from _of_config(machine, item, config)


def _of_config(machine: Machine, item: str, config: dict[str, str]) -> Iterator[Finding]:
    """The settings that a workbook with macros carries."""
    wanted, installed = config.get("XLWINGS_VERSION"), machine.version_of("xlwings")
    renew = "用现在的版本重新生成：xl-poverty new，再把数据贴过去"
    if wanted and wanted != installed:
        told = f"它的宏要 xlwings {wanted}，这里是 {installed or '没有'}：版本必须一样"
        yield Finding(WRONG if machine.windows else UNSEEN, item, told, renew)
    interpreter = config.get("INTERPRETER_WIN", "")
    if PureWindowsPath(interpreter) != PureWindowsPath(INTERPRETER):
        told = f"它要启动的 Python 是“{interpreter}”，不是 {INTERPRETER}"
        yield Finding(DOUBT, item, told, renew)
