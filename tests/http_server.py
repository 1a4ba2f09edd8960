"""A small real HTTP server on loopback whose answers a test decides."""

import json
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Literal, TypeAlias
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server says; `drip_s` is the wait after each byte of the body."""

    body: bytes
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    drip_s: float = 0.0
    cut_after: int | None = None  # close the line after that many bytes
    # How the body's end is told: Content-Length, chunks, or only by closing the line.
    frame: Literal["length", "chunks", "close"] = "length"


@dataclass(frozen=True, slots=True)
class Asked:
    """What the client asked."""

    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    method: str = "GET"
    body: bytes = b""
    target: str = ""  # path and query as they came

    @property
    def json(self) -> dict[str, object]:
        """The body of a call that sends JSON."""
        value: dict[str, object] = json.loads(self.body)
        return value

    @property
    def form(self) -> dict[str, str]:
        """The body of a call that sends a form."""
        return {k: v[0] for k, v in parse_qs(self.body.decode()).items()}


Decide: TypeAlias = Callable[[Asked], Answer]


@dataclass(frozen=True, slots=True)
class Server:
    """A running server and everything it was asked."""

    url: str
    asked: list[Asked]


def as_json(value: object, status: int = 200) -> Answer:
    """An answer holding that value as JSON."""
    body = json.dumps(value, ensure_ascii=False).encode()
    return Answer(body, status, {"Content-Type": "application/json"})


@contextmanager
def serving(
    decide: Decide, certificate: Path | None = None, client_ca: Path | None = None
) -> Iterator[Server]:
    """A server for the length of a `with`; over TLS when given key and certificate.

    With `client_ca` it talks only to clients that this authority vouches for.
    """
    asked: list[Asked] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # Head and body are two writes: without this each answer waits 40 ms.
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            query = {k: v[0] for k, v in parse_qs(parts.query).items()}
            length = int(self.headers.get("Content-Length", "0"))
            one = Asked(
                parts.path,
                query,
                dict(self.headers.items()),
                self.command,
                self.rfile.read(length),
                self.path,
            )
            asked.append(one)
            _say(self, decide(one))

        do_POST = do_GET  # noqa: N815 - the library's name

        def log_message(self, format: str, *args: object) -> None:
            """Silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        if client_ca is not None:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(client_ca)
        server.socket = context.wrap_socket(
            server.socket, server_side=True, do_handshake_on_connect=False
        )
        server.handle_error = lambda *_: None  # type: ignore[method-assign]
    scheme = "http" if certificate is None else "https"
    server.daemon_threads = True
    server.block_on_close = False
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield Server(f"{scheme}://127.0.0.1:{server.server_port}", asked)
    finally:
        server.shutdown()
        server.server_close()


def _say(handler: BaseHTTPRequestHandler, answer: Answer) -> None:
    handler.send_response(answer.status)
    for name, value in answer.headers.items():
        handler.send_header(name, value)
    if answer.frame == "length" and answer.status != 204:
        handler.send_header("Content-Length", str(len(answer.body)))
    if answer.frame == "chunks":
        handler.send_header("Transfer-Encoding", "chunked")
    if answer.frame == "close":
        handler.send_header("Connection", "close")
        handler.close_connection = True
    handler.end_headers()
    body = answer.body
    if answer.frame == "chunks":
        body = b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)
    body = body[: answer.cut_after]
    try:
        if not answer.drip_s:
            handler.wfile.write(body)
        for at in range(len(body) if answer.drip_s else 0):
            handler.wfile.write(body[at : at + 1])
            handler.wfile.flush()
            time.sleep(answer.drip_s)
    except OSError:
        handler.close_connection = True  # the client had enough
    if answer.cut_after is not None:
        handler.close_connection = True


@contextmanager
def talking(talk: Callable[[socket.socket], None]) -> Iterator[str]:
    """The address of a server that does with each connection what `talk` does."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def run(client: socket.socket) -> None:
            with suppress(OSError), client:
                talk(client)

        def accept() -> None:
            while True:
                try:
                    client, _ = listener.accept()
                except OSError:
                    return
                threading.Thread(target=run, args=(client,), daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            with suppress(OSError):  # wakes the thread that waits in accept
                listener.shutdown(socket.SHUT_RDWR)
