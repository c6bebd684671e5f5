"""The texts that an .xlsx keeps once for all cells, and which number formats show dates."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .package import Package, part_of

_EMPTY_STRING = rb"<(?:\w+:)?(?:si\s*/>|t(?:\s[^>]*)?(?:/>|></)|si>\s*</?(?:\w+:)?(?:si|rPh|ph))|<!"
#: formats that every Excel has; 27-36 and 50-58 are dates of Chinese, Japanese and Korean ones
_BUILT_IN = {str(n): "date" for n in (*range(14, 23), *range(27, 37), 45, 47, *range(50, 59))} | {"46": "duration"}
_FORMAT_TEXT = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?![hms]+\])[^\]]*\]', re.IGNORECASE)


@dataclass
class Styles:
    strings: list[str]
    kinds: list[str]  # of cell formats: "date", "duration" or ""
    epoch_1904: bool


# ---- texts


def empty_strings(package: Package, related: dict) -> list[int]:
    """Which shared strings are empty. Most workbooks have none, which is soon seen."""
    data = package.read(part_of(related, "sharedStrings"))
    if data is None or (data[:2] not in (b"\xff\xfe", b"\xfe\xff") and not re.search(_EMPTY_STRING, data)):
        return []
    return [i for i, text in enumerate(_strings(package, data)) if not text]


def _strings(package: Package, data: bytes | None) -> list[str]:
    found: list[str] = []
    if data is None:
        return found
    runs: list[str] = []
    level = {"rPh": 0, "t": 0}

    def start(tag, attrs):
        if tag == "si":
            runs.clear()
        elif tag in level:
            level[tag] += 1

    def end(tag):
        if tag == "si":
            found.append(decoded_text("".join(runs)))
        elif tag in level:
            level[tag] -= 1

    def text(part):
        if level["t"] and not level["rPh"]:
            runs.append(part)

    package.events(data, start, end, text)
    return found


def decoded_text(text: str) -> str:
    """_x000D_ stands for the character of that code."""
    return re.sub("_x([0-9A-Fa-f]{4})_", lambda m: chr(int(m[1], 16)), text) if "_x" in text else text


# ---- number formats


def read_styles(package: Package, related: dict, workbook) -> Styles:
    codes, kinds, inside = {}, [], False
    for tag, attrs, _ in package.elements(package.read(part_of(related, "styles"))):
        if tag == "numFmt" and "formatCode" in attrs:
            codes.setdefault(attrs.get("numFmtId"), attrs["formatCode"])
        elif tag in ("cellXfs", "cellStyleXfs", "cellStyles", "dxfs"):
            inside = tag == "cellXfs"
        elif tag == "xf" and inside:
            number = attrs.get("numFmtId", "0")
            kinds.append(_format_kind(codes[number]) if number in codes else _BUILT_IN.get(number, ""))
    epoch = next((attrs.get("date1904") for tag, attrs, _ in workbook if tag == "workbookPr"), None)
    return Styles(
        _strings(package, package.read(part_of(related, "sharedStrings"))), kinds, epoch in ("1", "true", "on")
    )


def _format_kind(code: str) -> str:
    """Whether a number format shows dates, times or durations; the format for positive numbers tells."""
    code = _FORMAT_TEXT.sub("", code).split(";")[0].lower()
    if re.search(r"\[(h+|m+|s+)\]", code):
        return "duration"
    return "date" if re.search("[ymdhs]", code.replace("general", "")) else ""
