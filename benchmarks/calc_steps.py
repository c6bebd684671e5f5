"""A step of calc_calls.py, run by a Python that steers LibreOffice."""

from __future__ import annotations

import time

import uno
from com.sun.star.beans import NamedValue


def measured(office, file: str, runs: int) -> tuple:
    """Seconds and MB of each calculation in the thread of the window."""
    clock = office.service("org.xlpoverty.bare.Clock")
    clock.execute((NamedValue("url", uno.systemPathToFileUrl(file)), NamedValue("runs", runs)))
    while not (told := clock.execute(())):
        time.sleep(0.2)
    return told
