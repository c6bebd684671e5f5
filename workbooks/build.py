"""Build the example workbooks of all documents.

Usage: python workbooks/build.py [OUT_DIR]        (default: the directory of this script)

Everybody in them is invented: villages, persons, helpers, bank accounts. The area code of the identity numbers, 999900,
is assigned to no county; birth date, sex digit and check digit (GB 11643) are consistent. The ledgers are clean except
for the cells that each document's module lists as DIRT, which stand for what clerks really type; what changed since the
period before stands in its CHANGES, what was paid in its PAYMENTS.
The same XlsxWriter gives the same bytes on every run: fixed seeds, fixed dates, only Random.random() is drawn from.
"""

import sys
from pathlib import Path

from examples import fengjie, fuyang, qianjin, shuangnian, zaozhuang

EXAMPLES = [module.EXAMPLE for module in (shuangnian, zaozhuang, fuyang, fengjie, qianjin)]


def build(out_dir):
    """Write all workbooks into a folder; return {file name: its rows}."""
    files = {}
    for example in EXAMPLES:
        files.update(example.write(Path(out_dir)))
    return files


def main(arguments):
    if len(arguments) > 1:
        sys.exit(__doc__)
    for name, rows in build(arguments[0] if arguments else Path(__file__).resolve().parent).items():
        households = len({row["户编号"] for row in rows if "户编号" in row})
        print(f"{name}: {households} 户 {len(rows)} 行" if households else f"{name}: {len(rows)} 行")


if __name__ == "__main__":
    main(sys.argv[1:])
