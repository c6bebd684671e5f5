"""The columns of a ledger to be filled in: what the measures of documents ask, and what they come to.

What a document asks is read from its rules; what a column is called, and how its cells are read, from the fields of
ledgers. No document is named here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from xl_poverty.formulas.calls import bind_function
from xl_poverty.formulas.household import derived_fact
from xl_poverty.formulas.native import NoFormula, native_formula
from xl_poverty.formulas.office import current
from xl_poverty.formulas.plain import is_plain
from xl_poverty.formulas.signatures import AS_OF, POLICY, Signature, own_signatures, signatures
from xl_poverty.ledger.cleaning.spellings import table as words
from xl_poverty.ledger.entitlements import LISTED, SUMMED
from xl_poverty.ledger.fields import Field, fields, household_arguments, table
from xl_poverty.ledger.headers import NONE, vocabulary_of
from xl_poverty.ledger.income import KINDS
from xl_poverty.rules.arguments import Argument
from xl_poverty.rules.binding import Binding
from xl_poverty.rules.formula import LONGEST_FORMULA, native_formula as written
from xl_poverty.rules.parameters import Measure, Policy
from xl_poverty.workbook.portable import ParameterSheet

DAY_NAME, POLICY_NAME = AS_OF.label, POLICY.label
ROWS = 200
WHO, HOME, FACTS, INCOME, ACCOUNT, DUE = "基本情况", "户的情况", "政策所需情况", "收入", "发放账户", "核算结果"
LACK = "待补"
HEAD_OF_HOUSEHOLD, YES, NO, OPEN = "户主", "是", "否", "待核实"

#: functions about one household that a document need not pay for: the figures its ledger is kept for
OF_HOUSEHOLD = ("NET_INCOME", "PER_CAPITA_INCOME", "TIER", "TIER_GAP", "LOW_INCOME_SCOPE", "WATCH_LIST",
                "WATCH_CLOSE_OK", "INCOME_CHANGE", "REPLACEMENT_INCOME", "LOSS_CAUSES")  # fmt: skip
#: an argument that another function works out: (function, argument) -> function
WORKED_OUT = {("DIBAO_STATUS", "per_capita_income"): "DIBAO_INCOME"}
#: arguments of these functions -> the column of the household that is meant
FIGURES = {**KINDS, "persons": "persons_year", "cost_subsidy": "expense_subsidy", "total_net_income": "net_income",
           "per_capita_last": "per_capita_last_year", "per_capita_this": "per_capita_income",
           "last_total": "annual_income_last_year", "this_total": "annual_income",
           "gross_income": "annual_income"}  # fmt: skip
#: (sum, the function that gives it)
SUMS = {"net_income": "NET_INCOME", "per_capita_income": "PER_CAPITA_INCOME"}
_WHO = ("household_id", "name", "id_number", "relation", "status", "town", "village", "group", "phone")
#: headers that say more than the usual one
_HEADERS = {"town": "乡镇", "group": "村民小组"}
_HOME = ("household_type", "risk_status", "identified_date", "persons_year")
_INCOME = (*KINDS.values(), "expense_subsidy")
_ACCOUNT = ("bank_name", "bank_account")
_REFERENCE = re.compile(r"\[([^\[\]]+)\]")

Reference = Callable[[str], str]


@dataclass(frozen=True)
class Column:
    """One column of the ledger.

    key      the field's name, else the header; what formulas name it by, in square brackets
    formula  over the row's own cells; "" where somebody fills the column in
    told     how it is filled in, or how it comes about
    home     does it belong to the household, so that it is filled in on the head's row alone?
    used_by  what needs it, as the clerk calls it
    """

    key: str
    header: str
    group: str
    kind: str
    told: str = ""
    formula: str = ""
    argument: Argument | None = None
    options: tuple[str, ...] = ()
    home: bool = False
    used_by: tuple[str, ...] = ()
    clause: str = ""
    unit: str = ""

    @property
    def live(self) -> bool:
        return bool(self.formula)


@dataclass
class Wanted:
    """A function that has a column: what the documents that have it say."""

    signature: Signature
    said: list[tuple[Policy, Measure, Binding]] = field(default_factory=list)

    @property
    def name(self) -> str:
        return self.signature.name

    @property
    def nature(self) -> str:
        return self.said[0][1].nature or self.signature.nature

    @property
    def pays(self) -> bool:
        return self.signature.result == "元" and self.nature in LISTED

    @property
    def header(self) -> str:
        return ("应享" if self.pays and self.nature in SUMMED else "") + self.signature.alias

    @property
    def per_person(self) -> bool:
        return any(measure.payee == "个人" for _, measure, _ in self.said)

    @cached_property
    def arguments(self) -> dict[str, Argument]:
        """The arguments that one of the documents uses, in the order of the function."""
        used = {name: argument for _, _, binding in self.said for name, argument in binding.arguments.items()}
        return {name: used[name] for name in self.signature.by_name if name in used and self._asked(used[name])}

    def _asked(self, argument: Argument) -> bool:
        """Does it get a column? Not a figure that ledgers have no column for, and that may stay blank."""
        known = {*table()["arguments"], *table()["measures"].get(self.name, ()), *FIGURES,
                 *table()["received"]["arguments"]}  # fmt: skip
        return not argument.optional or argument.kind == "flag" or argument.name in known

    @property
    def clause(self) -> str:
        return "；".join(policy.cite(measure) for policy, measure, _ in self.said)


def wanted_of(policies: Sequence[Policy]) -> dict[str, Wanted]:
    """The functions that the ledger of these documents has columns for, by name."""
    settings, found = current(), {}
    for policy in policies:
        for name, signature in {**signatures(), **own_signatures(policy)}.items():
            measure = policy.measures.get(name)
            if measure is None or is_plain(signature) or signature.select:
                continue
            money = signature.result == "元" and (measure.nature or signature.nature) in LISTED
            theirs = measure.payee in ("个人", "户") and (money or signature.result != "元")
            if theirs or name in OF_HOUSEHOLD or name in WORKED_OUT.values():
                binding = bind_function(signature, policy.id, None, settings).binding
                if not _unanswerable(binding):
                    found.setdefault(name, Wanted(signature)).said.append((policy, measure, binding))
    needed = {other for (name, _), other in WORKED_OUT.items() if name in found}
    return {name: one for name, one in found.items() if name not in WORKED_OUT.values() or name in needed}


#: what somebody says whom a question does not concern
_NONE = ("无", "否", "其他", "一般农户")


def _unanswerable(binding: Binding) -> bool:
    """Can a ledger not have the function's columns? A list of any length is none; and without a claim everybody would
    have to choose a word, which only some can."""
    asked = binding.arguments.values()
    claimed = any(argument.claim for argument in asked)
    return any(a.kind == "numbers" and not a.items for a in asked) or binding.pays and not claimed and any(
        a.kind == "word" and not a.optional and not set(_NONE) & set(a.options) for a in asked
    )  # fmt: skip


def text_of(call: str, arguments: Mapping[str, str], signature: Signature) -> str:
    """A call of ours over cells; a document's own function goes by BENEFIT."""
    if call not in signatures():
        pairs = [f'"{signature.by_name[name].label}",{ref}' for name, ref in arguments.items()]
        named = [f'"{name}",{name}' for name in (POLICY_NAME, DAY_NAME)]
        return f'BENEFIT("{call}",{",".join([*pairs, *named])})'
    given = [arguments.get(name, '""') for name in signature.by_name]
    return f"{call}({','.join([*given, POLICY_NAME, DAY_NAME])})"


class Columns:
    """The columns for some documents.

    native    plain formulas instead of calls of ours
    results   are there columns for what the measures come to?
    """

    def __init__(self, policies: Sequence[Policy], native: bool = False, results: bool = True):
        self.policies, self.native, self.results = list(policies), native, results
        self.wanted = {name: one for name, one in wanted_of(policies).items()
                       if results or one.pays or name in SUMS.values()}  # fmt: skip
        self.alone = policies[0] if len(policies) == 1 else None
        self.without: dict[str, str] = {}  # header -> why there is no native formula
        self.parameters = ParameterSheet("政策参数", None)
        self.users: dict[str, list[tuple[str, str]]] = {}  # column -> (function, short name of a document) that ask it
        self.found: dict[str, Column] = {}
        self._collect()

    # ---- where an argument stands

    def source(self, wanted: Wanted, name: str) -> str:
        """The key of the column in which an argument of a function stands."""
        signature, argument = wanted.signature, wanted.signature.by_name[name]
        worked_out = WORKED_OUT.get((signature.name, name))
        if worked_out:
            return worked_out
        own = self._own(wanted, name)
        if own:
            return self._field_of(own) or own
        if name in table()["arguments"]:
            return name
        if name in FIGURES and (signature.name in OF_HOUSEHOLD or signature.name in WORKED_OUT.values()):
            return FIGURES[name]
        if name in table()["received"]["arguments"]:
            return f"{argument.label}{signature.alias}"
        takers = [one for one in self.wanted.values() if name in one.arguments and not self._own(one, name)]
        match = vocabulary_of(None, ()).match((argument.label,))
        clear = match.state == NONE or match.field and match.field.label == argument.label  # or a clerk would be asked
        return argument.label if len(takers) == 1 and clear else f"{signature.alias}{argument.label}"

    @staticmethod
    def _own(wanted: Wanted, name: str) -> str:
        """The header that a function has for itself."""
        return table()["measures"].get(wanted.name, {}).get(name, ("",))[0]

    @staticmethod
    def _field_of(header: str) -> str:
        return next((one.name for one in fields().values() if header == one.label), "")

    def references(self, wanted: Wanted) -> dict[str, str]:
        """Argument -> the cells that hold it, for a formula."""
        found = {}
        for name, argument in wanted.arguments.items():
            if name == "persons" and wanted.per_person:
                found[name] = "1"  # each row is one person
            elif argument.items:
                keys = self.items(argument)
                found[name] = f"[{keys[0]}]:[{keys[-1]}]"
            else:
                found[name] = f"[{self.source(wanted, name)}]"
        return found

    @staticmethod
    def items(argument: Argument) -> list[str]:
        """Headers of a list's cells: 上年各项收入：务工."""
        return [f"{argument.label}：{item}" for item in argument.items]

    # ---- collecting

    def _collect(self):
        facts = self._derived_facts()
        shown = [fact.binding.measure.body for fact in facts.values()]
        self.wanted = {name: one for name, one in self.wanted.items() if name not in shown}
        asked: dict[str, tuple[Argument, bool]] = {}
        for one in self.wanted.values():
            for name, argument in one.arguments.items():
                if name == "persons" and one.per_person:
                    continue
                for key in self.items(argument) if argument.items else [self.source(one, name)]:
                    household = not one.per_person or name in household_arguments()
                    self.users.setdefault(key, []).extend(
                        (one.name, policy.short_name) for policy, _, binding in one.said if name in binding.arguments
                    )
                    first, home = asked.get(key, (argument, True))
                    asked[key] = first, home and household
        for fact in facts.values():  # they hold for every member, so each row has what they follow from
            for argument in fact.signature.arguments:
                asked[argument.name] = argument, False
        for name in _WHO:
            self._add(name, WHO)
        for name in _HOME:
            self._add(name, HOME)
        rest = [key for key in asked if key not in self.wanted and key not in self._incomes()]
        for key in rest:
            if key not in self.found:
                self._asked(key, *asked[key], facts)
        for key in self._incomes():
            if key in _INCOME or key in asked or key in SUMS:
                self._income(key)
        for name in _ACCOUNT if self.results else ():
            self._add(name, ACCOUNT)
        if self.results:
            for one in self.wanted.values():
                if one.name not in SUMS.values():
                    self._result(one)
            self._totals()

    def _aliases(self, key: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(self.wanted[name].signature.alias for name, _ in self.users.get(key, ())))

    def documents_of(self, key: str) -> tuple[str, ...]:
        """Short names of the documents that ask for a column, or have it as a result; none where all do."""
        said = self.wanted[key].said if key in self.wanted else ()
        names = [short for _, short in self.users.get(key, ())] + [policy.short_name for policy, _, _ in said]
        found = tuple(dict.fromkeys(names))
        plain = self.found[key].group in (WHO, HOME, INCOME) or len(found) == len(self.policies)
        return () if plain else found

    @staticmethod
    def _incomes() -> tuple[str, ...]:
        return (*_INCOME, "annual_income", "net_income", "per_capita_income", "annual_income_last_year",
                "per_capita_last_year")  # fmt: skip

    def _derived_facts(self) -> dict:
        """Arguments that follow from others as the one document says."""
        used = {name for one in self.wanted.values() for name in one.arguments}
        policy = self.alone
        return {name: derived_fact(policy, name, current()) for name in policy.facts if name in used} if policy else {}

    def _add(self, name: str, group: str, **more):
        told = fields()[name]
        options = _options(told)
        household = told.of == "户" and group in (HOME, INCOME) and name not in ("household_type", "risk_status")
        header = _HEADERS.get(name, told.label)
        self.found[name] = Column(
            name, header, group, told.kind, options=options, home=more.pop("home", household), unit=told.unit,
            used_by=self._aliases(name), **more,
        )  # fmt: skip

    def _asked(self, key: str, argument: Argument, home: bool, facts: dict):
        if key in facts:
            self._fact(key, facts[key])
        elif key == "age":
            self._add(key, FACTS, argument=argument, formula=self._age(), told="按证件号码和业务日期自动算周岁")
        elif key in fields() and key not in KINDS:
            self._add(key, FACTS, argument=argument if key in table()["arguments"] else None, home=home)
        else:
            kind = {"number": {"元": "money", "个月": "months"}.get(argument.unit, "number"), "numbers": "money"}
            options = (YES, NO) if argument.kind == "flag" else argument.options
            self.found[key] = Column(
                key, key, FACTS, kind.get(argument.kind, argument.kind), argument=argument, options=options,
                home=home, unit=argument.unit, used_by=self._aliases(key),
            )  # fmt: skip

    def _income(self, key: str):
        if key == "annual_income":
            four = ",".join(f"[{KINDS[name]}]" for name in list(KINDS)[:4])
            formula = self._of_head(f'IF(COUNT({four})<4,"",SUM({four}))')
            self._add(key, INCOME, formula=formula, told="四项收入相加，自动算", home=True)
        elif key in SUMS and SUMS[key] in self.wanted:
            self._result(self.wanted[SUMS[key]], key)
        else:
            self._add(key, INCOME)

    def _fact(self, name: str, fact):
        """A fact that the document derives: 是, 否, or 待核实 where what it follows from is not known."""
        arguments = {one.name: f"[{one.name}]" for one in fact.signature.arguments}
        body = fact.binding.measure.body
        if body in signatures() and not self.native:
            text = text_of(body, arguments, signatures()[body])
        else:
            self.parameters.title = fact.signature.alias
            text = written([fact.binding], arguments, None, self._figures)[1:]
        policy = self.alone
        told = f"按文件自动判断：{'、'.join(one.label for one in fact.signature.arguments)}都要填好"
        shown = f'IF({text},"{YES}","{NO}")' if _is_flag(name) else text
        self._add(
            name, FACTS, formula=f'IF([name]="","",IF([household_type]="","",IFERROR({shown},"{OPEN}")))', told=told,
            clause=policy.cite(policy.facts[name]), home=False,
        )  # fmt: skip

    def _age(self) -> str:
        """Full years on 业务日期, from the number; whoever has no usable number has no age."""
        if not self.native and self.results:
            body = f"AGE_ON([id_number],{DAY_NAME})"
        else:
            day = f"YEAR({DAY_NAME})*10000+MONTH({DAY_NAME})*100+DAY({DAY_NAME})"
            body = f"INT(({day}-MID([id_number],7,8))/10000)"
        return f'IF(OR([name]="",[id_number]="",{DAY_NAME}=""),"",IFERROR({body},""))'

    # ---- results

    def _figures(self, binding: Binding, name: str, value) -> str:
        return self.parameters.figure(binding, name, value)

    def _text(self, one: Wanted) -> str:
        """The formula of a function over the row's cells; "" where it has no plain one."""
        references = self.references(one)
        if not self.native:
            return _worded(one, text_of(one.name, references, one.signature))
        self.parameters.title = one.signature.alias
        texts = []
        for policy, _, binding in one.said:
            own = {name: ref for name, ref in references.items() if name in binding.arguments}
            text = native_formula(one.name, own, policy.id, DAY_NAME, self._figures)[1:]
            texts.append((policy, _worded(one, text)))
        if len({text for _, text in texts}) == 1 and len(texts) == len(self.policies):
            return texts[0][1]
        text = '""'
        for policy, formula in reversed(texts):
            text = f'IF({POLICY_NAME}="{policy.short_name}",{formula},{text})'
        return text

    def _result(self, one: Wanted, key: str = ""):
        group, header = (INCOME, fields()[key].label) if key else (DUE, one.header)
        told = "按政策自动算"
        try:
            formula = self._offered(one, self._guarded(one, self._text(one)))
        except NoFormula as why:
            self.without[header] = str(why)
            formula = ""
        if self.native and len(formula) > LONGEST_FORMULA:
            self.without[header] = "公式太长"
        if header in self.without:
            formula = self._offered(one, f'IF([name]="","","{NO_FORMULA}")')
            told = f"没有普通公式，请用带宏的模板：{self.without[header]}"
        kind = "money" if one.signature.result in ("元", "数") else "word"
        self.found[key or one.name] = Column(
            key or one.name, header, group, kind, told, formula, clause=one.clause, unit=one.said[0][1].unit,
            home=not one.per_person, used_by=self._aliases(key or one.name),
        )  # fmt: skip

    def _offered(self, one: Wanted, text: str) -> str:
        """Blank where the chosen document has no such function."""
        plain = self.alone or not self.results or one.name in SUMS.values()
        return text if plain else f'IF([offered:{one.name}]="{OFFERED}",{text},"")'

    def _guarded(self, one: Wanted, text: str) -> str:
        references = self.references(one)
        if one.per_person and one.pays:
            return f'IF([name]="","",IF({_gone()},0,{text}))'
        if one.pays:
            unclaimed = ",".join(f'{references[name]}=""' for name, a in one.arguments.items() if a.claim)
            text = f"IF({_gone()},IF(AND({unclaimed}),0,NA()),{text})" if unclaimed else text
            return f'IF([name]="","",IF([relation]<>"{HEAD_OF_HOUSEHOLD}",0,{text}))'
        needed = [f'COUNT({ref})<{len(one.arguments[name].items)}' if one.arguments[name].items else f'{ref}=""'
                  for name, ref in references.items() if not one.arguments[name].optional and ref != "1"]  # fmt: skip
        if needed:
            text = f'IF(OR({",".join(needed)}),"",{text})'
        return self._of_head(text) if not one.per_person else f'IF([name]="","",{text})'

    @staticmethod
    def _of_head(text: str) -> str:
        return f'IF(OR([name]="",[relation]<>"{HEAD_OF_HOUSEHOLD}"),"",{text})'

    def _totals(self):
        for nature in SUMMED:
            parts = [one.name for one in self.wanted.values() if one.pays and one.nature == nature]
            parts = [name for name in parts if self.found[name].header not in self.without]
            if parts:
                header = f"应享{nature}合计"
                cells = ",".join(f"[{name}]" for name in parts)
                self.found[header] = Column(header, header, DUE, "money", "本行各项相加，自动算",
                                            f'IF([name]="","",ROUND(SUM({cells}),2))', unit="元")  # fmt: skip

    # ---- what is lacking

    def needed(self) -> dict[str, dict[tuple[str, ...], list[str]]]:
        """Column -> when it must be filled in: the columns of which one is filled then (none for always) -> the
        documents that ask for it, by short name; none where all do."""
        always: dict = {(): []}
        names = ("household_id", "id_number", "relation", "household_type", "risk_status")
        found: dict[str, dict] = dict.fromkeys(names, always)
        for one in self.wanted.values():
            references = self.references(one)
            claims = [ref[1:-1] for name, ref in references.items() if one.arguments[name].claim and ref != "1"]
            for policy, _, binding in one.said:
                plainly = [name for name, a in binding.arguments.items() if not a.optional]
                needs = [name for name, condition in binding.outcome.needs if claims or condition.op == "true"]
                for name in (*plainly, *needs):
                    ref = references[name]
                    if ref == "1" or one.arguments[name].items:
                        continue
                    if one.pays and found.get(ref[1:-1]) is not always:
                        found.setdefault(ref[1:-1], {}).setdefault(tuple(claims), []).append(policy.short_name)
        for key in (*KINDS.values(), "persons_year"):
            found.setdefault(key, {})[tuple(KINDS.values())] = []
        every = {policy.short_name for policy in self.policies}
        for whens in found.values():
            for claims, names in whens.items():
                whens[claims] = [] if set(names) == every else list(dict.fromkeys(names))
        return {key: found[key] for key in self.found if key in found and not self.found[key].live}

    def lack(self) -> str:
        """The formula that names what is lacking in a row, "" where nothing is."""
        parts: dict[bool, list[str]] = {False: [], True: []}
        for key, whens in self.needed().items():
            column = self.found[key]
            tests = [_when(claims, names) for claims, names in whens.items()]
            test = f'[{key}]=""' if "" in tests else f'AND([{key}]="",{_any(tests)})'
            parts[column.home].append(f'IF({test},"、{column.header}","")')
        weighted = "+".join(f"MID([id_number],{place},1)*{weight}" for place, weight in enumerate(WEIGHTS, 1))
        digit = f'MID("10X98765432",MOD({weighted},11)+1,1)'
        wrong = f"IFERROR({digit}<>UPPER(MID([id_number],18,1)),TRUE)"
        twice = "SUMPRODUCT(--(LEFT([id_number:all],18)=LEFT([id_number],18)))>1"
        number = f'IF({twice},"、证件号码重复","")'
        length = ",".join(f"LEN([id_number])<>{length}" for length in LENGTHS)
        number = f'IF(OR(AND({length}),{wrong}),"、证件号码有误",{number})'
        heads = f'SUMPRODUCT(([household_id:all]=[household_id])*([relation:all]="{HEAD_OF_HOUSEHOLD}"))<>1'
        heads = f'IF([household_id]="","",IF({heads},"、户主（每户一人）",""))'
        plain = [*parts[False], f'IF([id_number]="","",{number})', heads]
        homes = [f"[{one.key}]" for one in self.entries() if one.home and one.group == FACTS]
        typed = f'IF(COUNTA({",".join(homes)})>0,"、户级数字请填在户主行","")' if homes else '""'
        text = f'{"&".join(plain)}&IF([relation]="{HEAD_OF_HOUSEHOLD}",{"&".join(parts[True]) or NOTHING},{typed})'
        results = [one.key for one in self.found.values() if one.group == DUE]
        if results:
            text += f'&IF(ISERROR(SUM([{results[0]}]:[{results[-1]}])),"、有事项算不出（#N/A）","")'
        unnamed = f'IF(AND([household_id]="",[id_number]=""),"","{self.found["name"].header}")'
        return f'IF([name]="",{unnamed},IF({_gone()},"",MID({text},2,255)))'

    def entries(self) -> Iterable[Column]:
        return (column for column in self.found.values() if not column.live)


OFFERED = "有"
#: of identity numbers: how long they are, also those of the disabled, and what the check digit follows from (GB 11643)
LENGTHS = (18, 20, 22)
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
NO_FORMULA = "需用带宏的模板"


NOTHING = '""'


def _when(claims: tuple[str, ...], names: list[str]) -> str:
    """The test for one of these columns being filled, under one of these documents; "" where nothing is tested."""
    tests = [chosen(names)] if names else []
    if claims:
        tests.append(_any([f'[{key}]<>""' for key in claims]))
    return tests[0] if len(tests) == 1 else f"AND({','.join(tests)})" if tests else ""


def chosen(names: Iterable[str]) -> str:
    """The test for one of these documents being chosen."""
    return _any([f'{POLICY_NAME}="{name}"' for name in names])


def _any(tests: list[str]) -> str:
    tests = list(dict.fromkeys(tests))
    return tests[0] if len(tests) == 1 else f"OR({','.join(tests)})"


def filled(text: str, reference: Reference) -> str:
    """A formula with the columns' cells in it."""
    return _REFERENCE.sub(lambda found: reference(found[1]), text)


def _gone() -> str:
    listed = ",".join(f'"{word}"' for word in words().data["words"]["status"]["gone"])
    return f"SUMPRODUCT(--([status]={{{listed}}}))>0"


def _worded(one: Wanted, text: str) -> str:
    return f'IF({text},"{YES}","{NO}")' if one.signature.result == "是否" else text


def _is_flag(name: str) -> bool:
    return fields()[name].kind == "flag"


def _options(told: Field) -> tuple[str, ...]:
    if told.kind == "flag":
        return (YES, NO)
    if told.kind not in ("word", "place"):
        return ()
    if isinstance(told.words, Argument):
        return told.words.options
    from xl_poverty.formulas.signatures import plain_arguments

    known = plain_arguments().get(told.words)
    return known.options if known else words().options_of_column(told.words)
