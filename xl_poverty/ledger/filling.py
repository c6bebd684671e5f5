"""Filling a ledger: the clerk's workbook with the entitlements appended, in a new file."""
from __future__ import annotations

import os
import tempfile
import zipfile
from collections import Counter
from copy import copy
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from ..errors import CellError, LedgerError
from ..formulas.documents import documents
from ..formulas.office import current
from ..formulas.signatures import signatures
from ..rules.parameters import name_key
from .checks.registry import SEVERITIES
from .entitlements import BASIS, SUMMED, Entitled, entitle
from .files import temporary_place
from .headers import header_key
from .reading import Ledger, LedgerTable, read_ledger
from .rows import ready_rows
from .settings import SHEET as SETTINGS_SHEET

#: parts that writing through a workbook model may lose
_FRAGILE = ("xl/drawings/", "xl/charts/", "xl/ctrlProps/", "xl/activeX/", "xl/slicers/", "xl/embeddings/")


@dataclass
class Filled:
    """What `fill` did. households: (reckoned, waiting for something to be put right), None where nobody can tell."""

    target: Path
    sheet: str
    rows: int
    entitled: Entitled
    remarks: list[str] = field(default_factory=list)
    first: list[tuple[int, str]] = field(default_factory=list)  # (row number, basis) of the first explained rows
    households: tuple[int, int] | None = None
    ledger: Ledger | None = None


def default_target(source: Path) -> Path:
    """<name>_已核算.xlsx beside the ledger."""
    return source.with_name(f"{source.stem}_已核算{'.xlsm' if source.suffix.lower() == '.xlsm' else '.xlsx'}")


def fill(
    source, target=None, policy: str = "", as_of=None, measures=None, sheet: str | None = None, progress=None,
    answers=None,
) -> Filled:  # fmt: skip
    """Append the entitlements to a copy of the ledger. The ledger itself is never written to.

    Defaults come from the workbook (names 政策, 业务日期, sheet 核算口径), then `policy`, `as_of` and `answers`
    (choices by the key of a question), then office.toml beside the ledger, then the user's. Raises LedgerError,
    CellError (unknown_policy), PolicyError.
    """
    source = Path(source)
    target = Path(target) if target else default_target(source)
    check_paths(source, target)
    ledger = read_ledger(source, sheet, policy, answers, as_of)
    found = main_table(ledger)
    rows, doubts = ready_rows(ledger, found)
    entitled = entitle(rows, ledger.settings, None, measures, progress)
    if not entitled.columns:
        why = "；".join(f"{alias}（{reason}）" for alias, reason in entitled.left_out.items())
        raise LedgerError(f"没有可核算的事项：{why}")
    workbook = _workbook(ledger)
    _write(workbook[found.sheet.name], found, entitled)
    _write_settings(workbook, ledger, entitled)
    save(workbook, target)
    filled = Filled(target, found.sheet.name, len(found), entitled, ledger=ledger)
    filled.households = _households(found, entitled)
    filled.remarks = [*_remarks(ledger, found, entitled), *_doubts_told(doubts)]
    lost = _fragile_parts(source) if ledger.kind == "xlsx" else "格式" if ledger.kind != "csv" else ""
    if lost:
        filled.remarks.append(f"原文件里的{lost}可能没有带到核算结果文件；原文件没有改动")
    filled.first = [(found.row_number(row), text) for row, text in enumerate(entitled.bases) if text]
    return filled


# ---- reading


def check_paths(source: Path, target: Path):
    """Raises LedgerError where the result cannot be put there."""
    if source.resolve() == target.resolve():
        raise LedgerError("输出文件不能是台账自己，请换一个文件名")
    if not target.parent.is_dir():
        raise LedgerError(f"输出文件夹不存在：{target.parent}")
    place = temporary_place(target.parent)
    if place:
        raise LedgerError(f"{source.name} 是在{place}里打开的，结果存在那里会丢，请先把台账另存到自己的文件夹")


def main_table(ledger: Ledger) -> LedgerTable:
    """The table of persons or households. Raises LedgerError without one."""
    if ledger.main is None:
        asked = "".join(f"\n{question.text}（{question.place}）" for question in ledger.questions)
        raise LedgerError(
            f"{ledger.path.name} 里没有找到人员或户的台账（至少要认出几列表头，如 户编号、证件号码、户类型）；"
            f"请核对表头文字，或用 xl-poverty inspect 看看是怎样认的{asked}"
        )
    return ledger.main


def _same_document(one: str, other: str) -> bool:
    return any(name_key(one) in names and name_key(other) in names
               for names in ([name_key(name) for name in policy.names] for policy in documents(current())))  # fmt: skip


def _remarks(ledger: Ledger, found: LedgerTable, entitled: Entitled) -> list[str]:
    """What a clerk should know of a result."""
    told = [*ledger.remarks, *(f"设置不一致：{text}" for text in ledger.settings.disagreements(_same_document))]
    told += [f"列“{header}”是以前核算的，这次没有更新" for header in _left_over(found, entitled)]
    if found.dropped:
        whys = "、".join(Counter(row.why for row in found.dropped))
        numbers = "、".join(str(row.row + 1) for row in found.dropped)
        told.append(f"未当作数据的行：第{numbers}行（{whys}）")
    others = [t.sheet.name for t in ledger.tables if t is not found and t.kind == found.kind and len(t)]
    if others:
        told.append(f"还有同样的表没有核算：{'、'.join(dict.fromkeys(others))}，可用 --sheet 指明工作表")
    told += [f"待答复：{question.text}" for question in found.questions]
    return told


def _doubts_told(doubts) -> list[str]:
    counts = Counter()
    for finding in doubts:
        counts[finding.check.severity] += max(1, len(finding.rows))
    told = "、".join(f"{severity}{counts[severity]}处" for severity in SEVERITIES if counts[severity])
    return [f"台账里有疑点：{told}，用 xl-poverty check 列出"] if told else []


def _households(found: LedgerTable, entitled: Entitled) -> tuple[int, int] | None:
    """(households reckoned, households with a row that waits)."""
    groups = found.households
    if groups is None or not len(groups):
        return None
    failed = np.zeros(len(found), bool)
    for sums in entitled.sums.values():
        failed |= [isinstance(amount, CellError) for amount in sums]
    waiting = int(np.count_nonzero(groups.count(failed)))
    return len(groups) - waiting, waiting


def _left_over(found: LedgerTable, entitled: Entitled) -> list[str]:
    """应享 columns of an earlier run that this one did not compute."""
    new = {header_key(column.header) for column in entitled.columns}
    new |= {header_key(f"应享{nature}合计") for nature in entitled.natures}
    ours = {header_key(f"应享{signature.alias}") for signature in signatures().values()}
    ours |= {header_key(f"应享{nature}合计") for nature in SUMMED}
    return [column.path[-1] for key, column in found.by_header.items() if key in ours - new]


def _fragile_parts(source: Path) -> str:
    with zipfile.ZipFile(source) as package:
        names = package.namelist()
    kinds = {"图形、按钮或图表": _FRAGILE[:4], "切片器": _FRAGILE[4:5], "嵌入对象": _FRAGILE[5:]}
    return "、".join(kind for kind, parts in kinds.items() if any(n.startswith(parts) for n in names))


# ---- writing


def _workbook(ledger: Ledger):
    """The workbook to append to: the clerk's own with everything in it; of another kind of file the bare cells."""
    from openpyxl import Workbook, load_workbook

    if ledger.kind == "xlsx":
        try:
            return load_workbook(ledger.path, keep_vba=ledger.path.suffix.lower() == ".xlsm")
        except Exception as error:  # what could be read may yet be too odd to be written
            why = f"{ledger.path.name} 不能照原样写出（{type(error).__name__}），请另存一份 .xlsx 后再试"
            raise LedgerError(why) from None
    workbook = Workbook()
    workbook.remove(workbook.active)
    for sheet in ledger.book.sheets:
        made = workbook.create_sheet(sheet.name)
        for cells in sheet.rows:
            made.append([cell.cell if isinstance(cell, CellError) else cell for cell in cells])
        for top, left, bottom, right in sheet.merged:
            made.merge_cells(start_row=top + 1, start_column=left + 1, end_row=bottom + 1, end_column=right + 1)
    return workbook


def _write(sheet, found: LedgerTable, entitled: Entitled):
    from openpyxl.cell.cell import ERROR_CODES
    from openpyxl.styles import Alignment
    from openpyxl.utils import get_column_letter

    keys = {key: column.position + 1 for key, column in found.by_header.items()}
    last, top, bottom = found.columns[-1].position + 1, found.layout.top + 1, found.layout.bottom + 1
    numbers = [found.row_number(row) for row in range(len(found))]
    pattern = sheet.cell(top, last)
    next_column = _free_column(found) + 1
    for header, cells in entitled.output(_basis_header(found)):
        wide = header.endswith(BASIS)
        if header_key(header) in keys:  # a column of an earlier run is renewed
            position = keys[header_key(header)]
        else:
            position, next_column = next_column, next_column + 1
            head = sheet.cell(top, position, header)
            _copy_style(pattern, head)
            head.alignment = Alignment(wrap_text=True, horizontal="center", vertical="center")
            if bottom > top:
                sheet.merge_cells(start_row=top, start_column=position, end_row=bottom, end_column=position)
            sheet.column_dimensions[get_column_letter(position)].width = 60 if wide else 13
        for row, value in zip(numbers, cells):
            cell = sheet.cell(row, position)
            _copy_style(sheet.cell(row, last), cell)  # rows may be banded
            if isinstance(value, CellError):  # files know newer errors only in a form of their own
                value = value.cell if value.cell in ERROR_CODES else "#VALUE!"
            cell.value = value
            cell.number_format = "General" if wide else "#,##0.00" if isinstance(value, float) else "#,##0"
            cell.alignment = Alignment(horizontal="left" if wide else "right", vertical="center")
    if sheet.auto_filter.ref and numbers:
        first = sheet.auto_filter.ref.split(":")[0]
        sheet.auto_filter.ref = f"{first}:{get_column_letter(next_column - 1)}{numbers[-1]}"


def _free_column(found: LedgerTable) -> int:
    """Position of the first column, from 0, that is free beside the table: behind its last one, or behind all that
    stands to its right."""
    after = found.columns[-1].position + 1
    rows = np.concatenate([np.arange(found.layout.top, found.layout.bottom + 1), found.layout.data])
    taken = [c for c in range(after, found.sheet.width) if found.sheet.column(c).codes[rows].any()]
    return taken[-1] + 2 if taken else after


def _basis_header(found: LedgerTable) -> str:
    """依据, unless the clerk has a column of that name with something else in it."""
    column = found.by_header.get(header_key(BASIS))
    if column is None:
        return BASIS
    codes, cells = found.raw(column)
    texts = [str(cells[code] or "") for code in np.unique(codes)]
    ours = all(not text or "（第" in text or "〕" in text for text in texts)
    return BASIS if ours else f"应享{BASIS}"


def _copy_style(source, target):
    if source.has_style:
        target.font, target.border, target.fill = copy(source.font), copy(source.border), copy(source.fill)


def _write_settings(workbook, ledger: Ledger, entitled: Entitled):
    """The effective 政策, 业务日期, 口径 and answers, for whoever opens the file later; what waits for an answer."""
    sheet = workbook[SETTINGS_SHEET] if SETTINGS_SHEET in workbook.sheetnames else workbook.create_sheet(SETTINGS_SHEET)
    if sheet.max_row == 1 and sheet["A1"].value is None:
        sheet["A1"], sheet["B1"], sheet["C1"] = "项目", "值", "说明"
        sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 22, 26
        sheet.column_dimensions["C"].width = 60
    known = {str(row[0].value).strip() for row in sheet.iter_rows(max_col=1) if row[0].value is not None}
    settings = ledger.settings
    day, day_origin = settings.first("as_of")
    _, policy_origin = settings.first("policy")
    rows = [("政策", entitled.policy.short_name, f"{entitled.policy.cited}，取自{policy_origin}")]
    if day:
        rows.append(("业务日期", day, f"取自{day_origin}"))
    for reading, choice, because in used_readings(entitled, settings):
        rows.append((reading, choice, because))
    rows += [(key, choice, "已答复") for key, choice in ledger.answers.items()]
    for question in ledger.questions:
        rows.append((question.key, None, f"{question.text}请在左边填：{'、'.join(question.choices)}"))
    for row in rows:
        if row[0] not in known:
            known.add(row[0])
            sheet.append(row)


def used_readings(entitled: Entitled, settings) -> list[tuple[str, str, str]]:
    """(口径, choice, why) of every reading that the computed measures rest on."""
    from ..formulas.calls import bind_function

    found = {}
    for column in entitled.columns:
        binding = bind_function(column.signature, entitled.policy.id, None, settings).binding
        measure = entitled.policy.measures[column.signature.name]
        for name, choice in binding.readings.items():
            shared = any(r.name == name for r in entitled.policy.readings)
            label = name if shared else column.signature.alias
            found.setdefault(label, (label, choice, entitled.policy.reading(measure, name).because))
    return list(found.values())


def save(workbook, target: Path):
    """Whole or not at all: into a temporary file beside the target, then renamed."""
    handle, name = tempfile.mkstemp(prefix=".", suffix=".tmp", dir=target.parent)
    os.close(handle)
    try:
        workbook.save(name)
        os.chmod(name, 0o666 & ~_umask())
        os.replace(name, target)
    except PermissionError:
        raise LedgerError(f"写不进 {target.name}：文件可能正在 Excel 或 WPS 里打开，请关闭后再试") from None
    finally:
        if os.path.exists(name):
            os.unlink(name)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask

