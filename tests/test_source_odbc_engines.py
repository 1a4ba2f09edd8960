"""What the odbc kind promises on every engine: PostgreSQL, MariaDB and SQLite."""

import os
import re
import threading
import time
import unicodedata
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

import pytest

from connectors.errors import DeadlineError, SourceError
from connectors.sources.base import OdbcStream
from expectations.frames import LOCATOR
from flows.demo.postgres import Cluster
from tests.odbc_reading import ENGINES, ZONE, Engine, make, reading, whole

START = datetime(2026, 1, 2, tzinfo=UTC)  # 07:00 in Vietnam
DAY = timedelta(days=1)
MICRO = timedelta(microseconds=1)
TONES = ("", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323")
LETTERS = "".join(
    letter
    for base in "aăâeêioôơuưyđ"
    for tone in (TONES if base != "đ" else ("",))
    for letter in unicodedata.normalize("NFC", base + tone + base.upper() + tone)
    if not letter.isascii()
)


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest, cluster: Cluster, tmp_path: Path) -> Engine:
    return make(request.param, cluster, tmp_path)


def local(moment: datetime) -> str:
    """How an office's system writes it: naive, in its own zone."""
    return (moment + timedelta(hours=7)).replace(tzinfo=None).isoformat(" ")


def table(engine: Engine, moments: list[datetime | None]) -> OdbcStream:
    """Rows numbered from 1 with these change times."""
    values = ",".join(
        f"({i}, {'NULL' if m is None else chr(39) + local(m) + chr(39)})"
        for i, m in enumerate(moments, 1)
    )
    engine.run(
        f"CREATE TABLE don (id int, luc {engine.moment}); "
        f"INSERT INTO don VALUES {values};"
    )
    return OdbcStream("SELECT id, luc FROM don", "luc", ZONE)


def test_a_window_has_its_first_moment_and_not_its_last(engine: Engine) -> None:
    spans = [-MICRO, 0 * MICRO, MICRO, DAY - MICRO, DAY, DAY + MICRO]
    if engine.name == "sqlite":  # it compares in milliseconds
        spans = [span * 1000 if abs(span) <= MICRO else span for span in spans]
        spans[3], spans[5] = DAY - 1000 * MICRO, DAY + 1000 * MICRO
    read = table(engine, [None, *(START + span for span in spans)])
    for size in (1, 2, 1000):
        frame = whole(
            engine.connection, read, since=START, until=START + DAY, batch_rows=size
        )
        assert sorted(frame["id"]) == ["1", "3", "4", "5"]
        assert frame[LOCATOR].to_list() == [f"query don row {i}" for i in range(1, 5)]
    since = whole(engine.connection, read, since=START + DAY)
    assert sorted(since["id"]) == ["1", "6", "7"]
    until = whole(engine.connection, read, until=START)
    assert sorted(until["id"]) == ["1", "2"]


@pytest.mark.parametrize("size", [1, 3, 1000])
def test_equal_times_and_no_times_come_whole_in_any_batch_size(
    engine: Engine, size: int
) -> None:
    moments = [None] * 5 + [START] * 7 + [START + MICRO] + [START + DAY] * 4
    read = table(engine, moments)
    frame = whole(engine.connection, read, since=START, batch_rows=size)
    assert sorted(map(int, frame["id"])) == list(range(1, 18))


def test_a_version_is_included_and_rows_without_one_come_always(engine: Engine) -> None:
    big = 2**53
    engine.run(
        "CREATE TABLE don (id int, nam int, so bigint); INSERT INTO don VALUES"
        f" (1,2025,{big}),(2,2026,1),(3,2026,{big}),(4,2026,{big + 1}),(5,2027,0),"
        " (6,NULL,7),(7,2025,NULL)"
    )
    query = "SELECT id, nam, so FROM don"
    pair = OdbcStream(query, version=("nam", "so"))
    one = OdbcStream(query, version=("so",))
    for size in (1, 2, 1000):
        frame = whole(engine.connection, pair, since=(2026, big), batch_rows=size)
        assert sorted(frame["id"]) == ["3", "4", "5", "6", "7"]
        frame = whole(engine.connection, one, since=(big + 1,), batch_rows=size)
        assert sorted(frame["id"]) == ["4", "7"]
        frame = whole(engine.connection, pair, batch_rows=size)
        assert sorted(frame["id"]) == [str(i) for i in range(1, 8)]


def test_trap_07_a_date_cursor_has_what_came_later_the_same_day(engine: Engine) -> None:
    kind = "text" if engine.name == "sqlite" else "date"
    engine.run(
        f"CREATE TABLE don (id int, ngay {kind}); INSERT INTO don VALUES"
        " (1,'2026-01-01'),(2,'2026-01-02'),(3,NULL),(4,'2026-01-03')"
    )
    read = OdbcStream("SELECT id, ngay FROM don", "ngay", ZONE, "date")
    noon = START + timedelta(hours=5)
    first = whole(engine.connection, read, since=START, until=noon)
    assert sorted(first["id"]) == ["2", "3"]
    engine.run("INSERT INTO don VALUES (5, '2026-01-02')")
    second = whole(engine.connection, read, since=noon, until=noon + DAY)
    assert sorted(second["id"]) == ["2", "3", "4", "5"]
    # A window that ends at local midnight does not have the day that begins there.
    midnight = datetime(2026, 1, 2, 17, tzinfo=UTC)
    third = whole(engine.connection, read, since=START, until=midnight)
    assert sorted(third["id"]) == ["2", "3", "5"]


def test_trap_01_what_is_committed_late_inside_the_window_comes_the_next_time(
    engine: Engine,
) -> None:
    read = table(engine, [START + i * timedelta(seconds=1) for i in range(60)])
    bound = START + timedelta(seconds=60)
    late = ",".join(f"({i}, '{local(START)}')" for i in range(100, 120))
    batches = reading(engine.connection, read, since=START, until=bound, batch_rows=5)
    seen = set(next(batches).frame["id"])
    writer = threading.Thread(
        target=engine.run, args=(f"INSERT INTO don VALUES {late}",)
    )
    if engine.name != "sqlite":  # a rollback journal has one or the other
        writer.start()
    for batch in batches:
        seen |= set(batch.frame["id"])
    if engine.name == "sqlite":
        writer.start()
    writer.join()
    assert {str(i) for i in range(1, 61)} <= seen
    # The engine's window overlaps; the reader's part is that its start is included.
    again = whole(engine.connection, read, since=START, until=bound + DAY)
    assert {str(i) for i in range(100, 120)} <= set(again["id"])


def test_trap_06_rows_changed_while_they_are_read_are_in_this_read_or_the_next(
    engine: Engine,
) -> None:
    if engine.name == "sqlite":
        # So that its office may write while we read.
        engine.run("PRAGMA journal_mode = WAL")
    read = table(engine, [START + i * timedelta(seconds=1) for i in range(200)])
    bound = START + timedelta(hours=1)
    batches = reading(engine.connection, read, since=START, until=bound, batch_rows=10)
    seen = list(next(batches).frame["id"])
    moved = local(bound + timedelta(seconds=1))
    engine.run(f"UPDATE don SET luc = '{moved}' WHERE id > 50")
    for batch in batches:
        seen += list(batch.frame["id"])
    again = whole(engine.connection, read, since=bound)["id"]
    assert {int(i) for i in [*seen, *again]} == set(range(1, 201))
    assert len(seen) == len(set(seen)) == 200  # one state, though read in pieces
    assert len(again) == 150


@pytest.mark.parametrize("size", [1, 2, 1000])
def test_trap_31_short_long_short_and_null_come_as_they_are(
    engine: Engine, size: int
) -> None:
    texts = [chr(0x1ED9) * n for n in (1, 4000, 1)]
    values = ",".join(f"({i}, '{text}')" for i, text in enumerate(texts))
    engine.run(
        "CREATE TABLE don (id int, chu text);"
        f"INSERT INTO don VALUES {values}, (3, NULL), (4, '')"
    )
    read = OdbcStream("SELECT id, chu FROM don", version=("id",))
    frame = whole(engine.connection, read, batch_rows=size)
    assert frame["chu"].to_list() == [*texts, None, ""]


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_trap_32_every_vietnamese_letter_comes_and_goes_whole(
    engine: Engine, form: Literal["NFC", "NFD"]
) -> None:
    assert len(LETTERS) == 134
    normal = unicodedata.normalize(form, LETTERS)
    values = ",".join(
        f"({i}, '{unicodedata.normalize(form, c)}')" for i, c in enumerate(LETTERS)
    )
    engine.run(
        "CREATE TABLE don (id int, chu text);"
        f"INSERT INTO don VALUES {values}, (900, '{normal}')"
    )
    read = OdbcStream("SELECT id, chu FROM don", version=("id",))
    texts = whole(engine.connection, read)["chu"].to_list()
    assert "".join(texts[:134]) == normal
    assert texts[134] == normal
    # The other way: a text of the preset's query.
    asked = f"SELECT id, '{normal}' AS chu FROM don WHERE chu = '{normal}'"
    frame = whole(engine.connection, asked)
    assert frame.select("id", "chu").rows() == [("900", normal)]


def test_a_text_of_five_megabytes_comes_whole(engine: Engine) -> None:
    text = "Nội dung đơn " * 400_000
    made = "replace(hex(zeroblob(200000)),'00','Nội dung đơn ')"
    made = made if engine.name == "sqlite" else "repeat('Nội dung đơn ', 400000)"
    made = f"{made}||{made}" if engine.name == "sqlite" else made
    frame = whole(engine.connection, f"SELECT {made} AS chu")
    assert frame["chu"].to_list() == [text]


@pytest.mark.parametrize(
    ("encoding", "stored", "text"),
    [
        ("tcvn3", "5669d6742c20a7ac6e", "Việt, Đơn"),
        ("cp1258", "56eaf274", "Vê\u0323t"),
        ("cp1258", "d0f5", "Đơ"),
    ],
)
def test_bytes_of_a_legacy_system_are_read_in_its_encoding(
    engine: Engine, encoding: str, stored: str, text: str
) -> None:
    cast = {
        "postgres": f"convert_from('\\x{stored}'::bytea, 'LATIN1')",
        "mariadb": f"CONVERT(x'{stored}' USING latin1)",
        "sqlite": f"CAST(x'{stored}' AS text)",
    }[engine.name]
    connection = engine.connection
    if engine.name == "postgres":  # as old as the system: a database without encoding
        cast = f"convert_from('\\x{stored}'::bytea, 'SQL_ASCII')"
        name = re.search("Database=([^;]+)", connection)
        assert name is not None
        engine.run(
            f"CREATE DATABASE {name[1]}_cu ENCODING 'SQL_ASCII' LC_COLLATE 'C'"
            " LC_CTYPE 'C' TEMPLATE template0"
        )
        connection = connection.replace(name[1], f"{name[1]}_cu")
    query = f"SELECT {cast} AS chu, 7 AS so, 'abc' AS la, NULL AS rong"
    frame = whole(connection, OdbcStream(query, encoding=encoding))
    row = frame.row(0, named=True)
    assert unicodedata.normalize("NFC", row["chu"]) == unicodedata.normalize(
        "NFC", text
    )
    assert (row["so"], row["la"], row["rong"]) == ("7", "abc", None)


def test_the_session_cannot_write(engine: Engine) -> None:
    engine.run("CREATE TABLE don (id int)")
    for statement in (
        "DELETE FROM don",
        "INSERT INTO don VALUES (1)",
        "DROP TABLE don",
        "CREATE TABLE canary (id int)",
    ):
        with pytest.raises(SourceError):
            whole(engine.connection, statement)
    assert whole(engine.connection, "SELECT * FROM don").height == 0


def test_faults_say_the_code_and_nothing_else(engine: Engine) -> None:
    wrong = {
        "SELECT * FROM canary_table": "SQLSTATE 42",
        "SELECT canary_column FROM (SELECT 1 AS a) b": "SQLSTATE 42",
        "canary": "SQLSTATE 42",
        "SELECT 1 AS a, 2 AS a": "several columns",
    }
    for query, says in wrong.items():
        waits: list[float] = []
        with pytest.raises(SourceError, match=says) as caught:
            list(reading(engine.connection, query, attempts=3, waits=waits))
        error: BaseException | None = caught.value
        while error is not None:
            assert "canary" not in f"{error!r}"
            error = error.__cause__ or error.__context__
        assert waits == []


def test_a_slow_query_ends_at_the_deadline_and_leaves_nobody_waiting(
    engine: Engine,
) -> None:
    forever = {
        "postgres": "SELECT pg_sleep(60) AS a",
        "mariadb": "SELECT SLEEP(60) AS a",
        "sqlite": "WITH RECURSIVE g(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM g)"
        " SELECT count(*) AS a FROM g",
    }[engine.name]
    start = time.monotonic()
    with pytest.raises(DeadlineError):
        list(reading(engine.connection, forever, seconds=0.7))
    assert time.monotonic() - start < 5
    ends_at = time.monotonic() + 20
    while time.monotonic() < ends_at and _waiting():
        time.sleep(0.05)
    assert not _waiting()


def _waiting() -> list[threading.Thread]:
    return [t for t in threading.enumerate() if t.name == "kntc-call"]


def test_trap_03_the_machines_zone_changes_nothing(engine: Engine) -> None:
    spans = [timedelta(hours=h) for h in range(-12, 13)]
    read = table(engine, [START + span for span in spans])
    frames = []
    before = os.environ.get("TZ")
    try:
        for zone in ("UTC", "Asia/Ho_Chi_Minh", "America/Los_Angeles"):
            os.environ["TZ"] = zone
            time.tzset()
            until = START + timedelta(hours=7)
            frames.append(whole(engine.connection, read, since=START, until=until))
    finally:
        os.environ.pop("TZ")
        if before is not None:
            os.environ["TZ"] = before
        time.tzset()
    assert frames[0].height == 7
    assert all(frame.equals(frames[0]) for frame in frames)


@pytest.mark.parametrize(
    "pair", [("timestamp", "timestamptz"), ("datetime", "timestamp")]
)
def test_trap_04_naive_and_aware_columns_give_the_same_rows(
    cluster: Cluster, tmp_path: Path, pair: tuple[str, str]
) -> None:
    name = "postgres" if pair[1] == "timestamptz" else "mariadb"
    engine = make(name, cluster, tmp_path)
    zone = "TimeZone = " if name == "postgres" else "time_zone = "
    zone += f"'{ZONE}'" if name == "postgres" else "'+07:00'"
    moments = [START + i * timedelta(hours=1) for i in range(-8, 9)]
    values = ",".join(
        f"({i}, '{local(m)}', '{local(m)}')" for i, m in enumerate(moments)
    )
    engine.run(
        f"SET {zone}; CREATE TABLE don (id int, a {pair[0]} NULL, b {pair[1]} NULL);"
        f"INSERT INTO don VALUES {values}"
    )
    frames = [
        whole(
            engine.connection,
            OdbcStream(f"SELECT id, {c} AS luc FROM don", "luc", ZONE),
            since=START,
            until=START + timedelta(hours=5),
        )
        for c in "ab"
    ]
    assert frames[0]["id"].to_list() == ["8", "9", "10", "11", "12"]
    assert frames[0].equals(frames[1])
