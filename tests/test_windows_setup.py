"""What a double click on 安装.bat runs: the scripts as far as they can be read here, the environment as it is made."""

from __future__ import annotations

import base64
import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path
from types import SimpleNamespace

import pytest

from xl_poverty.cli.parser import parser
from xl_poverty.hosts.excel import installing

ROOT = Path(__file__).parents[1]
WINDOWS = ROOT / "windows"
SCRIPT = (WINDOWS / "setup.ps1").read_text(encoding="utf-8-sig")
BATCHES = sorted(WINDOWS.glob("*.bat"))
VERSION = f"{sys.version_info[0]}.{sys.version_info[1]}"


def module(file: Path):
    spec = importlib.util.spec_from_file_location(file.stem, file)
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


environment = module(WINDOWS / "environment.py")
packaging = module(ROOT / "tools" / "build_windows_package.py")

# ---- the scripts


@pytest.mark.parametrize("file", BATCHES, ids=lambda file: file.name)
def test_a_batch_file_reads_the_same_in_every_code_page(file):
    content = file.read_bytes()
    assert content.isascii() and content.startswith(b"@echo off\r\n")
    assert content.count(b"\n") == content.count(b"\r\n") and content.endswith(b"\r\n")
    labels = set(re.findall(rb"^:(\w+)", content, re.MULTILINE))
    assert set(re.findall(rb"goto (\w+)", content)) == labels


@pytest.mark.parametrize("file", [WINDOWS / "setup.ps1", WINDOWS / "说明.txt"], ids=lambda file: file.name)
def test_what_windows_reads_in_chinese_says_that_it_is_utf_8(file):
    content = file.read_bytes()
    assert content.startswith(b"\xef\xbb\xbf") and content.count(b"\n") == content.count(b"\r\n")
    content.decode("utf-8-sig")


def test_git_leaves_the_lines_of_these_files_as_they_are():
    kept = (ROOT / ".gitattributes").read_text(encoding="utf-8").split()
    assert {"windows/*.bat", "windows/*.ps1", "windows/*.txt"} <= set(kept)


def test_the_batch_files_call_the_script():
    for name, ending in (("安装.bat", 'setup.ps1"'), ("卸载.bat", 'setup.ps1" -Remove')):
        text = (WINDOWS / name).read_text(encoding="ascii")
        (call,) = [line for line in text.splitlines() if "-File" in line]
        # for this process alone, and quoted: folders have blanks in their names
        assert "-NoProfile -ExecutionPolicy Bypass -File" in call and call.endswith(f'"%here%{ending}')
        assert "Set-ExecutionPolicy" not in text + SCRIPT
        for asked in re.findall(r'if not exist "%here%([^"]+)" goto packed', text):
            assert (WINDOWS / asked).exists()
    assert re.search(r"^param\(\[switch\]\$Remove, ", SCRIPT, re.MULTILINE)


@pytest.mark.parametrize("name", ["安装.bat", "卸载.bat"])
def test_who_clicks_inside_a_zip_is_told_to_unpack_it(name):
    text = (WINDOWS / name).read_text(encoding="ascii")
    (codes,) = re.findall(r"\[char\[\]\]\(([0-9A-Fx,]+)\)", text.partition(":packed")[2])
    assert "".join(chr(int(code, 16)) for code in codes.split(",")) == "请先把压缩包全部解压，再双击解压出来的文件"


def strings(text: str):
    """(quote, content) of the strings of the script."""
    text = re.sub(r"^\s*#.*$", "", text, flags=re.MULTILINE)
    for found in re.finditer(r'@"\n(.*?)\n"@|"([^"\n]*)"|\'([^\'\n]*)\'', text, re.DOTALL):
        here, double, single = found.groups()
        yield ("'", single) if single is not None else ('"', here if here is not None else double)


def test_no_quote_of_a_text_ends_it():
    """PowerShell takes curly quotes for straight ones."""
    assert not re.search("[\u2018-\u201f]", SCRIPT)


def test_no_name_of_a_variable_runs_into_chinese():
    """Chinese characters may be part of a name."""
    inside = [content for quote, content in strings(SCRIPT) if quote == '"']
    assert len(inside) > 10
    known = {name.lower() for name in re.findall(r"\$(?:script:)?(\w+)", re.sub(r'"[^"\n]*"', "", SCRIPT))}
    for content in inside:
        for name in re.findall(r"(?<!`)\$\{?(\w+)", content):
            assert name.isascii() and name.lower() in known | {"_"}, (name, content)


def test_brackets_are_balanced():
    text = re.sub(r"^\s*#.*$", "", SCRIPT, flags=re.MULTILINE)
    text = re.sub(r'@"\n.*?\n"@|"[^"\n]*"|\'[^\'\n]*\'', "''", text, flags=re.DOTALL)
    open_ones = []
    for mark in re.findall(r"[][(){}]", text):
        if mark in "([{":
            open_ones.append(mark)
        else:
            assert open_ones and open_ones.pop() + mark in ("()", "[]", "{}")
    assert not open_ones


def test_every_command_of_the_script_is_one():
    defined = set(re.findall(r"^function ([\w-]+)", SCRIPT, re.MULTILINE))
    code = "\n".join(line for line in SCRIPT.splitlines() if not line.lstrip().startswith("#"))
    called = set(re.findall(r"(?<![\w'$./-])([A-Z][a-z]+-[A-Z]\w+)", re.sub(r"'[^'\n]*'", "''", code)))
    own = {name for name in defined if "-" in name}
    windows = {
        "Split-Path", "Join-Path", "Test-Path", "Get-ChildItem", "Get-Item", "Get-Content", "Get-Date", "Get-Process",
        "Stop-Process", "Start-Process", "Remove-Item", "New-Object", "Sort-Object", "Where-Object", "ForEach-Object",
        "Write-Host", "Read-Host", "Out-String",
    }  # fmt: skip
    assert called <= own | windows, called - own - windows
    assert own | {"Say"} == defined and own <= called
    # names with brackets in them are names, not patterns
    for line in code.splitlines():
        if re.search(r"(Test-Path|Get-ChildItem|Get-Item|Get-Content|Remove-Item) \$", line):
            pytest.fail(f"-LiteralPath is missing: {line}")


def arguments(pattern: str) -> list[list[str]]:
    """The words of the calls of a program, variables as texts."""
    found = []
    for inside in re.findall(pattern, SCRIPT):
        words = [word.strip().strip("'") for word in re.split(r",\s*|\s+(?=--)|\s+(?=\$)", inside)]
        found.append([word for word in words if word and not word.startswith("2>")])
    return found


def test_what_is_asked_of_our_command_line_is_understood():
    calls = arguments(r"Invoke-Program \$interpreter @\('-I', '-X', 'utf8', '-m', 'xl_poverty', ([^)]*)\)")
    assert sorted(calls) == [["doctor"], ["install-addin"], ["install-addin", "--remove"]]
    for call in calls:
        assert parser().parse_args(call).command == call[0]
    assert SCRIPT.count("'xl_poverty', '") == len(calls)


def test_places_are_the_same_as_in_python():
    assert installing.ENVIRONMENT == r"%LOCALAPPDATA%\xl_poverty\python"
    assert installing.INTERPRETER == installing.ENVIRONMENT + r"\Scripts\python.exe"
    assert "$place = Join-Path $env:LOCALAPPDATA 'xl_poverty'" in SCRIPT
    assert "$environment = Join-Path $place 'python'" in SCRIPT
    assert r"$interpreter = Join-Path $environment 'Scripts\python.exe'" in SCRIPT
    addin = "\\".join((installing.START.replace("%APPDATA%\\", ""), installing.ADDIN))
    assert f"$addin = Join-Path $env:APPDATA '{addin}'" in SCRIPT
    assert rf"{installing.ENVIRONMENT}\Scripts" in (WINDOWS / "命令行.bat").read_text(encoding="ascii")


def test_what_is_asked_of_the_maker_is_understood(monkeypatch, tmp_path):
    asked = []
    monkeypatch.setattr(environment, "unsuited", lambda wheels: "")
    monkeypatch.setattr(environment, "install", lambda home, wheels: asked.append((home, wheels)))
    (suits,) = re.findall(r"\$maker (suits --wheels \$wheels)", SCRIPT)
    (install,) = arguments(r"Invoke-Program \$program @\('-I', '-X', 'utf8', \$maker, ([^)]*)\)")
    for words in (suits.split(), install):
        assert environment.main([str(tmp_path) if word.startswith("$") else word for word in words]) == 0
    assert asked == [(tmp_path, tmp_path)]


def test_the_note_for_the_clerk_names_what_is_there():
    text = (WINDOWS / "说明.txt").read_text(encoding="utf-8-sig")
    named = set(re.findall(r"[\w]+\.bat", text))
    assert named == {file.name for file in BATCHES}
    (log,) = re.findall(r"\$log = Join-Path \$env:LOCALAPPDATA '([^']+)'", SCRIPT)
    assert f"%LOCALAPPDATA%\\{log}" in text


# ---- the environment


def stand_in(folder: Path, version: str = "9.9", says: str = "") -> Path:
    """A wheel by the name of ours that is quickly installed."""
    folder.mkdir(parents=True, exist_ok=True)
    wheel = folder / f"xl_poverty-{version}-py3-none-any.whl"
    info = f"xl_poverty-{version}.dist-info"
    files = {
        "xl_poverty/__init__.py": "",
        "xl_poverty/__main__.py": says or f"print('xl-poverty {version}')\n",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: xl_poverty\nVersion: {version}\nProvides-Extra: excel\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    lines = []
    for name, text in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
        lines.append(f"{name},sha256={digest},{len(text.encode())}\n")
    files[f"{info}/RECORD"] = "".join(lines) + f"{info}/RECORD,,\n"
    with zipfile.ZipFile(wheel, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    (folder / "requirements.txt").write_text(f"# python {VERSION} any\n{packaging.requirement(wheel)}")
    return wheel


def run(home: Path, wheels: Path, what: str = "install"):
    """environment.py as the script runs it, without a network."""
    command = [sys.executable, "-I", "-X", "utf8", WINDOWS / "environment.py", what, "--home", home, "--wheels", wheels]
    settings = {**os.environ, "PIP_NO_INDEX": "1"}
    return subprocess.run(command, capture_output=True, encoding="utf-8", env=settings, cwd=home.parent)


def installed_version(home: Path) -> str:
    program = home / "python" / ("Scripts" if os.name == "nt" else "bin") / "python"
    command = [program, "-I", "-m", "xl_poverty"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def test_the_environment_is_made_and_renewed(tmp_path):
    home, wheels = tmp_path / "张 三" / "xl_poverty", tmp_path / "离线 包" / "wheels"
    home.parent.mkdir()
    stand_in(wheels, "9.9")
    done = run(home, wheels)
    assert done.returncode == 0, done.stdout + done.stderr
    assert installed_version(home) == "xl-poverty 9.9" and "装好了" in done.stdout
    assert [file.name for file in home.iterdir()] == ["python"]

    # somebody switched the computer off in the middle of the next time
    (home / "python").rename(home / "python.old")
    (home / "python").mkdir()
    (home / "python" / "half of it").write_text("")
    shutil.rmtree(wheels)
    stand_in(wheels, "10.2")
    done = run(home, wheels)
    assert done.returncode == 0 and installed_version(home) == "xl-poverty 10.2"
    assert [file.name for file in home.iterdir()] == ["python"] and not (home / "python" / "half of it").exists()


@pytest.mark.parametrize("failing", ["pip", "xl_poverty"])
def test_the_old_environment_stays_where_the_new_one_fails(tmp_path, monkeypatch, capsys, failing):
    def create(builder, folder):
        (folder / "Scripts").mkdir(parents=True)
        builder.python = sys.executable

    monkeypatch.setattr(environment._Builder, "create", create)
    monkeypatch.setattr(environment, "unsuited", lambda wheels: "")
    monkeypatch.setattr(environment, "_run", lambda words, remedy: None)
    asked = ["install", "--home", str(tmp_path), "--wheels", str(tmp_path / "wheels")]
    assert environment.main(asked) == 0
    (tmp_path / "python" / "old").write_text("")

    def run_it(words, remedy):
        if failing in words:
            raise environment.NotDone("上面这一步没有成功")

    monkeypatch.setattr(environment, "_run", run_it)
    for interrupted in (False, True):
        if interrupted:  # the computer was switched off the last time
            (tmp_path / "python").rename(tmp_path / "python.old")
            (tmp_path / "python").mkdir()
        assert environment.main(asked) == 1
        assert "恢复了原来的一版" in capsys.readouterr().out and (tmp_path / "python" / "old").exists()
        assert [file.name for file in tmp_path.iterdir()] == ["python"]


def test_a_program_that_fails_ends_it(capsys):
    environment._run([sys.executable, "-c", "print('fine')"], "")
    with pytest.raises(environment.NotDone, match="没有成功。请重新解压"):
        environment._run([sys.executable, "-c", "import nothing_of_this_name"], "请重新解压")
    said = capsys.readouterr().out
    assert "  fine\n" in said and "ModuleNotFoundError" in said


def test_what_pip_is_asked_for(tmp_path):
    assert environment._what(tmp_path) == ["xl_poverty[excel]"]
    wheel = stand_in(tmp_path)
    (tmp_path / "requirements.txt").unlink()
    assert environment._what(tmp_path) == [f"{wheel}[excel]"]
    stand_in(tmp_path)
    offline = environment._what(tmp_path)
    assert {"--no-index", "--require-hashes", "--isolated"} < set(offline) and "xl_poverty[excel]" not in offline


def test_a_copy_that_was_cut_short_is_not_installed(tmp_path):
    wheel = stand_in(tmp_path / "wheels")
    with zipfile.ZipFile(wheel, "a") as archive:
        archive.writestr("xl_poverty/more.py", "")
    pip = [sys.executable, "-I", "-m", "pip", "install", "--target", tmp_path / "there"]
    done = subprocess.run([*pip, *environment._what(wheel.parent)], capture_output=True, text=True)
    assert done.returncode and "DO NOT MATCH THE HASHES" in done.stderr and not (tmp_path / "there").exists()


@pytest.mark.parametrize(
    ("list_", "why"),
    [
        ("# python 3.99 win_amd64\n", "给 3.99 的"),
        (f"# python {VERSION} win32\n", "给 win32 的"),
        (f"# python {VERSION} any\n", ""),
        ("numpy\n", ""),
    ],
)
def test_the_python_must_be_the_one_that_the_wheels_are_for(tmp_path, list_, why):
    (tmp_path / "requirements.txt").write_text(list_)
    said = run(tmp_path / "home", tmp_path, "suits")
    assert said.returncode == bool(why) and why in said.stdout
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize(
    ("python", "why"),
    [
        ({"version_info": (3, 10, 4)}, "太旧"),
        ({"version_info": (3, 12, 1), "base_prefix": r"C:\Program Files\WindowsApps\Python.3.12"}, "微软商店"),
        ({"version_info": (3, 12, 1), "base_prefix": r"C:\Python312"}, ""),
    ],
)
def test_which_python_is_used(tmp_path, monkeypatch, python, why):
    monkeypatch.setattr(environment, "sys", SimpleNamespace(**python))
    told = environment.unsuited(tmp_path)
    assert why in told and bool(told) == bool(why)


def test_excel_holds_the_environment(tmp_path, monkeypatch, capsys):
    (tmp_path / "python").mkdir()

    def held(self, target):
        raise PermissionError(5, "held")

    monkeypatch.setattr(environment.Path, "rename", held)
    monkeypatch.setattr(environment, "unsuited", lambda wheels: "")
    assert environment.main(["install", "--home", str(tmp_path), "--wheels", str(tmp_path)]) == 1
    assert "请保存并关闭所有 Excel 窗口" in capsys.readouterr().out and (tmp_path / "python").exists()


# ---- the package


def test_the_list_of_wheels_has_all_that_we_need():
    """In the versions that pyproject.toml asks for."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["excel"], packaging.UNASKED]
    for file in WINDOWS.glob("wheels-*.txt"):
        head, *lines = file.read_text(encoding="utf-8").splitlines()
        assert head == "# python {} {}".format(*file.stem.split("-")[1:])
        listed = {}
        for line in lines:
            name, version, digest = re.fullmatch(r"(\w+)==([\w.]+) --hash=sha256:([0-9a-f]{64})", line).groups()
            listed[name.lower()] = tuple(map(int, re.findall(r"\d+", version)))
        for asked in wanted:
            name, sign, version = re.fullmatch(r"([\w-]+)(>=|==)?([\d.]+)?", asked).groups()
            found, least = listed[name.lower().replace("-", "_")], tuple(map(int, (version or "0").split(".")))
            assert found == least if sign == "==" else found >= least, asked
    assert file


def test_the_package_is_the_same_on_every_run(tmp_path):
    own = stand_in(tmp_path / "wheels")
    installer = tmp_path / "python-3.12.10-amd64.exe"
    installer.write_bytes(b"MZ")
    options = SimpleNamespace(platform="win_amd64", python="3.12", installer=installer)
    built = []
    for name in ("one", "two"):
        zipped = packaging.package(tmp_path / name, own, tmp_path / "wheels", "# python 3.12 win_amd64\n", options)
        built.append(zipped.read_bytes())
    assert built[0] == built[1]
    with zipfile.ZipFile(zipped) as archive:
        names = {name.partition("/")[2] for name in archive.namelist()}
        assert archive.read(f"{zipped.stem}/安装.bat") == (WINDOWS / "安装.bat").read_bytes()
    assert names == {*packaging.FILES, "wheels/requirements.txt", f"wheels/{own.name}", installer.name}
    there = {file.name for file in WINDOWS.iterdir()}
    assert set(packaging.FILES) == {name for name in there if not name.startswith(("wheels-", "__"))}
    # what the script looks for when there is no Python
    (pattern,) = re.findall(r"\$pattern = '([^']+amd64[^']*)'", SCRIPT)
    assert re.fullmatch(pattern, installer.name)
