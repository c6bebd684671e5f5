"""Cell formats that written cells need: appended to those of the workbook, which stay as they are."""

from __future__ import annotations

import datetime as dt
import re
from copy import deepcopy
from dataclasses import dataclass, replace

from .parts import Parts, child, ensured, named

#: number formats of dates that have none: values from elsewhere have no format but what they are
DATE_FORMATS = {
    dt.datetime: "yyyy-mm-dd hh:mm", dt.date: "yyyy-mm-dd", dt.time: "hh:mm:ss", dt.timedelta: "[h]:mm:ss",
}  # fmt: skip

#: numbers of formats that every workbook has, beside its own
BUILT_IN = {"General": 0, "0": 1, "0.00": 2, "#,##0": 3, "#,##0.00": 4, "0%": 9, "0.00%": 10, "@": 49}
_FIRST_OWN = 164
#: number formats that show dates without having a text in the file
_DATES = frozenset((*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)))
_NO_DATE = re.compile(r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]')
#: children of <styleSheet> in the order of the schema
STYLES_ORDER = (
    *("numFmts", "fonts", "fills", "borders", "cellStyleXfs", "cellXfs", "cellStyles", "dxfs", "tableStyles"),
    *("colors", "extLst"),
)
_FORMAT_ORDER = ("alignment", "protection", "extLst")

_EMPTY = """<styleSheet xmlns="{}">\
<fonts count="1"><font><sz val="11"/><name val="宋体"/></font></fonts>\
<fills count="2"><fill><patternFill patternType="none"/></fill>\
<fill><patternFill patternType="gray125"/></fill></fills>\
<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>\
<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>\
<cellXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/></cellXfs>\
<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>"""
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"


@dataclass(frozen=True)
class Look:
    """How a written cell looks; None: as it looked before.

    like           column, from 1, whose cell in the same row it looks like; None: itself, and a new cell as its row or
                   column says
    number_format  as in Excel's dialog, in English
    horizontal, vertical  "left", "center", "right"; "top", "center", "bottom"
    """

    like: int | None = None
    number_format: str | None = None
    horizontal: str | None = None
    vertical: str | None = None
    wrap: bool | None = None
    bold: bool | None = None
    quoted: bool | None = None  # a text stays one when somebody edits it


AS_IS = Look()


class StyleBook:
    """The cell formats of a workbook, by the number that cells have in `s`."""

    def __init__(self, parts: Parts):
        self.parts = parts
        self._root = None
        self._derived: dict[tuple[int, Look], int] = {}
        self._dates: dict[int, bool] = {}

    def derive(self, style: int, look: Look) -> int:
        """The format that differs from `style` in what the look says: found, or appended."""
        key = style, replace(look, like=None) if look.like else look
        if key not in self._derived:
            self._derived[key] = style if key[1] == AS_IS else self._find(style, key[1])
        return self._derived[key]

    def shows_dates(self, style: int) -> bool:
        if style not in self._dates:
            formats = self._formats()
            number = int(formats[style].get("numFmtId", "0")) if style < len(formats) else 0
            text = self._own_formats().get(number)
            if text is None:
                self._dates[style] = number in _DATES
            else:
                self._dates[style] = bool(re.search("[ymdhs]", _NO_DATE.sub("", text).lower().replace("general", "")))
        return self._dates[style]

    @property
    def root(self):
        if self._root is None:
            parts, workbook = self.parts, self.parts.workbook
            part = parts.part_of(workbook, "styles")
            if part not in parts:
                part = f"{workbook.rpartition('/')[0]}/styles.xml".lstrip("/")
                book = parts.tree(workbook)
                parts.add(part, _EMPTY.format(book.tag.rpartition("}")[0][1:]).encode(), _TYPE)
                parts.relate(workbook, "styles", part)
            self._root = parts.tree(part)
        return self._root

    def _formats(self):
        return ensured(self.root, "cellXfs", STYLES_ORDER)

    def _own_formats(self) -> dict[int, str]:
        found = child(self.root, "numFmts")
        return {} if found is None else {int(f.get("numFmtId", "-1")): f.get("formatCode", "") for f in found}

    def _find(self, style: int, look: Look) -> int:
        formats = self._formats()
        if not len(formats):
            formats.append(self._element("xf", numFmtId="0", fontId="0", fillId="0", borderId="0"))
        made = deepcopy(formats[style if style < len(formats) else 0])
        made.tail = None
        if look.number_format is not None:
            made.set("numFmtId", str(self._number_format(look.number_format)))
            made.set("applyNumberFormat", "1")
        if look.bold is not None:
            made.set("fontId", str(self._font(int(made.get("fontId", "0")), look.bold)))
            made.set("applyFont", "1")
        if look.quoted is not None:
            made.set("quotePrefix", "1" if look.quoted else "0")
        aligned = {"horizontal": look.horizontal, "vertical": look.vertical}
        aligned["wrapText"] = None if look.wrap is None else str(int(look.wrap))
        if any(value is not None for value in aligned.values()):
            alignment = ensured(made, "alignment", _FORMAT_ORDER)
            for name, value in aligned.items():
                if value is not None:
                    alignment.set(name, value)
            made.set("applyAlignment", "1")
        return _appended(formats, made)

    def _number_format(self, text: str) -> int:
        if text in BUILT_IN:
            return BUILT_IN[text]
        own = self._own_formats()
        for number, known in own.items():
            if known == text:
                return number
        number = max([_FIRST_OWN - 1, *own]) + 1
        formats = ensured(self.root, "numFmts", STYLES_ORDER)
        formats.append(self._element("numFmt", numFmtId=str(number), formatCode=text))
        formats.set("count", str(len(formats)))
        return number

    def _font(self, font: int, bold: bool) -> int:
        fonts = ensured(self.root, "fonts", STYLES_ORDER)
        if not len(fonts):
            fonts.append(self._element("font"))
        made = deepcopy(fonts[font if font < len(fonts) else 0])
        made.tail = None
        for mark in made.findall(named(made, "b")):
            made.remove(mark)
        if bold:
            made.insert(0, self._element("b"))
        return _appended(fonts, made)

    def _element(self, name: str, **attributes):
        from lxml import etree

        element = etree.Element(named(self.root, name), nsmap=self.root.nsmap)
        for key, value in attributes.items():
            element.set(key, value)
        return element


def date_format(value) -> str:
    """How a date, time or duration is shown that has no format; "" for other values."""
    return next((text for kind, text in DATE_FORMATS.items() if isinstance(value, kind)), "")


def _appended(group, made) -> int:
    """The place of an element among its like: of an equal one, or behind the last."""
    from lxml import etree

    text = etree.tostring(made, method="c14n", exclusive=True)
    for place, element in enumerate(group):
        if etree.tostring(element, method="c14n", exclusive=True, with_tail=False) == text:
            return place
    group.append(made)
    group.set("count", str(len(group)))
    return len(group) - 1
