"""The commands and their arguments."""
from __future__ import annotations

import argparse

from .. import __version__
from . import copies, documents, install, ledgers, reports

LEDGERS = "台账文件（.xlsx、.xlsm、.xls、.csv 或网页表格）"
POLICY = "政策的简称、编号或文号，如 双碾乡"
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
    "not allowed with argument %s": "不能和 %s 一起用",
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
    fill.add_argument("--policy", metavar="政策", default="", help=POLICY)
    fill.add_argument("--as-of", metavar="日期", help="业务日期，如 2025-11-30；台账有“业务日期”列的以列为准")
    fill.add_argument("--measures", metavar="事项", nargs="+", help="只核算这些事项（函数名或中文名）")
    for added in (inspect, check):
        added.add_argument("--policy", metavar="政策", default="", help=POLICY)
    check.add_argument("--as-of", metavar="日期", help="算年龄、期限用的日期（默认用设置里的业务日期，没有就用今天）")
    for added in (inspect, check, fill):
        _of_ledger(added)
    _paid(fill, "已发的花名册、全国系统导出表，可以有几个；列出已发和本次应发")
    text = "比较两期：上期和本期两个台账，户和人的增减、收入的增减；或者比较两份文件（--old、--new）：补差表"
    compare = command("compare", ledgers.compare, text)
    compare.set_defaults(wrong=compare.error)
    compare.add_argument("ledgers", metavar="台账", nargs="+", help="上期和本期两个台账；比较两份文件时是一个台账")
    compare.add_argument("--old", metavar="政策", default="", help="补差表：原来的文件，如 双碾乡")
    compare.add_argument("--new", metavar="政策", default="", help="补差表：现在的文件")
    _paid(compare, "补差表：已发的花名册（证件号码、事项、金额）")
    compare.add_argument("--measures", metavar="事项", nargs="+", help="补差表：只比较这些事项")
    compare.add_argument("--as-of", metavar="日期", help="本期（现文件）的业务日期；台账有“业务日期”列的以列为准")
    compare.add_argument("--last-as-of", "--old-as-of", metavar="日期", help="上期（原文件）的业务日期")
    compare.add_argument("--policy", metavar="政策", default="", help="比较两期时的政策（减收原因等照它判断）")
    _of_ledger(compare)
    compare.add_argument("-o", "--out", metavar="文件", help="结果（默认 <本期>_与上期对比.xlsx、<台账>_补差表.xlsx）")
    _add_reports(command)
    text = "固化：副本里本库的公式变成数值，并附一张核算依据；没有 Python 和插件也能看"
    freeze = command("freeze", copies.freeze, text)
    text = "移植：副本里本库的公式变成普通公式，读政策参数表；没有 Python 也能算"
    portable = command("portable", copies.portable, text)
    for added in (freeze, portable):
        added.add_argument("workbook", metavar="工作簿", help="用了本库公式的工作簿（.xlsx、.xlsm）")
        added.add_argument("--policy", metavar="政策", default="", help="公式和工作簿都没写政策时用的政策")
        added.add_argument("--as-of", metavar="日期", help="公式和工作簿都没写业务日期时用的业务日期")
    text = "导出上报：副本里只留数值和格式，没有公式、隐藏的表和外部链接"
    export = command("export", copies.export, text)
    export.add_argument("workbook", metavar="工作簿", help="要上报的工作簿")
    export.add_argument("--hidden", action="store_true", help="隐藏的工作表也导出")
    export.add_argument("--keep-errors", action="store_true", help="错误值、没有重算的公式也导出（没结果的成为 #N/A）")
    export.add_argument("-o", "--out", metavar="文件", help="结果文件（默认 <工作簿名>_上报.xlsx）")
    freeze.add_argument("-o", "--out", metavar="文件", help="结果文件（默认 <工作簿名>_固化.xlsx）")
    freeze.add_argument("--keep-errors", action="store_true", help="错误值、没有重算的值也原样固化，在核算依据里注明")
    portable.add_argument("-o", "--out", metavar="文件", help="结果文件（默认 <工作簿名>_可移植.xlsx）")
    _add_buttons(command)
    why = command("why", documents.why, "说明一项怎么算出来：xl-poverty why 交通补贴 政策=双碾乡 户类型=脱贫户 …")
    why.add_argument("measure", metavar="事项", help="函数名或中文名，如 TRAVEL_SUBSIDY 或 交通补贴")
    why.add_argument("facts", metavar="参数=值", nargs="*", help="如 户类型=脱贫户 是否劳动力=是 务工去向=跨省")
    formulas = command("formulas", documents.formulas, "列出全部函数；加函数名则显示它的参数、选项和各政策条款")
    formulas.add_argument("name", metavar="函数", nargs="?", help="函数名或中文名")
    command("policies", documents.policies, "列出已装的政策文件")
    _add_installing(command)
    policy = command("policy", documents.policy_check, "检查新加的政策文件：xl-poverty policy check 文件夹")
    policy.add_argument("action", choices=["check"], metavar="check", help="检查（check）")
    policy.add_argument("folder", metavar="文件夹", help="政策文件夹，或放着几个政策文件夹的文件夹")
    return parser


def _add_buttons(command):
    text = "做模板里一个按钮的事，给宏被拦住的电脑用；不写操作时列出全部按钮"
    do = command("do", copies.do, text)
    do.add_argument("action", metavar="操作", nargs="?", help="按钮上的字，如 生成汇总")
    do.add_argument("workbook", metavar="工作簿", nargs="?", help="台账（.xlsx、.xlsm），没有在 Excel 里打开的")
    do.add_argument("--cell", metavar="单元格", help="说明此格：哪一格，如 台账!B5")
    text = "说明一格怎么算出来：依据、条款和原文：xl-poverty explain 台账.xlsx 台账!AH5"
    explain = command("explain", copies.explain, text)
    explain.add_argument("workbook", metavar="工作簿", help="有本库公式的，或者核算过的台账")
    explain.add_argument("cell", metavar="单元格", help="如 台账!B5；不写工作表时是第一张")
    backup = command("backup", copies.backup, "备份：在工作簿旁边存一份，文件名带日期时间")
    backup.add_argument("workbook", metavar="工作簿", help="要备份的文件")


def _add_installing(command):
    text = "写出一个模板：台账（可以选政策）、一户一策、汇总、村级填报；不覆盖已有的文件"
    new = command("new", install.new, text)
    new.add_argument("template", metavar="模板", nargs="?", help="台账、一户一策、汇总、村级填报（--list 列出全部）")
    new.add_argument("--policy", metavar="政策", default="", help=f"台账模板按哪份文件：{POLICY}（默认空白）")
    new.add_argument("--portable", action="store_true", help="不带宏的（.xlsx，普通公式，不用装 Python，WPS 也能用）")
    new.add_argument("-o", "--out", metavar="文件", help="写成的文件或文件夹（默认当前文件夹，名字和模板一样）")
    new.add_argument("--list", action="store_true", help="列出全部模板")
    text = "把加载项（函数和“帮扶”选项卡）装进 Excel；--remove 取消安装，恢复原样"
    addin = command("install-addin", install.install_addin, text)
    what = addin.add_mutually_exclusive_group()
    what.add_argument("--remove", action="store_true", help="取消安装：删除装进去的，恢复原来的")
    what.add_argument("--trust", metavar="文件夹", help="让 Excel 信任这个文件夹里台账的宏，不再每次询问")
    oxt = command("build-oxt", install.build_oxt, "做出 LibreOffice 的扩展（一个文件），可以拷到别的电脑上装")
    oxt.add_argument("-o", "--out", metavar="文件", default=".", help="写成的文件或文件夹（默认当前文件夹）")
    command("install-oxt", install.install_oxt, "把扩展（函数和“帮扶”菜单）装进这台电脑的 LibreOffice，给当前用户")
    command("remove-oxt", install.remove_oxt, "从 LibreOffice 里删除扩展")
    doctor = command("doctor", install.doctor, "检查 Excel、LibreOffice 里的函数和按钮为什么不能用，逐项写明办法")
    doctor.add_argument("workbook", metavar="工作簿", nargs="?", help="连同这个工作簿一起检查")


def _add_reports(command):
    text = "一户一策：每户一页，收入比较、应享政策、帮扶措施、走访、时限；再做一次时填过的都保留"
    plan = command("plan", reports.plan, text)
    plan.add_argument("ledger", metavar="台账", help=LEDGERS)
    plan.add_argument("--separate", action="store_true", help="每户一个文件（默认都在一个工作簿里，有目录）")
    plan.add_argument("--last", metavar="上期台账", help="上年的台账，用来比较两年收入")
    text = "汇总：按村、乡镇（街道）、文件统计户数人数、收入、应享已发、时限；可以更新原来的汇总表"
    summary = command("summary", reports.summary, text)
    summary.add_argument("ledgers", metavar="台账", nargs="+", help=f"{LEDGERS}，可以有几个，也可以是文件夹")
    summary.add_argument("--last", metavar="上期台账", nargs="+", default=[], help="上年的台账，用来比较")
    summary.add_argument("--plans", metavar="一户一策", nargs="+", default=[], help="填过的一户一策，统计措施和走访")
    summary.add_argument("--farmers", metavar=("上年", "本年"), nargs=2, help="当地农民人均收入（元），用来比较增幅")
    text = "花名册：一卡通发放表，核对号码、重复、收款人和账号；不能列入的另列，写明原因"
    roster = command("roster", reports.roster, text)
    roster.add_argument("ledger", metavar="台账", help=LEDGERS)
    notice = command("notice", reports.notice, "公示：每村一张，只有可以公示的内容，不含证件号码、电话、账号；至少5天")
    notice.add_argument("source", metavar="台账或花名册", help=LEDGERS)
    notice.add_argument("--start", metavar="日期", help="张贴的日期，如 2025-12-01")
    notice.add_argument("--end", metavar="日期", help="公示的最后一天（与 --days 任选一个）")
    notice.add_argument("--days", metavar="天数", type=int, help="公示几天，当天不算（默认 5）")
    notice.add_argument("--masked", action="store_true", help="加一列遮盖了的证件号码")
    notice.add_argument("--monitored", action="store_true", help="公示监测对象（只有户主、人口、类别）")
    for added in (roster, notice):
        added.add_argument("--measures", metavar="事项", nargs="+", help="只做这些事项（默认全部现金事项）")
    audit = command("audit", reports.audit, "复核：发放表逐项重算，多发、少发、重复、不符合条件的各多少")
    audit.add_argument("roster", metavar="发放表", help="要复核的花名册")
    audit.add_argument("--ledger", metavar="台账", required=True, help="照它重算的台账")
    for added, paid in ((plan, "已发的花名册，用来填“已发放”"), (summary, "已发的花名册，用来算兑现率"),
                        (roster, "已发的花名册、全国系统导出表；没有的注明“未核对是否已享受”"),
                        (notice, "已发的花名册，用来扣除已发的"), (audit, "以前的花名册，用来查重复")):  # fmt: skip
        _paid(added, paid)
        added.add_argument("--policy", metavar="政策", default="", help=POLICY)
        added.add_argument("--as-of", metavar="日期", help="业务日期，如 2025-11-30；台账有“业务日期”列的以列为准")
        _of_ledger(added)
    for added, default in ((plan, "<台账>_一户一策.xlsx"), (summary, "<台账>_汇总.xlsx；几个台账时必须写"),
                           (roster, "<台账>_花名册.xlsx"), (notice, "<台账>_公示.xlsx"),
                           (audit, "<发放表>_复核.xlsx")):  # fmt: skip
        added.add_argument("-o", "--out", metavar="文件", help=f"结果（默认 {default}）")
    text = "合并：各村的台账合成一个，写明每行的来源；重复、矛盾、坏文件、未上报的村都列出来"
    merge = command("merge", reports.merge, text)
    merge.add_argument("sources", metavar="文件或文件夹", nargs="+", help="各村的台账，或放着它们的文件夹")
    merge.add_argument("--villages", metavar="名单", help="应上报的村，一行一个（.txt、.csv、.xlsx），列出未上报的")
    merge.add_argument("--kind", metavar="种类", choices=["人员", "户", "务工", "发放"], default="",
                       help="合并哪一种表：人员、户、务工、发放（默认取最多的一种）")  # fmt: skip
    merge.add_argument("--hidden", action="store_true", help="隐藏的工作表也合并")
    merge.add_argument("-o", "--out", metavar="文件", required=True, help="结果文件，如 全乡台账.xlsx")
    split = command("split", reports.split, "拆分：一个台账按村拆成几个文件，格式照旧")
    split.add_argument("ledger", metavar="台账", help=LEDGERS)
    split.add_argument("--by-town", action="store_true", help="按乡镇（街道）拆分，不按村")
    split.add_argument("-o", "--out", metavar="文件夹", help="放结果的文件夹（默认 <台账>_分村）")
    _of_ledger(split)


def _of_ledger(parser):
    parser.add_argument("--sheet", metavar="工作表", help="台账所在的工作表（默认自动找表头）")
    parser.add_argument("--answer", metavar="问题=选项", action="append", default=[], dest="answers",
                        help="答复一个问题，如 --answer 空白按0：低保金=是（可写几次）")  # fmt: skip


def _paid(parser, text: str):
    parser.add_argument("--paid", metavar="发放表", nargs="+", default=[], help=text)


def _help(parser):
    parser.add_argument("-h", "--help", action="help", help="显示帮助")


