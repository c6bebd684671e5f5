"""Workbooks that must not be written to, each told in a sentence with the remedy.

`check_package` is for packages that nobody could change without harm, or that programs read in different ways: signed,
encrypted, ambiguous, malformed. `protected` is for what a clerk, or somebody before, locked.

A sensitivity label (docMetadata/LabelInfo.xml) is no refusal: it is a part that stays as it is. A label that encrypts
makes another file of the workbook, which is refused.
"""

from __future__ import annotations

import mmap
import re
import struct
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from ..errors import LedgerError
from .package import MOST_BYTES, SHRUNK_FROM, Package, file_content, part_of
from .refusals import RESAVE, damaged

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MOST_MEMBERS = 20_000
#: of all members together, unpacked; what a workbook really has is a hundredth
_MOST_UNPACKED = 4 * MOST_BYTES
#: XML parts up to this size, packed, are unpacked as a whole to see that they are what they declare; of larger ones
#: only the beginning. Those that are written anew are looked at while they stream by.
_SMALL = 1 << 14
_FIRST = 1024

_LOCAL = struct.Struct("<4s5H3I2H")
_CENTRAL = struct.Struct("<4s6H3I5H2I")
_END = struct.Struct("<4s4H2IH")
_END_64 = struct.Struct("<4sQ2H2I4Q")
_LOCATOR_64 = struct.Struct("<4sIQI")
_ENCRYPTED, _STREAMED, _PATCHED, _STRONG, _MASKED = 1, 8, 0x20, 0x40, 0x2000
_NONE_16, _NONE_32 = 0xFFFF, 0xFFFFFFFF
_UNICODE_NAME = 0x7075

#: attributes of a lock that hold what was made of a password
_PASSWORDS = {"password", "hashValue"}

_REMOVED = "请签名的人在 Excel 的“文件”→“信息”→“查看签名”里删除签名，写完再签；或另存为一个新的 .xlsx 后再试"
_PASSWORD = "请用密码打开，另存为不加密的文件后再试"


def check_package(package: Package | Path | str) -> Package:
    """Raises LedgerError for what must not be written to. Returns the package."""
    if not isinstance(package, Package):
        package = _opened(Path(package))
    name, content = package.name, package.content
    check_archive(content, name)
    if any(part.startswith("_xmlsignatures/") for part in package.infos):
        raise _signed(name)
    if "[content_types].xml" not in package.infos:
        raise damaged(name, "缺少 [Content_Types].xml")
    related = package.related("")
    if part_of(related, "origin"):  # of signatures, which may lie anywhere
        raise _signed(name)
    _check_workbook(package, part_of(related, "officeDocument"))
    for part in package.infos:
        _check_part(package, part)
    return package


def _opened(path: Path) -> Package:
    name, content = path.name, file_content(path)
    if content.startswith(_OLE):
        if "DRMEncrypted".encode("utf-16-le") in content or "DRMContent".encode("utf-16-le") in content:
            raise LedgerError(
                f"{name} 加了权限管理（IRM 或加密的敏感度标签），不能写入；"
                "请有权限的人在 Excel 里打开，取消权限限制或改用不加密的标签，另存后再试"
            )
        if "EncryptedPackage".encode("utf-16-le") in content:
            raise LedgerError(f"{name} 加了密码，{_PASSWORD}")
        raise LedgerError(f"{name} 是老格式（.xls），不能在里面写入；{RESAVE}")
    return Package(content, name)


def _signed(name: str) -> LedgerError:
    return LedgerError(f"{name} 有数字签名，写入后签名就失效了，所以没有写；{_REMOVED}")


def _check_workbook(package: Package, main: str):
    name = package.name
    if main.lower().endswith(".bin"):
        raise LedgerError(f"{name} 是二进制工作簿（.xlsb），不能在里面写入；{RESAVE}")
    workbook = package.elements(package.read(main)) if main else []
    if not workbook or workbook[0][0] != "workbook":
        raise LedgerError(f"{name} 不是 .xlsx 工作簿，不能在里面写入；{RESAVE}")
    related = package.related(main)
    linked = (
        related.get(next((value for key, value in attrs.items() if key.endswith(":id")), ""), ("", ""))
        for tag, attrs, _ in workbook if tag == "sheet"
    )  # fmt: skip
    if not any(kind == "worksheet" and part.lower() in package.infos for kind, part in linked):
        raise LedgerError(f"{name} 里没有普通的工作表（只有宏表、图表或对话框），写不进去；请核对是不是选错了文件")


def _check_part(package: Package, part: str):
    """No part that is XML may declare entities, also where it is only copied: whoever opens the result reads it."""
    from xml.parsers import expat

    info = package.infos[part]
    if part.endswith("/"):
        if info.file_size:
            raise _ambiguous(package.name, f"文件夹 {_shown(part)} 里直接放着数据")
        return
    named = part.endswith((".xml", ".rels", ".vml"))
    if named and info.compress_size <= _SMALL:
        pieces = package.pieces(part)
    elif info.file_size:
        pieces = _beginnings(package, info)
    else:
        return
    found = []

    def root(*_):
        found.append("root")
        parser.StartElementHandler = None

    def doctype(*_):
        found.append("doctype")

    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.StartDoctypeDeclHandler = root, doctype
    begun = named
    for piece in pieces:
        if not begun and piece.strip():
            begun = piece.lstrip()[:1] in (b"<", b"\xef", b"\xff", b"\xfe", b"\0")
            if not begun:
                return  # a picture
        for at in range(0, len(piece), _FIRST):  # up to the first element, which comes after any DOCTYPE
            if found:
                break
            try:
                parser.Parse(piece[at : at + _FIRST], False)
            except (expat.ExpatError, ValueError):  # copied as it is, unless only other readers understand it
                found.append("doctype" if b"<!DOCTYPE" in piece.replace(b"\0", b"") else "no XML")
        if "doctype" in found:
            raise package.forbidden()
        if found and not (named and info.compress_size <= _SMALL):
            return


def _beginnings(package: Package, info):
    """Bytes of a member from its first on, a little at a time, as many as are asked for."""
    content, start = package.content, info.header_offset
    start += _LOCAL.size + sum(struct.unpack_from("<HH", content, start + 26))
    end = start + info.compress_size
    if info.compress_type == 0:
        for at in range(start, end, _FIRST):
            yield bytes(content[at : min(at + _FIRST, end)])
        return
    unpack = zlib.decompressobj(-15)
    try:
        for at in range(start, end, _FIRST):
            waiting = bytes(content[at : min(at + _FIRST, end)])
            while waiting:
                yield unpack.decompress(waiting, _FIRST)
                waiting = unpack.unconsumed_tail
    except zlib.error:
        raise damaged(package.name, info.filename) from None


# ---- the zip


@dataclass
class _Member:
    """What the directory of a zip says of a member."""

    name: bytes
    flags: int
    method: int
    check: int
    packed: int
    size: int
    start: int


def check_archive(content, name: str):
    """Whether a zip (bytes, or a file mapped into memory) says one thing only. Raises LedgerError.

    Nothing is unpacked, so it costs next to nothing; a file that was just written can be checked with it, too.
    """
    if content[:4] != b"PK\3\4":
        raise _ambiguous(name, "开头有多余的数据" if b"PK\3\4" in content[:65536] else "开头不是压缩包")
    try:
        members, start = _members(content, name)
        _check_names(members, name)
        _check_members(content, members, start, name)
    except (struct.error, IndexError):
        raise damaged(name, "压缩包不完整") from None


def check_written(file: BinaryIO, name: str):
    """The same of a file that was just written, before it takes the place of another. Raises LedgerError."""
    try:
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
            check_archive(content, name)
    except (LedgerError, ValueError) as error:
        raise LedgerError(f"{name} 写出来的文件没有通过检查，没有保存；请再试一次，还不行请报告给开发人员") from error


def _ambiguous(name: str, what: str) -> LedgerError:
    return LedgerError(f"{name} 的压缩包不正常（{what}），不同的软件会读出不同的内容，为安全起见没有写；{RESAVE}")


def _shown(part: str | bytes) -> str:
    text = part if isinstance(part, str) else part.decode("utf-8", "replace")
    return "".join(c if c.isprintable() else "?" for c in text[:80])


def _members(content, name: str) -> tuple[list[_Member], int]:
    """What the directory lists, and where it starts."""
    length = len(content)
    last = content.rfind(b"PK\5\6", max(0, length - _END.size - _NONE_16))
    if last < 0:
        raise damaged(name, "压缩包不完整")
    ends, at = [], last
    while at >= 0:  # a comment may hold what looks like another end
        if at + _END.size <= length:
            ends.append((at, _END.unpack_from(content, at)))
        at = content.rfind(b"PK\5\6", max(0, length - _END.size - _NONE_16), at)
    exact = [(at, end) for at, end in ends if at + _END.size + end[-1] == length]
    if len(exact) > 1:
        raise _ambiguous(name, "有两个目录")
    if not exact or exact[0][0] != last:
        raise _ambiguous(name, "末尾有多余的数据，或者不完整")
    at, (_, disk, first_disk, here, count, size, start, _) = exact[0]
    stop = at
    locator = at - _LOCATOR_64.size
    if locator >= 0 and content[locator : locator + 4] == b"PK\6\7":
        count, size, start, stop = _large(content, locator, (disk, first_disk, here, count, size, start), name)
    elif (disk, first_disk) != (0, 0) or here != count:
        raise _ambiguous(name, "是分卷压缩的一部分")
    if start + size != stop:
        raise _ambiguous(name, "目录的位置不对，开头或中间可能有多余的数据")
    if count > _MOST_MEMBERS:
        raise _ambiguous(name, f"有 {count} 个部件，太多了")
    found, at = [], start
    while at < stop:
        member, at = _member(content, at, name)
        found.append(member)
    if at != stop or len(found) != count:
        raise _ambiguous(name, "目录和部件的个数不一致")
    return found, start


def _large(content, locator: int, small: tuple, name: str) -> tuple[int, int, int, int]:
    """Number of members, size and place of the directory, and where it ends, of a zip with the records for large files:
    both records have to say the same, or the small one that it does not know."""
    odd = _ambiguous(name, "大文件的目录前后不一致")
    _, disk, at, disks = _LOCATOR_64.unpack_from(content, locator)
    if disk or disks > 1 or at + _END_64.size > locator:
        raise odd
    signature, length, _, _, disk, first_disk, here, count, size, start = _END_64.unpack_from(content, at)
    large = disk, first_disk, here, count, size, start
    unknown = (_NONE_16,) * 4 + (_NONE_32,) * 2
    if signature != b"PK\6\6" or at + 12 + length != locator or (disk, first_disk) != (0, 0) or here != count:
        raise odd
    if any(one not in (all_, none) for one, all_, none in zip(small, large, unknown)):
        raise odd
    return count, size, start, at


def _member(content, at: int, name: str) -> tuple[_Member, int]:
    fields = _CENTRAL.unpack_from(content, at)
    signature, _, _, flags, method, _, _, check, packed, size, *rest = fields
    name_length, extra_length, comment_length, disk, _, _, start = rest
    if signature != b"PK\1\2":
        raise damaged(name, "压缩包的目录不完整")
    at += _CENTRAL.size
    raw = bytes(content[at : at + name_length])
    extra = bytes(content[at + name_length : at + name_length + extra_length])
    fields = _extras(extra, raw, name)
    large = fields.get(1, b"")
    place = 0
    numbers = [size, packed, start]
    for number, value in enumerate(numbers):
        if value == _NONE_32:
            (numbers[number],) = struct.unpack_from("<Q", large, place)
            place += 8
    if disk not in (0, _NONE_16):
        raise _ambiguous(name, "是分卷压缩的一部分")
    if flags & (_ENCRYPTED | _STRONG | _MASKED):
        raise LedgerError(f"{name} 加了密码，{_PASSWORD}")
    if method not in (0, 8) or flags & _PATCHED:
        raise _ambiguous(name, f"部件 {_shown(raw)} 的压缩方法少见")
    size, packed, start = numbers
    return _Member(raw, flags, method, check, packed, size, start), at + name_length + extra_length + comment_length


def _extras(extra: bytes, raw: bytes, name: str) -> dict[int, bytes]:
    """Extra fields of a member by their kind."""
    found: dict[int, bytes] = {}
    at = 0
    while at + 4 <= len(extra):
        kind, size = struct.unpack_from("<HH", extra, at)
        if kind in found and kind in (1, _UNICODE_NAME):
            raise _ambiguous(name, f"部件 {_shown(raw)} 有两个大小或两个名字")
        found[kind] = extra[at + 4 : at + 4 + size]
        at += 4 + size
    other = found.get(_UNICODE_NAME, b"")
    if len(other) > 5 and zlib.crc32(raw) == struct.unpack_from("<I", other, 1)[0]:
        if other[5:] != raw and not any(byte > 127 for byte in raw):  # else the same in another encoding
            raise _ambiguous(name, f"部件 {_shown(raw)} 还有另一个名字")
    return found


def _check_names(members: list[_Member], name: str):
    seen: dict[bytes, bytes] = {}
    for member in members:
        raw = member.name
        path = raw.replace(b"\\", b"/").removeprefix(b"/")  # XlsxWriter writes one part with a slash in front
        steps = path.removesuffix(b"/").split(b"/")
        if re.match(rb"[A-Za-z]:", path) or not {b"", b".", b".."}.isdisjoint(steps):
            raise _ambiguous(name, f"部件名 {_shown(raw)} 指到了压缩包外面")
        if re.search(rb"[\x00-\x1f\x7f]", path):
            raise _ambiguous(name, f"部件名 {_shown(raw)} 里有看不见的字符")
        key = b"/".join(steps).lower()  # what Excel tells apart; a folder is told by what lies in it
        if key in seen:
            same = seen[key] == raw
            what = f"有两个 {_shown(raw)}" if same else f"{_shown(seen[key])} 和 {_shown(raw)} 只差大小写或斜杠"
            raise _ambiguous(name, what)
        seen[key] = raw


def _check_members(content, members: list[_Member], start: int, name: str):
    """Whether each member lies where it should and says of itself what the directory says of it."""
    if sum(member.size for member in members) > _MOST_UNPACKED:
        raise LedgerError(f"{name} 解压后大得不正常，可能是被做过手脚的压缩文件，没有写；{RESAVE}")
    end, before = 0, b""
    for member in sorted(members, key=lambda member: member.start):
        if member.start < end:
            raise _ambiguous(name, f"{_shown(before)} 和 {_shown(member.name)} 的位置重叠")
        _check_gap(content, end, member.start, name)
        signature, _, flags, method, _, _, check, packed, size, name_length, extra_length = _LOCAL.unpack_from(
            content, member.start
        )
        at = member.start + _LOCAL.size
        raw = bytes(content[at : at + name_length])
        at += name_length
        large = _extras(bytes(content[at : at + extra_length]), raw, name).get(1, b"")
        if _NONE_32 in (packed, size) and len(large) >= 16:
            size, packed = struct.unpack_from("<QQ", large)
        told, real = (check, packed, size), (member.check, member.packed, member.size)
        streamed = member.flags & _STREAMED and all(one in (0, other) for one, other in zip(told, real))
        differing = _ENCRYPTED | _STREAMED | _PATCHED
        if (
            signature != b"PK\3\4" or raw != member.name or method != member.method
            or flags & differing != member.flags & differing or not (told == real or streamed)
        ):  # fmt: skip
            raise _ambiguous(name, f"部件 {_shown(member.name)} 前后说法不一")
        if member.method == 0 and member.packed != member.size:
            raise _ambiguous(name, f"部件 {_shown(member.name)} 的大小不对")
        if member.size > SHRUNK_FROM and member.size > 1100 * max(member.packed, 1):  # deflate cannot do that
            raise _ambiguous(name, f"部件 {_shown(member.name)} 的大小不对")
        end, before = at + extra_length + member.packed, member.name
        if member.flags & _STREAMED:
            end += _descriptor(content, end, member)
        if end > start:
            raise _ambiguous(name, f"部件 {_shown(member.name)} 伸进了目录")
    _check_gap(content, end, start, name)


def _descriptor(content, at: int, member: _Member) -> int:
    """The length of what follows a member that was written as a stream."""
    for numbers in ("<II", "<QQ"):
        told = struct.pack("<I", member.check) + struct.pack(numbers, member.packed, member.size)
        for mark in (b"PK\7\x08", b""):
            if content[at : at + len(mark) + len(told)] == mark + told:
                return len(mark) + len(told)
    return 0  # some writers leave it out


def _check_gap(content, start: int, end: int, name: str):
    """Room between members is no harm, unless it looks like a member."""
    if end - start >= _LOCAL.size and content.find(b"PK\3\4", start, end) >= 0:
        raise _ambiguous(name, "有目录里没有列出的部件")


# ---- what is locked


def protected(package: Package, *, structure: bool = False) -> str:
    """Why nothing may be written into a workbook, and what to do; "" where it may.

    structure: whether sheets are to be added or replaced
    """
    main = part_of(package.related(""), "officeDocument")
    workbook = package.elements(package.read(main))
    for tag, attrs, _ in workbook:
        if tag == "fileSharing":
            if attrs.keys() & {"reservationPassword", "hashValue"}:
                return f"{package.name} 设了修改密码，不能直接写入；要直接写进去，请用密码打开，另存时去掉修改密码"
            if _on(attrs.get("readOnlyRecommended")):
                return f"{package.name} 设成了“建议只读”，不能直接写入；要直接写进去，请另存时去掉“建议只读”"
        if tag == "workbookProtection" and structure and _on(attrs.get("lockStructure")):
            return (
                f"{package.name} 的工作簿结构有保护，不能增加工作表；"
                "要直接写进去，请先在 Excel 或 WPS 的“审阅”→“保护工作簿”里撤销保护"
            )
    if _final(package):
        return f"{package.name} 标记成了最终版本，不能直接写入；要直接写进去，请先在 Excel 里点“仍然编辑”并保存"
    return ""


def sheet_locked(root, unlocking: bool = False) -> bool:
    """Whether the tree of a worksheet (its rows are not needed) says that it is protected.

    unlocking: what anybody may unprotect, without a password, does not count
    """
    names = (element.tag.rpartition("}")[2] if isinstance(element.tag, str) else "" for element in root)
    locks = [one for name, one in zip(names, root) if name == "sheetProtection" and _on(one.get("sheet"))]
    return any(not unlocking or _PASSWORDS & set(one.keys()) for one in locks)


def sheet_protected(name: str) -> str:
    """The sentence for a protected sheet."""
    return f"工作表“{name}”有保护，不能写入；要直接写进去，请先在 Excel 或 WPS 的“审阅”里撤销工作表保护"


def _on(value: str | None) -> bool:
    return value in ("1", "true", "on")


def _final(package: Package) -> bool:
    found = package.elements(package.read("docProps/custom.xml"))
    for (tag, attrs, _), (_, _, text) in zip(found, found[1:]):
        if tag == "property" and attrs.get("name") == "_MarkAsFinal":
            return _on("".join(text).strip().lower())
    return False
