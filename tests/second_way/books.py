"""What the program wrote, as somebody reads it who opens the workbooks: rows under heads, with their keys."""

from __future__ import annotations

import openpyxl
from python_calamine import CalamineWorkbook

from .cells import fen_of

RECORD = "_生成记录"


def last_amount(row):
    """The last number of a row, 元, as fen."""
    return fen_of([cell for cell in row if isinstance(cell, (int, float))][-1])


class Book:
    """Sheets as lists of rows; a row's last cell holds its key (hidden), which `keyed` goes by."""

    def __init__(self, path, many=False, hidden=False):
        """`many`: a hundred sheets, which openpyxl takes seconds for; `hidden`: with the record behind the sheets."""
        self.sheets = {}
        if many:
            book = CalamineWorkbook.from_path(path)
            for title in book.sheet_names[:-1]:
                rows = book.get_sheet_by_name(title).to_python(skip_empty_area=False)
                self.sheets[title] = [tuple(None if cell == "" else cell for cell in row) for row in rows]
            return
        book = openpyxl.load_workbook(path, data_only=True, read_only=True)
        for sheet in book.worksheets:
            if sheet.title == RECORD and not hidden:
                continue
            self.sheets[sheet.title] = [tuple(row) for row in sheet.iter_rows(values_only=True)]
        book.close()

    def keyed(self, title):
        """{key: row} of a sheet."""
        found = {}
        for row in self.sheets[title]:
            told = [cell for cell in row if isinstance(cell, str) and cell.startswith("§")]
            if told:
                found[told[-1][1:]] = row
        return found

    def table(self, title, first):
        """The rows under the head that begins with `first`, as mappings, up to the 合计 or the notes."""
        rows = iter(self.sheets[title])
        for head in rows:
            if head[0] == first:
                break
        found = []
        for row in rows:
            if row[0] is None or str(row[0]) == "合计" or str(row[0]).startswith("注"):
                break
            found.append({name: cell for name, cell in zip(head, row, strict=False) if name is not None})
        return found

    def roster(self, measure):
        """{first 18 characters of who receives: fen} and the row 合计."""
        rows = self.table(measure, "序号")
        found = {row["享受人身份证号"]: fen_of(row["补贴金额"]) for row in rows}
        assert len(found) == len(rows), "a person stands twice"
        return found, self.keyed(measure)["合计"]

    def by_place(self, title, block="按行政村："):
        """{village: {(head, head below): cell}} of a sheet that tells its figures by village; 合计: all."""
        rows = self.keyed(title)
        above, below = rows[f"表头：{block}0"], rows.get(f"表头：{block}1")
        heads, last = [], None
        for place, cell in enumerate(above):
            last = cell if cell is not None else last
            heads.append((last, below[place] if below else None))
        found = {}
        for key, row in rows.items():
            if key.startswith(block):
                village = key.removeprefix(block).removesuffix("／").split("／")[-1]
                assert village not in found
                told = zip(heads, row, strict=False)
                found[village] = {head: cell or 0 for head, cell in told if not str(cell).startswith("§")}
        return found
