"""A ledger from the first template to the frozen copy, as a person makes it in Calc: typing, pressing buttons, saving.

Every amount is reckoned by hand from the text of 双发〔2022〕67号: 第10条 (跨省 1500, 省内区外 600), 第11条 (from
6 months and 1000 yuan a month on, 200 a month for 6 months), 第30条 (nothing, where incomes reach the line). With
XL_POVERTY_PICTURES=<folder> and a screen (DISPLAY) Calc runs in a window, and each step leaves a picture there.
"""
from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import openpyxl
import pytest
from calc_clerk import Clerk, unseen
from calc_office import started
from invented import completed

from xl_poverty.cli import main
from xl_poverty.formulas.signatures import signatures
from xl_poverty.hosts.libreoffice.packaging import build_oxt
from xl_poverty.workbook.references import letters_of

STEPS = Path(__file__).with_name("calc_journey_steps.py")
PICTURES = os.environ.get("XL_POVERTY_PICTURES")
#: menus as clerks have them, where the language pack is there
CHINESE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Setup/L10N"><prop oor:name="ooLocale" oor:op="fuse"><value>zh-CN</value></prop></item>
<item oor:path="/org.openoffice.Office.Linguistic/General">
<prop oor:name="UILocale" oor:op="fuse"><value>zh-CN</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Misc">
<prop oor:name="ShowTipOfTheDay" oor:op="fuse"><value>false</value></prop></item>
</oor:items>
"""
HOUSEHOLDS = 25
FIRST = 5  # the first row of data
WRONG = "106001198002300023"  # there is no 30 February


def people() -> list[dict]:
    """25 households of two: heads work in another province, every other spouse in another district for 900 a month."""
    found = []
    for number in range(1, HOUSEHOLDS + 1):
        works = number % 2
        watched = number % 5 == 0
        home = {
            "户编号": f"P{number:03}", "人口状态": "正常", "乡镇": "双碾乡", "村民小组": "一组",
            "行政村": "甲村" if number < 14 else "乙村",
            "户类型": "监测户" if watched else "脱贫户", "风险状态": "未消除" if watched else "无", "返乡回流": "否",
            "自主创业": "否", "有培训意愿": "否", "农村困难残疾人": "否", "参加实用技术培训": "否",
            "适合且稳定的产业项目": "否", "消费券对象类别": "其他", "开户银行名称": "某银行",
        }  # fmt: skip
        head = {
            "姓名": f"户主{number:02}", "证件号码": completed(f"1060011970{number % 12 + 1:02}01{number * 2 - 1:03}"),
            "与户主关系": "户主", "是否劳动力": "是", "务工去向": "跨省", "连续外出务工月数": 8, "月工资": 3000,
            "已就业": "是", "银行卡号": f"62000000000000{number:04}1", "年度家庭人口数": 2, "监测指导线": 7500,
            "工资性收入": 20000, "生产经营性收入": 5000, "财产性收入": 0, "转移性收入": 1000, "生产经营性支出": 1000,
        }  # fmt: skip
        spouse = {
            "姓名": f"配偶{number:02}", "证件号码": completed(f"1060011972{number % 12 + 1:02}02{number * 2:03}"),
            "与户主关系": "配偶", "是否劳动力": "是" if works else "否", "已就业": "是" if works else "否",
            "银行卡号": f"62000000000000{number:04}2",
        }  # fmt: skip
        if works:
            spouse |= {"务工去向": "省内区外", "连续外出务工月数": 7, "月工资": 900}
        found += [{**home, **head}, {**home, **spouse}]
    return found


#: by hand: 25 heads of 1500, 13 spouses of 600; 25 heads of 6 × 200, spouses below 1000 a month none
TRAVEL, JOBS = 25 * 1500 + 13 * 600, 25 * 1200


@pytest.fixture(scope="module")
def clerk(tmp_path_factory):
    home = tmp_path_factory.mktemp("calc")
    build_oxt(home / "xl_poverty.oxt", interpreter=Path(sys.executable))
    if PICTURES:
        (home / "profile" / "user").mkdir(parents=True)
        (home / "profile" / "user" / "registrymodifications.xcu").write_text(CHINESE, encoding="utf-8")
    with unseen(home):
        with started(home / "profile") as calc:
            calc.install(str(home / "xl_poverty.oxt"))
        with started(home / "profile", *(["--shown"] if PICTURES else [])) as calc:
            yield Clerk(calc, home)


class Ledger:
    """The ledger as it is open in Calc."""

    def __init__(self, clerk: Clerk, path: Path):
        self.clerk, self.calc, self.path = clerk, clerk.calc, path
        self.document = clerk.open(path)
        heads = self.calc.cells(self.document, "台账!A4:CA4")[0]
        self.columns = {head: letters_of(at) for at, head in enumerate(heads) if head}

    def column(self, head: str, count: int = HOUSEHOLDS * 2) -> str:
        letters = self.columns[head]
        return f"台账!{letters}{FIRST}:{letters}{FIRST + count - 1}"

    def paste(self, rows: list[dict]):
        for head in dict.fromkeys(head for row in rows for head in row):
            self.calc.fill(self.document, self.column(head, len(rows)), [[row.get(head)] for row in rows])

    def shows(self, head: str) -> list:
        return [cell for (cell,) in self.calc.cells(self.document, self.column(head))]

    def total(self, head: str):
        return self.calc.cells(self.document, f"台账!{self.columns[head]}3")[0][0]

    def press(self, caption: str):
        self.calc.of(STEPS).to_front(self.document)
        said = self.clerk.clicks(self.document, caption)
        assert not said["failed"], said["text"]

    def settled(self, head: str) -> list:
        """What a column shows when no formula waits to be put right any more."""
        for _ in range(300):
            shown = self.shows(head)
            if not any(isinstance(cell, dict) for cell in shown):
                return shown
            time.sleep(0.1)
        return shown


def picture(ledger: Ledger, name: str, place: str, document: int | None = None):
    if PICTURES:
        ledger.calc.of(STEPS).look_at(ledger.document if document is None else document, place)
        subprocess.run(["import", "-window", "root", str(Path(PICTURES) / f"{name}.png")], check=True)


def test_from_the_template_to_the_frozen_copy(clerk, tmp_path):
    folder = tmp_path / "帮扶 台账"
    folder.mkdir()
    path = folder / "甲乡台账.xlsm"
    assert main(["new", "台账", "--policy", "双碾乡", "-o", str(path)]) == 0
    ledger = Ledger(clerk, path)
    picture(ledger, "1_新台账", "操作!A1")

    # 50 people
    rows = people()
    assert len(rows) == 50
    right, rows[9]["证件号码"] = rows[9]["证件号码"], WRONG
    clerk.calc.put(ledger.document, "操作!B5", "2023-06-30")
    ledger.paste(rows)
    travel = ledger.settled("应享交通补贴")
    assert travel == [1500 if at % 2 == 0 else 600 if at // 2 % 2 == 0 else 0 for at in range(50)]
    assert ledger.settled("应享稳岗补助") == [1200 if at % 2 == 0 else 0 for at in range(50)]
    assert (ledger.total("应享交通补贴"), ledger.total("应享稳岗补助")) == (TRAVEL, JOBS)
    assert ledger.settled("人均纯收入")[::2] == [12500] * 25  # (20000 + 5000 + 1000 - 1000) / 2
    assert set(ledger.settled("应享现金合计")) == {2700, 600, 0} and ledger.total("应享现金合计") == TRAVEL + JOBS
    assert [row for row, told in enumerate(ledger.shows("待补")) if told] == [9]
    assert "证件号码有误" in ledger.shows("待补")[9]
    picture(ledger, "2_填好50人", f"台账!{ledger.columns['户编号']}{FIRST}")
    picture(ledger, "2_应享", f"台账!{ledger.columns['应享交通补贴']}{FIRST}")

    # a doubt, and what is done about it
    ledger.press("体检")
    place = f"{ledger.columns['证件号码']}{FIRST + 9}"
    assert place in doubtful(ledger)
    picture(ledger, "3_体检", "疑点表!A1")
    clerk.calc.put(ledger.document, f"台账!{place}", f"'{right}")
    ledger.press("体检")
    assert place not in doubtful(ledger)
    picture(ledger, "4_改好再体检", "疑点表!A1")

    # the summary
    ledger.press("生成汇总")
    told = {row[0]: row[1] for row in clerk.calc.cells(ledger.document, "汇总!A1:B30") if row[0]}
    assert (told["户数"], told["人数"], told["务工人数"]) == (25, 50, 38)
    assert told["应享现金（元）"] == TRAVEL + JOBS
    picture(ledger, "5_汇总", "汇总!A1")

    # saved by the clerk: formulas by their names, the sheets of the actions, the macros
    clerk.calc.save(ledger.document)
    kept = openpyxl.load_workbook(path, keep_vba=True)
    assert {"操作", "台账", "疑点表", "汇总"} <= set(kept.sheetnames)
    text = kept["台账"][f"{ledger.columns['应享交通补贴']}{FIRST}"].value
    assert "TRAVEL_SUBSIDY($L5," in text and "ORG." not in text.upper()
    shown = openpyxl.load_workbook(path, data_only=True)["台账"]
    assert shown[f"{ledger.columns['应享现金合计']}3"].value == TRAVEL + JOBS

    # the roster of what is paid to persons
    clerk.calc.put(ledger.document, cell_of(ledger, "事项"), "交通补贴、稳岗补助")
    ledger.press("生成花名册")
    roster = openpyxl.load_workbook(folder / "甲乡台账_花名册.xlsx", data_only=True)
    assert sums(roster) == {"交通补贴": (38, TRAVEL), "稳岗补助": (25, JOBS)}
    made = clerk.calc.of(STEPS).opened("甲乡台账_花名册.xlsx")
    picture(ledger, "6_花名册", "A1", made)

    # values for those who have nothing of ours
    ledger.press("固化导出")
    frozen = openpyxl.load_workbook(folder / "甲乡台账_固化.xlsm", keep_vba=True)
    texts = [cell.value for row in frozen["台账"].iter_rows() for cell in row if cell.data_type == "f"]
    assert not [text for text in texts if any(f"{name}(" in text for name in signatures())]
    column = ledger.columns["应享交通补贴"]
    assert [frozen["台账"][f"{column}{FIRST + at}"].value for at in range(50)] == travel
    assert "核算依据" in frozen.sheetnames
    made = clerk.calc.of(STEPS).opened("甲乡台账_固化.xlsm")
    picture(ledger, "7_固化", f"台账!{column}{FIRST}", made)


def doubtful(ledger: Ledger) -> set:
    """The cells that 疑点表 names."""
    rows = ledger.calc.cells(ledger.document, "疑点表!A1:J60")
    return {cell for row in rows for cell in row if isinstance(cell, str)}


def cell_of(ledger: Ledger, label: str) -> str:
    """Where 操作 asks for something."""
    rows = [row[0] for row in ledger.calc.cells(ledger.document, "操作!A1:A20")]
    return f"操作!B{rows.index(label) + 1}"


def sums(roster) -> dict:
    """Measure -> (rows, yuan) of the sheets of a roster."""
    found = {}
    for name in ("交通补贴", "稳岗补助"):
        rows = [[cell.value for cell in row] for row in roster[name].iter_rows()]
        top = next(at for at, row in enumerate(rows) if row[0] == "序号")
        column = rows[top].index("补贴金额")
        amounts = [row[column] for row in rows[top + 1 :] if isinstance(row[0], int)]
        found[name] = len(amounts), sum(amounts)
    return found
