"""Sheets built elsewhere become sheets of a workbook, with all that belongs to them.

They are built with XlsxWriter or openpyxl, as workbooks of their own. Charts, pictures, tables, notes and whatever else
a sheet leads to come along under names that are free; texts stand in the cells themselves, so that the workbook's
shared texts stay as they are; cell formats are appended to the workbook's, equal ones used again. What a new sheet
leaves to its workbook's default font, size included, follows the default font of the workbook that it comes into.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from html import unescape
from itertools import count
from pathlib import Path
from xml.sax.saxutils import escape

from ..errors import LedgerError
from .package import Package
from .parts import (
    WORKBOOK_ORDER,
    Parts,
    child,
    counts_from_1904,
    ensured,
    local,
    named,
    parsed,
    place,
    relative,
    rels_of,
    resolved,
    written,
)
from .recalculation import drop_calculation_chain, dynamic_array_mark
from .styles import STYLES_ORDER, StyleBook

#: of the names of sheets
MOST_NAME, FORBIDDEN = 31, re.compile(r"[\[\]:*?/\\\x00-\x1f\ufffe\uffff\ud800-\udfff]")
MOST_FORMATS = 64_000  # what Excel keeps apart in one workbook

_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.{}+xml"
#: what lives on a sheet and in the workbook both, so that neither copying nor dropping the sheet's half will do
_TIED = {"pivotTable": "数据透视表", "slicer": "切片器", "timeline": "日程表", "queryTable": "外部数据查询"}

_AT_A_TIME = 1 << 20  # bytes of rows
_CELL = re.compile(rb"<c ([^>]*?)(?:/>|>(.*?)</c>)", re.DOTALL)
_ROW = re.compile(rb"<row [^>]*>")
_STYLE = re.compile(rb'\bs="(\d+)"')
_MARKED = re.compile(rb'\bcm="\d+"')
_SHARED = re.compile(rb"<si\b[^>]*?(?:/>|>(.*?)</si>)", re.DOTALL)
_FORMULA = re.compile(rb"(<f\b[^>]*>)([^<]+)(</f>)")
_VALUE = re.compile(rb"<v>([^<]*)</v>")
_SHEET_DATA = re.compile(rb"<sheetData\s*(?:/>|>(.*)</sheetData>)", re.DOTALL)

#: parts of a formula: a text; the sheet in front of "!", quoted or bare; a table in front of "["
_REFERENCE = re.compile(
    r"""(?P<text>"[^"]*")|'(?P<quoted>(?:[^']|'')+)'!|(?<![\w.\]'])(?P<bare>[^\W\d][\w.]*)(?:!|(?=(?P<table>\[)))"""
)
_WITH_FORMULA = frozenset(
    ("f", "formula", "formula1", "formula2", "calculatedColumnFormula", "totalsRowFormula", "definedName")
)

_FONT_ORDER = (
    *("b", "i", "strike", "condense", "extend", "outline", "shadow", "u", "vertAlign", "sz", "color", "name"),
    *("family", "charset", "scheme"),
)


@dataclass(frozen=True)
class Graft:
    """A sheet to be taken over.

    workbook   a workbook built by XlsxWriter or openpyxl, or where it lies
    sheet      which of its sheets
    name       what it is called then; "" as in that workbook
    replaces   the sheet that has this name already, if there is one, gives up its place to it; all that refers to the
               name holds, and a hidden one stays hidden
    after      the sheet that a new one follows; None: it comes last
    """

    workbook: bytes | Path
    sheet: str
    name: str = ""
    replaces: bool = False
    after: str | None = None


def graft(parts: Parts, *grafts: Graft) -> dict[str, str]:
    """Take sheets into a workbook: names of the sheets, as they stand there, -> their parts. Raises LedgerError.

    Calculation is left to the caller: which formulas show what no longer holds, and when they are calculated.
    """
    target, donors, taken = _Target(parts), {}, []
    for one in grafts:
        donor = donors.get(one.workbook) or donors.setdefault(one.workbook, _Donor(one.workbook, parts.strict))
        if one.sheet not in donor.sheets or one.sheet.lower() in donor.names:
            raise ValueError(f"no sheet {one.sheet!r} to graft, or twice")
        name = one.name or one.sheet
        taken.append((donor, one.sheet, *target.place_for(name, one.replaces, one.after, donor.states[one.sheet])))
        donor.names[one.sheet.lower()] = name
    for donor, sheet, *_ in taken:
        donor.name_tables(sheet, target)
    for donor, sheet, name, part in taken:
        _Grafting(target, donor, sheet, name).take(part)
    return {name: part for _, _, name, part in taken}


def check_sheet_name(name: str):
    """Raises LedgerError for what no sheet can be called."""
    why = ""
    if not name.strip():
        why = "不能为空"
    elif found := FORBIDDEN.search(name):
        why = f"不能含有{found[0]}" if found[0].isprintable() else "不能含有控制字符"
    elif len(name.encode("utf-16-le")) // 2 > MOST_NAME:
        why = f"超过{MOST_NAME}个字符"
    elif name.startswith("'") or name.endswith("'"):
        why = "首尾不能是单引号"
    elif name.lower() == "history":
        why = "是 Excel 保留的名称"
    if why:
        raise LedgerError(f"工作表名称「{name}」{why}，请换一个名称")


# ---- the workbook that sheets come from


class _Donor:
    """A built workbook. `names` and `tables`: what its sheets and tables are called from now on, by lower-case name."""

    def __init__(self, workbook: bytes | Path, strict: bool):
        content, name = (workbook, "") if isinstance(workbook, bytes) else (workbook.read_bytes(), workbook.name)
        self.parts = Parts(Package(content, name))
        if strict and not self.parts.strict:
            for part in list(self.parts.names()):
                if part.lower().endswith((".xml", ".rels")) and (data := self.parts.read(part)):
                    self.parts.write(part, _in_strict_namespaces(data))
        self.book = self.parts.tree(self.parts.workbook)
        self.sheets = {name: part for name, part, kind in self.parts.sheets() if kind == "worksheet"}
        self.states = {e.get("name"): e.get("state") for e in self.book.iter(named(self.book, "sheet"))}
        self.names: dict[str, str] = {}
        self.tables: dict[str, str] = {}
        self.table_ids: dict[str, int] = {}
        self._texts: list[bytes] | None = None

    def name_tables(self, sheet: str, target: _Target):
        for kind, part in self.parts.related(self.sheets[sheet]).values():
            if kind == "table":
                name = self.parts.tree(part).get("displayName", "")
                self.table_ids[part], self.tables[name.lower()] = target.table(name)

    def text(self, number: int) -> bytes:
        """A shared text as it stands in a cell, runs of different fonts included."""
        if self._texts is None:
            data = self.parts.read(self.parts.part_of(self.parts.workbook, "sharedStrings")) or b""
            self._texts = [b"<is>%b</is>" % (found or b"<t/>") for found in _SHARED.findall(data)]
        return self._texts[number]


def _in_strict_namespaces(data: bytes) -> bytes:
    return re.sub(
        rb"http://schemas\.openxmlformats\.org/(officeDocument|spreadsheetml|drawingml)/2006/(\w+)",
        rb"http://purl.oclc.org/ooxml/\1/\2", data,
    )  # fmt: skip


# ---- the workbook that they come into


class _Target:
    def __init__(self, parts: Parts):
        self.parts, self.workbook = parts, parts.workbook
        self.root = parts.tree(self.workbook)
        self.styles = StyleBook(parts)
        self.groups: dict[str, _Group] = {}
        self.kept: dict[str, dict[str, str]] = {}  # of replaced sheets: what the new ones take over
        self._given: set[str] = set()  # sheets that this run has placed
        self._tables: tuple[set[int], set[str]] | None = None
        self._users: dict[str, set[str]] | None = None

    def group(self, name: str) -> _Group:
        if name not in self.groups:
            self.groups[name] = _Group(ensured(self.styles.root, name, STYLES_ORDER))
        return self.groups[name]

    @property
    def entries(self) -> list:
        return [entry for entry in child(self.root, "sheets") if local(entry) == "sheet"]

    def position(self, name: str) -> int | None:
        wanted = name.casefold()
        return next((i for i, e in enumerate(self.entries) if e.get("name", "").casefold() == wanted), None)

    # places

    def place_for(self, name: str, replaces: bool, after: str | None, state: str | None) -> tuple[str, str]:
        """The name and the part of a sheet to come, its place in the workbook made."""
        check_sheet_name(name)
        at = self.position(name)
        if at is None:
            found = name, self._add(name, after, state)
        elif not replaces or name.casefold() in self._given:
            raise LedgerError(f"已经有工作表「{name}」，请换一个名称，或先把原来的改名")
        else:
            found = self._cleared(at)
        self._given.add(name.casefold())
        return found

    def _add(self, name: str, after: str | None, state: str | None) -> str:
        from lxml import etree

        parts, entries = self.parts, self.entries
        at = len(entries)
        if after is not None:
            at = self.position(after)
            if at is None:
                raise LedgerError(f"没有工作表「{after}」，「{name}」不知道放在哪张表后面")
            at += 1
        folder = f"{self.workbook.rpartition('/')[0]}/worksheets".lstrip("/")
        part = parts.free(folder + "/sheet{}.xml")
        parts.add(part, b"", _TYPE.format("worksheet"))
        number = max((int(e.get("sheetId", "0")) for e in entries), default=0) + 1
        entry = etree.Element(named(self.root, "sheet"), name=name, sheetId=str(number))
        if state:
            entry.set("state", state)
        entry.set(f"{{{parts.office}}}id", parts.relate(self.workbook, "worksheet", part))
        if at:
            entries[at - 1].addnext(entry)
            entry.tail, entries[at - 1].tail = entries[at - 1].tail, entry.tail
        else:
            child(self.root, "sheets").insert(0, entry)
        # whatever counts sheets counts on
        for names in self.root.iter(named(self.root, "definedName")):
            _raise(names, "localSheetId", at)
        for view in ensured(self.root, "bookViews", WORKBOOK_ORDER).iter(named(self.root, "workbookView")):
            _raise(view, "activeTab", at)
            _raise(view, "firstSheet", at)
        views = child(self.root, "bookViews")
        if not len(views):  # views of sheets point at it
            etree.SubElement(views, named(self.root, "workbookView"))
        _add_title(parts, name, [e.get("name", "") for e in entries], at)
        return part

    def _cleared(self, at: int) -> tuple[str, str]:
        """A sheet without what belonged to it."""
        parts, (name, part, kind) = self.parts, self.parts.sheets()[at]
        if kind != "worksheet" or part not in parts:
            raise LedgerError(f"「{name}」不是普通的工作表，不能替换，请先把它改名")
        part = parts.spelled(part)
        for found, _ in parts.related(part).values():
            if found in _TIED:
                raise LedgerError(f"工作表「{name}」上有{_TIED[found]}，替换会丢掉它，请先把它移到别的工作表")
        head = (parts.read(part) or b"").partition(b"sheetData")[0]
        self.kept[part] = {
            mark.decode(): unescape(found[1].decode())
            for mark in (b"codeName", b"tabSelected")
            if (found := re.search(rb"""\b%b\s*=\s*["']([^"']*)""" % mark, head))
        }
        self._drop_children(part)
        drop_calculation_chain(parts)
        self._tables = None
        return name, part

    def _drop_children(self, owner: str):
        """Drop what only this part led to."""
        parts = self.parts
        if self._users is None:
            self._users = defaultdict(set)
            for rels in [name for name in parts.names() if name.lower().endswith(".rels")]:
                user = rels.replace("_rels/", "", 1) if rels.startswith("_rels/") else rels.replace("/_rels/", "/")
                user = user.removesuffix(".rels").lower()
                for _, part in parts.related(user).values():
                    self._users[part.lower()].add(user)
        children = {part.lower() for _, part in parts.related(owner).values()}
        parts.drop(rels_of(owner))
        for part in children:
            self._users[part].discard(owner.lower())
            if not self._users[part] and part in parts:
                self._drop_children(part)
                parts.drop(part)

    # tables and names

    def table(self, name: str) -> tuple[int, str]:
        """A number and a name for a table to come."""
        if self._tables is None:
            numbers, names = set(), set()
            for _, sheet, _ in self.parts.sheets():
                for kind, part in self.parts.related(sheet).values() if sheet in self.parts else ():
                    if kind == "table" and part in self.parts:
                        table = self.parts.tree(part)
                        numbers.add(int(table.get("id", "0")))
                        names |= {table.get("name", "").lower(), table.get("displayName", "").lower()}
            for entry in self.root.iter(named(self.root, "definedName")):
                names.add(entry.get("name", "").lower())
            self._tables = numbers, names
        numbers, names = self._tables
        number = max(numbers, default=0) + 1
        tries = (f"{name}_{n}" for n in count(2))
        chosen = name if name.lower() not in names else next(found for found in tries if found.lower() not in names)
        numbers.add(number)
        names.add(chosen.lower())
        return number, chosen

    def define(self, name: str, text: str, sheet: str, *, at: int | None, like):
        """A defined name: of the sheet at that place, or of the whole workbook."""
        from lxml import etree

        names = ensured(self.root, "definedNames", WORKBOOK_ORDER)
        scope = None if at is None else str(at)
        entry = next(
            (e for e in names if e.get("name", "").lower() == name.lower() and e.get("localSheetId") == scope), None
        )
        if entry is None:
            entry = etree.SubElement(names, named(self.root, "definedName"), name=name)
        elif at is None and entry.text != text and not _mentions(entry.text or "", sheet):
            raise LedgerError(f"已经有名称「{name}」，指的是别的单元格，请先在名称管理器里把它改名")
        for key, value in like.items():
            if key not in ("name", "localSheetId"):
                entry.set(key, value)
        if scope is not None:
            entry.set("localSheetId", scope)
        entry.text = text


def _raise(element, attribute: str, at: int):
    number = element.get(attribute, "")
    if number.isdigit() and int(number) >= at:
        element.set(attribute, str(int(number) + 1))


def _add_title(parts: Parts, name: str, sheets: list[str], at: int):
    """The list of sheets in the properties of the document, if it is there and true, stays true."""
    part = parts.part_of("", "extended-properties")
    if part not in parts:
        return
    root = parts.tree(part)
    found = [e for kind in ("HeadingPairs", "TitlesOfParts") for e in root.iter(named(root, kind))]
    if len(found) != 2 or not all(len(e) for e in found):
        return
    pairs, titles = found[0][0], found[1][0]
    counts = [e for e in pairs.iter() if local(e) in ("i4", "int", "i8") and (e.text or "").isdigit()]
    first = sheets[0] if sheets else ""
    start = 0
    for number in counts:
        group = [title.text or "" for title in titles[start : start + int(number.text)]]
        if first in group and len(titles) == sum(int(e.text) for e in counts):
            title = deepcopy(titles[start])
            title.text = name
            before = sum(sheet in group for sheet in sheets[:at])  # chart sheets are counted apart
            titles.insert(start + before, title)
            titles.set("size", str(len(titles)))
            number.text = str(int(number.text) + 1)
            return
        start += int(number.text)


# ---- cell formats


def _key(element):
    """What an element says, whatever prefixes it uses."""
    children = tuple(_key(e) for e in element if isinstance(e.tag, str))
    return element.tag, tuple(sorted(element.attrib.items())), (element.text or "").strip(), children


class _Group:
    """The fonts, say, of a workbook, found by what they are."""

    def __init__(self, element):
        self.element = element
        self._known: dict = {}
        for number, entry in enumerate(self):
            self._known.setdefault(_key(entry), number)
        self._size = sum(1 for _ in self)

    def __iter__(self):
        return (entry for entry in self.element if isinstance(entry.tag, str))

    def add(self, made) -> int:
        key = _key(made)
        if key not in self._known:
            made.tail = None
            self.element.append(made)
            self._known[key] = self._size
            self._size += 1
            self.element.set("count", str(self._size))
        return self._known[key]

    def __len__(self) -> int:
        return self._size


class _Formats:
    """Formats of one workbook -> formats of another, which has them from then on."""

    def __init__(self, donor: _Donor, target: _Target):
        parts = donor.parts
        root = parts.tree(parts.part_of(parts.workbook, "styles"))
        self.target, self._maps = target, defaultdict(dict)
        self._theirs = {
            name: list(group) if (group := child(root, name)) is not None else [] for name in STYLES_ORDER[:8]
        }
        self._codes = {e.get("numFmtId"): e.get("formatCode", "") for e in self._theirs["numFmts"]}
        self._font_0, self._our_font_0 = self._default_font(self._theirs), self._default_font(None)

    def _default_font(self, groups) -> int:
        formats = groups["cellXfs"] if groups else list(self.target.group("cellXfs"))
        return int(formats[0].get("fontId", "0")) if formats else 0

    def cell(self, number: int) -> int:
        """A cell format; the first is what blank cells have, in either workbook."""
        known = self._maps["cellXfs"]
        if number not in known:
            known[number] = 0 if number == 0 else self._format("cellXfs", number)
            if known[number] >= MOST_FORMATS:
                raise LedgerError("工作簿的单元格格式超过了 Excel 的上限（64000种），请先清理不用的格式")
        return known[number]

    def difference(self, number: int) -> int:
        """A format of conditional formatting or of a table."""
        known = self._maps["dxfs"]
        if number not in known:
            made = deepcopy(self._theirs["dxfs"][number])
            for code in made.iter(named(made, "numFmt")):
                code.set("numFmtId", str(self._code(code.get("formatCode", ""))))
            known[number] = self.target.group("dxfs").add(made)
        return known[number]

    def _format(self, group: str, number: int) -> int:
        made = deepcopy(self._theirs[group][number])
        for extra in made.findall(named(made, "extLst")):  # check boxes in cells: their parts stay behind
            made.remove(extra)
        code = self._codes.get(made.get("numFmtId"))
        if code is not None:
            made.set("numFmtId", str(self._code(code)))
        made.set("fontId", str(self._font(int(made.get("fontId", "0")))))
        for attribute, name in (("fillId", "fills"), ("borderId", "borders")):
            made.set(attribute, str(self._same(name, int(made.get(attribute, "0")))))
        if group == "cellXfs":
            made.set("xfId", str(self._named_style(int(made.get("xfId", "0")))))
        return self.target.group(group).add(made)

    def _same(self, name: str, number: int) -> int:
        known = self._maps[name]
        if number not in known:
            known[number] = self.target.group(name).add(deepcopy(self._theirs[name][number]))
        return known[number]

    def _code(self, code: str) -> int:
        from lxml import etree

        known = self._maps["numFmts"]
        if code not in known:
            group = self.target.group("numFmts")
            ours = {e.get("formatCode"): int(e.get("numFmtId", "0")) for e in group}
            if code not in ours:
                ours[code] = max([163, *ours.values()]) + 1
                name = named(self.target.styles.root, "numFmt")
                group.add(etree.Element(name, numFmtId=str(ours[code]), formatCode=code))
            known[code] = ours[code]
        return known[code]

    def _font(self, number: int) -> int:
        known = self._maps["fonts"]
        if number not in known:
            fonts, ours = self._theirs["fonts"], list(self.target.group("fonts"))
            if number == self._font_0:
                known[number] = self._our_font_0
                return known[number]
            made = deepcopy(fonts[number])
            shapes = [[_value(font, what) for what in ("name", "sz")] for font in (made, fonts[self._font_0])]
            if shapes[0] == shapes[1] and self._our_font_0 < len(ours):
                for what in ("name", "sz", "family", "charset", "scheme"):
                    for old in made.findall(named(made, what)):
                        made.remove(old)
                    for new in ours[self._our_font_0].findall(named(made, what)):
                        place(made, deepcopy(new), _FONT_ORDER).tail = None
            known[number] = self.target.group("fonts").add(made)
        return known[number]

    def _named_style(self, number: int) -> int:
        """A named style: the one of the same name, else it comes along."""
        known = self._maps["cellStyleXfs"]
        if number not in known:
            theirs = next((e for e in self._theirs["cellStyles"] if e.get("xfId") == str(number)), None)
            if theirs is None or theirs.get("builtinId") == "0":
                wanted = "0", "Normal"
            else:
                wanted = theirs.get("builtinId"), theirs.get("name", "")
            there = child(self.target.styles.root, "cellStyles")
            ours = next((e for e in ([] if there is None else there) if _same_style(e, *wanted)), None)
            if ours is not None:
                known[number] = int(ours.get("xfId", "0"))
            elif theirs is None or wanted[0] == "0":
                known[number] = 0
            else:
                known[number] = self._format("cellStyleXfs", number)
                style = deepcopy(theirs)
                style.set("xfId", str(known[number]))
                self.target.group("cellStyles").add(style)
        return known[number]


def _same_style(entry, built_in: str | None, name: str) -> bool:
    same = built_in is not None and entry.get("builtinId") == built_in and entry.get("iLevel") is None
    return same or entry.get("name", "").lower() == name.lower()


def _value(font, what: str) -> str | None:
    found = child(font, what)
    return None if found is None else found.get("val")


# ---- one sheet


class _Grafting:
    def __init__(self, target: _Target, donor: _Donor, sheet: str, name: str):
        self.target, self.donor, self.sheet, self.name = target, donor, sheet, name
        self.parts, self.formats = target.parts, _Formats(donor, target)
        sheets = {old: new for old, new in {**donor.names, sheet.lower(): name}.items() if old != new.lower()}
        tables = {old: new for old, new in donor.tables.items() if old != new.lower()}
        self.renamed: Callable[[str], str] = (lambda text: _renamed(text, sheets, tables)) if sheets or tables else str
        self.renames = bool(sheets or tables)
        self._copied: dict[str, str] = {}
        self._mark = 0  # of dynamic array formulas
        self._shift = 1462 * (counts_from_1904(donor.book) - counts_from_1904(target.root))

    def take(self, part: str):
        source = self.donor.sheets[self.sheet]
        data = self.donor.parts.read(source)
        rows = _SHEET_DATA.search(data)
        root = parsed(data[: rows.start()] + b"<sheetData/>" + data[rows.end() :])
        self._frame(root, self.target.kept.get(part, {}))
        head, _, tail = written(root).partition(b"<sheetData/>")
        cells = self._rows(data, *rows.span(1))
        self.parts.write(part, b"".join((head, b"<sheetData>", *cells, b"</sheetData>", tail)))
        self._relate(source, part)
        self._define_names()

    # cells

    def _rows(self, data: bytes, start: int, stop: int) -> Iterator[bytes]:
        """The rows that stand there, some at a time."""
        styled = {}

        def style(number: bytes) -> bytes:
            if number not in styled:
                styled[number] = b"%d" % self.formats.cell(int(number))
            return styled[number]

        def restyled(match) -> bytes:
            return b's="%b"' % style(match[1])

        def cell(match) -> bytes:
            attributes, content = match[1], match[2]
            if b's="' in attributes:
                attributes = _STYLE.sub(restyled, attributes)
            if content is None:
                return b"<c %b/>" % attributes
            if b't="s"' in attributes:
                attributes = attributes.replace(b't="s"', b't="inlineStr"')
                content = self.donor.text(int(_VALUE.search(content)[1]))
            elif b"<f" in content:
                content = self._formula(content)
                if b'cm="' in attributes:
                    self._mark = self._mark or dynamic_array_mark(self.parts)
                    attributes = _MARKED.sub(b'cm="%d"' % self._mark, attributes)
            elif self._shift and b't="' not in attributes:
                content = self._shifted(attributes, content)
            if b'vm="' in attributes:
                raise ValueError("pictures in cells cannot be grafted")
            return b"<c %b>%b</c>" % (attributes, content)

        while start < stop:
            end = data.find(b"</row>", min(start + _AT_A_TIME, stop), stop)
            end = stop if end < 0 else end + len(b"</row>")
            rows = _ROW.sub(lambda match: _STYLE.sub(restyled, match[0]), data[start:end])
            yield _CELL.sub(cell, rows)
            start = end

    def _formula(self, content: bytes) -> bytes:
        if not self.renames:
            return content
        return _FORMULA.sub(
            lambda match: match[1] + escape(self.renamed(unescape(match[2].decode()))).encode() + match[3], content
        )

    def _shifted(self, attributes: bytes, content: bytes) -> bytes:
        """A date, counted from the first day of the workbook that it comes into; a time of day needs none."""
        style, value = _STYLE.search(attributes), _VALUE.search(content)
        if not style or not value or not self.target.styles.shows_dates(int(style[1])) or float(value[1]) < 1462:
            return content
        number = float(value[1]) + self._shift
        return b"<v>%b</v>" % (str(int(number)) if number.is_integer() else repr(number)).encode()

    # what stands around the cells

    def _frame(self, root, kept: dict[str, str]):
        self._follow(root)
        for column in root.iter(named(root, "col")):
            if column.get("style"):
                column.set("style", str(self.formats.cell(int(column.get("style")))))
        properties = child(root, "sheetPr")
        if properties is not None:
            properties.attrib.pop("codeName", None)
        if kept.get("codeName"):  # macros know the sheet by it
            from lxml import etree

            if properties is None:
                properties = etree.Element(named(root, "sheetPr"))
                root.insert(0, properties)
            properties.set("codeName", kept["codeName"])
        for view in root.iter(named(root, "sheetView")):
            # two selected sheets would be a group, and whatever is typed into one goes into both
            view.attrib.pop("tabSelected", None)
            if kept.get("tabSelected"):
                view.set("tabSelected", kept["tabSelected"])

    def _follow(self, root):
        """Formulas by the new names of sheets and tables, formats by their new numbers."""
        for element in root.iter():
            if not isinstance(element.tag, str):
                continue
            for attribute, value in element.attrib.items():
                if attribute.lower().endswith("dxfid") and value.isdigit():
                    element.set(attribute, str(self.formats.difference(int(value))))
                elif attribute in ("textlink", "location"):
                    element.set(attribute, self.renamed(value))
            if self.renames and element.text and local(element) in _WITH_FORMULA:
                element.text = self.renamed(element.text)

    def _relate(self, source: str, part: str):
        """The relationships of a part, under their ids, to copies of what they lead to."""
        from lxml import etree

        entries = self.donor.parts.relationships(source)
        if not entries:
            return
        root = etree.Element(entries[0].getparent().tag, nsmap=entries[0].getparent().nsmap)
        for entry in map(deepcopy, entries):
            address, kind = entry.get("Target", ""), entry.get("Type", "").rpartition("/")[2]
            if kind in _TIED:
                raise ValueError(f"a {kind} cannot be grafted")
            if entry.get("TargetMode") != "External" and resolved(source, address) in self.donor.parts:
                entry.set("Target", relative(part, self._copy(resolved(source, address), kind)))
            elif address.startswith("#"):
                entry.set("Target", "#" + self.renamed(address[1:]))
            root.append(entry)
        self.parts.write(rels_of(part), written(root))

    def _copy(self, source: str, kind: str) -> str:
        if source in self._copied:
            return self._copied[source]
        donor = self.donor.parts
        part = self._copied[source] = self.parts.free(re.sub(r"\d*(\.\w+)$", r"{}\1", source))
        if kind == "table" or (self.renames and kind in ("drawing", "chart", "chartEx")):
            root = deepcopy(donor.tree(source))
            self._follow(root)
            if kind == "table":
                name = self.donor.tables[root.get("displayName", "").lower()]
                for key, value in (("id", str(self.donor.table_ids[source])), ("name", name), ("displayName", name)):
                    root.set(key, value)
            data = written(root)
        else:
            data = donor.read(source)
        self.parts.add(part, data, donor.content_type(source))
        self._relate(source, part)
        return part

    def _define_names(self):
        """The names of the sheet itself, and those of the whole workbook that point at it."""
        order = [name for name, _, _ in self.donor.parts.sheets()]
        at, local_to = self.target.position(self.name), str(order.index(self.sheet))
        names = child(self.target.root, "definedNames")
        for entry in list(names) if names is not None else ():
            if entry.get("localSheetId") == str(at) and entry.get("name", "").startswith("_xlnm."):
                names.remove(entry)  # print area and such of the sheet that was here
        for entry in self.donor.book.iter(named(self.donor.book, "definedName")):
            scope, text = entry.get("localSheetId"), entry.text or ""
            if scope == local_to or (scope is None and _mentions(text, self.sheet)):
                self.target.define(
                    entry.get("name", ""), self.renamed(text), self.name,
                    at=None if scope is None else at, like=dict(entry.attrib),
                )  # fmt: skip
        if names is not None and not len(names):
            self.target.root.remove(names)


def _mentions(formula: str, sheet: str) -> bool:
    return any(
        (found["quoted"] or "").replace("''", "'").lower() == sheet.lower()
        or ((found["bare"] or "").lower() == sheet.lower() and not found["table"])
        for found in _REFERENCE.finditer(formula)
    )


def _renamed(formula: str, sheets: dict[str, str], tables: dict[str, str]) -> str:
    """A formula after sheets and tables, by lower-case name, have got new names."""

    def reference(found) -> str:
        if found["table"]:
            return tables.get(found["bare"].lower(), found[0])
        sheet = (found["quoted"] or found["bare"] or "").replace("''", "'")
        new = sheets.get(sheet.lower()) if sheet else None
        return found[0] if new is None else "'{}'!".format(new.replace("'", "''"))

    return _REFERENCE.sub(reference, formula)
