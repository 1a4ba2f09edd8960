"""Places: how many offices work at once, counted by who works, not by who waits.

An office whose source is silent, dripping or dead spends its time waiting, in a driver,
a pause before the next try, a file on a share that hangs. Were places held for that,
as many such offices as there are places would keep all the others out until their
deadline. So a place is lent to the next office as soon as the one that holds it has
used no processor for IDLE_S. When that one gets an answer it goes on at once, beside
the others: a server would not keep its rows for somebody who waits in our queue.
"""

import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

# Longer than a sound source's pauses, short beside an office's deadline.
IDLE_S = 1.0
# Less work than this in IDLE_S is waiting: a look at the clock, a byte that dripped in.
WORK_S = 0.02
LOOK_S = 0.1


@dataclass(slots=True, eq=False)
class Place:
    """One office's place: when its thread was last seen to have worked."""

    seen_at: float
    clock: int | None = None  # of its thread; None before it began
    work_s: float = 0.0

    def begin(self) -> None:
        """Watch the thread that calls this: the office's own."""
        self.clock = time.pthread_getcpuclockid(threading.get_ident())

    def is_working(self, now: float) -> bool:
        """Whether it used the processor within the last IDLE_S; looked at often."""
        if self.clock is None:
            return True
        try:
            work_s = time.clock_gettime(self.clock)
        except OSError:  # the thread has ended
            return False
        if work_s - self.work_s >= WORK_S:
            self.work_s, self.seen_at = work_s, now
        return now - self.seen_at < IDLE_S


@dataclass(frozen=True, slots=True)
class Places:
    """The places of this process; who came first gets one first."""

    _held: list[Place] = field(default_factory=list)
    _waiting: deque[Place] = field(default_factory=deque)
    _changed: threading.Condition = field(default_factory=threading.Condition)

    @contextmanager
    def one(self, at_once: int) -> Iterator[Place]:
        """A place, as soon as fewer than `at_once` offices work."""
        mine = self._take(at_once)
        try:
            yield mine
        finally:
            with self._changed:
                self._held.remove(mine)
                self._changed.notify_all()

    def _take(self, at_once: int) -> Place:
        mine = Place(time.monotonic())
        with self._changed:
            self._waiting.append(mine)
            while self._waiting[0] is not mine or self._working() >= at_once:
                self._changed.wait(LOOK_S)
            self._waiting.popleft()
            mine.seen_at = time.monotonic()
            self._held.append(mine)
            self._changed.notify_all()
        return mine

    def _working(self) -> int:
        now = time.monotonic()
        return sum(place.is_working(now) for place in self._held)
