"""A driver's call: in time, stopped when it is not, its error reduced."""

import math
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

import pyodbc

from connectors import retry
from connectors.breaker import UnreachableError
from connectors.errors import KntcError, SourceError, TransientError
from connectors.sources.base import Deadline
from connectors.sources.odbc.dialect import Dialect
from connectors.sources.odbc.faults import reduced

T = TypeVar("T")


def bounded(
    where: str,
    deadline: Deadline,
    work: Callable[[], T],
    most_s: float = math.inf,
    stop: Callable[[], None] | None = None,
    lost: type[TransientError] = TransientError,
) -> T:
    """The result of a driver call, in time, its error reduced to SQLSTATE.

    `lost` is raised for no answer, or no way to the server.
    """
    error: KntcError
    try:
        return retry.within(min(deadline.left_s(), most_s), work)
    except TimeoutError:
        error = lost(f"{where}: no answer within {most_s:g} s")
        if stop is not None:
            stop()
    except pyodbc.Error as fault:
        error = reduced(where, fault, lost)
    except UnicodeError:
        error = SourceError(
            f"{where}: a text that is not Unicode came back; set the driver's "
            "character set in the connection string, or mend the text at source"
        )
    except ValueError:  # a date that Python has not, from a driver without dialect
        error = SourceError(
            f"{where}: a date or a number that cannot be read came back; give that "
            "column as text in the preset's query"
        )
    # Outside the handlers: a driver's text must not hang on as the context.
    deadline.check(where)
    raise error


def connected(
    where: str, deadline: Deadline, text: str, timeout_s: float
) -> pyodbc.Connection:
    """A new connection; UnreachableError when no way leads to the server."""
    seconds = max(1, math.ceil(timeout_s))
    return bounded(
        where,
        deadline,
        lambda: pyodbc.connect(text, autocommit=True, readonly=True, timeout=seconds),
        most_s=timeout_s * 2,
        lost=UnreachableError,
    )


def stopper(dialect: Dialect, cursor: pyodbc.Cursor) -> Callable[[], None] | None:
    """What ends a call that nobody waits for any more; None: the server does."""

    def stop() -> None:
        with suppress(TimeoutError, pyodbc.Error):
            retry.within(1.0, cursor.cancel)

    return stop if dialect.needs_cancel else None


def close(*held: pyodbc.Cursor | pyodbc.Connection) -> None:
    """Close them one after the other, waiting a second at most."""

    def close_all() -> None:
        for one in held:
            with suppress(pyodbc.Error):
                one.close()

    # They may be gone already; what was read does not depend on them.
    with suppress(TimeoutError):
        retry.within(1.0, close_all)
