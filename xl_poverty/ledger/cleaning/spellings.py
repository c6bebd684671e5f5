"""The table words.toml, ready for use: marks, units, hedges, the words of months and dates, the options of columns."""
from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import NamedTuple

from ...formulas.signatures import plain_arguments
from ...rules.arguments import Argument, fold
from ...rules.expressions import exact
from . import reasons as why
from .content import plain_text
from .result import BLANK, Clean, unusable

FILE = Path(__file__).with_name("words.toml")
#: 01, 3, 100A03001
CODE_FORM = re.compile(r"\d{1,4}|\d+[A-Z]+\w*", re.ASCII)


class Unit(NamedTuple):
    base: str  # "" where nothing is said
    factor: int | Fraction = 1
    per: str = ""


NO_UNIT = Unit("")


class Words:
    """The table, ready for use. Raises ValueError with every spelling that has two meanings."""

    def __init__(self, data: dict):
        self.data = data
        self._mistakes: list[str] = []
        self.nil = self._one_meaning("nil", {"nil": data["nil"]["words"]})
        self.longest_nil = max(map(len, self.nil))
        self.nil_signs = frozenset(data["nil"]["signs"])
        self.undecided = self._one_meaning("undecided", {"undecided": data["undecided"]["words"]})
        self.nothing = frozenset(self.nil) | frozenset(self.undecided)
        self.units = self._one_meaning(
            "units",
            {(base, n): words for base, table in data["units"].items() for n, words in _numbered(table).items()},
        )
        self.multipliers = self._one_meaning("multipliers", _numbered(data["multipliers"]))
        self.per = self._one_meaning("per", data["per"])
        digits = self._one_meaning("months.digits", _numbered(data["months"]["digits"]))
        self.month_digits = {word: str(number) for word, number in digits.items()}
        months = data["months"]
        self.month_words = self._one_meaning(
            "months", _numbered({n: words for n, words in months.items() if n[0].isdigit()})
        )
        self.month_units = self._one_meaning("months.units", _numbered(months["units"]))
        self.month_headers = self._one_meaning("months.headers", _numbered(months["headers"]))
        self.months_vague = frozenset(map(fold, months["vague"]))
        self.open_dates = self._one_meaning("dates.open", data["dates"]["open"])
        self._both(self.nil, self.undecided, "nil", "undecided")
        self._both(self.units, self.multipliers, "units", "multipliers")
        self._both(self.month_words, self.months_vague, "months", "months.vague")
        for name in ("arguments", "open", "none"):
            for argument in data[name]:
                if argument not in plain_arguments():
                    self._mistakes.append(f"[{name}] there is no argument {argument}")
        for argument in plain_arguments().values():
            if argument.finite:
                self._check_argument(argument)
        for name in data["words"]:
            self._check_column(name)
        for name, codes in data["codes"].items():
            self._one_meaning(f"codes.{name}", {code: [code_key(code)] for code in codes})
        self.no = frozenset(map(fold, self._marks("否")))
        if self._mistakes:
            raise ValueError("words.toml:\n" + "\n".join(self._mistakes))
        self._patterns()

    def spellings_of(self, argument: Argument) -> list[tuple[str, str]]:
        """(spelling, option) of an argument, from the contract and from this table, the stronger first."""
        found = [(word, word) for word in argument.options]
        found += [(spelling, word) for spelling, word in argument.synonyms.items()]
        tables = [self.data["arguments"].get(argument.name, {})]
        if "是" in argument.options and "否" in argument.options:
            tables.append(self.data["marks"])
        if argument.kind == "flag":
            tables.append(self.data["flag"])
        found += [(s, word) for table in tables for word, spellings in table.items() for s in spellings]
        if set(argument.options) != {"是", "否"}:  # a bare 1 may be a code, of 劳动技能 for one
            found = [(spelling, word) for spelling, word in found if not CODE_FORM.fullmatch(spelling)]
        return [(spelling, word) for spelling, word in found if word in argument.options]

    def spellings_of_column(self, name: str) -> list[tuple[str, str]]:
        """(spelling, option) of a column that is no argument, the stronger first."""
        column = self.data["words"][name]
        found = self.spellings_of(plain_arguments()[column["like"]]) if "like" in column else []
        found += [(s, word) for word, spellings in column.get("options", {}).items() for s in (word, *spellings)]
        return found + [(s, word) for mark, word in column.get("marks", {}).items() if word for s in self._marks(mark)]

    def options_of_column(self, name: str) -> tuple[str, ...]:
        column = self.data["words"][name]
        like = plain_arguments()[column["like"]].options if "like" in column else ()
        return (*like, *column.get("options", ()))

    def none_of_column(self, name: str) -> list[str]:
        """What says, in a column that is no argument, that there is none."""
        column = self.data["words"][name]
        marks = [mark for mark, word in column.get("marks", {}).items() if not word]
        return [*column.get("none", ()), *(spelling for mark in marks for spelling in self._marks(mark))]

    def _marks(self, mark: str) -> list[str]:
        """The spellings of 是 or 否 but 1 and 0, which may be codes where the options are others."""
        return [s for kind in ("marks", "flag") for s in self.data[kind][mark] if not CODE_FORM.fullmatch(s)]

    def _check_column(self, name: str) -> None:
        column, where = self.data["words"][name], f"words.{name}"
        if name in plain_arguments():
            self._mistakes.append(f"[{where}] is an argument")
        known = self._one_meaning(where, _grouped(self.spellings_of_column(name)))
        options = self.options_of_column(name)
        named = [column.get(key, ()) for key in ("alone", "gone", "remarked")]
        named.append([word for word in column.get("marks", {}).values() if word])
        unknown = [word for words in named for word in words if word not in options]
        self._mistakes += [f"[{where}] has no option {word}" for word in unknown]
        none = [fold(word) for word in self.none_of_column(name)]
        self._both(known, none, where, "none")
        self._both({**known, **dict.fromkeys(none)}, map(fold, column.get("open", ())), where, "open")

    def _check_argument(self, argument: Argument) -> None:
        known = self._one_meaning(f"arguments.{argument.name}", _grouped(self.spellings_of(argument)))
        for word in self.data["arguments"].get(argument.name, {}):
            if word not in argument.options:
                self._mistakes.append(f"[arguments.{argument.name}] has no option {word}")
        for name in ("open", "none"):
            other = [fold(word) for word in self.data[name].get(argument.name, ())]
            self._both(known, other, f"arguments.{argument.name}", name)
        self._both(self.data["open"].get(argument.name, ()), self.data["none"].get(argument.name, ()), "open", "none")

    def _one_meaning(self, where: str, table: Mapping) -> dict:
        """Folded spelling -> meaning."""
        known: dict = {}
        for meaning, spellings in table.items():
            for spelling in spellings:
                key = plain_text(spelling).replace(" ", "").upper()
                if known.setdefault(key, meaning) != meaning:
                    self._mistakes.append(f"[{where}] “{spelling}” means {known[key]} and {meaning}")
        return known

    def _both(self, one, other, name: str, other_name: str) -> None:
        self._mistakes += [f"“{word}” stands in [{name}] and [{other_name}]" for word in other if word in one]

    def _patterns(self) -> None:
        signs, hedges, months = self.data["signs"], self.data["hedges"], self.data["months"]
        times, unit, per = _any(self.multipliers), _any(self.units), _any(self.per)
        currency, dash = _any(signs["currency"]), _any(signs["range"])
        self.minus, sign = frozenset(signs["minus"]), _any(["+", *signs["minus"]])
        number = r"\d{1,3}(?:,\d{3})+(?:\.\d*)?|\d+\.?\d*|\.\d+"
        behind = rf"(?P<times>{times})?(?P<unit>{unit})?"
        each = rf"(?P<per>(?:[/·每](?:{per}))*)"
        self.quantity = re.compile(
            rf"(?P<each>(?:每(?:{per}))*)(?P<sign>{sign})?(?:(?P<currency>{currency})(?P<inner>{sign})?)?(?P<number>{number})"
            rf"{behind}(?:{_any(signs['whole'])})?{each}",
            re.ASCII,
        )
        self.bracketed = re.compile(rf"\((?:{currency})?(?P<number>{number})\)", re.ASCII)
        self.unit_text = re.compile(rf"(?P<each>){behind}{each}")
        self.each = re.compile(rf"[/·每]({per})")
        self.range = re.compile(rf"\d[^\d,.]{{0,8}}?(?:{dash})[^\d]{{0,3}}\d", re.ASCII)
        counted = rf"(?:{times})?(?:{unit})?"
        self.about = re.compile(
            rf"(?:{_any(hedges['about_before'])}).*\d|\d{counted}(?:{_any(hedges['about_after'])})", re.ASCII
        )
        at_least = _any(hedges["bound_after"])
        self.bound = re.compile(
            rf"(?:{_any(hedges['bound_before'])}).*\d|.*\d{counted}(?:/\D+?)?(?:{at_least})$", re.ASCII
        )
        self.spoken = re.compile(_any(hedges["spoken"]))
        # months
        digits = rf"\d+(?:\.\d+)?|{_any(self.month_digits)}"
        self.month_part = re.compile(
            rf"(?P<number>{digits})(?:(?P<unit>{_any(self.month_units)})(?P<half>{_any(months['half_behind'])})?"
            rf"|(?P<within>{_any(months['half_within'])}))",
            re.ASCII,
        )
        self.months_between = re.compile(rf"(\d{{1,2}})月份?(?:{dash})(\d{{1,2}})月份?", re.ASCII)
        # dates
        self.dash = re.compile(rf"(?={dash})")
        self.dashes = sorted(signs["range"], key=len, reverse=True)
        self.months_of_year = re.compile(rf"(\d{{4}})年(\d{{1,2}})(?:{dash})(\d{{1,2}})月份?", re.ASCII)
        self.dots = str.maketrans(dict.fromkeys(signs["dots"], signs["dots"][0]))
        self.dot = signs["dots"][0]
        self.between = re.compile(f"[{re.escape(signs['between'])}]")
        self.masks, self.lost = frozenset(signs["masks"]), frozenset(signs["lost"])

    def is_nil(self, text: str) -> bool:
        """Does folded text say that there is nothing?"""
        return not text or text in self.nil or self.nil_signs.issuperset(text)


def _grouped(spellings: list[tuple[str, str]]) -> dict[str, list[str]]:
    """Meaning -> its spellings."""
    found: dict[str, list[str]] = {}
    for spelling, word in spellings:
        found.setdefault(word, []).append(spelling)
    return found


def _numbered(table: dict) -> dict:
    return {exact(Fraction(number)): words for number, words in table.items()}


def _any(words) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


@cache
def table() -> Words:
    with open(FILE, "rb") as stream:
        return Words(tomllib.load(stream))


def said(text: str, raw) -> Clean | None:
    """Blank where the text is a mark for nothing, unusable where it says that it is not known yet."""
    words = table()
    folded = text.replace(" ", "").upper()
    if words.is_nil(folded):
        return Clean(BLANK, raw=raw)
    return unusable(why.UNDECIDED, raw) if folded in words.undecided else None



def code_key(code) -> str:
    """A code as codes are compared: 01, 1 and 1.0 are one."""
    text = fold(str(code)).removesuffix(".0")
    return text.lstrip("0") or "0" if text.isascii() and text.isdigit() else text
