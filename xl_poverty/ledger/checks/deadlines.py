"""What was to be done by a day and was not: by the days of the document, else by the rules of the national system."""
from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import numpy as np

from ...errors import CellError
from ...formulas.duties import deadline
from ...rules.sentence import day_text
from .facts import days_of
from .measures import HELP
from .registry import Found, at, check

NEW_MEASURES, MEASURES, PLAN, REVIEW = "新增监测对象措施", "帮扶措施", "一户一策制定", "一户一策核查"


def _known(terms, item: str) -> bool:
    policy = terms.ledger.policy
    return policy is not None and item in policy.deadlines and bool(policy.deadlines[item].versions)


def _due(terms, item: str, start: dt.date | None = None, year: int | None = None) -> dt.date | None:
    """The last day for an item under the ledger's document; None where the document counts it in another way."""
    try:
        return deadline(terms.ledger.settings, terms.ledger.policy.id, None, item, start, year).value
    except CellError as error:
        if error.code not in ("missing", "not_specified"):
            raise
        return None


def _cited(terms, item: str) -> str:
    policy = terms.ledger.policy
    return policy.cite(policy.deadlines[item])


def _at_risk(t, terms) -> np.ndarray:
    """Per row: a 监测对象 whose risk is not cleared, as far as is told."""
    about = terms.about(t)
    cleared = about.holds("risk_status", "已消除")
    return about.monitored & ~cleared & about.staying


@check("new_measures_late")
def new_measures_late(t, terms):
    if not _known(terms, NEW_MEASURES):
        return
    policy = terms.ledger.policy
    first = _to_the_day(t, "identified_date")
    starts = np.unique(first[~np.isnat(first)])
    due = np.full(len(t), np.datetime64("NaT", "D"))
    for start in starts:
        day = start.item()
        last = _due(terms, NEW_MEASURES, day) if policy.covers(day) else None
        if last:
            due[first == start] = np.datetime64(last, "D")
    done, cited = days_of(t.cells("measures_date")), _cited(terms, NEW_MEASURES)
    yield from _late(t, terms, "measures_date", done, due, cited, ~np.isnat(first))


def _to_the_day(t, name: str) -> np.ndarray:
    """Per row the day, NaT also where only the month is told."""
    cells = t.cells(name)
    exact = cells.mapped(lambda clean: clean.precision == "日", bool)
    return np.where(exact, days_of(cells), np.datetime64("NaT", "D"))


def _late(t, terms, name: str, done, due, cited: str, which: np.ndarray) -> Iterator[Found | None]:
    """Cells of a date that is later than due, or blank although the day is past."""
    about, cells = terms.about(t), t.cells(name)
    late = which & (done > due)
    yield at(t, name, about.once(late), lambda row: f"晚于期限{day_text(due[row].item())}（{cited}）")
    missing = which & cells.blank & ~about.anywhere(cells.known) & (about.days > due)
    cleared = about.holds("risk_status", "已消除")
    yield at(
        t, name, about.once(missing & ~cleared),
        lambda row: f"没有填，期限{day_text(due[row].item())}已过（{cited}），{about.told(row)}",
    )  # fmt: skip


@check("measures_late")
def measures_late(t, terms):
    last = _due(terms, MEASURES) if _known(terms, MEASURES) else None
    if last is None:
        return
    due = np.full(len(t), np.datetime64(last, "D"))
    which = _at_risk(t, terms)
    if "identified_date" in t:
        which &= ~(days_of(t.cells("identified_date")) > due)  # for who came later another period runs
    yield from _late(t, terms, "measures_date", days_of(t.cells("measures_date")), due, _cited(terms, MEASURES), which)


def _yearly(item: str, name: str):
    """The function of a check: what is to be done in one month of every year, for who was monitored before it."""

    def found(t, terms) -> Iterator[Found | None]:
        last = _due(terms, item, year=terms.day.year) if _known(terms, item) else None
        if last is None or not terms.ledger.policy.covers(last):
            return
        about, cells = terms.about(t), t.cells(name)
        month = np.datetime64(last.replace(day=1), "D")
        which = _at_risk(t, terms)
        if "identified_date" in t:
            which &= ~(days_of(t.cells("identified_date")) >= month)
        done, due = days_of(cells), np.datetime64(last, "D")
        cited = _cited(terms, item)
        told = f"{last.year}年{last.month}月内（{cited}）"
        in_year = done.astype("M8[Y]") == due.astype("M8[Y]")
        outside = which & in_year & ((done < month) | (done > due))
        yield at(t, name, about.once(outside), f"不在{told}")
        missing = which & ~in_year & ~cells.unusable & ~about.anywhere(in_year) & (np.datetime64(terms.day, "D") > due)
        yield at(t, name, about.once(missing), f"没有{last.year}年的日期，应在{told}完成，{terms.told}")

    return found


check("plan_late")(_yearly(PLAN, "plan_date"))
check("review_late")(_yearly(REVIEW, "review_date"))


@check("identified_without_measures")
def identified_without_measures(t, terms):
    if _known(terms, NEW_MEASURES) and "measures_date" in t:
        return  # the document's own period counts
    about = terms.about(t)
    first = days_of(t.cells("identified_date"))
    columns = [name for name in ("measures_date", *HELP) if name in t]
    if not columns:
        return
    told = np.zeros(len(t), bool)
    for name in columns:
        told |= (about.known(name) if name == "measures_date" else about.has(name)) | t.cells(name).unusable
    late = (about.days - first > np.timedelta64(int(terms["days"]), "D")) & ~about.anywhere(told)
    late &= ~about.holds("risk_status", "已消除")

    def text(row: int) -> str:
        return f"没有填，识别监测已过{(about.days[row] - first[row]).astype(int)}天，{about.told(row)}"

    yield at(t, columns[0], about.once(late), text)


@check("measures_before_identified")
def measures_before_identified(t, terms):
    first = _to_the_day(t, "identified_date")
    early = days_of(t.cells("measures_date")) < first
    yield at(t, "measures_date", terms.about(t).once(early), "早于识别监测时间")
