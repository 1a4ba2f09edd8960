"""The odbc kind on a bad line: swallowed packets, closed ports, cut connections.

Read as a night reads, in a child: drivers crash the process at some of these places,
and threads left inside one would abort this process at its end.
"""

import re
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Literal

import pyodbc
import pytest

from connectors.breaker import BREAKER, OPENS_AFTER, OpenError, UnreachableError
from connectors.errors import DeadlineError, KntcError, SourceError, TransientError
from connectors.sources.base import OdbcStream, RawBatch
from connectors.sources.odbc.apart import OdbcApart
from connectors.sources.odbc.faults import reduced
from flows.demo.postgres import Cluster, free_port
from tests import odbc_reading
from tests.odbc_reading import make
from tests.proxies import Fault, always, misbehaving, proxying

PLACES = ("postgres", "mariadb", "freetds")
FREETDS = "Driver={FreeTDS};Server=127.0.0.1;Port=1;Database=x;Uid=kntc;Pwd=canary;"
SEQUENCE = {
    "postgres": "generate_series(1, 20000) AS g(seq)",
    "mariadb": "seq_1_to_20000",
}
PORT = re.compile(r"Port=(\d+)")
reading = partial(odbc_reading.reading, kind=OdbcApart)


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    BREAKER.forget()
    yield
    BREAKER.forget()


def connection_of(name: str, cluster: Cluster, folder: Path) -> str:
    return FREETDS if name == "freetds" else make(name, cluster, folder).connection


def port_of(connection: str) -> int:
    found = PORT.search(connection)
    assert found is not None
    return int(found[1])


def seconds_of(work: Callable[[], list[RawBatch]], kind: type[KntcError]) -> float:
    """How long it took until it gave up, which it must as that kind."""
    start = time.monotonic()
    with pytest.raises(kind) as caught:
        work()
    assert "canary" not in str(caught.value)
    return time.monotonic() - start


@pytest.mark.parametrize("name", PLACES)
def test_trap_33_a_server_that_never_answers_holds_nobody(
    name: str, cluster: Cluster, tmp_path: Path
) -> None:
    connection = connection_of(name, cluster, tmp_path)
    with proxying(port_of(connection), answer_bytes=0) as proxy:
        dead = PORT.sub(f"Port={proxy.port}", connection)
        spent = seconds_of(
            lambda: list(reading(dead, "SELECT 1 AS a", timeout_s=0.4)),
            UnreachableError,
        )
        assert spent < 5
        spent = seconds_of(
            lambda: list(reading(dead, "SELECT 1 AS a", seconds=0.5)), DeadlineError
        )
        assert spent < 5


@pytest.mark.parametrize(
    ("name", "answer_bytes"),
    # Of the greeting, of the session's set-up, of the rows.
    [
        *(("postgres", n) for n in (40, 400, 1500, 4000, 100_000)),
        *(("mariadb", n) for n in (40, 400, 2500, 100_000, 400_000)),
    ],
)
def test_trap_33_a_line_that_swallows_packets_half_way_holds_nobody(
    name: str, cluster: Cluster, tmp_path: Path, answer_bytes: int
) -> None:
    engine = make(name, cluster, tmp_path)
    query = f"SELECT seq, repeat('x', 100) AS chu FROM {SEQUENCE[name]}"
    with proxying(port_of(engine.connection), answer_bytes=answer_bytes) as proxy:
        dead = PORT.sub(f"Port={proxy.port}", engine.connection)
        spent = seconds_of(
            lambda: list(reading(dead, query, seconds=1.0, batch_rows=500)),
            DeadlineError,
        )
        assert spent < 8


@pytest.mark.parametrize("name", PLACES)
def test_a_closed_port_is_tried_again_and_then_transient(
    name: str, cluster: Cluster, tmp_path: Path
) -> None:
    connection = connection_of(name, cluster, tmp_path)
    connection = PORT.sub(f"Port={free_port()}", connection)
    waits: list[float] = []
    with pytest.raises(UnreachableError, match="SQLSTATE 08") as caught:
        list(reading(connection, "SELECT 1 AS a", attempts=3, waits=waits))
    assert len(waits) == 2
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize("name", PLACES)
def test_a_server_that_nobody_reaches_is_not_called_again_and_again(
    name: str, cluster: Cluster, tmp_path: Path
) -> None:
    connection = connection_of(name, cluster, tmp_path)
    connection = PORT.sub(f"Port={free_port()}", connection)
    waits: list[float] = []
    with pytest.raises(OpenError, match="was not called"):
        list(reading(connection, "SELECT 1 AS a", attempts=9, waits=waits))
    assert len(waits) == OPENS_AFTER


@pytest.mark.parametrize("name", ["postgres", "mariadb"])
@pytest.mark.parametrize("kind", ["cut", "reset"])
@pytest.mark.parametrize(
    "at", [0, 90, 200, 600, 1000, 1500, 2500, 4000, 20_000, 100_000, 300_000]
)
def test_a_line_that_breaks_anywhere_is_transient(
    name: str, kind: Literal["cut", "reset"], at: int, cluster: Cluster, tmp_path: Path
) -> None:
    engine = make(name, cluster, tmp_path)
    query = f"SELECT seq, repeat('x', 100) AS chu FROM {SEQUENCE[name]}"
    read = OdbcStream(query, version=("seq",))
    port = port_of(engine.connection)
    with misbehaving(port, always(Fault(kind, at))) as proxy:
        broken = PORT.sub(f"Port={proxy.port}", engine.connection)
        with pytest.raises(TransientError, match=r"SQLSTATE 08|driver crashed"):
            list(reading(broken, read, batch_rows=500))


@pytest.mark.parametrize(
    ("maker", "state", "text"),
    [
        ("ma-3.1.15", "08004", "Too many connections (1040)"),
        ("unixODBC", "08001", "FATAL:  sorry, too many clients already\n (101)"),
        ("unixODBC", "08001", "FATAL:  the database system is starting up\n (101)"),
        ("FreeTDS][SQL Server", "42000", "in the middle of a restore (927)"),
    ],
)
def test_a_server_that_answers_that_it_cannot_now_does_not_open_the_circuit(
    maker: str, state: str, text: str
) -> None:
    fault = pyodbc.Error(state, f"[{state}] [{maker}]{text} (SQLDriverConnect)")
    assert type(reduced("x: query don", fault, UnreachableError)) is TransientError


@pytest.mark.parametrize(
    ("name", "change", "says"),
    [
        ("postgres", ("Uid=kntc", "Uid=canary;Pwd=canary"), "user or password"),
        ("postgres", ("Database=", "Database=canary_"), "no such database"),
        ("postgres", ("{PostgreSQL Unicode}", "{canary}"), "not installed"),
        ("mariadb", ("Uid=kntc_doc", "Uid=canary;Pwd=canary"), "user or password"),
        ("mariadb", ("Database=", "Database=canary_"), "no such database"),
        ("sqlite", ("Database=", "Database=/canary"), "no such database"),
    ],
)
def test_connection_faults_never_show_the_connection_string(
    name: str, change: tuple[str, str], says: str, cluster: Cluster, tmp_path: Path
) -> None:
    connection = make(name, cluster, tmp_path).connection.replace(*change)
    waits: list[float] = []
    with pytest.raises(SourceError, match=says) as caught:
        list(reading(connection, "SELECT 1 AS a", attempts=3, waits=waits))
    error: BaseException | None = caught.value
    while error is not None:
        assert "canary" not in f"{error!r}"
        error = error.__cause__ or error.__context__
    assert waits == []
