"""The households of a ledger: what is written of each, and the facts by which a document's menu is filtered.

A fact holds, does not hold, or cannot be told from the ledger; what cannot be told drops nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

import numpy as np

from ..errors import CellError, LedgerError
from ..formulas import values
from ..formulas.calls import bound_for, row_value
from ..formulas.household import derived_fact, fact_of_row
from ..formulas.people import elder_months
from ..formulas.signatures import find
from ..ledger import households
from ..ledger.checks.facts import Facts
from ..ledger.cleaning import VALUE
from ..ledger.households import is_number
from ..ledger.income import Incomes, incomes_of
from ..ledger.reading import Ledger, LedgerTable
from ..ledger.rows import ready_rows
from ..rules.expressions import exact
from .menu import FACTS, MONITORED, YES_NO, Condition

YES, NO, UNKNOWN = 1, 0, -1
PLAIN = "脱贫户"
LIFTED = (PLAIN, "脱贫享受政策户", "脱贫不享受政策户")


class Fact(NamedTuple):
    """What is known: the words that hold, and those of which it cannot be told."""

    words: frozenset = frozenset()
    unclear: frozenset = frozenset()

    def among(self, words) -> bool | None:
        """Is one of these words true? None where that cannot be told."""
        if not self.words.isdisjoint(words):
            return True
        return None if not self.unclear.isdisjoint(words) else False


class _Anything(frozenset):
    """Every word there is."""

    def isdisjoint(self, other) -> bool:
        return not other


NOTHING_KNOWN = Fact(unclear=_Anything(("?",)))
FACT_YES, FACT_NO = Fact(frozenset(("是",))), Fact(frozenset(("否",)))


def yes_or_no(value: bool | None) -> Fact:
    return NOTHING_KNOWN if value is None else FACT_YES if value else FACT_NO


@dataclass
class Home(households.Home):
    """One household. `facts`: fact -> what is known of it, those that were asked for."""

    facts: dict[str, Fact] = field(default_factory=dict)

    def holds(self, conditions: tuple[Condition, ...]) -> tuple[bool | None, list[Condition]]:
        """(do they all hold, None where that cannot be told; those that cannot be told)."""
        unclear = []
        for condition in conditions:
            told_of_each = [self.facts[one.fact].among(one.words) for one in condition.alternatives]
            told = True if True in told_of_each else None if None in told_of_each else False
            if told is False:
                return False, []
            if told is None:
                unclear.append(condition)
        return (None if unclear else True), unclear


class Homes:
    """The households of a ledger's table on a day. Raises LedgerError where they cannot be told apart."""

    def __init__(self, ledger: Ledger, table: LedgerTable, day: dt.date | None):
        self.ledger, self.table, self.day = ledger, table, day
        self.policy, self.settings = ledger.policy, ledger.settings
        self.rows, self.doubts = ready_rows(ledger, table)
        self.about = Facts(table, day, "")
        self._of_rows: dict[str, np.ndarray] = {}
        self.households = households.Households(self.rows)
        if not self.households.told:
            told = "没有“户编号”列，户主一列也没有按户合并，分不清一户一户，请补上户编号"
            raise LedgerError(f"{ledger.path.name} {told}")
        self.homeless = np.flatnonzero(self.households.of >= self.households.count).tolist()
        self.homes = self.households.homes(Home)

    @cached_property
    def incomes(self) -> Incomes:
        return incomes_of(self.households, self.settings, self.policy)

    # ---- what is written of a household

    def told(self, home: Home, name: str):
        """What a column says of the household: it stands on one row or alike on several. None where it is blank or
        not there, a CellError where it cannot be used or the rows differ."""
        column = self.households.figure(name)
        return None if column is None else column[home.number]

    def total(self, home: Home, name: str):
        """A kind of income, or a sum of them: its own column, else the sum of its parts; None where one of them is
        blank or there is no column."""
        column = self.households.total(name)
        return None if column is None else column[home.number]

    def texts(self, home: Home, name: str) -> list[str]:
        """All that columns of a field that repeats say of the household, each once, 否 and 无 left out."""
        found: dict[str, None] = {}
        for column in self.table.several(name):
            cells = self.table.cells(column)
            for row in home.every:
                clean = cells[row]
                if clean.state == VALUE:
                    found.update(dict.fromkeys(clean.value if isinstance(clean.value, tuple) else (str(clean.value),)))
        return [text for text in found if text not in ("无", "否")]

    def cell(self, row: int, name: str):
        """What stands in a row, None also for what cannot be used."""
        cells = self.rows.get(name)
        value = None if cells is None else cells[row]
        return None if isinstance(value, CellError) or values.is_blank(value) else value

    def household_type(self, home: Home):
        """What kind of household it is to the rules: the kind of 监测对象 before the type."""
        types = self.households.types()
        return None if types is None else types[home.number]

    # ---- facts

    def ask(self, names: set[str], incomes: Callable[[Home], dict]):
        """Find these facts of every household. `incomes(home)`: arguments of rules that are incomes."""
        for home in self.homes:
            for name in names:
                home.facts[name] = self._fact(home, name, incomes)

    def _fact(self, home: Home, name: str, incomes) -> Fact:
        if name == "户类型":
            return self._type(home)
        if name == "风险状态":
            return self._risk(home)
        if name == "务工去向":
            return self._destinations(home)
        if name in _REASONED:
            return self.reasoned(home, name, incomes)
        if name in _OF_HOUSEHOLD:
            return yes_or_no(_OF_HOUSEHOLD[name](self, home))
        if name not in self._of_rows:
            self._of_rows[name] = _OF_PERSONS[name](self)
        return yes_or_no(self._anybody(home, self._of_rows[name]))

    def _anybody(self, home: Home, states: np.ndarray) -> bool | None:
        own = states[home.rows]
        if (own == YES).any():
            return True
        return False if len(own) and (own == NO).all() else None

    def _type(self, home: Home) -> Fact:
        kind, written = self.told(home, "monitor_type"), self.told(home, "household_type")
        if isinstance(kind, CellError) or isinstance(written, CellError) or kind is written is None:
            return NOTHING_KNOWN
        words, unclear = set(filter(None, (kind, written))), set()
        if words & set(MONITORED):
            if words & set(MONITORED) == {"监测户"}:  # of a kind that is not told
                unclear |= set(MONITORED)
            words.add("监测户")
        if words & set(LIFTED):
            if PLAIN in words:
                unclear |= set(LIFTED)
            words.add(PLAIN)
        return Fact(frozenset(words), frozenset(unclear - words))

    def _risk(self, home: Home) -> Fact:
        told = self.told(home, "risk_status")
        if isinstance(told, str):
            return Fact(frozenset((told,)))
        if told is None and self._type(home).among(("监测户",)) is False:
            return Fact(frozenset(("无",)))
        return NOTHING_KNOWN

    def _destinations(self, home: Home) -> Fact:
        cells = self.table.cells("destination")
        places = FACTS["务工去向"]
        if cells is None:
            return NOTHING_KNOWN
        words = {place for place in places if cells.among(place)[home.rows].any()}
        unclear = places if cells.unusable[home.rows].any() else ()
        return Fact(frozenset(words), frozenset(unclear))

    def reasoned(self, home: Home, name: str, incomes) -> Fact:
        """A fact that a rule of the document tells."""
        result = self.result(home, name, incomes(home))
        if result is None or isinstance(result, CellError):
            return NOTHING_KNOWN
        if isinstance(result, bool):
            return FACT_YES if result else FACT_NO
        return Fact(frozenset(str(result).split("+")))

    def result(self, home: Home, name: str, incomes: dict):
        """What the document's rule says: a word, a truth value, a CellError; None where it has no such rule."""
        function = _REASONED[name]
        if name == "人均纯收入下降":
            last, this = incomes.get("per_capita_last"), incomes.get("per_capita_this")
            known = all(is_number(value) for value in (last, this))
            return exact(this) < exact(last) if known else None
        given = {**incomes, "household_type": self.household_type(home), "risk_status": self._risk_word(home)}
        if function in self.policy.facts:
            fact = derived_fact(self.policy, function, self.settings)
            return fact_of_row(fact, tuple(given.get(argument) for argument in fact.signature.by_name))
        return self.call(function, given)

    def _risk_word(self, home: Home):
        told = self.told(home, "risk_status")
        words = self._risk(home).words
        return next(iter(words)) if told is None and words else told

    def call(self, function: str, given: dict, selected: tuple = ()):
        """A function of the document on this day: its value or CellError; None where the document has it not.
        `selected`: the indicator that is meant."""
        if function not in self.policy.measures and not selected:
            return None
        signature = find(function)
        try:
            bound = bound_for(signature, self.policy.id, self.day, self.settings, selected)
        except CellError as error:
            return error
        return row_value(bound, tuple(given.get(name) for name in signature.by_name))

    # ---- facts of persons: per row YES, NO or UNKNOWN

    def blank_rows(self) -> np.ndarray:
        return np.full(len(self.table), UNKNOWN, np.int8)

    def flag(self, name: str) -> np.ndarray:
        """是 or 否 as it stands."""
        cells, states = self.table.cells(name), self.blank_rows()
        if cells is not None:
            states[cells.among("否")] = NO
            states[cells.among("是")] = YES
        return states

    def listed(self, name: str, test: Callable | None = None) -> np.ndarray:
        """A column that names what there is: where it is used at all, a blank says that there is nothing. `test`: of a
        value, whether it is what is meant."""
        cells, states = self.table.cells(name), self.blank_rows()
        if cells is None or not cells.known.any():
            return states
        states[cells.blank] = NO
        states[cells.known] = NO
        meant = test or (lambda value: True)
        found = lambda clean: clean.state == VALUE and clean.value not in _NOTHING and meant(clean.value)  # noqa: E731
        states[cells.mapped(found, bool)] = YES
        return states

    def positive(self, name: str) -> np.ndarray:
        cells, states = self.table.cells(name), self.blank_rows()
        if cells is not None:
            states[cells.numbers == 0] = NO
            states[cells.numbers > 0] = YES
        return states

    def words(self, name: str, yes: tuple[str, ...], no: tuple[str, ...] | None = None) -> np.ndarray:
        """YES for these words, NO for those, else for every other known one."""
        cells, states = self.table.cells(name), self.blank_rows()
        if cells is not None:
            states[cells.known if no is None else cells.among(*no)] = NO
            states[cells.among(*yes)] = YES
        return states

    def household_amount(self, home: Home, *names: str) -> bool | None:
        """Is one of these amounts of the household above 0?"""
        told = [self.told(home, name) for name in names if name in self.table]
        if any(is_number(value) and value > 0 for value in told):
            return True
        return False if told and all(is_number(value) for value in told) else None

    def household_flag(self, home: Home, name: str) -> bool | None:
        told = self.told(home, name)
        return told == "是" if told in YES_NO else None

    @cached_property
    def labour(self) -> np.ndarray:
        """Is the person able to work, 弱劳动力 and 半劳动力 included? Children are not, where nothing is written."""
        states = self.words("is_labor", ("是", "弱劳动力或半劳动力"), ("否",))
        states[(states == UNKNOWN) & (self.about.ages < _SCHOOL_AGE)] = NO
        return states

    @cached_property
    def away(self) -> np.ndarray:
        """Does the person work outside the county?"""
        if "destination" in self.table:
            return self.listed("destination", lambda place: place in ("跨省", "省内区外"))
        states = self.flag("working")
        states[states == YES] = UNKNOWN  # where to, nobody says
        return states

    @cached_property
    def employed(self) -> np.ndarray:
        own = self.flag("employed")
        return np.where(own != UNKNOWN, own, either(
            self.flag("working"), _only(YES, self.listed("destination")), _only(YES, self.post)))  # fmt: skip

    @cached_property
    def post(self) -> np.ndarray:
        return either(self.listed("public_post"), self.positive("public_post_months"))

    @cached_property
    def disabled(self) -> np.ndarray:
        tails = self.blank_rows()
        if "id_number" in self.table and self.about.tails:
            # numbers of certificates are written here: who has none and is said not to be in need has none
            tails[self.flag("rural_needy_disabled") == NO] = NO
            tails[np.isin(self.table.cells("id_number").codes, list(self.about.tails))] = YES
        return either(
            tails, self.listed("disability_level", lambda level: level != "无"), self.listed("disability_category"),
            self.words("health", ("残疾",)), _only(YES, self.flag("rural_needy_disabled")),
        )  # fmt: skip

    @cached_property
    def elders(self) -> np.ndarray:
        """Has the person the age of the document, which may be lower for the severely disabled?"""
        states = self.blank_rows()
        if "ELDER_MONTHS" not in self.policy.measures or self.day is None:
            return states
        levels = self.rows.get("disability_level") or [None] * len(self.table)
        known: dict[tuple, int] = {}
        births, disabled = self.about.births, self.disabled
        for row in range(len(self.table)):
            if np.isnat(births[row]):
                continue
            tail = self.about.tails.get(self.table.cells("id_number").codes[row]) if "id_number" in self.table else None
            level = levels[row] if isinstance(levels[row], str) else tail[1] if tail else None
            level = level or ("无" if disabled[row] == NO else None)
            key = births[row].item(), level
            if key not in known:
                known[key] = self._reached(*key)
            states[row] = known[key]
        return states

    def _reached(self, birth: dt.date, level: str | None) -> int:
        answers = set()
        for one in (level,) if level else find("ELDER_MONTHS").by_name["disability_level"].options:
            try:
                told = elder_months(self.settings, self.policy.id, self.day, birth, one, self.day, self.day)
            except CellError:
                return UNKNOWN
            answers.add(YES if told.value else NO)
        return answers.pop() if len(answers) == 1 else UNKNOWN

    @cached_property
    def uninsured(self) -> np.ndarray:
        own, other = self.flag("medical_insurance"), self.flag("employee_medical")
        states = self.blank_rows()
        states[(own == NO) & (other == NO)] = YES
        states[(own == YES) | (other == YES)] = NO
        return states


#: words of a column of text that say that there is nothing
_NOTHING = frozenset(("否", "无", "没有", "未安排", "未参加", "不是", "0"))
#: children below this age need no entry of their ability to work
_SCHOOL_AGE = 16


def either(*sources: np.ndarray) -> np.ndarray:
    """Columns that tell the same: YES where one says so, else NO where one says so."""
    states = np.full(len(sources[0]), UNKNOWN, np.int8)
    for source in sources:
        states[(source == NO) & (states == UNKNOWN)] = NO
    for source in sources:
        states[source == YES] = YES
    return states


def both(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    states = np.full(len(one), UNKNOWN, np.int8)
    states[(one == YES) & (other == YES)] = YES
    states[(one == NO) | (other == NO)] = NO
    return states


def _only(state: int, states: np.ndarray) -> np.ndarray:
    """Of a column that tells one side only."""
    return np.where(states == state, states, UNKNOWN)


def _not(states: np.ndarray) -> np.ndarray:
    return np.where(states == UNKNOWN, UNKNOWN, 1 - states)


def _first(*told: bool | None) -> bool | None:
    """Of several sources: yes where one says so, else no where one says so."""
    return True if True in told else False if False in told else None


def _no_labour(homes: Homes, home: Home) -> bool | None:
    told = homes.household_flag(home, "no_labor_household")
    if told is not None:
        return told
    somebody = homes._anybody(home, homes.labour)
    return None if somebody is None or not home.rows else not somebody


#: fact -> the rule of the document, or the fact that it derives, which tells it
_REASONED = {
    "收入分类": "TIER", "重点关注": "WATCH_LIST", "属于低收入脱贫人口": "LOW_INCOME_SCOPE", "属于政策对象": "in_scope",
    "人均纯收入下降": "",
}  # fmt: skip
_COLLEGE, _VOCATIONAL = ("本科", "硕士", "高职高专"), ("中职", "高职高专", "技师学院")
_OF_PERSONS: dict[str, Callable[[Homes], np.ndarray]] = {
    "有劳动力": lambda homes: homes.labour,
    "有弱劳动力或半劳动力": lambda homes: homes.words("is_labor", ("弱劳动力或半劳动力",)),
    "有外出务工": lambda homes: homes.away,
    "有未就业劳动力": lambda homes: both(homes.labour, _not(homes.employed)),
    "有残疾人": lambda homes: homes.disabled,
    "有达龄老人": lambda homes: homes.elders,
    "有学生": lambda homes: homes.listed("school", lambda school: school != "学龄前儿童"),
    "有大学生": lambda homes: homes.listed("school", lambda school: school.startswith(_COLLEGE)),
    "有职业院校学生": lambda homes: homes.listed("school", lambda school: school.startswith(_VOCATIONAL)),
    "有高校毕业生": lambda homes: homes.listed("graduation_year"),
    "有患病": lambda homes: homes.words("health", ("长期慢性病", "患有大病")),
}
_OF_HOUSEHOLD: dict[str, Callable[[Homes, Home], bool | None]] = {
    "整户无劳动力": _no_labour,
    "有公益岗": lambda homes, home: _first(
        homes._anybody(home, homes.post), homes.household_amount(home, "public_post_income")),
    "有低保": lambda homes, home: _first(
        homes._anybody(home, homes.words("dibao", ("农村低保", "城市低保", "低保"), ("未享受",))),
        homes.household_amount(home, "dibao_income")),
    "有特困": lambda homes, home: _first(
        homes._anybody(home, homes.words("tekun", ("农村特困", "城市特困", "特困"), ("不享受",))),
        homes._anybody(home, homes.words("person_type", ("特困人员",))), homes.household_amount(home, "tekun_income")),
    "有承包地": lambda homes, home: homes.household_amount(home, "contract_mu", "arable_mu"),
    "有退耕还林": lambda homes, home: homes.household_amount(home, "returned_forest_mu"),
    "危房": lambda homes, home: homes.household_flag(home, "unsafe_house"),
    "饮水未解决": lambda homes, home: _negated(homes.household_flag(home, "safe_water")),
    "有失学辍学": lambda homes, home: _first(
        homes.household_flag(home, "dropped_out"),
        homes._anybody(home, _only(YES, homes.listed("dropout_reason")))),
    "有未参保": lambda homes, home: _first(
        homes.household_flag(home, "uninsured_member"), homes._anybody(home, homes.uninsured)),
    "有小额信贷": lambda homes, home: homes.household_amount(home, "outstanding"),
}  # fmt: skip


def _negated(told: bool | None) -> bool | None:
    return None if told is None else not told
