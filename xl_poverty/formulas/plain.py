"""Functions that are not one rule of a document: plain Python beside the rules, called with scalars or ranges."""
from __future__ import annotations

import importlib
from dataclasses import dataclass

from ..errors import CellError
from ..rules.parameters import Measure, Policy
from .office import Settings
from .ranges import broadcast, is_range
from .signatures import Signature

#: name -> a function of (settings, policy, as_of, own arguments)
PLAIN = {}


@dataclass(frozen=True)
class Told:
    """A result with what WHY says of it: how it came about, and the measure or document that it rests on."""

    value: object
    text: str = ""
    policy: Policy | None = None
    measure: Measure | None = None


def plain(name: str):
    """Mark a function as the one of that name."""

    def mark(function):
        PLAIN[name] = function
        return function

    return mark


def is_plain(signature: Signature) -> bool:
    return signature.name in PLAIN or bool(signature.module)


def told(signature: Signature, raw: tuple, policy, as_of, settings: Settings) -> Told:
    """One row of a function that is not a rule."""
    if signature.module and signature.name not in PLAIN:  # it announces itself when it is loaded
        importlib.import_module(signature.module)
    result = PLAIN[signature.name](settings, policy, as_of, *raw)
    return result if isinstance(result, Told) else Told(result)


def evaluate_plain(signature: Signature, raw: tuple, policy, as_of, settings: Settings):
    """Call a function that is not a rule, with scalars or ranges. A table argument is taken as a whole."""
    if signature.takes_tables or not any(is_range(value) for value in (*raw, policy, as_of)):
        return told(signature, raw, policy, as_of, settings).value
    grid = broadcast(signature, raw, policy, as_of)
    if grid.single:  # a list argument is one value for one row
        *own, policy, as_of = grid.row(0)
        return told(signature, tuple(own), policy, as_of, settings).value
    results = []
    for row in range(grid.rows):
        *own, row_policy, row_as_of = grid.row(row)
        try:
            results.append(told(signature, tuple(own), row_policy, row_as_of, settings).value)
        except CellError as error:
            results.append(error)
    return grid.shaped(results)
