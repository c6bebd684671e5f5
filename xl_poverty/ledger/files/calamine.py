"""calamine: opening a workbook, what it raises, and its cells."""

from __future__ import annotations

import io
from contextlib import contextmanager

from .cells import EXACT


def opened(content: bytes):
    """calamine's workbook, or None where calamine refuses."""
    import python_calamine

    try:
        with panics():
            return python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
    except Exception:  # the thorough reader goes on where this one stops
        return None


@contextmanager
def panics():
    """A damaged file can make calamine panic, which is no Exception."""
    try:
        yield
    except BaseException as error:
        if type(error).__name__ == "PanicException":
            raise ValueError("damaged") from None
        raise


def plain_cells(rows: list[list]) -> list[list]:
    """Cells as a Sheet has them; calamine's blanks are "", and all its numbers floats."""
    plain = []
    for row in rows:
        if set(map(type, row)) == {str}:
            plain.append([cell or None for cell in row])
        else:
            plain.append(
                [
                    (cell or None) if cell.__class__ is str
                    else int(cell) if cell.__class__ is float and cell.is_integer() and -EXACT < cell < EXACT
                    else cell
                    for cell in row
                ]
            )  # fmt: skip
    return plain
