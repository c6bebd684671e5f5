"""Every number, day and word of a document is held by a case: with any of them changed, a case comes out differently.

Each number is changed by one unit up and down, each day by a day, each list and table loses one word after the other.
The cases beside the document then run on the changed document. What no case notices is a survivor, and fails the test.

    python tests/test_mutations.py [document …]     a table of what was changed and who noticed
"""
from __future__ import annotations

import copy
import datetime as dt
import sys
import time
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from unittest import mock

import pytest
import test_policies
from test_cases import POLICIES, run

from xl_poverty import CellError, PolicyError
from xl_poverty.formulas import documents
from xl_poverty.formulas.signatures import signatures
from xl_poverty.rules import parameters
from xl_poverty.rules.parameters import Policy, find_policies

DOCUMENTS = [folder.name for folder in find_policies(POLICIES)]
NUMBERS, WORDS = "numbers and days", "words"

#: parts of a document that tell where it comes from; no formula computes with them, test_policies.py holds them
ABOUT = {"id", "short_name", "number", "title", "issuer", "issued", "level", "home", "source", "absent", "absent_note",
         "clauses", "reading"}  # fmt: skip

#: the functions that read an indicator and a deadline
READ_BY = {"indicators": ("INDICATOR_OK", "INDICATOR_LINE", "POLICY_PARAM"), "deadlines": ("DEADLINE", "ON_TIME")}
#: those that read a measure, beside the function of its name
READ_ALL = ("POLICY_PARAM", "HOUSEHOLD_TOTAL")

#: stands in for the only word of a list or table: nobody writes it
NO_WORD = "〔无此词〕"


@dataclass(frozen=True)
class Mutation:
    """One change: the value at `path` becomes `new`, or the word there is left out."""

    path: tuple
    old: object
    new: object = None

    def __str__(self):
        place = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in self.path).lstrip(".")
        return f"{place}: {self.old} → {'left out' if self.new is None else self.new}"

    @property
    def kind(self) -> str:
        return WORDS if self.new is None else NUMBERS

    def applied(self, data: dict) -> dict:
        """A changed copy of the parsed document."""
        changed = copy.deepcopy(data)
        *above, last = self.path
        holder = changed
        for part in above:
            holder = holder[part]
        if self.new is not None:
            holder[last] = self.new
        elif len(holder) > 1:
            del holder[last]
        elif isinstance(holder, list):
            holder[last] = NO_WORD
        else:
            holder[NO_WORD] = holder.pop(last)
        return changed


@dataclass
class Report:
    """What came of the mutations of one kind in one document."""

    places: set = field(default_factory=set)
    killed: int = 0
    refused: list[Mutation] = field(default_factory=list)  # loading fails, and with it all of test_policies.py
    data_only: list[Mutation] = field(default_factory=list)  # no formula reads it; a test of the data notices
    survivors: list[Mutation] = field(default_factory=list)

    @property
    def tried(self) -> int:
        return self.killed + len(self.refused) + len(self.data_only) + len(self.survivors)


# ---- what can be changed


def leaves(value, path: tuple = ()) -> Iterator[tuple[tuple, object]]:
    """(path, value) of everything in the data that is no container; a table's or list's words as well."""
    if isinstance(value, dict):
        for key, entry in value.items():
            if path or key not in ABOUT:
                yield from leaves(entry, (*path, key))
    elif isinstance(value, list):
        for place, entry in enumerate(value):
            yield from leaves(entry, (*path, place))
    else:
        yield path, value


def unit(number: Decimal) -> Decimal:
    """One unit of the last digit written. A share is a percentage in the text: there a unit is at most 1%."""
    last = Decimal(1).scaleb(min(number.as_tuple().exponent, 0))
    return min(last, Decimal("0.01")) if 0 < number < 1 else last


def mutations(data: dict) -> Iterator[Mutation]:
    """Every change of a document read with exact decimals."""
    for path, value in leaves(data):
        if isinstance(value, bool):
            continue
        if isinstance(value, (int, Decimal)):
            for new in (value - unit(Decimal(value)), value + unit(Decimal(value))):
                yield Mutation(path, value, int(new) if isinstance(value, int) else new)
        elif isinstance(value, dt.date):
            for days in (-1, 1):
                yield Mutation(path, value, value + dt.timedelta(days=days))
        # values, number of the version, name of the parameter, word
        in_parameter = len(path) > 3 and "values" in path[:-3] and path[path.index("values") + 3 :] == path[-1:]
        if in_parameter and (isinstance(value, str) or isinstance(path[-1], str)):
            yield Mutation(path, value if isinstance(value, str) else f"{path[-1]} = {value}")


def floats(value):
    """As tomllib reads it without being asked for decimals."""
    if isinstance(value, dict):
        return {key: floats(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [floats(entry) for entry in value]
    return float(value) if isinstance(value, Decimal) else value


# ---- a changed document in place of the installed one


def policy_of(name: str, data: dict) -> Policy:
    """A policy with this data instead of its file's; a document that it extends stays as it is. Raises PolicyError."""
    policy_file = POLICIES / name / "policy.toml"

    def load(stream):
        return floats(data) if Path(stream.name) == policy_file else tomllib.load(stream)

    reader = SimpleNamespace(load=load, TOMLDecodeError=tomllib.TOMLDecodeError)
    with mock.patch.object(parameters, "tomllib", reader):
        return Policy(policy_file.parent)


def forget() -> None:
    """Nothing bound for one document may serve another."""
    for signature in signatures().values():
        signature.bound.clear()
        signature.traced.clear()
    documents.own_functions.cache_clear()  # what is bound for a document's own functions hangs there


@contextmanager
def installed(policy: Policy):
    """All formulas use this policy instead of the installed one of its name."""
    index = documents._index
    changed = {}

    def substituted(folders):
        if folders not in changed:
            changed[folders] = {key: policy if p.id == policy.id else p for key, p in index(folders).items()}
        return changed[folders]

    forget()
    with mock.patch.object(documents, "_index", substituted):
        yield
    forget()


# ---- who notices


@cache
def written(name: str) -> dict:
    """The document as it is parsed, with exact decimals."""
    with open(POLICIES / name / "policy.toml", "rb") as stream:
        return tomllib.load(stream, parse_float=Decimal)


@cache
def cases(name: str) -> list[dict]:
    with open(POLICIES / name / "cases.toml", "rb") as stream:
        return tomllib.load(stream)["case"]


@cache
def own_function(name: str, measure: str) -> str:
    """The measure that BENEFIT is asked for, by the name that the document gives it."""
    found = documents.own_functions(Policy(POLICIES / name)).get(measure)
    return found.name if found else "BENEFIT"


def called(name: str, case: dict) -> str:
    """The function that a case is about: a document's own ones are called by BENEFIT."""
    return own_function(name, case["args"]["measure"]) if case["function"] == "BENEFIT" else case["function"]


def comes_out(name: str, case: dict) -> bool:
    """Does the case come out as written? A document that a formula cannot work with makes it come out differently."""
    try:
        result = run(name, case)
    except CellError as error:
        return error.code == case.get("error")
    except Exception:  # noqa: BLE001 whatever the changed document breaks
        return False
    expected = case.get("expect")
    return result == expected and (type(result) is type(expected) or not isinstance(expected, bool))


def touched(name: str, mutation: Mutation) -> list[dict]:
    """The cases that can notice, the likeliest first."""
    section, entry, *_ = mutation.path
    like = [key for key, table in written(name).items() if isinstance(table, dict) and table.get("like") == section]
    functions = READ_BY.get(section) or (section, *like, *READ_ALL)
    found = [case for case in cases(name) if called(name, case) in functions]
    if section not in READ_BY and not any(called(name, case) in (section, *like) for case in found):
        found = cases(name)  # the days of the document and what all measures share
        functions = ("IN_FORCE",)
    word = mutation.path[-1] if isinstance(mutation.path[-1], str) else mutation.old

    def unlikely(case: dict) -> tuple:
        inputs = list(case.get("args", {}).values())
        return (
            isinstance(mutation.old, dt.date) and "as_of" not in case,
            mutation.kind == WORDS and word not in inputs,
            section not in inputs and entry not in inputs,
            functions.index(called(name, case)) if called(name, case) in functions else len(functions),
        )

    return sorted(found, key=unlikely)


def is_first_day(mutation: Mutation) -> bool:
    """Is it the day on which the first values of an entry begin?"""
    return mutation.path[-3:] == ("values", 0, "from")


def noticed_in_data(policy: Policy) -> bool:
    """Do first values that do not begin with the document fail a test, here or in test_policies.py?"""
    try:
        test_policies.test_values_stand_from_the_first_day(policy)
        values_of_all_begin_with_the_document(policy)
    except AssertionError:
        return True
    return False


def values_of_all_begin_with_the_document(policy: Policy) -> None:
    if "common" in written(policy.id):  # otherwise they are those of a document that this one extends
        assert policy.common.versions[0].start == policy.start


@cache
def examined(name: str) -> dict[str, Report]:
    """The mutations of a document, by kind."""
    data = written(name)
    reports = {NUMBERS: Report(), WORDS: Report()}
    for mutation in mutations(data):
        report = reports[mutation.kind]
        report.places.add(mutation.path)
        try:
            policy = policy_of(name, mutation.applied(data))
        except PolicyError:
            report.refused.append(mutation)
            continue
        with installed(policy):
            if not all(comes_out(name, case) for case in touched(name, mutation)):
                report.killed += 1
            elif is_first_day(mutation) and noticed_in_data(policy):
                report.data_only.append(mutation)
            else:
                report.survivors.append(mutation)
    return reports


# ---- tests

every_document = pytest.mark.parametrize("name", DOCUMENTS)


@every_document
def test_cases_come_out_on_the_unchanged_document(name):
    """Put in place and run as a changed one: otherwise a mistake in doing so would pass for a noticed change."""
    policy = policy_of(name, written(name))
    with installed(policy):
        assert documents._index((documents.PACKAGE,))[parameters.name_key(name)] is policy
        different = [case for case in cases(name) if not comes_out(name, case)]
    assert not different
    assert documents._index((documents.PACKAGE,))[parameters.name_key(name)] is not policy


@every_document
@pytest.mark.parametrize("kind", [NUMBERS, WORDS])
def test_every_change_is_noticed_by_a_case(name, kind):
    report = examined(name)[kind]
    assert report.tried >= len(report.places)
    told = "\n".join(f"    {mutation}" for mutation in report.survivors)
    assert not report.survivors, f"{name}: no case notices\n{told}"


@every_document
def test_values_of_all_begin_with_the_document(name):
    values_of_all_begin_with_the_document(Policy(POLICIES / name))


def test_what_is_changed_and_how():
    def changes(text: str) -> list[str]:
        return [str(mutation) for mutation in mutations(tomllib.loads(text, parse_float=Decimal))]

    assert changes("issued = 2022-08-12\nclauses = { 1 = { year = 2022 } }\nX = { share = true }") == []
    assert changes("X = { values = [{ cap = 1500 }] }") == [
        "X.values[0].cap: 1500 → 1499",
        "X.values[0].cap: 1500 → 1501",
    ]
    assert changes("X = { values = [{ cap = 15.6 }] }")[0] == "X.values[0].cap: 15.6 → 15.5"
    assert changes("X = { values = [{ low = 0.50 }] }")[1] == "X.values[0].low: 0.50 → 0.51"
    assert changes("X = { values = [{ low = 0.9 }] }")[0] == "X.values[0].low: 0.9 → 0.89"
    assert changes("in_force = { from = 2022-08-31 }")[1] == "in_force.from: 2022-08-31 → 2022-09-01"
    assert changes('X = { values = [{ w = ["甲", "乙"] }] }') == [
        "X.values[0].w[0]: 甲 → left out",
        "X.values[0].w[1]: 乙 → left out",
    ]
    assert changes("X = { values = [{ t = { '甲' = 1 } }] }")[2] == "X.values[0].t.甲: 甲 = 1 → left out"
    assert changes("X = { values = [{ steps = [[30, 5]] }] }")[3] == "X.values[0].steps[0][1]: 5 → 6"
    assert len(changes("X = { values = [{ steps = [[30, 5]] }] }")) == 4
    one = Mutation(("X", "values", 0, "w", 0), "甲")
    assert one.applied({"X": {"values": [{"w": ["甲"]}]}}) == {"X": {"values": [{"w": [NO_WORD]}]}}
    assert one.applied({"X": {"values": [{"w": ["甲", "乙"]}]}}) == {"X": {"values": [{"w": ["乙"]}]}}


# ---- by hand


def main(names: list[str]) -> int:
    line = "{:<20}{:<18}{:>8}{:>11}{:>8}{:>9}{:>11}{:>11}{:>9}"
    heads = "document", "kind", "places", "mutations", "killed", "refused", "data only", "survivors", "seconds"
    print(line.format(*heads))
    told = []
    for name in names or DOCUMENTS:
        start = time.perf_counter()
        reports = examined(name)
        seconds = f"{time.perf_counter() - start:.1f}"
        for kind, report in reports.items():
            print(line.format(name, kind, len(report.places), report.tried, report.killed, len(report.refused),
                              len(report.data_only), len(report.survivors), seconds))  # fmt: skip
            seconds = ""
            told += [f"refused by loading: {name} {mutation}" for mutation in report.refused]
            told += [f"held by a test of the data only: {name} {mutation}" for mutation in report.data_only]
            told += [f"SURVIVES: {name} {mutation}" for mutation in report.survivors]
    print(*told, sep="\n")
    return int(any(sentence.startswith("SURVIVES") for sentence in told))


if __name__ == "__main__":
    with suppress(BrokenPipeError):
        sys.exit(main(sys.argv[1:]))
