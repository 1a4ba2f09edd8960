"""SQLite through sqliteodbc (met: 0.9998, driver names SQLite3 and SQLite)."""

import re
from collections.abc import Callable
from datetime import date, timedelta

import pyodbc

from connectors.sources.odbc.asked import Piece
from connectors.sources.odbc.dialect import (
    NARROW,
    WIDE,
    Column,
    Dialect,
    Moment,
    Session,
    numbers,
)

# The file is busy or locked, the disk fails, no memory; interrupted by ourselves.
_STATES = dict.fromkeys(("5", "6", "7", "10"), "08S01")
_STATES |= {"9": "HY008", "8": "25006", "14": "3D000", "1": "42000"}
_KINDS = [  # all but the binary ones
    *(*NARROW, *WIDE),
    *(pyodbc.SQL_TINYINT, pyodbc.SQL_SMALLINT, pyodbc.SQL_INTEGER, pyodbc.SQL_BIGINT),
    *(pyodbc.SQL_REAL, pyodbc.SQL_FLOAT, pyodbc.SQL_DOUBLE, pyodbc.SQL_BIT),
    *(pyodbc.SQL_NUMERIC, pyodbc.SQL_DECIMAL),
    *(pyodbc.SQL_TYPE_DATE, pyodbc.SQL_TYPE_TIME, pyodbc.SQL_TYPE_TIMESTAMP),
]
_CANONICAL = "%Y-%m-%d %H:%M:%f"


def _start(session: Session) -> None:
    """Every value as the text that stands there; nothing can be written."""
    # A column's declared type binds nobody: of "2 người" in an INTEGER the driver would
    # make 2, of 05/01/2026 in a DATE the first of May, of an epoch some date.
    as_stored = _decoder(session.read.encoding or "utf-8")
    for kind in _KINDS:
        session.connection.add_output_converter(kind, as_stored)
    session.cursor.execute("PRAGMA query_only = 1")


def _decoder(encoding: str) -> Callable[[bytes], str]:
    # A byte that does not fit stands as U+FFFD: a finding on its record, not the end.
    return lambda value: value.decode(encoding, "replace")


def _compared(column: str, moment: Moment, _: Column | None) -> Piece:
    """The comparison of ISO text (blank or T, any precision) with a bound.

    SQLite itself brings the text to one form, in milliseconds; where the text names an
    offset or Z, to UTC.
    """
    text = f"CASE WHEN {_is_aware(column)} THEN ? ELSE ? END"
    form = f"strftime('{_CANONICAL}', {column})"
    utc = Moment(moment.at, None, moment.is_lower)
    return Piece(f"{form} {moment.sign} {text}", (_text(utc), _text(moment)))


def _is_aware(column: str) -> str:
    return (
        f"length({column}) > 16 AND ({column} LIKE '%Z' OR "
        f"substr({column}, -6) GLOB '[+-][0-9][0-9]:[0-9][0-9]')"
    )


def _text(moment: Moment) -> str:
    # Down to the millisecond below, up to the one above: a bound never loses a row.
    local = moment.local
    spare = -local.microsecond % 1000
    if spare and not moment.is_lower:
        local += timedelta(microseconds=spare)
    return local.isoformat(" ", "milliseconds")


def _on_day(column: str, sign: str, day: date) -> Piece:
    return Piece(f"date({column}) {sign} ?", (day.isoformat(),))


def _state(state: str, text: str) -> tuple[str, str] | None:
    found = numbers(text)
    if "[SQLite]" not in text or not found:
        return None
    return _STATES.get(found[-1], state), found[-1]


DIALECT = Dialect(
    "SQLite",
    re.compile(r"sqlite", re.IGNORECASE),
    ("SQLite",),
    # A wrong path makes no new file; rows come one by one; waits for a writer.
    keys={"NoCreat": "1", "StepAPI": "1", "Timeout": "{timeout_ms}"},
    start=_start,
    compared=_compared,
    on_day=_on_day,
    # What is no ISO date (dd/mm/yyyy, an epoch) is not comparable: it comes always.
    is_unplaced=lambda column: f"strftime('{_CANONICAL}', {column}) IS NULL",
    state=_state,
    needs_cancel=True,  # it knows no time-out for statements
)
