"""A workbook for the level above: values, and nothing that calculates, links or lies hidden."""

from __future__ import annotations

import hashlib
import zipfile

import openpyxl
import pytest
import xlsxwriter
from invented_workbooks import WORKBOOKS, changed_package, replaced
from villages import HEADERS, id_of, person

from xl_poverty.errors import CellError, LedgerError
from xl_poverty.ledger.files import read_book
from xl_poverty.summaries.export import export

OUR = '_xlfn.TRAVEL_SUBSIDY("脱贫户",TRUE,"跨省",900)'


def written(path, fill=lambda book, sheet: None):
    """By XlsxWriter, which writes the results of formulas."""
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("台账")
        for row, cells in enumerate((HEADERS, person("甲村", 1, 1), person("甲村", 2, 1, "配偶", 2500.5))):
            for column, value in enumerate(cells):
                (sheet.write_string if isinstance(value, str) else sheet.write_number)(row, column, value)
        sheet.write_string(0, 7, "年工资")
        sheet.write_formula(1, 7, "=G2*12", book.add_format({"num_format": "#,##0.00", "bold": True}), 36000)
        sheet.write_formula(2, 7, f"={OUR}", None, 900)
        fill(book, sheet)
    return path


def parts_of(path):
    with zipfile.ZipFile(path) as package:
        return {name: package.read(name).decode() for name in package.namelist()}


def test_formulas_become_what_they_show(tmp_path):
    source = written(tmp_path / "台账.xlsx")
    before = hashlib.sha256(source.read_bytes()).digest()
    done = export(source)
    assert (done.target.name, done.formulas, done.sheets) == ("台账_上报.xlsx", 2, {"台账": 3})
    sheet = openpyxl.load_workbook(done.target)["台账"]
    assert [sheet["H2"].value, sheet["H3"].value] == [36000, 900]
    assert (sheet["H2"].number_format, sheet["H2"].font.bold) == ("#,##0.00", True)
    assert [cell.value for cell in sheet["E"]] == ["证件号码", id_of(1), id_of(2)]  # personal columns stay
    assert not any("<f" in text for name, text in parts_of(done.target).items() if "worksheets" in name)
    assert hashlib.sha256(source.read_bytes()).digest() == before


def test_texts_and_truth_values_of_formulas(tmp_path):
    def fill(book, sheet):
        sheet.write_formula("I2", '=A2&"<1"', None, "甲村<1")
        sheet.write_formula("I3", "=1=1", None, True)

    done = export(written(tmp_path / "台账.xlsx", fill))
    sheet = openpyxl.load_workbook(done.target)["台账"]
    assert [(sheet[at].value, sheet[at].data_type) for at in ("I2", "I3")] == [("甲村<1", "s"), (True, "b")]


def test_hidden_sheets_are_named_and_left_out(tmp_path):
    def fill(book, sheet):
        other = book.add_worksheet("底稿")
        other.write_string(0, 0, "不上报")
        other.hide()

    source = written(tmp_path / "台账.xlsx", fill)
    done = export(source)
    assert done.hidden == ["底稿"]
    assert "不上报" not in "".join(parts_of(done.target).values())
    everything = export(source, tmp_path / "全部.xlsx", hidden=True)
    book = openpyxl.load_workbook(everything.target)
    assert (book.sheetnames, book["底稿"].sheet_state) == (["台账", "底稿"], "hidden")


def test_formulas_without_result_and_errors_are_refused(tmp_path):
    source = written(tmp_path / "台账.xlsx")
    content = changed_package(source.read_bytes(), {
        "xl/worksheets/sheet1.xml": lambda data: data.replace(b"<v>36000</v>", b"")
        .replace(b"<v>900</v>", b"<v>#NAME?</v>").replace(b'<c r="H3">', b'<c r="H3" t="e">'),
    })  # fmt: skip
    source.write_bytes(content)
    with pytest.raises(LedgerError) as caught:
        export(source)
    assert "1个公式没有算出的结果：H2" in str(caught.value)
    assert "1个公式显示的是错误值：H3" in str(caught.value)
    assert not (tmp_path / "台账_上报.xlsx").exists()
    done = export(source, keep_errors=True)
    sheet = openpyxl.load_workbook(done.target)["台账"]
    assert [sheet["H2"].value, sheet["H3"].value] == ["#N/A", "#NAME?"]
    assert (done.unresolved, done.errors) == ({"台账": ["H2"]}, {"台账": ["H3"]})


def test_links_to_other_workbooks_stay_behind(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["户编号", "姓名"])
    book.save(tmp_path / "台账.xlsx")
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    link = f'</sheets><externalReferences><externalReference xmlns:r="{office}" r:id="rId99"/></externalReferences>'
    relation = f'<Relationship Id="rId99" Type="{office}/externalLink" Target="externalLinks/externalLink1.xml"/>'
    content = changed_package((tmp_path / "台账.xlsx").read_bytes(), {
        "xl/workbook.xml": replaced(("</sheets>", link)),
        "xl/_rels/workbook.xml.rels": replaced(("</Relationships>", f"{relation}</Relationships>")),
    }, {"xl/externalLinks/externalLink1.xml": "<externalLink/>"}.items())  # fmt: skip
    (tmp_path / "台账.xlsx").write_bytes(content)
    done = export(tmp_path / "台账.xlsx")
    assert not any("external" in name or "external" in text for name, text in parts_of(done.target).items())
    assert any("1个别的工作簿的链接" in remark for remark in done.remarks)


def test_what_does_not_come_along_is_told(tmp_path):
    def fill(book, sheet):
        sheet.write_comment("A2", "入户时不在家")
        sheet.insert_textbox("J2", "说明")
        sheet.protect("1234")
        sheet.set_row(2, None, None, {"hidden": True})

    done = export(written(tmp_path / "台账.xlsx", fill))
    told = "\n".join(done.remarks)
    for word in ("批注", "图片、图形和图表", "工作表保护", "1行是隐藏的"):
        assert word in told
    assert not any("comment" in name or "drawing" in name or "docProps" in name for name in parts_of(done.target))


@pytest.mark.parametrize("name", sorted(WORKBOOKS))
def test_all_sorts_of_workbooks_become_sound_ones(tmp_path, name):
    """The same values stand in the copy, and openpyxl can open it."""
    source = tmp_path / "台账.xlsx"
    source.write_bytes(WORKBOOKS[name]())
    done = export(source, hidden=True, keep_errors=True)
    openpyxl.load_workbook(done.target)
    copied = {sheet.name: sheet for sheet in read_book(done.target).sheets}
    for sheet in read_book(source).sheets:
        assert [list(map(shown, row)) for row in copied[sheet.name].rows] == [list(map(shown, r)) for r in sheet.rows]
        assert not copied[sheet.name].formulas


def shown(value):
    return value.cell if isinstance(value, CellError) else value


def test_a_target_that_is_there_is_kept(tmp_path):
    source = written(tmp_path / "台账.xlsx")
    first = export(source)
    before = first.target.read_bytes()
    again = export(source)
    assert again.backup.read_bytes() == before == again.target.read_bytes()


def test_refusals(tmp_path):
    source = written(tmp_path / "台账.xlsx")
    with pytest.raises(LedgerError, match="不能是台账自己"):
        export(source, source)
    with pytest.raises(LedgerError, match="以 .xlsx 结尾"):
        export(source, tmp_path / "上报.csv")
    with pytest.raises(LedgerError, match="找不到文件"):
        export(tmp_path / "没有.xlsx")


def test_a_csv_becomes_a_workbook(tmp_path):
    (tmp_path / "台账.csv").write_text("姓名,金额\n人甲某,12\n", encoding="gbk")
    done = export(tmp_path / "台账.csv")
    assert [[cell.value for cell in row] for row in openpyxl.load_workbook(done.target).active] == [
        ["姓名", "金额"], ["人甲某", "12"],
    ]  # fmt: skip
