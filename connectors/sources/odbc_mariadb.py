"""What MariaDB's ODBC driver (3.1.15) does in its own way, put right."""

import math
import re
from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

import pyodbc

SERVER = "MariaDB"  # how the driver names it: SQL_DBMS_NAME
_DRIVER = re.compile(r"driver\s*=\s*\{?[^;}]*(mariadb|maodbc)", re.IGNORECASE)
_CHARSET = re.compile(r"(^|;)\s*charset\s*=", re.IGNORECASE)
# It says HY000 (anything) or 42000 for these: too many connections, lock wait, no way
# to the server, server gone, connection lost; no such database.
_STATES = dict.fromkeys(("1040", "1205", "2002", "2003", "2006", "2013"), "08S01")
_STATES["1049"] = "3D000"


def with_charset(text: str) -> str:
    """The connection string, with UTF-8 where it names this driver and no other set."""
    if not _DRIVER.search(text) or _CHARSET.search(text):
        return text
    return text.rstrip("; ") + ";CHARSET=utf8mb4;"


def set_session(
    connection: pyodbc.Connection, cursor: pyodbc.Cursor, zone: str, left_s: float
) -> None:
    """Make what comes back whole, read only, in that zone and in time."""
    # Of UTF-16 it takes the units D8 to DB from the wrong byte: without a word it drops
    # the end of each text with ộ, ớ or Ù. UTF-8 comes whole, both ways. Names of
    # columns still come as UTF-16: a preset must give them ASCII ones.
    for kind in (pyodbc.SQL_CHAR, pyodbc.SQL_WCHAR):
        connection.setdecoding(kind, encoding="utf-8", ctype=pyodbc.SQL_CHAR)
    connection.setencoding(encoding="utf-8", ctype=pyodbc.SQL_CHAR)
    # 0000-00-00 is a date there and none in Python: dates come as the text they are.
    for kind in (pyodbc.SQL_TYPE_DATE, pyodbc.SQL_TYPE_TIMESTAMP):
        connection.add_output_converter(kind, bytes.decode)
    # It takes a time-out for statements and does not heed it.
    cursor.execute(f"SET max_statement_time = {max(1, math.ceil(left_s))}")
    # A server knows zones by name only where somebody loaded them.
    offset = datetime.now(ZoneInfo(zone)).isoformat()[-6:]
    cursor.execute(f"SET time_zone = '{offset}'")
    cursor.execute("SET SESSION TRANSACTION READ ONLY")


def said(moments: Sequence[datetime]) -> tuple[str, ...]:
    """Moments as text: bound ones are cut at the second, and a window that ends inside
    it would lose its last rows."""
    return tuple(moment.isoformat(" ") for moment in moments)


def state_and_code(state: str, text: str) -> tuple[str, str] | None:
    """A better SQLSTATE and the server's own number; None for another driver."""
    numbers = re.findall(r"\((-?\d{1,9})\)", text)
    if "[ma-" not in text or not numbers:
        return None
    # The operating system's number may stand before it.
    return _STATES.get(numbers[-1], state), numbers[-1]
