"""The calling surface: what goes in, what comes out, and in which order things are checked."""
import datetime as dt
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, strategies as st

import xl_poverty
from xl_poverty import CellError, formulas as f, native_formula
from xl_poverty.formulas.native import NoFormula

S = "双碾乡"


def code(call):
    with pytest.raises(CellError) as caught:
        call()
    return caught.value.code


# ---- single cells


def test_the_three_of_the_contract():
    assert f.TRAVEL_SUBSIDY("脱贫户", True, "跨省", policy=S) == 1500
    assert f.STABLE_JOB_BONUS("脱贫户", True, 6, 1000, policy=S) == 1200
    assert f.EMPLOYMENT_BASE_AWARD(99, True, policy=S) == 100000
    assert code(lambda: f.TRAVEL_SUBSIDY("脱贫户", True, "跨省")) == "unknown_policy"


@pytest.mark.parametrize(
    "name", ["双碾乡", "shuangnian_2022", "双发〔2022〕67号", "双发[2022]67号", "双发【２０２２】67号"]
)
def test_a_document_by_any_of_its_names(name):
    assert f.PV_VILLAGE_SHARE(100, policy=name) == 90


@pytest.mark.parametrize("name", ["双碾", "双碾镇", "双碾乡政府", "双发〔2022〕68号", 5])
def test_never_a_similar_document(name):
    assert code(lambda: f.PV_VILLAGE_SHARE(100, policy=name)) == "unknown_policy"


def test_plain_python_results():
    assert type(f.TRAVEL_SUBSIDY("脱贫户", True, "跨省", policy=S)) is int
    assert type(f.GRAIN_SUBSIDY(0.3, policy=S)) is float
    assert f.ABSORB_ELIGIBLE(1000, 300, True, policy=S) is True
    assert f.DEADLINE("再贷款展期", policy=S) == dt.date(2025, 12, 31)


@pytest.mark.parametrize(
    "three", [3, 3.0, "3", " 3 ", "３", "3.0", "+3", Decimal("3"), Fraction(3), np.int64(3), np.float32(3)]
)
def test_ways_to_write_a_number(three):
    assert f.PIG_BREED_SUBSIDY("散养户", three, True, policy=S) == 150


@pytest.mark.parametrize(
    ("value", "error"),
    [("3头", "not_number"), ("1,000", "not_number"), ("1e3", "not_number"), ("10%", "not_number"),
     ("2-3", "not_number"), ("约5", "not_number"), (True, "not_number"), (-1, "negative"), (1.5, "not_integer"),
     (float("nan"), "nan"),
     (float("inf"), "infinite"), ("待核实", "unverified"), (dt.date(2024, 1, 1), "not_number")],
)  # fmt: skip
def test_what_is_no_number(value, error):
    assert code(lambda: f.PIG_BREED_SUBSIDY("散养户", value, True, policy=S)) == error


@pytest.mark.parametrize("yes", [True, 1, 1.0, "是", "TRUE", "true", "√", "有", " 是 ", np.True_])
def test_ways_to_say_yes(yes):
    assert f.EMPLOYMENT_BASE_AWARD(30, yes, policy=S) == 50000


@pytest.mark.parametrize("unclear", ["可能", 2, -1, "y"])
def test_what_is_neither_yes_nor_no(unclear):
    assert code(lambda: f.EMPLOYMENT_BASE_AWARD(30, unclear, policy=S)) == "unknown_option"


def test_an_error_cell_stays_that_error():
    for cell in ("#N/A", "#REF!", "#DIV/0!"):
        with pytest.raises(CellError) as caught:
            f.PV_VILLAGE_SHARE(cell, policy=S)
        assert (caught.value.code, caught.value.cell) == ("excel_error", cell)
    inner = CellError("negative", "“面积”是负数")
    with pytest.raises(CellError) as caught:
        f.PV_VILLAGE_SHARE(inner, policy=S)
    assert (caught.value.code, caught.value.cell) == ("excel_error", "#NUM!")


def test_blank_is_not_zero():
    assert f.STABLE_JOB_BONUS("脱贫户", True, None, None, policy=S) == 0  # nothing claimed
    assert f.STABLE_JOB_BONUS("脱贫户", True, "", "  ", policy=S) == 0
    assert code(lambda: f.STABLE_JOB_BONUS("脱贫户", True, 6, None, policy=S)) == "missing"
    assert code(lambda: f.STABLE_JOB_BONUS(None, True, 6, 1000, policy=S)) == "missing"
    assert f.STABLE_JOB_BONUS("脱贫户", True, 6, 0, policy=S) == 0


def test_no_claim_whatever_else_stands_in_the_row():
    assert f.TRAVEL_SUBSIDY("#N/A", "？", None, policy=S) == 0


def test_order_of_checks():
    call = f.STABLE_JOB_BONUS
    assert code(lambda: call("？", True, None, "1000元", policy="无")) == "unknown_policy"
    assert code(lambda: call("？", True, None, "1000元", policy=S)) == "missing"
    assert code(lambda: call("？", True, float("nan"), "1000元", policy=S)) == "not_number"
    assert code(lambda: call("？", True, float("nan"), -1, policy=S)) == "nan"
    assert code(lambda: call("？", True, 6, -1, policy=S)) == "unknown_option"
    assert code(lambda: call("一般农户", True, 6, -1, policy=S)) == "negative"
    assert call("一般农户", True, 6, 1000, policy=S) == 0


def test_arguments_that_the_document_does_not_use_are_ignored():
    assert f.TRAVEL_SUBSIDY("脱贫户", True, "跨省", work_place="？", work_months="半年", policy=S) == 1500
    assert f.COURTYARD_AWARD("脱贫户", 1800, per_capita_income="#N/A", policy=S) == 1800


@pytest.mark.parametrize(
    "day", ["2025-12-31", "2025年12月31日", "2025.12.31", "2025/12/31", "20251231", 20251231, 46022, 46022.75,
            dt.date(2025, 12, 31), dt.datetime(2025, 12, 31, 18)],
)  # fmt: skip
def test_ways_to_write_the_last_day(day):
    assert f.TRAVEL_SUBSIDY("脱贫户", True, "跨省", policy=S, as_of=day) == 1500


@pytest.mark.parametrize("day", ["2025-02-30", "去年", "2025", True, -1, 0, 1e9, "2025年12月"])
def test_what_is_no_date(day):
    assert code(lambda: f.TRAVEL_SUBSIDY("脱贫户", True, "跨省", policy=S, as_of=day)) == "bad_date"


def test_reckoning_an_income_is_not_bound_to_the_period():
    assert f.NET_INCOME(1, 2, 3, 4, 5, policy=S, as_of="2021-12-31") == 5
    assert f.NET_INCOME(1, 2, 3, 4, 5, policy=S, as_of="2026-12-31") == 5


def test_true_is_no_date_even_after_the_serial_1_was_one():
    assert f.TRAVEL_SUBSIDY("脱贫户", True, "跨省", policy=S, as_of=1) == 0  # 1900-01-01: before the document
    assert code(lambda: f.TRAVEL_SUBSIDY("脱贫户", True, "跨省", policy=S, as_of=True)) == "bad_date"


# ---- ranges


def test_a_column_gives_a_column():
    column = [["跨省"], ["省内区外"], ["区内"]]
    assert f.TRAVEL_SUBSIDY("脱贫户", True, column, policy=S) == [[1500], [600], [0]]
    assert f.TRAVEL_SUBSIDY("脱贫户", True, ["跨省", "省内区外"], policy=S) == [1500, 600]
    assert f.TRAVEL_SUBSIDY("脱贫户", True, np.array(["跨省", "区内"]), policy=S) == [1500, 0]


def test_a_column_and_a_row_give_a_table():
    months, wages = [[5], [6]], [[999, 1000, 1001]]
    assert f.STABLE_JOB_BONUS("脱贫户", True, months, wages, policy=S) == [[0, 0, 0], [0, 1200, 1200]]


def test_shapes_that_do_not_fit():
    assert code(lambda: f.STABLE_JOB_BONUS("脱贫户", True, [[5], [6]], [[1], [2], [3]], policy=S)) == "inconsistent"
    assert code(lambda: f.STABLE_JOB_BONUS("脱贫户", True, [[5], [6, 7]], 1000, policy=S)) == "inconsistent"


def test_an_error_in_one_row_leaves_the_others_alone():
    rows = f.PIG_BREED_SUBSIDY("散养户", [[1], ["两头"], [None], [-1], ["#REF!"], [2]], True, policy=S)
    assert [getattr(cell, "code", cell) for (cell,) in rows] == [50, "not_number", 0, "negative", "excel_error", 100]


@pytest.mark.parametrize("rows", [3, 200])  # the short way and the way through columns
def test_dates_and_documents_by_row(rows):
    days = [["2025-12-31"], ["2026-01-01"], ["？"]] * rows
    policies = [[S], [S], [S]] * (rows - 1) + [["无"], [None], [S]]
    cells = f.TRAVEL_SUBSIDY("脱贫户", True, "跨省", policy=policies, as_of=days)
    told = [getattr(cell, "code", cell) for (cell,) in cells]
    assert told == [1500, 0, "bad_date"] * (rows - 1) + ["unknown_policy", "unknown_policy", "bad_date"]


def test_lists_of_months():
    year = [1000] * 5 + [None] + [1000] * 6
    call = f.STABLE_JOB_BONUS_BY_MONTH
    assert call("脱贫户", True, year, policy=S) == 1200
    assert call("脱贫户", True, [[v] for v in year], policy=S) == 1200  # one column is one list
    assert call("脱贫户", True, [year], policy=S) == 1200
    broken = [1000] * 5 + [900] + [1000] * 5 + [None]
    assert call("脱贫户", True, [year, broken], policy=S) == [[1200], [0]]
    assert call([["脱贫户"], ["一般农户"]], True, year, policy=S) == [[1200], [0]]
    assert code(lambda: call("脱贫户", True, [1000] * 5, policy=S)) == "inconsistent"
    assert code(lambda: call("脱贫户", True, 1000, policy=S)) == "inconsistent"
    assert call("脱贫户", True, [None] * 12, policy=S) == 0


def test_indicators_by_row():
    names = [["产业资金占比"], ["包销市级"], ["知晓率"], ["？"], [None]]
    cells = f.INDICATOR_OK(names, 55, 100, policy=S)
    assert [getattr(cell, "code", cell) for (cell,) in cells] == [
        True, False, "not_specified", "unknown_option", "missing"]  # fmt: skip


plain_rows = st.lists(
    st.tuples(
        st.sampled_from(["脱贫户", "监测户", "一般农户", "？", None, "一般脱贫户"]),
        st.sampled_from([True, False, "是", "弱劳动力或半劳动力", None, 2]),
        st.one_of(st.integers(-1, 13), st.sampled_from([5.99, 6.0, "6", "半年", None, float("nan")])),
        st.one_of(st.integers(900, 1100), st.sampled_from([999.99, "1000", "１０００", "", "#N/A", 1e15, 10**400])),
    ),
    min_size=64, max_size=80,
)  # fmt: skip


@given(plain_rows)
def test_a_column_is_its_cells(rows):
    columns = [[[row[i]] for row in rows] for i in range(4)]
    for row, (cell,) in zip(rows, f.STABLE_JOB_BONUS(*columns, policy=S), strict=True):
        try:
            assert f.STABLE_JOB_BONUS(*row, policy=S) == cell
        except CellError as error:
            assert (error.code, error.cell, error.message) == (cell.code, cell.cell, cell.message)


# ---- defaults and 口径


def test_defaults_by_office():
    with xl_poverty.office(policy=S, readings={"TRAVEL_SUBSIDY": "限额据实"}):
        assert f.TRAVEL_SUBSIDY("脱贫户", True, "跨省", 900) == 900
        assert f.TRAVEL_SUBSIDY("脱贫户", True, "跨省", 1800) == 1500
        with xl_poverty.office(readings={"交通补贴": "定额"}):
            assert f.TRAVEL_SUBSIDY("脱贫户", True, "跨省", 900) == 1500
        assert f.TRAVEL_SUBSIDY("脱贫户", True, "跨省", 900) == 900
    assert code(lambda: f.TRAVEL_SUBSIDY("脱贫户", True, "跨省", 900)) == "unknown_policy"


def test_a_reading_that_is_none_is_an_error():
    for readings in ({"TRAVEL_SUBSIDY": "限额"}, {"弱劳力": "不计入"}):
        with xl_poverty.office(policy=S, readings=readings):
            assert code(lambda: f.TRAVEL_SUBSIDY("脱贫户", True, "跨省")) == "unknown_option"


def test_office_file_lines_by_year(tmp_path):
    file = tmp_path / "office.toml"
    file.write_text(
        'policy = "双碾乡"\n[lines."监测指导线"]\n2024 = { value = 8000, source = "例一" }\n2025 = { value = 8500 }\n',
        encoding="utf-8",
    )
    with xl_poverty.office(file=file):
        gap = f.POVERTY_INSURANCE_GAP
        assert gap("脱贫户", 7000, None, 3, as_of="2024-12-31") == 3000
        assert gap("脱贫户", 7000, None, 3, as_of="2025-12-31") == 4500
        assert gap("脱贫户", 7000, 7500, 3, as_of="2025-12-31") == 1500
        assert code(lambda: gap("脱贫户", 7000, None, 3, as_of="2023-12-31")) == "missing"
        assert code(lambda: gap("脱贫户", 7000, None, 3)) == "missing"  # which year is not known
        sentence = f.WHY("POVERTY_INSURANCE_GAP", "脱贫户", 7000, None, 3, as_of="2024-12-31")
        assert "3000元/户" in sentence and "office.toml" in sentence and "2024年监测指导线（例一）" in sentence
        assert "政策取自office.toml" in sentence


def test_a_broken_office_file_names_every_mistake(tmp_path):
    file = tmp_path / "office.toml"
    file.write_text('polcy = "双碾乡"\nas_of = "去年"\n[lines.x]\nlater = 3\n', encoding="utf-8")
    with pytest.raises(xl_poverty.PolicyError) as caught, xl_poverty.office(file=file):
        pass
    assert len(caught.value.mistakes) == 3


# ---- sentences, clauses, lists


def test_why_says_amount_numbers_clause_and_date():
    sentence = f.WHY("TRAINING_SUBSIDY", "订单式", 35, 0.8, policy=S)
    steps = ("4000元/人", "前10天每天150元", "之后25天每天100元", "已达上限")
    for part in (*steps, "双发〔2022〕67号第18条", "未检验有效期"):
        assert part in sentence
    assert "未检验有效期" not in f.WHY("TRAINING_SUBSIDY", "订单式", 35, 0.8, policy=S, as_of="2024-01-01")


def test_why_of_zero_names_the_condition_and_of_an_error_the_remedy():
    sentence = f.WHY("稳岗补助", "脱贫户", True, 5.99, 1000, policy=S)
    assert "连续外出务工不足6个月（连续外出务工月数：5.99个月）" in sentence
    assert "未申报" in f.WHY("TRAVEL_SUBSIDY", "脱贫户", True, None, policy=S)
    assert "不在政策有效期内" in f.WHY("TRAVEL_SUBSIDY", "脱贫户", True, "跨省", policy=S, as_of="2026-01-01")
    assert "缺少“月工资”" in f.WHY("STABLE_JOB_BONUS", "脱贫户", True, 6, None, policy=S)
    assert "没有规定收入分档" in f.WHY("TIER", 9000, policy=S)
    assert "没有指明政策" in f.WHY("TIER", 9000)
    assert f.WHY("TRAVEL_SUBSIDY", "脱贫户", True, [["跨省"], ["区内"]], policy=S)[1][0].startswith("交通补贴0元")


def test_why_of_every_plain_function():
    assert "2025年12月31日" in f.WHY("DEADLINE", "再贷款 展期", policy=S)
    assert "第2条" in f.WHY("ON_TIME", "再贷款展期", "2025-12-31", policy=S)
    assert "是" in f.WHY("IN_FORCE", "2025-12-31", policy=S)
    assert code(lambda: f.WHY("不存在的事项", policy=S)) == "unknown_option"


def test_clauses():
    assert f.POLICY_CLAUSE("TRAVEL_SUBSIDY", policy=S).endswith("（双发〔2022〕67号第10条）")
    assert "跨省务工的补贴标准从最高不超过800元提高到1500元" in f.POLICY_CLAUSE("交通补贴", policy=S)
    assert f.POLICY_CLAUSE("10", policy=S) == f.POLICY_CLAUSE(10, policy=S) == f.POLICY_CLAUSE("第10条", policy=S)
    for number in ("21", 22, 27.0):
        assert "没有第2" in f.POLICY_CLAUSE(number, policy=S)
    assert "没有第31条" in f.POLICY_CLAUSE("31", policy=S)
    assert code(lambda: f.POLICY_CLAUSE("TIER", policy=S)) == "not_specified"


def test_parameters():
    assert f.POLICY_PARAM("STABLE_JOB_BONUS", "min_months", policy=S) == 6
    assert f.POLICY_PARAM("稳岗补助", "最低月工资", policy=S) == 1000
    assert f.POLICY_PARAM("交通补贴", "省内区外", policy=S) == 600
    assert f.POLICY_PARAM("低保标准", "high", policy=S) == 0.55
    assert code(lambda: f.POLICY_PARAM("交通补贴", "乡内", policy=S)) == "unknown_option"


def test_lists_of_documents_and_measures():
    assert ["shuangnian_2022", S, "双发〔2022〕67号", dt.date(2022, 8, 12), dt.date(2025, 12, 31)] in f.POLICIES()
    rows = f.MEASURES(policy=S)
    assert ["TRAVEL_SUBSIDY", "交通补贴", "第10条", "定额", "现金", "个人"] in rows
    assert ["MICROLOAN_TOPUP", "小额信贷可追加额", "第2条", "上限内", "贷款额度", "户"] in rows


long_numbers = st.from_regex(r"[1-9]\d{5}(19|20)\d{9}[\dX]", fullmatch=True)


@given(long_numbers, st.sampled_from(["household_type", "is_labor", "destination", "actual_cost", "as_of", "policy"]))
def test_no_message_repeats_a_long_number(number, place):
    call = dict(household_type="脱贫户", is_labor=True, destination="跨省", policy=S) | {place: number}
    for value in (number, int(number[:17]), float(number[:17])):
        call[place] = value
        try:
            f.TRAVEL_SUBSIDY(**call)
        except CellError as error:
            assert number[:6] not in error.message and number[6:14] not in error.message
        sentence = f.WHY("TRAVEL_SUBSIDY", **call)
        if place != "actual_cost":  # an amount is shown as an amount
            assert number[6:14] not in sentence


@pytest.mark.parametrize("name", ["ELDER_MONTHS", "DEADLINE", "VISIT_GAPS", "HOUSEHOLD_TOTAL", "BENEFIT", "WHY"])
def test_what_is_no_rule_has_no_native_formula(name):
    with pytest.raises(NoFormula, match="不是一条规则"):
        native_formula(name, {}, policy="枣庄高新区")
