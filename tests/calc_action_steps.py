"""Steps of `calc_driver` for the buttons: run by the Python that has uno."""

from __future__ import annotations

import importlib
import json
import os
import signal
import sys
import time

import uno
from calc_driver import properties

_SECONDS = 120


def ask(office, document: int, action: str):
    """Choose an entry of the menu."""
    url = uno.createUnoStruct("com.sun.star.util.URL")
    url.Complete = f"xlpoverty:{action}"
    _, url = office.service("com.sun.star.util.URLTransformer").parseStrict(url)
    frame = office.documents[document].CurrentController.Frame
    frame.queryDispatch(url, "_self", 0).dispatch(url, ())


def click(office, document: int, caption: str):
    """Click a button, as assistive tools do."""
    found = office.documents[document]
    for index in range(found.Sheets.Count):
        sheet = found.Sheets.getByIndex(index)
        for number in range(sheet.DrawPage.Forms.Count):
            form = sheet.DrawPage.Forms.getByIndex(number)
            for place in range(form.Count):
                if form.getByIndex(place).Label == caption:
                    found.CurrentController.setActiveSheet(sheet)
                    control = found.CurrentController.getControl(form.getByIndex(place))
                    return control.getAccessibleContext().doAccessibleAction(0)
    raise ValueError(f"no button {caption}")


def heard(office, count: int) -> dict:
    """The message of that number that has been shown, as soon as it is."""
    file = os.path.join(os.environ["XL_POVERTY_SCREEN"], "said.jsonl")
    for _ in range(_SECONDS * 20):
        if os.path.exists(file):
            with open(file, encoding="ascii") as lines:
                told = lines.read().split("\n")[:-1]
            if len(told) >= count:
                return json.loads(told[count - 1])
        time.sleep(0.05)
    raise TimeoutError("nothing is said")


def close_all(office):
    """Whatever is open, whoever opened it."""
    office.documents.clear()
    for one in list(office.desktop.Components):
        one.close(True)


def opened(office) -> list:
    """The names of all workbooks that are open."""
    return sorted(os.path.basename(uno.fileUrlToSystemPath(one.URL)) for one in office.desktop.Components)


def select(office, document: int, place: str):
    controller = office.documents[document].CurrentController
    area = office.area(document, place)
    controller.setActiveSheet(area.Spreadsheet)
    controller.select(area)


def shown(office, document: int) -> str:
    return office.documents[document].CurrentController.ActiveSheet.Name


def undo(office, document: int) -> list:
    return list(office.documents[document].UndoManager.getAllUndoActionTitles())


def take_back(office, document: int):
    office.documents[document].UndoManager.undo()


def links(office, document: int) -> list:
    """Other workbooks that formulas read."""
    return list(office.documents[document].ExternalDocLinks.ElementNames)


def open_with(office, file: str, given: dict) -> int:
    document = office.desktop.loadComponentFromURL(uno.systemPathToFileUrl(file), "_blank", 0, properties(**given))
    return office.keep(document)


def save_with(office, document: int, file: str, given: dict):
    office.documents[document].storeToURL(uno.systemPathToFileUrl(file), properties(**given))


def clipboard(office) -> str:
    found = office.service("com.sun.star.datatransfer.clipboard.SystemClipboard").getContents()
    for flavor in found.getTransferDataFlavors() if found is not None else ():
        if flavor.MimeType.startswith("text/plain;charset=utf-16"):
            return found.getTransferData(flavor)
    return ""


def name_put(office, document: int, name: str, text: str):
    """Type a day into the cell of a name."""
    found = office.documents[document].NamedRanges.getByName(name).ReferredCells
    found.getCellByPosition(0, 0).setFormula(text)


def break_after(office, steps: int):
    """Have the step of that number of the next action go wrong when it is done; `calc_breaking` is installed."""
    told = uno.createUnoStruct("com.sun.star.beans.NamedValue")
    told.Name, told.Value = "steps", steps
    office.service("org.xlpoverty.tests.Breaking").execute((told,))


def choose_while(office, document: int, action: str, running: str, package: str):
    """Choose an action while another one is being done."""
    buttons = _of_package(package, "buttons")
    buttons.Actions.running = running
    try:
        buttons.run(office.context, office.documents[document], action)
    finally:
        buttons.Actions.running = ""


def _of_package(folder: str, name: str):
    if folder not in sys.path:
        sys.path.insert(0, folder)
    return importlib.import_module(f"xl_poverty.hosts.libreoffice.{name}")


def power_off(office):
    """LibreOffice ends at once: the program that was started, and those that it started in turn."""
    waiting, found = [office.process.pid], []
    while waiting:
        found.append(waiting.pop())
        for folder in os.listdir("/proc"):
            if folder.isdigit() and _parent(folder) == found[-1] and b"soffice" in _command(folder):
                waiting.append(int(folder))
    for one in reversed(found):
        os.kill(one, signal.SIGKILL)
    office.process.wait()
    office.documents.clear()


def _parent(process: str) -> int:
    try:
        with open(f"/proc/{process}/stat", encoding="utf-8", errors="replace") as file:
            return int(file.read().rpartition(")")[2].split()[1])
    except OSError:  # it ended
        return 0


def _command(process: str) -> bytes:
    try:
        with open(f"/proc/{process}/cmdline", "rb") as file:
            return file.read()
    except OSError:
        return b""
