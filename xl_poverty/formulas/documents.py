"""The installed policy documents, found by id, short name or number."""
from __future__ import annotations

from functools import cache
from pathlib import Path

from ..errors import CellError, PolicyError
from ..rules.parameters import Policy, find_policies, name_key
from .office import Settings
from .values import shown

PACKAGE = Path(__file__).parent.parent / "policies"


@cache
def _load(folder: Path) -> Policy:
    if folder.parent != PACKAGE and (folder / "rules.py").exists():
        raise PolicyError([f"{folder.name}/rules.py：办公文件夹里的政策只能是数据，不能带程序"])
    return Policy(folder)


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


def documents(settings: Settings) -> list[Policy]:
    """Every installed document, in order of id."""
    return sorted(set(_index(_folders(settings)).values()), key=lambda policy: policy.id)


def document(name, settings: Settings) -> Policy:
    """The document of this name; never a similar one. Raises CellError unknown_policy."""
    policy = _index(_folders(settings)).get(name_key(name)) if isinstance(name, str) else None
    if policy is None:
        known = "、".join(p.short_name for p in documents(settings))
        raise CellError("unknown_policy", f"没有名为“{shown(name)}”的政策，已装：{known}")
    return policy


def named_document(name, settings: Settings) -> tuple[Policy, str]:
    """(document, where its name came from): the argument, or the strongest default."""
    if name is not None and not (isinstance(name, str) and not name.strip()):
        return document(name, settings), ""
    default, origin = settings.first("policy")
    if not default:
        raise CellError("unknown_policy", "没有指明政策：请填“政策”参数，或在工作簿的名称“政策”里填写，如 双碾乡")
    return document(default, settings), origin
