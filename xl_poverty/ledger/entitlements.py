"""The entitlements of a table's rows: one column per measure, sums by nature, and what they rest on."""
from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

from ..errors import CellError, LedgerError
from ..formulas import values
from ..formulas.batch import RowResult, batch
from ..formulas.calls import bind_function, yuan
from ..formulas.documents import known_function, named_document
from ..formulas.household import derived_fact, fact_of_row
from ..formulas.office import Layer, Settings, using
from ..formulas.signatures import AS_OF, Signature, own_signatures, signatures
from ..rules.arguments import Argument
from ..rules.parameters import Policy
from .cleaning import VALUE, gone
from .fields import fields, table
from .income import Reckoned, reckon
from .reading import LedgerTable, frame_ledger
from .rosters import Paid, persons_of, received_flag
from .rows import Rows, ready_rows

#: natures that are due to the household; 贷款额度 stands in a column of its own and in no sum
SUMMED = ("现金", "消费券", "代缴")
LISTED = (*SUMMED, "贷款额度")
BASIS = "依据"


@dataclass
class MeasureColumn:
    """One measure over all rows."""

    signature: Signature
    nature: str
    clause: str
    unit: str
    kind: str
    results: list[RowResult]
    tells_zero: bool = True  # is a claim typed in the ledger, so that a 0 deserves its reason?
    payee: str = ""
    full: list[RowResult] = field(default_factory=list)  # the same as if nothing had been received yet
    received: list = field(default_factory=list)  # per row: does the ledger say that it was received? None: it does not
    facts: dict[str, list] = field(default_factory=dict)  # argument -> per row what it was reckoned from

    @property
    def header(self) -> str:
        return ("应享" if self.nature in SUMMED else "") + self.signature.alias

    @property
    def paid(self) -> int:
        return sum(1 for r in self.results if not r.error and r.value)

    @property
    def errors(self) -> int:
        return sum(1 for r in self.results if r.error)

    @property
    def total(self):
        """Sum of the rows that have a value; the errors are counted apart."""
        return add(r.value for r in self.results if not r.error)


@dataclass
class Entitled:
    """What `entitle` found: the columns, the sums, the basis, and what could not be computed."""

    policy: Policy
    columns: list[MeasureColumn]
    left_out: dict[str, str] = field(default_factory=dict)  # alias -> why it has no column
    settings: Settings | None = None
    gone: list[str | None] = field(default_factory=list)  # 死亡, 迁出 … per row
    reckoned: Reckoned | None = None  # incomes that the ledger's own columns come to, where it lacks the sum
    days: list = field(default_factory=list)  # the date of each row, None or a CellError where there is none
    remarks: list[str] = field(default_factory=list)

    @property
    def natures(self) -> list[str]:
        return [nature for nature in SUMMED if any(c.nature == nature for c in self.columns)]

    @cached_property
    def sums(self) -> dict[str, list]:
        """Nature -> per row the sum of its measures; the first error if one of them has one."""
        found = {}
        for nature in self.natures:
            columns = [column.results for column in self.columns if column.nature == nature]
            known, sums = {}, []
            for row, key in zip(zip(*columns), zip(*(map(id, results) for results in columns))):
                if key not in known:
                    error = next((one.error for one in row if one.error), None)
                    known[key] = error or add(one.value for one in row)
                sums.append(known[key])
            found[nature] = sums
        return found

    @cached_property
    def bases(self) -> list[str]:
        """Per row what its figures rest on. Rows that are alike share their results, and so their text."""
        known: dict[tuple, str] = {}
        heads = self.reckoned.per_head if self.reckoned else [None] * len(self.gone)
        found = []
        for row, key in enumerate(zip(self.gone, heads, *(map(id, column.results) for column in self.columns))):
            if key not in known:
                known[key] = self.basis(row)
            found.append(known[key])
        return found

    def output(self, basis: str = BASIS) -> list[tuple[str, list]]:
        """(header, a value or CellError per row) of every column that goes beside the ledger."""
        told = [(column.header, [one.error or one.value for one in column.results]) for column in self.columns]
        told += [(f"应享{nature}合计", sums) for nature, sums in self.sums.items()]
        if self.reckoned:
            told += [("核算纯收入", self.reckoned.net), ("核算人均纯收入", self.reckoned.per_head)]
        return [*told, (basis, self.bases)]

    def basis(self, row: int) -> str:
        """What the row's figures rest on: amounts with their clause, failed claims with their reason, errors."""
        parts = [f"人口状态：{self.gone[row]}，个人事项不计"] if self.gone[row] else []
        for column in self.columns:
            result, alias = column.results[row], column.signature.alias
            if result.error:
                parts.append(f"{alias}：{result.error.message}")
            elif result.value:
                kind = "上限估算" if result.estimated else column.kind if column.kind == "下限" else ""
                parts.append(f"{alias}{_text(result.value)}元（{column.clause}{kind and f'，{kind}'}）")
            elif result.claimed and result.zero_reason and column.tells_zero:
                parts.append(f"{alias}0元：{result.zero_reason}（{column.clause}）")
        if self.reckoned and not isinstance(self.reckoned.per_head[row], CellError):
            head = self.reckoned.per_head[row]
            parts.append(f"人均纯收入{_text(head)}元（{self.reckoned.told}）")
        return f"{self.policy.cited}：{'；'.join(parts)}" if parts else ""


def add(amounts):
    """Sum of amounts in 元, exact to the fen."""
    return yuan(sum(round(amount * 100) for amount in amounts))


def money(amount) -> str:
    """An amount as it is told: 1,200 or 337.55."""
    return f"{amount:,}" if isinstance(amount, int) else f"{amount:,.2f}"


def _text(value) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)


def entitle(rows: Rows, settings: Settings, as_of=None, measures=None, progress=None, paid: Paid | None = None):
    """The entitlements (`Entitled`) of every row under the document that the settings name.

    `measures`: names or aliases to compute; None takes every measure of the document that is due to persons or
    households and whose columns are there. `progress(done, total, alias)` is called before each measure. `paid`: what
    rosters and exports say was paid; with it every column also holds what would be due if nothing had been received.

    Raises CellError unknown_policy, LedgerError where an expired document's amounts would go untested.
    """
    policy, _ = named_document(None, settings)
    days = _days(rows, settings, as_of, policy)
    offered = {**signatures(), **own_signatures(policy)}
    chosen = [_known(name, settings) for name in measures] if measures else list(offered.values())
    wanted = []
    found, alone = Entitled(policy, [], settings=settings, days=days), _taken_by_one(policy, settings)
    households = _Households(rows)
    found.gone = households.gone
    if "per_capita_income" not in rows.table:
        found.reckoned = reckon(rows, settings, policy)
    if found.reckoned:
        rows.put("per_capita_income", found.reckoned.per_head)
    for signature in chosen:
        measure = policy.measures.get(signature.name)
        nature = (measure.nature if measure else "") or signature.nature
        if measure is None or signature.result != "元":
            if measures:
                why = "不是金额" if measure else f"{policy.short_name}的文件没有规定"
                found.left_out[signature.alias] = why
            continue
        if not measures and (nature not in LISTED or measure.payee not in ("个人", "户")):
            continue
        per_person = measure.payee != "户"
        facts = rows.facts(signature, per_person and households.persons, alone)
        typed = [name for name in table()["received"]["arguments"] if name in facts]
        told = _told_by_export(rows, signature, facts, days, paid)
        derived, unclear = _derived(signature, facts, rows, policy, settings)
        facts.update(derived)
        lacking = _lacking(signature, facts, policy, settings, alone)
        if lacking:
            found.left_out[signature.alias] = f"缺列：{'、'.join(lacking)}"
            continue
        wanted.append((signature, measure, nature, per_person, facts, unclear, typed, told))
    for done, (signature, measure, nature, per_person, facts, unclear, typed, told) in enumerate(wanted):
        if progress:
            progress(done, len(wanted), signature.alias)

        def settled(facts: dict, signature=signature, measure=measure, per_person=per_person, unclear=unclear):
            results = batch(signature, facts, rows.count, policy.id, days, settings)
            for row, error in unclear.items():  # where the measure does not need the fact, it may stay unclear
                if results[row].error and results[row].error.code == "missing":
                    results[row] = RowResult(None, error)
            results = households.settle(signature, per_person, facts, results)
            if measure.once.startswith("人"):
                results = _once(rows.table, results, days if measure.once.endswith("年") else None)
            return results

        results = settled(facts)
        claims = [a.name for a in signature.arguments if a.claim and a.name in facts]
        clause = measure.document.clause_label(measure.clause)
        tells_zero = bool(claims) and not (claims == ["persons"] and per_person)
        column = MeasureColumn(signature, nature, clause, measure.unit, measure.kind, results, tells_zero,
                               measure.payee, results, facts=facts)  # fmt: skip
        received = set(table()["received"]["arguments"])
        if paid is not None and not received.isdisjoint(facts):
            column.full = settled({name: cells for name, cells in facts.items() if name not in received})
            column.received = _received(signature.by_name[typed[0]], facts[typed[0]]) if typed else []
        found.columns.append(column)
        found.remarks += told(column)
    return found


def _told_by_export(rows: Rows, signature: Signature, facts: dict, days: list, paid: Paid | None) -> Callable:
    """Let the national export's column say what was received already, where the ledger has no column for it. Returns
    what to remark of it once the measure is reckoned."""
    told = table()["received"]["told"]
    name, argument = told["argument"], signature.by_name.get(told["argument"])
    if signature.name != told["measure"] or argument is None:
        return lambda column: []
    said = [None] * rows.count
    own = rows.table.fields.get(told["field"])
    if told["field"] in rows:
        said = [received_flag(amount) for amount in rows.get(told["field"])]
    persons = persons_of(rows.get("id_number") or []) if paid else []
    for row, person in enumerate(persons):
        if said[row] is None and isinstance(person, str):
            said[row] = paid.received(person, getattr(days[row], "year", None))
    if all(one is None for one in said):
        return lambda column: []
    label = rows.table.fields[told["field"]].header if own else fields()[told["field"]].label
    if name not in facts:
        facts[name] = said
        count = sum(1 for one in said if one is True)
        return lambda column: [f"{signature.alias}：{count}行的“{label}”大于0，按本年已享受算"] if count else []
    typed = _received(argument, facts[name])
    differ = [row for row, (one, other) in enumerate(zip(typed, said))
              if isinstance(one, bool) and isinstance(other, bool) and one != other]  # fmt: skip
    where = "、".join(str(rows.table.row_number(row)) for row in differ[:10])
    more = f"等{len(differ)}行" if len(differ) > 10 else "行"
    remark = f"{signature.alias}：第{where}{more}的“{argument.label}”和“{label}”不一致，按台账填的算，请核对"
    return lambda column: [remark] if differ else []


def _received(argument: Argument, cells: list) -> list:
    """Per row TRUE or FALSE as the flag says it; None for a blank and for what is neither."""
    found = []
    for cell in cells:
        try:
            found.append(None if values.is_blank(cell) else values.read(argument, cell) == argument.codes["是"])
        except CellError:
            found.append(None)
    return found


def _once(table: LedgerTable, results: list[RowResult], days: list | None) -> list[RowResult]:
    """What a person gets once counts on one of the person's rows (several work spells, listed in two households): the
    best, of equal ones the first. `days`: once a year, told by the row's day."""
    persons = table.persons
    if persons is None or len(persons) == len(results):
        return results
    best: dict[tuple, int] = {}
    for row, (person, result) in enumerate(zip(persons.codes.tolist(), results)):
        if person < 0 or result.error or not result.value:
            continue
        key = person, getattr(days[row], "year", None) if days else None
        if key not in best or result.value > results[best[key]].value:
            best[key] = row
    settled = list(results)
    for row, (person, result) in enumerate(zip(persons.codes.tolist(), results)):
        if person >= 0 and not result.error and result.value:
            kept = best[person, getattr(days[row], "year", None) if days else None]
            if kept != row:
                why = f"同一人{'一年' if days else ''}只能一次，已计在第{table.row_number(kept)}行"
                settled[row] = RowResult(0, None, why)
    return settled


def _known(name: str, settings: Settings) -> Signature:
    try:
        return known_function(name, settings)
    except CellError:
        raise LedgerError(f"没有名为“{name}”的事项；可用 xl-poverty formulas 查看") from None


def _lacking(signature: Signature, facts: dict, policy: Policy, settings: Settings, alone) -> list[str]:
    """Headers of the columns that the measure needs and the table lacks."""
    binding = bind_function(signature, policy.id, None, settings).binding
    needed = [a for a in binding.arguments.values() if not a.optional]
    needed += [binding.arguments[name] for name, condition in binding.outcome.needs if condition.op == "true"]
    lines = {name for layer in settings.layers for name in layer.lines}
    usual = {*table()["arguments"], *alone}
    return [a.label if a.name in usual else f"{signature.alias}{a.label}"
            for a in needed if a.name not in facts and a.line not in lines]  # fmt: skip


def _taken_by_one(policy: Policy, settings: Settings) -> frozenset[str]:
    """Arguments that only one of the document's measures takes, whose name alone can head a column."""
    takers: Counter = Counter()
    for signature in (*signatures().values(), *own_signatures(policy).values()):
        measure = policy.measures.get(signature.name)
        if measure and signature.result == "元" and measure.payee in ("个人", "户"):
            takers.update(list(bind_function(signature, policy.id, None, settings).binding.arguments))
    return frozenset(name for name, count in takers.items() if count == 1)


def _derived(signature: Signature, facts: dict, rows: Rows, policy: Policy, settings: Settings):
    """(columns that the table lacks and that follow from others as the document declares, row -> its error where what
    they follow from is unclear)."""
    found, unclear = {}, {}
    for name in signature.by_name:
        if name not in policy.facts or name in facts:
            continue
        fact = derived_fact(policy, name, settings)
        others = rows.facts(fact.signature, False)
        if not others:
            continue
        columns = [others.get(argument, [None] * rows.count) for argument in fact.signature.by_name]
        found[name] = [fact_of_row(fact, raw) for raw in zip(*columns, strict=True)]
        for row, value in enumerate(found[name]):
            if isinstance(value, CellError):
                found[name][row], unclear[row] = None, value
    return found, unclear


def _days(rows: Rows, settings: Settings, as_of, policy: Policy) -> list:
    """The date of each row: its own, then the option, then the workbook's or office's."""
    default = None if as_of is None else values.read_date(AS_OF, as_of)
    if default is None:
        default, _ = settings.first("as_of")
    own = rows.get("event_date")
    untested = default is None and policy.expired(dt.date.today())
    if own is None:
        if untested:
            raise LedgerError(
                f"{policy.cited}已于{policy.until}到期，没有业务日期就无法检验有效期，未核算。"
                f"请用 --as-of 指明业务日期（如 --as-of {policy.until}），或在台账里加一列“业务日期”，"
                "或在工作簿的名称“业务日期”里填写"
            )
        return [default] * rows.count
    if untested:
        default = CellError("missing", f"缺少“业务日期”：{policy.cited}已于{policy.until}到期，不填日期无法检验有效期")
    return [default if values.is_blank(day) else day for day in own]


class _Households:
    """Who the head of each household is, and who has left."""

    def __init__(self, rows: Rows):
        table = rows.table
        households, heads = table.households, table.heads
        self.count = rows.count
        status = table.cells("status")
        self.gone = [None] * rows.count
        if status is not None:
            left = status.mapped(lambda clean: clean.value if clean.state == VALUE and gone(clean.value) else None)
            self.gone = left.tolist()
        self.ids = None if households is None else households.codes.tolist()
        self.is_head = None if heads is None else heads.tolist()
        unknown = 0 if self.ids is None else self.ids.count(-1)
        repeated = self.ids is not None and len(households) + min(unknown, 1) < rows.count
        self.persons = self.is_head is not None or repeated or self.ids is None
        self.heads: dict[int, list[int]] = {}
        self.members: dict[int, list[int]] = {}
        for row, household in enumerate(self.ids or ()):
            self.members.setdefault(household, []).append(row)
            if self.is_head and self.is_head[row]:
                self.heads.setdefault(household, []).append(row)

    def settle(self, signature: Signature, per_person: bool, facts: dict, results: list[RowResult]):
        """Household measures on the head's row only; nothing for who has died or left."""
        if not self.persons:
            if not per_person or "persons" in facts:  # a column counts the persons of the household
                return results
            error = CellError("missing", "台账每户一行，缺人员明细，不能核算到人")
            return [RowResult(None, error)] * len(results)
        if per_person:
            return [RowResult(0, None, f"人口状态：{self.gone[row]}", False) if self.gone[row] else result
                    for row, result in enumerate(results)]  # fmt: skip
        if self.ids is None or self.is_head is None:
            error = CellError("missing", "缺少“户编号”或“与户主关系”列，分不清哪一行是户主")
            return [result if not result.claimed else RowResult(None, error) for result in results]
        settled = [RowResult(0, None, "已计在户主行", False)] * len(results)
        claims = [a.name for a in signature.arguments if a.claim and a.name in facts]
        for household, members in self.members.items():
            heads = self.heads.get(household, [])
            if not any(results[row].claimed for row in members):
                for row in members:
                    settled[row] = results[row]
                continue
            problem = self._problem(household, members, heads, claims, facts)
            if problem:
                settled[heads[0] if heads else members[0]] = RowResult(None, CellError("inconsistent", problem))
            else:
                settled[heads[0]] = results[heads[0]]
        return settled

    def _problem(self, household, members: list[int], heads: list[int], claims: list[str], facts: dict) -> str:
        if household < 0:
            return "户编号空白或有误，分不清是哪一户"
        if len(heads) != 1:
            return "本户没有户主行" if not heads else f"本户有{len(heads)}个户主行"
        if self.gone[heads[0]]:
            return f"户主人口状态是{self.gone[heads[0]]}，请先变更户主"
        for name in claims:
            own = _plain(facts[name][heads[0]])
            typed = [facts[name][row] for row in members]
            if any(not values.is_blank(figure) and _plain(figure) != own for figure in typed):
                return "同一户各行所填不一致，户级数字请只填在户主行"
        return ""


def _plain(value):
    """A value as two of them are compared: 500, 500.0 and "500" are the same."""
    try:
        return float(value)
    except (TypeError, ValueError):
        return str(value).strip()


def entitlements(df, policy=None, as_of=None, measures=None):
    """The entitlements of a pandas DataFrame whose columns are headed as in a ledger (户类型, 劳动技能, 务工去向 …).

    Returns a DataFrame of the same index: one column per measure, a sum per nature (应享现金合计 …) and 依据. A cell
    without a result holds a `CellError`. `policy`, `as_of`, `measures` as for `fill`.

    Raises CellError unknown_policy, LedgerError for an expired document without a date.
    """
    import pandas as pd

    with using(Layer("参数", policy or "")) as settings:
        document, _ = named_document(None, settings)
        ledger = frame_ledger(df, settings, document)
        rows, _ = ready_rows(ledger, ledger.tables[0])
        found = entitle(rows, settings, as_of, measures)
    columns = dict(found.output())
    return pd.DataFrame({name: pd.Series(cells, index=df.index, dtype=None if cells else object)
                         for name, cells in columns.items()}, index=df.index)  # fmt: skip
