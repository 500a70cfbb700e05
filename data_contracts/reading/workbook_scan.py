"""What is known of a workbook before it is opened: extents, cells that the reader would lose, merges, formats."""

from dataclasses import dataclass, field


class DamagedWorkbookError(Exception):
    """The parts of the workbook are not what a workbook has."""


class TooManyFaultsError(Exception):
    """More cells need care than a sheet can be trusted with."""


@dataclass
class SheetScan:
    """One sheet as a stream of XML or records showed it; rows and columns count from 0.

    Parameters
    ----------
    rows, columns : int
        Extent of the cells that hold something.
    cells : int
        How many cells are written out, empty ones included.
    faults : set of (row, column)
        Cells with an error, or with a formula that was never calculated.
    shown : dict
        (row, column) -> text, for numbers that are shown with zeros in front.
    merged : list of (first row, first column, last row, last column)
    text_bytes : int
        At most so many bytes of text do the cells hold together.
    """

    rows: int = 0
    columns: int = 0
    cells: int = 0
    faults: set[tuple[int, int]] = field(default_factory=set)
    shown: dict[tuple[int, int], str] = field(default_factory=dict)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    hidden_rows: int = 0
    hidden_columns: bool = False
    filtered: bool = False
    ended: bool = False  # the cells have been seen; what follows is about them
    text_bytes: int = 0

    def reaches(self, row: int, column: int) -> None:
        """Note a cell that holds something."""
        self.rows, self.columns = max(self.rows, row + 1), max(self.columns, column + 1)


@dataclass
class BookScan:
    """All sheets by name; `trusted`: the costs of reading are known for sure."""

    date_1904: bool = False
    sheets: dict[str, SheetScan] = field(default_factory=dict)
    trusted: bool = False

    @property
    def cost(self) -> int:
        """At most so many bytes does reading take."""
        return sum(
            sheet.rows * sheet.columns * 40 + sheet.cells * 150 + sheet.text_bytes for sheet in self.sheets.values()
        )


MAX_FAULTS = 2_000_000
MAX_TAG_BYTES = 64_000_000
MAX_TEXT_BYTES = 2_000_000_000
LOOSE_TEXT_BYTES = 4_000_000_000  # beyond it, text is counted exactly
