"""Writing inside .xlsx workbooks: what is not written to stays as it is.

    from xl_poverty.workbook import SheetChanges, write_cells

    write_cells("台账.xlsx", "结果.xlsx", {"台账": {"AO3": 1500, "AP3": "第10条"}})
"""

from .changes import ColumnCells, SheetChanges
from .encoding import Formula
from .grafting import Graft
from .styles import Look
from .writing import Written, write_cells

__all__ = ["ColumnCells", "Formula", "Graft", "Look", "SheetChanges", "Written", "write_cells"]
