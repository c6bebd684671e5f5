"""What several checks want to know of the rows of a table: births, sexes, ages, who has what; each reckoned once."""
from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from ...errors import EXCEL_ERRORS, CellError
from ...rules.sentence import day_text
from ..cleaning import DAY, MONTH, UNUSABLE, VALUE, YEAR, Clean
from ..columns import Cells, Column, shared, standing

if TYPE_CHECKING:
    from ..reading import Groups, LedgerTable

UNKNOWN, MALE, FEMALE = 0, 1, 2
NO_ROWS = np.empty(0, np.int64)
NO_DAY = np.datetime64("NaT", "D")
_NOT_A_DAY, _DAY_ZERO = np.iinfo(np.int64).min, dt.date(1970, 1, 1).toordinal()
#: words of a text column that say that there is nothing
_NO = frozenset((
    "否", "无", "没有", "未", "未享受", "不享受", "未安排", "未参加", "未落实", "未实施", "尚未实施", "未务工",
    "未外出务工", "不是", "×", "0",
))  # fmt: skip
MONITORED = ("脱贫不稳定户", "边缘易致贫户", "突发严重困难户", "监测户")
_WEIGHTS = np.array([7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2])
_CHECK_DIGITS = np.frombuffer("10X98765432".encode("utf-32-le"), np.uint32)
_PRECISIONS = {DAY: 3, MONTH: 2, YEAR: 1}


def is_error(clean: Clean) -> bool:
    """Is the cell an error value, such as #N/A? Of these the checks of the sheet tell."""
    return clean.state == UNUSABLE and (isinstance(clean.raw, CellError) or is_error_text(clean.raw))


def is_error_text(raw) -> bool:
    return isinstance(raw, str) and raw.strip().upper() in EXCEL_ERRORS


def says_no(clean: Clean) -> bool:
    """Does a text say that there is nothing?"""
    return clean.state == VALUE and clean.value in _NO


def has(cells: Cells) -> np.ndarray:
    """Per row: is there something in a column of words or text that may also say 否 or 无?"""
    return cells.mapped(lambda clean: clean.state == VALUE and not says_no(clean), bool)


def naming(cells: Cells, *words: str) -> np.ndarray:
    """Per row: does a text name one of these?"""
    return cells.mapped(lambda clean: clean.state == VALUE and any(word in str(clean.value) for word in words), bool)


def days_of(cells: Cells, end: bool = False) -> np.ndarray:
    """Per row the day (datetime64[D], NaT where there is none); of a span its first day, or its last with `end`."""
    values = [clean.value for clean in cells.distinct]  # None but where there is a value
    days = [value[end] if value.__class__ is tuple else value for value in values]
    # NumPy takes twenty times as long to make days of dates
    numbers = [_NOT_A_DAY if day is None else day.toordinal() - _DAY_ZERO for day in days]
    return np.array(numbers, np.int64).view("M8[D]")[cells.codes]


def full_years(births: np.ndarray, days: np.ndarray) -> np.ndarray:
    """周岁 on a day, NaN where either is not known; negative before the birth. As formulas/identity.py reckons."""
    years = (_counted(days) - _counted(births)) // (12 * _IN_MONTH)
    return np.where(np.isnat(births) | np.isnat(days), np.nan, years)


_IN_MONTH = 32


def _counted(days: np.ndarray) -> np.ndarray:
    """Days as if every month had 32 of them."""
    months = days.astype("M8[M]")
    return months.astype(np.int64) * _IN_MONTH + (days - months.astype("M8[D]")).astype(np.int64)


class Numbers:
    """The distinct numbers of persons in a column, taken apart.

    right   is the check digit right and the birth a day that was?
    births  datetime64[D], NaT where it is no right number
    sexes   MALE, FEMALE or UNKNOWN
    """

    def __init__(self, distinct: list[Clean]):
        keys = [clean.value.key if clean.state == VALUE else "" for clean in distinct]
        count = len(distinct)
        marks = np.array(keys, "U18").view(np.uint32).reshape(count, 18)
        whole = marks[:, 17] != 0
        digits = np.where(whole[:, None], marks[:, :17].astype(np.int64) - ord("0"), 0)
        year, month, day = (digits[:, a:b] @ 10 ** np.arange(b - a)[::-1] for a, b in ((6, 10), (10, 12), (12, 14)))
        possible = whole & (year >= 1900) & (month >= 1) & (month <= 12) & (day >= 1)
        months = ((np.where(possible, year, 2000) - 1970) * 12 + np.where(possible, month, 1) - 1).astype("M8[M]")
        births = months.astype("M8[D]") + (np.where(possible, day, 1) - 1).astype("m8[D]")
        possible &= births.astype("M8[M]") == months
        self.right = possible & (_CHECK_DIGITS[digits @ _WEIGHTS % 11] == marks[:, 17])
        self.births = np.where(self.right, births, NO_DAY)
        self.sexes = np.where(self.right, np.where(digits[:, 16] % 2 == 1, MALE, FEMALE), UNKNOWN)


class Facts:
    """About the rows of one table, on the day of each row."""

    def __init__(self, table: LedgerTable, day: dt.date, told: str):
        self.table, self._day, self._told = table, day, told
        self._odd_places: dict[int, tuple[list[int], list[int]]] = {}
        self._kept: dict[tuple, np.ndarray] = {}

    # ---- cells that something is said about

    def _odd(self, column: Column) -> tuple[list[int], list[int]]:
        """The places of the distinct cells with a reason, and of those with a precision."""
        if column.position not in self._odd_places:
            distinct = self.table.cells(column).distinct
            reasons = [place for place, clean in enumerate(distinct) if clean.reason]
            exact = column.field is None or column.field.kind != "money"
            precisions = [] if exact else [place for place, clean in enumerate(distinct) if clean.precision]
            self._odd_places[column.position] = reasons, precisions
        return self._odd_places[column.position]

    @cached_property
    def _doubtful_columns(self) -> list[Column]:
        return [column for column in self.table.columns if column.field and self._odd(column)[0]]

    def doubtful_columns(self, *kinds: str) -> list[Column]:
        """The columns of these kinds with a cell that cannot be used, or has a reason beside its value."""
        return [column for column in self._doubtful_columns if column.field.kind in kinds]

    def doubtful(self, column: Column, test: Callable[[Clean], bool]) -> np.ndarray:
        """The rows whose cell cannot be used, or has a reason beside its value, and for which a test holds."""
        return self._rows_of(column, self._odd(column)[0], test)

    def with_precision(self, column: Column, test: Callable[[Clean], bool]) -> np.ndarray:
        """The rows of a column of money whose cell says what the amount is for, and for which a test holds."""
        return self._rows_of(column, self._odd(column)[1], test)

    def _rows_of(self, column: Column, places: list[int], test: Callable[[Clean], bool]) -> np.ndarray:
        if not places:
            return NO_ROWS
        cells = self.table.cells(column)
        chosen = [place for place in places if test(cells.distinct[place])]
        return np.flatnonzero(standing(cells.codes, cells.distinct, chosen)) if chosen else NO_ROWS

    @cached_property
    def columns_with_errors(self) -> list[Column]:
        """The columns in which an error value stands."""
        return [column for column in self.table.columns if len(self.errors(column, lambda value: True))]

    def errors(self, column: Column, test: Callable[[CellError | str], bool]) -> np.ndarray:
        """The rows of a column in which an error value stands for which a test holds."""
        if column.field is not None:
            return self.doubtful(column, lambda clean: is_error(clean) and test(clean.raw))
        codes, values = self.table.raw(column)
        marked = [(place, value) for place, value in enumerate(values)
                  if value.__class__ is CellError or (value.__class__ is str and value[:1] == "#")]  # fmt: skip
        chosen = [place for place, value in marked
                  if (isinstance(value, CellError) or is_error_text(value)) and test(value)]  # fmt: skip
        return np.flatnonzero(standing(codes, values, chosen)) if chosen else NO_ROWS

    # ---- the day

    def told(self, row: int) -> str:
        """On which day a row was reckoned, in words."""
        own = self._own_days
        if own is None or np.isnat(own[row]):
            return self._told
        return f"按本行业务日期{day_text(own[row].item())}算"

    @cached_property
    def _own_days(self) -> np.ndarray | None:
        cells = self.table.cells("event_date")
        return None if cells is None else days_of(cells)

    @cached_property
    def days(self) -> np.ndarray:
        """Per row the day on which it is reckoned."""
        default = np.datetime64(self._day, "D")
        own = self._own_days
        return np.full(len(self.table), default) if own is None else np.where(np.isnat(own), default, own)

    # ---- persons

    @cached_property
    def person_field(self) -> str | None:
        """The field whose number says whose row it is."""
        return next((name for name in ("id_number", "beneficiary_id") if name in self.table), None)

    @cached_property
    def _numbers(self) -> tuple[Numbers, np.ndarray] | None:
        if self.person_field is None:
            return None
        cells = self.table.cells(self.person_field)
        return Numbers(cells.distinct), cells.codes

    @cached_property
    def births_in_number(self) -> np.ndarray:
        """Per row the birth that the person's number tells, where the number is right."""
        if self._numbers is None:
            return np.full(len(self.table), NO_DAY)
        numbers, codes = self._numbers
        return numbers.births[codes]

    @cached_property
    def sex_in_number(self) -> np.ndarray:
        if self._numbers is None:
            return np.full(len(self.table), UNKNOWN)
        numbers, codes = self._numbers
        return numbers.sexes[codes]

    @cached_property
    def tails(self) -> dict[int, tuple[str, str]]:
        """Place of a distinct number of id_number -> category and level of the disability certificate behind it."""
        cells = self.table.cells("id_number")
        return {place: clean.value.disability for place, clean in enumerate(cells.distinct)
                if clean.state == VALUE and clean.value.disability}  # fmt: skip

    @cached_property
    def births_written(self) -> tuple[np.ndarray, np.ndarray]:
        """Per row (出生日期, how far it goes: 3 day, 2 month, 1 year, 0 unknown)."""
        cells = self.table.cells("birth_date")
        if cells is None:
            return np.full(len(self.table), NO_DAY), np.zeros(len(self.table), np.int8)
        reach = cells.mapped(lambda clean: _PRECISIONS.get(clean.precision, 0) if clean.state == VALUE else 0, np.int8)
        return days_of(cells), reach

    @cached_property
    def births(self) -> np.ndarray:
        """Per row the day of birth: that of the number, else the written one where it goes down to the day."""
        written, reach = self.births_written
        own = self.births_in_number
        return np.where(np.isnat(own) & (reach == 3), written, own)

    @cached_property
    def ages(self) -> np.ndarray:
        """Per row the 周岁 on its day, NaN where no birth is known."""
        return full_years(self.births, self.days)

    @cached_property
    def sexes(self) -> np.ndarray:
        """Per row MALE, FEMALE or UNKNOWN: by the number, else as written."""
        own = self.sex_in_number
        cells = self.table.cells("sex")
        if cells is None:
            return own
        written = np.where(cells.among("男"), MALE, np.where(cells.among("女"), FEMALE, UNKNOWN))
        return np.where(own == UNKNOWN, written, own)

    @cached_property
    def staying(self) -> np.ndarray:
        """Per row: is the person neither dead nor gone?"""
        return ~self.table.gone

    def holds(self, name: str, *words: str) -> np.ndarray:
        """Per row: is the field's value one of these? Without the column, nowhere."""
        return self._mask(name, words, lambda cells: cells.among(*words))

    def _mask(self, name: str, kind, made: Callable[[Cells], np.ndarray]) -> np.ndarray:
        """A mask over the rows from the cells of a field, made once; nowhere without the column."""
        if (name, kind) not in self._kept:
            cells = self.table.cells(name)
            self._kept[name, kind] = shared(np.zeros(len(self.table), bool) if cells is None else made(cells))
        return self._kept[name, kind]

    def has(self, name: str) -> np.ndarray:
        """Per row: does the field name something, other than 否 or 无? Without the column, nowhere."""
        return self._mask(name, "has", has)

    def known(self, name: str) -> np.ndarray:
        """Per row: is there a value? Without the column, nowhere."""
        return self._mask(name, "known", lambda cells: cells.known)

    def lacking(self, name: str) -> np.ndarray:
        """Per row: is the cell blank or a mark for nothing? Without the column, nowhere. What cannot be used is not
        lacking."""
        return self._mask(name, "lacking", lambda cells: cells.blank | cells.mapped(says_no, bool))

    def positive(self, name: str) -> np.ndarray:
        """Per row: is there a number above 0? Without the column, nowhere."""
        return self._mask(name, "positive", lambda cells: cells.numbers > 0)

    def numbers(self, name: str) -> np.ndarray:
        """Per row the number, NaN where there is none."""
        cells = self.table.cells(name)
        return np.full(len(self.table), np.nan) if cells is None else cells.numbers

    def median(self, name: str, least: float) -> float:
        """The median of the numbers above 0, NaN where there are fewer than `least`."""
        if (name, "median") not in self._kept:
            numbers = self.numbers(name)
            above = np.sort(numbers[numbers > 0])
            count = len(above)
            median = float(above[(count - 1) // 2] + above[count // 2]) / 2 if count else np.nan
            self._kept[name, "median"] = median, count
        median, count = self._kept[name, "median"]
        return median if count >= least else np.nan

    @cached_property
    def in_school(self) -> np.ndarray:
        return self.has("school")

    @cached_property
    def has_post(self) -> np.ndarray:
        """Per row: a 公益性岗位?"""
        return self.has("public_post") | self.positive("public_post_months")

    @cached_property
    def works(self) -> np.ndarray:
        """Per row: does something say that the person works away?"""
        found = self.holds("working", "是") | self.known("work_start")
        for name in ("work_months", "monthly_wage", "continuous_months"):
            found = found | self.positive(name)
        return found

    @cached_property
    def monitored(self) -> np.ndarray:
        """Per row: is the household a 监测对象?"""
        return self.holds("monitor_type", *MONITORED) | self.holds("household_type", *MONITORED)

    # ---- households

    @cached_property
    def households(self) -> Groups | None:
        return self.table.households

    @cached_property
    def heads(self) -> np.ndarray:
        """Per row the row of the household's only head, -1 where there is none or several."""
        homes, is_head = self.households, self.table.heads
        found = np.full(len(homes), -1)
        rows = np.flatnonzero(is_head & (homes.codes >= 0))
        found[homes.codes[rows]] = rows
        found[homes.count(is_head) != 1] = -1
        return homes.spread(found, -1)

    @cached_property
    def years_younger(self) -> np.ndarray:
        """Per row, how many years after the head the person was born; NaN where it is not known."""
        if self.households is None:
            return np.full(len(self.table), np.nan)
        births, heads = self.births, self.heads
        days = (births - births[heads]).astype(float)  # NaT becomes a large negative number
        return np.where((heads >= 0) & ~np.isnat(births) & ~np.isnat(births[heads]), days / 365.2425, np.nan)

    @cached_property
    def first_rows(self) -> np.ndarray:
        """Per row the first row of its household; the row itself where that is not known."""
        codes, rows = self.households.codes, np.arange(len(self.table))
        first = np.empty(len(self.households) + 1, np.int64)
        first[codes[::-1]] = rows[::-1]  # the first row is written last
        return np.where(codes >= 0, first[codes], rows)

    def once(self, which: np.ndarray) -> np.ndarray:
        """Of the rows of a mask, the first of each household; every one whose household is not known."""
        rows = which.nonzero()[0]
        if self.households is None or not len(rows):
            return rows
        codes = self.households.codes[rows]
        first = np.empty(len(self.households) + 1, np.int64)
        first[codes[::-1]] = rows[::-1]  # the first row is written last
        return rows[(codes < 0) | (first[codes] == rows)]

    def anywhere(self, which: np.ndarray) -> np.ndarray:
        """Per row: does a mask hold for the row, or for another of its household?"""
        if self.households is None:
            return which
        return which | self.households.spread(self.households.count(which) > 0)

    def key_codes(self, name: str) -> tuple[np.ndarray, list[str]]:
        """(per row the code of its key, -1 where there is none; the keys) of a column of names or persons' numbers."""
        if name == self.person_field:
            return self.table.persons.codes, self.table.persons.keys
        if (name, "keys") not in self._kept:
            cells = self.table.cells(name)
            numbers: dict[str, int] = {}
            codes = [numbers.setdefault(c.value.key, len(numbers)) if c.state == VALUE else -1 for c in cells.distinct]
            self._kept[name, "keys"] = np.array(codes, np.int64)[cells.codes], list(numbers)
        return self._kept[name, "keys"]
