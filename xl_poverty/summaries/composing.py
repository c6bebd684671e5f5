"""The tables of a summary, put together from the details of the ledgers: which there are follows from the documents
and from what the ledgers tell."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction

from ..errors import CellError, LedgerError
from ..formulas import FOUR_GUARANTEE, GROWTH_ABOVE, INDICATOR_OK
from ..formulas.calls import bind_function, yuan
from ..formulas.office import using
from ..formulas.signatures import find, own_signatures, plain_arguments
from ..ledger.entitlements import SUMMED
from ..ledger.reading import Ledger
from ..ledger.rosters import Paid
from ..ledger.rows import formula_number
from ..ledger.settings import SHEET as SETTINGS_SHEET
from ..plans.plan import STATES
from ..rules.expressions import exact
from ..rules.parameters import Policy
from ..rules.sentence import amount_text
from .blocks import (
    INPUT_SHEET,
    INPUTS,
    NO_TOWN,
    PIECES,
    POINTS,
    SHARE,
    YUAN,
    Block,
    Column,
    Input,
    Judged,
    Line,
    Summary,
    What,
)
from .details import CLASSES, LABELS, NO, NO_TYPE, NOT_APPLICABLE, WORK, YES, Found, Missing
from .figures import DUES, HELP, HOUSEHOLDS, LAST, Place, Quotient, Tally
from .timeliness import ON_TIME_WORDS, TO_CORRECT, own_of


class Composer:
    """Puts the blocks together."""

    def __init__(self, ledgers: Sequence[Ledger], found: Found, given: dict, typed: dict, paid: Paid | None):
        self.ledgers, self.found, self.given, self.typed, self.paid = ledgers, found, given, typed, paid
        self.details = found.details
        self.households = self.details.tables[HOUSEHOLDS]
        self.policies = list({policy.id: policy for policy in found.policies}.values())
        self.several = len(self.policies) > 1
        self.has_towns = any(place.town for place in self.details.places)
        self.settings = {p.id: ledger.settings for p, ledger in reversed(list(zip(found.policies, ledgers)))}
        self.days = {p.id: day for p, day in reversed(list(zip(found.policies, found.days)))}

    def summary(self) -> Summary:
        blocks = [
            self._persons(), self._incomes(), self._kinds(), self._classes(), self._work(), self._measures(),
            self._states(), self._dues(), self._dues_of_places(), *self._deadlines(), *self._rankings(),
        ]  # fmt: skip
        inputs = self._inputs()
        judged = list(self._judged({(one.document, one.name): one.value for one in inputs}))
        found = self.found
        made = Summary(
            self.details, found.policies, found.days, [file for file, _ in self.details.ledgers[: len(self.ledgers)]],
            [block for block in blocks if block], inputs, judged, found.doubts, found.missing, self._remarks(),
            self.paid is not None, self.settings,
        )  # fmt: skip
        for policy in self.policies:
            measure = policy.named.get("知晓率")
            if measure is not None:
                made.missing.append(Missing("", "知晓率", f"台账没有是否知晓政策的列（{policy.cite(measure)}）"))
        made.entries = list(self._entries())
        return made

    def told(self, *names: str) -> bool:
        return all(name in self.details.told for name in names)

    def document_of(self, policy: Policy) -> str:
        """What a place is called by whose document this is: nothing where there is one document only."""
        return policy.short_name if self.several else ""

    # ---- lines

    def places(self, figures: Sequence[What], places: Sequence[Place] | None = None) -> list[tuple[str, list[Line]]]:
        """Lines for documents, towns and villages, each set with its sum."""
        own = self.details.places if places is None else list(places)
        used = self.details.ledgers_of
        own = [place for place in own if used[self.details.places.index(place)] & set(range(len(self.ledgers)))]
        towns = list(dict.fromkeys(Place(place.document, place.town) for place in own))
        parts = []
        figures = tuple(figures)

        def labelled(place: Place) -> tuple[str, ...]:
            told = (place.document,) if self.several else ()
            return (*told, *((place.town or NO_TOWN,) if self.has_towns else ()), place.village)

        def total(label_count: int, label: str = "合计", place: Place = Place()) -> Line:
            return Line((label, *[""] * (label_count - 1)), figures, place, True)

        count = len(self.place_labels)
        if self.several:
            lines = [
                Line((name, *[""] * (count - 1)), figures, Place(name))
                for name in dict.fromkeys(p.document for p in own)
            ]
            parts.append(("按文件", [*lines, total(count)]))
        if self.has_towns and len(towns) > 1:
            lines = [Line((*labelled(town)[:-1], "小计"), figures, town) for town in towns]
            parts.append(("按乡镇（街道）", [*lines, total(count)]))
        lines = [Line(labelled(place), figures, place) for place in sorted(own, key=lambda p: own.index(p))]
        parts.append(("按行政村", [*self._ordered(lines), total(count)]))
        return parts

    def _ordered(self, lines: list[Line]) -> list[Line]:
        """The villages of a town stand together, in the order of the ledgers."""
        groups: dict[tuple[str, str], list[Line]] = {}
        for line in lines:
            groups.setdefault((line.place.document, line.place.town), []).append(line)
        return [line for group in groups.values() for line in group]

    @property
    def place_labels(self) -> tuple[str, ...]:
        document = ("政策",) if self.several else ()
        return (*document, *(("乡镇（街道）",) if self.has_towns else ()), "行政村")

    def block(self, name: str, title: str, pairs: Sequence[tuple[Column, What]], notes=(), chart=None) -> Block | None:
        if not pairs:
            return None
        columns, figures = zip(*pairs)
        return Block(name, title, self.place_labels, columns, self.places(figures), list(notes), chart)

    # ---- households and persons

    def _persons(self) -> Block:
        pairs = [(Column("户数", group="合计"), _households()), (Column("人数", group="合计"), _persons())]
        table = self.households
        if self.told("户类型"):
            used = table.columns["户类型"].used
            order = [*plain_arguments()["household_type"].options, NO_TYPE, TO_CORRECT]
            for kind in (kind for kind in order if kind in used):
                pairs += _both(kind, (("户类型", (kind,)),), ("户类型",))
            pairs += _both("监测对象", (("监测对象", (YES,)),), ("户类型",))
        if self.told("风险状态"):
            used = table.columns["风险状态"].used
            for state in ("未消除", "已消除", "无", "未填", TO_CORRECT):
                where = (("监测对象", (YES,)), ("风险状态", (state,)))
                if state in ("未消除", "已消除") or (state in used and table.chosen(_households(where)).any()):
                    pairs += _both(f"监测对象：{state}", where, ("户类型", "风险状态"))
        notes = ["户数按户编号、人数按证件号码前18位，各只计一次。"]
        if self.told("死亡迁出人数"):
            pairs.append(
                (Column("死亡迁出", group="没有计入（人）"), Tally(HOUSEHOLDS, "死亡迁出人数", needs=("死亡迁出人数",)))
            )
            pairs.append((Column("重复", group="没有计入（人）"), Tally(HOUSEHOLDS, "重复人数", needs=("重复人数",))))
            notes.append("死亡、自然减少、迁出的人和全户都不在的户没有计入，同一人再次出现的也没有计入，列在最后两栏。")
        chart = (
            "各村户数（按户类型）",
            tuple(c.key for c, _ in pairs if c.head == "户数" and c.group in self._types()),
            "户",
        )
        return self.block("户数人数", "户数和人数", pairs, notes, chart)

    def _types(self) -> set[str]:
        return {*plain_arguments()["household_type"].options, NO_TYPE, TO_CORRECT}

    # ---- incomes

    def _incomes(self) -> Block | None:
        if not self.told("纯收入"):
            return None
        this = Quotient(_sum("纯收入"), _sum("人口"))
        pairs = [
            (Column("应统计户数", group="本年"), _households((("收入对象", (YES,)),), ("纯收入",))),
            (Column("待改户数", group="本年"), _households((("收入已知", (TO_CORRECT,)),), ("纯收入",))),
            (Column("人口", group="本年"), _sum("人口")),
            (Column("纯收入", YUAN, "本年"), _sum("纯收入")),
            (Column("人均纯收入", YUAN, "本年"), this),
        ]
        notes = [
            "应统计的是脱贫户、监测对象；一般农户、文件的分类“不适用”的户不计，户类型待改的户列在待改清单。",
            "可比户是两年的收入和人口都有的户。应享而没有领到的金额一律不计入收入。待改户数是收入或人口空白、不能用的户，没有计入金额。",
        ]
        if self.told("上年纯收入"):
            now, before = _compared()
            pairs += [
                (Column("可比户数", group="两年比较（可比户）"), _households((("两年可比", (YES,)),), ("上年纯收入",))),
                (
                    Column("缺上年户数", group="两年比较（可比户）"),
                    _households((("收入已知", (YES,)), ("两年可比", (TO_CORRECT,))), ("上年纯收入",)),
                ),
                (Column("本年人均", YUAN, "两年比较（可比户）"), now),
                (Column("上年人均", YUAN, "两年比较（可比户）"), before),
                (Column("增幅", SHARE, "两年比较（可比户）"), Quotient(now, before, 1)),
                *(
                    [(Column("比农民增幅高", POINTS, "两年比较（可比户）"), Quotient(now, before, 1))]
                    if self._asked_of("farmer_this")
                    else []
                ),
                (
                    Column("下降户数", group="两年比较（可比户）"),
                    _households((("人均增减", ("下降",)),), ("上年纯收入",)),
                ),
            ]
        return self.block("收入", "人均纯收入和增幅", pairs, notes)

    def _kinds(self) -> Block | None:
        """Four kinds of income and the expense: this year, last year, growth; in all, by town and by village."""
        told = [label for label in LABELS.values() if self.told(label)]
        if not told:
            return None
        rows = {label: _two_years(label) for label in told}
        columns = (Column("本年合计", YUAN), Column("本年人均", YUAN), Column("待改户数"), Column("可比户本年", YUAN),
                   Column("可比户上年", YUAN), Column("增幅", SHARE))  # fmt: skip
        count = len(self.place_labels)
        parts = [("合计", [Line(("合计", *[""] * (count - 1), label), rows[label]) for label in told])]
        for title, lines in self.places(()):
            own = [line for line in lines if line.place != Place()]
            parts.append(
                (title, [Line((*line.labels, label), rows[label], line.place) for line in own for label in told])
            )
        notes = [
            "“本年合计”是本年填了的户的合计；“可比户”是这一类两年都填了的户，增幅只按它们算。转移性收入只含已经收到的，应享未领的不计。"
        ]
        chart = "四类收入两年比较（元）", ("可比户本年", "可比户上年"), "元"
        return Block("四类收入", "四类收入两年比较", (*self.place_labels, "收入类别"), columns, parts, notes, chart)

    # ---- classes

    def _classes(self) -> Block | None:
        pairs: list[tuple[Column, What]] = []
        notes = []
        for policy in self.policies:
            own = own_signatures(policy)
            for name in (*CLASSES, *own):
                signature, measure = find(name) or own.get(name), policy.measures.get(name)
                if measure is None or signature is None or not self.told(signature.alias):
                    continue
                used = self.households.columns[signature.alias].used
                words = [word for word in self._words(signature, policy) if word in used or word != NOT_APPLICABLE]
                for word in [*words, *([TO_CORRECT] if TO_CORRECT in used else [])]:
                    one = _both(f"{signature.alias}：{word}", ((signature.alias, (word,)),), (signature.alias,))
                    pairs += [pair for pair in one if pair[0] not in [column for column, _ in pairs]]
                notes.append(f"{signature.alias}：{policy.cite(measure)}：“{'”“'.join(measure.quotes)}”。")
        return self.block("分档名单", "收入分档和重点关注", pairs, notes)

    def _words(self, signature, policy: Policy) -> list[str]:
        binding = bind_function(signature, policy.id, None, self.settings[policy.id]).binding
        if binding.outcome.ending == "holds":
            return [YES, NO]
        return sorted(binding.words, key=lambda word: word == NOT_APPLICABLE)

    # ---- work

    def _work(self) -> Block | None:
        pairs: list[tuple[Column, What]] = []
        notes = []
        if self.told("务工人数"):
            every = Tally(HOUSEHOLDS, "务工人数", needs=("务工人数",))
            pairs.append((Column("人数", group="务工"), every))
            labels = {"省内区外": "省内区外（省内县外）", "区内": "区内（县内）"}
            used = [word for word in WORK if word != TO_CORRECT or self.households.columns[f"务工{word}"].any()]
            for word in used:
                one = Tally(HOUSEHOLDS, f"务工{word}", needs=("务工人数",))
                pairs += [(Column("人数", group=labels.get(word, word)), one),
                          (Column("占比", SHARE, labels.get(word, word)), Quotient(one, every))]  # fmt: skip
            notes.append("一人去过几处的，按 跨省、省内区外、区内 的次序只计一处；占比是占务工人数的比例。")
        if self.told("公益岗人数"):
            posts = Tally(HOUSEHOLDS, "公益岗人数", needs=("公益岗人数",))
            pairs.append((Column("本年", group="公益性岗位（人）"), posts))
            if self.told(f"{LAST}公益岗人数"):
                pairs.append((Column("上年", group="公益性岗位（人）"), _posts_last()))
                for policy in self.policies:
                    measure = policy.indicators.get("公益岗规模")
                    if measure:
                        notes.append(f"公益岗规模：{policy.cite(measure)}：“{measure.quotes[0]}”，见“汇总”。")
        return self.block("就业", "务工去向和公益性岗位", pairs, notes)

    # ---- measures

    def _measures(self) -> Block | None:
        if not self.told("措施"):
            return None
        pairs = [
            (Column("户数", group="有帮扶措施"), Tally(HELP, "有措施户数", needs=("措施",))),
            (Column("项数", group="有帮扶措施"), Tally(HELP, "采用项数", needs=("措施",))),
        ]
        table = self.details.tables[HELP]
        for kind in [word for word in table.columns["类别"].words if word]:
            where = (("类别", (kind,)),)
            pairs += [(Column("户数", group=kind), Tally(HELP, "户数", where, ("措施",))),
                      (Column("项数", group=kind), Tally(HELP, "采用项数", where, ("措施",)))]  # fmt: skip
        return self.block(
            "帮扶措施",
            "帮扶措施",
            pairs,
            [
                "一格写了几项的，按顿号、逗号分开计项数；“无”“否”“尚未实施”不计。按一户一策统计时，只是建议、还没有采用的不计。"
            ],
        )

    def _states(self) -> Block | None:
        if not self.told("状态"):
            return None
        table = self.details.tables[HELP]
        states = [state for state in STATES if state in table.columns["状态"].used]
        states += sorted(table.columns["状态"].used - set(states))
        kinds = [word for word in table.columns["类别"].words if word]
        columns = (Column("项数"), *(Column(state) for state in states))

        def line(label: str, where: tuple, total: bool = False) -> Line:
            every = Tally(HELP, "项数", where, ("状态",))
            own = (Tally(HELP, "项数", (*where, ("状态", (state,))), ("状态",)) for state in states)
            return Line((label,), (every, *own), total=total)

        lines = [line(kind, (("类别", (kind,)),)) for kind in kinds]
        return Block("措施进度", "帮扶措施进度", ("类别",), columns, [("合计", [*lines, line("合计", (), True)])])

    # ---- what is due and was paid

    def _dues(self) -> Block | None:
        """By measure; sums by nature, which are never added to each other."""
        every = (
            Column("应享人次"), Column("应享金额", YUAN), Column("待改项"), Column("已发金额", YUAN),
            Column("已兑现金额", YUAN), Column("未发金额", YUAN), Column("多发金额", YUAN), Column("未能核对", YUAN),
            Column("兑现率（金额）", SHARE), Column("兑现率（人次）", SHARE),
        )  # fmt: skip
        shown = range(len(every)) if self.paid is not None else (0, 1, 2, 8)
        columns = tuple(every[at] for at in shown)
        lines, totals, credits = [], [], []

        def figures(where: tuple, needs: tuple, paid: tuple) -> tuple[What, ...]:
            found = _due_figures(where, needs, paid)
            return tuple(found[at] for at in shown)

        for policy in self.policies:
            place = Place(self.document_of(policy))
            kept = {
                c.signature.alias: c
                for e, p in zip(self.found.entitled, self.found.policies)
                if p is policy
                for c in e.columns
            }
            for nature in dict.fromkeys((*SUMMED, *(column.nature for column in kept.values()))):
                own = [column for column in kept.values() if column.nature == nature]
                for column in own:
                    where = (("事项", (column.signature.alias,)),)
                    labels = (column.signature.alias, nature, column.kind, column.clause)
                    if self.several:
                        labels = (policy.short_name, *labels)
                    alias = column.signature.alias
                    own_lines = lines if nature in SUMMED else credits
                    own_lines.append(Line(labels, figures(where, (f"应享{alias}",), (f"已发{alias}",)), place))
                if own and nature in SUMMED:
                    labels = (*((policy.short_name,) if self.several else ()), f"{nature}合计", nature, "", "")
                    sums = figures((("性质", (nature,)),), (f"性质{nature}",), ("已发",))
                    totals.append(Line(labels, sums, place, True))
        lines += totals + credits
        if not lines:
            return None
        labels = (*(("政策",) if self.several else ()), "事项", "性质", "标准", "依据")
        notes = [
            "现金、消费券、代缴分开合计，不相加；贷款额度不计入合计。待改项是空白、填错、没法核算的，没有计入金额。"
        ]
        if self.paid is None:
            notes.append("没有给发放表：已发、兑现率未核对；台账写已享受的不再计入应享。")
        else:
            notes.append(
                "兑现率＝已兑现÷（已兑现＋未发）；已兑现是已发的里面属于应享的，多发的不抵别人的未发。应享按没有领过计。"
                "未能核对：台账写已享受而发放表里没有的，和没法核对的。"
            )
        for policy in self.policies:
            measure = policy.named.get("兑现率")
            if measure is not None:
                notes.append(f"{policy.cite(measure)}：“{measure.quotes[0]}”。")
        chart = ("兑现率（按事项）", ("兑现率（金额）",), "%") if self.paid is not None else None
        return Block("兑现", "应享和已发（按事项）", labels, columns, [("按事项", lines)], notes, chart)

    def _dues_of_places(self) -> Block | None:
        table = self.details.tables[DUES]
        natures = [nature for nature in SUMMED if nature in table.columns["性质"].used]
        pairs: list[tuple[Column, What]] = []
        for nature in natures:
            figures = _due_figures((("性质", (nature,)),), (f"性质{nature}",), ("已发",))
            heads = (
                ("应享人次", PIECES), ("应享金额", YUAN), ("待改项", PIECES), ("已发金额", YUAN), ("已兑现金额", YUAN),
                ("未发金额", YUAN), ("多发金额", YUAN), ("未能核对", YUAN), ("兑现率", SHARE),
            )  # fmt: skip
            for (head, look), figure in zip(heads, figures):
                if self.paid is not None or head in ("应享人次", "应享金额", "待改项"):
                    pairs.append((Column(head, look, nature), figure))
        chart = ("各村兑现率（现金）", ("现金／兑现率",), "%") if self.paid is not None and "现金" in natures else None
        return self.block("各村兑现", "应享和已发（按村）", pairs, [], chart)

    # ---- deadlines and ranking

    def _deadlines(self) -> Iterable[Block]:
        pairs: list[tuple[Column, What]] = []
        notes = []
        for policy in self.policies:
            for item, measure in policy.deadlines.items():
                name = f"时限{item}"
                if not self.told(name) or any(column.group == item for column, _ in pairs):
                    continue
                used = self.households.columns[name].used
                pairs.append((Column("应办户数", group=item), _households(((name, ON_TIME_WORDS),), (name,))))
                for word in ON_TIME_WORDS:
                    if word in used or word in ("按期", "过期未办"):
                        pairs.append((Column(word, group=item), _households(((name, (word,)),), (name,))))
                notes.append(f"{item}：{policy.cite(measure)}：“{measure.quotes[0]}”。{measure.note}")
        if pairs:
            notes.append("“过期未办”：到业务日期还没有填日期，期限已过；“不在期限内”：填的日期早于或晚于期限。")
            yield self.block("时限", "时限", pairs, notes)

    def _rankings(self) -> Iterable[Block]:
        for policy in self.policies:
            rule = own_of(policy).ranking
            if not rule:
                continue
            cited = f"{policy.cited}{policy.clause_label(rule['clause'])}"
            if not self.told("上年纯收入") or not self.has_towns:
                lack = "两年的收入" if self.has_towns else "“乡镇（街道）”列"
                self.found.missing.append(Missing("", "按增速排名", f"台账没有{lack}（{cited}）"))
                continue
            now, before = _compared()
            figures = (_households((("两年可比", (YES,)),), ("上年纯收入",)), now, before, Quotient(now, before, 1))
            document = self.document_of(policy)
            towns = dict.fromkeys(
                Place(p.document, p.town) for p in self.details.places if p.document == document and p.town
            )
            known = {town: self.details.value(figures[-1], town) for town in towns}
            ordered = sorted((town for town in towns if known[town] is not None), key=lambda town: known[town])
            lines = []
            for town in ordered:  # equal growth, equal rank
                rank = 1 + sum(known[other] < known[town] for other in ordered)
                lines.append(Line((str(rank), town.town), figures, town))
            lines += [Line(("", town.town), figures, town) for town in towns if known[town] is None]
            columns = (Column("可比户数"), Column("本年人均", YUAN), Column("上年人均", YUAN), Column("增幅", SHARE))
            title = "增速排名（从低到高）"
            notes = [
                f"{cited}：“{rule['quote']}”。只比两年都有收入的户；名次从增速最低的排起，“靠后”是几名原文没有写。"
            ]
            yield Block("增速排名", title, ("名次", "乡镇（街道）"), columns, [("", lines)], notes)

    # ---- what the documents ask

    def _inputs(self) -> list[Input]:
        found = []
        for policy in self.policies:
            names = [name for name in INPUTS if self._asks(policy, name)]
            for name in names:
                if name in ("declined_last", "households_last") and self._declined_last():
                    continue
                value, source = self._input(policy, name)
                found.append(Input(name, policy.short_name, plain_arguments()[name].label, value, source))
        return found

    def _asked_of(self, name: str) -> bool:
        return any(self._asks(policy, name) for policy in self.policies)

    def _asks(self, policy: Policy, name: str) -> bool:
        return any(
            function in policy.measures and name in find(function).by_name
            for function in ("GROWTH_ABOVE", "FOUR_GUARANTEE")
        )

    def _input(self, policy: Policy, name: str):
        """(a figure from elsewhere, where it was told): given, then the workbook's sheet 核算口径, then office.toml."""
        label = plain_arguments()[name].label
        for key in (name, label):
            if self.given.get(key) is not None:
                return _checked(self.given[key], label, "给的参数"), "给的参数"
        for ledger, own in zip(self.ledgers, self.found.policies):
            if own is policy:
                value = typed_beside(ledger.book, SETTINGS_SHEET, label)
                if value is not None:
                    return _checked(
                        value, label, f"{ledger.path.name} 的{SETTINGS_SHEET}"
                    ), f"{ledger.path.name} 的工作表“{SETTINGS_SHEET}”"
        line, years = INPUTS[name]
        day = self.days[policy.id]
        told = self.settings[policy.id].line(line or label, day.year + years) if day else None
        if told is None and self.typed.get((policy.short_name, label)) is not None:
            told = _checked(self.typed[policy.short_name, label], label, INPUT_SHEET), "手工填在本表"
        return told or (None, "")

    def _declined_last(self) -> bool:
        """Do last year's ledgers tell whose income fell then?"""
        if not self.told(f"{LAST}上年纯收入"):
            return False
        return bool(self.details.value(Tally(LAST, "户数", (("两年可比", (YES,)),), (f"{LAST}上年纯收入",))))

    def _judged(self, inputs: dict) -> Iterable[Judged]:
        now, before = _compared()
        for policy in self.policies:
            place = Place(self.document_of(policy))
            known: dict[str, What | str] = {"poor_this": now, "poor_last": before}
            known |= {name: name for name in INPUTS}
            known["declined_this"] = _households((("人均增减", ("下降",)),), ("上年纯收入",))
            known["households_this"] = _households((("两年可比", (YES,)),), ("上年纯收入",))
            if self._declined_last():
                known["declined_last"] = Tally(LAST, "户数", (("人均增减", ("下降",)),), (f"{LAST}上年纯收入",))
                known["households_last"] = Tally(LAST, "户数", (("两年可比", (YES,)),), (f"{LAST}上年纯收入",))
            growth, four = policy.measures.get("GROWTH_ABOVE"), policy.measures.get("FOUR_GUARANTEE")
            parts = sum(name.startswith("FOUR_GUARANTEE ") for name in policy.bodies) if four else 0
            if growth and not (four and growth.quotes[0] in four.quotes):
                yield self._asked(policy, "GROWTH_ABOVE", None, growth.quotes[0], growth, known, inputs, place)
            for part in range(1, parts + 1):
                text = four.quotes[part - 1] if part <= len(four.quotes) else f"第{part}个"
                yield self._asked(policy, "FOUR_GUARANTEE", part, text, four, known, inputs, place)
            for name, of, actual, base in self._indicated():
                measure = policy.indicators.get(name)
                if measure and measure.versions:
                    own = {"actual": actual, "base": base} if measure.base else {"actual": actual}
                    text = f"{name}{f'·{of}' if of else ''}：{measure.quotes[0]}"
                    yield self._asked(policy, "INDICATOR_OK", name, text, measure, own, inputs, place)

    def _indicated(self) -> Iterable[tuple[str, str, What, What]]:
        """Indicators whose figures the ledgers tell: (name, of what, figure, what it is compared with)."""
        if self.told("公益岗人数"):
            posts = Tally(HOUSEHOLDS, "公益岗人数", needs=("公益岗人数",))
            yield "公益岗规模", "", posts, _posts_last()
            yield "岗位计划", "", posts, posts
        for label in LABELS.values():
            if label != LABELS["business_cost"] and self.told(f"上年{label}"):
                *_, now, before, _ = _two_years(label)
                yield "四类收入稳增", label, now, before
        if self.told("上年纯收入"):
            now, before = _compared()
            yield "稳定增加", "", now.top, before.top
        if self.told("参保人数"):
            yield "全员参保", "", Tally(HOUSEHOLDS, "参保人数", needs=("参保人数",)), _followed_persons()

    def _asked(self, policy, function, part, text, measure, known, inputs, place) -> Judged:
        signature = find(function)
        names = list(signature.by_name)
        if part is not None and function == "FOUR_GUARANTEE":
            binding = bind_function(signature, policy.id, None, self.settings[policy.id], (part,)).binding
            names = list(binding.arguments)
        arguments = {name: known[name] for name in names if name in known}
        values, lacking = {}, []
        for name, what in arguments.items():
            own = inputs.get((policy.short_name, name)) if isinstance(what, str) else None
            value = own if isinstance(what, str) else self.details.value(what, place) if self._countable(what) else None
            if value is None:
                lacking.append(plain_arguments()[name].label if name in plain_arguments() else name)
            values[name] = (
                None if value is None else formula_number(value) if isinstance(value, (int, Fraction)) else value
            )
        if function == "INDICATOR_OK":
            lacking = ["上年人数" if one in ("base", "基数") else one for one in lacking]
        holds, why = None, f"缺{'、'.join(lacking)}" if lacking else ""
        if not lacking:
            try:
                holds = self._call(function, part, values, policy)
            except CellError as error:
                why = error.message
        return Judged(policy, function, part, text, policy.cite(measure), arguments, holds, why, place)

    def _countable(self, what: What) -> bool:
        tallies = [what] if isinstance(what, Tally) else [what.top, what.bottom]
        return all(one.table in self.details.tables for one in tallies if isinstance(one, Tally))

    def _call(self, function: str, part, values: dict, policy: Policy) -> bool:
        with using(*self.settings[policy.id].layers):
            if function == "FOUR_GUARANTEE":
                return FOUR_GUARANTEE(n=part, **values, policy=policy.id)
            if function == "INDICATOR_OK":
                return INDICATOR_OK(part, **values, policy=policy.id)
            return GROWTH_ABOVE(**values, policy=policy.id)

    # ---- the first sheet

    def _entries(self) -> Iterable[tuple[str, What, str, str]]:
        """What the first sheet shows in all: (item, figure, look, block)."""
        yield "户数", _households(), PIECES, "户数人数"
        yield "人数", _persons(), PIECES, "户数人数"
        if self.told("户类型"):
            where = (("监测对象", (YES,)),)
            yield "监测对象户数", _households(where, ("户类型",)), PIECES, "户数人数"
            yield "监测对象人数", _persons(where, ("户类型",)), PIECES, "户数人数"
            if self.told("风险状态"):
                where += (("风险状态", ("未消除",)),)
                yield "其中风险未消除户数", _households(where, ("风险状态",)), PIECES, "户数人数"
        if self.told("纯收入"):
            yield "人均纯收入（元）", Quotient(_sum("纯收入"), _sum("人口")), YUAN, "收入"
        if self.told("上年纯收入"):
            now, before = _compared()
            yield "人均纯收入增幅（可比户）", Quotient(now, before, 1), SHARE, "收入"
        if self.told("务工人数"):
            yield "务工人数", Tally(HOUSEHOLDS, "务工人数", needs=("务工人数",)), PIECES, "就业"
        if self.told("公益岗人数"):
            yield "公益性岗位人数", Tally(HOUSEHOLDS, "公益岗人数", needs=("公益岗人数",)), PIECES, "就业"
        if self.told("措施"):
            yield "有帮扶措施的户数", Tally(HELP, "有措施户数", needs=("措施",)), PIECES, "帮扶措施"
        table = self.details.tables[DUES]
        for nature in SUMMED:
            if nature in table.columns["性质"].used:
                figures = _due_figures((("性质", (nature,)),), (), ("已发",))
                yield f"应享{nature}（元）", figures[1], YUAN, "兑现"
                if self.paid is not None:
                    yield f"{nature}兑现率（金额）", figures[8], SHARE, "兑现"
        if len(table):
            yield "应享待改（项）", Tally(DUES, "待改项"), PIECES, "兑现"

    def _remarks(self) -> list[str]:
        told = list(dict.fromkeys(self.found.remarks))
        for ledger in self.ledgers:
            told += [f"{ledger.path.name}：{text}" for text in ledger.remarks]
            told += [f"{ledger.path.name}：待答复：{question.text}" for question in ledger.questions]
        if self.paid is not None:
            told += self._paid_elsewhere()
        return list(dict.fromkeys(told))

    def _paid_elsewhere(self) -> Iterable[str]:
        """What was paid to persons that no ledger has, and for measures that were not reckoned."""
        yield from self.paid.others
        known = {key for ledger in self.ledgers if ledger.main.persons is not None for key in ledger.main.persons.keys}
        reckoned = {self.paid.award(c.signature.name) for entitled in self.found.entitled for c in entitled.columns}
        sums: dict[tuple[str, str], list] = {}
        for payment in self.paid.payments:
            if payment.person not in known:
                sums.setdefault((payment.measure, "台账里没有这些人"), []).append(payment)
            elif payment.measure not in reckoned:
                sums.setdefault((payment.measure, "这一项没有核算应享"), []).append(payment)
        for (measure, why), payments in sums.items():
            fen = sum(payment.fen for payment in payments)
            alias = self.paid.aliases.get(measure, measure)
            yield f"发放表里有{len(payments)}笔{alias}共{amount_text(yuan(fen))}元，{why}，没有计入已发"


# ---- figures


def _households(where: tuple = (), needs: tuple = ()) -> Tally:
    return Tally(HOUSEHOLDS, "户数", where, ("户数", *needs))


def _persons(where: tuple = (), needs: tuple = ()) -> Tally:
    return Tally(HOUSEHOLDS, "人数", where, ("人数", *needs))


def _followed_persons() -> Tally:
    return Tally(HOUSEHOLDS, "应参保人数", needs=("参保人数",))


def _both(group: str, where: tuple, needs: tuple) -> list[tuple[Column, What]]:
    return [
        (Column("户数", group=group), _households(where, needs)),
        (Column("人数", group=group), _persons(where, needs)),
    ]


def _sum(column: str) -> Tally:
    return Tally(HOUSEHOLDS, column, (), (column,))


def _compared() -> tuple[Quotient, Quotient]:
    """Income per head of this and of last year over the households of which both are known."""
    where, needs = (("两年可比", (YES,)),), ("上年纯收入",)
    now = Quotient(Tally(HOUSEHOLDS, "纯收入", where, needs), Tally(HOUSEHOLDS, "人口", where, needs))
    before = Quotient(Tally(HOUSEHOLDS, "上年纯收入", where, needs), Tally(HOUSEHOLDS, "上年人口", where, needs))
    return now, before


def _two_years(label: str) -> tuple[What, ...]:
    """Of a kind of income: this year's sum, per head, households that wait; of who has both years: both, the growth."""
    known = ((f"{label}状态", (YES,)), ("收入已知", (YES,)))
    needs = (label, "纯收入")
    per_head = Quotient(Tally(HOUSEHOLDS, label, known, needs), Tally(HOUSEHOLDS, "人口", known, needs))
    both, told = ((f"{label}可比", (YES,)),), (f"上年{label}",)
    now, before = Tally(HOUSEHOLDS, label, both, told), Tally(HOUSEHOLDS, f"上年{label}", both, told)
    wrong = _households(((f"{label}状态", (TO_CORRECT,)),), (label,))
    return _sum(label), per_head, wrong, now, before, Quotient(now, before, 1)


def _posts_last() -> Tally:
    return Tally(LAST, "公益岗人数", needs=(f"{LAST}公益岗人数",))


def _due_figures(where: tuple, needs: tuple, paid: tuple) -> tuple[What, ...]:
    """What is due, what of it waits, what was paid, and what share."""

    def one(column: str, *more: str) -> Tally:
        return Tally(DUES, column, where, (*needs, *more))

    settled, owed = one("已兑现金额", *paid), one("未发金额", *paid)
    comparable = Tally(DUES, "可核对金额", where, (*needs, *paid))
    return (
        one("应享人次"), one("应享金额"), one("待改项"), one("已发金额", *paid), settled, owed, one("多发金额", *paid),
        one("未能核对金额", *paid), Quotient(settled, comparable),
        Quotient(one("足额人次", *paid), one("可核对人次", *paid)),
    )  # fmt: skip


def _checked(value, label: str, where: str):
    if isinstance(value, bool) or not isinstance(value, (int, float, Fraction)):
        raise LedgerError(f"{where}：“{label}”填的不是数字，请只填数字")
    return exact(value)


def typed_beside(book, sheet_name: str, label: str):
    """What stands right of a label in a workbook's sheet; None where there is nothing."""
    sheet = next((one for one in book.sheets if one.name == sheet_name), None) if book else None
    for row in range(sheet.height if sheet else 0):
        key, value, *_ = (*sheet.row(row), None, None)
        if isinstance(key, str) and key.strip() == label and value not in (None, ""):
            return value
    return None
