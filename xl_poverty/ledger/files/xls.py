"""A workbook in .xls: calamine, and the records of its stream for what calamine does not tell."""

from __future__ import annotations

import io
import struct
from contextlib import contextmanager
from dataclasses import dataclass, field

from ...errors import CellError, LedgerError
from ...workbook.references import Spot
from ...workbook.refusals import damaged, no_workbook
from .cells import EXACT, error_cell, put, trimmed
from .sheet import Sheet

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
#: stands in every .xls that LibreOffice saved, in whatever language; it stores 0 for a formula that results in a text
_LIBREOFFICE = b"Microsoft Excel 97-Tabelle"
UNSURE_ZERO = (
    "LibreOffice 存的 .xls 不保留文字公式的结果，分不清是 0 还是文字；请用 LibreOffice 打开原文件，另存为 .xlsx"
)
_XLS_CELLS = frozenset((0x06, 0x7E, 0xBD, 0xD6, 0xFD, 0x0203, 0x0204, 0x0205, 0x027E))
_XLS_ERRORS = {0: "#NULL!", 7: "#DIV/0!", 15: "#VALUE!", 23: "#REF!", 29: "#NAME?", 36: "#NUM!", 42: "#N/A"}


def read_xls(content: bytes, name: str) -> list[Sheet]:
    import python_calamine

    locked = f"{name} 加了密码，请用密码打开，另存为不加密的文件后再试"
    try:
        streams = _Streams(content)
        if "encryptedpackage" in streams.found:
            raise LedgerError(locked)
        stream = streams.read("workbook") or streams.read("book")
    except (struct.error, IndexError, ValueError):
        raise damaged(name) from None
    if stream is None:
        if "worddocument" in streams.found:
            raise LedgerError(f"{name} 是 Word 文档，请把其中的表格复制到 Excel，存为 .xlsx 后再试")
        if name.lower().endswith(".et"):
            raise LedgerError(f"{name} 是 WPS 自己的格式，请用 WPS 打开，另存为 .xlsx 后再试")
        raise LedgerError(no_workbook(name))
    try:
        marks = _xls_marks(stream)
        if marks is None:
            raise LedgerError(locked)
        with _panics():
            workbook = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
        metadata = workbook.sheets_metadata
        if len(metadata) != len(marks):
            raise damaged(name, "工作表数目不一致")
        with _panics():
            return [
                _xls_sheet(workbook, about, found, _LIBREOFFICE in content)
                for about, found in zip(metadata, marks)
                if about.typ == python_calamine.SheetTypeEnum.WorkSheet
            ]
    except python_calamine.PasswordError:
        raise LedgerError(locked) from None
    except (python_calamine.CalamineError, struct.error, IndexError, ValueError):
        raise damaged(name) from None


@contextmanager
def _panics():
    """A damaged file can make calamine panic, which is no Exception."""
    try:
        yield
    except BaseException as error:
        if type(error).__name__ == "PanicException":
            raise ValueError("damaged") from None
        raise


def _plain_cells(rows: list[list]) -> list[list]:
    """Cells as a Sheet has them; calamine's blanks are "", and all its numbers floats."""
    return [
        [
            (cell or None) if cell.__class__ is str
            else int(cell) if cell.__class__ is float and cell.is_integer() and -EXACT < cell < EXACT
            else cell
            for cell in row
        ]
        for row in rows
    ]  # fmt: skip


def _xls_sheet(workbook, about, marks: _Marks, by_libreoffice: bool) -> Sheet:
    found = workbook.get_sheet_by_name(about.name)
    rows = _plain_cells(found.to_python(skip_empty_area=False))
    for spot in marks.texts:
        row, column = spot
        if row >= len(rows) or column >= len(rows[row]) or rows[row][column] is None:
            put(rows, spot, "")
    for spot in marks.zeros if by_libreoffice else ():
        put(rows, spot, CellError("excel_error", UNSURE_ZERO, "#N/A"))
    for spot, code in marks.errors.items():
        put(rows, spot, error_cell(_XLS_ERRORS.get(code, "#UNKNOWN!")))
    merged = [(*top_left, *bottom_right) for top_left, bottom_right in found.merged_cell_ranges or ()]
    return Sheet(
        about.name, trimmed(rows), merged, str(about.visible).rpartition(".")[2] != "Visible",
        marks.hidden_rows, marks.hidden_columns, dict.fromkeys(marks.formulas, "="),
    )  # fmt: skip


# ---- the records


@dataclass
class _Marks:
    """What calamine does not tell of a sheet of an .xls."""

    errors: dict[Spot, int] = field(default_factory=dict)
    formulas: set[Spot] = field(default_factory=set)
    texts: set[Spot] = field(default_factory=set)  # cells that hold a text, be it empty
    zeros: set[Spot] = field(default_factory=set)  # formulas with the number 0 as result
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)


def _xls_marks(stream: bytes) -> list[_Marks] | None:
    """One per sheet, in their order; None if the workbook is encrypted."""
    unpack = struct.unpack_from
    starts, place = [], 0
    while place + 4 <= len(stream):
        record, length = unpack("<HH", stream, place)
        if record == 0x2F:  # FILEPASS
            return None
        if record == 0x85:  # BOUNDSHEET
            starts.append(unpack("<I", stream, place + 4)[0])
        if record == 0x0A:
            break
        place += 4 + length
    return [_xls_sheet_marks(stream, start) for start in starts]


def _xls_sheet_marks(stream: bytes, place: int) -> _Marks:
    marks, depth, unpack = _Marks(), 0, struct.unpack_from
    while place + 4 <= len(stream):
        record, length = unpack("<HH", stream, place)
        body = place + 4
        place = body + length
        if record == 0x0809:  # BOF: a chart inside the sheet has its own
            depth += 1
        elif record == 0x0A:
            depth -= 1
            if depth <= 0:
                break
        elif depth != 1:
            continue
        if record in _XLS_CELLS and unpack("<H", stream, body + 2)[0] > 255:
            raise ValueError("column")
        if record == 0xFD:  # LABELSST
            marks.texts.add(unpack("<HH", stream, body))
        elif record == 0x0006:  # FORMULA
            spot = unpack("<HH", stream, body)
            marks.formulas.add(spot)
            if stream[body + 12 : body + 14] == b"\xff\xff":
                kind = stream[body + 6]
                if kind == 2:
                    marks.errors[spot] = stream[body + 8]
                elif kind != 1:
                    marks.texts.add(spot)
            elif stream[body + 6 : body + 14] == bytes(8):
                marks.zeros.add(spot)
        elif record == 0x0205:  # BOOLERR
            row, column, _, value, is_error = unpack("<HHHBB", stream, body)
            if is_error:
                marks.errors[row, column] = value
        elif record == 0x0208:  # ROW
            if unpack("<H", stream, body + 12)[0] & 0x20:
                marks.hidden_rows.add(unpack("<H", stream, body)[0])
        elif record == 0x7D:  # COLINFO
            first, last, width, _, options = unpack("<5H", stream, body)
            if options & 1 or not width:
                marks.hidden_columns.update(range(first, min(last, 255) + 1))
    return marks


# ---- the streams


class _Streams:
    """The streams of an OLE file."""

    def __init__(self, content: bytes):
        self.content = content
        shift, small_shift = struct.unpack_from("<HH", content, 30)
        if shift not in (9, 12) or small_shift != 6:
            raise ValueError("sector size")
        self.size = 1 << shift
        (directory,) = struct.unpack_from("<I", content, 48)
        self.cutoff, small, _, more, count = struct.unpack_from("<5I", content, 56)
        tables = list(struct.unpack_from("<109I", content, 76))
        for _ in range(count):
            if more >= 0xFFFFFFFA:
                break
            sector = self._sector(more)
            *found, more = struct.unpack(f"<{self.size // 4}I", sector)
            tables += found
        self.next: list[int] = []
        for sector in tables:
            if sector < 0xFFFFFFFA:
                self.next += struct.unpack(f"<{self.size // 4}I", self._sector(sector))
        chain = self._chain(small)
        self.small_next = struct.unpack(f"<{len(chain) // 4}I", chain)
        self.found: dict[str, tuple[int, int]] = {}
        entries = self._chain(directory)
        self.small = b""
        for place in range(0, len(entries), 128):
            length, kind = struct.unpack_from("<HB", entries, place + 64)
            first, size = struct.unpack_from("<II", entries, place + 116)
            title = entries[place : place + max(length - 2, 0)].decode("utf-16-le", "replace").lower()
            if kind == 5:
                self.small = self._chain(first)
            elif kind == 2:
                self.found.setdefault(title, (first, size))

    def _sector(self, number: int) -> bytes:
        start = (number + 1) * self.size
        return self.content[start : start + self.size].ljust(self.size, b"\0")

    def _chain(self, first: int) -> bytes:
        parts, seen = [], set()
        while first < 0xFFFFFFFA:
            if first in seen:
                raise ValueError("loop")
            seen.add(first)
            parts.append(self._sector(first))
            first = self.next[first]
        return b"".join(parts)

    def read(self, title: str) -> bytes | None:
        if title not in self.found:
            return None
        first, size = self.found[title]
        if size >= self.cutoff:
            return self._chain(first)[:size]
        parts, seen = [], set()
        while first < 0xFFFFFFFA and first not in seen:
            seen.add(first)
            parts.append(self.small[first * 64 : first * 64 + 64])
            first = self.small_next[first]
        return b"".join(parts)[:size]
