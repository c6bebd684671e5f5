"""The cases beside each document: expected values derived by hand from the text."""
from pathlib import Path

import pytest

import xl_poverty
from xl_poverty.formulas.checking import case_failure, read_cases, run_case as run  # noqa: F401 for the mutations

POLICIES = Path(xl_poverty.__file__).parent / "policies"


def cases():
    for folder in sorted(file.parent for file in POLICIES.glob("*/cases.toml")):
        for number, case in enumerate(read_cases(folder), 1):
            yield pytest.param(folder.name, case, id=f"{folder.name}-{number}-{case['function']}")


@pytest.mark.parametrize(("policy", "case"), list(cases()))
def test_case(policy, case):
    failure = case_failure(policy, case)
    assert not failure, f"{case['why']}: {failure}"
