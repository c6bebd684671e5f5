"""A whole column at once: what the functions of one cell say of each value, fast where the values are plain.

Beside each function of a cell stands a quick one (`usual_…`) for the cells that need no second look: eleven digits,
three Chinese characters, a number. Those of a column are made at once from what it finds; any other cell is left to
the function, which remembers what it read. Identity numbers are checked together, with NumPy.
"""
from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

import numpy as np

from ...formulas import identity
from ...formulas.signatures import plain_arguments
from ...rules.expressions import exact
from ..fields import Field
from ..memory import no_collection
from .amounts import header_unit, money, number, usual_number
from .dates import date, usual_day
from .durations import months
from .identifiers import (
    CHECK_DIGITS,
    WEIGHTS,
    PersonNumber,
    account,
    key,
    person_number,
    phone,
    usual_account,
    usual_key,
    usual_phone,
)
from .result import DAY, VALUE, Clean
from .texts import name, text, usual_name, usual_text
from .vocabulary import flag, word, words


def clean_column(field: Field, values: list, unit: str = "") -> list[Clean]:
    """What each of the values of a column of this field means, numbers in the field's own unit. `unit` is that of the
    header (元, 万元, 元/月, 亩, 年).

    Raises KeyError for a field of words that are told nowhere.
    """
    with no_collection():
        return _clean(field, values, unit)


def _clean(field: Field, values: list, unit: str) -> list[Clean]:
    match field.kind:
        case "key":
            return _cleaned(values, map(usual_key, values), key)
        case "id":
            return _cleaned(values, _person_numbers(values), person_number)
        case "name":
            return _cleaned(values, map(usual_name, values), name)
        case "phone":
            return _cleaned(values, map(usual_phone, values), phone)
        case "account":
            return _cleaned(values, _accounts(values), account)
        case "date":
            return _cleaned(values, map(usual_day, values), date, DAY)
        case "money":
            return _amounts(values, unit, "元", partial(money, unit=unit))
        case "number":
            found = _amounts(values, unit, field.unit, partial(number, unit=unit, of=field.unit))
            return _in_unit(found, field.unit)
        case "months":
            return [months(raw, unit) for raw in values]
        case "flag":
            argument = plain_arguments().get(field.name)
            if argument is None or argument.kind != "flag":
                return list(map(flag, values))
            return [word(raw, argument) for raw in values]
        case "word":
            return [word(raw, field.words) for raw in values]
        case "words":
            return [words(raw, field.words) for raw in values]
        case "text" | "place":
            return _cleaned(values, map(usual_text, values), text)
    raise ValueError(f"no such kind of column: {field.kind}")


_new = tuple.__new__  # half the time of calling the class


def _cleaned(values: list, usual: Iterable, single: Callable[..., Clean], precision: str = "") -> list[Clean]:
    """Per value the Clean of what was found in it the quick way; `single` reads those in which nothing was."""
    return [
        single(raw) if found is None else _new(Clean, (VALUE, found, "", precision, raw))
        for raw, found in zip(values, usual)
    ]


def _amounts(values: list, unit: str, of: str, single: Callable[..., Clean]) -> list[Clean]:
    header = header_unit(unit, of)
    usual = [usual_number(raw, header) for raw in values]
    return _cleaned(values, usual, single, header.per if header else "")


def _in_unit(found: list[Clean], unit: str) -> list[Clean]:
    """Figures in the unit in which the field counts (吨), where that is not the base of its kind (公斤)."""
    counted = header_unit("", unit)
    if counted is None or counted.factor == 1:
        return found
    return [one._replace(value=exact(one.value / counted.factor)) if one.state == VALUE else one for one in found]


def _accounts(values: list) -> list[str | None]:
    found = list(map(usual_account, values))
    places = [i for i, v in enumerate(values) if v.__class__ is str and len(v) == 18 and v.isdecimal()]
    for i, right in zip(places, _right([values[i] for i in places])):
        number = values[i]
        if not right and number.isascii() and not number.endswith("000"):
            found[i] = number
    return found


# ---- identity numbers

_TAILS = {
    f"{c}{n}": (category, level)
    for c, category in enumerate(identity.CATEGORIES, 1)
    for n, level in enumerate(identity.LEVELS, 1)
}
_NO_NUMBER = "-" * 18
#: what exports put around a number, as `person_number` takes it off
_DIRT = "='\"` \t\r\n"


def _person_numbers(values: list) -> list[PersonNumber | None]:
    whole = [v.__class__ is str and len(v) in (18, 20) for v in values]
    right = _right([v[:18] if is_whole else _NO_NUMBER for v, is_whole in zip(values, whole)])
    found = [_found(v) if is_right else None for v, is_right in zip(values, right)]
    others = [i for i, one in enumerate(found) if one is None and values[i].__class__ is str and values[i].isascii()]
    bare = [values[i].strip(_DIRT).upper() for i in others]
    right = _right([n[:18] if len(n) >= 18 else _NO_NUMBER for n in bare])
    for i, one, is_right in zip(others, bare, right):
        if is_right:
            found[i] = _found(one)
    return found


def _found(number: str) -> PersonNumber | None:
    """What a number says whose first 18 characters are right; None where the tail needs a look."""
    if len(number) == 18:
        return _new(PersonNumber, (number, None))
    tail = _TAILS.get(number[18:])
    return tail and _new(PersonNumber, (number[:18], tail))


_WEIGHTS = np.array(WEIGHTS, np.int16)
_CHECKS = np.frombuffer(CHECK_DIGITS.encode(), np.uint8)
_PLACES = np.array((1000, 100, 10, 1), np.int16)
_DAYS_OF_MONTH = np.array([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] + [0] * 87, np.int16)


def _right(numbers: list[str]) -> list[bool]:
    """Per text of 18 characters: is it an identity number without mistake?"""
    joined = "".join(numbers)
    if not joined.isascii():
        joined = "".join([one if one.isascii() else _NO_NUMBER for one in numbers])
    if not joined:
        return []
    characters = np.frombuffer(joined.encode(), np.uint8).reshape(-1, 18)
    digits = characters[:, :17].T - np.uint8(ord("0"))  # what is no digit is 10 or more
    right = (digits <= 9).all(axis=0)
    digits = digits.astype(np.int16)
    right &= _CHECKS[(_WEIGHTS @ digits) % 11] == characters[:, 17]
    year, month, day = (_PLACES[-len(part) :] @ part for part in (digits[6:10], digits[10:12], digits[12:14]))
    leap = (month == 2) & (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    right &= (year >= 1900) & (day >= 1) & (day <= _DAYS_OF_MONTH[np.minimum(month, 99)] + leap)
    right &= (characters[:, :6] != ord("9")).any(axis=1)  # 999999… is nobody's
    return right.tolist()
