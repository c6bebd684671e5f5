"""Plans of a whole ledger as workbooks: one with an index, or one file per household."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from ..errors import LedgerError
from ..formulas.office import using
from ..ledger.files import Book, read_book
from ..ledger.filling import check_paths
from ..ledger.memory import no_collection
from ..ledger.reading import read_ledger
from ..ledger.rosters import read_paid
from ..workbook.regenerating import Edit, regenerate
from .plan import Plans, plans_of
from .reading import PlanRead, plans_in
from .sheets import INDEX, index_page, plan_page, plan_pages, sheet_names


@dataclass
class PlansMade:
    """What `make_plans` did.

    target   the workbook, or the folder of workbooks
    changed  how many cells were written; 0 where all was as it is to be
    edits    cells in which a clerk's text stands over what is generated
    left     sheets of households that the ledger has no more; they stay
    remark   why the result stands elsewhere than it should
    """

    target: Path
    plans: int
    created: bool = False
    changed: int = 0
    edits: list[Edit] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    backup: Path | None = None
    remark: str = ""
    made: Plans | None = None

    @property
    def conflicts(self) -> list[Edit]:
        return [edit for edit in self.edits if edit.conflict]


def make_plans(
    ledger_path, target=None, separate: bool = False, last=None, paid: Iterable = (), policy: str = "", as_of=None,
    progress=None, sheet: str | None = None, answers=None,
) -> PlansMade:  # fmt: skip
    """A plan for every household of a ledger.

    target    the workbook (<台账>_一户一策.xlsx), or with `separate` the folder (<台账>_一户一策); what is there
              already is brought up to date: what a clerk entered stays
    last      the ledger of the period before, for the comparison of two years
    paid      rosters of what was paid
    progress  called with (done, total, label), while households are read, again while their forms are made
    Raises LedgerError, CellError (unknown_policy), PolicyError.
    """
    source = Path(ledger_path)
    target = Path(target) if target else source.with_name(f"{source.stem}_一户一策{'' if separate else '.xlsx'}")
    check_paths(source, target)
    ledger = read_ledger(source, sheet, policy, answers, as_of)
    before = read_ledger(last, None, policy, answers) if last else None
    with using(*ledger.settings.layers), no_collection():
        files = list(paid)
        found = read_paid(files, ledger.settings) if files else None
        made = plans_of(ledger, before, found, progress)
        if not made.plans:
            raise LedgerError(f"{source.name} 里没有要做一户一策的户：{'；'.join(made.remarks) or '台账是空的'}")
        result = _separate(made, target, progress) if separate else _together(made, target, progress)
    result.remarks = [*ledger.remarks, *made.remarks, *result.remarks]
    result.made = made
    return result


def _together(made: Plans, target: Path, progress) -> PlansMade:
    book = read_book(target) if target.exists() else None
    there = _there(book)
    names = sheet_names(made.plans, {key: plan.sheet for key, plan in there.items()})
    pages = plan_pages(made, names, {key: plan.rows for key, plan in there.items()}, progress)
    done = regenerate(target, pages, book, progress)
    left = [name for name in done.left if name != INDEX]
    return PlansMade(
        done.target, len(made.plans), done.created, done.changed, done.edits, left, [], done.backup, done.remark
    )


def _separate(made: Plans, target: Path, progress) -> PlansMade:
    """A file per household, and one with the index."""
    if target.suffix.lower() in (".xlsx", ".xlsm"):
        raise LedgerError(f"每户一个文件时，输出应是文件夹，不是 {target.name}")
    target.mkdir(exist_ok=True)
    books = {file: read_book(file) for file in sorted(target.glob("*.xlsx")) if not file.name.startswith((".", "~"))}
    there = {key: plan for book in books.values() for key, plan in _there(book).items()}
    known = {key: Path(plan.file).stem for key, plan in there.items()}
    names = sheet_names(made.plans, known)
    result = PlansMade(target, len(made.plans), not books)
    pages, places = [], []
    for done, (plan, name) in enumerate(zip(made.plans, names)):
        if progress:
            progress(done, len(made.plans), plan.name)
        old = there.get(plan.key)
        page, at = plan_page(plan, old.sheet if old else name, False, old.rows if old else None)
        pages.append(page)
        places.append(at)
        _put(result, target / f"{name}.xlsx", [page], books)
    index = index_page(made, names, pages, places, files=True)
    _put(result, target / f"{INDEX}.xlsx", [index], books)
    return result


def _put(result: PlansMade, file: Path, pages: list, books: dict[Path, Book]):
    done = regenerate(file, pages, books.get(file))
    result.changed += done.changed
    result.edits += done.edits


def _there(book: Book | None) -> dict[str, PlanRead]:
    """户编号 -> the plan that a workbook has of it. Raises LedgerError where it has two."""
    found: dict[str, PlanRead] = {}
    for plan in plans_in(book) if book else ():
        if plan.key in found:
            raise LedgerError(f"{book.path.name} 里户编号 {plan.key} 有两份一户一策，请留一份再生成")
        if plan.key:
            found[plan.key] = plan
    return found


