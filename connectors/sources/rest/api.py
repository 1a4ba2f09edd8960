"""One API, as its readers call it: let in, paced, tried again, bounded in time."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar
from urllib.parse import urlsplit

from connectors import retry
from connectors.sources.base import Deadline, RestAt, SourceSpec
from connectors.sources.rest.http import Call, Reply, Wire
from connectors.sources.rest.http_status import RefusedError
from connectors.sources.rest.letting_in import Door

T = TypeVar("T")


@dataclass(slots=True)
class Api:
    """An API and our standing with it, for all streams of a source."""

    spec: SourceSpec
    sleep: Callable[[float], None] = time.sleep
    _wire: Wire = field(init=False, repr=False)
    _door: Door = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._wire = Wire(self.at, self.spec.timeout_s, self.sleep)
        self._door = Door(self.at, self._wire.send)

    @property
    def at(self) -> RestAt:
        """Where it stands."""
        assert isinstance(self.spec.at, RestAt)
        return self.spec.at

    def call(
        self, where: str, call: Call, judge: Callable[[Reply], T], deadline: Deadline
    ) -> T:
        """What `judge` makes of the answer; both are tried again after what may pass.

        Raises TransientError after the last attempt, SourceError, DeadlineError.
        """
        return retry.call(
            lambda: judge(self._once(where, call, deadline)),
            where=where,
            attempts=self.spec.attempts,
            deadline=deadline,
            sleep=self.sleep,
            circuit=_circuit(self.at.base_url),
        )

    def _once(self, where: str, call: Call, deadline: Deadline) -> Reply:
        """The answer; a token that the API no longer takes is renewed once."""
        admitted, is_new = self._door.admitted(where, call, deadline)
        try:
            return self._wire.send(where, admitted, deadline)
        except RefusedError as refusal:
            # One that was got a moment ago is not spent: this user may not call.
            if is_new or not self._door.may_renew(refusal.status):
                raise
        self._wire.forget_cookies()
        admitted, _ = self._door.admitted(where, call, deadline)
        return self._wire.send(where, admitted, deadline)


def _circuit(base_url: str) -> str:
    """Host and port, which all offices on one server share."""
    parts = urlsplit(base_url)
    try:
        port = parts.port
    except ValueError:
        port = None
    return f"{parts.hostname}:{port or {'https': 443}.get(parts.scheme, 80)}"
