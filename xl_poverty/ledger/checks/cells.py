"""Cells that cannot be used: one check for each kind of column, but for numbers of persons (identity.py) and error
values (workbook.py)."""
from __future__ import annotations

from collections.abc import Callable, Iterator

from ..cleaning import UNDECIDED, UNUSABLE, VALUE, Clean
from .facts import is_error
from .registry import Found, at, check

_KINDS = ("key", "name", "phone", "account", "date", "months", "money", "number", "flag", "place", "text")


def _unusable(clean: Clean) -> bool:
    return clean.state == UNUSABLE and clean.reason != UNDECIDED and not is_error(clean)


def _told(t, terms, kinds: tuple[str, ...], test: Callable[[Clean], bool]) -> Iterator[Found | None]:
    """The cells of columns of these kinds for which a test holds, each with its reason."""
    about = terms.about(t)
    for column in about.doubtful_columns(*kinds):
        cells = t.cells(column)
        yield at(t, column, about.doubtful(column, test), lambda row, cells=cells: cells[row].reason)


def _unusable_cells(*kinds: str):
    """The function of a check: the cells of these kinds that cannot be used."""
    return lambda t, terms: _told(t, terms, kinds, _unusable)


for _kind in _KINDS:
    check(f"cell_{_kind}")(_unusable_cells(_kind))
check("cell_word")(_unusable_cells("word", "words"))


@check("cell_undecided")
def cell_undecided(t, terms):
    kinds = ("id", *_KINDS, "word", "words")
    return _told(t, terms, kinds, lambda clean: clean.state == UNUSABLE and clean.reason == UNDECIDED)


@check("cell_remark")
def cell_remark(t, terms):
    return _told(t, terms, (*_KINDS, "word", "words"), lambda clean: clean.state == VALUE)
