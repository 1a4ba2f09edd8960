"""What a source is told (SourceSpec) and what it gives (RawBatch)."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic
from typing import Literal, Protocol, TypeAlias

import polars as pl

from connectors.errors import DeadlineError
from connectors.sources.files.spec import FilesAt, FilesStream
from connectors.sources.odbc.spec import OdbcAt, OdbcStream
from connectors.sources.rest.spec import RestAt, RestStream
from connectors.sources.secret import Secret

__all__ = [
    "Bound",
    "Deadline",
    "FileRead",
    "FilesAt",
    "FilesStream",
    "OdbcAt",
    "OdbcStream",
    "RawBatch",
    "RestAt",
    "RestStream",
    "Secret",
    "Source",
    "SourceSpec",
    "Stream",
    "Version",
]

Version: TypeAlias = tuple[int, ...]  # values of a stream's version columns
Bound: TypeAlias = datetime | Version


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
class Stream:
    """One list of rows inside a source, read by one of the kinds."""

    name: str
    read: FilesStream | OdbcStream | RestStream


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
class FileRead:
    """A file that was read whole, or one already taken that came under another name."""

    name: str  # as locators name it; of an archive's file `archive.zip/file.csv`
    sha256: str
    size_bytes: int
    rows: int
    is_taken: bool = False  # read before under another name, so not read again


@dataclass(frozen=True, slots=True)
class RawBatch:
    """Rows as the source said them.

    `frame`: the source's columns as String in their order (nested JSON as canonical
    JSON text, absent as null, nothing trimmed), then frames.ROW (0..n-1), LOCATOR,
    REJECT and RAW. A rejected row has null in every source column, and its text in RAW.
    Where a workbook draws cells in a legacy font, also frames.FONTS. `files`: those
    that end with this batch.
    """

    stream: str
    frame: pl.DataFrame
    files: tuple[FileRead, ...] = ()


class Source(Protocol):
    """A reader of one kind."""

    def extract(
        self,
        stream: Stream,
        since: Bound | None,
        until: datetime | None,
        deadline: Deadline,
    ) -> Iterator[RawBatch]:
        """Batches of at most `batch_rows` rows, in the source's order.

        `since` is inclusive and `until` exclusive, aware UTC; of a stream with a
        version, `since` is a Version. A stream without either gives all it has; a row
        whose cursor or version is null comes every time. A stream without rows gives
        one batch with the columns and no rows where the source can say its columns,
        else none.
        Raises TransientError after the last attempt, SourceError, DeadlineError.
        """
        ...
