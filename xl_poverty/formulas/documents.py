"""The installed policy documents, found by id, short name or number."""
from __future__ import annotations

from functools import cache
from pathlib import Path

from ..errors import CellError, PolicyError
from ..rules.parameters import Policy, find_policies, name_key
from .office import Settings
from .signatures import Signature, find, own_signatures, plain_arguments, signatures, wrong_entries
from .values import shown

PACKAGE = Path(__file__).parent.parent / "policies"


@cache
def _load(folder: Path) -> Policy:
    if folder.parent != PACKAGE and (folder / "rules.py").exists():
        raise PolicyError([f"{folder.name}/rules.py：办公文件夹里的政策只能是数据，不能带程序"])
    policy = Policy(folder)
    known = {*plain_arguments(), *policy.arguments}
    wrong = [f"{folder.name}/policy.toml: {name}.args: {text}" for name, measure in policy.measures.items()
             if measure.alias and name not in signatures() for text in wrong_entries(measure.args, known)]  # fmt: skip
    if wrong:
        raise PolicyError(wrong)
    return policy


@cache
def _index(folders: tuple[Path, ...]) -> dict[str, Policy]:
    found: dict[str, Policy] = {}
    for folder in find_policies(*folders):
        policy = _load(folder)
        for name in policy.names:
            found.setdefault(name_key(name), policy)
    return found


def _folders(settings: Settings) -> tuple[Path, ...]:
    return (PACKAGE, *(layer.folder for layer in settings.layers if layer.folder))


def _named(settings: Settings) -> dict[str, Policy]:
    """Every document by its names; one that is being checked stands before the installed ones."""
    trial = {name_key(n): layer.trial for layer in settings.layers if layer.trial for n in layer.trial.names}
    installed = _index(_folders(settings))
    return {**installed, **trial} if trial else installed


def documents(settings: Settings) -> list[Policy]:
    """Every installed document, in order of id."""
    return sorted(set(_named(settings).values()), key=lambda policy: policy.id)


def document(name, settings: Settings) -> Policy:
    """The document of this name; never a similar one. Raises CellError unknown_policy."""
    policy = _named(settings).get(name_key(name)) if isinstance(name, str) else None
    if policy is None:
        known = "、".join(p.short_name for p in documents(settings))
        raise CellError("unknown_policy", f"没有名为“{shown(name)}”的政策，已装：{known}")
    return policy


@cache
def own_functions(policy: Policy) -> dict[str, Signature]:
    """A document's own functions by name and alias."""
    return {key: s for s in own_signatures(policy).values() for key in (s.name, s.alias)}


def known_function(measure, settings: Settings) -> Signature:
    """The function or measure of this name or alias: the contract's, else a document's own, the default document's
    first. Raises CellError unknown_option."""
    signature = find(measure) if isinstance(measure, str) else None
    if signature is None and isinstance(measure, str):
        own = [p for p in documents(settings) if measure.strip() in own_functions(p)]
        default = settings.first("policy")[0]
        for policy in sorted(own, key=lambda p: default not in p.names):
            return own_functions(policy)[measure.strip()]
    if signature is None:
        raise CellError("unknown_option", f"没有名为“{shown(measure)}”的函数或事项，可用 事项清单 查看")
    return signature


def named_document(name, settings: Settings) -> tuple[Policy, str]:
    """(document, where its name came from): the argument, or the strongest default."""
    if name is not None and not (isinstance(name, str) and not name.strip()):
        return document(name, settings), ""
    default, origin = settings.first("policy")
    if not default:
        raise CellError("unknown_policy", "没有指明政策：请填“政策”参数，或在工作簿的名称“政策”里填写，如 双碾乡")
    return document(default, settings), origin
