"""Which formulas show what no longer holds when cells have changed.

Formulas are not taken apart one by one: those that differ in their digits alone have one pattern, which is parsed once
(its digits stand for rows), and the rows of a pattern's cells are looked at only where something changed in the columns
that it refers to. Where a formula cannot be judged from its text it counts as stale: it is calculated again, no more.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from .frame import areas_of, table_text
from .references import MOST_COLUMNS, MOST_ROWS, Area, Spot, column_of

_LAST_ROW, _LAST_COLUMN = MOST_ROWS - 1, MOST_COLUMNS - 1
#: the cells that they read are not in their text. TODAY and the like change by the day, not by what is written: what
#: they show is as true as before
_ALWAYS = frozenset(
    ("INDIRECT", "OFFSET", "CELL", "TABLE")
    + ("EVALUATE", "GET.CELL", "GET.DOCUMENT", "GET.WORKBOOK")
)

# Patterns: formulas in UTF-8 with 0 for every digit, so that a place in the pattern is the same place in the formula.
_DIGITS = bytes(48 if 48 <= byte <= 57 else byte for byte in range(256))
_WORD = rb"[A-Za-z_\\\x80-\xff][\w.\\?\x80-\xff]*"
_SHEET = rb"[\w.\\?\x80-\xff]+"
_COLUMN = rb"\$?[A-Za-z]{1,3}"
_ROW = rb"\$?0{1,7}"
#: no part of a longer word, no function, no sheet, no table
_END = rb"(?![\w.\\?\x80-\xff(\[!])"
_TOKEN = re.compile(
    rb'"(?:[^"]|"")*"'
    rb"|(?P<sheet>(?:'(?:[^']|'')+'|\[[^\]]*\](?:%(sheet)s(?::%(sheet)s)?)?|%(sheet)s(?::%(sheet)s)?)!)?(?:"
    rb"(?P<column>%(column)s)(?P<row>%(row)s)(?::(?P<column2>%(column)s)(?P<row2>%(row)s))?%(end)s"
    rb"|(?P<columns>%(column)s:%(column)s)%(end)s"
    rb"|(?P<rows>%(row)s):(?P<rows2>%(row)s)%(end)s"
    rb"|(?P<table>(?:%(word)s)?)(?P<part>\[(?:[^\[\]']|'.|\[(?:[^\[\]']|'.)*\])*\])"
    rb"|(?P<function>%(word)s)\("
    rb"|(?P<name>%(word)s)"
    rb"|#[A-Z/0]+[!?]?"
    rb"|0+\.?0*(?:[Ee][+-]?0+)?"
    rb")|(?P<colon>:)" % {b"word": _WORD, b"sheet": _SHEET, b"column": _COLUMN, b"row": _ROW, b"end": _END}
)
_OWN_ROW = object()


Place = tuple[int, int]  # first and last row of an area, or start and end of something in a pattern


class _Reference(NamedTuple):
    """What a formula reads, but for the digits of its rows.

    sheet    where it stands in front of "!"; None: the formula's own
    columns  first and last
    rows     where their digits start and end: (start, end, start, end); () for all rows
    fixed    whether it stands still when the formula moves: all of it behind $
    """

    sheet: Place | None
    columns: tuple[int, int]
    rows: tuple
    fixed: bool


class _Pattern(NamedTuple):
    """A pattern, parsed. `words` are names with digits: the formulas of the pattern may have different ones."""

    always: bool
    references: list[_Reference]
    names: list[tuple[Place | None, Place]]
    tables: list[tuple[Place, Place]]
    words: list[Place]


def stale(
    formulas: Mapping[str, Mapping[Spot, str]],
    changed: Mapping[str, Sequence[Area]],
    names: Mapping[str | tuple[str, str], str] | None = None,
    tables: Mapping[str, tuple[str, Area, Sequence[str]]] | None = None,
    *,
    sheets: Sequence[str] = (),
    areas: Mapping[str, Mapping[Spot, Area]] | None = None,
) -> dict[str, set[Spot]]:
    """Formulas whose results may have changed with cells, directly or through others; zero-based.

    formulas  sheet -> {(row, column): text without "="}
    changed   sheet -> areas that were written to; formulas within are gone and not listed
    names     defined name -> text, or (name, sheet) -> text for a name of that sheet alone
    tables    name -> (sheet, area with its header, names of its columns)
    sheets    all sheets in their order, for references such as Sheet1:Sheet3!A1
    areas     sheet -> {cell of an array formula: area that it fills}

    Formulas with INDIRECT and the like are always listed.
    """
    return _Search(formulas, changed, names or {}, tables or {}, sheets, areas or {}).run()


class _Group(NamedTuple):
    """The formulas of one sheet with one pattern: cell and bytes."""

    sheet: str
    cells: list[tuple[Spot, bytes]]


class _Readers:
    """Who reads the same columns of a sheet. Their rows are looked up when something there changes for the first time;
    who was found once is not found again."""

    def __init__(self):
        self.groups: list[tuple[_Group, object]] = []
        self._whole: list[tuple[str, Spot]] = []
        self._single: dict[int, list[tuple[str, Spot]]] | None = None
        self._spans: list[tuple[int, int, str, Spot]] = []

    def _load(self):
        self._single, spans = {}, self._spans
        for group, rows in self.groups:
            for spot, text in group.cells:
                top, bottom = _rows(rows, spot[0], text)
                if (top, bottom) == (0, _LAST_ROW):
                    self._whole.append((group.sheet, spot))
                elif top == bottom:
                    self._single.setdefault(top, []).append((group.sheet, spot))
                elif top <= bottom:
                    spans.append((top, bottom, group.sheet, spot))
        spans.sort(key=lambda span: span[0])
        self._tops = [span[0] for span in spans]
        # a tree of the last rows: the largest of two halves stands above them
        size = 1
        while size < len(spans):
            size *= 2
        tree = [-1] * size + [span[1] for span in spans] + [-1] * (size - len(spans))
        for node in range(size - 1, 0, -1):
            tree[node] = max(tree[2 * node], tree[2 * node + 1])
        self._size, self._tree = size, tree

    def reading(self, top: int, bottom: int) -> list[tuple[str, Spot]]:
        """Who reads any of these rows, for the first time."""
        if self._single is None:
            self._load()
        found, self._whole, single = self._whole, [], self._single
        rows: Iterable[int] = range(top, bottom + 1)
        if len(rows) > len(single):
            rows = [row for row in single if top <= row <= bottom]
        for row in rows:
            if row in single:
                found += single.pop(row)
        if self._spans and self._tree[1] >= top:
            found += self._overlapping(top, bottom)
        return found

    def _overlapping(self, top: int, bottom: int) -> list[tuple[str, Spot]]:
        tree, size, spans = self._tree, self._size, self._spans
        behind = bisect_right(self._tops, bottom)  # the first that begins too low
        found, visited, waiting = [], [], [(1, 0, size)]
        while waiting:
            node, start, width = waiting.pop()
            if start >= behind or tree[node] < top:
                continue
            if node >= size:
                found.append(spans[start][2:])
                tree[node] = -1
            else:
                visited.append(node)
                width //= 2
                waiting += (2 * node, start, width), (2 * node + 1, start + width, width)
        for node in sorted(visited, reverse=True):
            tree[node] = max(tree[2 * node], tree[2 * node + 1])
        return found


class _Search:
    def __init__(self, formulas, changed, names, tables, sheets, areas):
        self.formulas, self.changed, self.areas = formulas, changed, areas
        self.sheets = list(dict.fromkeys((*sheets, *formulas, *changed)))
        self._sheet = {name.casefold(): name for name in self.sheets}
        self._names = {_key(name): text for name, text in names.items()}
        self._tables = {name.casefold(): table for name, table in tables.items()}
        #: sheet -> (first column, last column) -> who reads there
        self._readers: dict[str, dict[tuple[int, int], _Readers]] = {}
        self._at: dict[tuple[str, int], list[_Readers]] = {}
        self._resolved: dict[tuple, tuple[bool, list]] = {}
        self._found: set[tuple[str, Spot]] = set()

    def run(self) -> dict[str, set[Spot]]:
        self._register()
        waiting = [(self._sheet[sheet.casefold()], area) for sheet, areas in self.changed.items() for area in areas]
        waiting += self._reached(list(self._found))
        while waiting:
            sheet, (top, left, bottom, right) = waiting.pop()
            new: list[tuple[str, Spot]] = []
            for readers in self._reading(sheet, left, right):
                new += readers.reading(top, bottom)
            new = [cell for cell in dict.fromkeys(new) if cell not in self._found]
            self._found.update(new)
            waiting += self._reached(new)
        found: dict[str, set[Spot]] = {}
        for sheet, spot in self._found:
            found.setdefault(sheet, set()).add(spot)
        for sheet, spots in found.items():
            for top, left, bottom, right in self.changed.get(sheet, ()):
                if (bottom - top + 1) * (right - left + 1) < len(spots):
                    spots -= {(row, column) for row in range(top, bottom + 1) for column in range(left, right + 1)}
                else:
                    gone = [s for s in spots if top <= s[0] <= bottom and left <= s[1] <= right]
                    spots.difference_update(gone)
        return {sheet: spots for sheet, spots in found.items() if spots}

    def _reached(self, cells: list[tuple[str, Spot]]) -> list[tuple[str, Area]]:
        """The areas in which stale formulas show results."""
        if len(cells) == 1 and not self.areas:
            ((sheet, spot),) = cells
            return [(sheet, spot + spot)]
        spots: dict[str, list[Spot]] = {}
        for sheet, spot in cells:
            spots.setdefault(sheet, []).append(spot)
        reached = []
        for sheet, found in spots.items():
            filled = self.areas.get(sheet, {})
            reached += [(sheet, area) for area in areas_of(found)]
            reached += [(sheet, filled[spot]) for spot in found if spot in filled]
        return reached

    def _reading(self, sheet: str, left: int, right: int) -> list[_Readers]:
        if left != right:
            readers = self._readers.get(sheet, {})
            return [found for (first, last), found in readers.items() if first <= right and left <= last]
        found = self._at.get((sheet, left))
        if found is None:
            readers = self._readers.get(sheet, {})
            found = [one for (first, last), one in readers.items() if first <= left <= last]
            self._at[sheet, left] = found
        return found

    # ---- what formulas read

    def _register(self):
        for sheet, texts in self.formulas.items():
            patterns: dict[bytes, list[tuple[Spot, bytes]]] = {}
            for spot, text in texts.items():
                data = text.encode("utf-8", "surrogatepass")
                pattern = data.translate(_DIGITS)
                if pattern in patterns:
                    patterns[pattern].append((spot, data))
                else:
                    patterns[pattern] = [(spot, data)]
            for pattern, cells in patterns.items():
                self._register_pattern(sheet, _parsed(pattern), cells)

    def _register_pattern(self, sheet: str, pattern: _Pattern, cells: list[tuple[Spot, bytes]]):
        if pattern.always:
            self._found.update((sheet, spot) for spot, _ in cells)
            return
        if not pattern.words:
            self._register_group(pattern, _Group(sheet, cells))
            return
        groups: dict[tuple[bytes, ...], list] = {}
        for spot, data in cells:
            groups.setdefault(tuple(data[start:end] for start, end in pattern.words), []).append((spot, data))
        for found in groups.values():
            self._register_group(pattern, _Group(sheet, found))

    def _register_group(self, pattern: _Pattern, group: _Group):
        data = group.cells[0][1]
        always, references = self._written_out(pattern, data, group.sheet, frozenset())
        if always:
            self._found.update((group.sheet, spot) for spot, _ in group.cells)
            return
        for sheet, columns, rows in dict.fromkeys(references):
            readers = self._readers.setdefault(sheet, {})
            if columns not in readers:
                readers[columns] = _Readers()
            readers[columns].groups.append((group, rows))

    def _written_out(
        self, pattern: _Pattern, data: bytes, own: str, within: frozenset
    ) -> tuple[bool, list[tuple[str, tuple[int, int], object]]]:
        """(whether formulas of a pattern are always stale, what they read: sheet, columns, rows), names resolved.

        `within` are the names in whose texts this stands."""
        if pattern.always:
            return True, []
        found = []
        for sheet, columns, rows, fixed in pattern.references:
            if within and not fixed:
                columns, rows = (0, _LAST_COLUMN), ()  # relative to where the name is used
            elif within and rows:
                rows = _rows(rows, 0, data)
            found += [(name, columns, rows) for name in self._sheets_of(sheet, data, own)]
        for table, part in pattern.tables:
            # without its name the table is the one in which the formula stands
            name = _said(data, table).casefold()
            known = [self._tables.get(name)] if name else [table for table in self._tables.values() if table[0] == own]
            if None in known or not known:
                return True, []
            found += [_table_part(table, _said(data, part)) for table in known]
        for sheet, word in pattern.names:
            name = _said(data, word).casefold()
            for home in self._sheets_of(sheet, data, own):
                key = (name, home.casefold()) if (name, home.casefold()) in self._names else name
                if key in within:
                    continue
                if key in self._names:
                    always, more = self._name(key, home, within)
                    if always:
                        return True, []
                    found += more
                elif name in self._tables:  # a table's name alone is its data
                    found.append(_table_part(self._tables[name], "[]"))
        return False, found

    def _name(self, key, own: str, within: frozenset) -> tuple[bool, list]:
        known = (key, own)
        if known not in self._resolved:
            text = self._names[key].removeprefix("=").encode("utf-8", "surrogatepass")
            found = self._written_out(_parsed(text.translate(_DIGITS)), text, own, within | {key})
            if within:  # a name that is told by itself is cut short here
                return found
            self._resolved[known] = found
        return self._resolved[known]

    def _sheets_of(self, sheet: Place | None, data: bytes, own: str) -> list[str]:
        """The sheets that stand in front of a reference; none of another workbook."""
        if sheet is None:
            return [own]
        text = _said(data, sheet)[:-1]
        if text.startswith("'"):
            text = text[1:-1].replace("''", "'")
        if any(mark in text for mark in "[]\\/"):
            return []
        first, _, last = text.partition(":")
        if not last:
            known = self._sheet.get(first.casefold())
            return [known] if known is not None else []
        places = [self.sheets.index(self._sheet[n]) for n in (first.casefold(), last.casefold()) if n in self._sheet]
        if len(places) < 2:
            return list(self.sheets)
        return self.sheets[min(places) : max(places) + 1]


def _key(name):
    return tuple(part.casefold() for part in name) if isinstance(name, tuple) else name.casefold()


def _said(data: bytes, place: Place) -> str:
    return data[slice(*place)].decode("utf-8", "replace")


def _rows(rows, own: int, data: bytes) -> tuple[int, int]:
    """First and last row of a reference in a formula."""
    if rows is _OWN_ROW:
        return own, own
    if not rows:
        return 0, _LAST_ROW
    if len(rows) == 2:
        return rows
    start, end, other, last = rows
    top = int(data[start:end]) - 1
    if start == other:
        return top, top
    bottom = int(data[other:last]) - 1
    return (top, bottom) if top <= bottom else (bottom, top)


def _table_part(table: tuple[str, Area, Sequence[str]], part: str) -> tuple[str, tuple[int, int], object]:
    """What 表1[[#This Row],[金额]:[合计]] reads; of a header or a total as of all rows."""
    sheet, (top, left, bottom, right), columns = table
    titles = {table_text(title).casefold(): place for place, title in enumerate(columns)}
    places, inner = [], part[1:-1].strip()
    own_row, inner = inner.startswith("@"), inner.removeprefix("@")
    for word in re.findall(r"\[((?:[^\[\]']|'.)*)\]", inner) if inner.startswith("[") else [inner]:
        if word.casefold() == "#this row":
            own_row = True
        elif word and not word.startswith("#"):
            places.append(titles.get(table_text(re.sub("'(.)", r"\1", word)).casefold()))
    if places and None not in places:
        left, right = left + min(places), left + max(places)
    return sheet, (left, right), _OWN_ROW if own_row else (top, bottom)


def _parsed(pattern: bytes) -> _Pattern:
    always = not pattern.strip()
    references: list[_Reference] = []
    names, tables, words = [], [], []
    for token in _TOKEN.finditer(pattern):
        kind = token.lastgroup
        if kind is None:
            continue
        sheet = token.span("sheet") if token["sheet"] else None
        if sheet:
            words.append(sheet)
        if kind == "colon":  # a range whose end is calculated: A1:INDEX(…)
            always = True
        elif kind == "function":
            word = token["function"].decode("utf-8", "replace").upper().rpartition("_XLFN.")[2].rpartition("_XLWS.")[2]
            always = always or (sheet is None and word in _ALWAYS)
        elif kind in ("row", "row2"):
            first, last = token["column"], token["column2"] or token["column"]
            columns = _columns(first, last)
            if columns[1] > _LAST_COLUMN:  # XYZ1 is no cell
                names.append((sheet, (token.start("column"), token.end())))
                words.append(names[-1][1])
                continue
            rows = token["row"], token["row2"] or token["row"]
            places = _digits(token, "row") + _digits(token, "row2" if token["row2"] else "row")
            references.append(_Reference(sheet, columns, places, all(e[:1] == b"$" for e in (first, last, *rows))))
        elif kind == "columns":
            first, last = token["columns"].split(b":")
            references.append(_Reference(sheet, _columns(first, last), (), first[:1] == last[:1] == b"$"))
        elif kind == "rows2":
            places = _digits(token, "rows") + _digits(token, "rows2")
            fixed = token["rows"][:1] == token["rows2"][:1] == b"$"
            references.append(_Reference(sheet, (0, _LAST_COLUMN), places, fixed))
        elif kind == "part" and sheet is None:
            tables.append((token.span("table"), token.span("part")))
            words += tables[-1]
        elif kind == "name":
            names.append((sheet, token.span("name")))
            words.append(token.span("name"))
    words = [place for place in dict.fromkeys(words) if b"0" in pattern[slice(*place)]]
    return _Pattern(always, references, names, tables, words)


def _columns(one: bytes, other: bytes) -> tuple[int, int]:
    first, last = sorted(column_of(letters.lstrip(b"$").upper()) for letters in (one, other))
    return first, last


def _digits(token: re.Match, group: str) -> Place:
    start, end = token.span(group)
    return start + (token[group][:1] == b"$"), end
