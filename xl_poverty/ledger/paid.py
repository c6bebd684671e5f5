"""What is still due: entitlements beside what was paid for the same person and the same time."""
from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from ..errors import CellError
from ..formulas.calls import yuan
from ..rules.parameters import Measure
from ..rules.sentence import amount_text
from .entitlements import SUMMED, Entitled, MeasureColumn, add
from .reading import LedgerTable
from .rosters import Paid, persons_of
from .rows import Rows

#: rows that a remark names
_MOST_ROWS = 10


@dataclass
class DueColumn:
    """One measure beside what was paid.

    paid       per row in 元, or the CellError of a row for which it cannot be told
    due        per row what is still to be paid, never below 0
    overpaid   row -> 元 that were paid beyond what is due
    """

    column: MeasureColumn
    paid: list
    due: list
    overpaid: dict[int, object] = field(default_factory=dict)


@dataclass
class Due:
    """What `settle` found: measure (name of its function) -> its column, and what a clerk should know."""

    columns: dict[str, DueColumn]
    remarks: list[str]


def settle(rows: Rows, entitled: Entitled, paid: Paid) -> Due:
    """What each row is still due: the entitlement less what was paid for the measure in the same time, which is ever
    for what is due once, else the year of the row's day. `entitled` was reckoned beside the same `paid`."""
    found, remarks = {}, []
    persons = persons_of(rows.get("id_number") or [None] * rows.count)
    for column in entitled.columns:
        if column.nature not in SUMMED:
            continue
        signature, measure = column.signature, entitled.policy.measures[column.signature.name]
        claims, asked = [bool(full.error or full.value) for full in column.full], years(measure, entitled)

        def of(person, year, name=signature.name):
            return paid.of(person, name, year)

        got = placed(rows.table, persons, claims, of, signature.alias, measure.payee == "户", asked)
        found[signature.name] = one = DueColumn(column, *_due(column, got))
        for row, (fen, full) in enumerate(zip(got, column.full)):
            if isinstance(fen, CellError) or full.error or (column.kind == "下限" and full.value):
                continue  # more than a floor is right
            if fen > round(full.value * 100):
                one.overpaid[row] = yuan(fen - round(full.value * 100))
        remarks += _remarks(rows, one, got, paid, asked)
    return Due(found, remarks + paid.remarks(rows, set(found)))


def _due(column: MeasureColumn, got: list) -> tuple[list, list]:
    """(per row what was paid, in 元; per row what is still due)."""
    paid = [fen if isinstance(fen, CellError) else yuan(fen) for fen in got]
    due = []
    for fen, result in zip(got, column.results):
        failed = result.error or (fen if isinstance(fen, CellError) else None)
        due.append(failed or yuan(max(0, round(result.value * 100) - fen)))
    return paid, due


def years(measure: Measure, entitled: Entitled) -> list | None:
    """Per row the year whose payments count; the CellError of a row without a day. None for what is due once ever."""
    if measure.once.endswith("一次"):
        return None
    lacking = CellError("missing", "没有业务日期，不知道和哪一年已发的比，请填业务日期")
    return [day if isinstance(day, CellError) else getattr(day, "year", lacking) for day in entitled.days]


def placed(
    found: LedgerTable, persons: Sequence, claims: Sequence[bool], paid: Callable[[str, int | None], int],
    alias: str, of_household: bool, of_year: Sequence | None = None,
) -> list:  # fmt: skip
    """Per row of a ledger what was paid, in fen, or the CellError of a row for which it cannot be told.

    persons       per row the 18 characters, or the CellError of a number that is of no use
    claims        per row: is anything due there?
    paid          (person, year) -> fen
    of_household  is the measure due to households? Then it may have been paid to any member
    of_year       per row the year whose payments count; None: all

    A payment stands where something is due; where that is nowhere, in the person's first row.
    """
    codes = found.households.codes.tolist() if of_household and found.households is not None else [-1] * len(persons)
    home: dict[str, int] = {}  # who stands in two households is paid in the first
    got: list = [0] * len(persons)
    groups: dict[tuple, list[int]] = {}
    for row, (person, code) in enumerate(zip(persons, codes)):
        year = of_year[row] if of_year is not None else None
        unclear = next((one for one in (year, person) if isinstance(one, CellError)), None)
        if isinstance(person, str):
            home.setdefault(person, code)
        if isinstance(year, CellError) or (unclear and code < 0):
            got[row] = unclear if claims[row] else 0
        else:
            groups.setdefault((code, "" if code >= 0 else person, year), []).append(row)
    for (code, _, year), rows in groups.items():
        there = dict.fromkeys(persons[row] for row in rows if isinstance(persons[row], str))
        due = [row for row in rows if claims[row]]
        stands = due or [row for row in rows if isinstance(persons[row], str)][:1]
        try:
            total = sum(paid(person, year) for person in there if home[person] == code)
            unclear = next((persons[row] for row in due if isinstance(persons[row], CellError)), None)
            if unclear:  # what the head was paid, nobody can look up
                raise unclear
            if len(due) > 1 and total:
                where = "、".join(str(found.row_number(row)) for row in due)
                raise CellError("inconsistent", f"同一证件号码在第{where}行都有{alias}，请先核实")
        except CellError as error:
            for row in due:
                got[row] = error
            continue
        for row in stands[:1]:
            got[row] = total
    return got


# ---- what a clerk should know


def _remarks(rows: Rows, one: DueColumn, got: list, paid: Paid, asked: list | None) -> Iterator[str]:
    signature = one.column.signature
    alias = signature.alias
    if one.overpaid:
        where = _rows_told(rows, one.overpaid)
        yield f"{alias}多发{len(one.overpaid)}人共{amount_text(add(one.overpaid.values()))}元，请核实（{where}）"
    unclear: dict[str, list[int]] = {}
    for row, fen in enumerate(got):
        if isinstance(fen, CellError):
            unclear.setdefault(fen.message, []).append(row)
    for message, there in unclear.items():
        yield f"{alias}：{_rows_told(rows, there)}算不出本次应发：{message}"
    said = one.column.received
    if said:
        known = [(row, fen) for row, fen in enumerate(got) if isinstance(fen, int)]
        unseen = [row for row, fen in known if said[row] is True and not fen]
        denied = [row for row, fen in known if said[row] is False and fen]
        if unseen:
            yield f"{alias}：台账写已享受，发放表里没有（{_rows_told(rows, unseen)}），按已享受算，请核对"
        if denied:
            yield f"{alias}：台账写没有享受，发放表里已发（{_rows_told(rows, denied)}），按已发算，请核对"
    if asked is not None:
        counted = {year for year in asked if isinstance(year, int)}
        other = [p for p in paid.payments if p.measure == paid.award(signature.name) and p.year not in counted]
        other = [p for p in other if p.year is not None]
        if other:
            total = amount_text(yuan(sum(p.fen for p in other)))
            told = "、".join(f"{year}年" for year in sorted({p.year for p in other}))
            yield f"{alias}：发放表里有{len(other)}笔共{total}元是{told}的，不算本年已发"


def _rows_told(rows: Rows, numbers: Iterable[int]) -> str:
    there = [str(rows.table.row_number(row)) for row in numbers]
    more = f"等{len(there)}行" if len(there) > _MOST_ROWS else "行"
    return f"第{'、'.join(there[:_MOST_ROWS])}{more}"
