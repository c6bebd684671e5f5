"""Filling a ledger: the clerk's workbook with the entitlements appended, in a new file."""
from __future__ import annotations

import os
import tempfile
import zipfile
from copy import copy
from dataclasses import dataclass, field
from pathlib import Path

from ..errors import CellError, LedgerError
from ..formulas.documents import documents
from ..formulas.office import Layer, current, read_office, using
from ..formulas.signatures import AS_OF, find, signatures
from ..formulas.values import is_blank, read_date
from ..rules.arguments import fold
from ..rules.parameters import name_key
from .entitlements import BASIS, SUMMED, Entitled, Table, entitle
from .headers import header_hits, header_key, holds_data

SCANNED_ROWS = 15
FEWEST_HEADERS = 3
SETTINGS_SHEET = "核算口径"
#: parts that writing through a workbook model may lose
_FRAGILE = ("xl/drawings/", "xl/charts/", "xl/ctrlProps/", "xl/activeX/", "xl/slicers/", "xl/embeddings/")


@dataclass
class Filled:
    """What `fill` did."""

    target: Path
    sheet: str
    rows: int
    entitled: Entitled
    remarks: list[str] = field(default_factory=list)
    first: list[tuple[int, str]] = field(default_factory=list)  # (row number, basis) of the first explained rows


def default_target(source: Path) -> Path:
    """<name>_已核算.xlsx beside the ledger."""
    return source.with_name(f"{source.stem}_已核算{'.xlsm' if source.suffix.lower() == '.xlsm' else '.xlsx'}")


def fill(
    source, target=None, policy: str = "", as_of=None, measures=None, sheet: str | None = None, progress=None
) -> Filled:
    """Append the entitlements to a copy of the ledger. The ledger itself is never written to.

    Defaults come from the workbook (names 政策, 业务日期, sheet 核算口径), then `policy` and `as_of`, then office.toml
    beside the ledger, then the user's. Raises LedgerError, CellError (unknown_policy), PolicyError.
    """
    source = Path(source)
    target = Path(target) if target else default_target(source)
    check_paths(source, target)
    ledger = open_ledger(source, sheet)
    styled, rows, data_rows = ledger.styled, ledger.rows, ledger.data_rows
    sheet_name, header_row, headers, dropped = ledger.sheet, ledger.header_row, ledger.rows.headers, ledger.dropped
    option = Layer("选项", policy, None if as_of is None else read_date(AS_OF, as_of))
    workbook, *beside = workbook_layers(ledger, source)
    with using(workbook, option, *beside) as settings:
        entitled = entitle(rows, settings, None, measures, progress)
    if not entitled.columns:
        why = "；".join(f"{alias}（{reason}）" for alias, reason in entitled.left_out.items())
        raise LedgerError(f"没有可核算的事项：{why}")
    _write(styled[sheet_name], header_row, headers, data_rows, entitled)
    _write_settings(styled, settings, entitled)
    save(styled, target)
    filled = Filled(target, sheet_name, len(data_rows), entitled)
    filled.remarks += [f"设置不一致：{text}" for text in settings.disagreements(_same_document)]
    filled.remarks += [f"列“{header}”是以前核算的，这次没有更新" for header in _left_over(headers, entitled)]
    if dropped:
        filled.remarks.append(f"未当作数据的行：第{'、'.join(map(str, dropped))}行（合计、说明等）")
    lost = _fragile_parts(source)
    if lost:
        filled.remarks.append(f"原文件里的{lost}可能没有带到核算结果文件；原文件没有改动")
    filled.first = [(data_rows[i], text) for i in range(len(data_rows)) if (text := entitled.basis(i))]
    return filled


# ---- reading


@dataclass
class OpenLedger:
    """A ledger that was read: the workbook twice, and the rows of its table."""

    values: object
    styled: object
    sheet: str
    header_row: int
    rows: Table
    data_rows: list[int]
    dropped: list[int]


def open_ledger(source: Path, sheet: str | None = None) -> OpenLedger:
    """Read the ledger of a workbook. Raises LedgerError."""
    values, styled = _load(source)
    name, header_row, headers = _find_table(values, sheet)
    data_rows, dropped = _data_rows(values[name], header_row, len(headers))
    _check_unit(values[name], header_row)
    columns = [_column(values[name], styled[name], data_rows, c) for c in range(1, len(headers) + 1)]
    return OpenLedger(values, styled, name, header_row, Table(headers, columns), data_rows, dropped)


def workbook_layers(ledger: OpenLedger, source: Path) -> list[Layer]:
    """The defaults that the workbook carries, and the office's beside it."""
    beside = source.with_name("office.toml")
    found = [_workbook_layer(ledger.values)]
    return [*found, read_office(beside, "台账旁的 office.toml")] if beside.exists() else found


def check_paths(source: Path, target: Path):
    if not source.exists():
        raise LedgerError(f"找不到文件：{source.name}")
    if source.name.startswith(("~$", ".~")):
        raise LedgerError(f"{source.name} 是 Excel 或 WPS 打开文件时的临时文件，请改用台账本身")
    if source.suffix.lower() not in (".xlsx", ".xlsm"):
        raise LedgerError(f"目前只能读 .xlsx 和 .xlsm，请先把 {source.name} 另存为 .xlsx")
    if source.resolve() == target.resolve():
        raise LedgerError("输出文件不能是台账自己，请换一个文件名")
    if not target.parent.is_dir():
        raise LedgerError(f"输出文件夹不存在：{target.parent}")


def _load(source: Path):
    """The workbook twice: its values, and its content with formulas for writing."""
    from openpyxl import load_workbook

    try:
        values = load_workbook(source, data_only=True)
        return values, load_workbook(source, keep_vba=source.suffix.lower() == ".xlsm")
    except PermissionError:
        raise LedgerError(f"打不开 {source.name}：文件被占用或没有权限，请关闭后再试") from None
    except Exception as error:  # whatever a damaged file makes the reader stumble over
        raise LedgerError(f"{source.name} 不是能读的工作簿（{type(error).__name__}），可能已损坏或加了密码") from None


def _find_table(workbook, wanted: str | None):
    """(sheet, header row, headers): the row with the most known headers among the first rows of the sheets."""
    if wanted is not None and wanted not in workbook.sheetnames:
        raise LedgerError(f"没有工作表“{wanted}”，有：{'、'.join(workbook.sheetnames)}")
    best = (0, "", 0)
    for sheet in workbook.worksheets:
        if wanted not in (None, sheet.title):
            continue
        for number, cells in enumerate(sheet.iter_rows(min_row=1, max_row=SCANNED_ROWS, values_only=True), 1):
            hits = header_hits(cells)
            if hits > best[0]:
                best = (hits, sheet.title, number)
    hits, name, number = best
    if hits < FEWEST_HEADERS:
        raise LedgerError(
            f"前{SCANNED_ROWS}行里没有找到表头（至少要认出{FEWEST_HEADERS}列，如 户类型、劳动技能、务工去向）；"
            "请核对表头文字，或用 --sheet 指明工作表"
        )
    headers = [cell if cell is not None else "" for cell in next(
        workbook[name].iter_rows(min_row=number, max_row=number, values_only=True))]  # fmt: skip
    while headers and header_key(headers[-1]) == "":
        headers.pop()
    return name, number, headers


def _data_rows(sheet, header_row: int, width: int) -> tuple[list[int], list[int]]:
    """(rows with data, rows that are totals or notes)."""
    rows, dropped = [], []
    for number, cells in enumerate(
        sheet.iter_rows(min_row=header_row + 1, max_col=width, values_only=True), header_row + 1
    ):
        data = holds_data(cells)
        if data is not None:
            (rows if data else dropped).append(number)
    return rows, dropped


def _same_document(one: str, other: str) -> bool:
    return any(name_key(one) in names and name_key(other) in names
               for names in ([name_key(name) for name in policy.names] for policy in documents(current())))  # fmt: skip


def _check_unit(sheet, header_row: int):
    """Figures under a line 单位：万元 are not 元."""
    for cells in sheet.iter_rows(max_row=header_row - 1, values_only=True) if header_row > 1 else ():
        for cell in cells:
            if isinstance(cell, str) and "单位:万元" in fold(cell):
                raise LedgerError("表头上方写着“单位：万元”，目前只能按元核算；请把数字换算成元，并改正单位")


def _column(values, styled, rows: list[int], column: int) -> list:
    """A column's values. A formula that has no result yet is an error, not a blank."""
    cells = []
    for row in rows:
        value = values.cell(row, column).value
        if value is None and styled.cell(row, column).data_type == "f" and values.cell(row, column).data_type == "n":
            why = "公式还没有计算结果，请用 Excel、WPS 或 LibreOffice 打开并保存一次"
            value = CellError("excel_error", why, "#N/A")
        cells.append(value)
    return cells


def _left_over(headers: list, entitled: Entitled) -> list[str]:
    """应享 columns of an earlier run that this one did not compute."""
    new = {header_key(column.header) for column in entitled.columns}
    new |= {header_key(f"应享{nature}合计") for nature in entitled.natures}
    ours = {header_key(f"应享{signature.alias}") for signature in signatures().values()}
    ours |= {header_key(f"应享{nature}合计") for nature in SUMMED}
    return [header for header in headers if header_key(header) in ours - new]


def _workbook_layer(workbook) -> Layer:
    """The defaults that the workbook itself carries: its names, then its sheet 核算口径."""
    found: dict[str, object] = {}
    for name in ("政策", "业务日期", "口径"):
        defined = workbook.defined_names.get(name)
        if defined is None:
            continue
        try:
            sheet, cell = next(iter(defined.destinations))
            found[name] = workbook[sheet][cell.replace("$", "")].value
        except (StopIteration, KeyError, ValueError, AttributeError):
            raise LedgerError(f"工作簿的名称“{name}”没有指向一个单元格，请改正") from None
    readings = {}
    for part in str(found.get("口径") or "").replace("；", ";").split(";"):
        if "=" in part:
            key, choice = part.split("=", 1)
            readings[key.strip()] = choice.strip()
    if SETTINGS_SHEET in workbook.sheetnames:
        offered = _reading_names()
        for cells in workbook[SETTINGS_SHEET].iter_rows(max_col=2, values_only=True):
            key, choice = (*cells, None, None)[:2]
            if not isinstance(key, str) or is_blank(choice):
                continue
            if key.strip() in ("政策", "业务日期"):
                if is_blank(found.get(key.strip())):
                    found[key.strip()] = choice
            elif isinstance(choice, str) and key.strip() in offered:
                readings.setdefault(key.strip(), choice.strip())
    day = found.get("业务日期")
    try:
        day = None if is_blank(day) else read_date(AS_OF, day)
    except CellError as error:
        raise LedgerError(f"工作簿里的业务日期：{error.message}") from None
    return Layer("工作簿", str(found.get("政策") or "").strip(), day, readings)


def _reading_names() -> set[str]:
    """What the first column of the sheet 核算口径 may name: a 口径, or a measure that has one."""
    names = set()
    for policy in documents(current()):
        names |= {reading.name for reading in policy.readings}
        for measure in policy.measures.values():
            if measure.readings:
                names |= {measure.name, _alias(measure)} | {reading.name for reading in measure.readings}
    return names


def _alias(measure) -> str:
    signature = find(measure.name)
    return signature.alias if signature else measure.alias


def _fragile_parts(source: Path) -> str:
    with zipfile.ZipFile(source) as package:
        names = package.namelist()
    kinds = {"图形、按钮或图表": _FRAGILE[:4], "切片器": _FRAGILE[4:5], "嵌入对象": _FRAGILE[5:]}
    return "、".join(kind for kind, parts in kinds.items() if any(n.startswith(parts) for n in names))


# ---- writing


def _write(sheet, header_row: int, headers: list, data_rows: list[int], entitled: Entitled):
    from openpyxl.cell.cell import ERROR_CODES
    from openpyxl.styles import Alignment
    from openpyxl.utils import get_column_letter

    keys = [header_key(header) for header in headers]
    pattern = sheet.cell(header_row, len(headers))
    next_column = len(headers) + 1
    columns = [(c.header, [r.error or r.value for r in c.results]) for c in entitled.columns]
    columns += [(f"应享{n}合计", [entitled.row_sum(n, i) for i in range(len(data_rows))]) for n in entitled.natures]
    columns.append((_basis_header(sheet, keys, data_rows), [entitled.basis(i) for i in range(len(data_rows))]))
    for header, cells in columns:
        if header_key(header) in keys:  # a column of an earlier run is renewed
            position = keys.index(header_key(header)) + 1
        else:
            position, next_column = next_column, next_column + 1
        top = sheet.cell(header_row, position, header)
        _copy_style(pattern, top)
        wide = header.endswith(BASIS)
        top.alignment = Alignment(wrap_text=True, horizontal="center", vertical="center")
        sheet.column_dimensions[get_column_letter(position)].width = 60 if wide else 13
        for row, value in zip(data_rows, cells):
            cell = sheet.cell(row, position)
            _copy_style(sheet.cell(row, len(headers)), cell)  # rows may be banded
            if isinstance(value, CellError):  # files know newer errors only in a form of their own
                value = value.cell if value.cell in ERROR_CODES else "#VALUE!"
            cell.value = value
            cell.number_format = "General" if wide else "#,##0.00" if isinstance(value, float) else "#,##0"
            cell.alignment = Alignment(horizontal="left" if wide else "right", vertical="center")
    if sheet.auto_filter.ref and data_rows:
        first = sheet.auto_filter.ref.split(":")[0]
        sheet.auto_filter.ref = f"{first}:{get_column_letter(next_column - 1)}{data_rows[-1]}"


def _basis_header(sheet, keys: list[str], data_rows: list[int]) -> str:
    """依据, unless the clerk has a column of that name with something else in it."""
    if header_key(BASIS) not in keys:
        return BASIS
    column = keys.index(header_key(BASIS)) + 1
    texts = [str(sheet.cell(row, column).value or "") for row in data_rows]
    ours = all(not text or "（第" in text or "〕" in text for text in texts)
    return BASIS if ours else f"应享{BASIS}"


def _copy_style(source, target):
    if source.has_style:
        target.font, target.border, target.fill = copy(source.font), copy(source.border), copy(source.fill)


def _write_settings(workbook, settings, entitled: Entitled):
    """The effective 政策, 业务日期 and 口径, for whoever opens the file later."""
    sheet = workbook[SETTINGS_SHEET] if SETTINGS_SHEET in workbook.sheetnames else workbook.create_sheet(SETTINGS_SHEET)
    if sheet.max_row == 1 and sheet["A1"].value is None:
        sheet["A1"], sheet["B1"], sheet["C1"] = "项目", "值", "说明"
        sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 22, 26
        sheet.column_dimensions["C"].width = 60
    known = {str(row[0].value).strip() for row in sheet.iter_rows(max_col=1) if row[0].value is not None}
    day, day_origin = settings.first("as_of")
    _, policy_origin = settings.first("policy")
    rows = [("政策", entitled.policy.short_name, f"{entitled.policy.cited}，取自{policy_origin}")]
    if day:
        rows.append(("业务日期", day, f"取自{day_origin}"))
    for reading, choice, because in used_readings(entitled, settings):
        rows.append((reading, choice, because))
    for row in rows:
        if row[0] not in known:
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

