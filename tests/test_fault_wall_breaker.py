"""A host that nobody can reach costs the night one office's patience, not ten."""

import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from connectors import retry
from connectors.breaker import (
    BREAKER,
    OPENS_AFTER,
    PAUSE_S,
    Breaker,
    OpenError,
    UnreachableError,
    database_circuit,
)
from connectors.errors import DeadlineError, SourceError, TransientError
from connectors.sources.base import Deadline
from flows.demo.postgres import free_port
from flows.engine.night import NightRequest, run_night
from flows.engine.outcome import Verdict
from flows.nightly import RETRY_DELAY_S
from tests.http_server import Answer, serving
from tests.small import Installation, install, petition

HOST = "kntc.example:8443"


@dataclass(slots=True)
class Clock:
    """A clock that a test winds."""

    now: float = 0.0

    def __call__(self) -> float:
        return self.now


@dataclass(slots=True)
class Called:
    """A host that does as it is told, and counts."""

    fault: Exception | None = None
    calls: int = 0

    def __call__(self) -> str:
        self.calls += 1
        if self.fault is not None:
            raise self.fault
        return "answer"


def lost() -> UnreachableError:
    return UnreachableError("quang_tri: no way")


def fail(breaker: Breaker, times: int, host: str = HOST) -> Called:
    called = Called(lost())
    for _ in range(times):
        with pytest.raises(UnreachableError):
            breaker.guard(host, "quang_tri: don", called)
    return called


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    BREAKER.forget()
    yield
    BREAKER.forget()


def test_after_so_many_failures_nobody_calls_any_more() -> None:
    breaker = Breaker(Clock())
    assert fail(breaker, OPENS_AFTER).calls == OPENS_AFTER
    called = Called()
    with pytest.raises(OpenError) as caught:
        breaker.guard(HOST, "hue: don", called)
    assert called.calls == 0
    said = str(caught.value)
    for word in ("hue: don", HOST, "since", f"{OPENS_AFTER} tries", "--failed"):
        assert word in said
    assert breaker.guard("another.example:443", "hue: don", called) == "answer"


@pytest.mark.parametrize(
    "fault", [TransientError("HTTP 503"), SourceError("HTTP 401"), ValueError()]
)
def test_a_host_that_answers_badly_is_refused_to_nobody(fault: Exception) -> None:
    breaker = Breaker(Clock())
    bad = Called(fault)
    for _ in range(OPENS_AFTER * 3):
        with pytest.raises(type(fault)):
            breaker.guard(HOST, "quang_tri: don", bad)
    assert breaker.guard(HOST, "hue: don", Called()) == "answer"


def test_an_answer_between_failures_begins_the_count_anew() -> None:
    breaker = Breaker(Clock())
    fail(breaker, OPENS_AFTER - 1)
    breaker.guard(HOST, "hue: don", Called())
    fail(breaker, OPENS_AFTER - 1)
    assert breaker.guard(HOST, "hue: don", Called()) == "answer"


def test_after_the_pause_one_call_tries_and_its_answer_counts_for_all() -> None:
    clock = Clock()
    breaker = Breaker(clock)
    fail(breaker, OPENS_AFTER)
    clock.now += PAUSE_S
    inside: list[int] = []

    def probe() -> str:
        with pytest.raises(OpenError):  # the others wait for this one's answer
            breaker.guard(HOST, "hue: don", Called())
        inside.append(1)
        return "answer"

    assert breaker.guard(HOST, "quang_tri: don", probe) == "answer"
    assert inside
    assert breaker.guard(HOST, "hue: don", Called()) == "answer"


def test_a_try_that_fails_opens_it_for_another_pause() -> None:
    clock = Clock()
    breaker = Breaker(clock)
    fail(breaker, OPENS_AFTER)
    clock.now += PAUSE_S
    fail(breaker, 1)
    with pytest.raises(OpenError):
        breaker.guard(HOST, "hue: don", Called())
    clock.now += PAUSE_S
    assert breaker.guard(HOST, "hue: don", Called()) == "answer"


def test_a_try_that_ran_into_its_deadline_leaves_the_next_one_free() -> None:
    clock = Clock()
    breaker = Breaker(clock)
    fail(breaker, OPENS_AFTER)
    clock.now += PAUSE_S
    with pytest.raises(DeadlineError):
        breaker.guard(HOST, "quang_tri: don", Called(DeadlineError("late")))
    assert breaker.guard(HOST, "hue: don", Called()) == "answer"


def test_the_orchestrators_next_try_is_always_let_through() -> None:
    assert PAUSE_S < RETRY_DELAY_S


def test_an_open_circuit_is_not_tried_again_by_retry() -> None:
    dead, waits = Called(lost()), list[float]()

    def ask(called: Called) -> str:
        return retry.call(
            called,
            where="quang_tri: don",
            attempts=OPENS_AFTER * 2,
            deadline=Deadline.after(60),
            sleep=waits.append,
            circuit=HOST,
        )

    with pytest.raises(OpenError):
        ask(dead)
    assert dead.calls == OPENS_AFTER
    assert len(waits) == OPENS_AFTER
    with pytest.raises(OpenError):
        ask(dead)
    assert (dead.calls, len(waits)) == (OPENS_AFTER, OPENS_AFTER)


def test_without_a_circuit_nothing_changes() -> None:
    dead = Called(lost())
    with pytest.raises(UnreachableError):
        retry.call(
            dead,
            where="quang_tri: don",
            attempts=OPENS_AFTER * 2,
            deadline=Deadline.after(600),
            sleep=lambda _: None,
        )
    assert dead.calls == OPENS_AFTER * 2


def test_ten_threads_at_once_call_a_dead_host_as_often_as_one() -> None:
    """Those already under way may still end; nobody begins after it is known."""
    breaker, dead = Breaker(), Called(lost())
    together = threading.Barrier(10)

    def office() -> None:
        together.wait()
        for _ in range(5):
            with pytest.raises(UnreachableError):
                breaker.guard(HOST, "an office", dead)

    threads = [threading.Thread(target=office) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert OPENS_AFTER <= dead.calls <= OPENS_AFTER + 9


def test_a_databases_circuit_is_its_server_and_never_shows_it() -> None:
    one = database_circuit("Driver={X};Server=Vung1.Local;Port=5432;Uid=a;Pwd=b;")
    same = database_circuit("DRIVER={X};server=vung1.local;UID=c;PORT=5432;Pwd={;d}")
    assert one is not None
    assert one == same
    for hidden in ("vung1", "Vung1", "5432"):
        assert hidden not in one
    assert one != database_circuit("Driver={X};Server=vung2.local;Port=5432;")
    assert one != database_circuit("Driver={X};Server=vung1.local;Port=5433;")
    assert database_circuit("Driver={SQLite3};Database=/tmp/x.db;") is None
    assert database_circuit("DSN=so_don_thu;Uid=a") is not None


def rest_office(place: Installation, stem: str, base_url: str) -> None:
    systems = place.folder / "config" / "systems"
    text = (systems / "so_don_thu_csv.toml").read_text(encoding="utf-8")
    read = 'glob = "so_don_thu_*.csv"\nformat = "csv"\ndelimiter = ";"\n'
    text = text.replace("so_don_thu_csv", "so_rest", 1).replace(
        read, 'path = "petitions"\nitems = "items"\n'
    )
    text = text.replace('kind = "files"', 'kind = "rest"', 1)
    (systems / "so_rest.toml").write_text(text, encoding="utf-8")
    path = place.folder / "config" / "provinces" / f"{stem}.toml"
    path.write_text(
        f'name = "BHXH {stem}"\nprovince_code = "44"\ncode_scheme = "QD19-2025"\n'
        f'[[sources]]\nsystem = "{stem}_so"\nproduct = "so_rest"\nattempts = 2\n'
        f'[sources.rest]\nbase_url = "{base_url}"\n',
        encoding="utf-8",
    )


def test_ten_offices_on_one_dead_host_call_it_as_often_as_one(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    place = install(tmp_path_factory.mktemp("dead"))
    port = free_port()
    for number in range(10):
        rest_office(place, f"o{number}", f"http://127.0.0.1:{port}/tenant{number}")
    place.add_office("sound")
    place.write("sound", [petition(n) for n in range(3)])
    night = run_night(place.settings, NightRequest())
    verdicts = {o.province: o for o in night.offices}
    assert verdicts.pop("sound").verdict is Verdict.PUBLISHED
    for stem, office in verdicts.items():
        assert office.verdict is Verdict.FAILED
        assert office.retryable
        assert stem in str(office.error)
        assert "--failed" in str(office.error)
    refused = [o for o in verdicts.values() if "was not called" in str(o.error)]
    assert len(refused) >= 4
    assert all(f"127.0.0.1:{port}" in str(o.error) for o in refused)


def test_yesterdays_open_circuit_does_not_keep_the_operator_from_running(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    place = install(tmp_path_factory.mktemp("mended"))
    with socket.create_server(("127.0.0.1", 0)) as held:
        port = held.getsockname()[1]
    for number in range(6):
        rest_office(place, f"o{number}", f"http://127.0.0.1:{port}/tenant{number}")
    assert run_night(place.settings, NightRequest()).verdict == "failed"
    with serving(lambda _: Answer(b'{"items": []}')) as server:
        for number in range(6):
            rest_office(place, f"o{number}", f"{server.url}/tenant{number}")
            fail(BREAKER, OPENS_AFTER, server.url.removeprefix("http://"))
        again = run_night(place.settings, NightRequest(failed_only=True))
    # Held, for the list is empty: but they were asked.
    assert {o.verdict for o in again.offices} == {Verdict.HELD}
