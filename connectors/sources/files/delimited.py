"""Delimited text, streamed: blocks of bytes into frames, in bounded memory.

A block that is plainly well formed is read as a whole (Polars, guarded by plain.py); a
block with anything odd in it is read record by record (careful.py), so that a broken
row is rejected alone and never shifts another.
"""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import polars as pl

import connectors.legacy.codecs  # noqa: F401 - registers tcvn3, vni, viscii, vps
from connectors.errors import SourceError
from connectors.sources.base import Deadline, FilesStream
from connectors.sources.files import careful, plain
from connectors.sources.files.forms import HEAD
from connectors.sources.files.hashed import Readable
from connectors.sources.files.header import (
    SEARCHED_ROWS,
    check_below,
    check_patterns,
    column_names,
    footers,
    is_header,
    no_header,
    titled,
    with_titles,
)
from connectors.sources.files.marks import encoding_fault
from expectations.frames import LOCATOR, RAW, REJECT

BLOCK_BYTES = 2 << 20
BOM = codecs.BOM_UTF8
# One odd record must not make the slow way of all that was read: a quote that is never
# closed leaves megabytes of good rows behind it.
SLOW_ROWS = 2000
HINT, HINT_BYTES = re.compile(rb'"?sep=[^\r\n]"?\r?\n'), 20
PLAIN_BYTES = 2 * BLOCK_BYTES
# A stray zero byte is its cell's trouble; a run of them stands where rows were lost.
ZEROS = b"\0" * 4
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
    place: str, name: str, file: Readable, read: FilesStream, deadline: Deadline
) -> Iterator[pl.DataFrame]:
    """Frames of one file: its columns as String, then LOCATOR, REJECT and RAW.

    The first frame has no rows, so that an empty register still says its columns. Rows
    of empty cells alone are no rows: Excel ends its CSV with such. Raises SourceError
    when there is no header or the whole file is in another encoding.
    """
    _check_stream(place, read)
    tape = _Tape(_utf8(place, file, read.encoding, deadline))
    _pass_hint(tape)
    above: list[str | None] = []
    columns = column_names(place, _header(place, tape, read, above))
    titles = titled(place, read, [*above, name], columns)
    none = dict.fromkeys([*columns, LOCATOR, REJECT, RAW], pl.String)
    yield with_titles(pl.DataFrame(schema=none), titles)
    below: int | None = None  # rows under the footer, once it was there
    while tape.held or not tape.ended:
        if not tape.ended and len(tape.held) < BLOCK_BYTES:
            tape.more()
        before = len(tape.held)
        frame = _block(tape, columns, name, read)
        frame, foot = _cut_footer(frame, columns, read.footer if below is None else "")
        if below is None:
            yield with_titles(frame.filter(_has_value(columns)), titles)
        if foot is not None:
            below = (below or 0) + foot.filter(_has_value(columns)).height
            check_below(place, below)
        while not tape.ended and before <= len(tape.held) < 2 * before:
            tape.more()  # a record that is not all there yet; doubled, so tried seldom


def _pass_hint(tape: _Tape) -> None:
    """Some systems tell Excel the delimiter in a first line of their own (`sep=;`)."""
    while not tape.ended and len(tape.held) < HINT_BYTES:
        tape.more()
    if hint := HINT.match(tape.held):
        tape.take(hint.end(), 1)


def _has_value(columns: list[str]) -> pl.Expr:
    cells = [pl.col(column).str.strip_chars() != "" for column in columns]
    return pl.any_horizontal(*cells, pl.col(REJECT).is_not_null()).fill_null(False)


def _check_stream(place: str, read: FilesStream) -> None:
    for key, sign in (("delimiter", read.delimiter), ("quote", read.quote)):
        if len(sign.encode()) != 1 and (key == "delimiter" or sign):
            raise SourceError(
                f"{place}: {key} is {len(sign)} characters; expected one ASCII "
                "character. Mend the preset's stream"
            )
    try:
        codecs.lookup(read.encoding)
    except LookupError:
        raise SourceError(
            f"{place}: encoding {read.encoding} is not known; expected a name such as "
            "utf-8-sig, utf-16, cp1258, tcvn3 or vni. Mend the preset's stream"
        ) from None
    check_patterns(place, read)


def _utf8(
    place: str, file: Readable, encoding: str, deadline: Deadline
) -> Iterator[bytes]:
    """The file as UTF-8 without a mark; what cannot be decoded stays invalid UTF-8."""
    is_utf8 = codecs.lookup(encoding).name in ("utf-8", "utf-8-sig")
    decoder = codecs.getincrementaldecoder(encoding)("surrogateescape")
    is_start, lines = True, 1
    while block := file.read(BLOCK_BYTES):
        deadline.check(place)
        if is_start and (fault := encoding_fault(encoding, block[:HEAD])):
            raise SourceError(f"{place} {fault}")
        out = block if is_utf8 else _decoded(place, decoder, block, encoding)
        if (at := out.find(ZEROS)) >= 0:
            raise _zeros(place, lines + out.count(b"\n", 0, at))
        lines += out.count(b"\n")
        yield out.removeprefix(BOM) if is_start else out
        is_start = False
    if not is_utf8:
        yield _decoded(place, decoder, b"", encoding, final=True)


def _zeros(place: str, line: int) -> SourceError:
    return SourceError(
        f"{place}: expected text, found zero bytes from line {line} on: a copy that "
        "broke off, or no text at all; none of it is read. Ask for the file again"
    )


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


def _header(
    place: str, tape: _Tape, read: FilesStream, above: list[str | None]
) -> list[list[str | None]]:
    """The header's rows, and into `above` the cells of the rows above it; the tape is
    left at the row below it."""
    if read.header_rows == 0:
        for _ in range(read.skip_rows):
            above += _next(place, tape, read, read.skip_rows).cells or ()
        return [list(read.columns)]
    rows: list[list[str | None]] = []
    passed = 0
    while len(rows) < read.header_rows:
        record = _next(place, tape, read, passed)
        cells = list[str | None](record.cells or ())
        if not rows and not _is_start(cells, read, passed):
            passed += 1
            above += cells
        elif record.cells is None:
            raise SourceError(
                f"{place}: line {tape.line - record.lines} of the header: "
                f"{_reason(record.reject, read.encoding)} (expected {read.encoding}); "
                "ask for the export again or mend encoding in the preset's stream"
            )
        elif cells:
            rows.append(cells)
    return _even(rows)


def _is_start(cells: list[str | None], read: FilesStream, passed: int) -> bool:
    if read.header is None:
        return passed >= read.skip_rows
    return bool(cells) and is_header(cells, read.header)


def _even(rows: list[list[str | None]]) -> list[list[str | None]]:
    """A CSV cannot merge: of a cell over several columns, export keeps the first."""
    width = max(map(len, rows))
    return [row + [None] * (width - len(row)) for row in rows]


def _next(place: str, tape: _Tape, read: FilesStream, passed: int) -> careful.Record:
    """The next record, taken off the tape; SourceError where the file has none."""
    while True:
        record = careful.next_record(
            tape.held, 0, tape.ended, read.delimiter, read.quote
        )
        is_lost = read.header is not None and passed >= SEARCHED_ROWS
        if is_lost or (record is None and tape.ended):
            raise no_header(place, read, f"{passed} rows")
        if record is not None:
            tape.take(record.end, record.lines)
            return record
        tape.more()


def _block(
    tape: _Tape, columns: list[str], name: str, read: FilesStream
) -> pl.DataFrame:
    """What the tape holds, up to the last whole record; if odd, only a part of it."""
    found = plain.read(tape.held[:PLAIN_BYTES], columns, read.delimiter, read.quote)
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
    while len(rows.cells) < SLOW_ROWS:
        record = careful.next_record(
            tape.held, at, tape.ended, read.delimiter, read.quote
        )
        if record is None:
            break
        whole = slice(at, record.end)
        at, start = record.end, tape.line + lines
        lines += record.lines
        if record.cells is not None and not any(map(str.strip, record.cells)):
            continue
        reject = record.reject
        cells = _without_blank_end(record.cells, len(columns))
        if cells is not None and len(cells) != len(columns):
            reject = f"{len(cells)} cells, header has {len(columns)}"
        is_whole = reject is None and cells is not None
        rows.cells.append([c or None for c in cells or ()] if is_whole else blank)
        rows.lines.append(start)
        rows.rejects.append(_reason(reject, read.encoding))
        rows.raws.append(
            None if is_whole else tape.held[whole].decode("utf-8", "replace")
        )
        rows.firsts.append(record.first)
    tape.take(at, lines)
    return _slow_frame(rows, columns, name)


def _without_blank_end(cells: list[str] | None, width: int) -> list[str] | None:
    """Some systems end each row, but not the header, with a delimiter: cells beyond the
    header that hold nothing are none. A row that is too short may be cut off: it is
    left as it is."""
    if cells is None or any(map(str.strip, cells[width:])):
        return cells
    return cells[:width]


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
    frame: pl.DataFrame, columns: list[str], footer: str | None
) -> tuple[pl.DataFrame, pl.DataFrame | None]:
    """The rows above the footer and those below it; None when it is not there. With ""
    all are below.

    It is known by its first cell that holds something. A footer seldom has as many
    cells as the header, so a rejected row may be one.
    """
    rejected = [FIRST] if FIRST in frame.columns else []
    cells = frame.select(pl.coalesce(*columns, *rejected)).to_series()
    frame = frame.drop(FIRST, strict=False)
    if footer is None:
        return frame, None
    if not footer:
        return frame.clear(), frame
    hits = footers(cells, footer)
    if hits.is_empty():
        return frame, None
    return frame.head(int(hits[0])), frame.slice(int(hits[0]) + 1)
