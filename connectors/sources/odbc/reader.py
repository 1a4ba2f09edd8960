"""A database over ODBC: one query a stream, read in pieces, every value as text."""

import math
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from datetime import datetime

import polars as pl
import pyodbc

import connectors.legacy.codecs  # noqa: F401 - tcvn3 and vni become encodings
from connectors import retry
from connectors.errors import DeadlineError, SourceError, TransientError
from connectors.sources.base import (
    Bound,
    Deadline,
    OdbcAt,
    OdbcStream,
    RawBatch,
    SourceSpec,
    Stream,
)
from connectors.sources.odbc.asked import Query
from connectors.sources.odbc.bounds import asked
from connectors.sources.odbc.calls import bounded, close, connected, stopper
from connectors.sources.odbc.columns import described
from connectors.sources.odbc.dialect import Column, Dialect, Session
from connectors.sources.odbc.engines import by_driver, by_server, with_keys
from connectors.sources.odbc.mariadb_names import mended
from connectors.sources.odbc.text import as_text, iso_times
from expectations.frames import LOCATOR, RAW, REJECT, ROW

# A pooled connection would bring another office's session settings with it. Read by
# pyodbc when it connects for the first time.
pyodbc.pooling = False


@dataclass(frozen=True, slots=True)
class Opened:
    """A running query: its columns, its first rows, and the way to more."""

    connection: pyodbc.Connection
    cursor: pyodbc.Cursor
    columns: list[str]
    rows: list[pyodbc.Row]
    more: Iterator[list[pyodbc.Row]]
    dialect: Dialect
    times: frozenset[str]  # columns of times in the engine's own text


@dataclass(frozen=True, slots=True)
class OdbcSource:
    """Reads through any ODBC driver; the known engines' ways are their dialects.

    A night reads in a child (see `apart`): MariaDB's driver crashes the process that
    it is in when the line breaks while it connects.
    """

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
        is_ours = True
        try:
            yield from _batches(where, stream, opened, deadline)
        except DeadlineError:
            # The call that was cut short may still be inside the driver, which
            # crashes the process when another thread closes what it holds. It is
            # closed when that call returns and lets go.
            is_ours = False
            raise
        finally:
            if is_ours:
                close(opened.cursor, opened.connection)


def _batches(
    where: str, stream: Stream, opened: Opened, deadline: Deadline
) -> Iterator[RawBatch]:
    read = stream.read
    assert isinstance(read, OdbcStream)
    rows, done = opened.rows, 0
    while rows or not done:
        frame = _frame(stream.name, opened, rows, done, read.encoding)
        yield RawBatch(stream.name, frame)
        done += len(rows)
        if not rows:
            return
        rows = bounded(
            where,
            deadline,
            lambda: next(opened.more, []),
            stop=stopper(opened.dialect, opened.cursor),
        )


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
    given = at.connection()
    dialect = by_driver(given)
    seconds = max(1, math.ceil(spec.timeout_s))
    text = with_keys(
        given,
        dialect,
        timeout_s=seconds,
        timeout_ms=seconds * 1000,
    )
    connection = connected(where, deadline, text, spec.timeout_s)
    try:
        dialect, cursor = bounded(
            where, deadline, lambda: _met(connection, dialect, deadline)
        )
        return bounded(
            where,
            deadline,
            lambda: _started(where, cursor, dialect, spec, read, bounds, deadline),
            stop=stopper(dialect, cursor),
        )
    except (SourceError, TransientError) as error:
        # Past the deadline a call may still hold the connection: closing would hang.
        if not isinstance(error, DeadlineError):
            close(connection)
        raise


def _met(
    connection: pyodbc.Connection, dialect: Dialect | None, deadline: Deadline
) -> tuple[Dialect, pyodbc.Cursor]:
    with suppress(pyodbc.Error):  # some drivers lack it: their dialects know a way
        connection.timeout = max(1, math.ceil(deadline.left_s()))
    return dialect or by_server(connection), connection.cursor()


def _started(
    where: str,
    cursor: pyodbc.Cursor,
    dialect: Dialect,
    spec: SourceSpec,
    read: OdbcStream,
    bounds: tuple[Bound | None, datetime | None],
    deadline: Deadline,
) -> Opened:
    connection = cursor.connection
    with ExitStack() as undo:
        undo.callback(cursor.close)
        dialect.start(Session(connection, cursor, read, deadline.left_s()))
        probed: tuple[Column, ...] = ()
        if dialect.probe is not None and (dialect.selects_anew or read.cursor):
            query = read.query.strip().removesuffix(";")
            probed = described(where, cursor.execute(dialect.probe.format(query=query)))
        quote = connection.getinfo(pyodbc.SQL_IDENTIFIER_QUOTE_CHAR).strip()
        wanted = asked(read, *bounds, dialect=dialect, quote=quote, columns=probed)

        def execute(query: Query) -> pyodbc.Cursor:
            values = [dialect.bind(value) for value in query.values]
            return cursor.execute(query.sql, *values)

        if dialect.results is None:
            results = iter([execute(wanted.whole())])
        else:
            results = dialect.results(connection, execute, wanted, spec.batch_rows)
        first = next(results)
        columns = [column.name for column in described(where, first)]
        if dialect.names is not None and not "".join(columns).isascii():
            columns = mended(columns, dialect.names(connection.cursor(), read.query))
        more = _pieces(first, results, spec.batch_rows)
        times = frozenset(c.name for c in probed if dialect.selected(c.name, c))
        rows = next(more, [])
        opened = Opened(connection, cursor, columns, rows, more, dialect, times)
        undo.pop_all()
    return opened


def _pieces(
    first: pyodbc.Cursor, results: Iterator[pyodbc.Cursor], most: int
) -> Iterator[list[pyodbc.Row]]:
    """The rows of the first result and of those after it, a batch at a time."""
    result: pyodbc.Cursor | None = first
    while result is not None:
        while rows := result.fetchmany(most):
            yield rows
            if len(rows) < most:
                break
        result = next(results, None)


def _frame(
    name: str,
    opened: Opened,
    rows: list[pyodbc.Row],
    done: int,
    encoding: str | None,
) -> pl.DataFrame:
    columns = opened.columns
    by_column = zip(*rows, strict=True) if rows else ([] for _ in columns)
    values = {
        c: as_text(c, v, encoding) for c, v in zip(columns, by_column, strict=True)
    }
    values |= {c: iso_times(values[c]) for c in opened.times}
    number = pl.int_range(done + 1, done + 1 + pl.len()).cast(pl.String)
    return pl.DataFrame(values).with_columns(
        pl.int_range(pl.len(), dtype=pl.UInt32).alias(ROW),
        (pl.lit(f"query {name} row ") + number).alias(LOCATOR),
        pl.lit(None, pl.String).alias(REJECT),
        pl.lit(None, pl.String).alias(RAW),
    )
