"""A workbook's sheets as text with their merged cells, by the readers of registers."""

from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from connectors.errors import SourceError
from connectors.sources.base import Deadline
from connectors.sources.files import html_table, ods, xls, xlsx
from connectors.sources.files.forms import Form
from connectors.sources.files.packed import DamagedError, Parts
from connectors.sources.files.sheets import Row, Sheet
from connectors.sources.peek.grid import Grid

MAX_SHEETS = 20
MAX_COLUMNS = 400
MAX_GAP = 1000  # blank rows between two that hold something
TAIL_ROWS = 40
SECONDS = 120.0
FORMATS = {Form.XLSX: "xlsx", Form.ODS: "ods", Form.OLE: "xls", Form.HTML: "xls"}


def grids(path: Path, form: Form, max_rows: int, max_mib: int) -> tuple[Grid, ...]:
    """Every sheet that holds something; raises SourceError."""
    if path.stat().st_size > max_mib << 20:
        raise SourceError(
            f"{path.name} has {path.stat().st_size >> 20} MiB; the limit of a sample "
            f"is {max_mib}: cut one of some thousand rows"
        )
    deadline = Deadline.after(SECONDS)
    try:
        with path.open("rb") as file:
            found = _sheets(path.name, file, form, max_mib, deadline)
            read = [_grid(sheet, max_rows, deadline) for sheet in found[:MAX_SHEETS]]
    except DamagedError:
        raise SourceError(
            f"{path.name} is not a whole workbook, or asks for a password; open it in "
            "Excel, save it as .xlsx without a password and give that"
        ) from None
    filled = tuple(grid for grid in read if grid.rows)
    if not filled:
        raise SourceError(f"{path.name}: none of its sheets holds a cell with text")
    return filled


def _sheets(
    place: str, file: BinaryIO, form: Form, max_mib: int, deadline: Deadline
) -> Sequence[Sheet]:
    if form is Form.XLSX:
        return xlsx.sheets(Parts.open(place, file, max_mib, deadline), max_mib)
    if form is Form.ODS:
        return ods.sheets(Parts.open(place, file, max_mib, deadline))
    if form is Form.HTML:
        return html_table.sheets(place, file, "utf-8-sig", deadline)
    return xls.sheets(place, file, None)


def _grid(sheet: Sheet, max_rows: int, deadline: Deadline) -> Grid:
    rows: list[list[str]] = []
    tail: deque[list[str]] = deque(maxlen=TAIL_ROWS)
    fonts: dict[int, str] = {}
    count = last = 0
    for row in sheet.rows():
        deadline.check(sheet.name)
        count += 1
        fonts |= row.fonts
        if len(rows) >= max_rows:
            tail.append(_cells(row))
            continue
        rows += [[] for _ in range(min(row.number - last - 1, MAX_GAP))]
        rows.append(_cells(row))
        last = row.number
    merges = tuple(sorted(sheet.merges()))
    drawn = tuple(sorted(fonts.items()))
    return Grid(rows, list(tail), merges, sheet.name, drawn, count)


def _cells(row: Row) -> list[str]:
    """The cells from the first column on, as their fonts draw them."""
    shown = {c: text for c, text in row.shown().items() if c < MAX_COLUMNS}
    return [shown.get(c, "") for c in range(max(shown, default=-1) + 1)]
