"""One household, one plan: all that a plan sheet says, from the ledger and the document."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass, field

from ..errors import CellError
from ..formulas.documents import named_document
from ..formulas.duties import deadline
from ..ledger.entitlements import SUMMED, MeasureColumn, add, entitle
from ..ledger.filling import main_table
from ..ledger.paid import settle
from ..ledger.reading import PERSONS, Ledger
from ..ledger.rosters import Paid
from ..rules.parameters import Policy
from ..rules.sentence import amount_text
from .homes import NOTHING_KNOWN, UNKNOWN, YES, Fact, Home, Homes
from .incomes import Loss, Year, arguments, last_year, losses, this_year
from .menu import Close, Condition, Goal, Menu, Offer, Register, Role, Term, menu_of

STATES = ("未启动", "进行中", "已完成", "销号")
UNSETTLED = "待核实"
#: rules that put a household into a class; the plan shows those that its document has
CLASSES = {"TIER": "收入分类", "WATCH_LIST": "重点关注", "LOW_INCOME_SCOPE": "属于低收入脱贫人口"}
LOSSES = "减收原因"
#: the rule that compares the incomes of two years
COMPARISON = "INCOME_CHANGE"
INDICATOR = "INDICATOR_OK"
#: facts that every plan shows, whatever the document's menu asks
GUARANTEES = {"义务教育": "有失学辍学", "基本医疗": "有未参保", "住房安全": "危房", "饮水安全": "饮水未解决"}
#: dates of the plan -> the column that says when it was done
DONE = {"plan": "plan_date", "review": "review_date", "measures": "measures_date", "new_case": "measures_date"}
TERM_NAMES = {"plan": "一户一策制定", "review": "一户一策核查"}
_FARMERS = "一般农户"


@dataclass(frozen=True)
class Member:
    """One person of the household; age in 周岁 on the plan's day, None where it is not known."""

    key: str
    name: str
    relation: str
    age: int | None
    health: str
    labour: str
    school: str
    work: str


@dataclass(frozen=True)
class Entitlement:
    """One measure that is due to the household, which is no income before it is received.

    amount   元 over its members, those that wait left out
    waiting  why members have no amount
    paid     元 received; None where nobody has looked
    over     元 of it that went to members beyond what they are due
    floor    is the amount a least one, so that more is right?
    claimed  was it claimed? None where the ledger does not say
    """

    name: str
    alias: str
    clause: str
    nature: str
    who: tuple[str, ...]
    amount: object
    waiting: tuple[str, ...]
    claimed: bool | None
    paid: object
    note: str
    over: object = 0
    floor: bool = False


@dataclass(frozen=True)
class Proposal:
    """A measure of the menu for this household.

    unclear  what has to be known of the household first
    gain     元 a year that it brings by the ledger, None where that is left to the clerk
    due      the last day; None where the document sets none
    """

    offer: Offer
    unclear: tuple[Condition, ...]
    first: bool
    gain: object
    gain_note: str
    due: dt.date | None


@dataclass(frozen=True)
class Stage:
    """Something that is to be done by a day.

    needed   does it go for this household? None where that cannot be told
    start    the first day on which it can be done; None: any
    """

    purpose: str
    name: str
    clause: str
    needed: bool | None
    start: dt.date | None
    due: dt.date | None
    done: object
    note: str


@dataclass(frozen=True)
class VisitRule:
    """How often the household is to be visited: by whom, `times` a month; None: the document says nothing.

    tiers     only households of these are visited; none: all
    contacts  does a call count for who is long away?
    """

    who: str
    times: int
    tiers: tuple[str, ...]
    contacts: bool
    needed: bool | None
    clause: str
    note: str


@dataclass
class Plan:
    """All that is known for one household's plan.

    key       户编号
    facts     fact -> what is known
    classes   rule -> the word, truth value or CellError that it gives
    inputs    fields that these rules ask besides incomes -> their value
    goals     (rule, "" for none; what the document says; what the rule gives)
    losses    per numbered cause of the document; causes: what the ledger names where the document has none
    roles, closing, registers   with whether they go for the household, None where that cannot be told
    """

    key: str
    name: str
    policy: Policy
    menu: Menu
    day: dt.date | None
    header: dict[str, object]
    members: list[Member]
    last: Year
    this: Year
    facts: dict[str, Fact]
    classes: dict[str, object]
    inputs: dict[str, object]
    goals: list[tuple[str, Goal | None, object]]
    losses: list[Loss]
    causes: list[str]
    entitlements: list[Entitlement]
    paid_known: bool
    proposals: list[Proposal]
    roles: list[tuple[Role | None, bool | None]]
    helper: dict[str, object]
    stages: list[Stage]
    visits: VisitRule | None
    closing: list[tuple[Close, bool | None]]
    registers: list[tuple[Register, bool | None]]
    state: str
    closed: object
    doubts: list[str]


@dataclass
class Plans:
    """What `plans_of` made; `left_out`: why households have no plan -> how many."""

    plans: list[Plan]
    ledger: Ledger
    policy: Policy
    menu: Menu
    day: dt.date | None
    left_out: Counter = field(default_factory=Counter)
    remarks: list[str] = field(default_factory=list)


def plans_of(ledger: Ledger, last: Ledger | None = None, paid: Paid | None = None, progress=None) -> Plans:
    """A plan for every household that the document orders one for, or that may be one of them.

    last   the ledger of the period before, for the comparison where the ledger has no columns of last year
    paid   what was paid; without it nobody knows what was received
    Raises CellError unknown_policy, LedgerError, PolicyError.
    """
    table = main_table(ledger)
    policy, _ = named_document(None, ledger.settings)
    ledger.policy = policy
    day, _ = ledger.settings.first("as_of")
    made = Plans([], ledger, policy, menu_of(policy), day)
    homes = Homes(ledger, table, day)
    builder = _Builder(homes, made, last, paid)
    for done, home in enumerate(homes.homes):
        if progress:
            progress(done, len(homes.homes), home.key)
        why = builder.left_out(home)
        if why:
            made.left_out[why] += 1
        else:
            made.plans.append(builder.plan(home))
    if homes.homeless:
        rows = "、".join(str(table.row_number(row)) for row in homes.homeless[:10])
        more = "等" if len(homes.homeless) > 10 else ""
        made.remarks.append(f"有{len(homes.homeless)}行户编号空白或有误（第{rows}行{more}），没有做一户一策")
    made.remarks += [f"{why}：{count}户，没有做一户一策" for why, count in made.left_out.items()]
    return made


class _Builder:
    def __init__(self, homes: Homes, made: Plans, last: Ledger | None, paid: Paid | None):
        self.homes, self.made, self.menu, self.policy = homes, made, made.menu, made.policy
        self.before = Homes(last, main_table(last), None) if last else None
        self.same = {home.key: home for home in self.before.homes} if self.before else {}
        self.years = {home.key: (last_year(homes, home, self.before, self.same), this_year(homes, home))
                      for home in homes.homes}  # fmt: skip
        wanted = self.menu.facts | set(GUARANTEES.values()) | {"户类型", "风险状态"}
        wanted |= {fact for rule, fact in CLASSES.items() if rule in self.policy.measures}
        homes.ask(wanted - {LOSSES}, self._given)
        self.losses = {home.key: losses(homes, home, self.before, self.same, self.menu.causes) for home in homes.homes}
        for home in homes.homes:
            home.facts[LOSSES] = _of_losses(self.losses[home.key])
        self.entitled = entitle(homes.rows, homes.settings, None, None, None, paid)
        self.due = settle(homes.rows, self.entitled, paid).columns if paid else {}
        self.paid_known = paid is not None
        self.columns = {column.signature.name: column for column in self.entitled.columns}
        self.doubts: dict[int, list[str]] = {}
        for finding in homes.doubts:
            for row in finding.rows.tolist() if finding.table is homes.table else ():
                self.doubts.setdefault(row, []).append(finding.check.title)
        made.remarks += self.entitled.remarks

    def _given(self, home: Home) -> dict:
        inputs = {name: self.homes.told(home, name) for name in _INPUTS}
        return {**arguments(*self.years[home.key]), **inputs}

    def left_out(self, home: Home) -> str:
        """Why a household has no plan; "" for one that has, or may have to have one."""
        if not home.rows:
            return "全户人口状态为死亡、迁出或减少"
        if home.facts["户类型"].words == {_FARMERS}:
            return "一般农户"
        if self.menu.needs and all(home.holds(need.when)[0] is False for need in self.menu.needs):
            return f"不在{self.policy.short_name}的文件要求一户一策的范围"
        return ""

    def plan(self, home: Home) -> Plan:
        homes, menu = self.homes, self.menu
        last, this = self.years[home.key]
        given = self._given(home)
        classes = {rule: homes.result(home, fact, given)
                   for rule, fact in CLASSES.items() if rule in self.policy.measures}  # fmt: skip
        return Plan(
            home.key, self._name(home), self.policy, menu, self.made.day, self._header(home), self._members(home),
            last, this, home.facts, classes, {name: value for name, value in given.items() if name in _INPUTS},
            self._goals(home, given),
            self.losses[home.key], [*homes.texts(home, "risk"), *homes.texts(home, "cause")],
            self._entitlements(home), self.paid_known, self._proposals(home),
            [(role, home.holds(role.when)[0]) for role in menu.roles],
            {name: _shown(homes.told(home, name)) for name in _HELPER},
            self._stages(home), self._visits(home),
            [(close, home.holds(close.when)[0] if close.when else None) for close in menu.closing],
            [(register, home.holds(register.when)[0]) for register in menu.registers],
            self._state(home), _day(homes.told(home, "closing_date")), self._doubts(home),
        )  # fmt: skip

    def _goals(self, home: Home, given: dict) -> list[tuple[str, Goal | None, object]]:
        goals = [goal for goal in self.menu.goals if home.holds(goal.when)[0] is not False]
        found = [self._goal(goal, given) for goal in goals]
        if COMPARISON in self.policy.measures and all(rule != COMPARISON for rule, _, _ in found):
            found.insert(0, (COMPARISON, None, self.homes.call(COMPARISON, given)))
        return found

    def _goal(self, goal: Goal, given: dict) -> tuple[str, Goal, object]:
        if goal.measure:
            return goal.measure, goal, self.homes.call(goal.measure, given)
        indicator = self.policy.indicators.get(goal.indicator)
        if indicator is None or not indicator.compared or indicator.unit != "元":
            return "", goal, None  # of no income of the household
        incomes = {"indicator": goal.indicator, "actual": given["this_total"], "base": given["last_total"]}
        return INDICATOR, goal, self.homes.call(INDICATOR, incomes, (goal.indicator,))

    def _name(self, home: Home) -> str:
        told = self.homes.told(home, "head_name")
        own = self.homes.table.person_names[home.head]
        return told if isinstance(told, str) else own

    def _header(self, home: Home) -> dict[str, object]:
        told = lambda name: _shown(self.homes.told(home, name))  # noqa: E731
        place = "".join(filter(None, (told("village"), told("group"))))
        counted = self.homes.table.kind == PERSONS
        return {
            "户主": self._name(home), "户编号": home.key, "行政村": place or told("town"),
            "联系电话": told("household_phone") or _shown(self.homes.cell(home.head, "phone")),
            "家庭住址": told("address") or place,
            "家庭人口": len(home.rows) if counted else self.homes.told(home, "household_size"),
            "劳动力": self._able(home),
            "户类型": told("household_type"), "监测类别": told("monitor_type"),
            "风险状态": told("risk_status") or "".join(home.facts["风险状态"].words),
            "识别监测时间": _day(self.homes.told(home, "identified_date")),
            **{label: self._guarantee(home.facts[fact]) for label, fact in GUARANTEES.items()},
        }  # fmt: skip

    def _able(self, home: Home):
        """How many of the household can work."""
        labour = self.homes.labour[home.rows]
        able, unclear = int((labour == YES).sum()), int((labour == UNKNOWN).sum())
        if self.homes.table.kind != PERSONS or unclear == len(labour):
            return UNSETTLED
        return f"{able}（另{unclear}人待核实）" if unclear else able

    @staticmethod
    def _guarantee(fact: Fact) -> str:
        lacking = fact.among(("是",))
        return UNSETTLED if lacking is None else "未落实" if lacking else "有保障"

    def _members(self, home: Home) -> list[Member]:
        if self.homes.table.kind != PERSONS:
            return []
        cell, found = self.homes.cell, []
        raw = self.homes.table.raw
        for number, row in enumerate(home.rows, 1):
            age = self.homes.about.ages[row]
            labour = ""
            if "is_labor" in self.homes.table:  # as it stands: 技能劳动力 says more than 是
                codes, words = raw("is_labor")
                labour = str(words[codes[row]] or "")
            work = cell(row, "destination") or cell(row, "work_place") or ""
            post = cell(row, "public_post")
            work = "、".join(filter(None, (str(work), str(post) if post and post not in ("否", "无") else "")))
            found.append(Member(
                str(cell(row, "person_id") or f"第{number}人"), self.homes.table.person_names[row],
                _shown(cell(row, "relation")), None if age != age else int(age), _shown(cell(row, "health")), labour,
                _shown(cell(row, "school")), work,
            ))  # fmt: skip
        return found

    # ---- entitlements

    def _entitlements(self, home: Home) -> list[Entitlement]:
        return [one for column in self.entitled.columns if (one := self._entitlement(home, column))]

    def _entitlement(self, home: Home, column: MeasureColumn) -> Entitlement | None:
        """None where nothing is due and nothing was claimed."""
        names = self.homes.table.person_names
        full = column.full if self.paid_known and column.full else column.results
        told = [(row, full[row]) for row in home.every]
        due = [(row, result) for row, result in told if not result.error and result.value]
        errors = [f"{names[row]}：{result.error.message}" for row, result in told if result.error]
        claimed = any(result.claimed for _, result in told)
        refused = [f"{names[row]}：{result.zero_reason}" for row, result in told
                   if not result.error and not result.value and result.claimed and column.tells_zero
                   and result.zero_reason]  # fmt: skip
        if not due and not errors and not refused:
            return None
        notes = [] if column.nature in SUMMED else [f"{column.nature}，不是补贴"]
        if any(result.estimated for _, result in due):
            notes.append("上限估算，以核定为准")
        if column.kind == "下限":
            notes.append("下限，以核定为准")
        paid, over = None, 0
        if column.signature.name in self.due:
            settled = self.due[column.signature.name]
            amounts = [settled.paid[row] for row in home.every]
            failed = next((amount for amount in amounts if isinstance(amount, CellError)), None)
            paid = None if failed else add(amounts)
            notes += [failed.message] if failed else []
            beyond = {row: settled.overpaid[row] for row in home.every if row in settled.overpaid}
            over = add(beyond.values())
            notes += [f"{names[row]}多发{amount_text(amount)}元" for row, amount in beyond.items()]
        return Entitlement(
            column.signature.name, column.signature.alias, column.clause, column.nature,
            tuple(names[row] for row, _ in due), add(result.value for _, result in due) if due else 0, tuple(errors),
            claimed if column.tells_zero else None, paid, joined(*notes, *refused), over, column.kind == "下限",
        )  # fmt: skip

    # ---- the menu

    def _proposals(self, home: Home) -> list[Proposal]:
        """What goes for the household, surely or perhaps; first what is meant for it first."""
        found = []
        for offer in self.menu.offers:
            holds, unclear = home.holds(offer.when)
            if holds is False:
                continue
            gain, note = self._gain(home, offer)
            first = bool(offer.first) and home.holds(offer.first)[0] is True
            due = self._deadline(home, offer.deadline)[1] if offer.deadline else None
            found.append(Proposal(offer, tuple(unclear), first, gain, note, due))
        return sorted(found, key=lambda one: (bool(one.unclear), not one.first))

    def _gain(self, home: Home, offer: Offer):
        """(what the ledger's claims come to, what has to be said of it)."""
        if not offer.gain:
            return None, ""
        column = self.columns.get(offer.gain)
        if column is None:
            alias = next((a for a in self.entitled.left_out if a == _alias(offer.gain)), "")
            return None, self.entitled.left_out.get(alias, "")
        where = {name: column.facts.get(name) for name in offer.where}
        rows = [row for row in home.every
                if all(cells and cells[row] == offer.where[name] for name, cells in where.items())]  # fmt: skip
        results = [column.results[row] for row in rows]
        waiting = sum(1 for result in results if result.error)
        amounts = [result.value for result in results if not result.error and result.value and not result.estimated]
        notes = [f"{waiting}人待改"] if waiting else []
        if amounts and column.kind == "下限":
            notes.append("不低于")
        if amounts and column.nature != "现金":
            notes.append(column.nature)
        return (add(amounts) if amounts else None), "，".join(notes)

    def _deadline(self, home: Home, item: str) -> tuple[dt.date | None, dt.date | None, str]:
        """(the first day, the last day, why there is none) of an item of the document for this household."""
        start = _day(self.homes.told(home, "identified_date"))
        rule = self.policy.deadlines[item].version(self.made.day)
        rule = (rule or self.policy.deadlines[item].versions[0]).values
        if "days_after" in rule and start is None:
            return None, None, "缺识别监测时间"
        year = None
        if "month" in rule:
            if self.made.day is None:
                return None, None, "缺业务日期"
            year = self.made.day.year
        try:
            last = deadline(self.homes.settings, self.policy.id, None, item, start, year).value
            while year and not self.policy.covers(last) and last < self.policy.start:
                year += 1
                last = deadline(self.homes.settings, self.policy.id, None, item, start, year).value
        except CellError as error:
            return None, None, error.message
        first = last.replace(day=1) if "month" in rule else start if "days_after" in rule else None
        return first, last, ""

    # ---- dates, visits, state

    def _stages(self, home: Home) -> list[Stage]:
        found = []
        for term in self.menu.terms:
            needed = home.holds(term.when)[0]
            first, last, why = self._deadline(home, term.deadline)
            if term.purpose == "new_case" and needed is not False:
                needed = self._is_new(home, first, needed)
            measure = self.policy.deadlines[term.deadline]
            name = term.deadline
            found.append(Stage(
                term.purpose, name, self.policy.clause_label(measure.clause), needed,
                None if needed is False else first, None if needed is False else last, self._done(home, term),
                "按文件这一户不要求" if needed is False else joined(why, term.note),
            ))  # fmt: skip
        there = {stage.purpose for stage in found}
        for purpose, name in TERM_NAMES.items():
            if purpose not in there:
                told = _day(self.homes.told(home, DONE[purpose]))
                found.append(Stage(purpose, name, "", None, None, None, told, "原文没有写期限"))
        return found

    def _is_new(self, home: Home, start: dt.date | None, needed: bool | None) -> bool | None:
        """Does the period for new cases run for it? It does for who was identified under the document."""
        return needed if start is None or self.policy.covers(start) else False

    def _done(self, home: Home, term: Term):
        return _day(self.homes.told(home, DONE[term.purpose])) if term.purpose in DONE else None

    def _visits(self, home: Home) -> VisitRule | None:
        visits = self.menu.visits
        if visits is None:
            return None
        measure = self.policy.measures.get(visits.measure)
        rule = (measure.version(self.made.day) or measure.versions[0]).values if measure else {}
        return VisitRule(
            visits.who, int(rule.get("visits", 0)), tuple(rule.get("tiers", ())), "contacts" in rule,
            home.holds(visits.when)[0], self.policy.clause_label(visits.clause), visits.note,
        )  # fmt: skip

    def _state(self, home: Home) -> str:
        told = self.homes.told(home, "plan_state")
        return str(told).strip() if isinstance(told, str) else STATES[0]

    def _doubts(self, home: Home) -> list[str]:
        """What of this household has to be put right before its figures count."""
        first: dict[str, int] = {}
        for row in home.every:
            for title in self.doubts.get(row, ()):
                first.setdefault(title, row)
        return [f"{title}（第{self.homes.table.row_number(row)}行）" for title, row in first.items()]


#: columns that only some documents' rules ask for
_INPUTS = ("income_base_year", "income_estimate")
_HELPER = ("helper_name", "helper_unit", "helper_post", "helper_phone")


def _alias(name: str) -> str:
    from ..formulas.signatures import find

    signature = find(name)
    return signature.alias if signature else name


def _of_losses(found: list[Loss]) -> Fact:
    if not found:
        return NOTHING_KNOWN
    there = frozenset(str(loss.cause.number) for loss in found if loss.there)
    unclear = frozenset(str(loss.cause.number) for loss in found if loss.there is None)
    if there:
        return Fact(there, unclear)
    return Fact(unclear=unclear | {"无"}) if unclear else Fact(frozenset(("无",)))


def joined(*parts: str) -> str:
    """What is to be said, as one sentence."""
    return "；".join(part.rstrip("。") for part in parts if part)


def _shown(value) -> str:
    """A text for the plan: "" for a blank, 待核实 for what cannot be used."""
    if value is None:
        return ""
    if isinstance(value, CellError):
        return UNSETTLED
    if isinstance(value, tuple):
        return "、".join(map(str, value))
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _day(value) -> dt.date | None:
    return value if isinstance(value, dt.date) else None
