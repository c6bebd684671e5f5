"""Texts: their encoding, and .csv."""

from __future__ import annotations

import csv
import io
import re

from ...errors import LedgerError
from ...workbook.refusals import RESAVE, no_workbook
from .cells import MOST_CELLS, trimmed

#: a quoted field of a .csv that runs over more lines has lost its closing quote
MOST_LINES = 100
_ARMOUR = re.compile(r'="((?:[^"]|"")*)"')
_DELIMITERS = ",\t;|"


def text_of(content: bytes, name: str) -> str:
    """The text of a file. Raises LedgerError if it is none."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ["utf-16"]
    else:
        encodings = ["utf-8-sig", "gb18030"]
        said = re.search(rb"<meta[^>]+charset\s*=\s*[\"']?\s*([\w-]+)", content[:4096], re.IGNORECASE)
        if said and said[1].lower() in (b"gb2312", b"gbk", b"gb18030", b"cp936"):
            encodings.reverse()
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            if encoding == "utf-8-sig" and _nearly_utf8(content):
                raise LedgerError(f"{name} 里有几处文字坏了（不是 UTF-8 编码）；{RESAVE}，或重新导出") from None
            continue
        if re.search("[\x00-\x08\x0e-\x19\x1c-\x1f]", text):
            break
        return text.rstrip("\x1a")
    raise LedgerError(no_workbook(name))


def _nearly_utf8(content: bytes) -> bool:
    text = content.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    return broken * 20 < len(re.findall("[\u0080-\ufffc]", text))


def text_cell(text: str) -> str | None:
    """A cell of a file that knows only text: without the ="…" that keeps Excel from making a number of it."""
    found = _ARMOUR.fullmatch(text.strip()) if text[:2] == '="' or '="' in text else None
    return (found[1].replace('""', '"') if found else text) or None


def read_csv(text: str, name: str) -> list[list]:
    delimiter = ""
    said = re.match(r"sep=(.)\r?\n", text)
    if said:
        delimiter, text = said[1], text[said.end() :]
    delimiter = delimiter or _delimiter(text)
    rows = []
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        for cells in reader:
            if any(cell.count("\n") > MOST_LINES for cell in cells):
                raise LedgerError(f"{name} 第{reader.line_num}行以前有引号没有成对，读下去会串行；{RESAVE}")
            rows.append([text_cell(cell) for cell in cells])
    except csv.Error:
        raise LedgerError(f"{name} 第{reader.line_num}行以前有引号没有成对，或内容太长；{RESAVE}") from None
    if len(rows) * max(map(len, rows), default=0) > MOST_CELLS:
        raise LedgerError(f"{name} 太大了，请拆成几个文件")
    return trimmed(rows)


def _delimiter(text: str) -> str:
    """The one that splits the first lines into the same number of cells most often."""
    best = (0.0, 0, ",")
    for delimiter in _DELIMITERS:
        widths = []
        try:
            for cells in csv.reader(io.StringIO(text[:65536], newline=""), delimiter=delimiter):
                if any(cells):
                    widths.append(len(cells))
                if len(widths) == 50:
                    break
        except csv.Error:
            continue
        split = [width for width in widths if width > 1]
        if split:
            usual = max(set(split), key=lambda width: (split.count(width), width))
            share = round(split.count(usual) / len(widths), 1)
            if (share, usual) > best[:2]:
                best = (share, usual, delimiter)
    return best[2]
