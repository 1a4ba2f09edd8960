"""ODS (LibreOffice), streamed like XLSX."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from connectors.errors import SourceError
from connectors.sources.files.cells import NUMBER, UNCACHED, iso, number
from connectors.sources.files.packed import DamagedError, Handlers, Parts
from connectors.sources.files.richtext import encoding_of
from connectors.sources.files.sheets import MAX_COLUMNS, Merge, Row
from connectors.sources.files.xls import has_password
from connectors.sources.files.xlsx_texts import check_cell

CONTENT, STYLES, MANIFEST = "content.xml", "styles.xml", "META-INF/manifest.xml"
# Blank rows and columns to the sheet's end are said as one, repeated; a value that is
# repeated more often than this is a bomb.
MAX_REPEATED_ROWS = 100_000
_CELLS = ("table-cell", "covered-table-cell")
_TIME = re.compile(r"^(-?)PT(\d+)H(\d+)M(\d+)(?:[.,](\d+))?S$")


@dataclass(frozen=True, slots=True)
class OdsSheet:
    """One sheet, streamed anew by each call of rows."""

    parts: Parts
    name: str
    at: int  # which of the workbook's tables
    fonts: dict[str, str]  # cell style -> legacy encoding
    spans: list[Merge] = field(default_factory=list)

    @property
    def has_fonts(self) -> bool:
        """See `Sheet`."""
        return bool(self.fonts)

    def rows(self) -> Iterator[Row]:
        """See `Sheet`."""
        reader = _Reader(self.at, self.fonts, self.parts.place)
        handlers = Handlers(reader.start, reader.end, reader.buffer.append)
        for _ in self.parts.parse(CONTENT, handlers):
            check_cell(self.parts, reader.buffer)
            yield from reader.found
            reader.found.clear()
            if reader.table > self.at:
                return

    def merges(self) -> Sequence[Merge]:
        """See `Sheet`."""
        reader = _Reader(self.at, {}, self.parts.place)
        handlers = Handlers(reader.start, reader.end, reader.buffer.append)
        for _ in self.parts.parse(CONTENT, handlers):
            reader.found.clear()
        return reader.spans

    def columns(self) -> None:
        """Not told."""
        return


@dataclass(slots=True)
class _Reader:
    """What stands in one table, as the parser meets it."""

    wanted: int
    fonts: dict[str, str]
    place: str
    found: list[Row] = field(default_factory=list)
    spans: list[Merge] = field(default_factory=list)
    buffer: list[str] = field(default_factory=list)
    table: int = -1
    depth: int = 0  # of tables: a cell may hold another table
    number: int = 0  # of the row that is open
    repeat_row: int = 1
    column: int = 0
    cells: dict[int, str] = field(default_factory=dict)
    drawn: dict[int, str] = field(default_factory=dict)
    defaults: list[tuple[int, str]] = field(default_factory=list)  # column styles
    cell: dict[str, str] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)
    notes: int = 0  # open comments: what stands in them is not the cell's

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "table":
            self.depth += 1
            if self.depth == 1:
                self.table += 1
                self.number, self.defaults = 0, []
        elif self.table != self.wanted or self.depth != 1:
            return
        elif tag == "table-row":
            self.repeat_row = _int(attributes.get("table:number-rows-repeated"))
            self.number += 1
            self.column, self.cells, self.drawn = 0, {}, {}
        elif tag in _CELLS:
            self.cell, self.lines = attributes, []
            self.buffer.clear()
        elif tag == "table-column":
            count = _int(attributes.get("table:number-columns-repeated"))
            style = attributes.get("table:default-cell-style-name", "")
            self.defaults.append((count, style))
        elif tag == "annotation":
            self.notes += 1
        elif tag == "p" and not self.notes:
            self.buffer.clear()
        elif tag == "s":
            self.buffer.append(" " * min(_int(attributes.get("text:c")), 1000))
        elif tag in ("tab", "line-break"):
            self.buffer.append("\t" if tag == "tab" else "\n")

    def end(self, tag: str) -> None:
        if tag == "table":
            self.depth -= 1
        elif self.table != self.wanted or self.depth != 1:
            return
        elif tag == "annotation":
            self.notes -= 1
            self.buffer.clear()
        elif tag == "p" and not self.notes:
            self.lines.append("".join(self.buffer))
        elif tag in _CELLS:
            self._take()
        elif tag == "table-row":
            self._row()

    def _take(self) -> None:
        count = _int(self.cell.get("table:number-columns-repeated"))
        text = _text(self.cell, self.lines)
        if text:
            font = self.fonts.get(self.cell.get("table:style-name") or self._default())
            for column in range(self.column, min(self.column + count, MAX_COLUMNS)):
                self.cells[column] = text
                if font is not None:
                    self.drawn[column] = font
        rows = _int(self.cell.get("table:number-rows-spanned"))
        wide = _int(self.cell.get("table:number-columns-spanned"))
        if rows > 1 or wide > 1:
            top, left = self.number - 1, self.column
            self.spans.append((top, left, top + rows - 1, left + wide - 1))
        self.column += count

    def _default(self) -> str:
        """The style of the cell's column, for a cell that has none of its own."""
        end = 0
        for count, style in self.defaults:
            end += count
            if self.column < end:
                return style
        return ""

    def _row(self) -> None:
        if self.cells and self.repeat_row > MAX_REPEATED_ROWS:
            raise SourceError(
                f"{self.place}: row {self.number} is said to come {self.repeat_row} "
                "times; no register has such rows. Ask for a new export"
            )
        for more in range(self.repeat_row if self.cells else 0):
            self.found.append(Row(self.number + more, self.cells, self.drawn))
        self.number += self.repeat_row - 1


def sheets(parts: Parts) -> list[OdsSheet]:
    """The sheets of a workbook in its order. Raises SourceError, DamagedError."""
    if parts.has(MANIFEST) and _is_encrypted(parts):
        raise has_password(parts.place)
    fonts = _fonts(parts)
    names: list[str] = []
    depth = 0

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        if tag == "table":
            depth += 1
            if depth == 1:
                names.append(attributes.get("table:name", f"table {len(names) + 1}"))

    def end(tag: str) -> None:
        nonlocal depth
        depth -= tag == "table"

    for _ in parts.parse(CONTENT, Handlers(start, end)):
        pass
    if not names:
        raise DamagedError
    return [OdsSheet(parts, name, at, fonts) for at, name in enumerate(names)]


def _is_encrypted(parts: Parts) -> bool:
    found: list[str] = []

    def start(tag: str, _attributes: dict[str, str]) -> None:
        if tag == "encryption-data":
            found.append(tag)

    for _ in parts.parse(MANIFEST, Handlers(start, lambda _tag: None)):
        pass
    return bool(found)


def _fonts(parts: Parts) -> dict[str, str]:
    """The legacy encoding of each cell style that is drawn in a legacy font."""
    own: dict[str, str | None] = {}
    parents: dict[str, str] = {}
    faces: dict[str, str] = {}
    style = ""

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal style
        if tag == "font-face":
            family = attributes.get("svg:font-family", "").strip("'\"")
            faces[attributes.get("style:name", "")] = family
        elif tag in ("style", "default-style"):
            style = attributes.get("style:name", "")
            parents[style] = attributes.get("style:parent-style-name", "")
        elif tag == "text-properties":
            name = attributes.get("style:font-name") or ""
            family = attributes.get("fo:font-family", "").strip("'\"")
            if name or family:
                own[style] = encoding_of(faces.get(name, name) or family)

    for part in (STYLES, CONTENT):
        for _ in (
            parts.parse(part, Handlers(start, lambda _tag: None))
            if parts.has(part)
            else ()
        ):
            pass
    return {name: font for name in parents if (font := _inherited(name, own, parents))}


def _inherited(
    name: str, own: dict[str, str | None], parents: dict[str, str]
) -> str | None:
    for _ in range(20):  # a chain of styles is short, and must not be a ring
        if name in own:
            return own[name]
        name = parents.get(name, "")
    return None


def _text(cell: dict[str, str], lines: list[str]) -> str:
    """What a cell says."""
    kind = cell.get("office:value-type") or cell.get("calcext:value-type")
    shown = "\n".join(lines)
    if kind is None:
        is_uncached = "table:formula" in cell and not shown
        return UNCACHED if is_uncached else shown
    if kind == "date":
        return iso(cell.get("office:date-value", shown))
    if kind in ("float", "percentage", "currency"):
        digits = number(cell.get("office:value", shown), NUMBER, False)
        # A format of zeros shows the leading zeros of a citizen's number.
        is_padded = shown.isdigit() and shown.lstrip("0") == digits
        return shown if is_padded else digits
    if kind == "boolean":
        return cell.get("office:boolean-value", shown).lower()
    if kind == "time":
        return _clock(cell.get("office:time-value", shown))
    return shown or cell.get("office:string-value", "")


def _clock(text: str) -> str:
    parts = _TIME.match(text)
    if parts is None:
        return text
    sign, hours, minutes, seconds, _ = parts.groups()
    return f"{sign}{int(hours):02}:{minutes:0>2}:{seconds:0>2}"


def _int(text: str | None) -> int:
    return max(int(text), 1) if text and text.isdigit() else 1
