"""What somebody sees and is asked: message boxes, a question, the status bar, the clipboard."""
from __future__ import annotations

import json
import os
from contextlib import contextmanager, suppress
from pathlib import Path

import uno
import unohelper
from com.sun.star.awt.MessageBoxType import ERRORBOX, INFOBOX
from com.sun.star.datatransfer import DataFlavor, UnsupportedFlavorException, XTransferable

from .. import TITLE

#: a folder: whatever is said is written there, line by line, and answers are taken from there; no window opens. For
#: tests, and for a LibreOffice without a screen
UNSEEN = "XL_POVERTY_SCREEN"
_SAID, _ANSWERS = "said.jsonl", "answers.json"
#: com.sun.star.awt.MessageBoxButtons, PosSize
_OK, _PLACE = 1, 3
_TEXT = "text/plain;charset=utf-16"


class Screen:
    """As seen in the window of a document."""

    def __init__(self, context, document):
        self._context, self._document = context, document
        folder = os.environ.get(UNSEEN)
        self._folder = Path(folder) if folder else None

    def say(self, caption: str, text: str, failed: bool = False):
        title = f"{TITLE}：{caption}" if caption else TITLE
        if self._folder:
            line = json.dumps({"title": title, "text": text, "failed": failed}) + "\n"
            with open(self._folder / _SAID, "a", encoding="ascii") as file:
                file.write(line)
            return
        box = self._toolkit().createMessageBox(self._window(), ERRORBOX if failed else INFOBOX, _OK, title, text)
        try:
            box.execute()
        finally:
            box.dispose()

    def ask(self, what: str, question: str) -> str:
        """What is typed; nothing where nobody answers."""
        if self._folder:
            file = self._folder / _ANSWERS
            answers = json.loads(file.read_text(encoding="utf-8")) if file.exists() else []
            file.write_text(json.dumps(answers[1:]), encoding="utf-8")
            return answers[0] if answers else ""
        return self._asked(f"{TITLE}：{what}", question)

    def clip(self, text: str) -> bool:
        """Put a text on the clipboard."""
        with suppress(Exception):  # some systems without a screen have none
            clipboard = self._service("com.sun.star.datatransfer.clipboard.SystemClipboard")
            clipboard.setContents(_Text(text), None)
            return True
        return False

    @contextmanager
    def working(self, caption: str):
        """The status bar says so."""
        status = None
        with suppress(Exception):  # a window without one
            status = self._document.CurrentController.Frame.createStatusIndicator()
            status.start(f"{caption}，请稍候……", 0)
        try:
            yield
        finally:
            if status is not None:
                status.end()

    def _asked(self, title: str, question: str) -> str:
        model = self._service("com.sun.star.awt.UnoControlDialogModel")
        model.Title, model.Width, model.Height = title, 220, 70
        for kind, name, place, values in (
            ("FixedText", "question", (8, 8, 204, 20), {"Label": question, "MultiLine": True}),
            ("Edit", "answer", (8, 30, 204, 14), {}),
            ("Button", "ok", (110, 50, 48, 14), {"Label": "确定", "PushButtonType": 1, "DefaultButton": True}),
            ("Button", "cancel", (164, 50, 48, 14), {"Label": "取消", "PushButtonType": 2}),
        ):
            one = model.createInstance(f"com.sun.star.awt.UnoControl{kind}Model")
            one.PositionX, one.PositionY, one.Width, one.Height = place
            for key, value in values.items():
                setattr(one, key, value)
            model.insertByName(name, one)
        dialog = self._service("com.sun.star.awt.UnoControlDialog")
        dialog.setModel(model)
        window = self._window()
        dialog.createPeer(self._toolkit(), window)
        if window is not None:
            around, own = window.PosSize, dialog.PosSize
            left, top = (around.Width - own.Width) // 2, (around.Height - own.Height) // 3
            dialog.setPosSize(left, top, 0, 0, _PLACE)
        try:
            return dialog.getControl("answer").Text if dialog.execute() else ""
        finally:
            dialog.dispose()

    def _window(self):
        controller = self._document.CurrentController
        return controller and controller.Frame.ContainerWindow

    def _toolkit(self):
        return self._service("com.sun.star.awt.Toolkit")

    def _service(self, name: str):
        return self._context.ServiceManager.createInstanceWithContext(name, self._context)


class _Text(unohelper.Base, XTransferable):
    """A text as clipboards take it."""

    def __init__(self, text: str):
        self.text = text

    def getTransferData(self, flavor):
        if flavor.MimeType != _TEXT:
            raise UnsupportedFlavorException()
        return self.text

    def getTransferDataFlavors(self):
        return (DataFlavor(_TEXT, "Unicode-Text", uno.getTypeByName("string")),)

    def isDataFlavorSupported(self, flavor):
        return flavor.MimeType == _TEXT
