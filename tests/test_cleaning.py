"""What the cells of a ledger mean. The numbers of persons, phones and accounts are made up."""
import copy
import datetime as dt
import gc
import pickle
import re
import tomllib
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings, strategies as st
from invented import completed

from xl_poverty import CellError
from xl_poverty.formulas import identity
from xl_poverty.formulas.places import CLASS_WORDS, UNKNOWN
from xl_poverty.formulas.signatures import plain_arguments
from xl_poverty.ledger import cleaning
from xl_poverty.ledger.cleaning import (
    BLANK,
    UNUSABLE,
    VALUE,
    Words,
    account,
    clean_column,
    date,
    flag,
    gone,
    head,
    key,
    money,
    months,
    name,
    nil,
    number,
    person_number,
    phone,
    plain_cell,
    text,
    word,
    words,
)
from xl_poverty.ledger.fields import Field, fields

KINDS = {
    "money": money, "number": number, "months": months, "date": date, "person_number": person_number, "phone": phone,
    "account": account, "key": key, "name": name, "text": text, "word": lambda raw: word(raw, "destination"),
    "words": lambda raw: words(raw, "health"),
}  # fmt: skip
ALL = pytest.mark.parametrize("clean", KINDS.values(), ids=KINDS)


A = completed("14069919650312001")


def value(clean):
    assert clean.state == VALUE, clean
    return clean.value


def refused(clean, reason=None):
    assert clean.state == UNUSABLE and clean.value is None, clean
    assert "请" in clean.reason
    if reason:
        assert clean.reason == reason
    return clean.reason


# ---- the three states


@ALL
@pytest.mark.parametrize("raw", [None, "", " ", "　\n", "\u200b", float("nan"), Decimal("NaN"), np.nan, pd.NA, pd.NaT])
def test_a_blank_is_a_blank(clean, raw):
    assert clean(raw).state == BLANK and clean(raw).value is None


@ALL
@pytest.mark.parametrize("raw", ["-", "－", "/", "—", "——", " - ", "无", "空", "未", "NULL", "nan", "暂无"])
def test_marks_for_nothing(clean, raw):
    assert clean(raw).state == BLANK
    assert clean(raw).raw == raw


@pytest.mark.parametrize("zero", [0, 0.0, "0", "0.00", "０", "0元", np.int64(0)])
def test_zero_is_a_value(zero):
    assert value(money(zero)) == 0


@ALL
@pytest.mark.parametrize("raw", ["#N/A", " #name? ", "#DIV/0!", CellError("missing", "缺少“月工资”：请填写")])
def test_an_error_cell_is_no_value(clean, raw):
    assert "错误值#" in refused(clean(raw))


@ALL
@pytest.mark.parametrize("raw", [[1], {"a": 1}, (1, [2])])
def test_what_is_no_cell(clean, raw):
    refused(clean(raw))


@ALL
def test_equal_cells_of_different_kinds_are_kept_apart(clean):
    for raw in (1, 1.0, True, Decimal(1), 1, True, 1.0):
        assert type(clean(raw).raw) is type(raw)


@ALL
@given(st.one_of(st.text(), st.integers(), st.floats(), st.booleans(), st.dates(), st.datetimes(), st.times()))
def test_anything_ends_in_one_of_three_states(clean, raw):
    result = clean(raw)
    assert result.state in (VALUE, BLANK, UNUSABLE)
    assert (result.state == UNUSABLE) <= bool(result.reason)
    assert not re.search(r"\d{5}", result.reason)


@ALL
@given(st.from_regex(r"[0-9X]{7,22}", fullmatch=True), st.sampled_from(["", "a", "元", "、", "张"]), st.integers(1, 6))
def test_no_reason_repeats_a_number(clean, digits, dirt, place):
    reason = clean(digits[:place] + dirt + digits[place:]).reason
    assert digits[-5:] not in reason and digits[:5] not in reason


# ---- money and numbers


@pytest.mark.parametrize(
    ("raw", "unit", "amount", "precision"),
    [
        ("1,200元", "元", 1200, ""),
        ("1，200元", "元", 1200, ""),
        ("0.15万元", "元", 1500, ""),
        ("1500元/月", "元", 1500, "月"),
        ("1500/月", "元", 1500, "月"),
        ("每月1500元", "元", 1500, "月"),
        ("元/月和数", "元", None, ""),
        ("18000元/年", "元", 18000, "年"),
        ("300元/人/年", "元", 300, "人/年"),
        ("300元/人·年", "元", 300, "人/年"),
        ("1500", "元/月", 1500, "月"),
        ("1500/月", "元/月", 1500, "月"),
        ("1500元/年", "元/月", None, ""),
        ("0.15", "万元", 1500, ""),
        (0.15, "万元", 1500, ""),
        (0.15, "（万元）", 1500, ""),
        ("0.15万元", "万元", 1500, ""),
        ("1500元", "万元", None, ""),
        ("¥1500", "万元", None, ""),  # a wrongly placed ¥
        ("¥1,500.50", "元", Fraction(3001, 2), ""),
        ("1500¥", "元", None, ""),
        ("¥3万", "元", 30000, ""),
        ("3千元", "元", 3000, ""),
        ("2百元", "元", 200, ""),
        ("1.2亿元", "元", 120000000, ""),
        ("1500元整", "元", 1500, ""),
        ("２０００元", "元", 2000, ""),
        (" 2000 元\n", "元", 2000, ""),
        ("-500", "元", -500, ""),
        ("－500", "元", -500, ""),
        ("−500", "元", -500, ""),
        ("（1,200）", "元", -1200, ""),
        ("(500.5)", "元", Fraction(-1001, 2), ""),
        ("-¥500", "元", -500, ""),
        ("-¥-500", "元", None, ""),
        (1200.1, "元", Fraction(12001, 10), ""),
        (Decimal("0.1"), "元", Fraction(1, 10), ""),
        (np.float64(3.5), "元", Fraction(7, 2), ""),
        (10**12 - 1, "元", 10**12 - 1, ""),
        (10**12, "元", None, ""),
        (1e12, "元", None, ""),
        ("140699196503120010", "元", None, ""),
        ("10000亿元", "元", None, ""),
        (True, "元", None, ""),
        (float("inf"), "元", None, ""),
        ("5亩", "元", None, ""),
        ("80%", "元", None, ""),
        ("5", "亩", None, ""),
        ("6个月", "元", None, ""),
    ],
)
def test_money(raw, unit, amount, precision):
    clean = money(raw, unit)
    if amount is None:
        refused(clean)
    else:
        assert (value(clean), clean.precision) == (amount, precision)
        assert isinstance(clean.value, int) or clean.value.denominator > 1


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        ("2000-3000", cleaning.RANGE),
        ("2000－3000元", cleaning.RANGE),
        ("2000~3000", cleaning.RANGE),
        ("2000～3000", cleaning.RANGE),
        ("2000—3000", cleaning.RANGE),
        ("2000至3000元/月", cleaning.RANGE),
        ("2000元到3000元", cleaning.RANGE),
        ("1,200-1,500", cleaning.RANGE),
        ("2-3千", cleaning.RANGE),
        ("约500", cleaning.ABOUT),
        ("500左右", cleaning.ABOUT),
        ("500元左右", cleaning.ABOUT),
        ("500多元", cleaning.ABOUT),
        ("3000余元", cleaning.ABOUT),
        ("不足1000", cleaning.BOUND),
        ("1000以上", cleaning.BOUND),
        ("1000元/月以上", cleaning.BOUND),
        ("＞1000", cleaning.BOUND),
        ("1000+", cleaning.BOUND),
        ("月入3千", cleaning.SPOKEN),
        ("500、600", cleaning.SEVERAL),
        ("500 600", cleaning.SEVERAL),
        ("1 200", cleaning.SEVERAL),
        ("500/600", cleaning.SEVERAL),
        ("500\n600", cleaning.SEVERAL),
        ("500元,600元", cleaning.SEVERAL),
        ("3万5", cleaning.SEVERAL),
        ("12,34", cleaning.UNCLEAR),
        ("1.5w", cleaning.UNCLEAR),
        ("①500", cleaning.UNCLEAR),
        ("12²", cleaning.UNCLEAR),
        ("½", cleaning.NOT_NUMBER),
        ("007", cleaning.CODE),
        ("三千元", cleaning.CHINESE),
        ("很多", cleaning.NOT_NUMBER),
        ("1.5E+3", cleaning.EXPONENT),
        ("2023-01-01", cleaning.IS_DATE),
        ("2023年1月", cleaning.IS_DATE),
        (dt.date(2023, 1, 1), cleaning.IS_DATE),
        ("待核实", cleaning.UNDECIDED),
    ],
)
def test_what_is_no_amount_is_told_as_what_it_is(raw, reason):
    refused(money(raw), reason)
    refused(number(raw), reason)


@pytest.mark.parametrize(
    ("raw", "unit", "expected"),
    [
        ("3.5亩", "", Fraction(7, 2)),
        ("2公顷", "", 30),
        ("2公顷", "亩", 30),
        (2, "公顷", 30),
        ("2公顷", "公顷", 30),
        ("30亩", "公顷", None),
        ("4人", "", 4),
        ("4口", "人", 4),
        ("4人", "户", None),
        ("2户", "户", 2),
        ("3个", "", 3),
        ("12头", "头", 12),
        ("80%", "", Fraction(4, 5)),
        ("80％", "%", Fraction(4, 5)),
        (80, "%", Fraction(4, 5)),
        (0.8, "%", None),  # 0.8% or a cell formatted as percent
        ("0.8%", "%", Fraction(1, 125)),
        ("120㎡", "平方米", 120),
        ("1500元", "元", 1500),
        ("5千克", "公斤", 5),
        (3, "个人啥", None),
    ],
)
def test_numbers(raw, unit, expected):
    if expected is None:
        refused(number(raw, unit))
    else:
        assert value(number(raw, unit)) == expected


plain = st.decimals(min_value=0, max_value=10**7, places=4, allow_nan=False).map(lambda d: d.normalize())
UNITS = {"": 1, "元": 1, "百元": 100, "千元": 1000, "万元": 10**4, "万": 10**4, "亿元": 10**8, " 万 元": 10**4}


@given(plain, st.sampled_from(sorted(UNITS)), st.booleans())
def test_money_is_exact(amount, unit, wide):
    shown = f"{amount:,f}{unit}"
    if wide:
        shown = "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in shown)
    expected = Fraction(amount) * UNITS[unit]
    clean = money(shown)
    if expected >= 10**12:
        refused(clean, cleaning.LARGE)
    else:
        assert value(clean) == expected


@given(plain, st.sampled_from(["元", "百元", "千元", "万元"]))
def test_money_under_a_unit_is_exact(amount, unit):
    expected = Fraction(amount) * UNITS[unit]
    assert value(money(f"{amount:f}", unit)) == value(money(amount, unit)) == expected
    assert value(money(-amount, unit)) == -expected


@given(st.integers(-(10**12) + 1, 10**12 - 1))
def test_whole_numbers_of_every_kind(n):
    assert value(money(n)) == value(money(str(n))) == value(money(f"{n}.0")) == value(money(f"{n:,}")) == n
    assert value(number(float(n))) == n


amounts = st.one_of(st.integers(0, 99999).map(str), st.decimals(0, 9999, places=2).map(str))
dashes = st.sampled_from(["-", "~", "～", "—", "——", "–", "至", "到", "－", " - ", "、", "/", " ", ";", "或", "+", "*"])
ends = st.sampled_from(["", "元", "万元", "元/月", "左右", "人", "个月"])


@given(amounts, ends, dashes, amounts, ends)
def test_never_a_value_from_two_numbers(low, unit, dash, high, end):
    cell = f"{low}{unit}{dash}{high}{end}"
    for clean in (money(cell), number(cell), money(cell, "万元")):
        refused(clean)


HEDGES = ["约{}", "{}左右", "不足{}", "{}以上", "近{}元", "{}余元", "≥{}", "{}元以内", "月均{}元", "{}?"]


@given(amounts, st.sampled_from(HEDGES))
def test_never_a_value_from_about(amount, frame):
    refused(money(frame.format(amount)))
    refused(months(frame.format(amount)))


# ---- months


@pytest.mark.parametrize(
    ("raw", "count"),
    [
        (6, 6),
        (6.0, 6),
        ("6", 6),
        ("6.5", Fraction(13, 2)),
        ("6个月", 6),
        ("６ 个月", 6),
        ("六个月", 6),
        ("十二个月", 12),
        ("6个半月", Fraction(13, 2)),
        ("半个月", Fraction(1, 2)),
        ("半年", 6),
        ("全年", 12),
        ("一年", 12),
        ("两年", 24),
        ("一年半", 18),
        ("1.5年", 18),
        ("2年3个月", 27),
        ("一年零两个月", 14),
        ("3年", 36),
        ("10个月", 10),
        (0, 0),
    ],
)
def test_months(raw, count):
    assert (value(months(raw)), months(raw).precision) == (count, "")


@pytest.mark.parametrize(
    ("raw", "count"),
    [
        ("3月-12月", 10),
        ("3月至12月", 10),
        ("1月～1月", 1),
        ("2023年3月-12月", 10),
        ("2023年3-12月", 10),
        ("2022年11月-2023年3月", 5),
        ("202301-202306", 6),
        ("2023.1.1-2023.6.30", 6),
    ],
)
def test_months_from_one_to_another(raw, count):
    assert (value(months(raw)), months(raw).precision) == (count, "起止")


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        ("3-12月", cleaning.RANGE),
        ("3-6个月", cleaning.RANGE),
        ("10月", cleaning.MONTH_NAME),
        ("11月-3月", cleaning.BACKWARDS),
        ("2023.1.5-2023.6.30", cleaning.MONTHS_PART),
        ("2023年3月至今", cleaning.MONTHS_UNCLEAR),
        ("13月-14月", cleaning.MONTHS_UNCLEAR),
        ("长年", cleaning.MONTHS_UNCLEAR),
        ("180天", cleaning.MONTHS_UNCLEAR),
        ("06", cleaning.MONTHS_UNCLEAR),
        ("约6个月", cleaning.ABOUT),
        ("6个月以上", cleaning.BOUND),
        (37, cleaning.MONTHS_LIMIT),
        ("4年", cleaning.MONTHS_LIMIT),
        (-1, cleaning.MONTHS_LIMIT),
        (202310, cleaning.MONTHS_LIMIT),
        (True, cleaning.BOOLEAN),
        (dt.datetime(2023, 6, 1), cleaning.MONTHS_DATE),
    ],
)
def test_what_is_no_number_of_months(raw, reason):
    refused(months(raw), reason)


# ---- dates


@pytest.mark.parametrize(
    ("raw", "day", "precision"),
    [
        (202210, (2022, 10, 1), "月"),
        (202210.0, (2022, 10, 1), "月"),
        ("202210", (2022, 10, 1), "月"),
        ("202210.0", (2022, 10, 1), "月"),
        (19650312, (1965, 3, 12), "日"),
        (19650312.0, (1965, 3, 12), "日"),
        ("19650312.0", (1965, 3, 12), "日"),
        ("2023年02月", (2023, 2, 1), "月"),
        ("2023年2月份", (2023, 2, 1), "月"),
        ("2018年", (2018, 1, 1), "年"),
        ("2018", (2018, 1, 1), "年"),
        (2018, (2018, 1, 1), "年"),
        ("2023.1.1", (2023, 1, 1), "日"),
        ("2023/1", (2023, 1, 1), "月"),
        ("2023-1", (2023, 1, 1), "月"),
        ("2023.01", (2023, 1, 1), "月"),
        ("2023.10", (2023, 10, 1), "月"),
        (2023.11, (2023, 11, 1), "月"),
        ("2023-01-01 00:00:00", (2023, 1, 1), "日"),
        ("2023-01-01T08:30:00.000", (2023, 1, 1), "日"),
        ("2023年1月1日 8:30", (2023, 1, 1), "日"),
        ("2023 年 1 月 1 日", (2023, 1, 1), "日"),
        ("２０２３－０１－０１", (2023, 1, 1), "日"),
        (44927, (2023, 1, 1), "日"),
        (44927.0, (2023, 1, 1), "日"),
        ("44927", (2023, 1, 1), "日"),
        (44927.75, (2023, 1, 1), "日"),
        (dt.date(2023, 1, 1), (2023, 1, 1), "日"),
        (dt.datetime(2023, 1, 1, 9), (2023, 1, 1), "日"),
        (pd.Timestamp(2023, 1, 1), (2023, 1, 1), "日"),
        (np.datetime64("2023-01-01T00:00:00.000000000"), (2023, 1, 1), "日"),
    ],
)
def test_dates(raw, day, precision):
    clean = date(raw)
    assert (value(clean), type(clean.value), clean.precision) == (dt.date(*day), dt.date, precision)


@pytest.mark.parametrize(
    ("raw", "start", "end", "precision"),
    [
        ("2023年1月-12月", (2023, 1, 1), (2023, 12, 31), "起止"),
        ("2023年1-12月", (2023, 1, 1), (2023, 12, 31), "起止"),
        ("2022年11月至2023年2月", (2022, 11, 1), (2023, 2, 28), "起止"),
        ("2023.1-2023.12", (2023, 1, 1), (2023, 12, 31), "起止"),
        ("202301—202306", (2023, 1, 1), (2023, 6, 30), "起止"),
        ("20230105-20230630", (2023, 1, 5), (2023, 6, 30), "起止"),
        ("2023-01-05-2023-06-30", (2023, 1, 5), (2023, 6, 30), "起止"),
        ("2023/1/5～2023/6/30", (2023, 1, 5), (2023, 6, 30), "起止"),
        ("2023.1.5-6.30", (2023, 1, 5), (2023, 6, 30), "起止"),
        ("2023年1月5日到6月30日", (2023, 1, 5), (2023, 6, 30), "起止"),
        ("2022-2023", (2022, 1, 1), (2023, 12, 31), "起止"),
        ("2023年3月至今", (2023, 3, 1), None, "至今"),
        ("2023.3-至今", (2023, 3, 1), None, "至今"),
        ("2023-03-05至长期", (2023, 3, 5), None, "长期"),
    ],
)
def test_spans(raw, start, end, precision):
    clean = date(raw)
    assert value(clean) == (dt.date(*start), end and dt.date(*end))
    assert clean.precision == precision


@pytest.mark.parametrize(
    ("raw", "precision"),
    [("至今", "至今"), ("长期", "长期"), ("9999-12-31", "长期"), (99991231, "长期"), (dt.date(9999, 12, 31), "长期")],
)
def test_open_dates(raw, precision):
    assert value(date(raw)) is None and date(raw).precision == precision


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        ("2023-02-30", cleaning.NO_SUCH_DAY),
        ("20230230", cleaning.NO_SUCH_DAY),
        (202213, cleaning.NO_SUCH_DAY),
        ("20230200", cleaning.NO_SUCH_DAY),
        ("2203-01-01", cleaning.YEAR_LIMIT),
        (1850, cleaning.YEAR_LIMIT),
        ("23.1.1", cleaning.SHORT_YEAR),
        ("2023.1", cleaning.ONE_OR_TEN),  # 2023.10 typed as a number
        (2023.1, cleaning.ONE_OR_TEN),
        (20233, cleaning.MONTH_OR_SERIAL),
        ("2023-12-31至2023-01-01", cleaning.BACKWARDS),
        ("2023.1-12", cleaning.DATE_UNCLEAR),
        ("1/2/2023", cleaning.DATE_UNCLEAR),
        ("2023年2月底", cleaning.DATE_UNCLEAR),
        ("二〇二三年二月", cleaning.DATE_UNCLEAR),
        ("2023年1月1日、2023年3月1日", cleaning.DATE_UNCLEAR),
        (0, cleaning.DATE_UNCLEAR),
        (3.5, cleaning.DATE_UNCLEAR),
        (True, cleaning.DATE_UNCLEAR),
        (A, cleaning.DATE_UNCLEAR),
        ("待定", cleaning.UNDECIDED),
    ],
)
def test_what_is_no_date(raw, reason):
    refused(date(raw), reason)


SHAPES = [
    "{y}-{m:02}-{d:02}", "{y}-{m}-{d}", "{y}/{m}/{d}", "{y}.{m}.{d}", "{y}{m:02}{d:02}", "{y}{m:02}{d:02}.0",
    "{y}年{m}月{d}日", "{y}年{m:02}月{d:02}", "{y}-{m:02}-{d:02} 00:00:00", " {y} 年 {m} 月 {d} 日",
]  # fmt: skip
days = st.dates(dt.date(1900, 1, 1), dt.date(2100, 12, 31))


@given(days, st.sampled_from(SHAPES))
def test_a_day_comes_back_from_every_shape(day, shape):
    clean = date(shape.format(y=day.year, m=day.month, d=day.day))
    assert (value(clean), clean.precision) == (day, "日")
    assert date(clean.value) == clean


@given(days, st.sampled_from(["{y}{m:02}", "{y}{m:02}.0", "{y}年{m}月", "{y}/{m}", "{y}-{m:02}", "{y}.{m:02}"]))
def test_a_month_comes_back_from_every_shape(day, shape):
    clean = date(shape.format(y=day.year, m=day.month))
    assert (value(clean), clean.precision) == (day.replace(day=1), "月")


@given(st.dates(dt.date(1927, 5, 18), dt.date(2099, 12, 31)))
def test_a_serial_is_its_day_or_a_doubt(day):
    serial = (day - dt.date(1899, 12, 30)).days
    for clean in (date(serial), date(float(serial)), date(str(serial))):
        if clean.state == UNUSABLE:
            assert 19001 <= serial <= 20999 and clean.reason == cleaning.MONTH_OR_SERIAL
        else:
            assert (clean.value, clean.precision) == (day, "日")


@given(days, days, st.sampled_from(SHAPES[:6]), st.sampled_from(["-", "—", "～", "至", "到", "--"]))
def test_spans_of_days(start, end, shape, dash):
    assume(start <= end)
    clean = date(dash.join(shape.format(y=d.year, m=d.month, d=d.day) for d in (start, end)))
    assert (value(clean), clean.precision) == ((start, end), "起止")


# ---- numbers of persons, phones and accounts


WIDE = "".join(chr(ord(c) + 0xFEE0) for c in A)


@pytest.mark.parametrize(
    "raw", [A, f" {A}\n", f"'{A}", f'="{A}"', f'"=""{A}"""', f"G{A}", f"\u200b{A}\t", WIDE]
)
def test_the_key_of_a_person(raw):
    assert value(person_number(raw)) == (A, None)
    assert person_number(raw).reason == ""


@pytest.mark.parametrize("tail", ["43", "43B1", "43b1"])
def test_the_tail_is_a_disability(tail):
    assert value(person_number(A + tail)) == (A, ("肢体", "三级"))


def test_a_small_x():
    number = next(n for n in (completed(f"14069919721021{k:03}") for k in range(1, 999)) if n.endswith("X"))
    assert value(person_number(number.lower())).key == value(person_number(number[:17] + "ｘ")).key == number


@pytest.mark.parametrize(
    "raw", [1.40603e17, 140603196503120000, "1.40603E+17", "140603196503120000", np.float64(1.40603e17)]
)
def test_a_distorted_number_is_no_key(raw):
    assert "失真" in refused(person_number(raw))


@pytest.mark.parametrize(
    "raw", ["999999196503120011", "0" * 18, "1" * 18, "123", "某某", 123456, True, A[:17], A + "1"]
)
def test_what_is_no_number_of_a_person(raw):
    refused(person_number(raw))


def test_doubts_beside_a_number():
    old = person_number(A[:6] + A[8:17])
    assert (old.value.key, old.reason) == (A, cleaning.OLD_NUMBER)
    wrong = A[:17] + ("0" if A[17] != "0" else "1")
    assert value(person_number(wrong)).key == wrong and "校验码" in person_number(wrong).reason
    no_day = completed("14069919650230001")
    assert value(person_number(no_day)).key == no_day and "出生日期" in person_number(no_day).reason


@given(
    st.sampled_from(["106101", "140699", "999999", "860001"]),
    st.one_of(days.map(lambda d: f"{d:%Y%m%d}"), st.from_regex(r"[0-9]{8}", fullmatch=True)),
    st.integers(0, 999),
    st.sampled_from(["", "43", "99", "43B1", "4"]),
    st.booleans(),
)
def test_numbers_are_judged_as_identity_judges_them(area, birth, order, tail, right):
    number = completed(f"{area}{birth}{order:03}")
    raw = (number if right else number[:17] + "5") + tail
    clean = person_number(raw)
    if clean.state == VALUE:
        assert clean.value.key == identity.person_number(raw)
        assert clean.value.disability == identity.disability(raw)
        assert (clean.reason == "") == (identity.id_check(raw) == identity.CORRECT)
    else:
        assert identity.person_number(raw) is None or "失真" in clean.reason


@pytest.mark.parametrize(
    ("raw", "numbers"),
    [
        (15812345678.0, ["15812345678"]),
        (15812345678, ["15812345678"]),
        ("15812345678.0", ["15812345678"]),
        ("138 0000 1234", ["13800001234"]),
        ("138-0000-1234", ["13800001234"]),
        ("+86 13800001234", ["13800001234"]),
        ("８１０８１２３４", ["81081234"]),
        (81081234.0, ["81081234"]),
        ("81081234、81411234", ["81081234", "81411234"]),
        ("13800001234/13900001234", ["13800001234", "13900001234"]),
        ("13800001234 13900001234", ["13800001234", "13900001234"]),
        ("13800001234\n13900001234", ["13800001234", "13900001234"]),
        ("13800001234；13800001234", ["13800001234"]),
        ("0571-81081234", ["057181081234"]),
        ("(0349)6021234", ["03496021234"]),
        ("'13800001234", ["13800001234"]),
    ],
)
def test_phones(raw, numbers):
    assert value(phone(raw)) == tuple(numbers)


@pytest.mark.parametrize(
    "raw",
    ["138****1234", "1.38E+10", "1380000123", "张三13800001234", 57181081234.0, 0, True, 1.5, "13800001234、1", A],
)
def test_what_is_no_phone(raw):
    refused(phone(raw))


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("6217000012345678901", "6217000012345678901"),
        ("6217 0000 1234 5678 901", "6217000012345678901"),
        ("'6217000012345678901", "6217000012345678901"),
        ('="0123456789012"', "0123456789012"),
        (123456789012.0, "123456789012"),
        (123456789012, "123456789012"),
    ],
)
def test_accounts(raw, expected):
    assert value(account(raw)) == expected


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (6217000012345678901.0, cleaning.ACCOUNT_DISTORTED),
        (6217000012345678901, cleaning.ACCOUNT_DISTORTED),
        ("6.217E+18", cleaning.ACCOUNT_DISTORTED),
        ("6217000012345670000", cleaning.ACCOUNT_ZEROS),
        ("12345678901", cleaning.ACCOUNT),
        ("6" * 24, cleaning.ACCOUNT),
        (1.5, cleaning.ACCOUNT),
        ("信用社", cleaning.ACCOUNT),
        (A, cleaning.ACCOUNT_ID),
    ],
)
def test_what_is_no_account(raw, reason):
    refused(account(raw), reason)


@pytest.mark.parametrize("raw", [int(A[:6] + A[8:17]), float(A[:6] + A[8:17])])
def test_an_old_number_that_was_kept_as_a_number(raw):
    assert person_number(raw).value.key == A and "换成18位" in person_number(raw).reason


@pytest.mark.parametrize(
    "raw", ["123456", "999999196503120011", A[:17] + "元", "1" * 15, int("1" * 15), A[:14], "未办证"]
)
def test_what_is_wrong_with_a_number_says_what_to_do(raw):
    refused(person_number(raw))


@given(
    st.from_regex(r"[0-9]{17}", fullmatch=True) | days.map(lambda day: f"140699{day:%Y%m%d}001"),
    st.booleans(),
    st.sampled_from(["", "43", "43B1"]),
)
def test_dirt_around_a_number_changes_nothing(digits, right, tail):
    number = (completed(digits) if right else f"{digits}5") + tail
    for dirty in (f" {number}", f"{number}\t", f"'{number}", f'="{number}"', number.lower(), f"\u200b{number}"):
        assert person_number(dirty) == person_number(number)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("1406030010010001", "1406030010010001"),  # 16 digits as text are whole
        ("1406030001", "1406030001"),
        (1406030001, "1406030001"),
        (1406030001.0, "1406030001"),
        ("1406030001.0", "1406030001"),
        ("'0012", "0012"),
        ('="0012"', "0012"),
        (" 1406 0300 01\n", "1406030001"),
        ("１４０６", "1406"),
        ("h-012", "H-012"),
        ("平01-2", "平01-2"),
        (np.int64(12), "12"),
    ],
)
def test_keys(raw, expected):
    assert value(key(raw)) == expected and key(raw).reason == ""


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (1406030010010001, cleaning.KEY_DISTORTED),
        (1.40603e15, cleaning.KEY_DISTORTED),
        ("1.40603E+15", cleaning.KEY_DISTORTED),
        (12.5, cleaning.KEY),
        (-3, cleaning.KEY),
        (True, cleaning.KEY),
        ("张三", cleaning.KEY),
        ("1、2", cleaning.KEY),
        ("1406*", cleaning.KEY),
        (dt.date(2023, 1, 1), cleaning.KEY),
        ("待补", cleaning.UNDECIDED),
    ],
)
def test_what_is_no_key(raw, reason):
    refused(key(raw), reason)


def test_a_number_of_a_person_as_a_key():
    """Some ledgers know a household by its head; the tail of 20 is not part of it."""
    for raw in (A, A + "43", f" {A}"):
        assert key(raw).value == A and key(raw).reason == cleaning.KEY_ID


# ---- names and text


@pytest.mark.parametrize("raw", ["张三", "张　三", "张 三", " 张三\n", "\u200b张三", "'张三"])
def test_blanks_in_a_name(raw):
    assert value(name(raw)) == ("张三", raw)


@pytest.mark.parametrize("dot", "·•・．‧∙⋅●.")
def test_the_dot_of_a_minority_name(dot):
    raw = f"阿依古丽{dot} 买买提"
    assert value(name(raw)) == ("阿依古丽·买买提", raw)


def test_two_names_or_one():
    """Blanks within a name are for looks; two of several characters may be two persons."""
    for raw in ("张三 李四", "欧阳　建国", "张三\n李四"):
        assert name(raw).value.key == "".join(raw.split()) and name(raw).reason == cleaning.NAME_BLANK
    for raw in ("张 三", "张　三丰", "阿依古丽· 买买提"):
        assert name(raw).reason == ""


HAN = "[\u4e00-\u9fff]"


@given(st.from_regex(f"{HAN}{{1,6}}(·{HAN}{{1,3}})?", fullmatch=True), st.sampled_from(" \t\u200b\u3000'"))
def test_dirt_before_a_name_changes_nothing(plain, dirt):
    assert name(dirt + plain)[:1] == name(plain)[:1] and name(dirt + plain).reason == name(plain).reason
    if name(plain).state == VALUE:
        assert name(dirt + plain).value == (name(plain).value.key, dirt + plain)


def test_rare_characters():
    assert value(name("\ue863三")).key == "\ue863三"
    assert value(name("𬱖")).key == "𬱖"


def test_a_remark_behind_a_name():
    clean = name("张三（已故）")
    assert clean.value == ("张三", "张三（已故）") and clean.reason == cleaning.NAME_REMARK


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        ("何某、何某", cleaning.NAME_SEVERAL),
        ("张三/李四", cleaning.NAME_SEVERAL),
        ("张*三", cleaning.NAME_MASKED),
        ("李?", cleaning.NAME_LOST),
        ("李□", cleaning.NAME_LOST),
        ("13800001234", cleaning.NAME_NUMBER),
        (5.0, cleaning.NAME_NUMBER),
        ("12", cleaning.NAME_NONE),
        ("待核实", cleaning.UNDECIDED),
    ],
)
def test_what_is_no_name(raw, reason):
    refused(name(raw), reason)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (" 示范　5村 ", "示范 5村"),
        ("（自建）", "（自建）"),
        ("a\n b", "a b"),
        (1406010001.0, "1406010001"),
        (12.5, "12.5"),
        ('="0012"', "0012"),
        ("'0012", "0012"),
        (dt.date(2023, 1, 1), "2023-01-01"),
        (dt.datetime(2023, 1, 1), "2023-01-01"),
        ("#1", "#1"),
    ],
)
def test_text(raw, expected):
    assert value(text(raw)) == expected


def test_a_number_that_lost_digits_is_no_text():
    refused(text(1.40603e17), cleaning.DISTORTED)


@given(st.text())
def test_clean_text_is_clean(raw):
    once = text(raw)
    if once.state == VALUE:
        assert text(once.value) == once
    named = name(raw)
    if named.state == VALUE:
        assert name(named.value.key).value == (named.value.key, named.value.key)


# ---- words


@pytest.mark.parametrize(
    ("argument", "raw", "option"),
    [
        ("employed", "√", "是"),
        ("employed", "✓", "是"),
        ("employed", "×", "否"),
        ("employed", "有", "是"),
        ("employed", "无", "否"),
        ("employed", "1", "是"),
        ("employed", "0", "否"),
        ("employed", 1, "是"),
        ("employed", 0.0, "否"),
        ("employed", "1.0", "是"),
        ("employed", True, "是"),
        ("employed", False, "否"),
        ("employed", " 是 ", "是"),
        ("employed", "ＹＥＳ", "是"),
        ("is_labor", "普通劳动力", "是"),
        ("is_labor", "技能劳动力", "是"),
        ("is_labor", "丧失劳动力", "否"),
        ("is_labor", "半劳动力", "弱劳动力或半劳动力"),
        ("is_labor", "弱劳动力、半劳动力", "弱劳动力或半劳动力"),
        ("is_labor", "弱（半）劳动力", "弱劳动力或半劳动力"),
        ("destination", "省外务工", "跨省"),
        ("destination", "乡（镇）内务工", "区内"),
        ("destination", "乡（镇）外县内务工", "区内"),
        ("destination", "县外省内务工", "省内区外"),
        ("household_type", "脱贫户（享受政策）", "脱贫享受政策户"),
        ("household_type", "一般脱贫户", "脱贫户"),
        ("household_type", "边缘户", "边缘易致贫户"),
        ("risk_status", "无", "无"),
        ("risk_status", "风险已消除", "已消除"),
        ("disability_level", "3级", "三级"),
        ("work_place", "广东深圳", "广东省"),
        ("relation", "儿子", "之子"),
        ("relation", "妻", "配偶"),
        ("health", "慢性病", "长期慢性病"),
        ("sex", "男", "男"),
    ],
)
def test_words(argument, raw, option):
    assert value(word(raw, argument)) == option


@pytest.mark.parametrize(
    ("argument", "raw"),
    [
        ("destination", "朔州"),
        ("destination", "省内"),  # at home or not
        ("destination", "其他"),
        ("household_type", "建档立卡户"),
        ("risk_status", "是"),  # what it means is in the header
        ("employed", "待核实"),
        ("employed", 2),
        ("is_labor", dt.date(2023, 1, 1)),
        ("destination", True),
        ("work_place", "朝阳区"),
        ("relation", "亲戚"),
    ],
)
def test_a_word_that_is_not_known(argument, raw):
    refused(word(raw, argument))


def test_not_away_is_no_destination():
    assert word("未外出务工", "destination").state == BLANK


@pytest.mark.parametrize("raw", ["01", "02", 2, 2.0, "3", "100A03001", "2.0"])
@pytest.mark.parametrize("argument", ["is_labor", "destination", "household_type", "health", "sex"])
def test_codes_are_refused_without_a_book(argument, raw):
    assert "代码表" in refused(word(raw, argument))


def test_codes_with_a_book():
    book = "劳动技能（01普通 02技能）"
    for raw in ("01", 1, 1.0, "1", "01.0"):
        assert value(word(raw, "is_labor", codes=book)) == "是"
    assert value(word("03", "is_labor", codes=book)) == "否"
    assert value(word(3, "is_labor", codes="劳动技能（1技能 2普通）")) == "弱劳动力或半劳动力"
    assert value(word("普通劳动力", "is_labor", codes=book)) == "是"
    assert "没有这个代码" in refused(word("09", "is_labor", codes=book))
    assert value(word(2, "destination", codes={"1": "跨省", 2: "省内县外务工"})) == "省内区外"
    refused(word("1", "destination", codes={"1": "跨省", "01": "区内"}))


def test_an_argument_of_a_document():
    own = plain_arguments()["kind"]
    assert value(word("改造老旧温室", own)) == "改造老旧温室"
    assert refused(word("温室", own)).endswith("请填新建日光温室、改造老旧温室、夏秋冷凉蔬菜之一")


@pytest.mark.parametrize(
    "raw",
    ["残疾,长期慢性病", "长期慢性病，残疾", "残疾、 慢性病", "慢性病;残疾;", "残疾/长期慢性病", "残疾 慢性病\n残疾"],
)
def test_several_words_in_any_order(raw):
    assert value(words(raw, "health")) == ("长期慢性病", "残疾")


def test_several_words_one_of_them_wrong():
    refused(words("残疾、别的", "health"))
    refused(words("健康、残疾", "health"), cleaning.ALONE)
    refused(words("残疾,1", "health"))
    assert value(words("健康", "health")) == ("健康",)
    assert value(words("弱劳动力、半劳动力", "is_labor")) == ("弱劳动力或半劳动力",)
    assert value(words("1,4", "disability_category", codes="残疾类别")) == ("视力", "肢体")


def test_every_option_and_synonym_is_read():
    for argument in plain_arguments().values():
        if argument.finite:
            for spelling, option in [*((o, o) for o in argument.options), *argument.synonyms.items()]:
                if spelling in ("1", "0") and len(argument.options) > 2:  # may be a code, of 劳动技能 for one
                    assert word(spelling, argument).state == UNUSABLE
                else:
                    assert value(word(spelling, argument)) == option, (argument.name, spelling)


def test_destinations_agree_with_places():
    """What both know of, they know alike."""
    for place, spellings in CLASS_WORDS.items():
        for spelling in spellings:
            clean = word(spelling, "destination")
            assert clean.state == UNUSABLE or (clean.value == place != UNKNOWN), spelling


# ---- marks of 是 and 否, and the words of ledgers


@pytest.mark.parametrize("raw", ["是", "有", "√", "✔", 1, 1.0, "1", True, "TRUE", "已参加", " 是 ", '="是"'])
def test_yes(raw):
    assert value(flag(raw)) == "是"


@pytest.mark.parametrize("raw", ["否", "无", "×", 0, "0", "0.0", False, "N", "没有", "未参加", "尚未实施"])
def test_no(raw):
    assert value(flag(raw)) == "否"


@pytest.mark.parametrize("raw", [None, "", "-", "/", "——", float("nan")])
def test_neither(raw):
    assert flag(raw).state == BLANK


@pytest.mark.parametrize("raw", ["待核实", 2, "02", "部分", dt.date(2023, 1, 1), "#N/A"])
def test_what_is_no_mark(raw):
    refused(flag(raw))


@pytest.mark.parametrize(
    ("column", "raw", "option"),
    [
        ("education", "初中", "初中"),
        ("education", "文盲", "文盲或半文盲"),
        ("education", "文盲、半文盲", "文盲或半文盲"),
        ("education", "高中（含职业高中、技校）", "高中"),
        ("education", "大专（含高职或高专）", "大专"),
        ("education", "高职高专", "大专"),
        ("education", "本科及研究生及以上", "本科及以上"),
        ("school", "七年级", "七年级"),
        ("school", "普通高中二年级", "普通高中二年级"),
        ("school", "高二", "普通高中二年级"),
        ("school", "特殊学校", "特殊学校"),
        ("school", "特殊教育学校", "特殊学校"),
        ("school", "技师学院四年级", "技师学院四年级"),
        ("dibao", "农村低保", "农村低保"),
        ("dibao", "城镇低保", "城市低保"),
        ("dibao", "是", "低保"),
        ("dibao", "√", "低保"),
        ("dibao", True, "低保"),
        ("dibao", "否", "未享受"),
        ("dibao", "无", "未享受"),
        ("dibao", "未享受", "未享受"),
        ("tekun", "不享受", "不享受"),
        ("tekun", "未享受", "不享受"),
        ("tekun", "农村五保", "农村特困"),
        ("tekun", "分散供养", "特困"),
        ("status", "正常", "正常"),
        ("status", "去世", "死亡"),
        ("status", "户口迁出", "迁出"),
        ("status", "失踪", "失联"),
        ("status", "服刑", "服刑"),
        ("status", "自然增加", "自然增加"),
        ("monitor_type", "边缘户", "边缘易致贫户"),
        ("monitor_type", "监测对象", "监测户"),
        ("relation", "本人或户主", "户主"),
    ],
)
def test_words_of_ledgers(column, raw, option):
    assert value(word(raw, column)) == option


@pytest.mark.parametrize(
    ("column", "raw"),
    [
        ("education", "大专及以上"),  # 大专 or 本科
        ("education", "大学"),
        ("school", "在校生"),
        ("school", "高中"),  # which year?
        ("school", "三年级"),
        ("dibao", "1"),  # a code: systems number differently
        ("dibao", 0),
        ("dibao", "已停保"),
        ("tekun", "2"),
        ("status", "出嫁"),
        ("status", "减少"),
        ("monitor_type", "是"),
        ("monitor_type", 0),
        ("risk", "01"),
    ],
)
def test_words_of_ledgers_that_leave_it_open(column, raw):
    refused(word(raw, column))


@pytest.mark.parametrize("column", ["education", "school", "status", "monitor_type", "risk", "health"])
@pytest.mark.parametrize("raw", ["-", "", "/", "——", "\u3000", None])
def test_fillers_are_blanks(column, raw):
    assert word(raw, column).state == BLANK


@pytest.mark.parametrize(
    ("column", "raw"), [("school", "非在校生"), ("school", "否"), ("monitor_type", "否"), ("monitor_type", "×"),
                        ("monitor_type", False), ("monitor_type", "非监测对象"), ("monitor_type", "无")],
)  # fmt: skip
def test_words_for_none(column, raw):
    assert word(raw, column).state == BLANK


def test_long_lists_of_options_are_not_repeated():
    assert "七年级" in refused(word("初中", "school")) and len(word("初中", "school").reason) < 60


def test_risks():
    assert value(words("缺劳力、因病，因自然灾害", "risk")) == ("因病", "因灾", "缺劳动力")
    assert value(words("住房安全", "risk")) == ("因安全住房",)
    remarked = words("因病,其他（家中失火）", "risk")
    assert value(remarked) == ("因病", "其他") and remarked.reason == cleaning.WORD_REMARK
    refused(words("因病（住院）", "risk"))
    refused(words("因病、致富", "risk"))


@pytest.mark.parametrize("raw", ["死亡", "自然减少", "迁出", "去世", "户口迁出", " 死亡 ", "已故"])
def test_who_has_left(raw):
    assert gone(raw) in ("死亡", "自然减少", "迁出")


@pytest.mark.parametrize("raw", [None, "", "正常", "失联", "服刑", "自然增加", "出嫁", "-", 1, "#N/A", [1]])
def test_who_has_not_left(raw):
    assert gone(raw) == ""


def test_the_head():
    assert all(map(head, ("户主", "本人或户主", " 户主", "本人")))
    assert not any(map(head, (None, "", "配偶", "01", 1, "户主之子")))


def test_nothing_is_said():
    assert all(map(nil, (None, "", "无", "否", "/", "-", "—", "——", "不是", "×", False, float("nan"), " 无 ")))
    assert not any(map(nil, ("是", 0, "0", "脱贫户", "待核实", "#N/A", True, dt.date(2023, 1, 1))))


@pytest.mark.parametrize(
    "raw", [None, float("nan"), np.nan, np.float32("nan"), Decimal("NaN"), pd.NA, pd.NaT, np.datetime64("NaT")]
)
def test_a_cell_of_nothing(raw):
    assert plain_cell(raw) is None


@pytest.mark.parametrize("raw", ["", "-", "nan", 0, False, 0.0, float("inf"), dt.date(2023, 1, 1), np.float32(1.5)])
def test_a_cell_that_stays_as_it_is(raw):
    assert plain_cell(raw) is raw


def test_an_error_stays_as_it_is():
    error = CellError("missing", "缺少“月工资”：请填写")
    assert plain_cell(error) is error


# ---- armour of exports, around every kind of cell


@pytest.mark.parametrize(
    ("clean", "raw"),
    [
        (money, "1,200.5元"),
        (money, "2000-3000"),
        (number, "12"),
        (months, "半年"),
        (date, "2023年02月"),
        (flag, "是"),
        (lambda raw: words(raw, "health"), "残疾,长期慢性病"),
        (phone, "13800001234"),
        (account, "6217000012345678901"),
        (money, "-"),
        (money, ""),
    ],
)
def test_armour(clean, raw):
    for armoured in (f'="{raw}"', f'"{raw}"', f"'{raw}", f'="{raw}"\t'):
        assert clean(armoured) == clean(raw)


# ---- units of the header


@pytest.mark.parametrize(
    ("raw", "unit", "count"),
    [
        (6, "月", 6),
        (6, "个月", 6),
        (1.5, "年", 18),
        ("1", "（年）", 12),
        ("6个月", "年", 6),
        ("半年", "天", 6),
        (6, "元", 6),  # the line 单位：元 is about other columns
    ],
)
def test_months_under_a_unit(raw, unit, count):
    assert value(months(raw, unit)) == count


@pytest.mark.parametrize(("raw", "unit"), [(20, "天"), ("20", "日"), (3, "亩"), (4, "年")])
def test_what_is_no_month_under_a_unit(raw, unit):
    refused(months(raw, unit))


@pytest.mark.parametrize(
    ("raw", "unit", "of", "expected"),
    [
        (3.5, "", "亩", Fraction(7, 2)),
        ("3.5亩", "", "亩", Fraction(7, 2)),
        (2, "公顷", "亩", 30),
        ("2公顷", "", "亩", 30),
        (3, "万元", "亩", None),  # the amounts' line does not count fields
        ("3元", "", "亩", None),
        (3, "户", "人", None),
        (66, "岁", "周岁", 66),
        (5, "", "所没有的", 5),
    ],
)
def test_numbers_of_something(raw, unit, of, expected):
    clean = number(raw, unit, of)
    if expected is None:
        refused(clean)
    else:
        assert value(clean) == expected


@given(st.floats(allow_nan=False, allow_infinity=False) | st.decimals(-(10**11), 10**11, places=4).map(float))
def test_a_float_is_what_it_is_written_as(x):
    exact = Fraction(repr(x))
    if abs(exact) < 10**12:
        found = value(money(x))
        assert found == exact and hash(found) == hash(exact) and found + 1 == exact + 1
        assert isinstance(found, int) or (found.numerator, found.denominator) == (exact.numerator, exact.denominator)
    else:
        refused(money(x), cleaning.LARGE)


# ---- whole columns


def field_of(kind: str, unit: str = "", words: str = "") -> Field:
    return Field("some_column", "某列", kind, ("某列",), unit, words)


COLUMNS = {
    "key": (field_of("key"), "", key),
    "id": (field_of("id"), "", person_number),
    "name": (field_of("name"), "", name),
    "phone": (field_of("phone"), "", phone),
    "account": (field_of("account"), "", account),
    "date": (field_of("date"), "", date),
    "months": (field_of("months"), "", months),
    "months 年": (field_of("months"), "年", lambda raw: months(raw, "年")),
    "money": (field_of("money", "元"), "", money),
    "money 万元": (field_of("money", "元"), "万元", lambda raw: money(raw, "万元")),
    "money 元/月": (field_of("money", "元"), "元/月", lambda raw: money(raw, "元/月")),
    "money 亩": (field_of("money", "元"), "亩", lambda raw: money(raw, "亩")),
    "number": (field_of("number"), "", number),
    "number 亩": (field_of("number", "亩"), "", lambda raw: number(raw, "", "亩")),
    "number 公顷": (field_of("number", "亩"), "公顷", lambda raw: number(raw, "公顷", "亩")),
    "number %": (field_of("number"), "%", lambda raw: number(raw, "%")),
    "flag": (field_of("flag"), "", flag),
    "flag of an argument": (fields()["returned"], "", lambda raw: word(raw, "returned")),
    "place": (field_of("place"), "", text),
    "text": (field_of("text"), "", text),
    "word": (field_of("word", words="relation"), "", lambda raw: word(raw, "relation")),
    "word of an argument": (field_of("word", words="household_type"), "", lambda raw: word(raw, "household_type")),
    "words": (field_of("words", words="health"), "", lambda raw: words(raw, "health")),
}  # fmt: skip

PLAIN = st.one_of(
    st.sampled_from(
        [
            A, A + "43", A + "43B1", A[:17], A[:6] + A[8:17], WIDE, "999999196503120011", "140603196503120000",
            "1" * 18, "13800001234", "81081234", "0571-81081234", "6217000012345678901", "6217000012345670000",
            "123456789012345678", "张三", "阿依古丽·买买提", "张　三", "张三 李四", "暂无", "待定", "无", "-", "是",
            "√", "健康", "残疾,长期慢性病", "户主", "边缘户", "1,200元", "0.15万元", "2000-3000", "007", "1.5E+3",
            "80%", "3.5亩", "半年", "3-12月", "2023年02月", "20230201", "2023-02-01", "2023-02-30", "9999-12-31",
            "44927", "2023.1", "至今", "2023年1月-12月", "2023-W01-1", "#N/A", '="12"', "示范村（5组）", "①500", "0",
            "0.00", "-5", ".5", "1.", "-0", "nan", "NULL", "ABC", "a1",
        ]
    ),
    st.from_regex(r"-?[0-9]{1,20}(\.[0-9]{0,4})?", fullmatch=True),
    st.from_regex(r"(19|20)[0-9]{6}", fullmatch=True),
    st.dates().map(str),
    st.from_regex(r"1406991[0-9]{10}", fullmatch=True).map(completed),
    st.from_regex(r"[\u4e00-\u9fff]{1,5}", fullmatch=True),
)  # fmt: skip
DIRT = st.sampled_from([*" 　\t\n'\u200b\"x、元１=`\x1c²", "", ".0"])
ODD = [
    pd.NA, pd.NaT, np.int64(5), np.float64(1.5), np.datetime64("2023-01-01"), [1], {}, CellError("nan", "不是有效数字"),
]  # fmt: skip
CELLS = st.one_of(
    PLAIN,
    st.tuples(DIRT, PLAIN, DIRT).map("".join),
    st.tuples(PLAIN, DIRT, PLAIN).map("".join),
    st.text(max_size=20),
    st.integers(-(10**6), 10**6),
    st.integers(10**6, 10**20),
    st.integers(19000101, 21001231),
    st.floats(),
    st.integers(0, 10**16).map(float),
    st.decimals(0, 10**6, places=2).map(float),
    st.booleans(),
    st.none(),
    st.dates(),
    st.datetimes(),
    st.datetimes(timezones=st.just(dt.UTC)),
    st.times(),
    st.decimals(allow_nan=True),
    st.sampled_from(ODD),
)


@settings(max_examples=400, deadline=None)
@given(st.lists(CELLS, max_size=10))
def test_a_column_is_its_cells(cells):
    for column, (field, unit, single) in COLUMNS.items():
        found = clean_column(field, cells, unit)
        expected = [single(raw) for raw in cells]
        assert found == expected, column
        assert [type(clean.value) for clean in found] == [type(clean.value) for clean in expected], column
        assert [type(clean.raw) for clean in found] == [type(raw) for raw in cells], column


@pytest.mark.parametrize("name", fields())
def test_every_field_can_be_cleaned(name):
    field = fields()[name]
    blank, mark, undecided = clean_column(field, [None, "——", "待核实"])
    assert blank.state == mark.state == BLANK
    assert undecided.state == (VALUE if field.kind in ("text", "place") else UNUSABLE)


def test_a_whole_column_of_numbers_of_persons():
    births = [dt.date(1930, 1, 1) + dt.timedelta(11 * k) for k in range(3000)]
    numbers = [completed(f"9900{k % 90 + 10}{birth:%Y%m%d}{k % 1000:03}") for k, birth in enumerate(births)]
    cells = [*numbers, *(n + "43" for n in numbers), *(n.lower() for n in numbers), *(f"'{n}" for n in numbers)]
    cells += [n[:17] + ("1" if n[17] != "1" else "2") for n in numbers]
    found = clean_column(field_of("id"), cells)
    assert [clean.value.key for clean in found[:12000]] == numbers * 4
    assert all(clean.reason == "" for clean in found[:12000])
    assert all("校验码" in clean.reason or clean.state == UNUSABLE for clean in found[12000:])


def test_no_such_kind():
    with pytest.raises(ValueError, match="kind"):
        clean_column(field_of("colour"), ["红"])
    with pytest.raises(KeyError):
        clean_column(field_of("word", words="nobody"), ["红"])


def test_the_collector_is_left_as_it_was():
    assert gc.isenabled()
    clean_column(field_of("id"), [A])
    assert gc.isenabled()
    with pytest.raises(ValueError):
        clean_column(field_of("colour"), ["红"])
    assert gc.isenabled()
    gc.disable()
    try:
        clean_column(field_of("id"), [A])
        assert not gc.isenabled()
    finally:
        gc.enable()


# ---- the table


def data() -> dict:
    return copy.deepcopy(tomllib.loads(cleaning.FILE.read_text(encoding="utf-8")))


def test_every_code_means_a_word():
    known = {
        "劳动技能": "is_labor", "务工区域": "destination", "性别": "sex", "残疾类别": "disability_category",
        "残疾等级": "disability_level",
    }  # fmt: skip
    for book, codes in data()["codes"].items():
        argument = known[book.partition("（")[0]]
        for code, meaning in codes.items():
            clean = word(code, argument, codes=book)
            assert clean.state == VALUE or meaning == "其他"


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d["marks"]["是"].append("无"),
        lambda d: d["arguments"]["household_type"]["脱贫户"].append("边缘户"),
        lambda d: d["arguments"]["risk_status"]["已消除"].append(" 未 消除"),  # against the contract
        lambda d: d["arguments"]["risk_status"].update({"不知": ["不知道"]}),
        lambda d: d["arguments"].update({"nobody": {}}),
        lambda d: d["open"]["destination"].append("外省"),
        lambda d: d["none"]["destination"].append("省内"),
        lambda d: d["words"]["health"]["options"]["残疾"].append("大病"),
        lambda d: d["words"]["dibao"]["options"]["未享受"].append("享受"),
        lambda d: d["words"]["dibao"]["marks"].update({"是": "补助"}),
        lambda d: d["words"]["status"]["gone"].append("搬走"),
        lambda d: d["words"]["status"]["open"].append("去世"),
        lambda d: d["words"]["school"]["none"].append("小学"),
        lambda d: d["words"]["monitor_type"].update({"none": ["监测户"]}),
        lambda d: d["words"].update({"returned": {"label": "返乡", "options": {}}}),
        lambda d: d["units"]["亩"].update({"10": ["公顷"]}),
        lambda d: d["units"]["元"]["1"].append("万"),
        lambda d: d["per"]["年"].append("月"),
        lambda d: d["nil"]["words"].append("待定"),
        lambda d: d["dates"]["open"]["长期"].append("至今"),
        lambda d: d["codes"]["性别"].update({"01": "女"}),
        lambda d: d["months"]["digits"]["3"].append("两"),
    ],
)
def test_a_spelling_with_two_meanings_is_refused(change):
    changed = data()
    change(changed)
    with pytest.raises(ValueError, match=r"words\.toml"):
        Words(changed)


def test_a_clean_says_nothing_of_the_cell():
    clean = money("13800001234x")
    assert "1380" not in repr(clean)
    with pytest.raises(AttributeError):
        clean.state = VALUE


def test_a_clean_is_what_it_means():
    """Where a value came from is told and not compared."""
    one, other = money("1200"), money("1,200元")
    assert one == other and (one != other) is False and hash(one) == hash(other)
    assert one.raw != other.raw
    assert one != money("1200元/月") and one != ("value", 1200, "", "", "1200") and one is not None
    assert "1,200" not in repr(other) and "1200" in repr(other)
    assert pickle.loads(pickle.dumps(other)) == other


def test_a_number_stands_in_the_unit_of_its_field():
    """购煤吨数: two tons are 2, not 2000 公斤."""
    tons = Field("coal_tons", "购煤吨数", "number", ("购煤吨数",), "吨")
    found = clean_column(tons, [2, "1.5吨", 0.25, "500公斤"])  # another unit than the header's is asked about
    assert [clean.value for clean in found] == [2, Fraction(3, 2), Fraction(1, 4), None]
    assert [clean.value for clean in clean_column(tons, [800], "公斤")] == [Fraction(4, 5)]
