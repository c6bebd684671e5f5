"""The files of many villages as one ledger. Every row of theirs is in it, or is listed with the reason why it is not.

    merged = merge("各村上报", "某镇台账.xlsx", villages="村名单.txt")
    merged.rows_in == merged.rows_out + merged.rows_left     # always
    merged.bad                                               # files that could not be read, and why

Columns are joined by what they mean, those of unknown meaning by their headers. Cells are copied as they are: nothing
is cleaned, converted or filled in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path

from ..errors import LedgerError
from ..ledger.cleaning import text
from ..ledger.files import read_book
from ..ledger.filling import check_paths
from ..ledger.headers import field_of
from ..workbook.long_sheets import LongSheet
from ..workbook.page_workbook import page_workbook
from ..workbook.pages import HEAD, Page
from ..workbook.protection import check_written
from ..workbook.references import MOST_ROWS, letters_of
from ..workbook.saving import saved, state_of
from .gathering import Place, read_files, village_files
from .joining import SOURCE, Merged, joined
from .merging_pages import SHEET, merge_pages

_WIDEST_TEXT = 30
_NO_LEDGER = "不是台账文件（能读 .xlsx、.xlsm、.xls、.et、.csv 和网页表格），没有读"


def merge(
    sources, target, villages=None, progress: Callable[[int, int, str], object] | None = None, kind: str = "",
    hidden: bool = False,
) -> Merged:  # fmt: skip
    """Merge files, or those of folders, into `target`, an .xlsx.

    villages  names of those that are to report: a list, or a file (.txt, .csv, .xlsx) with one in each row
    kind      of the tables that are merged: 人员, 户, 务工 or 发放; "" takes that of the most files
    hidden    merge hidden sheets too

    A file that cannot be read stops nothing: it is in `bad`. A target that is there already is kept as a backup.
    Raises LedgerError where there is nothing to merge, or the result cannot be written.
    """
    target = Path(target)
    if target.suffix.lower() != ".xlsx":
        raise LedgerError(f"合并的结果是 .xlsx，请把 {target.name} 的文件名改成以 .xlsx 结尾")
    seen = state_of(target)
    wanted = None if villages is None else village_names(villages)
    files, others = village_files(sources, target)
    check_paths(files[0][0], target)
    merged = joined(list(read_files(files, progress, hidden)), kind, wanted)
    if others:
        merged.bad += [(name, _NO_LEDGER) for name in others]
    write(merged, target, seen)
    return merged


def village_names(villages) -> list[Place]:
    """(town, village) of a list; the town is "" where the list says none. Raises LedgerError."""
    if not isinstance(villages, (str, Path)):
        return [("", str(name).strip()) for name in villages if str(name).strip()]
    path = Path(villages)
    if path.suffix.lower() == ".txt":
        from ..ledger.files.csv_text import text_of
        from ..workbook.package import file_content

        lines = text_of(file_content(path), path.name).splitlines()
        names = [("", line.strip()) for line in lines if line.strip()]
    else:
        names = list(_listed(path))
    if not names:
        raise LedgerError(f"{path.name} 里没有村名，请一行写一个村")
    return list(dict.fromkeys(names))


def _listed(path: Path) -> Iterator[Place]:
    """From the column under a header of villages, else from the first column."""
    for sheet in read_book(path).sheets:
        rows = [[text(cell).value if cell is not None else None for cell in row] for row in sheet.rows]
        for top, row in enumerate(rows):
            known = {field_of(str(cell)): at for at, cell in enumerate(row) if cell}
            if "village" in known:
                town = known.get("town")
                below = ((row[town] if town is not None else "", row[known["village"]]) for row in rows[top + 1 :])
                yield from ((str(one or "").strip(), str(name).strip()) for one, name in below if name)
                return
        names = [str(row[0]).strip() for row in rows if row and row[0]]
        if names:
            yield from (("", name) for name in names)
            return


# ---- writing


def write(merged: Merged, target: Path, seen=None):
    """The merged ledger with its sheets of reports. Raises LedgerError."""
    if merged.rows_out + 1 > MOST_ROWS:
        raise LedgerError(f"合起来有{merged.rows_out}行，一张工作表最多{MOST_ROWS}行；请分几次合并（如一个乡镇一次）")
    base = page_workbook([_ledger_page(merged), *merge_pages(merged)], keys=False)
    sheet = LongSheet(base, SHEET)
    with saved(target, backup=True, check=partial(check_written, name=target.name), seen=seen) as output:
        sheet.write(output, _rows(merged, sheet), _merged_areas(merged))
    merged.target, merged.backup = output.result.path, output.result.backup
    if output.result.moved_because:
        merged.remarks.append(output.result.moved_because)


def _source_heads(merged: Merged) -> list[str]:
    taken = {column.header for column in merged.columns}
    return [f"{head}（本次合并）" if head in taken else head for head in SOURCE]


def _ledger_page(merged: Merged) -> Page:
    heads = [*(column.header for column in merged.columns), *_source_heads(merged)]
    last = len(heads) - 1
    page = Page(SHEET, _widths(merged), landscape=True, freeze=(1, 0), repeat=(0, 0))
    page.filtered = (0, 0, max(merged.rows_out, 1), last)
    page.row(0, 0, heads, HEAD)
    return page


def _widths(merged: Merged) -> list[float]:
    """By the header and by what stands in the first rows of the first tables."""
    widths = [max(8, min(2 * len(column.header), 16)) for column in merged.columns]
    for part, places in zip(merged.parts[:20], merged.places[:20]):
        for values, place in zip(part.values, places.tolist()):
            texts = [str(value) for value in values[1:20] if value is not None]
            wide = [len(one) + sum(character > "\u2e80" for character in one) + 2 for one in texts]
            widths[place] = max(widths[place], min(max(wide, default=0), _WIDEST_TEXT))
    return [*widths, 26, 16, 8]


def _rows(merged: Merged, sheet: LongSheet) -> Iterator[tuple[bytes, ...]]:
    width = len(merged.columns)
    for part, places in zip(merged.parts, merged.places):
        columns: list[Iterable[bytes]] = [[b""] * len(part)] * width
        for at, place in enumerate(places.tolist()):
            columns[place] = map(sheet.cells(place, part.values[at]).__getitem__, part.codes[at].tolist())
        for at, value in enumerate((part.file, part.sheet)):
            columns.append(sheet.cells(width + at, [value]) * len(part))
        columns.append(sheet.cells(width + len(SOURCE) - 1, part.numbers))
        yield from zip(*columns)


def _merged_areas(merged: Merged) -> Iterator[str]:
    for part, places, start in zip(merged.parts, merged.places, merged.starts):
        for column, first, last in part.merges:
            letters = letters_of(int(places[column]))
            yield f"{letters}{start + first}:{letters}{start + last}"


