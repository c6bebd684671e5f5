"""Calling a function: the checks in their order, one row or whole ranges, and the reason beside the result."""
from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import lru_cache

from ..errors import CellError
from ..rules.arguments import TOO_LARGE, Argument
from ..rules.binding import NO_CLAIM, TROUBLE, Binding, bind
from ..rules.expressions import arguments_in, exact
from ..rules.parameters import Measure, Policy
from ..rules.sentence import Teller
from . import documents, values
from .office import Settings, current
from .ranges import broadcast, is_range
from .signatures import AS_OF, Signature

#: bindings kept per function; dates typed row by row must not fill the memory
MOST_BOUND = 2048


@dataclass(frozen=True)
class Answer:
    """What a row comes to: the value a cell shows, and all that a sentence needs to explain it."""

    value: object
    exact: object  # fen for money
    reason: int
    coded: dict[str, object]
    lines: tuple[str, ...] = ()  # office lines that stood in for blanks


class Bound:
    """A function ready to be called under one document, day and choice of 口径."""

    def __init__(self, signature: Signature, binding: Binding, policy_origin: str, day, day_origin: str,
                 settings: Settings):  # fmt: skip
        self.signature, self.binding, self.settings = signature, binding, settings
        self.policy_origin, self.day, self.day_origin = policy_origin, day, day_origin
        self.used = binding.arguments
        self.show = _shower(binding)
        self.row = _compile_row(self)

    @property
    def without_value(self) -> bool:
        """Outside the validity period a number that is no amount has no value, 0 would be a wrong one."""
        return self.binding.shut and self.binding.outcome.ending == "value"

    @property
    def policy(self) -> Policy:
        return self.binding.policy

    def answer(self, raw: tuple) -> Answer:
        """The row with every check in its order. Raises CellError."""
        given = dict(zip(self.signature.by_name, raw))
        blank = {name for name, value in given.items() if values.is_blank(values.unwrap(value))}
        blank |= {name for name in given if _all_blank_list(self.signature.by_name[name], given[name])}
        if self._unclaimed(blank):
            return self._answer(0, NO_CLAIM, dict.fromkeys(self.used))
        coded: dict[str, object] = {}
        problems: list[CellError] = []
        lines: list[str] = []
        for name, argument in self.used.items():
            if name in blank:
                line = self._line(argument)
                if line:
                    coded[name] = line[0]
                    lines.append(line[1])
                else:
                    coded[name] = 0 if argument.finite else None
                    if not argument.optional:
                        problems.append(values.missing(argument, self._why_no_line(argument)))
                continue
            try:
                coded[name] = values.read(argument, given[name])
            except CellError as error:
                problems.append(error)
        problems += self._needs(coded)
        if problems:
            raise min(problems, key=values.stage)
        teller = Teller(self.binding, coded)
        for test, code, sentence in self.binding.outcome.checks:
            if not teller.value(test):
                raise CellError(code, f"{sentence}，请核对")
        if self.without_value:
            raise out_of_period(self.signature.alias, self.policy)
        try:
            result, reason = self.binding.core(**coded)
        except ZeroDivisionError:
            raise CellError("div_zero", "除数为0，请核对") from None
        return self._answer(result, reason, coded, tuple(lines))

    def _unclaimed(self, blank: set[str]) -> bool:
        """Is every part of the claim blank? Where the office's line stands in for all of it, it is not."""
        claims = self.binding.claims
        if not claims or not blank.issuperset(claims):
            return False
        return not all(self._line(self.signature.by_name[name]) for name in claims)

    def _answer(self, result, reason, coded, lines=()) -> Answer:
        return Answer(self.show(result), result, reason, coded, lines)

    def _needs(self, coded: dict):
        teller = Teller(self.binding, coded)
        for name, condition in self.binding.outcome.needs:
            argument = self.used[name]
            is_blank = name in coded and coded[name] == 0 if argument.finite else coded.get(name, 0) is None
            if is_blank and all(n in coded for n in arguments_in(condition)) and teller.value(condition):
                yield values.missing(argument, self._why_no_line(argument))

    def _line(self, argument: Argument):
        if not argument.line or self.day is None:
            return None
        return self.settings.line(argument.line, self.day.year)

    def _why_no_line(self, argument: Argument) -> str:
        if not argument.line:
            return ""
        if self.day is None:
            return "未填业务日期，不知用哪一年的标准；"
        return f"没有登记{self.day.year}年的{argument.line}；"


def _all_blank_list(argument: Argument, raw) -> bool:
    return argument.kind == "numbers" and is_range(raw) and all(values.is_blank(values.unwrap(cell)) for cell in raw)


def _shower(binding: Binding):
    """From the exact result to the value a cell shows."""
    if binding.pays:
        return yuan
    if binding.outcome.ending == "value":
        return plain_number
    return lambda result: result


def yuan(fen: int):
    """Fen as 元: an int where possible."""
    whole, rest = divmod(fen, 100)
    return whole if not rest else fen / 100


def plain_number(value):
    """An exact number as int or the nearest float."""
    try:
        return value.numerator if value.denominator == 1 else value.numerator / value.denominator
    except OverflowError:
        raise CellError("out_of_range", "结果大得无法表示，请核对所填的数") from None


# ---- the everyday row, compiled


def _compile_row(bound: Bound):
    """A function of the raw inputs of one row that needs no second look: words in their usual spelling, plain
    numbers. Everything else goes to `Bound.answer`, which knows all checks and their order."""
    signature, binding = bound.signature, bound.binding
    names: dict[str, object] = {"answer": bound.answer, "core": binding.core, "show": bound.show,
                                "plain": _plain_float, "finite": _finite_float}  # fmt: skip
    compared = binding.only_compared
    raw = ", ".join(signature.by_name)
    whole = f"({raw},)" if raw else "()"
    lines = [f"def row({raw}):"]
    if bound.without_value:
        lines.append(f"    return answer({whole}).value")
    words = [a for a in binding.arguments.values() if a.finite]
    if words:
        lines.append("    try:")
        for argument in words:
            codes = dict(argument.codes)
            if argument.optional:
                codes.update({None: 0, "": 0})
            names[f"codes_{argument.name}"] = codes
            lines.append(f"        c_{argument.name} = codes_{argument.name}[{argument.name}]")
        lines.append(f"    except (KeyError, TypeError): return answer({whole}).value")
    for argument in binding.arguments.values():
        name = argument.name
        if argument.finite:
            continue
        if argument.kind != "number":
            lines.append(f"    return answer({whole}).value")
            break
        # a float compares with an integer exactly as it is written, so where nothing else is done with it, it stays
        convert = "finite" if name in compared else "plain"
        limits = [f"{name} < 0"] if not argument.signed else []
        if argument.low is not None:
            limits.append(f"{name} < {argument.low!r}")
        if argument.signed:
            limits.append(f"{name} <= {-TOO_LARGE}")
        limits.append(f"{name} >= {TOO_LARGE}" if argument.high is None else f"{name} > {argument.high!r}")
        if argument.whole:
            limits.append(f"c_{name} % 1")
        beyond = " or ".join(limits)
        lines += [
            f"    if {name}.__class__ is int: c_{name} = {name}",
            *([f"    elif {name} is None: c_{name} = None"] if argument.optional else []),
            "    else:",
            f"        c_{name} = {convert}({name})",
            f"        if c_{name} is None: return answer({whole}).value",
        ]
        given = f"c_{name} is not None and " if argument.optional else ""
        lines.append(f"    if {given}({beyond}): return answer({whole}).value")
    else:
        coded = ", ".join(f"c_{name}" for name in binding.arguments)
        lines += [
            "    try:",
            f"        result, reason = core({coded})",
            f"    except ZeroDivisionError: return answer({whole}).value",
            f"    if reason == {TROUBLE}: return answer({whole}).value",
            "    return show(result)",
        ]
    exec(_code("\n".join(lines), f"<row {signature.name}>"), names)  # noqa: S102 own source
    return names["row"]


@lru_cache(MOST_BOUND)
def _code(source: str, name: str):
    """Compiled once for all days that a function is bound for: compiling takes ten times as long as the rest."""
    return compile(source, name, "exec")


def _plain_float(raw):
    """The exact value of a finite float; None for anything else."""
    if raw.__class__ is not float or raw - raw != 0:
        return None
    return int(raw) if raw.is_integer() else exact(raw)


def _finite_float(raw):
    """A finite float as it is; None for anything else."""
    return raw if raw.__class__ is float and raw - raw == 0 else None


# ---- finding what to call


def bound_for(signature: Signature, policy, as_of, settings: Settings, selected: tuple = ()) -> Bound:
    """`bind_function`, remembered."""
    try:
        return signature.bound[settings, policy, as_of, selected]
    except (KeyError, TypeError):
        bound = bind_function(signature, policy, as_of, settings, selected)
        _keep(signature, (settings, policy, as_of, selected), bound)
        return bound


def evaluate(signature: Signature, raw: tuple, policy, as_of):
    """Call a rule function with scalars or ranges."""
    settings = current()
    selected = tuple([raw[position] for position in signature.selectors]) if signature.select else ()
    try:
        bound = signature.bound[settings, policy, as_of, selected]
    except (KeyError, TypeError):
        if any(is_range(value) for value in (policy, as_of, *selected)):
            return ranged(signature, raw, policy, as_of, settings)
        bound = bound_for(signature, policy, as_of, settings, selected)
    if not _SCALARS.issuperset(map(type, raw)) and any(map(is_range, raw)):
        return ranged(signature, raw, policy, as_of, settings)
    return bound.row(*raw)


_SCALARS = frozenset((str, int, float, bool, type(None)))


def _keep(signature: Signature, key: tuple, bound: Bound) -> None:
    if any(is_range(part) for part in (*key[1:3], *key[3])):
        return
    if any(part.__class__ in (bool, float) or part in (0, 1) for part in (*key[1:3], *key[3])):
        return  # TRUE, 1 and 1.0 are the same key, but not the same date or word
    if len(signature.bound) >= MOST_BOUND:
        signature.bound.clear()
    signature.bound[key] = bound


def bind_function(signature: Signature, policy, as_of, settings: Settings, selected: tuple = ()) -> Bound:
    """The function under the document, day and readings that these arguments and defaults name.

    Raises CellError: unknown_policy, bad_date, not_specified, unknown_option (a selector).
    """
    found, policy_origin = documents.named_document(policy, settings)
    day, day_origin = effective_date(as_of, settings)
    measure, arguments = _measure(signature, found, selected)
    if measure is None:
        raise not_specified(signature.alias, found, signature.name)
    switched = settings.readings
    # every day between two changes is bound alike, so that a ledger of many dates needs few bindings
    since = None if day is None else max((d for d in found.days_of_change(measure) if d <= day), default=None)
    key = (found, selected, day is None, since, day is None or found.covers(day), tuple(sorted(switched.items())))
    binding = signature.traced.get(key)
    if binding is None:
        check_readings(switched, documents.documents(settings))
        binding = bind(found, measure, arguments, day, switched, signature.nature)
        signature.traced[key] = binding
    return Bound(signature, binding, policy_origin, day, day_origin, settings)


def check_readings(switched: dict[str, str], installed: list[Policy]) -> None:
    """A 口径 that no document offers must not pass for the default. Raises CellError unknown_option."""
    for key, choice in switched.items():
        offered = {}
        for policy in installed:
            every = [*policy.measures.values(), *policy.indicators.values()]
            for reading in (*policy.readings, *(r for m in every for r in m.readings)):
                offered.setdefault(reading.name, []).extend(reading.alternatives)
            for measure in every:
                for name in filter(None, (measure.name, measure.alias)):
                    offered.setdefault(name, []).extend(a for r in measure.readings for a in r.alternatives)
        if choice not in offered.get(key, ()):
            known = "、".join(dict.fromkeys(offered.get(key, ()))) or "无"
            key, choice = values.shown(key), values.shown(choice)
            raise CellError("unknown_option", f"口径“{key}={choice}”不认识，“{key}”可选：{known}")


def effective_date(as_of, settings: Settings) -> tuple[dt.date | None, str]:
    """(date of the event, where a default came from)."""
    if not values.is_blank(as_of):
        return values.read_date(AS_OF, as_of), ""
    return settings.first("as_of")


def out_of_period(what: str, policy: Policy) -> CellError:
    """The error for a number that is no amount on a day outside the validity period."""
    return CellError("not_specified", f"业务日期不在{policy.short_name}文件的有效期内，没有{what}")


def not_specified(what: str, policy: Policy, name: str = "") -> CellError:
    """The error for what a document does not fix. `name` is that of a function or indicator that it may only name."""
    named = policy.named.get(name)
    if named:
        return CellError("not_specified", f"{policy.cite(named)}写到{what}，但没有写明标准，也不借用别的文件")
    return CellError("not_specified", f"{policy.short_name}的文件（{policy.cited}）没有规定{what}，或没有写明标准")


def _measure(signature: Signature, policy: Policy, selected: tuple) -> tuple[Measure | None, dict[str, Argument]]:
    if not signature.select:
        return policy.measures.get(signature.name), signature.by_name
    from .indicators import selected_measure

    return selected_measure(signature, policy, selected)


# ---- ranges


def ranged(signature: Signature, raw: tuple, policy, as_of, settings: Settings):
    """Call with ranges: nested lists of the broadcast shape, with a CellError where a row has no result. A call of
    single cells gives a single value, or raises."""
    from .columns import column_answers

    grid = broadcast(signature, raw, policy, as_of)
    if grid.single:  # a list argument is one value for one row
        *own, policy, as_of = grid.row(0)
        selected = tuple(own[position] for position in signature.selectors)
        return bound_for(signature, policy, as_of, settings, selected).row(*own)
    results: list = [None] * grid.rows
    for bound, rows in bound_groups(signature, grid, settings):
        if isinstance(bound, CellError):
            for row in rows:
                results[row] = bound
            continue
        answers = column_answers(bound, grid, rows)
        if rows == range(grid.rows):  # all of them, in their order
            results = answers
            continue
        for row, value in zip(rows, answers):
            results[row] = value
    return grid.shaped(results)


def bound_groups(signature: Signature, grid, settings: Settings):
    """(what to call, row numbers): rows that are computed alike, whatever their dates; a CellError for rows whose
    document, date or selector is wrong."""
    alike: dict = {}
    for (policy, as_of, *selected), rows in grid.groups([list(signature.by_name)[i] for i in signature.selectors]):
        try:
            bound = bound_for(signature, policy, as_of, settings, tuple(selected))
        except CellError as error:
            yield error, rows
            continue
        by_year = bound.day is not None and any(argument.line for argument in bound.used.values())
        key = id(bound.binding), bound.day.year if by_year else None
        if key in alike:
            alike[key][1].extend(rows)
        else:
            alike[key] = bound, rows if isinstance(rows, range) else list(rows)
    yield from alike.values()


def row_value(bound: Bound, raw: tuple):
    """The value of a row, or its CellError."""
    try:
        return bound.row(*raw)
    except CellError as error:
        return error
