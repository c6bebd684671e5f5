"""The one error that a formula can end in and the cell that shows it; what a policy folder and a ledger can end in."""
from __future__ import annotations

#: error code -> what the cell shows
CELLS = {
    "missing": "#N/A",
    "unverified": "#N/A",
    "not_specified": "#N/A",
    "unknown_policy": "#VALUE!",
    "unknown_option": "#VALUE!",
    "not_number": "#VALUE!",
    "bad_date": "#VALUE!",
    "negative": "#NUM!",
    "not_integer": "#NUM!",
    "out_of_range": "#NUM!",
    "inconsistent": "#NUM!",
    "nan": "#NUM!",
    "infinite": "#NUM!",
    "div_zero": "#DIV/0!",
    "excel_error": "#VALUE!",
}

#: texts that stand for an error cell where a host hands errors over as text
EXCEL_ERRORS = frozenset(
    ("#N/A", "#VALUE!", "#REF!", "#DIV/0!", "#NUM!", "#NAME?", "#NULL!",
     "#SPILL!", "#CALC!", "#GETTING_DATA", "#FIELD!", "#BLOCKED!", "#UNKNOWN!", "#CONNECT!", "#BUSY!")
)  # fmt: skip


class CellError(Exception):
    """A formula that has no result.

    `code` is one of the keys of `CELLS`, `message` a Chinese sentence with the remedy, `cell` the error that
    the cell shows (`#N/A`, `#VALUE!`, `#NUM!`, `#DIV/0!`; an input that was an error already keeps its own).
    """

    def __init__(self, code: str, message: str, cell: str | None = None):
        super().__init__(message)
        self.code = code
        self.message = message
        self.cell = cell or CELLS[code]

    def __repr__(self) -> str:
        return f"CellError({self.code!r}, {self.message!r})"

    def __reduce__(self):
        return CellError, (self.code, self.message, self.cell)


class PolicyError(Exception):
    """A policy folder that cannot be used: every mistake found, one per line, with file and key."""

    def __init__(self, mistakes: list[str]):
        self.mistakes = list(mistakes)
        super().__init__("\n".join(self.mistakes))


class LedgerError(Exception):
    """A ledger that cannot be worked on; the message says what, where and what to do."""
