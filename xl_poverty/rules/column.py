"""The column reading: a rule over whole columns of coded inputs, in NumPy, exact to the fen.

The only module that needs NumPy. A number is an integer array times an exact unit (`raw * unit`), so that scales,
rates and constants cost nothing until they must meet another number, and comparisons with a parameter become
comparisons with an integer. Before anything is computed the range of every intermediate is known: the narrowest
integer type serves and nothing can overflow unseen. Words are bytes; conditions are byte operations without branches.
Work goes block by block, so that it stays in the cache.
"""
from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from math import ceil, floor, gcd, lcm

import numpy as np

from .arguments import BLANK
from .binding import CAPPED, ESTIMATED, NOT_IN_FORCE, PAID, TROUBLE, ZERO, Binding
from .cell import YES
from .expressions import TRUTH, Expression, Steps, exact, most

#: rows worked on at a time: large enough that calls do not count, small enough for the cache
BLOCK = 1 << 16
#: combinations of inputs that are worth a table of their own, if there are enough rows to look up in it
MOST_STATES, ROWS_PER_STATE = 1 << 12, 8
#: tables kept per binding: one per range of inputs, and a ledger has few
MOST_TABLES = 16
#: plans kept per binding, likewise
MOST_PLANS = 64
#: floats hold every integer up to here
EXACT_FLOAT = 2**53


class NotInColumns(Exception):
    """The rule, or the range of its inputs, has no column reading: the cell reading serves row by row."""


@dataclass(frozen=True)
class Numbers:
    """A column of exact numbers: integers that stand for value × 10**scale. `blank` marks blank rows. A list
    argument has two dimensions, one row per result."""

    values: np.ndarray
    scale: int = 0
    blank: np.ndarray | None = None


@dataclass(frozen=True)
class Results:
    """What a rule says of each row. `values`: fen (`pay`), bool (`holds`), index into the binding's `words`
    (`choose`, `listed`), float (`value`). `reasons`: PAID, CAPPED …, the number of the failed gate, or TROUBLE."""

    values: np.ndarray
    reasons: np.ndarray


def run_column(binding: Binding, columns: dict[str, object]) -> Results:
    """Read the rule over columns: word and flag arguments as arrays of codes (0 = blank), numbers as integer arrays
    or `Numbers`. Every argument of the binding must be given, all of one length.

    Raises NotInColumns where exact integers would not do.
    """
    return _Plan(binding, columns).run()


@dataclass(frozen=True)
class _Node:
    """A planned number: how to compute its integers in a block, what one of them stands for, their range and type."""

    compute: object
    unit: Fraction
    low: int
    high: int
    held: object = None  # the type that `compute` gives, where it is not the narrowest for the range

    @property
    def constant(self) -> bool:
        return self.low == self.high

    @property
    def dtype(self):
        return self.held or _dtype(self.low, self.high)


@dataclass(frozen=True)
class _Digit:
    """An argument as one digit of a row's number in a table: its values from `low` on, or between `bounds`."""

    size: int
    low: int
    bounds: tuple[int, ...]


def _dtype(low: int, high: int):
    if low >= 0 and high < 2**8:
        return np.uint8
    for dtype, bits in ((np.int16, 15), (np.int32, 31), (np.int64, 63)):
        if -(2**bits) < low and high < 2**bits:
            return dtype
    raise NotInColumns("numbers too large for exact integers")


def _wide(low: int, high: int):
    """The type of results: four bytes where they suffice."""
    return np.int32 if low > -(2**31) and high < 2**31 else _dtype(low, high)


def _constant(raw: int, unit) -> _Node:
    dtype = _dtype(raw, raw)
    value = dtype(raw)
    return _Node(lambda block: value, Fraction(unit), raw, raw)


def _cast(values, dtype):
    return values.astype(dtype, copy=False) if isinstance(values, np.ndarray) else dtype(values)


def _range(values: np.ndarray) -> tuple[int, int]:
    """Smallest and largest value; for a column without negative numbers one pass finds both limits."""
    if not values.size:
        return 0, 0
    if values.dtype.kind == "i":
        unsigned = int(values.view(values.dtype.str.replace("i", "u")).max())
        if unsigned <= np.iinfo(values.dtype).max:
            return 0, unsigned
    return int(values.min()), int(values.max())


class _Plan:
    """The steps of one run: which arrays are compared, combined and paid, in which types."""

    def __init__(self, binding: Binding, columns: dict[str, object]):
        self.binding, self.outcome = binding, binding.outcome
        self.columns: dict[str, Numbers | np.ndarray] = {}
        for name, argument in binding.arguments.items():
            column = columns[name]
            if argument.finite:
                column = np.asarray(column)
                if column.dtype != np.uint8:
                    raise TypeError(f"{name}: codes are uint8, found {column.dtype}")
                if column.size and int(column.max()) >= argument.size:
                    raise ValueError(f"{name}: a code outside 0–{argument.size - 1}")
            elif not isinstance(column, Numbers):
                column = Numbers(np.asarray(column))
            self.columns[name] = column
        lengths = {len(c.values if isinstance(c, Numbers) else c) for c in self.columns.values()}
        if len(lengths) != 1:
            raise ValueError(f"columns of different lengths: {sorted(lengths)}")
        self.rows = lengths.pop()
        self.narrowed: dict[str, _Node] = {}
        self.refinements: dict[tuple, _Node] = {}
        self.ranges: dict[str, tuple[int, int]] = {}
        self.seen = binding.conditions
        self.shared: dict[str, object] = {}  # conditions that occur more than once

    # ---- running

    def run(self) -> Results:
        tables = self.tables()
        if tables:
            return self.looked_up_rows(*tables)
        key = self.shape()
        plans = self.binding.plans
        if key not in plans:
            if len(plans) >= MOST_PLANS:
                plans.clear()
            plans[key] = self.judge(), *getattr(self, self.outcome.ending)()
        judge, settle, dtype = plans[key]
        # what is kept for the next run must not keep the columns of this one
        columns, self.columns = self.columns, None
        reasons, values = np.empty(self.rows, np.uint8), np.empty(self.rows, dtype)
        for start in range(0, self.rows, BLOCK):
            rows = slice(start, min(start + BLOCK, self.rows))
            block = _Block(columns, rows)
            paid = judge(block, reasons[rows])
            settle(block, paid, values[rows], reasons[rows])
        return Results(values, reasons)

    def shape(self) -> tuple:
        """All that a plan depends on: types, scales, ranges, blanks and lengths of the columns, not their rows."""
        told = []
        for name, column in self.columns.items():
            if isinstance(column, Numbers):
                limits = None if self.bounds(name) is not None else self.limits(name)
                values = column.values
                told.append((values.dtype.str, values.shape[1:], column.scale, column.blank is None, limits))
        return tuple(told)

    # ---- small worlds: where numbers have few values, a row is looked up among all that can be

    def tables(self):
        """(digit of each argument, reason and value of every combination), or None where there are too many, or where
        comparisons alone do it faster. The combinations are computed by the cell reading, once."""
        if self.outcome.ending not in ("pay", "choose"):
            return None
        digits, states, reckoned = {}, 1, False
        for name, argument in self.binding.arguments.items():
            column = self.columns[name]
            if argument.finite:
                digits[name] = _Digit(argument.size, 0, ())
            elif argument.kind == "numbers" or column.blank is not None:
                return None
            elif (bounds := self.bounds(name)) is not None:
                digits[name] = _Digit(len(bounds) + 1, 0, bounds)
            else:
                low, high = self.limits(name)
                digits[name] = _Digit(high - low + 1, low, ())
                reckoned = True
            states *= digits[name].size
            if states > MOST_STATES:
                return None
        if not reckoned or self.rows < ROWS_PER_STATE * states:
            return None
        key = tuple((name, digit, getattr(self.columns[name], "scale", 0)) for name, digit in digits.items())
        if key not in self.binding.tabulated:
            if len(self.binding.tabulated) >= MOST_TABLES:
                self.binding.tabulated.clear()
            self.binding.tabulated[key] = self.tabulate(digits)
        return digits, *self.binding.tabulated[key]

    def bounds(self, name: str) -> tuple[int, ...] | None:
        """The integers at which a comparison of this argument turns, if it is used in nothing else."""
        key = name, self.columns[name].scale
        if key not in self.binding.turns:
            self.binding.turns[key] = self.turning_points(*key)
        return self.binding.turns[key]

    def turning_points(self, name: str, scale: int) -> tuple[int, ...] | None:
        found: set[int] = set()
        if any(root.op == "argument" and root.operands[0] == name for root in self.binding.roots):
            return None
        for part in self.binding.nodes:
            own = [o.op == "argument" and o.operands[0] == name for o in part.operands if isinstance(o, Expression)]
            if not any(own):
                continue
            if part.op == "highest":
                found |= {ceil(start * 10**scale) for start, _ in part.operands[0].steps}
            elif part.op in _COMPARE and own[0] and part.operands[1].op == "number":
                line = part.operands[1].operands[0] * 10**scale
                found.add(ceil(line) if part.op in (">=", "<") else floor(line) + 1)
            else:
                return None
        return tuple(sorted(found))

    def tabulate(self, digits):
        choices = []
        for name, digit in digits.items():
            column = self.columns[name]
            if not isinstance(column, Numbers):
                choices.append(range(digit.size))
                continue
            raws = range(digit.low, digit.low + digit.size)
            if digit.bounds:  # one value of every stretch between two bounds
                raws = (digit.bounds[0] - 1, *digit.bounds)
            choices.append([exact(Fraction(raw, 10**column.scale)) for raw in raws])
        answers = [self.binding.core(*row) for row in product(*choices)]
        if self.outcome.ending == "choose":
            words = self.binding.words
            values = np.array([0 if word is None else words.index(word) for word, _ in answers], np.uint8)
        else:
            fen = [amount or 0 for amount, _ in answers]
            values = np.array(fen, _wide(min(fen), max(fen)))
        return np.array([reason for _, reason in answers], np.uint8), values

    def looked_up_rows(self, digits, reason_table, value_table) -> Results:
        reasons, values = np.empty(self.rows, np.uint8), np.empty(self.rows, value_table.dtype)
        index_type = np.uint8 if len(reason_table) <= 2**8 else np.uint16
        for start in range(0, self.rows, BLOCK):
            rows = slice(start, min(start + BLOCK, self.rows))
            state = None
            for name, digit in digits.items():  # the last argument counts fastest
                if digit.size == 1:
                    continue
                column = self.columns[name]
                raw = (column.values if isinstance(column, Numbers) else column)[rows]
                if digit.bounds:
                    raw = sum((raw >= bound).view(np.uint8) for bound in digit.bounds)
                elif digit.low:
                    raw = raw - digit.low
                raw = raw.astype(index_type, copy=False)
                state = raw if state is None else state * index_type(digit.size) + raw
            index = np.zeros(rows.stop - rows.start, np.intp) if state is None else state.astype(np.intp)
            np.take(reason_table, index, out=reasons[rows], mode="clip")
            np.take(value_table, index, out=values[rows], mode="clip")
        return Results(values, reasons)

    def limits(self, name: str) -> tuple[int, int]:
        if name not in self.ranges:
            self.ranges[name] = _range(self.columns[name].values)
        return self.ranges[name]

    # ---- everything else

    def judge(self):
        """A function (block, reasons) that writes the reason of every row and returns which rows are paid.

        Counting how many gates a row passes in a row gives the first that fails without a branch.
        """
        outcome = self.outcome
        gates = [self.truth(test) for test, _ in outcome.gates]
        troubles = [self.truth(~test) for test, *_ in outcome.checks]
        for name, condition in outcome.needs:
            if self.may_be_blank(name):
                troubles.append(self.truth(Expression("blank", TRUTH, name) & condition))

        def judged(block, reasons):
            if self.binding.shut:
                reasons[:] = NOT_IN_FORCE
                paid = np.zeros(block.rows, bool)
            elif not gates:
                reasons[:] = PAID
                paid = np.ones(block.rows, bool)
            else:
                paid = gates[0](block)
                np.add(paid.view(np.uint8), np.uint8(1), out=reasons)
                for gate in gates[1:]:
                    paid = np.logical_and(paid, gate(block))
                    np.add(reasons, paid.view(np.uint8), out=reasons)
                # 1 − 1 = 0 clears the number where all gates were passed, 0 − 1 = 255 leaves it elsewhere
                np.bitwise_and(reasons, paid.view(np.uint8) - np.uint8(1), out=reasons)
            for trouble in troubles:
                found = trouble(block)
                np.maximum(reasons, found.view(np.uint8) * np.uint8(TROUBLE), out=reasons)
                paid = np.logical_and(paid, np.logical_not(found))
            return paid

        return judged

    def may_be_blank(self, name: str) -> bool:
        column = self.columns[name]
        return not isinstance(column, Numbers) or column.blank is not None

    # ---- endings: (function that settles a block, type of the values)

    def holds(self):
        test = self.truth(self.outcome.amount)
        return lambda block, paid, values, reasons: np.logical_and(test(block), paid, out=values), bool

    def choose(self):
        words = self.binding.words
        *choices, (_, otherwise) = self.outcome.choices
        tests = [(self.truth(test), np.uint8(words.index(word))) for test, word in reversed(choices)]
        last = np.uint8(words.index(otherwise))

        def settle(block, paid, values, reasons):
            values[:] = last
            for test, code in tests:
                # code where the test holds, else what is there; wrapping bytes make the difference harmless
                values += test(block).view(np.uint8) * (code - values)
            np.multiply(values, paid.view(np.uint8), out=values)  # 不适用 is word 0

        return settle, np.uint8

    def listed(self):
        *choices, _ = self.outcome.choices
        dtype = np.uint8 if len(self.binding.words) <= 2**8 else np.uint16
        tests = [(self.truth(test), dtype(1 << bit)) for bit, (test, _) in enumerate(choices)]
        outside = dtype(len(self.binding.words) - 1)  # 不适用 is the last word

        def settle(block, paid, values, reasons):
            values[:] = 0
            for test, bit in tests:
                values += test(block).view(np.uint8) * bit
            values[~paid] = outside

        return settle, dtype

    def value(self):
        amount = self.outcome.amount
        if amount.op == "/":
            over, under = (self.number(part) for part in amount.operands)
        else:
            over, under = self.number(amount), _constant(1, 1)
        factor = over.unit / under.unit
        top, bottom = factor.numerator, factor.denominator
        for node, times in ((over, top), (under, bottom)):
            if max(abs(node.low), abs(node.high)) * times >= EXACT_FLOAT:
                raise NotInColumns("numbers too large for an exact quotient")

        def settle(block, paid, values, reasons):
            # both sides are exact integers, so the one division is correctly rounded
            with np.errstate(divide="ignore", invalid="ignore"):
                values[:] = (_cast(over.compute(block), np.float64) * top) / (
                    _cast(under.compute(block), np.float64) * bottom
                )
            values[~paid] = 0

        return settle, np.float64

    def pay(self):
        outcome = self.outcome
        amount = self.number(outcome.amount)
        cap = None if outcome.cap is None else self.number(outcome.cap)
        if cap is not None:
            amount, cap = (self.once(node) for node in self.align(amount, cap))
        times = None if outcome.times is None else self.number(outcome.times)
        paying = amount
        if cap is not None:
            paying = self.joined(np.minimum, amount, cap, min(amount.low, cap.low), min(amount.high, cap.high))
        masked = times is not None and not times.constant
        if masked:  # the units are narrow: what is not paid becomes 0 there
            plain, kind = times, times.dtype
            times = _Node(
                lambda block: _cast(plain.compute(block), kind) * block.paid.view(np.uint8).astype(kind, copy=False),
                plain.unit, min(0, plain.low), max(0, plain.high), kind,
            )  # fmt: skip
        due = paying if times is None else self.product(paying, times)
        limit = None if cap is None else cap if times is None else self.product(cap, times)
        fen, dtype = self.fen(due, limit, masked)
        never_zero = due.constant and due.low > 0
        reached = None
        if cap is not None:
            reached = self.compared(">=", amount, cap)
        estimated = None if outcome.estimated is None else self.truth(outcome.estimated)

        def settle(block, paid, values, reasons):
            block.paid = paid
            told = fen(block, paid, values)
            if reached is not None:
                np.maximum(reasons, (reached(block) & paid).view(np.uint8) * np.uint8(CAPPED), out=reasons)
            if estimated is not None:
                np.maximum(reasons, (estimated(block) & paid).view(np.uint8) * np.uint8(ESTIMATED), out=reasons)
            if never_zero:
                return
            nothing = told == 0
            nothing &= paid
            if nothing.any():
                np.maximum(reasons, nothing.view(np.uint8) * np.uint8(ZERO), out=reasons)

        return settle, dtype

    def fen(self, due: _Node, limit: _Node | None, masked: bool):
        """A function (block, paid, values) that writes fen, rounded half up but never above the limit, and returns
        what is 0 where they are, and the type of fen. `masked`: the amount is 0 already where nothing is paid."""
        unit = due.unit * 100
        if unit.denominator == 1:
            factor = unit.numerator
            dtype = _wide(due.low * factor, due.high * factor)
            narrow = due.dtype

            def whole(block, paid, values):
                # what is not paid becomes 0 while the numbers are narrow
                raw = _cast(due.compute(block), narrow) if masked else paid.view(np.uint8)
                if not masked and not (due.constant and due.low == 1):
                    raw = _cast(due.compute(block), narrow) * raw.astype(narrow, copy=False)
                np.multiply(raw.astype(dtype, copy=False), dtype(factor), out=values)
                return raw

            return whole, dtype
        top, bottom = unit.numerator, unit.denominator
        if bottom % 2:
            top, bottom = top * 2, bottom * 2
        low, high = due.low * top - bottom, due.high * top + bottom
        if high >= 2**63 or low <= -(2**63):
            raise NotInColumns("numbers too large for exact integers")
        work = np.int32 if high < 2**31 and low > -(2**31) else np.int64
        # unsigned division is the faster one; where the range says so, amounts are not negative
        divide = work if low < -bottom else np.dtype(work).str.replace("i", "u")
        divide = np.dtype(divide).type
        dtype = _wide(floor(due.low * unit), ceil(due.high * unit))
        # half up; a floor is never undercut
        added = bottom - 1 if self.binding.measure.kind == "下限" else bottom // 2

        def rounded(block, paid, values):
            raw = _cast(due.compute(block), work)
            if masked:  # a product of this block alone, so it may be reckoned on in place
                raw *= work(top)
            else:
                raw = raw * work(top)
            raw += work(added)
            if masked and limit is None and dtype is work:
                np.floor_divide(raw.view(divide), divide(bottom), out=values.view(divide))
                return values
            fen = (raw.view(divide) // divide(bottom)).view(work)
            if limit is not None:
                per_unit = limit.unit * 100
                most_fen = _cast(limit.compute(block), np.int64) * per_unit.numerator // per_unit.denominator
                fen = np.minimum(fen, most_fen)
            if masked:
                values[:] = fen
            else:
                np.multiply(fen.astype(dtype, copy=False), paid.view(np.uint8).astype(dtype), out=values)
            return values

        return rounded, dtype

    @staticmethod
    def once(node: _Node) -> _Node:
        """The node, computed once per block however often it is asked for."""
        if node.constant:
            return node

        def compute(block):
            found = block.known.get(compute)
            if found is None:
                found = block.known[compute] = node.compute(block)
            return found

        return _Node(compute, node.unit, node.low, node.high, node.held)

    # ---- truths over a block

    def truth(self, node: Expression):
        """A function of a block: a boolean array. A condition that occurs more than once is computed once."""
        key = repr(node)
        if self.seen[key] < 2:
            return self.fresh_truth(node)
        if key not in self.shared:
            fresh = self.fresh_truth(node)

            def shared(block):
                found = block.known.get(shared)
                if found is None:
                    found = block.known[shared] = fresh(block)
                return found

            self.shared[key] = shared
        return self.shared[key]

    def fresh_truth(self, node: Expression):
        op, parts = node.op, node.operands
        match op:
            case "true":
                return lambda block: np.ones(block.rows, bool)
            case "flag":
                return lambda block: block.codes(parts[0]) == np.uint8(YES)
            case "blank":
                if self.binding.arguments[parts[0]].finite:
                    return lambda block: block.codes(parts[0]) == np.uint8(BLANK)
                if not self.may_be_blank(parts[0]):
                    return lambda block: np.zeros(block.rows, bool)
                return lambda block: block.blank(parts[0])
            case "isin":
                return self.member(node)
            case "not":
                return self.negated(parts[0])
            case "and" | "or":
                left, right = self.truth(parts[0]), self.truth(parts[1])
                join = np.logical_and if op == "and" else np.logical_or
                return lambda block: join(left(block), right(block))
        return self.compared(op, self.number(parts[0]), self.number(parts[1]))

    def negated(self, node: Expression):
        """Not the node, without an operation of its own where the opposite comparison says it."""
        opposite = {">=": "<", "<": ">=", ">": "<=", "<=": ">"}
        if self.seen[repr(node)] > 1:
            inner = self.truth(node)
            return lambda block: np.logical_not(inner(block))
        if node.op in opposite:
            return self.compared(opposite[node.op], *(self.number(part) for part in node.operands))
        if node.op == "not":
            return self.truth(node.operands[0])
        if node.op == "flag":
            return lambda block: block.codes(node.operands[0]) != np.uint8(YES)
        if node.op == "isin":
            return self.member(node, outside=True)
        inner = self.truth(node)
        return lambda block: np.logical_not(inner(block))

    def member(self, node: Expression, outside: bool = False):
        """Is the word's code one of a set?"""
        argument = self.binding.arguments[node.operands[0].operands[0]]
        inside = {argument.code_of(word) for word in node.operands[1]}
        return self.among(argument, {code for code in range(argument.size) if (code in inside) != outside})

    @staticmethod
    def among(argument, codes: set[int]):
        """Is the code one of these? Neighbouring codes are tested together, the complement where it is simpler."""
        name, last_code = argument.name, argument.size - 1
        runs, others = _runs(codes), _runs(set(range(argument.size)) - codes)
        if not runs or not others:
            return lambda block: np.full(block.rows, bool(runs))
        negate = len(others) < len(runs)
        tests = []
        for first, last in others if negate else runs:
            if first == last:
                tests.append((np.not_equal if negate else np.equal, 0, first))
            elif first == 0:
                tests.append((np.greater if negate else np.less_equal, 0, last))
            elif last == last_code:
                tests.append((np.less if negate else np.greater_equal, 0, first))
            else:  # unsigned bytes below `first` wrap around to large numbers
                tests.append((np.greater if negate else np.less_equal, first, last - first))
        tests = [(compare, np.uint8(shift), np.uint8(bound)) for compare, shift, bound in tests]
        join = np.logical_and if negate else np.logical_or

        def found(block):
            codes, result = block.codes(name), None
            for compare, shift, bound in tests:
                hit = compare(codes - shift if shift else codes, bound)
                result = hit if result is None else join(result, hit)
            return result

        return found

    def compared(self, op: str, left: _Node, right: _Node):
        if left.constant and not right.constant:
            op = {">=": "<=", "<=": ">=", ">": "<", "<": ">"}[op]
            left, right = right, left
        if left.constant and right.constant:
            holds = bool(_COMPARE[op](left.low * left.unit, right.low * right.unit))
            return lambda block: np.full(block.rows, holds)
        if right.constant:
            # raw * unit >= line, as a comparison of integers
            line = right.low * right.unit / left.unit
            bound = {">=": ceil, "<": ceil, "<=": floor, ">": floor}[op](line)
            if not left.low <= bound <= left.high:
                holds = bool(_COMPARE[op](left.low, bound))  # the same for every value, the bound lies outside them
                return lambda block: np.full(block.rows, holds)
            line = left.dtype(bound)
            compare = _COMPARE[op]
            return lambda block: compare(left.compute(block), line)
        left, right = self.align(left, right)
        compare = _COMPARE[op]
        dtype = _dtype(min(left.low, right.low), max(left.high, right.high))
        return lambda block: compare(_cast(left.compute(block), dtype), _cast(right.compute(block), dtype))

    # ---- numbers over a block

    def number(self, node: Expression) -> _Node:
        op, parts = node.op, node.operands
        match op:
            case "number":
                value = Fraction(parts[0])
                return _constant(1 if value > 0 else -1 if value < 0 else 0, abs(value) or 1)
            case "argument":
                return self.input(parts[0])
            case "table":
                return self.looked_up(parts[0].entries, self.binding.arguments[parts[1].operands[0]])
            case "when":
                return self.either(self.truth(parts[0]), self.number(parts[1]), self.number(parts[2]))
            case "+" | "-":
                left, right = self.align(self.number(parts[0]), self.number(parts[1]))
                if op == "+":
                    return self.joined(np.add, left, right, left.low + right.low, left.high + right.high)
                return self.joined(np.subtract, left, right, left.low - right.high, left.high - right.low)
            case "least" | "most":
                left, right = self.align(self.number(parts[0]), self.number(parts[1]))
                pick, bound = (np.minimum, min) if op == "least" else (np.maximum, max)
                return self.joined(pick, left, right, bound(left.low, right.low), bound(left.high, right.high))
            case "*":
                return self.product(self.number(parts[0]), self.number(parts[1]))
            case "highest":
                return self.highest(*parts)
            case "each":
                return self.number(unitwise(*parts))
            case "item":
                return self.item(parts[0].operands[0], parts[1])
            case "longest_run":
                return self.run_length(parts[0].operands[0], self.number(parts[1]))
        raise NotInColumns(f"{op} has no column reading")

    def input(self, name: str) -> _Node:
        column = self.columns[name]
        values = column.values
        if not np.issubdtype(values.dtype, np.integer):
            raise TypeError(f"{name}: integers wanted, found {values.dtype}")
        unit = Fraction(1, 10**column.scale)
        if self.bounds(name) is not None:  # no range is needed, and the column is read once as it is
            info = np.iinfo(values.dtype)
            return _Node(lambda block: block.numbers(name), unit, int(info.min), int(info.max), values.dtype.type)
        low, high = self.limits(name)
        high = max(high, low + 1)  # a column is no constant, even if all its rows are equal
        node = _Node(lambda block: block.numbers(name), unit, low, high, values.dtype.type)
        narrow = _dtype(low, high)
        if np.dtype(narrow).itemsize >= values.dtype.itemsize:
            return node
        if name not in self.narrowed:
            self.narrowed[name] = self.once(
                _Node(lambda block: block.numbers(name).astype(narrow), unit, low, high, narrow)
            )
        return self.narrowed[name]

    def looked_up(self, entries, argument) -> _Node:
        values = {argument.code_of(word): Fraction(v) for word, v in entries.items() if word in argument.options}
        unit = _common_unit(values.values())
        raws: dict[int, set[int]] = {}
        for code, value in values.items():
            raws.setdefault(int(value / unit), set()).add(code)
        tests = [(self.among(argument, codes), raw) for raw, codes in raws.items() if raw]
        return self.summed(tests, unit)

    def highest(self, steps: Steps, amount: Expression) -> _Node:
        unit = _common_unit(value for _, value in steps.steps)
        tests, before = [], 0
        for start, value in steps.steps:
            raw = int(value / unit)
            tests.append((self.truth(amount >= start), raw - before))
            before = raw
        raws = [int(value / unit) for _, value in steps.steps]
        return self.summed(tests, unit, min(0, *raws), max(0, *raws))

    def summed(self, tests, unit, low=None, high=None) -> _Node:
        """Sum of integers, each where its test holds; without a range given the tests exclude one another."""
        raws = [raw for _, raw in tests]
        low, high = (min(0, *raws, 0), max(0, *raws, 0)) if low is None else (low, high)
        dtype = _dtype(low, high)

        def compute(block):
            total = None
            for test, raw in tests:
                part = test(block).view(np.uint8).astype(dtype, copy=False)
                if raw != 1:
                    part = part * dtype(raw % 2**8 if dtype is np.uint8 else raw)
                total = part if total is None else total + part
            return np.zeros(block.rows, dtype) if total is None else total

        return _Node(compute, unit, low, max(high, low + 1))

    def either(self, test, then: _Node, otherwise: _Node) -> _Node:
        """`then` where the test holds: otherwise + (then − otherwise) × test, which no branch can slow down."""
        then, otherwise = self.align(then, otherwise)
        low, high = min(then.low, otherwise.low), max(then.high, otherwise.high)
        dtype = _dtype(low, high)  # the difference may wrap around, the sum wraps back
        if then.constant and otherwise.constant:
            step, start = then.low - otherwise.low, dtype(otherwise.low)
            step = dtype(step % 2**8) if dtype is np.uint8 else dtype(step)
            return _Node(
                lambda block: test(block).view(np.uint8).astype(dtype, copy=False) * step + start,
                then.unit, low, max(high, low + 1), dtype,
            )  # fmt: skip

        def compute(block):
            base, other = _cast(otherwise.compute(block), dtype), _cast(then.compute(block), dtype)
            with np.errstate(over="ignore"):
                return (other - base) * test(block).view(np.uint8).astype(dtype, copy=False) + base

        return _Node(compute, then.unit, low, max(high, low + 1))

    def joined(self, join, left: _Node, right: _Node, low: int, high: int) -> _Node:
        if left.constant and right.constant:
            return _constant(int(join(left.low, right.low)), left.unit)
        dtype = _dtype(min(low, left.low, right.low), max(high, left.high, right.high))
        if join in (np.minimum, np.maximum):  # with an array beside an array they run several times as fast
            left, right = (self.spread(node, dtype) for node in (left, right))
        return _Node(
            lambda block: join(_cast(left.compute(block), dtype), _cast(right.compute(block), dtype)),
            left.unit, low, max(high, low + 1), dtype,
        )  # fmt: skip

    @staticmethod
    def spread(node: _Node, dtype) -> _Node:
        """A constant as an array."""
        if not node.constant:
            return node
        row = np.full(BLOCK, node.low, dtype)
        return _Node(lambda block: row[: block.rows], node.unit, node.low, node.high, dtype)

    def product(self, left: _Node, right: _Node) -> _Node:
        for constant, node in ((left, right), (right, left)):
            if constant.constant and constant.low >= 1:  # only the unit changes
                return _Node(node.compute, node.unit * constant.unit * constant.low, node.low, node.high, node.held)
        corners = [a * b for a in (left.low, left.high) for b in (right.low, right.high)]
        low, high = min(corners), max(corners)
        dtype = _dtype(low, high)
        return _Node(
            lambda block: _cast(left.compute(block), dtype) * _cast(right.compute(block), dtype),
            left.unit * right.unit, low, high, dtype,
        )  # fmt: skip

    def align(self, left: _Node, right: _Node) -> tuple[_Node, _Node]:
        """Both in one unit."""
        if left.unit == right.unit:
            return left, right
        unit = _common_unit((left.unit, right.unit))
        return self.refined(left, unit), self.refined(right, unit)

    def refined(self, node: _Node, unit: Fraction) -> _Node:
        factor = int(node.unit / unit)
        if factor == 1:
            return node
        key = (node.compute, node.unit, unit)
        if key not in self.refinements:
            self.refinements[key] = self.once(self.multiplied(node, factor, unit))
        return self.refinements[key]

    @staticmethod
    def multiplied(node: _Node, factor: int, unit: Fraction) -> _Node:
        low, high = node.low * factor, node.high * factor
        if node.constant:
            return _constant(low, unit)
        dtype = _dtype(low, high)
        return _Node(lambda block: _cast(node.compute(block), dtype) * dtype(factor), unit, low, high, dtype)

    def item(self, name: str, position: int) -> _Node:
        low, high = self.limits(name)
        column = self.columns[name]
        return _Node(
            lambda block: block.numbers(name)[:, position], Fraction(1, 10**column.scale), low, max(high, low + 1),
            column.values.dtype.type,
        )  # fmt: skip

    def run_length(self, name: str, least: _Node) -> _Node:
        column = self.columns[name]
        bound = ceil(least.low * least.unit * 10**column.scale)

        def compute(block):
            reach = block.numbers(name) >= bound
            reach &= ~block.blank(name)
            run = np.zeros(block.rows, np.uint8)
            best = np.zeros(block.rows, np.uint8)
            for month in range(reach.shape[1]):
                run = (run + np.uint8(1)) * reach[:, month].view(np.uint8)
                np.maximum(best, run, out=best)
            return best

        return _Node(compute, Fraction(1), 0, column.values.shape[1])


_COMPARE = {">=": np.greater_equal, ">": np.greater, "<=": np.less_equal, "<": np.less}


def _common_unit(values) -> Fraction:
    """The largest number of which all are whole multiples."""
    fractions = [Fraction(value) for value in values if value]
    if not fractions:
        return Fraction(1)
    below = lcm(*(f.denominator for f in fractions))
    return Fraction(gcd(*(abs(int(f * below)) for f in fractions)), below)


def _runs(codes: set[int]) -> list[tuple[int, int]]:
    """Neighbouring codes as (first, last)."""
    runs: list[tuple[int, int]] = []
    for code in sorted(codes):
        if runs and runs[-1][1] == code - 1:
            runs[-1] = (runs[-1][0], code)
        else:
            runs.append((code, code))
    return runs


def unitwise(steps: Steps, count: Expression) -> Expression:
    """`each` as a sum over the steps of what lies above their start."""
    total, before = None, 0
    for start, rate in steps.steps:
        over = count if start == 0 else most(0, count - start)
        part = over * (rate - before)
        total = part if total is None else total + part
        before = rate
    return total


class _Block:
    """The rows that are worked on at a time."""

    def __init__(self, columns, rows: slice):
        self.columns, self.slice, self.rows = columns, rows, rows.stop - rows.start
        self.known: dict = {}  # what was computed once, see _Plan.once

    def codes(self, name: str) -> np.ndarray:
        return self.columns[name][self.slice]

    def numbers(self, name: str) -> np.ndarray:
        return self.columns[name].values[self.slice]

    def blank(self, name: str) -> np.ndarray:
        column = self.columns[name]
        if column.blank is None:
            return np.zeros(column.values[self.slice].shape, bool)
        return column.blank[self.slice]
