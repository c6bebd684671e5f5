"""The overlay over a package: what is to change in it, and nothing else."""

from __future__ import annotations

import io
import zipfile

import pytest
from hypothesis import given, strategies as st
from lxml import etree

from xl_poverty.errors import LedgerError
from xl_poverty.workbook.package import Package
from xl_poverty.workbook.parts import WORKBOOK_ORDER, Parts, child, ensured, local, named, place, relative, resolved

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
STRICT = "http://purl.oclc.org/ooxml/officeDocument/relationships"
RELS = "http://schemas.openxmlformats.org/package/2006/relationships"
TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"

MEMBERS = {
    "[Content_Types].xml": f'<Types xmlns="{TYPES}"><Default Extension="xml" ContentType="application/xml"/>'
    '<Override PartName="/xl/Workbook.xml" ContentType="b"/>'
    f'<Override PartName="/xl/sheets/a.xml" ContentType="{SHEET}"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{RELS}"><Relationship Id="x" Type="{OFFICE}/officeDocument" '
    'Target="/xl/workbook.xml"/></Relationships>',
    "xl/Workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets><!-- 一 -->'
    '<sheet name="甲" sheetId="1" r:id="rId1"/><sheet name="宏" sheetId="2" r:id="rId2"/></sheets><calcPr/></workbook>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{RELS}"><Relationship Id="rId1" Type="{OFFICE}/worksheet" '
    f'Target="sheets\\a.xml"/><Relationship Id="rId2" Type="{OFFICE}/chartsheet" Target="../xl/b.xml"/>'
    f'<Relationship Id="rId3" Type="{OFFICE}/externalLink" Target="file:///甲.xlsx" TargetMode="External"/>'
    "</Relationships>",
    "xl/sheets/A.xml": "<a/>",
    "xl/sheets/_rels/A.xml.rels": f'<Relationships xmlns="{RELS}"/>',
    "xl/b.xml": "<b/>",
}  # fmt: skip


def package(members=None) -> Package:
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w") as file:
        for name, data in {**MEMBERS, **(members or {})}.items():
            file.writestr(name, data)
    return Package(output.getvalue(), "台账.xlsx")


@pytest.fixture
def parts() -> Parts:
    return Parts(package())


def test_reading_changes_nothing(parts):
    assert parts.workbook == "xl/workbook.xml" and not parts.strict
    assert parts.sheets() == [("甲", "xl/sheets/a.xml", "worksheet"), ("宏", "xl/b.xml", "chartsheet")]
    assert parts.read("XL/sheets/a.XML") == b"<a/>" and parts.read("xl/none.xml") is None
    assert parts.related("xl/workbook.xml") == {
        "rId1": ("worksheet", "xl/sheets/a.xml"), "rId2": ("chartsheet", "xl/b.xml")
    }  # fmt: skip
    assert parts.content_type("xl/sheets/A.xml") == SHEET and parts.content_type("xl/b.xml") == "application/xml"
    for name in MEMBERS:
        parts.tree(name)
    assert parts.changed() == {}


def test_a_change_in_a_tree_is_written_under_the_name_in_the_package(parts):
    parts.tree("xl/workbook.xml").set("x", "1")
    assert list(parts.changed()) == ["xl/Workbook.xml"]
    assert b'x="1"' in parts.changed()["xl/Workbook.xml"] and b'x="1"' in parts.read("XL/WORKBOOK.XML")
    del parts.tree("xl/workbook.xml").attrib["x"]
    assert parts.changed() == {}


def test_bytes_after_a_tree(parts):
    parts.tree("xl/b.xml").set("x", "1")
    parts.write("xl/b.xml", b"<c/>")
    assert parts.read("xl/b.xml") == b"<c/>" and parts.tree("xl/B.xml").tag == "c"
    parts.tree("xl/b.xml").set("y", "2")
    assert b'<c y="2"/>' in parts.changed()["xl/b.xml"]


def test_adding(parts):
    assert parts.free("xl/sheets/sheet{}.xml") == "xl/sheets/sheet1.xml"
    parts.add("xl/sheets/Sheet1.xml", b"<n/>", SHEET)
    assert parts.free("xl/sheets/sheet{}.xml") == "xl/sheets/sheet2.xml"
    assert parts.content_type("xl/sheets/sheet1.xml") == SHEET
    parts.add("xl/media/image1.png", b"p", "image/png")
    parts.add("xl/media/image2.png", b"q", "image/png")
    parts.add("xl/media/image3.png", b"r", "image/x-png")
    types = parts.tree("[Content_Types].xml")
    assert [entry.get("Extension") for entry in types if entry.get("Extension")].count("png") == 1
    others = [entry.get("PartName") for entry in types if entry.get("ContentType") == "image/x-png"]
    assert others == ["/xl/media/image3.png"]
    images = {f"xl/media/image{number}.png" for number in (1, 2, 3)}
    assert set(parts.changed()) == {"xl/sheets/Sheet1.xml", "[Content_Types].xml"} | images
    assert "xl/media/image1.png" in parts and "xl/media/image1.png" in set(parts.names())


def test_dropping(parts):
    parts.tree("xl/sheets/a.xml").set("x", "1")
    parts.drop("xl/sheets/a.xml")
    parts.unrelate("xl/workbook.xml", "xl/sheets/a.xml")
    changed = parts.changed()
    assert changed["xl/sheets/A.xml"] is None and changed["xl/sheets/_rels/A.xml.rels"] is None
    assert b"rId1" not in changed["xl/_rels/workbook.xml.rels"] and b"rId2" in changed["xl/_rels/workbook.xml.rels"]
    assert b"a.xml" not in changed["[Content_Types].xml"]
    assert "xl/sheets/a.xml" not in parts and parts.read("xl/sheets/a.xml") is None
    with pytest.raises(LedgerError, match="台账.xlsx 已损坏.*xl/sheets/a.xml"):
        parts.tree("xl/sheets/a.xml")
    assert parts.free("xl/sheets/{}.xml") == "xl/sheets/1.xml"
    parts.add("xl/new1.xml", b"<n/>", "n")
    parts.drop("xl/new1.xml")
    assert "xl/new1.xml" not in parts.changed() and parts.free("xl/new{}.xml") == "xl/new2.xml"


def test_relating(parts):
    assert parts.relate("xl/workbook.xml", "worksheet", "xl/sheets/A.xml") == "rId1"  # it is there
    assert parts.relate("xl/workbook.xml", "styles", "xl/styles.xml") == "rId4"
    assert parts.relate("xl/b.xml", "drawing", "xl/drawings/drawing1.xml") == "rId1"
    assert parts.relate("xl/b.xml", "hyperlink", "https://example.com/?a=1&b=2", external=True) == "rId2"
    assert parts.relate("xl/b.xml", "hyperlink", "https://example.com/?a=1&b=2", external=True) == "rId2"
    assert parts.relate("xl/b.xml", "hyperlink", "https://example.com/", external=True) == "rId3"
    assert parts.related("xl/b.xml") == {"rId1": ("drawing", "xl/drawings/drawing1.xml")}
    written = parts.changed()["xl/_rels/b.xml.rels"]
    assert f'Type="{OFFICE}/drawing" Target="drawings/drawing1.xml"'.encode() in written
    assert parts.part_of("xl/workbook.xml", "styles") == "xl/styles.xml" and parts.part_of("xl/b.xml", "table") == ""


def test_ids_that_others_chose(parts):
    entry = '<Relationship Id="rId2" Type="t" Target="c.xml"/>'
    parts.write("xl/_rels/b.xml.rels", f'<Relationships xmlns="{RELS}">{entry}</Relationships>'.encode())
    assert parts.relate("xl/b.xml", "table", "xl/t.xml") == "rId3"
    assert parts.relate("xl/b.xml", "table", "xl/u.xml") == "rId4"


def test_strict_workbooks():
    data = MEMBERS["xl/Workbook.xml"].replace(MAIN, "http://purl.oclc.org/ooxml/spreadsheetml/main")
    parts = Parts(package({"xl/Workbook.xml": data.replace(OFFICE, STRICT)}))
    assert parts.strict and parts.office == STRICT and [name for name, *_ in parts.sheets()] == ["甲", "宏"]
    parts.relate("xl/b.xml", "drawing", "xl/d.xml")
    assert f'Type="{STRICT}/drawing"'.encode() in parts.read("xl/_rels/b.xml.rels")


@pytest.mark.parametrize("data", [
    '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "<a>", "", "a", '<!DOCTYPE a SYSTEM "http://example.com/x"><a/>',
    "<a>&b;</a>",
])  # fmt: skip
def test_what_is_no_part_of_a_workbook(data):
    with pytest.raises(LedgerError):
        Parts(package({"xl/b.xml": data})).tree("xl/b.xml")


def test_a_package_without_a_workbook():
    with pytest.raises(LedgerError, match="没有工作簿部件"):
        Parts(package({"_rels/.rels": f'<Relationships xmlns="{RELS}"/>'})).workbook  # noqa: B018


def test_children_come_where_the_schema_wants_them(parts):
    book = parts.tree(parts.workbook)
    assert ensured(book, "calcPr", WORKBOOK_ORDER) is child(book, "calcPr")
    for name in ("definedNames", "bookViews", "extLst", "workbookPr", "pivotCaches"):
        ensured(book, name, WORKBOOK_ORDER)
    assert [local(e) for e in book] == [
        "workbookPr", "bookViews", "sheets", "definedNames", "calcPr", "pivotCaches", "extLst"
    ]  # fmt: skip
    prefixed = etree.fromstring(f'<x:workbook xmlns:x="{MAIN}"><x:sheets/></x:workbook>')
    place(prefixed, etree.Element(named(prefixed, "workbookPr")), WORKBOOK_ORDER)
    assert etree.tostring(prefixed) == f'<x:workbook xmlns:x="{MAIN}"><x:workbookPr/><x:sheets/></x:workbook>'.encode()


@given(st.lists(st.sampled_from(["xl", "a", "工作", "b.c"]), max_size=3), st.lists(st.sampled_from("xyz"), max_size=3))
def test_targets_go_there_and_back(here, there):
    owner, part = "/".join([*here, "owner.xml"]), "/".join([*there, "part.xml"])
    assert resolved(owner, relative(owner, part)) == part
    assert resolved(owner, f"/{part}") == part
