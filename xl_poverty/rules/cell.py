"""The cell reading: a rule as one Python function on exact numbers (int or Fraction) and word codes."""
from __future__ import annotations

from fractions import Fraction
from math import ceil, floor

from .arguments import FLAG_OPTIONS
from .binding import CAPPED, ESTIMATED, NOT_IN_FORCE, PAID, TROUBLE, ZERO, Binding
from .expressions import Expression, arguments_in, exact

YES = FLAG_OPTIONS.index("是") + 1


def round_fen(yuan, most=None, least=None) -> int:
    """Fen, rounded half up; a cap is never exceeded by rounding and a floor never undercut."""
    whole, part = yuan.as_integer_ratio()
    fen = (whole * 200 + part) // (2 * part)
    if most is not None:
        fen = min(fen, floor(most * 100))
    return fen if least is None else max(fen, ceil(least * 100))


def longest_run(values, least) -> int:
    """Length of the longest unbroken run of values that reach `least`; None breaks it."""
    best = run = 0
    for value in values:
        run = run + 1 if value is not None and value >= least else 0
        best = max(best, run)
    return best


def compile_cell(binding: Binding):
    """A function of the binding's arguments, in order: (result, reason). The result is fen for `pay`, bool for
    `holds`, a word for `choose`, an exact number for `value`. Reason TROUBLE: inputs lack or contradict each
    other, the caller finds out how."""
    source, names = cell_source(binding)
    exec(compile(source, f"<{binding.policy.id} {binding.measure.name}>", "exec"), names)  # noqa: S102 own source
    return names["core"]


def cell_source(binding: Binding) -> tuple[str, dict]:
    """Source of the cell function and the constants it refers to."""
    writer = _Writer(binding)
    outcome, refused = binding.outcome, repr(binding.refused)
    lines = [f"def core({', '.join(binding.arguments)}):"]
    for name, condition in outcome.needs:
        lines.append(f"    if {writer.blank(name)} and {writer.text(condition)}: return None, {TROUBLE}")
    for test, _, _ in outcome.checks:
        lines.append(f"    if not {writer.text(test)}: return None, {TROUBLE}")
    if binding.shut:
        lines.append(f"    return {refused}, {NOT_IN_FORCE}")
    for code, (test, _) in enumerate(outcome.gates, 1):
        lines.append(f"    if not {writer.text(test)}: return {refused}, {code}")
    lines += [f"    {line}" for line in writer.ending()]
    return "\n".join(lines) + "\n", writer.names


class _Writer:
    def __init__(self, binding: Binding):
        self.binding = binding
        self.names: dict[str, object] = {
            "round_fen": round_fen, "longest_run": longest_run, "Fraction": Fraction, "exact_ratio": exact_ratio,
        }  # fmt: skip

    def constant(self, value) -> str:
        if isinstance(value, int):
            return repr(value)
        name = f"k{len(self.names)}"
        self.names[name] = value
        return name

    def blank(self, name: str) -> str:
        return f"{name} == 0" if self.binding.arguments[name].finite else f"{name} is None"

    def ending(self) -> list[str]:
        outcome = self.binding.outcome
        if outcome.ending == "holds":
            return [f"return {self.text(outcome.amount)}, {PAID}"]
        if outcome.ending == "value":
            return [f"return {self.text(outcome.amount)}, {PAID}"]
        if outcome.ending == "listed":
            *tests, _ = outcome.choices
            self.names["words"] = self.binding.words
            held = " | ".join(f"({self.text(test)} and {1 << bit})" for bit, (test, _) in enumerate(tests))
            return [f"return words[{held}], {PAID}"]
        if outcome.ending == "choose":
            *tests, (_, otherwise) = outcome.choices
            lines = [f"if {self.text(test)}: return {word!r}, {PAID}" for test, word in tests]
            return [*lines, f"return {otherwise!r}, {PAID}"]
        lines = [f"amount = {self.text(outcome.amount)}", f"reason = {PAID}"]
        limit = "None"
        if outcome.cap is not None:
            lines += [f"cap = {self.text(outcome.cap)}", f"if amount >= cap: amount = cap; reason = {CAPPED}"]
            limit = "cap"
        if outcome.estimated is not None:
            lines.append(f"if {self.text(outcome.estimated)}: reason = {ESTIMATED}")
        if outcome.times is not None:
            lines += [f"times = {self.text(outcome.times)}", "amount = amount * times"]
            limit = "cap * times" if outcome.cap is not None else "None"
        lines += [
            "if amount.__class__ is int: fen = amount * 100",
            f"else: fen = round_fen(amount, {limit}{', amount' if self.binding.measure.kind == '下限' else ''})",
            f"return fen, (reason if fen else {ZERO})",
        ]
        return lines

    def text(self, node: Expression) -> str:
        op, parts = node.op, node.operands
        if op in ("+", "-", "*") and not arguments_in(node):
            return self.constant(_computed(node))  # once, not in every row
        match op:
            case "number":
                return self.constant(parts[0])
            case "argument":
                return parts[0]
            case "flag":
                return f"({parts[0]} == {YES})"
            case "true":
                return "True"
            case "blank":
                return f"({self.blank(parts[0])})"
            case "isin":
                argument = self.binding.arguments[parts[0].operands[0]]
                codes = sorted(argument.code_of(word) for word in parts[1])
                return f"({self.text(parts[0])} in {self.constant(frozenset(codes))})"
            case "and" | "or":
                return f"({self.text(parts[0])} {op} {self.text(parts[1])})"
            case "not":
                return f"(not {self.text(parts[0])})"
            case "when":
                return f"({self.text(parts[1])} if {self.text(parts[0])} else {self.text(parts[2])})"
            case "least" | "most":
                name = {"least": "min", "most": "max"}[op]
                return f"{name}({self.text(parts[0])}, {self.text(parts[1])})"
            case "table":
                argument = self.binding.arguments[parts[1].operands[0]]
                by_code = {argument.code_of(w): v for w, v in parts[0].entries.items() if w in argument.options}
                return f"{self.constant(by_code)}[{self.text(parts[1])}]"
            case "highest":
                value, text = self.text(parts[1]), "0"
                for start, step in parts[0].steps:
                    text = f"({self.constant(step)} if {value} >= {self.constant(start)} else {text})"
                return text
            case "each":
                return f"({' + '.join(self._each(*parts))})"
            case "item":
                return f"{self.text(parts[0])}[{parts[1]}]"
            case "longest_run":
                return f"longest_run({self.text(parts[0])}, {self.text(parts[1])})"
            case "/":
                return f"exact_ratio({self.text(parts[0])}, {self.text(parts[1])})"
            case "+" | "-" | "*" | ">=" | ">" | "<=" | "<":
                return f"({self.text(parts[0])} {op} {self.text(parts[1])})"
        raise AssertionError(op)

    def _each(self, steps, count):
        value, before = self.text(count), 0
        for start, rate in steps.steps:
            over = value if start == 0 else f"max(0, {value} - {self.constant(start)})"
            yield f"{self.constant(rate - before)} * {over}"
            before = rate


def _computed(node: Expression):
    """The value of an expression of parameters only."""
    if node.op == "number":
        return node.operands[0]
    left, right = (_computed(part) for part in node.operands)
    return exact({"+": left + right, "-": left - right, "*": left * right}[node.op])


def exact_ratio(whole, part):
    """Exact quotient; a ZeroDivisionError is the caller's div_zero."""
    ratio = Fraction(whole) / Fraction(part)
    return ratio.numerator if ratio.denominator == 1 else ratio
