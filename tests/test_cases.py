"""The cases beside each document: expected values derived by hand from the text."""
import tomllib
from pathlib import Path

import pytest

import xl_poverty
from xl_poverty import CellError, formulas

POLICIES = Path(xl_poverty.__file__).parent / "policies"


def cases():
    for file in sorted(POLICIES.glob("*/cases.toml")):
        with open(file, "rb") as stream:
            policy = file.parent.name
            for number, case in enumerate(tomllib.load(stream)["case"], 1):
                yield pytest.param(policy, case, id=f"{policy}-{number}-{case['function']}")


def run(policy: str, case: dict):
    call = dict(case.get("args", {}), policy=case.get("policy", policy))
    if "as_of" in case:
        call["as_of"] = case["as_of"]
    with xl_poverty.office(readings=case.get("readings", {})):
        return getattr(formulas, case["function"])(**call)


@pytest.mark.parametrize(("policy", "case"), list(cases()))
def test_case(policy, case):
    if "error" in case:
        with pytest.raises(CellError) as caught:
            result = run(policy, case)
            pytest.fail(f"{case['why']}: expected {case['error']}, got {result!r}")
        assert caught.value.code == case["error"], f"{case['why']}: {caught.value.message}"
    else:
        result = run(policy, case)
        expected = case["expect"]
        assert type(result) is type(expected) or not isinstance(expected, bool), case["why"]
        assert result == expected, case["why"]
