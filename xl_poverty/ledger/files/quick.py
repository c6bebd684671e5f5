"""The quick reader of a sheet: piece by piece, while the next piece is being unpacked."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from queue import Empty, Queue

import numpy as np

from ...workbook.package import PIECE, Package
from ...workbook.shared_formulas import Formulas
from ...workbook.xml_text import Unusual, root_of
from .cells import MOST_CELLS
from .markup import Rows
from .packed import SHARED, Packed
from .sheet import Sheet
from .styles import Styles
from .thorough import Thorough

#: bytes of a sheet's XML from which unpacking it in a thread pays
_LARGE = 4 * PIECE
#: pieces that wait, unpacked, until they are read
_AHEAD = 4
#: bytes before the rows, at most: the widths of all columns are less
_MOST_HEAD = 1 << 24
#: bytes that are read at a time, at least
_ENOUGH = 3 * PIECE // 8


def read_quickly(package: Package, part: str, name: str, hidden: bool, styles: Styles) -> Sheet | None:
    """A sheet; None where it is not written the usual way. `part` is in the package."""
    pieces: Iterable[bytes] = package.pieces(part)
    try:
        if package.size(part) < _LARGE:
            return _read(pieces, package, Sheet(name, hidden=hidden), styles)
        with _Beside(pieces, lambda: styles.shared.first) as unpacked:
            return _read(unpacked, package, Sheet(name, hidden=hidden), styles)
    except Exception:  # the thorough reader says what is wrong, if anything is
        return None


def _read(pieces: Iterable[bytes], package: Package, sheet: Sheet, styles: Styles) -> Sheet:
    thorough = Thorough(package, sheet, styles)
    thorough.formulas = Formulas(by_place=True)
    rows, cut = Rows(styles.kinds, thorough), _Cut(iter(pieces))
    parts = [part for piece in cut if (part := rows.read(piece))]
    thorough.walk(cut.around)
    texts = styles.shared.texts if rows.most_shared >= 0 else []
    if rows.most_shared >= len(texts):
        raise Unusual
    if texts and styles.shared.first is not None:
        for part in parts:
            shared = part.kinds == SHARED
            part.numbers[shared] = styles.shared.first[part.numbers[shared].astype(np.int64)]
    packed = Packed(parts, texts, rows.odd, styles.epoch_1904)
    if packed.height * packed.width > MOST_CELLS:
        raise Unusual
    sheet.pack(packed)
    sheet.formulas = thorough.formulas.done
    return sheet


class _Cut:
    """Cuts unpacked XML into pieces of whole rows. `around`: afterwards, the XML without its rows."""

    def __init__(self, pieces: Iterator[bytes]):
        self.pieces, self.around = pieces, b""

    def __iter__(self) -> Iterator[bytes]:
        start = b""
        for piece in self.pieces:
            start += piece
            opened = re.search(rb"<(?:\w+:)?sheetData\s*(/?)>", start)
            if opened or len(start) > _MOST_HEAD:
                break
        if not start or not opened:
            raise Unusual
        head = start[: opened.end()]
        after, prefix = root_of(head, b"worksheet")
        if b"<!" in head or b"<?" in head[after:] or opened[0].rstrip(b"/> ") != b"<" + prefix + b"sheetData":
            raise Unusual
        if opened[1]:
            self.around = b"".join([start, *self.pieces])
            yield b""
            return
        row, closing = b"<" + prefix + b"row ", b"</" + prefix + b"sheetData"
        waiting, size, piece = [], 0, start[opened.end() :]
        while piece is not None:
            place = piece.rfind(row) if size + len(piece) >= _ENOUGH else -1
            if place >= 0:
                yield self._plain(b"".join([*waiting, piece[:place]]), prefix)
                waiting, size, piece = [], 0, piece[place:]
            waiting.append(piece)
            size += len(piece)
            piece = next(self.pieces, None)
        rest = b"".join(waiting)
        end = rest.find(closing)
        if end < 0:
            raise Unusual
        yield self._plain(rest[:end], prefix)
        self.around = head + rest[end:]

    @staticmethod
    def _plain(piece: bytes, prefix: bytes) -> bytes:
        if not prefix:
            return piece
        if re.search(rb"</?(?!%b)\w" % prefix, piece):
            raise Unusual
        return piece.replace(b"<" + prefix, b"<").replace(b"</" + prefix, b"</")


class _Beside:
    """Unpacks pieces in a thread of its own, a few ahead, and does something else in another."""

    def __init__(self, pieces: Iterable[bytes], besides: Callable[[], object]):
        self.pieces = pieces
        self.queue: Queue[bytes | Exception | None] = Queue(_AHEAD)
        self.stopped = False
        self.threads = [threading.Thread(target=one, daemon=True) for one in (self._unpack, self._do(besides))]

    def _unpack(self):
        try:
            for piece in self.pieces:
                if self.stopped:
                    return
                self.queue.put(piece)
            self.queue.put(None)
        except Exception as error:
            self.queue.put(error)

    @staticmethod
    def _do(besides: Callable[[], object]) -> Callable[[], None]:
        def done():
            with suppress(Exception):  # who needs the result finds out
                besides()

        return done

    def __iter__(self) -> Iterator[bytes]:
        while True:
            piece = self.queue.get()
            if piece is None:
                return
            if isinstance(piece, Exception):
                raise piece
            yield piece

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stopped = True
        unpacking, other = self.threads
        while unpacking.is_alive():  # it may wait for room
            with suppress(Empty):
                self.queue.get_nowait()
            unpacking.join(0.01)
        other.join()
