"""A sheet of cells: by rows, by one row, and by columns in which each different cell stands once."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ...workbook.references import MOST_COLUMNS, Area, Spot, area_of
from .cells import as_number
from .packed import Codes, Packed, key_of


class Sheet:
    """Cells from A1, zero-based: None where blank, CellError where an error stands.

    merged          areas (top, left, bottom, right), inclusive
    hidden_rows, hidden_columns
    formulas        (row, column) -> text with "="; an .xls tells where, but not what: "="

    The cells come as rows, or packed; then rows are built when somebody asks for them.
    """

    def __init__(
        self,
        name: str,
        rows: list[list] | None = None,
        merged: list[Area] | None = None,
        hidden: bool = False,
        hidden_rows: set[int] | None = None,
        hidden_columns: set[int] | None = None,
        formulas: dict[Spot, str] | Callable[[], dict[Spot, str]] | None = None,
    ):
        self.name, self.hidden = name, hidden
        self.merged = [] if merged is None else merged
        self.hidden_rows = set() if hidden_rows is None else hidden_rows
        self.hidden_columns = set() if hidden_columns is None else hidden_columns
        self.formulas = {} if formulas is None else formulas
        self.rows = [] if rows is None else rows

    def __getstate__(self) -> dict:
        """For another process: formulas as they are, not how they will be found."""
        return {**self.__dict__, "_formulas": self.formulas}

    def __repr__(self) -> str:
        return f"<Sheet {self.name} {self.height} × {self.width}>"

    @property
    def height(self) -> int:
        return len(self._rows) if self._size is None else self._size[0]

    @property
    def width(self) -> int:
        return max(map(len, self._rows), default=0) if self._size is None else self._size[1]

    @property
    def rows(self) -> list[list]:
        """All cells, as Python values; rows of one length."""
        if self._rows is None:
            columns = []
            for codes, values in map(self.column, range(self.width)):
                table = np.empty(len(values), object)
                table[:] = values
                columns.append(table[codes].tolist())
            self._rows = list(map(list, zip(*columns)))
        return self._rows

    @rows.setter
    def rows(self, rows: list[list]):
        self._rows, self._packed, self._columns, self._size = rows, None, {}, None

    def pack(self, packed: Packed):
        """Take these cells instead."""
        self._rows, self._packed, self._columns, self._size = None, packed, {}, (packed.height, packed.width)

    def row(self, row: int) -> list:
        """The cells of one row; the other rows are not built."""
        if self._packed:
            return self._packed.row(row)
        if self._rows is None:
            if not 0 <= row < self.height:
                raise IndexError(row)
            return [values[codes[row]] for codes, values in map(self._columns.__getitem__, range(self.width))]
        cells, width = self._rows[row], self.width
        return cells + [None] * (width - len(cells))

    def column(self, column: int) -> Codes:
        """The cells of one column, each different one once."""
        if column not in self._columns:
            self._columns[column] = self._packed.column(column) if self._packed else self._coded(column)
            if len(self._columns) == self.width:  # the columns say everything, in less room
                self._packed = None
        return self._columns[column]

    def _coded(self, column: int) -> Codes:
        cells = [row[column] if column < len(row) else None for row in self._rows]
        keys = cells if set(map(type, cells)) <= {str, type(None)} else list(map(key_of, cells))
        first = dict(zip(reversed(keys), reversed(cells)))
        different = [key for key in dict.fromkeys(keys) if key is not None]
        places = {None: 0} | dict(zip(different, range(1, len(different) + 1)))
        codes = np.fromiter(map(places.__getitem__, keys), np.int32, len(keys))
        values = [first[key] for key in different]
        return Codes(codes, [None, *(as_number(value) if value.__class__ is float else value for value in values)])

    @property
    def formulas(self) -> dict[Spot, str]:
        if callable(self._formulas):
            self._formulas = self._formulas()
        return self._formulas

    @formulas.setter
    def formulas(self, formulas: dict[Spot, str] | Callable[[], dict[Spot, str]]):
        self._formulas, self._formula_rows = formulas, None

    def formula_rows(self, column: int) -> np.ndarray:
        """The rows of a column that hold a formula, ascending."""
        if self._formula_rows is None:
            spots = np.array(list(self.formulas), np.int64).reshape(-1, 2)
            spots = spots[np.lexsort((spots[:, 0], spots[:, 1]))]
            columns, starts = np.unique(spots[:, 1], return_index=True)
            self._formula_rows = dict(zip(columns.tolist(), np.split(spots[:, 0], starts[1:])))
        return self._formula_rows.get(column, np.zeros(0, np.int64))

    # ---- what the XML says besides

    def hide_columns(self, attrs: dict):
        if attrs.get("hidden") in ("1", "true") or attrs.get("width") == "0":
            first, last = int(attrs.get("min", 0)), int(attrs.get("max", 0))
            self.hidden_columns.update(range(max(first, 1) - 1, min(last, MOST_COLUMNS)))

    def merge(self, reference: str):
        area = area_of(reference)
        if area and area[:2] != area[2:]:
            self.merged.append(area)
