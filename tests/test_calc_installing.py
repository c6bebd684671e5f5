"""The extension put into LibreOffice and taken away, by LibreOffice's own program; and what stands in the way."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from engines import need_libreoffice, office_program

from xl_poverty import __version__
from xl_poverty.cli import main
from xl_poverty.hosts.libreoffice.installing import diagnose, install, remove
from xl_poverty.hosts.libreoffice.packaging import IDENTIFIER
from xl_poverty.hosts.machine import DOUBT, FINE, UNSEEN, WRONG, InstallError, Machine

#: a program that LibreOffice refuses to be root, run as somebody else
AS_NOBODY = "setpriv --reuid=65534 --regid=65534 --clear-groups" if os.geteuid() == 0 else ""
#: what the programs of an office without Python say
VERSION = "LibreOffice {} 520(Build:2)"


class Office(Machine):
    """This computer, with another LibreOffice, or none."""

    is_root = False
    programs: Path | None = None
    runs: tuple[str, ...] = ()

    def program(self, name):
        return self.programs / name if self.programs else None

    def running(self, program):
        return program in self.runs

    def value(self, key, name=""):
        return None


def script(file: Path, text: str):
    file.write_text(f"#!/bin/sh\n{text}\n")
    file.chmod(0o755)


@pytest.fixture
def real(tmp_path) -> Office:
    """LibreOffice with a profile of its own."""
    need_libreoffice()
    profile = tmp_path / "profile"
    profile.mkdir()
    profile.chmod(0o777)
    for folder in [tmp_path, *tmp_path.parents]:
        if folder.stat().st_uid == os.geteuid() and str(folder).startswith("/tmp/"):
            folder.chmod(folder.stat().st_mode | 0o055)
    machine = Office()
    machine.programs = tmp_path / "program"
    machine.programs.mkdir()
    there = Path(office_program()).resolve().parent
    for name in ("soffice", "unopkg"):
        home = f"HOME='{profile}' exec {AS_NOBODY}"
        script(machine.programs / name, f'{home} "{there / name}" "-env:UserInstallation={profile.as_uri()}" "$@"')
    return machine


@pytest.fixture
def pretended(tmp_path) -> Office:
    """Programs that say what a test wants: files version, listed and failing beside them."""
    machine = Office()
    machine.programs = tmp_path / "program"
    machine.programs.mkdir()
    (machine.programs / "version").write_text(VERSION.format("25.2.3.2"))
    script(machine.programs / "soffice", 'cat "$(dirname "$0")/version"')
    listed = f'[ "$1" = list ] && {{ echo Identifier: {IDENTIFIER}; cat "$here/listed" 2>/dev/null; exit $?; }}'
    failing = '[ -f "$here/failing" ] && { cat "$here/failing"; exit 1; }'
    script(machine.programs / "unopkg", f'here="$(dirname "$0")"\n{listed}\n{failing}\nexit 0')
    return machine


def test_put_in_and_taken_away(real):
    assert remove(real).steps == []
    done = install(real)
    assert done.steps == [f"装好了 LibreOffice 的扩展 xl_poverty {__version__}", f"按钮用的 Python：{sys.executable}"]
    assert states(real) == {"LibreOffice": FINE, "LibreOffice 扩展": FINE}
    assert install(real).steps[0].startswith("更新了")
    assert remove(real).steps == ["删除了 LibreOffice 的扩展 xl_poverty"]
    assert remove(real).steps == []
    assert states(real)["LibreOffice 扩展"] == UNSEEN


def states(machine) -> dict:
    return {finding.item: finding.state for finding in diagnose(machine)}


@pytest.mark.parametrize("run", [install, remove])
def test_what_stands_in_the_way(pretended, run):
    pretended.runs = ("soffice.bin",)
    with pytest.raises(InstallError, match="LibreOffice 正开着。请保存并关闭"):
        run(pretended)
    pretended.is_root = True
    with pytest.raises(InstallError, match="不要用 root"):
        run(pretended)
    pretended.is_root, pretended.programs = False, None
    if shutil.which("soffice") is None:
        with pytest.raises(InstallError, match="没有找到 LibreOffice.*25.2"):
            run(pretended)


def test_one_that_is_too_old_or_says_no(pretended):
    (pretended.programs / "version").write_text(VERSION.format("7.4.7.2"))
    with pytest.raises(InstallError, match="LibreOffice 是 7.4.7.2.*升级到 25.2"):
        install(pretended)
    assert states(pretended) == {"LibreOffice": DOUBT}
    assert remove(pretended).steps == []  # an old one may still be rid of it
    (pretended.programs / "version").write_text(VERSION.format("25.2.3.2"))
    (pretended.programs / "failing").write_text("a line\n\nERROR: Exception: 磁盘已满\nERROR: unopkg failed.\n")
    with pytest.raises(InstallError, match="LibreOffice 没有装上扩展：Exception: 磁盘已满$"):
        install(pretended)


def test_one_of_another_version_is_told(pretended):
    (pretended.programs / "listed").write_text("  Version: 0.0.1\n")
    (finding,) = [finding for finding in diagnose(pretended) if finding.item == "LibreOffice 扩展"]
    assert finding.state == WRONG and finding.told == f"是 0.0.1，这里是 {__version__}"
    assert finding.remedy == "xl-poverty install-oxt"


def test_programs_that_cannot_be_run(pretended):
    (pretended.programs / "soffice").chmod(0o644)
    with pytest.raises(InstallError, match="soffice 启动不了.*重新安装"):
        install(pretended)
    assert states(pretended) == {"LibreOffice": WRONG}


def test_on_the_command_line(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["build-oxt"]) == 0
    assert "已写入：xl_poverty.oxt" in capsys.readouterr().out and Path("xl_poverty.oxt").stat().st_size
    assert main(["build-oxt", "-o", "没有的文件夹/a.oxt"]) == 1
    assert "a.oxt 没有保存：文件夹不见了" in capsys.readouterr().err
    monkeypatch.setattr(Machine, "is_root", True)
    for command in ("install-oxt", "remove-oxt"):
        assert main([command]) == 1
        assert "不要用 root" in capsys.readouterr().err


def test_no_tool_is_needed_to_build_it(tmp_path):
    """What is built on a computer without LibreOffice is the same."""
    build = "from pathlib import Path; from xl_poverty.hosts.libreoffice.packaging import build_oxt; "
    build += "build_oxt(Path('a.oxt')); import sys; print(sorted({'lxml', 'numpy', 'uno'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", build], cwd=tmp_path, capture_output=True, text=True, env={"PATH": ""})
    assert done.returncode == 0 and re.fullmatch(r"\[\]\n", done.stdout), done.stderr
