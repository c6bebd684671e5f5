"""plan, summary, roster, notice, audit, compare (two periods), merge, split: what is made of ledgers."""
from __future__ import annotations

import sys

from .telling import Progress, answers, listed, remarks, written


def plan(options) -> int:
    from ..plans import make_plans

    with Progress("一户一策") as progress:
        made = make_plans(options.ledger, options.out, options.separate, options.last, options.paid, options.policy,
                          options.as_of, progress, options.sheet, answers(options))  # fmt: skip
    print(f"政策：{made.made.policy.short_name} {made.made.policy.cited}　一户一策 {made.plans} 户")
    remarks(made.remarks)
    return written(made)


def summary(options) -> int:
    from pathlib import Path

    from ..errors import LedgerError
    from ..ledger.report import aligned
    from ..summaries.summary import summarise_files

    target = options.out
    if target is None:
        first = Path(options.ledgers[0])
        if len(options.ledgers) > 1 or first.is_dir():
            raise LedgerError("几个台账一起汇总时，请用 -o 指明结果文件，如 -o 汇总.xlsx")
        target = first.with_name(f"{first.stem}_汇总.xlsx")
    with Progress("汇总") as progress:
        made = summarise_files(options.ledgers, target, options.policy, options.as_of, options.last, options.paid,
                               options.plans, options.farmers, answers(options), progress)  # fmt: skip
    found = made.summary
    for name, why in made.failed:
        print(f"xl-poverty：{name} 没有汇总：{why}", file=sys.stderr)
    documents = "、".join(f"{policy.short_name} {policy.cited}" for policy in found.documents)
    print(f"政策：{documents}　台账 {len(found.files)} 个")
    print(aligned(list(_figures(found)), right=[1]))
    if found.doubts:
        print(f"有 {len(found.doubts)} 处待改，没有计入，列在工作表“待改清单”")
    if found.missing:
        print("未统计：")
        listed([f"{one.file}　{one.item}：{one.why}" for one in found.missing], "项，见工作表“汇总”")
    remarks(found.remarks)
    written(made.made)
    return 1 if made.failed else 0


def _figures(found):
    """The key figures of a summary in all, as a table."""
    from ..summaries.blocks import PIECES, YUAN
    from ..summaries.figures import Place

    for item, what, look, _ in found.entries:
        figure = found.details.figure(what, Place())
        if figure.value is None:
            yield item, figure.why or "不能算"
        elif look == PIECES:
            yield item, f"{int(figure.value):,}"
        else:
            yield item, f"{float(figure.value):,.2f}" if look == YUAN else f"{float(figure.value):.2%}"


def roster(options) -> int:
    from ..summaries.roster import roster as made_of

    with Progress("花名册") as progress:
        made = made_of(options.ledger, options.measures, options.out, options.policy, options.as_of, options.paid,
                       options.sheet, answers(options), progress)  # fmt: skip
    print(f"政策：{made.policy.short_name} {made.policy.cited}　工作表：{made.sheet}")
    for batch in made.batches:
        print(batch.told)
    if not made.checked:
        print("没有给发放表（--paid），花名册注明“未核对是否已享受”")
    if made.apart:
        print(f"另有 {len(made.apart)} 人次没有列入，原因列在工作表“未列入”")
    remarks(made.remarks)
    return written(made.written)


def notice(options) -> int:
    from ..summaries.notice import notice as made_of

    with Progress("公示") as progress:
        made = made_of(options.source, options.measures, options.out, options.start, options.end, options.days,
                       options.policy, options.as_of, options.paid, options.sheet, answers(options), options.masked,
                       options.monitored, progress)  # fmt: skip
    print(made.told)
    remarks(made.remarks)
    return written(made.written)


def audit(options) -> int:
    from ..ledger.entitlements import money
    from ..ledger.report import aligned
    from ..summaries.audit import audit as made_of

    made = made_of(options.roster, options.ledger, options.paid, options.out, options.policy, options.as_of,
                   options.sheet, answers(options))  # fmt: skip
    print(f"政策：{made.policy.short_name} {made.policy.cited}　发放表 {len(made.lines)} 项")
    rows = [("结论", "项", "发放（元）", "差额（元）")]
    for verdict, count, paid, difference in made.sums():
        told = (money(one) if one is not None else "" for one in (paid, difference))
        rows.append((verdict, f"{count}", *told))
    print(aligned(rows, right=range(1, 4)))
    remarks(made.remarks)
    return written(made.written, "发放表和台账未改动")


def periods(options) -> int:
    """The second way of `compare`."""
    from ..summaries.periods import compare_periods

    last, this = options.ledgers
    found = compare_periods(last, this, options.out, options.policy, options.sheet, None, answers(options),
                            options.last_as_of, options.as_of)  # fmt: skip
    print("\n".join(found.told))
    for number, what in ((len(found.facts), "处情况有变化"), (len(found.lists), "户进出名单"),
                         (len(found.twice), "人重复出现")):  # fmt: skip
        if number:
            print(f"{number} {what}")
    for question in found.questions:
        print(f"待核实：{question}")
    remarks(found.remarks)
    return written(found.written, "两期台账都未改动")


def merge(options) -> int:
    from ..summaries.merging import merge as made_of

    with Progress("合并") as progress:
        made = made_of(options.sources, options.out, options.villages, progress, options.kind, options.hidden)
    rows = f"读到 {made.rows_in} 行 = 合并 {made.rows_out} 行 + 未合并 {made.rows_left} 行"
    print(f"合并了 {made.merged_files} 个文件：{rows}")
    if made.bad:
        print(f"{len(made.bad)} 个文件没有读：")
        listed([f"{name}：{why}" for name, why in made.bad], "个，见工作表“未合并的文件”")
    twice = len({one.group for one in made.duplicates})
    for count, what in ((twice, "人重复"), (len(made.conflicts), "处矛盾"),
                        (len(made.templates), "个文件的表头和多数不一样")):  # fmt: skip
        if count:
            print(f"{count} {what}，列在结果里")
    if made.villages is not None:
        print(f"名单上 {len(made.villages)} 个村，未上报 {len(made.missing)} 个")
        listed(made.missing, "个")
    remarks(made.remarks)
    told = [f"{file.name}：{remark}" for file in made.files for remark in file.remarks]
    if told:
        print("各文件的注意事项：")
        listed(told, "条，见工作表“合并说明”")
    if made.backup:
        print(f"原来的 {made.target.name} 备份在 {made.backup.name}")
    print(f"已写入：{made.target}（各村的文件都未改动）")
    return 0


def split(options) -> int:
    from pathlib import Path

    from ..summaries.splitting import split as made_of

    source = Path(options.ledger)
    folder = Path(options.out) if options.out else source.with_name(f"{source.stem}_分村")
    with Progress("拆分") as progress:
        by = "town" if options.by_town else "village"
        made = made_of(source, folder, by, options.sheet, answers(options), progress)
    for piece in made.pieces:
        print(f"  {piece.path.name}：{piece.rows} 行{f'（原来的备份在 {piece.backup.name}）' if piece.backup else ''}")
    remarks(made.remarks)
    print(f"台账 {made.rows} 行，写出 {made.written} 行，{len(made.pieces)} 个文件，在 {folder}（原台账未改动）")
    return 0
