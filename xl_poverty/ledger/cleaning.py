"""What a cell of a ledger means: a value, a blank, or nothing that can be used, with the reason and the remedy.

One function per kind of column, one cell at a time. Nothing is guessed: what can be read in two ways is unusable and
says so. A blank is never 0. No reason repeats what stands in the cell, which may be somebody's number. The spellings,
marks and units stand in words.toml.
"""
from __future__ import annotations

import calendar
import datetime as dt
import math
import re
import tomllib
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from functools import cache, cached_property, lru_cache, wraps
from itertools import chain
from operator import mul
from pathlib import Path
from typing import Any, NamedTuple

from ..errors import CellError
from ..formulas import identity, values
from ..formulas.signatures import plain_arguments
from ..rules.arguments import TOO_LARGE, Argument, fold
from ..rules.expressions import exact

FILE = Path(__file__).with_name("words.toml")

VALUE, BLANK, UNUSABLE = "value", "blank", "unusable"

#: precisions of a date and of months
DAY, MONTH, YEAR, SPAN = "日", "月", "年", "起止"
UNTIL_NOW, LASTING = "至今", "长期"

# ---- reasons, for a caller that sorts by them; some name the unit or the choices besides

NO_CELL = "不是单元格的值，请改成文字或数字"
INFINITE = "是无穷大，请改正"
BOOLEAN = "是 TRUE 或 FALSE，请填数字"
UNDECIDED = "写明还没有核实，请核实后填写"
RANGE = "是一个范围，请核实后填一个确定的数"
ABOUT = "是约数，请核实后填确定的数"
BOUND = "只说了上限或下限，请核实后填确定的数"
SPOKEN = "是口头说法，请填确定的数，写明单位和按月还是按年"
SEVERAL = "一格里有几个数，请分开填，或填一个确定的数"
CODE = "数字前面有0，像是编号，请填数字"
EXPONENT = "是科学记数，数字可能已不全，请照原件重填"
PERCENT = "分不清是百分数还是小数，请连百分号一起填，如80%"
CHINESE = "是中文数字，请用阿拉伯数字填写"
NOT_NUMBER = "不是数字，请填数字"
UNCLEAR = "认不清是多少，请只填数字，单位写在表头"
LARGE = "大得不合理，是否误填了证件号码、电话或账号，请核对"
IS_DATE = "是日期，请填数字，或把单元格格式改回常规"
MONTH_NAME = "分不清是几月还是几个月，请写成几个月"
MONTHS_LIMIT = "不在0到36个月之间，请核对"
MONTHS_UNCLEAR = "认不清是几个月，请填月数"
MONTHS_PART = "起止不是整月，请填月数"
MONTHS_DATE = "单元格成了日期，请改成几个月，如 6个月"
DATE_UNCLEAR = "认不清是哪一天，请填日期，如2023-02-01"
NO_SUCH_DAY = "没有这一天，请核对"
YEAR_LIMIT = "年份不合理，请核对"
SHORT_YEAR = "年份只写了两位，请写四位，如2023-02-01"
ONE_OR_TEN = "分不清是1月还是10月，请写成年和月，如2023年10月"
MONTH_OR_SERIAL = "分不清是年月还是表格的日期序号，请写明年月日，如2023-02-01"
BACKWARDS = "结束早于开始，请核对"
DISTORTED = identity.DISTORTED
OLD_NUMBER = "15位旧证号，请换成18位"
PHONE = "不是电话号码（手机11位，座机7到8位，可带区号），请核对"
PHONE_DISTORTED = "电话是科学记数，已失真，请照原件以文本重录"
PHONE_MASKED = "电话号码有几位被遮住了，请补全"
ACCOUNT = "不是账号（12到23位数字），请核对"
ACCOUNT_DISTORTED = "账号已失真：单元格是数字，第15位以后已丢失，请按存折或银行卡以文本重录"
ACCOUNT_ZEROS = "第15位以后都是0，可能曾按数字存放而失真，请按存折或银行卡核对"
ACCOUNT_ID = "填的是证件号码，请填账号"
NAME_NUMBER = "填的是号码，请填姓名"
NAME_NONE = "里面没有姓名，请填姓名"
NAME_SEVERAL = "一格里有几个姓名，请分开填"
NAME_MASKED = "姓名有字被遮住了，请填全名"
NAME_LOST = "姓名有字没有存下来，请照证件补全"
NAME_REMARK = "姓名后面有备注，请移到备注列"
ALONE = "几项互相矛盾，请核对"

_NEVER_LONGER = 60  # than this is no number, month or date, but a remark
_KEPT = 1 << 16


@dataclass(frozen=True, slots=True)
class Clean:
    """What a cell means.

    state      "value", "blank" or "unusable"
    value      the value; see each function for its shape
    reason     why it cannot be used and what to do, or a doubt beside a value
    precision  how far the value goes: 日, 月, 年, 起止, 至今, 长期 of a date; what an amount is for (月, 年, 人/年)
    raw        the cell as it stands
    """

    state: str
    value: Any = None
    reason: str = ""
    precision: str = ""
    raw: Any = field(default=None, repr=False, compare=False)


class PersonNumber(NamedTuple):
    """The 18 characters on which a person is joined, and category and level of a disability certificate behind them."""

    key: str
    disability: tuple[str, str] | None = None


class Name(NamedTuple):
    """What names are compared on, and the name as it stands."""

    key: str
    shown: str


_EMPTY = Clean(BLANK)


def _unusable(reason: str, raw) -> Clean:
    return Clean(UNUSABLE, None, reason, "", raw)


def _cleaner(function: Callable[..., Clean]):
    """Keep the results of a function of a cell, and refuse what is no cell. 1, 1.0 and TRUE are different cells."""
    kept = lru_cache(maxsize=_KEPT, typed=True)(function)

    @wraps(function)
    def clean(raw, *rest, **named):
        try:
            return kept(raw, *rest, **named)
        except TypeError:
            try:
                hash(raw)
            except TypeError:
                return _unusable(NO_CELL, raw)
            raise

    return clean


# ---- words.toml


class _Unit(NamedTuple):
    base: str  # "" where nothing is said
    factor: int | Fraction = 1
    per: str = ""


_NO_UNIT = _Unit("")


class Words:
    """The table, ready for use. Raises ValueError with every spelling that has two meanings."""

    def __init__(self, data: dict):
        self.data = data
        self._mistakes: list[str] = []
        self.nil = self._one_meaning("nil", {"nil": data["nil"]["words"]})
        self.nil_signs = frozenset(data["nil"]["signs"])
        self.undecided = self._one_meaning("undecided", {"undecided": data["undecided"]["words"]})
        self.units = self._one_meaning(
            "units", {(base, Fraction(n)): words for base, table in data["units"].items() for n, words in table.items()}
        )
        self.multipliers = self._one_meaning("multipliers", _numbered(data["multipliers"]))
        self.per = self._one_meaning("per", data["per"])
        digits = self._one_meaning("months.digits", _numbered(data["months"]["digits"]))
        self.month_digits = {word: str(number) for word, number in digits.items()}
        months = data["months"]
        self.month_words = self._one_meaning(
            "months", {Fraction(n): words for n, words in months.items() if n[0].isdigit()}
        )
        self.month_units = self._one_meaning("months.units", _numbered(months["units"]))
        self.months_vague = frozenset(map(fold, months["vague"]))
        self.open_dates = self._one_meaning("dates.open", data["dates"]["open"])
        self._both(self.nil, self.undecided, "nil", "undecided")
        self._both(self.units, self.multipliers, "units", "multipliers")
        self._both(self.month_words, self.months_vague, "months", "months.vague")
        for name in ("arguments", "open", "none"):
            for argument in data[name]:
                if argument not in plain_arguments():
                    self._mistakes.append(f"[{name}] there is no argument {argument}")
        for argument in plain_arguments().values():
            if argument.finite:
                self._check_argument(argument)
        for name, table in data["words"].items():
            self._one_meaning(f"words.{name}", {word: [word, *more] for word, more in table["options"].items()})
            if name in plain_arguments():
                self._mistakes.append(f"[words.{name}] is an argument")
        for name, codes in data["codes"].items():
            self._one_meaning(f"codes.{name}", {code: [_code_key(code)] for code in codes})
        if self._mistakes:
            raise ValueError("words.toml:\n" + "\n".join(self._mistakes))
        self._patterns()

    def spellings_of(self, argument: Argument) -> list[tuple[str, str]]:
        """(spelling, option) of an argument, from the contract and from this table, the stronger first."""
        found = [(word, word) for word in argument.options]
        found += [(spelling, word) for spelling, word in argument.synonyms.items()]
        tables = [self.data["arguments"].get(argument.name, {})]
        if "是" in argument.options and "否" in argument.options:
            tables.append(self.data["marks"])
        if argument.kind == "flag":
            tables.append(self.data["flag"])
        found += [(s, word) for table in tables for word, spellings in table.items() for s in spellings]
        return [(spelling, word) for spelling, word in found if word in argument.options]

    def _check_argument(self, argument: Argument) -> None:
        table: dict[str, list[str]] = {}
        for spelling, word in self.spellings_of(argument):
            table.setdefault(word, []).append(spelling)
        known = self._one_meaning(f"arguments.{argument.name}", table)
        for word in self.data["arguments"].get(argument.name, {}):
            if word not in argument.options:
                self._mistakes.append(f"[arguments.{argument.name}] has no option {word}")
        for name in ("open", "none"):
            other = [fold(word) for word in self.data[name].get(argument.name, ())]
            self._both(known, other, f"arguments.{argument.name}", name)
        self._both(self.data["open"].get(argument.name, ()), self.data["none"].get(argument.name, ()), "open", "none")

    def _one_meaning(self, where: str, table: Mapping) -> dict:
        """Folded spelling -> meaning."""
        known: dict = {}
        for meaning, spellings in table.items():
            for spelling in spellings:
                key = _plain(spelling).replace(" ", "").upper()
                if known.setdefault(key, meaning) != meaning:
                    self._mistakes.append(f"[{where}] “{spelling}” means {known[key]} and {meaning}")
        return known

    def _both(self, one, other, name: str, other_name: str) -> None:
        self._mistakes += [f"“{word}” stands in [{name}] and [{other_name}]" for word in other if word in one]

    def _patterns(self) -> None:
        signs, hedges, months = self.data["signs"], self.data["hedges"], self.data["months"]
        times, unit, per = _any(self.multipliers), _any(self.units), _any(self.per)
        currency, dash = _any(signs["currency"]), _any(signs["range"])
        self.minus, sign = frozenset(signs["minus"]), _any(["+", *signs["minus"]])
        number = r"\d{1,3}(?:,\d{3})+(?:\.\d*)?|\d+\.?\d*|\.\d+"
        behind = rf"(?P<times>{times})?(?P<unit>{unit})?"
        each = rf"(?P<per>(?:[/·每](?:{per}))*)"
        self.quantity = re.compile(
            rf"(?P<each>(?:每(?:{per}))*)(?P<sign>{sign})?(?:(?P<currency>{currency})(?P<inner>{sign})?)?(?P<number>{number})"
            rf"{behind}(?:{_any(signs['whole'])})?{each}",
            re.ASCII,
        )
        self.bracketed = re.compile(rf"\((?:{currency})?(?P<number>{number})\)", re.ASCII)
        self.unit_text = re.compile(rf"(?P<each>){behind}{each}")
        self.each = re.compile(rf"[/·每]({per})")
        self.range = re.compile(rf"\d[^\d,.]{{0,8}}?(?:{dash})[^\d]{{0,3}}\d", re.ASCII)
        counted = rf"(?:{times})?(?:{unit})?"
        self.about = re.compile(
            rf"(?:{_any(hedges['about_before'])}).*\d|\d{counted}(?:{_any(hedges['about_after'])})", re.ASCII
        )
        at_least = _any(hedges["bound_after"])
        self.bound = re.compile(
            rf"(?:{_any(hedges['bound_before'])}).*\d|.*\d{counted}(?:/\D+?)?(?:{at_least})$", re.ASCII
        )
        self.spoken = re.compile(_any(hedges["spoken"]))
        # months
        digits = rf"\d+(?:\.\d+)?|{_any(self.month_digits)}"
        self.month_part = re.compile(
            rf"(?P<number>{digits})(?:(?P<unit>{_any(self.month_units)})(?P<half>{_any(months['half_behind'])})?"
            rf"|(?P<within>{_any(months['half_within'])}))",
            re.ASCII,
        )
        self.months_between = re.compile(rf"(\d{{1,2}})月份?(?:{dash})(\d{{1,2}})月份?", re.ASCII)
        # dates
        self.dash = re.compile(rf"(?={dash})")
        self.dashes = sorted(signs["range"], key=len, reverse=True)
        self.months_of_year = re.compile(rf"(\d{{4}})年(\d{{1,2}})(?:{dash})(\d{{1,2}})月份?", re.ASCII)
        self.dots = str.maketrans(dict.fromkeys(signs["dots"], signs["dots"][0]))
        self.dot = signs["dots"][0]
        self.between = re.compile(f"[{re.escape(signs['between'])}]")
        self.masks, self.lost = frozenset(signs["masks"]), frozenset(signs["lost"])

    def is_nil(self, text: str) -> bool:
        """Does folded text say that there is nothing?"""
        return not text or text in self.nil or self.nil_signs.issuperset(text)


def _numbered(table: dict) -> dict:
    return {Fraction(number): words for number, words in table.items()}


def _any(words) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


@cache
def table() -> Words:
    with open(FILE, "rb") as stream:
        return Words(tomllib.load(stream))


# ---- what all kinds of cells share


def _plain(text: str) -> str:
    """Text with its width folded, without invisible marks, every run of blanks one. Signs that are a number each (①, ²)
    stay as they are: ①500 is not 1500."""
    if not text.isascii():
        if any(map(_is_odd, text)):
            text = "".join(c if _is_odd(c) else unicodedata.normalize("NFKC", c) for c in text)
        else:
            text = unicodedata.normalize("NFKC", text)
    if not text.isprintable():
        text = "".join(c for c in text if c.isspace() or unicodedata.category(c) not in ("Cf", "Cc"))
    return " ".join(text.split())


@lru_cache(maxsize=4096)
def _is_odd(character: str) -> bool:
    return unicodedata.category(character) in ("No", "So") and any(
        "0" <= c <= "9" for c in unicodedata.normalize("NFKC", character)
    )


_BLANKS = re.compile(r"(?<!\d) | (?!\d)", re.ASCII)


def _compact(text: str) -> str:
    """Without blanks, but for those between digits: 500 600 is no 500600."""
    return _BLANKS.sub("", text).upper()


def _error(raw) -> str:
    """The error value that a cell is, or ""."""
    found = values.error_cell(raw, "")
    return found.cell if found else ""


def _content(raw):
    """The content of a cell: text without dirt, a finite number, a date; or the Clean that it already is."""
    if raw is None:
        return _EMPTY
    if isinstance(raw, (str, CellError)):
        error = _error(raw.strip() if isinstance(raw, str) else raw)
        if error:
            add_in = "，公式要用的加载项可能没有装" if error == "#NAME?" else ""
            return _unusable(f"单元格是错误值{error}{add_in}，请先改正", raw)
        text = _plain(raw)
        return text or Clean(BLANK, raw=raw)
    found = _unwrapped(raw)
    if found.__class__ is int:
        return found
    if isinstance(found, (float, Decimal)):
        if math.isnan(found):
            return Clean(BLANK, raw=raw)
        return found if math.isfinite(found) else _unusable(INFINITE, raw)
    if found.__class__.__name__ in ("NAType", "NaTType") or found is None:
        return Clean(BLANK, raw=raw)
    return found


def _unwrapped(raw):
    """A NumPy scalar as the Python value that it holds; a datetime64 of nanoseconds would be an integer."""
    if raw.__class__.__name__ == "datetime64":
        return raw.astype("datetime64[us]").item()
    return values.unwrap(raw)


def _said(text: str, raw) -> Clean | None:
    """Blank where the text is a mark for nothing, unusable where it says that it is not known yet."""
    words = table()
    folded = text.replace(" ", "").upper()
    if words.is_nil(folded):
        return Clean(BLANK, raw=raw)
    return _unusable(UNDECIDED, raw) if folded in words.undecided else None


# ---- money and numbers


#: 007 is none
_PLAIN_NUMBER = re.compile(r"-?(?:(?:0|[1-9]\d*)(?:\.\d*)?|\.\d+)", re.ASCII)


@_cleaner
def money(raw, unit: str = "元") -> Clean:
    """An amount in 元, exact (int or Fraction). `unit` is that of the header: 元, 万元, 元/月. What it is for stands in
    the precision: 1500元/月 is 1500 with 月, and is not multiplied by anything."""
    return _quantity(raw, _header_unit(unit, "元"))


@_cleaner
def number(raw, unit: str = "") -> Clean:
    """A number, exact (int or Fraction), in the base of its unit: 公顷 in 亩, percent as a fraction. `unit` is that of
    the header; "" takes whatever unit the cell has."""
    return _quantity(raw, _header_unit(unit, ""))


@cache
def _header_unit(unit: str, base: str) -> _Unit | None:
    """The unit of a header; None for one that is not known, or is another than of `base`."""
    text = _compact(_plain(unit or "")).strip("()")
    if not text:
        return _Unit(base)
    parts = table().unit_text.fullmatch(text)
    if not parts:
        return None
    found = _own_unit(parts)
    if not found.base:
        found = found._replace(base=base)
    return found if base in ("", found.base) else None


def _own_unit(parts: re.Match) -> _Unit:
    words = table()
    base, factor = words.units[parts["unit"]] if parts["unit"] else ("", 1)
    if parts["times"]:
        factor *= words.multipliers[parts["times"]]
    told = parts["each"] + parts["per"]
    per = "/".join(dict.fromkeys(words.per[word] for word in words.each.findall(told))) if told else ""
    return _Unit(base, factor, per)


def _quantity(raw, header: _Unit | None) -> Clean:
    found = _usual_number(raw)
    if found is None:
        found = _content(raw)
    elif header is not None and header.factor == 1 and abs(found) < TOO_LARGE:
        return Clean(VALUE, found, "", header.per, raw)
    if found.__class__ is Clean:
        return found
    if isinstance(found, str):
        said = _said(found, raw)
        if said:
            return said
        amount = _amount(found)
        if isinstance(amount, str):
            return _unusable(amount, raw)
        amount, own = amount
    else:
        reason = _no_number(found)
        if reason:
            return _unusable(reason, raw)
        amount, own = exact(found), _NO_UNIT
    if header is None:
        return _unusable("表头的单位不认识，请改成 元、万元、亩、人 这样的单位", raw)
    if own.base and header.base and own.base != header.base:
        return _unusable(f"单位应是{header.base}，与单元格里写的不同，请核对", raw)
    said_something = own.base or own.factor != 1
    if header.base == "比例" and not said_something and 0 < abs(amount) <= 1:
        return _unusable(PERCENT, raw)  # 80% in a cell is the number 0.8
    if header.factor != 1 and said_something and own.factor != header.factor:
        return _unusable("单元格里写的单位与表头的不同，请核对后统一", raw)
    if header.per and own.per and header.per != own.per:
        return _unusable("单元格里写的按月、按年与表头的不同，请核对后统一", raw)
    if abs(amount) >= TOO_LARGE:
        return _unusable(LARGE, raw)
    factor = own.factor if said_something else header.factor
    if factor != 1:
        amount = exact(amount * factor)
        if abs(amount) >= TOO_LARGE:
            return _unusable(LARGE, raw)
    return Clean(VALUE, amount, "", own.per or header.per, raw)


def _usual_number(raw) -> int | Fraction | None:
    """The exact number in a cell that is a plain one, None for any other cell. Made for speed only."""
    kind = raw.__class__
    if kind is int:
        return raw
    if kind is float:
        return int(raw) if raw.is_integer() else exact(raw) if math.isfinite(raw) else None
    if kind is str and len(raw) <= _NEVER_LONGER and _PLAIN_NUMBER.fullmatch(raw):
        return int(raw) if raw.isdecimal() else exact(Decimal(raw))
    return None


def _no_number(found) -> str:
    """Why content that is no text is no number either, or ""."""
    if isinstance(found, bool):
        return BOOLEAN
    if isinstance(found, (int, float, Decimal, Fraction)):
        return ""
    return IS_DATE if isinstance(found, (dt.date, dt.time, dt.timedelta)) else NO_CELL


def _amount(text: str) -> tuple[int | Fraction, _Unit] | str:
    """The number in a text as it is written and the unit beside it, or why there is none."""
    if len(text) > _NEVER_LONGER:
        return UNCLEAR
    words = table()
    text = _compact(text)
    parts = words.quantity.fullmatch(text)
    if parts:
        digits = parts["number"].replace(",", "")
        own = _own_unit(parts)
        if parts["currency"]:
            if own.base not in ("", "元"):
                return UNCLEAR
            own = own._replace(base="元")
        if own.base == "比例" and parts["times"]:
            return UNCLEAR
        if parts["sign"] and parts["inner"]:
            return UNCLEAR
        if len(digits) > 1 and digits[0] == "0" and digits[1] != ".":
            return CODE
        amount = exact(Decimal(digits))
        return (-amount if (parts["sign"] or parts["inner"]) in words.minus else amount), own
    parts = words.bracketed.fullmatch(text)
    if parts:
        return -exact(Decimal(parts["number"].replace(",", ""))), _NO_UNIT
    return _why_no_amount(text)


_DATE_LIKE = re.compile(r"\d{4}(?:年\d|([-/.])\d{1,2}(?:\1\d{1,2})(?!\d))", re.ASCII)
_EXPONENT = re.compile(r"\d(?:\.\d*)?E[+-]?\d+")
_DIGITS = re.compile(r"\d+(?:[.,]\d+)*", re.ASCII)
_CHINESE_DIGITS = frozenset("〇零一二两三四五六七八九十百千万亿壹贰叁肆伍陆柒捌玖拾佰仟")


def _why_no_amount(text: str) -> str:
    words = table()
    groups = len(_DIGITS.findall(text))
    if not groups:
        return CHINESE if _CHINESE_DIGITS.intersection(text) else NOT_NUMBER
    if _DATE_LIKE.match(text):
        return IS_DATE
    if _EXPONENT.fullmatch(text):
        return EXPONENT
    if groups == 2 and words.range.search(text):
        return RANGE
    for pattern, reason in ((words.bound, BOUND), (words.about, ABOUT), (words.spoken, SPOKEN)):
        if pattern.match(text) or (pattern is words.about and pattern.search(text)):
            return reason
    return SEVERAL if groups > 1 else UNCLEAR


# ---- months


@_cleaner
def months(raw) -> Clean:
    """A number of months, 0 to 36 (int or Fraction); precision 起止 where it was reckoned from two months."""
    found = _content(raw)
    if found.__class__ is Clean:
        return found
    if isinstance(found, str):
        said = _said(found, raw)
        if said:
            return said
        if len(found) > _NEVER_LONGER:
            return _unusable(MONTHS_UNCLEAR, raw)
        count, precision = _months(_compact(found))
        if isinstance(count, str):
            return _unusable(count, raw)
    elif isinstance(found, (dt.date, dt.time, dt.timedelta)):
        return _unusable(MONTHS_DATE, raw)
    else:
        reason = _no_number(found)
        if reason:
            return _unusable(reason, raw)
        count, precision = exact(found), ""
    if not 0 <= count <= table().data["months"]["highest"]:
        return _unusable(MONTHS_LIMIT, raw)
    return Clean(VALUE, exact(count), "", precision, raw)


_NAMED_MONTH = re.compile(r"\d{1,2}月份?", re.ASCII)
_HALF = Fraction(1, 2)


def _months(text: str) -> tuple[int | Fraction | str, str]:
    """The months in a text and their precision, or why there are none."""
    words = table()
    if _PLAIN_NUMBER.fullmatch(text):
        return exact(Decimal(text)), ""
    if text in words.month_words:
        return words.month_words[text], ""
    counted = _counted_months(text)
    if counted is not None:
        return counted, ""
    if text in words.months_vague:
        return MONTHS_UNCLEAR, ""
    between = words.months_between.fullmatch(text)
    if between:
        first, last = map(int, between.groups())
        if not (1 <= first <= 12 and 1 <= last <= 12):
            return MONTHS_UNCLEAR, ""
        return (last - first + 1, SPAN) if first <= last else (BACKWARDS, "")
    span = _span(text)
    if span:
        return _months_of(*span)
    if _NAMED_MONTH.fullmatch(text):
        return MONTH_NAME, ""
    why = _why_no_amount(text)
    return (MONTHS_UNCLEAR if why in (UNCLEAR, NOT_NUMBER, CHINESE, IS_DATE) else why), ""


def _counted_months(text: str) -> Fraction | None:
    """The sum of parts such as 1年, 半, 2个月, the larger first."""
    words, total, place, before = table(), Fraction(0), 0, None
    while place < len(text):
        part = words.month_part.match(text, place)
        if not part:
            return None
        unit = words.month_units[part["unit"]] if part["unit"] else Fraction(1)
        if before is not None and unit >= before:
            return None
        count = Fraction(words.month_digits.get(part["number"], part["number"]))
        total += unit * (count + (_HALF if part["half"] or part["within"] else 0))
        place, before = part.end(), unit
        if text[place : place + 1] in ("零", "又"):
            place += 1
    return total if before is not None else None


def _months_of(start: _Moment, end: _Moment | str) -> tuple[int | str, str]:
    if isinstance(end, str) or YEAR in (start.precision, end.precision):
        return MONTHS_UNCLEAR, ""
    if start.day.day != 1 or end.last.day != calendar.monthrange(end.last.year, end.last.month)[1]:
        return MONTHS_PART, ""
    if end.last < start.day:
        return BACKWARDS, ""
    return (end.last.year - start.day.year) * 12 + end.last.month - start.day.month + 1, SPAN


# ---- dates


class _Moment(NamedTuple):
    day: dt.date
    precision: str

    @property
    def last(self) -> dt.date:
        """Its last day."""
        year, month, _ = self.day.timetuple()[:3]
        if self.precision == YEAR:
            return dt.date(year, 12, 31)
        return self.day.replace(day=calendar.monthrange(year, month)[1]) if self.precision == MONTH else self.day


def date(raw) -> Clean:
    """A date, the first day of a month or year, with its precision 日, 月 or 年.

    A span is (first day, last day) with 起止; (first day, None) with 至今 or 长期 where it is open; None with these
    where no beginning stands there.
    """
    if raw.__class__ is dt.datetime or raw.__class__ is dt.date:  # not kept: equal times of two zones are two days
        return _moment_of(raw, raw)
    return _date(raw)


@_cleaner
def _date(raw) -> Clean:
    found = _content(raw)
    if found.__class__ is Clean:
        return found
    if isinstance(found, dt.date):
        return _moment_of(found, raw)
    if isinstance(found, (float, Decimal)) and found == int(found):
        found = int(found)
    if found.__class__ is int:
        found = str(found)
    elif isinstance(found, (float, Decimal)):
        if _FIRST_SERIAL <= found < _LAST_SERIAL + 1:  # with a time of day
            return Clean(VALUE, _EPOCH + dt.timedelta(days=int(found)), "", DAY, raw)
        found = str(found)
    if not isinstance(found, str):
        return _unusable(DATE_UNCLEAR, raw)
    return _dated(found, raw)


def _moment_of(found: dt.date, raw) -> Clean:
    limits = table().data["dates"]
    if found.year == dt.MAXYEAR:
        return Clean(VALUE, None, "", LASTING, raw)
    if not limits["first_year"] <= found.year <= limits["last_year"]:
        return _unusable(YEAR_LIMIT, raw)
    return Clean(VALUE, dt.date(found.year, found.month, found.day), "", DAY, raw)


_EPOCH = dt.date(1899, 12, 30)
#: serials from 1927 on; smaller numbers are years or mistakes
_FIRST_SERIAL, _LAST_SERIAL = 10000, 73050
_TIME = re.compile(r"(?<=\d)日?(?: |T| T)\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?Z?$", re.ASCII)
_FULL = re.compile(r"(\d{4})(?:([-/.])(\d{1,2})\2(\d{1,2})|年(\d{1,2})月(\d{1,2})[日号]?)", re.ASCII)
_YEAR_MONTH = re.compile(r"(\d{4})(?:([-/.])(\d{1,2})|年(\d{1,2})月份?)", re.ASCII)
_YEAR = re.compile(r"(\d{4})(?:年度?)?", re.ASCII)
_ALL_DIGITS = re.compile(r"(\d{4,8})(?:\.0+)?", re.ASCII)
_SHORT_YEAR = re.compile(r"\d{2}(?:年\d{1,2}月.*|([-/.])\d{1,2}\1\d{1,2})", re.ASCII)
_YEARLESS = re.compile(r"(\d{1,2})月份?(?:(\d{1,2})[日号]?)?|(\d{1,2})([-/.])(\d{1,2})", re.ASCII)


def _dated(text: str, raw) -> Clean:
    said = _said(text, raw)
    if said:
        return said
    if len(text) > _NEVER_LONGER:
        return _unusable(DATE_UNCLEAR, raw)
    text = _compact(_TIME.sub("", text))
    words = table()
    if text in words.open_dates:
        return Clean(VALUE, None, "", words.open_dates[text], raw)
    found = _moment(text)
    if isinstance(found, _Moment):
        parts = _YEAR_MONTH.fullmatch(text)
        if parts and parts[2] == "." and parts[3] == "1":  # 2023.10 loses its 0 in a number
            return _unusable(ONE_OR_TEN, raw)
        return Clean(VALUE, found.day, "", found.precision, raw)
    if found is None:
        span = _span(text)
        if span:
            start, end = span
            if isinstance(end, str):
                return Clean(VALUE, (start.day, None), "", end, raw)
            if end.last < start.day:
                return _unusable(BACKWARDS, raw)
            return Clean(VALUE, (start.day, end.last), "", SPAN, raw)
        found = SHORT_YEAR if _SHORT_YEAR.fullmatch(text) else DATE_UNCLEAR
    return _unusable(found, raw)


def _moment(text: str) -> _Moment | str | None:
    """A day, month or year; a reason where it is one that cannot be; None where the text has another shape."""
    parts = _ALL_DIGITS.fullmatch(text)
    if parts:
        return _moment_in_digits(parts[1])
    parts = _FULL.fullmatch(text)
    if parts:
        return _made(parts[1], parts[3] or parts[5], parts[4] or parts[6], DAY)
    parts = _YEAR_MONTH.fullmatch(text)
    if parts:
        return _made(parts[1], parts[3] or parts[4], "1", MONTH)
    parts = _YEAR.fullmatch(text)
    return _made(parts[1], "1", "1", YEAR) if parts else None


def _moment_in_digits(digits: str) -> _Moment | str:
    match len(digits):
        case 8:
            return _made(digits[:4], digits[4:6], digits[6:], DAY)
        case 6:
            return _made(digits[:4], digits[4:], "1", MONTH)
        case 4:
            return _made(digits, "1", "1", YEAR)
        case 5 if digits[:2] in ("19", "20") and digits[4] != "0":
            return MONTH_OR_SERIAL  # 20233 is a day in 1955, or March 2023
        case 5 if _FIRST_SERIAL <= int(digits) <= _LAST_SERIAL:
            return _Moment(_EPOCH + dt.timedelta(days=int(digits)), DAY)
    return DATE_UNCLEAR


def _made(year: str, month: str, day: str, precision: str) -> _Moment | str:
    limits = table().data["dates"]
    if not limits["first_year"] <= int(year) <= limits["last_year"]:
        return YEAR_LIMIT
    try:
        return _Moment(dt.date(int(year), int(month), int(day)), precision)
    except ValueError:
        return NO_SUCH_DAY


def _span(text: str) -> tuple[_Moment, _Moment | str] | None:
    """The two ends of a span; the second is 至今 or 长期 where it is open. None where there are no two ends, or several
    ways to cut them."""
    words = table()
    parts = words.months_of_year.fullmatch(text)
    if parts:
        text = f"{parts[1]}年{parts[2]}月-{parts[1]}年{parts[3]}月"
    found = set()
    for cut in words.dash.finditer(text):
        left = text[: cut.start()]
        start = _moment(left)
        if not isinstance(start, _Moment):
            continue
        for dash in words.dashes:
            if text.startswith(dash, cut.start()):
                right = text[cut.start() + len(dash) :]
                end = words.open_dates.get(right) or _end(right, left, start)
                if isinstance(end, (_Moment, str)) and end not in (NO_SUCH_DAY, YEAR_LIMIT, DATE_UNCLEAR):
                    if end != MONTH_OR_SERIAL:
                        found.add((start, end))
    return found.pop() if len(found) == 1 else None


def _end(text: str, beginning: str, start: _Moment) -> _Moment | str | None:
    """The end of a span, which may leave out the year of its beginning."""
    parts = _YEARLESS.fullmatch(text)
    if not parts:
        return _moment(text)
    year = str(start.day.year)
    if parts[1]:
        if bool(parts[2]) != (start.precision == DAY):
            return None
        return _made(year, parts[1], parts[2] or "1", DAY if parts[2] else MONTH)
    same = _FULL.fullmatch(beginning)
    return _made(year, parts[3], parts[5], DAY) if same and same[2] == parts[4] else None


# ---- numbers of persons, phones and accounts


_WHOLE_NUMBER = re.compile(r"[1-9]\d{16}[\dX](?:[1-7][1-4](?:B\d)?)?", re.ASCII)
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_WEIGHT_OF_ZEROS = ord("0") * sum(_WEIGHTS)
_CHECK_DIGITS = "10X98765432"


@_cleaner
def person_number(raw) -> Clean:
    """A PersonNumber: the 18 characters, and what the tail of 20 or 22 says.

    The form decides, so that somebody mistyped alike in two tables stays one person; a wrong check digit or day, or a
    number of 15 digits, is a value with the reason beside it.
    """
    if raw.__class__ is str and _WHOLE_NUMBER.fullmatch(raw) and _is_right(raw):
        return Clean(VALUE, PersonNumber(raw[:18], identity.disability(raw) if len(raw) > 18 else None), "", "", raw)
    found = _content(raw)
    if found.__class__ is Clean:
        return found
    if isinstance(found, str):
        said = _said(found, raw)
        if said:
            return said
    elif isinstance(found, bool) or _no_number(found):
        return _unusable("不是证件号码，请填18位号码", raw)
    try:
        mistake = identity.id_check(found)
    except CellError as error:
        mistake = error.message
    if mistake in (identity.CORRECT, "未填"):
        mistake = ""
    key = identity.person_number(found)
    if key is None or mistake == DISTORTED or "失真" in mistake:
        return _unusable(_with_remedy(mistake or "不是证件号码"), raw)
    return Clean(VALUE, PersonNumber(key, identity.disability(found)), mistake and _with_remedy(mistake), "", raw)


def _with_remedy(mistake: str) -> str:
    return mistake if "请" in mistake else f"{mistake}，请按证件核对"


def _is_right(number: str) -> bool:
    """Is a number of the right form without mistake? What is not is looked at by `identity`."""
    weighed = sum(map(mul, number.encode(), _WEIGHTS))  # of the first 17
    return (
        _CHECK_DIGITS[(weighed - _WEIGHT_OF_ZEROS) % 11] == number[17]
        and _is_birth(number[6:14])
        and not number.startswith("999999")
    )


@lru_cache(maxsize=_KEPT)
def _is_birth(digits: str) -> bool:
    try:
        return dt.date(int(digits[:4]), int(digits[4:6]), int(digits[6:])).year >= 1900
    except ValueError:
        return False


_PHONE = re.compile(r"(?:\+?86|0086)?(1[3-9]\d{9})|(0\d{2,3})?([2-9]\d{6,7})|([48]00\d{7})", re.ASCII)
_MOBILE = re.compile(r"1[3-9]\d{9}", re.ASCII)
_PHONE_DIRT = re.compile(r"[ ()\-—–]")


@_cleaner
def phone(raw) -> Clean:
    """The phone numbers of a cell, a tuple of texts of digits without the dirt between them, each once."""
    if raw.__class__ is str and _MOBILE.fullmatch(raw):
        return Clean(VALUE, (raw,), "", "", raw)
    found = _content(raw)
    if found.__class__ is Clean:
        return found
    if not isinstance(found, str):
        if isinstance(found, bool) or _no_number(found) or found != int(found):
            return _unusable(PHONE, raw)
        found = str(int(found))
    text = _unarmoured(found)
    said = _said(text, raw)
    if said:
        return said
    words = table()
    if words.masks.intersection(text):
        return _unusable(PHONE_MASKED, raw)
    if _EXPONENT.fullmatch(text.upper()):
        return _unusable(PHONE_DISTORTED, raw)
    numbers: dict[str, None] = {}
    for part in words.between.split(text.removesuffix(".0")):
        if not part.strip():
            continue
        read = [_phone(part)]
        if read == [None]:
            read = [_phone(piece) for piece in part.split()]
        if not read or None in read:
            return _unusable(PHONE, raw)
        numbers.update(dict.fromkeys(read))
    return Clean(VALUE, tuple(numbers), "", "", raw) if numbers else _unusable(PHONE, raw)


def _phone(text: str) -> str | None:
    parts = _PHONE.fullmatch(_PHONE_DIRT.sub("", text).removesuffix(".0"))
    return parts and (parts[1] or parts[4] or (parts[2] or "") + parts[3])


_ACCOUNT = re.compile(r"\d{12,23}", re.ASCII)
_KEPT_DIGITS = 15


@_cleaner
def account(raw) -> Clean:
    """An account or card number, 12 to 23 digits as text."""
    found = _content(raw)
    if found.__class__ is Clean:
        return found
    if not isinstance(found, str):
        if isinstance(found, bool) or _no_number(found):
            return _unusable(ACCOUNT, raw)
        if abs(found) >= identity.DISTORTED_FROM:
            return _unusable(ACCOUNT_DISTORTED, raw)
        found = str(int(found)) if found == int(found) else ""
    text = re.sub(r"[ \-]", "", _unarmoured(found))
    said = _said(found, raw) if found else None
    if said:
        return said
    if _EXPONENT.fullmatch(text.upper()):
        return _unusable(ACCOUNT_DISTORTED, raw)
    if not _ACCOUNT.fullmatch(text):
        return _unusable(ACCOUNT_ID if identity.person_number(text) else ACCOUNT, raw)
    if len(text) >= _KEPT_DIGITS + 3 and not text[_KEPT_DIGITS:].strip("0"):
        return _unusable(ACCOUNT_ZEROS, raw)
    if len(text) == 18 and _WHOLE_NUMBER.fullmatch(text) and _is_right(text):
        return _unusable(ACCOUNT_ID, raw)
    return Clean(VALUE, text, "", "", raw)


_QUOTED = re.compile(r'=?"+([^"]*)"+')


def _unarmoured(text: str) -> str:
    """Without the ="…" and ' that exports put around text."""
    while True:
        quoted = _QUOTED.fullmatch(text)
        stripped = (quoted[1] if quoted else text.lstrip("'‘’`")).strip()
        if stripped == text:
            return text
        text = stripped


# ---- names and text


_HAN_NAME = re.compile("[\u4e00-\u9fff]{2,4}")
_USUAL_TEXT = re.compile("[\u4e00-\u9fffA-Za-z0-9]+")
_REMARK = re.compile(r"\([^()]*\)")


@_cleaner
def name(raw) -> Clean:
    """A Name: the key has no blanks, one sign for every dot, width folded; shown is the cell as it stands."""
    if raw.__class__ is str and _HAN_NAME.fullmatch(raw) and not (raw in table().nil or raw in table().undecided):
        return Clean(VALUE, Name(raw, raw), "", "", raw)
    found = _content(raw)
    if found.__class__ is Clean:
        return found
    if not isinstance(found, str):
        return _unusable(NAME_NUMBER, raw)
    said = _said(found, raw)
    if said:
        return said
    words = table()
    key = _unarmoured(found)
    reason = ""
    if "(" in key:
        key, reason = _REMARK.sub("", key), NAME_REMARK
    if sum(c.isdigit() for c in key) > 4:
        return _unusable(NAME_NUMBER, raw)
    if words.masks.intersection(key):
        return _unusable(NAME_MASKED, raw)
    if words.lost.intersection(key):
        return _unusable(NAME_LOST, raw)
    if len([part for part in words.between.split(key) if part.strip()]) > 1:
        return _unusable(NAME_SEVERAL, raw)
    # a mark that stood behind a blank belongs to the letter before it now
    key = unicodedata.normalize("NFC", key.replace(" ", "")).translate(words.dots).strip(words.dot)
    if not any(c.isalpha() or unicodedata.category(c) == "Co" for c in key):  # Co: rare characters of special fonts
        return _unusable(NAME_NONE, raw)
    return Clean(VALUE, Name(key, raw), reason, "", raw)


@_cleaner
def text(raw) -> Clean:
    """Text as it stands, without the blanks around it, runs of blanks as one, numbers without .0, days as ISO dates."""
    if raw.__class__ is str and _USUAL_TEXT.fullmatch(raw) and raw.upper() not in table().nil:
        return Clean(VALUE, raw, "", "", raw)
    found = _content(raw)
    if found.__class__ is Clean:
        return found
    if isinstance(found, str):
        shown = "".join(c for c in raw if c.isspace() or unicodedata.category(c) not in ("Cf", "Cc"))
        shown = _unarmoured(" ".join(shown.split()))
        if table().is_nil(fold(shown)):
            return Clean(BLANK, raw=raw)
        return Clean(VALUE, shown, "", "", raw)
    if isinstance(found, bool):
        return Clean(VALUE, str(found).upper(), "", "", raw)
    if isinstance(found, dt.datetime):
        return Clean(VALUE, found.date().isoformat() if found.time() == dt.time() else str(found), "", "", raw)
    if isinstance(found, (int, float, Decimal)):
        if abs(found) >= identity.DISTORTED_FROM:
            return _unusable(DISTORTED, raw)
        return Clean(VALUE, str(int(found) if found == int(found) else found), "", "", raw)
    return Clean(VALUE, str(found), "", "", raw) if isinstance(found, (dt.date, dt.time)) else _unusable(NO_CELL, raw)


# ---- words


@dataclass(frozen=True)
class _Vocabulary:
    """The options of a column, and everything that is written for them (folded)."""

    label: str
    options: tuple[str, ...]
    spellings: dict[str, str]
    open: frozenset[str] = frozenset()
    none: frozenset[str] = frozenset()
    alone: frozenset[str] = frozenset()
    place: Argument | None = None
    seen: dict[str, Clean] = field(default_factory=dict)  # cells that were read before by word and by words
    seen_several: dict[str, Clean] = field(default_factory=dict)

    @cached_property
    def to_fill(self) -> str:
        choices = sorted(self.options, key=lambda word: word != "是")
        return f"请填{'、'.join(choices)}之一"

    @cached_property
    def flagged(self) -> bool:
        return "是" in self.options and "否" in self.options

    def unknown(self) -> str:
        return f"不是“{self.label}”的选项，{self.to_fill}" if not self.place else "分不清在哪个省，请写明省份"

    def option(self, text: str) -> str | None:
        """The option that is meant by a text, None if it is not known."""
        found = self.spellings.get(fold(text))
        if found is None and self.place:
            try:
                return self.place.options[values.read_place(self.place, text) - 1]
            except CellError:
                return None
        return found


_vocabularies: dict[int, tuple[Argument, _Vocabulary]] = {}


def _vocabulary(argument: Argument | str) -> _Vocabulary:
    """Of an argument, or of the column of that name in words.toml. Raises KeyError for one that is not there."""
    if isinstance(argument, str):
        if argument not in plain_arguments():
            return _column_words(argument)
        argument = plain_arguments()[argument]
    kept = _vocabularies.get(id(argument))
    if kept is None or kept[0] is not argument:
        kept = _vocabularies[id(argument)] = argument, _argument_words(argument)
    return kept[1]


def _argument_words(argument: Argument) -> _Vocabulary:
    words, known = table(), {}
    for spelling, option in words.spellings_of(argument):
        known.setdefault(fold(spelling), option)
    return _Vocabulary(
        argument.label, argument.options, known,
        frozenset(map(fold, chain(words.data["open"].get(argument.name, ()), argument.undecided))) - known.keys(),
        frozenset(map(fold, words.data["none"].get(argument.name, ()))) - known.keys(),
        place=argument if argument.kind == "place" else None,
    )  # fmt: skip


@cache
def _column_words(name: str) -> _Vocabulary:
    found = table().data["words"][name]
    known = {fold(s): word for word, more in found["options"].items() for s in (word, *more)}
    return _Vocabulary(found["label"], tuple(found["options"]), known, alone=frozenset(found.get("alone", ())))


#: 01, 3, 100A03001
_CODE = re.compile(r"\d{1,4}|\d+[A-Z]+\w*", re.ASCII)


def _code_key(code) -> str:
    """A code as codes are compared: 01, 1 and 1.0 are one."""
    text = fold(str(code)).removesuffix(".0")
    return text.lstrip("0") or "0" if text.isascii() and text.isdigit() else text


def word(raw, argument: Argument | str, codes: Mapping | str | None = None) -> Clean:
    """One of the options of an argument (or of a column of words.toml, by its name: relation, health, sex …).

    `codes`: what the numeric codes of this column mean, or the name of a book of codes in words.toml. Without it a code
    is refused, but for 1 and 0 where the options are 是 and 否.
    """
    vocabulary = _vocabulary(argument)
    return _remembered(vocabulary.seen, _word, raw, vocabulary, codes)


def _remembered(seen: dict, read: Callable[..., Clean], raw, vocabulary: _Vocabulary, codes) -> Clean:
    """What was read of a text before, where no book of codes is given."""
    if raw.__class__ is not str or codes is not None:
        return read(raw, vocabulary, codes)
    kept = seen.get(raw)
    if kept is None:
        kept = read(raw, vocabulary, None)
        if len(seen) < _KEPT:
            seen[raw] = kept
    return kept


def _word(raw, vocabulary: _Vocabulary, codes) -> Clean:
    found = _content(raw)
    if found.__class__ is Clean:
        return found
    if isinstance(found, bool):
        if not vocabulary.flagged:
            return _unusable(vocabulary.unknown(), raw)
        return Clean(VALUE, "是" if found else "否", "", "", raw)
    if not isinstance(found, str):
        if _no_number(found):
            return _unusable(vocabulary.unknown(), raw)
        found = str(int(found) if found == int(found) else found)
    meant = _meant(found, vocabulary, codes)
    if isinstance(meant, Clean):
        return meant if meant is _EMPTY else _unusable(meant.reason, raw)
    return Clean(VALUE, meant, "", "", raw) if meant else Clean(BLANK, raw=raw)


def _meant(text: str, vocabulary: _Vocabulary, codes) -> str | Clean:
    """The option that a text means, "" for none, or what is wrong."""
    folded = fold(text)
    if codes is not None and _CODE.fullmatch(folded.removesuffix(".0")):
        book = table().data["codes"][codes] if isinstance(codes, str) else codes
        matching = {str(meaning) for code, meaning in book.items() if _code_key(code) == _code_key(folded)}
        if len(matching) != 1:
            return _unusable("代码表里没有这个代码，请核对", None)
        (text,) = matching
        folded = fold(text)
    option = vocabulary.option(text) or vocabulary.spellings.get(folded.removesuffix(".0"))
    if option:
        return option
    if folded in vocabulary.none or table().is_nil(folded):
        return ""
    if folded in vocabulary.open or folded in table().undecided:
        return _unusable(f"还定不下来，请核实后{vocabulary.to_fill.removeprefix('请')}", None)
    if _CODE.fullmatch(folded.removesuffix(".0")):
        return _unusable(f"是代码，各系统的编法不同：请指明代码表，或{vocabulary.to_fill}", None)
    return _unusable(vocabulary.unknown(), None)


def words(raw, argument: Argument | str, codes: Mapping | str | None = None) -> Clean:
    """All options that a cell names, in any order and with anything between them: a tuple in the options' order."""
    vocabulary = _vocabulary(argument)
    return _remembered(vocabulary.seen_several, _words, raw, vocabulary, codes)


def _words(raw, vocabulary: _Vocabulary, codes) -> Clean:
    one = _word(raw, vocabulary, codes)
    found = _content(raw)
    if one.state != UNUSABLE or not isinstance(found, str):
        return Clean(VALUE, (one.value,), "", "", raw) if one.state == VALUE else one
    meant = set()
    for part in chain.from_iterable(p.split() for p in table().between.split(found)):
        option = _meant(part, vocabulary, codes)
        if isinstance(option, Clean):
            return _unusable(option.reason, raw)
        meant.add(option)
    if len(meant) > 1 and ("" in meant or meant & vocabulary.alone):
        return _unusable(ALONE, raw)
    meant.discard("")
    if not meant:
        return Clean(BLANK, raw=raw)
    return Clean(VALUE, tuple(option for option in vocabulary.options if option in meant), "", "", raw)
