"""The ODBC source on a real PostgreSQL."""

import socket
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl
import pyodbc
import pytest

from connectors.errors import DeadlineError, SourceError, TransientError
from connectors.sources.base import (
    Deadline,
    OdbcAt,
    OdbcStream,
    RawBatch,
    SourceSpec,
    Stream,
)
from connectors.sources.odbc.apart import OdbcApart
from connectors.sources.odbc.bounds import bounded_query
from connectors.sources.odbc.engines import PLAIN
from connectors.sources.odbc.faults import reduced
from connectors.sources.odbc.reader import OdbcSource
from connectors.sources.odbc.text import as_text
from expectations.frames import LOCATOR, REJECT
from flows.demo.postgres import Cluster, free_port

ZONE = "Asia/Ho_Chi_Minh"


@pytest.fixture(scope="module")
def database(cluster: Cluster) -> str:
    name = f"odbc_{uuid.uuid4().hex[:8]}"
    cluster.create_database(name)
    return name


def run_sql(cluster: Cluster, database: str, folder: Path, sql: str) -> None:
    path = folder / "make.sql"
    path.write_text(sql, encoding="utf-8")
    cluster.run_sql_file(database, path)


def read_all(
    connection: str,
    read: OdbcStream | str,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    batch_rows: int = 1000,
    seconds: float = 30,
    attempts: int = 1,
    timeout_s: float = 10,
    waits: list[float] | None = None,
    kind: type[OdbcSource] | type[OdbcApart] = OdbcSource,
) -> Iterator[RawBatch]:
    at = OdbcAt(lambda: connection)
    spec = SourceSpec(
        "quang_tri",
        "qt_db",
        "odbc",
        at,
        (),
        timeout_s=timeout_s,
        attempts=attempts,
        batch_rows=batch_rows,
    )
    read = OdbcStream(read) if isinstance(read, str) else read
    source = kind(spec, sleep=([] if waits is None else waits).append)
    stream = Stream("don", read)
    return source.extract(stream, since, until, Deadline.after(seconds))


def frame_of(connection: str, read: OdbcStream | str) -> pl.DataFrame:
    return pl.concat([b.frame for b in read_all(connection, read)])


def test_every_type_comes_as_text(cluster: Cluster, database: str) -> None:
    frame = frame_of(
        cluster.odbc(database),
        "SELECT '007'::text AS chu, ' Đơn '::varchar AS van, 12 AS so,"
        " 12345678901234567890.10::numeric AS tien, 0.000000001::numeric AS nho,"
        " true AS co, date '2026-01-02' AS ngay,"
        " timestamp '2026-01-02 03:04:05.678901' AS luc,"
        " timestamptz '2026-01-02 03:04:05+07' AS luc_tz,"
        " '\\x00ff'::bytea AS tep, NULL::text AS rong, ''::text AS trong,"
        " time '08:09:10' AS gio",
    )
    row = frame.row(0, named=True)
    assert (row["chu"], row["van"], row["so"]) == ("007", " Đơn ", "12")
    assert (row["tien"], row["nho"]) == ("12345678901234567890.10", "0.000000001")
    assert (row["co"], row["ngay"]) == ("true", "2026-01-02")
    assert row["luc"] == "2026-01-02T03:04:05.678901"
    assert row["luc_tz"] == "2026-01-01T20:04:05.000000"  # the session's zone: UTC
    assert (row["tep"], row["rong"], row["trong"]) == ("00ff", None, "")
    assert row["gio"].startswith("08:09:10")
    assert row[LOCATOR] == "query don row 1"
    assert row[REJECT] is None


def test_text_of_five_megabytes_comes_whole(cluster: Cluster, database: str) -> None:
    frame = frame_of(cluster.odbc(database), "SELECT repeat('Đơn từ ', 700000) AS chu")
    assert len(frame["chu"][0]) == 7 * 700_000


def test_values_of_other_drivers_come_as_text_too() -> None:
    aware = datetime(2026, 1, 2, 7, tzinfo=ZoneInfo(ZONE))
    assert as_text("a", [aware, None]).to_list() == [
        "2026-01-02T00:00:00.000000+00:00",
        None,
    ]
    assert as_text("a", [Decimal("1E+5"), Decimal("1E-9")]).to_list() == [
        "100000",
        "0.000000001",
    ]
    assert as_text("a", ["a\0b", None]).to_list() == ["a\0b", None]
    assert as_text("a", [False, None]).to_list() == ["false", None]
    assert as_text("a", [b"\x01", 3, True]).to_list() == ["01", "3", "true"]


def test_two_columns_of_one_name_are_an_error(cluster: Cluster, database: str) -> None:
    with pytest.raises(SourceError, match="several columns are named a"):
        frame_of(cluster.odbc(database), "SELECT 1 AS a, 2 AS a")


@pytest.mark.parametrize("kind", ["timestamp", "timestamptz"])
def test_bounds_are_local_times_and_rows_without_a_time_come_always(
    cluster: Cluster, database: str, tmp_path: Path, kind: str
) -> None:
    run_sql(
        cluster,
        database,
        tmp_path,
        f"SET TimeZone = '{ZONE}'; DROP TABLE IF EXISTS don; CREATE TABLE don"
        f' (id int, "CapNhat" {kind});'
        "INSERT INTO don VALUES (1, '2026-01-02 06:59:59.999999'),"
        "(2, '2026-01-02 07:00'), (3, '2026-01-03 06:59:59.999999'),"
        "(4, '2026-01-03 07:00'), (5, NULL);",
    )
    read = OdbcStream('SELECT id, "CapNhat" FROM don; ', "CapNhat", ZONE)
    start = datetime(2026, 1, 2, tzinfo=UTC)
    (batch,) = read_all(
        cluster.odbc(database), read, since=start, until=start + timedelta(days=1)
    )
    assert batch.frame["id"].to_list() == ["2", "3", "5"]
    assert batch.frame["CapNhat"][0] == "2026-01-02T07:00:00.000000"


def test_a_comment_at_the_end_of_the_query_does_not_eat_the_bounds() -> None:
    read = OdbcStream("SELECT 1 AS a -- why", "a", ZONE)
    start = datetime(2026, 1, 2, tzinfo=UTC)
    query = bounded_query(read, start, None, dialect=PLAIN)
    assert query.sql.splitlines()[-1].startswith(') kntc WHERE ("a" >= ?) OR "a" IS')
    assert query.values == (datetime(2026, 1, 2, 7),)  # noqa: DTZ001 - naive by design
    whole = bounded_query(OdbcStream("SELECT 1"), start, None, dialect=PLAIN)
    assert whole.sql == "SELECT 1"


def test_rows_stream_in_bounded_batches(cluster: Cluster, database: str) -> None:
    batches = read_all(
        cluster.odbc(database),
        "SELECT i AS id FROM generate_series(1, 250) i",
        batch_rows=100,
    )
    heights, last = [], ""
    for batch in batches:
        heights.append(batch.frame.height)
        last = batch.frame[LOCATOR][-1]
    assert heights == [100, 100, 50]
    assert last == "query don row 250"


def test_an_empty_result_says_its_columns(cluster: Cluster, database: str) -> None:
    (batch,) = read_all(cluster.odbc(database), "SELECT 1 AS a WHERE false")
    assert batch.frame.columns[0] == "a"
    assert batch.frame.height == 0


def test_the_session_cannot_write(
    cluster: Cluster, database: str, tmp_path: Path
) -> None:
    run_sql(
        cluster,
        database,
        tmp_path,
        "CREATE TABLE so (a int); CREATE FUNCTION ghi() RETURNS int LANGUAGE sql"
        " AS 'INSERT INTO so VALUES (1) RETURNING a';",
    )
    with pytest.raises(SourceError, match="SQLSTATE 25006"):
        frame_of(cluster.odbc(database), "SELECT ghi() AS a")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (
            ("Uid=kntc", "Uid=nobody_canary;Pwd=canary-password"),
            "user or password is wrong",
        ),
        (("Database=", "Database=gone_canary_"), "no such database"),
        (("{PostgreSQL Unicode}", "{No Such canary}"), "not installed"),
    ],
)
def test_connection_faults_never_show_the_connection_string(
    cluster: Cluster, database: str, change: tuple[str, str], says: str
) -> None:
    connection = cluster.odbc(database).replace(*change)
    with pytest.raises((SourceError, TransientError), match=says) as caught:
        frame_of(connection, "SELECT 1")
    error: BaseException | None = caught.value
    while error is not None:
        assert "canary" not in str(error)
        assert not isinstance(error, pyodbc.Error)
        error = error.__cause__ or error.__context__


def test_a_wrong_query_is_not_tried_again_and_not_quoted(
    cluster: Cluster, database: str
) -> None:
    waits: list[float] = []
    with pytest.raises(SourceError, match="SQLSTATE 42P01") as caught:
        list(
            read_all(
                cluster.odbc(database),
                "SELECT * FROM canary_table",
                attempts=3,
                waits=waits,
            )
        )
    assert "canary" not in str(caught.value)
    assert waits == []


def test_a_value_that_breaks_the_query_is_not_quoted(
    cluster: Cluster, database: str
) -> None:
    with pytest.raises(SourceError) as caught:
        frame_of(cluster.odbc(database), "SELECT 'Nguyen Canary'::int AS a")
    assert "Canary" not in str(caught.value)
    assert "22P02" in str(caught.value)


def test_a_closed_port_is_tried_again_and_then_transient() -> None:
    connection = (
        f"Driver={{PostgreSQL Unicode}};Server=127.0.0.1;Port={free_port()};"
        "Database=x;Uid=x;Pwd=canary;"
    )
    waits: list[float] = []
    with pytest.raises(TransientError) as caught:
        list(read_all(connection, "SELECT 1", attempts=3, waits=waits))
    assert len(waits) == 2
    assert "canary" not in str(caught.value)


def test_a_server_lost_between_batches_is_transient_at_once(
    cluster: Cluster, database: str
) -> None:
    waits: list[float] = []
    batches = read_all(
        cluster.odbc(database),
        "SELECT i AS id, pg_backend_pid() AS pid FROM generate_series(1, 9000) i",
        attempts=3,
        waits=waits,
    )
    pid = next(batches).frame["pid"][0]
    frame_of(cluster.odbc(database), f"SELECT pg_terminate_backend({pid}) AS a")
    with pytest.raises(TransientError):
        list(batches)
    assert waits == []


def test_a_slow_query_ends_at_the_deadline(cluster: Cluster, database: str) -> None:
    start = time.monotonic()
    with pytest.raises(DeadlineError):
        list(read_all(cluster.odbc(database), "SELECT pg_sleep(60) AS a", seconds=0.7))
    assert time.monotonic() - start < 5


@contextmanager
def black_hole() -> Iterator[int]:
    """A port that takes a connection and never says a word."""
    held: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def take() -> None:
            while True:
                try:
                    held.append(server.accept()[0])
                except OSError:
                    return

        threading.Thread(target=take, daemon=True).start()
        yield server.getsockname()[1]
    for line in held:
        line.close()


def test_a_dead_line_cannot_hold_us_beyond_the_deadline(cluster: Cluster) -> None:
    with black_hole() as port:
        connection = cluster.odbc("x").replace(f"Port={cluster.port}", f"Port={port}")
        start = time.monotonic()
        with pytest.raises(DeadlineError):
            # In a child, with which the thread ends that is left in the driver.
            list(read_all(connection, "SELECT 1", seconds=0.5, kind=OdbcApart))
        assert time.monotonic() - start < 5
        with pytest.raises(TransientError):
            list(read_all(connection, "SELECT 1", timeout_s=0.3, kind=OdbcApart))


@pytest.mark.parametrize(
    ("state", "kind"),
    [
        ("08S01", TransientError),
        ("08001", TransientError),
        ("HYT00", TransientError),
        ("HYT01", TransientError),
        ("40001", TransientError),
        ("40P01", TransientError),
        ("57P03", TransientError),
        ("53300", TransientError),
        ("28000", SourceError),
        ("28P01", SourceError),
        ("42S02", SourceError),
        ("IM002", SourceError),
        ("HY000", SourceError),
    ],
)
def test_a_drivers_error_is_classed_by_its_sqlstate(
    state: str, kind: type[Exception]
) -> None:
    text = f"[{state}] [Maker][Driver]Key (id)=(Nguyen Canary) is taken (2627) (SQL)"
    error = reduced("quang_tri: query don", pyodbc.Error(state, text))
    assert type(error) is kind
    assert f"SQLSTATE {state} (2627)" in str(error)
    assert "Canary" not in str(error)
