"""Dates that strptime cannot say: numbers that count time, and dates in words."""

from datetime import date

import polars as pl

from config.formats import EPOCH, EXCEL

# Serial 1 is 1900-01-01; serial 60 is 29/02/1900, a day that never was, so that from
# 61 on the count is one ahead (Lotus 1-2-3's mistake, kept by Excel on purpose).
_BEFORE_1900 = (date(1899, 12, 31) - date(1970, 1, 1)).days
_BEFORE_1904 = (date(1904, 1, 1) - date(1970, 1, 1)).days
_FALSE_DAY = 60
_SERIAL = r"^([0-9]{1,7})(?:[.,]([0-9]{1,17}))?$"
_DAY_MS = 86_400_000
# Also as .NET writes it: /Date(1767225600000+0700)/; the offset moves nothing.
_COUNT = r"^(?:/Date\()?(-?[0-9]{1,14})(?:\.([0-9]{1,9}))?(?:[+-][0-9]{4})?(?:\)/)?$"
# 2023 is a year that somebody typed, not a day of July 1905.
_YEARS = (1900, 2100)

_WORDED = (
    r"^(?:.*ngày\s*|[^0-9]*)([0-9]{1,2})\s*tháng\s*([0-9]{1,2}|\pL+(?:\s+(?:một|hai))?)"
    r"\s*,?\s*năm\s*([0-9]{4})\s*[.,;]?$"
)
_MONTHS = (
    *("một", "hai", "ba", "tư", "năm", "sáu", "bảy", "tám", "chín", "mười"),
    *("mười một", "mười hai"),
)
_MONTH = {name: str(number) for number, name in enumerate(_MONTHS, start=1)}
_MONTH |= {"bốn": "4", "bẩy": "7"}


def excel_times(text: pl.Series, epoch: str) -> pl.Series:
    """Naive times of serial numbers, to the millisecond; null for what is none."""
    parts = text.str.extract_groups(_SERIAL).struct.unnest()
    days = parts["1"].cast(pl.Int64)
    fraction = ("0." + parts["2"].fill_null("0")).cast(pl.Float64)
    low, high = _YEARS
    year = (fraction == 0) & (days >= low) & (days <= high)
    start = _BEFORE_1904
    if epoch == EXCEL:
        start = _BEFORE_1900
        year = year | (days == 0) | (days == _FALSE_DAY)
        days = days - (days > _FALSE_DAY).cast(pl.Int64)
    ms = (days + start) * _DAY_MS + (fraction * _DAY_MS).round().cast(pl.Int64)
    times = ms.cast(pl.Datetime("ms")).cast(pl.Datetime("us"))
    return times.set(year.fill_null(False), None)


def epoch_times(text: pl.Series, unit: str) -> pl.Series:
    """UTC instants of seconds or milliseconds since 1970; null for what is none."""
    parts = text.str.extract_groups(_COUNT).struct.unnest()
    whole = parts["1"].cast(pl.Int64)
    year = whole.is_between(*_YEARS)
    # A moment in milliseconds that is read as seconds lies far beyond any calendar.
    beyond = whole.abs() >= (10**12 if unit == EPOCH else 10**15)
    whole = whole.set((year | beyond).fill_null(False), None)
    digits = 6 if unit == EPOCH else 3
    fraction = parts["2"].fill_null("").str.pad_end(digits, "0").str.slice(0, digits)
    us: pl.Series = whole * 10**digits + fraction.cast(pl.Int64)
    return us.cast(pl.Datetime("us", "UTC"))


def worded_dates(text: pl.Series) -> pl.Series:
    """Days as documents say them: `Đông Hà, ngày 05 tháng 3 năm 2026`."""
    parts = text.str.to_lowercase().str.extract_groups(_WORDED).struct.unnest()
    month = parts["2"].str.replace_all(r"\s+", " ").replace(_MONTH)
    said = parts["1"] + "/" + month + "/" + parts["3"]
    return said.str.to_date("%d/%m/%Y", strict=False)


def in_window(value: pl.Series, form: str, years_from: int) -> pl.Series:
    """Days read by a format with %y, moved into the hundred years from `years_from`."""
    if "%y" not in form:
        return value
    year = value.dt.year()
    moved = pl.when(year < years_from).then(100).when(year >= years_from + 100)
    shift = pl.select(moved.then(-100).otherwise(0).alias("shift")).to_series()
    strange = shift != 0
    if not strange.fill_null(False).any():
        return value
    said = (year + shift).cast(pl.String) + value.dt.to_string("-%m-%d")
    # 29/02/00 is a day of 2000, and none of 1900.
    return said.str.to_date("%Y-%m-%d", strict=False)
