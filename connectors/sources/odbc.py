"""A database over ODBC: one query a stream, read in pieces, every value as text."""

import math
import re
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar
from zoneinfo import ZoneInfo

import polars as pl
import pyodbc

from connectors import retry
from connectors.errors import DeadlineError, KntcError, SourceError, TransientError
from connectors.sources import odbc_mariadb
from connectors.sources.base import (
    Bound,
    Deadline,
    OdbcAt,
    OdbcStream,
    RawBatch,
    SourceSpec,
    Stream,
)
from connectors.sources.text import as_text
from expectations.frames import LOCATOR, RAW, REJECT, ROW

T = TypeVar("T")

# Connection lost, time-out, serialisation failure, deadlock, shutdown, no resources,
# and a statement that the server cancelled.
TRANSIENT = re.compile(r"^(08|HYT0[01]|40001|40P01|57P0|57014|53)")
# psqlodbc says 08001 (no connection) for these too, which no retry can mend; its text
# is looked at here and never shown.
REFUSED = {
    "28000": re.compile(
        r'password authentication failed|no password supplied|role "|pg_hba\.conf'
    ),
    "3D000": re.compile(r'database "[^"]*" does not exist'),
}
# What psqlodbc does otherwise: whole results in memory, booleans as "1" and "0".
POSTGRES_KEYS = {
    "UseDeclareFetch": "1",
    "Fetch": "{rows}",
    "BoolsAsChar": "0",
    "pqopt": "{{connect_timeout={timeout_s} keepalives_idle=10 keepalives_interval=5}}",
}
POSTGRES = re.compile(r"driver\s*=\s*\{?[^;}]*(postgre|psqlodbc)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Query:
    """A statement with its bound values."""

    sql: str
    values: tuple[datetime, ...] = ()


@dataclass(frozen=True, slots=True)
class Opened:
    """A running query and the first rows it gave."""

    cursor: pyodbc.Cursor
    columns: list[str]
    rows: list[pyodbc.Row]


@dataclass(frozen=True, slots=True)
class OdbcSource:
    """Reads through any ODBC driver; PostgreSQL's gets the options it needs."""

    spec: SourceSpec
    sleep: Callable[[float], None] = time.sleep

    def extract(
        self,
        stream: Stream,
        since: Bound | None,
        until: datetime | None,
        deadline: Deadline,
    ) -> Iterator[RawBatch]:
        """See `Source.extract`; connecting and the first rows are tried again.

        A failure after the first batch is a TransientError at once: the whole stream
        has to be read anew.
        """
        read = stream.read
        assert isinstance(read, OdbcStream)
        where = f"{self.spec.province}: query {stream.name}"
        opened = retry.call(
            lambda: _open(where, self.spec, read, (since, until), deadline),
            where=where,
            attempts=self.spec.attempts,
            deadline=deadline,
            sleep=self.sleep,
        )
        try:
            yield from _batches(where, stream.name, opened, self.spec, deadline)
        finally:
            _close(opened.cursor, opened.cursor.connection)


def _batches(
    where: str, name: str, opened: Opened, spec: SourceSpec, deadline: Deadline
) -> Iterator[RawBatch]:
    rows, done = opened.rows, 0
    yield RawBatch(name, _frame(name, opened.columns, rows, done))
    while len(rows) == spec.batch_rows:
        done += len(rows)
        rows = _bounded(
            where, deadline, lambda: opened.cursor.fetchmany(spec.batch_rows)
        )
        if rows:
            yield RawBatch(name, _frame(name, opened.columns, rows, done))


def _open(
    where: str,
    spec: SourceSpec,
    read: OdbcStream,
    bounds: tuple[Bound | None, datetime | None],
    deadline: Deadline,
) -> Opened:
    """Connect, run the query, take the first rows; closed again on error."""
    at = spec.at
    assert isinstance(at, OdbcAt)
    text = _connection_string(at.connection(), spec)
    login_s = max(1, math.ceil(spec.timeout_s))
    connection = _bounded(
        where,
        deadline,
        lambda: pyodbc.connect(text, autocommit=True, readonly=True, timeout=login_s),
        most_s=spec.timeout_s * 2,
    )
    try:
        return _bounded(
            where,
            deadline,
            lambda: _started(where, connection, spec, read, bounds, deadline),
        )
    except (SourceError, TransientError) as error:
        # Past the deadline a call may still hold the connection: closing would hang.
        if not isinstance(error, DeadlineError):
            _close(connection)
        raise


def _started(
    where: str,
    connection: pyodbc.Connection,
    spec: SourceSpec,
    read: OdbcStream,
    bounds: tuple[Bound | None, datetime | None],
    deadline: Deadline,
) -> Opened:
    with suppress(pyodbc.Error):  # psqlodbc lacks it and is told in _set_session
        connection.timeout = max(1, math.ceil(deadline.left_s()))
    with ExitStack() as undo:
        cursor = connection.cursor()
        undo.callback(cursor.close)
        server = connection.getinfo(pyodbc.SQL_DBMS_NAME)
        if server == "PostgreSQL":
            _set_session(cursor, read, deadline)
        if server == odbc_mariadb.SERVER:
            zone = read.cursor_zone or "UTC"
            odbc_mariadb.set_session(connection, cursor, zone, deadline.left_s())
        quote = connection.getinfo(pyodbc.SQL_IDENTIFIER_QUOTE_CHAR)
        query = bounded_query(read, *bounds, quote=quote.strip())
        said = odbc_mariadb.said if server == odbc_mariadb.SERVER else tuple
        cursor.execute(query.sql, *said(query.values))
        if cursor.description is None:
            raise SourceError(
                f"{where} gave no table; expected one SELECT. Mend the preset"
            )
        columns = [column[0] for column in cursor.description]
        _check_columns(where, columns)
        opened = Opened(cursor, columns, cursor.fetchmany(spec.batch_rows))
        undo.pop_all()
    return opened


def _set_session(cursor: pyodbc.Cursor, read: OdbcStream, deadline: Deadline) -> None:
    # psqlodbc gives a timestamptz as naive time of the session's zone: the zone must
    # be ours, not the server's, and the same in which the bounds are bound.
    zone = read.cursor_zone or "UTC"
    cursor.execute("SELECT set_config('TimeZone', ?, false)", zone).fetchall()
    left_ms = max(1, int(deadline.left_s() * 1000))
    cursor.execute(f"SET statement_timeout = {left_ms}")
    cursor.execute("SET default_transaction_read_only = on")


def bounded_query(
    read: OdbcStream, since: Bound | None, until: datetime | None, quote: str = '"'
) -> Query:
    """The query, asked for what changed from `since` (included) to `until` (not).

    Rows without a change time come every time: nobody could say when they changed.
    """
    query = read.query.strip().removesuffix(";")
    if read.cursor is None:
        return Query(query)
    cursor = read.cursor
    if quote:
        cursor = quote + cursor.replace(quote, quote * 2) + quote
    bounds = ((">=", since), ("<", until))
    parts = [f"{cursor} {sign} ?" for sign, bound in bounds if bound is not None]
    values = tuple(
        _bind(bound, read.cursor_zone) for _, bound in bounds if bound is not None
    )
    where = f"WHERE ({' AND '.join(parts)}) OR {cursor} IS NULL " if parts else ""
    # The line end keeps a comment at the end of the query from eating the rest.
    sql = f"SELECT * FROM (\n{query}\n) kntc {where}ORDER BY {cursor}"  # noqa: S608
    return Query(sql, values)


def _bind(bound: Bound, zone: str | None) -> datetime:
    assert isinstance(bound, datetime)
    # ODBC binds no offset; the session's zone (or datetime2's +00:00) is the zone here.
    return bound.astimezone(ZoneInfo(zone) if zone else UTC).replace(tzinfo=None)


def _frame(
    name: str, columns: list[str], rows: list[pyodbc.Row], done: int
) -> pl.DataFrame:
    by_column = zip(*rows, strict=True) if rows else ([] for _ in columns)
    values = {c: as_text(c, v) for c, v in zip(columns, by_column, strict=True)}
    number = pl.int_range(done + 1, done + 1 + pl.len()).cast(pl.String)
    return pl.DataFrame(values).with_columns(
        pl.int_range(pl.len(), dtype=pl.UInt32).alias(ROW),
        (pl.lit(f"query {name} row ") + number).alias(LOCATOR),
        pl.lit(None, pl.String).alias(REJECT),
        pl.lit(None, pl.String).alias(RAW),
    )


def _check_columns(where: str, columns: list[str]) -> None:
    doubled = sorted({c for c in columns if columns.count(c) > 1})
    if doubled:
        raise SourceError(
            f"{where}: several columns are named {', '.join(doubled)}; one would "
            "overwrite the other. Give each a name of its own with AS in the preset"
        )


def _connection_string(text: str, spec: SourceSpec) -> str:
    if not POSTGRES.search(text):
        return odbc_mariadb.with_charset(text)
    given = text.rstrip("; ")
    timeout_s = max(1, math.ceil(spec.timeout_s))
    for key, value in POSTGRES_KEYS.items():
        if not re.search(rf"(^|;)\s*{key}\s*=", given, re.IGNORECASE):
            filled = value.format(rows=spec.batch_rows, timeout_s=timeout_s)
            given += f";{key}={filled}"
    return given + ";"


def _bounded(
    where: str,
    deadline: Deadline,
    work: Callable[[], T],
    most_s: float = math.inf,
) -> T:
    """The result of a driver call, in time, its error reduced to SQLSTATE."""
    error: KntcError
    try:
        return retry.within(min(deadline.left_s(), most_s), work)
    except TimeoutError:
        error = TransientError(f"{where}: no answer within {most_s:g} s")
    except pyodbc.Error as fault:
        error = reduced(where, fault)
    except UnicodeError:
        error = SourceError(
            f"{where}: a text that is not Unicode came back; set the driver's "
            "character set in the connection string, or mend the text at source"
        )
    # Outside the handlers: a driver's text must not hang on as the context.
    deadline.check(where)
    raise error


def reduced(where: str, fault: pyodbc.Error) -> KntcError:
    """Our error for a driver's: its SQLSTATE and number only, since its text may quote
    a row or the connection string."""
    state = str(fault.args[0]) if fault.args else ""
    state = state if re.fullmatch(r"[0-9A-Z]{5}", state) else "unknown"
    text = str(fault.args[-1]) if fault.args else ""
    if state == "08001":
        state = next((s for s, said in REFUSED.items() if said.search(text)), state)
    # The driver's own number stands last; one before it may be quoted from a row.
    native = re.search(r"\((-?\d{1,9})\)[^()]*(?:\(SQL\w*\)[^()]*)?$", text)
    number = native[1] if native else ""
    state, number = odbc_mariadb.state_and_code(state, text) or (state, number)
    code = f"SQLSTATE {state}" + (f" ({number})" if number else "")
    if TRANSIENT.match(state):
        return TransientError(
            f"{where}: the database did not answer: {code}; mend it or the way to it, "
            "then kntc sync --failed"
        )
    return SourceError(f"{where}: the database refused: {code}; {_advice(state)}")


def _advice(state: str) -> str:
    if state.startswith("28"):
        return "user or password is wrong: mend the secret that the office file names"
    if state.startswith("3D"):
        return "there is no such database: mend the office's connection string"
    if state.startswith("42"):
        return "a table, column or right is missing: mend the preset's query"
    if state.startswith("IM") or state == "01000":
        return "the ODBC driver is not installed or not named so in odbcinst.ini"
    return "ask the database's administrator with this code"


def _close(*held: pyodbc.Cursor | pyodbc.Connection) -> None:
    # They may be gone already; what was read does not depend on them.
    for one in held:
        with suppress(TimeoutError, pyodbc.Error):
            retry.within(1.0, one.close)
