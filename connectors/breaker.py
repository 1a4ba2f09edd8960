"""The circuit breaker: a host that nobody can reach is not called again and again.

Several sources, streams and offices may stand on one host. What one of them learned
is true for all: after OPENS_AFTER tries in a row that found no way to the host, a call
fails at once, until PAUSE_S later one call may try (the others still fail at once).
So a dead host costs the night one office's patience, not ten.

Only UnreachableError counts. A host that answers, be it 503 or too slowly for one
office's query, is alive: its other offices must not be refused for that.

The state is this process's and this night's (`forget` at its beginning). The ledger
has what became of each office; that a host was dead yesterday, or before the operator
mended it, must not keep `kntc sync` from calling it today. PAUSE_S is shorter than the
orchestrator's wait before it tries an office again, so that this try does call.
"""

import hashlib
import re
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TypeVar
from zoneinfo import ZoneInfo

from connectors.errors import DeadlineError, TransientError

T = TypeVar("T")

OPENS_AFTER = 5
PAUSE_S = 60.0
LOCAL = ZoneInfo("Asia/Ho_Chi_Minh")  # what a message shows
# How drivers call the machine and the door in a connection string.
_SERVER = re.compile(
    r"(?:^|;)\s*(server|servername|host|hostname|address|addr|data source|port|dsn)"
    r"\s*=\s*(\{[^}]*\}|[^;]*)",
    re.IGNORECASE,
)
_SALT = secrets.token_bytes(16)


class UnreachableError(TransientError):
    """No connection came about; an answer that was bad or slow is none of these."""


class OpenError(UnreachableError):
    """Not called at all: the circuit is open. Trying again at once is of no use."""


@dataclass(slots=True)
class _Circuit:
    failures: int = 0
    since: datetime | None = None  # the first of the failures
    next_at: float = 0.0  # monotonic: when one call may try
    is_tried: bool = False  # that one is under way


@dataclass(frozen=True, slots=True)
class Breaker:
    """The circuits of one process, by host."""

    clock: Callable[[], float] = time.monotonic
    _circuits: dict[str, _Circuit] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def guard(self, circuit: str, where: str, work: Callable[[], T]) -> T:
        """The result of `work`; OpenError, without calling it, while it is open.

        `circuit` names the host and is shown.
        """
        self._enter(circuit, where)
        try:
            result = work()
        except UnreachableError:
            self._failed(circuit)
            raise
        except DeadlineError:
            self._left(circuit)  # says nothing of the host
            raise
        except BaseException:
            self._reached(circuit)
            raise
        self._reached(circuit)
        return result

    def forget(self) -> None:
        """Close every circuit."""
        with self._lock:
            self._circuits.clear()

    def _enter(self, circuit: str, where: str) -> None:
        with self._lock:
            found = self._circuits.get(circuit)
            if found is None or found.failures < OPENS_AFTER:
                return
            if self.clock() >= found.next_at and not found.is_tried:
                found.is_tried = True
                return
        raise OpenError(
            f"{where}: {circuit} was not called: there has been no way to it since "
            f"{found.since:%H:%M:%S} ({found.failures} tries in a row). Mend it or the "
            "way to it, then kntc sync --failed"
        )

    def _failed(self, circuit: str) -> None:
        with self._lock:
            found = self._circuits.setdefault(circuit, _Circuit())
            found.failures += 1
            found.since = found.since or datetime.now(UTC).astimezone(LOCAL)
            found.next_at = self.clock() + PAUSE_S
            found.is_tried = False

    def _left(self, circuit: str) -> None:
        with self._lock:
            if circuit in self._circuits:
                self._circuits[circuit].is_tried = False

    def _reached(self, circuit: str) -> None:
        with self._lock:
            self._circuits.pop(circuit, None)


BREAKER = Breaker()


def database_circuit(connection: str) -> str | None:
    """The circuit of a connection string's server; None when it names none.

    A number instead of the name, which is part of a secret: the same number for every
    office on that server, another one in each process.
    """
    parts = {
        key.lower(): value.strip("{} ") for key, value in _SERVER.findall(connection)
    }
    if not any(key != "port" for key in parts):
        return None
    name = repr(sorted((key, value.lower()) for key, value in parts.items()))
    digest = hashlib.blake2b(name.encode(), key=_SALT, digest_size=4)
    return f"database server #{digest.hexdigest()}"
