"""Changes to an open document that are no work of the clerk's."""
from __future__ import annotations

from contextlib import contextmanager, suppress

from com.sun.star.uno import Exception as UnoException

#: what happens to a document before it is written
SAVING = ("OnSave", "OnSaveAs", "OnCopyTo")


@contextmanager
def unnoticed(document):
    """What is done is nothing to be saved, or to be taken back."""
    modified, undo = document.isModified(), document.UndoManager
    undo.lock()
    try:
        yield
    finally:
        undo.unlock()
        if document.isModified() != modified:
            with suppress(UnoException):  # one that is read-only
                document.setModified(modified)
