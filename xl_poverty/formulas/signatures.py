"""The calling contract, read from signatures.toml: names, aliases, arguments in order."""
from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from pathlib import Path

from ..rules.arguments import FLAG_OPTIONS, Argument
from ..rules.parameters import Policy

FILE = Path(__file__).with_name("signatures.toml")
_ENTRY = re.compile(
    r"(?P<claim>•?)(?P<name>\w+)(?:\[(?P<shortest>\d+)(?:-(?P<longest>\d+))?\])?(?P<line>°?)(?P<optional>\??)"
)

#: the two arguments that every function ends with
POLICY = Argument("policy", "政策", "text", optional=True)
AS_OF = Argument("as_of", "业务日期", "date", optional=True)


@dataclass(frozen=True, eq=False)
class Signature:
    """One function: its names, its own arguments (policy and as_of follow them), and what it results in."""

    name: str
    alias: str
    group: str
    arguments: tuple[Argument, ...]
    result: str
    nature: str = ""
    select: str = ""
    more: bool = False
    module: str = ""  # where a function over tables lives, above this package
    about: str = ""  # what it gives, in a clerk's words
    bound: dict = field(default_factory=dict)  # what was bound for this function by its arguments, see calls
    traced: dict = field(default_factory=dict)  # the bindings behind them, one per stretch of days

    @cached_property
    def by_name(self) -> dict[str, Argument]:
        return {argument.name: argument for argument in self.arguments}

    @cached_property
    def selector_names(self) -> tuple[str, ...]:
        """The arguments that decide which measure of the document is meant."""
        wanted = {"indicators": ("indicator", "side"), "parts": ("n",)}.get(self.select, ())
        return tuple(name for name in self.by_name if name in wanted)

    @cached_property
    def selectors(self) -> tuple[int, ...]:
        """Their positions."""
        return tuple(i for i, name in enumerate(self.by_name) if name in self.selector_names)

    @property
    def pays(self) -> bool:
        """Is the result money?"""
        return self.result == "元" and bool(self.nature)

    @cached_property
    def takes_tables(self) -> bool:
        """Is an argument a table with its header row, taken as a whole?"""
        return any(argument.kind == "table" for argument in self.arguments)

    @cached_property
    def labels(self) -> dict[str, str]:
        """Chinese argument name -> argument name, policy and as_of included."""
        return {a.label: a.name for a in (*self.arguments, POLICY, AS_OF)}

    @property
    def call_text(self) -> str:
        """How it is typed: TRAVEL_SUBSIDY(户类型, 是否劳动力, …, [政策], [业务日期])."""
        told = [f"[{a.label}]" if a.optional else a.label for a in (*self.arguments, POLICY, AS_OF)]
        if self.more:
            told.insert(1, "该函数的各参数…")
        return f"{self.name}({', '.join(told)})"


@cache
def _data() -> dict:
    with open(FILE, "rb") as stream:
        return tomllib.load(stream)


@cache
def plain_arguments() -> dict[str, Argument]:
    """Every argument by its name, as none of the functions narrows it."""
    data = _data()
    return {name: _argument(name, table, data) for name, table in data["arguments"].items()}


@cache
def signatures() -> dict[str, Signature]:
    """Every function by its ASCII name, in the order of the contract."""
    data, plain = _data(), plain_arguments()
    return {
        name: Signature(
            name, table["alias"], table["group"], tuple(_entries(table["args"], plain)), table["result"],
            table.get("nature", ""), table.get("select", ""), table.get("more", False), table.get("module", ""),
            table.get("about", ""),
        )
        for name, table in data["functions"].items()
    }  # fmt: skip


def own_signatures(policy: Policy) -> dict[str, Signature]:
    """The functions that a document has for itself, beside the contract's: measures with an alias and arguments."""
    known = {**plain_arguments(), **{n: _argument(n, table, _data()) for n, table in policy.arguments.items()}}
    return {
        name: Signature(name, measure.alias, policy.short_name, tuple(_entries(measure.args, known)), "元",
                        measure.nature or "现金")
        for name, measure in policy.measures.items()
        if measure.alias and name not in signatures()
    }  # fmt: skip


def _argument(name: str, table: dict, data: dict) -> Argument:
    options, synonyms = (), {}
    if table["kind"] in ("word", "flag", "place"):
        options = FLAG_OPTIONS if table["kind"] == "flag" else tuple(table["options"])
        synonyms = data["synonyms"].get("flag" if table["kind"] == "flag" else name, {})
    rest = {key: value for key, value in table.items() if key not in ("options", "items")}
    return Argument(name, options=options, synonyms=synonyms, items=tuple(table.get("items", ())), **rest)


def _entries(text: str, plain: dict[str, Argument]):
    for entry in filter(None, (part.strip() for part in text.split(","))):
        marks = _ENTRY.fullmatch(entry)
        argument = plain[marks["name"]]
        shortest = int(marks["shortest"] or 0)
        yield replace(
            argument,
            claim=bool(marks["claim"]),
            optional=bool(marks["optional"]),
            line=argument.line if marks["line"] else "",
            shortest=shortest,
            longest=int(marks["longest"] or shortest),
        )


def wrong_entries(text: str, known) -> list[str]:
    """What is wrong with a list of arguments as `args` writes it."""
    wrong = []
    for entry in filter(None, (part.strip() for part in text.split(","))):
        marks = _ENTRY.fullmatch(entry)
        if not marks:
            wrong.append(f"“{entry}” is not written like •name, name?, name° or name[6-36]")
        elif marks["name"] not in known:
            wrong.append(f"there is no argument {marks['name']}")
    return wrong


@cache
def _names() -> dict[str, Signature]:
    return {key: s for s in signatures().values() for key in (s.name, s.alias)}


def find(name: str) -> Signature | None:
    """The function of this name or alias; letter case does not matter, as in Excel."""
    text = str(name).strip()
    return _names().get(text) or _names().get(text.upper())
