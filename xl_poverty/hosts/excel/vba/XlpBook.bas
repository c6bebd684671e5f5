Attribute VB_Name = "XlpBook"
Option Explicit
' A workbook's own buttons: an action on the workbook itself.

Public Sub XlpRun(ByVal action As String)
    On Error GoTo failed
    XlpForget
    If action = "explain" Then
        If XlpToldFailure() Then Exit Sub
    End If
    RunPython "from xl_poverty.hosts.excel import run; run.action('" & action & "')"
    Exit Sub
failed:
    XlpShowFailure Err.Description
End Sub

' Called by Excel when it has read the workbook's part of the ribbon, which shows nothing.
Public Sub XlpBookLoad(ribbon As IRibbonUI)
    On Error Resume Next
    XlpDescribe
End Sub
