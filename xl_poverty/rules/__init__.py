"""The engine: rule bodies, their parameters, and the four readings of one definition.

A document's `rules.py` needs only what is exported here.
"""
from .expressions import Expression, Outcome, RuleError, always, given, least, most, telling, when
from .measures import grows_faster, risk_agrees
from .parameters import rule

__all__ = [
    "Expression", "Outcome", "RuleError", "always", "given", "grows_faster", "least", "most", "risk_agrees", "rule",
    "telling", "when",
]  # fmt: skip
