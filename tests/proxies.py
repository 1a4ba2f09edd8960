"""TCP on loopback that behaves badly: refuses, swallows, or stalls half way."""

import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field

PIECE = 65_536


@dataclass(slots=True)
class Proxy:
    """Forwards to `target`; `answer_bytes` bounds what comes back, then silence.

    With 0 the client is accepted and never answered; with None all is forwarded.
    """

    target: int
    answer_bytes: int | None
    port: int = 0
    accepted: int = 0
    open: list[socket.socket] = field(default_factory=list)


@contextmanager
def proxying(target: int, answer_bytes: int | None = None) -> Iterator[Proxy]:
    """A proxy before that port for the length of a `with`."""
    proxy = Proxy(target, answer_bytes)
    with ExitStack() as stack:
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        proxy.port = listener.getsockname()[1]
        thread = threading.Thread(target=_accept, args=(proxy, listener), daemon=True)
        thread.start()
        try:
            yield proxy
        finally:
            # A thread that waits in accept does not wake when the listener closes.
            with suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            for connection in proxy.open:
                _close(connection)


def _accept(proxy: Proxy, listener: socket.socket) -> None:
    while True:
        try:
            client, _ = listener.accept()
        except OSError:
            return
        proxy.accepted += 1
        proxy.open.append(client)
        if proxy.answer_bytes == 0:
            continue
        server = socket.create_connection(("127.0.0.1", proxy.target))
        proxy.open.append(server)
        for arguments in (
            (client, server, None),
            (server, client, proxy.answer_bytes),
        ):
            threading.Thread(target=_forward, args=arguments, daemon=True).start()


def _forward(source: socket.socket, sink: socket.socket, most: int | None) -> None:
    left = most
    with suppress(OSError):
        while piece := source.recv(PIECE):
            if left is not None:
                piece, left = piece[:left], left - len(piece[:left])
                if not piece:
                    continue  # swallowed: the line stays open and says nothing
            sink.sendall(piece)
        sink.shutdown(socket.SHUT_WR)


def _close(connection: socket.socket) -> None:
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
    connection.close()
