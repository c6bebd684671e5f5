"""Where the headers of a sheet stand: blocks of one to five rows, by what they say, how they are merged and what lies
blank, also where the merges were lost. Several tables beside and below one another are told apart here."""
from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

import numpy as np

from ..formulas.identity import person_number
from .fields import table
from .files import Sheet
from .headers import (
    LONGEST,
    Match,
    Vocabulary,
    is_foreign,
    is_neutral,
    is_unit,
    key_of,
    readings,
)

#: a first header stands among the first rows, unless there is none
SEARCHED_ROWS = 40
MOST_LEVELS = 5
#: columns that say whose row it is: two tables stand side by side where both have one
ANCHORS = frozenset(("sequence", "name", "id_number", "household_id", "person_id", "head_name", "head_id",
                     "beneficiary_id"))  # fmt: skip
#: columns of these alone are no table
_SAY_LITTLE = frozenset(("sequence", "remark"))
#: columns with more different cells than this are searched for headers as they are usually written only
_FEW = 500
#: more matches than this are not counted one by one
_MANY = 50
#: where more columns than this have fewer, only those are searched
_FEW_COLUMNS = 4
_BLANK_LINE = re.compile(r"\n[ \t\r\u3000\xa0]*\n")
#: a text that stands more often than this in its column is no header
_OFTEN = 3
#: part of the cells of a header's row that are labels: 2021 or 985 can stand among them
_MOSTLY = 0.8


class Area(NamedTuple):
    """A part of a sheet, rows and columns from 0, inclusive."""

    top: int
    bottom: int
    left: int
    right: int


@dataclass
class Block:
    """The header of a table.

    area     its columns, and its rows from the title to the last that may belong to it
    top      first row of the header; what stands above it within the area is title and remarks
    bottom   its last row
    levels   the rows of the header that hold labels
    paths    per column the texts over it, from the top level down
    units    per column the unit that stands in a row of units
    matches  per column what its texts say
    figures  rows within the header that hold figures: scores, column numbers
    """

    area: Area
    top: int
    bottom: int
    levels: list[int]
    paths: dict[int, tuple[str, ...]]
    units: dict[int, str] = field(default_factory=dict)
    matches: dict[int, Match] = field(default_factory=dict)
    figures: list[int] = field(default_factory=list)

    @property
    def known(self) -> dict[int, Match]:
        """The columns whose texts say something."""
        return {column: match for column, match in self.matches.items() if match.entries}


def is_blank(value) -> bool:
    return value is None or value.__class__ is str and not value.strip()


@lru_cache(maxsize=1 << 14)
def _is_label(text: str) -> bool:
    key = key_of(text)
    if not key or len(key) > LONGEST or "${" in key or not any(map(str.isalpha, key)):
        return False
    return not _NO_LABEL.fullmatch(key) and not _MANY_DIGITS.search(key)


_NO_LABEL = re.compile(r"(?=.*\d)[\d.,:%+\-/年月日至到~()第元个天人户分]+")
_MANY_DIGITS = re.compile(r"\d{7}")


def is_label(value) -> bool:
    """Can a cell be part of a header? Numbers, dates and long texts cannot."""
    return value.__class__ is str and _is_label(value)


def is_figure(value) -> bool:
    """Is a cell a figure as rows of scores and of column numbers hold them: 3, 1-5, (2), 10分?"""
    if value.__class__ is str:
        return _FIGURE.fullmatch(key_of(value)) is not None
    return value.__class__ in (int, float) and abs(value) < 1000


_FIGURE = re.compile(r"\(?\d{1,3}(?:\.\d+)?\)?(?:[-~至]\d{1,3}(?:\.\d+)?)?(?:分|%)?")


@lru_cache(maxsize=1 << 12)
def is_line(text: str) -> bool:
    """Is it a line of remarks beside a table, with a colon, a stamp or a signature (村名： 村支书：)?"""
    key = key_of(text)
    return ":" in key and not key.startswith("其中") or any(word in key for word in ("盖章", "签章", "签字", "公章"))


class Grid:
    """A sheet whose rows and columns are looked at as far as they are needed."""

    def __init__(self, sheet: Sheet, vocabulary: Vocabulary):
        self.sheet, self.vocabulary = sheet, vocabulary
        self.height, self.width = sheet.height, sheet.width
        self.merged = [(top, left, min(bottom, self.height - 1), min(right, self.width - 1))
                       for top, left, bottom, right in sheet.merged
                       if top < self.height and left < self.width]  # fmt: skip
        self._rows: dict[int, list] = {}
        self._cells: dict[tuple[int, Area], list[tuple[int, object]]] = {}
        self._filled: dict[int, np.ndarray] = {}
        self._texts: dict[int, str] = {}
        self._written: set[str] = set()  # headers as this sheet writes them

    def row(self, row: int) -> list:
        if row not in self._rows:
            self._rows[row] = self.sheet.row(row)
        return self._rows[row]

    def cells(self, row: int, area: Area) -> list[tuple[int, object]]:
        """(column, value) of the cells of a row that hold something."""
        found = self._cells.get((row, area))
        if found is None:
            columns = range(area.left, area.right + 1)
            values = self.row(row)
            found = [(column, values[column]) for column in columns if not is_blank(values[column])]
            self._cells[row, area] = found
        return found

    def codes(self, column: int) -> np.ndarray:
        return self.sheet.column(column)[0]

    def values(self, column: int) -> list:
        return self.sheet.column(column)[1]

    def texts(self, column: int) -> str:
        """The different texts of a column, each on a line of its own, between line breaks: to find out quickly what
        stands in none of them."""
        if column not in self._texts:
            texts = self.values(column)[1:]
            try:
                joined = "\n".join(texts)
            except TypeError:  # others stand among them
                texts = [value for value in texts if value.__class__ is str]
                joined = "\n".join(texts)
            if joined.count("\n") >= len(texts):
                joined = "\n".join([text.replace("\n", " ") for text in texts])
            self._texts[column] = f"\n{joined}\n"
        return self._texts[column]

    def searched(self, column: int, *wanted: re.Pattern) -> list[int]:
        """Which of the different values of a column are texts in which one of these is found."""
        texts, values = self.texts(column), self.values(column)
        places = {found.start() for pattern in wanted for found in islice(pattern.finditer(texts), _MANY)}
        if not places:
            return []
        if len(places) >= _MANY:
            return [i for i, value in enumerate(values)
                    if value.__class__ is str and any(pattern.search(f"\n{value}") for pattern in wanted)]  # fmt: skip
        # a match may begin with the line break in front of its text
        lines = {texts.count("\n", 0, place + 1) - 1 for place in places}
        if texts.count("\n") == len(values):  # all are texts
            return [line + 1 for line in lines]
        codes = [i for i, value in enumerate(values) if value.__class__ is str]
        return [codes[line] for line in lines]

    def marked(self, column: int, which: list[int]) -> np.ndarray:
        """Per row: is its cell one of these values?"""
        codes, values = self.sheet.column(column)
        chosen = np.zeros(len(values), bool)
        chosen[which] = True
        return chosen[codes]

    def filled(self, column: int) -> np.ndarray:
        """Per row: does the cell hold something?"""
        if column not in self._filled:
            found = self.codes(column) != 0
            if _BLANK_LINE.search(self.texts(column)):
                found &= ~self.marked(column, [i for i, value in enumerate(self.values(column)) if is_blank(value)])
            self._filled[column] = found
        return self._filled[column]

    def is_person(self, row: int, area: Area) -> bool:
        """Does the number of a person stand in a row?"""
        return any(len(str(value)) >= 15 and person_number(value) for _, value in self.cells(row, area)
                   if value.__class__ in (str, int))  # fmt: skip

    def hits(self, row: int, area: Area) -> list[int]:
        """The columns in which a row has a known header; none in a row of data."""
        cells = self.cells(row, area)
        labels = [(column, value) for column, value in cells if is_label(value)]
        if not labels or len(labels) < _MOSTLY * len(cells) or self.is_person(row, area):
            return []
        found = [column for column, value in labels if self.vocabulary.knows(value)]
        self._written.update(value for column, value in labels if column in found)
        return found

    def headed_rows(self, area: Area, columns: list[int]) -> list[int]:
        """Rows in which two of these columns have a known header, searched in the columns as they were coded."""
        few = [column for column in columns if len(self.values(column)) <= _FEW]
        counts = np.zeros(self.height, np.int16)
        for column in few if len(few) > _FEW_COLUMNS else columns:
            values = self.values(column)
            if len(values) <= _FEW:
                known = self.vocabulary.known_among(values)
            else:
                wanted = self.vocabulary.written | self._written
                known = [values.index(text) for text in wanted.intersection(self.texts(column).split("\n"))]
            if known:
                counts += self.marked(column, known)
        rows = np.flatnonzero(counts[area.top : area.bottom + 1] >= min(2, len(columns))) + area.top
        return rows.tolist()


# ---- finding


def find_blocks(grid: Grid, area: Area, fewest: int) -> list[Block]:
    """The headers within an area, with the columns and rows that are theirs."""
    if area.top > area.bottom or area.left > area.right:
        return []
    parts = _side_by_side(grid, area)
    if len(parts) > 1:
        return [block for part in parts for block in find_blocks(grid, part, fewest)]
    found: list[Block] = []
    for row in range(area.top, min(area.bottom, area.top + SEARCHED_ROWS - 1) + 1):
        if grid.hits(row, area):
            block = _grown(grid, area, row, area.top, fewest)
            if block:
                found.append(block)
                break
    if found:
        columns = dict.fromkeys((*range(area.left, min(area.left + 3, area.right + 1)), *found[0].known))
        below = area._replace(top=found[0].bottom + 1)
    else:
        columns = dict.fromkeys(range(area.left, area.right + 1))
        below = area._replace(top=min(area.top + SEARCHED_ROWS, area.bottom + 1))
    for row in grid.headed_rows(below, list(columns)):
        first = found[-1].bottom + 1 if found else area.top
        if row < first or found and not _opens_another(grid, area, row, found[-1]):
            continue
        block = _grown(grid, area, row, first, fewest)
        if block:
            found.append(block)
    return _cut_apart(grid, area, found, fewest)


def _cut_apart(grid: Grid, area: Area, found: list[Block], fewest: int) -> list[Block]:
    """Give each block its rows, and look again where two tables lie beside each other in them."""
    result = []
    for number, block in enumerate(found):
        first = area.top if number == 0 else _first_row(grid, area, block.top, found[number - 1].bottom + 1)
        last = area.bottom
        if number + 1 < len(found):
            last = _first_row(grid, area, found[number + 1].top, block.bottom + 1) - 1
        own = area._replace(top=first, bottom=last)
        parts = _side_by_side(grid, own) if len(found) > 1 else [own]
        if len(parts) > 1:
            result += [one for part in parts for one in find_blocks(grid, part, fewest)]
            continue
        block.area = own
        result += _repeated_sideways(block)
    return result


def _first_row(grid: Grid, area: Area, top: int, first: int) -> int:
    """The first of the rows of title and remarks directly above a header."""
    row = top
    while row > max(first, top - SEARCHED_ROWS):
        cells = grid.cells(row - 1, area)
        texts = [value for _, value in cells if value.__class__ is str]
        is_title = len(cells) == 1 and texts and not _is_foot(texts[0])
        is_remark = all(is_line(text) or not is_label(text) for text in texts) and any(map(is_line, texts))
        is_remark = is_remark and len(texts) == len(cells) and not _is_foot(texts[0])
        if cells and not is_title and not is_remark:
            break
        row -= 1
    while row < top and not grid.cells(row, area):
        row += 1
    return row


def _is_foot(text: str) -> bool:
    """Does a text stand under a table: a total, a note, a signature?"""
    words, key = table()["words"], key_of(text)
    if key.startswith(("填报单位", "填表单位", "单位")):
        return False  # these stand above as often
    return key.startswith((*words["notes"], *words["signatures"], *words["totals"]))


def _opens_another(grid: Grid, area: Area, row: int, last: Block) -> bool:
    """Is a row below a table's header the header of another table, and neither data nor the same header printed
    again?"""
    values = grid.row(row)
    if any(grid.row(level) == values for level in last.levels):
        return _stands_apart(grid, area, row, last)
    hits = grid.hits(row, area)
    if not hits:
        return False
    again = [column for column in hits if any(grid.row(level)[column] == values[column] for level in last.levels)]
    if len(again) >= 2 and len(again) >= 0.6 * len(hits):
        return _stands_apart(grid, area, row, last)
    rare = 0
    for column in hits:
        codes = grid.codes(column)
        rare += int(np.count_nonzero(codes == codes[row])) <= _OFTEN
    return rare >= 2 and rare >= 0.5 * len(hits)


def _stands_apart(grid: Grid, area: Area, row: int, last: Block) -> bool:
    """Does something that ends a table stand above a header that was there before?"""
    seen = {tuple(grid.row(before)[area.left : area.right + 1]) for before in range(area.top, last.bottom + 1)}
    row -= 1
    while row > last.bottom:
        cells = grid.cells(row, area)
        if not cells:
            return True
        if tuple(grid.row(row)[area.left : area.right + 1]) not in seen:
            texts = [value for _, value in cells if value.__class__ is str]
            if len(texts) < len(cells) or len(cells) > 1 and not any(map(is_line, texts)):
                return False  # data
            return not any(word in key_of(texts[0]) for word in table()["words"]["totals"])
        row -= 1
    return False


# ---- growing


def _grown(grid: Grid, area: Area, seed: int, first: int, fewest: int) -> Block | None:
    """The header around a row, None where it is none."""
    merges = [m for m in grid.merged if m[1] <= area.right and m[3] >= area.left
              and m[0] <= seed + MOST_LEVELS and m[2] >= seed - MOST_LEVELS]  # fmt: skip
    top = bottom = seed
    while top > first and bottom - top + 1 < MOST_LEVELS and _is_upper(grid, area, top - 1, merges):
        top -= 1
    units: dict[int, str] = {}
    while True:
        lowest = max((m[2] for m in merges if top <= m[0] <= bottom), default=bottom)
        if lowest > bottom:
            below = range(bottom + 1, lowest + 1)
            if lowest - top > MOST_LEVELS or not all(_is_level(grid, area, row) for row in below):
                return None  # a label at the side of its rows: a form
            bottom = lowest
        elif bottom - top + 1 < MOST_LEVELS and _is_lower(grid, area, top, bottom, merges):
            bottom += 1
        else:
            break
    if any(m[0] < top <= m[2] for m in merges):
        return None
    rows = [row for row in range(top, bottom + 1) if grid.cells(row, area)]
    figures = [row for row in rows if not any(is_label(value) for _, value in grid.cells(row, area))]
    levels = [row for row in rows if row not in figures]
    while bottom < area.bottom and (told := _units_in(grid, area, bottom + 1)):
        units.update(told)
        bottom += 1
    block = Block(area, top, bottom, levels, _paths(grid, area, levels, merges), units, figures=figures)
    _lift_units(block)
    for column, path in block.paths.items():
        block.matches[column] = grid.vocabulary.match(path)
    return block if _is_table(grid, block, fewest) and not _is_form(grid, block, merges) else None


def _is_level(grid: Grid, area: Area, row: int) -> bool:
    """Can a row be part of a header: blank, of labels, or of figures?"""
    cells = grid.cells(row, area)
    labels = sum(is_label(value) or is_unit(key_of(str(value)).strip("()")) for _, value in cells)
    if all(is_figure(value) for _, value in cells):
        return True
    return labels >= _MOSTLY * len(cells) and not grid.is_person(row, area)


def _is_upper(grid: Grid, area: Area, row: int, merges: list) -> bool:
    """Does the row above a header belong to it?"""
    cells = dict(grid.cells(row, area))
    if any(m[0] <= row < m[2] and m[3] - m[1] < area.right - area.left for m in merges):
        return bool(cells) and all(map(is_label, cells.values()))
    if not cells or not all(is_label(value) and not is_line(value) for value in cells.values()):
        return False
    below = dict(grid.cells(row + 1, area))
    if any(_names_place(grid, value) for column, value in cells.items() if column in below):
        return False  # 乡镇 and its name, above a table
    wide = [m for m in merges if m[0] == row and m[3] > m[1]]
    if len(cells) == 1:
        ((column, text),) = cells.items()
        is_first = column <= min(below, default=column) or key_of(text).endswith(tuple(table()["words"]["titles"]))
        if (is_first or all(m[1] != column for m in wide)) and not (is_neutral(text) or is_foreign(text)):
            return False  # a title
    if wide:
        covered = [column for column in below if any(m[1] <= column <= m[3] for m in wide)]
        return len(cells) > 1 or len(covered) < len(below)
    return _is_spread(cells, below, area)


def _names_place(grid: Grid, value) -> bool:
    entry = grid.vocabulary.entry(key_of(str(value)))
    return entry is not None and entry.field.name in ("province", "city", "county", "town", "village", "group")


def _is_spread(upper: dict, lower: dict, area: Area) -> bool:
    """Without merges: do labels stand over the first of several columns each, as those of a group do?"""
    over = [column for column in upper if column in lower]
    spread = [column for column in over if column + 1 not in upper and column + 1 in lower]
    if not spread or len(over) == len(upper) and 2 * len(spread) < len(over):
        return False
    started = False
    for column in range(area.left, area.right + 1):
        if column in upper:
            started = column in over
        elif column in lower and not started:
            return False
    return True


def _is_lower(grid: Grid, area: Area, top: int, bottom: int, merges: list) -> bool:
    """Does the row below a header belong to it: labels under its groups, and under nothing else?"""
    row = bottom + 1
    if row > area.bottom:
        return False
    cells = dict(grid.cells(row, area))
    if not cells or not all(is_label(value) and not is_line(value) for value in cells.values()):
        return False
    labels = {column: value for level in range(top, bottom + 1) for column, value in grid.cells(level, area)}
    own = dict(grid.cells(bottom, area))
    if any(_names_place(grid, value) for column, value in own.items() if column in cells):
        return False
    wide = [set(range(m[1], m[3] + 1)) for m in merges if top <= m[0] <= bottom == m[2] and m[3] > m[1]]
    groups = wide or [_run(column, labels, area) for column in own]
    if not any(len(group & cells.keys()) > 1 for group in groups):
        return False
    within = set().union(*(group for group in groups if len(group) > 1))
    outside = cells.keys() - within
    known = {column for column, value in labels.items() if is_label(value) and grid.vocabulary.knows(value)}
    if grid.hits(row, area):
        return outside <= own.keys() - known  # a group may have one column only
    # nothing but the blanks beside them tells that unknown words are no data
    return not outside and (bool(wide) or known.isdisjoint(cells) and len(known) > 1)


def _run(column: int, labels: dict, area: Area) -> set[int]:
    """A column and those on its right that have no label."""
    found = {column}
    while column < area.right and column + 1 not in labels:
        column += 1
        found.add(column)
    return found


def _units_in(grid: Grid, area: Area, row: int) -> dict[int, str]:
    """The units in a row of nothing else, by column."""
    found = {}
    for number, (column, value) in enumerate(grid.cells(row, area)):
        key = key_of(value).strip("()") if value.__class__ is str else ""
        if number == 0 and key in ("单位", "计量单位", "单位:"):
            continue
        if not is_unit(key) or key.isdigit():
            return {}
        found[column] = key
    return found


# ---- the texts over each column


def _paths(grid: Grid, area: Area, levels: list[int], merges: list) -> dict[int, tuple[str, ...]]:
    """Per column the texts over it. A merged text stands over all its columns; where merges were lost, a text over the
    first column of a group stands over those on the right that have nothing of their own above."""
    over: list[dict[int, tuple[int, int]]] = []  # per level: column -> (row, column) of its text
    texts = {}
    for level in levels:
        own = {}
        for column, value in grid.cells(level, area):
            texts[level, column] = value if value.__class__ is str else str(value)
            own[column] = (level, column)
        over.append(own)
    for top, left, bottom, right in merges:
        if (top, left) in texts:
            for level, own in zip(levels, over):
                if top <= level <= bottom:
                    covered = [column for column in range(left, right + 1) if (level, column) not in texts]
                    own.update(dict.fromkeys(covered, (top, left)))
    for number, (level, own) in enumerate(zip(levels[:-1], over)):
        if any(m[0] == level and m[3] > m[1] for m in merges):
            continue
        lower = [other.keys() for other in over[number + 1 :]]
        for column in sorted(own):
            if own[column] != (level, column) or not any(column in keys for keys in lower):
                continue
            right = column + 1
            while right <= area.right and right not in own and any(right in keys for keys in lower):
                if any(other.get(right) != other.get(column) for other in over[:number]):
                    break
                own[right] = (level, column)
                right += 1
    found = {}
    for column in range(area.left, area.right + 1):
        places = dict.fromkeys(own[column] for own in over if column in own)
        path = tuple(texts[place] for place in places)
        path = tuple(text for i, text in enumerate(path) if i == 0 or key_of(text) != key_of(path[i - 1]))
        if path:
            found[column] = path
    return found


def _lift_units(block: Block):
    """A unit under the header of a single column is that column's unit, no header."""
    for column, path in list(block.paths.items()):
        unit = key_of(path[-1]).strip("()")
        alone = all(other[: len(path) - 1] != path[:-1] for c, other in block.paths.items() if c != column)
        if len(path) > 1 and is_unit(unit) and alone:
            block.units[column] = unit
            block.paths[column] = path[:-1]


# ---- is it a table


def _is_table(grid: Grid, block: Block, fewest: int) -> bool:
    names = {match.field.name for match in block.known.values()}
    if len(names) >= fewest:
        return True
    if names <= _SAY_LITTLE:
        return False
    if len(names) == 2:
        return len(block.paths) == 2 or len(block.paths) <= 4 and bool(names & ANCHORS - _SAY_LITTLE)
    return len(names) == 1 == len(block.paths) and block.bottom < block.area.bottom


def _is_form(grid: Grid, block: Block, merges: list) -> bool:
    """Is it a form of one household, with labels on the left of what is filled in?"""
    paths = set(block.paths.values())
    stacked = 0  # two known headers over each other, neither of which is a group
    for path in paths:
        if len(path) > 1 and all(other[0] != path[0] for other in paths - {path}):
            fields = [grid.vocabulary.field(text) for text in path if not is_foreign(text) and not is_neutral(text)]
            stacked += len({found.name for found in fields if found}) > 1
    if stacked > 1:
        return True
    if len(block.levels) > 1:
        return False
    row = block.levels[0]
    labels = grid.hits(row, block.area)
    ends = {m[1]: m[3] for m in merges if m[0] <= row <= m[2]}
    beside = {ends.get(column, column) + 1 for column in labels}
    if beside.intersection(labels) or not labels or len(labels) < len(block.paths) == 1:
        return False
    for other in (row - 1, row + 1):
        if block.area.top <= other <= block.area.bottom:
            cells = grid.cells(other, block.area)
            if sum(is_label(value) and grid.vocabulary.knows(value) for _, value in cells) >= min(2, len(block.paths)):
                return True
    return False


# ---- tables side by side


def _side_by_side(grid: Grid, area: Area) -> list[Area]:
    """The parts of an area between blank columns that are tables of their own."""
    seen = range(area.top, min(area.bottom, area.top + SEARCHED_ROWS - 1) + 1)
    blank = list(range(area.left, area.right + 1))
    for row in seen:
        blank = [column for column in blank if is_blank(grid.row(row)[column])]
        if not blank:
            return [area]
    if area.bottom > seen[-1]:
        blank = [column for column in blank if not grid.filled(column)[area.top : area.bottom + 1].any()]
    if not blank:
        return [area]
    bands = []
    left = area.left
    for column in (*blank, area.right + 1):
        if column > left:
            bands.append(area._replace(left=left, right=column - 1))
        left = column + 1
    if not bands:
        return [area]
    parts = [bands[0]]
    for band in bands[1:]:
        if _is_apart(grid, parts[-1], band):
            parts.append(band)
        else:
            parts[-1] = parts[-1]._replace(right=band.right)
    return parts


def _is_apart(grid: Grid, one: Area, other: Area) -> bool:
    """Are two parts beside each other two tables? Both have a column that says whose row it is, or their headers stand
    in different rows."""
    first, second = _header_row(grid, one), _header_row(grid, other)
    if second is None:
        return False
    if first is None:
        near = range(max(other.top, second - MOST_LEVELS), min(other.bottom, second + MOST_LEVELS) + 1)
        return not any(grid.hits(row, one) for row in near)
    if abs(first - second) >= MOST_LEVELS:
        return True
    anchors = [_fields_in(grid, row, part) & ANCHORS for row, part in ((first, one), (second, other))]
    return bool(anchors[0] & anchors[1])


def _header_row(grid: Grid, area: Area) -> int | None:
    """The first row with two known headers."""
    rows = range(area.top, min(area.bottom, area.top + SEARCHED_ROWS - 1) + 1)
    return next((row for row in rows if len(grid.hits(row, area)) >= 2), None)


def _fields_in(grid: Grid, row: int, area: Area) -> frozenset[str]:
    values = grid.row(row)
    found = (grid.vocabulary.entry(reading.key) for c in grid.hits(row, area) for reading in readings(values[c]))
    return frozenset(entry.field.name for entry in found if entry)


def _repeated_sideways(block: Block) -> list[Block]:
    """A block, or several where the same headers follow each other again from left to right (序号 姓名 金额 序号 姓名
    金额)."""
    columns = sorted(block.paths)
    texts = [tuple(map(key_of, block.paths[column])) for column in columns]
    for period in range(2, len(columns) // 2 + 1):
        times = len(columns) // period
        if len(columns) % period or texts != texts[:period] * times or texts[0] == texts[1]:
            continue
        fields = {match.field.name for match in (block.matches[c] for c in columns[:period]) if match.field}
        if len(fields) < 2 or not fields & ANCHORS:
            return [block]
        parts = []
        for number in range(times):
            own = columns[number * period : (number + 1) * period]
            right = columns[(number + 1) * period] - 1 if number + 1 < times else block.area.right
            area = block.area._replace(left=own[0] if number else block.area.left, right=right)
            part = {name: {c: getattr(block, name)[c] for c in own if c in getattr(block, name)}
                    for name in ("paths", "units", "matches")}  # fmt: skip
            parts.append(Block(area, block.top, block.bottom, block.levels, figures=block.figures, **part))
        return parts
    return [block]
