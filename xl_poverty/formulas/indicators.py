"""Measures that an argument selects: indicators, named in a document's data so that a new one needs no code, and the
parts of a function that counts them."""
from __future__ import annotations

from dataclasses import replace

from ..errors import CellError
from ..rules.arguments import Argument, fold
from ..rules.parameters import Measure, Policy
from . import values
from .signatures import Signature, find

#: sides of a line, and the parameters that draw them: at least, more than, a rise over the base; at most
SIDES = {"下限": ("low", "over", "rise"), "上限": ("high",)}


def selected_measure(
    signature: Signature, policy: Policy, selected: tuple
) -> tuple[Measure | None, dict[str, Argument]]:
    """The measure that a row selects and the arguments it takes; None where the document has none.

    Raises CellError: missing, unknown_option, not_specified.
    """
    return (_part if signature.select == "parts" else _indicator)(signature, policy, selected)


def indicator_bodies(measure: Measure):
    """(measure with the body that reads it, function) for all that can be asked of an indicator."""
    of_base = (" of bases" if measure.base2 else " of base") if measure.base else ""
    yield replace(measure, name="INDICATOR_OK", body=f"INDICATOR_OK{of_base}"), find("INDICATOR_OK")
    for side in _drawn(measure):
        body = f"INDICATOR_LINE {side}{of_base}"
        yield replace(measure, name="INDICATOR_LINE", body=body), find("INDICATOR_LINE")


def part_bodies(policy: Policy, measure: Measure):
    """The measure with the body of all parts together, and of each part."""
    yield measure
    numbers = (name.removeprefix(f"{measure.name} ") for name in policy.bodies if name.startswith(f"{measure.name} "))
    yield from (replace(measure, body=f"{measure.name} {number}") for number in numbers)


def _part(signature: Signature, policy: Policy, selected: tuple) -> tuple[Measure | None, dict[str, Argument]]:
    """Part n of a function; blank or 0 takes all parts together."""
    measure = policy.measures.get(signature.name)
    (name,), (raw,) = signature.selector_names, selected
    number = 0 if values.is_blank(raw) else values.read(signature.by_name[name], raw)
    arguments = {n: a for n, a in signature.by_name.items() if n != name}
    return measure and replace(measure, body=f"{measure.name} {number}" if number else ""), arguments


def _indicator(signature: Signature, policy: Policy, selected: tuple) -> tuple[Measure, dict[str, Argument]]:
    """The indicator that a row names, with the body that reads its line."""
    name, *rest = selected
    argument = signature.by_name["indicator"]
    word = word_of(argument, name, policy.indicators)
    measure = policy.indicators.get(word)
    if measure is None or not measure.versions:
        from .calls import not_specified

        raise not_specified(word, policy, word)
    body = signature.name
    if rest:
        body += f" {_side(signature.by_name['side'], measure, rest[0])}"
    if measure.base:
        body += " of bases" if measure.base2 else " of base"
    arguments = {n: a for n, a in signature.by_name.items() if n not in signature.selector_names}
    signed = {"signed": measure.signed}
    if measure.base:
        label = measure.base
        arguments["base"] = replace(arguments["base"], label=label, unit=measure.unit, line=measure.line, **signed)
    if measure.base2:
        arguments["base2"] = replace(arguments["base2"], label=measure.base2, unit=measure.unit.split("/")[0], **signed)
    if "actual" in arguments:
        arguments["actual"] = replace(arguments["actual"], unit=measure.unit, **signed)
    unit = measure.unit if signature.name == "INDICATOR_LINE" else ""
    return replace(measure, name=signature.name, body=body, unit=unit), arguments


def _drawn(measure: Measure) -> list[str]:
    return [side for side, keys in SIDES.items() if any(key in v.values for v in measure.versions for key in keys)]


def word_of(argument: Argument, raw, own=()) -> str:
    """The name in a cell: one of the document's own, else an option of the contract. Raises CellError: missing,
    unknown_option, unverified."""
    if values.is_blank(raw):
        raise CellError("missing", f"缺少“{argument.label}”：请填要查的{argument.label}")
    for name in own if isinstance(raw, str) else ():
        if fold(name) == fold(raw):
            return name
    return argument.options[values.read(argument, raw) - 1]


def _side(argument: Argument, measure: Measure, raw) -> str:
    """下限 or 上限: as given, or the only one that the document draws."""
    drawn = _drawn(measure)
    if not values.is_blank(raw):
        side = word_of(argument, raw)
        if side not in drawn:
            raise CellError("not_specified", f"{measure.document.cited}没有规定{measure.name}的{side}，只有{drawn[0]}")
        return side
    if len(drawn) > 1:
        raise values.missing(argument, f"{measure.name}有{'和'.join(drawn)}，")
    return drawn[0]

