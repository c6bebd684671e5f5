"""XML in pieces that are no documents by themselves: texts, attributes, the root's start."""

from __future__ import annotations

import re


class Unusual(Exception):
    """The XML is not written in a way that is known here; nothing is said about whether it is right."""


#: characters that XML does not allow
FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_CODE = re.compile("_x([0-9A-Fa-f]{4})_")
_ENTITY = re.compile(r"&(?:(lt|gt|amp|quot|apos)|#(\d{1,7})|#x([0-9A-Fa-f]{1,6}));|&")
_NAMED = {"lt": "<", "gt": ">", "quot": '"', "apos": "'", "amp": "&"}  # "&amp;lt;" is "&lt;"
_OTHER_ENTITY = re.compile("&(?!(?:lt|gt|amp|quot|apos);)")
#: attributes, where no value holds what would have to be read first
ATTRIBUTES = rb'((?:\s+[A-Za-z_][\w:.-]*="[^"<>&\x00-\x1f]*")*)\s*'
_ATTRIBUTE = re.compile(rb'([\w:.-]+)="([^"]*)"')


def root_of(data: bytes, name: bytes) -> tuple[int, bytes]:
    """(where the content of the root element starts, its prefix with the colon). Raises Unusual, also for other
    encodings than UTF-8."""
    root = re.match(rb"(?:\xef\xbb\xbf)?\s*(<\?xml[^<>]*\?>)?\s*<(\w+:)?%b(?:\s[^<>]*)?>" % name, data)
    if not root or root[0].endswith(b"/>"):
        raise Unusual
    encoding = re.search(rb"encoding\s*=\s*[\"']([^\"']*)", root[1] or b"")
    if encoding and encoding[1].lower() != b"utf-8":
        raise Unusual
    return root.end(), root[2] or b""


def texts_of(raw: list[bytes]) -> list[str]:
    """Texts that stand between tags, all at once. Raises Unusual or UnicodeDecodeError."""
    joined = b"\0".join(raw).decode()
    if not joined.isprintable() and FORBIDDEN.search(joined.replace("\0", "")):
        raise Unusual
    if "\r" in joined:
        joined = joined.replace("\r\n", "\n").replace("\r", "\n")
    texts = entities(joined).split("\0")
    if len(texts) != max(len(raw), 1):
        raise Unusual
    return texts[: len(raw)]


def entities(text: str) -> str:
    """&lt; and the like are the characters that they stand for."""
    if "&" not in text:
        return text
    if _OTHER_ENTITY.search(text):
        return _ENTITY.sub(_character, text)
    for name, character in _NAMED.items():
        text = text.replace(f"&{name};", character)
    return text


def _character(match) -> str:
    name, decimal, hexadecimal = match.groups()
    if name:
        return _NAMED[name]
    code = int(decimal) if decimal else int(hexadecimal or "0", 16)
    if not 0 < code < 0x110000 or 0xD800 <= code < 0xE000 or FORBIDDEN.match(chr(code)):
        raise Unusual
    return chr(code)


def attributes_of(raw: bytes) -> dict[str, str]:
    """Attributes that ATTRIBUTES has found."""
    found = _ATTRIBUTE.findall(raw)
    attrs = {key.decode(): value.decode() for key, value in found}
    if len(attrs) < len(found):
        raise Unusual
    return attrs


def decoded_text(text: str) -> str:
    """_x000D_ stands for the character of that code."""
    return _CODE.sub(lambda match: chr(int(match[1], 16)), text) if "_x" in text else text
