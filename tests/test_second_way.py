"""The figures of rosters, notices, comparisons, summaries and plans of the example ledgers, worked out a second way.

`second_way` reads the raw sheets and the documents' sentences; here they are held against what the commands wrote,
to the fen and the head.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from datetime import date
from fractions import Fraction

import pytest
from second_way import books, cells, dues, kinds
from second_way.cells import WORKBOOKS, Waiting, fen, fen_of, here, id18, number

from xl_poverty.cli import main

DOCUMENTS = ("双碾乡", "枣庄高新区", "阜阳市", "奉节县", "前进区")
PAYING = DOCUMENTS[:4]
#: last year's cells that the example leaves blank
BLANK_LAST = {("9999009040020005", "上年工资性收入")}
#: a farmer in no list, whose expense is blank
NO_CLASS = ("9999009020030001",)


class Made:
    """A document's outputs, each made when it is first asked for."""

    def __init__(self, name, folder):
        self.name, self._folder, self._books = name, folder, {}
        self.as_of = cells.as_of(name)
        self.this, self.last = cells.ledger(name), cells.ledger(name, last=True)
        self.due = dues.due(name)
        self.afresh = dues.due(name, afresh=True)  # as if nothing had been received
        self.paid = dues.paid(name) if name in PAYING else {}

    def _arguments(self, command):
        this, last = WORKBOOKS / f"{self.name}台账.xlsx", WORKBOOKS / f"{self.name}台账_上期.xlsx"
        paid = ["--paid", WORKBOOKS / f"{self.name}发放表.xlsx"] if self.name in PAYING else []
        return {
            "roster": ["roster", this, *paid],
            "notice": ["notice", this, "--start", "2025-12-01", *paid],
            "monitored": ["notice", this, "--start", "2025-12-01", "--monitored"],
            "compare": ["compare", last, this],
            "summary": ["summary", this, "--last", last, *paid],
            "plan": ["plan", this, "--last", last, *paid],
        }[command]

    def __getitem__(self, command):
        if command not in self._books:
            out = self._folder / f"{command}.xlsx"
            code = main([str(part) for part in (*self._arguments(command), "-o", out)])
            assert not code
            hidden = command in ("notice", "monitored")
            self._books[command] = books.Book(out, many=command == "plan", hidden=hidden)
        return self._books[command]

    def settled(self, measure):
        """{row: fen} of what is due, without what waits."""
        return {row: fen(amount) for row, amount in self.due[measure].items() if not isinstance(amount, Waiting)}

    def waiting(self, measure):
        return {row for row, amount in self.due[measure].items() if isinstance(amount, Waiting)}

    def number_of(self, row):
        return id18(self.this.at[row, "证件号码"])

    def paid_of(self, row, measure):
        return fen(self.paid.get((self.number_of(row), measure), 0))

    def payable(self, measure):
        """{row: fen} that a roster can take: amounts that are fixed, less what went out."""
        if measure.least:
            return {}
        amounts = {row: due - self.paid_of(row, measure.name) for row, due in self.settled(measure.name).items()}
        return {row: amount for row, amount in amounts.items() if amount > 0}


@pytest.fixture(scope="module", params=DOCUMENTS)
def made(request, tmp_path_factory):
    return Made(request.param, tmp_path_factory.mktemp("second"))


#: documents that put households into classes -> what the block is called
TITLED = {"枣庄高新区": "收入分档", "阜阳市": "重点关注"}


def cash(made):
    return [measure for measure in dues.MEASURES[made.name] if measure.nature == dues.CASH]


# ---- rosters -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("made", PAYING, indirect=True)
def test_rosters_hold_the_same_persons_and_amounts(made):
    book = made["roster"]
    for measure in cash(made):
        expected = made.payable(measure)
        found, total = book.roster(measure.name)
        assert found == {made.number_of(row): amount for row, amount in expected.items()}, measure.name
        assert books.last_amount(total) == sum(expected.values())
        households = made.this.loc[list(expected), "户编号"].nunique()
        assert total[2] == f"{households}户{len(expected)}人"


@pytest.mark.parametrize("made", PAYING, indirect=True)
def test_what_each_line_of_a_roster_rests_on(made):
    """What is due, what went out and what is left, for the row of the ledger."""
    found = {(row["事项"], row["行号"]): row for row in made["roster"].table("核算依据", "事项")}
    expected = {(measure.name, row): amount for measure in cash(made) for row, amount in made.payable(measure).items()}
    assert found.keys() == expected.keys()
    for (measure, row), amount in expected.items():
        line, out = found[measure, row], made.paid_of(row, measure)
        told = [fen_of(line[name] or 0) for name in ("应享（元）", "已发（元）", "本次（元）")]
        assert told == [amount + out, out, amount], (measure, row)


@pytest.mark.parametrize("made", PAYING, indirect=True)
def test_the_summary_of_the_roster_counts_villages_and_all_once(made):
    rows = made["roster"].keyed("发放汇总")
    persons, households, money = set(), set(), 0
    for measure in cash(made):
        expected = made.payable(measure)
        village = made.this.loc[list(expected), "行政村"]
        for name, own in village.groupby(village):
            key = next(key for key in rows if key.endswith(f"{measure.name}/{name}"))
            assert rows[key][2:4] == (made.this.loc[own.index, "户编号"].nunique(), len(own))
            assert fen_of(rows[key][4]) == sum(expected[row] for row in own.index)
        persons |= {made.number_of(row) for row in expected}
        households |= set(made.this.loc[list(expected), "户编号"])
        money += sum(expected.values())
    assert rows["合计"][2:4] == (len(households), len(persons)) and fen_of(rows["合计"][4]) == money


@pytest.mark.parametrize("made", PAYING, indirect=True)
def test_who_is_apart_in_the_roster_and_why(made):
    """Cells that somebody has to settle wait; what was paid in full, and who is gone, is apart; nothing is lost."""
    apart = defaultdict(set)
    for row in made["roster"].table("未列入", "事项"):
        apart[row["事项"], row["类别"]].add(row["台账行号"])
    for measure in cash(made):
        settled = made.settled(measure.name)
        least = {row for row, due in settled.items() if due and measure.least}
        full = {row for row, due in settled.items() if due and due <= made.paid_of(row, measure.name)} - least
        assert apart[measure.name, "待补"] == made.waiting(measure.name) | least, measure.name
        assert apart[measure.name, "已发"] == full, measure.name
        nothing = {row for row, due in settled.items() if not due}
        if measure.claimed:
            assert apart[measure.name, "不符合条件"] == nothing, measure.name
    gone = set(made.this[made.this["人口状态"].isin(cells.GONE)].index)
    for (_, kind), rows in apart.items():
        assert rows <= gone if kind == "停发" else not rows & gone


# ---- notices -------------------------------------------------------------------------------------------------------


def age(number, day):
    born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def sex(number):
    return "男" if int(number[16]) % 2 else "女"


@pytest.mark.parametrize("made", PAYING, indirect=True)
def test_notices_hold_the_roster_by_village(made):
    expected = defaultdict(Counter)
    for measure in cash(made):
        for row, amount in made.payable(measure).items():
            person, number = made.this.loc[row], made.number_of(row)
            told = person["姓名"], sex(number), age(number, made.as_of), amount
            expected[f"{measure.name}_{person['行政村']}"][told] += 1
    book = made["notice"]
    if len({title.split("_")[0] for title in expected}) == 1:  # one measure alone: a sheet is called by its village
        expected = {title.split("_")[1]: persons for title, persons in expected.items()}
    assert {title for title in book.sheets if not title.startswith("_")} == set(expected)
    for title, persons in expected.items():
        rows = book.table(title, "序号")
        found = Counter((row["姓名"], row["性别"], row["年龄"], fen_of(row["金额（元）"])) for row in rows)
        assert found == persons, title
        total = sum(amount * count for (*_, amount), count in persons.items())
        assert books.last_amount(book.keyed(title)["合计"]) == total


def test_notices_tell_no_number(made):
    for command in ("notice", "monitored") if made.name in PAYING else ("monitored",):
        numbers = set(made.this["证件号码"].map(id18)) | set(made.this["银行账号"].dropna())
        for title, rows in made[command].sheets.items():
            for cell in (str(cell) for row in rows for cell in row if cell is not None):
                assert not re.search(r"\d{15}", cell) and cell not in numbers, title


def test_the_notice_of_monitored_households(made):
    """The households whose risk has not ended: head, persons who are here, kind."""
    expected = defaultdict(set)
    for _, household in here(made.this).groupby("户编号"):
        head = household.iloc[0]
        if head["户类型"] in dues.MONITORED and head["风险是否已消除"] == "未消除":
            expected[head["行政村"]].add((head["姓名"], head["家庭人口数"], head["户类型"]))
            assert head["家庭人口数"] == len(household)
    book = made["monitored"]
    assert {title for title in book.sheets if not title.startswith("_")} == set(expected)
    for village, households in expected.items():
        rows = book.table(village, "序号")
        rows = [row for row in rows if isinstance(row["序号"], int)]
        assert {(row["户主姓名"], row["家庭人口"], row["监测对象类别"]) for row in rows} == households
        assert len(rows) == len(households)


# ---- the two periods -----------------------------------------------------------------------------------------------


def persons(rows):
    """{first 18 characters: row} of the persons who are here, each once."""
    found = {}
    for row, told in here(rows)["证件号码"].items():
        found.setdefault(id18(told), row)
    return found


def heads(rows):
    """户编号 -> the row of its head."""
    return rows[rows["与户主关系"] == "户主"].set_index("户编号")


def test_comparison_of_persons(made):
    now, then = persons(made.this), persons(made.last)
    expected = Counter()
    came = [made.this.loc[now[who]] for who in now.keys() - then.keys()]
    last_day = made.as_of.replace(year=made.as_of.year - 1)
    for person in came:
        born = id18(person["证件号码"])[6:14]
        expected["增", "新生" if born > f"{last_day:%Y%m%d}" else "新增或迁入", person["姓名"]] += 1
    state = {id18(row["证件号码"]): row["人口状态"] for _, row in made.this.iterrows()}
    for who in then.keys() - now.keys():
        expected["减", state.get(who, "不再出现（原因不明）"), made.last.at[then[who], "姓名"]] += 1
    book = made["compare"]
    found = Counter((row["增减"], row["情况"], row["姓名"]) for row in book.table("人员变动", "增减"))
    assert found == expected
    told = book.keyed("对比说明")
    assert told["上期人数"][1] == len(then) and told["本期人数"][1] == len(now)
    for (way, why, _), _ in expected.items():
        assert told[f"　{way}：{why}"][1] == sum(n for (w, y, _), n in expected.items() if (w, y) == (way, why))


def test_comparison_of_households(made):
    now, then = heads(made.this), heads(made.last)
    told = made["compare"].keyed("对比说明")
    assert told["上期户数"][1] == len(then) and told["本期户数"][1] == len(now)
    new, old = now.index.difference(then.index), then.index.difference(now.index)
    assert told["　增：本期才有的户"][1] == len(new) and told["　减：本期没有的户"][1] == len(old)
    was = {id18(row["证件号码"]): row["户编号"] for _, row in made.last.iterrows()}
    is_in = {id18(row["证件号码"]): row["户编号"] for _, row in made.this.iterrows()}
    expected = Counter()
    for household in new:
        members = made.this[made.this["户编号"] == household]["证件号码"].map(id18)
        expected["分户", next(was[who] for who in members if who in was)] += 1
    for household in old:
        members = made.last[made.last["户编号"] == household]["证件号码"].map(id18)
        expected["并户", next(is_in[who] for who in members if who in is_in)] += 1
    for household in now.index.intersection(then.index):
        if id18(now.at[household, "证件号码"]) != id18(then.at[household, "证件号码"]):
            expected["户主变更", household] += 1
    assert Counter((row["情况"], row["户编号"]) for row in made["compare"].table("户变动", "情况")) == expected


def change(last, this):
    return "增收" if this > last else "减收" if this < last else "收入持平"


def test_comparison_of_incomes(made):
    """年收入 of each household in both periods: difference, verdict, sums; nothing else is in the list."""
    now, then = heads(made.this), heads(made.last)
    expected = {}
    for household in now.index.intersection(then.index):
        last, this = (number(period.at[household, "年收入"]) for period in (then, now))
        expected[household] = fen(last), fen(this), change(last, this)
    book = made["compare"]
    found = {}
    for row in book.table("各户增减", "户编号"):
        found[row["户编号"]] = fen_of(row["上期年收入"]), fen_of(row["本期年收入"]), row["结论"]
        assert fen_of(row["增减"]) == fen_of(row["本期年收入"]) - fen_of(row["上期年收入"])
    assert found == expected
    total = book.keyed("各户增减")["合计"]
    lasts, thises = (sum(row[place] for row in expected.values()) for place in (0, 1))
    assert [fen_of(cell) for cell in total[3:6]] == [lasts, thises, thises - lasts]
    told = book.keyed("对比说明")
    verdicts = Counter(verdict for *_, verdict in expected.values())
    assert [told[f"　{name}"][1] for name in ("增收", "减收", "收入持平", "无法比较")] == [
        *(verdicts[name] for name in ("增收", "减收", "收入持平")), 0]  # fmt: skip


ITEMS = (
    *("务工收入", "公益性岗位收入", "其他工资性收入", "工资性收入", "种植业收入", "养殖业收入", "其他生产经营性收入"),
    *("生产经营性收入", "资产收益扶贫分红收入", "土地流转收入", "财产性收入", "低保金", "特困人员救助供养金"),
    *("养老保险金", "生态补偿金", "其他转移性收入", "转移性收入", "年收入", "种植业支出", "养殖业支出", "其他支出"),
    *("生产经营性支出", "纯收入"),
)


_CELLS = {}


def cells_of(rows, item):
    """户编号 -> the different cells of a column that are not blank."""
    if (id(rows), item) not in _CELLS:
        found = _CELLS[id(rows), item] = defaultdict(set)
        for household, cell in zip(rows["户编号"], rows[item], strict=True):
            found[household] |= {cell} - {None}
    return _CELLS[id(rows), item]


def item_of(rows, household, item):
    """What the household's rows say of an item: one fraction, None or `Waiting`."""
    told = {number(cell) for cell in cells_of(rows, item)[household]}
    if len(told) > 1:
        raise Waiting(told)
    return told.pop() if told else None


def test_comparison_of_items(made):
    """Each item that differs, by household, and no other; an item that cannot be read is not compared."""
    expected = {}
    for household in heads(made.this).index.intersection(heads(made.last).index):
        for item in (item for item in ITEMS if item in made.this):
            try:
                last, this = (cells.needed(item_of(rows, household, item)) for rows in (made.last, made.this))
                if item != "纯收入" and min(last, this) < 0:  # what is gross is never negative
                    raise Waiting(item)
            except Waiting:
                expected[household, item] = "无法比较"
                continue
            if last != this:
                expected[household, item] = fen(last), fen(this)
    found = {}
    for row in made["compare"].table("各项增减", "户编号"):
        if row["结论"] == "无法比较":
            found[row["户编号"], row["项目"]] = "无法比较"
        elif row["项目"] in ITEMS:
            found[row["户编号"], row["项目"]] = fen_of(row["上期"]), fen_of(row["本期"])
    if "纯收入" not in made.this:  # reckoned where the ledger has no column
        found = {key: told for key, told in found.items() if key[1] != "纯收入"}
    assert found == expected


def test_who_is_monitored_now_and_was_then(made):
    def state(rows, household):
        if household not in rows.index:
            return None
        row = rows.loc[household]
        return row["风险是否已消除"] if row["户类型"] in dues.MONITORED else None

    expected = Counter()
    now, then = heads(made.this), heads(made.last)
    for household in now.index.union(then.index):
        before, after = state(then, household), state(now, household)
        if before is None and after == "未消除":
            expected["纳入监测", household] += 1
        elif (before, after) == ("未消除", "已消除"):
            expected["风险消除", household] += 1
        elif before == "未消除" and after is None:
            expected["不再监测", household] += 1
    rows = [row for row in made["compare"].table("监测和名单变动", "名单") if row["名单"] == "监测"]
    assert Counter((row["变化"], row["户编号"]) for row in rows) == expected


def test_persons_who_stand_twice(made):
    numbers = made.this["证件号码"].map(id18)
    twice = numbers[numbers.duplicated()].unique()
    sheets = made["compare"].sheets
    found = made["compare"].table("重复登记", "情况") if "重复登记" in sheets else []
    assert len(found) == len(twice)
    for who in twice:
        rows = numbers[numbers == who].index
        (line,) = [row for row in found if row["姓名"] == made.this.at[rows[0], "姓名"]]
        assert all(f"{row}行" in line["在哪里"] for row in rows)


def test_tiers_and_watch_lists_that_changed(made):
    now, then = heads(made.this), heads(made.last)
    expected = {}
    if made.name == "枣庄高新区":
        for household in now.index.intersection(then.index):
            before, after = (kinds.tier(period.loc[household]) for period in (then, now))
            if before != after:
                expected[household] = "无法比较" if after == "待改" else f"{before}→{after}"
    elif made.name == "阜阳市":  # the document was not in force in the period before: whoever is on a list came to it
        for household in now.index.intersection(then.index):
            if kinds.watch(now.loc[household], then.loc[household]) not in ("无", "不适用"):
                expected[household] = "进入"
    rows = [row for row in made["compare"].table("监测和名单变动", "名单") if row["名单"] != "监测"]
    assert {row["户编号"]: row["变化"] for row in rows if row["户编号"] not in NO_CLASS} == expected


# ---- summaries -----------------------------------------------------------------------------------------------------


def village_sums(rows):
    """{village: Counter} with 合计, out of (village, {name: figure})."""
    found = defaultdict(Counter)
    for village, figures in rows:
        for place in (village, "合计"):
            for name, figure in figures.items():
                found[place][name] += figure
    return found


def test_summary_counts_households_and_persons(made):
    """Who died or moved is not counted, who stands twice is counted where he stands first."""
    first = ~made.this["证件号码"].map(id18).duplicated()
    is_here = ~made.this["人口状态"].isin(cells.GONE)
    told = []
    for _, household in made.this.groupby("户编号"):
        head, size = household.iloc[0], int((first & is_here)[household.index].sum())
        groups = ["合计", head["户类型"]]
        if head["户类型"] in dues.MONITORED:
            groups += ["监测对象", f"监测对象：{head['风险是否已消除']}"]
        figures = {(group, name): figure for group in groups for name, figure in (("户数", 1), ("人数", size))}
        figures["没有计入（人）", "死亡迁出"] = int((~is_here)[household.index].sum())
        figures["没有计入（人）", "重复"] = int((~first & is_here)[household.index].sum())
        told.append((head["行政村"], figures))
    expected = village_sums(told)
    found = made["summary"].by_place("汇总_户数人数")
    assert found.keys() == expected.keys()
    for village, figures in found.items():
        figures = {head: figure for head, figure in figures.items() if head[1]}
        assert figures == {head: expected[village][head] for head in figures}, village
        of_types = sum(figures.get((kind, "户数"), 0) for kind in set(made.this["户类型"]))
        assert of_types == expected[village]["合计", "户数"]


def test_summary_of_incomes(made):
    """Net income per head of those it is told of, and its growth where both years are known."""
    then = heads(made.last)
    told = []
    for household, head in heads(made.this).iterrows():
        if not kinds.counted(made.name, head):
            continue
        this, size = kinds.net(head), number(head["年度家庭人口数"])
        figures = {"应统计户数": 1, "人口": size, "纯收入": this}
        if household in then.index:
            last, last_size = kinds.net(then.loc[household]), number(then.at[household, "年度家庭人口数"])
            figures |= {"可比户数": 1, "this": this, "size": size, "last": last, "last size": last_size}
            figures["下降户数"] = int(this / size < last / last_size)
        else:
            figures["缺上年户数"] = 1
        told.append((head["行政村"], figures))
    expected = village_sums(told)
    found = made["summary"].by_place("汇总_收入")
    assert found.keys() == expected.keys()
    for village, figures in found.items():
        mine, told = expected[village], {name: figure for (_, name), figure in figures.items()}
        for name in ("应统计户数", "人口", "可比户数", "缺上年户数"):
            assert told[name] == mine[name], (village, name)
        assert told["下降户数"] == mine["下降户数"], village
        assert told["待改户数"] == 0
        assert fen_of(told["纯收入"]) == fen(mine["纯收入"])
        this, last = mine["this"] / mine["size"], mine["last"] / mine["last size"]
        for name, figure in (("人均纯收入", mine["纯收入"] / mine["人口"]), ("本年人均", this), ("上年人均", last),
                             ("增幅", this / last - 1)):  # fmt: skip
            assert told[name] == pytest.approx(float(figure), rel=1e-12), (village, name)


def test_summary_of_the_four_kinds(made):
    then = heads(made.last)
    told = []
    for household, head in heads(made.this).iterrows():
        if not kinds.counted(made.name, head):
            continue
        for kind in (*kinds.KINDS, kinds.EXPENSE):
            try:
                this = item_of(made.this, household, kind)
            except Waiting:
                told.append((head["行政村"], {(kind, "待改户数"): 1}))
                continue
            figures = {(kind, "本年合计"): this}
            if household in then.index:
                figures |= {(kind, "可比户本年"): this, (kind, "可比户上年"): number(then.at[household, kind])}
            told.append((head["行政村"], figures))
    expected = village_sums(told)
    sheet, seen = made["summary"].keyed("汇总_四类收入"), 0
    for block in ("合计", "按行政村"):
        heads_of = [*sheet[f"表头：{block}：0"]]
        for key, row in sheet.items():
            if key.startswith(f"{block}："):
                *_, village, kind = key.removeprefix(f"{block}：").split("／")
                figures = dict(zip(heads_of, row, strict=True))
                mine = expected[village or "合计"]
                for name in ("本年合计", "可比户本年", "可比户上年"):
                    assert fen_of(figures[name] or 0) == fen(mine[kind, name]), (village, kind, name)
                assert figures["待改户数"] == mine[kind, "待改户数"]
                seen += 1
    assert seen == 5 * len(expected)


@pytest.mark.parametrize("made", TITLED, indirect=True)
def test_summary_of_tiers_and_watch_lists(made):
    then = heads(made.last)
    first = ~made.this["证件号码"].map(id18).duplicated() & ~made.this["人口状态"].isin(cells.GONE)
    size = first.groupby(made.this["户编号"]).sum()
    title = TITLED[made.name]
    told = []
    for household, head in heads(made.this).iterrows():
        last = then.loc[household] if household in then.index else None
        verdict = kinds.tier(head) if title == "收入分档" else kinds.watch(head, last)
        persons = int(size[household])
        told.append((head["行政村"], {(f"{title}：{verdict}", "户数"): 1, (f"{title}：{verdict}", "人数"): persons}))
    expected = village_sums(told)
    found = made["summary"].by_place("汇总_分档名单")
    assert found.keys() == expected.keys()
    for village, figures in found.items():
        figures = {head: figure for head, figure in figures.items() if str(head[0]).startswith(title)}
        assert figures == {head: expected[village][head] for head in figures}
        assert sum(figures.values()) == sum(expected[village].values())


def test_summary_of_work_and_public_posts(made):
    first = ~made.this["证件号码"].map(id18).duplicated()
    told = []
    for row, person in here(made.this).iterrows():
        if not first[row]:
            continue
        place, figures = cells.text(person["务工去向"]), {}
        if place is not None:
            known = place if place in (*dues.PLACES, "待核实") else "待改"
            figures = {("务工", "人数"): 1, (known, "人数"): 1}
        figures["公益性岗位（人）", "本年"] = int(person["公益性岗位"] is not None)
        told.append((person["行政村"], figures))
    for _, person in here(made.last).iterrows():
        told.append((person["行政村"], {("公益性岗位（人）", "上年"): int(person["公益性岗位"] is not None)}))
    expected = village_sums(told)
    found = made["summary"].by_place("汇总_就业")
    for village, figures in found.items():
        for (group, name), figure in figures.items():
            if name in ("人数", "本年", "上年"):
                group = re.sub("（[省县].*", "", group)
                assert figure == expected[village][group, name], (village, group, name)
    assert found.keys() == expected.keys()


FLAGS = {
    "交通补贴": "本年已享受交通补贴",
    "稳岗补助": "以前已享受稳岗补助",
    "创业补贴": "以前已享受创业补贴",
    "残疾人培训补贴": "本年已享受残疾人培训补贴",
    "毕业生就业补贴": "以前已享受毕业生就业补贴",
}


@pytest.mark.parametrize("made", PAYING, indirect=True)
def test_summary_of_what_is_due_and_what_was_paid(made):
    """Due as if nothing had been received; of that what went out, what is lacking, what cannot be checked."""
    sheet = made["summary"].keyed("汇总_兑现")
    heads_of = sheet["表头：按事项：0"]
    found = {row[0]: dict(zip(heads_of, row, strict=True)) for key, row in sheet.items() if key.startswith("按事项：")}
    sums = defaultdict(Counter)
    for measure in dues.MEASURES[made.name]:
        mine, amounts = Counter(), made.afresh[measure.name]
        settled = {row: fen(due) for row, due in amounts.items() if not isinstance(due, Waiting) and due}
        for row, due in amounts.items():
            out = made.paid_of(row, measure.name)
            if isinstance(due, Waiting):
                mine["待改项"] += 1
                assert not out
                continue
            due = fen(due)
            flag = made.this.at[row, FLAGS[measure.name]] if measure.name in FLAGS else None
            unchecked = due if flag == "是" and not out else 0
            mine["应享人次"] += due > 0
            mine["应享金额"] += due
            mine["已兑现金额"] += min(due, out)
            mine["未能核对"] += unchecked
            mine["未发金额"] += due - min(due, out) - unchecked
        known = [(who, measure.name) for who in set(made.this["证件号码"].map(id18))]
        mine["已发金额"] = sum(fen(made.paid.get(key, 0)) for key in known)
        over = (max(0, made.paid_of(row, measure.name) - due) for row, due in settled.items())
        more = sum(over) if measure.least else 0
        mine["多发金额"] = mine["已发金额"] - mine["已兑现金额"] - more  # more than the least is nothing too much
        told = found[measure.name]
        for name in ("应享人次", "待改项"):
            assert told[name] == mine[name], (measure.name, name)
        figures = ("应享金额", "已发金额", "已兑现金额", "未发金额", "多发金额", "未能核对")
        for name in figures[:1] if measure.name == "小额信贷可追加额" else figures:  # nobody is paid a loan
            assert fen_of(told[name]) == mine[name], (measure.name, name)
        if measure.name != "小额信贷可追加额":
            told["mine"] = mine
            sums[told["性质"]].update(mine)
    for nature, mine in sums.items():
        told = found[f"{nature}合计"]
        for name in ("应享金额", "已发金额", "已兑现金额", "未发金额", "未能核对"):
            assert fen_of(told[name]) == mine[name], (nature, name)
    for told in found.values():
        if "mine" in told:
            full = told["mine"]["已兑现金额"] + told["mine"]["未发金额"]
            rate = Fraction(told["mine"]["已兑现金额"], full) if full else 0
            assert told["兑现率（金额）"] == pytest.approx(float(rate), rel=1e-12)


HELP = ("产业帮扶", "就业帮扶", "健康帮扶", "教育帮扶", "综合保障")


def test_summary_of_measures_by_kind(made):
    told = []
    for _, household in made.this.groupby("户编号"):
        figures = {}
        for kind in HELP:
            items = {cells.text(cell) for cell in household[kind]} - {None}
            if items:
                parts = {part for item in items for part in re.split("[、,，]", item)}
                figures |= {(kind, "户数"): 1, (kind, "项数"): len(parts)}
        if figures:
            count = sum(figure for (_, name), figure in figures.items() if name == "项数")
            figures |= {("有帮扶措施", "户数"): 1, ("有帮扶措施", "项数"): count}
        told.append((household.iloc[0]["行政村"], figures))
    expected = village_sums(told)
    found = made["summary"].by_place("汇总_帮扶措施")
    assert found.keys() == expected.keys()
    for village, figures in found.items():
        figures = {head: figure for head, figure in figures.items() if head[1] in ("户数", "项数")}
        assert figures == {head: expected[village][head] for head in figures}, village
        assert len(figures) == 12


@pytest.mark.parametrize("made", ("枣庄高新区",), indirect=True)
def test_summary_ranks_towns_by_growth(made):
    """枣庄高新区三（三）: the slowest first."""
    then, sums = heads(made.last), defaultdict(Counter)
    for household, head in heads(made.this).iterrows():
        if household in then.index and kinds.counted(made.name, head):
            last = then.loc[household]
            sums[head["乡镇"]].update({
                "this": kinds.net(head), "size": number(head["年度家庭人口数"]), "households": 1,
                "last": kinds.net(last), "last size": number(last["年度家庭人口数"]),
            })  # fmt: skip
    growth = {town: (s["this"] / s["size"]) / (s["last"] / s["last size"]) - 1 for town, s in sums.items()}
    rows = made["summary"].table("汇总_增速排名", "名次")
    assert [row["乡镇（街道）"] for row in rows] == sorted(growth, key=growth.get)
    for row in rows:
        assert row["增幅"] == pytest.approx(float(growth[row["乡镇（街道）"]]), rel=1e-12)
        assert row["可比户数"] == sums[row["乡镇（街道）"]]["households"]


@pytest.mark.parametrize("made", ("奉节县",), indirect=True)
def test_summary_of_deadlines(made):
    """奉节县九: plans in January, reviews in July, new households within ten days."""

    def day_of(household, column):
        days = {cell.date() for cell in household[column] if cell is not None}
        assert len(days) < 2
        return days.pop() if days else None

    told = []
    for _, household in made.this.groupby("户编号"):
        head = household.iloc[0]
        if head["户类型"] not in dues.MONITORED or head["风险是否已消除"] != "未消除":
            continue
        taken, planned = day_of(household, "纳入时间"), day_of(household, "一户一策制定时间")
        reviewed, done = day_of(household, "一户一策核查时间"), day_of(household, "帮扶措施落实时间")
        figures = Counter()
        if taken.year < 2023:
            duties = {"一户一策制定": (planned, planned and (planned.year, planned.month) == (2023, 1))}
        else:
            duties = {"新增监测对象措施": (done, done and (done - taken).days <= 10)}
        if taken <= date(2023, 7, 31):
            duties["一户一策核查"] = reviewed, reviewed and (reviewed.year, reviewed.month) == (2023, 7)
        for duty, (day, in_time) in duties.items():
            state = "按期" if in_time else "不在期限内" if day else "过期未办"
            figures.update({(duty, "应办户数"): 1, (duty, state): 1})
        told.append((head["行政村"], figures))
    expected = village_sums(told)
    for village, figures in made["summary"].by_place("汇总_时限").items():
        figures = {head: figure for head, figure in figures.items() if head[1]}
        assert figures == {head: expected[village][head] for head in figures}, village


def test_the_first_page_of_the_summary_tells_the_same(made):
    book = made["summary"]
    told = {key.removeprefix("数："): row[1] for key, row in book.keyed("汇总").items() if key.startswith("数：")}
    total = book.by_place("汇总_户数人数")["合计"]
    assert told["户数"] == total["合计", "户数"] == made.this["户编号"].nunique()
    assert told["人数"] == total["合计", "人数"] == len(persons(made.this))
    assert told["监测对象户数"] == total["监测对象", "户数"]
    assert told["监测对象人数"] == total["监测对象", "人数"]
    assert told["其中风险未消除户数"] == total["监测对象：未消除", "户数"]
    if made.name in PAYING:
        due = sum(fen(amount) for measure in cash(made) for amount in made.afresh[measure.name].values()
                  if not isinstance(amount, Waiting))  # fmt: skip
        waiting = sum(isinstance(amount, Waiting) for amounts in made.afresh.values() for amount in amounts.values())
        assert fen_of(told["应享现金（元）"]) == due and told["应享待改（项）"] == waiting


#: went to a member who had moved away, not to whom it is due; more than the least that the text gives
JUDGED = {("9999009000010016", "交通补贴"): "未发放", ("9999009020020015", "创业补贴"): "已发放"}


# ---- plans ---------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def sheets_of(made):
    """户编号 -> {key: row} of the household's sheet."""
    book, found = made["plan"], {}
    for title in list(book.sheets)[1:]:
        if not title.startswith("_"):
            rows = book.keyed(title)
            found[rows["户:户主"][4]] = rows
    return found


def test_plans_of_the_households_that_the_document_means(made, sheets_of):
    expected = {household for household, head in heads(made.this).iterrows() if kinds.planned(made.name, head)}
    assert set(sheets_of) == expected
    index = made["plan"].sheets["一户一策目录"]
    assert {row[1] for row in index if isinstance(row[0], (int, float))} == expected


def test_plans_list_the_members_who_are_here(made, sheets_of):
    by_household = here(made.this).groupby("户编号")
    for household, rows in sheets_of.items():
        members = by_household.get_group(household)
        told = [(row[1], row[2]) for key, row in rows.items() if key.startswith("成员:9")]
        assert told == list(zip(members["姓名"], members["与户主关系"], strict=True))
        assert rows["户:家庭住址"][7] == len(members)


def test_incomes_of_both_years_in_the_plans(made, sheets_of):
    """By kind, as the ledger has them; what cannot be read stays empty."""
    lines = {kind: (f"上年{kind}", kind) for kind in (*kinds.KINDS, kinds.EXPENSE)}
    lines |= {"年收入合计": (None, "年收入"), "家庭纯收入": ("上年纯收入", "纯收入")}
    for household, head in heads(made.this).iterrows():
        if household not in sheets_of:
            continue
        for name, (last_item, item) in lines.items():
            row = sheets_of[household][f"收入:{name}"]
            this = kinds.net(head) if name == "家庭纯收入" else None
            try:
                this = item_of(made.this, household, item) if this is None else this
            except Waiting:
                assert row[5] is None and row[7] is None, (household, name)
                continue
            assert fen_of(row[5]) == fen(this), (household, name)
            if last_item is None:
                last = [number(head[f"上年{kind}"]) for kind in kinds.KINDS]
                last = None if None in last else sum(last)
            else:
                last = number(head[last_item])
            if (household, last_item) in BLANK_LAST or (name == "年收入合计" and last is None):
                continue
            assert fen_of(row[3]) == fen(last), (household, name)
            assert fen_of(row[7]) == fen(this) - fen(last)
            more, less = ("增加", "减少") if item == kinds.EXPENSE else ("增收", "减收")
            assert row[9] == (more if this > last else less if this < last else "持平")
        row = sheets_of[household]["收入:人均纯收入"]
        this, last = per_head_told(head), kinds.per_head_last(head)
        assert (fen_of(row[5]), fen_of(row[3])) == (fen(this), fen(last)), household


def per_head_told(head):
    """The income per head: typed where there is a column for it, else reckoned."""
    return number(head["家庭人均纯收入"]) if "家庭人均纯收入" in head else kinds.per_head(head)


@pytest.mark.parametrize("made", PAYING, indirect=True)
def test_entitlements_in_the_plans(made, sheets_of):
    """Per household and measure: what is due (received or not), what went out, what waits; the sum of the cash."""
    expected = {household: defaultdict(Counter) for household in sheets_of}
    for measure in dues.MEASURES[made.name]:
        for row, due in made.afresh[measure.name].items():
            household = made.this.at[row, "户编号"]
            if household in expected:
                told = expected[household][measure.name]
                if isinstance(due, Waiting):
                    told["待改"] += 1
                else:
                    told["应享"] += fen(due)
    for row, household in made.this["户编号"].items():
        for measure in dues.MEASURES[made.name]:
            if household in expected and made.paid_of(row, measure.name):
                expected[household][measure.name]["已发放"] += made.paid_of(row, measure.name)
    for household, measures in expected.items():
        rows = sheets_of[household]
        told = {row[0].split("（")[0]: row for key, row in rows.items() if key.startswith("应享:") and row[3]}
        told.pop("事项", None)
        for name, mine in measures.items():
            if not (mine["应享"] or mine["待改"]):
                continue
            row = told[name]
            if mine["待改"]:
                assert "待改" in row[10], (household, name)
            assert fen_of(row[6] or 0) == mine["应享"], (household, name)
            if name == "小额信贷可追加额":
                continue
            assert fen_of(row[8] or 0) == mine["已发放"], (household, name)
            if mine["应享"] and not mine["待改"]:
                out, due = mine["已发放"], mine["应享"]
                full = "多发" if out > due else "已发放" if out == due else "部分发放" if out else "未发放"
                assert row[9] == JUDGED.get((household, name), full), (household, name)
        for name, row in told.items():
            assert name in measures or not row[6], (household, name)
        cash_names = {measure.name for measure in cash(made)}
        total = sum(mine["应享"] for name, mine in measures.items() if name in cash_names)
        assert fen_of(rows["应享:合计"][6]) == total, household


# ---- 前进区: causes of a loss --------------------------------------------------------------------------------------

CAUSES = {1: "生产经营性收入", 2: "资产收益扶贫分红收入", 3: "务工收入", 4: "公益性岗位收入", 6: "生态补偿金"}


def losses(made):
    """户编号 -> (causes of a loss, causes that cannot be told) of those in both periods.

    A fall of an item is its cause, whatever rose beside it; 低保 is one when it ended; where a disaster met the
    household 7 takes the place of 1. No column tells the income that 8 is about; the residue 9 is left out.
    """
    now, then = heads(made.this), heads(made.last)
    for household in now.index.intersection(then.index):
        causes, untold = set(), set()
        for cause, item in CAUSES.items():
            try:
                last, this = (item_of(rows, household, item) for rows in (made.last, made.this))
            except Waiting:
                untold.add(cause)
                continue
            if this < last:
                causes.add(cause)
        if number(then.at[household, "低保金"]) > 0 == number(now.at[household, "低保金"]):
            causes.add(5)
        if 1 in causes and now.at[household, "遭遇自然灾害"] == "是":
            causes = causes - {1} | {7}
        yield household, causes, untold


@pytest.mark.parametrize("made", ("前进区",), indirect=True)
def test_causes_of_a_loss_in_the_comparison(made):
    found = {row["户编号"]: str(row["减收原因"]) for row in made["compare"].table("各户增减", "户编号")}
    for household, causes, untold in losses(made):
        assert {int(cause) for cause in re.findall(r"\d", found[household])} - {9} == causes, household
        assert bool(untold) == ("没有比较" in found[household])


@pytest.mark.parametrize("made", ("前进区",), indirect=True)
def test_causes_and_change_in_the_plans(made, sheets_of):
    for household, causes, untold in losses(made):
        if household not in sheets_of:
            continue
        for cause in range(1, 8):
            told = sheets_of[household][f"原因:{cause}"][6]
            assert told == ("待核实" if cause in untold else "是" if cause in causes else "否"), (household, cause)
        rows = sheets_of[household]
        last, this = rows["收入:年收入合计"][3], rows["收入:年收入合计"][5]
        if last is not None:
            assert rows["目标:收入增减"][3] == change(last, this), household
            assert fen_of(rows["目标:减收的落实替代增收"][3]) == max(0, fen_of(last) - fen_of(this))
