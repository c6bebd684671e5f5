"""What was paid: rosters and national exports beside a ledger, and what is still due. Figures are by hand from the
text: 交通补贴 (第10条) 跨省1500元、省内区外600元，每年一次；稳岗补助 (第11条) 200元×6个月＝1200元，一次性；种粮每亩
21.5元。"""

from __future__ import annotations

from pathlib import Path

import pytest
from small_ledgers import IDS, ledger, no_person_in, paid_roster, told, write

from xl_poverty import CellError
from xl_poverty.errors import LedgerError
from xl_poverty.formulas.office import Layer, using
from xl_poverty.ledger.filling import fill
from xl_poverty.ledger.rosters import read_paid

DAY = "2025-06-30"
WORKBOOKS = Path(__file__).parents[1] / "workbooks"


def read(*files):
    with using(Layer("选项", "双碾乡")) as settings:
        return read_paid(files, settings)


def filled(source, *paid, measures=("交通补贴",), **options):
    return fill(source, policy="双碾乡", as_of=DAY, paid=paid, measures=measures, **options)


def columns(result, *words) -> dict[str, list]:
    head, *rows = told(result.target, result.sheet)
    return {name: [row[at] for row in rows] for at, name in enumerate(head) if name and name.startswith(words)}


# ---- what was paid


def test_payments_by_person_measure_and_year(tmp_path):
    paid = read(
        paid_roster(tmp_path, [IDS[0], "交通补贴", 1500, "2025-03-01"],
                    [IDS[0] + "41", "交通补贴", "700.5", "2024-03-01"],
                    [IDS[0], "稳岗补助", 1200, "2024-05-01"], [IDS[1], "取暖补贴", 5, None]),
        paid_roster(tmp_path, [IDS[0].lower(), "TRAVEL_SUBSIDY", 100, "20250401"], name="二.xlsx"),
    )  # fmt: skip
    assert paid.of(IDS[0], "TRAVEL_SUBSIDY", 2025) == 160000
    assert paid.of(IDS[0], "TRAVEL_SUBSIDY", 2024) == 70050
    assert paid.of(IDS[0], "TRAVEL_SUBSIDY") == 230050
    assert paid.of(IDS[0], "STABLE_JOB_BONUS", 2025) == 0 and paid.of(IDS[1], "TRAVEL_SUBSIDY", 2025) == 0
    assert paid.of(IDS[0], "STABLE_JOB_BONUS_BY_MONTH") == 120000  # the same award, told month by month
    assert paid.others == ["发放表 发放.xlsx 有1行是别的事项（取暖补贴），未计入已发"]


@pytest.mark.parametrize("state", ["支付失败", "退回", "停发", "已退回"])
def test_what_did_not_go_through(tmp_path, state):
    heads = ("证件号码", "事项", "金额", "支付状态")
    paid = read(paid_roster(tmp_path, [IDS[0], "交通补贴", 1500, state], [IDS[1], "交通补贴", 600, None], heads=heads))
    assert (paid.of(IDS[0], "TRAVEL_SUBSIDY"), paid.of(IDS[1], "TRAVEL_SUBSIDY")) == (0, 60000)


@pytest.mark.parametrize(
    ("heads", "row", "title", "name", "year"),
    [
        (("证件号码", "事项", "金额", "补贴年度"), ["2024"], "2023年度花名册", "发放.xlsx", 2024),
        (("证件号码", "事项", "金额", "发放日期"), ["2025-01-20"], "2024年度花名册", "发放.xlsx", 2024),
        (("证件号码", "事项", "金额", "发放日期"), ["2025-01-20"], "2024年12月花名册", "发放.xlsx", 2025),
        (("证件号码", "事项", "金额"), [], "2024年12月花名册", "发放.xlsx", 2024),
        (("证件号码", "事项", "金额"), [], "花名册", "2023年发放.xlsx", 2023),
        (("证件号码", "事项", "金额"), [], "花名册", "发放.xlsx", None),
        (("证件号码", "事项", "金额"), [], "2023年、2024年花名册", "发放.xlsx", None),
    ],
)
def test_the_year_of_a_payment(tmp_path, heads, row, title, name, year):
    paid = read(paid_roster(tmp_path, [IDS[0], "交通补贴", 1500, *row], heads=heads, title=title, name=name))
    assert [payment.year for payment in paid.payments] == [year]


def test_a_payment_of_no_year_is_not_guessed(tmp_path):
    paid = read(paid_roster(tmp_path, [IDS[0], "交通补贴", 1500, None]))
    assert paid.of(IDS[0], "TRAVEL_SUBSIDY") == 150000 and paid.of(IDS[1], "TRAVEL_SUBSIDY", 2025) == 0
    with pytest.raises(CellError) as why:
        paid.of(IDS[0], "TRAVEL_SUBSIDY", 2025)
    assert why.value.code == "missing" and "第3行" in why.value.message and no_person_in(why.value.message)


def test_a_roster_per_sheet(tmp_path):
    heads = ["享受人身份证号", "补贴金额", "支付状态"]
    file = write(tmp_path / "册.xlsx", ["2025年度交通补贴发放花名册"], heads, [IDS[0], 1500, None], sheet="交通补贴",
                 sheets={"稳岗补助": [["花名册"], heads, [IDS[0], 1200, "已支付"]], "说明": [["没有表"]]})  # fmt: skip
    paid = read(file)
    assert (paid.of(IDS[0], "TRAVEL_SUBSIDY", 2025), paid.of(IDS[0], "STABLE_JOB_BONUS")) == (150000, 120000)


def test_copies_count_once_or_are_refused(tmp_path):
    file = paid_roster(tmp_path, [IDS[0], "交通补贴", 1500, "2025-03-01"])
    copy = tmp_path / "副本.xlsx"
    copy.write_bytes(file.read_bytes())
    paid = read(file, file, copy)
    assert paid.of(IDS[0], "TRAVEL_SUBSIDY", 2025) == 150000
    assert paid.others == ["发放表 副本.xlsx 和 发放.xlsx 的内容一样，只算一次"]
    rows = [["证件号码", "事项", "金额"], [IDS[0], "交通补贴", 1500]]
    twice = write(tmp_path / "两张.xlsx", *rows, sheet="一", sheets={"二": rows})
    with pytest.raises(LedgerError, match="工作表“一”和“二”里的发放一模一样"):
        read(twice)


def test_files_that_cannot_be_read(tmp_path):
    with pytest.raises(LedgerError, match=r"找不到发放表：没有\.xlsx"):
        read(tmp_path / "没有.xlsx")
    with pytest.raises(LedgerError, match="没有“事项”列"):
        read(paid_roster(tmp_path, [IDS[0], 5], heads=("证件号码", "金额")))
    with pytest.raises(LedgerError, match="第3行：缺少“已发金额”") as why:
        read(paid_roster(tmp_path, [IDS[0], "交通补贴", None, None]))
    assert no_person_in(str(why.value))


# ---- beside the entitlements


def test_what_is_still_due(tmp_path):
    source = ledger(tmp_path, 6, 务工去向={1: "省内区外", 4: "区内"})
    paid = paid_roster(tmp_path, [IDS[0], "交通补贴", 1500, "2025-03-01"], [IDS[1], "交通补贴", 299.5, "2025-03-01"],
                       [IDS[2], "交通补贴", 1500, "2024-03-01"], [IDS[3], "交通补贴", 1800.25, "2025-03-01"],
                       [IDS[4], "交通补贴", 100, "2025-03-01"], [IDS[11], "交通补贴", 9, "2025-03-01"])  # fmt: skip
    result = filled(source, paid)
    assert columns(result, "应享交", "已发", "本次") == {
        "应享交通补贴": [1500, 600, 1500, 1500, 0, 1500],
        "已发交通补贴": [1500, 299.5, 0, 1800.25, 100, 0],
        "本次应发交通补贴": [0, 300.5, 1500, 0, 0, 1500],
    }
    heads = told(result.target)[0]
    at = heads.index("应享交通补贴")
    assert heads[at : at + 3] == ["应享交通补贴", "已发交通补贴", "本次应发交通补贴"]
    assert "交通补贴多发2人共400.25元，请核实（第5、6行）" in result.remarks
    assert "交通补贴：发放表里有1笔共1500元是2024年的，不算本年已发" in result.remarks
    assert "发放表里有1人交通补贴共9元，台账里没有这些人，未列入" in result.remarks
    assert all(map(no_person_in, result.remarks))


def test_once_in_a_life_every_year_counts(tmp_path):
    source = ledger(tmp_path, 2, 连续外出务工月数=6, 月工资=1000)
    result = filled(source, paid_roster(tmp_path, [IDS[0], "稳岗补助", 1000, "2019-03-01"]), measures=["稳岗补助"])
    assert columns(result, "本次") == {"本次应发稳岗补助": [200, 1200]}


def test_a_payment_without_a_year_waits(tmp_path):
    result = filled(ledger(tmp_path, 2), paid_roster(tmp_path, [IDS[0], "交通补贴", 1500, None]))
    assert columns(result, "已发", "本次") == {"已发交通补贴": ["#N/A", 0], "本次应发交通补贴": ["#N/A", 1500]}
    assert any("第2行算不出本次应发" in remark and "补贴年度" in remark for remark in result.remarks)


def test_a_household_is_paid_through_any_member(tmp_path):
    source = ledger(tmp_path, 3, 户编号={1: "H0"}, 与户主关系={1: "配偶"}, 务工去向=None, 实际种粮亩数={0: 10, 2: 10})
    result = filled(source, paid_roster(tmp_path, [IDS[1], "种粮一次性补贴", 100, "2025-03-01"]),
                    measures=["种粮一次性补贴"])  # fmt: skip
    assert columns(result, "应享种", "已发", "本次") == {
        "应享种粮一次性补贴": [215, 0, 215], "已发种粮一次性补贴": [100, 0, 0], "本次应发种粮一次性补贴": [115, 0, 215]}


def test_what_the_ledger_says_itself(tmp_path):
    source = ledger(tmp_path, 4, 本年已享受交通补贴={0: "是", 1: "是", 2: "否"})
    result = filled(source, paid_roster(tmp_path, *([IDS[at], "交通补贴", 1500, "2025-03-01"] for at in (1, 2))))
    assert columns(result, "应享交", "已发", "本次") == {
        "应享交通补贴": [0, 0, 1500, 1500], "已发交通补贴": [0, 1500, 1500, 0], "本次应发交通补贴": [0, 0, 0, 1500]}
    assert "交通补贴：台账写已享受，发放表里没有（第2行），按已享受算，请核对" in result.remarks
    assert "交通补贴：台账写没有享受，发放表里已发（第4行），按已发算，请核对" in result.remarks
    assert not any("多发" in remark for remark in result.remarks)  # what was received is not too much


# ---- the national export


def test_the_exports_column_in_the_ledger(tmp_path):
    source = ledger(tmp_path, 4, 年度交通费补助={0: 800, 1: 0, 2: None, 3: "0.5"})
    result = fill(source, policy="双碾乡", as_of=DAY, measures=["交通补贴"])
    assert columns(result, "应享交") == {"应享交通补贴": [0, 1500, 1500, 0]}
    assert "交通补贴：2行的“年度交通费补助”大于0，按本年已享受算" in result.remarks
    own = ledger(tmp_path, 3, name="有列.xlsx", 年度交通费补助={0: 800, 1: 0}, 本年已享受交通补贴={0: "否", 1: "否"})
    result = fill(own, policy="双碾乡", as_of=DAY, measures=["交通补贴"])
    assert columns(result, "应享交") == {"应享交通补贴": [1500, 1500, 1500]}  # the ledger's own column counts
    assert [remark for remark in result.remarks if "不一致" in remark] == [
        "交通补贴：第2行的“本年已享受”和“年度交通费补助”不一致，按台账填的算，请核对"]


def test_an_export_given_as_paid(tmp_path):
    export = write(tmp_path / "务工信息_20250601.xlsx", ["姓名", "证件号码", "年度交通费补助"],
                   ["甲某", IDS[0] + "41", "600"], ["乙某", IDS[1], "0"], ["丙某", IDS[2], None])  # fmt: skip
    result = filled(ledger(tmp_path, 4), export)
    assert columns(result, "应享交", "已发", "本次") == {
        "应享交通补贴": [0, 1500, 1500, 1500], "已发交通补贴": [0] * 4, "本次应发交通补贴": [0, 1500, 1500, 1500]}
    assert not any("多发" in remark or "没有（" in remark for remark in result.remarks)
    older = tmp_path / "务工信息_20231218.xlsx"
    older.write_bytes(export.read_bytes())
    assert columns(filled(ledger(tmp_path, 1), older), "本次") == {"本次应发交通补贴": [1500]}  # of another year


# ---- the file


def test_filling_again_changes_nothing(tmp_path):
    paid = paid_roster(tmp_path, [IDS[0], "交通补贴", 700, "2025-03-01"])
    once = filled(ledger(tmp_path), paid)
    twice = filled(once.target, paid, target=tmp_path / "再.xlsx")
    assert told(twice.target) == told(once.target)
    without = fill(twice.target, tmp_path / "三.xlsx", policy="双碾乡", as_of=DAY)
    assert "列“本次应发交通补贴”是以前核算的，这次没有更新" in without.remarks


def test_a_column_of_the_clerks_is_not_written_over(tmp_path):
    source = ledger(tmp_path, 2, 已发交通补贴={0: "三月领了"})
    paid = paid_roster(tmp_path, [IDS[1], "交通补贴", 700, "2025-03-01"])
    first = filled(source, paid)
    again = filled(first.target, paid, target=tmp_path / "再.xlsx")
    for result in (first, again):
        assert columns(result, "已发", "发放表已发", "本次") == {
            "已发交通补贴": ["三月领了", None], "发放表已发交通补贴": [0, 700], "本次应发交通补贴": [1500, 800]}


def test_what_cannot_be_compared(tmp_path):
    source = ledger(tmp_path)
    paid = paid_roster(tmp_path, [IDS[0], "交通补贴", 700, "2025-03-01"])
    with pytest.raises(LedgerError, match="输出文件不能是发放表"):
        filled(source, paid, target=paid)
    with pytest.raises(LedgerError, match="找不到发放表"):
        filled(source, tmp_path / "没有.xlsx")
    heads = ["户编号", "姓名", "与户主关系", "户类型", "劳动技能", "务工去向"]
    nobody = ledger(tmp_path, name="无号.xlsx", heads=heads)
    with pytest.raises(LedgerError, match="没有“证件号码”列"):
        filled(nobody, paid)


def test_a_row_without_a_usable_number(tmp_path):
    source = ledger(tmp_path, 3, 证件号码={0: None, 1: "无"}, 务工去向={1: None})
    result = filled(source, paid_roster(tmp_path, [IDS[2], "交通补贴", 100, "2025-03-01"]))
    assert columns(result, "已发", "本次") == {"已发交通补贴": ["#N/A", 0, 100], "本次应发交通补贴": ["#N/A", 0, 1400]}


# ---- the examples, looked at otherwise


def sheet_of(file) -> list[dict]:
    lines = told(file)
    top = next(at for at, line in enumerate(lines) if "证件号码" in line or "享受人身份证号" in line)
    heads = [str(head).replace("\n", "") for head in lines[top]]
    return [dict(zip(heads, line)) for line in lines[top + 1 :]]


@pytest.mark.parametrize("name", ["双碾乡", "枣庄高新区", "阜阳市", "奉节县"])
def test_the_examples(tmp_path, name):
    source, roster = WORKBOOKS / f"{name}台账.xlsx", WORKBOOKS / f"{name}发放表.xlsx"
    result = fill(source, tmp_path / "结果.xlsx", paid=[roster])
    rows = [row for row in sheet_of(result.target) if row["户编号"]]
    known = {str(row["证件号码"])[:18].upper() for row in rows}
    sums: dict = {}
    for line in sheet_of(roster):
        if line["支付状态"] == "支付成功" and str(line["享受人身份证号"])[:18] in known:
            sums[line["事项"]] = sums.get(line["事项"], 0) + round(line["补贴金额"] * 100)
    measures = [head.removeprefix("本次应发") for head in rows[0] if head.startswith("本次应发")]
    assert set(sums) <= set(measures)
    for measure in measures:
        paid = [row[f"已发{measure}"] for row in rows]
        assert sum(round(fen * 100) for fen in paid if not isinstance(fen, str)) == sums.get(measure, 0), measure
        for row in rows:
            due, got, now = (row[f"{word}{measure}"] for word in ("应享", "已发", "本次应发"))
            assert now == due if isinstance(due, str) else round(now * 100) == max(0, round((due - got) * 100))
