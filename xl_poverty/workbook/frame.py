"""What stands around the rows of a sheet: its size, widths and merges; and what grows when columns and rows are added.

Places are zero-based areas. A tree is touched only where something changes, so that an unchanged sheet keeps its bytes.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from copy import deepcopy

from ..errors import LedgerError
from .parts import Parts, child, ensured, local, named
from .references import MOST_COLUMNS, MOST_ROWS, Area, Spot, area_of, letters_of
from .xml_text import decoded_text

#: children of <worksheet> in the order of the schema; AlternateContent holds controls
WORKSHEET_ORDER = (
    *("sheetPr", "dimension", "sheetViews", "sheetFormatPr", "cols", "sheetData", "sheetCalcPr", "sheetProtection"),
    *("protectedRanges", "scenarios", "autoFilter", "sortState", "dataConsolidate", "customSheetViews", "mergeCells"),
    *("phoneticPr", "conditionalFormatting", "dataValidations", "hyperlinks", "printOptions", "pageMargins"),
    *("pageSetup", "headerFooter", "rowBreaks", "colBreaks", "customProperties", "cellWatches", "ignoredErrors"),
    *("smartTags", "drawing", "legacyDrawing", "legacyDrawingHF", "drawingHF", "picture", "oleObjects", "controls"),
    *("AlternateContent", "webPublishItems", "tableParts", "extLst"),
)

_X14 = "{http://schemas.microsoft.com/office/spreadsheetml/2009/9/main}"
_XM = "{http://schemas.microsoft.com/office/excel/2006/main}"
#: rules of conditional formats that look at one cell or row at a time. The others compare the cells of their range with
#: each other: in a wider range cells that nobody wrote to would change colour
_BY_CELL = frozenset(
    ("expression", "cellIs", "containsText", "notContainsText", "beginsWith", "endsWith", "containsBlanks")
    + ("notContainsBlanks", "containsErrors", "notContainsErrors", "timePeriod")
)
_USUAL_WIDTH = 8.43
_MOST_HEADER = 255  # characters in the header of a table
_FILTER, _PRINTED = "_xlnm._filterdatabase", "_xlnm.print_area"

_LOOKS_SPELLED = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
_NAMED_AREA = re.compile(
    r"(?P<sheet>'(?:[^']|'')+'|[^'!,]+)!"
    r"(?:(?P<area>\$?[A-Z]{1,3}\$?\d+(?::\$?[A-Z]{1,3}\$?\d+)?)|(?P<columns>\$?[A-Z]{1,3}:\$?[A-Z]{1,3}))"
)


def areas_of(cells: Iterable[Spot]) -> list[Area]:
    """Cells, as vertical runs."""
    areas: list[Area] = []
    first = last = column = None
    for c, r in sorted({(c, r) for r, c in cells}):
        if c == column and r == last + 1:
            last = r
            continue
        if column is not None:
            areas.append((first, column, last, column))
        first = last = r
        column = c
    if column is not None:
        areas.append((first, column, last, column))
    return areas


def reference_of(area: Area, fixed: bool = False) -> str:
    """A1:B2, or $A$1:$B$2."""
    mark = "$" if fixed else ""
    top, left, bottom, right = area
    first, last = (f"{mark}{letters_of(c)}{mark}{r + 1}" for r, c in ((top, left), (bottom, right)))
    return first if first == last else f"{first}:{last}"


def touch(one: Area, other: Area) -> bool:
    return one[0] <= other[2] and other[0] <= one[2] and one[1] <= other[3] and other[1] <= one[3]


class Cover:
    """The cells of many areas, asked quickly: runs of rows, column by column."""

    def __init__(self, areas: Iterable[Area]):
        runs: dict[int, list[tuple[int, int]]] = {}
        for top, left, bottom, right in areas:
            for column in range(left, right + 1):
                runs.setdefault(column, []).append((top, bottom))
        self._columns: dict[int, tuple[list[int], list[int]]] = {}
        for column, found in runs.items():
            starts, ends = [], []
            for top, bottom in sorted(found):
                if ends and top <= ends[-1] + 1:
                    ends[-1] = max(ends[-1], bottom)
                else:
                    starts.append(top)
                    ends.append(bottom)
            self._columns[column] = starts, ends
        self._order = sorted(self._columns)

    def spots(self, area: Area) -> Iterable[Spot]:
        """The cells within an area, column by column."""
        top, left, bottom, right = area
        for column in self._order[bisect_left(self._order, left) : bisect_right(self._order, right)]:
            starts, ends = self._columns[column]
            at = bisect_left(ends, top)
            while at < len(starts) and starts[at] <= bottom:
                for row in range(max(starts[at], top), min(ends[at], bottom) + 1):
                    yield row, column
                at += 1

    def touches(self, area: Area) -> bool:
        return next(iter(self.spots(area)), None) is not None

    def down_from(self, row: int, left: int, right: int) -> int:
        """How far down cells of these columns follow each other, from a row; the row before it where there are none."""
        columns = self._order[bisect_left(self._order, left) : bisect_right(self._order, right)]
        last, further = row - 1, True
        while further:
            further = False
            for column in columns:
                starts, ends = self._columns[column]
                at = bisect_right(starts, last + 1) - 1
                if at >= 0 and ends[at] > last:
                    last, further = ends[at], True
        return last


class _Table:
    """A table of the sheet."""

    def __init__(self, part: str, root):
        self.part, self.root = part, root
        self.area = area_of(root.get("ref", ""))
        self.name = root.get("displayName") or root.get("name") or ""
        self.headers = _count(root, "headerRowCount", 1)
        self.totals = _count(root, "totalsRowCount", 0)
        self.columns = child(root, "tableColumns")
        # the columns of a query or of mapped XML are described in other parts as well
        self.plain = root.get("tableType", "worksheet") == "worksheet" and self.columns is not None

    @property
    def names(self) -> list[str]:
        if self.columns is None:
            return []
        return [table_text(c.get("name", "")) for c in self.columns if local(c) == "tableColumn"]

    def add_column(self, name: str, total: object = None):
        from lxml import etree

        columns = [column for column in self.columns if local(column) == "tableColumn"]
        numbers = [int(column.get("id", "0")) for column in columns]
        added = etree.SubElement(self.columns, named(self.columns, "tableColumn"), id=str(max(numbers, default=0) + 1))
        added.set("name", _table_spelling(name))
        self.columns.set("count", str(len(columns) + 1))
        formula = getattr(total, "text", "")
        if isinstance(total, str) and total:
            added.set("totalsRowLabel", _table_spelling(total))
        elif formula:
            added.set("totalsRowFunction", "custom")
            etree.SubElement(added, named(added, "totalsRowFormula")).text = formula.removeprefix("=")

    def resize(self, area: Area):
        self.area = area
        self.root.set("ref", reference_of(area))
        shown = child(self.root, "autoFilter")
        if shown is not None and shown.get("ref"):
            shown.set("ref", reference_of((area[0], area[1], area[2] - self.totals, area[3])))

    @property
    def data(self) -> Area:
        top, left, bottom, right = self.area
        return top + self.headers, left, bottom - self.totals, right


class Tables:
    """The tables of a sheet, and its pivot tables. They stand in parts of their own, so they are seen to once, before
    the rows of the sheet go by, and every `Frame` of the sheet is told of them."""

    def __init__(self, parts: Parts, part: str, name: str):
        self.name = name
        related = list(parts.related(part).values())
        tables = [_Table(found, parts.tree(found)) for kind, found in related if kind == "table" and found in parts]
        self._tables = [table for table in tables if table.area]
        pivots = [parts.tree(found) for kind, found in related if kind == "pivotTable" and found in parts]
        pivots = [child(root, "location") for root in pivots]
        pivots = [area_of(location.get("ref", "")) for location in pivots if location is not None]
        self.pivots = [area for area in pivots if area]
        #: the tables that grew: with what they were, and their data
        self.grown: list[tuple[_Table, Area, Area]] = []
        self._before = [(table, table.area, table.names) for table in self._tables]

    def __iter__(self) -> Iterator[tuple[str, Area]]:
        """Names and areas."""
        return ((table.name, table.area) for table in self._tables)

    def check(self, cover: Cover, value_at: Callable[[int, int], object]):
        """Raises LedgerError where a header is written over, or a pivot table."""
        for table, (top, left, _, right), names in self._before:
            for row, column in cover.spots((top, left, top + table.headers - 1, right)) if table.headers else ():
                text, value = names[column - left] if column - left < len(names) else None, value_at(row, column)
                if not isinstance(value, str) or _one_break(value) != text:
                    raise LedgerError(
                        f"{_place(self.name, (row, column))} 是表格“{table.name}”的表头“{text}”，"
                        "改了它，引用这一列的公式会失效；请在 Excel 里改表头，或把结果写到别的列"
                    )
        for pivot in self.pivots:
            for spot in cover.spots(pivot):
                raise LedgerError(
                    f"{_place(self.name, spot)} 在数据透视表 {reference_of(pivot)} 里，刷新时会被盖掉；"
                    "请写到透视表以外"
                )

    def join(
        self,
        written: Sequence[Area],
        occupied: Sequence[Area],
        value_at: Callable[[int, int], object],
        barred: Sequence[Area] = (),
    ) -> dict[Spot, str]:
        """Tables take in new columns at their right and new rows beneath, as Excel does when somebody types there.

        written   exactly the cells that get something
        occupied  what stood on the sheet before: its used area, or more exactly its blocks; what was written within is
                  not new
        value_at  what a written cell gets
        barred    areas that no table may hold: merged cells, formulas that fill several cells

        Returns headers that must be written in another way than asked, since the headers of a table are texts that
        differ: {cell: text}.
        """
        growth, headers = _Growth(Cover(written), list(occupied)), {}
        for table in self._tables:
            if table.plain:
                others = [other.area for other in self._tables if other is not table]
                self._join(table, growth, value_at, [*barred, *self.pivots, *others], headers)
        return headers

    def _join(self, table: _Table, growth: _Growth, value_at, barred: list[Area], headers: dict[Spot, str]):
        cover, (top, left, bottom, right), before = growth.cover, table.area, table.data
        if _is_true(table.root.get("insertRow")) and cover.touches(before):
            del table.root.attrib["insertRow"]  # the row that waited for data has some
        names = {name.casefold() for name in table.names}
        for column in growth.columns_beside(table.area):
            if any(touch((top, column, bottom, column), area) for area in barred):
                break
            name = self._header(table, column, value_at, cover)
            if not name:
                break
            unique, number = name, 2
            while unique.casefold() in names:
                end = str(number)
                unique, number = name[: _MOST_HEADER - len(end)] + end, number + 1
            names.add(unique.casefold())
            if table.headers and value_at(top, column) != unique:
                headers[top, column] = unique
            totalled = table.totals and cover.touches((bottom, column, bottom, column))
            table.add_column(unique, value_at(bottom, column) if totalled else None)
            right = column
        # what stands beneath a row of totals is no part of the table
        lower = bottom if table.totals else growth.rows_beneath((top, left, bottom, right))
        if lower > bottom and any(touch((bottom + 1, left, lower, right), area) for area in barred):
            lower = bottom
        if (lower, right) != table.area[2:]:
            self.grown.append((table, table.area, before))
            table.resize((top, left, lower, right))

    @staticmethod
    def _header(table: _Table, column: int, value_at, cover: Cover) -> str:
        """The name of a new column; "" where it cannot be one of the table."""
        top, left = table.area[:2]
        if not table.headers:
            return f"列{column - left + 1}"
        value = value_at(top, column) if cover.touches((top, column, top, column)) else None
        if isinstance(value, int) and not isinstance(value, bool):
            value = str(value)  # 2024 as a header: Excel makes a text of it
        usable = isinstance(value, str) and value.strip() and len(value) <= _MOST_HEADER
        return _one_break(value) if usable else ""


class Frame:
    """A sheet without its rows.

    parts   the package, as it will be
    tables  those of the sheet
    root    the sheet's XML, its <sheetData> empty
    name    of the sheet, for messages and defined names
    index   its place among the sheets of the workbook, from 0: their localSheetId

    Changes of the sheet's own XML are made in `root`, and `changed` says whether there are any; those of defined names
    in `parts`. What was done to them once is not done again, so a sheet may go by twice.
    """

    def __init__(self, parts: Parts, tables: Tables, root, name: str, index: int):
        self.parts, self.tables, self.root, self.name, self.index = parts, tables, root, name, index
        self.changed = False
        found = child(root, "mergeCells")
        merges = [area_of(merge.get("ref", "")) for merge in (found if found is not None else ()) if local(merge)]
        self._merges = [area for area in merges if area]

    # ---- refusals

    def check(self, written: Sequence[Area], value_at: Callable[[int, int], object], arrays: Sequence[Area] = ()):
        """Raises LedgerError where a cell must not be written to. Before merging.

        written   exactly the cells that get something
        value_at  what a written cell gets
        arrays    areas of array formulas and of tables of results that stand on the sheet
        """
        for top, left, bottom, right in written:
            if top < 0 or left < 0 or bottom >= MOST_ROWS or right >= MOST_COLUMNS:
                row, column = (bottom if bottom >= MOST_ROWS else top), (right if right >= MOST_COLUMNS else left)
                raise LedgerError(
                    f"工作表“{self.name}”没有第{row + 1}行第{column + 1}列：一张表最多{MOST_ROWS}行、{MOST_COLUMNS}列，"
                    "请分成几张表"
                )
        cover = Cover(written)
        for merge in self._merges:
            for spot in cover.spots(merge):
                if spot != merge[:2]:
                    raise LedgerError(
                        f"{_place(self.name, spot)} 被合并单元格 {reference_of(merge)} 盖住，写进去看不见；"
                        f"请写到它左上角的 {_cell(merge[:2])}，或先在 Excel 里取消合并"
                    )
        self.tables.check(cover, value_at)
        for area in arrays:
            for spot in cover.spots(area) if area[:2] != area[2:] else ():
                raise LedgerError(
                    f"{_place(self.name, spot)} 在数组公式或模拟运算表 {reference_of(area)} 里，不能单独改其中一格；"
                    "请写到别处，或先在 Excel 里删去整个公式"
                )

    # ---- the sheet's own

    def widen_dimension(self, area: Area):
        """The sheet says that it reaches at least so far; one that says nothing goes on saying nothing."""
        found = child(self.root, "dimension")
        old = area_of(found.get("ref", "")) if found is not None else None
        if old:
            new = min(old[0], area[0]), min(old[1], area[1]), max(old[2], area[2]), max(old[3], area[3])
            if new != old:
                found.set("ref", reference_of(new))
                self.changed = True

    def width_of(self, column: int) -> float:
        """The width of a column, in characters."""
        columns = child(self.root, "cols")
        for col in () if columns is None else columns:
            if local(col) and int(col.get("min", "1")) <= column + 1 <= int(col.get("max", "1")):
                return _number(col.get("width")) or _USUAL_WIDTH
        usual = child(self.root, "sheetFormatPr")
        return (_number(usual.get("defaultColWidth")) if usual is not None else None) or _USUAL_WIDTH

    def set_width(self, column: int, width: float):
        """The width of a column. What else is said of it, and of those beside it, stays."""
        from lxml import etree

        text, number = f"{width:.15g}", column + 1
        columns = ensured(self.root, "cols", WORKSHEET_ORDER)
        later = None
        for col in columns:
            if not local(col):
                continue
            first, last = int(col.get("min", "1")), int(col.get("max", "1"))
            if first <= number <= last:
                if _number(col.get("width")) == width and _is_true(col.get("customWidth")):
                    return
                # of <col min="1" max="9"> three remain: before, this one, behind
                for low, high, left in ((first, number - 1, True), (number + 1, last, False)):
                    if low <= high:
                        part = deepcopy(col)
                        part.set("min", str(low))
                        part.set("max", str(high))
                        col.addprevious(part) if left else col.addnext(part)
                break
            if first > number and later is None:
                later = col
        else:
            col = etree.Element(named(columns, "col"), nsmap=columns.nsmap)
            later.addprevious(col) if later is not None else columns.append(col)
        for key, value in (("min", str(number)), ("max", str(number)), ("width", text), ("customWidth", "1")):
            col.set(key, value)
        col.attrib.pop("bestFit", None)
        self.changed = True

    def merge(self, area: Area):
        """Merge cells. Raises LedgerError."""
        from lxml import etree

        if area[:2] == area[2:] or area in self._merges:
            return
        for other in self._merges:
            if touch(area, other):
                raise LedgerError(
                    f"工作表“{self.name}”的 {reference_of(area)} 不能合并：与已合并的 {reference_of(other)} 重叠；"
                    "请先在 Excel 里取消那处合并"
                )
        for name, other in self.tables:
            if touch(area, other):
                raise LedgerError(
                    f"工作表“{self.name}”的 {reference_of(area)} 不能合并：表格“{name}”（{reference_of(other)}）里"
                    "不许有合并单元格；请先在 Excel 里把表格转换为区域"
                )
        merges = ensured(self.root, "mergeCells", WORKSHEET_ORDER)
        etree.SubElement(merges, named(merges, "mergeCell"), ref=reference_of(area))
        merges.set("count", str(sum(local(merge) == "mergeCell" for merge in merges)))
        self._merges.append(area)
        self.changed = True

    # ---- growth

    def join(self, written: Sequence[Area], occupied: Sequence[Area]):
        """New columns at the right and new rows beneath belong to what they adjoin, as in Excel: to the sheet's filter,
        its print area, and to conditional formats and validations over all columns or within a table that grew.

        After the tables joined and cells were merged. `written` and `occupied` as for the tables. Raises LedgerError.
        """
        growth = _Growth(Cover(written), list(occupied))
        for table, old, data in self.tables.grown:
            for merge in self._merges:
                if touch(merge, table.area) and not touch(merge, old):
                    raise LedgerError(
                        f"工作表“{self.name}”的表格“{table.name}”要增加到 {reference_of(table.area)}，"
                        f"但那里有合并单元格 {reference_of(merge)}；请先在 Excel 里取消合并"
                    )
            growth.blocks.append(old)
            growth.tables.append((data, table.data))
        self._join_filter(growth)
        self._join_rules(growth)
        self._join_printed(growth)

    def _join_filter(self, growth: _Growth):
        found = child(self.root, "autoFilter")
        old = area_of(found.get("ref", "")) if found is not None else None
        if not old:
            return
        top, left, bottom, right = old
        for column in growth.columns_beside(old):
            if not self._headed((top, column), growth.cover):
                break
            right = column
        new = top, left, growth.rows_beneath((top, left, bottom, right)), right
        if new == old:
            return
        found.set("ref", reference_of(new))
        self.changed = True
        growth.blocks.append(old)
        for name in self._names(_FILTER):
            said = _NAMED_AREA.fullmatch((name.text or "").strip())
            sheet = said["sheet"] if said else "'" + self.name.replace("'", "''") + "'"
            name.text = f"{sheet}!{reference_of(new, fixed=True)}"

    def _headed(self, spot: Spot, cover: Cover) -> bool:
        """Whether a header is written there, or merged over it from above."""
        merge = next((merge for merge in self._merges if touch(merge, spot + spot)), spot + spot)
        return cover.touches(merge[:2] + merge[:2])

    def _join_rules(self, growth: _Growth):
        """Conditional formats and validations, in the sheet's own form and in that of 2010."""
        validations = [
            *((v, "sqref") for v in self._children("dataValidations", "dataValidation")),
            *((v.find(f"{_XM}sqref"), "") for v in self.root.iter(f"{_X14}dataValidation")),
        ]
        validations = [(holder, key) for holder, key in validations if holder is not None]
        validated = {id(holder): _areas(_sqref(holder, key)) for holder, key in validations}
        for holder, key in validations:
            self._grow_list(holder, key, growth, validated)  # a cell has one validation
            validated[id(holder)] = _areas(_sqref(holder, key))
        for formats in self.root.iterchildren(named(self.root, "conditionalFormatting")):
            if _by_cell(formats) and not _is_true(formats.get("pivot")):
                self._grow_list(formats, "sqref", growth)
        for formats in self.root.iter(f"{_X14}conditionalFormatting"):
            holder = formats.find(f"{_XM}sqref")
            if holder is not None and _by_cell(formats) and not _is_true(formats.get("pivot")):
                self._grow_list(holder, "", growth)

    def _children(self, group: str, name: str) -> list:
        found = child(self.root, group)
        return [] if found is None else list(found.iterchildren(named(self.root, name)))

    def _grow_list(self, holder, key: str, growth: _Growth, others: dict[int, list[Area | None]] | None = None):
        """The areas of a list (sqref) that grow, as long as they do not come upon others."""
        words, areas = _sqref(holder, key).split(), _areas(_sqref(holder, key))
        changed = False
        for number, area in enumerate(areas):
            new = growth.of_rule(area) if area else area
            if new == area:
                continue
            taken = [other for at, other in enumerate(areas) if at != number]
            taken += [other for whose, found in (others or {}).items() if whose != id(holder) for other in found]
            if not any(other and touch(new, other) and not touch(area, other) for other in taken):
                words[number], changed = reference_of(new), True
        if changed:
            if key:
                holder.set(key, " ".join(words))
            else:
                holder.text = " ".join(words)
            self.changed = True

    def _join_printed(self, growth: _Growth):
        for name in self._names(_PRINTED):
            text = name.text or ""
            new = _NAMED_AREA.sub(lambda match: self._printed(match, growth), text)
            # a formula in place of areas stays
            if new != text and not _NAMED_AREA.sub("", text).replace(",", "").strip():
                name.text = new

    def _printed(self, match: re.Match, growth: _Growth) -> str:
        sheet, columns = match["sheet"], match["columns"]
        if _unquoted(sheet).casefold() != self.name.casefold():
            return match[0]
        if columns:
            first, last = columns.replace("$", "").split(":")
            area = area_of(f"{first}1:{last}{MOST_ROWS}")
            right = growth.to_the_right(area)
            return match[0] if right == area[3] else f"{sheet}!${first}:${letters_of(right)}"
        area = area_of(match["area"])
        right = growth.to_the_right(area)
        new = area[0], area[1], growth.to_the_bottom((*area[:3], right)), right
        return match[0] if new == area else f"{sheet}!{reference_of(new, fixed=True)}"

    def _names(self, wanted: str) -> list:
        """Defined names of this sheet."""
        names = child(self.parts.tree(self.parts.workbook), "definedNames")
        return [
            name
            for name in (names if names is not None else ())
            if local(name) == "definedName"
            and name.get("name", "").casefold() == wanted
            and name.get("localSheetId") == str(self.index)
        ]


class _Growth:
    """Which cells are new beside and beneath an area."""

    def __init__(self, cover: Cover, occupied: list[Area]):
        self.cover, self.occupied = cover, occupied
        #: areas whose edges are edges of what stood there, and the data of tables that grew, before and after
        self.blocks, self.tables = list(occupied), []

    def columns_beside(self, area: Area) -> Iterable[int]:
        """Columns at the right, one after the other, that held nothing and get something in the rows of an area."""
        top, _, bottom, column = area
        while column + 1 < MOST_COLUMNS:
            column += 1
            strip = top, column, bottom, column
            if not self.cover.touches(strip) or any(touch(strip, other) for other in self.occupied):
                return
            yield column

    def rows_beneath(self, area: Area) -> int:
        """The last of the rows beneath that held nothing and get something; the area's own last one without any."""
        _, left, bottom, right = area
        last = self.cover.down_from(bottom + 1, left, right)
        for other in self.occupied:
            if other[2] > bottom and touch((bottom + 1, left, last, right), other):
                last = min(last, max(other[0], bottom + 1) - 1)
        return last

    def to_the_right(self, area: Area) -> int:
        """The new right edge of what ended where all that stood there ended."""
        return max(self.columns_beside(area), default=area[3]) if self._ends(area, 3) else area[3]

    def to_the_bottom(self, area: Area) -> int:
        return self.rows_beneath(area) if self._ends(area, 2) else area[2]

    def _ends(self, area: Area, edge: int) -> bool:
        return any(block[edge] == area[edge] and touch(block, area) for block in self.blocks)

    def of_rule(self, area: Area) -> Area:
        """A range of a conditional format or a validation, as it becomes."""
        top, left, bottom, right = area
        for block in self.blocks:
            if left <= block[1] < block[3] == right and block[0] <= bottom and top <= block[2]:
                # a column is new by its header alone
                beside = self.columns_beside((min(block[0], top), left, max(block[2], bottom), right))
                right = max(beside, default=right)
                bottom = self.to_the_bottom((top, left, bottom, right))
                break
        for old, new in self.tables:
            if bottom == old[2] and old[1] <= left and area[3] <= old[3] and old[0] <= top < bottom:
                bottom = new[2]
        return top, left, bottom, right


def table_text(spelled: str) -> str:
    """The name of a table's column as its header cell has it."""
    return _one_break(decoded_text(spelled))


def _table_spelling(text: str) -> str:
    text = _LOOKS_SPELLED.sub("_x005F_", text)
    return re.sub("[\x00-\x1f\ufffe\uffff]", lambda match: f"_x{ord(match[0]):04x}_", text)


def _one_break(text: str) -> str:
    return text.replace("\r\n", "\n")


def _cell(spot: Spot) -> str:
    return reference_of(spot + spot)


def _place(sheet: str, spot: Spot) -> str:
    return f"工作表“{sheet}”的 {_cell(spot)}"


def _count(root, key: str, usual: int) -> int:
    text = root.get(key, "")
    return int(text) if text.isdigit() else usual


def _number(text: str | None) -> float | None:
    try:
        return float(text or "")
    except ValueError:
        return None


def _is_true(text: str | None) -> bool:
    return text in ("1", "true")


def _unquoted(sheet: str) -> str:
    return sheet[1:-1].replace("''", "'") if sheet.startswith("'") else sheet


def _sqref(holder, key: str) -> str:
    return (holder.get(key) if key else holder.text) or ""


def _areas(sqref: str) -> list[Area | None]:
    return [area_of(word) for word in sqref.split()]


def _by_cell(formats) -> bool:
    rules = [rule for rule in formats if local(rule) == "cfRule"]
    return bool(rules) and all(rule.get("type") in _BY_CELL for rule in rules)
