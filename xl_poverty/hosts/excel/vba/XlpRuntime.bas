Attribute VB_Name = "XlpRuntime"
Option Explicit
Option Private Module
' What every formula goes through: values of its cells to Python, results and real error values back.
' Text that people see stands on the help sheet; this source is ASCII, whatever the code page of the machine.

' the last call that came to nothing, and its cell: told by the action that explains a cell
Public XlpFailure As String
Public XlpFailedAt As String

' Python, as long as it answers: finding it anew for each cell takes longer than the call
Private python As Object
' why it could not be started, and when: thousands of cells do not wait for it one after the other
Private missed As String
Private missedAt As Double
' what a workbook says about its calls, for a second
Private toldBook As String
Private toldText As String
Private toldAt As Double

' A formula's result. given: its arguments as the cell hands them over. carrier: the argument that takes along what the
' workbook says of policy, day and readings.
Public Function XlpCall(ByVal named As String, ByVal given As Variant, ByVal carrier As Long) As Variant
    Dim caller As Object, answer As Variant, values() As Variant, i As Long
    On Error GoTo failed
    If TypeName(Application.Caller) = "Range" Then Set caller = Application.Caller
    ReDim values(0 To UBound(given))
    For i = 0 To UBound(given)
        values(i) = ValuesOf(given(i))
    Next i
    values(carrier) = Carrying(values(carrier), XlpTold(BookOf(caller)))
    answer = Answered(named, values)
    If IsArray(answer) Then
        If ShowsFirstOnly(caller, named) Then Err.Raise 513, "xl_poverty", XlpText("first_only")
    End If
    XlpCall = Shown(answer)
    Exit Function
failed:
    XlpFailure = Err.Description
    XlpFailedAt = XlpPlace(caller)
    XlpCall = CVErr(2015)
End Function

' The arguments behind a first one, in one array with it.
Public Function XlpJoined(ByVal first As Variant, ByVal more As Variant) As Variant
    Dim joined() As Variant, i As Long
    ReDim joined(0 To UBound(more) + 1)
    If IsObject(first) Then Set joined(0) = first Else joined(0) = first
    For i = 0 To UBound(more)
        If IsObject(more(i)) Then Set joined(i + 1) = more(i) Else joined(i + 1) = more(i)
    Next i
    XlpJoined = joined
End Function

' What is known of the workbook and of Python is forgotten, so that the next call looks again.
Public Sub XlpForget()
    toldBook = ""
    missed = ""
End Sub

' A cell by its full address; nothing for what is no cell.
Public Function XlpPlace(ByVal cell As Object) As String
    If Not (cell Is Nothing) Then XlpPlace = cell.Address(External:=True)
End Function

' ---- arguments

Private Function ValuesOf(Optional ByVal argument As Variant) As Variant
    If IsObject(argument) Then
        ValuesOf = CellValues(argument)
    ElseIf IsMissing(argument) Then
        ValuesOf = Empty
    Else
        ValuesOf = argument
    End If
End Function

Private Function CellValues(ByVal area As Object) As Variant
    Dim found As Variant, exact As Variant, i As Long, j As Long, height As Long, width As Long
    If area.Areas.Count > 1 Then Err.Raise 513, "xl_poverty", XlpText("areas")
    height = area.Rows.Count
    width = area.Columns.Count
    ' whole columns and rows end where the sheet is used
    If height > 65535 Then height = Between(1, LastUsed(area.Worksheet.UsedRange, True) - area.Row + 1, height)
    If width > 255 Then width = Between(1, LastUsed(area.Worksheet.UsedRange, False) - area.Column + 1, width)
    Set area = area.Resize(height, width)
    found = TypedValues(area)
    ' money in a currency's format has lost what is behind its fourth decimal
    If Not IsArray(found) Then
        If VarType(found) = vbCurrency Then found = area.Value2
    Else
        For i = LBound(found, 1) To UBound(found, 1)
            For j = LBound(found, 2) To UBound(found, 2)
                If VarType(found(i, j)) = vbCurrency Then
                    If IsEmpty(exact) Then exact = area.Value2
                    found(i, j) = exact(i, j)
                End If
            Next j
        Next i
    End If
    CellValues = found
End Function

' Values in which a date is a date; plain numbers where one is beyond all dates.
Private Function TypedValues(ByVal area As Object) As Variant
    On Error GoTo plain
    TypedValues = area.Value
    Exit Function
plain:
    TypedValues = area.Value2
End Function

Private Function LastUsed(ByVal used As Object, ByVal down As Boolean) As Long
    If down Then LastUsed = used.Row + used.Rows.Count - 1 Else LastUsed = used.Column + used.Columns.Count - 1
End Function

Private Function Between(ByVal low As Long, ByVal wanted As Long, ByVal high As Long) As Long
    Between = wanted
    If Between > high Then Between = high
    If Between < low Then Between = low
End Function

' ---- what the workbook says

Private Function BookOf(ByVal caller As Object) As Object
    If caller Is Nothing Then Set BookOf = ActiveWorkbook Else Set BookOf = caller.Worksheet.Parent
End Function

' Policy, day, readings and folder of a workbook, in one text; nothing where it says nothing.
Public Function XlpTold(ByVal book As Object) As String
    Dim policy As String, day As String, readings As String, lines As String, folder As String, mark As String
    If book Is Nothing Then Exit Function
    If Len(toldBook) > 0 And toldBook = book.FullName And Abs(Timer - toldAt) < 1 Then
        XlpTold = toldText
        Exit Function
    End If
    policy = TextOf(NamedValue(book, ChrW(25919) & ChrW(31574)))
    day = TextOf(DayOf(NamedValue(book, ChrW(19994) & ChrW(21153) & ChrW(26085) & ChrW(26399))))
    readings = TextOf(NamedValue(book, ChrW(21475) & ChrW(24452)))
    lines = SheetLines(book)
    If Len(lines) > 0 Then readings = readings & ChrW(57346) & lines
    folder = book.Path
    If InStr(folder, "://") > 0 Then folder = ""
    mark = ChrW(57345)
    toldText = ""
    If Len(policy & day & readings & folder) > 0 Then
        toldText = mark & policy & mark & day & mark & readings & mark & folder & mark
    End If
    toldBook = book.FullName
    toldAt = Timer
    XlpTold = toldText
End Function

' The value with the text before its first cell.
Private Function Carrying(ByVal value As Variant, ByVal told As String) As Variant
    Dim row As Long, column As Long
    If Len(told) > 0 Then
        Select Case Dimensions(value)
        Case 0
            value = Prefixed(told, value)
        Case 1
            column = LBound(value)
            value(column) = Prefixed(told, value(column))
        Case Else
            row = LBound(value, 1)
            column = LBound(value, 2)
            value(row, column) = Prefixed(told, value(row, column))
        End Select
    End If
    Carrying = value
End Function

Private Function Prefixed(ByVal told As String, ByVal value As Variant) As Variant
    If IsError(value) Then Prefixed = told & ErrorText(value) Else Prefixed = told & TextOf(value)
End Function

' What the first cell of a name holds; nothing where there is no such name.
Private Function NamedValue(ByVal book As Object, ByVal named As String) As Variant
    Dim found As Object, area As Object, value As Variant
    On Error Resume Next
    Set found = book.Names(named)
    If found Is Nothing Then
        NamedValue = Empty
        Exit Function
    End If
    Set area = found.RefersToRange
    On Error GoTo 0
    If area Is Nothing Then value = Application.Evaluate(found.RefersTo) Else value = area.Cells(1, 1).Value
    If IsError(value) Or IsArray(value) Then Err.Raise 513, "xl_poverty", XlpText("name") & named
    NamedValue = value
End Function

' The sheet of readings: what is asked and what was chosen, as many lines as hold both.
Private Function SheetLines(ByVal book As Object) As String
    Dim sheet As Object, cells As Variant, row As Long, lines As String
    On Error Resume Next
    Set sheet = book.Worksheets(ChrW(26680) & ChrW(31639) & ChrW(21475) & ChrW(24452))
    On Error GoTo 0
    If sheet Is Nothing Then Exit Function
    cells = sheet.Range("A1:B200").Value
    For row = 1 To UBound(cells, 1)
        If Not (IsError(cells(row, 1)) Or IsError(cells(row, 2))) Then
            If Len(TextOf(cells(row, 1))) > 0 And Len(TextOf(cells(row, 2))) > 0 Then
                If Len(lines) > 0 Then lines = lines & ";"
                lines = lines & LineOf(cells(row, 1)) & "=" & LineOf(cells(row, 2))
            End If
        End If
    Next row
    SheetLines = lines
End Function

' A text that parts no lines.
Private Function LineOf(ByVal value As Variant) As String
    LineOf = Replace(TextOf(value), ";", ChrW(65307))
End Function

Private Function TextOf(ByVal value As Variant) As String
    If VarType(value) = vbDate Then TextOf = Format(value, "yyyy-mm-dd") Else TextOf = Trim(CStr(value))
End Function

' A day that was typed as a number, as Excel counts days.
Private Function DayOf(ByVal value As Variant) As Variant
    DayOf = value
    If VarType(value) = vbDouble Then
        If value > 0 And value < 2958466 Then DayOf = CDate(value)
    End If
End Function

' ---- results

' What Python answers. One that has gone away is started again, once.
Private Function Answered(ByVal named As String, ByVal values As Variant) As Variant
    Dim again As Boolean
    again = Not (python Is Nothing)
    On Error GoTo gone
start:
    If python Is Nothing Then Set python = StartedPython()
    Answered = python.CallUDF("udfs", named, values)
    Exit Function
gone:
    Set python = Nothing
    If Not again Then Err.Raise Err.Number, Err.Source, Err.Description
    again = False
    Resume start
End Function

Private Function StartedPython() As Object
    If Len(missed) > 0 And Abs(Timer - missedAt) < 5 Then Err.Raise 513, "xl_poverty", missed
    On Error GoTo absent
    Set StartedPython = XLPy
    Exit Function
absent:
    missed = Err.Description
    missedAt = Timer
    Err.Raise 513, "xl_poverty", missed
End Function

' Results as cells take them: error values for the texts that stand for them, and no 0 where nothing is.
Private Function Shown(ByVal answer As Variant) As Variant
    Dim i As Long, j As Long
    Select Case Dimensions(answer)
    Case 0
        answer = ShownCell(answer)
    Case 1
        For i = LBound(answer) To UBound(answer)
            answer(i) = ShownCell(answer(i))
        Next i
    Case Else
        For i = LBound(answer, 1) To UBound(answer, 1)
            For j = LBound(answer, 2) To UBound(answer, 2)
                answer(i, j) = ShownCell(answer(i, j))
            Next j
        Next i
    End Select
    Shown = answer
End Function

Private Function ShownCell(ByVal value As Variant) As Variant
    ShownCell = value
    If IsEmpty(value) Then
        ShownCell = ""
    ElseIf VarType(value) = vbString Then
        If Len(value) > 0 Then
            If AscW(value) = AscW(ChrW(57344)) Then ShownCell = ErrorOf(Mid(value, 2))
        End If
    End If
End Function

Private Function ErrorOf(ByVal text As String) As Variant
    Select Case text
    Case "#NULL!"
        ErrorOf = CVErr(2000)
    Case "#DIV/0!"
        ErrorOf = CVErr(2007)
    Case "#REF!"
        ErrorOf = CVErr(2023)
    Case "#NAME?"
        ErrorOf = CVErr(2029)
    Case "#NUM!"
        ErrorOf = CVErr(2036)
    Case "#N/A"
        ErrorOf = CVErr(2042)
    Case Else
        ErrorOf = CVErr(2015)
    End Select
End Function

Private Function ErrorText(ByVal value As Variant) As String
    Select Case Right(CStr(value), 4)  ' "Error 2042", in the language of the machine
    Case "2000"
        ErrorText = "#NULL!"
    Case "2007"
        ErrorText = "#DIV/0!"
    Case "2023"
        ErrorText = "#REF!"
    Case "2029"
        ErrorText = "#NAME?"
    Case "2036"
        ErrorText = "#NUM!"
    Case "2042"
        ErrorText = "#N/A"
    Case Else
        ErrorText = "#VALUE!"
    End Select
End Function

Private Function Dimensions(ByVal value As Variant) As Long
    Dim last As Long
    If Not IsArray(value) Then Exit Function
    On Error GoTo one
    last = UBound(value, 2)
    Dimensions = 2
    Exit Function
one:
    Dimensions = 1
End Function

' ---- a result of several cells in a cell that shows one

' Would the first row stand there as if it were the result? Only where the cell's formula is the call alone.
Private Function ShowsFirstOnly(ByVal caller As Object, ByVal named As String) As Boolean
    Dim formula As String, spills As Boolean
    If caller Is Nothing Then Exit Function
    If caller.Rows.Count * caller.Columns.Count > 1 Then Exit Function
    formula = CellFormula(caller, spills)
    If spills And Left(formula, 2) <> "=@" Then Exit Function
    ShowsFirstOnly = IsCallAlone(formula, named)
End Function

' A cell's formula, and whether results of this Excel spill.
Private Function CellFormula(ByVal cell As Object, ByRef spills As Boolean) As String
    On Error GoTo older
    CellFormula = cell.Formula2
    spills = True
    Exit Function
older:
    CellFormula = cell.Formula
End Function

' Does the formula hold this call and nothing else? The name may stand behind that of the add-in.
Private Function IsCallAlone(ByVal formula As String, ByVal named As String) As Boolean
    Dim i As Long, depth As Long, quote As String, sign As String, opened As Boolean, head As String
    For i = 2 To Len(formula)
        sign = Mid(formula, i, 1)
        If Len(quote) > 0 Then
            If sign = quote Then quote = ""
        ElseIf sign = """" Or sign = "'" Then
            quote = sign
        ElseIf sign = "(" Then
            If depth = 0 Then
                If opened Then Exit Function
                opened = True
                head = Mid(formula, 2, i - 2)
            End If
            depth = depth + 1
        ElseIf sign = ")" Then
            depth = depth - 1
            If depth = 0 And i < Len(formula) Then Exit Function
        End If
    Next i
    head = Replace(Replace(head, "@", ""), "+", "")
    IsCallAlone = opened And UCase(Trim(Mid(head, InStrRev(head, "!") + 1))) = named
End Function
