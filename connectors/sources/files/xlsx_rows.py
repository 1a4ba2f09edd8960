"""The rows of one XLSX sheet, as the parser meets them."""

from dataclasses import dataclass

from connectors.sources.files.cells import NUMBER, UNCACHED, iso, number
from connectors.sources.files.packed import DamagedError, End, Start
from connectors.sources.files.richtext import StringItem, encoding_of_runs, unescaped
from connectors.sources.files.sheets import MAX_COLUMNS, Row
from connectors.sources.files.xlsx_styles import Styles
from connectors.sources.files.xlsx_texts import Texts


@dataclass(frozen=True, slots=True)
class Book:
    """What the sheets of a workbook share."""

    texts: Texts
    styles: Styles
    is_1904: bool


@dataclass(slots=True)
class _Cell:
    """The cell that is open."""

    column: int = -1
    style: str = "0"
    kind: str = "n"
    value: str | None = None
    is_formula: bool = False
    item: StringItem | None = None


def row_handlers(book: Book, buffer: list[str], found: list[Row]) -> tuple[Start, End]:
    """What to call for elements; whole rows are appended to `found`.

    Local variables and one flat function each: a register has millions of cells.
    """
    cell, row = _Cell(), Row(0, {})
    columns: dict[str, int] = {}
    is_inline = False

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal row, is_inline
        if tag == "c":
            place = attributes.get("r")
            cell.column = cell.column + 1 if place is None else _column(place, columns)
            cell.style = attributes.get("s", "0")
            cell.kind = attributes.get("t", "n")
            cell.value, cell.is_formula, cell.item = None, False, None
        elif tag == "v":
            buffer.clear()
        elif is_inline and cell.item is not None:
            cell.item.start(tag, attributes)
        elif tag == "f":
            cell.is_formula = True
        elif tag == "row":
            place = attributes.get("r")
            row = Row(int(place) if place else row.number + 1, {})
            cell.column = -1
            buffer.clear()
        elif tag == "is":
            cell.item, is_inline = StringItem(buffer), True

    def end(tag: str) -> None:
        nonlocal is_inline
        if tag == "v":
            cell.value = "".join(buffer)
        elif tag == "c":
            _take(book, cell, row)
        elif tag == "row":
            if row.cells:
                found.append(row)
        elif tag == "is":
            is_inline = False
        elif is_inline and cell.item is not None:
            cell.item.end(tag)

    return start, end


def _column(place: str, columns: dict[str, int]) -> int:
    letters = place.rstrip("0123456789")
    column = columns.get(letters)
    if column is None:
        column = 0
        for letter in letters:
            column = column * 26 + ord(letter) - 64
        column = columns[letters] = column - 1
    return column


def _take(book: Book, cell: _Cell, row: Row) -> None:
    """Put the closed cell into the row, unless it holds nothing."""
    kind, value = cell.kind, cell.value
    font = book.styles.fonts.get(cell.style)
    if kind == "s":
        if not value:
            return
        try:
            at = int(value)
            text = book.texts[at]
        except (ValueError, IndexError):
            raise DamagedError from None
        if at in book.texts.runs:
            font = encoding_of_runs(book.texts.runs[at], font)
    elif cell.item is not None:
        text = cell.item.text()
        if cell.item.has_fonts:
            font = encoding_of_runs(cell.item.runs, font)
    else:
        text = _plain(book, cell, value)
    if not text:
        return
    if not 0 <= cell.column < MAX_COLUMNS:
        raise DamagedError
    row.cells[cell.column] = text
    if font is not None:
        row.fonts[cell.column] = font


def _plain(book: Book, cell: _Cell, value: str | None) -> str:
    """The text of a cell that is no string of the workbook's table."""
    kind = cell.kind
    if not value:
        # A formula whose result is the empty text says so (t="str"); one that was
        # written by a program and never calculated has no result at all.
        is_empty = kind == "str" and value is not None
        return UNCACHED if cell.is_formula and not is_empty else ""
    if kind == "n":
        shown = book.styles.shown.get(cell.style, NUMBER)
        if shown is NUMBER and len(value) < 16 and value.isdigit():
            return value
        return number(value, shown, book.is_1904)
    if kind == "b":
        return "true" if value in ("1", "true") else "false"
    if kind == "d":
        return iso(value)
    return unescaped(value) if kind == "str" else value
