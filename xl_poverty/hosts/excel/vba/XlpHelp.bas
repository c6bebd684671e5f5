Attribute VB_Name = "XlpHelp"
Option Explicit
Option Private Module
' The help sheet: column A a formula or the key of a text, B what is told of it. Of a formula that is several lines:
' what it gives, its category, one per argument.

Private described As Boolean

' A text for people, by its key.
Public Function XlpText(ByVal key As String) As String
    Dim sheet As Object, row As Long
    Set sheet = ThisWorkbook.Worksheets("xlp_help")
    row = 1
    Do While Len(sheet.Cells(row, 1).Value) > 0
        If sheet.Cells(row, 1).Value = "text " & key Then XlpText = sheet.Cells(row, 2).Value
        row = row + 1
    Loop
End Function

' Descriptions for the function wizard. Excel refuses them while no workbook is visible: then the next call tries again.
Public Sub XlpDescribe()
    Dim sheet As Object, row As Long, book As String, saved As Boolean
    If described Then Exit Sub
    saved = ThisWorkbook.Saved
    book = "'" & Replace(ThisWorkbook.Name, "'", "''") & "'!"
    Set sheet = ThisWorkbook.Worksheets("xlp_help")
    row = 1
    Do While Len(sheet.Cells(row, 1).Value) > 0
        If Left(sheet.Cells(row, 1).Value, 5) <> "text " Then
            If DescribedOne(book & sheet.Cells(row, 1).Value, sheet.Cells(row, 2).Value) Then described = True
        End If
        row = row + 1
    Loop
    If saved Then ThisWorkbook.Saved = True
End Sub

Private Function DescribedOne(ByVal macro As String, ByVal told As String) As Boolean
    Dim host As Object, lines As Variant, help() As String, i As Long
    On Error GoTo refused
    lines = Split(told, vbLf)
    ReDim help(1 To UBound(lines) - 1)
    For i = 2 To UBound(lines)
        help(i - 1) = lines(i)
    Next i
    Set host = Application  ' 2007 knows no help for arguments: it is to find out here, not when it compiles
    host.MacroOptions Macro:=macro, Description:=lines(0), Category:=lines(1), ArgumentDescriptions:=help
    DescribedOne = True
refused:
End Function
