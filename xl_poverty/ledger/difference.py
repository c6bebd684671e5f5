"""补差表: what a household was due under one document, is due under another, and was paid."""
from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from ..errors import CellError
from ..formulas import values
from ..formulas.calls import yuan
from ..formulas.documents import known_function
from ..formulas.office import Layer, Settings, using
from ..formulas.payments import key_of
from ..formulas.signatures import AS_OF, Signature
from ..rules.parameters import Policy
from .entitlements import Entitled, LedgerError, Table, add, entitle
from .filling import check_paths, open_ledger, save, workbook_layers
from .functions import paid_columns, read_table
from .headers import table

AMOUNTS = ("原应享（元）", "现应享（元）", "差额（元）", "已发（元）", "应补（元）", "多发（元）")
HEADS = ("行号", "户编号", "姓名", "事项", *AMOUNTS, "说明")


@dataclass(frozen=True)
class Line:
    """One measure of one row of the ledger. `paid` is None where no roster was given; an amount without a result is
    its CellError."""

    row: int
    household: str
    name: str
    signature: Signature
    old: object
    new: object
    paid: object
    why: str = ""

    @property
    def failed(self) -> CellError | None:
        return next((v for v in (self.old, self.new, self.paid) if isinstance(v, CellError)), None)

    @property
    def difference(self):
        """元, what the new document gives more."""
        return self.failed or yuan(_fen(self.new) - _fen(self.old))

    @property
    def owed(self):
        """元 still to be paid; None where nobody knows what was paid."""
        return self.failed or (None if self.paid is None else yuan(max(0, _fen(self.new) - _fen(self.paid))))

    @property
    def overpaid(self):
        return self.failed or (None if self.paid is None else yuan(max(0, _fen(self.paid) - _fen(self.new))))


@dataclass
class Difference:
    """What `difference` found: the lines, and what they rest on."""

    old: Policy
    new: Policy
    lines: list[Line]
    target: Path | None = None
    remarks: list[str] = field(default_factory=list)

    def total(self, name: str):
        """Sum of old, new, difference, paid, owed or overpaid over the lines that have it; failed ones stand apart."""
        amounts = [getattr(line, name) for line in self.lines if not line.failed]
        return add(amount for amount in amounts if amount is not None)

    @property
    def failed(self) -> int:
        return sum(1 for line in self.lines if line.failed)


def _fen(amount) -> int:
    return round(amount * 100)


def difference(
    source, old: str, new: str, paid=(), target=None, as_of=None, old_as_of=None, measures=None, sheet=None
) -> Difference:  # fmt: skip
    """Compare a ledger under two documents, and with what was paid, and write the 补差表.

    `old`, `new`: documents; `paid`: rosters (.xlsx) with 证件号码, 事项 and 金额; `as_of`, `old_as_of`: the date of the
    event under the new and the old document where the ledger has no date column (the old one's defaults to the first).
    Raises LedgerError, CellError (unknown_policy, and the roster's errors).
    """
    source = Path(source)
    target = Path(target) if target else source.with_name(f"{source.stem}_补差表.xlsx")
    check_paths(source, target)
    ledger = open_ledger(source, sheet)
    day = None if as_of is None else values.read_date(AS_OF, as_of)
    old_day = day if old_as_of is None else values.read_date(AS_OF, old_as_of)
    layers = workbook_layers(ledger, source)
    with using(Layer("选项", new, day), *layers) as settings:
        now = entitle(ledger.rows, settings, None, measures)
        rosters = [_roster(Path(file), settings) for file in paid]
    dates = {name: column for name, column in ledger.rows.fields.items() if name == "event_date"}
    with using(Layer("选项", old, old_day), *layers) as settings:
        rows = Table(ledger.rows.headers, ledger.rows.columns)
        if old_as_of is not None and dates:  # an explicit date of the old document is meant for every row
            rows.fields = {name: column for name, column in rows.fields.items() if name != "event_date"}
        before = entitle(rows, settings, None, measures)
    found = Difference(before.policy, now.policy, [], target)
    found.lines = list(_lines(ledger, before, now, _joined(rosters) if paid else None, found))
    if not found.lines:
        found.remarks.append("两份文件下都没有应享金额，也没有发放记录")
    _write(found)
    return found


def _lines(ledger, before: Entitled, now: Entitled, paid: dict | None, found: Difference):
    """One line per row and measure with anything to tell, in the order of the ledger."""
    by_name = {c.signature.name: (c, None) for c in before.columns}
    for column in now.columns:
        by_name[column.signature.name] = (by_name.get(column.signature.name, (None, None))[0], column)
    ids, households, names = (ledger.rows.get(name) for name in ("id_number", "household_id", "name"))
    if paid is not None and ids is None:
        raise LedgerError("台账没有“证件号码”列，不能与发放表核对")
    left = dict(paid or {})
    for position, number in enumerate(ledger.data_rows):
        for name, (old, new) in by_name.items():
            signature = (old or new).signature
            was, due = (_amount(column, position) for column in (old, new))
            got = None
            if paid is not None:
                got = _paid(ids[position], name, paid, left)
            if was == 0 and due == 0 and not got:
                continue
            yield Line(number, _text(households, position), _text(names, position), signature, was, due, got,
                       _why(new, due, position))  # fmt: skip
    for (_, name), fen in left.items():
        found.remarks.append(f"发放表里有{name}{yuan(fen)}元，台账里没有这个人或这一项，未列入")


def _amount(column, position: int):
    """元, 0 where a document does not have the measure, or the error of the row."""
    if column is None:
        return 0
    result = column.results[position]
    return result.error or result.value


def _why(column, due, position: int) -> str:
    if isinstance(due, CellError):
        return due.message
    if column is None:
        return "新文件没有这一项"
    reason = column.results[position].zero_reason
    return f"{column.clause_label}{f'：{reason}' if reason and not due else ''}"


def _text(column, position: int) -> str:
    return "" if column is None or values.is_blank(column[position]) else str(column[position]).strip()


# ---- rosters


def _roster(file: Path, settings: Settings) -> dict[tuple[str, str], int]:
    """Fen paid by person and measure. Raises LedgerError for a roster that cannot be read or a row without amount."""
    from openpyxl import load_workbook

    if not file.exists():
        raise LedgerError(f"找不到发放表：{file.name}")
    try:
        sheet = load_workbook(file, data_only=True, read_only=True).worksheets[0]
        cells = [list(row) for row in sheet.iter_rows(values_only=True)]
    except Exception as error:  # whatever a damaged file makes the reader stumble over
        raise LedgerError(f"{file.name} 不是能读的工作簿（{type(error).__name__}）") from None
    try:
        found = read_table(cells, "发放表")
        columns = paid_columns(found)
    except CellError as error:
        raise LedgerError(f"发放表 {file.name}：{error.message}") from None
    if "measure" not in columns:
        raise LedgerError(f"发放表 {file.name} 没有“事项”列，分不清发的是哪一项")
    unpaid, sums = table()["words"]["unpaid"], {}
    for row in range(len(found.data)):
        given = {name: found.table.values(column)[row] for name, column in columns.items()}
        if str(given.get("state") or "").strip() in unpaid:
            continue
        try:
            signature = known_function(str(given["measure"] or ""), settings)
        except CellError:
            continue  # other payments
        try:
            person, amount = key_of(given["id_number"]), _paid_amount(given["amount"])
        except CellError as error:
            raise LedgerError(f"发放表 {file.name} 第{found.data[row] + 1}行：{error.message}") from None
        if person is None or amount is None:
            lacking = "证件号码" if person is None else "发放金额"
            raise LedgerError(f"发放表 {file.name} 第{found.data[row] + 1}行缺{lacking}")
        sums[person, signature.name] = sums.get((person, signature.name), 0) + amount
    return sums


def _paid_amount(cell) -> int | None:
    from ..formulas.signatures import find

    if values.is_blank(cell):
        return None
    return round(values.read(find("DUE_NOW").by_name["paid"], cell) * 100)


def _joined(rosters: list[dict]) -> dict:
    sums: dict = {}
    for roster in rosters:
        for key, fen in roster.items():
            sums[key] = sums.get(key, 0) + fen
    return sums


def _paid(id_number, name: str, paid: dict, left: dict):
    """元 paid to the person of a row; its error where the number is of no use."""
    try:
        person = key_of(id_number)
    except CellError as error:
        return error
    left.pop((person, name), None)
    return yuan(paid.get((person, name), 0))


# ---- writing


def _write(found: Difference):
    from openpyxl import Workbook
    from openpyxl.cell.cell import ERROR_CODES
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter

    book = Workbook()
    sheet = book.active
    sheet.title = "补差表"
    old, new = (f"{policy.short_name}（{policy.cited}）" for policy in (found.old, found.new))
    sheet.append([f"补差表：原 {old}，现 {new}"])
    sheet["A1"].font = Font(bold=True, size=14)
    sheet.append(list(HEADS))
    unknown = "未提供发放表，未核对已发"
    for line in found.lines:
        amounts = [line.old, line.new, line.difference, line.paid, line.owed, line.overpaid]
        why = "；".join(filter(None, (line.why, unknown if line.paid is None else "")))
        told = [
            (amount.cell if amount.cell in ERROR_CODES else "#VALUE!") if isinstance(amount, CellError) else amount
            for amount in amounts
        ]
        sheet.append([line.row, line.household, line.name, line.signature.alias, *told, why])
    for cells in sheet.iter_rows(min_row=2):
        for cell in cells:
            cell.alignment = Alignment(vertical="center", wrap_text=cell.row == 2 or cell.column == len(HEADS))
            cell.font = Font(bold=cell.row == 2)
            if 5 <= cell.column <= 10 and cell.row > 2:
                cell.number_format = "#,##0.00" if isinstance(cell.value, float) else "#,##0"
    for position, width in enumerate((7, 18, 12, 18, 13, 13, 12, 12, 12, 12, 50), 1):
        sheet.column_dimensions[get_column_letter(position)].width = width
    sheet.freeze_panes = "A3"
    sheet.auto_filter.ref = f"A2:{get_column_letter(len(HEADS))}{sheet.max_row}"
    save(book, found.target)
