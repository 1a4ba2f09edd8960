"""Database errors reduced to what may be said: SQLSTATE and constraint, never text.

PostgreSQL's DETAIL quotes the row, SQLite's text may quote a value.
"""

import sqlite3

from sqlalchemy.exc import DataError, DBAPIError, IntegrityError

# Another try may succeed: serialization, deadlock, lock not available, server going
# away or coming up, too many connections.
RETRYABLE_STATES = ("40001", "40P01", "55P03", "57P01", "57P02", "57P03", "53300")
_RETRYABLE_SQLITE = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}


def describe(error: DBAPIError) -> str:
    """SQLSTATE or SQLite's error name, and the constraint when one is named."""
    original = error.orig
    state = _state(error)
    if state is None:
        kind = getattr(original, "sqlite_errorname", None) or type(original).__name__
        return str(kind)
    constraint = getattr(getattr(original, "diag", None), "constraint_name", None)
    return f"SQLSTATE {state}" + (f", constraint {constraint}" if constraint else "")


def is_retryable(error: DBAPIError) -> bool:
    """True when the whole transaction may be tried again."""
    if error.connection_invalidated:
        return True
    code = getattr(error.orig, "sqlite_errorcode", None)
    if isinstance(code, int):
        return (code & 0xFF) in _RETRYABLE_SQLITE
    state = _state(error)
    return state is not None and (state in RETRYABLE_STATES or state.startswith("08"))


def is_about_data(error: DBAPIError) -> bool:
    """True for a value or a constraint: SQLSTATE class 22 or 23."""
    state = _state(error)
    if state is not None:
        return state.startswith(("22", "23"))
    return isinstance(error, (IntegrityError, DataError))


def _state(error: DBAPIError) -> str | None:
    state = getattr(error.orig, "sqlstate", None)
    return state if isinstance(state, str) else None
