"""HOUSEHOLD_TOTAL: what a household is due in cash from all its claims together."""
from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

from ..errors import CellError
from ..rules.arguments import Argument, fold
from ..rules.binding import ESTIMATED, NO_CLAIM, bind
from ..rules.parameters import Measure, Policy
from ..rules.sentence import amount_text, reason_text
from ..rules.settlement import Claimed, Settled, Unsettled, settle
from . import calls, values
from .documents import known_function, named_document
from .office import Settings
from .plain import Told, plain
from .ranges import cells_of, is_range
from .signatures import Signature, find, own_signatures, plain_arguments, signatures

#: headers or keys of a claim beside the arguments of its measure
MEASURE = ("measure", "事项")
MEMBER = ("member", "成员", "姓名")
#: who receives what is due to the household itself
OWN = ("个人", "户")
CASH = "现金"


@dataclass(frozen=True)
class Due:
    """One claim, computed by itself."""

    signature: Signature
    binding: object
    claimed: Claimed
    estimated: bool
    why: str = ""  # why the amount is 0 by itself

    @property
    def in_cash(self) -> bool:
        """Cash that the household itself receives?"""
        return self.binding.nature == CASH and self.binding.measure.payee in OWN


@plain("HOUSEHOLD_TOTAL")
def household_total(settings: Settings, policy, as_of, household, claims) -> Told:
    """Cash due to the household itself, settled over all its claims. In 元.

    household: mapping of facts that every claim inherits; claims: mappings with `measure`, `member` and the measure's
    arguments. In a cell: a table with its header row, one row per claim, in place of both.
    Raises CellError: the error of any claim, missing (measure, member), unknown_option, inconsistent.
    """
    found, _ = named_document(policy, settings)
    facts, rows = _claims_of(household, claims, _names(found))
    dues = []
    for number, row in enumerate(rows, 1):
        try:
            dues.append(_due(settings, found, as_of, facts, row))
        except CellError as error:
            label = _label(row, settings)
            raise CellError(error.code, f"第{number}项{label}：{error.message}", error.cell) from None
    try:
        settled = settle(found, [due.claimed for due in dues])
    except Unsettled as problem:
        alias = next(due.signature.alias for due in dues if due.claimed.measure is problem.measure)
        raise CellError(problem.code, f"{alias}{problem.message}") from None
    fen = sum(result.fen for due, result in zip(dues, settled) if due.in_cash)
    return Told(calls.yuan(fen), _text(fen, dues, settled), found)


def _label(row: dict, settings: Settings) -> str:
    try:
        return known_function(row.get("measure"), settings).alias
    except CellError:
        return ""


def _text(fen: int, dues: list[Due], settled: list[Settled]) -> str:
    parts = [_claim_text(due, result) for due, result in zip(dues, settled)]
    return f"现金{calls.yuan(fen)}元" + (f"：{'；'.join(parts)}" if parts else "，没有申报事项")


def _claim_text(due: Due, settled: Settled) -> str:
    text = f"{values.shown(due.claimed.member)}{due.signature.alias}{amount_text(calls.yuan(settled.fen))}元"
    text += f"（{due.binding.policy.cite(due.binding.measure)}"
    if due.why:
        text += f"，{due.why}"
    if settled.why:
        text += f"，单算{amount_text(calls.yuan(due.claimed.fen))}元，{settled.why}"
    if due.estimated:
        text += "，上限估算"
    elif due.binding.measure.kind == "下限":
        text += "，下限"
    if not due.in_cash:
        text += f"，{due.binding.nature}，不计入现金"
    return text + "）"


# ---- reading the claims


def _claims_of(household, claims, known: dict[str, str]) -> tuple[dict, list[dict]]:
    """(facts of the household, claims), by argument names. Raises CellError."""
    if values.is_blank(claims) and is_range(household):
        return {}, list(_table_rows(household, known))
    if not isinstance(household, dict) and not values.is_blank(household):
        raise CellError("inconsistent", "请给出一张带表头的申报表：一行一项，一列“事项”，其余各列为参数")
    if isinstance(claims, dict) or not is_range(claims if claims is not None else []):
        raise CellError("inconsistent", "申报事项应是一列，每项写明事项和参数")
    facts = _by_argument(household or {}, "户的情况", known)
    return facts, [_by_argument(claim, "申报事项", known) for claim in claims or []]


@cache
def _names(policy: Policy) -> dict[str, str]:
    """Every way to name an argument, the document's own included -> its name."""
    functions = (*signatures().values(), *own_signatures(policy).values())
    known = {label: name for signature in functions for label, name in signature.labels.items()}
    known.update({name: name for signature in functions for name in signature.by_name})
    known.update(dict.fromkeys(MEASURE, "measure") | dict.fromkeys(MEMBER, "member"))
    known |= {"as_of": "as_of", "policy": "policy"}
    return {fold(label): name for label, name in known.items()}


def _by_argument(given, where: str, known: dict[str, str]) -> dict:
    if not isinstance(given, dict):
        raise CellError("inconsistent", f"{where}应写成 名称与值")
    row = {}
    for key, value in given.items():
        name = known.get(fold(str(key)))
        if name is None:
            raise CellError("unknown_option", f"{where}里不认识“{values.shown(key)}”")
        if name in row:
            raise CellError("inconsistent", f"{where}里“{values.shown(key)}”写了两次")
        row[name] = value
    return row


def _table_rows(table, known: dict[str, str]):
    """The claims of a table of cells: columns headed by argument names, blank rows left out, other columns ignored."""
    if hasattr(table, "columns") and hasattr(table, "to_numpy"):  # a DataFrame carries its headers apart
        table = [list(table.columns), *table.to_numpy().tolist()]
    rows = [list(row) if is_range(row) else [row] for row in cells_of(table)]
    if not rows:
        return
    heads = [known.get(fold(head)) if isinstance(head, str) else None for head in rows[0]]
    twice = next((str(head) for head, name in zip(rows[0], heads) if name and heads.count(name) > 1), None)
    if twice:
        raise CellError("inconsistent", f"申报表有两列都是“{values.shown(twice)}”，请留一列")
    if "measure" not in heads:
        raise CellError("missing", "申报表缺少“事项”列，请在表头写“事项”")
    for cells in rows[1:]:
        row = {name: cell for name, cell in zip(heads, cells) if name and not values.is_blank(values.unwrap(cell))}
        if row:
            yield row


# ---- one claim


def _due(settings: Settings, policy: Policy, as_of, facts: dict, row: dict) -> Due:
    measure = row.get("measure")
    if values.is_blank(measure):
        raise CellError("missing", "缺少“事项”")
    error = values.error_cell(measure, "事项")
    if error:
        raise error
    signature = known_function(measure, settings)
    if not signature.pays:
        raise CellError("unknown_option", f"{signature.alias}不是金额，不能计入合计")
    named = row.get("policy", facts.get("policy"))
    if not values.is_blank(named) and named_document(named, settings)[0] is not policy:
        told = f"这一项写的政策是“{values.shown(named)}”，一户合计只按一份文件（{policy.short_name}）"
        raise CellError("inconsistent", told)
    given = {**facts, **{name: value for name, value in row.items() if not values.is_blank(values.unwrap(value))}}
    bound = calls.bound_for(signature, policy.id, given.get("as_of", as_of), settings)
    unclear = None
    for name in signature.by_name:
        if values.is_blank(values.unwrap(given.get(name))) and name in policy.facts:
            fact = derived_fact(policy, name, settings)
            found = fact_of_row(fact, tuple(given.get(argument) for argument in fact.signature.by_name))
            unclear = found if isinstance(found, CellError) else unclear
            given[name] = None if isinstance(found, CellError) else found
    try:
        answer = bound.answer(tuple(given.get(name) for name in signature.by_name))
    except CellError as problem:  # where the claim does not need the fact, it may stay unclear
        raise (unclear if unclear and problem.code == "missing" else problem) from None
    words = {
        argument.name: argument.options[answer.coded[argument.name] - 1]
        for argument in bound.used.values()
        if argument.kind == "word" and answer.coded.get(argument.name)
    }
    months = None
    if "months" in bound.used and answer.reason != NO_CLAIM:
        months = 1 if answer.coded["months"] is None else answer.coded["months"]  # blank is one month
    member = str(given.get("member") or "").strip()
    claimed = Claimed(bound.binding.measure, bound.binding.version, words, member, answer.exact, months)
    why = ""
    if not answer.exact:
        why = "未申报" if answer.reason == NO_CLAIM else reason_text(bound.binding, answer.reason, answer.coded)
    return Due(signature, bound.binding, claimed, answer.reason == ESTIMATED, why)


#: a body that is no function of the contract says itself what it needs
_OPTIONAL = {name: replace(argument, optional=True) for name, argument in plain_arguments().items()}


_facts: dict = {}


def fact_arguments(fact: Measure) -> dict[str, Argument]:
    """What the body of a fact may ask: a function's arguments, else every argument of the contract."""
    function = find(fact.body)
    return function.by_name if function else _OPTIONAL


def derived_fact(policy: Policy, name: str, settings: Settings) -> calls.Bound:
    """How a document derives one argument from others, such as in_scope from household type and risk status."""
    key = policy, name, tuple(sorted(settings.readings.items()))
    if key not in _facts:
        fact = policy.facts[name]
        traced = bind(policy, fact, fact_arguments(fact), None, settings.readings)
        signature = Signature(fact.name, plain_arguments()[name].label, "", tuple(traced.arguments.values()), "")
        _facts[key] = calls.Bound(signature, traced, "", None, "", settings)
    return _facts[key]


def fact_of_row(fact: calls.Bound, raw: tuple):
    """The fact of one row: None where all that it follows from is blank, its CellError where that is unclear."""
    if all(values.is_blank(values.unwrap(cell)) for cell in raw):
        return None
    return calls.row_value(fact, raw)
