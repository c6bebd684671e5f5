"""HOUSEHOLD_TOTAL, BENEFIT, what is due now, and the duties: calls and sentences beyond the cases of the documents."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st

from xl_poverty import CellError, formulas as f, office

FENGJIE, ZAOZHUANG, FUYANG, QIANJIN, SHUANGNIAN = "奉节县", "枣庄高新区", "阜阳市", "前进区", "双碾乡"

#: a household of 奉节县 that is in scope, and what it may claim
POOR = {"户类型": "脱贫户", "基期年人均纯收入": 9000}
MONITORED = {"户类型": "边缘易致贫户", "风险状态": "未消除"}
ELDER = {"事项": "孝善养老奖补", "成员": "张三", "周岁年龄": 65, "子女月缴赡养金": 600, "月数": 12}
STUDENT = {"事项": "新生助学资助", "成员": "小明", "学生人数": 1, "入学年份": 2023, "年份": 2023, "属于雨露计划": "否"}
YARD = {"事项": "产业到户奖补", "奖补途径": "五小经济奖补", "核定奖补额": 1500, "有意愿有能力": "是"}
WATCHED = {"事项": "产业到户奖补", "奖补途径": "监测对象产业奖扶", "核定奖补额": 2000}


def total(household, *claims, policy=FENGJIE, **rest):
    return f.HOUSEHOLD_TOTAL(household, list(claims), policy=policy, **rest)


def error(call, *arguments, **named) -> CellError:
    with pytest.raises(CellError) as caught:
        result = call(*arguments, **named)
        pytest.fail(f"a result where there is none: {result!r}")
    return caught.value


def why(household, *claims, policy=FENGJIE) -> str:
    return f.WHY("HOUSEHOLD_TOTAL", household, list(claims), policy=policy)


# ---- HOUSEHOLD_TOTAL: claims as mappings


def test_chinese_and_english_names_are_the_same():
    english = {
        "measure": "ELDER_SUBSIDY", "member": "张三", "age": 65, "monthly_payment": 600, "months": 12,
    }  # fmt: skip
    facts = {"household_type": "脱贫户", "income_base_year": 9000}
    assert total(POOR, ELDER) == total(facts, english) == total(facts, ELDER) == 720
    assert total(POOR, {**ELDER, "事项": "elder_subsidy"}) == 720
    named = {key: value for key, value in ELDER.items() if key != "成员"}
    assert total(POOR, {**named, "姓名": "张三"}) == 720


def test_every_label_is_known():
    """A claim of every measure that pays, with all its labels, is understood as far as its names go."""
    from xl_poverty.formulas.signatures import signatures

    for signature in signatures().values():
        if not signature.pays:
            continue
        claim = {"事项": signature.alias, **dict.fromkeys((a.label for a in signature.arguments), "待核实")}
        try:
            total({}, claim, policy=SHUANGNIAN)
        except CellError as problem:
            assert "不认识" not in problem.message, signature.name


def test_facts_of_the_household_stand_for_every_claim_and_a_claim_may_say_otherwise():
    assert total({**POOR, "月数": 3}, {**ELDER, "月数": None}, {**ELDER, "成员": "李四", "月数": ""}) == 360
    assert total({**POOR, "月数": 3}, ELDER) == 720
    assert total(POOR, {**ELDER, "基期年人均纯收入": 20000, "预估人均纯收入": 20000}, STUDENT) == 3000


def test_no_claim_is_nothing():
    for nothing in ([], None):
        assert f.HOUSEHOLD_TOTAL(POOR, nothing, policy=FENGJIE) == 0
    assert f.WHY("户应享合计", POOR, [], policy=FENGJIE).startswith("户应享合计：现金0元，没有申报事项；依据《奉节县")
    assert total(POOR, {"事项": "孝善养老奖补", "成员": "张三"}) == 0  # a claim of nothing


def test_the_day_of_a_claim():
    assert total(POOR, ELDER, as_of="2022-10-08") == 720
    assert total(POOR, ELDER, as_of="2022-10-07") == 0
    assert total(POOR, {**ELDER, "业务日期": "2022-10-07"}, STUDENT, as_of="2023-01-01") == 3000
    assert total({**POOR, "as_of": "2022-10-07"}, ELDER) == 0


def test_the_document_of_the_workbook():
    with office(policy=FENGJIE):
        assert f.HOUSEHOLD_TOTAL(POOR, [ELDER]) == 720
        assert "政策取自" in f.WHY("HOUSEHOLD_TOTAL", POOR, [ELDER])
    assert error(f.HOUSEHOLD_TOTAL, POOR, [ELDER]).code == "unknown_policy"


@pytest.mark.parametrize(
    ("household", "claims", "code", "told"),
    [
        ({"户型": "脱贫户"}, [ELDER], "unknown_option", "户的情况里不认识“户型”"),
        ({1: 2}, [ELDER], "unknown_option", "户的情况里不认识“1”"),
        (POOR, [{**ELDER, "年龄": 5}], "unknown_option", "申报事项里不认识“年龄”"),
        (POOR, [ELDER, {"成员": "李四"}], "missing", "第2项：缺少“事项”"),
        (POOR, [{**ELDER, "事项": "养老补贴"}], "unknown_option", "没有名为“养老补贴”的函数或事项"),
        (POOR, [{"事项": "收入增减"}], "unknown_option", "收入增减不是金额，不能计入合计"),
        (POOR, [{"事项": "本次应发"}], "unknown_option", "本次应发不是金额，不能计入合计"),
        (POOR, [{"事项": "#REF!"}], "excel_error", "“事项”单元格是错误值#REF!"),
        (POOR, [{"事项": "交通补贴"}], "not_specified", "没有规定交通补贴"),
        (
            POOR,
            [ELDER, {**ELDER, "成员": "李四", "周岁年龄": "老"}],
            "not_number",
            "第2项孝善养老奖补：“周岁年龄”填的是“老”",
        ),
        (POOR, [{**ELDER, "周岁年龄": "#DIV/0!"}], "excel_error", "第1项孝善养老奖补：“周岁年龄”单元格是错误值"),
        (POOR, [{**ELDER, "周岁年龄": None}], "missing", "第1项孝善养老奖补：缺少“周岁年龄”"),
        (POOR, [ELDER, {**ELDER, "成员": "张 三", "月数": 1}], "inconsistent", "同一人的月数合计13个月"),
        (POOR, [STUDENT, {**STUDENT, "成员": ""}], "missing", "新生助学资助有2行，一人只算一次，请填“成员”"),
        (POOR, [["孝善养老奖补", 65]], "inconsistent", "申报事项应写成 名称与值"),
        (POOR, ["孝善养老奖补"], "inconsistent", "申报事项应写成 名称与值"),
        (POOR, ELDER, "inconsistent", "申报事项应是一列"),
        (POOR, "孝善养老奖补", "inconsistent", "申报事项应是一列"),
        ("张三", None, "inconsistent", "请给出一张带表头的申报表"),
        (["脱贫户"], [ELDER], "inconsistent", "请给出一张带表头的申报表"),
    ],
)
def test_errors_of_a_household(household, claims, code, told):
    problem = error(f.HOUSEHOLD_TOTAL, household, claims, policy=FENGJIE)
    assert problem.code == code and told in problem.message, problem.message
    sentence = f.WHY("HOUSEHOLD_TOTAL", household, claims, policy=FENGJIE)
    assert sentence.startswith(f"户应享合计算不出（{problem.cell}）：") and problem.message in sentence


def test_the_error_of_a_claim_keeps_its_cell():
    for typed, cell in (("#REF!", "#REF!"), ("#N/A", "#N/A"), ("老", "#VALUE!"), (-1, "#NUM!"), (None, "#N/A")):
        assert error(total, POOR, {**ELDER, "周岁年龄": typed}).cell == cell


# ---- facts that follow from others


def test_the_scope_follows_from_type_risk_and_income():
    def paid(**facts):
        return total(facts, ELDER)

    assert paid(户类型="脱贫户", 基期年人均纯收入=10000) == 720
    assert paid(户类型="脱贫户", 基期年人均纯收入=10000.01, 预估人均纯收入=9999.99) == 720
    assert paid(户类型="脱贫户", 基期年人均纯收入=10000.01, 预估人均纯收入=10000) == 0
    assert paid(户类型="监测户", 风险状态="未消除") == 720
    assert paid(户类型="一般农户") == 0
    assert paid(属于政策对象="是") == paid(属于政策对象="是", 户类型="一般农户") == 720  # what is stated comes first
    assert paid(属于政策对象="否", 户类型="脱贫户", 基期年人均纯收入=1) == 0


def test_a_scope_that_cannot_be_told():
    problem = error(total, {"户类型": "脱贫户", "基期年人均纯收入": 20000}, ELDER)
    assert problem.code == "missing" and "预估人均纯收入" in problem.message
    problem = error(total, {}, ELDER)
    assert problem.code == "missing" and "属于政策对象" in problem.message
    problem = error(total, {"户类型": "一般农户", "风险状态": "未消除"}, ELDER)
    assert problem.cell in ("#N/A", "#NUM!")
    premium = {"事项": "生产保险保费补贴", "生产项目": "种植", "保费": 100.5}
    problem = error(total, {"户类型": "脱贫户"}, premium, policy=ZAOZHUANG)
    assert problem.code == "missing" and "没有注明是否享受政策" in problem.message
    # who states it need not be asked
    assert total({"户类型": "脱贫户"}, {**premium, "属于政策对象": "是"}, policy=ZAOZHUANG) == 100.5
    assert total({"户类型": "脱贫享受政策户"}, premium, policy=ZAOZHUANG) == 100.5
    assert total({"户类型": "边缘易致贫户", "风险状态": "未消除"}, premium, policy=ZAOZHUANG) == 100.5
    assert total({"户类型": "脱贫不享受政策户"}, premium, policy=ZAOZHUANG) == 0


def test_the_same_facts_give_the_same_scope_as_the_function():
    for kind in ("脱贫户", "脱贫享受政策户", "脱贫不稳定户", "边缘易致贫户", "监测户", "一般农户"):
        for risk in ("未消除", "已消除", "无", None):
            for income in (9999.99, 10000, 10000.01):
                facts = {
                    "household_type": kind,
                    "risk_status": risk,
                    "income_base_year": income,
                    "income_estimate": income,
                }
                try:
                    inside = f.LOW_INCOME_SCOPE(kind, income, income, risk, policy=FENGJIE)
                except CellError:
                    assert error(total, facts, ELDER)
                else:
                    assert total(facts, ELDER) == (720 if inside else 0), (kind, risk, income)


def test_a_reading_changes_the_scope():
    facts = {"户类型": "脱贫不稳定户", "风险状态": "已消除", "基期年人均纯收入": 5000}
    assert total(facts, ELDER) == 0
    with office(readings={"已消除的脱贫不稳定户": "按脱贫户看收入"}):
        assert total(facts, ELDER) == 720
    assert total(facts, ELDER) == 0


# ---- HOUSEHOLD_TOTAL: a table of cells

HEADS = ["姓名", "事项", "户类型", "基期年人均纯收入", "周岁年龄", "子女月缴赡养金", "月数"]
ROWS = [
    ["张三", "孝善养老奖补", "脱贫户", 9000, 65, 600, 12],
    ["李四", "孝善养老奖补", "脱贫户", 9000, 66, 300, 6],
]


def of_table(*rows, heads=HEADS, **rest):
    return f.HOUSEHOLD_TOTAL([heads, *rows], policy=FENGJIE, **rest)


def test_a_table_has_its_names_in_the_first_row():
    assert of_table(*ROWS) == 900
    assert of_table(*ROWS[::-1]) == 900
    assert of_table() == 0
    assert (
        of_table(
            *ROWS, heads=["成员", "measure", "household_type", "income_base_year", "age", "monthly_payment", "months"]
        )
        == 900
    )
    assert of_table(*ROWS, heads=[f" {head} " for head in HEADS]) == 900


def test_columns_that_nobody_asked_for_are_left_alone():
    wide = [[*row, "备注里什么都有 #REF!", 5, "#REF!"] for row in ROWS]
    assert of_table(*wide, heads=[*HEADS, "备注", None, 7]) == 900


def test_rows_that_are_blank_are_left_alone():
    blank = [None] * len(HEADS)
    assert of_table(blank, ROWS[0], ["", " ", None, *blank[3:]], ROWS[1], blank) == 900
    # a remark alone is no claim
    assert of_table(*[[*row, None] for row in ROWS], [*blank, "合计"], heads=[*HEADS, "备注"]) == 900


def test_a_row_without_its_measure():
    problem = error(of_table, ROWS[0], ["王五", None, *[None] * 5])
    assert problem.code == "missing" and problem.message.startswith("第2项：缺少“事项”")


def test_a_row_is_counted_among_the_claims():
    problem = error(of_table, ROWS[0], [None] * 7, ["李四", "孝善养老奖补", "脱贫户", 9000, "老", 300, 6])
    assert problem.message.startswith("第2项孝善养老奖补：“周岁年龄”")


@pytest.mark.parametrize("table", [[["姓名", "户类型"], ["张三", "脱贫户"]], [[None, None]], [[1, 2]]])
def test_a_table_without_the_measures(table):
    problem = error(f.HOUSEHOLD_TOTAL, table, policy=FENGJIE)
    assert problem.code == "missing" and problem.message == "申报表缺少“事项”列，请在表头写“事项”"


def test_tables_of_every_host():
    table = [HEADS, *ROWS]
    assert f.HOUSEHOLD_TOTAL(tuple(map(tuple, table)), policy=FENGJIE) == 900
    assert f.HOUSEHOLD_TOTAL(np.array(table, dtype=object), policy=FENGJIE) == 900
    numbers = [[np.int64(cell) if isinstance(cell, int) else cell for cell in row] for row in table]
    assert f.HOUSEHOLD_TOTAL(numbers, policy=FENGJIE) == 900


def test_a_table_and_mappings_say_the_same():
    heads = [*HEADS, "奖补途径", "核定奖补额", "有意愿有能力"]
    rows = [[*row, None, None, None] for row in ROWS]
    rows.append([None, "产业到户奖补", "脱贫户", 9000, None, None, None, "五小经济奖补", 2500, True])
    claims = [dict(zip(heads, row, strict=True)) for row in rows]
    assert of_table(*rows, heads=heads) == total({}, *claims) == 2900
    assert f.WHY("HOUSEHOLD_TOTAL", [heads, *rows], policy=FENGJIE) == why({}, *claims)


# ---- HOUSEHOLD_TOTAL: once, caps, exclusions, and the sentence


def test_every_amount_is_told_with_its_clause():
    title = "《奉节县促进低收入脱贫人口稳定增收的具体措施》"
    assert why(POOR, ELDER, STUDENT, YARD) == (
        f"户应享合计：现金5220元：张三孝善养老奖补720元（{title}第八条）；小明新生助学资助3000元（{title}第七条，下限）；"
        f"产业到户奖补1500元（{title}第四条）；依据{title}。"
    )


def test_what_was_cut_and_why():
    told = why(MONITORED, WATCHED, WATCHED, YARD)
    assert told.startswith("户应享合计：现金3000元：产业到户奖补2000元（")
    assert "产业到户奖补1000元（" in told and "单算2000元，全户合计已达每户上限" in told
    assert "产业到户奖补0元（" in told
    assert "单算1500元，“已享受2022年风险未消除监测对象产业奖扶资金的不再享受”" in told
    assert told.count("第四条") == 3
    told = why(POOR, STUDENT, {**STUDENT, "学生人数": 2})
    assert told.startswith("户应享合计：现金6000元") and "单算3000元，同一人只算一次，已按较高的一行" in told


def test_what_comes_to_nothing_says_why():
    told = why(POOR, {**ELDER, "周岁年龄": 59}, STUDENT)
    assert told.startswith("户应享合计：现金3000元：张三孝善养老奖补0元（") and "未达到60周岁" in told


def test_only_the_households_own_cash_is_counted():
    claims = [
        {"事项": "交通补贴", "成员": "张三", "是否劳动力": "是", "务工去向": "跨省"},
        {"事项": "职业介绍补贴", "就业地点": "省外", "合同月数": 12, "人数": 1, "每人申报额": 100},
        {"事项": "爱心消费券", "对象类别": "特困人员", "人数": 1},
        {"事项": "小额信贷可追加额", "贷款余额": 0, "申请追加": 100, "确有需要": "是", "具备还款能力": "是"},
    ]
    facts = {"户类型": "脱贫户"}
    alone = [f.HOUSEHOLD_TOTAL(facts, [claim], policy=SHUANGNIAN) for claim in claims]
    assert alone == [1500, 0, 0, 0]
    assert total(facts, *claims, policy=SHUANGNIAN) == 1500
    told = why(facts, *claims, policy=SHUANGNIAN)
    assert told.startswith("户应享合计：现金1500元：张三交通补贴1500元（双发〔2022〕67号第10条）；")
    parts = told.split("；")
    for part, nature in zip(parts[1:4], ("机构资金", "消费券", "贷款额度"), strict=True):
        assert f"{nature}，不计入现金）" in part and "元（双发〔2022〕67号第" in part, part
    assert "爱心消费券1500元" in told and "小额信贷可追加额100元" in told
    pension = {"事项": "养老保险代缴", "成员": "张三", "在缴费年龄段": True, "最低缴费标准": 300}
    told = why({"户类型": "脱贫享受政策户"}, pension, policy=ZAOZHUANG)
    assert told.startswith("户应享合计：现金0元：张三养老保险代缴300元") and "代缴，不计入现金" in told


def test_an_estimate_is_called_one():
    elder = {**ELDER, "残疾等级": "无", "子女月缴赡养金": 300}
    facts = {"户类型": "脱贫享受政策户"}
    assert total(facts, elder, policy=ZAOZHUANG) == 1080
    assert "上限估算" in why(facts, elder, policy=ZAOZHUANG)
    assert "上限估算" not in why(facts, {**elder, "奖补比例": 0.2}, policy=ZAOZHUANG)
    assert total(facts, {**elder, "奖补比例": 0.2}, policy=ZAOZHUANG) == 720


def test_amounts_are_added_exactly():
    premium = {"事项": "生产保险保费补贴", "生产项目": "种植", "属于政策对象": "是"}
    claims = [{**premium, "保费": amount} for amount in (0.1, 0.2, 0.3, 0.005, 1.005)]
    assert total({}, *claims, policy=ZAOZHUANG) == 1.62  # 0.10 0.20 0.30 0.01 1.01
    assert total({}, *claims * 40, policy=ZAOZHUANG) == 64.8


def test_the_number_of_a_member_is_never_told():
    number = "106001200001010011"
    told = why(POOR, {**ELDER, "成员": number}) + why(POOR, {**ELDER, "姓名": int(number)})
    told += why(POOR, {**ELDER, "成员": number}, {**ELDER, "成员": number})
    told += why(POOR, {**STUDENT, "成员": number}, {**STUDENT, "成员": number})
    told += why(POOR, {**ELDER, "成员": number, "周岁年龄": number})
    told += why({**POOR, number: 1}, ELDER) + why(POOR, {"事项": number})
    assert "720元" in told
    assert not any(number[start : start + 5] in told for start in range(len(number) - 4))


amounts = st.integers(0, 400000).map(lambda fen: fen / 100)
some_claims = st.lists(
    st.builds(lambda amount: {**YARD, "核定奖补额": amount}, amounts)
    | st.builds(lambda amount: {**WATCHED, "核定奖补额": amount}, amounts)
    | st.builds(lambda who, n: {**STUDENT, "成员": who, "学生人数": n}, st.sampled_from("甲乙"), st.integers(0, 2))
    | st.builds(
        lambda who, paid: {**ELDER, "成员": who, "子女月缴赡养金": paid, "月数": 4}, st.sampled_from("甲乙丙"), amounts
    ),
    max_size=3,
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(claims=some_claims, data=st.data())
def test_the_total_does_not_depend_on_the_order(claims, data):
    facts = {**MONITORED, "属于低收入脱贫人口": "是"}
    whole = total(facts, *claims)
    assert whole == total(facts, *data.draw(st.permutations(claims)))
    alone = sum(round(total(facts, claim) * 100) for claim in claims)
    assert 0 <= round(whole * 100) <= alone
    industry = [claim for claim in claims if claim["事项"] == "产业到户奖补"]
    assert total(facts, *industry) <= 3000


# ---- BENEFIT


TRAVEL = ("户类型", "脱贫户", "是否劳动力", True, "务工去向", "跨省")


def test_a_measure_by_its_name():
    assert f.BENEFIT("交通补贴", *TRAVEL, policy=SHUANGNIAN) == 1500
    assert f.BENEFIT("travel_subsidy", *TRAVEL, "政策", SHUANGNIAN) == 1500
    assert f.BENEFIT("TRAVEL_SUBSIDY", *TRAVEL, "policy", SHUANGNIAN, "as_of", "2026-01-01") == 0
    assert f.BENEFIT("交通补贴", *TRAVEL, "政策", SHUANGNIAN, "业务日期", dt.date(2025, 12, 31)) == 1500
    assert (
        f.BENEFIT("交通补贴", "destination", "跨省", household_type="脱贫户", is_labor="是", policy=SHUANGNIAN) == 1500
    )
    named = {"household_type": "脱贫户", "is_labor": True, "destination": "跨省"}
    assert f.BENEFIT(measure="交通补贴", policy=SHUANGNIAN, **named) == 1500
    with office(policy=SHUANGNIAN):
        assert f.BENEFIT([["交通补贴"]], *TRAVEL) == 1500


def test_it_is_what_the_function_gives():
    income = {"wage": 900, "business": 100, "property": 0, "transfer": 0, "business_cost": 200}
    pairs = [part for pair in income.items() for part in pair]
    assert f.BENEFIT("家庭纯收入", *pairs, policy=QIANJIN) == f.NET_INCOME(**income, policy=QIANJIN) == 800
    assert f.BENEFIT("指标达标", "指标", "岗位计划", "实际数", 3, policy=QIANJIN) is False
    assert f.BENEFIT("收入增减", "上年家庭收入", 1, "本年家庭收入", 2, policy=QIANJIN) == "增收"
    wages = [1000] * 6
    assert f.BENEFIT(
        "稳岗补助按月", "户类型", "脱贫户", "是否劳动力", "是", "逐月工资", wages, policy=SHUANGNIAN
    ) == f.STABLE_JOB_BONUS_BY_MONTH("脱贫户", "是", wages, policy=SHUANGNIAN)  # fmt: skip
    due = dt.date(2022, 8, 31)
    assert f.BENEFIT("截止日期", "时限事项", "建立台账", policy=QIANJIN) == due
    assert f.BENEFIT("户应享合计", "户的情况", POOR, "申报事项", [ELDER], policy=FENGJIE) == 720
    assert f.BENEFIT("政策清单") == f.POLICIES()


def test_a_value_may_be_a_range():
    where = [["跨省"], ["区内"], ["外省打工"]]
    first, second, third = f.BENEFIT("交通补贴", *TRAVEL[:-1], where, policy=SHUANGNIAN)
    assert first == [1500] and second == [0] and third[0].code == "unknown_option"
    assert f.BENEFIT("交通补贴", *TRAVEL[:-1], ["跨省"] * 100, policy=SHUANGNIAN) == [1500] * 100
    elder = ["in_scope", True, "age", 65, "disability_level", "无", "monthly_payment", 300]
    rates = f.BENEFIT("孝善养老奖补", *elder, "rate", 0.3, policy=[FENGJIE, ZAOZHUANG])
    assert rates == [30, 90]
    assert f.BENEFIT("本次应发", "应享金额", [5, 3], "已发金额", [[2], [4]]) == [[3, 1], [1, 0]]


def test_a_pair_left_empty_counts_for_nothing():
    assert f.BENEFIT("交通补贴", *TRAVEL, None, None, "", "跨省", " ", 5, policy=SHUANGNIAN) == 1500


@pytest.mark.parametrize(
    ("pairs", "named", "code", "told"),
    [
        ((None,), {}, "missing", "缺少“事项”"),
        ((" ",), {}, "missing", "缺少“事项”"),
        ((["交通补贴", "稳岗补助"],), {}, "unknown_option", "一次只算一个事项"),
        (("交通费",), {}, "unknown_option", "没有名为“交通费”的函数或事项"),
        ((5,), {}, "unknown_option", "没有名为“5”的函数或事项"),
        (("交通补贴", "户类型"), {}, "inconsistent", "参数应成对"),
        (("交通补贴", "户型", "脱贫户"), {}, "unknown_option", "交通补贴没有参数“户型”，有：户类型、是否劳动力"),
        (("交通补贴", 5, "脱贫户"), {}, "unknown_option", "交通补贴没有参数“5”"),
        (("交通补贴",), {"wage": 5}, "unknown_option", "交通补贴没有参数“wage”"),
        (("交通补贴", "户类型", "脱贫户", "household_type", "监测户"), {}, "inconsistent", "写了两次"),
        (("交通补贴", "户类型", "脱贫户"), {"household_type": "脱贫户"}, "inconsistent", "写了两次"),
        (("交通补贴", "政策", "双碾乡"), {"policy": "双碾乡"}, "inconsistent", "写了两次"),
        (("交通补贴", *TRAVEL), {"policy": "奉节县"}, "not_specified", "没有规定交通补贴"),
        (("交通补贴", *TRAVEL), {"policy": "某乡"}, "unknown_policy", "没有名为“某乡”的政策"),
        (("交通补贴", *TRAVEL), {}, "unknown_policy", "没有指明政策"),
        (("交通补贴", *TRAVEL[:-2]), {"policy": "双碾乡", "actual_cost": 5}, "missing", "缺少“务工去向”"),
    ],
)
def test_errors_of_benefit(pairs, named, code, told):
    problem = error(f.BENEFIT, *pairs, **named)
    assert problem.code == code and told in problem.message, problem.message


def test_no_number_of_a_person_is_told_by_benefit():
    number = "106001200001010011"
    for call in ((number,), ("交通补贴", number, 1), ("交通补贴", "户类型", number, "务工去向", "跨省")):
        message = error(f.BENEFIT, *call, policy=SHUANGNIAN).message
        assert not any(number[start : start + 5] in message for start in range(len(number) - 4))


# ---- DUE_NOW


@pytest.mark.parametrize(
    ("due", "paid", "left"),
    [(5, 3, 2), (5, 5, 0), (5, 8, 0), (0, 0, 0), (0.3, 0.1, 0.2), ("５", "3", 2), (1.005, 0, 1.01), (1.005, 1, 0.01)]
    + [(1500, 1499.99, 0.01), (np.float64(5), np.int64(3), 2)],
)
def test_what_is_still_due(due, paid, left):
    assert f.DUE_NOW(due, paid) == left


@pytest.mark.parametrize(
    ("due", "paid", "code"),
    [(5, None, "missing"), (None, 5, "missing"), ("", " ", "missing"), (5, -1, "negative"), (5, "元", "not_number")]
    + [(True, 1, "not_number"), ("#N/A", 1, "excel_error"), (10**13, 1, "out_of_range"), (float("nan"), 1, "nan")],
)
def test_what_is_due_cannot_be_told(due, paid, code):
    assert error(f.DUE_NOW, due, paid).code == code


def test_what_is_due_in_ranges_and_sentences():
    results = f.DUE_NOW([5, None, 7, "x"], [[1], [9]])
    assert [[r.code if isinstance(r, CellError) else r for r in row] for row in results] == [
        [4, "missing", 6, "not_number"], [0, "missing", 0, "not_number"],
    ]  # fmt: skip
    assert f.WHY("DUE_NOW", 1500, 1000.5) == "本次应发：应享1500元－已发1000.5元＝499.5元。"
    assert f.WHY("本次应发", 5, 8) == "本次应发：应享5元－已发8元，多发3元，请核实。"
    assert "缺少“已发金额”：没有发过请填0" in f.WHY("本次应发", 5, None)


# ---- FIRST_OF


def test_the_first_of_each_key():
    assert f.FIRST_OF([["甲"], ["乙"], ["甲"], [None], [" 甲 "], ["乙"]]) == [
        [True], [True], [False], [False], [False], [False],
    ]  # fmt: skip
    assert f.FIRST_OF(["a", "A", "ａ", "b"])[:2] == [True, False]
    assert f.FIRST_OF([1, 1.0, "1", 2, 1.5]) == [True, False, False, True, True]
    assert f.FIRST_OF([["甲", "乙"], ["乙", "丙"]]) == [[True, True], [False, True]]
    assert f.FIRST_OF("甲") is True and f.FIRST_OF(None) is False and f.FIRST_OF([]) == []
    assert f.FIRST_OF((("甲",), ("甲",))) == f.FIRST_OF(np.array([["甲"], ["甲"]])) == [[True], [False]]
    assert f.FIRST_OF(pd.Series(["甲", "乙", "甲"])) == [True, True, False]


def test_numbers_of_persons_are_one_by_their_first_18_characters():
    person = "106001200001010011"
    other = "106001200001010020"
    typed = [person, f" {person[:6]} {person[6:14]} {person[14:]}", f"{person}44", f"{person}44B1", other, f"{other}43"]
    assert f.FIRST_OF(typed) == [True, False, False, False, True, False]


def test_an_error_among_keys_is_that_cells_error():
    results = f.FIRST_OF(["#REF!", "甲", CellError("missing", "空", "#N/A"), "甲"])
    assert [r.cell if isinstance(r, CellError) else r for r in results] == ["#REF!", True, "#N/A", False]


def test_a_number_that_lost_its_digits_is_no_key():
    problem = error(f.FIRST_OF, 1.06001200001e17)
    assert problem.code == "out_of_range" and "失真" in problem.message


# ---- deadlines and visits in words


@pytest.mark.parametrize(
    ("arguments", "policy", "told"),
    [
        (
            ("新增监测对象措施", "2023-03-01"),
            FENGJIE,
            "新增监测对象措施截止2023年3月11日（自2023年3月1日起10日内，当日不算）",
        ),
        (
            ("新增监测对象措施", "2024-02-25"),
            FUYANG,
            "新增监测对象措施截止2024年3月6日（自2024年2月25日起10日内，当日不算）",
        ),
        (("一户一策制定", None, 2023), FENGJIE, "一户一策制定截止2023年1月31日（2023年1月内）"),
        (("一户一策核查", None, "2024"), FENGJIE, "一户一策核查截止2024年7月31日（2024年7月内）"),
        (("帮扶措施",), FUYANG, "帮扶措施截止2023年11月30日（原文写明的日期）"),
        (("建立台账", None, 2022), QIANJIN, "建立台账截止2022年8月31日（原文写明的日期）"),
    ],
)
def test_a_deadline_in_words(arguments, policy, told):
    sentence = f.WHY("DEADLINE", *arguments, policy=policy)
    clause = {FENGJIE: "第九条", FUYANG: "第2条", QIANJIN: "第四部分（三）"}[policy]
    assert sentence.startswith(f"截止日期：{told}；依据") and sentence.endswith(f"{clause}。")
    last = f.DEADLINE(*arguments, policy=policy)
    assert f"{last.year}年{last.month}月{last.day}日" in told


def test_the_year_of_a_deadline():
    assert f.DEADLINE("一户一策制定", policy=FENGJIE, as_of="2024-05-05") == dt.date(2024, 1, 31)
    assert f.DEADLINE("一户一策制定", None, 2023, policy=FENGJIE, as_of="2024-05-05") == dt.date(2023, 1, 31)
    assert f.DEADLINE("建立台账", policy=QIANJIN, as_of="2024-05-05") == dt.date(2022, 8, 31)
    assert error(f.DEADLINE, "建立台账", None, 2023, policy=QIANJIN).code == "not_specified"
    assert error(f.DEADLINE, "一户一策制定", policy=FENGJIE).code == "missing"
    assert error(f.DEADLINE, "一户一策制定", None, 2023.5, policy=FENGJIE).code == "not_integer"
    assert error(f.DEADLINE, "一户一策制定", None, 199, policy=FENGJIE).code == "out_of_range"
    assert f.DEADLINE(
        ["新增监测对象措施", "一户一策制定", "建立台账"], ["2023-03-01", None, None], 2023, policy=FENGJIE
    )[:2] == [dt.date(2023, 3, 11), dt.date(2023, 1, 31)]  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "policy", "holds"),
    [
        (("新增监测对象措施", "2023-03-11", "2023-03-01"), FENGJIE, True),
        (("新增监测对象措施", "2023-03-12", "2023-03-01"), FENGJIE, False),
        (("新增监测对象措施", "2023-03-01", "2023-03-01"), FUYANG, True),
        (("一户一策核查", "2023-06-30", None, 2023), FENGJIE, False),
        (("一户一策核查", "2023-07-01", None, 2023), FENGJIE, True),
        (("一户一策核查", "2023-08-01", None, 2023), FENGJIE, False),
        (("增收措施", "2023-09-30"), FUYANG, True),
        (("增收措施", "2023-10-01"), FUYANG, False),
        (("收入核算", "2022-01-01"), QIANJIN, True),
    ],
)
def test_in_time_in_words(arguments, policy, holds):
    assert f.ON_TIME(*arguments, policy=policy) is holds
    sentence = f.WHY("ON_TIME", *arguments, policy=policy)
    done = dt.date.fromisoformat(arguments[1])
    assert sentence.startswith(
        f"是否按期：{'是' if holds else '否'}，{done.year}年{done.month}月{done.day}日完成，应"
    )
    assert "依据" in sentence


def test_done_before_it_began():
    problem = error(f.ON_TIME, "新增监测对象措施", "2023-02-28", "2023-03-01", policy=FENGJIE)
    assert problem.code == "inconsistent" and "2023年2月28日" in problem.message
    assert error(f.ON_TIME, "增收措施", None, policy=FUYANG).code == "missing"
    assert error(f.ON_TIME, "增收措施", "去年", policy=FUYANG).code == "bad_date"


def test_visits_in_words():
    visits = [1, 0, 1, None, *[1] * 8]
    assert f.VISIT_GAPS(visits, None, "低收入", "否", policy=ZAOZHUANG) == 2
    assert f.WHY("VISIT_GAPS", visits, None, "低收入", "否", policy=ZAOZHUANG) == (
        "缺走访月数：2个月（2、4月），每月至少走访1次，全年12个月都算；依据枣高社字【2023】16号第3条。"
    )
    away = f.WHY("VISIT_GAPS", [0] * 12, [1, 0] * 6, "低收入", "是", policy=ZAOZHUANG)
    assert "6个月（2、4、6、8、10、12月）" in away and "长期不在家的电话、微信联系也算" in away
    assert "0个月，低收入户才须按月走访" in f.WHY("VISIT_GAPS", [0] * 12, None, "高收入", policy=ZAOZHUANG)
    march = f.WHY("VISIT_GAPS", [12, *[0] * 11], [1] * 12, None, "是", policy=FENGJIE, as_of="2023-03-15")
    assert "2个月（2、3月）" in march and "算到3月" in march and "联系也算" not in march
    assert "0，未申报" in f.WHY("VISIT_GAPS", None, policy=ZAOZHUANG)
    assert "只有一类户须按月走访" in f.WHY("VISIT_GAPS", [0] * 12, policy=ZAOZHUANG)
    assert "没有规定缺走访月数" in f.WHY("VISIT_GAPS", [0] * 12, policy=SHUANGNIAN)


def test_months_of_age_in_words():
    year = "2023-01-01", "2023-12-31"
    assert f.WHY("ELDER_MONTHS", "1963-05-20", "无", *year, policy=ZAOZHUANG) == (
        "达龄月数：8个月，2023年1月1日至2023年12月31日，1963年5月20日生，须满60周岁；依据枣高社字【2023】16号第20条。"
    )
    assert "须满55周岁" in f.WHY("ELDER_MONTHS", "1968-05-20", "一级", *year, policy=ZAOZHUANG)
    assert f.ELDER_MONTHS("1963-05-20", None, *year, policy=FENGJIE) == 8
    assert "缺少“残疾等级”" in f.WHY("ELDER_MONTHS", "1963-05-20", None, *year, policy=ZAOZHUANG)
    assert "“开始日期”晚于“结束日期”" in f.WHY("ELDER_MONTHS", "1963-05-20", "无", *year[::-1], policy=ZAOZHUANG)


# ---- faults that were there once


def test_an_argument_that_is_written_twice():
    assert error(total, POOR, {**ELDER, "months": 1}).code == "inconsistent"


def test_a_claim_under_another_document():
    assert error(total, POOR, {**ELDER, "政策": ZAOZHUANG}).code in ("inconsistent", "unknown_option")


def test_a_header_with_a_line_break():
    heads = [head.replace("月数", "月\n数") for head in HEADS]
    assert of_table(*ROWS, heads=heads) == 900


def test_a_range_in_place_of_a_name():
    assert (
        error(f.BENEFIT, "交通补贴", [["户类型"], ["是否劳动力"]], "脱贫户", policy=SHUANGNIAN).code == "unknown_option"
    )


def test_the_first_of_each_key_in_words():
    assert f.WHY("FIRST_OF", ["甲", "甲"]).startswith("首次出现：")


def test_a_number_that_lost_its_digits_is_its_own_cells_error():
    first, second = f.FIRST_OF([1.06001200001e17, "甲"])
    assert first.code == "out_of_range" and second is True


def test_who_does_not_know_what_is_due_is_not_told_to_write_0():
    assert "请填0" not in error(f.DUE_NOW, None, 5).message


def test_benefit_in_words():
    assert "1500元" in f.WHY("BENEFIT", "交通补贴", *TRAVEL, policy=SHUANGNIAN)
