"""Checking a policy document before it is used: everything that is wrong with it at once, and its cases."""
from __future__ import annotations

import itertools
import tomllib
from pathlib import Path

from ..errors import CellError, PolicyError
from ..rules.binding import Binding, bind
from ..rules.expressions import RuleError
from ..rules.parameters import Measure, Policy, find_policies
from ..rules.sentence import ReasonValues
from . import documents
from .household import fact_arguments
from .indicators import indicator_bodies, part_bodies
from .office import Layer, current, using
from .plain import is_plain
from .signatures import Signature, find, own_signatures, plain_arguments, signatures, wrong_entries

#: readings tried together; more of them are tried one at a time
MOST_CHOICES = 64


def check_documents(folder: Path) -> dict[str, list[str]]:
    """The mistakes of every document in a folder (or of the one that it is), by its folder's name; none where all is
    right. Raises FileNotFoundError where there is no policy.toml."""
    folder = Path(folder).resolve()
    found = [folder] if (folder / "policy.toml").exists() else find_policies(folder)
    if not found:
        raise FileNotFoundError(folder)
    return {document.name: check_document(document) for document in found}


#: what a body that is wrong may raise when it is traced or compiled
_BODY_ERRORS = (RuleError, NameError, AttributeError, TypeError, ValueError, KeyError, ArithmeticError)


def check_document(folder: Path) -> list[str]:
    """Everything that is wrong with one document's folder; its cases are run where nothing else is."""
    try:
        policy = Policy(folder)
    except PolicyError as error:
        return error.mistakes
    where = f"{folder.name}/policy.toml"
    mistakes = [f"{where}: {text}" for text in (*_names(policy), *_clauses(policy), *_own(policy))]
    try:
        policy.bodies  # noqa: B018 loaded when first asked for
    except (SyntaxError, ImportError, *_BODY_ERRORS) as error:
        return [*mistakes, f"{folder.name}/rules.py: {error}"]
    mistakes += [f"{where}: {text}" for text in (*_contract(policy), *_bodies(policy), *_exclusions(policy))]
    return mistakes or _cases(policy)


def _names(policy: Policy):
    for name in policy.names:
        try:
            other = documents.document(name, current())
        except CellError:
            continue
        if other.folder.resolve() != policy.folder.resolve() and other.id != policy.id:
            yield f"{name} is already the name of {other.id}"


def _clauses(policy: Policy):
    entries = [*policy.measures.values(), *policy.indicators.values(), *policy.deadlines.values()]
    used = {entry.clause for entry in (*entries, *policy.facts.values()) if entry.document is policy}
    used |= {policy.common.clause} | {exclusion.clause for exclusion in policy.exclusions}
    used |= {told["clause"] for told in policy.accounting.values()}
    for clause in policy.clauses.values():
        if clause.use == "计算" and clause.number not in used:
            yield f"clauses.{clause.number}: is said to be computed, but nothing cites it"


def _own(policy: Policy):
    """The arguments and functions that only this document has."""
    wrong = False
    for name, table in policy.arguments.items():
        if name in plain_arguments():
            yield f"arguments.{name}: is an argument of the contract already"
        elif not isinstance(table, dict) or not {"label", "kind"} <= set(table):
            wrong = True
            yield f"arguments.{name}: needs a label and a kind"
        elif table["kind"] in ("word", "place") and not table.get("options"):
            wrong = True
            yield f"arguments.{name}.options: the words that can be typed are required"
    known = {*plain_arguments(), *policy.arguments}
    for name, measure in policy.measures.items():
        if find(name) is not None:
            continue
        if not measure.alias or not measure.args:
            yield f"{name}: is no function of the contract; one of the document's own needs alias and args"
        elif find(measure.alias) is not None:
            yield f"{name}.alias: {measure.alias} is {find(measure.alias).name} of the contract"
        elif not wrong:
            yield from (f"{name}.args: {text}" for text in wrong_entries(measure.args, known))


def _functions(policy: Policy) -> dict[str, Signature]:
    """The contract's functions and the document's own, as far as those can be read."""
    try:
        return {**signatures(), **own_signatures(policy)}
    except (KeyError, TypeError):  # told by _own
        return signatures()


def _contract(policy: Policy):
    """Names that the contract does not have, and what its functions cannot be without."""
    functions = _functions(policy)
    indicators = functions["INDICATOR_OK"].by_name["indicator"].options
    for name in policy.named:
        if name not in functions and name not in indicators:
            yield f"named.{name}: is neither a function nor an indicator"
    for name in policy.facts:
        if name not in plain_arguments():
            yield f"facts.{name}: is no argument of the contract"
    for name, indicator in policy.indicators.items():
        if not indicator.versions:
            yield f"indicators.{name}.values: is required"
        elif not indicator.base and any("rise" in version.values for version in indicator.versions):
            yield f"indicators.{name}.base: a rise needs the figure that it rises over"


def _bodies(policy: Policy):
    """Every body traced under every choice of 口径 and on every day of new values, and what no body asks for."""
    used: dict[str, set[str]] = {}
    wrong = set()
    for name, measure, arguments, nature in _traced(policy):
        for text in _body(policy, measure, arguments, nature, used.setdefault(name, set())):
            wrong.add(name)
            yield f"{name}: {text}"
    sections = (("", policy.measures), ("indicators.", policy.indicators), ("facts.", policy.facts))
    for where, entries in sections:
        for name, entry in entries.items():
            own = {key for version in entry.versions for key in version.values}
            for key in set(entry.labels) - own:
                yield f"{where}{name}.labels.{key}: there is no parameter of this name"
            traced = where + name in used and where + name not in wrong
            if traced and entry.document is policy and not entry.like:
                unused = sorted(own - used[where + name])
                yield from (f"{where}{name}.values.{key}: is used by no rule" for key in unused)


def _traced(policy: Policy):
    """(name, measure with its body, arguments, nature) of all that is traced."""
    functions = _functions(policy)
    for name, measure in policy.measures.items():
        signature = functions.get(name)
        if signature is None:
            continue
        parts = part_bodies(policy, measure) if signature.select == "parts" else [measure]
        if not is_plain(signature):
            yield from ((name, part, signature.by_name, signature.nature) for part in parts)
    for name, measure in policy.indicators.items():
        if measure.versions and (measure.base or "rise" not in measure.versions[-1].values):
            for body, signature in indicator_bodies(measure):
                yield f"indicators.{name}", body, signature.by_name, ""
    for name, fact in policy.facts.items():
        yield f"facts.{name}", fact, fact_arguments(fact), ""


def _body(policy: Policy, measure: Measure, arguments: dict, nature: str, used: set[str]):
    """What tracing a measure says; adds to `used` the parameters that it asks for."""
    readings = (*policy.readings, *measure.readings)
    every = list(itertools.islice(itertools.product(*(r.alternatives for r in readings)), MOST_CHOICES))
    told = set()
    for choice in every:
        switched = dict(zip((r.name for r in readings), choice, strict=True))
        for day in (None, *policy.days_of_change(measure)):
            try:
                binding = bind(policy, measure, arguments, day, switched, nature)
                found = [*_unknown_words(binding), *_unknown_parameters(binding)]
                if not found:
                    binding.core  # noqa: B018 compiled when first asked for
                used |= binding.parameters.used
            except CellError:
                continue
            except _BODY_ERRORS as error:
                found = [str(error)]
            yield from (text for text in found if text not in told)
            told.update(found)


def _unknown_words(binding: Binding):
    """Words of tables and lists that no input can be."""
    for node in binding.nodes:
        if node.op == "table":
            table, word = node.operands
            name, words = table.name, table.entries
        elif node.op == "isin":
            (word, words), name = node.operands, ""
        else:
            continue
        argument = binding.arguments[word.operands[0]]
        for unknown in (w for w in words if w not in argument.options):
            yield f"{name or argument.label}: “{unknown}” is no option of {argument.label}"


def _unknown_parameters(binding: Binding):
    """Names in the reasons and remarks of a body that are no parameters."""
    outcome = binding.outcome
    for text in (*(reason for _, reason in outcome.gates), *(note for _, note in outcome.notes)):
        try:
            text.format_map(ReasonValues(binding))
        except (RuleError, ValueError, IndexError) as error:
            yield f"“{text}”: {error}"


def _exclusions(policy: Policy):
    functions = _functions(policy)
    for exclusion in policy.exclusions:
        for name, words in ((exclusion.measure, exclusion.where), (exclusion.barred_by, exclusion.barred_where)):
            arguments = functions[name].by_name if name in functions else {}
            for argument, word in words.items():
                if argument not in arguments:
                    yield f"exclusion: {name} has no argument {argument}"
                elif word not in arguments[argument].options:
                    yield f"exclusion: “{word}” is no option of {arguments[argument].label}"


# ---- cases


def read_cases(policy_folder: Path) -> list[dict]:
    """The cases beside a document; none where there is no file."""
    file = policy_folder / "cases.toml"
    if not file.exists():
        return []
    with open(file, "rb") as stream:
        return tomllib.load(stream).get("case", [])


def run_case(policy: str, case: dict):
    """What a case comes to: a value, or the CellError it raises."""
    from .. import formulas

    call = dict(case.get("args", {}), policy=case.get("policy", policy))
    if "as_of" in case:
        call["as_of"] = case["as_of"]
    with using(Layer("核对例", readings=case.get("readings", {}))):
        return getattr(formulas, case["function"])(**call)


def case_failure(policy: str, case: dict) -> str:
    """What a case came to instead of what it expects, or ""."""
    try:
        result = run_case(policy, case)
    except CellError as error:
        return "" if error.code == case.get("error") else f"{error.code}（{error.message}）"
    if "error" in case:
        return f"{result!r}，应报 {case['error']}"
    expected = case["expect"]
    same = result == expected and isinstance(result, bool) == isinstance(expected, bool)
    return "" if same else f"{result!r}，应是 {expected!r}"


def _cases(policy: Policy) -> list[str]:
    """The cases that do not come out, run with the document installed from its folder."""
    mistakes = []
    try:
        cases = read_cases(policy.folder)
    except tomllib.TOMLDecodeError as error:
        return [f"{policy.folder.name}/cases.toml: not TOML: {error}"]
    with using(Layer("核对", trial=policy)):
        for number, case in enumerate(cases, 1):
            try:
                failure = case_failure(policy.id, case)
            except Exception as error:  # noqa: BLE001 a case that is no call at all
                failure = f"{type(error).__name__}: {error}"
            if failure:
                mistakes.append(f"{policy.folder.name}/cases.toml: 第{number}例 {case.get('function')}"
                                f"（{case.get('why', '')}）：得 {failure}")  # fmt: skip
    return mistakes

