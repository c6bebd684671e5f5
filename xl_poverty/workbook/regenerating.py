"""Generated sheets made anew in a workbook that somebody has worked in: what was typed there stays.

A hidden sheet remembers what was generated. Of each cell there are then three things: what was generated last, what
stands there now, what would be generated now. Where nobody has touched it, it becomes what is generated; where somebody
has, it stays, and where the data have changed as well, it is told. Rows are known by their keys, so that they are found
where rows were put between them or sorted.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import lru_cache
from pathlib import Path

from ..errors import CellError, LedgerError
from .changes import SheetChanges
from .encoding import Encoder, Formula, Unwritable
from .formula_text import Template, area_named, marked
from .grafting import Graft, check_sheet_name
from .page_workbook import KEY_MARK, page_workbook, row_key
from .pages import DAY, NOTE, RED, TEXT, TITLE, Cell, Colouring, Page
from .references import MOST_ROWS, Area, Spot, letters_of
from .saving import saved
from .styles import DATE_FORMATS, Look
from .writing import write_cells

#: the sheet that remembers, and the one that tells what was typed over
RECORD, EDITS = "_生成记录", "手工改动"
_RECORD_HEADS = ("工作表", "版式", "内容")
#: letters in one cell of it: Calc breaks a line of texts of more than 16363 when it opens an .xlsx
_MOST_RECORDED = 16_000
_PLAIN = TEXT.but(wrap=False, border=False)
_EDIT_HEADS = {"工作表": 22, "单元格": 9, "现在填的": 34, "按数据应是": 34, "说明": 40}
_KEPT = "手工改过，照您填的保留"
_CONFLICT = "手工改过，后来数据也变了；照您填的保留，请核对"
_DELETED = "这一行被删去了，没有恢复"
_RESTORED = "这一行曾被删去，版式变化，重新生成时又有了"
#: ends what is told of texts that have no place any more; it stays in the list until somebody takes it out there
_HOMELESS = "请另找一处填上，再从这里删去"
_NO_ROW = f"“{{}}”这一行现在没有了，这些文字没有地方放，{_HOMELESS}"
_IN_THE_WAY = f"原来写在这一格的文字没有地方放了，{_HOMELESS}"
_ROWS = re.compile(r"(\$?[A-Za-z]{1,3}\$?)(\d+)")
#: LibreOffice writes 1000000000000 for 1E+12, and since 25.2 B3 for B3:B3, into .xlsx
_POWER = re.compile(r"(?<![\w.])\d+(?:\.\d+)?E[+-]?\d{1,2}(?!\w)")
_ONE_CELL = re.compile(r"(?<![^!])([A-Z]{1,3}\d+):\1$")
_ENCODER = Encoder()

Rows = Callable[[int], int]  # where a row has gone


@dataclass(frozen=True)
class Edit:
    """A cell that holds something else than what is generated for it.

    typed, generated   as they are shown
    conflict           the data have changed since somebody typed it
    """

    sheet: str
    place: str
    typed: str
    generated: str
    conflict: bool
    why: str = ""


@dataclass
class Regenerated:
    """What became of the workbook.

    created  it was not there before
    changed  how many cells were written; 0 where everything was as it is to be, and the file was not touched
    edits    cells in which somebody's text stands over what is generated
    left     sheets that were generated once and not this time; they stay
    """

    target: Path
    created: bool = False
    changed: int = 0
    edits: list[Edit] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    backup: Path | None = None
    remark: str = ""

    @property
    def conflicts(self) -> list[Edit]:
        return [edit for edit in self.edits if edit.conflict]


def regenerate(target, pages: Sequence[Page], book=None, progress=None) -> Regenerated:
    """Put pages into a workbook, or make it.

    target    an .xlsx or .xlsm; where it is not there, it becomes a workbook of these pages
    book      the target as it was read (`read_book`); None where it is not there
    progress  called with (pages done, of how many, what is done)

    Other sheets are not touched. A sheet that has the name of a page and was not generated is never replaced. The file
    as it was stays beside it as a backup; it is not written to where nothing changes. Raises LedgerError.
    """
    target = Path(target)
    for page in pages:
        check_sheet_name(page.name)
    if book is None:
        with saved(target, backup=True) as file:
            record = _record_page({page.name: _recorded(page) for page in pages})
            file.write(page_workbook([*pages, record], progress=progress))
        return Regenerated(file.result.path, True, sum(len(page.cells) for page in pages), backup=file.result.backup)
    return _Regeneration(target, pages, book, progress).done()


def generated_sheets(book) -> list[str]:
    """The sheets of a workbook, as it was read, that were generated into it."""
    names = {sheet.name.casefold(): sheet for sheet in book.sheets}
    record = names.get(RECORD.casefold())
    found = () if record is None else dict.fromkeys(str(row[0]).casefold() for row in record.rows[1:])
    return [names[name].name for name in found if name in names]


# ---- what a cell holds, so that two of them can be compared


@lru_cache(1 << 16, typed=True)
def _same(value) -> bytes:
    """A value as it is compared, whoever wrote it."""
    if isinstance(value, str):
        value = value.replace("\r\n", "\n")
    try:
        return b"".join(_ENCODER.content(value))
    except Unwritable:
        return repr(value).encode()


def _shows(result, value) -> bool:
    """Whether a cell shows the result of its formula. Calc writes 15 figures of it."""
    if isinstance(result, float) and isinstance(value, float):
        return math.isclose(result, value, rel_tol=1e-14)
    return _same(result) == _same(value)


@lru_cache(1 << 16)
def _formula(text: str) -> bytes:
    """A formula as it is compared: programs spell names of sheets, areas of one cell, numbers and blanks in their own
    ways."""
    pattern, references = marked(text.removeprefix("="))
    plain = [_ONE_CELL.sub(r"\1", reference.replace("'", "").replace("$", "").upper()) for reference in references]
    pattern = _POWER.sub(lambda found: format(Decimal(found[0]), "f"), pattern.upper())
    return b"=" + re.sub(r"\s+", "", f"{pattern}|{'|'.join(plain)}").upper().encode()


def _of_cell(cell: Cell) -> bytes:
    return _formula(cell.value.text) if isinstance(cell.value, Formula) else _same(cell.value)


@lru_cache(1 << 16)
def _hashed(content: bytes) -> str:
    """Short, and telling nothing: what was deleted from a sheet is not to be found in its record."""
    return hashlib.blake2b(content, digest_size=5).hexdigest() if content else ""


def _shown(value) -> str:
    if value is None:
        return ""
    if isinstance(value, Formula):
        return f"={value.text.removeprefix('=')}"
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, CellError):
        return value.cell
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _moved(text: str, own: str, rows: dict[str, Rows]) -> str:
    """A formula whose references follow the rows of the sheets that have moved."""
    pattern, references = marked(text.removeprefix("="))
    moved = []
    for reference in references:
        found = area_named(reference)
        sheet = "" if found is None else found[0] or own
        to = rows.get(sheet.casefold())
        if to is not None and found[1][2] - found[1][0] < MOST_ROWS - 1:
            head, mark, tail = reference.rpartition("!")
            reference = head + mark + _ROWS.sub(lambda cell, to=to: f"{cell[1]}{to(int(cell[2]) - 1) + 1}", tail)
        moved.append(reference)
    return Template(pattern).filled(moved)


# ---- what was generated last


@dataclass
class _Recorded:
    """Of one sheet: its layout, and its rows as they were generated: key -> column -> hash of what stood there."""

    layout: str
    width: int
    rows: dict[str, dict[int, str]]


def _recorded(page: Page) -> _Recorded:
    rows: dict[str, dict[int, str]] = {row_key(page, row): {} for row in range(page.height)}
    for (row, column), cell in _owned(page):
        rows[row_key(page, row)][column] = _hashed(_of_cell(cell))
    return _Recorded(_layout(page), page.width, rows)


def _owned(page: Page) -> Iterator[tuple[Spot, Cell]]:
    """Its cells, without those that a merged one covers."""
    covered = {
        (row, column) for top, left, bottom, right in page.merges
        for row in range(top, bottom + 1) for column in range(left, right + 1)
    } - {area[:2] for area in page.merges}  # fmt: skip
    return ((spot, cell) for spot, cell in page.cells.items() if spot not in covered)


def _layout(page: Page) -> str:
    """All of a page but what stands in its cells."""
    shape, numbers = replace(page, cells={}), {}
    looks = {id(cell.style): cell.style for cell in page.cells.values()}  # the page keeps them alive
    for at, style in looks.items():
        numbers[at] = _hashed(repr(style).encode())
    spots = sorted((spot, numbers[id(cell.style)]) for spot, cell in page.cells.items())
    return _hashed(f"{shape!r}{spots!r}".encode())


def _record_page(records: dict[str, _Recorded]) -> Page:
    """A few long texts per sheet: cells by the hundred thousand would take longer than the sheets themselves."""
    page = Page(RECORD, hidden=True, footer="")
    page.row(0, 0, _RECORD_HEADS, _PLAIN)
    row = 0
    for name, recorded in records.items():
        told = f"{recorded.layout} {recorded.width}"
        lines = (
            f"{key}\t{' '.join(f'{column}={hashed}' for column, hashed in cells.items())}"
            for key, cells in recorded.rows.items()
        )
        for text in _together(lines):
            row += 1
            page.row(row, 0, (name, told, text), _PLAIN)
    return page


def _together(lines: Iterable[str]) -> Iterator[str]:
    """Lines as texts that a cell can hold."""
    text: list[str] = []
    size = 0
    for line in lines:
        if text and size + len(line) >= _MOST_RECORDED:
            yield "\n".join(text)
            text, size = [], 0
        text.append(line)
        size += len(line) + 1
    yield "\n".join(text)


def _read_record(sheet) -> dict[str, _Recorded]:
    found: dict[str, _Recorded] = {}
    for name, told, content, *_ in sheet.rows[1:]:
        layout, _, width = told.partition(" ")
        rows = found.setdefault(name, _Recorded(layout, int(width), {})).rows
        for line in (content or "").split("\n"):
            key, tab, cells = line.partition("\t")
            if tab:
                pairs = (pair.split("=") for pair in cells.split(" ") if pair)
                rows[key] = {int(column): hashed for column, hashed in pairs}
    return found


# ---- what stands there now


class _Standing:
    """A generated sheet as it is now: where its rows and columns have gone.

    rows      key -> row; columns: column as generated -> column
    own_rows  rows that somebody has put there -> the key of the row above, "" at the top
    """

    def __init__(self, sheet, recorded: _Recorded):
        self.sheet, self.recorded = sheet, recorded
        self.cells = sheet.rows
        self.formulas = sheet.formulas
        keys = self._key_column()
        self.key_column = recorded.width if keys is None else keys
        self.rows: dict[str, int] = {}
        self.own_rows: dict[int, str] = {}
        above = ""
        for row, key in enumerate(recorded.rows if keys is None else self._keys(keys)):
            if key in recorded.rows and key not in self.rows:
                self.rows[key] = row
                above = key
            else:
                self.own_rows[row] = above
        if keys is None:
            self.own_rows |= dict.fromkeys(range(len(recorded.rows), len(self.cells)), above)
        self.columns = self._columns()

    def value(self, row: int, column: int):
        line = self.cells[row] if row < len(self.cells) else ()
        return line[column] if column < len(line) else None

    def contents(self, row: int, column: int, rows: dict[str, Rows]) -> tuple[bytes, ...]:
        """What a cell holds; a formula as it stands, and with its references as they were generated: a program moves
        them where rows are put in, and leaves them where rows are sorted."""
        formula = self.formulas.get((row, column))
        if formula is None or formula.startswith("=#"):
            return (_same(self.value(row, column)),)
        return _formula(formula), _formula(_moved(formula, self.sheet.name, rows))

    def typed(self, row: int, column: int):
        """What somebody typed: a formula or a value."""
        formula = self.formulas.get((row, column))
        value = self.value(row, column)
        return value if formula is None or formula.startswith("=#") else Formula(formula[1:], value)

    def shown(self, row: int, column: int) -> str:
        return _shown(self.typed(row, column))

    def _keys(self, column: int) -> Iterator[str]:
        for row in range(len(self.cells)):
            value = self.value(row, column)
            yield value[len(KEY_MARK) :] if isinstance(value, str) and value.startswith(KEY_MARK) else ""

    def _key_column(self) -> int | None:
        """The column that says what the rows are about; None where it is gone."""
        known = self.recorded.rows.keys()
        matches = {column: sum(key in known for key in self._keys(column)) for column in range(self.sheet.width)}
        best = max(matches, key=lambda column: (matches[column], column), default=None)
        return best if best is not None and matches[best] else None

    def _columns(self) -> dict[int, int]:
        width, now = self.recorded.width, self.key_column
        if width == now:
            return {column: column for column in range(width)}
        alike = [[0] * now for _ in range(width)]
        for key, row in self.rows.items():
            hashes = [_hashed(_same(self.value(row, column))) for column in range(now)]
            for column, hashed in self.recorded.rows[key].items():
                for at, one in enumerate(hashes):
                    alike[column][at] += bool(hashed) and hashed == one
        # the columns in their order, as many cells as possible alike
        best = [[0] * (now + 1) for _ in range(width + 1)]
        for one in range(width):
            for other in range(now):
                pair = best[one][other] + alike[one][other] + 0.01
                best[one + 1][other + 1] = max(pair, best[one][other + 1], best[one + 1][other])
        found, one, other = {}, width, now
        while one and other:
            if best[one][other] == best[one - 1][other]:
                one -= 1
            elif best[one][other] == best[one][other - 1]:
                other -= 1
            else:
                one, other = one - 1, other - 1
                found[one] = other
        return found


# ---- putting them together


@dataclass
class _Merged:
    """What is to become of one page.

    cells    spot of the page -> what is to stand there instead of what was generated
    writes   cells to write where they stand, zero-based
    """

    page: Page
    standing: _Standing
    record: _Recorded
    writes: dict[Spot, object] = field(default_factory=dict)
    cells: dict[Spot, object] = field(default_factory=dict)
    formulas: dict[Spot, Formula] = field(default_factory=dict)
    edits: list[tuple[Spot, Edit]] = field(default_factory=list)  # with the spot of the page
    touched: bool = False


class _Regeneration:
    def __init__(self, target: Path, pages: Sequence[Page], book, progress):
        self.target, self.pages, self.progress = target, pages, progress
        self.sheets = {sheet.name.casefold(): sheet for sheet in book.sheets}
        record = self.sheets.get(RECORD.casefold())
        self.record = {} if record is None else _read_record(record)
        self.standing = {
            name.casefold(): _Standing(self.sheets[name.casefold()], recorded)
            for name, recorded in self.record.items() if name.casefold() in self.sheets
        }  # fmt: skip
        for page in pages:
            if page.name.casefold() in self.sheets and page.name.casefold() not in self.standing:
                raise LedgerError(
                    f"{target.name} 里已有工作表“{page.name}”，不是本工具生成的，没有改动；请把它改名，或换一个结果文件"
                )
        self.back = {name: self._back(standing) for name, standing in self.standing.items()}
        ours = ((page, self.standing.get(page.name.casefold())) for page in pages)
        self.forth = {page.name.casefold(): _forth(page, standing) for page, standing in ours if standing}

    def done(self) -> Regenerated:
        made = Regenerated(self.target)
        merged = [self._merge(page) for page in self.pages if page.name.casefold() in self.standing]
        new = [page for page in self.pages if page.name.casefold() not in self.standing]
        now = {page.name.casefold() for page in self.pages}
        made.left = [name for name in self.record if name.casefold() not in now and name.casefold() in self.sheets]
        touched = any(one.touched for one in merged)
        changes: dict[str, SheetChanges] = {}
        rebuilt: list[Page] = []
        moves: dict[str, Rows] = {}
        for one in merged:
            if one.record.layout == one.standing.recorded.layout and not one.page.protected:
                if touched:  # what they show is for a spreadsheet program to say
                    one.writes = {
                        at: replace(value, result=None) if isinstance(value, Formula) else value
                        for at, value in one.writes.items()
                    }
                else:
                    one.writes |= self._results(one)
                if one.writes:
                    changes[one.standing.sheet.name] = _changes(one)
            else:
                page, moves[one.page.name.casefold()] = self._rebuilt(one, made)
                rebuilt.append(page)
            made.edits += [edit for _, edit in one.edits]
        self._follow(changes, moves)
        if touched:
            for page in (*rebuilt, *new):
                _drop_results(page)
        listed = [*self._homeless(), *(edit for edit in made.edits if edit.why != _RESTORED)]
        edits = _edits_page(list(dict.fromkeys(listed)))
        grafted = [*rebuilt, *new]
        if self._differs(edits, bool(listed)):
            grafted.append(edits)
        record = {name: recorded for name, recorded in self.record.items() if name in made.left}
        of_merged = {one.page.name: one.record for one in merged}
        record |= {page.name: of_merged.get(page.name) or _recorded(page) for page in self.pages}
        if record != self.record:
            grafted.append(_record_page(record))
        if not grafted and not changes:
            return made
        made.changed = sum(len(one.writes) for one in merged) + sum(len(page.cells) for page in (*rebuilt, *new))
        given = {"in_place": True, "unlocking": True}  # what anybody may unprotect is no bar to whom asked for this
        written = write_cells(self.target, self.target, changes, sheets=self._grafts(grafted), **given)
        made.target, made.backup, made.remark = written.saved.path, written.saved.backup, written.saved.moved_because
        return made

    def _back(self, standing: _Standing) -> Rows:
        """Rows as they stand -> rows as they were generated; rows between them go to the next one above."""
        generated = {key: number for number, key in enumerate(standing.recorded.rows)}
        places = {row: generated[key] for key, row in standing.rows.items()}
        return lambda row: places.get(row, row)

    def _merge(self, page: Page) -> _Merged:
        standing = self.standing[page.name.casefold()]
        recorded, record = standing.recorded, _recorded(page)
        one = _Merged(page, standing, record)
        one.touched = any(self._filled(standing, (row, column))
                          for row in standing.own_rows for column in range(standing.sheet.width))  # fmt: skip
        gone = set()
        for (row, column), cell in _owned(page):
            key = row_key(page, row)
            known = recorded.rows.get(key, {}).get(column)
            at = standing.rows.get(key), standing.columns.get(column)
            if key in recorded.rows and at[0] is None and key not in gone:
                gone.add(key)
                same = record.layout == recorded.layout
                why = _DELETED if same else _RESTORED
                edit = Edit(page.name, _place(row, column), "", _shown(cell.value), True, why)
                one.edits.append(((row, column), edit))
            if None in at or (known is None and not self._filled(standing, at)):
                continue
            new, now = _of_cell(cell), standing.contents(*at, self.back)
            if isinstance(cell.value, Formula):
                one.formulas[row, column] = cell.value
            if new in now:
                continue
            if known is not None and known in map(_hashed, now):
                one.writes[at] = cell.value
                if isinstance(cell.value, Formula):
                    text = _moved(cell.value.text, page.name, self.forth)
                    one.writes[at] = replace(cell.value, text=text)
                continue
            # somebody has typed here
            one.touched = True
            one.cells[row, column] = standing.typed(*at)
            conflict = known is None or _hashed(new) != known
            if known is None:
                record.rows[key].pop(column)
            else:
                record.rows[key][column] = known
            if new:
                why = _CONFLICT if conflict else _KEPT
                edit = Edit(page.name, _place(*at), standing.shown(*at), _shown(cell.value), conflict, why)
                one.edits.append(((row, column), edit))
        if gone and record.layout == recorded.layout:  # nobody can say what formulas over missing rows should read
            one.touched = True
            one.writes = {at: value for at, value in one.writes.items() if not isinstance(value, Formula)}
        return one

    def _filled(self, standing: _Standing, at: Spot) -> bool:
        return standing.value(*at) is not None or at in standing.formulas

    def _results(self, one: _Merged) -> dict[Spot, object]:
        """Formulas that show something else by now; nobody has typed anything that they could depend on."""
        found = {}
        for (row, column), formula in one.formulas.items():
            at = one.standing.rows[row_key(one.page, row)], one.standing.columns[column]
            if formula.result is not None and not _shows(formula.result, one.standing.value(*at)):
                found[at] = replace(formula, text=_moved(formula.text, one.page.name, self.forth))
        return found

    # ---- a page whose layout has changed

    def _rebuilt(self, one: _Merged, made: Regenerated) -> tuple[Page, Rows]:
        """(the page with all that somebody has typed, where the rows of the sheet have gone)."""
        standing, page = one.standing, one.page
        generated = {row_key(page, row): row for row in range(page.height)}
        after: dict[int, list[int]] = {}  # row of the page -> rows of somebody's own that follow it
        order = list(standing.recorded.rows)
        for row, key in standing.own_rows.items():
            if any(self._filled(standing, (row, column)) for column in range(standing.sheet.width)):
                while key and key not in generated:
                    key = order[order.index(key) - 1] if order.index(key) else ""
                after.setdefault(generated.get(key, -1), []).append(row)
        shifted = _shifted(page, {row: len(rows) for row, rows in after.items()})
        to = shifted.rows
        places = {row: to(generated[key]) for key, row in standing.rows.items() if key in generated}
        for row, own in after.items():
            places |= {mine: to(row) + 1 + at if row >= 0 else at for at, mine in enumerate(own)}
        def moves(row: int) -> int:
            return places.get(row, row)

        rows = {page.name.casefold(): moves}
        columns = {now: column for column, now in standing.columns.items()}
        typed = {(to(row), column): value for (row, column), value in one.cells.items()}
        handled = set(typed)
        own = {places[row] for rows_after in after.values() for row in rows_after}
        recorded = standing.recorded.rows
        keys = {row: key for key, row in standing.rows.items()}
        self._lost(one, made, generated)
        for row in places:
            for column in range(standing.sheet.width):
                if column == standing.key_column or not self._filled(standing, (row, column)):
                    continue
                spot = places[row], columns.get(column, column + max(0, page.width + 1 - standing.key_column))
                if column in columns and columns[column] in recorded.get(keys.get(row, ""), {}) or spot in handled:
                    continue  # generated, or told of already
                there = shifted.page.cells.get(spot)
                if there is not None and there.value not in (None, "") and places[row] not in own:
                    shown = standing.shown(row, column)
                    made.edits.append(Edit(page.name, _place(*spot), shown, _shown(there.value), True, _IN_THE_WAY))
                    continue
                one.touched = True
                typed[spot] = standing.typed(row, column)
        for spot, value in typed.items():
            if isinstance(value, Formula):
                value = typed[spot] = Formula(_moved(value.text, page.name, rows))
            style = shifted.page.cells.get(spot, shifted.page.cells.get((spot[0] - 1, spot[1]), Cell(None, TEXT))).style
            if value.__class__ in DATE_FORMATS and style.number_format == "General":
                style = style.but(number_format=DAY.number_format)
            shifted.page.cells[spot] = Cell(value, style)
        for at, ((row, column), edit) in enumerate(one.edits):
            spot = to(row), column
            shown = _shown(typed[spot]) if spot in typed else edit.typed
            one.edits[at] = (row, column), replace(edit, place=_place(*spot), typed=shown)
        return shifted.page, moves

    def _lost(self, one: _Merged, made: Regenerated, generated: dict[str, int]):
        """What somebody typed in rows that there is nothing to generate for any more."""
        standing = one.standing
        for key, row in standing.rows.items():
            recorded = standing.recorded.rows[key]
            columns = {now: column for column, now in standing.columns.items()}
            for now in () if key in generated else range(standing.sheet.width):
                if now == standing.key_column or not self._filled(standing, (row, now)):
                    continue
                if recorded.get(columns.get(now)) not in map(_hashed, standing.contents(row, now, self.back)):
                    shown = standing.shown(row, now)
                    made.edits.append(Edit(one.page.name, "", shown, "", True, _NO_ROW.format(self._title(one, key))))

    def _title(self, one: _Merged, key: str) -> str:
        """What a row begins with."""
        row = one.standing.rows[key]
        filled = (one.standing.shown(row, now) for now in one.standing.columns.values())
        return next((text for text in filled if text), "")

    def _follow(self, changes: dict[str, SheetChanges], moves: dict[str, Rows]):
        """Formulas elsewhere whose references have to follow the rows of a page."""
        ours = {page.name.casefold() for page in self.pages} | {RECORD.casefold(), EDITS.casefold()}
        for name, sheet in self.sheets.items() if moves else ():
            if name in ours:
                continue
            for (row, column), text in sheet.formulas.items():
                moved = _moved(text, sheet.name, moves)
                if moved != text.removeprefix("="):
                    changes.setdefault(sheet.name, SheetChanges()).cells[row + 1, column + 1] = Formula(moved)

    # ---- sheets

    def _homeless(self) -> list[Edit]:
        """Texts without a place that are listed and that nobody has taken out of the list."""
        sheet = self.sheets.get(EDITS.casefold())
        rows = ([str(cell or "") for cell in row[: len(_EDIT_HEADS)]] for row in (sheet.rows if sheet else ()))
        return [Edit(*row[:4], True, row[4]) for row in rows if len(row) == len(_EDIT_HEADS) and _HOMELESS in row[4]]

    def _differs(self, page: Page, needed: bool) -> bool:
        sheet = self.sheets.get(page.name.casefold())
        if sheet is None:
            return needed
        now = {(row, column): _same(value) for row, line in enumerate(sheet.rows) for column, value in enumerate(line)}
        return {spot: same for spot, same in now.items() if same} != {
            spot: _same(cell.value) for spot, cell in page.cells.items() if _same(cell.value)
        }

    def _grafts(self, pages: list[Page]) -> list[Graft]:
        content = [page for page in pages if page.name not in (RECORD, EDITS)]
        plain = [page for page in pages if page.name in (RECORD, EDITS)]
        books = []
        if content:
            books.append((content, page_workbook(content, progress=self.progress)))
        if plain:
            # no workbook has hidden sheets only: the first of them would be shown
            books.append((plain, page_workbook([Page("1"), *plain], keys=False)))
        names = [page.name for page in self.pages]
        grafts = []
        for some, workbook in books:
            for page in some:
                at = names.index(page.name) if page.name in names else 0
                grafts.append(Graft(workbook, page.name, replaces=True, after=names[at - 1] if at else None))
        return grafts


def _place(row: int, column: int) -> str:
    return f"{letters_of(column)}{row + 1}"


def _forth(page: Page, standing: _Standing) -> Rows:
    """Rows of a page -> rows as they stand."""
    places = {row: standing.rows.get(row_key(page, row), row) for row in range(page.height)}
    return lambda row: places.get(row, row)


def _changes(one: _Merged) -> SheetChanges:
    changes = SheetChanges()
    spots = {
        (one.standing.rows.get(row_key(one.page, row)), one.standing.columns.get(column)): cell
        for (row, column), cell in one.page.cells.items()
    }
    for (row, column), value in one.writes.items():
        changes.cells[row + 1, column + 1] = value
        if value.__class__ in DATE_FORMATS:  # keeps the format that the page gives it
            changes.looks[row + 1, column + 1] = Look(number_format=spots[row, column].style.number_format)
    return changes


def _drop_results(page: Page):
    """What its formulas show depends on what somebody has typed: they are calculated when the file is opened."""
    for spot, cell in page.cells.items():
        if isinstance(cell.value, Formula):
            page.cells[spot] = replace(cell, value=replace(cell.value, result=None))


def _edits_page(edits: list[Edit]) -> Page:
    page = Page(EDITS, widths=tuple(_EDIT_HEADS.values()), landscape=True, repeat=(0, 2), freeze=(3, 0))
    page.put(0, 0, "手工改动", TITLE, across=len(_EDIT_HEADS))
    told = "生成以后手工改过的单元格，都照您填的保留；标红的后来数据也变了，请核对。"
    told += "要恢复成按数据生成的，请改成“按数据应是”一列的内容。"
    page.put(1, 0, told if edits else "没有手工改动。", NOTE, across=len(_EDIT_HEADS))
    rows = [(edit.sheet, edit.place, edit.typed, edit.generated, edit.why) for edit in edits]
    last = page.table(2, 0, tuple(_EDIT_HEADS), rows, TEXT)
    if edits:
        page.colourings.append(Colouring((3, 0, last - 1, len(_EDIT_HEADS) - 1), f'$E4<>"{_KEPT}"', RED))
    return page


# ---- rows put into a page


@dataclass(frozen=True)
class _Shifted:
    page: Page
    rows: Rows


def _shifted(page: Page, inserted: dict[int, int]) -> _Shifted:
    """A page with rows put in behind some of its rows (-1: at the top): all that stands below moves down."""
    places, down = [], inserted.get(-1, 0)
    for row in range(page.height + 1):
        places.append(row + down)
        down += inserted.get(row, 0)

    def to(row: int) -> int:
        return places[row] if row < len(places) else row + down

    def area(one: Area) -> Area:
        return to(one[0]), one[1], to(one[2]), one[3]

    made = copy(page)
    rows = {page.name.casefold(): to}
    made.cells = {
        (to(row), column): replace(cell, value=replace(cell.value, text=_moved(cell.value.text, page.name, rows)))
        if isinstance(cell.value, Formula) else cell
        for (row, column), cell in page.cells.items()
    }  # fmt: skip
    made.merges = [area(one) for one in page.merges]
    made.heights = {to(row): height for row, height in page.heights.items()}
    made.row_keys = dict.fromkeys(range(page.height + sum(inserted.values())), "")  # rows of nobody's have no key
    made.row_keys |= {to(row): row_key(page, row) for row in range(page.height)}
    made.dropdowns = [replace(one, area=area(one.area)) for one in page.dropdowns]
    made.colourings = [
        replace(one, area=area(one.area), formula=_moved(one.formula, page.name, rows)) for one in page.colourings
    ]
    made.charts = [
        replace(one, categories=area(one.categories), series=tuple((name, area(of)) for name, of in one.series),
                at=(to(one.at[0]), one.at[1])) for one in page.charts
    ]  # fmt: skip
    made.links = {(to(row), column): target for (row, column), target in page.links.items()}
    made.breaks = [to(row) for row in page.breaks]
    made.tables = [(to(first), to(last)) for first, last in page.tables]
    made.filtered = area(page.filtered) if page.filtered else None
    made.repeat = (to(page.repeat[0]), to(page.repeat[1])) if page.repeat else None
    return _Shifted(made, to)
