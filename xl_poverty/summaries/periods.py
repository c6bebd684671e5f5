"""Two periods of one ledger: who came and who left, whose income rose or fell, what is written otherwise now.

    compared = compare_periods("台账_2024.xlsx", "台账_2025.xlsx")
    compared.persons.last + len(compared.persons.came) - len(compared.persons.went) == compared.persons.this   # always

Persons are joined by the first 18 characters of their number, households by 户编号, and where that has changed by their
persons. What cannot be compared is told with its reason; a blank is no 0, and who only is not there any more is not
said to have died or moved away.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from ..errors import CellError, LedgerError
from ..formulas.documents import named_document
from ..formulas.office import Layer, using
from ..formulas.signatures import find
from ..ledger.fields import fields, parts_of
from ..ledger.files import read_book
from ..ledger.filling import check_paths, main_table
from ..ledger.households import Home, is_number
from ..ledger.income import LOSS_ITEMS, fallen
from ..ledger.reading import Ledger, read_ledger
from ..ledger.rows import formula_number
from ..rules.expressions import exact
from ..rules.parameters import Policy
from ..workbook.regenerating import Regenerated, regenerate
from .sides import BLANK, UNCLEAR, Side

UP, DOWN, SAME, UNKNOWN = "增收", "减收", "收入持平", "无法比较"
_NET = ("net_income", "per_capita_income")
#: the same of what is spent
_NO_INCOME = {UP: "支出增加", DOWN: "支出减少", SAME: "支出持平"}
BORN, CAME, BACK = "新生", "新增或迁入", "上期已减少，本期又有"
VANISHED = "不再出现（原因不明）"
#: what is written of a household and of a person that is worth telling when it changes
OF_HOUSEHOLD = (
    "town", "village", "group", "household_type", "monitor_type", "risk_status", "identified_date", "cleared_date",
    "persons_year", "household_size", "unsafe_house", "safe_water", "dropped_out", "uninsured_member",
    "no_labor_household", "plan_state", "helper_name",
)  # fmt: skip
OF_PERSON = (
    "name", "relation", "status", "is_labor", "education", "school", "health", "disability_category",
    "disability_level", "dibao", "tekun", "medical_insurance", "employee_medical", "pension_insurance", "destination",
    "work_place", "working", "public_post", "phone", "bank_account",
)  # fmt: skip
_INCOMES = ("annual_income", "net_income")
_BESIDE = ("per_capita_income", "operating_expense", "claims_paid", "out_of_pocket")


@dataclass(frozen=True)
class Difference:
    """One item of one household. `difference` is exact, None where `why` says why there is none."""

    household: str
    name: str
    item: str
    last: object
    this: object
    difference: object
    change: str
    why: str = ""


@dataclass(frozen=True)
class HouseholdChange:
    """What a household's whole income came to in both periods, and the causes by the document's list. `why`: why it
    cannot be compared, or what has to be borne in mind."""

    household: str
    name: str
    village: str
    last: object
    this: object
    difference: object
    change: str
    causes: str = ""
    why: str = ""


@dataclass(frozen=True)
class PersonChange:
    """Somebody who is there in one period only. `why`: 新生, 死亡, 迁出, 不再出现（原因不明） …"""

    why: str
    name: str
    household: str
    village: str
    at: str
    told: str = ""


@dataclass(frozen=True)
class HouseholdEvent:
    """分户, 并户, 户主变更, 户编号变更, 转到别户, 新增户, 户不再出现."""

    what: str
    household: str
    name: str
    told: str


@dataclass(frozen=True)
class Changed:
    """A fact that is written otherwise now. Numbers of phones and accounts are not told."""

    household: str
    name: str
    fact: str
    last: str
    this: str

    @property
    def kind(self) -> str:
        return "补填" if self.last == BLANK else "变为空白" if self.this == BLANK else "变更"


@dataclass(frozen=True)
class Moved:
    """A household on a list in one period and not in the other, or of another class. `list`: 监测, or the function."""

    list: str
    household: str
    name: str
    last: str
    this: str
    what: str
    told: str = ""


@dataclass(frozen=True)
class Twice:
    """Somebody who stands in several households or villages of this period."""

    what: str
    name: str
    places: tuple[str, ...]
    already: bool


@dataclass
class Persons:
    """Counts of persons; last + came − went = this."""

    last: int = 0
    this: int = 0
    came: list[PersonChange] = field(default_factory=list)
    went: list[PersonChange] = field(default_factory=list)
    nameless: tuple[int, int] = (0, 0)


@dataclass
class Homes:
    """Counts of households; last + new − gone = this. A household whose number changed is the same one."""

    last: int = 0
    this: int = 0
    new: int = 0
    gone: int = 0


@dataclass
class Compared:
    """What `compare_periods` found."""

    last: Side
    this: Side
    policy: Policy | None
    persons: Persons = field(default_factory=Persons)
    homes: Homes = field(default_factory=Homes)
    incomes: list[Difference] = field(default_factory=list)
    changes: list[HouseholdChange] = field(default_factory=list)
    events: list[HouseholdEvent] = field(default_factory=list)
    facts: list[Changed] = field(default_factory=list)
    lists: list[Moved] = field(default_factory=list)
    twice: list[Twice] = field(default_factory=list)
    questions: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    written: Regenerated | None = None

    @property
    def told(self) -> list[str]:
        """Households, persons and incomes, a line each."""
        persons, homes = self.persons, self.homes
        counts = ((change, self.count(change)) for change in (UP, DOWN, SAME, UNKNOWN))
        return [
            f"户：上期 {homes.last}，新增 {homes.new}，减少 {homes.gone}，本期 {homes.this}",
            f"人：上期 {persons.last}，增加 {len(persons.came)}，减少 {len(persons.went)}，本期 {persons.this}",
            "，".join(f"{change} {count} 户" for change, count in counts if count),
        ]

    def count(self, change: str) -> int:
        """Households whose whole income rose, fell …"""
        return sum(one.change == change for one in self.changes)


def compare_periods(
    last_path, this_path, target=None, policy: str = "", sheet: str | None = None, last_sheet: str | None = None,
    answers=None, last_as_of=None, as_of=None, write: bool = True,
) -> Compared:  # fmt: skip
    """Compare the ledger of a period with that of the period before, and write what was found.

    target       <name of this period's>_与上期对比.xlsx beside it, without one; regenerated where it is there already
    last_as_of, as_of  业务日期 of the periods, where their workbooks do not say them: who was born between them is 新生

    Raises LedgerError, CellError (unknown_policy).
    """
    last_path, this_path = Path(last_path), Path(this_path)
    target = Path(target) if target else this_path.with_name(f"{this_path.stem}_与上期对比.xlsx")
    if last_path.resolve() == this_path.resolve():
        raise LedgerError("上期和本期是同一个文件，请指明两期的台账")
    if write:
        for path in (last_path, this_path):
            check_paths(path, target)
    this = read_ledger(this_path, sheet, policy, answers, as_of)
    last = read_ledger(last_path, last_sheet, policy or (this.policy.id if this.policy else ""), answers, last_as_of)
    compared = compare_ledgers(last, this)
    if write:
        from .periods_pages import periods_pages

        book = read_book(target) if target.exists() else None
        compared.written = regenerate(target, periods_pages(compared), book)
    return compared


def compare_ledgers(last: Ledger, this: Ledger) -> Compared:
    """Two ledgers that were read. Raises LedgerError where one has no table of persons or households."""
    document = this.policy or last.policy
    layers = this.settings.layers
    with using(Layer("本期台账", document.id if document else ""), *layers) as settings:
        document = named_document(None, settings)[0] if document else None
        before, now = Side(last, main_table(last), document), Side(this, main_table(this), document)
        found = Compared(before, now, document)
        _check_days(found)
        pairs = _matched(before, now)
        _count_homes(found, pairs)
        if before.of_persons and now.of_persons:
            _persons(found, pairs)
            _events(found, pairs)
            _twice(found)
        else:
            found.remarks.append("有一期是按户的台账（一户一行，没有各人的证件号码），没有比较人员")
        _incomes(found, pairs)
        _facts(found, pairs)
        _lists(found, pairs)
    return found


def _check_days(found: Compared):
    last, this = found.last.day, found.this.day
    if last and this and last >= this:
        found.remarks.append(f"上期的业务日期{last}不早于本期的{this}，请核对两期有没有放反")
    if last is None or this is None:
        lacking = "、".join(name for name, day in (("上期", last), ("本期", this)) if day is None)
        found.remarks.append(f"{lacking}没有业务日期，分不清谁是本期出生的，新增的人都列作“{CAME}”")


# ---- which household is which


Pairs = dict[str, str]  # 户编号 of the period before -> of this period


def _matched(last: Side, this: Side) -> Pairs:
    """Households by their number; those whose number is gone by where most of their persons are now."""
    numbered = "household_id" in last.table and "household_id" in this.table
    pairs = {key: key for key in last.homes if key in this.homes} if numbered else {}
    taken = set(pairs.values())
    claims: list[tuple[int, int, str, str]] = []
    for at, (key, home) in enumerate(last.homes.items()):
        if key not in pairs:
            for other, count in _where(last, this, home.rows).items():
                if other not in taken:
                    claims.append((count + 0.5 * _same_head(last, this, home, other), -at, key, other))
    for _, _, key, other in sorted(claims, reverse=True):
        if key not in pairs and other not in taken:
            pairs[key] = other
            taken.add(other)
    return pairs


def _where(last: Side, this: Side, rows: Iterable[int]) -> Counter:
    """Households of this period -> how many of these persons are in them."""
    found: Counter = Counter()
    for row in rows:
        for now in this.persons.get(last.person_of[row], ()):
            found[this.home_of[now]] += 1
    found.pop("", None)
    return found


def _same_head(last: Side, this: Side, home: Home, other: str) -> bool:
    before, now = last.head(home), this.head(this.homes[other])
    return None not in (before, now) and last.person_of[before] == this.person_of[now] != ""


def _count_homes(found: Compared, pairs: Pairs):
    last, this = found.last.homes, found.this.homes
    found.homes = Homes(len(last), len(this), len(this) - len(pairs), len(last) - len(pairs))


def _home_name(side: Side, home: Home) -> str:
    return side.name(home.head)


# ---- persons


def _persons(found: Compared, pairs: Pairs):
    last, this = found.last, found.this
    came = [key for key in this.persons if key not in last.persons]
    went = [key for key in last.persons if key not in this.persons]
    counted = found.persons = Persons(len(last.persons), len(this.persons))
    counted.nameless = last.nameless, this.nameless
    counted.came = [_person(this, this.persons[key][0], _why_here(found, key)) for key in came]
    counted.went = [_person(last, last.persons[key][0], this.left.get(key) or VANISHED) for key in went]
    if counted.last + len(counted.came) - len(counted.went) != counted.this:
        raise AssertionError("persons do not add up")
    short = [key for key in this.left if key not in last.persons and key not in last.left]
    if short:
        found.remarks.append(f"有{len(short)}人上期没有、本期已注明死亡或迁出，两期都不计入人数")
    if any(counted.nameless):
        found.remarks.append(
            f"没有可用证件号码的行：上期{last.nameless}行，本期{this.nameless}行，不能按人比较，不计入人数"
        )
    _ask_of_numbers(found, came, went, pairs)


def _person(side: Side, row: int, why: str) -> PersonChange:
    return PersonChange(why, side.name(row), side.home_of[row], side.place(row), side.at(row))


def _why_here(found: Compared, key: str) -> str:
    last, this = found.last, found.this
    if key in last.left:
        return f"{BACK}（上期{last.left[key]}）"
    born = _day(key[6:14])
    between = last.day and this.day and born and last.day < born <= this.day
    return BORN if between else CAME


def _day(digits: str) -> dt.date | None:
    try:
        return dt.date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return None


def _ask_of_numbers(found: Compared, came: list[str], went: list[str], pairs: Pairs):
    """Who went and who came with one name and day of birth in the same household may be one person."""
    last, this = found.last, found.this
    new: dict[tuple, list[int]] = {}
    for key in came:
        row = this.persons[key][0]
        new.setdefault((this.home_of[row], *this.who(row)), []).append(row)
    for key in went:
        row = last.persons[key][0]
        home = pairs.get(last.home_of[row], "")
        for other in new.get((home, *last.who(row)), ()) if home and key not in this.left else ():
            found.questions.append(
                f"户{home}的{last.name(row)}：上期{last.at(row)}和本期{this.at(other)}姓名、出生日期都相同，证件号码不同，"
                "是不是同一个人改了号码？现在按一减一增计"
            )


# ---- households


def _events(found: Compared, pairs: Pairs):
    last, this = found.last, found.this
    of_old = {now: before for before, now in pairs.items()}
    put = found.events.append
    for before, now in pairs.items():
        if before != now:
            told = f"上期{before}，本期{now}，按其中的人认定是同一户"
            put(HouseholdEvent("户编号变更", now, _home_name(this, this.homes[now]), told))
    split, merged = set(), set()
    for key, home in last.homes.items():
        where = _where(last, this, home.rows)
        new = [other for other in where if other not in of_old]
        stayed = sum(count for other, count in where.items() if other not in new)
        if new and (stayed or len(new) > 1):
            told = f"户{key}的{'、'.join(_names(last, this, home.rows, new))}，现在在户{'、'.join(new)}"
            put(HouseholdEvent("分户", key, _home_name(last, home), told))
            split.update(new)
        elif key not in pairs and where:
            (into, _), *_ = where.most_common(1)
            told = f"上期的户{key}不再单独成户，{sum(where.values())}人现在在户{'、'.join(where)}"
            put(HouseholdEvent("并户", into, _home_name(last, home), told))
            merged.add(key)
    for key, home in this.homes.items():
        if key not in of_old and key not in split:
            put(HouseholdEvent("新增户", key, _home_name(this, home), f"{len(home.rows)}人"))
    for key, home in last.homes.items():
        if key not in pairs and key not in merged and not _where(last, this, home.rows):
            put(HouseholdEvent("户不再出现", key, _home_name(last, home), f"上期{len(home.rows)}人，本期都没有"))
    _moved_over(found, pairs, split, merged)
    for before, now in pairs.items():
        _new_head(found, last.homes[before], this.homes[now])
        persons = [{side.person_of[row] for row in home.every} - {""}
                   for side, home in ((last, last.homes[before]), (this, this.homes[now]))]  # fmt: skip
        if all(persons) and persons[0].isdisjoint(persons[1]):
            found.questions.append(f"户{now}两期的人完全不同，是不是户编号填错了？现在按同一户比较收入")


def _names(last: Side, this: Side, rows: list[int], homes: list[str]) -> list[str]:
    return [last.name(row) for row in rows
            if any(this.home_of[now] in homes for now in this.persons.get(last.person_of[row], ()))]  # fmt: skip


def _moved_over(found: Compared, pairs: Pairs, split: set[str], merged: set[str]):
    """Who changed from one household that goes on to another one."""
    last, this = found.last, found.this
    for key, rows in last.persons.items():
        before = {last.home_of[row] for row in rows} - {""}
        now = {this.home_of[row] for row in this.persons.get(key, ())} - {""}
        stay = {pairs[one] for one in before if one in pairs}
        over = now - stay - split
        if before and over and not now & stay and not before & merged:
            name = last.name(rows[0])
            told = f"从户{'、'.join(sorted(before))}转到户{'、'.join(sorted(over))}"
            found.events.append(HouseholdEvent("转到别户", sorted(over)[0], name, told))


def _new_head(found: Compared, home: Home, now: Home):
    last, this = found.last, found.this
    before, after = last.head(home), this.head(now)
    if before is None or after is None:
        return
    old, new = last.person_of[before], this.person_of[after]
    if old and new and old != new and last.who(before) != this.who(after):
        what = found.this.left.get(old) or ("" if old in this.persons else VANISHED)
        told = f"由{last.name(before)}变为{this.name(after)}" + (f"（原户主{what}）" if what else "")
        found.events.append(HouseholdEvent("户主变更", now.key, this.name(after), told))


def _twice(found: Compared):
    this, last = found.this, found.last
    for key, rows in this.persons.items():
        villages = {this.place(row) for row in rows} - {""}
        homes = {this.home_of[row] for row in rows} - {""}
        if len(villages) > 1 or len(homes) > 1:
            what = "跨村重复" if len(villages) > 1 else "跨户重复"
            places = tuple(f"{this.place(row)}户{this.home_of[row]}（{this.at(row)}）" for row in rows)
            before = last.persons.get(key, ())
            already = len({(last.place(row), last.home_of[row]) for row in before}) > 1
            found.twice.append(Twice(what, this.name(rows[0]), places, already))


# ---- incomes


def income_items(*sides: Side) -> list[str]:
    """Fields of income that one of the ledgers has a column for, sums behind their parts."""
    told = [name for name, one in fields().items() if one.part_of and one.kind == "money"]
    told += [name for name in (*_INCOMES, *_BESIDE) if name not in told]
    return [name for name in told if any(name in side.rows for side in sides)]


def _incomes(found: Compared, pairs: Pairs):
    last, this = found.last, found.this
    items, lines = income_items(last, this), []
    spent = {"operating_expense", "out_of_pocket", *parts_of("operating_expense")}
    for before, now in pairs.items():
        home, other = last.homes[before], this.homes[now]
        name = _home_name(this, other)
        for item in items:
            one, another = (_gross(item, amount) for amount in (last.amount(home, item), this.amount(other, item)))
            if one is None and another is None:
                continue
            *told, change, why = _compared(one, another)
            change = _NO_INCOME.get(change, change) if item in spent else change
            found.incomes.append(Difference(now, name, fields()[item].label, *told, change, why))
        totals = last.total(home, "annual_income"), this.total(other, "annual_income")
        lines.append((before, now, totals, _compared(*totals)))
    others = {event.household: f"本期有{event.what}，两期的人不一样" for event in found.events
              if event.what in ("分户", "并户")}  # fmt: skip
    changes = _document_change(found, [totals for _, _, totals, _ in lines])
    causes = _causes(found, [(before, now) for before, now, _, _ in lines])
    for (_, now, _, told), change, cause in zip(lines, changes, causes):
        home = this.homes[now]
        one, another, difference, own, why = told
        why = "；".join(filter(None, (why, others.get(now, ""))))
        place = this.place(home.every[0])
        found.changes.append(
            HouseholdChange(now, _home_name(this, home), place, one, another, difference, change or own, cause, why)
        )
    _restated(found, pairs)


def _gross(item: str, amount):
    """Only what is net may be negative."""
    if is_number(amount) and amount < 0 and item not in _NET:
        return CellError("negative", f"{fields()[item].label}是负数，请核对")
    return amount


def _compared(last, this) -> tuple:
    """(last, this, difference, 增收 …, why not)."""
    whys = []
    for label, value in (("上期", last), ("本期", this)):
        if isinstance(value, CellError):
            whys.append(f"{label}{value.message}")
        elif value is None:
            whys.append(f"{label}空白")
    if whys:
        return last, this, None, UNKNOWN, "；".join(whys)
    difference = exact(this) - exact(last)
    return last, this, formula_number(difference), UP if difference > 0 else DOWN if difference < 0 else SAME, ""


def _document_change(found: Compared, totals: list[tuple]) -> list[str]:
    """What the document's own rule says of each household; "" where it has none or cannot say."""
    if found.policy is None or "INCOME_CHANGE" not in found.policy.measures or not totals:
        return [""] * len(totals)
    facts = {"last_total": [one for one, _ in totals], "this_total": [another for _, another in totals]}
    return [told if isinstance(told, str) else "" for told in found.this.call("INCOME_CHANGE", facts)]


def _causes(found: Compared, pairs: list[tuple[str, str]]) -> list[str]:
    """The numbers of the causes by the document's list, and the items that cannot be compared; "" where the document
    has none."""
    if found.policy is None or "LOSS_CAUSES" not in found.policy.measures or not pairs:
        return [""] * len(pairs)
    names = find("LOSS_CAUSES").by_name["last"].items
    columns = {name: _columns(found, name) for name in names}
    nowhere = [name for name in names if columns[name] == []]
    if nowhere:
        found.remarks.append(f"两期台账都没有“{'、'.join(nowhere)}”的列，减收原因里没有比较这一项")
    before, now, unknown = [], [], []
    for one, other in pairs:
        amounts = [_item(found, one, other, columns[name]) for name in names]
        # an item that is not known in both periods is left out, not taken for a loss
        before.append([0 if amount is None else amount[0] for amount in amounts])
        now.append([0 if amount is None else amount[1] for amount in amounts])
        unknown.append([name for name, amount in zip(names, amounts) if amount is None and name not in nowhere])
    told = [_called(found, other, last, this) for (_, other), last, this in zip(pairs, before, now)]
    beside = [f"（没有比较：{'、'.join(lacking)}）" if lacking else "" for lacking in unknown]
    return [f"{cause}{lacking}" for cause, lacking in zip(told, beside)]


def _answer(side: Side, home: str, name: str) -> str | None:
    """What a household answers, None where nothing stands there; the rule refuses what is no answer."""
    told = side.fact(side.homes[home], name) if name in side.rows else BLANK
    return None if told == BLANK else told


def _called(found: Compared, home: str, last: list, this: list) -> str:
    flags = {name: [_answer(found.this, home, name)] for name in ("disaster", "help_not_in_place")}
    (result,) = found.this.call("LOSS_CAUSES", {"last": [last], "this": [this], **flags})
    return f"无法判断：{result.message}" if isinstance(result, CellError) else str(result)


def _columns(found: Compared, name: str) -> list[str] | None:
    """The columns of an item of the document's list; None where one ledger lacks one that the other has."""
    there = [[one for one in LOSS_ITEMS.get(name, ()) if _has(side, one)] for side in (found.last, found.this)]
    return there[0] if there[0] == there[1] else None


def _item(found: Compared, before: str, now: str, columns: list[str] | None) -> tuple | None:
    """(last, this) of an item; None where one of them is not known."""
    if not columns:
        return None
    last, this = found.last, found.this
    return fallen([last.total(last.homes[before], column) for column in columns],
                  [this.total(this.homes[now], column) for column in columns])  # fmt: skip


def _has(side: Side, name: str) -> bool:
    return name in side.rows or any(part in side.rows for part in parts_of(name))


def _restated(found: Compared, pairs: Pairs):
    """What this period's ledger says of the year before against that year's ledger."""
    last, this = found.last, found.this
    for name in (*parts_of("annual_income"), "annual_income", "operating_expense", "net_income"):
        again = f"{name}_last_year"
        if again not in this.rows or name not in last.rows:
            continue
        differing = []
        for before, now in pairs.items():
            told, was = this.amount(this.homes[now], again), last.amount(last.homes[before], name)
            if is_number(told) and is_number(was) and exact(told) != exact(was):
                differing.append(now)
        if differing:
            shown = "、".join(differing[:5]) + ("…" if len(differing) > 5 else "")
            label = fields()[again].label
            found.questions.append(f"本期的“{label}”有{len(differing)}户和上期台账不一样（户{shown}），按上期台账比较，请核对")


# ---- what is written otherwise


def _facts(found: Compared, pairs: Pairs):
    last, this = found.last, found.this
    both = [name for name in OF_HOUSEHOLD if name in last.table and name in this.table]
    for before, now in pairs.items():
        home, other = last.homes[before], this.homes[now]
        for name in both:
            _note(found, now, _home_name(this, other), name, last.fact(home, name), this.fact(other, name))
    own = [name for name in OF_PERSON if name in last.table and name in this.table]
    for key, rows in this.persons.items():
        others = last.persons.get(key, ())
        if len(rows) == len(others) == 1:
            row, other = rows[0], others[0]
            for name in own:
                _note(found, this.home_of[row], this.name(row), name, last.text(other, name), this.text(row, name))


def _note(found: Compared, household: str, who: str, name: str, last: str, this: str):
    if last == this:
        return
    known = fields()[name]
    if known.personal:
        last, this = (BLANK if one == BLANK else "（号码不列出）" for one in (last, this))
    found.facts.append(Changed(household, who, known.label, last, this))


# ---- lists


def _lists(found: Compared, pairs: Pairs):
    last, this = found.last, found.this
    for before, now in pairs.items():
        home = this.homes[now]
        was, is_now = last.monitored(last.homes[before]), this.monitored(home)
        if was != is_now:
            what = _monitoring(was, is_now)
            name = _home_name(this, home)
            found.lists.append(Moved("监测", now, name, was or "不是监测户", is_now or "不是监测户", what))
    of_old = set(pairs.values())
    for key, home in this.homes.items():
        if key not in of_old and this.monitored(home):
            lines = _home_name(this, home), "没有这一户", this.monitored(home), "纳入监测", "本期新增的户"
            found.lists.append(Moved("监测", key, *lines))
    for key, home in last.homes.items():
        if key not in pairs and last.monitored(home):
            lines = _home_name(last, home), last.monitored(home), "没有这一户", "不再监测", "本期没有这一户"
            found.lists.append(Moved("监测", key, *lines))
    if found.policy:
        _classes(found, pairs)


def _monitoring(was: str, now: str) -> str:
    if UNCLEAR in (was, now):
        return "无法比较"
    if not was:
        return "纳入监测"
    if not now:
        return "不再监测"
    return {("未消除", "已消除"): "风险消除", ("已消除", "未消除"): "风险反复"}.get((was, now), "风险状态变更")


def _classes(found: Compared, pairs: Pairs):
    """The document's classes and watch list, in either period by its own figures."""
    last, this = found.last, found.this
    for name in ("TIER", "WATCH_LIST"):
        if name not in found.policy.measures or not pairs:
            continue
        per_last, per_this = last.per_head(), this.per_head()
        results = []
        for side, homes, heads, earlier in (
            (last, list(pairs), per_last, None), (this, list(pairs.values()), per_this, per_last),
        ):  # fmt: skip
            facts = {
                "household_type": [side.household_type(side.homes[key]) for key in homes],
                "risk_status": _risks(side, homes),
                "per_capita_income": [heads[key] for key in homes],
                "per_capita_this": [heads[key] for key in homes],
                "per_capita_last": [_before(side, key) for key in homes] if earlier is None
                else [earlier[before] for before in pairs],
            }  # fmt: skip
            wanted = find(name).by_name
            results.append(side.call(name, {key: cells for key, cells in facts.items() if key in wanted}))
        if {one for one in results[0] if not isinstance(one, CellError)} == {"不适用"}:
            alias, day = find(name).alias, f"（{last.day}）" if last.day else ""
            found.remarks.append(f"{alias}：上期{day}各户都不适用{found.policy.cited}，本期在名单里的都列作进入")
        for now, was, is_now in zip(pairs.values(), *results):
            _classed(found, name, now, was, is_now)


def _risks(side: Side, homes: list[str]) -> list:
    told = side.households.figure("risk_status")
    return [None if told is None else told[side.homes[key].number] for key in homes]


def _before(side: Side, key: str):
    """人均纯收入 of the year before the period, by its own column."""
    if "per_capita_last_year" not in side.rows:
        return CellError("missing", "上期台账没有“上年人均纯收入”列")
    return side.amount(side.homes[key], "per_capita_last_year")


def _classed(found: Compared, name: str, now: str, was, is_now):
    alias = find(name).alias
    who = _home_name(found.this, found.this.homes[now])
    texts = [f"无法判断（{one.message}）" if isinstance(one, CellError) else str(one) for one in (was, is_now)]
    if texts[0] == texts[1]:
        return
    if isinstance(was, CellError) or isinstance(is_now, CellError):
        what = "无法比较"
    elif name == "WATCH_LIST":
        none = [text in _NOWHERE for text in texts]
        what = "进入" if none[0] and not none[1] else "退出" if none[1] and not none[0] else "类别变更"
        if all(none):
            return
    else:
        what = f"{texts[0]}→{texts[1]}"
    found.lists.append(Moved(alias, now, who, *texts, what, found.policy.cite(found.policy.measures[name])))


#: what the rules say of a household that is on no list
_NOWHERE = ("无", "不适用", "")


def of_kind(found: Iterable, **wanted) -> Iterator:
    """Those whose attributes are these."""
    return (one for one in found if all(getattr(one, key) == value for key, value in wanted.items()))
