"""The rows of a sheet, rewritten while they stream by: only the cells that are written to become others.

Three ways, each for what the one before leaves: cells behind the last one of a row are put there; cells that stand
where their reference says are exchanged; else all cells of the row are gone through one by one.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Set
from dataclasses import replace
from itertools import chain, repeat

from ..errors import LedgerError
from .changes import NEVER, Edit, Edits
from .encoding import Encoder, Formula, Unwritable
from .formula_cells import FormulaCell, FormulaReader, attributes
from .recalculation import dynamic_array_mark
from .references import MOST_ROWS, Spot, area_of, column_of, letters_of
from .refusals import damaged
from .styles import Look, StyleBook, date_format
from .xml_text import Unusual

#: bytes without the end of a row, at most; a row of 16,384 long texts has more, and goes the thorough way
_MOST_WAITING = 1 << 26
#: a comment without what could be taken for a tag
_REMARK = rb"<!--[^<>]*-->"
#: different values of a column that are kept encoded
_MOST_KNOWN = 4096
_MASTERS = {"array": "数组公式", "dataTable": "模拟运算表"}
_END_OF_TAG = ord(">")
_SPANS = re.compile(rb'\sspans="(\d+):(?:[\d: ]*:)?(\d+)"')
_USUAL = {str, int, float, bool, type(None), Formula}
_QUOTED = Look(quoted=True)


class Rows:
    """Rewrites the rows of one sheet.

    prefix         of the names in its XML, with the colon
    column_styles  (first column, last column, style) of columns that have one
    stale          cells whose formulas lose the results that they show
    formulas       all formulas that the sheet had
    formula_gone   whether a formula was overwritten
    groups_gone    groups of shared formulas that lost the cell that held them -> that cell
    """

    def __init__(
        self, sheet: str, edits: Edits, encoder: Encoder, styles: StyleBook,
        column_styles: list[tuple[int, int, int]], stale: Set[Spot],
    ):  # fmt: skip
        self.sheet, self.edits, self.encoder, self.styles = sheet, edits, encoder, styles
        self.column_styles, self.stale = column_styles, stale
        self.formulas: list[FormulaCell] = []
        self.formula_gone = False
        self.groups_gone: dict[str, str] = {}
        prefix = self.prefix = encoder.prefix
        self._reader = FormulaReader(prefix)
        self._open, self._close = b"<%brow" % prefix, b"</%brow>" % prefix
        self._cell = b"<%bc" % prefix
        self._cell_start = self._cell + b" "
        self._start = re.compile(rb'\s*(?:%b\s*)*(<%brow\b(?: r="(\d+)")?([^>]*)>)' % (_REMARK, prefix))
        self._last = re.compile(rb'<%bc r="([A-Z]{1,3})(\d+)"([^>]*)>' % prefix)
        self._any = re.compile(rb"<%bc\b([^>]*?)(?:/>|>(.*?)</%bc\s*>)" % (prefix, prefix), re.DOTALL)
        self._formula = re.compile(rb"<%bf\b([^>]*)>" % prefix)
        self._value = re.compile(rb"<%bv\b.*?(?:/>|</%bv\s*>)" % (prefix, prefix), re.DOTALL)
        self._letters: dict[int, bytes] = {}
        self._columns: dict[bytes, int] = {}
        self._styles: dict[tuple, bytes] = {}
        self._spans: dict[tuple, bytes] = {}
        self._styles_of: dict[bytes, int] = {}
        self._known: dict[tuple, dict] = defaultdict(dict)
        self._stale_rows = {row for row, _ in stale}
        self._waiting = b""
        self._row = -1
        edits.start()

    def feed(self, piece: bytes) -> tuple[bytes, bytes | None]:
        """(what becomes of the rows that are whole, what stands behind the last row: None while rows follow).
        Raises LedgerError; Unusual where the XML has to be put into its usual form first."""
        piece = self._waiting + piece if self._waiting else piece
        cut = piece.rfind(self._close)
        cut = cut + len(self._close) if cut >= 0 else 0
        end = re.search(rb"</%bsheetData\s*>" % self.prefix, piece[cut:] if cut else piece)
        _check_remarks(piece[: cut + end.start()] if end else piece)
        if end:
            rest = piece[cut : cut + end.start()]
            written = [self._rewritten(piece[:cut]), *self._closed(rest), self._new_rows(NEVER)]
            return b"".join(written), piece[cut + end.start() :]
        self._waiting = piece[cut:] if cut else piece
        if len(self._waiting) > _MOST_WAITING:
            raise Unusual
        return (self._rewritten(piece[:cut]) if cut else b""), None

    def _rewritten(self, rows: bytes) -> bytes:
        if not rows:
            return b""
        found = list(self._reader.read(rows))
        self.formulas += found
        if self.edits.next == NEVER and not (self._stale_rows and found):
            return rows
        written: list[bytes] = []
        parts, at = rows.split(self._close)[:-1], 0
        while at < len(parts):
            done = self._appended(parts, at, written)
            if done:
                at += done
                continue
            part, at = parts[at], at + 1
            start = self._start.match(part)
            if start is not None and start[1].endswith(b"/>"):
                cut = part.rfind(self._open)
                written += self._closed(part[:cut])
                part = part[cut:]
                start = self._start.match(part)
            if start is None or start[1].endswith(b"/>"):
                raise Unusual
            row = self._number(start)
            if row >= self.edits.next:
                if row > self.edits.next:
                    written.append(self._new_rows(row))
                if row == self.edits.next:
                    part = self._edited(part, start, row, self.edits.take())
            if row in self._stale_rows:
                part = self._without_results(part, row)
            written += part, self._close
        return b"".join(written)

    def _number(self, start) -> int:
        if start[2]:
            row = int(start[2]) - 1
        else:
            stated = attributes(start[3]).get("r")
            row = int(stated) - 1 if stated else self._row + 1
        if not self._row < row < MOST_ROWS:
            raise LedgerError(str(damaged(f"工作表“{self.sheet}”", "行的次序不对")))
        self._row = row
        return row

    def _closed(self, text: bytes):
        """Rows that are written as one tag: they have no cells."""
        for tag in re.split(rb"(?=<%brow\b)" % self.prefix, text):
            start = self._start.match(tag)
            if start is None:
                _check_gap(tag)
                yield tag
                continue
            tag, behind = tag[: start.end()], tag[start.end() :]
            _check_gap(behind)
            row = self._number(start)
            yield self._new_rows(row)
            if row == self.edits.next:
                edits = self.edits.take()
                cells = self._new_cells(row, edits, b"", start[1])
                opened = self._spanned(tag.rstrip(), edits)[:-2].rstrip()
                yield opened + b">" + cells + self._close if cells else tag
            else:
                yield tag
            yield behind

    def _new_rows(self, before: int) -> bytes:
        """The rows that the sheet does not have yet."""
        written = []
        while self.edits.next < before:
            row = self.edits.next
            cells = self._new_cells(row, self.edits.take(), b"", b"")
            if cells:
                written.append(b'%b r="%d">%b%b' % (self._open, row + 1, cells, self._close))
        return b"".join(written)

    # ---- long columns behind the last cells

    def _appended(self, parts: list[bytes], first: int, written: list[bytes]) -> int:
        """As many rows as simply get the next cells of long columns at their end. Returns how many."""
        block = None if self._stale_rows else self.edits.only_block()
        if block is None or len({look.like for _, _, look in block.columns}) > 1:
            return 0
        like, before = block.columns[0][2].like, block.columns[0][0]
        start, cell, known = self._open + b' r="', self._cell_start, self._styles_of
        beside = cell + b'r="' + self._letter(like - 1 if like and like <= before else 0)
        rest = new_rest = b'">'  # of a row's tag, as the row before had it; rows are mostly alike
        tags, bodies, numbers, styles = [], [], [], []
        for part, number in zip(parts[first:], block.rows[block.at :]):
            text = b"%d" % number
            tag = start + text + rest
            if not part.startswith(tag):
                opened = start + text + b'"'
                if not part.startswith(opened):
                    break
                tag = part[: part.index(b">") + 1]
                rest, new_rest = (one[len(opened) - 1 :] for one in (tag, self._spanned(tag, block.columns)))
                if tag.endswith(b"/>") or (not like and b"customFormat" in tag):
                    break
            place, expected = part.rfind(cell), beside + text + b'"'
            if like and part.startswith(expected, place):
                attrs = part[place + len(expected) : part.index(b">", place)]
                style = known[attrs] if attrs in known else self._style_of(attrs)
            else:
                last = self._last.match(part, place)
                if last is None or last[2] != text or self._column(last[1]) >= before:
                    break
                there = like and self._column(last[1]) > like - 1  # else it is blank
                style = self._style_beside(like - 1, text, part) if there else None
                if style is None and b"customFormat" in tag:
                    break
            if part[-1] != _END_OF_TAG or (b"!" in part and b"<!" in part):
                break
            tags.append(start + text + new_rest)
            bodies.append(part[len(tag) :])
            numbers.append(text)
            styles.append(style)
        if tags:
            cells = []
            for (column, _, _), ends in zip(block.columns, self._ends(block, styles)):
                cells += repeat(cell + b'r="' + self._letter(column)), numbers, ends
            written += chain.from_iterable(zip(tags, bodies, *cells, repeat(self._close)))
            self._row = block.rows[block.at + len(tags) - 1] - 1
            self.edits.pass_over(block, len(tags))
        return len(tags)

    def _ends(self, block, styles: list[int | None]) -> list[list[bytes]]:
        """Of the next cells of long columns what follows the row's number, column by column."""
        columns, row = [], block.rows[block.at] - 1
        for column, values, look in block.columns:
            chunk = values[block.at : block.at + len(styles)]
            kinds, different = set(map(type, chunk)), set(styles)
            known = {
                (style, kind): self._known_ends(row, column, look, style, kind, chunk)
                for style in different for kind in kinds
            }  # fmt: skip
            if len(known) == 1:
                (ends,) = known.values()
                columns.append([ends[value] for value in chunk])
            else:
                columns.append([known[style, value.__class__][value] for value, style in zip(chunk, styles)])
        return columns

    def _known_ends(self, row: int, column: int, look: Look, style: int | None, kind: type, values) -> dict:
        """Value -> what follows the row's number; of one type, values that are equal are written alike."""
        known = self._known[column, style, kind]
        if len(known) > _MOST_KNOWN:
            known.clear()
        own = self._style_of_line(column, b"") if style is None else style
        for value in values:
            if value.__class__ is kind and value not in known:
                known[value] = b'"' + self._cell_of(row, (column, value, look), own)
        return known

    def _style_of(self, attrs: bytes) -> int:
        """The style among the attributes of a cell: there are as many spellings as types and styles."""
        style = self._styles_of[attrs] = int(attributes(attrs).get("s", "0"))
        return style

    # ---- the cells of a row

    def _edited(self, part: bytes, start, row: int, edits: list[Edit]) -> bytes:
        body = start.end()
        if b"<!" in part:
            return self._gone_through(part, start, row, edits)
        last = self._last.match(part, part.rfind(self._cell_start, body))
        behind = -1  # the last column of the row; everything else is looked up
        if last is not None and part.endswith(b">") and int(last[2]) == row + 1:
            behind = self._column(last[1])
        elif part[body:].strip():
            return self._gone_through(part, start, row, edits)
        tag = self._spanned(start[1], edits)
        if behind < edits[0][0]:
            return b"".join((part[: start.start(1)], tag, part[body:], self._new_cells(row, edits, part, start[1])))
        number = b"%d" % (row + 1)
        pieces, at, first = [part[: start.start(1)], tag], body, len(edits)
        for index, edit in enumerate(edits):
            column = edit[0]
            if column > behind:
                first = index
                break
            place = part.find(b'%b r="%b%b"' % (self._cell, self._letter(column), number), at)
            if place < 0:
                return self._gone_through(part, start, row, edits)
            end = part.find(self._cell_start, place + 3)
            end = len(part) if end < 0 else end
            pieces += part[at:place], self._exchanged(part[place:end], row, edit, part, start[1])
            at = end
        pieces.append(part[at:])
        if first < len(edits):
            pieces.append(self._new_cells(row, edits[first:], part, start[1]))
        return b"".join(pieces)

    def _gone_through(self, part: bytes, start, row: int, edits: list[Edit]) -> bytes:
        body = part[start.end() :]
        cells, gaps, at, column = [], [], 0, -1
        for match in self._any.finditer(body):
            stated = attributes(match[1]).get("r")
            column = self._place(stated, row) if stated else column + 1
            cells.append((column, match))
            gaps.append(body[at : match.start()])
            _check_gap(gaps[-1])
            at = match.end()
        if any(later <= earlier for (earlier, _), (later, _) in zip(cells, cells[1:])):
            raise LedgerError(str(damaged(f"工作表“{self.sheet}”第{row + 1}行", "单元格的次序不对")))
        written = [part[: start.start(1)], self._spanned(start[1], edits)]
        waiting = list(reversed(edits))
        whole = b"".join(written) + b"".join(self._placed(match, column, row) for column, match in cells)
        for (column, match), gap in zip(cells, gaps):
            written.append(gap)
            while waiting and waiting[-1][0] < column:
                written.append(self._new_cells(row, [waiting.pop()], whole, start[1]))
            text = self._placed(match, column, row)
            if waiting and waiting[-1][0] == column:
                text = self._exchanged(text, row, waiting.pop(), whole, start[1])
            written.append(text)
        written.append(self._new_cells(row, list(reversed(waiting)), whole, start[1]))
        written.append(body[at:])
        return b"".join(written)

    def _placed(self, match, column: int, row: int) -> bytes:
        """A cell that says where it is, even if that followed from its place so far."""
        if b" r=" in match[1]:
            return match[0]
        return b'%b r="%b%d"%b' % (self._cell, self._letter(column), row + 1, match[0][len(self._cell) :])

    def _place(self, reference: str, row: int) -> int:
        letters = reference.rstrip("0123456789")
        if reference[len(letters) :] != str(row + 1) or not letters.isascii():
            raise LedgerError(str(damaged(f"工作表“{self.sheet}”第{row + 1}行", "单元格位置不对")))
        return self._column(letters.encode())

    def _exchanged(self, cell: bytes, row: int, edit: Edit, part: bytes, tag: bytes) -> bytes:
        formula = self._formula.search(cell)
        if formula is not None:
            attrs = attributes(formula[1])
            kind, area = attrs.get("t", "normal"), area_of(attrs.get("ref", ""))
            if kind in _MASTERS and not (area and self.edits.covers(area)):
                why = f"这里是{_MASTERS[kind]}的首格，改了别的单元格也会变；请写到别处，或先在 Excel 里删去整个公式"
                raise self._refused(row, edit[0], why)
            if kind == "shared" and area:
                self.groups_gone[attrs.get("si", "")] = f"{letters_of(edit[0])}{row + 1}"
            self.formula_gone = True
        own = attributes(cell[: cell.index(b">")]).get("s", "0")
        return self._written(row, edit, int(own) if own.isdigit() else 0, part, tag, keep=True)

    def _new_cells(self, row: int, edits: list[Edit], part: bytes, tag: bytes) -> bytes:
        return b"".join([self._written(row, edit, None, part, tag) for edit in edits])

    def _written(self, row: int, edit: Edit, own: int | None, part: bytes, tag: bytes, keep: bool = False) -> bytes:
        column, _, look = edit
        number = b"%d" % (row + 1)
        if look.like:
            base = self._style_beside(look.like - 1, number, part)
            own = own if base is None else base
        if own is None:
            own = self._style_of_line(column, tag)
        cell = self._cell_of(row, edit, own)
        if cell == b"/>" and not keep:  # a blank without a style of its own is no cell
            return b""
        return b'%b r="%b%b"%b' % (self._cell, self._letter(column), number, cell)

    def _cell_of(self, row: int, edit: Edit, own: int) -> bytes:
        """What follows the place of a cell, to its end."""
        column, value, look = edit
        if value.__class__ not in _USUAL and hasattr(value, "item"):  # a number of NumPy's
            value = value.item()
        key = own, id(look), date_format(value), value.__class__ is str and value.startswith("=")
        style = self._styles.get(key)
        if style is None:
            style = self._styles[key] = self._style(own, look, *key[2:])
        dynamic = value.__class__ is Formula and value.dynamic
        if dynamic and not value.area:
            value = replace(value, area=f"{letters_of(column)}{row + 1}")
        try:
            attrs, content = self.encoder.content(value)
        except Unwritable as why:
            raise self._refused(row, column, str(why)) from None
        if dynamic:
            attrs += b' cm="%d"' % dynamic_array_mark(self.styles.parts)
        return b"%b%b>%b</%bc>" % (style, attrs, content, self.prefix) if content else style + attrs + b"/>"

    def _style(self, own: int, look: Look, date: str, like_formula: bool) -> bytes:
        style = self.styles.derive(own, look)
        if date and look.number_format is None and not self.styles.shows_dates(style):
            style = self.styles.derive(style, Look(number_format=date))
        if like_formula:
            style = self.styles.derive(style, _QUOTED)
        return b' s="%d"' % style if style else b""

    def _style_beside(self, column: int, number: bytes, part: bytes) -> int | None:
        place = part.rfind(b'%b r="%b%b"' % (self._cell, self._letter(column), number))
        if place < 0:
            return None
        style = re.compile(rb'[^>]*?\ss="(\d+)"').match(part, place)
        return int(style[1]) if style else 0

    def _style_of_line(self, column: int, tag: bytes) -> int:
        """The style that a new cell takes from its row, else from its column."""
        if b"customFormat" in tag:
            attrs = attributes(tag)
            if attrs.get("customFormat") in ("1", "true") and attrs.get("s", "").isdigit():
                return int(attrs["s"])
        for first, last, style in self.column_styles:
            if first <= column <= last:
                return style
        return 0

    def _spanned(self, tag: bytes, edits: list[Edit]) -> bytes:
        """The row's tag with the columns that it spans from now on."""
        if b"spans=" not in tag:
            return tag
        found = _SPANS.search(tag)
        if found is None:
            return tag
        key = found[0], edits[0][0], edits[-1][0]
        if key not in self._spans:
            first, last = min(int(found[1]), key[1] + 1), max(int(found[2]), key[2] + 1)
            self._spans[key] = b' spans="%d:%d"' % (first, last)
        return tag[: found.start()] + self._spans[key] + tag[found.end() :]

    def _without_results(self, part: bytes, row: int) -> bytes:
        def blank(match) -> bytes:
            attrs = attributes(match[1])
            spot = row, self._place(attrs["r"], row) if "r" in attrs else -1
            if spot not in self.stale or not match[2] or not self._formula.search(match[2]):
                return match[0]
            head = re.sub(rb'\s(?:t|vm)="[^"]*"', b"", match[1])
            return b"%b%b>%b</%bc>" % (self._cell, head, self._value.sub(b"", match[2]), self.prefix)

        body = self._start.match(part).end()
        return part[:body] + self._any.sub(blank, part[body:])

    def _letter(self, column: int) -> bytes:
        if column not in self._letters:
            self._letters[column] = letters_of(column).encode()
        return self._letters[column]

    def _column(self, letters: bytes) -> int:
        if letters not in self._columns:
            self._columns[letters] = column_of(letters)
        return self._columns[letters]

    def _refused(self, row: int, column: int, why: str) -> LedgerError:
        return LedgerError(f"工作表“{self.sheet}”{letters_of(column)}{row + 1}：{why}")


def _check_remarks(xml: bytes):
    """Raises Unusual for remarks that look like something else, and for whatever else begins so."""
    if b"!" in xml and b"<!" in xml and xml.count(b"<!") != len(re.findall(_REMARK, xml)):
        raise Unusual


def _check_gap(xml: bytes):
    """Raises Unusual where there is more between rows or cells than blanks and remarks."""
    if re.sub(_REMARK, b"", xml).strip():
        raise Unusual
