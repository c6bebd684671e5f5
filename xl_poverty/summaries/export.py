"""A workbook for the level above: what it shows, and nothing that calculates, links or lies hidden."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from ..errors import CellError, LedgerError
from ..ledger.files import Book, read_book
from ..ledger.filling import check_paths
from ..workbook.fresh import fresh_workbook, sheet_names
from ..workbook.protection import check_written
from ..workbook.saving import saved, state_of
from ..workbook.values_only import ValuesOnly
from ..workbook.xml_text import Unusual

_MOST_PLACES = 10


@dataclass
class Exported:
    """What was exported.

    sheets      sheet -> rows in which anything stands
    formulas    how many formulas became values
    hidden      hidden sheets that were left out
    unresolved  sheet -> cells whose formula shows no result; #N/A in the copy
    errors      sheet -> cells that show an error, as they do in the copy
    """

    target: Path
    sheets: dict[str, int] = field(default_factory=dict)
    formulas: int = 0
    hidden: list[str] = field(default_factory=list)
    unresolved: dict[str, list[str]] = field(default_factory=dict)
    errors: dict[str, list[str]] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)
    backup: Path | None = None


def export(workbook, target=None, hidden: bool = False, keep_errors: bool = False) -> Exported:
    """Write a copy of values: formulas, ours too, as what they show.

    target       an .xlsx; <name>_上报.xlsx beside the workbook without it. One that is there is kept as a backup
    hidden       export hidden sheets too
    keep_errors  export formulas that show an error, or have no result, as they are (#N/A) instead of refusing

    The workbook itself is not touched. Raises LedgerError, nothing written.
    """
    source = Path(workbook)
    target = Path(target) if target else source.with_name(f"{source.stem}_上报.xlsx")
    if target.suffix.lower() != ".xlsx":
        raise LedgerError(f"导出的是 .xlsx，请把 {target.name} 的文件名改成以 .xlsx 结尾")
    check_paths(source, target)
    seen, book = state_of(target), read_book(source)
    found = Exported(target)
    found.hidden = [] if hidden else [sheet.name for sheet in book.sheets if sheet.hidden]
    wanted = [sheet.name for sheet in book.sheets if sheet.name not in found.hidden]
    if not wanted:
        raise LedgerError(f"{source.name} 里的工作表都是隐藏的，没有可以导出的；要导出隐藏的工作表请指明")
    copy, names = _copied(source, book, wanted, found)
    for name in wanted:
        sheet = copy.sheet(names[name])
        found.sheets[name] = sum(1 for _, cells in sheet.rows.values() if b"</c>" in cells)
        found.formulas += sheet.formulas
        found.unresolved |= {name: sheet.unresolved} if sheet.unresolved else {}
        found.errors |= {name: sheet.errors} if sheet.errors else {}
        if sheet.left:
            found.remarks.append(f"“{name}”的{'、'.join(dict.fromkeys(sheet.left))}没有带过去")
    if (found.unresolved or found.errors) and not keep_errors:
        raise LedgerError(_refusal(source.name, found))
    _remark(copy, book, found)
    with saved(target, source=source, backup=True, check=partial(check_written, name=target.name), seen=seen) as output:
        copy.write(output, {names[name]: None for name in wanted})
    found.target, found.backup = output.result.path, output.result.backup
    if output.result.moved_because:
        found.remarks.append(output.result.moved_because)
    return found


def _copied(source: Path, book: Book, wanted: list[str], found: Exported) -> tuple[ValuesOnly, dict[str, str]]:
    """(the workbook as values, what its sheets are called there)."""
    if book.kind == "xlsx":
        try:
            copy = ValuesOnly(source.read_bytes(), source.name)
            for name in wanted:
                copy.sheet(name)
            return copy, {name: name for name in wanted}
        except Unusual:
            pass
    found.remarks.append(f"{source.name} 不是通常写法的 .xlsx，导出的文件里只有内容，没有原来的格式")
    names = dict(zip((sheet.name for sheet in book.sheets), sheet_names(book)))
    for sheet in book.sheets:
        _formulas(sheet, found, sheet.name in wanted)
    return ValuesOnly(fresh_workbook(book), source.name), names


def _formulas(sheet, found: Exported, counts: bool):
    """What the formulas of a sheet come to that is copied without its looks."""
    for row, column in sheet.formulas if counts else ():
        found.formulas += 1
        value = sheet.row(row)[column]
        if isinstance(value, CellError):
            from ..workbook.references import letters_of

            found.errors.setdefault(sheet.name, []).append(f"{letters_of(column)}{row + 1}")


def _refusal(name: str, found: Exported) -> str:
    lines = []
    for told, by_sheet in (("没有算出的结果", found.unresolved), ("显示的是错误值", found.errors)):
        for sheet, places in by_sheet.items():
            shown = "、".join(places[:_MOST_PLACES]) + ("…" if len(places) > _MOST_PLACES else "")
            lines.append(f"  “{sheet}”有{len(places)}个公式{told}：{shown}")
    remedy = "请用 Excel 或 WPS 打开，重算、改正后保存再导出；确要照原样导出，请指明保留错误值"
    return f"{name} 没有导出：\n" + "\n".join(lines) + f"\n{remedy}"


def _remark(copy: ValuesOnly, book: Book, found: Exported):
    if found.formulas:
        found.remarks.append(f"{found.formulas}个公式写成了它显示的结果")
    if copy.links:
        found.remarks.append(f"与{copy.links}个别的工作簿的链接没有带过去，读来的数保留着")
    if copy.others:
        found.remarks.append(f"图表页或宏表没有导出：{'、'.join(copy.others)}")
    hidden = Counter({sheet.name: len(sheet.hidden_rows) for sheet in book.sheets if sheet.name in found.sheets})
    for name, count in (+hidden).items():
        found.remarks.append(f"“{name}”有{count}行是隐藏的，也导出了，仍是隐藏的")
    for sheet in book.sheets:
        if sheet.name in found.sheets and sheet.hidden_columns:
            told = f"“{sheet.name}”有{len(sheet.hidden_columns)}列是隐藏的，也导出了，仍是隐藏的"
            found.remarks.append(f"{told}；不该上报的请先删去")
