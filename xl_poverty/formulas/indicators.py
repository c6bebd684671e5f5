"""Indicators and deadlines: named in a document's data, so that a new one needs no code."""
from __future__ import annotations

import datetime as dt
from dataclasses import replace

from ..errors import CellError
from ..rules.arguments import Argument
from ..rules.parameters import Measure, Policy
from . import values
from .signatures import Signature

SIDES = {"下限": "low", "上限": "high"}


def selected_measure(signature: Signature, policy: Policy, selected: tuple) -> tuple[Measure, dict[str, Argument]]:
    """The indicator that a row names, with the body that reads its line, and the arguments it takes.

    Raises CellError: missing, unknown_option, not_specified.
    """
    name, *rest = selected
    argument = signature.by_name["indicator"]
    word = word_of(argument, name)
    measure = policy.indicators.get(word)
    if measure is None or not measure.versions:
        raise CellError("not_specified", f"{policy.short_name}的文件（{policy.number}）没有给出{word}的标准")
    body = signature.name
    if rest:
        body += f" {_side(signature.by_name['side'], measure, rest[0])}"
    if measure.base:
        body += " of base"
    arguments = {n: a for n, a in signature.by_name.items() if n not in ("indicator", "side")}
    if measure.base:
        label = measure.base
        arguments["base"] = replace(arguments["base"], label=label, unit=measure.unit, line=measure.line)
    if "actual" in arguments:
        arguments["actual"] = replace(arguments["actual"], unit=measure.unit)
    unit = measure.unit if signature.name == "INDICATOR_LINE" else ""
    return replace(measure, name=signature.name, body=body, unit=unit), arguments


def word_of(argument: Argument, raw) -> str:
    """The option that a cell names. Raises CellError: missing, unknown_option, unverified."""
    if values.is_blank(raw):
        raise CellError("missing", f"缺少“{argument.label}”：请填要查的{argument.label}")
    return argument.options[values.read(argument, raw) - 1]


def _side(argument: Argument, measure: Measure, raw) -> str:
    """下限 or 上限: as given, or the only one that the document draws."""
    drawn = [side for side, key in SIDES.items() if any(key in v.values for v in measure.versions)]
    if len(drawn) == 1:
        return drawn[0]
    if values.is_blank(raw):
        raise values.missing(argument, f"{measure.name}有{'和'.join(drawn)}，")
    return word_of(argument, raw)


# ---- deadlines


def deadline(policy: Policy, signature: Signature, item, start_date, year) -> dt.date:
    """The last day, inclusive, by which `item` is due. Raises CellError: missing, unknown_option, not_specified."""
    word = word_of(signature.by_name["item"], item)
    measure = policy.deadlines.get(word)
    if measure is None or not measure.versions:
        raise CellError("not_specified", f"{policy.short_name}的文件（{policy.number}）没有给出{word}的期限")
    return measure.versions[-1].values["by"]


def on_time(policy: Policy, signature: Signature, item, done_date, start_date, year) -> bool:
    """Was it done by the last day?"""
    due = deadline(policy, signature, item, start_date, year)
    argument = signature.by_name["done_date"]
    if values.is_blank(done_date):
        raise values.missing(argument)
    return values.read_date(argument, done_date) <= due
