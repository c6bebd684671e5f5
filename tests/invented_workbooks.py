"""Workbooks with what clerks have in theirs, made at test time; the people in them are invented.

    for name, build in WORKBOOKS.items(): content = build()

XlsxWriter and openpyxl make what they can make; the rest is put into their packages as XML (`changed_package`). The
first worksheet, 台账, holds `ROWS` rows of data under a row of `HEADERS`; what is beside them differs. `REFUSED` are
packages that must not be written to.
"""

from __future__ import annotations

import datetime as dt
import io
import random
import re
import struct
import zipfile
import zlib
from collections.abc import Callable
from functools import cache

import openpyxl
import xlsxwriter

SHEET = "台账"
HEADERS = ("序号", "村", "姓名", "人数", "金额", "日期")
ROWS = 40
LONG = 1200  # rows of the long ledger
LAST = ROWS + 1  # the last row of data
RIGHT = len(HEADERS)  # the last column, F

WORKBOOKS: dict[str, Callable[[], bytes]] = {}
REFUSED: dict[str, Callable[[], bytes]] = {}

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE_LINKS = "http://schemas.openxmlformats.org/package/2006/relationships"
MICROSOFT = "http://schemas.microsoft.com/office"


def _kept(build):
    WORKBOOKS[build.__name__.removeprefix("with_")] = cache(build)
    return WORKBOOKS[build.__name__.removeprefix("with_")]


def _refused(build):
    REFUSED[build.__name__.removeprefix("refused_")] = cache(build)
    return build


# ---- tools


def rows() -> list[tuple]:
    chance = random.Random(5)
    first, second = "赵钱孙李周吴郑王", "一二三四五六七八"
    return [
        (number, f"第{chance.randint(1, 9)}村", chance.choice(first) + chance.choice(second), chance.randint(1, 6),
         chance.randint(0, 300000) / 100, dt.date(2022, 1 + number % 12, 1 + number % 28))
        for number in range(1, ROWS + 1)
    ]  # fmt: skip


def written(fill: Callable, **options) -> bytes:
    """A workbook by XlsxWriter: `fill(book, sheet)` adds what it is about."""
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True, **options})
    book.set_properties({"created": dt.datetime(2022, 11, 22)})
    ledger(book, book.add_worksheet(SHEET), fill)
    book.close()
    return stream.getvalue()


def ledger(book, sheet, fill: Callable = lambda book, sheet: None):
    bold = book.add_format({"bold": True, "bg_color": "#DDEBF7", "border": 1})
    day, money = book.add_format({"num_format": "yyyy-mm-dd"}), book.add_format({"num_format": "#,##0.00"})
    sheet.write_row(0, 0, HEADERS, bold)
    for number, (*cells, amount, date) in enumerate(rows(), 1):
        sheet.write_row(number, 0, cells)
        sheet.write_number(number, 4, amount, money)
        sheet.write_datetime(number, 5, dt.datetime(date.year, date.month, date.day), day)
    fill(book, sheet)


def changed_package(content: bytes, changes: dict[str, Callable[[bytes], bytes] | bytes | None], new=()) -> bytes:
    """Its members with other content, without those that are None, and with new ones behind."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as made:
        for info in old.infolist():
            change = changes.get(info.filename, old.read(info))
            if change is not None:
                made.writestr(info, change(old.read(info)) if callable(change) else change)
        for name, data in dict(new).items():
            made.writestr(zipfile.ZipInfo(name, (2022, 11, 22, 0, 0, 0)), data, zipfile.ZIP_DEFLATED)
    return stream.getvalue()


def replaced(*pairs: tuple[str, str]) -> Callable[[bytes], bytes]:
    """Each text once by the other; that it stands there is part of the fixture."""

    def change(data: bytes) -> bytes:
        for old, new in pairs:
            assert old.encode() in data, f"{old} is not in {data[:2000]!r}"
            data = data.replace(old.encode(), new.encode(), 1)
        return data

    return change


def part(content: bytes, name: str) -> str:
    return zipfile.ZipFile(io.BytesIO(content)).read(name).decode()


def _types(*entries: str) -> Callable[[bytes], bytes]:
    return replaced(("</Types>", "".join(entries) + "</Types>"))


def _override(name: str, type_: str) -> str:
    return f'<Override PartName="/{name}" ContentType="{type_}"/>'


def _default(extension: str, type_: str) -> str:
    return f'<Default Extension="{extension}" ContentType="{type_}"/>'


def _relations(*entries: tuple[str, str, str]) -> bytes:
    return (
        f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<Relationships xmlns="{PACKAGE_LINKS}">'
        + "".join(f'<Relationship Id="{i}" Type="{t}" Target="{target}"/>' for i, t, target in entries)
        + "</Relationships>"
    ).encode()


SHEET1, SHEET1_RELS, TYPES = "xl/worksheets/sheet1.xml", "xl/worksheets/_rels/sheet1.xml.rels", "[Content_Types].xml"
BOOK, BOOK_RELS = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
SPREADSHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml"


def png() -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    dots = b"".join(b"\0" + bytes(range(row, row + 24)) for row in range(8))
    header = struct.pack(">IIBBBBB", 8, 8, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(dots)) + chunk(b"IEND", b"")


# ---- by XlsxWriter


@_kept
def with_nothing_else() -> bytes:
    return written(lambda book, sheet: None)


@_kept
def with_charts() -> bytes:
    def fill(book, sheet):
        for kind, at in (("column", "H2"), ("line", "H18"), ("pie", "H34")):
            chart = book.add_chart({"type": kind})
            chart.add_series({"categories": f"={SHEET}!$C$2:$C$9", "values": f"={SHEET}!$E$2:$E$9"})
            sheet.insert_chart(at, chart)
        whole = book.add_chartsheet("图表")
        chart = book.add_chart({"type": "bar"})
        chart.add_series({"values": f"={SHEET}!$D$2:$D$9"})
        whole.set_chart(chart)

    return written(fill)


@_kept
def with_pictures() -> bytes:
    def fill(book, sheet):
        sheet.insert_image("H2", "a.png", {"image_data": io.BytesIO(png())})
        sheet.set_header("&C&G", {"image_center": "h.png", "image_data_center": io.BytesIO(png())})
        sheet.set_background(io.BytesIO(png()))
        sheet.insert_textbox("J12", "填表说明：金额以元为单位", {"width": 200})

    return written(fill)


@_kept
def with_picture_in_a_cell() -> bytes:
    def fill(book, sheet):
        sheet.embed_image(2, 8, "a.png", {"image_data": io.BytesIO(png())})
        sheet.embed_image(3, 8, "a.png", {"image_data": io.BytesIO(png())})

    return written(fill)


@_kept
def with_buttons_and_controls() -> bytes:
    """Buttons of XlsxWriter, and a form control with its part as Excel writes it."""

    def fill(book, sheet):
        sheet.insert_button("H2", {"macro": "核算", "caption": "核算"})
        sheet.insert_checkbox(4, 8, True)
        sheet.write_comment("C3", "入户时不在家", {"author": "核查人"})

    content = written(fill)
    control = (
        '<mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"><mc:Choice '
        f'Requires="x14" xmlns:x14="{MICROSOFT}/spreadsheetml/2009/9/main"><controls><mc:AlternateContent><mc:Choice '
        'Requires="x14"><control shapeId="1026" r:id="rIdControl" name="按钮 1"><controlPr defaultSize="0" print="0" '
        'autoFill="0" autoPict="0" macro="[0]!核算"><anchor moveWithCells="1"><from>'
        '<xdr:col xmlns:xdr="http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing">7</xdr:col>'
        '<xdr:colOff xmlns:xdr="http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing">0</xdr:colOff>'
        '<xdr:row xmlns:xdr="http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing">1</xdr:row>'
        '<xdr:rowOff xmlns:xdr="http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing">0</xdr:rowOff>'
        "</from><to>"
        '<xdr:col xmlns:xdr="http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing">8</xdr:col>'
        '<xdr:colOff xmlns:xdr="http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing">0</xdr:colOff>'
        '<xdr:row xmlns:xdr="http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing">2</xdr:row>'
        '<xdr:rowOff xmlns:xdr="http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing">0</xdr:rowOff>'
        "</to></anchor></controlPr></control></mc:Choice></mc:AlternateContent></controls></mc:Choice>"
        "</mc:AlternateContent>"
    )
    relation = f'<Relationship Id="rIdControl" Type="{LINKS}/ctrlProp" Target="../ctrlProps/ctrlProp1.xml"/>'
    return changed_package(
        content,
        {
            SHEET1: replaced(("</worksheet>", control + "</worksheet>")),
            SHEET1_RELS: replaced(("</Relationships>", relation + "</Relationships>")),
            TYPES: _types(_override("xl/ctrlProps/ctrlProp1.xml", "application/vnd.ms-excel.controlproperties+xml")),
        },
        {
            "xl/ctrlProps/ctrlProp1.xml": f'<formControlPr xmlns="{MICROSOFT}/spreadsheetml/2009/9/main" '
            'objectType="Button" lockText="1"/>'
        }.items(),
    )  # fmt: skip


@_kept
def with_table() -> bytes:
    """One that new columns beside it join; nothing below."""

    def fill(book, sheet):
        columns = [{"header": header} for header in HEADERS]
        sheet.add_table(0, 0, ROWS, RIGHT - 1, {"name": "台账表", "columns": columns})

    return written(fill)


@_kept
def with_tables_and_totals() -> bytes:
    def fill(book, sheet):
        columns = [{"header": header} for header in HEADERS]
        columns[0]["total_string"], columns[4]["total_function"] = "合计", "sum"
        columns[3]["total_function"] = "sum"
        sheet.add_table(
            0, 0, ROWS + 1, RIGHT - 1,
            {"name": "台账表", "columns": columns, "total_row": True, "style": "Table Style Medium 4"},
        )  # fmt: skip
        other = book.add_worksheet("村名单")
        other.add_table("B3:C6", {"name": "村名单", "data": [["甲村", 1], ["乙村", 2], ["丙村", 3]],
                                  "columns": [{"header": "村"}, {"header": "组数"}]})  # fmt: skip
        other.write_formula("F1", "=SUM(台账表[金额])", None, 1)

    return written(fill)


@_kept
def with_validations() -> bytes:
    """The usual kind over the whole table and over one column, and the newer one that names another sheet."""

    def fill(book, sheet):
        sheet.data_validation(1, 0, ROWS, RIGHT - 1, {"validate": "length", "criteria": "<", "value": 50})
        few = {"validate": "integer", "criteria": "between", "minimum": 1, "maximum": 20}
        sheet.data_validation(1, 3, ROWS, 3, few)
        sheet.data_validation(1, 1, ROWS, 1, {"validate": "list", "source": ["第1村", "第2村"]})
        book.add_worksheet("选项").write_column(0, 0, ["是", "否"])

    newer = (
        '<extLst><ext uri="{CCE6A557-97BC-4b89-ADB6-D9C93CAAB3DF}" '
        f'xmlns:x14="{MICROSOFT}/spreadsheetml/2009/9/main">'
        f'<x14:dataValidations count="1" xmlns:xm="{MICROSOFT}/excel/2006/main"><x14:dataValidation type="list" '
        'allowBlank="1" showErrorMessage="1"><x14:formula1><xm:f>选项!$A$1:$A$2</xm:f></x14:formula1>'
        f"<xm:sqref>A2:F{LAST}</xm:sqref></x14:dataValidation></x14:dataValidations></ext></extLst>"
    )
    return changed_package(written(fill), {SHEET1: replaced(("</worksheet>", newer + "</worksheet>"))})


@_kept
def with_conditional_formats() -> bytes:
    def fill(book, sheet):
        red = book.add_format({"font_color": "#9C0006", "bg_color": "#FFC7CE"})
        whole = f"A2:F{LAST}"
        sheet.conditional_format(whole, {"type": "formula", "criteria": "=$D2>5", "format": red})
        sheet.conditional_format(f"D2:D{LAST}", {"type": "data_bar", "data_bar_2010": True, "bar_solid": True})
        sheet.conditional_format(f"E2:E{LAST}", {"type": "3_color_scale"})
        sheet.conditional_format(f"D2:D{LAST}", {"type": "icon_set", "icon_style": "3_arrows"})
        sheet.conditional_format(f"A2:B{LAST}", {"type": "duplicate", "format": red})

    return written(fill)


@_kept
def with_sparklines() -> bytes:
    def fill(book, sheet):
        for row in range(1, 6):
            sheet.add_sparkline(row, 8, {"range": f"{SHEET}!D{row + 1}:E{row + 1}", "type": "column"})

    return written(fill)


@_kept
def with_macros() -> bytes:
    def fill(book, sheet):
        book.add_vba_project(io.BytesIO(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(range(256)) * 20), is_stream=True)
        book.set_vba_name("本工作簿")
        sheet.set_vba_name("台账页")
        sheet.insert_button("H2", {"macro": "核算"})

    return written(fill)


@_kept
def with_notes_and_links() -> bytes:
    def fill(book, sheet):
        sheet.write_comment("C3", "入户时不在家", {"author": "核查人", "visible": True})
        sheet.write_comment("E5", "按票据")
        sheet.write_url("I1", "https://example.org/通知?a=1&b=2", string="通知")
        sheet.write_url("I2", f"internal:{SHEET}!A1", string="回到开头")

    return written(fill)


@_kept
def with_threaded_comments() -> bytes:
    """As Excel writes them: a note that stands for the thread, the thread, and who takes part."""

    def fill(book, sheet):
        sheet.write_comment("C3", "[线程批注]", {"author": "tc={B1A5A9E5-0000-4000-8000-000000000001}"})

    name, person = "xl/threadedComments/threadedComment1.xml", "xl/persons/person.xml"
    newer = f"{MICROSOFT}/spreadsheetml/2018/threadedcomments"
    return changed_package(
        written(fill),
        {
            SHEET1_RELS: replaced(
                ("</Relationships>", '<Relationship Id="rIdThread" Type="http://schemas.microsoft.com/office/2017/10/'
                 'relationships/threadedComment" Target="../threadedComments/threadedComment1.xml"/></Relationships>')
            ),
            BOOK_RELS: replaced(
                ("</Relationships>", '<Relationship Id="rIdPerson" Type="http://schemas.microsoft.com/office/2017/10/'
                 'relationships/person" Target="persons/person.xml"/></Relationships>')
            ),
            TYPES: _types(
                _override(name, "application/vnd.ms-excel.threadedcomments+xml"),
                _override(person, "application/vnd.ms-excel.person+xml"),
            ),
        },
        {
            name: f'<ThreadedComments xmlns="{newer}"><threadedComment ref="C3" dT="2022-11-22T08:00:00.00" '
            'personId="{00000000-0000-4000-8000-000000000002}" id="{B1A5A9E5-0000-4000-8000-000000000001}">'
            "<text>请补充票据</text></threadedComment></ThreadedComments>",
            person: f'<personList xmlns="{newer}"><person displayName="核查人" '
            'id="{00000000-0000-4000-8000-000000000002}" userId="核查人" providerId="None"/></personList>',
        }.items(),
    )  # fmt: skip


@_kept
def with_names_and_print_settings() -> bytes:
    def fill(book, sheet):
        book.define_name("总额", f"={SHEET}!$E$2:$E${LAST}")
        book.define_name("税率", "=0.03")
        book.define_name(f"{SHEET}!本表", f"={SHEET}!$A$1")
        sheet.print_area(0, 0, ROWS, RIGHT - 1)
        sheet.repeat_rows(0)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.set_h_pagebreaks([20])
        sheet.set_header("&C台账")
        book.add_worksheet("计算").write_formula("A1", "=SUM(总额)*(1-税率)", None, 12.5)
        sheet.ignore_errors({"number_stored_as_text": "A1:F9"})

    return written(fill)


@_kept
def with_filter_and_outline() -> bytes:
    def fill(book, sheet):
        sheet.autofilter(0, 0, ROWS, RIGHT - 1)
        sheet.freeze_panes(1, 3)
        sheet.set_column(0, 0, 5)
        sheet.set_column(1, 3, 12.5, None, {"level": 1})
        sheet.set_column(4, 9, 14, None, {"hidden": False})
        sheet.set_column(12, 15, None, None, {"hidden": True})
        for row in range(10, 15):
            sheet.set_row(row, 20, None, {"level": 1, "hidden": row == 12})
        sheet.set_tab_color("red")
        sheet.set_zoom(85)
        book.add_worksheet("隐藏").hide()
        book.add_worksheet("深藏").very_hidden()

    return written(fill)


@_kept
def with_days_since_1904() -> bytes:
    return written(lambda book, sheet: None, date_1904=True)


@_kept
def with_rich_text() -> bytes:
    def fill(book, sheet):
        red = book.add_format({"font_color": "red"})
        sheet.write_rich_string("I2", "注：", red, "重点", " 户  ", red, "监测")
        sheet.write_string("I3", "  两头有空格  ")
        sheet.write_string("I4", "两行\n文字")
        sheet.write_string("I5", "_x000D_ 原样的字")
        sheet.write_string("I6", "=1+1")

    content = written(fill)
    strings = part(content, "xl/sharedStrings.xml")
    reading = '<si><t>重庆</t><rPh sb="0" eb="2"><t>チョンチン</t></rPh><phoneticPr fontId="1"/></si>'
    first = re.search("<si><t>第[0-9]村</t></si>", strings)[0]
    return changed_package(content, {"xl/sharedStrings.xml": replaced((first, reading))})


@_kept
def with_inline_strings() -> bytes:
    return written(lambda book, sheet: None, constant_memory=True, in_memory=False)


@_kept
def with_formulas() -> bytes:
    """Of the row, of columns, of the whole row, of others; shared, array, dynamic array; with their results."""

    def fill(book, sheet):
        for row in range(1, ROWS + 1):
            sheet.write_formula(row, 8, f"=D{row + 1}*2", None, rows()[row - 1][3] * 2)
        sheet.write_formula("J1", f"=SUM(E2:E{LAST})", None, 1234.5)
        sheet.write_formula("J2", "=J1/2", None, 617.25)
        sheet.write_formula("J3", "=COUNTA(G:G)", None, 0)
        sheet.write_formula("J4", '=IF(G2="","未填","已填")', None, "未填")
        sheet.write_formula("J5", '=J4&"！"', None, "未填！")
        sheet.write_formula("J6", "=1/0", None, "#DIV/0!")
        sheet.write_formula("J7", "=LEN(C2)", None, 2)
        sheet.write_formula("J8", "=1=1", None, True)
        sheet.write_array_formula("K2:K4", "{=D2:D4*2}", None, 2)
        sheet.write_array_formula("K6", "{=SUM(D2:D9*E2:E9)}", None, 5)
        sheet.write_dynamic_array_formula("M2", "=_xlfn._xlws.SORT(D2:D6)", None, 1)
        other = book.add_worksheet("汇总")
        other.write_formula("A1", f"={SHEET}!G2", None, 0)
        other.write_formula("A2", f"=SUM({SHEET}!A:F)", None, 99)
        other.write_formula("A3", "=A1+1", None, 1)
        other.write_formula("A4", f"=SUM({SHEET}!D2:D{LAST})", None, 7)

    content = written(fill)
    sheet = part(content, SHEET1)
    for row in range(2, LAST + 1):
        shared = f'<f t="shared" ref="I2:I{LAST}" si="0">D2*2</f>' if row == 2 else '<f t="shared" si="0"/>'
        sheet = sheet.replace(f"<f>D{row}*2</f>", shared)
    chain = "".join(f'<c r="I{row}" i="1"/>' for row in range(2, LAST + 1))
    chain += "".join(f'<c r="J{row}" i="1"/>' for row in range(1, 9)) + "".join(
        f'<c r="A{row}" i="2"/>' for row in range(1, 5)
    )
    return changed_package(
        content,
        {
            SHEET1: sheet.encode(),
            BOOK: lambda data: data.replace(b' fullCalcOnLoad="1"', b""),
            BOOK_RELS: replaced(
                ("</Relationships>", f'<Relationship Id="rIdChain" Type="{LINKS}/calcChain" Target="calcChain.xml"/>'
                 "</Relationships>")
            ),
            TYPES: _types(_override("xl/calcChain.xml", f"{SPREADSHEET}.calcChain+xml")),
        },
        {"xl/calcChain.xml": f'<calcChain xmlns="{MAIN}">{chain}</calcChain>'}.items(),
    )  # fmt: skip


@_kept
def with_formulas_of_the_day() -> bytes:
    """They change by themselves, whatever is written."""

    def fill(book, sheet):
        for row, (formula, value) in enumerate(
            (("TODAY()", 44887), ("NOW()", 44887.5), ("YEAR(TODAY())-1958", 64), ("RAND()*9", 4.5), ("I4+1", 65)), 2
        ):
            sheet.write_formula(row - 1, 8, f"={formula}", None, value)

    return written(fill)


@_kept
def with_data_table() -> bytes:
    def fill(book, sheet):
        sheet.write_row("I1", [10, 20, 30])
        sheet.write_formula("H1", "=D2*2", None, 2)
        sheet.write_column("H2", [1, 2])
        for cell in ("I2", "J2", "K2", "I3", "J3", "K3"):
            sheet.write_number(cell, 5)

    return changed_package(
        written(fill),
        {
            SHEET1: replaced(
                ('<c r="I2"><v>5</v></c>',
                 '<c r="I2"><f t="dataTable" ref="I2:K3" dt2D="1" dtr="1" r1="D2" r2="D3"/><v>5</v></c>')
            )
        },
    )  # fmt: skip


@_kept
def with_merges() -> bytes:
    def fill(book, sheet):
        sheet.merge_range("H1:J1", "核查情况", book.add_format({"align": "center", "border": 2}))
        sheet.merge_range("H2:H5", 3)
        sheet.merge_range("A44:F45", "填表人：", book.add_format({"top": 1}))

    return written(fill)


@_kept
def with_a_title_and_sums() -> bytes:
    """Headers in row 3, a total below."""
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True})
    sheet = book.add_worksheet(SHEET)
    large = book.add_format({"bold": True, "font_size": 20, "align": "center"})
    sheet.merge_range(0, 0, 0, RIGHT - 1, "某乡台账", large)
    sheet.write_row(2, 0, HEADERS, book.add_format({"bold": True, "border": 1, "text_wrap": True}))
    for number, row in enumerate(rows(), 3):
        sheet.write_row(number, 0, row[:5])
    sheet.write(ROWS + 3, 0, "合计")
    sheet.write_formula(ROWS + 3, 4, f"=SUM(E4:E{ROWS + 3})", None, 1)
    book.close()
    return stream.getvalue()


@_kept
def with_a_long_ledger() -> bytes:
    """Longer than any piece that is read at a time."""
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"constant_memory": True})
    sheet = book.add_worksheet(SHEET)
    sheet.write_row(0, 0, HEADERS)
    for number in range(1, LONG + 1):
        sheet.write_row(
            number, 0, (number, f"第{number % 300}村，" + "自然村" * (number % 197), f"无名{number}", number / 100)
        )
    book.close()
    return stream.getvalue()


# ---- by openpyxl


@_kept
def with_what_openpyxl_writes() -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = SHEET
    sheet.append(HEADERS)
    for row in rows():
        sheet.append(row)
    sheet["H2"] = "=SUM(D2:D9)"
    sheet["H3"], sheet["H4"], sheet["H5"] = True, "#N/A", dt.datetime(2022, 8, 12, 13, 30)
    sheet["H4"].data_type = "e"
    sheet.auto_filter.ref = f"A1:F{LAST}"
    sheet.column_dimensions["B"].width = 30
    other = book.create_sheet("选项")
    other["A1"] = "是"
    chart = openpyxl.chart.BarChart()
    chart.add_data(openpyxl.chart.Reference(sheet, min_col=4, min_row=1, max_row=9), titles_from_data=True)
    other.add_chart(chart, "C3")
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


# ---- what neither makes: parts of their packages in XML


@_kept
def with_a_pivot_table() -> bytes:
    def fill(book, sheet):
        other = book.add_worksheet("透视")
        other.write_row("A3", ["村", "求和项:人数"])
        other.write_row("A4", ["总计", 0])

    cache_, records = "xl/pivotCache/pivotCacheDefinition1.xml", "xl/pivotCache/pivotCacheRecords1.xml"
    table = "xl/pivotTables/pivotTable1.xml"
    fields = "".join(f'<cacheField name="{header}" numFmtId="0"><sharedItems/></cacheField>' for header in HEADERS)
    record = "".join(f"<r>{'<m/>' * RIGHT}</r>" for _ in range(2))
    return changed_package(
        written(fill),
        {
            BOOK: lambda data: re.sub(
                b"(<calcPr[^>]*/>)", rb'\1<pivotCaches><pivotCache cacheId="1" r:id="rIdPivot"/></pivotCaches>', data
            ),
            BOOK_RELS: replaced(
                ("</Relationships>", f'<Relationship Id="rIdPivot" Type="{LINKS}/pivotCacheDefinition" '
                 'Target="pivotCache/pivotCacheDefinition1.xml"/></Relationships>')
            ),
            TYPES: _types(
                _override(cache_, f"{SPREADSHEET}.pivotCacheDefinition+xml"),
                _override(records, f"{SPREADSHEET}.pivotCacheRecords+xml"),
                _override(table, f"{SPREADSHEET}.pivotTable+xml"),
            ),
        },
        {
            "xl/worksheets/_rels/sheet2.xml.rels": _relations(
                ("rId1", f"{LINKS}/pivotTable", "../pivotTables/pivotTable1.xml")
            ),
            cache_: f'<pivotCacheDefinition xmlns="{MAIN}" xmlns:r="{LINKS}" r:id="rId1" refreshOnLoad="1" '
            f'recordCount="2"><cacheSource type="worksheet"><worksheetSource ref="A1:F{LAST}" sheet="{SHEET}"/>'
            f'</cacheSource><cacheFields count="{RIGHT}">{fields}</cacheFields></pivotCacheDefinition>',
            "xl/pivotCache/_rels/pivotCacheDefinition1.xml.rels": _relations(
                ("rId1", f"{LINKS}/pivotCacheRecords", "pivotCacheRecords1.xml")
            ),
            records: f'<pivotCacheRecords xmlns="{MAIN}" count="2">{record}</pivotCacheRecords>',
            table: f'<pivotTableDefinition xmlns="{MAIN}" name="透视表1" cacheId="1" dataCaption="值">'
            f'<location ref="A3:B4" firstHeaderRow="1" firstDataRow="1" firstDataCol="1"/><pivotFields count="{RIGHT}">'
            + "<pivotField showAll=\"0\"/>" * RIGHT
            + '</pivotFields><dataFields count="1"><dataField name="求和项:人数" fld="3"/></dataFields>'
            "</pivotTableDefinition>",
            "xl/pivotTables/_rels/pivotTable1.xml.rels": _relations(
                ("rId1", f"{LINKS}/pivotCacheDefinition", "../pivotCache/pivotCacheDefinition1.xml")
            ),
        }.items(),
    )  # fmt: skip


@_kept
def with_an_external_link() -> bytes:
    def fill(book, sheet):
        sheet.write_formula("I1", "=[1]上年!$A$1+1", None, 6)

    name = "xl/externalLinks/externalLink1.xml"
    return changed_package(
        written(fill),
        {
            BOOK: lambda data: data.replace(
                b"</sheets>", b'</sheets><externalReferences><externalReference r:id="rIdOut"/></externalReferences>'
            ),
            BOOK_RELS: replaced(
                ("</Relationships>", f'<Relationship Id="rIdOut" Type="{LINKS}/externalLink" '
                 'Target="externalLinks/externalLink1.xml"/></Relationships>')
            ),
            TYPES: _types(_override(name, f"{SPREADSHEET}.externalLink+xml")),
        },
        {
            name: f'<externalLink xmlns="{MAIN}"><externalBook xmlns:r="{LINKS}" r:id="rId1"><sheetNames>'
            '<sheetName val="上年"/></sheetNames><sheetDataSet><sheetData sheetId="0"><row r="1"><cell r="A1"><v>5</v>'
            "</cell></row></sheetData></sheetDataSet></externalBook></externalLink>",
            "xl/externalLinks/_rels/externalLink1.xml.rels": f'<Relationships xmlns="{PACKAGE_LINKS}"><Relationship '
            f'Id="rId1" Type="{LINKS}/externalLinkPath" Target="上年.xlsx" TargetMode="External"/></Relationships>',
        }.items(),
    )  # fmt: skip


@_kept
def with_custom_parts() -> bytes:
    """Custom XML, printer settings, a part of a kind that nobody knows, stored instead of packed, with a remark."""
    content = written(lambda book, sheet: sheet.set_paper(9))
    relation = '<Relationship Id="rIdX{0}" Type="{1}" Target="{2}"/>'
    content = changed_package(
        content,
        {
            "_rels/.rels": replaced(
                ("</Relationships>", relation.format(1, f"{LINKS}/customXml", "customXml/item1.xml")
                 + relation.format(2, "http://example.org/unknown", "unknown/thing.dat") + "</Relationships>")
            ),
            SHEET1: replaced(("<pageSetup ", '<pageSetup r:id="rIdP" ')),
            TYPES: _types(_default("dat", "application/x-unknown"), _default("bin", f"{SPREADSHEET}.printerSettings")),
        },
        {
            SHEET1_RELS: _relations(("rIdP", f"{LINKS}/printerSettings", "../printerSettings/printerSettings1.bin")),
            "xl/printerSettings/printerSettings1.bin": bytes(range(256)),
            "customXml/item1.xml": "<办件 编号='1'>\r\n<a/>\r\n</办件>",
        }.items(),
    )  # fmt: skip
    stream = io.BytesIO(content)
    with zipfile.ZipFile(stream, "a") as archive:
        archive.writestr(zipfile.ZipInfo("unknown/thing.dat", (1999, 12, 31, 23, 59, 58)), bytes(300))
        archive.comment = "某乡".encode()
    return stream.getvalue()


@_kept
def with_custom_views() -> bytes:
    views = (
        '<customSheetViews><customSheetView guid="{0BDFD8B2-6FD9-4B31-9C25-000000000001}" filter="1" '
        'showAutoFilter="1">'
        f'<pane xSplit="1" topLeftCell="B1" state="frozen"/><autoFilter ref="A1:F{LAST}"/></customSheetView>'
        "</customSheetViews>"
    )
    book = (
        '<customWorkbookViews><customWorkbookView name="审核" guid="{0BDFD8B2-6FD9-4B31-9C25-000000000001}" '
        'windowWidth="1000" windowHeight="600" activeSheetId="1"/></customWorkbookViews>'
    )
    return changed_package(
        written(lambda book, sheet: sheet.autofilter(0, 0, ROWS, RIGHT - 1)),
        {
            SHEET1: replaced(("<pageMargins", views + "<pageMargins")),
            BOOK: lambda data: re.sub(b"(<calcPr[^>]*/>)", rb"\1" + book.encode(), data),
        },
    )


# ---- the same in other spellings


def _prefixed(data: bytes) -> bytes:
    data = re.sub(rb"<(/?)([a-zA-Z])", rb"<\1x:\2", data).replace(b"<x:?xml", b"<?xml")
    return data.replace(b'xmlns="', b'xmlns:x="', 1)


@_kept
def with_prefixes() -> bytes:
    """<x:worksheet>, as the Open XML SDK and some exporters write it."""
    content = with_filter_and_outline()
    parts = (SHEET1, BOOK, "xl/styles.xml", "xl/sharedStrings.xml")
    return changed_package(content, dict.fromkeys(parts, _prefixed))


@_kept
def with_prefixes_and_a_table() -> bytes:
    return changed_package(with_table(), dict.fromkeys((SHEET1, BOOK, "xl/tables/table1.xml"), _prefixed))


@_kept
def with_strict_names() -> bytes:
    """As Excel saves "Strict Open XML": the same words in other namespaces."""

    def strict(data: bytes) -> bytes:
        data = data.replace(MAIN.encode(), b"http://purl.oclc.org/ooxml/spreadsheetml/main")
        return data.replace(LINKS.encode(), b"http://purl.oclc.org/ooxml/officeDocument/relationships")

    content = with_formulas()
    names = [name for name in zipfile.ZipFile(io.BytesIO(content)).namelist() if name.startswith(("xl/", "_rels"))]
    strictly = replaced(("<workbookPr", '<workbookPr dateCompatibility="0"'))
    changes: dict = dict.fromkeys(names, strict)
    changes[BOOK] = lambda data: replaced(("<workbook ", '<workbook conformance="strict" '))(strictly(strict(data)))
    return changed_package(content, changes)


@_kept
def with_rows_that_count_themselves() -> bytes:
    """Neither rows nor cells say where they are."""

    def bare(data: bytes) -> bytes:
        data = re.sub(rb'<row r="\d+"( spans="[^"]*")?', b"<row", data)
        return re.sub(rb'<c r="[A-Z]+\d+"', b"<c", data)

    return changed_package(with_nothing_else(), {SHEET1: bare})


@_kept
def with_an_odd_hand() -> bytes:
    """A byte order mark, lines and tabs between and inside tags, single quotes, remarks, numbered characters, CDATA."""

    def odd(data: bytes) -> bytes:
        text = data.decode().replace("\n", "\r\n")
        text = text.replace("<sheetData>", "<sheetData>\r\n<!-- 由某平台导出 </sheetData> <row r='9'> -->\r\n\t")
        text = text.replace("</row>", "\r\n</row>\r\n<!-- 行 -->\t").replace('<c r="A', "\r\n\t\t<c\r\n r='A")
        text = re.sub(r"r='(A\d+)\"", r"r='\1'", text)
        text = text.replace('<c r="C2"', '<c \t  r = "C2"').replace("</v></c>", "</v\n></c >", 3)
        text = text.replace("</sheetData>", "<?导出 完毕?></sheetData >\r\n")
        return b"\xef\xbb\xbf" + text.encode()

    def strings(data: bytes) -> bytes:
        text = data.decode()
        first = re.search("<t>(第[0-9]村)</t>", text)
        return text.replace(first[0], f"<t><![CDATA[{first[1]}]]></t>").replace("赵", "&#x8D75;").encode()

    content = changed_package(with_filter_and_outline(), {SHEET1: odd, "xl/sharedStrings.xml": strings})
    return changed_package(content, {BOOK: lambda data: b"\xef\xbb\xbf" + data.replace(b"><", b">\r\n  <")})


@_kept
def with_an_odd_end() -> bytes:
    """The usual hand, but for the last row and what stands behind it: it shows when much was read already."""

    def odd(data: bytes) -> bytes:
        return replaced(
            (f'<c r="A{LAST}"><v>{ROWS}</v>', f'<c r="A{LAST}"><v><![CDATA[{ROWS}]]></v>'),
            ("<pageMargins", "\r\n  <pageMargins\r\n "),
        )(data)

    return changed_package(with_nothing_else(), {SHEET1: odd})


@_kept
def with_a_remark_behind_the_cells() -> bytes:
    return changed_package(with_nothing_else(), {SHEET1: replaced(("</sheetData>", "</sheetData><!-- 某平台 -->"))})


@_kept
def with_one_odd_row() -> bytes:
    """A row of the long ledger in single quotes, when more than a piece was read."""
    row = LONG - 3
    return changed_package(with_a_long_ledger(), {SHEET1: replaced((f'<row r="{row}"', f"<row  r='{row}' "))})


@_kept
def with_sixteen_bits() -> bytes:
    def wide(data: bytes) -> bytes:
        return data.decode().replace("UTF-8", "UTF-16").encode("utf-16")

    return changed_package(with_filter_and_outline(), {SHEET1: wide, "xl/sharedStrings.xml": wide})


@_kept
def with_self_closing_rows() -> bytes:
    """Rows and cells without content, some with a look of their own."""

    def empty(data: bytes) -> bytes:
        return data.replace(
            b"</sheetData>",
            b'<row r="60" ht="30" customHeight="1"/><row r="61" s="1" customFormat="1"><c r="C61" s="1"/>'
            b'<c r="G61" s="2"/></row><row r="70"></row></sheetData>',
        ).replace(f'<dimension ref="A1:F{LAST}"/>'.encode(), b'<dimension ref="A1:G70"/>')

    return changed_package(with_nothing_else(), {SHEET1: empty})


@_kept
def with_other_places() -> bytes:
    """Parts under other names, targets from the root, as some exporters have them."""
    content = with_names_and_print_settings()
    stream = io.BytesIO()
    moves = {BOOK: "book/main.xml", BOOK_RELS: "book/_rels/main.xml.rels", SHEET1: "Sheets/LedgerA.xml"}
    moves |= {"xl/styles.xml": "book/s.xml", "xl/sharedStrings.xml": "book/t.xml", "xl/theme/theme1.xml": "book/th.xml"}
    moves["xl/worksheets/sheet2.xml"] = "Sheets/other.xml"
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as made:
        for info in reversed(old.infolist()):
            data = old.read(info)
            if info.filename == TYPES or info.filename.endswith(".rels"):
                text = data.decode().replace('Target="xl/workbook.xml"', 'Target="/book/main.xml"')
                for name, moved in moves.items():
                    text = text.replace(f'PartName="/{name}"', f'PartName="/{moved}"')
                    text = text.replace(f'Target="{name.removeprefix("xl/")}"', f'Target="/{moved}"')
                data = text.encode()
            made.writestr(moves.get(info.filename, info.filename), data)
    return stream.getvalue()


@_kept
def with_the_least() -> bytes:
    """No styles, no shared strings, no dimension, no properties."""
    cells = "".join(
        f'<row r="{number + 1}"><c r="A{number + 1}"><v>{number}</v></c>'
        f'<c r="B{number + 1}" t="inlineStr"><is><t>村</t></is></c></row>'
        for number in range(1, ROWS + 1)
    )
    head = '<row r="1"><c r="A1" t="str"><v>序号</v></c><c r="B1" t="inlineStr"><is><t>村</t></is></c></row>'
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in {
            TYPES: '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
            + _default("rels", "application/vnd.openxmlformats-package.relationships+xml")
            + _override(BOOK, f"{SPREADSHEET}.sheet.main+xml") + _override(SHEET1, f"{SPREADSHEET}.worksheet+xml")
            + "</Types>",
            "_rels/.rels": _relations(("rId1", f"{LINKS}/officeDocument", BOOK)),
            BOOK: f'<workbook xmlns="{MAIN}" xmlns:r="{LINKS}"><sheets><sheet name="{SHEET}" sheetId="1" r:id="rId1"/>'
            "</sheets></workbook>",
            BOOK_RELS: _relations(("rId1", f"{LINKS}/worksheet", "worksheets/sheet1.xml")),
            SHEET1: f'<worksheet xmlns="{MAIN}"><sheetData>{head}{cells}</sheetData></worksheet>',
        }.items():  # fmt: skip
            archive.writestr(name, data)
    return stream.getvalue()


@_kept
def with_an_empty_sheet() -> bytes:
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True})
    book.add_worksheet(SHEET)
    book.close()
    return stream.getvalue()


class _OneWay(io.RawIOBase):
    """A stream that cannot go back: the sizes of a member stand behind it."""

    def __init__(self):
        self.pieces = []

    def writable(self):
        return True

    def write(self, data):
        self.pieces.append(bytes(data))
        return len(data)


@_kept
def with_sizes_behind() -> bytes:
    """Members as a server streams them, in folders that are members too, one of them stored."""
    stream = _OneWay()
    with zipfile.ZipFile(io.BytesIO(with_charts())) as old, zipfile.ZipFile(stream, "w") as made:
        made.writestr(zipfile.ZipInfo("xl/", (2022, 1, 1, 0, 0, 0)), b"")
        for info in old.infolist():
            packed = zipfile.ZIP_STORED if info.filename == "xl/theme/theme1.xml" else zipfile.ZIP_DEFLATED
            made.writestr(zipfile.ZipInfo(info.filename, (2022, 1, 1, 0, 0, 0)), old.read(info), packed)
    return b"".join(stream.pieces)


@_kept
def with_backslashes() -> bytes:
    """Names of members as a certain exporter on Windows writes them."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(with_nothing_else())) as old, zipfile.ZipFile(stream, "w") as made:
        for info in old.infolist():
            made.writestr(info.filename.replace("/", "\\"), old.read(info), zipfile.ZIP_DEFLATED)
    return stream.getvalue()


# ---- what must not be written to


@_refused
def refused_signed() -> bytes:
    signature = "_xmlsignatures/sig1.xml"
    return changed_package(
        with_nothing_else(),
        {
            "_rels/.rels": replaced(
                ("</Relationships>", '<Relationship Id="rIdS" Type="http://schemas.openxmlformats.org/package/2006/'
                 'relationships/digital-signature/origin" Target="_xmlsignatures/origin.sigs"/></Relationships>')
            ),
            TYPES: _types(
                _default("sigs", "application/vnd.openxmlformats-package.digital-signature-origin"),
                _override(signature, "application/vnd.openxmlformats-package.digital-signature-xmlsignature+xml"),
            ),
        },
        {
            "_xmlsignatures/origin.sigs": b"",
            "_xmlsignatures/_rels/origin.sigs.rels": _relations(
                ("rId1", "http://schemas.openxmlformats.org/package/2006/relationships/digital-signature/signature",
                 "sig1.xml")
            ),
            signature: '<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"/>',
        }.items(),
    )  # fmt: skip


@_refused
def refused_encrypted() -> bytes:
    """What Excel writes with a password is an OLE file."""
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + "EncryptedPackage".encode("utf-16-le") + bytes(2048)


@_refused
def refused_encrypted_member() -> bytes:
    content = bytearray(with_nothing_else())
    for signature, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = content.find(signature)
        while at >= 0:
            content[at + flags] |= 1
            at = content.find(signature, at + 4)
    return bytes(content)


def _doctype(data: bytes) -> bytes:
    return data.replace(b"?>", b'?><!DOCTYPE worksheet [<!ENTITY a "b">]>', 1)


@_refused
def refused_doctype_in_the_sheet() -> bytes:
    return changed_package(with_nothing_else(), {SHEET1: _doctype})


@_refused
def refused_doctype_in_the_styles() -> bytes:
    return changed_package(with_nothing_else(), {"xl/styles.xml": _doctype})


@_refused
def refused_doctype_in_the_workbook() -> bytes:
    return changed_package(with_nothing_else(), {BOOK: _doctype})


@_refused
def refused_cut_off() -> bytes:
    return with_charts()[:-300]


@_refused
def refused_cut_off_sheet() -> bytes:
    return changed_package(with_nothing_else(), {SHEET1: lambda data: data[: len(data) // 2]})


@_refused
def refused_unbalanced_sheet() -> bytes:
    return changed_package(with_nothing_else(), {SHEET1: replaced(("</row>", "</rows>"))})


@_refused
def refused_broken_frame() -> bytes:
    return changed_package(with_nothing_else(), {SHEET1: replaced(("<pageMargins", "<pageMargins <"))})


@_refused
def refused_wrong_check() -> bytes:
    """A member whose bytes are not what the directory says."""
    content = bytearray(with_nothing_else())
    info = zipfile.ZipFile(io.BytesIO(bytes(content))).getinfo(SHEET1)
    content[info.header_offset + 200] ^= 255
    return bytes(content)


def _twice(name: str) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(with_nothing_else())) as old, zipfile.ZipFile(stream, "w") as made:
        for info in old.infolist():
            made.writestr(info.filename, old.read(info))
        made.writestr(name, old.read(SHEET1))
    return stream.getvalue()


@_refused
def refused_same_name_twice() -> bytes:
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        return _twice(SHEET1)


@_refused
def refused_same_name_in_capitals() -> bytes:
    return _twice("xl/worksheets/SHEET1.xml")


@_refused
def refused_bomb() -> bytes:
    """Blanks that unpack to a thousand times the size."""
    return changed_package(
        with_nothing_else(),
        {SHEET1: lambda data: data.replace(b"<sheetData>", b"<sheetData>" + b" " * (100 << 20))},
    )


@_refused
def refused_lying_size() -> bytes:
    """The directory says less than the member unpacks to."""
    content = bytearray(with_nothing_else())
    for signature, name_at, size_at in ((b"PK\x03\x04", 30, 22), (b"PK\x01\x02", 46, 24)):
        at = content.find(signature)
        while at >= 0:
            if content[at + name_at : at + name_at + len(SHEET1)] == SHEET1.encode():
                struct.pack_into("<I", content, at + size_at, 100)
            at = content.find(signature, at + 4)
    return bytes(content)


@_refused
def refused_no_workbook() -> bytes:
    return changed_package(with_nothing_else(), {BOOK: None})


@_refused
def refused_no_sheet_part() -> bytes:
    return changed_package(with_nothing_else(), {SHEET1: None})


@_refused
def refused_no_part_of_another_sheet() -> bytes:
    return changed_package(with_tables_and_totals(), {"xl/worksheets/sheet2.xml": None})


@_refused
def refused_no_content_types() -> bytes:
    return changed_package(with_nothing_else(), {TYPES: None})


@_refused
def refused_other_zip() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("说明.txt", "不是表格")
    return stream.getvalue()


@_refused
def refused_document() -> bytes:
    """A Word document under the name of a workbook."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr(TYPES, '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>')
        archive.writestr("_rels/.rels", _relations(("rId1", f"{LINKS}/officeDocument", "word/document.xml")))
        archive.writestr("word/document.xml", "<w:document xmlns:w='x'/>")
    return stream.getvalue()


@_refused
def refused_rows_out_of_order() -> bytes:
    """Row 3 stands behind row 4: which of them is meant by a reference is anybody's guess."""

    def swap(data: bytes) -> bytes:
        found = re.search(rb'(<row r="3".*?</row>)(<row r="4".*?</row>)', data, re.S)
        return data.replace(found[0], found[2] + found[1])

    return changed_package(with_nothing_else(), {SHEET1: swap})


@_refused
def refused_same_row_twice() -> bytes:
    return changed_package(with_nothing_else(), {SHEET1: replaced(('<row r="4"', '<row r="3"'))})


@_refused
def refused_same_cell_twice() -> bytes:
    return changed_package(with_nothing_else(), {SHEET1: replaced(('<c r="C3"', '<c r="B3"'))})


@_refused
def refused_empty() -> bytes:
    return b""


# ---- workbooks that are protected


def protected_sheet() -> bytes:
    def fill(book, sheet):
        sheet.protect("", {"format_cells": True})

    return written(fill)


def protected_structure() -> bytes:
    return changed_package(
        with_nothing_else(), {BOOK: replaced(("<bookViews>", '<workbookProtection lockStructure="1"/><bookViews>'))}
    )
