"""A measure made definite: one document, one day, one choice of 口径. What the four readings start from."""
from __future__ import annotations

import datetime as dt
from collections import Counter
from functools import cached_property

from ..errors import CellError
from . import measures
from .arguments import Argument
from .expressions import TRUTH, Expression, Outcome, RuleError, arguments_in, as_expression, walk
from .parameters import Measure, Parameters, Policy, Version, rule_bodies

# ---- reason codes: 0 paid, 1… the gate that failed, and these
PAID, CAPPED, ESTIMATED, ZERO, NO_CLAIM, NOT_IN_FORCE, TROUBLE = 0, 200, 201, 202, 253, 254, 255

#: what stands in a classification for somebody outside its scope
NOT_APPLICABLE = "不适用"


class Binding:
    """A rule body traced for one document, day and choice of readings.

    `arguments` are those that the body uses, by name. `shut` tells that the day lies outside the validity period.
    """

    def __init__(
        self, policy: Policy, measure: Measure, version: Version, body, arguments: dict[str, Argument],
        chosen: dict[str, str], day: dt.date | None = None, shut: bool = False, nature: str = "",
    ):  # fmt: skip
        names = body.__code__.co_varnames[1 : body.__code__.co_argcount]
        unknown = [name for name in names if name not in arguments]
        if unknown:
            raise RuleError(f"{policy.id}: {measure.name} uses unknown arguments {', '.join(unknown)}")
        self.policy, self.measure, self.version, self.shut = policy, measure, version, shut
        self.nature = measure.nature or nature
        self.arguments = {name: arguments[name] for name in names}
        # all of the function's: a figure typed where this document asks for another one is still a claim
        self.claims = [name for name, argument in arguments.items() if argument.claim]
        self.parameters = Parameters(policy, measure, version, day, chosen)
        self.since = version.start if day is None else day  # a native formula binds each first day of new values
        outcome = body(self.parameters, **{name: as_expression(a) for name, a in self.arguments.items()})
        if not isinstance(outcome, Outcome) or not outcome.ending:
            raise RuleError(f"{policy.id}: {measure.name} must end in pay, holds, choose, listed or value")
        if len(outcome.gates) >= CAPPED:
            raise RuleError(f"{policy.id}: {measure.name} has too many conditions")
        self.outcome = outcome
        # kept by the column reading: tables, turning points of comparisons, plans
        self.tabulated: dict = {}
        self.turns: dict = {}
        self.plans: dict = {}
        self.told: dict = {}  # kept by the sentence: parts that it computed

    def __repr__(self):
        return f"<Binding {self.policy.id} {self.measure.name} from {self.version.start}>"

    @property
    def readings(self) -> dict[str, str]:
        """The 口径 that the body asked for, and the choice."""
        return self.parameters.readings

    @property
    def refused(self):
        """The result for somebody who does not qualify."""
        return {"pay": 0, "holds": False, "value": 0}.get(self.outcome.ending, NOT_APPLICABLE)

    @cached_property
    def words(self) -> tuple[str, ...]:
        """The words that a classification can result in; the column reading numbers them in this order."""
        if self.outcome.ending == "listed":  # one text for every set of conditions, the first condition counts 1
            sets = range(1 << (len(self.outcome.choices) - 1))
            return (*(self.listing(held) for held in sets), NOT_APPLICABLE)
        return (NOT_APPLICABLE, *dict.fromkeys(word for _, word in self.outcome.choices))

    def listing(self, held: int) -> str:
        """The text of a listing in which the conditions of these bits hold."""
        *choices, (_, otherwise) = self.outcome.choices
        before, between = self.outcome.joined
        words = [word for bit, (_, word) in enumerate(choices) if held >> bit & 1]
        return before + between.join(words) if words else otherwise

    @property
    def pays(self) -> bool:
        return self.outcome.ending == "pay"

    @cached_property
    def roots(self) -> list[Expression]:
        """Every expression of the outcome."""
        outcome = self.outcome
        tests = [t for t, *_ in (*outcome.checks, *outcome.gates, *outcome.notes)] + [c for _, c in outcome.needs]
        rest = [outcome.amount, outcome.cap, outcome.times, outcome.estimated, *(t for t, _ in outcome.choices)]
        return [root for root in (*tests, *rest) if root is not None]

    @cached_property
    def nodes(self) -> list[Expression]:
        """Every node of the outcome."""
        return [node for root in self.roots for node in walk(root)]

    @cached_property
    def conditions(self) -> Counter:
        """How often each condition occurs, by its text."""
        seen = Counter(repr(node) for node in self.nodes if node.kind == TRUTH)
        for node in self.nodes:
            if node.op == "highest":  # its steps are conditions as well, often those of a gate
                seen.update(repr(node.operands[1] >= start) for start, _ in node.operands[0].steps)
        return seen

    @cached_property
    def only_compared(self) -> set[str]:
        """Number arguments that are only ever compared with whole parameters."""
        seen, compared = [], []
        for node in self.nodes:
            if node.op == "argument":
                seen.append(node.operands[0])
            elif node.op in (">=", ">", "<=", "<"):
                left, right = node.operands
                if left.op == "argument" and right.op == "number" and isinstance(right.operands[0], int):
                    compared.append(left.operands[0])
        return {name for name in seen if seen.count(name) == compared.count(name)}

    @cached_property
    def core(self):
        """The cell reading: coded arguments in, (result, reason) out. See `cell`."""
        from .cell import compile_cell

        return compile_cell(self)

    def column(self, columns: dict):
        """The column reading. See `column`."""
        from .column import run_column

        return run_column(self, columns)

    def reads(self, *expressions: Expression) -> list[Argument]:
        """The arguments that these expressions depend on."""
        return [self.arguments[name] for name in arguments_in(*expressions)]


def choices(policy: Policy, measure: Measure, switched: dict[str, str]) -> dict[str, str]:
    """The reading chosen for each 口径 of a measure. `switched` maps the measure's name, or a reading's name, to
    another alternative; what concerns other measures is ignored."""
    chosen = {}
    for reading in (*policy.readings, *measure.readings):
        for key in filter(None, (reading.name, measure.name, measure.alias)):
            if switched.get(key) in reading.alternatives:
                chosen[reading.name] = switched[key]
                break
        else:
            chosen[reading.name] = reading.default
    return chosen


def bind(
    policy: Policy, measure: Measure, arguments: dict[str, Argument], day: dt.date | None = None,
    switched: dict[str, str] | None = None, nature: str = "",
) -> Binding:  # fmt: skip
    """Trace the measure for a day (None: the latest values, no test of validity) and a choice of readings.

    Raises CellError not_specified for a day in force but before the measure's first values.
    """
    version = measure.version(day) or (measure.versions[0] if measure.versions else Version(policy.start, {}))
    shut = measure.expires and day is not None and not policy.covers(day)
    early = day is not None and bool(measure.versions) and day < version.start  # without values nothing is dated
    if early and measure.expires and not shut:
        raise CellError("not_specified", f"{policy.cited}自{version.start}起才有这项数额")
    body, chosen = _body(policy, measure), choices(policy, measure, switched or {})
    return Binding(policy, measure, version, body, arguments, chosen, day, shut, nature)


_SHARED = rule_bodies(measures)


def _body(policy: Policy, measure: Measure):
    name = measure.body or measure.name
    body = policy.bodies.get(name) or _SHARED.get(name)
    if body is None:
        raise RuleError(f"{policy.id}: there is no rule body {name} for {measure.name}")
    return body
