"""xlwings' side of the adapter: how arguments arrive and results leave, on every host that xlwings serves."""
import os
from types import FunctionType

from xlwings import XlwingsError
from xlwings.conversion import Accessor, Pipeline, ValueAccessor

from xl_poverty.errors import CellError
from xl_poverty.hosts.values import PLAIN, answer, error_text, from_excel, from_office, marked_error, to_rows

__all__ = ["Cells", "add_aliases", "answer"]

#: xlwings Server and Lite; xlwings itself decides by this
ON_SERVER = os.environ.get("XLWINGS_ON_SERVER") == "true"
#: begins the id of a function that stands for another one
ALIAS = "ALIAS_"
#: from here on Excel on the web takes error values and dates inside results
_WITH_ERRORS = 1.4

_arrived = from_office if ON_SERVER else from_excel


def _read(context) -> None:
    if context.value.__class__ not in PLAIN:
        context.value = _arrived(context.value)


def _write_classic(context) -> None:
    day = context.engine.impl.prepare_xl_data_element
    context.value = to_rows(context.value, marked_error, lambda one: day(one, None))


def _write_office(context) -> None:
    context.value = to_rows(context.value, error_text, lambda one: one)


def _write_old_office(context) -> None:
    """An Office that cannot show an error inside a result shows none of it: as a text, SUM would skip it."""
    context.value = to_rows(context.value, _refuse, lambda one: one)


def _refuse(error: CellError):
    raise XlwingsError(f"{error_text(error)} {error.message}")


class _Reading(Pipeline):
    __call__ = staticmethod(_read)


class _Writing(Pipeline):
    __call__ = staticmethod(_write_classic)


class Cells(Accessor):
    """Cells as the functions take them, results as the host shows them. xlwings' own way would build its pipeline anew
    for every argument, which takes longer than the function; these two are of one stage and called without a loop."""

    _reading = _Reading([_read])
    _writing = _Writing([_write_classic])

    @classmethod
    def reader(cls, options):
        return cls._reading

    @classmethod
    def writer(cls, options):
        if not ON_SERVER:
            return cls._writing
        told = _write_office if float(options["runtime"]) >= _WITH_ERRORS else _write_old_office
        return ValueAccessor.writer(options).prepend_stage(told)


def add_aliases(module: dict):
    """On the server and in Lite every function is there under its Chinese name, too: such a host knows a function by
    one name, so each gets a second function. Classic Excel takes ASCII names alone."""
    for name in list(module["__all__"]) if ON_SERVER else ():
        function = module[name]
        alias = FunctionType(function.__code__, function.__globals__, ALIAS + name, function.__defaults__)
        alias.__doc__, alias.__module__ = function.__doc__, function.__module__
        told = function.__xlfunc__
        alias.__xlfunc__ = {**told, "name": ALIAS + name}
        told["excel_name"] = None
        module[ALIAS + name] = alias
        module["__all__"].append(ALIAS + name)
