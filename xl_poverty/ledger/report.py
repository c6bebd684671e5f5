"""What is said of a ledger: how it was understood (inspect), and the table of doubts (疑点表)."""
from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from unicodedata import east_asian_width

import numpy as np

from ..errors import LedgerError
from ..workbook.saving import no_data
from .checks import Doubt, checks, doubts, run
from .columns import Column
from .reading import Ledger, LedgerTable, in_processes, read_ledger

SUFFIXES = (".xlsx", ".xlsm", ".xls", ".et", ".csv", ".htm", ".html")

#: the kinds of table in words
_KINDS = {"人员": "人员台账", "户": "按户的台账", "务工": "务工台账（一人可有几行）", "发放": "发放表",
          "其他": "其他表"}  # fmt: skip
#: heads of the 疑点表, and how wide each column is
DOUBT_HEADS = {"序号": 6, "文件": 20, "程度": 6, "工作表": 12, "单元格": 8, "姓名": 10, "填的内容": 20, "检查项": 20,
               "疑点": 36, "怎样处理": 32, "依据": 20, "处理情况": 16}  # fmt: skip
_LINE = 14  # points


def described(ledger: Ledger) -> dict:
    """How a file was understood, as plain values (for JSON). Nothing of a person's is in it."""
    return {
        "file": ledger.path.name,
        "kind": ledger.kind,
        "policy": ledger.policy.id if ledger.policy else None,
        "sheets": [
            {"name": sheet.name, "hidden": sheet.hidden, "rows": sheet.height, "columns": sheet.width}
            for sheet in ledger.book.sheets
        ],
        "main": ledger.tables.index(ledger.main) if ledger.main else None,
        "tables": [_table(table) for table in ledger.tables],
        "questions": [_question(question) for question in ledger.questions],
        "answers": dict(ledger.answers),
        "remarks": list(ledger.remarks),
    }


def _table(table: LedgerTable) -> dict:
    layout, data = table.layout, table.layout.data
    return {
        "sheet": table.sheet.name,
        "kind": table.kind,
        "title": layout.title,
        "header_rows": [layout.top + 1, layout.bottom + 1],
        "data_rows": [int(data[0]) + 1, int(data[-1]) + 1] if len(data) else None,
        "rows": len(table),
        "households": len(table.households) if table.households is not None else None,
        "persons": len(table.persons) if table.persons is not None else None,
        "hidden_rows": int(np.isin(data, list(table.sheet.hidden_rows)).sum()) if table.sheet.hidden_rows else 0,
        "columns": [_column(table, column) for column in table.columns],
        "dropped": [{"row": row.row + 1, "why": row.why} for row in table.dropped],
        "questions": [_question(question) for question in table.questions],
    }


def _column(table: LedgerTable, column: Column) -> dict:
    told = {
        "cell": f"{column.letter}{table.layout.bottom + 1}",
        "header": column.header,
        "field": column.field.name if column.field else None,
        "label": column.field.label if column.field else None,
        "confidence": round(column.confidence, 2),
        "how": column.how,
        "unit": column.unit,
    }
    if column.field:
        cells = table.cells(column)
        told |= {name: int(np.count_nonzero(getattr(cells, name))) for name in ("known", "blank", "unusable")}
    return told


def _question(question) -> dict:
    return {"key": question.key, "text": question.text, "choices": list(question.choices), "place": question.place}


def described_text(ledger: Ledger) -> str:
    """The same in words for the clerk."""
    told = described(ledger)
    kinds = {"xlsx": "Excel 工作簿", "xls": "旧版 Excel 工作簿", "csv": "文本表格（csv）", "html": "网页表格"}
    lines = [f"文件：{told['file']}（{kinds[told['kind']]}，{len(told['sheets'])} 个工作表）"]
    if not told["tables"]:
        lines.append("没有认出台账：没有哪一行像表头（至少要有几个认得的列名，如 户编号、姓名、证件号码、户类型）")
    for number, table in enumerate(told["tables"]):
        lines += ["", _table_title(table, number == told["main"])]
        lines += [f"  {line}" for line in _columns_text(table["columns"])]
        unused = [f"{column['cell']}“{column['header']}”" for column in table["columns"] if not column["field"]]
        if unused:
            lines.append(f"  没有用到的列：{'、'.join(unused)}")
        if table["dropped"]:
            lines.append(f"  未当作数据的行：{_dropped_text(table['dropped'])}")
        if table["hidden_rows"]:
            lines.append(f"  有 {table['hidden_rows']} 行是隐藏的，也算在内")
    for question in told["questions"]:
        lines.append(f"待答复：{question['text']}（{question['place']}，可答：{'、'.join(question['choices'])}）")
        lines.append(f"  在工作表“核算口径”里写一行“{question['key']}”，或加 --answer \"{question['key']}=…\"")
    lines += [f"注意：{remark}" for remark in told["remarks"]]
    return "\n".join(lines)


def _table_title(table: dict, is_main: bool) -> str:
    top, bottom = table["header_rows"]
    rows = f"第{top}行" if top == bottom else f"第{top}—{bottom}行"
    where = f"（第{'—'.join(map(str, table['data_rows']))}行）" if table["rows"] else ""
    counts = [f"数据 {table['rows']} 行{where}"]
    counts += [f"{table[name]} {noun}" for name, noun in (("households", "户"), ("persons", "人")) if table[name]]
    chosen = "，核算用这张表" if is_main else ""
    return f"工作表“{table['sheet']}”：{_KINDS[table['kind']]}，表头{rows}，{'，'.join(counts)}{chosen}"


def _columns_text(columns: list[dict]) -> Iterable[str]:
    rows = [("位置", "表头", "认作", "有值", "空白", "不能用", "把握", "为什么")]
    for column in columns:
        if not column["field"]:
            continue
        unit = f"（{column['unit']}）" if column["unit"] else ""
        rows.append((
            column["cell"], column["header"], f"{column['label']}{unit}", str(column["known"]), str(column["blank"]),
            str(column["unusable"]), f"{column['confidence']:.0%}", column["how"],
        ))  # fmt: skip
    return aligned(rows, right=range(3, 7)).split("\n")


def _dropped_text(dropped: list[dict]) -> str:
    by_why: dict[str, list[str]] = {}
    for row in dropped:
        by_why.setdefault(row["why"], []).append(str(row["row"]))
    return "；".join(f"第{'、'.join(rows)}行（{why}）" for why, rows in by_why.items())


# ---- doubts


@dataclass
class Checked:
    """What was found in one file; `error` where it could not be read."""

    file: str
    doubts: list[Doubt] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    error: str = ""

    def plain(self) -> dict:
        """As plain values (for JSON), without what stands in the cells and without names."""
        told = ("check", "severity", "group", "sheet", "cell", "row", "title", "text", "remedy")
        doubts = [{name: getattr(doubt, name) for name in told} for doubt in self.doubts]
        return {"file": self.file, "error": self.error or None, "remarks": self.remarks, "doubts": doubts}


def check_file(path: Path, only=None, skip=(), **how) -> Checked:
    """Read one file and check it; `how` as for `read_ledger`."""
    try:
        ledger = read_ledger(path, **how)
    except LedgerError as error:
        return Checked(path.name, error=str(error))
    found = list(doubts(ledger, run(ledger, only, skip)))
    remarks = [*ledger.remarks, *(f"待答复：{question.text}" for question in ledger.questions)]
    if not ledger.tables:
        remarks.append("没有认出台账，只查了单元格错误；用 xl-poverty inspect 看看")
    return Checked(path.name, found, remarks)


def check_files(paths: list[Path], **how) -> Iterator[Checked]:
    """The same of many files, on all cores, in their order."""
    return in_processes(partial(check_file, **how), paths)


def ledger_files(named: Iterable) -> list[Path]:
    """Files, and those in folders, that can be ledgers; each once, without backups and temporary files. Raises
    LedgerError for what is not there."""
    found: dict[Path, None] = {}
    for one in map(Path, named):
        if one.is_dir():
            data = (p for p in one.rglob("*") if not (p.name.startswith(".") or no_data(p.name)))
            inside = sorted(p for p in data if p.suffix.lower() in SUFFIXES)
            if not inside:
                raise LedgerError(f"文件夹 {one.name} 里没有台账文件")
            found.update(dict.fromkeys(inside))
        else:
            found[one] = None
    return list(found)


def doubts_summary(doubts: list[Doubt]) -> str:
    """How many doubts of which kind, and where the first stand."""
    if not doubts:
        return "没有发现疑点"
    severities = Counter(doubt.severity for doubt in doubts)
    lines = ["疑点：" + "、".join(f"{severity} {count} 处" for severity, count in severities.items())]
    rows = [("程度", "检查项", "处", "在哪里")]
    found: dict[tuple[str, str], list[Doubt]] = {}
    for doubt in doubts:
        found.setdefault((doubt.severity, doubt.title), []).append(doubt)
    for (severity, title), same in found.items():
        places = "、".join(dict.fromkeys(f"{doubt.sheet}!{doubt.cell}" for doubt in same[:4]))
        rows.append((severity, title, str(len(same)), places + ("…" if len(same) > 4 else "")))
    return "\n".join([*lines, aligned(rows, right=range(2, 3))])


def write_doubts(checked: list[Checked], target: Path):
    """The 疑点表 of one or more files as a workbook: a line per doubt, in the order of work, with room to note what was
    done. Raises LedgerError where it cannot be written."""
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.properties import PageSetupProperties

    from .filling import save

    read = [one for one in checked if not one.error]
    count = sum(len(one.doubts) for one in read)
    if count > 1_000_000:
        raise LedgerError(f"疑点有 {count} 处，一张表放不下，请用 --only 分项检查")
    heads = [head for head in DOUBT_HEADS if head != "文件" or len(read) > 1]
    book = Workbook(write_only=True)
    sheet = book.create_sheet("疑点表")
    thin = Border(*[Side(style="thin", color="BFBFBF")] * 4)
    colours = {"错误": "F8CBAD", "疑点": "FFE699", "提示": "DDEBF7"}
    fills = {severity: PatternFill("solid", fgColor=colour) for severity, colour in colours.items()}
    wrapped, bold = Alignment(vertical="center", wrap_text=True), Font(bold=True)
    for position, head in enumerate(heads, 1):
        sheet.column_dimensions[get_column_letter(position)].width = DOUBT_HEADS[head]
    sheet.freeze_panes = "A3"
    sheet.auto_filter.ref = f"A2:{get_column_letter(len(heads))}{count + 2}"
    sheet.print_title_rows = "2:2"
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", 9  # A4
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.page_setup.fitToHeight = 0

    def cell(value, font=None, fill=None):
        made = WriteOnlyCell(sheet, value)
        if isinstance(value, str):
            made.data_type = "s"  # a text that begins with = is no formula
        made.border, made.alignment = thin, wrapped
        if font:
            made.font = font
        if fill:
            made.fill = fill
        return made

    title = WriteOnlyCell(sheet, f"疑点表：{read[0].file if len(read) == 1 else f'{len(read)} 个文件'}，共 {count} 处")
    title.font = Font(bold=True, size=14)
    sheet.append([title])
    sheet.append([cell(head, bold, fills["提示"]) for head in heads])
    lines = ((one.file, doubt) for one in read for doubt in one.doubts)
    for number, (file, doubt) in enumerate(lines, 1):
        told = {"序号": number, "文件": file, "程度": doubt.severity, "工作表": doubt.sheet, "单元格": doubt.cell,
                "姓名": doubt.name, "填的内容": doubt.value, "检查项": doubt.title, "疑点": doubt.text,
                "怎样处理": doubt.remedy, "依据": checks()[doubt.check].source}  # fmt: skip
        lines = max(-(-_width(str(told[head] or "")) // (DOUBT_HEADS[head] - 1)) for head in heads if head in told)
        sheet.row_dimensions[number + 2].height = _LINE * max(1, lines)
        sheet.append([cell(told.get(head), fill=fills[doubt.severity] if head == "程度" else None) for head in heads])
    save(book, target)


# ---- a table in a terminal


def aligned(rows: list[tuple], right: Iterable[int] = ()) -> str:
    """A table whose columns line up in a terminal, where a Chinese character is two wide. `right`: the columns that
    are set to the right."""
    widths = [max(_width(row[i]) for row in rows) for i in range(len(rows[0]))]
    right = frozenset(right)
    lines = []
    for row in rows:
        cells = []
        for i, cell in enumerate(row):
            space = " " * (widths[i] - _width(cell))
            cells.append(space + cell if i in right else cell + space)
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)


def _width(text: str) -> int:
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)
