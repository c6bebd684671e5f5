"""What the texts of a header say: known words, units, remarks, headers over headers, and what is only nearly a word."""

from __future__ import annotations

import pytest

from xl_poverty.errors import LedgerError
from xl_poverty.formulas.signatures import Signature, plain_arguments, signatures
from xl_poverty.ledger.fields import fields, table
from xl_poverty.ledger.headers import (
    APART,
    ASKED,
    LIKE,
    NONE,
    SPARE,
    TAKEN,
    common_vocabulary,
    field_of,
    header_key,
    key_of,
    meant,
    own_unit,
    unit_of_line,
    vocabulary_of,
)


def says(*path: str):
    return vocabulary_of().match(path)


def name(*path: str) -> str | None:
    """The field that a header is taken for."""
    match = says(*path)
    return match.field.name if match.state in (TAKEN, SPARE) else None


# ---- the table


def test_every_header_means_one_thing():
    seen = {}
    for field in fields().values():
        for header in field.headers:
            assert seen.setdefault(key_of(header), field.name) == field.name, header
    labels = [field.label for field in fields().values()]
    assert len(labels) == len(set(labels))


def test_every_known_header_is_taken_for_its_field():
    for field in fields().values():
        for header in field.headers:
            assert (name(header), says(header).confidence) == (field.name, 1.0), header


def test_words_of_groups_do_not_contradict_each_other():
    groups = table()["groups"]
    assert not set(groups["neutral"]) & set(groups["foreign"])
    assert len(table()["likeness"]["changing"]) == len(set(table()["likeness"]["changing"]))
    assert all(field_of(word) for word in table()["beside"])


def test_the_office_may_name_every_field():
    for field in fields().values():
        vocabulary = vocabulary_of({field.name: ["本办叫法"]})
        assert vocabulary.match(["本办叫法"]).field == field
        assert vocabulary_of({field.label: ["本办叫法"]}).match(["本办叫法"]).field == field


# ---- a text by itself


@pytest.mark.parametrize(
    "header",
    [
        "证件号码",
        " 证件号码 ",
        "证件\n号码",
        "证 件 号 码",
        "证　件　号　码",
        "证件号码\t",
        "证件\u200b号码",
        "证件号码*",
    ],
)
def test_width_blanks_and_line_breaks_do_not_matter(header):
    assert name(header) == "id_number"


@pytest.mark.parametrize("header", ["县(市、区、旗)", "县（市、区、旗）", "县 （市、区、旗）"])
def test_brackets_of_either_width(header):
    assert name(header) == "county"


def test_how_a_header_was_recognised():
    assert (says("证件号码").confidence, says("证件号码").how) == (1.0, "表头即“证件号码”")
    assert (says("年收入（元）").confidence, says("年收入（元）").how) == (0.98, "表头去掉“(元)”即“年收入”")
    joined = says("务工情况", "地点")
    assert (joined.confidence, joined.how) == (0.95, "上级表头“务工情况”＋“地点”，即“务工地点”")
    alone = says("基本情况", "姓名")
    assert (alone.confidence, alone.how) == (0.9, "表头即“姓名”（上级表头“基本情况”）")


@pytest.mark.parametrize(
    ("header", "field", "unit"),
    [
        ("年收入（元）", "annual_income", "元"),
        ("年收入(万元)", "annual_income", "万元"),
        ("年收入 （元／年）", "annual_income", "元/年"),
        ("年收入\n（单位：元）", "annual_income", "元"),
        ("年收入\n元", "annual_income", "元"),
        ("年收入/万元", "annual_income", "万元"),
        ("月工资（元/月）", "monthly_wage", "元/月"),
        ("务工时间（月）", "work_months", "月"),
        ("务工时间（个月）", "work_months", "个月"),
        ("耕地面积（亩）", "arable_mu", "亩"),
        ("耕地面积（公顷）", "arable_mu", "公顷"),
        ("家庭人口数（口）", "household_size", "口"),
        ("年龄（岁）", "age", "岁"),
        ("奖补比例（%）", "rate", "%"),
        ("公益性岗位(月数)", "public_post_months", ""),
        ("证件号码", "id_number", ""),
        ("A17a 工资性收入(元)", "wage_income", "元"),
        ("1.工资性收入（元）", "wage_income", "元"),
        ("（一）工资性收入", "wage_income", ""),
        ("一、工资性收入", "wage_income", ""),
        ("其中：务工收入", "work_income", ""),
        ("年收入（年）", "annual_income", ""),
        ("户\n数", None, ""),
        ("是否危房\n户", "unsafe_house", ""),
    ],
)
def test_a_header_with_its_unit(header, field, unit):
    match = says(header)
    assert (name(header), match.unit) == (field, unit)


@pytest.mark.parametrize(
    "header",
    [
        "低保金（人）",
        "养老金（户）",
        "姓名（人）",
        "务工时间（天）",
        "耕地面积（元）",
        "产业帮扶（户）",
        "年收入（亩）",
        "人数（元）",
    ],
)
def test_a_unit_that_belongs_to_something_else(header):
    match = says(header)
    assert (match.state, name(header)) == (NONE, None) and "单位是" in match.how


def test_units_of_headers_and_of_lines():
    assert [own_unit(text) for text in ("收入（万元）", "收入", "（元）收入")] == ["万元", "", ""]
    lines = {
        "金额单位：万元": "万元",
        "单位：元": "元",
        "（单位：元）": "元",
        "填报单位：测试乡　　单位：万元": "万元",
        "单位：元、亩": "元",
        "单位：人、户": "",
        "填报单位：元测试村": "",
        "填报单位（盖章）  2023年5月": "",
        "村名： 村支书： 金额单位：万元": "万元",
        "单位：元、万元": "",
        "单位：元/人": "元/人",
    }
    assert {line: unit_of_line(line) for line in lines} == lines


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("银行卡号（农商行）", "bank_account"),
        ("姓名（必填）", "name"),
        ("性别（男/女）", "sex"),
        ("证件号码(残疾人证)（必填）", "id_number"),
        ("姓名（户主）", "head_name"),
        ("姓名（监护人）", None),
        ("联系电话（帮扶责任人）", "helper_phone"),
        ("姓名（曾用名）", None),
        ("出生日期（YYYYMMDD）", "birth_date"),
        ("风险是否已消除.1", "risk_status"),
    ],
)
def test_a_remark_in_brackets(header, field):
    assert name(header) == field


@pytest.mark.parametrize("header", ["纯收入（含补贴）", "纯收入（2022年）", "识别监测时间（上报）", "务工时间（预计）"])
def test_a_remark_that_may_make_another_thing_of_it(header):
    assert says(header).state == ASKED and says(header).about


def test_fields_that_repeat_are_numbered():
    for header in ("致贫/返贫风险1", "致贫／返贫风险５", "致贫返贫风险(2)", "风险类型二"):
        assert name(header) == "risk", header
    assert name("主要致贫原因1") == "cause" and name("姓名1") is None and name("劳动技能2") is None


# ---- headers over headers


@pytest.mark.parametrize(
    ("path", "field"),
    [
        (("务工情况", "地点"), "work_place"),
        (("外出务工情况", "地点"), "work_place"),
        (("务工情况", "开始时间"), "work_start"),
        (("帮扶责任人", "姓名"), "helper_name"),
        (("帮扶责任人", "联系电话"), "helper_phone"),
        (("帮扶人", "电话"), "helper_phone"),
        (("户主", "姓名"), "head_name"),
        (("户主信息", "证件号码"), "head_id"),
        (("户主", "联系电话"), "household_phone"),
        (("上年", "人均纯收入"), "per_capita_last_year"),
        (("一卡通", "账号"), "bank_account"),
        (("交通补贴", "本年已享受"), "TRAVEL_SUBSIDY.claimed_this_year"),
        (("基本情况", "姓名"), "name"),
        (("家庭成员基本情况", "证件号码"), "id_number"),
        (("一、户基本信息", "户编号"), "household_id"),
        (("家庭收入", "工资性收入", "小计"), "wage_income"),
        (("家庭收入", "工资性收入", "务工收入"), "work_income"),
        (("三保障", "是否危房户"), "unsafe_house"),
        (("收入（万元）", "务工收入"), "work_income"),
        (("监护人", "姓名"), None),
        (("监护人", "民族"), None),
        (("村干部", "联系电话"), None),
        (("帮扶责任人", "文化程度"), None),
        (("农房", "面积"), None),
        (("收款人", "联系电话"), None),
        (("户主", "性别"), None),
    ],
)
def test_a_header_under_others(path, field):
    assert name(*path) == field


def test_general_words_under_a_header_that_nobody_knows():
    for path in (("包联情况", "姓名"), ("包联情况", "联系电话"), ("收入情况", "备注")):
        assert says(*path).state == APART, path


def test_a_year_or_a_plan_over_a_header_is_asked():
    for path in (
        ("2022年收入情况", "工资性收入"),
        ("预计", "务工月数"),
        ("2023年计划", "产业帮扶"),
        ("下年度", "人均纯收入"),
    ):
        assert says(*path).state == ASKED and says(*path).about == path[0], path
    assert name("本年度收入", "工资性收入") == "wage_income"


def test_the_unit_of_a_group_holds_for_its_columns():
    assert says("收入（万元）", "务工收入").unit == "万元"
    assert says("收入（万元）", "务工收入（元）").unit == "元"


# ---- nearly a known header


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("检测对象类形", "monitor_type"),
        ("监测对像类别", "monitor_type"),
        ("与户主关糸", "relation"),
        ("文化成度", "education"),
        ("联系电活", "phone"),
        ("证件号吗", "id_number"),
        ("识别监侧时间", "identified_date"),
        ("联系系电话", "phone"),
        ("身份号码证", None),
        ("联电系话", "phone"),
        ("户主姓名", None),
        ("出生日", None),
        ("残疾类型", "disability_category"),
        ("发卡日期", None),
        ("返校时间", None),
        ("房主证件号码", None),
        ("房主电话", None),
        ("识别监则时间", None),
        ("风险是否己消除", "risk_status"),
        ("风险是否未消除", None),
    ],
)
def test_one_letter_is_wrong_missing_doubled_or_two_are_swapped(header, field):
    match = says(header)
    found = match.field.name if match.state == LIKE and match.proven else None
    assert found == field


def test_letters_that_change_the_meaning_are_no_slip():
    for header in ("上上年纯收入", "务工年数", "已享受2023年监测对象产业奖扶", "本年人均纯收入", "识别后监测时间"):
        assert says(header).state != TAKEN and not says(header).proven, header
    assert says("2023年人均纯收入").state == NONE  # 2021年人均纯收入 is known
    assert says("年收元").state == NONE


def test_figures_are_alike_in_five_letters():
    assert says("转移性收人").field.name == "transfer_income"
    for header in ("养殖收益", "水田面积（亩）", "林权面积", "务工工资", "其他补贴"):
        assert says(header).state == NONE, header


def test_two_known_headers_are_equally_near():
    match = says("种殖业收入")
    assert match.state == LIKE and not match.proven
    assert {entry.field.name for entry in match.entries} == {"planting_income", "breeding_income"}


def test_long_headers_may_differ_in_two_letters():
    match = says("是否义务教育阶段适令儿童少年失学缀学")
    assert (match.state, match.field.name, match.proven) == (LIKE, "dropped_out", False)


@pytest.mark.parametrize(
    "header",
    [
        "户口类型",
        "联系人电话",
        "月工资发放单位",
        "证件有效期",
        "性别比",
        "户编码规则",
        "人均纯收入增幅",
        "年收入来源",
        "识别人",
        "name",
        "ID",
        "phone",
        "",
    ],
)
def test_other_headers(header):
    assert says(header).state == NONE


# ---- columns of one measure


def test_every_argument_with_its_measure():
    for signature in signatures().values():
        if not signature.pays:
            continue
        for argument in signature.arguments:
            if argument.kind in ("numbers", "table"):
                continue
            for header in (f"{signature.alias}{argument.label}", f"{argument.label}{signature.alias}"):
                if common_vocabulary().entry(key_of(header)).field.name in fields():
                    continue  # a header of its own meaning, such as 公益性岗位
                assert name(header) == f"{signature.name}.{argument.name}", header


def test_headers_that_a_measure_has_for_itself():
    assert (
        name("有培训意愿") == "TRAINING_LIVING.willing"
        and name("庭院经济核定奖补额") == "COURTYARD_AWARD.approved_amount"
    )
    assert name("年份") == "year"  # of several measures
    assert says("有培训意愿").field.kind == "flag" and says("庭院经济核定奖补额（万元）").unit == "万元"


def test_an_argument_under_its_own_label():
    assert name("本年已享受") == "claimed_this_year" and name("培训天数") == "days"
    assert name("指标") is None  # no measure's


def test_functions_that_a_document_has_for_itself():
    known = plain_arguments()
    own = Signature("SHOE_AID", "鞋补", "某县", (known["claimed_this_year"], known["monthly_wage"]), "元", "现金")
    vocabulary = vocabulary_of(own=[own])
    assert vocabulary.match(["鞋补本年已享受"]).field.name == "SHOE_AID.claimed_this_year"
    assert vocabulary.match(["交通补贴本年已享受"]).field.name == "TRAVEL_SUBSIDY.claimed_this_year"
    assert (
        vocabulary_of({"鞋补本年已享受": ["领过鞋"]}, [own]).match(["领过鞋"]).field.name
        == "SHOE_AID.claimed_this_year"
    )
    assert name("鞋补本年已享受") is None


# ---- the office's words


def test_an_office_has_words_of_its_own():
    vocabulary = vocabulary_of(
        {"户编号": ["家庭代码"], "monthly_wage": ["每月挣多少"], "交通补贴本年已享受": ["路费领过没有"]}
    )
    match = vocabulary.match(["家庭\n代码"])
    assert (match.field.name, match.confidence, match.how) == (
        "household_id",
        1.0,
        "按办公室设置，“家庭代码”即“户编号”",
    )
    assert vocabulary.match(["每月挣多少（元）"]).field.name == "monthly_wage"
    assert vocabulary.match(["路费领过没有"]).field.name == "TRAVEL_SUBSIDY.claimed_this_year"
    assert vocabulary.match(["证件号码"]).field.name == "id_number"
    assert vocabulary_of({"户编号": ["姓名"]}).match(["姓名"]).field.name == "household_id"  # the office knows best
    assert name("家庭代码") is None


def test_an_office_names_a_field_that_is_not_there():
    with pytest.raises(LedgerError, match="没有“家庭代号”这一项"):
        vocabulary_of({"家庭代号": ["家庭代码"]})


# ---- helpers for others


def test_field_of_one_header():
    assert [field_of(text) for text in ("证件号码", "年收入（元）", "甲")] == ["id_number", "annual_income", None]


def test_header_key():
    assert header_key(" 年 收\n入（元） ") == "年收入" == header_key("年收入(万元)")
    assert header_key("县（市、区）") == "县(市、区)" and header_key("（元）") == "(元)" and header_key(5) == "5"


def test_words_that_mean_something_under_their_header():
    cells = ["是", " 否 ", "已消除", None, 1]
    assert meant("风险是否已消除", cells) == ["已消除", "未消除", "已消除", None, 1]
    assert meant("风险是否\n已消除（是/否）", cells)[0] == "已消除" == meant("风险是否己消除", cells)[0]
    assert meant("风险／是否已消除", cells)[0] == "已消除"  # of two levels
    assert meant("监测情况／风险是否已消除", cells)[0] == "已消除"
    assert meant("是否劳动力", cells) is cells and meant("风险是否未消除", cells) is cells
