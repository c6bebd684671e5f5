"""Steps of `calc_driver` for somebody who looks at a workbook: run by the Python that has uno."""

from __future__ import annotations

import time


def look_at(office, document: int, place: str):
    """Scroll so that a cell stands at the top left, and select it."""
    to_front(office, document)
    area = office.area(document, place)
    controller = office.documents[document].CurrentController
    controller.setActiveSheet(area.Spreadsheet)
    address = area.RangeAddress
    controller.setFirstVisibleColumn(address.StartColumn)
    controller.setFirstVisibleRow(max(0, address.StartRow - 1))
    controller.select(area)
    time.sleep(1)


def to_front(office, document: int):
    """Click into its window."""
    frame = office.documents[document].CurrentController.Frame
    frame.ContainerWindow.toFront()
    frame.activate()


def opened(office, name: str) -> int:
    """The number of a workbook that an action has opened."""
    for one in office.desktop.Components:
        if one.URL and one.Title == name:
            return office.keep(one)
    raise ValueError(f"{name} is not open")
