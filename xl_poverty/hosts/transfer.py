"""What an action has changed in a copy of a workbook, as what is to be done in the workbook that is open: cells in
blocks, sheets that are new or have another layout, names."""

from __future__ import annotations

import datetime as dt
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ..errors import CellError
from ..ledger.files import read_book
from ..workbook.encoding import MOST_FORMULA, Encoder
from ..workbook.formula_text import area_named, marked
from ..workbook.parts import Parts, child, local, rels_of
from ..workbook.protection import check_package
from ..workbook.references import Area, Spot, area_of
from ..workbook.regenerating import EDITS, RECORD, generated_sheets
from ..workbook.sheets import Sheet
from ..workbook.styles import BUILT_IN
from ..workbook.xml_text import entities

#: cells that are written at a time
MOST_CELLS = 50_000
#: a newer function's name as files have it
_NEWER = re.compile(r"_xlfn\.(?:_xlws\.)?")
#: another workbook, by the number that it has in the file
_OUTSIDE = re.compile(r"\[\d+\]")
#: text that a spreadsheet program would take for a number, a day, a formula or an error, typed as it is
_PLAIN = re.compile(r"(?!(?:true|false)$)[^\W\d_](?:[^\W\d]|[ 　，。、；：（）“”《》—／])*", re.IGNORECASE)
_CELL = re.compile(rb"<(?:\w+:)?c\s([^>]*)>")
_PLACE, _LOOK = re.compile(rb'(?:^|\s)r="([A-Z]+\d+)"'), re.compile(rb'(?:^|\s)s="(\d+)"')
_COLUMN = re.compile(rb"<(?:\w+:)?col\s([^>]*)>")
_EXTENT = re.compile(rb"<(?:\w+:)?dimension\b[^>]*>")
_ATTRIBUTE = re.compile(rb'(\w+)="([^"]*)"')
_PRINTED = "_xlnm.Print_Area"
_ROWS_END = re.compile(rb"</(?:\w+:)?sheetData\s*>")
_ROOT = re.compile(rb"<((?:\w+:)?worksheet)\b")
_FORMULA = re.compile(rb"<((?:\w+:)?f)\b(?:[^>]*/>|[^>]*>[^<]*</\1\s*>)")
_HELD = re.compile(rb"<((?:\w+:)?(?:f|v|is))\b(?:[^>]*/>|.*?</\1\s*>)", re.DOTALL)
#: a name that is none of the program's own
_NAMED = re.compile(rb"<((?:\w+:)?definedName)\b(?![^>]*\bname=[\"']_xlnm)[^>]*>[^<]*</\1\s*>")
_FONT = ("name", "charset", "family", "scheme")
_BUILT_IN = {str(number): code for code, number in BUILT_IN.items()}
#: of formats: what some programs write and others leave out
_DEFAULTS = {("horizontal", "general"), ("vertical", "bottom"), ("wrapText", "0"), ("indent", "0"), ("locked", "1"),
             ("hidden", "0"), ("shrinkToFit", "0"), ("textRotation", "0"), ("readingOrder", "0"),
             ("justifyLastLine", "0")}  # fmt: skip


@dataclass(frozen=True)
class Block:
    """Cells side by side, as they are typed: numbers, truth values, "=…", texts with ' in front where they need it, ""
    for a blank."""

    area: Area
    rows: tuple[tuple, ...]

    @property
    def is_long(self) -> bool:
        """Whether it is one text that no formula could be as long as."""
        return isinstance(self.rows[0][0], str) and len(self.rows[0][0]) > MOST_FORMULA - 2


@dataclass
class SheetChange:
    """What changes in a sheet.

    former   what stood where cells change
    arrays   formulas that fill an area
    dressed  areas that look otherwise, to be copied as they are before the blocks are written; of their cells, only
             formulas stand in the blocks
    wide     columns that are wider or narrower
    tables   table -> its area
    printed  the print area, "" where it stays
    """

    blocks: list[Block] = field(default_factory=list)
    former: list[Block] = field(default_factory=list)
    arrays: list[tuple[Area, str]] = field(default_factory=list)
    dressed: list[Area] = field(default_factory=list)
    wide: list[int] = field(default_factory=list)
    merges: list[Area] = field(default_factory=list)
    tables: dict[str, Area] = field(default_factory=dict)
    printed: str = ""

    @property
    def empty(self) -> bool:
        return not any(vars(self).values())


@dataclass
class Transfer:
    """What is to be done in a workbook.

    changed   sheet -> what changes in it; of a new or replaced sheet: its formulas, which would read the workbook that
              it is copied from
    copied    sheets to be copied from the changed workbook -> the sheet that each follows, "" where it comes first
    replaced  those of them that take the place of one of their name
    states    copied sheet -> visible, hidden or veryHidden
    names     name of the workbook -> what it refers to
    remarks   what has to be looked at by somebody
    looks_only as `transfer` says
    """

    changed: dict[str, SheetChange] = field(default_factory=dict)
    copied: dict[str, str] = field(default_factory=dict)
    replaced: set[str] = field(default_factory=set)
    states: dict[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)
    looks_only: bool = False

    @property
    def empty(self) -> bool:
        return not (self.changed or self.copied or self.names)


def transfer(before: Path, after: Path, *, looks_only: bool = False) -> Transfer:
    """What has to be done in `before` that it becomes `after`, which was made of it. Raises LedgerError.

    looks_only: where cells look otherwise, their looks alone are copied, what they hold stands in the blocks. Another
                font is no other look: Calc writes the one for Chinese or the one for letters, as the text happens to be
    """
    old, new = _Side(before, looks_only), _Side(after, looks_only)
    made = Transfer(looks_only=looks_only)
    order = list(new.sheets)
    ours = {*generated_sheets(new.book), RECORD, EDITS}
    for at, name in enumerate(order):
        if name not in old.sheets:
            made.copied[name] = order[at - 1] if at else ""
        elif old.content(name) != new.content(name) and name in ours and old.frame(name) != new.frame(name):
            made.copied[name] = order[at - 1] if at else ""
            made.replaced.add(name)
    made.states = {name: new.states[name] for name in made.copied}
    for name in order:
        change = _whole(new, name) if name in made.copied else _change(old, new, name, made)
        if not change.empty:
            made.changed[name] = change
    speaks = _speaks_of(made.replaced)
    for name, text in new.names.items():
        if text != old.names.get(name) or speaks(text):
            made.names[name] = text
    _look_beside(new, made, speaks)
    return made


def excerpt(after: Path, target: Path, made: Transfer):
    """Write what has to be taken over from the changed workbook as it is, without formulas and names that read other
    sheets: sheets that are copied; how cells look, of sheets where they look otherwise; of other sheets nothing."""
    parts = Parts(check_package(after))
    looked_at = {name for name, change in made.changed.items() if change.dressed or change.wide} - made.copied.keys()
    edits, dropped = {parts.workbook: lambda data: _NAMED.sub(b"", data)}, set()
    for name, part, _ in parts.sheets():
        edits[part] = _unformulated if name in made.copied else _looks_alone if name in looked_at else _emptied
        if name not in made.copied:
            dropped.add(rels_of(part))
    with zipfile.ZipFile(after) as source, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as output:
        for name in source.namelist():
            if name not in dropped:
                data = source.read(name)
                output.writestr(name, edits[name](data) if name in edits else data)


def _unformulated(sheet: bytes) -> bytes:
    end = _ROWS_END.search(sheet)
    return _FORMULA.sub(b"", sheet[: end.start()]) + sheet[end.start() :] if end else sheet


def _looks_alone(sheet: bytes) -> bytes:
    end = _ROWS_END.search(sheet)
    return _HELD.sub(b"", sheet[: end.end()]) + b"</" + _ROOT.search(sheet)[1] + b">" if end else _emptied(sheet)


def _emptied(sheet: bytes) -> bytes:
    name = _ROOT.search(sheet)[1]
    return sheet[: sheet.index(b"sheetData")].rpartition(b"<")[0] + b"</" + name + b">"


class _Side:
    """A workbook as it is in its file."""

    def __init__(self, path: Path, any_font: bool = False):
        self.parts, self.any_font = Parts(check_package(path)), any_font
        self.book = read_book(path)
        self.sheets = {name: (index, part) for index, (name, part, kind) in enumerate(self.parts.sheets())
                       if kind == "worksheet"}  # fmt: skip
        self.cells = {sheet.name: sheet for sheet in self.book.sheets}
        self.epoch_1904 = self.parts.epoch_1904
        self._formulas: dict[str, dict] = {}
        self._looks: dict[bytes, tuple] = {}
        root = self.parts.tree(self.parts.workbook)
        self.states = {one.get("name"): one.get("state") or "visible" for one in child(root, "sheets")}
        order = [name for name, _, _ in self.parts.sheets()]
        self.names: dict[str, str] = {}
        self.printed: dict[str, str] = {}
        defined = child(root, "definedNames")
        for one in () if defined is None else defined:
            if local(one) == "definedName" and one.get("localSheetId") is None:
                self.names[one.get("name", "")] = one.text or ""
            elif one.get("name") == _PRINTED:
                self.printed[order[int(one.get("localSheetId"))]] = one.text or ""

    def content(self, name: str) -> bytes:
        return self.parts.read(self.sheets[name][1]) or b""

    def frame(self, name: str) -> list[bytes]:
        """A sheet without its cells: what stands around them, and all that belongs to it."""
        head, _, rest = self.content(name).partition(b"sheetData")
        found, waiting, seen = [_EXTENT.sub(b"", head), rest.rpartition(b"sheetData")[2]], [self.sheets[name][1]], set()
        while waiting:
            for _, part in self.parts.related(waiting.pop()).values():
                if part not in seen and part in self.parts:
                    seen.add(part)
                    waiting.append(part)
                    found.append(self.parts.read(part))
        return found

    def formulas(self, name: str) -> dict[Spot, tuple[str, Area | None]]:
        """Cell -> its formula, and the area that it fills where it is an array formula."""
        if name not in self._formulas:
            index, part = self.sheets[name]
            self._formulas[name] = {
                (cell.row, cell.column): (_NEWER.sub("", cell.text), cell.area if cell.kind == "array" else None)
                for cell in Sheet(self.parts, index, name, part).formulas() if cell.kind != "dataTable"
            }  # fmt: skip
        return self._formulas[name]

    def entered(self, name: str, spot: Spot):
        """What a cell holds, as it is typed."""
        text, _ = self.formulas(name).get(spot, ("", None))
        if text:
            return f"={text}"
        (row, column), rows = spot, self.cells[name].rows
        value = rows[row][column] if row < len(rows) and column < len(rows[row]) else None
        return entered(value, self.epoch_1904)

    def look(self, number: bytes) -> tuple:
        """How cells of a format look. Programs number formats in their own ways, and write out what is the default."""
        if number not in self._looks:
            root = self.parts.tree(self.parts.part_of(self.parts.workbook, "styles"))
            formats = child(root, "cellXfs")
            one = formats[int(number)] if int(number) < len(formats) else formats[0]
            kind, codes = one.get("numFmtId", "0"), child(root, "numFmts")
            own = (code.get("formatCode") for code in (() if codes is None else codes) if code.get("numFmtId") == kind)
            told = [next(own, _BUILT_IN.get(kind, kind))]
            for group, key in (("fonts", "fontId"), ("fills", "fillId"), ("borders", "borderId")):
                told.append(_spelled(child(root, group)[int(one.get(key, "0"))], _FONT if self.any_font else ()))
            for key in ("alignment", "protection"):
                found = child(one, key)
                told.append("" if found is None else _spelled(found))
            self._looks[number] = tuple(told)
        return self._looks[number]

    def widths(self, name: str) -> dict[int, bytes]:
        found = {}
        for attributes in _COLUMN.findall(self.content(name).partition(b"sheetData")[0]):
            told = dict(_ATTRIBUTE.findall(attributes))
            first, last = int(told.get(b"min", 1)), int(told.get(b"max", 1))
            found |= dict.fromkeys(range(first - 1, min(last, 1000)), told.get(b"width", b""))
        return found

    def tables(self, name: str) -> dict[str, Area]:
        found = {}
        for kind, part in self.parts.related(self.sheets[name][1]).values():
            if kind == "table" and part in self.parts:
                root = self.parts.tree(part)
                found[root.get("displayName", "")] = area_of(root.get("ref", ""))
        return found


def _whole(side: _Side, name: str) -> SheetChange:
    """The formulas of a sheet."""
    formulas = side.formulas(name)
    change = SheetChange(list(blocks({spot: f"={text}" for spot, (text, area) in formulas.items() if area is None})))
    change.arrays = [(area, text) for text, area in formulas.values() if area is not None]
    return change


def _change(old: _Side, new: _Side, name: str, made: Transfer) -> SheetChange:
    """What changes in a sheet that stays."""
    change, formulas, dressed = SheetChange(), new.formulas(name), set()
    speaks = _speaks_of(made.replaced)
    wanted = {spot for spot, (text, _) in formulas.items() if speaks(text)}
    if old.content(name) != new.content(name):
        wanted |= _different(old, new, name)
        dressed = _dressed(old, new, name)
        change.dressed = list(areas(dressed))
        widths, before = new.widths(name), old.widths(name)
        change.wide = sorted(at for at, width in widths.items() if width != before.get(at))
        merged = set(old.cells[name].merged)
        change.merges = [area for area in new.cells[name].merged if area not in merged]
        if new.printed.get(name) != old.printed.get(name):
            change.printed = new.printed.get(name, "").rpartition("!")[2]
    before = old.tables(name)
    change.tables = {key: area for key, area in new.tables(name).items() if key in before and before[key] != area}
    cells = {}
    for spot in wanted | dressed if made.looks_only else wanted - dressed | dressed & formulas.keys():
        text, area = formulas.get(spot, ("", None))
        if _OUTSIDE.search(text):
            made.remarks.append(f"工作表“{name}”里有公式连着别的工作簿，没有改动，请核对它引用的单元格")
        elif area is not None:
            change.arrays.append((area, text))
        else:
            cells[spot] = new.entered(name, spot)
    change.blocks = list(blocks(cells))
    change.former = list(blocks({spot: old.entered(name, spot) for spot in cells.keys() | dressed}))
    made.remarks = list(dict.fromkeys(made.remarks))
    return change


def _different(old: _Side, new: _Side, name: str) -> set[Spot]:
    """Cells that hold something else. What formulas show is for the spreadsheet program to say."""
    before, after = old.formulas(name), new.formulas(name)
    found = {spot for spot in before.keys() | after.keys() if before.get(spot) != after.get(spot)}
    shown = set(after)
    for _, area in after.values():
        if area is not None:
            top, left, bottom, right = area
            shown |= {(row, column) for row in range(top, bottom + 1) for column in range(left, right + 1)}
    rows, others = old.cells[name].rows, new.cells[name].rows
    for row in range(max(len(rows), len(others))):
        line, other = rows[row] if row < len(rows) else [], others[row] if row < len(others) else []
        for column in range(max(len(line), len(other))):
            one = line[column] if column < len(line) else None
            two = other[column] if column < len(other) else None
            if one is not two and not _same(one, two) and (row, column) not in shown:
                found.add((row, column))
    return found


def _dressed(old: _Side, new: _Side, name: str) -> set[Spot]:
    """Cells that look otherwise."""
    before, after = set(_CELL.findall(old.content(name))), set(_CELL.findall(new.content(name)))
    looks = [
        {place[1]: side.look(found[1] if (found := _LOOK.search(one)) else b"0")
         for one in cells if (place := _PLACE.search(one))}
        for side, cells in ((old, before - after), (new, after - before))
    ]  # fmt: skip
    plain = old.look(b"0"), new.look(b"0")
    places = {place for place in looks[0].keys() | looks[1].keys()
              if looks[0].get(place, plain[0]) != looks[1].get(place, plain[1])}  # fmt: skip
    return {area_of(place.decode())[:2] for place in places}


def _same(one, two) -> bool:
    if isinstance(one, CellError) or isinstance(two, CellError):
        return isinstance(one, CellError) and isinstance(two, CellError) and one.cell == two.cell
    return one == two and isinstance(one, bool) == isinstance(two, bool)


def _speaks_of(sheets: set[str]):
    """Whether a formula reads one of these sheets."""
    names = {name.casefold() for name in sheets}

    def speaks(text: str) -> bool:
        if not any(name in text.casefold() for name in names):
            return False
        found = (area_named(reference) for reference in marked(text)[1])
        named = {area[0].casefold() for area in found if area and area[0]}
        return bool(named & names) or not named  # a spelling that is not understood is written anew, which does no harm

    return speaks


def _look_beside(side: _Side, made: Transfer, speaks):
    """Formats and validations that read a replaced sheet cannot be told to read the new one."""
    for name in side.sheets if made.replaced else ():
        if name in made.copied:
            continue
        behind = side.content(name).rpartition(b"sheetData>")[2]
        texts = re.findall(rb"<(?:\w+:)?(?:formula\d?|f)\b[^>]*>([^<]*)<", behind)
        if any(speaks(entities(text.decode("utf-8", "replace"))) for text in texts):
            made.remarks.append(f"工作表“{name}”的条件格式或下拉选项用到了重新生成的表，请核对，必要时重设")


def _spelled(element, without: tuple[str, ...] = ()) -> str:
    """An element as text, the same whoever wrote it."""
    attributes = sorted((key, value) for key, value in element.attrib.items() if (key, value) not in _DEFAULTS)
    inside = sorted(filter(None, map(_spelled, (one for one in element if local(one) not in ("", *without)))))
    return f"{local(element)}{attributes}{inside}" if attributes or inside else ""


# ---- cells as they are typed


def entered(value, epoch_1904: bool = False):
    """A value as it is put into a cell of a live workbook, so that it becomes just this value."""
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return value
    if isinstance(value, CellError):
        return f"={value.cell}"
    if isinstance(value, str):
        plain = _PLAIN.fullmatch(value) and not any(letter.isnumeric() for letter in value)  # 三月 may be a day
        return value if plain else f"'{value}"
    if isinstance(value, dt.date | dt.time | dt.timedelta):
        value = Encoder(epoch_1904=epoch_1904).content(value)[1].partition(b">")[2].partition(b"<")[0]
    return float(value)


def blocks(cells: Mapping[Spot, object]) -> Iterator[Block]:
    """As few blocks as rows of the same columns make; a very long text stands alone."""
    long = {spot for spot, value in cells.items() if isinstance(value, str) and len(value) > MOST_FORMULA - 2}
    for row, column in sorted(long):
        yield Block((row, column, row, column), ((cells[row, column],),))
    for top, left, bottom, right in areas(cells.keys() - long):
        step = max(1, MOST_CELLS // (right - left + 1))
        for first in range(top, bottom + 1, step):
            last = min(first + step - 1, bottom)
            columns = range(left, right + 1)
            lines = (tuple(cells[row, column] for column in columns) for row in range(first, last + 1))
            yield Block((first, left, last, right), tuple(lines))


def areas(spots) -> Iterator[Area]:
    """Areas that together are these cells: runs in a row, and the same run of the rows below it."""
    runs: dict[int, list[list[int]]] = {}
    for row, column in sorted(spots):
        line = runs.setdefault(row, [])
        if line and line[-1][1] == column - 1:
            line[-1][1] = column
        else:
            line.append([column, column])
    waiting: dict[tuple[int, int], tuple[int, int]] = {}  # columns -> first and last row
    for row, line in runs.items():
        for left, right in line:
            first, last = waiting.get((left, right), (row, row - 1))
            if last != row - 1:
                yield first, left, last, right
                first = row
            waiting[left, right] = first, row
    yield from ((first, left, last, right) for (left, right), (first, last) in waiting.items())
