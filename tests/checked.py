"""What somebody read in the text of a document, in `checked.toml` beside its data: the tests hold the data against it.

The file is no part of the wheel. What is in it and what it is for: KEYS, and docs/新增政策.md.
"""
from __future__ import annotations

import datetime as dt
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

import xl_poverty
from xl_poverty.formulas.signatures import Signature, find, own_signatures
from xl_poverty.rules.parameters import Policy, find_policies

POLICIES = Path(xl_poverty.__file__).parent / "policies"
FILE = "checked.toml"

#: key -> type. The first six must be there
KEYS = {
    "called": list,  # words that name the document; no file outside its folder has them
    "texts_sha256": str,  # over the clause texts; a text changes only when it was wrong
    "numbers": list,  # of all its clauses, in order
    "in_force": dict,  # from, until (left out where nothing is written), tested, quoted
    "paragraphs": dict,  # how numbers are printed: line, clause (patterns, the number in brackets), before ("{}.")
    "outside": list,  # how the lines begin that belong to no clause: letter, headings, signature. All others do
    "absent": list,  # numbers that the text leaves out
    "not_printed": list,  # number, issued: what the text does not print
    "headings": dict,  # clause -> what stands before its text where that is no printed number
    "own": list,  # names of indicators and deadlines that the contract does not have
    "without_figure": list,  # numbers that no figure of the text says: measure, parameter, number, because
    "printed_words": list,  # words that a function prints and compares with no argument: measure, parameter, because
    "settled": dict,  # how the claims of a household are settled: cash, once, once_per_household, caps, barred
}
REQUIRED = list(KEYS)[:6]
_IN_FORCE = {"from": dt.date, "until": dt.date, "tested": bool, "quoted": bool}
_PARAGRAPHS = {"line": str, "clause": str, "before": str}
_ROWS = {
    "without_figure": {"measure": str, "parameter": str, "number": (int, float), "because": str},
    "printed_words": {"measure": str, "parameter": str, "because": str},
    "caps": {"measure": str, "where": dict, "most": (int, float)},
    "barred": {"measure": str, "where": dict, "by": dict},
}
_SETTLED = {"cash": list, "once": list, "once_per_household": list, "caps": list, "barred": list}


@dataclass(frozen=True)
class Checked:
    """The content of one file."""

    called: list[str]
    texts_sha256: str
    numbers: list[str]
    in_force: dict
    paragraphs: dict[str, str]
    outside: list[str]
    absent: list[str] = field(default_factory=list)
    not_printed: list[str] = field(default_factory=list)
    headings: dict[str, str] = field(default_factory=dict)
    own: list[str] = field(default_factory=list)
    without_figure: list[dict] = field(default_factory=list)
    printed_words: list[dict] = field(default_factory=list)
    settled: dict | None = None


def checked(folder: Path) -> Checked:
    """What was read in the text of the document in this folder. A file that is missing or not right fails the test."""
    file = Path(folder) / FILE
    where = f"{file.parent.name}/{FILE}"
    assert file.exists(), f"{where} is missing: test_policies.py::test_what_was_read_is_written says what to write"
    data = tomllib.loads(file.read_text(encoding="utf-8"))
    wrong = [f"{key} is missing" for key in REQUIRED if key not in data] + list(_wrong(data))
    assert not wrong, f"{where}: {'; '.join(wrong)}"
    return Checked(**data)


def _wrong(data: dict):
    yield from _wrong_keys(data, KEYS, "")
    yield from _wrong_keys(data.get("in_force", {}), _IN_FORCE, "in_force.")
    yield from _wrong_keys(data.get("paragraphs", {}), _PARAGRAPHS, "paragraphs.")
    settled = data.get("settled", {})
    yield from _wrong_keys(settled, _SETTLED, "settled.")
    for name, keys in _ROWS.items():
        for row in data.get(name, settled.get(name, ())):
            yield from _wrong_keys(row, keys, f"{name}: ")
            yield from (f"{name}: {key} is missing" for key in keys if key not in row and key != "where")
            if not row.get("because", "said nothing of"):
                yield f"{name}: because is empty"
    for name, keys in (("in_force", ("from", "tested", "quoted")), ("paragraphs", _PARAGRAPHS)):
        yield from (f"{name}.{key} is missing" for key in keys if key not in data.get(name, {}))
    if data.get("called") == []:
        yield "called is empty"


def _wrong_keys(table: dict, known: dict, where: str):
    for key, value in table.items():
        if key not in known:
            yield f"{where}{key} is unknown; known are {', '.join(known)}"
        elif not isinstance(value, known[key]) or isinstance(value, bool) and known[key] is not bool:
            yield f"{where}{key}: found {value!r}"


# ---- what is installed, whatever it is


def installed() -> list[dict]:
    """The data of every installed document as it is written, in order of id."""
    written = [tomllib.loads((f / "policy.toml").read_text(encoding="utf-8")) for f in find_policies(POLICIES)]
    return sorted(written, key=lambda data: data["id"])


def function(policy: Policy, name: str) -> Signature | None:
    """The function of a measure: the contract's, or the document's own."""
    return find(name) or own_signatures(policy).get(name)
