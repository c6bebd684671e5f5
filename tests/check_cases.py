"""Cases of the checks: small tables, and the cells at which one check fires; it does nowhere else in them.

    case("elder_post", "public_post:0", id_number=[born("1953-06-30"), born("1953-07-01")], public_post=["保洁"] * 2)

A hit is field:row (rows from 0), field:* for a column as a whole, * for the sheet; 2/field:row in the second table.
Columns are named by their fields, `risk_2` is a second column of risk. Expected by hand from the rules that the checks
name. All persons are invented, their numbers begin with an area that is not assigned.
"""
from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from invented import completed

from xl_poverty.errors import CellError
from xl_poverty.formulas.office import Layer, Settings
from xl_poverty.ledger.columns import Column
from xl_poverty.ledger.fields import fields
from xl_poverty.ledger.files import NO_RESULT, Book, Sheet, error_cell
from xl_poverty.ledger.layout import Dropped, Layout
from xl_poverty.ledger.reading import Ledger, LedgerTable

DAY = dt.date(2023, 6, 30)


def born(birth: str, sex: str = "男", n: int = 0) -> str:
    """An ID number of somebody born on a day: 1953-06-30."""
    return completed(f"990011{birth.replace('-', '')}{2 * n + (1 if sex == '男' else 2):03}")


@dataclass
class Sheeted:
    """One table of a case."""

    columns: dict[str, list]
    name: str = "表"
    units: dict[str, str] = field(default_factory=dict)
    title: str = ""
    dropped: list = field(default_factory=list)  # rows below the data: (why, {field: cell})
    more: dict = field(default_factory=dict)  # of the Sheet: hidden, hidden_rows, formulas …
    answers: dict[str, str] = field(default_factory=dict)

    def made(self) -> LedgerTable:
        known = fields()
        names = list(self.columns)
        of = {name: known.get(name) or known.get(name.rsplit("_", 1)[0]) for name in names}
        heads = [of[name].label if of[name] else name for name in names]
        height = max(map(len, self.columns.values()))
        assert {len(cells) for cells in self.columns.values()} == {height}, "columns of different lengths"
        rows = [heads, *map(list, zip(*self.columns.values()))]
        dropped = []
        for why, cells in self.dropped:
            dropped.append(Dropped(len(rows), why))
            rows.append([cells.get(name) for name in names])
        columns = [
            Column(place, (heads[place],), of[name], 1.0, "表头", self.units.get(name, ""))
            for place, name in enumerate(names)
        ]
        sheet = Sheet(self.name, rows, **self.more)
        layout = Layout(0, 0, columns, np.arange(1, height + 1), self.title, dropped)
        return LedgerTable(sheet, layout, self.answers)


def table(sheet: str = "表", /, units=None, title="", dropped=(), answers=None, more=None, **columns) -> Sheeted:
    return Sheeted(columns, sheet, units or {}, title, list(dropped), more or {}, answers or {})


def ledger(tables: list[Sheeted], as_of=DAY, policy=None, home="", lines=None, path="台账.xlsx", off=()) -> Ledger:
    made = [one.made() for one in tables]
    settings = Settings((Layer("选项", home=home, lines=lines or {}, checks={"off": list(off)} if off else {}),))
    book = Book(Path(path), "xlsx", list(dict.fromkeys(one.sheet for one in made)))
    return Ledger(book.path, book, made, policy, {}, settings, as_of)


@dataclass
class Case:
    check: str
    hits: frozenset[str]
    tables: list[Sheeted]
    limits: dict
    policy: str | None
    others: dict

    @property
    def cells(self) -> int:
        return sum(len(cells) for one in self.tables for cells in one.columns.values())


CASES: list[Case] = []


def case(check: str, hits: str = "", /, *tables: Sheeted, limits=None, policy=None, others=None, **columns) -> None:
    """A case of one table, of the columns given, or of several."""
    CASES.append(
        Case(check, frozenset(hits.split()), list(tables) or [table(**columns)], limits or {}, policy, others or {})
    )


M1, M2, M3 = born("1970-01-01"), born("1975-05-05", n=1), born("1995-03-03", n=2)
W1, W2 = born("1972-02-02", "女"), born("1998-08-08", "女", 1)
NAMES = ["甲一", "甲二", "甲三", "甲四", "甲五", "甲六"]


# ---- 证件

case("id_lost_digits", "id_number:0 id_number:1 head_id:2", id_number=[990011197001010000, "9.90011E+17", M1, M2],
     head_id=[M1, M1, 1.2e17, None])
case("id_length", "id_number:0 id_number:1", id_number=[M1[:17], M1 + "4", M1, M1 + "43", M1 + "43B1"])
case("id_checksum", "id_number:0 payee_id:1",
     id_number=[M1[:17] + ("0" if M1[17] != "0" else "1"), M1, None, 990011197001010000],
     payee_id=[M1, W1[:16] + str((int(W1[16]) + 2) % 10) + W1[17], None, None])
case("id_birth", "id_number:0", id_number=["990011197002300017", M1, "990011700101001"])
case("id_placeholder", "id_number:0", id_number=["999999197001010011", M1, "990011197001010000"])
case("id_old", "id_number:0", id_number=["990011700101001", M1, "99001170010100"])
case("id_unusable", "id_number:0 id_number:1", id_number=["9900I1197001010011", M1 + "99", "甲一", M1, M1 + "43"])
case("id_unusable", "", id_number=["待核实", "#N/A", None, "无"])
case("id_blank", "id_number:1", name=["甲一", "甲二", None, "甲四"], id_number=[M1, None, None, "999999197001010011"],
     status=["正常", None, None, None])
case("id_blank", "", name=["甲一", "甲二"], id_number=[M1, None], status=[None, "死亡"])
case("id_blank", "", name=["甲一", "甲二"], id_number=[None, None])
case("id_type_differs", "id_type:0 id_type:1", id_type=["残疾人证", "居民身份证", "残疾人证", "居民身份证", None],
     id_number=[M1, M1 + "43", M1 + "43", M1, M2 + "43"])
case("birth_differs", "birth_date:1 birth_date:3", id_number=[M1, M1, M1, M1, M1, M1[:17] + "?"],
     birth_date=["1970-01-01", "1970-01-02", "197001", "1970年2月", "1970", "1980-01-01"])
case("birth_impossible", "birth_date:1 birth_date:2",
     birth_date=["2023-06-30", "2023-07-01", "1902-06-30", "1902-07-01", None])
case("birth_impossible", "id_number:0", id_number=[born("2023-07-01"), born("2023-06-30")])
case("sex_differs", "sex:1 sex:2", id_number=[M1, M1, W1, W1, M1[:15] + "0002"], sex=["男", "女", "男", "女", "女"])
case("age_differs", "age:0 age:4", id_number=[M1, M1, M1, M1, M1], age=[51, 52, 53, 54, 55])  # 53 on the day
case("age_differs", "age:1", event_date=["2020-01-01", "2020-01-01"], id_number=[M1, M1], age=[50, 53])
case("id_duplicate", "id_number:2", id_number=[M1, M2, M1 + "43", None, None], household_id=["1", "1", "1", "1", "1"],
     relation=["户主", "之子", "之子", "之女", "其他"])
case("id_duplicate", "", id_number=[M1, M1], household_id=["1", "2"], relation=["户主", "户主"])
case("id_duplicate", "", id_number=[M1, M1], work_start=["202301", "202305"])  # spells, not persons
case("id_duplicate", "", id_number=[M1, M1], relation=["户主", "户主"], status=["迁出", "正常"])
case("id_two_households", "id_number:0 id_number:2", id_number=[M1, M2, M1, M3], household_id=["1", "1", "2", "2"],
     relation=["户主", "之子", "户主", "之子"])
case("id_two_households", "", id_number=[M1, M1], household_id=["1", "2"], relation=["之子", "户主"],
     status=["迁出", None])
_one_village = dict(id_number=[M1, M2], relation=["户主", "之子"], household_id=["1", "1"])
case("id_two_tables", "2/id_number:1", table("甲村", **_one_village),
     table("乙村", id_number=[W1, M2], relation=["户主", "之子"], household_id=["9", "9"]))
case("id_two_tables", "", table("甲村", **_one_village), table("监测对象", **_one_village))
case("id_two_names", "name:1", id_number=[M1, M1, M2, M2, None], name=["甲一", "甲乙", "乙 一", "乙　一", "丙一"])
case("id_two_names", "2/payee_name:0", table("人员", id_number=[M1], name=["甲一"]),
     table("发放", payee_id=[M1, M2], payee_name=["甲二", "乙一"]))
case("name_twice", "name:1", name=["甲一", "甲 一", "甲二", "甲一"], household_id=["1", "1", "1", "2"],
     id_number=[M1, M2, M3, W1], relation=["户主", "之子", "之子", "户主"])
case("name_twice", "", name=["甲一", "甲一"], household_id=["1", "1"], id_number=[M1, M1], relation=["户主", "之子"])
case("disability_category_differs", "disability_category:1", id_number=[M1 + "43", M1 + "43", M1, M2 + "11"],
     disability_category=["肢体", "视力", "视力", None])
case("disability_level_differs", "disability_level:1", id_number=[M1 + "43", M1 + "43", M1, M2 + "11"],
     disability_level=["三级", "二级", "二级", None])
case("head_id_differs", "head_id:1 head_id:4", household_id=["1", "1", "1", "2", "2"],
     relation=["户主", "之子", "之女", "户主", "之子"], id_number=[M1, M2, W2, M3, None],
     head_id=[M1, M2, M1, M3, M1])
case("head_id_differs", "", household_id=["1", "1"], relation=["户主", "户主"], id_number=[M1, M2], head_id=[W1, W1])
case("head_name_differs", "head_name:1", household_id=["1", "1", "1"], relation=["户主", "之子", "之女"],
     name=["甲一", "甲二", "甲三"], head_name=["甲　一", "甲二", "甲一"])

# ---- 人员

case("education_and_school", "school:0", education=["小学", "小学", None, None],
     school=["七年级", None, "七年级", None])
case("education_nor_school", "education:2", education=["小学", None, None, None],
     school=[None, "七年级", None, "在读"], name=NAMES[:4])
case("education_nor_school", "", education=[None], school=[None], name=["甲一"])
case("school_labour", "is_labor:0 is_labor:1", school=["本科一年级", "小学", "小学", None, "小学"],
     is_labor=["普通劳动力", "弱劳动力或半劳动力", "无劳动力", "普通劳动力", None])
# 17, 15, 20, 23
case("school_age", "school:0 school:3", school=["小学", "小学", "本科一年级", "七年级", None],
     id_number=[born("2006-06-30"), born("2007-07-01"), born("2003-01-01"), born("2000-01-01"), M1])
case("school_age", "", school=["小学"], id_number=[None])
case("dropped_out", "school:0", school=[None, None, "小学", None, None],
     id_number=[born("2010-01-01"), born("2008-06-30"), born("2012-01-01"), born("2011-01-01"), born("2016-07-01")],
     dropout_reason=[None, None, None, "因残", None])
# 15, exactly 16
case("minor_labour", "is_labor:0", id_number=[born("2007-07-01"), born("2007-06-30"), born("2010-01-01")],
     is_labor=["普通劳动力", "普通劳动力", "无劳动力"])
case("minor_post", "public_post:0", id_number=[born("2007-07-01"), born("2007-06-30"), born("2010-01-01")],
     public_post=["保洁员", "保洁员", "无"])
case("minor_work", "work_months:0", id_number=[born("2007-07-01"), born("2007-06-30"), born("2010-01-01")],
     work_months=[3, 3, 0])
# exactly 70 on the day
case("elder_post", "public_post:0", id_number=[born("1953-06-30"), born("1953-07-01"), born("1940-01-01")],
     public_post=["保洁员", "保洁员", None])
case("elder_post", "public_post_months:0", id_number=[born("1957-06-30"), born("1957-07-01")],
     public_post_months=[3, 3], limits={"age": 66})
case("elder_work", "monthly_wage:0", id_number=[born("1953-06-30"), born("1953-07-01")], monthly_wage=[2000, 2000])
case("healthy_without_labour", "is_labor:0 is_labor:1",
     id_number=[born("1970-01-01", n=3), born("1963-07-01"), born("1963-06-30"), M2, born("2007-07-01"), M3],
     health=["健康", "健康", "健康", "长期慢性病", "健康", "健康"],
     is_labor=["无劳动力", "弱劳动力", "无劳动力", "无劳动力", "无劳动力", "普通劳动力"])
case("healthy_without_labour", "", id_number=[M3], health=["健康"], is_labor=["无劳动力"], school=["本科一年级"])
case("no_labour_works", "is_labor:0", is_labor=["丧失劳动力", "无劳动力", "普通劳动力"], work_months=[3, 0, 3])
case("student_works", "work_months:0", school=["本科一年级", None, "小学"], work_months=[2, 2, None])
case("disability_without_level", "disability_level:0 disability_level:1",
     disability_category=["肢体", "肢体", "肢体", None], disability_level=[None, "无", "三级", None])
case("level_without_disability", "disability_category:0", disability_category=[None, None, "肢体"],
     disability_level=["三级", "无", "三级"])
case("disability_health", "health:0 disability_category:2", disability_category=["肢体", "肢体", None, None],
     health=["健康", "残疾,长期慢性病", "残疾", "健康"])
case("medical_twice", "employee_medical:0", medical_insurance=["是", "是", "否"], employee_medical=["是", "否", "是"])
case("medical_none", "medical_insurance:1", medical_insurance=["是", "否", "否", None],
     employee_medical=["否", "否", "是", None])
case("pension_twice", "employee_pension:0", pension_insurance=["是", "是", "否"], employee_pension=["是", "否", "是"])
case("pension_minor", "pension_insurance:0", pension_insurance=["是", "是", "否"],
     id_number=[born("2007-07-01"), born("2007-06-30"), born("2010-01-01")])
case("dibao_and_tekun", "tekun:0", dibao=["农村低保", "农村低保", "未享受"], tekun=["农村特困", "不享受", "农村特困"])
case("marriage_age", "marriage:0 marriage:2", marriage=["已婚", "已婚", "已婚", "已婚", "未婚"],
     id_number=[born("2001-07-01"), born("2001-06-30"), born("2003-07-01", "女"), born("2003-06-30", "女"),
     born("2010-01-01")])
case("party_age", "politics:0", politics=["中共预备党员", "中共党员", "共青团员"],
     id_number=[born("2005-07-01"), born("2005-06-30"), born("2008-01-01")])

# ---- 户

case("household_blank", "household_id:1", household_id=["1001", None, "1002", None],
     name=["甲一", "甲二", "甲三", None])
case("household_length", "household_id:20", household_id=["1000000001"] * 20 + ["100000001"])
# a tenth is another way of numbering; the national system has 10, 15 and 16 digits
case("household_length", "", household_id=["1000000001"] * 9 + ["100000001"])
case("household_length", "", household_id=["1000000001"] * 30 + ["1000000001000001", "100000000100001"])
case("head_missing", "relation:2", household_id=["1", "1", "2", "2", None],
     relation=["户主", "之子", "之子", "之女", "之子"])
case("head_several", "relation:1", household_id=["1", "1", "1", "2", "3"],
     relation=["户主", "户主", "之子", "户主", "户主"])
case("head_several", "is_head:1", household_id=["1", "1"], is_head=["是", "是"])
case("spouse_several", "relation:2", household_id=["1", "1", "1", "2"], relation=["户主", "配偶", "妻", "配偶"])
case("couple_of_one_sex", "relation:1", household_id=["1", "1", "2", "2"], relation=["户主", "配偶", "户主", "配偶"],
     id_number=[M1, M2, M3, W1])
case("relation_sex", "relation:0 relation:1", relation=["之女", "之父", "之子", "其他", "配偶"],
     id_number=[M1, W1, M2, W2, M3])
case("relation_sex", "relation:0", relation=["之女", "之女"], sex=["男", "女"])
case("younger_generation_older", "relation:1 relation:4", household_id=["1", "1", "1", "2", "2"],
     relation=["户主", "之子", "之女", "户主", "之孙子"],
     id_number=[M1, born("1970-01-01", n=9), W2, M2, born("1960-01-01")])
case("older_generation_younger", "relation:1", household_id=["1", "1", "1"], relation=["户主", "之母", "之父"],
     id_number=[M1, W1, born("1945-01-01")])
case("generation_close", "relation:1", household_id=["1"] * 5, relation=["户主", "之子", "之女", "之儿媳", "之孙子"],
     id_number=[M1, born("1983-12-31"), born("1984-01-02", "女"), born("1980-01-01", "女"), born("2005-01-01")])
case("head_minor", "relation:0", household_id=["1", "2"], relation=["户主", "户主"],
     id_number=[born("2007-07-01"), born("2007-06-30")])
case("spouse_young", "relation:0", relation=["配偶", "配偶", "之女"],
     id_number=[born("2005-07-01", "女"), born("2005-06-30", "女"), born("2015-01-01", "女")])
case("spouse_unmarried", "marriage:0", relation=["配偶", "配偶", "之子"], marriage=["未婚", "已婚", "未婚"])
case("head_gone", "status:0", relation=["户主", "户主", "之子"], status=["死亡", "正常", "死亡"])
case("size_differs", "household_size:0 persons_now:3", household_id=["1", "1", "2", "2", "2"],
     relation=["户主", "之子", "户主", "之子", "之女"], status=[None, None, None, "死亡", None],
     household_size=[3, 3, 2, 2, 2], persons_now=[2, 2, 2, 3, None])
case("size_impossible", "household_size:0 household_size:1 household_size:2",
     household_size=[0, 2.5, 31, 30, 1, None])
case("persons_year_differs", "persons_year:0", household_size=[5, 4, 3], persons_year=[3, 3, 3])
case("type_within", "household_type:1 risk_status:3", household_id=["1", "1", "2", "2", None],
     relation=["户主", "之子", "户主", "之子", "之子"],
     household_type=["脱贫户", "边缘户", "脱贫户", None, "一般农户"],
     risk_status=["无", "无", "未消除", "已消除", "无"])
case("size_within", "household_size:1", household_id=["1", "1", "2"], relation=["户主", "之子", "户主"],
     household_size=[2, 3, 4])
case("place_within", "village:1", household_id=["1", "1", "2"], relation=["户主", "之子", "户主"],
     village=["甲村", "乙村", "乙村"])
case("income_within", "per_capita_income:2", household_id=["1", "1", "1", "2"],
     relation=["户主", "之子", "之女", "户主"], per_capita_income=[9000, "9,000", 9100, 8000])
case("phone_shared", "phone:0 phone:2", household_id=["1", "1", "2", "2"],
     phone=["13800000001", "13800000002", "13800000009、13800000001", "13800000009"])
case("phone_shared", "", household_id=["1", "2"], phone=["13800000001", "13800000001"], limits={"households": 2})
case("phone_counties", "phone:0 phone:1", county=["甲县", "乙县", "甲县", "甲县"],
     phone=["13800000001", "13800000001", "13800000002", "13800000002"])
case("account_shared", "bank_account:0 bank_account:2", household_id=["1", "1", "2", "3"],
     bank_account=["9900000000000000001", "9900000000000000002", "9900000000000000001", None])
case("account_shared", "bank_account:0 bank_account:1", head_id=[M1, M2, M2],
     bank_account=["9900000000000000001", "9900000000000000001", "9900000000000000002"])
case("account_length", "bank_account:0", bank_account=["990000000000001", "9900000000000001", "9900000000000000001"])
# 6200 0000 0000 0000: doubled from the right every second digit, 6 → 12 → 3, 2 → 2: 5, so the last digit must be 5
case("account_check_digit", "bank_account:0",
     bank_account=["6200000000000000", "6200000000000005", "9900000000000001"])

# ---- 监测

case("monitor_type_differs", "monitor_type:0 monitor_type:1 monitor_type:2",
     household_type=["一般农户", "脱贫户", "边缘易致贫户", "脱贫户", "边缘易致贫户", "监测户", "一般农户"],
     monitor_type=["边缘易致贫户", "边缘易致贫户", "脱贫不稳定户", "脱贫不稳定户", "边缘易致贫户", "突发严重困难户",
     None])
case("monitor_type_missing", "monitor_type:0", household_id=["1", "2", "2", "3"],
     household_type=["边缘易致贫户", "边缘易致贫户", "边缘易致贫户", "脱贫户"],
     monitor_type=[None, None, "边缘易致贫户", None])
case("risk_status_missing", "risk_status:0", monitor_type=["边缘易致贫户", "边缘易致贫户", None],
     risk_status=[None, "未消除", None])
case("risk_status_none", "risk_status:0", monitor_type=["边缘易致贫户", "边缘易致贫户", None],
     risk_status=["无风险", "未消除", "无风险"])
case("risk_without_type", "risk_status:0", household_type=["脱贫户", "脱贫户", "边缘易致贫户"],
     risk_status=["未消除", "已消除", "未消除"])
case("risk_status_columns_differ", "risk_status_2:1", risk_status=["已消除", "已消除", None],
     risk_status_2=["已消除", "未消除", "未消除"])
case("cleared_without_date", "cleared_date:0", risk_status=["已消除", "已消除", "未消除"],
     cleared_date=[None, "202212", None])
case("date_without_cleared", "cleared_date:0", risk_status=["未消除", "已消除", None],
     cleared_date=["202212", "202212", "202212"])
case("cleared_before_identified", "cleared_date:0", identified_date=["2022-05-01", "2022-05-01", None],
     cleared_date=["2022-04-30", "2022-05-01", "2022-01-01"])
case("cleared_soon", "cleared_date:0 cleared_date:2",
     identified_date=["2022-01-15", "2022-01-15", "202201", "202201"],
     cleared_date=["2022-07-14", "2022-07-15", "202206", "202207"])
case("monitor_date_ahead", "identified_date:0 cleared_date:1", identified_date=["2023-07-01", "2023-06-30", None],
     cleared_date=[None, "2023-08-01", "2023-06-30"])
case("identified_without_type", "monitor_type:0", identified_date=["202201", "202201", None],
     monitor_type=[None, "边缘易致贫户", None])
case("identified_date_missing", "identified_date:0", identified_date=[None, "202201", None],
     monitor_type=["边缘易致贫户", "边缘易致贫户", None])
case("risk_missing", "risk:0", risk=[None, "因病", None, None], risk_2=[None, None, "因学", None],
     monitor_type=["边缘易致贫户", "边缘易致贫户", "边缘易致贫户", None])
case("risk_twice", "risk_2:0", risk=["因病", "因病"], risk_2=["因病", "因学"])

# ---- 收入

_KINDS = dict(wage_income=[1000, 1000, 1000, 1000], operating_income=[500, 500, 500, None],
              property_income=[0, 0, 0, 0], transfer_income=[100.5, 100.5, 100.5, 100])
case("annual_income_sum", "annual_income:2", **_KINDS, annual_income=[1600.5, 1601.5, 1601.51, 1600])
# less than one of its parts
case("annual_income_sum", "annual_income:0", wage_income=[1000, 1000], annual_income=[900, 5000])
case("wage_income_parts", "wage_income:1", work_income=[800, 800], public_post_income=[200, 200],
     other_wage_income=[0, 0], wage_income=[1001, 1002])
case("wage_income_parts", "wage_income:1 wage_income:2",
     table(work_income=[800, 800, 800], public_post_income=[None, None, 500], other_wage_income=[0, 0, 0],
     wage_income=[800, 900, 900], answers={"空白按0：公益性岗位收入": "是"}))
case("wage_income_parts", "", work_income=[800], public_post_income=[None], other_wage_income=[0], wage_income=[900])
case("operating_income_parts", "operating_income:1", planting_income=[300, 300], operating_income=[300, 298],
     breeding_income=[0, 0])
case("property_income_parts", "property_income:1", land_income=[300, 300], property_income=[300, 200])
case("transfer_income_parts", "transfer_income:1", dibao_income=[3000, 3000], pension_income=[1000, None],
     transfer_income=[4000, 2900])
case("operating_expense_parts", "operating_expense:1", planting_expense=[300, 300], breeding_expense=[100, 100],
     fruit_expense=[0, 0], other_expense=[0, 0], operating_expense=[400, 500])
case("net_income_sum", "net_income:2", annual_income=[10000, 10000, 10000, 10000],
     operating_expense=[2000, 2000, 2000, None], net_income=[8000, 8001, 8002, 5000])
case("net_income_sum", "net_income:1", annual_income=[10000, 10000], operating_expense=[2000, 2000],
     expense_subsidy=[500, 300], net_income=[8500, 8500])
case("per_capita_differs", "per_capita_income:1", net_income=[10000, 10000, 10000], persons_year=[3, 3, 0],
     per_capita_income=[3333.33, 3333.35, 5000])
case("per_capita_differs", "per_capita_income:1", net_income=[10000, 10000], persons_year=[3, 3],
     per_capita_income=[3333, 3335])
case("per_capita_size", "per_capita_income:1", net_income=[10000, 10000], household_size=[4, 4],
     per_capita_income=[2500, 3000])
case("per_capita_size", "", net_income=[10000], household_size=[4], per_capita_income=[5000], persons_year=[2])
case("income_negative", "wage_income:0 dibao_income:1", wage_income=[-1, 0], dibao_income=[0, -5],
     net_income=[-500, -500])
case("operating_without_expense", "operating_expense:0 operating_expense:1", operating_income=[100, 100, 0, 100],
     operating_expense=[0, None, 0, 10])
case("expense_over_income", "operating_expense:0", operating_income=[100, 100], operating_expense=[101, 100])
case("ecology_without_forest", "returned_forest_mu:0", ecology_income=[100, 100, 0], returned_forest_mu=[0, 2, 0])
case("dibao_monthly", "dibao_income:0", dibao_income=[199.99, 200, 0, None])
case("pension_monthly", "pension_income:0", pension_income=[87, 88, 0, None])
case("income_below_line", "per_capita_income:0", household_type=["脱贫户", "边缘易致贫户", "脱贫户"],
     per_capita_income=[3999.99, 3000, 4000])
case("income_below_line", "per_capita_income:1", household_type=["脱贫户", "脱贫户"], per_capita_income=[7300, 7299],
     others={"lines": {"监测指导线": {2023: (7300, "")}}})
case("income_below_line", "per_capita_income:0", monitor_type=[None, None], per_capita_income=[7299, 7299],
     guideline=[7300, 7000])
case("per_capita_high", "per_capita_income:0", per_capita_income=[100001, 100000])
case("income_very_low", "annual_income:1 per_capita_income:0", annual_income=[500, 3.5, 0, None],
     per_capita_income=[499.99, 500, -5, 0])
case("guideline_differs", "guideline:2", guideline=[7300, 7300, 7000, None])
case("unit_mixed", "monthly_wage:1 monthly_wage:4", monthly_wage=[3000, 3, 3000, 3.01, 300000, 299999, 3000, 0, None])
case("unit_mixed", "", monthly_wage=[3000, 3])  # two figures tell nothing
case("unit_mixed", "annual_income:1", annual_income=[35000, "¥3.5", 40000, 36000], limits={"least": 4})
case("column_unit", "annual_income:*", annual_income=[3.5, 4, 2.8, None])
case("column_unit", "net_income:*", table(net_income=[35000, 40000, 28000], units={"net_income": "万元"}))
case("column_unit", "", annual_income=[35000, 40000, 28000], per_capita_income=[50, 50, 49])
case("money_per", "monthly_wage:1 wage_income:0", monthly_wage=[3000, "3000元/年", "3000元/月"],
     wage_income=["1000元/月", "1000元/年", 1000])
case("income_identical", "wage_income:*", wage_income=[5000] * 5, property_income=[0] * 5,
     transfer_income=[1, 1, 1, 1, None])
case("income_jump", "per_capita_income:0", per_capita_income=[15001, 15000, 9000, 9000],
     per_capita_last_year=[10000, 10000, 0, None])
case("income_drop", "per_capita_income:0", per_capita_income=[7999, 8000, 9000],
     per_capita_last_year=[10000, 10000, None])
case("income_fall", "net_income:1", net_income=[7999, 8000, 10000, 11000],
     net_income_last_year=[10000, 10000, 10000, 10000])
case("income_unchanged", "annual_income:0", annual_income=[10000, 10001, 0],
     annual_income_last_year=[10000, 10000, 0])
case("wage_income_without_work", "wage_income:0", household_id=["1", "1", "2", "3"], wage_income=[0, None, 500, 0],
     monthly_wage=[None, 3000, 3000, 3000], work_months=[None, 5, 5, 0])
case("dibao_without_money", "dibao_income:0", household_id=["1", "1", "2", "2", "3"],
     dibao=["农村低保", "农村低保", "未享受", "农村低保", None], dibao_income=[0, None, 3000, None, 0])
case("money_without_dibao", "dibao_income:0", household_id=["1", "2", "2", "3"],
     dibao=["未享受", None, "农村低保", None], dibao_income=[3000, 3000, None, 0])
case("tekun_without_money", "tekun_income:0", tekun=["农村特困", "农村特困", None], tekun_income=[None, 9000, None])
case("money_without_tekun", "tekun_income:0", tekun=["不享受", "农村特困", None], tekun_income=[9000, 9000, 0])
case("pension_without_elder", "pension_income:0", household_id=["1", "1", "2", "3", "3"],
     pension_income=[1000, None, 1000, 1000, None], id_number=[born("1973-07-01"), M3, born("1973-06-30"), M3, None])

# ---- 务工

case("place_without_months", "work_months:0 work_months:1",
     work_place=["江苏省苏州市昆山市", "深圳", "在家", None, "深圳"], work_months=[None, 0, None, None, 3])
case("place_without_months", "", work_place=["深圳"], work_months=["半年左右"])
case("months_without_place", "work_place:0", work_place=[None, None, "深圳", None], work_months=[3, 0, 3, None])
case("months_without_wage", "monthly_wage:0 monthly_wage:1", monthly_wage=[None, 0, 3000, None, "面议"],
     work_months=[3, 3, 3, 0, 3], name=NAMES[:5])
case("months_without_wage", "monthly_wage:0", monthly_wage=[None, 3000, None], continuous_months=[6, 6, None])
case("months_without_wage", "monthly_wage:1", monthly_wage=[3000, None, None], working=["是", "是", "否"])
case("wage_without_months", "work_months:0", monthly_wage=[3000, 3000, 0], work_months=[None, 3, None])
case("home_with_months", "work_place:0", work_place=["在家", "在家", "深圳"], work_months=[3, 0, 3])
case("working_without_record", "working:0", working=["是", "是", "否"], work_months=[None, 3, None],
     monthly_wage=[None, None, None])
case("working_without_record", "", working=["是"], work_months=[None])
case("record_without_working", "working:0", working=["否", "否", "是"], work_months=[3, 0, 3])
case("months_too_many", "work_months:0 public_post_months:1", work_months=[12.5, 12, None],
     public_post_months=[12, 13, None])
case("continuous_over_months", "continuous_months:0", work_months=[6, 6, 6, 6], continuous_months=[8, 6, 18, None])
case("wage_very_low", "monthly_wage:0", monthly_wage=[99.99, 100, 0, 3000])
case("wage_low", "monthly_wage:1 monthly_wage:2", monthly_wage=[99, 100, 399, 400])
case("wage_high", "monthly_wage:1", monthly_wage=[30000, 30001, 3000])
case("spell_backwards", "work_end:0", work_start=["2023年03月", "2023年03月", None],
     work_end=["2023年02月", "2023年03月", "2020年01月"])
case("spell_ahead", "work_start:0", work_start=["2023-07-01", "2023-06-30", None], work_end=[None, None, None])
case("spells_overlap", "work_start:1 work_start:4", id_number=[M1, M1, M1, M2, M3, M3],
     work_start=["2023-01-01", "2023-03-01", "2023-05-01", "2023-02-01", "2023-04-01", "2023-01-01"],
     work_end=["2023-03-02", "2023-05-01", "2023-06-01", "2023-04-01", "2023-06-01", "2023-12-01"],
     others={"as_of": dt.date(2024, 1, 1)})
case("months_over_spell", "work_months:0", work_start=["2023-01", "2023-01", None],
     work_end=["2023-03", "2023-03", "2023-03"], work_months=[4, 3, 9])
case("place_short_of_county", "work_place:0 work_place:1 work_place:4",
     work_place=["深圳", "省外", "江苏省苏州市昆山市", "东莞", "山西太原", "在家", None, "越南"])
case("place_parts_missing", "work_county:0", work_province=["江苏省", "江苏省", None],
     work_county=[None, "昆山市", None])
case("destination_differs", "destination:0 destination:3",
     destination=["跨省", "省内区外", "区内", "区内", None, "跨省"],
     work_place=["太原市", "太原市", "朔州市平鲁区", "江苏省昆山市", "太原市", "某厂"], others={"home": "140603"})
case("destination_differs", "", destination=["跨省"], work_place=["太原市"])  # nobody says what 区内 is
case("channel_without_post", "public_post:0", channel=["公益性岗位", "公益性岗位", "外出务工"],
     public_post=[None, "保洁员", None])
case("gone_works", "status:0", status=["死亡", "死亡", "正常", "迁出"], work_months=[3, 0, 3, None])

# ---- 措施

case("travel_help_unpaid", "job_help:0", household_id=["1", "1", "2", "2", "3"],
     job_help=["技能培训,外出务工补贴", None, "外出务工补贴", None, "技能培训"],
     travel_paid=[0, None, None, 600, None])
case("travel_help_unpaid", "1/job_help:1", table("监测", id_number=[M1, M2],
     job_help=["外出务工补贴", "外出务工补贴"], relation=["户主", "户主"], household_id=["1", "2"]),
     table("务工", id_number=[M1, M2], work_start=["202301", "202301"], travel_paid=[600, 0]))
case("travel_paid_unregistered", "travel_paid:0", monitor_type=["边缘易致贫户", "边缘易致贫户", None],
     job_help=["技能培训", "外出务工补贴", None], travel_paid=[600, 600, 600])
case("labour_export_without_work", "job_help:0", household_id=["1", "1", "2", "2"],
     job_help=["劳务输出", None, "劳务输出", None], work_months=[0, None, None, 5])
case("post_help_without_post", "public_post_help:0 job_help:2", household_id=["1", "2", "3", "4"],
     public_post_help=["保洁", "保洁", None, "否"], job_help=[None, None, "公益性岗位", None],
     public_post=[None, "保洁员", None, None])
case("post_without_help", "public_post_help:0", monitor_type=["边缘易致贫户", "边缘易致贫户", None],
     public_post_help=[None, "保洁", None], public_post=["保洁员", "保洁员", "保洁员"])
case("post_without_months", "public_post_months:0", public_post=["保洁员", "保洁员", None],
     public_post_months=[None, 6, None])
case("post_income_without_post", "public_post_income:0", household_id=["1", "2", "2"],
     public_post_income=[6000, 6000, None], public_post=[None, None, "保洁员"])
case("posts_many", "public_post:0", household_id=["1", "1", "1", "2", "2"],
     public_post=["保洁员", "护林员", "护路员", "保洁员", "护林员"])
case("monitored_without_measure", "industry_help:0",
     monitor_type=["边缘易致贫户", "边缘易致贫户", "边缘易致贫户", None],
     risk_status=["未消除", "未消除", "已消除", None], industry_help=[None, None, None, None],
     job_help=[None, "技能培训", None, None], health_help=["否", None, None, None])
case("development_without_measure", "development_help:0", development_help=["是", "是", "尚未实施"],
     industry_help=[None, "种植", None], job_help=[None, None, None])
case("risk_without_measure", "health_help:0", monitor_type=["边缘易致贫户"] * 3, risk=["因病", "因病", "因学"],
     health_help=[None, "大病救治", None])
case("guarantee_without_measure", "housing_help:0 water_help:1", unsafe_house=["是", "否", "是"],
     housing_help=[None, None, "危房改造"], safe_water=["是", "否", "是"], water_help=[None, None, None])
case("uninsured_flag_differs", "uninsured_member:0", household_id=["1", "1", "2"],
     uninsured_member=["否", None, "是"], medical_insurance=["是", "否", "否"])
case("no_labour_flag_differs", "no_labor_household:0", household_id=["1", "1", "2"],
     no_labor_household=["是", None, "是"], is_labor=["无劳动力", "普通劳动力", "无劳动力"])
case("household_measure_repeated", "grain_mu:1", household_id=["1", "1", "2", "2"],
     relation=["户主", "之子", "户主", "之子"], grain_mu=[10, 10, 10, None])

# ---- 发放

_ROSTER = dict(name=["甲一", "甲二", "甲三"], paid_measure=["交通补贴"] * 3, paid_amount=[600, 600, 600])
case("roster_id_length", "id_number:1", **_ROSTER, id_number=[M1, M2 + "43", M3])
case("roster_repeated", "id_number:2", name=["甲一", "甲二", "甲一", "甲一", "甲一"], id_number=[M1, M2, M1, M1, M1],
     paid_measure=["交通补贴", "交通补贴", "交通补贴", "稳岗补助", "交通补贴"], paid_amount=[600] * 5,
     paid_state=["已支付", None, None, None, "退回"])
case("roster_group_blank", "group:1", **_ROSTER, group=["一组", None, "二组"])
case("roster_payee", "payee_id:2", **_ROSTER, id_number=[M1, M2, M3], head_id=[M1, M1, M1], payee_id=[M1, M1, W1])
case("roster_payee", "payee_name:2", **_ROSTER, head_name=["甲一", "甲一", "甲一"],
     payee_name=["甲一", "甲二", "乙一"])
case("roster_account_blank", "bank_account:0", **_ROSTER, bank_account=[None, "9900000000000000001", None],
     paid_state=[None, None, "停发"])
case("roster_stop_reason", "stop_reason:0", **_ROSTER, paid_state=["停发", "停发", "已支付"],
     stop_reason=[None, "死亡", None])
case("roster_corrected", "paid_amount:2", **{**_ROSTER, "paid_amount": [500, 600, 601]},
     paid_original=[600, 600, 600])
case("roster_amount", "paid_amount:0 paid_amount:1", **{**_ROSTER, "paid_amount": [None, 0, 600]})
case("roster_amount", "", **{**_ROSTER, "paid_amount": [None, 0, 600]}, paid_state=["停发", "退回", "已支付"])
case("roster_standard", "paid_amount:2", **{**_ROSTER, "paid_amount": [600, 1200, 700]},
     paid_standard=[600, 600, 600])
case("roster_date_ahead", "paid_date:1", **_ROSTER, paid_date=["2023-06-30", "2023-07-01", None])
case("roster_account_differs", "2/bank_account:1",
     table("人员", id_number=[M1, M2], relation=["户主", "户主"],
     bank_account=["9900000000000000001", "9900000000000000002"]),
     table("发放", **_ROSTER, id_number=[M1, M2, M3],
     bank_account=["9900000000000000001", "9900000000000000009", "9900000000000000003"]))
case("roster_stranger", "2/id_number:2", table("人员", id_number=[M1, M2], relation=["户主", "户主"]),
     table("发放", **_ROSTER, id_number=[M1, M2 + "43", M3]))
case("roster_stranger", "", **_ROSTER, id_number=[M1, M2, M3])
case("gone_paid", "2/paid_amount:0", table("人员", id_number=[M1, M2, M3], relation=["户主", "户主", "户主"],
     status=["死亡", "迁出", None]), table("发放", **_ROSTER, id_number=[M1, M2, M3],
     paid_state=[None, "退回", None]))
case("gone_paid", "travel_paid:0", status=["自然减少", "自然减少", "正常"], travel_paid=[600, 0, 600])

# ---- 时限

# from the day of identification 10 days, that day not counted
case("new_measures_late", "measures_date:1 measures_date:2", policy="阜阳市", others={"as_of": dt.date(2023, 12, 1)},
     identified_date=["2023-10-01", "2023-10-01", "2023-10-01", "2023-11-21", "2023-01-01"],
     measures_date=["2023-10-11", "2023-10-12", None, None, None])
case("new_measures_late", "", identified_date=["2023-10-01"], measures_date=[None])
case("measures_late", "measures_date:1 measures_date:2", policy="阜阳市", others={"as_of": dt.date(2023, 12, 1)},
     monitor_type=["边缘易致贫户", "边缘易致贫户", "边缘易致贫户", "边缘易致贫户", None],
     risk_status=["未消除", "未消除", "未消除", "已消除", None],
     measures_date=["2023-11-30", "2023-12-01", None, None, None])
case("measures_late", "", policy="阜阳市", others={"as_of": dt.date(2023, 11, 30)}, monitor_type=["边缘易致贫户"],
     measures_date=[None])
case("plan_late", "plan_date:1 plan_date:2", policy="奉节县", monitor_type=["边缘易致贫户"] * 4,
     identified_date=["2022-11-01", "2022-11-01", "2022-11-01", "2023-01-15"],
     plan_date=["2023-01-31", "2023-02-01", None, None])
case("review_late", "review_date:1 review_date:2", policy="奉节县", others={"as_of": dt.date(2023, 8, 1)},
     monitor_type=["边缘易致贫户"] * 3, review_date=["2023-07-01", "2023-06-30", None])
case("review_late", "", policy="奉节县", monitor_type=["边缘易致贫户"], review_date=[None])  # it is still June
case("identified_without_measures", "measures_date:0",
     identified_date=["2023-06-19", "2023-06-20", "2023-01-01", None], measures_date=[None, None, "2023-01-09", None])
case("identified_without_measures", "industry_help:0", identified_date=["2023-01-01", "2023-01-01"],
     industry_help=[None, "种植"])
case("measures_before_identified", "measures_date:0", identified_date=["2023-01-02", "2023-01-02", "202301"],
     measures_date=["2023-01-01", "2023-01-02", "2022-12-01"])

# ---- 表格

_NO_RESULT = CellError("excel_error", NO_RESULT, "#N/A")
_ERRORS = dict(monthly_wage=[error_cell("#N/A"), 3000, error_cell("#NAME?"), "#REF!", _NO_RESULT],
               备用=[None, error_cell("#DIV/0!"), None, None, "N/A"])
case("error_cell", "monthly_wage:0 monthly_wage:3 备用:1", **_ERRORS)
case("name_error", "monthly_wage:2", **_ERRORS)
case("formula_without_result", "monthly_wage:4", **_ERRORS)
case("formula_overwritten", "per_capita_income:2",
     table(per_capita_income=[9000, 9100, 9200, None], net_income=[1, 2, 3, 4],
     more={"formulas": {(1, 0): "=B2", (2, 0): "=B3", (1, 1): "=1"}}))
case("hidden_rows", "*", table(name=NAMES[:4], id_number=[M1, M2, M3, W1], more={"hidden_rows": {2, 3, 40}}))
case("hidden_rows", "", table(name=NAMES[:2], more={"hidden_rows": {0, 40}}))
case("hidden_columns", "id_number:*", table(name=NAMES[:2], id_number=[M1, M2], 备用=[1, 2],
     more={"hidden_columns": {1, 2, 9}}))
case("hidden_sheet", "*", table("藏", name=NAMES[:2], more={"hidden": True}), table("表", name=NAMES[:2]))
case("number_as_text", "monthly_wage:1", monthly_wage=[3000, "3200", 3100, "面议", None],
     work_months=["3", "5", "6", "7", "8"])
case("number_as_text", "monthly_wage:*", monthly_wage=["3000", "3200", 3100])
case("column_empty", "household_id:*", name=NAMES[:2], household_id=[None, "无"], remark=[None, None])
case("rows_repeated", "name:2", name=["甲一", "甲二", "甲一", "甲一"], work_months=[3, 4, 3, 3],
     monthly_wage=[3000, 3000, 3000, None], sequence=[1, 2, 3, 4])
case("rows_repeated", "", name=["甲一", "甲一"], work_months=[3, 3])
case("total_differs", "wage_income:*", table(wage_income=[1000, 2000], property_income=[100, 200], name=NAMES[:2],
     dropped=[("合计", {"wage_income": 3002, "property_income": 301, "name": "合计"})]))
case("total_differs", "", table(wage_income=[1000, 1000, 2000], household_id=["1", "1", "2"],
     dropped=[("合计", {"wage_income": 3000})]))
case("total_differs", "", table(wage_income=[1000, 2000],
     dropped=[("小计", {"wage_income": 1}), ("合计", {"wage_income": 1})]))
case("colour_told", "*", table("人员（标红为停发）", name=NAMES[:2]))
case("colour_told", "*", table(name=NAMES[:2], title="花名册"), others={"path": "花名册（已做停发）.xlsx"})
case("colour_told", "", table("红旗村", name=NAMES[:2]))

# ---- 单元格

case("cell_key", "household_id:0", household_id=[1.00000000012e17, 1000000001, "1000000001", None, "待核实"])
case("cell_name", "name:0 name:1", name=["甲一、甲二", "张*", "阿依古丽·买买提", "张 三", None])
case("cell_phone", "phone:0", phone=["1380000", "13800000001", 13800000002.0, "8108123、8141123"])
case("cell_account", "bank_account:0 bank_account:1",
     bank_account=[6200000000000000005, "12345", "9900000000000000001"])
case("cell_date", "birth_date:0 identified_date:1", birth_date=["2023.2.30", "19650312"],
     identified_date=["202210", "去年"])
case("cell_months", "work_months:0", work_months=["常年", 6, None, "0"])
case("cell_money", "monthly_wage:0 monthly_wage:1 monthly_wage:2 wage_income:0",
     monthly_wage=["2000-3000", "6个月", "月入3千", "1,200元"], wage_income=["约5000", 0, "-", 1])
case("cell_number", "household_size:0", household_size=["三四口", 3, "3人", None])
case("cell_flag", "pension_insurance:0", pension_insurance=["不清", "√", "0", None])
case("cell_word", "relation:0 health:1", relation=["老表", "妻", "本人", None],
     health=["健康", "感冒", "残疾,长期慢性病", None])
case("cell_place", "work_place:0", work_place=[1.2e17, "深圳", "某地", None])
case("cell_text", "group:0", group=[1.2e17, "一组", 3, None])
case("cell_undecided", "id_number:0 monthly_wage:1", id_number=["待核实", M1], monthly_wage=[3000, "不详"],
     remark=["一", "二"])
case("cell_remark", "name:0", name=["甲一（已迁出）", "甲二", "甲*"])
