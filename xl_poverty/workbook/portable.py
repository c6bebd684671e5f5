"""A copy of a workbook that stays alive without Python: our formulas become plain ones that any Excel since 2007, WPS
and LibreOffice calculate alike. They read the figures of the documents from a sheet 政策参数; another sheet says what
was changed, and what could not be."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

from ..errors import CellError, LedgerError
from ..formulas.calls import Bound
from ..formulas.native import NoFormula, native_formula
from ..formulas.office import Layer, using
from ..formulas.signatures import AS_OF
from ..formulas.values import NUMBER, is_blank, read_date, read_place, shown
from ..rules.arguments import TOO_LARGE, Argument, fold
from ..rules.binding import Binding
from ..rules.expressions import Steps, Table
from .encoding import Formula
from .formula_text import Call, Expression, Pattern, Template, area_named, mark
from .freezing import sheet_name, untested
from .fresh import table_workbook
from .grafting import Graft
from .our_formulas import UNKNOWN, Doubt, OurFormula, OurFormulas, Place, Told, place_text, same_value
from .references import letters_of
from .styles import Look
from .writing import SheetChanges, write_cells

PARAMETERS, CHANGES = "政策参数", "移植清单"
PARAMETER_HEADINGS = ("参数名", "值", "单位", "条款", "原文", "起始日期", "口径")
_PARAMETER_WIDTHS = (36, 12, 8, 30, 60, 12, 30)
CHANGE_HEADINGS = ("工作表", "单元格", "处理", "原来", "现在", "说明")
_CHANGE_WIDTHS = (14, 14, 14, 50, 14, 60)
LONGEST = 8192
DIFFERENT = "结果不同"

#: what the parameters of indicators are called; other parameters have labels in their documents
_LINE_LABELS = {"low": "下限", "over": "须高于", "rise": "增长下限", "high": "上限"}
#: functions that go cell by cell through a range that they are given, as our own do
_CELLWISE = frozenset(
    ("IF", "IFERROR", "ROUND", "ROUNDUP", "ROUNDDOWN", "INT", "ABS", "N", "T", "TEXT", "VALUE", "TRIM", "LEN", "LEFT",
     "RIGHT", "MID", "ISNUMBER", "ISERROR", "ISNA", "ISBLANK", "ISTEXT", "MOD", "NOT", "CONCATENATE")
)  # fmt: skip
_TEXT = re.compile('"[^"]*"')
_NUMBER_LOOK = Look(number_format="General", quoted=False)
_DAY_WIDTH = 11
_DAY_LOOK = Look(number_format="yyyy-mm-dd", quoted=False)


class Unportable(Exception):
    """This formula has no plain form; the message says why."""


@dataclass
class Ported:
    """What became of the formulas, where the copy is and what its new sheets are called, and what somebody should
    know."""

    target: Path
    sheet: str
    listing: str
    native: int
    frozen: list[Doubt]
    converted: int
    parameters: int
    remarks: list[str] = field(default_factory=list)


@dataclass
class Plan:
    """What becomes what, by sheet and cell (from 0)."""

    cells: dict[str, dict[tuple[int, int], object]] = field(default_factory=lambda: defaultdict(dict))
    inputs: dict[str, dict[tuple[int, int], object]] = field(default_factory=lambda: defaultdict(dict))
    changes: list[tuple] = field(default_factory=list)
    native: int = 0
    frozen: list[Doubt] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)


def portable(source, target, book, *, layers: Sequence[Layer] = ()) -> Ported:
    """Write a copy in which our formulas are plain ones.

    book    the workbook as it was read: sheets with a name and rows of values
    layers  settings of the workbook and options, the strongest first: the same as its live formulas go by

    Raises LedgerError, nothing written.
    """
    source, target = Path(source), Path(target)
    with using(*layers):
        ours = OurFormulas(source, book)
        if not ours.found:
            raise LedgerError(f"{source.name} 里没有本库的公式，不用移植")
        name, listing = sheet_name(ours, PARAMETERS), sheet_name(ours, CHANGES)
        parameters = ParameterSheet(name, ours)
        plan = planned(ours, parameters)
    changes = {}
    for sheet in sorted({*plan.cells, *plan.inputs}):
        made = changes[sheet] = SheetChanges()
        for (row, column), value in {**plan.inputs[sheet], **plan.cells[sheet]}.items():
            made.cells[row + 1, column + 1] = value
        for row, column in plan.inputs[sheet]:
            value = plan.inputs[sheet][row, column]
            if value is not None and not isinstance(value, str):
                made.looks[row + 1, column + 1] = _DAY_LOOK if isinstance(value, dt.date) else _NUMBER_LOOK
            if isinstance(value, dt.date):  # in a narrower column it shows as ####
                made.least_widths[column + 1] = _DAY_WIDTH
    epoch = ours.epoch_1904
    grafts = [Graft(table_workbook(listing, CHANGE_HEADINGS, _CHANGE_WIDTHS, plan.changes, epoch), listing)]
    if parameters.rows:
        made = table_workbook(name, PARAMETER_HEADINGS, _PARAMETER_WIDTHS, parameters.rows, epoch)
        grafts.insert(0, Graft(made, name))
    written = write_cells(source, target, changes, sheets=grafts, unlocking=True)
    remarks = [*ours.remarks, *plan.remarks, *filter(None, [written.saved.moved_because])]
    converted = sum(map(len, plan.inputs.values()))
    figures = len(parameters.rows)
    return Ported(written.saved.path, name, listing, plan.native, plan.frozen, converted, figures, remarks)


# ---- the figures of the documents


class ParameterSheet:
    """The cells of 政策参数: each figure that a formula reads has one."""

    def __init__(self, name: str, ours: OurFormulas):
        self.name, self.ours = name, ours
        self.title = ""  # of the measure or indicator whose formula is being written
        self.rows: list[tuple] = []
        self._places: dict[tuple, str] = {}

    def figure(self, binding: Binding, name: str, value) -> str:
        """The reference to the cell of a figure."""
        document = binding.policy.id if not name.startswith("line.") else ""
        title = "" if name.startswith(("in_force.", "line.")) else self.title
        since = self._since(binding, name) if title else None
        key = document, title, name, since, str(value)
        if key not in self._places:
            self.rows.append(self._row(binding, name, value, since))
            self._places[key] = f"{self.name}!$B${len(self.rows) + 1}"
        return self._places[key]

    def day(self, day: dt.date, origin: str) -> str:
        """The reference to the cell of the date that the settings give."""
        key = "", "", "as_of", None, str(day)
        if key not in self._places:
            self.rows.append(("业务日期", day, "", "", f"取自{origin}", None, ""))
            self._places[key] = f"{self.name}!$B${len(self.rows) + 1}"
        return self._places[key]

    @staticmethod
    def _since(binding: Binding, name: str) -> dt.date:
        """The day from which the figure has stood as it stands."""
        key = name.split(".")[0]
        own = key in binding.version.values or name == "from"
        versions = (binding.measure if own else binding.policy.common).versions
        reached = [one for one in versions if one.start <= max(binding.since, binding.version.start)]
        start = binding.version.start
        for one in reversed(reached or versions):
            if str(_plain(one.values.get(key))) != str(_plain((reached or versions)[-1].values.get(key))):
                break
            start = one.start
        return start

    def _row(self, binding: Binding, name: str, value, since: dt.date | None) -> tuple:
        policy, measure = binding.policy, binding.measure
        value = float(value) if isinstance(value, Fraction) else value
        if name.startswith("in_force."):
            end = "起" if name.endswith("from") else "止（含当日）"
            clause = policy.data.get("in_force", {}).get("clause", "")
            cited = f"{policy.cited}{policy.clause_label(clause) if clause else ''}"
            quote = policy.in_force_quote or policy.in_force_note
            return f"{policy.short_name}文件有效期{end}", value, "", cited, quote, None, ""
        if name.startswith("line."):
            _, line, year = name.split(".")
            _, told = self.ours.settings.line(line, int(year))
            return f"{line}（{year}年）", value, "元", told, "", None, ""
        key, _, rest = name.partition(".")
        label = measure.labels.get(key) or policy.common.labels.get(key) or _LINE_LABELS.get(key, key)
        label, _, unit = label.partition("（")
        unit = unit.rstrip("）") or ("" if measure.base or key not in _LINE_LABELS else measure.unit)
        if name == "from":
            label, unit = "新标准起用日期", ""
        held = binding.version.values.get(key)
        if isinstance(held, Table) and rest:
            label += f"：{rest}" if held.entries.get(rest) == binding_value(value) else f"：{rest}的占比"
        elif isinstance(held, Steps) and rest:
            place, _, part = rest.partition(".")
            label += f"：第{place}档{'起点' if part else ''}"
            unit = "" if part else unit
        elif rest:
            label += f"：{rest}"
        readings = "；".join(f"{one}={choice}" for one, choice in binding.readings.items())
        return f"{self.title}　{label}", value, unit, policy.cite(measure), "……".join(measure.quotes), since, readings


def binding_value(value):
    """A number of a cell as documents hold them."""
    from ..rules.expressions import exact

    return exact(value)


def _plain(value):
    return value.entries if isinstance(value, Table) else value.steps if isinstance(value, Steps) else value


# ---- one formula


class Translator:
    """Formulas of ours as plain ones, each pattern once."""

    def __init__(self, ours: OurFormulas, parameters: ParameterSheet):
        self.ours, self.parameters = ours, parameters
        self._known: dict[tuple, Template | str] = {}
        self._default_day = self._day_of_settings()

    def _day_of_settings(self) -> tuple[str, dt.date | None, str]:
        """(cell of the workbook that holds it or "", day, where it comes from)."""
        day, origin = self.ours.settings.first("as_of")
        text = self.ours.defined.get(AS_OF.label, "")
        found = area_named(text) if origin == "工作簿" else None
        single = found is not None and found[0] and found[1][:2] == found[1][2:]
        return text if single else "", day, origin

    @property
    def day_cell(self) -> Place | None:
        """The cell of the workbook that holds the day of its settings."""
        text = self._default_day[0]
        if not text:
            return None
        sheet, (row, column, _, _) = area_named(text)
        return sheet, row, column

    def default_day(self) -> str:
        """The reference to the day that the settings give, "" where they give none."""
        cell, day, origin = self._default_day
        return cell or (self.parameters.day(day, origin) if day else "")

    def text(self, formula: OurFormula, references: list[str] | None = None) -> str:
        """The plain formula of a cell. Raises Unportable."""
        constants = tuple(
            (value.__class__, value if value is not UNKNOWN else id(UNKNOWN))
            for call in formula.pattern.ours for value in self._constants(call, formula)
        )  # fmt: skip
        shape = tuple(None if area is None else area[1][:2] == area[1][2:] for area in formula.areas)
        key = id(formula.pattern), constants, formula.fills_several, shape
        if key not in self._known:
            try:
                if formula.fills_several:
                    self._check_cellwise(formula.pattern.whole, formula)
                self._known[key] = Template(self._translated(formula.pattern.whole, formula))
            except Unportable as why:
                self._known[key] = str(why)
        template = self._known[key]
        if isinstance(template, str):
            raise Unportable(template)
        text = template.filled(formula.references if references is None else references)
        if len(text) > LONGEST:
            raise Unportable(f"原生公式长{len(text)}个字符，超过 Excel 的上限{LONGEST}")
        return text

    def _constants(self, call: Call, formula: OurFormula):
        for name in ("policy", *self.ours.function(call).selector_names):
            yield self.ours.given(call, name, formula)

    def _translated(self, expression: Expression, formula: OurFormula) -> str:
        parts = []
        for part in expression.parts:
            if isinstance(part, str):
                parts.append(part)
            elif part.name:
                text = self._native(part, formula)
                alone = all(other is part or isinstance(other, str) and not other.strip() for other in expression.parts)
                parts.append(text if alone else f"({text})")
            else:
                inside = ",".join(self._translated(argument, formula) for argument in part.arguments)
                parts.append(f"{part.head}({inside})")
        return "".join(parts)

    def _native(self, call: Call, formula: OurFormula) -> str:
        ours, signature = self.ours, self.ours.function(call)
        if not ours.is_rule(call):
            raise Unportable(f"{signature.alias}不是一条规则，没有原生公式")
        arguments = ours.arguments(call)
        if ours.too_many(call):
            raise Unportable(f"{signature.alias}的参数多了")
        chosen = {}
        for name in ("policy", *signature.selector_names):
            value = ours.given(call, name, formula)
            if value is UNKNOWN or isinstance(value, CellError):
                label = "政策" if name == "policy" else signature.by_name[name].label
                raise Unportable(f"“{label}”由公式或区域给出，原生公式要先知道它")
            if not is_blank(value):
                chosen[name] = value
        refs = {}
        for name, (argument, told) in arguments.items():
            if name in ("policy", "as_of") or name in signature.selector_names:
                continue
            text = self._argument(argument, told, formula)
            if text:
                refs[name] = text
        day = self._day(arguments.get("as_of"), formula)
        self.parameters.title = str(chosen.get("indicator", signature.alias))
        policy = chosen.pop("policy", None)
        try:
            return native_formula(signature.name, refs, policy, day, self.parameters.figure, **chosen)[1:]
        except NoFormula as why:
            raise Unportable(str(why)) from None
        except CellError as error:
            raise Unportable(error.message) from None

    def _day(self, told: tuple[Argument, Told] | None, formula: OurFormula) -> str | None:
        default = self.default_day()
        text = self._argument(*told, formula) if told else ""
        if text and default and told[1].kind != "literal":
            return f'IF(TRIM({text})="",{default},{text})'
        return text or default or None

    def _argument(self, argument: Argument, told: Told, formula: OurFormula) -> str:
        if told.kind == "blank":
            return ""
        if told.kind == "literal":
            return _literal(argument, told.value)
        if argument.kind == "numbers":
            raise Unportable(f"“{argument.label}”是一组单元格，没有原生公式")
        if told.kind == "cells":
            cells = self.ours.cells_of(told, formula)
            if cells is None:
                raise Unportable(f"“{argument.label}”引用的不是本工作簿里能认出的单元格")
            if cells[1][:2] != cells[1][2:] and not formula.fills_several:
                raise Unportable(f"“{argument.label}”是一个区域，而公式没有铺开到各行")
            return mark(told.value) if isinstance(told.value, int) else self.ours.defined[told.expression.plain]
        if told.kind == "call":
            return f"({self._native(told.value, formula)})"
        self._check_expression(told.expression, argument, formula)
        return f"({self._translated(told.expression, formula)})"

    def _check_expression(self, expression: Expression, argument: Argument, formula: OurFormula):
        for part in expression.parts:
            if isinstance(part, str):
                part = _TEXT.sub("", part)
                if "{" in part:
                    raise Unportable(f"“{argument.label}”里有数组常量")
                if any(not self._is_single(number, formula) for number in _marks(part)) or ":" in part:
                    raise Unportable(f"“{argument.label}”里有对区域的计算")

    def _is_single(self, number: int, formula: OurFormula) -> bool:
        area = formula.areas[number]
        return area is not None and area[1][:2] == area[1][2:] or area is None and "[" not in formula.references[number]

    def _check_cellwise(self, expression: Expression, formula: OurFormula):
        """A formula over ranges is one formula per cell only where everything in it goes cell by cell."""
        for part in expression.parts:
            if isinstance(part, str):
                if "{" in _TEXT.sub("", part):
                    raise Unportable("公式里有数组常量")
                continue
            cellwise = part.name or part.head.upper() in _CELLWISE
            for argument in part.arguments:
                if not cellwise and self._has_range(argument, formula):
                    raise Unportable(f"区域的结果又放进了 {part.head}，不能逐格改写")
                self._check_cellwise(argument, formula)

    def _has_range(self, expression: Expression, formula: OurFormula) -> bool:
        inner = (argument for call in expression.calls() for argument in call.arguments)
        texts = (part for one in (expression, *inner) for part in one.parts if isinstance(part, str))
        return any(not self._is_single(number, formula) for text in texts for number in _marks(text))

    def per_cell(self, formula: OurFormula):
        """(cell, its plain formula) of what a formula fills. Raises Unportable."""
        if not formula.fills_several:
            yield (formula.cell.row, formula.cell.column), self.text(formula)
            return
        top, left, _, _ = formula.area
        for row, column in formula.spots():
            yield (row, column), self.text(formula, [
                reference if area is None or area[1][:2] == area[1][2:]
                else _element(reference, area[1], row - top, column - left)
                for reference, area in zip(formula.references, formula.areas, strict=True)
            ])  # fmt: skip


def _marks(text: str) -> list[int]:
    return [ord(character) - 0xE000 for character in text if "\ue000" <= character <= "\uf7ff"]


def _element(reference: str, area, down: int, right: int) -> str:
    """The cell of a range that belongs to a cell of the result; beyond the range there is none."""
    found = element_of(area, down, right)
    if found is None:
        return "NA()"
    sheet = f"{reference.rpartition('!')[0]}!" if "!" in reference else ""
    return f"{sheet}{letters_of(found[1])}{found[0] + 1}"


def element_of(area, down: int, right: int) -> tuple[int, int] | None:
    top, left, bottom, last = area
    row, column = top + (down if bottom > top else 0), left + (right if last > left else 0)
    return (row, column) if row <= bottom and column <= last else None


def _literal(argument: Argument, value) -> str:
    """A value that stands in the formula, as a plain formula takes it."""
    fitting = fitted(argument, value)
    if isinstance(fitting, Misfit):
        raise Unportable(f"“{argument.label}”{fitting.why}")
    value = fitting.value if isinstance(fitting, Fitted) else value
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, dt.date):
        return f"DATE({value.year},{value.month},{value.day})"
    if isinstance(value, str):
        return '"' + value.replace('"', '""') + '"'
    return repr(value) if value >= 0 else f"({value!r})"


# ---- what stands in the cells that are read


@dataclass(frozen=True)
class Fitted:
    """How a value has to be written for a plain formula to read it as Python does."""

    value: object


@dataclass(frozen=True)
class Misfit:
    """A plain formula cannot read it as Python does."""

    why: str


def fitted(argument: Argument, value) -> Fitted | Misfit | None:
    """None where a plain formula reads the value as Python does, or has an error as Python has."""
    if isinstance(value, str):
        return _fitted_text(argument, value)
    if isinstance(value, dt.date | dt.time | dt.timedelta) and argument.kind == "number":
        return Misfit("填的是日期或时间，应是数")
    if argument.kind == "date" and isinstance(value, int | float) and not isinstance(value, bool):
        if value >= 19000101:
            return _fitted_day(argument, value)
    return None


def _fitted_text(argument: Argument, value: str) -> Fitted | Misfit | None:
    if is_blank(value):
        return Fitted(None) if value.strip(" ") else None
    if argument.kind == "number":
        text = unicodedata.normalize("NFKC", value).strip()
        if not NUMBER.fullmatch(text) or abs(Decimal(text)) >= TOO_LARGE:
            return None
        number = float(text)
        return Fitted(int(number) if number.is_integer() else number)
    if argument.kind == "date":
        return _fitted_day(argument, value)
    if argument.finite and value not in argument.codes:
        spelling = next((s for s in argument.codes if isinstance(s, str) and fold(s) == fold(value)), None)
        if spelling is not None:
            return Fitted(spelling)
        if argument.kind == "place":
            try:
                read_place(argument, value)
            except CellError:
                return None
            return Misfit("填的是地址，在哪个省要由 Python 判断")
    return None


def _fitted_day(argument: Argument, value) -> Fitted | None:
    try:
        return Fitted(read_date(argument, value))
    except CellError:
        return None


class Inputs:
    """The cells that our formulas read: what has to be written otherwise in the copy."""

    def __init__(self, ours: OurFormulas):
        self.ours = ours
        self._fits: dict[tuple, Fitted | Misfit | None] = {}
        self._wanted: dict[Place, Fitted] = {}
        self._wrong: dict[Place, str] = {}
        self.readers: dict[Place, str] = {}

    def look(self, argument: Argument, place: Place):
        """A cell is read as this argument."""
        value = self.ours.value(place)
        if value is UNKNOWN or value is None or isinstance(value, CellError):
            return
        key = id(argument), value.__class__, value
        if key not in self._fits:
            self._fits[key] = fitted(argument, value)
        found = self._fits[key]
        if found is None:
            return
        if isinstance(found, Misfit):
            self._wrong[place] = found.why
        elif place in self.ours.formula_places:
            self._wrong[place] = f"的“{shown(value)}”是公式算出的文字，改不成规范的写法"
        elif self._wanted.setdefault(place, found) != found:
            self._wrong[place] = f"的“{shown(value)}”在不同的公式里要读成不同的值"
        self.readers.setdefault(place, argument.label)

    def wrong(self, place: Place) -> str:
        """Why a plain formula cannot read the cell."""
        if place not in self._wrong:
            return ""
        return f"“{self.readers[place]}”（{place_text(*place[1:])}）{self._wrong[place]}"

    def wanted(self) -> dict[Place, object]:
        return {place: found.value for place, found in self._wanted.items() if place not in self._wrong}


def read_places(ours: OurFormulas, formula: OurFormula):
    """(argument, cell) of all that a formula reads as an argument of ours, with the cell of the result it is for."""
    top, left, _, _ = formula.area
    for call in formula.pattern.ours:
        if not ours.is_rule(call):
            continue
        bound, signature = ours.bound(call, formula), ours.function(call)
        used = bound.used if isinstance(bound, Bound) else {}
        for name, (argument, told) in ours.arguments(call).items():
            if told.kind != "cells" or name in ("policy", *signature.selector_names):
                continue
            if name != "as_of" and name not in used and not argument.claim:
                continue
            cells = ours.cells_of(told, formula)
            if cells is None:
                continue
            sheet, area = cells
            argument = used.get(name, argument)
            if area[:2] == area[2:]:
                yield argument, (sheet, *area[:2]), None
            elif formula.fills_several:
                for row, column in formula.spots():
                    element = element_of(area, row - top, column - left)
                    if element:
                        yield argument, (sheet, *element), (row, column)


# ---- all of them


def planned(ours: OurFormulas, parameters: ParameterSheet) -> Plan:
    """What porting makes of each cell."""
    plan, translator, inputs = Plan(), Translator(ours, parameters), Inputs(ours)
    if translator.day_cell:
        inputs.look(AS_OF, translator.day_cell)
    reads: dict[Place, list[tuple[Place, tuple | None]]] = {}
    for formula in ours.found:
        places = []
        for argument, place, spot in read_places(ours, formula):
            inputs.look(argument, place)
            places.append((place, spot))
        reads[formula.place] = places
    computed = _computed(ours)
    runs = _Runs(plan)
    expired: Counter = Counter()
    for formula in ours.found:
        wrong: dict = {}
        for place, spot in reads[formula.place]:
            why = inputs.wrong(place)
            if why:
                wrong.setdefault(spot, why)
        answers = dict(zip(formula.spots(), computed[formula.place], strict=True))
        try:
            cells = dict(translator.per_cell(formula))
        except Unportable as why:
            cells, wrong = dict.fromkeys(formula.spots(), ""), {None: str(why)}
        for spot, text in cells.items():
            value = formula.cell.value if not formula.fills_several else ours.value((formula.sheet, *spot))
            why = wrong.get(None) or wrong.get(spot) or ""
            if why:
                _freeze(plan, formula, spot, value, answers[spot], why)
            else:
                plan.cells[formula.sheet][spot] = Formula(text, _result(value, answers[spot]))
                plan.native += 1
                runs.add(formula, spot)
            _compare(plan, formula, spot, value, answers[spot])
        for call in formula.pattern.ours:
            bound = ours.bound(call, formula)
            if isinstance(bound, Bound) and untested(bound, dt.date.today()) and ours.day_known(call, formula):
                expired[bound.policy] += 1
    runs.done()
    different = sum(change[2] == DIFFERENT for change in plan.changes)
    if different:
        plan.remarks.append(f"{different}个公式原来显示的与重算的不同，见{CHANGES}")
    for (sheet, row, column), value in inputs.wanted().items():
        plan.inputs[sheet][row, column] = value
        before = ours.value((sheet, row, column))
        is_word = isinstance(value, str) or value is None
        kind = "改为日期" if isinstance(value, dt.date) else "改为规范写法" if is_word else "文字改为数"
        told = f"{inputs.readers[sheet, row, column]}：原生公式只认真正的数、日期和规范的词"
        now = "（空白）" if value is None else value
        plan.changes.append((sheet, place_text(row, column), kind, before, now, told))
    plan.remarks += [
        f"{policy.cited}已于{policy.until}到期，{count}个公式没有业务日期，没有检验有效期"
        for policy, count in expired.items()
    ]
    return plan


def _computed(ours: OurFormulas) -> dict[Place, list]:
    """What Python makes of the formulas that are one call of ours, by their cells."""
    groups: dict[int, list[OurFormula]] = defaultdict(list)
    found: dict[Place, list] = {}
    for formula in ours.found:
        if formula.fills_several:
            found[formula.place] = ours.filled(formula)
        elif formula.pattern.alone is not None:
            groups[id(formula.pattern)].append(formula)
        else:
            found[formula.place] = [UNKNOWN]
    for group in groups.values():
        answers = ours.results(group[0].pattern.alone, group)
        found.update({formula.place: [answer] for formula, answer in zip(group, answers, strict=True)})
    return found


def _result(value, answer):
    """What the cell shows until it is calculated again."""
    if answer is UNKNOWN:
        return None if value is UNKNOWN or isinstance(value, CellError) else value
    if isinstance(answer, CellError):
        return CellError(answer.code, answer.message, "#N/A")
    return answer


def _freeze(plan: Plan, formula: OurFormula, spot, value, answer, why: str):
    if value is None or value is UNKNOWN or isinstance(value, CellError) and answer is not UNKNOWN:
        value = answer
    if value is UNKNOWN:
        value, why = CellError("missing", "", "#N/A"), f"{why}；文件里也没有它的值，成了 #N/A"
    plan.cells[formula.sheet][spot] = value
    place = place_text(*spot)
    plan.frozen.append(Doubt(formula.sheet, place, why))
    now = value.cell if isinstance(value, CellError) else value
    plan.changes.append((formula.sheet, place, "固化", f"={formula.cell.text}", now, why))


def _compare(plan: Plan, formula: OurFormula, spot, value, answer):
    if UNKNOWN in (value, answer) or value is None or isinstance(value, CellError) or same_value(value, answer):
        return
    now = answer.cell if isinstance(answer, CellError) else answer
    why = answer.message if isinstance(answer, CellError) else "原来的结果没有重算过，或当时的参数、设置不同"
    plan.changes.append((formula.sheet, place_text(*spot), DIFFERENT, value, now, why))


class _Runs:
    """Where plain formulas stand: cells below each other of one pattern are one line, so that the formulas can be
    found again."""

    def __init__(self, plan: Plan):
        self.plan = plan
        self._open: dict[tuple, list] = {}

    def add(self, formula: OurFormula, spot: tuple[int, int]):
        row, column = spot
        pattern: Pattern = formula.pattern
        key = formula.sheet, column, id(pattern)
        run = self._open.get(key)
        if run and run[1] == row - 1:
            run[1] = row
            return
        if run:
            self._close(key, run)
        self._open[key] = [row, row, formula.cell.text]

    def _close(self, key: tuple, run: list):
        sheet, column, _ = key
        first, last, text = run
        place = place_text(first, column) + (f":{place_text(last, column)}" if last > first else "")
        told = "原来的公式（第一格）；要恢复，请用原文件，或把它填回这些单元格"
        self.plan.changes.append((sheet, place, "改为原生公式", f"={text}", None, told))

    def done(self):
        for key, run in self._open.items():
            self._close(key, run)
