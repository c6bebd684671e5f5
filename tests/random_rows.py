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
from xl_poverty.rules.parameters import Policy

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
    "周岁": (0, 110, (0,)), "年": (2021, 2024, (0,)), "户": (40, 400, (0,)), "个": (0, 3, (0,)),
}  # fmt: skip
_INCOME = (6000, 18000, (0, 0, 2))
_GROWTH = (-0.05, 0.15, (3, 4))
_DECLINED = (0, 60, (0,))
#: … by name, where the unit does not tell
PLAUSIBLE_BY_NAME = {
    "per_capita_income": _INCOME, "income_base_year": _INCOME, "income_estimate": _INCOME, "per_capita_last": _INCOME,
    "per_capita_this": _INCOME, "poor_last": _INCOME, "poor_this": _INCOME, "farmer_last": (9000, 24000, (0, 2)),
    "farmer_this": (9000, 24000, (0, 2)), "low_line": (9000, 13000, (0,)), "high_line": (12500, 18000, (0,)),
    "total_net_income": (5000, 90000, (0, 2)), "last_total": (5000, 90000, (0, 2)), "base2": (9000, 20000, (0, 2)),
    "this_total": (5000, 90000, (0, 2)), "gross_income": (2000, 60000, (0, 2)), "basic_pension": (0, 2500, (0, 1)),
    "city_farmer_growth": _GROWTH, "national_growth": _GROWTH, "rate": (0, 0.35, (2,)), "cause": (1, 9, (0,)),
    "declined_last": _DECLINED, "declined_this": _DECLINED, "posts": (0, 1, (0,)), "students": (0, 3, (0,)),
    "age": (50, 90, (0,)),
    "loan_amount": (20000, 180000, (0, 2)), "investment": (0, 16000, (0, 2)), "monthly_payment": (0, 800, (0, 1)),
    "land_rent": (0, 2000, (0, 2)), "operation": (0, 1500, (0, 2)), "insurance": (0, 800, (0, 2)),
}  # fmt: skip
#: a number that is often equal to another one of the row, or near it
NEAR = {
    "per_capita_this": "per_capita_last", "this_total": "last_total", "poor_this": "poor_last",
    "farmer_this": "farmer_last", "national_growth": "city_farmer_growth", "declined_this": "declined_last",
    "households_this": "households_last", "actual": "base", "chosen_standard": "min_standard",
    "cost_subsidy": "business_cost", "per_capita_income": "standard", "basic_pension": "gross_income", "this": "last",
}  # fmt: skip
_FACTORS = (1, 1, 1, 0.9, 0.97, 1.03, 1.05, 1.2)
_STEPS = (0, 0, 0, 0.01, -0.01, 1, -1)
#: items of a list that may be below 0: a business can lose money
_LOSSES = ("种养业经营", "其他")


def parameter_numbers(binding: Binding) -> list[Fraction]:
    """Every number of the document that this rule may use: single ones, tables, lists, both sides of steps."""
    shared = binding.policy.common.versions
    values = {name: v for name, v in shared[-1].values.items() if name in binding.parameters.used} if shared else {}
    found = set()
    for value in {**values, **binding.version.values}.values():
        if isinstance(value, Table):
            found.update(map(Fraction, value.entries.values()))
        elif isinstance(value, Steps):
            found.update(Fraction(number) for step in value.steps for number in step)
        elif isinstance(value, tuple):
            found.update(Fraction(number) for number in value if not isinstance(number, str))
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
        exact = parameter_numbers(binding)
        self.lines = [float(number) for number in exact if number >= 1000]
        self.scale = 2 * float(max(exact, default=0))
        self.shares = [float(number) for number in exact if number <= 2] + [1.0]
        self.shares += [float(1 + number) for number in exact if number < 1]
        self.shares += [float(one / 12) for one in exact if one < 1 and 12 in exact]  # a share of a year, by month
        self.places = {argument.name: position for position, argument in enumerate(arguments)}
        # how often an optional argument is left blank: seldom where this text needs it
        needs = {name: condition.op == "true" for name, condition in binding.outcome.needs}
        self.blanks = {name: 0.03 if always else 0.15 for name, always in needs.items()}
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
        self.left_out = len(systematic) - len(rows)
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
        row = (*map(self.plausible, self.arguments), None)
        for name, other in NEAR.items():
            if name in self.places and other in self.places and self.random.random() < 0.5:
                row = self.near(row, self.places[name], self.places[other])
        if {"total_net_income", "persons"} <= set(self.places) and self.lines and self.random.random() < 0.4:
            total = row[self.places["persons"]] * self.random.choice(self.lines) + self.random.choice(_STEPS)
            row = with_cell(row, self.places["total_net_income"], tidy(total, 2))
        return row

    def near(self, row: tuple, one: int, other: int) -> tuple:
        """One number, or some of a list, equal to the other or near it."""
        if row[one] is None or row[other] is None or self.arguments[one].name in self.fixed:
            return row
        if isinstance(row[other], tuple):
            pairs = zip(row[one], row[other], strict=True)
            roll = self.random.random()
            return with_cell(row, one, tuple(b if self.random.random() < roll else a for a, b in pairs))
        factors = _FACTORS if self.arguments[one].name != "actual" else self.shares
        near = row[other] * self.random.choice(factors) + self.random.choice(_STEPS)
        number = self.fitting(self.arguments[one])(tidy(near, 4))
        return with_cell(row, one, number if self.arguments[one].signed else max(0, number))

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
        near = near if self.arguments[one].signed else max(near, 0)
        return with_cell(row, one, self.fitting(self.arguments[one])(tidy(near, 4)))

    def fitting(self, argument: Argument):
        """Whole numbers where whole ones are wanted: mostly, so that the rule itself is reached."""
        return lambda number: int(number) if argument.whole and self.random.random() < 0.9 else number

    def plausible(self, argument: Argument):
        choose = self.random
        if argument.name in self.fixed:
            return self.fixed[argument.name]
        if argument.optional and argument.kind != "numbers" and choose.random() < self.blanks.get(argument.name, 0.4):
            return None
        if argument.kind == "flag":
            return choose.choice((True, True, False, "是", "否"))
        if argument.kind == "word":
            if "是" in argument.options and choose.random() < 0.6:
                return choose.choice((True, True, False))
            return choose.choice(argument.options if choose.random() < 0.8 else list(argument.codes))
        if argument.kind == "number":
            return self.plausible_number(argument)
        if argument.kind == "numbers" and argument.items:
            cells = (0, 0, 500, 1500, 1500.5, 3000, 0.01)
            return tuple(choose.choice((*cells, -500) if item in _LOSSES else cells) for item in argument.items)
        if argument.kind == "numbers":
            usual = (1500, 1500, 2345.6, 3000, 1000)
            cells = choose.choice((usual, (*usual, *usual, None, 999.99), (*usual, *self.edges, 0, None)))
            return tuple(choose.choice(cells) for _ in range((argument.shortest + argument.longest) // 2))
        return "某地"

    def plausible_number(self, argument: Argument):
        choose = self.random
        if choose.random() < 0.3 and self.edges:
            number = choose.choice(self.edges)
        elif argument.high == 1 and argument.name not in PLAUSIBLE_BY_NAME:
            number = tidy(choose.uniform(0.4, 1), 2)
        else:
            usual = PLAUSIBLE.get(argument.unit, (0, 6000, (0, 2)))
            if argument.name == "actual" and "base" not in self.binding.arguments:
                usual = (0, max(self.scale, 10), usual[2])
            low, high, decimals = PLAUSIBLE_BY_NAME.get(argument.name, usual)
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


# ---- rows for functions that are not rules


def _number_of(choose: random.Random) -> str:
    """A made-up identity number, mostly a valid one, as an ID or as the 20 digits of a disability certificate."""
    born = dt.date(1935, 1, 1) + dt.timedelta(days=choose.randrange(32000))
    text = f"{choose.choice(('500236', '341200', '650102', '11010'))}{born:%Y%m%d}{choose.randrange(1000):03}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    text += "10X98765432"[sum(int(d) * w for d, w in zip(text, weights, strict=False)) % 11]
    return choose.choice((text, text, text, text.lower(), text + "42", text[:-1] + "0", f" {text}", text[:17]))


def _day(choose: random.Random):
    day = dt.date(2021, 1, 1) + dt.timedelta(days=choose.randrange(2000))
    texts = f"{day:%Y-%m-%d}", f"{day:%Y年%m月%d日}"
    return choose.choice((day, day, day, *texts, int(f"{day:%Y%m%d}"), 44000 + day.day))


_DIRTY_DAYS = [None, "", " ", "去年", "待核实", "2023-02-30", True, 0, 60, -1, 0.5, 45000.5, "#N/A", float("nan")]
_TEXTS = {
    "address": ["江苏省苏州市", "重庆市奉节县", "奉节县", "安徽省阜阳市颍州区", "本村", "新疆", "#REF!", 500236],
    "home": [None, None, "500236", "341200", "奉节县", "某地", 650102],
    "measure": [
        "交通补贴", "TIER", "收入分档", "COURTYARD_AWARD", "公益岗补贴", "第8条", 8, 2.0, "九", "一户一策制定",
        "PROFIT_MODE", "重点关注", "创业补贴", "新事项", None, "#N/A",
    ],
    "parameter": [
        "cap", "每户上限（元）", "每户上限", "low", "low_line", "跨省", "visits", "without", "line", "amount", "某",
        None, "#N/A",
    ],
}  # fmt: skip


def plain_rows(signature, seed, count: int, policy: Policy) -> list[tuple]:
    """Rows for a function that is no rule: plausible cells and the dirt of ledgers, what the document itself names
    among them, the date last."""
    choose, own = random.Random(seed), names_of(policy)
    cells = signature.arguments
    return [(*(_plain_cell(choose, argument, own) for argument in cells), _as_of(choose)) for _ in range(count)]


def names_of(policy: Policy) -> dict[str, list[str]]:
    """What a document names, by the argument that takes the name."""
    entries = [*policy.measures.values(), *policy.indicators.values()]
    measures = [word for m in policy.measures.values() for word in (m.name, m.alias) if word]
    values = [version.values for entry in entries for version in entry.versions]
    return {
        "item": list(policy.deadlines),
        "measure": [*measures, *policy.indicators, *policy.deadlines, *policy.clauses, *policy.named],
        "parameter": [*(key for row in values for key in row), *(t for e in entries for t in e.labels.values())],
    }


def _as_of(choose: random.Random):
    return None if choose.random() < 0.5 else _day(choose) if choose.random() < 0.9 else choose.choice(_DIRTY_DAYS)


def _plain_cell(choose: random.Random, argument: Argument, own: dict[str, list[str]]):
    if own.get(argument.name) and choose.random() < 0.5:
        return choose.choice(own[argument.name])
    dirty = choose.random() < 0.12
    if argument.kind == "numbers":
        cells = [choose.choice((0, 1, 1, 1, 2, None)) for _ in range(argument.longest)]
        if dirty:
            cells[choose.randrange(len(cells))] = choose.choice(DIRTY_NUMBERS)
        return tuple(map(_text_of_error, cells if choose.random() < 0.9 else [None] * len(cells)))
    if argument.name in ("id", "birth_date"):
        if dirty:
            return choose.choice(_DIRTY_DAYS)
        number, born = _number_of(choose), dt.date(1960, choose.randint(1, 12), 8)
        return number if argument.name == "id" else choose.choice((number, born))
    if argument.kind == "date":
        return choose.choice(_DIRTY_DAYS) if dirty or argument.optional and choose.random() < 0.2 else _day(choose)
    if argument.name in _TEXTS:
        return choose.choice(_TEXTS[argument.name])
    if argument.finite:
        return _text_of_error(choose.choice([*DIRTY_WORDS, *BLANKS] if dirty else list(argument.codes)))
    if dirty or argument.optional and choose.random() < 0.3:
        return _text_of_error(choose.choice([*DIRTY_NUMBERS, *BLANKS]))
    low, high, decimals = PLAUSIBLE.get(argument.unit, (0, 6000, (0, 2)))
    return tidy(choose.uniform(low, high), choose.choice(decimals))


def _text_of_error(cell):
    return str(cell) if isinstance(cell, ErrorCell) else cell


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
