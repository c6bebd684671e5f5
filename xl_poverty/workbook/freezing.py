"""A copy of a workbook in which our formulas are the values that they showed, and a sheet that says where each value
comes from. It needs no Python, no add-in and no recent Excel; what depends on the values goes on calculating."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from .. import __version__
from ..errors import CellError, LedgerError
from ..formulas.calls import Bound
from ..formulas.office import Layer, using
from ..formulas.values import shown
from .formula_text import Call
from .fresh import table_workbook
from .grafting import Graft
from .our_formulas import UNKNOWN, Doubt, OurFormula, OurFormulas, place_text, same_value, told
from .writing import SheetChanges, write_cells

SHEET = "核算依据"
HEADINGS = (
    "工作表", "单元格", "函数", "事项", "公式", "固化值", "文件", "条款", "参数起始日期", "业务日期", "口径", "核对",
    "固化时间", "版本",
)  # fmt: skip
_WIDTHS = (12, 9, 22, 16, 50, 12, 24, 24, 13, 12, 24, 24, 19, 9)
#: kinds of doubts that a message names
_MOST_DOUBTS = 10
#: functions whose result may be a text whatever ours gives
_NUMBERS_ONLY = frozenset(("SUM", "ROUND", "ROUNDUP", "ROUNDDOWN", "MIN", "MAX", "INT", "ABS", "AVERAGE", "SUMPRODUCT",
                           "PRODUCT", "COUNT", "COUNTA"))  # fmt: skip


@dataclass
class Frozen:
    """What was frozen, where the copy is, and what somebody should know."""

    target: Path
    sheet: str
    cells: int
    doubts: list[Doubt] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)


@dataclass
class Line:
    """One call in one frozen cell, for the sheet."""

    sheet: str
    place: str
    function: str
    alias: str
    formula: str
    value: object
    basis: Bound | None
    day_known: bool
    checked: str


@dataclass
class Plan:
    """What becomes what: values by sheet and cell (from 0), lines for the sheet, and what speaks against it."""

    values: dict[str, dict[tuple[int, int], object]] = field(default_factory=lambda: defaultdict(dict))
    lines: list[Line] = field(default_factory=list)
    doubts: list[Doubt] = field(default_factory=list)
    untested: list[Doubt] = field(default_factory=list)


def freeze(
    source, target, book, *, layers: Sequence[Layer] = (), keep_errors: bool = False, now: dt.datetime | None = None
) -> Frozen:  # fmt: skip
    """Write a copy in which our formulas are values.

    book         the workbook as it was read: sheets with a name and rows of values
    layers       settings of the workbook and options, the strongest first
    keep_errors  freeze errors, texts and values that are no longer right as they are, instead of refusing; what has no
                 value becomes #N/A

    Raises LedgerError, nothing written: where a value is an error, a text that should be a number, absent, or not what
    the function gives for what stands in the cells now. What a clerk hands on as settled must not be any of these. Also
    where the document has expired and no date was given: amounts that nobody tested are not settled at all.
    """
    source, target = Path(source), Path(target)
    with using(*layers):
        ours = OurFormulas(source, book)
        if not ours.found:
            raise LedgerError(f"{source.name} 里没有本库的公式，不用固化")
        plan = planned(ours)
        if plan.untested or (plan.doubts and not keep_errors):
            raise LedgerError(_refusal(source.name, plan))
        name = sheet_name(ours, SHEET)
        time = f"{now or dt.datetime.now():%Y-%m-%d %H:%M:%S}"
        made = table_workbook(name, HEADINGS, _WIDTHS, (_row(line, time) for line in plan.lines), ours.epoch_1904)
    changes = {
        sheet: SheetChanges(cells={(row + 1, column + 1): value for (row, column), value in values.items()})
        for sheet, values in plan.values.items()
    }  # fmt: skip
    written = write_cells(source, target, changes, sheets=[Graft(made, name)], same_results=True, unlocking=True)
    count = sum(map(len, plan.values.values()))
    remarks = [*ours.remarks, *filter(None, [written.saved.moved_because])]
    return Frozen(written.saved.path, name, count, plan.doubts, remarks)


def planned(ours: OurFormulas) -> Plan:
    """What freezing makes of each cell."""
    plan, today = Plan(), dt.date.today()
    by_pattern: dict[int, list[OurFormula]] = defaultdict(list)
    for formula in ours.found:
        by_pattern[id(formula.pattern)].append(formula)
    computed: dict[tuple, list] = {}
    for group in by_pattern.values():
        single = [formula for formula in group if not formula.fills_several]
        alone = group[0].pattern.alone
        if alone is not None and single:
            answers = ours.results(alone, single)
            computed.update({formula.place: [answer] for formula, answer in zip(single, answers, strict=True)})
    for formula in ours.found:
        answers = computed.get(formula.place) or ours.filled(formula)
        untested_why = _untested(ours, formula, today)
        for spot, answer in zip(formula.spots(), answers, strict=True):
            value = formula.cell.value if not formula.fills_several else ours.value((formula.sheet, *spot))
            value = None if value is UNKNOWN else value
            wrong = _wrong(ours, formula, value, answer)
            place = place_text(*spot)
            plan.values[formula.sheet][spot] = CellError("missing", "", "#N/A") if value is None else value
            if untested_why:
                plan.untested.append(Doubt(formula.sheet, place, untested_why))
            elif wrong:
                plan.doubts.append(Doubt(formula.sheet, place, wrong))
            if value == "":
                continue  # a row of a form that nobody has filled in; there is nothing to explain
            checked = wrong or ("没有重算" if answer is UNKNOWN else "与重算一致")
            for call in formula.pattern.ours:
                signature, basis = ours.function(call), ours.bound(call, formula)
                basis = basis if isinstance(basis, Bound) else None
                stated = formula.sheet, place, signature.name, signature.alias, f"={formula.cell.text}", value, basis
                plan.lines.append(Line(*stated, ours.day_known(call, formula), checked))
    return plan


def _untested(ours: OurFormulas, formula: OurFormula, today: dt.date) -> str:
    for call in formula.pattern.ours:
        basis = ours.bound(call, formula)
        if isinstance(basis, Bound) and untested(basis, today) and ours.day_known(call, formula):
            policy = basis.policy
            return (f"{policy.cited}已于{policy.until}到期，没有业务日期，金额没有检验有效期；"
                    "请在公式里填业务日期，或在工作簿的名称“业务日期”里填写，或用 --as-of 指明")  # fmt: skip
    return ""


def untested(basis: Bound, today: dt.date) -> bool:
    """Is it an amount of a document that is over, on no day?"""
    binding = basis.binding
    return binding.pays and basis.day is None and binding.measure.expires and basis.policy.expired(today)


def _wrong(ours: OurFormulas, formula: OurFormula, value, answer) -> str:
    """Why a value must not be handed on as settled; "" where it may."""
    if value is None:
        return "公式还没有算出的值，请在 Excel 里打开，重算后保存"
    if isinstance(value, CellError):
        why = f"（{answer.message}）" if isinstance(answer, CellError) and answer.message else ""
        if value.cell == "#NAME?":
            why = "（没有认出函数，请在装有插件的电脑上打开，重算后保存）"
        return f"是错误值{value.cell}{why}"
    if isinstance(value, str) and not _may_be_text(ours, formula, answer):
        return f"应是数，显示的却是文字“{shown(value)}”，请在装有插件的电脑上重算后保存"
    if answer is UNKNOWN or same_value(value, answer):
        return ""
    if isinstance(answer, CellError):
        return f"显示的是{_shown(value)}，按现在的单元格却算不出：{answer.message}"
    return f"显示的是{_shown(value)}，按现在的单元格和参数应是{_shown(answer)}，请重算后保存"


def _shown(value) -> str:
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    return f"{value:%Y-%m-%d}" if isinstance(value, dt.date) else shown(value)


def _may_be_text(ours: OurFormulas, formula: OurFormula, answer) -> bool:
    """Can the formula result in a text? One of ours that gives numbers does not by itself; a text in the formula, & or
    another function may."""
    if answer is not UNKNOWN:
        return True  # compared with what Python computed
    pattern = formula.pattern
    if pattern.alone is not None:
        return _gives_text(ours, pattern.alone)
    if any(_gives_text(ours, call) for call in pattern.ours):
        return True

    def may(expression) -> bool:
        texts = "".join(part for part in expression.parts if isinstance(part, str))
        if '"' in texts or "&" in texts or _is_reference(texts):
            return True
        others = [part for part in expression.parts if isinstance(part, Call) and not part.name]
        return any(
            call.head.upper() not in _NUMBERS_ONLY and (call.head.upper() not in ("IF", "IFERROR") or
                                                        any(map(may, call.arguments))) for call in others
        )  # fmt: skip

    return may(pattern.whole)


def _is_reference(text: str) -> bool:
    """Nothing but a reference: a cell may hold a text."""
    return len(text.strip()) == 1 and "\ue000" <= text.strip() <= "\uf7ff"


def _gives_text(ours: OurFormulas, call: Call) -> bool:
    signature = ours.function(call)
    return signature.result not in ("元", "数", "是否", "日期") or signature.more


def _refusal(name: str, plan: Plan) -> str:
    doubts = [*plan.untested, *plan.doubts]
    lines = "\n".join(f"  {line}" for line in told(doubts, _MOST_DOUBTS))
    remedy = "改正后再固化" + ("" if plan.untested else "；确要原样保留，加 --keep-errors")
    return f"{name} 没有固化，有{len(doubts)}处的值不能当作定数：\n{lines}\n{remedy}"


def sheet_name(ours: OurFormulas, wanted: str) -> str:
    """A name for a new sheet. None is replaced: formulas may read an earlier one, and what an earlier one tells stays
    true."""
    taken = {name.casefold() for name, _, _ in ours.parts.sheets()}
    name, number = wanted, 1
    while name.casefold() in taken:
        number += 1
        name = f"{wanted}_{number}"
    return name


def _row(line: Line, time: str) -> tuple:
    basis = line.basis
    document = [None] * 5
    if basis is not None:
        binding = basis.binding
        readings = "；".join(f"{key}={choice}" for key, choice in binding.readings.items())
        start = binding.version.start if binding.measure.versions else None
        days = (start, basis.day) if line.day_known else ("由公式给出的业务日期定", "由公式给出")
        document = [basis.policy.cited, basis.policy.cite(binding.measure), *days, readings]
    value = line.value.cell if isinstance(line.value, CellError) else line.value
    return (line.sheet, line.place, line.function, line.alias, line.formula, value, *document, line.checked,
            time, __version__)  # fmt: skip
