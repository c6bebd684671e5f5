"""How hypothesis runs here: a slow machine is no fault of the code. And what saves time: bytecode is kept, and garbage
is looked for less often: thirteen thousand tests and their modules would be looked through again and again."""

from __future__ import annotations

import gc
import os
import sys

# where a shell forbids it, every worker and every process that a test starts compiles all modules anew
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

from hypothesis import settings  # noqa: E402
from openpyxl.worksheet.merge import MergedCellRange  # noqa: E402

settings.register_profile("no deadlines", deadline=None)
settings.load_profile("no deadlines")

# openpyxl draws the frames of merged cells anew when it reads them: half of its time, and other than the file has it
MergedCellRange.format = lambda self: None

gc.set_threshold(100_000, 20, 50)


#: files that take longer than the others, the longest first: one of them at the end would keep one worker alone
LONG = ("test_calc_actions", "test_agreement", "test_templates", "test_calc_functions", "test_calc_journey",
        "test_actions", "test_traps", "test_second_way", "test_writing", "test_new_document", "test_files",
        "test_plans", "test_interrupted", "test_udfs", "test_example_ledgers", "test_cleaning", "test_windows_setup",
        "test_imports", "test_summary", "test_wheel", "test_oxt", "test_corpus")  # fmt: skip


def pytest_collection_modifyitems(items):
    places = {name: place for place, name in enumerate(LONG)}
    items.sort(key=lambda item: places.get(item.path.stem, len(LONG)))


def pytest_collection_finish():
    gc.collect()
    gc.freeze()
