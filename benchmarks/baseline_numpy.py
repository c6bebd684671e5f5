"""The six benchmark rules in NumPy, written twice; neither gives reasons.

PLAIN holds what a competent user would write: whole columns, np.where and
np.select. TUNED is as fast as NumPy was made to go here: it walks the columns
in blocks that stay in the cache, calculates in place in bytes wherever the
values fit, and can fill a result array that the caller supplies.

    plain_rule(*columns) -> array
    tuned_rule(*columns, out=None) -> array

The columns come in the order of inputs.ARGUMENTS[rule].
"""

import statistics
import time

import numpy as np
from inputs import ARGUMENTS, RESULT_DTYPES, RULES, TIERS, inputs

OUT_OF_PROVINCE, OUT_OF_REGION, INSIDE_REGION = 1, 2, 3
GENERAL_HOUSEHOLD = 8
LOW, MIDDLE, HIGH, NOT_APPLICABLE = (
    TIERS.index(word) for word in ("低收入", "中等收入", "高收入", "不适用")
)


# Plain version


def _eligible(household_type, is_labor, claimed):
    """A household of types 1 to 7, a person able to work, not yet paid."""
    return (
        (household_type >= 1)
        & (household_type <= 7)
        & ((is_labor == 2) | (is_labor == 3))
        & (claimed == 0)
    )


def travel_subsidy(household_type, is_labor, destination, claimed_this_year):
    """Once a year: 1500 yuan across provinces, 600 out of the region."""
    eligible = _eligible(household_type, is_labor, claimed_this_year)
    amount = np.select(
        [destination == OUT_OF_PROVINCE, destination == OUT_OF_REGION], [1500, 600], 0
    )
    return np.where(eligible, amount, 0).astype(np.int32)


def stable_job_bonus(
    household_type, is_labor, continuous_months, monthly_wage, already_claimed,
    destination,
):
    """1200 yuan after six months at 1000 yuan or more, not inside the region."""
    paid = (
        _eligible(household_type, is_labor, already_claimed)
        & (continuous_months >= 6)
        & (monthly_wage >= 1000)
        # A blank destination does not say "inside the region", so it counts.
        & (destination != INSIDE_REGION)
    )
    return np.where(paid, 1200, 0).astype(np.int32)


def training_subsidy(mode, days, employment_rate):
    """Training paid by the day, up to 4000 or 1000 yuan by mode."""
    by_order = np.minimum(
        4000, 150 * np.minimum(days, 10) + 100 * np.maximum(0, days - 10)
    )
    general = np.minimum(1000, 150 * days)
    return np.select(
        [
            ((mode == 1) | (mode == 2)) & (employment_rate >= 80),
            (mode >= 3) & (mode <= 5),
        ],
        [by_order, general],
        0,
    ).astype(np.int32)


def tier(per_capita_income, household_type):
    """Income tier as a code into inputs.TIERS."""
    return np.select(
        [
            household_type == GENERAL_HOUSEHOLD,
            per_capita_income < 11000,
            per_capita_income < 15000,
        ],
        [NOT_APPLICABLE, LOW, MIDDLE],
        HIGH,
    ).astype(np.uint8)


def elder(in_scope, age, disability_level, monthly_payment, months):
    """30% of the payment, of which at most 300 yuan a month counts, in fen."""
    severe = (disability_level == 2) | (disability_level == 3)
    eligible = (in_scope == 1) & ((age >= 60) | ((age >= 55) & severe))
    # Whole numbers only, so that half a fen is exact before it is rounded up.
    amount = (np.minimum(monthly_payment, 30000) * months * 30 + 50) // 100
    return np.where(eligible, amount, 0).astype(np.int32)


def employment_base_award(persons, recognized, took_absorb):
    """50000, 100000 or 250000 yuan by persons employed."""
    amount = np.select(
        [persons >= 100, persons >= 50, persons >= 30], [250000, 100000, 50000], 0
    )
    eligible = (recognized == 1) & (took_absorb == 0)
    return np.where(eligible, amount, 0).astype(np.int32)


PLAIN = {
    "TRAVEL_SUBSIDY": travel_subsidy,
    "STABLE_JOB_BONUS": stable_job_bonus,
    "TRAINING_SUBSIDY": training_subsidy,
    "TIER": tier,
    "ELDER": elder,
    "EMPLOYMENT_BASE_AWARD": employment_base_award,
}


# Tuned version
#
# uint8 wraps around below zero, so `code - first < count` tests a run of codes
# with one comparison, and a blank (0) falls out of the run by itself.

# Three byte scratches and one of int32 of this length fill about 0.9 MB: a large
# enough block to make the cost of each NumPy call small, still within a usual
# second-level cache.
BLOCK = 131072

# np.minimum of a column and a single number is several times slower than that
# of two arrays, so the limits are kept as arrays of one block.
_LIMITS = {
    (limit, dtype): np.full(BLOCK, limit, dtype)
    for limit, dtype in [
        (10, "uint8"), (20, "uint8"), (80, "uint8"), (60, "int32"), (30000, "int32"),
    ]
}


def _at_most(limit, values, out):
    limits = _LIMITS[limit, values.dtype.name]
    np.minimum(values, limits[: len(values)], out=out)


def _in_blocks(dtype, fill):
    """Make fill(out, columns, three byte scratches, int32 scratch) walk columns."""

    def rule(*columns, out=None):
        n = len(columns[0])
        if out is None:
            out = np.empty(n, dtype)
        width = min(BLOCK, n)
        scratch = np.empty((3, width), np.uint8)
        wide = np.empty(width, np.int32)
        for start in range(0, n, BLOCK):
            stop = min(start + BLOCK, n)
            fill(
                out[start:stop],
                [column[start:stop] for column in columns],
                *scratch[:, : stop - start],
                wide[: stop - start],
            )
        return out

    rule.__name__ = fill.__name__ + "_tuned"
    rule.__doc__ = fill.__doc__
    return rule


def _set(values, out, unit):
    """Write values * unit; converting first is faster than a mixed product."""
    np.copyto(out, values)
    np.multiply(out, unit, out=out)


def _mark_eligible(household_type, is_labor, claimed, mark, spare):
    np.subtract(household_type, 1, out=mark)
    np.less(mark, 7, out=mark.view(bool))
    np.greater_equal(is_labor, 2, out=spare.view(bool))
    np.bitwise_and(mark, spare, out=mark)
    np.greater(mark, claimed, out=mark.view(bool))


def _travel_subsidy(out, columns, eligible, units, spare, _):
    household_type, is_labor, destination, claimed_this_year = columns
    _mark_eligible(household_type, is_labor, claimed_this_year, eligible, spare)
    # In hundreds of yuan both amounts fit in a byte.
    np.equal(destination, OUT_OF_PROVINCE, out=units.view(bool))
    np.multiply(units, 15, out=units)
    np.equal(destination, OUT_OF_REGION, out=spare.view(bool))
    np.multiply(spare, 6, out=spare)
    np.bitwise_or(units, spare, out=units)
    np.multiply(units, eligible, out=units)
    _set(units, out, 100)


def _stable_job_bonus(out, columns, paid, spare, *_):
    (household_type, is_labor, continuous_months, monthly_wage, already_claimed,
     destination) = columns
    _mark_eligible(household_type, is_labor, already_claimed, paid, spare)
    np.greater_equal(continuous_months, 6, out=spare.view(bool))
    np.bitwise_and(paid, spare, out=paid)
    np.greater_equal(monthly_wage, 1000, out=spare.view(bool))
    np.bitwise_and(paid, spare, out=paid)
    np.not_equal(destination, INSIDE_REGION, out=spare.view(bool))
    np.bitwise_and(paid, spare, out=paid)
    _set(paid, out, 1200)


def _training_subsidy(out, columns, units, general, spare, _):
    mode, days, employment_rate = columns
    # No day after the 60th changes either amount, and 60 days in units of
    # 50 yuan fit in a byte: 150 * min(d, 10) + 100 * max(0, d - 10) is
    # (2 * d + min(d, 10)) * 50.
    _at_most(60, days, out)
    np.copyto(spare, out, casting="unsafe")
    np.multiply(spare, 3, out=general)
    _at_most(20, general, general)
    _at_most(10, spare, units)
    np.add(units, spare, out=units)
    np.add(units, spare, out=units)
    _at_most(80, units, units)
    np.greater_equal(employment_rate, 80, out=spare.view(bool))
    np.multiply(units, spare, out=units)
    np.subtract(mode, 1, out=spare)
    np.less(spare, 2, out=spare.view(bool))
    np.multiply(units, spare, out=units)
    np.subtract(mode, 3, out=spare)
    np.less(spare, 3, out=spare.view(bool))
    np.multiply(general, spare, out=general)
    np.bitwise_or(units, general, out=units)
    _set(units, out, 50)


def _tier(out, columns, spare, *_):
    per_capita_income, household_type = columns
    # The codes LOW, MIDDLE and HIGH are 1, 2 and 3, NOT_APPLICABLE is 4: the
    # thresholds passed count up the first three, and 4 overrides as the largest.
    np.greater_equal(per_capita_income, 11000, out=out.view(bool))
    np.greater_equal(per_capita_income, 15000, out=spare.view(bool))
    np.add(out, spare, out=out)
    np.add(out, LOW, out=out)
    np.equal(household_type, GENERAL_HOUSEHOLD, out=spare.view(bool))
    np.multiply(spare, NOT_APPLICABLE, out=spare)
    np.maximum(out, spare, out=out)


def _elder(out, columns, eligible, spare, _, capped):
    in_scope, age, disability_level, monthly_payment, months = columns
    np.subtract(disability_level, 2, out=eligible)
    np.less(eligible, 2, out=eligible.view(bool))
    np.greater_equal(age, 55, out=spare.view(bool))
    np.bitwise_and(eligible, spare, out=eligible)
    np.greater_equal(age, 60, out=spare.view(bool))
    np.bitwise_or(eligible, spare, out=eligible)
    np.bitwise_and(eligible, in_scope, out=eligible)
    # (p * m * 30 + 50) // 100 is (p * m * 3 + 5) // 10, and a result of zero
    # needs no second pass if the factor 3 is 0 for the rows not eligible.
    np.multiply(eligible, 3, out=eligible)
    np.copyto(out, eligible)
    np.multiply(out, months, out=out)
    _at_most(30000, monthly_payment, capped)
    np.multiply(out, capped, out=out)
    np.add(out, 5, out=out)
    # Nothing here is negative, and unsigned division skips the sign's repair.
    np.floor_divide(out.view(np.uint32), 10, out=out.view(np.uint32))


def _employment_base_award(out, columns, units, spare, *_):
    persons, recognized, took_absorb = columns
    # In units of 50000 yuan the award rises by 1, 1 and 3.
    np.greater_equal(persons, 100, out=units.view(bool))
    np.multiply(units, 3, out=units)
    for threshold in (50, 30):
        np.greater_equal(persons, threshold, out=spare.view(bool))
        np.add(units, spare, out=units)
    np.greater(recognized, took_absorb, out=spare.view(bool))
    np.multiply(units, spare, out=units)
    _set(units, out, 50000)


TUNED = {
    rule: _in_blocks(RESULT_DTYPES[rule], fill)
    for rule, fill in {
        "TRAVEL_SUBSIDY": _travel_subsidy,
        "STABLE_JOB_BONUS": _stable_job_bonus,
        "TRAINING_SUBSIDY": _training_subsidy,
        "TIER": _tier,
        "ELDER": _elder,
        "EMPLOYMENT_BASE_AWARD": _employment_base_award,
    }.items()
}


# For a runner


def calculate_plain(columns, rule):
    """Result of `rule` by the plain version, for a dict of columns."""
    return PLAIN[rule](*(columns[name] for name in ARGUMENTS[rule]))


def calculate_tuned(columns, rule, out=None):
    """Result of `rule` by the tuned version, written to `out` where given."""
    return TUNED[rule](*(columns[name] for name in ARGUMENTS[rule]), out=out)


def check_same(rule, **results):
    """Raise AssertionError unless all the named results are alike in every row."""
    # Plain arrays, because an EnumArray of openfisca compares and prints its own way.
    (first_name, first), *others = (
        (name, np.asarray(result)) for name, result in results.items()
    )
    for name, other in others:
        if len(first) != len(other):
            raise AssertionError(
                f"{rule}: {first_name} has {len(first)} rows, {name} {len(other)}"
            )
        differs = np.flatnonzero(first != other)
        if len(differs):
            row = differs[0]
            raise AssertionError(
                f"{rule}: {first_name} and {name} differ in {len(differs)} rows, "
                f"first in row {row}: {first[row]} and {other[row]}"
            )


def check_plain_and_tuned(columns):
    """Raise AssertionError unless both versions agree in every row."""
    for rule in RULES:
        check_same(
            rule,
            plain=calculate_plain(columns, rule),
            tuned=calculate_tuned(columns, rule),
        )


def cpu_milliseconds(call, prepare=lambda: None, repeats=7):
    """CPU time of call() as (best, median); prepare() runs untimed before each.

    Set OMP_NUM_THREADS=1 before Python starts: CPU time adds all threads up.
    With glibc set MALLOC_MMAP_THRESHOLD_=1073741824 and
    MALLOC_TRIM_THRESHOLD_=4294967296 as well: otherwise what ran before decides
    whether large temporaries are fetched from the kernel anew in every run,
    which can nearly double the time of a baseline.
    """
    times = []
    for repeat in range(repeats + 1):
        prepare()
        start = time.process_time()
        result = call()
        elapsed = time.process_time() - start
        del result
        if repeat:  # the first run only warms caches up
            times.append(elapsed * 1000)
    return min(times), statistics.median(times)


def main():
    """Check the two versions against each other and print their times."""
    columns = inputs()
    check_plain_and_tuned(columns)
    print(f"{'CPU ms, best / median of 7':<28}{'plain':>17}{'tuned':>17}")
    for rule in RULES:
        out = np.empty(len(columns["age"]), RESULT_DTYPES[rule])
        plain = cpu_milliseconds(lambda: calculate_plain(columns, rule))
        tuned = cpu_milliseconds(lambda: calculate_tuned(columns, rule, out))
        print(f"{rule:<28}" + "".join(f"{b:>8.2f} /{m:>7.2f}" for b, m in (plain, tuned)))


if __name__ == "__main__":
    main()
