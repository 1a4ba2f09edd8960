"""XLS (BIFF8 and older), by xlrd: the one reader that tells a cell's font.

The format ends at 65,536 rows of 256 columns and is not packed, so it is read whole.
"""

import io
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO

import xlrd
from xlrd.biffh import (
    XL_CELL_BLANK,
    XL_CELL_BOOLEAN,
    XL_CELL_EMPTY,
    XL_CELL_ERROR,
    XL_CELL_TEXT,
    error_text_from_code,
)
from xlrd.compdoc import CompDocError

from connectors.errors import SourceError
from connectors.sources.files.cells import number, shown_by
from connectors.sources.files.packed import DamagedError
from connectors.sources.files.richtext import (
    CELL_FONT,
    Run,
    encoding_of,
    encoding_of_runs,
)
from connectors.sources.files.sheets import Merge, Row

# How xlrd ends on a damaged file: it checks little, and falls where it stands.
FALLS = (
    xlrd.XLRDError,
    CompDocError,
    struct.error,
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    MemoryError,
    TypeError,
    ValueError,
)


@dataclass(slots=True)
class XlsSheet:
    """One sheet, loaded when its rows are first asked for."""

    book: xlrd.Book
    name: str
    fonts: dict[int, str]  # cell style -> legacy encoding
    _sheet: xlrd.sheet.Sheet | None = field(default=None, repr=False)

    @property
    def has_fonts(self) -> bool:
        """See `Sheet`; also when a part of a cell may be."""
        return any(encoding_of(font.name) for font in self.book.font_list)

    def rows(self) -> Iterator[Row]:
        """See `Sheet`."""
        sheet = self._loaded()
        for at in range(sheet.nrows):
            try:
                row = self._row(sheet, at)
            except FALLS:
                raise DamagedError from None
            if row.cells:
                yield row

    def _row(self, sheet: xlrd.sheet.Sheet, at: int) -> Row:
        row = Row(at + 1, {})
        kinds, values = sheet.row_types(at), sheet.row_values(at)
        for column, (kind, value) in enumerate(zip(kinds, values, strict=True)):
            if kind in (XL_CELL_EMPTY, XL_CELL_BLANK) or value == "":
                continue
            style = sheet.cell_xf_index(at, column)
            row.cells[column] = self._text(kind, value, style)
            font = self.fonts.get(style)
            if runs := sheet.rich_text_runlist_map.get((at, column)):
                font = self._font_of(runs, value, font)
            if font is not None:
                row.fonts[column] = font
        return row

    def merges(self) -> Sequence[Merge]:
        """See `Sheet`."""
        return [(r, c, end_r - 1, end_c - 1) for r, end_r, c, end_c in self._ranges()]

    def columns(self) -> None:
        """Not told: the sheet is in memory, and looking through it is cheap."""
        return

    def _ranges(self) -> list[tuple[int, int, int, int]]:
        return list(self._loaded().merged_cells)

    def _loaded(self) -> xlrd.sheet.Sheet:
        if self._sheet is None:
            try:
                self._sheet = self.book.sheet_by_name(self.name)
            except FALLS:
                raise DamagedError from None
        return self._sheet

    def _text(self, kind: int, value: str | float, style: int) -> str:
        if kind == XL_CELL_TEXT:
            return str(value)
        if kind == XL_CELL_BOOLEAN:
            return "true" if value else "false"
        if kind == XL_CELL_ERROR:
            return str(error_text_from_code.get(int(value), "#ERROR"))
        key = self.book.xf_list[style].format_key
        drawn = self.book.format_map.get(key)
        shown = shown_by(key, drawn.format_str if drawn else None)
        return number(value, shown, bool(self.book.datemode))

    def _font_of(
        self, runs: list[tuple[int, int]], text: str, cell: str | None
    ) -> str | None:
        starts = [0, *(offset for offset, _ in runs), len(text)]
        owns = [CELL_FONT, *(encoding_of(self._font_name(f)) for _, f in runs)]
        pieces: list[Run] = [
            (own, text[start:end])
            for own, start, end in zip(owns, starts, starts[1:], strict=False)
        ]
        return encoding_of_runs(pieces, cell)

    def _font_name(self, font: int) -> str | None:
        fonts = self.book.font_list
        return fonts[font].name if font < len(fonts) else None


def sheets(place: str, file: BinaryIO, encoding: str | None) -> list[XlsSheet]:
    """The sheets of a workbook; `encoding` is of texts before BIFF8 that name none.

    Raises SourceError, DamagedError.
    """
    try:
        book = xlrd.open_workbook(
            file_contents=file.read(),
            logfile=io.StringIO(),
            formatting_info=True,
            on_demand=True,
            ragged_rows=True,
            encoding_override=encoding,
        )
        fonts = {
            at: found
            for at, style in enumerate(book.xf_list)
            if (found := encoding_of(book.font_list[style.font_index].name))
        }
        return [XlsSheet(book, name, fonts) for name in book.sheet_names()]
    except xlrd.XLRDError as error:
        if "encrypted" in str(error):
            raise has_password(place) from None
        raise DamagedError from None
    except FALLS:
        raise DamagedError from None


def has_password(place: str) -> SourceError:
    """What to raise for a workbook that only its password opens."""
    return SourceError(
        f"{place} is protected by a password; nothing in it can be read. Save it "
        "without a password (File > Info > Protect Workbook) and put it back"
    )
