"""Somebody who sits before Calc: chooses from the menu, clicks buttons, reads messages and answers questions."""

from __future__ import annotations

import json
import os
from contextlib import contextmanager
from pathlib import Path

from calc_office import Calc
from small_ledgers import no_person_in

from xl_poverty.hosts.actions import ACTIONS

STEPS = Path(__file__).with_name("calc_action_steps.py")


@contextmanager
def unseen(folder: Path):
    """Messages of a Calc that is started meanwhile go into a folder, and nobody's own settings are read."""
    kept = {name: os.environ.get(name) for name in ("XL_POVERTY_SCREEN", "HOME")}
    os.environ |= dict.fromkeys(kept, str(folder))
    try:
        yield
    finally:
        for name, value in kept.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})


class Clerk:
    """Somebody who sits before Calc."""

    def __init__(self, calc: Calc, folder: Path):
        self.calc, self.folder, self.steps = calc, folder, calc.of(STEPS)
        self.heard = 0

    def open(self, path: Path, macros: bool = False) -> int:
        return self.calc.open(str(path), macros)

    def closed(self, *documents: int):
        for one in documents:
            self.calc.close(one)

    def chooses(self, document: int, action: str) -> dict:
        """What the message says after an entry of the menu was chosen."""
        self.steps.ask(document, action)
        return self._hears()

    def clicks(self, document: int, caption: str) -> dict:
        self.steps.click(document, caption)
        return self._hears()

    def does(self, document: int, action: str) -> str:
        """The same, which has to be done."""
        said = self.chooses(document, action)
        assert not said["failed"] and said["title"] == f"帮扶：{ACTIONS[action].caption}", said["text"]
        return said["text"]

    def is_refused(self, document: int, action: str) -> str:
        said = self.chooses(document, action)
        assert said["failed"] and no_person_in(said["text"]), said["text"]
        return said["text"]

    def answers(self, *answers: str):
        (self.folder / "answers.json").write_text(json.dumps(answers), encoding="utf-8")

    def saved(self, document: int, path: Path) -> Path:
        """The workbook as it is now, as a file of its own."""
        self.calc.save(document, str(path))
        return path

    def _hears(self) -> dict:
        self.heard += 1
        return self.steps.heard(self.heard)
