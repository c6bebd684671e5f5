"""Build the example ledger 双碾乡台账.xlsx.

Usage: python workbooks/build.py [OUT_DIR]        (default: the directory of this script)

Everybody in it is invented: 120 households, 400 persons, five villages that do not exist. The area code of the
identity numbers, 999900, is assigned to no county; birth date, sex digit and check digit (GB 11643) are consistent.
The ledger is clean except for the cells listed in DIRT, which stand for what clerks really type.
The same XlsxWriter gives the same bytes on every run: fixed seed, fixed dates, only Random.random() is drawn from.
"""

import random
import sys
from collections import Counter
from datetime import date, datetime
from pathlib import Path

import xlsxwriter
from xlsxwriter.utility import xl_cell_to_rowcol, xl_col_to_name

FILE_NAME = "双碾乡台账.xlsx"
SEED = 20251182
AS_OF = date(2025, 11, 30)
WORKBOOK_TIME = datetime(2025, 11, 30, 8, 0, 0)

TITLE = "双碾乡脱贫户和监测户增收台账（2025年度，示例，人员均为虚构）"
UNIT_LINE = "填报单位：双碾乡人民政府　　金额单位：元"
FIRST_DATA_ROW = 4  # as Excel counts
FONT = "微软雅黑"

AREA_CODE = "999900"  # no such county; not 999999, which real ledgers use for "no number"
VILLAGES = {"甲禾村": 26, "乙岭村": 25, "丙泉村": 24, "丁坪村": 23, "戊塬村": 22}  # households
HOUSEHOLD_SIZES = {1: 11, 2: 26, 3: 29, 4: 28, 5: 18, 6: 8}
HOUSEHOLD_TYPES = {"脱贫户": 80, "脱贫不稳定户": 16, "边缘易致贫户": 11, "突发严重困难户": 7, "一般农户": 6}
MONITORED = ("脱贫不稳定户", "边缘易致贫户", "突发严重困难户")
LABOUR = ("普通劳动力", "技能劳动力", "弱劳动力或半劳动力")

YES_NO = ("是", "否")
SKILLS = ("普通劳动力", "技能劳动力", "弱劳动力或半劳动力", "丧失劳动力", "无劳动力")
DESTINATIONS = ("跨省", "省内区外", "区内", "待核实")
COUPON_KINDS = ("特困人员", "监测对象", "脱贫户", "其他")
STATES = ("正常", "死亡", "迁出", "自然减少")

# header as it stands in the cell, width, kind, dropdown
COLUMNS = [
    ("序号", 6, "count", None),
    ("行政村", 9, "text", None),
    ("户编号", 19, "id", None),
    ("人口编号", 22, "id", None),
    ("姓名", 9, "text", None),
    ("与户主关系", 9, "text", None),
    ("证件号码", 24, "id", None),
    ("户类型", 15, "text", tuple(HOUSEHOLD_TYPES)),
    ("风险是否已消除", 9, "text", ("未消除", "已消除")),
    ("人口状态", 9, "text", STATES),
    ("劳动技能", 19, "text", SKILLS),
    ("务工去向", 10, "text", DESTINATIONS),
    ("本年已享受\n交通补贴", 11, "text", YES_NO),
    ("连续外出务工月数", 9, "number", None),
    ("月工资", 10, "number", None),
    ("以前已享受稳岗补助", 10, "text", YES_NO),
    ("返乡回流", 7, "text", YES_NO),
    ("自主创业", 7, "text", YES_NO),
    ("以前已享受创业补贴", 10, "text", YES_NO),
    ("年租金", 9, "number", None),
    ("有培训意愿", 8, "text", YES_NO),
    ("已就业", 7, "text", YES_NO),
    ("培训天数", 7, "number", None),
    ("消费券对象类别", 11, "text", COUPON_KINDS),
    ("庭院经济\n核定奖补额", 12, "number", None),
    ("确权承包亩数", 9, "number", None),
    ("确权颁证到位", 9, "text", YES_NO),
    ("实际种粮亩数", 9, "number", None),
    ("农村困难残疾人", 9, "text", YES_NO),
    ("参加实用技术培训", 9, "text", YES_NO),
    ("本年已享受\n残疾人培训补贴", 15, "text", YES_NO),
    ("家庭人均纯收入", 12, "money", None),
    ("家庭人口数", 8, "count", None),
    ("备注", 18, "note", None),
]
HEADERS = [header.replace("\n", "") for header, _, _, _ in COLUMNS]

NA_FORMULA = "=NA()"
LOWER = "lower"  # the cell's own text in lower case

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
    ("通则", "金额一律以元为单位；台账不登记联系电话和银行账号。"),
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
    ("下拉选项", "与下拉选项不符时只提醒、不阻止；表中留有若干处常见的填写问题，供练习核对。"),
]

SURNAMES = "赵钱孙李周吴郑王冯陈蒋沈韩杨朱秦许何吕张孔曹严金魏陶姜谢邹苏潘葛范彭鲁韦马苗方任袁柳"
MALE_FIRST = "建国志文德永福春长明海玉金贵"
MALE_LAST = "军林山义平旺生田喜泉和成亮才"
FEMALE_FIRST = "秀桂玉春月巧翠素爱雪凤彩秋兰"
FEMALE_LAST = "英花梅兰芳莲珍香霞云萍琴仙叶"
YOUNG_MALE = ["子轩", "浩宇", "宇航", "嘉诚", "俊杰", "晨阳", "思远", "博文", "一鸣", "家乐", "志远", "泽楷"]
YOUNG_FEMALE = ["雨桐", "欣怡", "梓涵", "思琪", "佳宁", "若曦", "晓彤", "语嫣", "诗涵", "可欣", "静怡", "心悦"]


class Dice:
    """Draws made of random() alone, the one method whose sequence Python promises to keep between versions."""

    def __init__(self, seed):
        self._random = random.Random(seed).random

    def chance(self, probability):
        return self._random() < probability

    def whole(self, low, high):
        return low + int(self._random() * (high - low + 1))

    def pick(self, options):
        return options[self.whole(0, len(options) - 1)]

    def weighted(self, weights):
        """One key of a mapping from option to weight."""
        mark = self._random() * sum(weights.values())
        for option, weight in weights.items():
            mark -= weight
            if mark < 0:
                return option
        return option

    def shuffled(self, options):
        return [option for _, option in sorted((self._random(), option) for option in options)]


def check_digit(first_17):
    """The GB 11643 (ISO 7064 MOD 11-2) check character."""
    total = sum(int(digit) * pow(2, 17 - place, 11) for place, digit in enumerate(first_17))
    return "10X98765432"[total % 11]


def repeated(counts):
    return [option for option, count in counts.items() for _ in range(count)]


# ---- persons -------------------------------------------------------------------------------------------------------


def members_of(dice, size):
    """[(relation, sex, age)] of a plausible household, head first."""

    def spouse(age):
        return ("配偶", "女", max(21, age + dice.whole(-5, 1)))

    def children_of(mother_age, count):
        """Eldest first, at least two years apart."""
        children, age = [], mother_age - dice.whole(22, 26)
        for _ in range(count):
            sex = dice.pick("男女")
            children.append(("之子" if sex == "男" else "之女", sex, age))
            age -= dice.whole(2, 5)
        return children

    if size == 1:
        if dice.chance(0.6):
            return [("户主", dice.pick("男男女"), dice.whole(66, 84))]
        return [("户主", "男", dice.whole(41, 59))]
    if size == 2 and dice.chance(0.5):
        age = dice.whole(62, 79)
        return [("户主", "男", age), spouse(age)]
    if size == 2 and dice.chance(0.35):
        age = dice.whole(45, 60)
        return [("户主", dice.pick("男女"), age), *children_of(age, 1)]

    if size >= 5 and dice.chance(0.4):  # three generations below an older head
        age = dice.whole(61, 68)
        son_age = age - dice.whole(23, 27)
        son_wife_age = son_age + dice.whole(-3, 1)
        family = [("户主", "男", age), spouse(age), ("之子", "男", son_age), ("之儿媳", "女", son_wife_age)]
        for relation, sex, grandchild_age in children_of(son_wife_age, size - 4):
            family.append(("之孙子" if relation == "之子" else "之孙女", sex, grandchild_age))
        return family

    age = dice.whole(36, 57)
    family = [("户主", "男", age), spouse(age)]
    parents = max(0, size - 4) if size > 4 else int(size >= 3 and dice.chance(0.25))
    family += children_of(family[1][2], size - 2 - parents)
    for relation, sex in [("之母", "女"), ("之父", "男")][:parents]:
        family.append((relation, sex, min(88, age + dice.whole(23, 28))))
    return family


def name_of(dice, sex, age, surname, taken):
    while True:
        if age < 32:
            given = dice.pick(YOUNG_MALE if sex == "男" else YOUNG_FEMALE)
        elif sex == "男":
            given = dice.pick(MALE_FIRST) + dice.pick(MALE_LAST)
        else:
            given = dice.pick(FEMALE_FIRST) + dice.pick(FEMALE_LAST)
        if len(given) == 2 and given[0] == given[1]:
            continue
        name = (surname or dice.pick(SURNAMES)) + given
        if name not in taken:
            taken.add(name)
            return name


def identity_number(dice, sex, age, taken):
    """18 characters whose birth date gives this age on AS_OF."""
    while True:
        birth = date(AS_OF.year - age, dice.whole(1, 12), dice.whole(1, 28))
        if (birth.month, birth.day) > (AS_OF.month, AS_OF.day):
            birth = birth.replace(year=birth.year - 1)
        sequence = 2 * dice.whole(1, 498) + (sex == "男")
        first_17 = f"{AREA_CODE}{birth:%Y%m%d}{sequence:03d}"
        if first_17 not in taken:
            taken.add(first_17)
            return first_17 + check_digit(first_17)


def skill_of(dice, age, is_student, disability_level):
    if age < 16 or is_student:
        return "无劳动力"
    if disability_level in (1, 2):
        return "丧失劳动力" if age < 70 else "无劳动力"
    if age >= 70:
        return dice.weighted({"无劳动力": 9, "丧失劳动力": 1})
    if age >= 60:
        return dice.weighted({"弱劳动力或半劳动力": 7, "普通劳动力": 2, "无劳动力": 1})
    if disability_level:
        return "弱劳动力或半劳动力"
    return dice.weighted({"普通劳动力": 76, "技能劳动力": 17, "弱劳动力或半劳动力": 7})


# ---- claims --------------------------------------------------------------------------------------------------------


def add_work(dice, person, age):
    """务工: destination, months and wage stand together; who does not work leaves them blank."""
    skill = person["劳动技能"]
    if skill in ("普通劳动力", "技能劳动力"):
        works = age < 64 and dice.chance(0.72)
    elif skill == "弱劳动力或半劳动力":
        works = dice.chance(0.22)
    else:  # students in the holidays: not counted as labour
        works = 18 <= age <= 23 and dice.chance(0.3)
    if not works:
        return
    if skill == "弱劳动力或半劳动力":
        person["务工去向"] = dice.weighted({"区内": 7, "省内区外": 3})
    else:
        person["务工去向"] = dice.weighted({"跨省": 38, "省内区外": 38, "区内": 24})
    person["本年已享受交通补贴"] = "是" if dice.chance(0.1) else "否"
    person["连续外出务工月数"] = dice.weighted(
        {2: 4, 3: 6, 4: 6, 5: 8, 6: 12, 7: 8, 8: 14, 9: 14, 10: 16, 11: 8, 12: 4}
    )
    low_paid = skill == "弱劳动力或半劳动力" or dice.chance(0.08)
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


# ---- the ledger ----------------------------------------------------------------------------------------------------


def build_ledger():
    """The 400 rows, each a mapping from header to value, sorted by 户编号."""
    dice = Dice(SEED)
    sizes = dice.shuffled(repeated(HOUSEHOLD_SIZES))
    types = dice.shuffled(repeated(HOUSEHOLD_TYPES))
    names_taken, numbers_taken, rows = set(), set(), []
    household = 0
    for village_number, (village, household_count) in enumerate(VILLAGES.items(), start=1):
        for household_number in range(1, household_count + 1):
            household_id = f"{AREA_CODE}900{village_number:03d}{household_number:04d}"
            rows += build_household(
                dice, village, household_id, types[household], sizes[household], names_taken, numbers_taken
            )
            household += 1
    rows.sort(key=lambda person: person["人口编号"])
    for number, person in enumerate(rows, start=1):
        person["序号"] = number
    return rows


def build_household(dice, village, household_id, household_type, size, names_taken, numbers_taken):
    risk = dice.weighted({"未消除": 6, "已消除": 4}) if household_type in MONITORED else None
    income = income_of(dice, household_type, risk)
    surname = dice.pick(SURNAMES)
    people = []
    for number, (relation, sex, age) in enumerate(members_of(dice, size), start=1):
        own_surname = None if relation in ("配偶", "之儿媳", "之母") else surname
        is_student = 3 <= age <= 22 and (age < 19 or dice.chance(0.55))
        disability_level = 0
        if dice.chance(0.1 if age >= 35 else 0.03):
            disability_level = dice.weighted({1: 2, 2: 3, 3: 4, 4: 4})
        number_text = identity_number(dice, sex, age, numbers_taken)
        if disability_level:
            number_text += f"{dice.weighted({1: 2, 2: 2, 3: 1, 4: 6, 5: 1, 6: 1, 7: 1})}{disability_level}"
        person = {
            "行政村": village,
            "户编号": household_id,
            "人口编号": f"{household_id}{number:03d}",
            "姓名": name_of(dice, sex, age, own_surname, names_taken),
            "与户主关系": relation,
            "证件号码": number_text,
            "户类型": household_type,
            "风险是否已消除": risk,
            "人口状态": "正常",
            "劳动技能": skill_of(dice, age, is_student, disability_level),
            "消费券对象类别": ("监测对象" if risk else "脱贫户" if household_type == "脱贫户" else "其他"),
            "家庭人均纯收入": income,
        }
        if is_student and age >= 16:
            person["备注"] = "在校学生"
        if size == 1 and age >= 66 and household_type != "一般农户" and person["劳动技能"] not in LABOUR:
            person["消费券对象类别"] = "特困人员"
            person["备注"] = "分散供养特困人员"
        add_work(dice, person, age)
        add_enterprise(dice, person, age)
        add_training(dice, person, age)
        add_disability(dice, person, age, disability_level)
        add_state(dice, person, relation, age)
        people.append(person)
    add_household_claims(dice, people[0], household_type)
    present = sum(person["人口状态"] == "正常" for person in people)
    for person in people:
        person["家庭人口数"] = present
    return people


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


def apply_dirt(rows):
    """Put what DIRT says into the rows; a formula stays text here and is written as one later."""
    for cell, value, purpose in DIRT:
        row, column = xl_cell_to_rowcol(cell)
        person, header = rows[row - FIRST_DATA_ROW + 1], HEADERS[column]
        clean = person.get(header)
        dirty = clean.lower() if value == LOWER else value
        assert dirty != clean and person["人口状态"] == "正常", f"{cell} ({purpose}) changes nothing"
        person[header] = dirty


def check_ledger(rows):
    """Stop if the clean ledger is not what the module docstring says."""
    assert len(rows) == 400 and len({person["户编号"] for person in rows}) == 120
    assert len({person["证件号码"][:18] for person in rows}) == len({person["人口编号"] for person in rows}) == 400
    previous = None
    for person in rows:
        assert (person["与户主关系"] == "户主") == (person["户编号"] != previous), person
        previous = person["户编号"]
        number = person["证件号码"]
        assert len(number) in (18, 20) and check_digit(number[:17]) == number[17], person
        assert ("月工资" in person) == ("连续外出务工月数" in person) == ("务工去向" in person), person
        assert set(person) <= set(HEADERS), set(person) - set(HEADERS)


# ---- writing -------------------------------------------------------------------------------------------------------


class Styles:
    """Cell formats, made once per combination."""

    def __init__(self, workbook):
        self._workbook, self._made = workbook, {}

    def __call__(self, **properties):
        key = tuple(sorted(properties.items()))
        if key not in self._made:
            common = {"font_name": FONT, "font_size": 10, "valign": "vcenter"}
            self._made[key] = self._workbook.add_format({**common, **properties})
        return self._made[key]


KIND_STYLE = {
    "count": {"align": "center"},
    "text": {"align": "center"},
    "note": {"align": "left"},
    "id": {"align": "center", "num_format": "@"},
    "number": {"align": "right"},
    "money": {"align": "right", "num_format": "0.00"},
}


def write_cell(sheet, row, column, value, style):
    if value is None:
        sheet.write_blank(row, column, None, style)
    elif value == NA_FORMULA:
        sheet.write_formula(row, column, value, style, "#N/A")
    elif isinstance(value, str):
        sheet.write_string(row, column, value, style)
    elif isinstance(value, date):
        sheet.write_datetime(row, column, datetime(value.year, value.month, value.day), style)
    else:
        sheet.write_number(row, column, value, style)


def write_ledger(sheet, style, rows):
    last_column = len(COLUMNS) - 1
    header_row = FIRST_DATA_ROW - 2
    last_row = header_row + len(rows)
    sheet.merge_range(0, 0, 0, last_column, TITLE, style(bold=True, font_size=16, align="center"))
    sheet.merge_range(1, 0, 1, last_column, UNIT_LINE, style(align="left"))
    sheet.set_row(0, 30)
    sheet.set_row(1, 20)
    sheet.set_row(header_row, 48)
    head = style(bold=True, align="center", text_wrap=True, border=1, bg_color="#D9E2EF")
    for column, (header, width, kind, options) in enumerate(COLUMNS):
        sheet.set_column(column, column, width, style(**KIND_STYLE[kind]))
        sheet.write_string(header_row, column, header, head)
        if options:
            sheet.data_validation(
                header_row + 1,
                column,
                last_row,
                column,
                {
                    "validate": "list",
                    "source": list(options),
                    "error_type": "warning",
                    "error_title": "请核对",
                    "error_message": f"“{HEADERS[column]}”一般从下拉选项中选择，确认仍要填写吗？",
                },
            )
    households = 0
    for row, person in enumerate(rows, start=header_row + 1):
        households += person["与户主关系"] == "户主"
        shade = {"bg_color": "#F3F6FA"} if households % 2 == 0 else {}
        for column, (_, _, kind, _) in enumerate(COLUMNS):
            cell_style = style(border=1, border_color="#BFBFBF", **KIND_STYLE[kind], **shade)
            write_cell(sheet, row, column, person.get(HEADERS[column]), cell_style)
    letters = [xl_col_to_name(column) for column, (_, _, kind, _) in enumerate(COLUMNS) if kind == "id"]
    id_ranges = [f"{letter}{FIRST_DATA_ROW}:{letter}{last_row + 1}" for letter in letters]
    sheet.ignore_errors({"number_stored_as_text": " ".join(id_ranges)})
    sheet.freeze_panes(header_row + 1, HEADERS.index("姓名") + 1)
    sheet.autofilter(header_row, 0, last_row, last_column)
    sheet.set_landscape()
    sheet.set_paper(8)  # A3
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(header_row)
    sheet.set_footer("&C第&P页，共&N页")


def write_settings(workbook, sheet, style):
    head = style(bold=True, align="center", border=1, bg_color="#D9E2EF")
    for column, (header, width) in enumerate([("项目", 14), ("值", 16), ("说明", 78)]):
        sheet.set_column(column, column, width)
        sheet.write_string(0, column, header, head)
    for row, (item, value, explanation) in enumerate(SETTINGS, start=1):
        number_format = {"num_format": "yyyy-mm-dd"} if isinstance(value, date) else {}
        write_cell(sheet, row, 0, item, style(border=1))
        write_cell(sheet, row, 1, value, style(border=1, align="left", **number_format))
        write_cell(sheet, row, 2, explanation, style(border=1))
        workbook.define_name(item, f"='{sheet.get_name()}'!$B${row + 1}")
    sheet.freeze_panes(1, 0)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)


def write_notes(sheet, style):
    head = style(bold=True, align="center", border=1, bg_color="#D9E2EF")
    for column, (header, width) in enumerate([("栏目", 28), ("说明", 100)]):
        sheet.set_column(column, column, width)
        sheet.write_string(0, column, header, head)
    for row, (item, note) in enumerate(NOTES, start=1):
        sheet.write_string(row, 0, item, style(border=1))
        sheet.write_string(row, 1, note, style(border=1))
    sheet.freeze_panes(1, 0)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)


def build(out_dir):
    """Write the ledger into out_dir; return its path and the rows written."""
    rows = build_ledger()
    check_ledger(rows)
    apply_dirt(rows)
    out_dir = Path(out_dir)
    out_dir.mkdir(parents=True, exist_ok=True)
    path = out_dir / FILE_NAME
    with xlsxwriter.Workbook(str(path)) as workbook:
        workbook.set_properties({"title": TITLE, "author": "双碾乡（示例）", "created": WORKBOOK_TIME})
        style = Styles(workbook)
        ledger = workbook.add_worksheet("台账")
        settings = workbook.add_worksheet("核算口径")
        notes = workbook.add_worksheet("填表说明")
        write_ledger(ledger, style, rows)
        write_settings(workbook, settings, style)
        write_notes(notes, style)
    return path, rows


def main(arguments):
    if len(arguments) > 1:
        sys.exit(__doc__)
    path, rows = build(arguments[0] if arguments else Path(__file__).resolve().parent)
    heads = [person for person in rows if person["与户主关系"] == "户主"]
    print(f"{path.name}: {len(heads)} 户 {len(rows)} 人")
    for household_type, count in Counter(person["户类型"] for person in heads).most_common():
        print(f"  {household_type}: {count} 户 {sum(person['户类型'] == household_type for person in rows)} 人")


if __name__ == "__main__":
    main(sys.argv[1:])
