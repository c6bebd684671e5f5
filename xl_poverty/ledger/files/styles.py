"""Which number formats of an .xlsx show dates."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ...workbook.package import Package, part_of
from .shared_texts import SharedTexts

#: formats that every Excel has; 27-36 and 50-58 are dates of Chinese, Japanese and Korean ones
_BUILT_IN = {str(n): "date" for n in (*range(14, 23), *range(27, 37), 45, 47, *range(50, 59))} | {"46": "duration"}
_FORMAT_TEXT = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?![hms]+\])[^\]]*\]', re.IGNORECASE)


@dataclass
class Styles:
    """What the cells of all sheets refer to."""

    shared: SharedTexts
    kinds: list[str]  # of cell formats: "date", "duration" or ""
    epoch_1904: bool


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
    return Styles(SharedTexts(package, part_of(related, "sharedStrings")), kinds, epoch in ("1", "true", "on"))


def _format_kind(code: str) -> str:
    """Whether a number format shows dates, times or durations; the format for positive numbers tells."""
    code = _FORMAT_TEXT.sub("", code).split(";")[0].lower()
    if re.search(r"\[(h+|m+|s+)\]", code):
        return "duration"
    return "date" if re.search("[ymdhs]", code.replace("general", "")) else ""
