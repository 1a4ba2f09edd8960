"""What differs from one database engine to another, behind the odbc kind."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from types import MappingProxyType
from typing import Protocol
from zoneinfo import ZoneInfo

import pyodbc

from connectors.sources.odbc.asked import Asked, Execute, Piece, Value
from connectors.sources.odbc.spec import OdbcStream

NO_KEYS: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the result, as the driver describes it."""

    name: str
    type: type
    size: int = 0
    scale: int = 0


@dataclass(frozen=True, slots=True)
class Session:
    """A fresh connection that is to be set up, and the seconds that are left."""

    connection: pyodbc.Connection
    cursor: pyodbc.Cursor
    read: OdbcStream
    left_s: float


@dataclass(frozen=True, slots=True)
class Moment:
    """A bound of the change time: a lower one is included, an upper one is not."""

    at: datetime  # aware
    zone: str | None  # of the column's naive times; None: UTC
    is_lower: bool

    @property
    def local(self) -> datetime:
        """Naive time of the zone: ODBC binds no offset."""
        zone = ZoneInfo(self.zone) if self.zone else UTC
        return self.at.astimezone(zone).replace(tzinfo=None)

    @property
    def sign(self) -> str:
        """How the column is compared with it."""
        return ">=" if self.is_lower else "<"


def compared(column: str, moment: Moment, _: Column | None) -> Piece:
    """The comparison of a quoted column with a bound, bound as a time."""
    return Piece(f"{column} {moment.sign} ?", (moment.local,))


def on_day(column: str, sign: str, day: date) -> Piece:
    """The comparison of a quoted date column with a day."""
    return Piece(f"{column} {sign} ?", (day,))


def is_null(column: str) -> str:
    """The condition that a quoted column has no value."""
    return f"{column} IS NULL"


def as_it_is(value: Value) -> Value:
    """The value, bound as the driver does."""
    return value


def nothing(*_: object) -> None:
    """Nothing to do, or nothing better to say."""


class Results(Protocol):
    """The cursors, one after the other, that give the rows wanted.

    Each holds about `size` rows in memory, and is read to its end before the next.
    """

    def __call__(
        self, connection: pyodbc.Connection, execute: Execute, wanted: Asked, size: int
    ) -> Iterator[pyodbc.Cursor]: ...


@dataclass(frozen=True, slots=True)
class Dialect:
    """An engine's ways; what is left out is plain ODBC and plain SQL."""

    name: str
    drivers: re.Pattern[str] | None = None  # of `Driver=` in a connection string
    servers: tuple[str, ...] = ()  # as the driver names its server: SQL_DBMS_NAME
    # Of the connection string, where it does not name them itself.
    keys: Mapping[str, str] = field(default_factory=lambda: NO_KEYS)
    start: Callable[[Session], None] = nothing
    compared: Callable[[str, Moment, Column | None], Piece] = compared
    on_day: Callable[[str, str, date], Piece] = on_day
    # A row that nobody can place in time comes always.
    is_unplaced: Callable[[str], str] = is_null
    bind: Callable[[Value], Value] = as_it_is
    # An empty result of a query, to learn its columns from; None: not needed.
    probe: str | None = None
    # What is selected for a column instead of itself; None: itself.
    selected: Callable[[str, Column], str | None] = nothing
    selects_anew: bool = False  # `selected` says something, so each query is probed
    # A better SQLSTATE, and the server's own number, from the driver's text.
    state: Callable[[str, str], tuple[str, str] | None] = nothing
    # How the rows are asked for; None: in one statement.
    results: Results | None = None
    # The names of a query's columns, where the driver may cut them; None: it does not.
    names: Callable[[pyodbc.Cursor, str], list[str]] | None = None
    # A call that a deadline cut short has to be stopped from our side.
    needs_cancel: bool = False


NARROW = (pyodbc.SQL_CHAR, pyodbc.SQL_VARCHAR, pyodbc.SQL_LONGVARCHAR)
WIDE = (pyodbc.SQL_WCHAR, pyodbc.SQL_WVARCHAR, pyodbc.SQL_WLONGVARCHAR)


def take_bytes(connection: pyodbc.Connection, kinds: tuple[int, ...]) -> None:
    """Have texts of these kinds come as the bytes they are (fetched as binary)."""
    for kind in kinds:
        connection.add_output_converter(kind, bytes)


def numbers(text: str) -> list[str]:
    """The native numbers that stand in brackets in a driver's text."""
    return re.findall(r"\((-?\d{1,9})\)", text)
