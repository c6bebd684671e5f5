"""Reading files: every kind by its content, every cell as it stands, and what is refused in words."""

from __future__ import annotations

import datetime as dt
import io
import os
import pickle
import re
import struct
import subprocess
import sys
import zipfile
import zlib

import numpy as np
import openpyxl
import pytest
import xlsxwriter
from engines import need_libreoffice, office_program
from hypothesis import HealthCheck, example, given, settings, strategies as st
from openpyxl.formula.translate import Translator
from openpyxl.utils import get_column_letter

from xl_poverty import CellError
from xl_poverty.errors import LedgerError
from xl_poverty.ledger.files import (
    NO_RESULT,
    Sheet,
    error_cell,
    moved,
    quick,
    read_book,
    temporary_place,
    xlsx,
)  # fmt: skip
from xl_poverty.workbook import package as zipped_parts

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/spreadsheetml/main"
LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
STRICT_LINKS = "http://purl.oclc.org/ooxml/officeDocument/relationships"


def package(sheet, strings="", formats=(), workbook="", names="", main=MAIN, links=LINKS, **parts) -> bytes:
    """A workbook of one sheet 台账, from the XML inside <worksheet> (or a whole part)."""
    if isinstance(sheet, str) and not sheet.lstrip().startswith(("<?xml", "<worksheet", "<x:", "<!")):
        sheet = f'<worksheet xmlns="{main}">{sheet}</worksheet>'
    codes = [f if isinstance(f, int) else 200 + i for i, f in enumerate(formats)]
    styles = "".join(
        f'<numFmt numFmtId="{code}" formatCode="{f}"/>' for code, f in zip(codes, formats) if isinstance(f, str)
    )
    related = {"worksheet": "worksheets/sheet1.xml", "styles": "styles.xml"}
    content = {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
        "_rels/.rels": _related({"officeDocument": "xl/workbook.xml"}, links),
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{links}">{workbook}<sheets>'
        f'<sheet name="台账" sheetId="1" r:id="worksheet"/></sheets>{names}</workbook>',
        "xl/worksheets/sheet1.xml": sheet,
        "xl/styles.xml": f'<styleSheet xmlns="{main}"><numFmts>{styles}</numFmts><cellXfs>'
        + "".join(f'<xf numFmtId="{code}"/>' for code in codes)
        + "</cellXfs></styleSheet>",
    }
    if strings:
        related["sharedStrings"] = "sharedStrings.xml"
        content["xl/sharedStrings.xml"] = f'<sst xmlns="{main}">{strings}</sst>'
    content["xl/_rels/workbook.xml.rels"] = _related(related, links)
    content.update(parts)
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as file:
        for name, text in content.items():
            file.writestr(name, text)
    return stream.getvalue()


def _related(parts: dict, links: str) -> str:
    inner = "".join(f'<Relationship Id="{key}" Type="{links}/{key}" Target="{part}"/>' for key, part in parts.items())
    return (
        f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{inner}</Relationships>'
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("files")


def read(folder, content: bytes, name="台账.xlsx"):
    (folder / name).write_bytes(content)
    return read_book(folder / name)


def plain(rows):
    """Rows that can be compared: an error by what it shows, values with their types."""
    return [
        [("error", v.cell, v.message == NO_RESULT) if isinstance(v, CellError) else (type(v).__name__, v) for v in row]
        for row in rows
    ]


def same(one, other):
    rows = plain(other.rows)
    assert (one.height, one.width) == (other.height, other.width)
    assert plain([one.row(row) for row in range(one.height)]) == rows
    for column in range(one.width):
        for sheet in (one, other):
            codes, values = sheet.column(column)
            assert plain([[values[code] for code in codes]])[0] == [row[column] for row in rows]
            assert values[0] is None and set(codes.tolist()) | {0} == set(range(len(values)))
            assert len(set(map(repr, values))) == len(values)
        assert one.formula_rows(column).tolist() == sorted(row for row, place in other.formulas if place == column)
    assert plain(one.rows) == rows
    for part in ("name", "merged", "hidden", "hidden_rows", "hidden_columns", "formulas"):
        assert getattr(one, part) == getattr(other, part), part


def thoroughly(path):
    """The book as the thorough reader gives it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(xlsx, "read_quickly", lambda *_: None)
        return read_book(path)


def both(folder, content: bytes):
    """The one sheet; both readers see the same in it, the thorough one also in the quick one's place."""
    book = read(folder, content)
    other = thoroughly(book.path)
    for one, two in zip(book.sheets, other.sheets, strict=True):
        same(one, two)
    return book.sheets[0]


def quick_alone(monkeypatch):
    """What the thorough reader would read is an error."""
    monkeypatch.setattr(xlsx, "Thorough", None)


def shown(value) -> str:
    assert isinstance(value, CellError) and value.code == "excel_error"
    return value.cell


# ---- .xlsx: values

texts = st.text(
    st.characters(exclude_categories=("Cs", "Cc", "Cn"), include_characters="\n\t", exclude_characters="\ufeff"),
    min_size=1, max_size=12,
).filter(lambda t: not re.search("_x[0-9A-Fa-f]{4}_", t))  # fmt: skip
numbers = st.integers(-(2**53) + 1, 2**53 - 1) | st.floats(-1e9, 1e9).map(lambda f: float(f"{f:.14g}") + 0.0)
days = st.dates(dt.date(1900, 3, 1), dt.date(9999, 12, 31))
moments = st.datetimes(dt.datetime(1900, 3, 1), dt.datetime(2200, 1, 1)).map(lambda d: d.replace(microsecond=0))
cells = st.none() | texts | numbers | st.booleans() | days | moments


def expected(value):
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dt.datetime) and value.time() == dt.time(0):
        return value.date()
    return value


def trimmed(rows):
    while rows and all(v is None for v in rows[-1]):
        rows = rows[:-1]
    width = max((i + 1 for row in rows for i, v in enumerate(row) if v is not None), default=0)
    return [(row + [None] * width)[:width] for row in rows]


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.lists(cells, max_size=6), max_size=8), st.booleans(), st.integers(0, 3), st.integers(0, 30))
@example([[None, "a"], ["#N/A", True, 1.0, -5, 0.1]], True, 2, 27)
def test_values_of_a_workbook_come_back(folder, rows, epoch_1904, top, left):
    file = folder / "来回.xlsx"
    book = xlsxwriter.Workbook(file, {"date_1904": epoch_1904, "strings_to_formulas": False, "strings_to_urls": False})
    sheet = book.add_worksheet("台账")
    formats = {dt.date: book.add_format({"num_format": "yyyy-mm-dd"}), dt.datetime: book.add_format({"num_format": 22})}
    blank = book.add_format({"bold": True})
    rows = [[v if not isinstance(v, dt.date) or v.year > 1904 else None for v in row] for row in rows]
    for r, row in enumerate(rows, top):
        for c, value in enumerate(row, left):
            if value is None:
                sheet.write_blank(r, c, None, blank)
            elif isinstance(value, str):
                sheet.write_string(r, c, value)
            elif isinstance(value, bool):
                sheet.write_boolean(r, c, value)
            elif isinstance(value, (int, float)):
                sheet.write_number(r, c, value)
            else:
                sheet.write_datetime(r, c, value, formats[type(value)])
    book.close()
    wanted = trimmed([[]] * top + [[None] * left + [expected(v) for v in row] for row in rows])
    with pytest.MonkeyPatch.context() as patch:
        quick_alone(patch)
        found = read_book(file).sheets[0]
    assert plain(found.rows) == plain(wanted)
    same(found, thoroughly(file).sheets[0])


@st.composite
def workbooks(draw):
    """Random sheets as openpyxl writes them."""
    book = openpyxl.Workbook()
    for number in range(draw(st.integers(1, 3))):
        sheet = book.active if number == 0 else book.create_sheet(f"第{number}组 & 其他")
        if number:
            sheet.sheet_state = draw(st.sampled_from(["visible", "hidden", "veryHidden"]))
        for row in range(1, draw(st.integers(1, 8))):
            for column in range(1, draw(st.integers(1, 6))):
                value = draw(
                    st.none() | numbers | st.booleans() | days | st.sampled_from(["#N/A", "#DIV/0!", "甲", " 乙 ", "0"])
                    | st.sampled_from(["=A1+1", '=IF(A1="x",B$2,"")', "=SUM($A1:B2)&'其他'!C3", "=NA()", "='其他'!A1"])
                )  # fmt: skip
                sheet.cell(row, column, value)
        if draw(st.booleans()):
            sheet.merge_cells(start_row=2, start_column=2, end_row=draw(st.integers(2, 4)), end_column=3)
        for row in draw(st.sets(st.integers(1, 8))):
            sheet.row_dimensions[row].hidden = True
        for column in draw(st.sets(st.integers(1, 6), max_size=2)):
            sheet.column_dimensions[get_column_letter(column)].hidden = True
    return book


@settings(deadline=None, max_examples=100, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(workbooks())
def test_what_openpyxl_reads_is_read(folder, book):
    file = folder / "随机.xlsx"
    book.save(file)
    found, values, formulas = (
        read_book(file),
        openpyxl.load_workbook(file, data_only=True),
        openpyxl.load_workbook(file),
    )
    for one, two in zip(found.sheets, thoroughly(file).sheets, strict=True):
        same(one, two)
    assert [sheet.name for sheet in found.sheets] == values.sheetnames
    for sheet in found.sheets:
        other, texts = values[sheet.name], formulas[sheet.name]
        assert sheet.hidden == (other.sheet_state != "visible")
        assert sheet.hidden_rows == {n - 1 for n, row in other.row_dimensions.items() if row.hidden}
        assert sorted(sheet.merged) == sorted(
            (m.min_row - 1, m.min_col - 1, m.max_row - 1, m.max_col - 1) for m in other.merged_cells.ranges
        )
        for (row, column), cell in texts._cells.items():
            inside = row <= len(sheet.rows) and column <= len(sheet.rows[row - 1])
            value = sheet.rows[row - 1][column - 1] if inside else None
            if cell.data_type == "f":
                assert sheet.formulas[row - 1, column - 1] == cell.value and value.message == NO_RESULT
            elif cell.data_type == "e":
                assert shown(value) == cell.value
            else:
                assert value == expected(other.cell(row, column).value)


def test_wrong_dimensions_do_not_matter(folder):
    sheet = (
        '<dimension ref="A1"/><sheetData><row r="3"><c r="B3"><v>1</v></c><c r="FU3"><v>2.5</v></c></row></sheetData>'
    )
    rows = both(folder, package(sheet)).rows
    assert (len(rows), len(rows[0])) == (3, 177)
    assert rows[2][1] == 1 and rows[2][176] == 2.5 and rows[0] == [None] * 177


KINDS = """<sheetData><row r="1"><c r="A1" t="e"><v>#N/A</v></c><c r="B1" t="str"><v>#N/A</v></c>
<c r="C1" t="s"><v>0</v></c><c r="D1" t="s"><v>1</v></c><c r="E1" t="str"><v></v></c><c r="F1" t="str"><v/></c>
<c r="G1" t="inlineStr"><is><t/></is></c><c r="H1" t="inlineStr"><is><r><t>甲</t></r><r><t/></r></is></c>
<c r="I1" s="0"/><c r="J1"><v></v></c><c r="K1" t="b"><v>0</v></c><c r="L1" t="s"><v>2</v></c>
<c r="M1" t="inlineStr"><is><t xml:space="preserve"> a t="e" ='x' </t></is></c><c r="N1" t="s"><v>3</v></c>
<c r="O1"><v>140603196503120000</v></c><c r="P1"><v>1.5E3</v></c><c r="Q1"><v>0</v></c>
<c r="R1" t="d"><v>2023-01-02</v></c><c r="S1" t="s"><v>4</v></c><c r="T1" t="e"><v>#NAME?</v></c></row></sheetData>"""
STRINGS = """<si><t></t></si><si><t>#VALUE!</t></si><si><r><t>张</t></r><r>
<t xml:space="preserve"> 三</t></r><rPh sb="0" eb="1"><t>zhang</t></rPh></si><si/>
<si><t>上_x000D_下_x005F_x000D_</t></si>"""
READ = [
    ("error", "#N/A", False), ("str", "#N/A"), ("str", ""), ("str", "#VALUE!"), ("str", ""), ("str", ""), ("str", ""),
    ("str", "甲"), ("NoneType", None), ("NoneType", None), ("bool", False), ("str", "张 三"),
    ("str", " a t=\"e\" ='x' "), ("str", ""), ("float", 1.4060319650312e17), ("int", 1500), ("int", 0),
    ("date", dt.date(2023, 1, 2)), ("str", "上\r下_x000D_"), ("error", "#NAME?", False),
]  # fmt: skip


@pytest.mark.parametrize("main, links", [(MAIN, LINKS), (STRICT, STRICT_LINKS)], ids=["usual", "strict"])
def test_kinds_of_cells(folder, main, links, monkeypatch):
    content = package(KINDS, STRINGS, [0], main=main, links=links)
    assert plain(both(folder, content).rows) == [READ]
    quick_alone(monkeypatch)
    assert plain(read(folder, content).sheets[0].rows) == [READ]


def prefixed(sheet: str) -> str:
    return f'<x:worksheet xmlns:x="{MAIN}">' + re.sub(r"<(/?)(\w)", r"<\1x:\2", sheet) + "</x:worksheet>"


UNUSUAL = {
    "prefix": prefixed(KINDS),
    "no references": f'<worksheet xmlns="{MAIN}">' + re.sub(r' r="[A-T]?1"', "", KINDS) + "</worksheet>",
    "references later": f'<worksheet xmlns="{MAIN}">'
    + re.sub(r'<c( r="\w+")((?: \w="\w+")+)', r"<c\2\1", KINDS)
    + "</worksheet>",
    "single quotes": f"<worksheet xmlns='{MAIN}'>"
    + re.sub("<(c|row) [^>]*>", lambda m: m[0].replace('"', "'"), KINDS)
    + "</worksheet>",
    "comment": f'<worksheet xmlns="{MAIN}"><!-- <c r="A1"/> -->{KINDS}</worksheet>',
    "cdata": f'<worksheet xmlns="{MAIN}">{KINDS}</worksheet>'.replace("<t>甲</t>", "<t><![CDATA[甲]]></t>"),
    "utf-16": f'<?xml version="1.0" encoding="UTF-16"?><worksheet xmlns="{MAIN}">{KINDS}</worksheet>'.encode("utf-16"),
    "gbk": f'<?xml version="1.0" encoding="UTF-8"?>\n<worksheet xmlns="{MAIN}">{KINDS}</worksheet>'.encode("utf-8-sig"),
}


@pytest.mark.parametrize("shape", UNUSUAL)
def test_however_the_xml_is_written(folder, shape):
    assert plain(both(folder, package(UNUSUAL[shape], STRINGS, [0])).rows) == [READ]


@pytest.mark.parametrize("text", ["#SPILL!", "#CALC!", "#BUSY!", "#FIELD!", "#GETTING_DATA", "#NULL!", "#新错误"])
def test_errors_of_any_name(folder, text):
    sheet = f'<sheetData><row r="1"><c r="A1" t="e"><v>{text}</v></c><c r="B1"><v>3</v></c></row></sheetData>'
    rows = both(folder, package(sheet)).rows
    assert shown(rows[0][0]) == text and text in rows[0][0].message and rows[0][1] == 3


A_DAY = dt.date(2023, 1, 1)
DATES = {
    14: A_DAY, 27: A_DAY, 31: A_DAY, 57: A_DAY, "yyyy&quot;年&quot;m&quot;月&quot;;@": A_DAY, "yyyy.mm": A_DAY,
    "[DBNum1][$-804]yyyy&quot;年&quot;m&quot;月&quot;d&quot;日&quot;": A_DAY, "[h]:mm": dt.timedelta(44927),
    0: 44927, 2: 44927, "0.00&quot;d&quot;": 44927, "[Red]0.00": 44927, "0\\d": 44927, "General": 44927,
    "#,##0_d": 44927,
}  # fmt: skip


@pytest.mark.parametrize("epoch_1904", [False, True])
def test_dates_are_what_their_format_shows(folder, epoch_1904):
    cells = "".join(f'<c r="{get_column_letter(i + 1)}1" s="{i}"><v>44927</v></c>' for i in range(len(DATES)))
    content = package(f'<sheetData><row r="1">{cells}</row></sheetData>', formats=list(DATES),
                      workbook='<workbookPr date1904="1"/>' if epoch_1904 else "")  # fmt: skip
    wanted = [v + dt.timedelta(1462) if epoch_1904 and isinstance(v, dt.date) else v for v in DATES.values()]
    assert plain(both(folder, content).rows) == plain([wanted])


def test_what_no_date_can_be_stays_a_number(folder):
    values = {"-3": -3, "-0.5": -0.5, "9999999": 9999999, "1e300": 1e300, "0.5": dt.time(12),
              "44927.25": dt.datetime(2023, 1, 1, 6)}  # fmt: skip
    cells = "".join(f'<c r="{"ABCDEF"[i]}1" s="0"><v>{v}</v></c>' for i, v in enumerate(values))
    found = both(folder, package(f'<sheetData><row r="1">{cells}</row></sheetData>', formats=[14]))
    assert plain(found.rows) == plain([list(values.values())])


# ---- .xlsx: formulas, merges, hidden, names


def test_a_formula_and_its_result(folder):
    sheet = """<sheetData><row r="1"><c r="A1"><f>B1*2</f><v>4</v></c>
<c r="B1"><f>x(1)</f></c><c r="C1"><f>y()</f><v></v></c>
<c r="D1" t="str"><f>IF(A1&lt;5,"","&amp;")</f><v></v></c><c r="E1" t="e"><f>TRAVEL_SUBSIDY(A1)</f><v>#NAME?</v></c>
<c r="F1" t="b"><f>TRUE()</f><v>1</v></c><c r="G1"><f t="array" ref="G1">SUM(A1:A2)</f><v>9</v></c>
<c r="H1"><f t="shared" ref="H1:H3" si="0">A1+$B$1&amp;"A1"</f><v>1</v></c></row>
<row r="3"><c r="H3"><f t="shared" si="0"/><v>2</v></c></row></sheetData>"""
    found = both(folder, package(sheet))
    row = found.rows[0]
    assert [row[0], row[3], row[5], row[6]] == [4, "", True, 9]
    assert row[1].message == row[2].message == NO_RESULT and shown(row[1]) == "#N/A"
    assert shown(row[4]) == "#NAME?" and "插件" in row[4].message
    assert found.formulas == {
        (0, 0): "=B1*2", (0, 1): "=x(1)", (0, 2): "=y()", (0, 3): '=IF(A1<5,"","&")', (0, 4): "=TRAVEL_SUBSIDY(A1)",
        (0, 5): "=TRUE()", (0, 6): "=SUM(A1:A2)", (0, 7): '=A1+$B$1&"A1"', (2, 7): '=A3+$B$1&"A1"',
    }  # fmt: skip


@pytest.mark.parametrize(
    "formula",
    ['A1+B$2-$C3*$D$4', 'SUM(A1:B2,"A1",\'A1 表\'!C3)', "LOG10(A10)+X1Y", "SUM(A:A)+SUM($B:C)", "SUM(3:4,$5:6)",
     "Sheet1!A1&台账!B2", 'IF(A1="它说""A1""",TRUE,FALSE)', "VLOOKUP(A2,表!$A$1:$F$99,3,0)", "表1[列A1]+A1", "A1.5"],
)  # fmt: skip
@pytest.mark.parametrize("down, right", [(0, 0), (1, 0), (0, 2), (7, 30)])
def test_a_formula_moves_like_openpyxl_moves_it(formula, down, right):
    wanted = Translator(f"={formula}", "C5").translate_formula(row_delta=down, col_delta=right)[1:]
    if formula in ("A1.5", "表1[列A1]+A1"):
        return  # openpyxl takes it for a cell
    assert moved(formula, down, right) == wanted


def test_a_formula_moved_off_the_sheet():
    assert moved("A1+B2", -1, 0) == "#REF!+B1"
    assert moved("XFD1", 0, 1) == "#REF!"


def test_merged_and_hidden(folder):
    sheet = """<cols><col min="2" max="3" width="0" customWidth="1"/><col min="5" max="5" width="9" hidden="1"/></cols>
<sheetData><row r="1"><c r="A1"><v>1</v></c></row><row r="2" hidden="1"><c r="A2"><v>2</v></c></row>
<row r="3" ht="0" customHeight="1"><c r="E3"><v>3</v></c></row></sheetData>
<mergeCells count="2"><mergeCell ref="A1:A3"/><mergeCell ref="C2:E2"/></mergeCells>"""
    found = both(folder, package(sheet))
    assert found.hidden_rows == {1, 2} and found.hidden_columns == {1, 2, 4}
    assert found.merged == [(0, 0, 2, 0), (1, 2, 1, 4)]
    assert [row[0] for row in found.rows] == [1, 2, None] and found.rows[2][4] == 3


def test_hidden_sheets_are_read(folder):
    book = openpyxl.Workbook()
    book.active.title = "封面"
    for state in ("hidden", "veryHidden"):
        book.create_sheet(state).sheet_state = state
        book[state]["B2"] = state
    book.create_chartsheet("图")
    book.save(folder / "隐藏.xlsx")
    found = read_book(folder / "隐藏.xlsx").sheets
    assert [(s.name, s.hidden) for s in found] == [("封面", False), ("hidden", True), ("veryHidden", True)]
    assert found[2].rows == [[None, None], [None, "veryHidden"]] and found[0].rows == []


def test_names_that_point_to_a_cell(folder):
    book = openpyxl.Workbook()
    book.active.title = "设置 'a'"
    book.active["A1"], book.active["B2"] = "双碾乡", dt.date(2025, 6, 30)
    for name, place in {"政策": "'设置 ''a'''!$A$1", "业务日期": "'设置 ''a'''!$B$2", "口径": "'设置 ''a'''!$Z$99",
                        "区域": "'设置 ''a'''!$A$1:$B$2", "丢了": "#REF!"}.items():  # fmt: skip
        book.defined_names[name] = openpyxl.workbook.defined_name.DefinedName(name, attr_text=place)
    book.active.print_area = "A1:B2"
    book.save(folder / "名称.xlsx")
    names = read_book(folder / "名称.xlsx").names
    assert list(names) == ["政策", "业务日期", "口径", "区域", "丢了"]
    assert [names["政策"], names["业务日期"], names["口径"]] == ["双碾乡", dt.date(2025, 6, 30), None]
    assert "“区域”没有指向一个单元格" in names["区域"].message and shown(names["丢了"]) == "#REF!"


def test_a_macro_sheet_beside_the_ledger(folder):
    content = package(
        "<sheetData><row r='1'><c r='A1' t='s'><v>0</v></c></row></sheetData>", "<si><t>甲</t></si>",
        **{"xl/macrosheets/sheet1.xml": f'<worksheet xmlns="{MAIN}"/>'},
    )  # fmt: skip
    with zipfile.ZipFile(io.BytesIO(content)) as old:
        parts = {name: old.read(name).decode() for name in old.namelist()}
    part = "xl/_rels/workbook.xml.rels"
    kind = "http://schemas.microsoft.com/office/2006/relationships/xlMacrosheet"
    parts[part] = parts[part].replace(
        "</Relationships>", f'<Relationship Id="m" Type="{kind}" Target="macrosheets/sheet1.xml"/></Relationships>'
    )
    parts["xl/workbook.xml"] = parts["xl/workbook.xml"].replace(
        "</sheets>", '<sheet name="宏" sheetId="2" r:id="m"/></sheets>')  # fmt: skip
    book = read(folder, package("", **parts))
    assert [(s.name, s.rows) for s in book.sheets] == [("台账", [["甲"]])]


def test_far_away_cells(folder):
    """Two cells at the corners are no table; what is only formatted does not count."""
    far = '<sheetData><row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"{}</row></sheetData>'
    assert read(folder, package(far.format(' s="0"/>'))).sheets[0].rows == [[1]]
    with pytest.raises(LedgerError, match="“台账”一直到 XFD1048576 都有内容.*删除"):
        read(folder, package(far.format("><v>1</v></c>")))


# ---- .xlsx: what is refused


def refused(folder, content: bytes, name="台账.xlsx") -> str:
    with pytest.raises(LedgerError) as caught:
        read(folder, content, name)
    message = str(caught.value)
    assert name in message and str(folder) not in message and re.search("请|不读|改用", message), message
    return message


@pytest.mark.parametrize(
    "part", ["xl/workbook.xml", "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/styles.xml"]
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_entities_are_refused(folder, part, encoding):
    with zipfile.ZipFile(io.BytesIO(package(KINDS, STRINGS, [14]))) as old:
        text = old.read(part).decode()
    text = f'<?xml version="1.0" encoding="{encoding}"?><!DOCTYPE a [<!ENTITY b "c">]>' + text
    content = package(KINDS, STRINGS, [14], **{part: text.encode(encoding)})
    assert "DOCTYPE" in refused(folder, content)


def test_what_unpacks_to_too_much_is_not_unpacked(folder, monkeypatch):
    sheet = f'<worksheet xmlns="{MAIN}"><sheetData>' + " " * (80 << 20) + "</sheetData></worksheet>"
    assert "解压后大得不正常" in refused(folder, package(sheet))
    monkeypatch.setattr("xl_poverty.workbook.package.MOST_BYTES", 1 << 20)
    assert "解压后大得不正常" in refused(folder, package("<sheetData>" + "<row/>" * (1 << 18) + "</sheetData>"))


def test_a_size_that_lies_is_seen(folder):
    """A part declares 100 bytes and unpacks to more."""
    sheet = f'<worksheet xmlns="{MAIN}"><sheetData>' + " " * 5000 + "</sheetData></worksheet>"
    content = bytearray(package(sheet))
    place = content.rindex(b"xl/worksheets/sheet1.xml") - 46  # in the central directory
    assert content[place : place + 4] == b"PK\x01\x02"
    struct.pack_into("<I", content, place + 24, 100)
    struct.pack_into("<I", content, place + 16, zlib.crc32(sheet.encode()[:100]))
    assert "解压后大得不正常" in refused(folder, bytes(content))


@pytest.mark.parametrize("cut", [10, 200, 900])
def test_a_file_cut_off(folder, cut):
    assert "已损坏" in refused(folder, package(KINDS, STRINGS)[:-cut])


def test_flipped_bytes_end_in_a_sentence(folder):
    content = package(KINDS, STRINGS, [14])
    for place in range(0, len(content), 7):
        broken = bytearray(content)
        broken[place] ^= 0x55
        try:
            read(folder, bytes(broken))
        except LedgerError as error:
            assert "台账.xlsx" in str(error)


def zipped(**parts) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as file:
        for name, text in parts.items():
            file.writestr(name, text)
    return stream.getvalue()


def ole(*streams: str, content: bytes = b"") -> bytes:
    """An OLE file with streams of these names, the first one with content."""
    size, sectors = max(4096, len(content)), (max(4096, len(content)) + 511) // 512
    table = [0xFFFFFFFD, 0xFFFFFFFE, *range(3, sectors + 2), 0xFFFFFFFE]
    header = struct.pack("<8s16xHHHHH6xIIIIIIIIII", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 0x3E, 3, 0xFFFE, 9, 6,
                         0, 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0, 0)  # fmt: skip
    header = header[:76] + struct.pack("<I", 0) + b"\xff" * (512 - 80)
    entries = b""
    for title, kind in [("Root Entry", 5), *((stream, 2) for stream in streams)]:
        text = title.encode("utf-16-le")
        entries += text.ljust(64, b"\0") + struct.pack("<HBB", len(text) + 2, kind, 1) + b"\xff" * 12 + bytes(36)
        entries += struct.pack("<III", 2 if kind == 2 else 0xFFFFFFFE, size if kind == 2 else 0, 0)
    fat = struct.pack(f"<{len(table)}I", *table).ljust(512, b"\xff")
    return header + fat + entries.ljust(512, b"\0") + content.ljust(sectors * 512, b"\0")


NOT_READ = {
    "空.xlsx": (b"", "空文件"),
    "压缩.xlsx": (zipped(**{"台账.xlsx": "x"}), "是压缩包，请先解压"),
    "二进制.xlsb": (zipped(**{"[Content_Types].xml": "x", "xl/workbook.bin": "x"}), r"\.xlsb"),
    "文稿.docx": (zipped(**{"[Content_Types].xml": "x", "word/document.xml": "x"}), "Word 文档"),
    "自由.ods": (zipped(**{"mimetype": "x", "content.xml": "x"}), "OpenDocument"),
    "幻灯.pptx": (zipped(**{"[Content_Types].xml": "x", "ppt/presentation.xml": "x"}), "不是能读的表格"),
    "加密.xlsx": (ole("EncryptionInfo", "EncryptedPackage"), "加了密码"),
    "旧文稿.xls": (ole("WordDocument"), "Word 文档"),
    "表.et": (ole("某流"), "请用 WPS 打开，另存为"),
    "别的.xls": (ole("某流"), "不是能读的表格"),
    "密码.xls": (ole("Workbook", content=struct.pack("<HH16xHH4x", 0x809, 16, 0x2F, 4)), "加了密码"),
    "坏.xls": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x01" * 600, "已损坏"),
    "图.xls": (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "不是能读的表格"),
    "文.xls": (b"%PDF-1.4\n1 0 obj", "不是能读的表格"),
    "老.xls": (b"\x09\x04\x06\x00\x00\x00\x10\x00" + b"\x00" * 40, "5.0 以前"),
    "网页.mht": (b"MIME-Version: 1.0\r\nContent-Type: multipart/related", "单个文件网页"),
    "旧.xml": (b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>', "2003 版"),
    "数据.xml": (b'<?xml version="1.0"?><a/>', "不是能读的表格"),
    "无表.xls": ("<html><body>系统超时，请重新登录</body></html>".encode(), "里面没有表格"),
    "~$台账.xlsx": (b"x", "临时文件"),
    ".~台账.xlsx": (b"x", "临时文件"),
    "半坏.csv": (("姓名,住址\n" + "甲乙丙,某某村\n" * 50).encode()[:-4] + b"\xff\xfe,x", "文字坏了"),
}  # fmt: skip


@pytest.mark.parametrize("name", NOT_READ)
def test_what_is_not_read_says_why_and_what_to_do(folder, name):
    content, told = NOT_READ[name]
    assert re.search(told, refused(folder, content, name))


def test_files_that_are_not_there(folder):
    with pytest.raises(LedgerError, match="^找不到文件：没有.xlsx$"):
        read_book(folder / "没有.xlsx")
    (folder / "夹").mkdir()
    with pytest.raises(LedgerError, match="夹 是文件夹"):
        read_book(folder / "夹")
    with pytest.raises(LedgerError, match="不是能读的表格|空文件"):
        read_book(os.devnull)


def test_a_file_in_use(folder, monkeypatch):
    (folder / "占用.xlsx").write_bytes(package(KINDS))

    def denied(*_):
        raise PermissionError(13, "Permission denied", str(folder))

    monkeypatch.setattr(type(folder), "read_bytes", denied)
    with pytest.raises(LedgerError, match="^打不开 占用.xlsx：文件被占用或没有权限，请关闭后再试$"):
        read_book(folder / "占用.xlsx")


def test_the_suffix_does_not_matter(folder):
    for name in ("台账.xls", "台账.csv", "台账", "台账.xlsm"):
        assert read(folder, package(KINDS, STRINGS), name).kind == "xlsx"
    assert read(folder, b"a,b\n1,2\n", "台账.xlsx").kind == "csv"


# ---- .xlsx: the two readers

#: cells as one or the other program writes them
USUAL = {
    "plain": '<c r="{}"{}><v>{}</v></c>',
    "number": '<c r="{}"{} t="n"><v>{}</v></c>',
    "formula": '<c r="{}"{}><f>A1&lt;$B$2</f><v>{}</v></c>',
    "attributes": '<c r="{}"{}><f aca="false" ca="1">NOW()</f><v>{}</v></c>',
    "result": '<c r="{}"{} t="str"><f>B1&amp;"x"</f><v>{}</v></c>',
    "text": '<c r="{}"{} t="str"><v>{}</v></c>',
    "inline": '<c r="{}" t="inlineStr"{}><is><t>{}</t></is></c>',
    "spaced": '<c r="{}"{} t="inlineStr"><is><t xml:space="preserve"> {}\n</t></is></c>',
    "blank": '<c r="{}"{}/>',
    "open": '<c r="{}"{}></c>\r\n',
    "hollow": '<c r="{}"{} t="str"><v></v></c>',
    "no result": '<c r="{}"{}><f>C1</f><v></v></c>',
    "yes": '<c r="{}"{} t="b"><v>1</v></c>',
    "error": '<c r="{}"{} t="e" vm="1"><v>#N/A</v></c>',
    "day": '<c r="{}"{} t="d"><v>2023-01-02</v></c>',
    "shared": '<c r="{}"{} t="s"><v>2</v></c>',
    "shared blank": '<c r="{}" t="s"{}><v>0</v></c>',
}
SELDOM = {
    "runs": '<c r="{}" t="inlineStr"{}><is><r><rPr><b/></rPr><t>{}</t></r><r><t>乙</t></r></is></c>',
    "apart": '<c r="{}"{}>\n  <v>{}</v>\n</c>',
    "closed": '<c r="{}"{} t="str"><v/></c>',
    "waiting": '<c r="{}"{}><f>C1</f></c>',
    "more": '<c r="{}"{}><v>{}</v><extLst><ext/></extLst></c>',
}
FORMATS = [0, 14, "[h]:mm"]
written_numbers = (
    st.integers(-(10**18), 10**18).map(str) | st.floats(allow_nan=False, allow_infinity=False).map(repr)
    | st.decimals(-(10**9), 10**9, places=2).map(str) | st.from_regex(r"\A-?[0-9]{1,17}\.[0-9]{1,9}\Z")
    | st.from_regex(r"\A[0-9]{1,4}(\.[0-9]{0,3})?([eE][+-]?[0-9]{1,2})?\Z")
)  # fmt: skip


@settings(deadline=None, max_examples=100)
@given(st.lists(written_numbers, min_size=1, max_size=20))
@example(["9007199254740993", "99999999999999999", "0.1", "-0.0", "00012", "5.", "1e400", "123456789.1234567", "0.5"])
def test_numbers_are_what_float_makes_of_them(folder, written):
    cells = "".join(f'<c r="{get_column_letter(i + 1)}1"><v>{text}</v></c>' for i, text in enumerate(written))
    with pytest.MonkeyPatch.context() as patch:
        quick_alone(patch)
        found = read(folder, package(f'<sheetData><row r="1">{cells}</row></sheetData>')).sheets[0]
    assert plain(found.rows) == plain([[expected(float(text)) if abs(float(text)) < 2**53 else float(text)
                                        for text in written]])  # fmt: skip


@st.composite
def spelled_rows(draw, spellings):
    """Rows of cells in any of the spellings."""
    rows = []
    styles = st.sampled_from(["", *(f' s="{number}"' for number in range(len(FORMATS)))])
    for row in sorted(draw(st.sets(st.sampled_from([1, 2, 3, 9, 10, 99, 100]), max_size=5))):
        cells = []
        for column in sorted(draw(st.sets(st.sampled_from([1, 2, 3, 26, 27, 53]), max_size=5))):
            spelling = spellings[draw(st.sampled_from(sorted(spellings)))]
            cells.append(spelling.format(f"{get_column_letter(column)}{row}", draw(styles), draw(written_numbers)))
        about = draw(st.sampled_from(["", ' spans="1:9" hidden="1"', ' ht="0" customHeight="1"']))
        before = draw(st.sampled_from(["", "", ' collapsed="false" hidden="true"']))
        tag = f'<row{before} r="{row}"{about if "hidden" not in before else ""}'
        rows.append(f"{tag}>{''.join(cells)}</row>" if cells else f"{tag}/>")
    return f"<sheetData>{''.join(rows)}</sheetData>"


@settings(deadline=None, max_examples=100)
@given(spelled_rows(USUAL))
def test_usual_spellings_are_read_quickly(folder, rows):
    with pytest.MonkeyPatch.context() as patch:
        quick_alone(patch)
        found = read(folder, package(rows, STRINGS, FORMATS))
    same(found.sheets[0], thoroughly(found.path).sheets[0])


@settings(deadline=None, max_examples=50)
@given(spelled_rows(USUAL | SELDOM))
def test_single_cells_may_be_written_in_another_way(folder, rows):
    with pytest.MonkeyPatch.context() as patch:
        quick_alone(patch)
        found = read(folder, package(rows, STRINGS, FORMATS))
    same(found.sheets[0], thoroughly(found.path).sheets[0])


@pytest.mark.parametrize(
    "places", [["A9", "Z9", "AA10", "AZ99", "BA100", "ZZ999", "AAA1000", "XFD1001"], ["B9999", "C10000", "A1000001"]]
)
def test_places_far_from_the_corner(folder, monkeypatch, places):
    rows: dict[str, str] = {}
    for value, place in enumerate(places):
        row = place.lstrip("ABCDFXZ")
        rows[row] = rows.get(row, "") + f'<c r="{place}"><v>{value}</v></c>'
    sheet = "".join(f'<row r="{row}">{cells}</row>' for row, cells in rows.items())
    quick_alone(monkeypatch)
    found = read(folder, package(f"<sheetData>{sheet}</sheetData>")).sheets[0]
    for value, place in enumerate(places):
        row, column = openpyxl.utils.cell.coordinate_to_tuple(place)
        assert found.row(row - 1)[column - 1] == value
        codes, values = found.column(column - 1)
        assert values[codes[row - 1]] == value and np.count_nonzero(codes) == len(values) - 1


TOKENS = re.findall("<[^>]*>|[^<]+", KINDS.replace("\n", "") + '<mergeCells><mergeCell ref="A1:B2"/></mergeCells>')
PUT_IN = ["<c/>", '<c r="B1"/>', '<c r="ZZ1"><v>1</v></c>', '<c r="A2"><v>1</v></c>', '<row r="1">', "</row>", "<v>",
          "</v>", "</c>", "<f>", "<f/>", "1_0", " ", "x", "&", "&#65;", "&nbsp;", "\x01", "<!-- -->", "<x/>", "-1",
          '<c r="AAAA1"><v>1</v></c>', "<c s='0' r='U1'><v>1</v></c>", "１"]  # fmt: skip


@settings(deadline=None, max_examples=300, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(st.integers(0, len(TOKENS) - 1), st.sampled_from(["", *PUT_IN, *TOKENS])), max_size=2))
@example([(TOKENS.index("<v>"), "</v>")])
def test_whatever_is_written_both_readers_say_the_same(folder, changes):
    tokens = list(TOKENS)
    for place, put in changes:
        tokens[place] = put and tokens[place] + put
    path = folder / "改动.xlsx"
    path.write_bytes(package("".join(tokens), STRINGS, FORMATS))
    try:
        wanted = thoroughly(path)
    except LedgerError as error:
        with pytest.raises(LedgerError, match=re.escape(str(error))):
            read_book(path)
    else:
        same(read_book(path).sheets[0], wanted.sheets[0])


@pytest.mark.parametrize("beside", [False, True], ids=["", "in a thread"])
def test_large_sheets_are_read_in_pieces(folder, monkeypatch, beside):
    """Pieces of a few hundred bytes, which end anywhere."""
    rows = "".join(
        f'<row r="{row}"><c r="A{row}" t="s"><v>{row % 5}</v></c><c r="C{row}"><v>{row / 8}</v></c>'
        f'<c r="AB{row}" t="inlineStr"><is><t>某{row % 70}</t></is></c></row>\n'
        for row in range(1, 700)
        if row % 90
    )
    sheet = f'<sheetData>{rows}</sheetData><mergeCells><mergeCell ref="A1:A2"/></mergeCells>'
    path = folder / "大.xlsx"
    path.write_bytes(package(sheet, STRINGS))
    for where, name, value in ((zipped_parts, "PACKED", 100), (zipped_parts, "PIECE", 300), (quick, "_ENOUGH", 1000),
                               (quick, "_LARGE", 0 if beside else 1 << 30)):  # fmt: skip
        monkeypatch.setattr(where, name, value)
    wanted = thoroughly(path).sheets[0]
    with monkeypatch.context() as patch:
        quick_alone(patch)
        found = read_book(path).sheets[0]
    same(found, wanted)
    assert found.height == 699 and found.row(89) == [None] * 28 and found.row(698)[27] == "某69"


def test_a_large_file_that_is_damaged(folder, monkeypatch):
    """What unpacking meets in its thread is told."""
    monkeypatch.setattr(quick, "_LARGE", 0)
    content = bytearray(package(KINDS, STRINGS, [0]))
    struct.pack_into("<I", content, content.rindex(b"xl/worksheets/sheet1.xml") - 46 + 16, 0)  # the checksum
    assert "已损坏" in refused(folder, bytes(content))


def by_xlsxwriter(path):
    book = xlsxwriter.Workbook(path, {"constant_memory": True})
    sheet = book.add_worksheet("台账")
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    for row in range(60):
        sheet.write_row(row, 0, ["张　三", f" 户{row} ", "a<b>&c", row, row / 8, row % 2 == 0, "=A1", ""])
        sheet.write_datetime(row, 8, dt.datetime(2023, 1, 1 + row % 28), day)
        sheet.write_formula(row, 9, '=IF(D1>3,"是","")', None, "" if row % 2 else "是")
    book.close()


def by_openpyxl(path):
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("台账")
    for row in range(60):
        sheet.append(["张　三", f" 户{row} ", "a<b>&c", row, row / 8, row % 2 == 0, None, dt.date(2023, 1, 1), "=D1*2"])
    book.save(path)


def by_libreoffice(path):
    need_libreoffice()
    source = path.with_name("原.xlsx")
    by_xlsxwriter(source)
    (path.parent / "成").mkdir(exist_ok=True)
    command = [office_program(), "--headless", f"-env:UserInstallation={(path.parent / 'profile').as_uri()}"]
    command += ["--convert-to", "xlsx", "--outdir", str(path.parent / "成"), str(source)]
    subprocess.run(command, capture_output=True, timeout=300, check=True)
    (path.parent / "成" / "原.xlsx").replace(path)


@pytest.mark.parametrize("write", [by_xlsxwriter, by_openpyxl, by_libreoffice])
def test_what_programs_write_is_read_quickly(folder, monkeypatch, write):
    path = folder / f"{write.__name__}.xlsx"
    write(path)
    wanted = thoroughly(path).sheets[0]
    quick_alone(monkeypatch)
    found = read_book(path).sheets[0]
    assert found.row(3)[:6] == ["张　三", " 户3 ", "a<b>&c", 3, 0.375, False] and found.height == 60
    same(found, wanted)


# Chinese versions of Excel write phoneticPr into nearly every text
TEXTS = """<si><t>甲</t><phoneticPr fontId="1" type="noConversion"/></si>
<si><t xml:space="preserve"> 乙&lt;&amp;lt;
</t></si><si><r><t>丙</t></r><r><rPr><b/></rPr><t xml:space="preserve"> 丁</t></r><phoneticPr fontId="2"/></si>
<si><t>戊</t><rPh sb="0" eb="1"><t>wu</t></rPh></si><si><t/></si><si/><si><t>_x0041_&#66;</t></si><si><t>甲</t></si>"""


def test_shared_texts(folder, monkeypatch):
    wanted = ["甲", " 乙<&lt;\n", "丙 丁", "戊", "", "", "AB", "甲"]
    cells = "".join(f'<c r="{"ABCDEFGH"[i]}1" t="s"><v>{i}</v></c>' for i in range(8))
    down = "".join(f'<row r="{row}"><c r="A{row}" t="s"><v>{row % 8}</v></c></row>' for row in range(2, 18))
    sheet = f'<sheetData><row r="1">{cells}</row>{down}</sheetData>'
    for texts in (TEXTS, TEXTS.replace("<", "<x:").replace("<x:/", "</x:").replace("<si", "<x:si")):
        part = f'<sst xmlns="{MAIN}">{texts}</sst>'
        if "<x:" in texts:
            part = part.replace("<sst xmlns", "<x:sst xmlns:x").replace("</sst", "</x:sst")
        content = package(sheet, "<si/>", **{"xl/sharedStrings.xml": part})
        assert both(folder, content).rows[0] == wanted
    with monkeypatch.context() as patch:
        quick_alone(patch)
        codes, values = read(folder, content).sheets[0].column(0)
    assert sorted(values[1:]) == sorted(set(wanted)) and [values[code] for code in codes[1:8]] == wanted[2:] + ["甲"]


def test_a_shared_text_that_is_not_there(folder):
    sheet = '<sheetData><row r="1"><c r="A1" t="s"><v>{}</v></c></row></sheetData>'
    for place in ("5", "-9", "x"):
        assert "A1" in refused(folder, package(sheet.format(place), STRINGS))


# ---- sheets


def test_a_column_has_each_different_cell_once():
    cells = [1, "1", True, 1.0, None, 0.5, False, 0, "", "1", error_cell("#N/A"), error_cell("#N/A"),
             error_cell("#REF!"), dt.date(2023, 1, 1), dt.datetime(2023, 1, 1)]  # fmt: skip
    sheet = Sheet("表", [[cell] for cell in cells])
    codes, values = sheet.column(0)
    assert codes.tolist() == [1, 2, 3, 1, 0, 4, 5, 6, 7, 2, 8, 8, 9, 10, 11]
    assert plain([values[:8]]) == plain([[None, 1, "1", True, 0.5, False, 0, ""]])
    assert sheet.row(3) == [1.0] and (sheet.height, sheet.width) == (15, 1)
    assert sheet.column(7).values == [None] and not sheet.column(7).codes.any()


def test_rows_of_a_sheet_may_be_set_and_added():
    sheet = Sheet("表", [["a"], ["b", 2]], merged=[(0, 0, 1, 0)], formulas={(1, 1): "=1+1", (0, 1): "=2"})
    assert sheet.row(0) == ["a", None] and sheet.column(1).values == [None, 2]
    assert sheet.formula_rows(1).tolist() == [0, 1] and sheet.formula_rows(0).tolist() == []
    sheet.rows = [["c"]]
    assert sheet.column(0).values == [None, "c"] and (sheet.height, sheet.width) == (1, 1)
    assert (Sheet("空").rows, Sheet("空").height, Sheet("空").width) == ([], 0, 0)


def test_a_sheet_can_be_sent_to_another_process(folder):
    formula = '<row r="2"><c r="A2"><f>A1&amp;"x"</f><v>1</v></c></row></sheetData>'
    sheet = read(folder, package(KINDS.replace("</sheetData>", formula), STRINGS)).sheets[0]
    same(pickle.loads(pickle.dumps(sheet)), sheet)


def test_dates_that_are_written_in_two_ways_are_one_value(folder):
    """The same day under two formats, and by a number that is rounded to it."""
    down = "".join(f'<row r="{i + 1}"><c r="A{i + 1}" s="{s}"><v>{v}</v></c></row>' for i, (s, v) in enumerate(
        [(0, "44927"), (1, "44927"), (0, "44927.000000001"), (2, "44927"), (0, "-3"), (2, "-3")]))  # fmt: skip
    codes, values = both(folder, package(f"<sheetData>{down}</sheetData>", formats=[14, "yyyy.mm", 0])).column(0)
    assert set(values) == {None, A_DAY, 44927, -3} and len(values) == 4
    assert [values[code] for code in codes] == [A_DAY, A_DAY, A_DAY, 44927, -3, -3]


# ---- temporary folders

TEMP = "C:\\Users\\某\\AppData\\Local\\Temp\\"
PLACES = {
    TEMP + "Rar$DIa1234.5678\\台账.xlsx": "压缩软件", TEMP + "rar$EXa0.123\\某镇\\台账.xlsx": "压缩软件",
    TEMP + "7zO4C1A2B3D\\台账.xlsx": "压缩软件", TEMP + "7zO8F21.tmp\\台账.xlsx": "压缩软件",
    TEMP + "Temp1_某镇台账.zip\\台账.xlsx": "压缩软件", TEMP.replace("\\", "/") + "Temp2_a.zip/b/台账.xls": "压缩软件",
    TEMP + "2f1c3a4b-0d1e-4f5a-8b6c-7d8e9f0a1b2c_某镇.zip.2c1\\台账.xlsx": "压缩软件",
    TEMP + "360zip$Temp\\360$0\\台账.xlsx": "压缩软件", TEMP + "HZ$D.123.4567\\台账.xlsx": "压缩软件",
    TEMP + "BNZ.5f3a1b2c3d4e\\台账.xlsx": "压缩软件", TEMP + "wz1a2b\\台账.xlsx": "压缩软件",
    "C:\\Users\\某\\AppData\\Local\\Microsoft\\Windows\\INetCache\\Content.Outlook\\AB12CD\\台账.xlsx": "邮件附件",
    "D:\\Foxmail 7.2\\Temp-1234-20230101\\Attach\\台账.xlsx": "邮件附件",
    "C:\\Users\\某\\AppData\\Local\\Microsoft\\Windows\\INetCache\\IE\\AB12\\台账[1].xls": "缓存",
    "C:\\Documents and Settings\\某\\Local Settings\\Temporary Internet Files\\a.xls": "缓存",
    "D:\\WeChat Files\\wxid_abc\\FileStorage\\File\\2023-01\\台账.xlsx": "微信",
    "/home/u/Documents/xwechat_files/wxid_abc/msg/file/2024-01/台账.xlsx": "微信",
    "E:\\Tencent Files\\12345\\FileRecv\\台账.xlsx": "QQ", "E:/tencent files/12345/nt_qq/nt_data/File/a.xlsx": "QQ",
    "C:\\Users\\某\\Documents\\WXWork\\1688850\\Cache\\File\\2023-01\\台账.xlsx": "企业微信",
    "C:\\Users\\某\\AppData\\Roaming\\DingTalk\\123_v2\\台账.xlsx": "钉钉",
}  # fmt: skip


@pytest.mark.parametrize("path", PLACES)
def test_temporary_folders_are_known(path):
    assert temporary_place(path).startswith(PLACES[path]) or PLACES[path] in temporary_place(path)
    folder = re.split(r"[\\/](?=[^\\/]*$)", path)[0]
    assert temporary_place(folder) == temporary_place(path)


@pytest.mark.parametrize(
    "path",
    ["/tmp/台账.xlsx", "C:\\Temp\\台账.xlsx", "C:\\Windows\\Temp\\2023\\台账.xlsx", "D:\\wz2023\\台账.xlsx",
     "台账.xlsx", "D:\\微信\\台账.xlsx", "D:\\某镇7zo\\台账.xlsx", "D:\\WeChat Files说明\\台账.xlsx",
     "D:\\Temp1\\台账.zip.xlsx",
     "D:\\Foxmail通讯录\\台账.xlsx", "D:\\QQ\\FileRecv\\台账.xlsx", TEMP + "台账.xlsx"],
)  # fmt: skip
def test_ordinary_folders_are_not(path):
    assert temporary_place(path) == ""


# ---- .csv

LINES = [["姓名", "证件号码", "备注"], ["张　三", "140603196503120011", None], ["李四", "00012", '他说"好"，\n两行']]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_csv(folder, encoding, delimiter, ends):
    text = ends.join(
        delimiter.join(f'"{v.replace(chr(34), chr(34) * 2)}"' if v and "\n" in v else v or "" for v in line)
        for line in LINES
    )
    book = read(folder, text.encode(encoding), "名册.csv")
    assert book.kind == "csv" and [s.name for s in book.sheets] == ["名册"] and book.sheets[0].rows == LINES


def test_csv_armour_and_text(folder):
    text = '姓名,号码,金额\n甲,"=""140603196503120011""",1\n乙,="0012",#N/A\n丙,=A1+1,2023-01-01\n,,\n'
    rows = read(folder, text.encode(), "a.csv").sheets[0].rows
    assert rows == [["姓名", "号码", "金额"], ["甲", "140603196503120011", "1"], ["乙", "0012", "#N/A"],
                    ["丙", "=A1+1", "2023-01-01"]]  # fmt: skip


@pytest.mark.parametrize(
    "text, rows",
    [
        ("sep=|\n甲,乙|丙\n", [["甲,乙", "丙"]]),
        ("标题，一\na\tb\n甲\t某,甲\n乙\t某,乙\n", [["标题，一", None], ["a", "b"], ["甲", "某,甲"], ["乙", "某,乙"]]),
        ("号码,姓名\n1406\t,甲\n1407\t,乙\n", [["号码", "姓名"], ["1406\t", "甲"], ["1407\t", "乙"]]),
        ("姓名\n甲\n乙\n", [["姓名"], ["甲"], ["乙"]]),
        ("标题\n\n姓名,金额\n甲,\"1,200\"\n", [["标题", None], [None, None], ["姓名", "金额"], ["甲", "1,200"]]),
        ("a,b\n1,2\x1a", [["a", "b"], ["1", "2"]]),
    ],
)  # fmt: skip
def test_csv_shapes(folder, text, rows):
    assert read(folder, text.encode(), "a.csv").sheets[0].rows == rows


def test_a_quote_that_is_never_closed(folder):
    text = '姓名,备注\n甲,"坏\n' + "乙,好\n" * 500
    assert "引号没有成对" in refused(folder, text.encode(), "a.csv")
    assert "引号没有成对" in refused(folder, ('a,"' + "甲" * 200_000).encode(), "a.csv")


@settings(deadline=None, max_examples=60)
@given(st.lists(st.lists(st.text("甲乙a1 ,;\t\"'", max_size=6), min_size=3, max_size=3), min_size=3, max_size=6))
def test_quoted_csv_comes_back(folder, rows):
    text = "\n".join(
        ",".join(f'"{v.replace(chr(34), chr(34) * 2)}"' for v in row) for row in [["姓名", "号码", "金额"], *rows]
    )
    found = read(folder, text.encode(), "a.csv").sheets[0].rows
    wanted = trimmed([["姓名", "号码", "金额"], *([v or None for v in row] for row in rows)])
    assert found == wanted


# ---- HTML

PAGE = """<html xmlns:x="urn:schemas-microsoft-com:office:excel"><head><meta http-equiv="Content-Type"
content="text/html; charset={charset}"><title>导出</title><style>td {{color:red}}</style></head><body>
<table><tr><th rowspan=2>姓名<th colspan="2">收入（元）</tr>
<tr><td>工资<br>性</td><td> 经营&nbsp;性 </td></tr>
<tr style="display: none"><td>甲<td>1&lt;2<td x:err="#N/A">#N/A
<tr><td>="140603"</td><td></td><td>&nbsp;</td></tr></table>
<p>说明</p><TABLE><TR><TD>二<table><tr><td>内</td></tr></table>尾</TD></TR></TABLE></body></html>"""


@pytest.mark.parametrize(
    "charset, encoding", [("gb2312", "gbk"), ("GBK", "gb18030"), ("utf-8", "utf-8"), ("utf-8", "utf-8-sig")]
)
def test_a_page_named_xls(folder, charset, encoding):
    book = read(folder, PAGE.format(charset=charset).encode(encoding), "导出.xls")
    assert book.kind == "html" and [s.name for s in book.sheets] == ["表1", "表2", "表3"]
    first = book.sheets[0]
    assert first.merged == [(0, 0, 1, 0), (0, 1, 0, 2)] and first.hidden_rows == {2}
    assert first.rows[:2] == [["姓名", "收入（元）", None], [None, "工资\n性", "经营 性"]]
    assert first.rows[2][:2] == ["甲", "1<2"] and shown(first.rows[2][2]) == "#N/A"
    assert first.rows[3] == ["140603", None, None]
    assert [s.rows for s in book.sheets[1:]] == [[["二尾"]], [["内"]]]


def test_spans_that_are_too_wide(folder):
    page = "<table><tr>" + '<td colspan="1000">x</td>' * 100 + "</tr></table>"
    assert "大得不正常" in refused(folder, page.encode(), "a.xls")
    rows = read(folder, b'<table><tr><td rowspan="99999999">x<td>y<tr><td>z</table>', "a.xls").sheets[0]
    assert rows.rows == [["x", "y"], [None, "z"]] and rows.merged == [(0, 0, 1, 0)]


# ---- .xls


@pytest.fixture(scope="module")
def old_workbook(tmp_path_factory):
    """An .xls, and the .xlsx that LibreOffice made it from."""
    need_libreoffice()
    folder = tmp_path_factory.mktemp("xls")
    book = xlsxwriter.Workbook(folder / "旧.xlsx")
    sheet, bold = book.add_worksheet("台账"), book.add_format({"bold": True})
    sheet.write_row(1, 1, ["张　三", 12, 0.25, True, "140603196503120011", "#N/A"])
    sheet.write_datetime(1, 7, dt.datetime(2023, 1, 2), book.add_format({"num_format": "yyyy-mm-dd"}))
    sheet.write_datetime(1, 8, dt.datetime(2023, 1, 2, 6), book.add_format({"num_format": "yyyy-mm-dd hh:mm"}))
    results = {
        "=NA()": "#N/A",
        "=1/0": "#DIV/0!",
        '=""': "",
        "=C2*2": 24,
        "=nosuch(1)": "#NAME?",
        '="x"': "x",
        "=TRUE()": True,
    }
    for column, (formula, result) in enumerate(results.items()):
        sheet.write_formula(2, column, formula, None, result)
    sheet.write_blank(9, 9, None, bold)
    sheet.merge_range(3, 0, 4, 2, "合并")
    sheet.set_row(4, None, None, {"hidden": True})
    sheet.set_column(3, 4, None, None, {"hidden": True})
    hidden = book.add_worksheet("藏")
    hidden.write(0, 0, "在")
    hidden.hide()
    book.close()
    command = [office_program(), "--headless", f"-env:UserInstallation={(folder / 'profile').as_uri()}"]
    command += ["--convert-to", "xls", "--outdir", str(folder), str(folder / "旧.xlsx")]
    done = subprocess.run(command, capture_output=True, timeout=300)
    assert (folder / "旧.xls").exists(), done.stderr.decode(errors="replace")
    return folder / "旧.xls"


def test_xls(old_workbook):
    book = read_book(old_workbook)
    sheet = book.sheets[0]
    assert book.kind == "xls" and [(s.name, s.hidden) for s in book.sheets] == [("台账", False), ("藏", True)]
    assert sheet.rows[0] == [None] * 9
    assert plain([sheet.rows[1]]) == plain(
        [
            [
                None,
                "张　三",
                12,
                0.25,
                True,
                "140603196503120011",
                "#N/A",
                dt.date(2023, 1, 2),
                dt.datetime(2023, 1, 2, 6),
            ]
        ]
    )
    row = sheet.rows[2]
    assert [shown(row[i]) for i in (0, 1, 4)] == ["#N/A", "#DIV/0!", "#NAME?"]
    assert plain([row[2:4] + row[6:7]]) == plain([["", 24, True]])
    assert "分不清是 0 还是文字" in row[5].message  # LibreOffice stored 0 for "x"
    assert sheet.merged == [(3, 0, 4, 2)] and sheet.rows[3][0] == "合并" and len(sheet.rows) == 4
    assert sheet.hidden_rows == {4} and sheet.hidden_columns == {3, 4}
    assert sheet.formulas == {(2, column): "=" for column in range(7)} | {(1, 4): "="}  # LibreOffice writes =TRUE()
    assert book.sheets[1].rows == [["在"]]


def test_xls_under_another_name(old_workbook, folder):
    for name in ("表.et", "表.xlsx"):
        assert read(folder, old_workbook.read_bytes(), name).kind == "xls"


def test_broken_xls_ends_in_a_sentence(old_workbook, folder):
    content = old_workbook.read_bytes()
    for cut in (300, 600, 2000, len(content) // 2):
        refused(folder, content[:cut], "断.xls")
    for place in range(0, len(content), 97):
        broken = bytearray(content)
        broken[place] ^= 0x55
        try:
            read(folder, bytes(broken), "坏.xls")
        except LedgerError as error:
            assert "坏.xls" in str(error)


# ---- start-up


def test_importing_it_loads_no_library():
    code = "import sys, xl_poverty.ledger.files; print(*{'python_calamine', 'lxml', 'openpyxl'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
