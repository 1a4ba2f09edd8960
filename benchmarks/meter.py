"""CPU seconds by step, measured from outside: the steps' own functions are wrapped.

Process CPU, so that what Polars does on other cores counts. A step inside a step (the
check inside the assembling) counts once, for the inner one. One office at a time.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from time import process_time
from types import ModuleType
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


class Meter:
    """Seconds of CPU a step, without those of the steps inside it."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)
        self._inner = [0.0]

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Count what runs inside under that name."""
        self._inner.append(0.0)
        began = process_time()
        try:
            yield
        finally:
            spent = process_time() - began
            self.seconds[name] += spent - self._inner.pop()
            self._inner[-1] += spent

    def around(self, name: str, function: Callable[P, R]) -> Callable[P, R]:
        """The function, counted under that name."""

        @wraps(function)
        def counted(*args: P.args, **kwargs: P.kwargs) -> R:
            with self.step(name):
                return function(*args, **kwargs)

        return counted

    def wrap(self, module: ModuleType, function: str, name: str) -> None:
        """Count a module's function wherever that module calls it."""
        setattr(module, function, self.around(name, getattr(module, function)))
