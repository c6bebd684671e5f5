"""A real LibreOffice Calc for tests, with our extension or without it. Where it is absent a test fails, and says how to
install it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import NoReturn

import pytest
from engines import need_libreoffice

DRIVER = Path(__file__).with_name("calc_driver.py")
#: from here on Calc keeps the names of add-in functions in .xlsx
OLDEST = (25, 2)


class CalcError(Exception):
    """What went wrong in a step."""


class Calc:
    """A LibreOffice that runs: `calc.put(book, "台账!B2", "=…")`, the steps of calc_driver.py.

    Steps of a file of one's own: `calc.of(path).click(book, "体检")`.
    """

    def __init__(self, profile: Path, *arguments: str):
        self.process = subprocess.Popen(
            [python_with_uno(), str(DRIVER), profile.as_uri(), *arguments],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8",
        )  # fmt: skip
        self.version = tuple(int(part) for part in self._answer().split(".")[:2])

    def of(self, module: Path) -> _Steps:
        return _Steps(self, str(module))

    def __getattr__(self, name: str):
        return getattr(_Steps(self, ""), name)

    def end(self):
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait(60)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end()

    def step(self, module: str, name: str, told: tuple):
        self.process.stdin.write(json.dumps({"do": name, "told": told, "module": module}, default=str) + "\n")
        self.process.stdin.flush()
        return self._answer()

    def _answer(self):
        line = self.process.stdout.readline()
        if not line:
            raise CalcError("LibreOffice went away")
        answer = json.loads(line)
        if "failed" in answer:
            raise CalcError(answer["failed"])
        return answer["done"]


class _Steps:
    def __init__(self, calc: Calc, module: str):
        self._calc, self._module = calc, module

    def __getattr__(self, name: str):
        return lambda *told: self._calc.step(self._module, name, told)


def started(profile: Path, *arguments: str) -> Calc:
    """Calc with a profile of its own; fails where it is absent or too old for our functions in .xlsx."""
    need_libreoffice()
    calc = Calc(profile, *arguments)
    if calc.version < OLDEST:
        calc.end()
        _cannot("LibreOffice is older than 25.2 and does not keep our functions in .xlsx; Debian 12: "
                "apt-get install -t bookworm-backports libreoffice-calc python3-uno")  # fmt: skip
    return calc


@cache
def python_with_uno() -> str:
    """A Python that can steer LibreOffice; ours cannot."""
    for python in filter(None, (shutil.which("python3", path="/usr/bin"), shutil.which("python3"))):
        if subprocess.run([python, "-c", "import uno"], capture_output=True).returncode == 0:
            return python
    return _cannot("no Python has uno to steer LibreOffice: apt-get install python3-uno")


def _cannot(how: str) -> NoReturn:
    if os.environ.get("XL_POVERTY_NO_CALC") == "1":
        pytest.skip(how)
    pytest.fail(f"{how} (or set XL_POVERTY_NO_CALC=1 to skip)", pytrace=False)
