"""What Calc is told of the functions: a UNO method for each of their names."""
from __future__ import annotations

from functools import cache
from typing import NamedTuple

from ...formulas.signatures import AS_OF, POLICY, Signature, signatures
from ...rules.arguments import Argument
from .typelib import Method

#: .ods files hold formulas as ORG.XLPOVERTY.FUNCTIONS.TRAVELSUBSIDY(…): these names stay
SERVICE, INTERFACE = "org.xlpoverty.Functions", "org.xlpoverty.XFunctions"
_DOCUMENT = "document", "com.sun.star.beans.XPropertySet"
_MORE = "more"


class Function(NamedTuple):
    """A function under one of its names."""

    method: str
    shown: str  # as it is typed
    signature: Signature


@cache
def functions() -> tuple[Function, ...]:
    """Every function under its ASCII name, then under its Chinese one."""
    ascii_names = [Function(_method(name), name, signature) for name, signature in signatures().items()]
    return (*ascii_names, *(Function(f"{one.method}zh", one.signature.alias, one.signature) for one in ascii_names))


def _method(name: str) -> str:
    return name.lower().replace("_", "")  # UNO allows no underscore in names of methods


def arguments(signature: Signature) -> tuple[Argument, ...]:
    """What is typed, one after the other; where `more` may follow, the rest belongs to another function."""
    return signature.arguments if signature.more else (*signature.arguments, POLICY, AS_OF)


def parameters(signature: Signature) -> list[tuple[str, str]]:
    """Name and type of each parameter; Calc itself fills in the first, the document."""
    own = [(argument.name.replace("_", ""), "any") for argument in arguments(signature)]
    return [_DOCUMENT, *own, *([(_MORE, "[]any")] if signature.more else ())]


def methods() -> list[Method]:
    return [Method(one.method, "[][]any", parameters(one.signature)) for one in functions()]
