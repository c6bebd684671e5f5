"""What makes a spreadsheet program calculate again, and formulas whose results may fill more cells than their own."""

from __future__ import annotations

from .parts import WORKBOOK_ORDER, Parts, ensured, local, named, place

_METADATA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheetMetadata+xml"
_DYNAMIC = "http://schemas.microsoft.com/office/spreadsheetml/2017/dynamicarray"
_PROPERTIES = "{bdbb8cdc-fa1e-496e-a857-3c3f30c029c3}"  # how Excel marks a dynamic array
_METADATA = """<metadata xmlns="{space}" xmlns:xda="{dynamic}"/>"""
_ORDER = (
    *("metadataTypes", "metadataStrings", "mdxMetadata", "futureMetadata", "cellMetadata", "valueMetadata", "extLst"),
)
_TRUE = ("1", "true")
_TYPE_ATTRIBUTES = {
    "name": "XLDAPR", "minSupportedVersion": "120000",
    **dict.fromkeys(
        ("copy", "pasteAll", "pasteValues", "merge", "splitFirst", "rowColShift", "clearFormats", "clearComments",
         "assign", "coerce", "cellMeta"), "1",
    ),
}  # fmt: skip


def recalculate_on_load(parts: Parts):
    """Every result is calculated anew when the workbook is next opened, also where calculation is by hand."""
    ensured(parts.tree(parts.workbook), "calcPr", WORKBOOK_ORDER).set("fullCalcOnLoad", "1")


def drop_calculation_chain(parts: Parts):
    """The order of calculation, which lists every formula: where one went the list is wrong; programs make it anew."""
    chain = parts.part_of(parts.workbook, "calcChain")
    if chain:
        parts.unrelate(parts.workbook, chain)
        parts.drop(chain)


def dynamic_array_mark(parts: Parts) -> int:
    """The number that a cell has in `cm` when its formula may spill."""
    from lxml import etree

    workbook = parts.workbook
    part = parts.part_of(workbook, "sheetMetadata")
    if part not in parts:
        space = parts.tree(workbook).tag.rpartition("}")[0][1:]
        part = f"{workbook.rpartition('/')[0]}/metadata.xml".lstrip("/")
        parts.add(part, _METADATA.format(space=space, dynamic=_DYNAMIC).encode(), _METADATA_TYPE)
        parts.relate(workbook, "sheetMetadata", part)
    root = parts.tree(part)
    types = ensured(root, "metadataTypes", _ORDER)
    number = next((at for at, kind in enumerate(types, 1) if kind.get("name") == "XLDAPR"), 0)
    if not number:
        etree.SubElement(types, named(types, "metadataType"), _TYPE_ATTRIBUTES)
        number = len(types)
        types.set("count", str(number))
    future = next((group for group in root if local(group) == "futureMetadata" and group.get("name") == "XLDAPR"), None)
    if future is None:
        future = place(root, etree.Element(named(root, "futureMetadata"), name="XLDAPR", count="0"), _ORDER)
    block = next((at for at, found in enumerate(future) if _dynamic(found)), None)
    if block is None:
        extension = etree.SubElement(etree.SubElement(future, named(root, "bk")), named(root, "extLst"))
        extension = etree.SubElement(extension, named(root, "ext"), uri=_PROPERTIES)
        etree.SubElement(extension, f"{{{_DYNAMIC}}}dynamicArrayProperties", fDynamic="1", fCollapsed="0")
        block = len(future) - 1
        future.set("count", str(len(future)))
    cells = ensured(root, "cellMetadata", _ORDER)
    wanted = str(number), str(block)
    for at, found in enumerate(cells, 1):
        if [(record.get("t"), record.get("v")) for record in found] == [wanted]:
            return at
    etree.SubElement(etree.SubElement(cells, named(root, "bk")), named(root, "rc"), t=wanted[0], v=wanted[1])
    cells.set("count", str(len(cells)))
    return len(cells)


def _dynamic(block) -> bool:
    marks = [found for found in block.iter() if local(found) == "dynamicArrayProperties"]
    return any(mark.get("fDynamic") in _TRUE and mark.get("fCollapsed") not in _TRUE for mark in marks)
