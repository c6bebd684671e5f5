"""The workbook that an action works on: a closed file, or one that is open in Excel (`excel/live.py`) or in Calc
(`libreoffice/serving.py`)."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Protocol

from ..errors import LedgerError
from ..workbook.saving import backed_up, free_name, saved, state_of

#: kinds of files that sheets can be put into
WRITABLE = (".xlsx", ".xlsm")


@dataclass
class Changing:
    """A copy of a workbook that is changed; what was changed stands in the workbook afterwards.

    path      the copy; it has the workbook's name
    target    where the results are then: the workbook, or a file beside where it could not be written to
    backup    the workbook as it was; None where nothing has changed
    """

    path: Path
    target: Path
    backup: Path | None = None
    remarks: list[str] = field(default_factory=list)

    def told(self) -> list[str]:
        """Where it is now, in words."""
        where = [f"已写入：{self.target.name}，原来的备份在 {self.backup.name}"] if self.backup else ["没有变化"]
        return [*self.remarks, *where]


class WorkBook(Protocol):
    """path: where it lies; files that are made of it stand beside."""

    path: Path

    def calculate(self):
        """Have all formulas calculated, as far as somebody is there who can."""

    def reading(self) -> AbstractContextManager[Path]:
        """The workbook as it is now, as a file under its name."""

    def changing(self) -> AbstractContextManager[Changing]:
        """The same, to be changed. Where the block raises, the workbook stays as it was."""

    def making(self, target: Path, anew: bool = False) -> AbstractContextManager[Path]:
        """Where a file is to be made; it is shown afterwards. `anew`: nothing of one that is there is kept."""

    def backup(self) -> Path:
        """A copy as it is now, beside it."""

    def selected(self) -> tuple[str, str]:
        """The sheet and the cell that is asked about."""

    def ask(self, what: str, question: str) -> str:
        """What somebody answers. Raises LedgerError where nobody does."""

    def show(self, sheet: str):
        """Bring a sheet to the front, where somebody looks at it."""


class FileBook:
    """A closed file. `place`: the cell that is asked about, as 台账!B5 or B5 (of the first sheet)."""

    def __init__(self, path, place: str = ""):
        self.path, self.place = Path(path), place
        if not self.path.exists():
            raise LedgerError(f"找不到文件：{self.path.name}")

    def calculate(self):
        """Nobody is there who could."""

    @contextmanager
    def reading(self) -> Iterator[Path]:
        yield self.path

    @contextmanager
    def changing(self) -> Iterator[Changing]:
        check_writable(self.path)
        seen = state_of(self.path)
        with copy_of(self.path, partial(shutil.copyfile, self.path)) as copy:
            before, change = copy.read_bytes(), Changing(copy, self.path)
            yield change
            content = copy.read_bytes()
            if content != before:
                with saved(self.path, source=self.path, backup=True, seen=seen) as file:
                    file.write(content)
                change.target, change.backup = file.result.path, file.result.backup
                if file.result.moved_because:
                    change.remarks.append(f"{file.result.moved_because}。结果写到了 {change.target.name}")

    @contextmanager
    def making(self, target: Path, anew: bool = False) -> Iterator[Path]:
        yield target

    def backup(self) -> Path:
        return backed_up(self.path)

    def selected(self) -> tuple[str, str]:
        sheet, _, cell = self.place.rpartition("!")
        return sheet.strip("'"), cell

    def ask(self, what: str, question: str) -> str:
        told = f"请在{self.path.name}的“操作”表里填写（没有这张表的，定义一个名称“{what}”，指向填了它的单元格）"
        raise LedgerError(f"缺少“{what}”：{told}")

    def show(self, sheet: str):
        """Nobody looks."""


def check_writable(path: Path, kinds: tuple[str, ...] = WRITABLE):
    """Raises LedgerError for a kind of file that sheets cannot be put into."""
    if path.suffix.lower() not in kinds:
        remedy = "请另存为 .xlsx（有宏的另存为 .xlsm）后再试"
        raise LedgerError(f"{path.name} 不是 {'、'.join(kinds[:-1])} 或 {kinds[-1]}，不能在里面写入；{remedy}")


@contextmanager
def copy_of(path: Path, put: Callable[[Path], object], suffix: str = "") -> Iterator[Path]:
    """A copy of a workbook under its own name (`suffix`: of another kind), in a folder of its own, the office's
    settings beside it."""
    with tempfile.TemporaryDirectory(prefix="xlp-", ignore_cleanup_errors=True) as folder:
        copy = Path(folder) / (path.stem + suffix if suffix else path.name)
        put(copy)
        office = path.with_name("office.toml")
        if office.exists():
            shutil.copyfile(office, copy.with_name(office.name))
        yield copy


def as_it_was(copy: Path) -> Path:
    """Another copy of a copy that is going to be changed."""
    before = copy.with_name("before") / copy.name
    before.parent.mkdir()
    shutil.copy2(copy, before)
    return before


def kept(file: Path, folder: Path) -> Path:
    """A file that was made beside a copy, put into the workbook's folder under a name that is free."""
    target = free_name(folder / file.name)
    with saved(target, source=file) as output:
        output.write(file.read_bytes())
    return output.result.path
