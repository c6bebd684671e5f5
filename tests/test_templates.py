"""The templates: what stands in them recalculates to what Python says, and what is filled in is understood.

Each sheet is filled with the people of the example ledgers, who are clean, and with random rows, which are not.
"""

from __future__ import annotations

import contextvars
import copy
import csv
import datetime as dt
import io
import re
import shutil
import subprocess
import sys
import zipfile
from fractions import Fraction
from functools import cache, partial
from pathlib import Path
from random import Random

import formualizer
import openpyxl
import pytest
from engines import _CSV, _value, need_libreoffice, office_program
from invented import completed

TEMPLATES = Path(__file__).parents[1] / "templates"
sys.path.insert(0, str(TEMPLATES))

import contents  # noqa: E402
import ledger as sheets  # noqa: E402
import village  # noqa: E402
from columns import DUE, LACK, NO_FORMULA, Columns  # noqa: E402

from xl_poverty import CellError, formulas  # noqa: E402
from xl_poverty.errors import LedgerError  # noqa: E402
from xl_poverty.formulas.documents import documents  # noqa: E402
from xl_poverty.formulas.household import derived_fact, fact_of_row  # noqa: E402
from xl_poverty.formulas.office import Layer, current, using  # noqa: E402
from xl_poverty.formulas.signatures import plain_arguments, signatures  # noqa: E402
from xl_poverty.hosts.actions import ACTIONS  # noqa: E402
from xl_poverty.hosts.books import FileBook  # noqa: E402
from xl_poverty.hosts.excel.packaging import macro_workbook  # noqa: E402
from xl_poverty.ledger.entitlements import entitle  # noqa: E402
from xl_poverty.ledger.files import read_book  # noqa: E402
from xl_poverty.ledger.filling import fill  # noqa: E402
from xl_poverty.ledger.headers import header_key  # noqa: E402
from xl_poverty.ledger.reading import read_ledger  # noqa: E402
from xl_poverty.ledger.rows import Rows, ready_rows  # noqa: E402
from xl_poverty.ledger.settings import own_layer  # noqa: E402
from xl_poverty.rules.formula import LONGEST_FORMULA  # noqa: E402
from xl_poverty.workbook.encoding import Formula  # noqa: E402
from xl_poverty.workbook.page_workbook import page_workbook  # noqa: E402
from xl_poverty.workbook.pages import Cell, Page  # noqa: E402
from xl_poverty.workbook.portable import portable  # noqa: E402
from xl_poverty.workbook.references import letters_of  # noqa: E402

WORKBOOKS = Path(__file__).parents[1] / "workbooks"
POLICIES = {policy.short_name: policy for policy in documents(current())}
NAMES = list(POLICIES)
TOP, FIRST, LAST = sheets.TOP, sheets.FIRST, sheets.LAST
OURS = re.compile(rf"\b(?:{'|'.join(signatures())})\(")
#: plain functions that Excel since 2007, WPS and LibreOffice share
PLAIN = {"IF", "AND", "OR", "NOT", "MIN", "MAX", "ROUND", "INT", "ISNUMBER", "TRIM", "MID", "SUMPRODUCT", "DATE", "NA",
         "SUM", "COUNT", "COUNTA", "COUNTIF", "SUMIF", "IFERROR", "ISERROR", "LEN", "LEFT", "UPPER", "MOD", "TEXT",
         "YEAR", "MONTH", "DAY", "ROW", "COLUMN", "INDEX"}  # fmt: skip
#: an argument's column, where it is not called what the argument is called
COLUMNS = {"per_capita_this": "人均纯收入", "last_total": "上年年收入", "this_total": "年收入",
           "gross_income": "年收入", "persons": "年度家庭人口数",
           "cost_subsidy": "专项用于减少生产经营性支出的补贴"}  # fmt: skip
MEMBER = "与户主关系"
BLANK_ROWS = 3


# ---- filling a template in


@cache
def content(name: str) -> contents.Content:
    """A template by its file name."""
    return contents.makers()[name]()


def made(short: str, native: bool) -> list[Page]:
    """The pages of a ledger's template; short "": for all documents."""
    return content(f"台账模板{f'_{short}' if short else ''}.{'xlsx' if native else 'xlsm'}").pages


class Filled:
    """A template whose rows are filled in, and what it comes to."""

    def __init__(self, pages: list[Page], day: dt.date | None = None, policy: str = ""):
        self.pages = [_copied(page) for page in pages]
        self.page = self.sheet("台账")
        self.heads = {self.page.cells[TOP, c].value: c for c in range(self.page.width)}
        self.live = {head for head, c in self.heads.items() if isinstance(self.page.cells[FIRST, c].value, Formula)}
        self.count = 0
        if policy:
            self.name("政策", policy)
        if day:
            self.name("业务日期", day)

    def sheet(self, name: str) -> Page:
        return next(page for page in self.pages if page.name == name)

    def name(self, name: str, value):
        page = self.sheet("操作")
        self._put(page, page.names[name], value)

    def add(self, cells: dict) -> Filled:
        """One more row; what has no column is left out."""
        for head, value in cells.items():
            if head in self.heads and head not in self.live:
                self._put(self.page, (FIRST + self.count, self.heads[head]), value)
        self.count += 1
        return self

    @staticmethod
    def _put(page: Page, spot, value):
        page.cells[spot] = Cell(value, page.cells[spot].style)

    def save(self, file: Path) -> Path:
        file.write_bytes(page_workbook(self.pages, keys=False))
        return file

    def recalculated(self, file: Path, whole: bool = False) -> Filled:
        """Every formula with the result that formualizer finds, our functions being Python's; errors as CellError.

        whole: with all blank rows, not a few of them, which take most of the time; and saved with its results."""
        if not whole:
            last = FIRST + self.count + BLANK_ROWS
            self.page.cells = {spot: cell for spot, cell in self.page.cells.items() if spot[0] < last}
        book = formualizer.load_workbook(str(self.save(file)))
        here = contextvars.copy_context()  # it calls them from threads of its own

        def called(function, *arguments):
            return here.copy().run(function, *arguments)

        for name in signatures():
            book.register_function(name, partial(called, getattr(formulas, name)), min_args=0)
        book.evaluate_all()
        for page in self.pages:
            for (row, column), cell in page.cells.items():
                if isinstance(cell.value, Formula):
                    found = book.get_value(page.name, row + 1, column + 1)
                    if isinstance(found, dict):
                        found = CellError("excel_error", found["kind"], "#N/A")
                    page.cells[row, column] = Cell(Formula(cell.value.text, _shown(found)), cell.style)
        if whole:
            self.save(file)
        return self

    def rows(self) -> list[dict]:
        """What stands in each row that is filled in, by header; results of formulas for formulas."""
        return [{head: self.cell(row, head) for head in self.heads} for row in range(self.count)]

    def cell(self, row: int, head: str):
        value = self.page.cells[FIRST + row, self.heads[head]].value
        return value.result if isinstance(value, Formula) else value

    def errors(self) -> list[tuple]:
        """(sheet, column, row) of every formula with an error."""
        return [
            (page.name, page.cells[TOP, column].value if page is self.page else column, row)
            for page in self.pages for (row, column), cell in page.cells.items()
            if isinstance(cell.value, Formula) and is_error(cell.value.result)
        ]  # fmt: skip


def _copied(page: Page) -> Page:
    """The page, whose cells can be written over."""
    other = copy.copy(page)
    other.cells = dict(page.cells)
    return other


def _shown(found):
    return found.cell if isinstance(found, CellError) else found


def is_error(value) -> bool:
    return isinstance(value, CellError) or isinstance(value, str) and value.startswith(("#", "Err:"))


#: what somebody fills in whom a question does not concern
USUAL = {"风险状态": "无", "人口状态": "正常"}


def example(filled: Filled, short: str, native: bool, count: int = 60) -> Filled:
    """The template with people of the example ledger, household by household."""
    for members in clean_households(short, native):
        if filled.count + len(members) <= count:
            for cells in members:
                filled.add(cells)
    return filled


@cache
def clean_households(short: str, native: bool) -> list[list[dict]]:
    """The households of the example ledger without a cell that is not clean; what the ledger does not have is filled
    in."""
    columns = columns_of(short, native)
    book = read_ledger(WORKBOOKS / f"{short}台账.xlsx")
    found = book.main
    rows, _ = ready_rows(book, found)
    entries = list(columns.entries())
    given = {}
    for one in entries:
        column = found.fields.get(one.key) or found.by_header.get(header_key(one.header))
        if column is not None:
            given[one.header] = rows.of(column) if column.field else _raw(found, column)
    needed = columns.needed()
    wrong = set()  # what stands there cannot be reckoned
    if any(one.pays for one in columns.wanted.values()):
        for _, cells in entitle(rows, book.settings).output():
            wrong |= {row for row, cell in enumerate(cells) if isinstance(cell, CellError)}
    dirty, kept = set(), {}
    for row, household in enumerate(rows.get("household_id")):
        cells = {head: _plain(cells[row]) for head, cells in given.items()}
        if row in wrong or any(isinstance(cell, CellError) for cell in cells.values()):
            dirty.add(household)
        head = cells[MEMBER] == "户主"
        for one in entries:
            if one.home and not head:
                cells[one.header] = None
            elif cells.get(one.header) is None and one.key in needed and () in needed[one.key]:
                usual = USUAL.get(one.header) or ("否" if "否" in one.options else "其他" if one.options else None)
                cells[one.header] = usual
        kept.setdefault(household, []).append(cells)
    return [members for household, members in kept.items() if household not in dirty]


def _raw(found, column) -> list:
    codes, values = found.raw(column)
    return [values[code] for code in codes]


def _plain(cell):
    """A cell as a clerk would type it."""
    if isinstance(cell, bool):
        return "是" if cell else "否"
    return float(cell) if isinstance(cell, Fraction) else cell


def _number(random: Random, one) -> object:
    if one.unit == "人":
        return random.choice((1, 2, 5))
    if one.unit == "年":
        return random.choice((2022, 2023))
    if one.kind == "months":
        return random.choice((0, 0.5, 1, 5.99, 6, 12))
    if one.argument and one.argument.high == 1:
        return random.choice((0, 0.2, 0.3, 0.31))
    if one.argument and one.argument.whole:
        return random.choice((0, 1, 6, 15, 60))
    return random.choice((0, 0.5, 1, 5.99, 6, 12, 800, 999.99, 1000, 1200.55, 5000, 20000, 60000.01))


def random_rows(filled: Filled, columns: Columns, seed: str, households: int = 25) -> Filled:
    """The template with households of one to three, whose cells are anything that a clerk may fill in, blanks too."""
    random = Random(f"{seed} templates")
    types = [("脱贫户", "无"), ("脱贫享受政策户", "无"), ("脱贫不稳定户", "未消除"), ("监测户", "已消除"),
             ("一般农户", "无"), ("边缘易致贫户", "未消除"), ("脱贫享受政策户", None)]  # fmt: skip
    for household in range(households):
        kind, risk = random.choice(types)
        shared = {one.header: _any(random, one) for one in columns.entries() if one.key.startswith("income_")}
        for member in range(random.choice((1, 2, 3))):
            cells = {one.header: _any(random, one) for one in columns.entries()
                     if not (one.home and member) and (one.options or one.kind in ("money", "number", "months"))}
            born = f"19{random.choice((45, 60, 84, 99))}{random.randint(1, 12):02}15"
            number = completed(f"999901{born}{filled.count:03}")
            state = random.choice(("正常", "正常", "正常", "死亡", None)) if member else "正常"
            filled.add({**cells, **shared, "户编号": f"H{household}", "姓名": f"某{filled.count}", "证件号码": number,
                        MEMBER: "之子" if member else "户主", "户类型": kind, "风险状态": risk,
                        "人口状态": state})  # fmt: skip
    return filled


def _any(random: Random, one):
    if random.random() < 0.15:
        return None
    return random.choice(one.options) if one.options else _number(random, one)


# ---- what Python says


def python_rows(short: str, rows: list[dict], day: dt.date, columns: Columns) -> list[dict]:
    """Per row what the other functions than the entitlements give, by header. No measure of money is among them."""
    policy = POLICIES.get(short) or documents(current())[-1]
    found = []
    for row in rows:
        told = {}
        for one in columns.wanted.values():
            key = next(key for key, column in columns.found.items() if column.header == _head_of(columns, one))
            if one.pays:
                continue
            told[columns.found[key].header] = _called(one, row, policy, day) if row[MEMBER] == "户主" else ""
        for name in policy.facts:
            if name in columns.found:
                fact = derived_fact(policy, name, current())
                value = fact_of_row(fact, tuple(row[a.label] for a in fact.signature.arguments))
                unclear = isinstance(value, CellError) or value is None
                told[columns.found[name].header] = "待核实" if unclear else "是" if value in (True, "是") else "否"
        if "周岁年龄" in columns.found or "age" in columns.found:
            told["周岁年龄"] = formulas.AGE_ON(row["证件号码"], day)
        found.append(told)
    return found


def _head_of(columns: Columns, one) -> str:
    special = {"NET_INCOME": "纯收入", "PER_CAPITA_INCOME": "人均纯收入"}
    return special.get(one.name, one.header)


def _called(one, row: dict, policy, day):
    """A function on the cells of a row; "" where something that it needs is blank."""
    given = {}
    for name, argument in one.arguments.items():
        if argument.items:
            cells = [row[f"{argument.label}：{item}"] for item in argument.items]
            given[name] = None if None in cells else cells
            continue
        heads = (COLUMNS.get(name), argument.label, f"{one.signature.alias}{argument.label}")
        if one.name == "DIBAO_STATUS" and name == "per_capita_income":
            heads = ("低保核算收入",)
        head = next((head for head in heads if head in row), None)
        value = row[head] if head else None
        given[name] = None if value == "" else value
        if is_error(given[name]):
            return given[name]
    if any(given[name] is None for name, argument in one.arguments.items() if not argument.optional):
        return ""
    try:
        value = getattr(formulas, one.name)(**given, policy=policy.id, as_of=day)
    except CellError as error:
        return error
    return ("是" if value else "否") if isinstance(value, bool) else value


def same(found, expected) -> bool:
    if is_error(found) or is_error(expected):
        return is_error(found) and is_error(expected)
    if isinstance(expected, (int, float)) and not isinstance(expected, bool):
        return isinstance(found, (int, float)) and abs(found - expected) < 1e-6
    return found == expected


def differences(filled: Filled, file: Path, columns: Columns, short: str, day: dt.date, shown: dict | None = None):
    """What a recalculated template shows otherwise than Python, as texts. `shown`: what another program shows, by
    header and row."""
    told = []

    def cell(row, head):
        return filled.cell(row, head) if shown is None else shown[head][row]

    for number, expected in enumerate(python_rows(short, filled.rows(), day, columns)):
        for head, value in expected.items():
            if head not in columns.without and not same(cell(number, head), value):
                told.append(f"{head} {number}: {cell(number, head)!r}, Python {value!r}")
    if any(one.pays for one in columns.wanted.values()):
        book = read_ledger(file)
        entitled = entitle(Rows(book.main), book.settings)  # what a check would doubt is reckoned all the same
        expected = dict(entitled.output())
        mine = {column.header for column in columns.found.values() if column.group == DUE}
        paid = {column.header for column in columns.found.values() if column.group == DUE and column.kind == "money"}
        assert set(expected) - {"依据", "核算纯收入", "核算人均纯收入"} <= mine, (set(expected), mine)
        for head in paid & set(expected):
            for number, value in enumerate(expected[head]):
                if not same(cell(number, head), value):
                    told.append(f"{head} {number}: {cell(number, head)!r}, entitle {value!r}")
    return told


DAY = {short: max(policy.start, dt.date(2023, 6, 1)) if policy.until is None or policy.until.year > 2022
       else policy.start.replace(month=6) for short, policy in POLICIES.items()}  # fmt: skip


@cache
def columns_of(short: str, native: bool) -> Columns:
    return Columns([POLICIES[short]] if short else list(POLICIES.values()), native)


# ---- formulas


@pytest.fixture(scope="module")
def recalculated(tmp_path_factory):
    """(document, plain?) → its template with example people and, behind them, random rows; the file."""
    folder = tmp_path_factory.mktemp("recalculated")

    @cache
    def made_of(short: str, native: bool) -> tuple[Filled, int, Path]:
        columns, file = columns_of(short, native), folder / f"{short}_{native}.xlsx"
        filled = example(Filled(made(short, native), DAY[short]), short, native)
        clean = filled.count
        return random_rows(filled, columns, short).recalculated(file, whole=True), clean, file

    return made_of


@pytest.mark.parametrize("native", [False, True], ids=["calls", "plain"])
@pytest.mark.parametrize("short", NAMES)
def test_recalculated_as_python_says_and_without_an_error_for_clean_people(recalculated, short, native):
    filled, clean, file = recalculated(short, native)
    assert clean > 40
    wrong = [(sheet, head, row) for sheet, head, row in filled.errors() if sheet == "台账" and row >= FIRST]
    assert [one for one in wrong if one[2] < FIRST + clean] == []
    assert wrong  # what blanks and odd figures among the random rows come to
    assert [filled.cell(row, LACK) for row in range(clean) if filled.cell(row, LACK)] == []
    assert differences(filled, file, columns_of(short, native), short, DAY[short]) == []


@pytest.mark.parametrize("short", NAMES)
def test_the_sums_of_all_rows(recalculated, short):
    """Of each measure: who gets it, how much, and in how many rows nobody can tell."""
    filled, _, _ = recalculated(short, False)
    page, columns = filled.sheet("合计"), columns_of(short, False)
    for place, one in enumerate(columns.wanted.values(), 3):
        if one.pays:
            cells = [filled.cell(row, one.header) for row in range(filled.count)]
            amounts = [cell for cell in cells if not is_error(cell)]
            shown = [page.cells[place, column].value.result for column in (5, 6, 7)]
            wanted = [sum(amount > 0 for amount in amounts), sum(amounts), len(cells) - len(amounts)]
            assert shown == pytest.approx(wanted), one.header


@pytest.fixture(scope="module")
def plain_programs(tmp_path_factory, recalculated):
    """What LibreOffice shows of every plain template, filled in: file → sheet → rows of texts."""
    need_libreoffice()
    folder = tmp_path_factory.mktemp("plain")
    for short in NAMES:
        _without_results(recalculated(short, True)[0]).save(folder / f"plain_{short}.xlsx")
    _village().save(folder / "plain_village.xlsx")
    profile = (folder / "profile").as_uri()
    subprocess.run(
        [office_program(), "--headless", f"-env:UserInstallation={profile}", "--convert-to", _CSV, "--outdir",
         str(folder), *map(str, sorted(folder.glob("plain_*.xlsx")))],
        check=True, capture_output=True, timeout=600,
    )  # fmt: skip
    return folder


def _without_results(filled: Filled) -> Filled:
    """The same as somebody has it who never calculated it."""
    other = copy.copy(filled)
    other.pages = [_copied(page) for page in filled.pages]
    for page in other.pages:
        for spot, cell in page.cells.items():
            if isinstance(cell.value, Formula):
                page.cells[spot] = Cell(Formula(cell.value.text), cell.style)
    other.page = other.sheet("台账")
    return other


def _shown_rows(folder: Path, name: str, sheet: str = "台账") -> list[list[str]]:
    with open(folder / f"plain_{name}-{sheet}.csv", encoding="utf-8", newline="") as stream:
        return list(csv.reader(stream))


@pytest.mark.parametrize("short", NAMES)
def test_plain_formulas_in_libreoffice_as_python_says(recalculated, plain_programs, short):
    one, _, file = recalculated(short, True)
    lines = _shown_rows(plain_programs, short)
    rows = [[_value(text) for text in line] for line in lines[FIRST : FIRST + one.count]]
    shown = {head: [line[column] for line in rows] for head, column in one.heads.items()}
    columns = columns_of(short, True)
    assert differences(one, file, columns, short, DAY[short], shown) == []
    others = [head for head in one.live - {"序号"} if head not in columns.without]
    wrong = [(head, row) for head in others for row in range(one.count)
             if not same(shown[head][row], one.cell(row, head))]  # fmt: skip
    assert wrong == []  # as in formualizer, 待补 and sums included
    for sheet in ("合计", "操作", "说明"):
        texts = [text for line in _shown_rows(plain_programs, short, sheet) for text in line]
        assert [text for text in texts if text.startswith(("#", "Err:"))] == []


@pytest.mark.parametrize("native", [False, True], ids=["calls", "plain"])
@pytest.mark.parametrize("short", NAMES)
def test_the_blank_template_comes_to_what_the_documents_own_does(tmp_path, short, native):
    """The template for all documents, once one is chosen in it; measures of other documents stay blank."""
    one, both = columns_of(short, native), columns_of("", native)
    own = example(Filled(made(short, native), DAY[short]), short, native, 30)
    every = Filled(made("", native), DAY[short], short)
    renamed = {one.source(asks, name): both.source(both.wanted[asks.name], name)
               for asks in one.wanted.values() for name, argument in asks.arguments.items()
               if not argument.items and not (name == "persons" and asks.per_person)}  # fmt: skip
    for row in own.rows():
        every.add({renamed.get(head, head): value for head, value in row.items()})
    facts = POLICIES[short].facts  # there is one column for all documents, so it is filled in
    own.recalculated(tmp_path / "own.xlsx")
    for row, cells in enumerate(own.rows()):
        for name in facts:
            if (label := plain_arguments()[name].label) in every.heads:
                every._put(every.page, (FIRST + row, every.heads[label]), cells.get(label))
    every.recalculated(tmp_path / "every.xlsx")
    results = [c.header for c in one.found.values() if c.group == DUE and c.header not in both.without]
    wrong = [(head, row) for head in results for row in range(own.count)
             if not same(every.cell(row, head), own.cell(row, head))]  # fmt: skip
    assert wrong == []
    others = {c.header for c in both.found.values()
              if c.key in both.wanted and short not in both.documents_of(c.key) and c.group == DUE}  # fmt: skip
    assert {every.cell(row, head) for head in others for row in range(own.count)} <= {""}
    assert bool(others) == (len(both.wanted) > len(one.wanted))


@pytest.mark.parametrize("native", [False, True], ids=["calls", "plain"])
def test_the_blank_template_says_which_measures_the_document_has(tmp_path, native):
    filled = Filled(made("", native), None, "双碾乡").recalculated(tmp_path / "t.xlsx")
    page = filled.sheet("合计")
    said = {page.cells[row, 0].value: page.cells[row, 4].value.result for row in range(3, page.height - 3)}
    assert (said["应享交通补贴"], said["应享养老保险代缴"]) == ("有", "无")
    used = filled.sheet("说明").cells
    told = {used[row, 1].value: used[row, 6].value for row, column in used if column == 6}
    assert told["实际交通费"].result == "用" and told["最低缴费标准"].result == "不用" and told["姓名"] == "用"
    assert filled.errors() == []


# ---- what is lacking


def _village(policy: str = "双碾乡") -> Filled:
    """Four persons with something lacking each, and one without."""
    filled = Filled(village.village_pages(list(POLICIES.values())), dt.date(2023, 6, 1), policy)
    whole = {"户编号": "1", "姓名": "甲", "证件号码": ID_1, MEMBER: "户主", "户类型": "脱贫户", "风险状态": "无",
             "是否劳动力": "是", "返乡回流": "否", "自主创业": "否", "农村困难残疾人": "否", "参加实用技术培训": "否",
             "适合且稳定的产业项目": "否", "消费券对象类别": "其他"}  # fmt: skip
    filled.add(whole)
    filled.add({**whole, "户编号": "2", "证件号码": ID_2, "户类型": None, "风险状态": None, "连续外出务工月数": 7})
    filled.add({**whole, "户编号": "3", "证件号码": ID_3[:-1] + "9", "工资性收入": 20000, "贷款余额": 0})
    filled.add({**whole, "户编号": "4", "证件号码": ID_1, MEMBER: "配偶", "实际种粮亩数": 3})
    filled.add({"户编号": "5"})
    filled.add({**whole, "户编号": None, "证件号码": None, "人口状态": "死亡"})
    filled.add({"姓名": "乙", "户类型": "脱贫户"})
    return filled


ID_1, ID_2, ID_3 = (completed(f"99990119{birth}001") for birth in ("840229", "600101", "991231"))
LACKING = [
    "证件号码重复", "户类型、风险状态、月工资",
    "证件号码有误、年度家庭人口数、生产经营性收入、财产性收入、转移性收入、生产经营性支出、申请追加、确有需要、具备还款能力",
    "证件号码重复、户主（每户一人）、户级数字请填在户主行", "姓名", "",
    "户编号、证件号码、与户主关系、风险状态、是否劳动力、返乡回流、自主创业、农村困难残疾人、参加实用技术培训、"
    "适合且稳定的产业项目、消费券对象类别",
]  # fmt: skip


def _sorted(text: str) -> list[str]:
    return sorted(text.split("、"))


def test_the_village_form_names_what_is_lacking(tmp_path, plain_programs):
    filled = _village().recalculated(tmp_path / "t.xlsx")
    lines = _shown_rows(plain_programs, "village")
    shown = [line[filled.heads[LACK]] for line in lines[FIRST : FIRST + filled.count]]
    assert list(map(_sorted, shown)) == list(map(_sorted, LACKING))
    # formualizer cuts no column of texts, so it finds no number twice
    once = [text.replace("证件号码重复、", "").replace("证件号码重复", "") for text in LACKING]
    assert [_sorted(filled.cell(row, LACK)) for row in range(filled.count)] == list(map(_sorted, once))
    assert filled.errors() == []


def test_without_a_document_only_what_all_need_is_lacking(tmp_path):
    filled = _village("").recalculated(tmp_path / "t.xlsx")
    assert filled.cell(1, LACK) == "户类型、风险状态"


def test_ages_are_those_of_python(tmp_path):
    """On the day before a birthday, on it, and for somebody born on 29 February."""
    for day in (dt.date(2023, 2, 28), dt.date(2023, 3, 1), dt.date(2022, 12, 31), dt.date(2023, 1, 1)):
        filled = _village()
        filled.name("业务日期", day)
        filled.recalculated(tmp_path / "t.xlsx")
        ages = [filled.cell(row, "周岁年龄") for row in range(2)]
        assert ages == [formulas.AGE_ON(number, day) for number in (ID_1, ID_2)], day


# ---- what is filled in is understood


@pytest.fixture(scope="module")
def filled_in(tmp_path_factory) -> dict[str, tuple[Filled, Path]]:
    """Filled templates, as a spreadsheet program leaves them, and their files."""
    folder, found = tmp_path_factory.mktemp("kept"), {}
    for short in NAMES:
        filled = example(Filled(made(short, False), DAY[short]), short, False)
        found[short] = filled.recalculated(folder / f"{short}.xlsx", whole=True), folder / f"{short}.xlsx"
    return found


@pytest.fixture(scope="module")
def kept(filled_in) -> dict[str, Path]:
    return {short: file for short, (_, file) in filled_in.items()}


@pytest.mark.parametrize("short", NAMES)
def test_our_own_reader_understands_it_without_questions(kept, short):
    book = read_ledger(kept[short])
    assert (book.questions, book.remarks) == ([], [])
    (found,) = book.tables
    assert (found.kind, found.layout.top, found.layout.dropped) == ("人员", TOP, [])
    columns = columns_of(short, False)
    known = {one.key for one in columns.found.values() if one.key in found.fields}
    headers = {one.header: one.key for one in columns.found.values()}
    for header, column in {column.path[-1]: column for column in found.columns}.items():
        if column.field and headers.get(header) in known:
            assert column.field.name == headers[header], header
    assert {"household_id", "name", "id_number", "relation", "household_type", "per_capita_income"} <= known
    assert book.settings.first("policy")[0] == short and book.settings.first("as_of")[0] == DAY[short]


@pytest.mark.parametrize("short", NAMES)
def test_the_empty_template_is_read_as_a_ledger_without_rows(tmp_path, short):
    book = read_ledger(Filled(made(short, False)).save(tmp_path / "t.xlsx"))
    assert [len(table) for table in book.tables] in ([0], [])
    assert book.questions == []


def test_fill_plan_summary_and_roster_work_on_it(kept, tmp_path):
    from xl_poverty.plans import make_plans
    from xl_poverty.summaries.roster import roster
    from xl_poverty.summaries.summary import summarise_files

    file = kept["双碾乡"]
    filled = fill(file, tmp_path / "filled.xlsx")
    rows = read_ledger(file)
    assert filled.rows == len(rows.main) > 40
    assert sum(column.errors for column in filled.entitled.columns) == 0
    summary = summarise_files([file], tmp_path / "summary.xlsx")
    assert summary.failed == [] and summary.summary.doubts == []
    plans = make_plans(file, tmp_path / "plans.xlsx")
    assert plans.plans == len(rows.main.households)
    made_of = roster(file, None, tmp_path / "roster.xlsx")
    total = sum(batch.total for batch in made_of.batches)
    due = next(column.total for column in filled.entitled.columns if column.signature.name == "TRAVEL_SUBSIDY")
    assert 0 < due <= total


# ---- the sheets


EVERY = [f"台账模板_{short}.xlsx" for short in NAMES] + [f"台账模板_{short}.xlsm" for short in NAMES]
EVERY += ["台账模板.xlsm", "台账模板.xlsx", "村级填报.xlsx", "一户一策.xlsm", "汇总.xlsm"]


def all_files() -> dict[str, contents.Content]:
    return {name: content(name) for name in contents.makers()}


@pytest.fixture(scope="module")
def built() -> dict[str, bytes]:
    """Every template, those with macros without them, by file name."""
    return {name: page_workbook(one.pages, keys=one.keys) for name, one in all_files().items()}


@pytest.fixture(scope="module")
def opened(built) -> dict:
    """Every template as openpyxl reads it, by file name."""
    return {name: openpyxl.load_workbook(io.BytesIO(data)) for name, data in built.items()}


def test_which_templates_there_are():
    assert sorted(all_files()) == sorted([*EVERY, "一户一策.xlsx"])
    assert all(one.macros == name.endswith(".xlsm") for name, one in all_files().items())


def test_the_files_that_lie_there_are_these(built):
    """python templates/build.py makes them."""
    stale = [name for name, data in built.items()
             if name.endswith(".xlsx") and (TEMPLATES / name).read_bytes() != data]  # fmt: skip
    assert stale == []


@pytest.mark.parametrize("name", EVERY)
def test_sheets_are_protected_and_what_is_filled_in_is_not(opened, name):
    book = opened[name]
    assert book["操作"].protection.sheet
    for sheet in book:
        if not sheet.protection.sheet:
            continue
        assert sheet.protection.password is None
        for line in sheet.iter_rows():
            for cell in line:
                if isinstance(cell.value, str) and cell.value.startswith("="):
                    assert cell.protection.locked, (sheet.title, cell.coordinate)
    if "台账" in book.sheetnames:
        sheet = book["台账"]
        assert sheet.protection.sheet
        for column in range(1, sheet.max_column + 1):
            cells = [sheet.cell(row + 1, column) for row in (FIRST, LAST)]
            live = [isinstance(cell.value, str) and cell.value.startswith("=") for cell in cells]
            assert [cell.protection.locked for cell in cells] == live
            assert live[0] == live[1]


@pytest.mark.parametrize("name", [name for name in EVERY if name.startswith(("台账", "村级"))])
def test_the_lists_offer_what_the_contract_does(opened, name):
    sheet = opened[name]["台账"]
    heads = {cell.column: cell.value for cell in sheet[TOP + 1]}
    offered = {}
    for rule in sheet.data_validations.dataValidation:
        if rule.type == "list":
            for area in rule.sqref.ranges:
                assert (area.min_row, area.max_row) == (FIRST + 1, LAST + 1)
                offered[heads[area.min_col]] = rule.formula1.strip('"').split(",")
    labels = {argument.label: argument for argument in plain_arguments().values()}
    checked = 0
    for head, options in offered.items():
        argument = labels.get(head)
        if argument and argument.kind == "word":
            assert options == list(argument.options), head
            checked += 1
        elif argument and argument.kind == "flag":
            assert options == ["是", "否"], head
    assert checked >= 2
    assert offered["户类型"] == ["脱贫户", "脱贫不稳定户", "边缘易致贫户", "突发严重困难户", "监测户", "脱贫享受政策户",
                              "脱贫不享受政策户", "一般农户"]  # fmt: skip
    assert offered["人口状态"][0] == "正常" and "户主" in offered[MEMBER]


@pytest.mark.parametrize("name", [name for name in EVERY if name.endswith(".xlsx")])
def test_plain_templates_use_plain_functions_only(name):
    for page in content(name).pages:
        for cell in page.cells.values():
            if isinstance(cell.value, Formula):
                text = re.sub('"[^"]*"', "", cell.value.text)
                assert set(re.findall(r"([A-Z][A-Z0-9_.]*)\(", text)) <= PLAIN
                assert len(cell.value.text) <= LONGEST_FORMULA
        for one in page.colourings:
            assert set(re.findall(r"([A-Z][A-Z0-9_.]*)\(", one.formula)) <= PLAIN


def test_what_has_no_plain_formula_says_so(tmp_path):
    filled = Filled(made("前进区", True), DAY["前进区"])
    filled.add({"户编号": "1", "姓名": "甲", MEMBER: "户主"}).recalculated(tmp_path / "t.xlsx")
    assert filled.cell(0, "减收原因") == NO_FORMULA
    told = {row[1]: row[3] for row in _told_rows(filled)}
    assert "没有普通公式" in told["减收原因"]


def _told_rows(filled: Filled) -> list[list]:
    page = filled.sheet("说明")
    return [[page.cells[row, column].value for column in range(4)] for row in range(3, page.height)
            if all((row, column) in page.cells for column in range(4))]  # fmt: skip


@pytest.mark.parametrize("short", NAMES)
def test_every_column_is_told(short):
    """A line of 说明 per column, and a note over it that names the clause of what it comes to."""
    filled = Filled(made(short, False))
    told = {row[1]: row for row in _told_rows(filled)}
    assert set(filled.heads) <= set(told)
    for head, column in filled.heads.items():
        assert filled.page.notes[TOP, column].startswith(head)
    columns = columns_of(short, False)
    for one in columns.found.values():
        if one.key in columns.wanted or one.used_by:
            assert POLICIES[short].cited in filled.page.notes[TOP, filled.heads[one.header]]
    for one in columns.entries():
        for option in one.options if len("、".join(one.options)) < 60 else ():
            assert option in told[one.header][3]


def test_what_is_told_of_some_columns():
    told = {row[1]: row for row in _told_rows(Filled(made("双碾乡", False)))}
    assert told["务工去向"][2:] == ["填", "从下拉选：跨省、省内区外、区内；没有这一项的空着"]
    assert told["返乡回流"][3] == "从下拉选：是、否；每人都要填"
    assert told["实际种粮亩数"][3] == "填在户主行；只填数字，单位亩；没有这一项的空着"
    assert told["应享交通补贴"][2:] == ["自动", "按政策自动算"]


@pytest.mark.parametrize("short", NAMES)
def test_what_a_measure_needs_has_a_column(short):
    """Every argument that a measure of money reads can be filled in, or is worked out."""
    columns = columns_of(short, False)
    for one in columns.wanted.values():
        for name, reference in columns.references(one).items():
            for key in re.findall(r"\[([^\]]+)\]", reference):
                assert key in columns.found, (one.name, name, key)
    due = [name for name, measure in POLICIES[short].measures.items()
           if name in signatures() and signatures()[name].result == "元" and measure.payee in ("个人", "户")]
    left = {name for name in due if name not in columns.wanted}
    assert left <= {"STABLE_JOB_BONUS_BY_MONTH", "DISABLED_STUDENT_AID"}, left


def test_they_are_printed_on_a4_across_with_the_header_on_every_sheet(opened):
    for name in EVERY:
        if "台账" in opened[name].sheetnames:
            sheet = opened[name]["台账"]
            assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
            assert sheet.print_title_rows == f"${TOP + 1}:${TOP + 1}"
            assert sheet.print_title_cols.startswith("$A:")
            assert sheet.page_setup.fitToHeight == 0


def test_names_of_the_settings(opened):
    wanted = {"政策", "业务日期", "口径", "上期台账", "发放表", "事项", "公示开始", "公示天数", "农民收入上年",
              "农民收入本年"}  # fmt: skip
    for short in NAMES:
        assert wanted <= set(opened[f"台账模板_{short}.xlsm"].defined_names)
        assert opened[f"台账模板_{short}.xlsm"]["操作"]["B4"].value == short
    assert wanted - {"事项", "公示开始", "公示天数"} <= set(opened["汇总.xlsm"].defined_names)
    assert opened["台账模板.xlsm"]["操作"]["B4"].value is None


def test_the_same_bytes_every_time():
    again = contents.ledger_pages([POLICIES["双碾乡"]])
    assert page_workbook(again, keys=False) == page_workbook(made("双碾乡", False), keys=False)


# ---- another document


SIXTH = """
extends = "shuangnian_2022"
id = "sixth_2024"
short_name = "第六乡"
number = "六发〔2024〕1号"
title = "一份别处没有的文件"
issued = 2024-01-01
[in_force]
from = 2024-01-01
until = 2026-12-31
clause = "一"
quote = "执行到2026年12月31日。"
[TRAVEL_SUBSIDY]
clause = "二"
quote = "跨省的补1800元，省内区外的补700元。"
[[TRAVEL_SUBSIDY.values]]
from = 2024-01-01
amount = { "跨省" = 1800, "省内区外" = 700, "区内" = 0 }
[OIL_CROP_SUBSIDY]
alias = "油料补贴"
args = "•grain_mu, part?"
body = "GRAIN_SUBSIDY"
clause = "三"
quote = "种油料的每亩补30元。"
unit = "元"
kind = "定额"
nature = "现金"
payee = "户"
values = [{ from = 2024-01-01, per_mu = { "中央" = 20, "省级" = 10 } }]
[clauses."一"]
title = "期限"
use = "登记"
register = "有效期"
text = "执行到2026年12月31日。"
[clauses."二"]
title = "交通补贴"
use = "计算"
text = "跨省的补1800元，省内区外的补700元。"
[clauses."三"]
title = "油料"
use = "计算"
text = "种油料的每亩补30元。"
"""


def test_a_sixth_document_has_its_template_without_code(tmp_path):
    folder = tmp_path / "政策" / "sixth_2024"
    folder.mkdir(parents=True)
    (folder / "policy.toml").write_text(SIXTH, encoding="utf-8")
    with using(Layer("选项", folder=tmp_path / "政策")):
        names = list(contents.makers())
        (policy,) = [one for one in documents(current()) if one.id == "sixth_2024"]
        columns = {native: contents.ledger_pages([policy], native) for native in (False, True)}
        results = []
        for native, pages in columns.items():
            filled = Filled(pages, dt.date(2025, 6, 1))
            assert filled.sheet("操作").cells[filled.sheet("操作").names["政策"]].value == "第六乡"
            for place in ("跨省", "省内区外"):
                filled.add({"户编号": place, "姓名": "甲", "证件号码": ID_1, MEMBER: "户主", "户类型": "脱贫户",
                            "风险状态": "无", "是否劳动力": "是", "务工去向": place, "实际种粮亩数": 2.5})  # fmt: skip
            filled.recalculated(tmp_path / f"{native}.xlsx")
            assert "应享现金合计" in filled.live
            results += [[filled.cell(row, head) for row in range(2)] for head in ("应享交通补贴", "应享油料补贴")]
    assert {"台账模板_第六乡.xlsm", "台账模板_第六乡.xlsx"} <= set(names)
    assert results == [[1800, 700], [75, 75]] * 2  # 2.5 mu of 20 and 10 yuan


# ---- the buttons


@pytest.mark.parametrize("short", NAMES)
def test_every_button_works_on_a_filled_ledger(filled_in, tmp_path, short):
    filled, file = filled_in[short]
    shutil.copyfile(file, tmp_path / "上期.xlsx")
    filled.name("公示开始", DAY[short])
    filled.name("上期台账", "上期.xlsx")
    ledger = tmp_path / "台账.xlsm"
    ledger.write_bytes(macro_workbook(filled.pages))
    live = next(head for head in filled.heads if head in filled.live
                and OURS.search(filled.page.cells[FIRST, filled.heads[head]].value.text))  # fmt: skip
    book = FileBook(ledger, f"台账!{letters_of(filled.heads[live])}{FIRST + 1}")
    pays = any(head.startswith("应享") for head in filled.live)
    for name, action in ACTIONS.items():
        if name in ("roster", "notice") and not pays:
            with pytest.raises(LedgerError, match="没有发到户到人的补贴金额"):
                action.run(book)
        else:
            assert action.run(book)
    there = {file.name.removeprefix("台账_") for file in tmp_path.iterdir() if "备份" not in file.name}
    made_files = {"一户一策.xlsx", "与上期对比.xlsx", "固化.xlsm"} | ({"花名册.xlsx", "公示.xlsx"} if pays else set())
    assert there == {"台账.xlsm", "上期.xlsx"} | made_files
    frozen = tmp_path / "台账_固化.xlsm"
    now, then = read_book(ledger), read_book(frozen)
    assert {"台账", "识别表头", "疑点表", "汇总"} <= {sheet.name for sheet in now.sheets}
    spot = FIRST, filled.heads[live]
    assert spot in sheet_of(now).formulas and spot not in sheet_of(then).formulas  # what is live stays so
    assert is_protected(ledger) and is_protected(frozen)
    assert sheet_of(then).rows[spot[0]][spot[1]] == filled.cell(0, live)
    assert calls_in(now) and not calls_in(then)
    portable(ledger, tmp_path / "可移植.xlsm", now, layers=[own_layer(now)])
    assert not calls_in(read_book(tmp_path / "可移植.xlsm"))


def sheet_of(book, name: str = "台账"):
    return next(sheet for sheet in book.sheets if sheet.name == name)


def is_protected(file: Path, name: str = "台账") -> bool:
    with zipfile.ZipFile(file) as package:
        book, parts = (package.read(f"xl/{part}").decode() for part in ("workbook.xml", "_rels/workbook.xml.rels"))
        at = re.search(f'<sheet [^>]*name="{name}"[^>]* r:id="([^"]+)"', book)[1]
        part = next(one for one in re.findall("<Relationship [^>]*>", parts) if f'Id="{at}"' in one)
        sheet = package.read("xl/" + re.search('Target="(?:/xl/)?([^"]+)"', part)[1])
    return b"<sheetProtection " in sheet and b'sheet="1"' in sheet.split(b"<sheetProtection ")[1].split(b">")[0]


def calls_in(book) -> list[str]:
    """Formulas with our functions."""
    return [text for sheet in book.sheets for text in sheet.formulas.values() if OURS.search(text)]


@pytest.mark.parametrize("name, made_files", [
    ("汇总.xlsm", set()), ("一户一策.xlsm", {"双碾乡_一户一策.xlsx"}),
])
def test_forms_work_on_the_ledgers_that_they_name(kept, tmp_path, built, name, made_files):
    ledger = tmp_path / "双碾乡.xlsx"
    ledger.write_bytes(kept["双碾乡"].read_bytes())
    pages = [_copied(page) for page in content(name).pages]
    control = next(page for page in pages if "台账文件" in page.names)
    Filled._put(control, control.names["台账文件"], ledger.name)
    form = tmp_path / name
    form.write_bytes(macro_workbook(pages))
    before = ledger.read_bytes()
    action = "summary" if name == "汇总.xlsm" else "plan"
    assert ACTIONS[action].run(FileBook(form))
    assert {file.name for file in tmp_path.iterdir() if "备份" not in file.name} == {name, ledger.name} | made_files
    assert ledger.read_bytes() == before
    if action == "summary":
        assert "汇总_明细" in openpyxl.load_workbook(form, read_only=True).sheetnames
