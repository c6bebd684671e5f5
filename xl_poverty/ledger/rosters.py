"""Tables of what was paid: their columns, whose a payment is and whether it went through, and whole files of them."""
from __future__ import annotations

from pathlib import Path

from ..errors import CellError, LedgerError
from ..formulas import identity, values
from ..formulas.calls import yuan
from ..formulas.documents import known_function
from ..formulas.office import Settings
from ..formulas.payments import key_of
from ..formulas.signatures import find
from ..rules.cell import round_fen
from .fields import table
from .files import read_book
from .reading import understood
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


class Roster:
    """What was paid, in fen by person and measure, and what else the rosters hold."""

    def __init__(self):
        self.sums: dict[tuple[str, str], int] = {}
        self.aliases: dict[str, str] = {}
        self.others: list[str] = []

    def read(self, file: Path, settings: Settings):
        """Raises LedgerError for a roster that cannot be read, and for a payment without person or amount."""
        found = _table(file, settings)
        try:
            columns = paid_columns(found)
        except CellError as error:
            raise LedgerError(f"发放表 {file.name}：{error.message}") from None
        if "measure" not in columns:
            raise LedgerError(f"发放表 {file.name} 没有“事项”列，分不清发的是哪一项")
        others = []
        for row in range(len(found.data)):
            item = str(found.values(columns["measure"])[row] or "").strip()
            signature = named_measure(item, settings)
            if signature is None:
                others.append(values.shown(item) or "空白")
                continue
            try:
                if unpaid(found, columns, row):
                    continue
                person = person_of(found.values(columns["id_number"])[row])
                fen = round_fen(paid_at(found, row))
            except CellError as error:
                place = f"发放表 {file.name} 第{found.found.row_number(row)}行"
                raise LedgerError(f"{place}：{error.message.split('行：', 1)[-1]}") from None
            self.sums[person, signature.name] = self.sums.get((person, signature.name), 0) + fen
            self.aliases[signature.name] = signature.alias
        if others:
            items = "、".join(dict.fromkeys(others))
            self.others.append(f"发放表 {file.name} 有{len(others)}行是别的事项（{items}），未计入已发")

    def remarks(self, ledger: Rows, compared: set[str]) -> list[str]:
        """What was paid and has no line, without telling to whom."""
        ids = ledger.get("id_number") or []
        known = {person for person in persons_of(ids) if isinstance(person, str)}
        told = list(self.others)
        for name, alias in self.aliases.items():
            sums = {person: fen for (person, one), fen in self.sums.items() if one == name}
            if name not in compared:
                told.append(f"发放表里有{len(sums)}人{alias}共{yuan(sum(sums.values()))}元，这一项没有比较，未列入")
                continue
            left = [fen for person, fen in sums.items() if person not in known]
            if left:
                told.append(f"发放表里有{len(left)}人{alias}共{yuan(sum(left))}元，台账里没有这些人，未列入")
        return told


def _table(file: Path, settings: Settings) -> Read:
    """The table of a file with the most columns of a roster. Raises LedgerError."""
    ledger = understood(read_book(file), settings, None)
    wanted = {name for names in PAID.values() for name in names}
    best = max(ledger.tables, key=lambda table: len(wanted & table.fields.keys()), default=None)
    if best is None or not wanted & best.fields.keys():
        raise LedgerError(f"发放表 {file.name} 里没有找到表头（如 证件号码、事项、金额）")
    return Read([], best, ledger)
