"""How a call is tried: again after a TransientError, and never past the deadline."""

import threading
import time
from collections.abc import Callable
from typing import TypeVar

from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_exception,
    wait_exponential_jitter,
)

from connectors.breaker import BREAKER, OpenError
from connectors.errors import TransientError
from connectors.sources.base import Deadline

T = TypeVar("T")

FIRST_WAIT_S = 0.5
LONGEST_WAIT_S = 30.0


def call(
    work: Callable[[], T],
    *,
    where: str,
    attempts: int,
    deadline: Deadline,
    sleep: Callable[[float], None] = time.sleep,
    circuit: str | None = None,
) -> T:
    """The result of `work`, tried at most `attempts` times.

    `circuit` names the host it calls, for all that call it; see connectors.breaker.

    Only TransientError is tried again, after an exponential wait with jitter or the
    server's `retry_after_s`, whichever is longer. A wait that would pass the deadline
    is not begun: the last error is raised instead. Raises DeadlineError when no time
    is left to begin with.
    """

    def attempt() -> T:
        deadline.check(where)
        return work() if circuit is None else BREAKER.guard(circuit, where, work)

    def spent(state: RetryCallState) -> bool:
        late = state.upcoming_sleep >= deadline.left_s()
        return late or state.attempt_number >= attempts

    retrying = Retrying(
        retry=retry_if_exception(_may_pass),
        wait=_wait,
        stop=spent,
        sleep=sleep,
        reraise=True,
    )
    return retrying(attempt)


def _may_pass(error: BaseException) -> bool:
    return isinstance(error, TransientError) and not isinstance(error, OpenError)


_backoff = wait_exponential_jitter(
    multiplier=FIRST_WAIT_S, max=LONGEST_WAIT_S, jitter=FIRST_WAIT_S
)


def _wait(state: RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    asked = error.retry_after_s if isinstance(error, TransientError) else None
    return max(_backoff(state), asked or 0.0)


def within(seconds: float, work: Callable[[], T]) -> T:
    """The result of `work`, or TimeoutError when it takes longer.

    For calls that a dead line can hold for ever (a driver, a server that drips): the
    call goes on in a daemon thread that nobody waits for.
    """
    results: list[T] = []
    errors: list[BaseException] = []

    def run() -> None:
        try:
            results.append(work())
        except BaseException as error:  # noqa: BLE001 - carried to the caller's thread
            errors.append(error)

    thread = threading.Thread(target=run, name="kntc-call", daemon=True)
    thread.start()
    thread.join(seconds)
    if errors:
        raise errors[0]
    if not results:
        raise TimeoutError
    return results[0]
