"""What a source is told (SourceSpec) and what it gives (RawBatch)."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from time import monotonic
from typing import Literal, Protocol, TypeAlias

import polars as pl

from connectors.errors import DeadlineError

Secret: TypeAlias = Callable[[], str]  # called at the moment of use, never kept


@dataclass(frozen=True, slots=True)
class Deadline:
    """The monotonic second at which an office's time is used up."""

    at: float
    clock: Callable[[], float] = monotonic

    @classmethod
    def after(cls, seconds: float) -> "Deadline":
        """A deadline that many seconds from now."""
        return cls(monotonic() + seconds)

    def left_s(self) -> float:
        """Seconds left, never negative."""
        return max(0.0, self.at - self.clock())

    def check(self, where: str) -> None:
        """Raise DeadlineError, naming the place, when no time is left."""
        if self.left_s() == 0.0:
            raise DeadlineError(
                f"{where}: the office's deadline has passed; nothing more was read. "
                "Raise deadline_s in the office file or mend the source, then "
                "kntc sync --failed"
            )


@dataclass(frozen=True, slots=True)
class FilesStream:
    """How to read one register out of a folder of files."""

    glob: str
    format: Literal["csv", "xlsx"]
    delimiter: str = ","
    encoding: str = "utf-8-sig"
    sheet: str | None = None  # None: the only sheet; several without a name is an error
    skip_rows: int = 0  # title rows above the header
    header_rows: int = 1  # merged header cells are joined with " / "
    footer: str | None = None  # rows from the first whose first cell matches are cut


@dataclass(frozen=True, slots=True)
class OdbcStream:
    """A query; the reader wraps it to ask for what changed since."""

    query: str
    cursor: str | None = None  # column of the query's result
    cursor_zone: str | None = None  # zone of naive times; None: the column is aware


@dataclass(frozen=True, slots=True)
class RestStream:
    """A paged JSON list."""

    path: str
    items: str  # dotted path of the list in the answer, "" when it is the answer
    page_param: str = "page"
    first_page: int = 1
    size_param: str | None = "size"
    page_size: int = 500
    total: str | None = None  # dotted path of the record total, checked at the end
    since_param: str | None = None
    until_param: str | None = None
    error: str | None = None  # dotted path that must equal `error_ok` if present
    error_ok: str = ""


@dataclass(frozen=True, slots=True)
class Stream:
    """One list of rows inside a source, read by one of the kinds."""

    name: str
    read: FilesStream | OdbcStream | RestStream


@dataclass(frozen=True, slots=True)
class FilesAt:
    """A drop folder."""

    folder: Path
    max_mib: int = 64  # a workbook cannot be streamed; CSV has no such limit


@dataclass(frozen=True, slots=True)
class OdbcAt:
    """An ODBC connection string, secret."""

    connection: Secret = field(repr=False)


@dataclass(frozen=True, slots=True)
class RestAt:
    """Base address and, when the API asks for one, a bearer token."""

    base_url: str
    token: Secret | None = field(default=None, repr=False)
    ca_file: Path | None = None


@dataclass(frozen=True, slots=True)
class SourceSpec:
    """One installation of one office, ready to be read.

    `system` is its permanent name. `timeout_s` bounds a call, `attempts` a call's
    tries; the office's deadline bounds the whole.
    """

    province: str
    system: str
    kind: Literal["files", "odbc", "rest"]
    at: FilesAt | OdbcAt | RestAt = field(repr=False)
    streams: tuple[Stream, ...]
    timeout_s: float = 30.0
    attempts: int = 5
    batch_rows: int = 20_000


@dataclass(frozen=True, slots=True)
class RawBatch:
    """Rows as the source said them.

    `frame`: the source's columns as String in their order (nested JSON as canonical
    JSON text, absent as null, nothing trimmed), then frames.ROW (0..n-1), LOCATOR,
    REJECT and RAW. A rejected row has null in every source column, and its text in RAW.
    """

    stream: str
    frame: pl.DataFrame


class Source(Protocol):
    """A reader of one kind."""

    def extract(
        self,
        stream: Stream,
        since: datetime | None,
        until: datetime | None,
        deadline: Deadline,
    ) -> Iterator[RawBatch]:
        """Batches of at most `batch_rows` rows, in the source's order.

        `since` is inclusive and `until` exclusive, aware UTC; a stream without a
        cursor gives all it has. A stream without rows gives one batch with the
        columns and no rows where the source can say its columns, else none.
        Raises TransientError after the last attempt, SourceError, DeadlineError.
        """
        ...
