"""Dates and instants out of text: the preset's formats first, then ISO 8601.

What strptime cannot say stands in worded.py.
"""

from collections.abc import Callable, Sequence
from datetime import date
from functools import partial

import polars as pl

from config.formats import EPOCH, EPOCH_MS, EXCEL, EXCEL_1904, WORDS, completed, is_time
from flows.engine.normalise.readings import Fault, Reading, faults_at, unread
from flows.engine.normalise.worded import (
    epoch_times,
    excel_times,
    in_window,
    worded_dates,
)

# Before this day a date is a mistake or a stand-in for "none" (rule 59); after the
# last one neither Python nor SQL Server can hold it.
FIRST, LAST = date(1900, 1, 1), date(9999, 12, 30)

_ISO = (
    r"^([0-9]{4}-[0-9]{2}-[0-9]{2})"
    r"(?:[T ]((?:[01][0-9]|2[0-3]):[0-5][0-9])(?::([0-5][0-9])(?:[.,]([0-9]+))?)?"
    r"(?: ?(Z|[+-][01][0-9]:?[0-5][0-9]))?)?$"
)
_DAY, _TIME, _SECOND, _FRACTION, _ZONE = ("1", "2", "3", "4", "5")


def read_dates(
    text: pl.Series, formats: Sequence[str], zone: str, years_from: int | None = None
) -> Reading:
    """Dates; an ISO time with an offset is the day it was in `zone`.

    `years_from` is the first of the hundred years that %y may mean.
    """
    value = pl.repeat(None, len(text), dtype=pl.Date(), eager=True)
    rounded: tuple[Fault, ...] = ()
    for form in formats:
        left = value.is_null() if _is_partial(form) else None
        read = partial(_days_by, form=form, zone=zone, years_from=years_from)
        value = _filled(text, value, read)
        if left is not None:
            made = left & _in_range(value, value).is_not_null()
            rounded += faults_at("date_rounded", made, text)
    value = _filled(text, value, lambda t: _iso_dates(t, zone))
    found = unread("date_unreadable", text, _in_range(value, value))
    return Reading(found.value, (*rounded, *found.faults))


def read_instants(text: pl.Series, formats: Sequence[str], zone: str) -> Reading:
    """Aware UTC instants; naive ones were said in `zone`. Beyond the microsecond
    cut, never rounded up: a cursor must not run ahead of its row."""
    dtype = pl.Datetime("us", "UTC")
    value = pl.repeat(None, len(text), dtype=dtype, eager=True)
    for form in formats:
        value = _filled(text, value, partial(_instants_by, form=form, zone=zone))
    value = _filled(text, value, lambda t: _iso_instants(t, zone))
    return unread("date_unreadable", text, _in_range(value, value.dt.date()))


def _filled(
    text: pl.Series, value: pl.Series, read: Callable[[pl.Series], pl.Series]
) -> pl.Series:
    left = (text.is_not_null() & value.is_null()).arg_true()
    if len(left) == 0:
        return value
    if len(left) == len(text):
        return read(text)
    return value.scatter(left, read(text.gather(left)))


def _in_range(value: pl.Series, day: pl.Series) -> pl.Series:
    outside = (day < FIRST) | (day > LAST)
    return value.set(outside.fill_null(False), None) if outside.any() else value


def _iso_parts(text: pl.Series) -> pl.DataFrame:
    return text.str.extract_groups(_ISO).struct.unnest()


def _iso_dates(text: pl.Series, zone: str) -> pl.Series:
    parts = _iso_parts(text)
    value = parts[_DAY].str.to_date("%Y-%m-%d", strict=False)
    aware = parts[_ZONE].is_not_null().arg_true()
    if len(aware) == 0:
        return value
    instants = _iso_instants(text.gather(aware), zone)
    return value.scatter(aware, instants.dt.convert_time_zone(zone).dt.date())


def _iso_instants(text: pl.Series, zone: str) -> pl.Series:
    parts = _iso_parts(text)
    naive = _naive_instants(parts)
    offset = parts[_ZONE].str.replace("Z", "+0000").str.replace(":", "")
    sign = (offset.str.slice(0, 1) + "1").cast(pl.Int64)
    hours = offset.str.slice(1, 2).cast(pl.Int64)
    minutes = hours * 60 + offset.str.slice(3, 2).cast(pl.Int64)
    ahead = (sign * minutes * 60_000_000).cast(pl.Duration("us"))
    aware = (naive - ahead).dt.replace_time_zone("UTC")
    return _local(naive, zone).zip_with(offset.is_null(), aware)


def _naive_instants(parts: pl.DataFrame) -> pl.Series:
    clock = parts[_TIME].fill_null("00:00") + ":" + parts[_SECOND].fill_null("00")
    whole = (parts[_DAY] + " " + clock).str.to_datetime(
        "%Y-%m-%d %H:%M:%S", time_unit="us", strict=False
    )
    fraction = parts[_FRACTION].fill_null("").str.pad_end(6, "0").str.slice(0, 6)
    return whole + fraction.cast(pl.Int64).cast(pl.Duration("us"))


def _is_partial(form: str) -> bool:
    made = completed(form)
    return made is not None and bool(made[0])


def _days_by(
    text: pl.Series, form: str, zone: str, years_from: int | None
) -> pl.Series:
    """%Y takes 05/01/26 for a day of the year 26: that is left to the next format."""
    value = _formatted_dates(text, form, zone, years_from)
    return _in_range(value, value)


def _instants_by(text: pl.Series, form: str, zone: str) -> pl.Series:
    value = _formatted(text, form, zone)
    return _in_range(value, value.dt.date())


def _formatted_dates(
    text: pl.Series, form: str, zone: str, years_from: int | None
) -> pl.Series:
    if form in (EXCEL, EXCEL_1904):
        return excel_times(text, form).dt.date()
    if form in (EPOCH, EPOCH_MS):
        return epoch_times(text, form).dt.convert_time_zone(zone).dt.date()
    if form == WORDS:
        return worded_dates(text)
    made = completed(form)
    if made is None and is_time(form):
        return _days_of_times(text, form, zone)
    start, head = made or ("", "")
    if start:
        text, form = start + text, head + form
    value = text.str.to_date(form, strict=False)
    return value if years_from is None else in_window(value, form, years_from)


def _days_of_times(text: pl.Series, form: str, zone: str) -> pl.Series:
    value = text.str.to_datetime(form, time_unit="us", strict=False)
    if isinstance(value.dtype, pl.Datetime) and value.dtype.time_zone:
        value = value.dt.convert_time_zone(zone)
    return value.dt.date()


def _formatted(text: pl.Series, form: str, zone: str) -> pl.Series:
    if form in (EXCEL, EXCEL_1904):
        return _local(excel_times(text, form), zone)
    if form in (EPOCH, EPOCH_MS):
        return epoch_times(text, form)
    value = text.str.to_datetime(form, time_unit="us", strict=False)
    if isinstance(value.dtype, pl.Datetime) and value.dtype.time_zone:
        return value.dt.convert_time_zone("UTC")
    return _local(value, zone)


def _local(naive: pl.Series, zone: str) -> pl.Series:
    # A clock set back says an hour twice: the earlier one re-reads, the later loses.
    local = naive.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
    return local.dt.convert_time_zone("UTC")
