"""MariaDB and MySQL; what Connector/ODBC 3.1.15 does in its own way, put right.

Never met a server: MySQL's own driver and server, drivers from 3.1.17 on (which stream
by the keys below).
"""

import math
import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pyodbc

from connectors.sources.odbc.asked import Asked, Execute, Value
from connectors.sources.odbc.dialect import (
    NARROW,
    WIDE,
    Dialect,
    Session,
    numbers,
    take_bytes,
)
from connectors.sources.odbc.mariadb_names import explained
from connectors.sources.odbc.slices import sliced

# It says HY000 (anything) or 42000 for these: lock wait, no way to the server, server
# gone, connection lost; too many connections; no such database.
_STATES = dict.fromkeys(("1205", "2002", "2003", "2006", "2013"), "08S01")
_STATES |= {"1040": "53300", "1049": "3D000"}
_STREAMS_FROM = (3, 1, 17)  # release notes of Connector/ODBC


def _start(session: Session) -> None:
    """Make what comes back whole, read only, in that zone and in time."""
    connection, cursor, read = session.connection, session.cursor, session.read
    # Of UTF-16 it takes the units D8 to DB from the wrong byte: without a word it drops
    # the end of each text with ộ, ớ or Ù. UTF-8 comes whole, both ways. Names of
    # columns still come as UTF-16: see mariadb_names.
    for kind in (pyodbc.SQL_CHAR, pyodbc.SQL_WCHAR):
        connection.setdecoding(kind, encoding="utf-8", ctype=pyodbc.SQL_CHAR)
    connection.setencoding(encoding="utf-8", ctype=pyodbc.SQL_CHAR)
    # 0000-00-00 is a date there and none in Python, 25:00:00 a time: they come as the
    # text they are.
    for kind in (pyodbc.SQL_TYPE_DATE, pyodbc.SQL_TYPE_TIMESTAMP, pyodbc.SQL_TYPE_TIME):
        connection.add_output_converter(kind, bytes.decode)
    _bound_time(cursor, max(1, math.ceil(session.left_s)))
    # A server knows zones by name only where somebody loaded them.
    offset = datetime.now(ZoneInfo(read.cursor_zone or "UTC")).isoformat()[-6:]
    cursor.execute(f"SET time_zone = '{offset}'")
    if read.encoding is not None:
        # The server hands the bytes over as they are stored.
        cursor.execute("SET character_set_results = NULL")
        take_bytes(connection, NARROW + WIDE)
    cursor.execute("SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ")
    cursor.execute("SET SESSION TRANSACTION READ ONLY")
    # Slices of one result must see one state; a snapshot locks nothing.
    cursor.execute("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY")


def _bound_time(cursor: pyodbc.Cursor, left_s: int) -> None:
    # The driver takes a time-out for statements and does not heed it.
    try:
        cursor.execute(f"SET max_statement_time = {left_s}")
    except pyodbc.Error:  # MySQL names it otherwise
        cursor.execute(f"SET max_execution_time = {left_s * 1000}")
    with suppress(pyodbc.Error):  # while it streams, a pause of ours is no fault
        cursor.execute(f"SET net_write_timeout = {left_s}")


def _keeps_results(connection: pyodbc.Connection) -> bool:
    if "maodbc" not in connection.getinfo(pyodbc.SQL_DRIVER_NAME):
        return False
    version = connection.getinfo(pyodbc.SQL_DRIVER_VER)
    parts = tuple(int(n) for n in re.findall(r"\d+", version)[:3])
    return parts < _STREAMS_FROM


def _results(
    connection: pyodbc.Connection, execute: Execute, wanted: Asked, size: int
) -> Iterator[pyodbc.Cursor]:
    # Without a cursor or a version there is nothing to slice by: all at once.
    if wanted.keys and _keeps_results(connection):
        yield from sliced(execute, wanted, size)
    else:
        yield execute(wanted.whole())


def _names(cursor: pyodbc.Cursor, query: str) -> list[str]:
    return explained(cursor, query) if _keeps_results(cursor.connection) else []


def _bind(value: Value) -> Value:
    # Bound moments are cut at the second, and a window that ends inside it would lose
    # its last rows: as text they are whole.
    if isinstance(value, datetime):
        return value.isoformat(" ")
    return value.isoformat() if isinstance(value, date) else value


def _state(state: str, text: str) -> tuple[str, str] | None:
    found = numbers(text)
    if not ("[ma-" in text or "[MySQL]" in text) or not found:
        return None
    # The operating system's number may stand before it.
    return _STATES.get(found[-1], state), found[-1]


DIALECT = Dialect(
    "MariaDB",
    re.compile(r"mariadb|maodbc|mysql|myodbc", re.IGNORECASE),
    ("MariaDB", "MySQL"),
    # The last three are MySQL's and newer drivers' words for: hold no result.
    keys={
        "CHARSET": "utf8mb4",
        "NO_CACHE": "1",
        "FORWARDONLY": "1",
        "FORWARD_CURSOR": "1",
    },
    start=_start,
    state=_state,
    results=_results,
    names=_names,
    bind=_bind,
)
