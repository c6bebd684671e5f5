"""The rows under a header: which are data, and why the others are none."""
from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

import numpy as np

from ..formulas.identity import person_number
from .blocks import Block, Grid, is_figure
from .fields import Field, table
from .headers import key_of

TITLE_AGAIN, HEADER_AGAIN = "重复的标题", "重复的表头"
SCORES, NUMBERING, SAMPLE, NOTE, SIGNATURE, HEADING = "分值", "列号", "示例", "说明", "签字", "小标题"

#: so many columns from the left are searched for totals and notes, beside those that are known
_SEARCHED = 6
#: more rows than this are not looked at one by one
_ONE_BY_ONE = 5000
#: scores and samples stand so near to the header, titles too
_NEAR = 50
#: a total stands among the first texts of its row
_FIRST_TEXTS = 3
_KEYS = ("id_number", "beneficiary_id", "household_id", "person_id", "name", "head_name", "head_id", "payee_id")
_LONG_NOTE = 8


@dataclass(frozen=True)
class Dropped:
    """A row that is no data. row: on the sheet, from 0. why: 小计, 合计, 说明, 签字, 重复的表头, 分值 …"""

    row: int
    why: str


def rows_of(grid: Grid, block: Block, fields: dict[int, Field]) -> tuple[np.ndarray, list[Dropped]]:
    """(rows of data, rows that are dropped), both ascending. Blank rows are neither. `fields`: what the columns are, as
    far as their headers are sure."""
    body = _Body(grid, block, fields)
    dropped = dict.fromkeys(block.figures, SCORES)
    start = body.after_header(dropped)
    dropped.update(body.no_data(start))
    kept = body.filled(start)
    kept[[row - start for row in dropped if row >= start]] = False
    return np.flatnonzero(kept) + start, [Dropped(row, dropped[row]) for row in sorted(dropped)]


class _Body:
    def __init__(self, grid: Grid, block: Block, fields: dict[int, Field]):
        self.grid, self.block, self.area = grid, block, block.area
        self.keys = {found.name: column for column, found in reversed(fields.items()) if found.name in _KEYS}
        self.names = {column for column, found in fields.items() if found.kind == "name"}
        self.numbers = {column for column, found in fields.items() if found.kind == "id"}
        self.sequence = {column for column, found in fields.items() if found.name == "sequence"}
        first = range(self.area.left, min(self.area.left + _SEARCHED, self.area.right + 1))
        self.columns = sorted({*first, *fields})
        self.merged_wide = {m[0]: m for m in grid.merged if m[0] == m[2] and m[3] - m[1] >= 2}

    def cells(self, row: int) -> list[tuple[int, object]]:
        return self.grid.cells(row, self.area)

    # ---- between header and data

    def after_header(self, dropped: dict[int, str]) -> int:
        """The first row that may be data; rows of scores, of column numbers and samples are dropped."""
        start = self.block.bottom + 1
        for row in range(start, min(self.area.bottom + 1, start + _NEAR)):
            cells = self.cells(row)
            if cells:
                why = self._no_data_yet(cells)
                if not why:
                    return row
                dropped[row] = why
                start = row + 1
        return start

    def _no_data_yet(self, cells: list[tuple[int, object]]) -> str:
        words = table()["words"]
        first = key_of(str(cells[0][1])).rstrip(":")
        if first in words["samples"] or first.startswith(tuple(f"{word}:" for word in words["samples"])):
            return SAMPLE
        labelled = first in words["scores"] or first in words["numbering"]
        rest = [value for _, value in (cells[1:] if labelled else cells)]
        if rest and all(map(is_figure, rest)):
            if first in words["numbering"] or first not in words["scores"] and _is_counting(rest):
                return NUMBERING
            has_key = any(column in self.keys.values() for column, _ in cells)
            only_sequence = all(column in self.sequence for column, _ in cells)
            if labelled or self.keys and not has_key and not only_sequence:
                return SCORES
        elif _is_counting(rest):
            return NUMBERING
        return ""

    # ---- in the data

    def filled(self, start: int) -> np.ndarray:
        """Per row from `start`: does anything stand in it?"""
        found = np.zeros(max(0, self.area.bottom + 1 - start), bool)
        for column in self.columns:
            found |= self.grid.filled(column)[start : self.area.bottom + 1]
        empty = np.flatnonzero(~found)
        others = [column for column in range(self.area.left, self.area.right + 1) if column not in self.columns]
        if len(empty) > _ONE_BY_ONE:
            for column in others:
                found |= self.grid.filled(column)[start : self.area.bottom + 1]
        elif others:
            found[[place for place in empty.tolist() if self.cells(start + place)]] = True
        return found

    def no_data(self, start: int) -> dict[int, str]:
        """Rows from `start` that are none, and why."""
        above = range(max(self.area.top, self.block.top - _NEAR), self.block.top)
        found = dict.fromkeys(self._printed_again(start, above), TITLE_AGAIN)
        found.update(dict.fromkeys(self._printed_again(start, range(self.block.top, start)), HEADER_AGAIN))
        for row in self._suspects(start):
            why = "" if row in found else self._why_no_data(row)
            if why:
                found[row] = why
            if why in (NOTE, SIGNATURE):
                for follower in self._followers(row):
                    found.setdefault(follower, self._why_no_data(follower) or NOTE)
        return found

    def _printed_again(self, start: int, rows: Iterable[int]) -> list[int]:
        """Rows that repeat one of these, cell by cell."""
        found = []
        for row in rows:
            cells = dict(self.cells(row))
            searched = [column for column in self.columns if column in cells]
            if not searched:
                continue
            same = np.ones(max(0, self.area.bottom + 1 - start), bool)
            for column in searched:
                codes = self.grid.codes(column)
                same &= codes[start : self.area.bottom + 1] == codes[row]
            found += [other for place in np.flatnonzero(same).tolist()
                      if dict(self.cells(other := start + place)) == cells]  # fmt: skip
        return found

    def _suspects(self, start: int) -> list[int]:
        """Rows that may be no data: a text in them sounds like it, or nothing says whose they are."""
        last = self.area.bottom + 1
        odd = np.zeros(max(0, last - start), bool)
        for column in self.columns:
            words = self.grid.searched(column, *_sounding())
            if words:
                odd |= self.grid.marked(column, words)[start:last]
        if self.keys:
            certain = np.zeros(len(odd), bool)
            for column in self.keys.values():
                certain |= self.grid.filled(column)[start:last]
            unsaid = ~certain
            if np.count_nonzero(unsaid) > _ONE_BY_ONE:
                unsaid &= self.filled(start)
            if np.count_nonzero(unsaid) <= _ONE_BY_ONE:
                odd |= unsaid
        return (np.flatnonzero(odd) + start).tolist()

    def _why_no_data(self, row: int) -> str:
        """Why a row is no data, "" if it is."""
        cells = self.cells(row)
        if not cells or self._is_certain(cells):
            return ""
        texts = [(column, value) for column, value in cells if value.__class__ is str]
        for column, value in texts[:_FIRST_TEXTS]:
            word = _total(key_of(value), column in self.names)
            if word:
                return word
            if column in self.names or column in self.numbers:
                break
        if not texts or texts[0][0] != cells[0][0]:
            return ""
        key = key_of(texts[0][1])
        words = table()["words"]
        few = 2 * len(cells) <= len(self.block.paths) or len(cells) == 1
        if key.startswith(tuple(words["notes"])) and (few or ":" in key):
            return NOTE
        if few and len(cells) <= 2 and key in ("注", "说明", "备注"):
            return NOTE
        if few and key.startswith(tuple(words["signatures"])):
            return SIGNATURE
        if len(cells) == 1 and len(self.block.paths) > 2 and cells[0][0] not in self.keys.values():
            merge = self.merged_wide.get(row)
            if merge and merge[1] == cells[0][0] or cells[0][0] in self.sequence and not is_figure(texts[0][1]):
                return HEADING
        return ""

    def _is_certain(self, cells: list[tuple[int, object]]) -> bool:
        """Does a row say whose it is: by the number of a person, or by 户编号 and a name?"""
        if any(len(str(value)) >= 15 and person_number(value) for _, value in cells if value.__class__ in (str, int)):
            return True
        told = dict(cells)
        household = told.get(self.keys.get("household_id"))
        name = next((told[column] for column in self.names if column in told), None)
        if household is None or name is None:
            return False
        return any(map(str.isdigit, str(household))) and not _total(key_of(str(name)), True)

    def _followers(self, row: int) -> list[int]:
        """The rows under a note that go on with it."""
        found = []
        for other in range(row + 1, self.area.bottom + 1):
            cells = self.cells(other)
            if not cells:
                continue
            texts = [value for _, value in cells if value.__class__ is str]
            if len(texts) < len(cells) or self._is_certain(cells):
                break
            numbered = _NUMBERED.match(key_of(texts[0])) or texts[0][:1].isspace()
            if not numbered and not (len(cells) == 1 and len(texts[0]) >= _LONG_NOTE):
                break
            found.append(other)
        return found


# ---- what stands in a cell

_COUNTED = re.compile(r"\(?(\d{1,3})\)?(?:=.*)?")
_STEMS = "甲乙丙丁戊己庚辛壬癸"
_NUMBERED = re.compile(r"\(?\d{1,2}[)、.]|\([一二三四五六七八九十]+\)|[一二三四五六七八九十]+、|[①-⑳]")


def _is_counting(values: list) -> bool:
    """Do cells count the columns: 1 2 3, 甲 乙 1 2, A B C, 1 2 3=1+2?"""
    if len(values) < 3:
        return False
    keys = [key_of(str(value)) for value in values]
    stems = [key for key in keys if key in _STEMS]
    rest = keys[len(stems) :]
    if "".join(stems) != _STEMS[: len(stems)]:
        return False
    if rest == [chr(ord("A") + place) for place in range(len(rest))]:
        return True
    numbers = [_COUNTED.fullmatch(key) for key in rest]
    if not all(numbers):
        return False
    counted = [int(number[1]) for number in numbers]
    return counted[:1] in ([], [0], [1], [2]) and all(b - a in (1, 2) for a, b in zip(counted, counted[1:]))


@cache
def _total_patterns() -> tuple[re.Pattern, re.Pattern]:
    words = "|".join(table()["words"]["totals"])
    whole = re.compile(rf"({words})(?:\([^()]*\))?:?")
    return whole, re.compile(rf"[^:]{{0,12}}?({words})(?:\([^()]*\))?:?|({words})[:\d(].*")


def _total(key: str, is_name: bool) -> str:
    """The word by which a text says that its row is a total, or "". A name is one only as a whole."""
    whole, ending = _total_patterns()
    found = (whole if is_name else ending).fullmatch(key)
    return next(filter(None, found.groups()), "") if found else ""


@cache
def _sounding() -> tuple[re.Pattern, re.Pattern]:
    """What a total, a note or a signature may sound like, in texts that begin with a line break."""
    words = table()["words"]
    first = "".join(sorted({word[0] for name in ("notes", "signatures") for word in words[name]} | {"说", "备"}))
    return re.compile("计"), re.compile(rf"\n[ \t\u3000\xa0]*[{first}]")
