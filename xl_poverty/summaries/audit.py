"""The audit of a roster: each line reckoned again from the ledger, and what speaks against it."""
from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ..errors import CellError, LedgerError
from ..formulas import values
from ..formulas.calls import bind_function, yuan
from ..formulas.documents import named_document
from ..formulas.office import Layer, using
from ..formulas.signatures import AS_OF
from ..ledger.entitlements import SUMMED, Entitled, MeasureColumn, add, entitle
from ..ledger.filling import check_paid, check_paths, main_table
from ..ledger.reading import Ledger, read_ledger
from ..ledger.rosters import Entry, Paid, entries, read_paid, roster_tables
from ..ledger.rows import Rows, ready_rows
from ..rules.parameters import Policy
from ..rules.sentence import amount_text
from ..workbook.pages import (
    CENTRED,
    COUNT,
    DAY,
    GREEN,
    MONEY,
    RED,
    TEXT,
    YELLOW,
    Colouring,
    Page,
)  # fmt: skip
from .notice import basis_lines, roster_policy
from .roster import Approved, said

RIGHT, OVER, UNDER, TWICE, NOT_DUE, LEFT, READING, STRANGER, UNKNOWN = VERDICTS = (
    "一致", "多发", "少发", "重复", "不符合条件", "人员状态", "口径不同", "台账无此人", "无法核算")  # fmt: skip
_HEADS = {
    "发放表行号": 8, "工作表": 12, "享受人": 10, "事项": 16, "发放金额（元）": 12, "复核应发（元）": 12,
    "差额（元）": 12, "结论": 12, "台账行号": 8, "业务日期": 11, "依据": 27, "说明": 50,
}  # fmt: skip


@dataclass(frozen=True)
class AuditLine:
    """One line of a roster.

    due         元 that should be paid there; None where it cannot be told
    difference  元 paid beyond it, negative where too little; None where it cannot be told
    ledger_row  the row of the ledger that it rests on, as the sheet numbers it; None without one
    """

    row: int
    sheet: str
    name: str
    alias: str
    amount: object
    due: object
    verdict: str
    ledger_row: int | None
    day: dt.date | None
    cited: str
    why: str

    @property
    def difference(self):
        return None if self.due is None or self.amount is None else add([self.amount, -self.due])


@dataclass
class Audit:
    """What `audit` found. checked: were other payments given to compare with?"""

    policy: Policy
    roster: Path
    ledger: Path
    checked: bool
    lines: list[AuditLine] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    target: Path | None = None
    written: object = None  # what became of the workbook: workbook.regenerating.Regenerated

    def sums(self) -> list[tuple[str, int, object, object]]:
        """(verdict, lines, 元 paid, 元 of differences) of every verdict that occurs; what is not known is left out."""
        found = []
        for verdict in VERDICTS:
            lines = [line for line in self.lines if line.verdict == verdict]
            if lines:
                found.append((verdict, len(lines), _sum(line.amount for line in lines),
                              _sum(line.difference for line in lines)))  # fmt: skip
        return found


def audit(
    roster, ledger, paid=(), target=None, policy: str = "", as_of=None, sheet: str | None = None, answers=None,
) -> Audit:  # fmt: skip
    """Reckon each line of a roster again from the ledger and write what was found.

    The day of a line is that of the roster's 核算依据 or 业务日期, else the ledger's own or `as_of`. `paid`: other
    rosters and national exports, against payments that were made before. Raises LedgerError, CellError.
    """
    from ..ledger.files import read_book
    from ..workbook.regenerating import regenerate

    source, book = Path(roster), Path(ledger)
    target = Path(target) if target else source.with_name(f"{source.stem}_复核.xlsx")
    check_paths(source, target)
    check_paths(book, target)
    check_paid(paid, target)
    made = make_audit(source, book, paid, policy, as_of, sheet, answers)
    made.written = regenerate(target, audit_pages(made), read_book(target) if target.exists() else None)
    made.target = made.written.target
    return made


def make_audit(source: Path, book: Path, paid=(), policy="", as_of=None, sheet=None, answers=None) -> Audit:
    """The audit without a workbook."""
    listed = read_ledger(source, policy=policy)
    ledger = read_ledger(book, sheet, policy, answers, as_of)
    if not ledger.settings.first("policy")[0]:
        ledger = read_ledger(book, sheet, roster_policy(listed).id, answers, as_of)
    with using(*ledger.settings.layers) as settings:
        tables = [read for read in roster_tables(source, settings) if "paid_amount" in read.fields]
        if not tables:
            raise LedgerError(f"{source.name} 里没有找到发放表（要有 证件号码、事项、金额）")
        lines = [entry for read in tables for entry in entries(read, source, settings)]
        mark = hashlib.sha256(source.read_bytes()).digest()
        others = [file for file in paid if hashlib.sha256(Path(file).read_bytes()).digest() != mark]
        payments = read_paid(others, settings)
        auditor = _Auditor(ledger, payments, settings, basis_lines(listed))
        auditor.alone = len({entry.signature for entry in lines if entry.signature}) == 1
        made = Audit(auditor.policy, source, book, bool(others))
        skipped = 0
        for entry in lines:
            if entry.unpaid is True:
                skipped += 1
            else:
                made.lines.append(auditor.line(entry))
    if len(others) < len(list(paid)):
        made.remarks.append("要复核的发放表自己也在已发放的文件里，没有算作已发")
    if skipped:
        made.remarks.append(f"有{skipped}行是停发、退回或没有支付的，没有复核")
    if not others:
        made.remarks.append("没有给别的发放表或全国系统导出表（--paid），没有核对是否已在别处发过")
    made.remarks += ledger.remarks
    return made


class _Reckoned:
    """The ledger reckoned on one day and under one choice of 口径, measure by measure."""

    def __init__(self, rows: Rows, settings, day, paid: Paid, names: Sequence[str]):
        self.entitled: Entitled = entitle(rows, settings, day, list(names), paid=paid)
        self.columns = {column.signature.name: column for column in self.entitled.columns}


class _Auditor:
    def __init__(self, ledger: Ledger, paid: Paid, settings, basis: Sequence[dict]):
        self.paid, self.settings = paid, settings
        self.policy, _ = named_document(None, settings)
        self.table = main_table(ledger)
        self.rows, _ = ready_rows(ledger, self.table)
        if self.rows.get("id_number") is None:
            raise LedgerError("台账没有“证件号码”列，不能与发放表核对")
        persons, homes = self.table.persons, self.table.households
        self.of_person = dict(zip(persons.keys, (rows.tolist() for rows in persons.rows)))
        self.homes = homes.codes.tolist() if homes else [-1] * len(self.table)
        self.members = [rows.tolist() for rows in homes.rows] if homes else []
        self.basis = {(line.get("事项"), str(line.get("享受人")), _whole(line.get("序号"))): line for line in basis}
        self.alone = False  # is the roster of one measure?
        self.before: dict[tuple, int] = {}  # what earlier lines of the roster pay, in fen
        self._known: dict[tuple, _Reckoned | LedgerError] = {}

    def reckoned(self, day, name: str, reading: tuple[str, str] | None = None) -> _Reckoned:
        """The ledger on a day that a roster tells (None: the ledger's own days). Raises LedgerError."""
        key = day, name, reading
        if key not in self._known:
            rows = self.rows if day is None else self.rows.leaving_out("event_date")
            layers = [Layer("口径", readings=dict([reading]))] if reading else []
            with using(*layers) as settings:
                self._known[key] = _Reckoned(rows, settings, day, self.paid, [name])
        return self._known[key]

    def line(self, entry: Entry) -> AuditLine:
        name = entry.table.person_names[entry.row]
        told = self._told(entry, name)
        amount = None if isinstance(entry.fen, CellError) else yuan(entry.fen)
        verdict, due, row, day, why = self._judged(entry, amount, told)
        policy = self.policy
        measure = policy.measures.get(entry.signature.name) if entry.signature else None
        number = None if row is None else self.table.row_number(row)
        return AuditLine(entry.table.row_number(entry.row), entry.table.sheet.name, name,
                         entry.signature.alias if entry.signature else values.shown(entry.item), amount, due, verdict,
                         number, day, policy.cite(measure) if measure else "", why)  # fmt: skip

    def _told(self, entry: Entry, name: str) -> dt.date | None:
        """The day that the roster tells for a line."""
        if entry.signature:
            key = entry.signature.alias, name, _whole(said(entry.table, "sequence", entry.row))
            day = self.basis.get(key, {}).get("业务日期")
            if not values.is_blank(day):
                return values.read_date(AS_OF, day)
        text = said(entry.table, "event_date", entry.row)
        return dt.date.fromisoformat(text) if text else None

    def _judged(self, entry: Entry, amount, told) -> tuple:
        """(verdict, due in 元 or None, row of the ledger or None, day, why)."""
        if entry.signature is None:
            return UNKNOWN, None, None, told, "不是这份文件的事项，或没有写是哪一项"
        if entry.error:
            return UNKNOWN, None, None, told, entry.error.message
        rows = self.of_person.get(entry.person)
        if rows is None:
            return STRANGER, 0, None, told, "台账里没有这个证件号码"
        try:
            reckoned = self.reckoned(told, entry.signature.name)
        except (LedgerError, CellError) as error:
            return UNKNOWN, None, rows[0], told, str(error)
        column = reckoned.columns.get(entry.signature.name)
        if column is None or column.nature not in SUMMED:
            why = reckoned.entitled.left_out.get(entry.signature.alias, "不是发到户到人的钱")
            return UNKNOWN, None, rows[0], told, why
        return self._compared(entry, amount, rows, reckoned, column)

    def _compared(self, entry: Entry, amount, rows: list[int], reckoned: _Reckoned, column: MeasureColumn) -> tuple:
        left = reckoned.entitled.gone
        if all(left[row] for row in rows):
            return LEFT, 0, rows[0], _day(reckoned, rows[0]), f"人口状态：{left[rows[0]]}"
        rows, whose = self._asked(entry, rows, column)
        failed = next((row for row in rows if column.full[row].error), None)
        if failed is not None:
            return UNKNOWN, None, failed, _day(reckoned, failed), column.full[failed].error.message
        row = max(rows, key=lambda one: column.full[one].value)
        day, full = _day(reckoned, row), add(column.full[one].value for one in rows)
        if day is None and self.policy.tested:
            return UNKNOWN, None, row, None, "没有业务日期，没有检验文件的有效期"
        measure = self.policy.measures[entry.signature.name]
        year = None if measure.once.endswith("一次") else getattr(day, "year", None)
        if year and entry.year and entry.year != year:
            return UNKNOWN, None, row, day, f"发放表是{entry.year}年的，台账的业务日期是{day:%Y-%m-%d}，不是同一年"
        key = whose, self.paid.award(entry.signature.name), year
        try:
            earlier = sum(self.paid.of(person, entry.signature.name, year) for person in self._persons(whose, entry))
        except CellError as error:
            return UNKNOWN, None, row, day, error.message
        here = self.before.get(key, 0)
        self.before[key] = here + entry.fen
        prior = earlier + here
        due, why = full, ""
        approved = Approved(self.rows, entry.signature.alias, self.alone)
        if full and len([one for one in rows if column.full[one].value]) == 1:
            due, why = approved.settled(row, column, column.full[row])
        result = column.full[row]
        open_end = why and approved.approved is None and (result.estimated or column.kind == "下限")
        if open_end:
            return self._within(entry, amount, due, prior, result, row, day)
        if why:
            return UNKNOWN, None, row, day, why
        return self._against(entry, amount, due, prior, column, rows, row, day)

    def _against(self, entry: Entry, amount, due, prior: int, column: MeasureColumn, rows, row: int, day) -> tuple:
        """A line against what is due to its person and was paid already, in fen."""
        owed = max(0, round(due * 100) - prior)
        paid = f"，已发{amount_text(yuan(prior))}元" if prior else ""
        if due and prior and not owed:
            return TWICE, 0, row, day, f"应享{amount_text(due)}元{paid}，这一笔是重复的"
        if due and not prior and self._flagged(column, rows):
            told = "台账写已享受过这一项；如果写的就是这一笔，请核对后更正台账"
            return TWICE, 0, row, day, told
        if entry.fen == owed and due:
            return RIGHT, yuan(owed), row, day, f"应享{amount_text(due)}元{paid}"
        other = self._other_reading(entry, rows, prior, day)
        if other:
            return READING, yuan(owed), row, day, other
        if not due:
            zero = column.full[row]
            reason = zero.zero_reason or ("未申报" if not zero.claimed else "按文件算是0元")
            return NOT_DUE, 0, row, day, reason
        verdict = OVER if entry.fen > owed else UNDER
        return verdict, yuan(owed), row, day, f"应享{amount_text(due)}元{paid}，应发{amount_text(yuan(owed))}元"

    def _within(self, entry: Entry, amount, line, prior: int, result, row: int, day) -> tuple:
        """A line of a measure of which the text fixes only the least or the most."""
        total = entry.fen + prior
        if result.estimated and total > round(line * 100):
            owed = yuan(max(0, round(line * 100) - prior))
            return OVER, owed, row, day, f"超过上限{amount_text(line)}元"
        if result.estimated:
            return UNKNOWN, None, row, day, f"只算得出上限{amount_text(line)}元，要有{entry.signature.alias}核定金额"
        if total < round(line * 100):
            owed = yuan(round(line * 100) - prior)
            return UNDER, owed, row, day, f"低于文件的下限{amount_text(line)}元"
        if prior >= round(line * 100):
            return TWICE, 0, row, day, f"下限{amount_text(line)}元，已发{amount_text(yuan(prior))}元"
        return RIGHT, amount, row, day, f"不低于文件的下限{amount_text(line)}元"

    def _asked(self, entry: Entry, rows: list[int], column: MeasureColumn) -> tuple[list[int], tuple]:
        """(the rows on which the measure of a line may stand, whom its payments are counted by)."""
        home = self.homes[rows[0]]
        if column.payee == "户" and home >= 0:
            return self.members[home], ("户", home)
        return rows, ("人", entry.person)

    def _persons(self, whose: tuple, entry: Entry) -> Iterable[str]:
        if whose[0] == "人":
            return (entry.person,)
        persons = self.table.persons
        codes = {int(persons.codes[row]) for row in self.members[whose[1]]}
        return [persons.keys[code] for code in codes if code >= 0]

    def _flagged(self, column: MeasureColumn, rows: Sequence[int]) -> bool:
        """Does the ledger say of all that is due there that it was received already?"""
        return not any(column.results[row].value for row in rows if not column.results[row].error)

    def _other_reading(self, entry: Entry, rows: Sequence[int], prior: int, day) -> str:
        """The other 口径, each switched alone, under which the line is right; "" without one."""
        policy = self.policy
        measure = policy.measures[entry.signature.name]
        binding = bind_function(entry.signature, policy.id, None, self.settings).binding
        found = []
        for name, choice in binding.readings.items():
            for other in policy.reading(measure, name).alternatives:
                if other == choice:
                    continue
                try:
                    column = self.reckoned(day, entry.signature.name, (name, other)).columns[entry.signature.name]
                except (LedgerError, CellError, KeyError):
                    continue
                results = [column.full[row] for row in rows]
                if any(one.error for one in results):
                    continue
                total = round(add(one.value for one in results) * 100)
                if total and total - prior == entry.fen:
                    found.append(f"口径“{name}”按“{other}”算是这个数（现用“{choice}”）")
        return "；".join(found)


def _day(reckoned: _Reckoned, row: int) -> dt.date | None:
    day = reckoned.entitled.days[row]
    return day if isinstance(day, dt.date) else None


def _whole(value) -> int | None:
    try:
        return int(float(value))
    except (TypeError, ValueError):
        return None


def _sum(amounts):
    return add(amount for amount in amounts if amount is not None)


# ---- pages


def audit_pages(made: Audit) -> list[Page]:
    """复核汇总 and 复核明细."""
    return [_summary_page(made), _lines_page(made)]


def _told(made: Audit) -> str:
    return f"发放表：{made.roster.name}　台账：{made.ledger.name}　政策：{made.policy.cited}　金额单位：元"


def _summary_page(made: Audit) -> Page:
    heads = ("结论", "项数", "发放金额（元）", "差额（元）", "说明")
    page = Page("复核汇总", (14, 10, 16, 16, 46))
    row = page.headed("发放表复核汇总", (_told(made),), len(heads))
    about = {
        RIGHT: "按台账和文件重算，金额相同", OVER: "比应发的多", UNDER: "比应发的少", TWICE: "同一人同一项已经发过",
        NOT_DUE: "按文件不享受", LEFT: "人已死亡或迁出", READING: "按文件的另一种读法才是这个数",
        STRANGER: "台账里没有这个证件号码", UNKNOWN: "缺资料或填得不对，差额没有算",
    }  # fmt: skip
    rows = [(verdict, count, paid, None if verdict == UNKNOWN else difference, about[verdict])
            for verdict, count, paid, difference in made.sums()]  # fmt: skip
    end = page.table(row, 0, heads, rows, (CENTRED, COUNT, MONEY, MONEY, TEXT), [row[0] for row in rows])
    bold = (CENTRED.but(bold=True), COUNT.but(bold=True), MONEY.but(bold=True), MONEY.but(bold=True), TEXT)
    known = [line.difference for line in made.lines]
    total = _sum(line.amount for line in made.lines)
    page.row(end, 0, ("合计", len(made.lines), total, _sum(known), None), bold, "合计")
    notes = ["差额是发放金额减复核应发的数，负数是少发"]
    waiting = sum(1 for one in known if one is None)
    if waiting:
        notes.append(f"有{waiting}项无法核算，没有计入差额")
    page.noted(end + 1, [*notes, *made.remarks], len(heads))
    return page


def _lines_page(made: Audit) -> Page:
    page = Page("复核明细", tuple(_HEADS.values()), landscape=True, freeze=(3, 0), repeat=(2, 2))
    page.headed("发放表复核明细", (_told(made),), len(_HEADS))
    rows = [(line.row, line.sheet, line.name, line.alias, line.amount, line.due, line.difference, line.verdict,
             line.ledger_row, line.day, line.cited, line.why) for line in made.lines]  # fmt: skip
    styles = (CENTRED, CENTRED, CENTRED, TEXT, MONEY, MONEY, MONEY, CENTRED, CENTRED, DAY, TEXT, TEXT)
    end = page.table(2, 0, tuple(_HEADS), rows, styles, [f"{line.sheet}/{line.row}" for line in made.lines])
    area = (3, 0, max(3, end - 1), len(_HEADS) - 1)
    page.filtered = (2, 0, max(2, end - 1), len(_HEADS) - 1)
    shown = 3, 7, area[2], 7
    for verdicts, fill in (((RIGHT,), GREEN), ((UNKNOWN, READING), YELLOW)):
        told = ",".join(f'$H4="{verdict}"' for verdict in verdicts)
        page.colourings.append(Colouring(shown, f"OR({told})", fill))
    page.colourings.append(Colouring(shown, f'AND($H4<>"",$H4<>"{RIGHT}",$H4<>"{UNKNOWN}",$H4<>"{READING}")', RED))
    return page
