"""Excel as xlwings sees it, without Excel: an engine over openpyxl. Real xw.Book, Sheet and Range objects stand on it.

It behaves where it matters: what is written into cells is read as if it were typed (a text of figures becomes a number,
1-2 a day), references follow sheets that are renamed and become #REF! with those that are deleted, sheets that are
copied from another workbook go on reading that one, protected cells refuse, hidden sheets are not copied, two workbooks
of one name cannot be open. Whatever is not made here raises, so that no call goes unnoticed.
"""

from __future__ import annotations

import copy
import re
from pathlib import Path
from types import SimpleNamespace

import openpyxl
import xlwings as xw
from openpyxl.cell.cell import MergedCell
from openpyxl.chart.reference import Reference
from openpyxl.utils import get_column_letter, range_boundaries
from openpyxl.workbook.defined_name import DefinedName
from xlwings import base_classes

from xl_poverty.workbook.package import Package
from xl_poverty.workbook.parts import Parts

_NUMBER = re.compile(r"[+-]?[\d,]+\.?\d*(?:[eE][+-]?\d+)?%?")
_DAY = re.compile(
    r"\d{1,4}[-/]\d{1,2}(?:[-/]\d{1,4})?|\d+年(?:\d+月)?(?:\d+日)?|\d+月(?:\d+日)?|[一二三四五六七八九十]+月.*"
    r"|\d+:\d\d(?::\d\d)?"
)
#: a formula with its result, as any program writes it; one as openpyxl does
_RESULT = re.compile(r'<c r="([A-Z]+\d+)"([^>]*)>\s*<f[^>]*?(?:/>|>[^<]*</f>)\s*<v>([^<]*)</v>')
_WRITTEN = re.compile(
    r'(?P<head><c r="(?P<place>[A-Z]+\d+)"[^>]*)(?P<formula>><f[^>]*?(?:/>|>[^<]*</f>))<v ?(?:/>|></v>)'
)
_ERRORS = ("#N/A", "#VALUE!", "#REF!", "#DIV/0!", "#NUM!", "#NAME?", "#NULL!")
_VISIBLE, _HIDDEN, _VERY_HIDDEN = -1, 0, 2
_STATES = {"visible": _VISIBLE, "hidden": _HIDDEN, "veryHidden": _VERY_HIDDEN}


class ComError(Exception):
    """As pywin32's."""

    def __init__(self, what: str, hresult: int = -2147352567):
        super().__init__(what)
        self.hresult = hresult


def quoted(name: str) -> str:
    return "'" + name.replace("'", "''") + "'"


def _reference(name: str) -> re.Pattern:
    """A sheet in a formula, with the ! behind it."""
    return re.compile(rf"(?<![\w\]']){re.escape(quoted(name))}!|(?<![\w\]'.]){re.escape(name)}!")


class _Api:
    """Only what is made here can be asked and set."""

    known: tuple[str, ...] = ()

    def __setattr__(self, name, value):
        if name.startswith("_") or name in self.known:
            object.__setattr__(self, name, value)
        else:
            raise AttributeError(f"{type(self).__name__}.{name} = … is not made here")


# ---- the program


class App(base_classes.App):
    """failing: how many more writes succeed before one fails; None: all do. answers: what is typed into input boxes"""

    def __init__(self):
        self._api = _AppApi(self)
        self.state = {"screen_updating": True, "display_alerts": True, "enable_events": True,
                      "calculation": "automatic", "status_bar": False}  # fmt: skip
        self.open_books: list[Book] = []
        self.alerts: list[tuple[str, str, str]] = []
        self.answers: list = []
        self.failing: int | None = None
        self.calls: list[str] = []
        self.chosen = None
        self.engine = SimpleNamespace(
            name="excel", type="desktop", prepare_xl_data_element=lambda value, options: "" if value is None else value
        )

    @property
    def api(self):
        return self._api

    @property
    def pid(self):
        return 1

    @property
    def books(self):
        return Books(self)

    @property
    def selection(self):
        return self.chosen

    def calculate(self):
        self.calls.append("calculate")

    def alert(self, prompt, title, buttons, mode, callback):
        self.alerts.append((title, prompt, mode))
        return "ok"

    def written(self, what: str):
        """A write; it may be the one that fails."""
        self.calls.append(what)
        if self.failing is not None:
            self.failing -= 1
            if self.failing < 0:
                self.failing = None
                raise ComError("0x800A03EC")


for _name in ("screen_updating", "display_alerts", "enable_events", "calculation", "status_bar"):
    setattr(App, _name, property(
        lambda self, _name=_name: self.state[_name],
        lambda self, value, _name=_name: self.state.__setitem__(_name, value),
    ))  # fmt: skip


class _AppApi(_Api):
    known = ("AutomationSecurity", "Ready")

    def __init__(self, app: App):
        self._app, self.AutomationSecurity, self.Ready = app, 1, True

    def CalculateFull(self):
        self._app.calls.append("CalculateFull")

    def InputBox(self, Prompt, Title, Type):
        assert Type == 2
        return self._app.answers.pop(0) if self._app.answers else False


class Books(base_classes.Books):
    def __init__(self, app: App):
        self.app = app

    def __call__(self, name):
        for book in self.app.open_books:
            if book.name.casefold() == str(name).casefold():
                return book
        raise KeyError(name)

    def __len__(self):
        return len(self.app.open_books)

    def __iter__(self):
        return iter(list(self.app.open_books))

    def open(self, fullname, update_links=None, read_only=None, *rest):
        assert not any(book.name == Path(fullname).name for book in self.app.open_books)
        if read_only:
            assert self.app.api.AutomationSecurity == 3, "macros of a copy would run"
        return Book(self.app, Path(fullname), bool(read_only))


class Book(base_classes.Book):
    def __init__(self, app: App, path: Path, read_only: bool = False):
        self._app, self.path = app, Path(path)
        macros = self.path.suffix == ".xlsm"
        self.workbook = openpyxl.load_workbook(path, keep_vba=macros)
        # (sheet, cell) -> (its formula, kind and text of what it shows)
        self.results: dict[tuple[str, str], tuple[object, str, str]] = {}
        parts = Parts(Package(self.path.read_bytes(), self.name))
        for sheet, part, _ in parts.sheets():
            for place, attributes, shown in _RESULT.findall((parts.read(part) or b"").decode()):
                kind = re.search(r' t="(\w+)"', attributes)
                self.results[sheet, place] = self.workbook[sheet][place].value, kind[1] if kind else "n", shown
        self._api = _BookApi(self, read_only)
        app.open_books.append(self)

    @property
    def api(self):
        return self._api

    @property
    def app(self):
        return self._app

    @property
    def name(self):
        return self.path.name

    @property
    def fullname(self):
        return str(self.path)

    @property
    def sheets(self):
        return Sheets(self)

    @property
    def names(self):
        return Names(self.workbook.defined_names, self)

    def close(self):
        self._app.open_books.remove(self)

    # what Excel does by itself

    def texts(self):
        """Everything that reads sheets: (text, how to set it)."""
        for sheet in self.workbook.worksheets:
            for row in sheet.iter_rows():
                for cell in row:
                    if cell.data_type == "f" and isinstance(cell.value, str):
                        yield cell.value, lambda text, cell=cell: _set(cell, text)
            for chart in sheet._charts:
                for series in chart.series:
                    for source in (series.val.numRef, series.cat and (series.cat.numRef or series.cat.strRef)):
                        if source is not None:
                            yield source.f, lambda text, source=source: setattr(source, "f", text)
            for name in sheet.defined_names.values():
                yield name.attr_text, lambda text, name=name: setattr(name, "attr_text", text)
        for name in self.workbook.defined_names.values():
            yield name.attr_text, lambda text, name=name: setattr(name, "attr_text", text)

    def references(self, name: str, to: str):
        pattern = _reference(name)
        for text, change in list(self.texts()):
            new = pattern.sub(lambda _: to, text)
            if new != text:
                change(new)

    def save(self, path):
        """With what the formulas showed when the file was opened, as far as they are still there."""
        self.workbook.save(path)
        known = {place: shown for place, (text, *shown) in self.results.items()
                 if place[0] in self.workbook.sheetnames and self.workbook[place[0]][place[1]].value == text}
        if known:
            _with_results(path, self.workbook.sheetnames, known)


def _with_results(path, names: list[str], known: dict):
    import zipfile

    with zipfile.ZipFile(path) as source:
        members = [(info, source.read(info)) for info in source.infolist()]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for info, data in members:
            found = re.fullmatch(r"xl/worksheets/sheet(\d+)\.xml", info.filename)
            if found:
                sheet, text = names[int(found[1]) - 1], data.decode()
                own = {place: shown for (of, place), shown in known.items() if of == sheet}

                def filled(cell, own=own):
                    kind, shown = own.get(cell["place"], ("", ""))
                    if not kind:
                        return cell[0]
                    return f'{cell["head"]} t="{kind}"{cell["formula"]}<v>{shown}</v>'

                text = _WRITTEN.sub(filled, text)
                data = text.encode()
            target.writestr(info, data)


class _BookApi(_Api):
    known = ("Path", "FullName", "ReadOnly", "MultiUserEditing", "Saved")

    def __init__(self, book: Book, read_only: bool):
        self._book, self.ReadOnly, self.MultiUserEditing = book, read_only, False
        self.Path, self.FullName = str(book.path.parent), str(book.path)
        self.Saved = False  # tests type into the workbook beneath

    def Activate(self):
        self._book.app.calls.append(f"activate {self._book.name}")

    def SaveCopyAs(self, path):
        self._book.save(path)


class Sheets(base_classes.Sheets):
    def __init__(self, book: Book):
        self.book = book

    def __call__(self, key):
        found = self.book.workbook.worksheets
        if isinstance(key, int):
            return Sheet(self.book, found[key - 1])
        for sheet in found:
            if sheet.title.casefold() == key.casefold():
                return Sheet(self.book, sheet)
        raise KeyError(key)

    def __len__(self):
        return len(self.book.workbook.worksheets)

    def __iter__(self):
        return (Sheet(self.book, sheet) for sheet in list(self.book.workbook.worksheets))

    @property
    def active(self):
        return Sheet(self.book, self.book.workbook.active)


class Sheet(base_classes.Sheet):
    def __init__(self, book: Book, sheet):
        self._book, self.sheet, self._api = book, sheet, _SheetApi(book, sheet)

    @property
    def api(self):
        return self._api

    @property
    def book(self):
        return self._book

    @property
    def name(self):
        return self.sheet.title

    @name.setter
    def name(self, value):
        self._book.app.written("rename")
        others = (one for one in self._book.workbook.worksheets if one is not self.sheet)
        if value.casefold() in {one.title.casefold() for one in others}:
            raise ComError("name taken")
        self._book.references(self.sheet.title, f"{quoted(value)}!")
        results = self._book.results
        for sheet, cell in [place for place in results if place[0] == self.sheet.title]:
            results[value, cell] = results.pop((sheet, cell))
        self.sheet.title = value

    @property
    def names(self):
        return Names(self.sheet.defined_names, self._book)

    @property
    def page_setup(self):
        return PageSetup(self.sheet)

    @property
    def tables(self):
        return Tables(self._book, self.sheet)

    def range(self, arg1, arg2=None):
        if isinstance(arg1, Range):  # xlwings narrows ranges by their corners
            (top, left, *_), (_, _, bottom, right) = arg1.area, (arg2 or arg1).area
            return Range(self._book, self.sheet, (top, left, bottom, right))
        if len(arg1) == 4:
            row, column, rows, columns = arg1
            return Range(self._book, self.sheet, (row, column, row + rows - 1, column + columns - 1))
        return Range(self._book, self.sheet, (*arg1, *(arg2 or arg1)))

    def delete(self):
        others = [one for one in self._book.workbook.worksheets if one is not self.sheet]
        if not any(one.sheet_state == "visible" for one in others):
            raise ComError("the last visible sheet")
        self._book.references(self.sheet.title, "#REF!")
        front = self._book.workbook.active
        self._book.workbook.remove(self.sheet)
        kept = front if front is not self.sheet else next(one for one in others if one.sheet_state == "visible")
        self._book.workbook.active = self._book.workbook.worksheets.index(kept)

    def copy(self, before, after):
        self._book.app.written("copy sheet")
        if self.sheet.sheet_state == "veryHidden":
            raise ComError("Copy method of Worksheet class failed")
        other = (before or after).book
        place = other.workbook.worksheets.index((before or after).sheet) + (after is not None)
        title = self.sheet.title
        while title.casefold() in {one.title.casefold() for one in other.workbook.worksheets}:
            title += " (2)"
        new = other.workbook.create_sheet(title, place)
        _copy_sheet(self.sheet, new, self._book)
        own = {place: shown for place, shown in self._book.results.items() if place[0] == self.sheet.title}
        other.results |= {(title, cell): shown for (_, cell), shown in own.items()}
        for name, defined in self._book.workbook.defined_names.items():
            if _reference(self.sheet.title).search(defined.attr_text):  # Excel gives the copy names of its own
                new.defined_names[name] = DefinedName(name, attr_text=defined.attr_text)
        other.workbook.active = place


class _SheetApi(_Api):
    known = ("Visible",)

    def __init__(self, book: Book, sheet):
        self._book, self._sheet = book, sheet

    def __setattr__(self, name, value):
        if name == "Visible":
            self._sheet.sheet_state = next(state for state, number in _STATES.items() if number == value)
        else:
            super().__setattr__(name, value)

    @property
    def Visible(self):
        return _STATES[self._sheet.sheet_state]

    def Activate(self):
        if self._sheet.sheet_state != "visible":
            raise ComError("hidden")
        self._book.workbook.active = self._book.workbook.worksheets.index(self._sheet)

    @property
    def ProtectContents(self):
        return bool(self._sheet.protection.sheet)

    @property
    def ProtectDrawingObjects(self):
        return bool(self._sheet.protection.objects)

    @property
    def ProtectScenarios(self):
        return bool(self._sheet.protection.scenarios)

    @property
    def Protection(self):
        found = self._sheet.protection
        return SimpleNamespace(**{name: not getattr(found, key) for key, name in _ALLOWED.items()})

    def Unprotect(self, Password):
        if self._sheet.protection.password and not Password:
            raise ComError("wrong password")
        self._sheet.protection.sheet = False

    def Protect(self, Password, Contents, DrawingObjects, Scenarios, **allowed):
        found = self._sheet.protection
        found.sheet, found.objects, found.scenarios = Contents, DrawingObjects, Scenarios
        assert allowed.keys() == set(_ALLOWED.values())
        for key, name in _ALLOWED.items():
            setattr(found, key, not allowed[name])

    def ChartObjects(self):
        return [SimpleNamespace(Chart=_Chart(self._book, chart)) for chart in self._sheet._charts]


#: what is forbidden on a protected sheet, as the file calls it: what the object model calls its contrary
_ALLOWED = {
    "formatCells": "AllowFormattingCells", "formatColumns": "AllowFormattingColumns",
    "formatRows": "AllowFormattingRows", "insertColumns": "AllowInsertingColumns",
    "insertRows": "AllowInsertingRows", "insertHyperlinks": "AllowInsertingHyperlinks",
    "deleteColumns": "AllowDeletingColumns", "deleteRows": "AllowDeletingRows", "sort": "AllowSorting",
    "autoFilter": "AllowFiltering", "pivotTables": "AllowUsingPivotTables",
}  # fmt: skip


class _Chart:
    def __init__(self, book: Book, chart):
        self._book, self._chart = book, chart

    def SeriesCollection(self):
        return [_Series(self._book, series) for series in self._chart.series]


class _Series(_Api):
    """Its formula is what it reads: =SERIES(,categories,values,1)"""

    def __init__(self, book: Book, series):
        self._book, self._series = book, series

    @property
    def Formula(self):
        categories = self._series.cat and (self._series.cat.numRef or self._series.cat.strRef)
        return f"=SERIES(,{categories.f if categories else ''},{self._series.val.numRef.f},1)"

    def __setattr__(self, name, value):
        if name == "Formula":
            self._book.app.written("series")
            _, categories, values, _ = value[len("=SERIES(") : -1].split(",")
            self._series.val.numRef.f = values
            if categories:
                (self._series.cat.numRef or self._series.cat.strRef).f = categories
        else:
            super().__setattr__(name, value)


# ---- cells


def _set(cell, text):
    style = copy.copy(cell._style)
    cell.value = text
    cell._style = style


def typed(cell, value):
    """What becomes of something that is typed into a cell."""
    style = copy.copy(cell._style)
    if value is None or value == "":
        cell.value = None
    elif not isinstance(value, str):
        assert isinstance(value, bool | float), type(value)
        cell.value = int(value) if isinstance(value, float) and value.is_integer() else value
    elif value.startswith("'"):
        cell.value = value[1:]
        cell.data_type = "s"
    elif value.startswith("="):
        assert "_xlfn" not in value and "\n=" not in value
        if value.count("(") != value.count(")"):
            raise ComError("0x800A03EC")
        cell.value = value if value[1:] not in _ERRORS else value[1:]
    elif value[0] in "+-@":
        cell.value = f"={value}"
    elif cell.number_format == "@":
        cell.value = value
        cell.data_type = "s"
    elif value.upper() in ("TRUE", "FALSE"):
        cell.value = value.upper() == "TRUE"
    elif value in _ERRORS:
        cell.value = value
    elif _NUMBER.fullmatch(value):
        cell.value = float(value.replace(",", "").rstrip("%"))
    elif _DAY.fullmatch(value):
        cell.value = 45000
    else:
        cell.value = value
        cell.data_type = "s"
    cell._style = style


def _shown(cell):
    return "" if cell.value is None else cell.value


class Range(base_classes.Range):
    def __init__(self, book: Book, sheet, area):
        self.book, self.worksheet, self.area = book, sheet, area
        self.options = None

    @property
    def api(self):
        return SimpleNamespace(Range=self)

    @property
    def sheet(self):
        return Sheet(self.book, self.worksheet)

    @property
    def row(self):
        return self.area[0]

    @property
    def column(self):
        return self.area[1]

    @property
    def coords(self):
        return (self.worksheet, *self.area[:2], *self.shape)

    @property
    def shape(self):
        top, left, bottom, right = self.area
        return bottom - top + 1, right - left + 1

    def __len__(self):
        return self.shape[0] * self.shape[1]

    def __call__(self, row, column=None):
        top, left, _, right = self.area
        if column is None:
            row, column = divmod(row - 1, right - left + 1)
            row, column = row + 1, column + 1
        spot = top + row - 1, left + column - 1
        return Range(self.book, self.worksheet, (*spot, *spot))

    @property
    def max_cells_per_write(self):
        return None

    def _cells(self):
        top, left, bottom, right = self.area
        return [[self.worksheet.cell(row, column) for column in range(left, right + 1)]
                for row in range(top, bottom + 1)]  # fmt: skip

    def _write(self, values):
        self.book.app.written("cells")
        cells = self._cells()
        if self.worksheet.protection.sheet and any(cell.protection.locked for line in cells for cell in line):
            raise ComError("the cell is protected")
        assert (len(values), len(values[0])) == self.shape
        for line, new in zip(cells, values):
            for cell, value in zip(line, new):
                if isinstance(cell, MergedCell):
                    assert value == "", "a covered cell"
                else:
                    typed(cell, value)

    @property
    def formula(self):
        found = tuple(tuple(_shown(cell) for cell in line) for line in self._cells())
        return found[0][0] if len(self) == 1 else found

    @formula.setter
    def formula(self, values):
        self._write(values if isinstance(values, list | tuple) else [[values]])

    @property
    def raw_value(self):
        return self.formula

    @raw_value.setter
    def raw_value(self, values):
        self._write(values if isinstance(values, list | tuple) else [[values]])

    @property
    def column_width(self):
        return self.worksheet.column_dimensions[get_column_letter(self.area[1])].width

    @column_width.setter
    def column_width(self, value):
        self.worksheet.column_dimensions[get_column_letter(self.area[1])].width = value

    def merge(self, across):
        top, left, bottom, right = self.area
        for one in list(self.worksheet.merged_cells.ranges):
            if (one.min_row, one.min_col, one.max_row, one.max_col) == self.area:
                return
        self.worksheet.merge_cells(start_row=top, start_column=left, end_row=bottom, end_column=right)

    def unmerge(self):
        top, left, bottom, right = self.area
        for one in list(self.worksheet.merged_cells.ranges):
            if top <= one.min_row and left <= one.min_col and one.max_row <= bottom and one.max_col <= right:
                self.worksheet.unmerge_cells(str(one))

    def copy(self, destination=None):
        """Values, formulas, looks, merges; formulas go on reading the sheets of their own workbook."""
        target = destination.impl
        target.book.app.written("copy cells")
        assert self.area == target.area
        target.unmerge()
        looks: dict = {}
        for line, others in zip(self._cells(), target._cells()):
            for cell, other in zip(line, others):
                _copy_cell(cell, other, self.book, looks)
        for one in self.worksheet.merged_cells.ranges:
            top, left, bottom, right = self.area
            if top <= one.min_row and left <= one.min_col and one.max_row <= bottom and one.max_col <= right:
                target.worksheet.merge_cells(str(one))


def _outside(text: str, book: Book) -> str:
    """A formula that comes along from another workbook."""
    for name in book.workbook.sheetnames:
        text = _reference(name).sub(lambda _, name=name: f"'[{book.name}]{name}'!", text)
    return text


def _copy_cell(cell, other, book: Book, looks: dict):
    """looks: what each look of the one workbook is in the other, as far as it has been copied."""
    if isinstance(cell, MergedCell):
        return
    text = isinstance(cell.value, str) and cell.data_type == "f"
    other.value = _outside(cell.value, book) if text else cell.value
    other.data_type = cell.data_type if cell.value is not None else other.data_type
    look = tuple(cell._style)
    if look in looks:
        other._style = copy.copy(looks[look])
    elif cell.has_style:
        for name in ("font", "border", "fill", "alignment", "protection"):
            setattr(other, name, copy.copy(getattr(cell, name)))
        other.number_format = cell.number_format
        looks[look] = copy.copy(other._style)


def _copy_sheet(sheet, new, book: Book):
    looks: dict = {}
    for row in sheet.iter_rows():
        for cell in row:
            if not isinstance(cell, MergedCell) and (cell.value is not None or cell.has_style):
                _copy_cell(cell, new.cell(cell.row, cell.column), book, looks)
    for one in sheet.merged_cells.ranges:
        new.merge_cells(str(one))
    for key, dimension in sheet.column_dimensions.items():
        new.column_dimensions[key] = copy.copy(dimension)
        new.column_dimensions[key].worksheet = new
    for key, dimension in sheet.row_dimensions.items():
        new.row_dimensions[key].height = dimension.height
    for name in ("conditional_formatting", "data_validations", "protection", "page_setup", "page_margins",
                 "print_options", "sheet_properties", "freeze_panes", "auto_filter", "sheet_state", "row_breaks",
                 "HeaderFooter", "views"):  # fmt: skip
        if name not in ("freeze_panes",):
            setattr(new, name, copy.copy(getattr(sheet, name)))
    new.print_title_rows = sheet.print_title_rows
    for chart in sheet._charts:
        new.add_chart(copy.deepcopy(chart), chart.anchor)


# ---- names, tables, print


class Names(base_classes.Names):
    def __init__(self, defined, book: Book):
        self.defined, self.book = defined, book

    def snapshot(self):
        return [(name, Name(self.defined, name, self.book)) for name in list(self.defined)]

    def add(self, name, refers_to):
        self.book.app.written("name")
        self.defined[name] = DefinedName(name, attr_text=refers_to.removeprefix("="))
        return Name(self.defined, name, self.book)


class Name(base_classes.Name):
    def __init__(self, defined, key: str, book: Book):
        self.defined, self.key, self.book = defined, key, book

    @property
    def name(self):
        return self.key

    @property
    def refers_to(self):
        return f"={self.defined[self.key].attr_text}"

    @refers_to.setter
    def refers_to(self, value):
        self.book.app.written("name")
        self.defined[self.key].attr_text = value.removeprefix("=")

    def delete(self):
        del self.defined[self.key]


class Tables(base_classes.Tables):
    def __init__(self, book: Book, sheet):
        self.book, self.worksheet = book, sheet

    def __call__(self, key):
        return Table(self.book, self.worksheet, self.worksheet.tables[key])


class Table(base_classes.Table):
    def __init__(self, book: Book, sheet, table):
        self.book, self.worksheet, self.table = book, sheet, table

    @property
    def range(self):
        left, top, right, bottom = range_boundaries(self.table.ref)
        return Range(self.book, self.worksheet, (top, left, bottom, right))

    def resize(self, target):
        from openpyxl.worksheet.table import TableColumn

        self.book.app.written("resize")
        top, left, bottom, right = target.impl.area
        heads = [self.worksheet.cell(top, column).value for column in range(left, right + 1)]
        assert all(isinstance(head, str) for head in heads)
        self.table.ref = f"{get_column_letter(left)}{top}:{get_column_letter(right)}{bottom}"
        self.table.autoFilter.ref = self.table.ref
        self.table.tableColumns = [TableColumn(id=at, name=head) for at, head in enumerate(heads, 1)]


class PageSetup(base_classes.PageSetup):
    def __init__(self, sheet):
        self.worksheet = sheet

    @property
    def print_area(self):
        return self.worksheet.print_area or None

    @print_area.setter
    def print_area(self, value):
        self.worksheet.print_area = value


def opened(path, app: App | None = None) -> xw.Book:
    """A workbook as it is open in Excel."""
    return xw.Book(impl=Book(app or App(), Path(path)))


def chart_of(sheet, title: str, columns: str):
    """A chart of somebody's own on a sheet (openpyxl's) that reads an area of another sheet: 汇总!$B$5:$B$9."""
    from openpyxl.chart import BarChart

    name, _, area = columns.rpartition("!")
    left, top, right, bottom = range_boundaries(area.replace("$", ""))
    chart = BarChart()
    chart.add_data(Reference(sheet.parent[name.strip("'")], left, top, right, bottom))
    sheet.add_chart(chart, "H2")
    return chart
