"""疑点: what can hardly be right in a ledger, cell by cell.

    findings = run(ledger)                    # every check, over every table
    for doubt in doubts(ledger, findings):    # one line per cell, in the order of work
        …
    blocked(ledger, findings)                 # what is not to be computed with until it is settled

Each check has an entry in checks.toml (title, group, severity, what it means, what to do, where the rule comes from,
limits) and a function of the same name in the module of its group. A function works on whole columns and looks at a
single row only after it was found to be wrong. Blank and unusable cells are left aside by all but the checks about
them.
"""
from .registry import Check, checks, groups
from .running import Doubt, Finding, blocked, blocking, doubts, masked, run, why_blocked

__all__ = [
    "Check", "Doubt", "Finding", "blocked", "blocking", "checks", "doubts", "groups", "masked", "run", "why_blocked",
]  # fmt: skip
