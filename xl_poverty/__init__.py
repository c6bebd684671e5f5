"""Entitlements of 脱贫户 and 监测户 under local policy documents, as spreadsheet formulas.

    >>> from xl_poverty import formulas as f
    >>> f.TRAVEL_SUBSIDY("脱贫户", True, "跨省", policy="双碾乡")
    1500

Nothing heavy is imported until it is used, so that a command starts at once.
"""
from __future__ import annotations

import importlib

__version__ = "0.1.0"

#: public name -> where it lives
_HOMES = {
    "CellError": "errors",
    "PolicyError": "errors",
    "office": "formulas.office",
    "entitlements": "ledger.entitlements",
    "native_formula": "formulas.native",
}
_MODULES = ("formulas", "rules", "ledger")

__all__ = [*_HOMES, *_MODULES, "__version__"]


def __getattr__(name: str):
    if name in _HOMES:
        return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
    if name in _MODULES:
        return importlib.import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
