"""The functions that take a whole table with its header row: counts, sums, what was paid, entitlements."""
from __future__ import annotations

import re
from dataclasses import dataclass

from ..errors import CellError
from ..formulas import identity, values
from ..formulas.calls import effective_date, yuan
from ..formulas.documents import known_function, named_document
from ..formulas.office import Layer, Settings, using
from ..formulas.payments import key_of
from ..formulas.plain import Told, plain
from ..formulas.ranges import is_range
from ..formulas.signatures import find, plain_arguments
from ..rules.cell import round_fen
from ..rules.sentence import amount_text, day_text
from .entitlements import BASIS, LedgerError, Table, entitle
from .headers import header_hits, header_key, holds_data, table

#: the header row stands among the first rows
SCANNED_ROWS = 15
_TEST = re.compile(r"\s*(.+?)\s*(<>|!=|≠|>=|<=|≥|≤|=|>|<)\s*(.*?)\s*")
_SIGNS = {"!=": "<>", "≠": "<>", "≥": ">=", "≤": "<="}
BLANK = "空白"


@dataclass(frozen=True)
class Read:
    """A table of cells: its header row, and the positions of its rows of data."""

    rows: list[list]
    header: int
    data: list[int]
    table: Table

    def position(self, header: str) -> int:
        """The column under a header or a field's name. Raises CellError unknown_option."""
        fields = self.table.fields
        keys = [header_key(h) for h in self.table.headers]
        if header_key(header) in keys:
            return keys.index(header_key(header))
        labels = {a.label: name for name, a in plain_arguments().items()}
        for name in (header, labels.get(header)):
            if name in fields:
                return fields[name]
        shown = "、".join(str(h) for h in self.table.headers if str(h).strip())
        raise CellError("unknown_option", f"表里没有“{values.shown(header)}”列，有：{shown}")

    def place(self, row: int) -> str:
        return f"区域第{self.data[row] + 1}行"


def read_table(cells, label: str = "台账") -> Read:
    """The table in a range: the row with the most known headers among the first ones, and the data below it.

    Raises CellError: missing (no range), inconsistent (no headers).
    """
    if values.is_blank(cells):
        raise CellError("missing", f"缺少“{label}”：请选带表头的区域")
    if hasattr(cells, "columns") and hasattr(cells, "to_numpy"):  # a DataFrame carries its headers apart
        cells = [list(cells.columns), *cells.to_numpy().tolist()]
    elif hasattr(cells, "tolist"):
        cells = cells.tolist()
    if not is_range(cells):
        raise CellError("inconsistent", f"“{label}”应是带表头的区域")
    rows = [list(row) if is_range(row) else [row] for row in cells]
    hits = [header_hits(row) for row in rows[:SCANNED_ROWS]]
    if not hits or not max(hits):
        told = f"“{label}”的区域里没有找到表头，请把表头行一起选上（如 户编号、证件号码、户类型）"
        raise CellError("inconsistent", told)
    header = hits.index(max(hits))
    data = [number for number in range(header + 1, len(rows)) if holds_data(rows[number])]
    width = len(rows[header])
    columns = [[_cell(rows[number], column) for number in data] for column in range(width)]
    found = Table(rows[header], columns)
    found.count = len(data)
    return Read(rows, header, data, found)


def _cell(row: list, column: int):
    return row[column] if column < len(row) else None


# ---- conditions


@dataclass(frozen=True)
class Test:
    """One part of a condition: 户类型=脱贫户、监测户."""

    column: int
    label: str
    sign: str
    choices: tuple[str, ...]

    def holds(self, cell) -> bool:
        error = values.error_cell(cell, self.label)
        if error:
            raise error
        if values.is_blank(cell):
            return (self.sign == "=") == (BLANK in self.choices) if self.sign in ("=", "<>") else False
        if self.sign in ("=", "<>"):
            same = any(_same(self.label, cell, choice) for choice in self.choices)
            return same == (self.sign == "=")
        number, line = _number(cell), _number(self.choices[0])
        if number is None:
            raise CellError("not_number", f"“{self.label}”有不是数字的值（{values.shown(cell)}），请先改正")
        return {">": number > line, "<": number < line, ">=": number >= line, "<=": number <= line}[self.sign]


def _argument(label: str):
    return next((a for a in plain_arguments().values() if a.label == label and a.finite), None)


def _same(label: str, cell, choice: str) -> bool:
    argument = _argument(label)
    if argument:
        codes = argument.folded_codes
        one, other = (codes.get(values.fold(str(value))) for value in (cell, choice))
        if one is not None and other is not None:
            return one == other
    number, line = _number(cell), _number(choice)
    if number is not None and line is not None:
        return number == line
    return values.fold(str(cell)) == values.fold(choice)


def _number(value):
    argument = plain_arguments()["base"]
    try:
        return values.read_number(argument, value)
    except CellError as error:
        return None if error.code != "negative" else -values.read_number(argument, str(value).strip().lstrip("-－"))


def conditions(text, found: Read) -> list[Test]:
    """The parts of a condition such as 户类型=脱贫户;风险状态=未消除. Several words are separated by 、; 空白 is a
    blank cell. Raises CellError unknown_option."""
    if values.is_blank(text):
        return []
    tests = []
    for part in str(text).replace("；", ";").split(";"):
        if not part.strip():
            continue
        match = _TEST.fullmatch(part.replace("＝", "="))
        if not match:
            raise CellError("unknown_option", f"条件“{values.shown(part)}”应写成 列名=值，如 户类型=脱贫户")
        name, sign, wanted = match.groups()
        column = found.position(name)
        sign = _SIGNS.get(sign, sign)
        choices = tuple(filter(None, (word.strip() for word in wanted.split("、")))) or (BLANK,)
        if sign not in ("=", "<>") and _number(choices[0]) is None:
            raise CellError("not_number", f"条件“{values.shown(part)}”比较大小要写数字")
        label = next((a.label for n, a in plain_arguments().items() if found.table.fields.get(n) == column), name)
        tests.append(Test(column, label, sign, choices))
    return tests


def _matching(found: Read, condition) -> tuple[list[int], int]:
    """(rows that fulfil the condition, how many who died or left are not counted)."""
    tests = conditions(condition, found)
    status = found.table.get("status")
    if status is None or any(test.column == found.table.fields["status"] for test in tests):
        gone = [False] * len(found.data)
    else:
        gone = [not values.is_blank(s) and str(s).strip() in table()["words"]["gone"] for s in status]
    rows, left_out = [], 0
    for row in range(len(found.data)):
        if all(test.holds(found.table.values(test.column)[row]) for test in tests):
            left_out += gone[row]
            if not gone[row]:
                rows.append(row)
    return rows, left_out


def _counted(noun: str, keys: set, rows: list[int], left_out: int) -> Told:
    text = f"{len(keys)}{noun}（符合条件的{len(rows)}行，同{'一户' if noun == '户' else '一人'}只算一次"
    return Told(len(keys), text + (f"，另有{left_out}行已死亡或迁出，不计）" if left_out else "）"))


@plain("HOUSEHOLD_COUNT")
def household_count(settings: Settings, policy, as_of, cells, condition) -> Told:
    """Households with a row that fulfils the condition, each counted once by 户编号; who died or left is not counted.

    Raises CellError: missing (a matching row without 户编号), unknown_option, and the error of a cell that is asked.
    """
    found = read_table(cells)
    ids = found.table.get("household_id")
    if ids is None:
        raise CellError("missing", "表里没有“户编号”列，分不清哪些行是一户")
    rows, left_out = _matching(found, condition)
    keys = set()
    for row in rows:
        key = key_of(ids[row])
        if key is None:
            raise CellError("missing", f"{found.place(row)}缺户编号，数不清户数")
        keys.add(key)
    return _counted("户", keys, rows, left_out)


@plain("PERSON_COUNT")
def person_count(settings: Settings, policy, as_of, cells, condition) -> Told:
    """Persons whose row fulfils the condition, each counted once: by ID number, else 人口编号, else 户编号 and 姓名."""
    found = read_table(cells)
    rows, left_out = _matching(found, condition)
    columns = {name: found.table.get(name) for name in ("id_number", "person_id", "household_id", "name")}
    keys = set()
    for row in rows:
        given = {name: column[row] for name, column in columns.items() if column is not None}
        key = identity.person_number(given.get("id_number")) or key_of(given.get("person_id"))
        if key is None and not any(values.is_blank(given.get(name)) for name in ("household_id", "name")):
            key = f"{key_of(given['household_id'])}/{values.fold(str(given['name']))}"
        if key is None:
            raise CellError("missing", f"{found.place(row)}没有证件号码、人口编号，也没有户编号和姓名，数不清人数")
        keys.add(key)
    return _counted("人", keys, rows, left_out)


@plain("LEDGER_SUM")
def ledger_sum(settings: Settings, policy, as_of, cells, field, condition) -> Told:
    """Sum of a column over the rows that fulfil the condition; blanks are left out, any error or text that is no number
    is the result's error. Totals and notes below the table do not count."""
    found = read_table(cells)
    if values.is_blank(field):
        raise values.missing(find("LEDGER_SUM").by_name["field"])
    column = found.position(str(field).strip())
    tests = conditions(condition, found)
    total, counted, blank = 0, 0, 0
    for row in range(len(found.data)):
        if not all(test.holds(found.table.values(test.column)[row]) for test in tests):
            continue
        cell = found.table.columns[column][row]
        error = values.error_cell(cell, str(field))
        if error:
            raise CellError(error.code, f"{found.place(row)}：{error.message}", error.cell)
        if values.is_blank(cell):
            blank += 1
            continue
        number = _number(values.unwrap(cell))
        if number is None:
            raise CellError("not_number", f"{found.place(row)}“{field}”填的是“{values.shown(cell)}”，不是数字")
        total, counted = total + number, counted + 1
    fen = round_fen(total)
    text = f"{amount_text(yuan(fen))}元，{counted}行相加" + (f"，{blank}行空白未计" if blank else "")
    return Told(yuan(fen), text)


# ---- what was paid


@plain("PAID_AMOUNT")
def paid_amount(settings: Settings, policy, as_of, id, measure, paid_table, from_date, to_date) -> Told:  # noqa: A002
    """What a person was paid for a measure, from a roster with its header row. In 元.

    Joins on the first 18 characters of the ID number; with dates only payments from the one to the other, inclusive.
    Rows marked as failed, sent back or stopped do not count. Raises CellError: missing (a column, an amount or
    a date of a matching row), not_number, unknown_option, inconsistent.
    """
    arguments = find("PAID_AMOUNT").by_name
    if values.is_blank(id):
        raise values.missing(arguments["id"])
    person = key_of(id)
    if identity.person_number(id) is None:
        raise CellError("not_number", "“证件号码”不是可用的证件号码，请核对")
    if values.is_blank(measure):
        raise values.missing(arguments["measure"])
    signature = known_function(measure, settings)
    found = read_table(paid_table, "发放表")
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
    total, counted = 0, 0
    for row in range(len(found.data)):
        given = {name: found.table.values(column)[row] for name, column in columns.items()}
        if key_of(given["id_number"]) != person or not _is_measure(given["measure"], signature, settings):
            continue
        if str(given.get("state") or "").strip() in table()["words"]["unpaid"]:
            continue
        if days and not _within(given["day"], days, found.place(row)):
            continue
        if values.is_blank(given["amount"]):
            raise CellError("missing", f"{found.place(row)}缺发放金额")
        try:
            total += values.read(find("DUE_NOW").by_name["paid"], given["amount"])
        except CellError as error:
            raise CellError(error.code, f"{found.place(row)}：{error.message}", error.cell) from None
        counted += 1
    fen = round_fen(total)
    period = "".join(f"{'自' if n == 'from_date' else '至'}{day_text(d)}" for n, d in days.items())
    return Told(yuan(fen), f"{amount_text(yuan(fen))}元，{period}{signature.alias}已发{counted}笔")


def paid_columns(found: Read) -> dict[str, int]:
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


def _is_measure(cell, signature, settings: Settings) -> bool:
    try:
        return not values.is_blank(cell) and known_function(str(cell), settings) is signature
    except CellError:  # a roster holds other payments as well
        return False


def _within(cell, days: dict, place: str) -> bool:
    if values.is_blank(cell):
        raise CellError("missing", f"{place}缺发放日期")
    day = values.read_date(find("PAID_AMOUNT").by_name["from_date"], cell)
    return days.get("from_date", day) <= day <= days.get("to_date", day)


# ---- entitlements of a whole ledger


@plain("ENTITLEMENTS")
def entitlements_table(settings: Settings, policy, as_of, cells, measures) -> list[list]:
    """Beside each row of the ledger: what each measure comes to, sums by nature, and 依据.

    As many rows as the range has, headers beside the header row, nothing beside titles, totals and notes. A cell
    without a result holds its error. Raises CellError for a table that cannot be worked on.
    """
    found = read_table(cells)
    document, _ = named_document(policy, settings)
    day, _ = effective_date(as_of, settings)
    for name in _names(measures) or ():
        known_function(name, settings)
    try:
        with using(Layer("参数", document.id)) as now:
            entitled = entitle(found.table, now, day, _names(measures))
    except LedgerError as error:
        raise CellError("inconsistent", str(error)) from None
    if not entitled.columns:
        why = "；".join(f"{alias}（{reason}）" for alias, reason in entitled.left_out.items())
        raise CellError("missing", f"没有可核算的事项：{why}")
    heads = [column.header for column in entitled.columns]
    heads += [f"应享{nature}合计" for nature in entitled.natures] + [BASIS]
    result = [[""] * len(heads) for _ in found.rows]
    result[found.header] = heads
    for row, number in enumerate(found.data):
        results = [column.results[row] for column in entitled.columns]
        result[number] = [
            *(one.error or one.value for one in results),
            *(entitled.row_sum(nature, row) for nature in entitled.natures),
            entitled.basis(row),
        ]
    return result


def _names(measures) -> list[str] | None:
    """Names of measures from one cell (交通补贴、稳岗补助) or a range of cells."""
    if values.is_blank(measures):
        return None
    cells = [measures] if not is_range(measures) else [c for row in measures for c in (row if is_range(row) else [row])]
    return [name.strip() for cell in cells if not values.is_blank(cell) for name in re.split("[、,，;；]", str(cell))]
