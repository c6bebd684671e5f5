"""Sheets built elsewhere become sheets of a workbook: all that belongs to them comes along, the rest stays as it is."""

from __future__ import annotations

import base64
import datetime as dt
import io
import re
import zipfile
from functools import cache

import openpyxl
import pytest
import xlsxwriter
from lxml import etree
from openpyxl.chart import BarChart, Reference
from openpyxl.comments import Comment
from openpyxl.styles import Font, NamedStyle, PatternFill

from xl_poverty.errors import LedgerError
from xl_poverty.workbook import grafting
from xl_poverty.workbook.grafting import Graft, _renamed, check_sheet_name, graft
from xl_poverty.workbook.package import Package
from xl_poverty.workbook.parts import Parts, resolved

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


def written(content: bytes, changed: dict[str, bytes | None]) -> bytes:
    """The package with its changes."""
    output = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            data = changed.get(name, old.read(name))
            if data is not None:
                new.writestr(name, data)
        for name in changed.keys() - set(old.namelist()):
            if changed[name] is not None:
                new.writestr(name, changed[name])
    return output.getvalue()


def grafted(content: bytes, *grafts: Graft) -> bytes:
    parts = Parts(Package(content, "台账.xlsx"))
    graft(parts, *grafts)
    result = written(content, parts.changed())
    assert faults(result) == []
    return result


def members(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        assert len(file.namelist()) == len({name.lower() for name in file.namelist()})
        return {name: file.read(name) for name in file.namelist()}


def faults(content: bytes) -> list[str]:
    """What is wrong with a package: dangling and unused relationships, types, numbers of formats, tables, names."""
    found, parts = [], members(content)
    types = etree.fromstring(parts["[Content_Types].xml"])
    overrides = [entry.get("PartName") for entry in types if entry.get("PartName")]
    endings = [entry.get("Extension") for entry in types if entry.get("Extension")]
    found += [f"type for {name}" for name in overrides if name[1:] not in parts]
    found += [f"twice in types: {name}" for name in {*overrides, *endings} if (overrides + endings).count(name) > 1]
    reached = {"[Content_Types].xml"}
    for name, data in parts.items():
        if name.endswith((".xml", ".rels", ".vml")):
            etree.fromstring(data)
        if f"/{name}" not in overrides and name.rpartition(".")[2] not in endings:
            found.append(f"no type for {name}")
        if name.endswith(".rels"):
            owner = f"/{name}".replace("/_rels/", "/")[1:-5]
            reached.add(name)
            if owner and owner not in parts:
                found.append(f"relationships of {owner}, which is not there")
            entries = etree.fromstring(data)
            numbers = [entry.get("Id") for entry in entries]
            if len(set(numbers)) != len(numbers):
                found.append(f"ids twice in {name}")
            used = set(re.findall(rb'="(rId\w+)"', parts.get(owner, b"")))
            for entry in entries:
                kind = entry.get("Type").rpartition("/")[2]
                if owner and kind in ("drawing", "chart", "image", "table", "worksheet", "hyperlink", "legacyDrawing"):
                    if entry.get("Id").encode() not in used:
                        found.append(f"{owner} does not use {entry.get('Id')}")
                if entry.get("TargetMode") != "External" and not entry.get("Target").startswith("#"):
                    reached.add(resolved(owner, entry.get("Target")))
            found += [f"{owner} lacks {i.decode()}" for i in used if i.decode() not in numbers]
    found += [f"nothing leads to {name}" for name in set(parts) - reached]
    found += [f"led to nothing: {name}" for name in reached - set(parts)]
    styles = etree.fromstring(parts["xl/styles.xml"])
    for group in styles:
        if group.get("count") and int(group.get("count")) != len(group):
            found.append(f"count of {group.tag}")
    sizes = {etree.QName(group).localname: len(group) for group in styles}
    for entry in styles.iter("{*}xf"):
        for attribute, group in (("fontId", "fonts"), ("fillId", "fills"), ("borderId", "borders")):
            if int(entry.get(attribute, "0")) >= sizes[group]:
                found.append(f"{attribute} {entry.get(attribute)}")
        if int(entry.get("xfId", "0")) >= sizes["cellStyleXfs"]:
            found.append("xfId")
    codes = [int(entry.get("numFmtId")) for entry in styles.iter("{*}numFmt") if "numFmts" in entry.getparent().tag]
    if len(set(codes)) != len(codes):
        found.append("number formats twice")
    tables, selected = [], 0
    for name, data in parts.items():
        if re.fullmatch(r"xl/worksheets/[^/]+\.xml", name):
            root = etree.fromstring(data)
            selected += len(root.findall(".//{*}sheetView[@tabSelected='1']"))
            for attribute, group in (("s", "cellXfs"), ("style", "cellXfs"), ("dxfId", "dxfs")):
                for entry in root.iter("{*}c", "{*}row", "{*}col", "{*}cfRule"):
                    if int(entry.get(attribute, "0")) >= max(sizes.get(group, 0), 1):
                        found.append(f"{name}: {attribute} {entry.get(attribute)}")
        elif name.startswith("xl/tables/"):
            tables.append(etree.fromstring(data))
    for what in ("id", "displayName"):
        values = [table.get(what).lower() for table in tables]
        if len(set(values)) != len(values):
            found.append(f"tables with one {what}: {values}")
    book = etree.fromstring(parts["xl/workbook.xml"])
    names = [(entry.get("name").lower(), entry.get("localSheetId")) for entry in book.iter("{*}definedName")]
    if len(set(names)) != len(names):
        found.append("defined names twice")
    if selected > 1:
        found.append("several sheets selected")
    return found


# ---- workbooks

pytestmark = pytest.mark.filterwarnings("ignore:.*extension is not supported")


@cache
def built(sheet: str = "汇总", *, table: str = "表汇总", rows: int = 5) -> bytes:
    """A sheet with everything, and one that it refers to, as XlsxWriter builds them."""
    output = io.BytesIO()
    book = xlsxwriter.Workbook(output, {"default_date_format": "yyyy-mm-dd", "in_memory": True})
    first = book.add_worksheet("封面")
    first.write(0, 0, "封面")
    ws = book.add_worksheet(sheet)
    data = book.add_worksheet("数 据")
    here = f"='{sheet}'!"
    bold = book.add_format({"bold": True, "bg_color": "#DDEBF7", "border": 1, "align": "center"})
    song = book.add_format({"font_name": "宋体", "font_size": 14, "font_color": "#C00000"})
    money = book.add_format({"num_format": '#,##0.00"元"'})
    odd = book.add_format({"num_format": "0.000", "bold": True})
    ws.merge_range("A1:F1", "乡镇补贴汇总表", song)
    ws.add_table(
        2, 0, 2 + rows, 3,
        {
            "name": table, "total_row": True, "style": "Table Style Medium 4",
            "columns": [
                {"header": "村", "total_string": "合计", "header_format": bold},
                {"header": "户数", "total_function": "sum"},
                {"header": "金额", "total_function": "sum", "format": money},
                {"header": "户均", "formula": "=[@金额]/[@户数]", "format": odd},
            ],
        },
    )  # fmt: skip
    for row in range(rows - 1):
        ws.write_row(3 + row, 0, [f"第{row + 1}村", row + 1])
        ws.write(3 + row, 2, 1000.5 * (row + 1), money)
    ws.write_rich_string("H1", "填报：", bold, "红", song, "字", " 结束 ")
    ws.write_datetime("H2", dt.datetime(2024, 8, 12), book.add_format({"num_format": "yyyy年m月d日"}))
    ws.write("H3", "=不是公式".replace("=", "＝"))
    ws.write_formula("H4", f"=SUM({table}[金额])+'数 据'!A1", money, 10)
    ws.write_formula("H5", f"{here}B4*2", None, 2)
    ws.write_formula("H6", f'=IF(B4=1,"{sheet}!A1",\'{sheet}\'!B4&"")', None, "x")
    ws.write_dynamic_array_formula("H7:H7", "=UNIQUE(A4:A6)", None, "第1村")
    ws.write_url("I1", "https://example.com/a?b=1&c=2", string="网站")
    ws.write_url("I2", f"internal:'{sheet}'!A1", string="回到表头")
    ws.write_url("I3", "internal:'数 据'!A1")
    ws.write_comment("A3", "村的名称\n第二行", {"author": "经办人", "visible": True})
    ws.write_comment("B3", "户数")
    ws.data_validation("J1:J9", {"validate": "list", "source": ["是", "否"]})
    ws.data_validation("K1:K9", {"validate": "list", "source": "='数 据'!$A$1:$A$3"})
    ws.data_validation("L1:L9", {"validate": "list", "source": f"{here}$A$4:$A$6"})
    ws.conditional_format("B4:B8", {"type": "cell", "criteria": ">", "value": 2, "format": bold})
    ws.conditional_format("C4:C8", {"type": "data_bar", "data_bar_2010": True, "bar_solid": True})
    ws.conditional_format("D4:D8", {"type": "icon_set", "icon_style": "3_traffic_lights"})
    ws.conditional_format("D4:D8", {"type": "formula", "criteria": f"{here}$B4>1", "format": odd})
    ws.add_sparkline("M4", {"range": f"'{sheet}'!B4:B8", "type": "column"})
    ws.insert_image("J12", "点.png", {"image_data": io.BytesIO(PNG), "url": "https://example.com/"})
    ws.insert_image("J14", "点.png", {"image_data": io.BytesIO(PNG), "url": f"internal:'{sheet}'!A1"})
    ws.insert_textbox("J16", "说明", {"textlink": f"='{sheet}'!$A$1"})
    ws.set_header("&L&G&C表", {"image_left": "点.png", "image_data_left": io.BytesIO(PNG)})
    chart = book.add_chart({"type": "column"})
    chart.add_series({"name": f"{here}$C$3", "categories": f"{here}$A$4:$A$7", "values": f"{here}$C$4:$C$7"})
    chart.set_title({"name": f"{here}$A$1"})
    ws.insert_chart("A12", chart)
    pie = book.add_chart({"type": "pie"})
    pie.add_series({"values": "='数 据'!$A$1:$A$3"})
    ws.insert_chart("F12", pie)
    ws.freeze_panes(3, 1)
    ws.set_column("A:A", 20, song)
    ws.set_column("C:C", 14.5)
    ws.set_row(9, 30, bold)
    ws.set_landscape()
    ws.set_paper(9)
    ws.repeat_rows(2)
    ws.print_area("A1:I30")
    ws.fit_to_pages(1, 0)
    ws.autofilter("J1:L9")
    ws.set_tab_color("red")
    ws.activate()
    data.write_column("A1", [1, 2, 3])
    data.write_formula("B1", f"{here}C4+SUM({table}[户数])", None, 5)
    data.add_table("D1:E4", {"name": "表数据", "columns": [{"header": "甲"}, {"header": "乙"}]})
    book.define_name("汇总单位", f"{here}$A$1")
    book.define_name(f"'{sheet}'!本表", f"{here}$A$1:$B$2")
    book.close()
    return output.getvalue()


@cache
def office(*, rows: int = 5, strict: bool = False, prefix: bool = False) -> bytes:
    """A clerk's workbook that has a 汇总 already, and refers to it in every way."""
    output = io.BytesIO()
    book = xlsxwriter.Workbook(output, {"default_format_properties": {"font_name": "宋体", "font_size": 12}})
    ledger, totals, last = book.add_worksheet("台账"), book.add_worksheet("汇总"), book.add_worksheet("附表")
    red = book.add_format({"font_color": "red", "num_format": '#,##0.00"元"'})
    ledger.write_row("A1", ["姓名", "金额"])
    ledger.write_row("A2", ["张三", 5], red)
    ledger.write_formula("C2", "=汇总!A1", None, "旧")
    ledger.add_table("E1:F3", {"name": "表数据", "columns": [{"header": "子"}, {"header": "丑"}]})
    ledger.conditional_format("A2:B2", {"type": "cell", "criteria": ">", "value": 2, "format": red})
    ledger.insert_image("H1", "点.png", {"image_data": io.BytesIO(PNG)})
    chart = book.add_chart({"type": "line"})
    chart.add_series({"values": "=汇总!$B$2:$B$4"})
    ledger.insert_chart("H3", chart)
    totals.write("A1", "旧")
    totals.write_column("B2", [1, 2, 3])
    totals.write_comment("A1", "旧注")
    totals.insert_image("H1", "点.png", {"image_data": io.BytesIO(PNG + b"\0")})
    old = book.add_chart({"type": "bar"})
    old.add_series({"values": "=汇总!$B$2:$B$4"})
    totals.insert_chart("C3", old)
    totals.add_table("E1:F3", {"name": "表汇总", "columns": [{"header": "村"}, {"header": "金额"}]})
    totals.repeat_rows(0, 1)
    totals.write_url("C1", "https://example.com/old")
    totals.set_vba_name("表汇总码")
    last.write_formula("A1", "=SUM(汇总!B2:B4)", None, 6)
    last.repeat_rows(0)
    last.activate()
    book.define_name("合计", "=汇总!$B$2")
    book.define_name("汇总!自用", "=汇总!$B$3")
    book.close()
    content = output.getvalue()
    if strict:
        content = written(content, {name: _strict(data) for name, data in members(content).items()})
    if prefix:
        prefixed = ("xl/workbook.xml", "xl/styles.xml")
        content = written(content, {name: _prefixed(members(content)[name]) for name in prefixed})
    return content


def _strict(data: bytes) -> bytes:
    pattern = rb"http://schemas\.openxmlformats\.org/(officeDocument|spreadsheetml|drawingml)/2006/(\w+)"
    return re.sub(pattern, rb"http://purl.oclc.org/ooxml/\1/\2", data)


def _loose(data: bytes) -> bytes:
    pattern = rb"http://purl\.oclc\.org/ooxml/(officeDocument|spreadsheetml|drawingml)/(\w+)"
    return re.sub(pattern, rb"http://schemas.openxmlformats.org/\1/2006/\2", data)


def _prefixed(data: bytes) -> bytes:
    data = data.replace(b' xmlns="http', b' xmlns:x="http')
    return re.sub(rb"<(/?)(?=[A-Za-z])", rb"<\1x:", data)


def titles(content: bytes) -> list[str]:
    return openpyxl.load_workbook(io.BytesIO(content)).sheetnames


def part_named(content: bytes, sheet: str) -> bytes:
    parts = Parts(Package(content, "x"))
    return next(parts.read(part) for name, part, _ in parts.sheets() if name == sheet)


# ---- tests


def test_a_new_sheet_brings_all_that_belongs_to_it():
    result = grafted(office(), Graft(built(), "汇总", "新汇总"), Graft(built(), "数 据"))
    assert titles(result) == ["台账", "汇总", "附表", "新汇总", "数 据"]
    ws = openpyxl.load_workbook(io.BytesIO(result), rich_text=True)["新汇总"]
    before = openpyxl.load_workbook(io.BytesIO(built()), rich_text=True)["汇总"]
    for row in before.iter_rows():
        for cell in row:
            new = ws[cell.coordinate]
            if cell.data_type != "f" and cell.coordinate not in ("H7",):
                assert str(new.value) == str(cell.value) and type(new.value) is type(cell.value), cell.coordinate
            assert new.number_format == cell.number_format
            for what in ("border", "fill", "alignment", "protection"):
                assert repr(getattr(new, what)) == repr(getattr(cell, what)), cell.coordinate
            assert new.font.b == cell.font.b and new.font.color == cell.font.color
            assert (new.comment and new.comment.text) == (cell.comment and cell.comment.text)
    assert ws["A1"].font.name == "宋体" and ws["A1"].font.sz == 14
    assert ws.merged_cells.ranges == before.merged_cells.ranges
    assert ws.freeze_panes == "B4" and ws.print_title_rows == "$3:$3" and ws.print_area == "'新汇总'!$A$1:$I$30"
    assert ws.page_setup.orientation == "landscape" and ws.page_setup.paperSize == 9
    assert ws.sheet_properties.pageSetUpPr.fitToPage and ws.sheet_properties.tabColor.rgb == "FFFF0000"
    assert {k: v.width for k, v in ws.column_dimensions.items()} == {
        k: v.width for k, v in before.column_dimensions.items()
    }
    assert ws.row_dimensions[10].height == 30 and ws.row_dimensions[10].fill.fgColor.rgb == "FFDDEBF7"
    assert ws.column_dimensions["A"].font.sz == 14
    assert len(ws._charts) == 2 and ws.auto_filter.ref == "J1:L9"
    assert ws["I1"].hyperlink.target == "https://example.com/a?b=1&c=2"
    assert ws["I2"].hyperlink.location == "'新汇总'!A1" and ws["I3"].hyperlink.location == "'数 据'!A1"


def test_what_refers_to_renamed_sheets_and_tables_follows():
    result = grafted(office(), Graft(built(), "汇总", "新汇总"), Graft(built(), "数 据"))
    book = openpyxl.load_workbook(io.BytesIO(result))
    ws, parts = book["新汇总"], members(result)
    assert set(ws.tables) == {"表汇总_2"} and set(book["数 据"].tables) == {"表数据_2"}
    assert set(book["台账"].tables) == {"表数据"} and set(book["汇总"].tables) == {"表汇总"}
    assert ws["H4"].value == "=SUM(表汇总_2[金额])+'数 据'!A1"
    assert ws["H5"].value == "='新汇总'!B4*2"
    assert ws["H6"].value == '=IF(B4=1,"汇总!A1",\'新汇总\'!B4&"")'
    assert book["数 据"]["B1"].value == "='新汇总'!C4+SUM(表汇总_2[户数])"
    chart = next(data for name, data in parts.items() if "新汇总".encode() in data and name.startswith("xl/charts/"))
    assert "'新汇总'!$C$4:$C$7".encode() in chart and "<c:f>'汇总'!".encode() not in chart
    drawing = next(data for name, data in parts.items() if b"textlink" in data)
    assert "'新汇总'!$A$1".encode() in drawing
    sheet = part_named(result, "新汇总").decode()
    assert "<xm:f>'新汇总'!B4:B8</xm:f>" in sheet and "'新汇总'!$B4&gt;1" in sheet and "'新汇总'!$A$4:$A$6" in sheet
    assert "'汇总'!" not in sheet
    assert re.search('<c r="H7" cm="1"', sheet) and b"XLDAPR" in parts["xl/metadata.xml"]
    assert book.defined_names["汇总单位"].attr_text == "'新汇总'!$A$1"
    assert ws.defined_names["本表"].attr_text == "'新汇总'!$A$1:$B$2"


def test_conditional_formats_keep_their_looks():
    result = grafted(office(), Graft(built(), "汇总", "新汇总"))
    rules = openpyxl.load_workbook(io.BytesIO(result))["新汇总"].conditional_formatting
    before = openpyxl.load_workbook(io.BytesIO(built()))["汇总"].conditional_formatting
    for found, there in zip(rules, before):
        assert str(found.sqref) == str(there.sqref)
        assert [rule.type for rule in found.rules] == [rule.type for rule in there.rules]
        for new, old in zip(found.rules, there.rules):
            assert bool(new.dxf) == bool(old.dxf)
            if old.dxf:
                assert new.dxf.font == old.dxf.font and new.dxf.fill == old.dxf.fill
                assert (new.dxf.numFmt and new.dxf.numFmt.formatCode) == (old.dxf.numFmt and old.dxf.numFmt.formatCode)
    assert b"x14:dataBar" in part_named(result, "新汇总")
    first = openpyxl.load_workbook(io.BytesIO(result))["台账"].conditional_formatting
    assert next(iter(first)).rules[0].dxf.font.color.rgb == "FFFF0000"


def test_cells_in_the_default_font_take_that_of_the_workbook():
    result = grafted(office(), Graft(built(), "汇总", "新汇总"))
    ws = openpyxl.load_workbook(io.BytesIO(result))["新汇总"]
    for cell, bold in (("A3", True), ("C4", False), ("D4", True), ("H3", False)):
        assert (ws[cell].font.name, ws[cell].font.sz, bool(ws[cell].font.b)) == ("宋体", 12, bold)


def test_equal_formats_are_used_again():
    first = grafted(office(), Graft(built(), "汇总", "甲"))
    once = Parts(Package(first, "x"))
    twice = Parts(Package(grafted(first, Graft(built(rows=6), "汇总", "甲", replaces=True)), "x"))
    sizes = [{g.tag: len(g) for g in parts.tree("xl/styles.xml")} for parts in (once, twice)]
    assert sizes[0] == sizes[1]
    codes = [e.get("formatCode") for e in twice.tree("xl/styles.xml").find(MAIN + "numFmts")]
    assert codes.count('#,##0.00"元"') == 1


@pytest.mark.parametrize("kind", [{}, {"strict": True}, {"prefix": True}])
def test_a_sheet_is_replaced_in_place(kind):
    content = office(**kind)
    result = grafted(content, Graft(built(), "汇总", replaces=True), Graft(built(), "数 据", after="汇总"))
    before, after = members(content), members(result)
    book = openpyxl.load_workbook(io.BytesIO(written(result, {name: _loose(data) for name, data in after.items()})))
    assert book.sheetnames == ["台账", "汇总", "数 据", "附表"]
    assert book["台账"]["C2"].value == "=汇总!A1" and book["附表"]["A1"].value == "=SUM(汇总!B2:B4)"
    assert book["汇总"]["A1"].value == "乡镇补贴汇总表" and set(book["汇总"].tables) == {"表汇总"}
    assert book["汇总"].print_title_rows == "$3:$3" and book["附表"].print_title_rows == "$1:$1"
    assert book.defined_names["合计"].attr_text == "汇总!$B$2"
    assert book["汇总"].defined_names["自用"].attr_text == "汇总!$B$3"
    assert book.active.title == "附表"
    # what the old one led to is gone, what others lead to is as it was
    gone, left = before.keys() - after.keys(), before.keys() & after.keys()
    assert gone and all(re.search("chart|comments|drawing|vml|media|table|rels", name, re.I) for name in gone)
    assert b"example.com/old" not in b"".join(data for name, data in after.items() if name.endswith(".rels"))
    assert "旧注".encode() not in b"".join(data for name, data in after.items() if "comments" in name)
    changed = {name for name in left if before[name] != after[name]}
    assert changed == {
        "xl/worksheets/sheet2.xml", "xl/worksheets/_rels/sheet2.xml.rels", "xl/workbook.xml", "xl/styles.xml",
        "xl/_rels/workbook.xml.rels", "[Content_Types].xml", "docProps/app.xml",
    }  # fmt: skip
    sheets = [dict(e.attrib) for e in etree.fromstring(after["xl/workbook.xml"]).iter("{*}sheet")]
    ids = [e["sheetId"] for e in sheets]
    assert ids == ["1", "2", "4", "3"]
    assert b'codeName="\xe8\xa1\xa8\xe6\xb1\x87\xe6\x80\xbb\xe7\xa0\x81"' in after["xl/worksheets/sheet2.xml"]
    if kind.get("strict"):
        new = [data for name, data in after.items() if name not in before and name.endswith((".xml", ".rels"))]
        assert new and not any(b"openxmlformats.org/spreadsheetml" in data for data in [*new, after["xl/styles.xml"]])


def test_a_sheet_is_replaced_again_and_again():
    first = grafted(office(), Graft(built(), "汇总", replaces=True))
    again = first
    for rows in (6, 7, 5):
        again = grafted(again, Graft(built(rows=rows), "汇总", replaces=True))
    assert len(members(again)) == len(members(first))
    assert members(again)["xl/worksheets/sheet2.xml"] == members(first)["xl/worksheets/sheet2.xml"]
    assert [len(g) for g in etree.fromstring(members(again)["xl/styles.xml"])] == [
        len(g) for g in etree.fromstring(members(first)["xl/styles.xml"])
    ]


def test_what_is_to_be_replaced_but_is_not_there_is_added():
    assert titles(grafted(office(), Graft(built(), "数 据", replaces=True))) == ["台账", "汇总", "附表", "数 据"]
    result = grafted(office(), Graft(built(), "数 据", "台账二", replaces=True, after="台账"))
    assert titles(result) == ["台账", "台账二", "汇总", "附表"]


def test_the_list_of_sheets_in_the_properties_stays_true():
    result = members(grafted(office(), Graft(built(), "数 据", after="台账")))["docProps/app.xml"].decode()
    names = re.findall("<vt:lpstr>([^<]*)", result)
    assert names[:6] == ["Worksheets", "Named Ranges", "台账", "数 据", "汇总", "附表"]
    assert "<vt:i4>4</vt:i4>" in result
    size = re.search(r'<TitlesOfParts><vt:vector size="(\d+)"', result)[1]
    assert int(size) == len(names) - 2


def test_parts_that_nothing_changed_in_are_not_written():
    parts = Parts(Package(office(), "x"))
    graft(parts, Graft(built(), "数 据"))
    assert {name for name in parts.changed() if name in members(office())} == {
        "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "[Content_Types].xml", "docProps/app.xml"
    }  # fmt: skip


def test_openpyxl_builds_sheets_too():
    book, output = openpyxl.Workbook(), io.BytesIO()
    ws = book.active
    ws.title = "通知"
    ws["A1"], ws["A2"], ws["A3"] = "文字", 5, dt.date(2024, 8, 12)
    ws["A1"].font, ws["A2"].fill = Font(name="黑体", sz=20), PatternFill("solid", fgColor="FFFF00")
    good = NamedStyle("醒目", font=Font(b=True, color="FF0000"))
    ws["A2"].style = good
    ws["B1"].comment = Comment("批注", "经办人")
    ws["A4"] = "=通知!A2*2"
    chart = BarChart()
    chart.add_data(Reference(ws, min_col=1, min_row=1, max_row=3))
    ws.add_chart(chart, "D4")
    ws["A5"].hyperlink = "https://example.com/"
    book.save(output)
    result = grafted(office(), Graft(output.getvalue(), "通知", "告知书"))
    ws = openpyxl.load_workbook(io.BytesIO(result))["告知书"]
    assert (ws["A1"].value, ws["A1"].font.name, ws["A1"].font.sz) == ("文字", "黑体", 20)
    assert ws["A2"].style == "醒目" and ws["A2"].font.b
    assert ws["A3"].value == dt.datetime(2024, 8, 12) and ws["A4"].value == "='告知书'!A2*2"
    assert ws["B1"].comment.text == "批注" and len(ws._charts) == 1 and ws["A5"].hyperlink.target


def test_a_sheet_built_row_by_row():
    output = io.BytesIO()
    book = xlsxwriter.Workbook(output, {"constant_memory": True})
    ws = book.add_worksheet("明细")
    for row in range(100):
        ws.write_row(row, 0, [f"甲<{row}&", row, " 空 "])
    book.close()
    ws = openpyxl.load_workbook(io.BytesIO(grafted(office(), Graft(output.getvalue(), "明细"))))["明细"]
    assert [[cell.value for cell in row] for row in ws][99] == ["甲<99&", 99, " 空 "]


def test_rows_are_taken_over_some_at_a_time(monkeypatch):
    def cells() -> list:
        result = grafted(office(), Graft(built(), "汇总", replaces=True))
        found = [cell for row in openpyxl.load_workbook(io.BytesIO(result))["汇总"] for cell in row]
        return [
            (str(getattr(cell.value, "text", cell.value)), cell.coordinate, cell.number_format, repr(cell.font))
            for cell in found
        ]

    whole = cells()
    monkeypatch.setattr(grafting, "_AT_A_TIME", 50)
    assert cells() == whole


def test_into_a_workbook_that_openpyxl_wrote():
    book, output = openpyxl.load_workbook(io.BytesIO(office())), io.BytesIO()
    book.save(output)
    result = grafted(output.getvalue(), Graft(built(), "汇总", replaces=True), Graft(built(), "数 据"))
    assert titles(result) == ["台账", "汇总", "附表", "数 据"]
    assert len(openpyxl.load_workbook(io.BytesIO(result))["汇总"]._charts) == 2


def test_hidden_sheets():
    output = io.BytesIO()
    book = xlsxwriter.Workbook(output)
    book.add_worksheet("甲").write(0, 0, 1)
    book.add_worksheet("政策参数").very_hidden()
    book.close()
    hidden = grafted(office(), Graft(output.getvalue(), "政策参数"))
    assert openpyxl.load_workbook(io.BytesIO(hidden))["政策参数"].sheet_state == "veryHidden"
    shown = grafted(hidden, Graft(output.getvalue(), "甲", "政策参数", replaces=True))
    assert openpyxl.load_workbook(io.BytesIO(shown))["政策参数"].sheet_state == "veryHidden"


@pytest.mark.parametrize("to_1904", [True, False])
def test_dates_of_workbooks_that_count_from_1904(to_1904):
    def book(epoch, sheet):
        output = io.BytesIO()
        found = xlsxwriter.Workbook(output, {"date_1904": epoch})
        ws = found.add_worksheet(sheet)
        ws.write_datetime("A1", dt.datetime(2024, 8, 12, 6), found.add_format({"num_format": "yyyy-mm-dd hh:mm"}))
        ws.write_datetime("A2", dt.time(12), found.add_format({"num_format": "hh:mm"}))
        ws.write_number("A3", 45000)
        found.close()
        return output.getvalue()

    ws = openpyxl.load_workbook(io.BytesIO(grafted(book(to_1904, "甲"), Graft(book(not to_1904, "乙"), "乙"))))["乙"]
    assert [ws["A1"].value, ws["A2"].value, ws["A3"].value] == [dt.datetime(2024, 8, 12, 6), dt.time(12), 45000]


@pytest.mark.parametrize("name, why", [
    ("", "不能为空"), (" ", "不能为空"), ("一" * 32, "超过31个字符"), ("甲/乙", "不能含有/"), ("[1]", "不能含有["),
    ("'甲", "单引号"), ("甲'", "单引号"), ("History", "保留"), ("甲\n乙", "控制字符"), ("😀" * 16, "超过31"),
])  # fmt: skip
def test_names_that_no_sheet_can_have(name, why):
    with pytest.raises(LedgerError, match=re.escape(why)):
        check_sheet_name(name)


def test_names_that_a_sheet_can_have():
    for name in ("一" * 31, "甲'乙", "2024年（上）", "a.b", "😀" * 15):
        check_sheet_name(name)


def test_refusals():
    with pytest.raises(LedgerError, match="已经有工作表「汇总」"):
        graft(Parts(Package(office(), "x")), Graft(built(), "汇总"))
    latin = grafted(office(), Graft(built(), "数 据", "Total"))
    with pytest.raises(LedgerError, match="已经有工作表「TOTAL」"):
        graft(Parts(Package(latin, "x")), Graft(built(), "数 据", "TOTAL"))
    with pytest.raises(LedgerError, match="没有工作表「无此表」"):
        graft(Parts(Package(office(), "x")), Graft(built(), "数 据", after="无此表"))
    output = io.BytesIO()
    book = xlsxwriter.Workbook(output)
    book.add_worksheet("甲")
    chart = book.add_chart({"type": "line"})
    chart.add_series({"values": "=甲!$A$1:$A$3"})
    book.add_chartsheet("图").set_chart(chart)
    book.close()
    with pytest.raises(LedgerError, match="「图」不是普通的工作表"):
        graft(Parts(Package(output.getvalue(), "x")), Graft(built(), "数 据", "图", replaces=True))
    parts = Parts(Package(office(), "x"))
    parts.relate("xl/worksheets/sheet2.xml", "pivotTable", parts.add("xl/pivotTables/pivotTable1.xml", b"<a/>", "a/b"))
    with pytest.raises(LedgerError, match="数据透视表"):
        graft(parts, Graft(built(), "汇总", replaces=True))
    taken = grafted(office(), Graft(built(), "汇总", "甲"))
    with pytest.raises(LedgerError, match="已经有名称「汇总单位」"):
        graft(Parts(Package(taken, "x")), Graft(built(), "汇总", "乙"))


@pytest.mark.parametrize("formula, wanted", [
    ("汇总!A1", "'新''表'!A1"), ("'汇总'!A1+A1", "'新''表'!A1+A1"), ('"汇总!A1"&汇总!B1', "\"汇总!A1\"&'新''表'!B1"),
    ("我的汇总!A1", "我的汇总!A1"), ("'我的 汇总'!A1", "'我的 汇总'!A1"), ("'[1]汇总'!A1", "'[1]汇总'!A1"),
    ("[1]汇总!A1", "[1]汇总!A1"), ("表1[金额]", "表9[金额]"),
    ("SUM(表1[[#All],[汇总]],表11[a])", "SUM(表9[[#All],[汇总]],表11[a])"),
    ("表1", "表1"), ("汇总", "汇总"), ('"a""汇总!"&汇总!A1', "\"a\"\"汇总!\"&'新''表'!A1"),
])  # fmt: skip
def test_references_in_formulas(formula, wanted):
    assert _renamed(formula, {"汇总": "新'表"}, {"表1": "表9"}) == wanted
