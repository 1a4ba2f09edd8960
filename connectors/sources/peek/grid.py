"""The cells of a sheet or a delimited file as text, nothing of them understood."""

from dataclasses import dataclass

Merge = tuple[int, int, int, int]  # first row, first column, last row, last column


@dataclass(frozen=True, slots=True)
class Grid:
    """Rows from the file's first one; `merges` count rows and columns from 0."""

    rows: list[list[str]]
    tail: list[list[str]]  # the last rows, when not all were taken
    merges: tuple[Merge, ...] = ()
    sheet: str | None = None
    # Columns from 0 some of whose cells are drawn in an old font, and what it means;
    # the rows hold them as they are drawn.
    fonts: tuple[tuple[int, str], ...] = ()
    row_count: int | None = None  # of the whole sheet, where it is known
