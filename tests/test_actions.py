"""Each button's action, on a workbook that is open in Excel (a double of it) and on the closed file: both come to what
the command line makes."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path

import live_excel
import openpyxl
import pytest
from live_excel import ComError, chart_of, opened
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.table import Table
from small_ledgers import ledger, no_person_in, people, write

from xl_poverty.cli import main
from xl_poverty.errors import LedgerError
from xl_poverty.hosts.actions import ACTIONS, action_of
from xl_poverty.hosts.books import FileBook
from xl_poverty.hosts.excel.live import ExcelBook
from xl_poverty.hosts.excel.run import run
from xl_poverty.ledger.files import read_book
from xl_poverty.workbook.regenerating import RECORD

EXAMPLES = Path(__file__).parent.parent / "workbooks"
ROWS = 30
STATE = {"screen_updating": True, "display_alerts": True, "enable_events": True, "calculation": "automatic",
         "status_bar": False}  # fmt: skip


def contents(path) -> dict:
    """Sheet -> (its values where no formula stands, its formulas), so that files of any program are compared."""
    found = {}
    for sheet in read_book(path).sheets:
        values = {(row, column): value for row, line in enumerate(sheet.rows) for column, value in enumerate(line)
                  if value not in (None, "") and (row, column) not in sheet.formulas}  # fmt: skip
        formulas = {spot: text.replace("'", "").replace(" ", "") for spot, text in sheet.formulas.items()}
        told = {spot: getattr(value, "cell", value) for spot, value in values.items()}
        found[sheet.name] = told, formulas
    return found


def saved(book, tmp_path) -> Path:
    """The live workbook as a file."""
    path = tmp_path / f"存_{book.name}"
    book.api.SaveCopyAs(str(path))
    return path


def said(book) -> str:
    """The message of the last button, which has to be a good one."""
    title, text, mode = book.app.impl.alerts[-1]
    assert mode == "info" and title.startswith("帮扶："), text
    return text


def refused(book) -> str:
    title, text, mode = book.app.impl.alerts[-1]
    assert mode == "critical" and no_person_in(text), text
    return text


def as_it_was(book):
    """Nothing that an action switches off is left off, no copy left open."""
    app = book.app.impl
    assert app.state == STATE and app.api.AutomationSecurity == 1
    assert not [one.name for one in app.open_books if one.name.startswith("xlp-")]


def backups(folder: Path) -> list[Path]:
    return sorted(folder.glob("*_备份_*"), key=lambda path: path.stem)  # "… (2)" of the same second comes after


def named(path: Path, **values):
    """A sheet 操作 with named cells."""
    book = openpyxl.load_workbook(path)
    sheet = book.create_sheet("操作")
    for row, (name, value) in enumerate(values.items(), 1):
        sheet.cell(row, 1, name)
        sheet.cell(row, 2, value)
        book.defined_names[name] = DefinedName(name, attr_text=f"操作!$B${row}")
    book.save(path)


def call(capsys, *arguments):
    code = main([str(one) for one in arguments])
    found = capsys.readouterr()
    return code, found.out, found.err


def test_every_button_is_told(capsys):
    captions = ["识别表头", "体检", "重算", "生成汇总", "生成花名册", "生成公示", "生成一户一策", "与上期比对",
                "固化导出", "说明此格", "备份"]  # fmt: skip
    assert [one.caption for one in ACTIONS.values()] == captions
    assert all(key == one.id and key.isidentifier() and one.about for key, one in ACTIONS.items())
    assert action_of("体检") is action_of("check") is ACTIONS["check"]
    code, out, _ = call(capsys, "do")
    assert code == 0 and all(caption in out for caption in captions)
    code, _, err = call(capsys, "do", "没有")
    assert code == 1 and "没有操作“没有”" in err and "生成汇总" in err
    code, _, err = call(capsys, "do", "体检")
    assert code == 1 and "缺少工作簿" in err


# ---- the example ledger: live, closed, and by the command line


@pytest.fixture(scope="module")
def pristine(tmp_path_factory):
    folder = tmp_path_factory.mktemp("example")
    for name in ("双碾乡台账_上期", "双碾乡发放表"):
        shutil.copy(EXAMPLES / f"{name}.xlsx", folder)
    path = folder / "双碾乡台账.xlsx"
    book = openpyxl.load_workbook(EXAMPLES / path.name)
    book["台账"].delete_rows(ROWS + 4, 400)  # the rest tells nothing more of Excel
    book.save(path)
    named(path, 上期台账="双碾乡台账_上期.xlsx", 公示开始="2025-12-01", 发放表="双碾乡发放表.xlsx",
          事项="交通补贴、稳岗补助")  # fmt: skip
    return folder


@pytest.fixture
def example(pristine, tmp_path):
    """Folders of the live one, of the closed one, of the command line's."""
    return [shutil.copytree(pristine, tmp_path / name) for name in ("live", "closed", "line")]


def test_a_ledger_in_all_three_ways(example, tmp_path, capsys):
    """What is put into the workbook itself."""
    live, closed, line = (folder / "双碾乡台账.xlsx" for folder in example)
    book, lines = opened(live), {}
    for caption in ("重算", "体检", "生成汇总", "识别表头"):
        run(book, action_of(caption).id)
        lines[caption] = said(book)
        as_it_was(book)
        assert call(capsys, "do", caption, closed)[0] == 0
    options = ["--paid", line.with_name("双碾乡发放表.xlsx")]
    call(capsys, "fill", line, "--in-place", "--measures", "交通补贴", "稳岗补助", *options)
    last = line.with_name("双碾乡台账_上期.xlsx")
    code, out, _ = call(capsys, "summary", line, "-o", line, "--last", last, *options)
    assert code == 0 and "已写入：双碾乡台账.xlsx，原来的备份在" in lines["生成汇总"]
    made, file, typed = contents(saved(book, tmp_path)), contents(closed), contents(line)
    assert made.keys() == file.keys() == typed.keys() | {"识别表头", "疑点表"}
    assert list(made) == list(file)  # in the same order
    for name in file:
        assert made[name] == file[name], name
    for name in typed.keys() - {RECORD}:
        assert file[name] == typed[name], name
    assert "应享交通补贴" in made["台账"][0].values() and len(made["疑点表"][0]) > 50
    assert not [text for _, formulas in made.values() for text in formulas.values() if "[" in text or "#REF" in text]
    # looks and widths came along
    workbook = book.impl.workbook
    sheet, filled = workbook["台账"], openpyxl.load_workbook(closed)["台账"]
    heads = {cell.value: cell for cell in sheet[3] if cell.value}
    for head in ("应享交通补贴", "依据"):
        other = filled[heads[head].coordinate]
        assert heads[head].fill.fgColor.rgb == other.fill.fgColor.rgb and heads[head].font.b == other.font.b
        width = heads[head].column_letter
        assert sheet.column_dimensions[width].width == filled.column_dimensions[width].width
    assert workbook[RECORD].sheet_state == "veryHidden"
    # again: nothing is written, in any of the ways
    calls, kept = len(book.app.impl.calls), [backups(folder) for folder in example[:2]]
    for caption in ("重算", "体检", "生成汇总", "识别表头"):
        run(book, action_of(caption).id)
        assert "没有变化" in said(book), caption
        assert "没有变化" in call(capsys, "do", caption, closed)[1], caption
    writes = {"cells", "copy cells", "copy sheet", "rename", "name", "resize", "series"}
    assert writes.isdisjoint(book.app.impl.calls[calls:])
    assert [backups(folder) for folder in example[:2]] == kept
    assert contents(saved(book, tmp_path)) == made
    for caption in ("重算", "体检", "生成汇总", "识别表头"):
        assert no_person_in(lines[caption])


@pytest.mark.parametrize(
    ("caption", "ending", "command"),
    [("生成花名册", "花名册", ["roster", "{}", "--measures", "交通补贴", "稳岗补助", "--paid", "双碾乡发放表.xlsx"]),
     ("生成公示", "公示", ["notice", "{}", "--start", "2025-12-01", "--measures", "交通补贴", "稳岗补助", "--paid",
                       "双碾乡发放表.xlsx"]),
     ("生成一户一策", "一户一策", ["plan", "{}", "--last", "双碾乡台账_上期.xlsx", "--paid", "双碾乡发放表.xlsx"]),
     ("与上期比对", "与上期对比", ["compare", "双碾乡台账_上期.xlsx", "{}"])],
)  # fmt: skip
def test_files_beside_in_all_three_ways(example, caption, ending, command, capsys, monkeypatch):
    folders = [folder / "双碾乡台账.xlsx" for folder in example]
    made = [path.with_name(f"双碾乡台账_{ending}.xlsx") for path in folders]
    book = opened(folders[0])
    book.api.Saved = True
    run(book, action_of(caption).id)
    assert f"已写入：{made[0].name}" in said(book)
    as_it_was(book)
    assert [one.name for one in book.app.books] == ["双碾乡台账.xlsx", made[0].name]  # it is shown
    assert call(capsys, "do", caption, folders[1])[0] == 0
    monkeypatch.chdir(example[2])
    code, _, err = call(capsys, *[part.format("双碾乡台账.xlsx") for part in command])
    assert code == 0, err
    live, closed, line = map(contents, made)
    for name in live.keys() | closed.keys() | line.keys():
        for part in range(2):
            places = live[name][part].keys() | closed[name][part].keys() | line[name][part].keys()
            for spot in places:
                found = [one[name][part].get(spot) for one in (live, closed, line)]
                assert found[0] == found[1] == found[2], (name, spot)
    # again, while the file is open: nothing changes in it
    run(book, action_of(caption).id)
    assert "没有变化" in said(book)
    as_it_was(book)


# ---- small ledgers


@pytest.fixture
def small(tmp_path):
    """A ledger with a document and a day, and a sheet of somebody's own."""
    path = ledger(tmp_path, 6, 行政村="甲村", 月工资=3000, 连续外出务工月数=8)
    named(path, 政策="双碾乡", 业务日期="2023-02-01")
    return path


def own_sheet(path: Path):
    """Formulas, a name and a chart that read the summary."""
    book = openpyxl.load_workbook(path)
    sheet = book.create_sheet("我的")
    sheet["A1"], sheet["A2"] = "=汇总_户数人数!B5*2", "=SUM('汇总_户数人数'!$B$5:$B$6)"
    sheet["A3"] = "=台账!A2"
    book.defined_names["总户数"] = DefinedName("总户数", attr_text="汇总_户数人数!$B$5")
    chart_of(sheet, "户数", "汇总_户数人数!$B$5:$B$6")
    book.save(path)


def more_villages(path: Path, count: int = 6):
    """The ledger gets rows of another village: the sheets of the summary get other layouts."""
    book = openpyxl.load_workbook(path)
    heads, *rows = people(count + 3, 行政村="乙村", 月工资=3000, 连续外出务工月数=8)
    for row in rows[count:]:
        book["台账"].append(row)
    book.save(path)


def test_sheets_of_somebodys_own_stay_right(small, tmp_path):
    ACTIONS["summary"].run(FileBook(small))
    own_sheet(small)
    more_villages(small)
    closed = tmp_path / "另" / small.name
    closed.parent.mkdir()
    book = opened(small)
    run(book, "summary")
    assert "已写入" in said(book)
    as_it_was(book)
    assert "rename" in book.app.impl.calls and "copy sheet" in book.app.impl.calls
    made = contents(saved(book, tmp_path))
    assert not [name for name in made if name.startswith("_旧")]
    shutil.copy(backups(tmp_path)[-1], closed)
    ACTIONS["summary"].run(FileBook(closed))
    expected = contents(closed)
    assert made == expected
    assert made["我的"][1][0, 0] == "=汇总_户数人数!B5*2"  # 全部 stays above the villages
    workbook = book.impl.workbook
    assert workbook.defined_names["总户数"].attr_text == "汇总_户数人数!$B$5"
    assert not [name for sheet in workbook for name in sheet.defined_names if name == "总户数"]
    (series,) = workbook["我的"]._charts[0].series
    assert series.val.numRef.f == "'汇总_户数人数'!$B$5:$B$6"


def test_what_a_clerk_typed_in_a_generated_sheet_stays(small, tmp_path):
    book = opened(small)
    run(book, "check")
    sheet = book.impl.workbook["疑点表"]
    heads = [cell.value for cell in sheet[2]]
    sheet.cell(3, heads.index("处理情况") + 1).value = "已核对"
    place = sheet.cell(3, heads.index("单元格") + 1).value
    book.impl.workbook["台账"]["I2"] = "三千左右"  # one doubt more
    run(book, "check")
    assert "已写入" in said(book)
    noted = {row[heads.index("单元格")]: row[heads.index("处理情况")] for row in sheet_rows(book, "疑点表")}
    assert noted[place] == "已核对" and noted["I2"] is None


def names_of(book) -> dict[str, str]:
    return {name: one.attr_text.replace("'", "") for name, one in book.impl.workbook.defined_names.items()}


def sheet_rows(book, name: str) -> list[list]:
    return [list(row) for row in book.impl.workbook[name].iter_rows(values_only=True)]


@pytest.mark.parametrize("after", [0, 2, 6, 11, 16, 21])
def test_a_failure_in_the_middle_leaves_the_workbook_whole(small, tmp_path, after):
    ACTIONS["summary"].run(FileBook(small))
    own_sheet(small)
    more_villages(small)
    book = opened(small)
    before = contents(saved(book, tmp_path))
    names = names_of(book)
    app = book.app.impl
    app.failing = after
    run(book, "summary")
    assert app.failing is None
    assert "工作簿没有改动" in refused(book)
    as_it_was(book)
    assert contents(saved(book, tmp_path)) == before
    assert names_of(book) == names
    (series,) = book.impl.workbook["我的"]._charts[0].series
    assert series.val.numRef.f.replace("'", "") == "汇总_户数人数!$B$5:$B$6"
    assert contents(backups(tmp_path)[-1]) == before
    run(book, "summary")  # and then it can be done
    assert "已写入" in said(book)


@pytest.mark.parametrize("after", [0, 1, 2, 3, 4])
def test_a_failure_while_results_are_filled_in(small, tmp_path, after):
    book = opened(small)
    before = contents(saved(book, tmp_path))
    book.app.impl.failing = after
    run(book, "recalculate")
    if book.app.impl.failing is None:
        refused(book)
        assert contents(saved(book, tmp_path)) == before and not book.impl.workbook["台账"].merged_cells.ranges
    as_it_was(book)


def test_what_stands_around_the_cells_grows(small, tmp_path):
    book = openpyxl.load_workbook(small)
    sheet = book["台账"]
    sheet.add_table(Table(displayName="人员表", ref=sheet.dimensions))
    sheet.print_area = sheet.dimensions
    book.save(small)
    shutil.copytree(tmp_path, closed := tmp_path / "另")
    live = opened(small)
    run(live, "recalculate")
    assert "已写入" in said(live) and "resize" in live.app.impl.calls
    ACTIONS["recalculate"].run(FileBook(closed / small.name))
    expected = openpyxl.load_workbook(closed / small.name)["台账"]
    found = live.impl.workbook["台账"]
    assert found.tables["人员表"].ref == expected.tables["人员表"].ref != sheet.tables["人员表"].ref
    heads = [column.name for column in found.tables["人员表"].tableColumns]
    assert heads == [cell.value for cell in found[1]] and "应享交通补贴" in heads
    assert found.print_area == expected.print_area != sheet.print_area
    assert contents(saved(live, tmp_path)) == contents(closed / small.name)


def test_headers_of_two_rows_are_merged(tmp_path):
    heads = ["户编号", "姓名", "与户主关系", "证件号码", "户类型", "劳动技能", "务工情况", None]
    rows = [row + [3000] for row in people(3)[1:]]
    path = write(tmp_path / "台账.xlsx", heads, [None] * 6 + ["务工去向", "月工资"], *rows)
    book = openpyxl.load_workbook(path)
    for area in ("A1:A2", "B1:B2", "C1:C2", "D1:D2", "E1:E2", "F1:F2", "G1:H1"):
        book["台账"].merge_cells(area)
    book.save(path)
    named(path, 政策="双碾乡", 业务日期="2023-02-01")
    live = opened(path)
    run(live, "recalculate")
    assert "已写入" in said(live)
    made = {str(area) for area in live.impl.workbook["台账"].merged_cells.ranges}
    assert {"I1:I2", "J1:J2"} <= made and live.impl.workbook["台账"]["I1"].value == "应享交通补贴"


# ---- what stands in the way


@pytest.fixture
def protected(small):
    book = openpyxl.load_workbook(small)
    sheet = book["台账"]
    column = sheet.max_column + 1
    sheet.cell(1, column).value = "应享交通补贴"
    for row in range(2, 8):
        sheet.cell(row, column).value = f'=IF(B{row}="","",TRAVEL_SUBSIDY(E{row},F{row},G{row}))'
    sheet.protection.sheet = True
    sheet.protection.sort = False
    book.save(small)
    return small


def test_a_protected_sheet_is_protected_again(protected, tmp_path):
    book = opened(protected)
    formulas = contents(protected)["台账"][1]
    run(book, "recalculate")
    text = said(book)
    assert "这些列是公式" in text and "应享交通补贴" in text and "CalculateFull" in book.app.impl.calls
    sheet = book.impl.workbook["台账"]
    assert sheet.protection.sheet and not sheet.protection.sort and sheet.protection.formatCells
    made = contents(saved(book, tmp_path))["台账"]
    assert made[1] == formulas  # living columns are the workbook's
    assert "应享稳岗补助" in made[0].values() and "依据" in made[0].values()
    assert 1200 in made[0].values()


def test_a_closed_protected_ledger_stays_protected(protected, capsys):
    formulas = contents(protected)["台账"][1]
    code, out, _ = call(capsys, "do", "重算", protected)
    assert code == 0 and "已写入：台账.xlsx，原来的备份在" in out
    sheet = openpyxl.load_workbook(protected)["台账"]
    assert sheet.protection.sheet and not sheet.protection.sort
    made = contents(protected)["台账"]
    assert made[1] == formulas and "应享稳岗补助" in made[0].values()


def test_a_closed_ledger_with_a_password_has_its_results_beside(protected, capsys):
    book = openpyxl.load_workbook(protected)
    book["台账"].protection.password = "甲"
    book.save(protected)
    before = protected.read_bytes()
    code, out, _ = call(capsys, "do", "重算", protected)
    assert code == 0 and "结果在 台账_核算结果.xlsx" in out
    assert protected.read_bytes() == before
    assert read_book(protected.with_name("台账_核算结果.xlsx")).sheets[0].height == 7


def test_a_sheet_with_a_password_stays_as_it_is(protected, tmp_path):
    book = opened(protected)
    book.impl.workbook["台账"].protection.password = "甲"
    before = contents(saved(book, tmp_path))
    run(book, "recalculate")
    assert "结果在 台账_核算结果.xlsx" in said(book)
    assert contents(saved(book, tmp_path)) == before
    assert read_book(protected.with_name("台账_核算结果.xlsx")).sheets[0].height == 7
    as_it_was(book)


def test_workbooks_that_cannot_be_worked_on(small, tmp_path):
    def told(name="check", **changes):
        book = opened(small)
        for key, value in changes.items():
            setattr(book.app.api if key == "Ready" else book.api, key, value)
        run(book, name)
        return refused(book)

    assert "还没有保存过" in told(Path="", FullName="工作簿1")
    assert "OneDrive" in told(FullName="https://d.docs.live.net/1/台账.xlsx")
    assert "只读" in told(ReadOnly=True)
    assert "共享" in told(MultiUserEditing=True)
    assert "正在编辑" in told(Ready=False)
    old = tmp_path / "旧.xls"
    with pytest.raises(LedgerError, match="另存为 .xlsx"), FileBook(write(old, ["甲"])).changing():
        pass
    with pytest.raises(LedgerError, match="找不到文件"):
        FileBook(tmp_path / "没有.xlsx")
    # a workbook that is open read-only can be read all the same
    book = opened(small)
    book.api.ReadOnly = True
    run(book, "roster")
    assert "已写入：台账_花名册.xlsx" in said(book)


def test_excel_is_busy(small):
    book = opened(small)

    def busy(path):
        raise ComError("Call was rejected by callee.", -2147418111)

    object.__setattr__(book.api, "SaveCopyAs", busy)
    run(book, "check")
    assert "正忙" in refused(book)


def test_a_fault_of_ours_tells_nothing_of_persons(small, monkeypatch):
    def broken(*_, **__):
        raise ValueError("甲某 990000")

    monkeypatch.setattr("xl_poverty.ledger.report.doubts_page", broken)
    book = opened(small)
    run(book, "check")
    text = refused(book)
    assert "ValueError" in text and "test_actions.py" in text and "990000" not in text


# ---- what the sheet 操作 says


def test_what_is_indispensable_is_asked_for(small, capsys):
    code, _, err = call(capsys, "do", "生成公示", small)
    assert code == 1 and "缺少“公示开始”" in err
    book = opened(small)
    run(book, "notice")
    assert "没有填“公示开始”" in refused(book)
    book.app.impl.answers = ["2025-12-01"]
    run(book, "notice")
    assert "2025-12-01 至 2025-12-06" in said(book)
    run(book, "compare")
    assert "没有填“上期台账”" in refused(book)


def test_what_the_command_line_calls_otherwise(small):
    book = opened(small)
    sheet = book.impl.workbook["台账"]
    heads = [cell.value for cell in sheet[1]]
    sheet.cell(2, heads.index("月工资") + 1).value = 0.3  # in 万元, it seems
    run(book, "recalculate")
    assert "按钮“体检”" in said(book) and "xl-poverty" not in said(book)


def test_wrong_entries_are_told(small, capsys):
    for name, value, told in (("上期台账", "没有.xlsx", "没有.xlsx 找不到"), ("农民收入上年", "两万", "应是数字"),
                              ("台账文件", "台账.xlsx;台账.xlsx", "")):  # fmt: skip
        path = small.with_name(f"{name}.xlsx")
        shutil.copy(small, path)
        book = openpyxl.load_workbook(path)
        book["操作"]["B9"] = value
        book.defined_names[name] = DefinedName(name, attr_text="操作!$B$9")
        book.save(path)
        if told:
            code, _, err = call(capsys, "do", "生成汇总", path)
            assert code == 1 and told in err
    code, _, err = call(capsys, "do", "生成花名册", small.with_name("台账文件.xlsx"))
    assert code == 1 and "一次只做一个台账" in err


def test_a_workbook_without_a_ledger_names_its_ledgers(small, tmp_path, capsys):
    control = write(tmp_path / "汇总表.xlsx", ["汇总"], sheet="说明")
    named(control, 台账文件=small.name)
    assert call(capsys, "do", "生成汇总", control)[0] == 0
    made = contents(control)
    assert "甲村" in made["汇总_户数人数"][0].values()
    assert contents(small).keys() == {"台账", "操作"}
    code, out, _ = call(capsys, "do", "生成花名册", control)
    assert code == 0 and "已写入：台账_花名册.xlsx" in out


def test_settings_of_the_office_lie_beside_the_workbook(tmp_path):
    path = ledger(tmp_path, 2, 月工资=3000, 连续外出务工月数=8)
    (tmp_path / "office.toml").write_text('policy = "双碾乡"\nas_of = 2023-02-01\n', encoding="utf-8")
    book = opened(path)
    run(book, "recalculate")
    assert "政策：双碾乡" in said(book)


# ---- a cell


def test_a_cell_is_explained(small, capsys):
    book = openpyxl.load_workbook(small)
    sheet = book["台账"]
    sheet["L2"] = "=TRAVEL_SUBSIDY(E2,F2,G2,800,政策,业务日期)"
    sheet["L3"] = "=IF(B3=\"\",\"\",TRAVEL_SUBSIDY(E3,F3,B3&\"\"))"
    book.save(small)
    code, out, _ = call(capsys, "explain", small, "台账!L2")
    assert code == 0 and "公式：=TRAVEL_SUBSIDY(E2" in out
    assert "交通补贴" in out and "第10条" in out and "原文：“对跨省务工和省内区外务工的脱贫户和监测户劳动力" in out
    code, out, _ = call(capsys, "explain", small, "台账!l3")
    assert "务工去向要由表格软件算出" in out and "原文" in out
    call(capsys, "do", "重算", small)
    heads = [cell.value for cell in openpyxl.load_workbook(small)["台账"][1]]
    column = openpyxl.utils.get_column_letter(heads.index("应享稳岗补助") + 1)
    code, out, _ = call(capsys, "explain", small, f"{column}2")  # of the first sheet
    assert "稳岗补助1200元" in out and "原文" in out
    basis = openpyxl.utils.get_column_letter(heads.index("依据") + 1)
    assert "稳岗补助1200元（第11条）" in call(capsys, "explain", small, f"台账!{basis}2")[1]
    for place, told in (("台账!A1", "没有本库的公式"), ("没有!A1", "没有工作表“没有”"), ("台账!甲", "不是一个单元格")):
        code, _, err = call(capsys, "explain", small, place)
        assert code == 1 and told in err
    live = opened(small)
    run(live, "explain")
    assert "请先选中" in refused(live)
    live.app.impl.chosen = live.sheets["台账"].range((2, 12), (3, 12)).impl
    run(live, "explain")
    assert "公式：=TRAVEL_SUBSIDY(E2" in said(live)


def test_a_cell_with_a_list_of_wages_and_an_array(tmp_path, capsys):
    path = ledger(tmp_path, 2)
    named(path, 政策="双碾乡", 业务日期="2023-02-01")
    book = openpyxl.load_workbook(path)
    from openpyxl.worksheet.formula import ArrayFormula

    book["台账"]["L2"] = ArrayFormula("L2:L3", "=TRAVEL_SUBSIDY(E2:E3,F2:F3,G2:G3)")
    book["台账"]["G3"] = "省内区外"
    book.save(path)
    assert "1500元" in call(capsys, "explain", path, "台账!L2")[1]
    assert "600元" in call(capsys, "explain", path, "台账!L3")[1]


# ---- copies


def test_backup_is_the_workbook_as_it_is_now(small, tmp_path, capsys):
    code, out, _ = call(capsys, "backup", small)
    (kept,) = backups(tmp_path)
    assert code == 0 and kept.name in out and kept.read_bytes() == small.read_bytes()
    book = opened(small)
    book.impl.workbook["台账"]["K9"] = "还没有保存"
    run(book, "backup")
    (second,) = set(backups(tmp_path)) - {kept}
    assert second.name in said(book)
    assert openpyxl.load_workbook(second)["台账"]["K9"].value == "还没有保存"
    assert openpyxl.load_workbook(small)["台账"]["K9"].value is None


def test_freezing_beside(tmp_path, capsys):
    import xlsxwriter

    path = tmp_path / "算.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("台账")
        sheet.write_row(0, 0, ["脱贫户", "普通劳动力", "跨省"])
        sheet.write_formula("D1", "=TRAVEL_SUBSIDY(A1,B1,C1)", None, 1500)
        sheet.write_row(4, 0, ["双碾乡"])
        book.define_name("政策", "=台账!$A$5")
        sheet.write_datetime("A6", dt.datetime(2023, 2, 1), book.add_format({"num_format": "yyyy-mm-dd"}))
        book.define_name("业务日期", "=台账!$A$6")
    live = opened(path)
    run(live, "freeze")
    assert "已固化 1 个单元格" in said(live)
    frozen = tmp_path / "算_固化.xlsx"
    assert openpyxl.load_workbook(frozen)["台账"]["D1"].value == 1500
    run(live, "freeze")  # while it is open: under a name that is free
    assert "算_固化 (2).xlsx" in said(live)
    code, _, err = call(capsys, "do", "固化导出", ledger(tmp_path, 2))
    assert code == 1 and "没有本库的公式" in err


def test_nothing_of_excel_is_used_unseen(small):
    """The double raises on what it does not know."""
    book = opened(small)
    with pytest.raises(AttributeError):
        book.api.Calculate()
    with pytest.raises(AttributeError):
        book.api.Calculation = True
    with pytest.raises(NotImplementedError):
        book.sheets[0].autofit()
    assert isinstance(ExcelBook(book).path, Path) and live_excel.quoted("甲'乙") == "'甲''乙'"
