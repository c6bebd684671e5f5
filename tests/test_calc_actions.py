"""Each button's action on a workbook that is open in a real Calc comes to what it makes of the closed file."""

from __future__ import annotations

import importlib
import os
import shutil
import signal
import sys
import time
import zipfile
from pathlib import Path

import openpyxl
import pytest
from calc_clerk import Clerk, unseen
from calc_office import started
from small_ledgers import ledger, no_person_in, people, write
from test_actions import (  # noqa: F401
    backups,
    call,
    contents,
    example,
    more_villages,
    named,
    own_sheet,
    pristine,
    protected,
    small,
)

from xl_poverty.errors import CellError
from xl_poverty.hosts.actions import ACTIONS
from xl_poverty.hosts.books import FileBook
from xl_poverty.hosts.libreoffice.packaging import build_oxt
from xl_poverty.hosts.values import CONTEXT
from xl_poverty.ledger.files import read_book

olevba = pytest.importorskip("oletools.olevba")
HERE = Path(__file__).parent
TEMPLATES = HERE.parent / "templates"


@pytest.fixture(scope="module")
def python(tmp_path_factory) -> Path:
    """What stands for the Python of the installation."""
    path = tmp_path_factory.mktemp("python") / "python"
    runs(path, f'PYTHONPATH="{HERE.parent}" exec "{sys.executable}" "$@"')
    return path


def runs(path: Path, command: str):
    """A program, which notes down its processes."""
    path.write_text(f'#!/bin/sh\necho $$ >> "{path}.pids"\n{command}\n')
    path.chmod(0o755)


def alive(python: Path) -> list[int]:
    return [int(line) for line in Path(f"{python}.pids").read_text().split() if Path(f"/proc/{line}/cmdline").exists()
            and Path(f"/proc/{line}/cmdline").read_bytes()]  # fmt: skip


def breaking_extension(path: Path) -> Path:
    """What has things go wrong inside Calc."""
    kind = "application/vnd.sun.star.uno-component;type=Python"
    with zipfile.ZipFile(path, "w") as package:
        package.write(HERE / "calc_breaking.py", "calc_breaking.py")
        package.writestr("description.xml", '<description xmlns="http://openoffice.org/extensions/description/2006">'
                         '<identifier value="org.xlpoverty.tests"/><version value="1"/></description>')  # fmt: skip
        package.writestr("META-INF/manifest.xml", '<manifest:manifest xmlns:manifest="http://openoffice.org/2001/manifest">'
                         f'<manifest:file-entry manifest:media-type="{kind}" manifest:full-path="calc_breaking.py"/>'
                         "</manifest:manifest>")  # fmt: skip
    return path


@pytest.fixture(scope="module")
def clerk(tmp_path_factory, python):
    folder = tmp_path_factory.mktemp("calc")
    with unseen(folder):
        build_oxt(folder / "xl_poverty.oxt", python)
        with started(folder / "profile") as calc:
            calc.install(str(breaking_extension(folder / "breaking.oxt")))
            calc.install(str(folder / "xl_poverty.oxt"))
            yield Clerk(calc, folder)


@pytest.fixture(autouse=True)
def nothing_left_open(clerk):
    yield
    clerk.steps.close_all()


def _as_calc_spells(told: dict) -> dict:
    return {name: (values, {spot: text.replace("1E+12", "1000000000000") for spot, text in formulas.items()})
            for name, (values, formulas) in told.items()}  # fmt: skip


def alike(one: Path, other: Path):
    """Two files of the same contents, sheets in the same order."""
    mine, theirs = _as_calc_spells(contents(one)), _as_calc_spells(contents(other))
    assert list(mine) == list(theirs)
    for name in theirs:
        for part, told in enumerate(("values", "formulas")):
            here, there = mine[name][part], theirs[name][part]
            found = {spot: (here.get(spot), there.get(spot)) for spot in here.keys() | there.keys()
                     if here.get(spot) != there.get(spot)}  # fmt: skip
            assert not found, (name, told, dict(list(found.items())[:5]))


# ---- the example ledger


def test_what_is_put_into_a_ledger(clerk, example, tmp_path, capsys):  # noqa: F811
    live, closed, _ = (folder / "双碾乡台账.xlsx" for folder in example)
    before = live.read_bytes()
    document = clerk.open(live)
    for action in ("recalculate", "check", "summary", "inspect"):
        text = clerk.does(document, action)
        assert f"已写入：{live.name}，原来的备份在" in text and no_person_in(text)
        assert call(capsys, "do", ACTIONS[action].caption, closed)[0] == 0
    assert live.read_bytes() == before and clerk.calc.modified(document)
    made = clerk.saved(document, tmp_path / "存.xlsx")
    alike(made, closed)
    # looks, widths and what stays when it is scrolled came along
    for name in openpyxl.load_workbook(closed).sheetnames:
        ours, theirs = (openpyxl.load_workbook(path)[name] for path in (made, closed))
        assert ours.freeze_panes == theirs.freeze_panes, name
        assert len(ours._charts) == len(theirs._charts)
        assert (ours.sheet_state == "visible") == (theirs.sheet_state == "visible"), name
        assert {str(area) for area in ours.merged_cells.ranges} == {str(area) for area in theirs.merged_cells.ranges}
    ours, theirs = (openpyxl.load_workbook(path)["台账"] for path in (made, closed))
    heads = {cell.value: cell for cell in theirs[3] if cell.value}
    for head in ("应享交通补贴", "依据"):
        place, column = heads[head].coordinate, heads[head].column_letter
        assert ours[place].fill.fgColor.rgb == heads[head].fill.fgColor.rgb != "00000000"
        assert ours[place].font.b == heads[head].font.b
        assert ours[place].border.left.style == heads[head].border.left.style
        widths = [sheet.column_dimensions[column].width for sheet in (ours, theirs)]
        assert widths[0] == pytest.approx(widths[1], abs=0.5), head
        assert ours[f"{column}6"].number_format == theirs[f"{column}6"].number_format
    # again: nothing is written
    kept = backups(live.parent)
    for action in ("recalculate", "check", "summary", "inspect"):
        assert "没有变化" in clerk.does(document, action), action
    assert backups(live.parent) == kept


@pytest.mark.parametrize(
    ("action", "ending"),
    [("roster", "花名册"), ("notice", "公示"), ("plan", "一户一策"), ("compare", "与上期对比")],
)
def test_files_beside(clerk, example, action, ending, capsys):  # noqa: F811
    live, closed, _ = (folder / "双碾乡台账.xlsx" for folder in example)
    made, expected = (path.with_name(f"双碾乡台账_{ending}.xlsx") for path in (live, closed))
    document = clerk.open(live)
    assert f"已写入：{made.name}" in clerk.does(document, action)
    assert clerk.steps.opened() == sorted([live.name, made.name])  # it is shown
    assert call(capsys, "do", ACTIONS[action].caption, closed)[0] == 0
    alike(made, expected)
    # again, while the file is open: nothing changes in it
    assert "没有变化" in clerk.does(document, action)
    assert not clerk.calc.modified(document)


# ---- small ledgers


def test_sheets_of_somebodys_own_stay_right(clerk, small, tmp_path):  # noqa: F811
    ACTIONS["summary"].run(FileBook(small))
    own_sheet(small)
    more_villages(small)
    document = clerk.open(small)
    clerk.steps.select(document, "我的!A2:A3")
    text = clerk.does(document, "summary")
    assert "已写入" in text and "不能用“撤销”退回" in text and not clerk.steps.undo(document)
    made = clerk.saved(document, tmp_path / "存.xlsx")
    closed = tmp_path / "另" / small.name
    closed.parent.mkdir()
    shutil.copy(backups(tmp_path)[-1], closed)
    ACTIONS["summary"].run(FileBook(closed))
    alike(made, closed)
    book = openpyxl.load_workbook(made)
    assert not [name for name in book.sheetnames if name.startswith("_旧")]
    assert book.defined_names["总户数"].attr_text.replace("'", "") == "汇总_户数人数!$B$5"
    (series,) = book["我的"]._charts[0].series
    assert series.val.numRef.f.replace("'", "") == "汇总_户数人数!$B$5:$B$6"
    clerk.calc.calculate(document)
    assert clerk.calc.cells(document, "我的!A1:A2") == [[12], [18]]  # 6 of 甲村 twice; 6, 3 of 乙村 and all 9
    assert not clerk.steps.links(document)


def test_one_step_takes_back_what_was_filled_in(clerk, small, tmp_path):  # noqa: F811
    document = clerk.open(small)
    assert "不能用“撤销”退回" in clerk.does(document, "recalculate")  # there is a new sheet 核算口径
    clerk.calc.put(document, "台账!G2", "区内")
    before = clerk.saved(document, tmp_path / "前.xlsx")
    clerk.steps.select(document, "操作!B2")
    assert "撤销" not in clerk.does(document, "recalculate")
    filled = clerk.saved(document, tmp_path / "后.xlsx")
    assert clerk.steps.undo(document) == ["帮扶", "Input"]
    clerk.steps.take_back(document)
    alike(clerk.saved(document, tmp_path / "退.xlsx"), before)
    with pytest.raises(AssertionError):
        alike(filled, before)


def test_an_ods(clerk, small, tmp_path, capsys):  # noqa: F811
    document = clerk.open(small)
    ods = tmp_path / "甲" / "台账.ods"
    ods.parent.mkdir()
    clerk.saved(document, ods)
    clerk.closed(document)
    document = clerk.open(ods)
    before = ods.read_bytes()
    for action in ("recalculate", "check", "summary"):
        assert "已写入：台账.ods，原来的备份在 台账_备份_" in clerk.does(document, action)
        assert call(capsys, "do", ACTIONS[action].caption, small)[0] == 0
    assert ods.read_bytes() == before and all(path.suffix == ".ods" for path in backups(ods.parent))
    alike(clerk.saved(document, tmp_path / "存.xlsx"), small)
    assert "已写入：台账_花名册.xlsx" in clerk.does(document, "roster")
    kept = clerk.open(backups(ods.parent)[0])
    assert "疑点表" not in clerk.calc.sheets(kept)


def macros(file: Path) -> dict[str, str]:
    """Module -> its source, however programs end lines and what they say of the module."""
    found = {}
    for _, _, name, source in olevba.VBA_Parser(str(file)).extract_macros():
        lines = [line.rstrip() for line in source.splitlines() if not line.startswith("Attribute ")]
        found[Path(name).stem] = "\n".join(lines).strip()
    return {name: text for name, text in found.items() if text}  # those of sheets hold nothing


def fill(clerk, document: int, path: Path, count: int):
    """Type people into a template."""
    sheet = openpyxl.load_workbook(path, read_only=True)["台账"]
    top, heads = next((row, line) for row, line in enumerate(sheet.iter_rows(values_only=True), 1) if "姓名" in line)
    titles, *rows = people(count, 行政村="甲村", 月工资=3000, 连续外出务工月数=8)
    for title, column in ((title, heads.index(title) + 1) for title in titles if title in heads):
        letter, place = openpyxl.utils.get_column_letter(column), titles.index(title)
        area = f"台账!{letter}{top + 1}:{letter}{top + count}"
        clerk.calc.fill(document, area, [[row[place]] for row in rows])
    clerk.steps.name_put(document, "业务日期", "2023-02-01")


def test_buttons_of_a_template(clerk, tmp_path, capsys):
    path, closed = tmp_path / "台账模板_双碾乡.xlsm", tmp_path / "另" / "台账模板_双碾乡.xlsm"
    closed.parent.mkdir()
    shutil.copy(TEMPLATES / path.name, path)
    document = clerk.open(path)
    assert not clerk.calc.modified(document) and not clerk.steps.undo(document)
    fill(clerk, document, path, 5)
    clerk.clicks(document, "备份")  # meanwhile formulas that read blanks are put right
    clerk.calc.calculate(document)
    clerk.saved(document, closed)
    clerk.answers("2025-12-01")
    for one in ACTIONS.values():
        if one.id in ("compare", "explain"):
            continue
        said = clerk.clicks(document, one.caption)
        assert said["title"] == f"帮扶：{one.caption}"
        refusal = {"notice": "没有可以发放的人", "freeze": "不能当作定数"}.get(one.id)  # little is told
        assert said["failed"] == bool(refusal) and (refusal or "") in said["text"], said["text"]
        if one.id in ("inspect", "check", "recalculate", "summary"):
            assert call(capsys, "do", one.caption, closed)[0] == 0
    alike(clerk.saved(document, tmp_path / "存.xlsm"), closed)
    assert all(path.with_name(f"{path.stem}_{ending}.xlsx").exists() for ending in ("花名册", "一户一策"))
    # saved by Calc, its buttons call their macros, and its macros are those that there were
    clerk.calc.save(document)
    for file in (path, tmp_path / "存.xlsm"):
        with zipfile.ZipFile(file) as package:
            drawing = package.read("xl/drawings/vmlDrawing1.vml").decode()
        assert all(f"<x:FmlaMacro>XlpActions.Xlp{one.title()}</x:FmlaMacro>" in drawing for one in ACTIONS)
        assert macros(file) == macros(TEMPLATES / path.name)
    assert not clerk.clicks(document, "备份")["failed"]  # and here they go on asking for actions
    document = clerk.open(tmp_path / "存.xlsm")
    assert not clerk.clicks(document, "体检")["failed"]


# ---- what stands in the way


def test_a_protected_sheet_is_protected_again(clerk, protected, tmp_path):  # noqa: F811
    document = clerk.open(protected)
    formulas = contents(protected)["台账"][1]
    assert "这些列是公式" in clerk.does(document, "recalculate")
    made = clerk.saved(document, tmp_path / "存.xlsx")
    before = clerk.saved(clerk.open(protected), tmp_path / "前.xlsx")
    ours, theirs = (openpyxl.load_workbook(path)["台账"].protection for path in (made, before))
    assert ours.sheet and not ours.sort and ours.formatCells
    assert vars(ours) == vars(theirs)
    told = contents(made)["台账"]
    assert told[1] == formulas and "应享稳岗补助" in told[0].values() and 1200 in told[0].values()


def test_a_sheet_with_a_password_stays_as_it_is(clerk, protected, tmp_path):  # noqa: F811
    book = openpyxl.load_workbook(protected)
    book["台账"].protection.password = "甲"
    book.save(protected)
    document = clerk.open(protected)
    before = clerk.saved(document, tmp_path / "前.xlsx")
    assert "结果在 台账_核算结果.xlsx" in clerk.does(document, "recalculate")
    alike(clerk.saved(document, tmp_path / "后.xlsx"), before)


def test_workbooks_that_cannot_be_worked_on(clerk, small, tmp_path):  # noqa: F811
    assert "还没有保存过" in clerk.is_refused(clerk.calc.open(), "check")
    document = clerk.steps.open_with(str(small), {"ReadOnly": True})
    assert "只读" in clerk.is_refused(document, "check")
    assert "已写入：台账_花名册.xlsx" in clerk.does(document, "roster")
    clerk.steps.close_all()
    document = clerk.open(small)
    secret = tmp_path / "密.xlsx"
    clerk.steps.save_with(document, str(secret), {"FilterName": "Calc MS Excel 2007 XML", "Password": "甲乙"})
    document = clerk.steps.open_with(str(secret), {"Password": "甲乙"})
    assert "打开密码" in clerk.is_refused(document, "check")
    table = tmp_path / "表.csv"
    table.write_text("姓名\n甲某\n", encoding="utf-8")
    assert "不是 .xlsx" in clerk.is_refused(clerk.open(table), "check")


def test_what_is_asked_for(clerk, small):  # noqa: F811
    document = clerk.open(small)
    assert "没有填“公示开始”" in clerk.is_refused(document, "notice")
    clerk.answers("2025-12-01")
    assert "2025-12-01 至 2025-12-06" in clerk.does(document, "notice")


def test_the_cell_that_is_chosen_is_explained(clerk, small):  # noqa: F811
    book = openpyxl.load_workbook(small)
    book["台账"]["L2"] = "=TRAVEL_SUBSIDY(E2,F2,G2,800,政策,业务日期)"
    book.save(small)
    document = clerk.open(small)
    clerk.steps.select(document, "台账!L2:M3")
    text = clerk.does(document, "explain")
    assert "公式：=TRAVEL_SUBSIDY(E2" in text and "第10条" in text
    assert clerk.steps.clipboard() and text.startswith(clerk.steps.clipboard()) and "（已复制，可以直接粘贴）" in text
    clerk.steps.select(document, "台账!A1")
    assert "没有本库的公式" in clerk.is_refused(document, "explain")


def test_backup_is_the_workbook_as_it_is_now(clerk, small, tmp_path):  # noqa: F811
    document = clerk.open(small)
    clerk.does(document, "backup")
    (kept,) = backups(tmp_path)
    assert kept.read_bytes() == small.read_bytes()
    clerk.calc.put(document, "台账!K9", "还没有保存")
    clerk.does(document, "backup")
    (second,) = set(backups(tmp_path)) - {kept}
    assert openpyxl.load_workbook(second)["台账"]["K9"].value == "还没有保存"
    assert openpyxl.load_workbook(small)["台账"]["K9"].value is None


def test_freezing_beside(clerk, small):  # noqa: F811
    book = openpyxl.load_workbook(small)
    book["台账"]["L2"] = "=TRAVEL_SUBSIDY(E2,F2,G2)"
    book.save(small)
    document = clerk.open(small)
    assert "已固化 1 个单元格" in clerk.does(document, "freeze")
    frozen = small.with_name("台账_固化.xlsx")
    assert openpyxl.load_workbook(frozen)["台账"]["L2"].value == 1500
    clerk.does(document, "freeze")  # while it is open: under a name that is free
    assert small.with_name("台账_固化 (2).xlsx").exists()


def test_two_workbooks_of_one_name(clerk, small, tmp_path):  # noqa: F811
    other = tmp_path / "另" / small.name
    other.parent.mkdir()
    ledger(other.parent, 3, 行政村="乙村", 月工资=3000, 连续外出务工月数=8)
    named(other, 政策="双碾乡", 业务日期="2023-02-01")
    one, two = clerk.open(small), clerk.open(other)
    assert "6 行" in clerk.does(one, "recalculate") and "3 行" in clerk.does(two, "recalculate")
    assert len(backups(tmp_path)) == len(backups(other.parent)) == 1


def test_a_workbook_without_a_ledger_names_its_ledgers(clerk, small, tmp_path):  # noqa: F811
    control = write(tmp_path / "汇总表.xlsx", ["汇总"], sheet="说明")
    named(control, 台账文件=small.name)
    document = clerk.open(control)
    clerk.does(document, "summary")
    assert "甲村" in contents(clerk.saved(document, tmp_path / "存.xlsx"))["汇总_户数人数"][0].values()


def test_what_all_entries_do(clerk, small):  # noqa: F811
    said = clerk.chooses(clerk.open(small), "help")
    assert all(one.caption in said["text"] and one.about in said["text"] for one in ACTIONS.values())
    said = clerk.chooses(clerk.open(small), "nothing")
    assert said["failed"] and "没有操作" in said["text"]


# ---- what goes wrong


@pytest.mark.parametrize("after", [1, 3, 8, 21, 34])
def test_a_failure_in_the_middle_leaves_the_workbook_whole(clerk, small, tmp_path, after):  # noqa: F811
    ACTIONS["summary"].run(FileBook(small))
    own_sheet(small)
    more_villages(small)
    document = clerk.open(small)
    before = clerk.saved(document, tmp_path / "前.xlsx")
    clerk.steps.select(document, "我的!A2:A3")
    clerk.steps.break_after(after)
    text = clerk.is_refused(document, "summary")
    assert "工作簿没有改动" in text and "RuntimeError，calc_breaking.py" in text and "990000" not in text
    alike(clerk.saved(document, tmp_path / "后.xlsx"), before)
    series = [openpyxl.load_workbook(tmp_path / name)["我的"]._charts[0].series[0].val.numRef.f for name in
              ("前.xlsx", "后.xlsx")]  # fmt: skip
    assert series[0] == series[1] and clerk.steps.shown(document) == "我的"
    assert len(backups(tmp_path)) == 2 and not clerk.steps.links(document)
    assert "已写入" in clerk.does(document, "summary")  # and then it can be done


@pytest.mark.parametrize("after", [1, 2, 3])
def test_a_failure_while_results_are_filled_in(clerk, protected, tmp_path, after):  # noqa: F811
    ACTIONS["recalculate"].run(FileBook(protected))
    document = clerk.open(protected)
    clerk.calc.put(document, "台账!G2", "区内")
    before = clerk.saved(document, tmp_path / "前.xlsx")
    clerk.steps.break_after(after)
    assert "RuntimeError" in clerk.is_refused(document, "recalculate")
    after_all = clerk.saved(document, tmp_path / "后.xlsx")
    alike(after_all, before)
    assert openpyxl.load_workbook(after_all)["台账"].protection.sheet


@pytest.mark.parametrize("seconds", [0, 0.6, 1.2, 1.8])
def test_calc_is_killed_in_the_middle(clerk, small, tmp_path, python, seconds):  # noqa: F811
    document = clerk.open(small)
    clerk.calc.put(document, "台账!K9", "还没有保存")
    before = small.read_bytes()
    clerk.steps.ask(document, "summary")
    time.sleep(seconds)
    clerk.steps.power_off()
    assert small.read_bytes() == before
    assert all(read_book(path).sheets for path in backups(tmp_path))
    deadline = time.monotonic() + 30
    while alive(python) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not alive(python)
    clerk.calc.restart()
    said = clerk.folder / "said.jsonl"
    clerk.heard = len(said.read_text(encoding="ascii").splitlines())
    lock = small.with_name(f".~lock.{small.name}#")
    lock.unlink(missing_ok=True)  # of the one that was killed
    assert "已写入" in clerk.does(clerk.open(small), "summary")


def test_there_is_no_python_for_it(clerk, small, python):  # noqa: F811
    document, program = clerk.open(small), python.read_text()
    try:
        python.unlink()
        text = clerk.is_refused(document, "check")
        assert "没有安装 xl_poverty 用的 Python，按钮用不了（公式照常）；请运行 xl-poverty install-oxt" in text
        runs(python, f'exec "{sys.executable}" -m no_such_module_of_ours')
        assert "里没有能用的 xl_poverty" in clerk.is_refused(document, "check")
        hello = "import pickle, struct, sys; told = pickle.dumps(('hello', '0.0.9'))"
        runs(python, f'exec "{sys.executable}" -c "{hello}; '
             "sys.stdout.buffer.write(struct.pack('<Q', len(told)) + told); sys.stdout.flush(); sys.stdin.read()\"")
        assert "装在电脑上的 xl_poverty 是 0.0.9；请运行 xl-poverty install-oxt" in clerk.is_refused(document, "check")
        runs(python, "exit 3")
        assert "（代码 3）" in clerk.is_refused(document, "check")
    finally:
        python.write_text(program)
        python.chmod(0o755)
    clerk.does(document, "check")


def test_one_action_at_a_time(clerk, small):  # noqa: F811
    document = clerk.open(small)
    clerk.steps.choose_while(document, "check", "重算", str(HERE.parent))
    said = clerk._hears()
    assert said["failed"] and "正在重算，请等它做完" in said["text"]


def test_functions_are_answered(python, monkeypatch):
    worker = importlib.import_module("xl_poverty.hosts.libreoffice.worker")
    monkeypatch.setattr(worker, "interpreter", lambda: python)
    with worker.Worker() as one:
        told = f"{CONTEXT}双碾乡{CONTEXT}2023-02-01{CONTEXT}{CONTEXT}"
        heads, *rows = people(3)
        table = [heads, *rows]
        assert one.answer("PERSON_COUNT", (table, None, None, None), told) == 3
        error = one.answer("TRAVEL_SUBSIDY", ("没有这种户", True, "跨省", *[None] * 7), told)
        assert isinstance(error, CellError) and error.cell == "#VALUE!"
        os.kill(alive(python)[-1], signal.SIGKILL)
        with pytest.raises(worker.WorkerError, match="中途退出"):
            while True:
                one.answer("PERSON_COUNT", (table, None, None, None), told)
        assert one.answer("PERSON_COUNT", (table, None, None, None), told) == 3  # starts anew
    assert not alive(python)
