"""Build all templates and the add-in from their sources.

Usage: python templates/build.py [OUT_DIR]        (default: the directory of this script)

What stands in the templates is told by contents.py beside this file, from the documents. The same versions of
XlsxWriter, xlwings and pyOpenVBA (pip install xl_poverty[templates]) give the same bytes on every run.
"""

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent


def build(out_dir) -> list[Path]:
    """Write everything into out_dir; the paths of the files."""
    sys.path.insert(0, str(HERE))
    try:
        from addin import build as build_addin
        from contents import files
    finally:
        sys.path.remove(str(HERE))
    from xl_poverty.hosts.excel.packaging import macro_workbook
    from xl_poverty.workbook.page_workbook import page_workbook

    paths = []
    for name, content in files().items():
        made = macro_workbook if content.macros else page_workbook
        path = Path(out_dir) / name
        path.write_bytes(made(content.pages, keys=content.keys))
        paths.append(path)
    return [*paths, build_addin(out_dir)]


if __name__ == "__main__":
    if len(sys.argv) > 2:
        sys.exit(__doc__)
    for file in build(sys.argv[1] if len(sys.argv) > 1 else HERE):
        print(file)
