"""阜阳市（2023年9月21日）: two towns, four villages that do not exist.

The ledger has no income per head: it is reckoned.
"""

from datetime import date

from .example import Example
from .facts import YES_NO, Place
from .households import build_ledger, ledger_columns
from .notes import notes
from .payments import stranger
from .people import LABOUR
from .sheets import Column

SEED = 20230921
TYPES = {"脱贫户": 46, "脱贫不稳定户": 9, "边缘易致贫户": 7, "突发严重困难户": 4, "一般农户": 4}
EMPLOYERS = ("小微企业", "大型企业", "其他")

CLAIMS = [
    Column("返乡回流", 7, "text", YES_NO),
    Column("自主创业", 7, "text", YES_NO),
    Column("首次创办\n小微企业", 9, "text", YES_NO),
    Column("以前已享受创业补贴", 10, "text", YES_NO),
    Column("培训天数", 7, "number"),
    Column("毕业年份", 8, "count"),
    Column("年份", 7, "count"),
    Column("就业单位类型", 10, "text", EMPLOYERS),
    Column("合同月数", 7, "number"),
    Column("缴纳社会保险", 8, "text", YES_NO),
    Column("以前已享受\n毕业生就业补贴", 13, "text", YES_NO),
]

NOTES = [
    ("户类型", "脱贫户、脱贫不稳定户、边缘易致贫户、突发严重困难户、一般农户。"),
    ("返乡回流、自主创业、首次创办小微企业", "是或否，人人必填；没有劳动能力的填否。"),
    ("培训天数", "本年参加技能培训的整天数；未参加的留空。"),
    ("毕业年份、年份", "高校毕业生填写；年份填核算年度。就业单位类型、合同月数、缴纳社会保险同填。"),
    ("人均纯收入", "本表不填，由四类收入、支出和年度家庭人口数核算，不四舍五入。"),
]


def claims(dice, household):
    for person in household:
        able = person["劳动技能"] in LABOUR and person["_age"] < 60
        away = person.get("务工去向") in ("跨省", "省内区外")
        returned = able and not away and dice.chance(0.3)
        person["返乡回流"] = "是" if returned else "否"
        person["自主创业"] = "是" if returned and dice.chance(0.5) else "否"
        person["首次创办小微企业"] = "是" if person["自主创业"] == "是" and dice.chance(0.7) else "否"
        person["以前已享受创业补贴"] = "是" if person["首次创办小微企业"] == "是" and dice.chance(0.2) else "否"
        if able and dice.chance(0.16):
            person["培训天数"] = dice.pick([3, 5, 7, 10, 15, 20])
        if person.get("文化程度") in ("大专", "本科及以上") and 21 <= person["_age"] <= 26:
            person["毕业年份"] = 2023 if dice.chance(0.7) else 2022
            person["年份"] = 2023
            person["就业单位类型"] = dice.pick(["小微企业", "小微企业", "大型企业"])
            person["合同月数"] = dice.pick([3, 6, 12, 24])
            person["缴纳社会保险"] = "否" if dice.chance(0.15) else "是"
            person["以前已享受毕业生就业补贴"] = "否"


def build(example):
    return build_ledger(example, SEED, claims, 9300, 15500, TARGETS)


#: 户编号 -> year -> net income of the household in fen: edges of the watch lists
TARGETS = {
    "9999009020040015": {0: 1000000, 1: 1000000},  # one person: 10000 in both years, on neither list
    "9999009020030016": {0: 2999999, 1: 3000000},  # three persons: 9999.99666…, which is shown as 10000.00
}
# cell, what is typed there instead (None: emptied), what it is there for
DIRT = [
    ("AJ41", "20天", "days with their unit: a number"),
    ("AJ42", 7.5, "training days must be whole"),
    ("AN44", "一年", "months as words: asked"),
    ("AM17", "个体工商户", "employer outside the list: unknown option"),
    ("AF50", "待核实", "returned or not is not settled: start-up bonus unverified"),
    ("BL117", None, "expense blank: income per head cannot be reckoned"),
    ("N40", date(2020, 1, 5), "risk ended before the household was taken up"),
    ("AQ77", "0", "nil as text"),
]
CHANGES = [
    ("新生", 151),
    ("迁入", 138),
    ("死亡", 66),
    ("迁出", 106),
    ("离开", 132, "之父", "男", 75),
    ("户主变更", 15, 20),
    ("分户", 29, 34),
    ("并户", 53, 55, 55),
    ("纳入监测", 158, date(2023, 10, 10), date(2023, 10, 18)),
    ("纳入监测", 78, date(2023, 8, 5), date(2023, 8, 25)),
    ("风险消除", 139, date(2023, 7, 15)),
]
STRANGER = stranger("石小满", "99990019850101001", "前麦村", "9999300000000009991")
#: row, what is paid, how much, what the line is there for, other cells
PAYMENTS = [
    (30, "培训生活费补贴", 1000, "right", {"补贴标准": 50}),
    (60, "培训生活费补贴", 150, "right", {"补贴标准": 50}),
    (109, "毕业生就业补贴", 3000, "right", {}),
    (16, "创业补贴", 5000, "right", {}),
    (101, "创业补贴", 6000, "right: 5000 is the least", {}),
    (85, "创业补贴", 3000, "too little: not below 5000", {}),
    (205, "培训生活费补贴", 1000, "too much: 15 days are 750", {"补贴标准": 50}),
    (140, "培训生活费补贴", 250, "right", {"补贴标准": 50}),
    (140, "培训生活费补贴", 250, "the same again", {"补贴标准": 50}),
    (None, "培训生活费补贴", 500, "to somebody in no ledger", STRANGER),
    (180, "培训生活费补贴", None, "stopped", {"支付状态": "停发", "停发原因": "培训签到不全，待核实"}),
    (173, "培训生活费补贴", 1000, "corrected from 1200", {"原金额": 1200, "备注": "更正发放：培训20天"}),
]

EXAMPLE = Example(
    name="阜阳市",
    unit="阜阳市（示例）麦田镇、柳河镇人民政府",
    year=2023,
    code="902",
    villages={
        ("麦田镇", "前麦村"): 18,
        ("麦田镇", "后麦村"): 18,
        ("柳河镇", "柳东村"): 17,
        ("柳河镇", "柳西村"): 17,
    },
    sizes={1: 9, 2: 17, 3: 16, 4: 16, 5: 9, 6: 3},
    types=TYPES,
    place=Place(
        destinations={
            "跨省": ("江苏省苏州市昆山市", "浙江省杭州市余杭区", "上海市松江区", "广东省深圳市宝安区"),
            "省内区外": ("安徽省合肥市肥西县", "安徽省芜湖市鸠江区", "安徽省淮南市田家庵区"),
            "区内": ("安徽省阜阳市颍上县", "安徽省阜阳市阜南县"),
        },
        helpers=[("镇人民政府", "镇干部"), ("驻村工作队", "工作队队员"), ("村民委员会", "村“两委”干部")],
        bank="阜阳（示例）农村商业银行",
        accounts="99993",
        as_of=date(2023, 11, 30),
        last=date(2022, 11, 30),
    ),
    columns=ledger_columns(TYPES, CLAIMS, per_capita=None, net=False),
    build=build,
    settings=[
        ("政策", "阜阳市", "《阜阳市促进脱贫人口增收工作方案》（2023年9月21日）；台账各事项按此文件核算"),
        ("业务日期", date(2023, 11, 30), "事项发生的日期，用来检验文件是否施行（2023-09-21起）"),
    ],
    notes=notes(NOTES, True),
    born=(("9999009020030013", "之子", "男"),),
    twice=("9999009020030015004", "9999009020020011"),
    dirt=DIRT,
    changes=CHANGES,
    payments=PAYMENTS,
    per_capita="",
    paid_on=date(2023, 11, 20),
    heading="脱贫人口和监测对象增收台账",
)
