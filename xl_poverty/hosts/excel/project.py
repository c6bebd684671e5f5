"""VBA projects from text sources, put together by pyOpenVBA; the same sources give the same bytes.

xlwings' own module is taken from the installed wheel as it is: its VBA and its Python work only with each other.
"""
from __future__ import annotations

import io
import re
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

SOURCES = Path(__file__).with_name("vba")
_PART = "xl/vbaProject.bin"
_CLASS = "VERSION "  # begins the source of a class
_RESERVED = re.compile(r"(?i)\b(auto_?(open|exec|close|new)|(workbook|document)_?(open|close|activate))\b")


def source(name: str) -> str:
    """A module of ours."""
    return (SOURCES / f"{name}.bas").read_text("utf-8")


def xlwings_module() -> str:
    """xlwings' module for workbooks that work without its add-in, licence included."""
    import xlwings

    return Path(xlwings.__file__).with_name("xlwings.bas").read_text("utf-8")


def vba_project(modules: Mapping[str, str], sheets: int) -> bytes:
    """vbaProject.bin of a workbook with so many sheets (Sheet1, Sheet2 …) and these modules: name -> source, as the
    VBA editor exports it."""
    import xlsxwriter
    from pyopenvba import ExcelFile, VBAModuleKind

    for name, text in modules.items():
        _check(name, text)
    with tempfile.TemporaryDirectory() as folder:
        empty, full = Path(folder, "empty.xlsm"), Path(folder, "full.xlsm")
        with xlsxwriter.Workbook(empty) as book:
            for _ in range(sheets):
                book.add_worksheet()
        with ExcelFile(empty) as file:
            project = file.add_vba_project()
            for name, text in modules.items():
                kind = VBAModuleKind.other if text.startswith(_CLASS) else VBAModuleKind.standard
                project.add_module(name, "\r\n".join(text.splitlines()) + "\r\n", kind=kind)
            file.save(full)
            if wrong := file.validate():
                raise ValueError(f"the VBA project is not sound: {'; '.join(wrong)}")
        with zipfile.ZipFile(io.BytesIO(full.read_bytes())) as file:
            return file.read(_PART)


def _check(name: str, text: str):
    """What Excel or whoever guards against macros would stumble over."""
    if not text.isascii():
        raise ValueError(f"{name}: VBA is shown in the code page of the machine, ASCII alone looks the same on all")
    if f'Attribute VB_Name = "{name}"\n' not in text:
        raise ValueError(f"{name}: the source does not say its name")
    if found := _RESERVED.search(text):
        raise ValueError(f"{name}: {found.group()} is what macros are called that start by themselves")
    if longest := max(map(len, text.splitlines()), default=0):
        if longest > 1023:
            raise ValueError(f"{name}: a line of {longest} characters, VBA takes 1023")
