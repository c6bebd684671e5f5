"""枣庄高新区（枣高社字【2023】16号）: three streets, six communities that do not exist."""

from datetime import date

from .example import Example
from .facts import YES_NO, Place
from .households import build_ledger, ledger_columns
from .notes import notes
from .payments import stranger
from .people import LABOUR
from .sheets import Column

SEED = 2023016
TYPES = {
    "脱贫享受政策户": 48,
    "脱贫不享受政策户": 10,
    "脱贫不稳定户": 9,
    "边缘易致贫户": 6,
    "突发严重困难户": 4,
    "一般农户": 3,
}
LOWEST_FEE = 300  # invented: each place publishes its own

CLAIMS = [
    Column("周岁年龄", 7, "count"),
    Column("子女月缴赡养金", 9, "number"),
    Column("赡养金缴纳月数", 9, "number"),
    Column("奖补比例", 8, "number"),
    Column("在缴费年龄段", 9, "text", YES_NO),
    Column("最低缴费标准", 9, "number"),
    Column("所选缴费标准", 9, "number"),
    Column("生产项目", 8, "text", ("种植", "养殖", "其他")),
    Column("保费", 9, "number"),
    Column("投资额", 9, "number"),
    Column("有劳动力", 7, "text", YES_NO),
    Column("本人自愿", 7, "text", YES_NO),
]

NOTES = [
    ("户类型", "脱贫享受政策户、脱贫不享受政策户、脱贫不稳定户、边缘易致贫户、突发严重困难户、一般农户。"),
    ("子女月缴赡养金", "老人行填写；没有缴纳的留空。赡养金缴纳月数填全年实缴的月数。"),
    ("奖补比例", "区、街道两级合计的比例，写成小数，如0.3；还没有定的留空。"),
    ("最低缴费标准", "居民基本养老保险的最低档。表中的数是示例，请以当地公布的为准。"),
    ("生产项目、保费", "填在户主行，生产经营项目的保险。"),
    ("投资额、有劳动力、本人自愿", "填在户主行，发展庭院经济的户填写。"),
]


def claims(dice, household):
    head = household[0]
    labour = any(person["劳动技能"] in LABOUR for person in household)
    for person in household:
        age = person["周岁年龄"] = person["_age"]
        person.setdefault("残疾等级", "无")
        relaxed = 55 <= age < 60 and person["_level"] in (1, 2)
        if (age >= 60 or relaxed) and dice.chance(0.45):
            person["子女月缴赡养金"] = dice.pick([100, 200, 300, 300, 300, 500])
            person["赡养金缴纳月数"] = dice.pick([6, 9, 12, 12, 12])
            person["奖补比例"] = dice.pick([0.3, 0.3, 0.3, 0.2])
        pays = 16 <= age < 60 and not person["_student"]
        person["在缴费年龄段"] = "是" if pays else "否"
        if pays:
            person["最低缴费标准"] = LOWEST_FEE
            person["所选缴费标准"] = dice.pick([300, 300, 500, 1000])
    if dice.chance(0.35):
        head["生产项目"] = dice.pick(["种植", "养殖", "种植", "其他"])
        head["保费"] = dice.pick([86.4, 120, 180.5, 240, 360, 432])
    if dice.chance(0.4):
        head["投资额"] = dice.pick([1800, 3600, 5001, 7200, 9600, 10000, 12800])
        head["有劳动力"] = "是" if labour else "否"
        head["本人自愿"] = "否" if dice.chance(0.08) else "是"


def build(example):
    return build_ledger(example, SEED, claims, 9900, 15500, TARGETS)


#: 户编号 -> year -> net income of the household in fen: edges of the tiers
TARGETS = {
    "9999009010010011": {0: 1500000},  # one person: 15000, the high line itself
    "9999009010010012": {0: 1100000},  # one person: 11000, the low line itself
    "9999009010050011": {0: 2199998},  # two persons: 10999.99
}
# cell, what is typed there instead (None: emptied), what it is there for
DIRT = [
    ("AN13", "86.4元", "premium with its unit: a number"),
    ("AG28", "待核实", "contribution not settled: elder award unverified"),
    ("AI68", 0.35, "rate above the 30% of the text: refused"),
    ("AO31", -1800, "negative investment: refused"),
    ("K56", "脱贫户", "does not say whether it enjoys policies: nothing is reckoned for it"),
    ("AL8", 200, "chosen fee below the lowest: inconsistent"),
    ("BN221", 20000, "net income that is not income less expense"),
    ("AM157", "养鱼", "project outside the list: unknown option"),
    ("AP84", None, "invested, labour or not is blank: missing"),
]
CHANGES = [
    ("新生", 12),
    ("迁入", 94),
    ("死亡", 85),
    ("迁出", 232),
    ("离开", 73, "之父", "男", 70),
    ("户主变更", 86, 91),
    ("分户", 41, 63),
    ("并户", 135, 139, 139),
    ("纳入监测", 167, date(2024, 6, 12), date(2024, 6, 20)),
    ("纳入监测", 140, date(2024, 9, 3), date(2024, 9, 25)),
    ("纳入监测", 17, date(2024, 3, 4), date(2024, 3, 14)),
    ("风险消除", 206, date(2024, 8, 20)),
    ("类型变化", 4, "脱贫享受政策户"),
]
STRANGER = stranger("石小满", "99990019550101001", "白石村", "9999200000000009991")
#: row, what is paid, how much, what the line is there for, other cells
PAYMENTS = [
    (139, "孝善养老奖补", 1080, "right", {}),
    (200, "孝善养老奖补", 270, "right", {}),
    (130, "生产保险保费补贴", 240, "right", {}),
    (119, "庭院经济奖补", 4800, "right", {}),
    (130, "庭院经济奖补", 6400, "too much: half of 12800 is above the cap of 5000", {}),
    (40, "孝善养老奖补", 600, "too little: 720", {}),
    (72, "生产保险保费补贴", 86.4, "right", {}),
    (72, "生产保险保费补贴", 86.4, "the same again", {}),
    (None, "孝善养老奖补", 1080, "to somebody in no ledger", STRANGER),
    (193, "孝善养老奖补", None, "stopped", {"支付状态": "停发", "停发原因": "子女缴纳凭证不全，待核实"}),
    (131, "孝善养老奖补", 810, "corrected from 1080", {"原金额": 1080, "备注": "更正发放：实缴9个月"}),
]

EXAMPLE = Example(
    name="枣庄高新区",
    unit="枣庄高新区社会事务综合服务中心",
    year=2024,
    code="901",
    villages={
        ("青禾街道", "东禾社区"): 14,
        ("青禾街道", "西禾村"): 13,
        ("白石街道", "白石村"): 14,
        ("白石街道", "石桥村"): 13,
        ("长桥街道", "桥北社区"): 13,
        ("长桥街道", "桥南村"): 13,
    },
    sizes={1: 13, 2: 24, 3: 18, 4: 14, 5: 8, 6: 3},
    types=TYPES,
    place=Place(
        destinations={
            "跨省": ("江苏省徐州市铜山区", "江苏省苏州市昆山市", "上海市嘉定区", "浙江省宁波市北仑区"),
            "省内区外": ("山东省济南市历城区", "山东省青岛市黄岛区", "山东省济宁市邹城市"),
            "区内": ("山东省枣庄市薛城区",),
        },
        helpers=[
            ("街道办事处", "街道级干部"),
            ("街道办事处", "街道级干部"),
            ("村（社区）“两委”", "村干部"),
            ("街道驻村工作组", "工作组成员"),
        ],
        bank="高新区（示例）农村商业银行",
        accounts="99992",
        as_of=date(2024, 11, 30),
        last=date(2023, 11, 30),
    ),
    columns=ledger_columns(TYPES, CLAIMS),
    build=build,
    settings=[
        ("政策", "枣庄高新区", "枣高社字【2023】16号；台账各事项按此文件核算"),
        ("业务日期", date(2024, 11, 30), "事项发生的日期，用来检验文件是否在有效期内（2023年至2025年）"),
    ],
    notes=notes(NOTES, True),
    born=(("9999009010010002", "之孙女", "女"),),
    twice=("9999009010030013003", "9999009010040007"),
    dirt=DIRT,
    changes=CHANGES,
    payments=PAYMENTS,
    paid_on=date(2024, 11, 15),
)
