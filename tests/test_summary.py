"""Summaries: every figure of the examples reckoned a second time with plain pandas over the raw sheet, and small
ledgers for what goes wrong."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path
from types import SimpleNamespace

import openpyxl
import pandas as pd
import pytest
from example_workbooks import WORKBOOKS
from small_ledgers import IDS, NAMES, write

from xl_poverty.errors import LedgerError, PolicyError
from xl_poverty.formulas.documents import document
from xl_poverty.formulas.office import current, using
from xl_poverty.ledger.filling import fill
from xl_poverty.ledger.reading import read_ledger
from xl_poverty.ledger.rosters import read_paid
from xl_poverty.rules.parameters import Policy
from xl_poverty.summaries import summary_pages as summary_module
from xl_poverty.summaries.figures import Place
from xl_poverty.summaries.summary import summarise, summarise_files
from xl_poverty.summaries.summary_pages import summary_pages
from xl_poverty.summaries.timeliness import own_of
from xl_poverty.workbook.encoding import Formula
from xl_poverty.workbook.page_workbook import page_workbook

NAMED = ("双碾乡", "枣庄高新区", "阜阳市", "奉节县", "前进区")
MONITORED = ("脱贫不稳定户", "边缘易致贫户", "突发严重困难户")
GONE = ("死亡", "迁出", "自然减少")
KINDS = {"工资性收入": "上年工资性收入", "生产经营性收入": "上年生产经营性收入", "财产性收入": "上年财产性收入",
         "转移性收入": "上年转移性收入", "生产经营性支出": "上年生产经营性支出"}  # fmt: skip


# ---- the examples, read plainly


@cache
def raw(name: str) -> pd.DataFrame:
    """The persons of a ledger as they stand, by header; every cell is what was typed."""
    rows = list(openpyxl.load_workbook(WORKBOOKS / f"{name}.xlsx", data_only=True)["台账"].values)
    heads = [str(head).replace("\n", "") for head in rows[2]]
    found = pd.DataFrame(rows[3:], columns=heads, dtype=object, index=range(4, len(rows) + 1))
    found = found[found["序号"].map(lambda cell: isinstance(cell, int))]
    text = found["证件号码"].map(lambda cell: str(cell or "").strip().upper()[:18])
    return found.assign(person=text, alive=~found["人口状态"].isin(GONE))


@cache
def summary(name: str, compared: bool = False):
    last = [read_ledger(WORKBOOKS / f"{name}台账_上期.xlsx")] if compared else []
    return summarise([read_ledger(WORKBOOKS / f"{name}台账.xlsx")], last=last)


def households(name: str) -> pd.DataFrame:
    """The first row of each household in which somebody is left, all its rows' figures filled in."""
    people = raw(f"{name}台账")
    there = people[people["户编号"].isin(people[people.alive]["户编号"])]
    found = there.groupby("户编号", sort=False).first()
    for head in ("纯收入", "年度家庭人口数", *KINDS, *KINDS.values()):
        if head in found:  # what the rows of a household do not say alike, nobody can count
            unlike = there.dropna(subset=head).groupby("户编号")[head].nunique() > 1
            found.loc[unlike.index[unlike], head] = "不一样"
    return found


def followed(name: str) -> pd.DataFrame:
    """Households whose income the document follows."""
    found = households(name)
    if name == "枣庄高新区":
        unresolved = found["户类型"].isin(MONITORED) & (found["风险是否已消除"] == "未消除")
        return found[(found["户类型"] == "脱贫享受政策户") | unresolved]
    return found[found["户类型"] != "一般农户"]


def number(cell) -> Fraction | None:
    return None if isinstance(cell, bool) or not isinstance(cell, int | float) else Fraction(str(cell))


def value(found, block: str, column: str, **at):
    return found.figure(block, column, **at).value


@pytest.mark.parametrize("name", NAMED)
def test_households_and_persons(name):
    people, found = raw(f"{name}台账"), summary(name)
    alive = people[people.alive].drop_duplicates("person")
    types = households(name)["户类型"]
    villages = households(name)["行政村"]
    block = found.block("户数人数")
    for kind in types.unique():
        for village in villages.unique():
            own = types[(types == kind) & (villages == village)]
            assert value(found, "户数人数", f"{kind}／户数", village=village) == len(own)
            persons = alive[(alive["户类型"] == kind) & (alive["行政村"] == village)]
            assert value(found, "户数人数", f"{kind}／人数", village=village) == len(persons)
        assert value(found, "户数人数", f"{kind}／户数") == (types == kind).sum()
    assert value(found, "户数人数", "合计／户数") == len(types)
    assert value(found, "户数人数", "合计／人数") == len(alive)
    assert value(found, "户数人数", "监测对象／户数") == types.isin(MONITORED).sum()
    open_cases = households(name)[types.isin(MONITORED)]["风险是否已消除"] == "未消除"
    assert value(found, "户数人数", "监测对象：未消除／户数") == open_cases.sum()
    assert value(found, "户数人数", "没有计入（人）／死亡迁出") == (~people.alive).sum()
    assert {column.group for column in block.columns} >= set(types)


@pytest.mark.parametrize("name", [name for name in NAMED if name != "双碾乡"])
def test_towns(name):
    found = summary(name)
    towns = households(name)["乡镇"]
    for town in towns.unique():
        assert value(found, "户数人数", "合计／户数", town=town) == (towns == town).sum()


@pytest.mark.parametrize("name", NAMED)
def test_incomes_of_two_years(name):
    own, found = followed(name), summary(name)
    this = [(number(row.get("纯收入")) or net(row), number(row["年度家庭人口数"])) for _, row in own.iterrows()]
    known = [(income, size) for income, size in this if income is not None and size]
    assert value(found, "收入", "本年／应统计户数") == len(own)
    assert value(found, "收入", "本年／待改户数") == len(own) - len(known)
    assert Fraction(str(value(found, "收入", "本年／纯收入"))) == sum(income for income, _ in known)
    assert exact(found, "收入", "本年／人均纯收入") == sum(i for i, _ in known) / sum(s for _, s in known)
    both = [
        (income, size, number(row["上年纯收入"]))
        for (income, size), (_, row) in zip(this, own.iterrows())
        if income is not None and size and number(row["上年纯收入"]) is not None
    ]
    assert value(found, "收入", "两年比较（可比户）／可比户数") == len(both)
    persons = sum(size for _, size, _ in both)
    growth = sum(i for i, _, _ in both) / persons / (sum(last for _, _, last in both) / persons) - 1
    assert exact(found, "收入", "两年比较（可比户）／增幅") == growth


def net(row) -> Fraction | None:
    """What the kinds of income come to."""
    parts = [number(row[kind]) for kind in KINDS]
    return None if None in parts else sum(parts[:4]) - parts[4]


def exact(found, block: str, column: str, place: Place = Place(), line: str = ""):
    own = found.block(block)
    at = [one.key for one in own.columns].index(column)
    lines = [one for _, lines in own.parts for one in lines]
    figures = next(one.figures for one in lines if not line or line in one.labels)
    return found.details.value(figures[at], place)


@pytest.mark.parametrize("name", NAMED)
def test_four_kinds_of_income(name):
    own, found = followed(name), summary(name)
    for kind, before in KINDS.items():
        this = [number(cell) for cell in own[kind]]
        last = [number(cell) for cell in own[before]]
        both = [(a, b) for a, b in zip(this, last) if a is not None and b is not None]
        assert exact(found, "四类收入", "本年合计", line=kind) == sum(a for a in this if a is not None)
        assert exact(found, "四类收入", "可比户本年", line=kind) == sum(a for a, _ in both)
        assert exact(found, "四类收入", "可比户上年", line=kind) == sum(b for _, b in both)
        assert value(found, "四类收入", "待改户数", line=kind) == sum(a is None for a in this)


@pytest.mark.parametrize("name", NAMED)
def test_last_years_ledger(name):
    """Who has a row in both ledgers is compared by the figures of each."""
    own, found = followed(name), summary(name, compared=True)
    people = raw(f"{name}台账_上期")
    there = people[people["户编号"].isin(people[people.alive]["户编号"])].groupby("户编号", sort=False).first()
    this, last, this_size, last_size = [], [], 0, 0
    for key, row in own.iterrows():
        if key not in there.index:
            continue
        before = there.loc[key]
        figures = [number(row.get("纯收入")) or net(row), number(row["年度家庭人口数"]),
                   number(before.get("纯收入")) or net(before), number(before["年度家庭人口数"])]  # fmt: skip
        if None not in figures and figures[1] and figures[3]:
            this.append(figures[0])
            last.append(figures[2])
            this_size, last_size = this_size + figures[1], last_size + figures[3]
    assert value(found, "收入", "两年比较（可比户）／可比户数") == len(this)
    assert exact(found, "收入", "两年比较（可比户）／本年人均") == sum(this) / this_size
    assert exact(found, "收入", "两年比较（可比户）／上年人均") == sum(last) / last_size
    posts = people[people.alive & people["公益性岗位"].notna()].drop_duplicates("person")
    assert value(found, "就业", "公益性岗位（人）／上年") == len(posts)


@pytest.mark.parametrize("name", NAMED)
def test_work_by_place_and_posts(name):
    people, found = raw(f"{name}台账"), summary(name)
    alive = people[people.alive].drop_duplicates("person")
    said = alive["务工去向"].dropna().map(lambda cell: cell.strip()).value_counts()
    assert value(found, "就业", "务工／人数") == said.sum()
    for place, label in (("跨省", "跨省"), ("省内区外", "省内区外（省内县外）"), ("区内", "区内（县内）")):
        assert value(found, "就业", f"{label}／人数") == said.get(place, 0)
        assert exact(found, "就业", f"{label}／占比") == Fraction(int(said.get(place, 0)), int(said.sum()))
    assert value(found, "就业", "待核实／人数") == said.get("待核实", 0)
    assert value(found, "就业", "公益性岗位（人）／本年") == alive["公益性岗位"].notna().sum()


@pytest.mark.parametrize("name", NAMED)
def test_measures_by_kind(name):
    found, own = summary(name), households(name)
    every = 0
    for kind in ("产业帮扶", "就业帮扶", "健康帮扶", "教育帮扶", "综合保障"):
        items = own[kind].dropna().map(lambda cell: len(str(cell).replace("，", ",").replace("、", ",").split(",")))
        assert value(found, "帮扶措施", f"{kind}／户数") == len(items)
        assert value(found, "帮扶措施", f"{kind}／项数") == items.sum()
        every += items.sum()
        if "一户一策状态" in own:
            states = own.loc[items.index, "一户一策状态"]
            assert value(found, "措施进度", "已完成", line=kind) == items[states == "已完成"].sum()
    assert value(found, "帮扶措施", "有帮扶措施／项数") == every


# ---- classes, deadlines, ranking: what each document has


def test_tiers():
    own, found = followed("枣庄高新区"), summary("枣庄高新区")
    income = own["家庭人均纯收入"].map(number).dropna()
    for word, taken in (
        ("低收入", income < 11000), ("中等收入", (income >= 11000) & (income < 15000)), ("高收入", income >= 15000)
    ):  # fmt: skip
        assert value(found, "分档名单", f"收入分档：{word}／户数") == taken.sum()
    unclear = (households("枣庄高新区")["户类型"] == "脱贫户").sum()  # not said whether 享受政策
    assert value(found, "分档名单", "收入分档：待改／户数") == unclear
    others = len(households("枣庄高新区")) - len(own) - unclear
    assert value(found, "分档名单", "收入分档：不适用／户数") == others


def test_watch_lists():
    own, found = followed("阜阳市"), summary("阜阳市")
    figures = []
    for _, row in own.iterrows():
        income, size, last = net(row), number(row["年度家庭人口数"]), number(row["上年人均纯收入"])
        figures.append(None if income is None or not size or last is None else (income / size, last))
    told = [one for one in figures if one]
    both = sum(this < 10000 and this < last for this, last in told)
    assert value(found, "分档名单", "重点关注：低于1万元+收入下降／户数") == both
    assert value(found, "分档名单", "重点关注：低于1万元／户数") == sum(t < 10000 for t, _ in told) - both
    assert value(found, "分档名单", "重点关注：收入下降／户数") == sum(t < p for t, p in told) - both


def test_low_income_scope():
    own, found = households("奉节县"), summary("奉节县")
    unresolved = own["户类型"].isin(MONITORED) & (own["风险是否已消除"] == "未消除")
    plain = own["户类型"] == "脱贫户"
    low = (own["2021年人均纯收入"].map(number) <= 10000) | (own["2022年预估人均纯收入"].map(number) < 10000)
    assert value(found, "分档名单", "低收入对象认定：是／户数") == (unresolved | plain & low).sum()


def test_income_change():
    own, found = households("前进区"), summary("前进区")
    # 二(三): 家庭收入, all four kinds of 二(二), not 纯收入
    this, four = own["年收入"].map(number), own[[f"上年{kind}" for kind in list(KINDS)[:4]]].map(number)
    last = four.sum(axis=1).where(four.notna().all(axis=1))
    assert value(found, "分档名单", "收入增减：增收／户数") == (this > last).sum()
    assert value(found, "分档名单", "收入增减：减收／户数") == (this < last).sum()


def test_deadlines():
    own, found = households("奉节县"), summary("奉节县")
    day = dt.datetime(2023, 11, 30)
    assert found.days == [day.date()]
    watched = own[own["户类型"].isin(MONITORED) & (own["风险是否已消除"] == "未消除")]
    stock = watched[~(watched["纳入时间"] >= dt.datetime(2023, 1, 1))]
    made = stock["一户一策制定时间"].map(
        lambda cell: isinstance(cell, dt.datetime) and (cell.year, cell.month) == (2023, 1)
    )
    assert value(found, "时限", "一户一策制定／应办户数") == len(stock)
    assert value(found, "时限", "一户一策制定／按期") == made.sum()
    assert value(found, "时限", "一户一策制定／过期未办") == stock["一户一策制定时间"].isna().sum()
    new = own[own["户类型"].isin(MONITORED) & (own["纳入时间"] >= dt.datetime(2022, 10, 8))]
    kept = (new["一户一策制定时间"] - new["纳入时间"]).map(lambda gone: dt.timedelta(0) <= gone <= dt.timedelta(10))
    assert value(found, "时限", "新增监测对象措施／应办户数") == len(new)
    assert value(found, "时限", "新增监测对象措施／按期") == kept.sum()


def test_ranking_of_towns():
    own, found = followed("枣庄高新区"), summary("枣庄高新区")
    growth = {}
    for town, rows in own.groupby("乡镇"):
        pairs = [(number(row["纯收入"]), number(row["上年纯收入"])) for _, row in rows.iterrows()]
        pairs = [(a, b) for a, b in pairs if a is not None and b is not None]
        growth[town] = sum(a for a, _ in pairs) / sum(b for _, b in pairs) - 1
    lines = found.block("增速排名").parts[0][1]
    assert [line.labels[1] for line in lines] == sorted(growth, key=growth.get)
    assert [found.details.value(line.figures[-1], line.place) for line in lines] == sorted(growth.values())
    assert all(summary(name).block("增速排名") is None for name in NAMED if name != "枣庄高新区")


def test_the_quote_of_a_ranking_stands_in_its_clause():
    for name in NAMED:
        policy = document(name, current())
        rule = own_of(policy).ranking
        assert not rule or rule["quote"] in policy.clauses[rule["clause"]].text


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('[deadlines."没有的"]\ndone = ["plan_date"]', "no such deadline"),
        ('[deadlines."帮扶措施"]\ndone = ["no_field"]', "no_field"),
        ('[deadlines."帮扶措施"]\ndone = []', "required"),
        ('[ranking]\nclause = "99"\nquote = "无"', "clause"),
        ("[rankings]", "unknown key"),
    ],
)
def test_what_is_wrong_in_a_documents_summary_is_said(text, told, tmp_path):
    source = document("阜阳市", current()).folder
    folder = tmp_path / source.name
    folder.mkdir()
    (folder / "policy.toml").write_bytes((source / "policy.toml").read_bytes())
    (folder / "rules.py").write_bytes((source / "rules.py").read_bytes())
    (folder / "summary.toml").write_text(text, encoding="utf-8")
    with pytest.raises(PolicyError, match=told):
        own_of(Policy(folder))


# ---- what is due and was paid


@pytest.mark.parametrize("name", ["双碾乡", "枣庄高新区", "阜阳市", "奉节县"])
def test_dues(name, tmp_path):
    """As `fill` writes them into the ledger, added up from the file."""
    target = fill(WORKBOOKS / f"{name}台账.xlsx", tmp_path / "核算.xlsx").target
    rows = list(openpyxl.load_workbook(target, data_only=True)["台账"].values)
    heads = [str(head).replace("\n", "") for head in rows[2]]
    cells = pd.DataFrame(rows[3:], columns=heads, dtype=object)
    found = summary(name)
    lines = {line.labels[0]: line for line in found.block("兑现").parts[0][1]}
    checked = 0
    for head in (head for head in heads if head.startswith("应享") and not head.endswith("合计")):
        amounts = cells[head].map(lambda cell: Decimal(str(cell)) if isinstance(cell, int | float) else None).dropna()
        wrong = cells[head].map(lambda cell: isinstance(cell, str) and cell.startswith("#")).sum()
        label = head.removeprefix("应享")
        assert exact(found, "兑现", "应享金额", line=label) == Fraction(sum(amounts))
        assert value(found, "兑现", "应享人次", line=label) == (amounts > 0).sum()
        assert value(found, "兑现", "待改项", line=label) == wrong
        village = cells["行政村"].iloc[0]
        one = found.details.value(lines[label].figures[1], Place(village=village))
        assert one == Fraction(sum(amounts[cells["行政村"] == village], Decimal(0)))
        checked += 1
    assert checked == sum(not line.total and line.labels[1] != "贷款额度" for line in lines.values())
    assert value(found, "兑现", "兑现率（金额）", line="现金合计") is None  # nobody said what was paid


@pytest.mark.parametrize("name", ["双碾乡", "阜阳市"])
def test_paid_beside_due(name):
    ledger = read_ledger(WORKBOOKS / f"{name}台账.xlsx")
    with using(*ledger.settings.layers) as settings:
        paid = read_paid([WORKBOOKS / f"{name}发放表.xlsx"], settings)
    found = summarise([ledger], paid=paid)
    rows = list(openpyxl.load_workbook(WORKBOOKS / f"{name}发放表.xlsx", data_only=True).worksheets[0].values)
    roster = pd.DataFrame(rows[3:], columns=rows[2], dtype=object)
    roster = roster[roster["序号"].map(lambda cell: isinstance(cell, int)) & (roster["支付状态"] == "支付成功")]
    known = set(raw(f"{name}台账").person)
    roster = roster[roster["享受人身份证号"].map(lambda cell: str(cell).upper()[:18] in known)]
    lines = {line.labels[0]: line for line in found.block("兑现").parts[0][1]}
    for item, own in roster.groupby("事项"):
        if item in lines:
            assert exact(found, "兑现", "已发金额", line=item) == sum(map(number, own["补贴金额"]))
    for line in (line for line in lines.values() if line.labels[1] != "贷款额度"):
        due, got, over, settled, owed, unchecked = (
            found.details.value(line.figures[at], line.place) for at in (1, 3, 6, 4, 5, 7)
        )
        assert due == settled + owed + unchecked
        assert got <= settled + over + unchecked or line.labels[2] == "下限" or line.total
        rate = found.details.value(line.figures[8], line.place)
        assert rate == (settled / (settled + owed) if settled + owed else None)


# ---- what a figure comes from, and its formula


def test_a_figure_names_its_rows():
    people, found = raw("双碾乡台账"), summary("双碾乡")
    figure = found.figure("户数人数", "突发严重困难户／户数", village="甲禾村")
    own = people[(people["户类型"] == "突发严重困难户") & (people["行政村"] == "甲禾村")]
    there = own[own["户编号"].isin(own[own.alive]["户编号"])]
    (source,) = figure.sources
    assert (source.file, source.sheet) == ("双碾乡台账.xlsx", "台账")
    assert source.rows == tuple(there.index)


def test_figures_are_formulas_over_the_details():
    pages = {page.name: page for page in summary_pages(summary("阜阳市"))}
    page = pages["汇总_户数人数"]
    formulas = [cell.value for cell in page.cells.values() if isinstance(cell.value, Formula)]
    assert formulas and all("'汇总_明细'!" in one.text for one in formulas)
    detail = pages["汇总_明细"]
    heads = [detail.cells[2, column].value for column in range(detail.width)]
    own = heads.index("户数")
    assert sum(detail.cells[row, own].value for row in range(3, detail.height) if (row, own) in detail.cells) == 70
    assert len(set(detail.row_keys.values())) == len(detail.row_keys)


@pytest.mark.parametrize("name", NAMED)
def test_formulas_give_what_is_shown(name, tmp_path):
    """Another program calculates them all anew."""
    import formualizer

    pages = summary_pages(summary(name, compared=True))
    for page in pages:  # nothing to fall back on
        for spot, cell in page.cells.items():
            if isinstance(cell.value, Formula):
                page.cells[spot] = replace(cell, value=Formula(cell.value.text, 12345.678))
    file = tmp_path / "汇总.xlsx"
    file.write_bytes(page_workbook(pages))
    book = formualizer.load_workbook(str(file))
    book.evaluate_all()
    checked = 0
    for page in summary_pages(summary(name, compared=True)):
        area = formualizer.RangeAddress(page.name, 1, 1, page.height, page.width)
        cells = book.sheet(page.name).get_values(area)
        for (row, column), cell in page.cells.items():
            if isinstance(cell.value, Formula):
                shown, result = cells[row][column], cell.value.result
                if isinstance(result, str):
                    assert (shown or "") == result, (page.name, row, column, cell.value.text)
                else:
                    assert shown == pytest.approx(float(result), abs=1e-9), (page.name, row, column, cell.value.text)
                checked += 1
    assert checked > 200


def test_a_chart_never_stands_behind_a_long_table():
    """Where a sheet of paper ends differs between programs: above the tables it stands whole on the first one."""
    pages = {page.name: page for page in summary_pages(summary("阜阳市", True))}
    long, short = pages["汇总_四类收入"], pages["汇总_户数人数"]
    heads = [min(row for row, _ in page.cells if row > 1) for page in (long, short)]
    (above,), (below,) = long.charts, short.charts
    assert above.at[0] < heads[0] and heads[0] >= above.at[0] + above.height / 20
    assert below.at[0] >= short.height


def test_blanks_of_details_have_a_frame_and_persons_no_fen():
    detail = {page.name: page for page in summary_pages(summary("奉节县"))}["汇总_明细"]
    (frame,) = detail.colourings
    assert not frame.fill and frame.formula.endswith('4=""') and frame.area[2:] == (detail.height - 1, detail.width - 1)
    heads = [detail.cells[2, column].value for column in range(detail.width)]
    looks = {cell.style.number_format for (row, column), cell in detail.cells.items()
             if row > 2 and heads[column] == "人口"}  # fmt: skip
    assert looks == {"#,##0"}


def test_many_households_are_written_as_values(monkeypatch):
    monkeypatch.setattr(summary_module, "MOST_DETAILS", 150)  # the dues of the example have more rows
    pages = {page.name: page for page in summary_pages(summary("双碾乡"))}
    assert "汇总_应享明细" not in pages and "汇总_明细" in pages
    figures = pages["汇总_户数人数"].cells.values()
    assert not any(isinstance(cell.value, Formula) for cell in figures)
    assert any("汇总_应享明细" in str(cell.value) for cell in pages["汇总"].cells.values())


def test_no_number_of_a_person_is_in_a_page():
    numbers = set(raw("双碾乡台账").person)
    for page in summary_pages(summary("双碾乡")):
        texts = {str(cell.value) for cell in page.cells.values()} | set(page.row_keys.values())
        assert not any(
            number in text for text in texts if len(text) >= 18 for number in (text[:18],) if number in numbers
        )


# ---- small ledgers: what goes wrong is counted and listed

HEADS = (
    "行政村",
    "户编号",
    "姓名",
    "与户主关系",
    "证件号码",
    "户类型",
    "人口状态",
    "务工去向",
    "纯收入",
    "年度家庭人口数",
)
SETTINGS = {"核算口径": [["政策", "阜阳市"], ["业务日期", dt.date(2023, 11, 1)]]}


def person(number: int, **changes):
    usual = dict(
        zip(HEADS, ("甲村", f"H{number}", NAMES[number], "户主", IDS[number], "脱贫户", "正常", None, 30000, 3))
    )
    return [{**usual, **changes}[head] for head in HEADS]


def small(tmp_path, *rows, heads=HEADS, sheets=SETTINGS, name="台账.xlsx") -> Path:
    return write(tmp_path / name, ["某村台账"], list(heads), *rows, sheets=sheets)


def of(tmp_path, *rows, **how):
    return summarise([read_ledger(small(tmp_path, *rows, **how))])


def told(found) -> set[tuple[str, int]]:
    return {(doubt.item, doubt.row) for doubt in found.doubts}


def test_dirty_rows_are_counted_and_listed(tmp_path):
    found = of(
        tmp_path,
        person(0),
        person(1, 户编号="H0", 与户主关系="配偶", 纯收入=None, 年度家庭人口数=None),
        person(2, 行政村=None),
        person(3, 户编号=None),
        person(4, 与户主关系="之子"),
        person(5, 证件号码=IDS[0]),
        person(6, 户类型=None),
        person(7, 户类型="红色户"),
        person(8, 纯收入=None),
        person(9, 务工去向="外省打工"),
        person(10, 人口状态="死亡"),
    )
    assert value(found, "户数人数", "合计／户数") == 8  # H0, H2, H4 to H9: not H3 without a number, H10 is gone
    assert value(found, "户数人数", "合计／人数") == 9  # 11 rows, one dead, one twice
    assert value(found, "户数人数", "合计／户数", village="未填行政村") == 1
    assert value(found, "户数人数", "未填户类型／户数") == value(found, "户数人数", "待改／户数") == 1
    assert value(found, "户数人数", "没有计入（人）／重复") == 1
    assert value(found, "收入", "本年／待改户数") == 1
    assert value(found, "就业", "待改／人数") == 1
    assert told(found) >= {
        ("行政村", 5), ("户数", 6), ("户主", 7), ("人数", 8), ("户类型", 9), ("户类型", 10), ("人均纯收入", 11),
        ("务工去向", 12),
    }  # fmt: skip


def test_what_a_ledger_has_no_column_for_is_not_nil(tmp_path):
    found = of(tmp_path, person(0))
    items = {one.item: one.why for one in found.missing}
    assert "公益性岗位" in items and "帮扶措施" in items and "上年收入" in items and "时限：帮扶措施" in items
    assert found.block("帮扶措施") is None and found.block("时限") is None
    assert [column.key for column in found.block("收入").columns][-1] == "本年／人均纯收入"
    assert "知晓率" in items


def test_the_same_person_in_two_ledgers_counts_once(tmp_path):
    one = read_ledger(small(tmp_path, person(0), person(1)))
    other = read_ledger(small(tmp_path, person(1, 行政村="乙村"), person(2, 行政村="乙村"), name="乙.xlsx"))
    found = summarise([one, other])
    assert value(found, "户数人数", "合计／户数") == value(found, "户数人数", "合计／人数") == 3
    assert value(found, "户数人数", "合计／人数", village="乙村") == 1
    assert {doubt.file for doubt in found.doubts} == {"乙.xlsx"}


def test_a_ledger_without_a_column_does_not_make_another_ones_figure_nil(tmp_path):
    heads = (*HEADS, "公益性岗位")
    one = read_ledger(small(tmp_path, [*person(0), "保洁"], heads=heads))
    other = read_ledger(small(tmp_path, person(1, 行政村="乙村"), name="乙.xlsx"))
    found = summarise([one, other])
    assert value(found, "就业", "公益性岗位（人）／本年", village="甲村") == 1
    assert value(found, "就业", "公益性岗位（人）／本年", village="乙村") is None
    page = next(page for page in summary_pages(found) if page.name == "汇总_就业")
    row = next(row for row, key in page.row_keys.items() if key.endswith("乙村"))
    shown = [cell.value for (at, _), cell in page.cells.items() if at == row]
    assert "未统计" in shown


def test_two_documents(tmp_path):
    one = read_ledger(small(tmp_path, person(0, 纯收入=9000, 年度家庭人口数=1)))
    settings = {"核算口径": [["政策", "枣庄高新区"], ["业务日期", dt.date(2023, 11, 1)]]}
    other = read_ledger(
        small(tmp_path, person(1, 行政村="乙村", 户类型="脱贫享受政策户"), sheets=settings, name="乙.xlsx")
    )
    found = summarise([one, other])
    assert value(found, "户数人数", "合计／户数", document="阜阳市") == 1
    assert value(found, "分档名单", "收入分档：低收入／户数", document="枣庄高新区") == 1
    assert value(found, "分档名单", "收入分档：低收入／户数", document="阜阳市") is None


def test_farmers_are_given_typed_or_left_blank(tmp_path):
    heads = (*HEADS, "上年纯收入")
    rows = [[*person(0, 纯收入=33000), 30000]]
    ledger = read_ledger(small(tmp_path, *rows, heads=heads))
    nobody = summarise([ledger])
    assert [(one.part, one.holds) for one in nobody.judged if one.part in (2, 3)] == [(2, None), (3, None)]
    assert all(one.value is None for one in nobody.inputs)
    given = summarise([ledger], farmers=(20000, 21999))  # 10 % against 9.995 %, the gap grows from 10000 to 10999
    assert {one.part: one.holds for one in given.judged if one.part in (2, 3)} == {2: True, 3: False}
    typed = {"核算口径": [*SETTINGS["核算口径"], ["上年农民人均收入", 20000], ["本年农民人均收入", 22000]]}
    found = summarise([read_ledger(small(tmp_path, *rows, heads=heads, sheets=typed))])
    assert {one.part: one.holds for one in found.judged if one.part == 2} == {2: False}  # equal is not above
    assert "核算口径" in next(one.source for one in found.inputs if one.name == "farmer_last")


def test_fewer_whose_income_fell():
    found = summary("阜阳市", compared=True)
    judged = next(one for one in found.judged if one.part == 4)
    assert judged.holds is not None and not judged.lacking


def test_the_share_of_what_fell_is_judged_exactly(tmp_path):
    inputs = {"上年收入下降户数": 1, "上年总户数": 3}
    heads = (*HEADS, "上年纯收入")
    rows = [[*person(0), 40000], [*person(1), 30000], [*person(2), 20000]]
    found = summarise([read_ledger(small(tmp_path, *rows, heads=heads))], inputs=inputs)
    assert (
        next(one.holds for one in found.judged if one.part == 4) is False
    )  # one in three is not fewer than one in three


def test_an_expired_document_without_a_day_is_refused(tmp_path):
    settings = {"核算口径": [["政策", "枣庄高新区"]]}
    with pytest.raises(LedgerError, match="业务日期"):
        of(tmp_path, person(0), sheets=settings)


def test_due_but_not_received_is_no_income(tmp_path):
    heads = (*HEADS, "返乡回流", "自主创业", "首次创办小微企业", "以前已享受创业补贴")
    found = of(tmp_path, [*person(0), "是", "是", "是", "否"], heads=heads)
    assert value(found, "兑现", "应享金额", line="创业补贴") == 5000
    assert value(found, "收入", "本年／纯收入") == 30000


def test_measures_of_filled_plans(tmp_path):
    """What the plans say stands before the ledger's columns."""
    heads = (*HEADS, "产业帮扶")
    ledger = read_ledger(small(tmp_path, [*person(0), "技能培训、种养"], [*person(1), "种养"], heads=heads))
    done, open_one, offered = (SimpleNamespace(kind="产业", state=state) for state in ("已完成", "", "建议"))
    plans = [
        SimpleNamespace(key="H0", measures=[done, done, open_one, offered]),
        SimpleNamespace(key="H7", measures=[done]),
    ]
    found = summarise([ledger], plans=plans)
    assert value(found, "措施进度", "已完成", line="产业") == 2
    assert value(found, "措施进度", "未填状态", line="产业") == 1
    assert value(found, "措施进度", "建议", line="产业") == 1
    assert value(found, "帮扶措施", "产业／户数") == 1
    assert value(found, "帮扶措施", "产业／项数") == 3  # what is only proposed is no measure yet
    assert value(summarise([ledger]), "帮扶措施", "产业帮扶／项数") == 3


def test_growth_beside_the_farmers(tmp_path):
    heads = (*HEADS, "上年纯收入")
    ledger = read_ledger(small(tmp_path, [*person(0, 纯收入=33000), 30000], heads=heads))
    page = next(p for p in summary_pages(summarise([ledger], farmers=(20000, 21000))) if p.name == "汇总_收入")
    above = [
        cell.value.result for cell in page.cells.values() if getattr(cell.value, "text", "").count("汇总_填报数") == 4
    ]
    assert above == [0.05, 0.05]  # 10 % against 5 %: the village and the sum


# ---- files


def test_files_into_the_clerks_own_workbook(tmp_path):
    ledger = small(tmp_path, person(0), person(1))
    target = write(tmp_path / "我的汇总.xlsx", ["自己的表"], sheet="自己的")
    made = summarise_files([ledger], target)
    assert made.target == target
    book = openpyxl.load_workbook(target)
    assert book.sheetnames[0] == "自己的" and book["自己的"]["A1"].value == "自己的表"
    assert {"汇总", "汇总_户数人数", "汇总_明细", "汇总_待改清单"} <= set(book.sheetnames)
    assert summarise_files([ledger], target).made.changed == 0


def test_into_the_ledger_itself(tmp_path):
    """Its own sheets are not taken for the ledger the next time."""
    ledger = small(tmp_path, person(0), person(1))
    summarise_files([ledger], ledger)
    again = summarise_files([ledger], ledger)
    assert again.made.changed == 0 and value(again.summary, "户数人数", "合计／户数") == 2
    assert openpyxl.load_workbook(ledger).sheetnames[0] == "台账"


def test_a_folder_with_the_summary_in_it(tmp_path):
    small(tmp_path, person(0))
    target = tmp_path / "汇总.xlsx"
    summarise_files([tmp_path], target)
    assert value(summarise_files([tmp_path], target).summary, "户数人数", "合计／户数") == 1


def test_a_ledger_without_a_document_is_told(tmp_path):
    good, lone = small(tmp_path, person(0)), small(tmp_path, person(1), sheets={}, name="乙.xlsx")
    assert [name for name, _ in summarise_files([good, lone], tmp_path / "汇总.xlsx").failed] == ["乙.xlsx"]


def test_what_a_clerk_typed_is_used_the_next_time(tmp_path):
    heads = (*HEADS, "上年纯收入")
    ledger, target = small(tmp_path, [*person(0, 纯收入=33000), 30000], heads=heads), tmp_path / "汇总.xlsx"
    summarise_files([ledger], target)
    book = openpyxl.load_workbook(target)
    sheet = book["汇总_填报数"]
    for row in range(1, sheet.max_row + 1):
        if sheet.cell(row, 1).value in ("上年农民人均收入", "本年农民人均收入"):
            sheet.cell(row, 2).value = 20000 if sheet.cell(row, 1).value.startswith("上年") else 21000
    book.save(target)
    made = summarise_files([ledger], target)
    assert next(one.holds for one in made.summary.judged if one.part == 2) is True
    assert openpyxl.load_workbook(target)["汇总_填报数"]["B4"].value == 20000


def test_a_bad_file_stops_nothing(tmp_path):
    good = small(tmp_path, person(0))
    bad = tmp_path / "坏.xlsx"
    bad.write_bytes(b"PK\x03\x04 no workbook")
    made = summarise_files([good, bad], tmp_path / "汇总.xlsx")
    assert [name for name, _ in made.failed] == ["坏.xlsx"]
    cells = {cell.value for row in openpyxl.load_workbook(made.target)["汇总"] for cell in row}
    assert "坏.xlsx" in cells
    with pytest.raises(LedgerError):
        summarise_files([bad], tmp_path / "汇总2.xlsx")
