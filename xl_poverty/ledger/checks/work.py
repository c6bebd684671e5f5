"""Work away from home: place, months, wage, spells and destination, against each other."""
from __future__ import annotations

import unicodedata
from collections.abc import Iterator

import numpy as np

from ...errors import CellError
from ...formulas import places
from ..cleaning import UNUSABLE, VALUE, Clean
from ..columns import Cells
from .facts import days_of, is_error
from .registry import Found, at, check

#: a place that says that nobody is away
AT_HOME = frozenset((
    "在家", "家里", "家中", "在家务农", "务农", "未外出", "未务工", "未外出务工", "不务工", "无业", "待业", "在家待业",
))  # fmt: skip


def written(clean: Clean) -> str:
    """The place as it was written, "" where there is none."""
    if clean.state == VALUE or (clean.state == UNUSABLE and not is_error(clean)):
        text = clean.raw if isinstance(clean.raw, str) else clean.value
        return unicodedata.normalize("NFKC", text).strip() if isinstance(text, str) else ""
    return ""


def _place_column(t) -> str:
    """The most exact column of places that a table has."""
    return next(name for name in ("work_place", "work_county", "work_city", "work_province") if name in t)


def _away(t, name: str) -> np.ndarray:
    """Per row: is a place written that is not at home?"""
    return t.cells(name).mapped(lambda clean: written(clean) not in ("", *AT_HOME), bool)


def _none(cells: Cells) -> np.ndarray:
    """Per row: blank, or 0. What cannot be used is not none."""
    return cells.blank | (cells.numbers == 0)


# ---- one without the other


@check("place_without_months")
def place_without_months(t, terms):
    without = _away(t, _place_column(t)) & _none(t.cells("work_months")) & ~terms.about(t).holds("working", "否")
    yield at(t, "work_months", without, "没有填，务工地点却填了")


@check("months_without_place")
def months_without_place(t, terms):
    name = _place_column(t)
    yield at(t, name, terms.about(t).positive("work_months") & t.cells(name).blank, "没有填，务工月数却填了")


@check("months_without_wage")
def months_without_wage(t, terms):
    about = terms.about(t)
    works = about.positive("work_months") | about.positive("continuous_months") | about.holds("working", "是")
    without = works & _none(t.cells("monthly_wage")) & about.staying
    yield at(t, "monthly_wage", without, "没有填，却有务工月数或是已务工")


@check("wage_without_months")
def wage_without_months(t, terms):
    without = terms.about(t).positive("monthly_wage") & _none(t.cells("work_months"))
    yield at(t, "work_months", without, "没有填，月工资却填了")


@check("home_with_months")
def home_with_months(t, terms):
    home = t.cells("work_place").mapped(lambda clean: written(clean) in AT_HOME, bool)
    yield at(t, "work_place", home & terms.about(t).positive("work_months"), "写的是没有外出，务工月数却大于0")


_RECORDS = ("work_months", "monthly_wage", "work_place", "work_start", "continuous_months")


@check("working_without_record")
def working_without_record(t, terms):
    there = [t.cells(name) for name in _RECORDS if name in t]
    if len(there) < 2:
        return
    none = np.logical_and.reduce([cells.blank for cells in there])
    without = t.cells("working").among("是") & none & terms.about(t).staying
    yield at(t, "working", without, "是已务工，月数、工资、地点却都没有填")


@check("record_without_working")
def record_without_working(t, terms):
    about = terms.about(t)
    record = about.positive("work_months") | about.positive("monthly_wage")
    yield at(t, "working", t.cells("working").among("否") & record, "是没有务工，却填了月数或工资")


# ---- months and wages


@check("months_too_many")
def months_too_many(t, terms):
    for name in ("work_months", "public_post_months"):
        if name in t:
            yield at(t, name, t.cells(name).numbers > terms["months"], f"超过{terms['months']:g}个月，一年最多12个月")


@check("continuous_over_months")
def continuous_over_months(t, terms):
    months, continuous = t.cells("work_months").numbers, t.cells("continuous_months").numbers
    over = (continuous > months) & (continuous <= 12)
    yield at(t, "continuous_months", over, lambda row: f"大于务工月数（{months[row]:g}个月），请核实是否跨年连续")


def _wages(low: bool):
    """The function of a check: wages above 0 and below a limit, those below the smaller one left to the other check."""

    def found(t, terms) -> Found | None:
        wages = t.cells("monthly_wage").numbers
        least = 0 if low else terms.limit_of("wage_very_low", "yuan") - 1e-9
        small = (wages > least) & (wages < terms["yuan"])
        return at(t, "monthly_wage", small, f"不到{terms['yuan']:g}元，请核对单位和是否按天")

    return found


check("wage_very_low")(_wages(True))
check("wage_low")(_wages(False))


@check("wage_high")
def wage_high(t, terms):
    high = t.cells("monthly_wage").numbers > terms["yuan"]
    yield at(t, "monthly_wage", high, f"超过{terms['yuan']:g}元，疑似填的是全年")


# ---- spells


def _start(t) -> np.ndarray:
    return days_of(t.cells("work_start"))


def _end(t) -> np.ndarray:
    return days_of(t.cells("work_end"), end=True)


@check("spell_backwards")
def spell_backwards(t, terms):
    yield at(t, "work_end", _end(t) < _start(t), "早于务工开始时间")


@check("spell_ahead")
def spell_ahead(t, terms):
    about = terms.about(t)
    yield at(t, "work_start", _start(t) > about.days, lambda row: f"还没有到，{about.told(row)}")


@check("spells_overlap")
def spells_overlap(t, terms):
    if t.persons is None:
        return
    first, last = _start(t), _end(t)
    rows = np.flatnonzero((t.persons.codes >= 0) & ~np.isnat(first) & ~np.isnat(last) & (last >= first))
    rows = rows[np.lexsort((first[rows], t.persons.codes[rows]))]
    if len(rows) < 2:
        return
    persons, begins, ends = t.persons.codes[rows], first[rows].astype(np.int64), last[rows].astype(np.int64)
    # the latest end among the person's spells before: days of one person all lie above those of the person before
    width = int(max(ends.max(), begins.max()) - begins.min()) + 2
    base = persons * width - begins.min()
    reached = np.maximum.accumulate(ends + base)[:-1]
    overlaps = (persons[1:] == persons[:-1]) & (begins[1:] + base[1:] < reached)
    yield at(t, "work_start", rows[1:][overlaps], "早于同一人上一段务工的结束时间，两段重叠")


@check("months_over_spell")
def months_over_spell(t, terms):
    first, last = _start(t), _end(t)
    span = (last.astype("M8[M]") - first.astype("M8[M]")).astype(np.int64) + 1
    months = t.cells("work_months").numbers
    over = (last >= first) & (months > span)
    yield at(t, "work_months", over, lambda row: f"比起止时间（{span[row]}个月）还多")


# ---- places


@check("place_short_of_county")
def place_short_of_county(t, terms):
    def short(clean: Clean) -> bool:
        text = written(clean)
        return bool(text) and text not in AT_HOME and not places.names_county(text)

    yield at(t, "work_place", t.cells("work_place").mapped(short, bool), "没有写到县（市、区），如江苏省苏州市昆山市")


@check("place_parts_missing")
def place_parts_missing(t, terms):
    about = terms.about(t)
    missing = about.known("work_province") & t.cells("work_county").blank
    yield at(t, "work_county", missing, "没有填，务工所在省却填了")


@check("destination_differs")
def destination_differs(t, terms) -> Iterator[Found | None]:
    home = _home(terms)
    if home is None:
        return
    told, found = t.cells("destination"), t.cells("work_place")
    # only places beside which a class stands need be read
    used = np.unique(found.codes[told.known])
    classes = np.full(len(found.distinct), places.UNKNOWN, object)
    for code in used.tolist():
        text = written(found.distinct[code])
        if text and text not in AT_HOME:
            classes[code] = places.destination(text, home)
    classes = classes[found.codes]
    differs = told.known & (classes != places.UNKNOWN) & (classes != told.values)
    seen_from = f"以{places.county_name(home)}为界"
    yield at(t, "destination", differs, lambda row: f"是{told[row].value}，按务工地点应是{classes[row]}（{seen_from}）")


def _home(terms) -> str | None:
    """The home county: the office's, else the document's; None where nobody says, or no county goes by that name."""
    policy = terms.ledger.policy
    home = terms.ledger.settings.first("home")[0] or (policy.home if policy else "")
    try:
        places.county_name(home)
    except CellError:
        return None
    return str(home)


@check("channel_without_post")
def channel_without_post(t, terms):
    about = terms.about(t)
    by_post = t.cells("channel").mapped(lambda clean: clean.state == VALUE and "公益" in str(clean.value), bool)
    name = "public_post" if "public_post" in t else "public_post_months"
    yield at(t, name, by_post & ~about.has_post & ~t.cells(name).unusable, "没有填，就业渠道却是公益性岗位")


@check("gone_works")
def gone_works(t, terms):
    about = terms.about(t)
    works = about.positive("work_months") if "work_months" in t else about.works
    yield at(t, "status", t.gone & (works | about.has_post), "已不在本户，却还有务工记录或公益性岗位")
