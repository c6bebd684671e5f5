"""A sixth document, made from the code blocks of docs/新增政策.md alone: the guide is true and nothing else is needed.

The document is put into a copy of the package, in which no other file changes, and used there in a process of its own.
"""
from __future__ import annotations

import ast
import datetime as dt
import filecmp
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import checked
import openpyxl
import pytest
from engines import ErrorCell, Table, recalculated_by_formualizer, write_tables

import xl_poverty
from xl_poverty.rules import __all__ as exported, always, rule, when
from xl_poverty.rules.arguments import Argument
from xl_poverty.rules.binding import bind
from xl_poverty.rules.expressions import Outcome, RuleError, Steps
from xl_poverty.rules.parameters import (
    _MEASURE_KEYS,
    _POLICY_KEYS,
    KINDS,
    LINES,
    NATURES,
    ONCES,
    PAYEES,
    Policy,
    find_policies,
)

PACKAGE = Path(xl_poverty.__file__).parent
GUIDE = PACKAGE.parent / "docs" / "新增政策.md"
NAME, SHORT = "shili_2025", "示例县"
#: files of the guide that lie in an office's folder and not in the package
OFFICE = "office/"


def guide() -> str:
    return GUIDE.read_text(encoding="utf-8")


def files() -> dict[str, str]:
    """The files of the guide: blocks of one name follow each other."""
    found: dict[str, str] = {}
    for name, block in re.findall(r"(?ms)^文件：`([^`]+)`\n\n```\w+\n(.*?)^```$", guide()):
        found[name] = found.get(name, "") + ("\n" if name in found else "") + block
    return found


def write_files(root: Path, wanted) -> None:
    for name, text in files().items():
        if wanted(name):
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text, encoding="utf-8")


@pytest.fixture(scope="module")
def copy(tmp_path_factory) -> Path:
    """The folder of a copy of the package with the document of the guide in it."""
    root = tmp_path_factory.mktemp("copy")
    shutil.copytree(PACKAGE, root / "xl_poverty", ignore=shutil.ignore_patterns("__pycache__"))
    policies = root / "xl_poverty" / "policies"
    write_files(policies, lambda name: not name.startswith(OFFICE))
    (policies / NAME / "__init__.py").write_text("")
    return root


@pytest.fixture
def document(tmp_path) -> Path:
    """The folder of the guide's document, not installed."""
    write_files(tmp_path, lambda name: name.startswith(NAME))
    return tmp_path / NAME


def run(copy: Path, *arguments, cwd: Path | None = None):
    """(exit code, output) of Python with the copy on its path."""
    environment = {**os.environ, "PYTHONPATH": str(copy), "PYTHONIOENCODING": "utf-8",
                   "XDG_CONFIG_HOME": str(copy), "APPDATA": str(copy)}  # fmt: skip
    done = subprocess.run(
        [sys.executable, *map(str, arguments)],
        capture_output=True, encoding="utf-8", env=environment, cwd=cwd or copy, timeout=300,
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


PRELUDE = """
import json, sys
import xl_poverty
from xl_poverty import CellError, formulas as f, native_formula, office
def told(value):
    if isinstance(value, CellError):
        return f"!{value.code}"
    if isinstance(value, list):
        return [told(one) for one in value]
    return value if isinstance(value, (bool, int, float, str)) or value is None else str(value)
def computed(text):
    try:
        return told(eval(text))
    except CellError as error:
        return f"!{error.code}"
"""


def computed(copy: Path, *expressions: str) -> list:
    """The values of Python expressions in the copy; an error of a cell as !code, a date as text."""
    script = f"{PRELUDE}\nprint(json.dumps([computed(text) for text in {list(expressions)!r}], ensure_ascii=False))"
    code, out = run(copy, "-c", script)
    assert code == 0, out
    return json.loads(out)


def test_the_document_is_found_in_the_copy(copy):
    home, listed = computed(copy, "xl_poverty.__file__", "[row[:3] for row in f.POLICIES()]")
    assert Path(home).is_relative_to(copy)
    before = [folder.name for folder in find_policies(PACKAGE / "policies")]
    assert [NAME, SHORT, "示发〔2025〕3号"] in listed
    assert sorted(row[0] for row in listed[1:]) == sorted([*before, NAME])


def test_no_file_outside_the_new_folder_differs(copy):
    """As `git status` would say it."""
    changed = []

    def compare(before: Path, after: Path):
        found = filecmp.dircmp(before, after, ignore=["__pycache__"])
        changed.extend(after / name for name in (*found.left_only, *found.right_only, *found.funny_files))
        _, different, errors = filecmp.cmpfiles(before, after, found.common_files, shallow=False)
        changed.extend(after / name for name in (*different, *errors))
        for name in found.common_dirs:
            compare(before / name, after / name)

    compare(PACKAGE, copy / "xl_poverty")
    assert [path.relative_to(copy).as_posix() for path in changed] == [f"xl_poverty/policies/{NAME}"]
    assert sorted(file.name for file in (copy / "xl_poverty" / "policies" / NAME).iterdir()) == [
        "__init__.py", "cases.toml", "checked.toml", "policy.toml", "rules.py",
    ]  # fmt: skip


# ---- policy check


def check(copy: Path, folder: Path):
    return run(copy, "-m", "xl_poverty", "policy", "check", folder)


def test_check_passes_installed_and_before_it_is_installed(copy, document):
    for folder in (copy / "xl_poverty" / "policies" / NAME, document):
        assert check(copy, folder) == (0, f"{NAME}：没有错误，71 个核对例都对\n")


def change(folder: Path, file: str, *changes: tuple[str, str]) -> None:
    text = (folder / file).read_text(encoding="utf-8")
    for good, bad in changes:
        assert text.count(good) == 1, (good, text.count(good))
        text = text.replace(good, bad)
    (folder / file).write_text(text, encoding="utf-8")


def mistakes(copy: Path, folder: Path) -> list[str]:
    code, out = check(copy, folder)
    first, *rest = out.splitlines()
    assert code == 1 and first == f"{NAME}：{len(rest)} 处错误", out
    return [line.strip().removeprefix(f"{NAME}/") for line in rest]


def test_every_mistake_of_the_data_at_once(copy, document):
    change(
        document, "policy.toml", ('level = "县"', "level = 3"), ('unit = "元/人/年"', 'units = "元/人/年"'),
        ('quote = "帮扶责任人每月至少走访1次"', 'quote = "帮扶责任人每月至少走访2次"'),
        ('kind = "上限内"\npayee = "户"\nhousehold_cap = "cap"\nnote = "种植',
         'kind = "上限"\npayee = "家"\nhousehold_cap = "top"\nnote = "种植'), ("low = 0.6", "lowest = 0.6"),
        ("days_after = 5", "days_after = true"), ('use = "登记"\nregister = "有效期',
         'use = "不管"\nregister = "有效期'),
        ("from = 2026-01-01\n", "from = 2024-01-01\n"), ('barred_by = "HEATING_SUBSIDY"', 'barred_by = "COAL"'),
    )  # fmt: skip
    told = mistakes(copy, document)
    assert {line.split(": ")[1] for line in told} >= {
        "level", "clauses.九.use", "TRAVEL_SUBSIDY.units", "PREMIUM_SUBSIDY.kind", "PREMIUM_SUBSIDY.payee",
        "HEATING_SUBSIDY.values", "VISIT_GAPS.quote", "deadlines.入户核查.values.days_after", "exclusion.barred_by",
        "PREMIUM_SUBSIDY.household_cap", "indicators.产业带动占比.values",
    }  # fmt: skip
    assert all(line.startswith("policy.toml: ") for line in told)


def test_every_mistake_of_rules_names_and_clauses_at_once(copy, document):
    change(
        document, "policy.toml", ('near = ["陕西省", ', 'near = ["陕西", '),
        ('register = "返乡创业的登记；奖励原文没有标准"\n', ""),
        ('title = "返乡创业"\nuse = "登记"', 'title = "返乡创业"\nuse = "计算"'),
        ('number = "示发〔2025〕3号"', 'number = "双发[2022]67号"'),
    )  # fmt: skip
    change(
        document, "rules.py", ("(p, in_scope, project, premium)", "(p, in_scope, project, premium, acres)"),
        ("    coal = heating.isin(p.coal)", "    coal = heating.isin(p.coal)\n    if coal:\n        return always()"),
    )  # fmt: skip
    assert sorted(mistakes(copy, document)) == sorted([
        "policy.toml: 双发[2022]67号 is already the name of shuangnian_2022",
        "policy.toml: clauses.八: is said to be computed, but nothing cites it",
        "policy.toml: TRAVEL_SUBSIDY: 务工地点: “陕西” is no option of 务工地点",
        "policy.toml: PREMIUM_SUBSIDY: shili_2025: PREMIUM_SUBSIDY uses unknown arguments acres",
        "policy.toml: HEATING_SUBSIDY: a rule body may not branch on an input: use given(), when(), least(), most(), "
        "& | ~",
    ])  # fmt: skip


def test_every_case_that_fails_at_once(copy, document):
    change(document, "policy.toml", ("near_amount = 400", "near_amount = 450"), ("month = 11", "month = 10"))
    told = mistakes(copy, document)
    assert [re.match(r"cases\.toml: 第\d+例 (\w+)", line)[1] for line in told] == [
        "TRAVEL_SUBSIDY", "TRAVEL_SUBSIDY", "DEADLINE", "ON_TIME", "ON_TIME",
    ]  # fmt: skip
    assert told[0].endswith("（地址写到市，到陕西：400）：得 450，应是 400")


# ---- the whole path

ON = 'policy="示例县", as_of="2025-06-30"'
WINTER = 'policy="示例县", as_of="2025-12-31"'

#: 务工去向, 务工地点, 务工月数 and what 示发〔2025〕3号 says of it, read by hand
ROWS = [
    ("跨省", "陕西省西安市", 3, 400),
    ("跨省", "陕西省榆林市定边县", 12, 400),
    ("跨省", "宁夏银川", 3.5, 400),
    ("跨省", "浙江省宁波市", 3, 600),
    ("跨省", "内蒙古自治区", 6, 600),
    ("跨省", "陕西省西安市", 2.99, 0),
    ("跨省", "浙江省", 0, 0),
    ("省内区外", "甘肃省兰州市", 3, 300),
    ("省内区外", None, 8, 300),
    ("区内", None, None, 0),
    ("跨省", None, 3, "!missing"),
    ("跨省", "甘肃省兰州市", 3, "!inconsistent"),
    ("省内区外", "新疆", 3, "!inconsistent"),
    ("跨省", "缅甸", 3, 600),
    ("跨省", "陕西省西安市", None, "!missing"),
    ("跨省", "陕西省西安市", -1, "!negative"),
    ("跨省", "陕西省西安市", "三个月", "!not_number"),
    ("上海", "上海市", 3, "!unknown_option"),
    (None, "上海市", 3, 0),
    ("省外务工", "陕西", 3, 400),
]


def test_the_formula(copy):
    calls = [f'f.TRAVEL_SUBSIDY("脱贫户", "是", {to!r}, work_place={at!r}, work_months={months!r}, {ON})'
             for to, at, months, _ in ROWS]  # fmt: skip
    assert computed(copy, *calls) == [amount for *_, amount in ROWS]


def test_a_column_of_200_rows(copy):
    to, at, months, amounts = (list(column) * 10 for column in zip(*ROWS, strict=True))
    (found,) = computed(copy, f"""f.TRAVEL_SUBSIDY("脱贫户", "是", {[[c] for c in to]}, work_place={[[c] for c in at]},
                                  work_months={[[c] for c in months]}, {ON})""")  # fmt: skip
    assert found == [[amount] for amount in amounts] and len(found) == 200


def test_the_days_it_is_in_force(copy):
    days = {"2025-02-28": 0, "2025-03-01": 400, "2026-12-31": 400, "2027-01-01": 0}
    near = 'f.TRAVEL_SUBSIDY("脱贫户", "是", "跨省", work_place="陕西", work_months=3, policy="示例县", as_of='
    calls = [f'{near}"{day}")' for day in days]
    assert computed(copy, *calls) == list(days.values())
    assert computed(copy, *(f'f.IN_FORCE("{day}", policy="示例县")' for day in days)) == [False, True, True, False]


def test_its_own_measure_by_benefit(copy):
    def heated(kind, tons, day):
        return f"""f.BENEFIT("取暖补助", "户类型", "脱贫户", "取暖方式", {kind!r}, "购煤吨数", {tons!r},
                             "政策", "示例县", "业务日期", "{day}")"""

    told = {
        heated("清洁煤", 2, "2025-12-31"): 400,  # 2 × 200
        heated("清洁煤", 2, "2026-01-01"): 500,  # 2 × 250
        heated("清洁煤", 3, "2025-12-31"): 600,
        heated("清洁煤", 3, "2026-01-01"): 600,  # 750, at most 600
        heated("清洁煤", 0.333, "2025-12-31"): 66.6,
        heated("电取暖", None, "2025-12-31"): 500,
        heated("清洁煤", None, "2025-12-31"): "!missing",
        heated("柴火", 2, "2025-12-31"): "!unknown_option",
        heated(None, None, "2025-12-31"): 0,
    }
    assert computed(copy, *told) == list(told.values())
    column = """f.BENEFIT("取暖补助", "户类型", "脱贫户", "取暖方式", [["清洁煤"]] * 200, "购煤吨数",
                          [[n / 10] for n in range(200)], "政策", "示例县", "业务日期", "2025-12-31")"""
    assert computed(copy, column) == [[[min(n * 20, 600)] for n in range(200)]]


def test_why(copy):
    travel, winter, error = computed(
        copy, f'f.WHY("TRAVEL_SUBSIDY", "脱贫户", "是", "跨省", work_place="陕西省西安市", work_months=3, {ON})',
        f'f.WHY("取暖补助", "脱贫户", "清洁煤", 4, {WINTER})', f'f.WHY("取暖补助", "脱贫户", "清洁煤", {WINTER})',
    )  # fmt: skip
    assert travel.startswith("交通补贴400元/人/年：") and "依据示发〔2025〕3号第二条" in travel
    assert "口径：以上=含本数" in travel
    assert winter.startswith("取暖补助600元/户：") and "×清洁煤每吨200元＝800元，最高600元，已达上限" in winter
    assert winter.endswith("依据示发〔2025〕3号第四条。")
    assert error == "取暖补助算不出（#N/A）：缺少“购煤吨数”：请填写；依据示发〔2025〕3号第四条。"


def test_what_else_it_says(copy):
    calls = {
        'f.INDICATOR_OK("产业带动占比", 60, 100, policy="示例县")': True,
        'f.INDICATOR_OK("产业带动占比", 599, 1000, policy="示例县")': False,
        'f.INDICATOR_OK("产业带动占比", 101, 100, policy="示例县")': "!inconsistent",
        'f.INDICATOR_LINE("产业带动占比", 250, policy="示例县")': 150,
        'f.INDICATOR_OK("产业带动占比", 60, 100, policy="双碾乡")': "!unknown_option",
        'f.DEADLINE("入户核查", "2025-02-24", policy="示例县")': "2025-03-01",
        'f.DEADLINE("取暖补助发放", year=2026, policy="示例县")': "2026-11-30",
        'f.ON_TIME("入户核查", "2025-03-02", "2025-02-24", policy="示例县")': False,
        'f.VISIT_GAPS([1, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1], policy="示例县", as_of="2025-12-31")': 1,
        'f.PER_CAPITA_INCOME(20000, 5000, 300, 4000, 2500, 4, policy="示例县")': 6700,
        'f.STARTUP_BONUS("脱贫户", "是", "是", "是", policy="示例县")': "!not_specified",
        'f.POLICY_PARAM("交通补贴", "跨省", policy="示例县")': 600,
        'f.POLICY_PARAM("取暖补助", "清洁煤每吨", policy="示例县", as_of="2025-12-31")': 200,
        'f.POLICY_PARAM("取暖补助", "清洁煤每吨", policy="示例县", as_of="2026-01-01")': 250,
        'f.POLICY_CLAUSE("八", policy="示例县")': "“探索对返乡创业的脱贫户给予奖励。”（示发〔2025〕3号第八条）",
        'f.POLICY_CLAUSE("七", policy="示例县")': "示发〔2025〕3号没有第七条：原文编号不连续，没有这一条。",
        'f.WORK_DESTINATION("甘肃省兰州市", policy="示例县")': "省内区外",
    }
    assert computed(copy, *calls) == list(calls.values())
    (rows,) = computed(copy, 'f.MEASURES("示例县")')
    assert rows[1:] == [
        ["TRAVEL_SUBSIDY", "交通补贴", "第二条", "定额", "现金", "个人"],
        ["PREMIUM_SUBSIDY", "生产保险保费补贴", "第三条", "上限内", "现金", "户"],
        ["NET_INCOME", "家庭纯收入", "第一条", "核算值", "", ""],
        ["PER_CAPITA_INCOME", "人均纯收入", "第一条", "核算值", "", ""],
        ["VISIT_GAPS", "缺走访月数", "第六条", "核算值", "", ""],
        ["HEATING_SUBSIDY", "取暖补助", "第四条", "上限内", "现金", "户"],
    ]


HOUSEHOLD = """f.HOUSEHOLD_TOTAL([
    "事项 成员 户类型 是否劳动力 务工去向 务工地点 务工月数 生产项目 保费 取暖方式 购煤吨数".split(),
    ["交通补贴", "甲", "脱贫户", "是", "跨省", "陕西", 3, None, None, None, None],
    ["交通补贴", "甲", "脱贫户", "是", "跨省", "浙江", 3, None, None, None, None],
    ["生产保险保费补贴", None, "脱贫户", None, None, None, None, "种植", 500, None, None],
    ["生产保险保费补贴", None, "脱贫户", None, None, None, None, "养殖", 500, None, None],
    HEATING
], policy="示例县", as_of="2025-12-31")"""


def test_a_household(copy):
    # 甲 600, the better of 400 and 600; insurance 250 + 250, at most 400
    assert computed(copy, HOUSEHOLD.replace("HEATING", "")) == [1000]


def test_a_household_with_the_documents_own_measure(copy):
    heating = """["取暖补助", None, "脱贫户", None, None, None, None, None, None, "电取暖", None],
                 ["取暖补助", None, "脱贫户", None, None, None, None, None, None, "清洁煤", 2]"""
    # 500 for electricity, which bars the 400 for coal
    assert computed(copy, HOUSEHOLD.replace("HEATING", heating)) == [1500]
    told = """f.HOUSEHOLD_TOTAL({"户类型": "脱贫户"}, [{"事项": "取暖补助", "取暖方式": "清洁煤", "购煤吨数": 2}],
                                policy="示例县", as_of="2025-12-31")"""
    assert computed(copy, told) == [400]


def test_the_native_formula(copy, tmp_path):
    """A plain formula reads the usual spellings of a province, not addresses."""
    rows = [(*row[:3], row[3]) for row in ROWS if row[1] in (None, "陕西", "浙江省", "内蒙古自治区", "上海市", "新疆")]
    rows += [("跨省", "陕西省", 3, 400), ("跨省", "陕西省", 2.99, 0), ("跨省", "宁夏", 3, 400)]
    rows += [("跨省", "甘肃", 3, "!inconsistent")]
    before, first, last = dt.date(2025, 2, 28), dt.date(2026, 1, 1), dt.date(2025, 12, 31)
    winter = [
        ("清洁煤", 2, last, 400), ("清洁煤", 2, first, 500), ("清洁煤", 3, last, 600), ("电取暖", None, last, 500),
        ("电取暖", None, before, 0), ("清洁煤", None, last, "!missing"), ("柴火", 2, last, "!unknown_option"),
    ]  # fmt: skip
    texts = computed(
        copy, """native_formula("TRAVEL_SUBSIDY", {"户类型": '"脱贫户"', "是否劳动力": '"是"', "务工去向": "A2",
                                                   "务工地点": "B2", "务工月数": "C2"}, policy="示例县")""",
        """native_formula("取暖补助", {"户类型": '"脱贫户"', "取暖方式": "A2", "购煤吨数": "B2"}, policy="示例县",
                          as_of="C2")""",
    )  # fmt: skip
    tables = [Table(["去向", "地点", "月数"], [row[:3] for row in rows], texts[:1]),
              Table(["取暖", "吨数", "日期"], [row[:3] for row in winter], texts[1:])]  # fmt: skip
    write_tables(tmp_path / "native.xlsx", tables)
    found = recalculated_by_formualizer(tmp_path / "native.xlsx", tables)
    for wanted, results in zip((rows, winter), found, strict=True):
        for (*row, amount), (result,) in zip(wanted, results, strict=True):
            assert isinstance(result, ErrorCell) if isinstance(amount, str) else result == amount, (row, result)


LEDGER = [
    ["户编号", "姓名", "与户主关系", "户类型", "劳动技能", "务工去向", "务工地点", "务工月数",
     "属于政策对象", "生产项目", "保费", "取暖方式", "购煤吨数"],
    [1, "甲", "户主", "脱贫户", "普通劳动力", "省外务工", "陕西省西安市", 3, "是", "种植", 600, "清洁煤", 2],
    [1, "乙", "之妻", "脱贫户", "普通劳动力", "省外务工", "浙江省宁波市", 4, None, None, None, None, None],
    [2, "丙", "户主", "监测户", "弱劳动力", "省内县外务工", "兰州", 5, "是", "养殖", 900, "电取暖", None],
    [3, "丁", "户主", "一般农户", "普通劳动力", "省外务工", "北京市", 9, "否", "种植", 600, "清洁煤", 1],
    [4, "戊", "户主", "脱贫户", "普通劳动力", "省外务工", "朝阳", 6, "是", None, None, "清洁煤", None],
]  # fmt: skip
#: 交通补贴, 保费补贴 50%, at most 400, 取暖补助 200 a ton, and their sum
DUE = [(400, 300, 400, 1100), (600, 0, 0, 600), (300, 400, 500, 1200), (0, 0, 0, 0), (None, 0, None, None)]
HEADERS = ["应享交通补贴", "应享生产保险保费补贴", "应享取暖补助", "应享现金合计"]


def test_entitlements_of_a_table(copy):
    table = f"xl_poverty.entitlements(pd.DataFrame({LEDGER[1:]!r}, columns={LEDGER[0]!r}), '示例县', '2025-12-31')"
    columns = f"[told(list({table}[name])) for name in {HEADERS!r}]"
    (found,) = computed(copy, f"[globals().update(pd=__import__('pandas')), {columns}][1]")
    for row, amounts in enumerate(DUE):
        for column, amount in enumerate(amounts):
            cell = found[column][row]
            assert cell.startswith("!") if amount is None else cell == amount, (row, HEADERS[column], cell)


def test_a_ledger_is_filled(copy, tmp_path):
    book = openpyxl.Workbook()
    for row in LEDGER:
        book.active.append(row)
    book.save(tmp_path / "台账.xlsx")
    fill = "-m", "xl_poverty", "fill", "台账.xlsx", "--policy", SHORT, "--as-of", "2025-12-31"
    code, out = run(copy, *fill, cwd=tmp_path)
    assert code == 0, out
    heads, *rows = openpyxl.load_workbook(tmp_path / "台账_已核算.xlsx").worksheets[0].iter_rows(values_only=True)
    places = [heads.index(name) for name in HEADERS]
    for row, amounts in zip(rows, DUE, strict=False):
        for place, amount in zip(places, amounts, strict=True):
            assert str(row[place]).startswith("#") if amount is None else row[place] == amount, (row, heads[place])
    basis = [row[heads.index("依据")] for row in rows]
    due = "交通补贴400元（第二条）；生产保险保费补贴300元（第三条）；取暖补助400元（第四条）"
    assert basis[0] == f"示发〔2025〕3号：{due}"
    assert "“务工地点”填的是“朝阳”，分不清在哪个省" in basis[4] and "缺少“购煤吨数”" in basis[4]


def test_the_command_line_knows_it(copy):
    code, out = run(copy, "-m", "xl_poverty", "formulas", "取暖补助")
    assert code == 0 and "取暖方式（heating）：清洁煤、电取暖" in out and "示例县 示发〔2025〕3号第四条：上限内" in out
    code, out = run(copy, "-m", "xl_poverty", "policies")
    assert code == 0 and "示例县　示发〔2025〕3号　2025-03-01 至 2026-12-31" in out


# ---- the tests of the other documents, which are told nothing of this one


@pytest.fixture(scope="module")
def checkout(copy, tmp_path_factory) -> Path:
    """The copy with the tests, and the text of the document beside it, as it would be found."""
    folder = tmp_path_factory.mktemp("checkout") / "main"
    shutil.copytree(copy, folder)
    shutil.copytree(Path(__file__).parent, folder / "tests", ignore=shutil.ignore_patterns("__pycache__"))
    policy, read = (tomllib.loads(files()[f"{NAME}/{file}.toml"]) for file in ("policy", "checked"))
    number, outside = read["paragraphs"]["before"], read["outside"]
    clauses = [number.format(name) + clause["text"] for name, clause in policy["clauses"].items()]
    seed = folder.parent / "shared" / "seeds" / policy["source"]["file"]
    seed.parent.mkdir(parents=True)
    seed.write_text("\n".join([*outside[:3], *clauses, *outside[3:]]) + "\n", encoding="utf-8", newline="\n")
    return folder


def by_pytest(checkout: Path, *arguments) -> tuple[int, str, list[tuple[str, str]]]:
    """(exit code, output, (outcome, test) of all that ran) of pytest there."""
    code, out = run(checkout, "-m", "pytest", "-rA", "-q", "-p", "no:cacheprovider", "--tb", "short", *arguments)
    return code, out[-6000:], re.findall(r"(?m)^([A-Z]+) tests/\w+\.py::(.+?)(?: - .*)?$", out)


def test_its_data_is_tested_like_that_of_the_others(checkout):
    names = "tests/test_imports.py::test_every_document_has_its_names"
    code, out, ran = by_pytest(checkout, "tests/test_policies.py", names)
    assert code == 0, out
    own, other = ([test for _, test in ran if test.endswith(f"[{name}]")] for name in (NAME, "shuangnian_2022"))
    # of the others no text is beside this copy, so that the tests of the text are skipped and not named
    own, other = ({test.partition("[")[0] for test in tests} for tests in (own, other))
    assert own > other and len(other) > 20
    assert any(test.endswith(f"binds_under_every_choice[{NAME}-HEATING_SUBSIDY]") for _, test in ran)
    assert {"test_clauses_stand_verbatim_in_the_document", "test_the_source_is_the_one_that_was_read"} <= own - other


def test_its_cases_hold_every_number_day_and_word(checkout):
    code, out, ran = by_pytest(checkout, "tests/test_cases.py", "tests/test_mutations.py", "-k", NAME)
    cases = len(tomllib.loads(files()[f"{NAME}/cases.toml"])["case"])
    assert code == 0 and len(ran) == cases + 4, out  # and two kinds of mutation, two tests of the data


def test_its_readings_agree(checkout, monkeypatch):
    monkeypatch.setenv("XL_POVERTY_ROWS", "100")
    monkeypatch.setenv("XL_POVERTY_NO_CALC", "1")
    code, out, ran = by_pytest(checkout, "tests/test_agreement.py", "-k", NAME)
    assert code == 0, out
    for test in ("column_is_cell", "sentence", "native_formula_in_formualizer", "rows_reach_the_rule"):
        for case in ("HEATING_SUBSIDY", "TRAVEL_SUBSIDY", "INDICATOR_OK-产业带动占比", "NET_INCOME"):
            written = case.encode("unicode_escape").decode()  # as pytest writes it
            assert ("PASSED", f"test_{test}[{NAME}-{written}]") in ran, (test, case)
    assert ("PASSED", f"test_household_total[{NAME}]") in ran


def test_a_document_without_the_file_is_told_what_to_write(checkout):
    file = checkout / "xl_poverty" / "policies" / NAME / "checked.toml"
    text = file.read_text(encoding="utf-8")
    file.unlink()
    try:
        code, out, _ = by_pytest(checkout, "tests/test_policies.py", "-k", f"{NAME} and what_was_read")
    finally:
        file.write_text(text, encoding="utf-8")
    told = tomllib.loads(text)
    assert code == 1 and f"{NAME}/checked.toml is missing. Write it:" in out
    assert f'texts_sha256 = "{told["texts_sha256"]}"' in out and 'own = ["产业带动占比", ' in out


# ---- the guide itself


def test_the_guide_names_every_key_and_word():
    text = guide()
    coded = set(re.findall(r"`([^`\n]+)`", text)) | {
        key for block in files().values() for key in re.findall(r"(?m)^\[*([\w.]+)", block)
    }
    words = {part for code in coded for part in re.findall(r"\w+", code)}
    for key in (*_POLICY_KEYS, *_MEASURE_KEYS, *LINES, "printed", "printed_base", "low2", "per2", "by", "tested"):
        assert key in words, key
    for key in (*checked.KEYS, *checked._IN_FORCE, *checked._PARAGRAPHS, *checked._SETTLED, "by", "where", "most"):
        assert key in words, key
    for word in (*KINDS, *NATURES, *PAYEES, *ONCES):
        assert not word or f"`{word}`" in text, word
    spoken = {name for name in vars(Outcome) if not name.startswith("_")} - set(Outcome.__dataclass_fields__)
    spoken |= {name for name in vars(Steps) if not name.startswith("_")} - {"steps", "name"}
    for name in (*spoken, "isin", "blank", "among", "longest_run", "item", "shares", "reading", "chosen", "has"):
        assert name in words, name
    for name in set(exported) - {"Expression", "Outcome", "RuleError"}:
        assert name in words or name in files()[f"{NAME}/rules.py"], name


def forbidden() -> list[tuple[str, str]]:
    return re.findall(r"(?ms)^不许[^\n]*：\n\n```python\n(.*?)^```\n\n```text\n(.*?)\n```$", guide())


def test_what_is_forbidden_is_told_as_the_guide_says(document):
    policy = Policy(document)
    arguments = {
        "destination": Argument("destination", "务工去向", "word", options=("跨省", "省内区外", "区内")),
        "work_months": Argument("work_months", "务工月数", "number"),
    }
    assert len(forbidden()) == 4
    for block, told in forbidden():
        body = "".join(f"    {line}\n" for line in block.splitlines())
        names = {"always": always, "when": when}
        exec(f"def body(p, destination, work_months):\n{body}    return always().pay(1)\n", names)
        policy.bodies["TRAVEL_SUBSIDY"] = rule("TRAVEL_SUBSIDY")(names["body"])
        with pytest.raises(RuleError) as error:
            bind(policy, policy.measures["TRAVEL_SUBSIDY"], arguments)
        assert str(error.value) == told


def consoles() -> list[tuple[str, str]]:
    return re.findall(r"(?ms)^```console\n\$ ([^\n]+)\n(.*?)\n```$", guide())


def test_commands_print_what_the_guide_says(copy, document):
    assert len(consoles()) == 3
    for number, (command, told) in enumerate(consoles()):
        if number == 1:  # the example with three mistakes
            change(document, "policy.toml", ('unit = "元"\nkind = "上限内"', 'units = "元"\nkind = "上限内"'),
                   ("quote = \"帮扶产业带动的脱贫户", "quote = \"帮扶产业带动脱贫户"),
                   ('[deadlines."入户核查"]\nclause = "六"', '[deadlines."入户核查"]\nclause = "七"'))  # fmt: skip
        program, *arguments = command.split()
        assert program == "xl-poverty"
        code, out = run(copy, "-m", "xl_poverty", *arguments, cwd=document.parent)
        assert (code, out.rstrip("\n")) == (int(number == 1), told)


def test_what_the_guide_says_of_other_documents():
    """Folders, tests and tools that it names are there."""
    text = guide()
    for folder in ("fengjie_2022", "zaozhuang_2023", "shuangnian_2022"):
        assert f"`{folder}`" in text and (PACKAGE / "policies" / folder).is_dir()
    for path in set(re.findall(r"`((?:tests|tools|docs)/[^`]+?)`", text)):
        assert (PACKAGE.parent / path.split()[0]).exists(), path
    assert ast.parse(files()[f"{NAME}/rules.py"])


def test_the_extension_of_the_guide(copy, tmp_path):
    """示发〔2026〕9号 in an office's folder: prolongs to 2028-12-31, and 电取暖 550 from 2027-07-01."""
    write_files(tmp_path, lambda name: name.startswith(OFFICE))
    file = str(tmp_path / "office" / "office.toml")

    def heated(day, kind="电取暖", tons=None, policy=None):
        return f"""f.BENEFIT("取暖补助", "户类型", "脱贫户", "取暖方式", {kind!r}, "购煤吨数", {tons!r},
                             "政策", {policy!r}, "业务日期", "{day}")"""

    told = {
        heated("2026-12-31"): 0, heated("2027-01-01"): 500, heated("2027-06-30"): 500, heated("2027-07-01"): 550,
        heated("2028-12-31"): 550, heated("2029-01-01"): 0, heated("2027-07-01", "清洁煤", 2): 500,
        heated("2027-07-01", "清洁煤", 3): 600, heated("2026-12-31", policy="示例县"): 500,
        heated("2027-01-01", policy="示例县"): 0,
        'f.TRAVEL_SUBSIDY("脱贫户", "是", "跨省", work_place="陕西", work_months=3, as_of="2028-06-30")': 400,
        'f.DEADLINE("取暖补助发放", as_of="2028-06-30")': "2028-11-30",
    }  # fmt: skip
    script = f"""{PRELUDE}
with office(file={file!r}):
    print(json.dumps([computed(text) for text in {list(told)!r}], ensure_ascii=False))
    print(f.WHY("交通补贴", "脱贫户", "是", "跨省", work_place="陕西", work_months=3, as_of="2028-06-30"))
"""
    code, out = run(copy, "-c", script)
    assert code == 0, out
    first, why, *_ = out.splitlines()
    assert json.loads(first) == list(told.values())
    assert "依据示发〔2025〕3号第二条（示发〔2026〕9号延续）" in why and "政策取自office.toml" in why
