"""What differs between engines: connecting, locking, moving rows in bulk."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import polars as pl
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine, make_url

from connectors.errors import ConfigError

if TYPE_CHECKING:
    import sqlite3

    import psycopg

T = TypeVar("T")

BUSY_TIMEOUT_MS = 60_000
# Rows that are Python objects at a time: those of a whole batch take some 80 MB.
SQLITE_ROWS = 2_000
# Bound values of one IN list: SQLite takes 32,766 in a statement, PostgreSQL 65,535.
IN_LIST = 5_000


@dataclass(frozen=True, slots=True)
class Strategy:
    """One engine's ways; everything else is the same SQL on all of them."""

    begin_write: str
    bulk_insert: Callable[[Connection, sa.Table, pl.DataFrame], None]
    analyze: str  # the statement that gives the planner figures, "" when needless


def bulk_insert_sqlite(conn: Connection, table: sa.Table, frame: pl.DataFrame) -> None:
    """One prepared INSERT over all rows."""
    columns = ", ".join(f'"{name}"' for name in frame.columns)
    marks = ", ".join("?" * frame.width)
    statement = f'INSERT INTO "{table.name}" ({columns}) VALUES ({marks})'  # noqa: S608
    values = frame.select(_sqlite_values(frame))
    for part in values.iter_slices(SQLITE_ROWS):
        conn.exec_driver_sql(statement, part.rows())


def _sqlite_values(frame: pl.DataFrame) -> list[pl.Expr]:
    values = []
    for name, dtype in frame.schema.items():
        column = pl.col(name)
        if dtype == pl.Date:
            column = column.dt.to_string("%Y-%m-%d")
        elif isinstance(dtype, pl.Datetime):
            column = column.dt.to_string("%Y-%m-%dT%H:%M:%S%.6fZ")
        elif dtype == pl.Boolean:
            column = column.cast(pl.Int8)
        values.append(column)
    return values


def bulk_insert_postgresql(
    conn: Connection, table: sa.Table, frame: pl.DataFrame
) -> None:
    """COPY FROM STDIN in text format.

    Not CSV: before version 17 a line `\\.` inside a quoted value ends the copy.
    """
    columns = ", ".join(f'"{name}"' for name in frame.columns)
    lines = frame.select(pl.concat_str(_copy_values(frame), separator="\t"))
    text = "\n".join(lines.to_series().to_list()) + "\n"
    statement = f'COPY "{table.name}" ({columns}) FROM STDIN'
    dialect, cursor = conn.dialect, conn.connection.cursor()
    try:
        with cursor.copy(statement) as copy:
            copy.write(text)
    except dialect.loaded_dbapi.Error as error:
        # SQLAlchemy does not see this statement: without its class nobody would try
        # again after a deadlock, nor reduce a message that quotes the row.
        raise sa.exc.DBAPIError.instance(
            statement,
            None,
            error,
            dialect.loaded_dbapi.Error,
            hide_parameters=True,
            connection_invalidated=dialect.is_disconnect(error, None, None),
            dialect=dialect,
        ) from None
    finally:
        cursor.close()


def _copy_values(frame: pl.DataFrame) -> list[pl.Expr]:
    values = []
    for name, dtype in frame.schema.items():
        column = pl.col(name)
        if dtype == pl.String:
            for plain, escaped in _COPY_ESCAPES:
                column = column.str.replace_all(plain, escaped, literal=True)
        elif dtype == pl.Binary:
            column = pl.concat_str(pl.lit("\\\\x"), column.bin.encode("hex"))
        elif isinstance(dtype, pl.Datetime):
            column = column.dt.to_string("%Y-%m-%dT%H:%M:%S%.6fZ")
        else:
            column = column.cast(pl.String)
        values.append(column.fill_null("\\N").alias(name))
    return values


_COPY_ESCAPES = (("\\", "\\\\"), ("\t", "\\t"), ("\n", "\\n"), ("\r", "\\r"))

STRATEGIES: dict[str, Strategy] = {
    "sqlite": Strategy("BEGIN IMMEDIATE", bulk_insert_sqlite, ""),
    "postgresql": Strategy("", bulk_insert_postgresql, "ANALYZE"),
}


def in_chunks(values: Sequence[T]) -> Iterator[Sequence[T]]:
    """The values in pieces that every engine takes as one IN list."""
    for start in range(0, len(values), IN_LIST):
        yield values[start : start + IN_LIST]


# A server that is gone says nothing: without these a night waits for it for ever.
IN_TIME = {
    "connect_timeout": "10",
    "keepalives_idle": "30",
    "keepalives_interval": "10",
    "keepalives_count": "3",
    "tcp_user_timeout": "60000",  # milliseconds
}


def connect(url: str) -> Engine:
    """An engine for the national database.

    Raises ConfigError when the URL is none or names an engine that is not built.
    """
    try:
        parsed = make_url(url)
    except sa.exc.ArgumentError:
        raise ConfigError(
            "KNTC_NATIONAL_URL is not an SQLAlchemy URL; expected for example "
            "postgresql+psycopg://user@host/kntc"
        ) from None
    name = parsed.get_backend_name()
    if name not in STRATEGIES:
        raise ConfigError(
            f"KNTC_NATIONAL_URL names {name}; built are {', '.join(STRATEGIES)}"
        )
    if name == "postgresql":
        parsed = parsed.set(drivername="postgresql+psycopg")
        # What the URL itself says goes before.
        parsed = parsed.update_query_dict({**IN_TIME, **parsed.query})
    engine = sa.create_engine(parsed, hide_parameters=True, pool_pre_ping=True)
    if name == "sqlite":
        sa.event.listen(engine, "connect", _prepare_sqlite)
    else:
        sa.event.listen(engine, "connect", _prepare_postgresql)
    return engine


def _prepare_sqlite(connection: "sqlite3.Connection", _record: object) -> None:
    # We say BEGIN ourselves: the driver's own begins too late and never immediately.
    connection.isolation_level = None
    for pragma in (
        f"busy_timeout={BUSY_TIMEOUT_MS}",
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "temp_store=MEMORY",
        "cache_size=-65536",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _prepare_postgresql(connection: "psycopg.Connection", _record: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET TIME ZONE 'UTC'")
        cursor.execute("SET client_min_messages = warning")
    connection.commit()
