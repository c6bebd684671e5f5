"""The example workbooks of all five documents: made again byte for byte, read as meant, doubted where they are meant to
be doubted, and rows reckoned by hand from the texts."""

from __future__ import annotations

from collections import Counter

import pytest
from example_workbooks import WORKBOOKS, builder, raw

from xl_poverty.errors import CellError
from xl_poverty.formulas.batch import batch
from xl_poverty.formulas.signatures import find
from xl_poverty.ledger.filling import fill, main_table
from xl_poverty.ledger.reading import read_ledger
from xl_poverty.ledger.report import check_file
from xl_poverty.ledger.rows import ready_rows

DOCUMENTS = ["双碾乡", "枣庄高新区", "阜阳市", "奉节县", "前进区"]
GENERATED = ["枣庄高新区", "阜阳市", "奉节县", "前进区"]
PAID = ["双碾乡", "枣庄高新区", "阜阳市", "奉节县"]


def ledger_of(name, period=""):
    return WORKBOOKS / f"{name}台账{period}.xlsx"


@pytest.fixture(scope="module")
def rows():
    """(document, period) -> its rows as openpyxl reads them."""
    return {(name, period): raw(ledger_of(name, period)) for name in DOCUMENTS for period in ("", "_上期")}


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    """Document -> the rows of its ledger after filling."""
    folder = tmp_path_factory.mktemp("filled")
    found = {}
    for name in PAID:
        found[name] = raw(fill(ledger_of(name), folder / f"{name}.xlsx").target)
    return found


def by_household(rows):
    found = {}
    for row in rows.values():
        found.setdefault(row["户编号"], []).append(row)
    return found


def person(row):
    return row["证件号码"][:18].upper()


# ---- how they are made


def test_all_are_what_the_builder_makes(tmp_path):
    files = builder().build(tmp_path)
    assert {path.name for path in WORKBOOKS.glob("*.xlsx")} == set(files)
    for name in files:
        assert (tmp_path / name).read_bytes() == (WORKBOOKS / name).read_bytes(), name


def test_which_workbooks_there_are():
    expected = {f"{name}台账{period}.xlsx" for name in DOCUMENTS for period in ("", "_上期")}
    assert {path.name for path in WORKBOOKS.glob("*.xlsx")} == expected | {f"{name}发放表.xlsx" for name in PAID}


# villages, households, persons
SIZES = {
    "双碾乡": (5, 120, 400),
    "枣庄高新区": (6, 80, 231),
    "阜阳市": (4, 70, 220),
    "奉节县": (4, 70, 220),
    "前进区": (3, 60, 168),
}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_persons_and_households(rows, name):
    table = rows[name, ""]
    assert (len({row["行政村"] for row in table.values()}), len(by_household(table)), len(table)) == SIZES[name]
    for household in by_household(table).values():
        assert [row["与户主关系"] == "户主" for row in household] == [True] + [False] * (len(household) - 1)


@pytest.mark.parametrize("period", ["", "_上期"])
@pytest.mark.parametrize("name", DOCUMENTS)
def test_nobody_has_such_numbers(rows, name, period):
    weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
    for row in rows[name, period].values():
        number = row["证件号码"].upper()
        assert number.startswith("999900") and len(number) in (18, 20)
        assert number[17] == "10X98765432"[sum(w * int(d) for w, d in zip(weights, number[:17], strict=True)) % 11]
        assert row.get("银行账号", "9999").startswith("9999") and len(row.get("银行账号", "9" * 19)) == 19


# ---- how they are read: every header, and what it is

IDENTITY = {
    "序号": "sequence",
    "乡镇": "town",
    "行政村": "village",
    "村民小组": "group",
    "户编号": "household_id",
    "人口编号": "person_id",
    "姓名": "name",
    "与户主关系": "relation",
    "证件号码": "id_number",
    "人口状态": "status",
    "户类型": "household_type",
    "风险是否已消除": "risk_status",
    "纳入时间": "identified_date",
    "风险消除时间": "cleared_date",
    "致贫/返贫风险1": "risk",
    "文化程度": "education",
    "在校生状况": "school",
    "健康状况": "health",
    "残疾类别": "disability_category",
    "残疾等级": "disability_level",
    "劳动技能": "is_labor",
    "是否参加城乡居民基本医疗保险": "medical_insurance",
    "是否参加城乡居民基本养老保险": "pension_insurance",
    "享受低保政策情况": "dibao",
    "享受特困供养政策情况": "tekun",
    "务工去向": "destination",
    "务工地点": "work_place",
    "务工月数": "work_months",
    "月工资": "monthly_wage",
    "公益性岗位": "public_post",
    "公益性岗位（月数）": "public_post_months",
}
INCOME = {
    "务工收入": "work_income",
    "公益性岗位收入": "public_post_income",
    "其他工资性收入": "other_wage_income",
    "工资性收入": "wage_income",
    "种植业收入": "planting_income",
    "养殖业收入": "breeding_income",
    "其他生产经营性收入": "other_operating_income",
    "生产经营性收入": "operating_income",
    "资产收益扶贫分红收入": "asset_income",
    "土地流转收入": "land_income",
    "财产性收入": "property_income",
    "低保金": "dibao_income",
    "特困人员救助供养金": "tekun_income",
    "养老保险金": "pension_income",
    "生态补偿金": "ecology_income",
    "其他转移性收入": "other_transfer_income",
    "转移性收入": "transfer_income",
    "年收入": "annual_income",
    "种植业支出": "planting_expense",
    "养殖业支出": "breeding_expense",
    "其他支出": "other_expense",
    "生产经营性支出": "operating_expense",
    "年度家庭人口数": "persons_year",
    "上年工资性收入": "wage_income_last_year",
    "上年生产经营性收入": "operating_income_last_year",
    "上年财产性收入": "property_income_last_year",
    "上年转移性收入": "transfer_income_last_year",
    "上年生产经营性支出": "operating_expense_last_year",
    "上年纯收入": "net_income_last_year",
    "上年人均纯收入": "per_capita_last_year",
}
LATER = {
    "是否危房户": "unsafe_house",
    "是否解决安全饮用水": "safe_water",
    "是否义务教育阶段适龄儿童少年失学辍学": "dropped_out",
    "是否有家庭成员未参加城乡居民（职工）基本医疗保险": "uninsured_member",
    "产业帮扶": "industry_help",
    "就业帮扶": "job_help",
    "健康帮扶": "health_help",
    "教育帮扶": "education_help",
    "综合保障": "general_help",
    "帮扶责任人": "helper_name",
    "帮扶单位": "helper_unit",
    "职务": "helper_post",
    "一户一策制定时间": "plan_date",
    "一户一策核查时间": "review_date",
    "帮扶措施落实时间": "measures_date",
    "一户一策状态": "plan_state",
    "销号日期": "closing_date",
    "开户银行": "bank_name",
    "银行账号": "bank_account",
    "家庭人口数": "household_size",
    "备注": "remark",
}
NET = {"纯收入": "net_income", "家庭人均纯收入": "per_capita_income"}
CLAIMS = {
    "双碾乡": {
        **NET,
        "本年已享受交通补贴": "TRAVEL_SUBSIDY.claimed_this_year",
        "连续外出务工月数": "continuous_months",
        "以前已享受稳岗补助": "STABLE_JOB_BONUS.already_claimed",
        "返乡回流": "returned",
        "自主创业": "self_employed",
        "以前已享受创业补贴": "STARTUP_BONUS.already_claimed",
        "年租金": "annual_rent",
        "有培训意愿": "TRAINING_LIVING.willing",
        "已就业": "employed",
        "培训天数": "days",
        "消费券对象类别": "person_type",
        "庭院经济核定奖补额": "COURTYARD_AWARD.approved_amount",
        "确权承包亩数": "contract_mu",
        "确权颁证到位": "certified",
        "实际种粮亩数": "grain_mu",
        "农村困难残疾人": "rural_needy_disabled",
        "参加实用技术培训": "DISABLED_TRAINING.wants_training",
        "本年已享受残疾人培训补贴": "DISABLED_TRAINING.claimed_this_year",
        "适合且稳定的产业项目": "suitable_stable_project",
        "贷款余额": "outstanding",
        "申请追加": "requested",
        "确有需要": "needs",
        "具备还款能力": "can_repay",
        "监测指导线": "guideline",
    },
    "枣庄高新区": {
        **NET,
        "周岁年龄": "age",
        "子女月缴赡养金": "monthly_payment",
        "赡养金缴纳月数": "ELDER_SUBSIDY.months",
        "奖补比例": "rate",
        "在缴费年龄段": "in_pay_age",
        "最低缴费标准": "min_standard",
        "所选缴费标准": "chosen_standard",
        "生产项目": "project",
        "保费": "premium",
        "投资额": "investment",
        "有劳动力": "has_labor",
        "本人自愿": "willing",
    },
    "阜阳市": {
        "返乡回流": "returned",
        "自主创业": "self_employed",
        "首次创办小微企业": "first_small_micro",
        "以前已享受创业补贴": "STARTUP_BONUS.already_claimed",
        "培训天数": "days",
        "毕业年份": "graduation_year",
        "年份": "year",
        "就业单位类型": "employer",
        "合同月数": "contract_months",
        "缴纳社会保险": "social_insurance",
        "以前已享受毕业生就业补贴": "GRADUATE_JOB_BONUS.already_claimed",
    },
    "奉节县": {
        **NET,
        "周岁年龄": "age",
        "子女月缴赡养金": "monthly_payment",
        "赡养金缴纳月数": "ELDER_SUBSIDY.months",
        "2021年人均纯收入": "income_base_year",
        "2022年预估人均纯收入": "income_estimate",
        "奖补途径": "route",
        "核定奖补额": "approved_amount",
        "有意愿有能力": "willing_and_able",
        "已享受2022年监测对象产业奖扶": "took_2022_monitor_award",
        "学生人数": "students",
        "入学年份": "enrolment_year",
        "年份": "year",
        "属于雨露计划": "is_yulu",
    },
    "前进区": {"纯收入": "net_income", "耕地面积（亩）": "arable_mu", "遭遇自然灾害": "disaster",
             "帮扶不到位": "help_not_in_place"},
}  # fmt: skip
#: what the first example has no column for
NOT_IN_THE_FIRST = {"乡镇", "残疾类别", "残疾等级", "务工月数"}

QUESTIONS = {
    "双碾乡": {"月数文字：连续外出务工月数": "台账!N39"},
    "枣庄高新区": {},
    "阜阳市": {"月数文字：合同月数": "台账!AN44", "空白按0：生产经营性支出": "台账!BL3"},
    "奉节县": {"月数文字：赡养金缴纳月数": "台账!AH37"},
    "前进区": {},
}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_column_is_read_as_meant(name):
    ledger = read_ledger(ledger_of(name))
    assert ledger.policy.short_name == name and len(ledger.tables) == 1 and ledger.main.kind == "人员"
    found = {c.path[-1].replace("\n", ""): c.field.name for c in ledger.main.columns if c.field}
    meant = {**IDENTITY, **INCOME, **LATER, **CLAIMS[name]}
    if name == "双碾乡":
        meant = {header: field for header, field in meant.items() if header not in NOT_IN_THE_FIRST}
    assert found == meant
    assert not [column for column in ledger.main.columns if not column.field]
    assert {question.key: question.place for question in ledger.questions} == QUESTIONS[name]


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_period_before_asks_nothing(name):
    ledger = read_ledger(ledger_of(name, "_上期"))
    assert ledger.policy.short_name == name and ledger.questions == []


ROSTER = {
    "序号": "sequence",
    "支付状态": "paid_state",
    "户主姓名": "head_name",
    "户主身份证号": "head_id",
    "收款人姓名": "payee_name",
    "收款人身份证号": "payee_id",
    "银行账号": "bank_account",
    "开户银行": "bank_name",
    "村(居)委会": "village",
    "村(居)民小组": "group",
    "享受人": "name",
    "享受人身份证号": "beneficiary_id",
    "联系电话": "phone",
    "现居住地": "address",
    "年龄": "age",
    "补贴标准": "paid_standard",
    "补贴金额": "paid_amount",
    "填报日期": "paid_date",
    "与户主关系": "relation",
    "备注": "remark",
    "事项": "paid_measure",
    "停发原因": "stop_reason",
    "原金额": "paid_original",
}


@pytest.mark.parametrize("name", PAID)
def test_tables_of_payments_are_read_as_meant(name):
    ledger = read_ledger(WORKBOOKS / f"{name}发放表.xlsx", policy=name)
    assert ledger.questions == [] and [table.kind for table in ledger.tables] == ["发放"]
    assert {c.path[-1].replace("\n", ""): c.field.name for c in ledger.tables[0].columns if c.field} == ROSTER


# ---- what the checks find: all that is wrong, and the doubts beside incomes that rose or fell

TWICE = "id_two_households"
FOUND = {
    "双碾乡": (
        {("error_cell", "O79"), ("cell_months", "N39")},
        {
            *(("gone_works", cell) for cell in ("J53", "J80", "J187", "J213")),
            *(("cell_word", cell) for cell in ("L76", "L94", "L148", "X196")),
            ("months_without_wage", "O85"),
            ("cell_flag", "AC191"),
        },
    ),
    "枣庄高新区": (
        {(TWICE, "I117"), (TWICE, "I156"), ("net_income_sum", "BN221"), ("per_capita_differs", "BW221")},
        {
            *(("account_shared", cell) for cell in ("CP117", "CP156")),
            ("cell_word", "AM157"),
            ("cell_undecided", "AG28"),
        },
    ),
    "阜阳市": (
        {(TWICE, "I89"), (TWICE, "I157"), ("cleared_before_identified", "N40"), ("cell_months", "AN44")},
        {*(("account_shared", cell) for cell in ("CM89", "CM157")), ("cell_flag", "AF50"), ("cell_word", "AM17")},
    ),
    "奉节县": (
        {(TWICE, "I151"), (TWICE, "I210"), ("cell_months", "AH37"), ("cell_money", "AL89")},
        {
            *(("account_shared", cell) for cell in ("CQ151", "CQ210")),
            *(("review_late", cell) for cell in ("CL89", "CL100")),
            ("new_measures_late", "CM100"),
            ("cell_flag", "AR184"),
            ("cell_word", "AK56"),
        },
    ),
    "前进区": (
        {
            *((TWICE, cell) for cell in ("I41", "I84")),
            *(("annual_income_sum", "AZ113"), ("wage_income_parts", "AL113"), ("income_negative", "AM30")),
        },
        {
            *(("account_shared", cell) for cell in ("CF41", "CF84")),
            *(("income_unchanged", "BE95"), ("cell_undecided", "AP94")),
        },
    ),
}
OF_INCOMES = {"income_drop", "income_jump"}


def doubts(file, severity):
    found = {(doubt.check, doubt.cell) for doubt in check_file(file).doubts if doubt.severity == severity}
    return {(check, cell) for check, cell in found if check not in OF_INCOMES}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_checks_find_what_is_meant(name):
    wrong, doubted = FOUND[name]
    assert doubts(ledger_of(name), "错误") == wrong
    assert doubts(ledger_of(name), "疑点") == doubted


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_period_before_is_clean(name):
    twice = {(TWICE, "G186"), (TWICE, "G391")} if name == "双碾乡" else set()
    assert doubts(ledger_of(name, "_上期"), "错误") == twice


@pytest.mark.parametrize("name", PAID)
def test_the_tables_of_payments_have_one_repeated_row(name):
    cell = "L11" if name == "枣庄高新区" else "L12"
    assert doubts(WORKBOOKS / f"{name}发放表.xlsx", "错误") == {("roster_repeated", cell)}


# ---- rows reckoned by hand
# 枣庄高新区
# 第11条  保费全额补贴    第12条  有劳动力、有意愿的低收入（人均不到11000）脱贫户，投资额50%，最高5000
# 第20条  60周岁（一、二级残疾55），每月缴300以内，不超过30%    第21条  缴费年龄段代缴最低标准
# 脱贫户：脱贫享受政策户，未消除风险的监测户
# 阜阳市
# 第13条  返乡创业、首次创办小微企业，不低于5000    第14条  每人每天50    第15条  当年毕业、小微企业、6个月、社保，3000
# 奉节县
# 序言    2021年不高于10000、2022年预估低于10000的脱贫户，未消除风险的监测户
# 第四条  监测对象产业奖扶不高于3000，五小经济不高于2000    第七条  新入学大学生不低于3000，雨露计划除外
# 第八条  60周岁，缴纳额10%，每月最多60

BY_HAND = [
    # 投资1800 × 50% = 900；代缴300
    ("枣庄高新区", 35, {"庭院经济奖补": 900, "养老保险代缴": 300}),
    # 人均15000，不是低收入，投资9600不补；代缴300
    ("枣庄高新区", 36, {"养老保险代缴": 300}),
    # 300 × 0.2 × 12 = 720
    ("枣庄高新区", 40, {"孝善养老奖补": 720}),
    # 保费240；100 × 0.2 × 12 = 240
    ("枣庄高新区", 57, {"生产保险保费补贴": 240, "孝善养老奖补": 240}),
    # 没有意愿，投资7200不补；保费86.40；代缴300（选的是1000一档）
    ("枣庄高新区", 72, {"生产保险保费补贴": 86.4, "养老保险代缴": 300}),
    # 12800 × 50% = 6400，最高5000；保费240
    ("枣庄高新区", 130, {"庭院经济奖补": 5000, "生产保险保费补贴": 240}),
    # 300 × 0.3 × 9 = 810
    ("枣庄高新区", 131, {"孝善养老奖补": 810}),
    # 300 × 0.3 × 12 = 1080
    ("枣庄高新区", 139, {"孝善养老奖补": 1080}),
    # 10999.99，低收入；100 × 0.3 × 9 = 270
    ("枣庄高新区", 200, {"孝善养老奖补": 270}),
    # 脱贫不享受政策户，老人缴了赡养金也不奖补
    ("枣庄高新区", 161, {}),
    ("阜阳市", 16, {"创业补贴": 5000}),
    # 20 × 50
    ("阜阳市", 30, {"培训生活费补贴": 1000}),
    # typed as 20天
    ("阜阳市", 41, {"培训生活费补贴": 1000}),
    # 返乡、自主创业，但不是首次创办小微企业
    ("阜阳市", 46, {}),
    # 大型企业，3个月
    ("阜阳市", 62, {}),
    # 2023年毕业、小微企业、24个月、社保
    ("阜阳市", 109, {"毕业生就业补贴": 3000}),
    # 15 × 50
    ("阜阳市", 205, {"培训生活费补贴": 750}),
    # 2021年正好10000，计入；核定2000
    ("奉节县", 4, {"产业到户奖补": 2000}),
    # 500 × 10% = 50，3个月
    ("奉节县", 8, {"孝善养老奖补": 150}),
    # 2021年10000.01、2022年正好10000，都不计入
    ("奉节县", 20, {}),
    ("奉节县", 24, {"新生助学资助": 3000}),
    # typed as 600元; min(600 × 10%, 60) × 6
    ("奉节县", 39, {"孝善养老奖补": 360}),
    # 2021年和预估都高于10000
    ("奉节县", 63, {}),
    # 2021年1.05万元高于10000，预估8326.32低于10000；核定2000
    ("奉节县", 82, {"产业到户奖补": 2000}),
    # 已享受监测对象产业奖扶，五小经济不再享受
    ("奉节县", 97, {}),
    # 核定2600，不高于2000；200 × 10% × 6
    ("奉节县", 107, {"产业到户奖补": 2000, "孝善养老奖补": 120}),
    # 核定3600，不高于3000
    ("奉节县", 131, {"产业到户奖补": 3000}),
    # min(600 × 10%, 60) × 12
    ("奉节县", 135, {"孝善养老奖补": 720}),
    # 风险已消除的边缘易致贫户不在范围
    ("奉节县", 215, {}),
]
#: some of what the rows above rest on
RESTS_ON = {
    ("枣庄高新区", 35): {"风险是否已消除": "未消除", "投资额": 1800, "家庭人均纯收入": 7462.06},
    ("枣庄高新区", 36): {"户类型": "脱贫享受政策户", "投资额": 9600, "家庭人均纯收入": 15000},
    ("枣庄高新区", 40): {"周岁年龄": 73, "子女月缴赡养金": 300, "赡养金缴纳月数": 12, "奖补比例": 0.2},
    ("枣庄高新区", 72): {"本人自愿": "否", "投资额": 7200, "保费": 86.4, "所选缴费标准": 1000},
    ("枣庄高新区", 130): {"投资额": 12800, "有劳动力": "是", "本人自愿": "是", "家庭人均纯收入": 10655, "保费": 240},
    ("枣庄高新区", 161): {"户类型": "脱贫不享受政策户", "保费": 360},
    ("枣庄高新区", 200): {"家庭人均纯收入": 10999.99, "子女月缴赡养金": 100, "赡养金缴纳月数": 9},
    ("阜阳市", 16): {"返乡回流": "是", "自主创业": "是", "首次创办小微企业": "是", "以前已享受创业补贴": "否"},
    ("阜阳市", 46): {"返乡回流": "是", "自主创业": "是", "首次创办小微企业": "否"},
    ("阜阳市", 109): {"毕业年份": 2023, "年份": 2023, "就业单位类型": "小微企业", "合同月数": 24},
    ("奉节县", 4): {"2021年人均纯收入": 10000, "2022年预估人均纯收入": 10500, "核定奖补额": 2000},
    ("奉节县", 8): {"周岁年龄": 68, "子女月缴赡养金": 500, "赡养金缴纳月数": 3},
    ("奉节县", 20): {"2021年人均纯收入": 10000.01, "2022年预估人均纯收入": 10000, "子女月缴赡养金": 300},
    ("奉节县", 82): {"2021年人均纯收入": "1.05万元", "2022年预估人均纯收入": 8326.32},
    ("奉节县", 97): {"奖补途径": "五小经济奖补", "已享受2022年监测对象产业奖扶": "是", "风险是否已消除": "未消除"},
    ("奉节县", 131): {"奖补途径": "监测对象产业奖扶", "核定奖补额": 3600, "风险是否已消除": "未消除"},
    ("奉节县", 215): {"风险是否已消除": "已消除", "子女月缴赡养金": 600, "核定奖补额": 2600},
}
MEASURES = {
    "枣庄高新区": ("庭院经济奖补", "生产保险保费补贴", "孝善养老奖补", "养老保险代缴"),
    "阜阳市": ("创业补贴", "培训生活费补贴", "毕业生就业补贴"),
    "奉节县": ("产业到户奖补", "孝善养老奖补", "新生助学资助"),
}


@pytest.mark.parametrize(("name", "number", "amounts"), BY_HAND, ids=[f"{row[0]}{row[1]}" for row in BY_HAND])
def test_a_row_reckoned_by_hand(rows, filled, name, number, amounts):
    inputs = RESTS_ON.get((name, number), {})
    assert {header: rows[name, ""][number].get(header) for header in inputs} == inputs
    row = filled[name][number]
    assert {m: row[f"应享{m}"] for m in MEASURES[name]} == {m: amounts.get(m, 0) for m in MEASURES[name]}
    assert {header for header in row if header.startswith("应享") and "合计" not in header} == {
        f"应享{measure}" for measure in MEASURES[name]
    }


@pytest.mark.parametrize(
    ("name", "number", "measure", "cell"),
    [
        ("枣庄高新区", 13, "生产保险保费补贴", 86.4),
        ("枣庄高新区", 28, "孝善养老奖补", "#N/A"),
        ("枣庄高新区", 68, "孝善养老奖补", "#NUM!"),
        ("枣庄高新区", 31, "庭院经济奖补", "#NUM!"),
        ("枣庄高新区", 56, "养老保险代缴", "#N/A"),
        ("枣庄高新区", 8, "养老保险代缴", "#NUM!"),
        ("枣庄高新区", 157, "生产保险保费补贴", "#VALUE!"),
        ("枣庄高新区", 84, "庭院经济奖补", "#N/A"),
        ("阜阳市", 42, "培训生活费补贴", "#NUM!"),
        ("阜阳市", 44, "毕业生就业补贴", "#VALUE!"),
        ("阜阳市", 17, "毕业生就业补贴", "#VALUE!"),
        ("阜阳市", 50, "创业补贴", "#N/A"),
        ("奉节县", 37, "孝善养老奖补", "#VALUE!"),
        ("奉节县", 56, "产业到户奖补", "#VALUE!"),
        ("奉节县", 64, "产业到户奖补", "#N/A"),
        ("奉节县", 184, "新生助学资助", "#N/A"),
        ("奉节县", 89, "产业到户奖补", "#VALUE!"),
    ],
)
def test_what_clerks_really_type(filled, name, number, measure, cell):
    assert filled[name][number][f"应享{measure}"] == cell


def told(name, function, facts):
    """The results of a function over the rows of a ledger, its settings as the ledger has them."""
    ledger = read_ledger(ledger_of(name))
    table = main_table(ledger)
    rows, _ = ready_rows(ledger, table)
    columns = {argument: rows.get(field) for argument, field in facts.items()}
    results = batch(find(function), columns, rows.count, ledger.policy.id, [None] * rows.count, ledger.settings)
    return {table.row_number(row): result.error or result.value for row, result in enumerate(results)}


def test_incomes_at_the_lines_of_the_tiers(rows):
    found = told("枣庄高新区", "TIER", {"per_capita_income": "per_capita_income", "household_type": "household_type",
                                   "risk_status": "risk_status"})  # fmt: skip
    # 15000 ≥ 15000；11000 ≥ 11000；10999.99 < 11000；脱贫不享受政策户；没有注明是否享受
    assert [rows["枣庄高新区", ""][number]["家庭人均纯收入"] for number in (36, 37, 200)] == [15000, 11000, 10999.99]
    assert [found[number] for number in (36, 37, 200, 161)] == ["高收入", "中等收入", "低收入", "不适用"]
    assert isinstance(found[56], CellError)


def test_incomes_at_the_line_of_the_watch_lists(filled):
    table = filled["阜阳市"]
    # 29999.99 ÷ 3 < 10000，上年30000 ÷ 3；10000整两年持平
    assert table[158]["核算人均纯收入"] < 10000 == table[158]["上年人均纯收入"]
    assert table[158]["核算纯收入"] == 29999.99
    assert table[215]["核算人均纯收入"] == table[215]["上年人均纯收入"] == 10000
    assert table[117]["核算人均纯收入"] == "#N/A"  # expense blank


def test_a_household_whose_income_stays_the_same(rows):
    row = rows["前进区", ""][95]
    assert row["纯收入"] == row["上年纯收入"] == 16450


# ---- the period before: what changed, by plain reading of both workbooks
# only now, only then (name, relation), now in another household, marked gone, taken up or its risk ended

CHANGED = {
    "双碾乡": {
        "came": {("赵金军", "之父")},
        "left": {("金雪梅", "之母")},
        "moved": {"秦建义", "郑彩英", "秦子轩", "秦雨桐", "杨春成", "鲁秋仙"},
        "gone": {"死亡": 4, "迁出": 4, "自然减少": 3},
        "heads": {("苗志才", "苗国平")},
        "types": {("一般农户", "边缘易致贫户"), ("一般农户", "突发严重困难户"), ("脱贫户", "脱贫不稳定户")},
        "ended": 2,
    },
    "枣庄高新区": {
        "came": {("鲁若曦", "之孙女"), ("鲁巧花", "之母")},
        "left": {("鲁文喜", "之父")},
        "moved": {"苗明喜", "严凤莲", "苗子轩", "金秀梅"},
        "gone": {"死亡": 1, "迁出": 1},
        "heads": {("李金军", "李国田")},
        "types": {
            ("脱贫享受政策户", "脱贫不享受政策户"),
            ("脱贫享受政策户", "脱贫不稳定户"),
            ("脱贫享受政策户", "脱贫户"),  # DIRT K56
            ("一般农户", "边缘易致贫户"),
        },
        "ended": 1,
    },
    "阜阳市": {
        "came": {("鲁翠芳", "之母"), ("范子轩", "之子")},
        "left": {("蒋贵军", "之父")},
        "moved": {"柳永成", "马桂仙", "柳佳宁", "韩月云"},
        "gone": {"死亡": 1, "迁出": 1},
        "heads": {("钱文山", "钱志泉")},
        "types": {("一般农户", "突发严重困难户"), ("一般农户", "边缘易致贫户")},
        "ended": 1,
    },
    "奉节县": {
        "came": {("吕月云", "之母"), ("许可欣", "之女")},
        "left": {("冯秋仙", "之母")},
        "moved": {"金文亮", "吕兰梅", "金雨桐", "金欣怡", "何玉梅"},
        "gone": {"死亡": 1, "迁出": 1},
        "heads": {("钱志泉", "钱春旺")},
        "types": {("一般农户", "突发严重困难户"), ("脱贫户", "脱贫不稳定户")},
        "ended": 1,
    },
    "前进区": {
        "came": {("谢翠莲", "之母"), ("谢俊杰", "之子")},
        "left": {("姜玉花", "之母")},
        "moved": {"郑玉军", "吴玉芳", "郑子轩", "陈月香"},
        "gone": {"死亡": 1, "迁出": 1},
        "heads": {("冯德田", "冯志山")},
        "types": {("一般农户", "边缘易致贫户"), ("一般农户", "突发严重困难户")},
        "ended": 1,
    },
}
#: who stands in two villages, in which period
TWICE_LISTED = {
    "双碾乡": ("_上期", "邹静怡"),
    "枣庄高新区": ("", "苏若曦"),
    "阜阳市": ("", "杨心悦"),
    "奉节县": ("", "姜晓彤"),
    "前进区": ("", "郑晓彤"),
}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_what_changed_between_the_periods(rows, name):
    then, now = rows[name, "_上期"].values(), rows[name, ""].values()
    before = {person(row): row for row in reversed(then)}
    after = {person(row): row for row in now if (row["姓名"], row["与户主关系"]) != (TWICE_LISTED[name][1], "之儿媳")}
    both = [(before[number], after[number]) for number in before.keys() & after.keys()]
    heads = [{row["户编号"]: row["姓名"] for row in one if row["与户主关系"] == "户主"} for one in (then, now)]
    found = {
        "came": {(after[n]["姓名"], after[n]["与户主关系"]) for n in after.keys() - before.keys()},
        "left": {(before[n]["姓名"], before[n]["与户主关系"]) for n in before.keys() - after.keys()},
        "moved": {new["姓名"] for old, new in both if old["户编号"] != new["户编号"]},
        "gone": dict(Counter(new["人口状态"] for old, new in both if old["人口状态"] != new["人口状态"])),
        "heads": {(heads[0][n], heads[1][n]) for n in heads[0].keys() & heads[1].keys() if heads[0][n] != heads[1][n]},
        "types": {(old["户类型"], new["户类型"]) for old, new in both
                  if old["户类型"] != new["户类型"] and old["户编号"] == new["户编号"]},
        "ended": len({new["户编号"] for old, new in both
                      if (old.get("风险是否已消除"), new.get("风险是否已消除")) == ("未消除", "已消除")}),
    }  # fmt: skip
    assert found == CHANGED[name]


@pytest.mark.parametrize("name", DOCUMENTS)
def test_somebody_stands_in_two_villages(rows, name):
    period, who = TWICE_LISTED[name]
    for one in ("", "_上期"):
        listed = {}
        for row in rows[name, one].values():
            listed.setdefault(person(row), []).append(row)
        several = [own for own in listed.values() if len(own) > 1]
        assert [own[0]["姓名"] for own in several] == ([who] if one == period else [])
        for own in several:
            assert len({row["行政村"] for row in own}) == 2 and {row["人口状态"] for row in own} == {"正常"}


KINDS = ("工资性收入", "生产经营性收入", "财产性收入", "转移性收入", "生产经营性支出")


@pytest.mark.parametrize("name", DOCUMENTS)
def test_last_years_columns_are_the_period_before(rows, name):
    """But for the two households that were others then, and cells that are dirt."""
    then, now = by_household(rows[name, "_上期"]), by_household(rows[name, ""])
    was_in = {person(row): row["户编号"] for own in then.values() for row in own if row["与户主关系"] != "之儿媳"}
    split_or_merged = set()
    for own in now.values():
        for row in own:
            if row["户编号"] != was_in.get(person(row), row["户编号"]) and row["与户主关系"] != "之儿媳":
                split_or_merged |= {row["户编号"], was_in[person(row)]}
    differ = {
        household
        for household in then.keys() & now.keys()
        if [then[household][0][kind] for kind in KINDS] != [now[household][0].get(f"上年{kind}") for kind in KINDS]
    }
    dirty = {rows[name, ""][68]["户编号"]} if name == "前进区" else set()
    assert differ - dirty == split_or_merged & then.keys() & now.keys()


@pytest.mark.parametrize("period", ["", "_上期"])
@pytest.mark.parametrize("name", DOCUMENTS)
def test_incomes_add_up(rows, name, period):
    """The four kinds, less the expense, in fen; dirt aside."""
    parts = {
        "工资性收入": ("务工收入", "公益性岗位收入", "其他工资性收入"),
        "生产经营性收入": ("种植业收入", "养殖业收入", "其他生产经营性收入"),
        "财产性收入": ("资产收益扶贫分红收入", "土地流转收入"),
        "转移性收入": ("低保金", "特困人员救助供养金", "养老保险金", "生态补偿金", "其他转移性收入"),
        "生产经营性支出": ("种植业支出", "养殖业支出", "其他支出"),
        "年收入": KINDS[:4],
    }
    dirty = {"前进区": (30, 31, 94, 113), "阜阳市": (77, 117), "枣庄高新区": (221,)}.get(name, ()) if not period else ()
    for number, row in rows[name, period].items():
        if number in dirty or "年收入" not in row:
            continue
        for whole, items in parts.items():
            assert round(row[whole] * 100) == sum(round(row[item] * 100) for item in items), (number, whole)
        if "纯收入" in row:
            net = round(row["年收入"] * 100) - round(row["生产经营性支出"] * 100)
            assert round(row["纯收入"] * 100) == net
            if "家庭人均纯收入" in row:
                assert abs(row["家庭人均纯收入"] * 100 - net / row["年度家庭人口数"]) <= 0.5 + 1e-6


# ---- payments: 事项, what was paid (None: stopped), what is due by the text (None: who is in no ledger)

LINES = {
    "双碾乡": [
        ("创业补贴", 5000, 5000),
        ("交通补贴", 1500, 1500),
        ("稳岗补助", 1200, 1200),
        ("耕地地力补贴", 1326.6, 1326.6),  # 19.8 × 67
        ("培训生活费补贴", 525, 525),  # 35 × 15
        ("交通补贴", 1500, 600),
        ("交通补贴", 600, 1500),
        ("交通补贴", 1500, 1500),
        ("交通补贴", 1500, 1500),  # the same again
        ("交通补贴", 600, 0),  # moved away
        ("交通补贴", 1500, None),
        ("稳岗补助", None, 1200),
        ("场租补贴", 2400, 2400),
    ],
    "枣庄高新区": [
        ("孝善养老奖补", 1080, 1080),  # 300 × 0.3 × 12
        ("孝善养老奖补", 270, 270),  # 100 × 0.3 × 9
        ("生产保险保费补贴", 240, 240),
        ("庭院经济奖补", 4800, 4800),  # 9600 × 50%
        ("庭院经济奖补", 6400, 5000),
        ("孝善养老奖补", 600, 720),  # 300 × 0.2 × 12
        ("生产保险保费补贴", 86.4, 86.4),
        ("生产保险保费补贴", 86.4, 86.4),
        ("孝善养老奖补", 1080, None),
        ("孝善养老奖补", None, 720),  # 200 × 0.3 × 12
        ("孝善养老奖补", 810, 810),  # 300 × 0.3 × 9
    ],
    "阜阳市": [
        ("培训生活费补贴", 1000, 1000),
        ("培训生活费补贴", 150, 150),
        ("毕业生就业补贴", 3000, 3000),
        ("创业补贴", 5000, 5000),
        ("创业补贴", 6000, 5000),  # 5000 is the least
        ("创业补贴", 3000, 5000),
        ("培训生活费补贴", 1000, 750),
        ("培训生活费补贴", 250, 250),
        ("培训生活费补贴", 250, 250),
        ("培训生活费补贴", 500, None),
        ("培训生活费补贴", None, 1000),
        ("培训生活费补贴", 1000, 1000),
    ],
    "奉节县": [
        ("产业到户奖补", 3000, 3000),
        ("产业到户奖补", 1500, 1500),
        ("孝善养老奖补", 120, 120),
        ("新生助学资助", 3000, 3000),
        ("新生助学资助", 3000, 0),  # neither income is low
        ("产业到户奖补", 3000, 2400),
        ("孝善养老奖补", 360, 720),
        ("产业到户奖补", 1500, 1500),
        ("产业到户奖补", 1500, 1500),
        ("产业到户奖补", 2000, None),
        ("孝善养老奖补", None, 360),  # min(600 × 10%, 60) × 6
        ("产业到户奖补", 3000, 3000),
    ],
}


@pytest.mark.parametrize("name", PAID)
def test_payments(filled, name):
    lines = list(raw(WORKBOOKS / f"{name}发放表.xlsx", "发放表").values())
    known = {person(row): row for row in filled[name].values()}
    due = [known.get(row["享受人身份证号"], {}).get(f"应享{row['事项']}") for row in lines]
    assert [(row["事项"], row.get("补贴金额"), one) for row, one in zip(lines, due, strict=True)] == LINES[name]
    assert [row["享受人"] for row, one in zip(lines, due, strict=True) if one is None] == ["石小满"]
    stopped = [row for row in lines if row["支付状态"] == "停发"]
    assert len(stopped) == 1 and stopped[0]["停发原因"] and "补贴金额" not in stopped[0]
    corrected = [row for row in lines if "原金额" in row]
    assert len(corrected) == 1 and corrected[0]["原金额"] > corrected[0]["补贴金额"]
    repeated = Counter((row["享受人身份证号"], row["事项"]) for row in lines)
    assert sorted(repeated.values()) == [1] * (len(lines) - 2) + [2]
    for row in lines:
        assert len(row["享受人身份证号"]) == len(row["收款人身份证号"]) == 18 and len(row["银行账号"]) == 19
        if row["享受人身份证号"] in known:
            assert row["银行账号"] == known[row["收款人身份证号"]]["银行账号"]
            assert row["享受人"] == known[row["享受人身份证号"]]["姓名"]
