"""Rows of a sheet's XML read with NumPy, as far as they are written the way that spreadsheet programs write them.

All "<" of a piece are found at once; what a cell holds is told by what stands at the tags that follow its own:

    <c r="B7" s="3" t="s"><v>12</v></c>
    <c r="C7" s="3"><f>A7*2</f><v>4</v></c>
    <c r="D7" t="inlineStr"><is><t>甲</t></is></c>
    <c r="E7" s="3"/>

Behind the reference comes the cell's tail. There are few different ones, each is read once: type and style, and whether
the cell is closed. Cells of other spellings (several runs of text, <v/>, blanks between tags) go to the thorough reader
one by one. What is no cell in a row, or stands elsewhere than its row and its predecessors say, is Unusual: then the
thorough reader takes the whole sheet.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np

from ...workbook.references import MOST_COLUMNS, MOST_ROWS
from ...workbook.xml_text import ATTRIBUTES, Unusual, attributes_of, decoded_text, texts_of
from .cells import no_result
from .packed import DATE, DURATION, NUMBER, ODD, SHARED, Cells
from .scan import FIRST, FRONT, Scan, word
from .thorough import Thorough, typed

_ANY_ROW, _ROW, _ROW_END = word(b"<row "), word(b'<row r="'), word(b"</row>")
_CELL, _CELL_END = word(b'<c r="'), word(b"</c>")
_VALUE, _VALUE_END = word(b"<v>"), word(b"</v></c>")
_FORMULA, _FORMULA_END = word(b"<f>"), word(b"</f>")
_INLINE, _INLINE_END = word(b"<is><t>"), (word(b"</t></is"), word(b"></c>"))
_SPACED = b'<is><t xml:space="preserve">'
_ROW_NUMBER = b' r="'
_C, _F, _I, _R, _CLOSING = b"cfir/"

#: kinds of cells beside those of `packed`: their value is a text, and each different one is read once
_TEXTS = {"str": 5, "inlineStr": 6, "b": 7, "e": 8, "d": 9}
_FIRST_TEXT, _STR, _INLINE_STR, _NOTHING = 5, 5, 6, 255
_SHOWN = {"": NUMBER, "date": DATE, "duration": DURATION}

_TAIL = re.compile(ATTRIBUTES + rb"(/?)>\s*")
_ANY_FORMULA = re.compile(rb"<f" + ATTRIBUTES + rb"(?:/>|>([^<]*)</f>)\s*")
#: a longer tail is left to the thorough reader
_TAIL_WORDS = 12
_MIXERS = np.random.default_rng(1).integers(1 << 63, (1 << 64) - 1, _TAIL_WORDS, np.uint64) | np.uint64(1)


def _column_table() -> np.ndarray:
    """Two bytes, the letters of a reference or its letter and a digit -> column; MOST_COLUMNS where they are none."""
    table = np.full(1 << 16, MOST_COLUMNS, np.int32)
    letters = np.arange(26)
    for digit in b"123456789":
        table[(65 + letters) + (digit << 8)] = letters
    table[(65 + letters)[:, None] + ((65 + letters) << 8)] = (letters[:, None] + 1) * 26 + letters
    return table


_COLUMNS = _column_table()


class _Tails:
    """What the tails of cells mean. Tails are told apart by their words, through a table without collisions."""

    def __init__(self, read: Callable[[bytes], tuple[int, bool]]):
        self.read = read
        self.kinds, self.closed = np.zeros(0, np.uint8), np.zeros(0, bool)
        self._lengths, self._words = np.zeros(0, np.int64), np.zeros((_TAIL_WORDS, 0), np.uint64)
        self._bits, self._table = 12, np.full(1 << 12, -1, np.int32)

    def find(self, words: list[np.ndarray], lengths: np.ndarray) -> np.ndarray:
        """The number of each tail, -1 where it is not known."""
        found = self._table[self._slots(words)]
        if len(self.kinds):
            same = self._lengths[found] == lengths
            for one, known in zip(words, self._words):
                same &= known[found] == one
            found[~same] = -1
        return found

    def different(self, words: list[np.ndarray]) -> np.ndarray:
        """Places of tails that differ, at least one of all."""
        one = np.full(1 << self._bits, -1)
        slots = self._slots(words)
        one[slots] = np.arange(len(slots))
        return one[one >= 0]

    def learn(self, tails: list[bytes], words: list[np.ndarray]):
        for tail in tails:
            kind, closed = self.read(tail)
            self.kinds, self.closed = np.append(self.kinds, np.uint8(kind)), np.append(self.closed, closed)
        self._lengths = np.append(self._lengths, list(map(len, tails)))
        new = np.zeros((_TAIL_WORDS, len(tails)), np.uint64)
        new[: len(words)] = words
        self._words = np.concatenate((self._words, new), axis=1)
        slots = self._slots(self._words)
        while len(np.unique(slots)) < len(slots):
            if self._bits == 24:
                raise Unusual
            self._bits += 4
            slots = self._slots(self._words)
        self._table = np.full(1 << self._bits, -1, np.int32)
        self._table[slots] = np.arange(len(slots))

    def _slots(self, words) -> np.ndarray:
        mixed = words[0] * _MIXERS[0]
        for one, mixer in zip(words[1:], _MIXERS[1:]):
            mixed += one * mixer
        return (mixed >> np.uint64(64 - self._bits)).astype(np.int64)


class _Texts:
    """Values of one kind that are written as texts, and their places among the odd values."""

    def __init__(self, kind: str, values: list):
        self.kind, self.values = kind, values
        self.known: dict[bytes, int] = {}

    def places(self, raws: list[bytes]) -> np.ndarray:
        new = [raw for raw in dict.fromkeys(raws) if raw not in self.known]
        texts = texts_of(new)
        self.known.update(zip(new, range(len(self.values), len(self.values) + len(new))))
        if self.kind == "str":
            self.values += [decoded_text(text) if "_x" in text else text for text in texts]
        else:
            self.values += [typed(self.kind, text) for text in texts]
        return np.fromiter(map(self.known.__getitem__, raws), np.float64, len(raws))


class Rows:
    """Reads the rows of a sheet, piece by piece.

    kinds_of_styles  what the number format of each style shows
    thorough         reads odd cells, and has the sheet and its formulas
    odd              values for `packed.Packed`
    most_shared      the last of the shared texts that a cell refers to, -1 if none does
    """

    def __init__(self, kinds_of_styles: list[str], thorough: Thorough):
        self.kinds_of_styles, self.thorough = kinds_of_styles, thorough
        self.odd: list = []
        self.most_shared = -1
        self._texts = {code: _Texts(kind, self.odd) for kind, code in _TEXTS.items()}
        self._texts[_INLINE_STR] = self._texts[_STR]
        self._tails = _Tails(self._tail)
        self._formulas: dict[bytes, tuple[str, dict]] = {}  # spelling -> text and attributes
        self._row_tails: dict[bytes, tuple[bool, bool]] = {}  # spelling -> hidden, closed
        self._last_row = -1

    def read(self, piece: bytes) -> Cells | None:
        """The cells of some whole rows, None where none holds anything. Raises Unusual, or what reading odd cells
        raises."""
        scan = Scan(piece)
        row_tags = np.flatnonzero(scan.after == _R)
        row_tags = row_tags[scan.starts(scan.tags[row_tags], _ANY_ROW, 5)]
        cell_tags = np.flatnonzero(scan.after == _C)
        if not len(row_tags):
            if scan.count:
                raise Unusual
            return None
        places, before = self._row_numbers(scan, row_tags)
        numbers, digits, length = scan.to_quote(places)
        rows = numbers.astype(np.int32) - 1
        if rows[0] <= self._last_row or (rows[1:] <= rows[:-1]).any() or rows[-1] >= MOST_ROWS:
            raise Unusual
        self._last_row = int(rows[-1])
        per_row, ends = self._nesting(scan, row_tags, cell_tags, rows, places + length + 1, before)
        if not len(cell_tags):
            return None
        rows = np.repeat(rows, per_row)
        columns, tails = self._references(scan, cell_tags, per_row, digits, length + 1)
        if ((columns[1:] <= columns[:-1]) & (rows[1:] == rows[:-1])).any():
            raise Unusual
        kinds, closed = self._described(scan, tails, scan.tags[cell_tags + 1])
        return self._contents(scan, cell_tags, ends, rows, columns, kinds, closed)

    def _row_numbers(self, scan: Scan, tags) -> tuple[np.ndarray, list[bytes] | None]:
        """(where the rows' numbers stand; what stands before their attribute, if it is not always the first)."""
        starts, ends = scan.tags[tags], scan.tags[tags + 1]
        if scan.starts(starts, _ROW, 8).all():
            return starts + 8, None
        places = np.array([scan.data.find(_ROW_NUMBER, *tag) for tag in zip(starts.tolist(), ends.tolist())])
        if (places < 0).any():
            raise Unusual
        return places + len(_ROW_NUMBER), scan.slices(starts + 4, places)

    def _nesting(self, scan: Scan, row_tags, cell_tags, rows, tails, before) -> tuple[np.ndarray, np.ndarray]:
        """(number of cells per row; per cell, the tag before which it must have ended). `tails`: where those of the
        rows start, `before`: what belongs to them, too."""
        spelled = scan.slices(tails, scan.tags[row_tags + 1])
        if before:
            spelled = list(map(bytes.__add__, before, spelled))
        for tail in set(spelled) - self._row_tails.keys():
            attrs, closed = self._attributes(tail)
            hidden = attrs.get("hidden") in ("1", "true") or attrs.get("ht") == "0"
            self._row_tails[tail] = hidden, closed
        known = np.array([self._row_tails[tail] for tail in spelled], bool)
        self.thorough.sheet.hidden_rows.update(rows[known[:, 0]].tolist())
        opened = ~known[:, 1]
        row_ends = np.append(row_tags[1:], scan.count) - opened  # the tag of </row>, or of what comes next
        firsts = np.searchsorted(cell_tags, np.append(row_tags, scan.count))
        per_row = firsts[1:] - firsts[:-1]
        filled = per_row > 0
        ends = np.append(cell_tags[1:], scan.count)
        ends[firsts[1:][filled] - 1] = row_ends[filled]
        inside = row_ends.copy()  # the tag that follows the row's
        inside[filled] = cell_tags[firsts[:-1][filled]]
        closing = scan.tags[row_ends[opened]]
        if (
            row_tags[0] != 0 or firsts[0] != 0 or (inside != row_tags + 1).any() or (filled & ~opened).any()
            or not scan.starts(closing, _ROW_END, 6).all()
        ):  # fmt: skip
            raise Unusual
        scan.only_blanks(np.append(len(FRONT), closing + 6), scan.tags[np.append(0, row_ends[opened] + 1)])
        return per_row, ends

    def _references(self, scan: Scan, tags, per_row, digits, length) -> tuple[np.ndarray, np.ndarray]:
        """(column per cell; where its tail starts). `digits`, `length`: per row, how references go on behind their
        letters, with the quote."""
        places = scan.tags[tags]
        heads = scan.words[places]
        if ((heads & FIRST[6]) != _CELL).any():
            raise Unusual
        pairs = (heads >> np.uint64(48)).astype(np.int64)
        columns, starts = _COLUMNS[pairs], places + 7
        two = pairs >= (ord("A") << 8)
        if two.any():
            starts += two
            third = scan.bytes[places + 8]
            three = two & (third >= ord("A")) & (third <= ord("Z"))
            if three.any():
                columns = np.where(three, (columns + 1) * 26 + third - ord("A"), columns)
                starts += three
        if length[0] == length[-1]:  # rows ascend
            length = length[0]
            mask = FIRST[length]
        else:
            length = np.repeat(length, per_row)
            mask = FIRST[length]
        if ((scan.words[starts] & mask) != np.repeat(digits, per_row)).any() or columns.max() >= MOST_COLUMNS:
            raise Unusual
        return columns, starts + length

    def _described(self, scan: Scan, starts, ends) -> tuple[np.ndarray, np.ndarray]:
        """(kind, closed) per cell, from its tail."""
        length = ends - starts
        longest = int(length.max())
        if longest > 8 * _TAIL_WORDS:
            raise Unusual
        words = [scan.words[starts] & FIRST[np.minimum(length, 8)]]
        for done in range(8, longest, 8):
            left = np.minimum(np.maximum(length - done, 0), 8)
            words.append(scan.words[np.minimum(starts + done, ends)] & FIRST[left])
        found = self._tails.find(words, length)
        unknown = np.flatnonzero(found < 0)
        while len(unknown):
            others = unknown[self._tails.different([one[unknown] for one in words])]
            self._tails.learn(scan.slices(starts[others], ends[others]), [one[others] for one in words])
            found[unknown] = self._tails.find([one[unknown] for one in words], length[unknown])
            unknown = np.flatnonzero(found < 0)
        return self._tails.kinds[found], self._tails.closed[found]

    def _tail(self, tail: bytes) -> tuple[int, bool]:
        attrs, closed = self._attributes(tail)
        kind, style = attrs.get("t", "n"), attrs.get("s", "0")
        if kind == "n":
            shown = self.kinds_of_styles[int(style)] if int(style) < len(self.kinds_of_styles) else ""
            return _SHOWN[shown], closed
        if kind == "s":
            return SHARED, closed
        if kind not in _TEXTS:
            raise Unusual
        return _TEXTS[kind], closed

    @staticmethod
    def _attributes(tail: bytes) -> tuple[dict[str, str], bool]:
        found = _TAIL.fullmatch(tail)
        attrs = attributes_of(found[1]) if found else {"r": ""}
        if "r" in attrs or not attrs.get("s", "0").isdigit():
            raise Unusual
        return attrs, bool(found[2])

    def _contents(self, scan: Scan, tags, ends, rows, columns, kinds, closed) -> Cells | None:
        after = tags + 1
        following = scan.after[after]
        formula = (following == _F) & ~closed
        values = after + formula * (1 + (scan.after[tags + 2] == _CLOSING)) if formula.any() else after
        starts, stops = scan.tags[values], scan.tags[values + 1]
        held = scan.starts(starts, _VALUE, 3) & (scan.words[stops] == _VALUE_END) & (ends == values + 3)
        held &= ~closed & (kinds != _INLINE_STR)
        starts += 3
        behind = stops + 8
        inline = np.flatnonzero((kinds == _INLINE_STR) & (following == _I) & (ends == tags + 6) & ~closed)
        if len(inline):
            inline = self._inline(scan, after, inline, starts, stops)
            held[inline] = True
            behind[inline] = stops[inline] + 13
        known = held | (closed & (ends == after))
        hollow = np.flatnonzero((following == _CLOSING) & (ends == tags + 2) & ~closed)
        if len(hollow):
            places = scan.tags[after[hollow]]
            known[hollow] = scan.starts(places, _CELL_END, 4)
            behind[hollow] = places + 4
        beyond = scan.tags[ends]
        beside = known & ~closed & (behind != beyond)
        if beside.any():
            scan.only_blanks(behind[beside], beyond[beside])

        kinds = np.where(held, kinds, np.uint8(_NOTHING))
        formula &= held
        if formula.any():
            chosen = np.flatnonzero(formula)
            self._add_formulas(scan, rows[chosen], columns[chosen], after[chosen], starts[chosen] - 3)
        numbers = self._values(scan, kinds, formula, starts, stops)
        odd = np.flatnonzero(~known)
        if len(odd):
            self._read_odd(scan, tags, ends, rows, columns, kinds, numbers, odd)
        kept = np.flatnonzero(kinds != _NOTHING)
        return Cells(rows, columns, kinds, numbers, kept) if len(kept) else None

    def _inline(self, scan: Scan, after, inline, starts, stops) -> np.ndarray:
        """Which of these cells hold one text in themselves; sets where it starts and stops."""
        begins, ends = scan.tags[after[inline]], scan.tags[after[inline] + 2]
        plain = scan.starts(begins, _INLINE, 7)
        length = np.full(len(inline), 7)
        if not plain.all():
            spaced = np.ones(len(inline), bool)
            for done in (0, 8, 16, len(_SPACED) - 8):
                spaced &= scan.words[begins + done] == word(_SPACED[done : done + 8])
            length[spaced] = len(_SPACED)
            plain |= spaced
        plain &= (scan.words[ends] == _INLINE_END[0]) & scan.starts(ends + 8, _INLINE_END[1], 5)
        starts[inline], stops[inline] = begins + length, ends
        return inline[plain]

    def _values(self, scan: Scan, kinds, formula, starts, stops) -> np.ndarray:
        """The numbers of the cells, as `packed.Packed` has them; changes kinds to what they turn out to be."""
        numbers = np.zeros(len(kinds))
        empty = (starts == stops) & (kinds != _NOTHING) & (kinds != _STR) & (kinds != _INLINE_STR)
        if empty.any():
            kinds[empty] = _NOTHING
            waiting = empty & formula
            if waiting.any():
                kinds[waiting], numbers[waiting] = ODD, len(self.odd)
                self.odd.append(no_result())
        chosen = np.flatnonzero(kinds <= SHARED)
        if len(chosen):
            found, whole = scan.numbers(starts[chosen], stops[chosen])
            shared = kinds[chosen] == SHARED
            if not whole[shared].all():
                raise Unusual
            self.most_shared = max(self.most_shared, int(found[shared].max(initial=-1)))
            numbers[chosen] = found
        if len(chosen) < len(kinds):
            for code, texts in self._texts.items():
                chosen = np.flatnonzero(kinds == code)
                if len(chosen):
                    numbers[chosen] = texts.places(scan.slices(starts[chosen], stops[chosen]))
                    kinds[chosen] = ODD
        return numbers

    def _add_formulas(self, scan: Scan, rows, columns, tags, values):
        """Formulas. `tags`: which are theirs; `values`: where the tags of their values stand."""
        starts, ends = scan.tags[tags], scan.tags[tags + 1]
        plain = scan.starts(starts, _FORMULA, 3) & scan.starts(ends, _FORMULA_END, 4) & (values == ends + 4)
        if plain.any():
            texts = texts_of(scan.slices(starts[plain] + 3, ends[plain]))
            self.thorough.formulas.add_texts(rows[plain].tolist(), columns[plain].tolist(), texts)
        others = ~plain
        if others.any():
            raws = scan.slices(starts[others], values[others])
            for raw in set(raws) - self._formulas.keys():
                found = _ANY_FORMULA.fullmatch(raw)
                if not found:
                    raise Unusual
                self._formulas[raw] = texts_of([found[2] or b""])[0], attributes_of(found[1])
            spots = list(zip(rows[others].tolist(), columns[others].tolist()))
            self.thorough.formulas.add_all(spots, [self._formulas[raw] for raw in raws])

    def _read_odd(self, scan: Scan, tags, ends, rows, columns, kinds, numbers, odd):
        """Cells of other spellings, by the thorough reader."""
        raws = scan.slices(scan.tags[tags[odd]], scan.tags[ends[odd]])
        for raw in raws:
            complete = raw.rstrip().endswith((b"</c>", b"/>"))
            if not complete or raw.count(b"<") != 2 * raw.count(b"</") + raw.count(b"/>"):
                raise Unusual
        self.thorough.walk(b"".join((b"<sheetData>", *raws, b"</sheetData>")))
        for place, row, column in zip(odd.tolist(), rows[odd].tolist(), columns[odd].tolist()):
            value = self.thorough.cells.get(row, {}).pop(column, None)
            if value is not None:
                kinds[place], numbers[place] = ODD, len(self.odd)
                self.odd.append(value)
