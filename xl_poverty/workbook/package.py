"""The zip of an .xlsx: its parts and their XML, within limits of safety."""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from ..errors import LedgerError
from .refusals import RESAVE, damaged

MOST_BYTES = 1 << 30  # of a part, unpacked, and of the file itself
#: XML of real sheets shrinks to a tenth or a thirtieth
MOST_SHRUNK, SHRUNK_FROM = 300, 1 << 26
#: bytes that are unpacked at a time, and that they may become: what a processor's cache holds
PACKED, PIECE = 1 << 16, 1 << 20


def file_content(path: Path) -> bytes:
    """What a file holds. Raises LedgerError."""
    name = path.name
    try:
        if path.is_dir():
            raise LedgerError(f"{name} 是文件夹，请指明其中的一个文件")
        if path.stat().st_size > MOST_BYTES:
            raise LedgerError(f"{name} 超过 {MOST_BYTES >> 20} MB，太大了，请拆成几个文件")
        content = path.read_bytes()
    except FileNotFoundError:
        raise LedgerError(f"找不到文件：{name}") from None
    except PermissionError:
        raise LedgerError(f"打不开 {name}：文件被占用或没有权限，请关闭后再试") from None
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise LedgerError(f"打不开 {name}（{why}），请复制到本机硬盘后再试") from None
    if not content:
        raise LedgerError(f"{name} 是空文件（0 字节），请重新下载或复制")
    return content


class Package:
    """The parts of a zip, each checked before anything else unpacks it."""

    def __init__(self, content: bytes, name: str):
        self.content, self.name = content, name
        try:
            infos = zipfile.ZipFile(io.BytesIO(content)).infolist()
        except (zipfile.BadZipFile, ValueError, NotImplementedError, struct.error, UnicodeDecodeError) as error:
            raise damaged(name, "压缩包不完整") from error
        self.infos = {info.filename.replace("\\", "/").lstrip("/").lower(): info for info in infos}
        if any(info.flag_bits & 1 for info in infos):
            raise LedgerError(f"{name} 加了密码，请用密码打开，另存为不加密的文件后再试")
        for info in infos:
            if info.filename.lower().endswith((".xml", ".rels")):
                self._check_size(info)
        if sum(info.file_size for part, info in self.infos.items() if part.endswith(".xml")) > 2 * MOST_BYTES:
            raise self._bomb()

    def _bomb(self) -> LedgerError:
        return LedgerError(f"{self.name} 解压后大得不正常，可能是被做过手脚的压缩文件，没有读；{RESAVE}")

    def _check_size(self, info):
        if info.file_size > MOST_BYTES:
            raise self._bomb()
        if info.file_size > SHRUNK_FROM and info.file_size > MOST_SHRUNK * max(info.compress_size, 1):
            raise self._bomb()

    def size(self, part: str) -> int:
        return self.infos[part.lower()].file_size

    def pieces(self, part: str) -> Iterator[bytes]:
        """A part, unpacked piece by piece: never more than it declares, and never less."""
        info = self.infos[part.lower()]
        start = info.header_offset
        if self.content[start : start + 4] != b"PK\x03\x04" or info.compress_type not in (0, 8):
            raise damaged(self.name, part)
        start += 30 + sum(struct.unpack_from("<HH", self.content, start + 26))
        packed = memoryview(self.content)[start : start + info.compress_size]
        size, check = 0, 0
        for piece in (bytes(packed),) if info.compress_type == 0 else self._unpacked(packed, part):
            size, check = size + len(piece), zlib.crc32(piece, check)
            if size > info.file_size:
                raise self._bomb()
            yield piece
        if size != info.file_size or check != info.CRC:
            raise damaged(self.name, part)

    def _unpacked(self, packed: memoryview, part: str) -> Iterator[bytes]:
        unpack = zlib.decompressobj(-15)
        try:
            for start in range(0, len(packed), PACKED):
                waiting = packed[start : start + PACKED]
                while waiting:
                    yield unpack.decompress(waiting, PIECE)
                    waiting = unpack.unconsumed_tail
            yield unpack.flush()
        except zlib.error:
            raise damaged(self.name, part) from None

    def read(self, part: str) -> bytes | None:
        """A part, unpacked as a whole."""
        if part.lower() not in self.infos:
            return None
        data = b"".join(self.pieces(part))
        if b"<!DOCTYPE" in (data.replace(b"\0", b"") if b"\0" in data[:4] else data):
            raise self.forbidden()
        return data

    def forbidden(self) -> LedgerError:
        return LedgerError(f"{self.name} 里有正常工作簿没有的内容（DOCTYPE），为安全起见没有读；{RESAVE}")

    def events(self, data: bytes, start, end, text):
        """Walk XML. Names come without their prefix."""
        from xml.parsers import expat

        def refuse(*_):
            raise self.forbidden()

        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = refuse
        parser.StartElementHandler = lambda tag, attrs: start(tag.rpartition(":")[2], attrs)
        parser.EndElementHandler = lambda tag: end(tag.rpartition(":")[2])
        if re.match(rb"(?:\xef\xbb\xbf)?\s*(<\?xml[^>]*\?>)?\s*<\w+[\s>]", data):  # the usual case, and quicker
            parser.StartElementHandler, parser.EndElementHandler = start, end
        parser.CharacterDataHandler = text
        try:
            parser.Parse(data, True)
        except expat.ExpatError:
            raise damaged(self.name, "内容不是完整的 XML") from None

    def elements(self, data: bytes | None) -> list[tuple[str, dict, list[str]]]:
        """All elements of a small part: name, attributes, own text."""
        found: list[tuple[str, dict, list[str]]] = []
        if data is None:
            return found
        open_ = []

        def start(tag, attrs):
            found.append((tag, attrs, []))
            open_.append(found[-1][2])

        self.events(data, start, lambda tag: open_.pop(), lambda text: open_[-1].append(text))
        return found

    def related(self, part: str) -> dict[str, tuple[str, str]]:
        """Relationship id -> (last word of its type, part)."""
        folder, _, file = part.rpartition("/")
        related = {}
        for tag, attrs, _ in self.elements(self.read(f"{folder}/_rels/{file}.rels".lstrip("/"))):
            if tag == "Relationship" and attrs.get("TargetMode") != "External" and attrs.get("Target"):
                target = attrs["Target"].replace("\\", "/")
                steps = [] if target.startswith("/") else folder.split("/") if folder else []
                for step in target.split("/"):
                    if step == "..":
                        steps = steps[:-1]
                    elif step not in ("", "."):
                        steps.append(step)
                related[attrs.get("Id", "")] = (attrs.get("Type", "").rpartition("/")[2], "/".join(steps))
        return related


def part_of(related: dict, kind: str) -> str:
    return next((part for found, part in related.values() if found == kind), "")
