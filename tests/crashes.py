"""What can go wrong with a machine, made to happen: a process that is killed, a disk that is full."""

from __future__ import annotations

import errno
import io
import os
import signal
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import xl_poverty

ROOT = Path(xl_poverty.__file__).parent.parent
posix = pytest.mark.skipif(os.name != "posix", reason="needs what Windows does not have")


def python(code: str, *arguments, before=(), **how) -> subprocess.CompletedProcess:
    """Code in a Python of its own, started by the command `before`."""
    command = [*before, sys.executable, "-c", textwrap.dedent(code), *map(str, arguments)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1", "PYTHONIOENCODING": "utf-8"}
    return subprocess.run(command, env=environment, capture_output=True, encoding="utf-8", **how)


def in_a_child(run: Callable[[], object]) -> int:
    """Run something in a copy of this process. Returns the child's number; it ends with 0 when all went well."""
    child = os.fork()
    if child:
        return child
    try:
        run()
        os._exit(0)
    finally:
        os._exit(1)


def killed_at(step: int | None, folder: Path, run: Callable[[], object]) -> tuple[bool, int]:
    """Run something in a child that is killed before the given line of the modules in a folder (or of one module) is
    gone through; None: never. Returns whether it came to its end, and how many lines it went through, if so."""
    gone = 0

    def trace(frame, event, _):
        nonlocal gone
        if not frame.f_code.co_filename.startswith(str(folder)):
            return None
        if event == "line":
            if gone == step:
                os.kill(os.getpid(), signal.SIGKILL)
            gone += 1
        return trace

    def traced():
        sys.settrace(trace)
        run()
        sys.settrace(None)
        os.write(writing, str(gone).encode())

    reading, writing = os.pipe()
    child = in_a_child(traced)
    os.close(writing)
    with open(reading, "rb") as pipe:
        lines = pipe.read()
    _, status = os.waitpid(child, 0)
    assert os.WIFEXITED(status) and os.WEXITSTATUS(status) == 0 or os.WIFSIGNALED(status), "it failed by itself"
    return os.WIFEXITED(status), int(lines or 0)


class FullDisk(io.FileIO):
    """A file on a disk with so much room left, for all files together."""

    room = 0

    def write(self, data):
        data = memoryview(data).cast("B")
        if not FullDisk.room and len(data):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        written = super().write(data[: FullDisk.room])
        FullDisk.room -= written
        return written


#: for code that runs on small disks: `disk(folder, pages)` mounts one
DISK = """
import os, subprocess, sys
from pathlib import Path

PAGE = os.sysconf("SC_PAGE_SIZE")

def disk(folder, pages):
    size = f"size={pages * PAGE}"
    if subprocess.run(["mount", "-t", "tmpfs", "-o", size, "tmpfs", folder], stderr=subprocess.DEVNULL).returncode:
        sys.exit(77)

def no_disk(folder):
    subprocess.run(["umount", folder], check=True)
"""


def on_small_disks(code: str, *arguments):
    """Run code that mounts small disks, where a system lets us. Nobody else sees them, and they go with the process."""
    for before in (["unshare", "--mount"], ["unshare", "--user", "--map-root-user", "--mount"]):
        try:
            done = python(DISK + textwrap.dedent(code), *arguments, before=before)
        except FileNotFoundError:
            break
        if done.returncode == 0:
            return
        assert done.returncode == 77 or "Traceback" not in done.stderr, done.stderr
    pytest.skip("a small disk cannot be mounted here")


#: for code that tries what an administrator may do and others may not
NOBODY = """
import os, sys

def be_nobody():
    if os.geteuid() == 0:
        os.setgroups([]); os.setgid(65534); os.setuid(65534)
"""


@contextmanager
def closed_folder(fill: Callable[[Path], object]) -> Iterator[Path]:
    """A folder with something in it that everybody can get to and nobody may write to; pytest's own are closed."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        fill(folder)
        for path in folder.iterdir():
            path.chmod(0o666)
        folder.chmod(0o555)
        try:
            yield folder
        finally:
            folder.chmod(0o755)
