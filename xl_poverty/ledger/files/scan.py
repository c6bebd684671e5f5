"""A piece of XML as bytes, and from any byte on as a word of eight of them, the first the lowest."""

from __future__ import annotations

import numpy as np

from ...workbook.xml_text import Unusual


def word(text: bytes) -> np.uint64:
    """Up to eight bytes as a word."""
    return np.uint64(int.from_bytes(text, "little"))


#: keeps the first, and the last, n bytes of a word
FIRST = np.array([(1 << 8 * n) - 1 for n in range(9)], np.uint64)
LAST = np.array([(1 << 64) - (1 << 8 * (8 - n)) for n in range(9)], np.uint64)

#: room before and behind a piece, so that words can be read around every place
FRONT = bytes(16)
#: the last "<" of a piece is followed by as many more as the tags of a cell, all behind its end
_MORE = 8
_BACK = (b"<" + bytes(15)) * _MORE

_ONES, _HIGH, _OVER_NINE = word(b"\x01" * 8), word(b"\x80" * 8), word(b"\x76" * 8)
_ZEROS, _QUOTES = word(b"0" * 8), word(b'"' * 8)
_POINTS = word(b"." * 8) ^ _ZEROS
_1, _7, _8, _16, _32, _56 = map(np.uint64, (1, 7, 8, 16, 32, 56))
_TWO, _FOUR, _EIGHT = np.uint64(10 * 256 + 1), np.uint64(100 * 65536 + 1), np.uint64(10000 * (1 << 32) + 1)
_PAIRS, _FOURS = word(b"\xff\0" * 4), word(b"\xff\xff\0\0" * 2)
_HUNDRED_MILLION, _EXACT = np.uint64(10**8), np.uint64(1 << 53)
_POWERS = 10.0 ** np.arange(17)


class Scan:
    """tags   where each "<" stands, in `data`
    after  the byte that follows it
    count  how many there are; some more follow, all of which stand behind the piece
    """

    def __init__(self, piece: bytes):
        self.data = b"".join((FRONT, piece, _BACK))
        self.bytes = np.frombuffer(self.data, np.uint8)
        self.words = np.ndarray((len(self.data) - 7,), "<u8", self.data, strides=(1,))
        self.tags = np.flatnonzero(self.bytes == ord("<"))
        self.after = self.bytes[1:][self.tags]
        self.count = len(self.tags) - _MORE

    def starts(self, places: np.ndarray, text: np.uint64, length: int) -> np.ndarray:
        """Whether the text of this length stands at each place."""
        return (self.words[places] & FIRST[length]) == text

    def slices(self, starts: np.ndarray, ends: np.ndarray) -> list[bytes]:
        data = self.data
        return [data[start:end] for start, end in zip(starts.tolist(), ends.tolist())]

    def only_blanks(self, starts: np.ndarray, ends: np.ndarray):
        """Raises Unusual where something else stands between these places."""
        apart = np.flatnonzero(starts != ends)
        if len(apart) and any(raw.strip(b" \t\r\n") for raw in self.slices(starts[apart], ends[apart])):
            raise Unusual

    def to_quote(self, places: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Whole numbers from 1 on that stand at these places, before a quote: the numbers, the words with the quote as
        their last byte, and the number of bytes to the quote. Raises Unusual."""
        words = self.words[places]
        quotes = _lowest(words ^ _QUOTES)
        length = _bytes_below(quotes)
        digits = ((words ^ _ZEROS) & FIRST[length]) << (_8 * (8 - length).astype(np.uint64))
        if not quotes.all() or not length.all() or _no_digits(digits).any() or (self.bytes[places] == ord("0")).any():
            raise Unusual
        return _number(digits).astype(np.int64), words & FIRST[length + 1], length

    def numbers(self, starts: np.ndarray, ends: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(the numbers that stand between these places, as float() reads them; where they are up to eight digits and
        nothing else). Raises Unusual or ValueError."""
        length = ends - starts
        digits = (self.words[ends - 8] ^ _ZEROS) & LAST[np.minimum(length, 8)]
        whole = (length <= 8) & ~_no_digits(digits)
        numbers = _number(digits).astype(np.float64)
        rest = np.flatnonzero(~whole)
        if len(rest):
            numbers[rest] = self._decimals(starts[rest], ends[rest])
        return numbers, whole

    def _decimals(self, starts: np.ndarray, ends: np.ndarray) -> np.ndarray:
        """Up to 16 characters: sign, digits, point. A quotient of two exact floats is the float next to the decimal."""
        negative = self.bytes[starts] == ord("-")
        length = ends - starts - negative
        low = (self.words[ends - 8] ^ _ZEROS) & LAST[np.minimum(length, 8)]
        high = (self.words[ends - 16] ^ _ZEROS) & LAST[np.minimum(np.maximum(length - 8, 0), 8)]
        in_low, in_high = _lowest(low ^ _POINTS), _lowest(high ^ _POINTS)
        is_low, is_high = in_low != 0, in_high != 0
        decimals = np.where(is_low, 7 - _bytes_below(in_low), np.where(is_high, 15 - _bytes_below(in_high), 0))
        low = np.where(is_low, _without(low, in_low) | (high >> _56), low)
        high = np.where(is_low, high << _8, np.where(is_high, _without(high, in_high), high))
        mantissa = _number(high) * _HUNDRED_MILLION + _number(low)
        exact = (length <= 16) & (length > (is_low | is_high)) & ~_no_digits(low) & ~_no_digits(high)
        exact &= mantissa < _EXACT
        numbers = mantissa.astype(np.float64) / _POWERS[decimals]
        numbers[negative] *= -1
        rest = np.flatnonzero(~exact)
        if len(rest):  # what float() makes of it, the thorough reader makes of it, too
            numbers[rest] = list(map(float, self.slices(starts[rest], ends[rest])))
            if np.isnan(numbers).any():
                raise Unusual
        return numbers


# ---- words, eight bytes at once


def _no_digits(words: np.ndarray) -> np.ndarray:
    """Of words of digits, 0 to 9 in each byte: where there is another byte in them."""
    return ((words + _OVER_NINE) | words) & _HIGH != 0


def _number(words: np.ndarray) -> np.ndarray:
    """Words of digits, the last one in the highest byte -> their number."""
    words = (words * _TWO) >> _8
    words = ((words & _PAIRS) * _FOUR) >> _16
    return ((words & _FOURS) * _EIGHT) >> _32


def _lowest(words: np.ndarray) -> np.ndarray:
    """The highest bit of the first byte that is 0 in each word, 0 where there is none."""
    found = (words - _ONES) & ~words & _HIGH
    return found & (~found + _1)


def _bytes_below(bits: np.ndarray) -> np.ndarray:
    """The number of bytes below the one of `_lowest`."""
    return (np.bitwise_count((bits >> _7) - _1) >> 3).astype(np.int64)


def _without(words: np.ndarray, bits: np.ndarray) -> np.ndarray:
    """Words without the byte of `bits`; those below it move up, and the lowest becomes 0."""
    return ((words & ((bits >> _7) - _1)) << _8) | (words & ~((bits << _1) - _1))
