"""The commands that make something of ledgers, as somebody types them: exit codes, what they say, what they leave."""

from __future__ import annotations

import shutil
from pathlib import Path

import openpyxl
import pytest

from xl_poverty.cli import main

WORKBOOKS = Path(__file__).parents[1] / "workbooks"


@pytest.fixture
def folder(tmp_path) -> Path:
    for name in ("台账", "台账_上期", "发放表"):
        shutil.copy(WORKBOOKS / f"奉节县{name}.xlsx", tmp_path)
    return tmp_path


@pytest.fixture
def call(capsys, folder, monkeypatch):
    """(exit code, output, errors) of the program in the folder of the ledgers; the ledgers stay as they are."""
    monkeypatch.chdir(folder)
    before = {file.name: file.read_bytes() for file in folder.glob("奉节县*.xlsx")}

    def called(*arguments):
        try:
            code = main([str(argument) for argument in arguments])
        except SystemExit as ended:
            code = ended.code
        out, err = capsys.readouterr()
        return code, out, err

    yield called
    assert all((folder / name).read_bytes() == content for name, content in before.items())


LEDGER, LAST, PAID = "奉节县台账.xlsx", "奉节县台账_上期.xlsx", "奉节县发放表.xlsx"


@pytest.mark.parametrize(
    ("arguments", "told", "file", "sheets"),
    [
        (("roster", LEDGER, "--paid", PAID, "--measures", "孝善养老奖补"), "2023年度孝善养老奖补：4 户 4 人，1,230 元",
         "奉节县台账_花名册.xlsx", ("发放汇总", "孝善养老奖补", "未列入", "核算依据")),
        (("notice", LEDGER, "--start", "2023-12-01", "--measures", "孝善养老奖补"), "不含证件号码、电话和账号",
         "奉节县台账_公示.xlsx", ()),
        (("audit", PAID, "--ledger", LEDGER), "台账无此人", "奉节县发放表_复核.xlsx", ("复核汇总", "复核明细")),
        (("compare", LAST, LEDGER), "户：上期", "奉节县台账_与上期对比.xlsx", ("对比说明",)),
        (("summary", LEDGER, "--last", LAST), "人均纯收入增幅", "奉节县台账_汇总.xlsx", ("汇总", "汇总_明细")),
        (("plan", LEDGER, "--last", LAST), "一户一策 30 户", "奉节县台账_一户一策.xlsx", ("一户一策目录",)),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) and value and value[0].isascii() else "",
)  # fmt: skip
def test_what_is_said_and_written(call, folder, arguments, told, file, sheets):
    code, out, err = call(*arguments)
    assert (code, err) == (0, "") and told in out and f"已写入：{file}（" in out, out
    names = openpyxl.load_workbook(folder / file, read_only=True).sheetnames
    assert all(any(name.startswith(sheet) for name in names) for sheet in sheets), names
    code, out, _ = call(*arguments)
    assert code == 0 and f"没有变化：{file}" in out


def test_a_roster_without_payments_says_so(call):
    _, out, _ = call("roster", LEDGER, "--measures", "孝善养老奖补")
    assert "未核对是否已享受" in out


def test_fill_with_payments(call, folder):
    code, out, _ = call("fill", LEDGER, "--paid", PAID)
    assert code == 0
    heads = [cell.value for row in openpyxl.load_workbook(folder / "奉节县台账_已核算.xlsx").worksheets[0].iter_rows(
        max_row=4) for cell in row]  # fmt: skip
    assert "本次应发孝善养老奖补" in heads and "已发孝善养老奖补" in heads


def test_split_and_merge_are_each_others_way_back(call, folder):
    code, out, _ = call("split", LEDGER)
    assert code == 0 and "台账 220 行，写出 220 行" in out
    pieces = sorted((folder / "奉节县台账_分村").glob("*.xlsx"))
    (folder / "名单.txt").write_text("\n".join([*(file.stem for file in pieces), "没有报的村"]), encoding="utf-8")
    code, out, _ = call("merge", folder / "奉节县台账_分村", "-o", "全县.xlsx", "--villages", "名单.txt")
    assert code == 0 and "合并 220 行" in out and f"名单上 {len(pieces) + 1} 个村，未上报 1 个\n  没有报的村" in out


def test_export_refuses_errors_unless_asked(call, folder):
    assert call("export", LAST)[0] in (0, 1)
    code, out, err = call("export", LEDGER, "--keep-errors", "-o", "上报.xlsx")
    assert code == 0 and "公式变成数值" in out
    book = openpyxl.load_workbook(folder / "上报.xlsx")
    assert not [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (("notice", LEDGER), 1, "--start"),
        (("notice", LEDGER, "--start", "2023-12-01", "--days", "3"), 1, "5天"),
        (("summary", LEDGER, LAST), 1, "请用 -o 指明结果文件"),
        (("roster", "没有.xlsx"), 1, "找不到文件：没有.xlsx"),
        (("plan", LEDGER, "-o", LEDGER), 1, "不能是台账自己"),
        (("merge", LEDGER), 2, "缺少参数"),
        (("audit", PAID), 2, "--ledger"),
        (("split",), 2, "缺少参数：台账"),
    ],
)
def test_what_cannot_be_done(call, arguments, code, told):
    found, _, err = call(*arguments)
    assert found == code and told in err, err
    assert "Traceback" not in err
