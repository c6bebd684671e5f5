"""Python's search for garbage, while much is made and nothing is thrown away."""
from __future__ import annotations

import gc
from contextlib import contextmanager


@contextmanager
def no_collection():
    """Do not look for garbage inside the block: hundreds of thousands of new cells, none of them garbage, would be
    looked through again and again."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def collect_seldom():
    """For a process that works on one ledger after the other: what is there before any of them is no garbage, and what
    a ledger leaves behind is little."""
    gc.freeze()
    gc.set_threshold(200_000, 50, 50)
