"""A new zip out of an old one: what did not change is copied as it lies there."""

from __future__ import annotations

import struct
import zipfile
import zlib
from dataclasses import dataclass
from typing import BinaryIO

_LOCAL = struct.Struct("<4s5H3I2H")
_CENTRAL = struct.Struct("<4s6H3I5H2I")
_END = struct.Struct("<4s4H2IH")
_STREAMED, _UTF8 = 0x08, 0x800
_DEFLATED = 8
#: without extensions of the format, which not all programs read
_MOST_BYTES, _MOST_PARTS = 0xFFFFFFFE, 0xFFFE
_COPIED = 1 << 20
LEVEL, _FAST_LEVEL = 6, 2


@dataclass
class Packed:
    """Some bytes, deflated, in a file: where they start there, and what a zip says of them."""

    file: BinaryIO
    start: int
    size: int
    packed_size: int
    check: int


def compressor():
    """The fastest one that is installed: Intel's makes files a fifth larger in a tenth of the time."""
    try:
        from isal import isal_zlib
    except ImportError:
        return zlib.compressobj(LEVEL, zlib.DEFLATED, -15)
    return isal_zlib.compressobj(_FAST_LEVEL, isal_zlib.DEFLATED, -15)


class Packer:
    """Deflates what is written to it, into a file."""

    def __init__(self, file: BinaryIO):
        self.file, self.start = file, file.tell()
        self._deflate = compressor()
        self._size = self._packed_size = self._check = 0

    def write(self, data: bytes):
        self._size, self._check = self._size + len(data), zlib.crc32(data, self._check)
        self._put(self._deflate.compress(data))

    def done(self) -> Packed:
        self._put(self._deflate.flush())
        return Packed(self.file, self.start, self._size, self._packed_size, self._check)

    def _put(self, packed: bytes):
        self._packed_size += len(packed)
        self.file.write(packed)


class Archive:
    """Writes the members of a zip one by one, then its directory."""

    def __init__(self, target: BinaryIO):
        self.target, self._at = target, 0
        self._directory: list[bytes] = []

    def copy(self, source: BinaryIO, info: zipfile.ZipInfo):
        """A member as it lies in another zip: its bytes, name, time and attributes."""
        source.seek(info.header_offset)
        header = _LOCAL.unpack(source.read(_LOCAL.size))
        source.seek(info.header_offset + _LOCAL.size + header[-2] + header[-1])
        packed = Packed(source, source.tell(), info.file_size, info.compress_size, info.CRC)
        self._member(info, packed, info.compress_type)

    def add(self, name: str, packed: Packed, like: zipfile.ZipInfo | None = None):
        """A member with new content: under the name and attributes of the one that it stands for, if there is one."""
        info = like or zipfile.ZipInfo(name)
        self._member(info, packed, _DEFLATED)

    def close(self, comment: bytes = b""):
        start = self._at
        for entry in self._directory:
            self._write(entry)
        count = len(self._directory)
        if count > _MOST_PARTS or self._at > _MOST_BYTES:
            raise zipfile.LargeZipFile
        self._write(_END.pack(b"PK\5\6", 0, 0, count, count, self._at - start, start, len(comment)) + comment)

    def _write(self, data: bytes):
        self.target.write(data)
        self._at += len(data)

    def _member(self, info: zipfile.ZipInfo, packed: Packed, method: int):
        name, flags = _name(info)
        year, month, day, hour, minute, second = info.date_time
        date, time = max(year - 1980, 0) << 9 | month << 5 | day, hour << 11 | minute << 5 | second // 2
        needed = max(info.extract_version, 20)
        extra = _extra(info.extra)
        sizes = packed.check, packed.packed_size, packed.size
        if max(*sizes[1:], self._at) > _MOST_BYTES:
            raise zipfile.LargeZipFile
        local = _LOCAL.pack(b"PK\3\4", needed, flags, method, time, date, *sizes, len(name), 0)
        made = info.create_version | info.create_system << 8
        self._directory.append(
            _CENTRAL.pack(
                b"PK\1\2", made, needed, flags, method, time, date, *sizes, len(name), len(extra), len(info.comment), 0,
                info.internal_attr, info.external_attr, self._at,
            ) + name + extra + info.comment
        )  # fmt: skip
        self._write(local + name)
        packed.file.seek(packed.start)
        left = packed.packed_size
        while left:
            data = packed.file.read(min(left, _COPIED))
            if not data:
                raise EOFError
            self._write(data)
            left -= len(data)


def _name(info: zipfile.ZipInfo) -> tuple[bytes, int]:
    """The name as it stands in the file, and the member's flags. zipfile reads what is not marked as UTF-8 as code page
    437. The sizes stand in front, so none follow."""
    text, flags = info.orig_filename, info.flag_bits & ~_STREAMED
    if not flags & _UTF8:
        try:
            return text.encode("cp437"), flags
        except UnicodeEncodeError:  # a new part
            flags |= _UTF8
    return text.encode(), flags


def _extra(extra: bytes) -> bytes:
    """Extra fields without the one for large files, whose numbers fit where they belong."""
    kept, at = b"", 0
    while at + 4 <= len(extra):
        kind, size = struct.unpack_from("<HH", extra, at)
        if kind != 1:
            kept += extra[at : at + 4 + size]
        at += 4 + size
    return kept
