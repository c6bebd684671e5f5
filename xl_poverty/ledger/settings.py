"""What a workbook says for itself: 政策, 业务日期, 口径 and the answers to questions, in its names and in the sheet
核算口径."""
from __future__ import annotations

from ..errors import CellError, LedgerError
from ..formulas.office import WORKBOOK_NAMES, Layer, office_beside, workbook_layer
from .files import Book
from .layout import QUESTIONS

SHEET = "核算口径"


def office_layers(book: Book) -> list[Layer]:
    """The office's defaults that lie beside the workbook."""
    return office_beside(book.path.parent)


def own_layer(book: Book) -> Layer:
    """The defaults that the workbook carries: its names first, then its sheet. Raises LedgerError."""
    found = {name: book.names[name] for name in WORKBOOK_NAMES if name in book.names}
    for name, value in found.items():
        if isinstance(value, CellError):
            raise LedgerError(f"工作簿的名称“{name}”没有指向一个单元格，或那一格是错误值，请改正")
    sheet = next((one for one in book.sheets if one.name == SHEET), None)
    rows = ((*sheet.row(row)[:2], None, None)[:2] for row in range(sheet.height)) if sheet else ()
    try:
        return workbook_layer(found, rows, QUESTIONS)
    except CellError as error:
        raise LedgerError(error.message) from None
