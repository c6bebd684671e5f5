"""Six rules over a million persons: our column reading, reasons included, beside OpenFisca and plain NumPy.

All sides get inputs that are coded already, run in one thread, and are timed in CPU time in turn, so that a drift of
the machine meets them alike. The results are checked against each other row by row before anything is timed.

    OMP_NUM_THREADS=1 python benchmarks/column_rules.py [rows]

glibc users set MALLOC_MMAP_THRESHOLD_=1073741824 MALLOC_TRIM_THRESHOLD_=4294967296 as well, see baseline_numpy.
"""
import statistics
import sys
import time
from pathlib import Path

import baseline_numpy
import inputs as made_up
import numpy as np

from xl_poverty.formulas.signatures import signatures
from xl_poverty.rules.binding import bind
from xl_poverty.rules.column import Numbers
from xl_poverty.rules.parameters import Policy

POLICIES = Path(__file__).resolve().parent.parent / "xl_poverty" / "policies"
DOCUMENTS = Path(__file__).with_name("documents")
FUNCTIONS = {"ELDER": "ELDER_SUBSIDY"}
NAMES = {"recognized": "recognized_base", "took_absorb": "took_absorb_subsidy"}
SCALES = {"employment_rate": 2, "monthly_payment": 2}  # given in percent and in fen
TIER_CODES = {"不适用": 4, "低收入": 1, "中等收入": 2, "高收入": 3}


def our_columns(columns: dict, rule: str):
    """(binding, columns in the binding's codes) for one rule."""
    policy = Policy(DOCUMENTS / "benchmark_2024" if rule in ("TIER", "ELDER") else POLICIES / "shuangnian_2022")
    name = FUNCTIONS.get(rule, rule)
    signature = signatures()[name]
    binding = bind(policy, policy.measures[name], signature.by_name, nature=signature.nature)
    rows = len(next(iter(columns.values())))
    given = {NAMES.get(column, column): columns[column] for column in made_up.ARGUMENTS[rule]}
    ours = {}
    for name, argument in binding.arguments.items():
        if name not in given:  # an optional argument that the benchmark leaves out
            ours[name] = np.zeros(rows, np.uint8) if argument.finite else Numbers(np.zeros(rows, np.int32))
        elif argument.kind == "flag":
            ours[name] = given[name] + np.uint8(1)
        elif argument.finite:
            ours[name] = given[name]
        else:
            ours[name] = Numbers(given[name], SCALES.get(name, 0))
    return binding, ours


def comparable(rule: str, binding, results) -> np.ndarray:
    """Our results in the units of the baselines."""
    if rule == "TIER":
        return np.array([TIER_CODES[word] for word in binding.words], np.int32)[results.values]
    return results.values if rule == "ELDER" else results.values // 100


def main(rows: int = 1_000_000, repeats: int = 9):
    columns = made_up.inputs(rows)
    try:
        import baseline_openfisca
    except ImportError:
        baseline_openfisca = None
        print("openfisca-core is not installed: pip install -r benchmarks/requirements.txt")
    simulation = baseline_openfisca and baseline_openfisca.build(columns)
    totals = dict.fromkeys(("ours", "openfisca", "plain", "tuned"), 0.0)
    print(f"{rows:,} rows, CPU ms, median of {repeats}; the last columns say how many times as fast we are")
    sides = ("openfisca", "plain", "tuned")
    print(f"{'rule':<24}{'ours':>8}{sides[0]:>11}{sides[1]:>8}{sides[2]:>8}{sides[0]:>13}{sides[1]:>7}{sides[2]:>7}")
    for rule in made_up.RULES:
        binding, ours = our_columns(columns, rule)
        sides = {"ours": lambda: binding.column(ours)}
        if simulation:
            sides["openfisca"] = lambda: baseline_openfisca.calculate(simulation, rule)
        sides["plain"] = lambda: baseline_numpy.calculate_plain(columns, rule)
        sides["tuned"] = lambda: baseline_numpy.calculate_tuned(columns, rule)
        baseline_numpy.check_same(
            rule, plain=sides["plain"](), ours=comparable(rule, binding, sides["ours"]()),
            **({"openfisca": np.asarray(sides["openfisca"]())} if simulation else {}),
        )  # fmt: skip
        times: dict[str, list[float]] = {name: [] for name in sides}
        for _ in range(repeats + 1):
            for name, side in sides.items():
                if name == "openfisca":
                    baseline_openfisca.forget(simulation, rule)
                start = time.process_time()
                result = side()
                times[name].append((time.process_time() - start) * 1000)
                del result
        medians = {name: statistics.median(values[1:]) for name, values in times.items()}
        print_row(rule, medians)
        for name, value in medians.items():
            totals[name] += value
    print_row("all six", {name: value for name, value in totals.items() if value})
    text_columns(columns)


def print_row(name: str, times: dict[str, float]):
    told = "".join(f"{times.get(side, float('nan')):>{width}.2f}" for side, width in
                   (("ours", 8), ("openfisca", 11), ("plain", 8), ("tuned", 8)))  # fmt: skip
    ratios = "".join(f"{times.get(side, float('nan')) / times['ours']:>{width}.2f}" for side, width in
                     (("openfisca", 13), ("plain", 7), ("tuned", 7)))  # fmt: skip
    print(f"{name:<24}{told}{ratios}")


def text_columns(columns: dict, rows: int = 100_000):
    """The same from raw cells, as a workbook hands them over: words and Python numbers, every check included."""
    from xl_poverty import formulas

    words = [made_up.HOUSEHOLD_TYPES[c] or "脱贫户" for c in columns["household_type"][:rows]]
    labor = [made_up.LABOR_ANSWERS[c] or "是" for c in columns["is_labor"][:rows]]
    months = [float(m) for m in columns["continuous_months"][:rows]]
    wages = [float(w) for w in columns["monthly_wage"][:rows]]
    start = time.process_time()
    formulas.STABLE_JOB_BONUS(words, labor, months, wages, policy="shuangnian_2022")
    elapsed = time.process_time() - start
    print(f"STABLE_JOB_BONUS from {len(words):,} rows of raw cells: {elapsed * 1e6 / len(words):.2f} µs per row")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))
