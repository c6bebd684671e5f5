"""The six benchmark rules as an OpenFisca tax and benefit system, no reasons.

    simulation = build(inputs())
    forget(simulation, rule)               # outside the timed part
    result = calculate(simulation, rule)   # the timed part

openfisca-core is licensed under the AGPL. It is only called here, to compare
speed, and is no dependency of xl_poverty. Each formula takes the fastest of the
usual ways of writing it: amounts multiplied by conditions instead of select()
or a tax scale, and enum positions instead of arrays of enum members.
"""

import inputs as coded
import numpy as np
from baseline_numpy import (
    calculate_plain,
    calculate_tuned,
    check_same,
    cpu_milliseconds,
)
from openfisca_core.entities import build_entity
from openfisca_core.indexed_enums import Enum, EnumArray
from openfisca_core.parameters import ParameterNode
from openfisca_core.periods import DateUnit, period
from openfisca_core.simulations import SimulationBuilder
from openfisca_core.taxbenefitsystems import TaxBenefitSystem
from openfisca_core.variables import Variable

PERIOD = period("2024")

Person = build_entity(key="person", plural="people", label="Person", is_person=True)


# Words. The members stand in the order of the codes in inputs.py.


class HouseholdType(Enum):
    BLANK = ""
    LIFTED = "脱贫户"
    LIFTED_UNSTABLE = "脱贫不稳定户"
    AT_RISK = "边缘易致贫户"
    SUDDEN_HARDSHIP = "突发严重困难户"
    MONITORED = "监测户"
    LIFTED_WITH_POLICY = "脱贫享受政策户"
    LIFTED_WITHOUT_POLICY = "脱贫不享受政策户"
    GENERAL = "一般农户"


class Labor(Enum):
    BLANK = ""
    NO = "否"
    YES = "是"
    WEAK = "弱劳动力或半劳动力"


class Destination(Enum):
    BLANK = ""
    OUT_OF_PROVINCE = "跨省"
    OUT_OF_REGION = "省内区外"
    INSIDE_REGION = "区内"


class TrainingMode(Enum):
    BLANK = ""
    ORDERED = "订单式"
    PROJECT = "项目制"
    TARGETED = "针对性"
    ADAPTIVE = "适应性"
    GENERAL = "普惠制"


class DisabilityLevel(Enum):
    BLANK = ""
    NONE = "无"
    FIRST = "一级"
    SECOND = "二级"
    THIRD = "三级"
    FOURTH = "四级"


class Tier(Enum):
    BLANK = ""
    LOW = "低收入"
    MIDDLE = "中等收入"
    HIGH = "高收入"
    NOT_APPLICABLE = "不适用"


WORDS = {
    "household_type": (HouseholdType, coded.HOUSEHOLD_TYPES),
    "is_labor": (Labor, coded.LABOR_ANSWERS),
    "destination": (Destination, coded.DESTINATIONS),
    "mode": (TrainingMode, coded.TRAINING_MODES),
    "disability_level": (DisabilityLevel, coded.DISABILITY_LEVELS),
    "tier": (Tier, coded.TIERS),
}
for _name, (_enum, _words) in WORDS.items():
    # The codes are handed over as they are, so the order has to be the same.
    if tuple(member.value for member in _enum) != _words:
        raise ValueError(f"the words of {_name} are not in the order of inputs.py")

FLAGS = (
    "claimed_this_year", "already_claimed", "in_scope", "recognized", "took_absorb",
)
NUMBERS = (
    "continuous_months", "monthly_wage", "days", "employment_rate",
    "per_capita_income", "age", "monthly_payment", "months", "persons",
)


def _input_variable(name):
    members = {"entity": Person, "definition_period": DateUnit.YEAR, "label": name}
    if name in WORDS:
        enum = WORDS[name][0]
        members |= {
            "value_type": Enum, "possible_values": enum, "default_value": enum.BLANK,
        }
    else:
        members["value_type"] = bool if name in FLAGS else int
    return type(name, (Variable,), members)


# Rules. Every amount is a whole number, so int variables hold it exactly; a
# float32 amount could not hold every fen.


def _eligible(person, period, claimed):
    """A household of types 1 to 7, a person able to work, not yet paid."""
    # A helper and not a variable: a variable's value would be kept and would
    # make the second rule that uses it look free.
    household_type = person("household_type", period)
    is_labor = person("is_labor", period)
    return (
        (household_type != HouseholdType.BLANK)
        & (household_type != HouseholdType.GENERAL)
        & ((is_labor == Labor.YES) | (is_labor == Labor.WEAK))
        & ~person(claimed, period)
    )


class travel_subsidy(Variable):
    value_type = int
    entity = Person
    definition_period = DateUnit.YEAR
    label = "Travel subsidy, yuan"

    def formula(person, period, parameters):
        amounts = parameters(period).travel_subsidy
        destination = person("destination", period)
        return _eligible(person, period, "claimed_this_year") * (
            (destination == Destination.OUT_OF_PROVINCE) * amounts.out_of_province
            + (destination == Destination.OUT_OF_REGION) * amounts.out_of_region
        )


class stable_job_bonus(Variable):
    value_type = int
    entity = Person
    definition_period = DateUnit.YEAR
    label = "Bonus for a stable job, yuan"

    def formula(person, period, parameters):
        bonus = parameters(period).stable_job_bonus
        paid = (
            _eligible(person, period, "already_claimed")
            & (person("continuous_months", period) >= bonus.least_months)
            & (person("monthly_wage", period) >= bonus.least_wage)
            & (person("destination", period) != Destination.INSIDE_REGION)
        )
        return paid * bonus.amount


class training_subsidy(Variable):
    value_type = int
    entity = Person
    definition_period = DateUnit.YEAR
    label = "Training subsidy, yuan"

    def formula(person, period, parameters):
        training = parameters(period).training_subsidy
        mode = person("mode", period)
        days = person("days", period)
        by_order = np.minimum(
            training.most_by_order,
            training.first_rate * np.minimum(days, training.first_days)
            + training.later_rate * np.maximum(0, days - training.first_days),
        )
        general = np.minimum(training.most_general, training.first_rate * days)
        is_by_order = (mode == TrainingMode.ORDERED) | (mode == TrainingMode.PROJECT)
        is_general = (
            (mode == TrainingMode.TARGETED)
            | (mode == TrainingMode.ADAPTIVE)
            | (mode == TrainingMode.GENERAL)
        )
        enough = person("employment_rate", period) >= training.least_employment_rate
        return (is_by_order & enough) * by_order + is_general * general


class tier(Variable):
    value_type = Enum
    possible_values = Tier
    default_value = Tier.BLANK
    entity = Person
    definition_period = DateUnit.YEAR
    label = "Income tier"

    def formula(person, period, parameters):
        below = parameters(period).tier
        income = person("per_capita_income", period)
        household_type = person("household_type", period)
        position = np.where(
            income < below.low,
            Tier.LOW.index,
            np.where(income < below.middle, Tier.MIDDLE.index, Tier.HIGH.index),
        )
        position[household_type == HouseholdType.GENERAL] = Tier.NOT_APPLICABLE.index
        return EnumArray(position.astype(np.int16), Tier)


class elder(Variable):
    value_type = int
    entity = Person
    definition_period = DateUnit.YEAR
    label = "Subsidy for the elderly, fen"

    def formula(person, period, parameters):
        rule = parameters(period).elder
        age = person("age", period)
        level = person("disability_level", period)
        severe = (level == DisabilityLevel.FIRST) | (level == DisabilityLevel.SECOND)
        eligible = person("in_scope", period) & (
            (age >= rule.age) | ((age >= rule.age_if_severe) & severe)
        )
        counted = np.minimum(person("monthly_payment", period), rule.most_payment)
        # Whole numbers only, so that half a fen is exact before it is rounded up.
        hundredths = counted * person("months", period) * rule.percent
        return eligible * ((hundredths + 50) // 100)


class employment_base_award(Variable):
    value_type = int
    entity = Person
    definition_period = DateUnit.YEAR
    label = "Award for an employment base, yuan"

    def formula(person, period, parameters):
        award = parameters(period).employment_base_award
        persons = person("persons", period)
        amount = (
            (persons >= award.small.persons) * award.small.amount
            # Each larger size adds the difference to the size before it.
            + (persons >= award.medium.persons)
            * (award.medium.amount - award.small.amount)
            + (persons >= award.large.persons)
            * (award.large.amount - award.medium.amount)
        )
        eligible = person("recognized", period) & ~person("took_absorb", period)
        return eligible * amount


RULE_VARIABLES = (
    travel_subsidy, stable_job_bonus, training_subsidy, tier, elder,
    employment_base_award,
)

PARAMETERS = {
    "travel_subsidy": {"out_of_province": 1500, "out_of_region": 600},
    "stable_job_bonus": {"least_months": 6, "least_wage": 1000, "amount": 1200},
    "training_subsidy": {
        "first_rate": 150, "first_days": 10, "later_rate": 100,
        "most_by_order": 4000, "most_general": 1000, "least_employment_rate": 80,
    },
    "tier": {"low": 11000, "middle": 15000},
    "elder": {"age": 60, "age_if_severe": 55, "most_payment": 30000, "percent": 30},
    "employment_base_award": {
        "small": {"persons": 30, "amount": 50000},
        "medium": {"persons": 50, "amount": 100000},
        "large": {"persons": 100, "amount": 250000},
    },
}


def _dated(tree):
    """Give every parameter of the tree its value from 2020 on."""
    if isinstance(tree, dict):
        return {name: _dated(branch) for name, branch in tree.items()}
    return {"values": {"2020-01-01": {"value": tree}}}


class PovertyReliefSystem(TaxBenefitSystem):
    """The six rules, their inputs and their parameters, for persons only."""

    def __init__(self):
        super().__init__([Person])
        self.parameters = ParameterNode("", data=_dated(PARAMETERS))
        for name in (*WORDS, *FLAGS, *NUMBERS):
            if name != "tier":  # the one word that is a result
                self.add_variable(_input_variable(name))
        self.add_variables(*RULE_VARIABLES)


# For a runner


def build(columns):
    """Return a simulation with the columns of inputs() set as inputs."""
    count = len(next(iter(columns.values())))
    simulation = SimulationBuilder().build_default_simulation(
        PovertyReliefSystem(), count
    )
    for name, column in columns.items():
        # The types OpenFisca keeps, so that no conversion is left for later.
        if name in WORDS:
            column = EnumArray(column.astype(np.int16), WORDS[name][0])
        elif name in FLAGS:
            column = column.astype(bool)
        simulation.set_input(name, PERIOD, column)
    return simulation


def calculate(simulation, rule):
    """Result of `rule`, one of inputs.RULES; computed once, then remembered."""
    return simulation.calculate(rule.lower(), PERIOD)


def forget(simulation, rule):
    """Drop the remembered result, so that calculate() really calculates again."""
    simulation.delete_arrays(rule.lower(), PERIOD)


def check_baselines(columns, simulation=None):
    """Raise AssertionError unless OpenFisca and both NumPy versions agree on
    every row of every rule."""
    simulation = simulation or build(columns)
    for rule in coded.RULES:
        forget(simulation, rule)
        check_same(
            rule,
            openfisca=calculate(simulation, rule),
            plain=calculate_plain(columns, rule),
            tuned=calculate_tuned(columns, rule),
        )


def main():
    """Check all baselines against each other and print their times."""
    columns = coded.inputs()
    simulation = build(columns)
    check_baselines(columns, simulation)
    count = len(columns["age"])
    print(f"{'CPU ms, best / median of 7':<26}"
          f"{'openfisca':>18}{'plain NumPy':>18}{'tuned NumPy':>18}")
    for rule in coded.RULES:
        out = np.empty(count, coded.RESULT_DTYPES[rule])
        times = (
            cpu_milliseconds(
                lambda: calculate(simulation, rule), lambda: forget(simulation, rule)
            ),
            cpu_milliseconds(lambda: calculate_plain(columns, rule)),
            cpu_milliseconds(lambda: calculate_tuned(columns, rule, out)),
        )
        print(f"{rule:<26}" + "".join(f"{b:>9.2f} /{m:>7.2f}" for b, m in times))


if __name__ == "__main__":
    main()
