"""The cells of a workbook that call our functions: what they say, what they are told, and what Python makes of that."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from .. import formulas
from ..errors import CellError
from ..formulas.benefit import read_pairs
from ..formulas.calls import Bound, bind_function
from ..formulas.documents import documents, known_function, own_functions
from ..formulas.office import Settings, current
from ..formulas.plain import is_plain
from ..formulas.signatures import AS_OF, POLICY, Signature, signatures
from ..formulas.values import is_blank
from ..rules.arguments import Argument
from .formula_cells import FormulaCell
from .formula_text import Call, Expression, Names, Pattern, Patterns, area_named, in_table
from .parts import Parts, child, local
from .protection import check_package
from .references import Area, area_of, letters_of
from .sheets import Sheet

#: what cannot be said of a cell or a call from the file alone
UNKNOWN = object()
_NAME = re.compile(r"[^\W\d][\w.\\]*")
#: places that a line names
_MOST_PLACES = 5
_FUNCTION_MARKS = {"function", "vbProcedure", "xlm"}
_EPOCHS = (dt.date(1899, 12, 30), dt.date(1904, 1, 1))

Place = tuple[str, int, int]  # sheet, row, column, from 0


@dataclass(frozen=True, eq=False)
class OurFormula:
    """A cell whose formula calls ours. `areas`: (sheet, area) of each reference, None where the file does not say."""

    sheet: str
    cell: FormulaCell
    pattern: Pattern
    references: list[str]
    areas: list[tuple[str, Area] | None] = field(default_factory=list)

    @property
    def place(self) -> Place:
        return self.sheet, self.cell.row, self.cell.column

    @cached_property
    def area(self) -> Area:
        """The cells that it fills."""
        row, column = self.cell.row, self.cell.column
        return self.cell.area if self.cell.kind == "array" and self.cell.area else (row, column, row, column)

    @cached_property
    def fills_several(self) -> bool:
        return self.area[:2] != self.area[2:]

    def spots(self) -> Iterator[tuple[int, int]]:
        top, left, bottom, right = self.area
        return ((row, column) for row in range(top, bottom + 1) for column in range(left, right + 1))


class Doubt(NamedTuple):
    """Something about a cell that somebody has to know."""

    sheet: str
    place: str
    why: str


def told(doubts: list[Doubt], most: int) -> list[str]:
    """Doubts in lines, cells of the same kind together, at most so many."""
    kinds: dict[tuple[str, str], list[str]] = {}
    for doubt in doubts:
        kinds.setdefault((doubt.sheet, doubt.why), []).append(doubt.place)
    lines = []
    for (sheet, why), places in list(kinds.items())[:most]:
        more = f"等{len(places)}处" if len(places) > _MOST_PLACES else ""
        lines.append(f"工作表“{sheet}” {'、'.join(places[:_MOST_PLACES])}{more}：{why}")
    left = sum(map(len, list(kinds.values())[most:]))
    return [*lines, f"另有{left}处"] if left else lines


@dataclass(frozen=True)
class Told:
    """What a formula tells an argument: nothing, a value that stands in it, a cell, a range, a call, or something
    that only a spreadsheet program can work out."""

    kind: str  # blank, literal, cells, call, other
    value: object = None
    expression: Expression | None = None


class OurFormulas:
    """All of them in a workbook, under the settings that hold here.

    book      the workbook as it was read: sheets with a name and rows of values
    remarks   where else our functions are called: names, formats, validations
    """

    def __init__(self, source: Path, book):
        """Raises LedgerError."""
        self.parts = Parts(check_package(Path(source)))
        self.settings: Settings = current()
        self.found: list[OurFormula] = []
        self.remarks: list[str] = []
        self._bounds: dict = {}
        self._told: dict[Expression, Told] = {}
        self._calls: dict[Call, tuple[Signature, dict[str, tuple[Argument, Told]]]] = {}
        self._steady: dict[Call, Bound | CellError | None] = {}
        self.functions: dict[str, Signature] = dict(signatures())
        by_name = {name: s.name for s in self.functions.values() for name in (s.name, s.alias)}
        for policy in documents(self.settings):
            for key, signature in own_functions(policy).items():
                self.functions.setdefault(signature.name, known_function(signature.name, self.settings))
                by_name.setdefault(key, signature.name)
        self.defined = self._defined()
        names = Names(by_name, self.defined)
        patterns = Patterns(names)
        self.rows = {sheet.name: sheet.rows for sheet in book.sheets}
        self.formula_places: set[Place] = set()
        self._without_result: set[Place] = set()
        self._tables = self._known_tables()
        for index, (name, part, kind) in enumerate(self.parts.sheets()):
            if kind != "worksheet":
                continue
            for cell in Sheet(self.parts, index, name, part).formulas():
                place = name, cell.row, cell.column
                self.formula_places.add(place)
                if cell.value is None:
                    self._without_result.add(place)
                known = patterns.of(cell.text)
                if known:
                    formula = OurFormula(name, cell, *known)
                    formula.areas.extend(self.area(reference, name, cell.row) for reference in formula.references)
                    self.found.append(formula)
            self._look_beside(name, part, names)
        for name, text in self.defined.items():
            if names.in_text(text):
                self.remarks.append(f"名称“{name}”的公式里有本库的函数，没有改动")
        for formula in self.found:
            if formula.fills_several:
                self.formula_places.update((formula.sheet, *spot) for spot in formula.spots())

    def _look_beside(self, sheet: str, part: str, names: Names):
        """Formulas in conditional formats and validations are not touched; somebody should know."""
        from .xml_text import entities

        behind = self.parts.package.read(part).rpartition(b"sheetData>")[2]
        texts = re.findall(rb"<(?:\w+:)?(?:formula\d?|f)\b[^>]*>([^<]*)<", behind)
        if any(names.in_text(entities(text.decode("utf-8", "replace"))) for text in texts):
            self.remarks.append(f"工作表“{sheet}”的条件格式或数据有效性里有本库的函数，没有改动")

    def _defined(self) -> dict[str, str]:
        """Names of the whole workbook. Those that programs keep for functions of an add-in mean nothing else."""
        names = child(self.parts.tree(self.parts.workbook), "definedNames")
        found = {}
        for one in () if names is None else names:
            text = one.text or ""
            if local(one) == "definedName" and one.get("localSheetId") is None and text and not text.startswith("#"):
                if _FUNCTION_MARKS.isdisjoint(one.keys()):
                    found[one.get("name", "")] = text
        return found

    def _known_tables(self) -> dict[str, tuple[str, Area, dict[str, int], int]]:
        """Table -> (sheet, area of its data, title -> column)."""
        found = {}
        for name, part, _ in self.parts.sheets():
            for kind, target in self.parts.related(part).values():
                if kind == "table" and target in self.parts:
                    root = self.parts.tree(target)
                    area, columns = area_of(root.get("ref", "")), child(root, "tableColumns")
                    if area and columns is not None:
                        top, left, bottom, right = area
                        top += int(root.get("headerRowCount", "1"))
                        bottom -= int(root.get("totalsRowCount", "0"))
                        titles = {one.get("name", ""): left + at for at, one in enumerate(columns)}
                        found[root.get("displayName", "").casefold()] = name, (top, left, bottom, right), titles
        return found

    @property
    def epoch_1904(self) -> bool:
        return self.parts.epoch_1904

    # ---- references

    def area(self, reference: str, sheet: str, row: int) -> tuple[str, Area] | None:
        """(sheet, the cells) that a reference means in a row of a sheet; None where the file does not say."""
        found = area_named(reference)
        if found:
            return found if found[0] else (sheet, found[1])
        structured = in_table(reference)
        table = self._tables.get(structured[0].casefold()) if structured else None
        if table is None:
            return None
        sheet, (top, left, bottom, right), titles = table
        _, columns, this_row = structured
        if any(column not in titles for column in columns):
            return None
        if columns:
            left, right = titles[columns[0]], titles[columns[-1]]
        if this_row:
            top = bottom = row
        return sheet, (top, left, bottom, right)

    def value(self, place: Place):
        """What a cell holds, or shows as its result."""
        if place in self._without_result:
            return UNKNOWN
        sheet, row, column = place
        rows = self.rows.get(sheet)
        if rows is None:
            return UNKNOWN
        return rows[row][column] if row < len(rows) and column < len(rows[row]) else None

    def values(self, sheet: str, area: Area) -> list[list]:
        """What the cells of a range hold, of the rows that there are."""
        top, left, bottom, right = area
        bottom = min(bottom, max(len(self.rows.get(sheet, ())) - 1, top))
        right = min(right, max(map(len, self.rows.get(sheet, ())), default=1) - 1) if right - left > 1000 else right
        columns = range(left, right + 1)
        return [[self.value((sheet, row, column)) for column in columns] for row in range(top, bottom + 1)]

    # ---- calls

    def told(self, expression: Expression) -> Told:
        if expression not in self._told:
            self._told[expression] = self._tell(expression)
        return self._told[expression]

    def _tell(self, expression: Expression) -> Told:
        literal = expression.literal
        if literal is not None:
            return Told("blank") if is_blank(literal[0]) else Told("literal", literal[0], expression)
        if expression.reference is not None:
            return Told("cells", expression.reference, expression)
        call = expression.call
        if call is not None and call.name:
            return Told("call", call, expression)
        if call is not None and call.head.upper() == "DATE":
            numbers = [argument.literal and argument.literal[0] for argument in call.arguments]
            if len(numbers) == 3 and all(number.__class__ is int for number in numbers):
                with suppress(ValueError):
                    return Told("literal", dt.date(*numbers), expression)
        plain = expression.plain
        if plain and _NAME.fullmatch(plain) and plain in self.defined:
            return Told("cells", self.area(self.defined[plain], "", -1), expression)
        return Told("other", None, expression)

    def cells_of(self, told: Told, formula: OurFormula) -> tuple[str, Area] | None:
        return formula.areas[told.value] if isinstance(told.value, int) else told.value

    def single(self, told: Told, formula: OurFormula):
        """The one value of an argument in this cell, UNKNOWN where it is not one, or not in the file."""
        if told.kind == "blank":
            return None
        if told.kind == "literal":
            return told.value
        if told.kind == "cells":
            found = self.cells_of(told, formula)
            if found and found[1][:2] == found[1][2:]:
                return self.value((found[0], *found[1][:2]))
        if told.kind == "call":
            return self.results(told.value, [formula])[0]
        return UNKNOWN

    def arguments(self, call: Call) -> dict[str, tuple[Argument, Told]]:
        """What a call tells each argument of its function, policy and as_of included."""
        return self._read(call)[1]

    def function(self, call: Call) -> Signature:
        """The function that is called; of 政策待遇 the one that it names."""
        return self._read(call)[0]

    def is_rule(self, call: Call) -> bool:
        """Is the function a rule of a document, which a plain formula can state?"""
        return not is_plain(self.function(call)) and not self.function(call).more

    def _read(self, call: Call) -> tuple[Signature, dict[str, tuple[Argument, Told]]]:
        if call not in self._calls:
            signature, given = self.functions[call.name], {}
            if signature.name == "BENEFIT":
                with suppress(CellError):
                    signature, given = self._named_pairs(call)
            elif not signature.more:
                given = dict(zip((*signature.by_name, "policy", "as_of"), call.arguments))
            known = {**signature.by_name, "policy": POLICY, "as_of": AS_OF}
            self._calls[call] = signature, {name: (known[name], self.told(text)) for name, text in given.items()}
        return self._calls[call]

    def _named_pairs(self, call: Call) -> tuple[Signature, dict[str, Expression]]:
        """What 政策待遇 names, where the names stand in the formula. Raises CellError."""
        words = [argument.literal for argument in call.arguments]
        names = [words[0], *words[1::2]] if words else []
        if not names or None in names:
            raise CellError("unknown_option", "")
        pairs = [one for pair in zip(words[1::2], call.arguments[2::2]) for one in (pair[0][0], pair[1])]
        pairs += [words[-1][0]] if len(words) % 2 == 0 else []
        return read_pairs(self.settings, names[0][0], tuple(pairs), {})

    def too_many(self, call: Call) -> bool:
        """Has the call more arguments than its function takes?"""
        signature = self.functions[call.name]
        return not signature.more and len(call.arguments) > len(signature.arguments) + 2

    def given(self, call: Call, name: str, formula: OurFormula):
        """What a call tells one argument in this cell."""
        found = self.arguments(call).get(name)
        return self.single(found[1], formula) if found else None

    def bound(self, call: Call, formula: OurFormula) -> Bound | CellError | None:
        """The rule behind a call in this cell: document, day, 口径; its error; None for what is no rule of a document,
        or where the file alone does not tell which. A day that it does not tell counts as none, see `day_known`."""
        if call in self._steady:
            return self._steady[call]
        signature = self.function(call)
        names = "policy", "as_of", *signature.selector_names
        told = [self.arguments(call).get(name) for name in names]
        given = [one and self.single(one[1], formula) for one in told]
        given[1] = None if given[1] is UNKNOWN else given[1]
        found = self._bound(signature, given)
        if all(one is None or one[1].kind in ("blank", "literal") for one in told):
            self._steady[call] = found
        return found

    def day_known(self, call: Call, formula: OurFormula) -> bool:
        """Does the file alone tell on which day a call works?"""
        return self.given(call, "as_of", formula) is not UNKNOWN

    def _bound(self, signature: Signature, given: list) -> Bound | CellError | None:
        if is_plain(signature) or signature.more or any(value is UNKNOWN for value in given):
            return None
        key = [signature.name, *given]
        key = tuple((value.__class__, value) for value in key)
        if key not in self._bounds:
            (_, _), (_, policy), (_, as_of), *selected = key
            try:
                found = bind_function(signature, policy, as_of, self.settings, tuple(value for _, value in selected))
            except CellError as error:
                found = error
            self._bounds[key] = found
        return self._bounds[key]

    # ---- results

    def results(self, call: Call, found: list[OurFormula]) -> list:
        """What Python makes of a call in these cells, which share a pattern: a value or CellError each, UNKNOWN where
        it cannot be told. Tables are too large to be read anew for each cell, and a sentence is no result."""
        signature = self.function(call)
        if signature.takes_tables or signature.more or self.too_many(call):
            return [UNKNOWN] * len(found)
        columns, unknown = {}, set()
        for name, (argument, told) in self.arguments(call).items():
            if told.kind in ("blank", "literal"):
                columns[name] = told.value
                continue
            columns[name] = column = self._column(told, found, argument.kind == "numbers")
            unknown.update(number for number, value in enumerate(column) if _is_unknown(value))
        asked = [number for number in range(len(found)) if number not in unknown]
        answers: list = [UNKNOWN] * len(found)
        if asked:
            for number, answer in zip(asked, self._asked(signature, columns, asked), strict=True):
                answers[number] = answer
        return answers

    def _column(self, told: Told, found: list[OurFormula], listed: bool) -> list:
        if told.kind == "call":
            return self.results(told.value, found)
        if told.kind == "other":
            return [UNKNOWN] * len(found)
        column = []
        for formula in found:
            cells = self.cells_of(told, formula)
            if cells is None:
                column.append(UNKNOWN)
            elif cells[1][:2] == cells[1][2:]:
                column.append(self.value((cells[0], *cells[1][:2])))
            elif listed and (cells[1][0] == cells[1][2] or cells[1][1] == cells[1][3]):
                column.append(tuple(value for row in self.values(*cells) for value in row))
            else:
                column.append(UNKNOWN)
        return column

    def _asked(self, signature: Signature, columns: dict, asked: list[int]) -> list:
        """`columns`: what each argument is told, a constant or a list with a value per cell."""
        given = {
            name: [column[number] if isinstance(column[number], tuple) else [column[number]] for number in asked]
            if isinstance(column, list) else column for name, column in columns.items()
        }  # fmt: skip
        grid = self._called(signature, given)
        if isinstance(grid, list):
            return [row[0] for row in grid]
        return [grid] * len(asked)

    def _called(self, signature: Signature, given: dict):
        try:
            if signature.name in signatures():
                return getattr(formulas, signature.name)(**given)
            return formulas.BENEFIT(signature.name, **given)
        except CellError as error:
            return error

    def filled(self, formula: OurFormula) -> list:
        """What Python makes of an array formula that is one call of ours: a value for each of its cells."""
        call, spots = formula.pattern.alone, list(formula.spots())
        if call is None or self.too_many(call) or self.function(call).more or self.function(call).takes_tables:
            return [UNKNOWN] * len(spots)
        given = {}
        for name, (_, told) in self.arguments(call).items():
            cells = self.cells_of(told, formula) if told.kind == "cells" else None
            if cells and cells[1][:2] != cells[1][2:]:
                given[name] = self.values(*cells)
                if any(value is UNKNOWN for row in given[name] for value in row):
                    return [UNKNOWN] * len(spots)
            else:
                given[name] = self.single(told, formula)
                if given[name] is UNKNOWN:
                    return [UNKNOWN] * len(spots)
        grid = self._called(self.function(call), given)
        top, left, bottom, right = formula.area
        found = []
        for row, column in spots:
            value = grid
            for at in (row - top, column - left):
                if isinstance(value, list):
                    at = 0 if len(value) == 1 else at
                    value = value[at] if at < len(value) else CellError("inconsistent", "", "#N/A")
            found.append(value)
        return found


def _is_unknown(value) -> bool:
    return value is UNKNOWN or isinstance(value, tuple) and any(one is UNKNOWN for one in value)


def same_value(shown, computed) -> bool:
    """Is what a cell shows what Python computed? A day may be shown as its number."""
    if isinstance(shown, CellError) or isinstance(computed, CellError):
        return type(shown) is type(computed)
    if isinstance(computed, dt.date) and not isinstance(shown, str):
        if isinstance(shown, dt.date):
            return _day(shown) == _day(computed)
        return any(shown == (_day(computed) - epoch).days for epoch in _EPOCHS)
    if isinstance(shown, bool) or isinstance(computed, bool):  # a host may keep TRUE as 1
        return isinstance(shown, int | bool) and isinstance(computed, int | bool) and int(shown) == int(computed)
    if isinstance(shown, int | float) and isinstance(computed, int | float):
        return abs(shown - computed) <= max(1e-6, abs(computed) * 1e-12)
    return type(shown) is type(computed) and shown == computed


def _day(value: dt.date) -> dt.date:
    return value.date() if isinstance(value, dt.datetime) else value


def place_text(row: int, column: int) -> str:
    """J5."""
    return f"{letters_of(column)}{row + 1}"
