"""The functions that take a whole table with its header row: counts, sums, what was paid, entitlements."""
from __future__ import annotations

import re

from ..errors import CellError, LedgerError
from ..formulas import identity, values
from ..formulas.calls import effective_date, yuan
from ..formulas.documents import known_function, named_document
from ..formulas.office import Layer, Settings, using
from ..formulas.payments import key_of
from ..formulas.plain import Told, plain
from ..formulas.ranges import is_range
from ..formulas.signatures import find
from ..rules.arguments import Argument, fold
from ..rules.cell import round_fen
from ..rules.sentence import amount_text, day_text
from .entitlements import entitle
from .rosters import named_measure, paid_at, paid_columns, person_of, unpaid
from .rows import ready_rows
from .tables import Read, conditions, fulfils, over_table, read_table

# ---- counts and sums


def _matching(found: Read, condition) -> tuple[list[int], int]:
    """(rows that fulfil the condition, how many who died or left are not counted)."""
    tests = conditions(condition, found)
    status = found.fields.get("status")
    if any(test.column == status for test in tests):
        status = None
    rows, left_out = [], 0
    for row in range(len(found.data)):
        if not fulfils(found, tests, row):
            continue
        if status is not None:
            found.cell(row, status, "人口状态")  # raises for an error cell
        if status is not None and found.found.gone[row]:
            left_out += 1
        else:
            rows.append(row)
    return rows, left_out


def _counted(noun: str, keys: set, rows: list[int], left_out: int) -> Told:
    text = f"{len(keys)}{noun}（符合条件的{len(rows)}行，同{'一户' if noun == '户' else '一人'}只算一次"
    return Told(len(keys), text + (f"，另有{left_out}行已死亡或迁出，不计）" if left_out else "）"))


@over_table("HOUSEHOLD_COUNT")
def household_count(settings: Settings, found: Read, condition) -> Told:
    """Households with a row that fulfils the condition, each counted once by 户编号; who died or left is not counted.

    Raises CellError: missing (a matching row without 户编号), unknown_option, and the error of a cell that is asked.
    """
    if "household_id" not in found.fields:
        raise CellError("missing", "表里没有“户编号”列，分不清哪些行是一户")
    rows, left_out = _matching(found, condition)
    keys = set()
    for row in rows:
        household = _key_at(found, row, "household_id", "户编号")
        if household is None:
            raise found.at(row, CellError("missing", "缺户编号，数不清户数"))
        keys.add(household)
    return _counted("户", keys, rows, left_out)


def _key_at(found: Read, row: int, name: str, label: str) -> str | None:
    """What a row is counted by; None without the column. Raises the cell's error, with its place."""
    if name not in found.fields:
        return None
    cell = found.cell(row, found.fields[name], label)
    try:
        return key_of(cell, label)
    except CellError as error:
        raise found.at(row, error) from None


@over_table("PERSON_COUNT")
def person_count(settings: Settings, found: Read, condition) -> Told:
    """Persons whose row fulfils the condition, each counted once: by ID number, else 人口编号, else 户编号 and 姓名."""
    rows, left_out = _matching(found, condition)
    fields, keys = found.fields, set()
    for row in rows:
        number = found.cell(row, fields["id_number"], "证件号码") if "id_number" in fields else None
        person = identity.person_number(number) or _key_at(found, row, "person_id", "人口编号")
        if person is None and "name" in fields:
            household, name = _key_at(found, row, "household_id", "户编号"), found.cell(row, fields["name"], "姓名")
            person = None if household is None or values.is_blank(name) else f"{household}/{fold(str(name))}"
        if person is None:
            problem = "没有可用的证件号码、人口编号，也没有户编号和姓名，数不清人数"
            raise found.at(row, CellError("missing", problem))
        keys.add(person)
    return _counted("人", keys, rows, left_out)


@over_table("LEDGER_SUM")
def ledger_sum(settings: Settings, found: Read, column, condition) -> Told:
    """Sum of a column over the rows that fulfil the condition; blanks are left out, any error or text that is no number
    is the result's error. Totals and notes below the table do not count."""
    argument = find("LEDGER_SUM").by_name["field"]
    if values.is_blank(column):
        raise values.missing(argument)
    label = str(values.read(argument, column)).strip()
    position = found.position(label)
    tests = conditions(condition, found)
    number = Argument("field", label, "number", signed=True)
    total, counted, blank = 0, 0, 0
    for row in range(len(found.data)):
        if not fulfils(found, tests, row):
            continue
        found.cell(row, position, label)  # raises for an error cell
        cell = found.amounts(position)[row]
        if values.is_blank(cell):
            blank += 1
            continue
        try:
            total, counted = total + values.read(number, cell), counted + 1
        except CellError as error:
            raise found.at(row, error) from None
    fen = round_fen(total)
    text = f"{amount_text(yuan(fen))}元，{counted}行相加" + (f"，{blank}行空白未计" if blank else "")
    return Told(yuan(fen), text)


# ---- what was paid


@over_table("PAID_AMOUNT")
def paid_amount(settings: Settings, found: Read, id, measure, from_date, to_date) -> Told:  # noqa: A002
    """What a person was paid for a measure, from a roster with its header row. In 元.

    Joins on the first 18 characters of the ID number; with dates only payments from the one to the other, inclusive.
    Rows marked as failed, sent back or stopped do not count. Raises CellError: missing (a column, an amount or
    a date of a matching row), not_number, unknown_option, inconsistent.
    """
    arguments = find("PAID_AMOUNT").by_name
    person = person_of(id)
    if values.is_blank(measure):
        raise values.missing(arguments["measure"])
    signature = known_function(values.read(arguments["measure"], measure), settings)
    columns = paid_columns(found)
    days = {}
    for name, raw in (("from_date", from_date), ("to_date", to_date)):
        if not values.is_blank(raw):
            days[name] = values.read_date(arguments[name], raw)
    if len(days) == 2 and days["from_date"] > days["to_date"]:
        raise CellError("inconsistent", "“开始日期”晚于“结束日期”，请核对")
    if days and "day" not in columns:
        raise CellError("missing", "发放表没有日期列（如 发放日期），不能按日期取数")
    if "measure" not in columns:
        raise CellError("missing", "发放表没有“事项”列，分不清发的是哪一项")
    if signature not in found.kept:
        found.kept[signature] = _payments(found, columns, signature, settings)
    total, counted = 0, 0
    for row in found.kept[signature].get(person, ()):
        try:
            if days and not _within(found.values(columns["day"])[row], days):
                continue
            total, counted = total + paid_at(found, row), counted + 1
        except CellError as error:
            raise found.at(row, error) from None
    fen = round_fen(total)
    period = "".join(f"{'自' if n == 'from_date' else '至'}{day_text(d)}" for n, d in days.items())
    return Told(yuan(fen), f"{amount_text(yuan(fen))}元，{period}{signature.alias}已发{counted}笔")


def _payments(found: Read, columns: dict[str, int], signature, settings: Settings) -> dict[str, list[int]]:
    """The rows of a measure that were really paid, by person. An error cell where one must look is the result's."""
    rows: dict[str, list[int]] = {}
    meant: dict[str, bool] = {}
    for row in range(len(found.data)):
        item = str(found.values(columns["measure"])[row] or "")
        if item not in meant:
            meant[item] = named_measure(item, settings) is signature
        if meant[item] and not unpaid(found, columns, row):
            cell = found.cell(row, columns["id_number"], "证件号码")
            try:
                rows.setdefault(key_of(cell), []).append(row)
            except CellError as error:
                raise found.at(row, error) from None
    return rows


def _within(cell, days: dict) -> bool:
    if values.is_blank(cell):
        raise CellError("missing", "缺发放日期")
    day = values.read_date(find("PAID_AMOUNT").by_name["from_date"], cell)
    return days.get("from_date", day) <= day <= days.get("to_date", day)


# ---- entitlements of a whole ledger


@plain("ENTITLEMENTS")
def entitlements_table(settings: Settings, policy, as_of, cells, measures) -> Told:
    """Beside each row of the ledger: what each measure comes to, sums by nature, and 依据.

    As many rows as the range has, headers beside the header row, nothing beside titles, totals and notes. A cell
    without a result holds its error. Raises CellError for a table that cannot be worked on.
    """
    found = read_table(cells, settings)
    document, _ = named_document(policy, settings)
    day, _ = effective_date(as_of, settings)
    names = _names(measures, settings)
    try:
        with using(Layer("参数", document.id)) as now:
            rows, _ = ready_rows(found.ledger, found.found)
            entitled = entitle(rows, now, day, names)
    except LedgerError:  # the names are known, so it is the day that lacks
        lacking = f"{document.cited}已于{day_text(document.until)}到期，不填业务日期无法检验有效期"
        raise CellError("missing", f"缺少“业务日期”：{lacking}") from None
    if not entitled.columns:
        why = "；".join(f"{alias}（{reason}）" for alias, reason in entitled.left_out.items())
        raise CellError("missing", f"没有可核算的事项：{why}")
    output = entitled.output()
    result = [[""] * len(output) for _ in found.rows]
    result[found.header] = [header for header, _ in output]
    for row, number in enumerate(found.data):
        result[number] = [cells[row] for _, cells in output]
    return Told(result, _entitled_text(entitled, len(found.data)), document)


def _entitled_text(entitled, rows: int) -> str:
    sums = [f"{c.signature.alias}{amount_text(c.total)}元{f'（{c.errors}行待改）' if c.errors else ''}"
            for c in entitled.columns]  # fmt: skip
    text = f"{rows}行，{'、'.join(sums)}"
    left_out = "、".join(f"{alias}（{reason}）" for alias, reason in entitled.left_out.items())
    return f"{text}；未核算{left_out}" if left_out else text


def _names(measures, settings: Settings) -> list[str] | None:
    """Names of measures from one cell (交通补贴、稳岗补助) or a range of cells. Raises CellError unknown_option."""
    cells = [measures] if not is_range(measures) else [c for row in measures for c in (row if is_range(row) else [row])]
    argument = find("ENTITLEMENTS").by_name["measures"]
    texts = [str(values.read(argument, cell)) for cell in cells if not values.is_blank(cell)]
    names = [name.strip() for text in texts for name in re.split("[、,，;；]", text) if name.strip()]
    return [known_function(name, settings).name for name in names] or None
