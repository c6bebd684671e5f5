"""The column reading against the cell reading, on coded inputs and in the ranges where it changes its ways."""
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, strategies as st

from xl_poverty.formulas.documents import document
from xl_poverty.formulas.office import current
from xl_poverty.formulas.signatures import signatures
from xl_poverty.rules.binding import TROUBLE, bind
from xl_poverty.rules.column import BLOCK, NotInColumns, Numbers, run_column
from xl_poverty.rules.expressions import exact

POLICY = document("双碾乡", current())
NAMES = [name for name in POLICY.measures if not any(a.kind == "numbers" for a in signatures()[name].arguments)]


def binding(name):
    signature = signatures()[name]
    return bind(POLICY, POLICY.measures[name], signature.by_name, nature=signature.nature)


def columns(bound, rng, rows, scale, most):
    made = {}
    for name, argument in bound.arguments.items():
        if argument.finite:
            made[name] = rng.integers(0, argument.size, rows).astype(np.uint8)
        else:
            low = -most if argument.signed else 0
            step = 10**scale if argument.whole else 1
            high = int(argument.high * 10**scale) if argument.high else most
            blank = rng.random(rows) < 0.2 if argument.optional and rng.random() < 0.5 else None
            made[name] = Numbers(rng.integers(low // step, high // step + 1, rows) * step, scale, blank)
    return made


def cell(bound, made, row):
    coded = {}
    for name, column in made.items():
        if isinstance(column, Numbers):
            blank = column.blank is not None and column.blank[row]
            coded[name] = None if blank else exact(Fraction(int(column.values[row]), 10**column.scale))
        else:
            coded[name] = int(column[row])
    # a blank word or number that the function requires never reaches the core
    for name, argument in bound.arguments.items():
        if not argument.optional and coded[name] in ((0,) if argument.finite else (None,)):
            return None
    return bound.core(**coded)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("scale", "most"), [(0, 40), (0, 3000), (2, 400_000), (4, 10**11)])
def test_columns_are_cells(name, scale, most):
    bound = binding(name)
    rng = np.random.default_rng([scale, most % 2**31])
    made = columns(bound, rng, 700, scale, most)
    try:
        results = run_column(bound, made)
    except NotInColumns:  # then the cell reading serves row by row
        assert most == 10**11
        return
    words = bound.words
    for row in range(700):
        expected = cell(bound, made, row)
        if expected is None:
            continue
        value, reason = expected
        assert results.reasons[row] == reason
        if reason != TROUBLE:
            found = results.values[row].item()
            if bound.outcome.ending == "value":
                value = float(value)  # the nearest float of the exact number
            assert (words[found] if bound.outcome.ending == "choose" else found) == value


def test_a_table_over_small_ranges_says_the_same_as_reckoning():
    bound = binding("TRAINING_SUBSIDY")
    rng = np.random.default_rng(7)
    made = columns(bound, rng, 3 * BLOCK + 5, 0, 40)
    made["employment_rate"] = Numbers(rng.integers(0, 101, 3 * BLOCK + 5), 2)
    many = run_column(bound, made)
    assert bound.tabulated
    few = {n: Numbers(c.values[:50], c.scale) if isinstance(c, Numbers) else c[:50] for n, c in made.items()}
    reckoned = run_column(bound, few)
    assert (many.values[:50] == reckoned.values).all() and (many.reasons[:50] == reckoned.reasons).all()


def test_a_second_run_of_the_same_shape_reads_its_own_rows():
    for name in ("STABLE_JOB_BONUS", "POVERTY_INSURANCE_GAP", "SHOP_RENT_SUBSIDY"):
        bound = binding(name)
        for seed in (1, 2):
            made = columns(bound, np.random.default_rng(5), 200, 2, 400_000)
            order = np.random.default_rng(seed).permutation(200)  # the same ranges, other rows
            made = {n: Numbers(c.values[order], c.scale, None if c.blank is None else c.blank[order])
                    if isinstance(c, Numbers) else c[order] for n, c in made.items()}  # fmt: skip
            results = run_column(bound, made)
            for row in range(200):
                expected = cell(bound, made, row)
                if expected and expected[1] != TROUBLE:
                    assert (results.values[row], results.reasons[row]) == expected
        assert len(bound.plans) == 1


def test_blocks_join():
    bound = binding("STABLE_JOB_BONUS")
    made = columns(bound, np.random.default_rng(3), BLOCK + 3, 0, 2000)
    whole = run_column(bound, made)
    tail = {n: Numbers(c.values[-4:], c.scale, None if c.blank is None else c.blank[-4:])
            if isinstance(c, Numbers) else c[-4:] for n, c in made.items()}  # fmt: skip
    assert (run_column(bound, tail).reasons == whole.reasons[-4:]).all()


def test_no_rows():
    bound = binding("STABLE_JOB_BONUS")
    results = run_column(bound, columns(bound, np.random.default_rng(3), 0, 0, 2000))
    assert len(results.values) == len(results.reasons) == 0


def test_wrong_codes_and_lengths_are_refused():
    bound = binding("DISABLED_STUDENT_AID")
    good = columns(bound, np.random.default_rng(3), 5, 0, 2000)
    with pytest.raises(ValueError, match="code outside"):
        run_column(bound, good | {"enrolled": np.full(5, 9, np.uint8)})
    with pytest.raises(ValueError, match="lengths"):
        run_column(bound, good | {"enrolled": np.zeros(4, np.uint8)})
    with pytest.raises(TypeError, match="uint8"):
        run_column(bound, good | {"enrolled": np.zeros(5, np.int64)})


@given(st.lists(st.integers(0, 2**40), min_size=1, max_size=20), st.integers(0, 2**20))
def test_large_numbers_are_exact_or_refused(amounts, persons):
    bound = binding("POVERTY_INSURANCE_GAP")
    count = len(amounts)
    made = {
        "household_type": np.full(count, 1, np.uint8), "risk_status": np.zeros(count, np.uint8),
        "per_capita_income": Numbers(np.zeros(count, np.int64), 4), "guideline": Numbers(np.array(amounts), 4),
        "persons": Numbers(np.full(count, persons)),
    }  # fmt: skip
    try:
        results = run_column(bound, made)
    except NotInColumns:
        return
    for row in range(count):
        assert (results.values[row], results.reasons[row]) == cell(bound, made, row)
