"""The sheets of a summary: figures as formulas over the sheets of details, which follow what is put right there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from functools import cached_property

from ..formulas.native import native_formula
from ..formulas.office import using
from ..ledger.rows import formula_number
from ..workbook.encoding import MOST_FORMULA, Formula
from ..workbook.page_workbook import paper
from ..workbook.pages import (
    CENTRED,
    COUNT,
    ENTRY,
    GREEN,
    HEAD,
    LABEL,
    LINK,
    MONEY,
    NOTE,
    RED,
    SHARE as PERCENT,
    SUBTITLE,
    TEXT,
    YELLOW,
    Cell,
    Chart,
    Colouring,
    Page,
    Style,
)
from ..workbook.references import letters_of
from .blocks import (
    FIRST_SHEET,
    INPUT_SHEET,
    NO_TOWN,
    NOT_COMPARED,
    NOT_COUNTED,
    PIECES,
    POINTS,
    SHARE,
    YUAN,
    Block,
    Judged,
    Line,
    Summary,
)
from .figures import AMOUNT, COUNT as WHOLE, DUES, FEN, HELP, HOUSEHOLDS, WORD, Place, Quotient, Tally

PREFIX = f"{FIRST_SHEET}_"
SHEETS = {HOUSEHOLDS: f"{PREFIX}明细", DUES: f"{PREFIX}应享明细", HELP: f"{PREFIX}措施明细"}
DOUBTS = f"{PREFIX}待改清单"
LOOKS = {PIECES: COUNT, YUAN: MONEY, SHARE: PERCENT, POINTS: PERCENT.but(number_format="+0.00%;-0.00%;0.00%")}
#: above this many (places × rows of details) figures are written as values: recalculating would take too long
MOST_ALIVE = 5_000_000
#: longer sheets of details are left out: a clerk who needs them sums up town by town
MOST_DETAILS = 50_000
MOST_DOUBTS = 20_000
#: columns of details that stand on the left, or only serve the counting
_OWN = ("台账号", "户编号", "户主")
#: characters that a portrait sheet is wide
_PORTRAIT = 85
#: a row of a table, in points; rows that a chart covers, with a blank one before and behind it
_ROW, _ROWS_OF_A_CHART = 18, 16
#: places that a chart can show
MOST_BARS = 30
_GREY = "7F7F7F"
NOT_FILLED = "未填"


def summary_pages(summary: Summary, failed: Sequence[tuple[str, str]] = ()) -> list[Page]:
    """The sheets of a summary. `failed`: files that could not be read, each with its reason."""
    return _Pages(summary, failed).made()


class _Pages:
    def __init__(self, summary: Summary, failed):
        self.summary, self.failed, self.details = summary, failed, summary.details
        rows = sum(len(self.details.tables[name]) for name in SHEETS)
        longest = max(len(self.details.tables[name]) for name in SHEETS)
        self.alive = len(self.details.places) * rows <= MOST_ALIVE and longest <= MOST_DETAILS
        self.several = len(summary.documents) > 1
        self.has_towns = any(place.town for place in self.details.places)
        self.columns: dict[tuple[str, str], str] = {}  # (table, column) -> its area on the sheet of details
        self.exact: dict[tuple[str, str], bool] = {}
        self.inputs: dict[tuple[str, str], str] = {}  # (document, argument) -> its cell

    def made(self) -> list[Page]:
        details = [page for page in map(self._details, SHEETS) if page]
        inputs = self._input_page()
        blocks = [self._block(block) for block in self.summary.blocks]
        doubts = self._doubts()
        return [self._first(blocks), *([inputs] if inputs else []), *blocks, *details, doubts]

    # ---- what stands over a page

    @cached_property
    def about(self) -> str:
        """The line below each title."""
        documents = "；".join(f"{policy.short_name}（{policy.cited}）" for policy in self.summary.documents)
        days = sorted({day for day in self.summary.days if day})
        told = "、".join(day.isoformat() for day in days) if days else "未填，未检验有效期"
        return f"政策：{documents}　　业务日期：{told}　　金额单位：元"

    def _head(self, page: Page, title: str, width: int) -> int:
        """Title and line below; the next free row."""
        return page.headed(title, (self.about,), width)

    def _notes(self, page: Page, row: int, notes: Iterable[str], width: int):
        for number, note in enumerate(notes, 1):
            page.put(row, 0, f"注{number}：{note}", NOTE, across=width)
            page.row_keys[row] = f"注{number}"
            row += 1
        return row

    # ---- details

    def _details(self, name: str) -> Page | None:
        table = self.details.tables[name]
        if not len(table) or len(table) > MOST_DETAILS:
            return None
        columns = [column for column in table.columns if column not in _OWN and _used(table, column)]
        if not self.alive:  # these are only asked for by formulas
            columns = [
                column for column in columns if not column.endswith(("收入可比", "支出可比", "收入状态", "支出状态"))
            ]
        files = len(self.summary.files) > 1
        heads = ["政策"] if self.several else []
        heads += ["乡镇（街道）"] if self.has_towns else []
        heads += ["行政村", "户编号", "户主", *(["台账"] if files else []), "台账行"]
        widths = {"政策": 10, "乡镇（街道）": 12, "行政村": 12, "户编号": 19, "户主": 10, "台账": 20, "台账行": 10}
        page = Page(SHEETS[name], landscape=True)
        titles = {HOUSEHOLDS: "汇总明细：一户一行", DUES: "应享明细：一户一事项一行", HELP: "措施明细：一户一类一行"}
        width = len(heads) + len(columns)
        # over the columns that stand on each sheet of paper, where it is printed on several side by side
        top = self._head(page, titles[name], len(heads))
        page.row(top, 0, [*heads, *columns], HEAD)
        styles = {WORD: CENTRED, WHOLE: COUNT, FEN: MONEY, AMOUNT: MONEY}
        page.widths = tuple([widths[head] for head in heads] + [_width(table, column) for column in columns])
        first, last = top + 1, top + len(table)
        for at, head in enumerate((*heads, *columns)):
            letter = letters_of(at)
            self.columns[name, head] = f"'{SHEETS[name]}'!${letter}${first + 1}:${letter}${last + 1}"
        persons = [column for column in columns if column.endswith("人口") and _whole(table.columns[column])]
        for column in columns:
            self.exact[name, column] = table.kinds[column] == FEN or _in_fen(table, column)
        self._identified(page, table, first)
        for at, column in enumerate(columns, len(heads)):
            known: dict = {}
            for row in range(len(table)):
                value = table.value(column, row)
                if value is not None:  # a blank counts as nothing, and takes no room
                    cell = known.get(value)
                    if cell is None:
                        look = COUNT if column in persons else styles[table.kinds[column]]
                        cell = known[value] = Cell(value, look)
                    page.cells[first + row, at] = cell
        page.freeze, page.repeat = (first, len(heads)), (top, top)
        page.filtered = (top, 0, last, width - 1)
        if columns:  # blanks are not written, and would print as holes in the table
            blank = f'{letters_of(len(heads))}{first + 1}=""'
            page.colourings.append(Colouring((first, len(heads), last, width - 1), blank, ""))
        return page

    def _identified(self, page: Page, table, first: int):
        """Whose each row is: the cells on its left, and the key by which it is known."""
        of_rows = [table.columns[name] for name in ("事项", "类别", "状态") if name in table.columns]
        seen: dict[str, int] = {}
        for row, household in enumerate(table.household.tolist()):
            key, cells = self.households[household]
            for at, cell in enumerate(cells):
                page.cells[first + row, at] = cell
            key = "/".join((key, *(words[row] for words in of_rows)))
            seen[key] = seen.get(key, 0) + 1
            page.row_keys[first + row] = key if seen[key] == 1 else f"{key}#{seen[key]}"

    @cached_property
    def households(self) -> list[tuple[str, list[Cell]]]:
        """Per household its key, and what stands on the left of its rows of details."""
        table, files = self.details.tables[HOUSEHOLDS], len(self.summary.files) > 1
        ids, heads = table.columns["户编号"], table.columns["户主"]
        found = []
        for household, (at, (number, rows)) in enumerate(zip(table.place.tolist(), self.details.origins)):
            place, told = self.details.places[at], _rows_told(rows)
            texts = [place.document] if self.several else []
            texts += [place.town or NO_TOWN] if self.has_towns else []
            texts += [place.village, ids[household], heads[household]]
            file = self.details.ledgers[number][0]
            texts += [file, told] if files else [told]
            key = ids[household] or f"第{told}行"
            found.append((f"{file}/{key}" if files else key, [Cell(text, TEXT) for text in texts]))
        return found

    # ---- figures

    def _formula(self, what, line: Line, block: Block, row: int, at: dict) -> str | None:
        """A figure as a formula; None where it is written as a value."""
        if not self.alive:
            return None
        if isinstance(what, Tally):
            return self._sum(what, line, block, row)
        top, bottom = (self._operand(one, line, block, row, at) for one in (what.top, what.bottom))
        if top is None or bottom is None:
            return None
        less = f"-{what.less}" if what.less else ""
        return f'IF(COUNT({top},{bottom})<2,"",IF({bottom}<=0,"",{top}/{bottom}{less}))'

    def _operand(self, what, line: Line, block: Block, row: int, at: dict) -> str | None:
        if what in at:
            return f"{letters_of(at[what])}{row + 1}"
        text = self._formula(what, line, block, row, at)
        return text if text is None or isinstance(what, Tally) else f"({text})"

    def _sum(self, tally: Tally, line: Line, block: Block, row: int) -> str | None:
        area = self.columns.get((tally.table, tally.column))
        if area is None:
            return "0" if tally.table in SHEETS else None
        criteria = self._criteria(tally.table, line.place, line, block, row)
        if criteria is None:
            return None
        texts = [criteria]
        for name, wanted in tally.where:
            own = self.columns.get((tally.table, name))
            if own is None:
                return "0"
            if any(not _safe(word) for word in wanted):
                return None
            texts = [f'{text},{own},"{word}"' for text in texts for word in wanted]
        parts = [f"SUMIFS({area}{text})" if text else f"SUM({area})" for text in texts]
        total = "+".join(parts)
        if self.details.tables[tally.table].kinds[tally.column] == WHOLE:
            return total if len(parts) == 1 else f"({total})"
        return f"ROUND({total},2)" if self.exact[tally.table, tally.column] else f"({total})"

    def _criteria(self, table: str, place: Place, line: Line, block: Block, row: int) -> str | None:
        text = ""
        for head, value in (("政策", place.document), ("乡镇（街道）", place.town), ("行政村", place.village)):
            if head == "乡镇（街道）" and place.village and self.has_towns and not place.town:
                value = NO_TOWN
            if not value:
                continue
            if not _safe(value):
                return None
            cell = f'"{value}"'
            if head in block.labels and line.labels[block.labels.index(head)] == value:
                cell = f"${letters_of(block.labels.index(head))}{row + 1}"
            text += f",{self.columns[table, head]},{cell}"
        return text

    # ---- a block

    def _block(self, block: Block) -> Page:
        page = Page(f"{PREFIX}{block.name}")
        self._widths(page, block)
        row = self._head(page, block.title, len(page.widths))
        labels, charted = len(block.labels), None
        before = bool(block.chart) and _too_long(page, block)
        if before:
            chart_at = row + 1
            row += _ROWS_OF_A_CHART
        at_head = None
        for title, lines in block.parts:
            if title and len(block.parts) > 1:
                row += 1
                page.put(row, 0, title, SUBTITLE.but(bold=True))
                page.row_keys[row] = f"表：{title}"
                row += 1
            at_head = at_head or row
            row = self._heads(page, row, block, title)
            start = row
            for line in lines:
                self._line(page, row, line, block, title)
                row += 1
            if charted is None or title != block.parts[0][0] and "收入类别" not in block.labels:
                plain = next((at for at, line in enumerate(lines) if line.total), len(lines))
                charted = start, start + plain - 1, lines[:plain]
        grouped = any(column.group for column in block.columns)
        page.repeat = (at_head, at_head + int(grouped))
        if len(block.parts) == 1 and not before:
            page.freeze = (at_head + 1 + int(grouped), labels)
        row = self._notes(page, row + 1, block.notes, len(page.widths))
        if block.chart and charted:
            self._chart(page, block, charted, chart_at if before else row + 1)
        return page

    def _widths(self, page: Page, block: Block):
        """Columns as wide as the largest figure and the head need; some blank ones where the table is narrower than the
        line above it."""
        lines = [line for _, lines in block.parts for line in lines]
        widths: list[float] = []
        for at, label in enumerate(block.labels):
            longest = max([_long(label), *(_long(line.labels[at]) for line in lines if not line.total)])
            widths.append(min(24, max(7, longest + 2)))
        for at, column in enumerate(block.columns):
            values = [self.details.value(line.figures[at], line.place) for line in lines]
            digits = max([_digits(value, column.look) for value in values if value is not None], default=0)
            widths.append(
                max(
                    min(12, _long(column.head) / 2 + 4 if _long(column.head) > 8 else _long(column.head) + 2),
                    digits * 1.15 + 2,
                    7,
                )
            )
        page.landscape = sum(widths) > _PORTRAIT
        while sum(widths) < min(_PORTRAIT, max(62, _long(self.about) + 4)):
            widths.append(9)
        page.widths = tuple(widths)

    def _heads(self, page: Page, row: int, block: Block, part: str) -> int:
        grouped = any(column.group for column in block.columns)
        for at, label in enumerate(block.labels):
            page.put(row, at, label, HEAD, down=2 if grouped else 1)
        column = len(block.labels)
        at = 0
        while at < len(block.columns):
            one = block.columns[at]
            same = 1
            while one.group and at + same < len(block.columns) and block.columns[at + same].group == one.group:
                same += 1
            if not one.group:
                page.put(row, column + at, one.head, HEAD, down=2 if grouped else 1)
                at += 1
                continue
            page.put(row, column + at, one.group, HEAD, across=same)
            for number in range(at, at + same):
                page.put(row + 1, column + number, block.columns[number].head, HEAD)
            at += same
        for number in range(1 + int(grouped)):
            page.row_keys[row + number] = f"表头：{part}：{number}"
        return row + 1 + int(grouped)

    def _line(self, page: Page, row: int, line: Line, block: Block, part: str):
        style = LABEL.but(bold=True) if line.total else TEXT
        page.row(row, 0, line.labels, style, f"{part}：{line.key}")
        count = len(block.labels)
        at = {what: count + number for number, what in reversed(list(enumerate(line.figures)))}
        for number, (what, column) in enumerate(zip(line.figures, block.columns)):
            look = LOOKS[column.look].but(bold=True, fill=LABEL.fill) if line.total else LOOKS[column.look]
            own = {one: place for one, place in at.items() if one is not what}
            shown = self._shown(what, line, block, row, own, look)
            if column.look == POINTS:
                shown = (
                    self._above_farmers(what, line, shown[0], at[what] if at[what] != count + number else None, row),
                    look,
                )
            page.cells[row, count + number] = Cell(*shown)

    def _above_farmers(self, growth, line: Line, shown, column: int | None, row: int):
        """By how much a growth is above that of the farmers."""
        document = line.place.document or self.summary.documents[0].short_name
        cells = [self.inputs.get((document, name)) for name in ("farmer_last", "farmer_this")]
        if (
            self.several
            and not line.place.document
            or not all(cells)
            or column is None
            or not isinstance(shown, Formula)
        ):
            return ""
        known = {one.name: one.value for one in self.summary.inputs if one.document == document}
        value, result = self.details.value(growth, line.place), ""
        if value is not None and known["farmer_last"] and known["farmer_this"] is not None and known["farmer_last"] > 0:
            result = _number(value - (Fraction(known["farmer_this"]) / known["farmer_last"] - 1))
        elif value is not None and None in (known["farmer_last"], known["farmer_this"]):
            result = NOT_FILLED
        last, this = cells
        cell = f"{letters_of(column)}{row + 1}"
        wanting = f'IF({cell}="","","{NOT_FILLED}")'
        return Formula(f"IF(COUNT({cell},{last},{this})<3,{wanting},{cell}-({this}/{last}-1))", result)

    def _shown(self, what, line: Line, block: Block, row: int, at: dict, look: Style) -> tuple:
        """(what stands in the cell, its look)."""
        value = self.details.value(what, line.place)
        if value is None and not self._told(what, line.place):
            why = NOT_COMPARED if _of_paid(what) and not self.summary.compared else NOT_COUNTED
            return why, look.but(colour=_GREY, size=9, horizontal="center")
        text = self._formula(what, line, block, row, at)
        shown = "" if value is None else _number(value)
        if text in (None, "0") or len(text) > MOST_FORMULA:
            return shown, look
        return Formula(text, shown), look

    def _told(self, what, place: Place) -> bool:
        tallies = [what] if isinstance(what, Tally) else [what.top, what.bottom]
        if any(isinstance(one, Quotient) for one in tallies):
            return all(self._told(one, place) for one in tallies)
        return all(self.details.value(one, place) is not None for one in tallies)

    def _chart(self, page: Page, block: Block, charted, row: int):
        start, end, lines = charted
        title, keys, unit = block.chart
        count = len(block.labels)
        if end < start or end - start + 1 > MOST_BARS:
            return
        columns = [(number, one) for number, one in enumerate(block.columns) if one.key in keys]
        kept = [
            (number, one) for number, one in columns
            if any(self.details.value(line.figures[number], line.place) for line in lines)
        ]  # fmt: skip
        if not kept:
            return
        label = next((block.labels.index(name) for name in ("收入类别", "行政村") if name in block.labels), 0)
        series = tuple(
            (one.group or one.head, (start, count + number, end, count + number)) for number, one in kept
        )  # fmt: skip
        kind = "stacked" if len(kept) > 2 else "column"
        wide = min(980, max(480, 60 * (end - start + 1) + 160))
        page.charts.append(Chart(kind, title, (start, label, end, label), series, (row, 0), wide, 288, unit))

    # ---- figures from elsewhere

    def _input_page(self) -> Page | None:
        inputs = self.summary.inputs
        if not inputs:
            return None
        page = Page(INPUT_SHEET, widths=(34, 16, 40, 14))
        row = self._head(page, "要填的数：台账里没有的", 4)
        page.row(row, 0, ("项目", "数", "取自", "政策"), HEAD)
        for one in inputs:
            row += 1
            growth = one.name.endswith("growth")
            look = (PERCENT if growth else MONEY if one.name.startswith("farmer") else COUNT).but(
                fill=ENTRY.fill, locked=False
            )
            value = None if one.value is None else _number(one.value)
            cells = one.label, value, one.source or "没有，请在左边黄格填", one.document
            page.row(row, 0, cells, (TEXT, look, TEXT, CENTRED), f"{one.document}/{one.name}")
            self.inputs[one.document, one.name] = f"'{INPUT_SHEET}'!$B${row + 1}"
        self._notes(page, row + 2, [
            "填在黄格里的数，下次重新汇总时照用。增幅填小数或百分数，如 0.081 或 8.1%；收入填元。",
            "也可以写在台账的工作表“核算口径”里（第一列写项目，第二列写数），农民收入还可以写在 office.toml 的 lines。",
        ], 4)  # fmt: skip
        return page

    # ---- the first sheet

    def _first(self, blocks: list[Page]) -> Page:
        summary = self.summary
        page = Page(FIRST_SHEET, widths=(34, 17, 17, 17, 17, 18), landscape=False)
        row = self._head(page, "汇总表", 6)
        told = f"台账{len(summary.files)}份"
        told += f"，另有{len(self.failed)}份读不出（见下）" if self.failed else ""
        page.put(row, 0, f"{told}；待改{len(summary.doubts)}处，见“{DOUBTS}”。", SUBTITLE, across=6)
        row += 1
        names = {page.name for page in blocks}
        documents = [policy.short_name for policy in summary.documents] if self.several else []
        heads = ("项目", "合计", *documents[:3], "详见")
        page.row(row, 0, heads, HEAD)
        page.row_keys[row] = "表头：主要数"
        first = Block("", "", (), (), [])
        for item, what, look, of in summary.entries:
            row += 1
            page.row(row, 0, (item,), TEXT, f"数：{item}")
            for at, place in enumerate((Place(), *(Place(name) for name in documents[:3])), 1):
                line = Line((), (what,), place)
                page.cells[row, at] = Cell(*self._shown(what, line, first, row, {}, LOOKS[look]))
            name = f"{PREFIX}{of}"
            at = len(heads) - 1
            page.put(row, at, of, LINK.but(horizontal="center") if name in names else CENTRED)
            if name in names:
                page.link(row, at, name)
        row = self._judged(page, row + 2)
        row = self._missing(page, row + 1)
        self._notes(page, row + 1, [*summary.remarks, *self._more()], 6)
        page.repeat = (0, 1)
        return page

    def _more(self) -> list[str]:
        told = ["各表的数是对“明细”各页的公式，明细里改了，合计随着变；要查一个数是哪些户，在明细里按那一栏筛选。"]
        if not self.alive:
            told = ["户数多，各表的数写成数值，明细改了不会跟着变；要查一个数是哪些户，在明细里筛选。"]
        long = [SHEETS[name] for name in SHEETS if len(self.details.tables[name]) > MOST_DETAILS]
        if long:
            told.append(f"{'、'.join(long)}超过{MOST_DETAILS}行，没有列出；要看的，请分乡镇或分村汇总。")
        told.append("“未统计”是台账没有那一列，不是0；“未核对”是没有给发放表。应享未领的金额不计入收入。")
        return told

    def _judged(self, page: Page, row: int) -> int:
        if not self.summary.judged:
            return row
        page.put(row, 0, "文件的要求", HEAD)
        page.put(row, 1, "比较的数", HEAD, across=4)
        page.put(row, 5, "结果", HEAD)
        page.row_keys[row] = "表头：要求"
        top = row + 1
        for one in self.summary.judged:
            row += 1
            page.put(row, 0, f"{one.text}（{one.cited}）", TEXT.but(size=9))
            page.row_keys[row] = f"要求：{one.document.id}/{one.function}/{one.text[:20]}"
            refs = self._operands(page, row, one)
            page.cells[row, 5] = Cell(self._verdict(one, refs), CENTRED)
        area, cell = (top, 5, row, 5), f"$F{top + 1}"
        page.colourings += [
            Colouring(area, f'{cell}="达到"', GREEN), Colouring(area, f'{cell}="未达到"', RED),
            Colouring(area, f'LEFT({cell},1)="缺"', YELLOW),
        ]  # fmt: skip
        return row + 1

    def _operands(self, page: Page, row: int, one: Judged) -> dict[str, str]:
        """The figures that are compared, and the cells in which they stand."""
        shown = [name for name in _SHORT if name in one.arguments]
        refs: dict[str, str] = {}
        for at in range(1, 5):
            page.cells[row, at] = Cell(None, TEXT)
        for at, name in enumerate(shown, 1):
            what = one.arguments[name]
            look = _look_of(name, what)
            refs[name] = f"{letters_of(at)}{row + 1}"
            if isinstance(what, str):
                cell = self.inputs[one.document.short_name, what]
                value = next(
                    i.value for i in self.summary.inputs if (i.document, i.name) == (one.document.short_name, what)
                )
                lacking = f"{_SHORT[name]}：未填"
                shown_value = lacking if value is None else _number(value)
                page.cells[row, at] = Cell(Formula(f'IF({cell}="","{lacking}",{cell})', shown_value), look)
                continue
            if any(tally.table not in self.details.tables for tally in _all(what)):
                page.cells[row, at] = Cell(f"{_SHORT[name]}：{NOT_COUNTED}", look.but(colour=_GREY))
                continue
            line = Line((), (what,), one.place)
            page.cells[row, at] = Cell(*self._shown(what, line, Block("", "", (), (), []), row, {}, look))
        return refs

    def _verdict(self, one: Judged, refs: dict[str, str]):
        shown = "达到" if one.holds else "未达到" if one.holds is not None else one.lacking
        selected = {"n": one.part} if one.function == "FOUR_GUARANTEE" else {"indicator": one.part} if one.part else {}
        with using(*self.summary.settings[one.document.id].layers):
            native = native_formula(one.function, refs, policy=one.document.id, **selected).removeprefix("=")
        cells = ",".join(refs.values())
        lacking = one.lacking.replace('"', "")[:60] if one.holds is None else "缺数"
        text = f'IF(COUNT({cells})<{len(refs)},"{lacking}",IF({native},"达到","未达到"))'
        return Formula(text, shown)

    def _missing(self, page: Page, row: int) -> int:
        rows = [(one.item, one.why, one.file) for one in self.summary.missing]
        rows += [("读不出的台账", why, name) for name, why in self.failed]
        if not rows:
            return row
        page.put(row, 0, "未统计的项目", HEAD)
        page.put(row, 1, "原因", HEAD, across=4)
        page.put(row, 5, "台账", HEAD)
        page.row_keys[row] = "表头：未统计"
        seen: dict[str, int] = {}
        for item, why, file in rows:
            row += 1
            key = f"未统计：{item}/{file}"
            seen[key] = seen.get(key, 0) + 1
            page.put(row, 0, item, TEXT)
            page.put(row, 1, why, TEXT, across=4)
            page.put(row, 5, file, TEXT)
            page.row_keys[row] = key if seen[key] == 1 else f"{key}#{seen[key]}"
        return row + 1

    # ---- doubts

    def _doubts(self) -> Page:
        doubts = self.summary.doubts
        page = Page(DOUBTS, widths=(6, 20, 10, 8, 12, 20, 10, 16, 46), landscape=True)
        row = self._head(page, f"待改清单：{len(doubts)}处", 9)
        page.row(
            row, 0, ("序号", "台账", "工作表", "行", "行政村", "户编号", "姓名", "项目", "为什么没有计入、怎样改"), HEAD
        )
        page.freeze, page.repeat = (row + 1, 0), (row, row)
        seen: dict[str, int] = {}
        top = row
        for number, one in enumerate(doubts[:MOST_DOUBTS], 1):
            row += 1
            key = f"{one.file}/{one.household}/{one.row}/{one.item}"
            seen[key] = seen.get(key, 0) + 1
            cells = (number, one.file, one.sheet, one.row, one.village, one.household, one.name, one.item, one.why)
            page.row(row, 0, cells, TEXT, key if seen[key] == 1 else f"{key}#{seen[key]}")
        if doubts:
            page.filtered = (top, 0, row, 8)
        notes = [
            "改台账后重新汇总；这里的行没有计入各表的金额或分类，在各表“待改”栏里。全部疑点用 xl-poverty check 查。"
        ]
        if len(doubts) > MOST_DOUBTS:
            notes.append(f"只列前{MOST_DOUBTS}处，另有{len(doubts) - MOST_DOUBTS}处没有列出。")
        self._notes(page, row + 2, notes, 9)
        return page


# ---- small things

_SHORT = {
    "poor_this": "脱贫本年", "poor_last": "脱贫上年", "city_farmer_growth": "全市", "national_growth": "全国",
    "farmer_this": "农民本年", "farmer_last": "农民上年", "declined_this": "本年下降户", "declined_last": "上年下降户",
    "households_this": "本年户数", "households_last": "上年户数", "actual": "本年", "base": "对比",
}  # fmt: skip


def _look_of(name: str, what) -> Style:
    """The figure with a word before it that says which one it is."""
    plain = PERCENT if name.endswith("growth") else MONEY if name.startswith(("poor", "farmer")) else COUNT
    if isinstance(what, Tally) and what.column.endswith(("收入", "支出")):
        plain = MONEY
    return plain.but(number_format=f'"{_SHORT[name]} "{plain.number_format}', size=9)


def _too_long(page: Page, block: Block) -> bool:
    """Would a chart behind the tables stand on another sheet of paper, or across its end?"""
    rows = sum(len(lines) + 4 for _, lines in block.parts) + len(block.notes) + _ROWS_OF_A_CHART
    return rows * _ROW > paper(page)[1] * 1.2  # so much smaller it may be printed


def _long(text: str) -> int:
    return sum(2 if ord(letter) > 0x2E7F else 1 for letter in text)


def _digits(value, look: str) -> int:
    """How long a figure is when it is shown."""
    if look == YUAN:
        return len(f"{float(value):,.2f}")
    return len(f"{float(value):.2%}") if look in (SHARE, POINTS) else len(f"{value:,}")


def _all(what) -> list[Tally]:
    return [what] if isinstance(what, Tally) else [*_all(what.top), *_all(what.bottom)]


def _of_paid(what) -> bool:
    return any(need.startswith("已发") for tally in _all(what) for need in tally.needs)


def _number(value):
    """A number as a cell holds it."""
    if isinstance(value, Fraction):
        shown = formula_number(value)
        return float(shown) if isinstance(shown, Fraction) else shown
    return value


def _in_fen(table, column: str) -> bool:
    if table.kinds[column] != AMOUNT:
        return False
    return all(cell is None or (cell * 100) == int(cell * 100) for cell in table.columns[column])


def _whole(cells) -> bool:
    return all(cell is None or (not isinstance(cell, str) and cell == int(cell)) for cell in cells)


def _used(table, column: str) -> bool:
    """Does anything stand in a column?"""
    cells = table.columns[column]
    if table.kinds[column] == WORD:
        return bool(cells.used)
    return any(cell is not None for cell in cells) if table.kinds[column] == AMOUNT else bool(cells.any())


def _safe(text: str) -> bool:
    """May it stand in a criterion as it is? Signs at its beginning and wildcards mean something there."""
    return not (set(text) & set('*?~"')) and text[:1] not in "=<>" and len(text) < 200


def _rows_told(rows: Sequence[int]) -> str:
    """4—6、9"""
    parts: list[list[int]] = []
    for row in rows:
        if parts and row == parts[-1][1] + 1:
            parts[-1][1] = row
        else:
            parts.append([row, row])
    return "、".join(str(a) if a == b else f"{a}—{b}" for a, b in parts)


def _width(table, column: str) -> float:
    """As wide as its head on two lines, and as its largest figure."""
    cells, kind, longest = table.columns[column], table.kinds[column], 0
    if kind == WORD:
        longest = max(map(_long, cells.used), default=0)
    elif kind == AMOUNT:
        known = [cell for cell in cells if cell is not None]
        longest = max(_digits(value, YUAN) for value in (min(known, default=0), max(known, default=0)))
    else:
        most = int(cells.max(initial=0))
        longest = _digits(Fraction(most, 100), YUAN) if kind == FEN else _digits(most, PIECES)
    return max(7, min(24, longest * 1.15 + 2), min(14, _long(column) / 2 + 3))
