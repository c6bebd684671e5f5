"""The functions as Excel calls them, through xlwings' classic path and its server path: what Python says, in cells."""
from __future__ import annotations

import importlib.util
import json
import os
import pickle
import re
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest
from host_calls import calls, cases, in_python, same

from xl_poverty.formulas.signatures import signatures
from xl_poverty.hosts.excel.wrappers import wrong_names
from xl_poverty.hosts.values import RENAMED

TESTS = Path(__file__).parent
ROOT = TESTS.parent


def environment() -> dict[str, str]:
    """What a process needs to find udfs and the hosts."""
    path = os.pathsep.join([str(ROOT), str(TESTS), os.environ.get("PYTHONPATH", "")])
    return {**os.environ, "PYTHONPATH": path}


def in_host(script: str, some: list | None = None):
    """What a host makes of calls, of all in the table unless some are given, in a process of its own."""
    handed = pickle.dumps(calls() if some is None else some)
    done = subprocess.run([sys.executable, TESTS / script], input=handed, capture_output=True, env=environment())
    assert done.returncode == 0, done.stderr.decode()
    return pickle.loads(done.stdout)


@pytest.fixture(scope="module")
def expected() -> list:
    return [in_python(call) for call in calls()]


@pytest.fixture(scope="module")
def classic() -> list:
    return in_host("classic_host.py")


@pytest.fixture(scope="module")
def on_server() -> tuple[list, dict]:
    return in_host("office_host.py")


@pytest.fixture(scope="module")
def office(on_server) -> list:
    return on_server[0]


@pytest.fixture(scope="module")
def metadata(on_server) -> dict:
    return on_server[1]


@pytest.mark.parametrize("name", signatures())
@pytest.mark.parametrize("host", ["classic", "office"])
def test_as_in_python(host, name, expected, request):
    told = [*zip(calls(), expected, request.getfixturevalue(host), strict=True)]
    of_function = [one for one in told if one[0][0] == name]
    assert of_function
    assert [one for one in of_function if not same(*one[1:])] == []


def test_cases_come_out(expected):
    """The table says the same as the cases, whose values were derived by hand."""
    results = {id(call): result for call, result in zip(calls(), expected, strict=True)}
    assert len(cases()) > 3500
    assert [(call, results[id(call)]) for call, wanted in cases() if not same(results[id(call)], wanted)] == []


# ---- the module itself


def test_the_module_is_up_to_date():
    spec = importlib.util.spec_from_file_location("write_udfs", ROOT / "tools" / "write_udfs.py")
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    assert (ROOT / "udfs" / "__init__.py").read_text(encoding="utf-8") == tool.module(), "run: tools/write_udfs.py"


def test_names_that_every_host_takes(metadata):
    """Each function is there twice: under its own name, and under its alias."""
    functions = metadata["functions"]
    names = {function["id"]: function["name"] for function in functions}
    ids, aliases = list(signatures()), [signature.alias for signature in signatures().values()]
    assert names == dict(zip(ids, ids)) | {f"ALIAS_{name}": alias for name, alias in zip(ids, aliases)}
    assert all(re.fullmatch("[A-Z][A-Z_]*[A-Z]", name) for name in names)  # no digit, so no cell
    assert len(set(aliases)) == len(aliases) and not set(aliases) & set(ids)
    assert all(3 <= len(alias) <= 64 and re.fullmatch(r"[^\W\d_][\w.]*", alias) for alias in aliases)
    arguments = {parameter["name"] for function in functions for parameter in function["parameters"]}
    assert all(re.fullmatch("[a-z][a-z0-9_]*", name) for name in arguments)
    assert wrong_names([*ids, *arguments]) == []


def test_a_function_by_its_alias():
    facts = "脱贫户", "是", "跨省", None, None, None, None, None, "双碾乡", "2023-02-01"
    found, _ = in_host("office_host.py", [(name, facts, {}) for name in ("TRAVEL_SUBSIDY", "ALIAS_TRAVEL_SUBSIDY")])
    assert found == [1500, 1500]


def test_arguments_are_those_of_the_contract(metadata):
    """In their order, under their names but for words of VBA; 政策 and 业务日期 at the end, and none is required
    behind one that is not."""
    for function in metadata["functions"]:
        signature, parameters = signatures()[function["id"].removeprefix("ALIAS_")], function["parameters"]
        names = [RENAMED.get(name, name) for name in signature.by_name]
        told = [parameter["name"] for parameter in parameters]
        assert told == ([*names, told[-1]] if signature.more else [*names, "policy", "as_of"])
        assert parameters[-1].get("repeating", False) == signature.more
        for parameter, argument in zip(parameters, signature.arguments):
            assert parameter["description"].startswith(f"{argument.label}：")
            assert argument.optional <= parameter.get("optional", False)
        optional = [parameter.get("optional", False) for parameter in parameters]
        assert optional == sorted(optional)
    assert RENAMED == {"property": "property_income"}


def test_metadata_is_valid(metadata):
    """Against what Office publishes. xlwings adds a key to it that the schema does not know (yet)."""
    schema = json.loads((TESTS / "data" / "custom_functions.schema.json").read_text(encoding="utf-8"))
    text = json.dumps(schema["schema"]).replace(r"[\\p{L}][\\p{L}0-9._]", r"[^\\W\\d_][\\w.]")
    validator = jsonschema.Draft4Validator(json.loads(text))
    told = {key: value for key, value in metadata.items() if key != "allowErrorForDataTypeAny"}
    assert [error.message for error in validator.iter_errors(told)] == []
    wrong = {**told, "functions": [{**told["functions"][0], "id": "交通补贴"}]}
    assert [error.json_path for error in validator.iter_errors(wrong)] == ["$.functions[0].id"]


def test_wizard_texts_fit(metadata):
    """Excel's wizard cuts a text after 255 characters."""
    for function in metadata["functions"]:
        assert len(function["description"]) <= 255, function["id"]
        long = [p["name"] for p in function["parameters"] if len(p["description"]) > 255]
        assert long in ([], ["indicator"]), function["id"]


def test_scalar_calls_need_no_numpy():
    """xlwings loads NumPy and pandas where they are; ours does not ask for them until a column comes."""
    code = """
import sys
class Without:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("numpy", "pandas", "polars", "lxml", "openpyxl"):
            raise ImportError(name)
sys.meta_path.insert(0, Without())
import classic_host
call, _ = classic_host.load()
arguments = ["脱贫户", "是", 8, 3200, None, "跨省", None, "双碾乡", None]
assert call("STABLE_JOB_BONUS", *arguments) == 1200
arguments[0] = [["脱贫户"]] * 100
assert call("STABLE_JOB_BONUS", *arguments) == ((1200,),) * 100
"""
    assert subprocess.run([sys.executable, "-c", code], env=environment(), capture_output=True).stderr == b""


def test_an_office_without_error_values_in_results_shows_no_text_instead():
    """Before custom functions 1.4 an error would stay a text, which SUM skips: the whole result is refused."""
    code = """
import office_host, xlwings
call, _ = office_host.load("1.3")
travel = ["脱贫户", "是", "跨省", None, None, None, None, None, "双碾乡", None]
assert call("TRAVEL_SUBSIDY", *travel) == 1500
assert call("DEADLINE", "新增监测对象措施", "2023-10-09", None, "阜阳市", None) == 45218  # 2023-10-19, in Excel's days
travel[0] = [["脱贫户"], [None]]
for wrong in (travel[0], None):
    try:
        call("TRAVEL_SUBSIDY", wrong, *travel[1:])
    except xlwings.XlwingsError as error:
        assert str(error).startswith("#N/A 缺少“户类型”"), error
    else:
        raise AssertionError
"""
    assert subprocess.run([sys.executable, "-c", code], env=environment(), capture_output=True).stderr == b""
