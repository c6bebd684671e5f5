"""What the columns of ledgers can be: the fields of fields.toml and the arguments of the formulas."""
from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ..formulas.signatures import plain_arguments
from ..rules.arguments import Argument

FILE = Path(__file__).with_name("fields.toml")
#: how the cells of an argument's column are read, where its kind does not say it
_KIND_OF_UNIT = {"元": "money", "个月": "months"}
#: fields whose cells no message, log or report repeats
PERSONAL = ("id", "phone", "account")


@dataclass(frozen=True)
class Field:
    """One meaning that a column can have.

    name      the key: household_id, monthly_wage
    label     what clerks call it: the usual header
    kind      how its cells are read: key, id, name, phone, account, date, months, money, number, flag, place, text,
              word or words
    headers   the headers it is known by, the usual one first
    unit      of money and numbers: 元, 亩, 人
    words     of word and words: what names the options: an argument of the contract or a table of words.toml by its
              name, or the argument itself
    of        "户" for a column that belongs to the household
    part_of   the sum that an income or expense is a part of
    repeats   ledgers have several, numbered at their end
    """

    name: str
    label: str
    kind: str
    headers: tuple[str, ...]
    unit: str = ""
    words: str | Argument = ""
    of: str = ""
    part_of: str = ""
    repeats: bool = False

    @property
    def personal(self) -> bool:
        """Is what stands in its cells never to be repeated?"""
        return self.kind in PERSONAL


@cache
def table() -> dict:
    with open(FILE, "rb") as stream:
        return tomllib.load(stream)


@cache
def household_arguments() -> frozenset[str]:
    """Arguments whose column belongs to the household."""
    return frozenset(table()["household"]["arguments"])


@cache
def fields() -> dict[str, Field]:
    """Every field that means the same everywhere, by name: those of ledgers, then the arguments of the formulas."""
    found = {}
    for name, told in table()["fields"].items():
        headers = tuple(told["headers"])
        rest = {key: value for key, value in told.items() if key != "headers"}
        found[name] = Field(name, headers[0], headers=headers, **rest)
    for name, headers in table()["arguments"].items():
        found[name] = argument_field(plain_arguments()[name], tuple(headers))
    return found


@cache
def parts_of(name: str) -> tuple[str, ...]:
    """The fields that a sum is made of."""
    return tuple(field.name for field in fields().values() if field.part_of == name)


def argument_field(argument: Argument, headers: tuple[str, ...]) -> Field:
    """The field of a column that holds an argument."""
    kind = {"word": "word", "flag": "flag", "place": "place", "date": "date"}.get(argument.kind, "")
    if argument.kind == "number":
        kind = _KIND_OF_UNIT.get(argument.unit, "number")
    words: str | Argument = ""
    if argument.finite and argument.kind != "flag":  # a document's own argument carries its words with it
        words = argument.name if argument.name in plain_arguments() else argument
    return Field(argument.name, headers[0], kind or "text", headers, argument.unit, words)
