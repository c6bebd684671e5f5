"""前进区（佳前乡振发[2022]6号）: three villages that do not exist. The document grants no money, so nothing is paid."""

from datetime import date

from .example import Example
from .facts import YES_NO, Place
from .households import build_ledger, ledger_columns
from .notes import notes
from .sheets import Column

SEED = 20220008
TYPES = {"脱贫户": 40, "脱贫不稳定户": 6, "边缘易致贫户": 8, "突发严重困难户": 3, "一般农户": 3}

CLAIMS = [
    Column("遭遇自然灾害", 8, "text", YES_NO),
    Column("帮扶不到位", 8, "text", YES_NO),
    Column("耕地面积\n（亩）", 9, "number"),
]

NOTES = [
    ("户类型", "脱贫户、脱贫不稳定户、边缘易致贫户、突发严重困难户、一般农户。"),
    ("遭遇自然灾害、帮扶不到位", "是或否，填在户主行，用来判断减收原因。"),
    ("耕地面积", "填在户主行；没有耕地的填0。"),
    ("人均纯收入", "本表不填，由纯收入和年度家庭人口数核算。"),
]


def claims(dice, household):
    head = household[0]
    head["遭遇自然灾害"] = "是" if head["_mu"] and dice.chance(0.12) else "否"
    head["帮扶不到位"] = "是" if dice.chance(0.04) else "否"
    head["耕地面积（亩）"] = head["_mu"]


def build(example):
    return build_ledger(example, SEED, claims, 9000, 15000, TARGETS)


#: 户编号 -> year -> net income of the household in fen: a household whose income stays the same to the fen
TARGETS = {"9999009040020014": {0: 1645000, 1: 1645000}}
# cell, what is typed there instead (None: emptied), what it is there for
DIRT = [
    ("AM30", -1200, "negative income: refused"),
    ("AL113", 20000, "wages that are not the sum of their items"),
    ("BG68", None, "last year's wages blank: the two years cannot be compared"),
    ("AI31", "35700", "income as text that is nothing but a number: valid"),
    ("AP94", "待核实", "operating income not settled"),
]
CHANGES = [
    ("新生", 168),
    ("迁入", 87),
    ("死亡", 66),
    ("迁出", 159),
    ("离开", 109, "之母", "女", 63),
    ("户主变更", 53, 58),
    ("分户", 103, 65),
    ("并户", 143, 147, 147),
    ("纳入监测", 138, date(2022, 6, 6), date(2022, 6, 14)),
    ("纳入监测", 154, date(2022, 4, 12), date(2022, 5, 5)),
    ("风险消除", 133, date(2022, 5, 20)),
]

EXAMPLE = Example(
    name="前进区",
    unit="佳木斯市前进区乡村振兴局",
    year=2022,
    code="904",
    villages={("前进区", "北原村"): 20, ("前进区", "柳屯村"): 20, ("前进区", "河湾村"): 20},
    sizes={1: 9, 2: 20, 3: 15, 4: 10, 5: 4, 6: 2},
    types=TYPES,
    place=Place(
        destinations={
            "跨省": ("辽宁省大连市甘井子区", "山东省青岛市城阳区", "北京市通州区", "天津市武清区"),
            "省内区外": ("黑龙江省哈尔滨市道里区", "黑龙江省佳木斯市桦南县", "黑龙江省牡丹江市宁安市"),
            "区内": ("黑龙江省佳木斯市前进区",),
        },
        helpers=[("前进区乡村振兴局", "区直干部"), ("驻村工作队", "工作队队员"), ("村民委员会", "村“两委”干部")],
        bank="前进（示例）农村商业银行",
        accounts="99995",
        as_of=date(2022, 9, 30),
        last=date(2021, 9, 30),
    ),
    columns=ledger_columns(TYPES, CLAIMS, per_capita=None),
    build=build,
    settings=[
        ("政策", "前进区", "佳前乡振发[2022]6号；这份文件没有补贴金额，只作两年收入对比"),
        ("业务日期", date(2022, 9, 30), "今年家庭收入核算的日期"),
    ],
    notes=notes(NOTES, False),
    born=(("9999009040030019", "之子", "男"),),
    twice=("9999009040010014003", "9999009040020009"),
    dirt=DIRT,
    changes=CHANGES,
    on_every_row=False,
    per_capita="",
    heading="脱贫户和监测对象收入台账",
)
