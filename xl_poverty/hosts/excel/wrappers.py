"""The functions as VBA: what a cell of classic Excel calls, generated from the signatures.

Classic Excel has no aliases and takes only what VBA allows for names; arguments keep their names of the contract but
for those that are words of VBA (`values.RENAMED`).
"""
from __future__ import annotations

import re

from ...formulas.signatures import AS_OF, POLICY, Signature, signatures
from ..values import RENAMED

#: the argument that holds all the rest, and its copy
_REST, _COPY = "arguments", "rest"
#: of a line; VBA refuses 1024 characters, and more than 24 continuations
_WIDTH = 110
_CELL_LIKE = re.compile(r"[A-Z]{1,3}\d+|R\d*C\d*", re.I)
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,39}")
#: [MS-VBAL] 3.3.5.2, reserved identifiers
_WORDS = """
abs addressof and any array as attribute boolean byref byte byval call case cbool cbyte ccur cdate cdbl cdec cdecl cint
circle clng clnglng clngptr close const csng cstr currency cvar cverr date debug decimal declare defbool defbyte defcur
defdate defdbl defdec defint deflng deflnglng deflngptr defobj defsng defstr defvar dim do doevents double each else
elseif empty end endif enum eqv erase event exit false fix for friend function get global gosub goto if imp implements
in input inputb int integer is lbound len lenb let like lineinput lock long longlong longptr loop lset me mod new next
not nothing null on open option optional or paramarray preserve print private property pset public put raiseevent redim
rem resume return rset scale seek select set sgn shared single spc static stop string sub tab then to true type typeof
ubound unlock until variant vb_base wend while with withevents write xor
"""
KEYWORDS = frozenset(_WORDS.split())


def formula_module(name: str) -> str:
    """The source of a module of this name with all functions."""
    about = "' The formulas. Generated from the signatures; what a call comes to is XlpRuntime's work."
    lines = [f'Attribute VB_Name = "{name}"', "Option Explicit", about, ""]
    for signature in signatures().values():
        lines += [*_function(signature), ""]
    return "\n".join(lines[:-1]) + "\n"


def parameter_names(signature: Signature) -> list[str]:
    """The arguments of a function by their names in VBA, policy and as_of included."""
    own = signature.arguments if signature.more else (*signature.arguments, POLICY, AS_OF)
    return [RENAMED.get(argument.name, argument.name) for argument in own]


def wrong_names(names) -> list[str]:
    """Names that VBA or a cell would take for something else."""
    return [name for name in names
            if not _PLAIN.fullmatch(name) or _CELL_LIKE.fullmatch(name)
            or name.lower() in KEYWORDS]  # fmt: skip


def _function(signature: Signature) -> list[str]:
    names = parameter_names(signature)
    if wrong := wrong_names([signature.name, *names]):
        raise ValueError(f"{signature.name}: VBA does not take {', '.join(wrong)} for a name")
    if signature.more:
        declared = [*names, f"ParamArray {_REST}() As Variant"]
        given, carrier = f"XlpJoined({names[0]}, {_COPY})", 0
    else:
        optional = [argument.optional for argument in (*signature.arguments, POLICY, AS_OF)]
        first = optional.index(True)  # behind an optional argument VBA knows only such
        declared = [name if at < first else f"Optional {name}" for at, name in enumerate(names)]
        given, carrier = f"Array({', '.join(names)})", len(signature.arguments)
    # VBA hands arguments of any number on only as a copy
    copied = [f"    Dim {_COPY} As Variant", f"    {_COPY} = {_REST}"] if signature.more else []
    return [
        *_folded(f"Public Function {signature.name}(", declared, ") As Variant"),
        *copied,
        *_folded(f'    {signature.name} = XlpCall("{signature.name}", ', [given, str(carrier)], ")"),
        "End Function",
    ]


def _folded(head: str, parts: list[str], tail: str) -> list[str]:
    """A statement on lines of bearable length."""
    text = head + ", ".join(parts) + tail
    lines = []
    while len(text) > _WIDTH and (at := text.rfind(", ", 0, _WIDTH)) > 8:
        lines.append(f"{text[: at + 1]} _")
        text = " " * 8 + text[at + 2 :]
    return [*lines, text]
