"""Where defaults come from, in this order: the argument itself, the workbook, an explicit option, the office.toml
beside the workbook, the user's office.toml."""
from __future__ import annotations

import datetime as dt
import os
import sys
import tomllib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from ..errors import CellError, PolicyError
from ..rules.expressions import exact
from ..rules.parameters import Policy


@dataclass(frozen=True, eq=False)
class Layer:
    """One source of defaults. `origin` names it for WHY. Lines map a name to {year: (value, source)}."""

    origin: str
    policy: str = ""
    as_of: dt.date | None = None
    readings: dict[str, str] = field(default_factory=dict)
    lines: dict[str, dict[int, tuple]] = field(default_factory=dict)
    folder: Path | None = None  # where the office keeps data-only documents
    home: str = ""  # the county that 区内 means, by code or name
    trial: Policy | None = None  # a document that is being checked, not installed
    answers: dict[str, str] = field(default_factory=dict)  # to what is asked of a ledger, by the question's key
    headers: dict[str, list[str]] = field(default_factory=dict)  # further headers of a ledger's columns, by field
    checks: dict[str, object] = field(default_factory=dict)  # off: names; else name of a check -> its limits
    accounting: dict[str, dict] = field(default_factory=dict)  # how incomes are reckoned here, each with its source


@dataclass(frozen=True, eq=False)
class Settings:
    """The layers in force, the strongest first."""

    layers: tuple[Layer, ...] = ()

    def first(self, key: str):
        """(value, origin) of the strongest layer that has one; (None, "") if none has."""
        for layer in self.layers:
            if getattr(layer, key):
                return getattr(layer, key), layer.origin
        return None, ""

    @property
    def readings(self) -> dict[str, str]:
        """Name of a measure or a 口径 -> the alternative chosen; a measure's alias counts as its name."""
        from .signatures import find

        merged: dict[str, str] = {}
        for layer in reversed(self.layers):
            for key, choice in layer.readings.items():
                signature = find(key)
                merged[signature.name if signature else key] = choice
        return merged

    def line(self, name: str, year: int | None):
        """(value, where from) of an office line in a year, or None. Without a year none is chosen."""
        for layer in self.layers:
            known = layer.lines.get(name, {}).get(year)
            if known:
                value, source = known
                return value, f"{layer.origin} {year}年{name}{f'（{source}）' if source else ''}"
        return None

    @property
    def answers(self) -> dict[str, str]:
        """Key of a question -> the choice, the strongest layer's."""
        return _merged(self.layers, "answers")

    @property
    def headers(self) -> dict[str, list[str]]:
        """Field -> further headers of its column, from all layers."""
        found: dict[str, list[str]] = {}
        for layer in self.layers:
            for name, headers in layer.headers.items():
                found.setdefault(name, []).extend(headers)
        return found

    @property
    def checks_off(self) -> frozenset[str]:
        """Names of checks that are not wanted."""
        return frozenset(name for layer in self.layers for name in layer.checks.get("off", ()))

    @property
    def check_limits(self) -> dict[str, dict]:
        """Name of a check -> its limits that differ from the usual ones."""
        found: dict[str, dict] = {}
        for layer in reversed(self.layers):
            for name, limits in layer.checks.items():
                if name != "off":
                    found.setdefault(name, {}).update(limits)
        return found

    @property
    def accounting(self) -> dict[str, dict]:
        """How incomes are reckoned, the strongest layer's: pension, expense_ratios."""
        return _merged(self.layers, "accounting")

    def disagreements(self, same_document) -> list[str]:
        """Where two layers name different policies or dates. `same_document` tells whether two names are one's."""
        found = []
        for key, label in (("policy", "政策"), ("as_of", "业务日期")):
            named = [(layer.origin, getattr(layer, key)) for layer in self.layers if getattr(layer, key)]
            for origin, value in named[1:]:
                if value != named[0][1] and not (key == "policy" and same_document(value, named[0][1])):
                    found.append(f"{label}：{named[0][0]}是{named[0][1]}，{origin}是{value}，按{named[0][0]}")
        return found


def _merged(layers: tuple[Layer, ...], name: str) -> dict:
    return {key: value for layer in reversed(layers) for key, value in getattr(layer, name).items()}


def user_file() -> Path:
    """The user's office.toml."""
    if sys.platform == "win32":
        base = Path(os.environ.get("APPDATA") or Path.home() / "AppData/Roaming")
    else:
        base = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    return base / "xl_poverty" / "office.toml"


@cache
def _user_settings() -> Settings:
    file = user_file()
    return Settings((read_office(file, "本机 office.toml"),) if file.exists() else ())


_current: ContextVar[Settings | None] = ContextVar("xl_poverty_settings", default=None)


def current() -> Settings:
    """The settings in force here."""
    return _current.get() or _user_settings()


def calling(settings: Settings, function, *arguments):
    """What a function returns with these settings, and no others, in force."""
    token = _current.set(settings)
    try:
        return function(*arguments)
    finally:
        _current.reset(token)


@contextmanager
def using(*stronger: Layer):
    """Put layers, the strongest first, before those in force."""
    token = _current.set(Settings((*stronger, *current().layers)))
    try:
        yield _current.get()
    finally:
        _current.reset(token)


@contextmanager
def office(policy: str = "", as_of=None, readings: dict[str, str] | None = None, file=None):
    """Defaults for the calls inside the block.

        with office(policy="双碾乡", readings={"TRAVEL_SUBSIDY": "限额据实"}):
            f.TRAVEL_SUBSIDY("脱贫户", True, "跨省", 900)

    `policy`: id, short name or number of a document. `as_of`: 业务日期. `readings`: a measure's or a 口径's name to the
    alternative chosen. `file`: an office.toml whose settings come after these.
    """
    from .signatures import AS_OF
    from .values import read_date

    day = None if as_of is None else read_date(AS_OF, as_of)
    layers = [Layer("选项", policy, day, dict(readings or {}))]
    if file is not None:
        layers.append(read_office(Path(file), str(Path(file).name)))
    with using(*layers) as settings:
        yield settings


#: the names of a workbook that hold its defaults
WORKBOOK_NAMES = POLICY_NAME, DAY_NAME, READINGS_NAME = "政策", "业务日期", "口径"


def workbook_layer(names: dict[str, object], rows: Iterable[tuple], questions: tuple[str, ...] = ("",)) -> Layer:
    """The defaults that a workbook carries: the values of its names first, then its sheet, rows of key and choice.

    The name 口径 says key=choice;… and a key that nobody knows is an error when it is used. Of the sheet, which may
    have headers and remarks, only 政策, 业务日期, known 口径 and keys that begin like one of `questions` count.
    Raises CellError bad_date.
    """
    from .signatures import AS_OF
    from .values import is_blank, read_date

    found = {name: value for name, value in names.items() if not is_blank(value)}
    readings, answers = {}, {}
    for part in str(found.get(READINGS_NAME, "")).replace("；", ";").split(";"):
        if "=" in part:
            key, choice = part.split("=", 1)
            readings[key.strip()] = choice.strip()
    offered = None
    for key, choice in rows:
        if not isinstance(key, str) or is_blank(key) or is_blank(choice):
            continue
        key = key.strip()
        offered = _reading_names() if offered is None else offered
        if key in (POLICY_NAME, DAY_NAME):
            found.setdefault(key, choice)
        elif key in offered:
            if isinstance(choice, str):
                readings.setdefault(key, choice.strip())
        elif key.startswith(questions):
            answers.setdefault(key, str(choice).strip())
    try:
        day = read_date(AS_OF, found[DAY_NAME]) if DAY_NAME in found else None
    except CellError as error:
        raise CellError(error.code, f"工作簿里的业务日期：{error.message}", error.cell) from None
    return Layer("工作簿", str(found.get(POLICY_NAME, "")).strip(), day, readings, answers=answers)


def _reading_names() -> set[str]:
    """What the sheet may name: a 口径, or a measure that has one."""
    from .documents import documents
    from .signatures import find

    names = set()
    for policy in documents(current()):
        names |= {reading.name for reading in policy.readings}
        for measure in policy.measures.values():
            if measure.readings:
                signature = find(measure.name)
                alias = signature.alias if signature else measure.alias
                names |= {measure.name, alias} | {reading.name for reading in measure.readings}
    return names


def office_beside(folder: Path) -> list[Layer]:
    """The office's defaults that lie in the folder of a workbook."""
    file = folder / "office.toml"
    return [read_office(file, "台账旁的 office.toml")] if file.exists() else []


def read_office(file: Path, origin: str) -> Layer:
    """An office.toml as a layer. Raises PolicyError with every mistake found in it."""
    try:
        data = tomllib.loads(file.read_text(encoding="utf-8-sig"))  # Windows' editor puts a mark before the text
    except UnicodeDecodeError:
        raise PolicyError([f"{file.name}：文字编码不是 UTF-8，请用记事本另存为 UTF-8"]) from None
    except tomllib.TOMLDecodeError as error:
        raise PolicyError([f"{file.name}：不是有效的 TOML：{error}"]) from None
    mistakes = []
    known = {"policy", "as_of", "readings", "lines", "documents", "home", "answers", "headers", "checks", "accounting"}
    unknown = set(data) - known
    mistakes += [f"{file.name}：不认识的项 {key}" for key in sorted(unknown)]
    lines: dict[str, dict[int, tuple]] = {}
    for name, years in data.get("lines", {}).items():
        for year, entry in years.items():
            value = entry.get("value") if isinstance(entry, dict) else entry
            if not str(year).isdigit() or isinstance(value, bool) or not isinstance(value, (int, float)):
                mistakes.append(f"{file.name}：lines.{name}.{year} 应写成 年份 = {{ value = 数, source = 出处 }}")
                continue
            source = entry.get("source", "") if isinstance(entry, dict) else ""
            lines.setdefault(name, {})[int(year)] = (exact(value), source)
    as_of = data.get("as_of")
    if as_of is not None and not isinstance(as_of, dt.date):
        mistakes.append(f"{file.name}：as_of 应是日期，如 2023-02-01")
    mistakes += [f"{file.name}：{text}" for text in _ledger_mistakes(data)]
    if mistakes:
        raise PolicyError(mistakes)
    folder = file.parent / data["documents"] if "documents" in data else None
    home = str(data.get("home", ""))
    of_ledgers = {key: data.get(key, {}) for key in ("answers", "headers", "checks", "accounting")}
    return Layer(origin, data.get("policy", ""), as_of, data.get("readings", {}), lines, folder, home, **of_ledgers)


def _ledger_mistakes(data: dict) -> Iterator[str]:
    """What is wrong in the tables that say how ledgers are read. Whether a field or a check of that name is there,
    the reader of ledgers says."""
    for table, form in (("answers", "\"空白按0：低保金\" = \"是\""), ("headers", "户编号 = [\"家庭代码\"]")):
        for key, value in data.get(table, {}).items():
            texts = [value] if table == "answers" else value
            if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
                yield f"{table}.{key} 应写成 {form}"
    for name, value in data.get("checks", {}).items():
        if name == "off":
            right = isinstance(value, list) and all(isinstance(text, str) for text in value)
        else:
            right = isinstance(value, dict)
        if not right:
            yield f"checks.{name} 应写成 off = [\"检查项\"] 或 [checks.检查项] 下的界限"
    accounting = data.get("accounting", {})
    for name in sorted(set(accounting) - {"pension", "expense_ratios"}):
        yield f"accounting 里不认识的项 {name}，可以有 pension、expense_ratios"
    for name, told in accounting.items():
        if not isinstance(told, dict) or not str(told.get("source", "")).strip():
            yield f"accounting.{name} 要写明出处，如 source = \"某县收入核算办法第三条\""
        elif name == "pension" and not isinstance(told.get("counted"), bool):
            yield "accounting.pension 应写成 { counted = true 或 false, source = 出处 }"
        elif name == "expense_ratios":
            for item, ratio in told.items():
                number = isinstance(ratio, (int, float)) and not isinstance(ratio, bool)
                if item != "source" and not (number and 0 <= ratio <= 1):
                    yield f"accounting.expense_ratios.{item} 应是 0 到 1 之间的数，如 0.4"
