"""Sheets of an open workbook that are replaced stand aside under another name until all is done.

Of the standard library alone: the Python inside Calc runs it, too.
"""

from __future__ import annotations

from collections.abc import Container, Mapping


def name_aside(taken: Container[str]) -> str:
    """A name that no sheet has; it needs no quotes."""
    return next(name for number in range(1, 10_000) if (name := f"_旧{number}") not in taken)


def read_instead(text: str, aside: Mapping[str, str], before: str = "", after: str = "!") -> str:
    """A reference to sheets that stand aside, to those that have come in their place.

    aside          what they are called now -> what they were called
    before, after  how the program writes a sheet: Excel 表1!A1, Calc $表1.A1
    """
    for now, name in aside.items():
        quoted = name.replace("'", "''")
        for mark in (f"{before}'{now}'{after}", f"{before}{now}{after}"):
            text = text.replace(mark, f"{before}'{quoted}'{after}")
    return text
