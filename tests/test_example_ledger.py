"""The example ledger: that it is what its builder makes, and ten and some rows reckoned by hand from the document."""

from __future__ import annotations

import zipfile

import openpyxl
import pytest
from example_workbooks import WORKBOOKS, example, raw

from xl_poverty.ledger.filling import fill

LEDGER = WORKBOOKS / "双碾乡台账.xlsx"
MEASURES = [
    "交通补贴",
    "稳岗补助",
    "创业补贴",
    "场租补贴",
    "培训生活费补贴",
    "残疾人培训补贴",
    "庭院经济奖补",
    "耕地地力补贴",
    "种粮一次性补贴",
    "爱心消费券",
    "残疾人产业帮扶",
    "防贫差额补偿",
]
LOANS = "小额信贷可追加额"


@pytest.fixture(scope="module")
def typed() -> dict[int, dict]:
    return raw(LEDGER)


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    return fill(LEDGER, tmp_path_factory.mktemp("filled") / "结果.xlsx")


@pytest.fixture(scope="module")
def paid(filled) -> dict[int, dict]:
    return raw(filled.target)


# ---- how it is made


def test_the_workbook_is_what_its_builder_makes(tmp_path):
    example("双碾乡").write(tmp_path)
    built = tmp_path / LEDGER.name
    with zipfile.ZipFile(built) as new, zipfile.ZipFile(LEDGER) as old:
        assert new.namelist() == old.namelist()
        assert [name for name in new.namelist() if new.read(name) != old.read(name)] == []
    assert built.read_bytes() == LEDGER.read_bytes()


def test_persons_and_households(typed):
    assert list(typed) == list(range(4, 404))
    assert [row["序号"] for row in typed.values()] == list(range(1, 401))
    assert len({row["户编号"] for row in typed.values()}) == 120
    assert sum(row["与户主关系"] == "户主" for row in typed.values()) == 120
    assert len({row["人口编号"] for row in typed.values()}) == 400


def test_nobody_has_such_a_number(typed):
    """The area code belongs to no county; the rest is as GB 11643 asks."""
    weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
    numbers = [row["证件号码"].upper() for row in typed.values()]
    for number in numbers:
        assert number.startswith("9999") and len(number) in (18, 20)
        total = sum(weight * int(digit) for weight, digit in zip(weights, number[:17], strict=True))
        assert number[17] == "10X98765432"[total % 11], number
    assert len({number[:18] for number in numbers}) == 400
    assert all(row["户编号"].startswith("9999") for row in typed.values())


# ---- what the document gives
# 第5条   庭院经济每户不超过2000元
# 第7条   确权颁证到位每亩67元；实际种粮每亩15.6＋5.9＝21.5元
# 第10条  跨省1500元、省内区外600元，一年一次
# 第11条  连续外出6个月、月工资1000元以上：200元×6个月＝1200元，一次性
# 第16条  返乡回流且自主创业：一次性5000元，场租每年3000元
# 第18条  有意愿且未就业：每天15元
# 第19条  农村困难残疾人实用技术培训：每年1500元
# 第2条   脱贫户和边缘易致贫户，追加后单户余额不超过100000元
# 第19条  农村困难残疾人，适合自身条件又有稳定收入的项目：每人6000元
# 第25条  特困人员、未消除风险监测对象：每人1500元消费券
# 第30条  家庭人均纯收入低于监测指导线的，对差额进行补偿（指导线7000元为示例）
# 读法（policy.toml）：风险已消除的监测户仍计入；弱劳动力或半劳动力计入；场租以实付租金为限；在区内务工不是外出务工。

BY_HAND = [
    # 4: 脱贫户户主，劳动力，返乡回流、自主创业，以前未享受，年租金3000；核定奖补1800；种粮13.9亩；没有承包地，未务工
    #    5000；min(3000, 3000)；1800 ≤ 2000；13.9 × 21.5 = 298.85
    (
        4,
        {
            "户类型": "脱贫户",
            "返乡回流": "是",
            "自主创业": "是",
            "年租金": 3000,
            "庭院经济核定奖补额": 1800,
            "实际种粮亩数": 13.9,
        },
        {"创业补贴": 5000, "场租补贴": 3000, "庭院经济奖补": 1800, "种粮一次性补贴": 298.85},
        10098.85,
        0,
    ),
    # 10: 突发严重困难户（已消除）户主，跨省7个月，月工资3400，都未享受；核定奖补0；种粮15.7亩；
    #     监测对象但风险已消除，无消费券
    #     1500；1200；15.7 × 21.5 = 337.55
    (
        10,
        {
            "户类型": "突发严重困难户",
            "风险是否已消除": "已消除",
            "务工去向": "跨省",
            "连续外出务工月数": 7,
            "月工资": 3400,
            "庭院经济核定奖补额": 0,
            "实际种粮亩数": 15.7,
            "消费券对象类别": "监测对象",
        },
        {"交通补贴": 1500, "稳岗补助": 1200, "种粮一次性补贴": 337.55},
        3037.55,
        0,
    ),
    # 15: 脱贫不稳定户（已消除）户主，特困人员，无劳动力；核定奖补500；承包19.8亩已颁证；种粮17.5亩
    #     500；19.8 × 67 = 1326.60；17.5 × 21.5 = 376.25；特困人员不看风险，1500消费券
    (
        15,
        {
            "消费券对象类别": "特困人员",
            "风险是否已消除": "已消除",
            "庭院经济核定奖补额": 500,
            "确权承包亩数": 19.8,
            "确权颁证到位": "是",
            "实际种粮亩数": 17.5,
        },
        {"庭院经济奖补": 500, "耕地地力补贴": 1326.6, "种粮一次性补贴": 376.25, "爱心消费券": 1500},
        2202.85,
        1500,
    ),
    # 35: 脱贫户户主，弱劳动力，在区内务工9个月、月工资1000：不跨区，无交通补贴，也不是外出务工；
    #     核定奖补2000；承包21.2亩未颁证；种粮6.4亩；农村困难残疾人参加培训，本年未享受
    #     2000；6.4 × 21.5 = 137.60；1500
    (
        35,
        {
            "劳动技能": "弱劳动力或半劳动力",
            "务工去向": "区内",
            "连续外出务工月数": 9,
            "月工资": 1000,
            "庭院经济核定奖补额": 2000,
            "确权承包亩数": 21.2,
            "确权颁证到位": "否",
            "实际种粮亩数": 6.4,
            "农村困难残疾人": "是",
            "参加实用技术培训": "是",
        },
        {"庭院经济奖补": 2000, "种粮一次性补贴": 137.6, "残疾人培训补贴": 1500},
        3637.6,
        0,
    ),
    # 53: 已迁出：个人各项都不计
    (53, {"人口状态": "迁出", "务工去向": "省内区外", "连续外出务工月数": 5}, {}, 0, 0),
    # 75: 脱贫户户主，有培训意愿、未就业，培训35天；核定奖补0；承包17亩未颁证；种粮10.2亩
    #     35 × 15 = 525，没有10天的分段；10.2 × 21.5 = 219.30
    (
        75,
        {
            "有培训意愿": "是",
            "已就业": "否",
            "培训天数": 35,
            "庭院经济核定奖补额": 0,
            "确权承包亩数": 17,
            "确权颁证到位": "否",
            "实际种粮亩数": 10.2,
        },
        {"培训生活费补贴": 525, "种粮一次性补贴": 219.3},
        744.3,
        0,
    ),
    # 97: 脱贫户户主，弱劳动力，在区内务工、月工资700；返乡回流、自主创业，年租金2400；承包7.6亩已颁证；
    #     残疾人但未参加培训
    #     5000；2400；7.6 × 67 = 509.20
    (
        97,
        {
            "劳动技能": "弱劳动力或半劳动力",
            "务工去向": "区内",
            "月工资": 700,
            "自主创业": "是",
            "年租金": 2400,
            "确权承包亩数": 7.6,
            "确权颁证到位": "是",
            "农村困难残疾人": "是",
            "参加实用技术培训": "否",
        },
        {"创业补贴": 5000, "场租补贴": 2400, "耕地地力补贴": 509.2},
        7909.2,
        0,
    ),
    # 126: 脱贫不稳定户（未消除）户主，跨省10个月、月工资6300，本年已享受交通补贴；核定奖补1999.5；
    #      承包27.1亩已颁证，未种粮
    #      1200；1999.50；27.1 × 67 = 1815.70；未消除风险，1500消费券
    (
        126,
        {
            "风险是否已消除": "未消除",
            "务工去向": "跨省",
            "本年已享受交通补贴": "是",
            "连续外出务工月数": 10,
            "月工资": 6300,
            "庭院经济核定奖补额": 1999.5,
            "确权承包亩数": 27.1,
            "消费券对象类别": "监测对象",
        },
        {"稳岗补助": 1200, "庭院经济奖补": 1999.5, "耕地地力补贴": 1815.7, "爱心消费券": 1500},
        5015.2,
        1500,
    ),
    # 131: 脱贫户配偶，省内区外5.5个月，不足6个月
    #      600
    (131, {"务工去向": "省内区外", "连续外出务工月数": 5.5, "月工资": 5500}, {"交通补贴": 600}, 600, 0),
    # 182: 脱贫户之子，跨省10个月，月工资999.99不到1000；培训15天，但没有意愿且已就业
    #      1500
    (
        182,
        {"务工去向": "跨省", "连续外出务工月数": 10, "月工资": 999.99, "有培训意愿": "否", "培训天数": 15},
        {"交通补贴": 1500},
        1500,
        0,
    ),
    # 202: 一般农户户主：交通、稳岗、庭院都限脱贫户和监测户；承包8.5亩已颁证、种粮7.7亩，这两项不限
    #      8.5 × 67 = 569.50；7.7 × 21.5 = 165.55
    (
        202,
        {
            "户类型": "一般农户",
            "务工去向": "省内区外",
            "连续外出务工月数": 7,
            "月工资": 1000,
            "确权承包亩数": 8.5,
            "实际种粮亩数": 7.7,
        },
        {"耕地地力补贴": 569.5, "种粮一次性补贴": 165.55},
        735.05,
        0,
    ),
    # 234: 脱贫户户主，在区内务工；返乡回流但没有自主创业，租金1500不补；核定奖补3000超过上限；种粮3.5亩
    #      2000；3.5 × 21.5 = 75.25
    (
        234,
        {
            "务工去向": "区内",
            "返乡回流": "是",
            "自主创业": "否",
            "年租金": 1500,
            "庭院经济核定奖补额": 3000,
            "实际种粮亩数": 3.5,
        },
        {"庭院经济奖补": 2000, "种粮一次性补贴": 75.25},
        2075.25,
        0,
    ),
    # 30: 脱贫不稳定户（未消除）户主，省内区外9个月、月工资6300；有意愿但已就业，培训不补；承包、种粮各12.7亩，已颁证；
    #     人均纯收入5693.46，指导线7000，3人
    #     600；1200；12.7 × 67 = 850.90；12.7 × 21.5 = 273.05；(7000 − 5693.46) × 3 = 3919.62；未消除，1500消费券
    (
        30,
        {
            "户类型": "脱贫不稳定户",
            "风险是否已消除": "未消除",
            "务工去向": "省内区外",
            "连续外出务工月数": 9,
            "月工资": 6300,
            "已就业": "是",
            "培训天数": 15,
            "确权承包亩数": 12.7,
            "实际种粮亩数": 12.7,
            "家庭人均纯收入": 5693.46,
            "监测指导线": 7000,
            "年度家庭人口数": 3,
        },
        {
            "交通补贴": 600,
            "稳岗补助": 1200,
            "耕地地力补贴": 850.9,
            "种粮一次性补贴": 273.05,
            "防贫差额补偿": 3919.62,
            "爱心消费券": 1500,
        },
        6843.57,
        1500,
    ),
    # 138: 脱贫户之子，农村困难残疾人，参加培训，有适合且稳定的产业项目
    #      1500；6000
    (
        138,
        {"农村困难残疾人": "是", "参加实用技术培训": "是", "适合且稳定的产业项目": "是"},
        {"残疾人培训补贴": 1500, "残疾人产业帮扶": 6000},
        7500,
        0,
    ),
]


def test_every_measure_of_the_ledger_is_reckoned_by_hand(filled):
    assert {column.signature.alias for column in filled.entitled.columns} == {*MEASURES, LOANS}
    assert {measure for _, _, amounts, _, _ in BY_HAND for measure in amounts} == set(MEASURES)


@pytest.mark.parametrize(
    ("number", "inputs", "amounts", "cash", "coupons"), BY_HAND, ids=[str(row[0]) for row in BY_HAND]
)
def test_a_row_reckoned_by_hand(typed, paid, number, inputs, amounts, cash, coupons):
    assert {header: typed[number].get(header) for header in inputs} == inputs
    row = paid[number]
    assert {m: row[f"应享{m}"] for m in MEASURES} == {m: amounts.get(m, 0) for m in MEASURES}
    assert row["应享现金合计"] == cash and row["应享消费券合计"] == coupons
    for measure, amount in amounts.items():
        assert f"{measure}{amount:g}元（第" in row["依据"]


def test_an_amount_with_its_unit(typed, paid):
    """84: 核定奖补 typed as 1800元 is 1800."""
    assert typed[84]["庭院经济核定奖补额"] == "1800元"
    row = paid[84]
    # 1800；5000；min(3000, 3000)；10.6 × 67 = 710.20；7.4 × 21.5 = 159.10
    measures = ("庭院经济奖补", "创业补贴", "场租补贴", "耕地地力补贴", "种粮一次性补贴")
    assert [row[f"应享{measure}"] for measure in measures] == [1800, 5000, 3000, 710.2, 159.1]
    assert row["应享现金合计"] == 10669.3


@pytest.mark.parametrize(
    ("number", "inputs", "room"),
    [
        (16, ("脱贫户", 50000, 10000), 10000),  # 100000 − 50000 = 50000，申请10000
        (285, ("脱贫户", 80000, 30000), 20000),  # 100000 − 80000 = 20000
        (193, ("突发严重困难户", 80000, 20000), 0),  # 只限脱贫户和边缘易致贫户
        (4, ("脱贫户", 30000, 0), 0),  # 没有申请
    ],
)
def test_loans_are_in_no_sum(typed, paid, number, inputs, room):
    assert tuple(typed[number][header] for header in ("户类型", "贷款余额", "申请追加")) == inputs
    assert paid[number][LOANS] == room


@pytest.mark.parametrize(
    ("number", "measure", "cell"),
    [
        (39, "稳岗补助", "#VALUE!"),
        (44, "稳岗补助", 1200),
        (48, "交通补贴", 1500),
        (76, "交通补贴", "#N/A"),
        (79, "稳岗补助", "#N/A"),
        (85, "稳岗补助", "#N/A"),
        (94, "交通补贴", "#VALUE!"),
        (64, "种粮一次性补贴", "#NUM!"),
        (150, "稳岗补助", 1200),
        (124, "稳岗补助", 1200),
        (117, "创业补贴", "#N/A"),
        (160, "培训生活费补贴", "#NUM!"),
        (196, "爱心消费券", "#VALUE!"),
        (91, "耕地地力补贴", "#N/A"),
        (191, "残疾人培训补贴", "#N/A"),
    ],
)
def test_what_clerks_really_type(paid, number, measure, cell):
    assert paid[number][f"应享{measure}"] == cell


def test_what_was_typed_stays(filled):
    before, after = (openpyxl.load_workbook(file)["台账"] for file in (LEDGER, filled.target))
    for cells in before.iter_rows():
        assert [after[cell.coordinate].value for cell in cells] == [cell.value for cell in cells]
