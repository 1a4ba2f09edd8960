"""A database column's values as text, by the column."""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from datetime import time as clock_time
from decimal import Decimal

import polars as pl


def as_text(name: str, values: Iterable[object]) -> pl.Series:
    """The values as String, None as null.

    Dates are ISO; times of day and date-times are ISO with microseconds, aware ones in
    UTC with +00:00; booleans `true` and `false`; decimals plain, never with an
    exponent; bytes hexadecimal. Text stays as it is.
    """
    held = list(values)
    kinds = set(map(type, held)) - {type(None)}
    if not kinds or kinds == {str}:
        return pl.Series(name, held, dtype=pl.String)
    if kinds == {bool}:
        return pl.Series(name, held, dtype=pl.Boolean).cast(pl.String)
    if kinds == {date}:
        return pl.Series(name, held, dtype=pl.Date).cast(pl.String)
    return pl.Series(
        name, [None if v is None else _text(v) for v in held], dtype=pl.String
    )


def _text(value: object) -> str:
    if isinstance(value, datetime):
        moment = value.astimezone(UTC) if value.tzinfo else value
        return moment.isoformat("T", "microseconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, clock_time):
        return value.isoformat("microseconds")
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, bytes | bytearray):
        return value.hex()
    return str(value)
