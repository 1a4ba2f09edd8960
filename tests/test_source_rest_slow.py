"""Servers that hold a call: each is let go in time, and the office's time is kept."""

import socket
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from connectors.breaker import BREAKER
from connectors.errors import DeadlineError, KntcError, TransientError
from connectors.sources.base import Deadline, RestStream
from connectors.sources.rest.http import CALL_TIMEOUTS
from connectors.sources.rest.reader import RestSource
from tests.certificates import authority
from tests.http_server import Answer, Asked, as_json, serving, talking
from tests.proxies import proxying
from tests.rest_kinds import spec_for

READ = RestStream("/don", "items", paging="none")
TIMEOUT_S = 0.2
SOUND = as_json({"items": [{"id": "1"}]})


def read_all(url: str, seconds: float, attempts: int = 1) -> int:
    spec = replace(spec_for(url, READ), timeout_s=TIMEOUT_S, attempts=attempts)
    source = RestSource(spec, sleep=lambda _: None)
    batches = source.extract(spec.streams[0], None, None, Deadline.after(seconds))
    return sum(batch.frame.height for batch in batches)


def heard(client: socket.socket) -> None:
    client.recv(65_536)


def drips_headers(client: socket.socket) -> None:
    heard(client)
    client.sendall(b"HTTP/1.1 200 OK\r\n")
    while True:
        client.sendall(b"X-More: 1\r\n")
        time.sleep(0.05)


def drips_one_header(client: socket.socket) -> None:
    heard(client)
    client.sendall(b"HTTP/1.1 200 OK\r\nX-Long: ")
    while True:
        client.sendall(b"a")
        time.sleep(0.02)


def floods_headers(client: socket.socket) -> None:
    heard(client)
    client.sendall(b"HTTP/1.1 200 OK\r\n")
    while True:
        client.sendall(b"X-More: 1\r\n" * 1000)


def drips_body(client: socket.socket) -> None:
    heard(client)
    client.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    while True:
        client.sendall(b" ")
        time.sleep(0.02)


def drips_chunks(client: socket.socket) -> None:
    heard(client)
    client.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        client.sendall(b"1\r\n \r\n")
        time.sleep(0.02)


def drips_continues(client: socket.socket) -> None:
    heard(client)
    while True:
        client.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        time.sleep(0.02)


def says_nothing(client: socket.socket) -> None:
    heard(client)
    time.sleep(30)


def closes(client: socket.socket) -> None:
    heard(client)


def talks_nonsense(client: socket.socket) -> None:
    heard(client)
    client.sendall(b"SSH-2.0-OpenSSH_9.6\r\n")


TALKS: list[Callable[[socket.socket], None]] = [
    drips_headers,
    drips_one_header,
    floods_headers,
    drips_body,
    drips_chunks,
    drips_continues,
    says_nothing,
    closes,
    talks_nonsense,
]


@pytest.mark.parametrize("talk", TALKS, ids=lambda talk: str(talk.__name__))
def test_a_call_is_given_up_long_before_the_offices_deadline(
    talk: Callable[[socket.socket], None],
) -> None:
    with talking(talk) as url:
        started = time.monotonic()
        with pytest.raises(TransientError):
            read_all(url, seconds=600)
        assert time.monotonic() - started < 5 * CALL_TIMEOUTS * TIMEOUT_S


@pytest.mark.parametrize(
    "talk", [drips_headers, drips_body, says_nothing], ids=lambda t: str(t.__name__)
)
def test_no_server_holds_us_beyond_the_deadline(
    talk: Callable[[socket.socket], None],
) -> None:
    with talking(talk) as url:
        started = time.monotonic()
        with pytest.raises(KntcError):
            read_all(url, seconds=0.3, attempts=100)
        assert time.monotonic() - started < 3


def test_a_server_that_answers_after_the_deadline_is_not_waited_for() -> None:
    def late(asked: Asked) -> Answer:
        time.sleep(1)
        return SOUND

    with serving(late) as server:
        spec = replace(spec_for(server.url, READ), timeout_s=30.0)
        batches = RestSource(spec).extract(
            spec.streams[0], None, None, Deadline.after(0.3)
        )
        started = time.monotonic()
        with pytest.raises(DeadlineError):
            list(batches)
        assert time.monotonic() - started < 1.5


def test_after_a_lost_call_the_next_ones_are_sound() -> None:
    """Each attempt has a connection of its own after one that was lost."""
    held = [True, True]

    def decide(asked: Asked) -> Answer:
        if held:
            held.pop()
            return Answer(SOUND.body, drip_s=0.1)
        return SOUND

    with serving(decide) as server:
        assert read_all(server.url, seconds=60, attempts=3) == 1


def test_a_connection_that_the_server_closed_is_opened_again() -> None:
    """Kept-alive connections die between calls: that must not cost an attempt."""

    def decide(asked: Asked) -> Answer:
        page = int(asked.query["page"])
        said = as_json({"items": [{"id": str(page)}] if page < 5 else []})
        return replace(said, headers={"Connection": "close"})

    with serving(decide) as server:
        spec = spec_for(server.url, RestStream("/don", "items", page_size=1))
        batches = RestSource(spec).extract(
            spec.streams[0], None, None, Deadline.after(60)
        )
        assert sum(batch.frame.height for batch in batches) == 4


def test_redirects_are_not_followed_however_many() -> None:
    def decide(asked: Asked) -> Answer:
        return Answer(b"", 302, {"Location": f"/don?n={len(server.asked)}"})

    with serving(decide) as server:
        with pytest.raises(KntcError, match="HTTP 302; it sends elsewhere"):
            read_all(server.url, seconds=60, attempts=5)
        assert len(server.asked) == 1


def test_a_swallowing_network_ends_in_time() -> None:
    with (
        serving(lambda _: SOUND) as server,
        proxying(int(server.url.rpartition(":")[2]), answer_bytes=0) as proxy,
    ):
        started = time.monotonic()
        with pytest.raises(TransientError, match="no answer"):
            read_all(f"http://127.0.0.1:{proxy.port}", seconds=60)
        assert time.monotonic() - started < 5


def test_a_server_that_stalls_in_the_tls_greeting_ends_in_time() -> None:
    with talking(says_nothing) as url:
        started = time.monotonic()
        with pytest.raises(TransientError):
            read_all(url.replace("http", "https"), seconds=60)
        assert time.monotonic() - started < 5


def test_plain_http_behind_https_is_said(tmp_path: Path) -> None:
    ours = authority(tmp_path, "ours")
    certified = ours.issue(tmp_path / "server.pem")
    with serving(lambda _: SOUND, certified) as server, pytest.raises(KntcError):
        read_all(server.url.replace("https", "http"), seconds=60)
    with serving(lambda _: SOUND) as server, pytest.raises(KntcError, match="TLS"):
        read_all(server.url.replace("http", "https"), seconds=60)


def test_an_unreachable_host_opens_its_circuit_and_a_bad_answer_does_not() -> None:
    BREAKER.forget()
    with serving(lambda _: Answer(b"", 503)) as server:
        for _ in range(3):
            with pytest.raises(TransientError, match="HTTP 503"):
                read_all(server.url, seconds=60, attempts=4)
        gone = server.url
    with pytest.raises(TransientError, match="no answer"):
        read_all(gone, seconds=60, attempts=5)
    with pytest.raises(TransientError, match="was not called"):
        read_all(gone, seconds=60, attempts=5)
    BREAKER.forget()
