"""Workbooks of other projects, where a folder of them is at hand: 100 cells into each, nothing else may differ.

The folder is `../shared/corpus` beside the project, or XL_POVERTY_CORPUS; LibreOffice opens every output in the long
run (XL_POVERTY_ROWS of 5000 or more). `benchmarks/corpus_fidelity.py` tells the same as a table, with an Open XML
validation.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from engines import need_libreoffice

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "benchmarks"))

import corpus_fidelity  # noqa: E402

FOLDER = Path(os.environ.get("XL_POVERTY_CORPUS") or ROOT.parent / "shared" / "corpus")
FILES = sorted(path for path in FOLDER.glob("*.xls[xm]")) if FOLDER.is_dir() else []
LONG = int(os.environ.get("XL_POVERTY_ROWS", "0")) >= 5000

#: what may be refused, and the word that says why
REFUSED = {
    "ClosedXML__enhanced-protection.xlsx": "保护",
    "ClosedXML__tdf111974.xlsm": "保护",
    "XlsxWriter__protect04.xlsx": "保护",
    "XlsxWriter__protect07.xlsx": "只读",
    "npoi__738.xlsx": "保护",
    "poi__0-www-crossref-org.lib.rivier.edu_education-files_suffix-generator.xlsm": "修改密码",
    "poi__duplicate-filename.xlsx": "有两个",
    "poi__hello-world-signed.xlsx": "签名",
    "poi__ms-office-2010-signed.xlsx": "签名",
    "poi__stress002.xlsx": "宏",  # a workbook with macros under the name of one without
}

pytestmark = pytest.mark.skipif(
    not FILES, reason=f"no workbooks in {FOLDER.name}: XL_POVERTY_CORPUS names another folder"
)


@pytest.fixture(scope="session")
def outputs(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("corpus")


@pytest.mark.parametrize("source", FILES, ids=lambda path: path.name)
def test_a_hundred_cells_and_nothing_else(source, outputs):
    outcome = corpus_fidelity.written(source, outputs / source.name)
    assert outcome.differences == []
    reason = REFUSED.get(source.name)
    assert bool(outcome.refused) == bool(reason), outcome.refused
    assert reason is None or reason in outcome.refused


@pytest.mark.skipif(not LONG, reason="the long run: XL_POVERTY_ROWS of 5000 or more")
def test_libreoffice_opens_what_was_written(tmp_path):
    need_libreoffice()
    outcomes = corpus_fidelity.run(FOLDER, tmp_path / "written", opening=True)
    assert {each.name: each.opened for each in outcomes if each.opened.startswith("not")} == {}
    assert sum(each.opened.endswith("sheets") for each in outcomes) > 0.9 * sum(not each.refused for each in outcomes)
