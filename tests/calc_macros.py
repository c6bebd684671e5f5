"""Steps in a workbook with macros, in LibreOffice: run by a Python that has uno, without this project.

    python3 calc_macros.py PROFILE < job.json > answers.json

The job is {"file": …, "steps": […]}; a step is ["cell", sheet, row, column] (its text), ["put", sheet, row, column,
formula], ["run", "Module.Sub"], ["calculate"] or ["modules"]. Rows and columns count from 0.
"""

import json
import subprocess
import sys
import time

import uno
from com.sun.star.beans import PropertyValue

_FILTER = "Calc MS Excel 2007 VBA XML"


def told(name, value):
    made = PropertyValue()
    made.Name, made.Value = name, value
    return made


def office(profile):
    """A LibreOffice of its own, and its desktop."""
    pipe = f"xlp{abs(hash(profile))}"
    process = subprocess.Popen(
        ["soffice", "--headless", "--norestore", "--nologo", f"-env:UserInstallation={profile}",
         f"--accept=pipe,name={pipe};urp;"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    here = uno.getComponentContext()
    resolver = here.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", here)
    for _ in range(240):
        try:
            there = resolver.resolve(f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext")
        except Exception:  # not listening yet
            if process.poll() is not None:
                raise SystemExit("LibreOffice ended at once") from None
            time.sleep(0.25)
        else:
            return process, there.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", there)
    process.kill()
    raise SystemExit("LibreOffice does not answer")


def step(document, kind, *told_more):
    if kind == "modules":
        return sorted(document.BasicLibraries.getByName("VBAProject").ElementNames)
    if kind == "calculate":
        return document.calculateAll()
    if kind == "run":
        (name,) = told_more
        place = f"vnd.sun.star.script:VBAProject.{name}?language=Basic&location=document"
        return document.getScriptProvider().getScript(place).invoke((), (), ())[0]
    sheet, row, column, *formula = told_more
    cell = document.Sheets.getByName(sheet).getCellByPosition(column, row)
    if kind == "put":
        cell.Formula = formula[0]
        return None
    return cell.String


def main(profile, job):
    process, desktop = office(profile)
    try:
        options = (told("MacroExecutionMode", 4), told("FilterName", _FILTER))
        document = desktop.loadComponentFromURL(job["file"], "_blank", 0, options)
        answers = [step(document, *one) for one in job["steps"]]
        document.close(True)
        return answers
    finally:
        try:
            desktop.terminate()
            process.wait(20)
        except Exception:  # it goes away while it answers
            process.kill()


if __name__ == "__main__":
    json.dump(main(sys.argv[1], json.load(sys.stdin)), sys.stdout, ensure_ascii=True)
