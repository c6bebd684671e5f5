"""What is said of a ledger: how it was understood (inspect), and the table of doubts (疑点表)."""
from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from unicodedata import east_asian_width

import numpy as np

from ..errors import LedgerError
from ..workbook.pages import CENTRED, COUNT, ENTRY, NOTE, RED, SHARE, SUBTITLE, TEXT, TITLE, YELLOW, Page, Style
from ..workbook.regenerating import Regenerated, regenerate
from ..workbook.saving import no_data
from .checks import Doubt, checks, doubts, run
from .columns import Column
from .files import read_book
from .reading import DESCRIPTION, DOUBTS, Ledger, LedgerTable, in_processes, read_ledger

SUFFIXES = (".xlsx", ".xlsm", ".xls", ".et", ".csv", ".htm", ".html")

#: the kinds of table in words
_KINDS = {"人员": "人员台账", "户": "按户的台账", "务工": "务工台账（一人可有几行）", "发放": "发放表",
          "其他": "其他表"}  # fmt: skip
#: heads of the 疑点表, and how wide each column is
DOUBT_HEADS = {"序号": 6, "文件": 20, "程度": 6, "工作表": 12, "单元格": 8, "姓名": 10, "填的内容": 20, "检查项": 20,
               "疑点": 36, "怎样处理": 32, "依据": 20, "处理情况": 16}  # fmt: skip
_SHADES = {"错误": RED, "疑点": YELLOW, "提示": "DDEBF7"}
MOST_DOUBTS = 1_000_000  # rows of a sheet, nearly
#: heads of the columns as they were read, and how wide they are
_COLUMN_HEADS = {"位置": 8, "表头": 28, "认作": 22, "有值": 8, "空白": 8, "不能用": 8, "把握": 8, "为什么": 34}
_SECTION = Style(bold=True, size=12, border=False)


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
    lines = []
    for what, told in description(ledger):
        if what == "columns":
            rows = [tuple(_COLUMN_HEADS), *((*row[:-2], f"{row[-2]:.0%}", row[-1]) for row in told)]
            lines += [f"  {line}" for line in aligned([tuple(map(str, row)) for row in rows], range(3, 7)).split("\n")]
        else:
            lines += ["", told] if what == "table" else [f"  {told}" if what == "below" else told]
    return "\n".join(lines)


def description_page(ledger: Ledger) -> Page:
    """The same as a sheet."""
    page = Page(DESCRIPTION, widths=tuple(_COLUMN_HEADS.values()), landscape=True)
    across = len(_COLUMN_HEADS)
    page.put(0, 0, "台账是怎样认的", TITLE, across)
    row, sheet = 1, ""
    looks = TEXT, TEXT, TEXT, COUNT, COUNT, COUNT, SHARE.but(number_format="0%"), TEXT
    for what, told in description(ledger):
        if what == "columns":
            keys = (f"{sheet}!{line[0]}" for line in told)
            row = page.table(row, 0, tuple(_COLUMN_HEADS), told, looks, keys)
        else:
            if what == "table":
                sheet, row = told, row + 1
            if what == "file":
                told = f"文件：{ledger.path.name}"  # how many sheets there are changes with this one
            look = {"table": _SECTION, "file": SUBTITLE}.get(what, NOTE)
            page.put(row, 0, told, look, across)
            row += 1
    return page


def description(ledger: Ledger) -> Iterator[tuple[str, object]]:
    """What is said of a ledger, in its order: file, table, columns (rows), below (of what comes before), note."""
    told = described(ledger)
    kinds = {"xlsx": "Excel 工作簿", "xls": "旧版 Excel 工作簿", "csv": "文本表格（csv）", "html": "网页表格"}
    yield "file", f"文件：{told['file']}（{kinds[told['kind']]}，{len(told['sheets'])} 个工作表）"
    if not told["tables"]:
        yield "note", "没有认出台账：没有哪一行像表头（至少要有几个认得的列名，如 户编号、姓名、证件号码、户类型）"
    for number, table in enumerate(told["tables"]):
        yield "table", _table_title(table, number == told["main"])
        yield "columns", [_column_row(column) for column in table["columns"] if column["field"]]
        unused = [f"{column['cell']}“{column['header']}”" for column in table["columns"] if not column["field"]]
        if unused:
            yield "below", f"没有用到的列：{'、'.join(unused)}"
        if table["dropped"]:
            yield "below", f"未当作数据的行：{_dropped_text(table['dropped'])}"
        if table["hidden_rows"]:
            yield "below", f"有 {table['hidden_rows']} 行是隐藏的，也算在内"
    for question in told["questions"]:
        yield "note", f"待答复：{question['text']}（{question['place']}，可答：{'、'.join(question['choices'])}）"
        yield "below", f"在工作表“核算口径”里写一行“{question['key']}”，或加 --answer \"{question['key']}=…\""
    for remark in told["remarks"]:
        yield "note", f"注意：{remark}"


def _table_title(table: dict, is_main: bool) -> str:
    top, bottom = table["header_rows"]
    rows = f"第{top}行" if top == bottom else f"第{top}—{bottom}行"
    where = f"（第{'—'.join(map(str, table['data_rows']))}行）" if table["rows"] else ""
    counts = [f"数据 {table['rows']} 行{where}"]
    counts += [f"{table[name]} {noun}" for name, noun in (("households", "户"), ("persons", "人")) if table[name]]
    chosen = "，核算用这张表" if is_main else ""
    return f"工作表“{table['sheet']}”：{_KINDS[table['kind']]}，表头{rows}，{'，'.join(counts)}{chosen}"


def _column_row(column: dict) -> tuple:
    unit = f"（{column['unit']}）" if column["unit"] else ""
    counts = (column[name] for name in ("known", "blank", "unusable"))
    return (column["cell"], column["header"], f"{column['label']}{unit}", *counts, column["confidence"], column["how"])


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


def doubts_page(checked: list[Checked]) -> Page:
    """The 疑点表 of one or more files: a line per doubt, in the order of work, with room to note what was done. Raises
    LedgerError where a sheet cannot hold it."""
    read = [one for one in checked if not one.error]
    count = sum(len(one.doubts) for one in read)
    if count > MOST_DOUBTS:
        raise LedgerError(f"疑点有 {count} 处，一张表放不下，请用 --only 分项检查")
    heads = [head for head in DOUBT_HEADS if head != "文件" or len(read) > 1]
    page = Page(DOUBTS, widths=[DOUBT_HEADS[head] for head in heads], landscape=True, freeze=(2, 0), repeat=(1, 1))
    page.filtered = 1, 0, count + 1, len(heads) - 1
    title = f"疑点表：{read[0].file if len(read) == 1 else f'{len(read)} 个文件'}，共 {count} 处"
    page.put(0, 0, title, TITLE.but(horizontal="left", wrap=False))
    shades = {severity: CENTRED.but(fill=fill) for severity, fill in _SHADES.items()}
    rows, keys, seen = [], [], Counter()
    for file, doubt in ((one.file, doubt) for one in read for doubt in one.doubts):
        told = {"序号": len(rows) + 1, "文件": file, "程度": doubt.severity, "工作表": doubt.sheet,
                "单元格": doubt.cell, "姓名": doubt.name, "填的内容": doubt.value, "检查项": doubt.title,
                "疑点": doubt.text, "怎样处理": doubt.remedy, "依据": checks()[doubt.check].source}  # fmt: skip
        rows.append([told.get(head) for head in heads])
        key = f"{file}|{doubt.check}|{doubt.sheet}|{doubt.cell or doubt.row or ''}"
        seen[key] += 1
        keys.append(f"{key}|{seen[key]}")
    page.table(1, 0, heads, rows, [ENTRY if head == "处理情况" else TEXT for head in heads], keys)
    at = heads.index("程度")
    for row in range(2, count + 2):
        page.cells[row, at] = replace(page.cells[row, at], style=shades[page.cells[row, at].value])
    return page


def write_doubts(checked: list[Checked], target: Path) -> Regenerated:
    """The 疑点表 as a workbook; in one that is there already it is brought up to date, what was noted there stays.
    Raises LedgerError where it cannot be written."""
    return regenerate(target, [doubts_page(checked)], read_book(target) if target.exists() else None)


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
