"""A ledger split by village: whose rows, under which titles, in which looks."""

from __future__ import annotations

import datetime as dt
import re
import zipfile

import openpyxl
import pytest
from invented_workbooks import changed_package
from openpyxl.formatting.rule import FormulaRule
from openpyxl.styles import Font, PatternFill
from openpyxl.worksheet.datavalidation import DataValidation
from villages import HEADERS, book, id_of, person, save

from xl_poverty.errors import LedgerError
from xl_poverty.ledger.reading import read_ledger
from xl_poverty.summaries.merging import merge
from xl_poverty.summaries.splitting import split


def sheet_of(path, name="台账"):
    return openpyxl.load_workbook(path)[name]


def rows_of(path, name="台账"):
    return [list(row) for row in sheet_of(path, name).iter_rows(values_only=True)]


def texts_in(path):
    with zipfile.ZipFile(path) as package:
        return b"".join(package.read(name) for name in package.namelist()).decode()


PEOPLE = [
    person("甲村", 1, 1), person("甲村", 2, 1, "配偶", None), person("乙村", 3, 2), person("甲村", 4, 3),
    person(None, 5, 4), person("乙村", 6, 5, wage=2500.5),
]  # fmt: skip


@pytest.fixture
def ledger(tmp_path):
    """A title, six persons, a total and a signature, with looks of all kinds."""
    below = [("合计", None, None, None, None, None, 15000), ("填表人：某某",)]
    made = book(PEOPLE, before=[("某镇台账",)], after=below)
    sheet = made.active
    sheet.merge_cells("A1:G1")
    sheet["A1"].font = Font(bold=True, size=16)
    sheet.column_dimensions["E"].width = 33
    sheet.row_dimensions[2].height = 40
    sheet.auto_filter.ref = "A2:G8"
    sheet.freeze_panes = "B3"
    sheet.print_title_rows = "2:2"
    sheet.print_area = "A1:G10"
    for row in range(3, 9):
        sheet.cell(row, 7).number_format = "#,##0.00"
    options = DataValidation(type="list", formula1='"脱贫户,监测户"', sqref="F3:F8")
    sheet.add_data_validation(options)
    red = PatternFill("solid", bgColor="FFC7CE")
    sheet.conditional_formatting.add("A3:G8", FormulaRule(formula=["$G3<3000"], fill=red))
    made.save(tmp_path / "台账.xlsx")
    return tmp_path / "台账.xlsx"


def test_each_village_has_its_rows_under_the_titles(ledger, tmp_path):
    done = split(ledger, tmp_path / "各村")
    assert [(piece.name, piece.rows, piece.path.name) for piece in done.pieces] == [
        ("甲村", 3, "甲村.xlsx"), ("乙村", 2, "乙村.xlsx"), ("未分村", 1, "未分村.xlsx"),
    ]  # fmt: skip
    assert done.rows == done.written == 6
    blank = [None] * 6
    assert rows_of(tmp_path / "各村" / "乙村.xlsx") == [
        ["某镇台账", *blank], list(HEADERS), list(PEOPLE[2]), list(PEOPLE[5]), ["填表人：某某", *blank],
    ]  # fmt: skip
    assert rows_of(tmp_path / "各村" / "甲村.xlsx")[2:5] == [list(PEOPLE[0]), list(PEOPLE[1]), list(PEOPLE[3])]
    assert done.left_out == {"台账": {"合计": 1}}
    assert any("1行没有写村" in remark for remark in done.remarks)


def test_the_looks_are_those_of_the_ledger(ledger, tmp_path):
    split(ledger, tmp_path / "各村")
    sheet = sheet_of(tmp_path / "各村" / "乙村.xlsx")
    assert (sheet["A1"].font.bold, sheet["A1"].font.size) == (True, 16)
    assert (sheet.column_dimensions["E"].width, sheet.row_dimensions[2].height) == (33, 40)
    assert [str(area) for area in sheet.merged_cells.ranges] == ["A1:G1"]
    assert (sheet.auto_filter.ref, sheet.freeze_panes) == ("A2:G4", "B3")
    assert (sheet.print_title_rows, sheet.print_area) == ("$2:$2", "'台账'!$A$1:$G$5")
    assert [sheet.cell(row, 7).number_format for row in (3, 4)] == ["#,##0.00"] * 2
    (options,) = sheet.data_validations.dataValidation
    assert (str(options.sqref), options.formula1) == ("F3:F4", '"脱贫户,监测户"')
    (rule,) = sheet.conditional_formatting
    assert (str(rule.sqref), rule.rules[0].formula) == ("A3:G4", ["$G3<3000"])


def test_nothing_of_other_villages_is_in_a_file(ledger, tmp_path):
    split(ledger, tmp_path / "各村")
    told = texts_in(tmp_path / "各村" / "乙村.xlsx")
    assert id_of(3) in told
    assert not any(id_of(number) in told for number in (1, 2, 4, 5))


def test_what_was_split_can_be_merged_again(ledger, tmp_path):
    split(ledger, tmp_path / "各村")
    merge(tmp_path / "各村", tmp_path / "镇.xlsx")
    again = read_ledger(tmp_path / "镇.xlsx", sheet="合并台账").main
    assert sorted(again.persons.keys) == sorted(id_of(number) for number in range(1, 7))


def test_formulas_become_what_they_show(tmp_path):
    made = book([person("甲村", 1, 1), person("乙村", 2, 2)])
    made.active["H1"], made.active["H2"], made.active["H3"] = "年工资", "=G2*12", "=G3*12"
    made.save(tmp_path / "台账.xlsx")
    reckoned = re.compile(rb"(<f>G2\*12</f>)<v ?/>|(<f>G2\*12</f>)<v></v>")
    content = changed_package((tmp_path / "台账.xlsx").read_bytes(), {
        "xl/worksheets/sheet1.xml": lambda data: reckoned.sub(b"<f>G2*12</f><v>36000</v>", data),
    })  # fmt: skip
    (tmp_path / "台账.xlsx").write_bytes(content)
    done = split(tmp_path / "台账.xlsx", tmp_path / "各村")
    assert sheet_of(tmp_path / "各村" / "甲村.xlsx")["H2"].value == 36000
    assert sheet_of(tmp_path / "各村" / "乙村.xlsx")["H2"].value == "#N/A"
    assert any("2个公式写成了" in remark for remark in done.remarks)
    assert any("1个公式没有算出的结果" in remark and "H3" in remark for remark in done.remarks)


def test_households_that_are_merged_cells_stay_so(tmp_path):
    made = book([person("甲村", 1, 7), person("乙村", 3, 9), person("乙村", 4, 9, "配偶"), person("甲村", 5, 8)])
    made.active["B4"] = None
    made.active.merge_cells("B3:B4")
    made.save(tmp_path / "台账.xlsx")
    split(tmp_path / "台账.xlsx", tmp_path / "各村")
    assert [str(area) for area in sheet_of(tmp_path / "各村" / "乙村.xlsx").merged_cells.ranges] == ["B2:B3"]
    assert not sheet_of(tmp_path / "各村" / "甲村.xlsx").merged_cells.ranges


def test_other_sheets_follow_by_household_or_person_or_stay_behind(tmp_path):
    made = book([person("甲村", 1, 1), person("乙村", 2, 2)])
    spells = made.create_sheet("务工")
    spells.append(("姓名", "证件号码", "务工地点", "务工开始时间"))
    spells.append(("人丙某", id_of(2), "苏州", "2023-01"))
    spells.append(("人乙某", id_of(1), "杭州", "2023-02"))
    made.create_sheet("核算口径").append(["项目", "值"])
    made["核算口径"].append(["业务日期", dt.date(2023, 9, 30)])
    made.create_sheet("通讯录").append(["某某", "13900000000"])
    made.save(tmp_path / "台账.xlsx")
    done = split(tmp_path / "台账.xlsx", tmp_path / "各村")
    assert rows_of(tmp_path / "各村" / "甲村.xlsx", "务工")[1:] == [["人乙某", id_of(1), "杭州", "2023-02"]]
    assert openpyxl.load_workbook(tmp_path / "各村" / "甲村.xlsx").sheetnames == ["台账", "务工", "核算口径"]
    assert read_ledger(tmp_path / "各村" / "甲村.xlsx").as_of == dt.date(2023, 9, 30)
    assert any(remark.endswith("工作表：通讯录") for remark in done.remarks)
    assert done.rows == done.written == 4


def test_two_towns_with_a_village_of_one_name(tmp_path):
    heads = ("乡镇", *HEADERS)
    rows = [("东镇", *person("新村", 1, 1)), ("西镇", *person("新村", 2, 2)), ("东镇", *person("老村", 3, 3))]
    save(tmp_path / "台账.xlsx", rows, heads)
    done = split(tmp_path / "台账.xlsx", tmp_path / "各村")
    assert [piece.name for piece in done.pieces] == ["东镇新村", "西镇新村", "老村"]
    done = split(tmp_path / "台账.xlsx", tmp_path / "各镇", by="town")
    assert [(piece.name, piece.rows) for piece in done.pieces] == [("东镇", 2), ("西镇", 1)]


def test_names_that_no_file_can_have(tmp_path):
    save(tmp_path / "台账.xlsx", [person("甲/乙村", 1, 1), person("甲:乙村", 2, 2)])
    done = split(tmp_path / "台账.xlsx", tmp_path / "各村")
    assert [piece.path.name for piece in done.pieces] == ["甲_乙村.xlsx", "甲_乙村_2.xlsx"]


def test_files_that_are_there_are_kept(ledger, tmp_path):
    split(ledger, tmp_path / "各村")
    before = (tmp_path / "各村" / "甲村.xlsx").read_bytes()
    done = split(ledger, tmp_path / "各村")
    assert all(piece.backup.exists() for piece in done.pieces)
    assert done.pieces[0].backup.read_bytes() == before == done.pieces[0].path.read_bytes()
    assert ledger.exists()


def test_a_csv_becomes_workbooks_without_looks(tmp_path):
    lines = [HEADERS, *PEOPLE[:3]]
    text = "\n".join(",".join("" if cell is None else str(cell) for cell in line) for line in lines)
    (tmp_path / "台账.csv").write_text(text, encoding="gbk")
    done = split(tmp_path / "台账.csv", tmp_path / "各村")
    assert [piece.rows for piece in done.pieces] == [2, 1]
    assert sheet_of(tmp_path / "各村" / "乙村.xlsx")["E2"].value == id_of(3)
    assert any("只有内容，没有原来的格式" in remark for remark in done.remarks)


def test_refusals(tmp_path):
    save(tmp_path / "台账.xlsx", [row[1:] for row in PEOPLE], HEADERS[1:])
    with pytest.raises(LedgerError, match="没有“行政村”列"):
        split(tmp_path / "台账.xlsx", tmp_path / "各村")
    save(tmp_path / "有村.xlsx", PEOPLE)
    with pytest.raises(LedgerError, match="是文件，请另指明"):
        split(tmp_path / "有村.xlsx", tmp_path / "台账.xlsx")
    with pytest.raises(LedgerError, match="上层不存在"):
        split(tmp_path / "有村.xlsx", tmp_path / "没有" / "各村")
    assert not (tmp_path / "各村").exists()
