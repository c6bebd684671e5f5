"""How hypothesis runs here: a slow machine is no fault of the code. And that bytecode is kept."""

from __future__ import annotations

import os
import sys

# where a shell forbids it, every worker and every process that a test starts compiles all modules anew
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

from hypothesis import settings  # noqa: E402

settings.register_profile("no deadlines", deadline=None)
settings.load_profile("no deadlines")
