"""BENEFIT: any measure of any installed document by its name, with its arguments as pairs."""
from __future__ import annotations

from ..errors import CellError
from . import values
from .calls import evaluate
from .documents import known_function
from .office import Settings
from .plain import evaluate_plain, is_plain
from .ranges import is_range


def benefit(settings: Settings, measure, pairs: tuple, named: dict):
    """The result of `measure` with arguments given as pairs of name and value, or by keyword. A value may be a range.

    Raises CellError unknown_option for a measure or an argument that does not exist, and what the measure raises.
    """
    signature, given = read_pairs(settings, measure, pairs, named)
    raw = tuple(given.get(name) for name in signature.by_name)
    if is_plain(signature):
        return evaluate_plain(signature, raw, given.get("policy"), given.get("as_of"), settings)
    return evaluate(signature, raw, given.get("policy"), given.get("as_of"))


def read_pairs(settings: Settings, measure, pairs: tuple, named: dict):
    """(function, argument name -> value)."""
    measure = _single(measure)
    if is_range(measure):
        raise CellError("unknown_option", "“事项”应是一个单元格，一次只算一个事项")
    if values.is_blank(measure):
        raise CellError("missing", "缺少“事项”：请填函数名或事项名")
    signature = known_function(measure, settings)
    if signature.more:
        raise CellError("unknown_option", f"{signature.alias}不是一个事项，请填要算的函数或事项")
    if len(pairs) % 2:
        raise CellError("inconsistent", "参数应成对：参数名, 值, 参数名, 值…")
    given: dict = {}
    for name, value in [*zip(pairs[::2], pairs[1::2]), *named.items()]:
        name = _single(name)
        if values.is_blank(name):
            continue  # a pair left empty in a prepared formula
        label = name.strip() if isinstance(name, str) else name
        if is_range(label):
            raise CellError("unknown_option", "参数名应是一个单元格，如 户类型")
        key = signature.labels.get(label, label)
        if key not in (*signature.by_name, "policy", "as_of"):
            told = f"{signature.alias}没有参数“{values.shown(name)}”，有：{'、'.join(signature.labels)}"
            raise CellError("unknown_option", told)
        if key in given:
            raise CellError("inconsistent", f"参数“{values.shown(name)}”写了两次")
        given[key] = value
    return signature, given


def _single(cell):
    """A range of one cell as its cell."""
    while is_range(cell) and len(cell) == 1:
        (cell,) = cell
    return cell
