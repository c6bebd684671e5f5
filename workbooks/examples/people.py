"""Invented persons. The area code of their identity numbers, 999900, is assigned to no county."""

import random
from datetime import date

AREA_CODE = "999900"  # no such county; not 999999, which real ledgers use for "no number"
LABOUR = ("普通劳动力", "技能劳动力", "弱劳动力或半劳动力")
WEAK = "弱劳动力或半劳动力"
MONITORED = ("脱贫不稳定户", "边缘易致贫户", "突发严重困难户")

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


class Taken:
    """Names and numbers that are given out; nobody gets one twice."""

    def __init__(self):
        self.names, self.numbers = set(), set()


def check_digit(first_17):
    """The GB 11643 (ISO 7064 MOD 11-2) check character."""
    total = sum(int(digit) * pow(2, 17 - place, 11) for place, digit in enumerate(first_17))
    return "10X98765432"[total % 11]


def repeated(counts):
    return [option for option, count in counts.items() for _ in range(count)]


def age_on(number, day):
    """Full years on a day, by the birth date in an identity number."""
    birth = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))


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
        if name not in taken.names:
            taken.names.add(name)
            return name


def identity_number(dice, sex, age, as_of, taken):
    """18 characters whose birth date gives this age on that day."""
    while True:
        birth = date(as_of.year - age, dice.whole(1, 12), dice.whole(1, 28))
        if (birth.month, birth.day) > (as_of.month, as_of.day):
            birth = birth.replace(year=birth.year - 1)
        sequence = 2 * dice.whole(1, 498) + (sex == "男")
        first_17 = f"{AREA_CODE}{birth:%Y%m%d}{sequence:03d}"
        if first_17 not in taken.numbers:
            taken.numbers.add(first_17)
            return first_17 + check_digit(first_17)


def skill_of(dice, age, is_student, disability_level):
    if age < 16 or is_student:
        return "无劳动力"
    if disability_level in (1, 2):
        return "丧失劳动力" if age < 70 else "无劳动力"
    if age >= 70:
        return dice.weighted({"无劳动力": 9, "丧失劳动力": 1})
    if age >= 60:
        return dice.weighted({WEAK: 7, "普通劳动力": 2, "无劳动力": 1})
    if disability_level:
        return WEAK
    return dice.weighted({"普通劳动力": 76, "技能劳动力": 17, WEAK: 7})


def person_of(dice, relation, sex, age, surname, as_of, taken):
    """Who somebody is: name, number, skill. What begins with _ stands in no column."""
    is_student = 3 <= age <= 22 and (age < 19 or dice.chance(0.55))
    level = dice.weighted({1: 2, 2: 3, 3: 4, 4: 4}) if dice.chance(0.1 if age >= 35 else 0.03) else 0
    number = identity_number(dice, sex, age, as_of, taken)
    if level:
        number += f"{dice.weighted({1: 2, 2: 2, 3: 1, 4: 6, 5: 1, 6: 1, 7: 1})}{level}"
    own_surname = None if relation in ("配偶", "之儿媳", "之母") else surname
    return {
        "姓名": name_of(dice, sex, age, own_surname, taken),
        "与户主关系": relation,
        "证件号码": number,
        "人口状态": "正常",
        "劳动技能": skill_of(dice, age, is_student, level),
        "_age": age,
        "_student": is_student,
        "_level": level,
    }
