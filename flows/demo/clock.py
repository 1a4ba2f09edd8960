"""The sample estate's clock: its first night, and the days that nobody works."""

from bisect import bisect_right
from datetime import date, timedelta
from functools import cache
from itertools import accumulate
from random import Random

FIRST_NIGHT = date(2026, 9, 14)  # a Monday
# Nothing in the estate is dated later than the eve of its first night.
EVE = FIRST_NIGHT - timedelta(1)
FIRST_DAY = date(2016, 1, 4)

# The law amending reception, complaints and denunciations is in force.
AMENDED_ON = date(2026, 7, 1)
# From this day there is no district level (QĐ 19/2025/QĐ-TTg).
MERGED_ON = date(2025, 7, 1)

# The first day of each lunar year.
TET = {
    day.year: day
    for day in (
        date(2016, 2, 8),
        date(2017, 1, 28),
        date(2018, 2, 16),
        date(2019, 2, 5),
        date(2020, 1, 25),
        date(2021, 2, 12),
        date(2022, 2, 1),
        date(2023, 1, 22),
        date(2024, 2, 10),
        date(2025, 1, 29),
        date(2026, 2, 17),
    )
}
FIXED_HOLIDAYS = ((1, 1), (4, 30), (5, 1), (9, 2))
SATURDAY, SUNDAY = 5, 6
# Letters come in after Tết and before the year's accounts: March to May, October.
SEASON = (0.8, 0.6, 1.4, 1.4, 1.3, 1.0, 0.9, 0.9, 1.0, 1.4, 1.0, 0.8)
YEARLY_GROWTH = 1.12
DAY = timedelta(1)


def night_on(night: int) -> date:
    """The date that a night bears; night 1 is the first."""
    return FIRST_NIGHT + timedelta(night - 1)


def is_tet(day: date) -> bool:
    """The week of Tết: two days before the lunar year to four days into it."""
    first = TET.get(day.year)
    return first is not None and -2 <= (day - first).days <= 4


@cache
def is_off(day: date) -> bool:
    """Nobody is at the office: a Sunday, Tết, a fixed holiday."""
    is_fixed = (day.month, day.day) in FIXED_HOLIDAYS
    return day.weekday() == SUNDAY or is_fixed or is_tet(day)


def worked(day: date, earliest: date) -> date:
    """The last day at the office up to `day`; `day` itself when there is none from
    `earliest` on."""
    found = day
    while is_off(found) and found > earliest:
        found -= DAY
    return day if is_off(found) else found


def _weight(day: date) -> float:
    if day.weekday() == SUNDAY or (day.month, day.day) in FIXED_HOLIDAYS:
        return 0.0
    weight = SEASON[day.month - 1] * YEARLY_GROWTH ** (day.year - FIRST_DAY.year)
    if is_tet(day):
        return weight * 0.02
    return weight * (0.12 if day.weekday() == SATURDAY else 1.0)


@cache
def _calendar(first: date, last: date) -> tuple[tuple[date, ...], tuple[float, ...]]:
    days = tuple(first + timedelta(i) for i in range((last - first).days + 1))
    return days, tuple(accumulate(map(_weight, days)))


def any_day(rng: Random, first: date = FIRST_DAY, last: date = EVE) -> date:
    """A day on which a letter may come in: seldom at Tết, never on a Sunday."""
    days, weights = _calendar(first, last)
    return days[bisect_right(weights, rng.random() * weights[-1], 0, len(days) - 1)]


def sorted_days(rng: Random, count: int, last: date = EVE) -> list[date]:
    """So many days of receipt in order, more of them year by year."""
    days, weights = _calendar(FIRST_DAY, last)
    return sorted(rng.choices(days, cum_weights=weights, k=count))
