"""The calling contract as data, and what is generated from it."""
import doctest
import importlib.util
import inspect
import re
from pathlib import Path

import pytest

from xl_poverty import formulas
from xl_poverty.formulas.signatures import signatures

ROOT = Path(__file__).resolve().parent.parent


def test_names_and_aliases_are_unique_and_long_enough():
    aliases = [s.alias for s in signatures().values()]
    assert len(set(aliases)) == len(aliases)
    assert not set(aliases) & set(signatures())
    assert all(len(alias) >= 3 for alias in aliases)  # Office.js refuses shorter ones


def test_no_name_looks_like_a_cell_or_a_keyword():
    for name in signatures():
        assert not re.fullmatch(r"[A-Z]{1,3}\d+|R\d*C\d*", name)
        assert name.isascii() and name.upper() == name
        assert name not in {"AND", "DATE", "IF", "NOT", "OR", "STOP", "NEXT", "LOOP"}


@pytest.mark.parametrize("signature", signatures().values(), ids=lambda s: s.name)
def test_arguments_have_distinct_chinese_names_and_follow_the_order(signature):
    labels = [a.label for a in signature.arguments]
    assert len(set(labels)) == len(labels)
    names = list(inspect.signature(getattr(formulas, signature.name)).parameters)
    if signature.name != "WHY":
        assert names == [*signature.by_name, "policy", "as_of"]


def test_every_s_function_with_a_household_type_ends_in_risk_status():
    from xl_poverty.formulas.documents import document
    from xl_poverty.formulas.office import current

    for name in document("双碾乡", current()).measures:
        own = list(signatures()[name].by_name)
        if "household_type" in own:
            assert own[-1] == "risk_status", name


def test_stub_is_current():
    spec = importlib.util.spec_from_file_location("write_stubs", ROOT / "tools" / "write_stubs.py")
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    assert tool.STUB.read_text(encoding="utf-8") == tool.stub(), "run: python tools/write_stubs.py"


@pytest.mark.parametrize("file", ["README.md"])
def test_examples_in_the_readme_are_true(file):
    failed, tried = doctest.testfile(str(ROOT / file), module_relative=False, encoding="utf-8", verbose=False)
    assert tried >= 4
    assert failed == 0
