"""Deadlines and visits: named in a document's data, so that a new one needs no code."""
from __future__ import annotations

import calendar
import datetime as dt

from ..errors import CellError
from ..rules.parameters import Measure, Policy
from ..rules.sentence import amount_text, day_text
from . import values
from .calls import effective_date, not_specified, out_of_period
from .documents import named_document
from .indicators import word_of
from .office import Settings
from .plain import Told, plain
from .signatures import find

MONTHS = range(1, 13)


@plain("DEADLINE")
def deadline(settings: Settings, policy, as_of, item, start_date, year) -> Told:
    """The last day, inclusive, by which `item` is due.

    Raises CellError: missing (item, start_date, year), unknown_option, bad_date, not_specified.
    """
    found, measure = _due(settings, policy, item)
    _, last, how, _ = _window(settings, found, measure, as_of, start_date, year)
    return Told(last, f"{measure.name}截止{day_text(last)}（{how}）", found, measure)


@plain("ON_TIME")
def on_time(settings: Settings, policy, as_of, item, done_date, start_date, year) -> Told:
    """Was it done by the last day, and not before the time for it began?

    Raises CellError as DEADLINE, and inconsistent where it was done before it began to run.
    """
    found, measure = _due(settings, policy, item)
    argument = find("ON_TIME").by_name["done_date"]
    if values.is_blank(done_date):
        raise values.missing(argument)
    done = values.read_date(argument, done_date)
    first, last, how, rule = _window(settings, found, measure, as_of, start_date, year)
    if first and done < first and "days_after" in rule:
        raise CellError("inconsistent", f"“{argument.label}”（{day_text(done)}）早于“起算日期”，请核对")
    holds = (first is None or first <= done) and done <= last
    due = f"在{day_text(first)}至{day_text(last)}内" if first else f"不晚于{day_text(last)}"
    due += "" if "month" in rule else f"（{how}）"
    text = f"{'是' if holds else '否'}，{day_text(done)}完成，应{due}"
    return Told(holds, text, found, measure)


def _due(settings: Settings, policy, item) -> tuple[Policy, Measure]:
    found, _ = named_document(policy, settings)
    word = word_of(find("DEADLINE").by_name["item"], item, found.deadlines)
    measure = found.deadlines.get(word)
    if measure is None or not measure.versions:
        raise not_specified(f"{word}的期限", found)
    return found, measure


def _rule(measure: Measure, day: dt.date | None) -> dict:
    """The values in force on a day; without a day the latest, before the first day the first."""
    return (measure.version(day) or measure.versions[0]).values


def _window(settings: Settings, policy: Policy, measure: Measure, as_of, start_date, year):
    """(first day or None, last day, how it is reckoned, the values that it is reckoned by)."""
    arguments = find("DEADLINE").by_name
    day, _ = effective_date(as_of, settings)
    rule = _rule(measure, day)
    if "days_after" in rule:
        if values.is_blank(start_date):
            raise values.missing(arguments["start_date"])
        start = values.read_date(arguments["start_date"], start_date)
        rule = _rule(measure, day or start)
        days = rule["days_after"]
        try:
            last = start + dt.timedelta(days=int(days))
        except OverflowError:
            raise CellError("bad_date", "“起算日期”太晚，请核对") from None
        return start, last, f"自{day_text(start)}起{amount_text(days)}日内，当日不算", rule
    if "month" in rule:
        number = _year(settings, as_of, year)
        if number is None:
            raise values.missing(arguments["year"], f"{measure.name}每年一次，")
        month = int(rule["month"])
        first = dt.date(number, month, 1)
        return first, dt.date(number, month, calendar.monthrange(number, month)[1]), f"{number}年{month}月内", rule
    last = rule["by"]
    if not values.is_blank(year) and _year(settings, None, year) != last.year:
        raise not_specified(f"{values.shown(year)}年{measure.name}的期限", policy)
    return None, last, "原文写明的日期", rule


def _year(settings: Settings, as_of, year) -> int | None:
    """The year typed, else that of 业务日期."""
    if not values.is_blank(year):
        return int(values.read(find("DEADLINE").by_name["year"], year))
    day, _ = effective_date(as_of, settings)
    return None if day is None else day.year


@plain("VISIT_GAPS")
def visit_gaps(settings: Settings, policy, as_of, visits_by_month, contacts_by_month, tier, long_away) -> Told:
    """How many months of the year lack a visit; for who is long away a contact will do where the document says so.

    Twelve cells, January first; a blank is no visit. Months after the one of `as_of` are not counted.
    Raises CellError: missing (tier, where only one tier is visited), not_specified, negative, not_integer, not_number.
    """
    found, _ = named_document(policy, settings)
    signature = find("VISIT_GAPS")
    measure = found.measures.get("VISIT_GAPS")
    if measure is None:
        raise not_specified(signature.alias, found)
    if values.is_blank(visits_by_month):
        return Told(0, "0，未申报（逐月走访次数是空白）", found, measure)
    day, _ = effective_date(as_of, settings)
    rule = _rule(measure, day)
    arguments = signature.by_name
    raw = {"visits_by_month": visits_by_month, "contacts_by_month": contacts_by_month, "tier": tier,
           "long_away": long_away}  # fmt: skip
    used = ["visits_by_month"]
    used += ["tier"] if "tiers" in rule else []
    used += ["contacts_by_month", "long_away"] if "contacts" in rule else []
    read, problems = {}, []
    for name in used:
        if values.is_blank(raw[name]):
            read[name] = None
            if name == "tier":
                problems.append(values.missing(arguments[name], "只有一类户须按月走访，"))
            continue
        try:
            read[name] = values.read(arguments[name], raw[name])
        except CellError as error:
            problems.append(error)
    if problems:
        raise min(problems, key=values.stage)
    if day is not None and measure.expires and not found.covers(day):
        raise out_of_period(signature.alias, found)
    if "tiers" in rule and arguments["tier"].options[read["tier"] - 1] not in rule["tiers"]:
        return Told(0, f"0个月，{'、'.join(rule['tiers'])}户才须按月走访", found, measure)
    away = "contacts" in rule and read["long_away"] == arguments["long_away"].code_of("是")
    contacts = (read["contacts_by_month"] if away else None) or [None] * len(MONTHS)
    counted = [month for month in MONTHS if day is None or month <= day.month]
    visits = read["visits_by_month"]
    lacking = [
        month for month in counted
        if (visits[month - 1] or 0) < rule["visits"]
        and (not away or (contacts[month - 1] or 0) < rule["contacts"])
    ]  # fmt: skip
    text = f"{len(lacking)}个月" + (f"（{'、'.join(map(str, lacking))}月）" if lacking else "")
    text += f"，每月至少走访{amount_text(rule['visits'])}次"
    text += "，长期不在家的电话、微信联系也算" if away else ""
    text += f"，算到{day.month}月" if day is not None else "，全年12个月都算"
    return Told(len(lacking), text, found, measure)
