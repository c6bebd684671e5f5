"""The public notice of a payment or of 监测对象: a sheet of paper per village, nothing on it that must not be."""
from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ..errors import CellError, LedgerError
from ..formulas import identity, values
from ..formulas.documents import documents, named_document
from ..formulas.office import using
from ..formulas.signatures import Signature, plain_arguments
from ..ledger.checks.facts import MONITORED
from ..ledger.cleaning import VALUE
from ..ledger.entitlements import add, money
from ..ledger.filling import check_paths, main_table
from ..ledger.reading import PAYMENTS, Ledger, LedgerTable, read_ledger
from ..ledger.rosters import measure_in, named_measure
from ..ledger.rows import Rows
from ..rules.arguments import Argument
from ..rules.parameters import Measure, Policy
from ..rules.sentence import day_text
from ..workbook.encoding import Formula
from ..workbook.pages import CENTRED, HEAD, MONEY, Page, Style
from ..workbook.references import letters_of
from .roster import SHEETS, make_roster, said

#: a notice stands five days at least (the rules for 监测对象); the day on which it is put up does not count
#: (民法典第二百零一条)
MIN_DAYS = 5
_START = Argument("start", "公示开始日期", "date")
_END = Argument("end", "公示结束日期", "date")
#: arguments of a measure that is about working away
_OF_WORK = frozenset(("destination", "work_place", "continuous_months", "work_months", "wages_by_month"))
#: rows that fit on one sheet of paper beside the text
_ROWS_OF_A_PAGE = 34
#: of a column
_WIDEST = 40

_TITLE = Style(bold=True, size=18, font="黑体", horizontal="center", border=False)
_BODY = Style(size=12, font="仿宋", border=False, vertical="top")
_LINE = _BODY.but(vertical="vcenter", locked=False)
_RIGHT = _LINE.but(horizontal="right")


@dataclass(frozen=True)
class NoticeLine:
    """One person or household on a notice: what may be shown and nothing else.

    number   the masked number, "" unless asked for
    amount   in 元; None on a notice of 监测对象
    """

    village: str
    name: str
    key: str
    sex: str = ""
    age: int | None = None
    when: str = ""
    where: str = ""
    amount: object = None
    number: str = ""
    persons: int | None = None
    kind: str = ""


@dataclass
class Notice:
    """What is put up in one village."""

    title: str
    village: str
    text: str
    lines: list[NoticeLine]
    signature: Signature | None = None


@dataclass
class NoticeMade:
    """What `notice` made: a notice per measure and village. start, end: first and last day."""

    start: dt.date
    end: dt.date
    notices: list[Notice]
    masked: bool = False
    remarks: list[str] = field(default_factory=list)
    target: Path | None = None
    written: object = None  # what became of the workbook: workbook.regenerating.Regenerated

    @property
    def told(self) -> str:
        """How much it is, in words."""
        people = sum(len(one.lines) for one in self.notices)
        ids = "证件号码已遮盖" if self.masked else "不含证件号码、电话和账号"
        return f"公示 {len(self.notices)} 张，{people} 人次，{self.start} 至 {self.end}，{ids}"


def notice(
    source, measures=None, target=None, start=None, end=None, days=None, policy: str = "", as_of=None, paid=(),
    sheet: str | None = None, answers=None, masked: bool = False, monitored: bool = False, progress=None,
) -> NoticeMade:  # fmt: skip
    """Write the notices of a ledger or of a roster, one sheet of A4 per village.

    `start`: the day on which it is put up; `end` or `days`: how long, 5 days at least, the first not counted.
    `masked`: with the masked identity number. `monitored`: of the ledger's 监测对象 whose risk is not cleared, without
    anything of health, risks and amounts. Raises LedgerError: no start, too short, nobody to put on it.
    """
    from ..ledger.files import read_book
    from ..workbook.regenerating import regenerate

    first, last = period(start, end, days)
    source = Path(source)
    target = Path(target) if target else source.with_name(f"{source.stem}_公示.xlsx")
    check_paths(source, target)
    ledger = read_ledger(source, sheet, policy, answers, as_of)
    if monitored:
        notices, remarks = monitored_notices(ledger, masked)
    elif is_roster(ledger):
        notices, remarks = roster_notices(ledger, measures, masked)
    else:
        notices, remarks = payment_notices(ledger, measures, paid, masked, progress)
    if not notices:
        raise LedgerError("没有要公示的人：" + ("台账里没有风险未消除的监测对象" if monitored else "没有可以发放的人"))
    made = NoticeMade(first, last, notices, masked, remarks)
    made.written = regenerate(target, notice_pages(made), read_book(target) if target.exists() else None)
    made.target = made.written.target
    return made


def period(start, end=None, days=None) -> tuple[dt.date, dt.date]:
    """(the day it is put up, its last day). Raises LedgerError without a start or for fewer than five days."""
    rule = f"公示不少于{MIN_DAYS}天，公示当天不算"
    if values.is_blank(start):
        raise LedgerError(f"公示从哪一天开始？请指明开始日期，如 --start 2025-12-01（{rule}）")
    try:
        first = values.read_date(_START, start)
        last = None if values.is_blank(end) else values.read_date(_END, end)
    except CellError as error:
        raise LedgerError(error.message) from None
    if last is None:
        last = first + dt.timedelta(days=MIN_DAYS if days is None else int(days))
    if (last - first).days < MIN_DAYS:
        least = first + dt.timedelta(days=MIN_DAYS)
        raise LedgerError(f"公示时间太短：{rule}，从{day_text(first)}起最早到{day_text(least)}")
    return first, last


def is_roster(ledger: Ledger) -> bool:
    """Is the file a roster, and no ledger? A roster tells nothing that measures ask for."""
    payments = any(table.kind == PAYMENTS for table in ledger.tables)
    return payments and (ledger.main is None or plain_arguments().keys().isdisjoint(ledger.main.fields))


# ---- who is on it


def payment_notices(ledger: Ledger, measures=None, paid=(), masked=False, progress=None):
    """(notices of who is to be paid under a ledger, remarks)."""
    made = make_roster(ledger, measures, paid, progress)
    found, notices = main_table(ledger), []
    for batch in made.batches:
        signature, lines = batch.column.signature, []
        for line in batch.lines:
            who = line.person
            when, where = _work(found, who.row) if _of_work(signature) else ("", "")
            number = identity.mask_id(who.number) if masked else ""
            lines.append(NoticeLine(who.village, who.name, who.key, _sex(found, who.row, who.number), who.age, when,
                                    where, line.amount, number))  # fmt: skip
        measure = made.policy.measures[signature.name]
        notices += _by_village(lines, batch.title, _basis(made.policy, measure), signature)
    remarks = [] if made.checked else ["没有给发放表或全国系统导出表，未核对是否已享受"]
    apart = len(made.apart)
    return notices, [*remarks, *([f"另有{apart}项没有列入公示，原因可看花名册的“{SHEETS['apart']}”"] if apart else [])]


def roster_notices(ledger: Ledger, measures=None, masked=False):
    """(notices of the payments in a roster, remarks). Raises LedgerError where nobody says of which measure."""
    remarks, by_batch = [], {}
    policy = roster_policy(ledger)
    with using(*ledger.settings.layers) as settings:
        wanted = {named_measure(name, settings) for name in measures or ()}
        for table in ledger.tables:
            if table.kind != PAYMENTS:
                continue
            meant = measure_in((table.sheet.name, table.layout.title, ledger.path.stem), settings)
            rows = Rows(table)
            for row in range(len(table)):
                signature = meant
                if "paid_measure" in table:
                    signature = named_measure(said(table, "paid_measure", row), settings)
                if signature is None:
                    remarks.append(f"第{table.row_number(row)}行不知道是哪一项，没有列入公示")
                    continue
                if wanted and signature not in wanted:
                    continue
                if signature.name not in policy.measures:
                    raise LedgerError(f"{policy.short_name}的文件没有规定{signature.alias}，不能公示")
                line = _roster_line(table, rows, row, masked)
                if line is None:
                    remarks.append(f"第{table.row_number(row)}行的姓名、证件号码或金额不能用，没有列入公示")
                    continue
                by_batch.setdefault((signature.name, table.layout.title), (signature, []))[1].append(line)
    notices = []
    for (name, title), (signature, lines) in by_batch.items():
        told = title.removesuffix("发放花名册") if signature.alias in title else signature.alias
        notices += _by_village(lines, told, _basis(policy, policy.measures[name]), signature)
    return notices, remarks


def roster_policy(ledger: Ledger) -> Policy:
    """The document of a roster: the one that is named, else the one that its sheet 核算依据 cites."""
    with using(*ledger.settings.layers) as settings:
        if not settings.first("policy")[0]:
            cited = [line.get("依据", "") for line in basis_lines(ledger)]
            for policy in documents(settings):
                if cited and all(str(text).startswith(policy.cited) for text in cited):
                    return policy
        return named_document(None, settings)[0]


def basis_lines(ledger: Ledger) -> list[dict]:
    """The lines of a roster's sheet 核算依据, by their heads; [] without the sheet."""
    sheet = next((one for one in ledger.book.sheets if one.name == SHEETS["basis"]), None)
    rows = [sheet.row(row) for row in range(sheet.height)] if sheet else []
    top = next((at for at, row in enumerate(rows) if row and row[0] == "事项"), None)
    if top is None:
        return []
    heads = [str(head or "") for head in rows[top]]
    return [dict(zip(heads, row)) for row in rows[top + 1 :] if not values.is_blank(row[0])]


def _roster_line(table: LedgerTable, rows: Rows, row: int, masked: bool) -> NoticeLine | None:
    number = said(table, "beneficiary_id", row) or said(table, "id_number", row)
    name, amount = table.person_names[row], rows.get("paid_amount")[row]
    if not name or not number or not isinstance(amount, (int, float)):
        return None
    age = rows.get("age")[row] if "age" in table else None
    shown = identity.mask_id(number) if masked else ""
    when, where = _work(table, row)
    return NoticeLine(said(table, "village", row), name, f"{table.row_number(row)}", _sex(table, row, number),
                      age if isinstance(age, int) else None, when, where, amount, shown)  # fmt: skip


def monitored_notices(ledger: Ledger, masked=False):
    """(notices of the households that are monitored and at risk, remarks): 户主, how many they are, the kind; nothing
    of health, risks or incomes."""
    found = main_table(ledger)
    if found.households is None:
        raise LedgerError("台账没有“户编号”列，分不清哪些行是一户")
    risk, heads, lines, unclear = found.cells("risk_status"), found.heads, [], 0
    for code, members in enumerate(found.households.rows):
        rows = members.tolist()
        head = next((row for row in rows if heads is None or heads[row]), rows[0])
        kind = next((word for row in rows for name in ("monitor_type", "household_type")
                     if (word := said(found, name, row)) in MONITORED), "")  # fmt: skip
        if not kind:
            continue
        told = {risk[row].value for row in rows if risk is not None and risk[row].state == VALUE}
        if told != {"未消除"}:
            unclear += not told or len(told) > 1
            continue
        there = sum(1 for row in rows if not found.gone[row])
        persons = said(found, "persons_now", head) or said(found, "household_size", head)
        count = int(float(persons)) if persons and heads is None else there
        number = said(found, "id_number", head)
        lines.append(NoticeLine(said(found, "village", head), found.person_names[head], found.households.keys[code],
                                number=identity.mask_id(number) if masked and number else "", persons=count,
                                kind=kind))  # fmt: skip
    remarks = [f"有{unclear}户监测对象的风险状态没有填或各行不一致，没有列入公示"] if unclear else []
    return _by_village(lines, "防止返贫致贫监测对象", "　　　　　　　　（请填文件和条款）"), remarks


def _by_village(lines: Sequence[NoticeLine], what: str, basis: str, signature: Signature | None = None):
    notices = []
    for village in dict.fromkeys(line.village for line in lines):
        own = [line for line in lines if line.village == village]
        listed = "名单" if signature is None else "拟发放名单"
        title = f"关于{village}{what}{listed}的公示"
        whole = f"，共{len(own)}{'户' if signature is None else '人'}"
        if signature is not None:
            whole += f"、{money(add(line.amount for line in own))}元"
        text = f"　　根据{basis}，现将{village}{what}{listed}予以公示{whole}，请群众监督。"
        notices.append(Notice(title, village, text, own, signature))
    return notices


def _basis(policy: Policy, measure: Measure) -> str:
    """Document and clause as an office cites them."""
    document = measure.document
    number = f"（{document.number}）" if document.number else ""
    goes_on = "" if document is policy else f"（{policy.cited}延续）"
    return f"《{document.title}》{number}{document.clause_label(measure.clause)}{goes_on}"


def _of_work(signature: Signature) -> bool:
    return not _OF_WORK.isdisjoint(signature.by_name)


def _sex(table: LedgerTable, row: int, number: str) -> str:
    return said(table, "sex", row) or (("女", "男")[int(number[16]) % 2] if number else "")


def _work(table: LedgerTable, row: int) -> tuple[str, str]:
    """(when, where) somebody worked, as far as the table tells."""
    begun, ended = said(table, "work_start", row), said(table, "work_end", row)
    months = said(table, "work_months", row) or said(table, "continuous_months", row)
    when = f"{begun[:7]}至{ended[:7] or '今'}" if begun else f"{months}个月" if months else ""
    where = said(table, "work_place", row) or said(table, "destination", row)
    return when, where


# ---- pages


def notice_pages(made: NoticeMade) -> list[Page]:
    """A sheet per notice."""
    several = len({(one.signature or None) and one.signature.name for one in made.notices}) > 1
    names: dict[str, int] = {}
    pages = []
    for one in made.notices:
        name = one.village or "公示"
        name = f"{one.signature.alias}_{name}" if several and one.signature else name
        name = name[:27]
        names[name] = names.get(name, 0) + 1
        pages.append(_page(made, one, name if names[name] == 1 else f"{name}_{names[name]}"))
    return pages


def _columns(made: NoticeMade, one: Notice) -> list[tuple[str, float, str]]:
    """(head, width, what of a line) of a notice: what may be shown, as far as it is known."""
    if one.signature is None:
        offered = [("户主姓名", 12, "name"), ("家庭人口", 10, "persons"), ("监测对象类别", 18, "kind")]
    else:
        offered = [("姓名", 11, "name"), ("性别", 7, "sex"), ("年龄", 7, "age"), ("务工时间", 14, "when"),
                   ("务工地点", 26, "where"), ("金额（元）", 13, "amount")]  # fmt: skip
    if made.masked:
        offered.append(("证件号码", 21, "number"))
    known = []
    for head, width, what in offered:
        told = [str(value) for line in one.lines if (value := getattr(line, what)) not in ("", None)]
        if told:  # places are long: rows of one line each, as far as the sheet of paper is wide
            longest = max(map(_wide, told)) if what in ("when", "where") else 0
            known.append((head, max(width, min(longest + 2, _WIDEST)), what))
    return [("序号", 6, ""), *known]


def _wide(text: str) -> int:
    return sum(2 if ord(letter) > 0x2E7F else 1 for letter in text)


def _page(made: NoticeMade, one: Notice, name: str) -> Page:
    columns = _columns(made, one)
    whole = len(one.lines) <= 2 * _ROWS_OF_A_PAGE
    blocks = 1 if len(one.lines) <= _ROWS_OF_A_PAGE or not whole else 2
    each = -(-len(one.lines) // blocks)
    wide = 86 / sum(width for _, width, _ in columns) if blocks == 1 else 1
    widths = [width * max(1, wide) for _ in range(blocks) for _, width, _ in columns]
    page = Page(name, widths, one_page=whole, repeat=None if whole else (2, 2), footer="" if whole else "第 &P 页")
    across = len(widths)
    page.put(0, 0, one.title, _TITLE, across=across)
    page.put(1, 0, one.text, _BODY, across=across)
    page.heights[0] = 40
    for block in range(blocks):
        left = block * len(columns)
        page.row(2, left, [head for head, _, _ in columns], HEAD)
        for at, line in enumerate(one.lines[block * each : (block + 1) * each]):
            told = [getattr(line, field) if field else block * each + at + 1 for _, _, field in columns]
            styles = [MONEY if field == "amount" else CENTRED for _, _, field in columns]
            page.row(3 + at, left, [value if value != "" else None for value in told], styles)
    if blocks == 1:
        for at, line in enumerate(one.lines):
            page.row_keys[3 + at] = hashlib.blake2b(line.key.encode(), digest_size=6).hexdigest()
    end = 3 + each
    if one.signature is not None:
        _total(page, one, columns, blocks, each)
        end += 1
    days = (made.end - made.start).days
    span = f"{day_text(made.start)}至{day_text(made.end)}（{days}天，公示当天不算）"
    page.put(end, 0, f"　　公示时间：{span}。", _BODY.but(vertical="bottom"), across)
    page.heights[end] = 30  # some white below the table
    told = "　　对以上名单有异议的，请在公示时间内向村（社区）或乡镇（街道）反映，来信、来电、来访均可。"
    page.put(end + 1, 0, told, _BODY, across)
    page.put(end + 2, 0, "　　联系人：　　　　　　　　　　联系电话：　　　　　　　　　　", _LINE, across)
    page.put(end + 3, 0, "公示单位（盖章）：　　　　　　　　　　　　", _RIGHT, across)
    page.put(end + 4, 0, f"{day_text(made.start)}　　　　", _RIGHT, across)
    for row, key in zip(range(end, end + 5), ("时间", "异议", "联系", "单位", "落款")):
        page.row_keys[row] = key
    return page


def _total(page: Page, one: Notice, columns: Sequence[tuple], blocks: int, each: int):
    row, bold = 3 + each, CENTRED.but(bold=True)
    for column in range(blocks * len(columns)):
        page.put(row, column, None, bold)
    page.put(row, 0, "合计", bold, across=2)
    page.row_keys[row] = "合计"
    at = [field for _, _, field in columns].index("amount")
    areas = [f"{letter}4:{letter}{row}" for letter in (letters_of(b * len(columns) + at) for b in range(blocks))]
    place = (blocks - 1) * len(columns) + at
    page.put(row, place, Formula(f"SUM({','.join(areas)})", add(line.amount for line in one.lines)),
             MONEY.but(bold=True))  # fmt: skip
