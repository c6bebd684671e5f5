"""The add-in's tab 帮扶: the actions, and the formulas to choose from by their group, with what each gives."""
from __future__ import annotations

from itertools import groupby
from xml.sax.saxutils import quoteattr

from ...formulas.help import REST, argument_help, described
from ...formulas.signatures import AS_OF, POLICY, Signature, signatures
from ..actions import ACTIONS

NAMESPACE = "http://schemas.microsoft.com/office/2006/01/customui"
#: the Subs of vba/XlpAddin.bas and vba/XlpBook.bas that Excel calls
LOAD, ACTION, INSERT, BOOK_LOAD = "XlpAddinLoad", "XlpAddinAction", "XlpAddinInsert", "XlpBookLoad"
_MOST = 1024  # characters of a tip
#: Office's own pictures
_PICTURES = {
    "inspect": "FindDialog", "check": "ErrorChecking", "recalculate": "CalculateNow", "summary": "PivotTableInsert",
    "roster": "DataFormExcel", "notice": "FilePrint", "plan": "FileNew", "compare": "ReviewCompareTwoVersions",
    "freeze": "FileSaveAs", "explain": "Info", "backup": "FileSave",
}  # fmt: skip
#: the actions side by side on the tab, by what they are about
_GROUPS = (
    ("台账", ("inspect", "check", "recalculate", "summary")),
    ("成册", ("roster", "notice", "plan", "compare")),
    ("留底", ("freeze", "backup")),
    ("公式", ("explain",)),
)


def addin_ribbon() -> str:
    """customUI of the add-in."""
    groups = []
    for number, (label, ids) in enumerate(_GROUPS):
        controls = [_action(id_) for id_ in ids]
        if label == "公式":
            controls.insert(0, _picker())
        groups.append(f'<group id="xlpGroup{number}" label={quoteattr(label)}>{"".join(controls)}</group>')
    tab = f'<tab id="xlpTab" label="帮扶">{"".join(groups)}</tab>'
    return _document(f' onLoad="{LOAD}"', f"<ribbon><tabs>{tab}</tabs></ribbon>")


def book_ribbon() -> str:
    """customUI of a workbook: nothing to see, but Excel says when it has opened it, and the wizard's help is put in."""
    return _document(f' onLoad="{BOOK_LOAD}"', "")


def wizard_help(signature: Signature) -> list[str]:
    """What a function gives, its category, and a line per argument."""
    lines = [argument_help(argument) for argument in signature.arguments]
    lines += [REST[signature.name]] if signature.more else [argument_help(POLICY), argument_help(AS_OF)]
    return [described(signature), f"xl_poverty {signature.group}", *lines]


def _document(attributes: str, content: str) -> str:
    head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    return f'{head}<customUI xmlns="{NAMESPACE}"{attributes}>{content}</customUI>'


def _action(id_: str) -> str:
    action = ACTIONS[id_]
    return (
        f'<button id="xlp_{id_}" label={quoteattr(action.caption)} size="large" imageMso="{_PICTURES[id_]}" '
        f'onAction="{ACTION}" tag="{id_}" screentip={quoteattr(action.caption)} '
        f"supertip={quoteattr(action.about)}/>"
    )


def _picker() -> str:
    menus = []
    for number, (group, members) in enumerate(groupby(signatures().values(), lambda one: one.group)):
        buttons = "".join(map(_formula, members))
        menus.append(f'<menu id="xlpFormulas{number}" label={quoteattr(group)}>{buttons}</menu>')
    return (
        '<menu id="xlpInsert" label="插入公式" size="large" imageMso="FunctionWizard" screentip="插入公式" '
        'supertip="选一个公式，放进当前单元格，再按提示填各个参数">' + "".join(menus) + "</menu>"
    )


def _formula(signature: Signature) -> str:
    about, _, *arguments = wizard_help(signature)
    tip = "\n".join([about, *arguments])
    return (
        f'<button id="xlpF_{signature.name}" label={quoteattr(f"{signature.alias}  {signature.name}")} '
        f'onAction="{INSERT}" tag="{signature.name}" screentip={quoteattr(signature.alias)} '
        f"supertip={quoteattr(_cut(tip))}/>"
    )


def _cut(text: str) -> str:
    return text if len(text) <= _MOST else text[: _MOST - 1] + "…"
