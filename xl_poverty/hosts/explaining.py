"""What a cell shows, and why: the sentence, the clause and its words."""

from __future__ import annotations

from pathlib import Path

from .. import formulas
from ..errors import CellError, LedgerError
from ..formulas.calls import Bound
from ..formulas.documents import named_document
from ..formulas.office import using
from ..formulas.signatures import Signature
from ..ledger.entitlements import Entitled, entitle
from ..ledger.files import Book, read_book
from ..ledger.headers import header_key
from ..ledger.reading import read_ledger
from ..ledger.rows import ready_rows
from ..ledger.settings import office_layers, own_layer
from ..rules.parameters import Measure, Policy
from ..workbook.formula_text import Call
from ..workbook.our_formulas import UNKNOWN, OurFormula, OurFormulas
from ..workbook.references import Spot, area_of


def explanation(path: Path, sheet: str, cell: str) -> str:
    """Of a cell with a formula of ours, or with a result that was filled in. Raises LedgerError, CellError."""
    book = read_book(path)
    area = area_of(cell.strip().upper())
    if area is None:
        raise LedgerError(f"“{cell}”不是一个单元格，请写成 B5 或 台账!B5")
    names = [one.name for one in book.sheets]
    sheet = sheet or names[0]
    if sheet not in names:
        raise LedgerError(f"{path.name} 里没有工作表“{sheet}”，有：{'、'.join(names)}")
    spot = area[:2]
    with using(own_layer(book), *office_layers(book)):
        told = _of_formula(path, book, sheet, spot) if book.kind == "xlsx" else ""
    told = told or _of_result(path, sheet, spot)
    if not told:
        raise LedgerError(
            f"{sheet}!{cell.upper()} 里没有本库的公式，也不是“重算”填写的列；请选中要说明的金额，或含有公式的那一格"
        )
    return f"{sheet}!{cell.upper()}\n{told}"


# ---- a formula


def _of_formula(path: Path, book: Book, sheet: str, spot: Spot) -> str:
    ours = OurFormulas(path, book)
    for formula in ours.found:
        if formula.sheet == sheet and spot in set(formula.spots()):
            told = [_of_call(ours, call, formula, spot) for call in formula.pattern.ours]
            return "\n".join([f"公式：={formula.cell.text}", *dict.fromkeys(told)])
    return ""


def _of_call(ours: OurFormulas, call: Call, formula: OurFormula, spot: Spot) -> str:
    signature, given, unknown = ours.function(call), {}, []
    for name, (argument, told) in ours.arguments(call).items():
        value = ours.single(told, formula)
        if told.kind == "cells" and value is UNKNOWN:
            value = _of_cells(ours, ours.cells_of(told, formula), formula, spot, signature, argument.kind == "numbers")
        given[name] = value
        if value is UNKNOWN or isinstance(value, list) and any(one is UNKNOWN for row in value for one in row):
            unknown.append(argument.label)
    if signature.more:
        why = "这个函数本身就是说明，内容就是这一格显示的文字"
    elif unknown:
        why = f"{signature.alias}：{'、'.join(unknown)}要由表格软件算出，这里说不出是怎样算的；条款如下"
    else:
        why = formulas.WHY(signature.name, **given)
        why = why if isinstance(why, str) else why[0][0]
    bound = ours.bound(call, formula)
    return f"{why}{_cited(bound.policy, bound.binding.measure)}" if isinstance(bound, Bound) else why


def _of_cells(ours: OurFormulas, found, formula: OurFormula, spot: Spot, signature: Signature, is_list: bool):
    """What a range tells this cell: all of it where a table or a list is asked for, else the one in its row."""
    if found is None:
        return UNKNOWN
    grid = ours.values(*found)
    if is_list or signature.takes_tables:
        return grid
    row, column = spot[0] - formula.area[0], spot[1] - formula.area[1]
    line = grid[0] if len(grid) == 1 else grid[row] if row < len(grid) else []
    return line[0] if len(line) == 1 else line[column] if column < len(line) else UNKNOWN


def _cited(policy: Policy, measure: Measure) -> str:
    quote = "……".join(measure.quotes)
    return f"\n依据：{policy.title}，{policy.cite(measure)}" + (f"\n原文：“{quote}”" if quote else "")


# ---- a result that was filled in


def _of_result(path: Path, sheet: str, spot: Spot) -> str:
    ledger = read_ledger(path)
    row, column = spot
    table = next((one for one in ledger.tables if one.sheet.name == sheet and row in one.layout.data.tolist()), None)
    if table is None:
        return ""
    at = table.layout.data.tolist().index(row)
    heads = {key for key, found in table.by_header.items() if found.position == column}
    rows, _ = ready_rows(ledger, table)
    with using(*ledger.settings.layers) as settings:
        policy, _ = named_document(None, settings)
        entitled = entitle(rows, settings)
        told = [
            _of_row(entitled, policy, one, at) for one in entitled.columns
            if heads & {header_key(header) for header in (one.header, f"本次应发{one.signature.alias}")}
        ]  # fmt: skip
    if not told and heads & {header_key(header) for header, _ in entitled.output()}:  # a sum, or the column 依据
        return entitled.bases[at] or "这一行没有应享的事项"
    return "\n".join(told)


def _of_row(entitled: Entitled, policy: Policy, column, row: int) -> str:
    facts, result = {name: cells[row] for name, cells in column.facts.items()}, column.results[row]
    try:
        why = formulas.WHY(column.signature.name, **facts, policy=policy.id, as_of=entitled.days[row])
    except CellError as error:
        why = error.message
    reason = "" if result.error else result.zero_reason
    settled = [f"\n{reason}"] if reason and reason not in why else []
    return "".join([why, *settled, _cited(policy, policy.measures[column.signature.name])])
