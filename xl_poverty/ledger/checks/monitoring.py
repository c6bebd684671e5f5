"""监测对象: kind, risk and their dates, against each other."""
from __future__ import annotations

import numpy as np

from ..cleaning import DAY, VALUE
from .facts import MONITORED, days_of
from .registry import at, check

#: household types beside which a kind of 监测对象 can stand
_BESIDE = {
    "一般农户": (),
    "脱贫户": ("脱贫不稳定户", "突发严重困难户"),
    "脱贫享受政策户": ("脱贫不稳定户", "突发严重困难户"),
    "脱贫不享受政策户": (),
    "监测户": MONITORED,
}
_UNMONITORED = ("一般农户", "脱贫户", "脱贫享受政策户", "脱贫不享受政策户")


@check("monitor_type_differs")
def monitor_type_differs(t, terms):
    types, kinds = t.cells("household_type"), t.cells("monitor_type")
    wrong = np.zeros(len(t), bool)
    for word in ("脱贫不稳定户", "边缘易致贫户", "突发严重困难户", *_BESIDE):
        of_type = types.among(word)
        if of_type.any():
            wrong |= of_type & kinds.known & ~kinds.among("监测户", word, *_BESIDE.get(word, ()))
    wrong |= types.among("一般农户", "脱贫不享受政策户") & kinds.known
    told = terms.about(t).once(wrong)
    yield at(t, "monitor_type", told, lambda row: f"是{kinds[row].value}，与户类型（{types[row].value}）不一致")


@check("monitor_type_missing")
def monitor_type_missing(t, terms):
    if t.cells("monitor_type").known.any():
        told = t.cells("household_type").among(*MONITORED)
        yield _unfilled(t, terms, "monitor_type", told, "没有填，户类型写明是监测对象")


@check("risk_status_missing")
def risk_status_missing(t, terms):
    yield _unfilled(t, terms, "risk_status", terms.about(t).monitored, "没有填，本户是监测对象")


@check("risk_status_none")
def risk_status_none(t, terms):
    about = terms.about(t)
    none = about.monitored & t.cells("risk_status").among("无")
    yield at(t, "risk_status", about.once(none), "是无，本户却是监测对象")


@check("risk_without_type")
def risk_without_type(t, terms):
    about, status = terms.about(t), t.cells("risk_status")
    unmonitored = about.holds("household_type", *_UNMONITORED) & ~about.anywhere(about.monitored)
    open_risk = status.among("未消除") & unmonitored
    yield at(t, "risk_status", about.once(open_risk), "是未消除，本户却不是监测对象")


@check("risk_status_columns_differ")
def risk_status_columns_differ(t, terms):
    first, *others = t.several("risk_status")
    own = t.cells(first)
    for column in others:
        cells = t.cells(column)
        differs = own.known & cells.known & (own.values != cells.values)
        yield at(t, column, terms.about(t).once(differs), f"与{first.letter}列“{first.header}”不一致")


@check("cleared_without_date")
def cleared_without_date(t, terms):
    about, dates = terms.about(t), t.cells("cleared_date")
    missing = t.cells("risk_status").among("已消除") & dates.blank & ~about.anywhere(dates.known)
    yield at(t, "cleared_date", about.once(missing), "没有填，风险已消除")


@check("date_without_cleared")
def date_without_cleared(t, terms):
    about = terms.about(t)
    early = t.cells("cleared_date").known & t.cells("risk_status").among("未消除")
    yield at(t, "cleared_date", about.once(early), "填了消除时间，风险却是未消除")


@check("cleared_before_identified")
def cleared_before_identified(t, terms):
    backwards = _days(t, "cleared_date") < _days(t, "identified_date")
    yield at(t, "cleared_date", terms.about(t).once(backwards), "早于识别监测时间")


@check("cleared_soon")
def cleared_soon(t, terms):
    first, last = _days(t, "identified_date"), _days(t, "cleared_date")
    exact = _goes_to_day(t, "identified_date") & _goes_to_day(t, "cleared_date")
    months = np.where(exact, _full_months(first, last), _calendar_months(first, last))
    soon = (last >= first) & (months < terms["months"])
    yield at(t, "cleared_date", terms.about(t).once(soon), f"距识别监测不满{terms['months']:g}个月")


def _days(t, name: str) -> np.ndarray:
    return days_of(t.cells(name))


def _goes_to_day(t, name: str) -> np.ndarray:
    return t.cells(name).mapped(lambda clean: clean.state == VALUE and clean.precision == DAY, bool)


def _calendar_months(first: np.ndarray, last: np.ndarray) -> np.ndarray:
    return (last.astype("M8[M]") - first.astype("M8[M]")).astype(np.int64)


def _full_months(first: np.ndarray, last: np.ndarray) -> np.ndarray:
    """Full months from one day to another."""
    day = [(days - days.astype("M8[M]").astype("M8[D]")).astype(np.int64) for days in (first, last)]
    return _calendar_months(first, last) - (day[1] < day[0])


@check("monitor_date_ahead")
def monitor_date_ahead(t, terms):
    about = terms.about(t)
    for name in ("identified_date", "cleared_date"):
        if name in t:
            ahead = _days(t, name) > about.days
            yield at(t, name, about.once(ahead), lambda row: f"还没有到，{about.told(row)}")


@check("identified_without_type")
def identified_without_type(t, terms):
    about, kinds = terms.about(t), t.cells("monitor_type")
    missing = t.cells("identified_date").known & kinds.blank & ~about.anywhere(about.monitored)
    yield at(t, "monitor_type", about.once(missing), "没有填，却有识别监测时间")


@check("identified_date_missing")
def identified_date_missing(t, terms):
    yield _unfilled(t, terms, "identified_date", terms.about(t).monitored, "没有填，本户是监测对象")


def _unfilled(t, terms, name: str, needed: np.ndarray, text: str):
    """The cells that need a value and have none, nor has another row of the household."""
    about, cells = terms.about(t), t.cells(name)
    return at(t, name, about.once(needed & cells.blank & ~about.anywhere(cells.known)), text)


@check("risk_missing")
def risk_missing(t, terms):
    about = terms.about(t)
    known = np.zeros(len(t), bool)
    for column in t.several("risk"):
        known |= ~t.cells(column).blank
    missing = about.monitored & ~about.anywhere(known)
    yield at(t, "risk", about.once(missing), "没有填，本户是监测对象")


@check("risk_twice")
def risk_twice(t, terms):
    columns = t.several("risk")
    for place, column in enumerate(columns):
        own = t.cells(column).values
        again = np.zeros(len(t), bool)
        for other in columns[:place]:
            again |= t.cells(column).known & (own == t.cells(other).values)
        yield at(t, column, terms.about(t).once(again), "与前面一列风险相同，重复了")
