"""The engine on made-up documents: what a body may say, and what cell, column and native formula make of it."""

from __future__ import annotations

import datetime as dt
import itertools
from fractions import Fraction

import formualizer
import numpy as np
import pytest

from xl_poverty import CellError, PolicyError, formulas, office
from xl_poverty.rules import RuleError
from xl_poverty.rules.arguments import FLAG_OPTIONS, Argument
from xl_poverty.rules.binding import CAPPED, ESTIMATED, NOT_IN_FORCE, PAID, TROUBLE, ZERO, bind
from xl_poverty.rules.column import Numbers
from xl_poverty.rules.expressions import exact
from xl_poverty.rules.formula import native_formula
from xl_poverty.rules.parameters import Policy
from xl_poverty.rules.sentence import summary

ITEMS = ("务工", "低保", "其他")
ARGUMENTS = {
    argument.name: argument
    for argument in (
        Argument("group", "类别", "word", options=("甲", "乙", "丙")),
        Argument("part", "来源", "word", options=("合计", "中央"), optional=True),
        Argument("done", "已享受", "flag", options=FLAG_OPTIONS, optional=True),
        Argument("cost", "费用", "number", unit="元"),
        Argument("claim", "申报额", "number", unit="元", optional=True),
        Argument("change", "增减", "number", unit="元", signed=True),
        Argument("persons", "人数", "number", unit="人", whole=True),
        Argument("days", "天数", "number", unit="天"),
        Argument("wages", "逐月工资", "numbers", unit="元", shortest=3, longest=6),
        Argument("sources", "各项收入", "numbers", unit="元", signed=True, shortest=3, longest=3, items=ITEMS),
        Argument("day", "日期", "date"),
    )
}

POLICY = """
id = "made_up"
short_name = "某县"
number = "某发〔2023〕1号"
title = "某县若干措施"
issued = 2023-01-01
{readings}
[in_force]
from = 2023-01-01
until = 2024-12-31
{common}
[clauses.1]
title = "补贴"
use = "计算"
text = "每人补贴100元。"
[GRANT]
clause = "1"
quote = "每人补贴100元"
kind = "定额"
{measure}
[[GRANT.values]]
from = 2023-01-01
{values}
"""

RULES = """
from xl_poverty.rules import always, given, least, most, rule, when

@rule("GRANT")
"""


@pytest.fixture
def document(tmp_path):
    """Write a document with one measure, GRANT, whose body is given."""
    folders = (tmp_path / str(number) / "made_up" for number in itertools.count())

    def write(body: str, values: str = "", measure: str = "", readings: str = "", common: str = "") -> Policy:
        folder = next(folders)
        folder.mkdir(parents=True)
        data = POLICY.format(values=values, measure=measure, readings=readings, common=common)
        (folder / "policy.toml").write_text(data, encoding="utf-8")
        (folder / "rules.py").write_text(RULES + body, encoding="utf-8")
        return Policy(folder)

    return write


@pytest.fixture
def grant(document):
    """The measure GRANT with this body, bound to a day and readings."""

    def bound(body: str, values: str = "", day=None, switched=None, **rest):
        return on(document(body, values, **rest), day, switched)

    return bound


def on(policy: Policy, day=None, switched=None):
    return bind(policy, policy.measures["GRANT"], ARGUMENTS, day, switched)


def coded(argument: Argument, value):
    if argument.finite:
        word = FLAG_OPTIONS[value] if isinstance(value, bool) else value
        return 0 if value is None else argument.code_of(word)
    if argument.kind == "numbers":
        return [None if v is None else exact(v) for v in value]
    return None if value is None else exact(value)


def as_column(argument: Argument, cells: list):
    """Codes, or integers with as few decimals as the cells need."""
    if argument.finite:
        return np.array(cells, np.uint8)
    flat = cells
    if argument.kind == "numbers":
        width = max(map(len, cells))
        flat = [value for cell in cells for value in (*cell, *[None] * (width - len(cell)))]
    scale = next(s for s in range(9) if all(10**s * (v or 0) % 1 == 0 for v in flat))
    values = np.array([int((v or 0) * 10**scale) for v in flat], np.int64)
    blank = np.array([v is None for v in flat])
    if argument.kind == "numbers":
        return Numbers(values.reshape(-1, width), scale, blank.reshape(-1, width))
    return Numbers(values, scale, blank if blank.any() else None)


def read_column(binding, rows: list):
    columns = {a.name: as_column(a, [row[i] for row in rows]) for i, a in enumerate(binding.arguments.values())}
    results = binding.column(columns)
    values = results.values.tolist()
    if binding.outcome.ending in ("choose", "listed"):
        values = [binding.words[code] for code in values]
    return [(None if r == TROUBLE else v, r) for v, r in zip(values, results.reasons.tolist(), strict=True)]


def outcomes(binding, *rows) -> list[tuple]:
    """(result, reason) of each row, the same from the cell and the column reading. Money is in fen."""
    arguments = list(binding.arguments.values())
    rows = [row if isinstance(row, tuple) else (row,) for row in rows]
    rows = [tuple(coded(a, value) for a, value in zip(arguments, row, strict=True)) for row in rows]
    cells = [binding.core(*row) for row in rows]
    if binding.outcome.ending == "value":  # a float in columns
        cells = [(None if value is None else float(value), reason) for value, reason in cells]
    assert read_column(binding, rows) == cells
    # a row of large numbers besides, which closes the short cut of a table of all that can be
    large = {"number": 987654, "numbers": [987654] * 6}
    far = tuple(
        [987654] * len(a.items) if a.items else large.get(a.kind, row)
        for a, row in zip(arguments, rows[0], strict=True)
    )
    assert read_column(binding, [*rows, far])[:-1] == cells
    return cells


# ---- what a body may not say


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("if group.isin(['甲']): return always().pay(1)", "may not branch"),
        ("return given(done and cost > 5, '不').pay(1)", "may not branch"),
        ("return given(done or cost > 5, '不').pay(1)", "may not branch"),
        ("return given(not done, '不').pay(1)", "may not branch"),
        ("return always().pay(min(cost, 100))", "may not branch"),
        ("return always().pay(max(100, cost))", "may not branch"),
        ("return given(1 <= cost <= 100, '不').pay(1)", "may not branch"),
        ("return always().pay(1 if cost > 5 else 2)", "may not branch"),
        ("return given(any([done, cost > 5]), '不').pay(1)", "may not branch"),
        ("while cost > 5: cost = cost - 1", "may not branch"),
        ("return given(cost == 100, '不').pay(1)", "== is not part of a rule"),
        ("return given(cost != 100, '不').pay(1)", "== is not part of a rule"),
        ("return given(group == '甲', '不').pay(1)", r"\.isin"),
        ("if group in ['甲']: return always().pay(1)", r"\.isin"),
        ("if group in p.words: return always().pay(1)", r"\.isin"),
        ("if group in p.table: return always().pay(1)", r"\.isin"),
        ("if '甲' in group: return always().pay(1)", r"\.isin|looped over"),
        ("for wage in wages: pass", "looped over"),
        ("return always().pay(sum(wages))", "looped over"),
        ("return always().pay(cost + True)", "not a number"),
        ("return always().pay(group * 2)", "expected a number, found word"),
        ("return always().pay(done * 2)", "expected a number, found truth"),
        ("return always().pay(wages * 2)", "expected a number, found list"),
        ("return always().pay('100')", "number"),
        ("return always().holds(cost)", "expected a truth, found number"),
        ("return given(cost, '不').pay(1)", "expected a truth, found number"),
        ("return given(True, '不').pay(1)", "expected a truth, found True"),
        ("return given(done & cost, '不').pay(1)", "expected a truth, found number"),
        ("return given(cost.isin(['甲']), '不').pay(1)", "expected a word, found number"),
        ("return given((cost + 1).blank(), '不').pay(1)", "only an argument can be blank"),
        ("return always().needing(cost + 1).pay(1)", "takes an argument"),
        ("return always().pay(p.nothing)", "GRANT has no parameter nothing"),
        ("return given(p.reading('别的'), '不').pay(1)", "GRANT has no reading 别的"),
        ("return given(p.chosen('别的'), '不').pay(1)", "GRANT has no reading named 别的"),
        ("return given(wages.item('务工') > 0, '不').pay(1)", "the list has no item 务工"),
        ("return always().listed((cost, '甲'), otherwise='无')", "expected a truth, found number"),
        ("return always().listed((True, '甲'), otherwise='无')", "expected a truth, found True"),
        ("return always().within(cost, '不').pay(1)", "expected a truth, found number"),
        ("return always().nonnegative(done, '不').pay(1)", "expected a number, found truth"),
        ("return given(group.among([1]), '不').pay(1)", "expected a number, found word"),
        ("return given(group.item('务工') > 0, '不').pay(1)", "expected a list, found word"),
        ("return given(done, '不')", "must end in pay, holds, choose, listed or value"),
        ("return 100", "must end in pay, holds, choose, listed or value"),
    ],
)
def test_a_body_that_the_language_does_not_have(grant, body, told):
    with pytest.raises(RuleError, match=told):
        grant(
            f"def body(p, group, done, cost, wages):\n    {body}\n    return always().pay(1)",
            "words = ['甲']\ntable = { \"甲\" = 1 }",
        )


@pytest.mark.parametrize(
    "test", ["group in {'甲', '乙'}", "{'甲': 1}.get(group)", "{'甲': 1}[group]", "group in p.table.entries"]
)
def test_looking_an_input_up_in_a_set_or_dictionary(grant, test):
    with pytest.raises(RuleError):
        grant(f"def body(p, group):\n    return always().pay(1 if {test} else 2)", 'table = { "甲" = 1 }')


def test_arguments_that_no_function_has(grant):
    with pytest.raises(RuleError, match="made_up: GRANT uses unknown arguments nobody, nothing"):
        grant("def body(p, cost, nobody, nothing):\n    return always().pay(1)")


def test_a_date_is_nothing_for_a_rule(grant):
    with pytest.raises(RuleError, match="cannot use the date argument day"):
        grant("def body(p, day):\n    return always().pay(1)")


def test_a_measure_without_a_body(document):
    with pytest.raises(RuleError, match="no rule body GRANT"):
        on(document("def body(p):\n    return always().pay(1)\nbody.rule_name = 'OTHER'"))


# ---- gates


def test_the_first_gate_that_fails_gives_the_reason(grant):
    binding = grant(
        """def body(p, group, done, cost):
        outcome = given(group.isin(p.words), "类别不符").given(~done, "已享受")
        return outcome.given(cost >= p.line, "不足{line}元").pay(p.amount)""",
        "words = ['甲', '乙']\nline = 100\namount = 300",
    )
    assert outcomes(
        binding,
        ("丙", True, 0), ("甲", True, 0), ("甲", False, 0), ("甲", False, 99.99), ("甲", False, 100), ("乙", None, 101),
    ) == [(0, 1), (0, 2), (0, 3), (0, 3), (30000, PAID), (30000, PAID)]  # fmt: skip


def test_a_blank_word_is_none_of_the_words(grant):
    binding = grant("def body(p, part):\n    return given(part.isin(['合计', '中央']), '不').pay(1)")
    assert outcomes(binding, None, "合计") == [(0, 1), (100, PAID)]
    binding = grant("def body(p, part):\n    return given(~part.isin(['中央']), '不').pay(1)")
    assert outcomes(binding, None, "合计", "中央") == [(100, PAID), (100, PAID), (0, 1)]


def test_checks_come_before_gates(grant):
    binding = grant(
        """def body(p, done, claim, persons):
        return (
            given(~done, "已享受").needing(claim, when=persons > 1).consistent(persons <= 5, "人数过多")
            .given(persons > 0, "没有人").pay(claim)
        )"""
    )
    assert outcomes(
        binding, (True, None, 2), (True, None, 1), (True, 9, 6), (False, 9, 0), (False, 9, 5), (False, 0, 2)
    ) == [(None, TROUBLE), (0, 1), (None, TROUBLE), (0, 2), (900, PAID), (0, ZERO)]


def test_stated_and_nonzero_are_trouble(grant):
    stated = grant("def body(p, group):\n    return always().stated(~group.isin(['丙']), '请写明').pay(1)")
    assert outcomes(stated, "甲", "丙") == [(100, PAID), (None, TROUBLE)]
    ratio = grant("def body(p, cost, persons):\n    return always().nonzero(persons, '人数为0').value(cost / persons)")
    assert outcomes(ratio, (10, 4), (10, 0), (0, 3)) == [(2.5, PAID), (None, TROUBLE), (0, PAID)]


def write_document(folder, name: str, body: str = "", values: str = ""):
    folder = folder / "made_up"
    folder.mkdir(parents=True)
    data = POLICY.format(values=values, measure="", readings="", common="").replace("GRANT", name)
    (folder / "policy.toml").write_text(data, encoding="utf-8")
    if body:
        (folder / "rules.py").write_text(RULES.replace("GRANT", name) + body, encoding="utf-8")


def code_of(function, **arguments):
    """The result, or the error's code and cell."""
    try:
        return function(**arguments, policy="某发[2023]1号")
    except CellError as error:
        return error.code, error.cell


def test_errors_that_a_clerk_sees(tmp_path, monkeypatch):
    """The codes of the checks, through the function that is typed."""
    body = """def body(p, wants_training, persons, claimed_this_year):
    return (
        always().needing(claimed_this_year, when=persons > 1).stated(persons < 9, "九人以上未定")
        .consistent(wants_training | (persons < 5), "人多而无需求").nonzero(persons, "人数为0")
        .pay(p.per_person, times=persons)
    )"""
    write_document(tmp_path, "DISABLED_TRAINING", body, "per_person = 100")
    monkeypatch.setattr("xl_poverty.formulas.documents.PACKAGE", tmp_path)

    def call(wants_training, persons, claimed=None):
        given = {"wants_training": wants_training, "persons": persons, "claimed_this_year": claimed}
        return code_of(formulas.DISABLED_TRAINING, **given)

    with office():
        assert call(True, 1) == 100
        assert call(True, 2) == ("missing", "#N/A")
        assert call(True, 2, False) == 200
        assert call(True, 9, False) == ("missing", "#N/A")
        assert call(False, 5, False) == ("inconsistent", "#NUM!")
        assert call(True, 0) == ("div_zero", "#DIV/0!")
        assert call(True, None) == 0  # no claim
        assert call(None, 1) == ("missing", "#N/A")


def test_errors_of_a_text_that_allows_less(tmp_path, monkeypatch):
    body = """def body(p, wants_training, persons):
    return (
        always().nonnegative(p.most - persons, "人数超出").within(persons > p.least, "人数太少")
        .given(wants_training, "没有需求").pay(1, times=persons)
    )"""
    write_document(tmp_path, "DISABLED_TRAINING", body, "most = 5\nleast = 1")
    monkeypatch.setattr("xl_poverty.formulas.documents.PACKAGE", tmp_path)
    with office():
        for persons, expected in ((5, 5), (6, ("negative", "#NUM!")), (2, 2), (1, ("out_of_range", "#NUM!"))):
            # the checks come before the conditions
            assert code_of(formulas.DISABLED_TRAINING, wants_training=True, persons=persons) == expected
            refused = 0 if isinstance(expected, int) else expected
            assert code_of(formulas.DISABLED_TRAINING, wants_training=False, persons=persons) == refused
        column = formulas.DISABLED_TRAINING(None, True, [5, 6, 2, 1] * 50, policy="某发[2023]1号")
        told = [r.code if isinstance(r, CellError) else r for r in column]
        assert told == [5, "negative", 2, "out_of_range"] * 50


def test_a_document_in_the_office_folder(tmp_path):
    """Data alone, with the bodies that documents share."""
    write_document(tmp_path / "documents", "PER_CAPITA_INCOME")
    file = tmp_path / "office.toml"
    file.write_text('documents = "documents"', encoding="utf-8")
    income = {"wage": 900, "business": 100, "property": 0, "transfer": 0, "business_cost": 200}
    with office(file=file):
        assert code_of(formulas.PER_CAPITA_INCOME, **income, persons=3, cost_subsidy=100) == 300
        assert code_of(formulas.PER_CAPITA_INCOME, **income, persons=0) == ("div_zero", "#DIV/0!")
        assert code_of(formulas.PER_CAPITA_INCOME, **income, persons=3, cost_subsidy=201) == ("inconsistent", "#NUM!")
        assert code_of(formulas.NET_INCOME, **income) == ("not_specified", "#N/A")


def test_an_office_folder_may_hold_no_code(tmp_path):
    write_document(tmp_path / "documents", "PER_CAPITA_INCOME", "def body(p, wage):\n    return always().value(wage)")
    file = tmp_path / "office.toml"
    file.write_text('documents = "documents"', encoding="utf-8")
    with office(file=file), pytest.raises(PolicyError, match="rules.py"):
        formulas.NET_INCOME(1, 1, 1, 1, 1, policy="某县")


# ---- paying


def test_cap(grant):
    binding = grant("def body(p, cost):\n    return always().pay(cost, cap=p.cap)", "cap = 2000")
    assert outcomes(binding, 1999.99, 2000, 2000.01, 0, 0.01) == [
        (199999, PAID), (200000, CAPPED), (200000, CAPPED), (0, ZERO), (1, PAID),
    ]  # fmt: skip


def test_times_applies_to_the_amount_and_its_cap(grant):
    binding = grant("def body(p, cost, persons):\n    return always().pay(cost, cap=p.cap, times=persons)", "cap = 300")
    assert outcomes(binding, (299.5, 2), (300, 2), (301, 3), (301, 0), (0, 3)) == [
        (59900, PAID), (60000, CAPPED), (90000, CAPPED), (0, ZERO), (0, ZERO),
    ]  # fmt: skip


def test_times_without_cap(grant):
    binding = grant("def body(p):\n    return always().pay(p.monthly, times=p.months)", "monthly = 200\nmonths = 6")
    assert binding.core() == (120000, PAID)


def test_estimated(grant):
    binding = grant(
        """def body(p, claim, persons):
        blank = claim.blank()
        return always().pay(when(blank, p.cap, claim), cap=p.cap, times=persons, estimated=blank)""",
        "cap = 300",
    )
    assert outcomes(binding, (None, 2), (299, 2), (300, 2), (None, 0), (0, 2)) == [
        (60000, ESTIMATED), (59800, PAID), (60000, CAPPED), (0, ZERO), (0, ZERO),
    ]  # fmt: skip


def test_amounts_are_rounded_half_up_to_the_fen(grant):
    binding = grant("def body(p, cost):\n    return always().pay(cost)")
    # 1.005 and 2.675 lie below the half in binary, not as they are written
    assert outcomes(binding, 0.0049, 0.005, 1.005, 2.675, 1.0049, 8.5) == [
        (0, ZERO), (1, PAID), (101, PAID), (268, PAID), (100, PAID), (850, PAID),
    ]  # fmt: skip
    rate = grant("def body(p, cost):\n    return always().pay(cost * p.rate)", "rate = 15.6")
    assert outcomes(rate, 0.1, 0.0003, 0.0004, 12.5) == [(156, PAID), (0, ZERO), (1, PAID), (19500, PAID)]


def test_rounding_never_exceeds_a_cap(grant):
    binding = grant("def body(p, cost):\n    return always().pay(cost, cap=p.cap)", "cap = 33.335")
    assert outcomes(binding, 33.3349, 33.335, 40) == [(3333, PAID), (3333, CAPPED), (3333, CAPPED)]
    several = grant(
        "def body(p, cost, persons):\n    return always().pay(cost, cap=p.cap, times=persons)", "cap = 33.335"
    )
    # 3 × 33.335 = 100.005; 3 × 33.3349 = 100.0047
    assert outcomes(several, (40, 3), (33.3349, 3), (33.334, 3), (40, 2)) == [
        (10000, CAPPED), (10000, PAID), (10000, PAID), (6667, CAPPED),
    ]  # fmt: skip


def test_rounding_never_undercuts_a_floor_in_columns(document):
    policy = document("def body(p, cost):\n    return always().pay(cost)")
    data = policy.file.read_text(encoding="utf-8").replace('"定额"', '"下限"')
    policy.file.write_text(data, encoding="utf-8")
    assert outcomes(on(Policy(policy.folder)), 10.001, 10.01, 10, 0) == [
        (1001, PAID),
        (1001, PAID),
        (1000, PAID),
        (0, ZERO),
    ]


@pytest.mark.parametrize("number", [0.1, np.float64(0.1), 1e-5, np.float64(1e-5), 5.0, np.float64(5), 10**11 + 0.25])
def test_a_number_is_exactly_what_is_written(number):
    assert exact(number) == Fraction(str(float(number)))
    given = {"wage": number, "business": 0, "property": 0, "transfer": 0, "business_cost": 0}
    assert formulas.NET_INCOME(**given, policy="双碾乡") == float(number)
    assert formulas.NET_INCOME(**{**given, "wage": [number, 1]}, policy="双碾乡") == [float(number), 1]


# ---- parameters


def test_table(grant):
    binding = grant(
        "def body(p, group):\n    return given(group.isin(p.amount), '没有标准').pay(p.amount[group] + p.amount['甲'])",
        'amount = { "甲" = 1500, "乙" = 0.55 }',
    )
    assert outcomes(binding, "甲", "乙", "丙") == [(300000, PAID), (150055, PAID), (0, 1)]


def test_a_table_with_a_number_for_every_word_needs_no_gate(grant):
    binding = grant(
        "def body(p, group, persons):\n    return always().pay(p.amount[group], times=persons)",
        'amount = { "甲" = 300, "乙" = 200, "丙" = 100 }',
    )
    assert outcomes(binding, ("甲", 1), ("乙", 2), ("丙", 3)) == [(30000, PAID), (40000, PAID), (30000, PAID)]


def test_greenhouses_in_a_range():
    built = formulas.GREENHOUSE_SUBSIDY(["新建日光温室", "夏秋冷凉蔬菜"] * 50, [1, 2] * 50, True, policy="双碾乡")
    assert built == [30000, 200] * 50


def test_shares(grant):
    binding = grant(
        "def body(p, group, cost):\n    return always().pay(cost * p.weights.shares[group])",
        'weights = { "甲" = 5, "乙" = 3, "丙" = 2 }',
    )
    assert outcomes(binding, ("甲", 1500), ("乙", 1500), ("丙", 1500), ("丙", 0.02)) == [
        (75000, PAID), (45000, PAID), (30000, PAID), (0, ZERO),
    ]  # fmt: skip
    thirds = grant(
        "def body(p, group, cost):\n    return always().pay(cost * p.weights.shares[group])",
        'weights = { "甲" = 1, "乙" = 2, "丙" = 0 }',
    )
    # 10/3 = 3.333…, 20/3 = 6.666…
    assert outcomes(thirds, ("甲", 10), ("乙", 10), ("丙", 10), ("甲", 98765))[:3] == [
        (333, PAID),
        (667, PAID),
        (0, ZERO),
    ]


STEPS = "steps = [[30, 50000], [50, 100000], [100, 250000]]"


def test_only_the_highest_step_counts(grant):
    binding = grant("def body(p, persons):\n    return always().pay(p.steps.highest(persons))", STEPS)
    paid = [0, 0, 50000, 50000, 100000, 100000, 250000, 250000]
    assert outcomes(binding, 0, 29, 30, 49, 50, 99, 100, 101) == [(p * 100, PAID if p else ZERO) for p in paid]
    gated = grant(
        """def body(p, persons):
        return given(persons >= p.steps.first, "不足{steps}人").pay(p.steps.highest(persons))""",
        STEPS,
    )
    assert outcomes(gated, 29, 30) == [(0, 1), (5000000, PAID)]


def test_each_unit_at_the_rate_of_its_step(grant):
    binding = grant("def body(p, days):\n    return always().pay(p.steps.each(days))", "steps = [[0, 150], [10, 100]]")
    # 10 × 150 = 1500, then 100 a day; half a day is half the rate
    assert outcomes(binding, 0, 1, 9, 10, 10.5, 11, 35) == [
        (0, ZERO), (15000, PAID), (135000, PAID), (150000, PAID), (155000, PAID), (160000, PAID), (400000, PAID),
    ]  # fmt: skip
    later = grant(
        "def body(p, days):\n    return always().pay(p.steps.each(days))", "steps = [[2, 10], [4, 30], [5, 20]]"
    )
    assert outcomes(later, 2, 3, 4, 5, 6) == [(0, ZERO), (1000, PAID), (2000, PAID), (5000, PAID), (7000, PAID)]


def test_when_least_and_most(grant):
    binding = grant(
        """def body(p, cost, claim):
        return always().pay(when(cost > p.line, least(cost, claim), most(cost, claim)))""",
        "line = 100",
    )
    assert outcomes(binding, (100, 99), (100, 101), (100.01, 99), (100.01, 101), (100.01, 100.01)) == [
        (10000, PAID), (10100, PAID), (9900, PAID), (10001, PAID), (10001, PAID),
    ]  # fmt: skip


def test_the_four_comparisons_at_the_boundary(grant):
    for sign, held in ((">=", [0, 1, 1]), (">", [0, 0, 1]), ("<=", [1, 1, 0]), ("<", [1, 0, 0])):
        binding = grant(f"def body(p, cost):\n    return always().holds(cost {sign} p.line)", "line = 1000.5")
        assert outcomes(binding, 1000.49, 1000.5, 1000.51) == [(bool(h), PAID) for h in held]
        products = grant(
            f"def body(p, cost, persons):\n    return always().holds(cost {sign} p.line * persons)", "line = 0.1"
        )
        assert outcomes(products, (0.29, 3), (0.3, 3), (0.31, 3)) == [(bool(h), PAID) for h in held]


def test_a_difference_may_be_negative(grant):
    binding = grant("def body(p, change):\n    return always().pay(most(0, 100 - change), cap=500)")
    assert outcomes(binding, -400.01, -400, 99.99, 100, 100.01) == [
        (50000, CAPPED), (50000, CAPPED), (1, PAID), (0, ZERO), (0, ZERO),
    ]  # fmt: skip


def test_longest_run(grant):
    binding = grant(
        "def body(p, wages):\n    return given(wages.longest_run(p.line) >= p.months, '不足').pay(1)",
        "line = 1000\nmonths = 3",
    )
    assert outcomes(
        binding, [1000, 1000, 1000], [1000, 999.99, 1000, 1000], [1000, None, 1000, 1000, 1500], [1000, 1000],
    ) == [(100, PAID), (0, 1), (100, PAID), (0, 1)]  # fmt: skip


# ---- other endings


def test_holds(grant):
    binding = grant(
        """def body(p, cost, persons, done):
        return given(~done, "已享受").holds((persons >= p.staff) & (cost >= p.share * persons))""",
        "staff = 1000\nshare = 0.3",
    )
    assert outcomes(
        binding, (300, 1000, None), (299.99, 1000, False), (300, 999, False), (300, 1000, True)
    ) == [(True, PAID), (False, PAID), (False, PAID), (False, 1)]  # fmt: skip


def test_choose_takes_the_first_that_holds(grant):
    binding = grant(
        """def body(p, cost, done):
        return given(~done, "不看").choose((cost < p.low, "低"), (cost < p.high, "中"), otherwise="高")""",
        "low = 10000\nhigh = 15000",
    )
    assert outcomes(
        binding, (9999.99, None), (10000, None), (14999.99, None), (15000, None), (0, True)
    ) == [("低", PAID), ("中", PAID), ("中", PAID), ("高", PAID), ("不适用", 1)]  # fmt: skip


LISTED = """def body(p, cost, days, done):
    return given(~done, "不看").listed(
        (cost < p.low, "低"), (cost < days, "少"), (days > 100, "久"), otherwise="无", before="有:", between="+"
    )"""


def test_listed_gives_the_words_of_all_that_hold(grant):
    binding = grant(LISTED, "low = 10000")
    assert binding.outcome.ending == "listed"
    assert outcomes(
        binding,
        (10000, 1, None), (9999.99, 1, False), (9999.99, 10000, None), (10000, 10000.5, None), (10001, 101, None),
        (1, 101, None), (50, 51, None), (0, 0, True), (10000, 100, None), (99999, 100000, None),
    ) == [
        ("无", PAID), ("有:低", PAID), ("有:低+少+久", PAID), ("有:少+久", PAID), ("有:久", PAID),
        ("有:低+少+久", PAID), ("有:低+少", PAID), ("不适用", 1), ("无", PAID), ("有:少+久", PAID),
    ]  # fmt: skip


def test_listed_goes_in_the_order_of_the_conditions(grant):
    body = "def body(p, cost):\n    return always().listed(*[(cost >= n, str(n)) for n in (3, 1, 2)], otherwise='无')"
    assert outcomes(grant(body), 0, 1, 2, 3) == [("无", PAID), ("1", PAID), ("1,2", PAID), ("3,1,2", PAID)]


def test_listed_may_say_one_word_twice(grant):
    body = """def body(p, cost, done):
    return always().listed((cost > 5, "甲"), (done, "甲"), otherwise="无", between="、")"""
    assert outcomes(grant(body), (6, True), (6, None), (5, True), (5, False)) == [
        ("甲、甲", PAID), ("甲", PAID), ("甲", PAID), ("无", PAID),
    ]  # fmt: skip


def test_listed_of_many_conditions(grant):
    """More sets than a byte can number."""
    body = """def body(p, cost):
    return always().listed(*[(cost >= n, f"{n}") for n in range(1, 11)], otherwise="无")"""
    binding = grant(body)
    assert len(binding.words) == 2**10 + 1
    assert outcomes(binding, *range(12)) == [
        (",".join(map(str, range(1, min(n, 10) + 1))) or "无", PAID) for n in range(12)
    ]


def test_listed_outside_the_period(grant):
    binding = grant(LISTED, "low = 10000", dt.date(2025, 1, 1))
    assert outcomes(binding, (1, 1, None), (1, 1, True)) == [("不适用", NOT_IN_FORCE)] * 2


def test_listed_as_a_formula(grant):
    refs = {"cost": "A1", "days": "B1", "done": "C1"}
    formula = native_formula([grant(LISTED, "low = 10000")], refs)
    for cost, days, done, told in (
        (10000, 1, None, "无"), (9999.99, 1, None, "有:低"), (1, 101, "否", "有:低+少+久"),
        (10001, 10002, None, "有:少+久"), (10001, 101, None, "有:久"), (1, 1, "是", "不适用"),
    ):  # fmt: skip
        assert calculated(formula, {"A1": cost, "B1": days, "C1": done}) == told
    assert calculated(formula, {"A1": "一万", "B1": 1}) == "Na"
    plain = native_formula(
        [grant("def body(p, cost):\n    return always().listed((cost > 1, '甲\"'), (cost > 2, '乙'), otherwise='')")],
        {"cost": "A1"},
    )
    assert [calculated(plain, {"A1": cost}) for cost in (2, 3)] == ['甲"', '甲",乙']


def told(binding, *row) -> str:
    """What WHY says of a row."""
    arguments = binding.arguments.values()
    values = {a.name: coded(a, value) for a, value in zip(arguments, row, strict=True)}
    result, reason = binding.core(**values)
    return summary(binding, "补贴", result, reason, values, [])


def test_listed_as_a_sentence(grant):
    binding = grant(LISTED, "low = 10000")
    for row, head, parts in (
        ((9000, 9001, None), "补贴：有:低+少+久", "低（费用9000元）；少（费用9000元、天数9001天）；久（天数9001天）"),
        ((10001, 101, None), "补贴：有:久", "久（天数101天）"),
        ((10000, 1, None), "补贴：无", "费用10000元、天数1天"),
        ((1, 1, True), "补贴：不适用", "不看（已享受：是）"),
    ):
        sentence = told(binding, *row)
        assert sentence.startswith(head) and sentence[len(head) :][1:].startswith(parts), sentence
        assert sentence.endswith("依据某发〔2023〕1号第1条")


# ---- items of a list, numbers among others, limits of the text


def test_an_item_of_a_list(grant):
    binding = grant(
        """def body(p, sources):
        total = sources.item("务工") + sources.item("低保") * 2 - sources.item("其他")
        return given(sources.item("低保") <= p.line, "低保高于{line}元").pay(most(0, total))""",
        "line = 500.5",
    )
    assert outcomes(
        binding, [100, 10, 1], [0, 500.5, 0], [0, 500.51, 0], [-3, 0, 5], [0.01, 0, -0.02], [0, 0, 0]
    ) == [(11900, PAID), (100100, PAID), (0, 1), (0, ZERO), (3, PAID), (0, ZERO)]  # fmt: skip


def test_an_item_that_no_list_has(grant):
    with pytest.raises(RuleError, match="the list has no item 种地"):
        grant("def body(p, sources):\n    return always().pay(sources.item('种地'))")


def test_an_item_in_a_sentence(grant):
    binding = grant(
        """def body(p, sources):
        return always().listed((sources.item("低保") < sources.item("务工"), "少"), otherwise="无")"""
    )
    sentence = told(binding, [5, 4.5, 0])
    assert sentence.startswith("补贴：少") and "少（各项收入的低保4.5元、各项收入的务工5元）" in sentence


def test_among(grant):
    binding = grant(
        "def body(p, persons):\n    return always().choose((persons.among(p.few), '少'), (persons.among([4]), '四'), "
        "otherwise='别的')",
        "few = [1, 2.5, 7]",
    )
    assert outcomes(binding, *range(9)) == [
        ({1: "少", 7: "少", 4: "四"}.get(n, "别的"), PAID) for n in range(9)
    ]  # fmt: skip
    halves = grant("def body(p, cost):\n    return always().holds(cost.among(p.few))", "few = [1, 2.5, 7]")
    assert outcomes(halves, 2.49, 2.5, 2.51, 7, 0) == [(n, PAID) for n in (False, True, False, True, False)]


def test_beyond_what_the_text_allows(grant):
    within = grant("def body(p, cost):\n    return always().within(cost <= p.most, '太多').pay(1)", "most = 0.3")
    assert outcomes(within, 0.3, 0.31, 0) == [(100, PAID), (None, TROUBLE), (100, PAID)]
    below = grant("def body(p, change):\n    return always().nonnegative(change, '是负数').pay(1)")
    assert outcomes(below, 0, -0.01, 5) == [(100, PAID), (None, TROUBLE), (100, PAID)]
    item = grant("def body(p, sources):\n    return always().nonnegative(sources.item('低保'), '低保是负数').pay(1)")
    assert outcomes(item, [-1, 0, -1], [0, -0.01, 0]) == [(100, PAID), (None, TROUBLE)]


def test_a_quotient_of_two_parameters_is_a_parameter(grant):
    binding = grant("def body(p, cost):\n    return always().pay(cost * (p.share / p.per))", "share = 0.6\nper = 12")
    assert binding.outcome.amount.operands[1].op == "number"
    assert binding.outcome.amount.operands[1].operands[0] == Fraction(1, 20)
    assert {"share", "per"} <= binding.parameters.used
    assert outcomes(binding, 12000, 0.1, 0.09) == [(60000, PAID), (1, PAID), (0, ZERO)]
    thirds = grant("def body(p, cost):\n    return always().holds(cost >= p.one / p.three)", "one = 1\nthree = 3")
    assert outcomes(thirds, 0.3333, 0.3334, 1) == [(False, PAID), (True, PAID), (True, PAID)]
    assert "/" in {node.op for node in grant("def body(p, cost):\n    return always().value(cost / 3)").nodes}
    with pytest.raises(ZeroDivisionError):
        grant("def body(p, cost):\n    return always().pay(cost * (p.one / p.none))", "one = 1\nnone = 0")


def test_value_is_neither_rounded_nor_capped(grant):
    binding = grant("def body(p, cost):\n    return always().value(cost * p.rate)", "rate = 1.3")
    assert outcomes(binding, 716, 0.0001) == [(930.8, PAID), (0.00013, PAID)]
    assert binding.core(exact(0.0001)) == (Fraction("0.00013"), PAID)


# ---- dates


TWO_VERSIONS = "amount = 100\n[[GRANT.values]]\nfrom = 2024-01-01\namount = 120"
AMOUNT = "def body(p):\n    return always().pay(p.amount)"


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (dt.date(2022, 12, 31), (0, NOT_IN_FORCE)),
        (dt.date(2023, 1, 1), (10000, PAID)),
        (dt.date(2023, 12, 31), (10000, PAID)),
        (dt.date(2024, 1, 1), (12000, PAID)),
        (dt.date(2024, 12, 31), (12000, PAID)),
        (dt.date(2025, 1, 1), (0, NOT_IN_FORCE)),
        (None, (12000, PAID)),
    ],
)
def test_values_by_date(grant, day, expected):
    assert grant(AMOUNT, TWO_VERSIONS, day).core() == expected
    with_gate = "def body(p, done):\n    return given(~done, '已享受').pay(p.amount)"
    binding = grant(with_gate, TWO_VERSIONS, day)
    assert outcomes(binding, False, True) == [expected, (0, NOT_IN_FORCE if binding.shut else 1)]


def test_checks_still_count_outside_the_period(grant):
    body = "def body(p, persons):\n    return always().consistent(persons <= 5, '人数过多').pay(p.amount)"
    assert outcomes(grant(body, "amount = 100", dt.date(2025, 1, 1)), 5, 6) == [(0, NOT_IN_FORCE), (None, TROUBLE)]


@pytest.mark.parametrize(
    ("day", "fen"),
    [
        (dt.date(2022, 12, 31), 10000),  # before the first values: the first ones stand, a day is not tested
        (dt.date(2023, 12, 31), 10000),
        (dt.date(2024, 1, 1), 12000),
        (dt.date(2030, 1, 1), 12000),
        (None, 12000),
    ],
)
def test_a_measure_that_does_not_expire(grant, day, fen):
    binding = grant(AMOUNT, TWO_VERSIONS, day, measure="expires = false")
    assert binding.core() == (fen, PAID) and not binding.shut
    assert grant(AMOUNT, TWO_VERSIONS, day).shut == (day is not None and not 2023 <= day.year <= 2024)


def test_a_document_that_tests_no_day(document):
    policy = document("def body(p, done):\n    return given(~done, '已享受').pay(p.amount)", "amount = 100")
    data = policy.file.read_text(encoding="utf-8")
    for told, day, expected in (
        ("", dt.date(2030, 1, 1), [(0, NOT_IN_FORCE), (0, NOT_IN_FORCE)]),
        ("tested = false\n", dt.date(2030, 1, 1), [(10000, PAID), (0, 1)]),
        ("tested = false\n", dt.date(2000, 1, 1), [(10000, PAID), (0, 1)]),
        ("tested = true\n", dt.date(2030, 1, 1), [(0, NOT_IN_FORCE), (0, NOT_IN_FORCE)]),
    ):
        policy.file.write_text(data.replace("until = 2024-12-31\n", f"until = 2024-12-31\n{told}"), encoding="utf-8")
        assert outcomes(on(Policy(policy.folder), day), False, True) == expected
    # a native formula has no day to test either
    formula = native_formula([on(Policy(policy.folder))], {"done": "A1"}, "B1")
    assert calculated(formula, {"A1": "否", "B1": dt.date(2030, 1, 1)}) == 0  # tested
    policy.file.write_text(data.replace("until = 2024-12-31", "until = 2024-12-31\ntested = false"), encoding="utf-8")
    formula = native_formula([on(Policy(policy.folder))], {"done": "A1"}, "B1")
    assert calculated(formula, {"A1": "否", "B1": dt.date(2030, 1, 1)}) == 100
    assert calculated(formula, {"A1": "否", "B1": "2030年"}) == "Na"


def test_nothing_is_paid_before_the_first_values(document):
    policy = document(AMOUNT, "amount = 100")
    data = policy.file.read_text(encoding="utf-8").replace(
        "[[GRANT.values]]\nfrom = 2023-01-01", "[[GRANT.values]]\nfrom = 2024-01-01"
    )
    policy.file.write_text(data, encoding="utf-8")
    try:
        result, reason = on(Policy(policy.folder), dt.date(2023, 6, 1)).core()
    except (RuleError, CellError):
        return  # there being no value is an answer too
    assert result != 10000 and reason != PAID


COMMON = """
[[common.values]]
from = 2023-01-01
counted = ["甲"]
[[common.values]]
from = 2024-01-01
counted = ["甲", "乙"]
"""


def test_common_values_by_date(document):
    policy = document(
        "def body(p, group):\n    return given(group.isin(p.counted), '不计入').pay(p.amount)",
        "amount = 100",
        common=COMMON,
    )
    assert outcomes(on(policy, dt.date(2023, 12, 31)), "甲", "乙") == [(10000, PAID), (0, 1)]
    assert outcomes(on(policy, dt.date(2024, 1, 1)), "甲", "乙") == [(10000, PAID), (10000, PAID)]
    assert outcomes(on(policy), "甲", "乙") == [(10000, PAID), (10000, PAID)]


def test_own_values_precede_common_ones(grant):
    binding = grant(AMOUNT, "amount = 100", common="[[common.values]]\nfrom = 2023-01-01\namount = 7")
    assert binding.core() == (10000, PAID)


# ---- readings


READING = """
[[GRANT.reading]]
name = "标准"
default = "定额"
alternatives = ["定额", "据实"]
because = "两读"
"""
SHARED_READING = """
[[reading]]
name = "弱劳动力"
default = "计入"
alternatives = ["计入", "不计入"]
because = "两读"
"""
READ = """def body(p, cost):
    amount = p.amount if p.reading("定额") else least(cost, p.amount)
    return always().pay(amount if p.chosen("弱劳动力") == "计入" else amount * 2)
"""


@pytest.mark.parametrize(
    ("switched", "fen"),
    [
        ({}, 10000),
        ({"标准": "据实"}, 7000),
        ({"GRANT": "据实"}, 7000),
        ({"OTHER": "据实"}, 10000),
        ({"弱劳动力": "不计入"}, 20000),
        ({"标准": "据实", "弱劳动力": "不计入"}, 14000),
        ({"标准": "没有的"}, 10000),
    ],
)
def test_readings(grant, switched, fen):
    binding = grant(READ, "amount = 100", switched=switched, measure=READING, readings=SHARED_READING)
    assert outcomes(binding, 70) == [(fen, PAID)]
    assert set(binding.readings) == {"标准", "弱劳动力"}
    assert binding.readings["弱劳动力"] == switched.get("弱劳动力", "计入")


# ---- native formulas


def calculated(formula: str, cells: dict[str, object]):
    """The value of a formula in a sheet with these cells; an error as its name."""
    book = formualizer.Workbook()
    book.add_sheet("S")
    for place, value in cells.items():
        if value is not None:
            book.set_value("S", int(place[1:]), ord(place[0]) - 64, value)
    book.set_formula("S", 9, 9, formula)
    value = book.evaluate_cell("S", 9, 9)
    return value["kind"] if isinstance(value, dict) else value


def test_a_native_formula_picks_the_version_by_date(document):
    policy = document("def body(p, cost):\n    return always().pay(least(cost, p.amount))", TWO_VERSIONS)
    versions = [on(policy, version.start) for version in policy.measures["GRANT"].versions]
    formula = native_formula(versions, {"cost": "A1"}, "B1")
    for day, amount in (
        (dt.date(2022, 12, 31), 0), (dt.date(2023, 1, 1), 100), (dt.date(2023, 12, 31), 100),
        (dt.date(2024, 1, 1), 120), (dt.date(2024, 12, 31), 120), (dt.date(2025, 1, 1), 0), (None, 120),
    ):  # fmt: skip
        assert calculated(formula, {"A1": 500, "B1": day}) == amount, day
    assert calculated(formula, {"A1": 50, "B1": dt.date(2023, 6, 1)}) == 50
    assert calculated(formula, {"A1": 500, "B1": "2023年"}) == "Na"
    assert calculated(formula, {"A1": "五百", "B1": dt.date(2023, 6, 1)}) == "Na"
    assert calculated(formula, {"A1": -1, "B1": dt.date(2023, 6, 1)}) == "Na"


def test_a_native_formula_rounds_as_the_cell_does(document):
    policy = document("def body(p, cost):\n    return always().pay(cost, cap=p.cap)", "cap = 33.335")
    formula = native_formula([on(policy)], {"cost": "A1"})
    for cost, amount in ((1.005, 1.01), (2.675, 2.68), (33.334, 33.33), (33.335, 33.33), (40, 33.33)):
        assert calculated(formula, {"A1": cost}) == pytest.approx(amount, abs=1e-9), cost


# ---- the data of a document


def test_a_quote_must_stand_in_its_clause(document):
    with pytest.raises(PolicyError, match="quote.*does not stand in clause 1"):
        document(AMOUNT, measure="", values="amount = 1\n[OTHER]\nclause = '1'\nquote = '每人200元'\nkind = '定额'")
