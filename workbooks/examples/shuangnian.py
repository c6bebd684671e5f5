"""双碾乡（双发〔2022〕67号）: 120 households, 400 persons, five villages that do not exist."""

from datetime import date

from . import facts
from .example import LOWER, Example
from .facts import SKILLS, STATES, YES_NO, Place, add_facts, households_of
from .households import NO_WORK, add_earlier_work, target_of
from .incomes import add_incomes, income_columns
from .last_period import prepare
from .payments import stranger
from .people import AREA_CODE, LABOUR, MONITORED, SURNAMES, WEAK, Dice, Taken, members_of, person_of, repeated
from .sheets import NA_FORMULA, Column

SEED = 20251182
AS_OF = date(2025, 11, 30)
VILLAGES = {"甲禾村": 26, "乙岭村": 25, "丙泉村": 24, "丁坪村": 23, "戊塬村": 22}  # households
HOUSEHOLD_SIZES = {1: 11, 2: 26, 3: 29, 4: 28, 5: 18, 6: 8}
HOUSEHOLD_TYPES = {"脱贫户": 80, "脱贫不稳定户": 16, "边缘易致贫户": 11, "突发严重困难户": 7, "一般农户": 6}

DESTINATIONS = ("跨省", "省内区外", "区内", "待核实")
COUPON_KINDS = ("特困人员", "监测对象", "脱贫户", "其他")
GUIDELINE = 7000  # invented: a province publishes its own every year

COLUMNS = [
    Column("序号", 6, "count"),
    Column("行政村", 9, "text"),
    Column("户编号", 19, "id"),
    Column("人口编号", 22, "id"),
    Column("姓名", 9, "text"),
    Column("与户主关系", 9, "text"),
    Column("证件号码", 24, "id"),
    Column("户类型", 15, "text", tuple(HOUSEHOLD_TYPES)),
    Column("风险是否已消除", 9, "text", ("未消除", "已消除")),
    Column("人口状态", 9, "text", STATES),
    Column("劳动技能", 19, "text", SKILLS),
    Column("务工去向", 10, "text", DESTINATIONS),
    Column("本年已享受\n交通补贴", 11, "text", YES_NO),
    Column("连续外出务工月数", 9, "number"),
    Column("月工资", 10, "number"),
    Column("以前已享受稳岗补助", 10, "text", YES_NO),
    Column("返乡回流", 7, "text", YES_NO),
    Column("自主创业", 7, "text", YES_NO),
    Column("以前已享受创业补贴", 10, "text", YES_NO),
    Column("年租金", 9, "number"),
    Column("有培训意愿", 8, "text", YES_NO),
    Column("已就业", 7, "text", YES_NO),
    Column("培训天数", 7, "number"),
    Column("消费券对象类别", 11, "text", COUPON_KINDS),
    Column("庭院经济\n核定奖补额", 12, "number"),
    Column("确权承包亩数", 9, "number"),
    Column("确权颁证到位", 9, "text", YES_NO),
    Column("实际种粮亩数", 9, "number"),
    Column("农村困难残疾人", 9, "text", YES_NO),
    Column("参加实用技术培训", 9, "text", YES_NO),
    Column("本年已享受\n残疾人培训补贴", 15, "text", YES_NO),
    Column("家庭人均纯收入", 12, "money"),
    Column("家庭人口数", 8, "count"),
    Column("备注", 18, "note"),
]

MORE_COLUMNS = [
    Column("村民小组", 9, "text"),
    *facts.PERSON[:3],
    *facts.INSURED,
    *facts.AIDED,
    *facts.WORK,
    *facts.MONITORING,
    *facts.GUARANTEES,
    Column("适合且稳定的\n产业项目", 11, "text", YES_NO),
    Column("贷款余额", 10, "number"),
    Column("申请追加", 10, "number"),
    Column("确有需要", 8, "text", YES_NO),
    Column("具备还款能力", 8, "text", YES_NO),
    Column("监测指导线", 9, "money"),
    *income_columns(),
    *facts.HELP,
    *facts.HELPERS,
    *facts.PLANS,
    *facts.BANK,
]

# cell, what is typed there instead (None: emptied), what it is there for
DIRT = [
    ("G10", LOWER, "identity number, 18 characters, with a lower-case x: valid"),
    ("G344", LOWER, "identity number, 20 characters, with a lower-case x: valid"),
    ("N39", "6个月", "months with a unit: no number"),
    ("O44", "4200", "wage as text that is nothing but a number: valid"),
    ("L48", " 跨省 ", "destination between blanks: valid"),
    ("O57", "３５００", "wage in full-width digits: valid"),
    ("L76", "待核实", "destination not settled: travel subsidy unverified"),
    ("L148", "待核实", "the same"),
    ("O79", NA_FORMULA, "wage is an error cell: passed on"),
    ("O85", None, "wage blank although months are given: missing"),
    ("L94", "外省打工", "destination outside the list: unknown option"),
    ("AB64", -3.8, "negative area: refused"),
    ("O150", 1000, "boundary: a wage of exactly 1000 is paid"),
    ("O182", 999.99, "boundary: a wage of 999.99 is not"),
    ("N124", 6, "boundary: exactly 6 months are paid"),
    ("N131", 5.5, "boundary: 5.5 months are not"),
    ("Q117", None, "returned or not is blank for somebody self-employed who rents: missing"),
    ("W160", 10.5, "training days must be whole"),
    ("X196", "低保对象", "kind of person outside the list: unknown option"),
    ("Y84", "1800元", "approved award with a unit: no number"),
    ("AA91", None, "area given, certificate blank: missing"),
    ("AC191", "待核实", "disability not settled: unverified"),
]

SETTINGS = [
    ("政策", "双碾乡", "双发〔2022〕67号；台账各事项按此文件核算"),
    ("业务日期", AS_OF, "事项发生的日期，用来检验文件是否在有效期内（2022-08-12至2025-12-31）"),
]

NOTES = [
    ("通则", "本表为示例，村名、人员、号码全部虚构；证件号码以999900开头，该地区代码未分配给任何县区。"),
    ("通则", "一人一行，同户各行相邻，户主在前；没有申报的事项，对应栏留空，不填0。"),
    ("通则", "金额一律以元为单位；台账不登记联系电话；银行账号以9999开头，为虚构。"),
    ("序号", "全表连续编号，一人一号。"),
    ("行政村", "户籍所在行政村，五个村名均为虚构。"),
    ("户编号", "16位，按文本填写，同户各行相同。"),
    ("人口编号", "户编号后加3位家庭成员顺序号，按文本填写。"),
    ("姓名", "与证件一致，中间不加空格。"),
    ("与户主关系", "户主、配偶、之子、之女、之儿媳、之孙子、之孙女、之父、之母。"),
    ("证件号码", "居民身份证18位；持残疾人证的填20位，末两位为残疾类别和残疾等级。"),
    ("户类型", "脱贫户、脱贫不稳定户、边缘易致贫户、突发严重困难户、一般农户，同户各行相同。"),
    ("风险是否已消除", "监测户填未消除或已消除；脱贫户、一般农户留空，即无。"),
    ("人口状态", "正常、死亡、迁出、自然减少；非正常的人保留原记录，不再享受。"),
    ("劳动技能", "普通劳动力、技能劳动力、弱劳动力或半劳动力、丧失劳动力、无劳动力；在校学生为无劳动力。"),
    ("务工去向", "跨省、省内区外、区内，拿不准的填待核实；区指平鲁区。未务工的留空。"),
    ("本年已享受交通补贴", "有务工去向的填是或否。"),
    ("连续外出务工月数", "最长一段不间断的月数，只填数字，不写个月。"),
    ("月工资", "该段务工的月工资，只填数字；与月数同填或同空。"),
    ("以前已享受稳岗补助", "一次性补助，以前任何年度领过的填是；未务工的留空。"),
    ("返乡回流", "是或否，人人必填；没有劳动能力的填否。"),
    ("自主创业", "是或否，人人必填；没有劳动能力的填否。"),
    ("以前已享受创业补贴", "一次性补贴，以前领过的填是。"),
    ("年租金", "创业场地全年租金；没有租用场地的留空。"),
    ("有培训意愿", "是或否，人人必填。"),
    ("已就业", "是或否，人人必填；务工和自主创业都算已就业。"),
    ("培训天数", "本年参加职业技能培训的整天数；未参加的留空。"),
    ("消费券对象类别", "特困人员、监测对象、脱贫户、其他，一人一类；既是特困又是监测的填特困人员。"),
    ("庭院经济核定奖补额", "填在户主行，为核定数；未申报的留空。"),
    ("确权承包亩数", "填在户主行，与承包经营权证一致；没有承包地的留空。"),
    ("确权颁证到位", "填在户主行，与确权承包亩数同填或同空。"),
    ("实际种粮亩数", "填在户主行，含流转来的土地；不种粮的留空。"),
    ("农村困难残疾人", "是或否，人人必填；持残疾人证的不一定是困难残疾人。"),
    ("参加实用技术培训", "专指面向残疾人的农村实用技术培训，其他人填否。"),
    ("本年已享受残疾人培训补贴", "是或否，人人必填。"),
    ("家庭人均纯收入", "上年10月1日至本年9月30日，同户各行相同。"),
    ("家庭人口数", "本户人口状态为正常的人数，同户各行相同。"),
    ("备注", "在校、去世、迁出等情况。"),
    ("务工地点", "写到县（市、区）；区内指平鲁区。公益性岗位就业的，月工资即岗位补贴。"),
    ("适合且稳定的产业项目", "农村困难残疾人有没有适合自己、收入稳定的产业项目，是或否。"),
    ("贷款余额、申请追加", "填在户主行，脱贫人口小额信贷；没有贷款的留空，不申请追加的填0。"),
    ("监测指导线", "填在户主行。表中的数是示例，请以省里公布的为准。"),
    ("收入各栏", "填在户主行，上年10月1日至本年9月30日；没有的填0。务工收入填带回家的，已扣在外的生活开支。"),
    ("年度家庭人口数", "人均纯收入的除数，填在户主行。"),
    ("上年各栏", "上一个核算年度的数，填在户主行。"),
    ("下拉选项", "与下拉选项不符时只提醒、不阻止；表中留有若干处常见的填写问题，供练习核对。"),
]


def add_work(dice, person, age):
    """务工: destination, months and wage stand together; who does not work leaves them blank."""
    skill = person["劳动技能"]
    if skill in ("普通劳动力", "技能劳动力"):
        works = age < 64 and dice.chance(0.72)
    elif skill == WEAK:
        works = dice.chance(0.22)
    else:  # students in the holidays: not counted as labour
        works = 18 <= age <= 23 and dice.chance(0.3)
    if not works:
        return
    if skill == WEAK:
        person["务工去向"] = dice.weighted({"区内": 7, "省内区外": 3})
    else:
        person["务工去向"] = dice.weighted({"跨省": 38, "省内区外": 38, "区内": 24})
    person["本年已享受交通补贴"] = "是" if dice.chance(0.1) else "否"
    person["连续外出务工月数"] = dice.weighted(
        {2: 4, 3: 6, 4: 6, 5: 8, 6: 12, 7: 8, 8: 14, 9: 14, 10: 16, 11: 8, 12: 4}
    )
    low_paid = skill == WEAK or dice.chance(0.08)
    person["月工资"] = dice.whole(7, 16) * 100 if low_paid else dice.whole(20, 64) * 100
    if skill == "无劳动力":
        person["连续外出务工月数"] = 2
    person["以前已享受稳岗补助"] = "是" if dice.chance(0.12) else "否"


def add_enterprise(dice, person, age):
    for flag in ("返乡回流", "自主创业", "以前已享受创业补贴"):
        person[flag] = "否"
    if person["劳动技能"] not in LABOUR or age > 65:
        return
    away = person.get("务工去向") in ("跨省", "省内区外")
    if not away and dice.chance(0.27):
        person["返乡回流"] = "是"
    if not away and dice.chance(0.5 if person["返乡回流"] == "是" else 0.08):
        person["自主创业"] = "是"
        person["以前已享受创业补贴"] = "是" if dice.chance(0.25) else "否"
        if dice.chance(0.7):
            person["年租金"] = dice.pick([1200, 1800, 2400, 2999.5, 3000, 3600, 4800, 6000])
    elif person["返乡回流"] == "是" and dice.chance(0.12):
        person["年租金"] = 1500  # a shop taken, business not yet opened


def add_training(dice, person, age):
    employed = "务工去向" in person or person["自主创业"] == "是"
    person["已就业"] = "是" if employed else "否"
    can_train = person["劳动技能"] in LABOUR and age < 65
    person["有培训意愿"] = "是" if can_train and dice.chance(0.22 if employed else 0.65) else "否"
    probability = 0.6 if person["有培训意愿"] == "是" else 0.06
    if can_train and dice.chance(probability):
        person["培训天数"] = dice.pick([3, 5, 6, 7, 10, 12, 15, 20, 35])


def add_disability(dice, person, age, level):
    person["农村困难残疾人"] = "是" if level and dice.chance(0.8) else "否"
    person["参加实用技术培训"] = "是" if level and 16 <= age < 70 and level > 1 and dice.chance(0.8) else "否"
    trained = person["参加实用技术培训"] == "是"
    person["本年已享受残疾人培训补贴"] = "是" if trained and dice.chance(0.3) else "否"


def add_household_claims(dice, head, household_type):
    if dice.chance(0.42):
        head["庭院经济核定奖补额"] = dice.pick([0, 500, 800, 1000, 1200, 1500, 1800, 1999.5, 2000, 2400, 3000])
    if dice.chance(0.85):
        head["确权承包亩数"] = dice.whole(30, 285) / 10
        head["确权颁证到位"] = "否" if dice.chance(0.1) else "是"
    if dice.chance(0.78):
        own = head.get("确权承包亩数")
        if own is None or dice.chance(0.15):  # rented land
            head["实际种粮亩数"] = dice.whole(20, 400) / 10
        else:
            head["实际种粮亩数"] = round(own * dice.pick([0, 5, 6, 7, 8, 9, 9, 10, 10, 10]) / 10, 1)


def income_of(dice, household_type, risk):
    if household_type == "一般农户":
        return dice.whole(1500000, 3200000) / 100
    if risk == "未消除":
        return dice.whole(560000, 1050000) / 100
    if household_type in MONITORED:
        return dice.whole(980000, 1500000) / 100
    return dice.whole(920000, 2450000) / 100


def add_state(dice, person, relation, age):
    """A few who died, moved away or left the register; what was typed about them stays."""
    if relation == "户主":
        return
    if age >= 68 and dice.chance(0.07):
        person["人口状态"], person["备注"] = "死亡", "2025年去世"
    elif relation == "之女" and 22 <= age <= 33 and dice.chance(0.12):
        person["人口状态"], person["备注"] = "迁出", "婚嫁迁出"
    elif 16 <= age < 60 and dice.chance(0.015):
        person["人口状态"], person["备注"] = dice.pick([("死亡", "2025年去世"), ("自然减少", "户口注销")])


# ---- the ledger ----------------------------------------------------------------------------------------------------


def build(example):
    """The 400 rows, each a mapping from header to value, sorted by 户编号."""
    dice, taken = Dice(SEED), Taken()
    sizes = dice.shuffled(repeated(HOUSEHOLD_SIZES))
    types = dice.shuffled(repeated(HOUSEHOLD_TYPES))
    rows, household = [], 0
    for village_number, (village, household_count) in enumerate(VILLAGES.items(), start=1):
        for household_number in range(1, household_count + 1):
            household_id = f"{AREA_CODE}900{village_number:03d}{household_number:04d}"
            rows += build_household(dice, village, household_id, types[household], sizes[household], taken)
            household += 1
    rows.sort(key=lambda person: person["人口编号"])
    assert len(rows) == 400 and household == 120
    more = Dice(SEED + 1)
    for person in rows:
        person["_work"] = NO_WORK
        if "月工资" in person:
            add_earlier_work(more, person, person["连续外出务工月数"], person["月工资"])
    for own in households_of(rows):
        own[0]["_mu"] = own[0].get("实际种粮亩数") or 0
    add_facts(SEED + 2, rows, example.place, taken)
    add_more_claims(more, rows)
    parts = prepare(example, rows, Dice(SEED + 3), taken)
    add_incomes(SEED + 4, rows, income_target, parts=parts)
    return rows


def build_household(dice, village, household_id, household_type, size, taken):
    risk = dice.weighted({"未消除": 6, "已消除": 4}) if household_type in MONITORED else None
    income = income_of(dice, household_type, risk)
    surname = dice.pick(SURNAMES)
    people = []
    for number, (relation, sex, age) in enumerate(members_of(dice, size), start=1):
        person = {
            "行政村": village,
            "户编号": household_id,
            "人口编号": f"{household_id}{number:03d}",
            **person_of(dice, relation, sex, age, surname, AS_OF, taken),
            "户类型": household_type,
            "风险是否已消除": risk,
            "消费券对象类别": ("监测对象" if risk else "脱贫户" if household_type == "脱贫户" else "其他"),
            "家庭人均纯收入": income,
        }
        if person["_student"] and age >= 16:
            person["备注"] = "在校学生"
        if size == 1 and age >= 66 and household_type != "一般农户" and person["劳动技能"] not in LABOUR:
            person["消费券对象类别"] = "特困人员"
            person["备注"] = "分散供养特困人员"
        add_work(dice, person, age)
        add_enterprise(dice, person, age)
        add_training(dice, person, age)
        add_disability(dice, person, age, person["_level"])
        add_state(dice, person, relation, age)
        people.append(person)
    add_household_claims(dice, people[0], household_type)
    return people


def add_more_claims(dice, rows):
    """What the columns behind the first ones hold: projects of disabled persons, loans, the line."""
    for household in households_of(rows):
        for person in household:
            able = person["农村困难残疾人"] == "是" and person["劳动技能"] == WEAK
            person["适合且稳定的产业项目"] = "是" if able and dice.chance(0.6) else "否"
        head = household[0]
        head["监测指导线"] = GUIDELINE
        if head["户类型"] != "一般农户" and dice.chance(0.2):
            head["贷款余额"] = dice.pick([20000, 30000, 50000, 80000])
            head["申请追加"] = dice.pick([0, 0, 10000, 20000, 30000])
            head["确有需要"], head["具备还款能力"] = ("是", "是") if head["申请追加"] else ("否", "是")


def income_target(dice, household, year, later):
    """This year's income is typed; earlier years' are a little less as a rule."""
    if year:
        return usual_target(dice, household, year, later)
    return round(household[0]["家庭人均纯收入"] * 100)


usual_target = target_of(0, 0)
CHANGES = [
    ("自然减少", 11),
    ("迁出", 53),
    ("死亡", 55),
    ("自然减少", 80),
    ("死亡", 177),
    ("迁出", 187),
    ("迁出", 213),
    ("死亡", 284),
    ("迁出", 292),
    ("死亡", 294),
    ("自然减少", 378),
    ("迁入", 107),
    ("离开", 202, "之母", "女", 79),
    ("户主变更", 130, 135),
    ("分户", 16, 62),
    ("并户", 244, 248, 249),
    ("跨村重复", 187, 388),
    ("纳入监测", 336, date(2025, 3, 10), date(2025, 3, 18)),
    ("纳入监测", 260, date(2025, 7, 1), date(2025, 7, 22)),
    ("纳入监测", 178, date(2025, 9, 15), date(2025, 9, 25)),
    ("风险消除", 388, date(2025, 5, 30)),
    ("风险消除", 250, date(2025, 6, 27)),
]
STRANGER = stranger("石小满", "99990019700101001", "甲禾村", "9999100000000009991")
#: row, what is paid, how much, what the line is there for, other cells
PAYMENTS = [
    (4, "创业补贴", 5000, "right", {}),
    (10, "交通补贴", 1500, "right", {}),
    (10, "稳岗补助", 1200, "right", {}),
    (15, "耕地地力补贴", 1326.6, "right", {"补贴标准": 67}),
    (75, "培训生活费补贴", 525, "right", {"补贴标准": 15}),
    (131, "交通补贴", 1500, "too much: 600 for 省内区外", {}),
    (48, "交通补贴", 600, "too little: 1500 for 跨省", {}),
    (182, "交通补贴", 1500, "right", {}),
    (182, "交通补贴", 1500, "the same again", {}),
    (53, "交通补贴", 600, "to somebody who moved away", {}),
    (None, "交通补贴", 1500, "to somebody in no ledger", STRANGER),
    (126, "稳岗补助", None, "stopped", {"支付状态": "停发", "停发原因": "账户信息有误，待核实后补发"}),
    (97, "场租补贴", 2400, "corrected from 3000", {"原金额": 3000, "备注": "更正发放：年租金2400元"}),
]

EXAMPLE = Example(
    name="双碾乡",
    unit="双碾乡人民政府",
    year=2025,
    code="900",
    place=Place(
        destinations={
            "跨省": ("北京市大兴区", "天津市滨海新区", "河北省廊坊市三河市", "内蒙古自治区呼和浩特市赛罕区"),
            "省内区外": ("山西省太原市小店区", "山西省大同市云冈区", "山西省朔州市朔城区", "山西省朔州市山阴县"),
            "区内": ("山西省朔州市平鲁区",),
        },
        helpers=[("双碾乡人民政府", "乡干部"), ("双碾乡驻村工作队", "工作队队员"), ("村民委员会", "村“两委”干部")],
        bank="双碾（示例）农村商业银行",
        accounts="99991",
        as_of=AS_OF,
        last=date(2024, 11, 30),
    ),
    columns=COLUMNS + MORE_COLUMNS,
    build=build,
    settings=SETTINGS,
    notes=NOTES,
    dirt=DIRT,
    changes=CHANGES,
    payments=PAYMENTS,
    on_every_row=False,
    paid_on=date(2025, 11, 10),
)
