"""Words: the options of a column and everything that ledgers write for them; 是 and 否; who is a head, who has left."""
from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from itertools import chain

from ...errors import CellError
from ...formulas import values
from ...formulas.signatures import plain_arguments
from ...rules.arguments import Argument, fold
from . import reasons as why
from .content import KEPT, content, no_number
from .result import BLANK, UNUSABLE, VALUE, Clean, unusable
from .spellings import CODE_FORM, code_key, table


@dataclass(frozen=True)
class _Vocabulary:
    """The options of a column, and everything that is written for them (folded).

    open, none  what leaves the option open; what says that there is none
    alone       options that no other stands beside
    remarked    options that a remark in brackets may stand behind: 其他（…）
    marks       what 是 and 否 (TRUE and FALSE) mean here: an option, or "" for none
    """

    label: str
    options: tuple[str, ...]
    spellings: dict[str, str]
    open: frozenset[str] = frozenset()
    none: frozenset[str] = frozenset()
    alone: frozenset[str] = frozenset()
    remarked: frozenset[str] = frozenset()
    marks: Mapping[str, str] = field(default_factory=dict)
    choices: str = ""
    place: Argument | None = None
    seen: dict[str, Clean] = field(default_factory=dict)  # cells that were read before by word and by words
    seen_several: dict[str, Clean] = field(default_factory=dict)

    @cached_property
    def to_fill(self) -> str:
        if self.place:
            return "请写明省份"
        if self.choices:
            return f"请填{self.choices}"
        choices = sorted(self.options, key=lambda word: word != "是")
        return f"请填{'、'.join(choices)}之一"

    def unknown(self) -> str:
        return f"不是“{self.label}”的选项，{self.to_fill}" if not self.place else "分不清在哪个省，请写明省份"

    def option(self, text: str) -> str | None:
        """The option that is meant by a text, None if it is not known."""
        found = self.spellings.get(fold(text))
        if found is None and self.place:
            try:
                return self.place.options[values.read_place(self.place, text) - 1]
            except CellError:
                return None
        return found


_vocabularies: dict[int, tuple[Argument, _Vocabulary]] = {}


def _vocabulary(argument: Argument | str) -> _Vocabulary:
    """Of an argument, or of the column of that name in words.toml. Raises KeyError for one that is not there."""
    if isinstance(argument, str):
        if argument not in plain_arguments():
            return _column_words(argument)
        argument = plain_arguments()[argument]
    kept = _vocabularies.get(id(argument))
    if kept is None or kept[0] is not argument:
        kept = _vocabularies[id(argument)] = argument, _argument_words(argument)
    return kept[1]


def _argument_words(argument: Argument) -> _Vocabulary:
    words, known = table(), _first_of(table().spellings_of(argument))
    return _Vocabulary(
        argument.label, argument.options, known,
        frozenset(map(fold, chain(words.data["open"].get(argument.name, ()), argument.undecided))) - known.keys(),
        frozenset(map(fold, words.data["none"].get(argument.name, ()))) - known.keys(),
        marks={mark: mark for mark in ("是", "否") if {"是", "否"} <= set(argument.options)},
        place=argument if argument.kind == "place" else None,
    )  # fmt: skip


@cache
def _column_words(name: str) -> _Vocabulary:
    words = table()
    found = words.data["words"][name]
    return _Vocabulary(
        found["label"], words.options_of_column(name), _first_of(words.spellings_of_column(name)),
        frozenset(map(fold, found.get("open", ()))), frozenset(map(fold, words.none_of_column(name))),
        frozenset(found.get("alone", ())), frozenset(found.get("remarked", ())), found.get("marks", {}),
        found.get("choices", ""),
    )  # fmt: skip


def _first_of(spellings: list[tuple[str, str]]) -> dict[str, str]:
    known: dict[str, str] = {}
    for spelling, option in spellings:
        known.setdefault(fold(spelling), option)
    return known


@cache
def _flag_words() -> _Vocabulary:
    """Of a column of 是 and 否 that is no argument."""
    marks = {"是": "是", "否": "否"}
    spellings = [(s, mark) for kind in ("marks", "flag") for mark in marks for s in table().data[kind][mark]]
    return _Vocabulary("是或否", ("是", "否"), _first_of(spellings), marks=marks)


def word(raw, argument: Argument | str, codes: Mapping | str | None = None) -> Clean:
    """One of the options of an argument (or of a column of words.toml, by its name: relation, health, sex …).

    `codes`: what the numeric codes of this column mean, or the name of a book of codes in words.toml. Without it a code
    is refused, but for 1 and 0 where the options are 是 and 否.
    """
    vocabulary = _vocabulary(argument)
    return _remembered(vocabulary.seen, _word, raw, vocabulary, codes)


def _remembered(seen: dict, read: Callable[..., Clean], raw, vocabulary: _Vocabulary, codes) -> Clean:
    """What was read of a text before, where no book of codes is given."""
    if raw.__class__ is not str or codes is not None:
        return read(raw, vocabulary, codes)
    kept = seen.get(raw)
    if kept is None:
        kept = read(raw, vocabulary, None)
        if len(seen) < KEPT:
            seen[raw] = kept
    return kept


def _word(raw, vocabulary: _Vocabulary, codes) -> Clean:
    found = content(raw)
    if found.__class__ is Clean:
        return found
    if isinstance(found, bool):
        meant = vocabulary.marks.get("是" if found else "否")
        if meant is None:
            return unusable(vocabulary.unknown(), raw)
        return Clean(VALUE, meant, "", "", raw) if meant else Clean(BLANK, raw=raw)
    if not isinstance(found, str):
        if no_number(found):
            return unusable(vocabulary.unknown(), raw)
        found = str(int(found) if found == int(found) else found)
    meant, reason = _meant(found, vocabulary, codes)
    if meant is None:
        return unusable(reason, raw)
    return Clean(VALUE, meant, reason, "", raw) if meant else Clean(BLANK, raw=raw)


_REMARK = re.compile(r"([^()]+)\([^()]*\)")


def _meant(text: str, vocabulary: _Vocabulary, codes) -> tuple[str | None, str]:
    """The option that a text means ("" for none, None where it cannot be told), and the reason or a doubt beside it."""
    folded = fold(text)
    if codes is not None and CODE_FORM.fullmatch(folded.removesuffix(".0")):
        book = table().data["codes"][codes] if isinstance(codes, str) else codes
        matching = {str(meaning) for code, meaning in book.items() if code_key(code) == code_key(folded)}
        if len(matching) != 1:
            return None, "代码表里没有这个代码，请核对"
        (text,) = matching
        folded = fold(text)
    option = vocabulary.option(text) or vocabulary.spellings.get(folded.removesuffix(".0"))
    if option:
        return option, ""
    if folded in vocabulary.none or table().is_nil(folded):
        return "", ""
    if folded in vocabulary.open or folded in table().undecided:
        return None, f"还定不下来，请核实后{vocabulary.to_fill.removeprefix('请')}"
    if CODE_FORM.fullmatch(folded.removesuffix(".0")):
        return None, f"是代码，各系统的编法不同：请指明代码表，或{vocabulary.to_fill}"
    remarked = _REMARK.fullmatch(folded)
    option = remarked and vocabulary.spellings.get(remarked[1])
    return (option, why.WORD_REMARK) if option in vocabulary.remarked else (None, vocabulary.unknown())


def words(raw, argument: Argument | str, codes: Mapping | str | None = None) -> Clean:
    """All options that a cell names, in any order and with anything between them: a tuple in the options' order."""
    vocabulary = _vocabulary(argument)
    return _remembered(vocabulary.seen_several, _words, raw, vocabulary, codes)


def _words(raw, vocabulary: _Vocabulary, codes) -> Clean:
    one = _word(raw, vocabulary, codes)
    found = content(raw)
    if one.state != UNUSABLE or not isinstance(found, str):
        return Clean(VALUE, (one.value,), one.reason, "", raw) if one.state == VALUE else one
    meant, doubt = set(), ""
    for part in chain.from_iterable(p.split() for p in table().between.split(found)):
        option, reason = _meant(part, vocabulary, codes)
        if option is None:
            return unusable(reason, raw)
        meant.add(option)
        doubt = doubt or reason
    if len(meant) > 1 and ("" in meant or meant & vocabulary.alone):
        return unusable(why.ALONE, raw)
    meant.discard("")
    if not meant:
        return Clean(BLANK, raw=raw)
    return Clean(VALUE, tuple(option for option in vocabulary.options if option in meant), doubt, "", raw)


# ---- what is asked of single words


def flag(raw) -> Clean:
    """是 or 否, however a column that is no argument writes it (√ 有 1 TRUE 已参加 …)."""
    vocabulary = _flag_words()
    return _remembered(vocabulary.seen, _word, raw, vocabulary, None)


def gone(raw) -> str:
    """How a person has left, by the cell of 人口状态: 死亡, 自然减少, 迁出; "" for who is here, as far as it tells."""
    status = word(raw, "status")
    return status.value if status.state == VALUE and status.value in table().data["words"]["status"]["gone"] else ""


def head(raw) -> bool:
    """Is it the head of the household, by the cell of 与户主关系?"""
    return word(raw, "relation").value == "户主"


def nil(raw) -> bool:
    """Does a cell say that there is nothing: a blank, a mark for nothing (无 / -), or 否? A code (0) does not tell."""
    found = content(raw)
    if found.__class__ is Clean:
        return found.state == BLANK
    if isinstance(found, str):
        return table().is_nil(fold(found)) or fold(found) in table().no
    return found is False
