"""Build the package that sets xl_poverty up on a Windows computer without a network: a folder and a zip of it.

Usage: python tools/build_windows_package.py [--out DIR] [--python 3.12] [--platform win_amd64|win32]
                                             [--installer python-3.12.x-amd64.exe] [--update]

What is put in beside our own wheel stands with version and hash in windows/wheels-<python>-<platform>.txt; the same
list gives the same bytes. --update asks the registry anew and writes the list. --installer puts Python's own installer
in, for computers without Python; get it from python.org.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
WINDOWS = ROOT / "windows"
FILES = ("安装.bat", "卸载.bat", "命令行.bat", "说明.txt", "setup.ps1", "environment.py")
#: a marker asks for it on Windows only, and pip looks at markers with the eyes of the computer that it runs on
UNASKED = "pywin32"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=ROOT / "dist")
    parser.add_argument("--python", default="3.12")
    parser.add_argument("--platform", default="win_amd64", choices=["win_amd64", "win32"])
    parser.add_argument("--installer", type=Path)
    parser.add_argument("--update", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        wheels = Path(temporary)
        own = own_wheel(wheels)
        listed = WINDOWS / f"wheels-{options.python}-{options.platform}.txt"
        if options.update:
            listed.write_text(newest(own, wheels, options.python, options.platform), encoding="utf-8")
        if not listed.exists():
            sys.exit(f"{listed.name} is not there yet: run with --update once")
        download(wheels, options.python, options.platform, "--no-deps", "--require-hashes", "-r", str(listed))
        text = listed.read_text(encoding="utf-8") + requirement(own)
        print(package(options.out, own, wheels, text, options))


def own_wheel(folder: Path) -> Path:
    pip("wheel", "--no-deps", "--wheel-dir", str(folder), str(ROOT))
    (wheel,) = folder.glob("xl_poverty-*.whl")
    return wheel


def newest(own: Path, wheels: Path, python: str, platform: str) -> str:
    """The list of what the registry has now."""
    with tempfile.TemporaryDirectory() as temporary:
        download(Path(temporary), python, platform, f"{own}[excel]", UNASKED)
        found = sorted(file for file in Path(temporary).glob("*.whl") if file.name != own.name)
        return f"# python {python} {platform}\n" + "".join(map(requirement, found))


def requirement(wheel: Path) -> str:
    name, version = wheel.name.split("-")[:2]
    return f"{name}=={version} --hash=sha256:{hashlib.sha256(wheel.read_bytes()).hexdigest()}\n"


def download(folder: Path, python: str, platform: str, *what: str):
    pip("download", "--only-binary=:all:", "--platform", platform, "--python-version", python,
        "--implementation", "cp", "--dest", str(folder), *what)  # fmt: skip


def pip(*arguments: str):
    environment = {**os.environ, "SOURCE_DATE_EPOCH": "1580601600"}
    command = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", *arguments]
    subprocess.run(command, check=True, env=environment)


def package(out: Path, own: Path, wheels: Path, listed: str, options) -> Path:
    """The folder, and the zip of it."""
    version = own.name.split("-")[1]
    folder = out / f"xl_poverty-{version}-{options.platform}-python{options.python}"
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "wheels").mkdir(parents=True)
    for name in FILES:
        shutil.copyfile(WINDOWS / name, folder / name)
    for wheel in wheels.glob("*.whl"):
        shutil.copyfile(wheel, folder / "wheels" / wheel.name)
    (folder / "wheels" / "requirements.txt").write_text(listed, encoding="utf-8", newline="\n")
    if options.installer:
        if not re.fullmatch(rf"python-{re.escape(options.python)}\.\d+(-amd64)?\.exe", options.installer.name):
            sys.exit(f"not an installer of Python {options.python}: {options.installer.name}")
        shutil.copyfile(options.installer, folder / options.installer.name)
    zipped = folder.with_name(folder.name + ".zip")
    with zipfile.ZipFile(zipped, "w") as archive:
        for file in sorted(folder.rglob("*")):
            if file.is_file():
                entry = zipfile.ZipInfo(f"{folder.name}/{file.relative_to(folder).as_posix()}", (1980, 1, 1, 0, 0, 0))
                entry.external_attr = 0o644 << 16
                packed = file.suffix in (".whl", ".exe")  # they are packed already
                entry.compress_type = zipfile.ZIP_STORED if packed else zipfile.ZIP_DEFLATED
                archive.writestr(entry, file.read_bytes())
    return zipped


if __name__ == "__main__":
    main()
