"""Formulas taken apart: references, calls under whatever prefix, patterns."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, strategies as st

from xl_poverty.errors import LedgerError
from xl_poverty.formulas.signatures import signatures
from xl_poverty.workbook.formula_text import (
    Names,
    Patterns,
    Template,
    area_named,
    in_table,
    mark,
    marked,
    parsed,
)

OURS = Names({name: s.name for s in signatures().values() for name in (s.name, s.alias)})


@pytest.mark.parametrize(
    ("formula", "references"),
    [
        ("A1+$B$2*Sheet1!C3", ["A1", "$B$2", "Sheet1!C3"]),
        ("SUM(A1:B2,C:C,$1:$3)", ["A1:B2", "C:C", "$1:$3"]),
        ("'一 村'!A1&'it''s'!B2", ["'一 村'!A1", "'it''s'!B2"]),
        ("一村!A1", ["一村!A1"]),
        ('"A1"&B2&"C3""D4"', ["B2"]),
        ("LOG10(A1)+ATAN2(B1,C1)", ["A1", "B1", "C1"]),
        ("TAX_A1+A1_x+A1.b+XFD1", ["XFD1"]),
        ("表1[[#This Row],[户 类型]]+表1[金额]", ["表1[[#This Row],[户 类型]]", "表1[金额]"]),
        ("T[[a]:[b]]+T['[x]", ["T[[a]:[b]]", "T['[x]"]),
        ("[1]Sheet1!A1+'[2]a b'!A1", ["[1]Sheet1!A1", "'[2]a b'!A1"]),
        ("Sheet1:Sheet3!A1+A1", ["A1"]),
        ("1E5+A1*2.5", ["A1"]),
        ("A1#", []),
        ("[1]!A1(B1)", ["B1"]),
    ],
)
def test_references(formula, references):
    text, found = marked(formula)
    assert found == references
    assert Template(text).filled(found) == formula


NAMES = st.sampled_from(["A1", "$B$2", "一村!C3", "'a b'!D4:E5", '"x(,"', "1.5", "TRUE", "名", "SUM", "表1[a]", "#N/A"])
PIECES = st.lists(NAMES | st.sampled_from(list("()+,&{}<>= ")), max_size=30)


@given(PIECES)
def test_nothing_is_lost(pieces):
    formula = "".join(pieces)
    text, found = marked(formula)
    assert Template(text).filled(found) == formula
    try:
        whole = parsed(text, OURS)
    except LedgerError:
        return
    assert said(whole).replace(" ", "") == text.replace(" ", "")


def said(expression) -> str:
    parts = []
    for part in expression.parts:
        parts.append(part if isinstance(part, str) else f"{part.head}({','.join(map(said, part.arguments))})")
    return "".join(parts)


@pytest.mark.parametrize(
    "head",
    ["TIER", "tier", "收入分档", "_xll.TIER", "[1]!TIER", "[12]!收入分档", "'C:\\a b\\x.xlam'!TIER", "x.xlam!TIER",
     "_xldudf_TIER", "_xldudf_XLW_TIER", "_xldudf_XL_POVERTY_TIER", "XLP.TIER", "COM.EXAMPLE.XLP.TIER"],
)  # fmt: skip
def test_ours_under_any_prefix(head):
    pattern, references = Patterns(OURS).of(f"1+{head}(A1,B2)")
    assert [call.name for call in pattern.ours] == ["TIER"]
    assert references == ["A1", "B2"]


@pytest.mark.parametrize(
    "formula", ['"TIER("&A1', "MYTIER(A1)", "TIERS(A1)", "TIER+1", "SUM(A1)", "TIER(A1", "收入(1)"]
)
def test_not_ours(formula):
    assert Patterns(OURS).of(formula) is None


def test_what_the_workbook_calls_so_itself_is_not_ours():
    names = Names({"TIER": "TIER", "收入分档": "TIER"}, shadowed=["Tier"])
    assert Patterns(names).of("TIER(A1)") is None
    assert Patterns(names).of("收入分档(A1)") is not None


def test_arguments():
    pattern, references = Patterns(OURS).of('IF(A1>1,TIER((B1),,"a""b",-5,TRUE,SUM(C1,2),TIER(D1)),"TIER(")')
    outer, inner = pattern.ours
    assert pattern.alone is None
    assert [a.reference for a in outer.arguments] == [1, None, None, None, None, None, None]
    assert [a.literal for a in outer.arguments] == [None, (None,), ('a"b',), (-5,), (True,), None, None]
    assert outer.arguments[5].call.head == "SUM"
    assert outer.arguments[6].call is inner
    assert references[inner.arguments[0].reference] == "D1"
    assert Patterns(OURS).of(" +(TIER(A1)) ")[0].alone is not None


def test_one_pattern_for_a_column():
    patterns = Patterns(OURS)
    found = {id(patterns.of(f'TIER(A{row},"x",$B$1)')[0]) for row in range(1, 100)}
    assert len(found) == 1
    assert patterns.of('TIER(A1,"y",$B$1)')[0] is not patterns.of('TIER(A1,"x",$B$1)')[0]


def test_a_hundred_thousand_formulas_in_seconds():
    patterns, start = Patterns(OURS), time.process_time()
    for row in range(1, 50_001):
        patterns.of(f'TRAVEL_SUBSIDY(A{row},B{row},C{row},,,,,,"双碾乡",$Z$1)')
        patterns.of(f'IF(AND(B{row}>1,SUM(C{row}:E{row})>3),VLOOKUP(A{row},Sheet2!$A$1:$D$100,3,FALSE),"")')
    assert time.process_time() - start < 10


def test_areas():
    assert area_named("$B$2") == ("", (1, 1, 1, 1))
    assert area_named("'a''b'!C3:B2") == ("a'b", (1, 1, 2, 2))
    assert area_named("一村!A:B") == ("一村", (0, 0, (1 << 20) - 1, 1))
    assert area_named("2:3") == ("", (1, 0, 2, (1 << 14) - 1))
    assert area_named("[1]Sheet1!A1") is None
    assert area_named("T[a]") is None


def test_tables():
    assert in_table("T[[#This Row],[a b]]") == ("T", ["a b"], True)
    assert in_table("T[a]") == ("T", ["a"], False)
    assert in_table("T[@x]") == ("T", ["x"], True)
    assert in_table("T['[x'']]") is None or in_table("T['[x]")[1] == ["[x"]
    assert in_table("T[[#Totals],[a]]") is None


def test_marks_are_letters_that_no_formula_has():
    assert mark(0) == "\ue000"
    assert Template(f"{mark(1)}-{mark(0)}").filled(["A", "B"]) == "B-A"
