"""Checks: each fires at the cell that is wrong and not beside it; what is made of them; none raises on dirt."""
from __future__ import annotations

import datetime as dt
import random
from dataclasses import replace

import numpy as np
import pytest
from check_cases import CASES, DAY, M1, M2, M3, W1, born, ledger, table
from hypothesis import HealthCheck, given, settings, strategies as st

from xl_poverty.errors import CellError, LedgerError
from xl_poverty.formulas.documents import documents
from xl_poverty.formulas.office import Settings
from xl_poverty.ledger.checks import blocked, checks, doubts, groups, masked, registry, run, why_blocked
from xl_poverty.ledger.fields import fields
from xl_poverty.ledger.files import error_cell

ALL = sorted(checks())
IDS = [f"{number}-{one.check}" for number, one in enumerate(CASES)]


def policy_of(name: str | None):
    return next(one for one in documents(Settings()) if one.short_name == name) if name else None


def made(one):
    return ledger(one.tables, policy=policy_of(one.policy), **one.others)


def places(of, findings) -> set[str]:
    """The hits of findings, as the cases write them."""
    found = set()
    for finding in findings:
        column, number = finding.column, next(n for n, t in enumerate(of.tables, 1) if t is finding.table)
        prefix = f"{number}/" if len(of.tables) > 1 else ""
        if column is None:
            found.add(f"{prefix if number > 1 else ''}*")
            continue
        name = column.field.name if column.field else column.header
        if column.field and finding.table.fields[name] is not column:
            name += "_2"
        rows = finding.rows.tolist() if len(finding.rows) else ["*"]
        found |= {f"{prefix}{name}:{row}" for row in rows}
    return found


def long_numbers(text: str) -> list[str]:
    """Runs of digits as long as a phone's."""
    return [part for part in "".join(c if c.isdigit() else " " for c in text).split() if len(part) >= 11]


# ---- each check


@pytest.mark.parametrize("one", CASES, ids=IDS)
def test_a_check_fires_at_the_wrong_cells_and_at_no_other(one):
    of = made(one)
    assert places(of, run(of, only=[one.check], limits={one.check: one.limits})) == one.hits


@pytest.mark.parametrize("name", ALL)
def test_every_check_has_a_case_where_it_fires_and_one_where_it_does_not(name):
    own = [one for one in CASES if one.check == name]
    assert any(one.hits for one in own), "no case in which it fires"
    assert any(len(one.hits) < one.cells for one in own), "no cell beside it that is right"


@pytest.mark.parametrize("one", CASES, ids=IDS)
def test_all_checks_run_over_the_cells_of_every_case(one):
    of = made(one)
    for doubt in doubts(of, run(of)):
        assert doubt.text and not {"nan", "NaT", "None"} & set(doubt.text.split()), doubt
        assert not long_numbers(doubt.value + doubt.text), doubt.check


def test_every_check_says_all_that_a_clerk_and_the_manual_need():
    for one in checks().values():
        assert one.about.endswith("。") and not one.remedy.endswith("。"), one.name
        assert one.title and one.source and one.group, one.name
    assert len(checks()) >= 80
    assert len({one.title for one in checks().values()}) == len(checks())
    told = [one.group for one in checks().values()]
    assert told == sorted(told, key=list(groups()).index), "a group does not stand together"
    assert sum(map(len, groups().values())) == len(checks())


# ---- ledgers without a doubt

SURNAMES = "甲乙丙丁戊己庚辛"


def household(rng: random.Random, number: int) -> list[dict]:
    """The rows of a household in which everything fits: a couple, a child at school, sometimes a mother."""
    home, income = f"{1000000000 + number}", [rng.randrange(9000, 30000) for _ in range(4)]
    spent, persons = rng.randrange(500, 2000), 3 + (number % 2)
    net = sum(income) - spent
    members = [("户主", "男", rng.randrange(1968, 1980)), ("配偶", "女", rng.randrange(1968, 1980)),
               ("之子", "男", 2012), ("之母", "女", rng.randrange(1940, 1950))][:persons]  # fmt: skip
    monitored = number % 3 == 0
    shared = {
        "household_id": home, "village": f"{SURNAMES[number % 8]}村",
        "household_size": persons, "persons_year": persons,
        "household_type": "边缘易致贫户" if monitored else "脱贫户",
        "monitor_type": "边缘易致贫户" if monitored else None,
        "risk_status": "未消除" if monitored else None, "identified_date": "2022-11-01" if monitored else None,
        "measures_date": "2022-11-08" if monitored else None, "risk": "因病" if monitored else None,
        "health_help": "大病救治" if monitored else None, "job_help": "外出务工补贴" if monitored else None,
        "head_name": f"{SURNAMES[number % 8]}户主{number}",
    }  # fmt: skip
    rows = []
    for place, (relation, sex, year) in enumerate(members):
        birth = f"{year}-{rng.randrange(1, 13):02}-{rng.randrange(1, 29):02}"
        adult, works = relation != "之子", relation == "户主"
        months = rng.randrange(1, 6)
        age = DAY.year - year - ((birth[5:7], birth[8:]) > ("06", "30"))
        rows.append(shared | {
            "name": f"{SURNAMES[number % 8]}{relation.removeprefix('之')}{number}", "relation": relation, "sex": sex,
            "id_number": born(birth, sex, number % 400), "birth_date": birth.replace("-", ""), "age": age,
            "education": "小学" if adult else None, "school": None if adult else "小学", "status": "正常",
            "health": "健康" if age < 60 else "长期慢性病",
            "is_labor": "普通劳动力" if adult and age < 60 else "无劳动力",
            "medical_insurance": "是", "pension_insurance": "是" if adult else "否",
            "phone": f"139{number:06}{place:02}", "bank_account": f"9900{number:09}{place:04}",
            "work_place": "江苏省苏州市昆山市" if works else None, "destination": "跨省" if works else None,
            "work_months": months if works else None, "monthly_wage": rng.randrange(2000, 5000) if works else None,
            "work_start": "2023-01-01" if works else None, "work_end": f"2023-0{months}-28" if works else None,
            "travel_paid": 600 if works else None,
        })  # fmt: skip
    names = ("wage_income", "operating_income", "property_income", "transfer_income")
    figures = dict(zip(names, income)) | {"annual_income": sum(income), "operating_expense": spent, "net_income": net}
    figures |= {"per_capita_income": round(net / persons, 2), "per_capita_last_year": round(net / persons / 1.1, 2)}
    for row in rows:
        row |= figures if row["relation"] == "户主" else dict.fromkeys(figures)
    rows[0]["head_name"] = rows[0]["name"]
    for row in rows[1:]:
        row["head_name"] = rows[0]["name"]
    return rows


def columns_of(rows: list[dict]) -> dict[str, list]:
    return {name: [row[name] for row in rows] for name in rows[0]}


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10**6), count=st.integers(2, 12))
def test_a_ledger_in_which_everything_fits_gives_no_doubt(seed, count):
    rng = random.Random(seed)
    rows = [row for number in range(count) for row in household(rng, number)]
    of = ledger([table(**columns_of(rows))], home="140603", policy=policy_of("阜阳市"))
    assert of.tables[0].kind == "人员"
    found = [(d.check, d.cell, d.text) for d in doubts(of, run(of)) if d.severity != "提示"]
    assert found == []


# ---- dirt

JUNK = [
    None, "", " ", "无", "待核实", "#N/A", error_cell("#REF!"), 0, -1, 1, 2.5, 1e17, 10**9, True, "x", "约3000",
    "￥0.3", "6个月", "2023.2", "2023-02-30", "至今", dt.datetime(2023, 1, 1), dt.date(1900, 1, 1), "99999999999",
    M1, M1 + "43", "999999197001010011", "户主", "之子", "配偶", "边缘易致贫户", "未消除", "已消除", "脱贫户", "死亡",
    "健康,残疾", "小学", "深圳", "在家", "跨省", "是", "否", "普通劳动力", "13800000001", "9900000000000000001", "因病",
    "甲一、甲二", "停发",
]  # fmt: skip


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(data=st.data())
def test_no_check_raises_on_dirty_cells(data):
    names = data.draw(st.lists(st.sampled_from(sorted(fields())), min_size=3, max_size=40, unique=True))
    height = data.draw(st.integers(1, 6))
    columns = {name: [data.draw(st.sampled_from(JUNK)) for _ in range(height)] for name in names}
    columns |= {"risk_2": ["因病"] * height} if "risk" in names else {}
    of = ledger([table("甲", **columns), table("乙", **columns)], home="140603", policy=policy_of("奉节县"))
    found = run(of)
    for doubt in doubts(of, found):
        assert not long_numbers(doubt.text), doubt.check
        assert not long_numbers(doubt.value), doubt.check
    blocked(of, found)


def test_every_cell_that_cannot_be_used_is_a_doubt():
    rng = random.Random(7)
    columns = {name: [rng.choice(JUNK) for _ in range(300)] for name in fields()}
    of = ledger([table(**columns)])
    told = places(of, run(of, only=["证件", "单元格", "表格"]))
    cells = [(name, row) for name in columns for row in np.flatnonzero(of.tables[0].cells(name).unusable).tolist()]
    assert len(cells) > 1000
    assert [f"{name}:{row}" for name, row in cells if f"{name}:{row}" not in told] == []


def test_every_field_at_once_full_of_dirt():
    rng = random.Random(4)
    columns = {name: [rng.choice(JUNK) for _ in range(400)] for name in fields()}
    of = ledger([table(**columns)], home="140603", policy=policy_of("奉节县"))
    assert len(list(doubts(of, run(of)))) > 1000


def test_a_table_without_rows_or_without_a_known_column_has_no_doubts():
    assert run(ledger([table(name=[], id_number=[])])) == []
    assert run(ledger([table(备注一=["甲", None], 备注二=[1, 2])])) == []


# ---- what is made of findings

_SEVERAL = dict(
    name=["甲一", "甲二", "甲三"], id_number=[M1[:17] + "?", W1, M3], household_id=["1", "1", "1"],
    relation=["之子", "配偶", "户主"], sex=["男", "男", "男"], monthly_wage=[3000, "约3000", 50], work_months=[5, 5, 5],
)  # fmt: skip


def test_doubts_come_in_the_order_of_work():
    of = ledger([table("乙", **_SEVERAL), table("甲", **_SEVERAL)])
    found = list(doubts(of, run(of)))
    order = ["错误", "疑点", "提示"]
    sheets = ["乙", "甲"]
    keys = [(order.index(d.severity), sheets.index(d.sheet), checks()[d.check].place, d.row or 0) for d in found]
    assert keys == sorted(keys) and len({key[:2] for key in keys}) >= 4


def test_a_doubt_tells_where_what_and_how():
    of = ledger([table(**_SEVERAL)])
    (doubt,) = doubts(of, run(of, only=["sex_differs"]))
    assert (doubt.sheet, doubt.cell, doubt.row, doubt.name, doubt.value) == ("表", "E3", 3, "甲二", "男")
    assert doubt.text == "填的是男，证件号码第17位是女"
    assert doubt.severity == "错误" and doubt.group == "证件" and doubt.remedy == "照证件核对，改正其中一处"


def test_personal_numbers_are_masked_wherever_they_stand():
    of = ledger([table(id_number=[M1[:17] + "?"], remark=[f"原号{M1}，电话13800000001"], bank_account=["1234567"])])
    told = {doubt.check: doubt.value for doubt in doubts(of, run(of))}
    assert told["cell_account"] == "12****7"
    assert told["id_unusable"] == f"{M1[:4]}{'*' * 12}{M1[16]}?"
    of = ledger([table(name=[f"甲一{M1}", "甲二"])])
    assert [doubt.value for doubt in doubts(of, run(of))] == [f"甲一{masked(M1)}"]


def test_masking_keeps_four_at_the_front_and_two_at_the_end_at_most():
    assert masked("990011197001010011") == "9900************11"
    assert masked("13800000001") == "138******01"
    assert masked("12345") == "1***5"
    assert masked("12") == "**" and masked("") == ""


def test_a_cell_merged_over_several_rows_is_told_once():
    one = table(household_id=["1", None, None, "2"], name=["甲一", "甲二", "甲三", "甲四"],
                net_income=[9000, None, None, 8000],
                annual_income=[10000, None, None, 9000], operating_expense=[500, None, None, 1000],
                more={"merged": [(1, place, 3, place) for place in (0, 2, 3, 4)]})  # fmt: skip
    of = ledger([one])
    assert [(d.cell, d.text) for d in doubts(of, run(of, only=["net_income_sum"]))] == [
        ("C2", "与年收入减生产经营性支出（9500元）不符")
    ]
    one = table(household_size=[0, None, 4], name=["甲一", "甲二", "甲三"], more={"merged": [(1, 0, 2, 0)]})
    of = ledger([one])
    found = run(of, only=["size_impossible"])
    assert [d.cell for d in doubts(of, found)] == ["A2"]
    assert blocked(of, found)[0, "household_size"].tolist() == [True, True, False]


def test_what_a_household_repeats_on_its_rows_is_told_once():
    of = ledger([table(household_id=["1", "1", "1", "2"], name=["甲一", "甲二", "甲三", "乙一"],
                       work_months=[13, 13, 1, 1], per_capita_income=[-1, 99, 99, 99])])  # fmt: skip
    assert [(d.cell, d.text) for d in doubts(of, run(of, only=["income_very_low"]))] == [
        ("D3", "不到500元，疑似单位是万元；本户另有1行也是"), ("D5", "不到500元，疑似单位是万元")
    ]  # fmt: skip
    assert [d.cell for d in doubts(of, run(of, only=["months_too_many"]))] == ["C2", "C3"]  # months are a person's


def test_a_household_number_is_shown_but_not_a_persons_number_in_its_place():
    of = ledger([table(household_id=["1000000000000001"] * 30 + ["10000000000001", M1], name=["甲一"] * 32)])
    shown = [(doubt.cell, doubt.value) for doubt in doubts(of, run(of, only=["household_length"]))]
    assert shown == [("A32", "10000000000001"), ("A33", masked(M1))]


def test_what_rests_on_a_doubtful_cell_is_blocked():
    of = ledger([table(monthly_wage=[3000, 3000, 3, 40000, 3000], sex=["男"] * 5)])
    found = run(of)
    assert {key: mask.tolist() for key, mask in blocked(of, found).items()} == {
        (0, "monthly_wage"): [False, False, True, True, False]
    }
    told = why_blocked(of, found)[0, "monthly_wage"]
    assert told[0] is None and "疑似单位是万元" in told[2] and "疑似填的是全年" in told[3]


def test_a_doubtful_column_blocks_all_its_rows():
    of = ledger([table(annual_income=[3.5, 4, 2.8, None])])
    assert blocked(of, run(of))[0, "annual_income"].all()


def test_the_day_is_told_and_today_where_nobody_says_one():
    columns = {"id_number": [born("2015-06-30")], "is_labor": ["普通劳动力"]}
    (finding,) = run(ledger([table(**columns)]), only=["minor_labour"])
    assert finding.text(0) == "不应有劳动力，本人8周岁，按业务日期（2023年6月30日）算"
    (finding,) = run(ledger([table(**columns, event_date=["2022-06-29"])]), only=["minor_labour"])
    assert finding.text(0) == "不应有劳动力，本人6周岁，按本行业务日期2022年6月29日算"
    (finding,) = run(ledger([table(**columns)], as_of=None), only=["minor_labour"])
    assert "按今天（" in finding.text(0)


# ---- choosing


def test_checks_are_chosen_by_name_title_or_group():
    of = ledger([table(**_SEVERAL)])
    names = {finding.check.name for finding in run(of)}
    assert {"sex_differs", "wage_very_low", "cell_money"} <= names
    assert {finding.check.name for finding in run(of, only=["证件"])} <= {one.name for one in groups()["证件"]}
    assert {finding.check.name for finding in run(of, only=["性别与证件号码不一致"])} == {"sex_differs"}
    left = {finding.check.name for finding in run(of, skip=["sex_differs", "单元格"])}
    assert left == names - {"sex_differs", "cell_money"}
    off = ledger([table(**_SEVERAL)], off=["sex_differs"])
    assert {finding.check.name for finding in run(off)} == names - {"sex_differs"}
    assert {finding.check.name for finding in run(off, only=["sex_differs"])} == {"sex_differs"}


def test_unknown_names_and_limits_are_refused():
    of = ledger([table(**_SEVERAL)])
    for wrong in (dict(only=["sexes"]), dict(skip=["没有这一组"]), dict(limits={"sexes": {}}),
                  dict(limits={"elder_post": {"years": 65}}), dict(limits={"elder_post": {"age": "65"}}),
                  dict(limits={"sex_differs": {"age": 1}})):  # fmt: skip
        with pytest.raises(LedgerError):
            run(of, **wrong)
    with pytest.raises(LedgerError, match="可以改的有：age"):
        run(of, limits={"elder_post": {"years": 65}})


def test_a_fault_of_a_check_is_not_swallowed(monkeypatch):
    def broken(t, terms):
        raise CellError("missing", "x")

    whole = dict(checks())
    whole["sex_differs"] = replace(whole["sex_differs"], function=broken)
    monkeypatch.setattr("xl_poverty.ledger.checks.running.checks", lambda: whole)
    with pytest.raises(LedgerError, match="sex_differs"):
        run(ledger([table(**_SEVERAL)]))


# ---- checks.toml


def _entries(tmp_path, monkeypatch, change) -> str:
    text = registry.FILE.read_text(encoding="utf-8")
    file = tmp_path / "checks.toml"
    file.write_text(change(text), encoding="utf-8")
    monkeypatch.setattr(registry, "FILE", file)
    registry.checks.cache_clear()
    try:
        with pytest.raises(ValueError) as caught:
            registry.checks()
    finally:
        monkeypatch.undo()
        registry.checks.cache_clear()
    return str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("[id_checksum]", "[id_check_sum]", ["id_check_sum: no function", "id_checksum: no entry"]),
        ('group = "证件"', 'grup = "证件"', ["unknown key grup", "lacks group"]),
        ('severity = "错误"', 'severity = "严重"', ["severity is not one of"]),
        ('needs = ["sex"', 'needs = ["sexes"', ["sex_differs: needs sexes, which is no field"]),
        ("age = 70 }", 'age = "70" }', ["elder_post: limit age is no number"]),
        ('tables = ["发放"]', 'tables = ["花名册"]', ["there is no kind of table 花名册"]),
        ("blocks = true", 'blocks = "yes"', ["blocks is no bool"]),
    ],
)
def test_mistakes_in_the_table_of_checks_are_all_told(tmp_path, monkeypatch, old, new, told):
    message = _entries(tmp_path, monkeypatch, lambda text: text.replace(old, new, 1))
    assert all(part in message for part in told), message


# ---- arrays


def test_ages_are_those_of_the_formulas():
    from xl_poverty.formulas.identity import full_years
    from xl_poverty.ledger.checks import facts

    days = [dt.date(y, m, d) for y in (2000, 2003, 2004) for m, d in ((2, 28), (3, 1), (1, 1), (12, 31))]
    days.append(dt.date(2004, 2, 29))
    for birth in days:
        got = facts.full_years(np.array([birth] * len(days), "M8[D]"), np.array(days, "M8[D]"))
        for day, years in zip(days, got.tolist()):
            assert years == full_years(birth, day) if day >= birth else years < 0, (birth, day)
    assert np.isnan(facts.full_years(np.array(["NaT"], "M8[D]"), np.array(["2020-01-01"], "M8[D]")))[0]


def test_numbers_are_taken_apart_as_by_the_formulas():
    from xl_poverty.formulas.identity import birth_date, id_check
    from xl_poverty.ledger.checks import facts
    from xl_poverty.ledger.cleaning import person_number

    texts = [M1, W1, M2 + "43", M1[:17] + ("1" if M1[17] != "1" else "2"), "990011197002300017", "990011188012310019",
             "990011700101001", "待核实", None, born("2000-02-29", "女", 7)]  # fmt: skip
    parts = facts.Numbers([person_number(text) for text in texts])
    for text, right, birth, sex in zip(texts, parts.right, parts.births, parts.sexes):
        if text and len(text) in (18, 20) and id_check(text) == "正确":
            assert right and birth.item() == birth_date(text)
            assert sex == (facts.MALE if int(text[16]) % 2 else facts.FEMALE)
        elif text and len(text) == 18:
            assert not right and np.isnat(birth) and sex == facts.UNKNOWN
