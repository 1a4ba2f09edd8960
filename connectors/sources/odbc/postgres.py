"""PostgreSQL through psqlodbc (met: 13.02 on server 15)."""

import re
from collections.abc import Iterator
from datetime import date, datetime, time

import pyodbc

from connectors.sources.odbc.asked import Asked, Execute, Query
from connectors.sources.odbc.dialect import (
    NARROW,
    WIDE,
    Column,
    Dialect,
    Session,
    take_bytes,
)

# psqlodbc says 08001 (no connection) for these too, where the server answered: what no
# retry can mend, and what may pass. Its text is looked at here and never shown.
_REFUSED = {
    "28000": re.compile(
        r'password authentication failed|no password supplied|role "|pg_hba\.conf'
    ),
    "3D000": re.compile(r'database "[^"]*" does not exist'),
    "53300": re.compile("too many (clients|connections)|remaining connection slots"),
    "57P03": re.compile("the database system is "),
}
# HY000 (anything) while it sets the session up.
_LOST = re.compile(
    "closed the connection|connection to (the )?server|could not (send|receive)"
    "|Connection reset",
    re.IGNORECASE,
)
# The driver reads times with a clock's eyes: -infinity as today, the year 12026 as
# 1202, 24:00 not at all. Their own text is what stands there.
_CASTS = {datetime: "::timestamp::text", date: "::text", time: "::text"}


def _start(session: Session) -> None:
    # A timestamptz comes as naive time of the session's zone: the zone must be ours,
    # not the server's, and the same in which the bounds are bound.
    zone = session.read.cursor_zone or "UTC"
    cursor = session.cursor
    cursor.execute("SELECT set_config('TimeZone', ?, false)", zone).fetchall()
    left_ms = max(1, int(session.left_s * 1000))
    cursor.execute(f"SET statement_timeout = {left_ms}")
    # The fetching stands in a transaction; nobody is there any more after this time.
    cursor.execute(f"SET idle_in_transaction_session_timeout = {left_ms}")
    cursor.execute("SET DateStyle = 'ISO'")
    cursor.execute("SET default_transaction_read_only = on")
    if session.read.encoding is not None:
        # The server hands the bytes over as they are stored.
        cursor.execute("SET client_encoding = 'SQL_ASCII'")
        take_bytes(session.connection, NARROW + WIDE)


def _selected(quoted: str, column: Column) -> str | None:
    cast = _CASTS.get(column.type)
    return None if cast is None else f"{quoted}{cast} AS {quoted}"


def _results(
    connection: pyodbc.Connection, execute: Execute, wanted: Asked, size: int
) -> Iterator[pyodbc.Cursor]:
    # The driver's own way to read in pieces (UseDeclareFetch) crashes the process when
    # the line is lost between two of them; the same by hand does not.
    query = wanted.whole()
    connection.autocommit = False  # never committed
    execute(Query(f"DECLARE kntc NO SCROLL CURSOR FOR {query.sql}", query.values))
    while True:
        cursor = execute(Query(f"FETCH FORWARD {size} FROM kntc"))
        is_last = cursor.rowcount < size
        yield cursor
        if is_last:
            return


def _state(state: str, text: str) -> tuple[str, str] | None:
    if state == "HY000" and _LOST.search(text):
        return "08S01", ""
    if state != "08001":
        return None
    found = next((s for s, said in _REFUSED.items() if said.search(text)), None)
    return None if found is None else (found, "")


DIALECT = Dialect(
    "PostgreSQL",
    re.compile(r"postgre|psqlodbc", re.IGNORECASE),
    ("PostgreSQL",),
    keys={
        "UseDeclareFetch": "0",
        "BoolsAsChar": "0",  # else "1" and "0"
        "pqopt": "{{connect_timeout={timeout_s} keepalives_idle=10 "
        "keepalives_interval=5}}",
    },
    start=_start,
    probe="SELECT * FROM (\n{query}\n) kntc LIMIT 0",
    selected=_selected,
    selects_anew=True,
    state=_state,
    results=_results,
)
