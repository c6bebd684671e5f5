"""The quick reader of a sheet: calamine, and a search of the sheet's bytes."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator

from .calamine import panics, plain_cells
from .cells import MOST_CELLS, Sheet, as_number, error_cell, hide_columns, merge, no_result, put, trimmed, unescaped
from .references import Spot, column_of
from .shared_formulas import Formulas

_ROOT = re.compile(rb"(?:\xef\xbb\xbf)?\s*(<\?xml[^>]*\?>)?\s*<(?:(\w+):)?worksheet[\s>]")
_CELL = re.compile(rb'<c r="([A-Z]{1,3})([1-9]\d{0,6})"([^>]*)>')
_ROW = re.compile(rb'<row r="([1-9]\d{0,6})"')
_TYPE = re.compile(rb'\st="(\w+)"')
_FORMULA = re.compile(rb"<f(\s[^>]*?)?(?:/>|>([^<]*)</f>)")
_USUAL_FORMULA = re.compile(rb'<c r="([A-Z]{1,3})([1-9]\d{0,6})"[^>]*><f>([^<]*)</f><v>[^<]')
_RESULT = re.compile(rb"<v(?:\s[^>]*)?>[^<]")
_ATTRIBUTE = re.compile(rb'([\w:]+)="([^"]*)"')
_BLANK_TEXTS = (
    b"<t/>", b"<t></t>", b'<t xml:space="preserve"/>', b'<t xml:space="preserve"></t>', b"<is/>", b"<is></is>",
)  # fmt: skip


class _Unusual(Exception):
    """The XML is not written the way the search of bytes relies on."""


def read_quickly(sheet: Sheet, data: bytes, workbook, empties: list[int]) -> bool:
    """Whether the sheet could be read quickly. calamine works in a thread of its own; it holds no lock meanwhile."""
    from concurrent.futures import ThreadPoolExecutor

    def values() -> list[list]:
        with panics():
            return workbook.get_sheet_by_name(sheet.name).to_python(skip_empty_area=False)

    try:
        search = _Search(data)
        if search.extent() > MOST_CELLS:  # calamine would make every cell between
            return False
        if len(data) > 1 << 20:
            with ThreadPoolExecutor(1) as pool:
                coming = pool.submit(values)
                search.mark(sheet, empties)
                rows = coming.result()
        else:
            search.mark(sheet, empties)
            rows = values()
        search.put(plain_cells(rows), sheet)
    except Exception:  # the thorough reader says what is wrong, if anything is
        return False
    return True


class _Search:
    def __init__(self, data: bytes):
        root = _ROOT.match(data)
        if not root or (root[1] and not re.search(rb"encoding=.utf-8.|^(?!.*encoding)", root[1], re.IGNORECASE)):
            raise _Unusual
        after = root.end(1) if root[1] else 0
        if data.find(b"<!", after) >= 0 or data.find(b"<?", after) >= 0:
            raise _Unusual
        if root[2]:  # no text holds a "<"
            data = data.replace(b"<%b:" % root[2], b"<").replace(b"</%b:" % root[2], b"</")
        self.data = data
        self.marks: dict[Spot, object] = {}
        self.negative: list[tuple[Spot, bytes, bytes]] = []
        self.start, self.end = data.find(b"<sheetData"), data.rfind(b"</sheetData>")
        if self.start < 0:
            raise _Unusual
        if self.end < 0:  # <sheetData/>
            self.end = self.start
        cells, rows = (data.count(tag, self.start, self.end) for tag in (b"<c", b"<row"))
        self.row_starts = list(self.places(b'<row r="'))
        if cells != data.count(b'<c r="', self.start, self.end) or rows != len(self.row_starts):
            raise _Unusual
        if any(self.tag(place) for place in self.places(b"='")):  # in a text it may stand
            raise _Unusual

    def places(self, wanted: bytes) -> Iterator[int]:
        place = self.data.find(wanted, self.start, self.end)
        while place >= 0:
            yield place
            place = self.data.find(wanted, place + 1, self.end)

    def extent(self) -> int:
        """Rows × columns that the cells span."""
        data, last_row, last_column = self.data, 0, 0
        for start, end in zip(self.row_starts, [*self.row_starts[1:], self.end]):
            found = data.rfind(b'<c r="', start, end)
            if found >= 0:
                cell = _CELL.match(data, found)
                last_row, last_column = max(last_row, int(cell[2])), max(last_column, column_of(cell[1]) + 1)
        return last_row * last_column

    def cell(self, place: int) -> tuple[Spot, bytes, bytes]:
        """The cell around a place: where, its type, what it contains."""
        data = self.data
        found = _CELL.match(data, data.rfind(b'<c r="', self.start, place + 1))
        if not found:
            raise _Unusual
        kind = _TYPE.search(found[3])
        inside = b"" if found[3].endswith(b"/") else data[found.end() : data.find(b"</c>", found.end())]
        return (int(found[2]) - 1, column_of(found[1])), kind[1] if kind else b"n", inside

    def tag(self, place: int) -> bytes:
        """The start tag that a place lies in, or b"" if it lies in a text."""
        tag = self.data[self.data.rfind(b"<", self.start, place) : place]
        return b"" if b">" in tag else tag

    def mark(self, sheet: Sheet, empties: list[int]):
        """Find what calamine leaves out."""
        data, marks = self.data, self.marks
        for wanted in (b"<v></v>", b"<v/>", *(b"<v>%d</v>" % index for index in empties)):
            for place in self.places(wanted):
                spot, kind, _ = self.cell(place)
                if kind == (b"s" if wanted[3:4].isdigit() else b"str"):
                    marks[spot] = ""
        if data.find(b'"inlineStr"', self.start, self.end) >= 0:
            for wanted in _BLANK_TEXTS:
                for place in self.places(wanted):
                    spot, kind, inside = self.cell(place)
                    if kind == b"inlineStr" and not re.sub(rb"<[^>]*>", b"", inside):
                        marks[spot] = ""
        formulas = Formulas()
        for place in self.places(b"<f"):
            if data[place + 2 : place + 3] not in (b">", b" ", b"/"):
                raise _Unusual
            usual = _USUAL_FORMULA.match(data, data.rfind(b"<c", self.start, place))
            if usual:  # with a result, for this cell alone
                column, row, text = usual.groups()
                formulas.found[int(row) - 1, column_of(column)] = f"={unescaped(text.decode('utf-8'))}"
                continue
            spot, kind, inside = self.cell(place)
            found = _FORMULA.search(inside)
            attrs = {key.decode(): value.decode() for key, value in _ATTRIBUTE.findall(found[1])} if found[1] else {}
            formulas.add(spot, unescaped((found[2] or b"").decode("utf-8")), attrs.get("t", ""), attrs)
            if not _RESULT.search(inside):
                marks[spot] = "" if kind == b"str" else no_result()
        for place in self.places(b't="e"'):
            if self.tag(place).startswith(b'<c r="'):
                spot, kind, inside = self.cell(place)
                shown = re.search(rb"<v>([^<]+)", inside)
                if shown:
                    marks[spot] = error_cell(shown[1].decode("utf-8"))
        self.negative = [self.cell(place) for place in self.places(b"<v>-")]
        for start in self.row_starts:
            tag = data[start : data.find(b">", start)]
            if b' hidden="1"' in tag or b' hidden="true"' in tag or b' ht="0"' in tag:
                sheet.hidden_rows.add(int(_ROW.match(tag)[1]) - 1)
        for tag in re.findall(rb"<col\s([^>]*)>", data[: self.start]):
            hide_columns(sheet, {key.decode(): value.decode() for key, value in _ATTRIBUTE.findall(tag)})
        for reference in re.findall(rb'<mergeCell\s[^>]*?ref="([^"]*)"', data[self.end :]):
            merge(sheet, reference.decode())
        sheet.formulas = formulas.done()

    def put(self, rows: list[list], sheet: Sheet):
        """Set it among calamine's values."""
        for spot, value in self.marks.items():
            put(rows, spot, value)
        for (row, column), _, inside in self.negative:  # calamine's dates know no sign
            if row < len(rows) and column < len(rows[row]) and isinstance(rows[row][column], dt.time):
                rows[row][column] = as_number(float(re.search(rb"<v>([^<]*)", inside)[1]))
        sheet.rows = trimmed(rows)
