"""The text of a formula: its references, its calls, and which of them are ours. Formulas that differ only in their
references are one pattern, taken apart once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from ..errors import LedgerError
from .references import MOST_COLUMNS, MOST_ROWS, Area, column_of

#: a reference in a pattern: the first stands as this character, the second as the next …
_FIRST_MARK = 0xE000
_MOST_MARKS = 0x1800
_MARK = r"[\ue000-\uf7ff]"

_SHEET = r"(?:'(?:[^']|'')++'|(?:\[\d+\])?[^\W\d][\w.\\]*+)!"
_CELL = r"\$?[A-Za-z]{1,3}\$?[1-9]\d{0,6}"
_COLUMN, _ROW = r"\$?[A-Za-z]{1,3}", r"\$?[1-9]\d{0,6}"
_IN_TABLE = r"\[(?:[^\[\]']|'.|\[(?:[^\[\]']|'.)*+\])*+\]"
_REFERENCE = re.compile(
    rf"""("(?:[^"]|"")*")"""  # a text is kept
    rf"|((?<![\w.$\\:!'\]])(?:(?:{_SHEET})?(?:{_CELL}(?::{_CELL})?|{_COLUMN}:{_COLUMN}|{_ROW}:{_ROW})(?![\w.(!\[:\\#])"
    rf"|[^\W\d][\w.\\]*+{_IN_TABLE}))"
    rf"""|('(?:[^']|'')*'!?|\[\d+\]!?|{_IN_TABLE})"""  # so are names of files and sheets
)
_AREA = re.compile(
    rf"(?:(?P<sheet>{_SHEET}))?(?:\$?(?P<left>[A-Za-z]{{1,3}})\$?(?P<top>\d+)(?::\$?(?P<right>[A-Za-z]{{1,3}})\$?"
    rf"(?P<bottom>\d+))?|\$?(?P<first>[A-Za-z]{{1,3}}):\$?(?P<last>[A-Za-z]{{1,3}})|\$?(?P<from>\d+):\$?(?P<to>\d+))"
)
_SIMPLE = re.compile(r"\$?([A-Z]{1,3})\$?(\d+)")
_TABLE = re.compile(rf"(?P<table>[^\W\d][\w.\\]*)(?P<what>{_IN_TABLE})")
_TOKEN = re.compile(
    rf"""(?P<text>"(?:[^"]|"")*")|(?P<mark>{_MARK})|(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)"""
    rf"""|(?P<call>(?:'(?:[^']|'')*'!|\[[^\[\]]*\]!)?[^\W\d][\w.\\]*)\s*\("""
    rf"""|(?P<name>(?:'(?:[^']|'')*'!|\[[^\[\]]*\]!?)?[^\W\d][\w.\\?]*|'(?:[^']|'')*'!?|{_IN_TABLE}|\#[A-Z/0!?]+)"""
    r"""|(?P<open>\()|(?P<close>\))|(?P<comma>,)|(?P<brace>[{}])|(?P<other>\s+|.)""",
    re.DOTALL,
)
_CALLED = re.compile(r"([^\W\d][\w.\\]*+)\(")
_LITERAL = re.compile(r'\s*(?:"(?P<text>(?:[^"]|"")*)"|(?P<number>[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)'
                      r"|(?P<truth>TRUE|FALSE)(?:\(\))?)\s*", re.IGNORECASE)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Call:
    """A function call: the head as it stands, with whatever prefix, and its arguments."""

    head: str
    arguments: tuple[Expression, ...]
    name: str = ""  # of ours: the function's

    def __repr__(self):
        return f"{self.head}({', '.join(map(str, self.arguments))})"


@dataclass(frozen=True, eq=False)
class Expression:
    """A part of a formula, in order: texts (with marks for references) and calls."""

    parts: tuple[str | Call, ...]

    @cached_property
    def plain(self) -> str | None:
        """Its text, where it holds no call."""
        return "".join(self.parts).strip() if all(isinstance(part, str) for part in self.parts) else None

    @cached_property
    def reference(self) -> int | None:
        """The number of the reference that it is and nothing more."""
        text = (self.plain or "").strip("() \n\r\t")
        return ord(text) - _FIRST_MARK if len(text) == 1 and re.fullmatch(_MARK, text) else None

    @cached_property
    def call(self) -> Call | None:
        """The call that it is and nothing more."""
        calls = [part for part in self.parts if isinstance(part, Call)]
        rest = "".join(part for part in self.parts if isinstance(part, str))
        return calls[0] if len(calls) == 1 and not rest.strip("() \n\r\t+") else None

    @cached_property
    def literal(self):
        """The (value,) that it is and nothing more; None for anything else."""
        text = self.plain
        found = _LITERAL.fullmatch(text) if text is not None else None
        if text == "":
            return (None,)
        if found is None:
            return None
        if found["text"] is not None:
            return (found["text"].replace('""', '"'),)
        if found["truth"]:
            return (found["truth"].upper() == "TRUE",)
        number = float(found["number"])
        return (int(number) if number.is_integer() and abs(number) < 2**53 else number,)

    def calls(self) -> Iterator[Call]:
        """Every call in it, the outer before the inner."""
        for part in self.parts:
            if isinstance(part, Call):
                yield part
                for argument in part.arguments:
                    yield from argument.calls()


class Names:
    """The functions by every name that a formula may call them by. `shadowed`: names that the workbook has given to
    something else."""

    def __init__(self, names: dict[str, str], shadowed=()):
        self._names = {key.upper(): name for key, name in names.items()}
        for name in shadowed:
            self._names.pop(name.upper(), None)
        self._known: dict[str, str] = {}

    def of(self, head: str) -> str:
        """The function that a call names, under whatever prefix an add-in or a file left there; "" for others."""
        if head not in self._known:
            self._known[head] = self._find(head)
        return self._known[head]

    def _find(self, head: str) -> str:
        text = head.rpartition("!")[2].upper()
        if text in self._names:
            return self._names[text]
        text = text.rpartition(".")[2]
        if text in self._names:
            return self._names[text]
        if text.startswith("_XLDUDF_"):
            text = text.removeprefix("_XLDUDF_")
            while text and text not in self._names:  # the add-in's own name stands before the function's
                text = text.partition("_")[2]
        return self._names.get(text, "")

    def in_text(self, formula: str) -> bool:
        """May the formula call one of ours? Quick; a text that looks like a call counts."""
        return any(map(self.of, _CALLED.findall(formula)))


@dataclass(frozen=True, eq=False)
class Pattern:
    """Formulas that differ in their references only."""

    text: str  # with marks for references
    whole: Expression
    ours: tuple[Call, ...] = field(default=())

    @cached_property
    def alone(self) -> Call | None:
        """The call of ours that the formula is and nothing more."""
        call = self.whole.call
        return call if call is not None and call.name else None


class Patterns:
    """Takes formulas apart, each pattern once."""

    def __init__(self, names: Names):
        self.names = names
        self._known: dict[str, Pattern | None] = {}

    def of(self, formula: str) -> tuple[Pattern, list[str]] | None:
        """(pattern, references) of a formula that calls one of ours; None for others, and for what is no formula."""
        if not self.names.in_text(formula):
            return None
        text, references = marked(formula)
        if text not in self._known:
            self._known[text] = self._parsed(text)
        pattern = self._known[text]
        return (pattern, references) if pattern else None

    def _parsed(self, text: str) -> Pattern | None:
        try:
            whole = parsed(text, self.names)
        except LedgerError:
            return None
        ours = tuple(call for call in whole.calls() if call.name)
        return Pattern(text, whole, ours) if ours else None


def marked(formula: str) -> tuple[str, list[str]]:
    """A formula with marks in place of its references, and these."""
    parts = _REFERENCE.split(formula)
    if len(parts) > 4 * _MOST_MARKS:
        return formula, []
    references: list[str] = []
    text = [parts[0]]
    for place in range(1, len(parts), 4):
        kept, reference, other, after = parts[place : place + 4]
        if reference:
            text.append(chr(_FIRST_MARK + len(references)))
            references.append(reference)
        else:
            text.append(kept or other or "")
        text.append(after)
    return "".join(text), references


def parsed(text: str, names: Names) -> Expression:
    """A formula (without "=") taken apart. Raises LedgerError where brackets do not match."""
    tokens = list(_TOKEN.finditer(text))
    place, depth = 0, 0

    def expression() -> Expression:
        nonlocal place, depth
        parts: list[str | Call] = []
        opened = 0
        while place < len(tokens):
            token = tokens[place]
            kind = token.lastgroup
            if kind == "call":
                place, depth = place + 1, depth + 1
                if depth > 100:
                    raise LedgerError("公式的括号套得太深")
                parts.append(Call(token["call"], arguments(), names.of(token["call"])))
                depth -= 1
                continue
            if kind == "close" and not opened or kind == "comma" and not opened and depth:
                break
            opened += (kind == "open" or token[0] == "{") - (kind == "close" or token[0] == "}")
            parts.append(token[0])
            place += 1
        if opened:
            raise LedgerError("公式的括号不成对")
        return Expression(_joined(parts))

    def arguments() -> tuple[Expression, ...]:
        nonlocal place
        found = []
        while True:
            found.append(expression())
            if place >= len(tokens):
                raise LedgerError("公式的括号不成对")
            place += 1
            if tokens[place - 1].lastgroup == "close":
                return tuple(found) if len(found) > 1 or found[0].parts else ()

    whole = expression()
    if place < len(tokens):
        raise LedgerError("公式的括号不成对")
    return whole


def _joined(parts: list[str | Call]) -> tuple[str | Call, ...]:
    joined: list[str | Call] = []
    for part in parts:
        if joined and isinstance(part, str) and isinstance(joined[-1], str):
            joined[-1] += part
        else:
            joined.append(part)
    return tuple(joined)


def mark(number: int) -> str:
    """How the reference of this number stands in a pattern."""
    return chr(_FIRST_MARK + number)


class Template:
    """A text with marks, to be filled with the references of one cell after another."""

    def __init__(self, text: str):
        parts = re.split(f"({_MARK})", text)
        self._texts, self._marks = parts, [ord(part) - _FIRST_MARK for part in parts[1::2]]

    def filled(self, references: list[str]) -> str:
        parts = self._texts.copy()
        parts[1::2] = [references[number] for number in self._marks]
        return "".join(parts)


@lru_cache(maxsize=65536)
def area_named(reference: str) -> tuple[str, Area] | None:
    """(sheet or "", zero-based area) of a reference; None for one in a table, of another file, or none at all."""
    found = _SIMPLE.fullmatch(reference)  # as nearly always
    if found:
        row, column = int(found[2]) - 1, column_of(found[1])
        return "", (row, column, row, column)
    found = _AREA.fullmatch(reference)
    if found is None:
        return None
    sheet = (found["sheet"] or "")[:-1]
    if sheet[:1] == "'":
        sheet = sheet[1:-1].replace("''", "'")
    if "[" in sheet:
        return None
    if found["left"]:
        top, left = int(found["top"]) - 1, column_of(found["left"].upper())
        bottom = int(found["bottom"]) - 1 if found["bottom"] else top
        right = column_of(found["right"].upper()) if found["right"] else left
    elif found["first"]:
        top, bottom = 0, MOST_ROWS - 1
        left, right = column_of(found["first"].upper()), column_of(found["last"].upper())
    else:
        left, right = 0, MOST_COLUMNS - 1
        top, bottom = int(found["from"]) - 1, int(found["to"]) - 1
    return sheet, (min(top, bottom), min(left, right), max(top, bottom), max(left, right))


def in_table(reference: str) -> tuple[str, list[str], bool] | None:
    """(table, columns, this row only?) of a structured reference to columns of data; None for anything else."""
    found = _TABLE.fullmatch(reference)
    if found is None:
        return None
    inside = found["what"][1:-1]
    this_row = "[#This Row]" in inside or inside.startswith("@")
    inside = inside.replace("[#This Row],", "").replace("[#This Row]", "").replace("[#Data],", "").removeprefix("@")
    if "#" in inside.replace("'#", ""):
        return None
    columns = re.split(r"\]:\[", inside.strip("[]")) if inside else []
    return found["table"], [re.sub("'(.)", r"\1", column) for column in columns], this_row
