"""A table of an HTML page, which old web systems hand out as `.xls`."""

import codecs
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import BinaryIO

from connectors.errors import SourceError
from connectors.sources.base import Deadline
from connectors.sources.files.marks import BOMS
from connectors.sources.files.packed import DamagedError
from connectors.sources.files.richtext import encoding_of
from connectors.sources.files.sheets import MAX_COLUMNS, Merge, Row

BLOCK = 256 << 10
MAX_SPAN = 1000
MAX_COVERED = 1_000_000
_CHARSET = re.compile(rb"charset\s*=\s*[\"']?([\w-]+)", re.IGNORECASE)
_FAMILY = re.compile(r"font-family\s*:\s*[\"']?([^;,\"']+)", re.IGNORECASE)


@dataclass(slots=True)
class HtmlTable:
    """One table of the page, in memory."""

    name: str
    lines: list[Row] = field(default_factory=list)
    spans: list[Merge] = field(default_factory=list)

    @property
    def has_fonts(self) -> bool:
        """See `Sheet`."""
        return any(row.fonts for row in self.lines)

    def rows(self) -> Iterator[Row]:
        """See `Sheet`."""
        return iter(self.lines)

    def merges(self) -> Sequence[Merge]:
        """See `Sheet`."""
        return self.spans

    def columns(self) -> None:
        """Not told."""
        return


class _Page(HTMLParser):
    """Gathers the tables that do not stand in another."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: list[HtmlTable] = []
        self.depth = 0
        self.at = [0, 0]  # row and column, from 0
        self.covered: set[tuple[int, int]] = set()  # by a cell of a row above
        self.span = (1, 1)
        self.row: Row | None = None
        self.texts: list[str] | None = None  # of the open cell
        self.font: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "table":
            self.depth += 1
            if self.depth == 1:
                self.tables.append(HtmlTable(f"table {len(self.tables) + 1}"))
                self.at, self.covered = [-1, 0], set()
        if self.depth != 1:
            return
        if tag == "tr":
            self._close_row()
            self.at = [self.at[0] + 1, 0]
            self.row = Row(self.at[0] + 1, {})
        elif tag in ("td", "th") and self.row is not None:
            self._close_cell()
            self.texts = []
            self.span = (_span(given.get("rowspan")), _span(given.get("colspan")))
        elif tag == "br" and self.texts is not None:
            self.texts.append("\n")
        family = given.get("face") or _FAMILY.search(given.get("style", ""))
        if family and self.texts is not None:
            name = family if isinstance(family, str) else family[1]
            self.font = encoding_of(name.split(",")[0].strip()) or self.font

    def handle_endtag(self, tag: str) -> None:
        if self.depth == 1 and tag in ("td", "th"):
            self._close_cell()
        elif self.depth == 1 and tag in ("tr", "table"):
            self._close_row()
        if tag == "table" and self.depth:
            self.depth -= 1

    def handle_data(self, data: str) -> None:
        if self.texts is not None:
            self.texts.append(re.sub(r"[ \t\r\n]+", " ", data))

    def _close_cell(self) -> None:
        if self.texts is None or self.row is None:
            return
        row, column = self.at
        while (row, column) in self.covered:
            self.covered.discard((row, column))
            column += 1
        down, across = self.span
        if column >= MAX_COLUMNS or len(self.covered) > MAX_COVERED:
            raise DamagedError
        for below in range(1, down):
            self.covered.update((row + below, column + c) for c in range(across))
        table = self.tables[-1]
        if down > 1 or across > 1:
            table.spans.append((row, column, row + down - 1, column + across - 1))
        lines = "".join(self.texts).split("\n")
        text = "\n".join(line.strip(" \xa0") for line in lines).strip("\n")
        if text:
            self.row.cells[column] = text
            if self.font:
                self.row.fonts[column] = self.font
        self.at[1] = column + across
        self.texts, self.font = None, None

    def _close_row(self) -> None:
        self._close_cell()
        if self.row is not None and self.row.cells:
            self.tables[-1].lines.append(self.row)
        self.row = None


def sheets(
    place: str, file: BinaryIO, encoding: str, deadline: Deadline
) -> list[HtmlTable]:
    """The tables of a page. Raises SourceError, DamagedError when there is none."""
    codec = _encoding(file, encoding)
    page = _Page()
    try:
        decoder = codecs.getincrementaldecoder(codec)()
        while block := file.read(BLOCK):
            deadline.check(place)
            page.feed(decoder.decode(block))
        page.feed(decoder.decode(b"", True))
    except UnicodeDecodeError:
        raise SourceError(
            f"{place} is an HTML page but not {codec}; mend encoding in the preset's "
            "stream"
        ) from None
    page.close()
    if not page.tables:
        raise DamagedError
    return page.tables


def _encoding(file: BinaryIO, encoding: str) -> str:
    """By the page's mark, else what the page says, else the preset's."""
    head = file.read(4096)
    file.seek(0)
    for mark, name in BOMS:
        if head.startswith(mark):
            return name
    said = _CHARSET.search(head)
    if said is None:
        return encoding
    try:
        return codecs.lookup(said[1].decode("ascii", "replace")).name
    except LookupError:
        return encoding


def _span(text: str | None) -> int:
    return min(max(int(text), 1), MAX_SPAN) if text and text.isdigit() else 1
