"""The calling contract as data, and what is generated from it."""

import doctest
import importlib.util
import inspect
import re
from pathlib import Path

import pytest
from checked import function

from xl_poverty import formulas
from xl_poverty.formulas.documents import document, documents, known_function
from xl_poverty.formulas.office import current
from xl_poverty.formulas.signatures import find, own_signatures, plain_arguments, signatures

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
    parameters = inspect.signature(getattr(formulas, signature.name)).parameters
    if signature.more:  # those of another function follow, in its order or by name
        assert signature.name in ("WHY", "BENEFIT") and list(signature.by_name) == ["measure"]
        kinds = [parameter.kind.name for parameter in parameters.values()]
        assert kinds[-2:] == ["VAR_POSITIONAL", "VAR_KEYWORD"]
    else:
        assert list(parameters) == [*signature.by_name, "policy", "as_of"]


def test_an_argument_has_one_name_in_every_function():
    """A claim of a household names its arguments without its function."""
    names = {}
    for signature in signatures().values():
        for label, name in signature.labels.items():
            names.setdefault(label, set()).add(name)
    assert {label: found for label, found in names.items() if len(found) > 1} == {}
    assert not {"成员", "姓名", "member"} & set(names)  # what a claim says besides


def test_every_argument_is_used():
    used = {name for signature in signatures().values() for name in signature.by_name}
    assert used == set(plain_arguments())


def test_every_s_function_with_a_household_type_ends_in_risk_status():
    for name in document("双碾乡", current()).measures:
        own = list(signatures()[name].by_name)
        if "household_type" in own:
            assert own[-1] == "risk_status", name


@pytest.mark.parametrize("policy", documents(current()), ids=lambda policy: policy.id)
def test_every_function_of_a_document_has_an_alias_that_finds_it(policy):
    own = own_signatures(policy)
    for name in policy.measures:
        signature = function(policy, name)
        if name in own:  # BENEFIT finds it; no name or alias of the contract is taken
            assert find(name) is find(signature.alias) is None
            assert known_function(name, current()).alias == known_function(signature.alias, current()).alias
            assert formulas.WHY(name, policy=policy.id).startswith(signature.alias)
            continue
        assert signature is signatures()[name]
        assert find(name) is find(name.lower()) is find(signature.alias) is find(f" {signature.alias} ") is signature
    told = formulas.MEASURES(policy=policy.id)
    assert [row[:2] for row in told[1:]] == [
        [s.name, s.alias] for s in (*signatures().values(), *own.values()) if s.name in policy.measures
    ]


def test_the_stub_has_every_function():
    stub = (ROOT / "xl_poverty" / "formulas" / "__init__.pyi").read_text(encoding="utf-8")
    assert re.findall(r"^def (\w+)", stub, re.MULTILINE) == ["WHY", "BENEFIT"] + [
        signature.name for signature in signatures().values() if not signature.more
    ]
    compile(stub, "__init__.pyi", "exec")


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
