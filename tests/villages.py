"""Invented files of villages: sound ones, and twenty that are broken, each in its own way."""

from __future__ import annotations

import io
import random
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
from invented import completed
from invented_workbooks import changed_package
from test_files import ole

HEADERS = ("行政村", "户编号", "姓名", "与户主关系", "证件号码", "户类型", "月工资")
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
SHEET = "xl/worksheets/sheet1.xml"


def id_of(number: int, birth: str = "19700101") -> str:
    return completed(f"999900{birth}{number:03}")


def person(village: str, number: int, household: int, relation: str = "户主", wage: object = 3000) -> tuple:
    name = f"人{'甲乙丙丁戊己庚辛壬癸'[number % 10]}某"
    return village, f"{household:010}", name, relation, id_of(number), "脱贫户", wage


def book(rows, headers=HEADERS, before=(), after=(), sheet: str = "台账") -> openpyxl.Workbook:
    made = openpyxl.Workbook()
    page = made.active
    page.title = sheet
    for row in (*before, headers, *rows, *after):
        page.append(list(row))
    return made


def save(path: Path, rows, headers=HEADERS, before=(), after=(), sheet: str = "台账") -> Path:
    book(rows, headers, before, after, sheet).save(path)
    return path


def content(rows=None) -> bytes:
    stream = io.BytesIO()
    book([person("坏村", 990, 990)] if rows is None else rows).save(stream)
    return stream.getvalue()


def changed(part: str, change: Callable[[bytes], bytes] | None) -> bytes:
    return changed_package(content(), {part: change})


def flagged() -> bytes:
    """Members of the zip say that they are encrypted."""
    data = bytearray(content())
    for mark, at in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        start = data.find(mark)
        while start >= 0:
            data[start + at] |= 1
            start = data.find(mark, start + 4)
    return bytes(data)


def _old(version: bytes) -> bytes:
    return b"\x09" + version + b"\x06\x00\x00\x00\x10\x00" + bytes(100)


def _bomb() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content())) as old, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            new.writestr(info.filename, bytes(80 << 20) if info.filename == SHEET else old.read(info))
    return stream.getvalue()


#: name of the file -> what it holds
BROKEN: dict[str, Callable[[], bytes]] = {
    "空文件.xlsx": lambda: b"",
    "截断.xlsx": lambda: content()[:2500],
    "只剩开头.xlsx": lambda: b"PK\3\4",
    "加密.xlsx": lambda: ole("EncryptionInfo", "EncryptedPackage"),
    "压缩包加密.xlsx": flagged,
    "图片改名.xlsx": lambda: b"\x89PNG\r\n\x1a\n" + bytes(200),
    "PDF改名.xlsx": lambda: b"%PDF-1.4\n" + bytes(200),
    "老格式坏了.xls": lambda: OLE + bytes(2000),
    "更老的格式.xls": lambda: _old(b"\x04"),
    "单文件网页.xls": lambda: b"MIME-Version: 1.0\nContent-Type: multipart/related\n",
    "XML表格.xls": lambda: b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>',
    "没有台账.xlsx": lambda: _saved(book([("请各村于25日前上报",)], ("通知",))),
    "没有表头.xlsx": lambda: _saved(book([person("坏村", 991, 991)], person("坏村", 992, 992))),
    "空表.xlsx": lambda: _saved(book([], ())),
    "只有表头.xlsx": lambda: _saved(book([])),
    "缺工作表.xlsx": lambda: changed(SHEET, None),
    "工作表坏了.xlsx": lambda: changed(SHEET, lambda data: data[: len(data) // 2]),
    "缺工作簿.xlsx": lambda: changed("xl/workbook.xml", None),
    "实体.xlsx": lambda: changed(
        SHEET, lambda data: data.replace(b"<worksheet", b'<!DOCTYPE x [<!ENTITY a "b">]><worksheet', 1)
    ),
    "压缩炸弹.xlsx": _bomb,
    "乱码.xlsx": lambda: bytes(random.Random(1).randrange(256) for _ in range(4000)),
}  # fmt: skip


def _saved(made: openpyxl.Workbook) -> bytes:
    stream = io.BytesIO()
    made.save(stream)
    return stream.getvalue()
