"""What a summary consists of: tables of figures, figures from elsewhere, and what the documents ask of them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from ..formulas.office import Settings
from ..ledger.reading import SUMMARY
from ..rules.parameters import Policy
from .details import Doubt, Missing
from .figures import Details, Place, Quotient, Tally

#: how a figure looks
PIECES, YUAN, SHARE, POINTS = "count", "money", "share", "points"
#: figures that no ledger tells: argument -> what its line in office.toml is called, and which year's it is
FARMERS = "农民人均收入"
INPUTS = {"farmer_last": (FARMERS, -1), "farmer_this": (FARMERS, 0), "city_farmer_growth": ("", 0),
          "national_growth": ("", 0), "declined_last": ("", 0), "households_last": ("", 0)}  # fmt: skip
#: the first sheet; the names of all others begin with it
FIRST_SHEET, INPUT_SHEET = SUMMARY, f"{SUMMARY}_填报数"
NOT_COUNTED, NOT_COMPARED, NO_TOWN = "未统计", "未核对", "未写乡镇（街道）"

What = Tally | Quotient


@dataclass(frozen=True)
class Column:
    """A column of a block: its head, under a head of several, and how its figures look."""

    head: str
    look: str = PIECES
    group: str = ""

    @property
    def key(self) -> str:
        return f"{self.group}／{self.head}" if self.group else self.head


@dataclass(frozen=True)
class Line:
    """A row of a block: what stands before its figures, and the figures, one per column."""

    labels: tuple[str, ...]
    figures: tuple[What | None, ...]
    place: Place = Place()
    total: bool = False

    @property
    def key(self) -> str:
        return "／".join(self.labels)


@dataclass
class Block:
    """A table of figures.

    name     of its sheet; title: over it
    labels   heads of the columns before the figures
    parts    (title, lines) of tables under each other that have the same columns
    chart    (title, columns, unit) to be drawn over the last part, or over the first where it tells what all come to
    """

    name: str
    title: str
    labels: tuple[str, ...]
    columns: tuple[Column, ...]
    parts: list[tuple[str, list[Line]]]
    notes: list[str] = field(default_factory=list)
    chart: tuple[str, tuple[str, ...], str] | None = None


@dataclass(frozen=True)
class Input:
    """A figure from elsewhere: the argument, the document, the value (None: not known) and where it comes from."""

    name: str
    document: str
    label: str
    value: object
    source: str


@dataclass(frozen=True)
class Judged:
    """What a document asks of a figure.

    function   name of the function that judges, `part` what selects within it
    arguments  argument -> figure of the ledgers, or name of an input
    holds      TRUE, FALSE, None where something lacks (`lacking`)
    place      over which rows
    """

    document: Policy
    function: str
    part: object
    text: str
    cited: str
    arguments: dict[str, What | str]
    holds: bool | None
    lacking: str = ""
    place: Place = Place()


@dataclass
class Summary:
    """What `summarise` found.

    blocks    tables of figures, in the order of their sheets
    inputs    figures from elsewhere; judged: what the documents ask
    doubts    what could not be counted as it stands; missing: what the ledgers cannot tell
    ranking   (document, title, towns by growth, the lowest first)
    """

    details: Details
    policies: list[Policy]
    days: list[dt.date | None]
    files: list[str]
    blocks: list[Block]
    inputs: list[Input]
    judged: list[Judged]
    doubts: list[Doubt]
    missing: list[Missing]
    remarks: list[str]
    compared: bool = False
    settings: dict[str, Settings] = field(default_factory=dict)  # of each document, by its id
    entries: list[tuple[str, What, str, str]] = field(default_factory=list)  # (item, figure, look, block)

    def block(self, name: str) -> Block | None:
        return next((block for block in self.blocks if block.name == name), None)

    def figure(self, block: str, column: str, village: str = "", town: str = "", document: str = "", line: str = ""):
        """The `Figure` of a block's column: for a village, a town, a document or in all; of a line by its label in a
        block whose lines are no places. Raises KeyError where the block has none."""
        found = self.block(block)
        if found is None:
            raise KeyError(block)
        at = [one.key for one in found.columns].index(column)
        if line:
            own = next(one for _, lines in found.parts for one in lines if line in one.labels)
            return self.details.figure(own.figures[at], own.place)
        what = next(one.figures[at] for _, lines in found.parts for one in lines)
        return self.details.figure(what, Place(document, town, village))

    @property
    def documents(self) -> list[Policy]:
        return list({policy.id: policy for policy in self.policies}.values())
