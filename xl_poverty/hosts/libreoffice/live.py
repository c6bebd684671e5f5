"""The workbook that is open in Calc, over UNO: what the worker asks of it while it runs an action.

An action works on a copy, as on any file. What has changed in it (`hosts.transfer`, as plain values) is then brought in
in one go, so that a failure before that leaves the workbook untouched, and one in between is taken back.
"""
from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import ExitStack, suppress

import uno
from com.sun.star.beans import PropertyValue
from com.sun.star.table import CellAddress, CellRangeAddress
from com.sun.star.uno import Exception as UnoException

from ...errors import LedgerError
from .. import TITLE
from ..set_aside import name_aside, read_instead
from .screen import Screen

_XLSX, _ACCEPT = "Calc MS Excel 2007 XML", ".uno:AcceptFormula"
#: com.sun.star.sheet.CellFlags, com.sun.star.util.NumberFormat, AddressConvention of .xlsx, MacroExecMode
_FORMULAS, _LOGICAL, _AS_IN_FILES, _NEVER = 16, 1024, 3, 0
#: days that .xlsx can count from
_DAYS_FROM = ((1899, 12, 30), (1904, 1, 1))
#: what a cell looks like
_LOOKS = tuple(sorted((
    "CellBackColor", "IsCellBackgroundTransparent", "CellProtection", "NumberFormat", "HoriJustify", "VertJustify",
    "ParaIndent", "IsTextWrapped", "ShrinkToFit", "RotateAngle", "Orientation", "CharColor", "CharUnderline",
    "CharStrikeout", "TopBorder2", "BottomBorder2", "LeftBorder2", "RightBorder2",
    *(f"Char{what}{script}" for what in ("FontName", "Height", "Weight", "Posture")
      for script in ("", "Asian", "Complex")),
)))  # fmt: skip


class Host:
    """What the worker may ask for: of the workbook whose button was clicked, and of others that are open."""

    def __init__(self, context, document):
        self.screen, self._context = Screen(context, document), context
        self._desktop = self._service("com.sun.star.frame.Desktop")
        self._books = [CalcBook(document, self._desktop, self.screen)]

    def end_typing(self):
        """What somebody is typing into a cell goes there: it would go into the sheet that is in front afterwards."""
        for one in self._desktop.Components:
            if _is_workbook(one) and one.CurrentController is not None:
                frame = one.CurrentController.Frame
                self._service("com.sun.star.frame.DispatchHelper").executeDispatch(frame, _ACCEPT, "", 0, ())

    def called(self, method: str, given: tuple):
        if method in ("find", "open", "clip"):
            return getattr(self, method)(*given)
        return getattr(self._books[given[0]], method)(*given[1:])

    def find(self, path: str) -> int | None:
        """The number of the open workbook that lies there."""
        for one in self._desktop.Components:
            if _is_workbook(one) and one.hasLocation() and _same_file(_place(one), path):
                self._books.append(CalcBook(one, self._desktop, self.screen))
                return len(self._books) - 1
        return None

    def open(self, path: str):
        self._desktop.loadComponentFromURL(uno.systemPathToFileUrl(path), "_blank", 0, ())

    def clip(self, text: str) -> bool:
        return self.screen.clip(text)

    def _service(self, name: str):
        return self._context.ServiceManager.createInstanceWithContext(name, self._context)


class CalcBook:
    """Where something stands in the way, a method raises LedgerError."""

    def __init__(self, document, desktop, screen: Screen):
        self.document, self._desktop, self._screen = document, desktop, screen
        self._calculated = False

    def place(self) -> str:
        """Where it lies."""
        name = self.document.Title
        if not self.document.hasLocation():
            raise LedgerError(f"{name} 还没有保存过；请先保存到自己的文件夹，再点这个按钮")
        if not self.document.URL.startswith("file:"):
            raise LedgerError(f"{name} 是从网盘或网页打开的；请先另存到本机的文件夹，再点这个按钮")
        if self._args().keys() & {"EncryptionData", "Password"}:
            raise LedgerError(f"{name} 设有打开密码，按钮要做的副本会没有密码；请先另存一份不加密码的，用完再加上")
        zero = self.document.NullDate
        if (zero.Year, zero.Month, zero.Day) not in _DAYS_FROM:
            where = "工具→选项→LibreOffice Calc→计算"
            told = f"{name} 的日期从 {zero.Year}-{zero.Month}-{zero.Day} 算起，会认错"
            raise LedgerError(f"{told}；请在 {where} 里改成 1899-12-30")
        return _place(self.document)

    def check_changeable(self):
        """Whether cells and sheets can be put into it."""
        name = self.document.Title
        if self.document.isReadonly():
            raise LedgerError(f"{name} 是以只读方式打开的，写了也存不下来；请另存一份，或关闭后重新打开再试")

    def untouched(self) -> bool:
        """Whether the file shows what stands here."""
        return not self._calculated and not self.document.isModified()

    def copy(self, path: str):
        """A copy as it is now: of its own kind where the name says so, else an .xlsx."""
        own = self._args().get("FilterName")
        same = os.path.splitext(path)[1].lower() == os.path.splitext(_place(self.document))[1].lower()
        filter_name = own if same and own else _XLSX
        self.document.storeToURL(uno.systemPathToFileUrl(path), _properties(FilterName=filter_name))

    def calculate(self):
        self.document.calculateAll()
        self._calculated = True

    def selected(self) -> tuple[str, str]:
        chosen = self.document.CurrentSelection
        with suppress(AttributeError, UnoException):
            if chosen.supportsService("com.sun.star.sheet.SheetCellRanges"):
                chosen = chosen.getByIndex(0)
            sheet, _, cell = chosen.getCellByPosition(0, 0).AbsoluteName.rpartition(".")
            return chosen.Spreadsheet.Name, cell.replace("$", "")
        raise LedgerError("请先选中要说明的那一格，再点这个按钮")

    def ask(self, what: str, question: str) -> str:
        return self._screen.ask(what, question)

    def show(self, sheet: str):
        """Bring a sheet to the front; without one, the workbook."""
        controller = self.document.CurrentController
        if controller is None:
            return
        if sheet:
            controller.setActiveSheet(self.document.Sheets.getByName(sheet))
        else:
            controller.Frame.activate()

    def bring(self, plan: dict, after: str) -> list[str]:
        """All of it, or nothing. `after`: the excerpt of the changed workbook. What there is to say of it."""
        sheets_change = bool(plan["copied"])
        undo, remarks = self.document.UndoManager, []
        with ExitStack() as always:
            _quiet(self.document, always)
            if sheets_change:  # Calc cannot take back sheets that come from elsewhere
                undo.lock()
                always.callback(undo.unlock)
            else:
                undo.enterUndoContext(TITLE)
                always.callback(undo.leaveUndoContext)
            _unprotected(self.document, f"{self.document.Title} 的结构", always)
            bringing = _Bringing(self.document, self._desktop, plan, after, always)
            try:
                bringing.done()
            except BaseException:
                for step in reversed(bringing.undo):
                    with suppress(Exception):  # what else can be taken back, is
                        step()
                raise
        if sheets_change:
            undo.clear()
            remarks.append("这一步不能用“撤销”退回；要退回，请打开备份")
        if not self.document.isAutomaticCalculationEnabled():
            self.document.calculate()
        return remarks

    def _args(self) -> dict:
        return {one.Name: one.Value for one in self.document.getArgs()}


class _Bringing:
    """always: what is to be done whatever happens; undo: what takes back, in reverse, what was done."""

    def __init__(self, document, desktop, plan: dict, after: str, always: ExitStack):
        self.document, self.sheets, self.plan, self.always = document, document.Sheets, plan, always
        self.undo: list[Callable[[], object]] = []
        self._desktop, self._after, self._loaded = desktop, after, None
        self._parser = document.createInstance("com.sun.star.sheet.FormulaParser")
        self._parser.CompileEnglish = self._parser.IgnoreLeadingSpaces = True
        self._parser.FormulaConvention = _AS_IN_FILES

    def done(self):
        copied, changed = self.plan["copied"], self.plan["changed"]
        new = {name for name, *_ in copied}
        for name in changed.keys() - new:
            _unprotected(self._sheet(name), f"工作表“{name}”", self.always)
        for name in changed.keys() - new:
            self.undo.append(lambda name=name: self._write(name, changed[name]["former"]))
            self._dressed(name, changed[name])
        old = self._copied(copied) if copied else {}
        for name, change in changed.items():
            if name in new:
                _unprotected(self._sheet(name), f"工作表“{name}”", self.always)
            self._write(name, change["blocks"])
            for area, text in change["arrays"]:
                cells = self._range(name, area)
                cells.setArrayTokens(self._tokens(cells.getCellByPosition(0, 0), text))
            self._around(name, change)
        for name, text in self.plan["names"].items():
            self._defined(name, text)
        if old:
            self._charts(old)
        for aside in old:
            self.sheets.removeByName(aside)

    # ---- whole sheets

    def _copied(self, copied: list) -> dict[str, str]:
        """Sheets of the changed workbook come in; those in whose place they come: what they are called now -> what they
        were called."""
        source, old = self._source(), {}
        frozen = {name: _frozen(source, name) for name, *_ in copied}
        wanted = {name for name, *_ in copied}
        for sheet in _each(source.Sheets):
            if sheet.Name not in wanted:  # what would read it would go on reading the other workbook
                source.Sheets.removeByName(sheet.Name)
        for name, after, replaces, visible in copied:
            if replaces:
                aside = name_aside(self.sheets.ElementNames)
                sheet = self._sheet(name)
                self.undo.append(lambda sheet=sheet, name=name: setattr(sheet, "Name", name))
                sheet.Name = aside
                old[aside] = name
            place = self._index(aside if replaces else after) + 1
            there = set(self.sheets.ElementNames)
            self.undo.append(lambda there=there: [
                self.sheets.removeByName(one) for one in self.sheets.ElementNames if one not in there])  # fmt: skip
            sheet = self.sheets.getByIndex(self.sheets.importSheet(source, name, place))
            if sheet.Name != name:
                sheet.Name = name
            if frozen[name]:
                self._freeze(sheet, frozen[name])
            sheet.IsVisible = visible
        return old

    def _freeze(self, sheet, place: tuple[int, int]):
        controller = self.document.CurrentController
        if controller is not None:
            controller.setActiveSheet(sheet)
            controller.freezeAtPosition(*place)

    def _source(self):
        """The excerpt of the changed workbook, unseen."""
        if self._loaded is None:
            given = _properties(Hidden=True, ReadOnly=True, MacroExecutionMode=_NEVER, UpdateDocMode=0)
            self._loaded = self._desktop.loadComponentFromURL(uno.systemPathToFileUrl(self._after), "_blank", 0, given)
            self.always.callback(self._loaded.close, True)
        return self._loaded

    # ---- cells

    def _write(self, name: str, blocks: list):
        sheet = self._sheet(name)
        for area, rows, formulas, truths in blocks:
            self._range(name, area).setDataArray(rows)
            for row, column in truths:
                cell = sheet.getCellByPosition(column, row)
                if self.document.NumberFormats.getByKey(cell.NumberFormat).StandardFormat:
                    cell.NumberFormat = self.document.NumberFormats.getStandardFormat(_LOGICAL, _NO_LOCALE)
            for row, column, text in formulas:
                cell = sheet.getCellByPosition(column, row)
                cell.setTokens(self._tokens(cell, text))

    def _tokens(self, cell, text: str):
        return self._parser.parseFormula(text, cell.CellAddress)

    def _dressed(self, name: str, change: dict):
        """Cells that look otherwise, columns that are wider."""
        sheet = self._index(name)
        for area in change["dressed"]:
            for addresses, looks in _looks(self._range(name, area)):
                cells = _here(self.document, sheet, addresses)
                self.undo.append(lambda cells=cells, looks=looks: cells.setPropertyValues(_LOOKS, looks))
            source = self._source()
            for addresses, looks in _looks(_range(source, name, area)):
                told = _told_here(looks, source, self.document)
                _here(self.document, sheet, addresses).setPropertyValues(_LOOKS, told)
        for column in change["wide"]:
            cells = self._sheet(name).Columns.getByIndex(column)
            self.undo.append(lambda cells=cells, width=cells.Width: setattr(cells, "Width", width))
            cells.Width = self._source().Sheets.getByName(name).Columns.getByIndex(column).Width

    def _around(self, name: str, change: dict):
        for area in change["merges"]:
            cells = self._range(name, area)
            self.undo.append(lambda cells=cells: cells.merge(False))
            cells.merge(True)
        for table, area in change["tables"].items():
            found = self.document.DatabaseRanges.getByName(table)
            self.undo.append(lambda found=found, former=found.DataArea: found.setDataArea(former))
            found.setDataArea(_address(self._index(name), area))
        if change["printed"]:
            sheet = self._sheet(name)
            self.undo.append(lambda sheet=sheet, former=sheet.PrintAreas: sheet.setPrintAreas(former))
            parts = (part.replace("$", "") for part in change["printed"].split(","))
            sheet.setPrintAreas(tuple(sheet.getCellRangeByName(part).RangeAddress for part in parts))

    # ---- what the whole workbook knows

    def _defined(self, name: str, text: str):
        names, first = self.document.NamedRanges, CellAddress(0, 0, 0)
        tokens = self._parser.parseFormula(text, first)
        if names.hasByName(name):
            found = names.getByName(name)
            self.undo.append(lambda found=found, former=found.getTokens(): found.setTokens(former))
        else:
            self.undo.append(lambda: names.removeByName(name))
            names.addNewByName(name, "0", first, 0)
            found = names.getByName(name)
        found.setTokens(tokens)

    def _charts(self, old: dict[str, str]):
        """Charts on sheets of somebody's own read the new sheets, too."""
        mine = {*old, *old.values()}
        for sheet in _each(self.sheets):
            for name in sheet.Charts.ElementNames if sheet.Name not in mine else ():
                chart = sheet.Charts.getByName(name).EmbeddedObject
                for sequence in _sequences(chart):
                    for get, put in (("getValues", "setValues"), ("getLabel", "setLabel")):
                        data = getattr(sequence, get)()
                        if data is not None:
                            self._renewed(chart, sequence, put, data, old)

    def _renewed(self, chart, sequence, put: str, data, old: dict[str, str]):
        text = data.SourceRangeRepresentation
        new = read_instead(text, old, "$", ".")
        if new != text:
            made = chart.DataProvider.createDataSequenceByRangeRepresentation(new)
            made.Role = data.Role
            self.undo.append(lambda: getattr(sequence, put)(data))
            getattr(sequence, put)(made)

    # ----

    def _sheet(self, name: str):
        return self.sheets.getByName(name)

    def _index(self, name: str) -> int:
        return self.sheets.getByName(name).RangeAddress.Sheet if name else -1

    def _range(self, name: str, area):
        return _range(self.document, name, area)


# ---- Calc


_NO_LOCALE = uno.createUnoStruct("com.sun.star.lang.Locale")


def _properties(**values) -> tuple:
    return tuple(PropertyValue(name, 0, value, 0) for name, value in values.items())


def _is_workbook(component) -> bool:
    with suppress(AttributeError):
        return component.supportsService("com.sun.star.sheet.SpreadsheetDocument")
    return False


def _place(document) -> str:
    return uno.fileUrlToSystemPath(document.URL)


def _same_file(one: str, other: str) -> bool:
    with suppress(OSError):
        return os.path.samefile(one, other)
    return False


def _each(sheets) -> list:
    return [sheets.getByIndex(index) for index in range(sheets.Count)]


def _range(document, name: str, area):
    top, left, bottom, right = area
    return document.Sheets.getByName(name).getCellRangeByPosition(left, top, right, bottom)


def _address(sheet: int, area) -> CellRangeAddress:
    top, left, bottom, right = area
    return CellRangeAddress(sheet, left, top, right, bottom)


def _looks(cells):
    """(addresses of cells that look alike, how they look), of an area."""
    groups, sheet = cells.getUniqueCellFormatRanges(), cells.Spreadsheet
    for index in range(groups.Count):
        addresses = groups.getByIndex(index).RangeAddresses
        first = sheet.getCellByPosition(addresses[0].StartColumn, addresses[0].StartRow)
        yield addresses, first.getPropertyValues(_LOOKS)


def _here(document, sheet: int, addresses):
    """Cells of these places in a sheet of this workbook."""
    cells = document.createInstance("com.sun.star.sheet.SheetCellRanges")
    for one in addresses:
        one.Sheet = sheet
    cells.addRangeAddresses(addresses, False)
    return cells


def _told_here(looks: tuple, source, document) -> tuple:
    """How cells of another workbook look: number formats have other numbers here."""
    place = _LOOKS.index("NumberFormat")
    told, formats = source.NumberFormats.getByKey(looks[place]), document.NumberFormats
    key = formats.queryKey(told.FormatString, told.Locale, False)
    if key == -1:
        key = formats.addNew(told.FormatString, told.Locale)
    return (*looks[:place], key, *looks[place + 1 :])


def _frozen(document, name: str) -> tuple[int, int] | None:
    """The columns and rows of a sheet that stay."""
    controller = document.CurrentController
    if controller is None:
        return None
    controller.setActiveSheet(document.Sheets.getByName(name))
    return (controller.SplitColumn, controller.SplitRow) if controller.hasFrozenPanes() else None


def _sequences(chart):
    """Where a chart keeps what it reads: the series, and the axes for their categories."""
    diagram = chart.FirstDiagram
    for system in diagram.CoordinateSystems if diagram is not None else ():
        for kind in system.ChartTypes:
            for series in kind.DataSeries:
                yield from series.DataSequences
        for dimension in range(system.Dimension):
            categories = system.getAxisByDimension(dimension, 0).ScaleData.Categories
            if categories is not None:
                yield categories


def _quiet(document, always: ExitStack):
    """Nothing flickers or calculates meanwhile; where somebody looked is looked at afterwards."""
    always.callback(document.enableAutomaticCalculation, document.isAutomaticCalculationEnabled())
    document.enableAutomaticCalculation(False)
    controller = document.CurrentController
    if controller is not None:
        always.callback(_to_front, document, controller.ActiveSheet.Name, _chosen(document))
    always.callback(document.unlockControllers)
    document.lockControllers()


def _chosen(document):
    with suppress(AttributeError):
        return document.CurrentSelection.RangeAddress
    return None


def _to_front(document, name: str, chosen):
    controller = document.CurrentController
    sheet = document.Sheets.getByName(name)
    controller.setActiveSheet(sheet)
    if chosen is not None:
        place = chosen.StartColumn, chosen.StartRow, chosen.EndColumn, chosen.EndRow
        controller.select(sheet.getCellRangeByPosition(*place))


def _unprotected(found, what: str, always: ExitStack):
    """A sheet (or a workbook) that is protected without a password can be written to until the end."""
    if not found.isProtected():
        return
    with suppress(UnoException):
        found.unprotect("")
    if found.isProtected():
        remedy = "请先撤销保护（工具→保护工作表、保护电子表格结构），再点这个按钮"
        raise LedgerError(f"{what}有密码保护；{remedy}")
    always.callback(found.protect, "")
