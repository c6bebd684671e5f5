"""Workbooks with macros and the add-in as files: what a reader of macros, of the package and of the ribbon finds.

pyOpenVBA put the macros together; olevba, which shares nothing with it, takes them apart.
"""

from __future__ import annotations

import io
import re
import zipfile
from xml.etree import ElementTree

import openpyxl
import pytest

pytest.importorskip("pyopenvba")
xlwings = pytest.importorskip("xlwings")
olevba = pytest.importorskip("oletools.olevba")
mraptor = pytest.importorskip("oletools.mraptor")
olefile = pytest.importorskip("olefile")

from pathlib import Path  # noqa: E402

from xl_poverty.formulas.signatures import signatures  # noqa: E402
from xl_poverty.hosts.actions import ACTIONS  # noqa: E402
from xl_poverty.hosts.excel import ribbon  # noqa: E402
from xl_poverty.hosts.excel.packaging import (  # noqa: E402
    ADDIN_FORMULAS,
    BOOK_FORMULAS,
    CONFIG,
    HELP,
    action_module,
    addin,
    macro_workbook,
)
from xl_poverty.hosts.excel.project import source, vba_project  # noqa: E402
from xl_poverty.hosts.excel.wrappers import formula_module, parameter_names, wrong_names  # noqa: E402
from xl_poverty.workbook.encoding import Formula  # noqa: E402
from xl_poverty.workbook.pages import Button, Page  # noqa: E402

WHEEL = Path(xlwings.__file__).with_name("xlwings.bas").read_text("utf-8")
COMMON = ("XlpRuntime", "XlpHelp", "XlpMessages")
TEMPLATES = Path(__file__).parents[1] / "templates"


def pages() -> list[Page]:
    page = Page("操作", widths=(20, 20))
    page.put(0, 0, "双碾乡")
    page.put(1, 0, Formula("PV_VILLAGE_SHARE(1,A1)", 0.5))
    page.names["政策"] = (0, 0)
    for row, (id_, action) in enumerate(ACTIONS.items()):
        page.buttons.append(Button((3 + 2 * row, 0), action.caption, id_))
    return [page, Page("台账")]


@pytest.fixture(scope="module")
def book() -> bytes:
    return macro_workbook(pages())


@pytest.fixture(scope="module")
def extra() -> bytes:
    return addin()


@pytest.fixture(params=["book", "extra"])
def both(request) -> bytes:
    return request.getfixturevalue(request.param)


def part(content: bytes, name: str) -> str:
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        return file.read(name).decode()


def modules(content: bytes) -> dict[str, str]:
    """The macros as olevba reads them, without the lines that say what a module is."""
    parser = olevba.VBA_Parser("file", content)
    return {name.partition(".")[0]: re.sub(r"\r\n?", "\n", text) for _, _, name, text in parser.extract_macros()}


def opened(content: bytes):
    """The workbook as openpyxl reads it, which knows no add-ins."""
    output = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as file, zipfile.ZipFile(output, "w") as target:
        for name in file.namelist():
            target.writestr(name, file.read(name).replace(b"ms-excel.addin.", b"ms-excel.sheet."))
    return openpyxl.load_workbook(output)


# ---- the macros


def test_a_workbook_holds_the_modules_of_its_sources(book):
    found = modules(book)
    ours = {BOOK_FORMULAS: formula_module(BOOK_FORMULAS), "XlpActions": action_module(ACTIONS)}
    ours |= {name: source(name) for name in (*COMMON, "XlpBook")}
    assert {name: found[name] for name in ours} == ours
    assert found.keys() == ours.keys() | {"xlwings", "ThisWorkbook", "Sheet1", "Sheet2", "Sheet3", "Sheet4"}


def test_the_addin_holds_the_modules_of_its_sources(extra):
    found = modules(extra)
    ours = {ADDIN_FORMULAS: formula_module(ADDIN_FORMULAS), **{name: source(name) for name in (*COMMON, "XlpAddin")}}
    assert {name: found[name] for name in ours} == ours
    assert found.keys() == ours.keys() | {"xlwings", "ThisWorkbook", "Sheet1", "Sheet2", "Sheet3"}


def test_xlwings_macros_are_those_of_the_installed_wheel(both):
    """Licence included."""
    found = modules(both)["xlwings"]
    assert found.rstrip() == WHEEL.rstrip() and f'XLWINGS_VERSION As String = "{xlwings.__version__}"' in found
    assert "BSD 3-clause license" in found


def test_a_function_stands_for_each_of_the_contract(both):
    found = modules(both)
    text = found.get(BOOK_FORMULAS) or found[ADDIN_FORMULAS]
    text = text.replace(" _\n", " ")
    heads = re.findall(r"^Public Function (\w+)\((.*)\) As Variant$", text, re.M)
    assert [name for name, _ in heads] == list(signatures())
    for name, head in heads:
        taken = [re.sub(r"^\s*(Optional|ParamArray) ", "", one).strip() for one in head.split(",")]
        more = ["arguments() As Variant"] if signatures()[name].more else []
        assert taken == parameter_names(signatures()[name]) + more


def test_a_call_carries_its_arguments_in_order():
    text = re.sub(r" _\n\s+", " ", formula_module("Any"))
    own = "revenue, land_rent, operation, insurance"
    assert (
        f"Public Function PV_NET({own}, Optional other, Optional policy, Optional as_of) As Variant\n"
        f'    PV_NET = XlpCall("PV_NET", Array({own}, other, policy, as_of), 5)\nEnd Function\n'
    ) in text
    assert (
        "Public Function WHY(measure, ParamArray arguments() As Variant) As Variant\n    Dim rest As Variant\n"
        '    rest = arguments\n    WHY = XlpCall("WHY", XlpJoined(measure, rest), 0)\nEnd Function'
    ) in text
    assert "business_cost" in text and "property_income" in text and not re.search(r"\bproperty\b", text)


def test_names_that_vba_or_a_cell_would_take_otherwise():
    names = ["A1", "TAX2023", "R1C1", "RC", "end", "Type", "date", "property", "年", "_x", "a" * 41]
    assert wrong_names(names) == names
    assert wrong_names(["TRAVEL_SUBSIDY", "base2", "kind", "year", "a" * 40]) == []


def test_lines_are_short_and_ascii(both):
    for name, text in modules(both).items():
        assert text.isascii() and max(map(len, text.splitlines()), default=0) < 1024, name
        assert text.count(" _\n") == 0 or max(len(run) for run in re.findall(r"(?: _\n[^\n]*)+", text)) < 24 * 120


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('Attribute VB_Name = "Any"\n\' 宏\n', "ASCII"),
        ('Attribute VB_Name = "Other"\n', "name"),
        ('Attribute VB_Name = "Any"\nSub Auto_Open()\nEnd Sub\n', "start by themselves"),
        ('Attribute VB_Name = "Any"\n\' workbook_open\n', "start by themselves"),
        (f'Attribute VB_Name = "Any"\n\' {"x" * 1022}\n', "1024"),
    ],
)
def test_sources_that_would_not_do_are_refused(text, told):
    with pytest.raises(ValueError, match=told):
        vba_project({"Any": text}, 1)


def test_nothing_starts_by_itself(both):
    """mraptor takes a word that ends in _Change for an event, and the contract's INCOME_CHANGE is one: without it, it
    finds nothing that starts by itself."""
    text = "\n".join(modules(both).values())
    assert len(re.findall(r"(?i)\bincome_change\b", text)) == 3  # its head, its result, its name for Python
    scanned = mraptor.MacroRaptor(text.replace("INCOME_CHANGE", "INCOME_OTHERWISE"))
    scanned.scan()
    assert not scanned.suspicious and not scanned.autoexec


# ---- the package


def test_two_builds_are_the_same(book, extra):
    assert macro_workbook(pages()) == book and addin() == extra


def test_parts_bear_one_date(both):
    with zipfile.ZipFile(io.BytesIO(both)) as file:
        assert {info.date_time for info in file.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_each_document_module_is_a_code_name(both):
    with zipfile.ZipFile(io.BytesIO(both)) as file:
        parts = [name for name in file.namelist() if re.fullmatch(r"xl/(workbook|worksheets/sheet\d+)\.xml", name)]
        names = [re.search(r'codeName="(\w+)"', file.read(name).decode()).group(1) for name in parts]
        project = olefile.OleFileIO(io.BytesIO(file.read("xl/vbaProject.bin"))).openstream("PROJECT").read().decode()
    assert sorted(re.findall(r"^Document=(\w+)/", project, re.M)) == sorted(names)


def test_nothing_is_calculated_when_a_workbook_is_opened(book):
    assert "fullCalcOnLoad" not in part(book, "xl/workbook.xml")
    assert "<f>PV_VILLAGE_SHARE(1,A1)</f><v>0.5</v>" in part(book, "xl/worksheets/sheet1.xml")


def test_each_button_runs_the_sub_of_its_action(book):
    drawing = part(book, "xl/drawings/vmlDrawing1.vml")
    macros = re.findall(r"<x:FmlaMacro>\[0\]!(\w+)</x:FmlaMacro>", drawing)
    subs = dict(re.findall(r'^Public Sub (\w+)\(\)\n    XlpRun "(\w+)"\nEnd Sub$', modules(book)["XlpActions"], re.M))
    assert [subs[macro] for macro in macros] == list(ACTIONS)
    assert macros[1] == "XlpCheck" and all(action.caption in drawing for action in ACTIONS.values())


def test_xlwings_finds_its_settings(both):
    """It reads down column A to the first blank cell; each key once, in capitals."""
    sheet = opened(both)[CONFIG]
    rows = [(row[0].value, row[1].value) for row in sheet.iter_rows(max_col=2)]
    told = dict(rows)
    assert len(told) == len(rows) and None not in told and all(key == key.upper() for key in told)
    assert told["INTERPRETER_WIN"] == r"%LOCALAPPDATA%\xl_poverty\python\Scripts\python.exe"
    assert (told["UDF MODULES"], told["USE UDF SERVER"]) == ("udfs", "True")
    assert told["ADD_WORKBOOK_TO_PYTHONPATH"] == "false"
    assert told["XLWINGS_VERSION"] == xlwings.__version__ and told["PYTHONPATH"] is None
    assert sheet.sheet_state == "veryHidden" and sheet.max_column == 2
    assert all(cell.data_type in "sn" and not isinstance(cell.value, int) for row in sheet.iter_rows() for cell in row)


def test_the_wizard_finds_help_for_each_argument(both):
    sheet = opened(both)[HELP]
    told = {row[0].value: row[1].value.split("\n") for row in sheet.iter_rows()}
    texts = {key for key in told if key.startswith("text ")}
    assert told.keys() - texts == signatures().keys()
    for name, signature in signatures().items():
        assert len(told[name]) == 2 + len(signature.arguments) + (1 if signature.more else 2)
        assert all(0 < len(line) <= 255 for line in told[name])
    asked = {key for text in modules(both).values() for key in re.findall(r'XlpText\("(\w+)"\)', text)}
    assert {f"text {key}" for key in asked} <= texts


def test_a_workbook_is_read_as_the_ledger_it_is_and_nothing_else(book, tmp_path):
    from xl_poverty.ledger.reading import read_ledger

    file = tmp_path / "台账.xlsm"
    file.write_bytes(book)
    assert read_ledger(file).tables == []


# ---- the ribbon


def controls(content: bytes) -> tuple[ElementTree.Element, list[ElementTree.Element]]:
    root = ElementTree.fromstring(part(content, "customUI/customUI.xml"))
    assert root.tag == f"{{{ribbon.NAMESPACE}}}customUI"
    return root, list(root.iter())


def subs(content: bytes) -> dict[str, str]:
    return dict(re.findall(r"^Public Sub (\w+)\((.*)\)$", "\n".join(modules(content).values()), re.M))


def test_the_package_shows_the_ribbon(both):
    relations = part(both, "_rels/.rels")
    assert 'relationships/ui/extensibility" Target="customUI/customUI.xml"' in relations


def test_callbacks_exist_with_their_signatures(both):
    root, found = controls(both)
    known = subs(both)
    assert known[root.attrib["onLoad"]] == "ribbon As IRibbonUI"
    for one in found:
        if "onAction" in one.attrib:
            assert known[one.attrib["onAction"]] == "control As IRibbonControl"


def test_the_tab_has_all_actions_and_all_formulas(extra):
    _, found = controls(extra)
    tab = next(one for one in found if one.tag.endswith("}tab"))
    assert tab.attrib["label"] == "帮扶"
    by_callback: dict[str, list[str]] = {}
    for one in found:
        if "onAction" in one.attrib:
            by_callback.setdefault(one.attrib["onAction"], []).append(one.attrib["tag"])
    assert sorted(by_callback["XlpAddinAction"]) == sorted(ACTIONS)
    assert by_callback["XlpAddinInsert"] == list(signatures())
    ids = [one.attrib["id"] for one in found if "id" in one.attrib]
    assert len(ids) == len(set(ids))


def test_formulas_are_told_of_in_chinese(extra):
    _, found = controls(extra)
    (one,) = [one for one in found if one.attrib.get("tag") == "TRAVEL_SUBSIDY"]
    assert one.attrib["screentip"] == "交通补贴" and one.attrib["label"] == "交通补贴  TRAVEL_SUBSIDY"
    lines = one.attrib["supertip"].split("\n")
    assert lines[0].startswith("交通补贴：") and lines[2].startswith("是否劳动力：") and len(lines) == 11
    assert all(len(value) <= 1024 for one in found for value in one.attrib.values())


def test_the_tab_shows_nothing_in_a_workbook(book):
    root, found = controls(book)
    assert found == [root] and root.attrib == {"onLoad": "XlpBookLoad"}


def test_only_the_addin_is_one(book, extra):
    types = (part(book, "[Content_Types].xml"), part(extra, "[Content_Types].xml"))
    assert "ms-excel.sheet.macroEnabled.main+xml" in types[0] and "ms-excel.addin.macroEnabled.main+xml" in types[1]


def test_the_addin_in_the_checkout_is_what_the_sources_build(extra):
    assert (TEMPLATES / "xl_poverty.xlam").read_bytes() == extra
