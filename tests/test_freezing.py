"""Frozen copies: our formulas are the values that they showed, each with where it comes from."""

from __future__ import annotations

import datetime as dt
import os
import re

import openpyxl
import pytest
from engines import LibreOffice, need_libreoffice, recalculated_by_formualizer
from our_workbooks import SHEET, Called, calculated, read, workbook
from test_portable import ROW, TRAVEL, UNDATED, agree, samples, spilled, without_results as stripped
from xlsxwriter.utility import xl_col_to_name

from xl_poverty import CellError
from xl_poverty.cli import main
from xl_poverty.errors import LedgerError
from xl_poverty.formulas.office import Layer
from xl_poverty.workbook.freezing import HEADINGS, SHEET as BASIS, freeze

ROWS = max(int(os.environ.get("XL_POVERTY_ROWS", 0)), 400)
DAY = dt.date(2023, 2, 1)
NOW = dt.datetime(2026, 3, 4, 5, 6, 7)


def frozen(tmp_path, cells: dict, names=None, layers=(), source=None, **rest):
    """(what was done, the copy)."""
    source = source or workbook(tmp_path / "台账.xlsx", cells, names)
    book, own = read(source)
    target = tmp_path / "固化.xlsx"
    return freeze(source, target, book, layers=[*layers, *own], now=NOW, **rest), target


def rows_of(file, name: str = SHEET) -> list[tuple]:
    return list(openpyxl.load_workbook(file)[name].iter_rows(values_only=True))


def test_values_with_where_they_come_from(tmp_path):
    cells = {**ROW, "F2": Called(f"_xll.{TRAVEL}", 1500), "F3": Called("SUM(F2)+1", 1501)}
    done, copy = frozen(tmp_path, cells)
    assert (done.cells, done.doubts) == (1, [])
    assert [row[5] for row in rows_of(copy)[1:]] == [1500, "=SUM(F2)+1"]
    heading, line = rows_of(copy, BASIS)
    assert heading == HEADINGS
    told = dict(zip(heading, line, strict=True))
    assert (told["工作表"], told["单元格"], told["函数"], told["事项"]) == (SHEET, "F2", "TRAVEL_SUBSIDY", "交通补贴")
    assert told["公式"] == f"=_xll.{TRAVEL}"
    assert told["固化值"] == 1500
    assert (told["文件"], told["条款"]) == ("双发〔2022〕67号", "双发〔2022〕67号第10条")
    assert told["参数起始日期"].date() == dt.date(2022, 8, 12)
    assert "标准=定额" in told["口径"]
    assert (told["核对"], told["固化时间"]) == ("与重算一致", "2026-03-04 05:06:07")
    assert calculated(copy, "F3") == [1501]


def test_the_day_is_told_and_the_value_checked(tmp_path):
    cells = {**ROW, "H1": DAY, "F2": Called(UNDATED, 1500)}
    _, copy = frozen(tmp_path, cells, {"业务日期": f"{SHEET}!$H$1"})
    told = dict(zip(*rows_of(copy, BASIS), strict=True))
    assert told["业务日期"].date() == DAY
    assert told["核对"] == "与重算一致"


def test_a_day_that_only_a_spreadsheet_program_knows(tmp_path):
    cells = {**ROW, "F2": Called(TRAVEL.replace("DATE(2023,2,1)", "TODAY()"), 1500)}
    _, copy = frozen(tmp_path, cells)
    told = dict(zip(*rows_of(copy, BASIS), strict=True))
    assert told["条款"] == "双发〔2022〕67号第10条"
    assert told["业务日期"] == "由公式给出"
    assert told["核对"] == "没有重算"


@pytest.mark.parametrize(
    ("formula", "shows", "why"),
    [
        (TRAVEL, CellError("missing", "", "#N/A"), "错误值#N/A"),
        (TRAVEL, CellError("missing", "", "#NAME?"), "没有认出函数"),
    (TRAVEL, "要求对象", "应是1500"),
        (TRAVEL.replace("DATE(2023,2,1)", "TODAY()"), "要求对象", "应是数"),
        (f"{TRAVEL}+1", "要求对象", "应是数"),
        (f"IF(E2>1,{TRAVEL},0)", "要求对象", "应是数"),
        (UNDATED.replace('"双碾乡"', '"双碾乡",44958'), 800, "应是1500"),
        ('STABLE_JOB_BONUS(A2,B2,"七",E2,,C2,,"双碾乡",44958)', 1200, "算不出"),
    ],
)
def test_refused_with_its_place(tmp_path, formula, shows, why):
    with pytest.raises(LedgerError, match="F2") as refusal:
        frozen(tmp_path, {**ROW, "F2": Called(formula, shows)})
    assert why in str(refusal.value)
    assert not (tmp_path / "固化.xlsx").exists()


def test_kept_as_they_are_when_asked_for(tmp_path):
    cells = {**ROW, "F2": Called(TRAVEL, CellError("missing", "", "#N/A")), "G2": Called(TRAVEL, "要求对象")}
    done, copy = frozen(tmp_path, cells, keep_errors=True)
    assert len(done.doubts) == 2
    assert rows_of(copy)[1][5:7] == ("#N/A", "要求对象")
    assert all("错误值" in row[11] or "应是1500" in row[11] for row in rows_of(copy, BASIS)[1:])


def test_no_result_is_never_nothing(tmp_path):
    source = stripped(workbook(tmp_path / "台账.xlsx", {**ROW, "F2": Called(TRAVEL, 1500)}))
    with pytest.raises(LedgerError, match="还没有算出的值"):
        frozen(tmp_path, {}, source=source)
    _, copy = frozen(tmp_path, {}, source=source, keep_errors=True)
    assert rows_of(copy)[1][5] == "#N/A"


@pytest.mark.parametrize(
    ("formula", "shows"),
    [
        (f'IF(A2="脱贫户","待定",{TRAVEL})', "待定"),
        (f'"共"&{TRAVEL}', "共1500"),
        (f"IF(E2>1,A2,{TRAVEL})", "脱贫户"),
        ('收入分档(10000,"脱贫享受政策户","未消除",,,"枣庄高新区",44958)', "低收入"),
        ('WHY("TRAVEL_SUBSIDY",A2)', "某句话"),
        (f"IFERROR({TRAVEL},A2)", "脱贫户"),
        (f"TEXT({TRAVEL},0)", "1500"),
    ],
)
def test_texts_that_belong_there(tmp_path, formula, shows):
    _, copy = frozen(tmp_path, {**ROW, "F2": Called(formula, shows)})
    assert rows_of(copy)[1][5] == shows


def test_amounts_of_an_expired_document_need_a_date(tmp_path):
    cells = {**ROW, "F2": Called(UNDATED, 1500)}
    for keep in (False, True):
        with pytest.raises(LedgerError, match="到期"):
            frozen(tmp_path, cells, keep_errors=keep)
    frozen(tmp_path, cells, layers=[Layer("选项", "", DAY)])
    with pytest.raises(LedgerError, match="应是0"):
        frozen(tmp_path, cells, layers=[Layer("选项", "", dt.date(2026, 1, 1))])


def test_a_spilled_column(tmp_path):
    cells = spilled(3)
    amounts = [{"跨省": 1500, "省内区外": 600, "区内": 0}[cells[f"C{row}"]] for row in (2, 3, 4)]
    cells["F2"] = Called('TRAVEL_SUBSIDY(A2:A4,B2:B4,C2:C4,,,,,,"双碾乡",44958)', amounts[0], "F2:F4")
    cells |= {"F3": amounts[1], "F4": amounts[2]}
    done, copy = frozen(tmp_path, cells)
    assert (done.cells, done.doubts) == (3, [])
    assert [row[5] for row in rows_of(copy)[1:4]] == amounts
    assert [row[1] for row in rows_of(copy, BASIS)[1:]] == ["F2", "F3", "F4"]


def test_no_formula_of_ours(tmp_path):
    with pytest.raises(LedgerError, match="没有本库的公式"):
        frozen(tmp_path, {"A1": 1})


@pytest.fixture(scope="module")
def random_copy(tmp_path_factory):
    """Rows of every rule with what Python makes of them, as a host would have left them in a file."""
    folder = tmp_path_factory.mktemp("frozen")
    chosen = samples()
    cells, made = {}, []
    for number, sample in enumerate(chosen):
        sample.make(-(-ROWS // len(chosen)))
        width = len(sample.table.headers)
        for at, (row, value) in enumerate(zip(sample.rows, sample.values, strict=True), 2):
            for column, cell in enumerate(row):
                if cell is not None:
                    key = f"T{number}!{xl_col_to_name(column)}{at}"
                    cells[key] = Called("NA()" if cell == "#N/A" else "1/0", cell) if _is_error(cell) else cell
            formula = re.sub(r"([A-Z]+)2\b", rf"\g<1>{at}", sample.table.formulas[0].lstrip("="))
            cells[f"T{number}!{xl_col_to_name(width)}{at}"] = Called(formula, value)
        made.append(sample)
    source = workbook(folder / "随机.xlsx", cells, sheets=[f"T{number}" for number in range(len(chosen))])
    book, layers = read(source)
    target = folder / "固化.xlsx"
    done = freeze(source, target, book, layers=[Layer("选项", "", DAY), *layers], keep_errors=True)
    return made, done, target


def _is_error(cell) -> bool:
    return isinstance(cell, str) and cell in ("#N/A", "#DIV/0!", "#VALUE!", "#NUM!")


@pytest.mark.parametrize("engine", ["libreoffice", "formualizer"])
def test_random_rows_keep_their_values(random_copy, tmp_path, engine):
    made, _, target = random_copy
    tables = [sample.table for sample in made]
    if engine == "formualizer":
        found = recalculated_by_formualizer(target, tables)
    else:
        need_libreoffice()
        found = LibreOffice(target, tmp_path).results(tables)
    for sample, column in zip(made, found, strict=True):
        for row, value, (shown,) in zip(sample.rows, sample.values, column, strict=True):
            assert agree(value, shown), (sample.name, row)


# ---- the command line


def test_commands(tmp_path, capsys):
    source = workbook(tmp_path / "台账.xlsx", {**ROW, "F2": Called(UNDATED, 1500), "G2": Called("SUM(F2)", 1500)})
    assert main(["freeze", str(source)]) == 1
    assert "到期" in capsys.readouterr().err
    assert main(["freeze", str(source), "--as-of", "2023-02-01"]) == 0
    told = capsys.readouterr().out
    assert "已固化 1 个单元格" in told
    assert str(tmp_path / "台账_固化.xlsx") in told
    assert rows_of(tmp_path / "台账_固化.xlsx")[1][5] == 1500
    out = tmp_path / "给县里.xlsx"
    assert main(["portable", str(source), "-o", str(out), "--as-of", "2023-02-01"]) == 0
    told = capsys.readouterr().out
    assert "1 个公式改成了普通公式" in told
    assert calculated(out, "F2", "G2") == [1500, 1500]
    assert main(["portable", str(out)]) == 1
    assert "没有本库的公式" in capsys.readouterr().err


def test_commands_tell_what_was_frozen(tmp_path, capsys):
    cells = {**ROW, "F2": Called(TRAVEL, 1500)}
    cells |= {f"G{row}": Called('WHY("TRAVEL_SUBSIDY",A2)', "因为") for row in range(2, 30)}
    source = workbook(tmp_path / "台账.xlsx", cells)
    assert main(["portable", str(source)]) == 0
    told = capsys.readouterr().out
    assert "28 个公式没有普通公式可用" in told
    assert "等28处" in told
