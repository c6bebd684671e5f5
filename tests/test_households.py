"""What a ledger says of its households: plans, comparison and summary read one and the same."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction

import openpyxl
import pytest
from invented import completed

from xl_poverty.errors import CellError
from xl_poverty.formulas.documents import named_document
from xl_poverty.formulas.office import Layer, using
from xl_poverty.ledger.households import Households, added
from xl_poverty.ledger.income import incomes_of
from xl_poverty.ledger.reading import read_ledger
from xl_poverty.ledger.rows import ready_rows
from xl_poverty.plans.homes import Homes
from xl_poverty.plans.plan import plans_of
from xl_poverty.summaries.details import read_details
from xl_poverty.summaries.sides import Side

DAY = dt.date(2023, 6, 15)
KINDS = ("工资性收入", "生产经营性收入", "财产性收入", "转移性收入", "生产经营性支出")

PENSION = '[accounting.pension]\ncounted = false\nsource = "某县办法"\n'


def person(home: str, name: str, at: int, relation: str = "户主", **cells) -> dict:
    number = completed(f"999902{1970}0101{at:03}")
    usual = {"户编号": home, "姓名": name, "与户主关系": relation, "证件号码": number}
    return {**usual, "户类型": "脱贫享受政策户", **cells}


def ledger(folder, *rows: dict, policy: str = "枣庄高新区", answers=None):
    heads = list(dict.fromkeys(head for row in rows for head in row))
    book = openpyxl.Workbook()
    book.active.append(heads)
    for row in rows:
        book.active.append([row.get(head) for head in heads])
    book.save(folder / "台账.xlsx")
    return read_ledger(folder / "台账.xlsx", None, policy, answers, DAY)


def households(found) -> Households:
    return Households(ready_rows(found, found.main)[0])


def income(*amounts, **more) -> dict:
    return {**dict(zip(KINDS, amounts)), **more}


def told_of(found) -> tuple[object, object, object]:
    """(人均纯收入 in the plan, in the comparison, whether the summary knows it) of the only household."""
    document, _ = named_document(None, found.settings)
    (plan,) = plans_of(found).plans
    side = Side(found, found.main, document)
    (compared,) = side.per_head().values()
    table = read_details([found]).details.tables["户"]
    net, size = table.columns["纯收入"][0], table.columns["人口"][0]
    return plan.this.lines["per_capita_income"], compared, None if net is None else net / size


def test_one_figure_on_each_row_or_on_one(tmp_path):
    rows = [person("H1", "甲某", 1, 工资性收入=100.5), person("H1", "乙某", 2, "配偶"),
            person("H2", "丙某", 3, 工资性收入=7), person("H2", "丁某", 4, "配偶", 工资性收入=7),
            person("H3", "戊某", 5), person("H3", "己某", 6, "配偶"),
            person("H4", "庚某", 7, 工资性收入=7), person("H4", "辛某", 8, "配偶", 工资性收入=8),
            person("H5", "壬某", 9, 工资性收入=7), person("H5", "癸某", 10, "配偶", 工资性收入="约7")]  # fmt: skip
    *known, differing, about = households(ledger(tmp_path, *rows)).figure("wage_income")
    assert known == [100.5, 7, None]
    assert (differing.code, differing.message) == ("inconsistent", "“工资性收入”同一户各行不一样（第8、9行），请核对")
    assert about.code == "not_number"
    answered = ledger(tmp_path, *rows, answers={"空白按0：工资性收入": "是"})
    assert households(answered).figure("wage_income")[2] == 0


def test_the_head_is_who_is_there(tmp_path):
    rows = [person("H1", "甲某", 1, 人口状态="死亡"), person("H1", "乙某", 2, 人口状态="正常"),
            person("H2", "丙某", 3, "长子", 人口状态="正常"), person("H2", "丁某", 4, 人口状态="死亡"),
            person("H3", "戊某", 5, "长子", 人口状态="正常"),
            person("", "己某", 6, 人口状态="正常")]  # fmt: skip
    found = households(ledger(tmp_path, *rows))
    assert (found.count, len(found)) == (3, 4)
    assert [(home.key, home.rows, home.every, home.head) for home in found.homes()] == [
        ("H1", [1], [0, 1], 1), ("H2", [2], [2, 3], 3), ("H3", [4], [4], 4),
    ]  # fmt: skip


def test_neither_a_blank_nor_an_error_vanishes_in_a_sum():
    wrong = CellError("not_number", "不是数字")
    assert added([0.1, 0.2, Fraction(7, 10)]) == 1
    assert added([1, None]) is None
    assert added([None, wrong]) is wrong
    assert "“务工收入”空白" in added([1, None], ("公益岗", "务工收入")).message


def test_a_kind_of_income_is_its_column_or_its_parts(tmp_path):
    parts = {"务工收入": 1000, "其他工资性收入": 200.5}
    found = ledger(tmp_path, person("H1", "甲某", 1, **parts), person("H2", "乙某", 2, 务工收入=1000))
    assert households(found).total("wage_income") == [1200.5, None]
    found = ledger(tmp_path, person("H1", "甲某", 1, **parts, 工资性收入=900), person("H2", "乙某", 2, **parts))
    assert households(found).total("wage_income") == [900, None]
    four = income(10, 20, 30, 40)
    found = ledger(tmp_path, person("H1", "甲某", 1, **four, 年收入=99), person("H2", "乙某", 2, **four))
    assert households(found).total("annual_income") == [99, 100]


def test_the_type_stands_on_the_row_of_the_head(tmp_path):
    """The kind of 监测对象 once per household: the others are of the same household."""
    risk = {"监测对象类别": "突发严重困难户", "风险是否已消除": "未消除"}
    found = ledger(tmp_path, person("H1", "甲某", 1, **risk), person("H1", "乙某", 2, "配偶"))
    assert households(found).types() == ["突发严重困难户"]
    details = read_details([found])
    columns = details.details.tables["户"].columns
    assert (columns["户类型"][0], columns["监测对象"][0]) == ("突发严重困难户", "是")
    side = Side(found, found.main, None)
    assert (side.household_type(side.homes["H1"]), side.monitored(side.homes["H1"])) == ("突发严重困难户", "未消除")


def test_who_is_monitored_cannot_be_told_where_the_rows_differ(tmp_path):
    kinds = "突发严重困难户", "边缘易致贫户"
    rows = [person("H1", "甲某", at, relation, 监测对象类别=kind, 风险是否已消除="未消除")
            for at, (relation, kind) in enumerate(zip(("户主", "配偶"), kinds))]  # fmt: skip
    found = ledger(tmp_path, *rows)
    assert households(found).monitored(0) is None
    side = Side(found, found.main, None)
    assert side.monitored(side.homes["H1"]) == "待核实"  # not that it is none


def test_a_type_that_cannot_be_read_drops_no_measure(tmp_path):
    found = ledger(tmp_path, person("H1", "甲某", 1, 户类型="脱贫什么户"))
    homes = Homes(found, found.main, DAY)
    homes.ask({"户类型"}, lambda home: {})
    assert homes.homes[0].facts["户类型"].among(("脱贫户",)) is None


@pytest.mark.parametrize(
    ("cells", "office", "per_head"),
    [
        (income(10000, 6000, 0, 2000, 3000, 年度家庭人口数=3), "", 5000),
        # the subsidy for expenses lessens them, also in the plan
        (income(10000, 6000, 0, 2000, 3000, 年度家庭人口数=3, 专项用于减少生产经营性支出的补贴=600), "", 5200),
        # what the office reckons otherwise holds everywhere
        (income(10000, 6000, 0, 2000, 3000, 年度家庭人口数=3, 养老保险金=900),
         PENSION, 4700),
        # a stated net income without the kinds
        ({"纯收入": 20000, "家庭人口数": 3}, "", Fraction(20000, 3)),
        # a stated one stands before what the kinds come to
        (income(10000, 6000, 0, 2000, 3000, 年度家庭人口数=3, 纯收入=18000), "", 6000),
        # the income as a whole, less the expense
        ({"年收入": 20000, "生产经营性支出": 5000, "家庭人口数": 3}, "", 5000),
        # the number of persons of the year is blank: the present one is another figure
        (income(10000, 6000, 0, 2000, 3000, 年度家庭人口数=None, 家庭人口数=3), "", None),
    ],
)  # fmt: skip
def test_plans_comparison_and_summary_tell_the_same_income(tmp_path, cells, office, per_head):
    (tmp_path / "office.toml").write_text(office, encoding="utf-8")
    with using(Layer("本机", folder=tmp_path)):
        told = told_of(ledger(tmp_path, person("H1", "甲某", 1, **cells)))
    shown = [float(one) if isinstance(one, (int, float, Fraction)) else None for one in told]
    assert shown == [None if per_head is None else pytest.approx(float(per_head))] * 3


def test_last_year_is_not_reckoned_where_the_place_reckons_otherwise(tmp_path):
    """What columns of last year's kinds come to would hold the pension, this year's not."""
    last = {f"上年{kind}": 5000 for kind in KINDS}
    (tmp_path / "office.toml").write_text(PENSION, encoding="utf-8")
    found = ledger(tmp_path, person("H1", "甲某", 1, **last))
    document, _ = named_document(None, found.settings)
    assert incomes_of(households(found), found.settings, document).net_last is None
    (tmp_path / "office.toml").unlink()
    found = ledger(tmp_path, person("H1", "甲某", 1, **last))
    assert incomes_of(households(found), found.settings, document).net_last == [15000]
