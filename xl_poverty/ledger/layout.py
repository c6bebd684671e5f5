"""Where the tables of a sheet lie: header block, rows of data, rows that are something else, and what each column is.

headers.py says what the texts of a header mean, blocks.py where headers stand, body.py which rows are data. Here the
columns of a table are seen together: what stands there twice, what is nearly a known header and has the cells of one,
and what has to be asked. Nothing is guessed.
"""
from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from ..formulas.signatures import Signature
from ..workbook.references import letters_of
from .blocks import Area, Block, Grid, find_blocks, is_blank, is_line
from .body import Dropped, rows_of
from .cleaning import VALUE, clean_column, flag
from .columns import Column
from .fields import Field, fields, table
from .files import Sheet
from .headers import (
    APART,
    ASKED,
    EXACT,
    LIKE,
    LIKENESS,
    NONE,
    PROVABLE,
    SPARE,
    TAKEN,
    Match,
    header_key,
    is_foreign,
    key_of,
    one_line,
    readings,
    shown,
    unit_of_line,
    vocabulary_of,
)

__all__ = ["COLUMN", "REPEATED", "Dropped", "Layout", "Question", "find_tables", "headed_table"]

#: how the keys of questions begin: what a column is, which of two counts, whether months in words are read, whether a
#: blank income is none
QUESTIONS = COLUMN, REPEATED, WORDED, BLANK_IS_NIL = "列：", "重复：", "月数文字：", "空白按0："
UNUSED = "不用"
YES, NO = "是", "否"
#: fewer known headers are no table
FEWEST = 3
#: so much of the cells of a column has to fit, to prove what a mistyped header means
PROVEN = 0.8
_SAMPLE = 200
#: fewer cells than these prove it only all together; fewer than those nothing
_FEW_CELLS, _FEWEST_CELLS = 5, 2
#: nobody is asked about these
_UNASKED = frozenset(("sequence", "remark"))


@dataclass(frozen=True)
class Question:
    """What is not guessed, and how it is answered.

    key      under which the answer is kept (in the sheet 核算口径, in office.toml [answers], as --answer key=choice)
    text     the question, for the clerk
    choices  what can be answered
    place    sheet and cell: 人员!C3
    """

    key: str
    text: str
    choices: tuple[str, ...]
    place: str


@dataclass
class Layout:
    """One table of a sheet. Rows and columns count from 0."""

    top: int  # first row of the header block
    bottom: int  # its last row
    columns: list[Column]  # of the table, in order, also those of no use
    data: np.ndarray  # rows of data, ascending
    title: str = ""
    dropped: list[Dropped] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)


def find_tables(
    sheet: Sheet,
    answers: Mapping[str, str] | None = None,
    extra: Mapping[str, Sequence[str]] | None = None,
    signatures: Iterable[Signature] = (),
    fewest: int = FEWEST,
) -> list[Layout]:
    """The tables of a sheet, from the top and from the left.

    answers     choices by the key of a question
    extra       further headers of a field, by its name or label (office.toml)
    signatures  functions beside the contract's, whose arguments can head columns (a document's own)
    fewest      so many known headers make a table; fewer where they are all there is

    Raises LedgerError for a field in `extra` that is not there.
    """
    grid = Grid(sheet, vocabulary_of(extra, signatures))
    blocks = find_blocks(grid, Area(0, grid.height - 1, 0, grid.width - 1), fewest)
    found = [_layout(grid, block, answers or {}) for block in blocks]
    return sorted(found, key=lambda layout: (layout.top, layout.columns[0].position))


def headed_table(
    sheet: Sheet,
    levels: int,
    answers: Mapping[str, str] | None = None,
    extra: Mapping[str, Sequence[str]] | None = None,
    signatures: Iterable[Signature] = (),
) -> Layout:
    """The table whose first `levels` rows are its header, whatever they say, and whose other rows are all data."""
    grid = Grid(sheet, vocabulary_of(extra, signatures))
    area = Area(0, grid.height - 1, 0, grid.width - 1)
    block = Block(area, 0, levels - 1, list(range(levels)), {})
    for column, cells in enumerate(zip(*map(grid.row, range(levels)))):
        path = tuple(str(cell) for cell in cells if not is_blank(cell))
        if path:
            block.paths[column], block.matches[column] = path, grid.vocabulary.match(path)
    return _layout(grid, block, answers or {}, np.arange(levels, grid.height))


def _layout(grid: Grid, block: Block, answers: Mapping[str, str], data: np.ndarray | None = None) -> Layout:
    sure = {column: match.field for column, match in block.matches.items() if match.state in (TAKEN, SPARE)}
    dropped: list[Dropped] = []
    if data is None:
        data, dropped = rows_of(grid, block, sure)
    title = _title(grid, block)
    found = _Columns(grid, block, data, answers, title)
    found.settle()
    columns = [found.columns[position] for position in sorted(found.columns)]
    return Layout(block.top, block.bottom, columns, data, title, dropped, list(found.questions.values()))


def _title(grid: Grid, block: Block) -> str:
    """The first text above a header that is no line of remarks and no 附件1."""
    texts = [one_line(value) for row in range(block.area.top, block.top) for _, value in grid.cells(row, block.area)
             if value.__class__ is str and not is_line(value)]  # fmt: skip
    return next((text for text in texts if not key_of(text).startswith(("附件", "附表"))), texts[0] if texts else "")


def _unit_above(grid: Grid, block: Block) -> str:
    """The unit of money that stands above a header, the one nearest to it."""
    for row in reversed(range(block.area.top, block.top)):
        cells = grid.cells(row, block.area)
        texts = [str(value) for _, value in cells]
        joined = [one + other for one, other in zip(texts, texts[1:]) if key_of(one).endswith("单位:")]
        units = dict.fromkeys(filter(None, map(unit_of_line, (*texts, *joined))))
        if units:
            return next(iter(units)) if len(units) == 1 else ""
    return ""


class _Columns:
    """The columns of one table, seen together."""

    def __init__(self, grid: Grid, block: Block, data: np.ndarray, answers: Mapping[str, str], title: str):
        self.grid, self.block, self.data, self.title = grid, block, data, title
        self.answers = {key_of(key): str(choice).strip() for key, choice in answers.items()}
        self.unit_above = _unit_above(grid, block)
        self.matches = dict(block.matches)  # of the columns that are not settled
        self.columns: dict[int, Column] = {}
        self.taken: dict[str, int] = {}  # the first column of each field
        self.questions: dict[str, Question] = {}

    def settle(self):
        """Say of every column what it is, the surest first."""
        self._begin()
        for position in list(self.matches):
            self._answered(position)
        self._without_company()
        self._known()
        self._whose()
        for position, match in self.matches.items():
            if match.state == LIKE:
                self._alike(position, match)
            elif match.state == APART:
                self._apart(position, match)
        self._doubtful()

    def _begin(self):
        """The columns with a header, and those beside them that hold data."""
        area = self.block.area
        for position in range(area.left, area.right + 1):
            path = self.block.paths.get(position, ())
            if not path and not self.grid.filled(position)[self.data].any():
                continue
            match = self.matches.get(position, Match(NONE))
            unit = match.unit or self.block.units.get(position, "")
            if match.field and match.field.kind == "money":
                unit = unit or self.unit_above
            self.columns[position] = Column(position, tuple(map(one_line, path)), None, 0.0, match.how, unit)

    def _take(self, position: int, field: Field, confidence: float, how: str):
        column = self.columns[position]
        if field.name in self.taken and not field.repeats:
            self._leave(position, f"已有{letters_of(self.taken[field.name])}列是“{field.label}”，未用")
            return
        column.field, column.confidence, column.how = field, confidence, how
        if field.kind == "money":
            column.unit = column.unit or self.unit_above
        self.taken.setdefault(field.name, position)

    def _leave(self, position: int, how: str):
        self.columns[position].how = how

    def _is_open(self, field: Field) -> bool:
        """Is no column taken for a field, and none asked about?"""
        asked = {header_key(key.removeprefix(REPEATED)) for key in self.questions if key.startswith(REPEATED)}
        return field.repeats or field.name not in self.taken and asked.isdisjoint(map(header_key, field.headers))

    # ---- asking

    def _ask(self, position: int, key: str, text: str, choices: Iterable[str]):
        place = f"{self.grid.sheet.name}!{letters_of(position)}{self._row(position)}"
        self.questions.setdefault(key, Question(key, text, tuple(choices), place))

    def _row(self, position: int) -> int:
        """The row of a column's lowest header, as the sheet numbers it."""
        rows = [row for row in self.block.levels if not is_blank(self.grid.row(row)[position])]
        return (rows[-1] if rows else self.block.top) + 1

    def _key(self, position: int) -> str:
        return f"{COLUMN}{self.columns[position].header}"

    def _header(self, position: int) -> str:
        return shown(self.columns[position].header)

    def _where(self, position: int) -> str:
        return f"第{self._row(position)}行{letters_of(position)}列“{self._header(position)}”"

    def _answer(self, key: str) -> str:
        return self.answers.get(key_of(key), "")

    def _answered(self, position: int):
        column, match = self.columns[position], self.matches[position]
        choice = self._answer(self._key(position)) or self._answer(f"{COLUMN}{column.path[-1]}")
        if choice in (UNUSED, NO):
            del self.matches[position]
            self._leave(position, "按答复不用")
        elif choice:
            meant = match.field if choice == YES and len(match.entries) == 1 else self.grid.vocabulary.field(choice)
            if meant:
                del self.matches[position]
                self._take(position, meant, EXACT, f"按答复，是“{meant.label}”")

    # ---- known headers

    def _without_company(self):
        """General words that are only taken where another column, or the title, speaks of the same (开始时间 beside
        务工地点)."""
        needed = {key_of(word): other for word, other in table()["beside"].items()}
        told = [key_of(text) for column in self.columns.values() for text in column.path] + [key_of(self.title)]
        for position, match in self.matches.items():
            other = needed.get(self._plain(position))
            if other and match.state in (TAKEN, SPARE) and not any(other in text for text in told):
                how = f"没有别的列说到{other}，分不清说的是什么"
                self.matches[position] = replace(match, state=ASKED, how=how)

    def _plain(self, position: int) -> str:
        """A column's lowest header without unit and remark."""
        return readings(self.block.paths[position][-1])[-1].key

    def _known(self):
        """Columns whose header is known, each field once."""
        by_field: dict[str, list[int]] = {}
        for position, match in sorted(self.matches.items()):
            if match.state in (TAKEN, SPARE):
                by_field.setdefault(match.field.name, []).append(position)
        apart = [position for position, match in self.matches.items() if match.state == APART]
        for positions in by_field.values():
            meant = self.matches[positions[0]].field
            if len(positions) > 1 and not meant.repeats or apart:
                positions = self._first_of(positions, apart, meant)
            for position in positions:
                match = self.matches[position]
                self._take(position, meant, match.confidence, match.how)

    def _first_of(self, positions: list[int], apart: list[int], meant: Field) -> list[int]:
        """The one of several columns of a field that counts; none where they differ and nobody said which. Columns
        under the same word of which nobody knows whom they speak of are looked at as well."""
        sure = [position for position in positions if self.matches[position].state == TAKEN]
        rivals = sure or positions
        if meant.repeats or meant.name in self.taken:
            return positions
        same = [p for p in apart if self._plain(p) == self._plain(rivals[0]) and not self._holds(rivals[0], p, meant)]
        rivals = sorted([*rivals, *same])
        first = self._chosen(rivals, meant)
        for position in positions:
            if position not in rivals and first is not None:
                self._leave(position, f"已有{letters_of(first)}列“{self._header(first)}”，未用")
        return [] if first is None else [first]

    def _chosen(self, rivals: list[int], meant: Field) -> int | None:
        if len(rivals) == 1:
            return rivals[0]
        words = {self._plain(position) for position in rivals}
        key = f"{REPEATED}{self._plain(rivals[0]) if len(words) == 1 else meant.label}"
        letters = {letters_of(position): position for position in rivals}
        answered = self._answer(key).upper().removesuffix("列")
        if answered in letters:
            how = f"按答复，以{answered}列为准"
            for position in rivals:
                self._leave(position, how)
            first = letters[answered]
            self.matches[first] = replace(self.matches[first], confidence=EXACT, how=how)
            return first
        full = (one for one in rivals if all(self._holds(one, other, meant) for other in rivals if other != one))
        first = next(full, rivals[0] if meant.name in _UNASKED else None)
        if first is not None:
            for position in rivals:
                if position != first:
                    self._leave(position, self._again(position, first, meant))
            return first
        choices = [f"{letter}列" for letter in letters]
        named = f"都叫“{self._header(rivals[0])}”"
        if len(words) > 1:
            named = f"{'、'.join(f'“{self._header(position)}”' for position in rivals)}都是“{meant.label}”"
        told = f"{'和'.join(choices)}{named}，内容不同"
        self._ask(rivals[0], key, f"{told}，以哪一列为准？", choices)
        for position in rivals:
            self._leave(position, f"{told}，待答复")
        return None

    def _again(self, position: int, first: int, meant: Field) -> str:
        """Why a column is not needed beside another."""
        letter = letters_of(first)
        if not self.grid.filled(position)[self.data].any():
            return f"与{letter}列说的一样，没有内容"
        same = self._holds(first, position, meant)
        if self._plain(position) == self._plain(first):
            return f"与{letter}列同名同内容" if same else f"与{letter}列同名"
        return f"与{letter}列“{self._header(first)}”{'内容相同' if same else '说的一样'}"

    def _holds(self, one: int, other: int, meant: Field) -> bool:
        """Does a column hold all that another one holds?"""
        filled = [self.grid.filled(position)[self.data] for position in (one, other)]
        if (filled[1] & ~filled[0]).any():
            return False
        codes = [self.grid.codes(position)[self.data][filled[1]].astype(np.int64) for position in (one, other)]
        pairs = np.unique(codes[0] << 32 | codes[1]).tolist()
        values = self.grid.values(one), self.grid.values(other)
        units = self.columns[one].unit, self.columns[other].unit
        cells = [(values[0][pair >> 32], values[1][pair & 0xFFFFFFFF]) for pair in pairs]
        if units[0] == units[1]:
            cells = [(a, b) for a, b in cells if a.__class__ is not b.__class__ or a != b]
        return _are_same(meant, cells[:_FEW_CELLS], units) and _are_same(meant, cells[_FEW_CELLS:], units)

    # ---- whose they are

    def _whose(self):
        """A phone or a number behind somebody else's name (帮扶责任人 所属单位 职务 联系电话) may be that person's."""
        general = frozenset(map(key_of, table()["groups"]["general"]))
        person = None  # the column of somebody else, while the columns speak of that person
        for position in sorted(self.matches):
            column = self.columns[position]
            name = column.field.name if column.field else ""
            if name in ("helper_name", "payee_name") or not name and _names_somebody(column):
                person = position
            elif person is not None and name in ("phone", "id_number") and self._plain(position) in general:
                if len(column.path) == 1 and not column.how.startswith("按答复"):
                    self._ask_whose(position, person)
            elif name and not name.startswith("helper_") and name not in _UNASKED:
                person = None

    def _ask_whose(self, position: int, person: int):
        column, other = self.columns[position], self.columns[person]
        choices = [column.field.label, UNUSED]
        if column.field.name == "phone" and other.field and other.field.name == "helper_name":
            choices.insert(1, fields()["helper_phone"].label)
        named = self._header(person)
        text = f"{self._where(position)}排在“{named}”后面，说的是本人还是“{named}”？"
        self._ask(position, self._key(position), text, choices)
        del self.taken[column.field.name]
        column.field, column.confidence = None, 0.0
        self._leave(position, f"排在“{named}”后面，分不清说的是谁，待答复")

    # ---- nearly known headers

    def _alike(self, position: int, match: Match):
        named = f"“{match.entries[0].header}”"
        near = [entry for entry in match.entries if self._is_open(entry.field)]
        if not near:
            self._leave(position, f"像{named}，已有那一列，未用")
        elif len(match.entries) == 1 and match.proven and self._proves(position, match.field):
            self._take(position, match.field, LIKENESS, f"与{named}只差一字，内容也相符")
        elif len(near) == 1:
            self._ask_one(position, f"“{near[0].header}”")
            self._leave(position, f"像“{near[0].header}”，待答复")
        else:
            labels = [entry.field.label for entry in near]
            text = f"{self._where(position)}是“{'”还是“'.join(labels)}”？"
            self._ask(position, self._key(position), text, (*labels, UNUSED))
            self._leave(position, f"像“{'”“'.join(labels)}”，待答复")

    def _proves(self, position: int, meant: Field) -> bool:
        """Do the cells of a column fit a field whose cells are unlike others?"""
        rows = self.data[self.grid.filled(position)[self.data]][:_SAMPLE]
        if meant.kind not in PROVABLE or len(rows) < _FEWEST_CELLS:
            return False
        values = self.grid.values(position)
        try:
            cleaned = clean_column(meant, [values[code] for code in self.grid.codes(position)[rows].tolist()])
        except KeyError:  # a column of words that are told nowhere
            return False
        fitting = [clean for clean in cleaned if clean.state == VALUE]
        if meant.kind in ("word", "words") and all(flag(clean.raw).state == VALUE for clean in fitting):
            return False  # 是 and 否 stand in many columns
        return len(fitting) >= (PROVEN if len(rows) >= _FEW_CELLS else 1) * len(rows)

    # ---- what is asked

    def _ask_one(self, position: int, named: str):
        self._ask(position, self._key(position), f"{self._where(position)}是不是{named}？", (YES, NO))

    def _apart(self, position: int, match: Match):
        """A name or a number under a header of which nobody knows whom it speaks of, where there is no other."""
        if match.field.kind in ("name", "id", "key") and self._is_open(match.field):
            self._ask_one(position, f"“{match.field.label}”")
            self._leave(position, f"{match.how.removesuffix('，未用')}，待答复")

    def _doubtful(self):
        """Known headers beside a year, a plan or a remark; those under the same one are asked about together."""
        together: dict[str, list[int]] = {}
        for position, match in self.matches.items():
            if match.state != ASKED or not self._is_open(match.field) or match.field.name in _UNASKED:
                continue
            if match.about in self.block.paths[position][:-1]:
                together.setdefault(match.about, []).append(position)
            else:
                self._ask_one(position, f"“{match.field.label}”")
                self._leave(position, f"{match.how}，待答复")
        for text, positions in together.items():
            self._under(text, positions)

    def _under(self, text: str, positions: list[int]):
        key = f"{COLUMN}{one_line(text)}"
        choice = self._answer(key)
        for position in positions:
            if choice == YES:
                self._take(position, self.matches[position].field, EXACT, f"按答复，“{shown(text)}”下面的列照用")
            else:
                told = "按答复不用" if choice in (NO, UNUSED) else f"{self.matches[position].how}，待答复"
                self._leave(position, told)
        if choice not in (YES, NO, UNUSED):
            headers = "、".join(f"“{shown(self.columns[position].path[-1])}”" for position in positions[:3])
            more = f"等{len(positions)}列" if len(positions) > 3 else ""
            self._ask(positions[0], key, f"“{shown(text)}”下面的{headers}{more}，是不是这次要用的？", (YES, UNUSED))


def _are_same(meant: Field, cells: list[tuple], units: tuple[str, str]) -> bool:
    """Do the two cells of each pair mean the same?"""
    if not cells:
        return True
    try:
        cleaned = zip(*(clean_column(meant, list(raws), unit) for raws, unit in zip(zip(*cells), units)))
    except KeyError:  # a column of words that are told nowhere
        cleaned = ((None, None) for _ in cells)
    for (one, other), raws in zip(cleaned, cells):
        if one is None or one.state != VALUE or other.state != VALUE:
            if key_of(str(raws[0])) != key_of(str(raws[1])):
                return False
        elif meant.kind in ("id", "name"):
            if one.value.key != other.value.key:
                return False
        elif one.value != other.value or one.precision != other.precision:
            return False
    return True


def _names_somebody(column: Column) -> bool:
    """Does an unknown column hold the name of somebody else (监护人, 联系人姓名)?"""
    text = column.path[-1]
    return is_foreign(text) and not any(word in key_of(text) for word in ("电话", "手机", "证", "单位", "职务"))
