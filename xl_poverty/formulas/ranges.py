"""Ranges: which arguments are more than one cell, and the shape they have together."""
from __future__ import annotations

from collections.abc import Iterator
from itertools import repeat

from ..errors import CellError
from .signatures import Signature
from .values import listed_cells, wrong_length


class Strip(list):
    """Cells that are known to be single ones, of a column as a host hands it over."""


def is_range(raw) -> bool:
    """A list, tuple, array or column; text and single values are not."""
    if isinstance(raw, (str, bytes, dict)) or raw is None:
        return False
    if getattr(raw, "ndim", None) == 0:
        return False
    return hasattr(raw, "__iter__") or hasattr(raw, "__array__")


def cells_of(raw) -> list:
    """The cells of a range: an array or a column of pandas as plain lists."""
    if hasattr(raw, "to_numpy"):
        raw = raw.to_numpy()
    if hasattr(raw, "tolist"):
        raw = raw.tolist()
    return list(raw)


def _rows(raw) -> tuple[list[list] | list, int]:
    """(cells, dimensions) of a range: nested lists for two dimensions, a flat list for one."""
    if raw.__class__ is Strip:
        return raw, 1
    cells = cells_of(raw)
    if cells and all(is_range(cell) for cell in cells):
        return [list(cell) for cell in cells], 2
    if any(is_range(cell) for cell in cells):
        raise CellError("inconsistent", "区域的各行长短不一")
    return cells, 1


class Grid:
    """The arguments of one call, broadcast: `rows` cells in reading order."""

    def __init__(self, shape: tuple[int, ...] | None, columns: list, single: bool, names: list[str]):
        self.shape, self.columns, self.single, self.names = shape, columns, single, names
        self.rows = 1
        for length in shape or ():
            self.rows *= length

    def row(self, index: int) -> tuple:
        return tuple(column.at(index) for column in self.columns)

    def raw(self, index: int) -> tuple:
        """The function's own arguments of a row."""
        return tuple(column.at(index) for column in self.columns[:-2])

    def raws(self, rows) -> Iterator[tuple]:
        """The function's own arguments of several rows."""
        if rows != range(self.rows):
            return map(self.raw, rows)
        columns = self.columns[:-2]
        return zip(*(repeat(c.cells, self.rows) if c.constant else c.cells for c in columns), strict=True)

    def column(self, name: str) -> Column:
        return self.columns[self.names.index(name)]

    def groups(self, selectors: list[str]):
        """((policy, as_of, *selected), row numbers): rows that are computed under the same document, day and item."""
        keys = [self.columns[-2], self.columns[-1], *(self.column(name) for name in selectors)]
        if all(key.constant for key in keys):
            yield tuple(key.at(0) for key in keys), range(self.rows)
            return
        found: dict = {}
        for row in range(self.rows):
            key = tuple(k.at(row) for k in keys)
            try:
                found.setdefault(tuple((v.__class__, v) for v in key), (key, []))[1].append(row)
            except TypeError:
                found.setdefault(("unhashable", row), (key, []))[1].append(row)
        yield from found.values()

    def shaped(self, flat: list):
        """A flat list of results in the shape of the call."""
        if self.shape is None or len(self.shape) == 1:
            return flat
        height, width = self.shape
        return [flat[start * width : (start + 1) * width] for start in range(height)]


class Column:
    """One argument over all cells of a call: a constant, or one value per cell."""

    __slots__ = ("cells", "constant")

    def __init__(self, cells, constant: bool):
        self.cells, self.constant = cells, constant

    def at(self, index: int):
        return self.cells if self.constant else self.cells[index]


def broadcast(signature: Signature, raw: tuple, policy, as_of) -> Grid:
    """Broadcast the arguments of a call as NumPy does; a list argument takes its last dimension for itself.

    Raises CellError inconsistent where shapes do not fit.
    """
    names = list(signature.by_name)
    parsed, shapes = [], []
    for name, value in zip((*names, "policy", "as_of"), (*raw, policy, as_of)):
        argument = signature.by_name.get(name)
        if argument is not None and argument.kind == "numbers":
            cells, shape = _lists(argument, value)
        elif is_range(value):
            cells, dimensions = _rows(value)
            if dimensions == 2 and len({len(row) for row in cells}) > 1:
                raise CellError("inconsistent", "区域的各行长短不一")
            shape = (len(cells),) if dimensions == 1 else (len(cells), len(cells[0]))
        else:
            cells, shape = value, None
        parsed.append(cells)
        shapes.append(shape)
    lists = [i for i, name in enumerate(names) if signature.by_name[name].kind == "numbers" and shapes[i]]
    others = [shape for i, shape in enumerate(shapes) if shape and i not in lists]
    if lists and others and all(len(shape) == 1 for shape in others):
        for i in lists:  # one list per row beside plain lists: rows, not a table
            shapes[i] = shapes[i][:1]
    shape = _joint([s for s in shapes if s is not None])
    columns = [Column(*_spread(cells, own, shape)) for cells, own in zip(parsed, shapes)]
    return Grid(shape, columns, shape is None, [*names, "policy", "as_of"])


def _lists(argument, value):
    """A list argument: one list (a row, or a single column of that length), or one list per row."""
    fits = range(argument.shortest, argument.longest + 1)
    wrong = wrong_length(argument)
    if value is None or (isinstance(value, str) and not value.strip()):
        return None, None
    if isinstance(value, dict):
        return tuple(listed_cells(argument, value)), None
    if not is_range(value):
        raise wrong
    cells, dimensions = _rows(value)
    if dimensions == 1:
        if len(cells) not in fits:
            raise wrong
        return tuple(cells), None
    width = len(cells[0]) if cells else 0
    if any(len(row) != width for row in cells):
        raise wrong
    if len(cells) == 1 and width in fits:
        return tuple(cells[0]), None
    if width == 1 and len(cells) in fits:
        return tuple(row[0] for row in cells), None
    if width not in fits:
        raise wrong
    return [tuple(row) for row in cells], (len(cells), 1)


def _joint(shapes: list[tuple[int, ...]]) -> tuple[int, ...] | None:
    if not shapes:
        return None
    dimensions = max(len(shape) for shape in shapes)
    joint = [1] * dimensions
    for shape in shapes:
        for position, length in enumerate(reversed(shape), 1):
            if joint[-position] == 1:
                joint[-position] = length
            elif length not in (1, joint[-position]):
                sizes = "、".join("×".join(map(str, s)) for s in shapes)
                raise CellError("inconsistent", f"各区域大小不一致（{sizes}）")
    return tuple(joint)


def _spread(cells, own, shape) -> tuple[object, bool]:
    """(cells in reading order of the joint shape, constant?)."""
    if own is None:
        return cells, True
    if shape is None:
        return cells, True
    flat = cells if len(own) == 1 or isinstance(cells[0], tuple) else [cell for row in cells for cell in row]
    if own == shape:
        return flat, False
    height, width = (1, *own)[-2:] if len(own) == 1 else own
    rows, columns = (1, *shape)[-2:]
    if height == width == 1:
        return flat[0], True
    down, across = (width if height > 1 else 0), (1 if width > 1 else 0)
    return [flat[row * down + column * across] for row in range(rows) for column in range(columns)], False
