"""The example workbooks and what builds them."""

from __future__ import annotations

import importlib.util
import sys
from functools import cache
from pathlib import Path

import openpyxl

WORKBOOKS = Path(__file__).parents[1] / "workbooks"
HEADER_ROW = 3


@cache
def builder():
    """The module workbooks/build.py."""
    spec = importlib.util.spec_from_file_location("build_examples", WORKBOOKS / "build.py")
    module = importlib.util.module_from_spec(spec)
    sys.path.insert(0, str(WORKBOOKS))
    try:
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(str(WORKBOOKS))
    return module


def example(name: str):
    """The example of a document."""
    return next(one for one in builder().EXAMPLES if one.name == name)


def raw(file: Path, sheet: str = "台账") -> dict[int, dict]:
    """Excel row number -> cells by header, blanks left out, as openpyxl reads them."""
    rows = openpyxl.load_workbook(file, data_only=True)[sheet].iter_rows(min_row=HEADER_ROW, values_only=True)
    headers = [str(header).replace("\n", "") for header in next(rows)]
    return {
        number: {header: value for header, value in zip(headers, cells, strict=True) if value is not None}
        for number, cells in enumerate(rows, HEADER_ROW + 1)
    }
