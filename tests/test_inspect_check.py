"""What a person sees of a ledger that is read: inspect, check, and what fill says besides."""

from __future__ import annotations

import json
import re

import openpyxl
import pytest
from invented import completed

from xl_poverty.cli import main

HEADS = ["户编号", "姓名", "证件号码", "与户主关系", "户类型", "劳动技能", "连续外出务工月数", "月工资"]


ONE, TWO = completed("99000019650101001"), completed("99000019700101002")
HEAD = ["A1", "甲某", ONE, "户主", "脱贫户", "普通劳动力"]
WIFE = ["A1", "乙某", TWO, "配偶", "脱贫户", "普通劳动力"]


@pytest.fixture
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("ledger")


def write(folder, *rows, heads=HEADS, name="台账.xlsx", above=(), below=()):
    book = openpyxl.Workbook()
    book.active.title = "人员"
    for row in (*above, heads, *rows, *below):
        book.active.append(row)
    book.save(folder / name)
    return folder / name


def call(capsys, *arguments):
    code = main([str(one) for one in arguments])
    said = capsys.readouterr()
    return code, said.out, said.err


# ---- inspect


def test_inspect_says_how_a_ledger_was_understood(folder, capsys):
    above = [["双碾乡脱贫户台账"], ["填报单位：双碾乡", None, None, "单位：元"]]
    path = write(folder, [*HEAD, 6, 3000], [*WIFE, 5, None], heads=[*HEADS[:7], "月工资（元）", "村里记的"],
                 above=above, below=[["合计", None, None, None, None, None, 11, 3000], ["填表人：丙某"]])  # fmt: skip
    code, out, _ = call(capsys, "inspect", path)
    assert code == 0
    assert "工作表“人员”：人员台账，表头第3行，数据 2 行（第4—5行），1 户，2 人，核算用这张表" in out
    assert re.search(r"C3 +证件号码 +证件号码 +2 +0 +0 +100%", out)
    assert re.search(r"H3 +月工资（元） +月工资（元） +1 +1 +0 ", out)
    assert "没有用到的列：I3“村里记的”" in out
    assert "第6行（合计）" in out and "第7行" in out
    assert ONE not in out and "甲某" not in out  # columns are described, not persons


def test_inspect_asks(folder, capsys):
    path = write(folder, [*HEAD, "6个月", 3000])
    _, out, _ = call(capsys, "inspect", path)
    assert "待答复：" in out and "月数文字：连续外出务工月数" in out and "可答：是、否" in out
    _, answered, _ = call(capsys, "inspect", path, "--answer", "月数文字：连续外出务工月数=是")
    assert "待答复" not in answered
    code, _, err = call(capsys, "inspect", path, "--answer", "是")
    assert code == 1 and "问题=选项" in err


def test_inspect_for_programs(folder, capsys):
    _, out, _ = call(capsys, "inspect", write(folder, [*HEAD, 6, 3000]), "--json", "--policy", "双碾乡")
    told = json.loads(out)
    (table,) = told["tables"]
    assert told["policy"] == "shuangnian_2022" and told["main"] == 0
    assert (table["kind"], table["rows"], table["households"], table["persons"]) == ("人员", 1, 1, 1)
    wage = table["columns"][7]
    assert (wage["field"], wage["cell"], wage["known"], wage["confidence"]) == ("monthly_wage", "H1", 1, 1.0)
    assert ONE not in out


def test_inspect_a_file_that_is_none(folder, capsys):
    (folder / "坏.xlsx").write_bytes(b"PK\x03\x04 nothing")
    code, out, err = call(capsys, "inspect", folder / "坏.xlsx")
    assert code == 1 and not out and "坏.xlsx" in err and len(err.strip().splitlines()) == 1
    _, out, _ = call(capsys, "inspect", write(folder, heads=["会议", "记录"]))
    assert "没有认出台账" in out


# ---- check

WRONG = "990000196501010018"  # its check digit is another


@pytest.fixture
def doubtful(folder):
    assert WRONG != ONE
    return write(folder, [*HEAD, 6, 3000], ["A1", "丙某", WRONG, "之女", "脱贫户", "普通劳动力", 6, "三千左右"])


def test_check_lists_what_is_doubtful(doubtful, capsys):
    before = doubtful.read_bytes()
    code, out, _ = call(capsys, "check", doubtful)
    assert code == 0 and doubtful.read_bytes() == before
    assert "台账.xlsx：疑点：错误" in out
    assert "人员!C3" in out and "人员!H3" in out
    assert WRONG not in out and "丙某" not in out


def test_check_writes_a_table_to_work_through(doubtful, capsys):
    target = doubtful.with_name("疑点表.xlsx")
    _, out, _ = call(capsys, "check", doubtful, "-o", target)
    assert f"已写入：{target}" in out
    sheet = openpyxl.load_workbook(target)["疑点表"]
    heads = [cell.value for cell in sheet[2][:-1]]  # the last one tells what rows are about
    assert " ".join(heads) == "序号 程度 工作表 单元格 姓名 填的内容 检查项 疑点 怎样处理 依据 处理情况"
    lines = [dict(zip(heads, (cell.value for cell in row))) for row in sheet.iter_rows(min_row=3)]
    (wage,) = [line for line in lines if line["单元格"] == "H3"]
    assert (wage["工作表"], wage["姓名"], wage["填的内容"]) == ("人员", "丙某", "三千左右")
    assert wage["疑点"] and wage["怎样处理"] and wage["依据"] and wage["处理情况"] is None
    order = ["错误", "疑点", "提示"]
    assert [order.index(line["程度"]) for line in lines] == sorted(order.index(line["程度"]) for line in lines)
    shown = "".join(str(value) for line in lines for value in line.values())
    assert WRONG not in shown and ONE not in shown  # numbers of persons are masked
    assert sheet["A1"].value.startswith("疑点表：台账.xlsx")
    assert all("丙某" not in str(row[-1].value) for row in sheet.iter_rows())


def test_what_was_noted_in_the_table_stays(doubtful, capsys):
    target = doubtful.with_name("疑点表.xlsx")
    call(capsys, "check", doubtful, "-o", target)
    book = openpyxl.load_workbook(target)
    sheet = book["疑点表"]
    heads = [cell.value for cell in sheet[2]]
    row = next(row for row in sheet.iter_rows() if row[heads.index("单元格")].value == "H3")
    row[heads.index("处理情况")].value = "已问村里"
    book.save(target)
    ledger = openpyxl.load_workbook(doubtful)
    ledger["人员"]["H2"] = "两千"  # one doubt more, before the one that was noted
    ledger.save(doubtful)
    call(capsys, "check", doubtful, "-o", target)
    noted = {row[heads.index("单元格")].value: row[heads.index("处理情况")].value
             for row in openpyxl.load_workbook(target)["疑点表"].iter_rows(min_row=3)}  # fmt: skip
    assert noted["H3"] == "已问村里" and noted["H2"] is None


def test_check_of_several_files_and_folders(folder, doubtful, capsys):
    (folder / "村").mkdir()
    write(folder / "村", [*HEAD, 6, 3000], name="甲村.xlsx")
    (folder / "坏.csv").write_bytes(b"")
    target = folder.parent / f"{folder.name}.xlsx"
    code, out, err = call(capsys, "check", folder / "村", doubtful, folder / "坏.csv", "-o", target)
    assert code == 1 and "坏.csv" in err and "甲村.xlsx：" in out and "台账.xlsx：疑点" in out
    assert [cell.value for cell in openpyxl.load_workbook(target)["疑点表"][2]][1] == "文件"
    code, _, err = call(capsys, "check", folder / "没有.xlsx")
    assert code == 1 and "没有.xlsx" in err


def test_check_can_be_narrowed(doubtful, capsys):
    _, listed, _ = call(capsys, "check", doubtful, "--list")
    names = re.findall(r"（(\w+)）：", listed)
    assert len(names) >= 80 and len(set(names)) == len(names)
    _, out, _ = call(capsys, "check", doubtful, "--json")
    (told,) = json.loads(out)
    found = {doubt["check"] for doubt in told["doubts"]}
    assert found and found <= set(names) and WRONG not in out
    first = sorted(found)[0]
    _, out, _ = call(capsys, "check", doubtful, "--json", "--only", first)
    assert {doubt["check"] for doubt in json.loads(out)[0]["doubts"]} == {first}
    _, out, _ = call(capsys, "check", doubtful, "--json", "--skip", *sorted(found))
    assert json.loads(out)[0]["doubts"] == []
    code, _, err = call(capsys, "check", doubtful, "--only", "nothing")
    assert code == 1 and "没有检查项“nothing”" in err
    code, _, err = call(capsys, "check", doubtful, "-o", doubtful)
    assert code == 1 and "不能写在台账自己上" in err


def test_an_office_switches_checks_off_and_moves_limits(doubtful, capsys):
    _, out, _ = call(capsys, "check", doubtful, "--json")
    found = {doubt["check"] for doubt in json.loads(out)[0]["doubts"]}
    first = sorted(found)[0]
    doubtful.with_name("office.toml").write_text(f'[checks]\noff = ["{first}"]\n', encoding="utf-8")
    _, out, _ = call(capsys, "check", doubtful, "--json")
    assert first not in {doubt["check"] for doubt in json.loads(out)[0]["doubts"]}
    doubtful.with_name("office.toml").write_text('[checks]\noff = ["nothing"]\n', encoding="utf-8")
    code, _, err = call(capsys, "check", doubtful)
    assert code == 1 and "nothing" in err


def test_a_ledger_without_faults(folder, capsys):
    _, out, _ = call(capsys, "check", write(folder, [*HEAD, 6, 3000], [*WIFE, 6, 3000]))
    assert "没有发现疑点" in out


# ---- fill


def test_fill_counts_households_and_waits_for_answers(folder, capsys):
    rows = [[*HEAD, 6, 3000], ["A2", "丙某", None, "户主", "脱贫户", "普通劳动力", "6个月", 3000]]
    code, out, _ = call(capsys, "fill", write(folder, *rows), "--policy", "双碾乡", "--as-of", "2023-02-01")
    assert code == 0 and "已核算 1 户，待补 1 户" in out
    assert "待答复：" in out and "连续外出务工月数" in out
    filled = openpyxl.load_workbook(folder / "台账_已核算.xlsx")
    sheet = filled["人员"]
    heads = [cell.value for cell in sheet[1]]
    column = heads.index("应享稳岗补助") + 1
    assert [sheet.cell(row, column).value for row in (2, 3)] == [1200, "#VALUE!"]
    waits = {row[0].value: row[1] for row in filled["核算口径"].iter_rows()}["月数文字：连续外出务工月数"]
    assert waits.value is None
    waits.value = "是"  # the clerk answers, in the result
    filled.save(folder / "台账_已核算.xlsx")
    _, out, _ = call(capsys, "fill", folder / "台账_已核算.xlsx", "--policy", "双碾乡", "-o", folder / "再算.xlsx")
    again = openpyxl.load_workbook(folder / "再算.xlsx")["人员"]
    assert [again.cell(row, column).value for row in (2, 3)] == [1200, 1200]
    assert "已核算 2 户，待补 0 户" in out


def test_fill_of_a_table_that_is_no_workbook(folder, capsys):
    lines = [",".join(HEADS), ",".join([*HEAD[:2], f"\t{ONE}", *HEAD[3:], "6", "3000"])]
    (folder / "台账.csv").write_bytes("\r\n".join(lines).encode("gbk"))
    code, out, _ = call(capsys, "fill", folder / "台账.csv", "--policy", "双碾乡", "--as-of", "2023-02-01")
    assert code == 0 and "台账_已核算.xlsx" in out
    sheet = openpyxl.load_workbook(folder / "台账_已核算.xlsx").worksheets[0]
    heads = [cell.value for cell in sheet[1]]
    assert sheet.cell(2, heads.index("应享稳岗补助") + 1).value == 1200


def test_fill_under_a_header_of_several_rows(folder):
    from xl_poverty.ledger.filling import fill

    book = openpyxl.Workbook()
    sheet = book.active
    for row in (
        ["双碾乡脱贫户务工台账"],
        ["户编号", "基本信息", None, None, None, "务工情况", None],
        [None, "姓名", "与户主关系", "户类型", "劳动技能", "连续外出务工月数", "月工资"],
        ["A1", "甲某", "户主", "脱贫户", "普通劳动力", 6, 3000],
    ):
        sheet.append(row)
    for area in ("A1:G1", "A2:A3", "B2:E2", "F2:G2"):
        sheet.merge_cells(area)
    book.save(folder / "台账.xlsx")
    done = fill(folder / "台账.xlsx", policy="双碾乡", as_of="2023-02-01")
    sheet = openpyxl.load_workbook(done.target).worksheets[0]
    assert [sheet.cell(2, column).value for column in (8, 9, 10)] == ["应享稳岗补助", "应享现金合计", "依据"]
    assert [sheet.cell(4, column).value for column in (8, 9)] == [1200, 1200]
    again = fill(done.target, folder / "再算.xlsx", policy="双碾乡", as_of="2023-02-01")
    assert openpyxl.load_workbook(again.target).worksheets[0].max_column == 10  # its own columns are renewed


def test_fill_refuses_to_write_where_the_file_will_be_lost(folder, capsys):
    inside = folder / "Rar$DIa1234.5678"
    inside.mkdir()
    path = write(inside, [*HEAD, 6, 3000])
    code, _, err = call(capsys, "fill", path, "--policy", "双碾乡", "--as-of", "2023-02-01")
    assert code == 1 and "另存" in err and len(list(inside.iterdir())) == 1
    code, _, _ = call(capsys, "fill", path, "--policy", "双碾乡", "--as-of", "2023-02-01", "-o", folder / "结果.xlsx")
    assert code == 0
