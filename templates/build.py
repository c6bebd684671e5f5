"""Build the empty plan form 一户一策.xlsx.

Usage: python templates/build.py [OUT_DIR]        (default: the directory of this script)

The form has the sections, lists and formulas of the plans that are made from a ledger, but names no document and no
household. The same XlsxWriter gives the same bytes on every run.
"""

import sys
from pathlib import Path

from xl_poverty.plans.sheets import blank_pages
from xl_poverty.workbook.page_workbook import page_workbook

FILE_NAME = "一户一策.xlsx"


def build(out_dir):
    """Write the form into out_dir; returns its path."""
    path = Path(out_dir) / FILE_NAME
    path.write_bytes(page_workbook(blank_pages()))
    return path


if __name__ == "__main__":
    if len(sys.argv) > 2:
        sys.exit(__doc__)
    print(build(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).resolve().parent))
