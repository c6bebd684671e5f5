"""Native formulas: the same rule as a plain Excel formula for workbooks that travel without Python."""
from __future__ import annotations

from ..errors import CellError
from ..rules.arguments import Argument
from ..rules.binding import Binding, bind
from ..rules.formula import Figures, NoFormula, literal, native_formula as _write
from . import documents
from .calls import _measure, not_specified
from .office import Settings, current
from .plain import is_plain


def native_formula(
    measure: str, refs: dict[str, str], policy=None, as_of: str | None = None, figures: Figures | None = None,
    **selected: str,
) -> str:  # fmt: skip
    """A plain Excel formula, `=…`, that gives what the function gives.

    `refs` maps argument names (English or Chinese) to cell references; an optional argument that is left out counts
    as blank. `as_of` is a reference to a date cell; without it the validity period is not tested. An indicator is
    named by `indicator=` (and `side=`). `figures` writes the document's figures, see `rules.formula`; the office's
    lines, which stand in for blanks, go by the name `line.最低工资.2023`.

    Raises CellError (unknown_policy, not_specified …), NoFormula where a rule has no native formula.
    """
    settings = current()
    signature = documents.known_function(measure, settings)
    if is_plain(signature) or signature.more:
        raise NoFormula(f"{signature.alias}不是一条规则，没有原生公式：请用 Python 函数，或把结果固化")
    found, _ = documents.named_document(policy, settings)
    names = list(signature.by_name)
    chosen = tuple(selected.get(names[position]) for position in signature.selectors)
    definition, arguments = _measure(signature, found, chosen)
    if definition is None:
        raise not_specified(signature.alias, found)
    labels = {**{a.label: name for name, a in arguments.items()}, **signature.labels}
    named = {labels.get(key, key): ref for key, ref in refs.items()}
    unknown = set(named) - set(signature.by_name)
    if unknown:
        raise CellError("unknown_option", f"{signature.name}没有参数{'、'.join(sorted(unknown))}")
    days = found.days_of_change(definition) if as_of else []
    bindings = [bind(found, definition, arguments, day, settings.readings, signature.nature) for day in days or [None]]
    return _write(bindings, named, as_of, figures, _lines(arguments, bindings[-1], as_of, figures, settings))


def _lines(arguments: dict[str, Argument], binding: Binding, as_of, figures: Figures, settings: Settings) -> dict:
    """What stands in for blanks: the office's line of the year in which the day lies."""
    found = {}
    for name, argument in arguments.items():
        years = {year for layer in settings.layers for year in layer.lines.get(argument.line, ())} if as_of else ()
        text = '""'
        for year in sorted(years):
            value, _ = settings.line(argument.line, year)
            figure = (figures or literal)(binding, f"line.{argument.line}.{year}", value)
            text = f"IF(AND({as_of}>=DATE({year},1,1),{as_of}<DATE({year + 1},1,1)),{figure},{text})"
        if years:
            found[name] = text
    return found


__all__ = ["NoFormula", "native_formula"]
