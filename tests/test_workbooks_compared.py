"""The comparison that judges what is written finds every kind of damage, and nothing where there is none."""

from __future__ import annotations

import io
import re
import zipfile

import pytest
from invented_workbooks import (
    BOOK,
    BOOK_RELS,
    LAST,
    LINKS,
    MAIN,
    SHEET,
    SHEET1,
    SHEET1_RELS,
    TYPES,
    WORKBOOKS,
    changed_package,
    replaced,
)
from workbooks_compared import ANY, Allowed, compared, structural_errors

STYLES, STRINGS, TABLE = "xl/styles.xml", "xl/sharedStrings.xml", "xl/tables/table1.xml"
CHAIN = "xl/calcChain.xml"


@pytest.mark.parametrize("name", WORKBOOKS)
def test_nothing_differs_from_itself_and_nothing_invented_is_broken(name):
    content = WORKBOOKS[name]()
    assert compared(content, content) == []
    assert structural_errors(content) == []


def without(pattern: str):
    def change(data: bytes) -> bytes:
        assert re.search(pattern.encode(), data, re.S), pattern
        return re.sub(pattern.encode(), b"", data, count=1, flags=re.S)

    return change


#: what was done -> the workbook, the change to its parts, parts put behind, a word of the difference
DAMAGE = {
    "picture lost": ("pictures", {"xl/media/image1.png": None}, {}, "part lost"),
    "picture changed": ("pictures", {"xl/media/image1.png": lambda data: data + b"\0"}, {}, "part changed"),
    "macros lost": ("macros", {"xl/vbaProject.bin": None}, {}, "part lost"),
    "chart re-spelled": ("charts", {"xl/charts/chart1.xml": replaced(("<c:", " <c:"))}, {}, "part changed"),
    "sparklines lost": ("sparklines", {SHEET1: without("<extLst>.*</extLst>")}, {}, "elements"),
    "x14 validation lost": ("validations", {SHEET1: without("<extLst>.*</extLst>")}, {}, "elements"),
    "x14 validation changed": ("validations", {SHEET1: replaced(("选项!$A$1", "选项!$A$2"))}, {}, "extLst changed"),
    "part added": ("nothing_else", {}, {"xl/other.xml": "<a/>"}, "part added"),
    "look of a cell": ("nothing_else", {SHEET1: replaced(('<c r="E5" s="2"', '<c r="E5" s="1"'))}, {}, "look changed"),
    "a format": ("nothing_else", {STYLES: replaced(('applyNumberFormat="1"', 'applyNumberFormat="0"'))}, {}, "cellXfs"),
    "a font": ("nothing_else", {STYLES: replaced(('<sz val="11"/>', '<sz val="12"/>'))}, {}, "fonts"),
    "a format's number": ("nothing_else", {STYLES: replaced(("yyyy-mm-dd", "mm-dd"))}, {}, "look changed"),
    "differential formats": ("conditional_formats", {STYLES: replaced(("FF9C0006", "FF9C0007"))}, {}, "dxfs"),
    "a number": ("nothing_else", {SHEET1: replaced(('<c r="A5"><v>4<', '<c r="A5"><v>5<'))}, {}, "value changed"),
    "its last digit": (
        "nothing_else", {SHEET1: lambda data: re.sub(rb"(<v>\d+\.\d+)", rb"\g<1>0000000001", data, count=1)}, {},
        "value changed",
    ),
    "a text": ("nothing_else", {STRINGS: replaced(("<t>赵", "<t>周"))}, {}, "value changed"),
    "text to number": ("nothing_else", {SHEET1: lambda data: re.sub(rb'(<c r="C5") t="s"', rb"\1", data)}, {}, "C5"),
    "shared strings in another order": (
        "nothing_else", {STRINGS: lambda data: re.sub(b"(<si>.*?</si>)(<si>.*?</si>)", rb"\2\1", data, count=1)}, {},
        "at its beginning",
    ),
    "reading of a text": ("rich_text", {STRINGS: without("<rPh.*?</rPh>")}, {}, "value changed"),
    "run of a text": ("rich_text", {STRINGS: replaced(('<color rgb="FFFF0000"/>', ""))}, {}, "value changed"),
    "cell lost": ("nothing_else", {SHEET1: without('<c r="B7".*?</c>')}, {}, "cell lost"),
    "cell added": ("nothing_else", {SHEET1: replaced(("</row>", '<c r="G1"><v>1</v></c></row>'))}, {}, "cell added"),
    "row lost": ("nothing_else", {SHEET1: without('<row r="7".*?</row>')}, {}, "row 7 lost"),
    "height of a row": ("filter_and_outline", {SHEET1: replaced(('ht="20.25"', 'ht="21"'))}, {}, "row 11"),
    "row shown": (
        "filter_and_outline", {SHEET1: replaced((' hidden="1" customHeight', " customHeight"))}, {}, "row 13",
    ),
    "width": ("filter_and_outline", {SHEET1: replaced(('width="13.2', 'width="14.2'))}, {}, "cols changed"),
    "panes": ("filter_and_outline", {SHEET1: without("<pane .*?/>")}, {}, "sheetViews"),
    "filter lost": ("filter_and_outline", {SHEET1: without("<autoFilter .*?/>")}, {}, "elements"),
    "filter grown unasked": ("filter_and_outline", {SHEET1: replaced((f'ref="A1:F{LAST}"/><', f'ref="A1:G{LAST}"/><'))},
                             {}, ""),
    "sheet shown": ("filter_and_outline", {BOOK: replaced((' state="veryHidden"', ""))}, {}, "workbook: sheets"),
    "formula": ("formulas", {SHEET1: replaced(("<f>J1/2</f>", "<f>J1/3</f>"))}, {}, "formula changed"),
    "formula to value": ("formulas", {SHEET1: replaced(("<f>J1/2</f>", ""))}, {}, "formula changed"),
    "cached result lost": ("formulas", {SHEET1: replaced(("<v>1234.5</v>", ""))}, {}, "value changed"),
    "cached text changed": ("formulas", {SHEET1: replaced(("<v>未填</v>", "<v>未</v>"))}, {}, "value changed"),
    "shared formula expanded": (
        "formulas", {SHEET1: replaced(('<f t="shared" si="0"/>', "<f>D3*2</f>"))}, {}, "formula",
    ),
    "its first cell lost": ("formulas", {SHEET1: without('<f t="shared" ref.*?</f>')}, {}, "no first cell"),
    "dynamic array mark lost": ("formulas", {SHEET1: replaced((' cm="1"', ""))}, {}, "attributes changed"),
    "metadata lost": ("formulas", {"xl/metadata.xml": None}, {}, "part lost"),
    "area of an array": ("formulas", {SHEET1: replaced(('ref="K2:K4"', 'ref="K2:K5"'))}, {}, "formula changed"),
    "data table": ("data_table", {SHEET1: replaced(('r1="D2"', 'r1="D3"'))}, {}, "formula changed"),
    "picture in a cell": ("picture_in_a_cell", {SHEET1: replaced((' vm="1"', ""))}, {}, "attributes changed"),
    "chain without its part": ("formulas", {CHAIN: None}, {}, "is no part"),
    "chain of no formula": ("formulas", {CHAIN: replaced(('r="J1"', 'r="B1"'))}, {}, "is no formula"),
    "merge lost": ("merges", {SHEET1: replaced(('<mergeCell ref="H2:H5"/>', ""))}, {}, "mergeCells"),
    "merge added": ("merges", {SHEET1: replaced(('"H2:H5"/>', '"H2:H5"/><mergeCell ref="B2:B3"/>'))}, {}, "mergeCells"),
    "merge over a merge": (
        "merges", {SHEET1: replaced(('"H2:H5"/>', '"H2:H5"/><mergeCell ref="G5:H6"/>'))}, {}, "overlap",
    ),
    "validation": ("validations", {SHEET1: replaced(('"第1村,', '"第9村,'))}, {}, "dataValidations"),
    "conditional format's area": ("conditional_formats", {SHEET1: replaced((f"A2:F{LAST}", "A2:F9"))}, {}, "changed"),
    "conditional format's order": (
        "conditional_formats",
        {SHEET1: lambda data: re.sub(b"(<conditionalFormatting.*?</conditionalFormatting>)(<conditionalFormatting.*?"
                                     b"</conditionalFormatting>)", rb"\2\1", data, count=1, flags=re.S)},
        {}, "conditionalFormatting changed",
    ),
    "table's name": ("table", {TABLE: replaced(('displayName="台账表"', 'displayName="表"'))}, {}, "part changed"),
    "table's total": ("tables_and_totals", {TABLE: replaced(('totalsRowFunction="sum"', ""))}, {}, "part changed"),
    "table beyond its columns": ("table", {TABLE: replaced((f"A1:F{LAST}", f"A1:G{LAST}"))}, {}, "columns over"),
    "header of a table": ("table", {STRINGS: replaced(("<t>姓名</t>", "<t>名</t>"))}, {}, "but C1 shows"),
    "name": (
        "names_and_print_settings", {BOOK: replaced((f"$E$2:$E${LAST}", "$E$2:$E$9"))}, {}, "defined name changed",
    ),
    "name lost": (
        "names_and_print_settings", {BOOK: without('<definedName name="税率">.*?</definedName>')}, {}, "lost",
    ),
    "print area": (
        "names_and_print_settings", {BOOK: replaced((f"$A$1:$F${LAST}", f"$A$1:$G${LAST}"))}, {}, "Print_Area",
    ),
    "page setup": ("names_and_print_settings", {SHEET1: replaced(("landscape", "portrait"))}, {}, "pageSetup"),
    "page break": ("names_and_print_settings", {SHEET1: without("<rowBreaks.*</rowBreaks>")}, {}, "elements"),
    "order of elements": (
        "merges", {SHEET1: lambda data: re.sub(b"(<mergeCells.*</mergeCells>)(<pageMargins[^>]*/>)", rb"\2\1", data)},
        {}, "out of order",
    ),
    "unknown element": ("merges", {SHEET1: replaced(("<pageMargins", "<pageMargin/><pageMargins"))}, {}, "no element"),
    "relationship lost": (
        "notes_and_links", {SHEET1_RELS: without('<Relationship Id="rId1".*?/>')}, {}, "is not there",
    ),
    "relationship dangling": (
        "charts", {SHEET1_RELS: replaced(("drawings/drawing1.xml", "drawings/drawing9.xml"))}, {}, "which is no part"
    ),
    "relationship of another kind": ("macros", {BOOK_RELS: replaced(("vbaProject\"", "vbaproject\""))}, {}, "changed"),
    "hyperlink's address": ("notes_and_links", {SHEET1_RELS: replaced(("a=1", "a=2"))}, {}, "part changed"),
    "content type lost": (
        "charts", {TYPES: without('<Override PartName="/xl/charts/chart1.xml".*?/>')}, {}, "content type",
    ),
    "content type wrong": (
        "macros", {TYPES: replaced(("macroEnabled.main", "main"))}, {}, "content type of xl/workbook",
    ),
    "content type of no part": (
        "charts", {TYPES: replaced(("</Types>", '<Override PartName="/xl/a.xml" ContentType="a/b"/></Types>'))}, {},
        "is no part",
    ),
    "default type lost": ("pictures", {TYPES: without('<Default Extension="png".*?/>')}, {}, "content type"),
    "days since 1904": ("days_since_1904", {BOOK: replaced((' date1904="1"', ""))}, {}, "workbook: other elements"),
    "calculation by hand": (
        "nothing_else", {BOOK: replaced(('calcId="124519"', 'calcId="124519" calcMode="manual"'))}, {}, "calcPr",
    ),
    "pivot cache": ("a_pivot_table", {BOOK: without("<pivotCaches>.*</pivotCaches>")}, {}, "workbook: other"),
    "external link": ("an_external_link", {BOOK: without("<externalReferences>.*</externalReferences>")}, {}, "other"),
    "custom view": ("custom_views", {SHEET1: replaced(('xSplit="1"', 'xSplit="2"'))}, {}, "customSheetViews"),
    "protection": (
        "filter_and_outline", {SHEET1: replaced(("</sheetData>", '</sheetData><sheetProtection sheet="1"/>'))}, {},
        "elements",
    ),
    "custom properties": ("custom_parts", {"docProps/core.xml": replaced(("2022", "2023"))}, {}, "part changed"),
    "text's blanks": ("rich_text", {STRINGS: replaced((' xml:space="preserve"', ""))}, {}, "get lost"),
    "a format that is not there": ("nothing_else", {SHEET1: replaced(('s="2"', 's="77"'))}, {}, "format 77"),
    "string that is not there": (
        "nothing_else", {SHEET1: replaced(('t="s"><v>0<', 't="s"><v>9999<'))}, {}, "shared string",
    ),
    "cell in another row": ("nothing_else", {SHEET1: replaced(('r="B7"', 'r="B8"'))}, {}, "stands in row"),
    "cells out of order": ("nothing_else", {SHEET1: replaced(('r="B7"', 'r="D7"'))}, {}, "after column"),
    "spans too short": ("nothing_else", {SHEET1: replaced(('spans="1:6"', 'spans="1:5"'))}, {}, "spans"),
    "dimension too small": ("nothing_else", {SHEET1: replaced((f'"A1:F{LAST}"', '"A1:E9"'))}, {}, "dimension"),
    "remark behind the cells": (
        "a_remark_behind_the_cells", {SHEET1: replaced(("某平台", "某某平台"))}, {}, "changed",
    ),
    "remark lost": ("an_odd_hand", {SHEET1: without("<!-- 行 -->")}, {}, "remarks"),
    "namespace lost": ("prefixes", {SHEET1: replaced((f' xmlns:r="{LINKS}"', ""))}, {}, "namespaces"),
    "no XML any more": ("nothing_else", {SHEET1: replaced(("</sheetData>", ""))}, {}, "well-formed"),
    "Ignorable of nothing": (
        "nothing_else",
        {SHEET1: replaced(("<worksheet ", '<worksheet xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
                           ' mc:Ignorable="x14ac" '))},
        {}, "Ignorable",
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", DAMAGE)
def test_damage_is_found(what):
    name, changes, new, word = DAMAGE[what]
    content = WORKBOOKS[name]()
    found = compared(content, changed_package(content, changes, new.items()))
    assert any(word in each for each in found), (word, found)


def rezipped(content: bytes, change) -> bytes:
    """Its members, each once more through `change(info, data)`, in the order in which it returns them."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as made:
        for info, data, packed in change([(info, old.read(info), zipfile.ZIP_DEFLATED) for info in old.infolist()]):
            made.writestr(info, data, packed)
    return stream.getvalue()


def test_members_are_told_apart_by_order_date_and_packing():
    content = rezipped(WORKBOOKS["charts"](), lambda members: members)
    assert compared(content, content) == []
    turned = rezipped(content, lambda members: members[::-1])
    assert any("another order" in each for each in compared(content, turned))
    stored = rezipped(content, lambda members: [(i, d, zipfile.ZIP_STORED) for i, d, _ in members])
    assert any("was packed again" in each for each in compared(content, stored))

    def later(members):
        for info, *_ in members[2:3]:
            info.date_time = (2030, 1, 1, 0, 0, 0)
        return members

    assert any("date_time" in each for each in compared(content, rezipped(content, later)))


def test_a_zip_that_lies_is_found():
    content = bytearray(WORKBOOKS["nothing_else"]())
    at = content.find(b"xl/styles.xml")
    content[at : at + 13] = b"xl/stules.xml"
    assert any("another name" in error for error in structural_errors(bytes(content)))
    content = bytearray(WORKBOOKS["nothing_else"]())
    content[content.find(b"PK\x03\x04", 10) + 60] ^= 255
    assert any("cannot be unpacked" in error for error in structural_errors(bytes(content)))


# ---- what was asked for is no difference, and what is more than that is one


def asked(content: bytes, cell: str, wanted: dict) -> list[str]:
    """What the comparison says when `cell` was put into G3 by hand."""

    def put(data: bytes) -> bytes:
        data = replaced((f'"A1:F{LAST}"', f'"A1:G{LAST}"'))(data)
        row = re.search(b'<row r="3" spans="1:6".*?</row>', data, re.S)[0]
        new = row.replace(b'spans="1:6"', b'spans="1:7"').replace(b"</row>", cell.encode() + b"</row>")
        return data.replace(row, new)

    return compared(content, changed_package(content, {SHEET1: put}), Allowed(cells={SHEET: wanted}))


def test_what_was_asked_for_may_differ():
    content = WORKBOOKS["nothing_else"]()
    number = '<c r="G3"><v>5</v></c>'
    assert asked(content, number, {(3, 7): 5}) == []
    assert asked(content, number, {(3, 7): ANY}) == []
    assert any("asked for" in each for each in asked(content, number, {(3, 7): 6}))
    assert any("asked for" in each for each in asked(content, number, {(3, 7): "5"}))
    assert any("asked for" in each for each in asked(content, number, {(3, 7): True}))
    assert any("asked for" in each for each in asked(content, number, {(3, 7): None}))
    assert any("blank" in each for each in asked(content, number, {(3, 7): 5, (3, 8): 1}))
    text = '<c r="G3" t="inlineStr"><is><t>=1+1</t></is></c>'
    assert asked(content, text, {(3, 7): "=1+1"}) == []
    assert any("formula" in each for each in asked(content, '<c r="G3"><f>1+1</f></c>', {(3, 7): "=1+1"}))
    assert any("cell added" in each for each in asked(content, text, {(4, 7): "=1+1"}))


def test_results_that_depend_on_it_have_to_go():
    content = WORKBOOKS["formulas"]()
    wanted = {(3, 7): 5}

    def after(*blank: tuple[str, str]) -> list[str]:
        sheet = replaced(*blank) if blank else (lambda data: data)

        def one(data: bytes) -> bytes:
            found = re.search(rb'<row r="3".*?</row>', data, re.S)[0]
            new = found.replace(b'<c r="I3"', b'<c r="G3"><v>5</v></c><c r="I3"')
            return sheet(data.replace(found, new))

        load = {BOOK: lambda data: data.replace(b"<calcPr ", b'<calcPr fullCalcOnLoad="1" ')}
        other = {"xl/worksheets/sheet2.xml": replaced(("<v>0</v>", ""), ("<v>1</v>", ""))}
        return compared(
            content, changed_package(content, {SHEET1: one, **load} | other), Allowed(cells={SHEET: wanted})
        )

    kept = after()
    assert any("J3: keeps a result" in each for each in kept), kept  # COUNTA(G:G)
    assert not any("J1:" in each or "J2:" in each for each in kept)
    gone = after(("<f>COUNTA(G:G)</f><v>0</v>", "<f>COUNTA(G:G)</f>"))
    assert not any("J3" in each for each in gone)
    too_much = after(("<v>1234.5</v>", ""))  # SUM(E2:E41) does not depend on it
    assert any("J1: value changed" in each for each in too_much)
    # 汇总!A1 names G2, and A3 depends on it; G3 was written
    assert any("汇总 A1: value changed" in each for each in kept)


def test_without_calculation_on_load_formulas_stay_behind():
    content = WORKBOOKS["formulas"]()
    after = changed_package(content, {SHEET1: replaced(("<f>LEN(C2)</f><v>2</v>", "<f>1</f>"))})
    assert any(
        "no calculation on load" in each for each in compared(content, after, Allowed(cells={SHEET: {(7, 10): ANY}}))
    )


def test_growth_is_over_written_columns_and_only_where_allowed():
    content = WORKBOOKS["table"]()
    cells = {(row, 7): ANY for row in range(1, LAST + 1)}
    header = '<tableColumn id="7" name="已发"/></tableColumns>'

    def after(reference: str, column: str = header) -> bytes:
        table = replaced(
            (f'ref="A1:F{LAST}"', f'ref="{reference}"'), (f'ref="A1:F{LAST}"', f'ref="{reference}"'),
            ("</tableColumns>", column), ('tableColumns count="6"', 'tableColumns count="7"'),
        )  # fmt: skip
        sheet = replaced(
            ("</row>", '<c r="G1" t="inlineStr"><is><t>已发</t></is></c></row>'),
            ('spans="1:6"', 'spans="1:7"'), (f'"A1:F{LAST}"', f'"A1:G{LAST}"'),
        )  # fmt: skip
        return changed_package(content, {TABLE: table, SHEET1: sheet})

    grown = after(f"A1:G{LAST}")
    assert compared(content, grown, Allowed(cells={SHEET: cells}, grown=True)) == []
    assert any("part changed" in each for each in compared(content, grown, Allowed(cells={SHEET: cells})))
    further = after(f"A1:G{LAST + 1}")
    assert any("area" in each for each in compared(content, further, Allowed(cells={SHEET: cells}, grown=True)))
    named = after(f"A1:G{LAST}", header.replace("已发", "未发"))
    assert any("shows '已发'" in each for each in compared(content, named, Allowed(cells={SHEET: cells}, grown=True)))
    twice = after(f"A1:G{LAST}", header.replace('"7"', '"6"'))
    assert any("id 6 twice" in each for each in compared(content, twice, Allowed(cells={SHEET: cells}, grown=True)))


def test_strict_and_prefixed_workbooks_are_read():
    for name in ("strict_names", "prefixes", "rows_that_count_themselves", "an_odd_hand", "other_places"):
        content = WORKBOOKS[name]()
        part = "Sheets/LedgerA.xml" if name == "other_places" else SHEET1
        damaged = changed_package(content, {part: lambda data: re.sub(rb"(<(?:x:)?v>)4<", rb"\g<1>5<", data, count=1)})
        assert any("value changed" in each for each in compared(content, damaged)), name
    assert MAIN.encode() not in zipfile.ZipFile(io.BytesIO(WORKBOOKS["strict_names"]())).read(SHEET1)
