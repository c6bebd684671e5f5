"""Small ledgers and rosters of invented people, for what is paid."""

from __future__ import annotations

from pathlib import Path

import openpyxl
from invented import completed

HEADS = ["户编号", "姓名", "与户主关系", "证件号码", "户类型", "劳动技能", "务工去向"]
IDS = [completed(f"99990119{70 + number}0101{10 + number:02}{number % 10}") for number in range(12)]
NAMES = [f"{family}某" for family in "甲乙丙丁戊己庚辛壬癸子丑"]


def write(file: Path, *lines, sheet: str = "台账", sheets: dict | None = None) -> Path:
    book = openpyxl.Workbook()
    book.active.title = sheet
    for line in lines:
        book.active.append(line)
    for name, rows in (sheets or {}).items():
        made = book.create_sheet(name)
        for row in rows:
            made.append(row)
    book.save(file)
    return file


def people(count: int = 4, heads: list[str] | None = None, **changes) -> list[list]:
    """The header and persons, each a household of one, at work in another province; `changes`: header -> {person:
    value}, under new headers too."""
    heads = [*(heads or HEADS), *(head for head in changes if head not in (heads or HEADS))]
    rows = [heads]
    for number in range(count):
        usual = dict(zip(HEADS, (f"H{number}", NAMES[number], "户主", IDS[number], "脱贫户", "普通劳动力", "跨省")))
        for header, values in changes.items():
            usual[header] = values.get(number, usual.get(header)) if isinstance(values, dict) else values
        rows.append([usual.get(head) for head in heads])
    return rows


def ledger(folder: Path, count: int = 4, name: str = "台账.xlsx", heads=None, **changes) -> Path:
    return write(folder / name, *people(count, heads, **changes))


def paid_roster(
    folder: Path, *rows, heads=("证件号码", "事项", "金额", "发放日期"), name="发放.xlsx", title="发放表"
) -> Path:  # fmt: skip
    return write(folder / name, [title], list(heads), *rows, sheet="表")


def told(file: Path, sheet: str | None = None) -> list[list]:
    """The cells of a sheet."""
    book = openpyxl.load_workbook(file)
    return [list(row) for row in book[sheet or book.sheetnames[0]].iter_rows(values_only=True)]


def no_person_in(text: str) -> bool:
    return not any(word in text for word in (*IDS, *NAMES))
