"""Files of villages as one ledger. What is expected is counted by hand, or read with openpyxl from the files."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import zipfile

import openpyxl
import pytest
from openpyxl.utils import get_column_letter
from villages import BROKEN, HEADERS, book, id_of, person, save

from xl_poverty.errors import LedgerError
from xl_poverty.ledger.reading import read_ledger
from xl_poverty.summaries import gathering
from xl_poverty.summaries.joining import _named
from xl_poverty.summaries.merging import merge, village_names

SPELL_HEADERS = ("姓名", "证件号码", "务工地点", "务工开始时间", "务工结束时间")


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "各村").mkdir()
    return tmp_path / "各村"


def rows_of(path, sheet="合并台账"):
    return [list(row) for row in openpyxl.load_workbook(path)[sheet].iter_rows(values_only=True)]


def columns_of(path):
    """Header -> its cells."""
    head, *rows = rows_of(path)
    return {name: [row[at] for row in rows] for at, name in enumerate(head)}


def adds_up(merged):
    assert merged.rows_in == merged.rows_out + merged.rows_left
    for file in merged.files:
        own = sum(len(part) for part in merged.parts if part.file == file.file)
        assert file.rows == own + sum(len(left.rows) for left in merged.left if left.file == file.file)
    return merged


# ---- rows


def test_every_row_of_two_files_with_where_it_comes_from(folder, tmp_path):
    save(folder / "甲村.xlsx", [person("甲村", 1, 1), person("甲村", 2, 1, "配偶", None)], before=[("甲村台账",)])
    save(folder / "乙村.xlsx", [person("乙村", 3, 2)], after=[("合计", None, None, None, None, None, 3000)])
    merged = adds_up(merge(folder, tmp_path / "镇.xlsx"))
    # 乙村 sorts before 甲村: header, a row and a total; title, header and two rows
    assert (merged.rows_in, merged.rows_out, merged.rows_left) == (7, 3, 4)
    head, *rows = rows_of(tmp_path / "镇.xlsx")
    assert head == [*HEADERS, "来源文件", "来源工作表", "来源行"]
    assert rows == [
        [*person("乙村", 3, 2), "乙村.xlsx", "台账", 2],
        [*person("甲村", 1, 1), "甲村.xlsx", "台账", 3],
        [*person("甲村", 2, 1, "配偶", None), "甲村.xlsx", "台账", 4],
    ]
    assert {(one.file, one.why, one.rows) for one in merged.left} == {
        ("乙村.xlsx", "表头", (1,)), ("乙村.xlsx", "合计", (3,)),
        ("甲村.xlsx", "标题", (1,)), ("甲村.xlsx", "表头", (2,)),
    }  # fmt: skip


def test_cells_are_copied_as_they_are(folder, tmp_path):
    odd = ["  前后空格 ", "=不是公式", "1.50", 1.5, 0, True, dt.date(2023, 2, 1), dt.datetime(2023, 2, 1, 8, 30),
           "<&>", "两\n行", "2023.2.1", -3, "00123", 44927]  # fmt: skip
    rows = [(*person("甲村", number, number), value) for number, value in enumerate(odd)]
    made = book(rows, (*HEADERS, "杂项"))
    for number, value in enumerate(odd):
        if isinstance(value, str):
            made.active.cell(number + 2, 8).data_type = "s"
    made.active["H20"] = "#DIV/0!"
    made.active["H20"].data_type = "e"
    for column, value in enumerate(person("甲村", 20, 20), 1):
        made.active.cell(20, column, value)
    made.save(folder / "甲村.xlsx")
    adds_up(merge(folder, tmp_path / "镇.xlsx"))
    sheet = openpyxl.load_workbook(tmp_path / "镇.xlsx")["合并台账"]
    found = [sheet.cell(row, 8) for row in range(2, 2 + len(odd))]
    dates = [dt.datetime(2023, 2, 1) if value == dt.date(2023, 2, 1) else value for value in odd]
    assert [cell.value for cell in found] == dates
    kinds = {str: "s", bool: "b", dt.datetime: "d", int: "n", float: "n"}
    assert [cell.data_type for cell in found] == [kinds[type(value)] for value in dates]
    assert (sheet.cell(2 + len(odd), 8).value, sheet.cell(2 + len(odd), 8).data_type) == ("#DIV/0!", "e")
    numbers = [sheet.cell(row, 5) for row in range(2, 2 + len(odd))]
    assert [cell.value for cell in numbers] == [id_of(number) for number in range(len(odd))]
    assert {(cell.data_type, cell.number_format) for cell in numbers} == {("s", "@")}


def test_a_number_that_lost_digits_stays_one_and_is_told(folder, tmp_path):
    rows = [(*person("甲村", 1, 1)[:4], 999900197001010017, "脱贫户", 1), person("甲村", 2, 1, "配偶")]
    save(folder / "甲村.xlsx", rows)
    merged = merge(folder, tmp_path / "镇.xlsx")
    assert columns_of(tmp_path / "镇.xlsx")["证件号码"][0] == float(999900197001010017)
    (remark,) = merged.files[0].remarks
    assert "E列" in remark and "1格号码存成了数字" in remark
    cells = read_ledger(tmp_path / "镇.xlsx", sheet="合并台账").main.cells("id_number")
    assert [cell.state for cell in cells.distinct] == ["unusable", "value"]


def test_merged_cells_stay_merged_and_households_whole(folder, tmp_path):
    made = book([person("甲村", 1, 7), person("甲村", 2, 7, "配偶"), person("甲村", 3, 8)])
    made.active["B3"] = None
    made.active.merge_cells("B2:B3")
    made.save(folder / "甲村.xlsx")
    save(folder / "一村.xlsx", [person("一村", 4, 9)])
    merge(folder, tmp_path / "镇.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "镇.xlsx")["合并台账"]
    assert [str(area) for area in sheet.merged_cells.ranges] == ["B3:B4"]
    households = read_ledger(tmp_path / "镇.xlsx", sheet="合并台账").main.households
    assert dict(zip(households.keys, map(list, households.rows))) == {
        "0000000009": [0], "0000000007": [1, 2], "0000000008": [3],
    }  # fmt: skip


def test_formulas_leave_their_results(folder, tmp_path):
    made = book([person("甲村", 1, 1)])
    made.active["G2"] = "=1000*3"  # openpyxl writes no result
    made.save(folder / "甲村.xlsx")
    merged = merge(folder, tmp_path / "镇.xlsx")
    assert columns_of(tmp_path / "镇.xlsx")["月工资"] == ["#N/A"]
    assert "G列有1个公式没有算出的结果" in merged.files[0].remarks[0]


# ---- columns


def test_columns_are_joined_by_meaning_and_unknown_ones_by_header(folder, tmp_path):
    save(folder / "甲村.xlsx", [(*person("甲村", 1, 1), "有")], (*HEADERS, "光伏板"))
    save(folder / "乙村.xlsx", [("乙村", "0000000002", "人丙某", "户主", id_of(3), "脱贫户", "无", 1500)],
         ("村名", "家庭编号", "姓名", "与户主关系", "身份证号", "户属性", "光伏板", "务工月收入"))  # fmt: skip
    merge(folder, tmp_path / "镇.xlsx")
    columns = columns_of(tmp_path / "镇.xlsx")
    assert len(columns) == len(HEADERS) + 1 + 3
    village = next(name for name in columns if name in ("行政村", "村名"))
    assert columns[village] == ["乙村", "甲村"]
    assert columns["光伏板"] == ["无", "有"]
    wages = next(name for name in columns if name in ("月工资", "务工月收入"))
    assert columns[wages] == [1500, 3000]


def test_other_units_and_other_answers_get_columns_of_their_own(folder, tmp_path):
    heads = ("行政村", "户编号", "姓名", "与户主关系", "证件号码", "户类型", "工资性收入", "风险状态")
    rows = [("甲村", "0000000001", "人甲某", "户主", id_of(1), "脱贫户", 35000, "未消除")]
    for name in ("甲村", "乙村"):
        save(folder / f"{name}.xlsx", [(name, f"00000000{len(name)}{name == '甲村':d}", *rows[0][2:4],
                                        id_of(len(name) + (name == "甲村")), *rows[0][5:])], heads)  # fmt: skip
    other = (*heads[:6], "工资性收入（万元）", "风险是否已消除")
    save(folder / "丙村.xlsx", [("丙村", "0000000003", "人丁某", "户主", id_of(9), "脱贫户", 3.5, "否")], other)
    merged = merge(folder, tmp_path / "镇.xlsx")
    columns = columns_of(tmp_path / "镇.xlsx")
    assert (columns["工资性收入"], columns["工资性收入（万元）"]) == ([None, 35000, 35000], [3.5, None, None])
    assert (columns["风险状态"], columns["风险是否已消除"]) == ([None, "未消除", "未消除"], ["否", None, None])
    assert [(one.file, one.lacking) for one in merged.templates] == [("丙村.xlsx", ("工资性收入", "风险状态"))]


def test_a_line_above_the_table_tells_the_unit(folder, tmp_path):
    heads = (*HEADERS[:6], "工资性收入")
    save(folder / "甲村.xlsx", [person("甲村", 1, 1, wage=30000)], heads)
    save(folder / "乙村.xlsx", [person("乙村", 2, 2, wage=3)], heads, before=[("乙村台账",), ("金额单位：万元",)])
    merge(folder, tmp_path / "镇.xlsx")
    columns = columns_of(tmp_path / "镇.xlsx")
    assert (columns["工资性收入"], columns["工资性收入（万元）"]) == ([None, 30000], [3, None])


def test_old_templates_are_listed(folder, tmp_path):
    for number in range(4):
        save(folder / f"{number}村.xlsx", [(*person(f"{number}村", number, number), "否")], (*HEADERS, "是否危房"))
    save(folder / "旧村.xlsx", [(*person("旧村", 9, 9), 3)], (*HEADERS, "贫困人口数"))
    merged = merge(folder, tmp_path / "镇.xlsx")
    (found,) = merged.templates
    assert (found.file, found.lacking, found.more) == ("旧村.xlsx", ("是否危房",), ("贫困人口数",))
    assert found.told.startswith("旧模板")
    assert rows_of(tmp_path / "镇.xlsx", "模板不同的文件")[3][:2] == ["旧村.xlsx", "台账"]


# ---- what is merged


def test_persons_are_merged_and_other_tables_named(folder, tmp_path):
    made = book([person("甲村", 1, 1)])
    second = made.create_sheet("监测户")
    for row in (HEADERS, person("甲村", 2, 2)):
        second.append(row)
    spells = made.create_sheet("务工")
    for row in (SPELL_HEADERS, ("人乙某", id_of(1), "苏州", "2023-01", "2023-06")):
        spells.append(row)
    made.create_sheet("说明").append(["填表说明"])
    secret = made.create_sheet("旧表")
    for row in (HEADERS, person("甲村", 3, 3)):
        secret.append(row)
    secret.sheet_state = "hidden"
    made.save(folder / "甲村.xlsx")
    merged = adds_up(merge(folder, tmp_path / "镇.xlsx"))
    assert columns_of(tmp_path / "镇.xlsx")["来源工作表"] == ["台账", "监测户"]
    assert {(one.sheet, one.why, one.rows) for one in merged.left} == {
        ("台账", "表头", (1,)), ("监测户", "表头", (1,)),
        ("务工", "表头", (1,)), ("务工", "别的表，没有合并（务工）", (2,)),
        ("说明", "没有认出台账的工作表", (1,)), ("旧表", "隐藏的工作表", (1, 2)),
    }  # fmt: skip
    again = adds_up(merge(folder, tmp_path / "镇2.xlsx", hidden=True))
    assert again.rows_out == 3


def test_another_kind_when_asked(folder, tmp_path):
    made = book([person("甲村", 1, 1)])
    spells = made.create_sheet("务工")
    spells.append(SPELL_HEADERS)
    for place, start, end in (("苏州", "2023-01", "2023-03"), ("杭州", "2023-04", "2023-06")):
        spells.append(("人乙某", id_of(1), place, start, end))
    made.save(folder / "甲村.xlsx")
    merged = adds_up(merge(folder, tmp_path / "镇.xlsx", kind="务工"))
    assert merged.rows_out == 2
    assert not merged.duplicates  # a person may have several spells
    with pytest.raises(LedgerError, match="没有“工资”这一类表"):
        merge(folder, tmp_path / "镇.xlsx", kind="工资")


def test_files_in_folders_of_one_name_are_told_apart(folder, tmp_path):
    for name in ("甲村", "乙村"):
        (folder / name).mkdir()
        save(folder / name / "台账.xlsx", [person(name, len(name) + (name == "甲村"), 1 + (name == "甲村"))])
    merge(folder, tmp_path / "镇.xlsx")
    assert columns_of(tmp_path / "镇.xlsx")["来源文件"] == ["乙村/台账.xlsx", "甲村/台账.xlsx"]


def test_copies_of_a_file_are_merged_once(folder, tmp_path):
    save(folder / "甲村 (2).xlsx", [person("甲村", 1, 1)])
    (folder / "甲村.xlsx").write_bytes((folder / "甲村 (2).xlsx").read_bytes())
    merged = adds_up(merge(folder, tmp_path / "镇.xlsx"))
    assert merged.rows_out == 1
    assert merged.bad == [("甲村.xlsx", "与 甲村 (2).xlsx 的内容完全相同，只合并一份")]


def test_backups_owner_files_and_an_earlier_result_are_no_villages(folder, tmp_path):
    save(folder / "甲村.xlsx", [person("甲村", 1, 1)])
    save(folder / "甲村_备份_20240101-080000.xlsx", [person("甲村", 1, 1)])
    (folder / "~$甲村.xlsx").write_bytes(b"owner")
    (folder / "通知.docx").write_bytes(b"PK")
    for _ in range(2):  # the second time its own result lies there
        merged = merge(folder, folder / "镇.xlsx")
        assert [file.file for file in merged.files] == ["甲村.xlsx"]
        assert [name for name, _ in merged.bad] == ["通知.docx"]


# ---- broken files


def test_twenty_broken_files_stop_nothing(folder, tmp_path):
    assert len(BROKEN) > 20
    for name, content in BROKEN.items():
        (folder / name).write_bytes(content())
    for number in range(3):
        save(folder / f"{number}村.xlsx", [person(f"{number}村", number, number)])
    told = []
    merged = adds_up(merge(folder, tmp_path / "镇.xlsx", progress=lambda *given: told.append(given)))
    assert {name for name, _ in merged.bad} == set(BROKEN)
    assert merged.rows_out == 3
    assert [done for done, _, _ in told] == list(range(1, len(BROKEN) + 4))
    for name, why in merged.bad:
        assert name.rpartition(".")[0] in why, why  # the file is named
        assert "（" not in why or "Error" not in why, why  # every one of them is known
    listed = [row[1] for row in rows_of(tmp_path / "镇.xlsx", "未合并的文件")[3:]]
    assert sorted(listed) == sorted(BROKEN)


def test_nothing_but_broken_files(folder, tmp_path):
    (folder / "坏.xlsx").write_bytes(b"")
    with pytest.raises(LedgerError, match="1个文件里都没有可以合并的台账") as caught:
        merge(folder, tmp_path / "镇.xlsx")
    assert "空文件" in str(caught.value)
    assert not (tmp_path / "镇.xlsx").exists()


def test_what_nobody_foresaw_is_told_of_the_file(folder, tmp_path, monkeypatch):
    save(folder / "甲村.xlsx", [person("甲村", 1, 1)])
    save(folder / "乙村.xlsx", [person("乙村", 2, 2)])
    real = gathering.read_book

    def fails(path):
        if path.name == "乙村.xlsx":
            raise RecursionError("deep")
        return real(path)

    monkeypatch.setattr(gathering, "read_book", fails)
    merged = merge(folder, tmp_path / "镇.xlsx")
    ((name, why),) = merged.bad
    assert (name, "RecursionError" in why) == ("乙村.xlsx", True)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="a process that ends is put in by forking")
def test_a_file_that_ends_the_process_ends_only_itself(folder, tmp_path, monkeypatch):
    for number in range(20):
        save(folder / f"{number:02}村.xlsx", [person(f"{number}村", number, number)])
    here, real = os.getpid(), gathering.read_book

    def dies(path):
        if path.name == "07村.xlsx" and os.getpid() != here:
            os._exit(9)
        return real(path)

    monkeypatch.setattr(gathering, "read_book", dies)
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    merged = adds_up(merge(folder, tmp_path / "镇.xlsx"))
    assert merged.rows_out == 19
    ((name, why),) = merged.bad
    assert (name, "程序中断" in why) == ("07村.xlsx", True)


# ---- who stands there twice, and what contradicts itself


def test_persons_in_two_files_are_listed_and_kept(folder, tmp_path):
    save(folder / "甲村.xlsx", [person("甲村", 1, 1), person("甲村", 2, 1, "配偶")])
    save(folder / "乙村.xlsx", [person("乙村", 3, 2), person("乙村", 1, 3, wage=2500)])
    merged = adds_up(merge(folder, tmp_path / "镇.xlsx"))
    assert merged.rows_out == 4
    assert [(one.group, one.file, one.source_row, one.row) for one in merged.duplicates] == [
        (1, "乙村.xlsx", 3, 3), (1, "甲村.xlsx", 2, 4),
    ]  # fmt: skip
    facts = {(one.what, one.one, one.other) for one in merged.conflicts}
    assert facts == {("行政村", "乙村", "甲村"), ("户编号", "0000000003", "0000000001"), ("月工资", "2500", "3000")}
    told = "\n".join(str(row) for name in ("重复人员", "冲突") for row in rows_of(tmp_path / "镇.xlsx", name))
    assert id_of(1) not in told


def test_numbers_of_persons_are_not_told(folder, tmp_path):
    heads = (*HEADERS, "联系电话")
    save(folder / "甲村.xlsx", [(*person("甲村", 1, 1), "13900000001"), (*person("甲村", 1, 1), "13900000002")], heads)
    merged = merge(folder, tmp_path / "镇.xlsx")
    ((what, one, other),) = [(one.what, one.one, one.other) for one in merged.conflicts]
    assert (what, one, other) == ("联系电话", "（号码不列出）", "（号码不列出）")


def test_a_blank_contradicts_nothing_and_spellings_are_one(folder, tmp_path):
    first = list(person("甲村", 1, 1, wage=3000))
    second = list(person("甲村", 1, 1, wage=None))
    second[2] = "人 乙 某"
    second[4] = f" {id_of(1)}42 "  # with the tail of a certificate of disability
    save(folder / "甲村.xlsx", [first, second])
    merged = merge(folder, tmp_path / "镇.xlsx")
    assert [one.told for one in merged.duplicates] == ["同一文件里重复，各行内容一致"] * 2
    assert not merged.conflicts


def test_one_household_number_in_two_villages(folder, tmp_path):
    save(folder / "甲村.xlsx", [person("甲村", 1, 5), person("甲村", 2, 5, "配偶")])
    save(folder / "乙村.xlsx", [person("乙村", 3, 5)])
    merged = merge(folder, tmp_path / "镇.xlsx")
    (found,) = merged.conflicts
    assert (found.kind, found.who) == ("同一户编号在两个村", "户编号 0000000005")
    assert (found.one, found.other) == ("乙村", "甲村")
    assert (found.one_at, found.other_at) == ("乙村.xlsx「台账」第2行", "甲村.xlsx「台账」第2行")


# ---- who has not reported


def test_villages_that_have_not_reported(folder, tmp_path):
    save(folder / "甲村.xlsx", [person("甲村", 1, 1)])
    save(folder / "乙村委会台账.xlsx", [row[1:] for row in [person("", 2, 2)]], HEADERS[1:])  # names no village
    save(folder / "外村.xlsx", [person("外村", 3, 3)])
    (folder / "丙村.xlsx").write_bytes(b"")
    (tmp_path / "名单.txt").write_text("甲村\n乙村村民委员会\n丙村\n丁村\n", encoding="utf-8")
    merged = merge(folder, tmp_path / "镇.xlsx", villages=tmp_path / "名单.txt")
    assert merged.missing == ["丙村", "丁村"]
    assert merged.villages == [
        ("甲村", 1, "甲村.xlsx"), ("乙村村民委员会", 1, "乙村委会台账.xlsx"),
        ("丙村", 0, "交了但没有合并：丙村.xlsx"), ("丁村", 0, ""),
    ]  # fmt: skip
    assert merged.unknown == [("外村", 1)]


@pytest.mark.parametrize("ending", [".xlsx", ".csv"])
def test_a_list_of_villages_with_their_towns(folder, tmp_path, ending):
    heads = ("乡镇", *HEADERS)
    save(folder / "甲.xlsx", [("东镇", *person("新村", 1, 1))], heads)
    lines = [("序号", "乡镇", "行政村"), (1, "东镇", "新村"), (2, "西镇", "新村")]
    if ending == ".csv":
        (tmp_path / "名单.csv").write_text("\n".join(",".join(map(str, line)) for line in lines), encoding="gbk")
    else:
        book(lines[1:], lines[0]).save(tmp_path / "名单.xlsx")
    assert village_names(tmp_path / f"名单{ending}") == [("东镇", "新村"), ("西镇", "新村")]
    merged = merge(folder, tmp_path / "镇.xlsx", villages=tmp_path / f"名单{ending}")
    assert merged.missing == ["西镇新村"]


@pytest.mark.parametrize(
    ("file", "village"),
    [("甲村.xlsx", "甲村"), ("03 甲村台账_20231218 (2).xlsx", "甲村"), ("某镇甲村.xlsx", "甲村"),
     ("水乡村.xls", "水乡村"), ("新街道东风社区名册.csv", "东风社区"), ("台账.xlsx", "台账")],
)  # fmt: skip
def test_the_village_that_a_file_is_named_after(file, village):
    assert _named(file) == village


def test_a_village_of_single_persons_is_merged_as_the_others_are(folder, tmp_path):
    heads = ("行政村", "户编号", "姓名", "证件号码", "户主姓名")
    save(folder / "甲村.xlsx", [("甲村", "0000000001", f"人{n}某", id_of(n), "人1某") for n in (1, 2)], heads)
    save(folder / "乙村.xlsx", [("乙村", "0000000002", "人3某", id_of(3), "人3某")], heads)
    merged = adds_up(merge(folder, tmp_path / "镇.xlsx"))
    assert (merged.rows_out, merged.bad) == (3, [])


def test_an_empty_list_is_refused(folder, tmp_path):
    save(folder / "甲村.xlsx", [person("甲村", 1, 1)])
    (tmp_path / "名单.txt").write_text("\n", encoding="utf-8")
    with pytest.raises(LedgerError, match="没有村名"):
        merge(folder, tmp_path / "镇.xlsx", villages=tmp_path / "名单.txt")


# ---- the result


def test_merging_again_gives_the_same_and_keeps_what_was_there(folder, tmp_path):
    save(folder / "甲村.xlsx", [person("甲村", 1, 1)])
    save(folder / "乙村.xlsx", [person("乙村", 2, 2)])
    target = tmp_path / "镇.xlsx"
    merge(folder, target)
    first = hashlib.sha256(target.read_bytes()).digest()
    merged = merge(folder, target)
    assert hashlib.sha256(target.read_bytes()).digest() == first
    assert hashlib.sha256(merged.backup.read_bytes()).digest() == first


def test_a_merged_ledger_can_be_merged_again(folder, tmp_path):
    """Of townships into that of a county: where a row came from first is kept."""
    for town in ("东镇", "西镇"):
        (folder / town).mkdir()
        number = 1 + (town == "西镇")
        save(folder / town / "甲村.xlsx", [person(f"{town}甲村", number, number)])
        merge(folder / town, tmp_path / f"{town}.xlsx")
    merged = adds_up(merge([tmp_path / "东镇.xlsx", tmp_path / "西镇.xlsx"], tmp_path / "县.xlsx"))
    columns = columns_of(tmp_path / "县.xlsx")
    assert columns["来源文件"] == ["甲村.xlsx", "甲村.xlsx"]
    assert columns["来源文件（本次合并）"] == ["东镇.xlsx", "西镇.xlsx"]
    assert merged.rows_out == 2


def test_the_sums_stand_in_the_workbook(folder, tmp_path):
    save(folder / "甲村.xlsx", [person("甲村", 1, 1)], before=[("甲村台账",)])
    merge(folder, tmp_path / "镇.xlsx")
    told = {row[0]: row[1] for row in rows_of(tmp_path / "镇.xlsx", "合并说明")}
    assert (told["各文件里有内容的行"], told["合并台账的行"], told["未合并的行"]) == (3, 1, 2)
    assert told["核对：有内容的行＝合并的行＋未合并的行"] == "相符"


def test_the_sheet_is_written_as_spreadsheet_programs_want_it(folder, tmp_path):
    save(folder / "甲村.xlsx", [person("甲村", number, number) for number in range(1200)])
    merge(folder, tmp_path / "镇.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "镇.xlsx")["合并台账"]
    last = get_column_letter(len(HEADERS) + 3)
    assert (sheet.auto_filter.ref, sheet.freeze_panes, sheet.max_row) == (f"A1:{last}1201", "A2", 1201)
    assert sheet.print_area in ("", None)
    with zipfile.ZipFile(tmp_path / "镇.xlsx") as package:
        assert package.testzip() is None


def test_refusals(folder, tmp_path):
    save(folder / "甲村.xlsx", [person("甲村", 1, 1)])
    with pytest.raises(LedgerError, match="以 .xlsx 结尾"):
        merge(folder, tmp_path / "镇.xls")
    with pytest.raises(LedgerError, match="结果不能写进要合并的 甲村.xlsx"):
        merge([folder / "甲村.xlsx"], folder / "甲村.xlsx")
    with pytest.raises(LedgerError, match="输出文件夹不存在"):
        merge(folder, tmp_path / "没有" / "镇.xlsx")
    with pytest.raises(LedgerError, match="找不到 没有"):
        merge(tmp_path / "没有", tmp_path / "镇.xlsx")
    (tmp_path / "空").mkdir()
    with pytest.raises(LedgerError, match="空 里没有台账文件"):
        merge(tmp_path / "空", tmp_path / "镇.xlsx")


def test_more_rows_than_a_sheet_holds(folder, tmp_path, monkeypatch):
    save(folder / "甲村.xlsx", [person("甲村", number, number) for number in range(3)])
    monkeypatch.setattr("xl_poverty.summaries.merging.MOST_ROWS", 3)
    with pytest.raises(LedgerError, match="分几次合并"):
        merge(folder, tmp_path / "镇.xlsx")
