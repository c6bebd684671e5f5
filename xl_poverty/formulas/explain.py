"""The functions that explain: WHY, the clause, the parameter, the lists of documents and measures."""
from __future__ import annotations

from ..errors import CellError
from ..rules import sentence
from ..rules.binding import NO_CLAIM
from ..rules.expressions import Steps, Table
from ..rules.parameters import Measure, Policy, name_key
from . import calls, documents, values
from .benefit import read_pairs
from .office import Layer, Settings
from .plain import Told, is_plain, plain, told
from .ranges import broadcast
from .signatures import Signature, find, own_signatures, signatures

# ---- WHY


def why(settings: Settings, measure, own: tuple, named: dict):
    """The sentence for a call of `measure` with these arguments; an error is a sentence too. Ranges give a sentence
    per row. Raises CellError unknown_option only for a measure that does not exist."""
    if values.is_blank(measure):
        raise CellError("missing", "缺少“事项”：请填函数名或事项名")
    signature = documents.known_function(measure, settings)
    if signature.name == "BENEFIT" and own:
        target, given = read_pairs(settings, own[0], own[1:], named)
        return why(settings, target.name, (), given)
    names = (*signature.by_name, "policy", "as_of")
    if len(own) > len(names):
        raise CellError("unknown_option", f"{signature.name}最多有{len(names)}个参数")
    unknown = [name for name in named if name not in names]
    if unknown:
        raise CellError("unknown_option", f"{signature.name}没有参数{'、'.join(unknown)}")
    given = {**dict.fromkeys(names), **dict(zip(names, own)), **named}
    *raw, policy, as_of = (given[name] for name in names)
    if signature.takes_tables:
        return row_sentence(signature, tuple(raw), policy, as_of, settings)
    try:
        grid = broadcast(signature, tuple(raw), policy, as_of)
    except CellError as error:
        return failure_sentence(signature, error, policy, settings)
    sentences = []
    for row in range(grid.rows):
        *row_raw, row_policy, row_as_of = grid.row(row)
        sentences.append(row_sentence(signature, tuple(row_raw), row_policy, row_as_of, settings))
    return sentences[0] if grid.single else grid.shaped(sentences)


def row_sentence(signature: Signature, raw: tuple, policy, as_of, settings: Settings) -> str:
    try:
        if is_plain(signature):
            return _plain_sentence(signature, told(signature, raw, policy, as_of, settings), policy, settings)
        selected = tuple(raw[position] for position in signature.selectors)
        bound = calls.bound_for(signature, policy, as_of, settings, selected)
        return bound_sentence(bound, raw)
    except CellError as error:
        return failure_sentence(signature, error, policy, settings)


def bound_sentence(bound: calls.Bound, raw: tuple) -> str:
    """Amount, steps, failed condition or error of one row, with clause, 口径 and where defaults came from."""
    signature, binding = bound.signature, bound.binding
    alias = signature.alias
    if signature.select and not values.is_blank(raw[0]) and str(raw[0]).strip() != "0":
        alias = f"{alias}（{values.shown(raw[0])}）"
    try:
        answer = bound.answer(raw)
    except CellError as error:
        return failure_sentence(signature, error, binding.policy.id, bound.settings, binding)
    if answer.reason == NO_CLAIM:
        claims = "、".join(a.label for a in signature.arguments if a.claim)
        text = f"{alias}0{binding.measure.unit}：未申报（{claims}{'都' if '、' in claims else ''}是空白）"
        text += f"；依据{sentence.clause_text(binding)}"
    else:
        text = sentence.summary(binding, alias, answer.exact, answer.reason, answer.coded,
                                telling_readings(bound, raw, answer))
    told = [f"用了{line}" for line in answer.lines]
    if bound.policy_origin:
        told.append(f"政策取自{bound.policy_origin}")
    if bound.day_origin:
        told.append(f"业务日期{sentence.day_text(bound.day)}取自{bound.day_origin}")
    if bound.day is None and binding.measure.expires:
        told.append("未填业务日期，未检验有效期")
    return "；".join([text, *told]) + "。"


def telling_readings(bound: calls.Bound, raw: tuple, answer: calls.Answer) -> list[str]:
    """The 口径 to name for a row: the measure's own, the switched ones, and those of the whole document that would
    change this row's result."""
    policy, measure, settings = bound.policy, bound.binding.measure, bound.settings
    told = []
    for name, choice in bound.binding.readings.items():
        reading = policy.reading(measure, name)
        if reading in measure.readings or choice != reading.default:
            told.append(name)
            continue
        for other in reading.alternatives:
            if other != choice:
                switched = Settings((Layer("", readings={**settings.readings, name: other}), *settings.layers))
                if _result_under(bound, raw, switched) != answer.exact:
                    told.append(name)
                    break
    return told


def _result_under(bound: calls.Bound, raw: tuple, settings: Settings):
    selected = tuple(raw[position] for position in bound.signature.selectors)
    try:
        other = calls.bind_function(bound.signature, bound.policy.id, bound.day, settings, selected)
        return other.answer(raw).exact
    except CellError as error:
        return error.code


def failure_sentence(signature: Signature, error: CellError, policy, settings: Settings, binding=None) -> str:
    text = f"{signature.alias}算不出（{error.cell}）：{error.message}"
    if binding is None:
        try:
            found, _ = documents.named_document(policy, settings)
            measure = found.measures.get(signature.name)
            if measure and measure.cited not in text:
                text += f"；依据{found.cite(measure)}"
        except CellError:
            pass
    else:
        text += f"；依据{sentence.clause_text(binding)}"
    return text + "。"


def _plain_sentence(signature: Signature, result: Told, policy, settings: Settings) -> str:
    value, parts = result.value, []
    shown = result.text or (sentence.day_text(value) if hasattr(value, "isoformat") else value
                            if isinstance(value, str) else f"{len(value)}行，见各行"
                            if isinstance(value, list) else sentence.amount_text(value))  # fmt: skip
    parts.append(f"{signature.alias}：{shown}")
    if result.policy:
        parts.append(f"依据{result.policy.cite(result.measure) if result.measure else result.policy.cited}")
        if values.is_blank(policy):
            parts.append(f"政策取自{settings.first('policy')[1]}")
    return "；".join(parts) + "。"


# ---- clauses, parameters, lists


@plain("POLICY_CLAUSE")
def policy_clause(settings: Settings, policy, as_of, measure) -> str:
    """What the document says of a measure, an indicator, a deadline or under a clause number."""
    found, _ = documents.named_document(policy, settings)
    if values.is_blank(measure):
        raise CellError("missing", "缺少“事项”：请填函数名、别名或条款号")
    error = values.error_cell(measure, "事项")
    if error:
        raise error
    measure = values.unwrap(measure)
    text = sentence.amount_text(measure) if isinstance(measure, (int, float)) else str(measure).strip()
    number = text.removeprefix("第").removesuffix("条")
    by_key = {name_key(name): clause for clause in found.clauses for name in (clause, found.clause_label(clause))}
    clause = by_key.get(name_key(number)) or by_key.get(name_key(text))
    if clause:
        return f"“{' '.join(found.clauses[clause].text.split())}”（{found.cited}{found.clause_label(clause)}）"
    if number in found.absent:
        return f"{found.cited}没有第{number}条：{found.absent_note}"
    if number.isdigit():
        return f"{found.cited}没有第{number}条"
    known = _entry(found, text, settings)
    return f"“{'……'.join(known.quotes)}”（{found.cite(known)}）"


def _entry(policy: Policy, text: str, settings: Settings) -> Measure:
    """The indicator, deadline or measure of this name. Raises CellError unknown_option, not_specified."""
    known = policy.indicators.get(text) or policy.deadlines.get(text) or policy.named.get(text)
    if known is None:
        signature = documents.known_function(text, settings)
        known = policy.measures.get(signature.name) or policy.named.get(signature.name)
        if known is None:
            raise calls.not_specified(signature.alias, policy)
    return known


@plain("POLICY_PARAM")
def policy_param(settings: Settings, policy, as_of, measure, parameter):
    """A parameter of a measure, indicator or deadline on a day, by its key, its label, or the word of a table."""
    found, _ = documents.named_document(policy, settings)
    day, _ = calls.effective_date(as_of, settings)
    for value, label in ((measure, "事项"), (parameter, "参数")):
        if values.is_blank(value):
            raise CellError("missing", f"缺少“{label}”")
    text = str(measure).strip()
    known = _entry(found, text, settings)
    version = known.version(day)
    if version is None:
        raise CellError("not_specified", f"{found.cited}当日还没有{text}的数额")
    every = dict(_parameters(known, version))
    name = str(parameter).strip()
    if name not in every:
        labels = (key.split("（")[0] for key in every if not key.isascii())
        choices = "、".join(dict.fromkeys(labels)) or "、".join(every)
        raise CellError("unknown_option", f"{text}没有参数“{values.shown(parameter)}”，有：{choices}")
    return every[name]


def _parameters(measure, version):
    for key, value in version.values.items():
        shown = _plain_value(value)
        yield key, shown
        if key in measure.labels:
            yield measure.labels[key], shown
            yield measure.labels[key].split("（")[0], shown
        if isinstance(value, Table):
            yield from ((word, _plain_value(v)) for word, v in value.entries.items())


def _plain_value(value):
    if isinstance(value, Table):
        return "、".join(f"{word}{sentence.amount_text(v)}" for word, v in value.entries.items())
    if isinstance(value, Steps):
        return "、".join(f"{sentence.amount_text(a)}:{sentence.amount_text(b)}" for a, b in value.steps)
    if isinstance(value, tuple):
        return "、".join(word if isinstance(word, str) else sentence.amount_text(word) for word in value)
    if hasattr(value, "isoformat"):
        return value
    return calls.plain_number(value)


@plain("IN_FORCE")
def in_force(settings: Settings, policy, as_of, on_date) -> Told:
    """Is the document in force on that day? Both ends count."""
    found, _ = documents.named_document(policy, settings)
    if values.is_blank(on_date):
        raise CellError("missing", "缺少“日期”：请填要查的日期")
    day = values.read_date(find("IN_FORCE").by_name["on_date"], on_date)
    holds = found.covers(day)
    until = f"至{sentence.day_text(found.until)}" if found.until else "起，原文没有写到期日"
    text = f"{'是' if holds else '否'}，{sentence.day_text(day)}，有效期{sentence.day_text(found.start)}{until}"
    basis = f"原文“{found.in_force_quote}”" if found.in_force_quote else found.in_force_note.rstrip("。")
    return Told(holds, f"{text}（{basis}）", found)


@plain("POLICIES")
def policies(settings: Settings, policy, as_of) -> list[list]:
    """id, short name, number and period of every installed document, with a header row."""
    rows = [["编号", "简称", "文号", "起", "止"]]
    for found in documents.documents(settings):
        rows.append([found.id, found.short_name, found.number or "原文无文号", found.start, found.until or "未定"])
    return rows


@plain("MEASURES")
def measures(settings: Settings, policy, as_of) -> list[list]:
    """Function, alias, clause, kind, nature and payee of every measure of the document, with a header row."""
    found, _ = documents.named_document(policy, settings)
    rows = [["函数", "事项", "条款", "数额性质", "资金性质", "发给"]]
    for name, signature in {**signatures(), **own_signatures(found)}.items():
        measure = found.measures.get(name)
        if measure:
            rows.append([name, signature.alias, measure.document.clause_label(measure.clause), measure.kind,
                         measure.nature or signature.nature, measure.payee])  # fmt: skip
    return rows

