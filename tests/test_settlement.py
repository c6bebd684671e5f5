"""Settling what a household claims: once per person or household, exclusions, caps on sums. On a made-up document."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given, settings, strategies as st

from xl_poverty.rules.parameters import Policy, Version
from xl_poverty.rules.settlement import MONTHS, Claimed, Settled, Unsettled, settle

POLICY = """
id = "made_up"
short_name = "某县"
title = "某县若干措施"
in_force = { from = 2023-01-01 }
[clauses.1]
title = "补贴"
use = "计算"
text = "享受甲的不再享受乙。享受补助的不再享受奖金。NAMES"
"""
MEASURE = """
[{name}]
clause = "1"
quote = "{name}"
kind = "定额"
"""
KINDS = {
    "MONTHLY": "",
    "YEARLY": 'once = "人/年"',
    "ONCE": 'once = "人/一次"',
    "HOUSE": 'once = "户/年"',
    "COMPANY": 'once = "机构/年"',
    "CAPPED": 'household_cap = "cap"\nvalues = [{ from = 2023-01-01, cap = 300 }]',
    "FRACTION": 'household_cap = "cap"\nvalues = [{ from = 2023-01-01, cap = 33.335 }]',
    "WORDS": 'household_cap = "cap"\nvalues = [{ from = 2023-01-01, cap = { "甲" = 300, "乙" = 200 } }]',
    "BOTH": 'once = "人/年"\nhousehold_cap = "cap"\nvalues = [{ from = 2023-01-01, cap = 300 }]',
    "AWARD": "",
    "AID": "",
}
EXCLUSIONS = """
[[exclusion]]
measure = "WORDS"
where = { route = "乙" }
barred_by = "WORDS"
barred_where = { route = "甲" }
clause = "1"
quote = "享受甲的不再享受乙"
[[exclusion]]
measure = "AWARD"
barred_by = "AID"
clause = "1"
quote = "享受补助的不再享受奖金"
[[exclusion]]
measure = "AID"
where = { route = "乙" }
barred_by = "AWARD"
barred_where = { route = "甲" }
clause = "1"
quote = "享受补助的不再享受奖金"
"""
#: two functions for what one sentence grants, by months or by a list of wages
SAME = '[SAME]\nlike = "ONCE"\n'
CAPS = {"CAPPED": 30000, "FRACTION": 3333, "BOTH": 30000}
WORD_CAPS = {"甲": 30000, "乙": 20000}


def written(folder, measures: dict[str, str], rest: str) -> Policy:
    """A document with these measures, each granted by a sentence of its own."""
    folder = folder / "made_up"
    folder.mkdir()
    text = POLICY.replace("NAMES", " ".join(measures))
    text += "".join(MEASURE.format(name=name) + kind + "\n" for name, kind in measures.items()) + rest
    (folder / "policy.toml").write_text(text, encoding="utf-8")
    return Policy(folder)


@pytest.fixture(scope="module")
def policy(tmp_path_factory) -> Policy:
    return written(tmp_path_factory.mktemp("settlement"), KINDS, SAME + EXCLUSIONS)


@pytest.fixture
def settled(policy):
    """What remains, in 分, of claims (measure, 分, member, word, months)."""

    def settle_all(*claims):
        return [result.fen for result in results_of(policy, claims)]

    return settle_all


def claimed(policy: Policy, name: str, fen: int, member="", word="", months: int | None = None, day=None):
    measure = policy.measures[name]
    version = measure.version(day) or Version(policy.start, {})
    return Claimed(measure, version, {"route": word} if word else {}, member, fen, months)


def results_of(policy: Policy, claims) -> list[Settled]:
    return settle(policy, [claimed(policy, *claim) for claim in claims])


def raised(policy: Policy, *claims) -> Unsettled:
    with pytest.raises(Unsettled) as caught:
        results_of(policy, claims)
    return caught.value


def test_nothing_is_settled_as_nothing(settled):
    assert settled() == []
    assert settled(("MONTHLY", 100), ("MONTHLY", 100), ("COMPANY", 5), ("COMPANY", 5)) == [100, 100, 5, 5]


# ---- once


@pytest.mark.parametrize("name", ["YEARLY", "ONCE"])
def test_the_best_row_of_a_person_counts(policy, name):
    claims = [(name, 100, "甲"), (name, 300, "甲"), (name, 200, "甲"), (name, 50, "乙")]
    results = results_of(policy, claims)
    assert [r.fen for r in results] == [0, 300, 0, 50]
    assert [r.why for r in results] == ["同一人只算一次，已按较高的一行", "", "同一人只算一次，已按较高的一行", ""]


def test_rows_of_a_person_that_are_equal_count_once(settled):
    assert sorted(settled(("ONCE", 100, "甲"), ("ONCE", 100, "甲"))) == [0, 100]


def test_a_row_of_nothing_has_no_reason(policy):
    results = results_of(policy, [("ONCE", 0, "甲"), ("ONCE", 100, "甲")])
    assert results == [Settled(0), Settled(100)]


@pytest.mark.parametrize("same", ["张三", " 张三", "张 三", "张三\u3000"])
def test_a_person_is_one_however_the_name_is_spaced(settled, same):
    assert settled(("ONCE", 100, "张三"), ("ONCE", 90, same)) == [100, 0]
    assert settled(("ONCE", 100, "ZhangＳ"), ("ONCE", 90, "zhangs")) == [100, 0]


def test_a_person_may_have_one_row_of_each_measure(settled):
    once, monthly = [("ONCE", 100, "甲"), ("YEARLY", 100, "甲")], ("MONTHLY", 7, "甲")
    assert settled(*once, monthly, monthly) == [100, 100, 7, 7]


def test_rows_of_nobody_cannot_be_told_apart(policy, settled):
    for claims in ([("ONCE", 1, "甲"), ("ONCE", 1)], [("ONCE", 1), ("ONCE", 1)]):
        error = raised(policy, *claims)
        assert (error.code, error.measure.name) == ("missing", "ONCE")
        assert error.message == "有2行，一人只算一次，请填“成员”以分清是不是同一人"
        assert str(error) == error.message
    assert settled(("ONCE", 100), ("YEARLY", 100), ("MONTHLY", 5), ("MONTHLY", 5)) == [100, 100, 5, 5]


def test_what_one_sentence_grants_is_one_measure(policy, settled):
    """Two functions may ask for it in two ways."""
    assert settled(("ONCE", 100, "甲"), ("SAME", 300, "甲"), ("SAME", 7, "乙")) == [0, 300, 7]
    assert raised(policy, ("ONCE", 1, "甲"), ("SAME", 1)).code == "missing"
    assert settled(("ONCE", 100, "甲"), ("YEARLY", 300, "甲")) == [100, 300]


def test_once_for_the_household(policy):
    results = results_of(policy, [("HOUSE", 100, "甲"), ("HOUSE", 300, "乙"), ("HOUSE", 200)])
    assert [r.fen for r in results] == [0, 300, 0]
    assert results[0].why == "一户只算一次，已按较高的一行"


# ---- exclusion


@pytest.mark.parametrize("word", ["甲", "乙"])
def test_an_exclusion_does_not_look_at_the_order(policy, word):
    rows = [("WORDS", 100, "", "甲"), ("WORDS", 150, "", "乙"), ("WORDS", 20, "", "乙")]
    for claims in (rows, rows[::-1], [rows[1], rows[0], rows[2]]):
        results = dict(zip(claims, results_of(policy, claims), strict=True))
        assert [results[row].fen for row in rows] == [100, 0, 0]
        assert results[rows[1]].why == "“享受甲的不再享受乙”"


def test_what_comes_to_nothing_bars_nothing(settled):
    assert settled(("WORDS", 0, "", "甲"), ("WORDS", 150, "", "乙")) == [0, 150]
    assert settled(("WORDS", 150, "", "乙")) == [150]
    assert settled(("WORDS", 1, "", "甲"), ("WORDS", 150, "", "乙")) == [1, 0]  # one 分 is enough


def test_an_exclusion_without_words_meets_every_row(settled):
    assert settled(("AWARD", 100), ("AWARD", 100, "", "乙"), ("AID", 1)) == [0, 0, 1]
    assert settled(("AWARD", 100), ("MONTHLY", 1)) == [100, 1]
    assert settled(("WORDS", 100, "", "甲"), ("AID", 100, "", "乙")) == [100, 100]


def test_exclusions_look_at_what_every_claim_comes_to_by_itself(settled):
    """Two that bar each other are both barred, whichever the document names first."""
    claims = [("AWARD", 100, "", "甲"), ("AID", 100, "", "乙")]
    assert settled(*claims) == settled(*claims[::-1]) == [0, 0]


def excluding(name: str) -> str:
    text = f'[[exclusion]]\nmeasure = "{name}"\nwhere = {{ route = "乙" }}\nbarred_by = "OTHER"\n'
    return text + 'clause = "1"\nquote = "享受甲的不再享受乙"\n'


def test_an_excluded_row_is_not_the_one_that_counts(tmp_path):
    own = written(tmp_path, {"ONCE": KINDS["ONCE"], "OTHER": ""}, excluding("ONCE"))
    claims = [("ONCE", 300, "甲", "乙"), ("ONCE", 100, "甲", "丙"), ("OTHER", 1)]
    assert [r.fen for r in results_of(own, claims)] == [0, 100, 1]
    assert [r.fen for r in results_of(own, claims[:2])] == [300, 0]


def test_a_row_that_is_excluded_leaves_room(tmp_path):
    own = written(tmp_path, {"CAPPED": KINDS["CAPPED"], "OTHER": ""}, excluding("CAPPED"))
    claims = [("CAPPED", 30000, "", "乙"), ("CAPPED", 25000, "", "甲"), ("OTHER", 1)]
    assert [r.fen for r in results_of(own, claims)] == [0, 25000, 1]


# ---- months


def test_nobody_has_more_months_than_a_year(policy, settled):
    assert MONTHS == 12
    six, seven = ("MONTHLY", 1, "张三", "", 6), ("MONTHLY", 1, "张 三", "", 7)
    error = raised(policy, six, seven)
    assert error.code == "inconsistent"
    assert error.message == "同一人的月数合计13个月，超过一年，是否同月重复，请核对"
    assert settled(six, six) == [1, 1]
    assert settled(("MONTHLY", 1, "甲", "", 12), ("MONTHLY", 1, "乙", "", 12)) == [1, 1]
    assert settled(("MONTHLY", 1, "甲", "", 12), ("AID", 1, "甲", "", 12)) == [1, 1]  # another measure
    assert settled(("MONTHLY", 1, "甲", "", 24)) == [1]  # one row of two years may be, arrears
    assert settled(("MONTHLY", 1, "甲", "", 12), ("MONTHLY", 1, "甲", "", None)) == [1, 1]
    assert settled(("MONTHLY", 1, "", "", 12), ("MONTHLY", 1, "", "", 12)) == [1, 1]  # perhaps two persons


# ---- caps


def test_a_cap_holds_for_the_sum_of_the_rows(policy):
    results = results_of(policy, [("CAPPED", 20000), ("CAPPED", 10000), ("CAPPED", 1)])
    assert results == [Settled(20000), Settled(10000), Settled(0, "全户合计已达每户上限")]
    results = results_of(policy, [("CAPPED", 29999), ("CAPPED", 20000), ("CAPPED", 5)])
    assert [r.fen for r in results] == [29999, 1, 0]
    assert results[1].why == "全户合计已达每户上限"


def test_a_cap_of_parts_of_a_fen_is_not_exceeded(settled):
    assert settled(("FRACTION", 3333)) == [3333]
    assert settled(("FRACTION", 3000), ("FRACTION", 400)) == [3000, 333]


def test_every_word_has_its_own_cap(settled):
    assert settled(("WORDS", 15000, "", "乙"), ("WORDS", 15000, "", "乙")) == [15000, 5000]
    assert settled(("WORDS", 15000, "", "甲"), ("WORDS", 15001, "", "甲")) == [15000, 15000]


def test_the_cap_is_that_of_the_day(tmp_path):
    two = KINDS["CAPPED"].replace("cap = 300 }", "cap = 300 }, { from = 2024-01-01, cap = 500 }")
    own = written(tmp_path, {"CAPPED": two}, "")

    def paid(*days):
        claims = [claimed(own, "CAPPED", 40000, day=day) for day in days]
        return [result.fen for result in settle(own, claims)]

    before, after = dt.date(2023, 12, 31), dt.date(2024, 1, 1)
    assert paid(before, before) == [30000, 0]
    assert paid(after, after) == paid(None, None) == [40000, 10000]


def test_rows_of_two_days_do_not_depend_on_their_order(tmp_path):
    two = KINDS["CAPPED"].replace("cap = 300 }", "cap = 300 }, { from = 2024-01-01, cap = 500 }")
    own = written(tmp_path, {"CAPPED": two}, "")
    claims = [claimed(own, "CAPPED", 30000, day=dt.date(year, 6, 1)) for year in (2023, 2024)]
    assert sum(r.fen for r in settle(own, claims)) == sum(r.fen for r in settle(own, claims[::-1]))


def test_once_and_a_cap_together(settled):
    rows = [("BOTH", 20000, "甲"), ("BOTH", 25000, "甲"), ("BOTH", 20000, "乙")]
    assert settled(*rows) == [0, 25000, 5000]
    assert sum(settled(*rows[::-1])) == 30000


# ---- whatever is claimed

claims_of_a_household = st.lists(
    st.tuples(
        st.sampled_from([*KINDS, "SAME"]),
        st.integers(0, 40000) | st.sampled_from([0, 1, 10000, 20000, 30000]),
        st.sampled_from(["", "甲", "乙", " 甲"]),
        st.sampled_from(["甲", "乙"]),
        st.none() | st.integers(0, 13),
    ),
    max_size=9,
)


def outcome(policy: Policy, claims):
    """(total per measure and word) or nothing where it cannot be settled."""
    try:
        results = results_of(policy, claims)
    except Unsettled:
        return None
    totals: dict = {}
    for claim, result in zip(claims, results, strict=True):
        assert 0 <= result.fen <= claim[1], "settling adds nothing"
        assert bool(result.why) == (result.fen < claim[1]), "what is less has a reason, what is whole has none"
        key = {"SAME": "ONCE"}.get(claim[0], claim[0]), claim[3]
        totals[key] = totals.get(key, 0) + result.fen
    return totals


@settings(max_examples=400, deadline=None)
@given(claims=claims_of_a_household, data=st.data())
def test_a_household_is_settled_whatever_the_order(policy, claims, data):
    totals = outcome(policy, claims)
    again = outcome(policy, data.draw(st.permutations(claims)))
    if totals is None:
        assert again is None
        return
    assert sum(totals.values()) == sum(again.values()) <= sum(claim[1] for claim in claims)
    for name in KINDS:
        of_measure = [t for (measure, _), t in totals.items() if measure == name]
        assert sum(of_measure) == sum(t for (measure, _), t in again.items() if measure == name)
        assert sum(of_measure) <= CAPS.get(name, sum(of_measure))
    for word, cap in WORD_CAPS.items():
        assert totals.get(("WORDS", word), 0) <= cap
    barred = any(name == "WORDS" and word == "甲" and fen for name, fen, _, word, _ in claims)
    assert not (barred and totals.get(("WORDS", "乙")))


@settings(max_examples=200, deadline=None)
@given(claims=claims_of_a_household)
def test_one_claim_more_never_takes_a_cap_away(policy, claims):
    """A household with a claim more of the same capped measure gets as much or more, and never beyond the cap."""
    capped = [claim for claim in claims if claim[0] == "CAPPED"]
    total = 0
    for count in range(1, len(capped) + 1):
        totals = outcome(policy, [(*claim[:4], None) for claim in capped[:count]])
        assert total <= sum(totals.values()) <= CAPS["CAPPED"]
        total = sum(totals.values())
    assert total == min(sum(claim[1] for claim in capped), CAPS["CAPPED"])
