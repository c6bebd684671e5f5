"""The data of every installed document against its text, and what loading says about a broken one."""

from __future__ import annotations

import ast
import calendar
import datetime as dt
import hashlib
import itertools
import json
import re
import tomllib
from fractions import Fraction
from pathlib import Path

import pytest
from checked import FILE, KEYS, POLICIES as PACKAGE, Checked, checked, function

from xl_poverty import PolicyError, formulas
from xl_poverty.formulas import duties
from xl_poverty.formulas.documents import document
from xl_poverty.formulas.indicators import SIDES, selected_measure
from xl_poverty.formulas.office import current
from xl_poverty.formulas.plain import is_plain
from xl_poverty.formulas.signatures import find, plain_arguments
from xl_poverty.rules.binding import bind
from xl_poverty.rules.expressions import Steps, Table, exact
from xl_poverty.rules.parameters import Policy, find_policies

SEEDS = Path(__file__).parents[2] / "shared" / "seeds"
POLICIES = {folder.name: Policy(folder) for folder in find_policies(PACKAGE)}

every_document = pytest.mark.parametrize("policy", POLICIES.values(), ids=POLICIES)


def read_in(policy: Policy) -> Checked:
    """What was read in the text of a document, in the file beside it."""
    return checked(policy.folder)


def entries(policy: Policy):
    """Measures, indicators and deadlines: what is computed."""
    return [*policy.measures.values(), *policy.indicators.values(), *policy.deadlines.values()]


def quoting(policy: Policy):
    """Everything that rests on a clause."""
    common = [policy.common] if policy.common.clause else []
    return [*entries(policy), *policy.facts.values(), *policy.named.values(), *common]


def written_table(policy: Policy) -> dict:
    return tomllib.loads(policy.file.read_text(encoding="utf-8"))


def seed(policy: Policy) -> Path:
    """The document's text beside the checkout, where it is."""
    assert policy.source, "policy.toml says in `source` which file was read"
    file = SEEDS / policy.source["file"]
    if not file.exists():
        pytest.skip(f"{policy.source['file']} is not beside this checkout")
    return file


def seed_lines(policy: Policy) -> list[str]:
    """Its lines that are not blank, without a mark that the conversion left in some of them."""
    text = seed(policy).read_text(encoding="utf-8").replace("[bookmark: _GoBack]", "")
    return [line.strip() for line in text.splitlines() if line.strip()]


# ---- the text


def texts_sha256(policy: Policy) -> str:
    told = "\n".join(f"{clause.number}\t{clause.text}" for clause in policy.clauses.values())
    return hashlib.sha256(told.encode()).hexdigest()


@every_document
def test_what_was_read_is_written(policy):
    assert (policy.folder / FILE).exists(), f"{policy.id}/{FILE} is missing. Write it:\n\n{to_be_checked(policy)}"
    assert read_in(policy)


@every_document
def test_texts_are_those_that_were_checked(policy):
    assert texts_sha256(policy) == read_in(policy).texts_sha256


def before(policy: Policy, number: str) -> str:
    """What stands before the text of a clause: its number, or its heading on a line of its own."""
    written = read_in(policy)
    if number in written.headings:
        return written.headings[number]
    match = re.fullmatch(written.paragraphs["clause"], number)
    return written.paragraphs["before"].format(match[1]) if match else ""


@every_document
def test_clauses_stand_verbatim_in_the_document(policy):
    """Each at its place with its number before it, in order, and nothing of the document between them is dropped."""
    lines, outside, position = seed_lines(policy), [], 0
    for clause in policy.clauses.values():
        own = (before(policy, clause.number) + clause.text).splitlines()
        places = range(position, len(lines))
        start = next((place for place in places if lines[place : place + len(own)] == own), None)
        assert start is not None, clause.number
        outside += lines[position:start]
        position = start + len(own)
    outside += lines[position:]
    begins = read_in(policy).outside
    assert len(outside) == len(begins), outside
    for line, beginning in zip(outside, begins, strict=True):
        assert beginning and line.startswith(beginning)


@every_document
def test_every_numbered_paragraph_is_a_clause(policy):
    written = read_in(policy)
    printed, numbered = written.paragraphs["line"], written.paragraphs["clause"]
    found = [match[1] for line in seed_lines(policy) if (match := re.match(printed, line))]
    for numbers_known in (policy.clauses, written.numbers):
        known = [match[1] for number in numbers_known if (match := re.fullmatch(numbered, number))]
        assert [number for number in known if number not in written.headings] == found


@every_document
def test_the_document_is_named_as_it_names_itself(policy):
    lines = seed_lines(policy)
    whole = "".join("".join(lines).split())
    first = next(iter(policy.clauses.values())).text.splitlines()[0]
    head = "\n".join(lines[: next(i for i, line in enumerate(lines) if line.endswith(first))])
    assert policy.title in whole
    assert all(issuer in whole for issuer in policy.issuer.split("、"))
    numbers_of_documents = r"[〔【\[]\d{4}[〕】\]]\s*\d+号"
    if policy.number:
        assert policy.number in head
    else:
        assert not re.search(numbers_of_documents, head), "the document prints a number"
    days = r"\d{4}年\d+月\d+日"
    if policy.issued:
        issued = f"{policy.issued.year}年{policy.issued.month}月{policy.issued.day}日"
        assert issued in lines
    else:
        assert not re.search(days, "\n".join(lines)), "the document prints a date"


@every_document
def test_the_source_is_the_one_that_was_read(policy):
    assert hashlib.sha256(seed(policy).read_bytes()).hexdigest() == policy.source["sha256"]


@every_document
def test_every_clause_is_there_or_named_absent(policy):
    written = read_in(policy)
    assert list(policy.clauses) == written.numbers
    assert policy.absent == written.absent
    assert bool(policy.absent_note) == bool(written.absent)


@every_document
def test_what_the_document_does_not_print(policy):
    assert [key for key in ("number", "issued") if not getattr(policy, key)] == read_in(policy).not_printed


@pytest.mark.parametrize(
    ("policy", "number", "label"),
    [
        ("shuangnian_2022", "10", "第10条"),
        ("shuangnian_2022", "结尾", "“结尾”"),
        ("zaozhuang_2023", "3", "第3条"),
        ("zaozhuang_2023", "一", "第一部分"),
        ("zaozhuang_2023", "(一)", "（一）"),
        ("zaozhuang_2023", "三(二)", "第三部分（二）"),
        ("zaozhuang_2023", "标题", "“标题”"),
        ("fuyang_2023", "二", "第二部分"),
        ("fuyang_2023", "2", "第2条"),
        ("fengjie_2022", "九", "第九条"),
        ("fengjie_2022", "序言", "“序言”"),
        ("qianjin_2022", "二(二)", "第二部分（二）"),
        ("qianjin_2022", "三", "第三部分"),
        ("qianjin_2022", "三1", "第三部分第1项"),
    ],
)
def test_how_a_clause_is_cited(policy, number, label):
    assert POLICIES[policy].clause_label(number) == label


@every_document
def test_every_clause_can_be_asked_for(policy):
    for number, clause in policy.clauses.items():
        told = formulas.POLICY_CLAUSE(number, policy=policy.id)
        assert told == f"“{' '.join(clause.text.split())}”（{policy.cited}{policy.clause_label(number)}）"
        if number.isdigit():
            assert formulas.POLICY_CLAUSE(int(number), policy=policy.id) == told
        if policy.clause_label(number).startswith("第"):
            assert formulas.POLICY_CLAUSE(policy.clause_label(number), policy=policy.id) == told
        if "(" in number:
            wide = number.translate(str.maketrans("()", "（）"))
            assert formulas.POLICY_CLAUSE(wide, policy=policy.id) == told


@pytest.mark.parametrize("number", ["21", "22", "27", 21, "第27条"])
def test_an_absent_clause_says_so(number):
    told = formulas.POLICY_CLAUSE(number, policy="双碾乡")
    assert "没有第" in told and "编号不连续" in told


@pytest.mark.parametrize("number", ["31", "0", 99])
def test_a_clause_that_never_was(number):
    assert formulas.POLICY_CLAUSE(number, policy="双碾乡") == f"双发〔2022〕67号没有第{number}条"


@every_document
def test_quotes_stand_in_their_clause(policy):
    for entry in quoting(policy):
        assert entry.quotes, entry.name
        for quote in entry.quotes:
            assert quote and quote in policy.clauses[entry.clause].text, entry.name
    for exclusion in policy.exclusions:
        assert exclusion.quote and exclusion.quote in policy.clauses[exclusion.clause].text
    force = written_table(policy)["in_force"]
    assert ("quote" in force) == ("clause" in force)
    if "quote" in force:
        assert force["quote"] in policy.clauses[force["clause"]].text
    else:
        assert force["note"], "where the text does not say how long it is in force, the note says what is done"


@every_document
def test_every_clause_is_computed_or_registered(policy):
    used = {entry.clause for entry in (*entries(policy), *policy.facts.values())}
    used |= {policy.common.clause} if policy.common.clause else set()
    used |= {exclusion.clause for exclusion in policy.exclusions}
    for clause in policy.clauses.values():
        if clause.use == "计算":
            assert clause.number in used, f"{clause.number} is said to be computed"
        else:
            assert clause.register and clause.number not in used, clause.number


def own_names(policy: Policy) -> list[str]:
    """Of its indicators and deadlines, those that the contract does not name."""
    indicators, items = (find(name).by_name for name in ("INDICATOR_OK", "DEADLINE"))
    own = [name for name in policy.indicators if name not in indicators["indicator"].options]
    return own + [name for name in policy.deadlines if name not in items["item"].options]


@every_document
def test_names_are_those_of_the_contract(policy):
    """Or the document's own: a measure with alias and args; an indicator or deadline that was read in the text."""
    indicators = find("INDICATOR_OK").by_name["indicator"].options
    for name, measure in policy.measures.items():
        assert function(policy, name).name == name
        assert find(name) or measure.alias and measure.args and not find(measure.alias), name
    assert own_names(policy) == read_in(policy).own
    assert set(policy.facts) <= set(plain_arguments())
    assert not set(policy.arguments) & set(plain_arguments())
    for name in policy.named:  # named without a standard: a function or an indicator that has none here
        assert find(name) or name in indicators, name
        assert name not in (*policy.measures, *policy.indicators), name


@every_document
def test_what_is_only_named_is_not_specified(policy):
    for name, measure in policy.named.items():
        if find(name):
            told = formulas.WHY(name, policy=policy.id)
        else:
            told = formulas.WHY("INDICATOR_LINE", name, policy=policy.id)
        assert f"{measure.cited}写到" in told and "没有写明标准" in told, told
        assert measure.quotes[0] in formulas.POLICY_CLAUSE(name, policy=policy.id)


@every_document
def test_exclusions_name_arguments_and_options(policy):
    """A word that no option spells would silently exclude nothing."""
    for exclusion in policy.exclusions:
        sides = (exclusion.measure, exclusion.where), (exclusion.barred_by, exclusion.barred_where)
        for name, words in sides:
            for argument, word in words.items():
                assert word in function(policy, name).by_name[argument].options, (name, argument, word)
        assert exclusion.where or exclusion.measure != exclusion.barred_by, "it would exclude itself"
        assert exclusion.where != exclusion.barred_where or exclusion.measure != exclusion.barred_by


# ---- the numbers


def numbers(value):
    """Every number of a parameter."""
    if isinstance(value, Table):
        return list(value.entries.values())
    if isinstance(value, Steps):
        return [number for step in value.steps for number in step]
    if isinstance(value, tuple):
        return [number for number in value if not isinstance(number, str)]
    return [value] if isinstance(value, (int, Fraction)) else []


def decimal(value) -> str:
    text = f"{float(value):.6f}".rstrip("0").rstrip(".")
    assert Fraction(text) == value
    return text


def written(value, unit: str = "") -> list[str]:
    """How a document may write a number. A measure whose unit is 亿元 counts in these."""
    if unit.startswith("亿"):
        return [f"{decimal(value)}亿"]
    forms = [decimal(value), f"{decimal(value * 100)}%", f"{decimal(value * 10)}成"]
    if value >= 10000:
        forms.append(f"{decimal(Fraction(value) / 10000)}万")
    return forms + {1: ["一次"], 6: ["半年"], 12: ["一年"]}.get(value, [])


def stands(form: str, quote: str) -> bool:
    """Is the form there, and not as a part of a longer number or of a number with a larger unit? In a range, 1—50万,
    the unit counts for both ends."""
    quote = re.sub(r"(?<![\d.])(\d+)—(\d+)万", r"\1万—\2万", quote)
    end = {"次": "(?!性)"}.get(form[-1], "" if form[-1] in "%万亿成年" else r"(?![\d.]*\d|%|万|亿|成)")
    return re.search(rf"(?<![\d.]){re.escape(form)}{end}", quote) is not None


def numbers_in_values(policy: Policy):
    """(entry, parameter, number, does a quote say it?) of every number of a document."""
    for entry in (*policy.measures.values(), *policy.indicators.values(), policy.common):
        for version in entry.versions:
            for key, value in version.values.items():
                for number in numbers(value):
                    forms = written(number, entry.unit)
                    said = any(stands(form, quote) for form in forms for quote in entry.quotes)
                    yield entry, key, number, said


@every_document
def test_every_number_stands_in_a_quote(policy):
    exceptions = {(row["measure"], row["parameter"], exact(row["number"])) for row in read_in(policy).without_figure}
    assert len(exceptions) == len(read_in(policy).without_figure), "an exception is written twice"
    found, checked_numbers, all_numbers = set(), 0, 0
    for entry, key, number, said in numbers_in_values(policy):
        all_numbers += 1
        if (entry.name, key, number) in exceptions:
            found.add((entry.name, key, number))
            continue
        assert said, (entry.name, key, written(number, entry.unit))
        checked_numbers += 1
    assert checked_numbers or not all_numbers, "nothing was checked"
    assert found == exceptions, "these exceptions are not needed"


@every_document
def test_ratios_stand_as_such(policy):
    for entry in policy.measures.values():
        for version in entry.versions:
            if "weights" in version.values:
                ratio = ":".join(map(decimal, version.values["weights"].entries.values()))
                assert any(ratio in quote for quote in entry.quotes), (entry.name, ratio)


def deadline_forms(policy: Policy, values: dict) -> list[str]:
    """How a document may write a deadline."""
    assert len(values) == 1, "a deadline is one of by, month, days_after"
    if "days_after" in values:
        return [f"{values['days_after']}{day}内" for day in "日天"]
    if "month" in values:
        assert values["month"] in range(1, 13)
        return [f"每年{values['month']}月"]
    by = values["by"]
    forms = [f"{by.year}年{by.month}月{by.day}日"]
    without_year = [f"{by.month}月{by.day}日"]
    if by.day == calendar.monthrange(by.year, by.month)[1]:
        without_year.append(f"{by.month}月底")
    if (by.month, by.day) == (12, 31):
        forms += [f"{by.year}年年底", f"{by.year}年底"]
    if by.year == policy.start.year:  # what is to be done by 30 September, in a document of that year
        forms += without_year
    return forms


@every_document
def test_deadlines_stand_in_a_quote(policy):
    for name, deadline in policy.deadlines.items():
        for version in deadline.versions:
            forms = deadline_forms(policy, version.values)
            assert any(re.search(rf"(?<!\d){form}", quote) for form in forms for quote in deadline.quotes), name


@every_document
def test_the_period_is_the_one_that_is_written(policy):
    told = policy.in_force_quote + policy.in_force_note
    assert told
    if "自印发之日起" in told:
        assert policy.start == policy.issued
    if policy.in_force_quote and not policy.until:  # from when, and no end
        start = f"{policy.start.year}年{policy.start.month}月{policy.start.day}日"
        assert start in told or "自印发之日起" in told
    elif policy.in_force_quote:
        forms = [f"{policy.until.year}年{policy.until.month}月{policy.until.day}日"]
        if policy.start == dt.date(policy.start.year, 1, 1) and policy.until == dt.date(policy.until.year, 12, 31):
            forms.append(f"{policy.start.year}—{policy.until.year}年")
        assert any(form in policy.in_force_quote for form in forms)
    elif policy.tested:  # the text does not say when it ends, so nothing ends
        assert policy.until is None and "没有写到期日" in policy.in_force_note
    else:
        assert f"{policy.start.year}年" in policy.in_force_note and "不检验" in policy.in_force_note


@every_document
def test_the_document_is_in_force_as_was_read(policy):
    assert in_force(policy) == read_in(policy).in_force


def in_force(policy: Policy) -> dict:
    days = {"from": policy.start} | ({"until": policy.until} if policy.until else {})
    return {**days, "tested": policy.tested, "quoted": bool(policy.in_force_quote)}


@every_document
def test_values_stand_from_the_first_day(policy):
    for entry in (*quoting(policy), policy.common):
        assert all(version.start == policy.start for version in entry.versions[:1]), entry.name


def test_how_numbers_are_written():
    assert stands("1500", "提高到1500元") and not stands("500", "提高到1500元") and not stands("150", "提高到1500元")
    assert stands("55%", "不低于55%") and not stands("55", "不低于55%") and not stands("5%", "不低于55%")
    assert stands("3万", "补助3万元") and not stands("3", "补助3万元")
    assert stands("15.6", "补贴15.6元") and not stands("15", "补贴15.6元") and not stands("6", "补贴15.6元")
    assert stands("1.3", "低保标准的1.3倍") and stands("5", "按5:3:2比例")
    assert "半年" in written(6) and "一年" in written(12) and "55%" in written(Fraction(55, 100))
    assert stands("1.1万", "1.1万元≤人均纯收入<1.5万元") and not stands("1万", "1.1万元≤人均纯收入<1.5万元")
    assert "1.1万" in written(11000) and "5000万" in written(50000000) and "5.58万" in written(55800)
    assert stands("1万", "给予1—50万元不等") and stands("50万", "给予1—50万元不等") and not stands("1", "给予1—50万元")
    assert stands("2万", "车间2—10万元奖补") and not stands("10", "车间2—10万元奖补") and stands("2023", "2023—2025年")
    assert "4.5%" in written(Fraction("0.045")) and not stands("5%", "增幅不低于4.5%")
    assert stands("716", "提升到716元/月") and stands("300", "缴纳300元/月赡养金")
    assert written(110, "亿元") == ["110亿"] and not stands("110", "达到110亿元")
    assert stands("一次", "每月至少开展一次入户走访") and not stands("一次", "给予一次性奖补")
    assert stands("1", "1.去年有种养业") and stands("3", "3去年有务工") and not stands("1", "11.去年")


# ---- rules.py


def rules_tree(policy: Policy) -> ast.Module:
    file = policy.folder / "rules.py"
    assert file.exists() or not policy.bodies
    return ast.parse(file.read_text(encoding="utf-8") if file.exists() else "")


@every_document
def test_no_number_of_a_document_stands_in_code(policy):
    for node in ast.walk(rules_tree(policy)):
        if isinstance(node, ast.Constant) and isinstance(node.value, (int, float)) and not isinstance(node.value, bool):
            assert node.value in (0, 1), f"rules.py:{node.lineno}: {node.value}"


@every_document
def test_no_number_of_a_document_stands_in_a_reason(policy):
    tree = rules_tree(policy)
    docstrings = {
        ast.get_docstring(n, clean=False) for n in ast.walk(tree) if isinstance(n, (ast.Module, ast.FunctionDef))
    }
    names = {  # FOUR_GUARANTEE 1 is the first part of a function of the contract
        id(name)
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef)
        for decorator in function.decorator_list
        if decorator.func.id == "rule"
        for name in decorator.args
    }
    found = [
        f"rules.py:{node.lineno}: {node.value}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value not in docstrings
        if id(node) not in names
        if re.search(r"[1-9]|半年|[一二三四五六七八九十]年|[一二三四五六七八九十]个月", node.value)
    ]
    assert not found, "\n".join(found)


# ---- binding


def choices(policy: Policy, measure):
    """Every combination of the 口径 that a measure may depend on."""
    readings = (*policy.readings, *measure.readings)
    for combination in itertools.product(*(reading.alternatives for reading in readings)):
        yield dict(zip((reading.name for reading in readings), combination, strict=True))


def has_body(policy: Policy, name: str) -> bool:
    """Not so a function that is plain Python beside the rules, unless a body of the document serves it."""
    return not is_plain(function(policy, name)) or name in policy.bodies


def parts(name: str) -> list:
    """What the selector of a function that counts parts takes; nothing for the others."""
    (selector,) = find(name).selector_names
    return [None, *range(1, find(name).by_name[selector].high + 1)]


def bodies(policy: Policy, section: str, name: str):
    """(measure with its body, arguments) of a measure and its parts, of a fact, or of every function that an
    indicator serves."""
    if section == "facts":
        fact = policy.facts[name]
        served = find(fact.body)
        yield fact, served.by_name if served else plain_arguments()
    elif section == "indicators":
        measure, (ok, line) = policy.indicators[name], map(find, ("INDICATOR_OK", "INDICATOR_LINE"))
        yield selected_measure(ok, policy, (name,))
        for side, keys in SIDES.items():
            if any(key in version.values for version in measure.versions for key in keys):
                yield selected_measure(line, policy, (name, side))
    elif function(policy, name).select == "parts":
        for part in parts(name):
            yield selected_measure(find(name), policy, (part,))
    elif has_body(policy, name):
        yield policy.measures[name], function(policy, name).by_name


def sections(policy: Policy):
    """(section, name) of everything that a body computes."""
    for section in ("measures", "indicators", "facts"):
        for name in getattr(policy, section):
            if section != "measures" or has_body(policy, name):
                yield section, name


every_entry = pytest.mark.parametrize(
    ("policy", "section", "name"),
    [pytest.param(p, *entry, id=f"{p.id}-{entry[1]}") for p in POLICIES.values() for entry in sections(p)],
)


def own_values(policy: Policy, section: str, name: str) -> set[str]:
    """The parameters that an entry states itself; what it has like another one, that one needs."""
    table = written_table(policy)
    table = (table if section == "measures" else table[section])[name]
    return {key for row in table.get("values", ()) for key in row if key != "from"}


@every_entry
def test_every_measure_binds_under_every_choice(policy, section, name):
    used, asked, bound = set(), {}, 0
    for measure, arguments in bodies(policy, section, name):
        signature = function(policy, measure.name)
        for switched in choices(policy, measure):
            for day in {None, *(version.start for version in measure.versions), *policy.days_of_change(measure)}:
                binding = bind(policy, measure, arguments, day, switched, signature.nature if signature else "")
                assert set(binding.arguments) <= set(arguments)
                assert callable(binding.core)
                assert all(binding.readings[n] == switched[n] for n in binding.readings)
                bound += 1
                used |= binding.parameters.used
                for reading, choice in binding.readings.items():
                    asked.setdefault(reading, set()).add(choice)
    assert bound
    entry = getattr(policy, section)[name]
    own = own_values(policy, section, name)
    assert own <= used, f"never used: {own - used}"
    for reading in entry.readings:
        assert asked[reading.name] == set(reading.alternatives), f"{reading.name} is not asked for"
    assert set(entry.labels) <= {key for version in entry.versions for key in version.values}, "no such parameter"


def test_which_measures_are_plain_python():
    """They read their parameters themselves, so binding them proves nothing."""
    plain = {name for policy in POLICIES.values() for name in policy.measures
             if is_plain(function(policy, name))}  # fmt: skip
    assert plain == {"VISIT_GAPS", "ELDER_MONTHS"}
    for policy in POLICIES.values():
        assert has_body(policy, "ELDER_MONTHS") == ("ELDER_MONTHS" in policy.measures)  # the body gives the age
        assert not has_body(policy, "VISIT_GAPS")


class Recorder(dict):
    """Remembers which keys were read."""

    def __init__(self, *given):
        super().__init__(*given)
        self.read = set()

    def __getitem__(self, key):
        self.read.add(key)
        return super().__getitem__(key)


@pytest.mark.parametrize("policy", [p for p in POLICIES.values() if "VISIT_GAPS" in p.measures], ids=lambda p: p.id)
def test_every_parameter_of_the_visits_is_used(policy, monkeypatch):
    recorder = Recorder(policy.measures["VISIT_GAPS"].versions[-1].values)
    monkeypatch.setattr(duties, "_rule", lambda measure, day: recorder)
    never, (tier, *_) = [0] * 12, policy.measures["VISIT_GAPS"].versions[-1].values.get("tiers", ("低收入",))
    assert formulas.VISIT_GAPS(never, never, tier, True, policy=policy.id) == 12
    assert recorder.read == set(recorder)
    assert own_values(policy, "measures", "VISIT_GAPS") == set(recorder)
    assert set(policy.measures["VISIT_GAPS"].labels) == set(recorder)


@every_document
def test_every_common_value_and_reading_is_used(policy):
    used, asked = set(), set()
    for section, name in sections(policy):
        for measure, arguments in bodies(policy, section, name):
            for switched in choices(policy, measure):
                binding = bind(policy, measure, arguments, None, switched)
                used |= binding.parameters.used
                asked |= set(binding.readings)
    common = {key for version in policy.common.versions for key in version.values}
    assert common <= used, f"never used: {common - used}"
    assert {reading.name for reading in policy.readings} <= asked


@every_document
def test_every_body_of_a_document_belongs_to_a_measure(policy):
    served = {}  # body -> the arguments that it may take
    for section, name in sections(policy):
        for measure, arguments in bodies(policy, section, name):
            served[measure.body or measure.name] = arguments
    assert set(policy.bodies) <= set(served)
    for name, body in policy.bodies.items():
        taken = body.__code__.co_varnames[1 : body.__code__.co_argcount]
        assert set(taken) <= set(served[name]), name


@every_document
def test_a_fact_is_an_argument_that_a_body_gives(policy):
    """in_scope needs a yes or no, tier one of its words."""
    for name, fact in policy.facts.items():
        argument = plain_arguments()[name]
        for measure, arguments in bodies(policy, "facts", name):
            outcome = bind(policy, measure, arguments).outcome
            if argument.kind == "flag":
                assert outcome.ending == "holds"
            else:
                assert outcome.ending == "choose"
                assert {word for _, word in outcome.choices} <= set(argument.options)
            assert name not in bind(policy, measure, arguments).arguments, "it would derive itself"
        assert fact.body


def words_of(value) -> set[str]:
    if isinstance(value, Table):
        return set(value.entries)
    return {word for word in value if isinstance(word, str)} if isinstance(value, tuple) else set()


@every_document
def test_words_are_options_of_their_argument(policy):
    """A word that no option spells would silently never be met."""
    known, printed = set(), {(row["measure"], row["parameter"]) for row in read_in(policy).printed_words}
    for name, measure in policy.measures.items():
        arguments = function(policy, name).by_name
        options = {word for a in arguments.values() for word in (*a.options, *a.items)}
        known |= options
        for version in measure.versions:
            for key, value in version.values.items():
                if (name, key) in printed:
                    outcome = bind(policy, measure, arguments).outcome
                    assert value == tuple(word for test, word in outcome.choices if test is not None)
                elif name == "LOSS_CAUSES":  # one cause is a flag of the function, not an income
                    assert words_of(value) - options == {arguments["disaster"].label.removeprefix("遭遇")}
                else:
                    assert words_of(value) <= options, (name, key)
    for name in policy.facts:
        for fact, arguments in bodies(policy, "facts", name):
            known |= {word for a in bind(policy, fact, arguments).arguments.values() for word in a.options}
    for version in policy.common.versions:
        for key, value in version.values.items():
            assert words_of(value) <= known, key
    keys = {(name, key) for name, m in policy.measures.items() for version in m.versions for key in version.values}
    assert printed <= keys, "these words are not there"


def test_the_causes_are_printed_with_their_numbers():
    policy = POLICIES["qianjin_2022"]
    measure = policy.measures["LOSS_CAUSES"]
    outcome = bind(policy, measure, find("LOSS_CAUSES").by_name).outcome
    numbers_printed = [word for test, word in outcome.choices if test is not None]
    assert numbers_printed == [str(number) for number in measure.versions[0].values["causes"].entries.values()]
    low, high = (getattr(find("CAUSE_CATEGORY").by_name["cause"], side) for side in ("low", "high"))
    assert numbers_printed == [str(number) for number in range(low, high + 1)]
    items = [find("LOSS_CAUSES").by_name[name].items for name in ("last", "this")]
    assert items[0] == items[1] and set(items[0]) < set(measure.versions[0].values["causes"].entries)


@every_document
def test_what_one_sentence_grants_is_settled_in_one_way(policy):
    """Functions that pay for the same words are like one another, so that a household is not paid twice."""
    granted = {}
    for name, measure in policy.measures.items():
        if function(policy, name).pays:
            granted.setdefault((measure.clause, measure.quotes), []).append(measure)
    for measures in granted.values():
        assert len({(m.once, m.household_cap, m.payee) for m in measures}) == 1, [m.name for m in measures]
        assert len({m.like or m.name for m in measures}) == 1, [m.name for m in measures]


@every_document
def test_a_cap_of_a_household_is_a_number_or_one_for_every_word(policy):
    for name, measure in policy.measures.items():
        if not measure.household_cap:
            continue
        assert measure.payee == "户" and not measure.once
        for version in measure.versions:
            cap = version.values[measure.household_cap]
            if isinstance(cap, Table):
                assert any(set(cap.entries) == set(a.options) for a in function(policy, name).arguments), name
            else:
                assert cap == exact(cap)


# ---- what is to be read in the text of a new document


def to_be_checked(policy: Policy) -> str:
    """A file beside a document that has none yet, with what its data says: somebody compares it with the text."""
    quoted = lambda value: json.dumps(value, ensure_ascii=False)  # noqa: E731 as TOML writes texts and lists of them
    several = lambda lines: "[\n" + "".join(f"  {line},\n" for line in lines) + "]"  # noqa: E731
    unsaid = {(e.name, key, decimal(n)) for e, key, n, said in numbers_in_values(policy) if not said}
    figures = [f'{{ measure = {quoted(name)}, parameter = {quoted(key)}, number = {n}, because = "" }}'
               for name, key, n in sorted(unsaid)]  # fmt: skip
    lines = []
    if policy.source and (SEEDS / policy.source["file"]).exists():
        texts = [line for clause in policy.clauses.values() for line in clause.text.splitlines()]
        lines = [quoted(line) for line in seed_lines(policy) if not line.endswith(tuple(texts))]
    paying = [m for m in policy.measures.values() if function(policy, m.name).pays and m.payee in ("个人", "户")]
    cash = [m.name for m in paying if (m.nature or function(policy, m.name).nature) == "现金"]
    told = {
        "called": quoted([policy.id.split("_")[0], policy.short_name]),
        "texts_sha256": quoted(texts_sha256(policy)),
        "numbers": quoted(list(policy.clauses)),
        "absent": quoted(policy.absent),
        "not_printed": quoted([key for key in ("number", "issued") if not getattr(policy, key)]),
        "own": quoted(own_names(policy)),
        "without_figure": several(figures),
        "outside": several(lines),
    }
    days = in_force(policy)
    days = {key: str(value).lower() for key, value in days.items()}
    sections = {
        "in_force": days,
        "paragraphs": {"line": "'^第(.+?)条'", "clause": "'(.+)'", "before": '"第{}条"'},
        "settled": {"cash": quoted(cash)},
    }
    rows = [f"{key} = {value}" for key, value in told.items()]
    for name, section in sections.items():
        rows += ["", f"[{name}]", *(f"{key} = {value}" for key, value in section.items())]
    return "\n".join(rows) + "\n"


def test_what_is_told_of_a_document_without_the_file(tmp_path):
    """It can be read, and says what the data says; only the reasons are missing."""
    for policy in (p for p in POLICIES.values() if (p.folder / FILE).exists()):
        told, written = tomllib.loads(to_be_checked(policy)), tomllib.loads((policy.folder / FILE).read_text("utf-8"))
        assert set(told) <= set(KEYS)
        for key in ("texts_sha256", "numbers", "in_force"):
            assert told[key] == written[key]
        for key in ("absent", "not_printed", "own"):
            assert told[key] == written.get(key, [])
        found, figures = (
            [(row["measure"], row["parameter"], row["number"]) for row in table.get("without_figure", ())]
            for table in (told, written)
        )
        assert sorted(found) == sorted(figures)
        assert sorted(told["settled"]["cash"]) == sorted(written.get("settled", {}).get("cash", []))
        if figures:
            (tmp_path / FILE).write_text(to_be_checked(policy), encoding="utf-8")
            with pytest.raises(AssertionError, match="because is empty"):
                checked(tmp_path)


def test_a_file_that_is_missing_or_not_right(tmp_path):
    folder = tmp_path / "trial"
    folder.mkdir()
    with pytest.raises(AssertionError, match="trial/checked.toml is missing: .*says what to write"):
        checked(folder)
    good = """
called = ["甲"]
texts_sha256 = "0"
numbers = ["1"]
outside = []
without_figure = [{ measure = "X", parameter = "x", number = 1, because = "all" }]
[in_force]
from = 2023-01-01
tested = true
quoted = true
[paragraphs]
line = "(1)"
clause = "(1)"
before = "{}."
[settled]
cash = []
caps = [{ measure = "X", most = 1 }]
"""
    (folder / FILE).write_text(good, encoding="utf-8")
    assert checked(folder).settled["caps"] == [{"measure": "X", "most": 1}]
    for right, wrong, told in (
        ('called = ["甲"]', "called = []", "called is empty"),
        ('called = ["甲"]\n', "", "called is missing"),
        ('numbers = ["1"]', 'number = ["1"]', "number is unknown"),
        ('numbers = ["1"]', 'numbers = "1"', "numbers: found '1'"),
        ("tested = true", "tested = 1", "in_force.tested: found 1"),
        ("quoted = true\n", "", "in_force.quoted is missing"),
        ('before = "{}."', "", "paragraphs.before is missing"),
        ('because = "all"', 'because = ""', "without_figure: because is empty"),
        (', because = "all"', "", "without_figure: because is missing"),
        ("most = 1", "least = 1", "caps: least is unknown"),
        ("cash = []", "money = []", "settled.money is unknown"),
    ):
        assert right in good
        (folder / FILE).write_text(good.replace(right, wrong), encoding="utf-8")
        with pytest.raises(AssertionError, match=re.escape(told)):
            checked(folder)


# ---- a broken document

BROKEN = """
id = "other"
short_name = "某县"
number = 67
title = "某县若干措施"
colour = "red"

issued = "2023-01-01"
home = 140603
extends = "nowhere"

[in_force]
from = 2023-01-01
until = 2022-12-31
clause = "2"
quote = "自2023年起"
tested = "no"

[[reading]]
name = "弱劳动力"
default = "也许"
alternatives = ["计入", "不计入"]
because = "两读"

[clauses.1]
title = "补贴"
use = "朗读"
text = "每人补贴100元。"
[clauses.2]
title = "宣传"
use = "登记"
text = "加大宣传。"

[GRANT]
clause = "1"
quote = "每人补贴200元"
kind = "大概"
nature = "粮食"
amount = 100
[[GRANT.values]]
from = 2024-01-01
amount = true
steps = [[50, 1], [30, 2]]
words = []
table = { "甲" = "多" }
[[GRANT.values]]
from = 2023-01-01
amount = "100元"
[[GRANT.values]]
amount = 1

[OTHER]
quote = ["加大宣传"]
clause = "9"
kind = "定额"

[LIKE]
like = "NOTHING"
clause = "1"
quote = "每人补贴100元"
kind = "定额"
once = "人/月"
household_cap = "cap"
expires = "no"
values = [{ from = 2023-01-01, amount = 1 }]

[LIKE_LIKE]
like = "LIKE"
clause = "1"
quote = "每人补贴100元"
kind = "定额"

[LIKE_LIST]
like = ["OTHER"]
clause = "1"
quote = "每人补贴100元"
kind = "定额"
household_cap = 300

[common]
clause = "2"
quote = "不宣传"
[[common.values]]
from = 2023-01-01
list = [1, "2"]

[[exclusion]]
measure = "NOTHING"
where = "甲"
barred_by = "OTHER"
barred_where = 5
clause = "1"
quote = "不再享受"
until = 2024-01-01

[facts.in_scope]
like = "NOTHING"
clause = "1"
quote = "每人补贴200元"

[named.FIFTH]
clause = "5"
quote = "补贴"

[indicators."占比"]
clause = "1"
quote = "每人补贴100元"
share = "yes"
compared = 1
signed = "no"
base2 = 2
values = [{ from = 2023-01-01, low = 0.5, over = "1", rise = [] }]

[deadlines."办理"]
clause = "1"
quote = "每人补贴100元"
values = [{ from = 2023-01-01, days_after = "十日" }]
"""

MISTAKES = [
    ("id", "must be the folder's name, broken"),
    ("number", "expected str, found 67"),
    ("issued", "expected date, found '2023-01-01'"),
    ("home", "expected str, found 140603"),
    ("extends", "there is no document nowhere"),
    ("in_force.quote", "does not stand in clause 2"),
    ("in_force.tested", "expected bool, found 'no'"),
    ("colour", "unknown key"),
    ("in_force.until", "is before in_force.from (2023-01-01)"),
    ("reading.弱劳动力", "the default '也许' is not among"),
    ("clauses.1.use", "expected one of 计算, 登记, found '朗读'"),
    ("clauses.2.register", "says what it is used for"),
    ("GRANT.quote", "does not stand in clause 1"),
    ("GRANT.kind", "expected one of 定额"),
    ("GRANT.nature", "expected one of 现金"),
    ("GRANT.amount", "unknown key"),
    ("GRANT.values", "in order of `from`"),
    ("GRANT.values.from", "is required"),
    ("GRANT.values.amount", "a yes or no belongs to a reading"),
    ("GRANT.values.amount", "expected a number, a table, steps, words, numbers or a date, found '100元'"),
    ("GRANT.values.steps", "must ascend"),
    ("GRANT.values.words", "expected a number, a table, steps, words, numbers or a date"),
    ("GRANT.values.table", "a table holds numbers only"),
    ("OTHER.clause", "clause 9 is not among the clauses"),
    ("LIKE.like", "there is no measure NOTHING"),
    ("LIKE.once", "expected one of 人/年, 人/一次, 户/年, 户/一次, 机构/年, 机构/一次, found '人/月'"),
    ("LIKE.household_cap", "there is no parameter cap"),
    ("LIKE.expires", "expected bool, found 'no'"),
    ("LIKE_LIKE.like", "there is no measure LIKE"),
    ("LIKE_LIST.like", "expected str, found ['OTHER']"),
    ("LIKE_LIST.household_cap", "expected str, found 300"),
    ("common.quote", "不宣传… does not stand in clause 2"),
    ("common.values.list", "numbers or a date, found [1, '2']"),
    ("exclusion.measure", "there is no measure NOTHING"),
    ("exclusion.where", "expected dict, found '甲'"),
    ("exclusion.barred_where", "expected dict, found 5"),
    ("exclusion.quote", "does not stand in clause 1"),
    ("exclusion.until", "unknown key"),
    ("facts.in_scope.like", "there is no measure NOTHING"),
    ("facts.in_scope.quote", "does not stand in clause 1"),
    ("named.FIFTH.clause", "clause 5 is not among the clauses"),
    ("indicators.占比.share", "expected bool, found 'yes'"),
    ("indicators.占比.compared", "expected bool, found 1"),
    ("indicators.占比.signed", "expected bool, found 'no'"),
    ("indicators.占比.base2", "expected str, found 2"),
    ("indicators.占比.values.over", "expected a number"),
    ("indicators.占比.values.rise", "expected a number"),
    ("deadlines.办理.values.days_after", "expected a number"),
    ("deadlines.办理.values", "one of them"),
]


@pytest.fixture
def load(tmp_path):
    def loaded(text: str) -> Policy:
        folder = tmp_path / "broken"
        folder.mkdir(exist_ok=True)
        (folder / "policy.toml").write_text(text, encoding="utf-8")
        return Policy(folder)

    return loaded


def test_every_mistake_is_reported_at_once(load):
    with pytest.raises(PolicyError) as caught:
        load(BROKEN)
    found = caught.value.mistakes
    for key, expectation in MISTAKES:
        assert any(m.startswith(f"broken/policy.toml: {key}: ") and expectation in m for m in found), (key, expectation)
    assert len(found) == len(MISTAKES), "\n".join(found)
    assert str(caught.value) == "\n".join(found)


def test_a_file_that_is_not_toml(load):
    with pytest.raises(PolicyError, match=r"policy\.toml: not TOML.*line 1"):
        load("id = 双碾乡")


GOOD = """
id = "broken"
short_name = "某县"
number = "某发〔2023〕1号"
title = "某县若干措施"
issued = 2023-01-01
in_force = { from = 2023-01-01 }
[clauses.1]
title = "补贴"
use = "计算"
text = "每人补贴100元。"
[GRANT]
clause = "1"
quote = "每人补贴100元"
kind = "定额"
values = [{ from = 2023-01-01, amount = 100 }]
"""


def test_a_document_without_mistakes(load):
    policy = load(GOOD)
    assert policy.measures["GRANT"].versions[0].values == {"amount": 100}
    assert policy.until is None


# most of these fail: the loader itself breaks (AttributeError, TypeError, ValueError) or does not notice the mistake
@pytest.mark.parametrize(
    ("good", "bad", "key"),
    [
        ("values = [{ from = 2023-01-01, amount = 100 }]", "values = [100]", "GRANT.values"),
        ('[GRANT]\nclause = "1"', 'GRANT = 100\n[OTHER]\nclause = "1"', "GRANT"),
        ('[clauses.1]\ntitle = "补贴"', '[clauses]\n2 = "补贴"\n[clauses.1]\ntitle = "补贴"', "clauses.2"),
        ('quote = "每人补贴100元"', 'quote = ["每人补贴100元", 100]', "GRANT.quote"),
        ("issued = 2023-01-01", 'issued = 2023-01-01\nreading = ["弱劳动力"]', "reading"),
        ("in_force = { from = 2023-01-01 }", "in_force = 2023-01-01", "in_force"),
        ("amount = 100 }", 'amount = [["a", 1]] }', "GRANT.values.amount"),
        ("amount = 100 }", "amount = nan }", "GRANT.values.amount"),
        ("amount = 100 }", "amount = inf }", "GRANT.values.amount"),
        ("amount = 100 }", "amount = { } }", "GRANT.values.amount"),
        ("{ from = 2023-01-01 }", '{ from = 2023-01-01, clause = "9", quote = "每人" }', "in_force.clause"),
        ("{ from = 2023-01-01 }", '{ from = 2023-01-01, clause = "1", quote = "自2023年" }', "in_force.quote"),
    ],
)
def test_a_mistake_of_shape_is_a_mistake_like_others(load, good, bad, key):
    assert good in GOOD
    text = GOOD.replace(good, bad)
    if bad.startswith("GRANT = "):  # a plain key must stand before the tables
        text = "GRANT = 100\n" + GOOD.replace("[GRANT]", "[OTHER]")
    with pytest.raises(PolicyError, match=re.escape(f"broken/policy.toml: {key}")):
        load(text)


@pytest.mark.parametrize(
    "key", ["exclusion", "facts", "named", "deadlines", "indicators", "common", "clauses", "absent"]
)
def test_a_section_that_is_no_table_or_list(load, key):
    text = GOOD.replace("[clauses.1]", "[other.1]") if key == "clauses" else GOOD
    with pytest.raises(PolicyError, match=re.escape(f"broken/policy.toml: {key}: expected")):
        load(f"{key} = 5\n{text}")


# ---- what a document need not have, and what it may say besides

FULL = """
id = "broken"
short_name = "某县"
title = "某县若干措施"
home = "140603"
level = "县"
in_force = { from = 2023-01-01, note = "原文没有写到期日。" }
[common]
clause = "1"
quote = "对甲乙两类"
values = [{ from = 2023-01-01, classes = ["甲", "乙"] }]
[clauses.1]
title = "补贴"
use = "计算"
text = "对甲乙两类每人补贴100元，每户不超过300元；享受甲的不再享受乙。探索丙类。"
[GRANT]
clause = "1"
quote = "每人补贴100元，每户不超过300元"
unit = "元/人"
kind = "上限内"
payee = "户"
note = "说明"
household_cap = "cap"
labels = { cap = "每户上限（元）" }
values = [{ from = 2023-01-01, amount = 100, cap = 300, numbers = [1, 0.5] }]
[SAME]
like = "GRANT"
kind = "定额"
unit = ""
[named.THIRD]
clause = "1"
quote = "探索丙类"
[facts.in_scope]
like = "GRANT"
body = "GRANT"
[[exclusion]]
measure = "GRANT"
where = { route = "乙" }
barred_by = "SAME"
barred_where = { route = "甲" }
clause = "1"
quote = "享受甲的不再享受乙"
[indicators."占比"]
clause = "1"
quote = "每户不超过300元"
base = "上年"
base2 = "标准"
compared = true
signed = true
values = [{ from = 2023-01-01, over = 1, rise = 0.045, low2 = 0.6, per2 = 12 }]
[deadlines."办理"]
clause = "1"
quote = "探索丙类"
values = [{ from = 2023-01-01, days_after = 10 }]
[deadlines."核查"]
clause = "1"
quote = "探索丙类"
values = [{ from = 2023-01-01, month = 7 }]
"""


def test_a_document_without_number_or_date(load):
    policy = load(FULL)
    assert (policy.number, policy.issued, policy.until) == ("", None, None)
    assert policy.names == ("broken", "某县", "某县若干措施")
    assert policy.cited == "《某县若干措施》"
    assert policy.cite(policy.measures["GRANT"]) == "《某县若干措施》第1条"
    assert policy.in_force_quote == "" and policy.in_force_note == "原文没有写到期日。"
    assert policy.covers(dt.date(2099, 1, 1)) and not policy.covers(dt.date(2022, 12, 31))
    assert not policy.expired(dt.date(2099, 1, 1))
    numbered = load(FULL.replace('title = "某县若干措施"', 'title = "某县若干措施"\nnumber = "某发〔2023〕1号"'))
    assert numbered.names[2] == numbered.cited == "某发〔2023〕1号"


def test_every_document_is_found_by_its_names():
    for policy in POLICIES.values():
        for name in (policy.id, policy.short_name, policy.number or policy.title):
            assert document(name, current()).id == policy.id
            if "NET_INCOME" in policy.measures:
                assert formulas.NET_INCOME(1, 1, 1, 1, 1, policy=name) == 3
    listed = {row[0]: row[1:] for row in formulas.POLICIES()[1:]}
    assert listed == {
        p.id: [p.short_name, p.number or "原文无文号", p.start, p.until or "未定"] for p in POLICIES.values()
    }


def test_numbers_in_other_brackets_name_the_same_document():
    for name in ("枣高社字【2023】16号", "枣高社字〔2023〕16号", "枣高社字[2023]16号", "枣高社字（2023）16号"):
        assert formulas.NET_INCOME(1, 1, 1, 1, 1, policy=name) == 3
    assert "枣高社字【2023】16号第11条" in formulas.WHY("PREMIUM_SUBSIDY", True, "种植", 1, policy="枣庄高新区")
    assert "《奉节县促进低收入脱贫人口稳定增收的具体措施》第八条" in formulas.WHY(
        "ELDER_SUBSIDY", True, 65, None, 100, policy="奉节县"
    )
    assert "佳前乡振发[2022]6号第三部分第3项" in formulas.WHY("DIBAO_STATUS", 1, 2, False, policy="前进区")


def test_the_days_of_a_document_that_does_not_test_them(load):
    assert load(FULL).measures["GRANT"].expires
    untested = load(
        FULL.replace("from = 2023-01-01, note", "from = 2023-01-01, until = 2023-12-31, tested = false, note")
    )
    assert not untested.tested and untested.until == dt.date(2023, 12, 31)
    assert not any(entry.expires for entry in (*entries(untested), *untested.facts.values()))
    mixed = load(FULL.replace("[SAME]", "[SAME]\nexpires = false"))
    assert not mixed.measures["SAME"].expires and mixed.measures["GRANT"].expires


def test_a_document_that_tests_no_day_computes_on_any():
    for day in ("2021-12-31", "2022-06-30", "2023-01-01", None):
        assert formulas.INCOME_CHANGE(1, 2, policy="前进区", as_of=day) == "增收"
        assert formulas.INDICATOR_OK("岗位计划", 4, policy="前进区", as_of=day) is True
        assert formulas.REPLACEMENT_INCOME(5, 2, policy="前进区", as_of=day) == 3
    assert formulas.IN_FORCE("2022-12-31", policy="前进区") is True
    assert formulas.IN_FORCE("2023-01-01", policy="前进区") is False
    assert formulas.IN_FORCE("2099-01-01", policy="奉节县") is True
    assert "原文没有写到期日" in formulas.WHY("IN_FORCE", "2099-01-01", policy="奉节县")


def test_like_takes_what_it_does_not_say(load):
    policy = load(FULL)
    grant, same, fact = policy.measures["GRANT"], policy.measures["SAME"], policy.facts["in_scope"]
    for name in ("clause", "quotes", "payee", "note", "household_cap", "labels", "versions"):
        assert getattr(same, name) == getattr(grant, name) == getattr(fact, name), name
    assert (grant.name, grant.kind, grant.unit) == ("GRANT", "上限内", "元/人")
    assert (same.name, same.kind, same.unit) == ("SAME", "定额", "")
    assert (fact.name, fact.kind, fact.body) == ("in_scope", "上限内", "GRANT") and same.body == ""
    assert grant.document is same.document is policy


def test_what_a_full_document_says(load):
    policy = load(FULL)
    values = policy.measures["GRANT"].versions[0].values
    assert values == {"amount": 100, "cap": 300, "numbers": (1, Fraction(1, 2))}
    assert policy.common.quotes == ("对甲乙两类",) and policy.common.versions[0].values == {"classes": ("甲", "乙")}
    assert policy.named["THIRD"].quotes == ("探索丙类",) and "THIRD" not in policy.measures
    (exclusion,) = policy.exclusions
    assert (exclusion.measure, exclusion.where) == ("GRANT", {"route": "乙"})
    assert (exclusion.barred_by, exclusion.barred_where) == ("SAME", {"route": "甲"})
    assert (exclusion.clause, exclusion.quote) == ("1", "享受甲的不再享受乙")
    indicator = policy.indicators["占比"]
    assert indicator.compared and indicator.signed and not indicator.share
    assert (indicator.base, indicator.base2) == ("上年", "标准")
    assert indicator.versions[0].values == {"over": 1, "rise": Fraction(9, 200), "low2": Fraction(3, 5), "per2": 12}
    assert [d.versions[0].values for d in policy.deadlines.values()] == [{"days_after": 10}, {"month": 7}]
    plain = load(GOOD)
    assert plain.exclusions == () and plain.named == {} and plain.facts == {} and plain.common.quotes == ()
    assert not plain.measures["GRANT"].compared and not plain.measures["GRANT"].signed


@pytest.mark.parametrize(
    ("good", "bad", "key"),
    [
        ('[SAME]\nlike = "GRANT"', '[SAME]\nlike = "SAME"', "SAME.like"),
        ('[SAME]\nlike = "GRANT"', '[SAME]\nlike = "home"', "SAME.like"),
        ('[facts.in_scope]\nlike = "GRANT"', '[facts.in_scope]\nlike = "SAME"', "facts.in_scope.like"),
        ('household_cap = "cap"', 'household_cap = "top"', "GRANT.household_cap"),
        ('household_cap = "cap"', 'once = "每人"', "GRANT.once"),
        ('quote = "对甲乙两类"', 'quote = "对甲类"', "common.quote"),
        ('quote = "享受甲的不再享受乙"', 'quote = "享受乙的不再享受甲"', "exclusion.quote"),
        ('quote = "享受甲的不再享受乙"\n', "", "exclusion.quote"),
        ('barred_by = "SAME"\n', "", "exclusion.barred_by"),
        ('measure = "GRANT"', 'measure = "THIRD"', "exclusion.measure"),
        ('[named.THIRD]\nclause = "1"', '[named.THIRD]\nclause = "丙"', "named.THIRD.clause"),
        ("numbers = [1, 0.5]", "numbers = [1, nan]", "GRANT.values.numbers"),
        ("numbers = [1, 0.5]", "numbers = [1, true]", "GRANT.values.numbers"),
        ('home = "140603"', 'home = "140603"\nextends = "broken"', "extends"),
        ("in_force = { from = 2023-01-01, note", 'in_force = { note = "x", notes', "in_force.notes"),
        ("in_force = { from = 2023-01-01, note", "in_force = { note", "in_force.from"),
    ],
)
def test_a_mistake_in_what_a_document_says_besides(load, good, bad, key):
    assert FULL.count(good) == 1
    with pytest.raises(PolicyError, match=rf"(?m)^{re.escape(f'broken/policy.toml: {key}: ')}"):
        load(FULL.replace(good, bad))


# ---- a document that extends another

EXTENSION = """
id = "broken"
short_name = "某县续"
title = "某县延续措施"
extends = "before"
in_force = { from = 2025-01-01, until = 2026-12-31 }
[clauses.1]
title = "补贴"
use = "计算"
text = "每人补贴提高到120元；每户不超过360元。"
[GRANT]
clause = "1"
quote = "每人补贴提高到120元"
values = [{ from = 2025-07-01, amount = 120 }]
"""


@pytest.fixture
def extend(tmp_path, load):
    """Load a document beside the one that it extends."""
    folder = tmp_path / "before"
    folder.mkdir()
    full = FULL.replace('id = "broken"', 'id = "before"').replace(
        "2023-01-01, note", "2023-01-01, until = 2024-12-31, note"
    )
    (folder / "policy.toml").write_text(full, encoding="utf-8")
    return load


def test_what_an_extension_does_not_say_stays(extend):
    policy = extend(EXTENSION)
    before = policy.extended
    assert (policy.home, policy.level, policy.id) == ("140603", "县", "broken")
    assert policy.until == dt.date(2026, 12, 31) and before.until == dt.date(2024, 12, 31)
    for section in ("measures", "indicators", "deadlines", "facts", "named"):
        assert list(getattr(policy, section)) == list(getattr(before, section)) != []
    assert policy.exclusions == before.exclusions and policy.common is before.common
    assert list(policy.clauses) == ["1"] and "120元" in policy.clauses["1"].text
    same = policy.measures["SAME"]
    assert same is before.measures["SAME"]
    assert policy.cite(same) == "《某县若干措施》第1条（《某县延续措施》延续）"
    assert before.cite(same) == "《某县若干措施》第1条"


def test_what_an_extension_raises_stands_from_its_day(extend):
    policy = extend(EXTENSION)
    grant = policy.measures["GRANT"]
    assert grant.quotes == ("每人补贴提高到120元",) and grant.kind == "上限内" and grant.household_cap == "cap"
    amounts = [(v.start.isoformat(), v.values["amount"], v.values["cap"]) for v in grant.versions]
    assert amounts == [("2025-01-01", 100, 300), ("2025-07-01", 120, 300)]
    assert grant.version(dt.date(2025, 6, 30)).values["amount"] == 100
    assert policy.cite(grant) == "《某县延续措施》第1条"
    assert policy.extended.measures["GRANT"].versions[0].values["amount"] == 100
    at_once = extend(EXTENSION.replace("from = 2025-07-01", "from = 2025-01-01"))
    assert [v.values["amount"] for v in at_once.measures["GRANT"].versions] == [120]


def test_an_extension_may_say_more(extend):
    more = EXTENSION + '[MORE]\nclause = "1"\nquote = "每户不超过360元"\nkind = "定额"\n'
    more += '[[exclusion]]\nmeasure = "MORE"\nbarred_by = "SAME"\nclause = "1"\nquote = "每户不超过360元"\n'
    policy = extend(more)
    assert "MORE" in policy.measures and "MORE" not in policy.extended.measures
    assert policy.measures["MORE"].document is policy
    assert "MORE" in [exclusion.measure for exclusion in policy.exclusions]


@pytest.mark.parametrize(
    ("good", "bad", "key"),
    [
        ('extends = "before"', 'extends = "after"', "extends"),
        ('extends = "before"', 'extends = ["before"]', "extends"),
        # the earlier quote does not stand in the new text
        ('quote = "每人补贴提高到120元"\n', "", "GRANT.quote"),
        ("amount = 120 }", "amount = 120 }, { from = 2025-07-01, amount = 130 }", "GRANT.values"),
        ("values = [{ from = 2025-07-01, amount = 120 }]", "values = [120]", "GRANT.values"),
    ],
)
def test_a_mistake_in_an_extension(extend, good, bad, key):
    with pytest.raises(PolicyError, match=re.escape(f"broken/policy.toml: {key}: ")):
        extend(EXTENSION.replace(good, bad))


def test_mistakes_of_the_document_that_is_extended_are_told(tmp_path, load):
    (tmp_path / "before").mkdir()
    (tmp_path / "before" / "policy.toml").write_text('id = "before"', encoding="utf-8")
    with pytest.raises(PolicyError, match=r"before/policy\.toml: title: is required"):
        load(EXTENSION)


@pytest.mark.parametrize("name", ["SAME", "NEW"])
def test_an_extension_of_what_is_like_another(extend, name):
    text = EXTENSION.replace("[GRANT]", f"[{name}]") + 'like = "GRANT"\n' * (name == "NEW")
    measure = extend(text).measures[name]
    assert measure.household_cap == "cap" and measure.versions[-1].values["amount"] == 120


def test_a_later_row_of_an_extension_goes_on_from_the_one_before(extend):
    rows = "amount = 120 }, { from = 2026-01-01, cap = 360 }"
    versions = extend(EXTENSION.replace("amount = 120 }", rows)).measures["GRANT"].versions
    assert [(v.values["amount"], v.values["cap"]) for v in versions] == [(100, 300), (120, 300), (120, 360)]


@pytest.mark.parametrize(
    ("good", "bad", "key"),
    [
        ("days_after = 10", "days_after = 10.5", "deadlines.办理.values"),
        ("days_after = 10", "days_after = 2023-01-01", "deadlines.办理.values"),
        ("days_after = 10", "day = 10", "deadlines.办理.values"),
        ("days_after = 10", "days_after = 10, month = 1", "deadlines.办理.values"),
        ("month = 7", "month = 13", "deadlines.核查.values"),
        ("month = 7", "by = 7", "deadlines.核查.values"),
        ("over = 1, rise = 0.045, low2 = 0.6, per2 = 12", "least = 1", "indicators.占比.values"),
        ('household_cap = "cap"', 'household_cap = "numbers"', "GRANT.household_cap"),
        ('note = "原文没有写到期日。"', 'quote = "自印发之日起"', "in_force.quote"),
    ],
)
def test_mistakes_of_meaning_are_noticed_when_loading(load, good, bad, key):
    assert good in FULL
    with pytest.raises(PolicyError, match=re.escape(f"broken/policy.toml: {key}")):
        load(FULL.replace(good, bad))
