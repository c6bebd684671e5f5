"""The texts that an .xlsx keeps once for all cells."""

from __future__ import annotations

import re
from functools import cached_property
from threading import Lock

import numpy as np

from ...workbook.package import Package
from ...workbook.xml_text import FORBIDDEN, Unusual, decoded_text, entities, root_of

_BETWEEN, _SPACE = "</t></si><si><t>", '<t xml:space="preserve">'
_PHONETIC = re.compile(r"<phoneticPr(?:\s[^<>]*)?/>")
#: how many spellings of what tells about the phonetics are looked for
_SPELLINGS = 8


class SharedTexts:
    """Read when first asked for, whichever thread asks."""

    def __init__(self, package: Package, part: str):
        self._package, self._part, self._lock = package, part, Lock()
        self._found: list[str] | None = None

    def __getstate__(self) -> dict:
        """For another process: the texts, without the file that they come from."""
        return {"_found": self.texts, "_package": None, "_part": self._part}

    def __setstate__(self, state: dict):
        self.__dict__.update(state, _lock=Lock())

    @property
    def texts(self) -> list[str]:
        with self._lock:
            if self._found is None:
                self._found = self._read()
        return self._found

    @cached_property
    def first(self) -> np.ndarray | None:
        """Per text the place where it stands first; None where all are different."""
        if len(set(self.texts)) == len(self.texts):
            return None
        places: dict[str, int] = {}
        return np.array([places.setdefault(text, place) for place, text in enumerate(self.texts)], np.int64)

    def _read(self) -> list[str]:
        data = self._package.read(self._part)
        if data is None:
            return []
        try:
            return _quickly(self._package, data)
        except (Unusual, UnicodeDecodeError):
            return _thoroughly(self._package, data)


def _quickly(package: Package, data: bytes) -> list[str]:
    start, prefix = root_of(data, b"sst")
    end = data.rfind(b"</" + prefix + b"sst")
    if end < 0 or not re.fullmatch(rb"\s*>\s*", data[end + 5 + len(prefix) :]):
        raise Unusual
    data = data[start:end].strip()
    if prefix:
        data = data.replace(b"<" + prefix, b"<").replace(b"</" + prefix, b"</")
    controls = np.frombuffer(data, np.uint8) < 32
    text = data.decode()
    if np.count_nonzero(controls) and FORBIDDEN.search(text) or "\ufffe" in text or "\uffff" in text:
        raise Unusual
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    found = _plain(text)
    if found is None:
        text = text.replace(_SPACE, "<t>")
        for _ in range(_SPELLINGS):
            phonetic = _PHONETIC.search(text)
            if not phonetic:
                break
            text = text.replace(phonetic[0], "")
        found = _plain(text)
    return _mixed(package, text) if found is None else found


def _plain(text: str) -> list[str] | None:
    """Texts of which each is one <t>, and nothing between them."""
    if not (text.startswith("<si><t>") and text.endswith("</t></si>")):
        return None
    found = text[7:-9].split(_BETWEEN)
    return _read(found, text) if text.count("<") == 4 * len(found) else None


def _read(raw: list[str], text: str) -> list[str]:
    """What stands between tags, read. `text` contains all of it."""
    if "&" in text:
        raw = [entities(one) if "&" in one else one for one in raw]
    return list(map(decoded_text, raw)) if "_x" in text else raw


def _mixed(package: Package, text: str) -> list[str]:
    """Texts of which some consist of runs: those are left to the XML's own reader."""
    before, *items = text.replace("<si/>", "<si></si>").split("<si>")
    if before.strip():
        raise Unusual
    plain, others = [], []
    for place, item in enumerate(items):
        item = item.rstrip()
        if item.startswith("<t>") and item.endswith("</t></si>") and item.count("<") == 3:
            plain.append(item[3:-9])
        elif item.endswith("</si>"):
            plain.append("")
            others.append((place, f"<si>{item}"))
        else:
            raise Unusual
    found = _read(plain, text)
    if others:
        document = "".join(["<sst>", *(item for _, item in others), "</sst>"])
        texts = _thoroughly(package, document.encode())
        if len(texts) != len(others):
            raise Unusual
        for (place, _), one in zip(others, texts):
            found[place] = one
    return found


def _thoroughly(package: Package, data: bytes) -> list[str]:
    found: list[str] = []
    runs: list[str] = []
    level = {"rPh": 0, "t": 0}

    def start(tag, attrs):
        if tag == "si":
            runs.clear()
        elif tag in level:
            level[tag] += 1

    def end(tag):
        if tag == "si":
            found.append(decoded_text("".join(runs)))
        elif tag in level:
            level[tag] -= 1

    def text(part):
        if level["t"] and not level["rPh"]:
            runs.append(part)

    package.events(data, start, end, text)
    return found
