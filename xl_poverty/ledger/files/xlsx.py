"""A workbook in .xlsx: its sheets, each read by one of the two readers, and its names."""

from __future__ import annotations

from ...errors import CellError, LedgerError
from ...workbook.package import Package
from ...workbook.references import area_of
from ...workbook.refusals import RESAVE, no_workbook
from .quick import read_quickly
from .sheet import Sheet
from .styles import read_styles
from .thorough import Thorough


def read_xlsx(content: bytes, name: str) -> tuple[list[Sheet], dict[str, object]]:
    package = Package(content, name)
    main = next((part for kind, part in package.related("").values() if kind == "officeDocument"), "xl/workbook.xml")
    if main.lower() not in package.infos or not main.lower().endswith(".xml") or "word/document.xml" in package.infos:
        raise LedgerError(_other_zip(package, name))
    workbook = package.elements(package.read(main))
    if not workbook or workbook[0][0] != "workbook":
        raise LedgerError(no_workbook(name))
    related = package.related(main)
    styles = read_styles(package, related, workbook)
    sheets = []
    for tag, attrs, _ in workbook:
        if tag != "sheet":
            continue
        link = next((value for key, value in attrs.items() if key.rpartition(":")[2] == "id" and ":" in key), "")
        kind, part = related.get(link, ("", ""))
        if kind != "worksheet" or part.lower() not in package.infos:  # charts, dialogs, macros
            continue
        title, hidden = attrs.get("name", ""), attrs.get("state", "visible") != "visible"
        sheet = read_quickly(package, part, title, hidden, styles)
        if sheet is None:
            sheet = Sheet(title, hidden=hidden)
            Thorough(package, sheet, styles).read(package.read(part))
        sheets.append(sheet)
    if not sheets:
        raise LedgerError(f"{name} 里没有工作表，请核对是不是选错了文件")
    return sheets, _names(workbook, sheets)


def _other_zip(package: Package, name: str) -> str:
    parts = package.infos
    if "xl/workbook.bin" in parts:
        return f"{name} 是二进制工作簿（.xlsb），{RESAVE}"
    if "content.xml" in parts:
        return f"{name} 是 OpenDocument 格式（.ods），请用 LibreOffice、Excel 或 WPS 打开，另存为 .xlsx 后再试"
    if "word/document.xml" in parts:
        return f"{name} 是 Word 文档，请把其中的表格复制到 Excel，存为 .xlsx 后再试"
    if "[content_types].xml" in parts:
        return no_workbook(name)
    return f"{name} 是压缩包，请先解压，再选其中的台账"


def _names(workbook, sheets: list[Sheet]) -> dict[str, object]:
    """What the cells of defined names hold. A name that points to no single cell is an error."""
    of = {sheet.name: sheet for sheet in sheets}
    names: dict[str, object] = {}
    for tag, attrs, text in workbook:
        name = attrs.get("name", "")
        if tag != "definedName" or "localSheetId" in attrs or name.startswith("_xlnm."):
            continue
        sheet, _, reference = "".join(text).strip().rpartition("!")
        if sheet[:1] == sheet[-1:] == "'":
            sheet = sheet[1:-1].replace("''", "'")
        area = area_of(reference)
        if sheet in of and area and area[:2] == area[2:]:
            top, left = area[:2]
            inside = top < of[sheet].height and left < of[sheet].width
            names[name] = of[sheet].row(top)[left] if inside else None
        else:
            names[name] = CellError("excel_error", f"工作簿的名称“{name}”没有指向一个单元格，请改正", "#REF!")
    return names
