"""The table of calls that every host must answer as Python does: all cases of all documents one by one, stacked in
columns and blocks, explained by WHY and named by BENEFIT, and what cells hold besides."""
from __future__ import annotations

import datetime as dt
import itertools
from functools import cache
from pathlib import Path

import xl_poverty
from xl_poverty import CellError, formulas, office
from xl_poverty.errors import CELLS
from xl_poverty.formulas.checking import read_cases
from xl_poverty.formulas.signatures import Signature, signatures

POLICIES = Path(xl_poverty.__file__).parent / "policies"
#: so many rows that the column reading takes them
ROWS = 70
#: of every function so many cases are explained and named
EXPLAINED = 12

LEDGER = [
    ["户编号", "姓名", "证件号码", "户类型", "是否劳动力", "务工去向", "月工资", "申报交通费"],
    ["1001", "甲一", "106001195803040013", "脱贫户", "是", "跨省", 3200, 980],
    ["1001", "甲二", "106001196003040025", "脱贫户", "否", None, None, None],
    ["1002", "乙一", "106001197003040037", "监测户", "是", "省内区外", 2800, 450],
    ["1003", "丙一", None, "一般农户", "是", "#N/A", 1000, None],
]
PAID = [
    ["证件号码", "事项", "金额", "发放日期"],
    ["106001195803040013", "交通补贴", 600, dt.date(2023, 3, 1)],
    ["106001195803040013", "交通补贴", 300, dt.date(2023, 9, 1)],
    ["106001197003040037", "稳岗补助", 1200, dt.date(2023, 9, 1)],
]
CLAIMS = [
    ["事项", "成员", "户类型", "是否劳动力", "务工去向", "周岁年龄"],
    ["交通补贴", "甲一", "脱贫户", True, "跨省", None],
    ["交通补贴", "甲二", "脱贫户", True, "省内区外", None],
]
DAY = dt.date(2023, 6, 30)
S, Z = "双碾乡", "枣庄高新区"
ID = "106001195803040013"

#: (function, arguments): what no case of a document says, and cells of every kind
BESIDES = [
    ("ID_CHECK", (ID, None, None)),
    ("ID_CHECK", (1.0600119580304e17, None, None)),  # a number of a cell has lost digits
    ("ID_CHECK", (int(ID), None, None)),
    ("ID_CHECK", ([[ID], [None], ["#REF!"], [12345], [f" {ID} "]], None, None)),
    ("MASK_ID", (ID, None, None)),
    ("MASK_ID", ([[ID, None], ["106001195803040013B1", int(ID)]], None, None)),
    ("AGE_ON", (ID, dt.date(2023, 3, 4), None, None)),
    ("AGE_ON", ("1958-03-04", "2023年3月3日", None, None)),
    ("AGE_ON", ([[ID], [dt.date(1990, 5, 6)], [None], ["#NUM!"]], DAY, None, None)),
    ("AGE_ON", ([[ID], [dt.date(1990, 5, 6)]], [[dt.date(2020, 1, 1), 45000, 20230304]], None, None)),
    ("WORK_DESTINATION", ("浙江省宁波市慈溪市", None, S, None)),
    ("WORK_DESTINATION", ([["浙江省宁波市慈溪市"], [None], ["某厂"]], None, S, None)),
    ("DUE_NOW", (1500, 600, None, None)),
    ("DUE_NOW", (1500, None, None, None)),
    ("DUE_NOW", (3e9, 1, None, None)),  # more than 32 bits hold
    ("DUE_NOW", ([[3e9], [5]], 1, None, None)),
    ("DUE_NOW", ([["1500"], ["１５００.５"], ["1500元"], [True], ["#DIV/0!"]], [[0], [0], [0], [0], [0]], None, None)),
    ("FIRST_OF", ([[ID], [ID], [None], ["#N/A"], [12]], None, None)),
    ("FIRST_OF", ([["a", "b", "a"]], None, None)),
    ("FIRST_OF", ("a", None, None)),
    ("HOUSEHOLD_COUNT", (LEDGER, "户类型=脱贫户", None, None)),
    ("HOUSEHOLD_COUNT", (LEDGER, [["户类型=脱贫户"], ["户类型=监测户"], ["错"], [None]], None, None)),
    ("PERSON_COUNT", (LEDGER, "户类型=脱贫户", None, None)),
    ("PERSON_COUNT", (LEDGER, None, None, None)),
    ("PERSON_COUNT", (None, None, None, None)),
    ("LEDGER_SUM", (LEDGER, "月工资", "户类型<>一般农户", None, None)),
    ("LEDGER_SUM", (LEDGER, "月工资", "务工去向=跨省", None, None)),
    ("PAID_AMOUNT", (ID, "交通补贴", PAID, None, None, None, None)),
    ("PAID_AMOUNT", (ID, "交通补贴", PAID, dt.date(2023, 8, 1), "2023-12-31", None, None)),
    ("PAID_AMOUNT", ([[row[2]] for row in LEDGER[1:]], "交通补贴", PAID, None, None, None, None)),
    ("ENTITLEMENTS", (LEDGER, "交通补贴", S, DAY)),
    ("ENTITLEMENTS", (LEDGER, None, S, DAY)),
    ("ENTITLEMENTS", (LEDGER, "交通补贴", S, None)),  # an expired document needs a day
    ("ENTITLEMENTS", ([["没有", "表头"], [1, 2]], None, S, DAY)),
    ("HOUSEHOLD_TOTAL", (CLAIMS, None, S, DAY)),
    ("HOUSEHOLD_TOTAL", (CLAIMS[:1], None, S, DAY)),
    ("HOUSEHOLD_TOTAL", ([["项"], [1]], None, S, DAY)),
    ("POLICIES", (None, None)),
    ("MEASURES", (S, None)),
    ("MEASURES", ("没有的政策", None)),
    ("POLICY_CLAUSE", ("交通补贴", S, None)),
    ("POLICY_CLAUSE", ([["交通补贴"], ["10"], [10], ["没有的事"]], S, None)),
    ("POLICY_PARAM", ("交通补贴", "跨省", S, DAY)),
    ("DEADLINE", ([["新增监测对象措施"], ["没有"], [None]], dt.date(2023, 10, 9), None, "阜阳市", None)),
    ("TRAVEL_SUBSIDY", ("脱贫户", "是", "跨省", *[None] * 5, "没有的政策", DAY)),
    ("TRAVEL_SUBSIDY", ("脱贫户", "是", "跨省", *[None] * 5, [[S], ["双发〔2022〕67号"], ["奉节"], [None]], DAY)),
    ("TRAVEL_SUBSIDY", ("脱贫户", "是", "跨省", *[None] * 5, "#REF!", DAY)),
    ("TRAVEL_SUBSIDY", ("脱贫户", "是", "跨省", *[None] * 5, S, [[DAY, "2031-1-1", None, "昨天", 20230101, 45000]])),
    ("TRAVEL_SUBSIDY", ([["脱贫户"], ["监测户"]], "是", [["跨省", "区内", "省内区外"]], *[None] * 5, S, DAY)),
    ("TRAVEL_SUBSIDY", ([["脱贫户"], ["监测户"]], "是", [["跨省"], ["跨省"], ["跨省"]], *[None] * 5, S, DAY)),
    # a date that was typed as 6-12 is no number of months
    ("STABLE_JOB_BONUS", ("脱贫户", "是", dt.date(2023, 6, 12), 3000, None, None, None, S, DAY)),
    ("STABLE_JOB_BONUS", ("脱贫户", "是", [[8], [dt.date(2023, 6, 12)], ["8"]], 3000, None, None, None, S, DAY)),
    ("STABLE_JOB_BONUS", ("脱贫户", "是", *[None] * 5, S, DAY)),
    ("STABLE_JOB_BONUS", ("脱贫户", "是", 0, 0, *[None] * 3, S, DAY)),
    ("STABLE_JOB_BONUS", ("脱贫户", "是", int(ID), 3000, *[None] * 3, S, DAY)),
    ("VISIT_GAPS", ([[1] * 12], None, "低收入", "否", Z, None)),
    ("VISIT_GAPS", ([[None] * 12], None, "低收入", "否", "前进区", None)),
    ("VISIT_GAPS", ([[1] * 11], None, "低收入", "否", "前进区", None)),
    ("WHY", ("交通补贴", "脱贫户", "是", "跨省", *[None] * 5, S, DAY)),
    ("WHY", ("交通补贴", [["脱贫户"], [None], ["#N/A"]], "是", "跨省", *[None] * 5, S, DAY)),
    ("WHY", ("没有的事",)),
    ("WHY", (None,)),
    ("WHY", ("人数统计", LEDGER, "户类型=脱贫户")),
    ("BENEFIT", ("交通补贴", "户类型", "脱贫户", "是否劳动力", True, "务工去向", [["跨省"], ["错"]], "政策", S)),
    ("BENEFIT", ("交通补贴", "户类型")),
    ("BENEFIT", ("交通补贴", "没有", 1, "政策", S)),
    ("BENEFIT", (None,)),
]


@cache
def calls() -> list[tuple]:
    """Every call of the table: (function, arguments as cells, 口径)."""
    return [(name, arguments, {}) for name, arguments in BESIDES] + [call for call, _ in cases()] + [*_stacked()]


@cache
def cases() -> list[tuple]:
    """(call, what the case expects) for every case that cells can say."""
    found = []
    for folder in sorted(file.parent for file in POLICIES.glob("*/cases.toml")):
        for case in read_cases(folder):
            signature = signatures()[case["function"]]
            arguments = _cells(signature, case, folder.name)
            if arguments is not None:
                expected = ("error", _error(case, arguments)) if "error" in case else case["expect"]
                found.append(((signature.name, arguments, case.get("readings", {})), expected))
    return found


def _error(case: dict, arguments: tuple) -> str:
    """The error value that a case expects; an input that is one keeps its own."""
    cells = [cell for one in arguments for row in (one if isinstance(one, list) else [[one]]) for cell in row]
    own = [cell for cell in map(str, cells) if cell.startswith("#")]
    return own[0] if own and case["error"] == "excel_error" else CELLS[case["error"]]


def _cells(signature: Signature, case: dict, policy: str) -> tuple | None:
    """A case's arguments as cells; None for what only Python can say."""
    own = dict(case.get("args", {}))
    if signature.name == "HOUSEHOLD_TOTAL":
        own = _claims_table(own)
        if own is None:
            return None
    cells = []
    for argument in signature.arguments:
        cell = own.get(argument.name)
        if isinstance(cell, dict):
            if set(cell) - set(argument.items):
                return None
            cell = [cell.get(name) for name in argument.items]
        if argument.kind == "numbers" and isinstance(cell, list):
            cell = [cell]
        cells.append(cell)
    return (*cells, case.get("policy", policy), case.get("as_of"))


def _claims_table(own: dict) -> dict | None:
    """A household and its claims as the table that a cell takes: a fact of the household in the row of every claim."""
    facts, claims = own.get("household") or {}, own.get("claims") or []
    known = {"measure", "事项", "member", "成员", "姓名", "policy", "as_of"}
    for signature in signatures().values():
        known |= {*signature.by_name, *signature.labels}
    heads = [*dict.fromkeys(key for row in (facts, *claims) for key in row)]
    if not claims or not known.issuperset(heads) or "measure" not in heads:
        return None
    return {"household": [heads, *([{**facts, **claim}.get(head) for head in heads] for claim in claims)]}


def _stacked():
    """The cases of a function and a document as columns, blocks and rows; explained and named."""
    groups: dict = {}
    for (name, arguments, readings), _ in cases():
        if not readings and name != "HOUSEHOLD_TOTAL":
            lists = tuple(len(one[0]) if isinstance(one, list) else 0 for one in arguments)
            groups.setdefault((name, arguments[-2], lists), []).append(arguments)
    explained: dict = {}
    for (name, policy, lists), rows in groups.items():
        rows = [*itertools.islice(itertools.cycle(rows), ROWS)]
        columns = [
            policy if place == len(lists) - 2 else [row[place][0] if width else [row[place]] for row in rows]
            for place, width in enumerate(lists)
        ]
        yield name, tuple(columns), {}
        if not any(lists):
            block = [policy if one is policy else [[cell for (cell,) in one[i : i + 4]] for i in (0, 4, 8)]
                     for one in columns]  # fmt: skip
            yield name, tuple(block), {}
            yield name, tuple(one if one is policy else one[1:2] for one in block), {}
        explained.setdefault(name, []).extend(rows[:EXPLAINED])
    for name, rows in explained.items():
        signature = signatures()[name]
        for row in rows[:: max(1, len(rows) // EXPLAINED)]:
            yield "WHY", (signature.alias, *row), {}
            yield "BENEFIT", (signature.alias, *itertools.chain(*zip(signature.labels, row))), {}


def in_python(call: tuple):
    """What a call comes to in Python, as cells show it."""
    name, arguments, readings = call
    with office(readings=readings):
        try:
            return cells_of(getattr(formulas, name)(*map(_single, arguments)))
        except CellError as error:
            return cells_of(error)


def _single(argument):
    """A range of one cell is that cell."""
    is_one = isinstance(argument, list) and len(argument) == len(argument[0]) == 1
    return argument[0][0] if is_one else argument


def cells_of(result):
    if isinstance(result, list):
        rows = tuple(tuple(map(cells_of, row)) for row in result)
        return rows[0][0] if len(rows) == len(rows[0]) == 1 else rows
    if isinstance(result, CellError):
        return "error", result.cell
    return "" if result is None else result


def same(one, other) -> bool:
    """Equal, and of one kind: TRUE is not 1."""
    if isinstance(one, tuple) and isinstance(other, tuple):
        return len(one) == len(other) and all(map(same, one, other))
    return one == other and isinstance(one, bool) == isinstance(other, bool)
