Attribute VB_Name = "XlpMessages"
Option Explicit
Option Private Module
' What a clerk is told when Python could not be asked.

Public Sub XlpShowFailure(ByVal reason As String)
    MsgBox XlpText("failed") & vbLf & vbLf & reason, vbExclamation, XlpText("title")
End Sub

' The reason why the active cell's formula came to nothing, where it was not Python that said so.
Public Function XlpToldFailure() As Boolean
    If Len(XlpFailedAt) = 0 Then Exit Function
    If XlpPlace(ActiveCell) <> XlpFailedAt Then Exit Function
    If Not IsError(ActiveCell.Value) Then Exit Function
    MsgBox XlpText("no_result") & vbLf & vbLf & XlpFailure, vbExclamation, XlpText("title")
    XlpToldFailure = True
End Function
