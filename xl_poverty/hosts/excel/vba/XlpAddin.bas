Attribute VB_Name = "XlpAddin"
Option Explicit
' The ribbon's tab: actions on the active workbook, and formulas to choose from.

' Called by Excel when it has read the tab.
Public Sub XlpAddinLoad(ribbon As IRibbonUI)
    On Error Resume Next
    XlpDescribe
End Sub

' A button with an action; its tag says which.
Public Sub XlpAddinAction(control As IRibbonControl)
    On Error GoTo failed
    XlpForget
    If ActiveWorkbook Is Nothing Then Err.Raise 513, "xl_poverty", XlpText("no_book")
    If control.Tag = "explain" Then
        If XlpToldFailure() Then Exit Sub
    End If
    ' as RunPython does it, but for the active workbook: the add-in has no sheet to work on
    XLPy.SetAttr XLPy.Module("xlwings._xlwindows"), "BOOK_CALLER", ActiveWorkbook
    XLPy.Exec "from xl_poverty.hosts.excel import run; run.action('" & control.Tag & "')"
    Exit Sub
failed:
    XlpShowFailure Err.Description
End Sub

' A formula from the menu, put into the active cell; the function wizard asks for its arguments.
Public Sub XlpAddinInsert(control As IRibbonControl)
    Dim cell As Object, before As String
    On Error GoTo failed
    If ActiveWorkbook Is Nothing Then Err.Raise 513, "xl_poverty", XlpText("no_book")
    XlpDescribe
    Set cell = ActiveCell
    before = cell.PrefixCharacter & cell.Formula
    If Len(before) > 0 Then
        If MsgBox(XlpText("replace"), vbYesNo + vbQuestion, XlpText("title")) <> vbYes Then Exit Sub
    End If
    PutFormula cell, "=" & control.Tag & "()"
    If Not Application.Dialogs(450).Show Then PutFormula cell, before
    Exit Sub
failed:
    XlpShowFailure Err.Description
End Sub

' As Formula2 where Excel has it: Formula would put an @ before the name, and results would not spill.
Private Sub PutFormula(ByVal cell As Object, ByVal formula As String)
    On Error GoTo older
    cell.Formula2 = formula
    Exit Sub
older:
    cell.Formula = formula
End Sub
