"""Rosters: who is on one with what, who is not and why, and what it rests on. Figures are by hand from the text:
交通补贴跨省1500元、省内区外600元；稳岗补助1200元；庭院经济每户不超过2000元；孝善养老300元的30%；创业补贴不低于5000元。"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import defaultdict
from pathlib import Path

import openpyxl
import pytest
from small_ledgers import IDS, NAMES, ledger, no_person_in, paid_roster, people, told, write

from xl_poverty.errors import LedgerError
from xl_poverty.formulas.office import Layer, using
from xl_poverty.ledger.reading import read_ledger
from xl_poverty.ledger.rosters import read_paid
from xl_poverty.summaries.roster import HEADS, make_roster, roster, roster_pages

DAY = "2025-06-30"
WORKBOOKS = Path(__file__).parents[1] / "workbooks"


def made(source, measures=("交通补贴",), paid=(), policy="双碾乡", as_of=DAY):
    return make_roster(read_ledger(source, policy=policy, as_of=as_of), measures, paid)


def listed(found, at: int = 0) -> dict:
    """Name -> what is paid."""
    return {line.person.name: line.amount for line in found.batches[at].lines}


def apart(found) -> dict:
    """Name -> (kind, reason)."""
    return {one.name: (one.kind, one.reason) for one in found.apart}


# ---- who is on it


def test_who_is_paid_and_who_is_not(tmp_path):
    source = ledger(tmp_path, 7, 务工去向={1: "省内区外", 2: "区内", 3: "外省打工", 4: None, 6: "跨省"},
                    人口状态={5: "死亡"}, 户类型={6: "一般农户"}, 行政村="甲村")  # fmt: skip
    found = made(source)
    assert listed(found) == {NAMES[0]: 1500, NAMES[1]: 600}
    why = apart(found)
    assert why[NAMES[2]] == ("不符合条件", "不在跨省或省内区外务工")
    assert why[NAMES[3]][0] == "待补" and "外省打工" in why[NAMES[3]][1]
    assert why[NAMES[5]] == ("停发", "人口状态：死亡")
    assert why[NAMES[6]] == ("不符合条件", "不是脱贫户或监测户")
    assert NAMES[4] not in why  # nothing is claimed
    assert all(no_person_in(reason) for _, reason in why.values())
    assert not found.checked and found.batches[0].title == "2025年度交通补贴" and found.batches[0].total == 2100


def test_the_day_stands_over_it_where_nobody_is_paid(tmp_path):
    source = ledger(tmp_path, 2, 户类型="一般农户")
    found = roster(source, ["交通补贴"], policy="双碾乡", as_of=DAY)
    assert not any(batch.lines for batch in found.batches) and len(found.apart) == 2
    heads = [row[0] for row in openpyxl.load_workbook(found.target)["发放汇总"].iter_rows(values_only=True)]
    assert any("业务日期：2025-06-30" in head for head in heads if head)


def test_what_was_paid_is_taken_off(tmp_path):
    source = ledger(tmp_path, 4)
    paid = paid_roster(tmp_path, [IDS[0], "交通补贴", 1500, "2025-03-01"], [IDS[1], "交通补贴", 299.5, "2025-03-01"],
                       [IDS[2], "交通补贴", 1500, "2024-03-01"], [IDS[3], "交通补贴", 1600, "2025-03-01"])  # fmt: skip
    found = made(source, paid=[paid])
    assert listed(found) == {NAMES[1]: 1200.5, NAMES[2]: 1500}
    assert found.batches[0].lines[0].remark == "应享1500元，已发299.5元"
    assert apart(found) == {NAMES[0]: ("已发", "应享1500元，已发1500元"),
                            NAMES[3]: ("已发", "应享1500元，已发1600元，多发，请核实")}  # fmt: skip
    assert found.checked and "交通补贴多发1人共100元，请核实（第5行）" in found.remarks


def test_a_payment_of_no_year_keeps_the_line_apart(tmp_path):
    found = made(ledger(tmp_path, 2), paid=[paid_roster(tmp_path, [IDS[0], "交通补贴", 1500, None])])
    assert listed(found) == {NAMES[1]: 1500} and apart(found)[NAMES[0]][0] == "待补"


@pytest.mark.parametrize(
    ("number", "why"),
    [
        (IDS[0] + "41", ""),
        (IDS[0] + "41B1", ""),
        (IDS[0][:17] + ("0" if IDS[0][17] != "0" else "1"), "校验码"),
        (None, "没有填"),
        ("无", "证件号码"),
        (1.40603e17, "失真"),
    ],
)
def test_the_identity_number(tmp_path, number, why):
    found = made(ledger(tmp_path, 2, 证件号码={0: number}))
    if not why:
        assert found.batches[0].lines[0].person.number == IDS[0] and not found.apart
    else:
        assert list(listed(found)) == [NAMES[1]]
        kind, reason = apart(found)[NAMES[0]]
        assert kind == "核对不过" and why in reason and no_person_in(reason)


def test_a_person_twice(tmp_path):
    source = ledger(tmp_path, 3, 证件号码={1: IDS[0] + "41"})
    assert listed(made(source)) == {NAMES[0]: 1500, NAMES[2]: 1500}  # due once a year
    trained = ledger(tmp_path, 2, name="培训.xlsx", 证件号码={1: IDS[0]}, 有培训意愿="是", 已就业="否", 务工去向=None,
                     培训天数={0: 5, 1: 8})  # fmt: skip
    found = made(trained, ["培训生活费补贴"])
    assert listed(found) == {NAMES[0]: 75}
    assert apart(found)[NAMES[1]] == ("核对不过", "与第2行是同一享受人，一批里只能有一行，请并成一行")


def test_who_is_paid_for_whom(tmp_path):
    """The head's account where the member has none; whoever else is told to be paid is refused."""
    home = dict(户编号={1: "H0"}, 与户主关系={1: "之子"})
    source = ledger(tmp_path, 3, **home, 银行账号={0: "6228480000000000011", 2: None}, 开户银行={0: "甲银行"})
    found = made(source)
    lines = {line.person.name: line.person for line in found.batches[0].lines}
    assert (lines[NAMES[1]].payee_name, lines[NAMES[1]].payee_number, lines[NAMES[1]].bank) == (
        NAMES[0], IDS[0], "甲银行")  # fmt: skip
    assert lines[NAMES[1]].account == lines[NAMES[0]].account == "6228480000000000011"
    assert apart(found) == {NAMES[2]: ("核对不过", "银行账号没有填，本人和户主都没有")}
    other = ledger(tmp_path, 4, name="收款人.xlsx", **home, 银行账号="6228480000000000011",
                   收款人姓名={0: NAMES[0], 1: NAMES[0], 2: NAMES[5], 3: None})  # fmt: skip
    found = made(other)
    assert list(listed(found)) == [NAMES[0], NAMES[1]]
    assert apart(found) == {NAMES[2]: ("核对不过", "收款人既不是享受人本人，也不是本户户主"),
                            NAMES[3]: ("核对不过", "收款人没有填")}  # fmt: skip


def test_accounts_agree_with_the_register(tmp_path):
    rows = people(3, 银行账号={0: "6228480000000000011", 1: "6228480000000000029", 2: "1.2E+18"})
    register = [["户编号", "户主姓名", "证件号码", "银行账号"], ["H0", NAMES[0], IDS[0], "6228480000000000011"],
                ["H1", NAMES[1], IDS[1], "6228480000000000037"]]  # fmt: skip
    found = made(write(tmp_path / "台账.xlsx", *rows, sheets={"账户": register}))
    assert list(listed(found)) == [NAMES[0]]
    assert apart(found)[NAMES[1]] == ("核对不过", "银行账号和台账另一张表里登记的不同")
    assert apart(found)[NAMES[2]][1].startswith("银行账号：")
    assert "6228480000000000029" not in str(found.apart) + str(found.remarks)


def test_places_and_states(tmp_path):
    source = ledger(tmp_path, 5, 行政村={0: "甲村", 1: None, 2: "甲村", 3: "甲村", 4: "甲村"},
                    村民小组={0: "一组", 1: "一组", 2: None, 3: "二组", 4: "二组"}, 支付状态={3: "停发", 4: "停发"},
                    停发原因={3: "重复享受"})  # fmt: skip
    found = made(source)
    assert list(listed(found)) == [NAMES[0]]
    assert apart(found) == {
        NAMES[1]: ("核对不过", "行政村没有填"), NAMES[2]: ("核对不过", "村民小组没有填"),
        NAMES[3]: ("停发", "停发：重复享受"), NAMES[4]: ("停发", "停发，没有写原因，请补写")}  # fmt: skip


def test_what_the_ledger_does_not_hold_is_told(tmp_path):
    remarks = made(ledger(tmp_path, 1)).remarks
    assert any("没有银行账号" in remark for remark in remarks) and any("没有村、组" in remark for remark in remarks)


# ---- amounts that somebody has to approve


def of_startups(folder, **changes):
    return made(ledger(folder, 4, 返乡回流="是", 自主创业="是", 首次创办小微企业="是", 务工去向=None, **changes),
                ["创业补贴"], policy="阜阳市", as_of="2023-11-30")  # fmt: skip


def test_a_floor_needs_an_approved_amount(tmp_path):
    found = of_startups(tmp_path)
    assert not found.batches[0].lines
    assert set(apart(found).values()) == {("待补", "文件只定了下限，要有“创业补贴核定金额”才能列入")}
    for header in ("核定金额", "创业补贴核定金额（元）"):
        found = of_startups(tmp_path, **{header: {0: 5000, 1: "8,000元", 2: 4999.99, 3: None}})
        assert listed(found) == {NAMES[0]: 5000, NAMES[1]: 8000}
        assert apart(found)[NAMES[2]] == ("待补", "核定金额4999.99元低于文件的下限5000元")


def test_an_estimate_needs_an_approved_amount(tmp_path):
    heads = dict(户类型="脱贫享受政策户", 周岁年龄=66, 残疾等级="无", 子女月缴赡养金=300, 赡养金缴纳月数=10)
    def of(**more):
        return made(ledger(tmp_path, 4, **heads, **more), ["孝善养老奖补"], policy="枣庄高新区", as_of="2024-11-30")

    found = of(奖补比例={0: 0.2})  # 300 × 0.2 × 10; without a rate at most 300 × 0.3 × 10
    assert listed(found) == {NAMES[0]: 600} and apart(found)[NAMES[1]][1].startswith("只是上限估算")
    found = of(奖补比例={0: 0.2}, 孝善养老奖补核定金额={1: 900, 2: 900.01, 3: "约900"})
    assert listed(found) == {NAMES[0]: 600, NAMES[1]: 900}
    assert apart(found)[NAMES[2]] == ("待补", "核定金额900.01元高于按文件算的900元")
    assert apart(found)[NAMES[3]][1].startswith("核定金额：")


def test_a_fixed_amount_is_not_approved_otherwise(tmp_path):
    found = made(ledger(tmp_path, 3, 核定金额={0: 1500, 1: 1499, 2: None}))
    assert listed(found) == {NAMES[0]: 1500, NAMES[2]: 1500}
    assert apart(found) == {NAMES[1]: ("待补", "核定金额1499元与按文件算的1500元不同，请核对")}


def test_a_correction_is_not_above_the_original(tmp_path):
    found = made(ledger(tmp_path, 3, 更正前金额={0: 1500, 1: 1499.99}))
    assert listed(found) == {NAMES[0]: 1500, NAMES[2]: 1500}
    assert apart(found)[NAMES[1]][1] == "1500元大于更正前的1499.99元，更正发放不能超过原金额"


# ---- what no roster takes


@pytest.mark.parametrize("measure", ["职业介绍补贴", "小额信贷可追加额", "培训班补贴"])
def test_money_that_is_not_paid_to_persons(tmp_path, measure):
    with pytest.raises(LedgerError, match=f"{measure}不能造册：是(机构资金|贷款额度)"):
        made(ledger(tmp_path), [measure])


def test_what_a_document_does_not_fix(tmp_path):
    with pytest.raises(LedgerError, match="没有写明标准，也不借用别的文件"):
        made(ledger(tmp_path), policy="阜阳市", as_of="2023-11-30")
    with pytest.raises(LedgerError, match="没有名为“外出补贴”的事项"):
        made(ledger(tmp_path), ["外出补贴"])
    with pytest.raises(LedgerError, match=r"没有可以造册的事项：场租补贴（缺列"):
        made(ledger(tmp_path), ["场租补贴"])


def test_days_that_nobody_tested(tmp_path):
    found = made(ledger(tmp_path, 4, 业务日期={0: "2025-06-01", 1: "2026-01-01", 2: None, 3: "2022-08-11"}))
    dated = apart(found)
    assert dated[NAMES[1]] == dated[NAMES[3]] == ("不符合条件", "不在政策有效期内")
    assert NAMES[0] in listed(found)
    with pytest.raises(LedgerError, match="没有业务日期"):  # no end of this document, so nothing else would ask
        made(ledger(tmp_path, 2, name="阜阳.xlsx", 培训天数=5), ["培训生活费补贴"], policy="阜阳市", as_of=None)
    some = ledger(tmp_path, 2, name="部分.xlsx", 培训天数=5, 业务日期={0: "2023-11-01"})
    found = made(some, ["培训生活费补贴"], policy="阜阳市", as_of=None)
    assert listed(found) == {NAMES[0]: 250} and apart(found)[NAMES[1]][0] == "待补"


def test_years_are_batches_of_their_own(tmp_path):
    found = made(ledger(tmp_path, 2, 业务日期={0: "2024-06-01", 1: "2025-06-01"}))
    assert [(batch.title, batch.total) for batch in found.batches] == [
        ("2024年度交通补贴", 1500), ("2025年度交通补贴", 1500)]  # fmt: skip
    names = [page.name for page in roster_pages(found)]
    assert names == ["发放汇总", "交通补贴2024", "交通补贴2025", "未列入", "核算依据"]


# ---- the workbook


def test_the_sheets(tmp_path):
    source = ledger(tmp_path, 3, 行政村={0: "甲村", 1: "乙村", 2: "甲村"}, 务工去向={1: "省内区外", 2: "区内"})
    found = roster(source, ["交通补贴"], policy="双碾乡", as_of=DAY)
    assert found.target == tmp_path / "台账_花名册.xlsx"
    rows = told(found.target, "交通补贴")
    assert rows[0][0] == "2025年度交通补贴发放花名册" and rows[2][0].startswith("未核对是否已享受：")
    assert rows[3][:20] == list(HEADS) == [
        "序号", "支付状态", "户主姓名", "户主身份证号", "收款人姓名", "收款人身份证号", "银行账号", "开户银行",
        "村(居)委会", "村(居)民小组", "享受人", "享受人身份证号", "联系电话", "现居住地", "年龄", "补贴标准",
        "补贴金额", "填报日期", "与户主关系", "备注"]  # fmt: skip
    assert rows[4][:12] == [1, None, NAMES[0], IDS[0], NAMES[0], IDS[0], None, None, "甲村", None, NAMES[0], IDS[0]]
    assert rows[4][12:20] == [None, None, 55, 1500, 1500, None, "户主", None]
    assert rows[6][0] == "合计" and rows[6][2] == "2户2人" and rows[6][16] == "=SUM(Q5:Q6)"
    assert [row[:5] for row in told(found.target, "发放汇总")[4:8]] == [
        ["2025年度交通补贴", "甲村", 1, 1, 1500], ["2025年度交通补贴", "乙村", 1, 1, 600],
        ["2025年度交通补贴", "小计", 2, 2, "=SUM(E5:E6)"], ["合计", None, 2, 2, 2100]]  # fmt: skip
    assert told(found.target, "未列入")[3][:8] == ["交通补贴", "不符合条件", 4, "H2", NAMES[2], "甲村", 0,
                                                "不在跨省或省内区外务工"]  # fmt: skip
    basis = told(found.target, "核算依据")[3]
    assert basis[:9] == ["交通补贴", 1, "H0", NAMES[0], "台账.xlsx", "台账", 2, dt.datetime(2025, 6, 30),
                         "双发〔2022〕67号第10条"]  # fmt: skip
    assert "户类型＝脱贫户" in basis[9] and "务工去向＝跨省" in basis[9] and "标准＝定额" in basis[10]
    assert basis[11:14] == [1500, None, 1500]
    assert basis[15] == hashlib.sha256(source.read_bytes()).hexdigest()


def test_made_again_nothing_changes_and_edits_stay(tmp_path):
    source = ledger(tmp_path, 3)
    found = roster(source, ["交通补贴"], policy="双碾乡", as_of=DAY)
    before = found.target.read_bytes()
    again = roster(source, ["交通补贴"], policy="双碾乡", as_of=DAY)
    assert again.written.changed == 0 and again.target.read_bytes() == before
    book = openpyxl.load_workbook(found.target)
    book["交通补贴"]["B5"] = "已支付"
    book.save(found.target)
    roster(source, ["交通补贴"], policy="双碾乡", as_of=DAY)
    assert told(found.target, "交通补贴")[4][1] == "已支付"


def test_a_roster_is_read_back_as_paid(tmp_path):
    """What one roster pays, the next does not."""
    source = ledger(tmp_path, 3, 连续外出务工月数={0: 6, 1: 5}, 月工资={0: 1000, 1: 4000}, 务工去向={2: "区内"})
    first = roster(source, ["交通补贴", "稳岗补助"], policy="双碾乡", as_of=DAY)
    with using(Layer("选项", "双碾乡")) as settings:
        paid = read_paid([first.target], settings)
    assert [(IDS.index(p.person), p.measure, p.fen, p.year) for p in paid.payments] == [
        (0, "TRAVEL_SUBSIDY", 150000, 2025), (1, "TRAVEL_SUBSIDY", 150000, 2025), (0, "STABLE_JOB_BONUS", 120000, 2025)]
    second = make_roster(read_ledger(source, policy="双碾乡", as_of=DAY), ["交通补贴", "稳岗补助"], [first.target])
    assert [batch.lines for batch in second.batches] == [[], []]
    assert [one.kind for one in second.apart].count("已发") == 3


# ---- the example ledgers, reckoned otherwise


def rows_of(file: str):
    sheet = openpyxl.load_workbook(WORKBOOKS / file, data_only=True)["台账"]
    lines = [list(row) for row in sheet.iter_rows(values_only=True)]
    top = next(at for at, row in enumerate(lines) if "户编号" in row)
    heads = [str(head).replace("\n", "") for head in lines[top]]
    return [dict(zip(heads, row)) for row in lines[top + 1 :] if row[heads.index("户编号")]]


def villages(found) -> dict:
    sums: dict = defaultdict(lambda: [0, 0])
    for line in found.batches[0].lines:
        sums[line.person.village][0] += 1
        sums[line.person.village][1] += round(line.amount * 100)
    return {village: tuple(pair) for village, pair in sums.items()}


def counted(rows, fen) -> dict:
    sums: dict = defaultdict(lambda: [0, 0])
    for row in rows:
        amount = fen(row)
        if amount:
            sums[row["行政村"]][0] += 1
            sums[row["行政村"]][1] += amount
    return {village: tuple(pair) for village, pair in sums.items()}


def number(value) -> float:
    """A figure, with its unit or without; 0 for a blank and for what is no number."""
    try:
        return float(str(value or 0).strip().rstrip("元天"))
    except ValueError:
        return 0


RISKY = ("脱贫不稳定户", "边缘易致贫户", "突发严重困难户")


def _travel(row) -> int:
    able = row["劳动技能"] in ("普通劳动力", "技能劳动力", "弱劳动力或半劳动力") and row["户类型"] != "一般农户"
    away = {"跨省": 150000, "省内区外": 60000}.get(str(row["务工去向"] or "").strip(), 0)
    return away if able and row["人口状态"] == "正常" and row["本年已享受交通补贴"] != "是" else 0


def _premium(row) -> int:
    inside = row["户类型"] == "脱贫享受政策户" or (row["户类型"] in RISKY and row["风险是否已消除"] == "未消除")
    return round(number(row["保费"]) * 100) if inside and row["生产项目"] in ("种植", "养殖", "其他") else 0


def _training(row) -> int:
    inside = row["户类型"] not in ("一般农户", None) and row["人口状态"] == "正常"
    days = number(row["培训天数"])
    return int(days) * 5000 if inside and days == int(days) else 0  # days are whole


def _elder(row) -> int:
    poor = number(row["2021年人均纯收入"]) <= 10000 or number(row["2022年预估人均纯收入"]) < 10000
    inside = row["风险是否已消除"] == "未消除" if row["户类型"] in RISKY else row["户类型"] != "一般农户" and poor
    if not inside or row["人口状态"] != "正常" or not number(row["子女月缴赡养金"]) or number(row["周岁年龄"]) < 60:
        return 0
    return min(6000, round(number(row["子女月缴赡养金"]) * 10)) * round(number(row["赡养金缴纳月数"]))


@pytest.mark.parametrize(
    ("file", "measure", "fen"),
    [
        ("双碾乡台账.xlsx", "交通补贴", _travel),
        ("枣庄高新区台账.xlsx", "生产保险保费补贴", _premium),
        ("阜阳市台账.xlsx", "培训生活费补贴", _training),
        ("奉节县台账.xlsx", "孝善养老奖补", _elder),
    ],
)
def test_the_examples(file, measure, fen):
    found = make_roster(read_ledger(WORKBOOKS / file), [measure])
    assert villages(found) == counted(rows_of(file), fen) and found.batches[0].lines


def test_a_document_without_amounts():
    with pytest.raises(LedgerError, match="前进区的文件没有发到户到人的补贴金额"):
        make_roster(read_ledger(WORKBOOKS / "前进区台账.xlsx"))
