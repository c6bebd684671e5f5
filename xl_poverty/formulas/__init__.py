"""The functions a clerk types, as Python functions of the same names.

    >>> from xl_poverty import formulas as f
    >>> f.STABLE_JOB_BONUS("脱贫户", True, 6, 1000, policy="双碾乡")
    1200

Arguments are single cells or ranges (nested lists, arrays); ranges broadcast and give nested lists in which a row
without a result is a `CellError`. A call of single cells without a result raises it. Generated from signatures.toml.
"""
from __future__ import annotations

# the functions that are not rules announce themselves
from . import duties as _duties, household as _household, payments as _payments, people as _people  # noqa: F401
from .benefit import benefit as _benefit
from .calls import evaluate as _evaluate
from .explain import why as _why
from .office import current as _current
from .plain import evaluate_plain as _evaluate_plain, is_plain as _is_plain
from .signatures import Signature as _Signature, signatures as _signatures


def WHY(*arguments, **named):
    """计算依据: one Chinese sentence that explains a call of `measure` with these arguments.

    Amount, steps with their numbers, the failed condition or the error, kind, clause and document number, 口径, and
    where defaults came from. Arguments as for that function, `policy` and `as_of` included; ranges give a sentence
    per row. `measure` is the first argument, or named if all are. Raises CellError unknown_option for a measure that
    does not exist.
    """
    measure, *rest = arguments if arguments else (named.pop("measure", None),)
    return _why(_current(), measure, tuple(rest), named)


def BENEFIT(measure=None, *pairs, **named):
    """政策待遇: any measure of any installed document, its arguments as pairs of name and value.

        BENEFIT("交通补贴", "户类型", "脱贫户", "是否劳动力", True, "务工去向", "跨省", policy="双碾乡")

    Names in English or Chinese, 政策 and 业务日期 among them; a value may be a range. Raises CellError unknown_option
    for a measure or an argument that does not exist, and whatever the measure raises.
    """
    return _benefit(_current(), measure, pairs, named)


def _build(signature: _Signature):
    """The Python function for a signature, with its real argument list."""
    own = ", ".join(f"{name}=None" for name in signature.by_name)
    raw = "".join(f"{name}, " for name in signature.by_name)
    if _is_plain(signature):
        body = f"_evaluate_plain(_signature, ({raw}), policy, as_of, _current())"
    else:
        body = f"_evaluate(_signature, ({raw}), policy, as_of)"
    source = f"def {signature.name}({own + ', ' if own else ''}policy=None, as_of=None):\n    return {body}\n"
    names = {"_signature": signature, "_evaluate": _evaluate, "_evaluate_plain": _evaluate_plain, "_current": _current}
    exec(compile(source, f"<formulas.{signature.name}>", "exec"), names)  # noqa: S102 own source
    function = names[signature.name]
    function.__module__ = __name__
    function.__doc__ = _doc(signature)
    return function


def _doc(signature: _Signature) -> str:
    lines = [f"{signature.alias}: {signature.call_text}", "", f"Result: {signature.result}"
             + (f"（{signature.nature}）" if signature.nature else ""), ""]  # fmt: skip
    for argument in signature.arguments:
        marks = [argument.kind, argument.unit, "optional" if argument.optional else "",
                 "claim" if argument.claim else "", "、".join(argument.options)]  # fmt: skip
        lines.append(f"{argument.name}  {argument.label}: {', '.join(filter(None, marks))}")
    lines += ["policy  政策: id, short name or number of a document", "as_of  业务日期: date of the event"]
    return "\n".join(lines)


for _one in _signatures().values():
    if _one.name not in ("WHY", "BENEFIT"):
        globals()[_one.name] = _build(_one)

__all__ = list(_signatures())
