"""A small real HTTP server on loopback whose answers a test decides."""

import json
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TypeAlias
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server says; `drip_s` is the wait after each byte of the body."""

    body: bytes
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    drip_s: float = 0.0
    cut_after: int | None = None  # close the line after that many bytes


@dataclass(frozen=True, slots=True)
class Asked:
    """What the client asked."""

    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]


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
def serving(decide: Decide, certificate: Path | None = None) -> Iterator[Server]:
    """A server for the length of a `with`; over TLS when given key and certificate."""
    asked: list[Asked] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            query = {k: v[0] for k, v in parse_qs(parts.query).items()}
            asked.append(Asked(parts.path, query, dict(self.headers.items())))
            _say(self, decide(asked[-1]))

        def log_message(self, format: str, *args: object) -> None:
            """Silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
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
    handler.send_header("Content-Length", str(len(answer.body)))
    handler.end_headers()
    body = answer.body[: answer.cut_after]
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
