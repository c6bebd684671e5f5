"""操作: the document, the day and whatever the buttons need, each in a named cell, and the buttons."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from columns import DAY_NAME, POLICY_NAME

from xl_poverty.hosts.actions import ACTIONS
from xl_poverty.rules.parameters import Policy
from xl_poverty.workbook.encoding import Formula
from xl_poverty.workbook.pages import (
    CENTRED,
    DAY,
    ENTRY,
    HEAD,
    LABEL,
    RED,
    SUBTITLE,
    TEXT,
    Button,
    Colouring,
    Dropdown,
    Limit,
    Page,
)

CONTROL = "操作"
WIDTHS = (22, 24, 50)
LEDGERS = "台账文件"
_FIRST, _LAST = dt.date(2000, 1, 1), dt.date(2999, 12, 31)
_BUTTONS_IN_ROW = 3


@dataclass(frozen=True)
class Setting:
    """A named cell. kind: text, date, whole, money; `needed` by all, else by the action of that caption."""

    name: str
    about: str
    kind: str = "text"
    value: object = None
    for_action: str = ""


def policy_setting(value: str = "") -> Setting:
    return Setting(POLICY_NAME, "用哪一份文件；所有公式都按它算", "policy", value or None)


DATE = Setting(DAY_NAME, "事情发生的日期，如2023-02-01；不填就不检验文件有效期", "date")
READINGS = Setting("口径", "一般不填；要换口径时写 事项=口径，几个用分号隔开，也可以在“核算口径”表里选")
OTHERS = (
    Setting("上期台账", "上期（上年）的台账文件名或路径", for_action="compare"),
    Setting("发放表", "已发的花名册文件，几个用分号隔开；用来扣除已发的", for_action="roster"),
    Setting("事项", "只做这些事项，几个用顿号隔开；不填是全部现金事项", for_action="roster"),
    Setting("公示开始", "张贴的日期；生成公示必须填", "date", for_action="notice"),
    Setting("公示天数", "公示几天，当天不算；不填是5天", "whole", for_action="notice"),
    Setting("农民收入上年", "当地农民人均收入（元），用来比较增幅", "money", for_action="summary"),
    Setting("农民收入本年", "当地农民人均收入（元），用来比较增幅", "money", for_action="summary"),
)
FILES = Setting(LEDGERS, "要用的台账：文件或文件夹，几个用分号隔开", for_action="summary")


def control_page(
    title: str, settings: Sequence[Setting], actions: Sequence[str], help_lines: Sequence[str],
    policies: Sequence[Policy],
) -> Page:  # fmt: skip
    """actions: ids of the buttons; none in a workbook without macros."""
    page = Page(CONTROL, widths=WIDTHS, one_page=True, protected=True)
    row = page.headed(title, ["黄底的格可以填，其余的格不要改。"], 3)
    page.heights[0] = 32
    page.row(row, 0, ("项目", "填在这里", "说明"), HEAD)
    for one in settings:
        row += 1
        _setting(page, row, one, policies)
    row += 2
    if actions:
        page.put(row, 0, "按钮", HEAD, across=3)
        row += 1
        for place, name in enumerate(actions):
            top, left = row + place // _BUTTONS_IN_ROW, place % _BUTTONS_IN_ROW
            page.put(top, left, None, TEXT.but(border=False))
            page.heights[top] = 34
            page.buttons.append(Button((top, left), ACTIONS[name].caption, name, 150, 34))
        row += -(-len(actions) // _BUTTONS_IN_ROW)
        page.put(row, 0, "按钮做什么", HEAD, across=3)
        for name in actions:
            row += 1
            page.put(row, 0, ACTIONS[name].caption, LABEL)
            page.put(row, 1, ACTIONS[name].about, TEXT.but(size=9), across=2)
        row += 2
    page.put(row, 0, "怎么用", HEAD, across=3)
    for number, line in enumerate(help_lines, 1):
        row += 1
        page.put(row, 0, number, CENTRED)
        page.put(row, 1, line, TEXT.but(size=10), across=2)
    page.put(row + 1, 0, "", SUBTITLE, across=3)
    return page


def _setting(page: Page, row: int, one: Setting, policies: Sequence[Policy]):
    page.put(row, 0, one.name, LABEL)
    look = ENTRY.but(horizontal="center", size=11, number_format=DAY.number_format if one.kind == "date" else "General")
    locked = one.kind == "policy" and len(policies) == 1
    page.put(row, 1, one.value, look.but(locked=True, fill=LABEL.fill) if locked else look)
    page.put(row, 2, one.about, TEXT.but(size=9))
    page.names[one.name] = row, 1
    area = row, 1, row, 1
    if one.kind == "policy" and not locked:
        page.dropdowns.append(Dropdown(area, tuple(policy.short_name for policy in policies)))
    elif one.kind == "date":
        page.limits.append(Limit(area, "date", _FIRST, _LAST))
    elif one.kind in ("whole", "money"):
        page.limits.append(Limit(area, {"whole": "whole", "money": "decimal"}[one.kind], 0))
    if one.name == DAY_NAME:
        page.put(row, 2, Formula(_day_told(f"B{row + 1}", policies), one.about), TEXT.but(size=9))
        page.colourings.append(Colouring(area, f'B{row + 1}=""', RED))


def _day_told(cell: str, policies: Sequence[Policy]) -> str:
    """What is to be said of the day that is typed."""
    if len(policies) != 1:
        return f'IF({cell}="","{DATE.about}","按这一天核算")'
    (policy,) = policies
    until = f",{cell}>DATE({policy.until.year},{policy.until.month},{policy.until.day})" if policy.until else ""
    start = f"{cell}<DATE({policy.start.year},{policy.start.month},{policy.start.day})"
    period = f"{policy.start}起" + (f"至{policy.until}" if policy.until else "")
    if not policy.tested:
        return f'IF({cell}="","{DATE.about}","按这一天核算")'
    outside = f"不在文件有效期内（{period}），应享按0算"
    return f'IF({cell}="","{DATE.about}",IF(OR({start}{until}),"{outside}","按这一天核算"))'
