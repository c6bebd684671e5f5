"""A policy document as data: read from `policy.toml`, checked whole, served dated.

A folder holds `policy.toml` (amounts, clauses, quotes, 口径) and, where its text asks for a body of its own,
`rules.py`. Loading reports every mistake at once (`PolicyError`), each with file, key and what was expected.
"""
from __future__ import annotations

import datetime as dt
import importlib.util
import math
import tomllib
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from types import ModuleType

from ..errors import PolicyError
from .arguments import fold
from .expressions import NUMBER, Expression, RuleError, Steps, Table, exact

KINDS = ("定额", "上限内", "下限", "核算值", "标准线", "资格")
NATURES = ("现金", "消费券", "代缴", "贷款额度", "机构资金", "核算值", "")
PAYEES = ("个人", "户", "机构", "带动主体", "")
USES = ("计算", "登记")

#: keys of a measure, an indicator or a deadline besides its values, with the type expected
_MEASURE_KEYS = {
    "clause": str, "quote": (str, list), "unit": str, "kind": str, "nature": str, "payee": str, "note": str,
    "body": str, "labels": dict, "reading": list, "values": list, "once": str, "expires": bool,
    "base": str, "share": bool, "strict": str, "line": str,
}  # fmt: skip
_POLICY_KEYS = {
    "id": str, "short_name": str, "number": str, "title": str, "issuer": str, "issued": dt.date, "level": str,
    "home": str, "source": dict, "in_force": dict, "absent": list, "absent_note": str, "clauses": dict,
    "common": dict, "reading": list, "indicators": dict, "deadlines": dict,
}  # fmt: skip
_REQUIRED = ("id", "short_name", "number", "title", "issued", "in_force", "clauses")


def name_key(text: str) -> str:
    """A document's name as names are compared: folded, every kind of bracket the same."""
    return fold(text).translate(_BRACKETS)


_BRACKETS = str.maketrans("〔〕【】[]〈〉", "()()()()")


@dataclass(frozen=True)
class Clause:
    """One clause of a document: its number, heading, verbatim text, and what the library does with it."""

    number: str
    title: str
    text: str
    use: str
    register: str


@dataclass(frozen=True)
class Reading:
    """A sentence that can be read in more than one way, and the way chosen."""

    name: str
    default: str
    alternatives: tuple[str, ...]
    because: str


@dataclass(frozen=True)
class Version:
    """Parameter values from a day on."""

    start: dt.date
    values: dict[str, object]


@dataclass(frozen=True)
class Measure:
    """What a document says about one function, indicator or deadline."""

    name: str
    clause: str
    quotes: tuple[str, ...]
    unit: str
    kind: str
    nature: str
    payee: str
    note: str
    body: str
    labels: dict[str, str]
    readings: tuple[Reading, ...]
    versions: tuple[Version, ...]
    once: str
    expires: bool
    base: str
    share: bool
    strict: str
    line: str

    def version(self, day: dt.date | None) -> Version | None:
        """The values in force on a day; without a day the latest. None before the first."""
        known = [v for v in self.versions if day is None or v.start <= day]
        return known[-1] if known else None


class Policy:
    """One policy document. Attributes are the keys of its `policy.toml`."""

    def __init__(self, folder: Path):
        self.folder = Path(folder)
        self.file = self.folder / "policy.toml"
        try:
            with open(self.file, "rb") as stream:
                data = tomllib.load(stream)
        except tomllib.TOMLDecodeError as error:
            raise PolicyError([f"{self.file}: not TOML: {error}"]) from None
        reader = _Reader(self.file)
        reader.policy(self, data)
        if reader.mistakes:
            raise PolicyError(reader.mistakes)

    def __repr__(self):
        return f"<Policy {self.id}>"

    @property
    def names(self) -> tuple[str, str, str]:
        return self.id, self.short_name, self.number

    def covers(self, day: dt.date) -> bool:
        return self.start <= day and (self.until is None or day <= self.until)

    def days_of_change(self, measure: Measure) -> list[dt.date]:
        """The first days of new values of a measure, those that all measures share included."""
        own = [version.start for version in measure.versions] or [self.start]
        return sorted({*own, *(v.start for v in self.common.versions if v.start > own[0])})

    def expired(self, today: dt.date) -> bool:
        return self.until is not None and today > self.until

    def reading(self, measure: Measure, name: str) -> Reading | None:
        for reading in (*measure.readings, *self.readings):
            if reading.name == name:
                return reading
        return None

    @cached_property
    def bodies(self) -> dict[str, object]:
        """Rule bodies of the folder's own `rules.py`."""
        path = self.folder / "rules.py"
        if not path.exists():
            return {}
        package = Path(__file__).parent.parent / "policies"
        if self.folder.parent == package:
            name = f"xl_poverty.policies.{self.folder.name}.rules"
            module = importlib.import_module(name)
        else:
            name = f"xl_poverty_policy_{self.folder.name}"
            spec = importlib.util.spec_from_file_location(name, path)
            module = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(module)
        return rule_bodies(module)


def rule(name: str):
    """Mark a function as the body of the measure `name`. Its first argument is the parameters, the others are
    arguments of the function of that name."""

    def mark(body):
        body.rule_name = name
        return body

    return mark


def rule_bodies(module: ModuleType) -> dict[str, object]:
    return {f.rule_name: f for f in vars(module).values() if hasattr(f, "rule_name")}


class Parameters:
    """The parameters of a measure on a day, as a rule body sees them: `p.amount[destination]`, `p.cap`,
    `p.reading("限额据实")`. Remembers what was asked for, so that a sentence can say it."""

    def __init__(
        self, policy: Policy, measure: Measure, version: Version, day: dt.date | None, chosen: dict[str, str]
    ):  # fmt: skip
        shared = policy.common
        common = shared.version(day) or (shared.versions[0] if shared.versions else None)
        self._values = {**(common.values if common else {}), **version.values}
        self._policy, self._measure, self._chosen = policy, measure, chosen
        self.used: set[str] = set()
        self.readings: dict[str, str] = {}

    def __getattr__(self, name: str):
        if name not in self._values:
            raise RuleError(f"{self._policy.id}: {self._measure.name} has no parameter {name}")
        self.used.add(name)
        value = self._values[name]
        if isinstance(value, (int, Fraction)) and not isinstance(value, bool):
            return Expression("number", NUMBER, value, name)
        return value

    def has(self, name: str) -> bool:
        return name in self._values

    @property
    def measure(self) -> Measure:
        return self._measure

    def reading(self, alternative: str) -> bool:
        """Is this the chosen reading?"""
        for reading in (*self._measure.readings, *self._policy.readings):
            if alternative in reading.alternatives:
                self.readings[reading.name] = self._chosen[reading.name]
                return self._chosen[reading.name] == alternative
        raise RuleError(f"{self._policy.id}: {self._measure.name} has no reading {alternative}")

    def chosen(self, name: str) -> str:
        """The alternative chosen for the reading of this name."""
        if name not in self._chosen:
            raise RuleError(f"{self._policy.id}: {self._measure.name} has no reading named {name}")
        self.readings[name] = self._chosen[name]
        return self._chosen[name]


class _Reader:
    """Reads the data of one file and collects its mistakes."""

    def __init__(self, file: Path):
        self.file = file
        self.mistakes: list[str] = []

    def wrong(self, key: str, expected: str):
        self.mistakes.append(f"{self.file.parent.name}/{self.file.name}: {key}: {expected}")

    def get(self, table: dict, key: str, kind, where: str, default=None, required=False):
        if key not in table:
            if required:
                self.wrong(where + key, "is required")
            return default
        value = table[key]
        if not isinstance(value, kind) or (isinstance(value, dt.datetime) and kind is dt.date):
            names = " or ".join(k.__name__ for k in (kind if isinstance(kind, tuple) else (kind,)))
            self.wrong(where + key, f"expected {names}, found {value!r}")
            return default
        return value

    def table(self, value, where: str) -> dict:
        """A table, or an empty one and a mistake."""
        if isinstance(value, dict):
            return value
        self.wrong(where.rstrip("."), f"expected a table, found {value!r}")
        return {}

    def unknown(self, table: dict, known, where: str):
        for key in table:
            if key not in known:
                self.wrong(where + key, f"unknown key; known are {', '.join(known)}")

    def policy(self, policy: Policy, data: dict):
        measures = {k: v for k, v in data.items() if k.isupper() or k[:1].isupper()}
        rest = {k: v for k, v in data.items() if k not in measures}
        self.unknown(rest, _POLICY_KEYS, "")
        for key, kind in _POLICY_KEYS.items():
            default = {} if kind is dict else [] if kind is list else "" if kind is str else None
            value = self.get(data, key, kind, "", default, key in _REQUIRED)
            if key not in ("reading", "in_force"):  # these are kept under other names, see below
                setattr(policy, key, value)
        if policy.id and policy.id != self.file.parent.name:
            self.wrong("id", f"must be the folder's name, {self.file.parent.name}")
        force = self.table(data.get("in_force", {}), "in_force")
        self.unknown(force, ("from", "until", "clause", "quote", "note"), "in_force.")
        policy.start = self.get(force, "from", dt.date, "in_force.", dt.date.max, True)
        policy.until = self.get(force, "until", dt.date, "in_force.")
        policy.in_force_quote = self.get(force, "quote", str, "in_force.", "")
        clause = self.get(force, "clause", str, "in_force.", "")
        if policy.until and policy.until < policy.start:
            self.wrong("in_force.until", f"is before in_force.from ({policy.start})")
        policy.clauses = {number: self.clause(number, table) for number, table in policy.clauses.items()}
        if clause:
            self.quoted(policy, clause, (policy.in_force_quote,), "in_force.")
        policy.readings = self.readings(data.get("reading", []), "reading")
        policy.common = self.measure("common", policy.common, policy)
        policy.measures = {name: self.measure(name, table, policy) for name, table in measures.items()}
        policy.indicators = {
            name: self.measure(name, table, policy, "indicators.", kind="标准线")
            for name, table in policy.indicators.items()
        }
        policy.deadlines = {
            name: self.measure(name, table, policy, "deadlines.", kind="标准线")
            for name, table in policy.deadlines.items()
        }

    def clause(self, number: str, table: dict) -> Clause:
        where = f"clauses.{number}."
        table = self.table(table, where)
        self.unknown(table, ("title", "text", "use", "register"), where)
        use = self.get(table, "use", str, where, "", True)
        if use not in USES:
            self.wrong(where + "use", f"expected one of {', '.join(USES)}, found {use!r}")
        register = self.get(table, "register", str, where, "")
        if use == "登记" and not register:
            self.wrong(where + "register", "a registered clause says what it is used for")
        title, text = (self.get(table, key, str, where, "", True) for key in ("title", "text"))
        return Clause(number, title, text, use, register)

    def readings(self, tables: list, where: str) -> tuple[Reading, ...]:
        found = []
        for table in tables:
            table = self.table(table, where)
            self.unknown(table, ("name", "default", "alternatives", "because"), where + ".")
            name, default, because = (
                self.get(table, key, str, f"{where}.", "", True) for key in ("name", "default", "because")
            )
            alternatives = tuple(self.get(table, "alternatives", list, f"{where}.", [], True))
            if default not in alternatives:
                self.wrong(f"{where}.{name}", f"the default {default!r} is not among {alternatives}")
            found.append(Reading(name, default, alternatives, because))
        return tuple(found)

    def quoted(self, policy: Policy, clause: str, quotes: tuple, where: str):
        """The clause must be there and hold every quote verbatim."""
        if clause not in policy.clauses:
            self.wrong(where + "clause", f"clause {clause} is not among the clauses of the document")
            return
        for quote in quotes:
            if not isinstance(quote, str):
                self.wrong(where + "quote", f"expected text, found {quote!r}")
            elif quote not in policy.clauses[clause].text:
                self.wrong(where + "quote", f"{quote[:12]}… does not stand in clause {clause}")

    def measure(self, name: str, table: dict, policy: Policy, where: str = "", **usual) -> Measure:
        where += f"{name}."
        shared = name == "common"
        table = {**usual, **self.table(table, where)}
        self.unknown(table, _MEASURE_KEYS, where)
        get = lambda key, default="", required=False: self.get(  # noqa: E731
            table, key, _MEASURE_KEYS[key], where, default, required and not shared
        )
        clause = get("clause", "", True)
        quotes = get("quote", [], True)
        quotes = (quotes,) if isinstance(quotes, str) else tuple(quotes)
        if clause:
            self.quoted(policy, clause, quotes, where)
        kind, nature, payee = get("kind", "", True), get("nature"), get("payee")
        for key, value, allowed in (("kind", kind, KINDS), ("nature", nature, NATURES), ("payee", payee, PAYEES)):
            if value not in allowed and not shared:
                self.wrong(where + key, f"expected one of {', '.join(filter(None, allowed))}, found {value!r}")
        versions = []
        for row in get("values", [], False):
            row = self.table(row, where + "values")
            start = self.get(row, "from", dt.date, where + "values.", None, True)
            values = {k: self.parameter(v, k, f"{where}values.{k}") for k, v in row.items() if k != "from"}
            if start:
                versions.append(Version(start, values))
        if [v.start for v in versions] != sorted({v.start for v in versions}):
            self.wrong(where + "values", "the rows must be in order of `from`, each day once")
        return Measure(
            name, clause, quotes, get("unit"), kind, nature, payee, get("note"), get("body"), get("labels", {}),
            self.readings(get("reading", []), where + "reading"), tuple(versions),
            get("once"), get("expires", True), get("base"), get("share", False), get("strict"), get("line"),
        )  # fmt: skip

    def parameter(self, value, name: str, where: str):
        """A number, a table of numbers, steps, a list of words, or a date."""
        if isinstance(value, bool):
            self.wrong(where, "a yes or no belongs to a reading, not to the parameters")
        elif isinstance(value, (int, float)):
            if math.isfinite(value):
                return exact(value)
            self.wrong(where, f"expected a number, found {value!r}")
        elif isinstance(value, dt.date):
            return value
        elif isinstance(value, dict):
            if value and all(map(_is_number, value.values())):
                return Table(name, value)
            self.wrong(where, "a table holds numbers only, and at least one")
        elif isinstance(value, list) and value and all(isinstance(v, str) for v in value):
            return tuple(value)
        elif isinstance(value, list) and value and all(
            isinstance(v, list) and len(v) == 2 and all(map(_is_number, v)) for v in value
        ):
            steps = Steps(name, value)
            starts = [start for start, _ in steps.steps]
            if starts != sorted(set(starts)):
                self.wrong(where, "the steps must ascend")
            return steps
        else:
            self.wrong(where, f"expected a number, a table, steps, words or a date, found {value!r}")
        return exact(0)


def _is_number(value) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def find_policies(*folders: Path) -> list[Path]:
    """The folders that hold a policy document, in order of name."""
    return [path.parent for folder in folders for path in sorted(Path(folder).glob("*/policy.toml"))]
