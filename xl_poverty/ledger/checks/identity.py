"""Numbers of persons and names: what is wrong with them, and who stands there twice."""
from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ..cleaning import UNDECIDED, VALUE, Clean
from .facts import FEMALE, MALE, UNKNOWN, full_years, is_error
from .registry import Found, at, check

SEXES = {MALE: "男", FEMALE: "女"}
PERSONS = ("人员", "户")
#: a word of the reason that cleaning gives -> the check that tells it; the first that fits
_MISTAKES = (
    ("占位号", "id_placeholder"), ("失真", "id_lost_digits"), ("应是18位（", "id_length"), ("校验码", "id_checksum"),
    ("出生日期", "id_birth"), ("15位旧证号", "id_old"),
)  # fmt: skip
_OTHER = "id_unusable"


def mistake(clean: Clean) -> str:
    """The check that a number's mistake belongs to; "" without one, or where other checks tell it."""
    if not clean.reason or clean.reason == UNDECIDED or is_error(clean):
        return ""
    return next((name for word, name in _MISTAKES if word in clean.reason), _OTHER)


def _mistaken(name: str):
    """The function of a check: the cells with its mistake, in every column of numbers of persons."""

    def found(t, terms) -> Iterator[Found | None]:
        about = terms.about(t)
        for column in about.doubtful_columns("id"):
            cells, which = t.cells(column), about.doubtful(column, lambda clean: mistake(clean) == name)
            yield at(t, column, which, lambda row, cells=cells: cells[row].reason)

    return found


for _name in (*(name for _, name in _MISTAKES), _OTHER):
    check(_name)(_mistaken(_name))


@check("id_blank")
def id_blank(t, terms):
    about = terms.about(t)
    blank = t.cells(about.person_field).blank
    if not blank.all():  # of an empty column another check tells
        yield at(t, about.person_field, blank & t.cells("name").known & about.staying, "没有填，有姓名而没有证件号码")


@check("id_type_differs")
def id_type_differs(t, terms):
    kinds = t.cells("id_type")
    tailed = _tailed(t, terms)
    says_card = kinds.mapped(lambda clean: clean.state == VALUE and "残疾" in clean.value, bool)
    says_plain = kinds.mapped(lambda clean: clean.state == VALUE and "身份证" in clean.value, bool)
    plain = t.cells("id_number").known & ~tailed
    yield at(t, "id_type", says_card & plain, "是残疾人证，证件号码却没有末尾的残疾类别和等级")
    yield at(t, "id_type", says_plain & tailed, "是居民身份证，证件号码却是残疾人证号")


def _tailed(t, terms) -> np.ndarray:
    """Per row: does the person's number tell a disability?"""
    cells = t.cells("id_number")
    found = np.zeros(len(cells.distinct), bool)
    found[list(terms.about(t).tails)] = True
    return found[cells.codes]


@check("birth_differs")
def birth_differs(t, terms):
    about = terms.about(t)
    own, (written, reach) = about.births_in_number, about.births_written
    known = ~np.isnat(own) & ~np.isnat(written)
    differs = np.zeros(len(t), bool)
    for precision, unit in ((3, "D"), (2, "M"), (1, "Y")):
        differs |= (reach == precision) & (own.astype(f"M8[{unit}]") != written.astype(f"M8[{unit}]"))
    yield at(t, "birth_date", known & differs, "与证件号码第7到14位的出生日期不一致")


@check("birth_impossible")
def birth_impossible(t, terms):
    about = terms.about(t)
    for name, births in (("birth_date", about.births_written[0]), (about.person_field, about.births_in_number)):
        if name in t:
            years = full_years(births, about.days)
            yield at(t, name, years < 0, lambda row: f"出生日期还没有到，{about.told(row)}")
            too_old = years > terms["highest"]
            yield at(t, name, too_old, lambda row: f"按出生日期已超过{terms['highest']:g}周岁，{about.told(row)}")


@check("sex_differs")
def sex_differs(t, terms):
    own = terms.about(t).sex_in_number
    for code, word in SEXES.items():
        differs = t.cells("sex").among(word) & (own != UNKNOWN) & (own != code)
        other = SEXES[FEMALE if code == MALE else MALE]
        yield at(t, "sex", differs, f"填的是{word}，证件号码第17位是{other}")


@check("age_differs")
def age_differs(t, terms):
    about = terms.about(t)
    ages = about.ages
    off = np.abs(t.cells("age").numbers - ages) > terms["years"]
    yield at(t, "age", off, lambda row: f"按出生日期应是{ages[row]:.0f}周岁，{about.told(row)}")


# ---- one person on several rows


def _others(t, rows: np.ndarray, row: int) -> str:
    """第3、8行: the other rows of a group."""
    numbers = [t.row_number(other) for other in rows.tolist() if other != row]
    return f"第{'、'.join(map(str, numbers[:5]))}行" + ("等" if len(numbers) > 5 else "")


def repeated(codes: np.ndarray, which: np.ndarray) -> dict[int, np.ndarray]:
    """Code -> its rows, of the codes that stand on several of the rows."""
    rows = np.flatnonzero(which & (codes >= 0))
    rows = rows[np.argsort(codes[rows], kind="stable")]
    goes_on = codes[rows[1:]] == codes[rows[:-1]]
    if not goes_on.any():
        return {}
    several = np.append(goes_on, False) | np.append(False, goes_on)
    rows = rows[several]
    starts = np.flatnonzero(np.diff(codes[rows], prepend=-1))
    return {int(codes[group[0]]): group for group in np.split(rows, starts[1:])}


@check("id_duplicate")
def id_duplicate(t, terms):
    return _duplicates(t, terms, False)


@check("id_two_households")
def id_two_households(t, terms):
    return _duplicates(t, terms, True)


def _duplicates(t, terms, apart: bool) -> Iterator[Found | None]:
    """Persons on several rows: of one household (the later rows), or `apart` of several (all of them)."""
    about = terms.about(t)
    if t.persons is None:
        return
    households = None if t.households is None else t.households.codes
    others = {}
    for rows in repeated(t.persons.codes, about.staying).values():
        known = set() if households is None else set(households[rows].tolist()) - {-1}
        if apart != (len(known) > 1):
            continue
        for row in rows.tolist() if apart else rows[1:].tolist():
            others[row] = rows
    where = "，户编号不同" if apart else ""
    rows = np.array(sorted(others), np.int64)
    yield at(t, about.person_field, rows, lambda row: f"与{_others(t, others[row], row)}是同一个证件号码{where}")


def _joined(columns: list[tuple[np.ndarray, list[str]]]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(code, number of the column, row) of every row of some columns that has a key. A column is (code per row, keys of
    the codes); the same key is the same code in all."""
    numbers: dict[str, int] = {}
    parts = []
    for place, (codes, keys) in enumerate(columns):
        of_code = np.array([numbers.setdefault(key, len(numbers)) for key in keys] or [-1])
        rows = np.flatnonzero(codes >= 0)
        parts.append((of_code[codes[rows]], np.full(len(rows), place), rows))
    code, place, row = zip(*parts)
    return np.concatenate(code), np.concatenate(place), np.concatenate(row)


@check("id_two_tables", whole=True)
def id_two_tables(ledger, terms):
    tables = [t for t in ledger.tables if t.kind in PERSONS and t.persons is not None and t.households is not None]
    if len(tables) < 2:
        return
    person, place, row = _joined([(np.where(t.gone, -1, t.persons.codes), t.persons.keys) for t in tables])
    home, at_home, row_at_home = _joined([(t.households.codes, t.households.keys) for t in tables])
    homes = {(p, r): h for p, r, h in zip(at_home.tolist(), row_at_home.tolist(), home.tolist())}
    found: dict[int, dict[int, str]] = {}
    for rows in repeated(person, np.ones(len(person), bool)).values():
        seen = [(int(place[i]), int(row[i]), homes.get((int(place[i]), int(row[i])))) for i in rows]
        first = seen[0]
        for one in seen[1:]:
            if one[0] != first[0] and None not in (one[2], first[2]) and one[2] != first[2]:
                table = tables[first[0]]
                where = f"工作表“{table.sheet.name}”第{table.row_number(first[1])}行"
                found.setdefault(one[0], {})[one[1]] = f"与{where}是同一个证件号码，户编号不同"
    for number, texts in sorted(found.items()):
        t = tables[number]
        yield at(t, terms.about(t).person_field, np.array(sorted(texts)), texts.__getitem__)


#: columns of numbers, and of the name of the person whose number it is
_NAMED = (("id_number", "name"), ("beneficiary_id", "name"), ("head_id", "head_name"), ("payee_id", "payee_name"))


@check("id_two_names", whole=True)
def id_two_names(ledger, terms):
    pairs = [(t, number, name) for t in ledger.tables for number, name in _NAMED
             if number in t and name in t and not (number == "beneficiary_id" and "id_number" in t)]  # fmt: skip
    if not pairs:
        return
    numbers = [terms.about(t).key_codes(number) for t, number, _ in pairs]
    if len(pairs) == 1 and len(numbers[0][1]) == np.count_nonzero(numbers[0][0] >= 0):
        return  # nobody stands there twice
    names = [terms.about(t).key_codes(name) for t, _, name in pairs]
    person, spot_of, rows = _joined(numbers)
    called, name_spot, name_rows = _joined(names)
    longest = max(len(t) for t, *_ in pairs)
    name_at = np.full(len(pairs) * longest, -1)
    name_at[name_spot * longest + name_rows] = called
    called = name_at[spot_of * longest + rows]
    person, spot_of, rows, called = (one[called >= 0] for one in (person, spot_of, rows, called))
    first = np.full(person.max(initial=-1) + 1, -1)
    first[person[::-1]] = np.arange(len(person))[::-1]  # the first is written last
    differs = np.flatnonzero(called != called[first[person]])
    for place, (t, _, name) in enumerate(pairs):
        others = {int(rows[one]): int(first[person[one]]) for one in differs[spot_of[differs] == place].tolist()}

        def told(row: int, t=t, others=others) -> str:
            table = pairs[spot_of[others[row]]][0]
            where = "" if table is t else f"工作表“{table.sheet.name}”"
            return f"与{where}第{table.row_number(rows[others[row]])}行证件号码相同，姓名不同"

        yield at(t, name, np.array(sorted(others), np.int64), told)


@check("name_twice")
def name_twice(t, terms):
    if t.households is None:
        return
    codes, keys = terms.about(t).key_codes("name")
    together = np.where((codes >= 0) & (t.households.codes >= 0), t.households.codes * max(1, len(keys)) + codes, -1)
    persons = np.full(len(t), -1) if t.persons is None else t.persons.codes
    others = {}
    for rows in repeated(together, terms.about(t).staying).values():
        known = persons[rows]
        for place, row in enumerate(rows.tolist()):
            if place and (known[place] < 0 or known[place] not in known[:place]):
                others[row] = rows
    rows = np.array(sorted(others), np.int64)
    yield at(t, "name", rows, lambda row: f"与{_others(t, others[row], row)}同户同名，证件号码不同")


# ---- what stands behind the 18 characters


@check("disability_category_differs")
def disability_category_differs(t, terms):
    yield _tail_differs(t, terms, 0, "disability_category", "第19位")


@check("disability_level_differs")
def disability_level_differs(t, terms):
    yield _tail_differs(t, terms, 1, "disability_level", "第20位")


def _tail_differs(t, terms, part: int, name: str, where: str) -> Found | None:
    tails, numbers, cells = terms.about(t).tails, t.cells("id_number"), t.cells(name)
    rows = np.flatnonzero(_tailed(t, terms) & cells.known)
    told = {row: tails[int(numbers.codes[row])][part] for row in rows.tolist()}
    differs = np.array([row for row, word in told.items() if cells[row].value != word], np.int64)
    return at(t, name, differs, lambda row: f"与证件号码{where}（{told[row]}）不一致")


# ---- the head, as told on the rows of the household


@check("head_id_differs")
def head_id_differs(t, terms):
    yield from _head_differs(t, terms, "head_id", "id_number", "与本户户主行的证件号码不一致")


@check("head_name_differs")
def head_name_differs(t, terms):
    yield from _head_differs(t, terms, "head_name", "name", "与本户户主行的姓名不一致")


def _head_differs(t, terms, told: str, own: str, text: str) -> Iterator[Found | None]:
    if t.heads is None or t.households is None:
        return
    told_codes, told_keys = terms.about(t).key_codes(told)
    own_codes, own_keys = terms.about(t).key_codes(own)
    numbers = {key: code for code, key in enumerate(told_keys)}
    as_told = np.array([numbers.get(key, len(numbers)) for key in own_keys] or [0])
    of_head = np.full(len(t.households), -1)
    rows = np.flatnonzero(t.heads & (own_codes >= 0) & (t.households.codes >= 0))
    of_head[t.households.codes[rows]] = as_told[own_codes[rows]]
    several = t.households.count(t.heads) != 1
    head = t.households.spread(np.where(several, -1, of_head), -1)
    yield at(t, told, (head >= 0) & (told_codes >= 0) & (told_codes != head), text)
