"""LibreOffice steered from outside: run by a Python that has uno, without this project; `calc_office` talks to it.

    python3 calc_driver.py PROFILE [SOFFICE ARGUMENT …]

Every line of the standard input is one step in JSON, every line of the output its answer: {"do": name, "told": […]} ->
{"done": …} or {"failed": "…"}. With "module" (a path) the step is a function of that file. The `Office` comes first.
Documents are told by a number; areas are written as in cells: 台账!A1:C3. Errors are {"error": number} as Calc counts
them, a blank is null.
"""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import time
import traceback
from contextlib import suppress

import uno
import unohelper
from com.sun.star.beans import PropertyValue
from com.sun.star.table.CellContentType import EMPTY
from com.sun.star.task import XInteractionHandler
from com.sun.star.ucb import XCommandEnvironment

FILTERS = {".xlsx": "Calc MS Excel 2007 XML", ".xlsm": "Calc MS Excel 2007 VBA XML", ".ods": "calc8"}


def properties(**values):
    return tuple(PropertyValue(name, 0, value, 0) for name, value in values.items())


class Office:
    """A LibreOffice of its own profile. documents: number -> document."""

    def __init__(self, profile: str, *arguments: str):
        self.profile, self.arguments = profile, arguments
        self.documents: dict[int, object] = {}
        self.start()

    def start(self):
        pipe = f"xlp{os.getpid()}"
        shown = [] if "--shown" in self.arguments else ["--headless"]
        self.process = subprocess.Popen(
            ["soffice", *shown, "--norestore", "--nologo", "--nodefault", "--nofirststartwizard",
             f"-env:UserInstallation={self.profile}", f"--accept=pipe,name={pipe};urp;"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        here = uno.getComponentContext()
        resolver = here.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", here)
        for _ in range(1200):
            try:
                self.context = resolver.resolve(f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext")
                break
            except Exception:  # not listening yet
                if self.process.poll() is not None:
                    raise SystemExit("LibreOffice ended at once") from None
                time.sleep(0.05)
        else:
            self.process.kill()
            raise SystemExit("LibreOffice does not answer")
        self.desktop = self.service("com.sun.star.frame.Desktop")

    def keep(self, document) -> int:
        """The number of a document from now on."""
        number = max(self.documents, default=0) + 1
        self.documents[number] = document
        return number

    def service(self, name: str):
        return self.context.ServiceManager.createInstanceWithContext(name, self.context)

    def end(self):
        for document in self.documents.values():
            with suppress(Exception):  # gone already
                document.close(True)
        self.documents.clear()
        with suppress(Exception):  # it goes away while it answers
            self.desktop.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def area(self, document: int, place: str):
        sheet, _, cells = place.rpartition("!")
        sheets = self.documents[document].Sheets
        return (sheets.getByName(sheet.strip("'")) if sheet else sheets.getByIndex(0)).getCellRangeByName(cells)


# ---- steps


def install(office: Office, file: str):
    """Put an extension into the profile, and start anew with it."""
    manager = office.context.getValueByName("/singletons/com.sun.star.deployment.ExtensionManager")
    manager.addExtension(uno.systemPathToFileUrl(file), (), "user", None, _Agreeing())
    restart(office)


def restart(office: Office):
    office.end()
    office.start()


def version(office: Office) -> str:
    access = office.service("com.sun.star.configuration.ConfigurationProvider").createInstanceWithArguments(
        "com.sun.star.configuration.ConfigurationAccess", properties(nodepath="/org.openoffice.Setup/Product")
    )
    return access.getByName("ooSetupVersion")


def open_(office: Office, file: str = "", macros: bool = True) -> int:
    """A workbook, an empty one without a file, as if somebody had opened it."""
    url = uno.systemPathToFileUrl(file) if file else "private:factory/scalc"
    given = properties(MacroExecutionMode=4 if macros else 0)
    if file.endswith(".xlam"):  # which no filter claims
        given += properties(FilterName=FILTERS[".xlsm"])
    document = office.desktop.loadComponentFromURL(url, "_blank", 0, given)
    if document is None:
        raise ValueError(f"{os.path.basename(file)} does not open")
    return office.keep(document)


def close(office: Office, document: int):
    office.documents.pop(document).close(True)


def save(office: Office, document: int, file: str = ""):
    """Where it lies, or as a copy of the kind that its name says."""
    if not file:
        return office.documents[document].store()
    name = FILTERS[os.path.splitext(file)[1]]
    return office.documents[document].storeToURL(uno.systemPathToFileUrl(file), properties(FilterName=name))


def sheets(office: Office, document: int) -> list:
    return list(office.documents[document].Sheets.ElementNames)


def put(office: Office, document: int, place: str, text: str):
    """Type into a cell, in English: a number, a text, a formula with commas and =."""
    area = office.area(document, place)
    if not text.startswith("="):
        area.Formula = text
        return
    # English formulas of files part arguments by commas; typed ones by semicolons
    parser = office.documents[document].createInstance("com.sun.star.sheet.FormulaParser")
    parser.CompileEnglish, parser.FormulaConvention, parser.IgnoreLeadingSpaces = True, 3, True
    position = area.CellAddress
    area.setTokens(parser.parseFormula(text[1:], position))


def typed(office: Office, document: int, place: str, text: str):
    """Type into a cell, as Calc writes formulas in English: arguments parted by semicolons."""
    office.area(document, place).Formula = text


def array(office: Office, document: int, place: str, text: str):
    """One formula for an area, with semicolons."""
    office.area(document, place).setArrayFormula(text)


def fill(office: Office, document: int, place: str, rows: list):
    """Texts and numbers into an area; null leaves a blank."""
    office.area(document, place).setDataArray([["" if cell is None else cell for cell in row] for row in rows])


def formulas(office: Office, document: int, place: str) -> list:
    return [list(row) for row in office.area(document, place).getFormulaArray()]


def shown(office: Office, document: int, place: str) -> list:
    """What an area shows; a blank is an empty text."""
    area = office.area(document, place)
    rows = [list(row) for row in area.getDataArray()]
    for row, line in enumerate(rows):
        for column, cell in enumerate(line):
            if cell is None:  # an error, unless it was put right meanwhile
                one = area.getCellByPosition(column, row)
                error = one.getError()
                line[column] = {"error": error} if error else one.getDataArray()[0][0]
    return rows


def cells(office: Office, document: int, place: str) -> list:
    """The same, where a blank is null."""
    area = office.area(document, place)
    rows = shown(office, document, place)
    for row, line in enumerate(rows):
        for column, cell in enumerate(line):
            if cell == "" and area.getCellByPosition(column, row).Type == EMPTY:
                line[column] = None
    return rows


def modified(office: Office, document: int) -> bool:
    return office.documents[document].isModified()


def texts(office: Office, document: int, place: str) -> list:
    """The same as somebody reads it."""
    area = office.area(document, place)
    columns, rows = area.Columns.Count, area.Rows.Count
    return [[area.getCellByPosition(column, row).String for column in range(columns)] for row in range(rows)]


def calculate(office: Office, document: int):
    """All formulas anew, as with Ctrl+Shift+F9."""
    office.documents[document].calculateAll()


def basic(office: Office, document: int, place: str):
    """Run a macro of the workbook: Library.Module.Sub."""
    script = f"vnd.sun.star.script:{place}?language=Basic&location=document"
    return office.documents[document].getScriptProvider().getScript(script).invoke((), (), ())[0]


class _Agreeing(unohelper.Base, XCommandEnvironment, XInteractionHandler):
    """Says yes to what an installation asks."""

    def getInteractionHandler(self):
        return self

    def getProgressHandler(self):
        return None

    def handle(self, request):
        for one in request.getContinuations():
            approve = one.queryInterface(uno.getTypeByName("com.sun.star.task.XInteractionApprove"))
            if approve:
                approve.select()
                return


def _function(told: dict, modules: dict):
    path = told.get("module")
    if not path:
        return globals()["open_" if told["do"] == "open" else told["do"]]
    if path not in modules:
        spec = importlib.util.spec_from_file_location(os.path.basename(path).removesuffix(".py"), path)
        modules[path] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(modules[path])
    return getattr(modules[path], told["do"])


def main(profile: str, *arguments: str):
    answers = os.fdopen(os.dup(1), "w", encoding="ascii", buffering=1)
    os.dup2(2, 1)  # what else is printed does not come between the answers
    sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
    sys.modules.setdefault("calc_driver", sys.modules[__name__])
    office, modules = Office(profile, *arguments), {}
    try:
        print(json.dumps({"done": version(office)}), file=answers)
        for line in sys.stdin:
            told = json.loads(line)
            try:
                answer = {"done": _function(told, modules)(office, *told["told"])}
            except Exception as error:
                answer = {"failed": f"{type(error).__name__}: {error}\n{traceback.format_exc()}"}
            print(json.dumps(answer), file=answers)
    finally:
        office.end()


if __name__ == "__main__":
    main(*sys.argv[1:])
