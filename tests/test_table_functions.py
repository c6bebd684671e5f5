"""Functions over tables as clerks meet them: 户数统计, 人数统计, 分类合计, 已发放金额, 应享政策, 本次应发, 首次出现.

Every expected value is counted by hand from the rows beside it; persons and numbers are invented.
"""

from __future__ import annotations

import datetime as dt
import re
from decimal import ROUND_HALF_UP, Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st

from xl_poverty import CellError, entitlements, formulas as f

ONE, TWO, THREE = "106001195803040013", "106001196001010024", "10600119720229003X"
PRIVATE = (ONE, TWO, THREE, "甲某", "乙某", "丙某", "丁某", "戊某")

HEADS = ["户编号", "姓名", "与户主关系", "证件号码", "户类型", "风险状态", "劳动技能", "人口状态", "月工资"]
LEDGER = [
    ["双碾乡台账", None, None, None, None, None, None, None, None],
    ["填报单位：双碾乡", None, None, None, None, None, None, None, "单位：元"],
    HEADS,
    ["0101", "甲某", "户主", ONE, "脱贫户", "无", "普通劳动力", None, 3000],
    ["0101", "乙某", "配偶", TWO + "41", "一般脱贫户", "无", "技能劳动力", "正常", "2500.5"],
    ["0102", "丙某", "户主", THREE, "监测户", "未消除", "弱劳动力或半劳动力", "", None],
    ["0103", "丁某", "户主", None, "一般农户", None, "无劳动力", "死亡", 1],
    ["0104", "戊某", "户主", "", "脱贫不稳定户", "已消除", "丧失劳动力", "迁出", "８００"],
    [None] * 9,
    ["合计", None, None, None, None, None, None, None, 6301.5],
    ["注：本表人员均为虚构", None, None, None, None, None, None, None, None],
    ["填表人：", None, None, None, None, None, None, None, None],
]


def changed(row: int, header: str, value, table=LEDGER, heads=HEADS) -> list[list]:
    """The table with one cell changed; rows are counted from the header row."""
    rows = [list(cells) for cells in table]
    rows[rows.index(heads) + row][heads.index(header)] = value
    return rows


def outcome(function, *arguments, **named):
    """A value, or the code of the error."""
    try:
        return function(*arguments, **named)
    except CellError as error:
        return error.code


def error(function, *arguments, **named) -> CellError:
    with pytest.raises(CellError) as told:
        function(*arguments, **named)
    assert not any(word in told.value.message for word in PRIVATE), told.value.message
    return told.value


def why(name: str, *arguments, **named) -> str:
    """A sentence, which is readable and names nobody."""
    text = f.WHY(name, *arguments, **named)
    assert re.search("[一-鿿]", text) and text.endswith("。") and "。。" not in text and "None" not in text
    assert not re.search(r"[a-z]{3}|\d{12}", text) and not any(word in text for word in PRIVATE), text
    return text


# ---- 户数统计, 人数统计


@pytest.mark.parametrize(
    ("condition", "households", "persons"),
    [
        (None, 2, 3),  # 0103 and 0104 have died or moved
        ("", 2, 3),
        ("户类型=脱贫户", 1, 2),  # 一般脱贫户 is the same
        ("户类型=一般脱贫户", 1, 2),
        ("户类型 ＝ 脱贫户", 1, 2),
        ("户类型=脱贫户、监测户", 2, 3),
        ("户类型<>脱贫户", 1, 1),
        ("户类型≠脱贫户", 1, 1),
        ("户属性=监测对象", 1, 1),  # another header, another word
        ("风险状态=未消除;户类型=监测户", 1, 1),
        ("风险状态=未消除；户类型=脱贫户；", 0, 0),
        ("人口状态=死亡", 1, 1),
        ("人口状态=死亡、迁出", 2, 2),
        ("人口状态=空白", 2, 2),
        ("人口状态<>空白", 3, 3),
        ("人口状态=", 2, 2),
        ("状态=正常", 1, 1),
        ("劳动技能=普通劳动力", 1, 1),
        ("劳动技能=技能劳动力", 1, 1),
        ("是否劳动力=是", 1, 2),  # 普通劳动力 and 技能劳动力
        ("是否劳动力=否;人口状态<>正常", 2, 2),  # 无劳动力, 丧失劳动力
        ("劳动技能=弱劳动力", 1, 1),
        ("月工资>=2500.5", 1, 2),
        ("月工资>2500.5", 1, 1),
        ("月工资＞＝2500.5", 1, 2),
        ("月工资<=2500.5", 1, 1),
        ("月工资<3000", 1, 1),
        ("月工资=3000.00", 1, 1),
        ("月工资=空白", 1, 1),
        ("户编号=0101", 1, 2),
        ("户编号=101", 0, 0),
        (f"证件号码={TWO}", 1, 1),  # 20 characters in the table
        (f"证件号码={ONE}32", 1, 1),
        ("与户主关系=户主", 2, 2),
        ("姓名=没有这个人", 0, 0),
    ],
)
def test_counts(condition, households, persons):
    assert f.HOUSEHOLD_COUNT(LEDGER, condition) == households
    assert f.PERSON_COUNT(LEDGER, condition) == persons


def test_several_conditions_in_a_range():
    assert f.PERSON_COUNT(LEDGER, [["户类型=脱贫户"], ["户类型=监测户"], [None]]) == [[2], [1], [3]]
    counts = f.HOUSEHOLD_COUNT(LEDGER, ["户类型=脱贫户", "没有=1"])
    assert counts[0] == 1 and counts[1].code == "unknown_option"
    assert "逐格核算" in why("HOUSEHOLD_COUNT", LEDGER, ["户类型=脱贫户", "户类型=监测户"])


@pytest.mark.parametrize(
    ("condition", "code", "told"),
    [
        ("村民小组=一组", "unknown_option", f"有：{'、'.join(HEADS)}"),
        ("户类型", "unknown_option", "应写成 列名=值"),
        ("户类型脱贫户", "unknown_option", "应写成 列名=值"),
        # these would count nothing and look like a result
        ("户类型=脱贫户，风险状态=无", "unknown_option", "几个条件用；隔开"),
        ("户类型=脱贫户，监测户", "unknown_option", "几个值用、隔开"),
        ("户类型=脱贫", "unknown_option", "没有“脱贫”"),
        ("风险状态=消除", "unknown_option", "没有“消除”"),
        ("月工资>=三千", "not_number", "要写一个数字"),
        ("月工资>=1000、2000", "not_number", "要写一个数字"),
        ("姓名>=1000", "not_number", "不是数字的值"),
        ("#REF!", "excel_error", "“条件”单元格是错误值#REF!"),
    ],
)
def test_a_condition_that_cannot_be_meant(condition, code, told):
    for function, name in ((f.HOUSEHOLD_COUNT, "HOUSEHOLD_COUNT"), (f.PERSON_COUNT, "PERSON_COUNT")):
        if condition.startswith("姓名"):  # the message shows the value that is in the way
            assert outcome(function, LEDGER, condition) == code
            continue
        problem = error(function, LEDGER, condition)
        assert problem.code == code and told in problem.message
        assert told in why(name, LEDGER, condition)


def test_a_word_that_no_rule_knows_but_the_column_holds():
    assert f.PERSON_COUNT(changed(1, "户类型", "低保脱贫户"), "户类型=低保脱贫户") == 1


def test_whose_rows_are_not_counted_is_told():
    assert why("HOUSEHOLD_COUNT", LEDGER) == (
        "户数统计：2户（符合条件的3行，同一户只算一次，另有2行已死亡或迁出，不计）。"
    )
    assert why("PERSON_COUNT", LEDGER, "户类型=脱贫户") == "人数统计：2人（符合条件的2行，同一人只算一次）。"
    for word in ("自然减少", "去世", "户口迁出"):
        assert f.PERSON_COUNT(changed(1, "人口状态", word)) == 2


@pytest.mark.parametrize("cell", ["#N/A", "#DIV/0!", CellError("missing", "缺少“户类型”：请填写")])
def test_an_error_cell_matters_where_it_is_asked_for(cell):
    table = changed(1, "户类型", cell)
    assert f.HOUSEHOLD_COUNT(table) == 2 and f.HOUSEHOLD_COUNT(table, "风险状态=未消除") == 1
    for condition in ("户类型=脱贫户", "户类型<>脱贫户", "户类型=空白"):
        problem = error(f.PERSON_COUNT, table, condition)
        assert problem.code == "excel_error" and "区域第4行" in problem.message and "户类型" in problem.message
        assert problem.cell == (cell if isinstance(cell, str) else "#N/A")
    # a part that fails decides, in whichever order the parts are written
    assert f.PERSON_COUNT(table, "户类型=监测户;风险状态=未消除") == 1
    assert f.PERSON_COUNT(table, "风险状态=未消除;户类型=监测户") == 1


@pytest.mark.parametrize("header", ["户编号", "证件号码", "人口状态"])
def test_an_error_cell_that_counting_looks_at(header):
    table = changed(1, header, "#REF!")
    function = f.HOUSEHOLD_COUNT if header == "户编号" else f.PERSON_COUNT
    problem = error(function, table)
    assert (problem.code, problem.cell) == ("excel_error", "#REF!") and "区域第4行" in problem.message
    assert outcome(function, table, "户类型=监测户") == 1


def test_household_numbers_as_text_and_as_numbers():
    rows = [["户编号", "户类型"], ["101", "脱贫户"], [101, "脱贫户"], [101.0, "脱贫户"], [" 101 ", "脱贫户"]]
    assert f.HOUSEHOLD_COUNT(rows) == 1
    assert f.HOUSEHOLD_COUNT([*rows, ["１０１", "脱贫户"]]) == 1
    assert f.HOUSEHOLD_COUNT([*rows, ["0101", "脱贫户"]]) == 2
    assert f.HOUSEHOLD_COUNT([*rows, ["14060300010001", "脱贫户"], ["14060300010002", "脱贫户"]]) == 3


def test_who_cannot_be_counted():
    lacking = changed(2, "户编号", " ")
    assert error(f.HOUSEHOLD_COUNT, lacking).message == "区域第5行：缺户编号，数不清户数"
    assert f.PERSON_COUNT(lacking) == 3
    assert error(f.HOUSEHOLD_COUNT, changed(1, "户编号", 1.40603e17)).code == "out_of_range"
    assert "户编号" in error(f.HOUSEHOLD_COUNT, changed(1, "户编号", 140603196503120000)).message
    assert error(f.HOUSEHOLD_COUNT, [["户类型"], ["脱贫户"]]).code == "missing"
    assert error(f.PERSON_COUNT, [["户类型"], ["脱贫户"]]).code == "missing"
    assert "数不清人数" in why("PERSON_COUNT", [["户编号", "姓名", "户类型"], ["1", None, "脱贫户"]])


def test_persons_are_known_by_their_number_then_by_household_and_name():
    rows = [
        ["户编号", "姓名", "证件号码"],
        ["1", "甲某", ONE], ["2", "甲 某", ONE.lower() + "41"], ["2", "甲某", f"'{ONE}"],  # one person
        ["1", "乙某", None], ["1", "乙　某", ""], ["1", "乙某", "无"],  # one person
        ["2", "乙某", None],
    ]  # fmt: skip
    assert f.PERSON_COUNT(rows) == 3
    with_numbers = [["人口编号", "户类型"], ["1", "脱贫户"], [1, "脱贫户"], ["2", "监测户"]]
    assert f.PERSON_COUNT(with_numbers) == 2


# ---- the range


def test_headers_as_clerks_write_them():
    rows = [
        ["某乡", None, None],
        ["家庭\n编号", " 户 属 性 ", "家庭人口数（人）"],
        ["1", "脱贫户", 3],
        ["2", "监测对象", 2],
        ["小计", None, 5],
        ["3", "脱贫户", 4],
        ["总 计", None, 9],
    ]
    assert f.HOUSEHOLD_COUNT(rows) == 3 and f.HOUSEHOLD_COUNT(rows, "户类型=脱贫户") == 2
    assert f.LEDGER_SUM(rows, "家庭人口数") == 9 == f.LEDGER_SUM(rows, "家庭人口数（人）")


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        (None, "missing"), ("", "missing"), ("户编号", "inconsistent"), (5, "inconsistent"), ([], "inconsistent"),
        ([["甲某", ONE, "脱贫户"], ["乙某", TWO, "在读"]], "inconsistent"),  # no headers, whatever words stand in it
        ([["一", "二"], [1, 2]], "inconsistent"), ("#REF!", "excel_error"), ([[None, None]], "inconsistent"),
    ],
)  # fmt: skip
def test_no_table(cells, code):
    for function, rest in ((f.HOUSEHOLD_COUNT, ()), (f.PERSON_COUNT, ()), (f.LEDGER_SUM, ("月工资",))):
        assert error(function, cells, *rest).code == code
    assert error(f.ENTITLEMENTS, cells, policy="双碾乡").code == code
    assert error(f.PAID_AMOUNT, ONE, "交通补贴", cells).code == code
    why("HOUSEHOLD_COUNT", cells)


def test_headers_without_rows():
    assert f.HOUSEHOLD_COUNT([HEADS]) == 0 == f.PERSON_COUNT([HEADS], "户类型=脱贫户")
    assert f.LEDGER_SUM([HEADS], "月工资") == 0
    heads = ["证件号码", "事项", "金额"]
    assert f.PAID_AMOUNT(ONE, "交通补贴", [heads]) == 0
    table = f.ENTITLEMENTS([["户类型", "劳动技能", "务工去向"]], policy="双碾乡", as_of="2025-06-30")
    assert table == [["应享交通补贴", "应享现金合计", "依据"]]


def test_one_row_and_one_column():
    assert f.HOUSEHOLD_COUNT([["户编号"], ["1"]]) == 1 == f.HOUSEHOLD_COUNT(["户编号", "1"])
    assert f.LEDGER_SUM([["月工资"], [5]], "月工资") == 5


def test_a_data_frame_and_an_array():
    frame = pd.DataFrame(
        {"户编号": ["1", "1", "2", None], "姓名": ["甲某", "乙某", "丙某", None],
         "证件号码": [ONE, np.nan, THREE, None], "户类型": ["脱贫户", "脱贫户", "监测户", None],
         "月工资": [1000.5, np.nan, 3, np.nan]}
    )  # fmt: skip
    assert f.HOUSEHOLD_COUNT(frame) == 2 and f.PERSON_COUNT(frame) == 3  # the last row is empty
    assert f.PERSON_COUNT(frame, "证件号码=空白") == 1
    assert f.LEDGER_SUM(frame, "月工资") == 1003.5
    assert f.LEDGER_SUM(frame, "月工资", "户类型=脱贫户") == 1000.5
    array = np.array([["户编号", "户类型", "月工资"], ["1", "脱贫户", 5], ["1", "监测户", np.float64(6)]], dtype=object)
    assert f.HOUSEHOLD_COUNT(array) == 1 and f.LEDGER_SUM(array, "月工资") == 11
    assert f.LEDGER_SUM(array.astype(str), "月工资") == 11


def test_ten_thousand_rows():
    rows = [["户编号", "姓名", "证件号码", "户类型", "劳动技能", "务工去向", "月工资"]]
    for number in range(10_000):
        person = f"{106001195803040000 + number}"
        rows.append([f"{number // 4:06}", "甲某", person, ("脱贫户", "监测户")[number % 2], "普通劳动力", "跨省", 0.1])
    assert f.HOUSEHOLD_COUNT(rows, "户类型=脱贫户;月工资>0") == 2500
    assert f.PERSON_COUNT(rows, "户类型<>脱贫户") == 5000
    assert f.LEDGER_SUM(rows, "月工资") == 1000
    table = f.ENTITLEMENTS(rows, "交通补贴", policy="双碾乡", as_of="2025-06-30")
    assert len(table) == 10_001 and {row[0] for row in table[1:]} == {1500}
    roster = [["证件号码", "事项", "金额"]] + [[row[2], "交通补贴", 1500] for row in rows[1:]]
    paid = f.PAID_AMOUNT([[row[2]] for row in rows[1:]], "交通补贴", roster)
    assert paid == [[1500]] * 10_000


# ---- 分类合计


def sums(cells: list, condition=None):
    rows = [["户编号", "人均纯收入"], *([str(number), cell] for number, cell in enumerate(cells))]
    return outcome(f.LEDGER_SUM, rows, "人均纯收入", condition)


@pytest.mark.parametrize(
    ("cells", "total"),
    [
        ([1, "2", " 3.5 ", "４.５"], 11),
        ([0.1, 0.2], 0.3),
        ([100, None, "", "　"], 100),
        ([-1200.5, 1000], -200.5),
        (["-1200.5", "－0.5", -1], -1202),
        ([1e-7, -1e-7, 5], 5),
        ([32999.99, 0.005], 33000),  # half a fen is rounded up
        ([np.float64(1.1), Decimal("2.2")], 3.3),
        ([1, "1000元"], "not_number"),
        ([1, "1,000"], "not_number"),
        ([1, "约500"], "not_number"),
        ([1, "-"], "not_number"),
        ([1, True], "not_number"),
        ([1, float("inf")], "infinite"),
        ([1, "#N/A"], "excel_error"),
        ([1, CellError("missing", "缺少“月工资”：请填写")], "excel_error"),
        ([1, 140603196503120000], "out_of_range"),
        ([], 0),
    ],
)
def test_sums(cells, total):
    assert sums(cells) == total


def test_what_is_not_asked_for_does_not_matter():
    rows = [["户类型", "月工资"], ["脱贫户", 5], ["监测户", "#N/A"], ["一般农户", "没有"], ["合计", "没有"]]
    assert f.LEDGER_SUM(rows, "月工资", "户类型=脱贫户") == 5
    problem = error(f.LEDGER_SUM, rows, "月工资", "户类型=脱贫户、监测户")
    assert problem.code == "excel_error" and problem.message.startswith("区域第3行：“月工资”")
    assert error(f.LEDGER_SUM, rows, "月工资", "户类型=一般农户").message.startswith("区域第4行：“月工资”填的是“没有”")


def test_a_sum_is_explained():
    assert why("LEDGER_SUM", LEDGER, "月工资") == "分类合计：6301.5元，4行相加，1行空白未计。"
    assert why("LEDGER_SUM", LEDGER, "月工资", "户类型=脱贫户") == "分类合计：5500.5元，2行相加。"
    assert error(f.LEDGER_SUM, LEDGER, None).code == "missing"
    assert error(f.LEDGER_SUM, LEDGER, "#REF!").code == "excel_error"
    assert "没有“年租金”列" in why("LEDGER_SUM", LEDGER, "年租金")
    assert f.LEDGER_SUM(LEDGER, "monthly_wage") == 6301.5 == f.LEDGER_SUM(LEDGER, "务工月收入")
    assert f.LEDGER_SUM(LEDGER, [["月工资"], ["没有"]], None)[0] == [6301.5]


@given(st.lists(st.decimals(min_value=-10**6, max_value=10**6, places=2) | st.none(), max_size=30), st.booleans())
@settings(max_examples=100, deadline=None)
def test_a_sum_is_exact(amounts, as_text):
    exact = sum((amount for amount in amounts if amount is not None), Decimal(0))
    cells = [amount if amount is None else str(amount) if as_text else float(amount) for amount in amounts]
    assert Decimal(str(sums(cells))) == exact


@given(st.lists(st.decimals(min_value=0, max_value=10**6, places=4), max_size=20))
@settings(max_examples=50, deadline=None)
def test_a_sum_is_rounded_once(amounts):
    exact = sum(amounts, Decimal(0)).quantize(Decimal("0.01"), ROUND_HALF_UP)
    assert Decimal(str(sums([float(amount) for amount in amounts]))) == exact


# ---- 应享政策

HOUSEHOLDS = [
    {"户编号": "1", "户类型": "脱贫户", "劳动技能": "普通劳动力", "务工去向": "跨省", "消费券对象类别": "特困人员"},
    {"户编号": "2", "户类型": "脱贫户", "劳动技能": "普通劳动力", "务工去向": "区内", "消费券对象类别": "其他"},
]
NEEDED = {"policy": "双碾乡", "as_of": "2025-06-30"}


def entitled(rows: list[dict], measures=None, **named) -> list[dict]:
    """Per row of data: header -> amount, or the code of its error."""
    heads = list(dict.fromkeys(header for row in rows for header in row))
    table = f.ENTITLEMENTS([heads, *([row.get(head) for head in heads] for row in rows)], measures, **named)
    return [
        {head: cell.code if isinstance(cell, CellError) else cell for head, cell in zip(table[0], line)}
        for line in table[1:]
    ]


def test_shuangnian():
    person = {"户编号": "1", "姓名": "甲某", "与户主关系": "户主", "户类型": "脱贫户", "劳动技能": "普通劳动力"}
    member = {**person, "姓名": "乙某", "与户主关系": "配偶"}
    rows = entitled(
        [
            {**person, "务工去向": "跨省", "连续外出务工月数": 8, "月工资": 3200, "庭院经济核定奖补额": 2600,
             "消费券对象类别": "其他"},
            {**member, "务工去向": "省内区外", "连续外出务工月数": 5, "月工资": 3200, "消费券对象类别": "特困人员"},
            {**person, "户编号": "2", "务工去向": "外省打工", "连续外出务工月数": None, "月工资": None},
            {**person, "户编号": "3", "人口状态": "死亡", "务工去向": "跨省", "连续外出务工月数": 8, "月工资": 3200},
        ],
        **NEEDED,
    )  # fmt: skip
    heads = ["应享交通补贴", "应享稳岗补助", "应享庭院经济奖补", "应享爱心消费券", "应享现金合计", "应享消费券合计"]
    assert list(rows[0]) == [*heads, "依据"]
    assert [rows[0][head] for head in heads] == [1500, 1200, 2000, 0, 4700, 0]
    assert [rows[1][head] for head in heads] == [600, 0, 0, 1500, 600, 1500]  # 2000 stand in the head's row
    assert [rows[2][head] for head in heads] == ["unknown_option", 0, 0, "missing", "unknown_option", "missing"]
    assert [rows[3][head] for head in heads] == [0] * 6
    assert rows[0]["依据"] == (
        "双发〔2022〕67号：交通补贴1500元（第10条）；稳岗补助1200元（第11条）；庭院经济奖补2000元（第5条）"
    )  # a coupon was not asked for in so many words
    assert "爱心消费券1500元（第25条）" in rows[1]["依据"] and "外省打工" in rows[2]["依据"]
    assert "人口状态：死亡，个人事项不计" in rows[3]["依据"]


def test_zaozhuang():
    """in_scope follows from household type and risk; 庭院经济 wants a low income; 养老保险 is 代缴."""
    base = {"户编号": "1", "与户主关系": "户主", "风险状态": "无", "周岁年龄": 61, "残疾等级": "无",
            "子女月缴赡养金": 300, "赡养金缴纳月数": 12, "在缴费年龄段": "是", "最低缴费标准": 300}  # fmt: skip
    rows = entitled(
        [
            {**base, "户类型": "脱贫享受政策户", "在缴费年龄段": "否"},
            {**base, "户编号": "2", "户类型": "边缘易致贫户", "风险状态": "未消除", "残疾等级": "二级", "周岁年龄": 55,
             "子女月缴赡养金": 200, "赡养金缴纳月数": 1},
            {**base, "户编号": "3", "户类型": "边缘易致贫户", "风险状态": "已消除"},
            {**base, "户编号": "4", "户类型": "脱贫户"},
            {**base, "户编号": "5", "户类型": "一般农户"},
        ],
        policy="枣庄高新区", as_of="2024-06-30",
    )  # fmt: skip
    assert [row["应享孝善养老奖补"] for row in rows][:3] == [1080, 60, 0]  # 300×30%×12; 200×30%
    assert [row["应享养老保险代缴"] for row in rows][:3] == [0, 300, 0]
    assert [row["应享现金合计"] for row in rows][:3] == [1080, 60, 0]
    assert [row["应享代缴合计"] for row in rows][:3] == [0, 300, 0]
    # 脱贫户 alone does not say whether policies are still enjoyed
    assert [row["应享现金合计"] for row in rows][3:] == ["missing", 0]
    assert "没有注明是否享受政策" in rows[3]["依据"] and "不是本文件所说的脱贫户" in rows[4]["依据"]


def test_zaozhuang_household_measure():
    base = {"户编号": "1", "户类型": "脱贫享受政策户", "风险状态": "无", "人均纯收入": 9000, "有劳动力": "是",
            "本人自愿庭院经济奖补": "是"}  # fmt: skip
    rows = entitled(
        [{**base, "与户主关系": "户主", "投资额": 8000}, {**base, "与户主关系": "之子"},
         {**base, "户编号": "2", "与户主关系": "户主", "投资额": 20000},
         {**base, "户编号": "3", "与户主关系": "户主", "投资额": 20000, "人均纯收入": 11000}],
        "庭院经济奖补", policy="枣庄高新区", as_of="2024-06-30",
    )  # fmt: skip
    assert [row["应享庭院经济奖补"] for row in rows] == [4000, 0, 5000, 0]


def test_fuyang():
    base = {"户编号": "1", "与户主关系": "户主", "户类型": "脱贫户", "培训天数": 10, "返乡回流": "是", "自主创业": "是"}
    rows = entitled(
        [
            {**base, "首次创办小微企业": "是", "毕业年份": 2024, "年份": 2024, "就业单位类型": "小微企业",
             "劳动合同月数": 6, "缴纳社会保险": "是"},
            {**base, "首次创办小微企业": "否", "毕业年份": 2023, "年份": 2024, "就业单位类型": "小微企业",
             "劳动合同月数": 6, "缴纳社会保险": "是"},
            {**base, "户类型": "一般农户", "首次创办小微企业": None},
        ],
        policy="阜阳市", as_of="2024-06-30",
    )  # fmt: skip
    assert [row["应享培训生活费补贴"] for row in rows] == [500, 500, 0]
    assert [row["应享创业补贴"] for row in rows] == [5000, 0, "missing"]
    assert [row["应享毕业生就业补贴"] for row in rows] == [3000, 0, 0]
    assert [row["应享现金合计"] for row in rows] == [8500, 500, "missing"]


def test_fengjie():
    """in_low_income_scope and in_scope follow from household type, risk and the two incomes."""
    base = {"与户主关系": "户主", "奖补途径": "五小经济奖补", "产业核定奖补额": 2500, "有意愿有能力": "是",
            "周岁年龄": 60, "子女月缴赡养金": 1000, "赡养金缴纳月数": 2}  # fmt: skip
    incomes = {"基期年人均纯收入": 10000, "预估人均纯收入": 12000}
    rows = entitled(
        [
            {**base, "户编号": "1", "户类型": "脱贫户", "风险状态": "无", **incomes},
            {**base, "户编号": "2", "户类型": "脱贫户", "风险状态": "无", **incomes, "基期年人均纯收入": 10000.01},
            {**base, "户编号": "3", "户类型": "边缘易致贫户", "风险状态": "未消除", "奖补途径": "监测对象产业奖扶",
             "产业核定奖补额": 3500},
            {**base, "户编号": "4", "户类型": "脱贫户", "风险状态": "无"},
        ],
        policy="奉节县", as_of="2023-06-30",
    )  # fmt: skip
    # at most 60 a month for the old: 1000×10% is more
    assert [row["应享产业到户奖补"] for row in rows] == [2000, 0, 3000, "missing"]
    assert [row["应享孝善养老奖补"] for row in rows] == [120, 0, 120, "missing"]
    assert [row["应享现金合计"] for row in rows] == [2120, 0, 3120, "missing"]
    assert "缺少“基期年人均纯收入”" in rows[3]["依据"]
    assert "产业到户奖补0元：不属于低收入脱贫人口" in rows[1]["依据"]


def test_a_document_that_grants_nothing():
    problem = error(f.ENTITLEMENTS, LEDGER, policy="前进区", as_of="2022-10-01")
    assert problem.code == "missing" and problem.message.startswith("没有可核算的事项")
    why("ENTITLEMENTS", LEDGER, policy="前进区", as_of="2022-10-01")


def test_household_rows_have_no_person_measures_without_a_count():
    told = entitled(HOUSEHOLDS, ["交通补贴"], **NEEDED)
    assert [row["应享交通补贴"] for row in told] == ["missing", "missing"] and "缺人员明细" in told[0]["依据"]
    counted = [{**row, "爱心消费券人数": number} for row, number in zip(HOUSEHOLDS, (3, 2))]
    assert [row["应享爱心消费券"] for row in entitled(counted, ["爱心消费券"], **NEEDED)] == [4500, 0]


def test_a_household_is_not_one_person():
    found = outcome(entitled, HOUSEHOLDS, ["爱心消费券"], **NEEDED)
    assert found == "missing" or {row["应享爱心消费券"] for row in found} == {"missing"}


@pytest.mark.parametrize("measure", ["庭院经济奖补", "爱心消费券"])
def test_a_column_headed_as_the_message_says(measure):
    row = {**HOUSEHOLDS[0], "爱心消费券人数": 3, "与户主关系": "户主"}
    problem = outcome(entitled, [row], measure, **NEEDED) == "missing" and error(
        entitled, [row], measure, **NEEDED).message  # fmt: skip
    if problem:
        row[re.search("缺列：(.+?)）", problem)[1]] = 500
    (found,) = entitled([row], measure, **NEEDED)
    assert found[f"应享{measure}"] == {"庭院经济奖补": 500, "爱心消费券": 4500}[measure]


def test_as_many_rows_as_the_range():
    table = [list(row) for row in LEDGER]
    table[2][0:1] = ["户编号"]
    for row in table:
        row.append({"月工资": "务工去向"}.get(row[-1], "跨省" if row[0] and str(row[0]).startswith("01") else None))
    found = f.ENTITLEMENTS(table, "交通补贴", **NEEDED)
    assert len(found) == len(table) and {len(row) for row in found} == {3}
    assert found[2] == ["应享交通补贴", "应享现金合计", "依据"]
    assert [row[0] for row in found] == ["", "", "应享交通补贴", 1500, 1500, 1500, 0, 0, "", "", "", ""]
    for empty in (0, 1, 8, 9, 10, 11):
        assert found[empty] == ["", "", ""]


def test_an_error_stands_in_its_cell_and_in_the_sum():
    rows = [["户类型", "劳动技能", "务工去向", "连续外出务工月数", "月工资"],
            ["脱贫户", "普通劳动力", "跨省", "#N/A", 1000], ["脱贫户", "普通劳动力", "跨省", 6, 1000]]  # fmt: skip
    found = f.ENTITLEMENTS(rows, "交通补贴、稳岗补助", **NEEDED)
    travel, job, total, basis = found[1]
    assert travel == 1500 and (job.code, job.cell) == ("excel_error", "#N/A") and total is job
    assert "连续外出务工月数" in basis and found[2][:3] == [1500, 1200, 2700]
    text = why("ENTITLEMENTS", rows, "交通补贴、稳岗补助", **NEEDED)
    assert text == "应享政策：2行，交通补贴3000元、稳岗补助1200元（1行待改）；依据双发〔2022〕67号。"


@pytest.mark.parametrize(
    "measures",
    ["交通补贴、稳岗补助", "TRAVEL_SUBSIDY,STABLE_JOB_BONUS", "交通补贴；稳岗补助；", ["交通补贴", None, "稳岗补助"],
     [["交通补贴"], ["稳岗补助"], [""]], [["交通补贴", "稳岗补助"]], np.array([["交通补贴"], ["稳岗补助"]])],
)  # fmt: skip
def test_measures_as_text_and_as_a_range(measures):
    rows = [["户类型", "劳动技能", "务工去向", "连续外出务工月数", "月工资", "确权承包亩数", "确权颁证到位"],
            ["脱贫户", "普通劳动力", "跨省", 6, 1000, 5, "是"]]  # fmt: skip
    assert f.ENTITLEMENTS(rows, measures, **NEEDED)[0] == ["应享交通补贴", "应享稳岗补助", "应享现金合计", "依据"]
    assert len(f.ENTITLEMENTS(rows, " ", **NEEDED)[0]) == 5  # with 耕地地力补贴


@pytest.mark.parametrize(("measures", "code"), [("外出补贴", "unknown_option"), ("#N/A", "excel_error"),
                                                ("交通补贴、没有", "unknown_option")])  # fmt: skip
def test_measures_that_do_not_exist(measures, code):
    assert error(f.ENTITLEMENTS, LEDGER, measures, **NEEDED).code == code
    why("ENTITLEMENTS", LEDGER, measures, **NEEDED)


def test_entitlements_need_a_document_and_a_day():
    rows = [["户类型", "劳动技能", "务工去向"], ["脱贫户", "是", "跨省"]]
    assert error(f.ENTITLEMENTS, rows).code == "unknown_policy"
    assert error(f.ENTITLEMENTS, rows, policy="双碾").code == "unknown_policy"
    expired = error(f.ENTITLEMENTS, rows, policy="双碾乡")
    assert expired.code == "missing" and "2025年12月31日到期" in expired.message and "--" not in expired.message
    dated = [[*rows[0], "业务日期"], [*rows[1], "2025-06-30"], [*rows[1], dt.date(2026, 1, 1)], [*rows[1], "年后"]]
    found = f.ENTITLEMENTS(dated, policy="双碾乡", as_of="2025-06-30")
    assert [row[0] for row in found[1:3]] == [1500, 0] and found[3][0].code == "bad_date"


# ---- 已发放金额

ROSTER = [
    ["双碾乡发放花名册", None, None, None, None],
    ["享受人身份证号", "补贴项目", "补贴金额", "发放日期", "支付状态"],
    [ONE, "交通补贴", 1500, "2023-03-01", "已支付"],
    [ONE + "41", "TRAVEL_SUBSIDY", "600.5", "2024年3月1日", None],
    [f" {ONE[:6]} {ONE[6:]}", "交通补贴", 0.3, 20250301, "支付成功"],
    [ONE, "交通补贴", 9999, "2023-03-02", "退回"],
    [ONE, "交通补贴", "没有", None, "停发"],
    [ONE, "交通补贴", 9999, "2023-03-02", "已退回"],
    [ONE, "稳岗补助", 1200, "2023-03-01", None],
    [ONE, "取暖补贴", "约300", None, None],
    [THREE.lower(), "交通补贴", "约1500元", "2023-03-01", None],
    [None, "交通补贴", 5, "2023-03-01", None],
    ["合计", None, 99999, None, None],
]


def paid(*arguments, **named):
    return outcome(f.PAID_AMOUNT, *arguments, **named)


def test_what_a_person_was_paid():
    assert paid(ONE, "交通补贴", ROSTER) == 2100.8 == paid(ONE + "43B1", "TRAVEL_SUBSIDY", ROSTER)
    assert paid(ONE, "稳岗补助", ROSTER) == 1200 and paid(ONE, "创业补贴", ROSTER) == 0
    assert paid(TWO, "交通补贴", ROSTER) == 0
    assert paid(THREE, "交通补贴", ROSTER) == "not_number" and paid(THREE, "稳岗补助", ROSTER) == 0


@pytest.mark.parametrize(
    ("first", "last", "amount"),
    [
        ("2023-03-01", None, 2100.8), (None, "2023-03-01", 1500), ("2023-03-02", None, 600.8),
        ("2024-03-01", "2024-03-01", 600.5), (dt.date(2023, 1, 1), dt.datetime(2024, 12, 31, 9), 2100.5),
        (45000, 45657, 600.5), ("2026-01-01", None, 0), ("2024-01-01", "2023-01-01", "inconsistent"),
        ("去年", None, "bad_date"), ("2023-01-01", "#N/A", "excel_error"),
    ],
)  # fmt: skip
def test_payments_between_two_days(first, last, amount):
    assert paid(ONE, "交通补贴", ROSTER, first, last) == amount


def test_payments_are_explained():
    assert why("PAID_AMOUNT", ONE, "交通补贴", ROSTER) == "已发放金额：2100.8元，交通补贴已发3笔。"
    text = why("PAID_AMOUNT", ONE, "交通补贴", ROSTER, "2024-01-01", "2024-12-31")
    assert text == "已发放金额：600.5元，自2024年1月1日至2024年12月31日交通补贴已发1笔。"
    text = why("PAID_AMOUNT", THREE, "交通补贴", ROSTER)
    assert "区域第11行：“已发金额”填的是“约1500元”" in text
    assert "发放表”的区域里没有找到表头" in why("PAID_AMOUNT", ONE, "交通补贴", [["一", "二"], [1, 2]])


@pytest.mark.parametrize(
    ("number", "code"),
    [(None, "missing"), ("无", "not_number"), ("123", "not_number"), (1.06001e17, "out_of_range"),
     ("#N/A", "excel_error"), (CellError("missing", "缺"), "excel_error"), ("99999919580304001X", "not_number")],
)  # fmt: skip
def test_a_number_that_is_nobodys(number, code):
    assert error(f.PAID_AMOUNT, number, "交通补贴", ROSTER).code == code


def test_other_arguments_of_payments():
    assert paid(ONE, None, ROSTER) == "missing" and paid(ONE, "交通费", ROSTER) == "unknown_option"
    assert paid(ONE, "#N/A", ROSTER) == "excel_error"
    without = [[row[0], *row[2:]] for row in ROSTER[1:]]
    assert paid(ONE, "交通补贴", without) == "missing"
    assert error(f.PAID_AMOUNT, ONE, "交通补贴", without).message == "发放表没有“事项”列，分不清发的是哪一项"
    undated = [[*row[:3], row[4]] for row in ROSTER[1:]]
    assert paid(ONE, "交通补贴", undated) == 2100.8
    assert error(f.PAID_AMOUNT, ONE, "交通补贴", undated, "2023-01-01").message.startswith("发放表没有日期列")
    assert "“金额”列" in error(f.PAID_AMOUNT, ONE, "交通补贴", [["证件号码", "事项"], [ONE, "交通补贴"]]).message
    nobodys = [["姓名", "事项", "金额"], ["甲某", "交通补贴", 1]]
    assert "“证件号码”列" in error(f.PAID_AMOUNT, ONE, "交通补贴", nobodys).message


def test_cells_of_a_roster_that_decide():
    for column, value, code in ((2, None, "missing"), (2, "#REF!", "excel_error"), (2, -5, "negative"),
                                (4, "#N/A", "excel_error"), (0, 1.06e17, "out_of_range"), (0, "#N/A", "excel_error")):
        rows = [list(row) for row in ROSTER]
        rows[2][column] = value
        problem = error(f.PAID_AMOUNT, ONE, "交通补贴", rows)
        assert problem.code == code and problem.message.startswith("区域第3行：")
        assert paid(ONE, "稳岗补助", rows) == 1200
    rows = [list(row) for row in ROSTER]
    rows[2][3] = None
    assert error(f.PAID_AMOUNT, ONE, "交通补贴", rows, "2023-01-01").message == "区域第3行：缺发放日期"
    rows[2][3] = "三月"
    assert error(f.PAID_AMOUNT, ONE, "交通补贴", rows, "2023-01-01").message.startswith("区域第3行：")
    assert paid(ONE, "交通补贴", rows) == 2100.8


def test_a_column_of_persons():
    found = f.PAID_AMOUNT([[ONE], [THREE], [TWO], [None]], "交通补贴", ROSTER)
    assert [cell.code if isinstance(cell, CellError) else cell for row in found for cell in row] == [
        2100.8, "not_number", 0, "missing"]  # fmt: skip
    both = f.PAID_AMOUNT([[ONE], [ONE]], [["交通补贴"], ["稳岗补助"]], ROSTER, [["2024-01-01"], [None]])
    assert both == [[600.8], [1200]]
    frame = pd.DataFrame(ROSTER[2:], columns=ROSTER[1])
    assert f.PAID_AMOUNT(ONE, "交通补贴", frame) == 2100.8


def test_fuyang_knows_its_own_names():
    roster = [["证件号码", "事项", "金额"], [ONE, "毕业生就业补贴", 3000]]
    assert paid(ONE, "毕业生就业补贴", roster, policy="阜阳市") == 3000


# ---- 本次应发, 首次出现


def test_what_is_due_now():
    assert f.DUE_NOW(1500, 600) == 900 and f.DUE_NOW("1500.5", "０") == 1500.5
    assert f.DUE_NOW(600, 1500) == 0 and f.DUE_NOW(0.3, 0.1) == 0.2
    assert f.DUE_NOW([[1500], [600]], [[0], [None]])[0] == [1500]
    assert why("DUE_NOW", 1500, 600) == "本次应发：应享1500元－已发600元＝900元。"
    assert why("DUE_NOW", 600, 1500.5) == "本次应发：应享600元－已发1500.5元，多发900.5元，请核实。"
    for due, got, code in ((None, 1, "missing"), (1, None, "missing"), (1, "", "missing"), (-1, 0, "negative"),
                           (1, "500元", "not_number"), ("#N/A", 1, "excel_error")):  # fmt: skip
        assert outcome(f.DUE_NOW, due, got) == code
        why("DUE_NOW", due, got)
    assert "没有发过请填0" in f.WHY("DUE_NOW", 1, None)


def test_the_remedy_for_a_lacking_due_is_not_the_one_for_what_was_paid():
    assert "没有发过" not in f.WHY("DUE_NOW", None, 1)


def test_first_cells():
    assert f.FIRST_OF([[ONE], [ONE + "41"], [f" {ONE}"], [TWO]]) == [[True], [False], [False], [True]]
    assert f.FIRST_OF([THREE.lower(), THREE]) == [True, False]
    assert f.FIRST_OF(["0101", "101", 101, 101.0, " 101"]) == [True, True, False, False, False]
    assert f.FIRST_OF([["A1", "a1"], [None, ""], ["　", "A2"]]) == [[True, False], [False, False], [False, True]]
    assert f.FIRST_OF(["甲 某", "甲某"]) == [True, False]
    assert f.FIRST_OF(np.array([["x", "x"], ["y", "x"]])) == [[True, False], [True, False]]
    assert f.FIRST_OF("x") is True and f.FIRST_OF([]) == []
    found = f.FIRST_OF(["x", "#N/A", "x", "#N/A"])
    assert found[0] is True and found[2] is False
    assert [cell.cell for cell in (found[1], found[3])] == ["#N/A", "#N/A"]


def test_first_cells_in_full_width():
    assert f.FIRST_OF(["１０１", "101"]) == [True, False]


def test_a_distorted_number_is_the_error_of_its_cell():
    found = f.FIRST_OF(["x", 1.06001e17, "x"])
    assert found[0] is True and found[1].code == "out_of_range" and found[2] is False


def test_first_cells_of_a_data_frame():
    assert f.FIRST_OF(pd.DataFrame({"户编号": ["1", "1", None]})) == [[True], [False], [False]]
    assert f.FIRST_OF(pd.Series(["1", np.nan])) == [True, False]


def test_first_cells_are_explained():
    why("FIRST_OF", [["1"], ["1"]])


def test_a_sum_is_in_yuan_whatever_the_header_counts_in():
    def rows(header):
        return [["户编号", "姓名", "与户主关系", header], ["A1", "甲", "户主", 1.25], ["A2", "乙", "户主", "0.5"]]

    assert f.LEDGER_SUM(rows("纯收入（万元）"), "纯收入") == 17500
    assert f.LEDGER_SUM(rows("纯收入（元）"), "纯收入") == 1.75


def test_what_has_to_be_settled_first_is_no_amount_in_a_range_either():
    """0.32 among wages of thousands is 万元 in a column of 元: neither 0 nor 1200."""
    heads = ["户编号", "姓名", "与户主关系", "户类型", "劳动技能", "连续外出务工月数", "月工资"]
    rows = [[f"A{n}", "甲", "户主", "脱贫户", "普通劳动力", 6, wage] for n, wage in enumerate((3000, 3200, 0.32, 900))]
    spilled = f.ENTITLEMENTS([heads, *rows], "稳岗补助", policy="双碾乡", as_of="2025-06-30")
    assert [line[0] for line in spilled[1:3]] == [1200, 1200] and spilled[4][0] == 0
    assert isinstance(spilled[3][0], CellError) and "万元" in spilled[3][0].message
    frame = entitlements(pd.DataFrame(rows, columns=heads), policy="双碾乡", as_of="2025-06-30")
    assert isinstance(frame["应享稳岗补助"][2], CellError) and frame["应享稳岗补助"][3] == 0
