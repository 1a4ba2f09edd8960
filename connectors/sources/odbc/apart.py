"""ODBC in a process of its own: a driver that crashes or hangs takes nobody with it.

Drivers are foreign C code. MariaDB's (3.1.15) dies of SIGSEGV when the line breaks
while it connects, and a process that is gone cannot publish the other offices. So each
reading runs in a child; its batches come over a socket, in order, as they are read
(the child reads on while a batch is staged here). Tries, pauses and the circuit breaker
stay on this side. A child whose other end has been closed ends by itself, even inside
a driver's call: no thread is left behind.

The children are forked by one clean process without threads (a fork of this one would
inherit locks that nobody opens again), which has the imports done: some 10 ms each.
"""

import os
import resource
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from multiprocessing.connection import Connection
from typing import TypeAlias

from connectors import breaker, retry
from connectors.errors import KntcError, SourceError, TransientError
from connectors.sources.base import (
    Bound,
    Deadline,
    OdbcAt,
    RawBatch,
    SourceSpec,
    Stream,
)
from connectors.sources.odbc.reader import OdbcSource

# What a child says: a batch, why it cannot go on, or (None) that this was all.
Said: TypeAlias = RawBatch | KntcError | None

# How long past the deadline a child may take to say so itself.
GRACE_S = 1.0


@dataclass(frozen=True, slots=True)
class Errand:
    """What a child is told, through the socket: it holds the connection string."""

    spec: SourceSpec  # without `at`, which is a function
    connection: str
    stream: Stream
    since: Bound | None
    until: datetime | None
    left_s: float


@dataclass(frozen=True, slots=True)
class OdbcApart:
    """Reads as OdbcSource does, in a child."""

    spec: SourceSpec
    sleep: Callable[[float], None] = time.sleep

    def extract(
        self,
        stream: Stream,
        since: Bound | None,
        until: datetime | None,
        deadline: Deadline,
    ) -> Iterator[RawBatch]:
        """See `Source.extract`; connecting and the first rows are tried again."""
        at, where = self.spec.at, f"{self.spec.province}: query {stream.name}"
        assert isinstance(at, OdbcAt)
        connection = at.connection()

        def begin() -> tuple[Connection, RawBatch | None]:
            spec = replace(self.spec, at=OdbcAt(str), attempts=1)
            errand = Errand(spec, connection, stream, since, until, deadline.left_s())
            child = _child(errand)
            try:
                return child, _next(where, child, deadline)
            except BaseException:
                child.close()
                raise

        child, batch = retry.call(
            begin,
            where=where,
            attempts=self.spec.attempts,
            deadline=deadline,
            sleep=self.sleep,
            circuit=breaker.database_circuit(connection),
        )
        with child:
            while batch is not None:
                yield batch
                batch = _next(where, child, deadline)


def _next(where: str, child: Connection, deadline: Deadline) -> RawBatch | None:
    """The next batch; None after the last."""
    try:
        said: Said = child.recv() if child.poll(deadline.left_s() + GRACE_S) else None
    except (EOFError, OSError):
        deadline.check(where)
        raise TransientError(
            f"{where}: the ODBC driver crashed while it read; the other offices are "
            "not touched. Look at the way to the database, then kntc sync --failed; "
            "if it stays so, install a newer driver"
        ) from None
    if isinstance(said, KntcError):
        raise said
    if said is None:
        deadline.check(where)
    return said


def _child(errand: Errand) -> Connection:
    """A new child at work on that errand."""
    ours, theirs = socket.socketpair()
    child = Connection(ours.detach())
    with theirs, suppress(OSError):
        _NURSERY.lend(theirs)
    # To a child that is gone already; that is seen when it is to say something.
    with suppress(OSError):
        child.send(errand)
    return child


class _Nursery:
    """The process that forks the children; begun at the first need, gone with us."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._line: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None

    def lend(self, end: socket.socket) -> None:
        """Let a new child have that end of a socket pair."""
        with self._lock:
            if self._process is None or self._process.poll() is not None:
                self._begin()  # the first, or after somebody killed it
            assert self._line is not None
            socket.send_fds(self._line, [b"c"], [end.fileno()])

    def _begin(self) -> None:
        if self._line is not None:
            self._line.close()
        self._line, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603 - this very module
                [sys.executable, "-m", __name__, str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                # The same code as ours, from wherever it was imported.
                env=os.environ
                | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,  # a driver's text may quote a row
                start_new_session=True,  # Ctrl-C is for us to handle
            )


_NURSERY = _Nursery()


def nurse(line: socket.socket) -> None:
    """Fork a child for each socket that comes; return when nobody sends any more."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for them
    # A crash must not write people's data into a core file.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    while True:
        _, handles, _, _ = socket.recv_fds(line, 1, 1)
        if not handles:
            return
        if os.fork() == 0:
            line.close()
            try:
                _run(Connection(handles[0]))
            finally:
                # Also when nobody listens any more: an orderly end of the interpreter
                # waits for ever for threads that a driver holds, and keeps its locks.
                os._exit(0)
        os.close(handles[0])


def _run(parent: Connection) -> None:
    """A child's life: one errand."""
    errand: Errand = parent.recv()
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    spec = replace(errand.spec, at=OdbcAt(lambda: errand.connection))
    batches = OdbcSource(spec).extract(
        errand.stream, errand.since, errand.until, Deadline.after(errand.left_s)
    )
    said: Said = None
    try:
        for batch in batches:
            parent.send(batch)
    except KntcError as error:
        said = error
    except Exception as error:  # noqa: BLE001 - its text may quote a value
        said = _unforeseen(errand, error)
    parent.send(said)


def _end_with(parent: Connection) -> None:
    with suppress(EOFError, OSError):
        parent.recv_bytes()  # never comes: only the end of the line does
    os._exit(0)


def _unforeseen(errand: Errand, error: Exception) -> SourceError:
    trace, place = error.__traceback__, "?"
    while trace is not None:
        place = f"{trace.tb_frame.f_globals.get('__name__', '?')}:{trace.tb_lineno}"
        trace = trace.tb_next
    return SourceError(
        f"{errand.spec.province}: query {errand.stream.name}: unforeseen fault "
        f"{type(error).__name__} at {place}. Report it with this line"
    )


if __name__ == "__main__":
    nurse(socket.socket(fileno=int(sys.argv[1])))
