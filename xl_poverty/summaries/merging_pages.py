"""What is told of a merger: what was merged, what was not, and what has to be looked at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from ..workbook.pages import CENTRED, COUNT, NOTE, TEXT, Page
from ..workbook.references import letters_of
from .joining import SOURCE, Merged

#: the sheet of the merged rows
SHEET = "合并台账"


def _told(page: Page, title: str, about: str, heads: Sequence[str], rows: Iterable[Sequence], styles, notes=()) -> Page:
    """A page of a title, what it is about, a table and notes."""
    across = len(heads)
    end = page.table(page.headed(title, (about,), across), 0, heads, rows, styles)
    for at, note in enumerate(notes):
        page.put(end + at, 0, note, NOTE, across=across)
    page.freeze, page.repeat = (3, 0), (2, 2)
    return page


def merge_pages(merged: Merged) -> list[Page]:
    """What was merged, what was not, and what has to be looked at."""
    pages = [_summary_page(merged), _files_page(merged)]
    if merged.bad:
        page = Page("未合并的文件", (8, 40, 80), landscape=True)
        rows = [(number, file, why) for number, (file, why) in enumerate(merged.bad, 1)]
        about = f"共{len(rows)}个，请改正后重新合并"
        pages.append(_told(page, "未合并的文件", about, ("序号", "文件", "原因"), rows, (CENTRED, TEXT, TEXT)))
    if merged.left:
        page = Page("未合并的行", (30, 18, 34, 10, 50), landscape=True)
        rows = [(one.file, one.sheet, one.why, len(one.rows), spans(one.rows)) for one in merged.left]
        about = f"共{merged.rows_left}行，都不是要合并的数据；请核对有没有误判"
        heads = ("文件", "工作表", "为什么", "行数", "哪几行")
        pages.append(_told(page, "未合并的行", about, heads, rows, (TEXT, TEXT, TEXT, COUNT, TEXT)))
    if merged.duplicates:
        pages.append(_duplicates_page(merged))
    if merged.conflicts:
        page = Page("冲突", (18, 22, 16, 20, 34, 20, 34), landscape=True)
        rows = [(c.kind, c.who, c.what, c.one, c.one_at, c.other, c.other_at) for c in merged.conflicts]
        heads = ("冲突", "谁", "哪一项", "一处填的", "在哪里", "另一处填的", "在哪里")
        pages.append(_told(page, "冲突", f"共{len(rows)}处，两处都照原样合并了，请核实后改正一处", heads, rows, TEXT))
    pages.append(_columns_page(merged))
    if merged.templates:
        page = Page("模板不同的文件", (34, 18, 28, 50, 50), landscape=True)
        rows = [(t.file, t.sheet, t.told, "、".join(t.lacking), "、".join(t.more)) for t in merged.templates]
        heads = ("文件", "工作表", "判断", "缺少的列", "多出的列")
        about = f"共{len(rows)}张表，与多数文件的列不一样；缺少的列在合并台账里是空白"
        pages.append(_told(page, "模板不同的文件", about, heads, rows, TEXT))
    if merged.villages is not None:
        pages.append(_villages_page(merged))
    return pages


def _summary_page(merged: Merged) -> Page:
    kinds = Counter(left.why for left in merged.left for _ in left.rows)
    rows: list[tuple] = [("文件", len(merged.files), "能打开的和打不开的都在内"),
                         ("其中合并的文件", merged.merged_files, ""),
                         ("其中未合并的文件", len(merged.files) - merged.merged_files, "见“未合并的文件”")]  # fmt: skip
    rows += [("各文件里有内容的行", merged.rows_in, "打不开的文件数不出行"),
             ("合并台账的行", merged.rows_out, f"“{SHEET}”第2行到第{merged.rows_out + 1}行"),
             ("未合并的行", merged.rows_left, "见“未合并的行”")]  # fmt: skip
    rows += [(f"　其中：{why}", count, "") for why, count in kinds.most_common()]
    checked = merged.rows_in == merged.rows_out + merged.rows_left
    told = f"{merged.rows_in} ＝ {merged.rows_out} ＋ {merged.rows_left}"
    rows.append(("核对：有内容的行＝合并的行＋未合并的行", "相符" if checked else "不相符", told))
    people = len({one.group for one in merged.duplicates})
    rows += [("重复的人", people, "见“重复人员”；都合并了，请核实后删去多余的行" if people else ""),
             ("冲突", len(merged.conflicts), "见“冲突”" if merged.conflicts else ""),
             ("模板不同的表", len(merged.templates), "见“模板不同的文件”" if merged.templates else "")]  # fmt: skip
    if merged.villages is not None:
        rows.append(("未上报的村", len(merged.missing), "、".join(merged.missing)))
    notes = ["单元格照原样合并，没有清洗、换算或填补；公式合并的是它显示的结果；上下合并的单元格仍然合并。"]
    notes += [f"{file.file}：{remark}" for file in merged.files for remark in file.remarks]
    page = Page("合并说明", (36, 14, 70), landscape=True)
    about = f"合并的是各文件的“{merged.kind}”表"
    return _told(page, "合并说明", about, ("项目", "数", "说明"), rows, (TEXT, COUNT, TEXT), notes)


def _files_page(merged: Merged) -> Page:
    rows = []
    out = Counter()
    sheets: dict[str, list[str]] = {}
    for part in merged.parts:
        out[part.file] += len(part)
        sheets.setdefault(part.file, []).append(part.sheet)
    whys = dict(merged.bad)
    for number, file in enumerate(merged.files, 1):
        left = sum(len(one.rows) for one in file.left)
        state = "已合并" if out[file.file] else "未合并"
        told = "；".join([*filter(None, [whys.get(file.file)]), *file.remarks])
        rows.append((number, file.file, state, file.rows, out[file.file], left,
                     "、".join(dict.fromkeys(sheets.get(file.file, ()))), told))  # fmt: skip
    sums = merged.rows_in, merged.rows_out, merged.rows_left
    rows.append(("合计", f"{len(merged.files)}个文件", f"{merged.merged_files}个已合并", *sums, "", ""))
    page = Page("文件清单", (7, 36, 12, 12, 12, 12, 20, 60), landscape=True)
    heads = ("序号", "文件", "状态", "有内容的行", "合并的行", "未合并的行", "工作表", "说明")
    styles = (CENTRED, TEXT, CENTRED, COUNT, COUNT, COUNT, TEXT, TEXT)
    made = _told(page, "文件清单", "每个文件：有内容的行＝合并的行＋未合并的行", heads, rows, styles)
    last = 2 + len(rows)
    for column in range(len(heads)):
        cell = made.cells[last, column]
        made.put(last, column, cell.value, cell.style.but(bold=True))
    return made


def _duplicates_page(merged: Merged) -> Page:
    page = Page("重复人员", (8, 12, 20, 16, 34, 16, 9, 12, 46), landscape=True)
    rows = [(d.group, d.name, d.household, d.village, d.file, d.sheet, d.source_row, d.row, d.told)
            for d in merged.duplicates]  # fmt: skip
    heads = ("第几人", "姓名", "户编号", "行政村", "来源文件", "来源工作表", "来源行", "合并台账行", "说明")
    about = f"按证件号码前18位，{len({d.group for d in merged.duplicates})}人在{len(rows)}行里；都照原样合并了，请核实"
    styles = (CENTRED, TEXT, TEXT, TEXT, TEXT, TEXT, COUNT, COUNT, TEXT)
    return _told(page, "重复人员", about, heads, rows, styles)


def _columns_page(merged: Merged) -> Page:
    rows = []
    for at, column in enumerate(merged.columns):
        headers = column.headers.most_common()
        told = "；".join(f"{'／'.join(path) or '（没有表头）'}（{count}张表）" for path, count in headers)
        tables = sum(column.headers.values())
        rows.append((letters_of(at), column.header, column.label or "没有认出，按表头合并", tables, told))
    page = Page("列的对应", (8, 28, 24, 10, 80), landscape=True)
    heads = ("列", "合并台账的表头", "是什么", "有这一列的表", "各文件里的表头")
    notes = ("单位不同（如万元和元）或填法不同（如风险状态和风险是否已消除）的列各成一列，没有换算。",)
    styles = (CENTRED, TEXT, TEXT, COUNT, TEXT)
    about = f"{len(merged.columns)}列，另有{len(SOURCE)}列来源"
    return _told(page, "列的对应", about, heads, rows, styles, notes)


def _villages_page(merged: Merged) -> Page:
    lines = sorted(merged.villages, key=lambda one: one[1] > 0)
    rows = [(number, name, "已上报" if count else "未上报", count, where)
            for number, (name, count, where) in enumerate(lines, 1)]  # fmt: skip
    rows += [("", name, "不在名单里", count, "") for name, count in merged.unknown]
    page = Page("未上报清单", (8, 24, 14, 10, 60), landscape=True)
    about = f"应上报{len(merged.villages)}个村，未上报{len(merged.missing)}个，不在名单里的{len(merged.unknown)}个"
    styles = (CENTRED, TEXT, CENTRED, COUNT, TEXT)
    return _told(page, "未上报清单", about, ("序号", "村", "状态", "行数", "文件"), rows, styles)


def spans(rows: Sequence[int]) -> str:
    """Numbers of rows in words: 1—3、7."""
    found: list[list[int]] = []
    for row in sorted(rows):
        if found and row == found[-1][1] + 1:
            found[-1][1] = row
        else:
            found.append([row, row])
    return "、".join(str(one) if one == last else f"{one}—{last}" for one, last in found)
