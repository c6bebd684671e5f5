"""Rows by the hundred thousand for one sheet of a workbook that was built without them, written as they come."""

from __future__ import annotations

import datetime as dt
import io
import re
import tempfile
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from typing import BinaryIO

from .archive import Archive, Packed, Packer
from .encoding import MOST_TEXT, Encoder, Unwritable
from .package import Package
from .parts import Parts, child
from .references import letters_of
from .styles import DATE_FORMATS, Look, StyleBook

#: stands for the number of the row in a cell's XML; no XML holds it
ROW = b"\0"
#: rows that are put together before they are deflated
_AT_A_TIME = 500
#: texts that become numbers, dates or formulas when somebody edits the cell, unless its format is that of texts
_NUMBERS = {int, float}
_FRAGILE = frozenset("0123456789=+-@.")


class LongSheet:
    """One sheet of a workbook. The rows come behind those that it has already.

    workbook  as `page_workbook` makes it
    """

    def __init__(self, workbook: bytes, sheet: str):
        self.parts = Parts(Package(workbook, sheet))
        self.sheet = next(at for at, (name, _, _) in enumerate(self.parts.sheets()) if name == sheet)
        self.part = self.parts.sheets()[self.sheet][1]
        styles = StyleBook(self.parts)
        self._text = b' s="%d"' % styles.derive(0, Look(number_format="@"))
        looks = {kind: styles.derive(0, Look(number_format=text)) for kind, text in DATE_FORMATS.items()}
        self._dates = {kind: b' s="%d"' % number for kind, number in looks.items()}
        self._encoder = Encoder()

    def cells(self, column: int, values: Sequence) -> list[bytes]:
        """The XML of values in a column (from 0), each with ROW for the number of its row; b"" for a blank. Texts stay
        texts, numbers numbers, also those of more digits than spreadsheet programs keep. Raises Unwritable."""
        start = f'<c r="{letters_of(column)}{ROW.decode()}"'
        return self._alike(start, values) or [self._cell(start.encode(), value) for value in values]

    def _alike(self, start: str, values: Sequence) -> list[bytes] | None:
        """The same of a blank and plain values of one kind, made all at once; None for other values."""
        kinds, rest = set(map(type, values[1:])), values[1:]
        if values[:1] != [None] or not rest:
            return None
        if kinds <= _NUMBERS:
            made = [f"{start}><v>{value!r}</v></c>" for value in rest]
        elif kinds == {str} and all(rest) and "".join(rest).isalnum() and max(map(len, rest)) < MOST_TEXT:
            first = {value[0] for value in rest}
            if not (first <= _FRAGILE or first.isdisjoint(_FRAGILE)):
                return None
            start += (self._text.decode() if first <= _FRAGILE else "") + ' t="inlineStr"><is><t>'
            made = [f"{start}{value}</t></is></c>" for value in rest]
        else:
            return None
        return [b"", *"\n".join(made).encode().split(b"\n")]

    def _cell(self, start: bytes, value) -> bytes:
        look = self._dates.get(value.__class__, b"")
        if value.__class__ is int:  # also of more digits than spreadsheet programs keep
            return start + b"><v>%d</v></c>" % value
        if value.__class__ is str:
            look = self._text if value[:1] in _FRAGILE else b""
            if value.isalnum() and len(value) < MOST_TEXT:
                return start + look + b' t="inlineStr"><is><t>%b</t></is></c>' % value.encode()
        kind, content = self._content(value)
        return start + look + kind + b">" + content + b"</c>" if content else b""

    def _content(self, value) -> tuple[bytes, bytes]:
        if isinstance(value, dt.date):
            try:
                return self._encoder.content(value)
            except Unwritable:  # before 1900
                return self._encoder.content(str(value))
        return self._encoder.content(value)

    def write(self, output: BinaryIO, rows: Iterable[Sequence[bytes]], merges: Iterable[str] = ()):
        """Write the workbook with these rows, cells as `cells` gives them, in order. Raises zipfile.LargeZipFile."""
        self._unprinted()
        head, last, tail = self._around(merges)
        source = io.BytesIO(self.parts.package.content)
        changed = self.parts.changed()
        archive = Archive(output)
        with tempfile.TemporaryFile() as packed, zipfile.ZipFile(source) as old:
            for info in old.infolist():
                if info.filename == self.part:
                    long = self._packed(packed, head, _numbered(rows, last + 1), tail)
                    archive.add(info.filename, long, info)
                elif info.filename in changed:
                    packed.seek(0, 2)
                    packer = Packer(packed)
                    packer.write(changed[info.filename])
                    archive.add(info.filename, packer.done(), info)
                else:
                    archive.copy(source, info)
            archive.close(old.comment)

    def _packed(self, file: BinaryIO, head: bytes, blocks: Iterator[bytes], tail: bytes) -> Packed:
        """Deflated by another thread, while the next rows are put together."""
        packer, waiting = Packer(file), None
        with ThreadPoolExecutor(1) as other:
            for block in chain((head,), blocks, (tail,)):
                if waiting:
                    waiting.result()
                waiting = other.submit(packer.write, block)
            waiting.result()
        return packer.done()

    def _unprinted(self):
        """The sheet's print area is that of the rows that it had; without one all of it is printed."""
        names = child(self.parts.tree(self.parts.workbook), "definedNames")
        for entry in list(names) if names is not None else ():
            if entry.get("name") == "_xlnm.Print_Area" and entry.get("localSheetId") == str(self.sheet):
                names.remove(entry)

    def _around(self, merges: Iterable[str]) -> tuple[bytes, int, bytes]:
        """(what stands before the new rows, the number of the last row there is, what stands behind)."""
        data = self.parts.read(self.part)
        head, _, tail = data.partition(b"</sheetData>")
        head = re.sub(rb"<dimension [^>]*/>", b"", head)
        last = max(map(int, re.findall(rb'<row r="(\d+)"', head)), default=0)
        merged = b"".join(b'<mergeCell ref="%b"/>' % area.encode() for area in merges)
        tail = b"</sheetData>" + tail
        if merged:
            behind = re.match(rb"</sheetData>(?:<autoFilter[^>]*?(?:/>|>.*?</autoFilter>))?", tail, re.DOTALL).end()
            tail = b"%b<mergeCells>%b</mergeCells>%b" % (tail[:behind], merged, tail[behind:])
        return head, last, tail


def _numbered(rows: Iterable[Sequence[bytes]], first: int) -> Iterator[bytes]:
    """The XML of rows, many at a time."""
    found = []
    for number, cells in enumerate(rows, first):
        text = b"%d" % number
        found.append(b'<row r="%b">' % text)
        found.append(b"".join(cells).replace(ROW, text))
        found.append(b"</row>")
        if len(found) == 3 * _AT_A_TIME:
            yield b"".join(found)
            found.clear()
    yield b"".join(found)
