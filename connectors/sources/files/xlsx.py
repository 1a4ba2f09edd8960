"""XLSX (and XLSM): its parts found, its sheets streamed.

Read by ourselves, not by calamine: that one knows no fonts, takes a formula without its
result for an empty cell, holds a whole sheet, and asks the machine for all the memory
there is when a stray cell stands at XFD1048576.
"""

import posixpath
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from connectors.errors import SourceError
from connectors.sources.files.packed import (
    MAX_UNPACKED,
    MIB,
    DamagedError,
    Handlers,
    Parts,
)
from connectors.sources.files.sheets import Merge, Row
from connectors.sources.files.xlsx_rows import Book, row_handlers
from connectors.sources.files.xlsx_styles import styles
from connectors.sources.files.xlsx_texts import MAX_SHARE, check_cell, shared_texts

_MERGE = re.compile(
    rb"<(?:\w+:)?mergeCell\s[^<>]*?ref=[\"']([A-Z]+)(\d+):([A-Z]+)(\d+)"
)
# A cell that is not `<c .../>`: it may hold something.
_FILLED = re.compile(rb'<(?:\w+:)?c\s(?:[^<>]*?\s)?r="([A-Z]+)\d+"[^<>]*(?<!/)>')
_NAMELESS = re.compile(rb'<(?:\w+:)?c(?:>|\s(?![^<>]*?\br=")[^<>]*>)')
_OVERLAP = 400  # longer than any mark that is looked for


@dataclass(frozen=True, slots=True)
class XlsxSheet:
    """One sheet, streamed anew by each call of rows."""

    parts: Parts
    book: Book
    name: str
    part: str

    @property
    def has_fonts(self) -> bool:
        """True when a cell may be drawn in a legacy font."""
        return bool(self.book.styles.fonts or self.book.texts.runs)

    def rows(self) -> Iterator[Row]:
        """See `Sheet`."""
        found: list[Row] = []
        buffer: list[str] = []
        start, end = row_handlers(self.book, buffer, found)
        for _ in self.parts.parse(self.part, Handlers(start, end, buffer.append)):
            check_cell(self.parts, buffer)
            yield from found
            found.clear()

    def merges(self) -> Sequence[Merge]:
        """See `Sheet`. They stand behind the rows, so the part is looked through."""
        found: set[tuple[bytes, ...]] = set()
        for held in self._overlapping():
            if b"mergeCell" in held:  # a plain search is ten times faster
                found.update(_MERGE.findall(held))
        return [
            (int(r1) - 1, column_of(c1.decode()), int(r2) - 1, column_of(c2.decode()))
            for c1, r1, c2, r2 in found
        ]

    def columns(self) -> set[int] | None:
        """See `Sheet`; None when cells do not say where they stand."""
        found: set[bytes] = set()
        for held in self._overlapping():
            if _NAMELESS.search(held):
                return None
            found.update(_FILLED.findall(held))
        return {column_of(letters.decode()) for letters in found}

    def _overlapping(self) -> Iterator[bytes]:
        """The part's bytes; a cell's text cannot look like a mark: `<` is escaped."""
        held = b""
        for block in self.parts.blocks(self.part):
            held = held[-_OVERLAP:] + block
            yield held


def column_of(letters: str) -> int:
    """A column's place, from 0, by its letters."""
    place = 0
    for letter in letters:
        place = place * 26 + ord(letter) - 64
    return place - 1


def sheets(parts: Parts, max_mib: int) -> list[XlsxSheet]:
    """The sheets of a workbook in its order. Raises SourceError, DamagedError."""
    main = _main_part(parts)
    folder = posixpath.dirname(main)
    links = _links(parts, f"{folder}/_rels/{posixpath.basename(main)}.rels", folder)
    named, is_1904 = _workbook(parts, main)
    by_kind = dict(links.values())
    book = Book(
        shared_texts(
            parts,
            by_kind.get("sharedStrings"),
            max_mib * MAX_UNPACKED * MAX_SHARE * MIB,
        ),
        styles(parts, by_kind.get("styles")),
        is_1904,
    )
    found = []
    for name, link in named:
        kind, target = links.get(link, ("", ""))
        if kind == "worksheet":
            found.append(XlsxSheet(parts, book, name, target))
        elif kind == "":
            raise DamagedError
    return found


def _main_part(parts: Parts) -> str:
    links = _links(parts, "_rels/.rels", "")
    main = next((t for k, t in links.values() if k == "officeDocument"), "")
    if main.endswith(".bin"):
        raise SourceError(
            f"{parts.place} is a binary workbook (.xlsb); expected .xlsx. Open it in "
            "Excel, save it as .xlsx and put it back"
        )
    return main or "xl/workbook.xml"


def _links(parts: Parts, name: str, folder: str) -> dict[str, tuple[str, str]]:
    """The relationships of a part: id -> (the last word of the type, target)."""
    found: dict[str, tuple[str, str]] = {}

    def start(tag: str, attributes: dict[str, str]) -> None:
        if tag == "Relationship":
            kind = attributes.get("Type", "").rpartition("/")[2]
            target = posixpath.normpath(
                posixpath.join("/", folder, attributes.get("Target", ""))
            )
            found[attributes.get("Id", "")] = (kind, target.lstrip("/"))

    for _ in parts.parse(name, Handlers(start, lambda _tag: None)):
        pass
    return found


def _workbook(parts: Parts, name: str) -> tuple[list[tuple[str, str]], bool]:
    """Each sheet's name and link, and whether days are counted from 1904."""
    named: list[tuple[str, str]] = []
    is_1904 = False

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal is_1904
        if tag == "sheet":
            by_name = {k.rpartition(":")[2]: v for k, v in attributes.items()}
            named.append((by_name.get("name", ""), by_name.get("id", "")))
        elif tag == "workbookPr":
            is_1904 = attributes.get("date1904") in ("1", "true", "on")

    for _ in parts.parse(name, Handlers(start, lambda _tag: None)):
        pass
    return named, is_1904
