"""Settling what a household claims: once per person or household, exclusions, caps on sums. Declared in the data file.

Exclusions look at what every claim comes to by itself, so that the order of the rows does not matter.
"""
from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import floor

from .arguments import fold
from .expressions import Table
from .parameters import Measure, Policy, Version

#: months of a year, which no person can have more of
MONTHS = 12


@dataclass(frozen=True)
class Claimed:
    """One claim of a household and what it comes to by itself. `words` are its word arguments by name."""

    measure: Measure
    version: Version
    words: dict[str, str]
    member: str
    fen: int
    months: int | None = None


@dataclass(frozen=True)
class Settled:
    """What remains of a claim within its household, and why it is less."""

    fen: int
    why: str = ""


class Unsettled(Exception):
    """Claims of a measure that cannot be settled: a code of the contract's errors and a sentence."""

    def __init__(self, code: str, measure: Measure, message: str):
        super().__init__(message)
        self.code, self.measure, self.message = code, measure, message


def settle(policy: Policy, claims: list[Claimed]) -> list[Settled]:
    """The claims of one household in one year, each with what remains of it. Raises Unsettled."""
    settled = [Settled(claim.fen) for claim in claims]
    _exclude(policy, claims, settled)
    # two functions may ask for the same thing in two ways: a measure and one that is like it are settled as one
    for numbers in _grouped(claims, lambda claim: claim.measure.like or claim.measure.name):
        _once(claims, settled, numbers)
        _months(claims, numbers)
        _capped(claims, settled, numbers)
    return settled


def _grouped(claims: list[Claimed], key, numbers: Iterable[int] | None = None) -> list[list[int]]:
    found: dict = {}
    for number in range(len(claims)) if numbers is None else numbers:
        found.setdefault(key(claims[number]), []).append(number)
    return list(found.values())


def _exclude(policy: Policy, claims: list[Claimed], settled: list[Settled]) -> None:
    for exclusion in policy.exclusions:
        barred = any(
            claim.measure.name == exclusion.barred_by and _is(claim, exclusion.barred_where) and claim.fen > 0
            for claim in claims
        )
        for number, claim in enumerate(claims):
            if barred and claim.fen and claim.measure.name == exclusion.measure and _is(claim, exclusion.where):
                settled[number] = Settled(0, f"“{exclusion.quote}”")


def _is(claim: Claimed, words: dict[str, str]) -> bool:
    return all(claim.words.get(name) == word for name, word in words.items())


def _once(claims: list[Claimed], settled: list[Settled], numbers: list[int]) -> None:
    """Only the best row of a person, or of the household, counts where the text grants it once."""
    measure = claims[numbers[0]].measure
    whose = measure.once.partition("/")[0]
    if whose not in ("人", "户") or len(numbers) < 2:
        return
    if whose == "人" and any(not claims[number].member for number in numbers):
        told = f"有{len(numbers)}行，一人只算一次，请填“成员”以分清是不是同一人"
        raise Unsettled("missing", measure, told)
    groups = [numbers] if whose == "户" else _grouped(claims, lambda claim: fold(claim.member), numbers)
    for group in groups:
        best = max(group, key=lambda number: settled[number].fen)
        for number in group:
            if number != best and settled[number].fen:
                who = "同一人" if whose == "人" else "一户"
                settled[number] = Settled(0, f"{who}只算一次，已按较高的一行")


def _months(claims: list[Claimed], numbers: list[int]) -> None:
    """A person's rows of a monthly measure may not hold more months than a year has: they would be paid twice."""
    counted = [number for number in numbers if claims[number].months is not None and claims[number].member]
    for group in _grouped(claims, lambda claim: fold(claim.member), counted):
        months = sum(claims[number].months for number in group)
        if len(group) > 1 and months > MONTHS:
            told = f"同一人的月数合计{months}个月，超过一年，是否同月重复，请核对"
            raise Unsettled("inconsistent", claims[group[0]].measure, told)


def _capped(claims: list[Claimed], settled: list[Settled], numbers: list[int]) -> None:
    """The sum of a household's rows may not exceed the cap; the rows that come later give way."""
    measure = claims[numbers[0]].measure
    if not measure.household_cap:
        return
    latest = max((claims[number].version for number in numbers), key=lambda version: version.start)
    cap = latest.values[measure.household_cap]  # of rows under two versions the later one holds for all
    rooms = [(cap, numbers)]
    if isinstance(cap, Table):  # one cap per word: rows of one word share it
        rooms = [
            (value, [number for number in numbers if word in claims[number].words.values()])
            for word, value in cap.entries.items()
        ]
    for value, group in rooms:
        left = floor(value * 100)
        for number in group:
            fen = min(settled[number].fen, left)
            if fen < settled[number].fen:
                settled[number] = Settled(fen, "全户合计已达每户上限")
            left -= fen
