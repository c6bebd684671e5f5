"""New workbooks: with what was read from a file of another kind (.xls, .csv, a web page), or with one table."""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator, Sequence

from ..errors import CellError, LedgerError
from .encoding import MOST_TEXT, Encoder, Unwritable
from .grafting import FORBIDDEN, MOST_NAME
from .package import Package
from .parts import CONTENT_TYPES, OFFICE, RELATIONSHIPS, TYPES, Parts, child, named, rels_of
from .references import MOST_COLUMNS, MOST_ROWS, Area, letters_of
from .styles import DATE_FORMATS, Look, StyleBook

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.{}+xml"
_BOOK = "xl/workbook.xml"
_EMPTY = {
    TYPES: f'<Types xmlns="{CONTENT_TYPES}"><Default Extension="xml" ContentType="application/xml"/><Default '
    'Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/></Types>',
    rels_of(""): f'<Relationships xmlns="{RELATIONSHIPS}"/>',
    _BOOK: f'<workbook xmlns="{_MAIN}" xmlns:r="{OFFICE}"><bookViews><workbookView/></bookViews><sheets/></workbook>',
}
#: texts that become numbers, dates or formulas when somebody edits the cell, unless its format is that of texts
_FRAGILE = re.compile(r"[\d=+\-@.]")
_EXACT = 10**15
#: rows that say how wide a column is, and how wide it becomes at most, in characters
_LOOKED_AT, _WIDEST = 200, 40
_NARROWEST = 8


def fresh_workbook(book) -> bytes:
    """An .xlsx with the sheets of a Book, cell for cell: their values, merged cells, what is hidden.

    Texts stay texts, also those of digits or with "=" in front; whole numbers of 16 digits and more, which a cell
    cannot hold, become texts; a formula leaves its result. The sheets are called as `sheet_names` says.
    """
    parts = Parts(Package(_zipped(_EMPTY), book.path.name))
    styles = StyleBook(parts)
    parts.relate("", f"{OFFICE}/officeDocument", parts.add(_BOOK, parts.read(_BOOK), _TYPE.format("sheet.main")))
    entries = child(parts.tree(_BOOK), "sheets")
    names, hidden = sheet_names(book), [bool(sheet.hidden) for sheet in book.sheets]
    active = hidden.index(False) if False in hidden else 0
    for at, (name, sheet) in enumerate(zip(names, book.sheets)):
        data = b"".join(_sheet(sheet, styles, f"{book.path.name} 的「{name}」", at == active))
        part = parts.add(f"xl/worksheets/sheet{at + 1}.xml", data, _TYPE.format("worksheet"))
        entry = entries.makeelement(named(entries, "sheet"), {"name": name, "sheetId": str(at + 1)})
        if hidden[at] and at != active:
            entry.set("state", "hidden")
        entry.set(f"{{{OFFICE}}}id", parts.relate(_BOOK, "worksheet", part))
        entries.append(entry)
    if active:
        child(parts.tree(_BOOK), "bookViews")[0].set("activeTab", str(active))
    return _zipped({name: parts.read(name) for name in (TYPES, *(n for n in parts.names() if n != TYPES))})


def sheet_names(book) -> list[str]:
    """What the sheets are called in a workbook: titles of web pages and names of files cannot always be names there."""
    names: list[str] = []
    for number, sheet in enumerate(book.sheets, 1):
        wanted = FORBIDDEN.sub("_", sheet.name).strip().strip("'")
        if not wanted or wanted.lower() == "history":
            wanted = f"表{number}"
        name, again = _short(wanted, MOST_NAME), 2
        while name.casefold() in map(str.casefold, names):
            name = f"{_short(wanted, MOST_NAME - len(str(again)) - 1)}_{again}"
            again += 1
        names.append(name)
    return names


def _short(name: str, most: int) -> str:
    """Its beginning, characters counted as Excel does."""
    return name.encode("utf-16-le")[: 2 * most].decode("utf-16-le", "ignore")


def _zipped(members: dict[str, str | bytes]) -> bytes:
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in members.items():
            file.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
    return output.getvalue()


def table_workbook(
    name: str, headings: Sequence[str], widths: Sequence[float], rows: Iterable, epoch_1904: bool = False
) -> bytes:
    """An .xlsx of one sheet, made to be printed: headings and rows of texts (never taken for formulas), numbers, truth
    values, days, errors and blanks."""
    import xlsxwriter

    stream = io.BytesIO()
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "date_1904": epoch_1904}
    with xlsxwriter.Workbook(stream, options) as book:
        bold = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "vcenter"})
        top, wrapped = book.add_format({"valign": "top"}), book.add_format({"valign": "top", "text_wrap": True})
        day = book.add_format({"valign": "top", "align": "left", "num_format": DATE_FORMATS[dt.date]})
        sheet = book.add_worksheet(name)
        sheet.freeze_panes(1, 0)
        sheet.repeat_rows(0)
        sheet.set_landscape()
        sheet.set_paper(9)  # A4
        sheet.fit_to_pages(1, 0)
        for column, (heading, width) in enumerate(zip(headings, widths, strict=True)):
            sheet.set_column(column, column, width, top)
            sheet.write_string(0, column, heading, bold)
        for number, row in enumerate(rows, 1):
            for column, value in enumerate(row):
                if value is None or value == "":
                    continue
                if isinstance(value, CellError):
                    sheet.write_formula(number, column, f"={value.cell}", top, value.cell)
                elif isinstance(value, dt.date):
                    sheet.write_datetime(number, column, value, day)
                elif isinstance(value, str):
                    sheet.write_string(number, column, value[:MOST_TEXT], wrapped)
                elif isinstance(value, bool):
                    sheet.write_boolean(number, column, value, top)
                else:
                    sheet.write_number(number, column, value, top)
    return stream.getvalue()


# ---- a sheet


def _sheet(sheet, styles: StyleBook, place: str, active: bool) -> Iterator[bytes]:
    rows = sheet.rows
    width = max(map(len, rows), default=0)
    if len(rows) > MOST_ROWS or width > MOST_COLUMNS:
        much = f"{len(rows)}行{width}列，一张工作表最多有{MOST_ROWS}行{MOST_COLUMNS}列"
        raise LedgerError(f"{place}有{much}，写不成 .xlsx，请先拆成几个文件")
    yield f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<worksheet xmlns="{_MAIN}">'.encode()
    if width:
        yield f'<dimension ref="A1:{letters_of(width - 1)}{len(rows)}"/>'.encode()
    selected = ' tabSelected="1"' if active else ""
    yield f'<sheetViews><sheetView{selected} workbookViewId="0"/></sheetViews>'.encode()
    if width:
        columns = (
            f'<col min="{at + 1}" max="{at + 1}" width="{wide}" customWidth="1"{_hidden(at, sheet.hidden_columns)}/>'
            for at, wide in enumerate(_widths(rows, width))
        )
        yield f"<cols>{''.join(columns)}</cols>".encode()
    yield b"<sheetData>"
    yield from _rows(rows, sheet.hidden_rows, styles, place)
    yield b"</sheetData>"
    merged = "".join(
        f'<mergeCell ref="{letters_of(left)}{top + 1}:{letters_of(right)}{bottom + 1}"/>'
        for top, left, bottom, right in _apart(sheet.merged)
    )
    if merged:
        yield f"<mergeCells>{merged}</mergeCells>".encode()
    yield b"</worksheet>"


def _rows(rows: list[list], hidden: set[int], styles: StyleBook, place: str) -> Iterator[bytes]:
    encoder, letters = Encoder(), [letters_of(column) for column in range(max(map(len, rows), default=0))]
    formats = ("@", *DATE_FORMATS.values())
    looks = {"": b""} | {look: b' s="%d"' % styles.derive(0, Look(number_format=look)) for look in formats}
    for row, cells in enumerate(rows, 1):
        found = []
        for column, value in enumerate(cells):
            if value is None:
                continue
            value = _writable(value)
            try:
                kind, content = encoder.content(value)
            except Unwritable as why:
                raise LedgerError(f"{place}单元格{letters[column]}{row}写不进 .xlsx：{why}") from None
            if content:
                where = b"%b%d" % (letters[column].encode(), row)
                found.append(b'<c r="%b"%b%b>%b</c>' % (where, looks[_look(value)], kind, content))
        if found or row - 1 in hidden:
            yield b'<row r="%d"%b>%b</row>' % (row, _hidden(row - 1, hidden).encode(), b"".join(found))


def _writable(value):
    if value.__class__ is int and abs(value) >= _EXACT:
        return str(value)
    if value.__class__ in (dt.date, dt.datetime) and value.year < 1900:
        return str(value)
    return value


def _look(value) -> str:
    if value.__class__ is str:
        return "@" if _FRAGILE.match(value) else ""
    return DATE_FORMATS.get(value.__class__, "")


def _hidden(number: int, hidden: set[int]) -> str:
    return ' hidden="1"' if number in hidden else ""


def _widths(rows: list[list], width: int) -> list[int]:
    """Of the columns, so that what stands in their first rows can be read."""
    widest = [_NARROWEST] * width
    for cells in rows[:_LOOKED_AT]:
        for column, value in enumerate(cells):
            if value is not None:
                text = str(value)
                wide = len(text) + sum(character > "\u2e80" for character in text) + 2
                widest[column] = max(widest[column], wide)
    return [min(wide, _WIDEST) for wide in widest]


def _apart(merged: list[Area]) -> Iterator[Area]:
    """Merged areas that share no cell with one before: Excel takes a file with such areas for damaged."""
    taken: dict[int, list[tuple[int, int]]] = {}  # column -> first and last rows
    for top, left, bottom, right in merged:
        bottom, right = min(bottom, MOST_ROWS - 1), min(right, MOST_COLUMNS - 1)
        columns = [taken.setdefault(column, []) for column in range(left, right + 1)]
        if (top, left) != (bottom, right) and all(_free(spans, top, bottom) for spans in columns):
            for spans in columns:
                insort(spans, (top, bottom))
            yield top, left, bottom, right


def _free(spans: list[tuple[int, int]], top: int, bottom: int) -> bool:
    at = bisect_left(spans, (top, 0))
    return (at == len(spans) or spans[at][0] > bottom) and (at == 0 or spans[at - 1][1] < top)
