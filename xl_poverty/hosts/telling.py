"""What is said after a button was clicked, whatever came of it: for every program that people work in."""
from __future__ import annotations

import re
import traceback
from collections.abc import Callable
from dataclasses import dataclass

from ..errors import CellError, LedgerError, PolicyError
from .actions import Action
from .books import WorkBook

#: lines that a message box has room for
_MOST_LINES, _LAST_LINES = 24, 3
#: what the command line calls otherwise
_HERE = {
    "--last": "“操作”表的“上期台账”", "--paid": "“操作”表的“发放表”", "--as-of": "“操作”表的“业务日期”",
    "--policy": "“操作”表的“政策”", "--start": "“操作”表的“公示开始”", "--measures": "“操作”表的“事项”",
    "--farmers": "“操作”表的“农民收入上年、农民收入本年”", "xl-poverty check": "按钮“体检”",
    "xl-poverty inspect": "按钮“识别表头”",
}  # fmt: skip
_OPTION = re.compile("|".join(_HERE))


@dataclass(frozen=True)
class Told:
    """The message of an action."""

    text: str
    failed: bool


def told(
    action: Action,
    opened: Callable[[], WorkBook],
    *,
    copied: Callable[[str], bool] = lambda text: False,
    reason: Callable[[Exception], str] = lambda error: "",
) -> Told:
    """Run an action, and what there is to say of it: nothing is raised.

    opened  gives the workbook
    copied  puts a text on the clipboard, if it can
    reason  what an error of the program means that people work in, "" where it is none
    """
    failed = True
    try:
        text = action.run(opened())
        failed = False
    except CellError as error:
        text = error.message
    except LedgerError as error:
        text = str(error)
    except PolicyError as error:
        text = "政策文件或设置有误：\n" + "\n".join(error.mistakes)
    except Exception as error:  # a message is all that a clerk would see of it
        text = reason(error) or unexpected(error)
    if failed:
        text = f"{action.caption}没有做成，工作簿没有改动。\n\n{text}"
    elif action.id == "explain" and copied(text):
        text = f"{text}\n\n（已复制，可以直接粘贴）"
    return Told(_short(_OPTION.sub(lambda found: _HERE[found[0]], text)), failed)


def unexpected(error: Exception) -> str:
    """Without the error's own words: they may hold what stands in a cell."""
    places = [f"{one.filename.replace(chr(92), '/').rpartition('/')[2]} 第{one.lineno}行"
              for one in traceback.extract_tb(error.__traceback__)][-3:]  # fmt: skip
    where = "，".join(reversed(places))
    return f"程序出错（{type(error).__name__}，{where}）；请把这句话报告给软件维护者"


def _short(text: str) -> str:
    """The beginning, and the end, which says where everything is."""
    lines = text.split("\n")
    left = len(lines) - _MOST_LINES
    if left > 0:
        lines[_MOST_LINES - _LAST_LINES : -_LAST_LINES] = [f"……另有 {left} 行"]
    return "\n".join(lines)
