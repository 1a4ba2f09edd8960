"""The gate: what holds a source, and what is only said of it."""

from datetime import date

import pytest

from connectors.staging import Line
from flows.engine.gate import Manifest, volume_finding

MONDAY, SUNDAY = date(2026, 11, 23), date(2026, 11, 22)


def manifest(rows: int) -> Manifest:
    return Manifest((Line("raw-00000", "don", rows, ("a",), "0" * 64),), (), {})


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
def test_a_reading_far_outside_the_last_ones_is_said_on_a_working_day(
    rows: int, recent: list[int], on: date, said: bool
) -> None:
    found = volume_finding("so", manifest(rows), recent, on)
    assert found.height == int(said)
    if said:
        assert found["rule"].to_list() == ["volume_band"]
        assert f"{rows} rows" in str(found["shape"][0])
