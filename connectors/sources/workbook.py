"""A sheet of an .xlsx workbook as text, read whole under a size cap."""

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import fastexcel
import polars as pl

from connectors.errors import SourceError
from connectors.sources.base import FilesStream
from connectors.sources.header import column_names
from expectations.frames import LOCATOR, RAW, REJECT

if TYPE_CHECKING:
    from collections.abc import Sequence

MIB = 1 << 20
# A sheet's XML packs about 10:1; far more is a zip bomb or a sheet of empty styles.
MAX_UNPACKED = 20
CELL = re.compile(r"^([A-Z]+)(\d+)$")
MERGE = re.compile(rb'<(?:\w+:)?mergeCell\s+ref="([A-Z]+\d+):([A-Z]+\d+)"')
SPREADSHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
# calamine names an error cell by its kind; this is the text Excel shows.
ERRORS = {
    "Div0": "#DIV/0!",
    "NA": "#N/A",
    "Name": "#NAME?",
    "Null": "#NULL!",
    "Num": "#NUM!",
    "Ref": "#REF!",
    "Value": "#VALUE!",
    "GettingData": "#GETTING_DATA",
}

LINKS = "xl/_rels/workbook.xml.rels"
Merge = tuple[int, int, int, int]  # first row, first column, last row, last column


def frames(
    place: str, path: Path, read: FilesStream, max_mib: int
) -> Iterator[pl.DataFrame]:
    """One frame: the sheet's columns as String, then LOCATOR, REJECT and RAW.

    Dates are `2026-01-31` or `2026-01-31 08:00:00`, whole numbers have no ".0", an
    error cell is its text (`#N/A`). Rows without any value are no rows, a column
    without header and value is no column. Raises SourceError.
    """
    _check_size(place, path, max_mib)
    try:
        name, cells, offset = _sheet(place, path, read.sheet)
        merges = _merges(path, name)
    except (
        fastexcel.FastExcelError,
        zipfile.BadZipFile,
        KeyError,
        ElementTree.ParseError,
    ):
        raise SourceError(
            f"{place} is not a whole .xlsx workbook (a part is missing or damaged); "
            "open it in Excel, save it as .xlsx and put it back"
        ) from None
    top, body = read.skip_rows, read.skip_rows + read.header_rows
    header = _spread(cells, merges, offset, range(top, body))
    if not any(cell for row in header for cell in row):
        raise SourceError(
            f"{place}: sheet {name} has no header in rows {top + 1} to {body}; "
            f"expected {top} title rows and {read.header_rows} header rows. Ask for "
            "the export again, or mend skip_rows and header_rows in the preset's stream"
        )
    yield _body(place, cells, header, f"{path.name}!{name}!R", body, read.footer)


def _check_size(place: str, path: Path, max_mib: int) -> None:
    size = path.stat().st_size
    unpacked = _unpacked_bytes(path)
    if size > max_mib * MIB or unpacked > max_mib * MIB * MAX_UNPACKED:
        raise SourceError(
            f"{place} has {size / MIB:.1f} MiB ({unpacked / MIB:.0f} MiB unpacked); a "
            f"workbook is read whole and the limit is {max_mib} MiB "
            f"({max_mib * MAX_UNPACKED} unpacked). Ask for CSV, or raise files.max_mib"
        )


def _unpacked_bytes(path: Path) -> int:
    try:
        with zipfile.ZipFile(path) as parts:
            return sum(part.file_size for part in parts.infolist())
    except zipfile.BadZipFile:
        return 0  # said as a damaged workbook when it is read


def _sheet(place: str, path: Path, wanted: str | None) -> tuple[str, pl.DataFrame, int]:
    """The sheet's name, its cells as text from row 1, and its first column from 0."""
    book = fastexcel.read_excel(path)
    name = _sheet_name(place, book.sheet_names, wanted)
    sheet = book.load_sheet(name, header_row=None, skip_rows=0, dtypes="string")
    columns = sheet.available_columns()
    offset = columns[0].absolute_index if columns else 0
    batch, faults = sheet.to_arrow_with_errors()
    cells = pl.DataFrame(batch) if columns else pl.DataFrame()
    return name, _with_errors(cells, faults.errors if faults else []), offset


def _sheet_name(place: str, names: list[str], wanted: str | None) -> str:
    listed = ", ".join(names)
    if wanted is not None and wanted not in names:
        raise SourceError(
            f"{place} has no sheet {wanted} (found: {listed}); mend sheet in the "
            "preset's stream or ask for the usual export"
        )
    if wanted is None and len(names) != 1:
        raise SourceError(
            f"{place} has {len(names)} sheets ({listed}); name one as sheet in the "
            "preset's stream"
        )
    return wanted or names[0]


def _with_errors(
    cells: pl.DataFrame, faults: "Sequence[fastexcel.CellError]"
) -> pl.DataFrame:
    by_column: dict[int, dict[int, str]] = {}
    for fault in faults:
        kind = re.search(r"Error\((\w+)\)", fault.detail)
        row, column = fault.position
        text = ERRORS.get(kind[1], "#ERROR") if kind else "#ERROR"
        by_column.setdefault(column, {})[row] = text
    for column, texts in by_column.items():
        values = cells.to_series(column)
        rows = pl.Series(list(texts), dtype=pl.UInt32)
        cells = cells.with_columns(values.scatter(rows, list(texts.values())))
    return cells


def _merges(path: Path, sheet: str) -> list[Merge]:
    """The merged ranges of a sheet, rows and columns from 0."""
    with zipfile.ZipFile(path) as parts:
        # expat opens no outside entity and stops entity bombs itself (since 2.4).
        workbook = ElementTree.fromstring(parts.read("xl/workbook.xml"))  # noqa: S314
        links = ElementTree.fromstring(parts.read(LINKS))  # noqa: S314
        ids = {
            s.get("name"): s.get(RELATION) for s in workbook.iter(SPREADSHEET + "sheet")
        }
        targets = {link.get("Id"): link.get("Target", "") for link in links}
        target = targets[ids[sheet]]
        part = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
        with parts.open(part) as xml:
            found = _merge_references(iter(lambda: xml.read(MIB), b""))
    return [(*_place(a.decode()), *_place(b.decode())) for a, b in found]


def _merge_references(blocks: Iterator[bytes]) -> set[tuple[bytes, bytes]]:
    """A cell's text cannot look like a mark: in XML its `<` is escaped."""
    found: set[tuple[bytes, bytes]] = set()
    held = b""
    for block in blocks:
        held = held[-100:] + block
        found.update(MERGE.findall(held))
    return found


def _place(cell: str) -> tuple[int, int]:
    parts = CELL.match(cell)
    assert parts is not None
    column = 0
    for letter in parts[1]:
        column = column * 26 + ord(letter) - ord("A") + 1
    return int(parts[2]) - 1, column - 1


def _spread(
    cells: pl.DataFrame, merges: list[Merge], offset: int, rows: range
) -> list[list[str | None]]:
    """The header's rows, a merged cell's text in each cell it covers."""
    width = cells.width
    header: list[list[str | None]] = [
        list(cells.row(row)) if row < cells.height else [None] * width for row in rows
    ]
    for first_row, first_column, last_row, last_column in merges:
        if first_row not in rows or not 0 <= first_column - offset < width:
            continue
        text = header[first_row - rows.start][first_column - offset]
        for row in range(first_row, min(last_row + 1, rows.stop)):
            for column in range(first_column, min(last_column + 1, offset + width)):
                header[row - rows.start][column - offset] = text
    return header


def _body(
    place: str,
    cells: pl.DataFrame,
    header: list[list[str | None]],
    locator: str,
    start: int,
    footer: str | None,
) -> pl.DataFrame:
    names = column_names(place, header)
    frame = cells.slice(start).rename(dict(zip(cells.columns, names, strict=True)))
    midnight = r"^(\d{4}-\d\d-\d\d) 00:00:00$"
    frame = frame.with_columns(pl.all().str.replace(midnight, "$1").replace({"": None}))
    line = pl.int_range(start + 1, start + 1 + pl.len()).cast(pl.String)
    frame = frame.with_columns(
        (pl.lit(locator) + line).alias(LOCATOR),
        pl.lit(None, pl.String).alias(REJECT),
        pl.lit(None, pl.String).alias(RAW),
    )
    frame = frame.head(_footer_row(place, frame[names[0]], footer))
    frame = frame.filter(pl.any_horizontal(pl.col(names).is_not_null()))
    nameless = [
        name
        for column, name in enumerate(names)
        if not any(row[column] for row in header) and frame[name].is_null().all()
    ]
    return frame.drop(nameless)


def _footer_row(place: str, cells: pl.Series, footer: str | None) -> int:
    if footer is None:
        return len(cells)
    try:
        hits = cells.str.contains(footer).fill_null(False).arg_true()
    except pl.exceptions.ComputeError:
        raise SourceError(
            f"{place}: the preset's footer is not a regular expression; mend it"
        ) from None
    return len(cells) if hits.is_empty() else int(hits[0])
