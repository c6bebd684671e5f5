"""Portable copies: alive in spreadsheet programs without Python, and equal to Python on every cell.

A few hundred random rows; XL_POVERTY_ROWS=5000 makes 5,000 of them.
"""

from __future__ import annotations

import datetime as dt
import os
import re
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
from engines import (
    FIRST_ROW,
    ErrorCell,
    LibreOffice,
    Table,
    need_libreoffice,
    recalculated_by_formualizer,
    write_tables,
)
from invented import TWO_VERSIONS
from our_workbooks import SHEET, Called, calculated, read, workbook
from random_rows import RowMaker
from xlsxwriter.utility import xl_col_to_name

from xl_poverty import CellError, formulas, native_formula, office
from xl_poverty.errors import LedgerError
from xl_poverty.formulas import calls, documents
from xl_poverty.formulas.indicators import SIDES
from xl_poverty.formulas.office import Layer, current, using
from xl_poverty.formulas.plain import is_plain
from xl_poverty.formulas.signatures import AS_OF, find, own_signatures, signatures
from xl_poverty.ledger.files import read_book
from xl_poverty.rules.formula import NoFormula
from xl_poverty.workbook.encoding import Formula
from xl_poverty.workbook.our_formulas import OurFormulas
from xl_poverty.workbook.portable import CHANGES, PARAMETERS, ParameterSheet, planned, portable

ROWS = max(int(os.environ.get("XL_POVERTY_ROWS", 0)), 700)
S = "双碾乡"


# ---- random rows


@dataclass
class Sample:
    """Random rows of one function under one document, and what Python makes of them."""

    policy: str
    name: str
    selected: dict = field(default_factory=dict)

    def make(self, count: int):
        own = documents.own_functions(documents.document(self.policy, current()))
        self.signature = find(self.name) or own[self.name]
        chosen = tuple(self.selected.get(list(self.signature.by_name)[at]) for at in self.signature.selectors)
        self.bound = calls.bind_function(self.signature, self.policy, None, current(), chosen)
        self.arguments = [self.bound.used.get(name, a) for name, a in self.signature.by_name.items()]
        seed = f"{self.policy} {self.name} {self.selected}"
        maker = RowMaker(self.bound.binding, self.arguments, self.selected, seed)
        self.rows = maker.rows(count, lambda row: self.value(row) not in (0, "不适用") and not self.failed(row))
        self.values = [self.value(row) for row in self.rows]
        refs = [f"{xl_col_to_name(at)}{FIRST_ROW}" for at in range(len(self.arguments) + 1)]
        told = ",".join([*refs[:-1], f'"{self.policy}"', refs[-1]])
        self.table = Table([a.label for a in (*self.arguments, AS_OF)], self.rows, [f"={self.name}({told})"])
        return self

    def value(self, row: tuple):
        *raw, as_of = (str(cell) if isinstance(cell, ErrorCell) else cell for cell in row)
        try:
            if find(self.name):
                return getattr(formulas, self.name)(*raw, policy=self.policy, as_of=as_of)
            named = dict(zip(self.signature.by_name, raw, strict=True))
            return formulas.BENEFIT(self.name, **named, policy=self.policy, as_of=as_of)
        except CellError as error:
            return error

    def failed(self, row: tuple) -> bool:
        return isinstance(self.value(row), CellError)

    def numbers(self, row: tuple) -> tuple:
        """The row as LibreOffice reads it: TRUE is a 1 that looks like TRUE."""
        places = {at for at, argument in enumerate(self.arguments) if argument.kind == "number"} | {len(row) - 1}
        return tuple(int(cell) if at in places and isinstance(cell, bool) else cell for at, cell in enumerate(row))


def samples() -> list[Sample]:
    """Every rule of every document that has a native formula, indicators too."""
    found = []
    for policy in documents.documents(current()):
        for name, signature in {**signatures(), **own_signatures(policy)}.items():
            if name in policy.measures and not is_plain(signature):
                found.append(Sample(policy.id, name, {"n": 0} if signature.select == "parts" else {}))
        for number, (indicator, measure) in enumerate(policy.indicators.items()):
            if measure.versions and number % 4 == 0:  # they share a handful of rule bodies
                found.append(Sample(policy.id, "INDICATOR_OK", {"indicator": indicator}))
                side = next(side for side, keys in SIDES.items() if any(k in measure.versions[-1].values for k in keys))
                found.append(Sample(policy.id, "INDICATOR_LINE", {"indicator": indicator, "side": side}))
    return [sample for sample in found if _has_formula(sample)]


def _has_formula(sample: Sample) -> bool:
    refs = {name: "A2" for name in (find(sample.name) or documents.known_function(sample.name, current())).by_name
            if name not in sample.selected}  # fmt: skip
    try:
        return bool(native_formula(sample.name, refs, policy=sample.policy, **sample.selected))
    except NoFormula:
        return False


@pytest.fixture(scope="module")
def random_copy(tmp_path_factory):
    folder = tmp_path_factory.mktemp("random")
    chosen = samples()
    each = -(-ROWS // len(chosen))
    made = [sample.make(each) for sample in chosen]
    assert sum(len(sample.rows) for sample in made) >= ROWS
    source, target = folder / "随机.xlsx", folder / "可移植.xlsx"
    write_tables(source, [sample.table for sample in made])
    ported = portable(source, target, read_book(source))
    return made, ported, without_results(target)


def without_results(file: Path) -> Path:
    """A copy whose formulas show nothing yet, so that nobody can take over what stands there."""
    bare = file.with_name(f"{file.stem}_无结果.xlsx")
    cell = re.compile(rb'(<c r="[A-Z]+\d+"(?: s="\d+")?)(?: t="\w+")?>(<f[^>]*>[^<]*</f>)<v>[^<]*</v>')
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(bare, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            data = old.read(info)
            if "/worksheets/" in info.filename:
                data = cell.sub(rb"\1>\2", data)
                assert not re.search(rb"</f><v>.", data)
            new.writestr(info, data)
    return bare


def test_random_rows_are_dirty_enough(random_copy):
    made, _, _ = random_copy
    failed = sum(isinstance(value, CellError) for sample in made for value in sample.values)
    assert failed >= ROWS / 10


def test_random_rows_in_formualizer(random_copy):
    made, ported, target = random_copy
    results = recalculated_by_formualizer(target, [sample.table for sample in made])
    _tell(_differences(made, results, lambda sample, row: row))
    assert ported.native == sum(len(sample.rows) for sample in made)
    assert ported.converted > ROWS / 20
    assert ported.parameters > 80


def test_random_rows_in_libreoffice(random_copy, tmp_path):
    need_libreoffice()
    made, _, target = random_copy
    results = LibreOffice(target, tmp_path).results([sample.table for sample in made])
    _tell(_differences(made, results, Sample.numbers))


def _differences(made: list[Sample], results, seen) -> list[str]:
    found = []
    for sample, column in zip(made, results, strict=True):
        for row, value, (native,) in zip(sample.rows, sample.values, column, strict=True):
            as_seen = seen(sample, (*row[:-1], 61) if row[-1] == 60 else row)  # 29 February 1900 never was
            if not agree(value, native) and not agree(sample.value(as_seen), native):
                found.append(f"{sample.policy} {sample.name} {row}: {value!r}, native {native!r}")
    return found


def agree(value, native) -> bool:
    if isinstance(value, CellError) or isinstance(native, ErrorCell):
        return isinstance(value, CellError) and isinstance(native, ErrorCell)
    if isinstance(value, bool | str) or isinstance(native, bool | str):
        return type(value) is type(native) and value == native
    return abs(value - native) < max(0.0005, abs(value) * 1e-14)


def _tell(differences: list[str]):
    if differences:
        pytest.fail(f"{len(differences)} rows differ:\n" + "\n".join(differences[:10]), pytrace=False)


# ---- one thing at a time

ROW = {"A2": "脱贫户", "B2": "是", "C2": "跨省", "D2": 7, "E2": 1800.5}
TRAVEL = 'TRAVEL_SUBSIDY(A2,B2,C2,,,,,,"双碾乡",DATE(2023,2,1))'
DAY = dt.date(2023, 2, 1)


def ported(tmp_path, cells: dict, names=None, layers=(), **rest):
    """(what was done, the copy)."""
    source = workbook(tmp_path / "台账.xlsx", cells, names, **rest)
    book, own = read(source)
    target = tmp_path / "可移植.xlsx"
    return portable(source, target, book, layers=[*layers, *own]), target


def sheet_of(file: Path, name: str = SHEET) -> list[tuple]:
    return list(openpyxl.load_workbook(file)[name].iter_rows(values_only=True))


def formula_of(file: Path, place: str) -> str:
    return openpyxl.load_workbook(file)[SHEET][place].value


def test_figures_are_cells_with_their_clauses(tmp_path):
    done, copy = ported(tmp_path, {**ROW, "F2": Called(TRAVEL, 1500)})
    assert done.native == 1
    assert not done.frozen
    text = formula_of(copy, "F2")
    assert not re.search(r"\b(1500|600|2022|2025)\b", text)
    header, *rows = sheet_of(copy, PARAMETERS)
    assert header == ("参数名", "值", "单位", "条款", "原文", "起始日期", "口径")
    (row,) = [row for row in rows if row[1] == 1500]
    assert row[0] == "交通补贴　每人每年：跨省"
    assert row[2:4] == ("元", "双发〔2022〕67号第10条")
    assert "1500" in row[4]
    assert row[5].date() == dt.date(2022, 8, 12)
    assert "标准=定额" in row[6]
    assert [row[1].date() for row in rows if "有效期" in row[0]] == [dt.date(2022, 8, 12), dt.date(2025, 12, 31)]
    assert calculated(copy, "F2") == [1500]


def test_another_figure_gives_another_amount(tmp_path):
    _, copy = ported(tmp_path, {**ROW, "F2": Called(TRAVEL, 1500)})
    book = openpyxl.load_workbook(copy)
    for row in book[PARAMETERS].iter_rows():
        if row[1].value == 1500:
            row[1].value = 1750
    book.save(copy)
    assert calculated(copy, "F2") == [1750]


@pytest.mark.parametrize(
    ("formula", "value"),
    [
        (TRAVEL.replace("TRAVEL_SUBSIDY", "交通补贴"), 1500),
        (TRAVEL.replace("TRAVEL_SUBSIDY", "travel_subsidy"), 1500),
        (TRAVEL.replace("TRAVEL", r"'C:\某 夹\x.xlam'!TRAVEL"), 1500),
        (f"[1]!{TRAVEL}", 1500),
        (f"_xll.{TRAVEL}", 1500),
        (f"_xldudf_XLW_{TRAVEL}", 1500),
        (f"XLP.{TRAVEL}", 1500),
        (f"+{TRAVEL}", 1500),
        (f"ROUND({TRAVEL}/7,2)", 214.29),
        (f'IF(A2="","",{TRAVEL}*2)', 3000),
        (f"SUM({TRAVEL},E2)", 3300.5),
        (f'"共"&{TRAVEL}&"元"', "共1500元"),
        (f'{TRAVEL}+稳岗补助(A2,B2,D2,E2,,C2,,"双碾乡",44958)', 2700),
        ('收入分档(人均纯收入(E2*10,0,0,0,0,D2-5,,"枣庄高新区"),"脱贫享受政策户","未消除",,,"枣庄高新区")', "低收入"),
        ('TRAVEL_SUBSIDY(IF(D2>6,A2,"一般农户"),B2="是",C2,,,,,,"双碾乡",20230201)', 1500),
        ('TRAVEL_SUBSIDY("脱贫户",TRUE,"省内区外",,,,,,"双碾乡","2023-02-01")', 600),
        ('TRAVEL_SUBSIDY(A2,B2,C2,,,,,,"双碾乡",DATE(2026,1,1))', 0),
        ('TRAINING_LIVING(A2,B2,"是","否","１０",,"双碾乡",44958)', 150),
        ("TRAVEL_SUBSIDY($A$2,台账!B2,'台账'!$C2,,,,,,政策,44958)", 1500),
        ('BENEFIT("交通补贴","户类型",A2,"is_labor",B2,"务工去向",C2,"政策","双碾乡","业务日期",44958,"",)', 1500),
        ('政策待遇("交通补贴","户类型",A2,"is_labor",B2,"去哪里",C2,"政策","双碾乡")', "#N/A"),
        ('TRAVEL_SUBSIDY(IF(A2="a:{b}",A3,A2),B2,C2,,,,,,"双碾乡",44958)', 1500),
        ('收入分档(10000,,,,,"双碾乡",44958)', "#N/A"),
    ],
)
def test_whatever_the_formula_looks_like(tmp_path, formula, value):
    cells = {**ROW, "F2": Called(formula, value), "H1": "双碾乡"}
    done, copy = ported(tmp_path, cells, {"政策": f"{SHEET}!$H$1"})
    if value == "#N/A":  # the document has no such thing: the copy keeps what Python says
        assert [doubt.place for doubt in done.frozen] == ["F2"]
        return
    assert done.native == 1
    assert calculated(copy, "F2") == [value]


def test_digits_become_numbers_and_are_listed(tmp_path):
    call = 'STABLE_JOB_BONUS(A2,B2,D2,E2,,C2,,"双碾乡",G2)'
    cells = {"A2": "　脱贫户 ", "B2": "ｔｒｕｅ", "C2": "省外", "D2": " ７", "E2": "1800.50", "G2": "2023年2月1日",
             "H2": "99990019700101001X", "I2": "500", "F2": Called(call, 1200)}  # fmt: skip
    done, copy = ported(tmp_path, cells)
    assert (done.native, done.converted, done.frozen) == (1, 5, [])
    assert calculated(copy, "F2") == [1200]
    row = sheet_of(copy)[1]
    assert row[:5] == ("脱贫户", "TRUE", "省外", 7, 1800.5)
    assert row[6].date() == DAY
    assert row[7:9] == ("99990019700101001X", "500")
    listed = {line[1]: line[2:5] for line in sheet_of(copy, CHANGES)[1:]}
    assert listed["E2"] == ("文字改为数", "1800.50", 1800.5)
    assert listed["A2"] == ("改为规范写法", "　脱贫户 ", "脱贫户")
    assert listed["G2"][0] == "改为日期"
    assert listed["F2"][:2] == ("改为原生公式", f"={call}")


def test_inputs_are_looked_at_whatever_the_day(tmp_path):
    """The date is worked out by the spreadsheet program."""
    cells = {**ROW, "D2": "7", "F2": Called('STABLE_JOB_BONUS(A2,B2,D2,E2,,C2,,"双碾乡",IF(H2="",44958,H2))', 1200)}
    done, copy = ported(tmp_path, cells)
    assert (done.native, done.converted) == (1, 1)
    assert calculated(copy, "F2") == [1200]


def test_text_that_is_no_number_stays_and_is_an_error(tmp_path):
    cells = {**ROW, "D2": "7个月", "F2": Called('STABLE_JOB_BONUS(A2,B2,D2,E2,,C2,,"双碾乡",44958)', "#VALUE!")}
    done, copy = ported(tmp_path, cells)
    assert (done.native, done.converted) == (1, 0)
    assert calculated(copy, "F2") == ["#Na"]


def test_text_that_a_formula_makes_freezes_what_reads_it(tmp_path):
    call = 'STABLE_JOB_BONUS(A2,B2,D2,E2,,C2,,"双碾乡",44958)'
    cells = {**ROW, "D2": Called('TEXT(7,"0")', "7"), "F2": Called(call, 1200)}
    done, copy = ported(tmp_path, cells)
    (doubt,) = done.frozen
    assert doubt.place == "F2"
    assert "D2" in doubt.why
    assert formula_of(copy, "F2") == 1200
    assert formula_of(copy, "D2") == '=TEXT(7,"0")'


def test_one_cell_that_two_formulas_read_differently(tmp_path):
    """A text that is a number to one and a date to the other cannot become both."""
    cells = {**ROW, "D2": "44958", "F2": Called('TRAINING_LIVING(A2,B2,"是","否",D2,,"双碾乡",44958)', 674370),
             "G2": Called('TRAVEL_SUBSIDY(A2,B2,C2,,,,,,"双碾乡",D2)', "#VALUE!")}  # fmt: skip
    done, copy = ported(tmp_path, cells)
    assert done.converted == 1
    assert formula_of(copy, "D2") == 44958


def test_what_has_no_plain_form_is_frozen_and_listed(tmp_path):
    wages = {f"{letter}3": 1200 for letter in "ABCDEFGHIJ"}
    cells = {**ROW, **wages, "K2": Called('WHY("TRAVEL_SUBSIDY",A2,B2,C2)', "因为"),
             "L2": Called('STABLE_JOB_BONUS_BY_MONTH(A2,B2,A3:J3,,C2,,"双碾乡",44958)', 1200),
             "M2": Called('SUM(TRAVEL_SUBSIDY(A2:A3,B2:B3,C2:C3,,,,,,"双碾乡"))', 1500),
             "N2": Called('TRAVEL_SUBSIDY(A2,B2,C2,,,,,,IF(D2>1,"双碾乡","x"))', 1500),
             "O2": Called('TRAVEL_SUBSIDY(A2,B2,C2,,,,,,"阜阳市")', "#N/A"),
             "P2": Called('DEADLINE("增收措施",44958,,"双碾乡")', 44968)}  # fmt: skip
    done, copy = ported(tmp_path, cells)
    assert sorted(doubt.place for doubt in done.frozen) == ["K2", "L2", "M2", "N2", "O2", "P2"]
    row = sheet_of(copy)[1]
    assert row[10:14] == ("因为", 1200, 1500, 1500)
    assert row[14] == "#N/A"
    listed = {line[1]: line for line in sheet_of(copy, CHANGES)[1:] if line[2] == "固化"}
    assert "区域" in listed["M2"][5]
    assert "一组单元格" in listed["L2"][5]
    assert all(line[5] for line in listed.values())


def test_a_value_that_the_file_lacks_is_computed_or_an_error_but_never_nothing(tmp_path):
    cells = {**ROW, "F2": Called('MASK_ID("99990019700101001X")'), "G2": Called('WHY("TRAVEL_SUBSIDY",A2)')}
    source = workbook(tmp_path / "台账.xlsx", cells)
    _strip(source)
    book, layers = read(source)
    portable(source, tmp_path / "b.xlsx", book, layers=layers)
    row = sheet_of(tmp_path / "b.xlsx")[1]
    assert row[5:7] == ("999900********001X", "#N/A")


def _strip(file: Path):
    without_results(file).replace(file)


# ---- dates and periods

UNDATED = 'TRAVEL_SUBSIDY(A2,B2,C2,,,,,,"双碾乡")'


def test_the_date_of_the_workbook_stays_its_cell(tmp_path):
    cells = {**ROW, "H1": "2023-02-01", "F2": Called(UNDATED, 1500)}
    done, copy = ported(tmp_path, cells, {"业务日期": f"{SHEET}!$H$1"})
    assert done.converted == 1
    book = openpyxl.load_workbook(copy)
    assert book[SHEET]["H1"].value.date() == DAY
    assert calculated(copy, "F2") == [1500]
    book[SHEET]["H1"].value = dt.date(2026, 1, 1)
    book.save(copy)
    assert calculated(copy, "F2") == [0]


def test_a_date_of_the_settings_is_a_parameter(tmp_path):
    layers = [Layer("选项", "", dt.date(2026, 1, 1))]
    _, copy = ported(tmp_path, {**ROW, "F2": Called(UNDATED, 0)}, layers=layers)
    assert calculated(copy, "F2") == [0]
    assert any(row[0] == "业务日期" and "选项" in row[4] for row in sheet_of(copy, PARAMETERS))


def test_a_column_of_dates_with_blanks(tmp_path):
    """A blank date takes the workbook's."""
    cells = {"H1": dt.date(2026, 1, 1)}
    for row, day in enumerate((DAY, None, "2023-03-01"), 2):
        cells |= {f"A{row}": "脱贫户", f"B{row}": "是", f"C{row}": "跨省"}
        cells |= {f"G{row}": day} if day else {}
        cells[f"F{row}"] = Called(f'TRAVEL_SUBSIDY(A{row},B{row},C{row},,,,,,"双碾乡",G{row})', 1500 if day else 0)
    _, copy = ported(tmp_path, cells, {"业务日期": f"{SHEET}!$H$1"})
    assert calculated(copy, "F2", "F3", "F4") == [1500, 0, 1500]


def test_an_expired_document_without_a_date_is_told(tmp_path):
    done, _ = ported(tmp_path, {**ROW, "F2": Called(UNDATED, 1500)})
    assert any("到期" in remark for remark in done.remarks)


def test_versions_by_day(tmp_path):
    folder = tmp_path / "documents" / "two_versions"
    folder.mkdir(parents=True)
    (folder / "policy.toml").write_text(TWO_VERSIONS, encoding="utf-8")
    (tmp_path / "office.toml").write_text('documents = "documents"', encoding="utf-8")
    days = [dt.date(2022, 1, 1), dt.date(2023, 12, 31), dt.date(2024, 1, 1), dt.date(2026, 1, 1), None]
    cells, expected = {}, []
    with office(policy="two_versions", file=tmp_path / "office.toml"):
        for row, day in enumerate(days, 2):
            value = formulas.INDICATOR_OK("包销市级", 15000, as_of=day)
            expected.append(value)
            cells |= {f"A{row}": 15000, **({f"B{row}": day} if day else {})}
            cells[f"C{row}"] = Called(f'INDICATOR_OK("包销市级",A{row},,,"两版",B{row})', value)
    done, copy = ported(tmp_path, cells)
    assert (done.native, done.frozen) == (5, [])
    assert calculated(copy, *(f"C{row}" for row in range(2, 7))) == expected
    figures = {row[1]: row[5].date() for row in sheet_of(copy, PARAMETERS)[1:] if row[0].startswith("包销市级　下限")}
    assert figures == {10000: dt.date(2022, 1, 1), 20000: dt.date(2024, 1, 1)}


def test_lines_of_the_office_stand_in_for_blanks(tmp_path):
    years = ((2023, 7000), (2024, 8000))
    lines = "".join(f'{year} = {{ value = {value}, source = "某县文件" }}\n' for year, value in years)
    (tmp_path / "office.toml").write_text(f'[lines."监测指导线"]\n{lines}', encoding="utf-8")
    rows = [(6500, None, 3, DAY), (7500, None, 3, dt.date(2024, 5, 1)), (7500, 9000, 2, DAY), (None, None, None, DAY),
            (6500, None, 3, dt.date(2025, 1, 1)), (6500, None, 3, None)]  # fmt: skip
    cells, expected = {}, []
    with office(file=tmp_path / "office.toml"):
        for number, (income, line, persons, day) in enumerate(rows, 2):
            try:
                value = formulas.POVERTY_INSURANCE_GAP("脱贫户", income, line, persons, policy=S, as_of=day)
            except CellError as error:
                value = error
            expected.append(value)
            told = {"A": "脱贫户", "B": income, "C": line, "D": persons, "E": day}
            cells |= {f"{letter}{number}": one for letter, one in told.items() if one is not None}
            call = f'POVERTY_INSURANCE_GAP(A{number},B{number},C{number},D{number},,"{S}",E{number})'
            cells[f"F{number}"] = Called(call, value)
    assert expected[:4] == [1500, 1500, 3000, 0]
    done, copy = ported(tmp_path, cells)
    assert not done.frozen
    found = calculated(copy, *(f"F{row}" for row in range(2, 2 + len(rows))))
    assert found == [value if not isinstance(value, CellError) else "#Na" for value in expected]
    told = [row for row in sheet_of(copy, PARAMETERS) if row[0].startswith("监测指导线")]
    assert [row[1] for row in told] == [7000, 8000]
    assert all("某县文件" in row[3] for row in told)


# ---- several cells


def spilled(rows: int) -> dict:
    cells = {}
    for row in range(2, 2 + rows):
        cells |= {f"A{row}": "脱贫户", f"B{row}": "是", f"C{row}": ("跨省", "省内区外", "区内")[row % 3]}
    return cells


def test_an_array_formula_becomes_one_formula_per_cell(tmp_path):
    cells = spilled(6)
    cells["F2"] = Called('ROUND(TRAVEL_SUBSIDY(A2:A7,B2:B7,C2:C7,,,,,,"双碾乡",44958)/3,1)', 0, "F2:F7")
    done, copy = ported(tmp_path, cells)
    assert (done.native, done.frozen) == (6, [])
    amounts = {"跨省": 500, "省内区外": 200, "区内": 0}
    expected = [amounts[cells[f"C{row}"]] for row in range(2, 8)]
    assert calculated(copy, *(f"F{row}" for row in range(2, 8))) == expected
    assert "A7" in formula_of(copy, "F7")
    assert "A2" not in formula_of(copy, "F7")


def test_an_array_of_totals_is_frozen(tmp_path):
    total = Called('SUM(TRAVEL_SUBSIDY(A2:A3,B2:B3,C2:C3,,,,,,"双碾乡"))', 600, "F2:F3")
    cells = {**spilled(2), "F2": total, "F3": 600}
    done, copy = ported(tmp_path, cells)
    assert [doubt.place for doubt in done.frozen] == ["F2", "F3"]


def test_shared_formulas(tmp_path):
    rows = [("脱贫户", True, "跨省", None)] * 5
    refs = ",".join(f"{letter}{FIRST_ROW}" for letter in "ABC")
    table = Table(["户类型", "劳动力", "去向", "日"], rows, [f'=TRAVEL_SUBSIDY({refs},,,,,,"双碾乡",44958)'])
    write_tables(tmp_path / "a.xlsx", [table])
    book, layers = read(tmp_path / "a.xlsx")
    done = portable(tmp_path / "a.xlsx", tmp_path / "b.xlsx", book, layers=layers)
    assert done.native == 5
    assert recalculated_by_formualizer(tmp_path / "b.xlsx", [table]) == [[(1500,)] * 5]


def test_references_into_tables(tmp_path):
    titles = ["户类型", "是否 劳动力", "去向", "月数", "应享"]
    cells = {"A2": "脱贫户", "B2": "是", "C2": "跨省", "A3": "脱贫户", "B3": "是", "C3": "省内区外", "D2": "7"}
    for row, value in ((2, 1500), (3, 600)):
        inside = ",".join(f"台[[#This Row],[{title}]]" for title in titles[:3])
        cells[f"G{row}"] = Called(f'TRAVEL_SUBSIDY({inside},,,,,,"双碾乡",44958)', value)
    inside = '台[[#This Row],[户类型]],"是","是","否",台[[#This Row],[月数]]'
    cells["H2"] = Called(f'TRAINING_LIVING({inside},,"双碾乡",44958)', 105)
    source = workbook(tmp_path / "台账.xlsx", cells, tables=[("A1:E3", "台", titles)])
    book, layers = read(source)
    with using(*layers):
        ours = OurFormulas(source, book)
        plan = planned(ours, ParameterSheet(PARAMETERS, ours))
    assert (plan.native, plan.frozen) == (3, [])
    assert plan.inputs[SHEET] == {(1, 3): 7}
    assert all(isinstance(value, Formula) for value in plan.cells[SHEET].values())


# ---- what is not done


def test_no_formula_of_ours(tmp_path):
    with pytest.raises(LedgerError, match="没有本库的公式"):
        ported(tmp_path, {"A1": 1, "A2": Called("SUM(A1)", 1)})


def test_the_source_is_never_written(tmp_path):
    source = workbook(tmp_path / "台账.xlsx", {**ROW, "F2": Called(TRAVEL, 1500)})
    before, (book, layers) = source.read_bytes(), read(source)
    with pytest.raises(LedgerError):
        portable(source, source, book, layers=layers)
    assert source.read_bytes() == before


def test_a_name_of_the_workbook_is_not_ours(tmp_path):
    """What a workbook calls TIER itself is its own business."""
    cells = {"A1": 1, "A2": Called("TIER(A1)", 1), **ROW, "F2": Called(TRAVEL, 1500)}
    done, copy = ported(tmp_path, cells, {"TIER": f"{SHEET}!$A$1"})
    assert done.native == 1


def test_a_name_that_a_program_keeps_for_a_function(tmp_path):
    """Excel notes the functions of an add-in among the names."""
    source = workbook(tmp_path / "台账.xlsx", {**ROW, "F2": Called(TRAVEL, 1500)}, {"TRAVEL_SUBSIDY": f"{SHEET}!$A$1"})
    marked = tmp_path / "宏.xlsx"
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(marked, "w") as new:
        for info in old.infolist():
            data = old.read(info)
            if info.filename == "xl/workbook.xml":
                data = data.replace(b'name="TRAVEL_SUBSIDY"', b'name="TRAVEL_SUBSIDY" function="1" vbProcedure="1"')
            new.writestr(info, data)
    book, layers = read(marked)
    assert portable(marked, tmp_path / "b.xlsx", book, layers=layers).native == 1
    book, layers = read(source)
    with pytest.raises(LedgerError, match="没有本库的公式"):
        portable(source, tmp_path / "c.xlsx", book, layers=layers)


def test_a_formula_too_long_is_frozen(tmp_path):
    household = f'IF(LEN("{"长" * 250}")>{"1+" * 700}1,A2,A2)'
    cells = {**ROW, "F2": Called(f'TRAVEL_SUBSIDY({household},B2,{household},,,,,,"双碾乡")', 1500)}
    done, _ = ported(tmp_path, cells)
    assert "8192" in done.frozen[0].why


def test_sheets_of_that_name_are_kept(tmp_path):
    cells = {**ROW, "F2": Called(TRAVEL, 1500), f"{PARAMETERS}!A1": "我自己的"}
    done, copy = ported(tmp_path, cells, sheets=[PARAMETERS])
    assert sheet_of(copy, PARAMETERS)[0][0] == "我自己的"
    assert sheet_of(copy, f"{PARAMETERS}_2")[0][0] == "参数名"
    assert calculated(copy, "F2") == [1500]


def test_conditional_formats_with_ours_are_told(tmp_path):
    source = tmp_path / "台账.xlsx"
    with xlsxwriter.Workbook(source) as book:
        sheet = book.add_worksheet(SHEET)
        sheet.write_formula("F2", f"={TRAVEL}", None, 0)
        rule = {"type": "formula", "criteria": f"={TRAVEL}>0", "format": book.add_format({"bold": True})}
        sheet.conditional_format("A1:A5", rule)
    book, layers = read(source)
    done = portable(source, tmp_path / "b.xlsx", book, layers=layers)
    assert any("条件格式" in remark for remark in done.remarks)
