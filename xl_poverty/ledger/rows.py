"""The rows of a table as the formulas take them: values, blanks, and errors where a cell cannot be used."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction

import numpy as np

from ..errors import CELLS, CellError
from ..formulas import values
from ..formulas.signatures import AS_OF, Signature, plain_arguments
from ..rules.arguments import Argument
from ..rules.expressions import exact
from . import checks
from .cleaning import BLANK, DAY, VALUE, Clean
from .columns import Column
from .fields import Field, argument_field, table
from .headers import header_key
from .reading import Ledger, LedgerTable

#: a number of which nothing more is known
ANY_NUMBER = Argument("", "", "number", signed=True)


class Rows:
    """The rows of one table.

    blocked   field name -> per row the text of a doubt that has to be settled before the cell counts, None elsewhere
    """

    def __init__(self, found: LedgerTable, blocked: Mapping[str, np.ndarray] | None = None):
        self.table, self.blocked = found, dict(blocked or {})
        self.count = len(found)
        self.without: frozenset[str] = frozenset()  # fields that are left aside
        self._given: dict[tuple[int, str], list] = {}
        self._put: dict[str, list] = {}

    def leaving_out(self, *names: str) -> Rows:
        """The same rows without some of their columns."""
        other = Rows(self.table, self.blocked)
        other.without, other._given = frozenset(names), self._given
        return other

    def __contains__(self, name: str) -> bool:
        return name in self._put or (name in self.table and name not in self.without)

    def put(self, name: str, cells: list):
        """Cells of a field that has no column, worked out from others."""
        self._put[name] = cells

    def get(self, name: str) -> list | None:
        """The cells of a field, None without such a column."""
        if name in self._put:
            return self._put[name]
        return self.of(self.table.fields[name]) if name in self else None

    def facts(self, signature: Signature, per_person: bool, alone=frozenset()) -> dict[str, list]:
        """The columns of a measure's arguments; each row stands for one person if `per_person`. `alone`: arguments
        that no other measure takes, whose label alone can head a column."""
        found = {a.name: self.get(a.name) for a in signature.arguments if a.name in self}
        for argument in signature.arguments:
            column = self._own_column(signature, argument, argument.name in alone)
            if column:
                headers = (column.path[-1],) if column.path else (argument.label,)
                own = replace(argument_field(argument, headers), label=argument.label)
                found[argument.name] = self.of(column, own, argument)
        if "household_type" in found and "monitor_type" in self:
            pairs = zip(found["household_type"], self.get("monitor_type"))
            found["household_type"] = [household if values.is_blank(kind) else kind for household, kind in pairs]
        if per_person and "persons" in signature.by_name and "persons" not in found:
            found["persons"] = [1] * self.count
        return found

    def _own_column(self, signature: Signature, argument: Argument, alone: bool) -> Column | None:
        """The column that belongs to this measure alone: under a header of its own, the measure's name and the
        argument's, or the argument's only."""
        label, alias = argument.label, signature.alias
        own = table()["measures"].get(signature.name, {}).get(argument.name, ())
        wanted = [*own, f"{label}{alias}", f"{alias}{label}", *([label] if alone else ())]
        by_key = self.table.by_header
        return next((by_key[key] for key in map(header_key, wanted) if key in by_key), None)

    def of(self, column: Column, field: Field | None = None, argument: Argument | None = None) -> list:
        """The cells of a column, read as `field` if that is given."""
        field = field or column.field
        key = column.position, field.name
        if key not in self._given:
            argument = argument or plain_arguments().get(field.name)
            cells = self.table.cells(column, field)
            given = cells.mapped(lambda clean: _given(clean, field, argument)).tolist()
            doubts = self.blocked.get(field.name)
            for row in () if doubts is None else np.flatnonzero(cells.known).tolist():
                if doubts[row] is not None:
                    given[row] = CellError("excel_error", doubts[row], "#NUM!")
            self._given[key] = given
        return self._given[key]


def _given(clean: Clean, field: Field, argument: Argument | None):
    """A cleaned cell as a formula takes it."""
    if clean.state == BLANK:
        return None
    if clean.state != VALUE:
        return _refused(clean, field, argument)
    value = clean.value
    if field.kind == "id":
        return value.key
    if field.kind == "name":
        return value.shown
    if field.kind == "date" and clean.precision != DAY:
        return CellError("excel_error", f"只写到{clean.precision}，请填到日，如2023-02-01", CELLS["bad_date"])
    if isinstance(value, tuple):
        return "、".join(value)
    return formula_number(value) if isinstance(value, Fraction) else value


def formula_number(value: int | Fraction):
    """An exact number as formulas take it: a float is to them the decimal that it is written as."""
    if value == int(value):
        return int(value)
    return float(value) if exact(float(value)) == value else value


def _refused(clean: Clean, field: Field, argument: Argument | None):
    """What stands for a cell that cannot be used: the cell itself where who takes it refuses it too, and says what can
    be filled in; else an error with the reason."""
    if field.kind in ("id", "key") or values.error_cell(clean.raw, field.label):
        return clean.raw
    if argument is None and field.kind in ("money", "number", "months"):
        argument = ANY_NUMBER
    if argument is None and field.kind == "date":
        argument = AS_OF
    if argument is not None and clean.raw is not None:
        try:
            values.read_date(argument, clean.raw) if argument.kind == "date" else values.read(argument, clean.raw)
        except CellError:
            return clean.raw
    code = "unknown_option" if field.kind in ("word", "words", "flag", "place") else "not_number"
    return CellError("excel_error", clean.reason, CELLS[code])


def ready_rows(ledger: Ledger, found: LedgerTable) -> tuple[Rows, list[checks.Finding]]:
    """(the rows of a table, those cells left out that a doubt has to be settled of first; these doubts)."""
    doubts = checks.run(ledger, checks.blocking())
    place = ledger.tables.index(found)
    why = checks.why_blocked(ledger, doubts).items()
    # numbers of persons and households tell whose a row is; who needs them looks at them itself
    return Rows(found, {name: texts for (of, name), texts in why if of == place and name in plain_arguments()}), doubts
