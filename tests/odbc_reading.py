"""Real engines behind the odbc kind, and how tests read them."""

import atexit
import shutil
import sqlite3
import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import polars as pl

from connectors.sources.base import (
    Bound,
    Deadline,
    OdbcAt,
    OdbcStream,
    RawBatch,
    SourceSpec,
    Stream,
)
from connectors.sources.odbc.apart import OdbcApart
from connectors.sources.odbc.reader import OdbcSource
from flows.demo import mariadb
from flows.demo.postgres import Cluster

ZONE = "Asia/Ho_Chi_Minh"
ENGINES = ("postgres", "mariadb", "sqlite")


@dataclass(frozen=True, slots=True)
class Engine:
    """A database of one engine: how we read it, and how its office writes to it."""

    name: str
    connection: str
    run: Callable[[str], object]
    moment: str  # its type for a change time
    blob: str


@cache
def server() -> mariadb.Server:
    """One MariaDB for all tests of the process."""
    folder = Path(tempfile.mkdtemp(prefix="kntc-my-"))
    folder.chmod(0o755)
    started = mariadb.start(folder)
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    atexit.register(started.stop)
    return started


def make(name: str, cluster: Cluster, folder: Path) -> Engine:
    """An empty database of that engine."""
    database = f"odbc_{uuid.uuid4().hex[:8]}"
    if name == "postgres":
        cluster.create_database(database)
        path = folder / "make.sql"

        def run(sql: str) -> None:
            path.write_text(sql, encoding="utf-8")
            cluster.run_sql_file(database, path)

        return Engine(name, cluster.odbc(database), run, "timestamp", "bytea")
    if name == "mariadb":
        server().create_database(database)
        connection = server().odbc(database)
        run_sql = server().run
        return Engine(
            name, connection, lambda sql: run_sql(sql, database), "datetime(6)", "blob"
        )
    file = folder / "don.db"
    file.touch()
    connection = f"Driver={{SQLite3}};Database={file};"
    return Engine(name, connection, lambda sql: _run(file, sql), "text", "blob")


def _run(file: Path, sql: str) -> None:
    with closing(sqlite3.connect(file)) as conn:
        conn.executescript(sql)


def reading(
    connection: str,
    read: OdbcStream | str,
    *,
    since: Bound | None = None,
    until: Bound | None = None,
    batch_rows: int = 1000,
    seconds: float = 30,
    attempts: int = 1,
    timeout_s: float = 10,
    waits: list[float] | None = None,
    kind: type[OdbcSource] | type[OdbcApart] = OdbcSource,
) -> Iterator[RawBatch]:
    """The batches of one stream."""
    spec = SourceSpec(
        "quang_tri",
        "qt_db",
        "odbc",
        OdbcAt(lambda: connection),
        (),
        timeout_s=timeout_s,
        attempts=attempts,
        batch_rows=batch_rows,
    )
    read = OdbcStream(read) if isinstance(read, str) else read
    source = kind(spec, sleep=([] if waits is None else waits).append)
    assert not isinstance(until, tuple)
    return source.extract(Stream("don", read), since, until, Deadline.after(seconds))


def whole(
    connection: str,
    read: OdbcStream | str,
    *,
    since: Bound | None = None,
    until: Bound | None = None,
    batch_rows: int = 1000,
) -> pl.DataFrame:
    """All rows of one stream."""
    batches = reading(connection, read, since=since, until=until, batch_rows=batch_rows)
    return pl.concat([batch.frame for batch in batches])
