"""What ledgers hold of persons and households beside the claims: schooling, health, work, monitoring, helpers."""

from dataclasses import dataclass
from datetime import date, timedelta

from .people import LABOUR, WEAK, Dice, age_on, check_digit, name_of
from .sheets import Column

YES_NO = ("是", "否")
SKILLS = ("普通劳动力", "技能劳动力", WEAK, "丧失劳动力", "无劳动力")
STATES = ("正常", "死亡", "迁出", "自然减少")
RISKS = ("因病", "因残", "因学", "因自然灾害", "因意外事故", "因产业项目失败", "因务工就业不稳", "缺劳动力")
SCHOOLS = (
    *("学龄前儿童", "学前教育", "小学", "七年级", "八年级", "九年级"),
    *("普通高中一年级", "普通高中二年级", "普通高中三年级"),
    *("中职一年级", "中职二年级", "中职三年级", "高职高专一年级", "高职高专二年级", "高职高专三年级"),
    *("本科一年级", "本科二年级", "本科三年级", "本科四年级"),
)
LEVELS = {0: "无", 1: "一级", 2: "二级", 3: "三级", 4: "四级"}
CATEGORIES = {"1": "视力", "2": "听力", "3": "言语", "4": "肢体", "5": "智力", "6": "精神", "7": "多重"}
PLAN_STATES = ("未启动", "进行中", "已完成", "销号")

#: columns of their own groups, as the ledgers take them up
IDENTITY = [
    Column("户编号", 19, "id"),
    Column("人口编号", 22, "id"),
    Column("姓名", 9, "text"),
    Column("与户主关系", 9, "text"),
    Column("证件号码", 24, "id"),
    Column("人口状态", 9, "text", STATES),
]
PERSON = [
    Column("文化程度", 12, "text"),
    Column("在校生状况", 14, "text"),
    Column("健康状况", 13, "text"),
    Column("残疾类别", 8, "text"),
    Column("残疾等级", 8, "text", tuple(LEVELS.values())),
]
INSURED = [
    Column("是否参加城乡居民\n基本医疗保险", 14, "text", YES_NO),
    Column("是否参加城乡居民\n基本养老保险", 14, "text", YES_NO),
]
AIDED = [
    Column("享受低保\n政策情况", 10, "text", ("农村低保", "未享受")),
    Column("享受特困供养\n政策情况", 11, "text", ("农村特困", "不享受")),
]
WORK = [
    Column("务工地点", 24, "text"),
    Column("公益性岗位", 13, "text"),
    Column("公益性岗位\n（月数）", 10, "number"),
]
MONITORING = [
    Column("纳入时间", 12, "date"),
    Column("风险消除时间", 12, "date"),
    Column("致贫/返贫风险1", 14, "text", RISKS),
]
GUARANTEES = [
    Column("是否危房户", 8, "text", YES_NO),
    Column("是否解决\n安全饮用水", 10, "text", YES_NO),
    Column("是否义务教育阶段\n适龄儿童少年\n失学辍学", 15, "text", YES_NO),
    Column("是否有家庭成员\n未参加城乡居民（职工）\n基本医疗保险", 19, "text", YES_NO),
]
HELP = [
    Column("产业帮扶", 12, "text"),
    Column("就业帮扶", 12, "text"),
    Column("健康帮扶", 12, "text"),
    Column("教育帮扶", 12, "text"),
    Column("综合保障", 12, "text"),
]
HELPERS = [
    Column("帮扶责任人", 9, "text"),
    Column("帮扶单位", 24, "text"),
    Column("职务", 13, "text"),
]
PLANS = [
    Column("一户一策\n制定时间", 12, "date"),
    Column("一户一策\n核查时间", 12, "date"),
    Column("帮扶措施\n落实时间", 12, "date"),
    Column("一户一策状态", 10, "text", PLAN_STATES),
    Column("销号日期", 12, "date"),
]
BANK = [
    Column("开户银行", 24, "text"),
    Column("银行账号", 23, "id"),
]


#: facts of the household, which stand alike in each of its rows
OF_HOUSEHOLD = (
    *("乡镇", "行政村", "村民小组", "户编号", "户类型", "风险是否已消除", "2021年人均纯收入", "2022年预估人均纯收入"),
    *(column.name for column in (*MONITORING, *GUARANTEES, *HELP, *HELPERS, *PLANS)),
)


@dataclass
class Place:
    """What a document's ledger needs of its invented place.

    destinations   务工去向 -> places written down to the county
    helpers        (unit, post) of those who help, in turn
    bank           the bank's name before its branch
    accounts       first figures of the account numbers; no bank of China issues any that begin with 9999
    as_of          the day of the ledger
    last           the day of the period before
    """

    destinations: dict
    helpers: list
    bank: str
    accounts: str
    as_of: date
    last: date


def households_of(rows):
    """The rows of each household, in the order of the ledger."""
    found = {}
    for row in rows:
        found.setdefault(row["户编号"], []).append(row)
    return list(found.values())


def add_facts(seed, rows, place, taken):
    """Put the facts of this module into the rows, whole households at a time."""
    dice, account = Dice(seed), 0
    pools = {}
    for household in households_of(rows):
        village = household[0]["行政村"]
        if village not in pools:
            pools[village] = [(name_of(dice, dice.pick("男女"), 40, None, taken), *dice.pick(place.helpers))
                              for _ in range(4)]  # fmt: skip
        for person in household:
            _schooling(dice, person, place.as_of)
            _health(dice, person)
            _work_place(dice, person, place)
            if person["_age"] >= 16:
                account += 1
                person["银行账号"] = f"{place.accounts}{account * 7919 % 10**9:0{19 - len(place.accounts)}d}"
                person["开户银行"] = f"{place.bank}{village}分理处"
        _aid(dice, household)
        _guarantees(dice, household)
        _monitoring(dice, household, place)
        _help(household)
        helper = dice.pick(pools[village])
        group = dice.pick(("一组", "二组", "三组", "四组"))
        for person in household:
            person["村民小组"] = group
            person["帮扶责任人"], person["帮扶单位"], person["职务"] = helper


def _schooling(dice, person, as_of):
    age = person["_age"]
    turned = age_on(person["证件号码"], date(as_of.year if as_of.month >= 9 else as_of.year - 1, 9, 1))
    if not person["_student"]:
        if age < 6:
            person["在校生状况"] = "学龄前儿童"
        elif 21 <= age <= 25:
            person["文化程度"] = dice.weighted({"初中": 2, "高中": 2, "大专": 4, "本科及以上": 2})
        elif age < 32:
            person["文化程度"] = dice.weighted({"初中": 5, "高中": 3, "大专": 2, "本科及以上": 1})
        elif age < 60:
            person["文化程度"] = dice.weighted({"小学": 4, "初中": 5, "高中": 1})
        else:
            person["文化程度"] = dice.weighted({"文盲或半文盲": 3, "小学": 6, "初中": 1})
        return
    if turned < 6:
        person["在校生状况"] = "学前教育"
    elif turned < 12:
        person["在校生状况"] = "小学"
    elif turned < 15:
        person["在校生状况"] = SCHOOLS[3 + turned - 12]
    elif turned < 18:
        person["在校生状况"] = SCHOOLS[(6 if dice.chance(0.6) else 9) + turned - 15]
    elif dice.chance(0.45):
        person["在校生状况"] = SCHOOLS[12 + min(2, turned - 18)]
    else:
        person["在校生状况"] = SCHOOLS[15 + min(3, turned - 18)]


def _health(dice, person):
    age, level = person["_age"], person["_level"]
    ill = dice.chance(0.45 if age >= 60 else 0.06)
    if level:
        person["健康状况"] = "残疾,长期慢性病" if ill else "残疾"
        person["残疾类别"], person["残疾等级"] = CATEGORIES[person["证件号码"][18]], LEVELS[level]
    elif 16 <= age < 60 and not person["_student"] and person["劳动技能"] not in LABOUR[:2]:
        person["健康状况"] = "患有大病" if dice.chance(0.3) else "长期慢性病"
    else:
        person["健康状况"] = "长期慢性病" if ill else "健康"
    person["是否参加城乡居民基本医疗保险"] = "是"
    person["是否参加城乡居民基本养老保险"] = "是" if age >= 16 and not person["_student"] else "否"


def _work_place(dice, person, place):
    destination = person.get("务工去向")
    if destination is None:
        return
    if person["劳动技能"] == WEAK and destination == "区内":
        person["公益性岗位"] = dice.pick(("保洁员", "护林员", "护路员", "养老护理员"))
        person["公益性岗位（月数）"] = person["_work"][0][0]
    person["务工地点"] = dice.pick(place.destinations[destination])


def _aid(dice, household):
    """低保 for households without much labour, 特困 for those of whom the ledger says so."""
    labour = sum(person["劳动技能"] in LABOUR[:2] for person in household)
    poor = household[0]["户类型"] != "一般农户"
    assured = poor and dice.chance(0.5 if not labour else 0.12)
    for person in household:
        supported = person.get("备注") == "分散供养特困人员"
        person["享受低保政策情况"] = "农村低保" if assured and not supported else "未享受"
        person["享受特困供养政策情况"] = "农村特困" if supported else "不享受"


def _guarantees(dice, household):
    unsafe, water = dice.chance(0.02), not dice.chance(0.015)
    if dice.chance(0.03):
        person = dice.pick(household)
        person["是否参加城乡居民基本医疗保险"] = "否"
    uninsured = any(p["是否参加城乡居民基本医疗保险"] == "否" and p["人口状态"] == "正常" for p in household)
    for person in household:
        person["是否危房户"] = "是" if unsafe else "否"
        person["是否解决安全饮用水"] = "是" if water else "否"
        person["是否义务教育阶段适龄儿童少年失学辍学"] = "否"
        person["是否有家庭成员未参加城乡居民（职工）基本医疗保险"] = "是" if uninsured else "否"


def _monitoring(dice, household, place):
    """When the household was taken up and its risk ended, and the plan's days; all before the last period."""
    head = household[0]
    risk = head.get("风险是否已消除")
    told = {"纳入时间": None, "风险消除时间": None, "致贫/返贫风险1": None}
    if risk:
        identified = place.last - timedelta(days=dice.whole(330, 900))
        told["纳入时间"] = identified
        told["致贫/返贫风险1"] = dice.pick(RISKS)
        if risk == "已消除":
            told["风险消除时间"] = identified + timedelta(days=dice.whole(200, 320))
        told["帮扶措施落实时间"] = identified + timedelta(days=dice.whole(3, 10))
    if head["户类型"] != "一般农户":
        told["一户一策制定时间"] = date(place.as_of.year, 1, dice.whole(5, 28))
        told["一户一策核查时间"] = date(place.as_of.year, 7, dice.whole(3, 29))
        told["一户一策状态"] = dice.weighted({"进行中": 6, "已完成": 3, "未启动": 1})
        if risk == "已消除" and dice.chance(0.5):
            told["一户一策状态"], told["销号日期"] = "销号", told["一户一策核查时间"]
    for person in household:
        person.update({header: value for header, value in told.items() if value is not None})


def take_up(household, day, planned):
    """Taken up as a monitored household on a day of this period, its measures planned on another."""
    for person in household:
        person.update({"纳入时间": day, "一户一策状态": "进行中"})
        person["帮扶措施落实时间"] = person["一户一策制定时间"] = planned
        person.pop("一户一策核查时间", None)


def end_risk(household, day):
    for person in household:
        person["风险消除时间"] = day


def _help(household):
    head = household[0]
    if head["户类型"] == "一般农户":
        return
    working = any("务工去向" in person for person in household)
    ill = any("病" in person["健康状况"] for person in household)
    in_school = any(person["_student"] for person in household)
    risk = head.get("致贫/返贫风险1")
    told = {
        "产业帮扶": "产业发展指导" if head.get("_mu") or risk in ("因产业项目失败", "因自然灾害") else None,
        "就业帮扶": "劳务输出" if working else "技能培训" if risk == "因务工就业不稳" else None,
        "健康帮扶": "参加大病保险" if ill or risk in ("因病", "因残", "因意外事故") else None,
        "教育帮扶": "教育资助" if in_school or risk == "因学" else None,
        "综合保障": "兜底保障" if not working or risk in ("缺劳动力", "因残") else None,
    }
    for person in household:
        person.update({header: value for header, value in told.items() if value})


def check_number(number):
    return check_digit(number[:17]) == number[17]
