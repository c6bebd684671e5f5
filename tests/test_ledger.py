"""Filling workbooks and tables: what is found, what is written, what is said, and what never changes."""

from __future__ import annotations

import datetime as dt
import errno
import os
import re
import shutil
import zipfile

import openpyxl
import pandas as pd
import pytest
from checked import installed
from hypothesis import Phase, given, settings, strategies as st
from openpyxl.workbook.defined_name import DefinedName

from xl_poverty import CellError, entitlements
from xl_poverty.ledger import entitlements as entitlements_module
from xl_poverty.ledger.entitlements import LedgerError
from xl_poverty.ledger.filling import fill

AS_OF = "2025-06-30"
PERSON = {
    "户编号": "A1",
    "姓名": "甲",
    "与户主关系": "户主",
    "户类型": "脱贫户",
    "劳动技能": "普通劳动力",
    "务工去向": "跨省",
}


@pytest.fixture
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("ledger")


def write(folder, rows: list[dict], headers=None, above=(), below=(), names=None, sheets=None, name="台账.xlsx"):
    """A workbook with one sheet: rows above the header, the header, one row per dict, rows below."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "台账"
    headers = headers or list(dict.fromkeys(key for row in rows for key in row))
    lines = [*above, headers, *([row.get(header) for header in headers] for row in rows), *below]
    for number, line in enumerate(lines, 1):
        for column, value in enumerate(line, 1):
            sheet.cell(number, column, value)
    for title, lines in (sheets or {}).items():
        for line in lines:
            (book[title] if title in book.sheetnames else book.create_sheet(title)).append(line)
    if names:
        settings_sheet = book.create_sheet("设置")
        for number, (key, value) in enumerate(names.items(), 1):
            settings_sheet.cell(number, 1, value)
            book.defined_names[key] = DefinedName(key, attr_text=f"设置!$A${number}")
    book.save(folder / name)
    return folder / name


class Result:
    """The filled sheet, cells by header text."""

    def __init__(self, filled, header_row):
        self.filled, self.header_row = filled, header_row
        self.book = openpyxl.load_workbook(filled.target)
        self.sheet = self.book[filled.sheet]
        self.headers = [cell.value for cell in self.sheet[header_row]]

    def cell(self, row: int, header: str):
        return self.sheet.cell(self.header_row + row, self.headers.index(header) + 1)

    def __getitem__(self, key):
        return self.cell(*key).value

    def column(self, header: str, rows: int) -> list:
        return [self[row, header] for row in range(1, rows + 1)]


def filled(source, header_row=1, **options) -> Result:
    options = {"policy": "双碾乡", "as_of": AS_OF, **options}
    return Result(fill(source, **options), header_row)


def of_persons(folder, *changes: dict, **more) -> Result:
    """A ledger of one person per household, each the usual one with changes."""
    rows = [{**PERSON, "户编号": f"A{number}", **change} for number, change in enumerate(changes, 1)]
    options = {key: more.pop(key) for key in ("policy", "as_of", "measures", "header_row") if key in more}
    return filled(write(folder, rows, **more), **options)


# ---- finding


def test_a_plain_ledger(folder):
    result = of_persons(folder, {}, {"务工去向": "省内区外"}, {"户类型": "一般农户"}, {"务工去向": None})
    assert result.column("应享交通补贴", 4) == [1500, 600, 0, 0]
    assert result.column("应享现金合计", 4) == [1500, 600, 0, 0]
    assert result.column("依据", 4) == [
        "双发〔2022〕67号：交通补贴1500元（第10条）",
        "双发〔2022〕67号：交通补贴600元（第10条）",
        "双发〔2022〕67号：交通补贴0元：不是脱贫户或监测户（第10条）",
        None,
    ]
    assert result.headers[: len(PERSON)] == list(PERSON)
    assert result.filled.target.name == "台账_已核算.xlsx"


def test_the_header_stands_under_titles(folder):
    above = [["双碾乡台账", None], ["填报单位：双碾乡", None, "单位：元"], []]
    result = of_persons(folder, {}, above=above, header_row=4)
    assert result[1, "应享交通补贴"] == 1500
    assert result.sheet["A1"].value == "双碾乡台账"
    assert [cell.value for cell in result.sheet[2]][:3] == ["填报单位：双碾乡", None, "单位：元"]


def test_headers_as_clerks_write_them(folder):
    headers = {
        "家庭\n编号": "A1", "成员姓名": "甲", "户主或与户主关系": "户主", " 户 属 性 ": "脱贫户", "劳动能力": "是",
        "连续外出务工\n月数（个月）": 6, "月工资(元/月)": 1000, "本年已享受\n交通补贴": "是", "务工区域": "跨省",
        "人均纯收入（元）": 9000, "监测指导线（元／年）": 10000, "家庭人口数（人）": 2, "实际种粮面积（亩）": 10,
    }  # fmt: skip
    result = filled(write(folder, [headers]))
    assert result[1, "应享稳岗补助"] == 1200
    assert result[1, "应享交通补贴"] == 0 and "本年度已享受" in result[1, "依据"]
    assert result[1, "应享种粮一次性补贴"] == 215
    assert result[1, "应享防贫差额补偿"] == 2000
    assert result.headers[: len(headers)] == list(headers)


@pytest.mark.parametrize("unit", ["（万元）", "(万元)"])
def test_ten_thousands_are_not_yuan(folder, unit):
    row = {**PERSON, f"贷款余额{unit}": 9, f"申请追加{unit}": 3, "确有需要": "是", "具备还款能力": "是"}
    result = filled(write(folder, [row]))
    # 10万 − 9万 = 1万 may be added; leaving the measure out is right too
    assert "小额信贷可追加额" not in result.headers or result[1, "小额信贷可追加额"] == 10000


def test_two_columns_of_a_flag_belong_to_their_measures(folder):
    row = {"返乡回流": "是", "自主创业": "是", "连续外出务工月数": 6, "月工资": 1000}
    result = of_persons(folder, {**row, "以前已享受稳岗补助": "是", "以前已享受创业补贴": "否"})
    assert result[1, "应享稳岗补助"] == 0
    assert result[1, "应享创业补贴"] == 5000


def test_the_sheet_with_the_ledger_is_found(folder):
    sheets = {"封面": [["双碾乡"], ["户类型", "说明"]]}
    source = write(folder, [PERSON], sheets=sheets)
    book = openpyxl.load_workbook(source)
    book.move_sheet("封面", -1)
    book.save(source)
    result = filled(source)
    assert result.filled.sheet == "台账" and result[1, "应享交通补贴"] == 1500
    assert result.book["封面"]["A1"].value == "双碾乡"
    with pytest.raises(LedgerError, match="没有工作表“别的”，有：封面、台账"):
        fill(source, sheet="别的")
    with pytest.raises(LedgerError, match="没有找到人员或户的台账"):
        fill(source, sheet="封面")


def test_a_workbook_without_a_ledger(folder):
    with pytest.raises(LedgerError, match="没有找到人员或户的台账.*户类型"):
        fill(write(folder, [{"会议": "甲", "记录": 1}]), policy="双碾乡")
    with pytest.raises(LedgerError, match="没有可核算的事项：交通补贴（缺列：户类型"):
        fill(write(folder, [{"姓名": "甲", "与户主关系": "户主", "电话": 1}]), policy="双碾乡", as_of=AS_OF)


# ---- writing


def test_columns_are_appended_and_renewed(folder):
    first = of_persons(folder, {}, {"务工去向": "省内区外"})
    width = len(first.headers)
    assert width == len(PERSON) + 3  # one measure, its sum, 依据
    first.sheet["F2"] = "省内区外"
    first.book.save(first.filled.target)
    again = filled(first.filled.target, target=folder / "again.xlsx")
    assert again.headers == first.headers
    assert again.column("应享交通补贴", 2) == [600, 600]
    assert again.column("应享现金合计", 2) == [600, 600]
    assert "600元" in again[1, "依据"]


def test_total_and_note_rows_are_left_alone(folder):
    below = [["合 计", None, "=COUNTA(B2:B3)"], [None, "小计", 2], [], ["注：本表一式两份"], ["填表人：乙"]]
    result = of_persons(folder, {}, {}, below=below)
    assert result.column("应享交通补贴", 7) == [1500, 1500, None, None, None, None, None]
    assert result.sheet["C4"].value == "=COUNTA(B2:B3)"
    assert [remark for remark in result.filled.remarks if "第4、5、7、8行" in remark and "合计" in remark]
    assert result.filled.rows == 2


def test_blank_rows_between_are_left_alone(folder):
    result = of_persons(folder, {}, dict.fromkeys(PERSON) | {"户编号": None}, {})
    assert result.column("应享交通补贴", 3) == [1500, None, 1500]


@pytest.mark.parametrize(
    ("typed", "cell", "told"),
    [
        ("外省打工", "#VALUE!", "“务工去向”填的是“外省打工”，请填跨省、省内区外、区内之一"),
        ("待核实", "#N/A", "请核实"),
        ("#REF!", "#REF!", "#REF!"),
        ("#DIV/0!", "#DIV/0!", "#DIV/0!"),
        ("#NAME?", "#NAME?", "#NAME?"),
        # an error that files know only in a newer form of their own: the oldest of its kind stands for it
        ("#SPILL!", "#VALUE!", "#SPILL!"),
    ],
)
def test_an_error_is_a_real_error_cell(folder, typed, cell, told):
    result = of_persons(folder, {"务工去向": typed}, {})
    assert result[1, "应享交通补贴"] == cell
    assert result.cell(1, "应享交通补贴").data_type == "e"
    assert result.cell(1, "应享现金合计").data_type == "e"
    assert told in result[1, "依据"]
    assert result[2, "应享现金合计"] == 1500


def test_a_formula_that_is_an_error_is_passed_on(folder):
    source = write(folder, [{**PERSON, "连续外出务工月数": 6, "月工资": 1000}])
    with zipfile.ZipFile(source) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    part = "xl/worksheets/sheet1.xml"
    wage = b'<c r="H2" t="n"><v>1000</v></c>'
    assert wage in parts[part]
    parts[part] = parts[part].replace(wage, b'<c r="H2" t="e"><f>1/0</f><v>#DIV/0!</v></c>')
    with zipfile.ZipFile(source, "w") as package:
        for name, content in parts.items():
            package.writestr(name, content)
    result = filled(source)
    assert result[1, "应享稳岗补助"] == "#DIV/0!" and result[1, "应享交通补贴"] == 1500
    assert result[1, "月工资"] == "=1/0"


def test_a_formula_without_a_result_is_no_blank(folder):
    source = write(folder, [{**PERSON, "务工去向": '="跨"&"省"'}])
    try:
        result = filled(source)
    except LedgerError:
        return  # refusing is right
    assert result.cell(1, "应享交通补贴").data_type == "e" or any("公式" in r for r in result.filled.remarks)


def test_sums_by_nature(folder):
    row = {"消费券对象类别": "特困人员", "连续外出务工月数": 6, "月工资": 1000}
    loan = {"贷款余额": 90000, "申请追加": 30000, "确有需要": "是", "具备还款能力": "是"}
    result = of_persons(folder, {**row, **loan}, {**row, "月工资": "千元"})
    assert result[1, "应享现金合计"] == 1500 + 1200
    assert result[1, "应享消费券合计"] == 1500
    assert result[1, "小额信贷可追加额"] == 10000  # in no sum
    assert [h for h in result.headers if h.endswith("合计")] == ["应享现金合计", "应享消费券合计"]
    assert result[2, "应享现金合计"] == "#VALUE!" and result[2, "应享消费券合计"] == 1500
    assert result[2, "应享交通补贴"] == 1500


def test_sums_are_exact_to_the_fen(folder):
    # 67 × 0.1 = 6.70, 21.5 × 0.01 = 0.215 → 0.22, together 6.92
    claims = {"确权承包亩数": 0.1, "确权颁证到位": "是", "实际种粮亩数": 0.01, "务工去向": None}
    result = of_persons(folder, *[claims] * 30)
    assert result.column("应享现金合计", 30) == [6.92] * 30
    totals = {column.header: column.total for column in result.filled.entitled.columns}
    assert totals == {"应享交通补贴": 0, "应享耕地地力补贴": 201, "应享种粮一次性补贴": 6.6}


# ---- households

HOUSEHOLD = {"与户主关系": "户主", "庭院经济核定奖补额": 1000}


def household(folder, *members: dict) -> Result:
    rows = [{**PERSON, **HOUSEHOLD, "户编号": "A1", "务工去向": None, **member} for member in members]
    return filled(write(folder, rows, headers=[*PERSON, "庭院经济核定奖补额", "人口状态"]))


def test_a_household_measure_stands_on_the_heads_row(folder):
    result = household(folder, {"与户主关系": "配偶", "庭院经济核定奖补额": None}, {}, {"户编号": "B1"})
    assert result.column("应享庭院经济奖补", 3) == [0, 1000, 1000]
    assert result[1, "依据"] is None


def test_the_same_figure_on_every_row_counts_once(folder):
    result = household(folder, {}, {"与户主关系": "配偶"}, {"与户主关系": "之子"})
    assert result.column("应享庭院经济奖补", 3) == [1000, 0, 0]


@pytest.mark.parametrize(
    ("members", "wrong", "told"),
    [
        ([{"与户主关系": "配偶"}, {"与户主关系": "之子"}], 1, "本户没有户主行"),
        ([{}, {}], 1, "本户有2个户主行"),
        ([{}, {"与户主关系": "配偶", "庭院经济核定奖补额": 900}], 1, "同一户各行所填不一致"),
        ([{"与户主关系": "配偶"}, {"庭院经济核定奖补额": None}], 2, "同一户各行所填不一致"),
        (
            [{"人口状态": "死亡"}, {"与户主关系": "配偶", "庭院经济核定奖补额": None}],
            1,
            "户主人口状态是死亡，请先变更户主",
        ),
        ([{"户编号": None}], 1, "户编号空白"),
    ],
)
def test_a_household_that_is_unclear_is_an_error(folder, members, wrong, told):
    result = household(folder, *members, {"户编号": "B1"})
    paid = result.column("应享庭院经济奖补", len(members))
    assert paid.pop(wrong - 1) == "#NUM!" and set(paid) <= {0}
    assert told in result[wrong, "依据"]
    assert result[len(members) + 1, "应享庭院经济奖补"] == 1000


def test_an_unclear_household_without_claims_is_no_error(folder):
    no_claim = {"庭院经济核定奖补额": None}
    result = household(folder, {"与户主关系": "配偶", **no_claim}, {"人口状态": "死亡", "户编号": "B1", **no_claim})
    assert result.column("应享庭院经济奖补", 2) == [0, 0]


@pytest.mark.parametrize("state", ["死亡", "迁出", "自然减少"])
def test_nothing_for_who_has_died_or_left(folder, state):
    result = of_persons(folder, {"人口状态": state}, {"人口状态": "正常"}, {"人口状态": state, "务工去向": "外省打工"})
    assert result.column("应享交通补贴", 3) == [0, 1500, 0]
    assert result.column("应享现金合计", 3) == [0, 1500, 0]
    assert state in result[1, "依据"]


def test_a_ledger_of_households_has_no_persons(folder):
    rows = [
        {"户编号": f"A{n}", "户类型": "脱贫户", "庭院经济核定奖补额": 500, "劳动技能": "是", "务工去向": "跨省"}
        for n in (1, 2)
    ]
    result = filled(write(folder, rows))
    assert result.column("应享庭院经济奖补", 2) == [500, 500]
    assert result.column("应享交通补贴", 2) == ["#N/A", "#N/A"] and "每户一行" in result[1, "依据"]


# ---- what words mean


def test_the_monitor_type_column(folder):
    result = of_persons(
        folder,
        {"户类型": "一般农户", "监测对象类别": "边缘易致贫户"},
        {"户类型": "一般农户", "监测对象类别": None},
        {"户类型": "脱贫户", "监测对象类别": "脱贫不稳定户"},
        {"户类型": None, "监测对象类别": "突发严重困难户"},
    )
    assert result.column("应享交通补贴", 4) == [1500, 0, 1500, 1500]


@pytest.mark.parametrize("header", ["风险是否已消除", "风险是否\n已消除", "风险是否消除", "是否消除风险"])
def test_yes_under_risk_cleared(folder, header):
    coupon = {"消费券对象类别": "监测对象"}
    words = ["是", "否", "已消除", "未消除", " 是 "]
    result = of_persons(folder, *({**coupon, header: word} for word in words))
    assert result.column("应享爱心消费券", 5) == [0, 1500, 0, 1500, 0]


def test_yes_under_risk_status_means_nothing(folder):
    result = of_persons(folder, {"消费券对象类别": "监测对象", "风险状态": "是"})
    assert result[1, "应享爱心消费券"] == "#VALUE!"


# ---- dates


@pytest.fixture
def today(monkeypatch):
    """Set the date of today, as far as ledgers look at it."""

    def set_to(year, month, day):
        class Date(dt.date):
            @classmethod
            def today(cls):
                return dt.date(year, month, day)

        class Module:
            date, datetime, timedelta = Date, dt.datetime, dt.timedelta

        monkeypatch.setattr(entitlements_module, "dt", Module)

    return set_to


def test_an_expired_document_wants_a_date(folder, today):
    source = write(folder, [PERSON])
    today(2026, 1, 1)
    with pytest.raises(LedgerError, match="双发〔2022〕67号已于2025-12-31到期.*--as-of 2025-12-31"):
        fill(source, policy="双碾乡")
    with pytest.raises(LedgerError, match="业务日期"):
        entitlements(pd.DataFrame([PERSON]), policy="双碾乡")
    assert fill(source, policy="双碾乡", as_of="2025-12-31").entitled.columns[0].total == 1500
    assert fill(source, policy="双碾乡", as_of="2026-01-01").entitled.columns[0].total == 0
    today(2025, 12, 31)
    assert fill(source, policy="双碾乡").entitled.columns[0].total == 1500


def test_a_blank_date_in_an_expired_document(folder, today):
    source = write(folder, [{**PERSON, "业务日期": "2025-06-30"}, {**PERSON, "户编号": "A2", "业务日期": None}])
    today(2026, 1, 1)
    try:
        result = filled(source, as_of=None)
    except LedgerError:
        return  # refusing is right
    assert result.cell(2, "应享交通补贴").data_type == "e"


def test_the_rows_own_date_comes_first(folder):
    days = ["2022-08-11", "2022-08-12", dt.datetime(2025, 12, 31), "2026年1月1日", None, 20230201]
    result = of_persons(folder, *({"业务日期": day} for day in days), as_of="2026-02-01")
    assert result.column("应享交通补贴", 6) == [0, 1500, 1500, 0, 0, 1500]
    result = of_persons(folder, *({"业务日期": day} for day in days), as_of="2025-06-30")
    assert result.column("应享交通补贴", 6) == [0, 1500, 1500, 0, 1500, 1500]
    assert "不在政策有效期内" in result[1, "依据"]


@pytest.mark.parametrize("day", ["六月", "2025-02-30", "#REF!", -1, "待核实"])
def test_a_bad_date_is_its_rows_error(folder, day):
    result = of_persons(folder, {"业务日期": day}, {"业务日期": "2025-06-30"})
    assert result.cell(1, "应享交通补贴").data_type == "e" and result[2, "应享交通补贴"] == 1500
    assert "业务日期" in result[1, "依据"]


def test_a_bad_date_option(folder):
    with pytest.raises(CellError, match="业务日期") as caught:
        fill(write(folder, [PERSON]), policy="双碾乡", as_of="六月")
    assert caught.value.code == "bad_date"


# ---- defaults


def test_the_workbook_names_its_document_and_date(folder):
    source = write(folder, [PERSON], names={"政策": "双碾乡", "业务日期": dt.date(2025, 6, 30)})
    result = filled(source, policy="", as_of=None)
    assert result[1, "应享交通补贴"] == 1500 and result.filled.remarks == []
    # the workbook's precede options, and that is said
    result = filled(source, policy="shuangnian_2022", as_of="2026-02-01")
    assert result[1, "应享交通补贴"] == 1500
    assert any("业务日期" in r and "2025-06-30" in r and "2026-02-01" in r for r in result.filled.remarks)


def test_a_name_that_is_no_cell(folder):
    source = write(folder, [PERSON], names={"政策": "双碾乡"})
    book = openpyxl.load_workbook(source)
    book.defined_names["业务日期"] = DefinedName("业务日期", attr_text='"2025-06-30"')
    book.save(source)
    with pytest.raises(LedgerError, match="工作簿的名称“业务日期”没有指向一个单元格"):
        fill(source)
    with pytest.raises(LedgerError, match="工作簿里的业务日期.*填的是“六月”"):
        fill(write(folder, [PERSON], names={"政策": "双碾乡", "业务日期": "六月"}))


def test_no_document_or_an_unknown_one(folder):
    with pytest.raises(CellError, match="没有指明政策") as caught:
        fill(write(folder, [PERSON]), as_of=AS_OF)
    assert caught.value.code == "unknown_policy"
    known = "、".join(data["short_name"] for data in installed())
    with pytest.raises(CellError, match=f"没有名为“某乡”的政策，已装：{known}"):
        fill(write(folder, [PERSON]), policy="某乡", as_of=AS_OF)


def test_office_toml_beside_the_ledger(folder):
    row = {**PERSON, "家庭人均纯收入": 9000, "家庭人口数": 2}
    source = write(folder, [row])
    assert "应享防贫差额补偿" not in filled(source).headers
    office = 'policy = "双碾乡"\nas_of = 2024-06-30\n[readings]\n"弱劳动力" = "不计入"\n'
    lines = "[lines.监测指导线]\n2024 = 9500\n2025 = { value = 10000, source = '省里' }\n"
    lines = lines.replace("[lines.监测指导线]", '[lines."监测指导线"]')
    (folder / "office.toml").write_text(office + lines, encoding="utf-8")
    assert filled(source, policy="", as_of=None)[1, "应享防贫差额补偿"] == 1000
    result = filled(source, policy="", as_of="2025-06-30")  # an option precedes the office
    assert result[1, "应享防贫差额补偿"] == 2000
    assert any("2024-06-30" in remark for remark in result.filled.remarks)
    assert filled(write(folder, [{**PERSON, "劳动技能": "弱劳动力"}]), policy="")[1, "应享交通补贴"] == 0


def weak(folder, **more) -> Result:
    return of_persons(folder, {"劳动技能": "弱劳动力或半劳动力", "实际交通费": 900}, **more)


def test_readings_of_the_workbook(folder):
    assert weak(folder)[1, "应享交通补贴"] == 1500
    sheet = [["项目", "值", "说明"], ["弱劳动力", " 不计入 ", ""], ["别的", "不计入", ""]]
    assert weak(folder, sheets={"核算口径": sheet})[1, "应享交通补贴"] == 0
    assert weak(folder, sheets={"核算口径": [["交通补贴", "限额据实"]]})[1, "应享交通补贴"] == 900
    assert weak(folder, sheets={"核算口径": [["标准", "限额据实"]]})[1, "应享交通补贴"] == 900
    names = {"口径": "TRAVEL_SUBSIDY=限额据实；弱劳动力 = 计入"}
    assert weak(folder, names=names, sheets={"核算口径": sheet})[1, "应享交通补贴"] == 900


def test_a_reading_that_no_document_offers(folder):
    with pytest.raises((CellError, LedgerError), match="口径.*弱劳动力=随便.*计入、不计入"):
        weak(folder, names={"口径": "弱劳动力=随便"})


def test_the_result_says_what_it_rests_on(folder):
    result = weak(folder, sheets={"核算口径": [["项目", "值"], ["弱劳动力", "不计入"]]})
    told = {row[0]: row[1] for row in result.book["核算口径"].iter_rows(values_only=True)}
    assert told["政策"] == "双碾乡" and told["业务日期"] == dt.datetime(2025, 6, 30)
    assert told["弱劳动力"] == "不计入" and told["交通补贴"] == "定额"
    # and a second run rests on the same
    assert filled(result.filled.target, target=folder / "again.xlsx")[1, "应享交通补贴"] == 0


def test_chosen_measures(folder):
    row = {"连续外出务工月数": 6, "月工资": 1000}
    result = of_persons(folder, row, measures=["稳岗补助", "training_living"])
    assert "应享稳岗补助" in result.headers and "应享交通补贴" not in result.headers
    assert list(result.filled.entitled.left_out) == ["培训生活费补贴"]
    with pytest.raises(LedgerError, match="没有名为“稳岗”的事项"):
        of_persons(folder, row, measures=["稳岗"])
    with pytest.raises(LedgerError, match="没有可核算的事项：培训生活费补贴（缺列：.*有培训意愿|没有可核算.*缺列"):
        of_persons(folder, row, measures=["培训生活费补贴"])


# ---- files


def names_in(folder) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_the_ledger_never_changes(folder):
    source = write(folder, [PERSON, {**PERSON, "户编号": "A2", "务工去向": "外省打工"}])
    before = source.read_bytes()
    fill(source, policy="双碾乡", as_of=AS_OF)
    fill(source, folder / "结果.xlsx", policy="双碾乡", as_of=AS_OF)
    for target in (source, folder / "." / source.name, str(source)):
        with pytest.raises(LedgerError, match="输出文件不能是台账自己"):
            fill(source, target, policy="双碾乡", as_of=AS_OF)
    assert source.read_bytes() == before
    assert names_in(folder) == {"台账.xlsx", "台账_已核算.xlsx", "结果.xlsx"}


def test_nothing_is_left_after_a_failure(folder, monkeypatch):
    source = write(folder, [PERSON])
    target = folder / "结果.xlsx"
    target.write_text("旧")

    def full(handle):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(LedgerError, match="结果.xlsx 没有保存，原来的 结果.xlsx 没有改动：磁盘空间不够"):
            fill(source, target, policy="双碾乡", as_of=AS_OF)
    assert target.read_text() == "旧"
    assert names_in(folder) == {"台账.xlsx", "结果.xlsx"}
    with pytest.raises(CellError):
        fill(source, policy="没有", as_of=AS_OF)
    assert names_in(folder) == {"台账.xlsx", "结果.xlsx"}


def test_a_result_that_is_open_elsewhere_is_put_beside_it(folder, monkeypatch):
    source = write(folder, [PERSON])
    target = folder / "结果.xlsx"
    target.write_text("旧")
    replace = os.replace

    def held(old, new):
        if os.path.basename(new) == "结果.xlsx":
            raise PermissionError(errno.EACCES, "held", str(new))
        return replace(old, new)

    monkeypatch.setattr(os, "replace", held)
    result = fill(source, target, policy="双碾乡", as_of=AS_OF)
    assert result.target == folder / "结果_核算结果.xlsx" and target.read_text() == "旧"
    assert any("结果.xlsx 写不进去" in remark and "关闭后再试" in remark for remark in result.remarks)
    assert names_in(folder) == {"台账.xlsx", "结果.xlsx", "结果_核算结果.xlsx"}


def test_an_earlier_result_is_kept_as_a_backup(folder):
    source = write(folder, [PERSON])
    first = fill(source, policy="双碾乡", as_of=AS_OF)
    before = first.target.read_bytes()
    again = fill(source, policy="双碾乡", as_of=AS_OF)
    assert again.target == first.target and again.backup.read_bytes() == before
    assert any(again.backup.name in remark for remark in again.remarks)


def test_filling_in_place(folder):
    source = write(folder, [PERSON, {**PERSON, "户编号": "A2", "务工去向": "省内区外"}])
    before = source.read_bytes()
    result = filled(source, in_place=True)
    assert result.filled.target == source and result.filled.in_place
    assert result.column("应享交通补贴", 2) == [1500, 600]
    assert result.filled.backup.parent == folder and result.filled.backup.read_bytes() == before
    assert re.fullmatch(r"台账_备份_\d{8}-\d{6}\.xlsx", result.filled.backup.name)
    # again: the columns of the first run are renewed
    again = filled(source, in_place=True)
    assert again.headers == result.headers and again.column("应享交通补贴", 2) == [1500, 600]


def test_in_place_needs_a_workbook(folder):
    source = folder / "台账.csv"
    source.write_text("户编号,姓名,户类型,劳动技能,务工去向\nA1,甲,脱贫户,普通劳动力,跨省\n", "utf-8")
    with pytest.raises(LedgerError, match="台账.csv 不是 .xlsx，不能直接写进去"):
        fill(source, policy="双碾乡", as_of=AS_OF, in_place=True)
    result = fill(source, policy="双碾乡", as_of=AS_OF)
    assert result.target.name == "台账_已核算.xlsx"
    assert any("台账.csv 不是 .xlsx" in remark for remark in result.remarks)


@pytest.mark.parametrize("in_place", [False, True])
def test_a_protected_ledger_gets_its_results_beside_it(folder, in_place):
    other = {**PERSON, "户编号": "000123456789012345", "务工去向": "省内区外"}
    rows = [PERSON | {"证件号码": "990101198001010019"}, other]
    source = write(folder, rows)
    book = openpyxl.load_workbook(source)
    book["台账"].protection.sheet = True
    book.save(source)
    before = source.read_bytes()
    result = fill(source, policy="双碾乡", as_of=AS_OF, in_place=in_place)
    assert source.read_bytes() == before
    assert result.target == folder / "台账_核算结果.xlsx" and not result.in_place
    assert any("有保护" in remark and "台账_核算结果.xlsx" in remark for remark in result.remarks)
    table = list(openpyxl.load_workbook(result.target)["核算结果"].iter_rows(values_only=True))
    assert table[0][:5] == ("台账行号", "户编号", "姓名", "证件号码", "应享交通补贴")
    assert table[1][:5] == (2, "A1", "甲", "990101198001010019", 1500)
    assert table[2][:5] == (3, "000123456789012345", "甲", None, 600)
    assert names_in(folder) == {"台账.xlsx", "台账_核算结果.xlsx"}


def test_a_protected_summary_loses_results_that_are_no_longer_true(folder):
    source = write(folder, [PERSON], sheets={"汇总": [["合计", "=SUM(台账!G2:G9)", "=SUM(台账!A2:A9)"]]})
    book = openpyxl.load_workbook(source)
    book["汇总"].protection.sheet = True
    book.save(source)
    with zipfile.ZipFile(source) as package:  # as a program leaves it that has calculated
        parts = {name: package.read(name) for name in package.namelist()}
    parts["xl/worksheets/sheet2.xml"] = parts["xl/worksheets/sheet2.xml"].replace(b"<v />", b"<v>7</v>")
    parts["xl/worksheets/sheet2.xml"] = parts["xl/worksheets/sheet2.xml"].replace(b"<v></v>", b"<v>7</v>")
    with zipfile.ZipFile(source, "w") as package:
        for name, data in parts.items():
            package.writestr(name, data)
    result = fill(source, policy="双碾乡", as_of=AS_OF)
    assert result.target.name == "台账_已核算.xlsx"
    shown = openpyxl.load_workbook(result.target, data_only=True)["汇总"]
    assert shown["B1"].value is None and shown["C1"].value == 7  # column G is new, column A was there
    assert openpyxl.load_workbook(result.target)["汇总"]["B1"].value == "=SUM(台账!G2:G9)"
    assert any(remark.startswith("1处公式要用到新写的内容") for remark in result.remarks)


def test_other_sheets_and_formulas_are_kept(folder):
    source = write(folder, [PERSON, PERSON], sheets={"汇总": [["合计", "=SUM(台账!A1:A9)"]]}, below=[["合计", "=1+1"]])
    result = filled(source)
    assert result.book["汇总"]["B1"].value == "=SUM(台账!A1:A9)"
    assert result.sheet["B4"].value == "=1+1"


def broken(folder, name: str, content: bytes):
    (folder / name).write_bytes(content)
    return folder / name


def test_files_that_cannot_be_read(folder):
    good = write(folder, [PERSON])
    whole = good.read_bytes()
    with pytest.raises(LedgerError, match="找不到文件：没有.xlsx"):
        fill(folder / "没有.xlsx")
    with pytest.raises(LedgerError, match="旧.xls 不是能读的表格"):
        fill(broken(folder, "旧.xls", b"\xd0\xcf\x11\xe0"))
    for name in ("~$台账.xlsx", ".~台账.xlsx"):
        with pytest.raises(LedgerError, match="临时文件，请改用台账本身"):
            fill(broken(folder, name, b""))
    for name, content, why in (
        ("空.xlsx", b"", "空.xlsx 是空文件"),
        ("文字.xlsx", "台账".encode(), "文字.xlsx 里没有找到人员或户的台账"),
        ("坏.xlsx", b"\xd0\xcf\x11\xe0" * 200, "坏.xlsx 不是能读的表格"),
        ("断.xlsx", whole[:-900], "断.xlsx"),
    ):
        with pytest.raises(LedgerError, match=why):
            fill(broken(folder, name, content))
    (folder / "夹.xlsx").mkdir()
    with pytest.raises(LedgerError, match="夹.xlsx"):
        fill(folder / "夹.xlsx")
    with pytest.raises(LedgerError, match="输出文件夹不存在"):
        fill(good, folder / "没有" / "结果.xlsx")


@pytest.mark.parametrize(
    "part", ["xl/workbook.xml", "xl/worksheets/sheet1.xml", "[Content_Types].xml", "xl/styles.xml"]
)
def test_a_damaged_part(folder, part):
    source = write(folder, [PERSON])
    with zipfile.ZipFile(source) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    parts[part] = parts[part][: len(parts[part]) // 2]
    with zipfile.ZipFile(source, "w") as package:
        for name, content in parts.items():
            package.writestr(name, content)
    with pytest.raises(LedgerError, match="台账.xlsx (已损坏|不能照原样写出).*另存"):
        fill(source, policy="双碾乡", as_of=AS_OF)


def test_a_symbolic_link_to_the_ledger_is_the_ledger(folder):
    source = write(folder, [PERSON])
    link = folder / "链接.xlsx"
    try:
        link.symlink_to(source)
    except OSError:
        pytest.skip("no symbolic links here")
    with pytest.raises(LedgerError, match="台账自己"):
        fill(source, link, policy="双碾乡", as_of=AS_OF)


# ---- tables


def test_entitlements_of_a_table():
    table = pd.DataFrame(
        {
            "户编号": ["A1", "A2", "A3", "A4"], "与户主关系": "户主",
            "户类型": ["脱贫户", "监测户", "一般农户", "脱贫户"],
            "劳动技能": ["普通劳动力", "技能劳动力", "普通劳动力", "普通劳动力"],
            "务工去向": ["跨省", None, "跨省", "外省打工"], "实际种粮亩数": [0.1, float("nan"), float("nan"), 2],
        },
        index=[7, "乙", 7, None],
    )  # fmt: skip
    before = table.copy()
    result = entitlements(table, policy="双碾乡", as_of=AS_OF)
    assert list(result.columns) == ["应享交通补贴", "应享种粮一次性补贴", "应享现金合计", "依据"]
    assert result.index.equals(table.index)
    assert result["应享交通补贴"].tolist()[:3] == [1500, 0, 0]
    failed = result["应享交通补贴"].iloc[3]
    assert isinstance(failed, CellError) and failed.code == "unknown_option"
    assert result["应享种粮一次性补贴"].tolist() == [2.15, 0, 0, 43]
    assert result["应享现金合计"].tolist()[:3] == [1502.15, 0, 0]
    assert isinstance(result["应享现金合计"].iloc[3], CellError)
    assert result["依据"].tolist()[1] == "" and "外省打工" in result["依据"].iloc[3]
    pd.testing.assert_frame_equal(table, before)


@pytest.mark.parametrize("dtype", ["object", "string", "category"])
def test_text_columns_of_a_table(dtype):
    table = pd.DataFrame({**PERSON, "务工去向": ["跨省", None, "省内区外"]}).astype({"务工去向": dtype})
    table["户编号"] = pd.array([1, 2, 3], dtype="Int64")
    result = entitlements(table, policy="双碾乡", as_of=AS_OF)
    assert result["应享交通补贴"].tolist() == [1500, 0, 600]


def test_numbers_and_dates_of_a_table():
    table = pd.DataFrame({**PERSON, "户编号": range(3), "业务日期": pd.to_datetime(["2025-06-30", None, "2026-01-01"])})
    table["月工资"] = pd.array([1000, None, 999], dtype="Int64")
    table["连续外出务工月数"] = ["6", None, "６"]
    result = entitlements(table, policy="双碾乡", as_of=AS_OF)
    assert result["应享交通补贴"].tolist() == [1500, 1500, 0]
    assert result["应享稳岗补助"].tolist() == [1200, 0, 0]


def test_a_table_without_rows():
    result = entitlements(pd.DataFrame(columns=list(PERSON)), policy="双碾乡", as_of=AS_OF)
    assert len(result) == 0 and "应享交通补贴" in result.columns


def test_sums_of_a_table_are_exact():
    table = pd.DataFrame([{**PERSON, "户编号": n, "务工去向": None, "实际种粮亩数": n / 100} for n in range(100)])
    result = entitlements(table, policy="双碾乡", as_of=AS_OF)
    # n × 21.5 fen, half up
    assert result["应享现金合计"].tolist() == [((43 * n + 1) // 2) / 100 for n in range(100)]


def test_the_same_by_rows_and_by_columns():
    """A few rows and a few hundred are read in different ways."""
    rows = [
        {**PERSON, "户编号": n, "务工去向": place, "连续外出务工月数": months, "月工资": wage, "实际种粮亩数": n / 8}
        for n, place, months, wage in zip(
            range(100), ["跨省", "区内", None, "外省打工", "省外"] * 20, [6, 5.5, None, "6个月"] * 25,
            [1000, None, 999.99, "１２００"] * 25, strict=True,
        )
    ]  # fmt: skip
    together = entitlements(pd.DataFrame(rows), policy="双碾乡", as_of=AS_OF)
    for start in range(0, 100, 20):
        apart = entitlements(pd.DataFrame(rows[start : start + 20]), policy="双碾乡", as_of=AS_OF)
        shown = [
            part.map(lambda v: v.message if isinstance(v, CellError) else v)
            for part in (together[start : start + 20], apart)
        ]
        assert shown[0].to_numpy().tolist() == shown[1].to_numpy().tolist()


# ---- nobody's number is told

EVERY = {
    "户编号": "A1", "姓名": "甲", "与户主关系": "户主", "户类型": "监测户", "风险是否已消除": "未消除",
    "人口状态": "正常", "监测对象类别": None, "业务日期": None, "劳动技能": "普通劳动力", "务工去向": "跨省",
    "实际交通费": 900, "本年已享受交通补贴": "否", "连续外出务工月数": 6, "月工资": 1000, "以前已享受稳岗补助": "否",
    "返乡回流": "是", "自主创业": "是", "以前已享受创业补贴": "否", "年租金": 100, "有培训意愿": "是", "已就业": "否",
    "培训天数": 3, "消费券对象类别": "监测对象", "庭院经济核定奖补额": 100, "确权承包亩数": 1, "确权颁证到位": "是",
    "实际种粮亩数": 1, "农村困难残疾人": "是", "参加实用技术培训": "是", "本年已享受残疾人培训补贴": "否",
    "适合且稳定的产业项目": "是", "学生类别": "残疾人大学生", "在读": "是", "家庭人均纯收入": 9000, "家庭人口数": 1,
    "监测指导线": 9500, "贷款余额": 1, "申请追加": 1, "确有需要": "是", "具备还款能力": "是",
}  # fmt: skip
numbers_of_people = st.builds(
    "{}{:%Y%m%d}{:03d}{}".format,
    st.sampled_from(["140603", "999900"]),
    st.dates(dt.date(1940, 1, 1), dt.date(2012, 12, 31)),
    st.integers(100, 999),
    st.sampled_from("0123456789X"),
)


def told_by(text: str, number: str, otherwise: str = "") -> bool:
    """Does the text contain five or more digits of the number in a row, which it does not contain otherwise?"""
    parts = {number[start : start + 5] for start in range(len(number) - 4)}
    return any(part in text and part not in otherwise for part in parts)


def as_typed(number: str):
    """The ways a number gets into a cell."""
    wide = number.translate(str.maketrans("0123456789X", "０１２３４５６７８９Ｘ"))
    typed = [
        number,
        f" {number} ",
        wide,
        f"身份证{number}",
        f"{number[:6]} {number[6:14]} {number[14:]}",
        number + "44",
    ]
    return [*typed, int(number), float(number)] if number.isdigit() else typed


def texts_of(rows: list[dict]) -> list[str]:
    """Every text that the rows lead to; an error that ends the run is one too."""
    try:
        result = entitlements(pd.DataFrame(rows, dtype=object), policy="双碾乡", as_of=AS_OF)
    except CellError as error:
        return [error.message]
    return [*result["依据"], *(cell.message for name in result for cell in result[name] if isinstance(cell, CellError))]


#: what an amount grows with
QUANTITIES = ("培训天数", "确权承包亩数", "实际种粮亩数", "监测指导线", "家庭人口数")


@pytest.mark.parametrize("header", QUANTITIES)
def test_an_identity_number_is_no_quantity(header):
    numbers = (140603199001011234, "140603199001011234")
    rows = [{**EVERY, header: number, "户编号": f"A{row}"} for row, number in enumerate(numbers)]
    result = entitlements(pd.DataFrame(rows, dtype=object), policy="双碾乡", as_of=AS_OF)
    for total in result["应享现金合计"]:
        assert isinstance(total, CellError), total


@pytest.mark.parametrize("header", [header for header in EVERY if header not in QUANTITIES])
@settings(max_examples=2, phases=[Phase.generate], derandomize=True, deadline=None)
@given(number=numbers_of_people)
def test_no_identity_number_is_told(header, number):
    rows = [{**EVERY, header: typed} for typed in as_typed(number)]
    if header != "户编号":
        rows = [{**row, "户编号": f"A{n}"} for n, row in enumerate(rows)]
    usual = "".join(texts_of([EVERY]))
    for text in texts_of(rows):
        assert not told_by(text, number, usual), (header, text)
        assert not told_by(re.sub(r"[\s-]", "", text), number, usual), (header, text)


@pytest.mark.parametrize("place", ["政策", "业务日期", "口径", "核算口径"])
def test_no_identity_number_of_the_settings_is_told(folder, place):
    number = "140603199001011234"
    names = {"政策": "双碾乡", "业务日期": dt.date(2025, 6, 30)}
    if place in ("政策", "业务日期"):
        names[place] = number
    elif place == "口径":
        names[place] = f"弱劳动力={number}"
    sheets = {"核算口径": [["弱劳动力", number]]} if place == "核算口径" else None
    source = write(folder, [PERSON], names=names, sheets=sheets)
    with pytest.raises((CellError, LedgerError)) as caught:
        fill(source)
    assert not told_by(str(caught.value), number)


def test_remarks_tell_no_identity_number(folder):
    number = "140603199001011234"
    row = {**PERSON, "户编号": number, "姓名": number, "务工去向": number, "证件号码": number}
    result = filled(write(folder, [row, row], below=[["合计", number]]))
    told = [
        *result.filled.remarks,
        *(text for _, text in result.filled.first),
        *result.filled.entitled.left_out.values(),
    ]
    assert told and not any(told_by(text, number) for text in told)


def test_the_work_leaves_other_files_alone(folder):
    """Beside a ledger that another program has open lies a lock file."""
    source = write(folder, [PERSON])
    shutil.copy(source, folder / "~$台账.xlsx")
    fill(source, policy="双碾乡", as_of=AS_OF)
    assert names_in(folder) == {"台账.xlsx", "~$台账.xlsx", "台账_已核算.xlsx"}


# ---- ledgers of other documents


def of_document(policy: str, as_of: str, *changes: dict):
    rows = [{"户编号": f"A{n}", "与户主关系": "户主", "户类型": "脱贫户", **change} for n, change in enumerate(changes)]
    return entitlements(pd.DataFrame(rows, dtype=object), policy=policy, as_of=as_of)


def test_a_document_without_a_number_is_cited_by_its_title():
    elder = {"周岁年龄": 65, "子女月缴赡养金": 600}
    result = of_document(
        "奉节县", "2023-06-30",
        {**elder, "基期年人均纯收入": 9000, "预估人均纯收入": 9000},
        {**elder, "基期年人均纯收入": 19000, "预估人均纯收入": 19000},
        {**elder, "户类型": "监测户", "风险状态": "未消除"},
        {**elder, "基期年人均纯收入": 19000},
        {"基期年人均纯收入": 9000},
    )  # fmt: skip
    title = "《奉节县促进低收入脱贫人口稳定增收的具体措施》"
    assert result["应享孝善养老奖补"].tolist()[:3] == [60, 0, 60]
    assert result["依据"].iloc[0] == f"{title}：孝善养老奖补60元（第八条）"
    assert result["依据"].iloc[1] == f"{title}：孝善养老奖补0元：不属于低收入脱贫人口（第八条）"
    unclear = result["应享孝善养老奖补"].iloc[3]
    assert isinstance(unclear, CellError) and unclear.cell == "#N/A" and "预估人均纯收入" in unclear.message
    assert result["应享孝善养老奖补"].iloc[4] == 0 and result["依据"].iloc[4] == ""  # nothing is claimed


def test_a_document_without_an_end_needs_no_date(today):
    today(2030, 1, 1)
    elder = {"周岁年龄": 65, "子女月缴赡养金": 600, "属于政策对象": "是"}
    rows = pd.DataFrame([{"户编号": "A1", "与户主关系": "户主", "户类型": "脱贫户", **elder}])
    assert entitlements(rows, policy="奉节县")["应享孝善养老奖补"].tolist() == [60]
    assert entitlements(rows, policy="奉节县", as_of="2022-10-07")["应享孝善养老奖补"].tolist() == [0]


def test_a_ledger_under_two_documents():
    """The same rows, each document with its own rules."""
    person = {"返乡回流": "是", "自主创业": "是", "首次创办小微企业": "是", "培训天数": 10, "是否劳动力": "是"}
    rows = [person, {**person, "首次创办小微企业": "否"}, {**person, "户类型": "一般农户"}]
    result = of_document("阜阳市", "2023-10-30", *rows)
    assert result["应享创业补贴"].tolist() == [5000, 0, 0]
    assert result["应享培训生活费补贴"].tolist() == [500, 500, 0]
    assert result["依据"].iloc[0] == (
        "《阜阳市促进脱贫人口增收工作方案》：创业补贴5000元（第13条，下限）；培训生活费补贴500元（第14条）"
    )
    result = of_document("双碾乡", "2023-10-30", *rows)
    assert result["应享创业补贴"].tolist() == [5000, 5000, 0]  # there a first small enterprise is no condition


def test_months_of_a_ledger():
    elder = {"周岁年龄": 65, "子女月缴赡养金": 600, "属于政策对象": "是"}
    months = [{**elder, "缴纳月数": months} for months in (12, None, 1)]
    assert of_document("奉节县", "2023-06-30", *months)["应享孝善养老奖补"].tolist() == [720, 60, 60]


def test_a_document_that_tests_no_day_needs_no_date(today):
    today(2030, 1, 1)
    rows = pd.DataFrame([{"户编号": "A1", "户类型": "脱贫户", "上年家庭收入": 5, "本年家庭收入": 2}])
    entitlements(rows, policy="前进区")
