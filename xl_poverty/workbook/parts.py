"""What is to change in a package: an overlay over its parts, its relationships and its content types."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Sequence
from hashlib import blake2b

from .package import Package
from .refusals import damaged

TYPES = "[Content_Types].xml"
RELATIONSHIPS = "http://schemas.openxmlformats.org/package/2006/relationships"
CONTENT_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
#: types of relationships begin so, and the prefix r: of attributes means it
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
STRICT = "http://purl.oclc.org/ooxml/officeDocument/relationships"
#: children of <workbook> in the order of the schema
WORKBOOK_ORDER = (
    *("fileVersion", "fileSharing", "workbookPr", "AlternateContent", "revisionPtr", "absPath", "workbookProtection"),
    *("bookViews", "sheets", "functionGroups", "externalReferences", "definedNames", "calcPr", "oleSize"),
    *("customWorkbookViews", "pivotCaches", "smartTagPr", "smartTagTypes", "webPublishing", "fileRecoveryPr"),
    *("webPublishObjects", "extLst"),
)


def local(element) -> str:
    """A name without its namespace; "" for comments and instructions."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def named(root, name: str) -> str:
    """A name in the namespace of an element, transitional or strict."""
    return root.tag.rpartition("}")[0] + "}" + name if "}" in root.tag else name


def child(root, name: str):
    return root.find(named(root, name))


def place(root, element, order: Sequence[str]):
    """Insert a child where the order of the schema wants it: before the first of those that come later."""
    later = set(order[order.index(local(element)) + 1 :])
    for index, sibling in enumerate(root):
        if local(sibling) in later:
            root.insert(index, element)
            return element
    root.append(element)
    return element


def ensured(root, name: str, order: Sequence[str]):
    """A child, made in its place where there is none."""
    from lxml import etree

    found = child(root, name)
    return found if found is not None else place(root, etree.Element(named(root, name), nsmap=root.nsmap), order)


def counts_from_1904(workbook) -> bool:
    """Whether a workbook's days are counted from 1904."""
    properties = child(workbook, "workbookPr")
    return properties is not None and properties.get("date1904") in ("1", "true", "on")


def parsed(data: bytes):
    """The root of some XML, nothing fetched and no entity resolved; None where it is none."""
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True)
    try:
        return etree.fromstring(data, parser)
    except etree.XMLSyntaxError:
        return None


def written(root) -> bytes:
    from lxml import etree

    return etree.tostring(root.getroottree(), xml_declaration=True, encoding="UTF-8", standalone=True)


def rels_of(part: str) -> str:
    folder, _, file = part.rpartition("/")
    return f"{folder}/_rels/{file}.rels".lstrip("/")


def resolved(owner: str, target: str) -> str:
    """The part that a relationship's target means, seen from the part that owns it."""
    target = target.replace("\\", "/")
    folder = "" if target.startswith("/") else owner.rpartition("/")[0]
    return posixpath.normpath(f"/{folder}/{target}").lstrip("/")


def relative(owner: str, part: str) -> str:
    """How a relationship of `owner` spells a part."""
    return posixpath.relpath(f"/{part}", f"/{owner.rpartition('/')[0]}")


class Parts:
    """The parts of a package as they will be: what was changed, else what the package holds.

    Names are found whatever their case, as Excel does. A part is worked on either as bytes or as a tree: a tree taken
    before somebody writes the bytes no longer counts.
    """

    def __init__(self, package: Package):
        self.package = package
        self._names = {part: info.filename.replace("\\", "/").lstrip("/") for part, info in package.infos.items()}
        self._bytes: dict[str, bytes | None] = {}
        self._trees: dict[str, tuple[object, bytes]] = {}

    def __contains__(self, part: str) -> bool:
        part = part.lower()
        return self._bytes[part] is not None if part in self._bytes else part in self.package.infos

    def names(self) -> Iterator[str]:
        """All parts there will be."""
        return (name for name in list(self._names.values()) if name in self and not name.endswith("/"))

    def spelled(self, part: str) -> str:
        """The name as the package writes it."""
        return self._names.get(part.lower(), part)

    def free(self, pattern: str) -> str:
        """The first name that is not taken: free("xl/charts/chart{}.xml")."""
        number = 1
        while pattern.format(number).lower() in self._names:  # a dropped part's name is not given again
            number += 1
        return pattern.format(number)

    # bytes and trees

    def read(self, part: str) -> bytes | None:
        key = part.lower()
        if key in self._trees:
            root, before = self._trees[key]
            now = written(root)
            if _digest(now) != before:
                return now
        return self._bytes[key] if key in self._bytes else self.package.read(part)

    def write(self, part: str, data: bytes):
        self._trees.pop(part.lower(), None)
        self._names.setdefault(part.lower(), part)
        self._bytes[part.lower()] = data

    def tree(self, part: str):
        """The root of a part's XML; what is changed in it is written by `changed`."""
        key = part.lower()
        if key not in self._trees:
            data = self.read(part)
            root = None if data is None else parsed(data)
            if root is None:
                raise damaged(self.package.name, part)
            self._trees[key] = root, _digest(written(root))
        return self._trees[key][0]

    def changed(self) -> dict[str, bytes | None]:
        """Every part that is not what the package holds: its new bytes, None where it is dropped."""
        changed = {}
        for key in [*self._bytes, *(key for key in self._trees if key not in self._bytes)]:
            dropped = self._bytes.get(key, b"") is None
            if dropped and key not in self.package.infos:
                continue
            data = None if dropped else self.read(key)
            if key in self._bytes or _digest(written(self._trees[key][0])) != self._trees[key][1]:
                changed[self._names[key]] = data
        return changed

    # content types

    def content_type(self, part: str) -> str:
        types = self.tree(TYPES)
        for entry in types.iterchildren(named(types, "Override")):
            if entry.get("PartName", "").lstrip("/").lower() == part.lower():
                return entry.get("ContentType", "")
        return self._default(part)

    def _default(self, part: str) -> str:
        types, ending = self.tree(TYPES), posixpath.splitext(part)[1][1:].lower()
        for entry in types.iterchildren(named(types, "Default")):
            if entry.get("Extension", "").lower() == ending:
                return entry.get("ContentType", "")
        return ""

    def add(self, part: str, data: bytes, content_type: str) -> str:
        """A new part. Its type stands as the default of its ending where nothing else has that ending."""
        from lxml import etree

        self.write(part, data)
        types, default = self.tree(TYPES), self._default(part)
        if default != content_type:
            if default or part.lower().endswith((".xml", ".rels")) or "." not in part:
                entry = etree.SubElement(types, named(types, "Override"), PartName=f"/{part}")
            else:
                entry = etree.Element(named(types, "Default"), Extension=posixpath.splitext(part)[1][1:])
                types.insert(0, entry)
            entry.set("ContentType", content_type)
        return part

    def drop(self, part: str):
        """A part goes, with its relationships and its content type. Who points at it must `unrelate`."""
        types = self.tree(TYPES)
        for entry in list(types.iterchildren(named(types, "Override"))):
            if entry.get("PartName", "").lstrip("/").lower() == part.lower():
                types.remove(entry)
        for name in (part, rels_of(part)):
            if name in self:
                self._trees.pop(name.lower(), None)
                self._bytes[name.lower()] = None

    # relationships

    def relationships(self, part: str) -> list:
        """The <Relationship> elements of a part ("" is the package)."""
        rels = rels_of(part)
        return [entry for entry in self.tree(rels) if local(entry) == "Relationship"] if rels in self else []

    def related(self, part: str) -> dict[str, tuple[str, str]]:
        """Relationship id -> (last word of its type, part), as `Package.related`: what lies outside is left out."""
        return {
            entry.get("Id", ""): (entry.get("Type", "").rpartition("/")[2], resolved(part, entry.get("Target")))
            for entry in self.relationships(part)
            if entry.get("TargetMode") != "External" and entry.get("Target")
        }

    def relate(self, owner: str, kind: str, target: str, *, external: bool = False) -> str:
        """A relationship to a part, or to an address outside; `kind` is the last word of its type or all of it.

        The id of one that is there already is given again.
        """
        from lxml import etree

        kind = kind if "/" in kind else f"{STRICT if self.strict else OFFICE}/{kind}"
        taken = set()
        for entry in self.relationships(owner):
            taken.add(entry.get("Id", ""))
            outside = entry.get("TargetMode") == "External"
            there = entry.get("Target", "") if outside else resolved(owner, entry.get("Target", "")).lower()
            if (entry.get("Type"), outside, there) == (kind, external, target if external else target.lower()):
                return entry.get("Id")
        rels = rels_of(owner)
        if rels not in self:
            self.write(rels, f'<Relationships xmlns="{RELATIONSHIPS}"/>'.encode())
        number = len(taken) + 1
        while f"rId{number}" in taken:
            number += 1
        root = self.tree(rels)
        entry = etree.SubElement(root, named(root, "Relationship"), Id=f"rId{number}", Type=kind)
        entry.set("Target", target if external else relative(owner, target))
        if external:
            entry.set("TargetMode", "External")
        return f"rId{number}"

    def unrelate(self, owner: str, target: str):
        """No relationship of a part points at another any more."""
        for entry in self.relationships(owner):
            if entry.get("TargetMode") != "External":
                if resolved(owner, entry.get("Target", "")).lower() == target.lower():
                    entry.getparent().remove(entry)

    def part_of(self, owner: str, kind: str) -> str:
        """The first part related in a way ("styles", "sharedStrings", "calcChain"), "" where there is none."""
        return next((part for found, part in self.related(owner).values() if found == kind), "")

    # the workbook

    @property
    def workbook(self) -> str:
        part = self.part_of("", "officeDocument")
        if part not in self:
            raise damaged(self.package.name, "没有工作簿部件")
        return part

    @property
    def strict(self) -> bool:
        """Whether the workbook is written in the strict namespaces, which its new parts then share."""
        return "purl.oclc.org" in self.tree(self.workbook).tag

    @property
    def office(self) -> str:
        """The namespace of r:id."""
        return STRICT if self.strict else OFFICE

    @property
    def epoch_1904(self) -> bool:
        return counts_from_1904(self.tree(self.workbook))

    def sheets(self) -> list[tuple[str, str, str]]:
        """Of every sheet, in their order: name, part, kind ("worksheet", "chartsheet", …)."""
        related, found = self.related(self.workbook), []
        for sheet in child(self.tree(self.workbook), "sheets"):
            if local(sheet) == "sheet":
                kind, part = related.get(sheet.get(f"{{{self.office}}}id", ""), ("", ""))
                found.append((sheet.get("name", ""), part, kind))
        return found


def _digest(data: bytes) -> bytes:
    return blake2b(data, digest_size=16).digest()
