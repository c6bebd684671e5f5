"""The four readings of every rule agree: cell, column, native formula (in two spreadsheet engines), sentence.

500 seeded random rows per function; XL_POVERTY_ROWS=20000 makes more of them.
"""
from __future__ import annotations

import datetime as dt
import math
import os
import tempfile
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest
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
from random_rows import RowMaker, only_python_reads, python_only_rows
from xlsxwriter.utility import xl_col_to_name

import xl_poverty.rules.column as column_reading
from xl_poverty import CellError, formulas, native_formula, office
from xl_poverty.formulas import calls, documents, explain
from xl_poverty.formulas.office import current
from xl_poverty.formulas.signatures import AS_OF, find, signatures
from xl_poverty.rules.binding import CAPPED, PAID
from xl_poverty.rules.formula import NoFormula

USUAL_ROWS = 500
ROWS = int(os.environ.get("XL_POVERTY_ROWS", USUAL_ROWS))
#: the larger run takes fewer rows of a case with every 口径 switched, whose rule is mostly that of the default, and of
#: each indicator, which share a handful of rule bodies
SWITCHED_ROWS = max(USUAL_ROWS, ROWS // 10)
INDICATOR_ROWS = max(USUAL_ROWS, ROWS // 4)
#: rows whose sentence comes from WHY itself, which looks the rule up anew each time
ROWS_FOR_WHY = 100
#: rows in one workbook: more of them cost LibreOffice memory, fewer cost it another start
ROWS_PER_WORKBOOK = 80_000

#: functions that have no native formula, and why
NO_FORMULA = {"STABLE_JOB_BONUS_BY_MONTH": "逐月工资 is a row of cells, whose longest run no plain formula counts"}

#: functions whose column reading hands every row to the cell reading, and why
NO_COLUMNS = {"INDICATOR_LINE": "a line without a base depends on no input, so there is no column to read"}


@dataclass(frozen=True)
class Case:
    """A function under a document and a choice of 口径."""

    policy: str
    name: str
    selected: tuple = ()  # (argument, word) pairs that name an indicator
    readings: tuple = ()  # (name, alternative) pairs

    def __str__(self) -> str:
        words = [word for _, word in self.selected] + [f"{name}={choice}" for name, choice in self.readings]
        return "-".join((self.policy, self.name, *words))

    @property
    def signature(self):
        return find(self.name)

    @property
    def rows(self) -> int:
        return min(ROWS, SWITCHED_ROWS if self.readings else INDICATOR_ROWS if self.selected else ROWS)

    def bound(self) -> calls.Bound:
        return self.bound_on(None)

    def bound_on(self, day) -> calls.Bound:
        words, names = dict(self.selected), list(self.signature.by_name)
        selected = tuple(words.get(names[position]) for position in self.signature.selectors)
        return calls.bind_function(self.signature, self.policy, day, current(), selected)


def cases():
    for policy in documents.documents(current()):
        for name in signatures():
            if name in policy.measures:
                yield from with_readings(Case(policy.id, name))
        for indicator, measure in policy.indicators.items():
            if measure.versions:
                yield from with_readings(Case(policy.id, "INDICATOR_OK", (("indicator", indicator),)))
                for side, key in (("下限", "low"), ("上限", "high")):
                    if key in measure.versions[-1].values:
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
    errors: int = 0
    columns: int = 0  # rows that NumPy computed
    differences: dict[str, list[str]] = field(default_factory=lambda: {reading: [] for reading in READINGS})
    exceptions: Counter = field(default_factory=Counter)

    def differ(self, reading: str, text: str) -> None:
        self.differences[reading].append(text)


READINGS = ("column", "sentence", "formualizer", "libreoffice")


@pytest.fixture(scope="session")
def reports() -> dict[Case, Report]:
    """Every case examined, in batches that share a workbook, on every processor."""
    workers = min(os.cpu_count() or 1, 8)
    size = max(1, min(math.ceil(len(CASES) / workers), ROWS_PER_WORKBOOK // ROWS))
    batches = [CASES[start::math.ceil(len(CASES) / size)] for start in range(math.ceil(len(CASES) / size))]
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
        self.function = getattr(formulas, case.name)
        with office(readings=dict(case.readings)):
            self.bound = case.bound()
            self.arguments = [self.bound.signature.by_name[name] for name in case.signature.by_name]
            self.used = [(p, a) for p, a in enumerate(self.arguments) if a.name in self.bound.used]
            self.maker = RowMaker(self.bound.binding, self.arguments, dict(case.selected), case)
            self.rows = self.maker.rows(case.rows, self.gets_something)
            self.values = [self.cell(row) for row in self.rows]
            self.table = self.formula_table()
        self.report.rows = len(self.rows)
        self.report.errors = sum(isinstance(value, CellError) for value in self.values)
        self.report.paid = sum(not isinstance(value, CellError) and bool(value) for value in self.values)

    def cell(self, row: tuple):
        """The cell reading: a value, or the error it raised."""
        *raw, as_of = (str(cell) if isinstance(cell, ErrorCell) else cell for cell in row)
        try:
            return self.function(*raw, policy=self.case.policy, as_of=as_of)
        except Exception as error:  # noqa: BLE001 anything but a CellError is a difference, see compare_column
            return error

    def gets_something(self, row: tuple) -> bool:
        value = self.cell(row)
        return not isinstance(value, Exception) and bool(value)

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
        if f"{binding.policy.number}第{binding.measure.clause}条" not in sentence:
            return "clause"
        if binding.outcome.ending == "pay" and not value:
            reasons = ["未申报", "不在政策有效期内", "按所填数计算为0"]
            reasons += [text.split("{")[0] for _, text in binding.outcome.gates]
            return "" if any(reason in sentence for reason in reasons) else "reason"
        if isinstance(value, (bool, str)):
            word = {True: "：是", False: "：否"}.get(value, value)
            return "" if word in sentence else "result"
        if binding.outcome.ending != "pay":
            return ""
        # from ten million million 元 on a float does not hold every fen, the sentence does
        text = f"{Decimal(str(value)):f}" if value < 10**13 else str(int(value))
        return "" if text in sentence else "amount"


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
    assert report.paid > case.rows / 10, f"{report.paid} of {report.rows} rows get something"
    assert report.errors > case.rows / 100


@pytest.mark.parametrize("case", CASES, ids=str)
def test_functions_without_a_formula_are_listed(case):
    refs = {name: "A2" for name in case.signature.by_name if name not in dict(case.selected)}
    try:
        native_formula(case.name, refs, policy=case.policy, **dict(case.selected))
        assert case.name not in NO_FORMULA
    except NoFormula as why:
        assert case.name in NO_FORMULA, str(why)


TWO_VERSIONS = """
id = "two_versions"
short_name = "两版"
number = "试发〔2022〕1号"
title = "一份改过一次标准的文件"
issued = 2022-01-01
[in_force]
from = 2022-01-01
until = 2025-12-31
[clauses.1]
title = "包销"
use = "计算"
text = "包销不少于1万元；从2024年起不少于2万元。"
[indicators."包销市级"]
clause = "1"
quote = "包销不少于1万元；从2024年起不少于2万元。"
unit = "元"
values = [{ from = 2022-01-01, low = 10000 }, { from = 2024-01-01, low = 20000 }]
"""


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
    (policy,) = (p for p in documents.documents(current()) if p.id == POLICY)
    return policy.measures[name].versions[-1].values


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

