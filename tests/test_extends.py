"""A document that extends another, as data alone in an office's folder.

Invented: 双发〔2026〕1号 prolongs 双发〔2022〕67号 to 2027-12-31 and raises one amount, 跨省 from 1500 to 1800.
"""
from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
from pathlib import Path

import openpyxl
import pytest

import xl_poverty
from xl_poverty import CellError, PolicyError, formulas as f, native_formula, office
from xl_poverty.cli import main
from xl_poverty.formulas import documents
from xl_poverty.formulas.checking import check_document
from xl_poverty.formulas.office import current
from xl_poverty.rules.parameters import Policy

PACKAGED = Path(xl_poverty.__file__).parent / "policies"
BASE = Policy(PACKAGED / "shuangnian_2022")
OLD, NEW = "双发〔2022〕67号", "双发〔2026〕1号"

POLICY = """
extends = "shuangnian_2022"
id = "shuangnian_2026"
short_name = "双碾乡续"
number = "双发〔2026〕1号"
title = "关于延续实施支持脱贫人口增收若干措施的通知"
issuer = "中共朔州市平鲁区双碾乡委员会"
issued = 2025-12-25

[in_force]
from = 2026-01-01
until = 2027-12-31
clause = "1"
quote = "《若干措施》延续执行至2027年12月31日。"

[TRAVEL_SUBSIDY]
clause = "2"
quote = "自2026年7月1日起，跨省务工的交通补贴标准提高到1800元；省内区外务工的仍为600元。"
[[TRAVEL_SUBSIDY.values]]
from = 2026-07-01
amount = { "跨省" = 1800, "省内区外" = 600 }

[indicators."外出务工人数"]
clause = "3"
quote = "每年组织外出务工不少于200人。"
unit = "人"
values = [{ from = 2026-01-01, low = 200 }]

[clauses.1]
title = "延续"
use = "登记"
register = "有效期"
text = "《若干措施》延续执行至2027年12月31日。"

[clauses.2]
title = "交通补贴"
use = "计算"
text = "自2026年7月1日起，跨省务工的交通补贴标准提高到1800元；省内区外务工的仍为600元。"

[clauses.3]
title = "外出务工"
use = "计算"
text = "每年组织外出务工不少于200人。"
"""

OFFICE = 'policy = "双碾乡续"\ndocuments = "政策"\n'


@pytest.fixture
def write(tmp_path):
    """Write a document into the office's folder, with changes (good, bad); its folder."""

    def written(*changes: tuple[str, str], name: str = "shuangnian_2026", text: str = POLICY) -> Path:
        for good, bad in changes:
            assert text.count(good) == 1, good
            text = text.replace(good, bad)
        folder = tmp_path / "政策" / name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "policy.toml").write_text(text, encoding="utf-8")
        (tmp_path / "office.toml").write_text(OFFICE, encoding="utf-8")
        return folder

    return written


@pytest.fixture
def at_the_office(write, tmp_path):
    """Inside the office whose folder holds the follow-up."""
    write()
    with office(file=tmp_path / "office.toml"):
        yield


@pytest.fixture
def new(write) -> Policy:
    return Policy(write())


def travel(to="跨省", day=None, policy=None, kind="脱贫户"):
    return f.TRAVEL_SUBSIDY(kind, "是", to, policy=policy, as_of=day)


# ---- what it raises


@pytest.mark.parametrize(
    ("day", "abroad", "within"),
    [
        ("2025-12-31", 0, 0),  # 双发〔2026〕1号 is not yet in force
        ("2026-01-01", 1500, 600),
        ("2026-06-30", 1500, 600),
        ("2026-07-01", 1800, 600),
        ("2027-12-31", 1800, 600),
        ("2028-01-01", 0, 0),
        (None, 1800, 600),
    ],
)
def test_amounts_on_both_sides_of_the_days(at_the_office, day, abroad, within):
    assert travel(day=day) == abroad
    assert travel("省内区外", day) == within
    assert travel("区内", day) == 0
    assert f.TRAVEL_SUBSIDY("脱贫户", "是", [["跨省"], ["省内区外"]] * 100, as_of=day) == [[abroad], [within]] * 100


def test_a_column_of_days(at_the_office):
    days = ["2025-12-31", "2026-01-01", "2026-06-30", "2026-07-01", "2028-01-01"]
    assert f.TRAVEL_SUBSIDY("脱贫户", "是", "跨省", as_of=[[day] for day in days]) == [[0], [1500], [1500], [1800], [0]]


def test_without_a_date_of_its_own_it_stands_from_the_first_day(write, tmp_path):
    write(("from = 2026-07-01", "from = 2026-01-01"))
    with office(file=tmp_path / "office.toml"):
        assert [travel(day=day) for day in ("2025-12-31", "2026-01-01", "2026-06-30")] == [0, 1800, 1800]


def test_where_the_raised_amount_stands(at_the_office):
    raised = f.WHY("TRAVEL_SUBSIDY", "脱贫户", "是", "跨省", as_of="2026-07-01")
    assert raised.startswith("交通补贴1800元") and f"依据{NEW}第2条" in raised and "延续" not in raised
    assert OLD not in raised
    assert f.POLICY_CLAUSE("交通补贴") == (
        "“自2026年7月1日起，跨省务工的交通补贴标准提高到1800元；省内区外务工的仍为600元。”（双发〔2026〕1号第2条）"
    )
    assert [f.POLICY_PARAM("交通补贴", "跨省", as_of=day) for day in ("2026-06-30", "2026-07-01")] == [1500, 1800]


def test_what_is_not_said_of_a_raised_measure_stays(new):
    before, after = BASE.measures["TRAVEL_SUBSIDY"], new.measures["TRAVEL_SUBSIDY"]
    for key in ("unit", "kind", "payee", "once", "note", "labels", "readings"):
        assert getattr(after, key) == getattr(before, key), key
    assert [(v.start.isoformat(), v.values["amount"].entries) for v in after.versions] == [
        ("2026-01-01", {"跨省": 1500, "省内区外": 600}), ("2026-07-01", {"跨省": 1800, "省内区外": 600}),
    ]  # fmt: skip


def test_a_native_formula_knows_both_amounts(at_the_office):
    refs = {"household_type": "A2", "is_labor": "B2", "destination": "C2"}
    text = native_formula("TRAVEL_SUBSIDY", refs, as_of="D2")
    assert "1500" in text and "1800" in text and "DATE(2026,7,1)" in text and "DATE(2027,12,31)+1" in text
    assert "1800" not in native_formula("TRAVEL_SUBSIDY", refs, policy="双碾乡", as_of="D2")


def test_a_key_that_is_written_replaces_the_whole_key(write, tmp_path):
    """A table is one value: what goes on must be written again."""
    write(('amount = { "跨省" = 1800, "省内区外" = 600 }', 'amount = { "跨省" = 1800 }'))
    with office(file=tmp_path / "office.toml"):
        assert travel("省内区外", "2026-06-30") == 600
        assert travel("省内区外", "2026-07-01") == 0


# ---- what goes on


def test_others_go_on_as_they_were(at_the_office):
    day = dict(as_of="2027-06-30")
    assert f.STABLE_JOB_BONUS("脱贫户", True, 6, 1000, **day) == 1200  # 200 × 6
    assert f.STABLE_JOB_BONUS("脱贫户", True, 5.99, 1000, **day) == 0
    assert f.JOB_INTRO_SUBSIDY("省外", 12, 3, 900, **day) == 2400  # 800 at most, 3 persons
    assert f.COURTYARD_AWARD("脱贫户", 2500, **day) == 2000
    assert f.GRAIN_SUBSIDY(10, **day) == 215  # (15.6 + 5.9) × 10
    assert f.EMPLOYMENT_BASE_AWARD(50, True, **day) == 100000
    assert f.NET_INCOME(20000, 5000, 300, 4000, 2500, **day) == 26800
    assert f.STABLE_JOB_BONUS("脱贫户", True, 6, 1000, as_of="2028-01-01") == 0


def test_they_cite_both_documents(at_the_office, new):
    told = f.WHY("STABLE_JOB_BONUS", "脱贫户", True, 6, 1000, as_of="2027-06-30")
    assert f"依据{OLD}第11条（{NEW}延续）" in told
    assert "政策取自office.toml" in told
    assert new.cite(new.measures["STABLE_JOB_BONUS"]) == f"{OLD}第11条（{NEW}延续）"
    assert new.cite(new.measures["TRAVEL_SUBSIDY"]) == f"{NEW}第2条"
    assert BASE.cite(BASE.measures["STABLE_JOB_BONUS"]) == f"{OLD}第11条"
    clause = f.POLICY_CLAUSE("稳岗补助")
    assert clause.startswith("“对连续外出务工6个月以上") and clause.endswith(f"（{OLD}第11条（{NEW}延续））")


def test_everything_is_inherited(new):
    base = new.extended
    assert base.id == BASE.id
    for section in ("measures", "indicators", "deadlines", "facts", "named"):
        before, after = getattr(base, section), getattr(new, section)
        assert [name for name in after if name not in before] == (["外出务工人数"] if section == "indicators" else [])
        for name, measure in before.items():
            assert name == "TRAVEL_SUBSIDY" or after[name] is measure
    assert new.exclusions == base.exclusions and new.common is base.common and new.arguments == base.arguments
    assert new.readings == base.readings != ()
    assert (new.home, new.level) == (BASE.home, BASE.level) == ("140603", "乡")
    assert new.bodies == BASE.bodies


def test_what_is_its_own(new):
    assert (new.id, new.short_name, new.number) == ("shuangnian_2026", "双碾乡续", NEW)
    assert (new.issued, new.start, new.until) == (dt.date(2025, 12, 25), dt.date(2026, 1, 1), dt.date(2027, 12, 31))
    assert list(new.clauses) == ["1", "2", "3"] and new.absent == [] and new.source == {}


def test_readings_are_inherited(at_the_office):
    weak = lambda **day: f.TRAVEL_SUBSIDY("脱贫户", "弱劳动力", "跨省", **day)  # noqa: E731
    assert weak(as_of="2026-07-01") == 1800
    with office(readings={"弱劳动力": "不计入"}):
        assert weak(as_of="2026-07-01") == 0 and travel(day="2026-07-01") == 1800
    with office(readings={"TRAVEL_SUBSIDY": "限额据实"}):
        assert f.TRAVEL_SUBSIDY("脱贫户", "是", "跨省", 1700, as_of="2026-06-30") == 1500
        assert f.TRAVEL_SUBSIDY("脱贫户", "是", "跨省", 1700, as_of="2026-07-01") == 1700
        assert f.TRAVEL_SUBSIDY("脱贫户", "是", "跨省", 1900, as_of="2026-07-01") == 1800
        assert "口径：标准=限额据实" in f.WHY("TRAVEL_SUBSIDY", "脱贫户", "是", "跨省", 1700, as_of="2026-07-01")


def test_indicators_deadlines_and_clauses(at_the_office):
    assert f.INDICATOR_OK("产业资金占比", 5_500_000, 10_000_000, as_of="2027-01-01") is True  # 55% of 10 million
    assert f.INDICATOR_OK("外出务工人数", 200, as_of="2026-01-01") is True
    assert f.INDICATOR_OK("外出务工人数", 199, as_of="2026-01-01") is False
    with pytest.raises(CellError) as error:
        f.INDICATOR_OK("外出务工人数", 200, policy="双碾乡")
    assert error.value.code == "unknown_option"
    for deadline in BASE.deadlines:
        values = BASE.deadlines[deadline].versions[-1].values
        assert f.DEADLINE(deadline, "2026-03-01", 2026 if "month" in values else None) == f.DEADLINE(
            deadline, "2026-03-01", 2026 if "month" in values else None, policy="双碾乡"
        )
    assert f.POLICY_CLAUSE("1") == f"“《若干措施》延续执行至2027年12月31日。”（{NEW}第1条）"
    assert f.POLICY_CLAUSE("10") == f"{NEW}没有第10条"
    assert f.WORK_DESTINATION("山西省大同市") == "省内区外"


def test_lists(at_the_office):
    rows = {row[0]: row for row in f.POLICIES()[1:]}
    assert rows["shuangnian_2026"] == [
        "shuangnian_2026", "双碾乡续", NEW, dt.date(2026, 1, 1), dt.date(2027, 12, 31),
    ]  # fmt: skip
    assert len(rows) == len(list((Path(xl_poverty.__file__).parent / "policies").glob("*/policy.toml"))) + 1
    before, after = ({row[0]: row[1:] for row in f.MEASURES(policy)[1:]} for policy in ("双碾乡", None))
    assert list(after) == list(before)
    assert {name for name in after if after[name] != before[name]} == {"TRAVEL_SUBSIDY"}
    assert after["TRAVEL_SUBSIDY"] == ["交通补贴", "第2条", "定额", "现金", "个人"]
    days = ("2025-12-31", "2026-01-01", "2027-12-31", "2028-01-01")
    assert [f.IN_FORCE(day) for day in days] == [False, True, True, False]
    assert "延续执行至2027年12月31日" in f.WHY("IN_FORCE", "2026-01-01")


def test_a_household(at_the_office):
    claims = [
        {"事项": "交通补贴", "成员": "甲", "是否劳动力": "是", "务工去向": "跨省"},
        {"事项": "交通补贴", "成员": "甲", "是否劳动力": "是", "务工去向": "省内区外"},
        {"事项": "稳岗补助", "成员": "甲", "是否劳动力": "是", "连续外出务工月数": 6, "月工资": 1000},
        {"事项": "庭院经济奖补", "核定奖补额": 1500},
        {"事项": "庭院经济奖补", "核定奖补额": 1500},
    ]
    # once 1800, 1200, and 2000 of 3000
    assert f.HOUSEHOLD_TOTAL({"户类型": "脱贫户"}, claims, as_of="2026-07-01") == 5000
    assert f.HOUSEHOLD_TOTAL({"户类型": "脱贫户"}, claims, as_of="2026-06-30") == 4700
    told = f.WHY("HOUSEHOLD_TOTAL", {"户类型": "脱贫户"}, claims, as_of="2026-07-01")
    assert f"1800元（{NEW}第2条）" in told and f"1200元（{OLD}第11条（{NEW}延续）" in told


def test_the_old_document_is_unchanged(at_the_office):
    for name in ("双碾乡", OLD, "shuangnian_2022"):
        assert travel(day="2025-12-31", policy=name) == 1500 and travel(day="2026-01-01", policy=name) == 0
        assert travel(policy=name) == 1500
    told = f.WHY("TRAVEL_SUBSIDY", "脱贫户", "是", "跨省", policy="双碾乡", as_of="2025-12-31")
    assert f"依据{OLD}第10条" in told and "延续" not in told
    assert [row[2] for row in f.MEASURES("双碾乡") if row[0] == "TRAVEL_SUBSIDY"] == ["第10条"]
    assert f.IN_FORCE("2026-01-01", policy="双碾乡") is False
    assert BASE.measures["TRAVEL_SUBSIDY"].versions[-1].values["amount"].entries == {"跨省": 1500, "省内区外": 600}


def test_only_where_the_office_says_so(write):
    write()
    with pytest.raises(CellError) as error:
        travel(policy="双碾乡续")
    assert error.value.code == "unknown_policy"
    assert "shuangnian_2026" not in [policy.id for policy in documents.documents(current())]


def test_a_ledger_beside_the_office(write, tmp_path, capsys):
    """The office.toml beside the ledger names the folder; nothing else is said."""
    write()
    book = openpyxl.Workbook()
    own = ["连续外出务工月数", "月工资", "业务日期"]
    book.active.append(["户编号", "与户主关系", "户类型", "劳动技能", "务工去向", *own])
    book.active.append([1, "户主", "脱贫户", "普通劳动力", "跨省", 6, 1000, dt.date(2026, 6, 30)])
    book.active.append([2, "户主", "脱贫户", "普通劳动力", "跨省", 6, 1000, dt.date(2026, 7, 1)])
    book.active.append([3, "户主", "脱贫户", "普通劳动力", "省内区外", 6, 1000, dt.date(2028, 1, 1)])
    book.save(tmp_path / "台账.xlsx")
    assert main(["fill", str(tmp_path / "台账.xlsx")]) == 0
    assert f"政策：双碾乡续 {NEW}" in capsys.readouterr().out
    heads, *rows = openpyxl.load_workbook(tmp_path / "台账_已核算.xlsx").worksheets[0].iter_rows(values_only=True)
    for header, amounts in {"应享交通补贴": (1500, 1800, 0), "应享稳岗补助": (1200, 1200, 0)}.items():
        assert tuple(row[heads.index(header)] for row in rows[:3]) == amounts


def test_the_command_line(write, tmp_path):
    """With the office.toml in the user's folder."""
    folder = write()
    home = tmp_path / "home" / "xl_poverty"
    home.mkdir(parents=True)
    settings = f'policy = "双碾乡续"\ndocuments = "{folder.parent.as_posix()}"\n'
    (home / "office.toml").write_text(settings, encoding="utf-8")
    environment = {**os.environ, "XDG_CONFIG_HOME": str(home.parent), "APPDATA": str(home.parent),
                   "PYTHONPATH": str(PACKAGED.parents[1]), "PYTHONIOENCODING": "utf-8"}  # fmt: skip

    def run(*arguments):
        done = subprocess.run([sys.executable, "-m", "xl_poverty", *arguments], capture_output=True, encoding="utf-8",
                              env=environment, timeout=120)  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert "双碾乡续　双发〔2026〕1号　2026-01-01 至 2027-12-31" in run("policies")
    told = run("why", "交通补贴", "户类型=脱贫户", "是否劳动力=是", "务工去向=跨省", "业务日期=2026-07-01")
    assert told.startswith("交通补贴1800元") and "政策取自本机 office.toml" in told
    shown = run("formulas", "稳岗补助")
    assert f"双碾乡续 {OLD}第11条（{NEW}延续）：定额" in shown and f"双碾乡 {OLD}第11条：定额" in shown


# ---- further


def test_its_own_function_goes_on_with_its_arguments(write, tmp_path):
    """A measure that the contract lacks, in a document of the office's folder that another one extends."""
    own = POLICY.replace("[clauses.1]", '''[arguments]
stove = { label = "炉具", kind = "word", options = ["甲型", "乙型"] }
[STOVE_GRANT]
alias = "炉具补贴"
args = "•stove"
body = "PREMIUM"
clause = "3"
quote = "每年组织外出务工不少于200人。"
kind = "定额"
[clauses.1]''', 1)  # fmt: skip
    first = Policy(write(text=own))
    later = POLICY.replace("shuangnian_2026", "later").replace('"shuangnian_2022"', '"shuangnian_2026"')
    later = later.replace("双碾乡续", "双碾乡再续").replace("双发〔2026〕1号", "双发〔2028〕1号")
    second = Policy(write(text=later, name="later"))
    assert second.arguments == first.arguments and "STOVE_GRANT" in second.measures
    assert set(documents.own_functions(second)) == {"STOVE_GRANT", "炉具补贴"}
    assert (second.home, second.level) == (first.home, first.level) == ("140603", "乡")
    with office(file=tmp_path / "office.toml"), pytest.raises(CellError, match="没有名为“没有这一项”的函数或事项"):
        f.BENEFIT("没有这一项")  # looks through the functions of every document
    assert second.cite(second.measures["STABLE_JOB_BONUS"]) == f"{OLD}第11条（双发〔2028〕1号延续）"


def test_the_check_of_an_extension(write, capsys):
    folder = write()
    assert check_document(folder) == []
    assert main(["policy", "check", str(folder)]) == 0
    assert capsys.readouterr().out == "shuangnian_2026：没有错误，0 个核对例都对\n"
    (folder / "cases.toml").write_text("""
[[case]]
function = "TRAVEL_SUBSIDY"
why = "提高以后"
args = { household_type = "脱贫户", is_labor = "是", destination = "跨省" }
as_of = 2026-07-01
expect = 1800
[[case]]
function = "TRAVEL_SUBSIDY"
why = "提高以前"
args = { household_type = "脱贫户", is_labor = "是", destination = "跨省" }
as_of = 2026-06-30
expect = 1800
""", encoding="utf-8")  # fmt: skip
    assert check_document(folder) == [
        "shuangnian_2026/cases.toml: 第2例 TRAVEL_SUBSIDY（提高以前）：得 1500，应是 1800"
    ]


# ---- what is refused


@pytest.mark.parametrize(
    ("good", "bad", "told"),
    [
        ('extends = "shuangnian_2022"', 'extends = "shuangnian_2021"', "extends: there is no document shuangnian_2021"),
        ('extends = "shuangnian_2022"', 'extends = "shuangnian_2026"', "extends: there is no document shuangnian_2026"),
        ('extends = "shuangnian_2022"', "", "TRAVEL_SUBSIDY.kind: expected one of"),  # a document of its own
        ('clause = "2"\n', 'clause = "2"\nclaus = "2"\n', "TRAVEL_SUBSIDY.claus: unknown key"),
        ('clause = "2"\n', 'clause = "2"\nkind = "限额"\n', "TRAVEL_SUBSIDY.kind: expected one of 定额"),
        ('clause = "2"\n', 'clause = "2"\nhousehold_cap = "top"\n',
         "TRAVEL_SUBSIDY.household_cap: there is no parameter top"),
        ('clause = "2"\n', "", "TRAVEL_SUBSIDY.clause: clause 10 is not among the clauses"),
        ('clause = "2"\n', 'clause = "3"\n', "TRAVEL_SUBSIDY.quote: 自2026年7月1日起，… does not stand in clause 3"),
        ("from = 2026-07-01\n", "", "TRAVEL_SUBSIDY.values.from"),
        ("from = 2026-07-01\n", 'from = "2026-07-01"\n', "TRAVEL_SUBSIDY.values.from: expected date"),
        ("until = 2027-12-31", "until = 2025-12-31", "in_force.until: is before"),
    ],
)  # fmt: skip
def test_a_mistake_is_refused(write, good, bad, told):
    folder = write((good, bad))
    found = check_document(folder)
    assert any(line.startswith(f"shuangnian_2026/policy.toml: {told}") for line in found), found
    with pytest.raises(PolicyError):
        Policy(folder)


def test_several_mistakes_at_once(write):
    folder = write(('quote = "每年组织', 'quotes = "每年组织'), ("until = 2027-12-31", "until = 2025-12-31"),
                   ('clause = "2"\n', 'clause = "2"\npayee = "本人"\n'))  # fmt: skip
    keys = [line.split(": ")[1] for line in check_document(folder)]
    assert {"in_force.until", "TRAVEL_SUBSIDY.payee", "indicators.外出务工人数.quotes"} <= set(keys)


def test_documents_that_extend_each_other(write):
    """A circle is a mistake like others, not an endless loop."""
    write(('extends = "shuangnian_2022"', 'extends = "other"'))
    back = 'extends = "shuangnian_2022"', 'extends = "shuangnian_2026"'
    folder = write(back, ('id = "shuangnian_2026"', 'id = "other"'), name="other")
    found = check_document(folder)
    assert any("extends" in line for line in found), found


def test_rules_are_refused_in_an_offices_folder(write, tmp_path, capsys):
    folder = write()
    (folder / "rules.py").write_text("raise SystemExit('must not run')\n", encoding="utf-8")
    with office(file=tmp_path / "office.toml"), pytest.raises(PolicyError, match="只能是数据，不能带程序"):
        travel(day="2026-07-01")
    book = openpyxl.Workbook()
    book.active.append(["户编号", "户类型", "劳动技能", "务工去向"])
    book.active.append([1, "脱贫户", "普通劳动力", "跨省"])
    book.save(tmp_path / "台账.xlsx")
    assert main(["fill", str(tmp_path / "台账.xlsx"), "--as-of", "2026-07-01"]) == 1
    assert "shuangnian_2026/rules.py：办公文件夹里的政策只能是数据，不能带程序" in capsys.readouterr().err


def test_a_folder_that_is_not_there(tmp_path):
    """Documents of the package are still found."""
    (tmp_path / "office.toml").write_text('policy = "双碾乡"\ndocuments = "没有"\n', encoding="utf-8")
    with office(file=tmp_path / "office.toml"):
        assert travel(day="2025-06-30") == 1500
        with pytest.raises(CellError, match="没有名为“双碾乡续”的政策"):
            travel(policy="双碾乡续")


def test_a_name_of_an_installed_document_is_not_taken(write, tmp_path):
    """A document of the office with the name of an installed one does not stand in its place, and the check says so."""
    folder = write(('short_name = "双碾乡续"', 'short_name = "双碾乡"'))
    assert check_document(folder) == ["shuangnian_2026/policy.toml: 双碾乡 is already the name of shuangnian_2022"]
    with office(file=tmp_path / "office.toml"):
        assert travel(day="2025-12-31", policy="双碾乡") == 1500
        assert travel(day="2026-07-01", policy="双碾乡") == 0
        assert travel(day="2026-07-01", policy="shuangnian_2026") == 1800
