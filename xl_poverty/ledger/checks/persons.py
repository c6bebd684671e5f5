"""Age, school, labour, health and insurance of one person, against each other."""
from __future__ import annotations

import numpy as np

from ..cleaning import VALUE, Clean
from ..columns import standing
from .facts import FEMALE, MALE
from .registry import at, check

#: words that a 在校生状况 begins with -> names of the limits of its ages
_STAGES = {
    "学龄前": "preschool", "学前": "preschool", "小学": "primary", "七年级": "junior", "八年级": "junior",
    "九年级": "junior", "初中": "junior", "普通高中": "senior", "高中": "senior", "中职": "senior", "技师": "college",
    "高职": "college", "大专": "college", "本科": "college", "硕士": "graduate",
}  # fmt: skip


# ---- school


@check("education_and_school")
def education_and_school(t, terms):
    about = terms.about(t)
    both = t.cells("education").known & about.in_school & about.staying
    yield at(t, "school", both, "与文化程度都填了，在校生只填在校生状况")


@check("education_nor_school")
def education_nor_school(t, terms):
    about = terms.about(t)
    neither = t.cells("education").blank & about.lacking("school") & about.staying
    neither &= t.cells("name").known if "name" in t else True
    if neither.sum() < np.count_nonzero(about.staying):  # of empty columns another check tells
        yield at(t, "education", neither, "与在校生状况都没有填，应填其中一项")


@check("school_labour")
def school_labour(t, terms):
    about = terms.about(t)
    labour = t.cells("is_labor")
    yield at(t, "is_labor", about.in_school & labour.known & ~labour.among("否"), "不是无劳动力，而在校生状况写明在校")


def _stage(clean: Clean) -> str:
    if clean.state != VALUE:
        return ""
    return next((stage for word, stage in _STAGES.items() if str(clean.value).startswith(word)), "")


@check("school_age")
def school_age(t, terms):
    about = terms.about(t)
    cells, ages = t.cells("school"), about.ages
    stages = list(map(_stage, cells.distinct))
    for stage in filter(stages.__contains__, dict.fromkeys(_STAGES.values())):
        low, high = terms[f"{stage}_from"], terms[f"{stage}_to"]
        there = standing(cells.codes, stages, [place for place, own in enumerate(stages) if own == stage])
        odd = there & ((ages < low) | (ages > high))

        def told(row: int, low=low, high=high) -> str:
            return f"一般在{low:g}至{high:g}周岁，本人{ages[row]:.0f}周岁，{about.told(row)}"

        yield at(t, "school", odd, told)


@check("dropped_out")
def dropped_out(t, terms):
    about = terms.about(t)
    of_age = (about.ages >= terms["from"]) & (about.ages < terms["under"]) & about.staying
    without = of_age & t.cells("school").blank & ~about.has("dropout_reason")
    if not t.cells("school").blank.all():
        yield at(t, "school", without, lambda row: f"没有填，本人{about.ages[row]:.0f}周岁，{about.told(row)}")


# ---- labour and age


@check("minor_labour")
def minor_labour(t, terms):
    about = terms.about(t)
    minor = (about.ages < terms["age"]) & t.cells("is_labor").among("是", "弱劳动力或半劳动力")
    yield at(t, "is_labor", minor & about.staying, lambda row: _aged(about, row, "不应有劳动力"))


def _aged(about, row: int, text: str) -> str:
    return f"{text}，本人{about.ages[row]:.0f}周岁，{about.told(row)}"


@check("minor_post")
def minor_post(t, terms):
    about = terms.about(t)
    name = "public_post" if "public_post" in t else "public_post_months"
    yield at(t, name, (about.ages < terms["age"]) & about.has_post, lambda row: _aged(about, row, "不应有公益性岗位"))


#: where a record of work stands, the first that a table has
_WORK_FIELDS = ("work_months", "continuous_months", "monthly_wage", "work_start", "working")


def work_field(t) -> str | None:
    return next((name for name in _WORK_FIELDS if name in t), None)


@check("minor_work")
def minor_work(t, terms):
    about = terms.about(t)
    young = (about.ages < terms["age"]) & about.works
    yield at(t, work_field(t), young, lambda row: _aged(about, row, "不应有务工记录"))


@check("elder_post")
def elder_post(t, terms):
    about = terms.about(t)
    name = "public_post" if "public_post" in t else "public_post_months"
    old = (about.ages >= terms["age"]) & about.has_post & about.staying
    yield at(t, name, old, lambda row: _aged(about, row, f"{terms['age']:g}周岁及以上不应再有公益性岗位"))


@check("elder_work")
def elder_work(t, terms):
    about = terms.about(t)
    old = (about.ages >= terms["age"]) & about.works & about.staying
    yield at(t, work_field(t), old, lambda row: _aged(about, row, "是高龄务工，请核实"))


@check("healthy_without_labour")
def healthy_without_labour(t, terms):
    about = terms.about(t)
    able = (about.ages >= terms["from"]) & (about.ages <= terms["to"]) & about.holds("health", "健康") & about.staying
    idle = able & ~about.in_school & t.cells("is_labor").among("否", "弱劳动力或半劳动力")
    yield at(t, "is_labor", idle, lambda row: _aged(about, row, "与健康状况不符：身体健康、不在校而没有普通劳动力"))


@check("no_labour_works")
def no_labour_works(t, terms):
    about = terms.about(t)
    idle = t.cells("is_labor").among("否") & about.works & ~about.in_school & about.staying
    yield at(t, "is_labor", idle, "是无劳动力，却有务工记录")


@check("student_works")
def student_works(t, terms):
    about = terms.about(t)
    yield at(t, work_field(t), about.in_school & about.works & about.staying, "有务工记录，在校生状况却写明在校")


# ---- health


@check("disability_without_level")
def disability_without_level(t, terms):
    without = terms.about(t).has("disability_category") & terms.about(t).lacking("disability_level")
    without |= terms.about(t).has("disability_category") & t.cells("disability_level").among("无")
    yield at(t, "disability_level", without, "没有填，残疾类别却填了")


@check("level_without_disability")
def level_without_disability(t, terms):
    about = terms.about(t)
    level = t.cells("disability_level")
    without = level.known & ~level.among("无") & about.lacking("disability_category")
    yield at(t, "disability_category", without, "没有填，残疾等级却填了")


@check("disability_health")
def disability_health(t, terms):
    about, health = terms.about(t), t.cells("health")
    disabled = about.has("disability_category")
    yield at(t, "health", disabled & health.known & ~health.among("残疾"), "没有写残疾，残疾类别却填了")
    missing = health.among("残疾") & about.lacking("disability_category")
    yield at(t, "disability_category", missing & about.staying, "没有填，健康状况却写了残疾")


# ---- insurance


@check("medical_twice")
def medical_twice(t, terms):
    yield _both(t, terms, "medical_insurance", "employee_medical", "与城乡居民基本医疗保险都填了是，只能参加一种")


@check("medical_none")
def medical_none(t, terms):
    about = terms.about(t)
    none = t.cells("medical_insurance").among("否") & ~about.holds("employee_medical", "是")
    yield at(t, "medical_insurance", none & about.staying, "是否，也没有参加职工医保")


@check("pension_twice")
def pension_twice(t, terms):
    text = "与城乡居民基本养老保险都填了是，同一时期只能参加一种"
    yield _both(t, terms, "pension_insurance", "employee_pension", text)


def _both(t, terms, residents: str, employees: str, text: str):
    about = terms.about(t)
    return at(t, employees, about.holds(residents, "是") & about.holds(employees, "是") & about.staying, text)


@check("pension_minor")
def pension_minor(t, terms):
    about = terms.about(t)
    young = (about.ages < terms["age"]) & t.cells("pension_insurance").among("是")
    yield at(t, "pension_insurance", young, lambda row: _aged(about, row, f"不满{terms['age']:g}周岁不能参保"))


@check("dibao_and_tekun")
def dibao_and_tekun(t, terms):
    about = terms.about(t)
    yield at(t, "tekun", about.has("dibao") & about.has("tekun"), "与低保都填了享受，两项不能同时享受")


# ---- the rest


@check("marriage_age")
def marriage_age(t, terms):
    about = terms.about(t)
    married = t.cells("marriage").mapped(lambda clean: clean.state == VALUE and clean.value.startswith("已婚"), bool)
    for sex, limit in ((MALE, "men"), (FEMALE, "women")):
        young = married & (about.sexes == sex) & (about.ages < terms[limit])
        yield at(t, "marriage", young, lambda row, limit=limit: _aged(about, row, f"不到{terms[limit]:g}周岁"))


@check("party_age")
def party_age(t, terms):
    about = terms.about(t)
    member = t.cells("politics").mapped(lambda clean: clean.state == VALUE and "中共" in clean.value, bool)
    young = member & (about.ages < terms["age"])
    yield at(t, "politics", young, lambda row: _aged(about, row, f"不满{terms['age']:g}周岁不能入党"))
