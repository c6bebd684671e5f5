"""The worker's end of the line: answers calls of functions, and runs actions on the workbook that is open in Calc.

Run by `worker.Worker`, with the Python of the installation.
"""
from __future__ import annotations

import os
import re
import shutil
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ... import __version__
from ...errors import LedgerError
from ...workbook.saving import backed_up, free_name, lock_of
from ..actions import action_of
from ..books import WRITABLE, Changing, as_it_was, check_writable, copy_of
from ..telling import told, unexpected
from ..transfer import Block, SheetChange, Transfer, excerpt, transfer
from ..values import answer_in
from .worker import Pipes

#: kinds of files that Calc can keep sheets, formulas and looks in
KEPT = (*WRITABLE, ".ods")
#: a formula without a result, or one whose result is another one now: the file does not tell what Calc shows
_UNTOLD = re.compile(rb"</f>\s*(?:<v\s*/>|<v>\s*</v>)?\s*</c>|<f\b[^>]*/>\s*(?:<v\s*/>)?\s*</c>"
                     rb"|<f[^>]*>[^<]*\b(?:TODAY|NOW|RAND|RANDBETWEEN|OFFSET|INDIRECT|CELL|INFO)\s*\(")  # fmt: skip


class HostError(Exception):
    """Something in Calc went wrong; its words say where, and nothing of what stands in a cell."""


class _Line:
    """The line to Calc, from here."""

    def __init__(self, pipes: Pipes):
        self.pipes = pipes

    def call(self, method: str, *given):
        """Raises LedgerError, HostError."""
        self.pipes.send("call", method, given)
        kind, found = self.pipes.receive()
        if kind == "refused":
            raise LedgerError(found)
        if kind == "broken":
            raise HostError(found)
        return found


class OpenBook:
    """A workbook that is open in Calc, as a `WorkBook`. `document`: the number by which Calc's side knows it.

    Raises LedgerError for one beside which nothing can be put.
    """

    def __init__(self, line: _Line, document: int = 0):
        self._line, self._document = line, document
        self.path = Path(self._ask("place"))

    def _ask(self, method: str, *given):
        return self._line.call(method, self._document, *given)

    # ---- as `WorkBook` says

    def calculate(self):
        self._ask("calculate")

    @contextmanager
    def reading(self) -> Iterator[Path]:
        with self._copy() as copy:
            yield copy

    @contextmanager
    def changing(self) -> Iterator[Changing]:
        check_writable(self.path, KEPT)
        self._ask("check_changeable")
        with self._copy() as copy:
            before, change = as_it_was(copy), Changing(copy, self.path)
            yield change
            made = transfer(before, copy, looks_only=True)
            change.remarks += made.remarks
            if not made.empty:
                change.backup = backed_up(self.path, before) if before.name == self.path.name else self.backup()
                excerpt(copy, taken_from := copy.with_name(f"xlp-{copy.name}"), made)
                change.remarks += self._ask("bring", _plain(made), str(taken_from))

    @contextmanager
    def making(self, target: Path, anew: bool = False) -> Iterator[Path]:
        there = self._line.call("find", str(target))
        if there is not None and not anew:
            other = OpenBook(self._line, there)
            with other.changing() as change:
                yield change.path
            other.show("")
            return
        path = free_name(target) if there is not None else target
        yield path
        if path.exists() and not lock_of(path):
            self._line.call("open", str(path))

    def backup(self) -> Path:
        if self._ask("untouched"):
            return backed_up(self.path)
        with tempfile.TemporaryDirectory(prefix="xlp-", ignore_cleanup_errors=True) as folder:
            copy = Path(folder) / self.path.name
            self._ask("copy", str(copy))
            return backed_up(self.path, copy)

    def selected(self) -> tuple[str, str]:
        return self._ask("selected")

    def ask(self, what: str, question: str) -> str:
        answer = (self._ask("ask", what, question) or "").strip()
        if not answer:
            raise LedgerError(f"没有填“{what}”，没有继续做")
        return answer

    def show(self, sheet: str):
        self._ask("show", sheet)

    # ----

    def _copy(self):
        """As it is now. What was saved is copied as it lies there, so that rosters can name the file that they were
        made of. What only Calc can read becomes an .xlsx."""
        writable = self.path.suffix.lower() in WRITABLE
        if writable and self._ask("untouched") and _is_told(self.path):
            return copy_of(self.path, lambda copy: shutil.copyfile(self.path, copy))
        return copy_of(self.path, lambda copy: self._ask("copy", str(copy)), "" if writable else ".xlsx")


def _is_told(path: Path) -> bool:
    """Whether a file has the results of all its formulas, and those that it has are what they come to now."""
    with suppress(OSError, zipfile.BadZipFile), zipfile.ZipFile(path) as package:
        sheets = (name for name in package.namelist() if re.search(r"sheet[^/]*\.xml$", name))
        return not any(_UNTOLD.search(package.read(name)) for name in sheets)
    return False


# ---- what has changed, as plain values


def _plain(made: Transfer) -> dict:
    """For `live.Bringing`, which knows nothing of this package's classes."""
    return {
        "copied": [(name, after, name in made.replaced, made.states[name] == "visible")
                   for name, after in made.copied.items()],
        "changed": {name: _sheet(change) for name, change in made.changed.items()},
        "names": dict(made.names),
    }  # fmt: skip


def _sheet(change: SheetChange) -> dict:
    return vars(change) | {"blocks": [*map(_block, change.blocks)], "former": [*map(_block, change.former)]}


def _block(block: Block) -> tuple:
    """(area, rows of values, formulas, truth values): cells that are typed as what they are."""
    top, left, _, _ = block.area
    rows, formulas, truths = [], [], []
    for row, line in enumerate(block.rows, top):
        cells = [*line]
        for column, value in enumerate(line):
            if value.__class__ is str:
                if value[:1] == "=":
                    formulas.append((row, left + column, value[1:]))
                    cells[column] = ""
                elif value[:1] == "'":
                    cells[column] = value[1:]
            elif value.__class__ is bool:
                truths.append((row, left + column))
                cells[column] = float(value)
        rows.append(tuple(cells))
    return block.area, tuple(rows), formulas, truths


# ---- the process


def _act(line: _Line, name: str) -> tuple[str, bool]:
    try:
        action = action_of(name)
    except LedgerError as error:
        return str(error), True
    said = told(action, lambda: OpenBook(line), copied=lambda text: line.call("clip", text), reason=_reason)
    return said.text, said.failed


def _reason(error: Exception) -> str:
    if isinstance(error, EOFError):
        raise error  # Calc is gone, nobody listens
    if isinstance(error, HostError):
        return f"程序出错（{error}）；请把这句话报告给软件维护者"
    return ""


def serve(pipes: Pipes):
    """Until the line ends."""
    line = _Line(pipes)
    pipes.send("hello", __version__)
    while True:
        what, *given = pipes.receive()
        try:
            if what == "answer":
                head, name, arguments = given
                found = answer_in(head, name, arguments)
            else:
                found = _act(line, *given)
        except EOFError:
            raise
        except Exception as error:
            pipes.send("broken", unexpected(error))
        else:
            pipes.send("done", found)


def main():
    writing = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what else is printed does not come between the messages
    with suppress(EOFError):
        serve(Pipes(sys.stdin.buffer, writing))


if __name__ == "__main__":
    main()
