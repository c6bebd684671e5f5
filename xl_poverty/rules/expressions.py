"""The small language of a rule body: expressions over arguments and parameters, gates, and the endings.

A body is called once per document, period and 口径 with `Expression` objects; what it returns is an `Outcome`,
from which the readings (cell, column, formula, sentence) are made. Python's own branching does not work on an
expression: asking it for its truth value is an error, so `if`, `and`, `or`, `min()` and chained comparisons
cannot slip in silently.
"""
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction

from .arguments import Argument

NUMBER, TRUTH, WORD, LIST = "number", "truth", "word", "list"


class RuleError(TypeError):
    """A rule body that says something the language does not have."""


def exact(value) -> int | Fraction:
    """The exact value of a number as it is written: 0.1 is one tenth, not its binary neighbour."""
    if isinstance(value, bool):
        raise RuleError(f"not a number: {value}")
    if isinstance(value, int):
        return value
    if isinstance(value, float):
        value = Decimal(float.__repr__(value))  # NumPy's floats too; four times as fast as Fraction(text)
    try:
        whole, part = value.as_integer_ratio()
    except (AttributeError, ValueError, OverflowError):  # no number, NaN, infinite
        raise RuleError(f"not a number: {value!r}") from None
    return whole if part == 1 else Fraction(whole, part)


class Expression:
    """A node: what is done (`op`), to what (`operands`), and what comes out (`kind`)."""

    __slots__ = ("op", "operands", "kind", "told", "parts")

    def __init__(self, op: str, kind: str, *operands):
        self.op, self.kind, self.operands = op, kind, operands
        self.told: tuple = ()  # how a sentence tells it, where its own text would not be understood
        self.parts: tuple = ()  # of a share of two parameters: which ones

    # ---- what Python would otherwise do silently
    def __bool__(self):
        raise RuleError("a rule body may not branch on an input: use given(), when(), least(), most(), & | ~")

    def __eq__(self, other):
        raise RuleError("== is not part of a rule: use .isin(…) for words, >= and <= for numbers")

    __ne__ = __eq__

    def __hash__(self):
        raise RuleError("an input cannot be looked up in a set or dictionary: use .isin(…) or a table of policy.toml")

    def __contains__(self, item):
        raise RuleError("`in` is not part of a rule: use .isin(…)")

    def __iter__(self):
        raise RuleError("an input cannot be looped over in a rule")

    # ---- numbers
    def __add__(self, other):
        return _arithmetic("+", self, other)

    def __radd__(self, other):
        return _arithmetic("+", other, self)

    def __sub__(self, other):
        return _arithmetic("-", self, other)

    def __rsub__(self, other):
        return _arithmetic("-", other, self)

    def __mul__(self, other):
        return _arithmetic("*", self, other)

    def __rmul__(self, other):
        return _arithmetic("*", other, self)

    def __truediv__(self, other):
        return _arithmetic("/", self, other)

    def __ge__(self, other):
        return _comparison(">=", self, other)

    def __gt__(self, other):
        return _comparison(">", self, other)

    def __le__(self, other):
        return _comparison("<=", self, other)

    def __lt__(self, other):
        return _comparison("<", self, other)

    # ---- truths
    def __and__(self, other):
        return Expression("and", TRUTH, _expect(self, TRUTH), _expect(other, TRUTH))

    def __or__(self, other):
        return Expression("or", TRUTH, _expect(self, TRUTH), _expect(other, TRUTH))

    def __invert__(self):
        return Expression("not", TRUTH, _expect(self, TRUTH))

    # ---- words
    def isin(self, words) -> Expression:
        """Is the word one of these? A blank is none of them."""
        return Expression("isin", TRUTH, _expect(self, WORD), tuple(words))

    def blank(self) -> Expression:
        """Is the cell blank? Only for an argument."""
        if self.op not in ("argument", "flag"):
            raise RuleError("only an argument can be blank")
        return Expression("blank", TRUTH, self.operands[0])

    # ---- lists
    def longest_run(self, test) -> Expression:
        """Length of the longest unbroken run of values of a list that reach `test`; a blank breaks it."""
        return Expression("longest_run", NUMBER, _expect(self, LIST), number(test))

    def item(self, name: str) -> Expression:
        """One value, by its name, of a list whose every cell is needed."""
        names = _expect(self, LIST).operands[-1]
        if not isinstance(names, tuple) or name not in names:
            raise RuleError(f"the list has no item {name}")
        return Expression("item", NUMBER, self, names.index(name))

    def among(self, numbers) -> Expression:
        """Is the number one of these?"""
        test = None
        for value in numbers:
            same = (self >= value) & (self <= value)
            test = same if test is None else test | same
        return test

    def __repr__(self):
        """The same text for the same computation: a parameter by its value, whatever its name."""
        return str(self.operands[0]) if self.op == "number" else f"{self.op}{self.operands}"


#: the condition that always holds
TRUE = Expression("true", TRUTH)


def number(value) -> Expression:
    if isinstance(value, Expression):
        return _expect(value, NUMBER)
    return Expression("number", NUMBER, exact(value), "")


def telling(test: Expression, text: str, **numbers) -> Expression:
    """The condition, with the words for it in a sentence: `text` with the values of these numbers in it."""
    same = Expression(test.op, _expect(test, TRUTH).kind, *test.operands)
    same.told = (text, {name: number(value) for name, value in numbers.items()})
    return same


def _expect(value, kind: str) -> Expression:
    if not isinstance(value, Expression) or value.kind != kind:
        found = value.kind if isinstance(value, Expression) else repr(value)
        raise RuleError(f"expected a {kind}, found {found}")
    return value


def _arithmetic(op: str, left, right) -> Expression:
    left, right = number(left), number(right)
    if op == "/" and left.op == right.op == "number":  # a share of two parameters is a parameter
        share = Expression("number", NUMBER, exact(Fraction(left.operands[0]) / right.operands[0]), "")
        share.parts = left, right
        return share
    return Expression(op, NUMBER, left, right)


def _comparison(op: str, left, right) -> Expression:
    return Expression(op, TRUTH, number(left), number(right))


def least(left, right) -> Expression:
    """The smaller of two numbers."""
    return _arithmetic("least", left, right)


def most(left, right) -> Expression:
    """The larger of two numbers."""
    return _arithmetic("most", left, right)


def when(test: Expression, then, otherwise) -> Expression:
    """A number that depends on a condition."""
    return Expression("when", NUMBER, _expect(test, TRUTH), number(then), number(otherwise))


# ---- parameters that are more than one number


class Table:
    """A parameter with one number per word; `table[argument]` looks it up. A word that is not in it has no number,
    so a gate must have kept it out."""

    def __init__(self, name: str, entries: dict[str, object]):
        self.name = name
        self.entries = {word: exact(value) for word, value in entries.items()}

    def __getitem__(self, word) -> Expression:
        if isinstance(word, str):
            return Expression("number", NUMBER, self.entries[word], f"{self.name}.{word}")
        return Expression("table", NUMBER, self, _expect(word, WORD))

    def __iter__(self) -> Iterator[str]:
        return iter(self.entries)

    @property
    def shares(self) -> Table:
        """Each entry's share of the whole: 5:3:2 gives 0.5, 0.3, 0.2."""
        whole = sum(self.entries.values())
        return Table(self.name, {word: Fraction(value, whole) for word, value in self.entries.items()})


class Steps:
    """A parameter of steps `[[from, value], …]`, ascending."""

    def __init__(self, name: str, steps):
        self.name = name
        self.steps = tuple((exact(start), exact(value)) for start, value in steps)

    @property
    def first(self) -> Expression:
        """Where the first step begins."""
        return Expression("number", NUMBER, self.steps[0][0], f"{self.name}.1.from")

    def highest(self, amount) -> Expression:
        """The value of the highest step reached; below the first step 0. Only that step counts, not their sum."""
        return Expression("highest", NUMBER, self, number(amount))

    def each(self, count) -> Expression:
        """Sum over the units of `count`, each at the rate of the step it falls in: [[0, 150], [10, 100]] pays the
        first 10 at 150 and every further one at 100."""
        return Expression("each", NUMBER, self, number(count))


# ---- gates and endings


@dataclass(frozen=True)
class Outcome:
    """What a rule body returns: the checks in order, and the ending."""

    needs: tuple = ()  # (argument name, condition): must not be blank where the condition holds
    checks: tuple = ()  # (condition, error code, sentence): what the inputs must fulfil together
    gates: tuple = ()  # (condition, reason when it fails)
    notes: tuple = ()  # (condition, sentence that WHY adds)
    ending: str = ""  # pay, holds, choose, listed, value
    amount: Expression | None = None
    cap: Expression | None = None
    times: Expression | None = None
    estimated: Expression | None = None
    choices: tuple = field(default=())  # (condition, word), the last with condition None
    joined: tuple[str, str] = ("", "")  # of `listed`: what stands before the words and between them

    # ---- checks
    def needing(self, argument: Expression, when: Expression | None = None) -> Outcome:
        """The argument, though optional elsewhere, may not be blank here, or not where `when` holds."""
        if argument.op not in ("argument", "flag"):
            raise RuleError("needing() takes an argument")
        condition = TRUE if when is None else _expect(when, TRUTH)
        return replace(self, needs=(*self.needs, (argument.operands[0], condition)))

    def consistent(self, test: Expression, otherwise: str) -> Outcome:
        """Inputs that contradict each other end in the error `inconsistent`."""
        return replace(self, checks=(*self.checks, (_expect(test, TRUTH), "inconsistent", otherwise)))

    def stated(self, test: Expression, otherwise: str) -> Outcome:
        """An input that leaves open what the document needs ends in the error `missing`."""
        return replace(self, checks=(*self.checks, (_expect(test, TRUTH), "missing", otherwise)))

    def within(self, test: Expression, otherwise: str) -> Outcome:
        """A number beyond what this text allows ends in the error `out_of_range`."""
        return replace(self, checks=(*self.checks, (_expect(test, TRUTH), "out_of_range", otherwise)))

    def nonnegative(self, amount: Expression, otherwise: str) -> Outcome:
        """A number below 0 where this text has none ends in the error `negative`."""
        return replace(self, checks=(*self.checks, (number(amount) >= 0, "negative", otherwise)))

    def nonzero(self, base: Expression, otherwise: str) -> Outcome:
        """A base of a ratio that is 0 ends in the error `div_zero`."""
        return replace(self, checks=(*self.checks, ((base > 0) | (base < 0), "div_zero", otherwise)))

    def given(self, test, otherwise: str) -> Outcome:
        """A condition of the text; where it fails the amount is 0 (or FALSE) for the reason `otherwise`, in which
        `{name}` stands for a parameter."""
        return replace(self, gates=(*self.gates, (_expect(test, TRUTH), otherwise)))

    def noting(self, when: Expression, sentence: str) -> Outcome:
        """A remark for WHY, without effect on the amount."""
        return replace(self, notes=(*self.notes, (_expect(when, TRUTH), sentence)))

    # ---- endings
    def pay(self, amount, cap=None, times=None, estimated=None) -> Outcome:
        """Money in 元: at most `cap`, both per unit, multiplied by `times` units (months, persons).
        Where `estimated` holds no claim was given and the cap is assumed (上限估算)."""
        return replace(
            self, ending="pay", amount=number(amount), cap=None if cap is None else number(cap),
            times=None if times is None else number(times),
            estimated=None if estimated is None else _expect(estimated, TRUTH),
        )  # fmt: skip

    def holds(self, test: Expression) -> Outcome:
        """TRUE or FALSE."""
        return replace(self, ending="holds", amount=_expect(test, TRUTH))

    def choose(self, *choices, otherwise: str) -> Outcome:
        """The word of the first condition that holds."""
        pairs = tuple((_expect(test, TRUTH), word) for test, word in choices)
        return replace(self, ending="choose", choices=(*pairs, (None, otherwise)))

    def listed(self, *choices, otherwise: str, before: str = "", between: str = ",") -> Outcome:
        """The words of all conditions that hold, in order; `otherwise` where none does."""
        pairs = tuple((_expect(test, TRUTH), word) for test, word in choices)
        return replace(self, ending="listed", choices=(*pairs, (None, otherwise)), joined=(before, between))

    def value(self, amount) -> Outcome:
        """A number that is not money: neither rounded nor capped."""
        return replace(self, ending="value", amount=number(amount))


def given(test, otherwise: str) -> Outcome:
    return Outcome().given(test, otherwise)


def always() -> Outcome:
    """A rule without a condition of its own."""
    return Outcome()


def as_expression(argument: Argument) -> Expression:
    """An argument as a rule body sees it."""
    if argument.kind == "flag":
        return Expression("flag", TRUTH, argument.name)
    kind = {"word": WORD, "place": WORD, "number": NUMBER, "numbers": LIST}.get(argument.kind)
    if kind is None:
        raise RuleError(f"a rule cannot use the {argument.kind} argument {argument.name}")
    if argument.items:
        return Expression("argument", kind, argument.name, argument.items)
    return Expression("argument", kind, argument.name)


def walk(node) -> Iterator[Expression]:
    """The expression and everything below it."""
    if isinstance(node, Expression):
        yield node
        for operand in node.operands:
            yield from walk(operand)


def arguments_in(*nodes) -> list[str]:
    """Names of the arguments an expression depends on, in order of appearance."""
    names: dict[str, None] = {}
    for node in nodes:
        for part in walk(node):
            if part.op in ("argument", "flag", "blank"):
                names[part.operands[0]] = None
    return list(names)
