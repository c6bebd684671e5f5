"""奉节县（2022年10月8日）: one township, four villages that do not exist."""

from datetime import date

from .example import Example
from .facts import YES_NO, Place
from .households import build_ledger, ledger_columns
from .notes import notes
from .payments import stranger
from .people import LABOUR, MONITORED
from .sheets import Column

SEED = 20221009
TYPES = {"脱贫户": 44, "脱贫不稳定户": 10, "边缘易致贫户": 8, "突发严重困难户": 4, "一般农户": 4}
ROUTES = ("监测对象产业奖扶", "五小经济奖补")

CLAIMS = [
    Column("周岁年龄", 7, "count"),
    Column("子女月缴赡养金", 9, "number"),
    Column("赡养金缴纳月数", 9, "number"),
    Column("2021年\n人均纯收入", 11, "money"),
    Column("2022年预估\n人均纯收入", 11, "money"),
    Column("奖补途径", 17, "text", ROUTES),
    Column("核定奖补额", 9, "number"),
    Column("有意愿有能力", 9, "text", YES_NO),
    Column("已享受2022年\n监测对象产业奖扶", 16, "text", YES_NO),
    Column("学生人数", 7, "count"),
    Column("入学年份", 8, "count"),
    Column("年份", 7, "count"),
    Column("属于雨露计划", 9, "text", YES_NO),
]

NOTES = [
    ("户类型", "脱贫户、脱贫不稳定户、边缘易致贫户、突发严重困难户、一般农户。"),
    ("子女月缴赡养金", "60周岁以上老人行填写；没有缴纳的留空。赡养金缴纳月数填实缴的月数。"),
    ("2021年人均纯收入、2022年预估人均纯收入", "脱贫户填写，同户各行相同，用来认定低收入脱贫人口。"),
    ("奖补途径、核定奖补额", "填在户主行；两种途径不同时享受。"),
    ("学生人数、入学年份、年份", "新入学大学生行填写，学生人数填1，年份填核算年度。"),
]


def claims(dice, household):
    head = household[0]
    lifted = head["户类型"] in ("脱贫户", "脱贫不稳定户")
    base = dice.whole(720000, 1340000) / 100
    estimate = round(base * dice.whole(96, 116) / 100, 2)
    base, estimate = EDGES.get(head["户编号"], (base, estimate))
    for person in household:
        age = person["周岁年龄"] = person["_age"]
        if lifted:
            person["2021年人均纯收入"], person["2022年预估人均纯收入"] = base, estimate
        if age >= 60 and dice.chance(0.5):
            person["子女月缴赡养金"] = dice.pick([100, 200, 300, 500, 600, 800])
            person["赡养金缴纳月数"] = dice.pick([3, 6, 12, 12])
        if person.get("在校生状况", "")[-3:] == "一年级" and person["在校生状况"][:2] in ("本科", "高职"):
            person["学生人数"], person["入学年份"], person["年份"] = 1, 2023, 2023
            person["属于雨露计划"] = "是" if person["在校生状况"][:2] == "高职" and dice.chance(0.5) else "否"
    unresolved = head["风险是否已消除"] == "未消除"
    able = any(person["劳动技能"] in LABOUR for person in household)
    if head["户类型"] in MONITORED and unresolved and dice.chance(0.55):
        head["奖补途径"] = ROUTES[0]
        head["核定奖补额"] = dice.pick([1500, 2400, 3000, 3600])
    elif head["户类型"] != "一般农户" and able and dice.chance(0.55):
        head["奖补途径"] = ROUTES[1]
        head["核定奖补额"] = dice.pick([800, 1200, 1999.5, 2000, 2600])
        head["有意愿有能力"] = "否" if dice.chance(0.08) else "是"
        head["已享受2022年监测对象产业奖扶"] = "是" if unresolved and dice.chance(0.4) else "否"


def build(example):
    return build_ledger(example, SEED, claims, 9800, 15000)


#: 户编号 -> incomes per head of 2021 and of 2022: at the line itself one is low, the other is not
EDGES = {"9999009030010001": (10000, 10500), "9999009030010004": (10000.01, 10000)}
# cell, what is typed there instead (None: emptied), what it is there for
DIRT = [
    ("AG39", "600元", "contribution with its unit: a number"),
    ("AH37", "半年", "months as words: asked"),
    ("AK56", "五小", "route outside the list: unknown option"),
    ("AM64", None, "approved, willing or not is blank: missing"),
    ("AI82", "1.05万元", "income in another unit, written beside it: a number"),
    ("AR24", "否", "freshman of a low-income household, not of 雨露计划: paid"),
    ("AR184", "待核实", "雨露计划 or not is not settled: college aid unverified"),
    ("AL89", "三千元左右", "approved award that is no number"),
    ("CL89", date(2023, 8, 15), "reviewed in August, not in July"),
    ("CK182", None, "risk not ended, no plan made in January"),
]
CHANGES = [
    ("新生", 190),
    ("迁入", 169),
    ("死亡", 207),
    ("迁出", 223),
    ("离开", 102, "之母", "女", 78),
    ("户主变更", 131, 136),
    ("分户", 44, 26),
    ("并户", 64, 67, 67),
    ("纳入监测", 88, date(2023, 9, 11), date(2023, 9, 20)),
    ("纳入监测", 100, date(2023, 5, 8), date(2023, 5, 30)),
    ("风险消除", 129, date(2023, 6, 30)),
]
STRANGER = stranger("石小满", "99990019750101001", "上坪村", "9999400000000009991")
#: row, what is paid, how much, what the line is there for, other cells
PAYMENTS = [
    (131, "产业到户奖补", 3000, "right", {}),
    (153, "产业到户奖补", 1500, "right", {}),
    (107, "孝善养老奖补", 120, "right", {}),
    (24, "新生助学资助", 3000, "right: 3000 is the least", {}),
    (63, "新生助学资助", 3000, "to somebody who is not entitled: neither income is low", {}),
    (220, "产业到户奖补", 3000, "too much: 2400 are approved", {}),
    (135, "孝善养老奖补", 360, "too little: 60 a month for 12 months", {}),
    (174, "产业到户奖补", 1500, "right", {}),
    (174, "产业到户奖补", 1500, "the same again", {}),
    (None, "产业到户奖补", 2000, "to somebody in no ledger", STRANGER),
    (213, "孝善养老奖补", None, "stopped", {"支付状态": "停发", "停发原因": "账户信息有误，待核实后补发"}),
    (182, "产业到户奖补", 3000, "corrected from 3600", {"原金额": 3600, "备注": "更正发放：每户不高于3000元"}),
]

EXAMPLE = Example(
    name="奉节县",
    unit="奉节县（示例）云坪乡人民政府",
    year=2023,
    code="903",
    villages={
        ("云坪乡", "上坪村"): 18,
        ("云坪乡", "下坪村"): 18,
        ("云坪乡", "橙湾村"): 17,
        ("云坪乡", "竹溪村"): 17,
    },
    sizes={1: 9, 2: 17, 3: 16, 4: 16, 5: 9, 6: 3},
    types=TYPES,
    place=Place(
        destinations={
            "跨省": ("广东省东莞市", "浙江省温州市瑞安市", "福建省泉州市晋江市", "四川省成都市双流区"),
            "省内区外": ("重庆市万州区", "重庆市渝北区", "重庆市云阳县"),
            "区内": ("重庆市奉节县",),
        },
        helpers=[("云坪乡人民政府", "乡干部"), ("云坪乡驻村工作队", "驻村干部"), ("村民委员会", "村“两委”干部")],
        bank="奉节（示例）农村商业银行",
        accounts="99994",
        as_of=date(2023, 11, 30),
        last=date(2022, 11, 30),
    ),
    columns=ledger_columns(TYPES, CLAIMS),
    build=build,
    settings=[
        ("政策", "奉节县", "《奉节县促进低收入脱贫人口稳定增收的具体措施》（2022年10月8日）；台账各事项按此文件核算"),
        ("业务日期", date(2023, 11, 30), "事项发生的日期，用来检验文件是否施行（2022-10-08起）"),
    ],
    notes=notes(NOTES, False),
    born=(("9999009030040005", "之女", "女"),),
    twice=("9999009030040012003", "9999009030030010"),
    dirt=DIRT,
    changes=CHANGES,
    payments=PAYMENTS,
    on_every_row=False,
    paid_on=date(2023, 11, 20),
    heading="低收入脱贫人口增收台账",
)
