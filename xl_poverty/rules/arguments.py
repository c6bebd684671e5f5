"""What a rule may be told: the kinds of argument, and the codes that the readings work on."""
from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from functools import cached_property


def fold(text: str) -> str:
    """Text as words are compared: width folded, blanks dropped, letters upper case."""
    return "".join(unicodedata.normalize("NFKC", text).split()).upper()


#: numbers from here on are no amount, area or count of anything here, but an identity or account number
TOO_LARGE = 10**12
#: code of a blank cell in a word or a flag
BLANK = 0


@dataclass(frozen=True)
class Argument:
    """One argument of a function.

    kind     "word" (one of `options`), "flag" (yes or no), "place" (one of `options`, also as an address in it),
             "number", "numbers" (a list), "date", "text" or "table" (a range with its header row)
    unit     what a clerk would say after the number: 元, 天, 人 …
    claim    part of the claim: all of them blank means that nothing is claimed
    optional may be blank
    line     name of the office line that stands in for a blank
    whole, signed, low, high   limits of a number (a number is not negative unless `signed`)
    options, synonyms   the words in order, and other spellings of them
    undecided   words that say "not known yet"
    shortest, longest   length of a list
    items   names of the cells of a list that needs every one of them
    """

    name: str
    label: str
    kind: str
    unit: str = ""
    claim: bool = False
    optional: bool = False
    line: str = ""
    whole: bool = False
    signed: bool = False
    low: float | None = None
    high: float | None = None
    options: tuple[str, ...] = ()
    synonyms: dict[str, str] = field(default_factory=dict, hash=False)
    undecided: tuple[str, ...] = ("待核实",)
    shortest: int = 0
    longest: int = 0
    items: tuple[str, ...] = ()

    def code_of(self, word: str) -> int:
        """The code of a canonical word; blank is 0, the options follow in order."""
        return self.options.index(word) + 1

    @property
    def size(self) -> int:
        """How many codes a word or a flag can have, blank included."""
        return len(self.options) + 1

    @property
    def finite(self) -> bool:
        return self.kind in ("word", "flag", "place")

    @cached_property
    def codes(self) -> dict[object, int]:
        """Every spelling of a word or a flag, with its code. Blanks are not in it."""
        known: dict[object, int] = {word: i for i, word in enumerate(self.options, 1)}
        for spelling, word in self.synonyms.items():
            known[spelling] = known[word]
        if self.kind == "flag" or "是" in self.options:
            # a host may hand TRUE over as 1 (LibreOffice does); 1 == True in Python, so one entry serves both
            known[True], known[False] = known["是"], known["否"]
        return known

    @cached_property
    def folded_codes(self) -> dict[str, int]:
        """The spellings as `fold` leaves them."""
        return {fold(spelling): code for spelling, code in self.codes.items() if isinstance(spelling, str)}


#: a flag is a word with two options: 否 is code 1, 是 is code 2
FLAG_OPTIONS = ("否", "是")
