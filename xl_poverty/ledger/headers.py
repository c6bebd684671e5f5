"""What a header says: its text, taken apart, against the fields of fields.toml, the words of the measures and those
that an office has for itself. Where a text leaves it open, that is told; layout.py looks at the cells then."""
from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property, lru_cache
from typing import NamedTuple

from ..errors import LedgerError
from ..formulas.signatures import Signature, plain_arguments, signatures
from ..rules.arguments import fold
from .cleaning import VALUE, money, months, number
from .fields import Field, argument_field, fields, table

#: what the text of a header says of its column
TAKEN = "taken"  # it is this field
SPARE = "spare"  # it is, unless another column says it without a remark
APART = "apart"  # a general word (联系电话) under a header of which nobody knows whom it speaks of
LIKE = "like"  # its text is nearly that of one or several known headers
ASKED = "asked"  # a known header, but a year, a plan or a remark beside it may make it another thing
NONE = "none"

EXACT, REDUCED, JOINED, ALONE, LIKENESS = 1.0, 0.98, 0.95, 0.9, 0.9
#: kinds whose cells are unlike others, so that they can prove what a mistyped header means
PROVABLE = ("id", "phone", "date", "account", "word", "words")
#: so long headers have to be to be nearly known ones: where the slip is plain or the cells are words that stand nowhere
#: else; where the cells prove nothing (养殖收益 is not 养殖收入); where they only prove a date or a phone, of whatever
#: (发卡日期 is not 发放日期)
SHORTEST_LIKE, SHORTEST_UNPROVABLE, SHORTEST_OF_WHATEVER = 4, 5, 6
WEAKEST_LIKENESS = 0.85
#: a longer text is no header
LONGEST = 60
_SHOWN = 30

_FIGURES = ("money", "number", "months")


# ---- the text of a header


@lru_cache(maxsize=1 << 14)
def key_of(text: str) -> str:
    """A header as headers are compared: width folded, without blanks, line breaks and invisible marks."""
    folded = fold(text)
    return folded if folded.isprintable() else "".join(c for c in folded if unicodedata.category(c) != "Cf")


def header_key(text) -> str:
    """The same, without a unit in brackets at its end."""
    key = key_of(str(text))
    bracket = _BRACKET.search(key)
    return key[: bracket.start()] if bracket and bracket.start() and is_unit(bracket["content"]) else key


def one_line(text: str) -> str:
    """A header as it is shown: without line breaks."""
    return "".join(part.strip() for part in text.splitlines()).strip()


def shown(text: str) -> str:
    """A header within a message."""
    text = one_line(text)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


@cache
def is_unit(text: str) -> bool:
    """Is this folded text a unit and nothing else?"""
    return text == "月" or bool(text) and number(2, text).state == VALUE


def unit_of_line(text: str) -> str:
    """The unit of money that a line above a table tells (金额单位：万元), "" if it tells none."""
    for part in (*text.split(), text):
        for told in _UNIT_LINE.findall(key_of(part)):
            units = [unit for unit in re.split("[,、;]", told) if is_money_unit(unit)]
            if len(units) == 1:
                return units[0]
    return ""


_UNIT_LINE = re.compile(r"单位:([^:()]+)")


@cache
def is_money_unit(text: str) -> bool:
    return is_unit(text) and "元" in text and money(2, text).state == VALUE


@dataclass(frozen=True)
class Reading:
    """One way to read the text of a header: what is left of it after some things were taken off.

    key      what is compared
    unit     the unit that stands in it
    remarks  what stands in brackets and is no unit
    cut      what was taken off, for the clerk; "" where nothing was
    """

    key: str
    unit: str
    remarks: tuple[str, ...] = ()
    cut: str = ""


_NUMBER_IN_FRONT = re.compile(
    r"[*★※#☆]+|其中:?|\(\d{1,2}\)[.、]?|\d{1,2}[.、:)](?!\d)|\([一二三四五六七八九十]{1,3}\)|[一二三四五六七八九十]{1,3}[、.:]"
    r"|[A-Z]{1,2}\d{1,3}[A-Z]?[.、:]?(?=[\u4e00-\u9fff])"
)
_BRACKET = re.compile(r"[(\[【](?P<content>[^()\[\]【】]*)[)\]】]$")
_UNIT_BEHIND = re.compile(r"[/,、:]([^/,、:()]+(?:/[^/,、:()]+)*)$")
_COPY = re.compile(r"\.\d(?P<content>)$")  # pandas numbers headers that stand there twice


@lru_cache(maxsize=1 << 14)
def readings(text: str) -> tuple[Reading, ...]:
    """The ways to read a header, the one that takes nothing off first."""
    whole = key_of(text)
    found = _reduced(whole)
    in_front = _NUMBER_IN_FRONT.match(whole)
    if in_front and in_front.end() < len(whole):
        found += _reduced(whole[in_front.end() :], in_front[0])
    words = text.split()
    if len(words) > 1:  # 年收入 元, on two lines
        last, rest = key_of(words[-1]), key_of("".join(words[:-1]))
        if is_unit(last) and not rest.endswith(("/", "(", "每")):
            found += [replace(reading, unit=last) for reading in _reduced(rest, last)]
    return tuple(found)


def _reduced(head: str, cut: str = "") -> list[Reading]:
    """A text, then without each of the brackets at its end, from the right, then without a unit behind a stroke."""
    unit, remarks = "", ()
    found = [Reading(head, unit, remarks, cut)]
    while True:
        stripped = head.rstrip("*★※☆")
        bracket = _BRACKET.search(stripped) or _COPY.search(stripped)
        if bracket is None or not bracket.start():
            break
        for part in re.split("[,、;]", (bracket["content"] or "").removeprefix("单位").removeprefix(":")):
            if is_unit(part):
                unit = unit or part
            elif part:
                remarks = (*remarks, part)
        head, cut = stripped[: bracket.start()], "、".join(filter(None, (cut, bracket[0])))
        found.append(Reading(head, unit, remarks, cut))
    if stripped and stripped != head:
        found.append(Reading(stripped, unit, remarks, cut or head[len(stripped) :]))
    found = [replace(reading, unit=unit) for reading in found]
    behind = _UNIT_BEHIND.search(head)
    if behind and behind.start() and is_unit(behind[1]):
        found.append(Reading(head[: behind.start()], unit or behind[1], remarks, cut or behind[0]))
    return found


def own_unit(text: str) -> str:
    """The unit that a header has in it, "" without one."""
    return next((reading.unit for reading in readings(text) if reading.unit), "")


# ---- headers over headers


@dataclass(frozen=True)
class _Groups:
    """[groups] of fields.toml."""

    neutral: frozenset[str]
    foreign: tuple[str, ...]
    foreign_whole: frozenset[str]
    changing: tuple[str, ...]
    same: Mapping[str, tuple[str, ...]]
    endings: tuple[str, ...]
    harmless: frozenset[str]


@cache
def _groups() -> _Groups:
    told = table()["groups"]
    same: dict[str, list[str]] = {}
    for word, others in told["same"].items():
        for other in others:
            same.setdefault(key_of(other), []).append(word)
    foreign = [key_of(word) for word in told["foreign"]]
    return _Groups(
        frozenset(map(key_of, told["neutral"])),
        tuple(word for word in foreign if len(word) > 2),
        frozenset(word for word in foreign if len(word) <= 2),
        tuple(map(key_of, told["changing"])),
        {word: tuple(others) for word, others in same.items()},
        tuple(sorted(map(key_of, told["endings"]), key=len, reverse=True)),
        frozenset(map(key_of, told["harmless"])),
    )


@lru_cache(maxsize=1 << 12)
def stem_of(text: str) -> str:
    """A header over others without what says nothing: numbers in front, brackets, 情况, 信息."""
    stem = min((reading.key for reading in readings(text)), key=len)
    changed = True
    while changed:
        changed = False
        for ending in _groups().endings:
            if stem.endswith(ending) and len(stem) > len(ending):
                stem, changed = stem[: -len(ending)], True
    return stem


_OF_A_YEAR = re.compile(r"\d{2,4}年|[一二三四1-4]季度|[上下]半年|\d{1,2}月")


def is_changing(text: str) -> bool:
    """Does a text speak of a year, a plan or a time before?"""
    key = key_of(text)
    return bool(_OF_A_YEAR.search(key)) or any(word in key for word in _groups().changing)


def is_foreign(text: str) -> bool:
    """Does a text speak of somebody else than whose row it is (帮扶责任人, 监护人, 村干部)?"""
    if is_neutral(text):
        return False
    groups, stem = _groups(), stem_of(text)
    return stem in groups.foreign_whole or any(word in stem for word in groups.foreign)


def is_neutral(text: str) -> bool:
    """Does a header over others say nothing of its own (基本信息, 家庭成员情况)?"""
    groups = _groups()
    return stem_of(text) in groups.neutral or key_of(text) in groups.neutral


@cache
def _general() -> frozenset[str]:
    return frozenset(map(key_of, table()["groups"]["general"]))


# ---- what is known


@dataclass(frozen=True)
class Entry:
    """A known header. `header`: as it is written in the table; `office`: is it the office's own?"""

    field: Field
    header: str
    office: bool = False


@dataclass(frozen=True)
class Match:
    """What the text of a header says.

    state       TAKEN, SPARE, APART, LIKE, ASKED or NONE
    entries     the known headers that are meant: one, several where it is LIKE more than one, none
    confidence  of TAKEN and SPARE
    how         why, for the clerk
    unit        the header's own
    about       what makes it ASKED: the year or remark beside it
    proven      LIKE: may the cells prove it?
    """

    state: str
    entries: tuple[Entry, ...] = ()
    confidence: float = 0.0
    how: str = ""
    unit: str = ""
    about: str = ""
    proven: bool = False

    @property
    def field(self) -> Field | None:
        return self.entries[0].field if self.entries else None


class Vocabulary:
    """Every header that is known, on top of those of `base`."""

    def __init__(self, entries: Iterable[tuple[str, Entry]], base: Vocabulary | None = None):
        self.base = base
        self._own: dict[str, Entry] = {}
        for header, entry in entries:
            self._own.setdefault(key_of(header), entry)
        # files of one office share their headers, and many of their words
        self._match = lru_cache(maxsize=1 << 12)(self._match)
        self._knows = lru_cache(maxsize=1 << 14)(self._knows)

    def entry(self, key: str) -> Entry | None:
        """What a folded header means, letter by letter; fields that repeat may be numbered."""
        found = self._exact(key)
        if found is None and key[-1:] in _LAST_OF_NUMBERED:
            numbered = self._exact(_NUMBERED.sub("", key))
            found = numbered if numbered and numbered.field.repeats else None
        return found

    def _exact(self, key: str) -> Entry | None:
        found = self._own.get(key)
        return self.base._exact(key) if found is None and self.base else found

    def names(self) -> dict[str, Field]:
        """Name or label -> field."""
        found = dict(self.base.names()) if self.base else {}
        for entry in self._own.values():
            found.setdefault(entry.field.name, entry.field)
            found.setdefault(entry.field.label, entry.field)
        return found

    @cached_property
    def named(self) -> dict[str, Field]:
        return {key_of(name): field for name, field in self.names().items()}

    def field(self, name: str) -> Field | None:
        """The field of this name, label or header."""
        found = self.named.get(key_of(name))
        if found is None:
            entry = self.entry(key_of(name))
            found = entry.field if entry else None
        return found

    @cached_property
    def written(self) -> frozenset[str]:
        """The known headers as they are usually written."""
        own = {text for key, entry in self._own.items() for text in (key, entry.header)}
        return frozenset(own | self.base.written if self.base else own)

    def knows(self, text: str) -> bool:
        """Is this text, or what is left of it without unit and remark, a known header?"""
        return not text.isascii() and self._knows(text)

    def known_among(self, values: list) -> list[int]:
        """The places of the values that are such texts."""
        return [place for place, value in enumerate(values)
                if value.__class__ is str and not value.isascii() and self._knows(value)]  # fmt: skip

    def _knows(self, text: str) -> bool:
        if len(text) > LONGEST:
            return False
        if _PLAIN.fullmatch(text):  # most cells: names, places
            return self.entry(text) is not None
        key = key_of(text)
        if self.entry(key):
            return True
        if not _MORE.search(key) and len(text) == len(key):
            return False
        return any(self.entry(reading.key) for reading in readings(text))

    # ---- nearly the same

    @cached_property
    def _by_deletion(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for key in self._own:
            if len(key) >= SHORTEST_LIKE:
                for shorter in _deletions(key):
                    found.setdefault(shorter, []).append(key)
        return found

    @cached_property
    def _long(self) -> list[str]:
        return [key for key in self._own if len(key) > _LONG]

    def alike(self, key: str) -> list[tuple[Entry, Slip | None]]:
        """Every known header that is nearly this one, with the slip that makes the difference; None for a longer one in
        which several letters differ."""
        found = self.base.alike(key) if self.base else []
        near = dict.fromkeys(known for shorter in _deletions(key) for known in self._by_deletion.get(shorter, ()))
        for known in near:
            slip = _slip(key, known)
            if slip:
                found.append((self._own[known], slip))
        if len(key) >= _LONG:
            for known in self._long:
                if known not in near and _likeness(key, known) >= WEAKEST_LIKENESS:
                    found.append((self._own[known], None))
        return found

    # ---- what a header says

    def match(self, path: Sequence[str]) -> Match:
        """What the texts over a column say, from the top level down."""
        return self._match(*path) if path else Match(NONE)

    def _match(self, *path: str) -> Match:
        *over, leaf = path
        joined = self._joined(over, leaf) or self._sum_of(over, leaf) if over else None
        return joined or self._of_leaf(over, leaf)

    def _sum_of(self, over: list[str], leaf: str) -> Match | None:
        """小计 under 工资性收入 is 工资性收入."""
        if readings(leaf)[-1].key not in table()["words"]["totals"]:
            return None
        for reading in readings(over[-1]):
            entry = self.entry(reading.key)
            if entry and entry.field.kind in _FIGURES and not reading.remarks:
                how = f"“{shown(over[-1])}”下面的“{shown(leaf)}”，即“{entry.header}”"
                return _fitting(Match(TAKEN, (entry,), JOINED, how, own_unit(leaf) or reading.unit))
        return None

    def _joined(self, over: list[str], leaf: str) -> Match | None:
        """A header over another and that one, read as one."""
        nearest = list(reversed(over))
        for text, group in [(text, text) for text in nearest] + [("".join(over), "／".join(over))]:
            for reading in readings(leaf):
                for word in _words_of(text, bool(self.entry(reading.key))):
                    for key in (word + reading.key, reading.key + word):
                        entry = self.entry(key)
                        if entry and not _remark_is_doubt(reading, entry):
                            unit = reading.unit or own_unit(text)
                            how = f"上级表头“{shown(group)}”＋“{shown(leaf)}”，即“{entry.header}”"
                            return _fitting(Match(TAKEN, (entry,), JOINED, how, unit))
        return None

    def _of_leaf(self, over: list[str], leaf: str) -> Match:
        unit = next((u for u in map(own_unit, (leaf, *reversed(over))) if u), "")
        for reading in readings(leaf):
            entry = self.entry(reading.key)
            if entry:
                return _fitting(replace(self._told(over, leaf, reading, entry), unit=reading.unit or unit))
        if any(is_foreign(text) or is_changing(text) for text in over):
            return Match(NONE, unit=unit)
        like = self._nearly(leaf, unit)
        if any(key_of(entry.header) in _general() for entry in like.entries) and not all(map(is_neutral, over)):
            return Match(NONE, unit=unit)
        return like

    def _told(self, over: list[str], leaf: str, reading: Reading, entry: Entry) -> Match:
        """What a known header says that stands under others, or has something beside it."""
        entries = (entry,)
        for remark in reading.remarks:  # 姓名（户主） is 户主姓名
            for key in (remark + reading.key, reading.key + remark):
                if self.entry(key):
                    return Match(TAKEN, (self.entry(key),), JOINED, f"“{shown(leaf)}”即“{self.entry(key).header}”")
        if entry.office:
            return Match(TAKEN, entries, EXACT, f"按办公室设置，“{shown(leaf)}”即“{entry.field.label}”")
        foreign = next((text for text in (*over, *reading.remarks) if is_foreign(text)), None)
        if foreign:
            return Match(NONE, how=f"“{shown(leaf)}”说的是“{shown(foreign)}”，未用")
        doubt = next((text for text in over if is_changing(text) and not is_neutral(text)), None)
        doubt = doubt or _remark_is_doubt(reading, entry)
        if doubt:
            general = key_of(reading.key) in _general()
            return Match(NONE if general else ASKED, entries, how=f"“{shown(doubt)}”可能另有所指", about=doubt)
        unknown = next((text for text in reversed(over) if not is_neutral(text)), None)
        if over:
            if unknown and reading.key in _general():
                return Match(APART, entries, how=f"“{shown(leaf)}”在“{shown(unknown)}”下面，分不清说的是谁，未用")
            return Match(TAKEN, entries, ALONE, f"表头即“{entry.header}”（上级表头“{shown('／'.join(over))}”）")
        if not reading.cut:
            return Match(TAKEN, entries, EXACT, f"表头即“{entry.header}”")
        state = SPARE if reading.remarks else TAKEN
        return Match(state, entries, REDUCED, f"表头去掉“{reading.cut}”即“{entry.header}”")

    def _nearly(self, leaf: str, unit: str) -> Match:
        """Which known headers a text is nearly."""
        for reading in reversed(readings(leaf)):
            if len(reading.key) < SHORTEST_LIKE or any(map(is_changing, reading.remarks)):
                continue
            found: dict[str, Entry] = {}
            proven = False
            for entry, slip in self.alike(reading.key):
                known, kind = key_of(entry.header), entry.field.kind
                worded = kind in ("word", "words") and slip is not None and not slip.changes_meaning
                plain = worded or slip is not None and slip.is_plain(known)
                least = SHORTEST_LIKE if plain else SHORTEST_OF_WHATEVER
                if kind not in PROVABLE:
                    least = SHORTEST_UNPROVABLE
                if min(len(reading.key), len(known)) >= least and unit_fits(entry.field, unit):
                    found.setdefault(entry.field.name, entry)
                    proven = proven or plain
            if found:
                return Match(LIKE, tuple(found.values()), unit=unit, proven=proven and len(found) == 1)
        return Match(NONE, unit=unit)


#: what a header has beside its words
_MORE = re.compile(r"[()\[\]【】/,:.、*★※☆#]|^其中|^[A-Z\d]")
#: has none of that, and is its own key
_PLAIN = re.compile("(?!其中)[\u4e00-\u9fff][\u4e00-\u9fff0-9]*")
_LAST_OF_NUMBERED = frozenset("0123456789)一二三四五六")
_NUMBERED = re.compile(r"(?:\(\d{1,2}\)|\d{1,2}|[一二三四五六])$")
#: headers of this length can differ in two letters and be alike
_LONG = 13


def _words_of(group: str, known: bool) -> Iterator[str]:
    """What a header over others can be called when it is read together with one of those. `known`: that one is known
    by itself, and a group that says nothing does not make another thing of it (户基本情况 of 联系电话)."""
    stem = stem_of(group)
    found = dict.fromkeys(reading.key for reading in readings(group))
    yield from found
    if known and is_neutral(group):
        return
    if stem not in found:
        yield stem
    yield from _groups().same.get(stem, ())


def _remark_is_doubt(reading: Reading, entry: Entry) -> str:
    """The remark in brackets that may make a header another thing, or ""."""
    harmless = _groups().harmless
    for remark in reading.remarks:
        if remark in harmless or remark in reading.key:
            continue
        if is_changing(remark) or entry.field.kind in (*_FIGURES, "date"):
            return remark
    return ""


def unit_fits(field: Field, unit: str) -> bool:
    """Can the cells of this field be counted in this unit?"""
    if not unit:
        return True
    if field.kind == "money":
        return money(2, unit).state == VALUE
    if field.kind == "months":
        return months(1, unit).state == VALUE
    if field.kind == "number":
        return number(2, unit, field.unit).state == VALUE
    return field.kind == "date" and unit in ("年", "月", "日")


def _fitting(match: Match) -> Match:
    """A match, unless the header's unit belongs to something else: 低保金（人） is a number of persons."""
    field, unit = match.field, match.unit
    if field is None or match.state == NONE or unit_fits(field, unit):
        return match
    if unit in ("年", "年度") and field.kind == "money":
        return replace(match, unit="")
    if key_of(unit) in match.entries[0].header:  # 公益性岗位(月数)
        return replace(match, unit="")
    return Match(NONE, how=f"单位是“{unit}”，不是“{field.label}”的单位，未用", unit=unit)


# ---- nearly the same


def _deletions(key: str) -> Iterator[str]:
    yield key
    for place in range(len(key)):
        yield key[:place] + key[place + 1 :]


class Slip(NamedTuple):
    """What makes a header that was typed another than a known one.

    letters   that differ
    place     in the known header
    obvious   a letter is doubled, or two are swapped
    """

    letters: frozenset[str]
    place: int
    obvious: bool

    @property
    def is_confused(self) -> bool:
        """Are these letters that everybody confuses?"""
        return any(self.letters <= frozenset(pair) for pair in table()["likeness"]["confused"])

    @property
    def changes_meaning(self) -> bool:
        """Can it be meant: 上 for 本?"""
        return not self.is_confused and any(letter in table()["likeness"]["changing"] for letter in self.letters)

    def is_plain(self, known: str) -> bool:
        """Is it a slip for sure, whatever the header speaks of?"""
        words = (word for word in table()["likeness"]["plain"] if word in known)
        within = any(known.rindex(word) <= self.place < known.rindex(word) + len(word) for word in words)
        return self.is_confused or not self.changes_meaning and (self.obvious or within)


def _slip(typed: str, known: str) -> Slip | None:
    """The slip by which a header that was typed differs from a known one: a letter is wrong, missing or doubled, or two
    are swapped. None for any other difference, also in digits and in 元 and 万."""
    if typed == known:
        return None
    start = 0
    while start < min(len(typed), len(known)) and typed[start] == known[start]:
        start += 1
    one, other = typed[start:], known[start:]
    while one and other and one[-1] == other[-1]:
        one, other = one[:-1], other[:-1]
    wrong = len(one) == len(other) == 1
    swapped = len(one) == len(other) == 2 and one == other[::-1]
    missing = not one and len(other) == 1
    doubled = not other and len(one) == 1 and (typed[:start].endswith(one) or typed[start + 1 :].startswith(one))
    letters = frozenset(one + other)
    if not (wrong or swapped or missing or doubled) or any(c.isdigit() or c in "元万" for c in letters):
        return None
    return Slip(letters, start, swapped or doubled)


def _likeness(one: str, other: str) -> float:
    """1 less the letters to change, of the longer text's; 0 where it is plain that they are too many."""
    longer = max(len(one), len(other))
    most = int(longer * (1 - WEAKEST_LIKENESS) + 1e-9)
    if abs(len(one) - len(other)) > most:
        return 0.0
    before = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        row = [i]
        for j, b in enumerate(other, 1):
            row.append(min(before[j] + 1, row[-1] + 1, before[j - 1] + (a != b)))
        if min(row) > most:
            return 0.0
        before = row
    return 1 - before[-1] / longer


# ---- the vocabularies


def _common() -> Iterator[tuple[str, Entry]]:
    """Columns that mean the same everywhere, those of a measure, and the measures' arguments under their own label."""
    for field in fields().values():
        for header in field.headers:
            yield header, Entry(field, header)
    yield from _of_measures(signatures().values())


def _of_measures(known: Iterable[Signature]) -> Iterator[tuple[str, Entry]]:
    paying = [signature for signature in known if signature.pays]
    for signature in paying:
        yield from _own_columns(signature)
    for signature in paying:
        for argument in signature.arguments:
            if argument.kind not in ("numbers", "table") and argument.name not in fields():
                field = argument_field(argument, (argument.label,))
                yield argument.label, Entry(field, argument.label)


def _own_columns(signature: Signature) -> Iterator[tuple[str, Entry]]:
    """The columns that belong to one measure: headers of its own, its name and the argument's together."""
    own = table()["measures"].get(signature.name, {})
    for argument in signature.arguments:
        if argument.kind in ("numbers", "table"):
            continue
        joined = (f"{signature.alias}{argument.label}", f"{argument.label}{signature.alias}")
        headers = (*(h for h in own.get(argument.name, ()) if h not in _shared()), *joined)
        field = replace(argument_field(argument, headers), name=f"{signature.name}.{argument.name}")
        for header in headers:
            yield header, Entry(field, header)


@cache
def _shared() -> frozenset[str]:
    """Headers that several measures have for themselves, or that are an argument's label: they name no measure."""
    seen, shared = set(), {argument.label for argument in plain_arguments().values()}
    for own in table()["measures"].values():
        for headers in own.values():
            shared.update(seen.intersection(headers))
            seen.update(headers)
    return frozenset(shared)


@cache
def common_vocabulary() -> Vocabulary:
    return Vocabulary(_common())


@lru_cache(maxsize=32)
def _vocabulary(extra: tuple, own: tuple) -> Vocabulary:
    base = common_vocabulary()
    if own:
        base = Vocabulary(_of_measures(own), base)
    if not extra:
        return base
    entries = []
    for name, headers in extra:
        field = base.named.get(key_of(name))
        if field is None:
            raise LedgerError(f"办公室设置的表头：没有“{name}”这一项，请用常用的列名，如 户编号、证件号码、户类型")
        entries += [(header, Entry(field, header, office=True)) for header in headers]
    return Vocabulary(entries, base)


def vocabulary_of(extra: Mapping[str, Sequence[str]] | None = None, own: Iterable[Signature] = ()) -> Vocabulary:
    """The known headers with an office's own and those of further functions. Raises LedgerError for an office's header
    of a field that is not there."""
    told = tuple((name, tuple(headers)) for name, headers in sorted((extra or {}).items()))
    return _vocabulary(told, tuple(own))


def field_of(header: str) -> str | None:
    """The name of the field that a header alone means, None if it is not known."""
    for reading in readings(str(header)):
        entry = common_vocabulary().entry(reading.key)
        if entry:
            return entry.field.name
    return None


# ---- what words mean under a header


def meant(header, cells: list) -> list:
    """Cells as they are meant under this header (是 under 风险是否已消除 means 已消除)."""
    meanings = _meanings(str(header))
    if not meanings:
        return cells
    return [meanings.get(cell.strip(), cell) if isinstance(cell, str) else cell for cell in cells]


@lru_cache(maxsize=1 << 12)
def _meanings(header: str) -> dict[str, str]:
    texts = dict.fromkeys((header, header.replace("／", ""), header.rpartition("／")[2]))  # of two levels, or the lower
    for reading in (reading for text in texts for reading in readings(text)):
        for known, meanings in table()["meanings"].items():
            slip = _slip(reading.key, key_of(known))
            if reading.key == key_of(known) or slip and not slip.changes_meaning:
                return meanings
    return {}
