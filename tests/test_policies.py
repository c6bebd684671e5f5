"""The data of every installed document against its text, and what loading says about a broken one."""

from __future__ import annotations

import ast
import hashlib
import itertools
import re
import tomllib
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

import xl_poverty
from xl_poverty import PolicyError, formulas
from xl_poverty.formulas.indicators import SIDES
from xl_poverty.formulas.signatures import find
from xl_poverty.rules.binding import bind
from xl_poverty.rules.expressions import Steps, Table
from xl_poverty.rules.parameters import Policy, find_policies

PACKAGE = Path(xl_poverty.__file__).parent / "policies"
SEEDS = Path(__file__).parents[2] / "shared" / "seeds"
POLICIES = {folder.name: Policy(folder) for folder in find_policies(PACKAGE)}

#: sha256 over the clause texts of a document; a text changes only when it was wrong
TEXTS = {"shuangnian_2022": "e8133ef4fa9f2f281c5549195b6282ff40fd9f9966234ec88952d036a5278ab7"}

#: the numbers of a document's clauses, and those that it leaves out
NUMBERS = {
    "shuangnian_2022": (
        [*map(str, (*range(1, 21), *range(23, 27), *range(28, 31))), "结尾"],
        ["21", "22", "27"],
    )
}

#: (measure or indicator, parameter, number) that no figure of the text says, and why it is read so
WITHOUT_FIGURE = {
    ("公益岗规模", "low", 1): "只增不减: not below the whole of last year's number",
    ("TRAINING_SUBSIDY", "steps", 0): "前10天 begin at the first",
    ("TRAINING_CLASS_SUBSIDY", "steps", 0): "前10天 begin at the first",
}

every_document = pytest.mark.parametrize("policy", POLICIES.values(), ids=POLICIES)


def entries(policy: Policy):
    """Measures, indicators and deadlines."""
    return [*policy.measures.values(), *policy.indicators.values(), *policy.deadlines.values()]


def seed(policy: Policy) -> Path:
    """The document's text beside the checkout, where it is."""
    file = SEEDS / policy.source["file"]
    if not file.exists():
        pytest.skip(f"{policy.source['file']} is not beside this checkout")
    return file


# ---- the text


@every_document
def test_texts_are_those_that_were_checked(policy):
    told = "\n".join(f"{clause.number}\t{clause.text}" for clause in policy.clauses.values())
    assert hashlib.sha256(told.encode()).hexdigest() == TEXTS[policy.id]


@every_document
def test_clauses_stand_verbatim_in_the_document(policy):
    text = seed(policy).read_text(encoding="utf-8")
    for clause in policy.clauses.values():
        first, *others = clause.text.splitlines()
        opening = f"\n{clause.number}.{first}" if clause.number.isdigit() else f"\n{first}"
        assert opening in text, clause.number
        for line in others:
            assert line in text, f"{clause.number}: {line}"
    assert [c for c in policy.clauses if c.isdigit()] == re.findall(r"^(\d+)\.", text, re.MULTILINE)
    assert policy.number in text
    assert policy.title in "".join(text.split())
    assert f"{policy.issued.year}年{policy.issued.month}月{policy.issued.day}日" in text


@every_document
def test_the_source_is_the_one_that_was_read(policy):
    assert hashlib.sha256(seed(policy).read_bytes()).hexdigest() == policy.source["sha256"]


@every_document
def test_every_clause_is_there_or_named_absent(policy):
    present, absent = NUMBERS[policy.id]
    assert list(policy.clauses) == present
    assert policy.absent == absent


@pytest.mark.parametrize("number", ["21", "22", "27", 21, "第27条"])
def test_an_absent_clause_says_so(number):
    told = formulas.POLICY_CLAUSE(number, policy="双碾乡")
    assert "没有第" in told and "编号不连续" in told


@pytest.mark.parametrize("number", ["31", "0", 99])
def test_a_clause_that_never_was(number):
    assert formulas.POLICY_CLAUSE(number, policy="双碾乡") == f"双发〔2022〕67号没有第{number}条"


@every_document
def test_quotes_stand_in_their_clause(policy):
    for entry in entries(policy):
        assert entry.quotes, entry.name
        for quote in entry.quotes:
            assert quote in policy.clauses[entry.clause].text, entry.name
    force = tomllib.loads(policy.file.read_text(encoding="utf-8"))["in_force"]
    assert force["quote"] in policy.clauses[force["clause"]].text


@every_document
def test_every_clause_is_computed_or_registered(policy):
    used = {entry.clause for entry in entries(policy)}
    for clause in policy.clauses.values():
        if clause.use == "计算":
            assert clause.number in used, f"{clause.number} is said to be computed"
        else:
            assert clause.register and clause.number not in used, clause.number


# ---- the numbers


def numbers(value):
    """Every number of a parameter."""
    if isinstance(value, Table):
        return list(value.entries.values())
    if isinstance(value, Steps):
        return [number for step in value.steps for number in step]
    return [value] if isinstance(value, (int, Fraction)) else []


def decimal(value) -> str:
    text = f"{float(value):.6f}".rstrip("0").rstrip(".")
    assert Fraction(text) == value
    return text


def written(value) -> list[str]:
    """How a document may write a number."""
    forms = [decimal(value), f"{decimal(value * 100)}%", f"{decimal(value * 10)}成"]
    if value >= 10000:
        forms.append(f"{decimal(Fraction(value) / 10000)}万")
    return forms + {6: ["半年"], 12: ["一年"]}.get(value, [])


def stands(form: str, quote: str) -> bool:
    """Is the form there, and not as a part of a longer number or of a number with a larger unit?"""
    end = "" if form[-1] in "%万成年" else r"(?![\d.]*\d|%|万|成)"
    return re.search(rf"(?<![\d.]){re.escape(form)}{end}", quote) is not None


@every_document
def test_every_number_stands_in_a_quote(policy):
    exceptions = set()
    for entry in (*policy.measures.values(), *policy.indicators.values()):
        for version in entry.versions:
            for key, value in version.values.items():
                for number in numbers(value):
                    if (entry.name, key, number) in WITHOUT_FIGURE:
                        exceptions.add((entry.name, key, number))
                        continue
                    forms = written(number)
                    assert any(stands(form, quote) for form in forms for quote in entry.quotes), (
                        entry.name,
                        key,
                        forms,
                    )
    unused = {key for key in set(WITHOUT_FIGURE) - exceptions if key[0] in (e.name for e in entries(policy))}
    assert not unused, "these exceptions are not needed"


@every_document
def test_ratios_stand_as_such(policy):
    for entry in policy.measures.values():
        for version in entry.versions:
            if "weights" in version.values:
                ratio = ":".join(map(decimal, version.values["weights"].entries.values()))
                assert any(ratio in quote for quote in entry.quotes), (entry.name, ratio)


@every_document
def test_dates_stand_in_a_quote(policy):
    for name, deadline in policy.deadlines.items():
        for version in deadline.versions:
            by = version.values["by"]
            forms = [f"{by.year}年{by.month}月{by.day}日"]
            if (by.month, by.day) == (12, 31):
                forms += [f"{by.year}年年底", f"{by.year}年底"]
            assert any(form in quote for form in forms for quote in deadline.quotes), name
    assert f"{policy.until.year}年{policy.until.month}月{policy.until.day}日" in policy.in_force_quote
    if "自印发之日起" in policy.in_force_quote:
        assert policy.start == policy.issued


@every_document
def test_values_stand_from_the_first_day(policy):
    for entry in entries(policy):
        assert all(version.start == policy.start for version in entry.versions[:1]), entry.name


def test_how_numbers_are_written():
    assert stands("1500", "提高到1500元") and not stands("500", "提高到1500元") and not stands("150", "提高到1500元")
    assert stands("55%", "不低于55%") and not stands("55", "不低于55%") and not stands("5%", "不低于55%")
    assert stands("3万", "补助3万元") and not stands("3", "补助3万元")
    assert stands("15.6", "补贴15.6元") and not stands("15", "补贴15.6元") and not stands("6", "补贴15.6元")
    assert stands("1.3", "低保标准的1.3倍") and stands("5", "按5:3:2比例")
    assert "半年" in written(6) and "一年" in written(12) and "55%" in written(Fraction(55, 100))


# ---- rules.py


def rules_tree(policy: Policy) -> ast.Module:
    return ast.parse((policy.folder / "rules.py").read_text(encoding="utf-8"))


@every_document
def test_no_number_of_a_document_stands_in_code(policy):
    for node in ast.walk(rules_tree(policy)):
        if isinstance(node, ast.Constant) and isinstance(node.value, (int, float)) and not isinstance(node.value, bool):
            assert node.value in (0, 1), f"rules.py:{node.lineno}: {node.value}"


@every_document
def test_no_number_of_a_document_stands_in_a_reason(policy):
    tree = rules_tree(policy)
    docstrings = {
        ast.get_docstring(n, clean=False) for n in ast.walk(tree) if isinstance(n, (ast.Module, ast.FunctionDef))
    }
    found = [
        f"rules.py:{node.lineno}: {node.value}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value not in docstrings
        if re.search(r"[1-9]|半年|[一二三四五六七八九十]年|[一二三四五六七八九十]个月", node.value)
    ]
    assert not found, "\n".join(found)


# ---- binding


def choices(policy: Policy, measure):
    """Every combination of the 口径 that a measure may depend on."""
    readings = (*policy.readings, *measure.readings)
    for combination in itertools.product(*(reading.alternatives for reading in readings)):
        yield dict(zip((reading.name for reading in readings), combination, strict=True))


def bodies(policy: Policy, name: str):
    """(measure with its body, signature) of a measure, or of every function that an indicator serves."""
    if name in policy.measures:
        yield policy.measures[name], find(name)
        return
    measure = policy.indicators[name]
    of_base = " of base" if measure.base else ""
    yield replace(measure, name="INDICATOR_OK", body=f"INDICATOR_OK{of_base}"), find("INDICATOR_OK")
    for side, key in SIDES.items():
        if all(key in version.values for version in measure.versions):
            yield (
                replace(measure, name="INDICATOR_LINE", body=f"INDICATOR_LINE {side}{of_base}"),
                find("INDICATOR_LINE"),
            )


every_entry = pytest.mark.parametrize(
    ("policy", "name"),
    [pytest.param(p, name, id=f"{p.id}-{name}") for p in POLICIES.values() for name in (*p.measures, *p.indicators)],
)


@every_entry
def test_every_measure_binds_under_every_choice(policy, name):
    used, asked = set(), {}
    for measure, signature in bodies(policy, name):
        for switched in choices(policy, measure):
            for day in (None, *(version.start for version in measure.versions)):
                binding = bind(policy, measure, signature.by_name, day, switched, signature.nature)
                assert set(binding.arguments) <= set(signature.by_name)
                assert callable(binding.core)
                assert all(binding.readings[n] == switched[n] for n in binding.readings)
                used |= binding.parameters.used
                for reading, choice in binding.readings.items():
                    asked.setdefault(reading, set()).add(choice)
    entry = policy.measures.get(name) or policy.indicators[name]
    own = {key for version in entry.versions for key in version.values}
    assert own <= used, f"never used: {own - used}"
    for reading in entry.readings:
        assert asked[reading.name] == set(reading.alternatives), f"{reading.name} is not asked for"
    assert set(entry.labels) <= own, "a label without its parameter"


@every_document
def test_every_common_value_and_reading_is_used(policy):
    used, asked = set(), set()
    for name in (*policy.measures, *policy.indicators):
        for measure, signature in bodies(policy, name):
            for switched in choices(policy, measure):
                binding = bind(policy, measure, signature.by_name, None, switched)
                used |= binding.parameters.used
                asked |= set(binding.readings)
    common = {key for version in policy.common.versions for key in version.values}
    assert common <= used, f"never used: {common - used}"
    assert {reading.name for reading in policy.readings} <= asked


@every_document
def test_every_body_of_a_document_belongs_to_a_measure(policy):
    assert set(policy.bodies) == {m.body or m.name for m in policy.measures.values()} & set(policy.bodies)
    for name, body in policy.bodies.items():
        taken = body.__code__.co_varnames[1 : body.__code__.co_argcount]
        assert set(taken) <= set(find(name).by_name), name


@every_document
def test_words_are_options_of_their_argument(policy):
    """A word that no option spells would silently never be met."""
    for name, measure in policy.measures.items():
        options = {word for argument in find(name).arguments for word in argument.options}
        for version in (*measure.versions, *policy.common.versions):
            for key, value in version.values.items():
                words = value if isinstance(value, tuple) else value.entries if isinstance(value, Table) else ()
                if version in measure.versions:
                    assert set(words) <= options, (name, key)
    known = {word for signature in map(find, policy.measures) for a in signature.arguments for word in a.options}
    for version in policy.common.versions:
        for key, value in version.values.items():
            assert set(value) <= known, key


# ---- a broken document

BROKEN = """
id = "other"
short_name = "某县"
number = 67
title = "某县若干措施"
colour = "red"

[in_force]
from = 2023-01-01
until = 2022-12-31
quote = "自2023年起"

[[reading]]
name = "弱劳动力"
default = "也许"
alternatives = ["计入", "不计入"]
because = "两读"

[clauses.1]
title = "补贴"
use = "朗读"
text = "每人补贴100元。"
[clauses.2]
title = "宣传"
use = "登记"
text = "加大宣传。"

[GRANT]
clause = "1"
quote = "每人补贴200元"
kind = "大概"
nature = "粮食"
amount = 100
[[GRANT.values]]
from = 2024-01-01
amount = true
steps = [[50, 1], [30, 2]]
words = []
table = { "甲" = "多" }
[[GRANT.values]]
from = 2023-01-01
amount = "100元"
[[GRANT.values]]
amount = 1

[OTHER]
quote = ["加大宣传"]
clause = "9"
kind = "定额"

[indicators."占比"]
clause = "1"
quote = "每人补贴100元"
share = "yes"
values = [{ from = 2023-01-01, low = 0.5 }]
"""

MISTAKES = [
    ("id", "must be the folder's name, broken"),
    ("number", "expected str, found 67"),
    ("issued", "is required"),
    ("colour", "unknown key"),
    ("in_force.until", "is before in_force.from (2023-01-01)"),
    ("reading.弱劳动力", "the default '也许' is not among"),
    ("clauses.1.use", "expected one of 计算, 登记, found '朗读'"),
    ("clauses.2.register", "says what it is used for"),
    ("GRANT.quote", "does not stand in clause 1"),
    ("GRANT.kind", "expected one of 定额"),
    ("GRANT.nature", "expected one of 现金"),
    ("GRANT.amount", "unknown key"),
    ("GRANT.values", "in order of `from`"),
    ("GRANT.values.from", "is required"),
    ("GRANT.values.amount", "a yes or no belongs to a reading"),
    ("GRANT.values.amount", "expected a number, a table, steps, words or a date, found '100元'"),
    ("GRANT.values.steps", "must ascend"),
    ("GRANT.values.words", "expected a number, a table, steps, words or a date"),
    ("GRANT.values.table", "a table holds numbers only"),
    ("OTHER.clause", "clause 9 is not among the clauses"),
    ("indicators.占比.share", "expected bool, found 'yes'"),
]


@pytest.fixture
def load(tmp_path):
    def loaded(text: str) -> Policy:
        folder = tmp_path / "broken"
        folder.mkdir(exist_ok=True)
        (folder / "policy.toml").write_text(text, encoding="utf-8")
        return Policy(folder)

    return loaded


def test_every_mistake_is_reported_at_once(load):
    with pytest.raises(PolicyError) as caught:
        load(BROKEN)
    found = caught.value.mistakes
    for key, expectation in MISTAKES:
        assert any(m.startswith(f"broken/policy.toml: {key}: ") and expectation in m for m in found), (key, expectation)
    assert len(found) == len(MISTAKES), "\n".join(found)
    assert str(caught.value) == "\n".join(found)


def test_a_file_that_is_not_toml(load):
    with pytest.raises(PolicyError, match=r"policy\.toml: not TOML.*line 1"):
        load("id = 双碾乡")


GOOD = """
id = "broken"
short_name = "某县"
number = "某发〔2023〕1号"
title = "某县若干措施"
issued = 2023-01-01
in_force = { from = 2023-01-01 }
[clauses.1]
title = "补贴"
use = "计算"
text = "每人补贴100元。"
[GRANT]
clause = "1"
quote = "每人补贴100元"
kind = "定额"
values = [{ from = 2023-01-01, amount = 100 }]
"""


def test_a_document_without_mistakes(load):
    policy = load(GOOD)
    assert policy.measures["GRANT"].versions[0].values == {"amount": 100}
    assert policy.until is None


# most of these fail: the loader itself breaks (AttributeError, TypeError, ValueError) or does not notice the mistake
@pytest.mark.parametrize(
    ("good", "bad", "key"),
    [
        ("values = [{ from = 2023-01-01, amount = 100 }]", "values = [100]", "GRANT.values"),
        ('[GRANT]\nclause = "1"', 'GRANT = 100\n[OTHER]\nclause = "1"', "GRANT"),
        ('[clauses.1]\ntitle = "补贴"', '[clauses]\n2 = "补贴"\n[clauses.1]\ntitle = "补贴"', "clauses.2"),
        ('quote = "每人补贴100元"', 'quote = ["每人补贴100元", 100]', "GRANT.quote"),
        ("issued = 2023-01-01", 'issued = 2023-01-01\nreading = ["弱劳动力"]', "reading"),
        ("in_force = { from = 2023-01-01 }", "in_force = 2023-01-01", "in_force"),
        ("amount = 100 }", 'amount = [["a", 1]] }', "GRANT.values.amount"),
        ("amount = 100 }", "amount = nan }", "GRANT.values.amount"),
        ("amount = 100 }", "amount = inf }", "GRANT.values.amount"),
        ("amount = 100 }", "amount = { } }", "GRANT.values.amount"),
        ("{ from = 2023-01-01 }", '{ from = 2023-01-01, clause = "9", quote = "每人" }', "in_force.clause"),
        ("{ from = 2023-01-01 }", '{ from = 2023-01-01, clause = "1", quote = "自2023年" }', "in_force.quote"),
    ],
)
def test_a_mistake_of_shape_is_a_mistake_like_others(load, good, bad, key):
    assert good in GOOD
    text = GOOD.replace(good, bad)
    if bad.startswith("GRANT = "):  # a plain key must stand before the tables
        text = "GRANT = 100\n" + GOOD.replace("[GRANT]", "[OTHER]")
    with pytest.raises(PolicyError, match=re.escape(f"broken/policy.toml: {key}")):
        load(text)
