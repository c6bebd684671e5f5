"""What a document says of plans: the menu of measures, what is recorded, who answers, by when, when a plan is closed.

It stands in plan.toml beside the document's policy.toml, each entry with its clause and the words of the text. Loading
reports all mistakes at once.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field, fields
from functools import cache
from pathlib import Path
from typing import NamedTuple

from ..errors import PolicyError
from ..formulas.signatures import find, own_signatures, plain_arguments
from ..rules.parameters import Policy

FILE = "plan.toml"
KINDS = ("产业", "就业", "公益岗", "金融", "教育", "健康", "住房", "饮水", "兜底", "社会")
REGISTERS = ("勾选", "选项", "日期", "文字", "数字")
#: what a date of the plan is for
PURPOSES = ("plan", "review", "measures", "new_case", "ledger", "reckoning")
MEASURES_DONE = "措施完成"
YES_NO = ("是", "否")
MONITORED = ("脱贫不稳定户", "边缘易致贫户", "突发严重困难户", "监测户")
#: fact of a household -> the words that it can be compared with; None: any
FACTS: dict[str, tuple[str, ...] | None] = {
    "户类型": ("脱贫户", "脱贫享受政策户", "脱贫不享受政策户", "一般农户", *MONITORED),
    "风险状态": ("未消除", "已消除", "无"),
    "收入分类": ("高收入", "中等收入", "低收入", "不适用"),
    "重点关注": None,
    "减收原因": (*map(str, range(1, 10)), "无"),
    "务工去向": ("跨省", "省内区外", "区内"),
    **dict.fromkeys((
        "属于政策对象", "属于低收入脱贫人口", "人均纯收入下降", "有劳动力", "有弱劳动力或半劳动力", "整户无劳动力",
        "有外出务工", "有未就业劳动力", "有公益岗", "有残疾人", "有达龄老人", "有学生", "有大学生", "有高校毕业生",
        "有职业院校学生", "有低保", "有特困", "有承包地", "有退耕还林", "危房", "饮水未解决", "有失学辍学", "有未参保",
        "有患病", "有小额信贷",
    ), YES_NO),
}  # fmt: skip


class Condition(NamedTuple):
    """A fact that has one of these words, or one of the other conditions."""

    fact: str
    words: tuple[str, ...]
    others: tuple[Condition, ...] = ()

    @property
    def alternatives(self) -> tuple[Condition, ...]:
        """The facts with their words, of which one is enough."""
        return self._replace(others=()), *self.others

    def __str__(self) -> str:
        told = self.fact if self.words == ("是",) else f"{self.fact}：{'或'.join(self.words)}"
        return "，或".join((told, *map(str, self.others)))


@dataclass(frozen=True, kw_only=True)
class Entry:
    """What a clause says. `when`: facts that must all hold of the household; none: it goes for all."""

    clause: str
    quote: tuple[str, ...]
    name: str = ""
    when: tuple[Condition, ...] = ()
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Goal(Entry):
    """What the household is to reach; `measure` or `indicator`: what tells how far it is."""

    measure: str = ""
    indicator: str = ""


@dataclass(frozen=True, kw_only=True)
class Offer(Entry):
    """A measure of the menu.

    first    facts by which a household comes first; they drop nobody
    confirm  conditions that no ledger tells, to be asked
    gain     the function whose amount is the expected gain, with the arguments `where`
    causes   numbers of the losses that it replaces
    """

    kind: str
    first: tuple[Condition, ...] = ()
    confirm: tuple[str, ...] = ()
    gain: str = ""
    where: dict = field(default_factory=dict)
    lead: str = ""
    deadline: str = ""
    causes: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Register(Entry):
    """What is recorded of the household for a clause that reckons nothing."""

    kind: str
    options: tuple[str, ...] = ()
    unit: str = ""


@dataclass(frozen=True, kw_only=True)
class Role(Entry):
    """Who answers for the household; `level`: of which level the person must be."""

    level: str = ""
    duties: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Visits(Entry):
    """Who visits; `measure`: the function that counts months without a visit."""

    measure: str = ""
    who: str = ""


@dataclass(frozen=True)
class Term:
    """A date that the document sets: what it is for, and which of its deadlines it is."""

    purpose: str
    deadline: str
    when: tuple[Condition, ...] = ()
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Close(Entry):
    """A condition for closing a plan: facts, or that the measures are done; `reading`: how the text was read."""

    reading: str
    check: str = ""


@dataclass(frozen=True, kw_only=True)
class Cause(Entry):
    """A numbered cause of a loss of income, of which item of the income."""

    number: int
    item: str


@dataclass(frozen=True, kw_only=True)
class Idle:
    """A clause without anything for a household, and why."""

    clause: str
    why: str


@dataclass
class Menu:
    """What one document says of plans. Empty where it has no plan.toml."""

    policy: Policy
    needs: tuple[Entry, ...] = ()
    goals: tuple[Goal, ...] = ()
    offers: tuple[Offer, ...] = ()
    registers: tuple[Register, ...] = ()
    roles: tuple[Role, ...] = ()
    visits: Visits | None = None
    terms: tuple[Term, ...] = ()
    closing: tuple[Close, ...] = ()
    closing_measure: str = ""
    closing_note: str = ""
    causes: tuple[Cause, ...] = ()
    idle: tuple[Idle, ...] = ()

    @property
    def facts(self) -> set[str]:
        """The facts that something depends on."""
        entries = (*self.needs, *self.goals, *self.offers, *self.registers, *self.roles, *self.terms, *self.closing)
        entries += (self.visits,) if self.visits else ()
        conditions = [condition for entry in entries for condition in entry.when]
        conditions += [condition for offer in self.offers for condition in offer.first]
        return {one.fact for condition in conditions for one in condition.alternatives}


@cache
def menu_of(policy: Policy) -> Menu:
    """What a document says of plans, or the one that it extends. Raises PolicyError with every mistake."""
    file = policy.folder / FILE
    if not file.exists():
        return menu_of(policy.extended) if policy.extended else Menu(policy)
    return read_menu(file, policy)


def read_menu(file: Path, policy: Policy) -> Menu:
    """Raises PolicyError with every mistake."""
    try:
        with open(file, "rb") as stream:
            data = tomllib.load(stream)
    except tomllib.TOMLDecodeError as error:
        raise PolicyError([f"{file.parent.name}/{file.name}: not TOML: {error}"]) from None
    reader = _Reader(file, policy)
    menu = reader.menu(data)
    if reader.mistakes:
        raise PolicyError(reader.mistakes)
    return menu


_SECTIONS = ("plan", "goal", "measure", "register", "roles", "visits", "dates", "closing", "causes", "none")
_KINDS_OF_KEYS = {"where": dict, "number": int}
_LISTS = ("when", "first", "confirm", "options", "duties", "causes", "quote")
_REQUIRED_NAME = (Goal, Offer, Register, Role, Close, Cause)
#: lists and texts that must be the document's own words
_VERBATIM = ("confirm", "options", "duties", "lead", "level", "who")


class _Reader:
    def __init__(self, file: Path, policy: Policy):
        self.where, self.policy = f"{file.parent.name}/{file.name}", policy
        self.mistakes: list[str] = []

    def wrong(self, key: str, told: str):
        self.mistakes.append(f"{self.where}: {key}: {told}")

    def menu(self, data: dict) -> Menu:
        for key in data:
            if key not in _SECTIONS:
                self.wrong(key, f"unknown key; known are {', '.join(_SECTIONS)}")
        menu = Menu(self.policy)
        menu.needs = self.entries(data, "plan", Entry)
        menu.goals = self.entries(data, "goal", Goal)
        menu.causes = self.causes(data)
        menu.offers = self.entries(data, "measure", Offer)
        menu.registers = self.entries(data, "register", Register)
        menu.roles = self.entries(self.table(data, "roles", ("responsible",)), "responsible", Role)
        if "visits" in data:
            menu.visits = self.entry(data["visits"], "visits", Visits)
        menu.terms = self.terms(data)
        closing = self.table(data, "closing", ("measure", "note", "conditions"))
        menu.closing = self.entries(closing, "conditions", Close)
        menu.closing_measure, menu.closing_note = closing.get("measure", ""), closing.get("note", "")
        menu.idle = self.entries(data, "none", Idle)
        self.check(menu)
        return menu

    def table(self, data: dict, name: str, known) -> dict:
        found = data.get(name, {})
        if not isinstance(found, dict):
            self.wrong(name, f"expected a table, found {found!r}")
            return {}
        for key in found:
            if key not in known:
                self.wrong(f"{name}.{key}", f"unknown key; known are {', '.join(known)}")
        return found

    def entries(self, data: dict, name: str, kind: type) -> tuple:
        rows = data.get(name, [])
        if not isinstance(rows, list):
            self.wrong(name, "expected [[…]]")
            return ()
        made = [self.entry(row, f"{name} {row.get('name') or number}" if isinstance(row, dict) else name, kind)
                for number, row in enumerate(rows, 1)]  # fmt: skip
        return tuple(filter(None, made))

    def entry(self, row, where: str, kind: type, **more):
        """One entry as its dataclass; None where it cannot be made."""
        if not isinstance(row, dict):
            self.wrong(where, f"expected a table, found {row!r}")
            return None
        known = {f.name: f for f in fields(kind)}
        given, right = dict(more), True
        for key, value in row.items():
            if key not in known or key in more:
                self.wrong(f"{where}.{key}", f"unknown key; known are {', '.join(set(known) - set(more))}")
                right = False
                continue
            value, fits = self.value(key, value, f"{where}.{key}")
            given[key], right = value, right and fits
        needed = {f.name for f in fields(kind) if f.default is f.default_factory}  # MISSING, both
        if issubclass(kind, _REQUIRED_NAME):
            needed.add("name")
        for key in needed - given.keys():
            self.wrong(f"{where}.{key}", "is required")
            right = False
        if not right:
            return None
        made = kind(**given)
        if hasattr(made, "clause"):
            self.quoted(made, where)
        return made

    def value(self, key: str, value, where: str):
        """(what an entry keeps, whether it fits)."""
        if key == "quote" and isinstance(value, str):
            value = [value]
        kind = list if key in _LISTS else _KINDS_OF_KEYS.get(key, str)
        if not isinstance(value, kind) or not value:
            self.wrong(where, f"expected {kind.__name__}, found {value!r}")
            return None, False
        if key == "causes":
            if not all(isinstance(one, int) for one in value):
                self.wrong(where, "expected numbers of causes")
                return None, False
        elif kind is list and not all(isinstance(one, str) and one for one in value):
            self.wrong(where, f"expected texts, found {value!r}")
            return None, False
        if key in ("when", "first"):
            conditions = [self.condition(text, where) for text in value]
            return tuple(filter(None, conditions)), None not in conditions
        return (tuple(value) if kind is list else value), True

    def condition(self, text: str, where: str) -> Condition | None:
        """事实=值|值, or several facts of which one is enough: 事实=值|值|事实=值."""
        parts = [self.alternative(part, where) for part in re.split(r"\|(?=[^|]*=)", text)]
        return None if None in parts else parts[0]._replace(others=tuple(parts[1:]))

    def alternative(self, text: str, where: str) -> Condition | None:
        fact, mark, words = text.partition("=")
        if not mark or not words:
            self.wrong(where, f"expected 事实=值|值, found {text!r}")
            return None
        if fact not in FACTS:
            self.wrong(where, f"there is no fact {fact}; known are {'、'.join(FACTS)}")
            return None
        found = tuple(words.split("|"))
        known = FACTS[fact]
        unknown = [word for word in found if known is not None and word not in known]
        if unknown:
            self.wrong(where, f"{fact} is never {'、'.join(unknown)}, but {'、'.join(known)}")
            return None
        return Condition(fact, found)

    def quoted(self, entry, where: str):
        clause = self.policy.clauses.get(entry.clause)
        if clause is None:
            self.wrong(f"{where}.clause", f"clause {entry.clause} is not among the clauses of the document")
            return
        for quote in getattr(entry, "quote", ()):
            if quote not in clause.text:
                self.wrong(f"{where}.quote", f"{quote[:12]}… does not stand in clause {entry.clause}")
        for key in _VERBATIM:
            said = getattr(entry, key, ())
            for text in (said,) if isinstance(said, str) else said:
                if text not in clause.text:
                    self.wrong(f"{where}.{key}", f"{text} does not stand in clause {entry.clause}")

    def causes(self, data: dict) -> tuple[Cause, ...]:
        found = data.get("causes", {})
        if not isinstance(found, dict):
            self.wrong("causes", f"expected tables by number, found {found!r}")
            return ()
        made = []
        for number, row in found.items():
            if not number.isdecimal():
                self.wrong(f"causes.{number}", "expected a number")
                continue
            made.append(self.entry(row, f"causes.{number}", Cause, number=int(number)))
        return tuple(sorted(filter(None, made), key=lambda cause: cause.number))

    def terms(self, data: dict) -> tuple[Term, ...]:
        found = []
        for purpose, row in self.table(data, "dates", PURPOSES).items():
            if purpose in PURPOSES:
                found.append(self.entry(row, f"dates.{purpose}", Term, purpose=purpose))
        return tuple(sorted(filter(None, found), key=lambda term: PURPOSES.index(term.purpose)))

    # ---- what entries name

    def check(self, menu: Menu):
        policy = self.policy
        names = [entry.name for entry in (*menu.offers, *menu.registers)]
        for name in sorted({name for name in names if names.count(name) > 1}):
            self.wrong(name, "stands twice among measures and registers")
        for offer in menu.offers:
            self.offer(offer, {cause.number for cause in menu.causes})
        for register in menu.registers:
            if register.kind not in REGISTERS:
                self.wrong(f"register {register.name}.kind", f"expected one of {', '.join(REGISTERS)}")
            if register.kind == "选项" and not register.options:
                self.wrong(f"register {register.name}.options", "is required for 选项")
        for goal in menu.goals:
            if goal.measure and goal.measure not in policy.measures:
                self.wrong(f"goal {goal.name}.measure", f"there is no measure {goal.measure}")
            if goal.indicator and goal.indicator not in policy.indicators:
                self.wrong(f"goal {goal.name}.indicator", f"there is no indicator {goal.indicator}")
        if menu.visits and menu.visits.measure and menu.visits.measure not in policy.measures:
            self.wrong("visits.measure", f"there is no measure {menu.visits.measure}")
        for term in menu.terms:
            self.deadline(term.deadline, f"dates.{term.purpose}")
        for close in menu.closing:
            if bool(close.when) == bool(close.check):
                self.wrong(f"closing {close.name}", "expected either when or check")
            if close.check not in ("", MEASURES_DONE):
                self.wrong(f"closing {close.name}.check", f"expected {MEASURES_DONE}")
        if menu.closing_measure and menu.closing_measure not in policy.measures:
            self.wrong("closing.measure", f"there is no measure {menu.closing_measure}")
        numbers = self.numbers_of_causes() if menu.causes else {}
        for cause in menu.causes:
            if numbers.get(cause.item) != cause.number:
                self.wrong(f"causes.{cause.number}.item", f"{cause.item} is not cause {cause.number} of the document")

    def numbers_of_causes(self) -> dict[str, int]:
        """Item -> number, as the document's rule has it."""
        measure = self.policy.measures.get("LOSS_CAUSES")
        version = measure.version(None) if measure else None
        table = version.values.get("causes") if version else None
        return {word: int(number) for word, number in table.entries.items()} if table is not None else {}

    def offer(self, offer: Offer, causes: set[int]):
        where = f"measure {offer.name}"
        if offer.kind not in KINDS:
            self.wrong(f"{where}.kind", f"expected one of {', '.join(KINDS)}, found {offer.kind!r}")
        if offer.deadline:
            self.deadline(offer.deadline, f"{where}.deadline")
        for number in set(offer.causes) - causes:
            self.wrong(f"{where}.causes", f"there is no cause {number}")
        if offer.where and not offer.gain:
            self.wrong(f"{where}.where", "stands beside gain only")
        if not offer.gain:
            return
        measure = self.policy.measures.get(offer.gain)
        signature = find(offer.gain) or own_signatures(self.policy).get(offer.gain)
        if measure is None or signature is None or signature.result != "元":
            self.wrong(f"{where}.gain", f"the document has no amount {offer.gain}")
            return
        if measure.payee not in ("个人", "户") or (measure.nature or signature.nature) == "贷款额度":
            self.wrong(f"{where}.gain", f"{offer.gain} is no gain of the household")
        for name in set(offer.where) - set(signature.by_name):
            self.wrong(f"{where}.where", f"{offer.gain} has no argument {name}")
        for name, word in offer.where.items():
            options = plain_arguments()[name].options if name in plain_arguments() else ()
            if options and word not in options:
                self.wrong(f"{where}.where", f"{name} is never {word}")

    def deadline(self, name: str, where: str):
        if name not in self.policy.deadlines:
            self.wrong(where, f"there is no deadline {name}")
