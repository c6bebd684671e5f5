"""汇总: what ledgers come to, by village, by town and in all, under the documents they are kept by.

    summary = summarise([read_ledger("某村台账.xlsx")])
    summary.figure("户数人数", "脱贫户／户数", village="甲村")   # Figure(value=12, sources=(…rows of the ledger…))
    pages = summary_pages(summary)

Which blocks there are follows from what the document has and what the ledgers have columns for; what they cannot tell
is listed as 未统计 with the reason, it is not 0. Amounts that are due never enter incomes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from ..errors import CellError, LedgerError
from ..formulas.documents import named_document
from ..formulas.office import using
from ..ledger.files import read_book
from ..ledger.filling import check_paths, main_table
from ..ledger.reading import Ledger, in_processes, read_ledger
from ..ledger.report import ledger_files
from ..ledger.rosters import Paid, read_paid
from ..workbook.regenerating import Regenerated, regenerate
from .blocks import INPUT_SHEET, Summary
from .composing import Composer
from .details import read_details


@dataclass
class SummaryMade:
    """What `summarise_files` did; failed: files that could not be read, each with its reason."""

    summary: Summary
    made: Regenerated
    failed: list[tuple[str, str]] = field(default_factory=list)

    @property
    def target(self) -> Path:
        return self.made.target


def summarise(
    ledgers: Sequence[Ledger], *, last: Sequence[Ledger] = (), paid: Paid | None = None, plans: Iterable = (),
    farmers: Sequence | None = None, inputs: Mapping[str, object] | None = None,
    typed: Mapping[tuple[str, str], object] | None = None, progress: Callable | None = None,
) -> Summary:  # fmt: skip
    """Sum up ledgers.

    last      last year's ledgers, to compare with
    paid      what was paid (`ledger.rosters.read_paid`); without it 兑现率 is 未核对
    plans     filled plans as they were read, for the state of measures
    farmers   income per head of the farmers, (last year's, this year's), in 元
    inputs    other figures from elsewhere, by the argument's name or label (全国增幅, 上年收入下降户数 …)
    typed     the same by (document, label), as they stand in a summary made before; all else comes first

    Raises LedgerError (no ledger, no table, expired document without 业务日期), CellError unknown_policy.
    """
    if not ledgers:
        raise LedgerError("没有可汇总的台账")
    found = read_details(ledgers, last, paid, plans, progress)
    given = dict(inputs or {})
    if farmers is not None:
        given |= {"farmer_last": farmers[0], "farmer_this": farmers[1]}
    return Composer(ledgers, found, given, dict(typed or {}), paid).summary()


# ---- files


def summarise_files(
    paths: Iterable, target, policy: str = "", as_of=None, last: Iterable = (), paid: Iterable = (),
    plans: Iterable = (), farmers: Sequence | None = None, answers=None, progress: Callable | None = None,
) -> SummaryMade:  # fmt: skip
    """Sum up files and folders of ledgers, and put the sheets into the target, which may be the clerk's own workbook,
    or the ledger itself where it is named.

    A file that cannot be read is told and the others are summed up; where none can be, it is raised. Raises
    LedgerError, CellError, PolicyError.
    """
    from .summary_pages import summary_pages

    target = Path(target)
    named = {Path(path).resolve() for path in paths}
    files = [file for file in ledger_files(paths) if file.resolve() != target.resolve() or file.resolve() in named]
    for file in files:
        check_paths(file, target, in_place=file.resolve() == target.resolve())
    ledgers, failed = [], []
    for file, read in zip(files, in_processes(partial(_read, policy=policy, answers=answers, as_of=as_of), files)):
        failed.append((file.name, read)) if isinstance(read, str) else ledgers.append(read)
    if not ledgers:
        raise LedgerError("；".join(f"{name}：{why}" for name, why in failed) or "没有可汇总的台账")
    before = [read_ledger(file, policy=policy, answers=answers) for file in ledger_files(last)]
    payments = None
    if paid:
        with using(*ledgers[0].settings.layers) as settings:
            payments = read_paid(list(paid), settings)
    book = read_book(target) if target.exists() else None
    told = {"farmers": farmers, "typed": _typed_before(book), "progress": progress}
    summary = summarise(ledgers, last=before, paid=payments, plans=_plans_of(plans), **told)
    return SummaryMade(summary, regenerate(target, summary_pages(summary, failed), book), failed)


def _read(file: Path, policy: str, answers, as_of) -> Ledger | str:
    """A ledger with a table and a document, or why there is none."""
    try:
        ledger = read_ledger(file, policy=policy, answers=answers, as_of=as_of)
        main_table(ledger)
        named_document(None, ledger.settings)
        return ledger
    except LedgerError as error:
        return str(error)
    except CellError as error:
        return error.message


def _typed_before(book) -> dict[tuple[str, str], object]:
    """(document, label) -> what stands in the sheet of figures from elsewhere of a summary made before."""
    sheet = next((one for one in book.sheets if one.name == INPUT_SHEET), None) if book else None
    found = {}
    for row in range(sheet.height if sheet else 0):
        label, value, _, document, *_ = (*sheet.row(row), None, None, None, None)
        if isinstance(label, str) and isinstance(document, str) and value not in (None, ""):
            found[document, label] = value
    return found


def _plans_of(paths: Iterable) -> list:
    from ..plans import read_plans

    return [plan for path in paths for plan in read_plans(path)]
