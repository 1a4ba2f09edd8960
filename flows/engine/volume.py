"""How many rows a reading may be expected to give: by weekday and by season. Pure.

A band only speaks, it never holds: a quiet day happens, a dead export too.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache

import polars as pl

from expectations.deadlines import holidays

# A band of fewer readings says nothing; within twice of it nothing is said.
BAND_READINGS = 5
BAND_FACTOR = 2
# Of so many nights of one weekday a band of its own is made: a register that is typed
# in on Fridays is no wonder on a Friday.
WEEKDAY_READINGS = 4
WEEKDAY_NIGHTS = timedelta(weeks=8)
# Last year's Tết is the measure of this year's.
HISTORY = timedelta(days=400)
# The days before and after the holiday in which offices already or still do little; a
# reading looks three days back (the overlap).
TET_EDGE = timedelta(days=3)
TET_RUSH = timedelta(days=14)

Past = tuple[date, int]  # a night and the rows that were read in it


class Season(StrEnum):
    """What a night is like: Tết Nguyên đán is as quiet as the weeks after are busy."""

    ORDINARY = "ordinary"
    TET = "tet"
    AFTER_TET = "after_tet"


class Side(StrEnum):
    """Where a volume lies that is outside its band."""

    LOW = "low"
    HIGH = "high"


@dataclass(frozen=True, slots=True)
class Band:
    """The rows that a reading is expected to give, both ends included."""

    low: int
    high: int

    def side(self, rows: int) -> Side | None:
        """On which side of the band so many rows lie; None within."""
        if rows < self.low:
            return Side.LOW
        return Side.HIGH if rows > self.high else None


def band(past: Sequence[Past], on: date) -> Band | None:
    """The band of a night after these readings (any order); None when they are few.

    Readings of the same season and weekday, where there are enough, else the last of
    the same season. A Tết that has no Tết before it has no lower bound, and in the
    weeks after one twice as much is expected.
    """
    before = sorted(p for p in past if on - HISTORY <= p[0] < on)
    season = season_of(on)
    alike = [p for p in before if season_of(p[0]) is season]
    same_day = [
        rows
        for night, rows in alike
        if night.weekday() == on.weekday()
        and (on - night <= WEEKDAY_NIGHTS or season is not Season.ORDINARY)
    ]
    if season is Season.ORDINARY and len(same_day) >= WEEKDAY_READINGS:
        return _around(same_day)
    if len(alike) >= BAND_READINGS:
        return _around([rows for _, rows in alike[-BAND_READINGS:]])
    if season is Season.ORDINARY or len(before) < BAND_READINGS:
        return None
    last = _around([rows for _, rows in before[-BAND_READINGS:]])
    if season is Season.TET:
        return Band(0, last.high)
    return Band(last.low, last.high * BAND_FACTOR)


def _around(rows: Sequence[int]) -> Band:
    return Band(-(-min(rows) // BAND_FACTOR), max(rows) * BAND_FACTOR)


def season_of(night: date) -> Season:
    """The season of a night; ORDINARY in years whose Tết the calendar does not know."""
    for year in (night.year - 1, night.year):
        days = tet(year)
        if days is None:
            continue
        first, last = days[0] - TET_EDGE, days[1] + TET_EDGE
        if first <= night <= last:
            return Season.TET
        if last < night <= last + TET_RUSH:
            return Season.AFTER_TET
    return Season.ORDINARY


@lru_cache(maxsize=64)
def tet(year: int) -> tuple[date, date] | None:
    """First and last day off of Tết Nguyên đán: the longest run of days off from mid
    January to the end of February; None when the calendar has no such year."""
    off = holidays().filter(
        (pl.col("kind") == "off")
        & pl.col("date").is_between(date(year, 1, 15), date(year, 2, 28))
    )
    runs: list[list[date]] = []
    for day in sorted(off["date"]):
        # A weekend between two days off belongs to the holiday.
        if runs and day - runs[-1][-1] <= timedelta(days=3):
            runs[-1].append(day)
        else:
            runs.append([day])
    longest = max(runs, key=len, default=[])
    return (longest[0], longest[-1]) if longest else None
