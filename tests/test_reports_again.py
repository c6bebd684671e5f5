"""What is made of a ledger is made again: nothing changes where nothing has changed, and what somebody typed stays."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from xl_poverty.plans import make_plans
from xl_poverty.summaries.audit import audit
from xl_poverty.summaries.notice import notice
from xl_poverty.summaries.periods import compare_periods
from xl_poverty.summaries.roster import roster
from xl_poverty.summaries.summary import summarise_files
from xl_poverty.workbook.regenerating import EDITS

WORKBOOKS = Path(__file__).parents[1] / "workbooks"
LEDGER, LAST, PAID = (WORKBOOKS / f"奉节县{name}.xlsx" for name in ("台账", "台账_上期", "发放表"))
TYPED = "李书记核过"



def plans(target: Path):
    """Of the first households: openpyxl, which types in this test, takes its time for each sheet."""
    few = target.parent / "台账" / LEDGER.name
    if not few.exists():
        few.parent.mkdir()
        book = openpyxl.load_workbook(LEDGER)
        book.worksheets[0].delete_rows(20, 400)
        book.save(few)
    return make_plans(few, target, last=LAST, paid=[PAID])


REPORTS = {
    "plan": plans,
    "summary": lambda target: summarise_files([LEDGER], target, last=[LAST], paid=[PAID]).made,
    "roster": lambda target: roster(LEDGER, None, target, paid=[PAID]).written,
    "notice": lambda target: notice(LEDGER, None, target, start="2023-12-01", paid=[PAID]).written,
    "audit": lambda target: audit(PAID, LEDGER, target=target).written,
    "compare": lambda target: compare_periods(LAST, LEDGER, target).written,
}


def typed_into(target: Path) -> list[tuple[str, str]]:
    """Type into a blank and over a text of every third sheet; (sheet, cell) of what was typed."""
    book = openpyxl.load_workbook(target)
    found = []
    for sheet in book.worksheets[::3]:
        if sheet.sheet_state != "visible" or sheet.title == EDITS:
            continue
        cells = [cell for row in sheet.iter_rows(min_row=3) for cell in row
                 if not isinstance(cell, openpyxl.cell.cell.MergedCell)
                 and not sheet.column_dimensions[cell.column_letter].hidden]  # fmt: skip
        blank = next((cell for cell in reversed(cells) if cell.value is None), None)
        texts = (cell for cell in reversed(cells) if isinstance(cell.value, str) and cell.value[0] not in "=§")
        text = next(texts, None)
        for cell in (blank, text):
            if cell is not None:
                cell.value = TYPED
                found.append((sheet.title, cell.coordinate))
    book.save(target)
    return found


@pytest.mark.parametrize("report", REPORTS)
def test_again(report, tmp_path):
    target = tmp_path / "结果.xlsx"
    REPORTS[report](target)
    before = target.read_bytes()
    again = REPORTS[report](target)
    assert again.changed == 0 and not again.edits and target.read_bytes() == before
    assert [file.name for file in tmp_path.glob("*.xlsx")] == [target.name]  # no backup

    typed = typed_into(target)
    again = REPORTS[report](target)
    book = openpyxl.load_workbook(target)
    assert len(typed) >= 2 and all(book[sheet][cell].value == TYPED for sheet, cell in typed)
    assert {(edit.sheet, edit.place) for edit in again.edits} <= set(typed)
    before = target.read_bytes()
    REPORTS[report](target)
    assert target.read_bytes() == before
