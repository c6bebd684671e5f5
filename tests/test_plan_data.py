"""plan.toml of every installed document against its text and against the rest of its data."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from checked import POLICIES as PACKAGE, function

from xl_poverty.plans.homes import FACT_NO, FACT_YES, NOTHING_KNOWN, Home
from xl_poverty.plans.menu import FACTS, FILE, KINDS, Menu, menu_of, read_menu
from xl_poverty.rules.parameters import Policy, find_policies

SEEDS = Path(__file__).parents[2] / "shared" / "seeds"
POLICIES = {folder.name: Policy(folder) for folder in find_policies(PACKAGE) if (folder / FILE).exists()}

every_document = pytest.mark.parametrize("policy", POLICIES.values(), ids=POLICIES)

#: keys of an entry that are the document's own words, beside the quotes
OWN_WORDS = ("options", "confirm", "duties", "lead", "level", "who")
#: fact -> what a document must have for it: a measure, or a fact of the rules
RESTS_ON = {
    "收入分类": "TIER",
    "重点关注": "WATCH_LIST",
    "减收原因": "LOSS_CAUSES",
    "属于低收入脱贫人口": "LOW_INCOME_SCOPE",
    "有达龄老人": "ELDER_MONTHS",
    "属于政策对象": "in_scope",
}


def written(policy: Policy) -> dict:
    return tomllib.loads((policy.folder / FILE).read_text(encoding="utf-8"))


def quoting(data: dict):
    """(what it is called, entry) of all that names a clause and quotes it."""
    for section in ("plan", "goal", "measure", "register"):
        for number, entry in enumerate(data.get(section, []), 1):
            yield entry.get("name", f"{section} {number}"), entry
    for entry in (*data.get("roles", {}).get("responsible", []), *data.get("closing", {}).get("conditions", [])):
        yield entry["name"], entry
    for number, entry in data.get("causes", {}).items():
        yield f"causes.{number}", entry
    if "visits" in data:
        yield "visits", data["visits"]


def several(value) -> list:
    return [value] if isinstance(value, str) else list(value)


def gains(policy: Policy) -> list[tuple[str, dict]]:
    return [(row["gain"], row.get("where", {})) for row in written(policy)["measure"] if "gain" in row]


def test_there_are_plans():
    assert POLICIES


@every_document
def test_it_loads(policy):
    menu, data = menu_of(policy), written(policy)
    assert [offer.name for offer in menu.offers] == [row["name"] for row in data["measure"]]
    assert [register.name for register in menu.registers] == [row["name"] for row in data["register"]]


def test_a_document_may_have_none(tmp_path):
    (tmp_path / "mou_2025").mkdir()
    (tmp_path / "mou_2025" / "policy.toml").write_text(
        'id = "mou_2025"\nshort_name = "某县"\ntitle = "某县措施"\nclauses = {}\n[in_force]\nfrom = 2025-01-01\n',
        encoding="utf-8",
    )
    policy = Policy(tmp_path / "mou_2025")
    assert menu_of(policy) == Menu(policy)


# ---- the text


@every_document
def test_every_word_of_the_document_stands_in_its_clause(policy):
    """The clauses themselves are held to the text, or where it is not there to its sum, by test_policies.py."""
    for name, entry in quoting(written(policy)):
        text = policy.clauses[entry["clause"]].text
        said = several(entry["quote"]) + [word for key in OWN_WORDS for word in several(entry.get(key, []))]
        assert entry["quote"], name
        for words in said:
            assert words and words in text, (name, words)


@every_document
def test_quotes_stand_in_the_document(policy):
    file = SEEDS / policy.source["file"]
    if not file.exists():
        pytest.skip(f"{file.name} is not beside this checkout")
    whole = "".join(file.read_text(encoding="utf-8").split())
    for name, entry in quoting(written(policy)):
        for quote in several(entry["quote"]):
            assert "".join(quote.split()) in whole, name


@every_document
def test_every_clause_has_an_entry_or_none(policy):
    """Not both, and none without the reason."""
    data = written(policy)
    used = {entry["clause"] for _, entry in quoting(data)}
    used |= {policy.deadlines[term["deadline"]].clause for term in data.get("dates", {}).values()}
    idle = [row["clause"] for row in data["none"]]
    assert len(idle) == len(set(idle)) and all(row["why"] for row in data["none"])
    assert not used & set(idle)
    assert used | set(idle) == set(policy.clauses)


@every_document
def test_lead_departments_are_those_printed(policy):
    """Where a clause ends in the departments that lead, each of its measures has them."""
    for row in written(policy)["measure"]:
        printed = re.search(r"（牵头单位：([^）]+)）", policy.clauses[row["clause"]].text)
        if printed:
            assert row.get("lead") == printed[1], row["name"]


@every_document
def test_measures_follow_the_text(policy):
    order = list(policy.clauses)
    places = [order.index(row["clause"]) for row in written(policy)["measure"]]
    assert places == sorted(places)


@every_document
def test_no_figure_is_written_again(policy):
    """Amounts, lines and days stand in policy.toml, and here in quotes alone."""
    figure = re.compile(r"\d[\d.]*\s*(元|万|%|％|成|个月|天|日|周岁|岁|人|亩|次|年底|月底)")
    data = written(policy)
    said = [(name, entry.get(key, "")) for name, entry in quoting(data) for key in ("name", "note", "reading")]
    said += [("none", row["why"]) for row in data["none"]]
    said += [("dates", term.get("note", "")) for term in data.get("dates", {}).values()]
    said.append(("closing", data.get("closing", {}).get("note", "")))
    assert not [(name, text) for name, text in said if figure.search(text)]


def test_the_guide_at_the_top_is_one():
    tops = set()
    for policy in POLICIES.values():
        lines = (policy.folder / FILE).read_text(encoding="utf-8").splitlines()
        comments = lines[: next(number for number, line in enumerate(lines) if not line.startswith("#"))]
        assert policy.short_name in comments[0]
        tops.add("\n".join(comments[1:]))
    assert len(tops) == 1


# ---- the rest of the data


@every_document
def test_gains_are_what_a_household_is_paid(policy):
    """Every amount of the document for a person or household is somebody's gain once, and nothing else is."""
    due = set()
    for name, measure in policy.measures.items():
        signature = function(policy, name)
        if measure.payee in ("个人", "户") and signature.result == "元" and not measure.like:
            if (measure.nature or signature.nature) != "贷款额度":
                due.add(name)
    found = gains(policy)
    assert {name for name, _ in found} == due
    for name, where in found:
        assert function(policy, name).result == "元" and policy.measures[name].payee in ("个人", "户")
        for argument, word in where.items():
            assert word in function(policy, name).by_name[argument].options, (name, argument)
    assert len({(name, *sorted(where.items())) for name, where in found}) == len(found), "a gain is counted twice"
    for name, where in found:
        assert where or [one for one, _ in found].count(name) == 1, f"{name} without where is counted twice"


@every_document
def test_what_is_only_named_is_no_gain(policy):
    assert not {name for name, _ in gains(policy)} & set(policy.named)


@every_document
def test_deadlines_are_those_of_the_document(policy):
    data = written(policy)
    named = [row["deadline"] for row in data["measure"] if "deadline" in row]
    named += [term["deadline"] for term in data.get("dates", {}).values()]
    assert set(named) <= set(policy.deadlines)
    # every deadline of the clauses that order plans is taken up
    plans = {policy.deadlines[name].clause for name in named}
    assert {name for name, one in policy.deadlines.items() if one.clause in plans} == set(named)


def conditions(policy: Policy):
    """(fact, words) of every alternative of every when and first, taken apart without the reader."""
    data = written(policy)
    entries = [entry for _, entry in quoting(data)] + list(data.get("dates", {}).values())
    for row in [row for entry in entries for key in ("when", "first") for row in entry.get(key, [])]:
        fact = ""
        for part in row.split("|"):
            before, mark, after = part.partition("=")
            fact, word = (before, after) if mark else (fact, before)
            assert fact and word, row
            yield fact, word


@every_document
def test_facts_are_known_and_can_be_told(policy):
    words_of = {fact: words or () for fact, words in FACTS.items()}
    if "WATCH_LIST" in policy.measures:
        words_of["重点关注"] = (*policy.measures["WATCH_LIST"].versions[-1].values["words"], "无")
    for fact, word in set(conditions(policy)):
        assert word in words_of[fact], (fact, word)
        if fact in RESTS_ON:
            assert RESTS_ON[fact] in {**policy.measures, **policy.facts}, fact


@every_document
def test_kinds_and_names(policy):
    data = written(policy)
    assert {row["kind"] for row in data["measure"]} <= set(KINDS)
    names = [row["name"] for row in (*data["measure"], *data["register"])]
    assert len(names) == len(set(names))
    for row in data["register"]:
        assert row["kind"] in ("勾选", "选项", "日期", "文字", "数字"), row["name"]
        assert ("unit" in row) == (row["kind"] == "数字"), row["name"]
        assert row["kind"] in ("勾选", "选项") or "options" not in row, row["name"]
        assert row["kind"] != "选项" or len(row["options"]) > 1, row["name"]


@every_document
def test_every_cause_of_a_loss_is_replaced(policy):
    """The causes are those of the rule, each quoted at its number; each has a measure that makes up for it."""
    data = written(policy)
    if "LOSS_CAUSES" not in policy.measures:
        assert "causes" not in data and not any("causes" in row for row in data["measure"])
        return
    numbers = policy.measures["LOSS_CAUSES"].versions[-1].values["causes"].entries
    assert {row["item"]: int(number) for number, row in data["causes"].items()} == numbers
    assert {number for row in data["measure"] for number in row.get("causes", [])} == set(numbers.values())
    for number, row in data["causes"].items():
        text = policy.clauses[row["clause"]].text
        assert re.search(rf"(?m)^{number}\.?{re.escape(row['quote'])}", text), number


@every_document
def test_who_visits(policy):
    """Where the document counts months without a visit, its plan says who visits; elsewhere nothing is counted."""
    visits = written(policy).get("visits", {})
    assert visits.get("measure") == ("VISIT_GAPS" if "VISIT_GAPS" in policy.measures else None)


@every_document
def test_closing_says_how_the_text_was_read(policy):
    """No document prints the conditions: each is marked as a reading, or the note says that there is none."""
    closing = written(policy)["closing"]
    assert closing["note"]
    assert all(row["reading"] for row in closing.get("conditions", []))
    assert ("WATCH_CLOSE_OK" in policy.measures) == bool(closing.get("conditions"))


# ---- alternatives between facts


def menu_with(tmp_path, row: str) -> Menu:
    policy = next(iter(POLICIES.values()))
    clause = next(iter(policy.clauses.values()))
    file = tmp_path / FILE
    quote = clause.text.splitlines()[0]
    file.write_text(
        f"[[measure]]\nname = '甲'\nkind = '产业'\nclause = '{clause.number}'\nquote = '{quote}'\nwhen = ['{row}']\n",
        encoding="utf-8",
    )
    return read_menu(file, policy)


@pytest.mark.parametrize(
    ("low", "poor", "held"),
    [
        (FACT_YES, FACT_NO, True),
        (FACT_NO, FACT_YES, True),
        (FACT_NO, FACT_NO, False),
        (NOTHING_KNOWN, FACT_NO, None),
        (FACT_NO, NOTHING_KNOWN, None),
        (NOTHING_KNOWN, FACT_YES, True),
    ],
)
def test_one_of_several_facts_is_enough(tmp_path, low, poor, held):
    menu = menu_with(tmp_path, "有低保=是|有特困=是")
    (offer,) = menu.offers
    assert menu.facts == {"有低保", "有特困"}
    home = Home("1", [0], [0], 0, {"有低保": low, "有特困": poor})
    assert home.holds(offer.when)[0] is held
    assert str(offer.when[0]) == "有低保，或有特困"
