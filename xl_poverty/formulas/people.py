"""Functions about a person: the number, the age, the months in which an age is reached, where somebody works."""
from __future__ import annotations

import calendar
import datetime as dt

from ..errors import CellError
from ..rules.binding import bind
from ..rules.sentence import amount_text, day_text
from . import calls, identity, values
from .documents import named_document
from .office import Settings
from .plain import Told, plain
from .signatures import find


@plain("ID_CHECK")
def id_check(settings: Settings, policy, as_of, id) -> str:  # noqa: A002 the contract's name
    return identity.id_check(id)


@plain("MASK_ID")
def mask_id(settings: Settings, policy, as_of, id) -> str:  # noqa: A002
    return identity.mask_id(id)


@plain("AGE_ON")
def age_on(settings: Settings, policy, as_of, birth_date, on_date) -> Told:
    """Full years on a day. `birth_date`: a date or an ID number as text. Raises CellError."""
    arguments = find("AGE_ON").by_name
    birth = _needed(_birth, arguments["birth_date"], birth_date)
    day = _needed(values.read_date, arguments["on_date"], on_date)
    years = identity.full_years(birth, day)
    return Told(years, f"{day_text(day)}满{years}周岁")


@plain("WORK_DESTINATION")
def work_destination(settings: Settings, policy, as_of, address, home) -> Told:
    """跨省, 省内区外, 区内 or 待核实, from where somebody works. `home`: a county's code or name, else the policy's."""
    from .places import county_name, destination

    if values.is_blank(address):
        raise values.missing(find("WORK_DESTINATION").by_name["address"])
    error = values.error_cell(address, "务工地址")
    if error:
        raise error
    found, origin = None, ""
    if values.is_blank(home):
        home, origin = settings.first("home") if values.is_blank(policy) else (None, "")
    if values.is_blank(home):
        found, _ = named_document(policy, settings)
        home, origin = found.home, found.short_name
        if not home:
            raise calls.not_specified("“区内”以哪个县（区）为界", found)
    result = destination(str(values.unwrap(address)), str(values.unwrap(home)))
    seen_from = f"以{county_name(home)}为界" + (f"，取自{origin}" if origin else "")
    return Told(result, f"{result}（{values.shown(address)}，{seen_from}）", found)


@plain("ELDER_MONTHS")
def elder_months(settings: Settings, policy, as_of, birth_date, disability_level, from_date, to_date) -> Told:
    """Calendar months of the period in which the age of 孝善养老 is reached, the birthday's month included.

    Raises CellError: missing, bad_date, inconsistent, not_specified, unknown_option.
    """
    found, _ = named_document(policy, settings)
    signature = find("ELDER_MONTHS")
    measure = found.measures.get("ELDER_MONTHS")
    if measure is None:
        raise calls.not_specified(signature.alias, found, signature.name)
    day, _ = calls.effective_date(as_of, settings)
    problems = []

    def read(reader, name, raw):
        try:
            return _needed(reader, signature.by_name[name], raw)
        except CellError as error:
            problems.append(error)

    birth = read(_birth, "birth_date", birth_date)
    first, last = (read(values.read_date, name, raw) for name, raw in (("from_date", from_date), ("to_date", to_date)))
    binding = bind(found, measure, signature.by_name, day, settings.readings)
    level = read(values.read, "disability_level", disability_level) if "disability_level" in binding.arguments else None
    if problems:
        raise min(problems, key=values.stage)
    if first > last:
        raise CellError("inconsistent", "“开始日期”晚于“结束日期”，请核对")
    if binding.shut:
        raise calls.out_of_period(signature.alias, found)
    age, _ = binding.core(*([level] if "disability_level" in binding.arguments else []))
    months = sum(end >= birth and identity.full_years(birth, end) >= age for end in _month_ends(first, last))
    text = f"{months}个月，{day_text(first)}至{day_text(last)}，{day_text(birth)}生，须满{amount_text(age)}周岁"
    return Told(months, text, found, measure)


def _month_ends(first: dt.date, last: dt.date):
    """The last day within the period of every calendar month that it touches."""
    year, month = first.year, first.month
    while (year, month) <= (last.year, last.month):
        yield min(last, dt.date(year, month, calendar.monthrange(year, month)[1]))
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)


def _birth(argument, raw) -> dt.date:
    return identity.birth_date(raw)


def _needed(reader, argument, raw):
    """What `reader` makes of a cell that may not be blank."""
    if values.is_blank(raw):
        raise values.missing(argument)
    return reader(argument, raw)
