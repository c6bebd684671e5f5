"""From a file to sheets of cells, told by its content and not by its name.

.xlsx has two readers that give the same (tests hold them together), both from the XML. The quick one (`quick`,
`markup`) reads rows with NumPy, as spreadsheet programs write them, and keeps the cells packed by columns; a Sheet
makes Python values of those that are asked for. The thorough one walks the XML with expat. It serves for single cells
and for whole sheets that are written in another way (cells without references, comments, other encodings), and says
what is wrong where something is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from ...errors import LedgerError
from ...workbook.package import file_content
from ...workbook.refusals import RESAVE, no_workbook
from ...workbook.shared_formulas import moved
from .cells import NO_RESULT, error_cell
from .csv_text import read_csv, text_of
from .html_tables import read_html
from .packed import Codes
from .sheet import Sheet
from .temporary import temporary_place
from .xls import OLE, read_xls
from .xlsx import read_xlsx

__all__ = ["NO_RESULT", "Book", "Codes", "Sheet", "error_cell", "moved", "read_book", "temporary_place"]


@dataclass
class Book:
    """A file as it was read. `names`: what the cell of a defined name holds (.xlsx only)."""

    path: Path
    kind: str  # xlsx (.xlsm too), xls (.et too), csv, html
    sheets: list[Sheet]
    names: dict[str, object] = field(default_factory=dict)


def read_book(path) -> Book:
    """Read a file. Raises LedgerError."""
    path = Path(path)
    content = _content(path)
    name = path.name
    if content.startswith(b"PK"):
        sheets, names = read_xlsx(content, name)
        return Book(path, "xlsx", sheets, names)
    if content.startswith(OLE):
        return Book(path, "xls", read_xls(content, name))
    if re.match(rb"\x09[\x00\x02\x04]..\x00\x00", content, re.DOTALL):
        raise LedgerError(f"{name} 是 Excel 5.0 以前的格式，{RESAVE}")
    text = text_of(content, name)
    start = text[:4096].lstrip().lower()
    if start.startswith("mime-version:"):
        raise LedgerError(f"{name} 是单个文件网页（.mht），{RESAVE}")
    if "urn:schemas-microsoft-com:office:spreadsheet" in start and start.startswith("<?xml"):
        raise LedgerError(f"{name} 是 2003 版 XML 表格，{RESAVE}")
    if start.startswith("<") and re.search(r"<(html|table|!doctype html|body|meta|head)\b", start):
        return Book(path, "html", read_html(text, name))
    if start.startswith(("<?xml", "<!doctype", "{\\rtf", "%pdf")):
        raise LedgerError(no_workbook(name))
    return Book(path, "csv", [Sheet(path.stem, read_csv(text, name))])


def _content(path: Path) -> bytes:
    name = path.name
    if name.startswith(("~$", ".~")):
        raise LedgerError(f"{name} 是 Excel 或 WPS 打开文件时的临时文件，请改用台账本身")
    return file_content(path)
