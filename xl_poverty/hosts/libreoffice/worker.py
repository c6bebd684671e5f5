"""The Python of this office's installation, which has the libraries that the Python inside LibreOffice lacks: a process
of its own that answers calls of functions and runs the actions of buttons (`serving`).

Both ends speak in turns, over pipes: pickles of plain values, the length before each. The worker ends with its input.
"""
from __future__ import annotations

import os
import pickle
import struct
import subprocess
import sys
import tempfile
import threading
from contextlib import suppress
from pathlib import Path

from ... import __version__
from ...errors import LedgerError
from ..environment import ELSEWHERE, INTERPRETER

#: beside this file in the extension: the Python that installed it
_TOLD = "interpreter.txt"
_SERVING = "xl_poverty.hosts.libreoffice.serving"
_INSTALL = "安装.bat" if sys.platform == "win32" else "xl-poverty install-oxt"
#: what LibreOffice sets for its own Python, and what would make another one not find its own files
_NOT_ITS = ("PYTHONHOME", "PYTHONPATH", "PYTHONSTARTUP", "LD_LIBRARY_PATH", "URE_BOOTSTRAP")
_LENGTH = struct.Struct("<Q")
_SECONDS = 10


class WorkerError(Exception):
    """There is no worker, or it went away; the message says what to do."""


class Pipes:
    """One end of the line. Raises EOFError where the other one is gone."""

    def __init__(self, reading, writing):
        self.reading, self.writing = reading, writing

    def send(self, *message):
        content = pickle.dumps(message, protocol=4)
        try:
            self.writing.write(_LENGTH.pack(len(content)) + content)
            self.writing.flush()
        except (OSError, ValueError):
            raise EOFError from None

    def receive(self) -> tuple:
        return pickle.loads(self._read(_LENGTH.unpack(self._read(_LENGTH.size))[0]))

    def _read(self, count: int) -> bytes:
        found = self.reading.read(count)
        if len(found) < count:
            raise EOFError
        return found


class Worker:
    """Starts when it is first asked something, and anew when it went away. Raises WorkerError."""

    def __init__(self):
        self._lock = threading.RLock()
        self._process = self._pipes = None

    def answer(self, name: str, arguments: tuple, told: str = ""):
        """What `values.answer_in` says of a call; `told`: what the workbook says for itself."""
        return self._ask("answer", (told, name, tuple(arguments)), None)

    def action(self, name: str, book) -> tuple[str, bool]:
        """Run an action (its id), which calls `book` (a `live.Host`) back: (what is to be said, whether it failed)."""
        return self._ask("action", (name,), book)

    def close(self):
        with self._lock:
            if self._process is not None:
                for pipe in (self._process.stdin, self._process.stdout):
                    with suppress(OSError):
                        pipe.close()
                try:
                    self._process.wait(_SECONDS)
                except subprocess.TimeoutExpired:
                    self._process.kill()
                    self._process.wait()
                self._errors.close()
            self._process = self._pipes = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def _ask(self, what: str, given: tuple, book):
        with self._lock:
            if self._process is None or self._process.poll() is not None:
                self.close()
                self._start()
            try:
                self._pipes.send(what, *given)
                while True:
                    kind, *told = self._pipes.receive()
                    if kind == "done":
                        return told[0]
                    if kind == "broken":
                        raise WorkerError(told[0])
                    self._pipes.send(*_called(book, *told))
            except EOFError:
                told = f"做计算的 Python 中途退出了（{self._gone()}）"
                raise WorkerError(f"{told}；请再试一次，还是这样就重新运行 {_INSTALL}") from None

    def _start(self):
        python = interpreter()
        if python is None:
            raise WorkerError(f"这台电脑没有安装 xl_poverty 用的 Python，按钮用不了（公式照常）；请运行 {_INSTALL}")
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115
        environment = {name: value for name, value in os.environ.items() if name.upper() not in _NOT_ITS}
        try:
            self._process = subprocess.Popen(
                [str(python), "-m", _SERVING], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._errors,
                cwd=python.parent, env=environment,
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )  # fmt: skip
        except OSError as error:
            self._errors.close()
            raise WorkerError(f"{python.name} 启动不了（{error.strerror}）；请运行 {_INSTALL}") from None
        self._pipes = Pipes(self._process.stdout, self._process.stdin)
        try:
            _, version = self._pipes.receive()
        except (EOFError, ValueError, pickle.UnpicklingError):
            told = f"按钮用的 Python 里没有能用的 xl_poverty（{self._gone()}）"
            raise WorkerError(f"{told}；请运行 {_INSTALL}") from None
        if version != __version__:
            self.close()
            told = f"LibreOffice 的扩展是 {__version__}，装在电脑上的 xl_poverty 是 {version}"
            raise WorkerError(f"{told}；请运行 {_INSTALL}，再重新打开 LibreOffice")

    def _gone(self) -> str:
        """It ended: by what it says of that, or its exit code."""
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(_SECONDS)
        self._errors.seek(0)
        lines = self._errors.read().decode("utf-8", "replace").splitlines()
        # the last line of a traceback, but not its words: they may hold what stands in a cell
        told = next((line.partition(":")[0] for line in reversed(lines) if line[:1].isalpha()), "")
        code = self._process.poll()
        self.close()
        return told or f"代码 {code}"


def interpreter() -> Path | None:
    """The Python that the worker runs with; None where there is none."""
    told = Path(__file__).with_name(_TOLD)
    places = [told.read_text(encoding="utf-8").strip()] if told.exists() else []
    usual = os.path.expandvars(INTERPRETER) if sys.platform == "win32" else os.path.expanduser(ELSEWHERE)
    places.append(usual)
    return next((Path(place) for place in places if os.path.isfile(place)), None)


def _called(book, method: str, given: tuple) -> tuple:
    """What a method of the workbook comes to, as a message. Whatever goes wrong is told to the worker, which tells the
    clerk."""
    try:
        return "value", book.called(method, given)
    except LedgerError as error:
        return "refused", str(error)
    except Exception as error:
        return "broken", _place(error)


def _place(error: Exception) -> str:
    """Where an error came up, without its words."""
    found, trace = [], error.__traceback__
    while trace is not None:
        found.append(f"{Path(trace.tb_frame.f_code.co_filename).name} 第{trace.tb_lineno}行")
        trace = trace.tb_next
    return f"{type(error).__name__}，{'，'.join(reversed(found[-3:]))}"


_shared = Worker()


def shared() -> Worker:
    """The one that answers functions, as long as LibreOffice runs."""
    return _shared
