"""What a cell of a ledger means: a value, a blank, or nothing that can be used, with the reason and the remedy.

One function per kind of column, one cell at a time; `clean_column` reads the values of a whole column the same way.
Nothing is guessed: what can be read in two ways is unusable and says so. A blank is never 0. No reason repeats what
stands in the cell, which may be somebody's number. The spellings, marks and units stand in words.toml.

result       Clean and its states             reasons      what is said of a cell that cannot be used
content      what all kinds share             spellings    words.toml, ready for use
amounts      money and numbers                durations    numbers of months
dates        days, months, years, spans       identifiers  identity numbers, phones, accounts, keys
texts        names, text                      vocabulary   words, 是 and 否
whole        clean_column
"""
from __future__ import annotations

from .amounts import money, number
from .content import plain_cell
from .dates import date
from .durations import months
from .identifiers import PersonNumber, account, key, person_number, phone
from .reasons import *  # noqa: F403  all of them are constants for callers
from .result import BLANK, DAY, LASTING, MONTH, SPAN, UNTIL_NOW, UNUSABLE, VALUE, YEAR, Clean
from .spellings import FILE, Words
from .texts import Name, name, text
from .vocabulary import flag, gone, head, nil, word, words
from .whole import clean_column

__all__ = [
    "BLANK", "DAY", "FILE", "LASTING", "MONTH", "SPAN", "UNTIL_NOW", "UNUSABLE", "VALUE", "YEAR", "Clean", "Name",
    "PersonNumber", "Words", "account", "clean_column", "date", "flag", "gone", "head", "key", "money", "months",
    "name", "nil", "number", "person_number", "phone", "plain_cell", "text", "word", "words",
]  # fmt: skip
