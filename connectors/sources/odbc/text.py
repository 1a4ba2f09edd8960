"""A database column's values as text, by the column."""

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from datetime import time as clock_time
from decimal import Decimal
from functools import partial

import polars as pl


def as_text(
    name: str, values: Iterable[object], encoding: str | None = None
) -> pl.Series:
    """The values as String, None as null.

    Dates are ISO; times of day and date-times are ISO with microseconds, aware ones in
    UTC with +00:00; booleans `true` and `false`; decimals plain, never with an
    exponent; bytes hexadecimal, or decoded when there is an encoding: what does not
    fit it as U+FFFD. Text stays as it is.
    """
    held = list(values)
    kinds = set(map(type, held)) - {type(None)}
    if not kinds or kinds == {str}:
        return pl.Series(name, held, dtype=pl.String)
    if kinds == {bool}:
        return pl.Series(name, held, dtype=pl.Boolean).cast(pl.String)
    if kinds == {date}:
        return pl.Series(name, held, dtype=pl.Date).cast(pl.String)
    if encoding is not None and kinds <= {bytes, bytearray}:
        write: Callable[[object], str] = partial(_decoded, encoding)
    else:
        # One type a column, as nearly always, is written without looking again.
        write = _WRITERS.get(next(iter(kinds)), _text) if len(kinds) == 1 else _text
    texts = [None if v is None else write(v) for v in held]
    return pl.Series(name, texts, dtype=pl.String)


def iso_times(texts: pl.Series) -> pl.Series:
    """PostgreSQL's own text of times, in the form that `as_text` gives.

    What is none of it (infinity, a year of five digits, BC) stays as it is.
    """
    text, day = pl.col(texts.name), pl.col(texts.name).str.slice(0, 10)
    clock = text.str.slice(11)
    moment = day + "T" + _six_digits(clock)
    is_moment = text.str.contains(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?$")
    is_clock = text.str.contains(r"^\d\d:\d\d:\d\d(\.\d+)?$")
    form = pl.when(is_moment).then(moment).when(is_clock).then(_six_digits(text))
    return texts.to_frame().select(form.otherwise(text)).to_series().rename(texts.name)


def _six_digits(clock: pl.Expr) -> pl.Expr:
    pointed = pl.when(clock.str.len_bytes() == 8).then(clock + ".").otherwise(clock)
    return pointed.str.pad_end(15, "0")


def _decoded(encoding: str, value: object) -> str:
    assert isinstance(value, bytes | bytearray)
    return value.decode(encoding, "replace")


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


_WRITERS: dict[type, Callable[[object], str]] = {
    int: str,
    float: str,
    Decimal: "{:f}".format,
}
