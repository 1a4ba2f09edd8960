"""The rate limit of one API: calls stand a fixed time apart."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic

from connectors.sources.base import Deadline


@dataclass(slots=True)
class Pace:
    """At most `calls_per_s`, evenly: a burst is what rate limits punish."""

    calls_per_s: float | None
    sleep: Callable[[float], None]
    clock: Callable[[], float] = monotonic
    _free_at: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def wait(self, where: str, deadline: Deadline) -> None:
        """Return when the next call may begin; DeadlineError when that is too late."""
        if self.calls_per_s is None:
            return
        with self._lock:
            now = self.clock()
            begins_at = max(now, self._free_at)
            self._free_at = begins_at + 1 / self.calls_per_s
        if begins_at > now:
            self.sleep(min(begins_at - now, deadline.left_s()))
            deadline.check(where)
