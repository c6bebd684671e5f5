"""The household's income of three years, by kind and item: this year, the year before, the one before that.

What a year comes to is drawn first; the items are made to add up to it, to the fen. Work counts as months times wage
as the ledger has them, as far as the year's net income reaches.
"""

from fractions import Fraction

from .facts import households_of
from .people import LABOUR, Dice
from .sheets import Column

ITEMS = {
    "工资性收入": ("务工收入", "公益性岗位收入", "其他工资性收入"),
    "生产经营性收入": ("种植业收入", "养殖业收入", "其他生产经营性收入"),
    "财产性收入": ("资产收益扶贫分红收入", "土地流转收入"),
    "转移性收入": ("低保金", "特困人员救助供养金", "养老保险金", "生态补偿金", "其他转移性收入"),
    "生产经营性支出": ("种植业支出", "养殖业支出", "其他支出"),
}
KINDS = tuple(ITEMS)[:4]
EXPENSE = "生产经营性支出"
LAST = [f"上年{kind}" for kind in (*KINDS, EXPENSE)]


def income_columns(per_capita=True, last=True):
    """The columns of the block, sums behind their items."""
    found = []
    for kind, items in ITEMS.items():
        if kind == EXPENSE:
            found.append(Column("年收入", 12, "money"))
        found += [Column(item if len(item) < 7 else f"{item[:-4]}\n{item[-4:]}", 11, "money") for item in items]
        found.append(Column(kind if len(kind) < 7 else f"{kind[:-4]}\n{kind[-4:]}", 12, "money"))
    if per_capita:
        found.append(Column("纯收入", 12, "money"))
    found.append(Column("年度家庭\n人口数", 9, "count"))
    if last:
        found += [Column(f"{name[:-4]}\n{name[-4:]}", 12, "money") for name in LAST]
        found += [Column("上年纯收入", 12, "money"), Column("上年人均\n纯收入", 11, "money")]
    return found


def net_of(block):
    return sum(block[item] for kind in KINDS for item in ITEMS[kind]) - sum(block[item] for item in ITEMS[EXPENSE])


def added(block, other):
    return {item: block[item] + other[item] for item in block}


def year_of(dice, persons, year, net):
    """The items of a household in a year, in fen, which come to `net`."""
    block = {item: 0 for items in ITEMS.values() for item in items}
    left = net

    def take(item, yuan, share):
        """As much of an amount as a share of what is left allows, in whole 元."""
        nonlocal left
        fen = min(yuan * 100, int(left * share) // 1000 * 1000)
        block[item] += max(0, fen)
        left -= max(0, fen)

    old = sum(1 for person in persons if person["_age"] - year >= 60)
    assured = sum(1 for person in persons if person["享受低保政策情况"] == "农村低保")
    supported = sum(1 for person in persons if person["享受特困供养政策情况"] == "农村特困")
    worked = sum(int(m * w) for m, w in (person["_work"][year] for person in persons if "公益性岗位" not in person))
    posted = sum(int(m * w) for m, w in (person["_work"][year] for person in persons if "公益性岗位" in person))
    take("特困人员救助供养金", supported * (9600 - 480 * year), 0.7)
    take("低保金", assured * (4200 - 240 * year), 0.5)
    take("养老保险金", old * (1680 - 96 * year), 0.5)
    take("公益性岗位收入", posted, 0.7)
    take("务工收入", worked, 0.78)
    head = persons[0]
    take("资产收益扶贫分红收入", head["_dividend"] - 60 * year * (head["_dividend"] > 0), 0.2)
    take("土地流转收入", head["_rent"], 0.2)
    take("生态补偿金", head["_forest"], 0.1)
    take("其他转移性收入", int(head["_mu"] * 67) + 180, 0.15)
    able = any(person["劳动技能"] in LABOUR for person in persons)
    if head["_mu"] and able:
        planted = left if not head["_breeds"] else left * dice.whole(30, 70) // 100
        shop = any(person.get("自主创业") == "是" for person in persons)
        sold = planted // 2 if shop else 0
        _business(block, "种植业", planted - sold, Fraction(2, 5))
        _business(block, "其他生产经营性", sold, Fraction(1, 2), "其他支出")
        _business(block, "养殖业", left - planted, Fraction(1, 2))
    else:
        block["其他工资性收入" if able else "其他转移性收入"] += left
    assert net_of(block) == net and min(block.values()) >= 0, (block, net)
    return block


def _business(block, what, net, cost, expense=None):
    """A gross income in whole 元 and the expense that leaves this net."""
    if net <= 0:
        return
    gross = -(-int(net / (1 - cost)) // 100) * 100
    block[f"{what}收入"] += gross
    block[expense or f"{what}支出"] += gross - net


def add_incomes(seed, rows, target, sizes=None, targets=None, parts=None):
    """Give each household its three years.

    target    (dice, household, year) -> net per head in fen before work is looked at; None: as that year's column says
    sizes     (household, year) -> the persons that the year's income is divided by
    targets   户编号 -> {year: net of the household in fen} for edges that are meant
    parts     户编号 -> two lists of persons who were two households before this period
    """
    dice, targets, parts = Dice(seed), targets or {}, parts or {}
    for household in households_of(rows):
        head = household[0]
        head.setdefault("_mu", 0)
        head["_dividend"] = dice.pick((0, 0, 200, 360, 480, 600, 800))
        head["_rent"] = dice.pick((0, 0, 0, 450, 800, 1200))
        head["_forest"] = dice.pick((0, 0, 0, 240, 380)) if head["_mu"] else 0
        head["_breeds"] = bool(head["_mu"]) and dice.chance(0.45)
        per_head, years = None, []
        for year in range(3):
            persons = members(household, year)
            per_head = target(dice, household, year, per_head)
            size = len(persons)
            wages = sum(int(m * w) for m, w in (person["_work"][year] for person in persons))
            net = per_head * size
            if head.get("家庭人均纯收入") is None:
                net = max(net, wages * 10000 // (70 + 2 * year) // 100 * 100)
            net = targets.get(head["户编号"], {}).get(year, net)
            own = parts.get(head["户编号"])
            if own and year:
                first, second = ([person for person in part if person in persons] for part in own)
                for one in (first, second):
                    one[0].setdefault("_mu", 0)
                    for key in ("_dividend", "_rent", "_forest"):
                        one[0].setdefault(key, 0)
                    one[0].setdefault("_breeds", False)
                share = net * len(second) // size
                blocks = year_of(dice, first, year, net - share), year_of(dice, second, year, share)
                second[0].setdefault("_years", [None] * 3)[year] = blocks[1]
                first[0].setdefault("_part", [None] * 3)[year] = blocks[0]
                years.append(added(*blocks))
            else:
                years.append(year_of(dice, persons, year, net))
            per_head = net // size
        head["_years"] = years


def members(household, year):
    """Who counts in a year: this year those who are there, before also those who left since, not those who came."""
    if year == 0:
        return [person for person in household if person["人口状态"] == "正常"]
    return [person for person in household if not person.get("_came")] + household[0].get("_left", [])


def told(block, size):
    """A year's block as the ledger has it: 元 by header."""
    found = {item: fen / 100 for item, fen in block.items()}
    for kind, items in ITEMS.items():
        found[kind] = sum(block[item] for item in items) / 100
    found["年收入"] = sum(block[item] for kind in KINDS for item in ITEMS[kind]) / 100
    found["纯收入"] = net_of(block) / 100
    found["人均"] = rounded(net_of(block), size)
    return found


def rounded(fen, size):
    """Fen per head as a clerk's ROUND(…,2) gives them."""
    return float(Fraction(2 * fen + size, 2 * size).__floor__()) / 100


def put_incomes(household, this, last, size, size_last, on_every_row, per_capita="家庭人均纯收入"):
    """Write two years' blocks into the rows of a household."""
    now, before = told(this, size), told(last, size_last)
    cells = {header: value for header, value in now.items() if header != "人均"}
    cells["年度家庭人口数"] = size
    cells.update({f"上年{kind}": before[kind] for kind in (*KINDS, EXPENSE, "纯收入")})
    cells["上年人均纯收入"] = before["人均"]
    for number, person in enumerate(household):
        if per_capita:
            person[per_capita] = now["人均"]
        for header, value in cells.items():
            person[header] = value if on_every_row or number == 0 else None
