"""TCP on loopback that behaves badly, as a test says, at a byte of an answer."""

import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

PIECE = 65_536
# A closed line that says so at once (RST), instead of a quiet end (FIN).
AT_ONCE = struct.pack("ii", 1, 0)


@dataclass(frozen=True, slots=True)
class Fault:
    """What becomes of a connection's answer from its byte `at` on.

    delay: `seconds` of silence, once. drip: so many before each further byte.
    cut: the line ends quietly; reset: with an RST. lose: `size` bytes are left out.
    corrupt: `size` bytes are turned (XOR `mask`). black_hole: silence for ever.
    replay: instead of the server, what connection `of` was answered is said again.
    """

    kind: Literal[
        "delay", "drip", "cut", "reset", "lose", "corrupt", "black_hole", "replay"
    ]
    at: int = 0
    seconds: float = 0.0
    size: int = 1
    mask: int = 0xFF
    of: int = 0


# The fault of the connection of that number, counted from 0; None: it is sound.
Program: TypeAlias = Callable[[int], Fault | None]


@dataclass(slots=True)
class Proxy:
    """Forwards to `target`, with the faults that its program says now."""

    target: int
    program: Program
    port: int = 0
    answers: list[bytearray] = field(default_factory=list)  # as the server said them
    open: list[socket.socket] = field(default_factory=list)

    @property
    def accepted(self) -> int:
        """How many connections there have been."""
        return len(self.answers)


def always(fault: Fault | None) -> Program:
    """That fault on every connection."""
    return lambda _: fault


@contextmanager
def proxying(target: int, answer_bytes: int | None = None) -> Iterator[Proxy]:
    """A proxy that swallows all after so many bytes of answer (None: it forwards)."""
    silent = None if answer_bytes is None else Fault("black_hole", answer_bytes)
    with misbehaving(target, always(silent)) as proxy:
        yield proxy


@contextmanager
def misbehaving(target: int, program: Program) -> Iterator[Proxy]:
    """A proxy before that port of loopback for the length of a `with`."""
    proxy = Proxy(target, program)
    with ExitStack() as stack:
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        proxy.port = listener.getsockname()[1]
        _thread(_accept, proxy, listener)
        try:
            yield proxy
        finally:
            # A thread that waits in accept does not wake when the listener closes.
            with suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            for connection in proxy.open:
                _close(connection)


def _thread(work: Callable[..., None], *arguments: object) -> None:
    threading.Thread(target=work, args=arguments, daemon=True).start()


def _accept(proxy: Proxy, listener: socket.socket) -> None:
    while True:
        try:
            client, _ = listener.accept()
        except OSError:
            return
        fault = proxy.program(proxy.accepted)
        proxy.open.append(client)
        proxy.answers.append(bytearray())
        if fault is not None and fault.kind == "replay":
            _thread(_replay, client, bytes(proxy.answers[fault.of]))
            continue
        if fault is not None and fault.kind == "black_hole" and fault.at == 0:
            continue  # needs no server
        server = socket.create_connection(("127.0.0.1", proxy.target))
        proxy.open.append(server)
        _thread(_ask, client, server)
        _thread(_answer, server, client, fault, proxy.answers[-1])


def _ask(client: socket.socket, server: socket.socket) -> None:
    with suppress(OSError):
        while piece := client.recv(PIECE):
            server.sendall(piece)
        server.shutdown(socket.SHUT_WR)


def _replay(client: socket.socket, said: bytes) -> None:
    with suppress(OSError):
        if client.recv(PIECE):
            client.sendall(said)
    _close(client)


def _answer(
    server: socket.socket,
    client: socket.socket,
    fault: Fault | None,
    record: bytearray,
) -> None:
    with suppress(OSError):
        while piece := server.recv(PIECE):
            done = len(record)
            record += piece
            if fault is not None and done + len(piece) > fault.at:
                head = piece[: max(fault.at - done, 0)]
                client.sendall(head)
                begins = fault.at >= done
                if not _misbehave(client, piece[len(head) :], fault, done, begins):
                    break
            else:
                client.sendall(piece)
    _close(client)
    _close(server)


def _misbehave(
    client: socket.socket, rest: bytes, fault: Fault, done: int, begins: bool
) -> bool:
    """Say the rest of a piece as the fault will have it; False ends the line."""
    if fault.kind == "cut":
        return False
    if fault.kind == "reset":
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, AT_ONCE)
        client.shutdown(socket.SHUT_RD)  # wakes who reads there, else close waits
        client.close()
        return False
    if fault.kind == "black_hole":
        return True
    if fault.kind == "drip":
        for at in range(len(rest)):
            time.sleep(fault.seconds)
            client.sendall(rest[at : at + 1])
        return True
    if fault.kind == "delay":
        time.sleep(fault.seconds if begins else 0)
    else:
        rest = _altered(rest, fault, 0 if begins else done - fault.at)
    client.sendall(rest)
    return True


def _altered(rest: bytes, fault: Fault, altered: int) -> bytes:
    """Without, or with turned, what is left of the `size` bytes."""
    left = max(fault.size - altered, 0)
    if fault.kind == "lose":
        return rest[left:]
    return bytes(byte ^ fault.mask for byte in rest[:left]) + rest[left:]


def _close(connection: socket.socket) -> None:
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
    connection.close()
