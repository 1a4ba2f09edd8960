"""One record of delimited text at a time: the slow, forgiving way.

What Python's csv module would guess at in strict mode is not guessed at here: the row
is rejected with the shape of its fault.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass

UNDECODABLE = "undecodable"
STRAY_QUOTE = "a quote that is not closed, or closed and then followed by text"
LONE_RETURN = "a line end (CR) inside an unquoted cell"
# A quote that is never closed would swallow the file; no cell of a register is longer.
MAX_RECORD_BYTES = 16 << 20
csv.field_size_limit(MAX_RECORD_BYTES)


@dataclass(frozen=True, slots=True)
class Record:
    """`cells` is empty for a blank line and None for a row that is no row."""

    cells: list[str] | None
    reject: str | None
    first: str | None  # the first cell as far as it can be told
    end: int  # where the next record begins
    lines: int  # physical lines it takes


def next_record(
    text: bytes, start: int, is_all: bool, delimiter: str, quote: str = '"'
) -> Record | None:
    """The record at `start`, or None when more bytes are needed (or none are left).

    A quote that is opened and not closed, or closed and then followed by text, rejects
    the first line alone: the lines after it are read as records of their own.
    """
    end = text.find(b"\n", start) + 1
    if end == 0:
        is_endless = len(text) - start > MAX_RECORD_BYTES
        if not is_endless:
            return None
        return _broken(text[start:], len(text), "no line end", delimiter)
    line = text[start:end]
    if not quote or quote.encode() not in line:
        return _unquoted(line, end, delimiter)
    return _quoted(text, start, end, is_all, delimiter, quote)


def _unquoted(line: bytes, end: int, delimiter: str) -> Record:
    bare = line.removesuffix(b"\n").removesuffix(b"\r")
    if not bare:
        return Record([], None, None, end, 1)
    if b"\r" in bare:
        return _broken(line, end, LONE_RETURN, delimiter)
    try:
        cells = bare.decode().split(delimiter)
    except UnicodeDecodeError:
        return _broken(line, end, UNDECODABLE, delimiter)
    return Record(cells, None, cells[0], end, 1)


def _quoted(
    text: bytes, start: int, first_end: int, is_all: bool, delimiter: str, quote: str
) -> Record | None:
    taken = [start, 0]
    lines = _lines(text, start, taken)
    reader = csv.reader(lines, delimiter=delimiter, quotechar=quote, strict=True)
    first_line = text[start:first_end]
    try:
        cells = next(reader)
    except csv.Error:
        # Out of bytes inside a quoted cell: the rest of it may not be read yet.
        is_cut = next(lines, None) is None
        if is_cut and not is_all and len(text) - start <= MAX_RECORD_BYTES:
            return None
        return _broken(first_line, first_end, STRAY_QUOTE, delimiter)
    except StopIteration:
        return None
    end, count = taken
    try:
        text[start:end].decode()
    except UnicodeDecodeError:
        return Record(None, UNDECODABLE, None, end, count)
    return Record(cells, None, cells[0] if cells else None, end, count)


def _lines(text: bytes, start: int, taken: list[int]) -> Iterator[str]:
    """The lines from `start` on; `taken`: where the last of them ended, their count."""
    while (end := text.find(b"\n", start) + 1) > 0:
        taken[0], taken[1] = end, taken[1] + 1
        yield text[start:end].decode("utf-8", "surrogateescape")
        start = end


def _broken(line: bytes, end: int, reject: str, delimiter: str) -> Record:
    text = line.decode("utf-8", "replace")
    return Record(None, reject, text.split(delimiter)[0].strip('"'), end, 1)
