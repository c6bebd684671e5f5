"""The command line, in Chinese: `main`. The commands stand in the modules beside, their arguments in `parser`."""
from __future__ import annotations

import sys

from .. import __version__


def main(argv: list[str] | None = None) -> int:
    """Run a command; the exit code is 0, 1 for something that could not be done, 2 for a wrong call."""
    arguments = sys.argv[1:] if argv is None else argv
    if arguments[:1] in (["--version"], ["-V"]):
        print(f"xl-poverty {__version__}")
        return 0
    from ..errors import CellError, LedgerError, PolicyError
    from .parser import parser

    options = parser().parse_args(arguments)
    try:
        return options.run(options)
    except CellError as error:
        return _failed(error.message)
    except LedgerError as error:
        return _failed(str(error))
    except PolicyError as error:
        return _failed("政策文件或设置有误：\n" + "\n".join(f"  {line}" for line in error.mistakes))
    except BrokenPipeError:
        return 1
    except KeyboardInterrupt:
        return _failed("已中断，原文件没有改动")


def _failed(message: str) -> int:
    print(f"xl-poverty：{message}", file=sys.stderr)
    return 1
