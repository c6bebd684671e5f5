"""Made-up inputs for the six benchmark rules, already coded.

Words are uint8 codes whose position is the position in the tuples below, with
0 for a blank cell; yes/no columns are uint8 flags, 1 or 0; numbers are int32
and never negative. Every baseline assumes codes within the listed range.

Results: amounts are int32, in yuan except ELDER, which is in fen; TIER is a
uint8 code into TIERS.
"""

import numpy as np

HOUSEHOLD_TYPES = (
    "", "脱贫户", "脱贫不稳定户", "边缘易致贫户", "突发严重困难户",
    "监测户", "脱贫享受政策户", "脱贫不享受政策户", "一般农户",
)
LABOR_ANSWERS = ("", "否", "是", "弱劳动力或半劳动力")
DESTINATIONS = ("", "跨省", "省内区外", "区内")
TRAINING_MODES = ("", "订单式", "项目制", "针对性", "适应性", "普惠制")
DISABILITY_LEVELS = ("", "无", "一级", "二级", "三级", "四级")
TIERS = ("", "低收入", "中等收入", "高收入", "不适用")

# Which columns each rule reads, in the order its functions take them.
ARGUMENTS = {
    "TRAVEL_SUBSIDY": (
        "household_type", "is_labor", "destination", "claimed_this_year",
    ),
    "STABLE_JOB_BONUS": (
        "household_type", "is_labor", "continuous_months", "monthly_wage",
        "already_claimed", "destination",
    ),
    "TRAINING_SUBSIDY": ("mode", "days", "employment_rate"),
    "TIER": ("per_capita_income", "household_type"),
    "ELDER": (
        "in_scope", "age", "disability_level", "monthly_payment", "months",
    ),
    "EMPLOYMENT_BASE_AWARD": ("persons", "recognized", "took_absorb"),
}
RULES = tuple(ARGUMENTS)
RESULT_DTYPES = {rule: np.dtype(np.int32) for rule in RULES} | {
    "TIER": np.dtype(np.uint8)
}


def inputs(n=1_000_000, seed=20240601):
    """Return a dict of `n`-row input columns; same seed, same columns."""
    rng = np.random.default_rng(seed)

    def codes(*shares):
        # shares[k] is the relative frequency of code k, the blank being code 0
        share = np.array(shares, dtype=float)
        return rng.choice(len(share), size=n, p=share / share.sum()).astype(np.uint8)

    def flags(share):
        return (rng.random(n) < share).astype(np.uint8)

    def integers(low, high):
        return rng.integers(low, high, size=n, endpoint=True, dtype=np.int32)

    def pin(column, *values):
        # One row in ten sits on or next to a threshold: in a wide range chance
        # alone would hardly ever put a row there.
        near = np.array([v + step for v in values for step in (-1, 0, 1)], np.int32)
        chosen = rng.random(n) < 0.1
        column[chosen] = rng.choice(near, size=int(chosen.sum()))
        return column

    # Half of the payments are round yuan, the rest odd fen, so that the
    # rounding to the fen in ELDER is really exercised, ties included.
    monthly_payment = pin(integers(0, 60_000), 30_000)
    round_yuan = rng.random(n) < 0.5
    monthly_payment[round_yuan] -= monthly_payment[round_yuan] % 100

    return {
        # words: uint8 codes, 0 = blank
        "household_type": codes(1, 30, 6, 6, 3, 8, 10, 6, 30),
        "is_labor": codes(2, 30, 60, 8),
        "destination": codes(10, 35, 20, 35),
        "mode": codes(2, 20, 20, 20, 19, 19),
        "disability_level": codes(10, 70, 4, 5, 6, 5),
        # yes/no: uint8, 1 or 0
        "claimed_this_year": flags(0.2),
        "already_claimed": flags(0.2),
        "in_scope": flags(0.8),
        "recognized": flags(0.7),
        "took_absorb": flags(0.2),
        # numbers: int32
        "continuous_months": integers(0, 12),
        "monthly_wage": pin(integers(0, 8_000), 1_000),  # yuan
        "days": integers(0, 60),
        "employment_rate": integers(0, 100),  # whole percent
        "per_capita_income": pin(integers(0, 40_000), 11_000, 15_000),  # yuan
        "age": integers(0, 100),
        "monthly_payment": monthly_payment,  # fen
        "months": integers(0, 12),
        "persons": pin(integers(0, 200), 30, 50, 100),
    }
