"""补差表: what a household was due under one document, is due under another, and was paid."""
from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from ..errors import CellError, LedgerError
from ..formulas import values
from ..formulas.calls import yuan
from ..formulas.office import Layer, using
from ..formulas.signatures import AS_OF, Signature
from ..rules.parameters import Policy
from .entitlements import Entitled, add, entitle
from .filling import check_paid, check_paths, main_table, save
from .paid import placed
from .reading import read_ledger
from .rosters import Paid, persons_of, read_paid
from .rows import Rows, ready_rows

AMOUNTS = ("原应享（元）", "现应享（元）", "差额（元）", "已发（元）", "应补（元）", "多发（元）")
FIGURES = ("old", "new", "difference", "paid", "owed", "overpaid")
PAID_FIGURES = FIGURES[3:]
UNKNOWN = "未提供发放表，未核对已发"
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
        return None if self.paid is None else self.failed or yuan(max(0, _fen(self.new) - _fen(self.paid)))

    @property
    def overpaid(self):
        return None if self.paid is None else self.failed or yuan(max(0, _fen(self.paid) - _fen(self.new)))


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
    check_paid(paid, target)
    ledger = read_ledger(source, sheet)
    rows, _ = ready_rows(ledger, main_table(ledger))
    day = None if as_of is None else values.read_date(AS_OF, as_of)
    old_day = day if old_as_of is None else values.read_date(AS_OF, old_as_of)
    layers = ledger.settings.layers
    with using(Layer("选项", new, day), *layers) as settings:
        now = entitle(rows, settings, None, measures)
        roster = read_paid(paid, settings)
    with using(Layer("选项", old, old_day), *layers) as settings:
        # an explicit date of the old document is meant for every row
        dated = rows if old_as_of is None else rows.leaving_out("event_date")
        before = entitle(dated, settings, None, measures)
    found = Difference(before.policy, now.policy, [], target)
    pairs = _pairs(before, now, measures, found)
    found.lines = list(_lines(rows, now.policy, pairs, roster if paid else None))
    found.remarks += _not_in_force(before, "原", "，可用 --old-as-of 指明原文件的业务日期") + _not_in_force(now, "现")
    found.remarks += roster.remarks(rows, {signature.name for signature, _, _ in pairs})
    if not found.lines:
        found.remarks.append("两份文件下都没有应享金额，也没有发放记录")
    _write(found)
    return found


def _pairs(before: Entitled, now: Entitled, asked, found: Difference) -> list[tuple]:
    """(signature, old column, new column) of the measures that can be compared: both columns are known, or a document
    does not have the measure. What cannot be compared is remarked."""
    columns = {c.signature.name: [c.signature, c, None] for c in before.columns}
    for column in now.columns:
        columns.setdefault(column.signature.name, [column.signature, None, None])[2] = column
    lacking = {}
    for entitled, label in ((before, "原"), (now, "现")):
        for alias, reason in entitled.left_out.items():
            if reason.startswith("缺列"):
                lacking[alias] = f"{label}文件要的列台账里没有（{reason.removeprefix('缺列：')}）"
    pairs = [tuple(pair) for pair in columns.values() if pair[0].alias not in lacking]
    if not pairs:
        why = lacking or {**before.left_out, **now.left_out}
        told = "；".join(f"{alias}（{reason}）" for alias, reason in why.items())
        raise LedgerError(f"没有可比较的事项{f'：{told}' if told else ''}")
    compared = {signature.alias for signature, _, _ in pairs}
    told = {s.alias for s, _, _ in columns.values()} | set([*before.left_out, *now.left_out] if asked else ())
    for alias, reason in {**before.left_out, **now.left_out, **lacking}.items():
        if alias in told - compared:
            found.remarks.append(f"未比较 {alias}：{reason}")
    return pairs


def _not_in_force(entitled: Entitled, label: str, remedy: str = "") -> list[str]:
    outside = {row for column in entitled.columns for row, result in enumerate(column.results)
               if result.zero_reason == "不在政策有效期内"}  # fmt: skip
    policy = entitled.policy
    told = f"{label}文件（{policy.short_name}）：有{len(outside)}行的业务日期不在有效期内，应享按0计{remedy}"
    return [told] if outside else []


def _lines(ledger: Rows, policy: Policy, pairs: list[tuple], paid: Paid | None):
    """One line per row and measure with anything to tell, in the order of the ledger."""
    ids, households, names = (ledger.get(name) for name in ("id_number", "household_id", "name"))
    if paid is not None and ids is None:
        raise LedgerError("台账没有“证件号码”列，不能与发放表核对")
    persons = persons_of(ids) if paid is not None else []
    placements = []
    for signature, old, new in pairs if paid is not None else ():
        claims = [_amount(old, row) != 0 or _amount(new, row) != 0 for row in range(ledger.count)]
        column = new or old
        of_household = column.payee == "户"
        got = placed(ledger.table, persons, claims, lambda person, _, name=signature.name: paid.of(person, name),
                     signature.alias, of_household)  # fmt: skip
        placements.append([fen if isinstance(fen, CellError) else yuan(fen) for fen in got])
    for row, number in enumerate(map(ledger.table.row_number, range(ledger.count))):
        for place, (signature, old, new) in enumerate(pairs):
            was, due = _amount(old, row), _amount(new, row)
            got = placements[place][row] if paid is not None else None
            if was == 0 and due == 0 and not got:
                continue
            why = _failure(was, due, got) or _basis(policy, new, row)
            yield Line(number, _text(households, row), _text(names, row), signature, was, due, got, why)


def _amount(column, row: int):
    """元, 0 where a document does not have the measure, or the error of the row."""
    if column is None:
        return 0
    result = column.results[row]
    return result.error or result.value


def _failure(was, due, got) -> str:
    """What must be put right, named by its figure unless all errors are one."""
    amounts = {"原应享": was, "现应享": due, "已发": got}
    told = {label: amount.message for label, amount in amounts.items() if isinstance(amount, CellError)}
    if len(told) > 1 and len(set(told.values())) == 1:
        return next(iter(told.values()))
    return "；".join(f"{label}：{message}" for label, message in told.items())


def _basis(policy: Policy, column, row: int) -> str:
    if column is None:
        return "现文件没有这一项"
    result, cited = column.results[row], policy.cite(policy.measures[column.signature.name])
    return f"{cited}：{result.zero_reason}" if result.zero_reason and not result.value else cited


def _text(column, row: int) -> str:
    cell = None if column is None else column[row]
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    return "" if values.is_blank(cell) else str(cell).strip()


# ---- writing


def _write(found: Difference):
    from openpyxl import Workbook
    from openpyxl.cell.cell import ERROR_CODES
    from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.properties import PageSetupProperties

    book = Workbook()
    sheet = book.active
    sheet.title = "补差表"
    old, new = (f"{policy.short_name}（{policy.cited}）" for policy in (found.old, found.new))
    sheet.append([f"补差表：原 {old}，现 {new}"])
    sheet["A1"].font = Font(bold=True, size=14)
    sheet.append(list(HEADS))
    unknown = any(line.paid is None for line in found.lines)
    for line in found.lines:
        told = [
            (amount.cell if amount.cell in ERROR_CODES else "#VALUE!") if isinstance(amount, CellError) else amount
            for amount in (getattr(line, name) for name in FIGURES)
        ]
        sheet.append([line.row, line.household, line.name, line.signature.alias, *told, line.why])
        for cell in sheet[sheet.max_row][1:4]:
            cell.data_type = "s"  # a text that begins with = is no formula
    last = sheet.max_row
    sums = [None if unknown and name in PAID_FIGURES else found.total(name) for name in FIGURES]
    waiting = f"另有{found.failed}项待改，未计入合计" if found.failed else None
    sheet.append(["合计", None, None, None, *sums, waiting])
    for text in (*([UNKNOWN] if unknown else ()), *found.remarks):
        sheet.append([f"注：{text}"])
    thin = Border(*[Side(style="thin", color="BFBFBF")] * 4)
    for cells in sheet.iter_rows(min_row=2, max_row=last + 1):
        for cell in cells:
            bold, amount = cell.row in (2, last + 1), 5 <= cell.column <= 10
            cell.font, cell.border = Font(bold=bold), thin
            across = "center" if cell.row == 2 else "right" if amount else "left"
            indent = int(cell.row > 2 and cell.column == len(HEADS))
            cell.alignment = Alignment(across, "center", wrap_text=cell.row == 2 or not amount, indent=indent)
            if amount:
                cell.number_format = "#,##0.00" if isinstance(cell.value, float) else "#,##0"
    for cell in sheet[2]:
        cell.fill = PatternFill("solid", fgColor="DDEBF7")
    for position, width in enumerate((7, 18, 12, 18, 12, 12, 12, 12, 12, 12, 46), 1):
        sheet.column_dimensions[get_column_letter(position)].width = width
    sheet.freeze_panes = "A3"
    sheet.auto_filter.ref = f"A2:{get_column_letter(len(HEADS))}{max(last, 3)}"
    sheet.print_title_rows = "2:2"
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", sheet.PAPERSIZE_A4
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.page_setup.fitToHeight = 0
    save(book, found.target)
