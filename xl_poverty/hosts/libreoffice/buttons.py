"""The component behind the menu and the buttons: whoever asks for `xlpoverty:check` has the action of that id run.

Buttons of our .xlsm call a macro of VBA, which is of no use here. While such a workbook is open they ask for their
action instead; when it is saved they call their macro, so that they go on working in Excel.
"""
from __future__ import annotations

import re

import uno
import unohelper
from com.sun.star.awt import XCallback
from com.sun.star.document import XDocumentEventListener
from com.sun.star.frame import FeatureStateEvent, XDispatch, XDispatchProvider
from com.sun.star.lang import XInitialization
from com.sun.star.script import ScriptEventDescriptor
from com.sun.star.task import XJob

from .menu import HELP, OPENED, PROTOCOL, RUNNING, about, captions
from .unnoticed import SAVING, unnoticed
from .worker import Worker, WorkerError

_PUSH, _URL = (uno.Enum("com.sun.star.form.FormButtonType", name) for name in ("PUSH", "URL"))
_MACRO = "vnd.sun.star.script:{}.XlpActions.Xlp{}?language=Basic&location=document"
_OURS = re.compile(re.escape(_MACRO).replace(r"\{\}", r"(\w+)"))
#: what stands behind the action that a button asks for: the library of its macro, and which workbook it is in
_WHOSE, _MARK = "?", "&"
#: how events end that come after a document was written
_AFTER = ("Done", "Failed")


class Actions(unohelper.Base, XDispatchProvider, XDispatch, XInitialization, XCallback):
    """Asked by menus and buttons of one window."""

    running = ""

    def __init__(self, context):
        self._context, self._frame = context, None

    def initialize(self, given):
        self._frame = given[0] if given else None

    def queryDispatch(self, url, target, flags):
        return self if url.Complete.startswith(PROTOCOL) else None

    def queryDispatches(self, wanted):
        return tuple(self.queryDispatch(one.FeatureURL, one.FrameName, one.SearchFlags) for one in wanted)

    def dispatch(self, url, given):
        # not in the middle of a click: the button itself may be replaced
        later = self._context.ServiceManager.createInstanceWithContext("com.sun.star.awt.AsyncCallback", self._context)
        later.addCallback(self, url.Complete)

    def notify(self, asked):
        name, _, mark = asked.removeprefix(PROTOCOL).partition(_WHOSE)
        document = self._marked(mark.partition(_MARK)[2]) or self._frame and self._frame.Controller.Model
        if document is not None:
            run(self._context, document, name)

    def _marked(self, mark: str):
        """The workbook of a button: LibreOffice asks the window that is in front."""
        desktop = self._context.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", self._context)
        return next((one for one in desktop.Components if mark and getattr(one, "RuntimeUID", "") == mark), None)

    def addStatusListener(self, listener, url):
        listener.statusChanged(FeatureStateEvent(self, url, "", True, False, None))

    def removeStatusListener(self, listener, url):
        """Nothing ever changes."""


def run(context, document, name: str):
    """Run an action (its id) on an open workbook, and say what came of it."""
    from .live import Host

    host, caption = Host(context, document), captions().get(name, "")
    if name == HELP:
        return host.screen.say(caption, about())
    if Actions.running:
        return host.screen.say(caption, f"正在{Actions.running}，请等它做完，再点这个按钮", True)
    Actions.running = caption
    try:
        host.end_typing()
        with host.screen.working(caption), Worker() as worker:
            text, failed = worker.action(name, host)
    except WorkerError as error:
        text, failed = f"{caption}没有做成，工作簿没有改动。\n\n{error}", True
    finally:
        Actions.running = ""
    return host.screen.say(caption, text, failed)


class Opened(unohelper.Base, XJob):
    """Runs when a workbook has been opened."""

    def __init__(self, context):
        self._context = context

    def execute(self, given):
        for one in given:
            if one.Name == "Environment":
                document = next((each.Value for each in one.Value if each.Name == "Model"), None)
                if document is not None:
                    prepare(document)


def prepare(document):
    """Have its buttons ask for their actions as long as it is open."""
    if bind(document):
        document.addDocumentEventListener(_Saving())


class _Saving(unohelper.Base, XDocumentEventListener):
    def documentEventOccured(self, event):
        if event.EventName in SAVING:
            unbind(event.Source)
        elif event.EventName.endswith(_AFTER):
            bind(event.Source)

    def disposing(self, event):
        """The workbook is closed."""


def bind(document) -> int:
    """How many buttons ask for actions now."""
    count = 0
    with unnoticed(document):
        for form, place, button in _buttons(document):
            for event in form.getScriptEvents(place):
                found = _OURS.fullmatch(event.ScriptCode)
                if found:
                    form.revokeScriptEvents(place)
                    button.ButtonType, button.TargetURL = _URL, f"{PROTOCOL}{found[2].lower()}{_WHOSE}{found[1]}"
            if button.TargetURL.startswith(PROTOCOL):
                asked = button.TargetURL.partition(_MARK)[0]  # what follows is of a window that LibreOffice lost
                button.TargetURL = f"{asked}{_MARK}{document.RuntimeUID}"
                count += 1
    return count


def unbind(document):
    """Buttons call their macros again."""
    with unnoticed(document):
        for form, place, button in _buttons(document):
            if button.TargetURL.startswith(PROTOCOL):
                asked = button.TargetURL.removeprefix(PROTOCOL).partition(_MARK)[0]
                action, _, library = asked.partition(_WHOSE)
                button.ButtonType, button.TargetURL = _PUSH, ""
                macro = _MACRO.format(library, action.title())
                event = ScriptEventDescriptor("XActionListener", "actionPerformed", "", "Script", macro)
                form.registerScriptEvent(place, event)


def _buttons(document):
    """(form, place in it, button)."""
    sheets = document.Sheets
    for index in range(sheets.Count):
        forms = sheets.getByIndex(index).DrawPage.Forms
        for number in range(forms.Count):
            form = forms.getByIndex(number)
            for place in range(form.Count):
                button = form.getByIndex(place)
                if button.supportsService("com.sun.star.form.component.CommandButton"):
                    yield form, place, button


g_ImplementationHelper = unohelper.ImplementationHelper()
g_ImplementationHelper.addImplementation(Actions, RUNNING, ("com.sun.star.frame.ProtocolHandler",))
g_ImplementationHelper.addImplementation(Opened, OPENED, ("com.sun.star.task.Job",))
