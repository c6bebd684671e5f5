"""The command line: xl-poverty demo, inspect, check, fill, compare, freeze, portable, why, formulas, policies,
policy check. Chinese throughout."""
from __future__ import annotations

import sys

from . import __version__

#: mistakes shown of one document: a wrong rule lets hundreds of cases fail
MOST_MISTAKES = 50
#: kinds of formulas shown that became values
MOST_FROZEN = 10
LEDGERS = "台账文件（.xlsx、.xlsm、.xls、.csv 或网页表格）"
DESCRIPTION = "按乡镇、区县的增收文件，在台账里核算每户每人应享的补贴奖补，每个数都说得出依据。"


def main(argv: list[str] | None = None) -> int:
    """Run a command; the exit code is 0, 1 for something that could not be done, 2 for a wrong call."""
    arguments = sys.argv[1:] if argv is None else argv
    if arguments[:1] in (["--version"], ["-V"]):
        print(f"xl-poverty {__version__}")
        return 0
    from .errors import CellError, LedgerError, PolicyError

    options = _parser().parse_args(arguments)
    try:
        return options.run(options)
    except CellError as error:
        return _failed(error.message)
    except LedgerError as error:
        return _failed(str(error))
    except PolicyError as error:
        return _failed("政策文件或设置有误：\n" + "\n".join(f"  {line}" for line in error.mistakes))
    except BrokenPipeError:
        return 1
    except KeyboardInterrupt:
        return _failed("已中断，原文件没有改动")


def _failed(message: str) -> int:
    print(f"xl-poverty：{message}", file=sys.stderr)
    return 1


# ---- arguments


def _parser():
    import argparse

    _translate(argparse)
    parser = argparse.ArgumentParser(prog="xl-poverty", description=DESCRIPTION, add_help=False)
    _help(parser)
    parser.add_argument("-V", "--version", action="version", version=__version__, help="显示版本")
    commands = parser.add_subparsers(dest="command", required=True, metavar="命令", title="命令")

    def command(name: str, run, text: str):
        added = commands.add_parser(name, help=text, description=text, add_help=False)
        _help(added)
        added.set_defaults(run=run)
        return added

    demo = command("demo", _demo, "复制示例台账、核算，并显示各事项合计和前几行依据")
    demo.add_argument("--out", metavar="文件夹", default="xl_poverty_demo", help="放结果的文件夹（默认 %(default)s）")
    inspect = command("inspect", _inspect, "看一个台账是怎样认的：哪张表、表头在哪、每列认作什么、哪些行没有算")
    inspect.add_argument("ledger", metavar="台账", help=LEDGERS)
    inspect.add_argument("--json", action="store_true", help="按 JSON 输出，给程序用")
    check = command("check", _check, "列出台账里的疑点：哪一格、错在哪里、怎样处理；台账本身不改动")
    check.add_argument("ledgers", metavar="台账", nargs="+", help=f"{LEDGERS}，可以有几个，也可以是文件夹")
    check.add_argument("-o", "--out", metavar="文件", help="把疑点表写成 .xlsx")
    check.add_argument("--only", metavar="检查项", nargs="+", help="只做这些检查（名称或分组）")
    check.add_argument("--skip", metavar="检查项", nargs="+", default=[], help="不做这些检查")
    check.add_argument("--list", action="store_true", help="列出全部检查项，不检查")
    check.add_argument("--json", action="store_true", help="按 JSON 输出，给程序用")
    fill = command("fill", _fill, "在台账副本里追加各事项应享金额、合计和依据；其余内容原样保留")
    fill.add_argument("ledger", metavar="台账", help=LEDGERS)
    fill.add_argument("-o", "--out", metavar="文件", help="结果文件（默认 <台账名>_已核算.xlsx，放在台账旁边）")
    fill.add_argument("--in-place", action="store_true", help="直接写进台账本身；原来的台账备份在旁边")
    fill.add_argument("--policy", metavar="政策", default="", help="政策的简称、编号或文号，如 双碾乡")
    fill.add_argument("--as-of", metavar="日期", help="业务日期，如 2025-11-30；台账有“业务日期”列的以列为准")
    fill.add_argument("--measures", metavar="事项", nargs="+", help="只核算这些事项（函数名或中文名）")
    for added in (inspect, check):
        added.add_argument("--policy", metavar="政策", default="", help="政策的简称、编号或文号，如 双碾乡")
    check.add_argument("--as-of", metavar="日期", help="算年龄、期限用的日期（默认用设置里的业务日期，没有就用今天）")
    for added in (inspect, check, fill):
        added.add_argument("--sheet", metavar="工作表", help="台账所在的工作表（默认自动找表头）")
        added.add_argument("--answer", metavar="问题=选项", action="append", default=[], dest="answers",
                           help="答复一个问题，如 --answer 空白按0：低保金=是（可写几次）")  # fmt: skip
    compare = command("compare", _compare, "补差表：同一台账在两份文件下各应享多少，与已发金额比较")
    compare.add_argument("ledger", metavar="台账", help=LEDGERS)
    compare.add_argument("--old", metavar="政策", required=True, help="原来的文件，如 双碾乡")
    compare.add_argument("--new", metavar="政策", required=True, help="现在的文件")
    compare.add_argument("--paid", metavar="发放表", nargs="+", default=[], help="已发的花名册（证件号码、事项、金额）")
    compare.add_argument("--as-of", metavar="日期", help="新文件的业务日期；台账有“业务日期”列的以列为准")
    compare.add_argument("--old-as-of", metavar="日期", help="原文件的业务日期（默认与新文件相同）")
    compare.add_argument("--measures", metavar="事项", nargs="+", help="只比较这些事项")
    compare.add_argument("--sheet", metavar="工作表", help="台账所在的工作表")
    compare.add_argument("-o", "--out", metavar="文件", help="结果文件（默认 <台账名>_补差表.xlsx）")
    freeze = command("freeze", _freeze, "固化：副本里本库的公式变成数值，并附一张核算依据；没有 Python 和插件也能看")
    portable = command("portable", _portable, "移植：副本里本库的公式变成普通公式，读政策参数表；没有 Python 也能算")
    for added in (freeze, portable):
        added.add_argument("workbook", metavar="工作簿", help="用了本库公式的工作簿（.xlsx、.xlsm）")
        added.add_argument("--policy", metavar="政策", default="", help="公式和工作簿都没写政策时用的政策")
        added.add_argument("--as-of", metavar="日期", help="公式和工作簿都没写业务日期时用的业务日期")
    freeze.add_argument("-o", "--out", metavar="文件", help="结果文件（默认 <工作簿名>_固化.xlsx）")
    freeze.add_argument("--keep-errors", action="store_true", help="错误值、没有重算的值也原样固化，在核算依据里注明")
    portable.add_argument("-o", "--out", metavar="文件", help="结果文件（默认 <工作簿名>_可移植.xlsx）")
    why = command("why", _why, "说明一项怎么算出来：xl-poverty why 交通补贴 政策=双碾乡 户类型=脱贫户 …")
    why.add_argument("measure", metavar="事项", help="函数名或中文名，如 TRAVEL_SUBSIDY 或 交通补贴")
    why.add_argument("facts", metavar="参数=值", nargs="*", help="如 户类型=脱贫户 是否劳动力=是 务工去向=跨省")
    formulas = command("formulas", _formulas, "列出全部函数；加函数名则显示它的参数、选项和各政策条款")
    formulas.add_argument("name", metavar="函数", nargs="?", help="函数名或中文名")
    command("policies", _policies, "列出已装的政策文件")
    policy = command("policy", _policy_check, "检查新加的政策文件：xl-poverty policy check 文件夹")
    policy.add_argument("action", choices=["check"], metavar="check", help="检查（check）")
    policy.add_argument("folder", metavar="文件夹", help="政策文件夹，或放着几个政策文件夹的文件夹")
    return parser


def _help(parser):
    parser.add_argument("-h", "--help", action="help", help="显示帮助")


#: argparse's own words, in the language of those who read them
_WORDS = {
    "usage: ": "用法：", "positional arguments": "参数", "options": "选项", "optional arguments": "选项",
    "the following arguments are required: %s": "缺少参数：%s", "unrecognized arguments: %s": "不认识的参数：%s",
    "argument %(argument_name)s: %(message)s": "参数 %(argument_name)s：%(message)s",
    "ignored explicit argument %r": "后面不用跟值 %r",
    "expected one argument": "后面要跟一个值", "expected at least one argument": "后面至少要跟一个值",
    "invalid choice: %(value)r (choose from %(choices)s)": "没有 %(value)s，可用：%(choices)s",
    "invalid choice: %(value)r, maybe you meant %(closest)r? (choose from %(choices)s)":
        "没有 %(value)s，可用：%(choices)s",
    "%(prog)s: error: %(message)s\n": "%(prog)s：%(message)s\n",
}  # fmt: skip


def _translate(argparse):
    """argparse looks its texts up through `_`; a catalogue of a dozen words needs no compiled files."""
    argparse._ = lambda text: _WORDS.get(text, text)


# ---- commands


def _demo(options) -> int:
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

    here = Path(__file__).parent
    for folder in (here / "workbooks", here.parent / "workbooks"):
        if (folder / "双碾乡台账.xlsx").exists():
            return folder / "双碾乡台账.xlsx"
    raise FileNotFoundError("双碾乡台账.xlsx")


def _answers(options) -> dict[str, str]:
    """Key of a question -> the choice, as they were given. Raises LedgerError."""
    from .errors import LedgerError

    found = {}
    for text in options.answers:
        key, sign, choice = text.rpartition("=")
        if not sign or not key.strip() or not choice.strip():
            raise LedgerError(f"--answer 应写成 问题=选项，如 --answer 空白按0：低保金=是，不是“{text}”")
        found[key.strip()] = choice.strip()
    return found


def _inspect(options) -> int:
    from .ledger.reading import read_ledger
    from .ledger.report import described, described_text

    ledger = read_ledger(options.ledger, options.sheet, options.policy, _answers(options))
    if options.json:
        import json

        print(json.dumps(described(ledger), ensure_ascii=False, indent=2))
    else:
        print(described_text(ledger))
    return 0


def _check(options) -> int:
    from pathlib import Path

    from .errors import LedgerError
    from .ledger.checks import checks
    from .ledger.report import check_files, doubts_summary, ledger_files, write_doubts

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
    asked = dict(sheet=options.sheet, policy=options.policy, answers=_answers(options), as_of=options.as_of,
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
                for remark in checked.remarks:
                    print(f"注意：{remark}")
    if target and len(told) > failed:
        write_doubts(told, target)
        print(f"已写入：{target}（台账未改动）", file=sys.stderr if options.json else sys.stdout)
    return 1 if failed else 0


def _fill(options) -> int:
    return _report(
        _run_fill(options.ledger, options.out, options.policy, options.as_of, options.measures, options.sheet,
                  _answers(options), options.in_place),
        explained=0,
    )  # fmt: skip


def _run_fill(ledger, out=None, policy="", as_of=None, measures=None, sheet=None, answers=None, in_place=False):
    from .ledger.filling import fill

    def progress(done, total, alias):
        if sys.stderr.isatty():
            print(f"\r核算 {done + 1}/{total} {alias}\033[K", end="", file=sys.stderr, flush=True)

    filled = fill(ledger, out, policy, as_of, measures, sheet, progress, answers, in_place)
    if sys.stderr.isatty():
        print("\r\033[K", end="", file=sys.stderr)
    return filled


def _report(filled, explained: int) -> int:
    from .ledger.entitlements import add
    from .ledger.report import aligned

    entitled = filled.entitled
    policy = entitled.policy
    print(f"政策：{policy.short_name} {policy.cited}　工作表：{filled.sheet}　数据 {filled.rows} 行")
    rows = [("事项", "条款", "性质", "享受", "为0", "待改", "金额（元）")]
    for column in entitled.columns:
        paid, wrong = column.paid, column.errors
        rows.append((column.signature.alias, column.clause, column.nature, f"{paid}",
                     f"{filled.rows - paid - wrong}", f"{wrong}", _money(column.total)))  # fmt: skip
    print(aligned(rows, right=range(3, len(rows[0]))))
    for nature, sums in entitled.sums.items():
        wrong = sum(isinstance(value, Exception) for value in sums)
        total = add(value for value in sums if not isinstance(value, Exception))
        waiting = f"，另有 {wrong} 行待改，未计入" if wrong else ""
        print(f"应享{nature}合计：{_money(total)} 元（已核算 {filled.rows - wrong} 行{waiting}）")
    if filled.households:
        done, waiting = filled.households
        print(f"已核算 {done} 户，待补 {waiting} 户")
    for alias, reason in entitled.left_out.items():
        print(f"未核算 {alias}：{reason}")
    for remark in filled.remarks:
        print(f"注意：{remark}")
    for number, text in filled.first[:explained]:
        print(f"第{number}行　{text}")
    print(f"已写入：{filled.target}（{'台账本身' if filled.in_place else '原台账未改动'}）")
    return 0


def _compare(options) -> int:
    from .ledger.difference import difference

    found = difference(
        options.ledger, options.old, options.new, options.paid, options.out, options.as_of, options.old_as_of,
        options.measures, options.sheet,
    )  # fmt: skip
    print(f"原：{found.old.short_name} {found.old.cited}　现：{found.new.short_name} {found.new.cited}")
    labels = [("old", "原应享"), ("new", "现应享"), ("difference", "差额")]
    labels += [("paid", "已发"), ("owed", "应补"), ("overpaid", "多发")] if options.paid else []
    print("，".join(f"{label} {_money(found.total(name))} 元" for name, label in labels) + f"（{len(found.lines)} 项）")
    if found.failed:
        print(f"另有 {found.failed} 项待改，未计入合计")
    if not options.paid:
        print("没有给发放表（--paid），未核对已发，应补空着")
    for remark in found.remarks:
        print(f"注意：{remark}")
    print(f"已写入：{found.target}（原台账未改动）")
    return 0


def _freeze(options) -> int:
    from .workbook.freezing import freeze

    source, target, book, layers = _copied(options, "固化")
    frozen = freeze(source, target, book, layers=layers, keep_errors=options.keep_errors)
    print(f"已固化 {frozen.cells} 个单元格，每格的依据见工作表“{frozen.sheet}”")
    if frozen.doubts:
        print(f"注意：其中 {len(frozen.doubts)} 格是错误值或没有重算的值，原样保留，见“核对”一列")
    return _told_copy(frozen)


def _portable(options) -> int:
    from .workbook.our_formulas import told
    from .workbook.portable import portable

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

    from .formulas.office import Layer
    from .formulas.signatures import AS_OF
    from .formulas.values import read_date
    from .ledger.files import read_book
    from .ledger.settings import office_layers, own_layer

    source = Path(options.workbook)
    target = Path(options.out) if options.out else source.with_name(f"{source.stem}_{what}{source.suffix}")
    book = read_book(source)
    day = read_date(AS_OF, options.as_of) if options.as_of else None
    return source, target, book, [own_layer(book), Layer("选项", options.policy, day), *office_layers(book)]


def _told_copy(done) -> int:
    for remark in done.remarks:
        print(f"注意：{remark}")
    print(f"已写入：{done.target}（原工作簿未改动）")
    return 0


def _money(amount) -> str:
    return f"{amount:,}" if isinstance(amount, int) else f"{amount:,.2f}"


def _why(options) -> int:
    from .errors import CellError
    from .formulas import WHY
    from .formulas.documents import known_function
    from .formulas.office import current

    signature = known_function(options.measure, current())
    named = {}
    for fact in options.facts:
        label, sign, value = fact.partition("=")
        if not sign:
            raise CellError("unknown_option", f"“{fact}”应写成 参数=值，如 户类型=脱贫户")
        name = signature.labels.get(label.strip(), label.strip())
        if name not in (*signature.by_name, "policy", "as_of"):
            known = "、".join(signature.labels)
            raise CellError("unknown_option", f"{signature.alias}没有参数“{label}”，有：{known}")
        argument = signature.by_name.get(name)
        is_list = argument is not None and argument.kind == "numbers"
        named[name] = value.replace("，", ",").split(",") if is_list else value
    print(WHY(signature.name, **named))
    return 0


def _formulas(options) -> int:
    from .formulas.documents import documents, known_function
    from .formulas.office import current
    from .formulas.signatures import own_signatures, signatures

    installed = documents(current())
    if options.name is None:
        group = ""
        for signature in signatures().values():
            if signature.group != group:
                group = signature.group
                print(f"\n{group}")
            print(f"  {signature.name:<28}{signature.alias}")
        for policy in installed:
            own = own_signatures(policy).values()
            if own:
                print(f"\n{policy.short_name}自己的")
            for signature in own:
                print(f"  {signature.name:<28}{signature.alias}")
        print("\n看一个函数的参数：xl-poverty formulas 交通补贴")
        return 0
    signature = known_function(options.name, current())
    print(f"{signature.alias}　={signature.call_text}")
    print(f"结果：{signature.result}{f'，{signature.nature}' if signature.nature else ''}")
    for argument in signature.arguments:
        marks = [argument.unit, "、".join(argument.options), "可不填" if argument.optional else ""]
        marks = [mark for mark in marks if mark]
        print(f"  {argument.label}（{argument.name}）{'：' + '；'.join(marks) if marks else ''}")
    for policy in installed:
        measure = policy.measures.get(signature.name)
        if measure:
            print(f"{policy.short_name} {policy.cite(measure)}："
                  f"{measure.kind}{measure.unit and '，' + measure.unit}　“{'……'.join(measure.quotes)}”")  # fmt: skip
            if measure.note:
                print(f"  说明：{measure.note}")
            for reading in measure.readings:
                choices = "、".join(reading.alternatives)
                print(f"  口径 {reading.name}：{choices}（默认 {reading.default}，{reading.because}）")
    return 0


def _policies(options) -> int:
    import datetime as dt

    from .formulas.documents import documents
    from .formulas.office import current

    today = dt.date.today()
    for policy in documents(current()):
        if not policy.tested:
            state = "不检验"
        else:
            state = "已到期" if policy.expired(today) else "施行中" if policy.covers(today) else "未施行"
        until = policy.until or "未定"
        print(f"{policy.short_name}　{policy.cited}　{policy.start} 至 {until}（{state}）　编号 {policy.id}")
        print(f"  {policy.title}")
        print(f"  {len(policy.measures)} 个事项、{len(policy.indicators)} 个指标、{len(policy.deadlines)} 个时限")
    return 0


def _policy_check(options) -> int:
    from pathlib import Path

    from .formulas.checking import check_documents, read_cases

    folder = Path(options.folder)
    try:
        found = check_documents(folder)
    except FileNotFoundError:
        return _failed(f"{folder} 里没有 policy.toml")
    for name, mistakes in found.items():
        if mistakes:
            print(f"{name}：{len(mistakes)} 处错误")
            print("\n".join(f"  {line}" for line in mistakes[:MOST_MISTAKES]))
            if len(mistakes) > MOST_MISTAKES:
                print(f"  另有 {len(mistakes) - MOST_MISTAKES} 处，改正以上各处后再检查")
        else:
            document = folder if (folder / "policy.toml").exists() else folder / name
            print(f"{name}：没有错误，{len(read_cases(document))} 个核对例都对")
    return 1 if any(found.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
