"""The workbook itself: formulas, error cells, hidden rows, figures kept as text, rows that stand there twice."""
from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import numpy as np

from ...errors import CellError
from ..cleaning import VALUE, money, number
from ..columns import standing
from ..files import NO_RESULT
from .registry import Found, at, check, whole

_FIGURES = ("money", "number", "months")
_ERROR, _NAME_ERROR, _NO_RESULT = range(3)


def _kind(value: CellError | str) -> int:
    """What kind of error value it is."""
    if isinstance(value, CellError) and value.message == NO_RESULT:
        return _NO_RESULT
    shown = value.cell if isinstance(value, CellError) else value.strip().upper()
    return _NAME_ERROR if shown == "#NAME?" else _ERROR


def _error_cells(kind: int, text: str):
    def found(t, terms) -> Iterator[Found | None]:
        about = terms.about(t)
        for column in about.columns_with_errors:
            yield at(t, column, about.errors(column, lambda value: _kind(value) == kind), text)

    return found


check("error_cell")(_error_cells(_ERROR, "是错误值，公式引用的单元格可能被删或填了文字"))
check("name_error")(_error_cells(_NAME_ERROR, "是 #NAME?，公式里的函数没有认出来，可能没有加载插件"))
check("formula_without_result")(_error_cells(_NO_RESULT, "公式还没有计算结果"))


@check("formula_overwritten")
def formula_overwritten(t, terms):
    for column in t.columns if t.sheet.formulas else ():
        yield at(t, column, t.constants(column), "是直接填的数，这一列别的行是公式，公式被数字覆盖了")


@check("hidden_rows")
def hidden_rows(t, terms):
    if not t.sheet.hidden_rows:
        return
    hidden = np.flatnonzero(np.isin(t.layout.data, list(t.sheet.hidden_rows)))
    if len(hidden):
        yield whole(t, None, f"有{len(hidden)}行数据被隐藏（{_spans(t.layout.data[hidden] + 1)}），核算时也算在内")


def _spans(numbers: np.ndarray, most: int = 8) -> str:
    """第3—5、9行, at most so many spans."""
    cuts = np.flatnonzero(np.diff(numbers) != 1) + 1
    spans = [(int(span[0]), int(span[-1])) for span in np.split(numbers, cuts)]
    told = "、".join(str(first) if first == last else f"{first}—{last}" for first, last in spans[:most])
    return f"第{told}行" + ("等" if len(spans) > most else "")


@check("hidden_columns")
def hidden_columns(t, terms):
    for column in t.columns:
        if column.field and column.position in t.sheet.hidden_columns:
            yield whole(t, column, f"“{column.header}”这一列被隐藏，核算时也用到")


@check("hidden_sheet")
def hidden_sheet(t, terms):
    if t.sheet.hidden:
        yield whole(t, None, "工作表被隐藏，里面有台账")


@check("number_as_text")
def number_as_text(t, terms):
    for column in t.columns:
        if not column.field or column.field.kind not in _FIGURES:
            continue
        cells, (codes, values) = t.cells(column), t.raw(column)
        as_text = [place for place, clean in enumerate(cells.distinct)
                   if clean.raw.__class__ is str and clean.state == VALUE]  # fmt: skip
        if not as_text:
            continue
        as_text = standing(cells.codes, cells.distinct, as_text)
        numbers = [place for place, value in enumerate(values) if value.__class__ in (int, float)]
        is_number = standing(codes, values, numbers)
        if not is_number.any():  # an export writes everything as text
            continue
        if np.count_nonzero(as_text) < np.count_nonzero(is_number):
            yield at(t, column, as_text, "是文本格式的数字，表里的求和公式会漏掉它")
        else:
            count = np.count_nonzero(is_number)
            yield whole(t, column, f"多数是文本格式的数字，只有{count}格是数字，表里的求和公式会漏掉文本")


#: without these fields little can be reckoned
_ESSENTIAL = (
    "name", "id_number", "household_id", "relation", "household_type", "risk_status", "is_labor", "destination",
    "per_capita_income", "paid_amount", "bank_account",
)  # fmt: skip


@check("column_empty")
def column_empty(t, terms):
    for name in _ESSENTIAL:
        if name in t and t.cells(name).blank.all():
            yield whole(t, name, f"“{t.fields[name].header}”整列是空的")


@check("rows_repeated")
def rows_repeated(t, terms):
    columns = [column for column in t.columns if not (column.field and column.field.name == "sequence")]
    if len(columns) < terms["columns"]:
        return
    if any(np.bincount(t.raw(column)[0]).max() == 1 for column in columns):
        return  # no two rows are alike there
    mixed = np.zeros(len(t), np.uint64)
    filled = np.zeros(len(t), np.int64)
    for column in columns:
        codes, _ = t.raw(column)
        filled += codes != 0
        mixed = mixed * np.uint64(1_000_003) + codes.astype(np.uint64) + np.uint64(1)  # wraps, as it may
    full = np.flatnonzero(filled >= terms["columns"])
    _, first, back = np.unique(mixed[full], return_index=True, return_inverse=True)
    first = full[first[back]]
    later, before = full[first != full], first[first != full]
    same = np.ones(len(later), bool)
    for column in columns:
        codes, _ = t.raw(column)
        same &= codes[later] == codes[before]
    of = dict(zip(later[same].tolist(), before[same].tolist()))
    where = "name" if "name" in t else columns[0]
    yield at(t, where, later[same], lambda row: f"整行与第{t.row_number(of[row])}行完全相同")


@check("total_differs")
def total_differs(t, terms):
    why = Counter(row.why for row in t.dropped)
    totals = [row.row for row in t.dropped if row.why in ("合计", "总计")]
    if len(totals) != 1 or why["小计"]:
        return
    cells_of = t.sheet.row(totals[0])
    for column in t.columns:
        if not column.field or column.field.kind not in ("money", "number") or column.field.name == "sequence":
            continue
        clean = money if column.field.kind == "money" else number
        told = clean(cells_of[column.position], column.unit)
        cells = t.cells(column)
        if told.state != VALUE or cells.unusable.any() or not cells.known.any():
            continue
        figures = np.where(cells.spread, 0, np.nan_to_num(cells.numbers))
        sums = [figures.sum()]
        if t.households is not None:  # told on every row of a household, counted once
            sums.append(np.nan_to_num(cells.numbers[terms.about(t).once(cells.known)]).sum())
        if all(abs(float(told.value) - one) > terms["yuan"] for one in sums):
            text = f"第{totals[0] + 1}行的合计与各行之和（{sums[0]:.10g}）不一致"
            yield whole(t, column, text)


#: words that say that a colour means something
_COLOURS = ("标红", "红色", "标黄", "黄色", "底色", "颜色", "涂色", "已做停发")


@check("colour_told")
def colour_told(t, terms):
    texts = {"文件名": terms.ledger.path.stem, "工作表名": t.sheet.name, "标题": t.layout.title}
    for where, text in texts.items():
        if any(word in str(text) for word in _COLOURS):
            yield whole(t, None, f"{where}提到颜色或停发标记，颜色和批注读不出来")
            return
