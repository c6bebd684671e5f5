"""Tables of what was paid: their columns, whose a payment is and whether it went through, and whole files of them."""
from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ..errors import CellError, LedgerError
from ..formulas import identity, values
from ..formulas.calls import yuan
from ..formulas.documents import known_function, named_document
from ..formulas.office import Settings
from ..formulas.payments import key_of
from ..formulas.signatures import Signature, find, own_signatures, signatures
from ..rules.cell import round_fen
from .cleaning import VALUE
from .fields import table
from .files import read_book
from .reading import LedgerTable, understood
from .rows import Rows
from .tables import Read


def person_of(cell) -> str:
    """The 18 characters by which a person is joined. Raises CellError where there are none."""
    argument = find("PAID_AMOUNT").by_name["id"]
    if values.is_blank(cell):
        raise values.missing(argument)
    key = key_of(values.read(argument, cell))  # raises for a number that lost digits
    if identity.person_number(cell) is None:
        raise CellError("not_number", f"“{argument.label}”不是可用的证件号码，请核对")
    return key


def persons_of(ids: list) -> list:
    """Per row the person, or the error of a number that is of no use."""
    found = []
    for cell in ids:
        try:
            found.append(person_of(cell))
        except CellError as error:
            found.append(error)
    return found


#: what is asked of a table of payments -> the fields that tell it, the first that is there
PAID = {"id_number": ("beneficiary_id", "id_number", "payee_id"), "measure": ("paid_measure",),
        "amount": ("paid_amount",), "day": ("paid_date",), "state": ("paid_state",)}  # fmt: skip
#: the column of the national export that tells what was received
TOLD = table()["received"]["told"]["field"]


def paid_columns(found: Read) -> dict[str, int]:
    """The columns of a table of payments. Raises CellError missing."""
    columns = {}
    for name, fields in PAID.items():
        field = next((field for field in fields if field in found.fields), None)
        if field is not None:
            columns[name] = found.fields[field]
    for name, label in (("id_number", "证件号码"), ("amount", "金额")):
        if name not in columns:
            raise CellError("missing", f"发放表没有“{label}”列")
    return columns


def paid_at(found: Read, row: int):
    """What was paid, in 元. Raises CellError where it is blank or cannot be used."""
    argument, amount = find("DUE_NOW").by_name["paid"], found.cleaned.get("paid_amount")[row]
    if values.is_blank(amount):
        raise values.missing(argument)
    return values.read(argument, amount)


def named_measure(item: str, settings: Settings):
    """The measure of this name; None for another payment."""
    try:
        return known_function(item, settings)
    except CellError:
        return None


def unpaid(found: Read, columns: dict[str, int], row: int) -> bool:
    """Is a payment marked as failed, sent back or stopped? Raises CellError."""
    state = found.cell(row, columns["state"], "支付状态") if "state" in columns else None
    return str(state or "").strip().removeprefix("已") in table()["words"]["unpaid"]


@dataclass(frozen=True)
class Entry:
    """One row of a roster. What cannot be used is its CellError; of a row that was not paid nobody asks.

    signature  the measure; None for another payment
    year       the year that it is for; None where nothing tells
    """

    table: LedgerTable
    row: int
    place: str
    item: str
    signature: Signature | None
    unpaid: bool | CellError
    person: str | CellError
    fen: int | CellError
    year: int | None

    @property
    def error(self) -> CellError | None:
        told = (self.unpaid,) if self.unpaid is True else (self.unpaid, self.person, self.fen)
        return next((one for one in told if isinstance(one, CellError)), None)


@dataclass(frozen=True)
class Payment:
    """One payment that went through.

    person   the 18 characters
    measure  name of the function that grants it
    year     the year that it is for; None where nothing tells
    """

    person: str
    measure: str
    fen: int
    year: int | None
    place: str


class Paid:
    """What was paid: every payment of the rosters, and for whom the national export says that the travel subsidy was
    received."""

    def __init__(self):
        self.aliases: dict[str, str] = {}
        self.files: list[Path] = []
        self.others: list[str] = []
        self._payments: dict[tuple[str, str], list[Payment]] = {}
        self._received: dict[str, list[tuple[int | None, bool]]] = {}
        self._awards: dict[str, str] = {}

    @property
    def payments(self) -> list[Payment]:
        return [payment for several in self._payments.values() for payment in several]

    def award(self, measure: str) -> str:
        """The measure under whose name payments of this one are kept: one that grants the same thing."""
        return self._awards.get(measure, measure)

    def of(self, person: str, measure: str, year: int | None = None) -> int:
        """What a person was paid for a measure (name of its function), in fen: in a year, without one ever.

        Raises CellError missing where it cannot be told whether a payment is of that year.
        """
        total = 0
        for payment in self._payments.get((person, self.award(measure)), ()):
            if year is not None and payment.year is None:
                told = f"{payment.place}这一笔没有写是哪一年的，分不清是不是{year}年已发"
                raise CellError("missing", f"{told}，请在发放表加“补贴年度”或“发放日期”列")
            if year is None or payment.year == year:
                total += payment.fen
        return total

    def received(self, person: str, year: int | None) -> bool | None:
        """Does the national export say that the travel subsidy of the year was received? None where it says nothing."""
        told = [got for of, got in self._received.get(person, ()) if of is None or year is None or of == year]
        return any(told) if told else None

    def read(self, file: Path, settings: Settings):
        """Add a file. Raises LedgerError for a roster that cannot be read, and for a payment without person or amount.
        """
        with suppress(CellError):  # without a document no two measures are known to be one
            policy, _ = named_document(None, settings)
            self._awards.update({name: one.like for name, one in policy.measures.items() if one.like})
        self.files.append(file)
        before: list[tuple[str, list]] = []
        others: list[str] = []
        for read in roster_tables(file, settings):
            if "paid_amount" not in read.fields and TOLD in read.fields:
                self._take_export(read, file)
                continue
            payments = list(self._payments_of(entries(read, file, settings), others))
            same = sorted((one.person, one.measure, one.fen, one.year or 0) for one in payments)
            sheet = read.found.sheet.name
            twin = next((name for name, other in before if same and other == same), None)
            if twin is not None:
                told = f"工作表“{twin}”和“{sheet}”里的发放一模一样，分不清是发了两次还是抄了一份，请只留一张"
                raise LedgerError(f"发放表 {file.name}：{told}")
            before.append((sheet, same))
            for payment in payments:
                self._payments.setdefault((payment.person, payment.measure), []).append(payment)
        if others:
            items = "、".join(dict.fromkeys(others))
            self.others.append(f"发放表 {file.name} 有{len(others)}行是别的事项（{items}），未计入已发")

    def _payments_of(self, found: Iterable[Entry], others: list[str]) -> Iterator[Payment]:
        """What was really paid. Raises LedgerError."""
        for entry in found:
            if entry.signature is None:
                others.append(values.shown(entry.item) or "空白")
                continue
            error = entry.error
            if error:
                raise LedgerError(f"{entry.place}：{error.message.split('行：', 1)[-1]}")
            if not entry.unpaid:
                award = self.award(entry.signature.name)
                self.aliases.setdefault(award, (find(award) or entry.signature).alias)
                yield Payment(entry.person, award, entry.fen, entry.year, entry.place)

    def _take_export(self, read: Read, file: Path):
        """For whom the export says that something was paid. A blank says nothing, 0 that nothing was received."""
        year = year_in(file.stem, _EXPORT_YEAR) or year_in(read.found.layout.title)
        amounts, persons = read.cleaned.get(TOLD), read.found.persons
        for row, code in enumerate(persons.codes.tolist() if persons else ()):
            amount = received_flag(amounts[row])
            if code >= 0 and isinstance(amount, bool):
                self._received.setdefault(persons.keys[code], []).append((year, amount))

    def remarks(self, ledger: Rows, compared: set[str]) -> list[str]:
        """What was paid and has no line, without telling to whom."""
        ids = ledger.get("id_number") or []
        known = {person for person in persons_of(ids) if isinstance(person, str)}
        told, compared = list(self.others), {self.award(name) for name in compared}
        for name, alias in self.aliases.items():
            sums = {}
            for (person, one), payments in self._payments.items():
                if one == name:
                    sums[person] = sum(payment.fen for payment in payments)
            if name not in compared:
                told.append(f"发放表里有{len(sums)}人{alias}共{yuan(sum(sums.values()))}元，这一项没有比较，未列入")
                continue
            left = [fen for person, fen in sums.items() if person not in known]
            if left:
                told.append(f"发放表里有{len(left)}人{alias}共{yuan(sum(left))}元，台账里没有这些人，未列入")
        return told


def read_paid(files: Iterable, settings: Settings) -> Paid:
    """What was paid, from rosters and national exports of any kind. A file that is given twice, or as a copy of the
    same bytes, counts once.

    Raises LedgerError for a file that is not there or cannot be read, and for a payment without person or amount.
    """
    paid, known = Paid(), {}
    for file in dict.fromkeys(Path(file).resolve() for file in files):
        if not file.exists():
            raise LedgerError(f"找不到发放表：{file.name}")
        mark = hashlib.sha256(file.read_bytes()).digest()
        if mark in known:
            paid.others.append(f"发放表 {file.name} 和 {known[mark]} 的内容一样，只算一次")
            continue
        known[mark] = file.name
        paid.read(file, settings)
    return paid


def entries(read: Read, file: Path, settings: Settings) -> Iterator[Entry]:
    """The rows of a roster. Raises LedgerError where a column lacks that every roster needs, or nothing says which
    measure was paid."""
    try:
        columns = paid_columns(read)
    except CellError as error:
        raise LedgerError(f"发放表 {file.name}：{error.message}") from None
    found = read.found
    titles = (found.sheet.name, found.layout.title, file.stem)
    meant = None if "measure" in columns else measure_in(titles, settings)
    if "measure" not in columns and meant is None:
        raise LedgerError(f"发放表 {file.name} 没有“事项”列，分不清发的是哪一项")
    year_of = _years(read, columns, titles)
    sheet = f"工作表“{found.sheet.name}”" if len(read.ledger.tables) > 1 else ""
    for row in range(len(read.data)):
        item = meant.alias if meant else str(read.values(columns["measure"])[row] or "").strip()
        signature = meant or named_measure(item, settings)
        told = [
            _or_error(lambda row=row: unpaid(read, columns, row)),
            _or_error(lambda row=row: person_of(read.values(columns["id_number"])[row])),
            _or_error(lambda row=row: round_fen(paid_at(read, row))),
        ]
        place = f"发放表 {file.name} {sheet}第{found.row_number(row)}行"
        yield Entry(found, row, place, item, signature, *told, year_of(row))


def _or_error(function: Callable):
    try:
        return function()
    except CellError as error:
        return error


def received_flag(amount):
    """What an amount says of having received: TRUE above 0, FALSE for 0; a blank and what is no number stay."""
    known = isinstance(amount, (int, float)) and not isinstance(amount, bool)
    return amount > 0 if known else amount


def measure_in(titles: Iterable[str], settings: Settings) -> Signature | None:
    """The measure that a sheet's name, a title or a file's name speaks of, the first that speaks of one alone."""
    own = {}
    with suppress(CellError):  # the contract's own measures are known without a document
        own = own_signatures(named_document(None, settings)[0])
    offered = [one for one in {**signatures(), **own}.values() if one.result == "元" and one.pays]
    for title in titles:
        there = [one for one in offered if one.alias in (title or "")]
        whole = [one for one in there if not any(one.alias in other.alias for other in there if other is not one)]
        if len(whole) == 1:
            return whole[0]
    return None


_OF_YEAR = re.compile(r"(?<!\d)(20\d\d)年度")
_IN_YEAR = re.compile(r"(?<!\d)(20\d\d)年")
#: 20231218 at the end of the name of an export
_EXPORT_YEAR = re.compile(r"(?<!\d)(20\d\d)(?:年|(?:0[1-9]|1[0-2])[0-3]\d(?!\d))")


def year_in(text: str, pattern: re.Pattern = _IN_YEAR) -> int | None:
    """The one year that a text names; None for none or several."""
    found = set(pattern.findall(text or ""))
    return int(found.pop()) if len(found) == 1 else None


def _years(read: Read, columns: dict[str, int], titles: Sequence[str]) -> Callable[[int], int | None]:
    """Row -> the year that a payment is for: its own column, else the 年度 of a title, else the year of its day, else
    the year that a title names."""
    entitled = next(filter(None, (year_in(title, _OF_YEAR) for title in titles)), None)
    named = next(filter(None, map(year_in, titles)), None)
    own = read.found.cells("paid_year")

    def year_of(row: int) -> int | None:
        if own is not None and own[row].state == VALUE:
            return own[row].value.year
        if entitled:
            return entitled
        if "day" in columns and not values.is_blank(read.values(columns["day"])[row]):
            told = read.found.cells("paid_date")[row]
            return told.value.year if told.state == VALUE and hasattr(told.value, "year") else None
        return named

    return year_of


def roster_tables(file: Path, settings: Settings) -> list[Read]:
    """The tables of payments and of the national export in a file; where none is whole, the one that has most columns
    of a roster. Raises LedgerError."""
    ledger = understood(read_book(file), settings, None)
    whose = ("id_number", "beneficiary_id", "payee_id")
    whole = [t for t in ledger.tables if any(name in t for name in whose) and ("paid_amount" in t or TOLD in t)]
    if whole:
        return [Read([], table, ledger) for table in whole]
    wanted = {name for names in PAID.values() for name in names}
    best = max(ledger.tables, key=lambda table: len(wanted & table.fields.keys()), default=None)
    if best is None or not wanted & best.fields.keys():
        raise LedgerError(f"发放表 {file.name} 里没有找到表头（如 证件号码、事项、金额）")
    return [Read([], best, ledger)]
