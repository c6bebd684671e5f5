"""The four readings of every rule agree: cell, column, native formula (in two spreadsheet engines), sentence. Functions
that are no rules give over a range what they give cell by cell, and 户应享合计 is what the documents' words come to.

500 seeded random rows per function, 280 per indicator with one base; XL_POVERTY_ROWS=20000 makes more of them.
"""
from __future__ import annotations

import datetime as dt
import math
import os
import random
import re
import tempfile
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest
from checked import checked
from engines import (
    FIRST_ROW,
    ErrorCell,
    LibreOffice,
    Table,
    need_libreoffice,
    office_program,
    recalculated_by_formualizer,
    write_tables,
)
from hypothesis import given, strategies as st
from invented import TWO_VERSIONS
from random_rows import RowMaker, only_python_reads, plain_rows, python_only_rows
from xlsxwriter.utility import xl_col_to_name

import xl_poverty.rules.column as column_reading
from xl_poverty import CellError, formulas, native_formula, office
from xl_poverty.formulas import calls, documents, explain, plain
from xl_poverty.formulas.indicators import SIDES
from xl_poverty.formulas.office import current
from xl_poverty.formulas.signatures import AS_OF, Signature, find, own_signatures, plain_arguments, signatures
from xl_poverty.rules.binding import CAPPED, NOT_APPLICABLE, PAID
from xl_poverty.rules.formula import NoFormula
from xl_poverty.rules.parameters import Policy

USUAL_ROWS = 500
#: the everyday run's of an indicator with one base: half of so many hold every boundary, spelling and kind of dirt
INDICATOR_ROWS = 280
ROWS = int(os.environ.get("XL_POVERTY_ROWS", USUAL_ROWS))
#: the document with most measures; the larger run takes a quarter as many rows of the others, which share its language
LARGEST = "shuangnian_2022"
#: the larger run takes fewer rows of a case with every 口径 switched, whose rule is mostly that of the default, and of
#: each indicator, which share a handful of rule bodies
OTHER_SHARE, SWITCHED_SHARE, INDICATOR_SHARE = 4, 10, 4
#: rows whose sentence comes from WHY itself, which looks the rule up anew each time
ROWS_FOR_WHY = 100
#: rows in one workbook: more of them cost LibreOffice memory, fewer cost it another start
ROWS_PER_WORKBOOK = 80_000

#: functions of the contract that have no native formula, and why
NO_FORMULA = {
    "STABLE_JOB_BONUS_BY_MONTH": "逐月工资 is a row of cells, whose longest run no plain formula counts",
    "LOSS_CAUSES": "上年各项收入 and 本年各项收入 are rows of cells, where a formula takes one cell per argument",
}

#: functions whose column reading hands every row to the cell reading, and why
NO_COLUMNS = {"INDICATOR_LINE": "a line without a base depends on no input, so there is no column to read"}


DOCUMENTS = {policy.id: policy for policy in documents.documents(current())}
every_document = pytest.mark.parametrize("policy", list(DOCUMENTS))


def functions_of(policy: Policy) -> dict[str, Signature]:
    """The functions of the contract and the document's own, by name."""
    return {**signatures(), **own_signatures(policy)}


def function(policy: str, name: str) -> Signature:
    """The one that the calls use, with what they bound for it."""
    return find(name) or documents.own_functions(DOCUMENTS[policy])[name]


def caller(policy: str, name: str):
    """What computes it: formulas.NAME, for a document's own function BENEFIT with that name."""
    if find(name):
        return getattr(formulas, name)
    names = list(function(policy, name).by_name)
    return lambda *raw, **rest: formulas.BENEFIT(name, **dict(zip(names, raw, strict=True)), **rest)


@dataclass(frozen=True)
class Case:
    """A function under a document and a choice of 口径."""

    policy: str
    name: str
    selected: tuple = ()  # (argument, word) pairs that name an indicator, or number a part
    readings: tuple = ()  # (name, alternative) pairs

    def __str__(self) -> str:
        words = [str(word) for _, word in self.selected] + [f"{name}={choice}" for name, choice in self.readings]
        return "-".join((self.policy, self.name, *words))

    @property
    def signature(self) -> Signature:
        return function(self.policy, self.name)

    @property
    def rows(self) -> int:
        share = 1 if self.policy == LARGEST else OTHER_SHARE
        if self.readings:
            share *= SWITCHED_SHARE
        elif self.signature.select == "indicators":
            share *= INDICATOR_SHARE
            if ROWS == USUAL_ROWS and "base2" not in self.bound().used:
                return INDICATOR_ROWS
        return min(ROWS, max(USUAL_ROWS, ROWS // share))

    def bound(self) -> calls.Bound:
        return self.bound_on(None)

    def bound_on(self, day) -> calls.Bound:
        words, names = dict(self.selected), list(self.signature.by_name)
        selected = tuple(words.get(names[position]) for position in self.signature.selectors)
        return calls.bind_function(self.signature, self.policy, day, current(), selected)


def cases():
    for policy in DOCUMENTS.values():
        for name, signature in functions_of(policy).items():
            if name not in policy.measures or plain.is_plain(signature):
                continue
            yield from with_readings(Case(policy.id, name, (("n", 0),) if signature.select == "parts" else ()))
            parts = [body.removeprefix(f"{name} ") for body in policy.bodies if body.startswith(f"{name} ")]
            for part in parts:
                yield from with_readings(Case(policy.id, name, (("n", int(part)),)))
        for indicator, measure in policy.indicators.items():
            if measure.versions:
                yield from with_readings(Case(policy.id, "INDICATOR_OK", (("indicator", indicator),)))
                for side, keys in SIDES.items():
                    if any(key in measure.versions[-1].values for key in keys):
                        yield Case(policy.id, "INDICATOR_LINE", (("indicator", indicator), ("side", side)))


def with_readings(case: Case):
    """The case as the document reads by default, and with every choice made otherwise."""
    yield case
    bound = case.bound()
    known = {r.name: r for r in (*bound.policy.readings, *bound.binding.measure.readings)}
    switched = [
        (name, next(other for other in known[name].alternatives if other != choice))
        for name, choice in bound.binding.readings.items()
    ]
    if switched:
        yield Case(case.policy, case.name, case.selected, tuple(switched))


CASES = list(cases())


# ---- examining


@dataclass
class Report:
    """What came out for a case: differences by reading, and how many rows took which way."""

    rows: int = 0
    paid: int = 0
    refused: int = 0
    errors: int = 0
    left_out: int = 0  # systematic rows for which there was no room
    words: Counter = field(default_factory=Counter)  # of texts: how many rows resulted in each, or listed it
    columns: int = 0  # rows that NumPy computed
    differences: dict[str, list[str]] = field(default_factory=lambda: {reading: [] for reading in READINGS})
    exceptions: Counter = field(default_factory=Counter)

    def differ(self, reading: str, text: str) -> None:
        self.differences[reading].append(text)


READINGS = ("column", "sentence", "formualizer", "libreoffice")


@pytest.fixture(scope="session")
def reports(request) -> dict[Case, Report]:
    """Every case that is asked for examined, in batches that share a workbook, on every processor."""
    asked = [item.callspec.params.get("case") for item in request.session.items if hasattr(item, "callspec")]
    wanted = [case for case in CASES if case in asked]
    workers = min(os.cpu_count() or 1, 8)
    most = min(ROWS_PER_WORKBOOK, math.ceil(sum(case.rows for case in wanted) / workers))
    batches: list[list[Case]] = [[]]
    for case in sorted(wanted, key=lambda case: -case.rows):
        if sum(other.rows for other in batches[-1]) + case.rows > most:
            batches.append([])
        batches[-1].append(case)
    found = {}
    with ProcessPoolExecutor(workers) as pool:
        for batch, batch_reports in zip(batches, pool.map(examine, batches), strict=True):
            found.update(zip(batch, batch_reports, strict=True))
    return found


def examine(batch: list[Case]) -> list[Report]:
    examined = [Examined(case) for case in batch]
    for one in examined:
        one.compare_columns()
    with_formula = [one for one in examined if one.table]
    tables = [one.table for one in with_formula]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "formulas.xlsx"
        write_tables(file, tables)
        office_run = LibreOffice(file, Path(folder)) if office_program() else None
        for one, found in zip(with_formula, recalculated_by_formualizer(file, tables), strict=True):
            one.compare_formulas("formualizer", found)
        for one in examined:
            one.compare_sentences()
        if office_run:
            for one, found in zip(with_formula, office_run.results(tables), strict=True):
                one.compare_formulas("libreoffice", found)
    return [one.report for one in examined]


class Examined:
    """The rows of a case and what the cell reading says of them."""

    def __init__(self, case: Case):
        self.case, self.report = case, Report()
        self.function = caller(case.policy, case.name)
        with office(readings=dict(case.readings)):
            self.bound = case.bound()
            own = self.bound.used  # an indicator says itself what its numbers are
            self.arguments = [own.get(name, argument) for name, argument in case.signature.by_name.items()]
            self.used = [(p, a) for p, a in enumerate(self.arguments) if a.name in self.bound.used]
            self.maker = RowMaker(self.bound.binding, self.arguments, dict(case.selected), case)
            self.rows = self.maker.rows(case.rows, self.gets_something)
            self.values = [self.cell(row) for row in self.rows]
            self.table = self.formula_table()
        self.report.rows, self.report.left_out = len(self.rows), self.maker.left_out
        self.report.errors = sum(isinstance(value, CellError) for value in self.values)
        results = [value for value in self.values if not isinstance(value, Exception)]
        self.report.paid = sum(value not in (0, NOT_APPLICABLE) for value in results)
        self.report.refused = len(results) - self.report.paid
        self.report.words.update(word for value in results if isinstance(value, str) for word in self.parts(value))

    def parts(self, text: str) -> list[str]:
        """The words of a listing, or the one word of a choice."""
        before, between = self.bound.binding.outcome.joined
        return text.removeprefix(before).split(between) if between else [text]

    def cell(self, row: tuple):
        """The cell reading: a value, or the error it raised."""
        *raw, as_of = (str(cell) if isinstance(cell, ErrorCell) else cell for cell in row)
        try:
            return self.function(*raw, policy=self.case.policy, as_of=as_of)
        except Exception as error:  # noqa: BLE001 anything but a CellError is a difference, see compare_column
            return error

    def gets_something(self, row: tuple) -> bool:
        value = self.cell(row)
        return not isinstance(value, Exception) and value not in (0, NOT_APPLICABLE)

    # ---- column

    def compare_columns(self) -> None:
        with office(readings=dict(self.case.readings)):
            plain = [position for position, row in enumerate(self.rows) if self.is_plain(row)]
            self.compare_column([self.rows[p] for p in plain], [self.values[p] for p in plain], count=True)
            self.compare_column(self.rows, self.values)
            unheld = python_only_rows(self.maker, self.rows[:40])
            self.compare_column(unheld, [self.cell(row) for row in unheld])

    def is_plain(self, row: tuple) -> bool:
        """Will NumPy take it for sure? No date, numbers of a common size."""
        return row[-1] is None and not any(isinstance(cell, (int, float)) and abs(cell) > 10**8 for cell in row)

    def compare_column(self, rows: list[tuple], expected: list, count: bool = False) -> None:
        # columns as a sheet has them: N×1, which a list argument, N×12, goes with
        columns = [[list(c) if isinstance(c, tuple) else [str(c) if isinstance(c, ErrorCell) else c] for c in column]
                   for column in zip(*rows, strict=True)]  # fmt: skip
        *raw, as_of = columns
        original = column_reading.run_column

        def counting(binding, inputs):
            result = original(binding, inputs)
            self.report.columns += len(result.reasons)
            return result

        if count:
            column_reading.run_column = counting
        try:
            results = self.function(*raw, policy=self.case.policy, as_of=as_of)
        except Exception as error:  # noqa: BLE001
            self.report.differ("column", f"the call of the whole column raised {error!r}")
            return
        finally:
            column_reading.run_column = original
        for row, one, (other,) in zip(rows, expected, results, strict=True):
            if not identical(one, other):
                self.report.differ("column", f"{row}: cell {one!r}, column {other!r}")

    # ---- native formula

    def formula_table(self) -> Table | None:
        refs = {
            argument.name: f"{xl_col_to_name(position)}{FIRST_ROW}"
            for position, argument in enumerate(self.arguments)
            if argument.name not in dict(self.case.selected)
        }
        day = f"{xl_col_to_name(len(self.arguments))}{FIRST_ROW}"
        selected = dict(self.case.selected)
        try:
            patterns = [native_formula(self.case.name, refs, policy=self.case.policy, as_of=day, **selected)]
        except NoFormula:
            return None
        if ROWS <= USUAL_ROWS:
            patterns.append(native_formula(self.case.name, refs, policy=self.case.policy, **selected))
        return Table([a.label for a in (*self.arguments, AS_OF)], self.rows, patterns)

    def compare_formulas(self, engine: str, results: list[tuple]) -> None:
        for row, value, (dated, *undated) in zip(self.rows, self.values, results, strict=True):
            self.compare_formula(engine, row, value, dated)
            if undated and row[-1] is None:
                self.compare_formula(engine, row, value, undated[0])

    def compare_formula(self, engine: str, row: tuple, value, found) -> None:
        if self.agree(row, value, found):
            return
        seen, names = row, []
        for exception in EXCEPTIONS:
            before, seen = seen, exception(self, engine, seen)
            if seen != before or list(map(type, seen)) != list(map(type, before)):
                names.append(exception.__name__)
        if names and self.agrees(seen, found):
            self.report.exceptions.update(names)
            return
        self.report.differ(engine, f"{row}: cell {value!r}, native {found!r}")

    def agree(self, row: tuple, value, found) -> bool:
        """Is what a native formula came to the same result, or an error where Python has one or reads more?"""
        if isinstance(found, ErrorCell):
            return isinstance(value, Exception) or self.only_python_reads(row)
        return not isinstance(value, Exception) and same_result(value, found)

    def agrees(self, row: tuple, found) -> bool:
        with office(readings=dict(self.case.readings)):
            return self.agree(row, self.cell(row), found)

    def only_python_reads(self, row: tuple) -> bool:
        told = [(p, a) for p, a in enumerate(self.arguments) if a.claim or a.name in self.bound.used]
        return only_python_reads(AS_OF, row[-1]) or any(only_python_reads(a, row[p]) for p, a in told)

    # ---- sentence

    def compare_sentences(self) -> None:
        with office(readings=dict(self.case.readings)):
            bounds: dict = {}
            for number, (row, value) in enumerate(zip(self.rows, self.values, strict=True)):
                *raw, as_of = (str(cell) if isinstance(cell, ErrorCell) else cell for cell in row)
                try:
                    if number < ROWS_FOR_WHY:
                        sentence = formulas.WHY(self.case.name, *raw, policy=self.case.policy, as_of=as_of)
                    else:  # the same sentence, the rule looked up once
                        key = type(as_of), as_of
                        if key not in bounds:
                            bounds[key] = self.bound_or_error(as_of)
                        if isinstance(bounds[key], CellError):
                            continue  # the date itself is wrong: the first rows show that sentence
                        sentence = explain.bound_sentence(bounds[key], tuple(raw))
                except Exception as error:  # noqa: BLE001 whatever it is, WHY may not raise
                    self.report.differ("sentence", f"{row}: raised {error!r}")
                    continue
                lacking = self.lacking(value, sentence)
                if lacking:
                    self.report.differ("sentence", f"{row}: {value!r}, no {lacking} in: {sentence}")

    def bound_or_error(self, as_of):
        try:
            return self.case.bound_on(as_of)
        except CellError as error:
            return error

    def lacking(self, value, sentence: str) -> str:
        """What a sentence should say and does not."""
        if isinstance(value, CellError):
            return "" if value.message in sentence else "message"
        binding = self.bound.binding
        if binding.policy.cite(binding.measure) not in sentence:
            return "clause"
        if binding.outcome.ending == "pay" and not value or value == NOT_APPLICABLE:
            reasons = ["未申报", "不在政策有效期内", "按所填数计算为0"]
            reasons += [text.split("{")[0] for _, text in binding.outcome.gates]
            return "" if any(reason in sentence for reason in reasons) else "reason"
        if isinstance(value, (bool, str)):
            word = {True: "：是", False: "：否"}.get(value, value)
            return "" if word in sentence else "result"
        if binding.outcome.ending == "value":
            return "" if value == 0 or tells(sentence, value) else "number"
        # from ten million million 元 on a float does not hold every fen, the sentence does
        text = f"{Decimal(str(value)):f}" if value < 10**13 else str(int(value))
        return "" if text in sentence else "amount"


def tells(sentence: str, value) -> bool:
    """Does a sentence name this number, which it rounds where it has no end?"""
    numbers = map(float, NUMBER.findall(sentence.partition("；依据")[0]))
    return any(math.isclose(number, value, rel_tol=1e-14, abs_tol=0.005) for number in numbers)


NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


def identical(one, other) -> bool:
    if isinstance(one, Exception) and not isinstance(one, CellError):
        return False
    if isinstance(one, CellError) or isinstance(other, CellError):
        return type(one) is type(other) and (one.code, one.cell, one.message) == (other.code, other.cell, other.message)
    return type(one) is type(other) and one == other


def same_result(value, found) -> bool:
    if isinstance(value, (bool, str)) or isinstance(found, (bool, str)):
        return type(value) is type(found) and value == found
    # a cell shows 15 digits: of numbers so large that these do not reach the fen, the 15 must agree
    return abs(value - found) < max(0.0005, abs(value) * 1e-14)


# ---- named exceptions: differences that are known, narrow and accepted. Each gives the row as an engine sees it; the
# result must then be what Python says of that row, and exceptions may meet in one row


def truth_read_as_number(one: Examined, engine: str, row: tuple) -> tuple:
    """LibreOffice keeps TRUE as a 1 that looks like TRUE, so that ISNUMBER is true of it: there a TRUE typed where a
    number or a date belongs counts as 1, in Excel and in Python it is an error."""
    if engine != "libreoffice":
        return row
    numbers = {p for p, a in one.used if a.kind == "number"} | {len(row) - 1}
    return tuple(int(c) if p in numbers and isinstance(c, bool) else c for p, c in enumerate(row))


def day_that_never_was(one: Examined, engine: str, row: tuple) -> tuple:
    """Number 60 is 29 February 1900 in Excel, a day that never was: an error to Python, to a native formula a day
    like the next."""
    return (*row[:-1], 61) if row[-1] == 60 else row


EXCEPTIONS = (truth_read_as_number, day_that_never_was)


# ---- the tests


@pytest.mark.parametrize("case", CASES, ids=str)
def test_column_is_cell(reports, case):
    report = reports[case]
    tell(report.differences["column"])
    if case.name not in NO_COLUMNS or case.bound().used:
        assert report.columns, "the column reading computed no row"


@pytest.mark.parametrize("case", CASES, ids=str)
def test_sentence(reports, case):
    tell(reports[case].differences["sentence"])


@pytest.mark.parametrize("case", CASES, ids=str)
def test_native_formula_in_formualizer(reports, case):
    tell(reports[case].differences["formualizer"])


@pytest.mark.parametrize("case", CASES, ids=str)
def test_native_formula_in_libreoffice(reports, case):
    need_libreoffice()
    tell(reports[case].differences["libreoffice"])


def tell(differences: list[str]) -> None:
    if differences:
        shown = "\n".join(differences[:10])
        pytest.fail(f"{len(differences)} rows differ:\n{shown}", pytrace=False)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_rows_reach_the_rule(reports, case):
    """Random rows prove nothing where all of them fail the first check."""
    report = reports[case]
    assert report.rows == case.rows
    assert case.rows != INDICATOR_ROWS or not report.left_out, "more boundaries than rows: see INDICATOR_ROWS"
    assert report.paid > case.rows / 10, f"{report.paid} of {report.rows} rows get something"
    assert report.errors > case.rows / 100
    outcome = case.bound().binding.outcome
    if outcome.gates or outcome.ending == "holds":
        assert report.refused > case.rows / 50, f"{report.refused} of {report.rows} rows are refused"
    for _, word in outcome.choices:
        assert report.words[word] > case.rows / 50, f"{report.words[word]} of {report.rows} rows come to {word}"


@pytest.mark.parametrize("case", CASES, ids=str)
def test_functions_without_a_formula_are_listed(case):
    refs = {name: "A2" for name in case.signature.by_name if name not in dict(case.selected)}
    without = case.name in NO_FORMULA
    if not find(case.name):  # a function that only this document has: none where it takes a row of cells
        without = any(argument.kind == "numbers" for argument in case.bound().used.values())
    try:
        native_formula(case.name, refs, policy=case.policy, **dict(case.selected))
        assert not without
    except NoFormula as why:
        assert without, str(why)


def test_the_version_follows_the_day(tmp_path):
    """No installed document changes a number in its time, so one that does is made here."""
    folder = tmp_path / "documents" / "two_versions"
    folder.mkdir(parents=True)
    (folder / "policy.toml").write_text(TWO_VERSIONS, encoding="utf-8")
    (tmp_path / "office.toml").write_text('documents = "documents"', encoding="utf-8")
    turns = [dt.date(2022, 1, 1), dt.date(2024, 1, 1), dt.date(2026, 1, 1)]
    days = [None, *turns, *(day - dt.timedelta(days=1) for day in turns)]
    rows = [(actual, day) for actual in (9999.99, 10000, 19999.99, 20000) for day in days]
    with office(policy="two_versions", file=tmp_path / "office.toml"):
        formula = native_formula("INDICATOR_OK", {"actual": "A2"}, as_of="B2", indicator="包销市级")
        line = native_formula("INDICATOR_LINE", {}, as_of="B2", indicator="包销市级")
        expected = [formulas.INDICATOR_OK("包销市级", actual, as_of=day) for actual, day in rows]
        lines = formulas.INDICATOR_LINE("包销市级", as_of=[day for _, day in rows])
    table = Table(["actual", "as_of"], rows, [formula, line])
    write_tables(tmp_path / "versions.xlsx", [table])
    (found,) = recalculated_by_formualizer(tmp_path / "versions.xlsx", [table])
    assert [ok for ok, _ in found] == expected
    for native, value in zip((native for _, native in found), lines, strict=True):
        assert isinstance(native, ErrorCell) if isinstance(value, CellError) else native == value


# ---- properties

MONEY = st.decimals(0, 10**7, places=2).map(float)
WHOLE = st.integers(0, 10**5)
TYPES = st.sampled_from(find("TRAVEL_SUBSIDY").by_name["household_type"].options)
MODES = st.sampled_from(find("TRAINING_SUBSIDY").by_name["mode"].options)
YES_NO = st.booleans()
POLICY = "shuangnian_2022"


@cache
def parameters(name: str) -> dict:
    """The document's own amounts and lines, so that no number of it stands here."""
    return DOCUMENTS[POLICY].measures[name].versions[-1].values


def call(name: str, *arguments, **named):
    return getattr(formulas, name)(*arguments, policy=POLICY, **named)


@given(TYPES, YES_NO, MONEY, MONEY, MONEY, MONEY)
def test_stable_job_bonus_rises_with_months_and_wage(household_type, is_labor, months, more_months, wage, more_wage):
    less = call("STABLE_JOB_BONUS", household_type, is_labor, months, wage)
    more = call("STABLE_JOB_BONUS", household_type, is_labor, months + more_months, wage + more_wage)
    own = parameters("STABLE_JOB_BONUS")
    assert 0 <= less <= more <= own["monthly"] * own["months"]


@given(WHOLE, WHOLE)
def test_employment_base_award_rises_with_persons(persons, more):
    award = call("EMPLOYMENT_BASE_AWARD", persons, True)
    assert 0 <= award <= call("EMPLOYMENT_BASE_AWARD", persons + more, True)
    assert award in {0, *(amount for _, amount in parameters("EMPLOYMENT_BASE_AWARD")["steps"].steps)}


@given(MODES, st.integers(0, 60), st.integers(0, 60), st.floats(0, 1))
def test_training_subsidy_rises_with_days(mode, days, more, rate):
    own = parameters("TRAINING_SUBSIDY")
    cap = own["cap"] if mode in own["by_result"] else own["general_cap"]
    less, more = (call("TRAINING_SUBSIDY", mode, d, rate) for d in (days, days + more))
    assert 0 <= less <= more <= cap


@given(TYPES, MONEY)
def test_courtyard_award_stays_within_claim_and_cap(household_type, approved):
    paid = call("COURTYARD_AWARD", household_type, approved)
    assert 0 <= paid <= min(approved, parameters("COURTYARD_AWARD")["cap"])


@given(TYPES, MONEY, MONEY)
def test_microloan_topup_stays_within_request_and_cap(household_type, outstanding, requested):
    if household_type in parameters("MICROLOAN_TOPUP")["unstated"]:
        return
    paid = call("MICROLOAN_TOPUP", household_type, outstanding, requested, True, True)
    room = max(0, Decimal(str(parameters("MICROLOAN_TOPUP")["cap"])) - Decimal(str(outstanding)))
    assert 0 <= paid <= requested
    assert Decimal(str(paid)) <= room


@given(st.lists(TYPES, min_size=1, max_size=5), st.lists(MONEY, min_size=1, max_size=5))
def test_column_and_row_broadcast_like_a_loop(types, amounts):
    grid = call("COURTYARD_AWARD", [[word] for word in types], [amounts])
    assert grid == [[call("COURTYARD_AWARD", word, amount) for amount in amounts] for word in types]


BROKEN = st.sampled_from(("约500", "6个月", True, -1, "#N/A", float("nan"), float("inf"), "待核实"))


@given(st.lists(st.one_of(MONEY, BROKEN), min_size=1, max_size=150))
def test_an_error_stays_in_its_row(amounts):
    """150 rows reach NumPy, a few do not."""
    results = call("COURTYARD_AWARD", ["脱贫户"] * len(amounts), amounts)
    for amount, result in zip(amounts, results, strict=True):
        broken = isinstance(amount, (str, bool)) or not 0 <= amount < math.inf
        assert isinstance(result, CellError) == broken
        assert broken or result == call("COURTYARD_AWARD", "脱贫户", amount)


@given(TYPES, st.one_of(st.none(), MONEY), st.one_of(st.none(), MONEY), st.one_of(st.none(), YES_NO))
def test_nothing_is_paid_for_a_reason_only(household_type, months, wage, claimed):
    row = (household_type, True, months, wage, claimed)
    try:
        paid = call("STABLE_JOB_BONUS", *row)
    except CellError as error:
        assert error.code == "missing"
        return
    reason = Case(POLICY, "STABLE_JOB_BONUS").bound().answer((*row, None, None)).reason
    assert (reason in (PAID, CAPPED)) == (paid > 0)


# ---- functions that are not rules: a range gives row by row what single cells give

#: these take whole tables, or nothing
PLAIN = [name for name, s in signatures().items() if name in plain.PLAIN and s.arguments and not s.takes_tables]


@pytest.mark.parametrize("name", PLAIN)
@every_document
def test_a_range_of_a_plain_function_is_its_cells(policy, name):
    rows = plain_rows(find(name), f"{policy} {name}", USUAL_ROWS, DOCUMENTS[policy])
    function = getattr(formulas, name)
    expected = [outcome(function, *row, policy=policy, as_of=as_of) for *row, as_of in rows]
    columns = [[list(c) if isinstance(c, tuple) else [c] for c in column] for column in zip(*rows, strict=True)]
    *raw, as_of = columns
    found = function(*raw, policy=policy, as_of=as_of)
    for row, one, (other,) in zip(rows, expected, found, strict=True):
        assert identical(one, other), row
    assert any(not isinstance(value, CellError) for value in expected) or name in named_not_here(policy)
    assert any(isinstance(value, CellError) for value in expected) or name in ("ID_CHECK", "MASK_ID")


def named_not_here(policy: str) -> set[str]:
    """Functions of which this document says nothing: errors in every row, and the same ones."""
    found = DOCUMENTS[policy]
    return {name for name in ("VISIT_GAPS", "ELDER_MONTHS") if name not in found.measures} | (
        set() if found.deadlines else {"DEADLINE", "ON_TIME"}
    )


def outcome(function, *arguments, **named):
    """A result, or the error that it is."""
    try:
        return function(*arguments, **named)
    except CellError as error:
        return error


# ---- 户应享合计: settled by hand


@dataclass(frozen=True)
class Words:
    """What a document says of the claims of one household. Written from its text, not from its data."""

    cash: list  # 现金 that persons and the household itself receive
    once: list = field(default_factory=list)  # 一次性, 每年一次: lists of functions that ask for one thing, per person
    once_per_household: list = field(default_factory=list)
    caps: list = field(default_factory=list)  # 每户最高 `most` 元 for all claims of `measure` whose words are `where`
    barred: list = field(default_factory=list)  # `measure`: claims whose words are `where` go unpaid beside paid `by`


def words_of(policy: str) -> Words:
    settled = checked(DOCUMENTS[policy].folder).settled
    assert settled is not None, "checked.toml says in [settled] what becomes of the claims of one household"
    return Words(**settled)


MONITORED = ("脱贫不稳定户", "边缘易致贫户", "突发严重困难户", "监测户")
LIFTED = ("脱贫户", "脱贫享受政策户", "脱贫不享受政策户")
HOUSEHOLDS = min(ROWS, 1000)
ARGUMENTS = plain_arguments()


@dataclass
class Claim:
    """One claim: the function, who it is for, its arguments, and what it comes to by itself."""

    signature: Signature
    member: str
    given: dict
    value: object = None

    @property
    def name(self) -> str:
        return self.signature.name

    def has(self, where: dict) -> bool:
        """Are these its words, whichever spelling they have?"""
        return all(
            self.given.get(name) is not None and argument.codes.get(self.given[name]) == argument.code_of(word)
            for name, word in where.items()
            for argument in (self.signature.by_name[name],)
        )

    @property
    def person(self) -> str:
        return "".join(self.member.split())

    @property
    def fen(self) -> int:
        return int(Decimal(str(self.value)) * 100)

    def written(self, choose) -> dict:
        """As a mapping that HOUSEHOLD_TOTAL takes: names in English or Chinese."""
        claim = {choose(("measure", "事项")): choose((self.name, self.signature.alias))}
        if self.member:
            claim[choose(("member", "成员", "姓名"))] = self.member
        for name, cell in self.given.items():
            label = (self.signature.by_name.get(name) or ARGUMENTS[name]).label  # of a fact of the household: the usual
            claim[choose((name, label))] = list(cell) if isinstance(cell, tuple) else cell
        return claim


class HouseholdMaker:
    """Random households of one document."""

    def __init__(self, policy: str):
        self.policy, self.random = policy, random.Random(policy)
        found = DOCUMENTS[policy]
        # what facts are derived from is written here by hand; without it the claims say everything themselves
        self.with_facts = policy in SCOPES or not found.facts
        self.rows = {}
        for name, signature in functions_of(found).items():
            if signature.pays and name in found.measures:
                binding = Case(policy, name).bound().binding
                maker = RowMaker(binding, list(signature.arguments), {}, f"户 {policy} {name}")
                good = maker.good_rows(lambda row, f=caller(policy, name): self.pays(f, row[:-1]))
                self.rows[name] = maker, good

    def pays(self, function, raw: tuple) -> bool:
        value = outcome(function, *raw, policy=self.policy)
        return not isinstance(value, CellError) and value > 0

    def household(self, size: int) -> tuple[dict, list[Claim]]:
        """(facts, claims)."""
        choose, facts = self.random, {}
        if choose.random() < 0.4 and self.with_facts:
            facts = {
                "household_type": choose.choice((*MONITORED, *LIFTED, *LIFTED, "一般农户")),
                "risk_status": choose.choice(("未消除", "未消除", "已消除", "无", None)),
                "income_base_year": choose.choice((None, 9999.99, 10000, 10000.01)),
                "income_estimate": choose.choice((None, 9999.99, 10000)),
            }
        names = choose.sample(sorted(self.rows), min(len(self.rows), choose.randint(1, 4)))
        return facts, [self.claim(choose.choice(names), facts) for _ in range(size)]

    def claim(self, name: str, facts: dict) -> Claim:
        choose = self.random
        maker, good = self.rows[name]
        raw = choose.choice(good) if choose.random() < 0.93 else maker.plausible_row()
        signature = function(self.policy, name)
        given = dict(zip(signature.by_name, raw[:-1], strict=True))
        for fact in ("household_type", "risk_status", "in_scope", "in_low_income_scope"):
            if facts and fact in given and choose.random() < 0.8:
                given[fact] = None
        member = choose.choice(("张三", "张三", "李四", "王五", " 张 三", "" if choose.random() < 0.3 else "李四"))
        claim = Claim(signature, member, {argument: cell for argument, cell in given.items() if cell is not None})
        claim.value = self.alone(name, {**facts, **claim.given})
        return claim

    def alone(self, name: str, given: dict):
        """The claim by itself: the function called with the claim's arguments and the household's facts."""
        unclear, names = None, function(self.policy, name).by_name
        for scope in ("in_scope", "in_low_income_scope"):
            if scope in names and given.get(scope) is None:
                found = SCOPES.get(self.policy, lambda given: None)(given)
                if isinstance(found, CellError):
                    unclear = found
                else:
                    given = {**given, scope: found}
        value = outcome(caller(self.policy, name), *map(given.get, names), policy=self.policy)
        return unclear if unclear and isinstance(value, CellError) else value


def word(given: dict, name: str) -> str | None:
    """The option that a cell names, whichever spelling it has."""
    argument, cell = find("LOW_INCOME_SCOPE").by_name[name], given.get(name)
    return argument.options[argument.codes[cell] - 1] if cell else None


def contradiction(household: str | None, risk: str | None) -> CellError | None:
    """A monitored household has a risk status, a farmer's household none that is 未消除."""
    if household is None or household in MONITORED and risk is None:
        return CellError("missing", "")
    if household in MONITORED and risk == "无" or household == "一般农户" and risk == "未消除":
        return CellError("inconsistent", "")
    return None


def zaozhuang_scope(given: dict):
    """脱贫享受政策户和未消除风险的监测帮扶对象."""
    household, risk = word(given, "household_type"), word(given, "risk_status")
    if household is None and risk is None:
        return None
    if household == "脱贫户" and risk != "未消除":
        return CellError("missing", "")  # which of the two kinds of 脱贫户?
    return contradiction(household, risk) or household == "脱贫享受政策户" or risk == "未消除"


def fengjie_scope(given: dict):
    """2021年底人均纯收入1万元以下脱贫户、未消除风险的监测户和2022年预估人均纯收入未达到1万元的脱贫户."""
    household, risk = word(given, "household_type"), word(given, "risk_status")
    base, estimate = given.get("income_base_year"), given.get("income_estimate")
    if household is risk is base is estimate is None:
        return None
    wrong = contradiction(household, risk)
    if wrong or risk == "未消除" or household not in LIFTED:
        return wrong or risk == "未消除"
    if base is not None and base <= 10000 or estimate is not None and estimate < 10000:
        return True
    return CellError("missing", "") if base is None or estimate is None else False


SCOPES = {"zaozhuang_2023": zaozhuang_scope, "fengjie_2022": fengjie_scope}


def settled_by_hand(words: Words, claims: list[Claim]):
    """元 in cash, or the codes of errors that the result may have."""
    wrong = {claim.value.code for claim in claims if isinstance(claim.value, CellError)}
    if wrong:
        return wrong
    left = {number: claim.fen for number, claim in enumerate(claims)}
    for bar in words.barred:
        if any(c.name == bar["measure"] and c.has(bar["by"]) and c.fen > 0 for c in claims):
            barred = [n for n, c in enumerate(claims) if c.name == bar["measure"] and c.has(bar.get("where", {}))]
            left.update(dict.fromkeys(barred, 0))
    for group in words.once:
        rows = [n for n, claim in enumerate(claims) if claim.name in group]
        if len(rows) > 1 and not all(claims[n].person for n in rows):
            wrong.add("missing")  # whose is it?
        for person in {claims[n].person for n in rows}:
            only_best(left, [n for n in rows if claims[n].person == person])
    for group in words.once_per_household:
        only_best(left, [n for n, claim in enumerate(claims) if claim.name in group])
    months = Counter()
    for claim in claims:
        if claim.name == "ELDER_SUBSIDY" and claim.person and "monthly_payment" in claim.given:
            months[claim.person] += claim.given.get("months", 1)
            months[claim.person, "rows"] += 1
    if any(isinstance(p, str) and n > 12 and months[p, "rows"] > 1 for p, n in months.items()):
        wrong.add("inconsistent")  # no year has so many
    if wrong:
        return wrong
    fen = sum(left[n] for n, c in enumerate(claims) if c.name in words.cash and not is_capped(words, c))
    for cap in words.caps:
        rows = [n for n, c in enumerate(claims) if c.name == cap["measure"] and c.has(cap.get("where", {}))]
        fen += min(int(cap["most"] * 100), sum(left[n] for n in rows))
    return fen / 100


def only_best(left: dict[int, int], rows: list[int]) -> None:
    best = max(rows, key=lambda n: left[n], default=None)
    left.update({n: 0 for n in rows if n != best})


def is_capped(words: Words, claim: Claim) -> bool:
    return any(cap["measure"] == claim.name and claim.has(cap.get("where", {})) for cap in words.caps)


@every_document
def test_household_total(policy):
    """Households of two to eight claims, as mappings and as a table, in several orders; and of one claim."""
    maker, seen = HouseholdMaker(policy), Counter()
    if not maker.rows:
        pytest.skip("this document has no function that pays")
    words, choose = words_of(policy), maker.random
    for number in range(HOUSEHOLDS):
        facts, claims = maker.household(1 if number % 5 == 0 else choose.randint(2, 8))
        expected = settled_by_hand(words, claims)
        if len(claims) == 1 and not isinstance(expected, set):
            assert expected == (claims[0].value if claims[0].name in words.cash else 0)
        table = as_table(facts, claims)
        for household, rows in ((facts, claims), (facts, choose.sample(claims, len(claims))), (None, claims[::-1])):
            own = rows if household is not None else [Claim(c.signature, c.member, within(facts, c)) for c in rows]
            asked = [claim.written(choose.choice) for claim in own]
            found = outcome(formulas.HOUSEHOLD_TOTAL, household, asked, policy=policy)
            assert agrees_with(expected, found), (facts, claims)
        if table:
            found = outcome(formulas.HOUSEHOLD_TOTAL, table, policy=policy)
            assert agrees_with(expected, found), table
        sentence = formulas.WHY("HOUSEHOLD_TOTAL", facts, [c.written(choose.choice) for c in claims], policy=policy)
        assert isinstance(expected, set) or f"现金{Decimal(str(expected)).normalize():f}元" in sentence
        plain_sum = sum(c.value for c in claims if c.name in words.cash) if not isinstance(expected, set) else 0
        seen[error_or(expected, plain_sum)] += 1
    if words.cash:
        assert seen["error"] > HOUSEHOLDS / 20
        assert seen["sum"] > HOUSEHOLDS / 5
        assert seen["less"] > HOUSEHOLDS / 50


def error_or(expected, plain_sum) -> str:
    if isinstance(expected, set):
        return "error"
    return "less" if expected < plain_sum - 0.005 else "sum" if expected else "nothing"


def agrees_with(expected, found) -> bool:
    if isinstance(expected, set):
        return isinstance(found, CellError) and found.code in expected
    return not isinstance(found, CellError) and found == expected


def within(facts: dict, claim: Claim) -> dict:
    """A claim's arguments with the facts of its household among them."""
    return {**{name: cell for name, cell in facts.items() if cell is not None}, **claim.given}


def as_table(facts: dict, claims: list[Claim]) -> list[list] | None:
    """The claims with a header row, as a sheet holds them; None where one has a list of its own."""
    if any(isinstance(cell, tuple) for claim in claims for cell in claim.given.values()):
        return None
    rows = [{"事项": c.name, "成员": c.member, "备注": "某", **within(facts, c)} for c in claims]
    heads = list(dict.fromkeys(head for row in rows for head in row))
    return [heads, *([row.get(head) for head in heads] for row in rows), [None] * len(heads)]
