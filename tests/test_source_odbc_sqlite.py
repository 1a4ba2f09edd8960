"""SQLite binds no column to a type: what an office wrote comes, and in its window."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.errors import TransientError
from connectors.sources.base import OdbcStream
from tests.odbc_reading import ZONE, reading, whole

START = datetime(2026, 1, 2, tzinfo=UTC)
READ = OdbcStream("SELECT id, luc FROM don", "luc", ZONE)


@pytest.fixture
def connection(tmp_path: Path) -> str:
    return f"Driver={{SQLite3}};Database={tmp_path / 'don.db'};"


def fill(folder: Path, rows: list[tuple[object, ...]], columns: str) -> None:
    with closing(sqlite3.connect(folder / "don.db")) as conn:
        conn.execute("DROP TABLE IF EXISTS don")
        conn.execute(f"CREATE TABLE don ({columns})")
        marks = ",".join("?" * len(rows[0]))
        conn.executemany(f"INSERT INTO don VALUES ({marks})", rows)
        conn.commit()


def test_a_value_comes_as_it_stands_whatever_its_column_was_declared(
    connection: str, tmp_path: Path
) -> None:
    rows: list[tuple[object, ...]] = [
        ("2 người", "05/01/2026", "", "12,5", "có", 9007199254740993),
        (7, "0000-00-00", "2026-01-02T07:00:00Z", 12.5, 1, -1),
        (None, None, None, None, None, None),
    ]
    columns = "so integer, ngay date, luc datetime, gia decimal(9,2), co boolean, b int"
    fill(tmp_path, rows, columns)
    frame = whole(connection, 'SELECT *, 1 AS "Số đơn ộớ" FROM don')
    assert frame.columns[:7] == ["so", "ngay", "luc", "gia", "co", "b", "Số đơn ộớ"]
    got = [row[:6] for row in frame.rows()]
    assert got == [tuple(None if v is None else str(v) for v in row) for row in rows]


def test_trap_02_seven_digits_of_a_second_lose_no_row(
    connection: str, tmp_path: Path
) -> None:
    whole_second = "2026-01-02 07:00:00"
    digits = [f"{whole_second}.{n:07d}" for n in (0, 1, 4999, 5000, 1234567, 9999999)]
    fill(tmp_path, [(i, d) for i, d in enumerate([*digits, whole_second])], "id, luc")
    for moment in [*digits, whole_second]:
        cut = datetime.fromisoformat(moment[:26]).replace(tzinfo=UTC)
        frame = whole(connection, READ, since=cut - timedelta(hours=7))
        later = [i for i, d in enumerate([*digits, whole_second]) if d >= moment]
        assert {str(i) for i in later} <= set(frame["id"])
    assert whole(connection, READ, since=START).height == 7


FORMS: dict[str, Callable[[datetime], str]] = {
    "blank": lambda m: m.strftime("%Y-%m-%d %H:%M:%S"),
    "T": lambda m: m.strftime("%Y-%m-%dT%H:%M:%S"),
    "minute": lambda m: m.strftime("%Y-%m-%d %H:%M"),
    "parts": lambda m: m.isoformat(" ", "milliseconds"),
    "Z": lambda m: (m - timedelta(hours=7)).strftime("%Y-%m-%dT%H:%M:%SZ"),
    "east": lambda m: (m + timedelta(hours=2)).isoformat() + "+09:00",
    "west": lambda m: (m - timedelta(hours=10)).isoformat() + "-03:00",
}


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.lists(st.tuples(st.integers(-1500, 1500), st.sampled_from(sorted(FORMS)))))
def test_trap_05_the_order_of_cursors_is_the_order_of_instants(
    connection: str, tmp_path: Path, rows: list[tuple[int, str]]
) -> None:
    """Local minutes before and after the bound, each written in some ISO form."""
    local = datetime(2026, 1, 2, 7)  # noqa: DTZ001 - as the office writes it
    texts = [FORMS[form](local + timedelta(minutes=n)) for n, form in rows]
    fill(tmp_path, [(i, t) for i, t in enumerate(texts)] or [(0, None)], "id, luc")
    until = START + timedelta(hours=5)
    frame = whole(connection, READ, since=START, until=until)
    inside = {str(i) for i, (n, _) in enumerate(rows) if 0 <= n < 300}
    assert set(frame["id"]) == (inside or ({"0"} if not rows else set()))


def test_what_cannot_be_placed_in_time_comes_always(
    connection: str, tmp_path: Path
) -> None:
    odd: list[object] = ["05/01/2026", 1767312000, "", None, "hôm qua", b"\xff"]
    fill(tmp_path, list(enumerate(odd)), "id, luc")
    frame = whole(connection, READ, since=START, until=START + timedelta(days=1))
    assert sorted(frame["id"]) == [str(i) for i in range(len(odd))]


def test_a_locked_file_is_waited_for_and_then_transient(
    connection: str, tmp_path: Path
) -> None:
    fill(tmp_path, [(1,)], "id")
    with closing(sqlite3.connect(tmp_path / "don.db")) as conn:
        conn.isolation_level = None
        conn.execute("BEGIN EXCLUSIVE")
        with pytest.raises(TransientError, match=r"\(5\)"):
            list(reading(connection, "SELECT id FROM don", timeout_s=1))
        conn.execute("COMMIT")
    assert whole(connection, "SELECT id FROM don").height == 1
