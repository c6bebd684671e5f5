"""Seeded random rows for a rule function: plausible ones, the boundaries of the document's own parameters, and the
dirt that real ledgers hold."""
from __future__ import annotations

import datetime as dt
import random
from decimal import Decimal
from fractions import Fraction
from itertools import islice

from engines import ErrorCell

from xl_poverty.rules.arguments import Argument
from xl_poverty.rules.binding import Binding
from xl_poverty.rules.expressions import Steps, Table

ERRORS = [ErrorCell(text) for text in ("#N/A", "#DIV/0!", "#VALUE!", "#NUM!")]
BLANKS = [None, None, "", " ", "　"]
DIRTY_NUMBERS = [
    "500", " 500 ", "５００.５", "6个月", "1000元", "约500", "1,000", "50%", "1e3", "０", "-5", "TRUE", "是", "待核实",
    True, False, -1, -0.01, 0, 0.5, 2.5, 0.005, 1e12, 999999999999.99, *ERRORS,
]  # fmt: skip
DIRTY_WORDS = ["待核实", "未知", "*", "跨?", "true", "ｔｒｕｅ", "no", "#N/A", True, False, 0, 1, 5, -1, 2.5, *ERRORS]
#: what no cell can hold, only Python
PYTHON_ONLY = [float("nan"), float("inf"), float("-inf"), 10**400, Decimal("500.5"), Fraction(1, 3), b"5"]

#: (lowest, highest, decimals) of a plausible number, by unit
PLAUSIBLE = {
    "元": (0, 6000, (0, 0, 0, 1, 2)), "元/年": (0, 9000, (0, 2)), "元/月": (0, 3000, (0, 2)), "人": (0, 130, (0,)),
    "天": (0, 45, (0,)), "个月": (0, 24, (0, 0, 0, 1)), "亩": (0, 40, (0, 1, 2)), "头": (0, 300, (0,)),
    "周岁": (0, 110, (0,)), "年": (2015, 2030, (0,)),
}  # fmt: skip


def parameter_numbers(binding: Binding) -> list[Fraction]:
    """Every number of the document that this rule may use: single ones, tables, both sides of steps."""
    found = set()
    for value in binding.version.values.values():
        if isinstance(value, Table):
            found.update(map(Fraction, value.entries.values()))
        elif isinstance(value, Steps):
            found.update(Fraction(number) for step in value.steps for number in step)
        elif isinstance(value, (int, Fraction)):
            found.add(Fraction(value))
    return sorted(found)


def boundaries(binding: Binding) -> list:
    """The numbers of the document and where one of them reaches another, exact, one fen and one unit either side."""
    exact = parameter_numbers(binding)
    reached = {a / b for a in exact for b in exact if b and 1 <= a / b <= 10**6}
    around = {number + step for number in {*exact, *reached} for step in map(Fraction, (0, "0.01", "-0.01", 1, -1))}
    return sorted({tidy(number, 4) for number in around})


def tidy(number, decimals: int):
    """A number as a cell holds it: an int where possible."""
    number = round(float(number), decimals)
    return int(number) if number.is_integer() else number


class RowMaker:
    """Rows for one function under one document. `raw` are the function's own arguments, in order, then the date."""

    def __init__(self, binding: Binding, arguments: list[Argument], fixed: dict, seed):
        self.binding, self.arguments, self.fixed = binding, arguments, fixed
        self.random = random.Random(str(seed))
        self.edges = boundaries(binding)
        self.shares = [float(number) for number in parameter_numbers(binding) if number <= 2] + [1.0]
        self.numbers = [p for p, a in enumerate(arguments) if a.name in binding.arguments and a.kind == "number"]
        start, until = binding.policy.start, binding.policy.until or dt.date(2030, 12, 31)
        day = dt.timedelta(days=1)
        self.days = [start - day, start, start + day, until - day, until, until + day]
        self.days += [dt.datetime.combine(until, dt.time(18)), 45000, 45000.5]
        self.dirty_days = [
            "", " ", "2023-02-01", "２０２３年２月１日", "去年", "待核实", 20230201, True, 0, 1, 60, -1, 0.5,
            2958465, 2958466, *ERRORS[:2],
        ]  # fmt: skip

    def rows(self, count: int, pays) -> list[tuple]:
        """`count` rows. `pays` tells whether a row gets something: half of the rows are small changes of such ones."""
        good = self.good_rows(pays)
        systematic = list(self.systematic(good))
        self.random.shuffle(systematic)
        rows = systematic[: count // 2]
        rows += [self.row(good) for _ in range(count - len(rows))]
        return rows

    def good_rows(self, pays) -> list[tuple]:
        plausible = (self.plausible_row() for _ in range(3000))
        good = list(islice(filter(pays, plausible), 60))
        return good or [self.plausible_row() for _ in range(60)]

    def systematic(self, good: list[tuple]):
        """Every boundary, option, spelling and kind of dirt in every argument of rows that are paid."""
        for position, argument in enumerate(self.arguments):
            if argument.name in self.fixed or argument.name not in self.binding.arguments:
                continue
            if argument.finite:
                cells = [*argument.codes, *DIRTY_WORDS, *BLANKS]
                cells += [change(word) for word in argument.options for change in _MISSPELL]
            elif argument.kind == "number":
                cells = [*map(self.fitting(argument), self.edges), *DIRTY_NUMBERS, *BLANKS]
            else:
                cells = [(blank,) * len(self.plausible(argument)) for blank in BLANKS]
            for cell in cells:
                yield with_cell(self.random.choice(good), position, cell)
        for day in (*self.days, *self.dirty_days):
            yield with_cell(self.random.choice(good), len(self.arguments), day)

    def row(self, good: list[tuple]) -> tuple:
        roll = self.random.random()
        row = self.random.choice(good) if roll < 0.65 else self.plausible_row()
        if roll < 0.2 and len(self.numbers) > 1:
            row = self.related(row)
        elif roll < 0.45:
            row = self.changed(row, self.plausible)
        elif roll < 0.65 or roll > 0.85:
            row = self.changed(row, self.dirty)
            if self.random.random() < 0.3:
                row = self.changed(row, self.dirty)
        if self.random.random() < 0.12:
            days = self.days if self.random.random() < 0.8 else self.dirty_days
            row = with_cell(row, len(self.arguments), self.random.choice(days))
        return row

    def plausible_row(self) -> tuple:
        return (*map(self.plausible, self.arguments), None)

    def changed(self, row: tuple, make) -> tuple:
        position = self.random.randrange(len(self.arguments))
        if self.arguments[position].name in self.fixed:
            return row
        return with_cell(row, position, make(self.arguments[position]))

    def related(self, row: tuple) -> tuple:
        """One number at or beside a share of another: where ratios turn."""
        one, other = self.random.sample(self.numbers, 2)
        if isinstance(row[other], (str, type(None))):
            return row
        near = float(row[other]) * self.random.choice(self.shares) + self.random.choice((0, 0, 0.01, -0.01, 1, -1))
        return with_cell(row, one, self.fitting(self.arguments[one])(tidy(max(near, 0), 4)))

    def fitting(self, argument: Argument):
        """Whole numbers where whole ones are wanted: mostly, so that the rule itself is reached."""
        return lambda number: int(number) if argument.whole and self.random.random() < 0.9 else number

    def plausible(self, argument: Argument):
        choose = self.random
        if argument.name in self.fixed:
            return self.fixed[argument.name]
        if argument.optional and argument.kind != "numbers" and choose.random() < 0.4:
            return None
        if argument.kind == "flag":
            return choose.choice((True, True, False, "是", "否"))
        if argument.kind == "word":
            if "是" in argument.options and choose.random() < 0.6:
                return choose.choice((True, True, False))
            return choose.choice(argument.options if choose.random() < 0.8 else list(argument.codes))
        if argument.kind == "number":
            return self.plausible_number(argument)
        if argument.kind == "numbers":
            usual = (1500, 1500, 2345.6, 3000, 1000)
            cells = choose.choice((usual, (*usual, *usual, None, 999.99), (*usual, *self.edges, 0, None)))
            return tuple(choose.choice(cells) for _ in range((argument.shortest + argument.longest) // 2))
        return "某地"

    def plausible_number(self, argument: Argument):
        choose = self.random
        if choose.random() < 0.3 and self.edges:
            number = choose.choice(self.edges)
        elif argument.high == 1:
            number = tidy(choose.uniform(0.4, 1), 2)
        else:
            low, high, decimals = PLAUSIBLE.get(argument.unit, (0, 6000, (0, 2)))
            low = -high / 5 if argument.signed and choose.random() < 0.15 else low
            number = tidy(choose.uniform(low, high), 3 if choose.random() < 0.03 else choose.choice(decimals))
        number = self.fitting(argument)(number)
        return number if argument.signed or number >= 0 else -number

    def dirty(self, argument: Argument):
        choose = self.random
        if choose.random() < 0.25 and argument.kind != "numbers":
            return choose.choice(BLANKS)
        if argument.finite:
            if choose.random() < 0.5:
                return choose.choice(_MISSPELL)(choose.choice(argument.options))
            return choose.choice(DIRTY_WORDS)
        if argument.kind == "numbers":
            cells = list(self.plausible(argument))
            cells[choose.randrange(len(cells))] = choose.choice(DIRTY_NUMBERS)
            return tuple(cells)
        return choose.choice(DIRTY_NUMBERS)


_MISSPELL = (
    lambda word: f" {word} ", lambda word: f"{word}　", lambda word: f"{word[:1]} {word[1:]}", lambda word: f"{word}们",
)  # fmt: skip


def with_cell(row: tuple, position: int, cell) -> tuple:
    return (*row[:position], cell, *row[position + 1 :])


def python_only_rows(maker: RowMaker, good: list[tuple]) -> list[tuple]:
    """What no cell can hold, in every argument."""
    rows = []
    for position, argument in enumerate(maker.arguments):
        if argument.name not in maker.fixed and argument.kind != "numbers":
            rows += [with_cell(maker.random.choice(good), position, cell) for cell in PYTHON_ONLY]
    return rows


# ---- what a native formula does not take


def only_python_reads(argument: Argument, cell) -> bool:
    """Does Python read this cell where a native formula, which takes true numbers and exact words only, has an
    error? Text numbers, padded and full-width words, letter case, blanks other than spaces, dates that are no date."""
    if isinstance(cell, ErrorCell) or cell is None:
        return False
    if isinstance(cell, str):
        if not cell.strip(" "):
            return False
        return not argument.finite or cell not in argument.codes
    return argument.kind == "date" and not isinstance(cell, (bool, dt.date)) and cell >= 19000101
