"""Many rows of one function with their reasons: what tables and fill need beside the bare results."""
from __future__ import annotations

from dataclasses import dataclass

from ..errors import CellError
from ..rules import sentence
from ..rules.binding import ESTIMATED, NO_CLAIM, NOT_IN_FORCE, ZERO
from .calls import Bound, bound_groups
from .columns import column_results, shown_results
from .office import Settings
from .ranges import Column, Grid
from .signatures import Signature


@dataclass(frozen=True)
class RowResult:
    """One row of one function: its value or error, and why it is 0 if it is."""

    value: object
    error: CellError | None = None
    zero_reason: str = ""
    claimed: bool = True
    estimated: bool = False  # the cap assumed where no claim was given


def batch(signature: Signature, columns: dict[str, list], count: int, policy, days: list, settings: Settings):
    """A `RowResult` for each of `count` rows. `columns` maps argument names to lists; a missing one is blank.
    `days`: the date of each row, None where there is none, a CellError where one is needed and lacking."""
    names = list(signature.by_name)
    cells = [Column(columns[name], False) if name in columns else Column(None, True) for name in names]
    one_day = count and all(day is days[0] for day in days)
    dated = Column(days[0], True) if one_day else Column(days, False)
    grid = Grid((count,), [*cells, Column(policy, True), dated], False, [*names, "policy", "as_of"])
    results: list = [None] * count
    for bound, rows in bound_groups(signature, grid, settings):
        if isinstance(bound, CellError):  # a bad date is the error of its rows
            for row in rows:
                results[row] = RowResult(None, bound)
            continue
        for row, result in _rows(bound, grid, rows):
            results[row] = result
    return results


def _rows(bound: Bound, grid: Grid, rows):
    """(row, result). Rows that are alike share a result: ledgers have few kinds of rows."""
    texts, answers = _ReasonTexts(bound), _Answers(bound)
    reading = column_results(bound, grid, rows)
    if reading is None:
        for row, raw in zip(rows, grid.raws(rows)):
            yield row, answers.of(raw)
        return
    results, odd = reading
    shown = shown_results(bound, results)
    known: dict[tuple, RowResult] = {}
    every = zip(rows, grid.raws(rows), shown, results.reasons.tolist(), odd.tolist())
    for row, raw, value, reason, is_odd in every:
        if is_odd:
            yield row, answers.of(raw)
            continue
        key = value, reason
        result = known.get(key)
        if result is None:
            result = known[key] = RowResult(value, None, texts[reason], True, reason == ESTIMATED)
        yield row, result


class _Answers:
    """What the cell reading answers to rows, each different one asked once."""

    def __init__(self, bound: Bound):
        self.bound, self.texts = bound, _ReasonTexts(bound)
        self._known: dict[tuple, RowResult] = {}

    def of(self, raw: tuple) -> RowResult:
        try:
            key = raw, *map(type, raw)  # 1, 1.0 and TRUE are equal, but not the same to a formula
            result = self._known.get(key)
        except TypeError:  # a list among the arguments
            return self._answer(raw)
        if result is None:
            result = self._known[key] = self._answer(raw)
        return result

    def _answer(self, raw: tuple) -> RowResult:
        try:
            answer = self.bound.answer(raw)
        except CellError as error:
            return RowResult(None, error)
        reason = answer.reason
        return RowResult(answer.value, None, self.texts[reason], reason != NO_CLAIM, reason == ESTIMATED)


class _ReasonTexts(dict):
    """Reason code -> why the amount is 0, without the row's numbers; "" for what is paid."""

    def __init__(self, bound: Bound):
        super().__init__({NO_CLAIM: "未申报", NOT_IN_FORCE: "不在政策有效期内", ZERO: "按所填数计算为0"})
        for code, (_, text) in enumerate(bound.binding.outcome.gates, 1):
            self[code] = text.format_map(sentence.ReasonValues(bound.binding))

    def __missing__(self, code: int) -> str:
        return ""
