"""The macros at work, in LibreOffice: what cells hand over, what comes back, what a workbook says, which action runs.

LibreOffice cannot compile xlwings' module, so a double stands in its place that tells what Python would be asked. It
knows no Application.Caller; another double stands for it. An error value of a macro shows there as its number's name.
"""

from __future__ import annotations

import datetime as dt
import re

import pytest

pytest.importorskip("pyopenvba")
pytest.importorskip("xlwings")

import calc_office  # noqa: E402

from xl_poverty.formulas.signatures import signatures  # noqa: E402
from xl_poverty.hosts.actions import ACTIONS  # noqa: E402
from xl_poverty.hosts.excel.packaging import ADDIN_FORMULAS, BOOK_FORMULAS, addin, macro_workbook, sub_name  # noqa: E402
from xl_poverty.hosts.excel.project import source  # noqa: E402
from xl_poverty.hosts.excel.wrappers import formula_module  # noqa: E402
from xl_poverty.workbook.encoding import Formula  # noqa: E402
from xl_poverty.workbook.pages import DAY, TEXT, Page  # noqa: E402

XLWINGS = """Attribute VB_Name = "xlwings"
Option Explicit
Private started As Long
Public Function RunPython(command As String)
    ThisWorkbook.Worksheets("log").Range("A1").Value = command
End Function
Public Function XLPy() As Object
    started = started + 1
    Set XLPy = New XlpDouble
End Function
Public Function HowOften()
    HowOften = started
End Function
Public Function Failure()
    Failure = XlpFailure
End Function
Public Function Inside() As String
    Dim found As Variant
    found = XlpCall("FIRST_OF", Array(1, Empty), 1)
    Inside = TypeName(found(0, 0)) & "," & CStr(found(1, 0)) & "," & TypeName(found(1, 0)) & "," & TypeName(found(2, 0))
    found = XlpCall("MEASURES", Array(Empty, Empty), 0)
    Inside = Inside & "|" & TypeName(found(0)) & "," & CStr(found(1)) & "," & TypeName(found(1))
End Function
Public Function Several() As String
    Several = TypeName(XlpCall("FIRST_OF", Array(1, Empty), 1))
End Function
Public Function CalledFrom() As Object
    Dim place As String
    place = ThisWorkbook.Worksheets("log").Range("B1").Value
    If Len(place) > 0 Then Set CalledFrom = ThisWorkbook.Worksheets("cells").Range(place)
End Function
"""
DOUBLE = """VERSION 1.0 CLASS
BEGIN
  MultiUse = -1  'True
END
Attribute VB_Name = "XlpDouble"
Option Explicit
Public Function CallUDF(ByVal place As String, ByVal named As String, ByVal values As Variant) As Variant
    Dim i As Long, text As String, block As Variant
    If named = "TIER_GAP" Then
        CallUDF = ChrW(57344) & "#N/A"
    ElseIf named = "ID_CHECK" Then
        Err.Raise 1000, , "Python is not there"
    ElseIf named = "FIRST_OF" Then
        ReDim block(0 To 2, 0 To 0)
        block(0, 0) = 1.5
        block(1, 0) = ChrW(57344) & "#NUM!"
        CallUDF = block
    ElseIf named = "MEASURES" Then
        CallUDF = Array("a", ChrW(57344) & "#DIV/0!")
    Else
        text = place & "." & named
        For i = LBound(values) To UBound(values)
            text = text & "|" & Told(values(i))
        Next i
        CallUDF = text
    End If
End Function
Private Function Told(ByVal value As Variant) As String
    Dim i As Long, j As Long
    If IsArray(value) Then
        For i = LBound(value, 1) To UBound(value, 1)
            For j = LBound(value, 2) To UBound(value, 2)
                Told = Told & "(" & Told(value(i, j)) & ")"
            Next j
            Told = Told & ";"
        Next i
    ElseIf IsEmpty(value) Then
        Told = "blank"
    Else
        Told = TypeName(value) & " " & CStr(value)
    End If
End Function
"""
ADDIN_XLWINGS = """Attribute VB_Name = "xlwings"
Option Explicit
Public Wanted As String
Public Journal As String
Public Counted As Long
Public Function XLPy() As Object
    Set XLPy = New XlpDouble
End Function
Public Function Act() As String
    Dim control As Object
    Set control = New XlpControl
    Wanted = "check"
    XlpAddinAction control
    Act = Journal
End Function
Public Function Insert() As String
    Dim control As Object
    Set control = New XlpControl
    Wanted = "POLICIES"
    ActiveCell.Value = ""
    XlpAddinInsert control
    Insert = ActiveCell.Formula
End Function
Public Function Help() As String
    XlpDescribe
    Help = Counted & "|" & Journal
End Function
Public Function Ask() As String
    Ask = XlpCall("PV_NET", Array(1, Empty), 1)
End Function
"""
ADDIN_DOUBLE = """VERSION 1.0 CLASS
BEGIN
  MultiUse = -1  'True
END
Attribute VB_Name = "XlpDouble"
Option Explicit
Public Function CallUDF(ByVal place As String, ByVal named As String, ByVal values As Variant) As Variant
    CallUDF = place & "." & named
End Function
Public Function Module(ByVal named As String)
    Module = named
End Function
Public Sub SetAttr(ByVal place As Variant, ByVal named As String, ByVal value As Variant)
    Journal = place & "." & named & " = " & TypeName(value)
End Sub
Public Sub Exec(ByVal command As Variant)
    Journal = Journal & "; " & command
End Sub
"""
CONTROL = """VERSION 1.0 CLASS
BEGIN
  MultiUse = -1  'True
END
Attribute VB_Name = "XlpControl"
Option Explicit
Public Function Tag() As String
    Tag = Wanted
End Function
"""
OPTIONS = """VERSION 1.0 CLASS
BEGIN
  MultiUse = -1  'True
END
Attribute VB_Name = "XlpOptions"
Option Explicit
Public Sub MacroOptions(Macro, Description, Category, ArgumentDescriptions)
    If Right(Macro, 14) = "TRAVEL_SUBSIDY" Then
        Journal = Macro & "|" & Description & "|" & Category & "|" & ArgumentDescriptions(9)
    End If
    Counted = Counted + 1
End Sub
"""
FORMULAS = {
    "scalars": 'TRAVEL_SUBSIDY("脱贫户",B2,E2,C2)',
    "missing": 'JOB_INTRO_SUBSIDY("省外",12,3)',
    "date": "JOB_INTRO_SUBSIDY(A2,D2,3)",
    "range": "JOB_INTRO_SUBSIDY(A2:B4,12,3)",
    "column": "JOB_INTRO_SUBSIDY(G:G,12,3)",
    "policy": 'PV_VILLAGE_SHARE(1,"奉节县",D2)',
    "policies": "PV_VILLAGE_SHARE(1,A2:A4)",
    "pairs": 'WHY("交通补贴",A2,,A2:A3)',
    "renamed": "NET_INCOME(1,2,3,4,5)",
    "error": "TIER_GAP(1)",
    "failure": "ID_CHECK(1)",
}
#: where the call stands, and the formula there; one that stands in several cells at the end
ONE_CELL = (
    ("C40", "=FIRST_OF(A2:A4)"),
    ("C40", "=+FIRST_OF(A2:A4)"),
    ("C40", '=FIRST_OF(IF(A2=")";A2:A4;A3:A5))'),
    ("C40", "=SUM(FIRST_OF(A2:A4))"),
    ("C40", "=FIRST_OF(A2:A4)+1"),
    ("C40", "=FIRST_OF(A2:A4)&FIRST_OF(A2:A3)"),
    ("C40", "=JOB_INTRO_SUBSIDY(1;2;3)"),
    ("C40", "FIRST_OF(A2:A4)"),
    ("C40:C42", "=FIRST_OF(A2:A4)"),
)
TOLD = "\ue001双碾乡\ue0012023-06-30\ue001TRAVEL_SUBSIDY=限额据实\ue002MICROLOAN_TOPUP=按户；次\ue001{folder}\ue001"


@pytest.fixture(scope="module")
def calc(tmp_path_factory):
    with calc_office.started(tmp_path_factory.mktemp("profile")) as calc:
        yield calc


@pytest.fixture(scope="module")
def answers(calc, tmp_path_factory):
    """What the cells show, and what the macros tell."""
    folder = tmp_path_factory.mktemp("台账 一")
    file = folder / "台账.xlsm"
    file.write_bytes(_workbook())
    book = calc.open(file)
    calc.calculate(book)
    shown = calc.texts(book, f"cells!A11:A{10 + len(FORMULAS)}")
    found = dict(zip(FORMULAS, (text for (text,) in shown)))
    told = ("HowOften", "Failure", "Inside")
    found |= zip(("started", "reason", "inside"), [_run(calc, book, f"xlwings.{name}") for name in told])
    found["actions"] = {}
    for id_ in ACTIONS:
        _run(calc, book, f"XlpActions.{sub_name(id_)}")
        ((found["actions"][id_],),) = calc.texts(book, "log!A1")
    found["several"] = []
    for place, formula in ONE_CELL:
        calc.typed(book, "log!B1", place)
        calc.typed(book, "cells!C40", formula)
        found["several"].append(_run(calc, book, "xlwings.Several"))
    found["refusal"] = _run(calc, book, "xlwings.Failure")
    calc.close(book)
    return found | {"folder": str(folder)}


def _run(calc, book: int, name: str):
    return calc.basic(book, f"VBAProject.{name}")


def _workbook() -> bytes:
    page = Page("cells", widths=(30, 12, 12, 12))
    page.row(1, 0, ("脱贫户", True, 3.5, dt.date(2023, 6, 12), None), (TEXT, TEXT, TEXT, DAY, TEXT))
    page.put(2, 0, 7)
    page.put(3, 1, "x")
    page.put(1, 6, 1)
    page.put(3, 6, 3)
    for row, (name, value) in enumerate(
        {"政策": "双碾乡", "业务日期": dt.date(2023, 6, 30), "口径": "TRAVEL_SUBSIDY=限额据实"}.items(), 4
    ):
        page.put(row, 0, value, DAY if name == "业务日期" else TEXT)
        page.names[name] = (row, 0)
    for row, formula in enumerate(FORMULAS.values(), 10):
        page.put(row, 0, Formula(formula, "?"))
    answers = Page("核算口径")
    answers.put(2, 0, "MICROLOAN_TOPUP")
    answers.put(2, 1, "按户;次")
    doubles = {
        "xlwings": XLWINGS,
        "XlpDouble": DOUBLE,
        "XlpRuntime": source("XlpRuntime").replace("Application.Caller", "CalledFrom()"),
        BOOK_FORMULAS: _for_basic(formula_module(BOOK_FORMULAS)),
    }
    return macro_workbook([page, answers, Page("log")], modules=doubles)


def _for_basic(text: str) -> str:
    """Base is a word of LibreOffice's Basic, not of VBA."""
    return re.sub(r"\bbase\b", "base1", text)


def test_calls_hand_over_values(answers):
    """LibreOffice hands over TRUE typed in a formula as 1, and 0 for an argument left out between commas."""
    told = TOLD.format(folder=answers["folder"])
    assert {name: answers[name].replace(told, "§") for name in FORMULAS} == {
        "scalars": f"udfs.TRAVEL_SUBSIDY|String 脱贫户|Boolean True|blank|Double 3.5|{'blank|' * 4}String §|blank",
        "missing": "udfs.JOB_INTRO_SUBSIDY|String 省外|Double 12|Double 3|blank|String §|blank",
        "date": "udfs.JOB_INTRO_SUBSIDY|String 脱贫户|Date 06/12/2023|Double 3|blank|String §|blank",
        "range": "udfs.JOB_INTRO_SUBSIDY|(String 脱贫户)(Boolean True);(Double 7)(blank);(blank)(String x);|Double 12|"
        "Double 3|blank|String §|blank",
        # the sheet is used down to its twenty-first row, where the last formula stands
        "column": f"udfs.JOB_INTRO_SUBSIDY|(blank);(Double 1);(blank);(Double 3);{'(blank);' * 17}|Double 12|"
        "Double 3|blank|String §|blank",
        "policy": "udfs.PV_VILLAGE_SHARE|Double 1|String §奉节县|Date 06/12/2023",
        "policies": "udfs.PV_VILLAGE_SHARE|Double 1|(String §脱贫户);(Double 7);(blank);|blank",
        "pairs": "udfs.WHY|String §交通补贴|String 脱贫户|Double 0|(String 脱贫户);(Double 7);",
        "renamed": "udfs.NET_INCOME|Double 1|Double 2|Double 3|Double 4|Double 5|blank|String §|blank",
        "error": "Error 2042",
        "failure": "Error 2015",
    }


def test_errors_are_errors_in_blocks_too_and_nothing_is_no_zero(answers):
    assert answers["inside"] == "Double,Error 2036,Error,String|String,Error 2007,Error"


def test_python_is_looked_for_again_only_when_it_fails(answers):
    """Once for all cells, and once more after the call that failed; its reason is kept."""
    assert answers["started"] == 2 and answers["reason"] == "Python is not there"


def test_each_button_runs_its_action(answers):
    assert answers["actions"] == {
        id_: f"from xl_poverty.hosts.excel import run; run.action('{id_}')" for id_ in ACTIONS
    }


def test_several_values_in_a_cell_of_one_are_refused_where_they_are_its_whole_formula(answers):
    refused = [kind == "Error" for kind in answers["several"]]
    assert refused == [True, True, True, False, False, False, False, False, False]
    assert "Ctrl+Shift+Enter" in answers["refusal"]


def test_the_addin_asks_python_for_the_active_workbook(calc, tmp_path):
    modules = {
        "xlwings": ADDIN_XLWINGS,
        "XlpDouble": ADDIN_DOUBLE,
        "XlpControl": CONTROL,
        "XlpOptions": OPTIONS,
        "XlpHelp": source("XlpHelp").replace("Set host = Application", "Set host = New XlpOptions"),
        "XlpAddin": source("XlpAddin").replace("Application.Dialogs(450).Show", "True"),
        ADDIN_FORMULAS: _for_basic(formula_module(ADDIN_FORMULAS)),
    }
    file = tmp_path / "xl_poverty.xlam"
    file.write_bytes(addin(modules=modules))
    book = calc.open(file)
    helped, asked, acted, inserted = (_run(calc, book, f"xlwings.{name}") for name in ("Help", "Ask", "Act", "Insert"))
    calc.close(book)
    assert asked == "udfs.PV_NET"
    command = "from xl_poverty.hosts.excel import run; run.action('check')"
    assert acted == f"xlwings._xlwindows.BOOK_CALLER = Workbook; {command}"
    assert inserted == "=POLICIES()"
    count, macro, about, category, last = helped.split("|")
    assert (count, macro, category) == (str(len(signatures())), "'xl_poverty.xlam'!TRAVEL_SUBSIDY", "xl_poverty 就业")
    assert about.startswith("交通补贴：") and last.startswith("政策：")
