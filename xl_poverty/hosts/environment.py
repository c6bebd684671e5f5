"""Where a computer has the Python that Excel and LibreOffice start."""
from __future__ import annotations

HOME = r"%LOCALAPPDATA%\xl_poverty"
#: the same place on every computer, so that a workbook can be passed on
ENVIRONMENT = rf"{HOME}\python"
INTERPRETER = rf"{ENVIRONMENT}\Scripts\python.exe"
#: the same elsewhere than on Windows
ELSEWHERE = "~/.local/share/xl_poverty/python/bin/python"
