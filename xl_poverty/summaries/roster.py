"""The roster of what is to be paid, as the 一卡通 takes it; who is not on it stands apart with the reason."""
from __future__ import annotations

import datetime as dt
import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path

from .. import __version__
from ..errors import CellError, LedgerError
from ..formulas import identity, values
from ..formulas.batch import RowResult
from ..formulas.calls import bind_function, not_specified
from ..formulas.documents import known_function, named_document
from ..formulas.office import using
from ..ledger.cleaning import BLANK, VALUE
from ..ledger.entitlements import SUMMED, Entitled, MeasureColumn, add, entitle, money
from ..ledger.fields import Field, table
from ..ledger.filling import check_paid, check_paths, main_table
from ..ledger.headers import header_key
from ..ledger.paid import Due, settle
from ..ledger.reading import Ledger, LedgerTable, read_ledger
from ..ledger.rosters import Paid, read_paid
from ..ledger.rows import Rows, ready_rows
from ..rules.parameters import Policy
from ..rules.sentence import amount_text
from ..workbook.encoding import Formula
from ..workbook.pages import CENTRED, COUNT, DAY, HEAD, MONEY, RED, TEXT, Dropdown, Page
from ..workbook.references import letters_of

#: heads of the 一卡通 and how wide each column is
HEADS = {
    "序号": 5, "支付状态": 9, "户主姓名": 9, "户主身份证号": 20, "收款人姓名": 9, "收款人身份证号": 20, "银行账号": 21,
    "开户银行": 18, "村(居)委会": 10, "村(居)民小组": 9, "享受人": 9, "享受人身份证号": 20, "联系电话": 13,
    "现居住地": 11, "年龄": 6, "补贴标准": 10, "补贴金额": 11, "填报日期": 11, "与户主关系": 8, "备注": 14,
}  # fmt: skip
STATES = ("已支付", "支付失败", "退回", "停发")
#: why somebody is not on it
WAITS, FAILED, STOPPED, PAID, NOTHING = "待补", "核对不过", "停发", "已发", "不符合条件"
SHEETS = {"summary": "发放汇总", "apart": "未列入", "basis": "核算依据"}
UNCHECKED = "未核对是否已享受：没有给发放表或全国系统导出表，发放前请核对，以免重复发放"
_APART = {"事项": 16, "类别": 10, "台账行号": 8, "户编号": 23, "姓名": 9, "村": 10, "算出的数（元）": 12, "原因": 60}
_BASIS = {
    "事项": 14, "序号": 6, "户编号": 23, "享受人": 9, "台账文件": 18, "工作表": 10, "行号": 6, "业务日期": 11,
    "依据": 27, "填写内容": 46, "口径": 26, "应享（元）": 11, "已发（元）": 11, "本次（元）": 11, "版本": 8,
    "台账文件的SHA-256": 35,
}  # fmt: skip
_MONEY_FIELD = Field("approved", "核定金额", "money", ("核定金额",), "元")
_PLACES = ("village", "group")


@dataclass(frozen=True)
class Person:
    """Who is paid: as the ledger tells it, blanks where it does not.

    number   the 18 characters; in no message
    key      what the line is known by when the roster is made anew: no identity number
    """

    row: int
    key: str
    household: str
    name: str
    number: str
    head_name: str = ""
    head_number: str = ""
    payee_name: str = ""
    payee_number: str = ""
    account: str = ""
    bank: str = ""
    village: str = ""
    group: str = ""
    phone: str = ""
    address: str = ""
    age: int | None = None
    relation: str = ""

    @property
    def home(self) -> str:
        """What a household is counted by; who has none is one alone."""
        return self.household or self.number


@dataclass(frozen=True)
class RosterLine:
    """One payment. standard: what is due; paid: what of it was paid already, None where nobody gave it. In 元."""

    person: Person
    row_number: int
    standard: object
    paid: object
    amount: object
    day: dt.date | None
    facts: str
    remark: str = ""


@dataclass(frozen=True)
class Apart:
    """Somebody who is not on the roster. amount: what was reckoned, None where nothing could be."""

    alias: str
    kind: str
    row_number: int
    household: str
    name: str
    village: str
    amount: object
    reason: str
    key: str


@dataclass
class Batch:
    """What is paid for one measure and year."""

    column: MeasureColumn
    year: int | None
    cited: str
    readings: str
    lines: list[RosterLine] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    @property
    def alias(self) -> str:
        return self.column.signature.alias

    @property
    def title(self) -> str:
        return f"{f'{self.year}年度' if self.year else ''}{self.alias}"

    @property
    def total(self):
        return add(line.amount for line in self.lines)

    @property
    def told(self) -> str:
        """How much it is, in words."""
        return f"{self.title}：{self.households} 户 {len(self.lines)} 人，{money(self.total)} 元"

    @property
    def households(self) -> int:
        return len({line.person.home for line in self.lines})


@dataclass
class RosterMade:
    """What `roster` made.

    checked   were payments given to compare with?
    days      that were asked about, also by rows that are paid nothing
    sha256    of the ledger's file, "" for one that is no file
    """

    policy: Policy
    ledger: Ledger
    sheet: str
    checked: bool
    batches: list[Batch]
    days: tuple[dt.date, ...] = ()
    apart: list[Apart] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    sha256: str = ""
    target: Path | None = None
    written: object = None  # what became of the workbook: workbook.regenerating.Regenerated


def roster(
    ledger, measures=None, target=None, policy: str = "", as_of=None, paid=(), sheet: str | None = None, answers=None,
    progress=None,
) -> RosterMade:  # fmt: skip
    """Write the roster of what is to be paid: a sheet per measure, 发放汇总, 未列入, 核算依据.

    `measures`: names or aliases; None takes every measure in cash. `paid`: rosters and national exports that tell what
    was paid. A target that was made before is made anew, what a clerk typed into it stays. Raises LedgerError,
    CellError.
    """
    from ..ledger.files import read_book
    from ..workbook.regenerating import regenerate

    source = Path(ledger)
    target = Path(target) if target else source.with_name(f"{source.stem}_花名册.xlsx")
    check_paths(source, target)
    check_paid(paid, target)
    made = make_roster(read_ledger(source, sheet, policy, answers, as_of), measures, paid, progress)
    made.written = regenerate(target, roster_pages(made), read_book(target) if target.exists() else None)
    made.target = made.written.target
    return made


def make_roster(ledger: Ledger, measures=None, paid=(), progress=None) -> RosterMade:
    """Who is to be paid what. Raises LedgerError: money of institutions and loans, nothing to reckon, no 业务日期."""
    found = main_table(ledger)
    with using(*ledger.settings.layers) as settings:
        document, _ = named_document(None, settings)
        chosen = [_payable(name, document, settings) for name in measures] if measures else None
        rows, _ = ready_rows(ledger, found)
        payments = read_paid(paid, settings) if paid else None
        if payments and rows.get("id_number") is None:
            raise LedgerError("台账没有“证件号码”列，不能与发放表核对")
        entitled = entitle(rows, settings, None, chosen, progress, payments or Paid())
        due = settle(rows, entitled, payments or Paid())
        if document.tested and entitled.days and all(day is None for day in entitled.days):
            raise LedgerError(
                f"没有业务日期，没有检验{document.cited}的有效期，不能造册。"
                "请用 --as-of 指明业务日期，或在台账里加一列“业务日期”"
            )
        offered = [c for c in entitled.columns if c.nature in SUMMED and (chosen or c.nature == "现金")]
        if not offered:
            why = "；".join(f"{alias}（{reason}）" for alias, reason in entitled.left_out.items())
            raise LedgerError(f"没有可以造册的事项：{why or f'{document.short_name}的文件没有发到户到人的补贴金额'}")
        days = tuple(sorted({day for day in entitled.days if day}))
        made = RosterMade(document, ledger, found.sheet.name, bool(payments), [], days)
        if ledger.path.is_file():
            made.sha256 = hashlib.sha256(ledger.path.read_bytes()).hexdigest()
        people = _People(ledger, found, rows)
        for column in offered:
            _Batches(made, people, rows, entitled, column, due, len(offered) == 1, settings).sort()
    made.remarks += [*ledger.remarks, *entitled.remarks, *(due.remarks if payments else ()), *people.remarks()]
    asked = {column.signature.alias for column in offered}
    made.remarks += [f"没有造册 {alias}：{why}" for alias, why in entitled.left_out.items() if alias not in asked]
    return made


def _payable(name: str, policy: Policy, settings) -> str:
    """The name of a measure that can be paid to persons. Raises LedgerError."""
    try:
        signature = known_function(name, settings)
    except CellError:
        raise LedgerError(f"没有名为“{name}”的事项；可用 xl-poverty formulas 查看") from None
    measure = policy.measures.get(signature.name)
    if measure is None or signature.result != "元":
        why = "不是金额" if measure else not_specified(signature.alias, policy, signature.name).message
        raise LedgerError(f"{signature.alias}不能造册：{why}")
    nature = measure.nature or signature.nature
    if nature not in SUMMED or measure.payee not in ("个人", "户"):
        raise LedgerError(f"{signature.alias}不能造册：是{nature}，不发到户到人，不进花名册")
    return signature.name


# ---- who they are


def said(found: LedgerTable, name: str, row: int) -> str:
    """What stands in a field as text, "" where nothing does or it cannot be used."""
    cells = found.cells(name)
    if cells is None or cells[row].state != VALUE:
        return ""
    value = cells[row].value
    if isinstance(value, tuple):
        return getattr(value, "shown", "") or getattr(value, "key", "") or str(value[0])
    if isinstance(value, (int, float, Fraction)):
        return amount_text(value)
    return f"{value:%Y-%m-%d}" if isinstance(value, dt.date) else str(value)


class _People:
    """The persons of a ledger as a roster tells them."""

    def __init__(self, ledger: Ledger, found: LedgerTable, rows: Rows):
        self.ledger, self.table, self.rows = ledger, found, rows
        self.names = found.person_names
        self.codes = found.households.codes.tolist() if found.households else [-1] * len(found)
        self.keys = found.households.keys if found.households else ()
        self.heads: dict[int, int] = {}
        for row, is_head in enumerate(found.heads.tolist() if found.heads is not None else ()):
            if is_head and self.codes[row] >= 0:
                self.heads.setdefault(self.codes[row], row)
        self.elsewhere = self._registry()
        self.has_accounts = "bank_account" in found or bool(self.elsewhere)

    def _registry(self) -> dict[str, str]:
        """Accounts that another register of the ledger tells, by person."""
        accounts: dict[str, str] = {}
        for t in self.ledger.tables:
            if t is self.table or t.kind not in ("人员", "户") or t.persons is None or "bank_account" not in t:
                continue
            for code, account in zip(t.persons.codes.tolist(), t.cells("bank_account").values):
                if code >= 0 and account:
                    accounts.setdefault(t.persons.keys[code], account)
        return accounts

    def said(self, name: str, row: int) -> str:
        return said(self.table, name, row)

    def of(self, row: int, day) -> tuple[Person, str]:
        """(who is paid, what speaks against it or "")."""
        code = self.codes[row]
        head = self.heads.get(code)
        household = self.keys[code] if code >= 0 else ""
        person = Person(
            row, self._key(row), household, self.names[row], self._number(row), bank=self.said("bank_name", row),
            head_name=self.names[head] if head is not None else self.said("head_name", row),
            head_number=self._number(head) if head is not None else self.said("head_id", row),
            village=self.said("village", row), group=self.said("group", row), relation=self.said("relation", row),
            phone=self.said("phone", row) or self.said("household_phone", row), address=self.said("address", row),
            age=self._age(row, day),
        )  # fmt: skip
        return self._paid_to(person, head)

    def _number(self, row: int) -> str:
        cells = self.table.cells("id_number")
        return cells[row].value.key if cells is not None and cells[row].state == VALUE else ""

    def _key(self, row: int) -> str:
        """人口编号, else the number of the row: what is no identity number."""
        cells = self.table.cells("person_id")
        known = cells is not None and cells[row].state == VALUE and not cells[row].reason
        return cells[row].value if known else f"行{self.table.row_number(row)}"

    def _age(self, row: int, day) -> int | None:
        number = self._number(row)
        try:
            return identity.full_years(identity.birth_date(number), day) if number and day else None
        except CellError:
            return None

    def _paid_to(self, person: Person, head: int | None) -> tuple[Person, str]:
        """Whoever is told to be paid, else the person, else the head where only the head has an account."""
        row = person.row
        if "payee_id" in self.table or "payee_name" in self.table:
            name, number = self.said("payee_name", row), self.said("payee_id", row)
            of = next((one for one in ((person.name, person.number), (person.head_name, person.head_number))
                       if (number and number == one[1]) or (not number and name and name == one[0])), None)  # fmt: skip
            if of is None:
                why = "既不是享受人本人，也不是本户户主" if name or number else "没有填"
                return replace(person, payee_name=name), f"收款人{why}"
            account, why = self._account(row, of[1])
            return replace(person, payee_name=of[0], payee_number=of[1], account=account), why
        account, why = self._account(row, person.number)
        bank = person.bank
        own = person.name, person.number
        if not account and not why and head is not None and head != row and self.has_accounts:
            account, why = self._account(head, person.head_number)
            if account:
                own, bank = (person.head_name, person.head_number), self.said("bank_name", head)
        person = replace(person, payee_name=own[0], payee_number=own[1], account=account, bank=bank)
        if not why and not account and self.has_accounts:
            why = "银行账号没有填，本人和户主都没有"
        return person, why

    def _account(self, row: int, number: str) -> tuple[str, str]:
        """(the account of a row, what speaks against it or "")."""
        cells = self.table.cells("bank_account")
        known = self.elsewhere.get(number, "")
        if cells is None or cells[row].state == BLANK:
            return known, ""
        if cells[row].state != VALUE:
            return "", f"银行账号：{cells[row].reason}"
        if known and known != cells[row].value:
            return "", "银行账号和台账另一张表里登记的不同"
        return cells[row].value, ""

    def wrong(self, person: Person) -> str:
        """What the 一卡通 would send back, "" where nothing."""
        cells = self.table.cells("id_number")
        if cells is None:
            return "台账没有“证件号码”列"
        clean = cells[person.row]
        if clean.state != VALUE:
            return f"证件号码：{clean.reason or '没有填'}"
        if clean.reason:
            return f"证件号码：{clean.reason}"
        if person.head_name and not person.head_number and "payee_id" not in self.table:
            return "户主的证件号码没有填或不能用"
        for name in _PLACES:
            if name in self.table and not self.said(name, person.row):
                return f"{self.table.fields[name].path[-1]}没有填"
        if not self.names[person.row]:
            return "姓名没有填"
        state = self.said("paid_state", person.row)
        if state.removeprefix("已") in table()["words"]["unpaid"]:
            reason = self.said("stop_reason", person.row) or self.said("remark", person.row)
            return f"{state}：{reason}" if reason else f"{state}，没有写原因，请补写"
        return ""

    def remarks(self) -> list[str]:
        told = []
        if not self.has_accounts:
            told.append("台账没有银行账号，花名册里的“银行账号”“开户银行”空着，送审前请补")
        if not any(name in self.table for name in _PLACES):
            told.append("台账没有村、组，花名册里空着，送审前请补")
        elif "group" not in self.table:
            told.append("台账没有村民小组，花名册里空着，送审前请补")
        return told


# ---- what they get


class Approved:
    """What an office approved, and what was paid before a correction, by a measure's columns 核定金额 and 原金额; where
    it is the only measure, its name may lack in the header."""

    def __init__(self, rows: Rows, alias: str, alone: bool):
        self.alias = alias
        self.approved, self.original = (self._own(rows, word, alone) for word in ("核定金额", "原金额"))
        if self.original is None and alone:
            self.original = rows.get("paid_original")

    def _own(self, rows: Rows, word: str, alone: bool) -> list | None:
        by_header = rows.table.by_header
        for header in (f"{self.alias}{word}", *([word] if alone else ())):
            if header_key(header) in by_header:
                return rows.of(by_header[header_key(header)], _MONEY_FIELD)
        return None

    def settled(self, row: int, column: MeasureColumn, result: RowResult) -> tuple:
        """(what is due in 元, why it cannot be paid or ""). What was approved counts, within what the text allows; what
        the text leaves open has to be approved."""
        reckoned, kind = result.value, "上限估算" if result.estimated else column.kind
        typed = self.approved[row] if self.approved is not None else None
        if values.is_blank(typed):
            if kind in ("上限估算", "下限"):
                told = "只是上限估算" if kind == "上限估算" else "文件只定了下限"
                return reckoned, f"{told}，要有“{self.alias}核定金额”才能列入"
            return self._not_above(row, reckoned)
        if isinstance(typed, (CellError, str)):
            return reckoned, f"核定金额：{typed.message if isinstance(typed, CellError) else '不是数字，请改正'}"
        fen, line = round(typed * 100), round(reckoned * 100)
        shown, limit = amount_text(typed), amount_text(reckoned)
        if not fen:
            return typed, "核定金额是0"
        if kind == "下限" and fen < line:
            return reckoned, f"核定金额{shown}元低于文件的下限{limit}元"
        if kind in ("上限估算", "上限内") and fen > line:
            return reckoned, f"核定金额{shown}元高于按文件算的{limit}元"
        if kind not in ("上限估算", "上限内", "下限") and fen != line:
            return reckoned, f"核定金额{shown}元与按文件算的{limit}元不同，请核对"
        return self._not_above(row, typed)

    def _not_above(self, row: int, amount) -> tuple:
        typed = self.original[row] if self.original is not None else None
        if values.is_blank(typed):
            return amount, ""
        if isinstance(typed, (CellError, str)):
            return amount, f"原金额：{typed.message if isinstance(typed, CellError) else '不是数字，请改正'}"
        if round(amount * 100) > round(typed * 100):
            return amount, f"{amount_text(amount)}元大于更正前的{amount_text(typed)}元，更正发放不能超过原金额"
        return amount, ""


class _Batches:
    """The rows of one measure, each on a roster or apart."""

    def __init__(self, made: RosterMade, people: _People, rows: Rows, entitled: Entitled, column: MeasureColumn,
                 due: Due, alone: bool, settings):  # fmt: skip
        self.made, self.people, self.rows, self.entitled, self.column = made, people, rows, entitled, column
        self.due = due.columns[column.signature.name]
        self.alias = column.signature.alias
        self.approved = Approved(rows, self.alias, alone)
        self.claims = [a.name for a in column.signature.arguments if a.claim and a.name in column.facts]
        binding = bind_function(column.signature, entitled.policy.id, None, settings).binding
        self.arguments = list(binding.arguments.values())
        self.readings = "；".join(f"{name}＝{choice}" for name, choice in binding.readings.items())
        self.batches: dict[int | None, Batch] = {}

    def sort(self):
        cited = self.entitled.policy.cite(self.entitled.policy.measures[self.column.signature.name])
        seen: dict[tuple, int] = {}
        for row, result in enumerate(self.column.results):
            day = self.entitled.days[row]
            kind, amount, reason, remark = self._judged(row, result, day)
            if kind == "":
                continue
            if kind is None:
                person, unclear = self.people.of(row, day)
                year = getattr(day, "year", None)
                reason = self.people.wrong(person) or unclear
                first = seen.get((person.number, year)) if person.number else None
                if not reason and first is not None:
                    reason = f"与第{first}行是同一享受人，一批里只能有一行，请并成一行"
                kind = FAILED if reason else None
                if reason and reason.startswith(tuple(table()["words"]["unpaid"])):
                    kind = STOPPED
                if kind is None:
                    seen[person.number, year] = self.people.table.row_number(row)
                    batch = self.batches.setdefault(year, Batch(self.column, year, cited, self.readings))
                    batch.lines.append(self._line(row, person, amount, remark))
                    continue
            self._apart(row, kind, amount, reason)
        if not self.batches:
            self.batches[None] = Batch(self.column, None, cited, self.readings)
        self.made.batches += [self.batches[year] for year in sorted(self.batches, key=lambda year: year or 0)]

    def _judged(self, row: int, result, day) -> tuple:
        """(None for who may be paid, "" for who claims nothing, else why not; 元 or None; reason; remark)."""
        if result.error:
            return WAITS, None, result.error.message, ""
        if self.entitled.gone[row] and self.column.payee != "户":
            claimed = bool(self.claims) and self._claimed(row)
            return (STOPPED, None, f"人口状态：{self.entitled.gone[row]}", "") if claimed else ("", None, "", "")
        if not result.value:
            told = result.claimed and result.zero_reason and self.column.tells_zero and self._claimed(row)
            return (NOTHING, 0, result.zero_reason, "") if told else ("", None, "", "")
        if day is None and self.entitled.policy.tested:
            return WAITS, None, "没有业务日期，没有检验文件的有效期", ""
        amount, reason = self.approved.settled(row, self.column, result)
        if reason:
            return WAITS, result.value, reason, ""
        paid = self.due.paid[row]
        if isinstance(paid, CellError):
            return (WAITS, amount, paid.message, "") if self.made.checked else (None, amount, "", "")
        if not paid:
            return None, amount, "", ""
        left = round(amount * 100) - round(paid * 100)
        told = f"应享{amount_text(amount)}元，已发{amount_text(paid)}元"
        if left <= 0:
            return PAID, amount, told + ("，多发，请核实" if left < 0 and self.column.kind != "下限" else ""), ""
        return None, amount, "", told

    def _claimed(self, row: int) -> bool:
        """Is anything typed that claims it?"""
        facts, claims = self.column.facts, self.claims
        return not claims or any(not values.is_blank(facts[name][row]) for name in claims if name != "persons")

    def _line(self, row: int, person: Person, standard, remark: str) -> RosterLine:
        paid = self.due.paid[row] if self.made.checked else None
        amount = add([standard, -paid]) if paid else standard
        told = [f"{a.label}＝{_shown(self.column.facts[a.name][row])}" for a in self.arguments
                if a.name in self.column.facts and not values.is_blank(self.column.facts[a.name][row])]  # fmt: skip
        number = self.people.table.row_number(row)
        return RosterLine(person, number, standard, paid, amount, self.entitled.days[row], "；".join(told), remark)

    def _apart(self, row: int, kind: str, amount, reason: str):
        people = self.people
        code = people.codes[row]
        household = people.keys[code] if code >= 0 else ""
        key = f"{self.alias}/{people._key(row)}"
        self.made.apart.append(Apart(self.alias, kind, people.table.row_number(row), household, people.names[row],
                                     people.said("village", row), amount, reason, key))  # fmt: skip


def _shown(value) -> str:
    if isinstance(value, (dt.date, dt.datetime)):
        return f"{value:%Y-%m-%d}"
    if isinstance(value, (bool, int, float)):
        return amount_text(value)
    return str(value).strip()[:30]


# ---- pages


def roster_pages(made: RosterMade) -> list[Page]:
    """The sheets of a roster."""
    names = _sheet_names(made.batches)
    pages = [_summary_page(made)]
    pages += [_batch_page(made, batch, name) for batch, name in zip(made.batches, names)]
    return [*pages, _apart_page(made), _basis_page(made, names)]


def _sheet_names(batches: Sequence[Batch]) -> list[str]:
    """The measure, with the year where there are several."""
    often = Counter(batch.alias for batch in batches)
    return [batch.alias if often[batch.alias] == 1 else f"{batch.alias}{batch.year or ''}" for batch in batches]


def _headed(page: Page, title: str, lines: Sequence[str], width: int) -> int:
    """A title and lines under it over the width of the page; the row after them."""
    row = page.headed(title, lines, width)
    page.heights[0] = 30
    for at in range(1, row):
        cell = page.cells[at, 0]
        if cell.value == UNCHECKED:
            page.row(at, 0, (UNCHECKED, *[None] * (width - 1)), cell.style.but(colour="C00000", bold=True))
    return row


def _told(made: RosterMade, cited: str = "") -> list[str]:
    days = sorted({line.day for batch in made.batches for line in batch.lines if line.day}) or made.days
    span = "至".join(f"{day:%Y-%m-%d}" for day in dict.fromkeys([days[0], days[-1]])) if days else "未填"
    unit = "填报单位（盖章）：　　　　　　　　"
    lines = [f"{unit}政策：{cited or made.policy.cited}　　业务日期：{span}　　金额单位：元"]
    return lines if made.checked else [*lines, UNCHECKED]


def _batch_page(made: RosterMade, batch: Batch, name: str) -> Page:
    width = len(HEADS)
    top = 3 + (not made.checked)
    page = Page(name, tuple(HEADS.values()), landscape=True, freeze=(top, 3), repeat=(top - 1, top - 1))
    row = _headed(page, f"{batch.title}发放花名册", _told(made, batch.cited), width)
    styles = [CENTRED] * 13 + [TEXT, CENTRED, MONEY, MONEY, DAY, CENTRED, TEXT]
    rows, keys = [], []
    for at, line in enumerate(batch.lines, 1):
        who = line.person
        rows.append((
            at, None, who.head_name, who.head_number, who.payee_name, who.payee_number, who.account or None,
            who.bank or None, who.village or None, who.group or None, who.name, who.number, who.phone or None,
            who.address or None, who.age, line.standard, line.amount, None, who.relation or None, line.remark or None,
        ))  # fmt: skip
        keys.append(f"{batch.title}/{who.key}")
    end = page.table(row, 0, tuple(HEADS), rows, styles, keys)
    page.heights[row] = 30
    column = list(HEADS).index("补贴金额")
    bold = CENTRED.but(bold=True)
    for at in range(width):
        page.put(end, at, None, bold)
    page.put(end, 0, "合计", bold, across=2)
    page.put(end, 2, f"{batch.households}户{len(batch.lines)}人", bold, across=2)
    letter = letters_of(column)
    total = Formula(f"SUM({letter}{row + 2}:{letter}{end})", batch.total) if rows else 0
    page.put(end, column, total, MONEY.but(bold=True))
    page.row_keys[end] = "合计"
    if rows:
        told = "发放后填写；停发的在备注里写明原因"
        page.dropdowns.append(Dropdown((row + 1, 1, end - 1, 1), STATES, "支付状态", told))
    apart = Counter(one.kind for one in made.apart if one.alias == batch.alias)
    notes = [f"依据{batch.cited}" + (f"；口径：{batch.readings}" if batch.readings else "")]
    if apart:
        told = "、".join(f"{kind}{count}人" for kind, count in apart.items())
        notes.append(f"另有{told}没有列入，原因见工作表“{SHEETS['apart']}”")
    page.noted(end + 1, notes, width)
    return page


def village_sums(batch: Batch) -> Iterator[tuple[str, int, int, object]]:
    """(village, households, persons, 元) of a batch, in the order of the ledger."""
    for village in dict.fromkeys(line.person.village for line in batch.lines):
        lines = [line for line in batch.lines if line.person.village == village]
        households = {line.person.home for line in lines}
        yield village, len(households), len({line.person.number for line in lines}), add(one.amount for one in lines)


def _summary_page(made: RosterMade) -> Page:
    heads = ("事项", "村", "发放户数", "发放人数", "发放金额（元）")
    page = Page(SHEETS["summary"], (24, 20, 12, 12, 16), freeze=(3 + (not made.checked), 0))
    row = _headed(page, "发放汇总", _told(made), len(heads))
    page.row(row, 0, heads, HEAD)
    bold = {"text": CENTRED.but(bold=True), "count": COUNT.but(bold=True), "money": MONEY.but(bold=True)}
    styles = (TEXT, CENTRED, COUNT, COUNT, MONEY)
    sums = (bold["text"], bold["text"], bold["count"], bold["count"], bold["money"])
    for batch in made.batches:
        first = row + 1
        for village, households, persons, amount in village_sums(batch):
            row += 1
            page.row(row, 0, (batch.title, village or "（没有填村）", households, persons, amount), styles,
                     f"{batch.title}/{village}")  # fmt: skip
        row += 1
        persons = len({line.person.number for line in batch.lines})
        total = Formula(f"SUM(E{first + 1}:E{row})", batch.total) if row > first else 0
        page.row(row, 0, (batch.title, "小计", batch.households, persons, total), sums, f"{batch.title}/小计")
    lines = [line for batch in made.batches for line in batch.lines]
    households = len({line.person.home for line in lines})
    persons = len({line.person.number for line in lines})
    page.row(row + 1, 0, ("合计", None, households, persons, add(line.amount for line in lines)), sums, "合计")
    notes = ["合计的户数、人数不重复计算：一户、一人有几项的只算一次"]
    for kind, count in Counter(one.kind for one in made.apart).items():
        notes.append(f"{kind}{count}项没有列入，逐项原因见工作表“{SHEETS['apart']}”")
    page.noted(row + 2, [*notes, *made.remarks], len(heads))
    return page


def _apart_page(made: RosterMade) -> Page:
    page = Page(SHEETS["apart"], tuple(_APART.values()), landscape=True, freeze=(3, 0), repeat=(2, 2), tab_colour=RED)
    told = f"台账：{made.ledger.path.name}　工作表：{made.sheet}　共{len(made.apart)}项"
    row = _headed(page, "未列入花名册的人", (told,), len(_APART))
    order = {kind: at for at, kind in enumerate((WAITS, FAILED, STOPPED, PAID, NOTHING))}
    apart = sorted(made.apart, key=lambda one: order[one.kind])
    rows = [(one.alias, one.kind, one.row_number, one.household, one.name, one.village, one.amount, one.reason)
            for one in apart]  # fmt: skip
    styles = (TEXT, CENTRED, CENTRED, CENTRED, CENTRED, CENTRED, MONEY, TEXT)
    end = page.table(row, 0, tuple(_APART), rows, styles, [one.key for one in apart])
    page.filtered = (row, 0, max(row, end - 1), len(_APART) - 1)
    return page


def _basis_page(made: RosterMade, names: Sequence[str]) -> Page:
    page = Page(SHEETS["basis"], tuple(_BASIS.values()), landscape=True, freeze=(3, 0), repeat=(2, 2))
    told = "每一行花名册是按哪个文件、哪一行、什么内容、哪种口径算的；可用 xl-poverty audit 复核"
    row = _headed(page, "核算依据", (told,), len(_BASIS))
    rows, keys = [], []
    for batch in made.batches:
        for at, line in enumerate(batch.lines, 1):
            rows.append((
                batch.alias, at, line.person.household, line.person.name, made.ledger.path.name, made.sheet,
                line.row_number, line.day, batch.cited, line.facts, batch.readings, line.standard, line.paid,
                line.amount, __version__, made.sha256,
            ))  # fmt: skip
            keys.append(f"{batch.title}/{line.person.key}")
    styles = (TEXT, CENTRED, CENTRED, CENTRED, TEXT, CENTRED, CENTRED, DAY, TEXT, TEXT, TEXT, MONEY, MONEY, MONEY,
              CENTRED, TEXT)  # fmt: skip
    page.table(row, 0, tuple(_BASIS), rows, styles, keys)
    return page
