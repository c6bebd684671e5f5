"""What a workbook says for itself: 政策, 业务日期, 口径 and the answers to questions, in its names and in the sheet
核算口径."""
from __future__ import annotations

from ..errors import CellError, LedgerError
from ..formulas.documents import documents
from ..formulas.office import Layer, current, read_office
from ..formulas.signatures import AS_OF, find
from ..formulas.values import is_blank, read_date
from .files import Book
from .layout import QUESTIONS

SHEET = "核算口径"


def office_layers(book: Book) -> list[Layer]:
    """The office's defaults that lie beside the workbook."""
    beside = book.path.with_name("office.toml")
    return [read_office(beside, "台账旁的 office.toml")] if beside.exists() else []


def own_layer(book: Book) -> Layer:
    """The defaults that the workbook carries: its names first, then its sheet. Raises LedgerError."""
    found = {name: book.names[name] for name in ("政策", "业务日期", "口径") if name in book.names}
    for name, value in found.items():
        if isinstance(value, CellError):
            raise LedgerError(f"工作簿的名称“{name}”没有指向一个单元格，或那一格是错误值，请改正")
    readings, answers = {}, {}
    for part in str(found.get("口径") or "").replace("；", ";").split(";"):
        if "=" in part:
            key, choice = part.split("=", 1)
            readings[key.strip()] = choice.strip()
    sheet = next((one for one in book.sheets if one.name == SHEET), None)
    offered = _reading_names() if sheet else ()
    for row in range(sheet.height if sheet else 0):
        key, choice = (*sheet.row(row)[:2], None, None)[:2]
        if not isinstance(key, str) or is_blank(choice):
            continue
        key = key.strip()
        if key in ("政策", "业务日期"):
            if is_blank(found.get(key)):
                found[key] = choice
        elif key.startswith(QUESTIONS):
            answers.setdefault(key, str(choice).strip())
        elif isinstance(choice, str) and key in offered:
            readings.setdefault(key, choice.strip())
    day = found.get("业务日期")
    try:
        day = None if is_blank(day) else read_date(AS_OF, day)
    except CellError as error:
        raise LedgerError(f"工作簿里的业务日期：{error.message}") from None
    return Layer("工作簿", str(found.get("政策") or "").strip(), day, readings, answers=answers)


def _reading_names() -> set[str]:
    """What the first column of the sheet may name: a 口径, or a measure that has one."""
    names = set()
    for policy in documents(current()):
        names |= {reading.name for reading in policy.readings}
        for measure in policy.measures.values():
            if measure.readings:
                signature = find(measure.name)
                alias = signature.alias if signature else measure.alias
                names |= {measure.name, alias} | {reading.name for reading in measure.readings}
    return names
