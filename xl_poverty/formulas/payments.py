"""Functions about what was paid and what is still due."""
from __future__ import annotations

from ..errors import CellError
from ..rules.arguments import fold
from ..rules.cell import round_fen
from ..rules.sentence import amount_text
from . import calls, identity, values
from .office import Settings
from .plain import Told, plain
from .ranges import cells_of, is_range
from .signatures import find


@plain("DUE_NOW")
def due_now(settings: Settings, policy, as_of, due, paid) -> Told:
    """What is due and not yet paid, never below 0. In 元. A blank is missing: not to know what was paid is not 0."""
    amounts = {}
    for name, raw in (("due", due), ("paid", paid)):
        argument = find("DUE_NOW").by_name[name]
        if values.is_blank(raw):
            raise values.missing(argument, "没有发过请填0，" if name == "paid" else "")
        amounts[name] = values.read(argument, raw)
    left = amounts["due"] - amounts["paid"]
    result = calls.yuan(round_fen(max(0, left)))
    text = f"应享{amount_text(amounts['due'])}元－已发{amount_text(amounts['paid'])}元"
    text += f"，多发{amount_text(-left)}元，请核实" if left < 0 else f"＝{amount_text(result)}元"
    return Told(result, text)


@plain("FIRST_OF")
def first_of(settings: Settings, policy, as_of, keys):
    """Per cell of the range: is this the first cell with its key? A blank is no key: FALSE. ID numbers are compared by
    their first 18 characters."""
    seen: set = set()

    def first(cell):
        error = values.error_cell(cell, find("FIRST_OF").by_name["keys"].label)
        if error:
            return error
        try:
            key = key_of(cell, find("FIRST_OF").by_name["keys"].label)
        except CellError as lost:
            return lost
        if key is None or key in seen:
            return False
        seen.add(key)
        return True

    if not is_range(keys):
        result = first(keys)
        if isinstance(result, CellError):
            raise result
        return result
    return [[first(cell) for cell in row] if is_range(row) else first(row) for row in cells_of(keys)]


def key_of(cell, label: str = "证件号码") -> str | None:
    """What a cell is compared by: the first 18 characters of an ID number, else its text; None for a blank.

    Raises CellError out_of_range for a number that lost digits.
    """
    cell = values.unwrap(cell)
    if values.is_blank(cell) or cell != cell:  # NaN of a column from pandas
        return None
    if isinstance(cell, (int, float)) and not isinstance(cell, bool) and abs(cell) >= identity.DISTORTED_FROM:
        raise CellError("out_of_range", f"“{label}”{identity.DISTORTED}")
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    return identity.person_number(cell) or fold(str(cell))
