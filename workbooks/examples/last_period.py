"""The ledger of one period before, made of this period's rows and of a list of what changed in between.

What a line of `changes` says, rows being those of this period's ledger:

    ("新生", row)                 born in this period
    ("迁入", row)                 came in this period
    ("死亡", row), ("迁出", row), ("自然减少", row)     so marked now, 正常 then
    ("离开", row, relation, sex, age)    was in the household of that row; has no row any more
    ("户主变更", row, head)        row is the head; then it was the person of the other row, of the same household
    ("分户", row, head)           the household of row was part of that of the other row
    ("并户", row, first, last)    these rows, now in the household of row, were a household of their own
    ("跨村重复", row, other)       the person of row stood also in the household of the other row, in another village
    ("纳入监测", row, day, planned)   the household was taken up in this period
    ("风险消除", row, day)         its risk ended in this period
    ("类型变化", row, kind)        its 户类型 was another
"""

import copy

from .facts import OF_HOUSEHOLD, end_risk, households_of, take_up
from .incomes import added, put_incomes
from .people import AREA_CODE, person_of
from .sheets import FIRST_DATA_ROW

#: relation to the new head -> relation to the old one, where a son took over from his father
UNDER_FATHER = {"户主": "之子", "配偶": "之儿媳", "之子": "之孙子", "之女": "之孙女", "之母": "配偶", "之父": "户主"}
#: the same for a household that was part of that of the wife's parents
UNDER_WIFES_FATHER = {"户主": "之女婿", "配偶": "之女", "之子": "之外孙子", "之女": "之外孙女"}
#: what a household that is monitored now may have been before
BEFORE_MONITORING = {"边缘易致贫户": "一般农户", "突发严重困难户": "一般农户"}
#: claims and marks of this period that stood otherwise in the one before
THIS_PERIOD_ONLY = ("本年已享受交通补贴", "本年已享受残疾人培训补贴")


#: claims of the household, which stand in the head's row
HEAD_ONLY = (
    *("庭院经济核定奖补额", "确权承包亩数", "确权颁证到位", "实际种粮亩数", "贷款余额", "申请追加", "确有需要"),
    *("具备还款能力", "监测指导线", "生产项目", "保费", "投资额", "有劳动力", "本人自愿", "奖补途径", "核定奖补额"),
    *("有意愿有能力", "已享受2022年监测对象产业奖扶", "遭遇自然灾害", "帮扶不到位", "耕地面积（亩）"),
)
WORK = (
    *("务工去向", "务工地点", "务工月数", "连续外出务工月数", "月工资", "公益性岗位", "公益性岗位（月数）"),
    *("本年已享受交通补贴", "以前已享受稳岗补助"),
)
#: claims of a person, those of graduates and freshmen apart
CLAIMS = ("年租金", "子女月缴赡养金", "赡养金缴纳月数", "奖补比例", "最低缴费标准", "所选缴费标准", "培训天数")
OF_THIS_YEAR = (
    *("年份", "毕业年份", "就业单位类型", "合同月数", "缴纳社会保险", "以前已享受毕业生就业补贴"),
    *("学生人数", "入学年份", "属于雨露计划"),
)
#: what the row of somebody who left does not take over from the household's last one
OF_OTHERS = {
    *(*HEAD_ONLY, *WORK, *CLAIMS, *OF_THIS_YEAR),
    *("残疾类别", "残疾等级", "在校生状况", "备注", "银行账号", "开户银行"),
}


def at(rows, row):
    return rows[row - FIRST_DATA_ROW]


def household_at(rows, row):
    return [person for person in rows if person["户编号"] == at(rows, row)["户编号"]]


def prepare(example, rows, dice, taken):
    """Before incomes are reckoned: who came and who left, and this period's marks of monitoring.

    Returns 户编号 -> the two households that one was before.
    """
    parts = {}
    for kind, row, *rest in example.changes:
        person, household = at(rows, row), household_at(rows, row)
        if kind in ("新生", "迁入"):
            person["_came"] = True
        elif kind in ("死亡", "迁出", "自然减少"):
            person["人口状态"] = kind
            person.setdefault("备注", f"{example.year}年去世" if kind == "死亡" else "婚嫁迁出")
        elif kind == "离开":
            relation, sex, age = rest
            like = {key: value for key, value in household[-1].items() if key not in OF_OTHERS and key[0] != "_"}
            left = {**like, **person_of(dice, relation, sex, age, None, example.place.as_of, taken)}
            left.update({"人口编号": f"{person['户编号']}0{90 + len(household)}", "证件号码": left["证件号码"][:18]})
            left.update({"文化程度": "小学", "健康状况": "健康", "_work": [(0, 0)] * 3})
            if "周岁年龄" in person:
                left["周岁年龄"] = age
            if person.get("残疾等级") == "无":
                left["残疾等级"] = "无"
            household[0].setdefault("_left", []).append(left)
        elif kind == "并户":
            first, last = rest
            own = [at(rows, number) for number in range(first, last + 1)]
            parts[person["户编号"]] = [one for one in household if one not in own], own
        elif kind == "纳入监测":
            take_up(household, *rest)
        elif kind == "风险消除":
            end_risk(household, rest[0])
    return parts


def last_rows(example, rows):
    """The rows of the period before. Incomes move by a year; the rest is as `changes` has it."""
    then = copy.deepcopy(rows)
    households = {household[0]["户编号"]: household for household in households_of(then)}
    for household in households.values():
        household += household[0].pop("_left", [])
    gone = set()
    merged = 0
    for kind, row, *rest in example.changes:
        person = at(then, row)
        household = households[person["户编号"]]
        if kind in ("新生", "迁入"):
            gone.add(person["人口编号"])
        elif kind in ("死亡", "迁出", "自然减少"):
            assert person["人口状态"] == kind, (row, person["人口状态"])
            person["人口状态"] = "正常"
            person.pop("备注", None)
        elif kind == "户主变更":
            old = at(then, rest[0])
            assert person["与户主关系"] == "户主" and old["与户主关系"] == "之父", row
            _moved(household, old)
        elif kind == "分户":
            other = households[at(then, rest[0])["户编号"]]
            del households[person["户编号"]]
            _split_off(household, other)
        elif kind == "并户":
            merged += 1
            own = [at(then, number) for number in range(rest[0], rest[1] + 1)]
            number = f"{AREA_CODE}{example.code}{person['户编号'][9:12]}9{merged:03d}"
            households[number] = _set_apart(household, own, number)
        elif kind == "跨村重复":
            _listed_twice(person, households[at(then, rest[0])["户编号"]])
        elif kind == "纳入监测":
            for one in household:
                kind_then = "脱贫户" if "脱贫户" in example.types or not example.types else "脱贫享受政策户"
                one["户类型"] = BEFORE_MONITORING.get(one["户类型"], kind_then)
                if one.get("消费券对象类别") == "监测对象":
                    one["消费券对象类别"] = "脱贫户" if one["户类型"] == "脱贫户" else "其他"
                for header in ("风险是否已消除", "纳入时间", "帮扶措施落实时间", "致贫/返贫风险1"):
                    one[header] = None
                if one["户类型"] == "一般农户":
                    for header in ("一户一策制定时间", "一户一策状态"):
                        one[header] = None
        elif kind == "风险消除":
            for one in household:
                one.update({"风险是否已消除": "未消除", "风险消除时间": None, "销号日期": None})
                one["一户一策状态"] = "进行中"
        elif kind == "类型变化":
            for one in household:
                one["户类型"] = rest[0]
        else:
            assert kind == "离开", kind  # is in the household already
    found = []
    for number in sorted(households):
        household = [one for one in households[number] if one["人口编号"] not in gone and "_twin" not in one]
        household.sort(key=lambda one: (one["与户主关系"] != "户主", one["人口编号"]))
        size = sum(one["人口状态"] == "正常" for one in household)
        for one in household:
            _a_year_younger(one)
            one["家庭人口数"] = size
        if not any(one.get("务工去向") for one in household):
            for one in household:
                if one.get("就业帮扶") == "劳务输出":
                    one["就业帮扶"] = "技能培训"
        head = household[0]
        years = head["_years"]
        put_incomes(household, years[1], years[2], size, size, example.on_every_row, example.per_capita)
        found += household
    for number, one in enumerate(found, start=1):
        one["序号"] = number
    return found


def _moved(household, old):
    """The household as it was under the old head, who carries what stands in the head's row."""
    head = household[0]
    for header in ("_years", "_left"):
        if header in head:
            old[header] = head.pop(header)
    _carry_claims(head, old)
    for one in household:
        one["与户主关系"] = UNDER_FATHER[one["与户主关系"]]


def _carry_claims(head, old):
    for header in HEAD_ONLY:
        if header in head:
            old[header] = head.pop(header)


def _split_off(household, other):
    """The household's members as part of another one, with their incomes."""
    head, under = household[0], other[0]
    number = under["户编号"]
    for order, one in enumerate(household, start=1):
        one["与户主关系"] = UNDER_WIFES_FATHER[one["与户主关系"]]
        one["人口编号"] = f"{number}{50 + order:03d}"
        for header in OF_HOUSEHOLD:
            one[header] = under.get(header)
    under["_years"] = [None, *(added(under["_years"][year], head["_years"][year]) for year in (1, 2))]
    for header in HEAD_ONLY:
        head.pop(header, None)
    other += household


def _set_apart(household, own, number):
    """Members who were a household of their own, with the incomes that were theirs."""
    first = own[0]
    household[0]["_years"] = [None, *household[0]["_part"][1:]]
    own.sort(key=lambda one: one["与户主关系"] != "之父")
    for order, one in enumerate(own, start=1):
        household.remove(one)
        one["与户主关系"] = "户主" if order == 1 else "配偶"
        one["户编号"], one["人口编号"] = number, f"{number}{order:03d}"
    own[0]["_years"] = first["_years"]
    own[0]["监测指导线"] = household[0].get("监测指导线")
    return own


def _listed_twice(person, other):
    """The person also as a daughter-in-law of another village's household."""
    head = other[0]
    twin = {**copy.deepcopy(person), "与户主关系": "之儿媳", "人口编号": f"{head['户编号']}070"}
    twin.update({header: head.get(header) for header in OF_HOUSEHOLD})
    other.append(twin)


def _a_year_younger(person):
    """Work, schooling and days as they were."""
    months, wage = person["_work"][1]
    if not months:
        for header in WORK:
            person.pop(header, None)
    elif person.get("月工资") is not None:
        months_header = "务工月数" if "务工月数" in person else "连续外出务工月数"
        person[months_header], person["月工资"] = months, wage
        if "公益性岗位（月数）" in person:
            person["公益性岗位（月数）"] = months
    if person["_age"] - 1 < 16:
        person["劳动技能"] = "无劳动力"
        person["是否参加城乡居民基本养老保险"] = "否"
    elif person["_age"] == 60 and person["健康状况"] == "健康":
        person["劳动技能"] = "普通劳动力"
    for header in THIS_PERIOD_ONLY:
        if person.get(header) == "是":
            person[header] = "否"
    if "周岁年龄" in person:
        person["周岁年龄"] -= 1
    if "年份" in person:  # graduates and freshmen of this year
        for header in OF_THIS_YEAR:
            person.pop(header, None)
    school = person.get("在校生状况")
    if school in EARLIER:
        person["在校生状况"] = EARLIER[school]
    for header in ("一户一策制定时间", "一户一策核查时间"):
        if person.get(header):
            person[header] = person[header].replace(year=person[header].year - 1)
    if person.get("销号日期"):
        person["销号日期"] = None
        person["一户一策状态"] = "已完成"


EARLIER = {
    "七年级": "小学", "八年级": "七年级", "九年级": "八年级",
    "普通高中一年级": "九年级", "普通高中二年级": "普通高中一年级", "普通高中三年级": "普通高中二年级",
    "中职一年级": "九年级", "中职二年级": "中职一年级", "中职三年级": "中职二年级",
    "高职高专一年级": "普通高中三年级", "高职高专二年级": "高职高专一年级", "高职高专三年级": "高职高专二年级",
    "本科一年级": "普通高中三年级", "本科二年级": "本科一年级", "本科三年级": "本科二年级", "本科四年级": "本科三年级",
}  # fmt: skip
