"""Files that were read as one ledger: which column is which, who stands in it twice, what contradicts itself, which
village has not reported."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from ..errors import LedgerError
from ..ledger.cleaning import VALUE, Clean, clean_column
from ..ledger.fields import fields
from ..ledger.headers import field_of, key_of, meant
from ..ledger.reading import HOUSEHOLDS, PAYMENTS, PERSONS, SPELLS
from ..workbook.references import MOST_COLUMNS
from .gathering import Head, Left, Part, Place, Read

#: where a row comes from: the last columns of the merged ledger
SOURCE = ("来源文件", "来源工作表", "来源行")
#: columns whose differences between two rows of a person mean nothing
_OWN = frozenset(("sequence", "remark", "id_number", "person_id"))
_HIDDEN = "（号码不列出）"
_ENDINGS = re.compile(r"(村民委员会|社区居民委员会|居民委员会|村委会|居委会)$")


@dataclass(frozen=True)
class Duplicate:
    """A row of a person who stands in several rows. `group` counts the persons, `row` is that of the merged sheet."""

    group: int
    name: str
    household: str
    village: str
    file: str
    sheet: str
    source_row: int
    row: int
    told: str


@dataclass(frozen=True)
class Conflict:
    """Two rows that cannot both be right: 户编号 in two villages, or facts of one person. Personal numbers are not
    told."""

    kind: str
    who: str
    what: str
    one: str
    one_at: str
    other: str
    other_at: str


@dataclass(frozen=True)
class Template:
    """A file whose columns are not those of the most."""

    file: str
    sheet: str
    lacking: tuple[str, ...]
    more: tuple[str, ...]

    @property
    def told(self) -> str:
        return "旧模板：缺少多数文件都有的列" if self.lacking else "多出别的文件没有的列"


@dataclass
class Column:
    """A column of the merged ledger, and the headers it has in the files (-> in how many tables)."""

    header: str
    field: str
    unit: str
    label: str
    headers: Counter = field(default_factory=Counter)


@dataclass
class Merged:
    """What became of the files.

    rows_in   rows in which anything stands, of all files that could be read
    rows_out  rows of the merged ledger; rows_left: those that are listed in `left`
    bad       (file, why) of those that could not be read or hold no table of this kind
    villages  (name on the list, rows found, files) where a list was given; `unknown`: villages that are not on it
    """

    target: Path | None = None
    kind: str = PERSONS
    files: list[Read] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)
    columns: list[Column] = field(default_factory=list)
    places: list[np.ndarray] = field(default_factory=list)  # per part: column of the merged ledger of each of its own
    bad: list[tuple[str, str]] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)
    duplicates: list[Duplicate] = field(default_factory=list)
    conflicts: list[Conflict] = field(default_factory=list)
    templates: list[Template] = field(default_factory=list)
    villages: list[tuple[str, int, str]] | None = None
    unknown: list[tuple[str, int]] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    backup: Path | None = None

    @property
    def rows_in(self) -> int:
        return sum(file.rows for file in self.files)

    @property
    def rows_out(self) -> int:
        return sum(map(len, self.parts))

    @property
    def rows_left(self) -> int:
        return sum(len(left.rows) for left in self.left)

    @property
    def merged_files(self) -> int:
        return len({part.file for part in self.parts})

    @property
    def starts(self) -> list[int]:
        """Per part, the number of its first row in the merged sheet."""
        return (np.cumsum([0, *map(len, self.parts)]) + 2).tolist()

    @property
    def missing(self) -> list[str]:
        """Villages on the list of which there is no row."""
        return [name for name, rows, _ in self.villages or () if not rows]


def joined(files: list[Read], kind: str = "", villages: list[Place] | None = None) -> Merged:
    """Files that were read as one ledger. Raises LedgerError where there is no table in any."""
    kinds = Counter(next(iter(file.parts)).kind for file in files if file.parts)
    if kind and kind not in (PERSONS, HOUSEHOLDS, SPELLS, PAYMENTS):
        raise LedgerError(f"没有“{kind}”这一类表，可选：{'、'.join((PERSONS, HOUSEHOLDS, SPELLS, PAYMENTS))}")
    several = Counter(part.kind for file in files for part in {part.kind: part for part in file.parts}.values())
    if not several:
        whys = "\n".join(f"  {file.error}" for file in files[:10])
        raise LedgerError(f"{len(files)}个文件里都没有可以合并的台账：\n{whys}")
    # a table of persons beside another one in the same file is the ledger, whatever is first
    best = max(several, key=lambda one: (several[one], one == PERSONS, kinds[one]))
    merged = Merged(kind=kind or best, files=files)
    _choose(merged)
    if not merged.parts:
        raise LedgerError(f"{len(files)}个文件里没有“{merged.kind}”这一类表，有：{'、'.join(several)}")
    _columns(merged)
    if merged.rows_in != merged.rows_out + merged.rows_left:
        raise AssertionError(f"{merged.rows_in} rows in, {merged.rows_out} out, {merged.rows_left} listed")
    persons = _persons(merged) if merged.kind in (PERSONS, HOUSEHOLDS) else {}
    _repeated(merged, persons)
    _households(merged)
    if villages is not None:
        _reported(merged, villages)
    return merged


def _choose(merged: Merged):
    """Which tables are merged; all rows of the others are listed."""
    seen: dict[bytes, str] = {}
    alike = (PERSONS, HOUSEHOLDS) if merged.kind in (PERSONS, HOUSEHOLDS) else ()
    usual = {frozenset(part.fields) for file in merged.files for part in file.parts if part.kind == merged.kind}
    for file in merged.files:
        same = seen.get(file.digest) if file.digest and file.parts else None
        whole = {(part.sheet, part.kind): [] for part in file.parts}
        chosen = [] if same else [part for part in file.parts if part.kind == merged.kind]
        if not same and not chosen:  # a village of single persons looks like a list of households
            chosen = [part for part in file.parts if part.kind in alike and frozenset(part.fields) in usual]
        for part in file.parts:
            if part not in chosen:
                whole[part.sheet, part.kind] += part.numbers
        for (sheet, kind), rows in whole.items():
            if rows:
                why = f"与 {same} 的内容完全相同，只合并一份" if same else f"别的表，没有合并（{kind}）"
                file.left.append(Left(file.file, sheet, why, tuple(rows)))
        if same:
            merged.bad.append((file.file, f"与 {same} 的内容完全相同，只合并一份"))
        elif chosen:
            seen.setdefault(file.digest, file.file)
            merged.parts += chosen
        else:
            kinds = "、".join(dict.fromkeys(part.kind for part in file.parts))
            merged.bad.append((file.file, file.error or f"里面没有“{merged.kind}”这一类表，只有：{kinds}"))
        merged.left += file.left


Ident = tuple  # what a column is: (field, unit, meaning, n-th) or (header, n-th)


def _columns(merged: Merged):
    """The columns of all tables, each once, in the order of the most usual table, the others behind."""
    votes: dict[tuple[str, int], Counter] = {}
    shapes = Counter(part.heads for part in merged.parts)
    for heads, count in shapes.items():
        for head in heads:
            if head.field:
                told = head.field, head.unit, head.meaning
                votes.setdefault((head.key, head.nth), Counter())[told] += count
    usual = {key: counter.most_common(1)[0][0] for key, counter in votes.items()}
    idents = {heads: _idents(heads, usual) for heads in shapes}
    labels = {head.field: head.label for heads in shapes for head in heads}
    at: dict[Ident, int] = {}
    for heads, count in shapes.most_common():
        for ident, head in zip(idents[heads], heads):
            if ident not in at:
                at[ident] = len(at)
                told = ident[1:3] if ident[0] == "field" else ("", "")
                merged.columns.append(Column("", *told, labels.get(told[0], "")))
            merged.columns[at[ident]].headers[head.path] += count
    for ident, place in at.items():
        merged.columns[place].header = _header(merged.columns[place], ident)
    if len(at) + len(SOURCE) > MOST_COLUMNS:
        raise LedgerError(f"各文件的列合起来有{len(at)}列，一张工作表放不下；请看看是不是选错了文件")
    places = {heads: np.array([at[ident] for ident in own]) for heads, own in idents.items()}
    merged.places = [places[part.heads] for part in merged.parts]
    _compare_templates(merged, {heads: frozenset(own.tolist()) for heads, own in places.items()}, shapes)


def _idents(heads: tuple[Head, ...], usual: dict) -> list[Ident]:
    """What each column is: by its own reading, else by what the same header is in other files."""
    found: list[Ident | None] = [None] * len(heads)
    taken: Counter = Counter()
    for place, head in enumerate(heads):
        if head.field:
            told = head.field, head.unit, head.meaning
            found[place] = ("field", *told, taken[told])
            taken[told] += 1
    for place, head in enumerate(heads):
        told = usual.get((head.key, head.nth))
        if found[place] is None and told is not None and told not in taken:
            found[place] = ("field", *told, 0)
            taken[told] += 1
    return [ident or ("header", head.key, head.nth) for ident, head in zip(found, heads)]


def _header(column: Column, ident: Ident) -> str:
    """The most usual header that means the field by itself, else the field's own."""
    paths = [path for path, _ in sorted(column.headers.items(), key=lambda one: -one[1])]
    if ident[0] != "field":
        return "／".join(paths[0]) or f"（没有表头）{ident[2] + 1}"
    told = fields().get(column.field)
    texts = [path[-1] for path in paths if path]
    header = next((one for one in texts if field_of(one) == column.field), told.label if told else texts[0])
    if column.unit and column.unit not in header:
        header = f"{re.sub(r'[(（][^()（）]*[)）]$', '', header)}（{column.unit}）"
    return header


def _compare_templates(merged: Merged, sets: dict, shapes: Counter):
    """Tables that lack what more than half of them have, or have what no other has."""
    total, counted = len(merged.parts), Counter()
    for heads, own in sets.items():
        counted.update(dict.fromkeys(own, shapes[heads]))
    most = [place for place, count in sorted(counted.items()) if 2 * count > total]
    for part in merged.parts:
        own, mine = sets[part.heads], shapes[part.heads]
        lacking = tuple(merged.columns[place].header for place in most if place not in own)
        more = tuple(merged.columns[place].header for place in sorted(own) if 2 * counted[place] <= total
                     and counted[place] == mine and total > 2)  # fmt: skip
        if lacking or more:
            merged.templates.append(Template(part.file, part.sheet, lacking, more))


def _persons(merged: Merged) -> dict[str, list[tuple[int, int]]]:
    """Persons of several rows -> (part, row) of each."""
    first: dict[str, tuple[int, int]] = {}
    again: dict[str, list[tuple[int, int]]] = {}
    for number, part in enumerate(merged.parts):
        if part.persons is None:
            continue
        codes, keys = part.persons
        for row, code in enumerate(codes.tolist()):
            if code >= 0:
                spot, key = (number, row), keys[code]
                before = first.setdefault(key, spot)
                if before is not spot:
                    again.setdefault(key, [before]).append(spot)
    return again


def _repeated(merged: Merged, persons: dict[str, list[tuple[int, int]]]):
    starts, cleaned = merged.starts, _cleaned(merged, [spot for spots in persons.values() for spot in spots])
    for group, spots in enumerate(persons.values(), 1):
        differing = list(_facts(merged, spots, cleaned))
        merged.conflicts += differing
        told = "各行内容一致" if not differing else f"{'、'.join(dict.fromkeys(c.what for c in differing))}不一致"
        where = "同一文件里重复" if len({merged.parts[number].file for number, _ in spots}) == 1 else "不同文件里重复"
        for number, row in spots:
            part = merged.parts[number]
            merged.duplicates.append(Duplicate(
                group, part.shown("name", row), part.household(row), part.place(row)[1], part.file, part.sheet,
                part.numbers[row], starts[number] + row, f"{where}，{told}",
            ))  # fmt: skip


def _cleaned(merged: Merged, spots: list[tuple[int, int]]) -> dict[tuple[int, int], dict[str, Clean]]:
    """(part, row) -> field -> its cell as it is understood, of fields that say something of a person."""
    asked: dict[tuple, list[tuple[tuple[int, int], object]]] = {}
    for number, row in spots:
        part = merged.parts[number]
        for name, at in part.fields.items():
            known = fields().get(name)
            if known and not known.repeats and name not in _OWN:
                head = part.heads[at]
                key = name, head.unit, "／".join(head.path) if head.meaning else ""
                asked.setdefault(key, []).append(((number, row), part.cell(at, row)))
    found: dict[tuple[int, int], dict[str, Clean]] = {spot: {} for spot in spots}
    for (name, unit, header), cells in asked.items():
        values = meant(header, [value for _, value in cells])
        for (spot, _), clean in zip(cells, clean_column(fields()[name], values, unit)):
            found[spot][name] = clean
    return found


def _facts(merged: Merged, spots: list[tuple[int, int]], cleaned) -> Iterator[Conflict]:
    """Facts of a person that two rows tell differently; a blank contradicts nothing."""
    first, row = merged.parts[spots[0][0]], spots[0][1]
    for number, other_row in spots[1:]:
        other, told = merged.parts[number], cleaned[number, other_row]
        for name, one in cleaned[spots[0]].items():
            another = told.get(name)
            if another is None or not one.state == another.state == VALUE or _meant(one) == _meant(another):
                continue
            known = fields()[name]
            shown = [_HIDDEN] * 2 if known.personal else [first.shown(name, row), other.shown(name, other_row)]
            yield Conflict(
                "同一人内容不同", first.shown("name", row), known.label,
                shown[0], _at(first, row), shown[1], _at(other, other_row),
            )  # fmt: skip


def _meant(clean: Clean):
    """What a cell is compared on: of a name, without its blanks."""
    return getattr(clean.value, "key", clean.value)


def _at(part: Part, row: int) -> str:
    return f"{part.file}「{part.sheet}」第{part.numbers[row]}行"


def _households(merged: Merged):
    """户编号 that stand in two villages. Files that name no village are villages of their own."""
    seen: dict[str, dict[Place, tuple[Part, int]]] = {}
    for part in merged.parts:
        if part.households is None:
            continue
        codes, keys = part.households
        villages, labels = part.places
        pairs, rows = np.unique(codes * len(labels) + villages, return_index=True)
        for pair, row in zip(pairs.tolist(), rows.tolist()):
            if codes[row] >= 0:
                town, village = labels[pair % len(labels)]
                place = (town, village) if village else ("", f"没有写村（{part.file}）")
                seen.setdefault(keys[codes[row]], {}).setdefault(place, (part, row))
    for key, places in seen.items():
        (place, (part, row)), *others = places.items()
        for other, (second, second_row) in others:
            merged.conflicts.append(Conflict(
                "同一户编号在两个村", f"户编号 {key}", "行政村", "".join(place), _at(part, row), "".join(other),
                _at(second, second_row),
            ))  # fmt: skip


# ---- who has reported


def village_key(name: str) -> str:
    """A village's name as names are compared: 甲村, 甲村委会 and 甲村村民委员会 are one."""
    key = _ENDINGS.sub("", key_of(name))
    return key if key.endswith(("村", "社区", "居")) or len(key) < 2 else f"{key}村"


def _reported(merged: Merged, villages: list[Place]):
    rows: Counter = Counter()
    files: dict[Place, dict[str, None]] = {}
    for part in merged.parts:
        codes, labels = part.places
        for label, count in zip(labels, np.bincount(codes, minlength=len(labels)).tolist()):
            place = key_of(label[0]), village_key(label[1] or _named(part.file))
            rows[place] += count
            files.setdefault(place, {})[part.file] = None
    known: set[Place] = set()
    merged.villages = []
    for town, name in villages:
        wanted = key_of(town), village_key(name)
        mine = [p for p in rows if p[1] == wanted[1] and (not wanted[0] or not p[0] or p[0] == wanted[0])]
        known.update(mine)
        where = "、".join(dict.fromkeys(file for place in mine for file in files[place]))
        if not mine:
            bad = [file for file, _ in merged.bad if wanted[1] in (village_key(_named(file)), key_of(_named(file)))
                   or wanted[1] in key_of(file)]  # fmt: skip
            where = f"交了但没有合并：{'、'.join(bad)}" if bad else ""
        merged.villages.append((f"{town}{name}", sum(rows[place] for place in mine), where))
    merged.unknown = [("".join(place), count) for place, count in rows.items() if place not in known]


def _named(file: str) -> str:
    """What a file's name says of its village: 某镇甲村台账_20231218 (2).xlsx is 甲村's."""
    stem = Path(file).stem
    found = re.match(r"[\d\s._-]*(?:[\u4e00-\u9fff]+(?:镇|乡|街道))?([\u4e00-\u9fff]+?(?:村|社区|居))", stem)
    return found[1] if found and len(found[1]) > 1 else stem
