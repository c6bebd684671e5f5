"""Invented households for the ledgers of a document: who lives in them, what kind they are, where they work."""

from . import facts
from .facts import SKILLS, add_facts
from .incomes import add_incomes, income_columns
from .last_period import prepare
from .people import AREA_CODE, LABOUR, MONITORED, SURNAMES, WEAK, Dice, Taken, members_of, person_of, repeated
from .sheets import Column

NO_WORK = [(0, 0)] * 3


def ledger_columns(types, claims, per_capita="家庭人均纯收入", net=True):
    """The columns of a document's ledger around those of its claims."""
    return [
        Column("序号", 6, "count"),
        Column("乡镇", 10, "text"),
        Column("行政村", 9, "text"),
        Column("村民小组", 9, "text"),
        *facts.IDENTITY,
        Column("户类型", 15, "text", tuple(types)),
        Column("风险是否已消除", 9, "text", ("未消除", "已消除")),
        *facts.MONITORING,
        *facts.PERSON,
        Column("劳动技能", 19, "text", SKILLS),
        *facts.INSURED,
        *facts.AIDED,
        Column("务工去向", 10, "text", ("跨省", "省内区外", "区内")),
        facts.WORK[0],
        Column("务工月数", 9, "number"),
        Column("月工资", 10, "number"),
        *facts.WORK[1:],
        *claims,
        *income_columns(per_capita=net),
        *([Column(per_capita, 12, "money")] if per_capita else []),
        *facts.GUARANTEES,
        *facts.HELP,
        *facts.HELPERS,
        *facts.PLANS,
        *facts.BANK,
        Column("家庭人口数", 8, "count"),
        Column("备注", 18, "note"),
    ]


def build_ledger(example, seed, claims, low, high, targets=None):
    """Rows without dirt: households, facts, claims, incomes.

    claims   (dice, household) puts a household's claims into its rows
    low, high   between which most incomes per head lie, in 元
    targets  see add_incomes
    """
    taken = Taken()
    rows = build_households(seed, example, taken)
    bear(Dice(seed + 5), rows, example, taken)
    add_facts(seed + 1, rows, example.place, taken)
    dice = Dice(seed + 2)
    for household in facts.households_of(rows):
        claims(dice, household)
    if example.twice:
        list_twice(rows, *example.twice)
    parts = prepare(example, rows, Dice(seed + 3), taken)
    add_incomes(seed + 4, rows, target_of(low, high), targets=targets, parts=parts)
    return rows


def bear(dice, rows, example, taken):
    """The children born in this period, behind the others of their household."""
    for household_id, relation, sex in example.born:
        own = [row for row in rows if row["户编号"] == household_id]
        child = {key: own[0][key] for key in (*facts.OF_HOUSEHOLD, "_mu") if key in own[0]}
        child.update(person_of(dice, relation, sex, 0, own[0]["姓名"][0], example.place.as_of, taken))
        child.update({"人口编号": f"{household_id}{len(own) + 1:03d}", "劳动技能": "无劳动力"}, _mu=0, _work=NO_WORK)
        rows.insert(rows.index(own[-1]) + 1, child)


def list_twice(rows, person_id, household_id):
    """A daughter who married into another village stands there as well, and still at home: both as 正常."""
    person = next(row for row in rows if row["人口编号"] == person_id)
    others = [row for row in rows if row["户编号"] == household_id]
    head = others[0]
    twin = {key: value for key, value in person.items() if key not in facts.OF_HOUSEHOLD and not key.startswith("_mu")}
    twin.update({key: head[key] for key in facts.OF_HOUSEHOLD if key in head})
    twin.update({"与户主关系": "之儿媳", "人口编号": f"{household_id}{len(others) + 1:03d}"}, _twin=True, _came=True)
    rows.insert(rows.index(others[-1]) + 1, twin)


def build_households(seed, example, taken):
    """Rows of all households in the order of their numbers: identity, kind, risk and work.

    example   the document's Example: villages (town, village) -> households, sizes, types, code, place
    """
    dice = Dice(seed)
    sizes, types = dice.shuffled(repeated(example.sizes)), dice.shuffled(repeated(example.types))
    rows, number = [], 0
    for of_village, ((town, village), count) in enumerate(example.villages.items(), start=1):
        for of_household in range(1, count + 1):
            household_id = f"{AREA_CODE}{example.code}{of_village:03d}{of_household:04d}"
            kind = types[number]
            risk = dice.weighted({"未消除": 6, "已消除": 4}) if kind in MONITORED else None
            surname, members = dice.pick(SURNAMES), members_of(dice, sizes[number])
            mu = dice.whole(15, 120) / 10 if dice.chance(0.75) else 0
            for order, (relation, sex, age) in enumerate(members, start=1):
                person = {
                    "乡镇": town,
                    "行政村": village,
                    "户编号": household_id,
                    "人口编号": f"{household_id}{order:03d}",
                    **person_of(dice, relation, sex, age, surname, example.place.as_of, taken),
                    "户类型": kind,
                    "风险是否已消除": risk,
                    "_mu": mu if order == 1 else 0,
                }
                if person["_student"] and age >= 16:
                    person["备注"] = "在校学生"
                if len(members) == 1 and age >= 66 and kind != "一般农户" and person["劳动技能"] not in LABOUR:
                    person["备注"] = "分散供养特困人员"
                add_work(dice, person)
                rows.append(person)
            number += 1
    return rows


def add_work(dice, person):
    """务工: destination, months and wage stand together; who does not work leaves them blank."""
    age, skill = person["_age"], person["劳动技能"]
    if skill in LABOUR[:2]:
        works = age < 64 and dice.chance(0.58)
    else:
        works = skill == WEAK and dice.chance(0.42)
    person["_work"] = NO_WORK
    if not works:
        return
    if skill == WEAK:
        person["务工去向"] = "区内"
        person["务工月数"], person["月工资"] = dice.weighted({6: 1, 9: 2, 10: 2, 12: 5}), dice.whole(5, 9) * 100
    else:
        person["务工去向"] = dice.weighted({"跨省": 38, "省内区外": 38, "区内": 24})
        person["务工月数"] = dice.weighted({3: 6, 4: 6, 5: 8, 6: 12, 7: 8, 8: 14, 9: 14, 10: 20, 11: 8, 12: 4})
        person["月工资"] = dice.whole(14, 33) * 100
    add_earlier_work(dice, person, person["务工月数"], person["月工资"])


def add_earlier_work(dice, person, months, wage):
    """Months and wages of this year, the year before and the one before that."""
    found = [(months, wage)]
    for year in (1, 2):
        if person["_age"] - year < 16 or dice.chance(0.07):
            found.append((0, 0))
            continue
        before = round(wage * dice.whole(88, 102) / 10000) * 100 if wage >= 1500 else wage
        found.append((min(12, max(1, months + dice.weighted({-2: 1, -1: 2, 0: 5, 1: 2, 2: 1}))), before))
    person["_work"] = found


def target_of(low, high):
    """Net per head in fen: this year's by the kind of household, earlier years' a little less as a rule."""

    def target(dice, household, year, later):
        if year:
            return later * dice.weighted({88: 3, 91: 4, 94: 5, 97: 3, 99: 1, 103: 2, 108: 1, 118: 1}) // 100
        head = household[0]
        if head["风险是否已消除"] == "未消除":
            return dice.whole(low * 100 - 250000, low * 100 + 150000)
        if head["户类型"] == "一般农户":
            return dice.whole(high * 100, high * 100 + 1200000)
        return dice.whole(low * 100 - 60000, high * 100 + 500000)

    return target
