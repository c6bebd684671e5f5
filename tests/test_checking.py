"""`xl-poverty policy check`: every mistake of a document at once, with file and key, before it is used."""
from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import xl_poverty
from xl_poverty import CellError, formulas
from xl_poverty.cli import main
from xl_poverty.cli.documents import MOST_MISTAKES
from xl_poverty.formulas.checking import case_failure, check_document, check_documents, read_cases
from xl_poverty.formulas.documents import documents
from xl_poverty.formulas.office import current
from xl_poverty.rules.parameters import find_policies

PACKAGED = Path(xl_poverty.__file__).parent / "policies"

POLICY = """
id = "trial"
short_name = "试县"
number = "试发〔2023〕1号"
title = "试县若干措施"
in_force = { from = 2023-01-01, until = 2024-12-31, note = "两个整年。" }
common = { values = [{ from = 2023-01-01, registered = ["脱贫户", "监测户"] }] }
[arguments]
stove = { label = "炉具", kind = "word", options = ["甲型", "乙型"] }
[clauses.1]
title = "补贴"
use = "计算"
text = "脱贫户和监测户跨省务工的每人补贴500元，省内的200元。购置甲型炉具的每台补贴90元，乙型的60元。"
[clauses.2]
title = "指标"
use = "计算"
text = "带动户占比不低于60%；每年7月核查。"
[clauses.3]
title = "施行"
use = "登记"
register = "有效期"
text = "本措施执行到2024年年底。"
[TRAVEL_SUBSIDY]
clause = "1"
quote = "脱贫户和监测户跨省务工的每人补贴500元，省内的200元。"
kind = "定额"
payee = "个人"
values = [{ from = 2023-01-01, amount = { "跨省" = 500, "省内区外" = 200 } }]
[[TRAVEL_SUBSIDY.reading]]
name = "监测户"
default = "计入"
alternatives = ["计入", "不计入"]
because = "原文写了监测户"
[STOVE_GRANT]
alias = "炉具补贴"
args = "household_type, •stove"
clause = "1"
quote = "购置甲型炉具的每台补贴90元，乙型的60元。"
kind = "定额"
payee = "户"
values = [{ from = 2023-01-01, amount = { "甲型" = 90, "乙型" = 60 } }]
[indicators."带动占比"]
clause = "2"
quote = "带动户占比不低于60%"
base = "总户数"
values = [{ from = 2023-01-01, low = 0.6 }]
[deadlines."年中核查"]
clause = "2"
quote = "每年7月核查"
values = [{ from = 2023-01-01, month = 7 }]
[facts.in_scope]
clause = "1"
quote = "脱贫户和监测户"
body = "in_scope"
"""

RULES = '''"""试县 试发〔2023〕1号."""
from xl_poverty.rules import always, given, rule


@rule("in_scope")
def in_scope(p, household_type):
    return always().needing(household_type).holds(household_type.isin(p.registered))


@rule("TRAVEL_SUBSIDY")
def travel_subsidy(p, household_type, is_labor, destination):
    outcome = given(household_type.isin(p.registered), "不在范围内")
    if p.reading("不计入"):
        outcome = outcome.given(~household_type.isin(["监测户"]), "是监测户")
    return outcome.given(is_labor.isin(["是"]), "不是劳动力").given(destination.isin(p.amount), "在区内").pay(
        p.amount[destination]
    )


@rule("STOVE_GRANT")
def stove_grant(p, household_type, stove):
    return given(household_type.isin(p.registered), "不在范围内").pay(p.amount[stove])
'''

CASES = """
[[case]]
function = "TRAVEL_SUBSIDY"
why = "跨省500"
args = { household_type = "脱贫户", is_labor = "是", destination = "跨省" }
as_of = 2023-06-30
expect = 500
[[case]]
function = "TRAVEL_SUBSIDY"
why = "监测户，口径不计入"
args = { household_type = "监测户", is_labor = "是", destination = "跨省" }
readings = { "监测户" = "不计入" }
expect = 0
[[case]]
function = "TRAVEL_SUBSIDY"
why = "没有填户类型"
args = { is_labor = "是", destination = "跨省" }
error = "missing"
[[case]]
function = "BENEFIT"
why = "乙型60"
args = { measure = "炉具补贴", household_type = "脱贫户", stove = "乙型" }
expect = 60
[[case]]
function = "HOUSEHOLD_TOTAL"
why = "跨省500"
expect = 500
[case.args]
household = { household_type = "脱贫户" }
claims = [{ measure = "交通补贴", is_labor = "是", destination = "跨省" }]
[[case]]
function = "ON_TIME"
why = "7月31日：按期"
args = { item = "年中核查", done_date = 2023-07-31, year = 2023 }
expect = true
"""

TEXTS = {"policy.toml": POLICY, "rules.py": RULES, "cases.toml": CASES}


@pytest.fixture
def trial(tmp_path):
    """Write the document with changes (file, good, bad); its folder."""

    def write(*changes: tuple[str, str, str]) -> Path:
        folder = tmp_path / "trial"
        folder.mkdir(exist_ok=True)
        texts = dict(TEXTS)
        for file, good, bad in changes:
            assert texts[file].count(good) == 1, (good, texts[file].count(good))
            texts[file] = texts[file].replace(good, bad)
        for file, text in texts.items():
            (folder / file).write_text(text, encoding="utf-8")
        return folder

    return write


@pytest.fixture
def call(capsys):
    """(exit code, output, errors) of the command."""

    def called(*arguments):
        code = main(["policy", "check", *map(str, arguments)])
        told = capsys.readouterr()
        return code, told.out, told.err

    return called


# ---- nothing wrong


@pytest.mark.parametrize("folder", find_policies(PACKAGED), ids=lambda folder: folder.name)
def test_no_mistakes_in_a_document_of_the_package(folder):
    assert check_document(folder) == []


def test_all_documents_of_a_folder(call):
    code, out, errors = call(PACKAGED)
    assert code == 0 and not errors
    told = dict(line.split("：", 1) for line in out.splitlines())
    assert list(told) == [folder.name for folder in find_policies(PACKAGED)]
    for name, text in told.items():
        assert text == f"没有错误，{len(read_cases(PACKAGED / name))} 个核对例都对"
    assert check_documents(PACKAGED) == dict.fromkeys(told, [])


def test_a_document_outside_the_package_before_it_is_installed(trial, call):
    folder = trial()
    assert check_document(folder) == []
    assert call(folder) == (0, "trial：没有错误，6 个核对例都对\n", "")
    assert call(folder.parent) == (0, "trial：没有错误，6 个核对例都对\n", "")
    assert "trial" not in [policy.id for policy in documents(current())], "checking installs nothing"
    with pytest.raises(CellError, match="没有名为“试县”的政策"):
        formulas.TRAVEL_SUBSIDY("脱贫户", "是", "跨省", policy="试县")


def test_a_document_without_rules_or_cases(trial, call):
    folder = trial()
    (folder / "cases.toml").unlink()
    assert call(folder)[1] == "trial：没有错误，0 个核对例都对\n"
    (folder / "rules.py").unlink()
    assert check_document(folder) == [
        "trial/policy.toml: TRAVEL_SUBSIDY: trial: there is no rule body TRAVEL_SUBSIDY for TRAVEL_SUBSIDY",
        "trial/policy.toml: STOVE_GRANT: trial: there is no rule body STOVE_GRANT for STOVE_GRANT",
        "trial/policy.toml: facts.in_scope: trial: there is no rule body in_scope for in_scope",
    ]


def test_a_document_that_needs_no_rules(trial):
    """Incomes, indicators, deadlines and what is only named come without a body."""
    folder = trial()
    start, end = POLICY.index("[TRAVEL_SUBSIDY]"), POLICY.index("[indicators.")
    income = '[PER_CAPITA_INCOME]\nclause = "1"\nquote = "脱贫户和监测户"\nkind = "核算值"\n'
    named = '[named.STARTUP_BONUS]\nclause = "3"\nquote = "本措施"\n'
    text = POLICY[:start] + income + named + POLICY[end : POLICY.index("[facts.")]
    (folder / "policy.toml").write_text(text, encoding="utf-8")
    (folder / "rules.py").unlink()
    (folder / "cases.toml").write_text("""
[[case]]
function = "PER_CAPITA_INCOME"
why = "(4×1-1)÷2"
args = { wage = 1, business = 1, property = 1, transfer = 1, business_cost = 1, persons = 2 }
expect = 1.5
[[case]]
function = "INDICATOR_OK"
why = "60÷100"
args = { indicator = "带动占比", actual = 60, base = 100 }
expect = true
[[case]]
function = "STARTUP_BONUS"
why = "没有标准"
args = { household_type = "脱贫户" }
error = "not_specified"
""", encoding="utf-8")  # fmt: skip
    assert check_document(folder) == []


def test_a_checked_copy_stands_before_the_installed_document(tmp_path):
    """Its own cases run on the copy, whose name is the installed one's."""
    folder = tmp_path / "fengjie_2022"
    shutil.copytree(PACKAGED / "fengjie_2022", folder, ignore=shutil.ignore_patterns("__pycache__"))
    assert check_document(folder) == []
    file = folder / "policy.toml"
    file.write_text(file.read_text("utf-8").replace("per_student = 3000", "per_student = 4000"), "utf-8")
    told = check_document(folder)
    assert told and all("COLLEGE_AID" in line or "POLICY_PARAM" in line or "HOUSEHOLD" in line for line in told), told
    assert formulas.POLICY_PARAM("COLLEGE_AID", "per_student", policy="奉节县") == 3000


# ---- mistakes of each kind, with file and key


@pytest.mark.parametrize(
    ("file", "good", "bad", "told"),
    [
        # the data
        ("policy.toml", 'title = "试县若干措施"\n', "", "policy.toml: title: is required"),
        ("policy.toml", 'id = "trial"', 'id = "trail"', "policy.toml: id: must be the folder's name, trial"),
        ("policy.toml", 'payee = "户"', 'paid = "户"', "policy.toml: STOVE_GRANT.paid: unknown key; known are clause,"),
        ("policy.toml", 'payee = "户"', 'payee = "一家"', "policy.toml: STOVE_GRANT.payee: expected one of 个人, 户,"),
        ("policy.toml", 'quote = "每年7月核查"', 'quote = "每年8月核查"',
         "policy.toml: deadlines.年中核查.quote: 每年8月核查… does not stand in clause 2"),
        ("policy.toml", "until = 2024-12-31", "until = 2022-12-31",
         "policy.toml: in_force.until: is before in_force.from"),
        ("policy.toml", "low = 0.6", 'low = "六成"', "policy.toml: indicators.带动占比.values.low: expected a number,"),
        ("policy.toml", 'default = "计入"', 'default = "算"',
         "policy.toml: TRAVEL_SUBSIDY.reading.监测户: the default '算'"),
        ("policy.toml", "[clauses.3]", "[clauses.3", "policy.toml: not TOML: "),
        # words that no input can be
        ("policy.toml", '"省内区外" = 200', '"省内县外" = 200',
         "policy.toml: TRAVEL_SUBSIDY: amount: “省内县外” is no option of 务工去向"),
        ("policy.toml", '["脱贫户", "监测户"]', '["脱贫户", "监测对象"]',
         "policy.toml: TRAVEL_SUBSIDY: 户类型: “监测对象” is no option of 户类型"),
        ("rules.py", 'is_labor.isin(["是"])', 'is_labor.isin(["普通劳动力"])',
         "policy.toml: TRAVEL_SUBSIDY: 是否劳动力: “普通劳动力” is no option of 是否劳动力"),
        ("policy.toml", '{ "甲型" = 90, "乙型" = 60 }', '{ "甲型" = 90, "丙型" = 60 }',
         "policy.toml: STOVE_GRANT: amount: “丙型” is no option of 炉具"),
        # a word behind a 口径 that is not the default
        ("rules.py", '~household_type.isin(["监测户"])', '~household_type.isin(["监测的"])',
         "policy.toml: TRAVEL_SUBSIDY: 户类型: “监测的” is no option of 户类型"),
        # indicators, deadlines, clauses, names
        ("policy.toml", "low = 0.6", "lowest = 0.6",
         "policy.toml: indicators.带动占比.values: needs one of low, over, rise, high"),
        ("policy.toml", "month = 7", "months = 7",
         "policy.toml: deadlines.年中核查.values: expected by (a day), days_after"),
        ("policy.toml", "month = 7", "month = 7, days_after = 5",
         "policy.toml: deadlines.年中核查.values: expected by (a day), days_after"),
        ("policy.toml", 'use = "登记"\nregister = "有效期"', 'use = "计算"',
         "policy.toml: clauses.3: is said to be computed, but nothing cites it"),
        ("policy.toml", '"试县"', '"双碾乡"', "policy.toml: 双碾乡 is already the name of shuangnian_2022"),
        ("policy.toml", '"试发〔2023〕1号"', '"双发[2022]67号"',
         "policy.toml: 双发[2022]67号 is already the name of shuangnian_2022"),
        ("policy.toml", "month = 7", "month = 13",
         "policy.toml: deadlines.年中核查.values: expected by (a day), days_after"),
        ("policy.toml", "month = 7", "days_after = 2023-07-01",
         "policy.toml: deadlines.年中核查.values: expected by (a day)"),
        ("policy.toml", "month = 7", "by = 7", "policy.toml: deadlines.年中核查.values: expected by (a day)"),
        ("policy.toml", 'payee = "户"', 'payee = "户"\nhousehold_cap = "from"',
         "policy.toml: STOVE_GRANT.household_cap: there is no"),
        # functions and arguments of its own
        ("policy.toml", 'alias = "炉具补贴"\n', "",
         "policy.toml: STOVE_GRANT: is no function of the contract; one of the document's own needs alias"),
        ("policy.toml", "[arguments]\n", "[arguments]\nheads = { label = \"头数\", kind = \"number\" }\n",
         "policy.toml: arguments.heads: is an argument of the contract already"),
        ("policy.toml", 'stove = { label = "炉具", kind', 'stove = { name = "炉具", kind',
         "policy.toml: arguments.stove: needs a label and a kind"),
        ("policy.toml", "[facts.in_scope]", "[facts.scope]",
         "policy.toml: facts.scope: is no argument of the contract"),
        # rules.py
        ("rules.py", "    outcome = given(", "    if is_labor:\n        pass\n    outcome = given(",
         "policy.toml: TRAVEL_SUBSIDY: a rule body may not branch on an input: use given(), when(),"),
        ("rules.py", "(p, household_type, stove)", "(p, household_type, stove, color)",
         "policy.toml: STOVE_GRANT: trial: STOVE_GRANT uses unknown arguments color"),
        ("rules.py", ".pay(p.amount[stove])", ".pay(p.total[stove])",
         "policy.toml: STOVE_GRANT: trial: STOVE_GRANT has no parameter total"),
        ("rules.py", ".pay(p.amount[stove])", "",
         "policy.toml: STOVE_GRANT: trial: STOVE_GRANT must end in pay, holds, choose, listed or value"),
        ("rules.py", "stove_grant(p, household_type, stove):", "stove_grant(p, household_type, stove)",
         "rules.py: expected ':' (rules.py, line"),
        ("rules.py", "import always, given, rule", "import always, given, rules", "rules.py: cannot import name"),
        ("rules.py", '@rule("STOVE_GRANT")', '@rules("STOVE_GRANT")', "rules.py: name 'rules' is not defined"),
        ("rules.py", ".pay(p.amount[stove])", ".pay(p.amount[stoves])",
         "policy.toml: STOVE_GRANT: name 'stoves' is not defined"),
        ("rules.py", '@rule("STOVE_GRANT")', '@rule("STOVES")',
         "policy.toml: STOVE_GRANT: trial: there is no rule body STOVE_GRANT for STOVE_GRANT"),
        ("rules.py", 'p.reading("不计入")', 'p.reading("不算")',
         "policy.toml: TRAVEL_SUBSIDY: trial: TRAVEL_SUBSIDY has no reading 不算"),
        # cases
        ("cases.toml", "expect = 60", "expect = 61", "cases.toml: 第4例 BENEFIT（乙型60）：得 60，应是 61"),
        ("cases.toml", "expect = true", "expect = 1", "cases.toml: 第6例 ON_TIME（7月31日：按期）：得 True，应是 1"),
        ("cases.toml", 'error = "missing"', 'error = "negative"',
         "cases.toml: 第3例 TRAVEL_SUBSIDY（没有填户类型）：得 missing（缺少“户类型”"),
        ("cases.toml", 'error = "missing"', "expect = 0",
         "cases.toml: 第3例 TRAVEL_SUBSIDY（没有填户类型）：得 missing（缺少“户类型”"),
        ("cases.toml", "expect = 60", 'error = "missing"', "cases.toml: 第4例 BENEFIT（乙型60）：得 60，应报 missing"),
        ("cases.toml", 'function = "ON_TIME"', 'function = "IN_TIME"',
         "cases.toml: 第6例 IN_TIME（7月31日：按期）：得 AttributeError: "),
    ],
)  # fmt: skip
def test_a_mistake(trial, file, good, bad, told):
    found = check_document(trial((file, good, bad)))
    found = [line.replace(f"{trial()}/", "trial/") for line in found]  # a file that is no TOML is named in full
    assert any(line.startswith(f"trial/{told}") for line in found), found
    key = first_word(f"trial/{told}")
    if "户类型" not in told and "stove: needs" not in told:  # a word of `common` is told for each measure that uses it
        assert all(first_word(line) == key for line in found), found


def first_word(mistake: str) -> str:
    return re.match(r"\S+: (\S[^ .:]*)", mistake)[1]


def test_mistakes_of_the_data_are_told_at_once(trial, call):
    folder = trial(
        ("policy.toml", 'title = "试县若干措施"\n', ""), ("policy.toml", 'payee = "户"', 'paid = "户"'),
        ("policy.toml", 'quote = "每年7月核查"', 'quote = "每年8月核查"'), ("policy.toml", "low = 0.6",
         "low = true"), ("policy.toml", "month = 7", "months = 7"),
        ("policy.toml", 'use = "登记"\nregister = "有效期"', 'use = "登记"'),
    )  # fmt: skip
    code, out, errors = call(folder)
    assert (code, errors) == (1, "")
    first, *rest = out.splitlines()
    assert first == "trial：6 处错误"
    assert [re.match(r"  trial/policy\.toml: ([^:]+): ", line)[1] for line in rest] == [
        "title", "clauses.3.register", "STOVE_GRANT.paid", "indicators.带动占比.values.low", "deadlines.年中核查.quote",
        "deadlines.年中核查.values",
    ]  # fmt: skip


def test_mistakes_of_names_clauses_rules_and_lines_are_told_at_once(trial, call):
    folder = trial(
        ("policy.toml", '"试县"', '"奉节县"'), ("policy.toml", 'use = "登记"\nregister = "有效期"', 'use = "计算"'),
        ("policy.toml", '"省内区外" = 200', '"省内" = 200'), ("policy.toml", "[facts.in_scope]", "[facts.scope]"),
        ("rules.py", "(p, household_type, stove)", "(p, household_type, stove, color)"),
    )  # fmt: skip
    code, out, _ = call(folder)
    keys = [re.match(r"  trial/policy\.toml: ([^: ]+)", line)[1] for line in out.splitlines()[1:]]
    assert code == 1
    assert set(keys) == {
        "奉节县", "clauses.3", "TRAVEL_SUBSIDY", "facts.scope", "STOVE_GRANT",
    }  # fmt: skip
    assert out.splitlines()[0] == f"trial：{len(keys)} 处错误"


def test_rules_that_cannot_be_loaded_do_not_hide_the_rest(trial):
    taken = "policy.toml", '"试县"', '"奉节县"'
    told = check_document(trial(("rules.py", "import always", "import alway, always"), taken))
    assert [line.split(":")[0] for line in told] == ["trial/policy.toml", "trial/rules.py"]


def test_cases_run_only_where_the_document_is_right(trial):
    wrong = "cases.toml", "expect = 60", "expect = 61"
    told = check_document(trial(wrong, ("policy.toml", "low = 0.6", "least = 0.6")))
    assert [line.split(":")[0] for line in told] == ["trial/policy.toml"]
    told = check_document(trial(wrong, ("cases.toml", "expect = true", "expect = false")))
    assert [line.split("例")[0] for line in told] == ["trial/cases.toml: 第4", "trial/cases.toml: 第6"]


def test_all_documents_are_checked_whatever_is_wrong_with_one(trial, call):
    folder = trial(("policy.toml", "low = 0.6", "least = 0.6"))
    without = shutil.ignore_patterns("__pycache__")
    shutil.copytree(PACKAGED / "qianjin_2022", folder.parent / "qianjin_2022", ignore=without)
    code, out, _ = call(folder.parent)
    assert code == 1
    assert re.findall(r"(?m)^(\w+)：", out) == ["qianjin_2022", "trial"]
    assert "qianjin_2022：没有错误" in out and "trial：1 处错误" in out


# ---- the command line


def test_a_folder_without_a_document(tmp_path, call):
    for folder in (tmp_path, tmp_path / "nowhere"):
        assert call(folder) == (1, "", f"xl-poverty：{folder} 里没有 policy.toml\n")
    with pytest.raises(FileNotFoundError):
        check_documents(tmp_path)


def test_a_wrong_call(capsys):
    for arguments in (["policy"], ["policy", "check"], ["policy", "test", "x"]):
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        assert ended.value.code == 2
        told = capsys.readouterr().err
        assert "缺少参数" in told or "没有 test" in told


def test_only_the_first_of_many_mistakes_are_shown(trial, call):
    many = "".join(f'[[case]]\nfunction = "INDICATOR_OK"\nwhy = "{n}"\nargs = {{}}\nexpect = 1\n' for n in range(60))
    folder = trial()
    (folder / "cases.toml").write_text(many, encoding="utf-8")
    code, out, _ = call(folder)
    lines = out.splitlines()
    assert code == 1 and lines[0] == "trial：60 处错误"
    assert len(lines) == MOST_MISTAKES + 2
    assert lines[-1] == f"  另有 {60 - MOST_MISTAKES} 处，改正以上各处后再检查"


def test_as_a_program(trial):
    folder = trial(("cases.toml", "expect = 60", "expect = 61"))
    done = subprocess.run(
        [sys.executable, "-m", "xl_poverty", "policy", "check", folder], capture_output=True, encoding="utf-8",
        env={"PYTHONPATH": str(PACKAGED.parents[1]), "PYTHONIOENCODING": "utf-8", "PATH": ""}, timeout=120,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.splitlines()[0] == "trial：1 处错误"


def test_case_failure_tells_what_came_out():
    incomes = dict(wage=1, business=1, property=1, transfer=1, business_cost=1)
    case = {"function": "NET_INCOME", "why": "", "args": incomes}
    assert case_failure("双碾乡", case | {"expect": 3}) == ""
    assert case_failure("双碾乡", case | {"expect": 4}) == "3，应是 4"
    assert case_failure("双碾乡", case | {"error": "missing"}) == "3，应报 missing"
    assert case_failure("双碾乡", case | {"args": {}, "error": "missing"}) == ""
    assert case_failure("没有的", case | {"expect": 3}).startswith("unknown_policy（")


# ---- what would only show when it is used


@pytest.mark.parametrize(
    ("file", "good", "bad", "told"),
    [
        ("cases.toml", '[[case]]\nfunction = "ON_TIME"', '[[case]\nfunction = "ON_TIME"', "cases.toml: not TOML: "),
        ("rules.py", ".pay(p.amount[stove])", ".pay(p.amount[stove] / (1 - 1) + 1 // 0)", "policy.toml: STOVE_GRANT: "),
        ("policy.toml", '•stove"', '•stoves"', "policy.toml: STOVE_GRANT.args"),
    ],
)  # fmt: skip
def test_mistakes_that_break_a_body_or_the_cases(trial, file, good, bad, told):
    found = check_document(trial((file, good, bad)))
    assert found and found[0].startswith(f"trial/{told}"), found


EXCLUSION = """
[[exclusion]]
measure = "STOVE_GRANT"
where = { stove = "乙型" }
barred_by = "STOVE_GRANT"
barred_where = { stove = "甲型" }
clause = "1"
quote = "乙型的60元"
"""


@pytest.mark.parametrize(
    ("file", "good", "bad", "key"),
    [
        ("policy.toml", '[facts.in_scope]\n', EXCLUSION.replace("甲型", "丙型") + "[facts.in_scope]\n", "exclusion"),
        ("policy.toml", '[facts.in_scope]\n', EXCLUSION.replace("stove = ", "stoves = ") + "[facts.in_scope]\n",
         "exclusion"),
        ("policy.toml", 'body = "in_scope"', 'body = "scope"', "facts.in_scope"),
        ("rules.py", "return always().needing(household_type)", "if household_type:\n        pass\n    return always()",
         "facts.in_scope"),
        ("rules.py", '"在区内"', '"不足{top}元"', "TRAVEL_SUBSIDY"),
        ("policy.toml", 'payee = "户"', 'payee = "户"\nlabels = { top = "每台（元）" }', "STOVE_GRANT.labels"),
        ("policy.toml", "[facts.in_scope]\n", '[named.STOVES]\nclause = "2"\nquote = "每年7月核查"\n[facts.in_scope]\n',
         "named.STOVES"),
        ("policy.toml", 'alias = "炉具补贴"', 'alias = "交通补贴"', "STOVE_GRANT.alias"),
        ("policy.toml", 'base = "总户数"\nvalues = [{ from = 2023-01-01, low = 0.6 }]',
         "values = [{ from = 2023-01-01, rise = 0.6 }]", "indicators.带动占比.base"),
    ],
)  # fmt: skip
def test_mistakes_that_loading_does_not_notice(trial, file, good, bad, key):
    folder = trial((file, good, bad))
    (folder / "cases.toml").unlink()
    assert any(line.startswith(f"trial/policy.toml: {key}") and ("rise" not in bad or "base" in line)
               for line in check_document(folder))  # fmt: skip
