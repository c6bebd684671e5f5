"""Ledgers as offices keep them, with the truth beside them: a clean invented one, and thirty traps that dirty it.

    draft = dirty([6, 14], seed=1)         # phones as floats, subtotals between the rows
    path = draft.write(folder)
    draft.rows[3].cells[draft.col("phone")].truth

The traps are those seen in real ledgers, by their numbers there. Each takes cells of its own and says of every cell it
touches what a reader may make of it; all other cells keep their plain truth. People, numbers and villages are invented;
the area code 9900xx is assigned to no place.
"""
from __future__ import annotations

import csv
import datetime as dt
import html
import io
import random
import re
import shutil
import subprocess
import zipfile
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import openpyxl
from engines import office_program
from invented import completed
from openpyxl.cell.cell import MergedCell
from openpyxl.comments import Comment
from openpyxl.styles import PatternFill
from openpyxl.utils import get_column_letter

# ---- what a reader may make of a cell


@dataclass(frozen=True)
class Truth:
    """What may become of a cell.

    states     of these one: value, blank, unusable
    value      if it is a value, then this (see `seen`)
    precision  and this far; None: not asked
    doubt      is a reason to stand beside the value? None: as it likes
    """

    states: tuple[str, ...]
    value: object = None
    precision: str | None = None
    doubt: bool | None = False

    def mistake(self, clean) -> str:
        """"" or what is wrong with what a reader made of it."""
        if clean.state not in self.states:
            return f"is {clean.state} ({clean.reason or seen(clean)!r}), must be {self.told()}"
        if clean.state == "unusable":
            return "" if clean.reason else "is unusable without a reason"
        if clean.state == "blank":
            return ""
        if seen(clean) != self.value:
            return f"is {seen(clean)!r}, must be {self.told()}"
        if self.precision is not None and clean.precision != self.precision:
            return f"is {seen(clean)!r} with precision {clean.precision!r}, must have {self.precision!r}"
        if self.doubt is not None and bool(clean.reason) != self.doubt:
            return f"is read with the doubt {clean.reason!r}, must {'have one' if self.doubt else 'have none'}"
        return ""

    def told(self) -> str:
        return " or ".join(repr(self.value) if state == "value" else state for state in self.states)


def seen(clean):
    """The value as it can be compared: a number of a person with its disability, a name with what it is joined on."""
    value = clean.value
    if hasattr(value, "disability"):
        return value.key, value.disability
    if hasattr(value, "shown"):
        # a web page cannot tell a blank that does not break from one that lays out
        return value.key, value.shown.replace("\u00a0", " ")
    return value


def read(value, precision=None, doubt: bool | None = False) -> Truth:
    return Truth(("value",), value, precision, doubt)


def either(value, precision=None) -> Truth:
    """Read right, or flagged."""
    return Truth(("value", "unusable"), value, precision, None)


def doubted(value) -> Truth:
    """Flagged, or read with a reason beside it."""
    return Truth(("value", "unusable"), value, doubt=True)


BLANK = Truth(("blank",))
FLAG = Truth(("unusable",))
NOTHING = Truth(("blank", "unusable"))


class ErrorText(str):
    """An error cell, by what it shows."""


# ---- the sheet before it is written


@dataclass(eq=False)
class Cell:
    raw: object
    truth: Truth
    trap: int = 0


@dataclass(eq=False)
class Col:
    """One column.

    field   what it is, None for one of no use
    claim   "field": taken for its field without a question; "asked": a question; "or asked": either of the two;
            "stranger": taken for nothing, or asked; "again": the same header once more, for its field or for nothing;
            "or nothing": for its field, for nothing, or asked, but for no other field
    groups  header texts over it, from the top, in a header of several levels
    scale   how many 元 its numbers count
    why     the trap that made the claim
    """

    field: str | None
    header: str
    kind: str = "text"
    of_household: bool = False
    groups: tuple[str, ...] = ()
    claim: str = "field"
    scale: int = 1
    why: int = 0
    position: int = -1

    @property
    def letter(self) -> str:
        return get_column_letter(self.position + 1)


@dataclass(eq=False)
class Row:
    """One row under the header: of data, or one that is none (kind: total, note, score, header, blank), by column."""

    kind: str
    cells: dict[Col, Cell] = field(default_factory=dict)
    texts: dict[Col, object] = field(default_factory=dict)
    household: int = -1
    trap: int = 0
    wide: bool = False  # one cell merged over all columns
    number: int = -1  # on the sheet from 0, once it is written


@dataclass
class Draft:
    """A ledger that can be dirtied, then written."""

    cols: list[Col]
    rows: list[Row]
    rng: random.Random
    thorough: bool = False  # every variant of a trap, not some
    above: list[list] = field(default_factory=list)
    levels: int = 1
    #: (first row, last row, column): merged downwards
    merged: list[tuple[Row, Row, Col]] = field(default_factory=list)
    warned: list[tuple[int, Row, Col, str]] = field(default_factory=list)  # trap, cell, what the check is about
    sheet: str = "台账"
    kinds: tuple[str, ...] = ("xlsx",)
    file: str = "某村台账"
    hidden_rows: list[Row] = field(default_factory=list)
    sheets_before: list[str] = field(default_factory=list)  # 说明, 旧表 (hidden)
    wrong_dimension: bool = False
    left: int = 0  # blank columns before the table
    whose: str = "人员"
    painted: list[tuple[Row, Col]] = field(default_factory=list)
    traps: tuple[int, ...] = ()
    kind: str = ""

    def col(self, name: str) -> Col:
        return next(col for col in self.cols if col.field == name and col.claim != "again")

    def has(self, name: str) -> bool:
        return any(col.field == name for col in self.cols)

    @property
    def data(self) -> list[Row]:
        return [row for row in self.rows if row.kind == "data"]

    def cell(self, row: Row, name: str) -> Cell:
        return row.cells[self.col(name)]

    def set(self, trap: int, row: Row, name: str, raw, truth: Truth):
        cell = self.cell(row, name)
        cell.raw, cell.truth, cell.trap = raw, truth, trap

    def some(self, variants: list) -> list:
        """All variants, or a few of them."""
        if self.thorough:
            return list(variants)
        return self.rng.sample(variants, min(len(variants), self.rng.randint(1, 4)))

    def free(self, *names: str, where=lambda row: True) -> list[tuple[Row, Col]]:
        """Cells of these fields that no trap has, in random order. Cells that are blank are left out."""
        found = [
            (row, col)
            for name in names
            if self.has(name)
            for col in (self.col(name),)
            for row in self.data
            if row.cells[col].trap == 0 and row.cells[col].truth.states == ("value",) and where(row)
        ]
        self.rng.shuffle(found)
        return found

    def dirty(self, trap: int, variants: list, *names: str, where=lambda row: True):
        """Each variant in a cell of its own. A variant: (raw, truth), or a function of the clean value giving it."""
        for variant, (row, col) in zip(self.some(variants), self.free(*names, where=where)):
            cell = row.cells[col]
            raw, truth = variant(cell.truth.value) if callable(variant) else variant
            cell.raw, cell.truth, cell.trap = raw, truth, trap

    def insert(self, col: Col, cells: list[Cell], like: Col | None = None):
        """A further column, at a random place, or at one under the same groups as another."""
        places = [i for i, other in enumerate(self.cols) if like is None or other.groups == like.groups]
        place = self.rng.choice(places)
        col.groups = self.cols[place].groups
        self.cols.insert(place, col)
        for row, cell in zip(self.data, cells, strict=True):
            row.cells[col] = cell

    # ---- what is expected of the whole

    def keys(self, name: str) -> list[str | None]:
        """Per row of data what persons (id_number) or households are joined on; None where it cannot be told."""
        found = []
        for row in self.data:
            truth = self.cell(row, name).truth
            told = truth.value if truth.states == ("value",) else None
            found.append(told[0] if isinstance(told, tuple) else told)
        return found

    def truths(self) -> int:
        """How many cells, rows and columns the traps say something of."""
        cells = sum(cell.trap > 0 for row in self.data for cell in row.cells.values())
        return cells + sum(row.trap > 0 for row in self.rows) + sum(col.why > 0 for col in self.cols)

    # ---- writing

    def grid(self) -> tuple[list[list], list[tuple[int, int, int, int]]]:
        """The cells of the sheet and its merged areas (top, left, bottom, right, from 0). Numbers rows and columns."""
        left, width = self.left, self.left + len(self.cols)
        lines = [[*[None] * left, *line, *[None] * (width - left - len(line))] for line in self.above]
        areas = [(i, left, i, width - 1) for i, line in enumerate(self.above) if len(line) == 1 and line[0]]
        for position, col in enumerate(self.cols, left):
            col.position = position
        head, head_areas = self._header(len(lines))
        lines += head
        areas += head_areas
        for row in self.rows:
            row.number = len(lines)
            told = {col: cell.raw for col, cell in row.cells.items()} or row.texts
            lines.append([*[None] * left, *(told.get(col) for col in self.cols)])
            if row.wide:
                areas.append((row.number, left, row.number, width - 1))
        for first, last, col in self.merged:
            areas.append((first.number, col.position, last.number, col.position))
            for row in self.rows[self.rows.index(first) + 1 : self.rows.index(last) + 1]:
                lines[row.number][col.position] = None
        return lines, areas

    def _header(self, top: int):
        left = self.left
        lines = [[None] * (left + len(self.cols)) for _ in range(self.levels)]
        areas = []
        paths = [(*col.groups[: self.levels - 1], col.header) for col in self.cols]
        for column, path in enumerate(paths):
            for level, text in enumerate(path):
                last = self.levels - 1 if level == len(path) - 1 else level
                if level < len(path) - 1:
                    prefix = path[: level + 1]
                    if column and len(paths[column - 1]) > level + 1 and paths[column - 1][: level + 1] == prefix:
                        continue  # within the area of the one on the left
                    right = column
                    while right + 1 < len(paths) and len(paths[right + 1]) > level + 1:
                        if paths[right + 1][: level + 1] != prefix:
                            break
                        right += 1
                else:
                    right = column
                lines[level][left + column] = text
                if (last, right) != (level, column):
                    areas.append((top + level, left + column, top + last, left + right))
        return lines, areas

    def write(self, folder, kind: str | None = None) -> Path:
        """Write it into a folder; `kind` is one of xlsx, xls, csv, csv-bom, csv-gbk, html."""
        self.kind = kind or self.rng.choice(self.kinds)
        lines, areas = self.grid()
        target = Path(folder) / self.file
        if self.kind.startswith("csv"):
            return _write_csv(target, lines, self.kind)
        if self.kind == "html":
            return _write_html(target, lines, areas)
        path = _write_xlsx(target, lines, areas, self)
        return _as_xls(path) if self.kind == "xls" else path


def shown(value) -> str:
    """A cell as a text file has it."""
    if value is None:
        return ""
    if isinstance(value, float) and abs(value) >= 1e12:
        return f"{value:.5E}"
    if isinstance(value, int) and abs(value) >= 10**12:
        return f"{float(value):.5E}"
    if isinstance(value, dt.datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}"
    if isinstance(value, dt.date):
        return f"{value.year}/{value.month}/{value.day}"
    return str(value)


def _write_csv(target: Path, lines: list[list], kind: str) -> Path:
    path = target.with_name(target.name + ".csv")
    stream = io.StringIO()
    csv.writer(stream).writerows([shown(value) for value in line] for line in lines)
    encoding = {"csv": "utf-8", "csv-bom": "utf-8-sig", "csv-gbk": "gb18030"}[kind]
    path.write_bytes(stream.getvalue().encode(encoding))
    return path


def _write_html(target: Path, lines: list[list], areas) -> Path:
    """A page that a system calls .xls."""
    path = target.with_name(target.name + ".xls")
    starts = {area[:2]: area for area in areas}
    covered = {
        (r, c) for top, left, bottom, right in areas for r in range(top, bottom + 1) for c in range(left, right + 1)
    } - set(starts)
    parts = ['<html><head><meta charset="utf-8"></head><body><table border="1">']
    for r, line in enumerate(lines):
        parts.append("<tr>")
        for c, value in enumerate(line):
            if (r, c) in covered:
                continue
            top, left, bottom, right = starts.get((r, c), (r, c, r, c))
            span = f' rowspan="{bottom - top + 1}"' if bottom > top else ""
            span += f' colspan="{right - left + 1}"' if right > left else ""
            parts.append(f"<td{span}>{html.escape(shown(value)).replace(chr(10), '<br>')}</td>")
        parts.append("</tr>")
    path.write_text("\n".join([*parts, "</table></body></html>"]), encoding="utf-8")
    return path


def _fill_sheet(sheet, lines: list[list], areas):
    for r, line in enumerate(lines, 1):
        for c, value in enumerate(line, 1):
            if value is None:
                continue
            cell = sheet.cell(r, c, value)
            if isinstance(value, str) and not isinstance(value, ErrorText):
                cell.data_type = "s"
    for top, left, bottom, right in areas:
        sheet.merge_cells(start_row=top + 1, start_column=left + 1, end_row=bottom + 1, end_column=right + 1)


def _write_xlsx(target: Path, lines, areas, draft: Draft) -> Path:
    path = target.with_name(target.name + ".xlsx")
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title in draft.sheets_before:
        sheet = book.create_sheet(title)
        if title == "旧表":
            sheet.sheet_state = "hidden"
            old = [[*line] for line in lines]
            for line in old[draft.levels + len(draft.above) :]:
                line[:] = [value + 1 if isinstance(value, (int, float)) else value for value in line]
            _fill_sheet(sheet, old, areas)
        else:
            _fill_sheet(sheet, [["填表说明"], [], ["一、本表由各村填写，镇里汇总。"], ["二、每月25日前报送。"]], [])
    sheet = book.create_sheet(draft.sheet)
    _fill_sheet(sheet, lines, areas)
    for row in draft.hidden_rows:
        sheet.row_dimensions[row.number + 1].hidden = True
    for row, col in draft.painted:
        cell = sheet.cell(row.number + 1, col.position + 1)
        cell.fill = PatternFill("solid", fgColor="FFFF0000")
        if not isinstance(cell, MergedCell):
            cell.comment = Comment("已停发", "村")
    book.active = len(draft.sheets_before)
    book.save(path)
    if draft.wrong_dimension:
        _replace(path, r'<dimension ref="[^"]*"\s*/>', '<dimension ref="A1"/>')
    return path


def _replace(path: Path, pattern: str, text: str):
    """Change the XML of every sheet."""
    content = path.read_bytes()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            part = old.read(name)
            if name.startswith("xl/worksheets/sheet"):
                part, count = re.subn(pattern.encode(), text.encode(), part)
                assert count == 1
            new.writestr(name, part)


def _as_xls(path: Path) -> Path:
    """The same as Excel 97 saves it, written by LibreOffice."""
    out = path.parent / "xls"
    subprocess.run(
        [office_program(), f"-env:UserInstallation={(path.parent / 'profile').as_uri()}", "--headless", "--convert-to",
         "xls", "--outdir", str(out), str(path)],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    shutil.rmtree(path.parent / "profile", ignore_errors=True)
    return out / f"{path.stem}.xls"


# ---- the clean ledger

#: (field, header, kind, of the household, group)
PLAN = [
    ("sequence", "序号", "number", False, ""),
    ("village", "行政村", "text", True, "基本情况"),
    ("group", "村民小组", "text", True, "基本情况"),
    ("household_id", "户编号", "key", True, "基本情况"),
    ("name", "姓名", "name", False, "家庭成员"),
    ("id_number", "证件号码", "id", False, "家庭成员"),
    ("sex", "性别", "word", False, "家庭成员"),
    ("birth_date", "出生日期", "date", False, "家庭成员"),
    ("relation", "与户主关系", "word", False, "家庭成员"),
    ("status", "人口状态", "text", False, "家庭成员"),
    ("education", "文化程度", "word", False, "家庭成员"),
    ("school", "在校生状况", "word", False, "家庭成员"),
    ("health", "健康状况", "words", False, "家庭成员"),
    ("is_labor", "劳动技能", "word", False, "家庭成员"),
    ("medical_insurance", "是否参加城乡居民基本医疗保险", "flag", False, "家庭成员"),
    ("phone", "联系电话", "phone", False, "家庭成员"),
    ("bank_name", "开户银行名称", "text", False, "家庭成员"),
    ("bank_account", "银行卡号", "account", False, "家庭成员"),
    ("household_type", "户类型", "word", True, "户情况"),
    ("monitor_type", "监测对象类别", "word", True, "户情况"),
    ("risk_status", "风险是否已消除", "word", True, "户情况"),
    ("identified_date", "识别监测时间", "date", True, "户情况"),
    ("persons_year", "年度家庭人口数", "number", True, "户情况"),
    ("arable_mu", "耕地面积（亩）", "number", True, "户情况"),
    ("safe_water", "是否解决安全饮用水", "flag", True, "户情况"),
    ("helper_name", "帮扶责任人", "name", True, "户情况"),
    ("working", "是否已务工", "flag", False, "务工情况"),
    ("work_place", "务工地点", "place", False, "务工情况"),
    ("employer_name", "务工企业名称", "text", False, "务工情况"),
    ("work_start", "务工开始时间", "date", False, "务工情况"),
    ("work_months", "务工时间（月）", "months", False, "务工情况"),
    ("continuous_months", "连续外出务工月数", "months", False, "务工情况"),
    ("monthly_wage", "月工资", "money", False, "务工情况"),
    ("travel_paid", "年度交通费补助", "money", False, "务工情况"),
    ("wage_income", "工资性收入", "money", True, "收入情况"),
    ("work_income", "务工收入", "money", True, "收入情况"),
    ("public_post_income", "公益性岗位收入", "money", True, "收入情况"),
    ("operating_income", "生产经营性收入", "money", True, "收入情况"),
    ("planting_income", "种植业收入", "money", True, "收入情况"),
    ("breeding_income", "养殖业收入", "money", True, "收入情况"),
    ("property_income", "财产性收入", "money", True, "收入情况"),
    ("land_income", "土地流转收入", "money", True, "收入情况"),
    ("transfer_income", "转移性收入", "money", True, "收入情况"),
    ("dibao_income", "低保金", "money", True, "收入情况"),
    ("pension_income", "养老保险金", "money", True, "收入情况"),
    ("annual_income", "年收入", "money", True, "收入情况"),
    ("operating_expense", "生产经营性支出", "money", True, "收入情况"),
    ("net_income", "纯收入", "money", True, "收入情况"),
    ("per_capita_income", "人均纯收入", "money", True, "收入情况"),
    ("net_income_last_year", "上年纯收入", "money", True, "收入情况"),
    ("remark", "备注", "text", False, ""),
]
MONEY = [name for name, _, kind, *_ in PLAN if kind == "money"]
INCOMES = [name for name in MONEY if name not in ("monthly_wage", "travel_paid")]
SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜"
GIVEN = ["测一", "试二", "样三", "例四", "拟五", "假六", "虚七", "设八", "某", "甲", "乙丙", "丁戊", "己庚", "辛壬"]
#: raw -> what the words mean for the formulas
LABOR = {
    "普通劳动力": "是", "技能劳动力": "是", "弱劳动力或半劳动力": "弱劳动力或半劳动力", "丧失劳动力": "否",
    "无劳动力": "否",
}  # fmt: skip
RISK = {"是": "已消除", "否": "未消除"}
PLACES = ["江苏省苏州市昆山市", "浙江省宁波市慈溪市", "广东省东莞市", "山西省大同市平城区", "北京市大兴区"]


class People:
    """Invented persons: every one has a name and a number of its own."""

    def __init__(self, rng: random.Random):
        self.rng, self.order = rng, rng.randrange(1, 400)
        self.names = [surname + given for surname in SURNAMES for given in GIVEN]
        rng.shuffle(self.names)

    def number(self, birth: dt.date, man: bool) -> str:
        self.order += 1
        area = f"9900{self.rng.randrange(10, 99)}"
        return completed(f"{area}{birth:%Y%m%d}{self.order // 5 % 50:02}{self.order % 5 * 2 + man}")

    def name(self) -> str:
        return self.names.pop()

    def phone(self) -> str:
        return f"1{self.rng.choice('3589')}{self.rng.randrange(10**8, 10**9)}"

    def account(self) -> str:
        """19 digits, the last of them the check digit of bank cards."""
        first = f"6217{self.rng.randrange(10**13, 10**14)}"
        doubled = [int(digit) * (2 - place % 2) for place, digit in enumerate(reversed(first))]
        last = -sum(number // 10 + number % 10 for number in doubled) % 10
        return self.account() if first.endswith("000") else f"{first}{last}"


def clean_ledger(seed: int, households: int = 14) -> Draft:
    """A ledger without a trap: one row per person, in the order of households."""
    rng = random.Random(seed)
    people = People(rng)
    cols = [
        Col(name, header, kind, of, (group,) if group else ()) for name, header, kind, of, group in PLAN
    ]  # fmt: skip
    rows = []
    for number in range(households):
        for told in _household(rng, people, number):
            row = Row("data", household=number)
            told["sequence"] = len(rows) + 1, read(len(rows) + 1)
            for col in cols:
                raw, truth = told[col.field]
                row.cells[col] = Cell(raw, truth)
            rows.append(row)
    return Draft(cols, rows, rng)


def _household(rng: random.Random, people: People, number: int) -> list[dict]:
    """The rows of its members, cell and truth by field."""
    size = rng.choice([1, 2, 3, 3, 4, 5])
    roles = ["户主", "配偶", "之子", "之女", "之母"][:size]
    if size > 2 and rng.random() < 0.5:
        roles[-1] = "之母"
    man = rng.random() < 0.6
    members = [_member(rng, people, role, man) for role in roles]
    digits = 10 if number % 2 else 16
    key = f"{rng.randrange(10**7, 10**8)}{number:02}{rng.randrange(10**6):06}"[:digits]
    monitored = rng.random() < 0.4
    kind = rng.choice(["脱贫不稳定户", "边缘易致贫户", "突发严重困难户"]) if monitored else ""
    cleared = rng.choice(["是", "否"])
    month = dt.date(rng.choice([2021, 2022]), rng.randrange(1, 13), 1)
    work = sum(int(told["monthly_wage"][0] or 0) * int(told["work_months"][0] or 0) for told in members)
    post = rng.choice([0, 6000])
    planting, breeding = rng.randrange(20, 60) * 100, rng.randrange(20, 60) * 100
    land, dibao = rng.randrange(1, 9) * 100, rng.choice([2400, 3600]) * size
    pension = rng.choice([1236, 2472]) if "之母" in roles else 0
    expense = (planting + breeding) * 2 // 5
    annual = work + post + planting + breeding + land + dibao + pension
    net = annual - expense
    mu = Fraction(rng.randrange(4, 200), 10)
    helper = people.name()
    shared = {
        "village": same(rng.choice(["测试一村", "测试二村", "测试三村"])),
        "group": same(f"第{'一二三四'[rng.randrange(4)]}组"),
        "household_id": same(key),
        "household_type": same(kind if monitored else rng.choice(["脱贫户", "一般农户"])),
        "monitor_type": same(kind) if monitored else (None, BLANK),
        "risk_status": (cleared, read(RISK[cleared])) if monitored else (None, BLANK),
        "identified_date": (f"{month:%Y%m}", read(month, "月")) if monitored else (None, BLANK),
        "persons_year": (size, read(size)),
        "arable_mu": (float(mu), read(mu)),
        "safe_water": same("是"),
        "helper_name": (helper, read((helper, helper))),
        "wage_income": amount(work + post), "work_income": amount(work), "public_post_income": amount(post),
        "operating_income": amount(planting + breeding), "planting_income": amount(planting),
        "breeding_income": amount(breeding), "property_income": amount(land), "land_income": amount(land),
        "transfer_income": amount(dibao + pension), "dibao_income": amount(dibao), "pension_income": amount(pension),
        "annual_income": amount(annual), "operating_expense": amount(expense), "net_income": amount(net),
        "per_capita_income": amount(Fraction(net * 100 // size, 100)),
        "net_income_last_year": amount(net - net // 20),
    }  # fmt: skip
    return [{**shared, **told} for told in members]


def _member(rng: random.Random, people: People, role: str, head_is_man: bool) -> dict:
    man = {"户主": head_is_man, "配偶": not head_is_man, "之子": True, "之女": False, "之母": False}[role]
    child, old = role in ("之子", "之女") and rng.random() < 0.5, role == "之母"
    if role in ("之子", "之女"):
        year = rng.randrange(2009, 2014) if child else rng.randrange(1993, 2000)
    else:
        year = rng.randrange(1946, 1950) if old else rng.randrange(1969, 1974)
    birth = dt.date(year, rng.randrange(1, 13), rng.randrange(1, 29))
    name, number, phone = people.name(), people.number(birth, man), people.phone()
    health = rng.choice([("健康",), ("健康",), ("长期慢性病",), ("残疾",), ("长期慢性病", "残疾")])
    labor = rng.choice(["普通劳动力", "技能劳动力"] if health == ("健康",) else ["普通劳动力", "弱劳动力或半劳动力"])
    if child or old:
        labor = "无劳动力"
    away = not child and not old
    month = dt.date(2022, rng.randrange(1, 6), 1)
    months = rng.randrange(3, 12)
    place = rng.choice(PLACES)
    account = people.account()
    blank = (None, BLANK)
    return {
        "name": (name, read((name, name))),
        "id_number": (number, read((number, None))),
        "sex": same("男" if man else "女"),
        "birth_date": (f"{birth:%Y%m%d}", read(birth, "日")),
        "relation": same(role),
        "status": same("正常"),
        "education": blank if child else same(rng.choice(["小学", "初中", "高中"])),
        "school": same({2009: "八年级", 2010: "七年级"}.get(year, "小学")) if child else blank,
        "health": (",".join(health), read(health)),
        "is_labor": (labor, read(LABOR[labor])),
        "medical_insurance": same("是"),
        "phone": (phone, read((phone,))),
        "bank_name": same("测试农商银行"),
        "bank_account": same(account),
        "working": same("是" if away else "否"),
        "work_place": same(place) if away else blank,
        "employer_name": same("测试有限公司") if away else blank,
        "work_start": (f"{month.year}年{month.month:02}月", read(month, "月")) if away else blank,
        "work_months": (months, read(months)) if away else blank,
        "continuous_months": (months, read(months)) if away else blank,
        "monthly_wage": amount(rng.randrange(22, 60) * 100) if away else blank,
        "travel_paid": amount(rng.choice([0, 600, 1500])) if away else blank,
        "remark": same("已入户核对") if rng.random() < 0.3 else blank,
    }


def same(word: str):
    return word, read(word)


def amount(value):
    """A sum as a number, and its truth."""
    raw = int(value) if Fraction(value).denominator == 1 else float(value)
    return raw, read(Fraction(value))


# ---- the traps

TRAPS = {}


def trap(number: int):
    def announced(function):
        TRAPS[number] = function
        return function

    return announced


#: units first, since they change whole columns; what copies or merges cells after those that dirty them
_LATE = {27: 1, 28: 1, 10: 2, 11: 2, 13: 3, 9: 4, 12: 5, 14: 6, 15: 7, 25: 8, 30: 8, 24: 9}


def dirty(traps, seed: int, thorough: bool = False) -> Draft:
    """A ledger with these traps. `thorough`: with every variant of them."""
    draft = clean_ledger(seed, 24 if thorough else 14)
    draft.thorough = thorough
    draft.traps = tuple(sorted(traps))
    for number in sorted(draft.traps, key=lambda n: (n != 18, _LATE.get(n, 0), n)):
        TRAPS[number](draft)
    return draft


@trap(1)
def numbers_that_lost_digits(draft: Draft):
    """An ID number as a float: the last three digits are gone."""
    draft.dirty(
        1,
        [
            lambda v: (float(v[0][:15] + "000"), FLAG),
            lambda v: (int(v[0][:15] + "000"), FLAG),
            lambda v: (f"{float(v[0][:15] + '000'):.5E}", FLAG),
            # as text it has a shape that could be right: the check digit tells
            lambda v: (v[0][:15] + "000", doubted((v[0][:15] + "000", None))),
        ],
        "id_number",
        where=lambda row: wrong(draft.cell(row, "id_number").truth.value[0]),
    )
    long = lambda row: len(draft.cell(row, "household_id").truth.value) == 16  # noqa: E731
    draft.dirty(1, [lambda v: (float(v), FLAG)], "household_id", where=long)
    draft.dirty(1, [lambda v: (float(v), FLAG), lambda v: (f"{float(v):.5E}", FLAG)], "bank_account")


def wrong(number: str) -> bool:
    """Is the number with three zeros at its end no right one?"""
    return completed(number[:15] + "00") != number[:15] + "000"


CATEGORIES = ("视力", "听力", "言语", "肢体", "智力", "精神", "多重")
LEVELS = ("一级", "二级", "三级", "四级")


@trap(2)
def disability_numbers(draft: Draft):
    """20 characters: category and level of a disability behind the 18; 22: a certificate that was issued again."""

    def tail(category: int, level: int, again: str = ""):
        told = CATEGORIES[category - 1], LEVELS[level - 1]
        return lambda v: (f"{v[0]}{category}{level}{again}", read((v[0], told)))

    draft.dirty(
        2,
        [
            tail(4, 3), tail(1, 1), tail(7, 4), tail(4, 3, "B1"), tail(6, 2, "B2"), tail(2, 1, "b1"),
            lambda v: (v[0] + "4", FLAG),
            lambda v: (v[0] + "99", doubted((v[0], None))),
        ],
        "id_number",
    )  # fmt: skip


def wide(text: str) -> str:
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)


@trap(3)
def dirt_around_numbers(draft: Draft):
    def around(change):
        return lambda v: (change(v[0]), read((v[0], None)))

    draft.dirty(
        3,
        [
            around(lambda n: f"'{n}"), around(lambda n: f" {n}　"), around(lambda n: f"{n}\t"),
            around(lambda n: f"{n}\n"), around(wide), around(lambda n: f'="{n}"'),
            around(lambda n: f"{n[:6]} {n[6:14]} {n[14:]}"), around(lambda n: f"’{n}"),
            lambda v: (f"G{v[0]}", either((v[0], None))),
        ],
        "id_number",
    )  # fmt: skip
    with_x = lambda row: draft.cell(row, "id_number").truth.value[0].endswith("X")  # noqa: E731
    draft.dirty(
        3, [around(str.lower), around(lambda n: n[:17] + "ｘ"), around(lambda n: n[:17] + "Ｘ")], "id_number",
        where=with_x,
    )  # fmt: skip
    # one mistyped character is no number of anybody
    draft.dirty(3, [lambda v: (v[0][:17] + "O" if v[0][17] == "0" else v[0][:16] + "O" + v[0][17], FLAG)], "id_number")


@trap(4)
def placeholders(draft: Draft):
    draft.dirty(
        4,
        [
            lambda v: (completed("999999" + v[0][6:17]), NOTHING),
            lambda v: ("999999" + v[0][6:], NOTHING),
            ("999999999999999999", NOTHING),
            ("000000000000000000", NOTHING),
        ],
        "id_number",
    )


@trap(5)
def old_numbers(draft: Draft):
    """15 digits: without the century and the check digit."""
    draft.dirty(
        5,
        [lambda v: (v[0][:6] + v[0][8:17], read((v[0], None), doubt=True))] * 3,
        "id_number",
        where=lambda row: draft.cell(row, "id_number").truth.value[0][6:8] == "19",
    )


@trap(6)
def phones_as_numbers(draft: Draft):
    draft.dirty(
        6,
        [
            lambda v: (float(v[0]), read(v)),
            lambda v: (int(v[0]), read(v)),
            lambda v: (f"{v[0]}.0", read(v)),
            (81081234.0, read(("81081234",))),
            (f"{1.58123e10:.5E}", FLAG),
        ],
        "phone",
    )
    short = lambda row: len(draft.cell(row, "household_id").truth.value) == 10  # noqa: E731
    draft.dirty(
        6,
        [lambda v: (float(v), read(v)), lambda v: (int(v), read(v)), lambda v: (f"{v}.0", either(v))],
        "household_id",
        where=short,
    )


@trap(7)
def several_in_one_cell(draft: Draft):
    other = "13900001234"
    draft.dirty(
        7,
        [
            *(lambda v, sign=sign: (f"{v[0]}{sign}{other}", read((*v, other))) for sign in "、，,/; "),
            lambda v: (f"{v[0]}\n{other}", read((*v, other))),
            ("81081234、81411234", read(("81081234", "81411234"))),
            lambda v: (f"{v[0]}、{v[0]}", read(v)),
            lambda v: (f"{v[0]}、1", FLAG),
        ],
        "phone",
    )  # fmt: skip
    draft.dirty(7, [("何甲、何乙", FLAG), ("何甲，何乙", FLAG), ("何甲/何乙", FLAG)], "name")


@trap(8)
def blank_or_nought(draft: Draft):
    draft.dirty(
        8,
        [
            (None, BLANK), ("", BLANK), (" ", BLANK), ("　", BLANK), (0, read(0)), ("0", read(0)), ("0.00", read(0)),
            (0.0, read(0)),
        ],
        *MONEY,
    )  # fmt: skip
    draft.dirty(8, [(None, BLANK), ("", BLANK), ("　 ", BLANK)], "phone")
    draft.dirty(8, [(None, BLANK), ("", BLANK), (0, read(0)), ("0", read(0))], "work_months", "continuous_months")
    draft.dirty(8, [(None, BLANK), ("", BLANK)], "is_labor", "household_type", "relation")


_UNITS = {"money": ["（元）", "(元)", " （元） "], "months": ["（月）", "(月)", "（个月）"]}


@trap(9)
def headers_with_dirt(draft: Draft):
    """Line breaks, blanks within, blanks behind, brackets of either width."""

    def broken(text):
        place = draft.rng.randrange(1, len(text))
        return f"{text[:place]}\n{text[place:]}"

    def spaced(text):
        place = draft.rng.randrange(1, len(text))
        return f"{text[:place]}{draft.rng.choice(['　', ' ', '　　　'])}{text[place:]}"

    dirts = [broken, spaced, lambda text: f"{text} ", lambda text: f"　{text}\t", "　".join, swapped_brackets]
    cols = [col for col in draft.cols if col.claim == "field" and col.field and len(col.header) > 1]
    for col in cols if draft.thorough else draft.rng.sample(cols, draft.rng.randint(1, 8)):
        if col.kind in _UNITS and "（" not in col.header and draft.rng.random() < 0.5 and col.scale == 1:
            # under a line 单位：万元 the header's own unit would say something else
            if col.kind == "months" or not any("万元" in str(text) for line in draft.above for text in line):
                col.header += draft.rng.choice(_UNITS[col.kind])
        col.header = draft.rng.choice(dirts)(col.header)
        col.why = 9
    for col in draft.rng.sample(cols, 2 if draft.thorough else 1):
        # the code of a form: known all the same, or not known, but nothing else
        if col.why == 9 or not draft.thorough:
            col.header = f"{draft.rng.choice(['A17a ', '3.', '（2）', '12、'])}{col.header}"
            col.claim, col.why = "or nothing", 9


def swapped_brackets(text: str) -> str:
    return text.translate(str.maketrans("（）()", "()（）"))


@trap(10)
def the_same_header_twice(draft: Draft):
    def copied(col, change=lambda row, cell: cell):
        return [change(row, Cell(row.cells[col].raw, row.cells[col].truth, row.cells[col].trap)) for row in draft.data]

    for name in draft.some(["risk_status", "phone", "household_type"]):
        col = draft.col(name)
        if col.claim != "field":
            continue
        again = Col(name, col.header, col.kind, col.of_household, claim="again", why=10)
        if draft.rng.random() < 0.5:
            if draft.rng.random() < 0.3:
                again.header += ".1"  # as pandas tells two columns apart
            draft.insert(again, copied(col), col)
            continue

        def other(row, cell, name=name):
            if name == "phone":
                return Cell("13700000001", read(("13700000001",)))
            if name == "household_type":
                word = "一般农户" if cell.raw == "脱贫户" else "脱贫户"
                return Cell(word, read(word))
            word = "否" if cell.raw == "是" else "是"
            return Cell(word, read(RISK[word])) if cell.raw in RISK else cell

        draft.insert(again, copied(col, other), col)
        col.claim, col.why = "asked", 10
    if draft.thorough or draft.rng.random() < 0.3:
        # a remark is no argument: two of them hurt nobody
        second = [Cell(word, read(word)) for word in draft.rng.choices(["已核", "待访", "已电联"], k=len(draft.data))]
        draft.insert(Col("remark", "备注", claim="again", why=10), second, draft.col("remark"))


TYPOS = {
    "monitor_type": ["检测对象类别", "监测对像类别"], "identified_date": ["识别监侧时间", "识别检测时间"],
    "relation": ["与户主关糸"], "bank_name": ["开户银行名秤"], "work_start": ["务工开始时问"],
    "operating_income": ["生产经营性收人"], "transfer_income": ["转移性收人"], "education": ["文化成度"],
    "persons_year": ["年度家庭人囗数"], "phone": ["联系电活"], "employer_name": ["务工企业名秤"],
    "net_income_last_year": ["上年纯收人"], "safe_water": ["是否解决安全饮用氺"], "school": ["在校生状祝"],
    "continuous_months": ["连续外出务工月敉"], "public_post_income": ["公益性岗位收人"],
}  # fmt: skip
#: headers of other things that look like known ones, and what stands under them
STRANGERS = {
    "水田面积（亩）": 3, "林权面积": 5, "务工工资": 3000, "户口类型": "农业", "其他补贴": 200, "养殖收益": 100,
    "上上年纯收入": 9000, "人均纯收入增幅": 0.05, "证件有效期": "长期", "识别人": "村委会",
    "月工资发放单位": "测试公司", "户编码规则": "旧", "联系电话归属地": "测试市", "年收入来源": "务工",
    "是否已务农": "是", "性别比": "1",
}  # fmt: skip


@trap(11)
def headers_mistyped(draft: Draft):
    twice = {col.field for col in draft.cols if col.claim == "again"}
    names = [name for name in TYPOS if draft.col(name).claim == "field" and name not in twice]
    for name in names if draft.thorough else draft.rng.sample(names, draft.rng.randint(1, 3)):
        col = draft.col(name)
        col.header, col.claim, col.why = draft.rng.choice(TYPOS[name]), "or asked", 11
    for header in draft.some(list(STRANGERS)):
        told = STRANGERS[header]
        cells = [Cell(told, NOTHING) for _ in draft.data]
        draft.insert(Col(None, header, claim="stranger", why=11), cells)


@trap(12)
def titles_and_several_levels(draft: Draft):
    width = len(draft.cols)
    place = draft.rng.randrange(2, width - 1)
    draft.above.insert(0, ["测试镇脱贫人口和监测对象基本情况台账"])
    if not any("单位：" in str(text) for line in draft.above for text in line):
        draft.above.append(["填报单位：测试村（盖章）", *[None] * place, "金额单位：元"][:width])
    if draft.rng.random() < 0.5:
        draft.above.append([None])
    draft.levels = 3 if draft.thorough else draft.rng.randint(draft.levels, 3)
    for col in draft.cols:
        if col.groups and col.groups[0].startswith("收入情况"):
            part = "支出" if col.field == "operating_expense" else "收入"
            col.groups = (col.groups[0], f"家庭{part}明细")
        elif col.groups == ("务工情况",):
            col.groups = ("务工情况", "本年务工")
    kind = "分值" if draft.thorough else draft.rng.choice(["分值", "栏次", ""])
    if kind:
        score = Row("score", trap=12)
        for i, col in enumerate(draft.cols):
            score.texts[col] = (kind if i == 0 else f"{i}") if kind == "栏次" else (kind if i == 0 else "5分")
        draft.rows.insert(0, score)


@trap(13)
def household_cells_merged(draft: Draft):
    """Household cells run down over the rows of the members; and once only the first row is filled, without a merge."""
    of_household = [col for col in draft.cols if col.of_household]
    left_out = None
    for number in sorted({row.household for row in draft.data}):
        rows = [row for row in draft.data if row.household == number]
        places = [draft.rows.index(row) for row in rows]
        if len(rows) < 2 or places != list(range(places[0], places[0] + len(rows))):
            continue
        if left_out is None:
            left_out = number
            _first_row_only(draft, rows)
            continue
        if draft.rng.random() < 0.3 and not draft.thorough:
            continue
        for col in of_household:
            cells = [row.cells[col] for row in rows]
            if any(cell.trap for cell in cells) or cells[0].raw is None:
                continue
            draft.merged.append((rows[0], rows[-1], col))
            for cell in cells:
                cell.trap = 13
        if draft.thorough or draft.rng.random() < 0.2:
            _wage_of_several(draft, rows)


def _wage_of_several(draft: Draft, rows: list[Row]):
    """One wage merged over two persons: of each of them, or of both together?"""
    col = draft.col("monthly_wage")
    cells = [row.cells[col] for row in rows[:2]]
    if all(cell.trap == 0 and cell.raw is not None for cell in cells):
        draft.merged.append((rows[0], rows[1], col))
        rows[0].cells[col] = Cell(cells[0].raw, Truth(("value", "unusable"), cells[0].truth.value, doubt=None), 13)
        rows[1].cells[col] = Cell(cells[0].raw, NOTHING, 13)


def _first_row_only(draft: Draft, rows: list[Row]):
    for col in draft.cols:
        if col.field in ("village", "household_type", "net_income"):
            for row in rows[1:]:
                if row.cells[col].trap == 0:
                    row.cells[col] = Cell(None, BLANK, 13)


def _totals(draft: Draft, rows: list[Row], label: str, place: str) -> Row:
    total = Row("total", trap=14)
    for col in draft.cols:
        if col.kind == "money":
            total.texts[col] = sum(c.raw for row in rows if isinstance((c := row.cells[col]).raw, (int, float)))
    total.texts[draft.col(place)] = label
    if draft.rng.random() < 0.5:
        total.texts[draft.col("persons_year")] = len(rows)
    return total


@trap(14)
def totals_between(draft: Draft):
    """A subtotal after some households, totals at the end or above all, the header once more as on a further page; a
    remark that only speaks of a sum stays data."""
    labels = ["小计", "小　计", "小 计：", "测试一村小计", "本页小计"]
    ends = [
        i for i in range(1, len(draft.rows))
        if draft.rows[i].kind == draft.rows[i - 1].kind == "data"
        and draft.rows[i].household != draft.rows[i - 1].household
    ]  # fmt: skip
    chosen = sorted(draft.rng.sample(ends, min(len(ends), len(labels) if draft.thorough else draft.rng.randint(1, 3))))
    places = ["sequence", "village", "group", "name"]
    last = 0
    for shift, end in enumerate(chosen):
        rows = [row for row in draft.rows[last + shift : end + shift] if row.kind == "data"]
        label = labels[shift % len(labels)] if draft.thorough else draft.rng.choice(labels)
        draft.rows.insert(end + shift, _totals(draft, rows, label, places[shift % 3]))
        last = end
    for label in draft.some(["合计", "总　计", "合 计", "累计"]):
        draft.rows.append(_totals(draft, draft.data, label, draft.rng.choice(places[:3])))
    if draft.thorough or draft.rng.random() < 0.3:
        first = next(i for i, row in enumerate(draft.rows) if row.kind == "data")
        draft.rows.insert(first, _totals(draft, draft.data, "合计", "sequence"))
    if draft.levels == 1 and (draft.thorough or draft.rng.random() < 0.3):
        place = next(i for i, row in enumerate(draft.rows) if row.kind == "total" and i > 3)
        draft.rows.insert(place + 1, Row("header", texts={col: col.header for col in draft.cols}, trap=14))
    for row, col in draft.free("remark")[:1]:
        told = "与上月合计数一致"
        row.cells[col].raw, row.cells[col].truth, row.cells[col].trap = told, read(told), 14


@trap(15)
def notes_at_the_foot(draft: Draft):
    first = draft.cols[0]
    notes = [
        "注：1.家庭人口以户籍为准。", "　　2.收入按上年10月至本年9月计算。", "说明：本表一式三份。",
        "填表人：　　　审核人：　　　填表时间：2023年6月1日", "单位（盖章）：", "审核人：",
    ]  # fmt: skip
    if draft.rng.random() < 0.7:
        draft.rows.append(Row("blank", trap=15))
    for text in notes if draft.thorough else notes[: draft.rng.randint(1, len(notes))]:
        draft.rows.append(Row("note", texts={first: text}, trap=15, wide=draft.rng.random() < 0.5))
    for row, col in draft.free("remark")[:1]:
        told = "说明：本人已外出"
        row.cells[col].raw, row.cells[col].truth, row.cells[col].trap = told, read(told), 15


def day(year, month=1, date=1):
    return dt.date(year, month, date)


#: open at its end, and no day to be reckoned with
NO_DAY = Truth(("value", "blank", "unusable"), None, doubt=None)


@trap(16)
def dates_of_every_shape(draft: Draft):
    draft.dirty(
        16,
        [
            ("202210", read(day(2022, 10), "月")), ("202210.0", read(day(2022, 10), "月")),
            (202210, read(day(2022, 10), "月")), (202210.0, read(day(2022, 10), "月")),
            ("2023年02月", read(day(2023, 2), "月")), ("2018年", read(day(2018), "年")),
            ("2023.1.1", read(day(2023), "日")), ("2023/1", read(day(2023), "月")),
            ("2023-01-01 00:00:00", read(day(2023), "日")), (44927, read(day(2023), "日")),
            (dt.date(2023, 5, 4), read(day(2023, 5, 4), "日")),
            (dt.datetime(2023, 5, 4, 9, 30), read(day(2023, 5, 4), "日")),
            ("２０２３年５月４日", read(day(2023, 5, 4), "日")),
            ("2023年1月-12月", read((day(2023), day(2023, 12, 31)), "起止")),
            ("2022年3月至今", read((day(2022, 3), None), "至今")), ("至今", NO_DAY), ("长期", NO_DAY),
            (2023.1, FLAG), ("2023年2月30日", FLAG), ("23.1.1", FLAG), ("2023年13月", FLAG), ("待核实", FLAG),
            ("1/2/2023", FLAG), (ErrorText("#VALUE!"), FLAG), ("年底", FLAG),
        ],
        "work_start", "identified_date",
    )  # fmt: skip
    draft.dirty(
        16,
        [
            lambda v: (f"{v:%Y%m%d}.0", read(v, "日")), lambda v: (float(f"{v:%Y%m%d}"), read(v, "日")),
            lambda v: (int(f"{v:%Y%m%d}"), read(v, "日")), lambda v: (f"{v.year}.{v.month}.{v.day}", read(v, "日")),
            lambda v: (v, read(v, "日")), lambda v: (f"{v.year}年{v.month}月{v.day}日", read(v, "日")),
        ],
        "birth_date",
    )  # fmt: skip


@trap(17)
def months_in_words(draft: Draft):
    """Read or flagged: whether words may be read as months is asked once per column."""
    draft.dirty(
        17,
        [
            ("半年", either(6)), ("10个月", either(10)), ("全年", either(12)), ("3-12月", either(10)),
            ("6 个月", either(6)),
            ("１０", read(10)), ("9.0", read(9)), ("一年", either(12)), ("十个月", either(10)),
            ("8.5", read(Fraction(17, 2))), ("1年2个月", either(14)),
            ("6-8个月", FLAG), ("约6个月", FLAG), ("6个月以上", FLAG), ("常年", FLAG), ("待核实", FLAG), (70, FLAG),
            (-1, FLAG), ("农闲", FLAG), (ErrorText("#REF!"), FLAG),
        ],
        "work_months", "continuous_months",
    )  # fmt: skip


@trap(18)
def money_of_every_shape(draft: Draft):
    if draft.thorough or draft.rng.random() < 0.5:
        places = ["header", "line", "title", *["group"] * (12 in draft.traps)]
        _in_ten_thousands(draft, draft.rng.choice(places))
    named = [
        ("1,200元", read(1200)), ("1，200元", read(1200)), ("0.15万元", read(1500)),
        ("￥1200元", read(1200)), ("１２００元", read(1200)), ("1200.5元", read(Fraction(2401, 2))),
        ("3千元", either(3000)), ("1.2万元", read(12000)), ("壹万元", FLAG), ("5000元整", either(5000)),
        ("2000-3000元", FLAG), ("2000～3000", FLAG), ("月入3千", FLAG), ("约3000元", FLAG), ("3000以上", FLAG),
        ("3000左右", FLAG), ("1000+2000", FLAG), ("待核实", FLAG), ("见附表", FLAG), (ErrorText("#N/A"), FLAG),
        (ErrorText("#DIV/0!"), FLAG), ("6个月", FLAG), ("1e5", FLAG),
        (dt.date(2023, 1, 1), FLAG),
    ]  # fmt: skip
    plain = [name for name in MONEY if draft.col(name).scale == 1]
    draft.dirty(18, named, *plain)
    # a sign of another unit than the column's: never ten thousand times as much
    other = [("1,200元", either(1200)), ("¥1200", either(1200)), ("1200.5元", either(Fraction(2401, 2)))]
    own = [("0.15万元", read(1500)), ("1.2万元", read(12000)), ("2000-3000", FLAG), ("约0.3", FLAG), ("0.3以上", FLAG)]
    draft.dirty(18, [*other, *own], *(name for name in MONEY if name not in plain))
    # without a unit of their own they count in that of the column
    draft.dirty(
        18,
        [
            ("1,200", read(1200)), ("１２００", read(1200)), ("¥1,200.50", read(Fraction(2401, 2))),
            ("3200 ", read(3200)),
        ],
        *plain,
    )  # fmt: skip
    draft.dirty(18, [("1500元/月", read(1500)), ("每月1500元", either(1500))], "monthly_wage")
    # what is told by the month is no sum of a year: it is marked, or refused
    draft.dirty(18, [("1500元/月", Truth(("value", "unusable"), 1500, "月", None))], *INCOMES)


def _in_ten_thousands(draft: Draft, how: str):
    cols = [draft.col(name) for name in INCOMES]
    if how in ("line", "title"):
        draft.above.append([None, None, None, "金额单位：万元"] if how == "line" else ["测试村收入台账（单位：万元）"])
        for name in ("monthly_wage", "travel_paid"):
            draft.col(name).header += "（元）"
    elif how == "group":
        draft.levels = 2
        for col in cols:
            col.groups = ("收入情况（万元）",)
    else:
        cols = draft.rng.sample(cols, 3)
        for col in cols:
            col.header += draft.rng.choice(["（万元）", "(万元)"])
    for col in cols:
        col.scale, col.why = 10_000, 18
        for row in draft.data:
            cell = row.cells[col]
            if cell.truth.states == ("value",):
                cell.raw = float(Fraction(cell.truth.value, 10_000))


@trap(19)
def the_month_for_the_year(draft: Draft):
    """A sum that is usual for a month, in a column of the year: read as it stands, and told by a check."""
    for name, told in (("dibao_income", 150), ("pension_income", 80)):
        for row, col in draft.free(name)[: 2 if draft.thorough else 1]:
            raw = told if col.scale == 1 else float(Fraction(told, col.scale))
            draft.set(19, row, name, raw, read(told))
            draft.warned.append((19, row, col, name))


@trap(20)
def names_as_they_stand(draft: Draft):
    def shaped(raw: str, key: str):
        return raw, read((key, raw.replace("\u00a0", " ")))

    draft.dirty(
        20,
        [
            shaped("张　三", "张三"), shaped("张 三", "张三"), shaped("李\u00a0四", "李四"),
            shaped("阿依测·买试提", "阿依测·买试提"), shaped("阿依测.买试提", "阿依测·买试提"),
            shaped("阿依测•买试提", "阿依测·买试提"), shaped("阿依测・买试提", "阿依测·买试提"),
            shaped("阿依测．买试提", "阿依测·买试提"), shaped("王𠮷测", "王𠮷测"), shaped("赵㛃测", "赵㛃测"),
            ("张?三", FLAG), ("张□三", FLAG), ("张*三", FLAG), ("13800001234", FLAG),
            ("张三（已故）", Truth(("value", "unusable"), ("张三", "张三（已故）"), None, None)),
        ],
        "name",
    )  # fmt: skip


@trap(21)
def words_in_any_order(draft: Draft):
    both = read(("长期慢性病", "残疾"))
    draft.dirty(
        21,
        [
            ("残疾,长期慢性病", both), ("长期慢性病，残疾", both), ("残疾、长期慢性病", both),
            ("残疾；长期慢性病", both), ("长期慢性病/残疾", both), (" 残疾 , 长期慢性病 ", both),
            ("慢性病", read(("长期慢性病",))),
            ("残疾,患有大病,长期慢性病", read(("长期慢性病", "患有大病", "残疾"))), ("健康,残疾", FLAG), ("头疼", FLAG),
            ("残疾,头疼", FLAG),
        ],
        "health",
    )  # fmt: skip
    draft.dirty(
        21,
        [
            ("√", read("是")), (1, read("是")), ("1", read("是")), ("有", read("是")), ("是 ", read("是")),
            ("×", read("否")), (0, read("否")), ("不是", read("否")),
            ("无", Truth(("value", "blank", "unusable"), "否")), ("待核实", FLAG), ("部分", FLAG),
        ],
        "medical_insurance", "safe_water", "working",
    )  # fmt: skip
    weak = read("弱劳动力或半劳动力")
    draft.dirty(
        21,
        [
            ("半劳动力", weak), ("弱劳动力", weak), ("弱（半）劳动力", weak), ("普通劳动力 ", read("是")),
            ("无劳力", either("否")), ("普通劳动力、丧失劳动力", FLAG), ("会开车", FLAG),
        ],
        "is_labor",
    )  # fmt: skip
    draft.dirty(21, [("已消除", read("已消除")), ("未消除", read("未消除")), ("√", either("已消除"))], "risk_status")
    draft.dirty(21, [("长子", either("之子")), ("妻子", either("配偶")), ("邻居", FLAG)], "relation")


@trap(22)
def numeric_codes(draft: Draft):
    """Two systems number the same words differently: a bare number says nothing."""
    draft.dirty(22, [(code, FLAG) for code in ("02", 2, 3, "03", "4", "01", 1)], "is_labor")
    draft.dirty(22, [(1, FLAG), ("2", FLAG), (2.0, FLAG)], "sex")
    draft.dirty(22, [("1", FLAG), (4, FLAG)], "health")
    draft.dirty(22, [("100A03001", FLAG), (1, FLAG)], "household_type")
    draft.dirty(22, [("01", FLAG), (2, FLAG)], "relation")


#: place -> the provinces that it may be read as, and its class as seen from 平鲁区
WHERE = {
    "深圳": (("广东省",), "跨省"), "广东深圳": (("广东省",), "跨省"), "昆山打工": (("江苏省",), "跨省 待核实"),
    "朝阳区": ((), "跨省"), "朔州": (("山西省",), "待核实"), "省外": ((), "跨省"), "在家": ((), "区内"),
    "浙江/江苏": ((), "跨省 待核实"), "越南": (("境外",), "跨省"), "山西太原": (("山西省",), "省内区外"),
    "白云区": ((), "跨省"), "吉林": (("吉林省",), "跨省"), "平鲁区": (("山西省",), "区内"),
}  # fmt: skip


@trap(23)
def places(draft: Draft):
    """The cell stays as it stands (its class is asked elsewhere); a name of two provinces is read as neither."""
    draft.dirty(23, [(place, PlaceTruth(place)) for place in WHERE], "work_place")


class PlaceTruth(Truth):
    """The text as it stands, a province that it is surely in, or a flag."""

    def __init__(self, place: str):
        super().__init__(("value", "unusable"), place, doubt=None)

    def mistake(self, clean) -> str:
        if clean.state == "value" and clean.value in WHERE[self.value][0]:
            return ""
        return super().mistake(clean)


@trap(24)
def other_files(draft: Draft):
    draft.kinds = ("csv", "csv-bom", "csv-gbk", "html")
    if draft.merged or draft.levels > 1:
        draft.kinds = ("html",)  # a .csv has no merged cells: what is lost cannot be read
    if set(draft.traps) & {25, 30}:
        draft.kinds = ("xlsx",)


@trap(25)
def wrong_dimension_and_hidden_parts(draft: Draft):
    draft.wrong_dimension = True
    if draft.thorough or draft.rng.random() < 0.6:
        draft.sheets_before.append("填表说明")
    if draft.thorough or draft.rng.random() < 0.4:
        draft.sheets_before.append("旧表")
    if draft.thorough or draft.rng.random() < 0.5:
        draft.hidden_rows = draft.rng.sample(draft.data, 3)
    draft.left = draft.rng.choice([0, 0, 1, 2])


@trap(26)
def numbers_as_text(draft: Draft):
    for variant, (row, col) in zip(
        draft.some(["text", "-", "/", "无", "——", "text", "－", "—", "text", "暂无"]), draft.free(*MONEY)
    ):
        cell = row.cells[col]
        raw, truth = (str(cell.raw), cell.truth) if variant == "text" else (variant, BLANK)
        cell.raw, cell.truth, cell.trap = raw, truth, 26
    draft.dirty(26, [("/", BLANK), ("无", BLANK), ("——", BLANK), ("-", BLANK)], "phone", "bank_account")
    draft.dirty(26, [lambda v: (str(v), read(v)), ("-", BLANK), ("无", BLANK)], "work_months")
    draft.dirty(26, [("无", BLANK), ("/", BLANK)], "identified_date", "work_start")


def _clone(draft: Draft, row: Row) -> Row:
    """The same person once more, as a row below."""
    cells = {col: Cell(cell.raw, cell.truth, cell.trap) for col, cell in row.cells.items()}
    again = Row("data", cells, household=row.household)
    draft.rows.insert(draft.rows.index(row) + 1, again)
    return again


_PERSON = ("name", "id_number", "sex", "birth_date")


def _whole(draft: Draft, row: Row, names=_PERSON) -> bool:
    return all(draft.cell(row, name).trap == 0 for name in names)


@trap(27)
def the_same_person_twice(draft: Draft):
    """In two households, and with two spells of work."""
    candidates = [row for row in draft.data if _whole(draft, row, (*_PERSON, "relation"))]
    others = [row for row in candidates if draft.cell(row, "relation").raw != "户主"]
    draft.rng.shuffle(others)
    for row in others[: 2 if draft.thorough else 1]:
        guest = next((r for r in candidates if r.household != row.household and r not in others), None)
        if guest is None:
            break
        candidates.remove(guest)
        for name in _PERSON:
            cell = draft.cell(guest, name)
            draft.set(27, row, name, cell.raw, cell.truth)
            cell.trap = 27
    spells = [
        row for row in draft.data
        if _whole(draft, row, ("id_number", "name", "work_start", "work_months")) and draft.cell(row, "work_start").raw
    ]  # fmt: skip
    draft.rng.shuffle(spells)
    for row in spells[: 2 if draft.thorough else 1]:
        again = _clone(draft, row)
        draft.set(27, again, "work_start", "2023年03月", read(day(2023, 3), "月"))
        draft.set(27, again, "work_months", 2, read(2))
        for name in ("id_number", "name"):
            draft.cell(row, name).trap = draft.cell(again, name).trap = 27


@trap(28)
def without_head_or_gone(draft: Draft):
    heads = [row for row, _ in draft.free("relation") if draft.cell(row, "relation").raw == "户主"]
    for row in heads[: 2 if draft.thorough else 1]:
        draft.set(28, row, "relation", "其他", read("其他"))
        draft.warned.append((28, row, draft.col("relation"), "no head"))
    for word in draft.some(["死亡", "自然减少", "迁出"]):
        for row, col in draft.free("status")[:1]:
            row.cells[col].raw, row.cells[col].truth, row.cells[col].trap = word, read(word), 28


@trap(29)
def fillers_of_schooling(draft: Draft):
    draft.dirty(
        29, [("-", BLANK), ("特殊学校", either("特殊学校")), ("—", BLANK), ("读书", FLAG)], "school", "education"
    )


@trap(30)
def colours_and_comments(draft: Draft):
    """Nothing can be read from them: every cell is read as it stands."""
    draft.file = "某村台账（已做停发）"
    for row in draft.rng.sample(draft.data, 3):
        draft.painted += [(row, col) for col in draft.cols[:5]]


# ---- three ledgers that look like real ones


#: further columns of the national export: (header, field or None, the cells in turn)
_EXPORT = [
    ("省", "province", ["测试省"]), ("市", "city", ["测试市"]), ("县", "county", ["测试县"]),
    ("乡", "town", ["测试乡"]),
    ("人口编号", "person_id", ["{order:016}"]), ("证件类型", "id_type", ["居民身份证(户口簿)"]),
    ("民族", "ethnic", ["汉族"]), ("政治面貌", "politics", ["群众", "中共党员"]),
    ("户联系电话", "household_phone", ["13900001234"]),
    ("义务教育阶段未上学原因", "dropout_reason", [None]), ("残疾类别", "disability_category", [None, "肢体"]),
    ("残疾等级", "disability_level", [None, "三级"]), ("残疾证办证年度", "disability_year", [None, "2019年"]),
    ("是否参加城镇职工基本医疗保险", "employee_medical", ["否"]),
    ("是否参加大病保险", "serious_illness_insurance", ["是"]),
    ("是否参加城乡居民基本养老保险", "pension_insurance", ["是", "否"]),
    ("是否参加城镇职工基本养老保险", "employee_pension", ["否"]),
    ("是否参加商业补充医疗保险", "commercial_insurance", ["否"]), ("是否接受医疗救助", "medical_aid", ["否", "是"]),
    ("享受低保政策情况", "dibao", ["未享受", "农村低保"]), ("享受特困供养政策情况", "tekun", ["不享受", "农村特困"]),
    ("务工所在省", "work_province", [None, "江苏省"]), ("务工所在市", "work_city", [None, "苏州市"]),
    ("务工所在县", "work_county", [None, "昆山市"]), ("所属行业", "industry", [None, "制造业"]),
    ("就业渠道", "channel", [None, "外出务工"]), ("公益性岗位", "public_post", [None, "保洁员"]),
    ("公益性岗位(月数)", "public_post_months", [None, "6"]), ("消除监测时间", "cleared_date", [None, "202303"]),
    ("风险消除方式", "clearing_way", [None, "帮扶消除"]), ("致贫/返贫风险1", "risk", [None, "因病"]),
    ("致贫/返贫风险2", "risk", [None, "因学"]), ("致贫/返贫风险3", "risk", [None]), ("致贫/返贫风险4", "risk", [None]),
    ("致贫/返贫风险5", "risk", [None]), ("致贫原因1", "cause", ["因病", "缺技术"]),
    ("实施开发式帮扶措施情况", "development_help", ["是"]), ("产业帮扶", "industry_help", ["产业奖补,其他"]),
    ("就业帮扶", "job_help", ["外出务工补贴", "技能培训,其他"]), ("金融帮扶", "finance_help", [None]),
    ("公益岗位帮扶", "public_post_help", [None, "生态护林员"]), ("住房安全保障", "housing_help", [None]),
    ("饮水安全保障", "water_help", [None]), ("健康帮扶", "health_help", ["参加城乡居民基本医保"]),
    ("义务教育保障", "schooling_help", [None]), ("教育帮扶", "education_help", [None, "雨露计划"]),
    ("综合保障", "general_help", ["低保"]), ("社会帮扶", "social_help", [None]), ("是否危房户", "unsafe_house", ["否"]),
    ("是否义务教育阶段适龄儿童少年失学辍学", "dropped_out", ["否"]),
    ("是否有家庭成员未参加城乡居民（职工）基本医疗保险", "uninsured_member", ["否"]),
    ("整户无劳动能力兜底保障户", "no_labor_household", ["否"]), ("林地面积（亩）", "forest_mu", ["2.5", "0"]),
    ("退耕还林面积（亩）", "returned_forest_mu", ["1.2"]), ("林果面积（亩）", "fruit_mu", ["0"]),
    ("牧草地面积（亩）", "pasture_mu", ["0"]), ("水面面积（亩）", "water_mu", ["0"]),
    ("住房面积（平方米）", "house_area", ["96", "120.5"]), ("所属单位", "helper_unit", ["测试乡政府"]),
    ("职务", "helper_post", ["科员"]), ("当前家庭人口数", "persons_now", ["3"]),
    ("其他工资性收入", "other_wage_income", ["0"]), ("林果业收入", "fruit_income", ["300.00"]),
    ("其他生产经营性收入", "other_operating_income", ["0.00"]),
    ("资产收益扶贫分红收入", "asset_income", ["120.5"]), ("其他财产性收入", "other_property_income", ["0"]),
    ("计划生育金", "family_planning_income", ["0"]), ("特困人员救助供养金", "tekun_income", ["0"]),
    ("生态补偿金", "ecology_income", ["80"]), ("产业奖励", "industry_award_income", ["500"]),
    ("就业奖励", "job_award_income", ["0"]), ("其他转移性收入", "other_transfer_income", ["60.00"]),
    ("种植业支出", "planting_expense", ["100"]), ("养殖业支出", "breeding_expense", ["200"]),
    ("专项用于减少生产经营性支出的补贴", "expense_subsidy", ["0"]), ("家庭理赔收入", "claims_paid", ["0"]),
    ("合规自付支出", "out_of_pocket", ["1200.55"]),
    ("与村主干路距离（公里）", None, ["0.3"]), ("入户路类型", None, ["水泥路"]), ("是否通生产用电", None, ["是"]),
    ("是否通生活用电", None, ["是"]), ("是否通广播电视", None, ["是"]), ("主要燃料类型", None, ["柴草"]),
    ("卫生厕所", None, ["是"]), ("是否加入农民专业合作组织", None, ["否"]), ("有无龙头企业带动", None, ["否"]),
    ("有无创业致富带头人带动", None, ["否"]), ("是否易地扶贫搬迁户", None, ["否"]), ("搬迁方式", None, [None]),
    ("安置地", None, [None]), ("是否军烈属", None, ["否"]), ("是否独生子女户", None, ["否"]),
    ("是否双女户", None, ["否"]), ("是否现役军人", None, ["否"]), ("是否会讲普通话", None, ["是"]),
    ("普通话培训", None, [None]), ("系统版本", None, ["3"]),
]  # fmt: skip
_KINDS = {
    "phone": ("household_phone",), "words": ("risk",), "months": ("public_post_months",),
    "date": ("disability_year", "cleared_date"),
    "number": (
        "forest_mu", "returned_forest_mu", "fruit_mu", "pasture_mu", "water_mu", "house_area", "persons_now",
    ),
    "money": ("expense_subsidy", "claims_paid", "out_of_pocket"),
}  # fmt: skip


def _export_truth(name: str | None, raw: str | None) -> Truth:
    kind = next((kind for kind, names in _KINDS.items() if name in names), "")
    if name and name.endswith(("_income", "_expense")):
        kind = "money"
    if raw is None or name is None:
        return BLANK if name else NOTHING
    if kind == "date":
        return read(day(2019), "年") if raw == "2019年" else read(day(2023, 3), "月")
    if kind in ("number", "money", "months"):
        return read(Fraction(raw))
    return read((raw,)) if kind in ("phone", "words") else read(raw)


def national_export(seed: int = 1, households: int = 30) -> Draft:
    """177 columns, all of them text; the header in row 3; 风险是否已消除 twice; a dimension that is not true."""
    draft = clean_ledger(seed, households)
    rows = draft.data
    for col in draft.cols:
        for row in rows:
            cell = row.cells[col]
            if cell.raw is not None:
                cell.raw = str(cell.raw)
    # the export has no column that counts its rows, and calls some others by longer names
    draft.cols.remove(draft.col("sequence"))
    draft.col("phone").header = "家庭成员联系电话"
    for order, (header, name, told) in enumerate(_EXPORT):
        col = Col(name, header, claim="field" if name else "stranger")
        for i, row in enumerate(rows):
            raw = told[row.household % len(told)]
            raw = raw and raw.format(order=10**15 + i)
            row.cells[col] = Cell(raw, _export_truth(name, raw))
        draft.cols.insert(2 + order * 3 % 40, col)
    again = Col("risk_status", "风险是否已消除", claim="again")
    for row in rows:
        first = draft.cell(row, "risk_status")
        row.cells[again] = Cell(first.raw, first.truth)
    draft.cols.append(again)
    for number in range(1, 177 - len(draft.cols) + 1):
        col = Col(None, f"扩展信息{number}", claim="stranger")
        draft.cols.append(col)
        for row in rows:
            row.cells[col] = Cell([None, "", "0", "未采集"][number % 4], NOTHING)
    draft.above = [["（自定义）监测对象信息"], ["导出时间：2023-12-18 10:21:33"]]
    draft.wrong_dimension = True
    draft.file = "（自定义）监测对象信息 (22)"
    return draft


def village_report(seed: int = 1, villages: int = 3, each: int = 6) -> Draft:
    """One row per household, a header of three levels with columns 户 and 人, the incomes in 万元 by a line above, a
    subtotal per village, 合计, notes."""
    rng = random.Random(seed)
    people = People(rng)
    monitored = [("脱贫不稳定户", "户"), ("边缘易致贫户", "户"), ("突发严重困难户", "户")]
    cols = [
        Col("village", "行政村", of_household=True), Col("group", "村民小组", of_household=True),
        Col("household_id", "户编号", "key", True), Col("head_name", "户主姓名", "name", True),
        Col("household_size", "家庭人口数", "number", True, ("人口情况",)),
        Col(None, "劳动力\n（人）", "number", True, ("人口情况", "其中"), "stranger"),
        Col(None, "务工\n（人）", "number", True, ("人口情况", "其中"), "stranger"),
        *(
            Col(None, unit, "number", True, ("监测对象情况", kind), "stranger")
            for kind, _ in monitored for unit in ("户", "人")
        ),
        Col("work_income", "务工收入", "money", True, ("家庭收入", "工资性收入"), scale=10_000),
        Col("public_post_income", "公益性\n岗位收入", "money", True, ("家庭收入", "工资性收入"), scale=10_000),
        Col("wage_income", "小计", "money", True, ("家庭收入", "工资性收入"), "or asked", 10_000),
        Col("operating_income", "生产经营性收入", "money", True, ("家庭收入",), scale=10_000),
        Col("property_income", "财产性收入", "money", True, ("家庭收入",), scale=10_000),
        Col("transfer_income", "转移性收入", "money", True, ("家庭收入",), scale=10_000),
        Col("net_income", "纯收入", "money", True, ("家庭收入",), scale=10_000),
        Col("per_capita_income", "人均纯收入（元）", "money", True, ("家庭收入",)),
        Col("helper_name", "姓名", "name", True, ("帮扶责任人",), "or nothing"),
        Col("helper_phone", "联系电话", "phone", True, ("帮扶责任人",), "or nothing"),
        Col("remark", "备　注"),
    ]  # fmt: skip
    draft = Draft(cols, [], rng, levels=3, whose="户", file="2023年度测试乡脱贫户监测户收入统计表")
    draft.above = [
        ["2023年度测试乡脱贫人口和监测对象收入情况统计表"],
        ["填报单位：测试乡（盖章）", *[None] * 14, "单位：万元"],
    ]
    order = 0
    for village in "一二三四五六"[:villages]:
        rows = []
        for number in range(each):
            order += 1
            rows.append(_household_row(cols, rng, people, f"测试{village}村", number // 3, order, monitored))
        draft.rows += [*rows, _report_total(draft, rows, f"测试{village}村小计", len(rows))]
    draft.rows += [
        _report_total(draft, draft.data, "合　　计", len(draft.data)),
        Row("note", texts={cols[0]: "注：1.收入按上年10月1日至本年9月30日计算。"}),
        Row("note", texts={cols[0]: "　　2.本表由村填写，乡镇审核。"}),
        Row("note", texts={cols[0]: "填表人：　　　　审核人：　　　　填表时间：　　年　　月　　日"}),
    ]
    return draft


def _household_row(cols, rng, people, village, group, order, monitored) -> Row:
    size, kind = rng.randrange(1, 6), order % 4  # 0: not monitored
    work, post, own, land, given = (rng.randrange(1, 60) * 100 for _ in range(5))
    net = work + post + own + land + given
    head, helper, phone = people.name(), people.name(), people.phone()
    marks = [(value, NOTHING) for i in range(3) for value in ((1, size) if kind == i + 1 else (None, None))]

    def ten_thousands(value):
        return float(Fraction(value, 10_000)), read(value)

    told = [
        (village, read(village)), (f"第{'一二'[group]}组", read(f"第{'一二'[group]}组")),
        (f"14{order:08}", read(f"14{order:08}")), (head, read((head, head))), (size, read(size)),
        (max(1, size - 2), NOTHING), (1, NOTHING), *marks, ten_thousands(work), ten_thousands(post),
        ten_thousands(work + post), ten_thousands(own), ten_thousands(land), ten_thousands(given), ten_thousands(net),
        amount(Fraction(net * 100 // size, 100)), (helper, read((helper, helper))), (phone, read((phone,))),
        (None, BLANK),
    ]  # fmt: skip
    return Row("data", {col: Cell(*cell) for col, cell in zip(cols, told, strict=True)}, household=order)


def _report_total(draft: Draft, rows: list[Row], label: str, households: int) -> Row:
    total = Row("total", texts={draft.cols[0]: label, draft.cols[2]: f"{households}户"})
    for col in draft.cols:
        if col.kind in ("number", "money"):
            total.texts[col] = sum(row.cells[col].raw or 0 for row in rows)
    return total


def merged_households(seed: int = 1, households: int = 20) -> Draft:
    """One row per person; what belongs to the household stands in cells merged down over the rows of its members."""
    draft = clean_ledger(seed, households)
    wanted = [
        "sequence", "household_id", "household_type", "persons_year", "name", "relation", "id_number", "phone",
        "health", "is_labor", "work_place", "work_months", "monthly_wage", "monitor_type", "risk_status",
        "wage_income", "operating_income", "property_income", "transfer_income", "net_income", "per_capita_income",
        "remark",
    ]  # fmt: skip
    draft.cols = [draft.col(name) for name in wanted]
    head = Col("head_name", "户主\n姓名", "name", True)
    for row in draft.data:
        first = next(other for other in draft.data if other.household == row.household)
        name = draft.cell(first, "name")
        row.cells[head] = Cell(name.raw, name.truth)
        # one number per household
        draft.set(0, row, "sequence", row.household + 1, read(row.household + 1))
    sequence = draft.col("sequence")
    sequence.of_household = True
    draft.cols.insert(1, head)
    for col in draft.cols:
        col.groups = () if col in (sequence, head) else col.groups
    draft.above = [["测试村脱贫户、监测户家庭情况台账"], ["村名：测试村　　　金额单位：元　　　　时间：2023年9月"]]
    draft.levels = 2
    for number in range(households):
        rows = [row for row in draft.data if row.household == number]
        for col in draft.cols:
            if col.of_household and len(rows) > 1 and rows[0].cells[col].raw is not None:
                draft.merged.append((rows[0], rows[-1], col))
    draft.rows.append(Row("note", texts={sequence: "说明：本台账由村级填写，一户一册。"}))
    draft.file = "测试村家庭情况台账"
    return draft
