"""The sheets of plans: one A4 form per household, and an index of them.

Every row has a key, by which a clerk's entries find it again. Texts, figures and dates that come from the ledger stand
as values, what follows from them as formulas, so that the form goes on reckoning by itself.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache

from ..errors import CellError
from ..formulas.native import NoFormula, native_formula
from ..formulas.office import current
from ..formulas.signatures import find, plain_arguments
from ..ledger.entitlements import SUMMED
from ..ledger.fields import fields
from ..rules.expressions import exact
from ..rules.parameters import Policy
from ..workbook.encoding import Formula
from ..workbook.grafting import FORBIDDEN, MOST_NAME
from ..workbook.pages import (
    CENTRED,
    DAY,
    ENTRY,
    GREEN,
    HEAD,
    LABEL,
    LINK,
    MONEY,
    NOTE,
    RED,
    SUBTITLE,
    TEXT,
    TITLE,
    YELLOW,
    Colouring,
    Dropdown,
    Page,
    Style,
)  # fmt: skip
from ..workbook.references import Spot, letters_of
from .incomes import DOWN, FOUR, LINES, SAME, UP, Loss, Year, is_number, told_apart
from .menu import KINDS, MEASURES_DONE, YES_NO, Condition, Menu
from .plan import (
    CLASSES,
    GUARANTEES,
    INDICATOR,
    LOSSES,
    STATES,
    TERM_NAMES,
    UNSETTLED,
    Entitlement,
    Plan,
    Plans,
    Proposal,
    Stage,
    VisitRule,
    joined,
)  # fmt: skip

INDEX = "一户一策目录"
#: of a measure: what the menu offers waits for somebody to take it up (ADOPTED) or not
OFFERED, DECLINED = "建议", "不采用"
ADOPTED = STATES[:3]
OPEN, DONE = ADOPTED[:2], ADOPTED[2]
MEASURE_STATES = (UNSETTLED, OFFERED, *ADOPTED, DECLINED)
CALLS = ("电话", "微信")
WAYS = ("入户", *CALLS)
UNCHECKED = "未核对"
NEVER = "不涉及"

WIDTHS = (8.6,) * 12
#: rows left for the clerk: on a household's form, on an empty one
_SPARE = {"成员": (2, 4), "措施": (2, 7), "原因": (3, 3), "应享": (0, 4)}
_LONGEST_LIST = 255
#: lines of a form that fit on a sheet of A4 in letters that can be read
_LINES_OF_PAPER, _MOST_LINES = 85, 100
_MONTHS = "{1;2;3;4;5;6;7;8;9;10;11;12}"

_TEXT, _CENTRED, _LABEL, _HEAD = (style.but(size=9) for style in (TEXT, CENTRED, LABEL, HEAD))
_MONEY, _DAY = MONEY.but(size=9), DAY.but(size=9)
_SMALL = _TEXT.but(size=8)
_ENTRY = ENTRY.but(size=9)
_ENTRY_MIDDLE, _ENTRY_MONEY = _ENTRY.but(horizontal="center"), _ENTRY.but(
    horizontal="right", number_format=MONEY.number_format
)
_ENTRY_DAY = _ENTRY.but(horizontal="center", number_format=DAY.number_format)
_ENTRY_NUMBER = _ENTRY.but(horizontal="right")
_ENTRY_SMALL = _ENTRY.but(size=8)
_SECTION = TEXT.but(bold=True, fill="BDD7EE", font="黑体")
_BOLD = _MONEY.but(bold=True)
_NUMBER = _CENTRED.but(number_format="0")


class _Form:
    """A page that is filled from top to bottom; `at` remembers where something stands."""

    def __init__(self, page: Page):
        self.page, self.row, self.sections = page, 0, 0
        self.at: dict[str, Spot] = {}

    def line(self, key: str, *cells, height: float | None = None) -> int:
        """Cells side by side: (value, columns, style[, name to remember it by]). Returns the row."""
        column, row = 0, self.row
        for value, across, style, *name in cells:
            self.page.put(row, column, value, style, across)
            if name:
                self.at[name[0]] = row, column
            column += across
        self.page.row_keys[row] = key
        if height:
            self.page.heights[row] = height
        self.row += 1
        return row

    def section(self, title: str, told: str = ""):
        number = _NUMERALS[self.sections]
        self.sections += 1
        text = f"{number}、{title}" + (f"　{told}" if told else "")
        self.line(f"节:{title}", (text, len(WIDTHS), _SECTION))

    def note(self, key: str, text: str):
        if text:
            self.line(f"注:{key}", (text, len(WIDTHS), NOTE))

    def ref(self, name: str) -> str:
        row, column = self.at[name]
        return f"${letters_of(column)}${row + 1}"

    def put(self, name: str, formula: str, result):
        """Give a cell that was left open its formula."""
        row, column = self.at[name]
        self.page.put(row, column, Formula(formula, result), self.page.cells[row, column].style)

    def choose(self, spot: Spot, options: Sequence[str], bottom: int | None = None, title: str = "", message: str = ""):
        """A list to choose from, where it is not too long for one."""
        row, column = spot
        if options and len(",".join(options)) <= _LONGEST_LIST and not any("," in one for one in options):
            area = (row, column, row if bottom is None else bottom, column)
            self.page.dropdowns.append(Dropdown(area, tuple(options), title, message))

    def colour(self, area, formula: str, fill: str):
        self.page.colourings.append(Colouring(area, formula, fill))


def range_of(top: int, bottom: int, column: int) -> str:
    letter = letters_of(column)
    return f"${letter}${top + 1}:${letter}${bottom + 1}"


# ---- one household


def plan_page(plan: Plan, name: str, index: bool = True, kept: Mapping[str, dict] | None = None) -> tuple[Page, dict]:
    """(the form of one household, where its figures stand that the index shows).

    index   is there an index sheet to lead back to, which holds 业务日期?
    kept    what a clerk filled in before, by row key: rows of it that the plan would not have any more stay
    """
    page = Page(name, widths=WIDTHS)
    form = _Form(page)
    _Sheet(plan, form, index, kept or {}).write()
    page.pages_high = _sheets_of_paper(page)
    page.footer = f"&A　{page.footer}"  # the second sheet of paper has to say whose it is
    page.tables.append((form.at["measures"][0] - 1, form.at["measures"][1]))
    return page, form.at


def _sheets_of_paper(page: Page) -> int:
    """On how many sheets of A4 a form can be read: one; two, in smaller letters where little is left over; or more.
    Rows that hold several lines count as so many."""
    lines = page.height + sum(
        cell.value.count("\n") for cell in page.cells.values() if isinstance(cell.value, str) and "\n" in cell.value
    )
    if _LINES_OF_PAPER < lines <= 2 * _MOST_LINES:
        return 2
    return max(1, -(-lines // _LINES_OF_PAPER))


class _Sheet:
    def __init__(self, plan: Plan, form: _Form, index: bool, kept: Mapping[str, dict]):
        self.plan, self.form, self.index, self.kept = plan, form, index, kept
        self.policy = plan.policy
        self.spare = {name: rows[plan.policy is None] for name, rows in _SPARE.items()}

    def write(self):
        self._head()
        self._household()
        self._members()
        self._incomes()
        self._causes()
        self._classes()
        self._entitlements()
        self._measures()
        self._stages()
        self._visits()
        self._registers()
        self._closing()
        self._signatures()

    def _head(self):
        plan, form = self.plan, self.form
        form.line("标题", ("一户一策增收帮扶计划", 12, TITLE), height=30)
        cited = plan.policy.cited if plan.policy else ""
        told = f"政策：{cited}　金额单位：元" if cited else "金额单位：元"
        cell = f"'{INDEX}'!$C$3"
        date = Formula(f'IF({cell}="","",{cell})', plan.day or "") if self.index else plan.day
        form.line(
            "表头", (told, 7, SUBTITLE), ("业务日期", 2, SUBTITLE.but(horizontal="right")),
            (date, 2, _DAY if self.index else _ENTRY_DAY, "day"), ("返回目录" if self.index else "", 1, _BACK),
        )  # fmt: skip
        if self.index:
            form.page.link(form.row - 1, 11, INDEX)
        row = form.line(
            "状态", ("状态", 1, _HEAD), (plan.state, 2, _ENTRY_MIDDLE, "state"), ("销号日期", 1, _HEAD),
            (plan.closed, 2, _ENTRY_DAY, "closed"), ("超期事项", 1, _HEAD), (None, 2, _NUMBER, "late"),
            ("缺走访月数", 1, _HEAD), (None, 2, _NUMBER, "gaps"),
        )  # fmt: skip
        form.choose(form.at["state"], STATES)
        colour_states(form.page, (row, 1, row, 1), f"{letters_of(1)}{row + 1}")
        for name in ("late", "gaps"):
            at, cell = form.at[name], form.ref(name).replace("$", "")
            form.colour((*at, *at), f"AND(ISNUMBER({cell}),{cell}>0)", RED)
            form.colour((*at, *at), f"AND(ISNUMBER({cell}),{cell}=0)", GREEN)

    def _household(self):
        plan, form, header = self.plan, self.form, self.plan.header
        form.section("基本情况")
        for labels in _HEADER:
            cells = []
            for label, across in labels:
                style = _ENTRY_DAY if label == "识别监测时间" else _ENTRY_MIDDLE if across < 5 else _ENTRY
                value = header.get(label)
                cells += [(label, 1, _LABEL), (None if value == "" else value, across, style, label)]
            form.line(f"户:{labels[0][0]}", *cells)
        types, risks = plain_arguments()["household_type"].options, plain_arguments()["risk_status"].options
        form.choose(form.at["户类型"], types)
        form.choose(form.at["监测类别"], types[1:4])
        form.choose(form.at["风险状态"], risks)
        for label in GUARANTEES:
            form.choose(form.at[label], ("有保障", "未落实", UNSETTLED))
            at, cell = form.at[label], form.ref(label).replace("$", "")
            form.colour((*at, *at), f'{cell}="未落实"', RED)
            form.colour((*at, *at), f'{cell}="{UNSETTLED}"', YELLOW)
        if plan.doubts:
            form.note("疑点", f"台账里这一户有{len(plan.doubts)}处要先核实：{'；'.join(plan.doubts)}")

    def _members(self):
        form = self.form
        form.section("家庭成员")
        form.line("成员:表头", *((head, across, _HEAD) for head, across in _MEMBER_HEADS))
        rows = [
            (f"成员:{one.key}",
             (one.name, one.relation, one.age, one.health, one.labour, one.school, one.work, None))
            for one in self.plan.members
        ]  # fmt: skip
        rows += [(f"成员:新增{number}", (None,) * 8) for number in range(1, self.spare["成员"] + 1)]
        for number, (key, cells) in enumerate(rows, 1):
            styles = (_ENTRY_MIDDLE, _ENTRY_MIDDLE, _ENTRY_MIDDLE, *(_ENTRY,) * 5)
            shown = [None if cell == "" else cell for cell in cells]
            pairs = zip(shown, (across for _, across in _MEMBER_HEADS[1:]), styles)
            form.line(key, (number, 1, _NUMBER), *pairs)

    # ---- incomes

    def _incomes(self):
        form, last, this = self.form, self.plan.last, self.plan.this
        form.section("两年收入对比", "已到手的才算收入，应享未发的不计入（防止算账增收）")
        form.line("收入:表头", *((head, across, _HEAD) for head, across in _INCOME_HEADS))
        for name, label in LINES.items():
            told = self._source(name)
            row = form.row
            form.line(
                f"收入:{label}", (label, 3, _LABEL), (None, 2, _ENTRY_MONEY, f"last.{name}"),
                (None, 2, _ENTRY_MONEY, f"this.{name}"),
                (None, 2, _MONEY.but(number_format="General") if name == "persons" else _MONEY, f"change.{name}"),
                (None, 1, _CENTRED, f"word.{name}"), (told or None, 2, _SMALL),
            )  # fmt: skip
            old, new = (f"{letters_of(column)}{row + 1}" for column in (3, 5))
            both = f"AND(ISNUMBER({old}),ISNUMBER({new}))"
            numbers = [year.number(name) for year in (last, this)]
            known = None not in numbers
            difference = _minus(numbers[1], numbers[0]) if known else ""
            form.put(f"change.{name}", f'IF({both},{new}-{old},"")', difference)
            words = (UP, DOWN) if name not in ("operating_expense", "persons") else ("增加", "减少")
            word = "" if not known else words[0] if difference > 0 else words[1] if difference < 0 else SAME
            rounded = f"ROUND({new}-{old},6)"
            compared = f'IF({rounded}>0,"{words[0]}",IF({rounded}<0,"{words[1]}","{SAME}"))'
            form.put(f"word.{name}", f'IF({both},{compared},"")', word)
            at = form.at[f"word.{name}"]
            form.colour((*at, *at), f'{letters_of(at[1])}{row + 1}="{DOWN}"', RED)
            form.colour((*at, *at), f'{letters_of(at[1])}{row + 1}="{UP}"', GREEN)
        for year, values in (("last", last), ("this", this)):
            for name in LINES:
                self._figure(year, name, values)
        form.note("收入", told_apart(last, this))

    def _source(self, name: str) -> str:
        last, this = self.plan.last, self.plan.this
        if name == FOUR[0] and self.policy:
            return f"上年：{last.source or '未提供'}"
        if name == "persons" and last.of_last_ledger and last.number(name) is not None:
            return "上年：上期台账"
        bad = [f"{label}：{value.message}" for label, year in (("上年", last), ("本年", this))
               if isinstance(value := year.lines.get(name), CellError)]  # fmt: skip
        return joined(*bad)

    def _figure(self, year: str, name: str, told):
        """A figure of the ledger, or the formula of what the others come to."""
        form, value = self.form, told.lines.get(name)
        row, column = form.at[f"{year}.{name}"]
        ref = {other: form.ref(f"{year}.{other}").replace("$", "") for other in LINES}
        result, four = value if is_number(value) else "", f"{ref[FOUR[0]]}:{ref[FOUR[-1]]}"
        formula = {
            "annual_income": f'IF(COUNT({four})=4,SUM({four}),"")',
            "net_income": f'IF(COUNT({ref["annual_income"]},{ref["operating_expense"]})=2,'
                          f'{ref["annual_income"]}-{ref["operating_expense"]},"")',
            "per_capita_income": f'IF(COUNT({ref["net_income"]},{ref["persons"]})=2,'
                                 f'IF({ref["persons"]}>0,{ref["net_income"]}/{ref["persons"]},""),"")',
        }.get(name)  # fmt: skip
        style = _ENTRY_NUMBER if name == "persons" else _ENTRY_MONEY
        if formula and name not in told.stated and name not in told.own and not isinstance(value, CellError):
            form.page.put(row, column, Formula(formula, result), _BOLD)
            form.page.cells[row, column + 1] = type(form.page.cells[row, column])(None, _BOLD)
        else:
            form.page.put(row, column, result if result != "" else None, style)

    def _causes(self):
        form, plan = self.form, self.plan
        if plan.losses:
            self._losses(plan.losses)
            return
        form.section("影响增收的原因和替代增收措施")
        form.line("原因:表头", *((head, across, _HEAD) for head, across in _CAUSE_HEADS))
        options = [offer.name for offer in plan.menu.offers]
        for number in range(1, max(self.spare["原因"], len(plan.causes) + 1) + 1):
            cause = plan.causes[number - 1] if number <= len(plan.causes) else None
            row = form.line(f"原因:{number}", (number, 1, _NUMBER), (cause, 4, _ENTRY), (None, 4, _ENTRY),
                            (None, 1, _ENTRY_MONEY), (None, 2, _ENTRY))  # fmt: skip
            form.choose((row, 5), options)

    def _losses(self, losses: list[Loss]):
        form = self.form
        form.section("减收原因和替代增收项目", f"{self.policy.clause_label(losses[0].cause.clause)}")
        form.line("原因:表头", *((head, across, _HEAD) for head, across in _LOSS_HEADS))
        proposed = {proposal.offer.name: proposal for proposal in self.plan.proposals}
        top = form.row
        for loss in losses:
            cause = loss.cause
            options = [offer.name for offer in self.plan.menu.offers if cause.number in offer.causes]
            replaced = next((name for name in options if name in proposed), None) if loss.there else None
            word = UNSETTLED if loss.there is None else YES_NO[0] if loss.there else YES_NO[1]
            row = form.line(
                f"原因:{cause.number}", (cause.number, 1, _NUMBER), (cause.name, 3, _TEXT),
                (loss.last if is_number(loss.last) else None, 1, _ENTRY_MONEY),
                (loss.this if is_number(loss.this) else None, 1, _ENTRY_MONEY), (word, 1, _ENTRY_MIDDLE),
                (replaced, 3, _ENTRY), (None, 1, _ENTRY_MONEY), (None, 1, _ENTRY),
            )  # fmt: skip
            form.choose((row, 6), (*YES_NO, UNSETTLED))
            form.choose((row, 7), options or [offer.name for offer in self.plan.menu.offers if offer.causes])
        cell = f"$G{top + 1}"
        form.colour((top, 6, form.row - 1, 6), f'{cell}="{YES_NO[0]}"', RED)
        form.colour((top, 6, form.row - 1, 6), f'{cell}="{UNSETTLED}"', YELLOW)
        form.colour((top, 7, form.row - 1, 7), f'AND({cell}="{YES_NO[0]}",$H{top + 1}="")', RED)
        told = "两年的数缺一个就判断不了，填“待核实”；别处增收不抵消这里的减收；"
        form.note("原因", f"{told}填“是”的每一条都要有替代增收项目。")

    # ---- what the document makes of it

    def _classes(self):
        plan, form = self.plan, self.form
        if not plan.classes and not plan.goals:
            return
        form.section("收入分类和目标")
        if any(value is not None for value in plan.inputs.values()) or "LOW_INCOME_SCOPE" in plan.classes:
            cells = []
            for name, value in plan.inputs.items():
                known = value if is_number(value) else None
                cells += [(_INPUT_LABELS[name], 3, _LABEL), (known, 3, _ENTRY_MONEY, name)]
            form.line("分类:核定收入", *cells)
        for rule, result in plan.classes.items():
            measure = plan.policy.measures[rule]
            word = _word(result)
            formula = self._native(rule)
            form.line(
                f"分类:{CLASSES[rule]}", (CLASSES[rule], 3, _LABEL),
                (Formula(formula, word) if formula else word, 3, _CENTRED, f"class.{rule}"),
                (f"{plan.policy.clause_label(measure.clause)}", 1, _CENTRED),
                (result.message if isinstance(result, CellError) else measure.note or None, 5, _SMALL),
            )  # fmt: skip
            at, cell = form.at[f"class.{rule}"], form.ref(f"class.{rule}").replace("$", "")
            form.colour((*at, *at), f'{cell}="{UNSETTLED}"', YELLOW)
        self._goals()

    def _goals(self):
        plan, form = self.plan, self.form
        for rule, goal, value in plan.goals:
            name, indicator = (goal.name, goal.indicator) if goal else (find(rule).alias, "")
            clause, note = (goal.clause, goal.note) if goal else (plan.policy.measures[rule].clause, "")
            shown: object = None
            if rule:
                measure = plan.policy.indicators[indicator] if rule == INDICATOR else plan.policy.measures[rule]
                note = note or measure.note
                formula, result = self._native(rule, indicator), _word(value)
                shown = Formula(formula, result) if formula else result
            style = _ENTRY if not rule else _MONEY if find(rule).result == "元" else _CENTRED
            form.line(
                f"目标:{name}", (name, 3, _LABEL), (shown, 3, style), (plan.policy.clause_label(clause), 1, _CENTRED),
                (note or None, 5, _SMALL),
            )  # fmt: skip

    def _native(self, rule: str, indicator: str = "") -> str:
        """The rule as a formula over the cells of this form; "" where it has none."""
        form = self.form
        indicator = indicator if rule == INDICATOR else ""
        template = _template(rule, self.policy, tuple(sorted(current().readings.items())), indicator)
        if not template:
            return ""
        kind, written = form.ref("监测类别"), form.ref("户类型")
        places = {
            "household_type": f'IF({kind}="",{written}&"",{kind})', "risk_status": form.ref("风险状态"),
            "per_capita_income": form.ref("this.per_capita_income"),
            "per_capita_this": form.ref("this.per_capita_income"),
            "per_capita_last": form.ref("last.per_capita_income"),
            "last_total": form.ref("last.annual_income"), "this_total": form.ref("this.annual_income"),
            "base": form.ref("last.annual_income"), "actual": form.ref("this.annual_income"),
            **{name: form.ref(name) for name in self.plan.inputs if name in form.at},
        }  # fmt: skip
        text = template
        for name, token in _TOKENS.items():
            text = text.replace(token, places.get(name, '""'))
        return f'IFERROR({_worded(text, rule)},"{UNSETTLED}")'

    def _entitlements(self):
        plan, form = self.plan, self.form
        told = "应享是按文件和台账算出来应得的，不是收入；发了多少看“已发放”"
        form.section("应享政策", told)
        form.line("应享:表头", *((head, across, _HEAD) for head, across in _DUE_HEADS))
        top = form.row
        there = {f"应享:{one.name}" for one in plan.entitlements}
        for one in plan.entitlements:
            self._entitlement(one)
        for key, old in self.kept.items():
            if key.startswith("应享:") and key not in there and old.get("filled"):
                form.line(key, (old.get("text", key[3:]), 3, _TEXT), (old.get("nature") or None, 1, _CENTRED),
                          (None, 2, _TEXT), (None, 1, _MONEY), (None, 1, _ENTRY_MIDDLE), (None, 1, _ENTRY_MONEY),
                          (None, 1, _CENTRED), ("按现在的台账没有应享，请核对", 2, _SMALL))  # fmt: skip
        for number in range(1, self.spare["应享"] + 1):
            row = form.row
            checked = Formula(_checked(f"G{row + 1}", f"I{row + 1}"), UNCHECKED)
            styles = (_ENTRY, _ENTRY_MIDDLE, _ENTRY, _ENTRY_MONEY, _ENTRY_MIDDLE, _ENTRY_MONEY, _CENTRED, _ENTRY)
            cells = zip((*(None,) * 6, checked, None), (across for _, across in _DUE_HEADS), styles)
            form.line(f"应享:新增{number}", *cells)
            form.choose((row, 3), SUMMED)
            form.choose((row, 7), YES_NO)
        bottom = form.row - 1
        if bottom < top:
            form.line("应享:没有", ("按台账现有各列没有算出应享事项", 12, _TEXT))
            bottom = top
        cash = [one for one in plan.entitlements if one.nature == "现金"]
        natures, due, paid = (range_of(top, bottom, column) for column in (3, 6, 8))
        waiting = sum(len(one.waiting) for one in plan.entitlements)
        sum_due = _added(one.amount for one in cash)
        paid_known = [one.paid for one in plan.entitlements if one.paid is not None]
        sum_paid = _added(one.paid for one in cash if one.paid is not None) if paid_known else UNCHECKED
        form.line(
            "应享:合计", ("现金合计（消费券、代缴等不计入）", 6, _LABEL.but(bold=True)),
            (Formula(f'SUMIF({natures},"现金",{due})', sum_due), 1, _BOLD, "due"), (None, 1, _CENTRED),
            (Formula(f'IF(COUNT({paid})=0,"{UNCHECKED}",SUMIF({natures},"现金",{paid}))', sum_paid), 1, _BOLD, "paid"),
            (None, 1, _CENTRED),
            (f"另有{waiting}项待改，没有计入" if waiting else None, 2, _SMALL),
        )  # fmt: skip
        if plan.policy and not plan.paid_known:
            form.note("应享", "没有提供发放资料，是否已发放未核对。")
        checked = f"$J{top + 1}"
        form.colour((top, 9, bottom, 9), f'{checked}="已发放"', GREEN)
        form.colour((top, 9, bottom, 9), f'OR({checked}="未发放",{checked}="部分发放",{checked}="多发")', RED)
        form.colour((top, 9, bottom, 9), f'OR({checked}="{UNCHECKED}",{checked}="待改")', YELLOW)

    def _entitlement(self, one: Entitlement):
        form, row = self.form, self.form.row
        due, paid = f"G{row + 1}", f"I{row + 1}"
        amount = one.amount if not one.waiting or one.amount else None
        state = UNCHECKED if one.paid is None else _paid_word(amount, one.paid, one.over, one.floor)
        who = "、".join(one.who[:4]) + (f"等{len(one.who)}人" if len(one.who) > 4 else "")
        form.line(
            f"应享:{one.name}", (f"{one.alias}（{one.clause}）", 3, _TEXT), (one.nature, 1, _CENTRED),
            (who or None, 2, _TEXT), (amount, 1, _MONEY),
            ("是" if one.claimed else None, 1, _ENTRY_MIDDLE), (one.paid, 1, _ENTRY_MONEY),
            (Formula(_checked(due, paid, one.over, one.floor), state), 1, _CENTRED),
            (joined(one.note, *(f"待改：{text}" for text in one.waiting)) or None, 2, _SMALL),
        )  # fmt: skip
        form.choose((row, 7), YES_NO)

    # ---- measures

    def _measures(self):
        plan, form = self.plan, self.form
        source = f"{plan.policy.short_name}的文件" if plan.menu.offers else ""
        form.section("帮扶措施", source)
        form.line("措施:表头", *((head, across, _HEAD) for head, across in _MEASURE_HEADS))
        top = form.row
        there = {f"措施:{proposal.offer.name}" for proposal in plan.proposals}
        for proposal in plan.proposals:
            self._measure(proposal)
        for key, old in self.kept.items():
            if key.startswith("措施:") and not key.startswith("措施:新增") and key not in there and old.get("filled"):
                text = f"{key[3:]}\n按现在的台账不再符合条件，请核对"
                self._row_of_measure(key, (old.get("kind") or None, text, None, None, None, None, None, None))
        spare = max(self.spare["措施"], 1 + max((int(key[5:]) for key, old in self.kept.items()
                    if re.fullmatch(r"措施:新增\d+", key) and old.get("filled")), default=0))  # fmt: skip
        for number in range(1, spare + 1):
            self._row_of_measure(f"措施:新增{number}", (None,) * 8)
        bottom = form.row - 1
        form.at["measures"] = top, bottom
        form.choose((top, 0), KINDS, bottom)
        form.choose((top, 10), MEASURE_STATES, bottom)
        cell = f"$K{top + 1}"
        colour_states(form.page, (top, 10, bottom, 10), cell)
        form.colour((top, 10, bottom, 10), f'{cell}="{UNSETTLED}"', YELLOW)
        day, taken = form.ref("day"), ",".join(f'{cell}="{state}"' for state in OPEN)
        late = f'AND(ISNUMBER($I{top + 1}),$J{top + 1}="",OR({taken}),ISNUMBER({day}),N($I{top + 1})<{day})'
        form.colour((top, 8, bottom, 8), late, RED)

    def _measure(self, proposal: Proposal):
        offer = proposal.offer
        notes = ["优先"] if proposal.first else []
        if proposal.unclear:
            notes.append(f"条件待核实：{'、'.join(str(self._in_words(one)) for one in proposal.unclear)}")
        if offer.confirm:
            notes.append(f"要问清：{'；'.join(offer.confirm)}")
        if proposal.gain_note:
            notes.append(f"预计增收：{proposal.gain_note}")
        clause = self.policy.clause_label(offer.clause)
        text = "\n".join([f"{offer.name}（{clause}）", *notes])
        state = UNSETTLED if proposal.unclear else OFFERED
        cells = (offer.kind, text, proposal.gain, offer.lead or None, proposal.due, None, state, None)
        self._row_of_measure(f"措施:{offer.name}", cells)

    def _in_words(self, condition: Condition) -> Condition:
        """A condition with the names of causes of a loss instead of their numbers."""
        names = {str(cause.number): cause.name for cause in self.plan.menu.causes}
        told = condition._replace(others=tuple(map(self._in_words, condition.others)))
        return told._replace(words=tuple(names.get(word, word) for word in told.words)) if told.fact == LOSSES else told

    def _row_of_measure(self, key: str, cells: tuple):
        styles = (_ENTRY_MIDDLE, _ENTRY_SMALL, _ENTRY_MONEY, _ENTRY_SMALL, _ENTRY_DAY, _ENTRY_DAY, _ENTRY_MIDDLE,
                  _ENTRY_SMALL)  # fmt: skip
        self.form.line(key, *zip(cells, (across for _, across in _MEASURE_HEADS), styles))

    # ---- who, by when

    def _stages(self):
        plan, form = self.plan, self.form
        form.section("责任人和时限")
        form.line("责任:表头", *((head, across, _HEAD) for head, across in _ROLE_HEADS))
        helper, called = plan.helper, fields()["helper_name"].headers
        if all(role.name not in called for role, _ in plan.roles):
            self._role(called[0], "", "台账登记的" if plan.policy else "", helper)
        for role, needed in plan.roles:
            clause = plan.policy.clause_label(role.clause)
            level = f"须是{role.level}" if role.level else ""
            duties = "、".join(role.duties)
            text = joined(f"{clause}{level}", duties, role.note)
            if needed is False:
                text = f"{clause}：这一户不要求"
            elif needed is None:
                text = f"{text}；要不要由条件待核实"
            person = helper if role.name in called else {}
            self._role(role.name, role.level if needed else "", text, person, needed is True)
        form.line("时限:表头", *((head, across, _HEAD) for head, across in _STAGE_HEADS))
        top = form.row
        for stage in plan.stages:
            self._stage(stage)
        form.at["stages"] = top, form.row - 1
        cell = f"$K{top + 1}"
        area = (top, 10, form.row - 1, 10)
        form.colour(area, f'ISNUMBER(SEARCH("超期",{cell}))', RED)
        form.colour(area, f'OR(LEFT({cell},2)="还剩",LEFT({cell},2)="早于",{cell}="{UNSETTLED}")', YELLOW)
        form.colour(area, f'{cell}="按期"', GREEN)

    def _role(self, name: str, level: str, told: str, person: dict, needed: bool = False):
        form = self.form
        row = form.line(
            f"责任:{name}", (name, 2, _LABEL), (person.get("helper_name") or None, 2, _ENTRY_MIDDLE),
            (person.get("helper_unit") or None, 2, _ENTRY), (person.get("helper_post") or None, 1, _ENTRY),
            (person.get("helper_phone") or None, 2, _ENTRY_MIDDLE), (told or None, 3, _SMALL),
        )  # fmt: skip
        if needed:
            form.colour((row, 2, row, 2), f'$C${row + 1}=""', RED if level else YELLOW)

    def _stage(self, stage: Stage):
        form, row, day = self.form, self.form.row, self.form.ref("day")
        due, done = f"$G{row + 1}", f"$I{row + 1}"
        area_wide = stage.purpose in ("ledger", "reckoning")
        text, result = None, None
        if stage.due or self.policy is None:
            start = f"DATE({stage.start.year},{stage.start.month},{stage.start.day})" if stage.start else ""
            early = f'IF({done}<{start},"早于规定时间",' if start else ""
            pending = f'IF(ISNUMBER({day}),IF({day}>{due},"已超期"&({day}-{due})&"天","还剩"&({due}-{day})&"天"),"")'
            ended = f'{early}IF({done}>{due},"超期"&({done}-{due})&"天完成","按期")' + (")" if start else "")
            text = f'IF({due}="","",IF({done}="",{pending},{ended}))'
            result = stage_word(stage, self.plan.day)
            if stage.needed is None and self.policy:
                text, result = f'IF({done}="","{UNSETTLED}",{ended})', UNSETTLED if stage.done is None else result
        told = joined(
            stage.clause, stage.note, "这一户要不要，待核实" if stage.needed is None and stage.due else "",
            "全县（区、乡）的时限，不算本户超期" if area_wide else "",
        )  # fmt: skip
        form.line(
            f"时限:{stage.name}", (stage.name, 2, _LABEL), (told or None, 4, _SMALL),
            (stage.due, 2, _DAY if self.policy else _ENTRY_DAY),
            (stage.done, 2, _ENTRY_DAY), (Formula(text, result) if text and not area_wide else None, 2, _CENTRED),
        )  # fmt: skip

    # ---- visits

    def _visits(self):
        plan, form, rule = self.plan, self.form, self.plan.visits
        year = plan.day.year if plan.day else None
        told = "原文没有规定走访次数，照实登记" if plan.policy else "按每月至少一次算，文件另有规定的从其规定"
        if rule and plan.policy:
            often = f"每月至少{rule.times}次" if rule.times else "没有写次数"
            calls = "，长期不在家的电话、微信联系也算" if rule.contacts else ""
            told = f"{rule.clause}：{rule.who}{often}{calls}"
            told += f"，只对{'、'.join(rule.tiers)}户" if rule.tiers else ""
            told += "，这一户不要求" if rule.needed is False else ""
        form.section(f"走访记录{f'（{year}年）' if year else ''}", told)
        told = rule.note if rule and rule.note else "走访一次填一行：日期、方式、走访人、情况"
        row = form.line("走访:本户", ("长期不在家", 2, _LABEL), (None, 1, _ENTRY_MIDDLE, "away"), (told, 9, _SMALL))
        form.choose((row, 2), YES_NO)
        form.line("走访:表头", *((head, across, _HEAD) for head, across in (*_VISIT_HEADS, *_VISIT_HEADS)))
        top = form.row
        for month in (*range(1, 7), *range(13, 15)):
            cells = []
            for number in (month, month + 6):
                cells += [(number if number <= 12 and month <= 6 else None, 1, _ENTRY_MIDDLE), (None, 1, _ENTRY_DAY),
                          (None, 1, _ENTRY_MIDDLE), (None, 1, _ENTRY_MIDDLE), (None, 2, _ENTRY)]  # fmt: skip
            form.line(f"走访:{month}" if month <= 6 else f"走访:新增{month - 12}", *cells)
        bottom = form.row - 1
        for column in (2, 8):
            form.choose((top, column), WAYS, bottom)
            cell, date = f"${letters_of(column - 2)}{top + 1}", f"${letters_of(column - 1)}{top + 1}"
            # a day of another month is a slip of the pen
            form.colour((top, column - 1, bottom, column - 1), f"AND(ISNUMBER({date}),MONTH({date})<>{cell})", YELLOW)
        self._gaps(top, bottom)

    def _gaps(self, top: int, bottom: int):
        """The months without a visit, and how many things are late."""
        form, plan, rule = self.form, self.plan, self.plan.visits
        day, away = form.ref("day"), form.ref("away")
        late = self._late()
        form.put("late", *late)
        if rule is None or not rule.times or rule.needed is False:
            form.put("gaps", '"不要求"', "不要求")
            return
        counts = []
        for month, date, way in ((0, 1, 2), (6, 7, 8)):
            months, dates, ways = (range_of(top, bottom, column) for column in (month, date, way))
            counts.append(f'COUNTIFS({months},{_MONTHS},{dates},">0")')
            for call in CALLS:
                one = f'COUNTIFS({months},{_MONTHS},{dates},">0",{ways},"{call}")'
                counts.append(f'-{one}*({away}<>"是")' if rule.contacts else f"-{one}")
        told = "+".join(counts).replace("+-", "-")
        months = f"IF(ISNUMBER({day}),MONTH({day}),12)"
        text = f"SUMPRODUCT(({_MONTHS}<={months})*({told}<{rule.times}))"
        result: object = plan.day.month if plan.day else 12
        tier = "class.TIER"
        if rule.tiers and tier in form.at:
            cell, word = form.ref(tier), _word(plan.classes.get("TIER"))
            alike = ",".join(f'{cell}="{one}"' for one in rule.tiers)
            text = f'IF({cell}="{UNSETTLED}","{UNSETTLED}",IF(OR({alike}),{text},0))'
            result = UNSETTLED if word == UNSETTLED else result if word in rule.tiers else 0
        if plan.policy is None:  # an empty form counts nothing before it has its day
            text, result = f'IF(ISNUMBER({day}),{text},"")', ""
        form.put("gaps", text, result)

    def _late(self) -> tuple[str, int]:
        """(formula, result) of how many things are late: dates of the plan, and measures past their day."""
        form, plan = self.form, self.plan
        top, bottom = form.at["measures"]
        due, done, state = (range_of(top, bottom, column) for column in (8, 9, 10))
        first, last = form.at["stages"]
        day = form.ref("day")
        measures = "+".join(f'COUNTIFS({due},"<"&{day},{done},"",{state},"{one}")' for one in OPEN)
        text = f'COUNTIF({range_of(first, last, 10)},"已超期*")+IF(ISNUMBER({day}),{measures},0)'
        return text, sum(stage_word(stage, plan.day).startswith("已超期") for stage in plan.stages if counted(stage))

    # ---- what is recorded, closing

    def _registers(self):
        plan, form = self.plan, self.form
        if not plan.registers:
            return
        form.section("登记事项", "文件要求掌握、没有金额的事项")
        for at in range(0, len(plan.registers), 3):
            some = plan.registers[at : at + 3]
            cells = []
            for register, needed in some:
                unit = f"（{register.unit}）" if register.unit else ""
                style = {"日期": _ENTRY_DAY, "数字": _ENTRY_NUMBER}.get(register.kind, _ENTRY)
                style = _ENTRY_MIDDLE if needed is False else style
                label = f"{register.name}{unit}\n{plan.policy.clause_label(register.clause)}"
                cells += [(label, 2, _LABEL.but(size=8)), (NEVER if needed is False else None, 2, style)]
            cells += [(None, 2, _LABEL), (None, 2, _TEXT)] * (3 - len(some))
            row = form.line(f"登记:{'|'.join(register.name for register, _ in some)}", *cells)
            for place, (register, _) in enumerate(some):
                several = register.kind == "勾选" and register.options
                options = register.options or (YES_NO if register.kind == "勾选" else ())
                title, message = register.name[:30], "可填几项，用、隔开" if several else register.note
                if several and len(message) + len("、".join(options)) < 240:
                    message = f"{message}：{'、'.join(options)}"
                if options:
                    form.choose((row, 4 * place + 2), options, None, title, message)

    def _closing(self):
        plan, form = self.plan, self.form
        form.section("销号条件")
        if not plan.closing:
            note = plan.menu.closing_note or "原文没有写销号条件，由主管部门掌握。"
            form.line("销号:说明", (note, 12, _TEXT))
            form.at["check"] = form.row - 1, 0
            return
        form.line("销号:表头", ("条件", 4, _HEAD), ("是否达到", 2, _HEAD), ("条款和掌握", 6, _HEAD))
        refs, told = [], []
        for number, (close, holds) in enumerate(plan.closing, 1):
            formula, word = self._condition(close, holds)
            form.line(
                f"销号:{number}", (close.name, 4, _LABEL),
                (Formula(formula, word) if formula else word, 2, _CENTRED if formula else _ENTRY_MIDDLE,
                 f"close.{number}"),
                (f"{plan.policy.clause_label(close.clause)}：{close.reading}", 6, _SMALL),
            )  # fmt: skip
            refs.append(form.ref(f"close.{number}"))
            told.append(word)
            if not formula:
                form.choose(form.at[f"close.{number}"], (*YES_NO, UNSETTLED))
            at, cell = form.at[f"close.{number}"], form.ref(f"close.{number}")
            form.colour((*at, *at), f'{cell}="是"', GREEN)
            form.colour((*at, *at), f'{cell}="{UNSETTLED}"', YELLOW)
            form.colour((*at, *at), f'{cell}="否"', RED)
        every = ",".join(f'{ref}="是"' for ref in refs)
        state, closed = form.ref("state"), STATES[-1]
        text = f'IF(AND({every}),IF({state}="{closed}","符合销号条件","可以销号"),'
        text += f'IF({state}="{closed}","不符合销号条件，请核对","还不能销号"))'
        able = all(word == "是" for word in told)
        result = ("符合销号条件" if able else "不符合销号条件，请核对") if plan.state == closed else (
            "可以销号" if able else "还不能销号")  # fmt: skip
        row = form.line("销号:结论", ("结论", 4, _LABEL.but(bold=True)), (Formula(text, result), 8, _CENTRED, "check"))
        cell = form.ref("check")
        form.colour((row, 4, row, 4), f'LEFT({cell},3)="不符合"', RED)
        form.colour((row, 4, row, 4), f'OR({cell}="可以销号",{cell}="符合销号条件")', GREEN)

    def _condition(self, close, holds: bool | None) -> tuple[str, str]:
        """(formula, or "" where the clerk decides; the word that it shows)."""
        form = self.form
        if close.check == MEASURES_DONE:
            top, bottom = form.at["measures"]
            states = range_of(top, bottom, 10)
            open_ = "+".join(f'COUNTIF({states},"{state}")' for state in OPEN)
            return f'IF(AND(COUNTIF({states},"{DONE}")>0,{open_}=0),"是","否")', "否"
        word = UNSETTLED if holds is None else YES_NO[0] if holds else YES_NO[1]
        cells = [self._fact_cell(condition) for condition in close.when]
        if None in cells:
            return "", word
        unclear = ",".join(f'{cell}="{UNSETTLED}"' for cell, _ in cells)
        true = ",".join(f"OR({','.join(one)})" for _, one in cells)
        return f'IF(OR({unclear}),"{UNSETTLED}",IF(AND({true}),"是","否"))', word

    def _fact_cell(self, condition: Condition) -> tuple[str, list[str]] | None:
        """(the cell that shows a fact, tests that one of the words stands there); None where no cell shows it."""
        if condition.others:
            return None
        rule = next((rule for rule, fact in CLASSES.items() if fact == condition.fact), "")
        if f"class.{rule}" not in self.form.at:
            return None
        cell = self.form.ref(f"class.{rule}")
        return cell, [f'ISNUMBER(SEARCH("+{word}+","+"&{cell}&"+"))' for word in condition.words]

    def _signatures(self):
        form = self.form
        form.line("签字:1", *((f"{who}（签字）：", 4, _TEXT.but(vertical="top")) for who in _SIGNING), height=34)
        form.line("签字:2", *(("　　　　年　　月　　日", 4, _CENTRED) for _ in _SIGNING))


_TO_PLAN = LINK.but(size=9, horizontal="center")
_BACK = LINK.but(size=9, horizontal="center", border=False)
_HEADER = (
    (("户主", 2), ("户编号", 2), ("联系电话", 2), ("行政村", 2)),
    (("家庭住址", 5), ("家庭人口", 2), ("劳动力", 2)),
    (("户类型", 2), ("监测类别", 2), ("风险状态", 2), ("识别监测时间", 2)),
    (("义务教育", 2), ("基本医疗", 2), ("住房安全", 2), ("饮水安全", 2)),
)
_MEMBER_HEADS = (("序号", 1), ("姓名", 1), ("与户主关系", 1), ("周岁", 1), ("健康状况", 2), ("劳动技能", 2),
                 ("在校生状况", 1), ("务工和公益岗", 2), ("备注", 1))  # fmt: skip
_INCOME_HEADS = (("项目", 3), ("上年", 2), ("本年", 2), ("增减", 2), ("对比", 1), ("说明", 2))
_CAUSE_HEADS = (("序号", 1), ("原因", 4), ("替代增收措施", 4), ("预计增收", 1), ("责任人", 2))
_LOSS_HEADS = (("编号", 1), ("减收原因", 3), ("上年", 1), ("本年", 1), ("是否有", 1), ("替代增收项目", 3),
               ("预计增收", 1), ("责任人", 1))  # fmt: skip
_DUE_HEADS = (("事项（条款）", 3), ("性质", 1), ("享受人", 2), ("应享", 1), ("已申报", 1), ("已发放", 1), ("核对", 1),
              ("说明", 2))  # fmt: skip
_MEASURE_HEADS = (("类别", 1), ("措施（条款）", 4), ("预计增收", 1), ("牵头单位", 2), ("完成时限", 1), ("落实日期", 1),
                  ("状态", 1), ("成效", 1))  # fmt: skip
_ROLE_HEADS = (("责任人", 2), ("姓名", 2), ("单位", 2), ("职务", 1), ("电话", 2), ("要求", 3))
_STAGE_HEADS = (("时限", 2), ("条款和说明", 4), ("截止日期", 2), ("完成日期", 2), ("情况", 2))
_VISIT_HEADS = (("月份", 1), ("走访日期", 1), ("方式", 1), ("走访人", 1), ("情况和问题", 2))
_INPUT_LABELS = {name: plain_arguments()[name].label for name in ("income_base_year", "income_estimate")}
_SIGNING = ("户主", "帮扶责任人", "村（社区）负责人")

_NUMERALS = ("一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一")

#: cells of a form that formulas of rules take, by argument; letters that no form reaches
_TOKENS = {name: f"$ZZ${number}" for number, name in enumerate((
    "household_type", "risk_status", "per_capita_income", "per_capita_this", "per_capita_last", "last_total",
    "this_total", "income_base_year", "income_estimate", "base", "actual",
), 901)}  # fmt: skip


@cache
def _template(rule: str, policy: Policy, readings: tuple, indicator: str) -> str:
    """A rule as a formula over the cells of _TOKENS; "" where it has none. `readings`: the 口径 in force."""
    signature = find(rule)
    refs = {name: token for name, token in _TOKENS.items() if name in signature.by_name}
    selected = {"indicator": indicator} if indicator else {}
    try:
        return native_formula(rule, refs, policy.id, **selected).removeprefix("=")
    except NoFormula:
        return ""


def _worded(text: str, rule: str) -> str:
    return f'IF({text},"是","否")' if find(rule).result == "是否" else text


def _word(result) -> object:
    """What the form shows of a rule's result."""
    if result is None or isinstance(result, CellError):
        return UNSETTLED
    if isinstance(result, bool):
        return YES_NO[0] if result else YES_NO[1]
    return result


def _minus(one, other):
    difference = exact(one) - exact(other)
    return int(difference) if difference.denominator == 1 else float(difference)


def _added(amounts):
    total = sum((exact(amount) for amount in amounts), exact(0))
    return int(total) if total.denominator == 1 else float(total)


def _checked(due: str, paid: str, over=0, floor: bool = False) -> str:
    """The formula that compares what was received with what is due; `over`, `floor` as of `Entitlement`."""
    got = f"N({paid})-{over}" if over else f"N({paid})"
    too_much = f"{got}>=N({due})" if over else f"{got}>N({due})"
    full = f'IF({got}>=N({due}),"已发放",IF({got}>0,"部分发放","未发放"))'
    known = f'IF(N({due})=0,"不享受",{full})'
    if over or not floor:
        known = f'IF({too_much},"多发",{known})'
    return f'IF({paid}="","{UNCHECKED}",IF({due}="","待改",{known}))'


def _paid_word(due, paid, over=0, floor: bool = False) -> str:
    if due is None:
        return "待改"
    got = paid - over
    if (over and got >= due) or (got > due and not floor):
        return "多发"
    if not due:
        return "不享受"
    return "已发放" if got >= due else "部分发放" if got > 0 else "未发放"


def counted(stage: Stage) -> bool:
    """Can the household be late with it?"""
    return stage.due is not None and stage.needed is True and stage.purpose not in ("ledger", "reckoning")


def stage_word(stage: Stage, day: dt.date | None) -> str:
    """How it stands with a date, as the form's formula says it."""
    if stage.due is None:
        return ""
    if stage.done is None:
        if stage.needed is None:
            return UNSETTLED
        if day is None:
            return ""
        left = (stage.due - day).days
        return f"还剩{left}天" if left >= 0 else f"已超期{-left}天"
    if stage.start and stage.done < stage.start:
        return "早于规定时间"
    late = (stage.done - stage.due).days
    return f"超期{late}天完成" if late > 0 else "按期"


def colour_states(page: Page, area, cell: str):
    """红 for not begun, 黄 under way, 绿 done."""
    page.colourings.append(Colouring(area, f'{cell}="{STATES[0]}"', RED))
    page.colourings.append(Colouring(area, f'{cell}="{STATES[1]}"', YELLOW))
    page.colourings.append(Colouring(area, f'OR({cell}="{STATES[2]}",{cell}="{STATES[3]}")', GREEN))


# ---- all of them


def sheet_names(plans: Sequence[Plan], known: Mapping[str, str] | None = None) -> list[str]:
    """A name for the sheet of each plan: number and head of the household, safe and each once. `known`: names by
    户编号 of a workbook that is there already; these stay, so that a household keeps its sheet."""
    known = dict(known or {})
    numbers = [int(found[1]) for name in known.values() if (found := re.match(r"(\d+)", name))]
    number, taken, names = max(numbers, default=0), {name.casefold() for name in known.values()}, []
    for plan in plans:
        if plan.key not in known:
            number += 1
            told = re.sub(r"\s", "", FORBIDDEN.sub("", plan.name)).strip("'")
            name = base = f"{number:03d}{told}"[:MOST_NAME]
            again = 1
            while name.casefold() in taken:
                again += 1
                name = f"{base[: MOST_NAME - 4]}({again})"
            known[plan.key] = name
            taken.add(name.casefold())
        names.append(known[plan.key])
    return names


def plan_pages(
    made: Plans, names: Sequence[str], kept: Mapping[str, Mapping[str, dict]] | None = None,
    progress: Callable | None = None,
) -> list[Page]:  # fmt: skip
    """The index and a form per household, in their order. `kept`: 户编号 -> what a clerk filled in before."""
    pages, places = [], []
    for done, (plan, name) in enumerate(zip(made.plans, names)):
        if progress:
            progress(done, len(made.plans), plan.name)
        page, at = plan_page(plan, name, True, (kept or {}).get(plan.key))
        pages.append(page)
        places.append(at)
    return [index_page(made, names, pages, places), *pages]


_INDEX_WIDTHS = {"序号": 6, "户编号": 19, "户主": 10, "行政村": 12, "户类型": 14, "风险": 8, "人口": 6,
                 "上年人均": 11, "本年人均": 11, "对比": 7, "应享现金": 11, "建议": 6, "待核实": 7, "采用": 6,
                 "超期": 6, "缺走访": 7, "状态": 8, "销号": 14}  # fmt: skip


def index_page(
    made: Plans, names: Sequence[str], pages: Sequence[Page], places: Sequence[dict], files: bool = False
) -> Page:
    """All plans with what has to be looked after, each figure from its form; a click leads there. `files`: the forms
    stand in files of their own, and the figures are those of the day on which they were made."""
    classes = [CLASSES[rule] for rule in (made.plans[0].classes if made.plans else {})]
    heads = dict(_INDEX_WIDTHS)
    if not made.menu.closing:
        del heads["销号"]
    order = list(heads)
    for at, name in enumerate(classes):
        order.insert(order.index("风险") + 1 + at, name)
        heads[name] = 12
    page = Page(INDEX, [heads[head] for head in order], landscape=True, freeze=(5, 3), repeat=(4, 4),
                tab_colour="5B9BD5")  # fmt: skip
    width = len(order)
    about = f"政策：{made.policy.cited}　台账：{made.ledger.path.name}　金额单位：元"
    page.headed(f"{made.policy.short_name}一户一策目录", (about,), width)
    page.put(2, 0, "业务日期", _LABEL, across=2)
    page.put(2, 2, made.day, _ENTRY_DAY)
    told = "生成时的情况，各户的文件改了以后要重新生成" if files else "改这一格，各户的期限和走访缺口跟着变"
    page.put(2, 3, told, NOTE, across=width - 3)
    top, bottom = 5, 4 + len(made.plans)
    states = range_of(top, max(bottom, top), order.index("状态"))
    page.put(3, 0, f"共{len(made.plans)}户", _LABEL, across=2)
    counts = [sum(plan.state == state for plan in made.plans) for state in STATES]
    for at, (state, count) in enumerate(zip(STATES, counts)):
        page.put(3, 2 + at, Formula(f'"{state}"&COUNTIF({states},"{state}")&"户"', f"{state}{count}户"), _CENTRED)
    page.row(4, 0, order, _HEAD, "表头")
    for number, (plan, name, form, at) in enumerate(zip(made.plans, names, pages, places), 1):
        row = number + 4
        cells = _index_row(plan, name, form, at)
        if files:
            cells = {head: (value.result if isinstance(value, Formula) else value, style)
                     for head, (value, style) in cells.items()} | {"户主": (plan.name, _CENTRED)}  # fmt: skip
        told = [(number, _NUMBER), *(cells[head] for head in order[1:])]
        page.row(row, 0, [value for value, _ in told], [style for _, style in told], f"户:{plan.key}")
        if not files:
            page.link(row, order.index("户主"), name)
    if made.plans:
        _colour_index(page, order, top, bottom)
        page.filtered = (4, 0, bottom, width - 1)
    for at, remark in enumerate(made.remarks):
        page.put(bottom + 2 + at, 0, f"注：{remark}", NOTE, across=width)
        page.row_keys[bottom + 2 + at] = f"注:{at}"
    return page


def _index_row(plan: Plan, name: str, form: Page, at: dict) -> dict:
    quoted = "'" + name.replace("'", "''") + "'"

    def of(place: str, style: Style = _CENTRED):
        row, column = at[place]
        value = form.cells[row, column].value
        result = value.result if isinstance(value, Formula) else value
        cell = f"{quoted}!${letters_of(column)}${row + 1}"
        return Formula(f'IF({cell}="","",{cell})', "" if result is None else result), style

    top, bottom = at["measures"]
    states = f"{quoted}!{range_of(top, bottom, 10)}"
    unclear = sum(bool(one.unclear) for one in plan.proposals)
    found = {
        "户编号": (plan.key, _CENTRED), "户主": (plan.name, _TO_PLAN), "行政村": of("行政村"),
        "户类型": (plan.header.get("监测类别") or plan.header.get("户类型") or None, _CENTRED), "风险": of("风险状态"),
        "人口": of("家庭人口", _NUMBER), "上年人均": of("last.per_capita_income", _MONEY),
        "本年人均": of("this.per_capita_income", _MONEY), "对比": of("word.per_capita_income"),
        "应享现金": of("due", _MONEY), "超期": of("late", _NUMBER), "缺走访": of("gaps", _NUMBER), "状态": of("state"),
        "建议": (Formula(f'COUNTIF({states},"{OFFERED}")', len(plan.proposals) - unclear), _NUMBER),
        "待核实": (Formula(f'COUNTIF({states},"{UNSETTLED}")', unclear), _NUMBER),
        "采用": (Formula("+".join(f'COUNTIF({states},"{state}")' for state in ADOPTED), 0), _NUMBER),
        "销号": of("check") if plan.closing else (None, _CENTRED),
    }  # fmt: skip
    for rule in plan.classes:
        found[CLASSES[rule]] = of(f"class.{rule}")
    return found


def _colour_index(page: Page, order: list[str], top: int, bottom: int):
    def area(head: str):
        column = order.index(head)
        return (top, column, bottom, column), f"${letters_of(column)}{top + 1}"

    colour_states(page, *area("状态"))
    for head in ("超期", "缺走访"):
        where, cell = area(head)
        page.colourings.append(Colouring(where, f"AND(ISNUMBER({cell}),{cell}>0)", RED))
    where, cell = area("待核实")
    page.colourings.append(Colouring(where, f"AND(ISNUMBER({cell}),{cell}>0)", YELLOW))
    where, cell = area("对比")
    page.colourings.append(Colouring(where, f'{cell}="{DOWN}"', RED))
    page.colourings.append(Colouring(where, f'{cell}="{UP}"', GREEN))
    if "销号" in order:
        where, cell = area("销号")
        page.colourings.append(Colouring(where, f'LEFT({cell},3)="不符合"', RED))
        page.colourings.append(Colouring(where, f'{cell}="可以销号"', GREEN))


# ---- an empty form


def blank_pages() -> list[Page]:
    """A form for one household that names no document, and how it is filled in."""
    year = Year(dict.fromkeys(LINES))
    stages = [Stage(purpose, name, "", None, None, None, None, "") for purpose, name in TERM_NAMES.items()]
    plan = Plan(
        "", "", None, Menu(None, closing_note="按文件和主管部门的规定。"), None, {}, [], year, year, {}, {}, {}, [], [],
        [], [], False, [], [], {}, stages, VisitRule("", 1, (), True, True, "", ""), [], [], STATES[0], None, [],
    )  # fmt: skip
    form, _ = plan_page(plan, "一户一策", False)
    told = Page("填写说明", widths=(18, 78))
    told.put(0, 0, "填写说明", TITLE, across=2)
    told.table(1, 0, ("栏目", "怎么填"), _TOLD, (LABEL, TEXT))
    return [form, told]


_TOLD = (
    ("黄底的格", "由您填写；白底的格是公式，会自己算，不要改。"),
    ("业务日期", "填核对这份计划的日期；超期、还剩几天、缺走访月数都按它算，不填就不算。"),
    ("状态", "未启动、进行中、已完成、销号，从下拉里选。"),
    ("家庭成员", "一人一行，不够就在中间插入行。"),
    ("两年收入对比", "四项收入和支出填全年的数，单位元；没有的填0，不清楚的空着，空着不按0算。应享没到账的不算收入。"),
    ("应享政策", "“应享”填按文件算出来的数，“已发放”填实际到账的数；没有核对的空着，会显示“未核对”。"),
    ("帮扶措施", "状态选未启动、进行中、已完成的算采用了；条件还没有弄清的选待核实，不用的选不采用。"),
    ("走访记录", "每次填日期、方式、走访人；日期和月份对不上时变黄。"),
    ("打印", "已设成A4纸。"),
)
