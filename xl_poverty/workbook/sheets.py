"""One sheet of a workbook, rewritten while it streams by: what stands before its rows, its rows, what stands behind."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Set
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain

from ..errors import LedgerError
from .archive import Packed, Packer
from .changes import Edits
from .encoding import Encoder
from .formula_cells import FormulaCell, FormulaReader, attributes
from .frame import Frame, Tables
from .parts import Parts, child, local, parsed
from .protection import sheet_locked, sheet_protected
from .references import Spot, area_of, letters_of
from .refusals import damaged
from .rows import Rows
from .styles import StyleBook
from .xml_text import Unusual, root_of

#: bytes before the rows, at most
_MOST_HEAD = 1 << 24
_LARGE = 1 << 22


class Protected(LedgerError):
    """A workbook or sheet that somebody protected; the results have to go elsewhere."""


@dataclass
class Rewritten:
    """A sheet's part as it will be; what stands before its rows, and behind."""

    packed: Packed
    formulas: list[FormulaCell]
    formula_gone: bool
    head: bytes
    tail: bytes
    groups_gone: dict[str, str]  # shared formulas that lost the cell that held them, and which that was


class Sheet:
    """A worksheet of the package: its place among the sheets, name, part. `unlocking`: see `write_cells`."""

    def __init__(self, parts: Parts, index: int, name: str, part: str, unlocking: bool = False):
        self.parts, self.index, self.name, self.part, self.unlocking = parts, index, name, part, unlocking
        self.tables = Tables(parts, part, name)

    def formulas(self) -> list[FormulaCell]:
        """Its formulas, row by row, as the package has them."""
        try:
            return list(_formulas(self._pieces()))
        except Unusual:
            with self._sound():
                return list(_formulas([self._usual()[0]]))

    def rewrite(
        self, edits: Edits, styles: StyleBook, epoch_1904: bool, packer: Callable[[], Packer],
        before: Rewritten | None = None, stale: Set[Spot] = frozenset(),
    ) -> Rewritten:  # fmt: skip
        """Its part with the edits, and without the results of the `stale` formulas. Raises LedgerError.

        before  what came of it once already: what stands around the rows is not changed again
        """
        given = edits, styles, epoch_1904
        try:
            made = self._rewrite(self._pieces(), *given, packer(), before, stale)
        except Unusual:
            with self._sound():
                data, remarks = self._usual()
                made = self._rewrite([data], *given, _Restoring(packer(), remarks), before, stale)
        for cell in made.formulas:
            spot = cell.row, cell.column
            if cell.group in made.groups_gone and not edits.covers((*spot, *spot)):
                where, first = f"{letters_of(spot[1])}{spot[0] + 1}", made.groups_gone[cell.group]
                raise LedgerError(
                    f"工作表“{self.name}”{first}：{where}等单元格与这里共用一个公式，只改这里它们也会变；"
                    "请写到别处，或把这些单元格一起写"
                )
        return made

    @contextmanager
    def _sound(self):
        """What is unusual in the usual form, too, is no sheet."""
        try:
            yield
        except Unusual:
            raise damaged(self.parts.package.name, f"工作表“{self.name}”的内容") from None

    def _pieces(self) -> Iterable[bytes]:
        package = self.parts.package
        if package.size(self.part) > _LARGE:
            return package.pieces(self.part)
        data = package.read(self.part)
        self._check(data)
        return [data]

    def _check(self, data: bytes):
        """Raises LedgerError where the XML is none, or programs could read different cells out of it. A large sheet is
        looked at only where it is written to."""
        inside, row, column = False, 0, -1
        name = f"{self.parts.package.name} 的工作表“{self.name}”"

        def start(tag: str, attrs: dict):
            nonlocal inside, row, column
            if tag == "sheetData":
                inside = True
            elif inside and tag == "row":
                before, row, column = row, int(attrs.get("r") or row + 1), -1
                if row <= before:
                    raise damaged(name, f"第{before}行后面是第{row}行")
            elif inside and tag == "c":
                place = area_of(attrs.get("r") or f"{letters_of(column + 1)}{row}")
                if place is None or place[0] + 1 != row or place[1] <= column:
                    raise damaged(name, f"第{row}行的单元格次序不对")
                column = place[1]

        def end(tag: str):
            nonlocal inside
            inside = inside and tag != "sheetData"

        try:
            self.parts.package.events(data, start, end, None)
        except ValueError:
            raise damaged(name, "行号不是数") from None

    def _usual(self) -> tuple[bytes, list[bytes]]:
        """The sheet's XML in UTF-8, with the place of every row and cell; its remarks are numbered, so that nothing in
        them looks like a cell."""
        from lxml import etree

        package = self.parts.package
        root = parsed(package.read(self.part))
        if root is None:
            raise damaged(package.name, self.part)
        remarks = []
        for found in list(root.iter(etree.Comment, etree.PI)):
            number = etree.Comment(f"{len(remarks)}")
            number.tail, found.tail = found.tail, None
            remarks.append(etree.tostring(found, encoding="UTF-8"))
            found.getparent().replace(found, number)
        row_number = 0
        rows = child(root, "sheetData")
        for row in () if rows is None else rows.iterchildren("*"):
            stated = row.get("r", str(row_number + 1))
            if local(row) != "row" or not stated.isdigit():
                raise damaged(package.name, self.part)
            row_number = int(stated)
            row.set("r", stated)
            column = -1
            for cell in row.iterchildren("*"):
                if local(cell) == "c":
                    place = area_of(cell.get("r", f"{letters_of(column + 1)}{stated}"))
                    if place is None:
                        raise damaged(package.name, self.part)
                    column = place[1]
                    cell.set("r", f"{letters_of(column)}{stated}")
        return etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True), remarks

    def _rewrite(self, pieces, edits, styles, epoch_1904, packer, before, stale) -> Rewritten:
        old_head, prefix, pieces = _cut_head(pieces, self.parts.package.name)
        head = before.head if before else self._head(old_head, prefix, edits)
        packer.write(head)
        rows = Rows(self.name, edits, Encoder(prefix, epoch_1904), styles, _column_styles(old_head), stale)
        tail = b""
        for piece in pieces:
            if tail:
                tail += piece
                continue
            written, tail = rows.feed(piece)
            packer.write(written)
        if not tail:
            raise damaged(self.parts.package.name, self.part)
        tail = before.tail if before else self._tail(old_head, prefix, tail, edits, rows.formulas)
        packer.write(tail)
        return Rewritten(packer.done(), rows.formulas, rows.formula_gone, head, tail, rows.groups_gone)

    # ---- what stands around the rows

    def _head(self, head: bytes, prefix: bytes, edits: Edits) -> bytes:
        """What stands before the rows. Headers that a table wants otherwise change in the edits."""
        frame = self._frame(head, b"</%bsheetData></%bworksheet>" % (prefix, prefix), prefix)
        if edits.occupied is None:
            dimension = child(frame.root, "dimension")
            area = None if dimension is None else area_of(dimension.get("ref", ""))
            edits.occupied = [area] if area and area[:2] != area[2:] else []
        barred = [*edits.merges, *edits.arrays]
        edits.override(self.tables.join(edits.areas, edits.occupied, edits.value_at, barred))
        for area in edits.areas:
            frame.widen_dimension(area)
        for column, width in edits.widths.items():
            frame.set_width(column - 1, width)
        for column, width in edits.least_widths.items():
            if frame.width_of(column - 1) < width:
                frame.set_width(column - 1, width)
        if frame.changed:
            head = _serialised(frame, prefix, _prolog(head))[0]
        return head + b"<%bsheetData>" % prefix

    def _tail(self, head: bytes, prefix: bytes, tail: bytes, edits: Edits, formulas) -> bytes:
        frame = self._frame(head, tail, prefix)
        # that a result is no longer true may be said of a protected formula
        if edits and sheet_locked(frame.root, self.unlocking):
            raise Protected(sheet_protected(self.name))
        arrays = [cell.area for cell in formulas if cell.area and cell.kind in ("array", "dataTable")]
        arrays = [area for area in arrays if not edits.covers(area)]
        frame.check(edits.areas, edits.value_at, arrays)
        for merge in edits.merges:
            frame.merge(merge)
        frame.join(edits.areas, edits.occupied)
        return b"</%bsheetData>" % prefix + _serialised(frame, prefix)[1] if frame.changed else tail

    def _frame(self, head: bytes, tail: bytes, prefix: bytes) -> Frame:
        root = parsed(b"%b<%bsheetData>%b" % (head, prefix, tail))
        if root is None:
            raise damaged(self.parts.package.name, self.part)
        return Frame(self.parts, self.tables, root, self.name, self.index)


class _Restoring:
    """A packer of XML whose remarks are numbered: they become what they were."""

    def __init__(self, packer: Packer, remarks: list[bytes]):
        self.packer, self.remarks = packer, remarks

    def write(self, data: bytes):
        self.packer.write(re.sub(rb"<!--(\d+)-->", lambda match: self.remarks[int(match[1])], data))

    def done(self) -> Packed:
        return self.packer.done()


def _prolog(head: bytes) -> bytes:
    """What stands before the root."""
    return head[: re.search(rb"<[\w:]*worksheet\b", head).start()]


def _serialised(frame: Frame, prefix: bytes, prolog: bytes = b"") -> tuple[bytes, bytes]:
    """What stands before and behind the rows."""
    from lxml import etree

    head, _, tail = etree.tostring(frame.root, encoding="UTF-8").partition(b"<%bsheetData/>" % prefix)
    head = head[head.index(b"<", 1) :] if head.startswith(b"<?xml") else head
    return prolog + head, tail


def _cut_head(pieces: Iterable[bytes], name: str) -> tuple[bytes, bytes, Iterator[bytes]]:
    """(what stands before the rows, the prefix of names, the rows and what follows). Raises Unusual."""
    pieces, head = iter(pieces), b""
    for piece in pieces:
        head += piece
        found = re.search(rb"<(\w+:)?sheetData\b[^>]*>", head)
        if found:
            break
        if len(head) > _MOST_HEAD:
            raise damaged(name)
    else:
        raise Unusual
    prefix = root_of(head, b"worksheet")[1]
    if prefix != (found[1] or b"") or b"<!" in re.sub(rb"<!--[^<>]*-->", b"", head[: found.start()]):
        raise Unusual
    rest = head[found.end() :]
    if found[0].endswith(b"/>"):
        rest = b"</%bsheetData>" % prefix + rest
    return head[: found.start()], prefix, chain([rest], pieces)


def _column_styles(head: bytes) -> list[tuple[int, int, int]]:
    found = []
    for tag in re.findall(rb"<(?:\w+:)?col\s[^>]*>", head):
        attrs = attributes(tag)
        if attrs.get("style", "0") not in ("", "0"):
            found.append((int(attrs["min"]) - 1, int(attrs["max"]) - 1, int(attrs["style"])))
    return found


def _formulas(pieces: Iterable[bytes]) -> Iterator[FormulaCell]:
    _, prefix, pieces = _cut_head(pieces, "")
    reader, close, waiting = FormulaReader(prefix), b"</%brow>" % prefix, b""
    for piece in pieces:
        waiting += piece
        cut = waiting.rfind(close) + 1
        if cut:
            yield from reader.read(waiting[:cut])
            waiting = waiting[cut:]
        elif len(waiting) > 2 * len(piece) and reader.mark not in waiting:
            waiting = waiting[-len(close) - len(reader.mark) :]
