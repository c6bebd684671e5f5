"""The part of the extension that is clicked: the menu 帮扶 in windows of Calc, the component that runs actions, and the
job that prepares buttons when a workbook is opened."""
from __future__ import annotations

from collections.abc import Iterator
from xml.sax.saxutils import escape

from ... import __version__
from .. import TITLE

#: what menus and buttons ask for: the protocol, and the id of an action
PROTOCOL = "xlpoverty:"
#: not an action: tells what each of them does
HELP = "help"
#: names of the components: what runs actions, what prepares buttons
RUNNING, OPENED = "org.xlpoverty.calc.Actions", "org.xlpoverty.calc.Opened"
_HELP_CAPTION = "各项说明"
_CALC = "com.sun.star.sheet.SpreadsheetDocument"


def captions() -> dict[str, str]:
    """What is asked for -> what stands in the menu."""
    from ..actions import ACTIONS

    return {**{id_: one.caption for id_, one in ACTIONS.items()}, HELP: _HELP_CAPTION}


def about() -> str:
    """What all of it does."""
    from ..actions import ACTIONS

    lines = [f"{one.caption}：{one.about}" for one in ACTIONS.values()]
    return "\n".join([*lines, "", f"公式在 插入→函数 里；xl_poverty {__version__}"])


def registered() -> Iterator:
    """The files of it, as `packaging.Registered`."""
    from .packaging import components, settings, texts

    services = {RUNNING: "com.sun.star.frame.ProtocolHandler", OPENED: "com.sun.star.task.Job"}
    yield from components("buttons", services)
    yield settings("Addons", _menu(texts))
    yield settings("ProtocolHandler", _protocol())
    yield settings("Jobs", _job())


def _menu(texts) -> str:
    entries = [(f"{PROTOCOL}{name}", caption) for name, caption in captions().items()]
    entries.insert(-1, ("private:separator", ""))
    told = "".join(
        f'<node oor:name="e{number:02}" oor:op="replace">{_value("Context", _CALC)}{_value("URL", url)}'
        f'{texts("Title", caption)}{_value("Target", "_self")}</node>\n'
        for number, (url, caption) in enumerate(entries)
    )
    return (f'<node oor:name="AddonUI"><node oor:name="OfficeMenuBar"><node oor:name="{RUNNING}" oor:op="replace">'
            f'{_value("Context", _CALC)}{texts("Title", TITLE)}'
            f'<node oor:name="Submenu">\n{told}</node></node></node></node>')  # fmt: skip


def _protocol() -> str:
    return (f'<node oor:name="HandlerSet"><node oor:name="{RUNNING}" oor:op="replace">'
            f'{_value("Protocols", f"{PROTOCOL}*", "oor:string-list")}</node></node>')  # fmt: skip


def _job() -> str:
    return (f'<node oor:name="Jobs"><node oor:name="{OPENED}" oor:op="replace">{_value("Service", OPENED)}'
            f'{_value("Context", _CALC)}</node></node>'
            f'<node oor:name="Events"><node oor:name="onDocumentOpened" oor:op="fuse"><node oor:name="JobList">'
            f'<node oor:name="{OPENED}" oor:op="replace"/></node></node></node>')  # fmt: skip


def _value(name: str, value: str, kind: str = "xs:string") -> str:
    return f'<prop oor:name="{name}" oor:type="{kind}"><value>{escape(value)}</value></prop>'
