"""Sheets of a workbook as a new workbook of values: what formulas showed, the looks, widths and merged cells that there
were, all rows or some of them; no formulas, links, macros, comments, pictures or properties.

Texts stand in the cells themselves: shared texts would take along what stands in the rows that stay behind.
"""

from __future__ import annotations

import io
import re
import tempfile
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from functools import cached_property
from typing import BinaryIO

from .archive import Archive, Packer
from .formula_cells import attributes
from .package import Package
from .parts import CONTENT_TYPES, OFFICE, RELATIONSHIPS, TYPES, Parts, child, local, named, parsed, rels_of
from .references import area_of, letters_of
from .xml_text import Unusual, root_of

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.{}+xml"
_THEME = "application/vnd.openxmlformats-officedocument.theme+xml"
_DECLARED = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
#: stands for the number of the row
_ROW = b"\0"
_SHEET_DATA = re.compile(rb"<sheetData\b[^>]*?(?:/>|>(.*)</sheetData>)", re.DOTALL)
_ROW_WITHOUT_CELLS = re.compile(rb"<row\b([^>]*)/>")
_CELL = re.compile(rb"<c\b([^>]*?)(?:/>|>(.*?)</c>)", re.DOTALL)
_NUMBER = re.compile(rb'(?<=[A-Z])\d+"(?=[ />])')
#: what makes a cell more than a value: a formula, its text, marks of newer programs, anything but a value in it
_ODD = (b"<f", b't="str"', b'cm="', b'vm="', b'ph="', b"<extLst")
_VALUE = re.compile(rb"<v\b[^>]*>([^<]*)</v>")
_SHARED = re.compile(rb"<si\b[^>]*?(?:/>|>(.*?)</si>)", re.DOTALL)
_PLACE = re.compile(rb"([A-Z]{1,3})(\d+)")
#: what stands around the rows and comes along; of the rest the clerk is told
_HEAD = ("sheetPr", "sheetViews", "sheetFormatPr", "cols")
_TAIL = ("autoFilter", "mergeCells", "conditionalFormatting", "dataValidations", "printOptions", "pageMargins",
         "pageSetup", "headerFooter")  # fmt: skip
_LEFT = {"drawing": "图片、图形和图表", "legacyDrawing": "批注", "hyperlinks": "超链接", "controls": "控件",
         "sheetProtection": "工作表保护", "oleObjects": "嵌入的对象", "picture": "背景图片", "tableParts": "表格样式",
         "extLst": "新版的条件格式、下拉选项或迷你图"}  # fmt: skip
_OF_ROWS = ("s", "customFormat", "ht", "customHeight", "hidden", "outlineLevel", "collapsed")
#: formulas that read nothing but their own sheet
_ELSEWHERE = re.compile(r"[!\[]|_xll\.", re.IGNORECASE)
_TEXTS = re.compile(r'"[^"]*"')
_WORD = re.compile(r"[^\W\d][\w.]*")
_RELATIVE = re.compile(r"(?<![\w.])\$?[A-Za-z]{1,3}\d+(?![\w(])")


@dataclass
class ValueSheet:
    """One worksheet as it was read.

    rows        number of the row -> (its attributes, its cells with _ROW for the number)
    unresolved  cells whose formula shows no result: they become #N/A
    left        what does not come along, in words
    """

    name: str
    hidden: bool
    frame: object
    rows: dict[int, tuple[bytes, bytes]]
    formulas: int = 0
    unresolved: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)


class ValuesOnly:
    """A workbook (.xlsx, .xlsm) as values. Raises Unusual where its XML is written in a way that is not known here, and
    LedgerError where it cannot be read."""

    def __init__(self, content: bytes, name: str):
        self.parts = Parts(Package(content, name))
        if self.parts.strict:
            raise Unusual
        self.workbook = self.parts.tree(self.parts.workbook)
        entries = [entry for entry in child(self.workbook, "sheets") if local(entry) == "sheet"]
        self._states = {entry.get("name", ""): entry.get("state", "visible") for entry in entries}
        self._parts = {name: part for name, part, kind in self.parts.sheets() if kind == "worksheet"}
        self._sheets: dict[str, ValueSheet] = {}

    @property
    def names(self) -> list[str]:
        """The worksheets, hidden ones too."""
        return list(self._parts)

    @property
    def others(self) -> list[str]:
        """Sheets of charts and macros."""
        return [name for name, _, kind in self.parts.sheets() if kind != "worksheet"]

    @property
    def links(self) -> int:
        """How many other workbooks it reads."""
        found = child(self.workbook, "externalReferences")
        return 0 if found is None else len(found)

    def hidden(self, name: str) -> bool:
        return self._states[name] != "visible"

    def sheet(self, name: str) -> ValueSheet:
        if name not in self._sheets:
            self._sheets[name] = self._read(name)
        return self._sheets[name]

    # ---- reading

    def _read(self, name: str) -> ValueSheet:
        data = self.parts.read(self._parts[name])
        if root_of(data, b"worksheet")[1] or b"<!" in data:
            raise Unusual
        rows = _SHEET_DATA.search(data)
        if rows is None:
            raise Unusual
        frame = parsed(data[: rows.start()] + b"<sheetData/>" + data[rows.end() :])
        if frame is None:
            raise Unusual
        found = ValueSheet(name, self.hidden(name), frame, {})
        found.left = [_LEFT[local(one)] for one in frame if local(one) in _LEFT]
        inside, count = rows[1] or b"", 0
        for raw, cells in _rows(inside):
            attrs = attributes(raw)
            number = attrs.get("r", "")
            if not number.isdigit() or int(number) in found.rows:
                raise Unusual
            kept = "".join(f' {key}="{attrs[key]}"' for key in _OF_ROWS if key in attrs)
            made, has = self._cells(found, cells)
            count += has
            found.rows[int(number)] = kept.encode(), made
        if count != inside.count(b"<c ") + inside.count(b"<c>"):
            raise Unusual
        return found

    def _cells(self, found: ValueSheet, row: bytes) -> tuple[bytes, int]:
        """(the cells of a row as they will be, how many there were)."""
        if not any(mark in row for mark in _ODD):  # plain cells, all at once
            made, count = _NUMBER.subn(b'\0"', row)
            if count == row.count(b"<c "):
                return self._with_texts(made), count
        made = [self._cell(found, match[1], match[2]) for match in _CELL.finditer(row)]
        return b"".join(made), len(made)

    def _cell(self, found: ValueSheet, raw: bytes, content: bytes | None) -> bytes:
        attrs = attributes(raw)
        place = _PLACE.fullmatch(attrs.get("r", "").encode())
        if place is None:
            raise Unusual
        style = f' s="{attrs["s"]}"'.encode() if "s" in attrs else b""
        start = b'<c r="%b%b"%b' % (place[1], _ROW, style)
        kind, value = self._value(found, attrs, content or b"", place[0].decode())
        if value:
            return b"%b%b>%b</c>" % (start, kind, value)
        return start + b"/>" if style else b""

    def _value(self, found: ValueSheet, attrs: dict, content: bytes, place: str) -> tuple[bytes, bytes]:
        """(attribute of its kind, content) of a cell as a value."""
        kind, formula = attrs.get("t", "n"), b"<f" in content
        if kind == "inlineStr" and not formula:
            return b' t="inlineStr"', content
        value = _VALUE.search(content)
        if formula:
            found.formulas += 1
            if kind != "str" and (value is None or not value[1]):
                found.unresolved.append(place)
                return b' t="e"', b"<v>#N/A</v>"
            if kind == "e":
                found.errors.append(place)
        if value is None or not value[1]:
            return b"", b""
        if kind == "s":
            if value[1] not in self._shared:
                raise Unusual
            attribute, _, text = self._shared[value[1]].partition(b">")
            return attribute, text
        if kind == "str":
            return b' t="inlineStr"', b'<is><t xml:space="preserve">%b</t></is>' % value[1]
        return (b"" if kind == "n" else f' t="{kind}"'.encode()), value[0]

    def _with_texts(self, row: bytes) -> bytes:
        """Cells that name shared texts with these in them."""
        first, *rest = row.split(b' t="s"><v>')
        if not rest:
            return row
        made, texts = [first], self._shared
        try:
            for piece in rest:
                end = piece.index(b"<")
                made += texts[piece[:end]], piece[end + len(b"</v>") :]
        except (KeyError, ValueError):
            raise Unusual from None
        return b"".join(made)

    @cached_property
    def _shared(self) -> dict[bytes, bytes]:
        """Shared texts by their numbers, as what stands behind the style of a cell, without the end of the cell."""
        data = self.parts.read(self.parts.part_of(self.parts.workbook, "sharedStrings")) or b""
        if data and (b"<!" in data or root_of(data, b"sst")[1]):
            raise Unusual
        texts = (b' t="inlineStr"><is>%b</is>' % text if text else b">" for text in _SHARED.findall(data))
        return {b"%d" % number: text for number, text in enumerate(texts)}

    # ---- writing

    def write(self, output: BinaryIO, rows: Mapping[str, Sequence[int] | None], names: Mapping[str, str] | None = None):
        """Write the sheets of `rows`, in that order: these rows of theirs, by number, ascending; None is all.

        names  other names of sheets, by the old one
        """
        names = names or {}
        members = {TYPES: b"", rels_of(""): _relationships([("officeDocument", "xl/workbook.xml")])}
        archive = Archive(output)
        with tempfile.TemporaryFile() as file:
            packed = {}
            for at, (name, chosen) in enumerate(rows.items(), 1):
                packer = Packer(file)
                for piece in self._written(self.sheet(name), chosen, at == 1):
                    packer.write(piece)
                packed[f"xl/worksheets/sheet{at}.xml"] = packer.done()
                file.seek(0, 2)
            related = [("worksheet", f"worksheets/sheet{at}.xml") for at in range(1, len(rows) + 1)]
            overrides = {f"xl/worksheets/sheet{at}.xml": _TYPE.format("worksheet") for at in range(1, len(rows) + 1)}
            for kind, part, type_ in (("styles", "styles.xml", _TYPE.format("styles")), ("theme", "theme.xml", _THEME)):
                data = self.parts.read(self.parts.part_of(self.parts.workbook, kind))
                if data:
                    members[f"xl/{part}"], overrides[f"xl/{part}"] = data, type_
                    related.append((kind, part))
            overrides["xl/workbook.xml"] = _TYPE.format("sheet.main")
            members["xl/workbook.xml"] = self._book(rows, names)
            members["xl/_rels/workbook.xml.rels"] = _relationships(related)
            members[TYPES] = _types(overrides)
            for part, data in members.items():
                packer = Packer(file)
                packer.write(data)
                archive.add(part, packer.done())
                file.seek(0, 2)
            for part, one in packed.items():
                archive.add(part, one)
            archive.close()

    def bytes(self, rows: Mapping[str, Sequence[int] | None], names: Mapping[str, str] | None = None) -> bytes:
        stream = io.BytesIO()
        self.write(stream, rows, names)
        return stream.getvalue()

    def _written(self, sheet: ValueSheet, chosen: Sequence[int] | None, first: bool) -> Iterator[bytes]:
        head, tail = self._around(sheet, chosen, first)
        yield _DECLARED + head + b"<sheetData>"
        for to, number in enumerate(sorted(sheet.rows) if chosen is None else chosen, 1):
            if number in sheet.rows:
                attrs, cells = sheet.rows[number]
                text = b"%d" % (number if chosen is None else to)
                if chosen is not None:
                    attrs = attrs.replace(b' hidden="1"', b"")  # by a filter of all rows
                yield b'<row r="%b"%b>%b</row>' % (text, attrs, cells.replace(_ROW, text))
        yield b"</sheetData>" + tail

    def _around(self, sheet: ValueSheet, chosen: Sequence[int] | None, first: bool) -> tuple[bytes, bytes]:
        from lxml import etree

        root = deepcopy(sheet.frame)
        for one in list(root):
            name = local(one)
            if name == "sheetData":
                one.attrib.clear()
            elif name not in _HEAD and name not in _TAIL or not _kept(one, chosen, self._defined):
                root.remove(one)
        for one in root.iter(named(root, "sheetPr")):
            one.attrib.clear()
        for view in root.iter(named(root, "sheetView")):
            view.attrib.pop("tabSelected", None)
            if first:
                view.set("tabSelected", "1")
            if chosen is not None:
                for one in list(view.iter(named(root, "selection"))):
                    view.remove(one)
        for one in root.iter(named(root, "pageSetup")):
            for key in [key for key in one.attrib if key.startswith("{")]:
                del one.attrib[key]
        head, _, tail = etree.tostring(root, encoding="UTF-8").partition(b"<sheetData/>")
        return head[head.index(b"<", 1) :] if head.startswith(b"<?xml") else head, tail

    @property
    def _defined(self) -> list[str]:
        return [entry.get("name", "") for entry in self.workbook.iter(named(self.workbook, "definedName"))]

    def _book(self, rows: Mapping[str, Sequence[int] | None], names: Mapping[str, str]) -> bytes:
        from xml.sax.saxutils import escape, quoteattr

        sheets, defined = "", ""
        for at, name in enumerate(rows, 1):
            state = f' state="{self._states[name]}"' if self.hidden(name) and at > 1 else ""
            sheets += f'<sheet name={quoteattr(names.get(name, name))} sheetId="{at}"{state} r:id="rId{at}"/>'
        order = [name for name, _, _ in self.parts.sheets()]
        for entry in self.workbook.iter(named(self.workbook, "definedName")):
            scope, text = entry.get("localSheetId"), self._moved(entry, rows, names)
            own = order[int(scope)] if scope is not None and scope.isdigit() and int(scope) < len(order) else None
            if text and (scope is None or own in rows):
                at = "" if own is None else f' localSheetId="{list(rows).index(own)}"'
                defined += f"<definedName name={quoteattr(entry.get('name', ''))}{at}>{escape(text)}</definedName>"
        days = '<workbookPr date1904="1"/>' if self.parts.epoch_1904 else "<workbookPr/>"
        defined = f"<definedNames>{defined}</definedNames>" if defined else ""
        return _DECLARED + (
            f'<workbook xmlns="{_MAIN}" xmlns:r="{OFFICE}">{days}<bookViews><workbookView/></bookViews>'
            f"<sheets>{sheets}</sheets>{defined}</workbook>"
        ).encode()

    def _moved(self, entry, rows: Mapping, names: Mapping[str, str]) -> str:
        """What a name means in the copy; "" where it does not come along: it means more than one plain area of a sheet
        that does, or cells of a sheet of which only some rows do."""
        text, special = entry.text or "", entry.get("name", "").startswith("_xlnm.")
        found = re.fullmatch(r"(?:'((?:[^']|'')+)'|([^\W\d][\w.]*))!(\$[A-Z$\d:]+)", text)
        if entry.get("name") == "_xlnm._FilterDatabase" or found is None:
            return ""
        sheet = (found[1] or found[2]).replace("''", "'")
        if sheet not in rows:
            return ""
        area, chosen = found[3], rows[sheet]
        if chosen is not None:
            if not special:
                return ""
            spot = area_of(area)
            if spot is not None and entry.get("name") == "_xlnm.Print_Area":
                area = f"${letters_of(spot[1])}$1:${letters_of(spot[3])}${max(len(chosen), 1)}"
            elif "Print_Titles" not in entry.get("name", ""):
                return ""
        name = names.get(sheet, sheet).replace("'", "''")
        return f"'{name}'!{area}"


def _rows(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """(attributes, cells) of each row."""
    *pieces, last = data.split(b"</row>")
    for piece in pieces:
        start = piece.rfind(b"<row ")
        end = piece.find(b">", start)
        if start < 0 or end < 0:
            raise Unusual
        yield from ((attrs, b"") for attrs in _ROW_WITHOUT_CELLS.findall(piece[:start]))
        yield piece[start + len(b"<row") : end], piece[end + 1 :]
    yield from ((attrs, b"") for attrs in _ROW_WITHOUT_CELLS.findall(last))


def _kept(element, chosen: Sequence[int] | None, defined: list[str]) -> bool:
    """Change what stands around the rows so that it holds for the copy; False where nothing of it is left."""
    name = local(element)
    if name == "autoFilter":
        element[:] = []
        area = _moved_area(element.get("ref", ""), chosen)[0]
        element.set("ref", area)
        return bool(area)
    if name == "mergeCells":
        for merge in list(element):
            area, whole, _ = _moved_area(merge.get("ref", ""), chosen)
            if whole and ":" in area:
                merge.set("ref", area)
            else:
                element.remove(merge)
        element.attrib.pop("count", None)
        return len(element) > 0
    if name == "conditionalFormatting":
        return _follows(element, chosen, defined)
    if name == "dataValidations":
        for one in list(element):
            if not _follows(one, chosen, defined):
                element.remove(one)
        element.attrib.pop("count", None)
        return len(element) > 0
    return True


def _follows(element, chosen: Sequence[int] | None, defined: list[str]) -> bool:
    """Give a rule its area in the copy; False where it has none, or reads what is not there."""
    formulas = [_TEXTS.sub("", one.text or "") for one in element.iter() if local(one).startswith("formula")]
    words = {word for text in formulas for word in _WORD.findall(text)}
    if any(map(_ELSEWHERE.search, formulas)) or not words.isdisjoint(defined):
        return False
    areas = [_moved_area(ref, chosen) for ref in element.get("sqref", "").split()]
    if any(moved for _, _, moved in areas) and any(map(_RELATIVE.search, formulas)):
        return False
    element.set("sqref", " ".join(area for area, _, _ in areas if area))
    for extra in [one for one in element.iter() if local(one) == "extLst"]:
        extra.getparent().remove(extra)  # of newer programs, together with a part that does not come along
    return any(area for area, _, _ in areas)


def _moved_area(ref: str, chosen: Sequence[int] | None) -> tuple[str, bool, int]:
    """(an area in the copy, whether its first row is there, by how many rows it starts lower than it did); "" where
    nothing of it is there."""
    if chosen is None:
        return ref, True, 0
    area = area_of(ref)
    if area is None:  # whole columns or rows
        return "", False, 0
    top, left, bottom, right = area
    first, end = bisect_left(chosen, top + 1), bisect_left(chosen, bottom + 2)
    if first == end:
        return "", False, 0
    start, stop = f"{letters_of(left)}{first + 1}", f"{letters_of(right)}{end}"
    return start if start == stop else f"{start}:{stop}", chosen[first] == top + 1, first - top


def _relationships(related: Sequence[tuple[str, str]]) -> bytes:
    entries = "".join(
        f'<Relationship Id="rId{at}" Type="{OFFICE}/{kind}" Target="{target}"/>'
        for at, (kind, target) in enumerate(related, 1)
    )
    return _DECLARED + f'<Relationships xmlns="{RELATIONSHIPS}">{entries}</Relationships>'.encode()


def _types(overrides: Mapping[str, str]) -> bytes:
    entries = "".join(f'<Override PartName="/{part}" ContentType="{type_}"/>' for part, type_ in overrides.items())
    return _DECLARED + (
        f'<Types xmlns="{CONTENT_TYPES}"><Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" '
        f'ContentType="application/xml"/>{entries}</Types>'
    ).encode()
