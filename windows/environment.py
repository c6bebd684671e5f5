"""The private environment that Excel starts, made by setup.ps1 with whatever Python there is.

    python environment.py suits --wheels WHEELS              exit code 0 where this Python can be used
    python environment.py install --home HOME --wheels WHEELS

Standard library only. The new environment takes the place of the old one when all of it works; until then the old one
stays. WHEELS with a requirements.txt in it has everything (its first line: # python 3.12 win_amd64); else the rest is
fetched as pip is set up on this computer.
"""

import argparse
import importlib.util
import locale
import os
import re
import shutil
import struct
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

OLDEST = (3, 11)
_COMPLETE = "complete.txt"
_IN_USE = "{} 正在使用。请保存并关闭所有 Excel 窗口（任务管理器里也不应再有 EXCEL.EXE），再运行一次 安装.bat"


class _Builder(venv.EnvBuilder):
    def post_setup(self, context):
        self.python = context.env_exe


class NotDone(Exception):
    """What went wrong, and what to do."""


def unsuited(wheels):
    """Why this Python cannot be used; "" where it can."""
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    if sys.version_info < OLDEST:
        return f"Python {version} 太旧，要 {OLDEST[0]}.{OLDEST[1]} 以上"
    if "\\windowsapps\\" in (sys.base_prefix + "\\").lower():
        return f"Python {version} 来自微软商店，Excel 找不到它装的文件"
    if sysconfig.get_config_var("Py_GIL_DISABLED"):
        return f"Python {version} 是试验用的（free-threaded）"
    if not importlib.util.find_spec("ensurepip"):
        return f"Python {version} 没有 pip"
    needed, platform = _made_for(wheels)
    own = "win_amd64" if struct.calcsize("P") == 8 else "win32"
    if needed and needed != version:
        return f"Python {version} 不合用：wheels 文件夹里的是给 {needed} 的"
    if platform not in ("", "any", own):
        return f"Python {version} 不合用：wheels 文件夹里的是给 {platform} 的"
    return ""


def _made_for(wheels):
    """(version of Python, platform) that a folder of wheels is for; "" where it has not everything."""
    try:
        first = (wheels / "requirements.txt").read_text(encoding="utf-8").partition("\n")[0]
    except OSError:
        return "", ""
    found = re.fullmatch(r"# python (\d+\.\d+) (\w+)\s*", first)
    return found.groups() if found else ("", "")


def install(home, wheels):
    """Make the environment anew."""
    folder, old = home / "python", home / "python.old"
    home.mkdir(parents=True, exist_ok=True)
    if old.exists():
        if (folder / _COMPLETE).exists():
            shutil.rmtree(old, ignore_errors=True)
        else:  # the last time ended in the middle
            _remove(folder)
            _rename(old, folder)
    if folder.exists():
        _rename(folder, old)
    try:
        print(f"正在建立 {folder} ……")
        builder = _Builder(with_pip=True)
        builder.create(folder)
        print("正在安装 xl_poverty ……")
        offline = any(_made_for(wheels))
        remedy = "请重新拷贝、解压安装包" if offline else "请检查网络，或者用带 wheels 文件夹的离线安装包"
        _run([builder.python, "-I", "-m", "pip", "--disable-pip-version-check", "install", *_what(wheels)], remedy)
        _run([builder.python, "-I", "-m", "xl_poverty", "--version"], "求助时请附上以上内容")
        (folder / _COMPLETE).write_text(f"{sys.version}\n", encoding="utf-8")
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        if old.exists() and not folder.exists():
            old.rename(folder)
            print("没有装成，恢复了原来的一版")
        raise
    shutil.rmtree(old, ignore_errors=True)
    print(f"装好了 {folder}")


def _what(wheels):
    """What pip is to install, and from where."""
    if any(_made_for(wheels)):
        # each file must be the one that was put in: a copy that was cut short is told
        listed = str(wheels / "requirements.txt")
        return ["--isolated", "--no-index", "--find-links", str(wheels), "--require-hashes", "-r", listed]
    own = sorted(wheels.glob("xl_poverty-*.whl"))
    return [f"{own[-1]}[excel]" if own else "xl_poverty[excel]"]


def _run(arguments, remedy):
    """Run a program and show what it says. Raises NotDone."""
    told = {"encoding": locale.getencoding(), "errors": "replace"}
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **told) as process:
        for line in process.stdout:
            print("  " + line.rstrip())
    if process.returncode:
        raise NotDone(f"上面这一步没有成功。{remedy}")


def _rename(old, new):
    try:
        old.rename(new)
    except OSError:
        raise NotDone(_IN_USE.format(old)) from None


def _remove(folder):
    try:
        if folder.exists():
            shutil.rmtree(folder)
    except OSError:
        raise NotDone(_IN_USE.format(folder)) from None


def main(arguments=None):
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=["suits", "install"])
    parser.add_argument("--home", type=Path)
    parser.add_argument("--wheels", type=Path, required=True)
    options = parser.parse_args(arguments)
    why = unsuited(options.wheels)
    if why or options.what == "suits":
        if why:
            print(why)
        return 1 if why else 0
    sys.stdout.reconfigure(line_buffering=True)  # what is going on is seen while it goes on
    for name in ("PYTHONHOME", "PYTHONPATH"):  # of another program's Python
        os.environ.pop(name, None)
    try:
        install(options.home, options.wheels)
    except NotDone as error:
        print(error)
        return 1
    except OSError as error:
        print(f"没有装成：{error.strerror} {error.filename or ''}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
