"""Two workbooks compared part by part: what differs beyond what was asked for.

    differences = compared(before, after, Allowed(cells={"台账": {(2, 41): "已发放"}}, grown=True))

Nothing of xl_poverty is used here, so that what it writes is judged by somebody else: `zipfile`, lxml and the words of
ECMA-376. Everything is a difference that was not asked for: a member of the zip that is not the same bytes at the same
place, a cell whose value, formula, result, look or attribute is another, anything around the cells, a relationship, a
content type; and every error of structure (`structural_errors`) that the workbook before did not have.

What may change without being asked for, and how far:

- the result of a formula that depends, perhaps through others, on a changed cell: it has to go, or be another one;
- `fullCalcOnLoad` of the workbook, and calcChain, which may go as a whole or lose cells without a formula;
- formats, shared strings and metadata: more of them at the end;
- `dimension` and `spans`, as far as the new cells reach;
- where `grown`: areas that reach over new columns and rows: tables, filters, print areas, conditional formats,
  validations. The header of a new column of a table is a text that the table does not have yet, as Excel makes it:
  5 becomes "5", a second 金额 becomes 金额2.
"""

from __future__ import annotations

import datetime as dt
import io
import posixpath
import re
import struct
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property, lru_cache
from pathlib import Path
from urllib.parse import unquote
from xml.sax.saxutils import escape

from lxml import etree

ANY = object()  # an asked value that may be whatever it is
LIMIT_ROWS, LIMIT_COLUMNS = 1 << 20, 1 << 14

Position = tuple[int, int]  # row, column, from 1
Area = tuple[int, int, int, int]  # top, left, bottom, right, from 1


@dataclass(frozen=True)
class Allowed:
    """What was asked for; by the name of the sheet."""

    cells: Mapping[str, Mapping[Position, object]] = field(default_factory=dict)
    looks: Mapping[str, set[Position]] = field(default_factory=dict)  # cells whose look was asked to be another
    widths: Mapping[str, set[int]] = field(default_factory=dict)
    merges: Mapping[str, set[str]] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    grown: bool = False
    added: frozenset[str] = frozenset()  # new sheets
    replaced: frozenset[str] = frozenset()


def compared(before: Path | bytes, after: Path | bytes, allowed: Allowed | None = None) -> list[str]:
    """All differences that were not asked for."""
    old = _known(before) if isinstance(before, bytes) else Workbook(before)
    return _Comparison(old, Workbook(after), allowed or Allowed()).differences()


# ---- a workbook as it stands in its zip


@cache
def word(tag) -> str:
    """A name without its namespace; '' for what is no element."""
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def local(element) -> str:
    return word(element.tag)


def children(element) -> list:
    return [] if element is None else list(element.iterchildren(etree.Element))


def child(element, name: str):
    return next((found for found in children(element) if local(found) == name), None)


def canonical(element) -> bytes:
    """An element, whatever its spelling; blanks between elements are nothing."""
    if element is None:
        return b""
    parser = etree.XMLParser(remove_blank_text=True, resolve_entities=False, huge_tree=True)
    whole = etree.tostring(element, with_tail=False)
    if not isinstance(element.tag, str):  # a remark
        return whole
    return etree.tostring(etree.fromstring(whole, parser), method="c14n", with_comments=True)


def _canonical_text(element) -> bytes:
    """The same for <is>, in the usual case by a shorter way."""
    inner = children(element)
    if len(inner) == 1 and local(inner[0]) == "t" and not len(inner[0]) and not element.attrib:
        return f"<is><t>{escape(inner[0].text or '')}</t></is>".encode()
    return canonical(element)


def letters(column: int) -> str:
    text = ""
    while column:
        column, digit = divmod(column - 1, 26)
        text = chr(65 + digit) + text
    return text


def place(position: Position) -> str:
    return f"{letters(position[1])}{position[0]}"


_REFERENCE = re.compile(r"\$?([A-Za-z]{1,3})\$?([0-9]{1,7})(?::\$?([A-Za-z]{1,3})\$?([0-9]{1,7}))?")


def _number(word: str) -> int:
    total = 0
    for letter in word.upper():
        total = total * 26 + ord(letter) - 64
    return total


@cache
def area(text: str) -> Area:
    found = _REFERENCE.fullmatch(text.strip())
    if not found:
        raise ValueError(f"{text!r} is no reference")
    left, top, right, bottom = found.groups()
    top, bottom = int(top), int(bottom or top)
    left, right = _number(left), _number(right or left)
    return min(top, bottom), min(left, right), max(top, bottom), max(left, right)


def overlap(one: Area, other: Area) -> bool:
    return one[0] <= other[2] and other[0] <= one[2] and one[1] <= other[3] and other[1] <= one[3]


def inside(position: Position, where: Area) -> bool:
    return where[0] <= position[0] <= where[2] and where[1] <= position[1] <= where[3]


@dataclass(frozen=True)
class Relation:
    kind: str  # last word of its type
    type: str
    target: str  # key of a part, or the address where external
    external: bool


@dataclass
class Cell:
    style: int
    type: str
    value: str | None  # the text of <v>
    inline: bytes  # <is>, canonical
    formula: tuple | None  # text, kind, area, number of the shared formula, other attributes
    attributes: tuple  # cm, vm, ph …
    others: tuple  # further children, canonical

    @property
    def blank(self) -> bool:
        return self.value is None and not self.inline and self.formula is None


class Workbook:
    """The parts of a package, by keys: names in small letters with slashes."""

    def __init__(self, source: Path | bytes):
        self.content = source if isinstance(source, bytes) else Path(source).read_bytes()
        self.zip = zipfile.ZipFile(io.BytesIO(self.content))
        self.members = self.zip.infolist()
        self.parts: dict[str, zipfile.ZipInfo] = {}
        for info in self.members:
            self.parts.setdefault(self.key(info.orig_filename), info)
        self._data: dict[str, bytes] = {}
        self._roots: dict = {}
        self._relations: dict[str, dict[str, Relation]] = {}
        self.errors: dict[tuple, list[str]] = {}

    @staticmethod
    def key(name: str) -> str:
        return name.replace("\\", "/").lstrip("/").lower()

    def data(self, part: str) -> bytes:
        """Its bytes; none where it cannot be unpacked, which is an error of its own."""
        if part not in self._data:
            try:
                self._data[part] = self.zip.read(self.parts[part])
            except (zipfile.BadZipFile, NotImplementedError, EOFError, zlib.error):
                self._data[part] = b""
        return self._data[part]

    def packed(self, info: zipfile.ZipInfo) -> bytes:
        names, extra = struct.unpack_from("<HH", self.content, info.header_offset + 26)
        start = info.header_offset + 30 + names + extra
        return self.content[start : start + info.compress_size]

    def root(self, part: str):
        """The root of an XML part; None where there is no such part or no XML in it."""
        if part not in self._roots:
            try:
                parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)
                self._roots[part] = etree.fromstring(self.data(part), parser) if part in self.parts else None
            except etree.XMLSyntaxError:
                self._roots[part] = None
        return self._roots[part]

    @staticmethod
    def rels_of(part: str) -> str:
        folder, _, file = part.rpartition("/")
        return f"{folder}/_rels/{file}.rels".lstrip("/")

    @staticmethod
    def owner_of(rels: str) -> str:
        folder, _, file = rels.rpartition("/")
        return f"{folder.removesuffix('_rels')}{file.removesuffix('.rels')}"

    def relations(self, part: str) -> dict[str, Relation]:
        if part not in self._relations:
            self._relations[part] = self._relations_of(part)
        return self._relations[part]

    def _relations_of(self, part: str) -> dict[str, Relation]:
        found = {}
        for element in children(self.root(self.rels_of(part))):
            target, type_ = element.get("Target", ""), element.get("Type", "")
            external = element.get("TargetMode") == "External"
            if not external:
                target = unquote(target.replace("\\", "/").partition("#")[0])
                target = self.key(posixpath.normpath(posixpath.join("/" + posixpath.dirname(part), target)))
            found[element.get("Id", "")] = Relation(type_.rpartition("/")[2], type_, target, external)
        return found

    def related(self, part: str, kind: str) -> list[str]:
        return [found.target for found in self.relations(part).values() if found.kind == kind and not found.external]

    @cached_property
    def main(self) -> str:
        return next(iter(self.related("", "officeDocument")), "")

    @cached_property
    def sheets(self) -> dict[str, str]:
        """Name -> part, in their order."""
        related = self.relations(self.main)
        found = {}
        for sheet in children(child(self.root(self.main), "sheets")):
            link = next((value for name, value in sheet.attrib.items() if word(name) == "id" and "}" in name), "")
            found[sheet.get("name", "")] = related[link].target if link in related else ""
        return found

    def part_of_main(self, kind: str) -> str:
        return next(iter(self.related(self.main, kind)), "")

    @cached_property
    def names(self) -> dict[tuple[str, str | None], tuple[str, tuple]]:
        """(name, localSheetId) -> its text and other attributes."""
        found = {}
        for name in children(child(self.root(self.main), "definedNames")):
            rest = {key: value for key, value in name.attrib.items() if key not in ("name", "localSheetId")}
            found[name.get("name", ""), name.get("localSheetId")] = name.text or "", tuple(sorted(rest.items()))
        return found

    def is_worksheet(self, part: str) -> bool:
        root = self.root(part)
        return root is not None and local(root) == "worksheet"

    @cached_property
    def content_types(self) -> dict[str, str]:
        """Part -> its content type, '' where it has none."""
        defaults, own = {}, {}
        for element in children(self.root("[content_types].xml")):
            if local(element) == "Default":
                defaults[element.get("Extension", "").lower()] = element.get("ContentType", "")
            else:
                own[self.key(element.get("PartName", ""))] = element.get("ContentType", "")
        return {
            part: own.get(part) or defaults.get(part.rpartition(".")[2], "")
            for part in self.parts
            if part != "[content_types].xml" and not part.endswith("/")
        }

    @cached_property
    def strings(self) -> list:
        return children(self.root(self.part_of_main("sharedStrings")))

    @cached_property
    def styles(self):
        return self.root(self.part_of_main("styles"))

    @cached_property
    def formats(self) -> list:
        return children(child(self.styles, "cellXfs"))

    def look(self, style: int) -> tuple:
        """A format resolved: what it says of number, font, fill, border and the rest, not by which number."""
        if style not in self._looks:
            known = style < len(self.formats)
            self._looks[style] = self._resolved(self.formats[style]) if known else ("missing", style)
        return self._looks[style]

    @cached_property
    def _looks(self) -> dict:
        return {}

    def _resolved(self, xf) -> tuple:
        pieces = []
        for kind, attribute in (("fonts", "fontId"), ("fills", "fillId"), ("borders", "borderId")):
            elements, number = children(child(self.styles, kind)), int(xf.get(attribute, 0))
            pieces.append(canonical(elements[number]) if number < len(elements) else b"missing")
        number = xf.get("numFmtId", "0")
        codes = {code.get("numFmtId"): code.get("formatCode") for code in children(child(self.styles, "numFmts"))}
        rest = {k: v for k, v in xf.attrib.items() if k not in ("fontId", "fillId", "borderId", "numFmtId")}
        base = children(child(self.styles, "cellStyleXfs"))
        named = canonical(base[int(xf.get("xfId", 0))]) if int(xf.get("xfId", 0)) < len(base) else b""
        inner = tuple(map(canonical, children(xf)))
        return (*pieces, codes.get(number, number), tuple(sorted(rest.items())), named, inner)

    def number_format(self, style: int) -> str:
        return self.look(style)[3]

    @cached_property
    def date1904(self) -> bool:
        properties = child(self.root(self.main), "workbookPr")
        return properties is not None and properties.get("date1904") in ("1", "true")

    def cells(self, sheet: str) -> dict[Position, Cell]:
        if sheet not in self._cells:
            self._cells[sheet] = {at: self._cell(c) for at, c, _ in self.cell_elements(self.sheets[sheet])}
        return self._cells[sheet]

    @cached_property
    def _cells(self) -> dict:
        return {}

    def rows(self, part: str) -> Iterator[tuple[int, object]]:
        number = 0
        for row in children(child(self.root(part), "sheetData")):
            if local(row) == "row":
                number = int(row.get("r") or number + 1)
                yield number, row

    def cell_elements(self, part: str) -> Iterator[tuple[Position, object, object]]:
        for number, row in self.rows(part):
            column = 0
            for c in children(row):
                if local(c) == "c":
                    column = area(c.get("r"))[1] if c.get("r") else column + 1
                    yield (number, column), c, row

    @staticmethod
    def _cell(c) -> Cell:
        value, inline, formula, others = None, b"", None, []
        for inner in children(c):
            kind = local(inner)
            if kind == "v":
                value = inner.text or ""
            elif kind == "is":
                inline = _canonical_text(inner)
            elif kind == "f":
                rest = {k: v for k, v in inner.attrib.items() if k not in ("t", "ref", "si")}
                # blanks in a formula's text count, its own xml:space does not
                rest = tuple(sorted((k, v) for k, v in rest.items() if not k.endswith("}space")))
                formula = inner.text or "", inner.get("t", ""), inner.get("ref", ""), inner.get("si", ""), rest
            else:
                others.append(canonical(inner))
        rest = tuple(sorted((k, v) for k, v in c.attrib.items() if k not in ("r", "s", "t")))
        return Cell(int(c.get("s") or 0), c.get("t", "n"), value, inline, formula, rest, tuple(others))

    def text(self, cell: Cell) -> str | None:
        """What a cell shows as text; None where it holds none."""
        if cell.type == "s" and cell.value is not None:
            return _plain(self.strings[int(cell.value)])
        if cell.type == "inlineStr":
            return _plain(etree.fromstring(cell.inline)) if cell.inline else ""
        return _unescaped(cell.value) if cell.type == "str" and cell.value is not None else None

    def value(self, sheet: str, position: Position):
        """Text, number, truth, or an error's text; None where the cell is blank."""
        cell = self.cells(sheet).get(position)
        if cell is None or cell.value is None and not cell.inline:
            return None
        if cell.type in ("s", "inlineStr", "str"):
            return self.text(cell)
        if cell.type == "b":
            return cell.value in ("1", "true")
        return cell.value if cell.type in ("e", "d") else float(cell.value)


@lru_cache(60)
def _known(content: bytes) -> Workbook:
    """Workbooks that many others are compared with are read once."""
    return Workbook(content)


def _plain(item) -> str:
    """The text of <si> or <is>: its runs joined, readings of characters left out."""
    texts = []
    for inner in children(item):
        if local(inner) == "t":
            texts.append(inner.text or "")
        elif local(inner) == "r":
            texts += [t.text or "" for t in children(inner) if local(t) == "t"]
    return _unescaped("".join(texts))


def _unescaped(text: str) -> str:
    return re.sub("_x([0-9A-Fa-f]{4})_", lambda found: chr(int(found[1], 16)), text)


# ---- errors of structure

SHEET_ORDER = (
    "sheetPr dimension sheetViews sheetFormatPr cols sheetData sheetCalcPr sheetProtection protectedRanges scenarios "
    "autoFilter sortState dataConsolidate customSheetViews mergeCells phoneticPr conditionalFormatting dataValidations "
    "hyperlinks printOptions pageMargins pageSetup headerFooter rowBreaks colBreaks customProperties cellWatches "
    "ignoredErrors smartTags drawing legacyDrawing legacyDrawingHF drawingHF picture oleObjects controls "
    "webPublishItems tableParts extLst"
)
WORKBOOK_ORDER = (
    "fileVersion fileSharing workbookPr workbookProtection bookViews sheets functionGroups externalReferences "
    "definedNames calcPr oleSize customWorkbookViews pivotCaches smartTagPr smartTagTypes webPublishing fileRecoveryPr "
    "webPublishObjects extLst"
)
STYLES_ORDER = "numFmts fonts fills borders cellStyleXfs cellXfs cellStyles dxfs tableStyles colors extLst"
TABLE_ORDER = "autoFilter sortState tableColumns tableStyleInfo extLst"
CELL_ORDER = ["f", "v", "is", "extLst"]
#: elements of a sheet that may stand more than once
MANY = {"cols", "conditionalFormatting"}
COMPATIBILITY = "http://schemas.openxmlformats.org/markup-compatibility/2006"
LINKS = (
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
    "http://purl.oclc.org/ooxml/officeDocument/relationships",
)
ERRORS = {"#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A", "#GETTING_DATA"}
ERRORS |= {"#SPILL!", "#CALC!", "#FIELD!", "#BLOCKED!", "#UNKNOWN!", "#CONNECT!", "#BUSY!", "#PYTHON!"}


def structural_errors(source: Path | bytes | Workbook, known: frozenset[str] = frozenset()) -> list[str]:
    """What a strict reader of the package would stumble over; the content of `known` parts is not looked into."""
    book = source if isinstance(source, Workbook) else Workbook(source)
    return [*_zip_errors(book), *_part_errors(book, known), *_workbook_errors(book, known)]


def _once(book: Workbook, find, *where) -> list[str]:
    if (find, *where) not in book.errors:
        book.errors[find, *where] = list(find(book, *where))
    return book.errors[find, *where]


def _zip_errors(book: Workbook) -> Iterator[str]:
    seen, ends = Counter(book.key(info.orig_filename) for info in book.members), []
    yield from (f"zip: {name} stands {times} times" for name, times in seen.items() if times > 1)
    for info in book.members:
        head = struct.unpack_from("<4s5H3I2H", book.content, info.header_offset)
        signature, _, flags, method, _, _, check, packed, size, name_length, extra_length = head
        start = info.header_offset + 30
        name = book.content[start : start + name_length]
        if signature != b"PK\x03\x04":
            yield f"zip: {info.filename}: no header where the directory says"
            continue
        if name != info.orig_filename.encode("utf-8" if flags & 0x800 else "cp437"):
            yield f"zip: {info.filename}: its own header has another name"
        if method != info.compress_type:
            yield f"zip: {info.filename}: its own header has another method"
        wide = 0xFFFFFFFF in (packed, size)
        if not flags & 8 and not wide and (check, packed, size) != (info.CRC, info.compress_size, info.file_size):
            yield f"zip: {info.filename}: its own header has other sizes"
        ends.append((info.header_offset, start + name_length + extra_length + info.compress_size, info.filename))
        try:
            book.zip.read(info)
        except (zipfile.BadZipFile, NotImplementedError, EOFError, zlib.error) as error:
            yield f"zip: {info.filename}: cannot be unpacked ({error})"
    ends.sort()
    for (_, end, name), (start, _, following) in zip(ends, ends[1:]):
        if start < end:
            yield f"zip: {following} begins before {name} ends"


def _part_errors(book: Workbook, known: frozenset[str]) -> Iterator[str]:
    for part, type_ in book.content_types.items():
        if not type_:
            yield f"content types: none for {part}"
    named = Counter()
    for element in children(book.root("[content_types].xml")):
        key = element.get("PartName") or "*." + element.get("Extension", "")
        named[book.key(key)] += 1
        if element.get("PartName") and book.key(element.get("PartName")) not in book.parts:
            yield f"content types: {element.get('PartName')} is no part"
    yield from (f"content types: {key} twice" for key, times in named.items() if times > 1)
    reached, waiting = set(), [""]
    while waiting:
        part = waiting.pop()
        for link, found in book.relations(part).items():
            if found.external:
                continue
            if found.target not in book.parts:
                yield f"relationships of {part or 'the package'}: {link} leads to {found.target}, which is no part"
            elif found.target not in reached:
                reached.add(found.target)
                waiting.append(found.target)
    for part in book.parts:
        if part.endswith(("/", ".rels")) or part == "[content_types].xml":
            continue
        if part not in reached:
            yield f"{part}: no relationship leads there"
    for part in book.parts:
        if part.endswith((".xml", ".rels")) and part not in known:
            yield from _once(book, _xml_errors, part)


def _xml_errors(book: Workbook, part: str) -> Iterator[str]:
    root = book.root(part)
    if root is None:
        yield f"{part}: no well-formed XML"
        return
    if part.endswith(".rels"):
        numbers = Counter(element.get("Id") for element in children(root))
        yield from (f"{part}: {link} twice" for link, times in numbers.items() if times > 1)
        if (owner := book.owner_of(part)) and owner not in book.parts:
            yield f"{part}: relationships of a part that is not there"
        return
    if b"<!DOCTYPE" in book.data(part):
        yield f"{part}: DOCTYPE"
    related = book.relations(part)
    for element in root.iter(etree.Element):
        for name, value in element.attrib.items():
            if name.startswith("{") and name[1:].partition("}")[0] in LINKS and value and value not in related:
                yield f"{part}: {local(element)} names the relationship {value}, which is not there"
        for word in element.get(f"{{{COMPATIBILITY}}}Ignorable", "").split():
            if word not in element.nsmap:
                yield f"{part}: Ignorable names the prefix {word}, which is not declared"


def _ordered(part: str, found: list[str], words: str) -> Iterator[str]:
    order = words.split()
    known = [name for name in found if name in order]
    if known != sorted(known, key=order.index):
        yield f"{part}: elements out of order: {' '.join(known)}"
    yield from (f"{part}: {name} is no element of it" for name in found if name not in order)


def _names_of_children(root) -> list[str]:
    """Of children, and of what an alternative content stands for; what extensions add of their own stands anywhere."""
    main, found = etree.QName(root).namespace, []
    for element in children(root):
        if local(element) == "AlternateContent":
            inner = [each for choice in children(element) for each in children(choice)][:1]
        else:
            inner = [element]
        found += [local(each) for each in inner if etree.QName(each).namespace == main]
    return found


def _workbook_errors(book: Workbook, known: frozenset[str]) -> Iterator[str]:
    root = book.root(book.main)
    if root is None:
        yield "no workbook part"
        return
    yield from _ordered(book.main, _names_of_children(root), WORKBOOK_ORDER)
    sheets = children(child(root, "sheets"))
    for what in ("name", "sheetId"):
        seen = Counter(sheet.get(what, "").lower() for sheet in sheets)
        yield from (f"workbook: {what} {value} twice" for value, times in seen.items() if times > 1)
    for sheet in sheets:
        name = sheet.get("name", "")
        if not 0 < len(name) <= 31 or re.search(r"[\[\]:*?/\\]", name):
            yield f"workbook: {name!r} can be no sheet's name"
    if sheets and all(sheet.get("state", "visible") != "visible" for sheet in sheets):
        yield "workbook: no sheet can be seen"
    yield from (f"workbook: sheet {name} has no part" for name, part in book.sheets.items() if part not in book.parts)
    names = Counter(
        (name.get("name", "").lower(), name.get("localSheetId")) for name in children(child(root, "definedNames"))
    )
    for (name, sheet), times in names.items():
        if times > 1:
            yield f"defined names: {name} twice for {sheet}"
        if sheet is not None and int(sheet) >= len(sheets):
            yield f"defined names: {name} of sheet {sheet}, which is not there"
    yield from _style_errors(book)
    yield from _string_errors(book)
    for name, part in book.sheets.items():
        if part not in known and book.is_worksheet(part):
            yield from _once(book, _sheet_errors, name, part)
    yield from _table_errors(book)
    chain = book.part_of_main("calcChain")
    if chain in book.parts:
        yield from _chain_errors(book, chain, sheets)


def _style_errors(book: Workbook) -> Iterator[str]:
    root = book.styles
    if root is None:
        if any(cell.style for sheet in book.sheets for cell in _cells_of(book, sheet)):
            yield "styles: cells have formats, but there are none"
        return
    yield from _ordered("styles", [local(element) for element in children(root)], STYLES_ORDER)
    for element in children(root):
        if element.get("count") and int(element.get("count")) != len(children(element)):
            yield f"styles: {local(element)} counts {element.get('count')} of {len(children(element))}"
    sizes = {kind: len(children(child(root, kind))) for kind in ("fonts", "fills", "borders", "cellStyleXfs")}
    codes = Counter(code.get("numFmtId") for code in children(child(root, "numFmts")))
    yield from (f"styles: number format {code} twice" for code, times in codes.items() if times > 1)
    for kind in ("cellStyleXfs", "cellXfs"):
        for number, xf in enumerate(children(child(root, kind))):
            links = [("fontId", "fonts"), ("fillId", "fills"), ("borderId", "borders")]
            links += [("xfId", "cellStyleXfs")] if kind == "cellXfs" else []
            for attribute, target in links:
                beyond = xf.get(attribute) and int(xf.get(attribute)) >= sizes[target]
                if beyond and (sizes[target] or attribute != "xfId"):
                    yield f"styles: {kind} {number} has {attribute} {xf.get(attribute)} of {sizes[target]}"
            if int(xf.get("numFmtId", 0)) >= 164 and xf.get("numFmtId") not in codes:
                yield f"styles: {kind} {number} has the number format {xf.get('numFmtId')}, which is not there"


def _cells_of(book: Workbook, sheet: str) -> list[Cell]:
    return list(book.cells(sheet).values()) if book.is_worksheet(book.sheets[sheet]) else []


def _string_errors(book: Workbook) -> Iterator[str]:
    root = book.root(book.part_of_main("sharedStrings"))
    if root is not None and root.get("uniqueCount") and int(root.get("uniqueCount")) != len(book.strings):
        yield f"shared strings: uniqueCount {root.get('uniqueCount')} of {len(book.strings)}"
    for number, item in enumerate(book.strings):
        yield from (f"shared strings: {number}: {problem}" for problem in _text_errors(item))


def _text_errors(item) -> Iterator[str]:
    for t in item.iter(etree.Element):
        text = t.text or ""
        if local(t) == "t" and text != text.strip(" \t\n\r"):
            if not any(name.endswith("}space") and value == "preserve" for name, value in t.attrib.items()):
                yield f"blanks at the ends of {text!r} get lost"
    if len(_plain(item)) > 32767:
        yield "text longer than 32767"


def _sheet_errors(book: Workbook, name: str, part: str) -> Iterator[str]:
    root = book.root(part)
    found = _names_of_children(root)
    yield from _ordered(part, found, SHEET_ORDER)
    for kind, times in Counter(found).items():
        if times > 1 and kind not in MANY:
            yield f"{part}: {times} elements {kind}"
    yield from _cell_errors(book, name, part)
    yield from _frame_errors(book, name, part, root)


def _cell_errors(book: Workbook, name: str, part: str) -> Iterator[str]:
    last_row = 0
    metadata = book.root(book.part_of_main("sheetMetadata"))
    lists = {"cm": "cellMetadata", "vm": "valueMetadata"}
    sizes = {attribute: len(children(child(metadata, kind))) for attribute, kind in lists.items()}
    for number, row in book.rows(part):
        if number <= last_row:
            yield f"{part}: row {number} after row {last_row}"
        last_row = number
        if not 0 < number <= LIMIT_ROWS:
            yield f"{part}: row {number}"
        if row.get("s") and book.formats and int(row.get("s")) >= len(book.formats):
            yield f"{part}: row {number} has the format {row.get('s')} of {len(book.formats)}"
        spans = [tuple(map(int, span.split(":"))) for span in row.get("spans", "").split()]
        last = column = 0
        for c in children(row):
            if local(c) != "c":
                continue
            if c.get("r"):
                top, column, *_ = area(c.get("r"))
                if top != number:
                    yield f"{part}: {c.get('r')} stands in row {number}"
            else:
                column += 1
            if column <= last or column > LIMIT_COLUMNS:
                yield f"{part}: {place((number, column))} after column {last}"
            if spans and not any(first <= column <= end for first, end in spans):
                yield f"{part}: {place((number, column))} is outside the spans {row.get('spans')}"
            last = column
            yield from (f"{part}: {place((number, column))}: {error}" for error in _one_cell(book, c, sizes))
    formulas = [cell.formula for cell in book.cells(name).values() if cell.formula]
    shared = {number for _, kind, _, number, _ in formulas if kind == "shared"}
    masters = {number for _, kind, reach, number, _ in formulas if kind == "shared" and reach}
    yield from (f"{part}: shared formula {number} has no first cell" for number in shared if number not in masters)


def _one_cell(book: Workbook, c, sizes: dict) -> Iterator[str]:
    kind, inner = c.get("t", "n"), [local(each) for each in children(c)]
    if inner != CELL_ORDER[1:2] and inner != sorted(set(inner), key=CELL_ORDER.index):
        yield f"children out of order or twice: {inner}"
    if c.get("s") and book.formats and int(c.get("s")) >= len(book.formats):
        yield f"format {c.get('s')} of {len(book.formats)}"
    for attribute, size in sizes.items():
        if c.get(attribute) and int(c.get(attribute)) > size:
            yield f"{attribute} {c.get(attribute)} of {size}"
    found = dict(zip(inner, children(c)))
    value, formula, item = found.get("v"), found.get("f"), found.get("is")
    text = None if value is None else value.text or ""
    if kind not in ("n", "s", "str", "b", "e", "d", "inlineStr"):
        yield f"kind {kind}"
    if kind == "inlineStr":
        if value is not None:
            yield "inline text beside a value"
        if item is not None:
            yield from _text_errors(item)
    elif item is not None:
        yield f"inline text in a cell of kind {kind}"
    if text is not None:
        if kind == "s" and not (text.strip().isdigit() and int(text) < len(book.strings)):
            yield f"shared string {text} of {len(book.strings)}"
        if kind == "b" and text not in ("0", "1", "true", "false"):
            yield f"truth {text!r}"
        if kind == "e" and text not in ERRORS:
            yield f"error {text!r}"
        if kind == "n" and text.strip() and not re.fullmatch(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?", text.strip()):
            yield f"number {text!r}"
        if kind == "n" and not text.strip() and formula is None:
            yield "number without a figure"
        if kind == "str" and len(_unescaped(text)) > 32767:
            yield "text longer than 32767"
    if formula is not None:
        written = formula.text or ""
        if written.startswith("="):
            yield "a formula that begins with ="
        if len(written) > 8192:
            yield f"formula of {len(written)} characters"
        if not written and formula.get("t") not in ("shared", "dataTable"):
            yield "formula without text"
        if formula.get("t") == "array" and not formula.get("ref"):
            yield "array formula without area"


def _frame_errors(book: Workbook, name: str, part: str, root) -> Iterator[str]:
    for cols in (element for element in children(root) if local(element) == "cols"):
        last = 0
        if not children(cols):
            yield f"{part}: cols without a column"
        for col in children(cols):
            first, end = int(col.get("min")), int(col.get("max"))
            if not last < first <= end <= LIMIT_COLUMNS:
                yield f"{part}: columns {first} to {end} after {last}"
            last = end
    merges = [area(merge.get("ref")) for merge in children(child(root, "mergeCells"))]
    merged = child(root, "mergeCells")
    if merged is not None and not merges:
        yield f"{part}: mergeCells without one"
    for kind in ("mergeCells", "dataValidations", "tableParts"):
        element = child(root, kind)
        if element is not None and element.get("count") and int(element.get("count")) != len(children(element)):
            yield f"{part}: {kind} counts {element.get('count')} of {len(children(element))}"
    merges.sort()
    if len(merges) < 3000:
        for number, one in enumerate(merges):
            for other in merges[number + 1 :]:
                if other[0] > one[2]:
                    break
                if overlap(one, other):
                    yield f"{part}: merges overlap: {_spelled(one)} {_spelled(other)}"
    formats = len(children(child(book.styles, "dxfs")))
    for rule in root.iter(etree.Element):
        if local(rule) == "cfRule" and rule.get("dxfId") and int(rule.get("dxfId")) >= formats:
            yield f"{part}: a conditional format has dxfId {rule.get('dxfId')} of {formats}"
    known = child(root, "dimension")
    if known is not None and known.get("ref"):
        whole = area(known.get("ref"))
        if not all(inside(at, whole) for at in book.cells(name)):
            yield f"{part}: cells outside the dimension"


def _spelled(where: Area) -> str:
    return f"{place(where[:2])}:{place(where[2:])}"


def _tables(book: Workbook) -> Iterator[tuple[str, str, object]]:
    """Sheet, part, root."""
    for sheet, part in book.sheets.items():
        for table in book.related(part, "table"):
            if book.root(table) is not None:
                yield sheet, table, book.root(table)


def _table_errors(book: Workbook) -> Iterator[str]:
    seen: dict[tuple, int] = Counter()
    areas: dict[str, list[Area]] = {}
    for sheet, part, root in _tables(book):
        seen["id", root.get("id")] += 1
        seen["name", root.get("displayName", "").lower()] += 1
        yield from _ordered(part, [local(element) for element in children(root)], TABLE_ORDER)
        whole, columns = area(root.get("ref")), children(child(root, "tableColumns"))
        if whole[3] - whole[1] + 1 != len(columns):
            yield f"{part}: {len(columns)} columns over {root.get('ref')}"
        if child(root, "tableColumns").get("count") not in (None, str(len(columns))):
            yield f"{part}: tableColumns counts {child(root, 'tableColumns').get('count')} of {len(columns)}"
        for what in ("id", "name"):
            times = Counter(column.get(what, "").lower() for column in columns)
            yield from (f"{part}: column {what} {value} twice" for value, n in times.items() if n > 1)
        heads, totals = int(root.get("headerRowCount", 1)), int(root.get("totalsRowCount", 0))
        if whole[2] - whole[0] + 1 < heads + totals + (1 if root.get("insertRow") != "1" else 0):
            yield f"{part}: no row of data in {root.get('ref')}"
        kept = child(root, "autoFilter")
        if kept is not None:
            expected = (whole[0], whole[1], whole[2] - totals, whole[3])
            if area(kept.get("ref")) != expected:
                yield f"{part}: its filter covers {kept.get('ref')}, the table {root.get('ref')}"
        if heads and root.get("headerRowCount") != "0":
            for number, column in enumerate(columns):
                at = whole[0], whole[1] + number
                shown = book.value(sheet, at)
                told = _unescaped(column.get("name", ""))
                if not isinstance(shown, str) or _one_line(shown) != _one_line(told):
                    yield f"{part}: column {told!r}, but {place(at)} shows {shown!r}"
        areas.setdefault(sheet, []).append(whole)
    yield from (f"tables: {what} {value} twice" for (what, value), times in seen.items() if times > 1)
    for sheet, found in areas.items():
        for number, one in enumerate(found):
            if any(overlap(one, other) for other in found[number + 1 :]):
                yield f"{sheet}: tables overlap at {_spelled(one)}"


def _one_line(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip().lower()


def _chain_errors(book: Workbook, chain: str, sheets: list) -> Iterator[str]:
    names = {sheet.get("sheetId"): sheet.get("name", "") for sheet in sheets}
    areas: dict[str, list[Area]] = {}
    number = ""
    for c in children(book.root(chain)):
        number = c.get("i") or number
        where = area(c.get("r", ""))[:2]
        sheet = names.get(number)
        if sheet is None:
            yield f"calcChain: sheet {number} is not there"
        elif book.is_worksheet(book.sheets[sheet]):
            cell = book.cells(sheet).get(where)
            if cell is None or cell.formula is None:
                areas[sheet] = areas.get(sheet) or _array_areas(book, sheet)
                if not any(inside(where, found) for found in areas[sheet]):
                    yield f"calcChain: {sheet} {place(where)} is no formula"


def _array_areas(book: Workbook, sheet: str) -> list[Area]:
    formulas = [cell.formula for cell in book.cells(sheet).values() if cell.formula]
    return [area(reach) for _, kind, reach, *_ in formulas if kind in ("array", "dataTable") and reach]


# ---- which formulas depend on what was written, found by plain search

#: what may look at any cell; what changes by itself (TODAY, RAND) is no less true for what was written elsewhere, and
#: programs that do not calculate would find a blank instead of an age
_ANYWHERE = re.compile(r"\b(INDIRECT|OFFSET|CELL|INFO)\s*\(", re.IGNORECASE)


class Dependants:
    """Formulas that must have another result, or might: what is more than a plain reference might."""

    def __init__(self, book: Workbook, written: Mapping[str, set[Position]]):
        self.book, self.changed = book, {sheet: set(cells) for sheet, cells in written.items()}
        self.perhaps: dict[str, set[Position]] = {sheet: set(cells) for sheet, cells in written.items()}
        self.names = {name.lower(): text for (name, sheet), (text, _) in book.names.items()}
        self.tables = {r.get("displayName", "").lower(): (s, area(r.get("ref"))) for s, _, r in _tables(book)}
        self.lists = {sheet.lower(): sheet for sheet in book.sheets}
        formulas = list(self._formulas())
        self._spread(formulas, self.changed, certain=True)
        self._spread(formulas, self.perhaps, certain=False)

    def _formulas(self):
        """Sheet, cells that have its result, its areas: those that are certain, all; None: might be anything."""
        from openpyxl.formula.translate import Translator

        for sheet, part in self.book.sheets.items():
            if not self.book.is_worksheet(part):
                continue
            cells, masters = self.book.cells(sheet), {}
            for position, cell in cells.items():
                if cell.formula and cell.formula[1] == "shared" and cell.formula[0]:
                    masters[cell.formula[3]] = position, cell.formula[0]
            for position, cell in cells.items():
                if cell.formula is None:
                    continue
                text, kind, reach, number, _ = cell.formula
                if kind == "shared" and not text and number in masters:
                    origin, text = masters[number]
                    text = Translator("=" + text, place(origin)).translate_formula(place(position))[1:]
                results = {position}
                if kind in ("array", "dataTable") and reach:
                    top, left, bottom, right = area(reach)
                    results |= {(r, c) for r in range(top, bottom + 1) for c in range(left, right + 1)}
                if kind == "dataTable":  # its cells of input are on its sheet
                    yield sheet, results, [], [(sheet, (1, 1, LIMIT_ROWS, LIMIT_COLUMNS))]
                else:
                    yield sheet, results, *self._areas(text, sheet)

    def _areas(self, text: str, sheet: str, depth: int = 0):
        from openpyxl.formula import Tokenizer

        certain, possible = [], []
        if _ANYWHERE.search(text):
            return [], None
        try:
            tokens = Tokenizer("=" + text).items
        except Exception:  # what openpyxl does not read might be anything
            return [], None
        for token in tokens:
            if token.type != "OPERAND" or token.subtype != "RANGE":
                continue
            operand, on = token.value, sheet
            if operand.startswith("["):
                if "!" in operand:
                    continue
            quoted = re.match(r"(?:'((?:[^']|'')*)'|([^!'\[\]]*(?:\[\d+\])?[^!']*))!(.*)", operand)
            if quoted:
                on, operand = (quoted[1] or quoted[2] or "").replace("''", "'"), quoted[3]
                if "[" in on:
                    continue
                if on.lower() not in self.lists:
                    first, colon, last = on.partition(":")
                    if not colon or first.lower() not in self.lists or last.lower() not in self.lists:
                        return certain, None
                    order = list(self.book.sheets)
                    ends = sorted(order.index(self.lists[end.lower()]) for end in (first, last))
                    found = self._plain_area(operand)
                    if found is None:
                        return certain, None
                    possible += [(between, found) for between in order[ends[0] : ends[1] + 1]]
                    continue
                on = self.lists[on.lower()]
            found = self._plain_area(operand)
            if found:
                possible.append((on, found))
                if ":" not in operand.replace("$", "") or operand.count(":") == 1:
                    certain.append((on, found))
            elif operand.partition("[")[0].lower() in self.tables:
                possible.append(self.tables[operand.partition("[")[0].lower()])
            elif operand.lower() in self.names and depth < 8:
                sure, might = self._areas(self.names[operand.lower()], sheet, depth + 1)
                certain += sure
                if might is None:
                    return certain, None
                possible += might
            else:
                return certain, None
        return certain, possible

    @staticmethod
    def _plain_area(text: str) -> Area | None:
        text = text.replace("$", "").rstrip("#")
        if _REFERENCE.fullmatch(text):
            return area(text)
        if found := re.fullmatch(r"([A-Za-z]{1,3}):([A-Za-z]{1,3})", text):
            left, right = sorted(map(_number, found.groups()))
            return 1, left, LIMIT_ROWS, right
        if found := re.fullmatch(r"(\d+):(\d+)", text):
            top, bottom = sorted(map(int, found.groups()))
            return top, 1, bottom, LIMIT_COLUMNS
        return None

    def _spread(self, formulas, reached: dict[str, set[Position]], certain: bool):
        waiting, fresh = formulas, {sheet: set(cells) for sheet, cells in reached.items()}
        while fresh:
            seen, left, now = {}, [], {}
            for entry in waiting:
                sheet, results, sure, might = entry
                for where in (areas := sure if certain else might) or ():
                    if where not in seen:
                        seen[where] = _touched(fresh.get(where[0], ()), where[1])
                if areas is None or any(seen[where] for where in areas):
                    now.setdefault(sheet, set()).update(results)
                else:
                    left.append(entry)
            for sheet, cells in now.items():
                reached.setdefault(sheet, set()).update(cells)
            waiting, fresh = left, now


def _touched(cells, where: Area) -> bool:
    size = (where[2] - where[0] + 1) * (where[3] - where[1] + 1)
    if size < len(cells):
        return any((r, c) in cells for r in range(where[0], where[2] + 1) for c in range(where[1], where[3] + 1))
    return any(inside(cell, where) for cell in cells)


# ---- the comparison


class _Comparison:
    def __init__(self, before: Workbook, after: Workbook, allowed: Allowed):
        self.before, self.after, self.allowed = before, after, allowed
        self.found: list[str] = []
        self.written = {sheet: set(cells) for sheet, cells in allowed.cells.items() if cells}

    def differences(self) -> list[str]:
        known = frozenset(part for part in self.before.parts if self._untouched(part))
        errors = Counter(structural_errors(self.after, known)) - Counter(structural_errors(self.before, known))
        self.found += [f"new error: {error}" for error in errors.elements()]
        if self.after.main != self.before.main or self.after.root(self.after.main) is None:
            return [*self.found, "no workbook part, or another one"]
        self.dependants = Dependants(self.before, self.written)
        self._members()
        self._types_and_relations()
        self._workbook()
        for kind, compare in (
            ("styles", self._styles), ("sharedStrings", self._strings), ("sheetMetadata", self._metadata),
            ("calcChain", self._chain),
        ):  # fmt: skip
            part = self.before.part_of_main(kind)
            if part in self.before.parts and part in self.after.parts and self._changed(part):
                compare(part, self.before.root(part), self.after.root(part))
        for sheet, part in self.before.sheets.items():
            if sheet in self.allowed.replaced or part not in self.after.parts or part not in self.before.parts:
                continue
            if self.before.is_worksheet(part) and (self._changed(part) or self._resolve_again or part in self._must):
                self._sheet(sheet, part)
            for table in self.before.related(part, "table"):
                if table in self.after.parts and table in self.before.parts and self._changed(table):
                    self._table(sheet, table)
        self._asked()
        return self.found

    def _say(self, *words):
        self.found.append(" ".join(map(str, words)))

    def _changed(self, part: str) -> bool:
        return self.before.data(part) != self.after.data(part)

    def _untouched(self, part: str) -> bool:
        """The same bytes, and the same relationships."""
        for name in (part, Workbook.rels_of(part)):
            one, other = self.before.parts.get(name), self.after.parts.get(name)
            if (one is None) != (other is None):
                return False
            if one is not None and (one.CRC, one.file_size) != (other.CRC, other.file_size):
                return False
        return True

    @cached_property
    def _must(self) -> set[str]:
        """Sheets that cannot stay as they are: somewhere a result is no longer true."""
        return {self.before.sheets[sheet] for sheet, cells in self.dependants.changed.items() if cells}

    @cached_property
    def _resolve_again(self) -> bool:
        """Cells have to be looked at though their sheet is the same: what they refer to is not."""
        for kind in ("styles", "sharedStrings"):
            part = self.before.part_of_main(kind)
            if part in self.before.parts and (part not in self.after.parts or self._changed(part)):
                return True
        return False

    # -- members of the zip

    @cached_property
    def _open(self) -> set[str]:
        """Parts that may be other bytes; their content is compared in turn."""
        before, main = self.before, self.before.main
        parts = {"[content_types].xml", main, before.rels_of(main), "docprops/app.xml"}
        kinds = ("styles", "sharedStrings", "sheetMetadata", "calcChain")
        parts |= {before.part_of_main(kind) for kind in kinds}
        allowed = self.allowed
        touched = {*self.written, *allowed.replaced, *allowed.merges, *allowed.widths, *allowed.looks}
        for sheet, part in before.sheets.items():
            if sheet in touched or self.dependants.perhaps.get(sheet):
                parts.add(part)
            if sheet in touched and self.allowed.grown:
                parts.update(before.related(part, "table"))
            if sheet in self.allowed.replaced:
                parts.add(before.rels_of(part))
        return parts - {""}

    def _members(self):
        before, after = self.before, self.after
        lost = [part for part in before.parts if part not in after.parts]
        new = [part for part in after.parts if part not in before.parts]
        droppable = {before.part_of_main("calcChain")} | self._only_of_replaced()
        for part in lost:
            if part not in droppable:
                self._say("part lost:", part)
        kinds = ("styles", "sharedStrings", "sheetMetadata")
        welcome = (self._of_new_sheets() | {after.part_of_main(kind) for kind in kinds}) - {""}
        for part in new:
            if part not in welcome and self._owner(part) not in welcome:
                self._say("part added:", part)
        order = [info.orig_filename for info in before.members if before.key(info.orig_filename) in after.parts]
        kept = [info.orig_filename for info in after.members if after.key(info.orig_filename) in before.parts]
        if order != kept:
            self._say("zip: members in another order or under other names:", order, kept)
        rewritten = {before.sheets[sheet] for sheet in self.written if sheet in before.sheets}
        for part, info in before.parts.items():
            if part not in after.parts:
                continue
            other = after.parts[part]
            if part in self._open and (before.data(part) != after.data(part) or part in rewritten):
                continue  # a sheet into which only blanks were written over blanks may be packed again
            if before.data(part) != after.data(part):
                self._say("part changed:", part)
                continue
            for what in ("compress_type", "date_time", "external_attr", "create_system", "extra", "comment", "CRC"):
                if getattr(info, what) != getattr(other, what):
                    self._say("zip:", part, "has another", what, getattr(info, what), getattr(other, what))
            if before.packed(info) != after.packed(other):
                self._say("zip:", part, "was packed again")
        if before.zip.comment != after.zip.comment:
            self._say("zip: another comment")

    def _owner(self, part: str) -> str:
        return Workbook.owner_of(part) if part.endswith(".rels") else ""

    @staticmethod
    def _reached(book: Workbook, starts) -> set[str]:
        reached, waiting = set(), [part for part in starts if part]
        while waiting:
            part = waiting.pop()
            if part not in reached:
                reached.add(part)
                waiting += [found.target for found in book.relations(part).values() if not found.external]
        return reached

    def _of_new_sheets(self) -> set[str]:
        names = self.allowed.added | self.allowed.replaced
        return self._reached(self.after, [self.after.sheets.get(name, "") for name in names])

    def _only_of_replaced(self) -> set[str]:
        """Parts that only replaced sheets had, and their relationships."""
        gone = self._reached(self.before, [self.before.sheets.get(name, "") for name in self.allowed.replaced])
        others = [part for name, part in self.before.sheets.items() if name not in self.allowed.replaced]
        main = [found.target for found in self.before.relations(self.before.main).values() if found.kind != "worksheet"]
        gone -= self._reached(self.before, others + main)
        return gone | {Workbook.rels_of(part) for part in gone}

    def _types_and_relations(self):
        before, after = self.before, self.after
        for part, type_ in before.content_types.items():
            if part in after.parts and after.content_types[part] != type_:
                self._say("content type of", part, "is", after.content_types[part], "instead of", type_)
        kept = _defaults(before) - _defaults(after)
        if kept:
            self._say("content types: defaults lost:", sorted(kept))
        for part in before.parts:
            if not part.endswith(".rels") or part not in after.parts:
                continue
            owner = Workbook.owner_of(part)
            if owner in {self.before.sheets.get(name) for name in self.allowed.replaced}:
                continue
            old, new = before.relations(owner), after.relations(owner)
            for link, relation in old.items():
                if link not in new:
                    gone = relation.kind == "calcChain" or relation.target in self._only_of_replaced()
                    if not (gone and relation.target not in after.parts):
                        self._say("relationship lost:", owner, link, relation.kind)
                elif new[link] != relation:
                    self._say("relationship changed:", owner, link, relation, new[link])
            welcome = {"styles", "sharedStrings", "sheetMetadata"} if owner == before.main else set()
            for link in new.keys() - old.keys():
                expected = new[link].kind in welcome and not before.part_of_main(new[link].kind)
                if not expected and not (owner == before.main and new[link].target in self._of_new_sheets()):
                    self._say("relationship added:", owner, link, new[link])

    # -- the workbook part

    def _workbook(self):
        before, after = self.before.root(self.before.main), self.after.root(self.after.main)
        if before.nsmap != after.nsmap or dict(before.attrib) != dict(after.attrib):
            self._say("workbook: other namespaces or attributes of the root")
        self._sheet_list()
        formulas = any(cell.formula for sheet in self.after.sheets for cell in _cells_of(self.after, sheet))
        mine = child(after, "calcPr")
        if self.written and formulas and (mine is None or mine.get("fullCalcOnLoad") not in ("1", "true")):
            self._say("workbook: formulas, but no calculation on load")
        old, new = ({} if found is None else dict(found.attrib) for found in (child(before, "calcPr"), mine))
        for attributes in (old, new):
            attributes.pop("fullCalcOnLoad", None)
        if old != new and not (child(before, "calcPr") is None and not set(new) - {"calcId"}):
            self._say("workbook: calcPr", old, new)
        self._names()
        skipped = {"sheets", "calcPr", "definedNames"}
        rest = [[canonical(e) for e in children(root) if local(e) not in skipped] for root in (before, after)]
        if rest[0] != rest[1]:
            self._say("workbook: other elements:", *(set(rest[0]) ^ set(rest[1])))
        app = "docprops/app.xml"
        if app in self.before.parts and app in self.after.parts and self._changed(app):
            if not (self.allowed.added or self.allowed.names):
                self._say("part changed:", app)
            pair = [
                [canonical(e) for e in children(book.root(app)) if local(e) not in ("HeadingPairs", "TitlesOfParts")]
                for book in (self.before, self.after)
            ]
            if pair[0] != pair[1]:
                self._say("docProps/app.xml: more than titles changed")

    def _sheet_list(self):
        lists = [
            [dict(sheet.attrib) for sheet in children(child(book.root(book.main), "sheets"))]
            for book in (self.before, self.after)
        ]
        kept = [sheet for sheet in lists[1] if sheet.get("name") not in self.allowed.added]
        if kept != lists[0]:
            self._say("workbook: sheets", lists[0], kept)
        for name in self.allowed.added:
            if name not in self.after.sheets:
                self._say("workbook: no new sheet", name)

    def _names(self):
        old, new = self._by_sheet(self.before), self._by_sheet(self.after)
        for key, (text, rest) in old.items():
            if key not in new:
                if key[1] not in self.allowed.replaced:
                    self._say("defined name lost:", key)
                continue
            told, others = new[key]
            if others != rest:
                self._say("defined name: other attributes:", key, rest, others)
            if told != text and self.allowed.names.get(key[0]) != told and key[1] not in self.allowed.replaced:
                if not (self.allowed.grown and key[1] and self._grown_name(key, text, told)):
                    self._say("defined name changed:", key, text, told)
        for key in new.keys() - old.keys():
            if key[0] not in self.allowed.names and key[1] not in self.allowed.added | self.allowed.replaced:
                self._say("defined name added:", key)
        for name, text in self.allowed.names.items():
            if new.get((name, None), ("",))[0] != text:
                self._say("defined name not written:", name)

    @staticmethod
    def _by_sheet(book: Workbook) -> dict:
        """Names by the sheet's name instead of its number."""
        sheets: dict = {str(number): sheet for number, sheet in enumerate(book.sheets)}
        return {(name, sheets.get(number)): found for (name, number), found in book.names.items()}

    def _grown_name(self, key, text: str, told: str) -> bool:
        if key[0].lower() not in ("_xlnm.print_area", "_xlnm._filterdatabase"):
            return False
        before, after = text.split(","), told.split(",")
        if len(before) != len(after):
            return False
        for one, other in zip(before, after):
            (sheet, _, old), (again, _, new) = one.rpartition("!"), other.rpartition("!")
            if sheet != again or not _REFERENCE.fullmatch(old) or not _REFERENCE.fullmatch(new):
                return False
            if old.count("$") != new.count("$") or not self._grew(key[1], area(old), area(new)):
                return False
        return True

    def _grew(self, sheet: str, old: Area, new: Area) -> bool:
        """To the right or downwards, over columns or rows that were written, or not at all."""
        cells = self.written.get(sheet, set())
        columns, rows = {column for _, column in cells}, {row for row, _ in cells}
        return (
            old[:2] == new[:2] and new[2] >= old[2] and new[3] >= old[3]
            and set(range(old[3] + 1, new[3] + 1)) <= columns and set(range(old[2] + 1, new[2] + 1)) <= rows
        )  # fmt: skip

    def _grew_all(self, sheet: str, old: str, new: str) -> bool:
        before, after = old.split(), new.split()
        try:
            return len(before) == len(after) and all(
                self._grew(sheet, area(one), area(other)) for one, other in zip(before, after)
            )
        except ValueError:
            return False

    # -- parts that may only become longer

    def _styles(self, part: str, before, after):
        if before.nsmap != after.nsmap or dict(before.attrib) != dict(after.attrib):
            self._say("styles: other namespaces or attributes of the root")
        longer = {"numFmts", "fonts", "fills", "borders", "cellStyleXfs", "cellXfs", "cellStyles", "dxfs"}
        for element in children(before):
            name = local(element)
            if name not in longer and canonical(element) != canonical(child(after, name)):
                self._say("styles:", name, "is not the same")
        for name in longer:
            self._longer(f"styles: {name}", child(before, name), child(after, name))
        missing = {local(element) for element in children(after)} - {local(e) for e in children(before)} - longer
        if missing:
            self._say("styles: added", missing)

    def _longer(self, what: str, before, after):
        old, new = [canonical(e) for e in children(before)], [canonical(e) for e in children(after)]
        if new[: len(old)] != old:
            self._say(what, "is not the same at its beginning")
        if before is not None and after is not None:
            pair = [{k: v for k, v in e.attrib.items() if k not in ("count", "uniqueCount")} for e in (before, after)]
            if pair[0] != pair[1]:
                self._say(what, "has other attributes")

    def _strings(self, part: str, before, after):
        self._longer("shared strings", before, after)

    def _metadata(self, part: str, before, after):
        for element in children(before):
            self._longer(f"metadata: {local(element)}", element, child(after, local(element)))

    def _chain(self, part: str, before, after):
        old, new = [canonical(e) for e in children(before)], [canonical(e) for e in children(after)]
        if not set(new) <= set(old):
            self._say("calcChain: cells that were not there")

    # -- a sheet

    def _sheet(self, sheet: str, part: str):
        before, after = self.before.root(part), self.after.root(part)
        if after is None:
            self._say(f"{sheet}: no XML")
            return
        if before.nsmap != after.nsmap or dict(before.attrib) != dict(after.attrib):
            self._say(f"{sheet}: other namespaces or attributes of the root")
        self._frame(sheet, before, after)
        self._rows(sheet, part)
        self._cells(sheet)
        data = [child(root, "sheetData") for root in (before, after)]
        remarks = [[c.text for c in d.iter(etree.Comment, etree.PI)] if d is not None else [] for d in data]
        if remarks[0] != remarks[1]:
            self._say(f"{sheet}: remarks between cells")

    def _frame(self, sheet: str, before, after):
        kinds = [[local(e) for e in root] for root in (before, after)]
        made = set()
        made |= {"mergeCells"} if self.allowed.merges.get(sheet) else set()
        made |= {"cols"} if self.allowed.widths.get(sheet) else set()
        rest = [[kind for kind in found if kind not in made and kind != "dimension"] for found in kinds]
        if rest[0] != rest[1]:
            self._say(f"{sheet}: elements", kinds[0], kinds[1])
            return
        skipped = {"sheetData", "dimension", *made}
        old, new = ([e for e in root if local(e) not in skipped] for root in (before, after))
        for one, other in zip(old, new):
            if canonical(one) != canonical(other) and not self._grown_element(sheet, one, other):
                self._say(f"{sheet}: {local(one)} changed: {canonical(one)[:300]} {canonical(other)[:300]}")
        if self.allowed.merges.get(sheet):
            pair = [[m.get("ref") for m in children(child(root, "mergeCells"))] for root in (before, after)]
            if sorted(pair[0] + list(self.allowed.merges[sheet])) != sorted(pair[1]):
                self._say(f"{sheet}: merges", pair)
        if self.allowed.widths.get(sheet):
            pair = [self._widths(root) for root in (before, after)]
            for column in set(pair[0]) | set(pair[1]):
                if column not in self.allowed.widths[sheet] and pair[0].get(column) != pair[1].get(column):
                    self._say(f"{sheet}: column {letters(column)}", pair[0].get(column), pair[1].get(column))
        self._dimension(sheet, before, after)

    @staticmethod
    def _widths(root) -> dict[int, dict]:
        found = {}
        for cols in (e for e in children(root) if local(e) == "cols"):
            for col in children(cols):
                rest = {k: v for k, v in col.attrib.items() if k not in ("min", "max")}
                found.update(dict.fromkeys(range(int(col.get("min")), int(col.get("max")) + 1), rest))
        return found

    def _dimension(self, sheet: str, before, after):
        old, new = child(before, "dimension"), child(after, "dimension")
        if old is None and new is None:
            return
        if new is None:
            self._say(f"{sheet}: dimension lost")
            return
        cells = self.written.get(sheet, ())
        if old is None:
            return
        top, left, bottom, right = area(old.get("ref"))
        rows, columns = [row for row, _ in cells], [column for _, column in cells]
        most = min([top, *rows]), min([left, *columns]), max([bottom, *rows]), max([right, *columns])
        told = area(new.get("ref"))
        if not (
            most[0] <= told[0] <= max(top, most[0]) and most[1] <= told[1] and told[2] <= most[2] and told[3] <= most[3]
        ):
            self._say(f"{sheet}: dimension {old.get('ref')} {new.get('ref')}")
        if told[0] > top or told[1] > left or told[2] < bottom or told[3] < right:
            if (top, left, bottom, right) != (1, 1, 1, 1):
                self._say(f"{sheet}: dimension shrank: {old.get('ref')} {new.get('ref')}")

    def _grown_element(self, sheet: str, one, other) -> bool:
        """The same but for areas that reach further."""
        if not self.allowed.grown:
            return False
        name = local(one)
        if name not in ("autoFilter", "conditionalFormatting", "dataValidations", "extLst"):
            return False
        old, new = list(one.iter(etree.Element)), list(other.iter(etree.Element))
        if len(old) != len(new):
            return False
        for a, b in zip(old, new):
            if a.tag != b.tag:
                return False
            if local(a) == "sqref":  # of the x14 kinds
                if a.text != b.text and not self._grew_all(sheet, a.text or "", b.text or ""):
                    return False
            elif (a.text or "").strip() != (b.text or "").strip():
                return False
            for key in set(a.attrib) | set(b.attrib):
                if a.get(key) != b.get(key):
                    if key not in ("ref", "sqref") or not self._grew_all(sheet, a.get(key, ""), b.get(key, "")):
                        return False
                    if key == "ref" and local(a) not in ("autoFilter",):
                        return False
        return True

    def _rows(self, sheet: str, part: str):
        old, new = dict(self.before.rows(part)), dict(self.after.rows(part))
        rows = {row for row, _ in self.written.get(sheet, ())} | {row for row, _ in self.allowed.looks.get(sheet, ())}
        for number in old.keys() - new.keys():
            self._say(f"{sheet}: row {number} lost")
        for number in new.keys() - old.keys():
            if number not in rows:
                self._say(f"{sheet}: row {number} added")
        for number in old.keys() & new.keys():
            pair = [
                {k: v for k, v in row.attrib.items() if k not in ("r", "spans")} for row in (old[number], new[number])
            ]
            if pair[0] != pair[1]:
                self._say(f"{sheet}: row {number}:", *pair)
            if old[number].get("spans") != new[number].get("spans") and number not in rows:
                self._say(f"{sheet}: row {number}: other spans")
            extra = [[canonical(e) for e in children(row) if local(e) != "c"] for row in (old[number], new[number])]
            if extra[0] != extra[1]:
                self._say(f"{sheet}: row {number}: elements other than cells")

    @cached_property
    def _same_strings(self) -> bool:
        part = self.before.part_of_main("sharedStrings")
        return part not in self.before.parts or (part in self.after.parts and not self._changed(part))

    @cached_property
    def _same_styles(self) -> bool:
        part = self.before.part_of_main("styles")
        return part not in self.before.parts or not self._changed(part)

    def _content(self, book: Workbook, cell: Cell):
        if cell.type == "s" and cell.value is not None and not self._same_strings:
            number = int(cell.value)
            return "s", canonical(book.strings[number]) if number < len(book.strings) else "missing"
        return cell.type, cell.value, cell.inline

    def _same_look(self, old: Cell, new: Cell) -> bool:
        if old.style == new.style and self._same_styles:
            return True
        return self.before.look(old.style) == self.after.look(new.style)

    def _only_marked(self, old: Cell, new: Cell) -> bool:
        """Two looks of which the new one says besides that a text is one when somebody edits it."""
        one, other = self.before.look(old.style), self.after.look(new.style)
        return ("quotePrefix", "1") in other[4] and one == (
            *other[:4], tuple(pair for pair in other[4] if pair[0] != "quotePrefix"), *other[5:]
        )  # fmt: skip

    def _cells(self, sheet: str):
        before, after = self.before.cells(sheet), self.after.cells(sheet)
        asked, looks = self.allowed.cells.get(sheet, {}), self.allowed.looks.get(sheet, set())
        perhaps = self.dependants.perhaps.get(sheet, set())
        certain = self.dependants.changed.get(sheet, set())
        for at in before.keys() | after.keys():
            old, new = before.get(at), after.get(at)
            where = f"{sheet} {place(at)}:"
            if old and new and at not in looks and not self._same_look(old, new):
                # a date in a cell without a date's format gets one, a text like =1+1 the mark that it is a text
                value = asked.get(at)
                marked = isinstance(value, str) and value[:1] in "=+-@" and self._only_marked(old, new)
                if not (marked or isinstance(value, dt.date) or value is ANY):
                    self._say(where, "look changed:", self.before.look(old.style), self.after.look(new.style))
            if at in asked:
                continue
            if new is None:
                self._say(where, "cell lost")
                continue
            if old is None:
                if at not in looks:
                    self._say(where, "cell added")
                continue
            if old.formula != new.formula:
                self._say(where, "formula changed:", old.formula, new.formula)
            if old.attributes != new.attributes:
                self._say(where, "attributes changed:", old.attributes, new.attributes)
            if old.others != new.others:
                self._say(where, "further elements changed")
            same = self._content(self.before, old) == self._content(self.after, new)
            if not same and at not in perhaps:
                self._say(where, "value changed:", (old.type, old.value), (new.type, new.value))
            if same and at in certain and old.formula and (old.value or old.type == "str" and old.value is not None):
                self._say(where, "keeps a result that is no longer true")

    def _table(self, sheet: str, part: str):
        if not self.allowed.grown:
            return  # said already
        before, after = self.before.root(part), self.after.root(part)
        changeable = {"ref"}
        pair = [{k: v for k, v in root.attrib.items() if k not in changeable} for root in (before, after)]
        if pair[0] != pair[1] or before.nsmap != after.nsmap:
            self._say(f"{part}: other attributes", *pair)
        if not self._grew_all(sheet, before.get("ref"), after.get("ref")):
            self._say(f"{part}: area {before.get('ref')} {after.get('ref')}")
        kinds = [[local(e) for e in root] for root in (before, after)]
        if kinds[0] != kinds[1]:
            self._say(f"{part}: elements", *kinds)
            return
        for one, other in zip(children(before), children(after)):
            if local(one) == "tableColumns":
                self._longer(f"{part}: columns", one, other)
            elif canonical(one) != canonical(other) and not (
                local(one) == "autoFilter" and self._grown_element(sheet, one, other)
            ):
                self._say(f"{part}: {local(one)} changed")

    # -- what was asked for

    def _asked(self):
        for sheet, cells in self.allowed.cells.items():
            if sheet not in self.after.sheets:
                self._say("no sheet", sheet)
                continue
            written, titles = self.after.cells(sheet), self._new_titles(sheet)
            for at, value in cells.items():
                if at in titles and value is not ANY:
                    shown, title = self.after.text(written[at]) if at in written else None, _as_text(value)
                    if shown is None or not re.fullmatch(re.escape(title) + r"\d*", shown):
                        self._say(f"{sheet} {place(at)}: asked for the title {value!r}, but there is {shown!r}")
                    continue
                problem = self._unlike(sheet, written.get(at), value)
                if problem:
                    self._say(f"{sheet} {place(at)}: asked for {value!r}, but {problem}")

    def _new_titles(self, sheet: str) -> set[Position]:
        """Headers of columns that tables have got."""
        before = {root.get("id"): area(root.get("ref")) for on, _, root in _tables(self.before) if on == sheet}
        found = set()
        for on, _, root in _tables(self.after):
            if on == sheet and root.get("headerRowCount") != "0" and root.get("id") in before:
                top, _, _, right = area(root.get("ref"))
                found |= {(top, column) for column in range(before[root.get("id")][3] + 1, right + 1)}
        return found if self.allowed.grown else set()

    def _unlike(self, sheet: str, cell: Cell | None, value) -> str:
        """What is wrong with a written cell; '' where it holds what was asked for."""
        if value is ANY:
            return ""
        if cell is None or cell.blank:
            return "" if value is None or value == "" else "it is blank"
        if hasattr(value, "text") and not isinstance(value, str):  # a formula
            return self._unlike_formula(cell, value)
        if cell.formula is not None:
            return f"there is the formula {cell.formula}"
        if value is None:
            return f"there is {cell}"
        if isinstance(value, Exception):
            return "" if (cell.type, cell.value) == ("e", value.cell) else f"there is {cell.type} {cell.value}"
        if isinstance(value, str):
            shown = self.after.text(cell)
            return "" if cell.type in ("s", "inlineStr") and shown == value else f"there is {cell.type} {shown!r}"
        if isinstance(value, bool):
            return "" if cell.type == "b" and cell.value == str(int(value)) else f"there is {cell.type} {cell.value}"
        if cell.type != "n" or cell.value is None:
            return f"there is {cell.type} {cell.value}"
        if isinstance(value, dt.date):
            return self._unlike_date(cell, value)
        return "" if float(cell.value) == float(value) else f"there is {cell.value}"

    def _unlike_date(self, cell: Cell, value) -> str:
        moment = value if isinstance(value, dt.datetime) else dt.datetime(value.year, value.month, value.day)
        first = dt.datetime(1904, 1, 1) if self.after.date1904 else dt.datetime(1899, 12, 30)
        if not self.after.date1904 and moment < dt.datetime(1900, 3, 1):
            first += dt.timedelta(days=1)  # a day that never was stands before it
        if abs(float(cell.value) - (moment - first) / dt.timedelta(days=1)) > 1e-9:
            return f"there is {cell.value}"
        code = self.after.number_format(cell.style)
        shown = re.sub(r'"[^"]*"|\\.|\[[^\]]*\]', "", code).lower()
        built_in = code.isdigit() and (14 <= int(code) <= 22 or 27 <= int(code) <= 36 or 45 <= int(code) <= 58)
        return "" if built_in or re.search("[ymdhs年月日]", shown) else f"its number format is {code}"

    @staticmethod
    def _unlike_formula(cell: Cell, value) -> str:
        if cell.formula is None:
            return f"there is no formula, but {cell.type} {cell.value}"
        text, kind, reach, _, _ = cell.formula
        if text != value.text.removeprefix("="):
            return f"the formula is {text}"
        if getattr(value, "area", "") and (kind, area(reach)) != ("array", area(value.area)):
            return f"the formula is {kind} over {reach}"
        return ""


def _as_text(value) -> str:
    return value if isinstance(value, str) else f"{value:g}" if isinstance(value, float) else str(value)


def _defaults(book: Workbook) -> set:
    return {
        (element.get("Extension", "").lower(), element.get("ContentType"))
        for element in children(book.root("[content_types].xml"))
        if local(element) == "Default"
    }
