"""freeze, portable, export: copies of a workbook for whoever has no Python; do, explain, backup: what buttons do."""
from __future__ import annotations

from .telling import remarks

#: kinds of formulas shown that became values
MOST_FROZEN = 10


def freeze(options) -> int:
    from ..workbook.freezing import freeze

    source, target, book, layers = _copied(options, "固化")
    frozen = freeze(source, target, book, layers=layers, keep_errors=options.keep_errors)
    print(f"已固化 {frozen.cells} 个单元格，每格的依据见工作表“{frozen.sheet}”")
    if frozen.doubts:
        print(f"注意：其中 {len(frozen.doubts)} 格是错误值或没有重算的值，原样保留，见“核对”一列")
    return _told_copy(frozen)


def portable(options) -> int:
    from ..workbook.our_formulas import told
    from ..workbook.portable import portable

    source, target, book, layers = _copied(options, "可移植")
    ported = portable(source, target, book, layers=layers)
    print(f"{ported.native} 个公式改成了普通公式，读工作表“{ported.sheet}”里的 {ported.parameters} 个参数")
    if ported.converted:
        print(f"{ported.converted} 个单元格的文字改成了数、日期或规范的词")
    if ported.frozen:
        print(f"{len(ported.frozen)} 个公式没有普通公式可用，固化成了数值：")
        print("\n".join(f"  {line}" for line in told(ported.frozen, MOST_FROZEN)))
    print(f"改动逐条列在工作表“{ported.listing}”里")
    return _told_copy(ported)


def _copied(options, what: str):
    """(workbook, where the copy goes, the workbook as it was read, settings). Raises LedgerError."""
    from pathlib import Path

    from ..formulas.office import Layer
    from ..formulas.signatures import AS_OF
    from ..formulas.values import read_date
    from ..ledger.files import read_book
    from ..ledger.settings import office_layers, own_layer

    source = Path(options.workbook)
    target = Path(options.out) if options.out else source.with_name(f"{source.stem}_{what}{source.suffix}")
    book = read_book(source)
    day = read_date(AS_OF, options.as_of) if options.as_of else None
    return source, target, book, [own_layer(book), Layer("选项", options.policy, day), *office_layers(book)]


def export(options) -> int:
    from ..summaries.export import export as made_of

    made = made_of(options.workbook, options.out, options.hidden, options.keep_errors)
    rows = "，".join(f"{name} {count} 行" for name, count in made.sheets.items())
    print(f"导出 {len(made.sheets)} 张工作表（{rows}），{made.formulas} 个公式变成数值")
    if made.hidden:
        print(f"隐藏的工作表没有导出：{'、'.join(made.hidden)}")
    for what, found in (("没有计算结果，导出为 #N/A", made.unresolved), ("是错误值，照样导出", made.errors)):
        for sheet, places in found.items():
            print(f"注意：工作表“{sheet}”有 {len(places)} 格{what}：{'、'.join(places[:MOST_FROZEN])}")
    if made.backup:
        print(f"原来的 {made.target.name} 备份在 {made.backup.name}")
    return _told_copy(made)


def do(options) -> int:
    """What a button of the templates does, on a closed file."""
    from ..errors import LedgerError
    from ..hosts.actions import ACTIONS, action_of
    from ..hosts.books import FileBook

    if options.action is None:
        for action in ACTIONS.values():
            print(f"{action.caption}　{action.about}")
        return 0
    action = action_of(options.action)
    if options.workbook is None:
        raise LedgerError(f"缺少工作簿：xl-poverty do {action.caption} 台账.xlsm")
    print(action.run(FileBook(options.workbook, options.cell or "")))
    return 0


def explain(options) -> int:
    from ..hosts.actions import ACTIONS
    from ..hosts.books import FileBook

    print(ACTIONS["explain"].run(FileBook(options.workbook, options.cell)))
    return 0


def backup(options) -> int:
    from ..hosts.actions import ACTIONS
    from ..hosts.books import FileBook

    print(ACTIONS["backup"].run(FileBook(options.workbook)))
    return 0


def _told_copy(done) -> int:
    remarks(done.remarks)
    print(f"已写入：{done.target}（原工作簿未改动）")
    return 0


