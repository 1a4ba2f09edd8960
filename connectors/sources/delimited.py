"""Delimited text, streamed: blocks of bytes into frames, in bounded memory.

A block that is plainly well formed is read as a whole (Polars, guarded by plain.py); a
block with anything odd in it is read record by record (careful.py), so that a broken
row is rejected alone and never shifts another.
"""

import codecs
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import polars as pl

from connectors.errors import SourceError
from connectors.sources import careful, plain
from connectors.sources.base import Deadline, FilesStream
from connectors.sources.header import column_names
from expectations.frames import LOCATOR, RAW, REJECT

BLOCK_BYTES = 2 << 20
BOM = codecs.BOM_UTF8
FIRST = "kntc:first"  # the first cell of a rejected row, for the footer


@dataclass(slots=True)
class _Tape:
    """UTF-8 bytes read and not yet taken; `line` is the physical line they begin at."""

    blocks: Iterator[bytes]
    held: bytes = b""
    line: int = 1
    ended: bool = False

    def more(self) -> None:
        block = next(self.blocks, None)
        if block is not None:
            self.held += block
            return
        self.ended = True
        if self.held and not self.held.endswith(b"\n"):
            self.held += b"\n"

    def take(self, size: int, lines: int) -> None:
        self.held = self.held[size:]
        self.line += lines


@dataclass(slots=True)
class _Rows:
    """Columns of a block that is read record by record."""

    cells: list[list[str | None]] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    rejects: list[str | None] = field(default_factory=list)
    raws: list[str | None] = field(default_factory=list)
    firsts: list[str | None] = field(default_factory=list)


def frames(
    place: str, path: Path, read: FilesStream, deadline: Deadline
) -> Iterator[pl.DataFrame]:
    """Frames of one file: its columns as String, then LOCATOR, REJECT and RAW.

    The first frame has no rows, so that an empty register still says its columns.
    Raises SourceError when there is no header or the whole file is in another encoding.
    """
    _check_stream(place, read)
    with path.open("rb") as file:
        tape = _Tape(_utf8(place, file, read.encoding, deadline))
        header = _header(place, tape, read)
        columns = column_names(place, header)
        yield pl.DataFrame(
            schema=dict.fromkeys([*columns, LOCATOR, REJECT, RAW], pl.String)
        )
        while tape.held or not tape.ended:
            if not tape.ended:
                tape.more()
            frame = _block(tape, columns, path.name, read)
            frame, is_over = _cut_footer(frame, columns[0], read.footer)
            yield frame
            if is_over:
                return


def _check_stream(place: str, read: FilesStream) -> None:
    if len(read.delimiter.encode()) != 1:
        raise SourceError(
            f"{place}: delimiter is {len(read.delimiter)} characters; expected one "
            "ASCII character. Mend the preset's stream"
        )
    try:
        codecs.lookup(read.encoding)
        pl.Series([""]).str.contains(read.footer or "")
    except LookupError:
        raise SourceError(
            f"{place}: encoding {read.encoding} is not known; expected a name such as "
            "utf-8-sig, utf-16 or cp1258. Mend the preset's stream"
        ) from None
    except pl.exceptions.ComputeError:
        raise SourceError(
            f"{place}: the preset's footer is not a regular expression; mend it"
        ) from None


def _utf8(
    place: str, file: BinaryIO, encoding: str, deadline: Deadline
) -> Iterator[bytes]:
    """The file as UTF-8 without a mark; what cannot be decoded stays invalid UTF-8."""
    is_utf8 = codecs.lookup(encoding).name in ("utf-8", "utf-8-sig")
    decoder = codecs.getincrementaldecoder(encoding)("surrogateescape")
    is_start = True
    while block := file.read(BLOCK_BYTES):
        deadline.check(place)
        if is_start and is_utf8 and block[:2] in (codecs.BOM_UTF16_LE, b"\xfe\xff"):
            raise SourceError(
                f"{place} begins with the mark of UTF-16; the preset says {encoding}. "
                'Set encoding = "utf-16" in the preset\'s stream'
            )
        out = block if is_utf8 else _decoded(place, decoder, block, encoding)
        yield out.removeprefix(BOM) if is_start else out
        is_start = False
    if not is_utf8:
        yield _decoded(place, decoder, b"", encoding, final=True)


def _decoded(
    place: str,
    decoder: codecs.IncrementalDecoder,
    block: bytes,
    encoding: str,
    final: bool = False,
) -> bytes:
    try:
        return decoder.decode(block, final).encode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        raise SourceError(
            f"{place} is not {encoding}: bytes that no character has; ask for the "
            "export again or mend encoding in the preset's stream"
        ) from None


def _header(place: str, tape: _Tape, read: FilesStream) -> list[list[str | None]]:
    rows: list[list[str | None]] = []
    skipped = 0
    while len(rows) < read.header_rows:
        record = careful.next_record(tape.held, 0, tape.ended, read.delimiter)
        if record is None:
            if tape.ended:
                raise SourceError(
                    f"{place}: no header; expected {read.skip_rows} title rows and "
                    f"{read.header_rows} header rows, found {skipped + len(rows)} "
                    "rows. An empty file is not an empty register: ask for the export"
                )
            tape.more()
            continue
        tape.take(record.end, record.lines)
        if skipped < read.skip_rows:
            skipped += 1
        elif record.cells is None and record.reject:
            raise SourceError(
                f"{place}: line {tape.line - record.lines} of the header: "
                f"{record.reject} (expected {read.encoding}); ask for the export again "
                "or mend encoding in the preset's stream"
            )
        elif record.cells:
            rows.append(list(record.cells))
    return rows


def _block(
    tape: _Tape, columns: list[str], name: str, read: FilesStream
) -> pl.DataFrame:
    """What the tape holds, up to the last whole record."""
    found = plain.read(tape.held, columns, read.delimiter)
    if found is None:
        return _slow_block(tape, columns, name, read)
    frame, starts = found.frame, found.lines + tape.line
    tape.take(found.size, found.line_count)
    return frame.with_columns(
        _locators(name, pl.Series(starts)),
        pl.lit(None, pl.String).alias(REJECT),
        pl.lit(None, pl.String).alias(RAW),
    )


def _slow_block(
    tape: _Tape, columns: list[str], name: str, read: FilesStream
) -> pl.DataFrame:
    rows, at, lines = _Rows(), 0, 0
    blank: list[str | None] = [None] * len(columns)
    while True:
        record = careful.next_record(tape.held, at, tape.ended, read.delimiter)
        if record is None:
            break
        whole = slice(at, record.end)
        at, start = record.end, tape.line + lines
        lines += record.lines
        if record.cells == []:
            continue
        reject = record.reject
        if record.cells is not None and len(record.cells) != len(columns):
            reject = f"{len(record.cells)} cells, header has {len(columns)}"
        is_whole = reject is None and record.cells is not None
        rows.cells.append(
            [c or None for c in record.cells or ()] if is_whole else blank
        )
        rows.lines.append(start)
        rows.rejects.append(_reason(reject, read.encoding))
        rows.raws.append(
            None if is_whole else tape.held[whole].decode("utf-8", "replace")
        )
        rows.firsts.append(record.first)
    tape.take(at, lines)
    return _slow_frame(rows, columns, name)


def _reason(reject: str | None, encoding: str) -> str | None:
    if reject != careful.UNDECODABLE:
        return reject
    return f"not {encoding.removesuffix('-sig')}"


def _slow_frame(rows: _Rows, columns: list[str], name: str) -> pl.DataFrame:
    values = pl.DataFrame(
        rows.cells, schema=dict.fromkeys(columns, pl.String), orient="row"
    )
    return values.with_columns(
        _locators(name, pl.Series(rows.lines, dtype=pl.Int64)),
        pl.Series(REJECT, rows.rejects, dtype=pl.String),
        pl.Series(RAW, rows.raws, dtype=pl.String),
        pl.Series(FIRST, rows.firsts, dtype=pl.String),
    )


def _locators(name: str, lines: pl.Series) -> pl.Series:
    return (f"{name}!L" + lines.cast(pl.String)).alias(LOCATOR)


def _cut_footer(
    frame: pl.DataFrame, first: str, footer: str | None
) -> tuple[pl.DataFrame, bool]:
    """The rows above the footer, and whether it was there.

    A footer seldom has as many cells as the header, so a rejected row may be one.
    """
    cells = frame[FIRST if FIRST in frame.columns else first]
    frame = frame.drop(FIRST, strict=False)
    if footer is None:
        return frame, False
    hits = cells.str.contains(footer).fill_null(False).arg_true()
    return (frame, False) if hits.is_empty() else (frame.head(int(hits[0])), True)
