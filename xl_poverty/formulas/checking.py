"""Checking a policy document before it is used: everything that is wrong with it at once, and its cases."""
from __future__ import annotations

import itertools
import tomllib
from pathlib import Path

from ..errors import CellError, PolicyError
from ..rules.binding import Binding, bind
from ..rules.expressions import RuleError
from ..rules.parameters import Measure, Policy, find_policies
from . import documents
from .indicators import indicator_bodies, part_bodies
from .office import Layer, current, using
from .plain import is_plain
from .signatures import Signature, find, own_signatures, plain_arguments

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


def check_document(folder: Path) -> list[str]:
    """Everything that is wrong with one document's folder."""
    try:
        policy = Policy(folder)
    except PolicyError as error:
        return error.mistakes
    except (RuleError, SyntaxError, ImportError) as error:
        return [f"{folder.name}/rules.py: {error}"]
    where = f"{folder.name}/policy.toml"
    mistakes = [f"{where}: {text}" for text in _names(policy)]
    mistakes += [f"{where}: {text}" for text in (*_clauses(policy), *_arguments(policy))]
    try:
        policy.bodies  # noqa: B018 loaded when first asked for
        bodies = list(_bodies(policy, mistakes, where))
    except (RuleError, SyntaxError, ImportError, NameError, AttributeError, TypeError, KeyError) as error:
        return [*mistakes, f"{folder.name}/rules.py: {error}"]
    for name, measure, signature in bodies:
        mistakes += [f"{where}: {name}: {text}" for text in _body(policy, measure, signature)]
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
    for clause in policy.clauses.values():
        if clause.use == "计算" and clause.number not in used:
            yield f"clauses.{clause.number}: is said to be computed, but nothing cites it"


def _arguments(policy: Policy):
    for name, table in policy.arguments.items():
        if name in plain_arguments():
            yield f"arguments.{name}: is an argument of the contract already"
        elif not isinstance(table, dict) or not {"label", "kind"} <= set(table):
            yield f"arguments.{name}: needs a label and a kind"


def _bodies(policy: Policy, mistakes: list[str], where: str):
    """(name, measure with its body, function) of all that is traced."""
    own = own_signatures(policy)
    for name, measure in policy.measures.items():
        signature = find(name) or own.get(name)
        if signature is None:
            told = "is no function of the contract; one of the document's own needs alias and args"
            mistakes.append(f"{where}: {name}: {told}")
        elif signature.select == "parts":
            yield from ((name, part, signature) for part in part_bodies(policy, measure))
        elif not is_plain(signature):
            yield name, measure, signature
    for name, measure in policy.indicators.items():
        yield from ((f"indicators.{name}", body, signature) for body, signature in indicator_bodies(measure))
    for name in policy.facts:
        if name not in plain_arguments():
            mistakes.append(f"{where}: facts.{name}: is no argument of the contract")


def _body(policy: Policy, measure: Measure, signature: Signature):
    """What tracing a measure under every choice of 口径 and on every day of new values says."""
    readings = (*policy.readings, *measure.readings)
    every = list(itertools.islice(itertools.product(*(r.alternatives for r in readings)), MOST_CHOICES))
    told = set()
    for choice in every:
        switched = dict(zip((r.name for r in readings), choice, strict=True))
        for day in (None, *policy.days_of_change(measure)):
            try:
                binding = bind(policy, measure, signature.by_name, day, switched, signature.nature)
                found = list(_unknown_words(binding))
                if not found:
                    binding.core  # noqa: B018 compiled when first asked for
            except CellError:
                continue
            except (RuleError, NameError, AttributeError, TypeError, ValueError, KeyError) as error:
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
    with using(Layer("核对", trial=policy)):
        for number, case in enumerate(read_cases(policy.folder), 1):
            try:
                failure = case_failure(policy.id, case)
            except Exception as error:  # noqa: BLE001 a case that is no call at all
                failure = f"{type(error).__name__}: {error}"
            if failure:
                mistakes.append(f"{policy.folder.name}/cases.toml: 第{number}例 {case.get('function')}"
                                f"（{case.get('why', '')}）：得 {failure}")  # fmt: skip
    return mistakes

