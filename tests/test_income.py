"""The year's income of a household from the ledger's own columns, and what a blank in it means."""

from __future__ import annotations

import openpyxl
import pytest

from xl_poverty.errors import CellError, PolicyError
from xl_poverty.ledger.filling import fill
from xl_poverty.ledger.income import fallen, reckon
from xl_poverty.ledger.reading import read_ledger
from xl_poverty.ledger.rows import Rows
from xl_poverty.rules.parameters import Policy

HEADS = [
    "户编号", "姓名", "与户主关系", "户类型", "工资性收入", "生产经营性收入", "财产性收入", "转移性收入",
    "生产经营性支出", "年度家庭人口数",
]  # fmt: skip


@pytest.fixture
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("ledger")


def write(folder, *rows, heads=HEADS, settings=()):
    book = openpyxl.Workbook()
    for row in (heads, *rows):
        book.active.append(row)
    if settings:
        kept = book.create_sheet("核算口径")
        for row in settings:
            kept.append(row)
    book.save(folder / "台账.xlsx")
    return folder / "台账.xlsx"


def reckoned(folder, *rows, answers=None, policy="双碾乡", **more):
    ledger = read_ledger(write(folder, *rows, **more), policy=policy, answers=answers)
    return reckon(Rows(ledger.main), ledger.settings, ledger.policy)


def head(*figures, household="A1", relation="户主"):
    return [household, "甲", relation, "脱贫户", *figures]


def member(household="A1"):
    return [household, "乙", "配偶", "脱贫户", *[None] * 6]


def test_four_kinds_less_the_expense_by_the_persons_of_the_year(folder):
    # 28000 + 12600 + 800 + 5200 − 6400 = 40200; by 3: 13400
    found = reckoned(folder, head(28000, 12600, 800, 5200, 6400, 3), member())
    assert found.net == [40200, 40200] and found.per_head == [13400, 13400]
    assert (found.households, found.waiting) == (1, 0)


def test_a_household_that_lost_money(folder):
    found = reckoned(folder, head(0, 1000, 0, 0, 1600, 2))
    assert found.net == [-600] and found.per_head == [-300]


def test_averages_are_not_rounded(folder):
    found = reckoned(folder, head(10000, 0, 0, 0, 0, 3))
    assert found.per_head[0] == pytest.approx(10000 / 3, abs=1e-9)


def test_the_same_figure_on_every_row_is_counted_once(folder):
    rows = [head(28000, 12600, 800, 5200, 6400, 3), head(28000, 12600, 800, 5200, 6400, 3, relation="配偶")]
    assert reckoned(folder, *rows).net == [40200, 40200]


def test_rows_that_differ_are_nobodys_figure(folder):
    rows = [head(28000, 0, 0, 0, 0, 2), head(3000, None, None, None, None, None, relation="配偶")]
    found = reckoned(folder, *rows)
    assert all(isinstance(value, CellError) and "工资性收入" in value.message for value in found.net)
    assert found.waiting == 1


def test_a_blank_is_not_nil_until_somebody_says_so(folder):
    rows = [head(28000, 12600, None, 5200, 6400, 3), head(10000, 0, 0, 0, 0, 1, household="A2")]
    found = reckoned(folder, *rows)
    assert isinstance(found.net[0], CellError) and "财产性收入" in found.net[0].message
    assert found.net[1] == 10000 and (found.households, found.waiting) == (2, 1)
    answered = reckoned(folder, *rows, answers={"空白按0：财产性收入": "是"})
    assert answered.net[0] == 39400 and answered.waiting == 0  # 28000 + 12600 + 5200 − 6400
    assert "空白按0（已答复）：财产性收入" in answered.told
    assert isinstance(reckoned(folder, *rows, answers={"空白按0：财产性收入": "否"}).net[0], CellError)


def test_no_answer_turns_a_blank_number_of_persons_into_0(folder):
    found = reckoned(folder, head(28000, 12600, 800, 5200, 6400, None), answers={"空白按0：年度家庭人口数": "是"})
    assert isinstance(found.per_head[0], CellError)


def test_an_error_cell_is_no_income(folder):
    found = reckoned(folder, head("#N/A", 0, 0, 0, 0, 2), answers={"空白按0：工资性收入": "是"})
    assert isinstance(found.net[0], CellError) and found.waiting == 1


def test_a_kind_from_its_parts(folder):
    heads = [*HEADS[:4], "务工收入", "公益性岗位收入", *HEADS[5:]]
    found = reckoned(folder, head(20000, 8000, 12600, 800, 5200, 6400, 3), heads=heads)
    assert found.net == [40200]
    waiting = reckoned(folder, head(20000, None, 12600, 800, 5200, 6400, 3), heads=heads)
    assert isinstance(waiting.net[0], CellError) and "公益性岗位收入" in waiting.net[0].message


def test_units_of_the_header_count(folder):
    heads = [head_ + "（万元）" if head_ == "工资性收入" else head_ for head_ in HEADS]
    assert reckoned(folder, head(2.8, 12600, 800, 5200, 6400, 3), heads=heads).net == [40200]


def test_without_a_kind_nothing_is_reckoned(folder):
    heads = [head_ for head_ in HEADS if head_ != "财产性收入"]
    assert reckoned(folder, head(28000, 12600, 5200, 6400, 3), heads=heads) is None


# ---- how a place reckons


def office(folder, text):
    (folder / "office.toml").write_text(text, encoding="utf-8")


RATIOS = '[accounting]\nexpense_ratios = { planting_income = 0.4, breeding_income = 0.25, source = "某县办法" }\n'
PENSION = '[accounting]\npension = { counted = false, source = "某县收入核算办法" }\n'


def test_pensions_are_not_counted_where_the_office_says_so(folder):
    office(folder, PENSION)
    heads = [*HEADS, "养老保险金"]
    found = reckoned(folder, head(28000, 12600, 800, 5200, 6400, 3, 2400), heads=heads)
    assert found.net == [37800] and "养老金不计入（某县收入核算办法）" in found.told  # 40200 − 2400
    lacking = reckoned(folder, head(28000, 12600, 800, 5200, 6400, 3))
    assert isinstance(lacking.net[0], CellError) and "养老保险金" in lacking.net[0].message


def test_expense_as_a_share_of_the_gross(folder):
    office(folder, RATIOS)
    heads = [*HEADS[:5], "种植业收入", "养殖业收入", *HEADS[6:8], "年度家庭人口数"]
    # 28000 + 10000 + 4000 + 800 + 5200 − (4000 + 1000) = 43000
    found = reckoned(folder, head(28000, 10000, 4000, 800, 5200, 2), heads=heads)
    assert found.net == [43000] and found.per_head == [21500] and "某县办法" in found.told


FOLLOWING = """
extends = "shuangnian_2022"
id = "shuangnian_2026"
short_name = "双碾乡续"
number = "双发〔2026〕1号"
title = "关于延续实施支持脱贫人口增收若干措施的通知"
issuer = "中共朔州市平鲁区双碾乡委员会"
issued = 2025-12-25
[in_force]
from = 2026-01-01
[clauses.1]
title = "核算"
use = "计算"
text = "养老金不计入收入；种植业的支出按收入的40%核算。"
[accounting.pension]
clause = "1"
quote = "养老金不计入收入"
counted = false
"""


def a_document(folder, text=FOLLOWING):
    place = folder / "政策" / "shuangnian_2026"
    place.mkdir(parents=True, exist_ok=True)
    (place / "policy.toml").write_text(text, encoding="utf-8")
    return place


def test_a_document_may_say_how_incomes_are_reckoned(folder):
    a_document(folder)
    heads, row = [*HEADS, "养老保险金"], head(28000, 12600, 800, 5200, 6400, 3, 2400)
    told = "documents = '政策'\npolicy = '双碾乡续'\n"
    office(folder, told)
    found = reckoned(folder, row, heads=heads, policy="双碾乡续")
    assert found.net == [37800] and "养老金不计入（双发〔2026〕1号第1条）" in found.told
    # the office comes first
    office(folder, f'{told}[accounting]\npension = {{ counted = true, source = "某县办法" }}\n')
    assert reckoned(folder, row, heads=heads, policy="双碾乡续").net == [40200]


@pytest.mark.parametrize(
    ("good", "bad", "told"),
    [
        ("counted = false", "counted = 0", "accounting.pension: expected counted = true or false"),
        ('quote = "养老金不计入收入"', 'quote = "养老金计入收入"', "does not stand in clause 1"),
        ('clause = "1"\nquote', "quote", "accounting.pension.clause"),
        ("[accounting.pension]", "[accounting.pensions]", "accounting.pensions: is not known"),
        ("[accounting.pension]", "[accounting.expense_ratios]", "expected kinds of income with their ratios"),
    ],
)
def test_mistakes_in_what_a_document_says_of_reckoning(folder, good, bad, told):
    assert FOLLOWING.count(good) == 1
    with pytest.raises(PolicyError) as mistakes:
        Policy(a_document(folder, FOLLOWING.replace(good, bad)))
    assert told in str(mistakes.value)


# ---- in a filled ledger


def test_a_filled_ledger_shows_what_it_reckoned(folder):
    heads = [*HEADS, "监测指导线"]
    rows = [head(6000, 3000, 0, 600, 600, 3, 5000), head(6000, 3000, None, 600, 600, 3, 5000, household="A2")]
    done = fill(write(folder, *rows, heads=heads), policy="双碾乡", as_of="2023-02-01")
    sheet = openpyxl.load_workbook(done.target)[done.sheet]
    titles = [cell.value for cell in sheet[1]]
    first, second = ({title: cell.value for title, cell in zip(titles, sheet[row])} for row in (2, 3))
    # net 9000, 3000 per head, (5000 − 3000) × 3 persons
    assert (first["核算纯收入"], first["核算人均纯收入"], first["应享防贫差额补偿"]) == (9000, 3000, 6000)
    assert second["核算纯收入"] == second["应享防贫差额补偿"] == "#N/A"
    assert "人均纯收入3000元" in first["依据"] and "财产性收入" in second["依据"]
    assert done.households == (1, 1)
    kept = {row[0].value: row[1].value for row in openpyxl.load_workbook(done.target)["核算口径"].iter_rows()}
    assert "空白按0：财产性收入" in kept and kept["空白按0：财产性收入"] is None  # waits for its answer


def test_what_rises_elsewhere_makes_up_for_no_loss():
    assert fallen([370, 200, 1000], [280, 150, 1300]) == (570, 430)
    assert fallen([370, 200], [370, 250]) == (570, 620)  # nothing fell
    assert fallen([370, None], [280, 150]) is None and fallen([], []) is None
