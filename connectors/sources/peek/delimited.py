"""A delimited file of unknown encoding and delimiter, its first rows."""

import codecs
import csv
import io
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from connectors.errors import SourceError
from connectors.sources.peek.grid import Grid
from connectors.sources.peek.spelling import legacy_encoding, vietnamese_share

HEAD_BYTES = 8 << 20
TAIL_BYTES = 64 << 10
TAIL_ROWS = 40
PROBE_ROWS = 300
DELIMITERS = (",", ";", "\t", "|")


@dataclass(frozen=True, slots=True)
class Delimited:
    """A delimited file's first rows, and how they were read."""

    grid: Grid
    encoding: str
    share: float | None
    delimiter: str


def read(path: Path, max_rows: int) -> Delimited:
    """The first rows; raises SourceError when nothing makes a table of them."""
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
        tail = _tail(file, size)
    encoding, share = encoding_of(head)
    text = _decoded(head, encoding, is_whole=size <= len(head))
    delimiter = _delimiter(text)
    if delimiter is None:
        raise SourceError(
            f"{path.name} is text without columns (no comma, semicolon, tab or bar "
            "that stands alike in its lines); expected a table: ask for CSV or XLSX"
        )
    rows = _rows(text, delimiter, max_rows)
    if size > len(head) and len(rows) < max_rows:
        rows = rows[:-1]  # the last one may be cut
    is_whole = size <= len(head) and len(rows) < max_rows
    last = [] if is_whole else _rows(_decoded(tail, encoding), delimiter, 1 << 20)
    grid = Grid(rows, last[1:][-TAIL_ROWS:], row_count=len(rows) if is_whole else None)
    return Delimited(grid, encoding, share, delimiter)


def encoding_of(head: bytes) -> tuple[str, float | None]:
    """The encoding of a file's first bytes, and how well it makes Vietnamese."""
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8-sig", vietnamese_share(head.decode("utf-8", "replace"))
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16", vietnamese_share(head.decode("utf-16", "replace"))
    sample = head[: 1 << 20]
    if b"\0" in sample:
        # Latin letters have their zero byte second in little endian.
        is_little = sample[1::2].count(0) >= sample[0::2].count(0)
        name = "utf-16-le" if is_little else "utf-16-be"
        return name, vietnamese_share(sample.decode(name, "replace"))
    try:
        text = codecs.getincrementaldecoder("utf-8")().decode(sample)
    except UnicodeDecodeError:
        return legacy_encoding(sample)
    return "utf-8-sig", vietnamese_share(text)


def _tail(file: BinaryIO, size: int) -> bytes:
    # An even offset keeps the pairs of UTF-16 together.
    start = max(0, size - TAIL_BYTES)
    file.seek(start - start % 2)
    return file.read()


def _decoded(raw: bytes, encoding: str, is_whole: bool = True) -> str:
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    return unicodedata.normalize("NFC", decoder.decode(raw, is_whole))


def _delimiter(text: str) -> str | None:
    """The sign that cuts most lines into the same number of cells, more than one."""
    best, best_score = None, 0.0
    for sign in DELIMITERS:
        widths = [len(row) for row in _rows(text, sign, PROBE_ROWS) if any(row)]
        wide = [width for width in widths if width > 1]
        if not wide:
            continue
        usual = max(set(wide), key=lambda width: (wide.count(width), width))
        score = wide.count(usual) / len(widths) * (1 + min(usual, 40) / 100)
        if score > best_score:
            best, best_score = sign, score
    return best if best_score > 0.25 else None


def _rows(text: str, delimiter: str, most: int) -> list[list[str]]:
    rows: list[list[str]] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        for row in reader:
            rows.append(row)
            if len(rows) >= most:
                break
    except csv.Error:  # a cell beyond all bounds: what was read before it is enough
        pass
    return rows
