"""The households of ledgers, with all that a summary counts of them: one row each, a column per mark.

A household is counted by its 户编号, a person by the first 18 characters of the number, each once over all ledgers.
What cannot be used is 待改 and stands in `Doubt`s: it is counted beside the figures and never vanishes.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from ..errors import CellError
from ..formulas import WORK_DESTINATION
from ..formulas.batch import batch
from ..formulas.calls import bind_function
from ..formulas.documents import named_document
from ..formulas.office import Settings, using
from ..formulas.signatures import find, own_signatures, plain_arguments
from ..ledger.checks.facts import MONITORED
from ..ledger.cleaning import BLANK, UNDECIDED, VALUE
from ..ledger.entitlements import Entitled, entitle
from ..ledger.fields import fields
from ..ledger.filling import main_table
from ..ledger.households import Households, is_number
from ..ledger.income import KINDS, incomes_of
from ..ledger.paid import settle
from ..ledger.reading import HOUSEHOLDS as OF_HOUSEHOLDS, Ledger
from ..ledger.rows import ready_rows
from ..plans.plan import STATES
from ..rules.expressions import exact
from .figures import AMOUNT, COUNT, DUES, FEN, HELP, HOUSEHOLDS, LAST, WORD, Details, Place, Table, Words
from .timeliness import TO_CORRECT, Timeliness

YES, NO = "是", "否"
NO_STATE = "未填状态"
NO_VILLAGE, NO_TYPE = "未填行政村", "未填户类型"
#: where persons work, the nearest last: who works in several places counts at the first of these
WORK = ("跨省", "省内区外", "区内", "待核实", TO_CORRECT)
#: sorts of households as the contract names them; what is monitored, and what is no household of the document
FARMER = "一般农户"
#: classifications of households that a document may have; its own ones come besides
CLASSES = ("TIER", "WATCH_LIST", "LOW_INCOME_SCOPE", "INCOME_CHANGE")
NOT_APPLICABLE = "不适用"
#: argument of NET_INCOME -> its word here, this year's and last year's column
INCOMES = {name: (field, f"{field}_last_year") for name, field in KINDS.items()}
LABELS = {"wage": "工资性收入", "business": "生产经营性收入", "property": "财产性收入", "transfer": "转移性收入",
          "business_cost": "生产经营性支出"}  # fmt: skip
_NONE = frozenset(("无", "否", "未", "没有", "未安排", "未实施", "尚未实施", "不是", "不享受", "0", "×", "/", "-"))
_BETWEEN = re.compile(r"[、,，;；/|+]")


@dataclass(frozen=True)
class Doubt:
    """What could not be counted as it stands: where, of whom, and why."""

    file: str
    sheet: str
    row: int
    village: str
    household: str
    name: str
    item: str
    why: str


@dataclass(frozen=True)
class Missing:
    """What a ledger cannot tell."""

    file: str
    item: str
    why: str


@dataclass
class Found:
    """What was read: the details, with what could not be."""

    details: Details
    policies: list = field(default_factory=list)  # of each ledger
    entitled: list[Entitled] = field(default_factory=list)
    doubts: list[Doubt] = field(default_factory=list)
    missing: list[Missing] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    days: list[dt.date | None] = field(default_factory=list)


def read_details(
    ledgers: Sequence[Ledger], last: Sequence[Ledger] = (), paid=None, plans: Iterable = (),
    progress: Callable | None = None,
) -> Found:  # fmt: skip
    """The details of ledgers.

    last   last year's ledgers: incomes, public posts and shares are compared with them, household by household
    paid   what was paid (`.of(person, measure, year)` in fen), None where nobody knows
    plans  filled plans as they were read: measures with kind and state

    Raises LedgerError (no table, expired document without 业务日期), CellError unknown_policy.
    """
    seen = _Seen()
    before = [_Reader(ledger, number, _Seen(), {}, None, {}) for number, ledger in enumerate(last, len(ledgers))]
    previous: dict[str, dict] = {}
    for reader in before:
        reader.read(of_last_year=True)
        previous.update(reader.incomes())
    by_household: dict[str, list] = {}
    for plan in plans:
        by_household.setdefault(plan.key, []).append(plan)
    readers = []
    for number, ledger in enumerate(ledgers):
        if progress:
            progress(number, len(ledgers), ledger.path.name)
        reader = _Reader(ledger, number, seen, previous, paid, by_household)
        reader.read(compared=bool(last))
        readers.append(reader)
    return _joined(readers, before)


class _Seen:
    """Households and persons that were counted already, over all ledgers."""

    def __init__(self):
        self.persons: dict[object, tuple[int, int]] = {}
        self.households: dict[str, int] = {}


class _Reader:
    """One ledger: columns of details, cell by household."""

    def __init__(self, ledger: Ledger, number: int, seen: _Seen, previous: dict, paid, plans: dict):
        self.ledger, self.number, self.seen, self.previous = ledger, number, seen, previous
        self.paid, self.plans = paid, plans
        self.table = main_table(ledger)
        self.policy, _ = named_document(None, ledger.settings)
        self.file, self.sheet = ledger.path.name, self.table.sheet.name
        self.columns: dict[str, object] = {}
        self.kinds: dict[str, str] = {}
        self.told: set[str] = set()
        self.dues: list[tuple] = []
        self.help: list[tuple] = []
        self.doubts: list[Doubt] = []
        self.missing: list[Missing] = []
        self.remarks: list[str] = []
        self._later: list[tuple[int, str]] = []

    # ---- rows and households

    def read(self, compared: bool = False, of_last_year: bool = False):
        table = self.table
        self.rows, _ = ready_rows(self.ledger, table)
        self.of_last_year, self.settings = of_last_year, self.ledger.settings
        if of_last_year:  # its day may lie before the document: its classes are only to be compared with
            self.settings = Settings(tuple(replace(layer, as_of=None) for layer in self.settings.layers))
        self.entitled = None if of_last_year else entitle(self.rows, self.ledger.settings, paid=self.paid)
        self.day = self.ledger.settings.first("as_of")[0]
        self._grouped()
        self._named()
        self._counted()
        self._typed()
        self._incomes(compared)
        self._classified()
        self._working()
        if not of_last_year:
            self._timely()
            self._due()
            self._helped()

    def put(self, name: str, kind: str, cells):
        self.columns[name], self.kinds[name] = cells, kind
        self.told.add(name)

    def lack(self, item: str, why: str):
        self.missing.append(Missing(self.file, item, why))

    def doubt(self, row: int, item: str, why: str):
        entry = int(self.of[row])
        village = self.villages[entry] if hasattr(self, "villages") else ""
        name = self.table.person_names[row] or self.head_names[entry]
        number = self.table.row_number(row)
        self.doubts.append(Doubt(self.file, self.sheet, number, village, self.keys[entry], name, item, why))

    def _grouped(self):
        """Which entry each row belongs to. A row whose household cannot be told is an entry of its own."""
        table, groups = self.table, self.table.households
        homes = self.homes = Households(self.rows)
        self.of, self.order, self.first, self.head = homes.of, homes.order, homes.first, homes.head
        self.count, self.added = len(homes), homes.added
        self.known = np.arange(self.count) < homes.count
        if not homes.told:
            self.lack("户数", "台账没有“户编号”列，分不清哪些行是一户")
        # households told by merged cells have numbers within their ledger only, those of a row each none
        self.keys = [""] * self.count if groups is None else homes.keys
        if groups is not None and "household_id" not in table:
            self.keys = [f"第{key}户" if key else "" for key in homes.keys]
        names = table.person_names if "head_name" not in table else self._texts("head_name")
        self.head_names = [names[row] for row in self.head.tolist()]

    def _texts(self, name: str) -> list[str]:
        return self.table.cells(name).mapped(lambda c: getattr(c.value, "shown", c.value) if c.state == VALUE else "")

    # ---- who and where

    def _named(self):
        table, count = self.table, self.count
        self.villages = self._places("village", NO_VILLAGE)
        if self.villages is None:
            self.villages = [self.ledger.path.stem] * count
            self.lack("行政村", "台账没有“行政村”列，按文件名列出")
        self.towns = self._places("town", "")
        self.has_towns = self.towns is not None
        self.towns = self.towns or [""] * count
        if not self.known.all() and table.households is not None:
            for row in self.first[~self.known].tolist():
                self.doubt(row, "户数", "户编号空白或不能用，分不清是哪一户：这一行的人计入人数，不计户数")

    def _places(self, name: str, otherwise: str) -> list[str] | None:
        """Per entry what its first row that says anything says."""
        if name not in self.table:
            return None
        texts = self._texts(name).tolist()
        found: list[str] = [""] * self.count
        for row, entry in zip(self.order.tolist(), self.of[self.order].tolist()):
            text = (texts[row] or "").strip()
            if not text:
                continue
            if not found[entry]:
                found[entry] = text
            elif found[entry] != text:
                own = texts[int(self.head[entry])] or found[entry]
                if found[entry] != own:
                    found[entry] = own
                self._later.append((row, f"“{fields()[name].label}”同一户各行不一样，按“{own}”计"))
        return [text or otherwise for text in found]

    def _counted(self):
        """户数 and 人数: who died or moved away is left out; each person and household once over all ledgers."""
        table, seen = self.table, self.seen
        for row, why in self._later:
            self.doubt(row, "行政村", why)
        self._later = []
        for entry in np.flatnonzero(self.known).tolist():
            if self.villages[entry] == NO_VILLAGE:
                self.doubt(int(self.head[entry]), "行政村", f"行政村空白，列在“{NO_VILLAGE}”")
        alive = ~table.gone
        self.alive = alive
        counted = np.zeros(len(table), bool)
        self.elsewhere = np.zeros(len(table), bool)
        self.lines = table.kind == OF_HOUSEHOLDS and "relation" not in table
        if not self.lines:
            for row, key in self._person_keys(alive):
                number, where = seen.persons.setdefault(key, (self.number, row))
                if number == self.number and where == row:
                    counted[row] = True
                elif number != self.number or self.of[where] != self.of[row] or "relation" in table:
                    self.elsewhere[row] = number != self.number
                    where = f"与第{table.row_number(where)}行" if number == self.number else "与另一份台账里的"
                    what = "人数" if number == self.number else "人数、应享"
                    self.doubt(row, "人数", f"证件号码前18位{where}相同，{what}只计一次")
        self.counted = counted
        self.repeated = np.zeros(self.count, bool)
        households = self.known & (self.added(alive) > 0)
        if "household_id" in table:
            for entry in np.flatnonzero(households).tolist():
                if seen.households.setdefault(self.keys[entry], self.number) != self.number:
                    households[entry] = False
                    self.repeated[entry] = True
                    self.doubt(int(self.head[entry]), "户数", "户编号与另一份台账里的相同，户数只计一次")
        self.active = households
        self.put("户数", COUNT, households.astype(np.int64))
        if table.households is None and table.kind != OF_HOUSEHOLDS:
            self.told.discard("户数")
        if self.lines:
            told = self.homes.persons()
            if told is None:
                self.lack("人数", "台账每户一行，没有“家庭人口数”列")
                return
            persons, label = np.zeros(self.count, np.int64), fields()[self.homes.persons_field].label
            for entry, value in enumerate(told):
                if isinstance(value, (int, float)) and value == int(value) and value >= 0:
                    persons[entry] = int(value) * int(households[entry])
                elif households[entry]:
                    self.doubt(int(self.head[entry]), "人数", f"“{label}”空白或不能用，没有计入人数")
            self.remarks.append("台账每户一行：人数取“家庭人口数”，分不出死亡、迁出的人，也查不出重复的人")
            self.put("人数", COUNT, persons)
            return
        self.put("人数", COUNT, self.added(counted))
        self.put("死亡迁出人数", COUNT, self.added(table.gone))
        self.put("重复人数", COUNT, self.added(alive & ~counted))
        if "status" not in table:
            self.remarks.append("台账没有“人口状态”列：分不出死亡、迁出的人，都计入人数")
        heads = table.heads
        if heads is not None:
            numbers = self.added(heads)
            for entry in np.flatnonzero(households & (numbers != 1)).tolist():
                told = "本户没有户主行" if not numbers[entry] else f"本户有{numbers[entry]}个户主行"
                self.doubt(int(self.first[entry]), "户主", f"{told}；户数照计，户级事项不能核算")

    def _person_keys(self, alive: np.ndarray):
        """(row, what the person is known by) of everybody who is here: the first 18 characters, else 人口编号, else
        household and name, else the row."""
        table = self.table
        codes = table.persons.codes.tolist() if table.persons is not None else [-1] * len(table)
        numbers = table.persons.keys if table.persons is not None else ()
        unknown = table.persons is None or (table.persons.codes < 0).any()
        own = self._texts("person_id") if unknown and "person_id" in table else None
        for row in np.flatnonzero(alive).tolist():
            if codes[row] >= 0:
                yield row, numbers[codes[row]]
            elif own is not None and own[row]:
                yield row, ("人口编号", own[row])
            elif table.person_names[row] and self.known[self.of[row]]:
                yield row, (self.number, self.keys[self.of[row]], table.person_names[row])
            else:
                if table.persons is not None:
                    self.doubt(row, "人数", "证件号码、人口编号都没有可用的，照计一人，查不出是否重复")
                yield row, (self.number, row)

    def _typed(self):
        """户类型, 监测对象, 风险状态, and whether a household is one whose income is followed."""
        rows = self.rows
        self.types = self.homes.types()
        if self.types is None:
            self.lack("户类型", "台账没有“户类型”列")
            self.put("收入对象", WORD, Words([YES if active else "" for active in self.active.tolist()]))
            self.remarks.append("台账没有“户类型”列：收入按全部户统计")
            return
        argument, words = plain_arguments()["household_type"], []
        for entry, kind in enumerate(self.types):
            known = isinstance(kind, str) and kind in argument.options
            words.append(kind if known else NO_TYPE if kind is None else TO_CORRECT)
            if not known and self.active[entry]:
                told = kind.message if isinstance(kind, CellError) else "空白" if kind is None else "不是选项里的类型"
                self.doubt(int(self.head[entry]), "户类型", f"户类型{told}" if kind is None or known else told)
        self.put("户类型", WORD, Words(words))
        watched = set(MONITORED)
        self.put("监测对象", WORD, Words([YES if word in watched else "" for word in words]))
        if "risk_status" in rows:
            options = plain_arguments()["risk_status"].options
            told = self.homes.figure("risk_status")
            states = [state if state in options else TO_CORRECT if state is not None else "" for state in told]
            for entry, (state, word) in enumerate(zip(states, words)):
                if self.active[entry] and word in watched and state in ("", TO_CORRECT):
                    states[entry] = state or "未填"
                    self.doubt(int(self.head[entry]), "风险状态", "监测对象的风险状态空白或不能用")
            self.put("风险状态", WORD, Words(states))
        else:
            self.lack("风险状态", "台账没有“风险是否已消除”列")
        followed = [
            "" if not active else NO if word == FARMER else TO_CORRECT if word in (NO_TYPE, TO_CORRECT) else YES
            for word, active in zip(words, self.active.tolist())
        ]  # fmt: skip
        self.put("收入对象", WORD, Words(followed))

    # ---- incomes

    def _incomes(self, compared: bool):
        table, active = self.table, self.active.tolist()
        homes = self.homes
        self.incomes_this = {name: homes.total(this) for name, (this, _) in INCOMES.items()}
        self.incomes_last = {name: homes.figure(last) for name, (_, last) in INCOMES.items()}
        told = incomes_of(homes, self.ledger.settings, self.policy, self.entitled and self.entitled.reckoned)
        if told.told and "net_income" not in table:
            self.remarks.append(f"纯收入由台账各列核算：{told.told}")
        self.size = self.size_last = homes.persons()
        self.gross, self.net, self.per_head = homes.total("annual_income"), told.net, told.per_head
        if self.net is None and self.per_head is not None and self.size is not None:
            self.net = [_times(one, size) for one, size in zip(self.per_head, self.size)]
            self.remarks.append("台账没有“纯收入”列：纯收入按 人均纯收入×家庭人口数")
        self.gross_last, self.net_last = told.gross_last, told.net_last
        self.per_head_last = homes.figure("per_capita_last_year")
        if compared:
            own = [self.previous.get(key, {}) for key in self.keys]
            self.gross_last, self.net_last, self.per_head_last, self.size_last = (
                [one.get(name) for one in own] for name in ("gross", "net", "per_head", "size")
            )
            self.incomes_last = {name: [one.get(name) for one in own] for name in INCOMES}
        elif self.net_last is None and self.per_head_last is not None and self.size is not None:
            self.net_last = [_times(one, size) for one, size in zip(self.per_head_last, self.size)]
        if not compared and self.net_last is not None:
            self.remarks.append("上年人均按本年家庭人口数折算（台账没有上年人口）")
        self._put_incomes(active)

    def incomes(self) -> dict[str, dict]:
        """户编号 -> what this ledger tells of the household's year, for the next year's."""
        found: dict[str, dict] = {}
        told = {"gross": self.gross, "net": self.net, "per_head": self.per_head, "size": self.size, **self.incomes_this}
        for entry in np.flatnonzero(self.active).tolist():
            found[self.keys[entry]] = {name: cells[entry] for name, cells in told.items() if cells is not None}
        return found

    def _put_incomes(self, active: list[bool]):
        followed = [word == YES for word in map(self.columns["收入对象"].__getitem__, range(self.count))]
        label = "人均纯收入"
        if self.net is None or self.size is None:
            lacking = "、".join(
                f"“{name}”"
                for name, cells in (("纯收入（或四类收入）", self.net), ("家庭人口数", self.size))
                if cells is None
            )
            self.lack("收入", f"台账没有{lacking}列")
        else:
            good, both = [], []
            for entry in range(self.count):
                net, size = self.net[entry], self.size[entry]
                known = followed[entry] and is_number(net) and is_number(size) and size > 0
                good.append(known)
                if followed[entry] and not known:
                    self.doubt(int(self.head[entry]), label, _why(net, size))
            self.put("人口", AMOUNT, _kept(self.size, good))
            self.put("纯收入", AMOUNT, _kept(self.net, good))
            self.put(
                "收入已知", WORD, Words([YES if one else TO_CORRECT if f else "" for one, f in zip(good, followed)])
            )
            if self.net_last is None or self.size_last is None:
                self.lack("上年收入", "台账没有“上年纯收入”或“上年人均纯收入”列，也没有给上年的台账")
            else:
                for entry in range(self.count):
                    last, size = self.net_last[entry], self.size_last[entry]
                    told = good[entry] and is_number(last) and is_number(size) and size > 0
                    both.append(told)
                    if good[entry] and not told:
                        self.doubt(int(self.head[entry]), "上年收入", f"上年：{_why(last, size)}；这一户不参加增幅比较")
                self.put("上年纯收入", AMOUNT, _kept(self.net_last, both))
                self.put("上年人口", AMOUNT, _kept(self.size_last, both))
                self.put(
                    "两年可比", WORD, Words([YES if one else TO_CORRECT if f else "" for one, f in zip(both, followed)])
                )
                change = [self._change(entry) if told else "" for entry, told in enumerate(both)]
                self.put("人均增减", WORD, Words(change))
        this, last = self.incomes_this, self.incomes_last
        for name, cells in this.items():
            if cells is None:
                if name != "business_cost" or any(one is not None for one in this.values()):
                    self.lack(LABELS[name], f"台账没有“{LABELS[name]}”列，也没有它的各项")
                continue
            known = [followed[entry] and is_number(cell) for entry, cell in enumerate(cells)]
            self.put(LABELS[name], AMOUNT, _kept(cells, known))
            wrong = [f and not k for f, k in zip(followed, known)]
            self.put(
                f"{LABELS[name]}状态",
                WORD,
                Words([YES if k else TO_CORRECT if w else "" for k, w in zip(known, wrong)]),
            )
            for entry in np.flatnonzero(wrong).tolist():
                self.doubt(int(self.head[entry]), LABELS[name], _why(cells[entry]))
            before = last[name]
            if before is None:
                self.lack(f"上年{LABELS[name]}", f"台账没有“上年{LABELS[name]}”列，也没有给上年的台账")
                continue
            both = [k and is_number(cell) for k, cell in zip(known, before)]
            self.put(f"上年{LABELS[name]}", AMOUNT, _kept(before, both))
            self.put(f"{LABELS[name]}可比", WORD, Words([YES if one else "" for one in both]))

    def _change(self, entry: int) -> str:
        """Is the income per head, of a household whose both years are known, more or less than last year's?"""
        this = self.per_head[entry] if self.per_head is not None else None
        last = self.per_head_last[entry] if self.per_head_last is not None else None
        this = exact(this) if is_number(this) else exact(self.net[entry]) / exact(self.size[entry])
        last = exact(last) if is_number(last) else exact(self.net_last[entry]) / exact(self.size_last[entry])
        return "增加" if this > last else "下降" if this < last else "持平"

    # ---- classes of the document

    def _classified(self):
        """What the document's classifications say of each household."""
        policy = self.policy
        own = [signature.name for signature in own_signatures(policy).values() if signature.result in ("文字", "是否")]
        for name in (*CLASSES, *own):
            measure = policy.measures.get(name)
            if measure is None:
                continue
            signature = find(name) or own_signatures(policy)[name]
            facts, lacking = self._facts(signature)
            if lacking:
                self.lack(signature.alias, f"台账没有{'、'.join(f'“{label}”' for label in lacking)}列")
                continue
            days = [None if self.of_last_year else self.day] * self.count
            results = batch(signature, facts, self.count, policy.id, days, self.settings)
            words = []
            for entry, result in enumerate(results):
                word = ""
                if self.active[entry]:
                    word = TO_CORRECT if result.error else _word(result.value)
                    if result.error:
                        self.doubt(int(self.head[entry]), signature.alias, result.error.message)
                words.append(word)
            scope = self._scope(signature, facts, days)
            if scope is not None:
                words = [NOT_APPLICABLE if word and inside == NO else word for word, inside in zip(words, scope)]
                self._narrowed(scope)
            self.put(signature.alias, WORD, Words(words))

    def _scope(self, signature, facts: dict, days: list) -> list[str] | None:
        """Per household whether a classification is for it, whatever its figures: 是, 否, 待改 where that is unclear.
        None where it is for everybody."""
        settings, policy = self.settings, self.policy
        binding = bind_function(signature, policy.id, None, settings).binding
        if binding.outcome.ending == "holds" or not binding.outcome.gates:
            return None
        plain = {
            name: [1] * self.count if signature.by_name[name].kind == "number" else cells
            for name, cells in facts.items()
        }
        results = batch(signature, plain, self.count, policy.id, days, settings)
        return [TO_CORRECT if one.error else NO if one.value == NOT_APPLICABLE else YES for one in results]

    def _narrowed(self, scope: list[str]):
        """Households that are outside a classification's scope are none whose income the document follows."""
        followed = self.columns["收入对象"]
        out = [
            word == YES and inside != YES for word, inside in zip(map(followed.__getitem__, range(self.count)), scope)
        ]
        told = [inside if left else followed[entry] for entry, (left, inside) in enumerate(zip(out, scope))]
        self.put("收入对象", WORD, Words(told))
        for name, column in self.columns.items():
            if self.kinds[name] == AMOUNT:
                self.columns[name] = [None if left else cell for cell, left in zip(column, out)]
            elif name in ("收入已知", "两年可比", "人均增减") or name.endswith(
                ("收入可比", "支出可比", "收入状态", "支出状态")
            ):
                self.columns[name] = Words(["" if left else column[entry] for entry, left in enumerate(out)])

    def _facts(self, signature) -> tuple[dict, list[str]]:
        """(the arguments of a classification by household, labels of what the ledger lacks for it)."""
        typed = self.rows.facts(signature, False)
        known = {
            "household_type": self.types, "per_capita_income": self.per_head, "per_capita_this": self.per_head,
            "per_capita_last": self.per_head_last, "persons": self.size, "total_net_income": self.net,
            "this_total": self.gross, "last_total": self.gross_last,
        }  # fmt: skip
        facts, lacking = {}, []
        for argument in signature.arguments:
            if known.get(argument.name) is not None:
                facts[argument.name] = known[argument.name]
            elif argument.name in typed:
                facts[argument.name] = self.homes.one(typed[argument.name], argument.label)
            elif not argument.optional:
                lacking.append(argument.label)
        if not lacking and all(argument.optional for argument in signature.arguments if argument.name not in facts):
            needed = {"income_base_year", "income_estimate"} & set(signature.by_name)
            if needed and not needed & set(facts):
                lacking = [signature.by_name[name].label for name in sorted(needed)]
        return facts, lacking

    # ---- work and posts

    def _working(self):
        table = self.table
        ranks = self._destinations()
        if ranks is None:
            self.lack("务工去向", "台账没有“务工去向”或“务工地点”列")
        elif self.lines:
            self.lack("务工去向", "台账每户一行，缺人员明细")
        else:
            ranks = np.where(self.alive, ranks, 0)
            if table.persons is not None:  # several rows of a person: the first of WORK
                best = np.zeros(len(table.persons) + 1, np.int64)
                np.maximum.at(best, table.persons.codes, ranks)
                ranks = np.where(table.persons.codes >= 0, best[table.persons.codes], ranks)
            for number, word in enumerate(reversed(WORK), 1):
                self.put(f"务工{word}", COUNT, self.added(self.counted & (ranks == number)))
            self.put("务工人数", COUNT, self.added(self.counted & (ranks > 0)))
        self._insured()
        if "public_post" not in table and "public_post_months" not in table:
            self.lack("公益性岗位", "台账没有“公益性岗位”列")
        elif not self.lines:
            posts = np.zeros(len(table), bool)
            if "public_post" in table:
                posts |= table.cells("public_post").mapped(
                    lambda c: c.state == VALUE and str(c.value).strip() not in _NONE, bool
                )
            if "public_post_months" in table:
                posts |= table.cells("public_post_months").mapped(lambda c: c.state == VALUE and c.value > 0, bool)
            self.put("公益岗人数", COUNT, self.added(self.counted & posts))

    def _insured(self):
        """Persons of households that are followed, and those of them who are insured for illness."""
        names = [name for name in ("medical_insurance", "employee_medical") if name in self.table]
        if not names or self.lines:
            return
        insured = np.zeros(len(self.table), bool)
        for name in names:
            insured |= self.table.cells(name).among(YES)
        followed = self.counted & self.columns["收入对象"].among((YES,))[self.of]
        self.put("应参保人数", COUNT, self.added(followed))
        self.put("参保人数", COUNT, self.added(followed & insured))

    def _destinations(self) -> np.ndarray | None:
        """Per row the rank of where the person works, 0 who does not; the more, the farther up in WORK."""
        table = self.table
        rank = {word: number for number, word in enumerate(reversed(WORK), 1)}

        def told(clean) -> int:
            if clean.state == VALUE:
                return rank.get(clean.value, rank[TO_CORRECT])
            if clean.state == BLANK:
                return 0
            return rank["待核实" if clean.reason.startswith(("还定不下来", UNDECIDED)) else TO_CORRECT]

        cells = table.cells("destination")
        if cells is not None:
            ranks = cells.mapped(told, np.int64)
            item = "务工去向"
        else:
            ranks = self._by_address(rank)
            item = "务工地点"
        if ranks is None:
            return None
        if "working" in table:
            says = table.cells("working")
            ranks = np.where((ranks == 0) & says.among(YES), rank["待核实"], ranks)
            ranks = np.where(says.among(NO), 0, ranks)
        for row in np.flatnonzero(self.counted & (ranks == rank[TO_CORRECT])).tolist():
            self.doubt(row, item, cells[row].reason if cells is not None else "看不出是哪里")
        return ranks

    def _by_address(self, rank: dict[str, int]) -> np.ndarray | None:
        """The same from the places where people work."""
        table = self.table
        names = ["work_place"] if "work_place" in table else [
            name for name in ("work_province", "work_city", "work_county") if name in table
        ]  # fmt: skip
        if not names:
            return None
        texts = [self._texts(name) for name in names]
        joined = ["".join(text or "" for text in row) for row in zip(*texts)]
        classes: dict[str, int] = {"": 0}
        with using(*self.ledger.settings.layers):
            for text in joined:
                if text not in classes:
                    try:
                        classes[text] = rank[WORK_DESTINATION(text, policy=self.policy.id)]
                    except CellError:
                        classes[text] = rank["待核实"]
        return np.fromiter((classes[text] for text in joined), np.int64, len(joined))

    # ---- deadlines

    def _timely(self):
        """Was what the document sets a day for done by then?"""
        timeliness = Timeliness(self.policy, self.ledger.settings, self.day)
        for item, rule in timeliness.rules.items():
            if rule.lacking(self.table):
                self.lack(f"时限：{item}", rule.lacking(self.table))
                continue
            words = []
            done = self.homes.figure(rule.done_in(self.table))
            known = self.homes.figure(rule.known_before) if rule.known_before in self.table else None
            begins = timeliness.begins(item)

            def late(entry: int, known=known, begins=begins) -> bool:
                return (
                    known is not None
                    and begins is not None
                    and isinstance(known[entry], dt.date)
                    and known[entry] >= begins
                )

            start = self.homes.figure(rule.start) if rule.start and rule.start in self.table else [None] * self.count
            for entry in range(self.count):
                word = ""
                if self.active[entry] and not late(entry) and all(self._holds(entry, *one) for one in rule.when):
                    word, why = timeliness.judged(item, done[entry], start[entry])
                    if why:
                        self.doubt(int(self.head[entry]), f"时限：{item}", why)
                words.append(word)
            self.put(f"时限{item}", WORD, Words(words))
        for item, why in timeliness.left_out.items():
            self.lack(f"时限：{item}", why)

    def _holds(self, entry: int, name: str, wanted: Sequence[str]) -> bool:
        column = self.columns.get(name)
        return column is not None and column[entry] in wanted

    # ---- what is due and was paid

    def _due(self):
        """Per household and measure: what is due, in fen, and beside what was paid."""
        settled = settle(self.rows, self.entitled, self.paid) if self.paid is not None else None
        for alias, why in self.entitled.left_out.items():
            self.lack(f"应享{alias}", why)
        for column in self.entitled.columns:
            alias = column.signature.alias
            self.told |= {f"应享{alias}", f"性质{column.nature}"}
            beside = settled.columns.get(column.signature.name) if settled else None
            cells = self._settled(column, beside) if beside else self._by_row(column.results)
            left = self.elsewhere if column.payee != "户" else self.repeated[self.of]
            found = {name: self.added(np.where(left, 0, of_rows)) for name, of_rows in cells.items()}
            for row in np.flatnonzero(cells["wrong"] & ~left).tolist():
                self.doubt(row, f"应享{alias}", self._wrong(column, beside, row))
            kept = sum((cells != 0 for cells in found.values()), np.zeros(self.count, bool))
            for entry in np.flatnonzero(kept).tolist():
                self.dues.append(
                    (entry, alias, column.nature, {name: int(cells[entry]) for name, cells in found.items()})
                )
            if beside:
                self.told.add(f"已发{alias}")
        if settled is not None:
            self.told.add("已发")

    def _by_row(self, results: list) -> dict[str, np.ndarray]:
        known: dict[int, tuple[int, bool]] = {}
        for result in results:
            if id(result) not in known:
                known[id(result)] = (0 if result.error else round((result.value or 0) * 100), bool(result.error))
        pairs = [known[id(result)] for result in results]
        fen = np.fromiter((pair[0] for pair in pairs), np.int64, len(pairs))
        return {"due": fen, "rows": fen > 0, "wrong": np.fromiter((pair[1] for pair in pairs), bool, len(pairs))}

    def _settled(self, column, beside) -> dict[str, np.ndarray]:
        """Per row, in fen. What is due is reckoned as if nothing had been received: what was, was due as well."""
        cells = self._by_row(column.full)
        got = [0 if isinstance(one, CellError) else round(one * 100) for one in beside.paid]
        still = [0 if isinstance(one, CellError) else round(one * 100) for one in beside.due]
        unsure = np.fromiter((isinstance(one, CellError) for one in beside.due), bool, len(got))
        paid, owed, due = np.array(got, np.int64), np.array(still, np.int64), cells["due"]
        settled = np.where(unsure, 0, np.minimum(due, paid))
        over = np.zeros(len(paid), np.int64)
        for row, amount in beside.overpaid.items():
            over[row] = round(amount * 100)
        able = (due > 0) & ~unsure & (settled + owed == due)
        return {
            "due": due, "rows": due > 0, "wrong": cells["wrong"] | unsure, "paid": paid, "settled": settled,
            "owed": np.where(unsure, 0, owed), "over": over, "unchecked": due - settled - np.where(unsure, 0, owed),
            "full": able & (owed == 0), "able": able, "comparable": settled + np.where(unsure, 0, owed),
        }  # fmt: skip

    @staticmethod
    def _wrong(column, beside, row: int) -> str:
        error = column.results[row].error or (column.full[row].error if column.full else None)
        if error is None and beside is not None:
            error = next((one for one in (beside.paid[row], beside.due[row]) if isinstance(one, CellError)), None)
        return error.message if error else "没法与发放记录核对"

    # ---- measures

    def _helped(self):
        """措施 by kind, with the state of the household's plan."""
        names = [name for name in fields() if name.endswith("_help") and name in self.table]
        states = None
        if "plan_state" in self.table:
            states = [
                cell if isinstance(cell, str) else "" for cell in self.homes.figure("plan_state")
            ]
        planned = 0
        for entry in np.flatnonzero(self.active).tolist() if self.plans else ():
            for plan in self.plans.get(self.keys[entry], ()) if self.keys[entry] else ():
                planned += 1
                counts = Counter((measure.kind, measure.state or NO_STATE) for measure in plan.measures)
                for (kind, state), count in counts.items():
                    self.help.append((entry, kind, state, count, state in (NO_STATE, *STATES)))
        if planned:
            self.told |= {"措施", "状态"}
            return
        if self.plans:
            self.lack("措施状态", "给的一户一策里没有这份台账的户，按台账的帮扶措施列统计")
        if not names:
            self.lack("帮扶措施", "台账没有“产业帮扶”等措施列，也没有给填好的一户一策")
            return
        self.told.add("措施")
        if states is None:
            self.lack("措施状态", "台账没有“一户一策状态”列，也没有给填好的一户一策")
        else:
            self.told.add("状态")
        for name in names:
            cells = self.table.cells(name)
            parsed = [_items(clean) for clean in cells.distinct]
            of_entry: dict[int, set[str]] = {}
            pairs = np.unique(self.of * len(parsed) + cells.codes)
            for pair in pairs.tolist():
                entry, code = divmod(pair, len(parsed))
                if parsed[code] and self.active[entry]:
                    of_entry.setdefault(entry, set()).update(parsed[code])
            for entry, items in sorted(of_entry.items()):
                state = (states[entry] or NO_STATE) if states else NO_STATE
                self.help.append((entry, fields()[name].label, state, len(items), True))


def _items(clean) -> set[str]:
    """The measures that a cell names."""
    if clean.state != VALUE:
        return set()
    parts = {part.strip() for part in _BETWEEN.split(str(clean.value))}
    return {part for part in parts if part and part not in _NONE}


def _kept(cells: Sequence, keep: Sequence[bool]) -> list:
    return [exact(cell) if one else None for cell, one in zip(cells, keep)]


def _times(one, size):
    return exact(one) * exact(size) if is_number(one) and is_number(size) else one if not is_number(one) else size


def _why(*cells) -> str:
    """Why a figure of a household cannot be counted."""
    for cell in cells:
        if isinstance(cell, CellError):
            return cell.message
        if cell is None:
            return "空白，没有计入：没有的请填0"
        if not is_number(cell):
            return "填的不是数字，没有计入"
    return "家庭人口数是0，没有计入"


def _word(value) -> str:
    if isinstance(value, bool):
        return YES if value else NO
    return str(value)


# ---- all ledgers together


def _joined(readers: list[_Reader], before: list[_Reader]) -> Found:
    places: dict[Place, int] = {}
    ledgers = [(reader.file, reader.sheet) for reader in (*readers, *before)]

    def placed(some: list[_Reader]) -> np.ndarray:
        found = []
        for reader in some:
            several = len({one.policy.id for one in readers}) > 1
            document = reader.policy.short_name if several else ""
            for town, village in zip(reader.towns, reader.villages):
                found.append(places.setdefault(Place(document, town, village), len(places)))
        return np.array(found, np.int64)

    place = placed(readers)
    columns, kinds = _stacked(readers)
    offsets = np.cumsum([0, *(reader.count for reader in readers)])
    count = int(offsets[-1])
    tables = {HOUSEHOLDS: Table(HOUSEHOLDS, columns, kinds, place, np.arange(count))}
    tables[DUES] = _due_table(readers, offsets, place)
    tables[HELP] = _help_table(readers, offsets, place)
    if before:
        last_columns, last_kinds = _stacked(before)
        at = placed(before)
        tables[LAST] = Table(LAST, last_columns, last_kinds, at, np.arange(len(at)))
    told: dict[str, set[int]] = {}
    for reader in readers:
        for name in reader.told:
            told.setdefault(name, set()).add(reader.number)
    for reader in before:
        for name in reader.told:
            told.setdefault(f"{LAST}{name}", set()).add(reader.number)
    origins = []
    for reader in readers:
        numbers = (reader.table.layout.data + 1).tolist()
        for entry in range(reader.count):
            origins.append((reader.number, tuple(sorted(numbers[row] for row in reader.homes.members(entry)))))
    details = Details(list(places), tables, told, origins, ledgers)
    found = Found(details, [r.policy for r in readers], [r.entitled for r in readers if r.entitled])
    found.days = [reader.day for reader in readers]
    for reader in (*readers, *before):
        found.doubts += reader.doubts if reader in readers else ()
        found.missing += reader.missing if reader in readers else ()
        of = "" if len(readers) == 1 else f"{reader.file}："
        found.remarks += [f"{of}{text}" for text in reader.remarks] if reader in readers else ()
    return found


def _stacked(readers: list[_Reader]) -> tuple[dict, dict]:
    """The columns of all, blank where a ledger lacks one."""
    kinds: dict[str, str] = {}
    for reader in readers:
        kinds |= reader.kinds
    columns: dict[str, object] = {
        "台账号": np.concatenate([np.full(reader.count, reader.number) for reader in readers]).astype(np.int64),
        "户编号": Words(key for reader in readers for key in reader.keys),
        "户主": Words(name or "" for reader in readers for name in reader.head_names),
    }
    for name, kind in kinds.items():
        if kind == WORD:
            parts = (
                (reader.columns[name], reader.count) if name in reader.columns else (None, reader.count)
                for reader in readers
            )
            columns[name] = Words(own[row] if own is not None else "" for own, count in parts for row in range(count))
        elif kind == AMOUNT:
            columns[name] = [cell for reader in readers for cell in reader.columns.get(name, [None] * reader.count)]
        else:
            parts = [reader.columns.get(name, np.zeros(reader.count, np.int64)) for reader in readers]
            columns[name] = np.concatenate(parts).astype(np.int64)
    return columns, {**kinds, "台账号": COUNT, "户编号": WORD, "户主": WORD}


#: columns of the table of dues: name here -> what it is called
DUE_COLUMNS = {"rows": "应享人次", "due": "应享金额", "wrong": "待改项", "paid": "已发金额", "settled": "已兑现金额",
               "owed": "未发金额", "over": "多发金额", "unchecked": "未能核对金额",
               "comparable": "可核对金额", "full": "足额人次", "able": "可核对人次"}  # fmt: skip


def _due_table(readers, offsets, place) -> Table:
    rows = [
        (offset + entry, *rest) for reader, offset in zip(readers, offsets.tolist()) for entry, *rest in reader.dues
    ]
    household = np.array([row[0] for row in rows], np.int64)
    columns: dict[str, object] = {"事项": Words(row[1] for row in rows), "性质": Words(row[2] for row in rows)}
    kinds = {"事项": WORD, "性质": WORD}
    for name, label in DUE_COLUMNS.items():
        kinds[label] = FEN if label.endswith("金额") else COUNT
        columns[label] = np.array([row[3].get(name, 0) for row in rows], np.int64)
    return Table(DUES, columns, kinds, place[household] if len(rows) else household, household)


def _help_table(readers, offsets, place) -> Table:
    rows = [
        (offset + entry, *rest) for reader, offset in zip(readers, offsets.tolist()) for entry, *rest in reader.help
    ]
    household = np.array([row[0] for row in rows], np.int64)
    first: set[tuple] = set()
    of_kind, of_all = [], []
    for one, kind, _, _, taken in rows:  # a household counts once per kind, and once in all, whatever the states
        of_kind.append(taken and (one, kind) not in first)
        of_all.append(taken and (one,) not in first)
        first |= {(one, kind), (one,)} if taken else set()
    columns = {
        "类别": Words(row[1] for row in rows), "状态": Words(row[2] for row in rows),
        "项数": np.array([row[3] for row in rows], np.int64),
        "采用项数": np.array([row[3] if row[4] else 0 for row in rows], np.int64),
        "户数": np.array(of_kind, np.int64), "有措施户数": np.array(of_all, np.int64),
    }  # fmt: skip
    kinds = {"类别": WORD, "状态": WORD, **dict.fromkeys(("项数", "采用项数", "户数", "有措施户数"), COUNT)}
    return Table(HELP, columns, kinds, place[household] if len(rows) else household, household)
