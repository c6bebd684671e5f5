"""The column reading: a rule over whole columns of coded inputs, in NumPy, exact to the fen.

The only module that needs NumPy. Numbers are integers with a decimal scale; before anything is computed the range
of every intermediate is known, so that the narrowest integer type serves and nothing can overflow unseen. All
conditions of a row (word codes and comparisons) form one small state number, and two tables over the states give
reason and, where the amount depends on nothing else, amount. Work goes block by block, so that it stays in the cache.
"""
from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from .arguments import BLANK
from .binding import CAPPED, ESTIMATED, NO_CLAIM, NOT_IN_FORCE, PAID, TROUBLE, ZERO, Binding
from .cell import YES
from .expressions import TRUE, Expression, Steps, walk

BLOCK = 1 << 15
MOST_STATES = 1 << 16


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
    (`choose`), float (`value`). `reasons`: PAID, CAPPED …, the number of the failed gate, or TROUBLE."""

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
    """A planned number: how to compute it in a block, its scale and its range (scaled)."""

    compute: object
    scale: int
    low: int
    high: int

    @property
    def dtype(self):
        return _dtype(self.low, self.high)


def _dtype(low: int, high: int):
    if -(2**31) < low and high < 2**31:
        return np.int32
    if -(2**62) < low and high < 2**62:
        return np.int64
    raise NotInColumns("numbers too large for exact integers")


def _decimals(value: int | Fraction) -> tuple[int, int]:
    """(integer, scale) of an exact number; a number without a finite decimal form has no column reading."""
    if isinstance(value, int):
        return value, 0
    scale, denominator = 0, value.denominator
    while 10**scale % denominator:
        scale += 1
        if scale > 12:
            raise NotInColumns(f"{value} has no short decimal form")
    return int(value * 10**scale), scale


class _Plan:
    def __init__(self, binding: Binding, columns: dict[str, object]):
        self.binding, self.outcome = binding, binding.outcome
        self.columns: dict[str, Numbers | np.ndarray] = {}
        for name, argument in binding.arguments.items():
            column = columns[name]
            if argument.finite:
                column = np.asarray(column)
                if column.size and int(column.max()) >= argument.size:
                    raise ValueError(f"{name}: a code outside 0–{argument.size - 1}")
            elif not isinstance(column, Numbers):
                column = Numbers(np.asarray(column))
            self.columns[name] = column
        lengths = {len(c.values if isinstance(c, Numbers) else c) for c in self.columns.values()}
        if len(lengths) != 1:
            raise ValueError(f"columns of different lengths: {sorted(lengths)}")
        self.rows = lengths.pop()
        self.words: list[str] = []  # finite arguments that make up the state
        self.bits: list[Expression] = []  # comparisons that make up the state
        self.bit_index: dict[str, int] = {}

    # ---- running

    def run(self) -> Results:
        outcome = self.outcome
        ending = outcome.ending
        reasons = np.empty(self.rows, np.uint8)
        conditions = [condition for _, condition in outcome.needs]
        conditions += [test for test, *_ in (*outcome.checks, *outcome.gates)]
        for condition in conditions:
            self.collect(condition)
        for name, _ in outcome.needs:
            self.collect(Expression("blank", "truth", name))
        finite = self.result_is_finite()
        if finite:
            for part in self.result_parts():
                self.collect(part)
        node = quotient = None
        if not finite:
            if ending == "value" and outcome.amount.op == "/":
                quotient = [self.number(part) for part in outcome.amount.operands]
            elif ending in ("pay", "value"):
                node = self.number(outcome.amount)
        cap = None
        if outcome.cap is not None and not finite:
            cap = self.number(outcome.cap)
            node, cap = self.align(node, cap)
            node, capping = self.cap(node, cap)
        times = None if outcome.times is None or finite else self.number(outcome.times)
        if times is not None:
            node = self.product(node, times)
            cap = cap and self.product(cap, times)
        estimated = outcome.estimated is not None
        if estimated:
            self.collect(outcome.estimated)
        states = self.states()
        reason_table, result_table = self.tables(states, finite)
        weights = self.weights()
        if finite:
            dtype = bool if ending == "holds" else np.uint8 if ending == "choose" else result_table.dtype
        else:
            dtype = {"pay": np.int64, "value": np.float64, "holds": bool, "choose": np.uint8}[ending]
        values = np.empty(self.rows, dtype)
        index_type = np.uint8 if states <= 256 else np.uint16
        bits = [self.truth(bit) for bit in self.bits]
        for start in range(0, self.rows, BLOCK):
            stop = min(start + BLOCK, self.rows)
            block = _Block(self.columns, slice(start, stop))
            state = np.zeros(stop - start, index_type)
            for name, weight in zip(self.words, weights):
                state += block.codes(name).astype(index_type, copy=False) * index_type(weight)
            for bit, weight in zip(bits, weights[len(self.words) :]):
                state += bit(block).view(np.uint8).astype(index_type, copy=False) * index_type(weight)
            index = state.astype(np.intp)
            reason, out = reasons[start:stop], values[start:stop]
            np.take(reason_table, index, out=reason, mode="clip")
            if finite:
                np.take(result_table, index, out=out, mode="clip")
                continue
            if ending == "value":
                if quotient:
                    with np.errstate(divide="ignore", invalid="ignore"):
                        over, under = (part.compute(block) for part in quotient)
                        scale = 10.0 ** (quotient[1].scale - quotient[0].scale)
                        out[:] = self.divide(over, under, quotient, scale)
                else:
                    out[:] = node.compute(block) / 10**node.scale
                out[(reason != PAID)] = 0
                continue
            paid = reason <= PAID if not estimated else (reason == PAID) | (reason == ESTIMATED)
            amount = node.compute(block)
            fen = self.fen(amount, node, cap and cap.compute(block), cap)
            np.multiply(fen, paid, out=out)
            if outcome.cap is not None:
                reason[(reason == PAID) & capping(block)] = CAPPED
            nothing = paid & (out == 0)
            if nothing.any():
                reason[nothing] = ZERO
        return Results(values, reasons)

    @staticmethod
    def divide(over, under, quotient, scale):
        if quotient[0].scale >= quotient[1].scale:
            # dividing once by an exact integer keeps the result correctly rounded
            factor = 10 ** (quotient[0].scale - quotient[1].scale)
            if max(abs(quotient[1].low), abs(quotient[1].high)) * factor < 2**53:
                return over / (under.astype(np.int64) * factor)
        raise NotInColumns("quotient")

    @staticmethod
    def fen(amount, node: _Node, cap, cap_node: _Node | None):
        if node.scale <= 2:
            factor = 10 ** (2 - node.scale)
            return amount if factor == 1 else amount.astype(_dtype(node.low * factor, node.high * factor)) * factor
        divisor = 10 ** (node.scale - 2)
        fen = (amount.astype(np.int64) + divisor // 2) // divisor  # half up
        if cap is not None:
            fen = np.minimum(fen, cap // 10 ** (cap_node.scale - 2))
        return fen

    # ---- states

    def collect(self, condition: Expression) -> None:
        """Make the words and comparisons of a condition part of the state."""
        for part in walk(condition):
            if part.op in ("isin", "flag"):
                name = part.operands[0].operands[0] if part.op == "isin" else part.operands[0]
                if name not in self.words:
                    self.words.append(name)
            elif part.op == "blank" and self.binding.arguments[part.operands[0]].finite:
                if part.operands[0] not in self.words:
                    self.words.append(part.operands[0])
            elif part.op in (">=", ">", "<=", "<", "blank"):
                self.bit(part)
            elif part.op == "table":
                name = part.operands[1].operands[0]
                if name not in self.words:
                    self.words.append(name)
            elif part.op == "highest":
                for start, _ in part.operands[0].steps:
                    self.bit(reaching(part, start))

    def bit(self, part: Expression) -> int:
        key = repr(part)
        if key not in self.bit_index:
            self.bit_index[key] = len(self.bits)
            self.bits.append(part)
        return self.bit_index[key]

    def sizes(self) -> list[int]:
        return [self.binding.arguments[name].size for name in self.words] + [2] * len(self.bits)

    def states(self) -> int:
        count = 1
        for size in self.sizes():
            count *= size
        if count > MOST_STATES:
            raise NotInColumns("too many combinations of conditions")
        return count

    def weights(self) -> list[int]:
        weights, weight = [], 1
        for size in self.sizes():
            weights.append(weight)
            weight *= size
        return weights

    def result_parts(self) -> list[Expression]:
        outcome = self.outcome
        if outcome.ending == "choose":
            return [test for test, _ in outcome.choices if test is not None]
        return [part for part in (outcome.amount, outcome.cap, outcome.times) if part is not None]

    def result_is_finite(self) -> bool:
        """Does the result depend on words and comparisons only?"""
        if self.outcome.ending in ("holds", "choose"):
            return True
        if self.outcome.ending == "value":
            return False
        for part in self.result_parts():
            for node in walk_open(part):
                if node.op == "argument" or node.op in ("each", "longest_run", "/"):
                    return False
        return True

    def tables(self, states: int, finite: bool):
        """Reason, and where finite the result, of every state: the rule read once over all of them."""
        outcome, binding = self.outcome, self.binding
        grid = _Grid(self, states)
        reasons = np.full(states, PAID, np.uint8)
        if outcome.estimated is not None:
            reasons[grid.truth(outcome.estimated)] = ESTIMATED
        results = None
        if finite:
            if outcome.ending == "holds":
                results = grid.truth(outcome.amount)
            elif outcome.ending == "choose":
                results = np.full(states, binding.words.index(outcome.choices[-1][1]), np.uint8)
                for test, word in reversed(outcome.choices[:-1]):
                    results[grid.truth(test)] = binding.words.index(word)
            else:
                results, capped = grid.fen(outcome)
                reasons[capped & (reasons == PAID)] = CAPPED
                reasons[results == 0] = ZERO
        for code, (test, _) in reversed(list(enumerate(outcome.gates, 1))):
            reasons[~grid.truth(test)] = code
        if binding.shut:
            reasons[:] = NOT_IN_FORCE
        for test, *_ in outcome.checks:
            reasons[~grid.truth(test)] = TROUBLE
        for name, condition in outcome.needs:
            reasons[grid.truth(Expression("blank", "truth", name)) & grid.truth(condition)] = TROUBLE
        if results is not None:
            paying = (reasons == PAID) | ((reasons >= CAPPED) & (reasons < NO_CLAIM))
            results[~paying] = 0
            if outcome.ending == "pay":
                results = results.astype(_dtype(int(results.min()), int(results.max())))
        return reasons, results

    # ---- truths over a block

    def truth(self, node: Expression):
        """A function of a block: a boolean array."""
        op, parts = node.op, node.operands
        if op == "true":
            return lambda block: np.ones(block.rows, bool)
        if op == "flag":
            return lambda block: block.codes(parts[0]) == YES
        if op == "blank":
            if self.binding.arguments[parts[0]].finite:
                return lambda block: block.codes(parts[0]) == BLANK
            return lambda block: block.blank(parts[0])
        if op == "isin":
            table = self.member_table(node)
            name = parts[0].operands[0]
            return lambda block: table[block.codes(name)]
        if op == "not":
            inner = self.truth(parts[0])
            return lambda block: ~inner(block)
        if op in ("and", "or"):
            left, right = self.truth(parts[0]), self.truth(parts[1])
            join = np.logical_and if op == "and" else np.logical_or
            return lambda block: join(left(block), right(block))
        left, right = self.align(self.number(parts[0]), self.number(parts[1]))
        compare = {">=": np.greater_equal, ">": np.greater, "<=": np.less_equal, "<": np.less}[op]
        return lambda block: compare(left.compute(block), right.compute(block))

    def member_table(self, node: Expression) -> np.ndarray:
        argument = self.binding.arguments[node.operands[0].operands[0]]
        table = np.zeros(argument.size, bool)
        table[[argument.code_of(word) for word in node.operands[1]]] = True
        return table

    # ---- numbers over a block

    def number(self, node: Expression) -> _Node:
        op, parts = node.op, node.operands
        match op:
            case "number":
                value, scale = _decimals(parts[0])
                dtype = _dtype(value, value)
                constant = dtype(value)
                return _Node(lambda block: constant, scale, value, value)
            case "argument":
                return self.input(parts[0])
            case "table":
                argument = self.binding.arguments[parts[1].operands[0]]
                return self.looked_up(parts[0].entries, argument)
            case "when":
                test = self.truth(parts[0])
                left, right = self.align(self.number(parts[1]), self.number(parts[2]))
                return _Node(
                    lambda block: np.where(test(block), left.compute(block), right.compute(block)),
                    left.scale, min(left.low, right.low), max(left.high, right.high),
                )  # fmt: skip
            case "+" | "-":
                left, right = self.align(self.number(parts[0]), self.number(parts[1]))
                if op == "+":
                    return self.joined(np.add, left, right, left.low + right.low, left.high + right.high)
                return self.joined(np.subtract, left, right, left.low - right.high, left.high - right.low)
            case "least" | "most":
                left, right = self.align(self.number(parts[0]), self.number(parts[1]))
                pick, bound = (np.minimum, min) if op == "least" else (np.maximum, max)
                return self.joined(
                    pick, left, right, bound(left.low, right.low), bound(left.high, right.high)
                )  # fmt: skip
            case "*":
                return self.product(self.number(parts[0]), self.number(parts[1]))
            case "highest":
                return self.number(stepwise(parts[0], parts[1]))
            case "each":
                return self.number(unitwise(parts[0], parts[1]))
            case "longest_run":
                return self.run_length(parts[0].operands[0], self.number(parts[1]))
        raise NotInColumns(f"{op} has no column reading")

    def input(self, name: str) -> _Node:
        column = self.columns[name]
        values = column.values
        if not np.issubdtype(values.dtype, np.integer):
            raise TypeError(f"{name}: integers wanted, found {values.dtype}")
        if values.dtype.itemsize == 1:
            info = np.iinfo(values.dtype)
            low, high = int(info.min), int(info.max)
        else:
            low, high = (int(values.min()), int(values.max())) if values.size else (0, 0)
        dtype = _dtype(low, high)
        return _Node(lambda block: block.numbers(name, dtype), column.scale, low, high)

    def looked_up(self, entries, argument) -> _Node:
        pairs = {argument.code_of(w): _decimals(v) for w, v in entries.items() if w in argument.options}
        scale = max((s for _, s in pairs.values()), default=0)
        scaled = {code: value * 10 ** (scale - s) for code, (value, s) in pairs.items()}
        low, high = min(0, *scaled.values()), max(0, *scaled.values())
        table = np.zeros(argument.size, _dtype(low, high))
        for code, value in scaled.items():
            table[code] = value
        name = argument.name
        return _Node(lambda block: table[block.codes(name)], scale, low, high)

    def joined(self, join, left: _Node, right: _Node, low: int, high: int) -> _Node:
        dtype = _dtype(low, high)
        return _Node(
            lambda block: join(cast(left.compute(block), dtype), cast(right.compute(block), dtype)),
            left.scale, low, high,
        )  # fmt: skip

    def product(self, left: _Node, right: _Node) -> _Node:
        corners = [a * b for a in (left.low, left.high) for b in (right.low, right.high)]
        low, high = min(corners), max(corners)
        dtype = _dtype(low, high)
        return _Node(
            lambda block: np.multiply(cast(left.compute(block), dtype), cast(right.compute(block), dtype)),
            left.scale + right.scale, low, high,
        )  # fmt: skip

    def align(self, left: _Node, right: _Node) -> tuple[_Node, _Node]:
        """Both at the finer of the two scales."""

        def at(node: _Node, scale: int) -> _Node:
            if node.scale == scale:
                return node
            factor = 10 ** (scale - node.scale)
            low, high = node.low * factor, node.high * factor
            dtype = _dtype(low, high)
            return _Node(lambda block: cast(node.compute(block), dtype) * dtype(factor), scale, low, high)

        scale = max(left.scale, right.scale)
        return at(left, scale), at(right, scale)

    def cap(self, node: _Node, cap: _Node):
        """The capped number, and the test whether the cap was reached."""
        capped = self.joined(np.minimum, node, cap, min(node.low, cap.low), min(node.high, cap.high))
        return capped, lambda block: np.greater_equal(node.compute(block), cap.compute(block))

    def run_length(self, name: str, least: _Node) -> _Node:
        column = self.columns[name]
        bound = least.low  # a parameter
        scale = max(column.scale, least.scale)
        bound *= 10 ** (scale - least.scale)

        def compute(block):
            values = block.numbers(name, np.int64) * 10 ** (scale - column.scale)
            reach = values >= bound
            blank = block.blank(name)
            reach &= ~blank
            run = np.zeros(len(values), np.int32)
            best = np.zeros(len(values), np.int32)
            for month in range(values.shape[1]):
                run = (run + 1) * reach[:, month]
                np.maximum(best, run, out=best)
            return best

        return _Node(compute, 0, 0, column.values.shape[1])


def cast(values, dtype):
    return values.astype(dtype, copy=False) if isinstance(values, np.ndarray) else dtype(values)


def reaching(highest: Expression, start) -> Expression:
    return highest.operands[1] >= start


def stepwise(steps: Steps, amount: Expression) -> Expression:
    """`highest` as nested conditions."""
    from .expressions import number, when

    value = number(0)
    for start, step in steps.steps:
        value = when(amount >= start, step, value)
    return value


def unitwise(steps: Steps, count: Expression) -> Expression:
    """`each` as a sum over the steps of what lies above their start."""
    from .expressions import most

    total, before = None, 0
    for start, rate in steps.steps:
        over = count if start == 0 else most(0, count - start)
        part = over * (rate - before)
        total = part if total is None else total + part
        before = rate
    return total


def walk_open(node):
    """Like walk, but comparisons, word tests and steps count as one node: they belong to the state."""
    if isinstance(node, Expression):
        yield node
        if node.op in (">=", ">", "<=", "<", "isin", "flag", "blank", "highest", "table"):
            return
        for operand in node.operands:
            yield from walk_open(operand)


class _Block:
    """The rows that are worked on at a time."""

    def __init__(self, columns, rows: slice):
        self.columns, self.slice, self.rows = columns, rows, rows.stop - rows.start

    def codes(self, name: str) -> np.ndarray:
        return self.columns[name][self.slice]

    def numbers(self, name: str, dtype) -> np.ndarray:
        return self.columns[name].values[self.slice].astype(dtype, copy=False)

    def blank(self, name: str) -> np.ndarray:
        column = self.columns[name]
        if column.blank is None:
            return np.zeros(column.values[self.slice].shape, bool)
        return column.blank[self.slice]


class _Grid:
    """All states side by side: conditions are read from the state instead of from columns."""

    def __init__(self, plan: _Plan, states: int):
        self.plan, self.states = plan, states
        index = np.arange(states)
        self.codes, self.bits = {}, {}
        for position, (size, weight) in enumerate(zip(plan.sizes(), plan.weights())):
            digit = index // weight % size
            if position < len(plan.words):
                self.codes[plan.words[position]] = digit
            else:
                self.bits[position - len(plan.words)] = digit.astype(bool)

    def truth(self, node: Expression) -> np.ndarray:
        op, parts = node.op, node.operands
        if op == TRUE.op:
            return np.ones(self.states, bool)
        if op == "flag":
            return self.codes[parts[0]] == YES
        if op == "isin":
            return self.plan.member_table(node)[self.codes[parts[0].operands[0]]]
        if op == "blank" and parts[0] in self.codes:
            return self.codes[parts[0]] == BLANK
        if op == "not":
            return ~self.truth(parts[0])
        if op == "and":
            return self.truth(parts[0]) & self.truth(parts[1])
        if op == "or":
            return self.truth(parts[0]) | self.truth(parts[1])
        return self.bits[self.plan.bit_index[repr(node)]]

    def number(self, node: Expression) -> np.ndarray:
        """Exact values of a number in every state, as Python objects."""
        op, parts = node.op, node.operands
        match op:
            case "number":
                return np.full(self.states, parts[0], object)
            case "table":
                argument = self.plan.binding.arguments[parts[1].operands[0]]
                values = np.zeros(argument.size, object)
                for word, value in parts[0].entries.items():
                    if word in argument.options:
                        values[argument.code_of(word)] = value
                return values[self.codes[argument.name]]
            case "when":
                return np.where(self.truth(parts[0]), self.number(parts[1]), self.number(parts[2]))
            case "highest":
                return self.number(stepwise(parts[0], parts[1]))
            case "least" | "most":
                pick = np.minimum if op == "least" else np.maximum
                return pick(self.number(parts[0]), self.number(parts[1]))
            case "+":
                return self.number(parts[0]) + self.number(parts[1])
            case "-":
                return self.number(parts[0]) - self.number(parts[1])
            case "*":
                return self.number(parts[0]) * self.number(parts[1])
        raise NotInColumns(op)

    def fen(self, outcome):
        """(fen, cap reached?) in every state."""
        from .cell import round_fen

        amount = self.number(outcome.amount)
        cap = self.number(outcome.cap) if outcome.cap is not None else np.full(self.states, None, object)
        times = self.number(outcome.times) if outcome.times is not None else np.full(self.states, 1, object)
        fen, capped = np.zeros(self.states, np.int64), np.zeros(self.states, bool)
        for row, (value, limit, units) in enumerate(zip(amount, cap, times)):
            if limit is not None and value >= limit:
                value, capped[row] = limit, True
            fen[row] = round_fen(value * units, None if limit is None else limit * units)
        return fen, capped
