"""Deadlines of a document over a ledger's dates: which column says that it was done, and whose deadline it is, stands
in the document's `summary.toml`; the days stand in its `policy.toml`."""

from __future__ import annotations

import datetime as dt
import tomllib
from dataclasses import dataclass

from ..errors import CellError, PolicyError
from ..formulas import DEADLINE, ON_TIME
from ..formulas.office import Settings, using
from ..ledger.fields import fields
from ..ledger.reading import LedgerTable
from ..rules.parameters import Policy

IN_TIME, LATE, OVERDUE, OPEN, UNKNOWN = "按期", "不在期限内", "过期未办", "未到期", "未填"
TO_CORRECT = "待改"
ON_TIME_WORDS = (IN_TIME, LATE, OVERDUE, OPEN, UNKNOWN, TO_CORRECT)
_KEYS = {"done": list, "start": str, "known_before": str, "when": list}


@dataclass(frozen=True)
class Rule:
    """What a document's deadline looks at.

    done          fields of which the first that the ledger has says when it was done
    start         field of the day that the days are counted from
    known_before  field of a day: whom it names after the time began is left out, another deadline is theirs
    when          (column of the details, words): whose deadline it is
    """

    done: tuple[str, ...]
    start: str = ""
    known_before: str = ""
    when: tuple[tuple[str, tuple[str, ...]], ...] = ()

    def done_in(self, table: LedgerTable) -> str:
        return next(name for name in self.done if name in table)

    def lacking(self, table: LedgerTable) -> str:
        """Why a ledger cannot tell; "" where it can."""
        if not any(name in table for name in self.done):
            return f"台账没有“{fields()[self.done[0]].label}”列"
        if self.start and self.start not in table:
            return f"台账没有“{fields()[self.start].label}”列，算不出截止日期"
        return ""


@dataclass(frozen=True)
class Own:
    """A document's summary.toml.

    deadlines  name -> Rule
    ranking    clause and quote by which towns are ranked by growth; empty where the document does not ask for it
    """

    deadlines: dict[str, Rule]
    ranking: dict[str, str]


def own_of(policy: Policy) -> Own:
    """What a document says of its summary, after what the document says that it extends. Raises PolicyError."""
    base = own_of(policy.extended) if policy.extended else Own({}, {})
    file = policy.folder / "summary.toml"
    if not file.exists():
        return base
    with open(file, "rb") as stream:
        try:
            data = tomllib.load(stream)
        except tomllib.TOMLDecodeError as error:
            raise PolicyError([f"{file}: not TOML: {error}"]) from None
    where = f"{policy.folder.name}/{file.name}"
    mistakes = [f"{where}: {key}: unknown key" for key in data.keys() - {"deadlines", "ranking"}]
    rules = dict(base.deadlines)
    for name, told in data.get("deadlines", {}).items():
        mistakes += _mistakes(policy, f"{where}: deadlines.{name}", name, told)
        if not mistakes:
            when = tuple(
                (c, tuple(words.split("|"))) for c, _, words in (text.partition("=") for text in told.get("when", ()))
            )
            rules[name] = Rule(tuple(told["done"]), told.get("start", ""), told.get("known_before", ""), when)
    ranking = data.get("ranking", base.ranking)
    if ranking and not (ranking.get("clause") in policy.clauses and ranking.get("quote")):
        mistakes.append(f"{where}: ranking: needs a clause of the document and a quote")
    if mistakes:
        raise PolicyError(mistakes)
    return Own(rules, ranking)


def _mistakes(policy: Policy, where: str, name: str, told: dict) -> list[str]:
    found = [f"{where}: the document has no such deadline"] if name not in policy.deadlines else []
    found += [f"{where}.{key}: unknown key" for key in told.keys() - _KEYS.keys()]
    found += [
        f"{where}.{key}: expected {kind.__name__}"
        for key, kind in _KEYS.items()
        if not isinstance(told.get(key, kind()), kind)
    ]
    if not told.get("done"):
        found.append(f"{where}.done: is required")
    named = [*told.get("done", ()), *(told[key] for key in ("start", "known_before") if told.get(key))]
    found += [f"{where}: no field is called {one}" for one in named if one not in fields()]
    found += [f"{where}.when: {text!r} is not 列=词|词" for text in told.get("when", ()) if "=" not in text]
    return found


class Timeliness:
    """The deadlines of a document on a day.

    rules     what can be judged from a ledger
    left_out  name -> why not
    """

    def __init__(self, policy: Policy, settings: Settings, day: dt.date | None):
        self.policy, self.settings, self.day = policy, settings, day
        self.rules: dict[str, Rule] = {}
        self.left_out: dict[str, str] = {}
        own = own_of(policy).deadlines
        for name, measure in policy.deadlines.items():
            if not measure.versions:
                continue
            if name not in own:
                self.left_out[name] = "台账里没有登记这件事日期的列"
            elif "month" in measure.versions[0].values and day is None:
                self.left_out[name] = "每年一次的期限，没有业务日期算不出是哪一年"
            else:
                self.rules[name] = own[name]
        self._known: dict[tuple, tuple[str, str]] = {}

    def begins(self, item: str) -> dt.date | None:
        """The first day of the time for it, where a year has one."""
        if "month" not in self.policy.deadlines[item].versions[0].values:
            return None
        with using(*self.settings.layers):
            return DEADLINE(item, policy=self.policy.id, as_of=self.day).replace(day=1)

    def judged(self, item: str, done, start) -> tuple[str, str]:
        """(one of ON_TIME_WORDS, "" for whom the deadline is not; why it cannot be told)."""
        key = (
            item,
            done if not isinstance(done, CellError) else id(done),
            start if not isinstance(start, CellError) else id(start),
        )
        if key not in self._known:
            self._known[key] = self._judged(item, done, start)
        return self._known[key]

    def _judged(self, item: str, done, start) -> tuple[str, str]:
        rule = self.rules[item]
        if isinstance(start, CellError):
            return TO_CORRECT, start.message
        if rule.start and not isinstance(start, dt.date):
            return ("", "") if start is None else (TO_CORRECT, "起算的日期不能用")
        if rule.start and start < self.policy.start:
            return "", ""
        if isinstance(done, CellError):
            return TO_CORRECT, done.message
        if done is not None and not isinstance(done, dt.date):
            return TO_CORRECT, "日期不能用，请填到日，如2023-02-01"
        with using(*self.settings.layers):
            own = {"start_date": start, "year": None, "policy": self.policy.id, "as_of": self.day}
            try:
                if done is not None:
                    return (IN_TIME if ON_TIME(item, done, **own) else LATE), ""
                if self.day is None:
                    return UNKNOWN, ""
                return (OVERDUE if self.day > DEADLINE(item, **own) else OPEN), ""
            except CellError as error:
                return TO_CORRECT, error.message
