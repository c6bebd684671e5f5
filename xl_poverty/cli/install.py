"""new, install-addin, build-oxt, install-oxt, remove-oxt, doctor: templates, what Excel and LibreOffice get, and why it
does not work on a computer."""
from __future__ import annotations

import sys

#: what the templates are for; a file is named by one of these, 台账 by its document as well
_KINDS = {
    "台账": "按一份文件填报台账，应享金额随填随算；--policy 选文件，不写的是空白的",
    "一户一策": "一户一策的空表；从台账生成用 xl-poverty plan",
    "汇总": "几个台账的汇总；从台账生成用 xl-poverty summary",
    "村级填报": "发给各村填报的表，WPS 也能用，没有宏",
}
_OF_A_DOCUMENT = "台账"


def new(options) -> int:
    from ..errors import LedgerError
    from ..hosts.excel.installing import templates
    from ..hosts.machine import InstallError

    try:
        folder = templates()
    except InstallError as error:
        return _failed(error)
    files = sorted(file for file in folder.iterdir() if file.suffix in (".xlsm", ".xlsx"))
    if options.list or not options.template:
        return _listed(files)
    stem = _stem(options.template, options.policy, files)
    fitting = {file.suffix: file for file in files if file.stem == stem}
    source = fitting.get(".xlsx") if options.portable else fitting.get(".xlsm") or fitting.get(".xlsx")
    if source is None:
        raise LedgerError(f"“{stem}”没有不带宏的模板，请去掉 --portable")
    target = _written(source, options.out)
    print(f"已写入：{target}")
    if source.suffix == ".xlsm":
        other = "。没有装 Python 的电脑、WPS 请用 --portable 的" if ".xlsx" in fitting else ""
        print(f"带宏：用 Excel 打开后点“启用内容”{other}")
    return 0


def _listed(files) -> int:
    kinds = {}
    for file in files:
        kinds.setdefault(_kind(file.stem), {}).setdefault(file.stem, []).append(file.suffix)
    for kind, stems in kinds.items():
        print(f"{kind}：{_KINDS.get(kind, '')}")
        for stem, suffixes in stems.items():
            print(f"  {stem}（{'、'.join(suffixes)}）")
    print("写出一个：xl-poverty new 台账 --policy 政策的简称；.xlsx 的（--portable）不用宏，也不用装 Python")
    return 0


def _kind(stem: str) -> str:
    return stem.removesuffix("模板").partition("模板_")[0]


def _stem(asked: str, policy: str, files) -> str:
    """The name of the template that was asked for. Raises LedgerError, CellError."""
    from ..errors import LedgerError
    from ..formulas.documents import document
    from ..formulas.office import current

    stems = sorted({file.stem for file in files})
    asked = asked.removesuffix(".xlsm").removesuffix(".xlsx")
    if asked in stems and not policy:
        return asked
    kind = _kind(asked)
    if kind not in map(_kind, stems):
        raise LedgerError(f"没有模板“{asked}”，可用：{'、'.join(dict.fromkeys(map(_kind, stems)))}")
    if not policy:
        return next(stem for stem in (f"{kind}模板", kind) if stem in stems)
    if kind != _OF_A_DOCUMENT:
        raise LedgerError(f"模板“{kind}”不分政策，请去掉 --policy；政策在表里填")
    name = document(policy, current()).short_name
    stem = f"{kind}模板_{name}"
    if stem not in stems:
        raise LedgerError(f"没有{name}的模板。请用空白模板（xl-poverty new {kind}），在“政策”格里填 {name}")
    return stem


def _written(source, out):
    """Where the template went, never over a file. Raises LedgerError."""
    from pathlib import Path

    from ..errors import LedgerError
    from ..workbook.saving import told_in_words

    target = Path(out) if out else Path(source.name)
    if target.is_dir():
        target = target / source.name
    elif target.suffix.lower() not in (".xlsm", ".xlsx", ".xls", ".et"):  # 2025.11 is a name without one
        target = target.with_name(target.name + source.suffix)
    if target.suffix.lower() != source.suffix:
        other = "（不要宏的请加 --portable）" if target.suffix.lower() == ".xlsx" else ""
        raise LedgerError(f"这个模板的文件名要以 {source.suffix} 结尾，不是“{target.suffix}”{other}")
    with told_in_words(target):
        content = source.read_bytes()
        try:
            with open(target, "xb") as file:
                file.write(content)
        except FileExistsError:
            raise LedgerError(f"已经有 {target}，没有覆盖；请用 -o 换一个文件名") from None
    return target


def install_addin(options) -> int:
    from pathlib import Path

    from ..hosts.excel.installing import install, remove
    from ..hosts.machine import Machine

    if options.remove:
        return _done(lambda: remove(Machine()), _NOT_THERE)
    trust = Path(options.trust) if options.trust else None
    undo = "取消安装：xl-poverty install-addin --remove"
    return _done(lambda: install(Machine(), trust), _NO_CHANGE, f"{_CHECKED}　　{undo}")


def build_oxt(options) -> int:
    from pathlib import Path

    from ..hosts.libreoffice.installing import EXTENSION
    from ..hosts.libreoffice.packaging import build_oxt
    from ..workbook.saving import told_in_words

    target = Path(options.out)
    if target.is_dir():
        target = target / EXTENSION
    with told_in_words(target):
        build_oxt(target)
    print(f"已写入：{target}")
    print("在 LibreOffice 里：工具 > 扩展管理器 > 添加；函数就能用，按钮另要这台电脑装了 xl_poverty")
    return 0


def install_oxt(options) -> int:
    from ..hosts.libreoffice.installing import install
    from ..hosts.machine import Machine

    undo = "取消安装：xl-poverty remove-oxt"
    return _done(lambda: install(Machine()), _NO_CHANGE, f"打开 LibreOffice 就能用　　{_CHECKED}　　{undo}")


def remove_oxt(options) -> int:
    from ..hosts.libreoffice.installing import remove
    from ..hosts.machine import Machine

    return _done(lambda: remove(Machine()), _NOT_THERE)


_CHECKED = "检查能不能用：xl-poverty doctor"
_NOT_THERE, _NO_CHANGE = "没有装过，什么也没有改动", "已经装好，没有变化"


def _done(run, nothing: str, last: str = "") -> int:
    """What became of an installation, told."""
    from ..hosts.machine import InstallError

    try:
        done = run()
    except InstallError as error:
        return _failed(error)
    print("\n".join(done.steps) or nothing)
    for remark in done.remarks:
        print(f"注意：{remark}")
    if last:
        print(last)
    return 0


def doctor(options) -> int:
    from pathlib import Path

    from ..hosts.excel.doctor import diagnose
    from ..hosts.libreoffice.installing import diagnose as of_libreoffice
    from ..hosts.machine import FINE, UNSEEN, WRONG, Machine

    machine = Machine()
    found = diagnose(machine, Path(options.workbook) if options.workbook else None) + [*of_libreoffice(machine)]
    for finding in found:
        print(f"【{finding.state}】{finding.item}：{finding.told}")
        if finding.remedy and finding.state != FINE:
            print(f"　　　　办法：{finding.remedy}")
    wrong = sum(finding.state == WRONG for finding in found)
    if wrong:
        print(f"\n有 {wrong} 处不行，从第一处改起，改好后再运行一次 xl-poverty doctor")
    elif any(finding.state == UNSEEN for finding in found):
        print("\n看得到的都没有问题")
    else:
        print("\n没有发现不能用的地方")
    return 1 if wrong else 0


def _failed(error) -> int:
    print(f"xl-poverty：{error}", file=sys.stderr)
    return 1
