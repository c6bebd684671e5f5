"""Public notices: who stands on one with what, what never does, for how long, and one sheet of paper per village."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import openpyxl
import pytest
from invented import completed
from small_ledgers import HEADS, IDS, NAMES, ledger, paid_roster, told, write

from xl_poverty.errors import LedgerError
from xl_poverty.summaries.notice import notice, notice_pages, period
from xl_poverty.summaries.roster import roster

WORKBOOKS = Path(__file__).parents[1] / "workbooks"
PHONE, ACCOUNT = "13900000000", "6228480000000000011"


def of_travel(folder, **more) -> Path:
    return ledger(folder, 4, 行政村={0: "甲村", 1: "甲村", 2: "乙村", 3: "乙村"}, 务工去向={1: "省内区外", 3: "区内"},
                  务工地点={0: "江苏省苏州市昆山市"}, 务工月数={0: 8, 1: 6}, 健康状况="残疾", 联系电话=PHONE,
                  银行账号=ACCOUNT, **more)  # fmt: skip


def made(source, **more):
    return notice(source, **{"start": "2025-12-01", "policy": "双碾乡", "as_of": "2025-11-30", "measures": ["交通补贴"],
                             **more})  # fmt: skip


def whole(file: Path) -> str:
    book = openpyxl.load_workbook(file)
    return "\n".join(str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row if cell.value)


# ---- how long


@pytest.mark.parametrize(
    ("start", "end", "days", "last"),
    [
        ("2025-12-01", None, None, dt.date(2025, 12, 6)),  # the first day does not count
        ("2025-12-01", "2025-12-06", None, dt.date(2025, 12, 6)),
        (dt.date(2024, 2, 27), None, None, dt.date(2024, 3, 3)),  # a leap year
        ("20251201", None, 7, dt.date(2025, 12, 8)),
    ],
)
def test_how_long(start, end, days, last):
    assert period(start, end, days)[1] == last


@pytest.mark.parametrize(("end", "days"), [("2025-12-05", None), ("2025-11-30", None), (None, 4), (None, 0)])
def test_too_short(end, days):
    with pytest.raises(LedgerError, match="公示不少于5天，公示当天不算，从2025年12月1日起最早到2025年12月6日"):
        period("2025-12-01", end, days)


def test_no_start_is_asked(tmp_path):
    with pytest.raises(LedgerError, match="公示从哪一天开始？"):
        made(of_travel(tmp_path), start=None)
    with pytest.raises(LedgerError, match="公示开始日期"):
        period("十二月")


# ---- what stands on it


def test_a_sheet_per_village(tmp_path):
    found = made(of_travel(tmp_path))
    assert [(one.title, [(line.name, line.amount) for line in one.lines]) for one in found.notices] == [
        ("关于甲村2025年度交通补贴拟发放名单的公示", [(NAMES[0], 1500), (NAMES[1], 600)]),
        ("关于乙村2025年度交通补贴拟发放名单的公示", [(NAMES[2], 1500)]),
    ]
    rows = told(found.target, "甲村")
    assert rows[1][0] == (
        "　　根据《中共朔州市平鲁区双碾乡委员会关于加大力度支持脱贫人口增收的若干措施》（双发〔2022〕67号）第10条，"
        "现将甲村2025年度交通补贴拟发放名单予以公示，共2人、2,100元，请群众监督。"
    )
    assert rows[2][:7] == ["序号", "姓名", "性别", "年龄", "务工时间", "务工地点", "金额（元）"]
    sexes = ["女" if int(number[16]) % 2 == 0 else "男" for number in IDS]
    assert rows[3][:7] == [1, NAMES[0], sexes[0], 55, "8个月", "江苏省苏州市昆山市", 1500]
    assert rows[4][:7] == [2, NAMES[1], sexes[1], 54, "6个月", "省内区外", 600]
    assert rows[5][6] == "=SUM(G4:G5)"
    text = "\n".join(str(row[0]) for row in rows[6:])
    assert "公示时间：2025年12月1日至2025年12月6日（5天，公示当天不算）" in text
    assert "联系人：" in text and "公示单位（盖章）" in text
    pages = notice_pages(found)
    assert all(page.one_page and not page.landscape for page in pages) and len(pages) == 2


def test_a_place_stands_on_one_line(tmp_path):
    heads, row = [*HEADS, "务工地点", "行政村"], ["H0", NAMES[0], "户主", IDS[0], "脱贫户", "普通劳动力", "跨省"]
    file = write(tmp_path / "台账.xlsx", heads, [*row, "内蒙古自治区呼和浩特市赛罕区大学东街", "甲村"])
    (page,) = notice_pages(made(file))
    where = next(column for column in range(page.width) if page.cells[2, column].value == "务工地点")
    assert page.widths[where] > 2 * 18 + 1.5


def test_what_never_stands_on_it(tmp_path):
    for masked in (False, True):
        found = made(of_travel(tmp_path), masked=masked, target=tmp_path / f"{masked}.xlsx")
        text = whole(found.target)
        assert not any(word in text for word in (*IDS, PHONE, ACCOUNT, "残疾", "脱贫户\n", "H0"))
        assert (f"{IDS[0][:6]}********{IDS[0][14:]}" in text) is masked
        assert ("证件号码" in text) is masked


def test_a_measure_that_is_not_about_work(tmp_path):
    source = ledger(tmp_path, 2, 实际种粮亩数=10, 务工去向=None, 务工地点="昆山", 行政村="甲村")
    found = made(source, measures=["种粮一次性补贴"])
    assert told(found.target, "甲村")[2][:5] == ["序号", "姓名", "性别", "年龄", "金额（元）"]
    assert "昆山" not in whole(found.target)


def test_many_persons_on_one_sheet(tmp_path):
    numbers = [completed(f"9999011985{1 + at // 28:02}{1 + at % 28:02}{at:03}") for at in range(50)]
    rows = [[f"H{at}", f"某{at}", "户主", number, "脱贫户", "普通劳动力", "跨省", "甲村"]
            for at, number in enumerate(numbers)]  # fmt: skip
    (page,) = notice_pages(made(write(tmp_path / "台账.xlsx", [*HEADS, "行政村"], *rows)))
    heads = [page.cells[2, column].value for column in (0, 1, 6, 7)]
    assert page.one_page and heads == ["序号", "姓名", "序号", "姓名"]
    assert page.cells[3 + 25 - 1, 1].value == "某24" and page.cells[3, 7].value == "某25"
    assert [cell.value.result for cell in page.cells.values() if hasattr(cell.value, "result")] == [75000]


def test_what_was_paid_is_not_put_up_again(tmp_path):
    paid = paid_roster(tmp_path, [IDS[0], "交通补贴", 1500, "2025-03-01"])
    found = made(of_travel(tmp_path), paid=[paid])
    assert [line.name for one in found.notices for line in one.lines] == [NAMES[1], NAMES[2]]
    assert not any("未核对" in remark for remark in found.remarks)
    assert any("未核对是否已享受" in remark for remark in made(of_travel(tmp_path)).remarks)


def test_of_a_roster(tmp_path):
    source = of_travel(tmp_path)
    listed = roster(source, ["交通补贴"], policy="双碾乡", as_of="2025-11-30").target
    found = notice(listed, start="2025-12-01")  # the document is told by the roster's 核算依据
    shown = [(one.title, [(line.name, line.sex, line.age, line.amount) for line in one.lines])
             for one in found.notices]  # fmt: skip
    sexes = ["女" if int(number[16]) % 2 == 0 else "男" for number in IDS]
    assert shown == [
        ("关于甲村2025年度交通补贴拟发放名单的公示",
         [(NAMES[0], sexes[0], 55, 1500), (NAMES[1], sexes[1], 54, 600)]),
        ("关于乙村2025年度交通补贴拟发放名单的公示", [(NAMES[2], sexes[2], 53, 1500)]),
    ]  # fmt: skip
    assert "第10条" in found.notices[0].text and not any(number in whole(found.target) for number in IDS)


# ---- 监测对象


def test_monitored_households(tmp_path):
    source = ledger(tmp_path, 5, 户编号={1: "H0"}, 与户主关系={1: "配偶"}, 行政村="甲村", 健康状况="患有大病",
                    户类型={0: "边缘易致贫户", 1: "边缘易致贫户", 2: "脱贫不稳定户", 3: "突发严重困难户"},
                    风险状态={0: "未消除", 1: "未消除", 2: "已消除"}, **{"致贫/返贫风险1": "因病"})  # fmt: skip
    found = notice(source, start="2025-12-01", policy="双碾乡", as_of="2025-11-30", monitored=True, masked=True)
    assert [(line.name, line.persons, line.kind) for one in found.notices for line in one.lines] == [
        (NAMES[0], 2, "边缘易致贫户")]  # fmt: skip
    rows = told(found.target, "甲村")
    assert rows[0][0] == "关于甲村防止返贫致贫监测对象名单的公示"
    assert rows[2][:5] == ["序号", "户主姓名", "家庭人口", "监测对象类别", "证件号码"]
    assert not any(word in whole(found.target) for word in ("因病", "患有大病", *IDS))
    assert found.remarks == ["有1户监测对象的风险状态没有填或各行不一致，没有列入公示"]
    with pytest.raises(LedgerError, match="没有要公示的人"):
        notice(ledger(tmp_path, 1, name="无.xlsx"), start="2025-12-01", policy="双碾乡", monitored=True)


def test_made_again_nothing_changes(tmp_path):
    source = of_travel(tmp_path)
    first = made(source).target.read_bytes()
    again = made(source)
    assert again.written.changed == 0 and again.target.read_bytes() == first


@pytest.mark.parametrize(
    ("file", "measure", "clause"),
    [
        ("双碾乡台账.xlsx", "交通补贴", "（双发〔2022〕67号）第10条"),
        ("枣庄高新区台账.xlsx", "生产保险保费补贴", "（枣高社字【2023】16号）第11条"),
        ("阜阳市台账.xlsx", "培训生活费补贴", "》第14条"),
        ("奉节县台账.xlsx", "孝善养老奖补", "》第八条"),
    ],
)
def test_the_examples(tmp_path, file, measure, clause):
    made = notice(WORKBOOKS / file, [measure], tmp_path / "公示.xlsx", start="2025-12-01")
    sheet = openpyxl.load_workbook(WORKBOOKS / file, data_only=True)["台账"]
    rows = list(sheet.iter_rows(values_only=True))
    heads = next(row for row in rows if "证件号码" in row)
    numbers = {str(row[heads.index("证件号码")])[:18] for row in rows if row[heads.index("证件号码")]} - {"证件号码"}
    text = whole(made.target)
    assert clause in text and not any(number in text for number in numbers)
    assert len(made.notices) == len({one.village for one in made.notices})
