"""The workbook that is open in Excel, through xlwings.

An action works on a copy, as on any file. What has changed in it is then brought into the live workbook in one go, so
that a failure before that leaves it untouched, and one in between is taken back.
"""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from ...errors import LedgerError
from ...workbook.references import Area, letters_of
from ...workbook.saving import backed_up, free_name, lock_of
from .. import TITLE
from ..books import Changing, as_it_was, check_writable, copy_of
from ..set_aside import name_aside, read_instead
from ..transfer import Block, SheetChange, Transfer, transfer

if TYPE_CHECKING:
    import xlwings as xw

_NO_MACROS = 3  # msoAutomationSecurityForceDisable
_STATES = {"visible": -1, "hidden": 0, "veryHidden": 2}
_TEXT = 2  # what an InputBox takes
#: what a protected sheet lets people do all the same
_ALLOWED = ("AllowFormattingCells", "AllowFormattingColumns", "AllowFormattingRows", "AllowInsertingColumns",
            "AllowInsertingRows", "AllowInsertingHyperlinks", "AllowDeletingColumns", "AllowDeletingRows",
            "AllowSorting", "AllowFiltering", "AllowUsingPivotTables")  # fmt: skip


class ExcelBook:
    """Raises LedgerError for a workbook beside which nothing can be put."""

    def __init__(self, book: xw.Book):
        self.book = book
        place = str(book.api.FullName)
        if not book.api.Path:
            raise LedgerError(f"{book.name} 还没有保存过；请先保存到自己的文件夹，再点这个按钮")
        if "://" in place:
            where = "网盘（OneDrive、SharePoint）"
            raise LedgerError(f"{book.name} 是从{where}打开的；请先另存到本机的文件夹，再点这个按钮")
        if not book.app.api.Ready:
            raise LedgerError("有单元格正在编辑；请先按回车键或 Esc 键，再点这个按钮")
        self.path = Path(place)

    # ---- as `WorkBook` says

    def calculate(self):
        self.book.app.api.CalculateFull()

    @contextmanager
    def reading(self) -> Iterator[Path]:
        with copy_of(self.path, self._save_copy) as copy:
            yield copy

    @contextmanager
    def changing(self) -> Iterator[Changing]:
        check_writable(self.path)
        if self.book.api.ReadOnly:
            raise LedgerError(f"{self.book.name} 是以只读方式打开的，写了也存不下来；请另存一份，或关闭后重新打开再试")
        if self.book.api.MultiUserEditing:
            raise LedgerError(f"{self.book.name} 是共享工作簿，不能增减工作表；请先取消共享再试")
        with copy_of(self.path, self._save_copy) as copy:
            before, change = as_it_was(copy), Changing(copy, self.path)
            yield change
            made = transfer(before, copy)
            change.remarks += made.remarks
            if not made.empty:
                with ExitStack() as always:
                    _quiet(self.book.app, always)
                    for name in made.changed.keys() - made.copied.keys():
                        _unprotect(self.book.sheets[name], always)
                    change.backup = backed_up(self.path, before)
                    self._bring(_Bringing(self.book, made, before, copy, always))
                if self.book.app.calculation == "manual":
                    self.book.app.calculate()

    @contextmanager
    def making(self, target: Path, anew: bool = False) -> Iterator[Path]:
        there = next((one for one in self.book.app.books if _same_file(str(one.api.FullName), target)), None)
        if there is not None and not anew:
            other = ExcelBook(there)
            with other.changing() as change:
                yield change.path
            _to_front(there)
            return
        path = free_name(target) if there is not None else target
        yield path
        if path.exists() and not lock_of(path):
            self.book.app.books.open(str(path), update_links=False)

    def backup(self) -> Path:
        with copy_of(self.path, self._save_copy) as copy:
            return backed_up(self.path, copy)

    def selected(self) -> tuple[str, str]:
        chosen = self.book.app.selection
        if chosen is None:
            raise LedgerError("请先选中要说明的那一格，再点这个按钮")
        return chosen.sheet.name, f"{letters_of(chosen.column - 1)}{chosen.row}"

    def ask(self, what: str, question: str) -> str:
        answer = self.book.app.api.InputBox(Prompt=question, Title=f"{TITLE}：{what}", Type=_TEXT)
        if not answer or not str(answer).strip():
            raise LedgerError(f"没有填“{what}”，没有继续做")
        return str(answer).strip()

    def show(self, sheet: str):
        _to_front(self.book, sheet)

    # ---- what was changed, into the live workbook

    def _save_copy(self, path: Path):
        """What was saved is copied as it lies there, so that rosters can name the file that they were made of."""
        if self.book.api.Saved:
            with suppress(OSError):
                return shutil.copyfile(self.path, path)
        return self.book.api.SaveCopyAs(str(path))

    def _bring(self, bringing: _Bringing):
        """All of it, or nothing."""
        front = self.book.sheets.active.name
        try:
            gone = bringing.done()
        except BaseException:
            for step in reversed(bringing.undo):
                with suppress(Exception):  # what else can be taken back, is
                    step()
            with suppress(Exception):
                _to_front(self.book, front)
            raise
        for sheet in gone:
            sheet.delete()
        _to_front(self.book)


class _Bringing:
    """always: what is to be done whatever happens; undo: what takes back, in reverse, what was done."""

    def __init__(self, book: xw.Book, made: Transfer, before: Path, after: Path, always: ExitStack):
        self.book, self.made, self.always = book, made, always
        self.before, self.after = before, after
        self.undo: list[Callable[[], object]] = []
        self._opened: dict[Path, xw.Book] = {}

    def done(self) -> list[xw.Sheet]:
        """Sheets whose place was taken by others, to be deleted."""
        made = self.made
        for name in made.changed.keys() - made.copied.keys():
            former = made.changed[name].former
            self.undo.append(lambda name=name, former=former: self._write(name, former))
        gone = [self._copied(name) for name in made.copied]
        for name, change in made.changed.items():
            if name in made.copied:
                _unprotect(self.book.sheets[name], self.always)
            else:
                self._dressed(name, change)
            self._write(name, change.blocks)
            for area, text in change.arrays:
                _range(self.book.sheets[name], area).formula_array = f"={text}"
            self._around(name, change)
        for name, text in made.names.items():
            self._defined(name, text)
        old = {sheet.name: name for sheet, name in zip(gone, made.copied) if sheet is not None}
        if old:
            self._charts(old)
        return [sheet for sheet in gone if sheet is not None]

    def opened(self, path: Path) -> xw.Book:
        """One of the copies, under a name that no open workbook has."""
        if path not in self._opened:
            other = path.with_name(f"xlp-{secrets.token_hex(8)}{path.suffix}")
            shutil.copyfile(path, other)
            book = self.book.app.books.open(str(other), update_links=False, read_only=True, add_to_mru=False)
            self._opened[path] = book
            self.always.callback(book.close)
        return self._opened[path]

    def _copied(self, name: str) -> xw.Sheet | None:
        """A sheet of the changed workbook comes in; the one in whose place it comes, if there is one."""
        sheets, made = self.book.sheets, self.made
        old = None
        if name in made.replaced:
            old = sheets[name]
            aside = name_aside(_names(sheets))
            self.undo.append(lambda: setattr(old, "name", name))
            old.name = aside
        source = self.opened(self.after).sheets[name]
        source.api.Visible = _STATES["visible"]  # one that is hidden well cannot be copied
        after = old.name if old is not None else made.copied[name]
        there = _names(sheets)
        self.undo.append(lambda: [sheets[one].delete() for one in _names(sheets) if one not in there])
        new = source.copy(**{"after": sheets[after]} if after in there else {"before": sheets[0]})
        if new.name != name:
            new.name = name
        # names of the other workbook that came along would hide those of this one
        for one in [one for one in new.names if not one.name.rpartition("!")[2].startswith(("_", "Print_"))]:
            one.delete()
        new.api.Visible = _STATES[made.states[name]]
        return old

    def _write(self, name: str, blocks: list[Block]):
        sheet = self.book.sheets[name]
        for block in blocks:
            cells = _range(sheet, block.area)
            if block.is_long:
                cells.value = block.rows[0][0]
            else:
                cells.formula = block.rows

    def _dressed(self, name: str, change: SheetChange):
        """Cells that look otherwise, with their looks; their formulas are written afterwards."""
        live = self.book.sheets[name]
        if not change.dressed and not change.wide:
            return
        source = self.opened(self.after).sheets[name]
        for area in change.dressed:
            self.undo.append(lambda area=area: self._redressed(name, area))
            _range(source, area).copy(_range(live, area))
        for column in change.wide:
            cells = _range(live, (0, column, 0, column))
            self.undo.append(lambda cells=cells, width=cells.column_width: setattr(cells, "column_width", width))
            cells.column_width = _range(source, (0, column, 0, column)).column_width

    def _redressed(self, name: str, area: Area):
        cells = _range(self.book.sheets[name], area)
        cells.unmerge()
        _range(self.opened(self.before).sheets[name], area).copy(cells)

    def _around(self, name: str, change: SheetChange):
        sheet = self.book.sheets[name]
        for area in change.merges:
            cells = _range(sheet, area)
            self.undo.append(cells.unmerge)
            cells.merge()
        for table, area in change.tables.items():
            found = sheet.tables[table]
            self.undo.append(lambda found=found, cells=found.range: found.resize(cells))
            found.resize(_range(sheet, area))
        if change.printed:
            setup = sheet.page_setup
            self.undo.append(lambda setup=setup, printed=setup.print_area: setattr(setup, "print_area", printed))
            setup.print_area = change.printed

    def _defined(self, name: str, text: str):
        names = self.book.names
        found = next((one for one in names if one.name.casefold() == name.casefold()), None)
        if found is None:
            self.undo.append(names.add(name, f"={text}").delete)
        else:
            self.undo.append(lambda found=found, text=found.refers_to: setattr(found, "refers_to", text))
            found.refers_to = f"={text}"

    def _charts(self, old: dict[str, str]):
        """Charts on sheets of somebody's own read the new sheets, too. The sheets set aside are called plainly."""
        drawn = [sheet for sheet in self.book.sheets if sheet.name not in {*old, *self.made.copied}]
        for sheet in drawn:
            for chart in sheet.api.ChartObjects():
                for series in chart.Chart.SeriesCollection():
                    text = series.Formula
                    new = read_instead(text, old)
                    if new != text:
                        self.undo.append(lambda series=series, text=text: setattr(series, "Formula", text))
                        series.Formula = new


# ---- Excel


def _range(sheet: xw.Sheet, area: Area) -> xw.Range:
    top, left, bottom, right = area
    return sheet.range((top + 1, left + 1), (bottom + 1, right + 1))


def _names(sheets) -> list[str]:
    return [sheet.name for sheet in sheets]


def _same_file(one: str, other: Path) -> bool:
    return os.path.normcase(os.path.abspath(one)) == os.path.normcase(os.path.abspath(other))


def _to_front(book: xw.Book, sheet: str = ""):
    book.api.Activate()  # xlwings' own wants the program to be the first of all that run
    if sheet:
        book.sheets[sheet].api.Activate()


def _quiet(app: xw.App, always: ExitStack):
    """Nothing flickers, asks, runs or calculates; all as it was afterwards."""
    for name, value in (("screen_updating", False), ("display_alerts", False), ("enable_events", False),
                        ("calculation", "manual")):  # fmt: skip
        before = getattr(app, name)
        always.callback(setattr, app, name, before)
        setattr(app, name, value)
    always.callback(setattr, app.api, "AutomationSecurity", app.api.AutomationSecurity)
    app.api.AutomationSecurity = _NO_MACROS


def _unprotect(sheet: xw.Sheet, always: ExitStack):
    """A protected sheet that needs no password can be written to until the end. Raises LedgerError where it does."""
    found = sheet.api
    if not found.ProtectContents:
        return
    kept = {name: getattr(found.Protection, name) for name in _ALLOWED}
    kept |= {"DrawingObjects": found.ProtectDrawingObjects, "Scenarios": found.ProtectScenarios}
    with suppress(Exception):  # pywin32's, which is not there elsewhere
        found.Unprotect(Password="")
    if found.ProtectContents:
        remedy = "请先撤销保护（审阅→撤销工作表保护），再点这个按钮"
        raise LedgerError(f"工作表“{sheet.name}”有密码保护；{remedy}")
    always.callback(lambda: found.Protect(Password="", Contents=True, **kept))
