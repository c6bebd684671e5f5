"""Which formulas are stale after a change: against a search that looks at every cell of what each formula reads."""

from __future__ import annotations

import os
import random
import time

import pytest
from hypothesis import given, settings, strategies as st

from xl_poverty.workbook.dependants import stale
from xl_poverty.workbook.references import MOST_COLUMNS, MOST_ROWS, letters_of

SHEETS = ("台账", "Sheet2", "2022 年'底", "3月")
ROWS, COLUMNS = 12, 6
TABLE = ("台账", (1, 1, 6, 3), ("姓名", "收入[元]", "2022年\n合计"))


def quoted(sheet: str) -> str:
    return sheet if sheet in ("台账", "Sheet2") else "'" + sheet.replace("'", "''") + "'"


def spots(sheet, top, left, bottom, right):
    return {(sheet, row, column) for row in range(top, bottom + 1) for column in range(left, right + 1)}


# ---- formulas made together with what they read: (text, function of the formula's place → cells, None: always stale)

row_numbers = st.integers(0, ROWS - 1)
column_numbers = st.integers(0, COLUMNS - 1)
marks = st.sampled_from(("", "$"))


@st.composite
def references(draw):
    kind = draw(st.sampled_from(("cell", "area", "columns", "rows", "three", "external")))
    sheet = draw(st.sampled_from((None, *SHEETS)))
    prefix, homes = ("", None) if sheet is None else (quoted(sheet) + "!", [sheet])
    if kind == "three":
        first, last = draw(st.integers(0, 3)), draw(st.integers(0, 3))
        plain = draw(st.booleans()) and {first, last} <= {0, 1}
        text = f"{SHEETS[first]}:{SHEETS[last]}".replace("'", "''")
        prefix, homes = (text if plain else f"'{text}'") + "!", SHEETS[min(first, last) : max(first, last) + 1]
    if kind == "external":
        prefix, homes = draw(st.sampled_from(("[1]台账!", "'[2]3月'!", "'C:\\资料\\[a.xlsx]台账'!", "没有!"))), []
    rows, columns = [draw(row_numbers), draw(row_numbers)], [draw(column_numbers), draw(column_numbers)]
    m = [draw(marks) for _ in range(4)]
    if kind == "columns":
        text = f"{m[0]}{letters_of(columns[0])}:{m[1]}{letters_of(columns[1])}"
        rows = [0, ROWS - 1]
    elif kind == "rows":
        text = f"{m[0]}{rows[0] + 1}:{m[1]}{rows[1] + 1}"
        columns = [0, COLUMNS - 1]
    else:
        text = f"{m[0]}{letters_of(columns[0])}{m[1]}{rows[0] + 1}"
        if kind == "area":
            text += f":{m[2]}{letters_of(columns[1])}{m[3]}{rows[1] + 1}"
        else:
            rows[1], columns[1] = rows[0], columns[0]
            text += draw(st.sampled_from(("", "", "#")))
    area = min(rows), min(columns), max(rows), max(columns)

    def read(own, row, column):
        return set().union(*(spots(sheet, *area) for sheet in (homes if homes is not None else [own])))

    return prefix + text, read


@st.composite
def table_references(draw):
    words = {"[#All]": (1, 3), "[]": (1, 3), "[姓名]": (1, 1), "['2022年\n合计]": None, "[收入'[元']]": (2, 2),
             "[[#Headers],[姓名]]": (1, 1), "[[姓名]:[收入'[元']]]": (1, 2), "[2022年\n合计]": (3, 3)}  # fmt: skip
    words = {text: span for text, span in words.items() if span}
    if draw(st.booleans()):
        text, (left, right) = draw(st.sampled_from(list(words.items())))
        return f"表1{text}", lambda own, row, column: spots("台账", 1, left, 6, right)
    text = draw(st.sampled_from(("[[#This Row],[收入'[元']]]", "[@收入'[元']]", "[@[收入'[元']]]")))
    return f"表1{text}", lambda own, row, column: {("台账", row, 2)}


others = st.sampled_from(
    ('"A1:F12"', '"他说""B2"""', "1.5E+10", "LOG10(2)", "TRUE", "#N/A", "Sheet2!#REF!", "{1,2;3,4}", "XYZ1",
     "没有的名字", "[1]!税率", "'C:\\工具\\x.xlam'!TRAVEL_SUBSIDY(1)", "_xlpm.x1", "A1B2", "ABCD12", "-5%")
).map(lambda text: (text, lambda own, row, column: set()))  # fmt: skip
names = st.sampled_from(
    [("税率", lambda own, row, column: {("3月", 1, 1)}),
     ("全列2", lambda own, row, column: spots("台账", 0, 2, ROWS - 1, 2)),
     ("套名", lambda own, row, column: {("3月", 1, 1), ("Sheet2", 2, 2)}),
     ("本表", lambda own, row, column: {("Sheet2", 4, 4)} if own == "Sheet2" else {("台账", 5, 5)}),
     ("Sheet2!本表", lambda own, row, column: {("Sheet2", 4, 4)}),
     ("自己", lambda own, row, column: {("台账", 0, 0)}),
     ("表1", lambda own, row, column: spots("台账", 1, 1, 6, 3))]
)  # fmt: skip
NAMES = {
    "税率": "'3月'!$B$2", "全列2": "台账!$C:$C", "套名": "税率+Sheet2!$C$3", "本表": "台账!$F$6",
    ("本表", "Sheet2"): "Sheet2!$E$5", "自己": "自己+台账!$A$1", "今日": 'INDIRECT("A1")',
}  # fmt: skip
always = st.sampled_from(("cell(A1)", 'INDIRECT("A1")', "OFFSET(A1,1,1)", "A1:INDEX(B1:B9,3)", "今日",
                          "没有的表[列]")).map(lambda text: (text, None))  # fmt: skip


@st.composite
def formulas(draw):
    one = st.one_of(references(), references(), references(), table_references(), names, others)
    parts = draw(st.lists(one, min_size=1, max_size=3))
    if draw(st.integers(0, 30)) == 0:
        parts.append(draw(always))
    text = draw(st.sampled_from(("+", ",", "&", " "))).join(text for text, _ in parts)
    text = draw(st.sampled_from(("{}", "SUM({})", 'IF({},"B1",2)', "_xlfn.XLOOKUP({})"))).format(text)
    return text, [read for _, read in parts]


cells = st.tuples(row_numbers, column_numbers)


@settings(max_examples=1000 if int(os.environ.get("XL_POVERTY_ROWS", "0")) >= 5000 else 60, deadline=None)
@given(
    st.fixed_dictionaries({sheet: st.dictionaries(cells, formulas(), max_size=10) for sheet in SHEETS}),
    st.dictionaries(st.sampled_from(SHEETS), st.lists(st.tuples(cells, cells), max_size=2), max_size=2),
    st.dictionaries(st.sampled_from(SHEETS), st.dictionaries(cells, cells, max_size=3)),
)
def test_as_found_by_looking_at_every_cell(made, changed, filled):
    changed = {
        sheet: [(min(a, c), min(b, d), max(a, c), max(b, d)) for (a, b), (c, d) in areas]
        for sheet, areas in changed.items()
    }
    areas = {
        sheet: {(row, column): (row, column, max(row, a), max(column, b)) for (row, column), (a, b) in found.items()}
        for sheet, found in filled.items()
    }
    dirty = set().union(*(spots(sheet, *area) for sheet, found in changed.items() for area in found))
    written = set(dirty)
    found = set()
    while True:
        new = set()
        for sheet, texts in made.items():
            for (row, column), (_, reads) in texts.items():
                if (sheet, row, column) not in found:
                    if any(read is None or read(sheet, row, column) & dirty for read in reads):
                        new.add((sheet, row, column))
        if not new:
            break
        found |= new
        for sheet, row, column in new:
            dirty |= {(sheet, row, column)} | spots(sheet, *areas.get(sheet, {}).get((row, column), (row, column) * 2))
    expected = {}
    for sheet, row, column in found - written:
        expected.setdefault(sheet, set()).add((row, column))
    texts = {sheet: {spot: text for spot, (text, _) in found.items()} for sheet, found in made.items()}
    assert stale(texts, changed, NAMES, {"表1": TABLE}, sheets=SHEETS, areas=areas) == expected


# ---- single cases


def whether(text: str, area=(0, 0, 0, 0), *, sheet="台账", at=(20, 20), names=None) -> bool:
    return bool(stale({sheet: {at: text}}, {"台账": [area]}, names, {"表1": TABLE}))


@pytest.mark.parametrize(
    "text", ["a1", "$a$1", "sum(a:b)", "SUM(B2:A1)", "台账!A1", "'台账'!$A:$A", "Sum(1:1)", "+A1#", "(A1)"]
)
def test_spellings(text):
    assert whether(text)


@pytest.mark.parametrize(
    "text", ["AA1", "A11", "BA1", "A1A", "A1(2)", "A1.B", "甲A1", "A1甲", '"A1"', "'A1'!B2", "[1]台账!A1", "A10:B12",
             "1E1", "A0", "A1!B2"],
)  # fmt: skip
def test_what_is_no_reference(text):
    assert not whether(text)


def test_sheets_are_found_in_any_case():
    assert stale({"Data": {(5, 5): "dATA!A1"}}, {"Data": [(0, 0, 0, 0)]}) == {"Data": {(5, 5)}}


def test_a_name_with_relative_references_may_mean_any_cell():
    assert whether("左边", (7, 7, 7, 7), names={"左边": "台账!A1"})
    assert not whether("左边", (7, 7, 7, 7), names={"左边": "Sheet9!A1"})


@pytest.mark.parametrize("text", ["[姓名]", "[@姓名]", "[[#This Row],姓名]"])
def test_references_within_a_table(text):
    assert whether(text, (3, 1, 3, 1), at=(3, 3))
    assert not whether(text, (9, 1, 9, 1), at=(3, 3))
    assert whether(text, (9, 9, 9, 9), sheet="没有表格")  # whatever it means


def test_names_behind_dollar_signs_mean_what_they_say():
    assert whether("税率", (7, 7, 7, 7), names={"税率": "台账!$H$8"})
    assert not whether("税率", (7, 6, 7, 6), names={"税率": "台账!$H$8"})


def test_formulas_that_differ_in_digits_alone():
    texts = {(20, 0): "'3月'!A1", (20, 1): "'4月'!A1", (20, 2): "税率1", (20, 3): "税率2", (20, 4): "SUM(表1[收入1])",
             (20, 5): "SUM(表1[收入2])", (20, 6): "SUM(表2[收入2])", (20, 7): "'4月'!A2"}  # fmt: skip
    names = {"税率1": "'3月'!$A$1", "税率2": "'4月'!$A$1"}
    tables = {f"表{number}": (f"{number + 3}月", (0, 0, 9, 1), ("收入1", "收入2")) for number in (1, 2)}
    found = stale({"台账": texts}, {"4月": [(0, 0, 0, 0)]}, names, tables)
    assert found == {"台账": {(20, 1), (20, 3), (20, 4)}}


@pytest.mark.parametrize("sheet, expected", [("1月", True), ("2月", True), ("3月", True), ("4月", False)])
def test_sheets_between_two(sheet, expected):
    formulas = {"汇总": {(0, 0): "SUM('1月:3月'!B2)"}}
    order = ("汇总", "1月", "2月", "3月", "4月")
    assert bool(stale(formulas, {sheet: [(1, 1, 1, 1)]}, sheets=order)) == expected
    assert not stale(formulas, {sheet: [(1, 2, 9, 9)]}, sheets=order)


@pytest.mark.parametrize(
    "text", ["表1[[#This Row],[姓名]]", "表1[@姓名]", "表1[@[姓名]]", "表1[[#this row],[姓名]:[姓名]]"]
)
def test_the_row_of_the_formula(text):
    assert whether(text, (3, 1, 3, 1), at=(3, 9))
    assert not whether(text, (4, 1, 4, 1), at=(3, 9))
    assert not whether(text, (3, 2, 3, 3), at=(3, 9))


def test_without_formulas_or_changes():
    assert stale({}, {"台账": [(0, 0, 9, 9)]}) == {}
    assert stale({"台账": {(0, 0): "B1"}}, {}) == {}
    formulas = {"台账": {(0, 0): "B1", (0, 2): 'INDIRECT("B1")', (0, 3): "NOW()"}}
    assert stale(formulas, {}) == {"台账": {(0, 2)}}
    assert stale({"台账": {(0, 0): ""}}, {}) == {"台账": {(0, 0)}}  # what cannot be read is calculated again


def test_a_whole_sheet_changes():
    whole = (0, 0, MOST_ROWS - 1, MOST_COLUMNS - 1)
    assert stale({"汇总": {(0, 0): "台账!C9", (1, 0): "Sheet2!C9"}}, {"台账": [whole]}) == {"汇总": {(0, 0)}}


def test_a_circle_ends():
    assert stale({"台账": {(0, 0): "B1+C1", (0, 1): "A1"}}, {"台账": [(0, 2, 0, 2)]}) == {"台账": {(0, 0), (0, 1)}}


# ---- speed: processor time, generous for slow machines

COUNT = 100_000


def seconds(*arguments, **options):
    start = time.process_time()
    found = stale(*arguments, **options)
    return time.process_time() - start, sum(map(len, found.values()))


def test_formulas_that_do_not_depend_cost_little():
    text = 'IF(AND(F{0}="脱贫户",$D{0}>100),SUM(G{0}:K{0}),参数!$B$2)'
    texts = {(row, 50): text.format(row + 1) for row in range(COUNT)}
    spent, found = seconds({"台账": texts}, {"台账": [(0, 40, COUNT, 44)]})
    assert (found, spent < 2) == (0, True), spent


@pytest.mark.parametrize(
    "text",
    ["F{0}*2", "SUM(F$2:F{0})", "VLOOKUP(A{0},$F$1:$H$50,2,0)", "SUM(F:F)/A{0}", "表1[[#This Row],[姓名]]+F{0}"],
)
def test_formulas_that_all_depend(text):
    texts = {(row, 50): text.format(row + 1) for row in range(COUNT)}
    spent, found = seconds({"台账": texts}, {"台账": [(0, 5, COUNT, 5)]}, tables={"表1": TABLE})
    assert (found, spent < 15) == (COUNT, True), spent


def test_a_long_chain():
    texts = {(row, 3): f"D{row}+C{row + 1}" for row in range(1, COUNT)}
    spent, found = seconds({"台账": texts}, {"台账": [(0, 2, 1, 2)]})
    assert (found, spent < 15) == (COUNT - 1, True), spent


def test_a_long_chain_of_growing_ranges():
    rows = 20_000
    texts = {(row, 3): f"SUM(D$1:D{row})" for row in range(1, rows)}
    spent, found = seconds({"台账": texts}, {"台账": [(0, 3, 0, 3)]})
    assert (found, spent < 15) == (rows - 1, True), spent


def test_formulas_all_different():
    numbers = random.Random(7)
    texts = {(row, 3): f"{letters_of(numbers.randrange(500))}{row + 1}*{numbers.random()}" for row in range(COUNT)}
    spent, _ = seconds({"台账": texts}, {"台账": [(0, 2, COUNT, 2)]})
    assert spent < 15, spent
