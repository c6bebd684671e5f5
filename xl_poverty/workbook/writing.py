"""Writing cells and sheets into a workbook: every other part of it stays as it is, byte for byte."""

from __future__ import annotations

import io
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from ..errors import LedgerError
from .archive import Archive, Packed, Packer
from .changes import Edits, SheetChanges, changes_of
from .dependants import stale
from .formula_cells import FormulaCell
from .frame import areas_of, reference_of
from .grafting import Graft, graft
from .package import Package
from .parts import WORKBOOK_ORDER, Parts, child, ensured, named
from .protection import check_package, check_written, protected
from .recalculation import drop_calculation_chain, recalculate_on_load
from .references import MOST_COLUMNS, MOST_ROWS, Area, Spot, area_of
from .refusals import damaged
from .saving import Saved, saved, state_of, told_in_words
from .sheets import Protected, Rewritten, Sheet
from .styles import StyleBook

_WHOLE: Area = (0, 0, MOST_ROWS - 1, MOST_COLUMNS - 1)


@dataclass
class Written:
    """What was written.

    saved    where it is, and the backup
    blanked  sheet -> how many formulas lost the results that they showed, since what they depend on has changed; they
             have results again when a spreadsheet program has opened the file
    """

    saved: Saved
    blanked: dict[str, int] = field(default_factory=dict)


def write_cells(
    source,
    target,
    changes: Mapping[str, Mapping | SheetChanges],
    *,
    sheets: Sequence[Graft] = (),
    names: Mapping[str, str] | None = None,
    in_place: bool = False,
    same_results: bool = False,
    unlocking: bool = False,
) -> Written:
    """Write cells into a copy of a workbook (.xlsx, .xlsm), or into itself.

    changes   sheet -> {(row, column) or "C7": value}, rows and columns counted from 1, or SheetChanges
    sheets    whole sheets that are added, or take the place of one
    names     names of the workbook that are set: name -> reference, as in "核算口径!$B$2"
    in_place  allows `target` to be `source`
    unlocking  sheets that are protected without a password are written to, too; they stay protected
    same_results  says that the cells show afterwards what they showed before, so that no other result is stale

    A value is written as what it is: text stays text, a Formula becomes one. Formulas that depend on what was written
    lose the results that they show, and everything is calculated again when the workbook is next opened.
    A file that is replaced is kept beside it as a backup. `source` may be an open binary file with a name.
    Raises LedgerError where the workbook cannot or must not be changed; it is untouched then.
    """
    target = Path(target)
    if not hasattr(source, "read"):
        source = Path(source)
    same = isinstance(source, Path) and source.exists() and target.exists() and target.samefile(source)
    if same and not in_place:
        raise LedgerError(f"{target.name} 是原来的工作簿，没有写；请给结果另起一个文件名，或指明直接写进原文件")
    seen = state_of(target)
    with told_in_words(target), tempfile.TemporaryFile() as packed:
        if isinstance(source, Path):
            package = check_package(source)
        else:
            package = check_package(Package(source.read(), Path(source.name).name))
        _check_kind(package, target)
        job = _Job(package, packed, changes, sheets, names or {}, same_results, unlocking)
        origin = source if isinstance(source, Path) else None
        check = partial(check_written, name=target.name)
        with saved(target, source=origin, backup=True, check=check, seen=seen) as output:
            try:
                job.write(output)
            except zipfile.LargeZipFile:
                raise LedgerError(f"{target.name} 会超过4GB，表格软件打不开，没有写；请把台账拆成几个文件") from None
        return Written(output.result, job.blanked)


def _read_by(cell: FormulaCell) -> str:
    """A formula, as far as it says which cells it reads."""
    if cell.kind != "dataTable" or not cell.area:
        return cell.text
    # a table of results puts its inputs into the formulas above it and at its left
    top, left, bottom, right = cell.area
    around = reference_of((max(top - 1, 0), max(left - 1, 0), bottom, right))
    return f"{around},{cell.text}" if cell.text else around


def _check_kind(package: Package, target: Path):
    """Spreadsheet programs refuse a file whose name says something else about macros than its content."""
    macros = b"macroEnabled" in (package.read("[Content_Types].xml") or b"")
    wanted = (".xlsm", ".xltm", ".xlam") if macros else (".xlsx", ".xltx")
    if target.suffix.lower() not in wanted:
        kind = "有宏" if macros else "没有宏"
        raise LedgerError(f"{package.name} {kind}，结果的文件名要以 {wanted[0]} 结尾，请改 {target.name}")


class _Job:
    """All that becomes another part of a package."""

    def __init__(
        self, package: Package, packed, changes, grafts: Sequence[Graft], names: Mapping[str, str], same_results: bool,
        unlocking: bool,
    ):  # fmt: skip
        self.package, self.packed = package, packed
        self.parts = Parts(package)
        self.styles = StyleBook(self.parts)
        self.names, self.same_results = names, same_results
        self.sheets = {
            name: Sheet(self.parts, index, name, part, unlocking)
            for index, (name, part, kind) in enumerate(self.parts.sheets()) if kind == "worksheet"
        }  # fmt: skip
        for sheet in self.sheets.values():
            if sheet.part not in self.parts:
                raise damaged(package.name, f"工作表“{sheet.name}”的内容不见了")
        wanted = {self._known(name).name: changes_of(given) for name, given in changes.items()}
        self.changes = {name: given for name, given in wanted.items() if not given.empty}
        self.grafts = grafts
        self.blanked: dict[str, int] = {}
        self.rewritten: dict[str, Packed] = {}  # parts that streamed by
        self._plan()

    def _known(self, name: str) -> Sheet:
        for found in (*(sheet for key, sheet in self.sheets.items() if key == name),
                      *(sheet for key, sheet in self.sheets.items() if key.casefold() == name.casefold())):  # fmt: skip
            return found
        there = "、".join(self.sheets)
        raise LedgerError(f"{self.package.name} 里没有工作表“{name}”，有：{there}；请核对工作表名称")

    def _plan(self):
        parts = self.parts
        why = protected(self.package, structure=bool(self.grafts))
        if why:
            raise Protected(why)
        wanted = {(given.name or given.sheet).casefold() for given in self.grafts if given.replaces}
        replaced = {name for name in self.sheets if name.casefold() in wanted}
        edits = {name: Edits(given) for name, given in self.changes.items()}
        rewritten: dict[str, Rewritten] = {}
        for name, found in edits.items():
            rewritten[name] = self._rewrite(name, found)
        formulas = {
            name: rewritten[name].formulas if name in rewritten else sheet.formulas()
            for name, sheet in self.sheets.items() if name not in replaced
        }  # fmt: skip
        graft(parts, *self.grafts)
        texts = {
            name: {(cell.row, cell.column): _read_by(cell) for cell in found}
            for name, found in formulas.items() if found
        }  # fmt: skip
        if texts and not self.same_results:
            changed = {name: found.areas for name, found in edits.items()} | {name: [_WHOLE] for name in replaced}
            for name, spots in self._stale(formulas, texts, changed).items():
                self._blank(name, spots, formulas[name], edits.get(name), rewritten)
        for name, text in self.names.items():
            self._define(name, text)
        if texts or self.grafts or any(found.writes_formulas() for found in edits.values()):
            recalculate_on_load(parts)
        if any(found.formula_gone for found in rewritten.values()) or replaced:
            drop_calculation_chain(parts)
        self.rewritten = {self.sheets[name].part.lower(): found.packed for name, found in rewritten.items()}

    def _stale(self, formulas, texts, changed) -> dict[str, set[Spot]]:
        areas = {
            name: {(cell.row, cell.column): cell.area for cell in found if cell.kind == "array" and cell.area}
            for name, found in formulas.items()
        }
        return stale(texts, changed, self._defined(), self._tables(), sheets=list(self.sheets), areas=areas)

    def _blank(self, name: str, spots: set[Spot], formulas, edits: Edits | None, rewritten: dict[str, Rewritten]):
        """Take the results from formulas that show what was. Those that were overwritten are gone."""
        spots = spots & {(cell.row, cell.column) for cell in formulas if cell.value is not None}
        if edits is not None:
            spots -= {spot for area in areas_of(spots) for spot in edits.inside(area)}
        if spots:
            self.blanked[name] = len(spots)
            edits = Edits(SheetChanges()) if edits is None else edits
            rewritten[name] = self._rewrite(name, edits, rewritten.get(name), spots)

    def _rewrite(self, name: str, edits: Edits, before: Rewritten | None = None, blank=frozenset()) -> Rewritten:
        found = self.sheets[name].rewrite(edits, self.styles, self.parts.epoch_1904, self._packer, before, blank)
        if before:
            found.formula_gone |= before.formula_gone
        return found

    def _packer(self) -> Packer:
        self.packed.seek(0, 2)
        return Packer(self.packed)

    # ---- names and tables

    def _defined(self) -> dict[str | tuple[str, str], str]:
        """Names of the workbook, and (name, sheet) of those that are a sheet's own."""
        names, defined = child(self.parts.tree(self.parts.workbook), "definedNames"), {}
        order = [name for name, _, _ in self.parts.sheets()]
        for found in () if names is None else names:
            index = found.get("localSheetId", "")
            name = found.get("name", "")
            own = index.isdigit() and int(index) < len(order)
            defined[(name, order[int(index)]) if own else name] = found.text or ""
        return defined

    def _define(self, name: str, text: str):
        from lxml import etree

        names = ensured(self.parts.tree(self.parts.workbook), "definedNames", WORKBOOK_ORDER)
        for found in names:
            if found.get("name", "").casefold() == name.casefold() and found.get("localSheetId") is None:
                found.text = text
                return
        etree.SubElement(names, named(names, "definedName"), name=name).text = text

    def _tables(self) -> dict[str, tuple[str, Area, list[str]]]:
        found = {}
        for sheet in self.sheets.values():
            for kind, part in self.parts.related(sheet.part).values():
                if kind == "table" and part in self.parts:
                    root = self.parts.tree(part)
                    area = area_of(root.get("ref", ""))
                    columns = child(root, "tableColumns")
                    if area:
                        titles = [] if columns is None else [column.get("name", "") for column in columns]
                        found[root.get("displayName") or root.get("name", "")] = sheet.name, area, titles
        return found

    # ---- the package

    def write(self, output):
        source = io.BytesIO(self.package.content)
        changed = {name.lower(): (name, data) for name, data in self.parts.changed().items()}
        archive = Archive(output)
        with zipfile.ZipFile(source) as old:
            for info in old.infolist():
                key = info.filename.replace("\\", "/").lstrip("/").lower()
                if key in self.rewritten:
                    archive.add(info.filename, self.rewritten[key], info)
                elif key in changed:
                    data = changed.pop(key)[1]
                    if data is not None:
                        archive.add(info.filename, self._pack(data), info)
                else:
                    archive.copy(source, info)
            for name, data in changed.values():
                if data is not None:
                    archive.add(name, self._pack(data))
            archive.close(old.comment)

    def _pack(self, data: bytes) -> Packed:
        packer = self._packer()
        packer.write(data)
        return packer.done()
