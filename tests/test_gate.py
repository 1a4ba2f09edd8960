"""The gate's band: what is usual for a weekday and a season, and what is said of it."""

from datetime import date, timedelta

import pytest

from flows.engine.remarks import volume_finding
from flows.engine.volume import Band, Past, Season, band, season_of, tet

MONDAY, SUNDAY = date(2026, 11, 23), date(2026, 11, 22)


def nights(rows: list[int], before: date = MONDAY) -> list[Past]:
    """Readings of the nights before one, the newest last."""
    first = before - timedelta(days=len(rows))
    return [(first + timedelta(days=n), r) for n, r in enumerate(rows)]


@pytest.mark.parametrize(
    ("rows", "recent", "on", "said"),
    [
        (0, [90, 100, 110, 95, 105], MONDAY, True),
        (500, [90, 100, 110, 95, 105], MONDAY, True),
        (60, [90, 100, 110, 95, 105], MONDAY, False),
        (0, [90, 100, 110, 95, 105], SUNDAY, False),
        (0, [90, 100], MONDAY, False),
        (0, [0, 3, 1, 2, 5], MONDAY, False),
    ],
)
def test_a_reading_far_outside_the_usual_is_said_on_a_working_day(
    rows: int, recent: list[int], on: date, said: bool
) -> None:
    found = volume_finding("so", rows, nights(recent), on)
    assert found.height == int(said)
    if said:
        assert found["rule"].to_list() == ["volume_band"]
        assert f"{rows} rows" in str(found["shape"][0])


def test_a_weekday_has_a_band_of_its_own() -> None:
    """Registers that are typed in on Fridays give ten times as much that night."""
    friday = date(2026, 11, 20)
    past = [
        (night, 1000 if night.weekday() == friday.weekday() else 100)
        for night in (friday - timedelta(days=n) for n in range(1, 43))
    ]
    assert band(past, friday) == Band(500, 2000)
    assert band(past, friday - timedelta(days=1)) == Band(50, 200)
    assert volume_finding("so", 1000, past, friday).is_empty()
    assert volume_finding("so", 100, past, friday).height == 1


@pytest.mark.parametrize("year", [2023, 2024, 2025, 2026])
def test_the_calendar_knows_tet(year: int) -> None:
    days = tet(year)
    assert days is not None
    first, last = days
    assert date(year, 1, 15) <= first < last <= date(year, 2, 28)
    assert 5 <= (last - first).days + 1 <= 10
    assert season_of(first) is season_of(last + timedelta(days=3)) is Season.TET
    assert season_of(last + timedelta(days=4)) is Season.AFTER_TET
    assert season_of(date(year, 6, 1)) is Season.ORDINARY


def test_a_quiet_tet_is_no_wonder_and_does_not_spoil_the_band_after_it() -> None:
    days = tet(2026)
    assert days is not None
    first, last = days
    ordinary = nights([100] * 20, first - timedelta(days=3))
    assert band(ordinary, first) == Band(0, 200)
    quiet = nights([2] * ((last - first).days + 4), last + timedelta(days=4))
    after = last + timedelta(days=30)
    expected = band([*ordinary, *quiet, *nights([100] * 5, after)], after)
    assert expected == Band(50, 200)


def test_last_years_tet_is_the_measure_of_this_years() -> None:
    before, now = tet(2025), tet(2026)
    assert before is not None
    assert now is not None
    last_year = [(before[0] + timedelta(days=n), 10) for n in range(5)]
    ordinary = nights([100] * 20, now[0] - timedelta(days=3))
    assert band([*last_year, *ordinary], now[0]) == Band(5, 20)


def test_a_finding_says_dates_and_counts() -> None:
    found = volume_finding("so", 1, nights([100] * 5), MONDAY)
    said = "2026-11-23: 1 rows; usual for the weekday and season are 50 to 200"
    assert found.select("subject", "shape").rows() == [("source:so", said)]
