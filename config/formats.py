"""Formats of dates and times: strptime's, and the names of those it cannot say."""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from functools import lru_cache

import polars as pl

# Serial numbers of a workbook, counted from 1900 or, in old Macintosh files, from 1904.
EXCEL, EXCEL_1904 = "excel", "excel_1904"
# Seconds or milliseconds since 1970, as many an API and SQLite write a moment.
EPOCH, EPOCH_MS = "epoch", "epoch_ms"
NUMBERS = (EXCEL, EXCEL_1904, EPOCH, EPOCH_MS)
# "ngày 05 tháng 3 năm 2026", alone or at the end of a place line.
WORDS = "words"

_A_DAY = date(2023, 12, 31)
_A_TIME = datetime(2023, 12, 31, 17, 45, tzinfo=UTC)
# What a format without a day, or without a day and month, is read behind.
_COMPLETED = {
    ("", ""): _A_DAY,
    ("01 ", "%d "): _A_DAY.replace(day=1),
    ("01 01 ", "%d %m "): _A_DAY.replace(month=1, day=1),
}


def date_faults(formats: Iterable[str], *, partial: bool = False) -> Iterator[str]:
    """Formats that give no day; with `partial` a month or a year will do."""
    for form in formats:
        if form in (*NUMBERS, WORDS):
            continue
        found = completed(form)
        if found is None and not is_time(form):
            yield f"not a strptime format that can be read back: {form}"
        elif found is not None and found[0] and not partial:
            yield (
                f"{form} says no day; only a field's own formats may (the date is then "
                "the first day, with a finding)"
            )


def time_faults(formats: Iterable[str]) -> Iterator[str]:
    """Formats that do not give a time back, such as one without a date."""
    for form in formats:
        if form not in NUMBERS and not is_time(form):
            yield f"not a strptime format that can be read back: {form}"


@lru_cache(maxsize=256)
def completed(form: str) -> tuple[str, str] | None:
    """The text and the format that make a day of what a format reads: both empty when
    it reads days itself; None when it reads no date at all."""
    try:
        text = pl.Series([_A_DAY]).dt.to_string(form)
        for (start, head), day in _COMPLETED.items():
            if (start + text).str.to_date(head + form, strict=False)[0] == day:
                return start, head
    except pl.exceptions.PolarsError:
        pass
    return None


@lru_cache(maxsize=256)
def is_time(form: str) -> bool:
    """Whether the format reads a day with its time; a date of it is its day."""
    try:
        text = pl.Series([_A_TIME]).dt.to_string(form)
        read = text.str.to_datetime(form, strict=False)[0]
    except pl.exceptions.PolarsError:
        return False
    return str(read).startswith(str(_A_DAY))
