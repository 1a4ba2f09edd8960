"""Well-formed delimited text as a whole: the fast way, or a clear no.

Polars fills missing cells and guesses at stray quotes; so the block's shape is proved
first, with array operations over its bytes, and anything odd is left to careful.py.
"""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import polars as pl

Places: TypeAlias = np.ndarray[tuple[int], np.dtype[np.int64]]
Bytes: TypeAlias = np.ndarray[tuple[int], np.dtype[np.uint8]]

LF, CR = 10, 13


@dataclass(frozen=True, slots=True)
class Plain:
    """The whole records at the head of a block."""

    frame: pl.DataFrame
    lines: Places  # the physical line each record begins at, from 0
    size: int  # bytes taken
    line_count: int


def read(
    text: bytes, columns: list[str], delimiter: str, quote: str = '"'
) -> Plain | None:
    """The records of a block that ends anywhere, or None when its shape is not plain.

    Plain is: each record has as many cells as there are columns (two at least), quotes
    stand round whole cells only, lines end in LF or CRLF, all of it is UTF-8.
    """
    if len(columns) < 2:
        return None
    block = np.frombuffer(text, np.uint8)
    breaks = _where(block, LF)
    quotes = _where(block, ord(quote)) if quote else np.empty(0, np.int64)
    is_end = _outside(quotes, breaks)
    ends = breaks[is_end]
    if not ends.size:
        return None
    size = int(ends[-1]) + 1
    block, quotes = block[:size], quotes[: np.searchsorted(quotes, size)]
    mark = ord(delimiter)
    if not (
        _quotes_are_plain(block, quotes, mark)
        and _returns_are_plain(block, quotes)
        and _cells_are_even(block, quotes, ends, mark, len(columns))
    ):
        return None
    frame = _parsed(text[:size], columns, delimiter, quote)
    if frame is None or frame.height != ends.size:
        return None
    after = np.flatnonzero(is_end) + 1
    lines = np.concatenate(([0], after[:-1])).astype(np.int64)
    return Plain(frame, lines, size, int(after[-1]))


def _where(block: Bytes, byte: int) -> Places:
    return np.flatnonzero(block == byte)


def _outside(
    quotes: Places, places: Places
) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Whether each place stands outside quotes: an even number of them before it."""
    if not quotes.size:
        return np.ones(places.size, dtype=np.bool_)
    before: Places = np.searchsorted(quotes, places)
    return np.equal(before % 2, np.zeros(1, np.int64))


def _quotes_are_plain(block: Bytes, quotes: Places, mark: int) -> bool:
    if not quotes.size:
        return True
    opening, closing = quotes[0::2], quotes[1::2]
    doubled = opening[1:] == closing[:-1] + 1
    before = block[np.maximum(opening - 1, 0)]
    opens = (opening == 0) | (before == mark) | (before == LF)
    opens[1:] |= doubled
    after = block[closing + 1]
    follows = block[np.minimum(closing + 2, block.size - 1)]
    closes = (after == mark) | (after == LF) | ((after == CR) & (follows == LF))
    closes[:-1] |= doubled
    return bool(opens.all() and closes.all())


def _returns_are_plain(block: Bytes, quotes: Places) -> bool:
    returns = _where(block, CR)
    lone = returns[block[returns + 1] != LF]
    return not _outside(quotes, lone).any()


def _cells_are_even(
    block: Bytes, quotes: Places, ends: Places, mark: int, width: int
) -> bool:
    marks = _where(block, mark)
    marks = marks[_outside(quotes, marks)]
    if marks.size != ends.size * (width - 1):
        return False
    grid = marks.reshape(ends.size, width - 1)
    return bool((grid[:, -1] < ends).all() and (grid[1:, 0] > ends[:-1]).all())


def _parsed(
    text: bytes, columns: list[str], delimiter: str, quote: str
) -> pl.DataFrame | None:
    try:
        text.decode()
        return pl.read_csv(
            text,
            has_header=False,
            schema=dict.fromkeys(columns, pl.String()),
            separator=delimiter,
            quote_char=quote or None,
            null_values="",
        )
    except (UnicodeDecodeError, pl.exceptions.PolarsError):
        return None
