"""Audits: every verdict, by hand from the text: 交通补贴跨省1500元、省内区外600元；稳岗补助1200元；创业补贴不低于
5000元。"""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest
from small_ledgers import IDS, NAMES, ledger, paid_roster, told

from xl_poverty.errors import LedgerError
from xl_poverty.summaries.audit import audit, audit_pages
from xl_poverty.summaries.roster import make_roster, roster

WORKBOOKS = Path(__file__).parents[1] / "workbooks"
STRANGER = IDS[11]


def listed(folder, *rows, heads=("享受人", "享受人身份证号", "事项", "补贴金额"), **more) -> Path:
    return paid_roster(folder, *rows, heads=heads, name="花名册.xlsx", **more)


def row(at: int, amount, measure="交通补贴") -> list:
    return [NAMES[at], IDS[at], measure, amount]


def made(listing, source, paid=(), policy="双碾乡", as_of="2025-06-30"):
    return audit(listing, source, paid, policy=policy, as_of=as_of)


def verdicts(found) -> list[tuple]:
    return [(line.verdict, line.due, line.difference) for line in found.lines]


def test_every_verdict(tmp_path):
    source = ledger(tmp_path, 9, 务工去向={1: "省内区外", 2: "区内", 4: "外省打工"}, 人口状态={3: "死亡"},
                    本年已享受交通补贴={7: "是"})  # fmt: skip
    listing = listed(tmp_path, row(0, 1500), row(1, 1500), row(2, 600), row(3, 1500), row(4, 1500), row(5, 800),
                     row(6, 1500), row(6, 1500), row(7, 1500), [NAMES[11], STRANGER, "交通补贴", 1500],
                     row(8, 5, "取暖补贴"), [NAMES[8], "无", "交通补贴", 1500], row(8, None))  # fmt: skip
    found = made(listing, source)
    assert verdicts(found) == [
        ("一致", 1500, 0), ("多发", 600, 900), ("不符合条件", 0, 600), ("人员状态", 0, 1500), ("无法核算", None, None),
        ("少发", 1500, -700), ("一致", 1500, 0), ("重复", 0, 1500), ("重复", 0, 1500), ("台账无此人", 0, 1500),
        ("无法核算", None, None), ("无法核算", None, None), ("无法核算", None, None)]  # fmt: skip
    why = [line.why for line in found.lines]
    assert why[2] == "不在跨省或省内区外务工" and why[3] == "人口状态：死亡" and "外省打工" in why[4]
    assert why[7] == "应享1500元，已发1500元，这一笔是重复的" and why[8].startswith("台账写已享受过这一项")
    assert [line.ledger_row for line in found.lines[:3]] == [2, 3, 4] and found.lines[9].ledger_row is None
    assert found.lines[0].cited == "双发〔2022〕67号第10条" and f"{found.lines[0].day}" == "2025-06-30"
    sums = {verdict: (count, paid, over) for verdict, count, paid, over in found.sums()}
    assert sums["一致"] == (2, 3000, 0) and sums["重复"] == (2, 3000, 3000) and sums["少发"] == (1, 800, -700)
    sheets = [told(found.target, name) for name in ("复核汇总", "复核明细")]
    text = "\n".join(str(cell) for sheet in sheets for line in sheet for cell in line)
    assert not any(number in text for number in IDS)
    assert told(found.target, "复核明细")[4][:9] == [4, "表", NAMES[1], "交通补贴", 1500, 600, 900, "多发", 3]


def test_what_was_paid_elsewhere(tmp_path):
    paid = paid_roster(tmp_path, [IDS[0], "交通补贴", 1500, "2025-02-01"], [IDS[1], "交通补贴", 700, "2025-02-01"],
                       [IDS[2], "交通补贴", 1500, "2024-02-01"], [IDS[3], "交通补贴", 9, None])  # fmt: skip
    listing = listed(tmp_path, row(0, 1500), row(1, 1500), row(2, 1500), row(3, 1500))
    found = made(listing, ledger(tmp_path), [paid, listing])
    assert verdicts(found) == [("重复", 0, 1500), ("多发", 800, 700), ("一致", 1500, 0), ("无法核算", None, None)]
    assert found.checked and "要复核的发放表自己也在已发放的文件里，没有算作已发" in found.remarks
    assert any("没有核对是否已在别处发过" in remark for remark in made(listing, ledger(tmp_path)).remarks)


def test_stopped_lines_are_not_audited(tmp_path):
    heads = ("享受人", "享受人身份证号", "事项", "补贴金额", "支付状态")
    found = made(listed(tmp_path, [*row(0, 9999), "停发"], [*row(1, 1500), "已支付"], heads=heads), ledger(tmp_path))
    assert verdicts(found) == [("一致", 1500, 0)]
    assert "有1行是停发、退回或没有支付的，没有复核" in found.remarks


def test_another_reading_of_the_document(tmp_path):
    """第10条 as a cap on what was spent (限额据实); and a weak labourer counted or not."""
    source = ledger(tmp_path, 3, 实际交通费={0: 420.5, 1: 1600, 2: 300}, 劳动技能={2: "弱劳动力或半劳动力"})
    found = made(listed(tmp_path, row(0, 420.5), row(1, 1500), row(2, 1500)), source)
    assert verdicts(found) == [("口径不同", 1500, -1079.5), ("一致", 1500, 0), ("一致", 1500, 0)]
    assert found.lines[0].why == "口径“标准”按“限额据实”算是这个数（现用“定额”）"
    cleared = ledger(tmp_path, 1, name="二.xlsx", 户类型="边缘易致贫户", 风险状态="已消除", 实际交通费=100)
    assert verdicts(made(listed(tmp_path, row(0, 1499)), cleared)) == [("少发", 1500, -1)]


def test_a_household_is_paid_through_a_member(tmp_path):
    source = ledger(tmp_path, 2, 户编号="H0", 与户主关系={1: "配偶"}, 务工去向=None, 实际种粮亩数={0: 10})
    listing = listed(tmp_path, row(1, 215, "种粮一次性补贴"), row(0, 215, "种粮一次性补贴"))
    found = made(listing, source)
    assert verdicts(found) == [("一致", 215, 0), ("重复", 0, 215)] and found.lines[0].ledger_row == 2


def test_a_floor(tmp_path):
    heads = dict(返乡回流="是", 自主创业="是", 首次创办小微企业="是", 务工去向=None)
    listing = listed(tmp_path, *(row(at, amount, "创业补贴") for at, amount in enumerate((5000, 8000, 4999))))
    found = made(listing, ledger(tmp_path, **heads), policy="阜阳市", as_of="2023-11-30")
    assert verdicts(found) == [("一致", 5000, 0), ("一致", 8000, 0), ("少发", 5000, -1)]
    approved = ledger(tmp_path, name="核定.xlsx", **heads, 核定金额={0: 6000, 1: 8000, 2: None})
    found = made(listing, approved, policy="阜阳市", as_of="2023-11-30")
    assert verdicts(found)[:2] == [("少发", 6000, -1000), ("一致", 8000, 0)]


def test_a_line_of_another_year(tmp_path):
    heads = ("享受人", "享受人身份证号", "事项", "补贴金额", "发放日期")
    found = made(listed(tmp_path, [*row(0, 1500), "2024-03-01"], heads=heads), ledger(tmp_path))
    assert verdicts(found) == [("无法核算", None, None)] and "不是同一年" in found.lines[0].why
    dated = ("享受人", "享受人身份证号", "事项", "补贴金额", "业务日期")
    found = made(listed(tmp_path, [*row(0, 1500), "2026-01-05"], heads=dated), ledger(tmp_path))
    assert verdicts(found) == [("不符合条件", 0, 1500)] and found.lines[0].why == "不在政策有效期内"


def test_our_own_roster_agrees_with_its_ledger(tmp_path):
    """The document and the days are told by the roster itself, whatever is said now."""
    source = ledger(tmp_path, 4, 务工去向={1: "省内区外", 2: "区内"}, 连续外出务工月数={0: 6}, 月工资={0: 1000})
    listing = roster(source, ["交通补贴", "稳岗补助"], policy="双碾乡", as_of="2025-06-30")
    found = audit(listing.target, source)
    assert [(line.alias, line.verdict, line.amount) for line in found.lines] == [
        ("交通补贴", "一致", 1500), ("交通补贴", "一致", 600), ("交通补贴", "一致", 1500), ("稳岗补助", "一致", 1200)]
    assert {f"{line.day}" for line in found.lines} == {"2025-06-30"}
    again = audit(listing.target, source)
    assert again.written.changed == 0
    assert [page.name for page in audit_pages(found)] == ["复核汇总", "复核明细"]


def test_what_cannot_be_audited(tmp_path):
    source = ledger(tmp_path)
    with pytest.raises(LedgerError, match="找不到发放表"):
        audit(listed(tmp_path, row(0, 1)), source, [tmp_path / "没有.xlsx"], policy="双碾乡")
    with pytest.raises(LedgerError, match="输出文件不能是台账自己"):
        audit(listed(tmp_path, row(0, 1)), source, target=source, policy="双碾乡")
    expired = made(listed(tmp_path, row(0, 1500)), source, as_of=None)
    assert expired.lines[0].verdict == "无法核算"  # nobody said on which day


@pytest.mark.parametrize("file", ["双碾乡台账.xlsx", "枣庄高新区台账.xlsx", "阜阳市台账.xlsx", "奉节县台账.xlsx"])
def test_the_examples(tmp_path, file):
    """A roster of an example ledger is right; with one amount changed that line alone is not."""
    listing = roster(WORKBOOKS / file, target=tmp_path / "册.xlsx")
    assert {line.verdict for line in audit(listing.target, WORKBOOKS / file).lines} == {"一致"}
    batch = next(batch for batch in make_roster(listing.ledger).batches if batch.lines)
    book = openpyxl.load_workbook(listing.target)
    sheet = book[batch.alias]
    top = next(cell.row for cell in sheet["A"] if cell.value == "序号")
    sheet.cell(top + 1, 17).value = batch.lines[0].amount + 0.5
    book.save(listing.target)
    wrong = [line for line in audit(listing.target, WORKBOOKS / file, target=tmp_path / "二.xlsx").lines
             if line.verdict != "一致"]  # fmt: skip
    assert [(line.row, line.verdict, line.difference) for line in wrong] == [(top + 1, "多发", 0.5)]


#: what stands in the example rosters, line by line: 更正、退回、重复、死亡迁出、不符合 … are put there on purpose
WRONG = {
    "双碾乡": [  # 131 is 省内区外, 48 is 跨省, 182 is listed twice, 53 moved away
        (9, "多发", 900), (10, "少发", -900), (12, "重复", 1500), (13, "人员状态", 600), (14, "台账无此人", 1500)],
    "枣庄高新区": [  # 投资额的50%最高5000; 300元的20%共12个月; twice; nobody's
        (8, "多发", 1400), (9, "少发", -120), (11, "重复", 86.4), (12, "台账无此人", 1080)],
    "阜阳市": [  # 不低于5000; 15天的50元; twice; nobody's
        (9, "少发", -2000), (10, "多发", 250), (12, "重复", 250), (13, "台账无此人", 500)],
    "奉节县": [  # not of low income; 核定2400; 60元共12个月; twice; nobody's
        (8, "不符合条件", 3000), (9, "多发", 600), (10, "少发", -360), (12, "重复", 1500), (13, "台账无此人", 2000)],
}  # fmt: skip


@pytest.mark.parametrize("name", list(WRONG))
def test_the_example_rosters(tmp_path, name):
    found = audit(WORKBOOKS / f"{name}发放表.xlsx", WORKBOOKS / f"{name}台账.xlsx", target=tmp_path / "复核.xlsx")
    assert [(line.row, line.verdict, line.difference) for line in found.lines if line.verdict != "一致"] == WRONG[name]
    assert "有1行是停发、退回或没有支付的，没有复核" in found.remarks
