"""The commands and their arguments."""
from __future__ import annotations

import argparse

from .. import __version__
from . import copies, documents, ledgers

LEDGERS = "台账文件（.xlsx、.xlsm、.xls、.csv 或网页表格）"
DESCRIPTION = "按乡镇、区县的增收文件，在台账里核算每户每人应享的补贴奖补，每个数都说得出依据。"

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


def _translate():
    """argparse looks its texts up through `_`; a catalogue of a dozen words needs no compiled files."""
    argparse._ = lambda text: _WORDS.get(text, text)


def parser():
    _translate()
    parser = argparse.ArgumentParser(prog="xl-poverty", description=DESCRIPTION, add_help=False)
    _help(parser)
    parser.add_argument("-V", "--version", action="version", version=__version__, help="显示版本")
    commands = parser.add_subparsers(dest="command", required=True, metavar="命令", title="命令")

    def command(name: str, run, text: str):
        added = commands.add_parser(name, help=text, description=text, add_help=False)
        _help(added)
        added.set_defaults(run=run)
        return added

    demo = command("demo", ledgers.demo, "复制示例台账、核算，并显示各事项合计和前几行依据")
    demo.add_argument("--out", metavar="文件夹", default="xl_poverty_demo", help="放结果的文件夹（默认 %(default)s）")
    inspect = command("inspect", ledgers.inspect, "看一个台账是怎样认的：哪张表、表头在哪、每列认作什么、哪些行没有算")
    inspect.add_argument("ledger", metavar="台账", help=LEDGERS)
    inspect.add_argument("--json", action="store_true", help="按 JSON 输出，给程序用")
    check = command("check", ledgers.check, "列出台账里的疑点：哪一格、错在哪里、怎样处理；台账本身不改动")
    check.add_argument("ledgers", metavar="台账", nargs="+", help=f"{LEDGERS}，可以有几个，也可以是文件夹")
    check.add_argument("-o", "--out", metavar="文件", help="把疑点表写成 .xlsx")
    check.add_argument("--only", metavar="检查项", nargs="+", help="只做这些检查（名称或分组）")
    check.add_argument("--skip", metavar="检查项", nargs="+", default=[], help="不做这些检查")
    check.add_argument("--list", action="store_true", help="列出全部检查项，不检查")
    check.add_argument("--json", action="store_true", help="按 JSON 输出，给程序用")
    fill = command("fill", ledgers.fill, "在台账副本里追加各事项应享金额、合计和依据；其余内容原样保留")
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
    compare = command("compare", ledgers.compare, "补差表：同一台账在两份文件下各应享多少，与已发金额比较")
    compare.add_argument("ledger", metavar="台账", help=LEDGERS)
    compare.add_argument("--old", metavar="政策", required=True, help="原来的文件，如 双碾乡")
    compare.add_argument("--new", metavar="政策", required=True, help="现在的文件")
    compare.add_argument("--paid", metavar="发放表", nargs="+", default=[], help="已发的花名册（证件号码、事项、金额）")
    compare.add_argument("--as-of", metavar="日期", help="新文件的业务日期；台账有“业务日期”列的以列为准")
    compare.add_argument("--old-as-of", metavar="日期", help="原文件的业务日期（默认与新文件相同）")
    compare.add_argument("--measures", metavar="事项", nargs="+", help="只比较这些事项")
    compare.add_argument("--sheet", metavar="工作表", help="台账所在的工作表")
    compare.add_argument("-o", "--out", metavar="文件", help="结果文件（默认 <台账名>_补差表.xlsx）")
    text = "固化：副本里本库的公式变成数值，并附一张核算依据；没有 Python 和插件也能看"
    freeze = command("freeze", copies.freeze, text)
    text = "移植：副本里本库的公式变成普通公式，读政策参数表；没有 Python 也能算"
    portable = command("portable", copies.portable, text)
    for added in (freeze, portable):
        added.add_argument("workbook", metavar="工作簿", help="用了本库公式的工作簿（.xlsx、.xlsm）")
        added.add_argument("--policy", metavar="政策", default="", help="公式和工作簿都没写政策时用的政策")
        added.add_argument("--as-of", metavar="日期", help="公式和工作簿都没写业务日期时用的业务日期")
    freeze.add_argument("-o", "--out", metavar="文件", help="结果文件（默认 <工作簿名>_固化.xlsx）")
    freeze.add_argument("--keep-errors", action="store_true", help="错误值、没有重算的值也原样固化，在核算依据里注明")
    portable.add_argument("-o", "--out", metavar="文件", help="结果文件（默认 <工作簿名>_可移植.xlsx）")
    why = command("why", documents.why, "说明一项怎么算出来：xl-poverty why 交通补贴 政策=双碾乡 户类型=脱贫户 …")
    why.add_argument("measure", metavar="事项", help="函数名或中文名，如 TRAVEL_SUBSIDY 或 交通补贴")
    why.add_argument("facts", metavar="参数=值", nargs="*", help="如 户类型=脱贫户 是否劳动力=是 务工去向=跨省")
    formulas = command("formulas", documents.formulas, "列出全部函数；加函数名则显示它的参数、选项和各政策条款")
    formulas.add_argument("name", metavar="函数", nargs="?", help="函数名或中文名")
    command("policies", documents.policies, "列出已装的政策文件")
    policy = command("policy", documents.policy_check, "检查新加的政策文件：xl-poverty policy check 文件夹")
    policy.add_argument("action", choices=["check"], metavar="check", help="检查（check）")
    policy.add_argument("folder", metavar="文件夹", help="政策文件夹，或放着几个政策文件夹的文件夹")
    return parser


def _help(parser):
    parser.add_argument("-h", "--help", action="help", help="显示帮助")


