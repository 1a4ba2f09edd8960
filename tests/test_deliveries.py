"""Drop folders of deliveries: each is taken once, in order, as if it came alone."""

import os
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from connectors.national import open_national
from connectors.national.offices import office_status
from connectors.national.verify import verify
from flows.engine.night import NightRequest, run_night
from flows.engine.outcome import OfficeOutcome
from tests.small import Installation, csv_text, install, petition


@pytest.fixture
def place(tmp_path: Path) -> Installation:
    """An office whose CSV files are deliveries."""
    made = install(tmp_path)
    made.add_office("thu")
    file = made.folder / "config" / "provinces" / "thu.toml"
    file.write_text(
        file.read_text(encoding="utf-8")
        + '\n[[sources.preset.streams]]\nname = "don"\nmode = "drop"\n',
        encoding="utf-8",
    )
    return made


def deliver(place: Installation, name: str, at: int, *rows: dict[str, str]) -> Path:
    """Put a file into the folder, written at that second."""
    path = place.folder / "drop" / "thu" / f"so_don_thu_{name}.csv"
    path.write_text(csv_text(rows), encoding="utf-8-sig")
    os.utime(path, (1_700_000_000 + at, 1_700_000_000 + at))
    return path


def night(place: Installation, *, full: bool = False) -> OfficeOutcome:
    [office] = run_night(place.settings, NightRequest(full=full)).offices
    with open_national(place.settings.national_url) as national:
        assert verify(national).ok
    return office


def rows(place: Installation, query: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(place.settings.home / "national.db")) as db:
        return db.execute(query).fetchall()


def live(place: Installation) -> list[object]:
    found = rows(
        place,
        "SELECT source_id, field_area FROM petition WHERE deleted_at IS NULL"
        " ORDER BY source_id",
    )
    return [f"{key}:{area}" for key, area in found]


def test_a_delivery_is_taken_once_and_what_it_lacks_stays(place: Installation) -> None:
    deliver(place, "1", 1, petition(1), petition(2))
    assert night(place).counts.inserted == 2
    deliver(place, "2", 2, petition(3))
    counts = night(place).counts
    assert (counts.rows_read, counts.inserted, counts.deleted) == (1, 1, 0)
    counts = night(place).counts
    assert (counts.rows_read, counts.deleted) == (0, 0)
    assert len(live(place)) == 3


def test_two_deliveries_of_one_night_are_as_two_nights(place: Installation) -> None:
    deliver(place, "b", 1, petition(1), petition(2))
    later = petition(1, **{"Lĩnh vực": "BHYT"})
    gone = petition(2, **{"Trạng thái": "Hủy"})
    deliver(place, "a", 2, later, gone)
    office = night(place)
    assert str(office.verdict) == "published"
    counts = office.counts
    assert (counts.rows_read, counts.inserted, counts.updated) == (4, 2, 1)
    assert (counts.deleted, counts.quarantined) == (1, 0)
    assert live(place) == ["D-000001:bhyt"]
    with open_national(place.settings.national_url) as national:
        [status] = office_status(national, ["thu"], datetime.now(UTC), 5)
    assert [reading.rows for reading in status.readings] == [4]
    counts = night(place, full=True).counts
    assert (counts.rows_read, counts.restored) == (0, 0)
    assert live(place) == ["D-000001:bhyt"]


def test_a_broken_delivery_does_not_stop_the_later_ones(place: Installation) -> None:
    broken = deliver(place, "0", 1)
    broken.write_bytes(b"")
    deliver(place, "9", 2, petition(9))
    office = night(place)
    assert str(office.verdict) == "failed"
    assert "so_don_thu_0.csv" in (office.error or "")
    assert len(live(place)) == 1
    deliver(place, "0", 3, petition(1))
    assert str(night(place).verdict) == "published"
    assert len(live(place)) == 2


def test_an_older_delivery_that_comes_again_is_said(place: Installation) -> None:
    first, second = petition(1), petition(1, **{"Lĩnh vực": "BHYT"})
    deliver(place, "1", 1, first)
    night(place)
    deliver(place, "1", 2, second)
    night(place)
    deliver(place, "1", 3, first)
    deliver(place, "2", 4, second)
    assert night(place).counts.rows_read == 0
    assert live(place) == ["D-000001:bhyt"]
    said = rows(place, "SELECT shape FROM finding WHERE rule = 'file_again'")
    assert sorted(said) == [("so_don_thu_1.csv",), ("so_don_thu_2.csv",)]
