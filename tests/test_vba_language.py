"""The macros in pyOpenVBA's interpreter: VBA's own ways with left-out arguments, error values and cells that spill, and
each function called through its macro.

Beside LibreOffice (test_vba_calls.py) the second engine that runs them; neither is Excel. It knows no
Application.Caller: a double tells which cell calls.
"""

from __future__ import annotations

import datetime as dt

import pytest

pytest.importorskip("pyopenvba")
pytest.importorskip("xlwings")

from host_calls import calls, in_python, same  # noqa: E402
from pyopenvba.apps.excel import ExcelApplication  # noqa: E402
from pyopenvba.interpreter import EMPTY, VBAArray, VBADate, VBAErrorValue, VBAObject, method  # noqa: E402

from xl_poverty.errors import CellError  # noqa: E402
from xl_poverty.formulas.signatures import signatures  # noqa: E402
from xl_poverty.hosts import values as values_module  # noqa: E402
from xl_poverty.hosts.actions import ACTIONS  # noqa: E402
from xl_poverty.hosts.excel.packaging import macro_workbook, sub_name  # noqa: E402
from xl_poverty.hosts.excel.project import source  # noqa: E402
from xl_poverty.workbook.encoding import Formula  # noqa: E402
from xl_poverty.workbook.pages import DAY, TEXT, Page  # noqa: E402

RUN = """Public Function RunPython(command As String)
    ThisWorkbook.Worksheets("log").Range("A1").Value = command
End Function
"""
XLWINGS = f"""Attribute VB_Name = "xlwings"
Option Explicit
Public Started As Long
Public Place As String
Public Gone As Boolean
{RUN}Public Function XLPy() As Object
    Started = Started + 1
    If Gone Then Err.Raise 1000, , "no interpreter"
    Set XLPy = New XlpDouble
End Function
Public Function CalledFrom() As Object
    If Len(Place) > 0 Then Set CalledFrom = ThisWorkbook.Worksheets("cells").Range(Place)
End Function
"""
DOUBLE = """VERSION 1.0 CLASS
BEGIN
  MultiUse = -1  'True
END
Attribute VB_Name = "XlpDouble"
Option Explicit
Public Function CallUDF(ByVal place As String, ByVal named As String, ByVal values As Variant) As Variant
    Dim block As Variant, text As String, one As Variant, value As Variant
    Select Case named
    Case "TIER_GAP"
        CallUDF = ChrW(57344) & "#N/A"
    Case "ID_CHECK"
        Err.Raise 1000, , "Python is not there"
    Case "FIRST_OF"
        ReDim block(0 To 2, 0 To 0)
        block(0, 0) = 1.5
        block(1, 0) = ChrW(57344) & "#NUM!"
        CallUDF = block
    Case Else
        text = place & "." & named
        For Each value In values
            text = text & "|"
            If IsArray(value) Then
                For Each one In value
                    text = text & "(" & TypeName(one) & " " & CStr(one) & ")"
                Next one
            Else
                text = text & Trim(TypeName(value) & " " & CStr(value))
            End If
        Next value
        CallUDF = text
    End Select
End Function
"""
CALLS = """Attribute VB_Name = "Calls"
Option Explicit
Public Function LeftOut()
    LeftOut = JOB_INTRO_SUBSIDY("a", 12, 3, , "p")
End Function
Public Function Cells()
    Cells = TRAVEL_SUBSIDY(Range("A2"), Range("A2:B3"), Range("B2"), , Range("C2"))
End Function
Public Function Money()
    Money = PV_VILLAGE_SHARE(Range("A9:A10"), Range("A9"), Range("B9"))
End Function
Public Function ErrorsCarry()
    ErrorsCarry = PV_VILLAGE_SHARE(1, Range("A11:A12"), Range("A11"))
End Function
Public Function Areas()
    Areas = CStr(PV_VILLAGE_SHARE(Range("A1:A2,C1:C2"))) & " " & XlpFailure
End Function
Public Function Column()
    Column = PV_VILLAGE_SHARE(Range("E:E"), Range("B:B").Rows(2))
End Function
Public Function Pairs()
    Pairs = WHY("m", Range("A2"), , 3)
End Function
Public Function NoPairs()
    NoPairs = WHY("m")
End Function
Public Function OneError()
    OneError = TypeName(TIER_GAP(1)) & " " & CStr(TIER_GAP(1))
End Function
Public Function NoPython()
    NoPython = TypeName(ID_CHECK(1)) & " " & CStr(ID_CHECK(1)) & " " & XlpFailure
End Function
Public Function Block()
    Dim found As Variant
    found = FIRST_OF(1)
    If IsError(found) Then
        Block = CStr(found)
    Else
        Block = TypeName(found(0, 0)) & " " & CStr(found(1, 0)) & " " & TypeName(found(2, 0))
    End If
End Function
Public Function BlockIn(ByVal cell As String)
    Place = cell
    BlockIn = Block()
    Place = ""
End Function
Public Sub Spill()
    ThisWorkbook.Worksheets("cells").Range("A7").Formula2 = "=FIRST_OF(A1:A3)"
End Sub
Public Function Apart()
    XlpForget
    Apart = XlpTold(ThisWorkbook)
End Function
Public Sub FailIn(ByVal cell As String)
    Place = cell
    ID_CHECK 1
    Place = ""
    ThisWorkbook.Worksheets("cells").Range(cell).Select
End Sub
Public Function WithoutPython()
    Gone = True
    WithoutPython = CStr(PV_VILLAGE_SHARE(1)) & CStr(PV_VILLAGE_SHARE(2)) & " " & XlpFailure
    Gone = False
End Function
Public Function HowOften()
    HowOften = Started
End Function
"""
MARK = "\ue001"


@pytest.fixture
def page() -> Page:
    page = Page("cells")
    page.row(0, 0, ("双碾乡", dt.date(2023, 6, 30)), (TEXT, DAY))
    page.row(1, 0, ("脱贫户", 3.5, dt.date(2023, 6, 12)), (TEXT, TEXT, DAY))
    page.put(1, 4, 1)
    page.put(9, 0, "x")
    page.put(10, 0, CellError("missing", "缺"))
    page.put(11, 0, "p")
    page.row(8, 0, (3.12345678, 99999999), (TEXT.but(number_format="$#,##0.00"), DAY))
    page.put(4, 0, Formula("FIRST_OF(A1:A3)", 1))
    page.put(5, 0, Formula("SUM(FIRST_OF(A1:A3))", 1))
    return page


@pytest.fixture
def excel(page, tmp_path):
    def started(*pages):
        doubles = {
            "xlwings": XLWINGS,
            "XlpDouble": DOUBLE,
            "Calls": CALLS,
            "XlpRuntime": source("XlpRuntime").replace("Application.Caller", "CalledFrom()"),
        }
        file = tmp_path / "台账.xlsm"
        file.write_bytes(macro_workbook([page, Page("log"), *pages], modules=doubles))
        return ExcelApplication.open(file)

    return started


def test_arguments(excel, tmp_path):
    app = excel()
    told = f"{MARK * 4}{tmp_path}{MARK}"
    assert app.run("LeftOut") == f"udfs.JOB_INTRO_SUBSIDY|String a|Integer 12|Integer 3|Empty|String {told}p|Empty"
    *cells, policy, day = app.run("Cells").split("|")
    area = "(String 脱贫户)(Empty )(Double 3.5)(Empty )"
    assert cells[:5] == ["udfs.TRAVEL_SUBSIDY", "String 脱贫户", area, "Double 3.5", "Empty"]
    assert cells[5].startswith("Date ") and cells[6:] == ["Empty"] * 3
    assert (policy, day) == (f"String {told}", "Empty")
    assert app.run("Pairs") == f"udfs.WHY|String {told}m|String 脱贫户|Empty|Integer 3"
    assert app.run("ErrorsCarry") == f"udfs.PV_VILLAGE_SHARE|Integer 1|(String {told}#N/A)(String p)|Error Error 2042"
    assert app.run("NoPairs") == f"udfs.WHY|String {told}m"


def test_money_and_impossible_dates_are_plain_numbers(excel, tmp_path):
    """As a currency, 3.12345678 would be 3.1235; as a date, 99999999 would be no value at all."""
    *_, money, policy, day = excel().run("Money").split("|")
    assert (money, day) == ("(Double 3.12345678)(String x)", "Double 99999999")
    assert policy == f"String {MARK * 4}{tmp_path}{MARK}3.12345678"


def test_areas_and_whole_columns(excel):
    """A column ends with the sheet's last row that is used, the twelfth."""
    app = excel()
    assert app.run("Areas") == "Error 2015 一个参数只能是一块连着的区域。"
    assert app.run("Column").split("|")[1] == "(Empty )(Double 1)" + "(Empty )" * 10


def test_errors(excel):
    app = excel()
    assert app.run("OneError") == "Error Error 2042"
    assert app.run("NoPython") == "Error Error 2015 Python is not there"
    assert app.run("Block") == "Double Error 2036 String"


def test_python_is_kept(excel):
    app = excel()
    for _ in range(3):
        app.run("LeftOut")
    assert app.run("HowOften") == 1


def test_python_that_cannot_be_started_is_not_waited_for_by_each_cell(excel):
    app = excel()
    assert app.run("WithoutPython") == "Error 2015Error 2015 no interpreter"
    assert app.run("HowOften") == 1
    assert app.run("Block") == "Error 2015"  # within five seconds
    app.run("XlpCheck")  # a button looks anew
    assert app.run("Block") == "Double Error 2036 String" and app.run("HowOften") == 2


def test_explaining_a_cell_that_python_was_not_asked_for(excel):
    """Its reason is shown at once; where the cell holds a value by now, Python explains it."""
    app = excel()
    app.run("FailIn", "A11")
    app.run("XlpExplain")
    ((_, shown, *_),) = app.interpreter.dialogs
    assert shown.startswith("这一格没有算出来") and shown.endswith("Python is not there")
    assert app.sheet("log").value("A1") is None
    app.run("FailIn", "A10")
    app.run("XlpExplain")
    assert "run.action('explain')" in app.sheet("log").value("A1") and len(app.interpreter.dialogs) == 1


def test_a_button_without_python_says_so(excel):
    app = excel()
    app.add_module(XLWINGS.replace("    ThisWorkbook", "    Err.Raise 1000, , \"no interpreter\"\n    ThisWorkbook", 1),
                   name="xlwings")  # fmt: skip
    app.run("XlpBackup")
    ((_, shown, *_),) = app.interpreter.dialogs
    assert "安装.bat" in shown and shown.endswith("no interpreter")


def test_a_cell_shows_no_first_row(excel):
    """A formula that a file holds plainly shows one value, with an @ before it; one typed into today's Excel spills."""
    app = excel()
    app.run("Spill")
    shown = "Double Error 2036 String"
    told = {place: app.run("BlockIn", place) for place in ("A5", "A6", "A7", "A5:A8")}
    assert told == {"A5": "Error 2015", "A6": shown, "A7": shown, "A5:A8": shown}


def test_what_a_workbook_says(excel, page, tmp_path):
    page.names |= {"政策": (0, 0), "业务日期": (0, 1), "口径": (2, 2)}
    page.put(2, 2, "TRAVEL_SUBSIDY=限额据实")
    answers = Page("核算口径")
    answers.row(1, 0, ("MICROLOAN_TOPUP", "按户;次"))
    answers.row(3, 0, ("表头：甲", "月工资"))
    answers.put(4, 0, "没有选的")
    readings = "TRAVEL_SUBSIDY=限额据实\ue002MICROLOAN_TOPUP=按户；次;表头：甲=月工资"
    fields = ("", "双碾乡", "2023-06-30", readings, str(tmp_path), "")
    assert excel(answers).run("Apart") == MARK.join(fields)


def test_buttons(excel):
    app = excel()
    for id_ in ACTIONS:
        app.run(sub_name(id_))
        assert app.sheet("log").value("A1") == f"from xl_poverty.hosts.excel import run; run.action('{id_}')"


# ---- from a macro to the functions and back

_NUMBERS = {2000: "#NULL!", 2007: "#DIV/0!", 2015: "#VALUE!", 2023: "#REF!", 2029: "#NAME?", 2036: "#NUM!",
            2042: "#N/A"}  # fmt: skip
_BY_TEXT = {text: number for number, text in _NUMBERS.items()}
_COM = -2146828288


class Python(VBAObject):
    """The server that xlwings starts: here the adapter itself, with what COM would make of its values."""

    vba_type_name = "Python"

    @method
    def CallUDF(self, place, named, values):
        assert place == "udfs"
        result = values_module.answer(named, *(values_module.from_excel(_handed(one)) for one in values.items))
        rows = values_module.to_rows(result, values_module.marked_error, _vba)
        if len(rows) == len(rows[0]) == 1:
            return _vba(rows[0][0])
        return _vba(rows[0] if len(rows) == 1 else rows)  # xlwings hands a single row over flat


def _handed(value):
    """A value of VBA as COM hands it to Python."""
    if isinstance(value, VBAArray):
        return tuple(tuple(map(_handed, row)) for row in _rows(value))
    if isinstance(value, VBADate):
        return value.to_datetime()
    if isinstance(value, VBAErrorValue):
        return value.number + _COM
    return None if value is EMPTY else value


def _vba(value):
    """A value, or rows of values, as VBA holds it."""
    if isinstance(value, (list, tuple)):
        rows = isinstance(value[0], (list, tuple))
        bounds = [(0, len(value) - 1)] + ([(0, len(value[0]) - 1)] if rows else [])
        columns = [row[at] for at in range(len(value[0])) for row in value] if rows else value
        return VBAArray(bounds, items=[*map(_vba, columns)])
    if isinstance(value, dt.date):
        return VBADate((dt.datetime(value.year, value.month, value.day) - VBADate.EPOCH).days)
    if isinstance(value, str) and value in _BY_TEXT:
        return VBAErrorValue(_BY_TEXT[value])
    if isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    return EMPTY if value is None else value


def _shown(value):
    """A value of VBA as tests/host_calls.py writes it."""
    if isinstance(value, VBAArray):
        return tuple(tuple(map(_shown, row)) for row in _rows(value))
    if isinstance(value, VBAErrorValue):
        return "error", _NUMBERS[value.number]
    return value.to_datetime().date() if isinstance(value, VBADate) else value


def _rows(array):
    if len(array.bounds) == 1:
        return [array.items]
    (first, last), (left, right) = array.bounds
    return [[array.get([row, column]) for column in range(left, right + 1)] for row in range(first, last + 1)]


@pytest.fixture(scope="module")
def linked(tmp_path_factory):
    """A workbook whose macros reach the functions."""
    bridge = 'Public Function XLPy() As Object\n    Set XLPy = CreateObject("Python")\nEnd Function\n'
    doubles = {
        "xlwings": 'Attribute VB_Name = "xlwings"\nOption Explicit\n' + bridge + RUN,
        "XlpRuntime": source("XlpRuntime").replace("Application.Caller", "Nothing"),
    }
    file = tmp_path_factory.mktemp("linked") / "台账.xlsm"
    file.write_bytes(macro_workbook([Page("台账")], modules=doubles))
    app = ExcelApplication.open(file)
    app.interpreter.create_com = lambda name: Python()
    return app


@pytest.mark.parametrize("name", signatures())
def test_each_function_comes_out_as_in_python(linked, name):
    """A few calls of each from the table that every host must answer alike."""
    table = [call for call in calls() if call[0] == name and not call[2]]
    assert table
    for call in table[:5]:
        found = linked.interpreter.run(name, [_vba(one) for one in call[1]])
        assert same(in_python(call), _shown(found)), call
