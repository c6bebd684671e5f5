"""Writes docs/函数手册.md, docs/政策/, docs/台账表头.md and docs/检查项.md from signatures.toml, the policy documents
and the tables of the ledger, so that no page says anything that the library does not do: examples are computed,
standards and clauses are read, errors are provoked.

Run: python tools/write_docs.py
"""
from __future__ import annotations

import datetime as dt
import re
import sys
import tomllib
from contextlib import contextmanager
from functools import cache
from itertools import groupby
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import ledger_pages

from xl_poverty import formulas
from xl_poverty.errors import CELLS, CellError
from xl_poverty.formulas import explain, indicators, office, signatures as contract
from xl_poverty.formulas.documents import documents
from xl_poverty.formulas.help import HINTS, REST, RESULTS, filling
from xl_poverty.formulas.plain import is_plain
from xl_poverty.formulas.signatures import Signature
from xl_poverty.rules.arguments import Argument
from xl_poverty.rules.binding import Binding, bind
from xl_poverty.rules.expressions import TRUE, RuleError, Steps, Table
from xl_poverty.rules.parameters import Measure, Policy
from xl_poverty.rules.sentence import ReasonValues, amount_text, day_text, rate_text

DOCS = Path(__file__).resolve().parent.parent / "docs"
MANUAL = DOCS / "函数手册.md"
POLICIES = DOCS / "政策"
INDEX = POLICIES / "README.md"
NOTICE = "<!-- 由 tools/write_docs.py 生成，请不要手改 -->"

# ---- what the pages say beside the data: the words of the manual itself

#: the two arguments that every function ends with
ENDS = {
    "policy": f"{HINTS['policy']}，如 双碾乡；空着用工作簿的名称“政策”",
    "as_of": f"{HINTS['as_of']}；空着用工作簿的名称“业务日期”",
}
ONCE = {"人/年": "每人每年一次", "人/一次": "每人只一次", "户/年": "每户每年一次", "户/一次": "每户只一次",
        "机构/年": "每个机构每年一次", "机构/一次": "每个机构只一次"}  # fmt: skip
#: code -> what it is called, when it comes, what to do
ERRORS = {
    "missing": ("缺项", "要填的格空着", "补上；没有的填 0，不要空着"),
    "unverified": ("待核实", "填的是“待核实”", "核实后填写"),
    "not_specified": ("没有标准", "政策没有这一项，或写到而没有写标准，或那天政策不管用", "不借用别处的；问主管部门"),
    "unknown_policy": ("政策不认识", "没有指明政策，或名称写错", "填简称、文号或编号，一字不差"),
    "unknown_option": ("选项不认识", "填的词不在选项里", "按提示的词填"),
    "not_number": ("不是数", "“6个月”“1000元”“约500”之类", "只填数字，单位写在表头"),
    "bad_date": ("不是日期", "读不出是哪一天", "填成 2023-02-01 的样子"),
    "negative": ("负数", "不该是负数的填了负数", "改正"),
    "not_integer": ("不是整数", "人数、头数、天数有小数", "改正"),
    "out_of_range": ("超出范围", "比例大于 1，年份不对，或大得像证件号码", "百分数填小数，80% 填 0.8"),
    "inconsistent": ("前后矛盾", "几格对不上，或几个区域大小不一", "按提示核对"),
    "nan": ("无效数", "程序传来的无效数字", "查来源"),
    "infinite": ("无穷大", "程序传来的无穷大", "查来源"),
    "div_zero": ("除数为 0", "人数、基数、上年收入是 0", "核对"),
    "excel_error": ("已是错误值", "引用的格本身是错误值，显示的也是那个错误值", "先改那一格"),
}
#: errors that every function shares and that its own list leaves out
SHARED = {"unknown_policy", "excel_error", "nan", "infinite", "not_specified"}

#: the tables that examples refer to; the people are invented, the area code 106001 belongs to nobody
SHEETS = {
    "台账": [
        ["户编号", "姓名", "与户主关系", "户类型", "风险状态", "是否劳动力", "务工去向", "连续外出务工月数", "月工资"],
        ["H001", "甲一", "户主", "脱贫户", "无", "是", "跨省", 8, 3200],
        ["H001", "甲二", "配偶", "脱贫户", "无", "是", "省内区外", 5, 2600],
        ["H002", "乙一", "户主", "突发严重困难户", "未消除", "弱劳动力或半劳动力", "区内", None, None],
        ["H003", "丙一", "户主", "脱贫户", "无", "是", "跨省", 11, 4100],
        ["H003", "丙二", "之子", "脱贫户", "无", "是", "跨省", 6, 900],
    ],
    "申报": [
        ["事项", "成员", "户类型", "是否劳动力", "务工去向", "连续外出务工月数", "月工资",
         "确权承包亩数", "确权颁证到位"],
        ["交通补贴", "甲一", "脱贫户", "是", "跨省", None, None, None, None],
        ["稳岗补助", "甲一", "脱贫户", "是", "跨省", 8, 3200, None, None],
        ["交通补贴", "甲二", "脱贫户", "是", "省内区外", None, None, None, None],
        ["耕地地力补贴", None, None, None, None, None, None, 8.6, "是"],
    ],
    "发放": [
        ["证件号码", "事项", "金额", "发放日期"],
        ["106001195803040013", "交通补贴", 600, dt.date(2023, 5, 20)],
        ["106001195803040013", "稳岗补助", 1200, dt.date(2023, 5, 20)],
        ["106001198507160022", "交通补贴", 1500, dt.date(2023, 6, 2)],
        ["106001195803040013", "交通补贴", 900, dt.date(2023, 9, 8)],
    ],
}  # fmt: skip

OPENING = """\
# 函数手册

{notice}

每个函数给什么、要填什么、结果是多少、依据第几条、会出什么错。例子的结果都是生成本页时算出来的；人员均为虚构。各\
份政策的原文和标准在[政策目录](政策/README.md)。

## 怎么用

**填在单元格里。** 在单元格里输入等号、函数名和括号，括号里按顺序填，用逗号隔开。方括号里的可以不填，但后面还要\
填别的时，逗号要留着。词要加引号，数不加：

{first}

填的也可以是单元格，如 `D5`；平常就是这样用的。表格软件容许中文函数名的，用中文名也一样。

**空白不是 0。** 带 • 的是申报的内容：这几格**全**空着，就是没有申报，结果是 0（未申报）。填了一半，政策又要用到，\
就是错误 #N/A，不会当成 0。分档、名单一类的判断从不猜，缺一格就是 #N/A。

**一列一起算。** 每一格都可以换成一列，如 `=TRAVEL_SUBSIDY(D5:D5000,F5:F5000,G5:G5000)`：一个公式，一行一个结\
果，往下铺开。有一行填错，只错那一行。一个单元格和一列放在一起，那个单元格对每一行都用。写明要“一行几格”的（逐月\
工资、逐月走访次数），给一行单元格。

**政策。** 每个函数的倒数第二格是政策：简称（双碾乡）、文号（双发〔2022〕67号）或编号（shuangnian_2022），要一字\
不差。空着就用工作簿里名称“政策”的值，再没有就用本单位设置的；都没有，是错误。一份文件没有写的，绝不拿别的文件来\
补。装了的政策：

{policies}

**业务日期。** 最后一格是事情发生的日期（务工、支出、授予），不是填表或发钱的日期，也从不自动用今天。不在有效期\
内的，金额是 0，判断是 FALSE。空着就用工作簿里名称“业务日期”的值；都没有，按最新的标准算，不检验有效期，依据里会写明。

**数和日期。** 数只填数字，不带“元”“个月”；以文本存放的数字也认。百分数填小数，80% 填 0.8。日期认真正的日期，也\
认 2023-02-01、2023年2月1日、2023.2.1、20230201。是否一类填 是、否，TRUE、FALSE 也认。金额按元，四舍五入到分，上\
限不会超，下限不会少。

**带 ° 的** 空着时，用本单位按年登记的标准（文件没有写、由上级定的，如最低缴费标准），年份看业务日期。

**问一句为什么。** 把等号后面的函数名换成 `WHY("交通补贴",…)`，别的照抄，就得到一句话：怎么算的、为什么是 0、错\
在哪、依据第几条。

**在 Python 里** 名称一样，不用装表格软件；填错时抛出 `xl_poverty.CellError`，`.code` 是下表的英文名，`.message`\
 是中文说明：

```python
from xl_poverty import formulas as f
{python}
```

## 错误值

| 单元格 | 叫什么 | 英文名 | 什么时候 | 怎么办 |
|---|---|---|---|---|
{errors}

不够条件不是错误：金额是 0，判断是 FALSE 或“不适用”。下面每个函数只列它自己的错误；政策不认识、引用的格已是错误\
值、业务日期读不出，各函数都可能有。
"""


# ---- the data


@contextmanager
def bare():
    """No defaults of whoever runs this: neither office.toml nor switched 口径."""
    token = office._current.set(office.Settings())
    try:
        yield office.current()
    finally:
        office._current.reset(token)


@cache
def installed() -> tuple[Policy, ...]:
    """The documents of the package, townships and districts in order of their number of measures."""
    return tuple(sorted(documents(office.Settings()), key=lambda p: (-len(p.measures), p.id)))


@cache
def told() -> dict[str, dict]:
    """The tables of the functions as they were written."""
    with open(contract.FILE, "rb") as stream:
        return tomllib.load(stream)["functions"]


@cache
def functions_of(policy: Policy) -> dict[str, Signature]:
    """The functions of the contract and those that the document has for itself."""
    return {**contract.signatures(), **contract.own_signatures(policy)}


def arguments_of(signature: Signature, policy: Policy, measure: Measure) -> tuple[Measure, dict[str, Argument]]:
    """The measure with the body that reads it, and the arguments it takes."""
    if signature.select == "indicators":
        drawn = {key for version in measure.versions for key in version.values}
        side = next(side for side, keys in indicators.SIDES.items() if drawn & set(keys))
        selected = (measure.name, side) if "side" in signature.by_name else (measure.name,)
        return indicators.selected_measure(signature, policy, selected)
    if signature.select == "parts":
        return indicators.selected_measure(signature, policy, (None,))
    return measure, signature.by_name


@cache
def bindings(name: str, policy: Policy) -> tuple[Binding, ...]:
    """A rule function under a document, once for every alternative of its 口径, the defaults first; none for what is
    no rule of this document."""
    signature = functions_of(policy)[name]
    measure = policy.measures.get(name)
    if measure is None or is_plain(signature):
        return ()
    measure, arguments = arguments_of(signature, policy, measure)
    choices = [{}]
    for reading in (*measure.readings, *policy.readings):
        choices += [{reading.name: other} for other in reading.alternatives if other != reading.default]
    try:
        return tuple(bind(policy, measure, arguments, None, switched, signature.nature) for switched in choices)
    except RuleError:  # visits and the like are plain functions over data
        return ()


def measures_of(signature: Signature) -> dict[Policy, Measure]:
    """The documents that have the function's measure."""
    return {p: p.measures[signature.name] for p in installed() if signature.name in p.measures}


# ---- words of the data


def once_text(measure: Measure) -> str:
    return ONCE.get(measure.once, "")


def period(policy: Policy) -> str:
    if policy.until is None:
        return f"{day_text(policy.start)}起"
    return f"{day_text(policy.start)}至{day_text(policy.until)}"


def number_text(policy: Policy) -> str:
    return policy.number or "原文无文号"


def labelled(policy: Policy, measure: Measure, key: str) -> tuple[str, str]:
    """(what a parameter is called, the unit behind the number); ("", "") for a list of words without a name."""
    label = measure.labels.get(key) or policy.common.labels.get(key)
    if label is None:
        argument = contract.plain_arguments().get(key)
        return (argument.label, argument.unit) if argument else ("", "")
    name, _, unit = label.partition("（")
    unit, _, more = unit.removesuffix("）").partition("，")
    return (f"{name}（{more}）" if more else name), unit


def value_text(value, unit: str) -> str:
    """A parameter's value as a clerk writes it."""
    if isinstance(value, Table):
        return "、".join(f"{word} {value_text(number, unit)}" for word, number in value.entries.items())
    if isinstance(value, Steps):
        return "，".join(f"{amount_text(start)}：{yuan_text(step, unit)}" for start, step in value.steps)
    if isinstance(value, tuple):
        return "、".join(word if isinstance(word, str) else amount_text(word) for word in value)
    if isinstance(value, dt.date):
        return day_text(value)
    return (rate_text(value) if not unit else "") or yuan_text(value, unit)


def yuan_text(value, unit: str) -> str:
    """A number with its unit; whole 万 as they are written: 5000万元."""
    if unit == "元" and value >= 10000 and value % 10000 == 0:
        return f"{amount_text(value / 10000)}万元"
    return f"{amount_text(value)}{unit}"


def used_keys(policy: Policy, measure: Measure) -> list[str] | None:
    """The parameters that a measure's rule looks at, whatever the 口径; None for what no rule reads."""
    bound = bindings(measure.name, policy) if measure is policy.measures.get(measure.name) else ()
    return list(dict.fromkeys(key for b in bound for key in sorted(b.parameters.used))) if bound else None


def parameters(policy: Policy, measure: Measure, words: bool = True) -> list[str]:
    """The standards of a measure in its latest version: 每月 200元. Raises LookupError for a number without a name."""
    shared = policy.common.versions[-1].values if policy.common.versions else {}
    own = measure.versions[-1].values if measure.versions else {}
    used = used_keys(policy, measure)
    keys = [k for k in own if used is None or k.partition(".")[0] in {u.partition(".")[0] for u in used}]
    keys += [k for k in shared if used and k in used and k not in own]
    found = []
    for key in keys:
        value = own.get(key, shared.get(key))
        is_words = isinstance(value, tuple) and all(isinstance(v, str) for v in value)
        label, unit = labelled(policy, measure, key)
        if not label:
            if is_words:
                continue
            raise LookupError(f"{policy.id}: {measure.name}: {key} has no label")
        text = value_text(value, unit)
        if (words or not is_words) and label != text:
            found.append(text if label == "标准" else f"{label} {text}")
    return found


def line_text(measure: Measure) -> str:
    """What an indicator asks for: 不低于资金总额的55%."""
    values = measure.versions[-1].values if measure.versions else {}
    parts = []
    for key, word in (("low", "不低于"), ("over", "高于"), ("high", "不高于")):
        if key in values:
            parts.append(word + _line(measure, values[key]))
    if "rise" in values:
        parts.append(f"比{measure.base}提高{rate_text(values['rise'])}以上")
    if "low2" in values:
        per = f"（÷{amount_text(values['per2'])}）" if "per2" in values else ""
        parts.append(f"不低于{measure.base2}的{rate_text(values['low2'])}{per}")
    return "，且".join(parts)


def _line(measure: Measure, value) -> str:
    if not measure.base:
        return yuan_text(value, measure.unit)
    if value == 1:
        return f"{measure.base}（100%）" if measure.share else measure.base
    return f"{measure.base}的{rate_text(value) or amount_text(value) + '倍'}"


def deadline_text(measure: Measure) -> str:
    """When something is due: 自起算日期起10日内，当日不算."""
    values = measure.versions[-1].values
    if "days_after" in values:
        return f"自起算日期起{amount_text(values['days_after'])}日内，起算当日不算"
    if "month" in values:
        return f"每年{amount_text(values['month'])}月内"
    return f"{day_text(values['by'])}以前，当日也算"


def standard(policy: Policy, measure: Measure) -> str:
    """The standard of a measure in short."""
    return "；".join(parameters(policy, measure, words=False) or parameters(policy, measure)) or "见条款"


def kind_text(measure: Measure, nature: str) -> str:
    payee = f"发给{measure.payee}" if measure.payee and nature else ""
    parts = [measure.kind, measure.nature or nature, payee, measure.unit, once_text(measure)]
    return "，".join(dict.fromkeys(filter(None, parts)))


# ---- Markdown


def slug(heading: str) -> str:
    """The anchor of a heading, as GitHub and GitLab make it."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def verbatim(text: str) -> str:
    """Text that Markdown must not read."""
    return re.sub(r"([\\`*_~]|<(?=[A-Za-z/!?])|(?<=\])(?=\())", r"\\\1", text)


def cell(text) -> str:
    return str(text).replace("|", "\\|").replace("\n", " ")


def table(head: list[str], rows: list[list]) -> str:
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join([*lines, *("| " + " | ".join(map(cell, row)) + " |" for row in rows)])


def heading(signature: Signature) -> str:
    return f"{signature.alias} {signature.name}"


def to_function(signature: Signature) -> str:
    """A function on a document's page, with the way to the manual."""
    if signature.name not in contract.signatures():  # a document's own, told on its page
        return f"{signature.alias}（{signature.name}）"
    return f"[{signature.alias}](../函数手册.md#{slug(heading(signature))})"


def clause_heading(policy: Policy, number: str) -> str:
    label = policy.clause_label(number)
    return f"{label if label.startswith('第') else number} {policy.clauses[number].title}"


def to_clause(policy: Policy, number: str, folder: str = "政策/") -> str:
    return f"[{policy.clause_label(number)}]({folder}{policy.short_name}.md#{slug(clause_heading(policy, number))})"


def page_of(policy: Policy) -> Path:
    return POLICIES / f"{policy.short_name}.md"


# ---- formulas as typed in a cell

_TOKEN = re.compile(
    r'\s*(?:(?P<text>"(?:[^"]|"")*")|(?P<number>-?\d+(?:\.\d+)?)(?![\w!])|(?P<truth>TRUE|FALSE)'
    r"|(?P<ref>\w+!\$?[A-Z]+\$?\d+(?::\$?[A-Z]+\$?\d+)?)|(?P<list>\{[^}]*\}))?\s*"
)


def parse(formula: str) -> tuple[str, list]:
    """(function, arguments) of a formula without nested calls; ranges are read from the tables of the manual."""
    match = re.fullmatch(r"=(\w+)\((.*)\)", formula)
    if not match:
        raise ValueError(f"not a formula: {formula}")
    return match[1], _values(match[2], ",")


def _values(text: str, separator: str) -> list:
    found, position = [], 0
    while text:
        token = _TOKEN.match(text, position)
        found.append(_value(token))
        position = token.end()
        if position == len(text):
            break
        if text[position] != separator:
            raise ValueError(f"{text}: unexpected {text[position:]}")
        position += 1
    return found


def _value(token):
    if token["text"]:
        return token["text"][1:-1].replace('""', '"')
    if token["number"]:
        return float(token["number"]) if "." in token["number"] else int(token["number"])
    if token["truth"]:
        return token["truth"] == "TRUE"
    if token["list"]:
        return _values(token["list"][1:-1], ",")
    return _range(token["ref"]) if token["ref"] else None


def _range(ref: str) -> list[list]:
    sheet, _, cells = ref.replace("$", "").partition("!")
    corners = [re.fullmatch(r"([A-Z]+)(\d+)", corner).groups() for corner in cells.split(":")]
    (left, top), (right, bottom) = corners[0], corners[-1]
    columns = slice(ord(left) - 65, ord(right) - 64)
    rows = SHEETS[sheet][int(top) - 1 : int(bottom)]
    if len(rows) != int(bottom) - int(top) + 1 or any(
        len(row[columns]) != columns.stop - columns.start for row in rows
    ):
        raise ValueError(f"{ref} goes beyond the table {sheet}")
    return [row[columns] for row in rows]


@cache
def example_of(name: str) -> str:
    """The example of signatures.toml, which names no document, completed by the first document that has an answer and
    the last day of its first year."""
    signature, example = contract.signatures()[name], told()[name]["example"]
    if not asks(signature, "unknown_policy"):
        return example
    dated = asks(signature, "bad_date")
    for policy in installed():
        day = min(policy.start.replace(month=12, day=31), policy.until or dt.date.max)
        formula = completed(signature, example, policy.short_name, str(day) if dated else "")
        try:
            compute(formula)
        except CellError as error:
            if error.code == "not_specified":
                continue
        return formula
    return example


def completed(signature: Signature, example: str, policy: str, day: str) -> str:
    """An example with 政策 and 业务日期 in their places."""
    _, given = parse(example)
    ends = [f'"{end}"' for end in (policy, day) if end]
    if signature.name == "BENEFIT":
        ends = [part for label, end in zip(('"政策"', '"业务日期"'), ends) for part in (label, end)]
        blanks = 0
    elif signature.more:
        blanks = 1 + len(contract.find(given[0]).by_name) - len(given)
    else:
        blanks = len(signature.by_name) - len(given)
    return f"{example[:-1]}{',' * (blanks + bool(given))}{','.join(ends)})"


@cache
def asks(signature: Signature, code: str) -> bool:
    """Does a wrong 政策 (unknown_policy) or 业务日期 (bad_date) matter?"""
    if signature.more:
        return True
    names = (ODD,) if code == "unknown_policy" else [policy.short_name for policy in installed()]
    for name in names:
        try:
            compute(completed(signature, told()[signature.name]["example"], name, ODD))
        except CellError as error:
            if error.code == code:
                return True
    return False


def compute(formula: str):
    """What the cell shows. Raises CellError."""
    name, given = parse(formula)
    with bare():
        return getattr(formulas, name)(*given)


def explained(formula: str) -> str:
    """The WHY sentence of a formula; "" for lists, tables and functions that are themselves explanations."""
    name, given = parse(formula)
    signature = contract.signatures()[name]
    if signature.more or signature.result == "表" or (signature.group, signature.result) == ("说明", "文字"):
        return ""
    with bare() as settings:
        sentence = explain.why(settings, name, tuple(given), {})
    return sentence if isinstance(sentence, str) else ""


def shown(result) -> str:
    """A result as the cell shows it; a list or table as a Markdown table."""
    if isinstance(result, CellError):
        return result.cell
    if isinstance(result, bool):
        return "TRUE" if result else "FALSE"
    if result is None:
        return ""
    return str(result)


def in_python(formula: str) -> str:
    """The same call in Python; "" where a range stands in it."""
    name, given = parse(formula)
    signature = contract.signatures()[name]
    if any(isinstance(value, list) and value and isinstance(value[0], list) for value in given):
        return ""
    if signature.more:
        return f"f.{name}({', '.join(_literal(value) for value in given)})"
    names = (*signature.by_name, "policy", "as_of")
    return f"f.{name}({', '.join(f'{n}={_literal(v)}' for n, v in zip(names, given) if v is not None)})"


def _literal(value) -> str:
    return '"' + value.replace('"', '\\"') + '"' if isinstance(value, str) else repr(value)


# ---- the manual


def manual() -> str:
    """The text of docs/函数手册.md."""
    functions = contract.signatures()
    first = functions["TRAVEL_SUBSIDY"]
    example = example_of(first.name)
    parts = [
        OPENING.format(
            notice=NOTICE,
            first=f"```\n{example}\n```\n\n给出 **{shown(compute(example))}**。",
            policies=table(
                ["简称", "文号", "编号", "有效期"],
                [[f"[{p.short_name}](政策/{p.short_name}.md)", number_text(p), p.id, period(p)] for p in installed()],
            ),
            python=f"{in_python(example)}    # {shown(compute(example))}",
            errors="\n".join(f"| {CELLS[code]} | {name} | {code} | {when} | {remedy} |"
                             for code, (name, when, remedy) in ERRORS.items()),
        )
    ]  # fmt: skip
    groups = [(group, list(members)) for group, members in groupby(functions.values(), lambda s: s.group)]
    parts.append("## 全部函数\n")
    rows = []
    for group, members in groups:
        for signature in members:
            anchor = f"[{signature.alias}](#{slug(heading(signature))})"
            rows.append([group, anchor, signature.name, told()[signature.name]["about"]])
            group = ""
    parts.append(table(["分组", "中文名", "函数名", "给什么"], rows))
    for group, members in groups:
        parts.append(f"\n## {group}\n")
        if any(signature.takes_tables for signature in members):
            parts.append(sheets())
        parts += [function_text(signature) for signature in members]
    return "\n".join(parts).rstrip() + "\n"


def sheets() -> str:
    """The tables that the examples refer to, with the letters and numbers of their cells."""
    parts = ["例子里用到的三张表（人员均为虚构），左边是行号，上面是列号：\n"]
    for name, rows in SHEETS.items():
        letters = [chr(65 + i) for i in range(len(rows[0]))]
        lines = [[number, *map(shown, row)] for number, row in enumerate(rows, 1)]
        parts += [f"工作表“{name}”：\n", table(["", *letters], lines), ""]
    return "\n".join(parts)


def function_text(signature: Signature) -> str:
    lines = [f"### {heading(signature)}\n", told()[signature.name]["about"], "", f"```\n={signature.call_text}\n```\n"]
    lines += [result_text(signature), ""]
    lines += [arguments_table(signature), ""]
    claims = [argument.label for argument in signature.arguments if argument.claim]
    if claims:
        every = "这几格都" if len(claims) > 1 else "这一格"
        lines += [f"{every}空着就是没有申报，结果是 0：{'、'.join(claims)}。", ""]
    lines += [example_text(example_of(signature.name)), ""]
    lines += [clauses_text(signature), ""]
    errors = errors_text(signature)
    if errors:
        lines += [errors, ""]
    return "\n".join(lines)


def result_text(signature: Signature) -> str:
    nature = f"，{signature.nature}" if signature.nature else ""
    units = list(dict.fromkeys(m.unit for m in measures_of(signature).values() if m.unit))
    result = RESULTS[signature.result]
    if units and signature.result in ("元", "数"):
        result = f"{'金额' if signature.result == '元' else '数'}（{'、'.join(units)}）"
    words = [w for p in measures_of(signature) for b in bindings(signature.name, p) if b.outcome.ending == "choose"
             for w in (*(w for _, w in b.outcome.choices), *([b.refused] if b.outcome.gates else []))]  # fmt: skip
    told_words = f"：{'、'.join(dict.fromkeys(words))}" if words else ""
    listings = [
        b for p in measures_of(signature) for b in bindings(signature.name, p)[:1] if b.outcome.ending == "listed"
    ]
    if listings:
        several = " 或 ".join((listings[0].outcome.choices[-1][1], f"{listings[0].listing(0b11)} 之类"))
        told_words = f"；四个一起查时是文字：{several}" if signature.result == "是否" else f"：{several}"
    return f"结果：{result}{nature}{told_words}。"


def arguments_table(signature: Signature) -> str:
    rows = []
    for argument in signature.arguments:
        marks = ("• " if argument.claim else "") + argument.label + ("°" if argument.line else "")
        rows.append([marks, f"`{argument.name}`", filling(argument), needed(signature, argument)])
    if signature.more:
        rows.append(["该函数的各参数", "", REST[signature.name], "看那个函数"])
    if signature.name != "BENEFIT":
        for argument in (contract.POLICY, contract.AS_OF):
            rows.append([argument.label, f"`{argument.name}`", ENDS[argument.name], "可不填"])
    return table(["填什么", "英文名", "怎么填", "要填吗"], rows)


def needed(signature: Signature, argument: Argument) -> str:
    """Must it be filled, and which documents look at it?"""
    if signature.select:
        told_line = "可不填" if argument.name in ("n", "base2", "side") else "看情形"
        return "必填" if not argument.optional else told_line
    having = list(measures_of(signature))
    bound = {p: bindings(signature.name, p) for p in having}
    if not having or not all(bound.values()):
        if not argument.optional:
            return "必填"
        return "看情形" if ("missing", argument.name) in provoked(signature.name)["by_argument"] else "可不填"
    names = lambda ps: "、".join(p.short_name for p in ps)  # noqa: E731
    users = [p for p in having if any(argument.name in b.arguments for b in bound[p])]
    others = [p for p in having if p not in users]
    unread = f"（{names(others)}不看）" if others else ""
    if not users:
        return "可不填，现有政策不看"
    if not argument.optional:
        alone = argument.claim and sum(a.claim for a in signature.arguments) == 1
        return f"不填就是没有申报{unread}" if alone else f"必填{unread}"
    always, sometimes, switched = [], [], []
    for policy in users:
        usual, *others_read = bound[policy]
        needs = [condition for name, condition in usual.outcome.needs if name == argument.name]
        if any(condition is TRUE for condition in needs):
            always.append(policy)
        elif needs or ("missing", argument.name) in provoked(signature.name)["by_argument"]:
            sometimes.append(policy)
        elif any(name == argument.name for b in others_read for name, _ in b.outcome.needs):
            switched.append(policy)
    if always and len(always) == len(users):
        return f"必填{unread}"
    told_by = (always, "必填"), (sometimes, "看情形要填"), (switched, "改了口径才要填")
    parts = [f"{names(policies)}{word}" if len(having) > 1 else word for policies, word in told_by if policies]
    return ("，".join(parts) or "可不填") + unread


def example_text(example: str) -> str:
    result = compute(example)
    lines = [f"例：\n\n```\n{example}\n```\n"]
    if isinstance(result, list):
        rows = [row if isinstance(row, list) else [row] for row in result]
        lines.append("给出：\n")
        width = max(map(len, rows))
        if width == 1:
            lines.append("、".join(shown(row[0]) for row in rows) + "（从上到下）")
        else:
            lines.append(table([shown(c) for c in rows[0]], [[shown(c) for c in row] for row in rows[1:]]))
    else:
        sentence = explained(example)
        bold = "**" if len(shown(result)) < 30 else ""
        lines.append(f"给出 {bold}{verbatim(shown(result))}{bold}" + (f"　{verbatim(sentence)}" if sentence else ""))
    python = in_python(example)
    if python:
        lines.append(f"\nPython：`{python}`")
    return "\n".join(lines)


def clauses_text(signature: Signature) -> str:
    """What each document says of the function."""
    if signature.select == "indicators":
        return indicators_text() if signature.name == "INDICATOR_OK" else f"各政策的指标见{here('INDICATOR_OK')}。"
    if signature.name in ("DEADLINE", "ON_TIME"):
        return deadlines_text() if signature.name == "DEADLINE" else f"各政策的时限见{here('DEADLINE')}。"
    having = measures_of(signature)
    named = [p for p in installed() if signature.name in p.named]
    if not having and not named:
        return "装了的政策都能用。" if asks(signature, "unknown_policy") else "和政策无关，“政策”“业务日期”都不用填。"
    rows = [
        [p.short_name, clause_cell(p, m), kind_text(m, signature.nature), standard(p, m), m.note]
        for p, m in having.items()
    ]
    lines = [table(["政策", "条款", "性质", "标准", "说明"], rows)]
    for policy in named:
        clause = to_clause(policy, policy.named[signature.name].clause)
        lines.append(f"\n{policy.short_name}（{clause}）写到，但没有写标准：#N/A。")
    lacking = [p.short_name for p in installed() if p not in having and p not in named]
    if lacking:
        lines.append(f"\n没有这一项：{'、'.join(lacking)}（#N/A）。")
    return "\n".join(lines)


def clause_cell(policy: Policy, measure: Measure) -> str:
    return to_clause(measure.document, measure.clause)


def here(name: str) -> str:
    signature = contract.signatures()[name]
    return f"[{signature.alias}](#{slug(heading(signature))})"


def indicators_text() -> str:
    rows, without = [], []
    for policy in installed():
        for name, measure in policy.indicators.items():
            rows.append([policy.short_name, name, clause_cell(policy, measure), line_text(measure), base_text(measure)])
        for name, measure in policy.named.items():
            if name not in contract.signatures():
                without.append(f"{policy.short_name} {name}（{to_clause(policy, measure.clause)}）")
    lines = [table(["政策", "指标", "条款", "要求", "基数填什么"], rows)]
    if without:
        lines.append(f"\n写到而没有写标准的（#N/A）：{'，'.join(without)}。")
    return "\n".join(lines)


def base_text(measure: Measure) -> str:
    text = measure.base + (f"；第二基数：{measure.base2}" if measure.base2 else "")
    return text + (f"（空着用本单位登记的“{measure.line}”）" if measure.line else "") or "不用填"


def deadlines_text() -> str:
    rows = [
        [p.short_name, name, clause_cell(p, m), deadline_text(m), m.note]
        for p in installed() for name, m in p.deadlines.items()
    ]  # fmt: skip
    return table(["政策", "事项", "条款", "期限", "说明"], rows)


# ---- errors, provoked


def errors_text(signature: Signature) -> str:
    found = provoked(signature.name)["whens"]
    rows = [
        [CELLS[code], f"{ERRORS[code][0]} `{code}`", "；".join(found[code])] for code in ERRORS if found.get(code)
    ]  # fmt: skip
    return "错误：\n\n" + table(["单元格", "错误", "什么时候"], rows) if rows else ""


#: how the arguments are said that gave a code
SAID = {
    "missing": "没填 {}", "unverified": "{} 写着“待核实”", "unknown_option": "{} 填的不在选项里",
    "not_number": "{} 不是数字", "bad_date": "{} 不是日期", "negative": "{} 是负数", "not_integer": "{} 不是整数",
}  # fmt: skip
#: how a message is told that stands for all its kind
_ADVICE = re.compile(r"(，请核对|，请先改正|，请改正|：请填写)$")
#: calls that show errors between arguments which no single wrong cell provokes
MORE = {
    "BENEFIT": [("交通补贴", "户类型"), ("交通补贴", "某某", 1), ("交通补贴", "户类型", "脱贫户", "户类型", "脱贫户")],
    "HOUSEHOLD_TOTAL": [([["事项"], ["收入分档"]], None, "枣庄高新区"), ([["姓名"], ["甲一"]], None, "双碾乡")],
}
#: a word that no option, column or measure has, as a message may show it
ODD = "某某"
_TOO_LARGE, _LARGE = 10**13, 10**11
_DAY = re.compile(r"（\d{4}年\d+月\d+日）")


@cache
def provoked(name: str) -> dict:
    """code -> when it comes, found by filling in what is wrong, one argument after the other, in every document that
    has the function; and which arguments gave which code."""
    signature = contract.signatures()[name]
    whens: dict[str, dict] = {}
    by_argument: dict[tuple[str, str], None] = {}
    with bare():
        for given in starting_points(signature):
            for argument in signature.arguments:
                for wrong in wrongs(argument):
                    _note(signature, argument, {**given, argument.name: wrong}, whens, by_argument)
        for own in MORE.get(name, ()):
            try:
                getattr(formulas, name)(*own)
            except CellError as error:
                whens.setdefault(error.code, {})[_ADVICE.sub("", error.message)] = None
    for code, sentence in stated(signature):
        whens.setdefault(code, {})[sentence] = None
    texts = {}
    for code, phrase in SAID.items():
        labels = [signature.by_name[a].label for c, a in by_argument if c == code]
        labels = list(dict.fromkeys(labels))
        if len(labels) > 2 and code == "unverified":
            labels = ["任何一格"]
        if labels:
            texts[code] = [phrase.format("、".join(labels))]
        if code == "missing":
            needs = [signature.by_name[n].label for n in conditional(signature) if (code, n) not in by_argument]
            texts[code] = [*texts.get(code, ()), *([f"看情形没填 {'、'.join(needs)}"] if needs else [])]
    for code, messages in whens.items():
        if code not in SHARED:
            texts.setdefault(code, []).extend(m for m in messages if m not in texts.get(code, ()))
    return {"whens": texts, "by_argument": by_argument}


def _note(signature: Signature, argument: Argument, call: dict, whens: dict, by_argument: dict) -> None:
    try:
        getattr(formulas, signature.name)(**call)
    except CellError as error:
        code, blamed = error.code, signature.select or f"“{argument.label}”" in error.message
        if "大得不合理" in error.message or code in SHARED:
            return
        told_apart = code == "missing" or argument.kind not in ("text", "table", "place")
        if code in SAID and told_apart:
            if blamed:
                by_argument[code, argument.name] = None
        else:
            whens.setdefault(code, {})[_DAY.sub("", _ADVICE.sub("", error.message))] = None


def conditional(signature: Signature) -> dict[str, None]:
    """Arguments that a document needs under a condition or another 口径."""
    if signature.select:
        return {}
    every = (b for p in measures_of(signature) for b in bindings(signature.name, p))
    return {name: None for b in every for name, _ in b.outcome.needs}


def stated(signature: Signature):
    """(code, sentence) of what the documents ask of inputs together."""
    for policy in measures_of(signature):
        for binding in bindings(signature.name, policy):
            for _, code, sentence in binding.outcome.checks:
                yield code, sentence.format_map(ReasonValues(binding))


def starting_points(signature: Signature):
    """Complete calls to spoil: the example, and the same in every other document that has the function."""
    _, given = parse(example_of(signature.name))
    if signature.more:
        yield dict(measure=given[0])
        return
    names = (*signature.by_name, "policy", "as_of")
    call = {n: v for n, v in zip(names, given) if v is not None}
    for argument in signature.arguments:
        if argument.name not in signature.selector_names:
            call.setdefault(argument.name, plausible(argument))
    call = {n: v for n, v in call.items() if v is not None}
    yield call
    for policy in measures_of(signature):
        yield {**call, "policy": policy.id, "as_of": policy.start}


def plausible(argument: Argument):
    """Something to stand in an argument that the example leaves blank."""
    match argument.kind:
        case "flag":
            return "是"
        case "word":
            return argument.options[-1] if argument.name == "risk_status" else argument.options[0]
        case "number":
            return argument.low or (argument.high if argument.high == 1 else 1)
        case "numbers":
            return [1] * argument.shortest
        case "date":
            return dt.date(2023, 3, 1)
    return None


def wrongs(argument: Argument) -> list:
    """What somebody may type into an argument by mistake."""
    match argument.kind:
        case "flag" | "word":
            return [None, "待核实", ODD]
        case "number":
            wrong = [None, "待核实", "约500", -1, 0, 1.5, _LARGE, _TOO_LARGE]
            return wrong + [
                limit + step for limit, step in ((argument.low, -1), (argument.high, 1)) if limit is not None
            ]
        case "numbers":
            usual = [1] * argument.shortest
            return [None, [1], *([*usual[:-1], wrong] for wrong in (None, "约500", -1, 1.5))]
        case "date":
            return [None, "明天", dt.date(1900, 3, 1), dt.date(2999, 12, 31)]
    return [None, ODD, *([1.06e17] if argument.name in ("id", "birth_date") else [])]


# ---- a document's page


def policy_page(policy: Policy) -> str:
    """The text of docs/政策/<short name>.md."""
    parts = [f"# {policy.short_name}\n", NOTICE + "\n", f"**{policy.title}**\n", header(policy), ""]
    parts += ["[政策目录](README.md)　[函数手册](../函数手册.md)\n"]
    parts += ["## 各条一览\n", overview(policy), ""]
    if policy.absent:
        absent = "、".join(policy.clause_label(number) for number in policy.absent)
        parts.append(f"没有 {absent}：{policy.absent_note}\n")
    for title, text in (
        ("通用口径", "".join(reading_text(r, "") + "\n" for r in policy.readings)),
        ("由户的情况推出的", facts_text(policy)),
        ("不同时享受的", exclusions_text(policy)),
        ("全户合计", settlement_text(policy)),
        ("写到而没有写标准的", named_text(policy)),
        ("延续以前文件的", inherited_text(policy)),
    ):
        if text:
            parts += [f"## {title}\n", text.rstrip() + "\n"]
    parts.append("## 原文与核算\n\n竖线右边是原文。\n")
    parts += [clause_text(policy, number) for number in policy.clauses]
    return "\n".join(parts).rstrip() + "\n"


def header(policy: Policy) -> str:
    force = f"（原文：“{policy.in_force_quote}”）" if policy.in_force_quote else ""
    rows = [
        ["文号", number_text(policy)],
        ["印发机关", policy.issuer or "原文没有写"],
        ["印发日期", day_text(policy.issued) if policy.issued else "原文没有写"],
        ["有效期", f"{period(policy)}{force}。{policy.in_force_note}"],
        ["“政策”一格填", "，或 ".join((policy.short_name, policy.number or policy.title, policy.id))],
        ["内容", f"{len(policy.clauses)} 条，{len(policy.measures)} 个事项，{len(policy.indicators)} 个指标，"
                 f"{len(policy.deadlines)} 个时限"],
    ]  # fmt: skip
    return table(["项目", "内容"], rows)


def own(policy: Policy, section: str) -> dict[str, Measure]:
    """The entries of a section that are the document's own."""
    return {name: m for name, m in getattr(policy, section).items() if m.document is policy}


def of_clause(policy: Policy, number: str) -> tuple[list, list, list]:
    """(functions, indicators, deadlines) of a clause."""
    functions = [
        (s, policy.measures[n]) for n, s in functions_of(policy).items()
        if n in own(policy, "measures") and policy.measures[n].clause == number
    ]  # fmt: skip
    lines, deadlines = (
        [(n, m) for n, m in own(policy, section).items() if m.clause == number]
        for section in ("indicators", "deadlines")
    )
    return functions, lines, deadlines


def overview(policy: Policy) -> str:
    rows = []
    for number, clause in policy.clauses.items():
        functions, lines, deadlines = of_clause(policy, number)
        used = [to_function(s) for s, _ in functions]
        used += [f"指标：{'、'.join(n for n, _ in lines)}"] if lines else []
        used += [f"时限：{'、'.join(n for n, _ in deadlines)}"] if deadlines else []
        used += [f"登记：{clause.register}"] if clause.register else []
        rows.append([to_clause(policy, number, ""), clause.title, "；".join(used) or "各项共用"])
    return table(["条款", "标题", "用在哪里"], rows)


def clause_text(policy: Policy, number: str) -> str:
    clause = policy.clauses[number]
    functions, lines, deadlines = of_clause(policy, number)
    quoted = "\n".join(f"> {verbatim(line)}  " for line in clause.text.strip().splitlines())
    parts = [f"### {clause_heading(policy, number)}\n", quoted.rstrip() + "\n"]
    items = [measure_item(policy, s, m) for s, m in functions]
    items += [indicator_item(policy, name, measure) for name, measure in lines]
    items += [f"- 时限“{name}”：{deadline_text(m)}{note_text(m)}" for name, m in deadlines]
    items += [f"- 写到而没有写标准：{named_label(name)}" for name, m in policy.named.items() if m.clause == number]
    if policy.common.clause == number:
        items.append("- 各项共用的范围和标准")
    if clause.register:
        items.append(f"- 登记：{clause.register}")
    parts.append("\n".join(items) + "\n" if items else "")
    return "\n".join(parts)


def note_text(measure: Measure) -> str:
    return f"。说明：{measure.note.rstrip('。')}" if measure.note else ""


def measure_item(policy: Policy, signature: Signature, measure: Measure) -> str:
    lines = [f"- **{to_function(signature)}**：{kind_text(measure, signature.nature)}"]
    if signature.name not in contract.signatures():
        lines.append(f"  - 怎么填：`={signature.call_text}`")
    for start, text in versions(policy, measure):
        lines.append(f"  - {start}标准：{text}")
    if measure.note:
        lines.append(f"  - 说明：{measure.note}")
    lines += [reading_text(reading, "  ") for reading in measure.readings]
    return "\n".join(lines)


def versions(policy: Policy, measure: Measure):
    """(since when, standards) for every version of the values; the day is left out where there is only one."""
    if len(measure.versions) < 2:
        told_values = parameters(policy, measure)
        if told_values:
            yield "", "；".join(told_values)
        return
    for version in measure.versions:
        texts = []
        for key, value in version.values.items():
            label, unit = labelled(policy, measure, key)
            if label:
                texts.append(f"{label} {value_text(value, unit)}")
        yield f"{day_text(version.start)}起的", "；".join(texts)


def indicator_item(policy: Policy, name: str, measure: Measure) -> str:
    base = f"（{measure.base}空着用本单位登记的“{measure.line}”）" if measure.line else ""
    lines = [f"- 指标“{name}”（[指标达标](../函数手册.md#{slug(heading(contract.signatures()['INDICATOR_OK']))})）："
             f"{line_text(measure)}{base}{note_text(measure)}"]  # fmt: skip
    lines += [reading_text(reading, "  ") for reading in measure.readings]
    return "\n".join(lines)


def reading_text(reading, indent: str) -> str:
    others = "、".join(a for a in reading.alternatives if a != reading.default)
    text = f"默认 **{reading.default}**，可改为 {others}。为什么：{reading.because.rstrip('。')}。"
    return f"{indent}- 口径“{reading.name}”：{text}"


def facts_text(policy: Policy) -> str:
    lines = []
    for name, measure in policy.facts.items():
        label = contract.plain_arguments()[name].label
        function = contract.find(measure.body)
        arguments = function.by_name if function else contract.plain_arguments()
        binding = bind(policy, measure, arguments, None, {})
        sources = "、".join(argument.label for argument in binding.arguments.values())
        lines.append(f"- {label}：没填时由 {sources} 推出（{to_clause(measure.document, measure.clause, '')}）")
    return "\n".join(["户应享合计和整张台账核算时：\n", *lines]) if lines else ""


def exclusions_text(policy: Policy) -> str:
    lines = []
    for exclusion in policy.exclusions:
        barred, by = (
            _claim(functions_of(policy)[name], where)
            for name, where in (
                (exclusion.measure, exclusion.where),
                (exclusion.barred_by, exclusion.barred_where),
            )
        )
        clause = to_clause(policy, exclusion.clause, "") if exclusion.clause in policy.clauses else exclusion.clause
        lines.append(f"- {by} 有金额的，{barred} 为 0：“{verbatim(exclusion.quote)}”（{clause}）")
    return "\n".join(lines)


def _claim(signature: Signature, where: dict[str, str]) -> str:
    words = "、".join(f"{signature.by_name[key].label}＝{word}" for key, word in where.items())
    function = to_function(signature)
    return f"{function}（{words}）" if words else function


def settlement_text(policy: Policy) -> str:
    rows = []
    for name, measure in policy.measures.items():
        signature = functions_of(policy)[name]
        if not measure.household_cap and not measure.once:
            continue
        cap = measure.versions[-1].values[measure.household_cap] if measure.household_cap else ""
        rows.append([to_function(signature), once_text(measure) or "—", value_text(cap, "元") if cap else "—"])
    if not rows:
        return ""
    total = contract.signatures()["HOUSEHOLD_TOTAL"]
    text = f"一户几行申报放在一起时（{to_function(total)}），同一事项这样合：\n\n"
    return text + table(["事项", "享受几次", "全户合计不超过"], rows)


def named_label(name: str) -> str:
    signature = contract.signatures().get(name)
    return to_function(signature) if signature else f"指标“{name}”"


def named_text(policy: Policy) -> str:
    rows = [
        [named_label(name), to_clause(policy, m.clause, ""), f"“{verbatim('……'.join(m.quotes))}”"]
        for name, m in policy.named.items()
    ]  # fmt: skip
    return "只登记，不算金额，也不借用别处的标准。\n\n" + table(["事项", "条款", "原文"], rows) if rows else ""


def inherited_text(policy: Policy) -> str:
    rows = [
        [to_function(functions_of(policy)[n]), m.cited, standard(policy, m)]
        for n, m in policy.measures.items() if m.document is not policy
    ]  # fmt: skip
    return table(["事项", "出处", "标准"], rows) if rows else ""


# ---- the index of documents


def index() -> str:
    """The text of docs/政策/README.md."""
    known = installed()
    rows = [
        [f"[{p.short_name}]({p.short_name}.md)", p.title, number_text(p), p.issuer, period(p), len(p.measures),
         len(p.indicators), len(p.deadlines)]
        for p in known
    ]  # fmt: skip
    parts = ["# 政策目录\n", NOTICE + "\n"]
    parts.append(
        f"装了 {len(known)} 份政策，各管各的地方，没有写的不从别处借。函数怎么用见[函数手册](../函数手册.md)。\n"
    )
    parts.append(table(["简称", "标题", "文号", "印发机关", "有效期", "事项", "指标", "时限"], rows))
    parts.append("\n## 各政策对照：事项\n\n“—”是没有这一项；“没有标准”是写到而没有写标准。条款和说明点进各政策看。\n")
    parts.append(table(["事项", *(p.short_name for p in known)], measure_rows(known)))
    for title, section, text in (("指标", "indicators", line_text), ("时限", "deadlines", deadline_text)):
        parts.append(f"\n## 各政策对照：{title}\n")
        names = list(dict.fromkeys(
            [*(n for n in contract.plain_arguments()["indicator" if section == "indicators" else "item"].options
               if any(n in getattr(p, section) or n in p.named for p in known)),
             *(n for p in known for n in getattr(p, section))]))  # fmt: skip
        rows = [[name, *(compared(p, getattr(p, section).get(name), name, text) for p in known)] for name in names]
        parts.append(table([title, *(p.short_name for p in known)], rows))
    return "\n".join(parts).rstrip() + "\n"


def measure_rows(known: tuple[Policy, ...]) -> list[list[str]]:
    rows = []
    every = {name: signature for p in known for name, signature in functions_of(p).items()}
    for name, signature in every.items():
        if not any(name in p.measures or name in p.named for p in known):
            continue
        cells = [compared(p, p.measures.get(name), name, lambda m, p=p: standard(p, m)) for p in known]
        rows.append([to_function(signature), *cells])
    return rows


def compared(policy: Policy, measure: Measure | None, name: str, text) -> str:
    if measure is not None:
        return f"{text(measure)}（{to_clause(measure.document, measure.clause, '')}）"
    return f"没有标准（{to_clause(policy, policy.named[name].clause, '')}）" if name in policy.named else "—"


# ---- writing


def pages() -> dict[Path, str]:
    """Every page with its text."""
    of_policies = {page_of(policy): policy_page(policy) for policy in installed()}
    return {MANUAL: manual(), INDEX: index(), **of_policies, **ledger_pages.pages()}


def left_over() -> list[Path]:
    """Pages of documents that are no longer there."""
    known = {INDEX, *map(page_of, installed())}
    return sorted(set(POLICIES.glob("*.md")) - known)


def main() -> None:
    POLICIES.mkdir(parents=True, exist_ok=True)
    written = pages()
    for file in left_over():
        file.unlink()
    for file, text in written.items():
        file.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
