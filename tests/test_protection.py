"""What must not be written to: packages that are signed, encrypted, ambiguous or malformed, and what is locked."""

from __future__ import annotations

import io
import mmap
import random
import struct
import zipfile
import zlib

import openpyxl
import pytest
import xlsxwriter
from lxml import etree

from xl_poverty.errors import LedgerError
from xl_poverty.workbook import protection, write_cells
from xl_poverty.workbook.package import Package
from xl_poverty.workbook.protection import (
    check_archive,
    check_package,
    check_written,
    protected,
    sheet_locked,
    sheet_protected,
)
from xl_poverty.workbook.sheets import Protected

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
RELATED = "http://schemas.openxmlformats.org/package/2006/relationships"
SHEET = "xl/worksheets/sheet1.xml"
RESAVE = "请用 Excel 或 WPS 打开，另存为 .xlsx 后再试"


def links(**parts) -> str:
    inner = "".join(f'<Relationship Id="{key}" Type="{LINKS}/{key}" Target="{part}"/>' for key, part in parts.items())
    return f'<Relationships xmlns="{RELATED}">{inner}</Relationships>'


def parts(sheet="", workbook="", behind="", **more) -> dict[str, str | bytes]:
    """A workbook of one sheet 台账."""
    return {
        "[Content_Types].xml": f'<Types xmlns="{TYPES}"/>',
        "_rels/.rels": links(officeDocument="xl/workbook.xml"),
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{LINKS}">{workbook}'
        f'<sheets><sheet name="台账" sheetId="1" r:id="worksheet"/></sheets>{behind}</workbook>',
        "xl/_rels/workbook.xml.rels": links(worksheet="worksheets/sheet1.xml"),
        SHEET: f'<worksheet xmlns="{MAIN}"><sheetData/>{sheet}</worksheet>',
        **more,
    }


def zipped(members, comment=b"") -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in members.items() if isinstance(members, dict) else members:
            file.writestr(name, data)
        file.comment = comment
    return stream.getvalue()


def refused(content: bytes, told: str, name="台账.xlsx"):
    with pytest.raises(LedgerError) as raised:
        check_package(Package(content, name))
    assert told in str(raised.value) and name in str(raised.value) and "\n" not in str(raised.value), raised.value


PLAIN = parts()
WHOLE = zipped(PLAIN)


def end_of(content: bytes) -> int:
    return content.rindex(b"PK\5\6")


def directory_of(content: bytes) -> int:
    return struct.unpack_from("<I", content, end_of(content) + 16)[0]


def entry_of(content: bytes, name: str) -> int:
    """Where the directory's entry of a member starts."""
    return content.index(name.encode(), directory_of(content)) - 46


def local_of(content: bytes, name: str) -> int:
    return struct.unpack_from("<I", content, entry_of(content, name) + 42)[0]


def patched(content: bytes, at: int, form: str, *values) -> bytes:
    new = bytearray(content)
    struct.pack_into(form, new, at, *values)
    return bytes(new)


def moved_by(content: bytes, shift: int) -> bytes:
    """The numbers of a zip as if so much stood before it."""
    at, end = directory_of(content), end_of(content)
    new = bytearray(content)
    struct.pack_into("<I", new, end + 16, at + shift)
    while at < end:
        name, extra, comment = struct.unpack_from("<3H", new, at + 28)
        struct.pack_into("<I", new, at + 42, struct.unpack_from("<I", new, at + 42)[0] + shift)
        at += 46 + name + extra + comment
    return bytes(new)


# ---- what may be written to


def written_by_openpyxl() -> bytes:
    stream = io.BytesIO()
    openpyxl.Workbook().save(stream)
    return stream.getvalue()


def written_by_xlsxwriter(**options) -> bytes:
    stream = io.BytesIO()
    workbook = xlsxwriter.Workbook(stream, options)
    workbook.add_worksheet("台账").write(0, 0, "户编号")
    workbook.close()
    return stream.getvalue()


class Stream(io.RawIOBase):
    """What cannot go back, so that sizes follow the members."""

    def __init__(self):
        self.content = b""

    def writable(self):
        return True

    def write(self, data):
        self.content += bytes(data)
        return len(data)


def streamed(force_zip64=False) -> bytes:
    stream = Stream()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in PLAIN.items():
            with file.open(name, "w", force_zip64=force_zip64) as member:
                member.write(data.encode())
    return stream.content


def large() -> bytes:
    """As writers do that reckon with large files."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in PLAIN.items():
            with file.open(name, "w", force_zip64=True) as member:
                member.write(data.encode())
    return with_large_end(stream.getvalue())


def with_large_end(content: bytes, known=True, **wrong) -> bytes:
    """A zip with the records for large files before its end."""
    end = end_of(content)
    count, size, start = struct.unpack_from("<H2I", content, end + 10)
    told = {"count": count, "size": size, "start": start, "at": end, "length": 44, **wrong}
    record = struct.pack(
        "<4sQ2H2I4Q", b"PK\6\6", told["length"], 45, 45, 0, 0, told["count"], told["count"], told["size"], told["start"]
    )
    locator = struct.pack("<4sIQI", b"PK\6\7", 0, told["at"], 1)
    last = content[end:]
    if not known:
        last = last[:8] + b"\xff" * 12 + last[20:]
    return content[:end] + record + locator + last


FINE = {
    "ours": WHOLE,
    "openpyxl": written_by_openpyxl(),
    "XlsxWriter": written_by_xlsxwriter(),
    "zip64 members": written_by_xlsxwriter(use_zip64=True),
    "a comment": zipped(PLAIN, b"written by a program"),
    "streamed": streamed(),
    "streamed, large": streamed(True),
    "large": large(),
    "large, known to the large record only": with_large_end(WHOLE, known=False),
    "folders": zipped({"xl/": "", "xl/worksheets/": "", **PLAIN}),
    "backslashes": zipped({name.replace("/", "\\") if name.startswith("xl") else name: d for name, d in PLAIN.items()}),
    "Chinese names": zipped({**PLAIN, "xl/media/图片 1.png": b"\x89PNG"}),
    "label": zipped({**PLAIN, "docMetadata/LabelInfo.xml": "<labelList/>"}),
    "signed macros": zipped({**PLAIN, "xl/vbaProjectSignature.bin": b"\0\1"}),
    "pictures": zipped({**PLAIN, "xl/media/a.emf": b"\1\0" * 9000, "xl/a.jpg": b"<!DOCTYPE"[1:], "xl/b.png": b""}),
    "odd XML": zipped({**PLAIN, "xl/drawings/vmlDrawing1.vml": "<xml><br></xml>", "customXml/item1.xml": ""}),
    "UTF-16": zipped({**PLAIN, "customXml/item1.xml": '<?xml version="1.0"?><a/>'.encode("utf-16")}),
}


@pytest.mark.parametrize("name", FINE)
def test_what_may_be_written_to(name, tmp_path):
    path = tmp_path / "台账.xlsx"
    path.write_bytes(FINE[name])
    assert check_package(path).name == "台账.xlsx"
    package = Package(FINE[name], "台账.xlsx")
    assert check_package(package) is package and protected(package, structure=True) == ""
    with open(path, "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
        check_archive(mapped, "台账.xlsx")


def test_members_with_room_between_them():
    start = local_of(WHOLE, SHEET)
    rest = moved_by(WHOLE, 8)
    content = WHOLE[:start] + bytes(8) + rest[start:]
    for name in PLAIN:  # those before it did not move
        if local_of(WHOLE, name) < start:
            content = patched(content, entry_of(content, name) + 42, "<I", local_of(WHOLE, name))
    check_package(Package(content, "台账.xlsx"))


# ---- signed, encrypted, another kind of file


def test_signed():
    refused(zipped({**PLAIN, "_xmlsignatures/sig1.xml": "<Signature/>"}), "有数字签名")
    refused(zipped({**PLAIN, "_XmlSignatures/origin.sigs": ""}), "删除签名")
    elsewhere = links(officeDocument="xl/workbook.xml", origin="package/origin.psdsor")
    refused(zipped({**PLAIN, "_rels/.rels": elsewhere, "package/origin.psdsor": ""}), "有数字签名")


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(1000)


@pytest.mark.parametrize(
    "streams, told",
    [
        (["EncryptionInfo", "EncryptedPackage"], "加了密码"),
        (["\x06DataSpaces", "DRMEncryptedDataSpace", "EncryptedPackage"], "权限管理"),
        (["\tDRMContent", "Workbook"], "权限管理"),
        (["Workbook"], "老格式（.xls）"),
    ],
)
def test_encrypted(tmp_path, streams, told):
    path = tmp_path / "台账.xlsx"
    path.write_bytes(OLE + b"".join(stream.encode("utf-16-le").ljust(128, b"\0") for stream in streams))
    with pytest.raises(LedgerError, match=told) as raised:
        check_package(path)
    assert "另存" in str(raised.value)


def test_encrypted_members():
    flags = local_of(WHOLE, SHEET) + 6, entry_of(WHOLE, SHEET) + 8
    for flag in (0x40, 0x2000):
        content = WHOLE
        for at in flags:
            content = patched(content, at, "<H", flag)
        refused(content, "加了密码")
    refused(patched(WHOLE, flags[1], "<H", 1), "加了密码")


def test_other_files(tmp_path):
    refused(zipped({**PLAIN, "_rels/.rels": links(officeDocument="xl/workbook.bin"), "xl/workbook.bin": "x"}), ".xlsb")
    word = links(officeDocument="word/document.xml")
    refused(zipped({**PLAIN, "_rels/.rels": word, "word/document.xml": "<document/>"}), "不是 .xlsx 工作簿")
    refused(zipped({**PLAIN, "_rels/.rels": links()}), "不是 .xlsx 工作簿")
    refused(zipped({"mimetype": "x", "content.xml": "<x/>"}), "[Content_Types].xml")
    with pytest.raises(LedgerError, match="找不到"):
        check_package(tmp_path / "没有.xlsx")
    with pytest.raises(LedgerError, match="是文件夹"):
        check_package(tmp_path)
    (tmp_path / "空.xlsx").touch()
    with pytest.raises(LedgerError, match="0 字节"):
        check_package(str(tmp_path / "空.xlsx"))
    (tmp_path / "文.xlsx").write_bytes("姓名,户编号".encode())
    with pytest.raises(LedgerError, match="已损坏"):
        check_package(tmp_path / "文.xlsx")


@pytest.mark.parametrize("kind", ["xlMacrosheet", "dialogsheet", "chartsheet"])
def test_no_worksheet(kind):
    related = links(worksheet="worksheets/sheet1.xml").replace('/worksheet"', f'/{kind}"')
    refused(zipped(parts(**{"xl/_rels/workbook.xml.rels": related})), "没有普通的工作表")
    refused(zipped({name: data for name, data in PLAIN.items() if name != SHEET}), "没有普通的工作表")


# ---- XML that nobody should read

DOCTYPE = '<!DOCTYPE a [<!ENTITY b "c">]>'


@pytest.mark.parametrize("part", ["customXml/a.xml", "xl/drawings/a.vml", "xl/x/_rels/a.rels", "xl/media/a.png", "z"])
@pytest.mark.parametrize(
    "xml",
    {
        "plain": f"<?xml version='1.0'?>{DOCTYPE}<a/>".encode(),
        "after a comment": f"<!--{'x' * 9000}-->{DOCTYPE}<a/>".encode(),
        "after blanks": b" " * 9000 + f"{DOCTYPE}<a/>".encode(),
        "large": f"{DOCTYPE}<a>".encode() + b"".join(zlib.compress(b"%d" % n) for n in range(20_000)) + b"</a>",
        "UTF-16": f"{DOCTYPE}<a/>".encode("utf-16"),
        "UTF-16 without a mark": f"<?xml version='1.0'?>{DOCTYPE}<a/>".encode("utf-16-le"),
        "UTF-8 with a mark": f"\ufeff{DOCTYPE}<a/>".encode(),
        "an unknown encoding": f"<?xml version='1.0' encoding='gb18030'?>{DOCTYPE}<a/>".encode(),
        "broken before it": f"<?xml versio?>{DOCTYPE}<a/>".encode(),
    }.items(),
    ids=lambda item: item[0],
)
def test_doctype(part, xml):
    refused(zipped({**PLAIN, part: xml[1]}), "DOCTYPE")


def test_doctype_stored():
    stream = io.BytesIO(WHOLE)
    with zipfile.ZipFile(stream, "a", zipfile.ZIP_STORED) as file:
        file.writestr("customXml/item1.xml", " " * 100_000 + DOCTYPE + "<a/>")
    refused(stream.getvalue(), "DOCTYPE")


def test_the_word_in_a_text_is_none():
    text = f'<a b="x">{DOCTYPE.replace("<", "&lt;")}<![CDATA[{DOCTYPE}]]></a>'
    check_package(Package(zipped({**PLAIN, "customXml/item1.xml": text}), "台账.xlsx"))


# ---- ambiguous and malformed packages


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_members_of_one_name():
    refused(zipped([*PLAIN.items(), (SHEET, "<worksheet/>")]), f"有两个 {SHEET}")


@pytest.mark.parametrize("other", [SHEET.upper(), SHEET.replace("/", "\\"), "XL\\worksheets/Sheet1.xml"])
def test_names_that_some_programs_take_for_the_same(other):
    content = zipped({**PLAIN, other: "<worksheet/>"})
    refused(content, "只差大小写或斜杠")


@pytest.mark.parametrize(
    "other",
    [
        *("//xl/a.xml", "\\\\xl\\a.xml", "../a.xml", "xl/../../a.xml", "xl\\..\\a.xml"),
        *("xl/./a.xml", "xl//a.xml", "C:/a.xml", "c:a", "."),
    ],
)
def test_names_that_lead_elsewhere(other):
    refused(zipped({**PLAIN, other: ""}), "指到了压缩包外面")


@pytest.mark.parametrize("byte", [0, 9, 10, 13, 31, 127])
def test_names_with_what_cannot_be_seen(byte):
    content = zipped({**PLAIN, "xl/a@b.bin": ""})
    refused(content.replace(b"xl/a@b.bin", b"xl/a" + bytes([byte]) + b"b.bin"), "看不见的字符")


def test_a_folder_with_data_in_it():
    refused(zipped({**PLAIN, "xl/media/": "data"}), "直接放着数据")
    refused(zipped({**PLAIN, "xl/media/": "", "xl/media": "data"}), "只差大小写或斜杠")


def test_another_name_in_an_extra_field():
    info = zipfile.ZipInfo("xl/a.bin")
    other = struct.pack("<BI", 1, zlib.crc32(b"xl/a.bin")) + b"xl/b.bin"
    info.extra = struct.pack("<HH", 0x7075, len(other)) + other
    refused(zipped([*PLAIN.items(), (info, "x")]), "另一个名字")
    info.extra *= 2
    refused(zipped([*PLAIN.items(), (info, "x")]), "两个名字")


def test_data_before_the_zip():
    refused(b"MZ a program" + WHOLE, "开头有多余的数据")
    refused(b"MZ a program" + moved_by(WHOLE, 12), "开头有多余的数据")
    refused(WHOLE + WHOLE, "目录的位置不对")
    refused(WHOLE + moved_by(WHOLE, len(WHOLE)), "没有列出的部件")
    refused(b"PK\7\x08" + moved_by(WHOLE, 4), "开头有多余的数据")


@pytest.mark.parametrize("more", [b"\0", b"garbage", b"\r\n", bytes(70_000)])
def test_data_behind_the_zip(more):
    with pytest.raises(LedgerError, match="末尾有多余的数据|已损坏"):
        check_archive(WHOLE + more, "台账.xlsx")


def test_two_ends():
    second = WHOLE[end_of(WHOLE) :]
    content = patched(WHOLE, len(WHOLE) - 2, "<H", len(second)) + second
    for odd, told in ((content, "有两个目录"), (zipped(PLAIN, b"PK\5\6"), "末尾有多余的数据")):
        with pytest.raises(LedgerError, match=told):
            check_archive(odd, "台账.xlsx")
        with pytest.raises(LedgerError):
            Package(odd, "台账.xlsx")


def test_cut_off():
    for length in (0, 3, 30, 100, len(WHOLE) // 2, end_of(WHOLE), len(WHOLE) - 1):
        with pytest.raises(LedgerError):
            check_archive(WHOLE[:length], "台账.xlsx")


def test_overlapping_members():
    """What a bomb is built of: many names for the same bytes."""
    inside = patched(WHOLE, entry_of(WHOLE, SHEET) + 42, "<I", local_of(WHOLE, "xl/workbook.xml"))
    refused(inside, "重叠")
    refused(patched(WHOLE, entry_of(WHOLE, SHEET) + 42, "<I", local_of(WHOLE, SHEET) - 5), "重叠")


def test_a_member_that_reaches_into_the_directory():
    last = "xl/worksheets/sheet1.xml"
    packed = struct.unpack_from("<I", WHOLE, entry_of(WHOLE, last) + 20)[0] + 50
    content = patched(WHOLE, entry_of(WHOLE, last) + 20, "<I", packed)
    refused(patched(content, local_of(content, last) + 18, "<I", packed), "伸进了目录")


def test_a_member_that_is_not_listed():
    hidden = zipped({"xl/hidden.xml": "<a/>"})
    hidden = hidden[: directory_of(hidden)]
    at = directory_of(WHOLE)
    content = WHOLE[:at] + hidden + WHOLE[at:]
    refused(patched(content, end_of(content) + 16, "<I", at + len(hidden)), "没有列出的部件")


@pytest.mark.parametrize(
    "at, form, value",
    {
        "name": (30, "<c", b"X"), "method": (8, "<H", 0), "flags": (6, "<H", 8), "check": (14, "<I", 7),
        "packed": (18, "<I", 7), "size": (22, "<I", 7), "signature": (0, "<c", b"Q"),
    }.values(),
)  # fmt: skip
def test_a_member_that_says_something_else_than_the_directory(at, form, value):
    refused(patched(WHOLE, local_of(WHOLE, "xl/workbook.xml") + at, form, value), "前后说法不一")


def test_rare_compression():
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_BZIP2) as file:
        for name, data in PLAIN.items():
            file.writestr(name, data)
    refused(stream.getvalue(), "压缩方法少见")


def test_several_volumes():
    for at in (4, 6):
        refused(patched(WHOLE, end_of(WHOLE) + at, "<H", 1), "分卷压缩")
    with pytest.raises(LedgerError, match="分卷压缩"):
        check_archive(patched(WHOLE, entry_of(WHOLE, SHEET) + 34, "<H", 1), "台账.xlsx")


@pytest.mark.parametrize("at, less", [(8, 1), (10, 1), (12, 46), (16, 1)])
def test_a_directory_that_does_not_fit(at, less):
    end = end_of(WHOLE)
    form = "<H" if at < 12 else "<I"
    content = patched(WHOLE, end + at, form, struct.unpack_from(form, WHOLE, end + at)[0] - less)
    with pytest.raises(LedgerError, match=RESAVE):
        check_archive(content, "台账.xlsx")


@pytest.mark.parametrize(
    "wrong", [{"count": 1}, {"size": 7}, {"start": 7}, {"at": 5}, {"at": 1 << 60}, {"length": 60}, {"length": 1 << 63}]
)
def test_large_records_that_do_not_fit(wrong):
    for known in (True, False):
        with pytest.raises(LedgerError):
            check_archive(with_large_end(WHOLE, known, **wrong), "台账.xlsx")


def test_any_byte_may_be_wrong():
    """Whatever stands there, a file is either as good as before or refused in words."""
    content = zipped({**PLAIN, "xl/a.bin": bytes(range(256))}, b"comment")
    numbers = random.Random(3)
    refusals = 0
    for at in range(len(content)):
        for value in (0, 0xFF, numbers.randrange(256)):
            try:
                check_archive(patched(content, at, "<B", value), "台账.xlsx")
            except LedgerError as error:
                assert RESAVE in str(error) or "加了密码" in str(error) or "大得不正常" in str(error)
                refusals += 1
    assert refusals > 1000


def test_what_was_just_written(tmp_path):
    for content, fine in ((WHOLE, True), (WHOLE[:-1], False), (b"", False)):
        (tmp_path / "a").write_bytes(content)
        with open(tmp_path / "a", "r+b") as file:
            if fine:
                check_written(file, "台账.xlsx")
            else:
                with pytest.raises(LedgerError, match="没有通过检查"):
                    check_written(file, "台账.xlsx")


def test_too_many_members():
    with pytest.raises(LedgerError, match="太多了"):
        check_archive(zipped({**PLAIN, **{f"xl/media/{n}": b"" for n in range(20_001)}}), "台账.xlsx")


# ---- sizes


@pytest.mark.parametrize("size", [7, 1 << 20])
def test_a_size_that_is_not_true(size):
    for part in ("docProps/app.xml", "xl/workbook.xml"):
        content = zipped({**PLAIN, "docProps/app.xml": "<Properties>" + "x" * 5000 + "</Properties>"})
        content = patched(content, entry_of(content, part) + 24, "<I", size)
        content = patched(content, local_of(content, part) + 22, "<I", size)
        with pytest.raises(LedgerError, match="解压后大得不正常|已损坏"):
            check_package(Package(content, "台账.xlsx"))


def test_a_check_sum_that_is_not_true():
    content = patched(WHOLE, entry_of(WHOLE, SHEET) + 16, "<I", 7)
    refused(patched(content, local_of(content, SHEET) + 14, "<I", 7), SHEET)


def test_a_stored_member_of_two_sizes():
    stream = io.BytesIO(WHOLE)
    with zipfile.ZipFile(stream, "a", zipfile.ZIP_STORED) as file:
        file.writestr("xl/a.bin", bytes(100))
    content = stream.getvalue()
    content = patched(content, entry_of(content, "xl/a.bin") + 24, "<I", 99)
    refused(patched(content, local_of(content, "xl/a.bin") + 22, "<I", 99), "大小不对")


def test_bombs(monkeypatch):
    for name in ("xl/a.xml", "xl/a.bin"):
        content = zipped({**PLAIN, name: ""})
        for start, at in ((entry_of(content, name), 24), (local_of(content, name), 22)):
            content = patched(content, start + at, "<I", 0xFFFFFFF0)
        with pytest.raises(LedgerError, match="大得不正常|大小不对"):
            check_package(Package(content, "台账.xlsx"))
    monkeypatch.setattr(protection, "_MOST_UNPACKED", 100)
    refused(WHOLE, "大得不正常")


def test_nothing_is_unpacked_that_is_only_large(monkeypatch):
    """A sheet of many megabytes is looked at in its first bytes."""
    text = f'<worksheet xmlns="{MAIN}"><sheetData>' + "<row/>" * 3_000_000 + "</sheetData></worksheet>"
    package = Package(zipped({**PLAIN, SHEET: text}), "台账.xlsx")
    unpacked = []
    real = protection._beginnings
    monkeypatch.setattr(protection, "_beginnings", lambda *args: (unpacked.append(p) or p for p in real(*args)))
    check_package(package)
    assert 0 < sum(map(len, unpacked)) < 10_000


# ---- what is locked


def locked(structure=True, **what) -> str:
    return protected(Package(zipped(parts(**what)), "台账.xlsx"), structure=structure)


@pytest.mark.parametrize(
    "behind, on",
    {
        '<sheetProtection password="CC1A" sheet="1" objects="1"/>': True,
        '<sheetProtection sheet="true"/>': True,
        '<sheetProtection sheet="0" objects="1"/>': False,
        '<sheetProtection objects="1"/>': False,
        '<!-- <sheetProtection sheet="1"/> --><mergeCells/>': False,
    }.items(),
)
def test_a_protected_sheet(behind, on):
    assert sheet_locked(etree.fromstring(f'<worksheet xmlns="{MAIN}"><sheetData/>{behind}</worksheet>')) is on
    if "!--" not in behind:
        prefixed = behind.replace("<", "<x:")
        root = etree.fromstring(f'<x:worksheet xmlns:x="{MAIN}"><x:sheetData/>{prefixed}</x:worksheet>')
        assert sheet_locked(root) is on
    assert "“台账”" in sheet_protected("台账") and "撤销工作表保护" in sheet_protected("台账")


@pytest.mark.parametrize("writer", ["XlsxWriter", "openpyxl"])
def test_protected_by_a_program(writer):
    stream = io.BytesIO()
    if writer == "XlsxWriter":
        workbook = xlsxwriter.Workbook(stream)
        workbook.add_worksheet("开放")
        workbook.add_worksheet("锁定").protect("secret", {"format_cells": True})
        workbook.close()
    else:
        workbook = openpyxl.Workbook()
        workbook.active.title = "开放"
        workbook.create_sheet("锁定").protection.enable()
        workbook.save(stream)
    package = check_package(Package(stream.getvalue(), "台账.xlsx"))
    assert protected(package, structure=True) == ""
    sheets = [package.read(f"xl/worksheets/sheet{number}.xml") for number in (1, 2)]
    assert [sheet_locked(etree.fromstring(sheet)) for sheet in sheets] == [False, True]


def test_a_protected_structure():
    for on in ("1", "true"):
        told = locked(workbook=f'<workbookProtection workbookPassword="CC1A" lockStructure="{on}"/>')
        assert "工作簿结构有保护" in told and "撤销保护" in told
    assert locked(workbook='<workbookProtection lockStructure="1"/>', structure=False) == ""
    assert locked(workbook='<workbookProtection lockWindows="1" lockRevision="1"/>') == ""


def test_read_only_by_wish():
    assert "建议只读" in locked(workbook='<fileSharing readOnlyRecommended="1"/>')
    assert locked(workbook='<fileSharing readOnlyRecommended="0" userName="x"/>') == ""
    for password in ('reservationPassword="CC1A"', 'algorithmName="SHA-512" hashValue="x=="'):
        assert "修改密码" in locked(workbook=f"<fileSharing {password}/>", structure=False)


def test_marked_as_final():
    def custom(value):
        return (
            '<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/custom-properties" xmlns:vt="v">'
            f'<property fmtid="{{D5}}" pid="2" name="_MarkAsFinal"><vt:bool>{value}</vt:bool></property></Properties>'
        )

    assert "最终版本" in locked(**{"docProps/custom.xml": custom("true")})
    assert locked(**{"docProps/custom.xml": custom("false")}) == ""


@pytest.mark.parametrize(
    "lock, on",
    {'password="CC1A"': True, 'algorithmName="SHA-512" hashValue="x" saltValue="y"': True, "": False}.items(),
)
def test_a_lock_without_a_password_can_be_passed_over(lock, on):
    root = etree.fromstring(f'<worksheet xmlns="{MAIN}"><sheetData/><sheetProtection {lock} sheet="1"/></worksheet>')
    assert sheet_locked(root) and sheet_locked(root, unlocking=True) is on


@pytest.mark.parametrize("password", ["", "secret"])
def test_a_sheet_stays_protected_where_its_lock_was_passed_over(tmp_path, password):
    file, target = tmp_path / "台账.xlsx", tmp_path / "结果.xlsx"
    with xlsxwriter.Workbook(file) as book:
        sheet = book.add_worksheet("台账")
        sheet.write("A1", 1)
        sheet.protect(password)
    with pytest.raises(Protected):
        write_cells(file, target, {"台账": {"A1": 2}})
    if password:
        with pytest.raises(Protected):
            write_cells(file, target, {"台账": {"A1": 2}}, unlocking=True)
    else:
        write_cells(file, target, {"台账": {"A1": 2}}, unlocking=True)
        written = openpyxl.load_workbook(target)["台账"]
        assert written["A1"].value == 2 and written.protection.sheet
