"""What the five documents give, sentence by sentence, to the rows of a ledger.

A measure is a function (person, head of the household) -> 元 as a fraction, None where nothing is claimed, `Waiting`
where a cell has to be settled first. `due(name)` runs them over the ledger.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction as F

from .cells import (
    DAYS,
    GONE,
    MONEY,
    WORKBOOKS,
    Waiting,
    frame,
    id18,
    ledger,
    money,
    needed,
    number,
    one_of,
    text,
    whole,
    yes,
)

MONITORED = ("脱贫不稳定户", "边缘易致贫户", "突发严重困难户")
POOR = ("脱贫户", *MONITORED)
ABLE = ("普通劳动力", "技能劳动力", "弱劳动力或半劳动力")
PLACES = ("跨省", "省内区外", "区内")
CASH, OTHER = "现金", "消费券、代缴、贷款额度"


@dataclass
class Measure:
    name: str
    of: Callable
    per: str = "人"  # or 户: stands in the head's row
    nature: str = CASH
    least: bool = False  # 不低于: what is paid somebody has to decide
    claimed: bool = True  # has a cell of its own that is filled when it is asked for


def poor(person):
    return person["户类型"] in POOR


def able(person):
    return person["劳动技能"] in ABLE


# ---- 双碾乡 双发〔2022〕67号 ----------------------------------------------------------------------------------------


def travel(person, _):
    """十: 跨省 1500, 省内区外 600 a year."""
    place = one_of(person["务工去向"], PLACES)
    if place is None:
        return None
    fits = poor(person) and able(person) and not needed(yes(person["本年已享受交通补贴"]))
    return F({"跨省": 1500, "省内区外": 600, "区内": 0}[place] if fits else 0)


def stable_job(person, _):
    """十一: six months and more at 1000 and more: 200 for six months, once."""
    months, wage = number(person["连续外出务工月数"]), money(person["月工资"])
    if months is None and wage is None:
        return None
    needed(months), needed(wage)
    place = one_of(person["务工去向"], PLACES)
    fits = poor(person) and able(person) and not yes(person["以前已享受稳岗补助"]) and place != "区内"
    return F(200 * 6 if fits and months >= 6 and wage >= 1000 else 0)


def startup(person, _):
    """十六: 5000 once, to those who came back and are self-employed."""
    if not needed(yes(person["自主创业"])):
        return None
    fits = needed(yes(person["返乡回流"])) and poor(person) and able(person)
    return F(5000 if fits and not yes(person["以前已享受创业补贴"]) else 0)


def shop_rent(person, _):
    rent = money(person["年租金"])
    if rent is None:
        return None
    fits = needed(yes(person["返乡回流"])) and needed(yes(person["自主创业"])) and poor(person) and able(person)
    return min(rent, F(3000)) if fits else F(0)


def training_15(person, _):
    """十八: 15 a day, for those who want to be trained and have no work."""
    days = whole(number(person["培训天数"], DAYS))
    if days is None:
        return None
    fits = needed(yes(person["有培训意愿"])) and not needed(yes(person["已就业"]))
    return days * 15 if fits and poor(person) and able(person) else F(0)


def disabled(asked, taken, amount):
    """十九: per person, to rural disabled persons in need."""

    def of(person, _):
        if not needed(yes(person[asked])):
            if text(person["农村困难残疾人"]) == "待核实":
                raise Waiting("农村困难残疾人")
            return None
        return F(amount if needed(yes(person["农村困难残疾人"])) and not (taken and yes(person[taken])) else 0)

    return of


def yard_2000(person, _):
    """五: what was approved, 2000 at most."""
    approved = money(person["庭院经济核定奖补额"])
    return None if approved is None else min(approved, F(2000)) if poor(person) else F(0)


def land(person, _):
    """七: 67 per 亩 with its certificate."""
    area = money(person["确权承包亩数"])
    return None if area is None else area * 67 if needed(yes(person["确权颁证到位"])) else F(0)


def grain(person, _):
    """七: 15.6 and 5.9 per 亩."""
    area = money(person["实际种粮亩数"])
    return None if area is None else area * (F("15.6") + F("5.9"))


def insurance_gap(person, _):
    """三十: what lacks to the line, for each person."""
    income, line = needed(number(person["家庭人均纯收入"])), needed(money(person["监测指导线"]))
    persons = needed(number(person["家庭人口数"]))
    return (line - income) * persons if poor(person) and income < line else F(0)


def coupon(person, _):
    """二十五: 1500 per person to 特困人员 and monitored persons whose risk has not ended."""
    kind = one_of(person["消费券对象类别"], ("特困人员", "监测对象", "脱贫户", "其他"))
    if kind == "特困人员":
        return F(1500)
    return F(1500 if kind == "监测对象" and person["风险是否已消除"] == "未消除" else 0)


def loan_topup(person, _):
    """二: up to 100000 with what is owed, for 脱贫户 and 边缘易致贫户 (脱贫不稳定户 were lifted as well)."""
    owed, asked = money(person["贷款余额"]), money(person["申请追加"])
    if owed is None and asked is None:
        return None
    fits = yes(person["确有需要"]) and yes(person["具备还款能力"])
    fits = fits and person["户类型"] in ("脱贫户", "脱贫不稳定户", "边缘易致贫户")
    return min(asked, max(F(0), 100000 - owed)) if fits else F(0)


# ---- 枣庄高新区 枣高社字【2023】16号 --------------------------------------------------------------------------------


def in_scope(person):
    """脱贫享受政策户 and monitored households whose risk has not ended."""
    if person["户类型"] == "脱贫户":  # enjoys policies or not?
        raise Waiting("户类型")
    return person["户类型"] == "脱贫享受政策户" or (
        person["户类型"] in MONITORED and person["风险是否已消除"] == "未消除"
    )


def premium(person, _):
    """11: the whole premium."""
    paid = money(person["保费"])
    if paid is None:
        return None
    needed(one_of(person["生产项目"], ("种植", "养殖", "其他")))
    return paid if in_scope(person) else F(0)


def yard_half(person, _):
    """12: half of what was invested, 5000 at most, for low incomes with labour and will."""
    invested = money(person["投资额"])
    if invested is None:
        return None
    fits = needed(yes(person["有劳动力"])) and needed(yes(person["本人自愿"])) and in_scope(person)
    return min(invested / 2, F(5000)) if fits and number(person["家庭人均纯收入"]) < 11000 else F(0)


def elder_30(person, _):
    """20: at most 30 % of at most 300 a month, from 60 (一、二级残疾 from 55)."""
    paid = money(person["子女月缴赡养金"])
    if paid is None:
        return None
    rate, months = number(person["奖补比例"]), needed(number(person["赡养金缴纳月数"]))
    if rate is not None and rate > F("0.3"):
        raise Waiting("奖补比例")
    from_age = 55 if person["残疾等级"] in ("一级", "二级") else 60
    fits = in_scope(person) and number(person["周岁年龄"]) >= from_age
    return min(paid, F(300)) * (F("0.3") if rate is None else rate) * months if fits else F(0)


def prepay(person, _):
    """21: the lowest pension premium."""
    lowest, chosen = money(person["最低缴费标准"]), money(person["所选缴费标准"])
    if lowest is None:
        return None
    if chosen is not None and chosen < lowest:
        raise Waiting("所选缴费标准")
    return lowest if needed(yes(person["在缴费年龄段"])) and in_scope(person) else F(0)


# ---- 阜阳市 --------------------------------------------------------------------------------------------------------


def startup_5000(person, _):
    """13: not below 5000, for a first small business of somebody who came back."""
    if not needed(yes(person["自主创业"])):
        return None
    fits = needed(yes(person["返乡回流"])) and needed(yes(person["首次创办小微企业"])) and poor(person) and able(person)
    return F(5000 if fits and not yes(person["以前已享受创业补贴"]) else 0)


def training_50(person, _):
    """14: 50 a day."""
    days = whole(number(person["培训天数"], DAYS))
    return None if days is None else days * 50 if poor(person) else F(0)


def graduate(person, _):
    """15: 3000 once to a graduate of this year, small business, six months and more, insured."""
    left, year = number(person["毕业年份"]), number(person["年份"])
    employer = one_of(person["就业单位类型"], ("小微企业", "大型企业", "其他"))
    months, insured = number(person["合同月数"]), yes(person["缴纳社会保险"])
    if left is None and employer is None and months is None:
        return None
    fits = left == year and employer == "小微企业" and months >= 6 and insured
    return F(3000 if fits and not yes(person["以前已享受毕业生就业补贴"]) else 0)


# ---- 奉节县 --------------------------------------------------------------------------------------------------------


def low_income(person):
    """序言: 2021 at most 10000 or 2022 below 10000; monitored households whose risk has not ended."""
    if person["户类型"] in MONITORED:
        return person["风险是否已消除"] == "未消除"
    if person["户类型"] != "脱贫户":
        return False
    return number(person["2021年人均纯收入"], MONEY) <= 10000 or number(person["2022年预估人均纯收入"], MONEY) < 10000


def industry(person, _):
    """四: monitored households at most 3000, the others at most 2000."""
    route = one_of(person["奖补途径"], ("监测对象产业奖扶", "五小经济奖补"))
    approved = money(person["核定奖补额"])
    if route is None and approved is None:
        return None
    if route == "监测对象产业奖扶":
        fits = person["户类型"] in MONITORED and person["风险是否已消除"] == "未消除"
        return min(approved, F(3000)) if fits else F(0)
    willing, took = needed(yes(person["有意愿有能力"])), yes(person["已享受2022年监测对象产业奖扶"])
    return min(needed(approved), F(2000)) if low_income(person) and willing and not took else F(0)


def elder_10(person, _):
    """八: a tenth, 60 a month at most, from 60."""
    paid = money(person["子女月缴赡养金"])
    if paid is None:
        return None
    months = needed(number(person["赡养金缴纳月数"]))
    fits = low_income(person) and number(person["周岁年龄"]) >= 60
    return min(paid / 10, F(60)) * months if fits else F(0)


def college(person, _):
    """七: not below 3000 in the year of entry, 雨露计划 pays its own."""
    students = number(person["学生人数"])
    if students is None:
        return None
    fits = not needed(yes(person["属于雨露计划"])) and number(person["入学年份"]) == number(person["年份"])
    return 3000 * students if fits and low_income(person) else F(0)


MEASURES = {
    "双碾乡": [
        Measure("交通补贴", travel),
        Measure("稳岗补助", stable_job),
        Measure("创业补贴", startup, claimed=False),
        Measure("场租补贴", shop_rent),
        Measure("培训生活费补贴", training_15),
        Measure("残疾人培训补贴", disabled("参加实用技术培训", "本年已享受残疾人培训补贴", 1500), claimed=False),
        Measure("残疾人产业帮扶", disabled("适合且稳定的产业项目", None, 6000), claimed=False),
        Measure("庭院经济奖补", yard_2000, per="户"),
        Measure("耕地地力补贴", land, per="户"),
        Measure("种粮一次性补贴", grain, per="户"),
        Measure("防贫差额补偿", insurance_gap, per="户"),
        Measure("爱心消费券", coupon, nature=OTHER),
        Measure("小额信贷可追加额", loan_topup, per="户", nature=OTHER),
    ],
    "枣庄高新区": [
        Measure("庭院经济奖补", yard_half, per="户"),
        Measure("生产保险保费补贴", premium, per="户"),
        Measure("孝善养老奖补", elder_30),
        Measure("养老保险代缴", prepay, nature=OTHER),
    ],
    "阜阳市": [
        Measure("创业补贴", startup_5000, least=True, claimed=False),
        Measure("培训生活费补贴", training_50),
        Measure("毕业生就业补贴", graduate),
    ],
    "奉节县": [
        Measure("产业到户奖补", industry, per="户"),
        Measure("孝善养老奖补", elder_10),
        Measure("新生助学资助", college, least=True),
    ],
    "前进区": [],
}


def due(name, afresh=False):
    """{事项: {row of the ledger: 元, `Waiting`}} of the persons who are here; what is not claimed is left out.

    `afresh`: as if nothing had been received before. Who stands twice is due a person's measure once.
    """
    rows = ledger(name)
    if afresh:
        received = [column for column in rows if column.startswith(("本年已享受", "以前已享受"))]
        rows = rows.assign(**dict.fromkeys(received, "否"))
    twice = rows["证件号码"].map(id18).duplicated()
    found = {}
    for measure in MEASURES[name]:
        found[measure.name] = amounts = {}
        for row, person in rows.iterrows():
            apart = person["与户主关系"] != "户主" if measure.per == "户" else twice[row]
            if person["人口状态"] in GONE or apart:
                continue
            try:
                amount = measure.of(person, None)
            except Waiting as waits:
                amount = waits
            if amount is not None:
                amounts[row] = amount
    return found


def paid(name):
    """{(first 18 characters, 事项): 元} of what went out; stopped lines paid nothing."""
    rows = frame(WORKBOOKS / f"{name}发放表.xlsx")
    rows = rows[rows["支付状态"] == "支付成功"]
    numbers = rows["享受人身份证号"].map(id18)
    amounts = rows["补贴金额"].map(number)
    return {key: sum(group) for key, group in amounts.groupby([numbers, rows["事项"]])}

