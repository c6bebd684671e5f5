"""demo, inspect, check, fill, compare: commands on one ledger, or on each of several."""
from __future__ import annotations

import sys

from .telling import Progress, answers, remarks


def demo(options) -> int:
    import shutil
    from pathlib import Path

    folder = Path(options.out)
    folder.mkdir(parents=True, exist_ok=True)
    example = example_ledger()
    ledger = folder / example.name
    shutil.copyfile(example, ledger)
    print(f"示例台账：{ledger}（人员均为虚构）")
    return _report(_run_fill(ledger), explained=5)


def example_ledger():
    """The example ledger, in the checkout or in the installed package."""
    from pathlib import Path

    here = Path(__file__).parent.parent
    for folder in (here / "workbooks", here.parent / "workbooks"):
        if (folder / "双碾乡台账.xlsx").exists():
            return folder / "双碾乡台账.xlsx"
    raise FileNotFoundError("双碾乡台账.xlsx")


def inspect(options) -> int:
    from ..ledger.reading import read_ledger
    from ..ledger.report import described, described_text

    ledger = read_ledger(options.ledger, options.sheet, options.policy, answers(options))
    if options.json:
        import json

        print(json.dumps(described(ledger), ensure_ascii=False, indent=2))
    else:
        print(described_text(ledger))
    return 0


def check(options) -> int:
    from pathlib import Path

    from ..errors import LedgerError
    from ..ledger.checks import checks
    from ..ledger.report import check_files, doubts_summary, ledger_files, write_doubts

    if options.list:
        group = ""
        for check in checks().values():
            if check.group != group:
                group = check.group
                print(f"\n{group}")
            print(f"  {check.severity}　{check.title}（{check.name}）：{check.about}")
        return 0
    files = ledger_files(options.ledgers)
    target = Path(options.out) if options.out else None
    if target and target.resolve() in {file.resolve() for file in files}:
        raise LedgerError("疑点表不能写在台账自己上，请换一个文件名")
    asked = dict(sheet=options.sheet, policy=options.policy, answers=answers(options), as_of=options.as_of,
                 only=options.only, skip=options.skip)  # fmt: skip
    told = []
    for checked in check_files(files, **asked):
        if checked.error:
            print(f"xl-poverty：{checked.error}", file=sys.stderr)
        told.append(checked)
    failed = sum(bool(checked.error) for checked in told)
    if options.json:
        import json

        print(json.dumps([checked.plain() for checked in told], ensure_ascii=False, indent=2))
    else:
        for checked in told:
            if not checked.error:
                print(f"{checked.file}：{doubts_summary(checked.doubts)}")
                remarks(checked.remarks)
    if target and len(told) > failed:
        write_doubts(told, target)
        print(f"已写入：{target}（台账未改动）", file=sys.stderr if options.json else sys.stdout)
    return 1 if failed else 0


def fill(options) -> int:
    return _report(
        _run_fill(options.ledger, options.out, options.policy, options.as_of, options.measures, options.sheet,
                  answers(options), options.in_place, options.paid),
        explained=0,
    )  # fmt: skip


def _run_fill(
    ledger, out=None, policy="", as_of=None, measures=None, sheet=None, answers=None, in_place=False, paid=(),
):  # fmt: skip
    from ..ledger.filling import fill

    with Progress("核算") as progress:
        return fill(ledger, out, policy, as_of, measures, sheet, progress, answers, in_place, paid)


def _report(filled, explained: int) -> int:
    from ..ledger.entitlements import add, money
    from ..ledger.report import aligned

    entitled = filled.entitled
    policy = entitled.policy
    print(f"政策：{policy.short_name} {policy.cited}　工作表：{filled.sheet}　数据 {filled.rows} 行")
    rows = [("事项", "条款", "性质", "享受", "为0", "待改", "金额（元）")]
    for column in entitled.columns:
        paid, wrong = column.paid, column.errors
        rows.append((column.signature.alias, column.clause, column.nature, f"{paid}",
                     f"{filled.rows - paid - wrong}", f"{wrong}", money(column.total)))  # fmt: skip
    print(aligned(rows, right=range(3, len(rows[0]))))
    for nature, sums in entitled.sums.items():
        wrong = sum(isinstance(value, Exception) for value in sums)
        total = add(value for value in sums if not isinstance(value, Exception))
        waiting = f"，另有 {wrong} 行待改，未计入" if wrong else ""
        print(f"应享{nature}合计：{money(total)} 元（已核算 {filled.rows - wrong} 行{waiting}）")
    if filled.households:
        done, waiting = filled.households
        print(f"已核算 {done} 户，待补 {waiting} 户")
    for alias, reason in entitled.left_out.items():
        print(f"未核算 {alias}：{reason}")
    remarks(filled.remarks)
    for number, text in filled.first[:explained]:
        print(f"第{number}行　{text}")
    print(f"已写入：{filled.target}（{'台账本身' if filled.in_place else '原台账未改动'}）")
    return 0


def compare(options) -> int:
    """One ledger under two documents, or two periods of a ledger."""
    from . import reports

    if len(options.ledgers) == 2 and not (options.old or options.new):
        return reports.periods(options)
    if len(options.ledgers) != 1 or not (options.old and options.new):
        options.wrong(
            "有两种用法：比较两期，写上期和本期两个台账（compare 上期.xlsx 本期.xlsx）；"
            "比较两份文件，写一个台账和 --old、--new"
        )
    return _difference(options)


def _difference(options) -> int:
    from ..ledger.difference import difference
    from ..ledger.entitlements import money

    found = difference(
        options.ledgers[0], options.old, options.new, options.paid, options.out, options.as_of, options.last_as_of,
        options.measures, options.sheet,
    )  # fmt: skip
    print(f"原：{found.old.short_name} {found.old.cited}　现：{found.new.short_name} {found.new.cited}")
    labels = [("old", "原应享"), ("new", "现应享"), ("difference", "差额")]
    labels += [("paid", "已发"), ("owed", "应补"), ("overpaid", "多发")] if options.paid else []
    print("，".join(f"{label} {money(found.total(name))} 元" for name, label in labels) + f"（{len(found.lines)} 项）")
    if found.failed:
        print(f"另有 {found.failed} 项待改，未计入合计")
    if not options.paid:
        print("没有给发放表（--paid），未核对已发，应补空着")
    remarks(found.remarks)
    print(f"已写入：{found.target}（原台账未改动）")
    return 0
