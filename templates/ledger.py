"""台账: the sheet that clerks fill in, with what each row comes to; how it is filled in; what all rows come to."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from columns import (
    ACCOUNT,
    DAY_NAME,
    DUE,
    FACTS,
    HEAD_OF_HOUSEHOLD,
    HOME,
    INCOME,
    LACK,
    OFFERED,
    POLICY_NAME,
    ROWS,
    WHO,
    Column,
    Columns,
    Wanted,
    chosen,
    filled,
)

from xl_poverty.formulas.documents import documents
from xl_poverty.formulas.office import current
from xl_poverty.formulas.signatures import find, own_signatures, plain_arguments, signatures
from xl_poverty.ledger.fields import fields
from xl_poverty.ledger.settings import SHEET as SETTINGS
from xl_poverty.rules.parameters import Policy
from xl_poverty.workbook.encoding import Formula
from xl_poverty.workbook.pages import (
    CENTRED,
    COUNT,
    DAY,
    ENTRY,
    HEAD,
    LABEL,
    MONEY,
    RED,
    SUBTITLE,
    TEXT,
    TITLE,
    Colouring,
    Dropdown,
    Limit,
    Page,
    Style,
)
from xl_poverty.workbook.portable import PARAMETER_HEADINGS
from xl_poverty.workbook.references import Area, letters_of

LEDGER, TOLD, ALL = "台账", "说明", "合计"
SEQUENCE = "sequence"
#: rows from 0: the header, and the first row to fill in
TOP, FIRST = 3, 4
LAST = FIRST + ROWS - 1
TOTAL = "合计"

_HEADS = {WHO: "DDEBF7", HOME: "DDEBF7", FACTS: "E2EFDA", INCOME: "FFF2CC", ACCOUNT: "EDEDED", DUE: "D9D9D9"}
_GREY, _DARK_RED = "D9D9D9", "C00000"
_WIDTHS = {"id": 21, "key": 16, "account": 21, "phone": 13, "date": 12, "money": 11.5, "name": 10, "number": 9,
           "months": 9, "flag": 8, "text": 11, "word": 11, "place": 12}  # fmt: skip
_LIVE = Style(fill="F2F2F2", wrap=False)
_FORMATS = {"money": "#,##0.00;-#,##0.00;0", "date": DAY.number_format, "key": "@", "id": "@", "phone": "@",
            "account": "@"}  # fmt: skip
#: characters that can be read on a sheet of A4, laid across
_PAPER = 140
_FIRST_DAY, _LAST_DAY = dt.date(1900, 1, 1), dt.date(2999, 12, 31)
#: what a clerk has to know of a column, where the contract does not say it
_HOW = {
    "household_id": "全户各行填同一个编号；按文本填，数字不会变样",
    "name": "一人一行；填了姓名，这一行才算",
    "id_number": "18位，持残疾证的20或22位；按文本填",
    "relation": "每户有且只有一个户主；户的数字填在户主行",
    "status": "死亡、自然减少、迁出的不算待遇",
    "household_type": "全户各行都填",
    "risk_status": "全户各行都填；不是监测户的填“无”",
    "identified_date": "监测户填，填到日，如2023-02-01；填在户主行",
    "income_base_year": "全户各行都填",
    "income_estimate": "全户各行都填",
    "persons_year": "年度家庭人口数，算人均纯收入用；填在户主行",
    "town": "汇总按乡镇（街道）、村统计",
    "village": "汇总、公示按村",
    "bank_account": "按文本填；发放表用",
}


@dataclass
class LedgerSheet:
    """The page, and where its columns stand."""

    columns: Columns
    page: Page
    at: dict[str, int]

    def area(self, key: str) -> str:
        """The cells of a column, as formulas of other sheets name them."""
        letter = letters_of(self.at[key])
        return f"{LEDGER}!${letter}${FIRST + 1}:${letter}${LAST + 1}"


def ledger_sheet(columns: Columns, title: str) -> LedgerSheet:
    page = Page(LEDGER, landscape=True, repeat=(TOP, TOP), protected=True)
    placed = _placed(columns)
    at = {column.key: place for place, column in enumerate(placed)} | offered_rows(columns)
    page.freeze = FIRST, at["name"] + 1
    page.repeat_columns = 0, at["name"]
    page.widths = [_width(column) for column in placed]
    again = sum(page.widths[: at["name"] + 1])
    page.pages_wide = max(1, -(-int(sum(page.widths) - again) // int(_PAPER - again)))
    # not merged: beside the columns that are printed again there is room on every sheet of paper
    page.put(0, 0, title, TITLE.but(horizontal="left", wrap=False))
    page.put(1, 0, _line(columns), SUBTITLE.but(wrap=False))
    for place, column in enumerate(placed):
        _column(page, columns, column, place, at)
    if columns.results:
        page.put(TOP - 1, at["name"], TOTAL, LABEL)
    for row in range(FIRST, LAST + 1):
        page.heights[row] = 24
    page.filtered = TOP, 0, LAST, len(placed) - 1
    _colours(page, columns, at)
    return LedgerSheet(columns, page, at)


def _line(columns: Columns) -> Formula:
    """The line under a title: which document, which day, which unit."""
    text = (
        f'"政策："&IF({POLICY_NAME}="","未填",{POLICY_NAME})&"　业务日期："'
        f'&IF({DAY_NAME}="","未填",TEXT({DAY_NAME},"yyyy-mm-dd"))&"　金额单位：元"'
    )
    return Formula(text, f"政策：{columns.alone.short_name if columns.alone else '未填'}　业务日期：未填　金额单位：元")


def _placed(columns: Columns) -> list[Column]:
    """The columns from the left: 序号 first, 待补 before what belongs to the household."""
    sequence = Column(SEQUENCE, fields()[SEQUENCE].label, WHO, "number", "自动编号",
                      f'IF([name]="","",ROW()-{FIRST})')  # fmt: skip
    lack = Column(LACK, LACK, WHO, "lack", "这一行还缺什么，红色的要补", columns.lack())
    found = list(columns.found.values())
    after = 1 + max(place for place, column in enumerate(found) if column.group == WHO)
    return [sequence, *found[:after], lack, *found[after:]]


def _width(column: Column) -> float:
    if column.key == SEQUENCE:
        return 5
    if column.kind == "lack":
        return 40
    if column.group == ACCOUNT:  # names of banks are long
        return 24
    longest = max((len(option) for option in column.options), default=0)
    width = max(_WIDTHS.get(column.kind, 11), min(2 * longest + 3, 20))
    return max(width, 9 if len(column.header) > 6 else 0)


def _column(page: Page, columns: Columns, column: Column, place: int, at: dict[str, int]):
    fill = RED if column.kind == "lack" else _HEADS[column.group]
    page.put(TOP, place, column.header, HEAD.but(fill=fill))
    lines = column.header, told(columns, column), clause_of(columns, column)
    page.notes[TOP, place] = "\n".join(filter(None, lines))
    area = FIRST, place, LAST, place
    style = _style(column)
    letter = letters_of(place)
    if column.live:
        text = filled(column.formula, _reference(at))
        for row in range(FIRST, LAST + 1):
            page.put(row, place, Formula(text.replace(_OWN_ROW, str(row + 1)), ""), style)
        if column.group == DUE and column.kind == "money":
            page.put(TOP - 1, place, Formula(f"SUM({letter}{FIRST + 1}:{letter}{LAST + 1})", 0), _LIVE_MONEY)
        return
    for row in range(FIRST, LAST + 1):
        page.put(row, place, None, style)
    if column.options:
        page.dropdowns.append(Dropdown(area, column.options))
    elif limit := _limit(column, area):
        page.limits.append(limit)
    if column.kind in ("id", "key", "account", "phone"):
        page.texts = [*getattr(page, "texts", ()), area]


_LIVE_MONEY = _LIVE.but(horizontal="right", number_format=MONEY.number_format, bold=True)


#: stands for the number of the row that a formula is in
_OWN_ROW = "\ue000"


def _reference(at: dict[str, int]):
    def cell(key: str) -> str:
        name, _, part = key.partition(":")
        if name == "offered":
            return f"{ALL}!${letters_of(OFFERED_COLUMN)}${at['offered:' + part] + 1}"
        letter = letters_of(at[name])
        return f"${letter}${FIRST + 1}:${letter}${LAST + 1}" if part == "all" else f"${letter}{_OWN_ROW}"

    return cell


def _style(column: Column) -> Style:
    kind = column.kind
    look = {"number_format": _FORMATS.get(kind, "General"), "wrap": kind == "lack", "size": 8 if kind == "lack" else 10}
    look["horizontal"] = "right" if kind in ("money", "number", "months") else "left" if kind == "lack" else "center"
    if kind == "lack":  # of a long text the beginning is in sight
        look["vertical"] = "top"
    return (_LIVE if column.live else ENTRY).but(**look)


def _limit(column: Column, area: Area) -> Limit | None:
    argument = column.argument or plain_arguments().get(column.key)
    if column.kind == "date":
        return Limit(area, "date", _FIRST_DAY, _LAST_DAY)
    if column.kind not in ("money", "number", "months"):
        return None
    signed = argument.signed if argument else "net" in column.key or "per_capita" in column.key
    whole = argument.whole if argument else column.unit == "人"
    low = argument.low if argument and argument.low is not None else None if signed else 0
    high = argument.high if argument and argument.high is not None else None
    return Limit(area, "whole" if whole else "decimal", low, high)


def told(columns: Columns, column: Column) -> str:
    """How a column is filled in."""
    if column.told:
        return column.told
    how = _HOW.get(column.key, "")
    parts = [how, "填在户主行" if column.home and "户主行" not in how else ""]
    if column.options:
        options = "、".join(column.options)
        parts.append(f"从下拉选：{options}" if len(options) < _SHORT else "从下拉选")
    elif column.kind in ("money", "number", "months"):
        parts.append(f"只填数字，单位{column.unit}" if column.unit else "只填数字")
    elif column.kind == "date" and not how:
        parts.append("填日期，如2023-02-01")
    whens = columns.needed().get(column.key, {})
    if () in whens and not how:
        parts.append("每户都要填" if column.home else "每人都要填")
    elif any(column.key in claims for claims in whens):
        parts.append("没有这一项的空着")
    return "；".join(filter(None, parts))


_SHORT = 60


def clause_of(columns: Columns, column: Column) -> str:
    """The clause that a column comes from: its own, else those of what needs it."""
    if column.clause or not columns.alone:
        return column.clause
    names = dict.fromkeys(name for name, _ in columns.users.get(column.key, ()))
    labels = dict.fromkeys(columns.alone.clause_label(columns.wanted[name].said[0][1].clause) for name in names)
    return f"{columns.alone.cited}{'、'.join(labels)}" if labels else ""


def _colours(page: Page, columns: Columns, at: dict[str, int]):
    lack, name, relation = at[LACK], letters_of(at["name"]), letters_of(at["relation"])
    cell = f"${letters_of(lack)}{FIRST + 1}"
    for place in (lack, at[SEQUENCE]):
        page.colourings.append(Colouring((FIRST, place, LAST, place), f'{cell}<>""', RED, _DARK_RED))
    member = f'AND(${name}{FIRST + 1}<>"",${relation}{FIRST + 1}<>"{HEAD_OF_HOUSEHOLD}")'
    homes = [at[one.key] for one in columns.entries() if one.home]
    for left, right in _stretches(homes):
        page.colourings.append(Colouring((FIRST, left, LAST, right), member, _GREY))
    results = [at[one.key] for one in columns.found.values() if one.live]
    for left, right in _stretches(results):
        page.colourings.append(Colouring((FIRST, left, LAST, right), f"ISERROR({letters_of(left)}{FIRST + 1})", RED))


def _stretches(places: Sequence[int]) -> list[tuple[int, int]]:
    """Places side by side, as (first, last)."""
    found: list[list[int]] = []
    for place in sorted(places):
        if found and place == found[-1][1] + 1:
            found[-1][1] = place
        else:
            found.append([place, place])
    return [tuple(one) for one in found]


# ---- what all rows come to

OFFERED_COLUMN = 4
_FIRST_MEASURE = 3


def offered_rows(columns: Columns) -> dict[str, int]:
    """Row of each function on the sheet 合计."""
    return {f"offered:{name}": _FIRST_MEASURE + place for place, name in enumerate(columns.wanted)}


def all_page(sheet: LedgerSheet) -> Page:
    """What every function comes to in all, and whether the document has it."""
    columns = sheet.columns
    page = Page(ALL, widths=(22, 11, 9, 30, 9, 11, 15, 11), landscape=True, freeze=(_FIRST_MEASURE, 1), protected=True)
    page.put(0, 0, "各项合计", TITLE, across=8)
    page.put(1, 0, _line(columns), SUBTITLE, across=8)
    page.row(_FIRST_MEASURE - 1, 0, _ALL_HEADS, HEAD)
    page.repeat = _FIRST_MEASURE - 1, _FIRST_MEASURE - 1
    for name, one in columns.wanted.items():
        row = offered_rows(columns)[f"offered:{name}"]
        key = next(key for key, column in columns.found.items() if column.header == _header(columns, one))
        area = sheet.area(key)
        page.row(row, 0, (
            one.header, one.nature if one.pays else "", one.said[0][1].payee, one.clause, _offered(columns, one),
            *_counted(one, area, sheet.area("name")),
        ), (TEXT, CENTRED, CENTRED, TEXT.but(size=9), CENTRED, COUNT, MONEY, COUNT))  # fmt: skip
    bottom = _FIRST_MEASURE + len(columns.wanted) - 1
    page.colourings.append(Colouring((_FIRST_MEASURE, 7, bottom, 7), f"H{_FIRST_MEASURE + 1}>0", RED, _DARK_RED))
    page.noted(bottom + 1, [
        "人次（户次）只数算出来大于0的行，金额只加算得出的行；算不出的行先按“待补”补齐，补齐前合计不全。",
        "同一人分几行、同一事项一年只能一次的，请用“重算”或命令行核算，结果在“依据”里说明。",
    ], 8)  # fmt: skip
    return page


_ALL_HEADS = ("项目", "资金性质", "发给", "条款", "本政策", "人次/户次", "应享（元）", "算不出的行")


def _header(columns: Columns, one: Wanted) -> str:
    from columns import SUMS

    key = next((key for key, name in SUMS.items() if name == one.name), "")
    return fields()[key].label if key else one.header


def _counted(one: Wanted, area: str, names: str) -> tuple:
    """How many get it, how much that is, and in how many rows it cannot be told."""
    if not one.pays:
        return "", "", ""
    unknown = f"COUNTA({names})-COUNT({area})"
    return Formula(f'COUNTIF({area},">0")', 0), Formula(f'SUMIF({area},">0")', 0), Formula(unknown, 0)


def _offered(columns: Columns, one: Wanted):
    """Has the chosen document this function?"""
    if columns.alone:
        return OFFERED
    if columns.native:
        test = chosen(policy.short_name for policy, _, _ in one.said)
    else:
        test = f'ISNUMBER(MATCH("{one.name}",INDEX(MEASURES({POLICY_NAME}),0,1),0))'
    return Formula(f'IF({POLICY_NAME}="","",IF({test},"{OFFERED}","无"))', "")


# ---- how it is filled in


def told_page(sheet: LedgerSheet, policy: Policy | None, lines: Sequence[str]) -> Page:
    """How each column is filled in, and what the document says."""
    columns = sheet.columns
    page = Page(TOLD, widths=(6, 22, 8, 46, 30, 34), landscape=True)
    row = page.headed("填表说明", lines, 6)
    page.freeze, page.repeat = (row + 1, 0), (row, row)
    page.row(row, 0, ("列", "栏目", "填或算", "怎么填", "用在哪些事项", "条款"), HEAD)
    top = row + 1
    for column in _placed(columns):
        row += 1
        page.row(row, 0, (
            letters_of(sheet.at[column.key]), column.header, "自动" if column.live else "填", told(columns, column),
            "、".join(column.used_by), clause_of(columns, column),
        ), (CENTRED, TEXT, CENTRED, TEXT, TEXT.but(size=9), TEXT.but(size=9)))  # fmt: skip
        if not columns.alone:
            page.put(row, 6, _used(sheet, column), CENTRED)
    if not columns.alone:
        page.widths = (*page.widths, 8)
        page.put(top - 1, 6, "本政策", HEAD)
        page.names[USE] = top, 6, row, 6
        area = TOP, 0, TOP, len(sheet.page.widths) - 1
        sheet.page.colourings.append(Colouring(area, f'INDEX({USE},COLUMN())="{UNUSED}"', "FFFFFF", "BFBFBF"))
    if policy:
        _quotes(page, row + 2, columns, policy)
    return page


USE, UNUSED = "栏目用途", "不用"


def _used(sheet: LedgerSheet, column: Column):
    """Does the chosen document need a column?"""
    names = sheet.columns.documents_of(column.key) if column.key in sheet.columns.found else ()
    return Formula(f'IF({POLICY_NAME}="","",IF({chosen(names)},"用","{UNUSED}"))', "") if names else "用"


def _quotes(page: Page, row: int, columns: Columns, policy: Policy):
    page.put(row, 0, "各事项原文", TITLE.but(size=12, horizontal="left"), across=6)
    row += 1
    for left, right, head in ((0, 1, "事项"), (2, 2, "在本表"), (3, 4, "原文"), (5, 5, "条款和说明")):
        page.put(row, left, head, HEAD, across=right - left + 1)
    for name, signature in {**signatures(), **own_signatures(policy)}.items():
        measure = policy.measures.get(name)
        if measure is None:
            continue
        row += 1
        page.put(row, 0, signature.alias, TEXT, across=2)
        page.put(row, 2, "有" if name in columns.wanted else "用公式", CENTRED)
        page.put(row, 3, "……".join(measure.quotes), TEXT.but(size=9), across=2)
        page.put(row, 5, "\n".join(filter(None, [policy.cite(measure), measure.note])), TEXT.but(size=9))


def settings_page(policies: Sequence[Policy]) -> Page | None:
    """核算口径: what can be read in more than one way, and what is chosen where nothing is written."""
    rows = []
    for policy in policies:
        for reading in policy.readings:
            rows.append((policy, reading.name, reading))
        for name, measure in policy.measures.items():
            signature = find(name) or own_signatures(policy).get(name)
            rows += [(policy, signature.alias, reading) for reading in measure.readings if signature]
    if not rows:
        return None
    page = Page(SETTINGS, widths=(22, 18, 60, 16), landscape=True, freeze=(1, 0), repeat=(0, 0))
    page.row(0, 0, ("项目", "值", "说明", "文件"), HEAD)
    for row, (policy, key, reading) in enumerate(rows, 1):
        choices = "、".join(reading.alternatives)
        told_of = f"不填按“{reading.default}”；可选：{choices}。{reading.because}"
        page.row(row, 0, (key, None, told_of, policy.short_name), (TEXT, ENTRY, TEXT.but(size=9), CENTRED))
        page.dropdowns.append(Dropdown((row, 1, row, 1), reading.alternatives))
    return page


def parameter_page(columns: Columns) -> Page | None:
    """政策参数: the figures of the documents that the formulas read."""
    rows = columns.parameters.rows
    if not rows:
        return None
    page = Page(columns.parameters.name, widths=(36, 12, 8, 26, 60, 12, 26), landscape=True, freeze=(1, 1),
                repeat=(0, 0), protected=True)  # fmt: skip
    page.row(0, 0, PARAMETER_HEADINGS, HEAD)
    for row, cells in enumerate(rows, 1):
        day = isinstance(cells[1], dt.date)
        page.row(row, 0, cells, (TEXT, DAY if day else CENTRED, CENTRED, TEXT.but(size=9), TEXT.but(size=9), DAY,
                                 TEXT.but(size=9)))  # fmt: skip
    return page


def every_document() -> list[Policy]:
    return documents(current())
