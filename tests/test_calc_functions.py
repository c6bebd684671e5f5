"""The functions in a real Calc: the whole table of calls typed as formulas, blanks and zeros, what documents say for
themselves, and what Calc cannot say."""
from __future__ import annotations

import datetime as dt
import math
import sys
import time
from functools import cache
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
from calc_office import started
from engines import ErrorCell, write_cell
from host_calls import calls, in_python
from xlsxwriter.utility import xl_range, xl_rowcol_to_cell

from xl_poverty import CellError, formulas, office
from xl_poverty.formulas.help import argument_help, described
from xl_poverty.formulas.signatures import AS_OF, POLICY, find, signatures
from xl_poverty.hosts.libreoffice.packaging import build_oxt

STEPS = Path(__file__).with_name("calc_function_steps.py")
EPOCH = dt.date(1899, 12, 30)
ERRORS = {"#N/A": 32767, "#VALUE!": 519, "#REF!": 524, "#NAME?": 525, "#DIV/0!": 532, "#NUM!": 503}
#: every third argument stands in the formula, not in a cell
LITERAL = 0


@pytest.fixture(scope="module")
def extension(tmp_path_factory) -> Path:
    file = tmp_path_factory.mktemp("extension") / "xl_poverty.oxt"
    build_oxt(file, interpreter=Path(sys.executable))
    return file


@pytest.fixture(scope="module")
def calc(extension, tmp_path_factory):
    with started(tmp_path_factory.mktemp("profile")) as office:
        office.install(str(extension))
        yield office


@pytest.fixture(scope="module")
def steps(calc):
    return calc.of(STEPS)


# ---- the table


class Sheets:
    """Calls as formulas of a workbook: their inputs on one sheet, what they come to on another."""

    def __init__(self, file: Path, by_alias: bool = False):
        self.book = xlsxwriter.Workbook(file)
        self.day = self.book.add_format({"num_format": "yyyy-mm-dd"})
        self.results, self.inputs = self.book.add_worksheet("calls"), self.book.add_worksheet("inputs")
        self.by_alias = by_alias
        self.row = self.input_row = 0

    def add(self, call: tuple, expected, how: int) -> tuple[int, int, int]:
        """(row, height, width) of its result."""
        name, arguments, _ = call
        told = [self._argument(argument, how + place) for place, argument in enumerate(arguments)]
        signature = signatures()[name]
        while told and told[-1] == "" and not signature.more:
            told.pop()
        text = f"={signature.alias if self.by_alias else name}({','.join(told)})"
        rows = expected if isinstance(expected, tuple) and expected[:1] != ("error",) else ((expected,),)
        row, height, width = self.row, len(rows), len(rows[0])
        if height * width > 1:
            self.results.write_array_formula(row, 0, row + height - 1, width - 1, f"{{{text}}}", None, "")
        else:
            self.results.write_formula(row, 0, text, None, "")
        self.row += height
        return row, height, width

    def _argument(self, argument, how: int) -> str:
        if isinstance(argument, list):
            return self._range(argument)
        if argument is None and how % 2:
            return ""
        if how % 3 == LITERAL and argument.__class__ in (str, int, float, bool) and argument not in ERRORS:
            if isinstance(argument, str):
                return '"{}"'.format(argument.replace('"', '""'))
            return str(argument).upper()
        return self._range([[argument]])

    def _range(self, rows: list) -> str:
        rows = [row if isinstance(row, list) else [row] for row in rows]
        for down, cells in enumerate(rows):
            for across, cell in enumerate(cells):
                told = ErrorCell(cell) if isinstance(cell, str) and cell in ERRORS else cell
                write_cell(self.inputs, self.input_row + down, across, told, self.day)
        top, self.input_row = self.input_row, self.input_row + len(rows)
        if len(rows) == len(rows[0]) == 1:
            return f"inputs!{xl_rowcol_to_cell(top, 0)}"
        return f"inputs!{xl_range(top, 0, top + len(rows) - 1, len(rows[0]) - 1)}"


def cells_in(argument) -> list:
    return [cell for row in argument for cell in row] if isinstance(argument, list) else [argument]


def unsaid(call: tuple) -> str:
    """Why Calc cannot say a call; nothing where it can."""
    name, arguments, _ = call
    if any(cell in ERRORS for argument in arguments if isinstance(argument, list)
           for cell in map(str, cells_in(argument))):  # fmt: skip
        return "an error in a range"
    every = [cell for argument in arguments for cell in cells_in(argument)]
    if any(isinstance(cell, float) and not math.isfinite(cell) for cell in every):
        return "a number that no cell holds"
    if any(str(argument) in ERRORS for argument in arguments if not isinstance(argument, list)):
        return "an error"
    for argument, kind in zip(*_asked(name, arguments)):
        if kind.kind not in ("flag", "date", "table"):
            if "是" not in kind.options and any(isinstance(cell, bool) for cell in cells_in(argument)):
                return "TRUE where none is asked for"
            if any(isinstance(cell, dt.date) for cell in cells_in(argument)) and kind.name != "birth_date":
                return "a date where none is asked for"
    return ""


def _asked(name: str, arguments: tuple) -> tuple:
    """(arguments, what they are) of the function that is meant."""
    if name in ("WHY", "BENEFIT"):
        other = find(arguments[0]) if arguments[0] else None
        if other is None or other.more:
            return (), ()
        if name == "BENEFIT":
            known = {argument.label: argument for argument in (*other.arguments, POLICY, AS_OF)}
            return arguments[2::2], [known.get(label, POLICY) for label in arguments[1::2]]
        return arguments[1:], [*other.arguments, POLICY, AS_OF]
    return arguments, [*signatures()[name].arguments, POLICY, AS_OF]


def shown(expected):
    """What Calc shows of it: TRUE is 1, a date is its number."""
    if isinstance(expected, tuple) and expected[:1] == ("error",):
        return {"error": ERRORS[expected[1]]}
    if isinstance(expected, tuple):
        return [[shown(cell) for cell in row] for row in expected]
    if isinstance(expected, (bool, int)):
        return float(expected)
    if isinstance(expected, dt.date):
        return float((expected - EPOCH).days)
    return expected


@cache
def table() -> list[tuple]:
    """(call, what Python makes of it) for everything that Calc can say."""
    return [(call, in_python(call)) for call in calls() if not unsaid(call)]


def read(calc, document: int, places: list, rows: int, wide: int) -> list:
    """What stands at these places."""
    cells = calc.shown(document, f"calls!A1:{xl_rowcol_to_cell(rows - 1, wide - 1)}")
    found = []
    for row, height, width in places:
        block = [line[:width] for line in cells[row : row + height]]
        found.append(block if height * width > 1 else block[0][0])
    return found


def write(file: Path, told: list, by_alias: bool = False) -> tuple:
    sheets = Sheets(file, by_alias)
    places = [sheets.add(call, expected, how) for how, (call, expected) in enumerate(told)]
    sheets.book.close()
    return places, sheets.row, max(width for _, _, width in places)


def differences(told: list, found: list) -> list:
    return [(call, shown(expected), value) for (call, expected), value in zip(told, found, strict=True)
            if value != shown(expected)]  # fmt: skip


def test_the_whole_table(calc, steps, tmp_path):
    told = [one for one in table() if not one[0][2]]
    assert len(told) > 5500
    place = write(tmp_path / "calls.xlsx", told)
    document = calc.open(str(tmp_path / "calls.xlsx"))
    steps.settle()
    calc.calculate(document)
    steps.settle()
    assert differences(told, read(calc, document, *place)) == []
    # and as somebody else reads it
    calc.save(document, str(tmp_path / "saved.xlsx"))
    sheet = openpyxl.load_workbook(tmp_path / "saved.xlsx")["calls"]
    for row, _, _ in place[0][::50]:
        cell = sheet.cell(row + 1, 1).value
        text = cell if isinstance(cell, str) else cell.text
        assert text.startswith("=") and text[1:].partition("(")[0] in signatures(), text


def test_by_chinese_names_in_two_documents(calc, steps, tmp_path):
    """Each says something else for itself."""
    told = [one for one in table() if not one[0][2]]
    told = [*{one[0][0]: one for one in told}.values(), *told[::40]]
    place = write(tmp_path / "alias.xlsx", told, by_alias=True)
    other = calc.open()
    steps.name(other, "政策", '"没有的政策"')
    document = calc.open(str(tmp_path / "alias.xlsx"))
    calc.typed(other, "A1", '=交通补贴("脱贫户";"是";"跨省")')
    steps.settle()
    calc.calculate(document)
    assert differences(told, read(calc, document, *place)) == []
    assert calc.cells(other, "A1:A1") == [[{"error": ERRORS["#VALUE!"]}]]


def test_readings_of_the_workbook(calc, steps, tmp_path):
    """Each 口径 of the cases, typed into a cell and reckoned at once, as a macro would do it."""
    told = [one for one in table() if one[0][2]]
    assert told
    document = calc.open()
    steps.name(document, "口径", "$Sheet1.$A$1")
    wrong = []
    for number, ((name, arguments, readings), expected) in enumerate(told):
        file = tmp_path / f"{number}.xlsx"
        sheets = Sheets(file)
        sheets.add((name, arguments, {}), expected, 1)
        sheets.results.write_string(20, 0, ";".join(f"{key}={value}" for key, value in readings.items()))
        sheets.book.define_name("口径", "=calls!$A$21")
        sheets.book.close()
        document = calc.open(str(file))
        steps.settle()
        found = calc.shown(document, "calls!A1:A1")[0][0]
        if found != shown(expected):
            wrong.append((name, arguments, readings, found))
        calc.close(document)
    assert wrong == []


# ---- blanks and zeros

TRAVEL = '=TRAVEL_SUBSIDY(A{0};B{0};C{0};D{0};E{0};;;;"双碾乡")'
NOT_TOLD, ACTUAL = {"error": ERRORS["#N/A"]}, "标准=限额据实"


def travellers(calc, steps, costs: list) -> int:
    """A document in which the travel costs of D count."""
    document = calc.open()
    steps.name(document, "口径", f'"{ACTUAL}"')
    calc.fill(document, f"A2:D{len(costs) + 1}", [["脱贫户", "是", "跨省", cost] for cost in costs])
    return document


def test_python_tells_a_blank_from_0():
    """What the tests below expect."""
    facts = "脱贫户", "是", "跨省"
    with office(readings={"标准": "限额据实"}):
        assert formulas.TRAVEL_SUBSIDY(*facts, 0, policy="双碾乡") == 0
        with pytest.raises(CellError) as blank:
            formulas.TRAVEL_SUBSIDY(*facts, None, policy="双碾乡")
    assert blank.value.cell == "#N/A"


def test_typed_as_a_clerk_types(calc, steps):
    document = travellers(calc, steps, [None, 0, 700])
    for row in (2, 3, 4):
        calc.typed(document, f"G{row}", TRAVEL.format(row))
    steps.settle()
    assert calc.shown(document, "G2:G4") == [[NOT_TOLD], [0], [700]]
    calc.typed(document, "D2", "0")
    assert calc.shown(document, "G2:G4") == [[0], [0], [700]]
    calc.typed(document, "D3", "")
    calc.typed(document, "D4", "")
    steps.settle()
    assert calc.shown(document, "G2:G4") == [[0], [NOT_TOLD], [NOT_TOLD]]
    assert "D2:D2" in calc.formulas(document, "G2:G2")[0][0]


def test_filled_down_and_undone(calc, steps):
    document = travellers(calc, steps, [None, 0, 0, None])
    calc.typed(document, "G2", TRAVEL.format(2))
    steps.settle()
    steps.fill_down(document, "G2:G5")
    steps.settle()
    assert calc.shown(document, "G2:G5") == [[NOT_TOLD], [0], [0], [NOT_TOLD]]
    steps.undo(document)
    assert calc.shown(document, "G3:G5") == [[""], [""], [""]]


@pytest.mark.parametrize("formula, expected", [
    ('=TRAVEL_SUBSIDY("脱贫户";"是";"跨省";0;;;;;"双碾乡")', 0.0),
    ('=TRAVEL_SUBSIDY("脱贫户";"是";"跨省";SUM(D2:D3);;;;;"双碾乡")', 0.0),
    ('=TRAVEL_SUBSIDY("脱贫户";"是";"跨省";D3*2;;;;;"双碾乡")', 0.0),
    ('=TRAVEL_SUBSIDY("脱贫户";FALSE();"跨省";700;;;;;"双碾乡")', 0.0),
    ('=1+TRAVEL_SUBSIDY("脱贫户";"是";"跨省"; D3 ;;;;;"双碾乡")', 1.0),
    ('=TRAVEL_SUBSIDY("脱贫户";"是";"跨省";TRAVEL_SUBSIDY("脱贫户";"是";"跨省";D3;;;;;"双碾乡");;;;;"双碾乡")', 0.0),
    ('=TRAVEL_SUBSIDY("脱贫户";"是";"跨省";D2;;;;;"双碾乡")', NOT_TOLD),
    ('=TRAVEL_SUBSIDY("脱贫户";"是";"跨省";IF(1;D3;5);;;;;"双碾乡")', NOT_TOLD),  # nobody can tell
])  # fmt: skip
def test_zeros_of_every_kind(calc, steps, formula, expected):
    document = travellers(calc, steps, [None, 0])
    calc.typed(document, "G2", formula)
    steps.settle()
    assert calc.shown(document, "G2:G2") == [[expected]]


def test_why_says_what_to_write(calc, steps):
    document = travellers(calc, steps, [0])
    calc.typed(document, "G2", '=WHY("交通补贴";"脱贫户";"是";"跨省";IF(1;D2;5);;;;;"双碾乡")')
    steps.settle()
    assert "D2:D2" in calc.shown(document, "G2:G2")[0][0]


def test_thousands(calc, steps, tmp_path):
    """Blanks and zeros all over a long column, in a file without results."""
    rows = 10_000
    with xlsxwriter.Workbook(tmp_path / "long.xlsx") as book:
        sheet = book.add_worksheet()
        book.define_name("口径", f'="{ACTUAL}"')
        for row in range(1, rows + 1):
            sheet.write_row(row, 0, ["脱贫户", "是", "跨省"])
            if row % 3:
                sheet.write(row, 3, 0 if row % 3 == 1 else 700)
            sheet.write_formula(row, 6, TRAVEL.format(row + 1).replace(";", ","), None, "")
    document = calc.open(str(tmp_path / "long.xlsx"))
    steps.settle()
    found = calc.shown(document, "G2:G301")
    assert found == [[[0], [700], [NOT_TOLD]][row % 3] for row in range(300)]
    assert not calc.modified(document)


def test_ranges_of_one_cell(calc):
    """They are their cells, also days and blanks; 政策 and 业务日期 may stand in them."""
    document = calc.open()
    for row, cost, day in ((1, 0, "2021-02-01"), (2, 700, "2023-02-01")):  # before the document, and after it
        calc.fill(document, f"A{row}:F{row}", [["脱贫户", "是", "跨省", cost, None, "双碾乡"]])
        calc.typed(document, f"G{row}", day)
        told = ";".join(f"{letter}{row}:{letter}{row}" for letter in "ABCDE")
        calc.typed(document, f"H{row}", f"=TRAVEL_SUBSIDY({told};;;;F{row}:F{row};G{row}:G{row})")
    assert calc.shown(document, "H1:H2") == [[0], [1500]]


@pytest.mark.parametrize("password", ["", "geheim"])
def test_protected_sheets(calc, steps, password):
    document = travellers(calc, steps, [None, 0])
    steps.protect(document, password)
    for row in (2, 3):
        calc.typed(document, f"G{row}", TRAVEL.format(row))
    steps.settle()
    assert calc.shown(document, "G2:G3") == [[NOT_TOLD], [0]]
    assert steps.is_protected(document)


def test_saved_at_once(calc, tmp_path):
    with xlsxwriter.Workbook(tmp_path / "book.xlsx") as book:
        sheet = book.add_worksheet()
        book.define_name("口径", f'="{ACTUAL}"')
        sheet.write_row(1, 0, ["脱贫户", "是", "跨省", 0])
        sheet.write_formula(1, 6, TRAVEL.format(2).replace(";", ","), None, "")
    document = calc.open(str(tmp_path / "book.xlsx"))
    calc.save(document, str(tmp_path / "saved.xlsx"))
    assert openpyxl.load_workbook(tmp_path / "saved.xlsx", data_only=True).active["G2"].value == 0


# ---- what a document says for itself


def test_a_change_counts_at_once(calc, steps):
    document = calc.open()
    calc.typed(document, "A1", "双碾乡")
    steps.name(document, "政策", "$Sheet1.$A$1")
    calc.typed(document, "B1", '=TRAVEL_SUBSIDY("脱贫户";"是";"跨省")')
    assert calc.shown(document, "B1:B1") == [[1500]]
    assert steps.typed_and_reckoned(document, "A1", ["没有的政策", "双碾乡"] * 5, "B1") == [
        {"error": ERRORS["#VALUE!"]}, 1500] * 5  # fmt: skip


def test_the_day_of_a_document_that_counts_from_1904(calc, steps):
    """The same day, whatever its number."""
    for zero in (1899, 1904):
        document = calc.open()
        steps.count_from(document, zero)
        calc.typed(document, "A1", "2023-02-01")
        calc.typed(document, "A2", "1958-03-04")
        calc.typed(document, "B1", '=TRAVEL_SUBSIDY("脱贫户";"是";"跨省";;;;;;"双碾乡";A1)')
        calc.typed(document, "B2", "=AGE_ON(A2;A1)")
        calc.typed(document, "B3", '=DEADLINE("新增监测对象措施";A1;;"阜阳市")-A1')
        days = (formulas.DEADLINE("新增监测对象措施", dt.date(2023, 2, 1), policy="阜阳市") - dt.date(2023, 2, 1)).days
        assert calc.shown(document, "B1:B3") == [[1500], [64], [days]]


def test_the_sheet_of_readings(calc, steps):
    document = travellers(calc, steps, [700])
    calc.typed(document, "G2", TRAVEL.format(2))
    assert calc.shown(document, "G2:G2") == [[700]]
    steps.remove_name(document, "口径")
    calc.calculate(document)
    assert calc.shown(document, "G2:G2") == [[1500]]
    steps.sheet(document, "核算口径")
    calc.fill(document, "核算口径!A1:B1", [["标准", "限额据实"]])
    calc.calculate(document)
    assert calc.shown(document, "G2:G2") == [[700]]


NOTHING_TOLD = '=TRAVEL_SUBSIDY("脱贫户";"是";"跨省")'


def test_each_open_workbook_answers_for_itself(calc, steps):
    """Also one that is opened where another was closed."""
    told = calc.open()
    steps.name(told, "政策", '"双碾乡"')
    calc.typed(told, "A1", NOTHING_TOLD)
    for _ in range(5):
        other = calc.open()
        calc.typed(other, "A1", NOTHING_TOLD)
        calc.calculate(told)
        calc.calculate(other)
        assert calc.shown(told, "A1:A1") == [[1500]]
        assert calc.shown(other, "A1:A1") == [[{"error": ERRORS["#VALUE!"]}]]
        calc.close(other)
        calc.close(told)
        told = calc.open()
        calc.typed(told, "A1", NOTHING_TOLD)
        assert calc.shown(told, "A1:A1") == [[{"error": ERRORS["#VALUE!"]}]]
        steps.name(told, "政策", '"双碾乡"')
        calc.calculate(told)


def test_the_settings_beside_the_workbook(calc, steps, tmp_path):
    """office.toml counts for the workbooks of its folder: while they are opened, too, and as it is now."""
    told, other = tmp_path / "told", tmp_path / "other"
    for folder in (told, other):
        folder.mkdir()
        with xlsxwriter.Workbook(folder / "book.xlsx") as book:
            formula = TRAVEL.format(2).replace(";", ",").replace('"双碾乡"', "")
            book.add_worksheet().write_row(1, 0, ["脱贫户", "是", "跨省", 700])
            book.worksheets()[0].write_formula(1, 6, formula, None, "")
    settings = told / "office.toml"
    settings.write_text('policy = "双碾乡"\n[readings]\nTRAVEL_SUBSIDY = "限额据实"\n', encoding="utf-8")
    documents = [calc.open(str(folder / "book.xlsx")) for folder in (told, other)]
    documents.append(steps.open_as_template(str(told / "book.xlsx")))
    without = [[{"error": ERRORS["#VALUE!"]}]]
    assert [calc.shown(document, "G2:G2") for document in documents] == [[[700]], without, without]
    settings.write_text('policy = "双碾乡"\n', encoding="utf-8")
    for _ in range(60):  # it is looked at every two seconds
        calc.calculate(documents[0])
        found = calc.shown(documents[0], "G2:G2")
        if found != [[700]]:
            break
        time.sleep(0.25)
    assert found == [[1500]]


# ---- what Calc cannot say, and what the wizard shows


def test_an_error_in_a_range_is_an_error_of_calc(calc, steps):
    document = calc.open()
    calc.typed(document, "A1", "=NA()")
    calc.typed(document, "B1", '=TRAVEL_SUBSIDY(A1:A2;"是";"跨省";;;;;;"双碾乡")')
    calc.typed(document, "B2", '=TRAVEL_SUBSIDY(A1;"是";"跨省";;;;;;"双碾乡")')
    assert calc.shown(document, "B1:B2") == [[{"error": 504}], [{"error": ERRORS["#N/A"]}]]


def test_a_formula_of_one_cell_shows_the_first_of_several(calc, steps):
    document = calc.open()
    calc.typed(document, "B1", '=TRAVEL_SUBSIDY({"脱贫户"|"一般农户"};"是";"跨省";;;;;;"双碾乡")')
    calc.array(document, "C1:C2", '=TRAVEL_SUBSIDY({"脱贫户"|"一般农户"};"是";"跨省";;;;;;"双碾乡")')
    assert calc.shown(document, "B1:C2") == [[1500, 1500], ["", 0]]


def test_true_is_1(calc, steps):
    document = calc.open()
    calc.typed(document, "A1", "=DUE_NOW(TRUE();\"0\")")
    with pytest.raises(CellError):
        formulas.DUE_NOW(True, 0)
    assert calc.shown(document, "A1:A1") == [[1]]


def test_a_day_where_none_is_asked_for_is_its_number(calc):
    document = calc.open()
    calc.typed(document, "B1", "2023-02-01")
    calc.typed(document, "A1", "=DUE_NOW(B1;\"0\")")
    with pytest.raises(CellError):
        formulas.DUE_NOW(dt.date(2023, 2, 1), 0)
    assert calc.shown(document, "A1:A1") == [[44958]]


def test_the_wizard_shows_every_function(steps):
    known = steps.wizard()
    for signature in signatures().values():
        for name in (signature.name, signature.alias):
            category, told, arguments = known[name]
            assert told == described(signature) and category == 11, name  # Add-In
            asked = signature.arguments if signature.more else (*signature.arguments, POLICY, AS_OF)
            shown_ = [f"{label}：{text}" for label, text, _ in arguments[: len(asked)]]
            assert shown_ == [argument_help(argument) for argument in asked], name
