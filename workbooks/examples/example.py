"""One document's example: its ledger of this period and of the one before, its table of payments."""

from dataclasses import dataclass, field
from datetime import date

from xlsxwriter.utility import xl_cell_to_rowcol

from . import facts
from .facts import Place, households_of
from .incomes import members, put_incomes
from .last_period import last_rows
from .payments import PAYMENT_COLUMNS, payment_rows
from .sheets import FIRST_DATA_ROW, Sheet, write_workbook

LOWER = "lower"  # the cell's own text in lower case


@dataclass
class Example:
    """What a document's module tells of its workbooks.

    name       the document's short name, with which the files begin
    unit       who keeps the ledger
    code       three figures of the 户编号, other than those of the other documents
    villages   (town, village) -> number of households
    sizes      size of household -> how many
    types      户类型 -> how many
    columns    of the ledger, in order
    build      rows without dirt, as `claims` of the document has them: (example) -> rows
    settings   rows of the sheet 核算口径
    notes      rows of the sheet 填表说明
    dirt       (cell, what is typed there, what it is there for); LOWER: the text in lower case
    born       (户编号, relation, sex) of the children born in this period
    twice      人口编号 of a person who is listed a second time, and 户编号 of the household in another village
    changes    (kind, row, …) since the period before, by rows of the ledger; see last_period.py
    payments   (row, 事项, paid, …); see payments.py
    """

    name: str
    unit: str
    year: int
    code: str
    place: Place
    columns: list
    build: object
    settings: list
    notes: list
    villages: dict = field(default_factory=dict)
    sizes: dict = field(default_factory=dict)
    types: dict = field(default_factory=dict)
    born: tuple = ()
    twice: tuple = ()
    dirt: list = field(default_factory=list)
    changes: list = field(default_factory=list)
    payments: list = field(default_factory=list)
    on_every_row: bool = True
    per_capita: str = "家庭人均纯收入"
    paid_on: date | None = None
    heading: str = "脱贫户和监测户增收台账"

    @property
    def headers(self):
        return [column.name for column in self.columns]

    def ledger(self, rows, year):
        title = f"{self.name}{self.heading}（{year}年度，示例，人员均为虚构）"
        unit_line = f"填报单位：{self.unit}　　金额单位：元"
        return Sheet("台账", title, unit_line, self.columns, rows, groups="户编号", frozen="姓名")

    def write(self, folder):
        """Write the document's workbooks; return {file name: rows}."""
        rows = self.build(self)
        earlier = last_rows(self, rows)
        finish(self, rows)
        paid = payment_rows(self, rows)
        apply_dirt(self, rows)
        author = f"{self.name}（示例）"
        files = {f"{self.name}台账.xlsx": rows, f"{self.name}台账_上期.xlsx": earlier}
        write_workbook(folder / f"{self.name}台账.xlsx", self.ledger(rows, self.year), author, self.place.as_of,
                       self.settings, self.notes)  # fmt: skip
        settings = [row if row[0] != "业务日期" else (row[0], self.place.last, "上一期的日期；上期台账只供与本期比对")
                    for row in self.settings]  # fmt: skip
        write_workbook(folder / f"{self.name}台账_上期.xlsx", self.ledger(earlier, self.year - 1), author,
                       self.place.last, settings)  # fmt: skip
        if paid:
            title = f"{self.name}惠民惠农补贴发放花名册（{self.year}年度，示例，人员均为虚构）"
            told = Sheet("发放表", title, f"填报单位：{self.unit}　　金额单位：元", PAYMENT_COLUMNS, paid)
            files[f"{self.name}发放表.xlsx"] = paid
            write_workbook(folder / f"{self.name}发放表.xlsx", told, author, self.paid_on)
        return files


def finish(example, rows):
    """Numbers of persons, this period's incomes, and the sequence."""
    for household in households_of(rows):
        head, size = household[0], len(members(household, 0))
        for person in household:
            person["家庭人口数"] = size
        put_incomes(household, head["_years"][0], head["_years"][1], size, len(members(household, 1)),
                    example.on_every_row, example.per_capita)  # fmt: skip
    for number, person in enumerate(rows, start=1):
        person["序号"] = number
    check(example, rows)


def check(example, rows):
    """Stop if the clean ledger has a value without a column, or a household without its one head in front."""
    headers, previous = set(example.headers), None
    for person in rows:
        known = {header for header in person if not header.startswith("_") and person[header] is not None}
        assert known <= headers | UNUSED, known - headers
        assert (person["与户主关系"] == "户主") == (person["户编号"] != previous), person["人口编号"]
        previous = person["户编号"]
        number = person["证件号码"]
        assert len(number) in (18, 20) and facts.check_number(number), person["人口编号"]


#: facts that not every ledger has a column for
UNUSED = {"残疾类别", "残疾等级", "纯收入"}


def apply_dirt(example, rows):
    """Put what `dirt` says into the rows; a formula stays text here and is written as one later."""
    for cell, value, purpose in example.dirt:
        row, column = xl_cell_to_rowcol(cell)
        person, header = rows[row - FIRST_DATA_ROW + 1], example.headers[column]
        clean = person.get(header)
        dirty = clean.lower() if value == LOWER else value
        assert dirty != clean and person["人口状态"] == "正常", f"{cell} ({purpose}) changes nothing"
        person[header] = dirty
