"""补差表: one ledger under a document and the one that extends it, beside what was paid. Figures are by hand.

The extending document is data only, in a folder that the office.toml beside the ledger names: 交通补贴 rises from 1500
and 600 to 2000 and 800, everything else stays.
"""

from __future__ import annotations

import openpyxl
import pytest

from xl_poverty import CellError
from xl_poverty.cli import main
from xl_poverty.ledger.difference import HEADS, difference
from xl_poverty.ledger.entitlements import LedgerError

EXTENSION = """
id = "xu_2026"
short_name = "双碾乡续"
number = "双发〔2026〕1号"
title = "关于延续支持脱贫人口增收措施的通知"
issuer = "双碾乡"
extends = "shuangnian_2022"
in_force = { from = 2026-01-01, until = 2027-12-31 }
[clauses.1]
title = "交通补贴"
use = "计算"
text = "跨省务工的补贴标准提高到2000元；省内区外务工的补贴标准提高到800元。"
[TRAVEL_SUBSIDY]
clause = "1"
quote = "跨省务工的补贴标准提高到2000元；省内区外务工的补贴标准提高到800元。"
[[TRAVEL_SUBSIDY.values]]
from = 2026-01-01
amount = { "跨省" = 2000, "省内区外" = 800 }
"""
HEADERS = ["户编号", "姓名", "与户主关系", "证件号码", "户类型", "劳动技能", "务工去向", "连续外出务工月数", "月工资"]
HEADS_OF_A_PERSON = HEADERS[:6]
IDS = [f"10600119{60 + number}0101{number:03}X" for number in range(10)]
NAMES = ["甲某", "乙某", "丙某", "丁某", "戊某", "己某", "庚某"]
AWAY = ["跨省", "省内区外", "跨省", "区内", "外省打工", "跨省", None]
#: nobody's number, and the name of nobody in the ledger
STRANGER = "10600119991231999X"
DAYS = {"as_of": "2026-06-30", "old_as_of": "2025-06-30"}


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "政策" / "xu_2026").mkdir(parents=True)
    (tmp_path / "政策" / "xu_2026" / "policy.toml").write_text(EXTENSION, encoding="utf-8")
    (tmp_path / "office.toml").write_text('documents = "政策"\n', encoding="utf-8")
    return tmp_path


def write(file, *lines, sheet="Sheet"):
    book = openpyxl.Workbook()
    book.active.title = sheet
    for line in lines:
        book.active.append(line)
    book.save(file)
    return file


def people(**changes) -> list[list]:
    """Seven persons; `changes`: header -> {row: value}."""
    rows = []
    for number, (name, away) in enumerate(zip(NAMES, AWAY)):
        person = [f"0{number}", name, "户主", IDS[number], "脱贫户", "普通劳动力", away, None, None]
        for header, values in changes.items():
            person[HEADERS.index(header)] = values.get(number, person[HEADERS.index(header)])
        rows.append(person)
    return rows


@pytest.fixture
def ledger(folder):
    return write(folder / "台账.xlsx", ["务工台账"], HEADERS, *people(), ["合计"])


def roster(folder, *rows, heads=("享受人身份证号", "补贴项目", "补贴金额", "支付状态"), name="花名册.xlsx"):
    return write(folder / name, ["发放花名册"], heads, *rows)


@pytest.fixture
def paid(folder):
    return roster(
        folder,
        [IDS[0], "交通补贴", 1500, "已支付"],
        [IDS[1] + "41", "TRAVEL_SUBSIDY", "600.5", None],
        [IDS[1], "交通补贴", 299.5, None],  # 900 in two payments
        [IDS[2], "交通补贴", 1500, "退回"],
        [IDS[3], "交通补贴", 600, None],
        [IDS[4], "交通补贴", 1500, None],
        [IDS[0], "取暖补贴", "约300", None],
        [STRANGER, "交通补贴", 1500, None],
        ["合计", None, 99999, None],
    )


def compared(ledger, paid=(), **named):
    return difference(ledger, "双碾乡", "双碾乡续", paid, **{**DAYS, **named})


def figures(found, name="交通补贴") -> dict:
    """Row -> old, new, difference, paid, owed, overpaid of a measure, errors by code."""
    told = {}
    for line in found.lines:
        if line.signature.alias == name:
            cells = (line.old, line.new, line.difference, line.paid, line.owed, line.overpaid)
            told[line.row] = tuple(cell.code if isinstance(cell, CellError) else cell for cell in cells)
    return told


def cells(found, row: int) -> list:
    return [cell.value for cell in openpyxl.load_workbook(found.target)["补差表"][row]]


def refused(*arguments, **named) -> str:
    with pytest.raises(LedgerError) as told:
        compared(*arguments, **named)
    assert not any(word in str(told.value) for word in (*IDS, *NAMES, STRANGER))
    return str(told.value)


# ---- amounts


def test_what_is_owed_and_what_was_paid_too_much(ledger, paid):
    found = compared(ledger, [paid])
    bad = ("unknown_option",) * 3
    assert figures(found) == {
        3: (1500, 2000, 500, 1500, 500, 0),
        4: (600, 800, 200, 900, 0, 100),
        5: (1500, 2000, 500, 0, 2000, 0),  # sent back
        6: (0, 0, 0, 600, 0, 600),  # 区内
        7: (*bad, 1500, "unknown_option", "unknown_option"),
        8: (1500, 2000, 500, 0, 2000, 0),
    }
    assert found.failed == 1
    assert [found.total(name) for name in ("old", "new", "difference", "paid", "owed", "overpaid")] == [
        5100, 6800, 1700, 3000, 4500, 700]  # fmt: skip
    why = {line.row: line.why for line in found.lines}
    assert why[3] == "双发〔2026〕1号第1条" and why[6] == "双发〔2026〕1号第1条：不在跨省或省内区外务工"
    assert "外省打工" in why[7] and "原应享" not in why[7]  # one error in both is told once


def test_what_the_extension_does_not_say_stays(folder):
    rows = people(连续外出务工月数={0: 6, 1: 5}, 月工资={0: 1000, 1: 1000})
    found = compared(write(folder / "台账.xlsx", HEADERS, *rows))
    assert figures(found, "稳岗补助") == {2: (1200, 1200, 0, None, None, None)}
    (line,) = (line for line in found.lines if line.signature.alias == "稳岗补助")
    assert line.why == "双发〔2022〕67号第11条（双发〔2026〕1号延续）"


def test_without_a_roster_nothing_is_known_of_payments(ledger):
    found = compared(ledger)
    assert figures(found)[3] == (1500, 2000, 500, None, None, None)
    assert figures(found)[7][3:] == (None, None, None)
    assert cells(found, 3)[4:] == [1500, 2000, 500, None, None, None, "双发〔2026〕1号第1条"]
    sheet = openpyxl.load_workbook(found.target)["补差表"]
    texts = [row[0].value for row in sheet.iter_rows(min_row=8)]
    assert "注：未提供发放表，未核对已发" in texts
    assert cells(found, 3 + len(found.lines))[4:10] == [5100, 6800, 1700, None, None, None]


def test_a_roster_without_payments_is_not_no_roster(folder, ledger):
    found = compared(ledger, [roster(folder)])
    assert figures(found)[3] == (1500, 2000, 500, 0, 2000, 0)


def test_several_rosters_are_one(folder, ledger, paid):
    more = roster(folder, [IDS[2].lower(), "交通补贴", "300.25", None], name="二.xlsx")
    assert figures(compared(ledger, [paid, more]))[5] == (1500, 2000, 500, 300.25, 1699.75, 0)
    assert figures(compared(ledger, [paid, paid, folder / ".." / folder.name / paid.name]))[4][3] == 900


def test_documents_the_other_way_round(ledger):
    found = difference(ledger, "双碾乡续", "双碾乡", as_of="2025-06-30", old_as_of="2026-06-30")
    assert figures(found)[3] == (2000, 1500, -500, None, None, None)


def test_a_document_that_has_other_measures(folder):
    heads = [*HEADERS, "培训天数"]
    rows = [[*row, 10] for row in people()[:1]]
    found = difference(write(folder / "台账.xlsx", heads, *rows), "阜阳市", "双碾乡", as_of="2025-06-30",
                       measures=["交通补贴", "培训生活费补贴"])  # fmt: skip
    assert figures(found) == {2: (0, 1500, 1500, None, None, None)}
    assert figures(found, "培训生活费补贴") == {}  # 双碾乡 asks for more than the days, this is no 0
    assert found.remarks == ["未比较 培训生活费补贴：现文件要的列台账里没有（本人自愿、已就业）"]
    found = difference(folder / "台账.xlsx", "双碾乡", "阜阳市", as_of="2025-06-30", measures=["交通补贴"])
    assert figures(found) == {2: (1500, 0, -1500, None, None, None)}
    assert found.lines[0].why == "现文件没有这一项"


# ---- rows that cannot be told


def test_one_document_cannot_tell(folder):
    text = EXTENSION.replace('clause = "1"\nquote', 'clause = "1"\nkind = "定额"\nquote', 1)
    (folder / "政策" / "xu_2026" / "policy.toml").write_text(text, encoding="utf-8")
    dated = write(folder / "台账.xlsx", [*HEADERS, "业务日期"], *([*row, day] for row, day in zip(
        people(), ("2026-03-01", "开春后", None, "2026-03-01", "2026-03-01", "2025-12-31", "2026-03-01"))))  # fmt: skip
    found = compared(dated)
    told = figures(found)
    assert told[2] == (1500, 2000, 500, None, None, None)
    assert told[3] == (600, "bad_date", "bad_date", None, None, None)
    assert told[4] == (1500, 2000, 500, None, None, None)  # the option's day
    assert told[7] == (1500, 0, -1500, None, None, None)  # before the new document
    assert next(line.why for line in found.lines if line.row == 3).startswith("现应享：“业务日期”填的是“开春后”")
    assert found.remarks == ["现文件（双碾乡续）：有1行的业务日期不在有效期内，应享按0计"]


def test_a_row_without_a_usable_number(folder, paid):
    rows = people(证件号码={0: None, 1: "无", 2: 1.06001e17, 3: None, 5: "#N/A"})
    found = compared(write(folder / "台账.xlsx", HEADERS, *rows), [paid])
    told = figures(found)
    assert {row: line[3:] for row, line in told.items()} == {
        2: ("missing",) * 3, 3: ("missing",) * 3, 4: ("out_of_range",) * 3,
        6: (1500, "unknown_option", "unknown_option"), 7: ("excel_error",) * 3,
    }  # fmt: skip
    assert told[2][:3] == (1500, 2000, "missing") and 5 not in told  # nothing is due there
    assert found.failed == 5 and found.total("owed") == 0
    assert next(line.why for line in found.lines if line.row == 2) == "已发：缺少“证件号码”：请填写"
    assert "发放表里有4人交通补贴共4500元，台账里没有这些人，未列入" in found.remarks


def test_a_person_twice_in_the_ledger(folder, paid):
    """One payment must not be taken for two, nor one claim be paid twice: 交通补贴 is due once a year."""
    rows = people(证件号码={2: IDS[0] + "41", 3: IDS[1]})
    told = figures(compared(write(folder / "台账.xlsx", HEADERS, *rows), [paid]))
    assert told[2] == (1500, 2000, 500, 1500, 500, 0) and 4 not in told
    assert told[3] == (600, 800, 200, 900, 0, 100) and 5 not in told  # the other row has nothing due


def test_a_person_with_two_trainings(folder):
    """培训生活费 is due for each training: which of them was paid, nobody can tell."""
    heads = [*HEADS_OF_A_PERSON, "本人自愿", "已就业", "培训天数"]
    rows = [["00", "甲某", "户主", IDS[0], "脱贫户", "普通劳动力", "是", "否", days] for days in (5, 8)]
    given = roster(folder, [IDS[0], "培训生活费补贴", 100, "已支付"])
    found = compared(write(folder / "台账.xlsx", heads, *rows), [given])
    assert [line.row for line in found.lines] == [2, 3]
    assert {line.paid.code for line in found.lines} == {"inconsistent"} and found.failed == 2
    (why,) = {line.why for line in found.lines}
    assert why == "已发：同一证件号码在第2、3行都有培训生活费补贴，请先核实"


def test_a_payment_to_somebody_with_nothing_due(folder, paid):
    rows = people(务工去向={0: "区内"}, 证件号码={3: IDS[0]})
    assert figures(compared(write(folder / "台账.xlsx", HEADERS, *rows), [paid]))[2] == (0, 0, 0, 1500, 0, 1500)


def test_who_died_is_due_nothing(folder, paid):
    heads = [*HEADERS, "人口状态"]
    rows = [[*row, "死亡" if number == 0 else None] for number, row in enumerate(people())]
    found = compared(write(folder / "台账.xlsx", heads, *rows), [paid])
    assert figures(found)[2] == (0, 0, 0, 1500, 0, 1500)
    assert found.lines[0].why.endswith("人口状态：死亡")


def test_payments_without_a_row_are_remarked(folder, ledger):
    found = compared(ledger, [roster(
        folder, [STRANGER, "交通补贴", 1500, None], [STRANGER[:17] + "1", "交通补贴", 600.5, None],
        [IDS[0], "稳岗补助", 1200, None], [IDS[0], "创业补贴", 5000, None], [IDS[0], "取暖补贴", 1, None],
        [IDS[0], "取暖补贴", 1, None], [IDS[0], None, 1, None],
    )])  # fmt: skip
    assert found.remarks == [
        "发放表 花名册.xlsx 有3行是别的事项（取暖补贴、空白），未计入已发",
        "发放表里有2人交通补贴共2100.5元，台账里没有这些人，未列入",
        "发放表里有1人创业补贴共5000元，这一项没有比较，未列入",
    ]
    assert figures(found, "稳岗补助") == {3: (0, 0, 0, 1200, 0, 1200)}
    notes = [row[0].value for row in openpyxl.load_workbook(found.target)["补差表"].iter_rows()][-3:]
    assert notes == [f"注：{remark}" for remark in found.remarks]


def test_a_day_on_which_the_old_document_was_no_longer_in_force(ledger):
    found = compared(ledger, old_as_of=None)
    assert figures(found)[3] == (0, 2000, 2000, None, None, None)
    assert found.remarks == [
        "原文件（双碾乡）：有5行的业务日期不在有效期内，应享按0计，可用 --old-as-of 指明原文件的业务日期"]  # fmt: skip


# ---- the file


def test_the_file(ledger, paid):
    before = ledger.read_bytes(), paid.read_bytes()
    found = compared(ledger, [paid])
    assert (ledger.read_bytes(), paid.read_bytes()) == before
    assert found.target == ledger.with_name("台账_补差表.xlsx")
    book = openpyxl.load_workbook(found.target)
    sheet = book["补差表"]
    assert book.sheetnames == ["补差表"]
    assert sheet["A1"].value == "补差表：原 双碾乡（双发〔2022〕67号），现 双碾乡续（双发〔2026〕1号）"
    assert cells(found, 2) == list(HEADS)
    assert HEADS == ("行号", "户编号", "姓名", "事项", "原应享（元）", "现应享（元）", "差额（元）", "已发（元）",
                     "应补（元）", "多发（元）", "说明")  # fmt: skip
    assert cells(found, 3) == [3, "00", "甲某", "交通补贴", 1500, 2000, 500, 1500, 500, 0, "双发〔2026〕1号第1条"]
    assert {sheet.cell(3, column).data_type for column in range(5, 11)} == {"n"}
    # the row of 戊某, and the sums, which leave it out
    assert [sheet.cell(7, column).value for column in range(5, 11)] == ["#VALUE!"] * 3 + [1500] + ["#VALUE!"] * 2
    assert [sheet.cell(7, column).data_type for column in (5, 6, 7, 9, 10)] == ["e"] * 5
    assert cells(found, 9) == ["合计", None, None, None, 5100, 6800, 1700, 3000, 4500, 700, "另有1项待改，未计入合计"]
    assert sheet.freeze_panes == "A3" and sheet.auto_filter.ref == "A2:K8"
    shown = "".join(str(cell.value) for row in sheet.iter_rows() for cell in row)
    assert not any(person in shown for person in (*IDS, STRANGER))


def test_texts_of_the_ledger_stay_texts(folder):
    rows = people(户编号={0: 101, 1: 102.0, 2: "=1+1", 3: None}, 姓名={0: "=HYPERLINK(1)", 1: None})
    found = compared(write(folder / "台账.xlsx", HEADERS, *rows))
    assert cells(found, 3)[1] == "101" and cells(found, 4)[1] == "102" and cells(found, 4)[2] is None
    types = {cell.data_type for row in openpyxl.load_workbook(found.target)["补差表"].iter_rows() for cell in row}
    assert "f" not in types


def test_money_to_the_fen(folder):
    heads = ["户编号", "与户主关系", "证件号码", "实际种粮亩数"]
    source = write(folder / "台账.xlsx", heads, ["1", "户主", IDS[0], 1.3], ["2", "户主", IDS[1], "2.45"])
    bought = roster(folder, [IDS[0], "种粮一次性补贴", 27.94, None], [IDS[1], "种粮一次性补贴", 60, None])
    found = compared(source, [bought])
    # 1.3×21.5 = 27.95, 2.45×21.5 = 52.675
    assert figures(found, "种粮一次性补贴") == {2: (27.95, 27.95, 0, 27.94, 0.01, 0), 3: (52.68, 52.68, 0, 60, 0, 7.32)}
    sheet = openpyxl.load_workbook(found.target)["补差表"]
    assert sheet["I3"].value == 0.01 and sheet["I3"].number_format == "#,##0.00"


def test_nothing_to_tell(folder):
    source = write(folder / "台账.xlsx", HEADERS, *people(户类型=dict.fromkeys(range(7), "一般农户"),
                                                       务工去向={4: "区内"}))  # fmt: skip
    found = compared(source)
    assert found.lines == [] and found.remarks == ["两份文件下都没有应享金额，也没有发放记录"]
    assert cells(found, 3)[0] == "合计"


def test_an_earlier_file_is_replaced_whole(ledger, folder):
    target = folder / "结果.xlsx"
    assert compared(ledger, target=target).target == target == compared(ledger, target=target).target
    names = {path.name for path in folder.iterdir()}
    backups = {name for name in names if name.startswith("结果_备份_")}
    assert len(backups) == 1 and names - backups == {"台账.xlsx", "结果.xlsx", "政策", "office.toml"}


# ---- rosters


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ([None, "交通补贴", 5, None], "第3行：缺少“证件号码”：请填写"),
        (["无", "交通补贴", 5, None], "第3行：“证件号码”不是可用的证件号码，请核对"),
        ([1.06001e17, "交通补贴", 5, None], "第3行：“证件号码”号码已失真"),
        ([IDS[0], "交通补贴", None, None], "第3行：缺少“已发金额”"),
        ([IDS[0], "交通补贴", "约1500元", None], "第3行：“已发金额”填的是“约1500元”"),
        ([IDS[0], "交通补贴", -5, None], "第3行：“已发金额”"),
        ([IDS[0], "交通补贴", "#REF!", None], "第3行：“已发金额”单元格是错误值#REF!"),
        ([IDS[0], "交通补贴", 5, "#N/A"], "第3行：“支付状态”单元格是错误值#N/A"),
    ],
)
def test_a_payment_that_cannot_be_read(folder, ledger, row, told):
    assert refused(ledger, [roster(folder, row)]).startswith(f"发放表 花名册.xlsx {told}")
    # what was not paid, or for something else, does not matter
    assert compared(ledger, [roster(folder, [*row[:3], "停发"])]) if row[3] is None else True
    assert compared(ledger, [roster(folder, [row[0], "取暖补贴", *row[2:]])])


def test_headers_of_rosters(folder, ledger):
    heads = ("公民身份号码", "事项", "实发金额（元）")
    assert figures(compared(ledger, [roster(folder, [IDS[0], "交通补贴", 5], heads=heads)]))[3][3] == 5
    for lacking in (("姓名", "事项", "金额"), ("身份证号", "事项", "数额"), ("身份证号", "用途", "金额")):
        assert "列" in refused(ledger, [roster(folder, [IDS[0], "交通补贴", 5], heads=lacking)])
    assert refused(ledger, [roster(folder, heads=("一", "二"))]) == (
        "发放表 花名册.xlsx 里没有找到表头（如 证件号码、事项、金额）"
    )


def test_a_roster_on_its_second_sheet(folder, ledger):
    book = openpyxl.Workbook()
    book.active.append(["封面"])
    sheet = book.create_sheet("明细")
    for line in ([], ["花名册"], [], ["身份证号", "事项", "金额"], [IDS[0], "交通补贴", 700]):
        sheet.append(line)
    book.save(folder / "花名册.xlsx")
    assert figures(compared(ledger, [folder / "花名册.xlsx"]))[3][3] == 700


def test_what_cannot_be_compared(folder, ledger, paid):
    assert refused(folder / "没有.xlsx") == "找不到文件：没有.xlsx"
    assert refused(ledger, [folder / "没有.xlsx"]) == "找不到发放表：没有.xlsx"
    assert refused(ledger, target=ledger).startswith("输出文件不能是台账自己")
    assert refused(ledger, [paid], target=paid) == "输出文件不能是发放表，请换一个文件名"
    assert paid.exists() and "没有工作表“别的”" in refused(ledger, sheet="别的")
    (folder / "坏.xlsx").write_text("不是工作簿", encoding="utf-8")
    (folder / "旧.xls").write_bytes(b"")
    assert refused(ledger, [folder / "坏.xlsx"]).startswith("发放表 坏.xlsx 里没有找到表头")
    assert "是空文件" in refused(ledger, [folder / "旧.xls"])
    assert "没有名为“外出补贴”的事项" in refused(ledger, measures=["外出补贴"])
    assert refused(ledger, measures=["场租补贴"]).startswith("没有可比较的事项：场租补贴（")
    assert "到期" in refused(ledger, as_of=None, old_as_of=None)
    nobody = write(folder / "无号.xlsx", HEADERS[4:], *(row[4:] for row in people()))
    assert refused(nobody, [paid]) == "台账没有“证件号码”列，不能与发放表核对"
    assert figures(compared(nobody))[2][:2] == (1500, 2000)
    for old, new in (("别的乡", "双碾乡续"), ("双碾乡", "双碾乡续二")):
        with pytest.raises(CellError) as told:
            difference(ledger, old, new, **DAYS)
        assert told.value.code == "unknown_policy"
    with pytest.raises(CellError) as told:
        compared(ledger, as_of="去年")
    assert told.value.code == "bad_date"
    assert not (folder / "台账_补差表.xlsx").exists() or compared(nobody)


def test_the_workbooks_own_document_does_not_stand_in(folder):
    book = openpyxl.load_workbook(write(folder / "台账.xlsx", HEADERS, *people()))
    for line in (["政策", "阜阳市"], ["业务日期", "2024-01-01"]):
        (book["核算口径"] if "核算口径" in book.sheetnames else book.create_sheet("核算口径")).append(line)
    book.save(folder / "台账.xlsx")
    assert figures(compared(folder / "台账.xlsx"))[2][:2] == (1500, 2000)


# ---- the command line


@pytest.fixture
def call(capsys):
    def called(*arguments):
        try:
            code = main(["compare", *(str(argument) for argument in arguments)])
        except SystemExit as ended:
            code = ended.code
        told = capsys.readouterr()
        assert not any(word in told.out + told.err for word in (*IDS, *NAMES, STRANGER))
        return code, told.out, told.err

    return called


USUAL = ("--old", "双碾乡", "--new", "双碾乡续", "--as-of", "2026-06-30", "--old-as-of", "2025-06-30")


def test_compare(call, ledger, paid, folder):
    code, out, err = call(ledger, *USUAL, "--paid", paid)
    assert (code, err) == (0, "")
    assert out.splitlines() == [
        "原：双碾乡 双发〔2022〕67号　现：双碾乡续 双发〔2026〕1号",
        "原应享 5,100 元，现应享 6,800 元，差额 1,700 元，已发 3,000 元，应补 4,500 元，多发 700 元（6 项）",
        "另有 1 项待改，未计入合计",
        "注意：发放表 花名册.xlsx 有1行是别的事项（取暖补贴），未计入已发",
        "注意：发放表里有1人交通补贴共1500元，台账里没有这些人，未列入",
        f"已写入：{folder / '台账_补差表.xlsx'}（原台账未改动）",
    ]


def test_compare_without_a_roster(call, ledger, folder):
    code, out, err = call(ledger, *USUAL, "-o", folder / "甲.xlsx", "--measures", "交通补贴")
    assert (code, err) == (0, "")
    assert out.splitlines()[1:] == [
        "原应享 5,100 元，现应享 6,800 元，差额 1,700 元（5 项）",
        "另有 1 项待改，未计入合计",
        "没有给发放表（--paid），未核对已发，应补空着",
        f"已写入：{folder / '甲.xlsx'}（原台账未改动）",
    ]


def test_compare_that_fails(call, ledger, folder):
    for arguments, code, told in (
        ((ledger, "--old", "双碾乡"), 2, "比较两份文件，写一个台账和 --old、--new"),
        ((ledger,), 2, "比较两期，写上期和本期两个台账"),
        ((ledger, *USUAL, "--paid"), 2, "后面至少要跟一个值"),
        ((ledger, *USUAL, "--paid", folder / "没有.xlsx"), 1, "xl-poverty：找不到发放表：没有.xlsx"),
        ((folder / "没有.xlsx", *USUAL), 1, "xl-poverty：找不到文件：没有.xlsx"),
        ((ledger, "--old", "双碾乡", "--new", "别的"), 1, "没有名为“别的”的政策"),
        ((ledger, "--old", "双碾乡", "--new", "双碾乡续"), 1, "到期"),
    ):
        found, out, err = call(*arguments)
        assert (found, out) == (code, "") and told in err, err
    assert not (folder / "台账_补差表.xlsx").exists()



def test_a_roster_from_a_bank_is_read_by_its_content(folder, ledger):
    file = folder / "花名册.xls"
    file.write_bytes(f'身份证号,事项,金额\n="{IDS[0]}",交通补贴,"1,5"\n'.encode("gb18030"))
    assert refused(ledger, [file]).startswith("发放表 花名册.xls 第2行：“已发金额”填的是“1,5”")
    file.write_bytes(f'身份证号,事项,金额\n="{IDS[0]}",交通补贴,5\n'.encode("gb18030"))
    assert figures(compared(ledger, [file]))[3][3] == 5
