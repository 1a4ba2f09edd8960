"""SQL Server through Microsoft's driver 17 or 18, or FreeTDS.

No line of this file has met Microsoft's server.
"""

import re
import struct
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

import pyodbc

from connectors.sources.odbc.asked import Piece
from connectors.sources.odbc.dialect import (
    NARROW,
    Column,
    Dialect,
    Moment,
    Session,
    numbers,
    take_bytes,
)

OFFSET = -155  # SQL_SS_TIMESTAMPOFFSET, that pyodbc does not know
LOCK_WAIT_S = 30.0
# `datetime` counts 1/300 s and shows thousandths: 06.667 ms is shown as .007, and a
# bound of .007 must not pass it over.
_TICK = timedelta(milliseconds=4)
_DAY_ZERO = datetime(1900, 1, 1, tzinfo=UTC)
# The server is there: lock wait, memory or locks short, deadlock, version gone,
# database starting or closing, session killed; Azure's.
_BUSY = (
    *("1222", "701", "802", "8645", "1204", "1205", "3960", "3961", "922", "927"),
    *("952", "976", "983", "596", "6005", "17142"),
    *("40197", "40501", "40613", "10928", "10929", "49918", "49919", "49920"),
)
# The line is lost; FreeTDS's own are those from 20003 on.
_LOST = (
    *("64", "121", "233", "10053", "10054", "10060"),
    *("20003", "20004", "20006", "20009", "20017", "20047"),
)
_STATES = dict.fromkeys(_BUSY, "53000") | dict.fromkeys(_LOST, "08S01")
_STATES |= dict.fromkeys(("4060", "911"), "3D000")
_STATES |= dict.fromkeys(
    ("18456", "18452", "18470", "18486", "18487", "18488"), "28000"
)


def _start(session: Session) -> None:
    """Read in a transaction that is never committed, and stand in nobody's way."""
    session.connection.add_output_converter(OFFSET, offset_time)
    if session.read.encoding is not None:
        # A VARCHAR is what is stored; NVARCHAR stays Unicode.
        take_bytes(session.connection, NARROW)
    cursor = session.cursor
    cursor.execute("SET NOCOUNT ON")
    wait_ms = int(min(LOCK_WAIT_S, max(1.0, session.left_s)) * 1000)
    cursor.execute(f"SET LOCK_TIMEOUT {wait_ms}")
    for statement in ("SET DEADLOCK_PRIORITY LOW", "SET TEXTSIZE 2147483647"):
        with suppress(pyodbc.Error):  # niceties
            cursor.execute(statement)
    level = "SNAPSHOT" if _has_snapshots(cursor) else "READ COMMITTED"
    cursor.execute(f"SET TRANSACTION ISOLATION LEVEL {level}")
    session.connection.autocommit = False


def _has_snapshots(cursor: pyodbc.Cursor) -> bool:
    # Under SNAPSHOT a reader waits for no writer and no writer for a reader.
    with suppress(pyodbc.Error):
        row = cursor.execute(
            "SELECT snapshot_isolation_state FROM sys.databases WHERE name = DB_NAME()"
        ).fetchone()
        return row is not None and row[0] == 1
    return False


def offset_time(value: bytes) -> datetime:
    """A DATETIMEOFFSET as an aware time, from what a driver hands over.

    Microsoft's driver gives year to nanosecond and the offset's two parts (20 bytes);
    FreeTDS its own 100 ns of the UTC day, days since 1900 and minutes (16 bytes).
    Digits below the microsecond are cut, never rounded up.
    """
    if len(value) == 20:
        year, month, day, hour, minute, second, ns, oh, om = struct.unpack(
            "<h5HI2h", value
        )
        zone = timezone(timedelta(hours=oh, minutes=om))
        return datetime(year, month, day, hour, minute, second, ns // 1000, tzinfo=zone)
    ticks, days, minutes = struct.unpack_from("<Qih", value)
    moment = _DAY_ZERO + timedelta(days=days, microseconds=ticks // 10)
    return moment.astimezone(timezone(timedelta(minutes=minutes)))


def _compared(column: str, moment: Moment, described: Column | None) -> Piece:
    # As text in ISO form, cast by the server: a driver's own parameter may be rounded
    # to `datetime`, upwards, and an aware one makes error 241.
    sign = moment.sign
    if described is not None and described.size == 34:  # datetimeoffset
        text = moment.at.isoformat("T", "microseconds")
        return Piece(f"{column} {sign} CAST(? AS datetimeoffset(7))", (text,))
    local = moment.local
    if moment.is_lower and described is not None and described.scale == 3:
        local -= _TICK
    text = local.isoformat("T", "microseconds")
    return Piece(f"{column} {sign} CAST(? AS datetime2(7))", (text,))


def _on_day(column: str, sign: str, day: date) -> Piece:
    return Piece(f"{column} {sign} CAST(? AS date)", (day.isoformat(),))


def _state(state: str, text: str) -> tuple[str, str] | None:
    if "[SQL Server]" not in text and "[FreeTDS]" not in text:
        return None
    found = numbers(text)
    number = found[-1] if found else ""
    return _STATES.get(number, state), number


MICROSOFT = Dialect(
    "SQL Server",
    re.compile(r"sql\s*server|msodbcsql", re.IGNORECASE),
    ("Microsoft SQL Server", "SQL Server"),
    keys={"APP": "kntc-sync"},
    start=_start,
    compared=_compared,
    on_day=_on_day,
    probe="SELECT TOP 0 * FROM (\n{query}\n) kntc",
    state=_state,
)
FREETDS = replace(
    MICROSOFT,
    drivers=re.compile(r"freetds|tdsodbc", re.IGNORECASE),
    # Older protocols know no datetime2 and give it as text.
    keys={"APP": "kntc-sync", "TDS_Version": "7.4", "ClientCharset": "UTF-8"},
)
