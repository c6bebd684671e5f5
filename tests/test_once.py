"""One person in several rows of a ledger: what is due once is due on one of them."""

from __future__ import annotations

import openpyxl
import pytest
from invented import completed

from xl_poverty.ledger.filling import fill

HEADS = [
    "户编号", "姓名", "证件号码", "与户主关系", "户类型", "劳动技能", "务工去向", "连续外出务工月数", "月工资",
    "业务日期",
]  # fmt: skip


ONE, TWO = completed("99000019650101001"), completed("99000019700101002")


@pytest.fixture
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("ledger")


def due(folder, *rows):
    """Per row (交通补贴, 稳岗补助), and what they rest on."""
    book = openpyxl.Workbook()
    for row in (HEADS, *rows):
        book.active.append(row)
    book.save(folder / "台账.xlsx")
    done = fill(folder / "台账.xlsx", policy="双碾乡", as_of="2025-06-30")
    sheet = openpyxl.load_workbook(done.target).worksheets[0]
    heads = [cell.value for cell in sheet[1]]
    columns = [heads.index(head) + 1 for head in ("应享交通补贴", "应享稳岗补助", "依据")]
    return [tuple(sheet.cell(number, column).value for column in columns) for number in range(2, len(rows) + 2)]


def row(household, number, place, months, day=None, relation="户主"):
    return [household, "甲", number, relation, "脱贫户", "普通劳动力", place, months, 3000, day]


def test_two_spells_of_one_year(folder):
    # 省内区外 600, then 跨省 1500: once a year, the better one; 6 months once
    first, second = due(folder, row("A1", ONE, "省内区外", 6), row("A1", ONE, "跨省", 6))
    assert first[:2] == (0, 1200) and second[:2] == (1500, 0)
    assert "交通补贴0元：同一人一年只能一次，已计在第3行" in first[2]
    assert "稳岗补助0元：同一人只能一次，已计在第2行" in second[2]


def test_two_years(folder):
    found = due(folder, row("A1", ONE, "跨省", 6, "2023-05-01"), row("A1", ONE, "跨省", 6, "2024-05-01"))
    assert [one[:2] for one in found] == [(1500, 1200), (1500, 0)]


def test_one_person_in_two_households(folder):
    """20 and 18 characters are the same person."""
    found = due(folder, row("A1", ONE + "43", "跨省", 6), row("A2", ONE, "跨省", 6), row("A3", TWO, "跨省", 6))
    assert [one[:2] for one in found] == [(1500, 1200), (0, 0), (1500, 1200)]


def test_who_has_no_number_cannot_be_told_apart(folder):
    found = due(folder, row("A1", None, "跨省", 6), row("A2", None, "跨省", 6))
    assert [one[:2] for one in found] == [(1500, 1200), (1500, 1200)]


def test_a_row_that_cannot_be_reckoned_stays_an_error(folder):
    found = due(folder, row("A1", ONE, "跨省", 6), row("A1", ONE, "外地", 6))
    assert found[0][:2] == (1500, 1200) and found[1][0] in ("#N/A", "#VALUE!")
