"""The household: its number, head, couple, generations and size, what differs within it, what it shares with others."""
from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

import numpy as np

from ..cleaning import VALUE
from ..columns import Cells
from .facts import FEMALE, MALE, UNKNOWN
from .identity import SEXES
from .registry import Found, at, check

# ---- 户编号


@check("household_blank")
def household_blank(t, terms):
    cells = t.cells("household_id")
    if not cells.blank.all():
        who = t.cells("name").known if "name" in t else np.ones(len(t), bool)
        yield at(t, "household_id", cells.blank & who, "没有填，分不清是哪一户")


#: digits of a 户编号 of the national system; one ledger may have them all
_LENGTHS = (10, 15, 16)


@check("household_length")
def household_length(t, terms):
    cells = t.cells("household_id")
    lengths = cells.mapped(lambda clean: len(clean.value) if clean.state == VALUE else 0, np.int64)
    counts = np.bincount(lengths)
    counts[0] = 0
    rare = (counts > 0) & (counts < terms["share"] * counts.sum())
    rare[[length for length in _LENGTHS if length < len(rare)]] = False
    usual = int(counts.argmax())
    yield at(t, "household_id", rare[lengths], lambda row: f"是{lengths[row]}位，本表多数是{usual}位")


# ---- head and couple


@check("head_missing")
def head_missing(t, terms):
    about = terms.about(t)
    if t.households is None or not t.heads.any():
        return
    without = t.households.spread(t.households.count(t.heads) == 0)
    column = "relation" if "relation" in t else "is_head"
    yield at(t, column, about.once(without & (t.households.codes >= 0)), "本户没有户主行")


@check("head_several")
def head_several(t, terms):
    column = "relation" if "relation" in t else "is_head"
    yield _later(t, terms, column, t.heads, "户主")


@check("spouse_several")
def spouse_several(t, terms):
    yield _later(t, terms, "relation", t.cells("relation").among("配偶"), "配偶")


def _later(t, terms, column: str, which: np.ndarray, word: str) -> Found | None:
    """The second and further rows of a household for which a mask holds."""
    if t.households is None:
        return None
    which = which & terms.about(t).staying & (t.households.codes >= 0)
    first = terms.about(t).once(which)
    row_of = np.full(len(t.households), -1)
    row_of[t.households.codes[first]] = first
    later = which.copy()
    later[first] = False

    def told(row: int) -> str:
        return f"本户第{t.row_number(row_of[t.households.codes[row]])}行已是{word}"

    return at(t, column, later, told)


@check("couple_of_one_sex")
def couple_of_one_sex(t, terms):
    if t.households is None:
        return
    sexes, heads = terms.about(t).sexes, terms.about(t).heads
    alike = t.cells("relation").among("配偶") & (heads >= 0) & (sexes != UNKNOWN) & (sexes == sexes[heads])

    def told(row: int) -> str:
        return f"与户主（第{t.row_number(heads[row])}行）性别相同，都是{SEXES[sexes[row]]}"

    yield at(t, "relation", alike, told)


_OF_WOMEN = (
    "之女", "之儿媳", "之孙女", "之外孙女", "之母", "之岳母", "之婆婆", "之祖母", "之外祖母", "之曾孙女", "之侄女",
    "之兄弟媳妇",
)  # fmt: skip
_OF_MEN = (
    "之子", "之女婿", "之孙子", "之外孙子", "之父", "之岳父", "之公公", "之祖父", "之外祖父", "之曾孙子", "之侄儿",
    "之叔伯",
)  # fmt: skip


@check("relation_sex")
def relation_sex(t, terms):
    relation, sexes = t.cells("relation"), terms.about(t).sexes
    wrong = relation.among(*_OF_WOMEN) & (sexes == MALE) | relation.among(*_OF_MEN) & (sexes == FEMALE)
    yield at(t, "relation", wrong, lambda row: f"填的是{relation[row].value}，本人是{SEXES[sexes[row]]}")


# ---- generations

#: generations below the head
_BELOW = {
    "之子": 1, "之女": 1, "之儿媳": 1, "之女婿": 1, "之孙子": 2, "之孙女": 2, "之外孙子": 2, "之外孙女": 2,
    "之曾孙子": 3, "之曾孙女": 3, "之父": -1, "之母": -1, "之岳父": -1, "之岳母": -1, "之公公": -1, "之婆婆": -1,
    "之祖父": -2, "之祖母": -2, "之外祖父": -2, "之外祖母": -2,
}  # fmt: skip
_BY_MARRIAGE = ("之儿媳", "之女婿", "之岳父", "之岳母", "之公公", "之婆婆")


def _below(t) -> np.ndarray:
    return t.cells("relation").mapped(lambda clean: _BELOW.get(clean.value, 0) if clean.state == VALUE else 0, np.int64)


@check("younger_generation_older")
def younger_generation_older(t, terms):
    below, years = _below(t), terms.about(t).years_younger
    yield at(t, "relation", (below > 0) & (years <= 0), "比户主年长，辈分不对")


@check("older_generation_younger")
def older_generation_younger(t, terms):
    below, years = _below(t), terms.about(t).years_younger
    yield at(t, "relation", (below < 0) & (years >= 0), "比户主年轻，辈分不对")


@check("generation_close")
def generation_close(t, terms):
    below, years = _below(t), terms.about(t).years_younger
    by_blood = ~t.cells("relation").among(*_BY_MARRIAGE)
    gap = np.where(below > 0, years, -years)
    close = by_blood & (below != 0) & (gap > 0) & (gap < terms["years"] * np.abs(below))
    yield at(t, "relation", close, lambda row: f"与户主只差{gap[row]:.0f}岁")


@check("head_minor")
def head_minor(t, terms):
    about = terms.about(t)
    column = "relation" if "relation" in t else "is_head"
    young = t.heads & (about.ages < terms["age"]) & about.staying
    yield at(t, column, young, lambda row: f"户主只有{about.ages[row]:.0f}周岁，{about.told(row)}")


@check("spouse_young")
def spouse_young(t, terms):
    about = terms.about(t)
    young = t.cells("relation").among("配偶", "之儿媳", "之女婿", "之兄弟媳妇") & (about.ages < terms["age"])
    yield at(t, "relation", young, lambda row: f"只有{about.ages[row]:.0f}周岁，{about.told(row)}")


@check("spouse_unmarried")
def spouse_unmarried(t, terms):
    single = t.cells("marriage").mapped(lambda clean: clean.state == VALUE and clean.value.startswith("未婚"), bool)
    wed = t.cells("relation").among("配偶", "之儿媳", "之女婿")
    yield at(t, "marriage", single & wed, "是未婚，与户主关系却是夫妻或姻亲")


@check("head_gone")
def head_gone(t, terms):
    if t.heads is not None:
        yield at(t, "status", t.heads & t.gone, "户主已不在本户，还没有变更户主")


# ---- size

SIZES = ("household_size", "persons_now")


@check("size_differs")
def size_differs(t, terms):
    if t.households is None:
        return
    about = terms.about(t)
    rows_of = t.households.spread(t.households.count(about.staying))
    for name in SIZES:
        if name in t:
            sizes = t.cells(name).numbers
            differs = (t.households.codes >= 0) & ~np.isnan(sizes) & (sizes != rows_of)
            told = about.once(differs)
            yield at(t, name, told, lambda row: f"与本户实有{rows_of[row]}行人员（不含死亡、迁出）不一致")


@check("size_impossible")
def size_impossible(t, terms):
    for name in (*SIZES, "persons_year"):
        if name in t:
            sizes = t.cells(name).numbers
            wrong = (sizes < 1) | (sizes > terms["highest"]) | (np.floor(sizes) != sizes) & ~np.isnan(sizes)
            yield at(t, name, wrong, f"应是1到{terms['highest']:g}之间的整数")


@check("persons_year_differs")
def persons_year_differs(t, terms):
    now = next((name for name in ("persons_now", "household_size") if name in t), None)
    if now:
        sizes, years = t.cells(now).numbers, t.cells("persons_year").numbers
        differs = np.abs(sizes - years) > terms["persons"]
        label = t.fields[now].field.label
        told = terms.about(t).once(differs)
        yield at(t, "persons_year", told, lambda row: f"与{label}（{sizes[row]:g}人）不同")


# ---- what should be the same on all rows of a household

_OF_TYPE = ("household_type", "monitor_type", "risk_status", "identified_date", "cleared_date")
_OF_SIZE = (*SIZES, "persons_year")
_OF_PLACE = ("county", "town", "village", "group", "head_name", "head_id")
_OF_INCOME = (
    "per_capita_income", "net_income", "annual_income", "wage_income", "operating_income", "property_income",
    "transfer_income", "operating_expense", "per_capita_last_year", "guideline",
)  # fmt: skip


def _differing(*names: str):
    """The function of a check: cells that are not as the first of their household."""

    def found(t, terms) -> Iterator[Found | None]:
        if t.households is None:
            return
        for name in names:
            if name in t:
                yield _differs(t, terms, name)

    return found


def _differs(t, terms, name: str) -> Found | None:
    if len(t.cells(name).distinct) == 1:
        return None
    homes, values = t.households.codes, _comparable(t, terms, name)
    first = values[terms.about(t).first_rows]
    if ((values == first) | np.isnan(values) & np.isnan(first)).all():
        return None  # most columns, at little cost
    known = ~np.isnan(values)
    rows = np.flatnonzero(known & (homes >= 0))[::-1]
    first = np.full(len(t.households), -1)
    first[homes[rows]] = rows  # the first row is written last
    own = t.households.spread(first, -1)
    differs = known & (own >= 0) & (values != values[own])
    return at(t, name, differs, lambda row: f"与本户第{t.row_number(own[row])}行不一致")


def _comparable(t, terms, name: str) -> np.ndarray:
    """Per row a number that is the same where the values are, NaN where there is none."""
    kind = t.fields[name].field.kind
    if kind in ("money", "number", "months"):
        return t.cells(name).numbers
    codes = terms.about(t).key_codes(name)[0] if kind in ("id", "name") else value_codes(t.cells(name))
    return np.where(codes >= 0, codes, np.nan)


def value_codes(cells: Cells) -> np.ndarray:
    """Per row the code of the value, -1 where there is none."""
    numbers: dict = {}
    codes = [numbers.setdefault(clean.value, len(numbers)) if clean.state == VALUE else -1 for clean in cells.distinct]
    return np.array(codes, np.int64)[cells.codes]


check("type_within")(_differing(*_OF_TYPE))
check("size_within")(_differing(*_OF_SIZE))
check("place_within")(_differing(*_OF_PLACE))
check("income_within")(_differing(*_OF_INCOME))


# ---- shared with other households


def _shared(t, name: str, homes: np.ndarray) -> np.ndarray:
    """Per row, in how many homes the number of the cell stands; of several numbers the most."""
    cells = t.cells(name)
    found = np.zeros(len(t), np.int64)
    several = [clean.value or () for clean in cells.distinct]  # of a phone a tuple, of an account one text
    if t.fields[name].field.kind != "phone":
        several = [(one,) if one else () for one in several]
    flat, counts = list(chain.from_iterable(several)), np.fromiter(map(len, several), np.int64, len(several))
    used = np.bincount(cells.codes[homes >= 0], minlength=len(several))
    if len(set(flat)) == len(flat) and not (used[counts > 0] > 1).any():
        return found  # each stands in one cell only
    numbers: dict[str, int] = {}
    flat = np.array([numbers.setdefault(one, len(numbers)) for one in flat])
    starts = np.cumsum(counts) - counts
    # each row with each number in its cell
    rows = np.flatnonzero((homes >= 0) & (counts[cells.codes] > 0))
    times = counts[cells.codes[rows]]
    offset = np.arange(times.sum()) - np.repeat(np.cumsum(times) - times, times)
    number = flat[np.repeat(starts[cells.codes[rows]], times) + offset]
    rows = np.repeat(rows, times)
    most = homes.max() + 1
    homes_of = np.bincount(np.unique(number * most + homes[rows]) // most, minlength=len(numbers))
    np.maximum.at(found, rows, homes_of[number])
    return found


@check("phone_shared")
def phone_shared(t, terms):
    if t.households is None:
        return
    homes = np.where(terms.about(t).staying, t.households.codes, -1)
    for name in ("phone", "household_phone"):
        if name in t and homes.max(initial=-1) >= 0:
            count = _shared(t, name, homes)
            yield at(t, name, count > terms["households"], lambda row, count=count: f"有{count[row]}户用同一个电话")


@check("phone_counties")
def phone_counties(t, terms):
    homes = value_codes(t.cells("county"))
    if homes.max(initial=-1) >= 1:
        count = _shared(t, "phone", homes)
        yield at(t, "phone", count > 1, lambda row: f"{count[row]}个县的人用同一个电话")


@check("account_shared")
def account_shared(t, terms):
    if t.households is not None:
        homes = t.households.codes
    elif "head_id" in t:
        homes, _ = terms.about(t).key_codes("head_id")
    elif "payee_id" in t:
        homes, _ = terms.about(t).key_codes("payee_id")
    else:
        return
    if homes.max(initial=-1) >= 0:
        count = _shared(t, "bank_account", homes)
        yield at(t, "bank_account", count > 1, lambda row: f"有{count[row]}户用同一个账号")


@check("account_length")
def account_length(t, terms):
    lengths = t.cells("bank_account").mapped(lambda clean: len(clean.value) if clean.state == VALUE else 0, np.int64)
    odd = (lengths > 0) & ((lengths < terms["shortest"]) | (lengths > terms["longest"]))
    usual = f"一般是{terms['shortest']:g}到{terms['longest']:g}位"
    yield at(t, "bank_account", odd, lambda row: f"是{lengths[row]}位，{usual}")


@check("account_check_digit")
def account_check_digit(t, terms):
    cells = t.cells("bank_account")
    numbers = [clean.value if clean.state == VALUE and clean.value[:2] == "62" else "" for clean in cells.distinct]
    wrong = np.zeros(len(numbers), bool)
    lengths = np.array(list(map(len, numbers)), np.int64)
    for length in np.flatnonzero(np.bincount(lengths)).tolist():
        if 16 <= length <= 19:
            places = np.flatnonzero(lengths == length)
            figures = np.array([numbers[place] for place in places.tolist()]).view(np.uint32).reshape(-1, length)
            figures = figures[:, ::-1].astype(np.int64) - ord("0")
            doubled = figures[:, 1::2] * 2
            sums = figures[:, ::2].sum(axis=1) + (doubled - 9 * (doubled > 9)).sum(axis=1)
            wrong[places] = sums % 10 != 0
    odd = wrong[cells.codes]
    yield at(t, "bank_account", odd, "末位校验不对，有数字写错（62开头的银行卡号）")
