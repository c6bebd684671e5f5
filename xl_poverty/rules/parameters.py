"""A policy document as data: read from `policy.toml`, checked whole, served dated.

A folder holds `policy.toml` (amounts, clauses, quotes, 口径) and, where its text asks for a body of its own,
`rules.py`. Loading reports every mistake at once (`PolicyError`), each with file, key and what was expected.
"""
from __future__ import annotations

import datetime as dt
import importlib.util
import math
import re
import tomllib
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from types import ModuleType

from ..errors import PolicyError
from .arguments import fold
from .expressions import NUMBER, Expression, RuleError, Steps, Table, exact

#: the documents that come with the package
PACKAGED = Path(__file__).parent.parent / "policies"

KINDS = ("定额", "上限内", "下限", "核算值", "标准线", "资格")
NATURES = ("现金", "消费券", "代缴", "贷款额度", "机构资金", "核算值", "")
PAYEES = ("个人", "户", "机构", "带动主体", "")
USES = ("计算", "登记")

#: the parameters that draw an indicator's line: at least, more than, a rise over the base, at most
LINES = ("low", "over", "rise", "high")

#: how often a measure is due, for the settlement of a household: once per person or household, or as often as claimed
ONCES = ("人/年", "人/一次", "户/年", "户/一次", "机构/年", "机构/一次", "")

#: keys of a measure, an indicator, a deadline or a fact besides its values, with the type expected
_MEASURE_KEYS = {
    "clause": str, "quote": (str, list), "unit": str, "kind": str, "nature": str, "payee": str, "note": str,
    "alias": str, "args": str, "body": str, "labels": dict, "reading": list, "values": list, "once": str,
    "household_cap": str, "expires": bool, "base": str, "base2": str, "share": bool, "compared": bool, "signed": bool,
    "strict": str, "line": str, "like": str,
}  # fmt: skip
_POLICY_KEYS = {
    "id": str, "short_name": str, "number": str, "title": str, "issuer": str, "issued": dt.date, "level": str,
    "home": str, "source": dict, "in_force": dict, "absent": list, "absent_note": str, "clauses": dict,
    "common": dict, "reading": list, "indicators": dict, "deadlines": dict, "facts": dict, "named": dict,
    "exclusion": list, "extends": str, "arguments": dict, "accounting": dict,
}  # fmt: skip
_REQUIRED = ("id", "short_name", "title", "in_force", "clauses")


def name_key(text: str) -> str:
    """A document's name as names are compared: folded, every kind of bracket the same."""
    return fold(text).translate(_BRACKETS)


_BRACKETS = str.maketrans("〔〕【】[]〈〉", "()()()()")
#: 10, 九, (一), 二(二), 三1
_NUMBER = re.compile(r"(?P<part>[一二三四五六七八九十]*)(?P<section>(?:\([一二三四五六七八九十]+\))?)(?P<item>\d*)")


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
    alias: str  # for a function of this document's own: its Chinese name, and its arguments as in signatures.toml
    args: str
    body: str
    labels: dict[str, str]
    readings: tuple[Reading, ...]
    versions: tuple[Version, ...]
    once: str
    household_cap: str
    expires: bool
    base: str
    base2: str
    share: bool
    compared: bool  # the base is an earlier figure, which may be 0, not the whole of a ratio
    signed: bool
    strict: str
    line: str
    like: str  # the measure whose table completed this one's: both grant the same thing
    document: Policy  # whose clause it is: another one's where a document extends it

    @property
    def cited(self) -> str:
        """The document and clause: 双发〔2022〕67号第10条."""
        return f"{self.document.cited}{self.document.clause_label(self.clause)}"

    def version(self, day: dt.date | None) -> Version | None:
        """The values in force on a day; without a day the latest. None before the first."""
        known = [v for v in self.versions if day is None or v.start <= day]
        return known[-1] if known else None


@dataclass(frozen=True)
class Exclusion:
    """Of a household's claims, those of `measure` whose arguments are `where` are not paid beside an amount above 0
    of `barred_by` whose arguments are `barred_where`."""

    measure: str
    where: dict[str, str]
    barred_by: str
    barred_where: dict[str, str]
    clause: str
    quote: str


class Policy:
    """One policy document. Attributes are the keys of its `policy.toml`."""

    def __init__(self, folder: Path, extending: tuple[Path, ...] = ()):
        self.folder = Path(folder)
        self.file = self.folder / "policy.toml"
        try:
            with open(self.file, "rb") as stream:
                self.data = tomllib.load(stream)
        except tomllib.TOMLDecodeError as error:
            raise PolicyError([f"{self.file}: not TOML: {error}"]) from None
        reader = _Reader(self.file)
        self.extended = reader.extended(self.data, (*extending, self.folder.resolve()))
        self.tables: dict[str, dict[str, dict]] = {}  # the entries of each section, completed by `like` and `extends`
        reader.policy(self, self.data)
        if reader.mistakes:
            raise PolicyError(reader.mistakes)

    def __repr__(self):
        return f"<Policy {self.id}>"

    @property
    def names(self) -> tuple[str, str, str]:
        """What the document can be called by: id, short name, number (or title, where the text prints no number)."""
        return self.id, self.short_name, self.number or self.title

    @property
    def cited(self) -> str:
        """The document in a sentence: its number, or its title where the text prints none."""
        return self.number or f"《{self.title}》"

    def clause_label(self, number: str) -> str:
        """A clause as the document is cited: 第10条; 第九条 where Chinese numerals count clauses, 第二部分（二） where
        they count parts; “结尾” for what has no number."""
        parts = _NUMBER.fullmatch(number)
        if not number or not parts:
            return f"“{number}”"
        part, section, item = parts.group("part", "section", "item")
        if item and not part:
            return f"第{item}条"
        if part == number and all(_NUMBER.fullmatch(other)["part"] == other for other in self._numbered):
            return f"第{part}条"
        section = section.replace("(", "（").replace(")", "）")
        return (f"第{part}部分" if part else "") + section + (f"第{item}项" if item else "")

    @cached_property
    def _numbered(self) -> list[str]:
        return [number for number in self.clauses if _NUMBER.fullmatch(number)]

    def cite(self, measure: Measure) -> str:
        """Where a measure stands, and that it goes on where another document prolongs it."""
        return measure.cited if measure.document is self else f"{measure.cited}（{self.cited}延续）"

    def covers(self, day: dt.date) -> bool:
        return self.start <= day and (self.until is None or day <= self.until)

    def days_of_change(self, measure: Measure) -> list[dt.date]:
        """The first days of new values of a measure, those that all measures share included."""
        own = [version.start for version in measure.versions] or [self.start]
        return sorted({*own, *(v.start for v in self.common.versions if v.start > own[0])})

    def expired(self, today: dt.date) -> bool:
        """Is it over? A document that prints no period never is."""
        return self.tested and self.until is not None and today > self.until

    def reading(self, measure: Measure, name: str) -> Reading | None:
        for reading in (*measure.readings, *self.readings):
            if reading.name == name:
                return reading
        return None

    @cached_property
    def bodies(self) -> dict[str, object]:
        """Rule bodies of the folder's own `rules.py`."""
        inherited = self.extended.bodies if self.extended else {}
        path = self.folder / "rules.py"
        if not path.exists():
            return inherited
        if self.folder.parent == PACKAGED:
            name = f"xl_poverty.policies.{self.folder.name}.rules"
            module = importlib.import_module(name)
        else:
            name = f"xl_poverty_policy_{self.folder.name}"
            spec = importlib.util.spec_from_file_location(name, path)
            module = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(module)
        return {**inherited, **rule_bodies(module)}


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

    def extended(self, data: dict, extending: tuple[Path, ...]) -> Policy | None:
        """The document that this one extends: beside it, or one of the package. `extending`: those that lead here."""
        name = self.get(data, "extends", str, "")
        if not name:
            return None
        for folder in (self.file.parent.parent, PACKAGED):
            if not (folder / name / "policy.toml").exists() or folder / name == self.file.parent:
                continue
            if (folder / name).resolve() in extending:
                self.wrong("extends", f"{name} extends this document in turn")
                return None
            return Policy(folder / name, extending)
        self.wrong("extends", f"there is no document {name}")
        return None

    def policy(self, policy: Policy, data: dict):
        base = policy.extended
        if base:
            data = {**{key: getattr(base, key) for key in ("home", "level")}, **data}
        measures = {k: v for k, v in data.items() if k.isupper() or k[:1].isupper()}
        rest = {k: v for k, v in data.items() if k not in measures}
        self.unknown(rest, _POLICY_KEYS, "")
        for key, kind in _POLICY_KEYS.items():
            default = {} if kind is dict else [] if kind is list else "" if kind is str else None
            value = self.get(data, key, kind, "", default, key in _REQUIRED)
            if key not in ("reading", "in_force"):  # these are kept under other names, see below
                setattr(policy, key, value)
        if base and isinstance(policy.arguments, dict):
            policy.arguments = {**base.arguments, **policy.arguments}
        if policy.id and policy.id != self.file.parent.name:
            self.wrong("id", f"must be the folder's name, {self.file.parent.name}")
        force = self.table(data.get("in_force", {}), "in_force")
        self.unknown(force, ("from", "until", "clause", "quote", "note", "tested"), "in_force.")
        policy.tested = self.get(force, "tested", bool, "in_force.", True)
        policy.start = self.get(force, "from", dt.date, "in_force.", dt.date.max, True)
        policy.until = self.get(force, "until", dt.date, "in_force.")
        policy.in_force_quote = self.get(force, "quote", str, "in_force.", "")
        policy.in_force_note = self.get(force, "note", str, "in_force.", "")
        clause = self.get(force, "clause", str, "in_force.", "")
        if policy.until and policy.until < policy.start:
            self.wrong("in_force.until", f"is before in_force.from ({policy.start})")
        policy.clauses = {number: self.clause(number, table) for number, table in policy.clauses.items()}
        if clause:
            self.quoted(policy, clause, (policy.in_force_quote,), "in_force.")
        elif policy.in_force_quote:
            self.wrong("in_force.quote", "needs the clause in which it stands")
        own = self.readings(data.get("reading", []), "reading")
        inherited = base.readings if base else ()
        policy.readings = (*(r for r in inherited if r.name not in {one.name for one in own}), *own)
        policy.common = self.measure("common", policy.common, policy)
        if base and not policy.common.versions:
            policy.common = base.common
        policy.measures = self.measures(policy, measures, "measures", "")
        policy.indicators = self.measures(policy, policy.indicators, "indicators", "indicators.", kind="标准线")
        policy.deadlines = self.measures(policy, policy.deadlines, "deadlines", "deadlines.", kind="标准线")
        policy.facts = self.measures(policy, policy.facts, "facts", "facts.", kind="资格")
        policy.named = self.measures(policy, policy.named, "named", "named.", kind="标准线")
        policy.exclusions = self.exclusions(policy, policy.exclusion)
        policy.accounting = {**(base.accounting if base else {}), **self.accounting(policy, policy.accounting)}
        for measure in policy.measures.values():
            cap = measure.household_cap
            caps = [version.values.get(cap) for version in measure.versions]
            if cap and not (caps and all(isinstance(value, (int, Fraction, Table)) for value in caps)):
                self.wrong(f"{measure.name}.household_cap", f"there is no parameter {cap} that is a number or a table")

    def measures(self, policy: Policy, tables: dict, section: str, where: str, **usual) -> dict[str, Measure]:
        """The entries of a section, after those of the document that is extended."""
        base = policy.extended
        before = base.tables.get(section, {}) if base else {}
        completed = policy.tables[section] = dict(before)
        own = {}
        for name, table in tables.items():
            table = self.likened(self.table(table, where + name), tables, policy, where + name)
            table = self.raised(policy, before[name], table) if name in before else table
            completed[name] = {key: value for key, value in table.items() if key != "like"}
            own[name] = self.measure(name, table, policy, where, **usual)
            if section == "deadlines":
                self.reckonable(own[name], where)
            elif section == "indicators" and not all(set(LINES) & set(v.values) for v in own[name].versions):
                self.wrong(f"{where}{name}.values", f"needs one of {', '.join(LINES)}")
        return {**(getattr(base, section) if base else {}), **own}

    def likened(self, table: dict, tables: dict, policy: Policy, where: str) -> dict:
        """A table completed by the one that it is `like`."""
        name = table.get("like")
        if not name or not isinstance(name, str):
            return table
        inherited = policy.extended.tables["measures"].get(name) if policy.extended else None
        other = tables.get(name) or policy.data.get(name) or inherited
        if not isinstance(other, dict) or "like" in other:
            self.wrong(f"{where}.like", f"there is no measure {name}")
            return table
        return self.on_top(other, table)

    @staticmethod
    def raised(policy: Policy, before: dict, table: dict) -> dict:
        """A table of a document that extends another: what it does not say stays as it was. Its values stand from
        their day on; before that day the last values of the other document go on."""
        on_top = _Reader.on_top(before, table)
        rows = on_top.get("values")
        if "values" in table and rows and isinstance(rows, list) and isinstance(rows[0], dict) and before.get("values"):
            first = rows[0].get("from")
            if isinstance(first, dt.date) and first > policy.start:
                rows.insert(0, {**before["values"][-1], "from": policy.start})
        return on_top

    @staticmethod
    def on_top(before: dict, table: dict) -> dict:
        """A table that says what another does not; each row of its values goes on from the row before."""
        rows, earlier = table.get("values"), before.get("values")
        if not isinstance(rows, list) or not earlier or not all(isinstance(row, dict) for row in (*rows, *earlier)):
            return {**before, **table}
        last, new = earlier[-1], []
        for row in rows:
            last = {**{key: value for key, value in last.items() if key != "from"}, **row}
            new.append(last)
        return {**before, **table, "values": new}

    def reckonable(self, deadline: Measure, where: str):
        """A deadline is a day, a number of days after one, or a month of every year."""
        for version in deadline.versions:
            (name, value), *others = version.values.items() if version.values else [("", None)]
            right = {
                "by": isinstance(value, dt.date),
                "days_after": isinstance(value, int) and value > 0,
                "month": isinstance(value, int) and 1 <= value <= 12,
            }
            if others or not right.get(name):
                told = "expected by (a day), days_after (a whole number) or month (1 to 12), one of them"
                self.wrong(f"{where}{deadline.name}.values", told)
        if not deadline.versions:
            self.wrong(f"{where}{deadline.name}.values", "is required")

    def accounting(self, policy: Policy, tables: dict) -> dict[str, dict]:
        """How incomes are reckoned, each with the place that says so as its `source`."""
        found = {}
        for name, table in tables.items():
            where = f"accounting.{name}."
            table = dict(self.table(table, where))
            clause = self.get(table, "clause", str, where, "", True)
            quote = self.get(table, "quote", str, where, "", True)
            if clause and quote:
                self.quoted(policy, clause, (quote,), where)
            said = {key: value for key, value in table.items() if key not in ("clause", "quote")}
            if name == "pension":
                right = said.keys() == {"counted"} and isinstance(said["counted"], bool)
            elif name == "expense_ratios":
                right = said and all(type(ratio) in (int, float) and 0 <= ratio <= 1 for ratio in said.values())
            else:
                self.wrong(where[:-1], "is not known, there are pension and expense_ratios")
                continue
            if not right:
                told = "counted = true or false" if name == "pension" else "kinds of income with their ratios, 0 to 1"
                self.wrong(where[:-1], f"expected {told}")
            found[name] = {**said, "clause": clause, "source": f"{policy.cited}{policy.clause_label(clause)}"}
        return found

    def exclusions(self, policy: Policy, tables: list) -> tuple[Exclusion, ...]:
        keys = {"measure": str, "where": dict, "barred_by": str, "barred_where": dict, "clause": str, "quote": str}
        found = []
        for table in tables:
            table = self.table(table, "exclusion")
            self.unknown(table, keys, "exclusion.")
            values = {
                key: self.get(table, key, kind, "exclusion.", {} if kind is dict else "", kind is str)
                for key, kind in keys.items()
            }
            for key in ("measure", "barred_by"):
                if values[key] and values[key] not in policy.measures:
                    self.wrong(f"exclusion.{key}", f"there is no measure {values[key]}")
            if values["clause"]:
                self.quoted(policy, values["clause"], (values["quote"],), "exclusion.")
            found.append(Exclusion(**values))
        return (*(policy.extended.exclusions if policy.extended else ()), *found)

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
        kind, nature, payee, once = get("kind", "", True), get("nature"), get("payee"), get("once")
        limited = ("kind", kind, KINDS), ("nature", nature, NATURES), ("payee", payee, PAYEES), ("once", once, ONCES)
        for key, value, allowed in limited:
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
            name, clause, quotes, get("unit"), kind, nature, payee, get("note"), get("alias"), get("args"),
            get("body"), get("labels", {}),
            self.readings(get("reading", []), where + "reading"), tuple(versions),
            once, get("household_cap"), get("expires", policy.tested), get("base"), get("base2"), get("share", False),
            get("compared", False), get("signed", False), get("strict"), get("line"), get("like"), policy,
        )  # fmt: skip

    def parameter(self, value, name: str, where: str):
        """A number, a table of numbers, steps, a list of words or of numbers, or a date."""
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
        elif isinstance(value, list) and value and all(map(_is_number, value)):
            return tuple(map(exact, value))
        elif isinstance(value, list) and value and all(
            isinstance(v, list) and len(v) == 2 and all(map(_is_number, v)) for v in value
        ):
            steps = Steps(name, value)
            starts = [start for start, _ in steps.steps]
            if starts != sorted(set(starts)):
                self.wrong(where, "the steps must ascend")
            return steps
        else:
            self.wrong(where, f"expected a number, a table, steps, words, numbers or a date, found {value!r}")
        return exact(0)


def _is_number(value) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def find_policies(*folders: Path) -> list[Path]:
    """The folders that hold a policy document, in order of name."""
    return [path.parent for folder in folders for path in sorted(Path(folder).glob("*/policy.toml"))]
