"""Identity numbers: the key of a person, what is wrong with a number, its masked form, birth date and disability.

A number has 18 characters; 20 with category and level of a disability certificate behind, 22 with a replacement mark
(B1) behind those. The area code is not judged: areas are abolished and renumbered, the number stays.
No message repeats digits of a number. python-stdnum is imported where a check digit is needed.
"""
from __future__ import annotations

import datetime as dt
import math
import re
import unicodedata
from decimal import Decimal

from ..errors import CellError
from ..rules.arguments import Argument
from . import values

CORRECT = "正确"
CATEGORIES = ("视力", "听力", "言语", "肢体", "智力", "精神", "多重")
LEVELS = ("一级", "二级", "三级", "四级")

#: a spreadsheet keeps 15 digits of a number and makes the rest 0
DISTORTED_FROM = 10**15
DISTORTED = "号码已失真：单元格是数字，第15位以后已丢失，请按原件以文本重录"
_EXPONENT = re.compile(r"\d(\.\d+)?E\+?\d+")
#: what export and typing leave around a number: apostrophes, quotes and the ="…" of CSV files
_ARMOUR = "=\"'`´‘’“”"
_PLACEHOLDER = "999999"
_SHAPE = re.compile(r"\d{17}[\dX](\d{2}(B\d)?)?", re.ASCII)
_TAIL = re.compile(r"([1-7])([1-4])(B\d)?")
_DIGITS_OF_A_DATE = 8
_DATE_AND_TIME = re.compile(r"\d{4}[-/.年]")
_BIRTH = Argument("birth_date", "出生日期或证件号码", "date")


def person_number(raw) -> str | None:
    """The 18 characters on which a person is joined, whatever is around or behind them; None if there are none.

    Only the form counts: whoever is mistyped the same way in two tables is still the same person.
    """
    text = _text(raw)
    if text is None or text.startswith(_PLACEHOLDER):
        return None
    if len(text) == 15:
        return _converted(text) if text.isascii() and text.isdigit() else None
    # 000000… and 111111… are fillers as well
    return text[:18] if _SHAPE.fullmatch(text) and len(set(text[:17])) > 1 else None


def id_check(raw) -> str:
    """正确, or what is wrong with the number. Raises CellError for an error cell, NaN, or without python-stdnum."""
    raw = values.unwrap(raw)
    _refuse_errors(raw, "证件号码")
    if values.is_blank(raw) or _text(raw) == "":
        return "未填"
    if _is_distorted(raw):
        return DISTORTED
    text = _text(raw)
    if text is None:
        return "不是证件号码，请填18位号码"
    return _mistake(text) or CORRECT


def mask_id(raw) -> str:
    """First 6, eight *, last 4 of the 18. What stands behind the 18 tells a disability and is dropped.

    Raises CellError: missing for a blank, out_of_range for a number that lost digits, not_number for what is no ID.
    """
    raw = values.unwrap(raw)
    _refuse_errors(raw, "证件号码")
    if values.is_blank(raw) or _text(raw) == "":
        raise CellError("missing", "缺少“证件号码”：请填写")
    if _is_distorted(raw):
        raise CellError("out_of_range", f"“证件号码”不能脱敏，{DISTORTED}")
    number = person_number(raw)
    if number is None:
        raise CellError("not_number", "“证件号码”不是18位证件号码，不能脱敏，可用 证件校验 查看哪里不对")
    return f"{number[:6]}********{number[-4:]}"


def birth_date(raw) -> dt.date:
    """The birth date, from a date as the formulas read dates or from an ID number as text.

    A number below 1E15 is a date or nothing. Raises CellError: missing, bad_date (also for a number with a wrong check
    digit, whose birth date may be the mistyped part), out_of_range for a number that lost digits.
    """
    raw = values.unwrap(raw)
    _refuse_errors(raw, _BIRTH.label)
    if values.is_blank(raw):
        raise CellError("missing", f"缺少“{_BIRTH.label}”：请填写")
    if _is_distorted(raw):
        raise CellError("out_of_range", f"“{_BIRTH.label}”{DISTORTED}")
    text = _text(raw) if isinstance(raw, str) else ""
    if sum(c.isdigit() for c in text) <= _DIGITS_OF_A_DATE or _DATE_AND_TIME.match(text):
        return values.read_date(_BIRTH, raw)
    number = person_number(text)
    mistake = _mistake(number if number and len(text) == 15 else text)
    if mistake:
        raise CellError("bad_date", f"“{_BIRTH.label}”填的证件号码有误：{mistake}")
    return _birth_date(number)


def full_years(birth: dt.date, day: dt.date) -> int:
    """周岁 on `day`: a year is full on the birthday, for 29 February on 1 March of other years.

    Raises CellError inconsistent if `day` is before the birth.
    """
    if (day.year, day.month, day.day) < (birth.year, birth.month, birth.day):
        raise CellError("inconsistent", "日期早于出生日期，请核对")
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))


def disability(raw) -> tuple[str, str] | None:
    """Category and level of a disability certificate's number, such as ("肢体", "三级"); None without one."""
    text = _text(raw)
    tail = _TAIL.fullmatch(text[18:]) if text and _SHAPE.fullmatch(text) else None
    return (CATEGORIES[int(tail[1]) - 1], LEVELS[int(tail[2]) - 1]) if tail else None


# ---- reading


def _text(raw) -> str | None:
    """The characters of a number without the dirt around them; None for what can be no number."""
    raw = values.unwrap(raw)
    if isinstance(raw, bool):
        return None
    if isinstance(raw, (int, float, Decimal)):
        return str(int(raw)) if math.isfinite(raw) and 0 <= raw < DISTORTED_FROM and raw == int(raw) else None
    if not isinstance(raw, str):
        return None
    text = unicodedata.normalize("NFKC", raw)
    # Cf: zero-width marks that web pages leave; Cc: tabs and line breaks
    text = "".join(c for c in text if not c.isspace() and unicodedata.category(c) not in ("Cf", "Cc"))
    text = text.strip(_ARMOUR).upper()
    return text[1:] if text[:1] == "G" and len(text) == 19 else text  # the school number is G and the ID


def _is_distorted(raw) -> bool:
    """Has the number been kept as a number, or shown as one (1.40603E+17), and lost its last digits?"""
    if isinstance(raw, bool):
        return False
    if isinstance(raw, (int, float, Decimal)):
        return math.isfinite(raw) and abs(raw) >= DISTORTED_FROM
    return isinstance(raw, str) and bool(_EXPONENT.fullmatch(_text(raw)))


def _refuse_errors(raw, label: str) -> None:
    """Raise for an error cell, NaN and infinity."""
    error = values.error_cell(raw, label)
    if error:
        raise error
    if isinstance(raw, (float, Decimal)) and not math.isfinite(raw):
        raise values.not_finite(label, float(raw))


def _mistake(text: str) -> str:
    """What is wrong with the characters of a number, or ""."""
    length = len(text)
    if text.startswith(_PLACEHOLDER):
        return "占位号（前6位是9），不是本人号码，请补录"
    if length not in (15, 18, 20, 22):
        return f"共{length}位，应是18位（残疾人证20位，补办的22位）"
    digits = 15 if length == 15 else 17
    for place, character in enumerate(text[:digits], 1):
        if not ("0" <= character <= "9"):
            kind = "字母" if character.isascii() and character.isalpha() else "其他字符"
            return f"第{place}位是{kind}，应是数字" + ("0" if character == "O" else "1" if character in "IL" else "")
    if length == 15:
        return "15位旧证号，请换成18位" if _converted(text) else "15位旧证号，且出生日期不存在"
    if text[17] not in "0123456789X":
        return "第18位应是数字或X"
    if _birth_date(text) is None:
        return "出生日期（第7到14位）不存在"
    if text[17] != _check_digit(text[:18]):
        lost = "，末3位是0，可能曾按数字存放而失真" if text[15:18] == "000" else ""
        return f"校验码（第18位）不对，有数字写错{lost}"
    tail = text[18:]
    if tail and tail[0] not in "1234567":
        return "第19位（残疾类别）应是1到7"
    if tail and tail[1] not in "1234":
        return "第20位（残疾等级）应是1到4"
    if tail and not _TAIL.fullmatch(tail):
        return "第21、22位（补办标记）应如B1"
    return ""


def _converted(text: str) -> str | None:
    """The 18 characters of a 15-digit number; those were given to people born before 2000."""
    number = f"{text[:6]}19{text[6:]}"
    return number + _check_digit(number + "0") if _birth_date(number) else None


def _check_digit(number: str) -> str:
    """The check digit of a number whose last character stands for it."""
    return _ric().calc_check_digit(number)


def _birth_date(number: str) -> dt.date | None:
    """The birth date in a number; None if there is no such day or it is before 1900."""
    ric = _ric()
    try:
        birth = ric.get_birth_date(number)
    except ric.ValidationError:
        return None
    return birth if birth.year >= 1900 else None


def _ric():
    """The module of python-stdnum that knows these numbers."""
    try:
        from stdnum.cn import ric
    except ImportError:
        remedy = "请运行 pip install python-stdnum"
        raise CellError("not_specified", f"校验证件号码要用 python-stdnum，没有安装：{remedy}") from None
    return ric
