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
from .files import read_book
from .headers import header_key, table
from .tables import SCANNED_ROWS, Read, headers_in, read_table


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


def paid_columns(found: Read) -> dict[str, int]:
    """The columns of a table of payments. Raises CellError missing."""
    keys = [header_key(header) for header in found.table.headers]
    columns = {}
    for name, headers in table()["paid"].items():
        position = next((keys.index(header_key(h)) for h in headers if header_key(h) in keys), None)
        if position is not None:
            columns[name] = position
    for name, label in (("id_number", "证件号码"), ("amount", "金额")):
        if name not in columns:
            raise CellError("missing", f"发放表没有“{label}”列")
    return columns


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
        try:
            found = read_table(_cells(file), "发放表")
            columns = paid_columns(found)
        except CellError as error:
            raise LedgerError(f"发放表 {file.name}：{error.message}") from None
        if "measure" not in columns:
            raise LedgerError(f"发放表 {file.name} 没有“事项”列，分不清发的是哪一项")
        argument, others = find("DUE_NOW").by_name["paid"], []
        for row in range(len(found.data)):
            given = {name: found.table.values(column)[row] for name, column in columns.items()}
            item = str(given["measure"] or "").strip()
            signature = named_measure(item, settings)
            if signature is None:
                others.append(values.shown(item) or "空白")
                continue
            place = f"发放表 {file.name} 第{found.data[row] + 1}行"
            try:
                if unpaid(found, columns, row):
                    continue
                person = person_of(given["id_number"])
                if values.is_blank(given["amount"]):
                    raise values.missing(argument)
                fen = round_fen(values.read(argument, given["amount"]))
            except CellError as error:
                raise LedgerError(f"{place}：{error.message.split('行：', 1)[-1]}") from None
            self.sums[person, signature.name] = self.sums.get((person, signature.name), 0) + fen
            self.aliases[signature.name] = signature.alias
        if others:
            items = "、".join(dict.fromkeys(others))
            self.others.append(f"发放表 {file.name} 有{len(others)}行是别的事项（{items}），未计入已发")

    def remarks(self, ledger, compared: set[str]) -> list[str]:
        """What was paid and has no line, without telling to whom."""
        ids = ledger.rows.get("id_number") or []
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


def _cells(file: Path) -> list[list]:
    """The sheet of a file with the most headers. Raises LedgerError."""
    tables = [sheet.rows for sheet in read_book(file).sheets]
    best = max(tables, key=lambda rows: max(map(headers_in, rows[:SCANNED_ROWS]), default=0), default=[])
    if not any(map(headers_in, best[:SCANNED_ROWS])):
        raise LedgerError(f"发放表 {file.name} 前{SCANNED_ROWS}行里没有找到表头（如 证件号码、事项、金额）")
    return best
