"""What is to be written to a sheet."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from .encoding import Formula
from .references import MOST_COLUMNS, MOST_ROWS, Area, Spot, area_of
from .styles import AS_IS, Look

#: behind all rows
NEVER = MOST_ROWS


@dataclass
class ColumnCells:
    """A long column: the rows that are written to, ascending, and their values. Both count from 1."""

    column: int
    rows: Sequence[int]
    values: Sequence
    look: Look = AS_IS


@dataclass
class SheetChanges:
    """What is to be written to a sheet; rows and columns count from 1, as on the screen.

    cells    (row, column) -> text (never taken for a formula), number, truth value, date, CellError, Formula, or None
             for a blank
    columns  long columns
    looks    of cells, where they are not to look as they did
    widths   column -> width in characters; least_widths: narrower columns get it
    merges   "AO1:AO3"
    table    "A1:AN500": what stood there and the new columns belong to; None: the whole of what the sheet says it holds
    """

    cells: dict[tuple[int, int], object] = field(default_factory=dict)
    columns: list[ColumnCells] = field(default_factory=list)
    looks: dict[tuple[int, int], Look] = field(default_factory=dict)
    widths: dict[int, float] = field(default_factory=dict)
    least_widths: dict[int, float] = field(default_factory=dict)
    merges: list[str] = field(default_factory=list)
    table: str | None = None

    @property
    def empty(self) -> bool:
        return not (self.cells or self.columns or self.widths or self.least_widths or self.merges)


Edit = tuple[int, object, Look]  # column from 0, value, look


class Edits:
    """The cells to write, zero-based, row by row."""

    def __init__(self, changes: SheetChanges):
        self._cells: dict[int, list[Edit]] = {}
        for (row, column), value in changes.cells.items():
            if not (1 <= row <= MOST_ROWS and 1 <= column <= MOST_COLUMNS):
                raise ValueError(f"no cell ({row}, {column})")
            self._cells.setdefault(row - 1, []).append((column - 1, value, changes.looks.get((row, column), AS_IS)))
        self._rows = sorted(self._cells)
        blocks: dict[int, _Block] = {}
        for column in changes.columns:
            blocks.setdefault(id(column.rows), _Block(column.rows)).add(column)
        self._blocks = [block for block in blocks.values() if len(block.rows)]
        self.widths, self.least_widths = changes.widths, changes.least_widths
        self.merges = [_area(merge) for merge in changes.merges]
        self.occupied = None if changes.table is None else [_area(changes.table)]
        self.start()

    def __bool__(self) -> bool:
        return bool(self._rows or self._blocks or self.widths or self.least_widths or self.merges)

    def start(self):
        """From the first row again."""
        self._at = 0
        for block in self._blocks:
            block.at = 0
        self._find_next()

    def _find_next(self):
        self.next = self._rows[self._at] if self._at < len(self._rows) else NEVER
        for block in self._blocks:
            if block.at < len(block.rows):
                self.next = min(self.next, block.rows[block.at] - 1)

    def take(self) -> list[Edit]:
        """What is written to the row `next`, by columns; then `next` is the row after it that is written to."""
        row, found = self.next, []
        for block in self._blocks:
            at = block.at
            if at < len(block.rows) and block.rows[at] - 1 == row:
                found = [(column, values[at], look) for column, values, look in block.columns] + found
                block.at = at + 1
        if self._at < len(self._rows) and self._rows[self._at] == row:
            self._at += 1
            found = list({edit[0]: edit for edit in found + self._cells[row]}.values())
        self._find_next()
        if len(found) > 1 and (len(self._blocks) > 1 or self._cells):
            found.sort(key=lambda edit: edit[0])
        return found

    def only_block(self) -> _Block | None:
        """The long columns that everything still to be written belongs to."""
        waiting = [block for block in self._blocks if block.at < len(block.rows)]
        formulas = len(waiting) != 1 or waiting[0].dynamic
        return None if formulas or self._at < len(self._rows) else waiting[0]

    def pass_over(self, block: _Block, count: int):
        """Its next rows are written."""
        block.at += count
        self._find_next()

    def inside(self, area: Area) -> Iterator[Spot]:
        """Cells of an area that are written to."""
        top, left, bottom, right = area
        for row in self._rows[bisect_left(self._rows, top) : bisect_left(self._rows, bottom + 1)]:
            yield from ((row, column) for column, _, _ in self._cells[row] if left <= column <= right)
        for block in self._blocks:
            columns = [column for column, _, _ in block.columns if left <= column <= right]
            if columns:
                for row in block.rows[bisect_left(block.rows, top + 1) : bisect_left(block.rows, bottom + 2)]:
                    yield from ((int(row) - 1, column) for column in columns)

    def covers(self, area: Area) -> bool:
        """Whether every cell of an area is written to."""
        top, left, bottom, right = area
        return len(set(self.inside(area))) == (bottom - top + 1) * (right - left + 1)

    def value_at(self, row: int, column: int):
        """What is written to a cell."""
        for found, value, _ in self._cells.get(row, ()):
            if found == column:
                return value
        for block in self._blocks:
            at = bisect_left(block.rows, row + 1)
            if at < len(block.rows) and block.rows[at] == row + 1:
                for found, values, _ in block.columns:
                    if found == column:
                        return values[at]
        return None

    def override(self, cells: dict[Spot, object]):
        """Other values for cells that are written to; they count from the next start."""
        for (row, column), value in cells.items():
            kept = [edit for edit in self._cells.get(row, ()) if edit[0] != column]
            looks = [look for found, _, look in self._cells.get(row, ()) if found == column]
            self._cells[row] = [*kept, (column, value, looks[0] if looks else AS_IS)]
        self._rows = sorted(self._cells)

    @cached_property
    def areas(self) -> list[Area]:
        """The cells that are written to, in areas."""
        found = []
        for block in self._blocks:
            for first, last in block.runs():
                found += [(first, column, last, column) for column, _, _ in block.columns]
        for row in self._rows:
            columns = sorted({column for column, _, _ in self._cells[row]})
            starts = [column for column in columns if column - 1 not in columns]
            ends = [column for column in columns if column + 1 not in columns]
            found += [(row, left, row, right) for left, right in zip(starts, ends)]
        return found

    @cached_property
    def arrays(self) -> list[Area]:
        """Areas that the written formulas fill."""
        formulas = [value for value in self._formulas() if value.area]
        return [area for area in (area_of(formula.area) for formula in formulas) if area and area[:2] != area[2:]]

    def writes_formulas(self) -> bool:
        return next(self._formulas(), None) is not None

    def _formulas(self) -> Iterator[Formula]:
        for edits in self._cells.values():
            yield from (value for _, value, _ in edits if isinstance(value, Formula))
        for block in self._blocks:
            for _, values, _ in block.columns:
                if Formula in set(map(type, values)):
                    yield from (value for value in values if isinstance(value, Formula))


class _Block:
    """Long columns with the same rows."""

    def __init__(self, rows: Sequence[int]):
        self.rows, self.at, self.dynamic = rows, 0, False
        self.columns: list[tuple[int, Sequence, Look]] = []
        if any(later <= earlier for earlier, later in zip(rows, rows[1:])):
            raise ValueError("rows of a long column must ascend")
        if len(rows) and not 1 <= rows[0] <= rows[-1] <= MOST_ROWS:
            raise ValueError("rows of a long column must be rows of a sheet")

    def runs(self) -> Iterator[tuple[int, int]]:
        """First and last of the rows that follow each other, from 0."""
        rows = self.rows
        if len(rows) and rows[-1] - rows[0] == len(rows) - 1:
            yield rows[0] - 1, rows[-1] - 1
            return
        first = 0
        for at in range(1, len(rows) + 1):
            if at == len(rows) or rows[at] != rows[at - 1] + 1:
                yield rows[first] - 1, rows[at - 1] - 1
                first = at

    def add(self, column: ColumnCells):
        if len(column.values) != len(self.rows) or not 1 <= column.column <= MOST_COLUMNS:
            raise ValueError(f"column {column.column} does not fit its rows")
        kinds = set(map(type, column.values))
        if Formula in kinds:
            self.dynamic = self.dynamic or any(isinstance(value, Formula) and value.dynamic for value in column.values)
        self.columns.append((column.column - 1, column.values, column.look))
        self.columns.sort(key=lambda found: found[0])


def changes_of(given) -> SheetChanges:
    """Changes as `write_cells` takes them: a mapping of cells, (row, column) or "C7", or the changes themselves."""
    if isinstance(given, SheetChanges):
        return given
    cells = {}
    for key, value in given.items():
        if isinstance(key, str):
            area = _area(key)
            key = area[0] + 1, area[1] + 1
        cells[key] = value
    return SheetChanges(cells)


def _area(reference: str) -> Area:
    area = area_of(reference.upper())
    if area is None:
        raise ValueError(f"no area {reference}")
    return area
