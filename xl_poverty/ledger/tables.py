"""A table in a range of cells: its header row, the rows of data, and the conditions that rows are asked for."""
from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property

from ..errors import CellError
from ..formulas import values
from ..formulas.office import Settings
from ..formulas.payments import key_of
from ..formulas.plain import Told, plain
from ..formulas.ranges import broadcast, is_range
from ..formulas.signatures import find, plain_arguments
from ..rules.arguments import Argument, fold
from .cleaning.amounts import header_unit
from .columns import Column
from .headers import field_of, header_key, meant
from .layout import REPEATED
from .reading import Ledger, LedgerTable, range_ledger
from .rows import ANY_NUMBER, Rows

_TEST = re.compile(r"\s*(.+?)\s*(<>|!=|≠|>=|<=|≥|≤|=|>|<)\s*(.*?)\s*")
_SIGNS = {"!=": "<>", "≠": "<>", "≥": ">=", "≤": "<="}
_FULL_WIDTH = str.maketrans("；＝＜＞！", ";=<>!")
BLANK = "空白"
#: what 劳动技能 tells apart although to a rule each is simply 是 or 否
_SKILLS = frozenset(("普通劳动力", "技能劳动力", "丧失劳动力", "无劳动力"))
#: columns whose cells are compared as numbers of persons and households are, 0012 is not 12
_KEYS = ("household_id", "person_id", "id_number")

@dataclass(frozen=True)
class Read:
    """A table of cells: its header row, and the positions of its rows of data."""

    rows: list[list]
    found: LedgerTable
    ledger: Ledger
    kept: dict = field(default_factory=dict)  # what was found in it once for many cells

    @cached_property
    def header(self) -> int:
        """The row of the range with the (lowest) headers."""
        return self.found.layout.bottom

    @cached_property
    def data(self) -> list[int]:
        """The rows of the range that are data."""
        return self.found.layout.data.tolist()

    @cached_property
    def fields(self) -> dict[str, int]:
        """Field -> position of its column."""
        return {name: column.position for name, column in self.found.fields.items()}

    def values(self, position: int) -> list:
        """A column as it stands, with what its words mean under their header; the same list however often it is asked
        for."""
        if position not in self.kept:
            column = self._column(position)
            codes, cells = self.found.raw(column)
            cells = meant(column.header, cells)
            self.kept[position] = [cells[code] for code in codes.tolist()]
        return self.kept[position]

    def amounts(self, position: int) -> list:
        """A column as it is added up: where the header counts in another unit (万元), in the unit itself (元)."""
        column = self._column(position)
        unit = header_unit(column.unit, column.field.unit) if column.field and column.unit else None
        if unit is None or unit.factor == 1:
            return self.values(position)
        return self.cleaned.of(column)

    @cached_property
    def cleaned(self) -> Rows:
        """The rows as formulas take them."""
        return Rows(self.found)

    def _column(self, position: int) -> Column:
        return next(column for column in self.found.columns if column.position == position)

    def position(self, header: str) -> int:
        """The column under a header, a synonym of it or a field's name. Raises CellError: unknown_option, inconsistent
        (several columns of that name that differ)."""
        key = header_key(header)
        repeated = (q for q in self.found.questions if q.key.startswith(REPEATED))
        asked = next((q for q in repeated if header_key(q.key.removeprefix(REPEATED)) == key), None)
        if asked:
            raise CellError("inconsistent", asked.text)
        if key in self.found.by_header:
            return self.found.by_header[key].position
        labels = {a.label: name for name, a in plain_arguments().items()}
        for name in (header, labels.get(header), field_of(header)):
            if name in self.fields:
                return self.fields[name]
        shown = "、".join(dict.fromkeys(values.shown(c.path[-1]) for c in self.found.columns if c.path))
        raise CellError("unknown_option", f"表里没有“{values.shown(header)}”列，有：{shown}")

    def at(self, row: int, error: CellError) -> CellError:
        """An error with the place where it stands."""
        return CellError(error.code, f"区域第{self.found.row_number(row)}行：{error.message}", error.cell)

    def cell(self, row: int, column: int, label: str):
        """A cell that is asked for. Raises CellError if it is an error itself."""
        value = self.values(column)[row]
        error = values.error_cell(value, label)
        if error:
            raise self.at(row, error)
        return value


def read_table(cells, settings: Settings, label: str = "台账") -> Read:
    """The table in a range: the one with the most known headers, and the data below it.

    Raises CellError: missing (no range), excel_error, inconsistent (no headers).
    """
    if values.is_blank(cells):
        raise CellError("missing", f"缺少“{label}”：请选带表头的区域")
    error = values.error_cell(cells, label)
    if error:
        raise error
    if hasattr(cells, "columns") and hasattr(cells, "to_numpy"):  # a DataFrame carries its headers apart
        cells = [list(cells.columns), *cells.to_numpy().tolist()]
    elif hasattr(cells, "tolist"):
        cells = cells.tolist()
    if not is_range(cells):
        raise CellError("inconsistent", f"“{label}”应是带表头的区域")
    rows = [list(row) if is_range(row) else [row] for row in cells]
    ledger = range_ledger(rows, settings)
    found = max(ledger.tables, key=lambda table: len(table.fields), default=None)
    if found is None:
        usual = "证件号码、事项、金额" if label == "发放表" else "户编号、证件号码、户类型"
        raise CellError("inconsistent", f"“{label}”的区域里没有找到表头，请把表头行一起选上（如 {usual}）")
    return Read(rows, found, ledger)


def over_table(name: str):
    """Mark a function of (settings, the table that was read, its other arguments) as the one of that name. The table is
    read once; the other arguments may be ranges."""

    def mark(function):
        @plain(name)
        def called(settings: Settings, policy, as_of, *raw) -> Told:
            signature = find(name)
            place = next(i for i, argument in enumerate(signature.arguments) if argument.kind == "table")
            found = read_table(raw[place], settings, signature.arguments[place].label)
            grid = broadcast(signature, (*raw[:place], None, *raw[place + 1 :]), None, None)
            results = []
            for row in range(grid.rows):
                own = grid.raw(row)
                try:
                    results.append(function(settings, found, *own[:place], *own[place + 1 :]))
                except CellError as error:
                    if grid.single:
                        raise
                    results.append(error)
            if grid.single:
                return results[0]
            return Told(grid.shaped([getattr(one, "value", one) for one in results]), f"{grid.rows}格，逐格核算")

        return function

    return mark


# ---- conditions


@dataclass(frozen=True)
class Test:
    """One part of a condition: 户类型=脱贫户、监测户."""

    column: int
    label: str
    sign: str
    choices: tuple[str, ...]
    argument: Argument | None = None  # whose words the column holds
    is_key: bool = False

    def holds(self, cell) -> bool:
        error = values.error_cell(cell, self.label)
        if error:
            raise error
        if values.is_blank(cell):
            return (self.sign == "=") == (BLANK in self.choices) if self.sign in ("=", "<>") else False
        if self.sign in ("=", "<>"):
            return any(self.same(cell, choice) for choice in self.choices) == (self.sign == "=")
        number, line = _number(cell), _number(self.choices[0])
        if number is None:
            raise CellError("not_number", f"“{self.label}”有不是数字的值（{values.shown(cell)}），请先改正")
        return {">": number > line, "<": number < line, ">=": number >= line, "<=": number <= line}[self.sign]

    def same(self, cell, choice: str) -> bool:
        if self.is_key:
            return key_of(cell, self.label) == key_of(choice, self.label)
        if self.argument and fold(choice) not in _SKILLS:
            one, other = _code(self.argument, cell), _code(self.argument, choice)
            if one is not None and other is not None:
                return one == other
        number, line = _number(cell), _number(choice)
        if number is not None and line is not None:
            return number == line
        return fold(str(cell)) == fold(choice)


def _code(argument: Argument, word) -> int | None:
    """The code of a word or flag in any spelling."""
    code = argument.codes.get(word) if isinstance(word, (str, bool, int, float)) else None
    return argument.folded_codes.get(fold(str(word))) if code is None else code


def _number(value):
    try:
        return values.read_number(ANY_NUMBER, values.unwrap(value))
    except CellError:
        return None


def conditions(text, found: Read) -> list[Test]:
    """The parts of a condition such as 户类型=脱贫户;风险状态=未消除. Several words are separated by 、; 空白 is a
    blank cell. Raises CellError: unknown_option (also for a word that the column cannot hold), not_number."""
    if values.is_blank(text):
        return []
    text = str(values.read(plain_arguments()["condition"], text))
    return [_test(part, found) for part in text.translate(_FULL_WIDTH).split(";") if part.strip()]


def _test(part: str, found: Read) -> Test:
    match = _TEST.fullmatch(part)
    if not match or re.search("[=<>≠≥≤]", match[3]):
        told = f"条件“{values.shown(part)}”应写成 列名=值，如 户类型=脱贫户；几个条件用；隔开，几个值用、隔开"
        raise CellError("unknown_option", told)
    name, sign, wanted = match.groups()
    column, sign = found.position(name), _SIGNS.get(sign, sign)
    choices = tuple(filter(None, (word.strip() for word in wanted.split("、")))) or (BLANK,)
    if sign not in ("=", "<>") and (len(choices) > 1 or _number(choices[0]) is None):
        raise CellError("not_number", f"条件“{values.shown(part)}”比较大小要写一个数字")
    fields = found.fields
    worded = (a for n, a in plain_arguments().items() if fields.get(n) == column and a.kind in ("word", "flag"))
    argument = next(worded, None)
    if argument and sign in ("=", "<>"):
        cells = None
        for choice in choices:
            if choice == BLANK or _code(argument, choice) is not None:
                continue
            cells = cells or {fold(str(cell)) for cell in found.values(column)}
            if fold(choice) not in cells:
                told = f"“{name}”没有“{values.shown(choice)}”，{values.to_fill(argument)}，几个值用、隔开"
                raise CellError("unknown_option", told)
    return Test(column, name, sign, choices, argument, any(fields.get(key) == column for key in _KEYS))


def fulfils(found: Read, tests: list[Test], row: int) -> bool:
    """Does a row fulfil every part? A part that fails decides, whatever errors the others meet."""
    problem = None
    for test in tests:
        try:
            if not test.holds(found.values(test.column)[row]):
                return False
        except CellError as error:
            problem = problem or found.at(row, error)
    if problem:
        raise problem
    return True
