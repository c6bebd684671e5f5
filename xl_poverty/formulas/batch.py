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
    grid = Grid((count,), [*cells, Column(policy, True), Column(days, False)], False, [*names, "policy", "as_of"])
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
    texts = _ReasonTexts(bound)
    reading = column_results(bound, grid, rows)
    if reading is None:
        for row in rows:
            yield row, _one(bound, grid.raw(row), texts)
        return
    results, odd = reading
    shown = shown_results(bound, results)
    for position, (row, value, reason) in enumerate(zip(rows, shown, results.reasons.tolist())):
        if odd[position]:
            yield row, _one(bound, grid.raw(row), texts)
        else:
            yield row, RowResult(value, None, texts[reason], True, reason == ESTIMATED)


def _one(bound: Bound, raw: tuple, texts) -> RowResult:
    try:
        answer = bound.answer(raw)
    except CellError as error:
        return RowResult(None, error)
    return RowResult(answer.value, None, texts[answer.reason], answer.reason != NO_CLAIM, answer.reason == ESTIMATED)


class _ReasonTexts(dict):
    """Reason code -> why the amount is 0, without the row's numbers; "" for what is paid."""

    def __init__(self, bound: Bound):
        super().__init__({NO_CLAIM: "未申报", NOT_IN_FORCE: "不在政策有效期内", ZERO: "按所填数计算为0"})
        for code, (_, text) in enumerate(bound.binding.outcome.gates, 1):
            self[code] = text.format_map(sentence.ReasonValues(bound.binding))

    def __missing__(self, code: int) -> str:
        return ""
