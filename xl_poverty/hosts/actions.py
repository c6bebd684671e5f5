"""What a button does, on a workbook that is open or on a closed file: the same functions as on the command line."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ..errors import CellError, LedgerError
from .books import Changing, WorkBook, kept

#: what parts files and measures that stand in one cell
_PARTS = re.compile(r"[;；\n]+")
_MEASURES = re.compile(r"[;；、，,\n]+")


@dataclass(frozen=True)
class Action:
    """One button.

    id       what macros and ribbons call it by
    caption  what stands on the button; the command line knows it by this, too
    about    one sentence, for tips and help
    run      does it; what it says of it afterwards
    """

    id: str
    caption: str
    about: str
    run: Callable[[WorkBook], str]


def action_of(name: str) -> Action:
    """By its id or caption. Raises LedgerError."""
    for one in ACTIONS.values():
        if name in (one.id, one.caption):
            return one
    raise LedgerError(f"没有操作“{name}”，有：{'、'.join(one.caption for one in ACTIONS.values())}")


# ---- what the sheet 操作 says


class _Parameters:
    """The named cells of a workbook: blanks and names that are not there are left to the defaults."""

    def __init__(self, book: WorkBook, copy: Path):
        from ..ledger.files import read_book

        self.book, self.copy = book, copy
        self.names = read_book(copy).names

    def value(self, name: str):
        value = self.names.get(name)
        if isinstance(value, CellError):
            raise LedgerError(f"名称“{name}”指向的单元格是错误值，或没有这个单元格；请在“操作”表里改正")
        if isinstance(value, str):
            value = value.strip()
        return None if value in (None, "") else value

    def needed(self, name: str, question: str):
        """Asked for where the workbook does not say it."""
        value = self.value(name)
        return self.book.ask(name, question) if value is None else value

    def parts(self, name: str, marks=_PARTS) -> list[str]:
        value = self.value(name)
        return [one for part in marks.split(str(value or "")) if (one := part.strip().strip('"“”').strip())]

    def files(self, name: str, told: str | None = None) -> list[Path]:
        """Files and folders, seen from the workbook's folder."""
        named = [one for one in _PARTS.split(told) if one.strip()] if told else self.parts(name)
        found = [self.book.path.parent / one.strip().strip('"“”') for one in named]
        for one in found:
            if not one.exists():
                raise LedgerError(f"“{name}”里写的 {one.name} 找不到；请核对文件名，或把文件放到这个工作簿旁边")
        return found

    def measures(self) -> list[str] | None:
        return self.parts("事项", _MEASURES) or None

    @property
    def ledgers(self) -> list[Path]:
        """The ledgers to work on: those that are named, else the workbook itself."""
        return self.files("台账文件") or [self.copy]

    @property
    def ledger(self) -> Path:
        """The one ledger. Raises LedgerError where several are named."""
        found = self.ledgers
        if len(found) > 1 or found[0].is_dir():
            raise LedgerError("这个操作一次只做一个台账；请在“台账文件”里只写一个文件")
        return found[0]

    def beside(self, ending: str, suffix: str = ".xlsx") -> Path:
        """What a result of the ledger is called: as on the command line, beside the workbook."""
        return self.book.path.with_name(f"{self.ledger.stem}_{ending}{suffix}")

    def number(self, name: str):
        value = self.value(name)
        if value is None or isinstance(value, int | float) and not isinstance(value, bool):
            return value
        try:
            return float(str(value).replace(",", "").replace("，", ""))
        except ValueError:
            raise LedgerError(f"“{name}”应是数字，现在填的是“{value}”；请在“操作”表里改正") from None


@contextmanager
def _changing(book: WorkBook) -> Iterator[tuple[Changing, _Parameters]]:
    with book.changing() as change:
        yield change, _Parameters(book, change.path)


@contextmanager
def _reading(book: WorkBook) -> Iterator[_Parameters]:
    with book.reading() as copy:
        yield _Parameters(book, copy)


def _kept_edits(made) -> list[str]:
    """What somebody typed into generated sheets (`Regenerated`)."""
    from ..workbook.regenerating import EDITS

    told = []
    if made.conflicts:
        told.append(f"有 {len(made.conflicts)} 处手工改动和新的数据不一致，照您填的保留，请看工作表“{EDITS}”")
    elif made.edits:
        told.append(f"手工改过的 {len(made.edits)} 格照旧保留，列在工作表“{EDITS}”")
    return told + ([made.remark] if made.remark else [])


def _of_file(made, target: Path, remarks) -> list[str]:
    """Of a generated file (`Regenerated`)."""
    written = f"已写入：{target.name}" if made.created or made.changed else f"没有变化：{target.name}"
    return [*remarks, *_kept_edits(made), written]


def _told(lines) -> str:
    return "\n".join(dict.fromkeys(line for line in lines if line))


# ---- in the workbook itself


def _inspect(book: WorkBook) -> str:
    from ..ledger.files import read_book
    from ..ledger.reading import DESCRIPTION, read_ledger
    from ..ledger.report import description, description_page
    from ..workbook.regenerating import regenerate

    with _changing(book) as (change, parameters):
        ledger = read_ledger(parameters.ledger)
        made = regenerate(change.path, [description_page(ledger)], read_book(change.path))
    book.show(DESCRIPTION)
    lines = [text for what, text in description(ledger) if what in ("table", "note")]
    return _told([*lines, *_kept_edits(made), f"详见工作表“{DESCRIPTION}”", *change.told()])


def _check(book: WorkBook) -> str:
    from ..ledger.files import read_book
    from ..ledger.reading import DOUBTS
    from ..ledger.report import check_files, doubts_page, doubts_summary, ledger_files
    from ..workbook.regenerating import regenerate

    with _changing(book) as (change, parameters):
        checked = list(check_files(ledger_files(parameters.ledgers)))
        if all(one.error for one in checked):
            raise LedgerError("；".join(one.error for one in checked))
        made = regenerate(change.path, [doubts_page(checked)], read_book(change.path))
    book.show(DOUBTS)
    lines = []
    for one in checked:
        lines += [one.error or f"{one.file}：{doubts_summary(one.doubts).splitlines()[0]}", *one.remarks]
    return _told([*lines, *_kept_edits(made), f"逐条列在工作表“{DOUBTS}”", *change.told()])


def _recalculate(book: WorkBook) -> str:
    from ..ledger.entitlements import add, money
    from ..ledger.filling import NothingToFill, fill

    book.calculate()
    with _changing(book) as (change, parameters):
        given = {"measures": parameters.measures(), "paid": parameters.files("发放表")}
        try:
            filled = fill(change.path, in_place=True, unlocking=True, **given)
        except NothingToFill as why:  # what the document is about may be formulas all the same
            return _told([f"{why}。台账里的公式由表格软件自己算", *change.told()])
        apart = None if filled.in_place else kept(filled.target, book.path.parent)
    book.show(filled.sheet)
    entitled = filled.entitled
    lines = [f"政策：{entitled.policy.short_name} {entitled.policy.cited}　工作表：{filled.sheet}　{filled.rows} 行"]
    for nature, sums in entitled.sums.items():
        known = [value for value in sums if not isinstance(value, CellError)]
        waiting = f"，另有 {len(sums) - len(known)} 行待改，没有计入" if len(known) < len(sums) else ""
        lines.append(f"应享{nature}合计：{money(add(known))} 元{waiting}")
    if filled.households:
        lines.append("已核算 {} 户，待补 {} 户".format(*filled.households))
    lines += [one for one in filled.remarks if not (filled.backup and filled.backup.name in one)]  # that of the copy
    return _told([*lines, f"结果在 {apart.name}" if apart else "", *([] if apart else change.told())])


def _summary(book: WorkBook) -> str:
    from ..summaries.blocks import FIRST_SHEET
    from ..summaries.summary import summarise_files

    with _changing(book) as (change, parameters):
        farmers = [parameters.number(name) for name in ("农民收入上年", "农民收入本年")]
        given = {"last": parameters.files("上期台账"), "paid": parameters.files("发放表")}
        given["farmers"] = None if None in farmers else farmers
        made = summarise_files(parameters.ledgers, change.path, **given)
    book.show(FIRST_SHEET)
    found = made.summary
    lines = [f"{name} 没有汇总：{why}" for name, why in made.failed]
    lines.append(f"政策：{'、'.join(f'{one.short_name} {one.cited}' for one in found.documents)}")
    if found.doubts:
        lines.append(f"有 {len(found.doubts)} 处待改，没有计入，列在工作表“汇总_待改清单”")
    lines += [f"未统计 {one.item}：{one.why}" for one in found.missing]
    return _told([*lines, *found.remarks, *_kept_edits(made.made), f"见工作表“{FIRST_SHEET}”", *change.told()])


# ---- files beside it


def _roster(book: WorkBook) -> str:
    from ..summaries.roster import roster

    with _reading(book) as parameters, book.making(target := parameters.beside("花名册")) as path:
        made = roster(parameters.ledger, parameters.measures(), path, paid=parameters.files("发放表"))
    lines = [batch.told for batch in made.batches]
    if not made.checked:
        lines.append("没有填发放表，花名册注明“未核对是否已享受”")
    if made.apart:
        lines.append(f"另有 {len(made.apart)} 人次没有列入，原因列在工作表“未列入”")
    return _told([*lines, *_of_file(made.written, target, made.remarks)])


def _notice(book: WorkBook) -> str:
    from ..summaries.notice import notice

    with _reading(book) as parameters, book.making(target := parameters.beside("公示")) as path:
        start = parameters.needed("公示开始", "公示从哪一天开始？（如 2025-12-01）")
        days = parameters.number("公示天数")
        made = notice(parameters.ledger, parameters.measures(), path, start, days=days, paid=parameters.files("发放表"))
    return _told([made.told, *_of_file(made.written, target, made.remarks)])


def _plan(book: WorkBook) -> str:
    from ..plans import make_plans

    with _reading(book) as parameters, book.making(target := parameters.beside("一户一策")) as path:
        last = parameters.files("上期台账")
        made = make_plans(parameters.ledger, path, last=last[0] if last else None, paid=parameters.files("发放表"))
    return _told([f"一户一策 {made.plans} 户", *_of_file(made, target, made.remarks)])


def _compare(book: WorkBook) -> str:
    from ..summaries.periods import compare_periods

    with _reading(book) as parameters, book.making(target := parameters.beside("与上期对比")) as path:
        last = parameters.files("上期台账", parameters.needed("上期台账", "上期台账的文件名？（和这个工作簿放在一起）"))
        found = compare_periods(last[0], parameters.ledger, path)
    lines = [*found.told, *(f"待核实：{question}" for question in found.questions)]
    return _told([*lines, *_of_file(found.written, target, found.remarks)])


def _freeze(book: WorkBook) -> str:
    from ..ledger.files import read_book
    from ..ledger.settings import office_layers, own_layer
    from ..workbook.freezing import freeze

    book.calculate()
    with book.reading() as copy, book.making(book.path.with_name(f"{copy.stem}_固化{copy.suffix}"), anew=True) as path:
        read = read_book(copy)
        frozen = freeze(copy, path, read, layers=[own_layer(read), *office_layers(read)])
    lines = [f"已固化 {frozen.cells} 个单元格，每格的依据见工作表“{frozen.sheet}”", *frozen.remarks]
    return _told([*lines, f"已写入：{frozen.target.name}（原工作簿未改动）"])


# ---- of a cell, of the file


def _explain(book: WorkBook) -> str:
    from .explaining import explanation

    with book.reading() as copy:
        return explanation(copy, *book.selected())


def _backup(book: WorkBook) -> str:
    return f"已备份：{book.backup().name}（和这个工作簿在同一文件夹）"


ACTIONS: dict[str, Action] = {
    action.id: action
    for action in (
        Action("inspect", "识别表头", "看台账是怎样认的：表头在哪、每列认作什么、哪些行没有算", _inspect),
        Action("check", "体检", "列出台账里的疑点：哪一格、错在哪里、怎样处理；写在工作表“疑点表”", _check),
        Action("recalculate", "重算", "先重算全部公式，再把各事项应享金额、合计和依据填进台账", _recalculate),
        Action("summary", "生成汇总", "按村、乡镇（街道）统计户数人数、收入、应享已发，写在本工作簿里", _summary),
        Action("roster", "生成花名册", "一卡通发放表，另存在台账旁边；不能列入的另列，写明原因", _roster),
        Action("notice", "生成公示", "每村一张公示，不含证件号码、电话和账号，另存在台账旁边", _notice),
        Action("plan", "生成一户一策", "每户一页，另存在台账旁边；再做一次时填过的都保留", _plan),
        Action("compare", "与上期比对", "本期和上期台账相比：户和人的增减、收入的增减，另存在台账旁边", _compare),
        Action("freeze", "固化导出", "另存一份：公式变成数值并附核算依据，没有 Python 和插件也能看", _freeze),
        Action("explain", "说明此格", "选中一格，看它怎么算出来：依据、条款和原文，可以复制", _explain),
        Action("backup", "备份", "把工作簿现在的样子另存一份在旁边，文件名带日期时间", _backup),
    )
}
