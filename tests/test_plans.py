"""Plans per household: facts, menu, incomes, dates, visits, closing, and what clerks fill in."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
from pathlib import Path

import openpyxl
import pytest
from engines import need_libreoffice, office_program
from invented import TWO_VERSIONS, completed

from xl_poverty.errors import LedgerError, PolicyError
from xl_poverty.formulas.documents import documents
from xl_poverty.formulas.office import Layer, current, using
from xl_poverty.ledger.files import read_book
from xl_poverty.ledger.reading import read_ledger
from xl_poverty.plans import make_plans, read_plans
from xl_poverty.plans.homes import Homes
from xl_poverty.plans.menu import menu_of, read_menu
from xl_poverty.plans.plan import plans_of
from xl_poverty.plans.sheets import INDEX, blank_pages, plan_page, sheet_names
from xl_poverty.workbook.encoding import Formula
from xl_poverty.workbook.page_workbook import page_workbook

POLICIES = {policy.short_name: policy for policy in documents(current())}
HEADS = ("户编号", "姓名", "与户主关系", "证件号码", "户类型", "风险状态", "劳动技能")
OFFICE = "奉节县"
DAY = dt.date(2023, 6, 15)


def number(year: int, at: int) -> str:
    return completed(f"999900{year}0101{at:02}1")


def person(home: str, name: str, relation: str = "户主", year: int = 1970, at: int = 1, **cells) -> dict:
    usual = (home, name, relation, number(year, at), "脱贫不稳定户", "未消除", "普通劳动力")
    return {**dict(zip(HEADS, usual)), **cells}


def ledger_file(folder: Path, *rows: dict, name: str = "台账.xlsx", without: tuple = ()) -> Path:
    heads = [head for head in dict.fromkeys((*HEADS, *(key for row in rows for key in row))) if head not in without]
    book = openpyxl.Workbook()
    book.active.title = "台账"
    book.active.append(heads)
    for row in rows:
        book.active.append([row.get(head) for head in heads])
    book.save(folder / name)
    return folder / name


def plans(folder: Path, *rows: dict, policy: str = OFFICE, day=DAY, last=None, without: tuple = ()):
    ledger = read_ledger(ledger_file(folder, *rows, without=without), policy=policy, as_of=day)
    with using(*ledger.settings.layers):
        return plans_of(ledger, read_ledger(last, policy=policy) if last else None)


def only(folder: Path, *rows: dict, **more):
    made = plans(folder, *rows, **more)
    assert len(made.plans) == 1, made.remarks
    return made.plans[0]


def names(plan) -> dict[str, list[str]]:
    """Proposed measure -> the facts that have to be known first."""
    return {one.offer.name: [condition.fact for condition in one.unclear] for one in plan.proposals}


# ---- what the documents say


@pytest.mark.parametrize("policy", POLICIES.values(), ids=POLICIES)
def test_every_document_can_be_used(policy):
    assert menu_of(policy).policy.id


def test_all_mistakes_are_told_at_once(tmp_path):
    file = tmp_path / "plan.toml"
    file.write_text(
        """
        [[measure]]
        name = "甲"
        kind = "别的"
        clause = "九"
        quote = "这句话不在原文里"
        when = ["户类型=外星户", "没有的事实=是", "不成样子"]
        gain = "TRAVEL_SUBSIDY"
        deadline = "没有的期限"
        [[register]]
        name = "甲"
        kind = "选项"
        clause = "四十"
        quote = "小种植"
        [dates.plan]
        deadline = "也没有"
        [[closing.conditions]]
        name = "乙"
        clause = "九"
        quote = "实行村“两委”+驻村干部+帮扶联系干部责任机制"
        [surprise]
        """,
        encoding="utf-8",
    )
    with pytest.raises(PolicyError) as error:
        read_menu(file, POLICIES[OFFICE])
    told = "\n".join(error.value.mistakes)
    for part in ("surprise", "外星户", "没有的事实", "不成样子", "reading: is required", "clause 四十", "也没有"):
        assert part in told, part


def test_what_the_document_does_not_have_is_a_mistake(tmp_path):
    file = tmp_path / "plan.toml"
    quote = "帮扶联系干部负责跟踪、督促"
    file.write_text(
        f"""
        [[measure]]
        name = "甲"
        kind = "别的"
        clause = "九"
        quote = "{quote}"
        gain = "TRAVEL_SUBSIDY"
        deadline = "没有的期限"
        lead = "谁也不是"
        causes = [3]
        [[register]]
        name = "甲"
        kind = "选项"
        clause = "九"
        quote = "{quote}"
        """,
        encoding="utf-8",
    )
    with pytest.raises(PolicyError) as error:
        read_menu(file, POLICIES[OFFICE])
    told = "\n".join(error.value.mistakes)
    for part in ("TRAVEL_SUBSIDY", "没有的期限", "谁也不是", "cause 3", "stands twice", "expected one of 产业", "选项"):
        assert part in told, part


def test_a_document_without_a_menu_gets_plans_all_the_same(tmp_path):
    folder = tmp_path / "two_versions"
    folder.mkdir()
    (folder / "policy.toml").write_text(TWO_VERSIONS, encoding="utf-8")
    ledger = ledger_file(tmp_path, person("H1", "甲某", **income(9000, 0, 0, 0, 0, 年度家庭人口数=1)))
    with using(Layer("本机", folder=tmp_path)):
        made = make_plans(ledger, policy="两版", as_of=dt.date(2023, 5, 1))
    (plan,) = made.made.plans
    assert (plan.proposals, plan.registers, plan.visits, plan.closing) == ([], [], None, [])
    assert plan.this.lines["per_capita_income"] == 9000
    assert read_plans(made.target)[0].key == "H1"


# ---- facts and the menu


def test_measures_are_those_of_the_households_facts(tmp_path):
    plan = only(
        tmp_path,
        person("H1", "甲某", year=1950, 劳动技能="无劳动力", 在校生状况=None),
        person("H1", "乙某", "之孙子", 2004, 2, 劳动技能="无劳动力", 在校生状况="本科一年级"),
    )
    told = names(plan)
    assert told["孝扶共助养老补贴"] == []  # 73 years old
    assert told["新入学大学生专项助学资助"] == []
    assert told["监测对象产业奖扶"] == []
    assert "帮扶车间就近就业" not in told  # nobody can work
    assert "职业院校学费减免和助学补助（雨露计划+）" not in told  # 本科 is none


def test_an_unknown_fact_never_drops_a_measure(tmp_path):
    known = only(tmp_path, person("H1", "甲某", 劳动技能="无劳动力"))
    assert "帮扶车间就近就业" not in names(known)
    blank = only(tmp_path, person("H1", "甲某", 劳动技能=None))
    assert names(blank)["帮扶车间就近就业"] == ["有劳动力"]
    lacking = only(tmp_path, person("H1", "甲某"), without=("劳动技能", "证件号码"))
    told = names(lacking)
    assert told["帮扶车间就近就业"] == ["有劳动力"]
    assert told["孝扶共助养老补贴"] == ["有达龄老人"]
    assert told["新入学大学生专项助学资助"] == ["有大学生"]
    assert told["公益性岗位补贴和社会保险补贴"] == ["有公益岗"]
    assert set(told) == {offer.name for offer in lacking.menu.offers}  # nothing that is written speaks against one
    page, _ = plan_page(lacking, "甲", False)
    rows = {key: row for row, key in page.row_keys.items()}
    cell = page.cells[rows["措施:孝扶共助养老补贴"], 1].value
    assert "条件待核实：有达龄老人" in cell and "第八条" in cell
    assert page.cells[rows["措施:孝扶共助养老补贴"], 10].value == "待核实"
    assert page.cells[rows["措施:监测对象产业奖扶"], 10].value == "建议"


def test_one_who_can_work_is_enough_and_one_unknown_keeps_it_open(tmp_path):
    two = [person("H1", "甲某", 劳动技能="无劳动力"), person("H1", "乙某", "配偶", at=2, 劳动技能="弱劳动力或半劳动力")]
    assert names(only(tmp_path, *two))["帮扶车间就近就业"] == []
    two[1]["劳动技能"] = None
    assert names(only(tmp_path, *two))["帮扶车间就近就业"] == ["有劳动力"]
    two[1]["人口状态"] = "死亡"  # who has died does not count
    assert "帮扶车间就近就业" not in names(only(tmp_path, *two))


def test_elders_by_the_documents_age(tmp_path):
    # 60 on 2023-06-15: born by 1963; no relaxation here
    assert "孝扶共助养老补贴" in names(only(tmp_path, person("H1", "甲某", year=1963)))
    assert "孝扶共助养老补贴" not in names(only(tmp_path, person("H1", "甲某", year=1964)))


def test_who_gets_no_plan_is_told(tmp_path):
    made = plans(
        tmp_path, person("H1", "甲某"), person("H2", "乙某", at=2, 户类型="一般农户", 风险状态="无"),
        person("H3", "丙某", at=3, 户类型="脱贫户", 风险状态="无", 基期年人均纯收入=20000, 预估人均纯收入=21000),
        person("H4", "丁某", at=4, 户类型="脱贫户", 风险状态="无"), person("H5", "戊某", at=5, 人口状态="死亡"),
        person(None, "己某", at=6),
    )  # fmt: skip
    # H4: nothing is known of its income, so it may be one
    assert [plan.key for plan in made.plans] == ["H1", "H4"]
    outside, gone = "不在奉节县的文件要求一户一策的范围", "全户人口状态为死亡、迁出或减少"
    assert dict(made.left_out) == {"一般农户": 1, outside: 1, gone: 1}
    assert any("1行户编号空白" in remark for remark in made.remarks)


def test_households_that_cannot_be_told_apart(tmp_path):
    with pytest.raises(LedgerError, match="户编号"):
        plans(tmp_path, person("H1", "甲某"), without=("户编号",))


def test_expected_gain_is_what_the_claims_come_to(tmp_path):
    industry = {"奖补途径": "监测对象产业奖扶", "产业核定奖补额": 2600, "已享受2022年监测对象产业奖扶": "否"}
    old_age = {"子女月缴赡养金": 500, "赡养金缴纳月数": 12, "残疾等级": "无", "周岁年龄": 73}
    plan = only(tmp_path, person("H1", "甲某", year=1950, 劳动技能="无劳动力", **industry, **old_age))
    gains = {one.offer.name: one.gain for one in plan.proposals}
    assert gains["监测对象产业奖扶"] == 2600  # approved, below 3000
    assert gains["“五小经济”到户奖补"] is None  # the claim goes the other way
    assert gains["孝扶共助养老补贴"] == 600  # 10% of 500, twelve times


# ---- incomes


def income(wage=None, business=None, estate=None, transfer=None, cost=None, **more) -> dict:
    return {"工资性收入": wage, "生产经营性收入": business, "财产性收入": estate, "转移性收入": transfer,
            "生产经营性支出": cost, **more}  # fmt: skip


def last_year(wage, business, estate, transfer, cost, per_head=None) -> dict:
    kinds = income(wage, business, estate, transfer, cost)
    return {**{f"上年{name}": amount for name, amount in kinds.items()}, "上年人均纯收入": per_head}


def test_two_years_are_compared(tmp_path):
    this = income(20000, 8000, 0, 1500.5, 3000, 年度家庭人口数=2)
    plan = only(tmp_path, person("H1", "甲某", **this, **last_year(24000, 5000, 0, 1500.5, 2000, 14250.25)))
    assert plan.this.lines["annual_income"] == 29500.5
    assert plan.this.lines["net_income"] == 26500.5
    assert plan.this.lines["per_capita_income"] == 13250.25
    assert plan.last.lines["annual_income"] == 30500.5
    page, at = plan_page(plan, "甲", False)
    told = {name: page.cells[at[f"word.{name}"]].value.result for name in ("wage_income", "operating_income",
            "property_income", "annual_income", "per_capita_income")}  # fmt: skip
    assert told == {"wage_income": "减收", "operating_income": "增收", "property_income": "持平",
                    "annual_income": "减收", "per_capita_income": "减收"}  # fmt: skip
    assert page.cells[at["change.wage_income"]].value.result == -4000


def test_a_blank_income_is_no_nil(tmp_path):
    plan = only(tmp_path, person("H1", "甲某", **income(20000, None, 0, 1500, 3000, 年度家庭人口数=2)))
    assert plan.this.lines["operating_income"] is None
    assert plan.this.lines["annual_income"] is None
    assert plan.this.lines["per_capita_income"] is None
    page, at = plan_page(plan, "甲", False)
    assert page.cells[at["this.operating_income"]].value is None
    assert page.cells[at["this.annual_income"]].value.result == ""
    assert page.cells[at["change.wage_income"]].value.result == ""  # nothing is known of last year
    assert plan.last.lines["wage_income"] is None


def test_what_the_ledger_states_stands_and_the_difference_is_told(tmp_path):
    this = income(20000, 0, 0, 0, 0, 年度家庭人口数=2, 人均纯收入=9000)
    plan = only(tmp_path, person("H1", "甲某", **this))
    assert plan.this.lines["per_capita_income"] == 9000
    assert plan.this.stated == {"per_capita_income": 10000}
    page, _ = plan_page(plan, "甲", False)
    notes = [cell.value for cell in page.cells.values() if isinstance(cell.value, str) and "各项算得" in cell.value]
    assert notes == ["台账的人均纯收入是9000，各项算得10000，请核对"]


def test_last_year_from_another_ledger_by_household(tmp_path):
    first, row = (person("H1", "甲某", **income(wage, 0, 0, 0, 0, 年度家庭人口数=1)) for wage in (10000, 12000))
    before = ledger_file(tmp_path, first, name="上期.xlsx")
    plan = only(tmp_path, row, last=before)
    assert (plan.last.lines["wage_income"], plan.last.source) == (10000, "上期台账")
    other = only(tmp_path, {**row, "户编号": "H9"}, last=before)
    assert other.last.lines["wage_income"] is None


@pytest.mark.parametrize(("persons", "told"), [(5, 5), (4, None)])
def test_last_years_persons_tell_why_less_is_more_per_head(tmp_path, persons, told):
    """Fewer share it; other persons than those of last year's income would only contradict it."""
    told_last = {"上年工资性收入": 50000, "上年生产经营性收入": 0, "上年财产性收入": 0, "上年转移性收入": 0,
                 "上年生产经营性支出": 0, "上年人均纯收入": 10000}  # fmt: skip
    row = person("H1", "甲某", **income(44000, 0, 0, 0, 0, 年度家庭人口数=4), **told_last)
    before = person("H1", "甲某", **income(50000, 0, 0, 0, 0, 年度家庭人口数=persons))
    last = ledger_file(tmp_path, before, name="上期.xlsx")
    plan = only(tmp_path, row, last=last)
    assert plan.last.number("per_capita_income") == 10000 and plan.last.number("persons") == told
    assert plan.this.number("per_capita_income") == 11000
    page, at = plan_page(plan, "001甲某")
    row, column = at["change.persons"]
    assert page.cells[row, column].value.result == ("" if told is None else -1)
    assert (page.cells[row, column + 3].value == "上年：上期台账") is (told is not None)


def test_causes_of_a_loss_item_by_item(tmp_path):
    office = "前进区"
    items = ("务工收入", "公益性岗位收入", "低保金", "资产收益扶贫分红收入", "生产经营性收入")
    then, now = (30000, 6000, 3000, 800, 5000), (32000, 0, 1200, 800, None)
    before = ledger_file(tmp_path, person("H1", "甲某", **dict(zip(items, then))), name="上期.xlsx")
    row = person("H1", "甲某", **dict(zip(items, now)))
    plan = only(tmp_path, row, last=before, policy=office, day=dt.date(2022, 9, 1))
    told = {loss.cause.number: loss.there for loss in plan.losses}
    assert told[4] is True  # the post is gone, whatever wages rose
    assert (told[2], told[3]) == (False, False)
    assert told[5] is False  # less, but not cancelled
    assert told[1] is None and told[8] is None  # blank is not 0; nothing speaks of it
    assert plan.facts["减收原因"].among(("4",)) is True
    assert plan.facts["减收原因"].among(("3",)) is False
    assert plan.facts["减收原因"].among(("1", "3")) is None


def test_causes_are_told_by_their_names(tmp_path):
    page, _ = plan_page(only(tmp_path, person("H1", "甲某"), policy="前进区", day=dt.date(2022, 9, 1)), "001甲某")
    texts = [cell.value for cell in page.cells.values() if isinstance(cell.value, str)]
    told = [line for text in texts for line in text.split("\n") if "减收原因：" in line]
    assert told and all(line.endswith("减收原因：低保被取消") for line in told)


def test_each_sheet_of_paper_says_whose_it_is(tmp_path):
    page, at = plan_page(only(tmp_path, person("H1", "甲某")), "001甲某")
    assert page.footer.startswith("&A")
    ((head, last),) = page.tables
    assert [page.cells[head, column].value for column in (0, 1)] == ["类别", "措施（条款）"]
    assert last == at["measures"][1]


def test_tier_and_watch_list_follow_the_figures_of_the_form(tmp_path):
    row = person("H1", "甲某", 户类型="脱贫户", 风险状态="无", 人均纯收入=9650, 上年人均纯收入=11200)
    plan = only(tmp_path, row, policy="阜阳市", day=dt.date(2023, 10, 1))
    assert plan.classes["WATCH_LIST"] == "低于1万元+收入下降"
    page, at = plan_page(plan, "甲", False)
    cell = page.cells[at["class.WATCH_LIST"]].value
    assert isinstance(cell, Formula) and cell.result == "低于1万元+收入下降"
    unknown = only(tmp_path, {**row, "上年人均纯收入": None}, policy="阜阳市", day=dt.date(2023, 10, 1))
    page, at = plan_page(unknown, "甲", False)
    assert page.cells[at["class.WATCH_LIST"]].value.result == "待核实"


# ---- dates, visits, closing


def stages(plan) -> dict:
    return {stage.purpose: stage for stage in plan.stages}


def test_deadlines_of_the_year_and_of_a_new_case(tmp_path):
    told = {"识别监测时间": dt.date(2023, 5, 20), "一户一策制定时间": dt.date(2023, 1, 12)}
    found = stages(only(tmp_path, person("H1", "甲某", **told)))
    assert (found["plan"].start, found["plan"].due, found["plan"].done) == (
        dt.date(2023, 1, 1), dt.date(2023, 1, 31), dt.date(2023, 1, 12))  # fmt: skip
    assert (found["review"].start, found["review"].due) == (dt.date(2023, 7, 1), dt.date(2023, 7, 31))
    assert found["new_case"].due == dt.date(2023, 5, 30)  # ten days after 20 May, that day not counted
    cleared = stages(only(tmp_path, person("H1", "甲某", 户类型="脱贫户", 风险状态="无", 预估人均纯收入=8000)))
    assert cleared["plan"].needed is False and cleared["plan"].due is None


@pytest.mark.parametrize(
    ("day", "told"),
    [(dt.date(2023, 1, 31), "还剩0天"), (dt.date(2023, 2, 1), "已超期1天"), (dt.date(2023, 1, 1), "还剩30天")],
)
def test_days_left_are_counted_to_the_business_day(tmp_path, day, told):
    plan = only(tmp_path, person("H1", "甲某", 识别监测时间=dt.date(2021, 5, 20)), day=day)
    page, at = plan_page(plan, "甲", False)
    row = next(row for row, key in page.row_keys.items() if key == "时限:一户一策制定")
    assert page.cells[row, 10].value.result == told
    assert page.cells[at["late"]].value.result == ("已超期" in told)
    formulas = [cell.value.text for cell in page.cells.values() if isinstance(cell.value, Formula)]
    assert not any("TODAY" in text or "NOW" in text for text in formulas)


def test_nobody_is_late_for_what_is_not_asked(tmp_path):
    row = person("H1", "甲某", 户类型="脱贫户", 风险状态="无", 预估人均纯收入=8000)
    page, at = plan_page(only(tmp_path, row, day=dt.date(2023, 12, 1)), "甲", False)
    assert page.cells[at["late"]].value.result == 0


def test_visits_where_only_one_tier_is_visited(tmp_path):
    row = person("H1", "甲某", 户类型="脱贫享受政策户", 风险状态="无", 人均纯收入=10999.99)
    low = only(tmp_path, row, policy="枣庄高新区", day=dt.date(2024, 4, 30))
    page, at = plan_page(low, "甲", False)
    assert page.cells[at["gaps"]].value.result == 4
    high = only(tmp_path, {**row, "人均纯收入": 15000}, policy="枣庄高新区", day=dt.date(2024, 4, 30))
    page, at = plan_page(high, "甲", False)
    assert page.cells[at["gaps"]].value.result in (0, "不要求")
    nobody = only(tmp_path, person("H1", "甲某"), policy="双碾乡", day=dt.date(2024, 4, 30))
    page, at = plan_page(nobody, "甲", False)
    assert page.cells[at["gaps"]].value.result == "不要求"


# ---- entitlements are no income


def test_what_is_due_stands_apart_from_incomes(tmp_path):
    row = person("H1", "甲某", 户类型="脱贫户", 风险状态="无", 务工去向="跨省", 本年已享受="否",
                 **income(20000, 0, 0, 0, 0, 年度家庭人口数=1))  # fmt: skip
    plan = only(tmp_path, row, policy="双碾乡", day=dt.date(2024, 4, 30))
    due = {one.name: one for one in plan.entitlements}
    assert due["TRAVEL_SUBSIDY"].amount == 1500
    assert due["TRAVEL_SUBSIDY"].paid is None
    assert plan.this.lines["annual_income"] == 20000
    page, at = plan_page(plan, "甲", False)
    assert page.cells[at["due"]].value.result == 1500
    assert page.cells[at["paid"]].value.result == "未核对"
    assert any("算账增收" in str(cell.value) for cell in page.cells.values())


def test_an_amount_that_waits_is_counted_beside_the_sum(tmp_path):
    rows = [
        person("H1", "甲某", 户类型="脱贫户", 风险状态="无", 务工去向="跨省"),
        person("H1", "乙某", "配偶", at=2, 户类型="脱贫户", 风险状态="无", 务工去向="待核实"),
    ]
    plan = only(tmp_path, *rows, policy="双碾乡", day=dt.date(2024, 4, 30))
    due = next(one for one in plan.entitlements if one.name == "TRAVEL_SUBSIDY")
    assert due.amount == 1500 and len(due.waiting) == 1 and due.who == ("甲某",)
    page, _ = plan_page(plan, "甲", False)
    assert any(cell.value == "另有1项待改，没有计入" for cell in page.cells.values())


def test_what_was_received_stands_beside_what_is_due(tmp_path):
    row = person("H1", "甲某", 户类型="脱贫户", 风险状态="无", 务工去向="跨省")
    ledger = ledger_file(tmp_path, row, person("H2", "乙某", at=2, 户类型="脱贫户", 风险状态="无", 务工去向="省内区外"))
    book = openpyxl.Workbook()
    for line in (("证件号码", "事项", "金额", "发放日期"), (number(1970, 1), "交通补贴", 1000, dt.date(2024, 3, 1))):
        book.active.append(line)
    book.save(tmp_path / "发放.xlsx")
    made = make_plans(ledger, policy="双碾乡", as_of=dt.date(2024, 4, 30), paid=[tmp_path / "发放.xlsx"])
    due = [{one.name: one for one in plan.entitlements}["TRAVEL_SUBSIDY"] for plan in made.made.plans]
    assert [(one.amount, one.paid) for one in due] == [(1500, 1000), (600, 0)]
    pages = [plan_page(plan, "甲", False)[0] for plan in made.made.plans]
    rows = [next(row for row, key in page.row_keys.items() if key == "应享:TRAVEL_SUBSIDY") for page in pages]
    told = [page.cells[row, 9].value.result for page, row in zip(pages, rows)]
    assert told == ["部分发放", "未发放"]


# ---- facts


@pytest.mark.parametrize(
    ("cells", "fact", "holds"),
    [
        ({"务工去向": "跨省"}, "有外出务工", True),
        ({"务工去向": "区内"}, "有外出务工", False),
        ({"务工去向": "待核实"}, "有外出务工", None),
        ({}, "有外出务工", None),
        ({"贷款余额": 30000}, "有小额信贷", True),
        ({"贷款余额": 0}, "有小额信贷", False),
        ({"贷款余额": None}, "有小额信贷", None),
        ({"确权承包亩数": 4.5}, "有承包地", True),
        ({"是否危房户": "否"}, "危房", False),
        ({"是否危房户": None}, "危房", None),
        ({"健康状况": "长期慢性病,残疾"}, "有患病", True),
        ({"健康状况": "健康"}, "有残疾人", False),
        ({"残疾等级": "二级"}, "有残疾人", True),
    ],
)
def test_facts_hold_do_not_hold_or_cannot_be_told(tmp_path, cells, fact, holds):
    ledger = read_ledger(ledger_file(tmp_path, person("H1", "甲某", **cells)), policy="双碾乡", as_of=DAY)
    homes = Homes(ledger, ledger.main, DAY)
    homes.ask({fact}, lambda home: {})
    assert homes.homes[0].facts[fact].among(("是",)) is holds


@pytest.mark.parametrize(
    ("written", "word", "holds"),
    [
        ("脱贫户", "脱贫户", True),
        ("脱贫户", "脱贫享受政策户", None),  # of which kind is not written
        ("脱贫享受政策户", "脱贫户", True),
        ("脱贫享受政策户", "脱贫不享受政策户", False),
        ("脱贫不稳定户", "监测户", True),
        ("脱贫不稳定户", "脱贫户", False),
        ("监测户", "边缘易致贫户", None),
        ("边缘易致贫户", "突发严重困难户", False),
        (None, "脱贫户", None),
    ],
)
def test_kinds_of_households(tmp_path, written, word, holds):
    ledger = read_ledger(ledger_file(tmp_path, person("H1", "甲某", 户类型=written)), policy="双碾乡", as_of=DAY)
    homes = Homes(ledger, ledger.main, DAY)
    homes.ask({"户类型"}, lambda home: {})
    assert homes.homes[0].facts["户类型"].among((word,)) is holds


def test_rows_that_contradict_each_other_tell_nothing(tmp_path):
    rows = [person("H1", "甲某", 贷款余额=5000), person("H1", "乙某", "配偶", at=2, 贷款余额=0)]
    ledger = read_ledger(ledger_file(tmp_path, *rows), policy="双碾乡", as_of=DAY)
    homes = Homes(ledger, ledger.main, DAY)
    homes.ask({"有小额信贷"}, lambda home: {})
    assert homes.homes[0].facts["有小额信贷"].among(("是",)) is None


def test_a_ledger_of_households_alone(tmp_path):
    rows = [{"户编号": "H1", "户主姓名": "甲某", "户类型": "脱贫不稳定户", "风险状态": "未消除", "家庭人口数": 3}]
    plan = only(tmp_path, *rows, without=HEADS[1:4])
    assert plan.members == [] and plan.name == "甲某"
    assert names(plan)["帮扶车间就近就业"] == ["有劳动力"]
    page, at = plan_page(plan, "甲", False)
    assert page.cells[at["家庭人口"]].value == 3


# ---- workbooks


def two_homes(folder: Path) -> Path:
    told = {"识别监测时间": dt.date(2021, 5, 20), "帮扶责任人": "庚某", "村": "某村"}
    return ledger_file(
        folder, person("H1", "甲某", **told), person("H1", "乙某", "配偶", at=2, **told),
        person("H2", "丙某", at=3, **told),
    )  # fmt: skip


def made_file(folder: Path) -> Path:
    made = make_plans(two_homes(folder), policy=OFFICE, as_of=DAY)
    assert made.created and made.plans == 2
    return made.target


def rows_of(sheet) -> dict[str, int]:
    """Key -> number of its row."""
    return {str(cell.value).removeprefix("§"): cell.row for cell in sheet[openpyxl.utils.get_column_letter(13)]
            if cell.value}  # fmt: skip


def filled(file: Path):
    """What a clerk does to the first plan, with rows put in."""
    book = openpyxl.load_workbook(file)
    sheet = book["001甲某"]
    rows = rows_of(sheet)
    sheet.cell(rows["状态"], 2).value = "进行中"
    measure = rows["措施:监测对象产业奖扶"]
    sheet.cell(measure, 11).value = "已完成"
    sheet.cell(measure, 10).value = dt.date(2023, 4, 2)
    sheet.cell(rows["措施:新增1"], 2).value = "自己想的措施"
    sheet.cell(rows["措施:新增1"], 11).value = "进行中"
    sheet.cell(rows["走访:1"], 2).value = dt.date(2023, 1, 9)
    sheet.cell(rows["走访:1"], 4).value = "庚某"
    sheet.cell(rows["走访:2"], 2).value = dt.date(2023, 2, 9)
    sheet.cell(rows["走访:2"], 3).value = "电话"
    sheet.cell(rows["时限:一户一策制定"], 9).value = dt.date(2023, 1, 20)
    sheet.cell(rows["登记:“五小经济”种类|已享受2022年监测对象产业奖扶|农产品销售渠道"], 3).value = "小种植、小养殖"
    book.save(file)


def test_filled_plans_are_read_back(tmp_path):
    file = made_file(tmp_path)
    filled(file)
    first, second = read_plans(file)
    assert (first.key, first.name, first.state) == ("H1", "甲某", "进行中")
    assert (second.key, second.state, second.visits) == ("H2", "未启动", [])
    measures = {one.name: one for one in first.measures}
    assert measures["监测对象产业奖扶"].state == "已完成" and measures["监测对象产业奖扶"].done == dt.date(2023, 4, 2)
    assert measures["自己想的措施"].added and measures["自己想的措施"].state == "进行中"
    assert [(visit.month, visit.day, visit.way, visit.who) for visit in first.visits] == [
        (1, dt.date(2023, 1, 9), "", "庚某"), (2, dt.date(2023, 2, 9), "电话", "")]  # fmt: skip
    assert first.dates["一户一策制定"] == dt.date(2023, 1, 20)
    assert first.registers["“五小经济”种类"] == "小种植、小养殖"
    assert first.wrong == []


def test_rows_that_have_moved_are_found(tmp_path):
    file = made_file(tmp_path)
    filled(file)
    book = openpyxl.load_workbook(file)
    sheet = book["001甲某"]
    areas = [str(area) for area in sheet.merged_cells.ranges]
    for area in areas:
        sheet.unmerge_cells(area)
    sheet.insert_rows(rows_of(sheet)["状态"], 3)
    book.save(file)
    first = read_plans(file)[0]
    assert (first.key, first.state, len(first.visits)) == ("H1", "进行中", 2)


def test_what_cannot_be_used_is_told(tmp_path):
    file = made_file(tmp_path)
    book = openpyxl.load_workbook(file)
    sheet = book["001甲某"]
    rows = rows_of(sheet)
    sheet.cell(rows["走访:3"], 2).value = "三月初"
    sheet.cell(rows["状态"], 2).value = "搞定"
    book.save(file)
    wrong = "\n".join(read_plans(file)[0].wrong)
    assert "日期认不出" in wrong and "搞定" in wrong


def test_a_workbook_without_plans(tmp_path):
    with pytest.raises(LedgerError, match="没有一户一策"):
        read_plans(two_homes(tmp_path))


def test_making_plans_twice_changes_nothing(tmp_path):
    file = made_file(tmp_path)
    before = file.read_bytes()
    again = make_plans(two_homes(tmp_path), policy=OFFICE, as_of=DAY)
    assert (again.created, again.changed, again.edits) == (False, 0, [])
    assert file.read_bytes() == before


def test_what_a_clerk_entered_stays(tmp_path):
    file = made_file(tmp_path)
    filled(file)
    # nobody of the household is at risk any more: the measure is no longer offered, but it was begun
    told = {"识别监测时间": dt.date(2021, 5, 20), "帮扶责任人": "庚某", "村": "某村", "预估人均纯收入": 8000}
    first = person("H1", "甲某", 户类型="脱贫户", 风险状态="无")
    rows = (first, person("H2", "丙某", at=3), person("H3", "丁某", at=4))
    ledger_file(tmp_path, *({**row, **told} for row in rows))
    again = make_plans(tmp_path / "台账.xlsx", policy=OFFICE, as_of=DAY)
    assert again.plans == 3
    first, second, third = read_plans(file)
    assert [plan.sheet for plan in (first, second, third)] == ["001甲某", "002丙某", "003丁某"]
    measures = {one.name: one for one in first.measures}
    assert measures["监测对象产业奖扶"].state == "已完成"
    assert measures["自己想的措施"].state == "进行中"
    assert first.state == "进行中" and len(first.visits) == 2
    assert first.registers["“五小经济”种类"] == "小种植、小养殖"
    index = openpyxl.load_workbook(file)[INDEX]
    assert [index.cell(row, 2).value for row in range(6, 9)] == ["H1", "H2", "H3"]


def test_a_household_that_left_the_ledger_keeps_its_sheet(tmp_path):
    file = made_file(tmp_path)
    ledger_file(tmp_path, person("H2", "丙某", at=3, 识别监测时间=dt.date(2021, 5, 20)))
    again = make_plans(tmp_path / "台账.xlsx", policy=OFFICE, as_of=DAY)
    assert again.left == ["001甲某"]
    assert [plan.key for plan in read_plans(file)] == ["H1", "H2"]


def test_a_file_for_each_household(tmp_path):
    made = make_plans(two_homes(tmp_path), separate=True, policy=OFFICE, as_of=DAY)
    assert sorted(file.name for file in made.target.iterdir()) == ["001甲某.xlsx", "002丙某.xlsx", f"{INDEX}.xlsx"]
    assert [plan.key for plan in read_plans(made.target)] == ["H1", "H2"]
    filled(made.target / "001甲某.xlsx")
    again = make_plans(two_homes(tmp_path), separate=True, policy=OFFICE, as_of=DAY)
    assert len([file for file in again.target.iterdir() if "备份" not in file.name]) == 3
    assert read_plans(made.target / "001甲某.xlsx")[0].state == "进行中"


def test_names_of_sheets_are_safe_and_each_once(tmp_path):
    rows = [person(f"H{at}", name, at=at) for at, name in enumerate(["甲某", "甲某", "阿依古丽·买买提" * 4], 1)]
    made = plans(tmp_path, *rows)
    found = sheet_names(made.plans)
    assert len(set(found)) == 3 and all(0 < len(name) <= 31 for name in found)
    assert sheet_names(made.plans, {"H2": "007甲某"})[:2] == ["008甲某", "007甲某"]


def test_nothing_of_a_number_stands_in_the_keys(tmp_path):
    file = made_file(tmp_path)
    book = openpyxl.load_workbook(file)
    for name in ("001甲某", "002丙某", INDEX):
        assert not any("9999001970" in str(cell.value) for row in book[name].iter_rows() for cell in row)


# ---- the empty form


def test_the_template_is_what_the_script_builds():
    template = Path(__file__).parents[1] / "templates" / "一户一策.xlsx"
    assert template.read_bytes() == page_workbook(blank_pages())


def test_the_filled_template_is_read_back(tmp_path):
    file = tmp_path / "某户.xlsx"
    file.write_bytes(page_workbook(blank_pages()))
    book = openpyxl.load_workbook(file)
    sheet = book["一户一策"]
    rows = rows_of(sheet)
    sheet.cell(rows["户:户主"], 2).value, sheet.cell(rows["户:户主"], 5).value = "甲某", "H77"
    sheet.cell(rows["措施:新增1"], 2).value, sheet.cell(rows["措施:新增1"], 11).value = "种花椒", "未启动"
    book.save(file)
    (plan,) = read_plans(file)
    assert (plan.key, plan.name, plan.state) == ("H77", "甲某", "未启动")
    assert [(one.name, one.state, one.added) for one in plan.measures] == [("种花椒", "未启动", True)]


# ---- the formulas go on reckoning


def recalculated(file: Path, folder: Path) -> Path:
    """The workbook as LibreOffice reckons it."""
    need_libreoffice()
    book = openpyxl.load_workbook(file)  # openpyxl keeps no results
    copy = folder / f"neu_{file.name}"
    book.save(copy)
    out = folder / "out"
    profile = (folder / "profile").as_uri()
    subprocess.run(
        [office_program(), f"-env:UserInstallation={profile}", "--headless", "--convert-to",
         "xlsx:Calc MS Excel 2007 XML", "--outdir", str(out), str(copy)],
        check=True, capture_output=True, timeout=300, env={**os.environ},
    )  # fmt: skip
    return out / copy.name


def test_formulas_follow_what_is_filled_in(tmp_path):
    """奉节: visits only count, no calls; 阜阳: closing needs the measures done and no watch list."""
    file = made_file(tmp_path)
    filled(file)
    row = person("H1", "甲某", 户类型="脱贫户", 风险状态="无", 人均纯收入=9650, 上年人均纯收入=9000)
    other = ledger_file(tmp_path, row, name="另一.xlsx")
    closing = make_plans(other, policy="阜阳市", as_of=dt.date(2023, 10, 1)).target
    book = openpyxl.load_workbook(closing)
    sheet = book["001甲某"]
    rows = rows_of(sheet)
    begun = [key for key in rows if key.startswith("措施:") and not key.startswith(("措施:表头", "措施:新增"))]
    sheet.cell(rows[begun[0]], 11).value = "已完成"
    sheet.cell(rows["状态"], 2).value = "销号"
    sheet.cell(rows["收入:人均纯收入"], 6).value = 12000  # more than the ledger knew
    book.save(closing)

    sheets = {one.name: one for one in read_book(recalculated(file, tmp_path)).sheets}
    keys = {str(cells[12]).removeprefix("§"): cells for cells in sheets["001甲某"].rows}
    # January visited, February only called: five of six months are lacking
    assert keys["状态"][10] == 5
    assert keys["状态"][7] == 0
    assert keys["时限:一户一策制定"][10] == "按期"  # done on 20 January
    assert keys["时限:一户一策核查"][10] == "还剩46天"  # 15 June to 31 July
    index = sheets[INDEX].rows
    heads = index[4]
    first = dict(zip(heads, index[5]))
    assert (first["状态"], first["缺走访"], first["采用"], first["超期"]) == ("进行中", 5, 2, 0)
    assert dict(zip(heads, index[6]))["超期"] == 1  # no plan was made in January

    sheets = {one.name: one for one in read_book(recalculated(closing, tmp_path)).sheets}
    keys = {str(cells[12]).removeprefix("§"): cells for cells in sheets["001甲某"].rows}
    assert keys["分类:重点关注"][3] == "无"
    assert keys["销号:结论"][4] == "符合销号条件"
