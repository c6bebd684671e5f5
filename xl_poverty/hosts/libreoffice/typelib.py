"""UNO interfaces as a type library: the file that `unoidl-write` of the SDK would make, without the SDK.

The format is that of unoidl/source/unoidl-write.cxx: a header, entities as they come, and maps of names to places,
sorted so that a reader finds a name by halving.
"""
from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from typing import NamedTuple

_MAGIC = b"UNOIDL\xff\0"
_MODULE, _INTERFACE, _IN = 0, 5, 0
#: marks a text that stands elsewhere already
_THERE = 0x80000000


class Method(NamedTuple):
    """Types as UNO writes them: any, []any, com.sun.star.beans.XPropertySet."""

    name: str
    result: str
    parameters: Sequence[tuple[str, str]]  # name, type; all of them [in]


def type_library(interfaces: Mapping[str, Sequence[Method]]) -> bytes:
    """A type library of these interfaces, by their full names: org.xlpoverty.XFunctions."""
    tree: dict = {}
    for name, methods in interfaces.items():
        *modules, own = name.split(".")
        place = tree
        for module in modules:
            place = place.setdefault(module, {})
        place[own] = methods
    return _Writer().library(tree)


class _Writer:
    def __init__(self):
        self.content = bytearray(_MAGIC + bytes(8))
        self.texts: dict[str, int] = {}

    def library(self, tree: dict) -> bytes:
        entries = self._entries(tree)
        self.content[len(_MAGIC) : len(_MAGIC) + 8] = struct.pack("<II", len(self.content), len(entries))
        self._numbers(*(number for entry in entries for number in entry))
        return bytes(self.content)

    def _entries(self, tree: dict) -> list[tuple[int, int]]:
        """(place of the name, place of the entity) of what stands in a module."""
        names = sorted(tree)
        entities = [self._module(tree[name]) if isinstance(tree[name], dict) else self._interface(tree[name])
                    for name in names]  # fmt: skip
        entries = []
        for name, entity in zip(names, entities):
            entries.append((len(self.content), entity))
            self.content += name.encode("ascii") + b"\0"
        return entries

    def _module(self, tree: dict) -> int:
        entries = self._entries(tree)
        place = len(self.content)
        self.content.append(_MODULE)
        self._numbers(len(entries), *(number for entry in entries for number in entry))
        return place

    def _interface(self, methods: Sequence[Method]) -> int:
        place = len(self.content)
        self.content.append(_INTERFACE)
        self._numbers(1)
        self._text("com.sun.star.uno.XInterface")
        self._numbers(0, 0, len(methods))  # no optional bases, no attributes
        for method in methods:
            self._text(method.name)
            self._text(method.result)
            self._numbers(len(method.parameters))
            for name, kind in method.parameters:
                self.content.append(_IN)
                self._text(name)
                self._text(kind)
            self._numbers(0)  # no exceptions
        return place

    def _text(self, text: str):
        if text in self.texts:
            self._numbers(self.texts[text] | _THERE)
            return
        self.texts[text] = len(self.content)
        self._numbers(len(text))
        self.content += text.encode("ascii")

    def _numbers(self, *numbers: int):
        self.content += struct.pack(f"<{len(numbers)}I", *numbers)
