"""The add-in of Excel: functions for every workbook, the tab 帮扶."""

from __future__ import annotations

from pathlib import Path

from xl_poverty.hosts.excel.installing import ADDIN
from xl_poverty.hosts.excel.packaging import addin


def build(out_dir) -> Path:
    """Write xl_poverty.xlam into out_dir."""
    path = Path(out_dir) / ADDIN
    path.write_bytes(addin())
    return path
