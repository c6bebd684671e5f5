"""A file as a ledger: its tables, whose rows they are, what is asked instead of guessed."""

from __future__ import annotations

import datetime as dt
import pickle

import numpy as np
import openpyxl
import pytest
from invented import completed
from openpyxl.workbook.defined_name import DefinedName

from xl_poverty.errors import CellError, LedgerError, PolicyError
from xl_poverty.ledger.cleaning import BLANK, UNUSABLE, VALUE
from xl_poverty.ledger.reading import read_ledger, read_ledgers

ONE, TWO, THREE = (completed(f"99000019{year}0101001") for year in (65, 70, 95))
HEADS = ["户编号", "姓名", "证件号码", "与户主关系", "户类型"]


@pytest.fixture
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("ledger")


def write(folder, rows, merge=(), name="台账.xlsx", title="人员", more=None):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = title
    for row in rows:
        sheet.append(row)
    for area in merge:
        sheet.merge_cells(area)
    for other, lines in (more or {}).items():
        added = book.create_sheet(other)
        for line in lines:
            added.append(line)
    book.save(folder / name)
    return folder / name


def people(folder, *rows, heads=HEADS, **more):
    return read_ledger(write(folder, [heads, *rows], **more)).main


def codes(groups) -> list[int]:
    return groups.codes.tolist()


# ---- persons and households


def test_a_person_is_known_by_the_first_18_characters(folder):
    table = people(
        folder,
        ["A1", "甲", ONE, "户主", "脱贫户"],
        ["A1", "甲", ONE + "43", "户主", "脱贫户"],
        ["A1", "甲", f" {ONE[:17].lower()}{ONE[17].lower()} ", "户主", "脱贫户"],
        ["A2", "乙", TWO + "43B1", "户主", "脱贫户"],
    )
    assert codes(table.persons) == [0, 0, 0, 1] and table.persons.keys == (ONE, TWO)
    assert table.persons.sizes.tolist() == [3, 1]
    assert [rows.tolist() for rows in table.persons.rows] == [[0, 1, 2], [3]]


def test_who_has_no_usable_number_is_nobody_in_particular(folder):
    table = people(
        folder,
        ["A1", "甲", ONE, "户主", "脱贫户"],
        ["A1", "乙", None, "配偶", "脱贫户"],
        ["A1", "丙", 9.90000199501e17, "之子", "脱贫户"],  # digits are lost
        ["A1", "丁", "999999199501010012", "之女", "脱贫户"],  # stands for: has none
        ["A1", "戊", "无", "之女", "脱贫户"],
    )
    assert codes(table.persons) == [0, -1, -1, -1, -1] and len(table.persons) == 1
    assert len(table.households) == 1


def test_households_are_counted_by_their_number(folder):
    table = people(
        folder,
        ["0012345678", "甲", ONE, "户主", "脱贫户"],
        [12345678, "乙", TWO, "户主", "脱贫户"],  # another number: nothing is padded
        ["0012345678", "丙", THREE, "配偶", "脱贫户"],
        [None, "丁", None, "户主", "脱贫户"],
    )
    assert codes(table.households) == [0, 1, 0, -1]
    assert table.households.keys == ("0012345678", "12345678")
    assert table.heads.tolist() == [True, True, False, True]
    assert table.households.count(table.heads).tolist() == [1, 1]
    assert table.households.spread(np.array([5, 7]), -1).tolist() == [5, 7, 5, -1]


def test_who_has_died_or_moved_away(folder):
    table = people(
        folder,
        ["A1", "甲", ONE, "户主", "脱贫户", "正常"],
        ["A1", "乙", TWO, "配偶", "脱贫户", " 死亡"],
        ["A1", "丙", THREE, "之子", "脱贫户", "自然减少"],
        ["A1", "丁", None, "之女", "脱贫户", None],
        heads=[*HEADS, "人口状态"],
    )
    assert table.gone.tolist() == [False, True, True, False]


def test_names_stand_as_they_are_and_compare_by_their_key(folder):
    table = people(folder, ["A1", "张　三", ONE, "户主", "脱贫户"], ["A1", "张 三", TWO, "配偶", "脱贫户"])
    assert table.person_names == ["张　三", "张 三"]
    assert {clean.value.key for clean in table.cells("name")} == {"张三"}


def test_a_household_is_what_is_merged_where_no_number_tells(folder):
    heads = ["序号", "户主姓名", "姓名", "证件号码", "与户主关系"]
    rows = [
        ["1", "甲", "甲", ONE, "户主"], [None, None, "乙", TWO, "配偶"],
        ["2", "丙", "丙", THREE, "户主"],
        ["3", "丁", "丁", None, "户主"], [None, None, "戊", None, "之子"], [None, None, "己", None, "之女"],
    ]  # fmt: skip
    table = people(folder, *rows, heads=heads, merge=["A2:A3", "B2:B3", "A5:A7", "B5:B7"])
    assert codes(table.households) == [0, 0, 1, 2, 2, 2]
    assert [clean.value.shown for clean in table.cells("head_name")] == ["甲", "甲", "丙", "丁", "丁", "丁"]


# ---- merged cells


def test_a_merged_cell_holds_for_its_rows_and_no_further(folder):
    rows = [
        ["A1", "甲", ONE, "户主", "脱贫户"],
        [None, "乙", TWO, "配偶", None],
        [None, "丙", THREE, "之子", None],
        ["A2", "丁", None, "户主", None],
    ]
    table = people(folder, *rows, merge=["A2:A3", "E2:E3"])
    assert codes(table.households) == [0, 0, -1, 1]
    assert [clean.value for clean in table.cells("household_type")] == ["脱贫户", "脱贫户", None, None]
    assert table.cells("household_type").spread.tolist() == [False, True, False, False]


def test_a_merged_amount_is_nobodys(folder):
    """月工资 over three members may be the first one's or everybody's."""
    rows = [["A1", "甲", ONE, "户主", 3000], ["A1", "乙", TWO, "配偶", None], ["A1", "丙", THREE, "之子", 2000]]
    table = people(folder, *rows, heads=[*HEADS[:4], "月工资"], merge=["E2:E3"])
    cells = table.cells("monthly_wage")
    assert [clean.state for clean in cells] == [UNUSABLE, UNUSABLE, VALUE]
    assert "合并" in cells[0].reason and cells[2].value == 2000


def test_a_merged_blank_is_a_blank(folder):
    rows = [["A1", "甲", ONE, "户主", None], ["A1", "乙", TWO, "配偶", None], ["A1", "丙", THREE, "之子", 2000]]
    cells = people(folder, *rows, heads=[*HEADS[:4], "月工资"], merge=["E2:E3"]).cells("monthly_wage")
    assert [clean.state for clean in cells] == [BLANK, BLANK, VALUE]


def test_a_merged_figure_of_the_household_holds_for_it(folder):
    rows = [["A1", "甲", ONE, "户主", 12000], ["A1", "乙", TWO, "配偶", None]]
    table = people(folder, *rows, heads=[*HEADS[:4], "人均纯收入（元）"], merge=["E2:E3"])
    cells = table.cells("per_capita_income")
    assert [clean.value for clean in cells] == [12000, 12000] and cells.spread.tolist() == [False, True]


# ---- cells


def test_cells_are_read_once_and_given_per_row(folder):
    rows = [["A1", "甲", ONE, "户主", w] for w in (3000, "3000", None, "无", "#N/A", "三千", 3000, "２０００元")]
    cells = people(folder, *rows, heads=[*HEADS[:4], "月工资"]).cells("monthly_wage")
    states = [VALUE, VALUE, BLANK, BLANK, UNUSABLE, UNUSABLE, VALUE, VALUE]
    assert [clean.state for clean in cells] == states
    assert cells.values.tolist() == [3000, 3000, None, None, None, None, 3000, 2000]
    assert np.array_equal(cells.numbers, [3000, 3000, np.nan, np.nan, np.nan, np.nan, 3000, 2000], equal_nan=True)
    assert cells.known.tolist() == [s == VALUE for s in states]
    assert cells.blank.tolist() == [s == BLANK for s in states]
    assert cells.unusable.tolist() == [s == UNUSABLE for s in states]
    assert cells.among(3000).tolist() == [True, True, False, False, False, False, True, False]
    calls = []
    assert len(cells.mapped(calls.append)) == 8 and len(calls) < 8


def test_what_a_word_means_under_its_header(folder):
    rows = ["A1", "甲", ONE, "户主", "是"], ["A2", "乙", TWO, "户主", "否"]
    table = people(folder, *rows, heads=[*HEADS[:4], "风险是否已消除"])
    assert table.cells("risk_status").values.tolist() == ["已消除", "未消除"]


def test_where_a_cell_stands(folder):
    table = people(folder, ["A1", "甲", ONE, "户主", "脱贫户"])
    assert table.place(0, "id_number") == "C2" and table.row_number(0) == 2
    assert table.cells("monthly_wage") is None and "monthly_wage" not in table


def test_constants_among_formulas(folder):
    rows = [["A1", "甲", f"=B{n}*2"] for n in range(2, 6)] + [["A5", "戊", 9]] + [["A6", "己", None]]
    path = write(folder, [["户编号", "姓名", "月工资"], *rows])
    table = read_ledger(path).main
    assert table.constants("monthly_wage").tolist() == [False] * 4 + [True, False]
    assert not table.constants("name").any()


# ---- kinds of tables


@pytest.mark.parametrize(
    ("heads", "row", "kind"),
    [
        (HEADS, ["A1", "甲", ONE, "户主", "脱贫户"], "人员"),
        (["户编号", "户主姓名", "户类型", "家庭人口数"], ["A1", "甲", "脱贫户", 3], "户"),
        (["户编号", "姓名", "户类型"], ["A1", "甲", "脱贫户"], "户"),
        (["姓名", "证件号码", "务工地点", "开始时间", "结束时间"], ["甲", ONE, "苏州", "2023年02月", "至今"], "务工"),
        (["姓名", "证件号码", "事项", "金额"], ["甲", ONE, "交通补贴", 1500], "发放"),
        (["姓名", "证件号码", "户类型"], ["甲", ONE, "脱贫户"], "人员"),
    ],
)
def test_what_the_rows_of_a_table_are(folder, heads, row, kind):
    (table,) = read_ledger(write(folder, [heads, row])).tables
    assert table.kind == kind


def test_the_table_to_reckon_with(folder):
    more = {
        "户": [["户编号", "户主姓名", "户类型", "家庭人口数"], ["A1", "甲", "脱贫户", 1]],
        "封面": [["双碾乡脱贫户台账"], ["2025年"]],
    }
    ledger = read_ledger(write(folder, [HEADS, ["A1", "甲", ONE, "户主", "脱贫户"]], more=more))
    assert [t.sheet.name for t in ledger.tables] == ["人员", "户"]
    assert ledger.main is ledger.tables[0]
    assert read_ledger(ledger.path, sheet="户").main.kind == "户"
    with pytest.raises(LedgerError, match="没有工作表“别的”，有：人员、户、封面"):
        read_ledger(ledger.path, sheet="别的")


def test_a_file_without_a_ledger(folder):
    ledger = read_ledger(write(folder, [["双碾乡"], ["2025年", "会议记录"]]))
    assert ledger.tables == [] and ledger.main is None and ledger.questions == []


# ---- questions


MONTHS = [*HEADS[:4], "连续外出务工月数"]
WORDED = "月数文字：连续外出务工月数"


def test_months_in_words_wait_for_an_answer(folder):
    rows = [["A1", "甲", ONE, "户主", m] for m in (6, "6", "6个月", "半年", "全年", None)]
    path = write(folder, [MONTHS, *rows])
    ledger = read_ledger(path)
    (question,) = ledger.questions
    assert question.key == WORDED and question.choices == ("是", "否") and question.place == "人员!E4"
    assert "3格" in question.text
    assert ledger.main.cells("continuous_months").values.tolist() == [6, 6, None, None, None, None]
    refused = read_ledger(path, answers={WORDED: "否"})
    assert refused.questions == [] and refused.main.cells("continuous_months").values.tolist()[2] is None
    answered = read_ledger(path, answers={WORDED: "是"})
    assert answered.questions == []
    assert answered.main.cells("continuous_months").values.tolist() == [6, 6, 6, 6, 12, None]


INCOME = [*HEADS[:4], "低保金"]
NIL = "空白按0：低保金"


def test_what_a_blank_income_means_is_asked_once_a_column(folder):
    rows = [["A1", "甲", ONE, "户主", 500], ["A1", "乙", TWO, "配偶", None], ["A2", "丙", THREE, "户主", None]]
    path = write(folder, [INCOME, *rows])
    (question,) = read_ledger(path).questions
    assert question.key == NIL and "1户" in question.text  # the first household has its figure
    for choice in ("是", "否"):
        assert read_ledger(path, answers={NIL: choice}).questions == []


def test_answers_are_kept_in_the_workbook_and_in_the_office(folder):
    rows = [INCOME, ["A1", "甲", ONE, "户主", None]]
    kept = read_ledger(write(folder, rows, more={"核算口径": [["项目", "值"], [NIL, "否"]]}))
    assert kept.answers == {NIL: "否"} and kept.questions == []
    assert [t.sheet.name for t in kept.tables] == ["人员"]
    assert read_ledger(kept.path, answers={NIL: "是"}).answers == {NIL: "否"}  # the workbook's stands first
    other = write(folder, rows, name="另一本.xlsx")
    (folder / "office.toml").write_text(f'[answers]\n"{NIL}" = "是"\n', encoding="utf-8")
    assert read_ledger(other).answers == {NIL: "是"}
    assert read_ledger(other, answers={NIL: "否"}).answers == {NIL: "否"}


def test_an_office_has_headers_of_its_own(folder):
    path = write(folder, [["家庭代码", "姓名", "证件号码", "与户主关系"], ["A1", "甲", ONE, "户主"]])
    assert "household_id" not in read_ledger(path).main
    (folder / "office.toml").write_text('[headers]\n"户编号" = ["家庭代码"]\n', encoding="utf-8")
    column = read_ledger(path).main.fields["household_id"]
    assert column.letter == "A" and column.header == "家庭代码" and column.confidence == 1
    (folder / "office.toml").write_text('[headers]\n"户编码编号" = ["家庭代码"]\n', encoding="utf-8")
    with pytest.raises(LedgerError, match="户编码编号"):
        read_ledger(path)


@pytest.mark.parametrize(
    "text",
    [
        '[headers]\n"户编号" = "家庭代码"', "[answers]\na = 1", "[checks]\noff = 1", "[checks]\nwage = 1",
        "[accounting]\npension = { counted = false }", '[accounting]\npension = { counted = 1, source = "某文件" }',
        '[accounting]\nexpense_ratios = { planting_income = 40, source = "某文件" }',
        '[accounting]\nother = { source = "某文件" }',
    ],
)  # fmt: skip
def test_mistakes_in_an_office_file_are_told(folder, text):
    path = write(folder, [HEADS, ["A1", "甲", ONE, "户主", "脱贫户"]])
    (folder / "office.toml").write_text(text, encoding="utf-8")
    with pytest.raises(PolicyError, match="office.toml"):
        read_ledger(path)


# ---- what the workbook says, and what a clerk is told


def test_document_and_day_of_the_workbook(folder):
    kept = {"核算口径": [["政策", "双碾乡"], ["业务日期", "2023-02-01"]]}
    path = write(folder, [HEADS, ["A1", "甲", ONE, "户主", "脱贫户"]], more=kept)
    ledger = read_ledger(path)
    assert ledger.policy.short_name == "双碾乡" and ledger.as_of == dt.date(2023, 2, 1)
    assert read_ledger(write(folder, [HEADS])).policy is None
    with pytest.raises(CellError, match="没有名为“某乡”的政策"):
        read_ledger(write(folder, [HEADS, ["A1", "甲", ONE, "户主", "脱贫户"]]), policy="某乡")


def test_a_name_that_points_nowhere(folder):
    book = openpyxl.Workbook()
    book.active.append(HEADS)
    book.defined_names["政策"] = DefinedName("政策", attr_text="#REF!")
    book.save(folder / "台账.xlsx")
    with pytest.raises(LedgerError, match="“政策”"):
        read_ledger(folder / "台账.xlsx")


def test_a_hidden_sheet_is_read_and_told(folder):
    book = openpyxl.Workbook()
    book.active.append(["封面"])
    hidden = book.create_sheet("人员")
    hidden.append(HEADS)
    hidden.append(["A1", "甲", ONE, "户主", "脱贫户"])
    hidden.sheet_state = "hidden"
    book.save(folder / "台账.xlsx")
    ledger = read_ledger(folder / "台账.xlsx")
    assert len(ledger.main) == 1 and any("隐藏" in told and "人员" in told for told in ledger.remarks)


def test_a_file_opened_in_an_archive_is_told(folder):
    inside = folder / "Rar$DIa1234.5678"
    inside.mkdir()
    ledger = read_ledger(write(inside, [HEADS, ["A1", "甲", ONE, "户主", "脱贫户"]]))
    assert any("另存" in told for told in ledger.remarks)
    assert not read_ledger(write(folder, [HEADS])).remarks


# ---- many files


def test_many_files_come_in_their_order(folder):
    paths = [write(folder, [HEADS, [f"A{n}", "甲", ONE, "户主", "脱贫户"]], name=f"{n}.xlsx") for n in range(4)]
    (folder / "坏.xlsx").write_bytes(b"PK\x03\x04 nothing")
    found = list(read_ledgers([*paths[:2], folder / "坏.xlsx", *paths[2:]], processes=2))
    read = [one for one in found if not isinstance(one, LedgerError)]
    assert [one.main.households.keys[0] for one in read] == ["A0", "A1", "A2", "A3"]
    assert isinstance(found[2], LedgerError) and "坏.xlsx" in str(found[2])


def test_a_ledger_travels_between_processes(folder):
    ledger = read_ledger(write(folder, [HEADS, ["A1", "甲", ONE, "户主", "脱贫户"]]), policy="双碾乡")
    ledger.main.cells("id_number")
    copy = pickle.loads(pickle.dumps(ledger))
    assert codes(copy.main.persons) == [0] and copy.policy.short_name == "双碾乡"
