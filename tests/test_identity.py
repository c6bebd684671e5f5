"""Identity numbers. All numbers are made up: their area codes (106…, 140699) were never given to any county."""
import contextlib
import datetime as dt
import sys
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, strategies as st
from stdnum.cn import ric

from xl_poverty import CellError
from xl_poverty.formulas.identity import (
    CATEGORIES,
    DISTORTED,
    LEVELS,
    birth_date,
    disability,
    full_years,
    id_check,
    mask_id,
    person_number,
)

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
REMAINDERS = "10X98765432"


def completed(first17: str) -> str:
    """The number with its check digit, reckoned as GB 11643 prints it, not as python-stdnum does."""
    return first17 + REMAINDERS[sum(int(d) * w for d, w in zip(first17, WEIGHTS)) % 11]


A = completed("14069919650312001")
X = next(n for n in (completed(f"1060011972102{k:04}") for k in range(1000, 9999)) if n.endswith("X"))

numbers = st.builds(
    lambda area, birth, order: completed(f"{area}{birth:%Y%m%d}{order:03}"),
    st.sampled_from(["106101", "106999", "140699", "860001"]),
    st.dates(dt.date(1900, 1, 1), dt.date(2099, 12, 31)),
    st.integers(1, 999),
)
tails = st.builds(lambda a, b, mark: f"{a}{b}{mark}", st.integers(1, 7), st.integers(1, 4), st.sampled_from(["", "B1"]))


def error(call) -> CellError:
    with pytest.raises(CellError) as caught:
        call()
    return caught.value


DIRTY = [
    A,
    f" {A}\n",
    f"'{A}",
    f"’{A}",
    f'="{A}"',
    f'"=""{A}"""',
    f"G{A}",
    f"g{A}",
    f"{A}43",
    f"{A}43B1",
    f"{A}43b1",
    f"{A[:6]} {A[6:14]}　{A[14:]}",
    f"\u200b{A}\ufeff\t",
    "".join(chr(ord(c) + 0xFEE0) for c in A),
    "140699650312001",
]


@pytest.mark.parametrize("dirty", DIRTY)
def test_the_key_of_a_person(dirty):
    assert person_number(dirty) == A


@pytest.mark.parametrize("dirty", [d for d in DIRTY if len(d) > 15])
def test_dirt_around_a_number_is_no_mistake(dirty):
    assert id_check(dirty) == "正确"


@pytest.mark.parametrize("small_x", [X.lower(), X[:-1] + "ｘ", X[:-1] + "Ｘ"])
def test_any_x(small_x):
    assert person_number(small_x) == X
    assert id_check(small_x) == "正确"


@pytest.mark.parametrize("old", [140699650312001, 140699650312001.0, np.int64(140699650312001)])
def test_an_old_number_kept_as_a_number_has_all_its_digits(old):
    assert person_number(old) == A
    assert id_check(old).startswith("15位旧证号")


@pytest.mark.parametrize(
    "unusable",
    [None, "", " ", "无", "张三", A[:17], A + "4", A + "43B", "999999196503120010", "0" * 18, "1" * 18, int(A),
     float(A), "1.40699E+17", A[:3] + "O" + A[4:], True, float("nan"), Decimal("NaN"), -5, 1.5, "140699651312001",
     dt.date(1965, 3, 12), "#N/A", CellError("missing", "…")],
)  # fmt: skip
def test_no_usable_number(unusable):
    assert person_number(unusable) is None


@pytest.mark.parametrize(
    ("raw", "told"),
    [(None, "未填"), (" ", "未填"), ("'", "未填"), ('=""', "未填"), (int(A), DISTORTED), (1.40699e17, DISTORTED),
     ("1.40699E+17", DISTORTED), ("1.40699e17", DISTORTED), (Decimal(A), DISTORTED), (np.float64(A), DISTORTED),
     (A[:17], "共17位"), (A + "4", "共19位"), (A + "43B", "共21位"), (12345, "共5位"), ("138001380", "共9位"),
     (A[:3] + "O" + A[4:], "第4位是字母，应是数字0"), (A[:9] + "l" + A[10:], "第10位是字母，应是数字1"),
     (A[:9] + "-" + A[10:], "第10位是其他字符"), (A[:17] + "Y", "第18位应是数字或X"),
     ("106001196513120011", "出生日期"), ("106001196502300011", "出生日期"), ("106001190002290011", "出生日期"),
     ("106001186503120011", "出生日期"), (A[:14] + "002" + A[17:], "校验码"), (A[:15] + "000", "曾按数字存放"),
     ("999999196503120010", "占位号"), ("999999", "占位号"), ("140699650312001", "15位旧证号"),
     ("140699651312001", "出生日期不存在"), (A + "83", "残疾类别"), (A + "03", "残疾类别"), (A + "45", "残疾等级"),
     (A + "40", "残疾等级"), (A + "43B", "共21位"), (A + "43BB", "补办标记"), (True, "不是证件号码"),
     (dt.date(1965, 3, 12), "不是证件号码"), (-5, "不是证件号码")],
)  # fmt: skip
def test_what_is_wrong(raw, told):
    assert told in id_check(raw)


def test_the_area_code_is_not_judged():
    assert id_check(completed("00000019650312001")) == "正确"


@pytest.mark.parametrize(
    ("raw", "code"),
    [("#REF!", "excel_error"), (CellError("negative", "…"), "excel_error"), (float("nan"), "nan"),
     (float("inf"), "infinite"), (Decimal("-Infinity"), "infinite")],
)  # fmt: skip
@pytest.mark.parametrize("function", [id_check, mask_id, birth_date])
def test_error_cells_stay_errors(function, raw, code):
    assert error(lambda: function(raw)).code == code


@given(numbers)
def test_every_valid_number_is_correct(number):
    assert id_check(number) == "正确"
    assert person_number(number) == number
    assert ric.calc_check_digit(number) == number[-1]


@given(numbers, tails)
def test_tails_are_legal(number, tail):
    assert id_check(number + tail) == "正确"
    assert person_number(number + tail) == number
    assert disability(number + tail) == (CATEGORIES[int(tail[0]) - 1], LEVELS[int(tail[1]) - 1])


@given(numbers, st.integers(0, 17), st.sampled_from("0123456789X"))
def test_a_changed_digit_is_never_correct(number, place, digit):
    changed = number[:place] + digit + number[place + 1 :]
    assert (id_check(changed) == "正确") == (changed == number)


@given(numbers, st.integers(0, 16))
def test_swapped_neighbours_are_never_correct(number, place):
    swapped = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
    assert (id_check(swapped) == "正确") == (swapped == number)


@given(st.text(max_size=30) | st.integers() | st.floats() | st.decimals(allow_nan=False) | st.booleans() | st.none())
def test_whatever_is_in_the_cell(raw):
    """An answer or a CellError, nothing else."""
    person_number(raw)
    disability(raw)
    for function in (id_check, mask_id, birth_date):
        with contextlib.suppress(CellError):
            function(raw)


# ---- masking


@given(numbers, st.just("") | tails)
def test_a_mask_never_shows_the_middle_or_the_disability(number, tail):
    assert mask_id(number + tail) == number[:6] + "*" * 8 + number[14:]


@pytest.mark.parametrize(
    ("raw", "code"),
    [(None, "missing"), (" ", "missing"), ('=""', "missing"), (int(A), "out_of_range"), (1.4e17, "out_of_range"),
     ("1.40699E+17", "out_of_range"), (A[:17], "not_number"), ("张三", "not_number"), (12345, "not_number"),
     ("999999196503120010", "not_number"), (True, "not_number"), (A + "4", "not_number")],
)  # fmt: skip
def test_what_cannot_be_masked(raw, code):
    caught = error(lambda: mask_id(raw))
    assert caught.code == code
    assert not any(run in caught.message for run in ("1406", "9999", "1234"))


@given(st.from_regex(r"[0-9Xx]{16,24}", fullmatch=True))
def test_messages_repeat_no_digits(raw):
    told = [id_check(raw)]
    for function in (mask_id, birth_date):
        try:
            function(raw)
        except CellError as caught:
            told.append(caught.message)
    parts = {raw[k : k + 6] for k in range(len(raw) - 5)}
    digits = {part for part in parts if part.isdigit() and len(set(part)) > 2}  # 000000 says nothing about anybody
    assert not any(part in message for message in told for part in digits)


def test_an_old_number_is_masked_as_the_new_one():
    assert mask_id("140699650312001") == mask_id(A)


# ---- birth date and age


@pytest.mark.parametrize(
    "raw",
    [A, A + "43", A + "43B1", "G" + A, f'="{A}"', "140699650312001", "1965-03-12", "1965年3月12日", "1965.3.12",
     "19650312", 19650312, 19650312.0, np.int64(19650312), 23813, dt.date(1965, 3, 12), dt.datetime(1965, 3, 12, 8)],
)  # fmt: skip
def test_birth_dates(raw):
    assert birth_date(raw) == dt.date(1965, 3, 12)


@pytest.mark.parametrize(
    ("raw", "code"),
    [(None, "missing"), ("", "missing"), (int(A), "out_of_range"), (float(A), "out_of_range"),
     ("1.40699E+17", "out_of_range"), (140699650312001, "bad_date"),
     ("196503", "bad_date"), ("1965年", "bad_date"), (True, "bad_date"), (A[:17], "bad_date"), (A + "4", "bad_date"),
     (A[:17] + "7", "bad_date"), ("106001196513120011", "bad_date"), ("140699651312001", "bad_date"),
     ("999999196503120010", "bad_date"), (A + "99", "bad_date"), ("待核实", "bad_date"), ("不详", "bad_date")],
)  # fmt: skip
def test_no_birth_date(raw, code):
    caught = error(lambda: birth_date(raw))
    assert caught.code in {code, "unverified" if raw == "待核实" else code}


@given(numbers)
def test_the_birth_date_of_a_number(number):
    assert birth_date(number).strftime("%Y%m%d").zfill(8) == number[6:14]


@pytest.mark.parametrize(
    ("birth", "day", "years"),
    [("1965-03-12", "2025-03-11", 59), ("1965-03-12", "2025-03-12", 60), ("2004-02-29", "2022-02-28", 17),
     ("2004-02-29", "2022-03-01", 18), ("2004-02-29", "2024-02-29", 20), ("2022-01-01", "2022-01-01", 0),
     ("2022-12-31", "2023-01-01", 0)],
)  # fmt: skip
def test_full_years(birth, day, years):
    assert full_years(dt.date.fromisoformat(birth), dt.date.fromisoformat(day)) == years


def test_no_age_before_birth():
    assert error(lambda: full_years(dt.date(2022, 1, 2), dt.date(2022, 1, 1))).code == "inconsistent"


@given(st.dates(dt.date(1900, 1, 1)), st.dates(dt.date(1900, 1, 1)))
def test_an_age_grows_by_one_a_year(one, other):
    birth, day = sorted((one, other))
    years = full_years(birth, day)
    assert years >= 0
    if day.year < 9999 and (day.month, day.day) != (2, 29):
        assert full_years(birth, day.replace(year=day.year + 1)) == years + 1


# ---- disability


@pytest.mark.parametrize(
    ("raw", "told"),
    [(A + "11", ("视力", "一级")), (A + "74", ("多重", "四级")), (A + "43B1", ("肢体", "三级")), (A, None),
     (A + "83", None), (A + "45", None), (None, None), ("无", None), (int(A), None)],
)  # fmt: skip
def test_disabilities(raw, told):
    assert disability(raw) == told


# ---- without python-stdnum


def test_the_remedy_without_the_library(monkeypatch):
    monkeypatch.setitem(sys.modules, "stdnum.cn", None)
    caught = error(lambda: id_check(A))
    assert caught.code == "not_specified"
    assert "pip install python-stdnum" in caught.message
    assert person_number(A) == A
    assert mask_id(A) == "140699********0016"
