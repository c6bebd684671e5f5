"""The engine: rule bodies, their parameters, and the four readings of one definition.

A document's `rules.py` needs only what is exported here.
"""
from .expressions import Expression, RuleError, always, given, least, most, when
from .parameters import rule

__all__ = ["Expression", "RuleError", "always", "given", "least", "most", "rule", "when"]
