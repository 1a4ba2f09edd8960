"""A sheet of any workbook as frames: its header found, its rows streamed as text."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice, takewhile
from typing import Protocol, TypeAlias

import polars as pl

from connectors.legacy.recognise import by_font
from connectors.sources.files.header import (
    MOST_BELOW,
    SEARCHED_ROWS,
    check_below,
    column_names,
    footers,
    is_header,
    level,
    no_header,
    titled,
    with_titles,
)
from connectors.sources.files.spec import FilesStream
from expectations.frames import FONTS, LOCATOR, RAW, REJECT

FRAME_ROWS = 4096
MAX_COLUMNS = 16_384  # Excel's last column is XFD
# first row, first column, last row, last column, all from 0
Merge: TypeAlias = tuple[int, int, int, int]


@dataclass(slots=True)
class Row:
    """Cells by column, from 0; only those that hold something. `number` is from 1."""

    number: int
    cells: dict[int, str]
    fonts: dict[int, str] = field(default_factory=dict)  # column -> legacy encoding

    def shown(self) -> dict[int, str]:
        """The cells as their fonts draw them.

        Data is never repaired by a reader; but a preset must be able to name a column.
        """
        return {c: _drawn(t, self.fonts.get(c)) for c, t in self.cells.items()}


class Sheet(Protocol):
    """One sheet (or table) of a workbook."""

    @property
    def name(self) -> str:
        """As the workbook's tabs show it."""
        ...

    @property
    def has_fonts(self) -> bool:
        """True when a cell may be drawn in a legacy font."""
        ...

    def rows(self) -> Iterator[Row]:
        """The rows that hold something, from the top; each call begins anew."""
        ...

    def merges(self) -> Sequence[Merge]:
        """The merged ranges."""
        ...

    def columns(self) -> set[int] | None:
        """A superset of the columns that hold something, where it is cheap to say."""
        ...


@dataclass(frozen=True, slots=True)
class _Header:
    rows: list[list[str | None]]  # of equal width, from the sheet's first column
    below: int  # number of the first row under it
    above: list[str] = field(default_factory=list)  # the titles' cells

    @property
    def named(self) -> set[int]:
        width = len(self.rows[0]) if self.rows else 0
        return {c for c in range(width) if any(level(row[c]) for row in self.rows)}


def frames(
    place: str, file_name: str, sheet: Sheet, read: FilesStream
) -> Iterator[pl.DataFrame]:
    """Frames: the sheet's columns as String, then LOCATOR, REJECT, RAW (and FONTS).

    Dates are `2026-01-31` or `2026-01-31 08:00:00`, whole numbers have no ".0", an
    error cell is its text (`#N/A`; `#UNCACHED!` for a formula saved without its
    result). Rows without any value are no rows, a column without header and value is no
    column. The first frame has no rows. Raises SourceError.
    """
    where = f"{place}: sheet {sheet.name}"
    header = _header(where, sheet, read)
    names = _names(where, header, _filled(where, sheet, header, read))
    locator = f"{file_name}!{sheet.name}!R"
    texts = [*header.above, sheet.name, file_name]
    titles = titled(where, read, texts, names.values())
    yield with_titles(_frame([], names, locator, sheet.has_fonts), titles)
    for chunk in _body(where, sheet, header, read.footer):
        frame = _frame(chunk, names, locator, sheet.has_fonts)
        yield with_titles(frame, titles)


def _header(where: str, sheet: Sheet, read: FilesStream) -> _Header:
    if read.header_rows == 0:
        skipped = takewhile(lambda row: row.number <= read.skip_rows, sheet.rows())
        above = [text for row in skipped for text in row.shown().values()]
        return _Header([list(read.columns)], read.skip_rows + 1, above)
    top, rows = _top(where, sheet, read)
    cells = {
        (number - 1, column): text
        for number, row in rows.items()
        for column, text in row.items()
    }
    below = top + read.header_rows
    _spread(cells, sheet.merges(), range(top, below))
    width = max((c for (r, c) in cells if top <= r < below), default=-1) + 1
    grid = [[cells.get((r, c)) for c in range(width)] for r in range(top, below)]
    above = [t for n, row in rows.items() if n <= top for t in row.values()]
    header = _Header(grid, below + 1, above)
    if not header.named:
        raise no_header(where, read, "none")
    return header


def _top(
    where: str, sheet: Sheet, read: FilesStream
) -> tuple[int, dict[int, dict[int, str]]]:
    """The header's first row (from 0), and the rows down to its last, by number."""
    rows: dict[int, dict[int, str]] = {}
    top = read.skip_rows if read.header is None else None
    for row in sheet.rows():
        if row.number > (SEARCHED_ROWS if top is None else top + read.header_rows):
            break
        rows[row.number] = row.shown()
        if top is None and is_header(rows[row.number].values(), read.header or ""):
            top = row.number - 1
    if top is None:
        raise no_header(where, read, "none")
    return top, rows


def _spread(
    cells: dict[tuple[int, int], str], merges: Sequence[Merge], rows: range
) -> None:
    """Put a merged header cell's text into each header cell it covers.

    One that reaches the last header row names its first column alone: nothing below it
    would tell the others apart.
    """
    last = max((column for row, column in cells if row in rows), default=0)
    for first_row, first_column, last_row, last_column in merges:
        text = cells.get((first_row, first_column))
        if first_row not in rows or text is None:
            continue
        if last_row >= rows.stop - 1:
            last_column = first_column
        for row in range(first_row, min(last_row + 1, rows.stop)):
            # Some merge a header to the sheet's far end.
            for column in range(first_column, min(last_column, last) + 1):
                cells[row, column] = text


def _filled(where: str, sheet: Sheet, header: _Header, read: FilesStream) -> set[int]:
    """The columns that hold something under the header, by a pass of its own where a
    column without a name may."""
    named = header.named
    perhaps = sheet.columns()
    if perhaps is not None and perhaps <= named:
        return named
    filled: set[int] = set()
    for chunk in _body(where, sheet, header, read.footer):
        filled.update(*(row.cells for row in chunk))
        if perhaps is not None and perhaps <= named | filled:
            break
    return filled


def _names(where: str, header: _Header, filled: set[int]) -> dict[int, str]:
    """The name of each column of the sheet that is one."""
    width = max(filled, default=-1) + 1 - len(header.rows[0])
    blank: list[str | None] = [None] * max(width, 0)
    names = column_names(where, [row + blank for row in header.rows])
    kept = header.named | filled
    return {column: name for column, name in enumerate(names) if column in kept}


def _body(
    where: str, sheet: Sheet, header: _Header, footer: str | None
) -> Iterator[list[Row]]:
    """The rows between header and footer, some thousand at a time."""
    rows = (
        row
        for row in sheet.rows()
        if row.number >= header.below and any(map(str.strip, row.cells.values()))
    )
    while chunk := list(islice(rows, FRAME_ROWS)):
        end = _footer_at(chunk, footer)
        yield chunk[:end]
        if end < len(chunk):
            check_below(
                where, len(chunk) - end - 1 + len(list(islice(rows, MOST_BELOW + 1)))
            )
            return


def _footer_at(rows: list[Row], footer: str | None) -> int:
    if footer is None:
        return len(rows)
    firsts = pl.Series([_first(row) for row in rows], dtype=pl.String)
    hits = footers(firsts, footer)
    return len(rows) if hits.is_empty() else int(hits[0])


def _first(row: Row) -> str:
    """The first cell that holds something, as it is drawn."""
    column = min(c for c, text in row.cells.items() if text.strip())
    return _drawn(row.cells[column], row.fonts.get(column))


def _drawn(text: str, font: str | None) -> str:
    if font == "tcvn3_capitals" and text.isascii():
        return text.upper()
    repair = by_font(text, font) if font else None
    return repair.text if repair else text


def _frame(
    rows: list[Row], names: dict[int, str], locator: str, has_fonts: bool
) -> pl.DataFrame:
    columns = {
        name: pl.Series(name, [row.cells.get(c) for row in rows], dtype=pl.String)
        for c, name in names.items()
    }
    places = [f"{locator}{row.number}" for row in rows]
    nothing = pl.Series([None] * len(rows), dtype=pl.String)
    own = {LOCATOR: pl.Series(places, dtype=pl.String), REJECT: nothing, RAW: nothing}
    if has_fonts:
        fonts = [_fonts(row, names) for row in rows]
        own[FONTS] = pl.Series(fonts, dtype=pl.String)
    return pl.DataFrame(columns | own)


def _fonts(row: Row, names: dict[int, str]) -> str | None:
    if not row.fonts:
        return None
    return _json(
        tuple((names[c], row.fonts[c]) for c in sorted(row.fonts) if c in names)
    )


@lru_cache(maxsize=1024)
def _json(fonts: tuple[tuple[str, str], ...]) -> str | None:
    """Rows of a register are drawn alike: the same few texts come again and again."""
    return json.dumps(dict(fonts), ensure_ascii=False) if fonts else None
