"""From a host's value to an exact one: blanks, numbers, words, dates, and what is wrong with the rest."""
from __future__ import annotations

import datetime as dt
import math
import re
import unicodedata
from decimal import Decimal
from fractions import Fraction

from ..errors import EXCEL_ERRORS, CellError
from ..rules.arguments import TOO_LARGE, Argument, fold
from ..rules.expressions import exact

#: the order of checks: a lower stage is reported first
MISSING, TYPE, ERROR, OPTION, RANGE = range(5)
_STAGES = {
    "missing": MISSING, "not_number": TYPE, "bad_date": TYPE, "nan": ERROR, "infinite": ERROR, "excel_error": ERROR,
    "unknown_option": OPTION, "unverified": OPTION,
}  # fmt: skip

#: text that is a number and nothing else
NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)", re.ASCII)
_DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?", re.ASCII)
_EXCEL_EPOCH = dt.date(1899, 12, 30)
_LAST_SERIAL = 2958465  # 9999-12-31
_LONG_DIGITS = re.compile(r"\d{5,}")


def stage(error: CellError) -> int:
    return _STAGES.get(error.code, RANGE)


def is_blank(raw) -> bool:
    """An empty cell, or text of nothing but blanks."""
    if raw is None:
        return True
    return isinstance(raw, str) and not raw.strip()


def shown(raw) -> str:
    """A value as a message may show it: short, and never a number long enough to be somebody's."""
    if isinstance(raw, float) and raw.is_integer():  # so every number of a cell arrives
        raw = int(raw)
    text = "TRUE" if raw is True else "FALSE" if raw is False else str(raw)
    text = _LONG_DIGITS.sub("…", " ".join(text.split()))
    return text if len(text) <= 20 else text[:20] + "…"


def unwrap(raw):
    """A NumPy scalar as the Python value it holds."""
    item = getattr(raw, "item", None)
    return item() if item is not None and not isinstance(raw, (str, int, float)) else raw


def error_cell(raw, label: str) -> CellError | None:
    """The error that an input already is, if it is one."""
    if isinstance(raw, CellError):
        if raw.code == "excel_error" and not raw.message.startswith("“"):  # of a cell as a file holds it
            return CellError("excel_error", f"“{label}”{raw.message}", raw.cell)
        return CellError("excel_error", f"“{label}”算不出：{raw.message}", raw.cell)
    if isinstance(raw, str) and raw[:1] == "#" and raw.strip().upper() in EXCEL_ERRORS:
        cell = raw.strip().upper()
        return CellError("excel_error", f"“{label}”单元格是错误值{cell}，请先改正", cell)
    return None


def read(argument: Argument, raw):
    """The coded value of an input that is not blank: a code for a word or flag, an exact number, a list of exact
    numbers (None for a blank), a date, or text. Raises CellError."""
    raw = unwrap(raw)
    error = error_cell(raw, argument.label)
    if error:
        raise error
    match argument.kind:
        case "word" | "flag":
            return read_word(argument, raw)
        case "place":
            return read_place(argument, raw)
        case "number":
            return read_number(argument, raw)
        case "numbers":
            return read_numbers(argument, raw)
        case "date":
            return read_date(argument, raw)
    return raw


def read_numbers(argument: Argument, raw) -> list:
    """The exact numbers of a list, None for a blank; with named items every cell is needed."""
    cells = listed_cells(argument, raw)
    if argument.items:
        lacking = [name for name, cell in zip(argument.items, cells) if is_blank(unwrap(cell))]
        if lacking:
            raise CellError("missing", f"缺少“{argument.label}”的{'、'.join(lacking)}：没有的请填0")
    read, problems = [], []
    for cell in cells:
        try:
            read.append(None if is_blank(unwrap(cell)) else read_listed(argument, cell))
        except CellError as error:
            problems.append(error)
    if problems:
        raise min(problems, key=stage)
    return read


def listed_cells(argument: Argument, raw) -> list:
    """The cells of a list; a mapping by the names of its items counts as one. Raises CellError."""
    if isinstance(raw, dict) and argument.items:
        unknown = [key for key in raw if key not in argument.items]
        if unknown:
            choices = "、".join(argument.items)
            raise CellError("unknown_option", f"“{argument.label}”没有“{shown(unknown[0])}”一项，有：{choices}")
        return [raw.get(name) for name in argument.items]
    if isinstance(raw, (str, dict)) or not hasattr(raw, "__iter__"):
        raise wrong_length(argument)
    return list(raw)


def wrong_length(argument: Argument) -> CellError:
    """The error for a list argument that is no list of the right length."""
    length = f"{argument.shortest}"
    if argument.longest != argument.shortest:
        length += f"到{argument.longest}"
    return CellError("inconsistent", f"“{argument.label}”应是一行{length}个单元格")


def read_listed(argument: Argument, cell):
    error = error_cell(cell, argument.label)
    if error:
        raise error
    return read_number(argument, unwrap(cell))


def read_word(argument: Argument, raw) -> int:
    try:
        code = argument.codes.get(raw)
    except TypeError:
        code = None
    if code is not None:
        return code
    if isinstance(raw, float) and not math.isfinite(raw):
        raise not_finite(argument.label, raw)
    if isinstance(raw, str):
        folded = fold(raw)
        code = argument.folded_codes.get(folded)
        if code is not None:
            return code
        undecided(argument, folded)
    raise CellError("unknown_option", f"“{argument.label}”填的是“{shown(raw)}”，{to_fill(argument)}")


def to_fill(argument: Argument) -> str:
    """What belongs into the cell of a word or flag."""
    if argument.kind == "flag":
        return "请填是或否"
    if argument.kind == "place":
        return "请填地址，写明省份"
    options = sorted(argument.options, key=lambda word: word != "是")  # people say yes or no, in this order
    return f"请填{'、'.join(options)}之一"


def read_place(argument: Argument, raw) -> int:
    """The option in which an address lies. Raises CellError unverified where that is not certain."""
    code = argument.folded_codes.get(fold(raw)) if isinstance(raw, str) else None
    if code is None and isinstance(raw, str):
        from .places import province

        undecided(argument, fold(raw))
        found = province(raw)
        code = argument.folded_codes.get(fold(found)) if found else None
    if code is None:
        raise CellError("unverified", f"“{argument.label}”填的是“{shown(raw)}”，分不清在哪个省，请写明省份")
    return code


def undecided(argument: Argument, text: str) -> None:
    """Raise if the cell says that it is not known yet."""
    if text in argument.undecided:
        raise CellError("unverified", f"“{argument.label}”填的是“{text}”，请核实后填写")


def not_finite(label: str, raw: float) -> CellError:
    if math.isnan(raw):
        return CellError("nan", f"“{label}”不是有效数字（NaN），请改正")
    return CellError("infinite", f"“{label}”是无穷大，请改正")


def read_number(argument: Argument, raw) -> int | Fraction:
    """The exact value of a number as it is written, within the argument's limits."""
    label = argument.label
    if isinstance(raw, bool):
        raise CellError("not_number", f"“{label}”填的是{shown(raw)}，请填数字")
    if isinstance(raw, str):
        text = unicodedata.normalize("NFKC", raw).strip()
        if not NUMBER.fullmatch(text):
            undecided(argument, fold(text))
            raise CellError("not_number", f"“{label}”填的是“{shown(raw)}”，请只填数字，不带单位、逗号和范围")
        value = exact(Decimal(text))
    elif isinstance(raw, int):
        value = raw
    elif isinstance(raw, float):
        if not math.isfinite(raw):
            raise not_finite(label, raw)
        value = exact(raw)
    elif isinstance(raw, Decimal):
        if not raw.is_finite():
            raise not_finite(label, float(raw))
        value = exact(raw)
    elif isinstance(raw, Fraction):
        value = exact(raw)
    else:
        raise CellError("not_number", f"“{label}”填的不是数字，请填数字")
    return within(argument, value)


def within(argument: Argument, value):
    """The value, if it is within the argument's limits."""
    label, unit = argument.label, argument.unit
    if value < 0 and not argument.signed:
        raise CellError("negative", f"“{label}”是负数，请改正")
    if argument.whole and not isinstance(value, int):
        raise CellError("not_integer", f"“{label}”应是整数{f'（{unit}）' if unit else ''}")
    if abs(value) >= TOO_LARGE:
        raise CellError("out_of_range", f"“{label}”大得不合理，是否误填了证件号码或账号，请核对")
    if argument.low is not None and value < argument.low:
        raise CellError("out_of_range", f"“{label}”不应小于{argument.low}")
    if argument.high is not None and value > argument.high:
        hint = "，百分比请填小数，如0.8" if argument.high == 1 else ""
        raise CellError("out_of_range", f"“{label}”不应大于{argument.high}{hint}")
    return value


def read_date(argument: Argument, raw) -> dt.date:
    """A date, an Excel serial, a number yyyymmdd (19000101–29991231), or text such as 2023-02-01, 2023年2月1日."""
    label, raw = argument.label, unwrap(raw)
    error = error_cell(raw, label)
    if error:
        raise error
    wrong = CellError("bad_date", f"“{label}”填的是“{shown(raw)}”，请填日期，如2023-02-01")
    if isinstance(raw, dt.datetime):
        return raw.date()
    if isinstance(raw, dt.date):
        return raw
    if isinstance(raw, bool):
        raise wrong
    if isinstance(raw, str):
        text = unicodedata.normalize("NFKC", raw).strip()
        parts = _DATE.fullmatch(text)
        if parts:
            return _day(*map(int, parts.groups()), wrong)
        if len(text) == 8 and text.isascii() and text.isdigit():
            return _day(int(text[:4]), int(text[4:6]), int(text[6:]), wrong)
        undecided(argument, fold(text))
        raise wrong
    if isinstance(raw, float):
        if not math.isfinite(raw):
            raise not_finite(label, raw)
        raw = math.floor(raw)  # the fraction of a serial is the time of day
    if isinstance(raw, int):
        if 19000101 <= raw <= 29991231:
            return _day(raw // 10000, raw // 100 % 100, raw % 100, wrong)
        if 60 < raw <= _LAST_SERIAL:
            return _EXCEL_EPOCH + dt.timedelta(days=raw)
        if 1 <= raw < 60:  # Excel's calendar has a 29 February 1900 that never was
            return _EXCEL_EPOCH + dt.timedelta(days=raw + 1)
    raise wrong


def _day(year: int, month: int, day: int, wrong: CellError) -> dt.date:
    try:
        return dt.date(year, month, day)
    except ValueError:
        raise wrong from None


def missing(argument: Argument, why: str = "") -> CellError:
    """The error for a blank that is needed, with the remedy."""
    fill = to_fill(argument) if argument.finite else "请填写"
    if argument.line:
        fill += f"，或在 office.toml 的 [lines.{argument.line}] 登记"
    return CellError("missing", f"缺少“{argument.label}”：{why}{fill}")
