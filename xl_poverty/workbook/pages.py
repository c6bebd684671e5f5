"""Sheets as they are to become: cells with their looks, lists to choose from, colours, charts, how they are printed.

    page = Page("汇总", widths=(12, 10, 10))
    page.put(0, 0, "各村户数", TITLE, across=3)
    page.table(1, 0, ("行政村", "户数", "人数"), [("甲村", 26, 88)], (TEXT, COUNT, COUNT))

A page knows no spreadsheet program; `page_workbook` makes an .xlsx of pages, `regenerate` puts them into a workbook
that is there already. Rows and columns count from 0.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from .references import Area, Spot


@dataclass(frozen=True)
class Style:
    """How a cell looks. Colours as RRGGBB; `locked` counts only on a protected page."""

    bold: bool = False
    size: float = 10.5
    font: str = "宋体"
    colour: str = ""
    fill: str = ""
    border: bool = True
    number_format: str = "General"
    horizontal: str = "left"
    vertical: str = "vcenter"
    wrap: bool = True
    indent: int = 0
    underline: bool = False
    locked: bool = True

    def but(self, **changes) -> Style:
        """The same, some things otherwise."""
        return replace(self, **changes)


TITLE = Style(bold=True, size=16, font="黑体", horizontal="center", border=False)
SUBTITLE = Style(size=10, border=False, colour="595959")
HEAD = Style(bold=True, horizontal="center", fill="DDEBF7")
LABEL = Style(horizontal="center", fill="F2F2F2")
TEXT = Style()
CENTRED = Style(horizontal="center")
COUNT = Style(horizontal="right", number_format="#,##0")
MONEY = Style(horizontal="right", number_format="#,##0.00")
SHARE = Style(horizontal="right", number_format="0.00%")
DAY = Style(horizontal="center", number_format="yyyy-mm-dd")
NOTE = Style(size=9, border=False, colour="595959", vertical="top")
LINK = Style(colour="0563C1", underline=True)
#: cells that a clerk fills in
ENTRY = Style(fill="FFFDE7", locked=False)

RED, YELLOW, GREEN = "F8CBAD", "FFE699", "C6E0B4"


@dataclass(frozen=True)
class Dropdown:
    """Options of a cell. Others are warned of, not refused: a ledger has to take what there is."""

    area: Area
    options: tuple[str, ...]
    title: str = ""
    message: str = ""


@dataclass(frozen=True)
class Limit:
    """What a cell takes: kind "whole", "decimal" or "date", from `low` to `high`, either of which may be None. Anything
    else is warned of, as with `Dropdown`. title, message: shown when the cell is chosen."""

    area: Area
    kind: str
    low: int | float | dt.date | None = None
    high: int | float | dt.date | None = None
    title: str = ""
    message: str = ""


@dataclass(frozen=True)
class Button:
    """A button that runs an action (its id); left out of workbooks without macros. Sizes in pixels."""

    at: Spot
    caption: str
    action: str
    width: int = 120
    height: int = 30


@dataclass(frozen=True)
class Colouring:
    """Cells that are coloured where a formula (of the area's first cell, without "=") holds. fill "": a frame only."""

    area: Area
    formula: str
    fill: str
    colour: str = ""


@dataclass(frozen=True)
class Chart:
    """A chart of cells of this page. kind: column, bar, line, pie, stacked (columns upon each other)."""

    kind: str
    title: str
    categories: Area
    series: tuple[tuple[str, Area], ...]
    at: Spot
    width: int = 480
    height: int = 288
    unit: str = ""


@dataclass(frozen=True)
class Cell:
    """value: None, text (never taken for a formula), number, truth value, date, CellError or Formula."""

    value: object
    style: Style


@dataclass
class Page:
    """One sheet.

    row_keys   row -> what the row is about (a household, a measure): by this the clerk's edits find it again when
               rows have moved. Rows without one are known by their number.
    one_page   printed on one sheet of A4; else as wide as one and as long as it takes
    pages_high printed on at most so many sheets of A4, one below the other; 0: as many as it takes
    tables     first row, last row of tables whose first row is printed again where a sheet of paper ends in them
    freeze     rows and columns that stay when the sheet is scrolled
    pages_wide printed on so many sheets of A4 side by side
    repeat     first and last row printed on every sheet; repeat_columns: first and last column
    names      defined name -> the cell or area that the whole workbook knows by it
    notes      cell -> what is told when the mouse is over it
    texts      where numbers are texts on purpose (18 digits) and no green corner is to say so
    """

    name: str
    widths: Sequence[float] = ()
    landscape: bool = False
    one_page: bool = False
    pages_high: int = 0
    freeze: Spot | None = None
    repeat: tuple[int, int] | None = None
    filtered: Area | None = None
    protected: bool = False
    hidden: bool = False
    tab_colour: str = ""
    footer: str = "第 &P 页，共 &N 页"
    cells: dict[Spot, Cell] = field(default_factory=dict)
    merges: list[Area] = field(default_factory=list)
    heights: dict[int, float] = field(default_factory=dict)
    row_keys: dict[int, str] = field(default_factory=dict)
    dropdowns: list[Dropdown] = field(default_factory=list)
    colourings: list[Colouring] = field(default_factory=list)
    charts: list[Chart] = field(default_factory=list)
    links: dict[Spot, tuple[str, Spot]] = field(default_factory=dict)
    breaks: list[int] = field(default_factory=list)
    tables: list[tuple[int, int]] = field(default_factory=list)
    names: dict[str, Spot | Area] = field(default_factory=dict)
    notes: dict[Spot, str] = field(default_factory=dict)
    limits: list[Limit] = field(default_factory=list)
    buttons: list[Button] = field(default_factory=list)
    texts: list[Area] = field(default_factory=list)
    pages_wide: int = 1
    repeat_columns: tuple[int, int] | None = None

    def put(self, row: int, column: int, value, style: Style = TEXT, across: int = 1, down: int = 1):
        """A cell; `across`, `down`: as many cells merged into it."""
        if across > 1 or down > 1:
            self.merges.append((row, column, row + down - 1, column + across - 1))
            for one in range(row, row + down):
                for other in range(column, column + across):
                    self.cells[one, other] = Cell(None, style)
        self.cells[row, column] = Cell(value, style)

    def row(self, row: int, column: int, values: Iterable, styles: Style | Sequence[Style] = TEXT, key: str = ""):
        """Cells side by side, in one look or each in its own."""
        for at, value in enumerate(values):
            self.cells[row, column + at] = Cell(value, styles if isinstance(styles, Style) else styles[at])
        if key:
            self.row_keys[row] = key

    def table(
        self, row: int, column: int, heads: Sequence[str], rows: Iterable[Sequence],
        styles: Style | Sequence[Style] = TEXT, keys: Iterable[str] | None = None,
    ) -> int:  # fmt: skip
        """Heads and rows; the row after the last one."""
        self.row(row, column, heads, HEAD)
        names: Iterator[str] = iter(keys or ())
        for values in rows:
            row += 1
            self.row(row, column, values, styles, next(names, ""))
        return row + 1

    def headed(self, title: str, lines: Sequence[str], across: int) -> int:
        """A title, and lines under it that say of what; the row after them."""
        self.put(0, 0, title, TITLE, across=across)
        for row, line in enumerate(lines, 1):
            self.put(row, 0, line, SUBTITLE, across=across)
        return 1 + len(lines)

    def noted(self, row: int, notes: Iterable[str], across: int) -> int:
        """Notes below a table, one a row; the row after them."""
        for note in notes:
            self.put(row, 0, f"注：{note}", NOTE, across=across)
            row += 1
        return row

    def link(self, row: int, column: int, sheet: str, to: Spot = (0, 0)):
        """A click on the cell leads to another sheet."""
        self.links[row, column] = sheet, to

    @property
    def height(self) -> int:
        return 1 + max((row for row, _ in self.cells), default=-1)

    @property
    def width(self) -> int:
        return 1 + max((column for _, column in self.cells), default=-1)
