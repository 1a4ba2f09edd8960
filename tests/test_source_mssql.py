"""The odbc kind on a live SQL Server: `make test-mssql`, KNTC_TEST_MSSQL_URL.

The variable holds an ODBC connection string whose user may create tables in tempdb or
in its own database. No line here has met Microsoft's server yet.
"""

import os
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pyodbc
import pytest

from connectors.errors import SourceError, TransientError
from connectors.sources.base import OdbcStream
from tests.odbc_reading import ZONE, reading, whole

pytestmark = pytest.mark.mssql
START = datetime(2026, 1, 2, tzinfo=UTC)  # 07:00 in Vietnam
KINDS = {
    "datetime": "2026-01-02T07:00:00.{}",
    "datetime2(7)": "2026-01-02T07:00:00.{}0001",
    "datetimeoffset(7)": "2026-01-02T00:00:00.{}0001+00:00",
    "smalldatetime": "2026-01-02T07:00:00",
}


@pytest.fixture(scope="module")
def connection() -> str:
    return os.environ["KNTC_TEST_MSSQL_URL"]


@pytest.fixture
def table(connection: str) -> Iterator[str]:
    name = f"kntc_{uuid.uuid4().hex[:12]}"
    yield name
    run(connection, f"DROP TABLE IF EXISTS {name}")


def run(connection: str, *statements: str) -> None:
    with pyodbc.connect(connection, autocommit=True) as conn:
        for statement in statements:
            conn.execute(statement)
    conn.close()


@pytest.mark.parametrize("kind", KINDS)
def test_a_window_includes_its_first_moment_in_every_type_of_time(
    connection: str, table: str, kind: str
) -> None:
    rows = ",".join(
        f"({i}, '{KINDS[kind].format(digits)}')"
        for i, digits in enumerate(("000", "003", "007", "990"))
    )
    run(
        connection,
        f"CREATE TABLE {table} (id int, luc {kind} NULL)",
        f"INSERT INTO {table} VALUES {rows}, (9, NULL)",
    )
    read = OdbcStream(f"SELECT id, luc FROM {table}", "luc", ZONE)
    frame = whole(connection, read, since=START, until=START + timedelta(minutes=1))
    assert sorted(frame["id"]) == ["0", "1", "2", "3", "9"]
    if "offset" not in kind and kind != "smalldatetime":
        later = START + timedelta(milliseconds=7)
        assert {"2", "3", "9"} <= set(whole(connection, read, since=later)["id"])
    after = whole(connection, read, since=START + timedelta(minutes=1))
    assert after["id"].to_list() == ["9"]


@pytest.mark.parametrize("size", [1, 2, 1000])
def test_vietnamese_and_long_text_come_whole(
    connection: str, table: str, size: int
) -> None:
    texts = ["ộ", "ớ" * 4000, "Ù😀"]
    rows = ",".join(f"({i}, N'{text}')" for i, text in enumerate(texts))
    run(
        connection,
        f"CREATE TABLE {table} (id int, chu nvarchar(max) NULL)",
        f"INSERT INTO {table} VALUES {rows}, (3, NULL), (4, N'')",
    )
    read = OdbcStream(f"SELECT id, chu FROM {table}", version=("id",))
    frame = whole(connection, read, batch_rows=size)
    assert frame["chu"].to_list() == [*texts, None, ""]


def test_bytes_of_a_legacy_system_are_read_in_its_encoding(connection: str) -> None:
    query = "SELECT CAST(0x5669D674 AS varbinary(10)) AS chu, N'Việt' AS moi"
    frame = whole(connection, OdbcStream(query, encoding="tcvn3"))
    assert frame.select("chu", "moi").rows() == [("Việt", "Việt")]


def test_nothing_that_is_written_stays(connection: str, table: str) -> None:
    run(connection, f"CREATE TABLE {table} (id int)")
    with pytest.raises(SourceError):
        whole(connection, f"INSERT INTO {table} VALUES (1)")
    assert whole(connection, f"SELECT id FROM {table}").height == 0


def test_a_version_of_two_columns_is_included(connection: str, table: str) -> None:
    run(
        connection,
        f"CREATE TABLE {table} (nam int NULL, so bigint NULL)",
        f"INSERT INTO {table} VALUES (2025, 9), (2026, 6), (2026, 7), (2027, 1),"
        " (NULL, 1)",
    )
    read = OdbcStream(f"SELECT nam, so FROM {table}", version=("nam", "so"))
    frame = whole(connection, read, since=(2026, 7))
    assert sorted(frame["so"]) == ["1", "1", "7"]


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("SELECT * FROM canary_table", r"\(208\)"),
        ("SELECT CAST(N'canary' AS int) AS a", r"\(245\)"),
        ("canary", "SQLSTATE"),
    ],
)
def test_faults_say_the_code_and_nothing_else(
    connection: str, query: str, says: str
) -> None:
    with pytest.raises((SourceError, TransientError), match=says) as caught:
        list(reading(connection, query))
    assert isinstance(caught.value, SourceError)
    assert "canary" not in str(caught.value)
