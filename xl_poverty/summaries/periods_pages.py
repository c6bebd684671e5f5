"""What is told of two periods: sheets that are made anew whenever the ledgers are compared again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from fractions import Fraction

from ..errors import CellError
from ..rules.expressions import exact
from ..workbook.pages import CENTRED, COUNT, HEAD, MONEY, TEXT, Page, Style
from .periods import DOWN, SAME, UNKNOWN, UP, Compared

_RIGHT = MONEY.but(wrap=False)


def periods_pages(found: Compared) -> list[Page]:
    """对比说明 first, then a sheet for each sort of change of which there is any."""
    pages = [_summary(found), _households(found), _items(found)]
    persons = [*found.persons.came, *found.persons.went]
    if persons:
        came = len(found.persons.came)
        rows = [("增" if at < came else "减", one.why, one.name, one.household, one.village, one.at)
                for at, one in enumerate(persons)]  # fmt: skip
        heads = {"增减": 8, "情况": 26, "姓名": 12, "户编号": 22, "村": 18, "台账里的位置": 22}
        about = f"上期{found.persons.last}人＋增{came}人－减{len(persons) - came}人＝本期{found.persons.this}人"
        notes = ("按证件号码前18位；“不再出现”的台账里没有写原因，请逐人核实，不能当作死亡或迁出。",)
        pages.append(_page("人员变动", found, heads, rows, (CENTRED, *[TEXT] * 5), about, notes))
    if found.events:
        rows = [(one.what, one.household, one.name, one.told) for one in found.events]
        heads = {"情况": 14, "户编号": 22, "户主或本人": 14, "说明": 70}
        pages.append(_page("户变动", found, heads, rows, TEXT, f"共{len(rows)}处"))
    if found.twice:
        rows = [(one.what, one.name, "；".join(one.places), "上期就有" if one.already else "本期新出现")
                for one in found.twice]  # fmt: skip
        heads = {"情况": 14, "姓名": 12, "在哪里": 80, "上期": 14}
        pages.append(_page("重复登记", found, heads, rows, TEXT, f"本期台账里{len(rows)}人登记在几处，请核实后留一处"))
    if found.lists:
        rows = [(one.list, one.what, one.household, one.name, one.last, one.this, one.told) for one in found.lists]
        heads = {"名单": 14, "变化": 20, "户编号": 22, "户主": 12, "上期": 22, "本期": 22, "依据": 40}
        pages.append(_page("监测和名单变动", found, heads, rows, TEXT, f"共{len(rows)}处"))
    if found.facts:
        rows = [(one.kind, one.household, one.name, one.fact, one.last, one.this) for one in found.facts]
        heads = {"情况": 12, "户编号": 22, "户主或本人": 14, "哪一项": 26, "上期": 30, "本期": 30}
        pages.append(_page("信息变更", found, heads, rows, TEXT, f"共{len(rows)}处；按户的信息列在户主名下"))
    if found.questions:
        rows = list(enumerate(found.questions, 1))
        pages.append(_page("待核实", found, {"序号": 8, "问题": 110}, rows, (CENTRED, TEXT), "分不清的没有替您决定"))
    return pages


def _page(
    name: str, found: Compared, heads: dict[str, float], rows: Sequence[Sequence], styles, about: str,
    notes: Iterable[str] = (), keys: Iterable[str] | None = None,
) -> Page:  # fmt: skip
    page, across = Page(name, tuple(heads.values()), landscape=True, freeze=(4, 0), repeat=(3, 3)), len(heads)
    row = page.headed(name, (_whose(found), about), across)
    end = page.table(row, 0, tuple(heads), rows, styles, keys or _keys(rows))
    page.noted(end, notes, across)
    return page


def _keys(rows: Sequence[Sequence]) -> list[str]:
    """Rows are known by their first cells, equal ones by how many came before; no cell holds a personal number."""
    seen: Counter = Counter()
    keys = []
    for row in rows:
        key = "|".join(str(cell) for cell in row[:4])
        seen[key] += 1
        keys.append(key if seen[key] == 1 else f"{key}|{seen[key]}")
    return keys


def _whose(found: Compared) -> str:
    days = [f"（业务日期 {side.day}）" if side.day else "" for side in (found.last, found.this)]
    files = f"上期：{found.last.ledger.path.name}{days[0]}　本期：{found.this.ledger.path.name}{days[1]}"
    return f"{files}　政策：{found.policy.cited}" if found.policy else files


def _summary(found: Compared) -> Page:
    persons, homes = found.persons, found.homes
    rows: list[tuple] = [("上期人数", persons.last, "")]
    rows += [(f"　增：{why}", count, "") for why, count in Counter(one.why for one in persons.came).items()]
    rows += [(f"　减：{why}", count, "") for why, count in Counter(one.why for one in persons.went).items()]
    equals = f"{persons.last} ＋ {len(persons.came)} － {len(persons.went)} ＝ {persons.this}"
    rows += [("本期人数", persons.this, f"核对相符：{equals}"), ("上期户数", homes.last, ""),
             ("　增：本期才有的户", homes.new, ""), ("　减：本期没有的户", homes.gone, "")]  # fmt: skip
    equals = f"{homes.last} ＋ {homes.new} － {homes.gone} ＝ {homes.this}"
    rows.append(("本期户数", homes.this, f"核对相符：{equals}"))
    rows += [(f"　{what}", count, "见“户变动”") for what, count in Counter(one.what for one in found.events).items()]
    compared = len(found.changes)
    rows.append(("两期都有、比较了收入的户", compared, "见“各户增减”"))
    rows += [(f"　{change}", found.count(change), "") for change in (UP, DOWN, SAME, UNKNOWN)]
    moved = Counter(f"{one.list}：{one.what}" for one in found.lists)
    rows += [(what, count, "见“监测和名单变动”") for what, count in moved.items()]
    rows += [("重复登记的人", len(found.twice), "见“重复登记”" if found.twice else ""),
             ("信息变更", len(found.facts), "见“信息变更”" if found.facts else ""),
             ("待核实", len(found.questions), "见“待核实”" if found.questions else "")]  # fmt: skip
    heads = {"项目": 36, "数": 12, "说明": 70}
    about = "人按证件号码前18位，户按户编号；户编号变了的按其中的人认"
    return _page("对比说明", found, heads, rows, (TEXT, COUNT, TEXT), about, found.remarks, [row[0] for row in rows])


def _households(found: Compared) -> Page:
    rows = [
        (one.household, one.name, one.village, *map(_figure, (one.last, one.this, one.difference)), one.change,
         one.causes, one.why) for one in found.changes
    ]  # fmt: skip
    known = [one for one in found.changes if one.change != UNKNOWN]
    figures = "last", "this", "difference"
    sums = [_figure(sum((exact(getattr(one, name)) for one in known), Fraction(0))) for name in figures]
    waiting = len(found.changes) - len(known)
    heads = {"户编号": 22, "户主": 12, "村": 16, "上期年收入": 15, "本期年收入": 15, "增减": 15, "结论": 12,
             "减收原因": 24, "说明": 36}  # fmt: skip
    styles = (TEXT, TEXT, TEXT, _RIGHT, _RIGHT, _RIGHT, CENTRED, TEXT, TEXT)
    keys = [one.household for one in found.changes]
    total = ("合计", f"{len(known)}户", "", *sums, "", "", f"另有{waiting}户无法比较，未计入合计" if waiting else "")
    notes = ["年收入是工资性、生产经营性、财产性、转移性四项收入之和；应享未发的补贴不是收入，没有算进来。"]
    policy = found.policy
    if policy and "LOSS_CAUSES" in policy.measures:
        notes.append(f"减收原因的编号按{policy.cite(policy.measures['LOSS_CAUSES'])}，逐项比较，别处增收不抵消。")
    page = _page("各户增减", found, heads, [*rows, total], styles, "金额单位：元", notes, [*keys, "合计"])
    _bold(page, 4 + len(rows))
    return page


def _items(found: Compared) -> Page:
    told = [one for one in found.incomes if one.difference != 0]
    rows = [
        (one.household, one.name, one.item, *map(_figure, (one.last, one.this, one.difference)), one.change, one.why)
        for one in told
    ]
    heads = {"户编号": 22, "户主": 12, "项目": 24, "上期": 15, "本期": 15, "增减": 15, "结论": 12, "为什么不能比较": 40}
    styles = (TEXT, TEXT, TEXT, _RIGHT, _RIGHT, _RIGHT, CENTRED, TEXT)
    same = len(found.incomes) - len(told)
    about = f"金额单位：元；持平的{same}项和两期都空白的没有列出"
    keys = [f"{one.household}|{one.item}" for one in told]
    return _page("各项增减", found, heads, rows, styles, about, (), keys)


def _figure(value):
    """An amount as a cell holds it."""
    if isinstance(value, CellError) or value is None:
        return value
    return int(value) if value == int(value) else float(value)


def _bold(page: Page, row: int):
    for (at, column), cell in list(page.cells.items()):
        if at == row:
            style: Style = cell.style
            page.put(row, column, cell.value, style.but(bold=True, fill=HEAD.fill))
