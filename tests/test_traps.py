"""Ledgers with each of the thirty traps, alone and together: read right, or flagged at the right cell; never wrong in
silence. And three that look like real ones."""
from __future__ import annotations

import collections
import datetime as dt
import os
import random
import re

import numpy as np
import openpyxl
import pytest
from dirty_ledgers import (
    BLANK,
    RISK,
    TRAPS,
    WHERE,
    Cell,
    Col,
    Draft,
    clean_ledger,
    completed,
    dirty,
    merged_households,
    national_export,
    village_report,
)
from engines import need_libreoffice
from hypothesis import HealthCheck, given, settings, strategies as st

from xl_poverty.formulas.places import destination
from xl_poverty.ledger import checks
from xl_poverty.ledger.fields import fields
from xl_poverty.ledger.filling import fill
from xl_poverty.ledger.reading import Ledger, read_ledger

#: XL_POVERTY_ROWS asks for the long run here as in the agreement tests
ROWS = int(os.environ.get("XL_POVERTY_ROWS", "0"))
LONG = ROWS >= 5000
EXAMPLES = 1000 if ROWS >= 20000 else 250 if LONG else 60
PINGLU = "140603"


# ---- holding a reading against the truth


def mistakes(ledger: Ledger, draft: Draft) -> list[str]:
    """Everything that a reading made of a written draft and should not have, one line each."""
    table = ledger.main
    if table is None:
        return [f"no table found; questions: {[question.text for question in ledger.questions]}"]
    if draft.kind in ("xlsx", "xls") and table.sheet.name != draft.sheet:
        return [f"the table was read from {table.sheet.name}"]
    if table.kind != draft.whose:
        return [f"the table is one of {table.kind}, must be {draft.whose}"]
    found = _wrong_rows(table, draft)
    if found:
        return found  # what stands in the cells cannot be compared
    asked = _questions(ledger)
    found += _wrong_columns(table, draft, asked)
    found += _wrong_cells(table, draft, asked)
    found += _wrong_groups(table, draft)
    return found + _repeated_numbers(ledger, table)


def _questions(ledger: Ledger) -> list:
    told = {question.key: question for table in ledger.tables for question in table.questions}
    return [*{**told, **{question.key: question for question in ledger.questions}}.values()]


def _is_about(question, col: Col) -> bool:
    cell = question.place.rpartition("!")[2]
    return re.fullmatch(rf"\$?{col.letter}\$?\d*(列|:.*)?", cell) is not None


def _offers(question, name: str) -> bool:
    """Can the right field be chosen?"""
    label = fields()[name].label
    return label in question.text or any(label in choice for choice in question.choices)


def _wrong_rows(table, draft: Draft) -> list[str]:
    got = {table.row_number(row) for row in range(len(table))}
    must = {row.number + 1 for row in draft.data}
    found = [f"row {number} is data and was not read as data" for number in sorted(must - got)]
    kinds = {row.number + 1: row for row in draft.rows}
    for number in sorted(got - must):
        row = kinds.get(number)
        found.append(f"row {number} ({row.kind if row else 'above the data'}) was read as data")
    dropped = {one.row: one.why for one in table.dropped}
    for row in draft.rows:
        if row.kind in ("total", "note", "header") and not dropped.get(row.number):
            found.append(f"row {row.number + 1} ({row.kind}) was left out and not listed")
        if row.kind == "data" and row.number in dropped:
            found.append(f"row {row.number + 1} is data and was listed as {dropped[row.number]}")
    return found


def _wrong_columns(table, draft: Draft, asked) -> list[str]:
    found = []
    taken = {column.position: column for column in table.columns}
    for col in draft.cols:
        column = taken.get(col.position)
        name = column.field.name if column and column.field else None
        same = [other for other in draft.cols if other.field and other.field == col.field]
        question = any(_is_about(one, other) for one in asked for other in same or [col])
        told = f"trap {col.why}, column {col.letter} {col.header!r}: taken for {name}" + (", asked" if question else "")
        twice = [other for other in same if "again" in (col.claim, other.claim)]
        names = [taken[other.position].field for other in twice if other.position in taken]
        once = any(field and field.name == col.field for field in names)
        right = {
            # of two with the same header, one is read
            "field": (name == col.field or (name is None and once)) and (not question or _may_be_asked(col, draft)),
            "asked": question,
            "or asked": name == col.field or any(_offers(one, col.field) for one in asked if _is_about(one, col)),
            "stranger": name is None or question,
            "again": name in (col.field, None),
            "or nothing": name in (col.field, None) or question,
        }[col.claim]
        if not right:
            found.append(f"{told}, must be {col.claim} {col.field or ''}")
    return found


def _may_be_asked(col: Col, draft: Draft) -> bool:
    """What a blank means is asked of every column of money that has one; whether words are read, of every column of
    months; of a header that stands twice, which one."""
    if any(other.field == col.field and (other.claim == "asked" or ".1" in other.header) for other in draft.cols):
        return True
    if col.kind == "months" and any(row.cells[col].trap == 17 for row in draft.data):
        return True
    return col.kind == "money" and any(row.cells[col].truth.states != ("value",) for row in draft.data)


def _wrong_cells(table, draft: Draft, asked) -> list[str]:
    found = []
    taken = {column.position: column for column in table.columns}
    below = {
        (row.number, col)
        for first, last, col in draft.merged
        for row in draft.rows[draft.rows.index(first) + 1 : draft.rows.index(last) + 1]
    }
    numbers = {row.number + 1: row for row in draft.data}
    for col in draft.cols:
        column = taken.get(col.position)
        if column is None or column.field is None or column.field.name != col.field or col.claim == "asked":
            continue
        cells = table.cells(column)
        for place in range(len(table)):
            row = numbers[table.row_number(place)]
            cell = row.cells[col]
            wrong = cell.truth.mistake(cells[place])
            spread = bool(cells.spread[place])
            if not wrong and cell.truth.states == ("value",) and spread != ((row.number, col) in below):
                wrong = f"spread is {spread}"
            if wrong:
                found.append(f"trap {cell.trap}, {col.letter}{row.number + 1} {col.field} {cell.raw!r}: {wrong}")
    return found


def _wrong_groups(table, draft: Draft) -> list[str]:
    """Persons, households, heads, who is gone: by the truth of the cells where it is told, else by what was read."""
    found = []
    for name, groups in (("id_number", table.persons), ("household_id", table.households)):
        if not draft.has(name):
            continue
        if groups is None:
            found.append(f"{name}: no groups")
            continue
        joined = [getattr(value, "key", value) for value in table.cells(name).values]
        must = [told or other for told, other in zip(draft.keys(name), joined, strict=True)]
        got = [groups.keys[code] if code >= 0 else None for code in groups.codes]
        if got != must:
            rows = [place for place, (one, other) in enumerate(zip(got, must)) if one != other]
            found.append(f"{name}: rows {[table.row_number(row) for row in rows]} are joined wrongly")
        if len(groups) != len(set(must) - {None}):
            found.append(f"{name}: {len(groups)} groups, must be {len(set(must) - {None})}")
    if draft.has("relation") and draft.col("relation").claim == "field":
        must = [draft.cell(row, "relation").truth for row in draft.data]
        for place, truth in enumerate(must):
            head = table.heads is not None and bool(table.heads[place])
            if truth.states == ("value",) and head != (truth.value == "户主"):
                found.append(f"row {table.row_number(place)}: head is {head}")
    if draft.has("status"):
        gone = [draft.cell(row, "status").truth.value in ("死亡", "自然减少", "迁出") for row in draft.data]
        if table.gone.tolist() != gone:
            found.append("gone: other rows than those of 死亡, 自然减少, 迁出")
    if draft.has("name"):
        for place, row in enumerate(draft.data):
            truth = draft.cell(row, "name").truth
            if truth.states == ("value",) and table.person_names[place].replace("\u00a0", " ") != truth.value[1]:
                found.append(f"row {table.row_number(place)}: the name is not told as it stands")
    return found


def _repeated_numbers(ledger: Ledger, table) -> list[str]:
    """No message may hold what could be somebody's number."""
    texts = [*ledger.remarks, *(question.text for question in _questions(ledger)), *(one.why for one in table.dropped)]
    for column in table.columns:
        texts.append(column.how)
        if column.field:
            texts += [clean.reason for clean in table.cells(column).distinct]
    return [f"a number is repeated in {text!r}" for text in texts if text and re.search(r"\d{7}", text)]


def read(draft: Draft, folder, kind: str | None = None) -> Ledger:
    return read_ledger(draft.write(folder, kind))


def right(ledger: Ledger, draft: Draft):
    found = mistakes(ledger, draft)
    assert not found, f"{len(found)} mistakes, traps {draft.traps}, {draft.kind}:\n" + "\n".join(found[:40])


@pytest.fixture
def folder(tmp_path):
    return tmp_path


# ---- one by one


@pytest.mark.parametrize("seed", range(3))
def test_a_clean_ledger_is_read_and_nothing_is_asked(folder, seed):
    draft = clean_ledger(seed)
    ledger = read(draft, folder)
    right(ledger, draft)
    assert not [question.text for question in ledger.questions]


@pytest.mark.parametrize("seed", range(3))
def test_of_a_clean_ledger_nothing_is_doubted(folder, seed):
    ledger = read_ledger(clean_ledger(seed).write(folder), as_of="2023-06-30")
    assert not [(doubt.cell, doubt.check, doubt.text) for doubt in checks.doubts(ledger, checks.run(ledger))]


@pytest.mark.parametrize("trap", sorted(TRAPS), ids=lambda number: f"{number}-{TRAPS[number].__name__}")
def test_a_trap_with_all_its_variants(folder, trap):
    draft = dirty([trap], trap, thorough=True)
    right(read(draft, folder), draft)


@pytest.mark.parametrize("trap", sorted(TRAPS))
@pytest.mark.parametrize("seed", range(100, 120 if LONG else 103))
def test_a_trap_in_other_places(folder, trap, seed):
    draft = dirty([trap], seed)
    right(read(draft, folder), draft)


def test_every_trap_says_something_of_cells_rows_or_columns():
    told = {trap: dirty([trap], 1, thorough=True) for trap in TRAPS}
    assert sorted(told) == list(range(1, 31))
    # these change the file, or what nobody can read: every cell is compared with the clean one
    assert {trap for trap, draft in told.items() if not draft.truths()} == {24, 25, 30}


@pytest.mark.parametrize("kind", ["csv", "csv-bom", "csv-gbk", "html"])
@pytest.mark.parametrize("traps", [(), (1, 2, 3, 6, 7, 16, 17, 18, 20, 21, 26), (8, 9, 10, 14, 15)])
def test_other_kinds_of_file(folder, kind, traps):
    draft = dirty(traps, 24)
    ledger = read(draft, folder, kind)
    assert ledger.kind == kind.partition("-")[0]
    right(ledger, draft)


@pytest.mark.parametrize("traps", [(12, 13, 14), (1, 2, 3, 6, 7, 8, 9, 13, 16, 17, 18, 20, 21, 26)])
def test_merged_cells_in_a_page_named_xls(folder, traps):
    draft = dirty(traps, 4, thorough=True)
    right(read(draft, folder, "html"), draft)


def test_an_xls_of_old(folder):
    need_libreoffice()
    draft = dirty([1, 2, 3, 6, 7, 8, 9, 10, 12, 13, 14, 15, 16, 17, 18, 20, 21, 26], 4, thorough=True)
    ledger = read(draft, folder, "xls")
    assert ledger.kind == "xls"
    right(ledger, draft)


def test_hidden_parts_are_told(folder):
    draft = dirty([25], 25, thorough=True)
    ledger = read(draft, folder)
    assert draft.hidden_rows and any("旧表" in remark and "隐藏" in remark for remark in ledger.remarks)
    assert any("3行" in doubt.text and "隐藏" in doubt.text for doubt in checks.doubts(ledger, checks.run(ledger)))


def test_that_colours_say_something_is_told_where_the_file_name_tells(folder):
    ledger = read(dirty([30], 30), folder)
    assert any("停发" in doubt.text for doubt in checks.doubts(ledger, checks.run(ledger)))


def test_places_keep_what_can_be_told_of_them(folder):
    draft = dirty([23], 23, thorough=True)
    table = read(draft, folder).main
    cells = table.cells("work_place")
    for place, row in enumerate(draft.data):
        cell = draft.cell(row, "work_place")
        if cell.trap and cells[place].state == "value":
            assert destination(cells[place].value, PINGLU) in WHERE[cell.raw][1].split(), cell.raw


@pytest.mark.parametrize("choice", [0, 1])
def test_two_columns_that_differ_wait_for_the_clerk(folder, choice):
    draft = clean_ledger(5)
    first, again = draft.col("risk_status"), Col("risk_status", "风险是否已消除", claim="again")
    other = {"是": "否", "否": "是", None: None}
    cells = [Cell(other[row.cells[first].raw], BLANK) for row in draft.data]
    draft.insert(again, cells, first)
    path = draft.write(folder)
    ledger = read_ledger(path)
    (question,) = ledger.questions
    waiting = ledger.main.cells("risk_status")
    assert waiting is None or not waiting.known.any()
    left, right = sorted([first, again], key=lambda col: col.position)
    chosen = [left, right][choice]
    assert chosen.letter in question.choices[choice]
    ledger = read_ledger(path, answers={question.key: question.choices[choice]})
    assert not ledger.questions
    told = [RISK.get(row.cells[chosen].raw) for row in draft.data]
    assert ledger.main.cells("risk_status").values.tolist() == told


def test_a_mistyped_header_is_taken_for_what_the_clerk_says(folder):
    draft = clean_ledger(6)
    col = draft.col("transfer_income")
    col.header = "转移性收人"
    path = draft.write(folder)
    (question,) = read_ledger(path).questions
    assert "转移性收入" in question.text and question.choices == ("是", "否")
    right(read_ledger(path, answers={question.key: "是"}), draft)
    assert "transfer_income" not in read_ledger(path, answers={question.key: "否"}).main


def test_months_in_words_are_read_where_the_clerk_says_so(folder):
    draft = dirty([17], 17, thorough=True)
    path = draft.write(folder)
    asked = [question for question in read_ledger(path).questions if question.key.startswith("月数文字")]
    table = read_ledger(path, answers={question.key: question.choices[0] for question in asked}).main
    told = {"半年": 6, "10个月": 10, "全年": 12, "6 个月": 6}
    found = {}
    for name in ("work_months", "continuous_months"):
        for place, row in enumerate(draft.data):
            found[draft.cell(row, name).raw] = table.cells(name)[place].value
    assert {raw: found[raw] for raw in told} == told
    assert all(found[raw] is None for raw in ("6-8个月", "约6个月", "6个月以上", "常年", "农闲"))


@pytest.mark.parametrize("trap", [19, 28])
def test_what_can_be_read_and_can_hardly_be_is_told_by_a_check(folder, trap):
    draft = dirty([trap], trap, thorough=True)
    ledger = read(draft, folder)
    told = {(doubt.row, doubt.cell) for doubt in checks.doubts(ledger, checks.run(ledger))}
    for _, row, col, about in draft.warned:
        # what is the household's is told once; that it has no head, at any cell of its rows
        rows = {one.number + 1 for one in draft.data if one.household == row.household}
        assert any(number in rows and (about == "no head" or cell == f"{col.letter}{number}") for number, cell in told)
    if trap == 28:
        assert ledger.main.gone.sum() == 3


def test_the_same_person_is_one_person(folder):
    draft = dirty([27], 27, thorough=True)
    table = read(draft, folder).main
    keys = draft.keys("id_number")
    twice = [key for key, count in collections.Counter(keys).items() if count > 1]
    assert len(twice) == 4
    assert len(table.persons) == len(set(keys)) == len(keys) - 4
    assert len(table.households) == len({row.household for row in draft.data})
    assert sorted(table.persons.sizes.tolist())[-4:] == [2, 2, 2, 2]


# ---- together


@given(st.sets(st.sampled_from(sorted(TRAPS)), min_size=2, max_size=12), st.integers(0, 10**6))
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
def test_traps_together(tmp_path_factory, traps, seed):
    draft = dirty(traps, seed)
    right(read(draft, tmp_path_factory.mktemp("traps")), draft)


@pytest.mark.parametrize("seed", range(3))
def test_all_traps_together(folder, seed):
    draft = dirty(TRAPS, seed)
    right(read(draft, folder), draft)


# ---- three that look like real ones


def test_an_export_of_177_columns(folder):
    draft = national_export()
    ledger = read(draft, folder)
    assert len(draft.cols) == 177
    right(ledger, draft)
    table = ledger.main
    assert (table.kind, len(table), len(table.columns)) == ("人员", len(draft.data), 177)
    assert table.row_number(0) == 4
    assert len(table.persons) == len(draft.data)  # 人数
    assert len(table.households) == 30  # 户数
    assert not [question.text for question in ledger.questions]
    assert [column.header for column in table.several("risk")] == [f"致贫/返贫风险{n}" for n in (1, 2, 3, 4, 5)]


def test_the_second_column_of_an_export_that_says_something_else_is_asked_about(folder):
    draft = national_export()
    again = next(col for col in draft.cols if col.claim == "again")
    first = draft.col("risk_status")
    cell = next(row.cells[again] for row in draft.data if row.cells[again].raw == "是")
    cell.raw = "否"
    first.claim = "asked"
    right(read(draft, folder), draft)


def test_a_report_of_three_villages(folder):
    draft = village_report()
    ledger = read(draft, folder)
    right(ledger, draft)
    table = ledger.main
    assert (table.kind, len(table), table.row_number(0)) == ("户", 18, 6)
    assert len(table.households) == 18
    sizes = [draft.cell(row, "household_size").truth.value for row in draft.data]
    assert table.cells("household_size").numbers.sum() == sum(sizes)
    net = table.cells("net_income")
    assert [net[row].value for row in range(18)] == [draft.cell(row, "net_income").truth.value for row in draft.data]
    # four totals and three notes, none of them data
    assert sorted(one.row for one in table.dropped) == [row.number for row in draft.rows if row.kind != "data"]


def test_a_sheet_with_merged_households(folder):
    draft = merged_households()
    ledger = read(draft, folder)
    right(ledger, draft)
    table = ledger.main
    assert (table.kind, len(table), table.row_number(0)) == ("人员", len(draft.data), 5)
    assert len(table.households) == 20 and len(table.persons) == len(draft.data)
    # what stands once per household is counted once
    net = table.cells("net_income")
    firsts = {row.household: draft.cell(row, "net_income").truth.value for row in draft.data}
    assert net.numbers[~net.spread].sum() == sum(firsts.values())
    assert not np.isnan(net.numbers).any()


def test_two_tables_on_one_sheet(folder):
    """Persons, and below them their spells of work."""
    book = openpyxl.Workbook()
    sheet = book.active
    numbers = [completed(f"99001019700101{order:03}") for order in (1, 3, 5)]
    for line in [
        ["测试村人员台账"], ["户编号", "姓名", "证件号码", "与户主关系", "户类型"],
        ["1000000001", "赵测一", numbers[0], "户主", "脱贫户"], ["1000000001", "钱测二", numbers[1], "配偶", "脱贫户"],
        ["1000000002", "孙测三", numbers[2], "户主", "脱贫户"], [], [],
        ["务工情况登记"], ["姓名", "证件号码", "务工地点", "务工开始时间", "务工结束时间", "月工资（元）"],
        ["赵测一", numbers[0], "江苏省苏州市昆山市", "2023年02月", "2023年05月", 3200],
        ["赵测一", numbers[0], "江苏省苏州市昆山市", "2023年06月", "2023年11月", 3500],
    ]:  # fmt: skip
        sheet.append(line)
    book.save(folder / "台账.xlsx")
    ledger = read_ledger(folder / "台账.xlsx")
    found = [(table.kind, len(table), table.row_number(0)) for table in ledger.tables]
    assert found == [("人员", 3, 3), ("务工", 2, 10)]
    assert ledger.main is ledger.tables[0]
    spells = ledger.tables[1]
    assert (len(spells.persons), spells.cells("monthly_wage").numbers.tolist()) == (1, [3200, 3500])


# ---- never an amount

_HEADS = ["户编号", "姓名", "与户主关系", "户类型", "劳动技能", "务工去向", "连续外出务工月数", "月工资"]
#: an entitlement of 1200 under 双碾乡
_ENTITLED = ["1000000001", "赵测一", "户主", "脱贫户", "普通劳动力", "跨省", 8, 3200]


def filled(folder, rows, heads=_HEADS, above=(), answers=None):
    """(应享稳岗补助 per row of data, the doubts as (cell, text)) after filling a ledger."""
    book = openpyxl.Workbook()
    sheet = book.active
    lines = [*above, heads, *rows]
    for line in lines:
        sheet.append(line)
    source = folder / "台账.xlsx"
    book.save(source)
    result = fill(source, folder / "结果.xlsx", policy="双碾乡", as_of="2023-06-01", answers=answers)
    sheet = openpyxl.load_workbook(result.target)[result.sheet]
    top = len(above) + 1
    column = next(cell.column for cell in sheet[top] if cell.value == "应享稳岗补助")
    ledger = read_ledger(source, policy="双碾乡", answers=answers)
    doubts = [(doubt.cell, doubt.text) for doubt in checks.doubts(ledger, checks.run(ledger))]
    return [sheet.cell(top + 1 + place, column).value for place in range(len(rows))], doubts


def person(**changes) -> list:
    names = dict(zip(_HEADS, _ENTITLED, strict=True))
    return list({**names, **changes}.values())


def is_error(value) -> bool:
    return isinstance(value, str) and value.startswith("#")


def test_a_plain_row_has_its_amount(folder):
    amounts, doubts = filled(folder, [person(), person(户编号="1000000002", 姓名="钱测二", 月工资=900)])
    assert amounts == [1200, 0]
    assert not [cell for cell, _ in doubts if cell[0] in "GH"]


@pytest.mark.parametrize(
    ("header", "wage"),
    [
        ("月工资", "3200万元"),  # 万元 for 元
        ("月工资", "¥3200万"),
        ("月工资", 0.32),  # 元 for 万元: 0 would be as wrong as 1200
        ("月工资（元）", "0.32"),
        ("月工资（万元）", 3200),
        ("月工资（万元）", "¥3200"),
        ("月工资", 32000000),
    ],
)
def test_a_wage_that_counts_in_the_wrong_unit_is_a_doubt(folder, header, wage):
    heads = [*_HEADS[:-1], header]
    plain = 0.32 if "万元" in header else 3200
    rows = [person(户编号=f"100000000{n}", 月工资=plain) for n in (1, 2, 3, 4)]
    rows[2][-1] = wage
    amounts, doubts = filled(folder, rows, heads)
    assert is_error(amounts[2]), amounts
    assert [amounts[place] for place in (0, 1, 3)] == [1200] * 3
    assert "H4" in [cell for cell, _ in doubts]


def test_a_line_above_that_says_ten_thousands(folder):
    rows = [person(户编号=f"100000000{n}", 月工资=0.32) for n in (1, 2, 3, 4)]
    rows[1][-1] = 3200
    amounts, doubts = filled(folder, rows, above=[["测试村务工台账"], [None, None, "金额单位：万元"]])
    assert is_error(amounts[1]) and [amounts[place] for place in (0, 2, 3)] == [1200] * 3
    assert "H5" in [cell for cell, _ in doubts]


@pytest.mark.parametrize("wage", [None, "", "—", "无"])
def test_a_blank_wage_is_a_doubt(folder, wage):
    amounts, doubts = filled(folder, [person(), person(户编号="1000000002", 月工资=wage)])
    assert amounts[0] == 1200 and is_error(amounts[1])
    assert "H3" in [cell for cell, _ in doubts]


@pytest.mark.parametrize("error", ["#N/A", "#DIV/0!", "#NAME?"])
def test_a_wage_that_is_an_error_is_a_doubt(folder, error):
    amounts, doubts = filled(folder, [person(), person(户编号="1000000002", 月工资=error)])
    assert amounts[0] == 1200 and is_error(amounts[1])
    assert "H3" in [cell for cell, _ in doubts]


@pytest.mark.parametrize("wage", ["6个月", "3000-4000", "月入3千", "待核实", "约3200", dt.date(2023, 1, 1)])
def test_a_text_is_a_doubt_and_no_wage(folder, wage):
    amounts, doubts = filled(folder, [person(), person(户编号="1000000002", 月工资=wage)])
    assert amounts[0] == 1200 and is_error(amounts[1])
    assert "H3" in [cell for cell, _ in doubts]


def test_months_in_words_are_a_doubt_until_they_may_be_read(folder):
    months = [8, "6个月", "6-8个月", "6个月以上"]
    rows = [person(户编号=f"100000000{n}", 连续外出务工月数=one) for n, one in enumerate(months)]
    amounts, doubts = filled(folder, rows)
    assert amounts[0] == 1200 and all(map(is_error, amounts[1:]))
    assert {"G3", "G4", "G5"} <= {cell for cell, _ in doubts}
    # asked, and answered: words may be read
    answers = {question.key: question.choices[0] for question in read_ledger(folder / "台账.xlsx").questions}
    amounts, doubts = filled(folder, rows, answers=answers)
    assert amounts[:2] == [1200, 1200] and all(map(is_error, amounts[2:]))
    assert {"G4", "G5"} <= {cell for cell, _ in doubts}


@pytest.mark.parametrize("seed", range(40 if LONG else 6))
def test_no_amount_rests_on_a_cell_that_was_flagged(folder, seed):
    """A dirtied ledger of a village, filled: what is plain has its amount, what is not has none."""
    rng = random.Random(seed)
    draft = dirty([8, 17, 18, 21, 22, 26, *rng.sample([1, 6, 9, 12, 13, 14, 15, 16, 20, 23, 25, 28], 4)], seed)
    result = fill(draft.write(folder, "xlsx"), folder / "结果.xlsx", policy="双碾乡", as_of="2023-06-01")
    sheet = openpyxl.load_workbook(result.target)[draft.sheet]
    heads = [cell for row in sheet.iter_rows(max_row=12) for cell in row if cell.value == "应享稳岗补助"]
    wrong = []
    for row in draft.data:
        amount = sheet.cell(row.number + 1, heads[0].column).value
        kind, monitored, labor, months, wage = (
            draft.cell(row, name)
            for name in ("household_type", "monitor_type", "is_labor", "continuous_months", "monthly_wage")
        )
        if draft.cell(row, "status").truth.value != "正常" or months.truth.states == wage.truth.states == ("blank",):
            continue  # gone, or nothing is claimed
        needed = [monitored if monitored.truth.states == ("value",) else kind, labor, months, wage]
        expected = _bonus(*(cell.truth.value for cell in needed))
        if any("value" not in cell.truth.states for cell in needed):
            right = is_error(amount)
        elif all(cell.trap in (0, 13) and len(cell.truth.states) == 1 for cell in row.cells.values()):
            right = amount == expected
        else:
            right = is_error(amount) or amount == expected  # the amount may wait for something else in the row
        if not right:
            wrong.append(f"row {row.number + 1}: {amount!r}, must be {expected} from {[cell.raw for cell in needed]}")
    assert not wrong, "\n".join(wrong)


def _bonus(kind, labor, months, wage) -> int | None:
    """200 a month for 6 months, for who works away for 6 months and earns 1000 a month; None if that is not known."""
    if None in (kind, labor, months, wage):
        return None
    entitled = kind != "一般农户" and labor in ("是", "弱劳动力或半劳动力")
    return 1200 if entitled and months >= 6 and wage >= 1000 else 0


def test_an_income_that_is_an_error_is_no_income(folder):
    """The sum of a household waits for the cell; nobody is told an amount that rests on it."""
    book = openpyxl.Workbook()
    sheet = book.active
    incomes = ["工资性收入", "财产性收入", "转移性收入", "纯收入", "人均纯收入"]
    sheet.append(["户编号", "姓名", "户类型", "年度家庭人口数", *incomes])
    sheet.append(["1000000001", "赵测一", "脱贫户", 2, 20000, 100, 1200, 21300, 10650])
    sheet.append(["1000000002", "钱测二", "脱贫户", 2, "#N/A", 100, 1200, 21300, "#N/A"])
    book.save(folder / "台账.xlsx")
    ledger = read_ledger(folder / "台账.xlsx", policy="双碾乡")
    told = {doubt.cell for doubt in checks.doubts(ledger, checks.run(ledger))}
    assert {"E3", "I3"} <= told and not {"E2", "I2"} & told
    for name in ("wage_income", "per_capita_income"):
        assert ledger.main.cells(name).unusable.tolist() == [False, True]
