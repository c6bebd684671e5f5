"""The sentence reading: what a rule did with a row, in Chinese that a household could be shown."""
from __future__ import annotations

from fractions import Fraction

from .arguments import FLAG_OPTIONS
from .binding import CAPPED, ESTIMATED, NOT_IN_FORCE, PAID, ZERO, Binding
from .cell import _Writer
from .expressions import Expression, Steps, Table, exact, walk


def amount_text(value) -> str:
    """A number as a clerk writes it: no trailing zeros, no exponent; what has no end is rounded and says 约."""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, int):
        return str(value)
    value = Fraction(exact(value))
    exactly = (value * 10**6).denominator == 1
    text = _decimal(value, 6 if exactly else 2)
    if not exactly and "." not in text:  # 10999.99667 must not be told as 11000
        text = _decimal(value, 6)
    return text if exactly else f"约{text}"


def _decimal(value: Fraction, places: int) -> str:
    digits = str(abs(round(value * 10**places))).rjust(places + 1, "0")
    return f"{'-' if value < 0 else ''}{digits[:-places]}.{digits[-places:]}".rstrip("0").rstrip(".")


def day_text(day) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def clause_text(binding: Binding) -> str:
    """The document and clause: 双发〔2022〕67号第10条."""
    return binding.policy.cite(binding.measure)


def reason_text(binding: Binding, reason: int, coded: dict[str, object]) -> str:
    """Why the amount is 0 (or FALSE): the condition that failed, with what the row says."""
    if reason == NOT_IN_FORCE:
        until = "起" if binding.policy.until is None else f"至{day_text(binding.policy.until)}"
        return f"业务日期不在政策有效期内（{day_text(binding.policy.start)}{until}）"
    if reason == ZERO:
        return "按所填数计算为0"
    test, sentence = binding.outcome.gates[reason - 1]
    told = [f"{a.label}：{shown(a, coded[a.name])}" for a in binding.reads(test)
            if not (a.optional and coded[a.name] in (0, None))]  # fmt: skip
    sentence = sentence.format_map(ReasonValues(binding))
    return f"{sentence}（{'，'.join(told)}）" if told else sentence


def steps_text(binding: Binding, coded: dict[str, object]) -> str:
    """How the result came about, with the row's numbers."""
    outcome, teller = binding.outcome, Teller(binding, coded)
    if outcome.ending == "holds":
        return "；".join(teller.condition(part) for part in conjuncts(outcome.amount))
    if outcome.ending == "listed":
        held = []
        for test, word in outcome.choices[:-1]:
            if teller.value(test):
                quote = next((q for q in binding.measure.quotes if q.startswith(word)), "")
                held.append(f"{word}（{teller.facts(test)}{f'，原文“{quote}”' if quote else ''}）")
        return "；".join(held) or facts_text(binding, coded, binding.arguments.values()) or "逐项比较，都不符合"
    if outcome.ending == "choose":
        facts = facts_text(binding, coded, binding.arguments.values())
        return "，".join(filter(None, (facts, teller.decided())))
    amount, text = teller.value(outcome.amount), teller.text(outcome.amount)
    unit = binding.measure.unit.split("/")[0] or "元"
    if not teller.shows_value(outcome.amount):
        text += f"＝{amount_text(amount)}{unit}"
    if outcome.cap is not None:
        cap = teller.value(outcome.cap)
        text += f"，最高{amount_text(cap)}元" + ("，已达上限" if amount >= cap else "")
        amount = min(amount, cap)
    if outcome.times is not None and not teller.is_one(outcome.times):
        plain = outcome.cap is None and teller.shows_value(outcome.amount)
        text += f"×{teller.text(outcome.times)}" if plain else f"；{amount_text(amount)}元×{teller.text(outcome.times)}"
    return text


def met_text(binding: Binding, coded: dict[str, object]) -> str:
    """What the row says of the conditions that it meets, as far as the steps do not say it."""
    outcome = binding.outcome
    steps = [part for part in (outcome.amount, outcome.cap, outcome.times) if part is not None]
    told = {argument.name for argument in binding.reads(*steps)} if steps else set(coded)
    gates = [test for test, _ in outcome.gates]
    facts = [facts_text(binding, coded, [a for a in binding.reads(*gates) if a.name not in told or a.kind == "word"])]
    teller = Teller(binding, coded)
    facts += [teller.text(part) for gate in gates for part in walk(gate) if part.op == "longest_run"]
    return "、".join(filter(None, facts))


def facts_text(binding: Binding, coded: dict[str, object], arguments) -> str:
    """Inputs as a list; an optional one that is blank is left out, and so is a flag that says no."""
    facts = []
    for argument in arguments:
        value = coded[argument.name]
        if value is None or (argument.finite and value == 0):
            continue
        if argument.options and set(argument.options) >= set(FLAG_OPTIONS):
            if value != FLAG_OPTIONS.index("否") + 1:
                yes = value == FLAG_OPTIONS.index("是") + 1
                facts.append(argument.label.removeprefix("是否") if yes else shown(argument, value))
        elif argument.kind != "numbers":
            facts.append(f"{argument.label}{shown(argument, value)}")
    return "、".join(facts)


def conjuncts(node: Expression) -> list[Expression]:
    if node.op == "and":
        return [part for operand in node.operands for part in conjuncts(operand)]
    return [node]


def shown(argument, coded) -> str:
    """A coded input as text."""
    if argument.finite:
        return "空白" if not coded else argument.options[coded - 1]
    if coded is None:
        return "空白"
    if argument.kind == "numbers":
        return "、".join("空白" if value is None else amount_text(value) for value in coded)
    return f"{amount_text(coded)}{argument.unit}"


_HELD = {">=": "不低于", ">": "高于", "<=": "不高于", "<": "低于"}
_FAILED = {">=": "低于", ">": "不高于", "<=": "高于", "<": "不低于"}


class ReasonValues(dict):
    """Parameters for the {names} in a reason."""

    def __init__(self, binding: Binding):
        super().__init__()
        self.binding = binding

    def __missing__(self, name: str) -> str:
        value = getattr(self.binding.parameters, name)
        if isinstance(value, Steps):
            return amount_text(value.steps[0][0])
        if isinstance(value, Table):
            return "、".join(f"{word}{amount_text(number)}" for word, number in value.entries.items())
        if isinstance(value, Expression):
            return rate_text(value.operands[0]) or amount_text(value.operands[0])
        return "、".join(value)


def rate_text(value) -> str:
    """A share as a percentage; nothing for other numbers."""
    return f"{amount_text(value * 100)}%" if 0 < value < 1 else ""


class Teller:
    def __init__(self, binding: Binding, coded: dict[str, object]):
        self.binding, self.coded = binding, coded

    def value(self, node: Expression):
        """The exact value of a part, computed as the cell reading computes it."""
        known = self.binding.told.get(id(node))
        if known is None:  # compiled once, not for every row; with the node itself, so that its id stays its own
            writer = _Writer(self.binding)
            code = compile(writer.text(node), f"<{self.binding.measure.name}>", "eval")
            known = self.binding.told[id(node)] = code, writer.names, node
        code, names, _ = known
        return eval(code, names, self.coded)  # noqa: S307 own source

    def text(self, node: Expression) -> str:
        node = self.chosen(node)
        op, parts = node.op, node.operands
        match op:
            case "number":
                return self.parameter(*parts)
            case "argument":
                argument = self.binding.arguments[parts[0]]
                return f"{argument.label}{shown(argument, self.coded[parts[0]])}"
            case "table":
                return self.looked_up(*parts)
            case "highest":
                return self.highest(*parts)
            case "each":
                return self.each(*parts)
            case "item":
                argument = self.binding.arguments[parts[0].operands[0]]
                return f"{argument.label}的{argument.items[parts[1]]}{amount_text(self.value(node))}{argument.unit}"
            case "longest_run":
                return f"最长连续{self.value(node)}个月达到{self.text(parts[1])}"
            case "+" | "-":
                sign = {"+": "＋", "-": "－"}[op]
                if self.is_nothing(self.chosen(parts[1])):
                    return self.text(parts[0])
                return f"{self.text(parts[0])}{sign}{self.operand(parts[1]) if op == '-' else self.text(parts[1])}"
            case "*" | "/":
                sign = {"*": "×", "/": "÷"}[op]
                return f"{self.operand(parts[0])}{sign}{self.operand(parts[1])}"
        raise AssertionError(op)

    def chosen(self, node: Expression) -> Expression:
        """The part that decides: the branch taken, the smaller or larger of two."""
        while node.op in ("when", "least", "most"):
            if node.op == "when":
                node = node.operands[1] if self.value(node.operands[0]) else node.operands[2]
            else:
                pick = min if node.op == "least" else max
                node = pick(node.operands, key=self.value)
        return node

    def is_one(self, node: Expression) -> bool:
        """One unit because no number of them was given."""
        node = self.chosen(node)
        return node.op == "number" and node.operands == (1, "")

    def decided(self) -> str:
        """The comparison that a classification turned on: the one that held, or the last that did not."""
        *tests, _ = (test for test, _ in self.binding.outcome.choices)
        held = next((test for test in tests if self.value(test)), None)
        test, words = (held, _HELD) if held is not None else (tests[-1], _FAILED)
        if test.op not in words:
            return ""
        left, right = test.operands
        return f"{'' if left.op == 'argument' else self.text(left)}{words[test.op]}{self.text(right)}"

    @staticmethod
    def is_nothing(node: Expression) -> bool:
        return node.op == "number" and node.operands[0] == 0

    def shows_value(self, node: Expression) -> bool:
        """Does the text of the number already show its value?"""
        return self.chosen(node).op in ("number", "argument", "item", "table", "highest")

    def parameter(self, value, name: str) -> str:
        """A parameter with its label and unit: 每月（元） gives 每月200元."""
        rate = rate_text(value)
        if not name:
            return amount_text(value)
        measure = self.binding.measure
        unit = "倍" if measure.base else measure.unit.split("/")[0] or "元"
        label, _, unit = measure.labels.get(name.split(".")[0], f"（{unit}）").partition("（")
        return f"{label}{rate or amount_text(value) + unit.rstrip('）')}"

    def operand(self, node: Expression) -> str:
        return f"（{self.text(node)}）" if self.chosen(node).op in ("+", "-") else self.text(node)

    def looked_up(self, table: Table, word: Expression) -> str:
        argument = self.binding.arguments[word.operands[0]]
        word = argument.options[self.coded[argument.name] - 1]
        value = table.entries[word]
        return f"{word}{rate_text(value) or amount_text(value) + '元'}"

    def highest(self, steps: Steps, amount: Expression) -> str:
        value = self.value(amount)
        reached = [(start, step) for start, step in steps.steps if value >= start]
        if not reached:
            return "0"
        start, step = reached[-1]
        unit = self.unit(amount)
        return f"{self.text(amount)}，达到{amount_text(start)}{unit}档，{amount_text(step)}元"

    def each(self, steps: Steps, count: Expression) -> str:
        value, unit = self.value(count), self.unit(count)
        terms = []
        for position, (start, rate) in enumerate(steps.steps):
            end = steps.steps[position + 1][0] if position + 1 < len(steps.steps) else value
            units = min(value, end) - start
            if units <= 0:
                break
            word = "前" if start == 0 and len(steps.steps) > 1 else "之后" if start else ""
            terms.append(f"{word}{amount_text(units)}{unit}每{unit}{amount_text(rate)}元")
        return "、".join(terms) or "0"

    def unit(self, node: Expression) -> str:
        return self.binding.arguments[node.operands[0]].unit if node.op == "argument" else ""

    def facts(self, node: Expression) -> str:
        """What the row says of a condition: the inputs that it reads."""
        words = next((part.told for part in walk(node) if part.told), None)
        if words:
            return words[0].format_map({name: self.share(value) for name, value in words[1].items()})
        items = dict.fromkeys(self.text(part) for part in walk(node) if part.op == "item")
        told = [f"{a.label}{'：' if a.kind == 'flag' else ''}{shown(a, self.coded[a.name])}"
                for a in self.binding.reads(node)
                if a.kind != "numbers" and not (a.optional and self.coded[a.name] in (0, None))]  # fmt: skip
        return "、".join([*items, *told])

    def condition(self, node: Expression) -> str:
        """A condition with the row's numbers and whether it holds."""
        told = self.facts(node)
        verdict = "符合" if self.value(node) else "不符合"
        if node.op in _HELD and not node.told:
            left, right = node.operands
            return f"{told}，应{_HELD[node.op]}{amount_text(self.value(right))}{self.unit(left)}，{verdict}"
        return f"{told}，{verdict}"

    def share(self, node: Expression) -> str:
        """A number as told: a quotient is a share or a growth, in percent."""
        value = self.value(node)
        ratio = any(part.op == "/" for part in walk(node))
        return f"{amount_text(value * 100)}%" if ratio else amount_text(value)


def kind_text(binding: Binding, reason: int) -> str:
    kind = "上限估算" if reason == ESTIMATED else binding.measure.kind
    return "，".join(dict.fromkeys(filter(None, (kind, binding.nature))))


def paid_reason(reason: int) -> bool:
    return reason in (PAID, CAPPED, ESTIMATED)


def summary(binding: Binding, alias: str, result, reason: int, coded: dict[str, object], readings: list[str]) -> str:
    """Amount, steps or failed condition, kind, clause and the 口径 named: all but defaults and dates."""
    unit, ending = binding.measure.unit, binding.outcome.ending
    if ending == "pay":
        head = f"{alias}{amount_text(Fraction(result, 100))}{unit or '元'}"
    elif ending == "value":
        head = f"{alias}{amount_text(result)}{unit}"
    else:
        head = f"{alias}：{amount_text(result) if ending == 'holds' else result}"
    joint = "：" if ending in ("pay", "value") else "，"
    if paid_reason(reason):
        met = met_text(binding, coded) if ending == "pay" else ""
        parts = [f"{head}{joint}{met}{'，' if met else ''}{steps_text(binding, coded)}"]
    else:
        parts = [f"{head}{joint}{reason_text(binding, reason, coded)}"]
    teller = Teller(binding, coded)
    if not binding.shut:
        parts += [note.format_map(ReasonValues(binding)) for test, note in binding.outcome.notes if teller.value(test)]
    parts.append(f"{kind_text(binding, reason)}，依据{clause_text(binding)}")
    if readings:
        parts.append("口径：" + "，".join(f"{name}={binding.readings[name]}" for name in readings))
    return "；".join(parts)
