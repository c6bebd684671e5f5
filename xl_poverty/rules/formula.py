"""The formula reading: a rule as a plain Excel formula that Excel 2007+, WPS and LibreOffice compute alike.

Only IF, AND, OR, NOT, MIN, MAX, ROUND, INT, ISNUMBER, TRIM, MID, SUMPRODUCT, DATE and NA are used. Every input is
guarded before anything is paid: a formula takes true numbers and exact words, everything else gives an error, never an
amount. A blank claim is 0 as in a cell.
"""
from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from fractions import Fraction

from .arguments import TOO_LARGE, Argument
from .binding import NOT_APPLICABLE, Binding
from .expressions import Expression, Steps, Table, exact, walk

#: differences below this many decimals are binary noise of a product such as 1.3*716
NOISE_DECIMALS = 6
LONGEST_FORMULA = 8192
LONGEST_TEXT = 255
TOO_LARGE_TEXT = f"1E+{len(str(TOO_LARGE)) - 1}"
#: the number of the day after 9999-12-31, the last that Excel knows
AFTER_LAST_DAY = 2958466


#: how a formula writes a figure of the document (an amount, a threshold, a day): of this binding, by its name (`cap`,
#: `amount.跨省`, `steps.1.from`, `in_force.until`), with its value
Figures = Callable[[Binding, str, object], str]


class NoFormula(Exception):
    """This rule has no native formula; the message says why."""


def native_formula(
    bindings: list[Binding], refs: dict[str, str], as_of: str | None = None, figures: Figures | None = None,
    lines: dict[str, str] | None = None,
) -> str:  # fmt: skip
    """The formula for the versions of one measure, oldest first.

    `refs` maps argument names to cell references (or any Excel expression); an optional argument without one counts
    as blank. With `as_of`, a reference to a date, the validity period is tested and the version chosen by it; where
    that cell is blank, and without `as_of`, the latest version stands, untested. `figures` writes the document's
    figures, say as references to cells that hold them; by default they stand in the formula themselves. `lines` maps
    argument names to what stands in for a blank, an expression that may be blank itself. Raises NoFormula for rules
    over lists.
    """
    figures = figures or literal
    writers = [_Writer(binding, refs, as_of, figures, lines or {}) for binding in bindings]
    valid, results = [writer.valid() for writer in writers], [writer.result() for writer in writers]
    if len(set(valid)) == 1:
        body = _if(valid[-1], _by_day(as_of, writers, results), "NA()")
    else:
        guarded = [_if(test, result, "NA()") for test, result in zip(valid, results, strict=True)]
        body = _by_day(as_of, writers, guarded)
    claim = writers[-1].no_claim()
    if claim:
        body = _if(claim, "0", body)
    if as_of:
        # a number such as 20230201 is a date to Python, to Excel it is not
        real_date = f"AND(ISNUMBER({as_of}),{as_of}>=1,{as_of}<{AFTER_LAST_DAY})"
        body = _if(_any([_blank(as_of), real_date]), body, "NA()")
    formula = "=" + body
    if len(formula) > LONGEST_FORMULA:
        raise NoFormula(f"公式长{len(formula)}个字符，超过Excel的上限{LONGEST_FORMULA}")
    return formula


def _by_day(as_of: str | None, writers: list[_Writer], bodies: list[str]) -> str:
    """The body of the version in force on the day; a blank day takes the latest."""
    text = bodies[0]
    for writer, body in zip(writers[1:], bodies[1:], strict=True):
        if body == text:
            continue
        reached = f"{as_of}>={writer.figure('from', writer.binding.since)}"
        text = _if(_any([_blank(as_of), reached]) if writer is writers[-1] else reached, body, text)
    return text


def literal(binding: Binding, name: str, value) -> str:
    """A figure in the formula itself."""
    return _date(value) if isinstance(value, dt.date) else _number(value)


def _blank(ref: str) -> str:
    return f'TRIM({ref})=""'


def _date(day: dt.date) -> str:
    return f"DATE({day.year},{day.month},{day.day})"


def _number(value: int | Fraction) -> str:
    if value.denominator == 1:
        return str(value.numerator)
    scale = 0
    while 10**scale % value.denominator:
        scale += 1
        if scale > 15:
            return f"({value.numerator}/{value.denominator})"
    digits = str(abs(value.numerator) * 10**scale // value.denominator).rjust(scale + 1, "0")
    sign = "-" if value < 0 else ""
    return f"{sign}{digits[:-scale]}.{digits[-scale:]}"


def _quoted(word: str) -> str:
    return '"' + word.replace('"', '""') + '"'


def _all(tests: list[str]) -> str:
    tests = [test for test in dict.fromkeys(tests) if test != "TRUE"]
    if "FALSE" in tests:
        return "FALSE"
    return "TRUE" if not tests else tests[0] if len(tests) == 1 else f"AND({','.join(tests)})"


def _any(tests: list[str]) -> str:
    tests = [test for test in dict.fromkeys(tests) if test != "FALSE"]
    if "TRUE" in tests:
        return "TRUE"
    return "FALSE" if not tests else tests[0] if len(tests) == 1 else f"OR({','.join(tests)})"


def _not(test: str) -> str:
    if test.startswith("TRIM(") and test.endswith(')=""'):
        return test[:-3] + '<>""'
    if test.startswith("SUMPRODUCT(") and test.endswith(")>0"):
        return test[:-2] + "=0"
    return {"TRUE": "FALSE", "FALSE": "TRUE"}.get(test) or f"NOT({test})"


def _if(test: str, then: str, otherwise: str) -> str:
    if test in ("TRUE", "FALSE"):
        return then if test == "TRUE" else otherwise
    if (then, otherwise) == ("TRUE", "FALSE"):
        return test
    return then if then == otherwise else f"IF({test},{then},{otherwise})"


class _Writer:
    def __init__(
        self, binding: Binding, refs: dict[str, str], as_of: str | None, figures: Figures, lines: dict[str, str]
    ):  # fmt: skip
        self.binding, self.refs, self.as_of, self.figures, self.lines = binding, refs, as_of, figures, lines

    def ref(self, name: str) -> str | None:
        typed, line = self.refs.get(name), self.lines.get(name)
        if line is None or name not in self.binding.arguments:
            return typed
        return f"IF({_blank(typed)},{line},{typed})" if typed else line

    def figure(self, name: str, value) -> str:
        """A figure of the document; one without a name is the rule's own."""
        return self.figures(self.binding, name, value) if name else _number(value)

    # ---- guards

    def no_claim(self) -> str:
        binding = self.binding
        if not binding.claims or binding.outcome.ending != "pay":
            return ""
        used, others = [], []
        for name in binding.claims:
            (used if name in binding.arguments else others).append(self.is_blank(self.refs.get(name)))
        # an error in a cell that this document does not ask for must not spoil a claim that is there
        unclaimed = _if(_all(used), _all(others), "FALSE")
        if not all(name in self.lines for name in binding.claims):
            return unclaimed
        # where the office's lines stand in for the whole claim, there is one
        return _all([unclaimed, _any([self.is_blank(self.ref(name)) for name in binding.claims])])

    @staticmethod
    def is_blank(ref: str | None) -> str:
        return _blank(ref) if ref else "TRUE"

    def in_force(self) -> str:
        """Is the day inside the validity period? A blank day is not tested."""
        if not self.as_of:
            return "TRUE"
        policy, measure = self.binding.policy, self.binding.measure
        if measure.expires:
            inside = [f"{self.as_of}>={self.figure('in_force.from', policy.start)}"]
            if policy.until:  # the day itself is inside, its hours too
                inside.append(f"{self.as_of}<{self.figure('in_force.until', policy.until)}+1")
        else:
            return "TRUE"
        return _any([_blank(self.as_of), _all(inside)])

    def valid(self) -> str:
        # a number that is no money has no value outside the period, where an amount is 0
        tests = [self.in_force()] if self.binding.outcome.ending == "value" else []
        for name, argument in self.binding.arguments.items():
            tests += self.guard(argument, self.ref(name))
        for name, condition in self.binding.outcome.needs:
            tests.append(_any([_not(self.truth(condition)), _not(self.is_blank(self.ref(name)))]))
        tests += [self.truth(test) for test, *_ in self.binding.outcome.checks]
        return _all(tests)

    def guard(self, argument: Argument, ref: str | None) -> list[str]:
        if argument.kind == "numbers":
            raise NoFormula(f"“{argument.label}”是一组单元格，请用 Python 函数或固化")
        if ref is None:
            return ["TRUE"] if argument.optional else ["FALSE"]
        if argument.finite:
            known = spelled(ref, list(argument.codes))
            if argument.optional:
                return [_any([self.is_blank(ref), known])]
            # FALSE and 0 equal a blank cell in Excel, so a flag must not be blank besides
            return [_not(self.is_blank(ref)), known] if False in argument.codes else [known]
        tests = [f"ISNUMBER({ref})"]
        low = argument.low if argument.low is not None else None if argument.signed else 0
        if low is not None:
            tests.append(f"{ref}>={_number(exact(low))}")
        if argument.signed:
            tests.append(f"{ref}>-{TOO_LARGE_TEXT}")
        tests.append(f"{ref}<{TOO_LARGE_TEXT}" if argument.high is None else f"{ref}<={_number(exact(argument.high))}")
        if argument.whole:
            tests.append(f"{ref}=INT({ref})")
        if argument.optional and argument.whole:  # INT of a blank text is an error, so it must not be reached
            return [_if(self.is_blank(ref), "TRUE", _all(tests))]
        return [_any([self.is_blank(ref), _all(tests)])] if argument.optional else tests

    # ---- result

    def refused(self) -> str:
        return {"pay": "0", "holds": "FALSE", "value": "0"}.get(self.binding.outcome.ending, _quoted(NOT_APPLICABLE))

    def result(self) -> str:
        outcome = self.binding.outcome
        tests = [] if outcome.ending == "value" else [self.in_force()]
        tests += [self.truth(test) for test, _ in outcome.gates]
        if outcome.ending == "holds":
            return _all([*tests, *(self.truth(part) for part in flat(outcome.amount, "and"))])
        return _if(_all(tests), self.ending(), self.refused())

    def ending(self) -> str:
        outcome = self.binding.outcome
        if outcome.ending == "listed":
            *choices, (_, otherwise) = outcome.choices
            before, between = outcome.joined
            tests = [self.truth(test) for test, _ in choices]
            words = [_if(test, _quoted(between + word), '""') for test, (_, word) in zip(tests, choices)]
            text = f"MID({'&'.join(words)},{len(between) + 1},{LONGEST_TEXT})"
            return _if(_any(tests), f"{_quoted(before)}&{text}" if before else text, _quoted(otherwise))
        if outcome.ending == "choose":
            *tests, (_, text) = outcome.choices
            text = _quoted(text)
            for test, word in reversed(tests):
                text = _if(self.truth(test), _quoted(word), text)
            return text
        amount = self.number(outcome.amount)
        if outcome.ending == "value":
            return amount
        parts = (outcome.amount, outcome.cap, outcome.times)
        if all(self.is_whole(part) for part in parts):
            return self.times(amount if outcome.cap is None else f"MIN({amount},{self.number(outcome.cap)})")
        if outcome.cap is None:
            return self.rounded(self.times(amount))
        cap = self.number(outcome.cap)
        if self.is_whole(outcome.cap) and self.is_whole(outcome.times):
            return self.rounded(self.times(f"MIN({amount},{cap})"))
        # rounding must not exceed a cap that is not itself whole fen
        fen = f"INT(ROUND({self.operand(self.times(cap))}*100,{NOISE_DECIMALS}))"
        return f"MIN({self.rounded(self.times(amount))},{fen}/100)"

    def times(self, amount: str) -> str:
        times = self.binding.outcome.times
        return amount if times is None else f"{self.operand(amount)}*{self.operand(self.number(times))}"

    def rounded(self, amount: str) -> str:
        if self.binding.measure.kind == "下限":  # a floor is never undercut
            return f"-INT(-ROUND({self.operand(amount)}*100,{NOISE_DECIMALS}))/100"
        return f"ROUND({amount},2)"

    def is_whole(self, node: Expression | None) -> bool:
        """Is the number a whole one whatever the inputs, so that nothing needs rounding?"""
        for part in walk(node):
            if part.op == "/":
                return False
            if part.op == "number" and not isinstance(part.operands[0], int):
                return False
            if part.op == "argument" and part.kind == "number" and not self.binding.arguments[part.operands[0]].whole:
                return False
            if part.op == "table" and not all(isinstance(v, int) for v in part.operands[0].entries.values()):
                return False
            if part.op in ("highest", "each") and not all(isinstance(v, int) for _, v in part.operands[0].steps):
                return False
        return True

    # ---- conditions

    def truth(self, node: Expression) -> str:
        op, parts = node.op, node.operands
        if op == "true":
            return "TRUE"
        if op == "flag":
            return self.is_one_of(parts[0], ["是"])
        if op == "blank":
            return self.is_blank(self.ref(parts[0]))
        if op == "isin":
            return self.is_one_of(parts[0].operands[0], parts[1])
        if op == "not":
            return _not(self.truth(parts[0]))
        if op == "and":
            return _all([self.truth(part) for part in flat(node, "and")])
        if op == "or":
            return _any([self.truth(part) for part in flat(node, "or")])
        left, right = self.number(parts[0]), self.number(parts[1])
        if not any(inner.op in ("+", "-", "*", "/", "each") or inner.parts for part in parts for inner in walk(part)):
            return f"{left}{op}{right}"  # nothing is computed, so there is no noise
        return f"ROUND({left}-{self.operand(right)},{NOISE_DECIMALS}){op}0"

    def is_one_of(self, name: str, words) -> str:
        argument, ref = self.binding.arguments[name], self.ref(name)
        words = spellings(argument, words)
        if ref is None or not words:
            return "FALSE"
        test = spelled(ref, words)
        if argument.optional and False in words:
            # FALSE and 0 equal a blank cell in Excel, which is none of the words
            return _all([_not(_blank(ref)), test])
        return test

    # ---- numbers

    def number(self, node: Expression) -> str:
        op, parts = node.op, node.operands
        match op:
            case "number":
                if node.parts and self.figures is not literal:
                    return "/".join(map(self.number, node.parts))
                return self.figure(parts[1], parts[0])
            case "argument":
                return self.ref(parts[0]) or "0"
            case "when":
                return _if(self.truth(parts[0]), self.number(parts[1]), self.number(parts[2]))
            case "least" | "most":
                name = {"least": "MIN", "most": "MAX"}[op]
                return f"{name}({self.number(parts[0])},{self.number(parts[1])})"
            case "+":
                return f"{self.number(parts[0])}+{self.number(parts[1])}"
            case "-":
                return f"{self.number(parts[0])}-{self.operand(self.number(parts[1]))}"
            case "*" | "/":
                right = self.operand(self.number(parts[1]), "+-" if op == "*" else "+-*/")
                return f"{self.operand(self.number(parts[0]))}{op}{right}"
            case "table":
                return self.looked_up(parts[0], self.binding.arguments[parts[1].operands[0]])
            case "highest":
                value, text = self.number(parts[1]), "0"
                for start, step in self.steps(parts[0]):
                    text = f"IF({value}>={start},{step},{text})"
                return text
            case "each":
                return self.unitwise(parts[0], self.number(parts[1]))
        raise NoFormula(f"{op} 没有对应的 Excel 原生公式")

    def looked_up(self, table: Table, argument: Argument) -> str:
        ref = self.ref(argument.name)
        by_figure: dict[str, list[str]] = {}
        for word, value in table.entries.items():
            if word in argument.options:
                by_figure.setdefault(self.figure(f"{table.name}.{word}", value), []).append(word)
        if ref is None or not by_figure:
            return "0"
        *others, (text, _) = by_figure.items()  # the gates let no other word through
        for figure, words in reversed(others):
            text = f"IF({spelled(ref, spellings(argument, words))},{figure},{text})"
        return text

    def steps(self, steps: Steps) -> list[tuple[str, str]]:
        """Where each step begins, and what it gives."""
        return [
            (self.figure(f"{steps.name}.{place}.from", start), self.figure(f"{steps.name}.{place}", value))
            for place, (start, value) in enumerate(steps.steps, 1)
        ]

    def unitwise(self, steps: Steps, count: str) -> str:
        written, terms = self.steps(steps), []
        for position, (start, rate) in enumerate(written):
            upto = f"MIN({count},{written[position + 1][0]})" if position + 1 < len(written) else count
            over = upto if steps.steps[position][0] == 0 else f"MAX(0,{upto}-{start})"
            terms.append(f"{over}*{rate}")
        return "+".join(terms)

    @staticmethod
    def operand(text: str, signs: str = "+-") -> str:
        """The text as an operand: bracketed if it is a sum (or whatever `signs` says) at its top level."""
        depth = 0
        for position, character in enumerate(text):
            depth += character == "("
            depth -= character == ")"
            if depth == 0 and position and character in signs:
                return f"({text})"
        return text


def flat(node: Expression, op: str) -> list[Expression]:
    if node.op != op:
        return [node]
    return [part for operand in node.operands for part in flat(operand, op)]


def spellings(argument: Argument, words) -> list:
    """Every spelling of these words, in the order of the options."""
    codes = {argument.code_of(word) for word in words}
    return [spelling for spelling, code in argument.codes.items() if code in codes]


def spelled(ref: str, words: list) -> str:
    """Is the cell one of these? A flag may be a true logical value or the number a host makes of it."""
    items: list[str] = []
    for word in words:
        if isinstance(word, bool):
            items += ["TRUE", "1"] if word else ["FALSE", "0"]
        else:
            items.append(_quoted(word))
    if len(items) == 1:
        return f"{ref}={items[0]}"
    return f"SUMPRODUCT(--({ref}={{{','.join(items)}}}))>0"
