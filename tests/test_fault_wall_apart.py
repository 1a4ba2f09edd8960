"""ODBC readers in processes of their own: what a crash, a kill or a hang leaves."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import polars as pl
import pytest

from connectors.breaker import BREAKER
from connectors.errors import DeadlineError, KntcError, SourceError, TransientError
from connectors.sources.base import (
    Deadline,
    OdbcAt,
    OdbcStream,
    RawBatch,
    SourceSpec,
    Stream,
)
from connectors.sources.odbc.apart import OdbcApart
from connectors.sources.odbc.reader import OdbcSource
from connectors.sources.registry import open_source
from tests.proxies import proxying

ROWS = 1000
QUERY = "SELECT so, noi_dung FROM don ORDER BY so"
# SQLite counts for ever; nothing but the end of its process ends it in time.
ENDLESS = (
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "
    "SELECT COUNT(*) FROM n"
)
SECRET = "mat-khau-bi-mat"


@pytest.fixture(scope="module")
def connection(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("sqlite") / "so.db"
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE don (so INTEGER, noi_dung TEXT)")
        rows = [(n, f"đơn số {n} Ộ ớ") for n in range(ROWS)]
        database.executemany("INSERT INTO don VALUES (?, ?)", rows)
    return f"Driver={{SQLite3}};Database={path};Pwd={SECRET};"


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    BREAKER.forget()
    yield
    BREAKER.forget()


def spec(connection: str, attempts: int = 1, rows: int = 100) -> SourceSpec:
    at = OdbcAt(lambda: connection)
    return SourceSpec(
        "quang_tri", "qt_db", "odbc", at, (), 5.0, attempts, batch_rows=rows
    )


def extract(
    source: OdbcApart | OdbcSource, query: str = QUERY, seconds: float = 60
) -> Iterator[RawBatch]:
    stream = Stream("don", OdbcStream(query))
    return source.extract(stream, None, None, Deadline.after(seconds))


def children() -> set[int]:
    """The processes of readers and of what forks them, of this process only."""
    found: dict[int, int] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                said = (folder / "cmdline").read_bytes()
                stat = (folder / "stat").read_text(encoding="utf-8", errors="replace")
            except OSError:
                continue
            if b"connectors.sources.odbc.apart" in said:
                found[int(folder.name)] = int(stat.rpartition(")")[2].split()[1])
    nurseries = {pid for pid, parent in found.items() if parent == os.getpid()}
    return nurseries | {pid for pid, parent in found.items() if parent in nurseries}


def nurseries() -> set[int]:
    """Those of them that fork the others."""
    mine = []
    for pid in children():
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
        if int(stat.rpartition(")")[2].split()[1]) == os.getpid():
            mine.append(pid)
    return set(mine)


def await_true(said: Callable[[], bool]) -> None:
    ends_at = time.monotonic() + 30
    while not said():
        assert time.monotonic() < ends_at
        time.sleep(0.02)


def test_it_is_what_the_registry_gives() -> None:
    assert isinstance(open_source(spec("Driver={X};")), OdbcApart)


def test_it_gives_what_the_reader_gives(connection: str) -> None:
    here = list(extract(OdbcSource(spec(connection))))
    apart = list(extract(OdbcApart(spec(connection))))
    assert [b.stream for b in apart] == [b.stream for b in here]
    assert len(apart) == ROWS // 100
    for one, other in zip(apart, here, strict=True):
        assert one.frame.equals(other.frame)
        assert one.frame.schema == other.frame.schema


def test_its_errors_are_the_readers(connection: str) -> None:
    said = []
    for reader in (OdbcSource, OdbcApart):
        with pytest.raises(SourceError) as caught:
            list(extract(reader(spec(connection)), "SELECT nothing FROM nowhere"))
        assert caught.value.__cause__ is None
        said.append(str(caught.value))
    assert said[0] == said[1]
    assert SECRET not in said[0]


def test_an_error_that_may_pass_is_tried_again() -> None:
    waits: list[float] = []
    with proxying(1, 0) as silent:
        text = f"Driver={{PostgreSQL Unicode}};Server=127.0.0.1;Port={silent.port};"
        one = spec(text + f"Uid=a;Pwd={SECRET};", attempts=3)
        one = SourceSpec(
            one.province, one.system, "odbc", one.at, (), 0.3, 3, batch_rows=10
        )
        with pytest.raises(TransientError) as caught:
            list(extract(OdbcApart(one, waits.append)))
        assert silent.accepted >= 3
    assert len(waits) == 2
    assert SECRET not in str(caught.value)


def test_a_child_that_is_killed_is_a_fault_that_may_pass(connection: str) -> None:
    """As when a driver crashes, or the machine has no memory left."""
    before = children()
    batches = extract(OdbcApart(spec(connection, rows=1)))
    next(batches)
    for pid in children() - before - nurseries():
        os.kill(pid, signal.SIGKILL)
    with pytest.raises(TransientError, match="quang_tri: query don") as caught:
        list(batches)
    assert "--failed" in str(caught.value)


def test_after_the_forking_process_was_killed_there_is_another(connection: str) -> None:
    assert sum(b.frame.height for b in extract(OdbcApart(spec(connection)))) == ROWS
    killed = nurseries()
    for pid in killed:
        os.kill(pid, signal.SIGKILL)
    await_true(lambda: all(_is_dead(pid) for pid in killed))
    assert sum(b.frame.height for b in extract(OdbcApart(spec(connection)))) == ROWS


def _is_dead(pid: int) -> bool:
    stat = Path(f"/proc/{pid}/stat")
    return not stat.exists() or ") Z" in stat.read_text(encoding="utf-8")


def test_who_reads_no_further_leaves_no_process(connection: str) -> None:
    list(extract(OdbcApart(spec(connection))))
    await_true(lambda: children() == nurseries())
    batches = extract(OdbcApart(spec(connection, rows=1)))
    next(batches)
    assert children() != nurseries()
    del batches
    await_true(lambda: children() == nurseries())


def test_trap_33_a_call_that_never_ends_is_ended_at_the_deadline(
    connection: str,
) -> None:
    """The driver heeds no time-out; bounded at five times, and no process stays."""
    began = time.monotonic()
    with pytest.raises(DeadlineError, match="quang_tri"):
        list(extract(OdbcApart(spec(connection)), ENDLESS, seconds=2))
    assert time.monotonic() - began < 5 * 3
    await_true(lambda: children() == nurseries())


def test_no_secret_stands_in_a_command_line_or_environment(connection: str) -> None:
    batches = extract(OdbcApart(spec(connection, rows=1)))
    next(batches)
    seen = 0
    for pid in children():
        for name in ("cmdline", "environ"):
            assert SECRET.encode() not in Path(f"/proc/{pid}/{name}").read_bytes()
            seen += 1
    assert seen >= 4
    batches.close()  # type: ignore[attr-defined]


def test_many_read_at_once(connection: str) -> None:
    def read(_: int) -> int:
        frames = [b.frame for b in extract(OdbcApart(spec(connection)))]
        return int(pl.concat(frames)["so"].n_unique())

    with ThreadPoolExecutor(12) as pool:
        assert list(pool.map(read, range(24))) == [ROWS] * 24


def test_when_we_are_killed_nothing_stays(connection: str, tmp_path: Path) -> None:
    """Not even a reader in the middle of a driver's call."""
    code = (
        "import sys; from tests.test_fault_wall_apart import *\n"
        "batches = extract(OdbcApart(spec(sys.argv[1], rows=1))); next(batches)\n"
        "print(*children(), flush=True)\n"
        "list(extract(OdbcApart(spec(sys.argv[1])), ENDLESS))\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code, connection],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parent.parent,
    )
    assert process.stdout is not None
    pids = [int(text) for text in process.stdout.readline().split()]
    assert len(pids) >= 2
    process.kill()
    process.wait()
    process.stdout.close()
    await_true(lambda: not any(Path(f"/proc/{pid}").exists() for pid in pids))


def test_every_error_of_ours_travels_whole() -> None:
    import pickle

    for error in (
        SourceError("a: b"),
        DeadlineError("a: b"),
        TransientError("a: b", 2.5),
    ):
        back = pickle.loads(pickle.dumps(error))
        assert type(back) is type(error)
        assert str(back) == str(error)
        assert isinstance(back, KntcError)
        assert getattr(back, "retry_after_s", None) == getattr(
            error, "retry_after_s", None
        )
