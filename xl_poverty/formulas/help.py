"""What a function gives and how its arguments are filled, in a clerk's words: for the manual and for wizards."""
from __future__ import annotations

from ..rules.arguments import FLAG_OPTIONS, Argument
from .signatures import AS_OF, POLICY, Signature

#: what to fill in where the kind of an argument does not say it
HINTS = {
    "n": "1、2、3、4；不填就四个一起查",
    "work_place": "务工的地方",
    "birth_date": "出生日期，或 18 位证件号码（文本）",
    "measure": "事项的中文名或函数名，如 交通补贴",
    "parameter": "标准的名称，如 跨省、每月；填错时会列出有哪些",
    "household": "申报表：带表头的区域，一行一项，有“事项”一列，其余各列的表头是参数的中文名",
    "claims": "在单元格里空着；在 Python 里是一项一项的申报",
    "table": "带表头的区域，如 台账!A1:I6",
    "measures": "只核算哪些事项，用顿号隔开；不填就是台账里凑得齐列的事项",
    "id": "18 位证件号码（残疾人证 20 位，补办的 22 位），单元格要设成文本",
    "paid_table": "带表头的区域，有证件号码、事项、金额、发放日期各列",
    "keys": "一列编号或证件号码",
    "condition": "列名=值，几个条件用分号隔开，如 户类型=脱贫户;风险状态=未消除；不填就是全部",
    "field": "要相加的那一列的表头",
    "address": "省、市、县，如 浙江省宁波市慈溪市",
    "home": "户籍所在县（区）的名称或区划代码；不填就用政策所在的县（区）",
    "policy": "政策的简称、文号或编号",
    "as_of": "事情发生的日期，如 2023-06-30",
}
#: the arguments behind those of a function that takes another one's
REST = {
    "BENEFIT": "参数的中文名，值，参数的中文名，值……（政策、业务日期也这样写）",
    "WHY": "照那个函数自己的顺序填，政策、业务日期也照填",
}
#: kinds of result
RESULTS = {
    "元": "金额（元）",
    "是否": "TRUE 或 FALSE",
    "文字": "文字",
    "数": "数",
    "日期": "日期",
    "表": "一张表，占用下面和右边的单元格",
}


def described(signature: Signature) -> str:
    """One paragraph on a function."""
    nature = f"，{signature.nature}" if signature.nature else ""
    return f"{signature.alias}：{signature.about}结果：{RESULTS[signature.result]}{nature}。"


def argument_help(argument: Argument) -> str:
    """One line on an argument as a wizard shows it beside its English name."""
    text = f"{argument.label}：{filling(argument)}"
    if argument in (POLICY, AS_OF):
        return f"{text}；空着用工作簿的名称“{argument.label}”（网页版和 Mac 版要在这里填）"
    return f"{text}（可不填）" if argument.optional else text


def filling(argument: Argument) -> str:
    """What goes into the cell of an argument."""
    if argument.name in HINTS:
        text = HINTS[argument.name]
    elif argument.kind == "flag":
        text = " 或 ".join(reversed(FLAG_OPTIONS))
    elif argument.kind == "word":
        text = "、".join(argument.options)
    elif argument.kind == "date":
        text = "日期"
    elif argument.kind == "number":
        text = "，".join(filter(None, [argument.unit, *limits(argument)])) or "数"
    elif argument.kind == "numbers":
        length = f"{argument.shortest}" + (f"到{argument.longest}" if argument.longest > argument.shortest else "")
        text = f"一行 {length} 格，{argument.unit}" + "".join(f"，{limit}" for limit in limits(argument))
        text += f"；依次是 {'、'.join(argument.items)}，没有的填 0" if argument.items else ""
    else:
        raise LookupError(f"HINTS does not say how to fill {argument.name}")
    if argument.line:
        text += f"；空着用本单位登记的“{argument.line}”"
    return text


def limits(argument: Argument) -> list[str]:
    """The limits of a number."""
    found = ["整数"] if argument.whole else []
    if argument.low is not None and argument.high is not None:
        found.append(f"{argument.low} 到 {argument.high}")
    elif argument.high == 1:
        found.append("0 到 1 的小数，80% 填 0.8")
    elif argument.high is not None:
        found.append(f"不大于 {argument.high}")
    return found + (["可以是负数"] if argument.signed else [])
