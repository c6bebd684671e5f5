"""Where the tables of a sheet lie: headers, rows of data, rows that are dropped, what each column is, what is asked."""

from __future__ import annotations

import datetime as dt
import random

import pytest
from hypothesis import given, settings, strategies as st
from invented import completed

from xl_poverty.errors import CellError, LedgerError
from xl_poverty.ledger.files import Sheet
from xl_poverty.ledger.layout import Layout, find_tables, headed_table


def number(order: int) -> str:
    """An ID number of an area that there is not, with its check digit."""
    return completed(f"990001{1950 + order % 50}0101{order % 1000:03}")


HEADS = ["户编号", "姓名", "证件号码", "与户主关系", "户类型"]
FIELDS = {"A": "household_id", "B": "name", "C": "id_number", "D": "relation", "E": "household_type"}


def people(count: int = 3) -> list[list]:
    return [[f"A{i // 2:03}", "甲乙丙丁戊"[i % 5], number(i), ["户主", "配偶"][i % 2], "脱贫户"] for i in range(count)]


def sheet(*rows, merged=(), name="人员") -> Sheet:
    width = max(map(len, rows), default=0)
    return Sheet(name, [[*row, *[None] * (width - len(row))] for row in rows], merged=list(merged))


def tables(*rows, merged=(), **options) -> list[Layout]:
    return find_tables(sheet(*rows, merged=merged), **options)


def table(*rows, merged=(), **options) -> Layout:
    (found,) = tables(*rows, merged=merged, **options)
    return found


def fields(layout: Layout) -> dict[str, str]:
    """Letter -> field, of the columns that are something."""
    return {column.letter: column.field.name for column in layout.columns if column.field}


def column(layout: Layout, letter: str):
    return next(column for column in layout.columns if column.letter == letter)


def data(layout: Layout) -> list[int]:
    """The rows of data as the sheet numbers them."""
    return (layout.data + 1).tolist()


def dropped(layout: Layout) -> dict[int, str]:
    return {one.row + 1: one.why for one in layout.dropped}


def questions(layout: Layout) -> list[tuple]:
    return [(question.key, question.choices, question.place) for question in layout.questions]


# ---- one table


def test_a_plain_table():
    layout = table(HEADS, *people(3))
    assert fields(layout) == FIELDS and data(layout) == [2, 3, 4]
    assert (layout.top, layout.bottom, layout.title) == (0, 0, "")
    assert not layout.dropped and not layout.questions
    first = layout.columns[0]
    assert (first.path, first.header, first.confidence, first.how) == (("户编号",), "户编号", 1.0, "表头即“户编号”")


def test_titles_and_lines_above():
    layout = table(
        ["测试乡脱贫人口台账"],
        ["村名：测试村　　村支书：", None, None, "金额单位：万元"],
        ["填报单位（盖章）  2023年5月"],
        [],
        [*HEADS, "年收入", "月工资（元）", "耕地面积"],
        *[[*row, 1, 2, 3] for row in people(2)],
    )
    assert layout.title == "测试乡脱贫人口台账" and (layout.top, layout.bottom) == (4, 4) and data(layout) == [6, 7]
    assert fields(layout) == {**FIELDS, "F": "annual_income", "G": "monthly_wage", "H": "arable_mu"}
    assert [column(layout, letter).unit for letter in "FGH"] == ["万元", "元", ""]


def test_a_unit_in_the_title_or_in_two_cells():
    heads = [*HEADS, "年收入"]
    rows = [[*row, 1] for row in people(2)]
    assert column(table(["收入台账（单位：万元）"], heads, *rows), "F").unit == "万元"
    assert column(table(["收入台账"], [None, None, "单位：", "万元"], heads, *rows), "F").unit == "万元"
    assert column(table(["收入台账"], ["填报单位：测试村"], heads, *rows), "F").unit == ""
    assert column(table(["单位：万元"], ["单位：元"], heads, *rows), "F").unit == "元"  # the nearest


def test_a_table_that_starts_far_down():
    layout = table(*[[f"说明第{i}条，请照此填写"] for i in range(20)], [], HEADS, *people(2))
    assert layout.top == 21 and data(layout) == [23, 24]
    layout = table(*[[None]] * 60, HEADS, *people(2))
    assert layout.top == 60 and data(layout) == [62, 63]


def test_headers_without_rows():
    assert data(table(HEADS)) == [] == data(table(["台账"], HEADS, [], []))


@pytest.mark.parametrize(
    "rows",
    [
        [],
        [[None]],
        [["户编号"], ["户主姓名"], ["性别"]],
        [["甲", "乙", "丙"], ["丁", "戊", "己"]],
        [["户编号", "乙", "丙", "丁"], [1, 2, 3, 4]],
        [["编号", "填表项目", "单位", "数量"], ["101", "（一）到村调研", "次", None]],
        people(3),
        [["序号", "备注"], [1, "无"]],
        [["说明"], ["这是一段说明"]],
    ],
)
def test_no_table(rows):
    assert tables(*rows) == []


def test_few_headers_where_there_are_no_others():
    assert fields(table(["户编号"], ["A1"])) == {"A": "household_id"}
    assert fields(table(["月工资"], [3000])) == {"A": "monthly_wage"}
    assert fields(table(["户编号", "人均纯收入"], ["A1", 1])) == {"A": "household_id", "B": "per_capita_income"}
    assert fields(table(["户编号", "乙", "丙", "丁"], ["A1", 2, 3, 4], fewest=1)) == {"A": "household_id"}


def test_other_columns_are_welcome():
    layout = table([*HEADS, "养狗几只", None, "QQ"], *[[*row, 1, None, "x"] for row in people(2)])
    assert fields(layout) == FIELDS and not layout.questions
    assert [c.letter for c in layout.columns] == list("ABCDEFH")
    layout = table([*HEADS, None], *[[*row, 7] for row in people(2)])  # data without a header
    assert [(c.letter, c.path) for c in layout.columns][-1] == ("F", ())


def test_cells_with_errors_and_dates_disturb_nothing():
    error = CellError("excel_error", "#N/A", "#N/A")
    rows = [[*row, error, dt.date(2022, 10, 1), True] for row in people(2)]
    layout = table([*HEADS, "年收入", "识别监测时间", "是否务工"], *rows)
    assert len(fields(layout)) == 8 and data(layout) == [2, 3]


# ---- several levels

GROUPED = [
    ["序号", "基本情况", None, None, "务工情况", None, None, "备注"],
    [None, "户编号", "姓名", "证件号码", "地点", "务工时间\n（月）", "月工资（元）", None],
]
GROUPED_MERGES = [(0, 0, 1, 0), (0, 1, 0, 3), (0, 4, 0, 6), (0, 7, 1, 7)]
GROUPED_FIELDS = {
    "A": "sequence",
    "B": "household_id",
    "C": "name",
    "D": "id_number",
    "E": "work_place",
    "F": "work_months",
    "G": "monthly_wage",
    "H": "remark",
}
GROUPED_ROWS = [
    [1, "A1", "甲", number(1), "江苏省苏州市", 6, 3000, None],
    [2, "A1", "乙", number(2), None, None, None, "在校"],
]


@pytest.mark.parametrize("merged", [GROUPED_MERGES, []])
@pytest.mark.parametrize("above", [[], [["台账"]], [["台账"], ["填报单位：某村", None, "单位：元"], []]])
def test_two_levels_with_merges_and_without(merged, above):
    shift = len(above)
    moved = [(top + shift, left, bottom + shift, right) for top, left, bottom, right in merged]
    if above and merged:
        moved.append((0, 0, 0, 7))
    layout = table(*above, *GROUPED, *GROUPED_ROWS, merged=moved)
    assert fields(layout) == GROUPED_FIELDS and data(layout) == [shift + 3, shift + 4]
    assert (layout.top, layout.bottom) == (shift, shift + 1) and not layout.questions and not layout.dropped
    place = column(layout, "E")
    assert (place.path, place.header, place.confidence) == (("务工情况", "地点"), "务工情况／地点", 0.95)
    assert column(layout, "F").unit == "月" and column(layout, "A").path == ("序号",)


def test_three_levels():
    rows = [
        ["行政村", "户编号", "户主姓名", "家庭收入", None, None, None, "帮扶责任人", None],
        [None, None, None, "工资性收入", None, None, "人均纯收入\n（元）", "姓名", "联系电话"],
        [None, None, None, "务工收入", "公益性岗位收入", "小计", None, None, None],
    ]
    merged = [
        (0, 0, 2, 0),
        (0, 1, 2, 1),
        (0, 2, 2, 2),
        (0, 3, 0, 6),
        (0, 7, 0, 8),
        (1, 3, 1, 5),
        (1, 6, 2, 6),
        (1, 7, 2, 7),
        (1, 8, 2, 8),
    ]
    expected = {
        "A": "village",
        "B": "household_id",
        "C": "head_name",
        "D": "work_income",
        "E": "public_post_income",
        "F": "wage_income",
        "G": "per_capita_income",
        "H": "helper_name",
        "I": "helper_phone",
    }
    for merges in (merged, []):
        layout = table(*rows, ["一村", "A1", "甲", 1, 2, 3, 4, "乙", "13800000000"], merged=merges)
        assert fields(layout) == expected and data(layout) == [4], merges
        assert column(layout, "D").path == ("家庭收入", "工资性收入", "务工收入")


def test_a_group_of_one_column_where_merges_were_lost():
    rows = [
        ["序号", "户情况", None, "收支情况", None, None, "备注"],
        [None, "户编号", "户主姓名", "收入明细", None, "支出明细", None],
        [None, None, None, "务工收入", "年收入", "生产经营性支出", None],
    ]
    layout = table(*rows, [1, "A1", "甲", 1, 2, 3, None])
    names = ["sequence", "household_id", "head_name", "work_income", "annual_income", "operating_expense", "remark"]
    assert list(fields(layout).values()) == names and data(layout) == [4]
    assert column(layout, "F").path == ("收支情况", "支出明细", "生产经营性支出")
    merged = [(0, 1, 0, 2), (0, 3, 0, 5), (1, 3, 1, 4)]  # only the wide ones are merged
    assert list(fields(table(*rows, [1, "A1", "甲", 1, 2, 3, None], merged=merged)).values()) == names


def test_labels_that_nobody_knows_below_a_group():
    rows = [["姓名", "证件号码", "农房", None, None, "备注"], [None, None, "木房", "砖房", "楼房", None]]
    layout = table(*rows, ["甲", number(1), "√", None, None, None])
    assert data(layout) == [3] and column(layout, "D").path == ("农房", "砖房")
    # words under columns of their own are data
    layout = table(["姓名", "证件号码", "农房", None, None, "备注"], ["甲", None, "木房", "砖房", None, "无"])
    assert data(layout) == [2]
    layout = table(["行政村", "村民小组", "姓名", None, "与户主关系"], ["一村", "一组", "张三", "男", "户主"])
    assert data(layout) == [2]


@pytest.mark.parametrize(
    "line",
    [
        ["乡镇", "测试乡", "村", "测试村"],
        ["乡镇", None, "测试乡", None],
        ["测试村脱贫户监测户名单"],
        [None, "测试村脱贫户监测户名单"],
        ["乡镇", "测试乡"],
        ["填报单位（盖章）", None, None, "2023年5月"],
    ],
)
def test_lines_above_a_header_are_no_groups(line):
    layout = table(line, HEADS, *people(2))
    assert fields(layout) == FIELDS and layout.top == 1 and not layout.questions
    first = next(i for i, cell in enumerate(line) if cell)
    for right in (2, 3):
        if not any(line[first + 1 : right + 1]):
            layout = table(line, HEADS, *people(2), merged=[(0, first, 0, right)])
            assert fields(layout) == FIELDS and layout.top == 1 and not layout.questions


def test_a_group_over_some_columns_of_a_header_in_one_row():
    layout = table(
        [None, None, None, "收入（万元）", None],
        [*HEADS[:3], "务工收入", "年收入"],
        ["A1", "甲", number(1), 1, 2],
        merged=[(0, 3, 0, 4)],
    )
    assert fields(layout) == {
        "A": "household_id",
        "B": "name",
        "C": "id_number",
        "D": "work_income",
        "E": "annual_income",
    }
    assert [column(layout, letter).unit for letter in "DE"] == ["万元", "万元"] and layout.top == 0


def test_general_words_speak_of_their_group():
    rows = [
        ["家庭成员情况", None, None, "监护人", None, "村干部", None],
        ["姓名", "证件号码", "联系电话", "姓名", "身份证号", "姓名", "联系电话"],
    ]
    layout = table(
        *rows,
        ["甲", number(1), "13800000000", "乙", number(2), "丙", "13900000000"],
        merged=[(0, 0, 0, 2), (0, 3, 0, 4), (0, 5, 0, 6)],
    )
    assert fields(layout) == {"A": "name", "B": "id_number", "C": "phone"} and not layout.questions
    assert "监护人" in column(layout, "D").how


def test_units_in_a_row_of_their_own():
    rows = [[*HEADS, "年收入", "耕地面积", "奖补比例"], [None] * 5 + ["（万元）", "亩", "%"]]
    layout = table(*rows, *[[*row, 1, 2, 50] for row in people(2)])
    assert [column(layout, letter).unit for letter in "FGH"] == ["万元", "亩", "%"]
    assert layout.bottom == 1 and data(layout) == [3, 4]
    merged = [(0, c, 1, c) for c in range(5)]
    layout = table(
        ["单位：元"],
        *rows,
        *[[*row, 1, 2, 50] for row in people(2)],
        merged=[(top + 1, left, bottom + 1, right) for top, left, bottom, right in merged],
    )
    assert [column(layout, letter).unit for letter in "FGH"] == ["万元", "亩", "%"] and column(layout, "F").path == (
        "年收入",
    )


# ---- between header and data


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (["1", "2", "3", "4", "5"], "列号"),
        ([1, 2, 3, 4, 5], "列号"),
        (["甲", "乙", 1, 2, 3], "列号"),
        (["A", "B", "C", "D", "E"], "列号"),
        (["栏次", 1, 2, 3, 4], "列号"),
        (["（1）", "（2）", "（3）", "（4）", "（5）=（3）+（4）"], "列号"),
        (["分值", "5分", "10分", "5分", "5分"], "分值"),
        (["分值", 5, 10, "1-5", 5], "分值"),
        (["示例", "张三", "990001195001010011", "户主", "脱贫户"], "示例"),
        (["填写样例", "张三", None, "户主", "脱贫户"], "示例"),
        (["例：A001", "张三", None, "户主", "脱贫户"], "示例"),
    ],
)
def test_rows_between_header_and_data(row, why):
    layout = table(HEADS, [], row, [], *people(2))
    assert dropped(layout) == {3: why} and data(layout) == [5, 6] and fields(layout) == FIELDS


def test_scores_without_a_label():
    layout = table(
        ["户主", "姓名", "身份证号码", "家庭住址", "种植", "养殖"],
        [None, None, None, None, 3, "1-5"],
        ["甲", "甲", number(1), "某村", 1, 2],
    )
    assert dropped(layout) == {2: "分值"} and data(layout) == [3]
    merged = [(0, column, 1, column) for column in range(4)]  # within the header by its merges
    layout = table(
        ["户主", "姓名", "身份证号码", "家庭住址", "种植", "养殖"],
        [None, None, None, None, 3, "1-5"],
        ["甲", "甲", number(1), "某村", 1, 2],
        merged=merged,
    )
    assert dropped(layout) == {2: "分值"} and data(layout) == [3] and layout.bottom == 1


def test_a_first_row_of_data_is_no_row_of_scores():
    assert data(table(["行政村", "户编号", "户主姓名", "年收入"], [None, 14001, "甲", 3])) == [2]
    assert data(table(["序号", *HEADS], [1], [2], [3, *people(1)[0]])) == [2, 3, 4]
    assert data(table(HEADS, ["${data.hhbm}", "${data.xm}", "${data.zjhm}", None, None])) == [2]


# ---- rows that are dropped


def test_totals():
    rows = people(4)
    layout = table(
        [*HEADS, "年收入"],
        [*rows[0], 1],
        ["小计", None, None, None, None, 1],
        [*rows[1], 1],
        ["测试村小计", None, "12人", None, None, 1],
        [*rows[2], 1],
        [None, "合　计", None, None, None, 1],
        [*rows[3], 1],
        ["共计：4户", None, None, None, None, 4],
        ["总 计（元）", None, None, None, None, 4],
        ["累计", None, None, None, None, 4],
        ["2组小计", None, None, None, None, 4],
    )
    assert data(layout) == [2, 4, 6, 8]
    assert dropped(layout) == {3: "小计", 5: "小计", 7: "合计", 9: "共计", 10: "总计", 11: "累计", 12: "小计"}


def test_a_total_behind_the_village():
    rows = [
        ["一乡", "一村", "A1", "甲", 1],
        ["一乡", "一村小计", None, None, 1],
        ["一乡", "小计", None, None, 1],
        ["合计", None, "1户", None, 1],
    ]
    layout = table(["乡镇", "行政村", "户编号", "户主姓名", "年收入"], *rows)
    assert data(layout) == [2] and dropped(layout) == {3: "小计", 4: "小计", 5: "合计"}


def test_who_has_a_number_is_data_whatever_the_first_cell_says():
    rows = [
        ["小计", "甲", number(1), "户主", "脱贫户"],
        ["A1", "乙", None, "配偶", "合计"],
        ["A1", "合计", None, None, None],
        ["注：", "丙", number(2)],
    ]
    layout = table(HEADS, *rows)
    assert data(layout) == [2, 3, 5] and dropped(layout) == {4: "合计"}


def test_a_remark_may_speak_of_a_sum():
    layout = table(
        [*HEADS, "备注"],
        [*people(1)[0], "与上月合计数一致"],
        ["A9", "乙", None, None, None, "合计"],
        [None, "丙", None, None, None, "小计"],
    )
    assert data(layout) == [2, 3, 4]


def test_notes_and_signatures():
    layout = table(
        HEADS,
        *people(2),
        [],
        ["注：1.家庭人口以户籍为准。"],
        ["　　2.收入按上年10月至本年9月计算。"],
        ["3、本表由村填写"],
        ["说明：本表一式三份。"],
        ["填表人：　　审核人：　　2023年6月1日"],
        ["单位（盖章）：", None, None, "制表日期：", None],
        ["备注", "以上为初步数"],
    )
    assert data(layout) == [2, 3]
    assert dropped(layout) == {5: "说明", 6: "说明", 7: "说明", 8: "说明", 9: "签字", 10: "签字", 11: "说明"}


def test_what_only_begins_like_a_note_is_data():
    rows = [
        ["A1", "甲", None, None, "脱贫户"],
        ["单位1", "乙", None, "户主", "脱贫户"],
        ["说家村", "丙", None, "户主", "脱贫户"],
    ]
    assert data(table(["行政村", "姓名", "证件号码", "与户主关系", "户类型"], *rows)) == [2, 3, 4]
    headers = ["姓名", "证件号码", "填表人", "审核人", "填报日期"]
    assert data(table(headers, ["甲", number(1), "乙", "丙", "2023-01-01"])) == [2]


def test_headings_within_the_data():
    layout = table(
        ["序号", *HEADS],
        ["一、脱贫户"],
        [1, *people(1)[0]],
        ["二、监测户（2户）"],
        [2, *people(2)[1]],
        ["测试二村"],
        [3, *people(3)[2]],
        merged=[(5, 0, 5, 5)],
    )
    assert data(layout) == [3, 5, 7] and dropped(layout) == {2: "小标题", 4: "小标题", 6: "小标题"}
    assert data(table(["序号", *HEADS], ["1", *people(1)[0]], ["2"], ["3"])) == [2, 3, 4]  # not filled in yet


def test_headers_printed_again():
    rows = people(6)
    layout = table(["台账"], HEADS, *rows[:2], HEADS, *rows[2:4], ["台账"], HEADS, *rows[4:])
    assert data(layout) == [3, 4, 6, 7, 10, 11]
    assert dropped(layout) == {5: "重复的表头", 8: "重复的标题", 9: "重复的表头"}
    layout = table(*GROUPED, *GROUPED_ROWS, *GROUPED, *GROUPED_ROWS, merged=GROUPED_MERGES)
    assert data(layout) == [3, 4, 7, 8] and dropped(layout) == {5: "重复的表头", 6: "重复的表头"}
    layout = table(HEADS, [1, 2, 3, 4, 5], *rows[:2], ["本页小计"], HEADS, [1, 2, 3, 4, 5], *rows[2:4])
    assert data(layout) == [3, 4, 8, 9] and dropped(layout) == {2: "列号", 5: "小计", 6: "重复的表头", 7: "重复的表头"}


def test_blank_rows_are_neither():
    layout = table(HEADS, people(1)[0], [], ["", " ", "　"], people(2)[1])
    assert data(layout) == [2, 5] and not layout.dropped


# ---- several tables

SPELLS = ["姓名", "证件号码", "务工地点", "务工开始时间", "月工资（元）"]


def test_tables_below_each_other():
    found = tables(
        ["人员台账"],
        HEADS,
        *people(3),
        ["合计", "3人"],
        ["注：1.以户籍为准"],
        [],
        ["务工台账"],
        ["单位：元"],
        SPELLS,
        ["甲", number(1), "江苏省", "2023年02月", 3000],
        ["填表人："],
    )
    assert [(t.top, t.title) for t in found] == [(1, "人员台账"), (10, "务工台账")]
    assert [data(t) for t in found] == [[3, 4, 5], [12]]
    assert [dropped(t) for t in found] == [{6: "合计", 7: "说明"}, {13: "签字"}]
    assert fields(found[1])["C"] == "work_place" and "household_id" not in fields(found[1]).values()


def test_the_same_headers_below_each_other():
    found = tables(["一村"], HEADS, *people(2), [], ["二村"], HEADS, *people(4)[2:], [], [], HEADS, *people(5)[4:])
    assert [(t.title, data(t)) for t in found] == [("一村", [3, 4]), ("二村", [8, 9]), ("", [13])]
    heads = [*HEADS, "年收入"]
    rows = [[*row, 1] for row in people(2)]
    found = tables(
        ["填报单位：一村", None, "单位：万元"], heads, *rows, ["填报单位：二村", None, "单位：元"], heads, *rows
    )
    assert [data(t) for t in found] == [[3, 4], [7, 8]]
    assert [column(t, "F").unit for t in found] == ["万元", "元"]
    found = tables(["姓名", "户类型"], ["甲", "脱贫户"], ["姓名", "户类型"], ["乙", "脱贫户"])
    assert [(data(t), dropped(t)) for t in found] == [([2, 4], {3: "重复的表头"})]
    found = tables(["一村"], HEADS, *people(2), ["二村"], HEADS, *people(4)[2:])
    assert [(t.title, data(t)) for t in found] == [("一村", [3, 4]), ("二村", [7, 8])]


def test_tables_far_below():
    found = tables(HEADS, *people(300), [], ["务工台账"], SPELLS, ["甲", number(1), "江苏省", "2023年02月", 3000])
    assert [len(t.data) for t in found] == [300, 1] and found[1].title == "务工台账"


def test_words_in_the_data_are_no_headers():
    heads = ["姓名", "证件号码", "事项", "金额", "备注"]
    rows = [
        ["甲", None, "低保金", 100, "养老金"],
        ["乙", None, "户主", 200, "备注"],
        ["产业帮扶", None, "就业帮扶", "健康帮扶", "教育帮扶"],
    ]
    layout = table(heads, *rows * 4)
    assert len(layout.data) == 12 and not layout.dropped


def test_tables_beside_each_other():
    left, right = people(4), [["甲", number(9), "江苏省", "2023年02月", 3000]]
    rows = [[*HEADS, None, *SPELLS], *[[*row, None, *(right[i] if i < 1 else [])] for i, row in enumerate(left)]]
    found = tables(["台账"], *rows, merged=[(0, 0, 0, 10)])
    assert [[c.letter for c in t.columns] for t in found] == [list("ABCDE"), list("GHIJK")]
    assert [data(t) for t in found] == [[3, 4, 5, 6], [3]]


def test_tables_beside_each_other_in_other_rows():
    rows = [[None] * 11 for _ in range(9)]
    for i, row in enumerate([HEADS, *people(5)]):
        rows[i][:5] = row
    for i, row in enumerate([SPELLS, ["甲", number(9), "江苏省", "2023年02月", 3000]]):
        rows[i + 6][6:] = row
    found = tables(*rows)
    assert [(t.top, data(t)) for t in found] == [(0, [2, 3, 4, 5, 6]), (6, [8])]


def test_the_same_headers_beside_each_other():
    heads = ["序号", "姓名", "证件号码", "金额"]
    rows = [[1, "甲", number(1), 100, 3, "丙", number(3), 300], [2, "乙", number(2), 200, None, None, None, None]]
    for gap in ([], [None]):
        found = tables([*heads, *gap, *heads], *[[*row[:4], *gap, *row[4:]] for row in rows])
        assert [data(t) for t in found] == [[2, 3], [2]], gap
        assert [list(fields(t).values()) for t in found] == [["sequence", "name", "id_number", "paid_amount"]] * 2


def test_a_blank_column_within_a_table():
    layout = table(
        ["户编号", "姓名", None, "与户主关系", "户类型", "劳动技能"], ["A1", "甲", None, "户主", "脱贫户", "普通劳动力"]
    )
    assert len(fields(layout)) == 5
    layout = table(["姓名", None, "证件号码", "户类型", "月工资"], ["甲", None, number(1), "脱贫户", 1])
    assert set(fields(layout)) == set("ACDE")


def test_groups_with_the_same_leaves_are_one_table():
    rows = [
        ["家庭成员", None, "户主", None, "月工资"],
        ["姓名", "证件号码", "姓名", "证件号码", None],
        ["甲", number(1), "乙", number(2), 1],
    ]
    layout = table(*rows, merged=[(0, 0, 0, 1), (0, 2, 0, 3), (0, 4, 1, 4)])
    assert list(fields(layout).values()) == ["name", "id_number", "head_name", "head_id", "monthly_wage"]


# ---- forms


@pytest.mark.parametrize(
    "rows",
    [
        [
            ["户主姓名", "甲", "性别", "男", "证件号码", number(1)],
            ["家庭人口", 3, "联系电话", "13800000000", "住址", "某村"],
        ],
        [
            ["户主姓名", None, "性别", None, "证件号码", None],
            ["家庭人口", None, "联系电话", None, "住址", None],
            ["户类型", None, "年收入", None, "备注", None],
        ],
        [["姓名", "甲", "性别", "男", "民族", "汉"], ["文化程度", "小学", "政治面貌", "群众", "户类型", "脱贫户"]],
        [["户主姓名", "甲"], ["性别", "男"], ["证件号码", number(1)], ["家庭人口", 3], ["户类型", "脱贫户"]],
    ],
)
def test_forms_are_no_tables(rows):
    assert tables(["农户信息采集表"], *rows) == []


def test_words_beside_each_other_are_no_form():
    """No two known headers stand side by side, and 户主 is a word of the data as well."""
    heads = ["片区", "姓名", "门牌", "证件号码", "网格", "与户主关系"]
    assert data(table(heads, ["东", "甲", 1, None, "一", "户主"], ["西", "乙", 2, None, "二", "配偶"])) == [2, 3]


def test_a_form_with_labels_at_the_side():
    rows = [
        ["基本情况", "户主姓名", "性别", "身份证号码", "年龄", "联系电话"],
        [None, "${hzxm}", "${xb}", "${zjhm}", "${nl}", "${lxdh}"],
        [None, "姓名", "与户主关系", "身份证号码", "年龄", "文化程度"],
        [None, "${data.xm}", "${data.gx}", "${data.zjhm}", "${data.nl}", None],
    ]
    assert tables(["采集表"], *rows, merged=[(1, 0, 4, 0)]) == []
    blank = [rows[0], [None] * 6, rows[2], [None] * 6]
    assert tables(["采集表"], *blank, merged=[(1, 0, 4, 0)]) == []


# ---- mistyped headers


def typed(header: str, cells: list, **options) -> Layout:
    """A table with a mistyped header over cells, in column F."""
    rows = people(len(cells))
    return table(
        [*HEADS[:4], "户编码规则", header], *[[*row[:4], None, cell] for row, cell in zip(rows, cells)], **options
    )


MONITORED = ["脱贫不稳定户", "边缘易致贫户", "突发严重困难户"] * 4


def test_a_mistyped_header_whose_cells_prove_it():
    layout = typed("检测对象类形", MONITORED)
    found = column(layout, "F")
    assert (found.field.name, found.confidence, found.how) == (
        "monitor_type",
        0.9,
        "与“检测对象类别”只差一字，内容也相符",
    )
    assert not layout.questions
    assert fields(typed("联系电活", ["13800000000", 13900000000.0]))["F"] == "phone"
    assert fields(typed("识别监侧时间", ["202210", "2023年02月", dt.date(2022, 1, 1)]))["F"] == "identified_date"


def test_a_mistyped_header_whose_cells_do_not_prove_it():
    for cells in (["不详"] * 12, ["脱贫不稳定户"], [None] * 5, MONITORED[:7] + ["甲"] * 3, ["是", "否"] * 5):
        layout = typed("检测对象类形", cells)
        assert fields(layout) == {k: v for k, v in FIELDS.items() if k != "E"}
        assert questions(layout) == [("列：检测对象类形", ("是", "否"), "人员!F1")]
        assert layout.questions[0].text == "第1行F列“检测对象类形”是不是“检测对象类别”？"
    assert fields(typed("检测对象类形", MONITORED[:8] + ["甲"] * 2))["F"] == "monitor_type"  # 80 %


def test_four_cells_prove_it_only_together():
    assert fields(typed("联系电活", ["13800000000"] * 4))["F"] == "phone"
    assert "F" not in fields(typed("联系电活", ["13800000000"] * 3 + ["甲"]))


def test_figures_are_never_taken_by_likeness():
    layout = typed("生产经营性收人", [1, 2, 3, 4, 5, 6])
    assert "F" not in fields(layout) and questions(layout) == [("列：生产经营性收人", ("是", "否"), "人员!F1")]
    assert typed("养殖收益", [1, 2]).questions == [] == typed("水田面积（亩）", [1, 2]).questions
    layout = typed("种殖业收入", [1, 2, 3])
    assert questions(layout) == [("列：种殖业收入", ("养殖业收入", "种植业收入", "不用"), "人员!F1")]


def test_likeness_to_a_column_that_is_there_is_not_asked():
    layout = typed("与户主关糸", ["户主"] * 6)
    assert not layout.questions and column(layout, "F").field is None and "已有" in column(layout, "F").how


# ---- answers and the office's words


def test_answers():
    cells = ["甲"] * 6
    for choice, field in (
        ("是", "monitor_type"),
        ("否", None),
        ("不用", None),
        ("户类型", "household_type"),
        ("risk_status", "risk_status"),
    ):
        layout = typed("检测对象类形", cells, answers={"列：检测对象类形": choice})
        assert fields(layout).get("F") == field and not layout.questions, choice
        if field:
            assert column(layout, "F").confidence == 1.0 and "按答复" in column(layout, "F").how
    assert typed("检测对象类形", cells, answers={"列：检测对象类形": "随便"}).questions
    layout = typed("种殖业收入", [1, 2], answers={"列：种殖业收入": "种植业收入"})
    assert fields(layout)["F"] == "planting_income"
    layout = typed("养狗几只", [1, 2], answers={"列：养狗几只": "耕地面积"})
    assert fields(layout)["F"] == "arable_mu"
    layout = table(
        ["单位：万元"],
        ["户编号", "姓名", "证件号码", "赚了多少"],
        ["A1", "甲", number(1), 1],
        answers={"列：赚了多少": "年收入"},
    )
    assert column(layout, "D").unit == "万元"
    layout = table(
        [*HEADS, "甲列", "乙列"],
        *[[*row, 1, 2] for row in people(2)],
        answers={"列：甲列": "年收入", "列：乙列": "年收入"},
    )
    assert fields(layout) == {**FIELDS, "F": "annual_income"} and "已有F列" in column(layout, "G").how
    layout = table(HEADS, *people(2), answers={"列：户类型": "不用"})
    assert "E" not in fields(layout) and column(layout, "E").how == "按答复不用"


def test_an_answer_stands_before_what_the_header_says():
    layout = table([*HEADS, "上报类型"], *[[*row, "监测户"] for row in people(2)], answers={"列：上报类型": "户类型"})
    assert fields(layout) == {**{k: v for k, v in FIELDS.items() if k != "E"}, "F": "household_type"}
    assert column(layout, "E").field is None and "F列" in column(layout, "E").how


def test_the_offices_words():
    rows = [["家庭代码", "谁", "证件号码", "挣多少"], ["A1", "甲", number(1), 3000]]
    layout = table(*rows, extra={"户编号": ["家庭代码"], "name": ["谁"], "月工资": ["挣多少"]})
    assert list(fields(layout).values()) == ["household_id", "name", "id_number", "monthly_wage"]
    assert column(layout, "A").how == "按办公室设置，“家庭代码”即“户编号”"
    with pytest.raises(LedgerError, match="没有“家庭代号”"):
        table(*rows, extra={"家庭代号": ["家庭代码"]})


# ---- the same header twice


def twice(header: str, one: list, other: list, second: str = "", **options) -> Layout:
    rows = [[*row, a, None, b] for row, a, b in zip(people(len(one)), one, other)]
    return table([*HEADS, header, "养狗几只", second or header], *rows, **options)


def test_the_same_header_with_the_same_cells():
    layout = twice("风险是否已消除", ["是", "否", None], ["是", "否", None])
    assert fields(layout) == {**FIELDS, "F": "risk_status"} and not layout.questions
    assert column(layout, "H").how == "与F列同名同内容"
    layout = twice("联系电话", ["13800000000", None], [13800000000.0, None])  # told alike in two ways
    assert fields(layout)["F"] == "phone" and not layout.questions


def test_the_same_header_with_other_cells_is_asked():
    layout = twice("风险是否已消除", ["是", "否"], ["是", "是"])
    assert fields(layout) == FIELDS
    assert questions(layout) == [("重复：风险是否已消除", ("F列", "H列"), "人员!F1")]
    assert layout.questions[0].text == "F列和H列都叫“风险是否已消除”，内容不同，以哪一列为准？"
    for choice, letter in (("F列", "F"), ("H列", "H"), ("H", "H")):
        layout = twice("风险是否已消除", ["是", "否"], ["是", "是"], answers={"重复：风险是否已消除": choice})
        assert fields(layout) == {**FIELDS, letter: "risk_status"} and not layout.questions
        assert column(layout, letter).how == f"按答复，以{letter}列为准"
    assert twice("风险是否已消除", ["是", "否"], ["是", "是"], answers={"重复：风险是否已消除": "Z列"}).questions


def test_the_fuller_of_two_columns_counts():
    assert fields(twice("联系电话", [None, None], ["13800000000", None])) == {**FIELDS, "H": "phone"}
    layout = twice("联系电话", ["13800000000", None], ["13800000000", "13900000000"])
    assert fields(layout) == {**FIELDS, "H": "phone"} and column(layout, "F").how == "与H列同名同内容"
    assert twice("联系电话", ["13800000000", None], [None, "13900000000"]).questions  # neither has everything
    assert fields(twice("联系电话", [None, None], [None, None])) == {**FIELDS, "F": "phone"}


def test_two_words_for_one_field():
    layout = twice("监测对象类别", ["边缘易致贫户", None], ["边缘户", None], second="监测对象类型")
    assert fields(layout) == {**FIELDS, "F": "monitor_type"} and not layout.questions
    layout = twice("监测对象类别", ["边缘易致贫户", None], ["脱贫不稳定户", None], second="监测对象类型")
    assert questions(layout) == [("重复：监测对象类别", ("F列", "H列"), "人员!F1")]
    assert "“监测对象类型”" in layout.questions[0].text
    layout = twice("年收入（元）", [12000, 5000], [1.2, 0.5], second="年收入（万元）")
    assert fields(layout)["F"] == "annual_income" and not layout.questions


def test_a_disability_number_is_the_same_number():
    heads = ["户编号", "姓名", "身份证号", "证件号码(残疾人证)"]
    layout = table(heads, ["A1", "甲", number(1), number(1) + "43"], ["A1", "乙", number(2), None])
    assert fields(layout)["C"] == "id_number" and "D" not in fields(layout) and not layout.questions
    assert table(heads, ["A1", "甲", number(1), number(3) + "43"]).questions


def test_remarks_are_not_asked_about():
    layout = twice("备注", ["甲", "乙"], ["丙", "丁"])
    assert fields(layout) == {**FIELDS, "F": "remark"} and not layout.questions
    assert column(layout, "H").how == "与F列同名"


def test_fields_that_repeat():
    layout = table(
        [*HEADS, "致贫/返贫风险1", "致贫/返贫风险2", "致贫/返贫风险3"],
        *[[*row, "因病", "因残", None] for row in people(2)],
    )
    assert fields(layout) == {**FIELDS, "F": "risk", "G": "risk", "H": "risk"}


def test_groups_tell_two_columns_apart():
    rows = [["家庭成员", None, None, "帮扶责任人", None], ["姓名", "证件号码", "联系电话", "姓名", "联系电话"]]
    layout = table(*rows, ["甲", number(1), "13800000000", "乙", "13900000000"], merged=[(0, 0, 0, 2), (0, 3, 0, 4)])
    assert list(fields(layout).values()) == ["name", "id_number", "phone", "helper_name", "helper_phone"]
    assert not layout.questions


def test_a_group_that_nobody_knows_does_not_tell_them_apart():
    rows = [["家庭成员", None, None, "包联情况", None], ["姓名", "证件号码", "联系电话", "片区", "联系电话"]]
    merged = [(0, 0, 0, 2), (0, 3, 0, 4)]
    layout = table(*rows, ["甲", number(1), "13800000000", "一", "13900000000"], merged=merged)
    assert [key for key, *_ in questions(layout)] == ["重复：联系电话"] and "C" not in fields(layout)
    layout = table(*rows, ["甲", number(1), "13800000000", "一", "13800000000"], merged=merged)
    assert fields(layout)["C"] == "phone" and not layout.questions


# ---- whose, and what


def test_a_phone_behind_somebody_elses_name_is_asked():
    heads = [*HEADS, "帮扶责任人", "所属单位", "职务", "联系电话"]
    rows = [[*row, "乙", "某局", "科员", "13900000000"] for row in people(2)]
    layout = table(heads, *rows)
    assert questions(layout) == [("列：联系电话", ("联系电话", "帮扶责任人电话", "不用"), "人员!I1")]
    assert "I" not in fields(layout)
    assert fields(table(heads, *rows, answers={"列：联系电话": "帮扶责任人电话"}))["I"] == "helper_phone"
    assert fields(table(heads, *rows, answers={"列：联系电话": "联系电话"}))["I"] == "phone"
    heads = ["户编号", "姓名", "与户主关系", "户类型", "监护人", "身份证号"]
    layout = table(heads, ["A1", "甲", "户主", "脱贫户", "乙", number(9)])
    assert questions(layout) == [("列：身份证号", ("证件号码", "不用"), "人员!F1")] and len(fields(layout)) == 4


def test_a_phone_behind_ones_own_columns_is_ones_own():
    layout = table(
        [*HEADS, "帮扶责任人", "务工地点", "联系电话"], *[[*row, "乙", "江苏省", "13900000000"] for row in people(2)]
    )
    assert fields(layout)["H"] == "phone" and not layout.questions


def test_times_that_may_be_of_anything():
    rows = [[*row, "2023年02月", "2023年05月"] for row in people(2)]
    layout = table([*HEADS, "开始时间", "结束时间"], *rows)
    assert fields(layout) == FIELDS and [key for key, *_ in questions(layout)] == ["列：开始时间", "列：结束时间"]
    layout = table([*HEADS, "务工地点", "开始时间", "结束时间"], *[[*row[:5], "江苏省", *row[5:]] for row in rows])
    assert fields(layout) == {**FIELDS, "F": "work_place", "G": "work_start", "H": "work_end"} and not layout.questions


def test_a_year_over_columns_is_asked_once():
    rows = [
        [*HEADS[:3], "2022年收入情况", None, None],
        [None, None, None, "工资性收入", "财产性收入", "人均纯收入"],
        ["A1", "甲", number(1), 1, 2, 3],
    ]
    merged = [(0, 0, 1, 0), (0, 1, 1, 1), (0, 2, 1, 2), (0, 3, 0, 5)]
    layout = table(*rows, merged=merged)
    assert len(fields(layout)) == 3 and questions(layout) == [("列：2022年收入情况", ("是", "不用"), "人员!D2")]
    assert len(fields(table(*rows, merged=merged, answers={"列：2022年收入情况": "是"}))) == 6
    layout = table(*rows, merged=merged, answers={"列：2022年收入情况": "不用"})
    assert len(fields(layout)) == 3 and not layout.questions


def test_a_remark_is_asked_about_where_it_matters():
    layout = table([*HEADS, "纯收入（含补贴）"], *[[*row, 1] for row in people(2)])
    assert questions(layout) == [("列：纯收入（含补贴）", ("是", "否"), "人员!F1")]
    layout = table([*HEADS, "纯收入（含补贴）", "纯收入"], *[[*row, 1, 2] for row in people(2)])
    assert fields(layout) == {**FIELDS, "G": "net_income"} and not layout.questions


def test_a_name_under_a_group_that_nobody_knows_is_asked():
    rows = [["户编号", "包联情况", None, "户类型"], [None, "姓名", "片区", None], ["A1", "甲", "一", "脱贫户"]]
    layout = table(*rows, merged=[(0, 0, 1, 0), (0, 1, 0, 2), (0, 3, 1, 3)])
    assert questions(layout) == [("列：包联情况／姓名", ("是", "否"), "人员!B2")]


def test_columns_of_one_measure():
    layout = table(
        [*HEADS, "交通补贴本年已享受", "以前已享受\n稳岗补助", "有培训意愿", "年份"],
        *[[*row, "是", "否", "是", 2022] for row in people(2)],
    )
    assert list(fields(layout).values())[5:] == [
        "TRAVEL_SUBSIDY.claimed_this_year",
        "STABLE_JOB_BONUS.already_claimed",
        "TRAINING_LIVING.willing",
        "year",
    ]


# ---- whole files


def test_a_header_that_is_given():
    rows = [["户编号", "甲"], ["小计", 1], ["A1", None], [None, None]]
    layout = headed_table(sheet(*rows), 1)
    assert (
        fields(layout) == {"A": "household_id"} and data(layout) == [2, 3, 4] and (layout.top, layout.bottom) == (0, 0)
    )
    layout = headed_table(sheet(["务工情况", None], ["地点", "乙"], ["江苏省", 1]), 2)
    assert fields(layout) == {"A": "work_place"} and data(layout) == [3]


def test_no_message_repeats_what_stands_in_the_cells():
    rows = [["A1", "甲甲甲", number(1), "户主", "脱贫户", "13800000000", "13900000000", "李某某"]] * 6
    layout = table([*HEADS, "联系电话", "联系电话", "检测对象类形"], *rows)
    texts = [q.text for q in layout.questions] + [c.how for c in layout.columns] + [d.why for d in layout.dropped]
    assert layout.questions and not any(word in text for text in texts for word in ("甲甲甲", "李某某", "1380", "9900"))


# ---- whatever stands around them

KNOWN = [
    "户编号",
    "姓名",
    "证件号码",
    "与户主关系",
    "户类型",
    "性别",
    "劳动技能",
    "联系电话",
    "务工地点",
    "月工资",
    "年收入",
    "备注",
    "致贫/返贫风险1",
    "是否危房户",
    "人口状态",
    "文化程度",
]
UNKNOWN = ["养狗几只", "QQ", "微信", "片区", "核对结果", "门牌", "网格", "有无轿车"]
NEUTRAL = ["基本情况", "家庭成员信息", "户基本情况", "人员基本信息"]
CELLS = {
    "户编号": lambda i: f"A{i}",
    "姓名": lambda i: "甲乙丙"[i % 3],
    "证件号码": number,
    "年收入": lambda i: 1000 + i,
    "月工资": lambda i: i,
    "联系电话": lambda i: f"1380000{i:04}",
}


def rows_under(headers: list[str], count: int = 4) -> list[list]:
    return [[CELLS.get(header, lambda i: "某")(i) for header in headers] for i in range(count)]


def by_header(layout: Layout) -> dict[str, str]:
    return {"".join(c.path[-1].split()).rstrip("*"): c.field.name for c in layout.columns if c.field}


chosen_headers = st.lists(st.sampled_from(KNOWN), min_size=5, max_size=10, unique=True).filter(
    lambda headers: "姓名" in headers and "证件号码" in headers
)


@settings(max_examples=150, deadline=None)
@given(chosen_headers, st.data())
def test_decoration_changes_nothing(headers, told):
    plain = by_header(table(headers, *rows_under(headers)))
    assert len(plain) == len(headers)
    dirt = [lambda h: h, lambda h: f"{h[0]}\n{h[1:]}", lambda h: "　".join(h), lambda h: f" {h} ", lambda h: f"{h}*"]
    written = [told.draw(st.sampled_from(dirt))(header) for header in headers]
    above = told.draw(
        st.lists(
            st.sampled_from([("某村台账",), ("填报单位：某村", None, "单位：元"), (), ("村名：　村支书：",)]),
            max_size=4,
        )
    )
    lines, merged = [], []
    if told.draw(st.booleans()):
        width = told.draw(st.integers(2, len(headers) - 2))
        start = told.draw(st.integers(1, len(headers) - width)) if width < len(headers) else 0
        upper = [None if start <= i < start + width else text for i, text in enumerate(written)]
        upper[start] = told.draw(st.sampled_from(NEUTRAL))
        lower = [text if start <= i < start + width else None for i, text in enumerate(written)]
        lines = [upper, lower]
        if told.draw(st.booleans()):
            top = len(above)
            merged = [(top, start, top, start + width - 1)]
            merged += [(top, i, top + 1, i) for i in range(len(headers)) if not start <= i < start + width]
    else:
        lines = [written]
    between = told.draw(
        st.sampled_from([[], [[]], [list(range(1, len(headers) + 1))], [["分值", *["5分"] * (len(headers) - 1)]]])
    )
    foot = told.draw(st.sampled_from([[], [["合计"]], [[], ["注：1.以户籍为准。"], ["填表人："]]]))
    layout = table(*above, *lines, *between, *rows_under(headers), *foot, merged=merged)
    assert by_header(layout) == plain and len(layout.data) == 4


@settings(max_examples=100, deadline=None)
@given(chosen_headers, st.lists(st.tuples(st.sampled_from(UNKNOWN), st.integers(0, 10)), max_size=6), st.randoms())
def test_further_columns_and_their_order_change_nothing(headers, further, rng: random.Random):
    plain = by_header(table(headers, *rows_under(headers)))
    mixed = list(headers)
    for header, place in further:
        mixed.insert(min(place, len(mixed)), header)
    assert by_header(table(mixed, *rows_under(mixed))) == plain
    rng.shuffle(mixed)
    assert by_header(table(mixed, *rows_under(mixed))) == plain


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.lists(
            st.one_of(
                st.none(),
                st.sampled_from(
                    [
                        *KNOWN,
                        *UNKNOWN,
                        *NEUTRAL,
                        "合计",
                        "小计",
                        "注：1.",
                        "填表人：",
                        "1",
                        "2",
                        "元",
                        "户",
                        number(1),
                        "甲",
                        "${data.xm}",
                    ]
                ),
                st.integers(0, 9),
                st.floats(allow_nan=False, allow_infinity=False),
                st.dates(dt.date(2000, 1, 1), dt.date(2030, 1, 1)),
            ),
            min_size=1,
            max_size=8,
        ),
        max_size=14,
    ),
    st.lists(st.tuples(*[st.integers(0, 9)] * 4), max_size=4),
)
def test_any_sheet_is_read(rows, areas):
    merged = [(min(a, c), min(b, d), max(a, c), max(b, d)) for a, b, c, d in areas if (a, b) != (c, d)]
    for layout in tables(*rows, merged=merged):
        gone = {one.row for one in layout.dropped}
        assert not gone & set(layout.data.tolist()) and all(row > layout.bottom for row in layout.data.tolist())
        assert len({c.position for c in layout.columns}) == len(layout.columns)
        names = [c.field.name for c in layout.columns if c.field and not c.field.repeats]
        assert len(names) == len(set(names))
