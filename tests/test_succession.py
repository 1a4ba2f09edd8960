"""A case that moves to another system keeps its identity, its history and its links."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from connectors.national import open_national, views
from connectors.national.verify import verify
from flows.engine.night import NightRequest, run_night
from flows.engine.outcome import Counts
from tests import linked
from tests.small import Installation, install

SUCCESSION = """
[[succession]]
from = "cu_vu"
to = "moi_vu"
pattern = "^CU-(.+)$"
replace = "$1"
"""


def _night(place: Installation) -> Counts:
    outcome = run_night(place.settings, NightRequest())
    assert {str(o.verdict) for o in outcome.offices} == {"published"}, outcome
    return outcome.total


def _rows(place: Installation, query: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(place.settings.home / "national.db")) as db:
        return db.execute(query).fetchall()


def _old_office(tmp_path: Path) -> Installation:
    place = install(tmp_path)
    drop = linked.add_office(place, "cu")
    linked.write(drop, "don", [linked.petition(n) for n in range(1, 6)])
    linked.write(drop, "vu", [linked.case(n) for n in range(1, 6)])
    linked.write(drop, "van_ban", [linked.decision(1)])
    return place


def _moved(place: Installation, numbers: range) -> Path:
    """The old office's file is gone; its cases stand in the new one's system."""
    (place.folder / "config/provinces/cu.toml").unlink(missing_ok=True)
    drop = linked.add_office(
        place, "moi", source="gate = {max_shrink = 0.9}", more=SUCCESSION
    )
    old = [linked.petition(n, so_don=f"CU-D{n}") for n in numbers]
    linked.write(drop, "don", [*old, linked.petition(91)])
    cases = [linked.case(n, so_vu=f"CU-V{n}", don=f"CU-D{n}") for n in numbers]
    linked.write(drop, "vu", [*cases, linked.case(91)])
    return drop


def test_a_migrated_case_keeps_its_record_id_and_its_links(tmp_path: Path) -> None:
    place = _old_office(tmp_path)
    _night(place)
    before = set(_rows(place, "SELECT record_id FROM complaint_case"))
    _moved(place, range(1, 6))
    total = _night(place)
    after = set(_rows(place, "SELECT record_id FROM complaint_case"))
    assert before < after
    assert len(after) == 6
    assert (total.inserted, total.updated) == (2, 10)
    systems = _rows(
        place,
        "SELECT source_system, source_id FROM complaint_case ORDER BY 2 LIMIT 1",
    )
    assert systems == [("moi_vu", "CU-V1")]
    open_links = (
        "SELECT * FROM finding WHERE link IS NOT NULL AND closed_batch_id IS NULL"
    )
    assert _rows(place, open_links) == []
    again = _night(place)
    assert (again.inserted, again.updated, again.unchanged) == (0, 0, 12)
    with open_national(place.settings.national_url) as national:
        assert verify(national).problems == ()


def test_an_identity_holds_without_a_night_of_the_old_system(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    place = _old_office(tmp_path / "a")
    _night(place)
    ids = set(_rows(place, "SELECT record_id FROM complaint_case"))
    other = install(tmp_path / "b")
    _moved(other, range(1, 6))
    _night(other)
    assert ids < set(_rows(other, "SELECT record_id FROM complaint_case"))
    with open_national(other.settings.national_url) as national:
        assert verify(national).problems == ()


def test_what_was_not_migrated_stays_and_what_leaves_the_new_system_is_marked(
    tmp_path: Path,
) -> None:
    place = _old_office(tmp_path)
    _night(place)
    drop = _moved(place, range(1, 5))
    assert _night(place).deleted == 0
    linked.write(drop, "vu", [linked.case(91)])
    assert _night(place).deleted == 4
    marks = "SELECT source_id FROM complaint_case WHERE deleted_at IS NULL ORDER BY 1"
    assert _rows(place, marks) == [("V5",), ("V91",)]


def test_why_knows_a_migrated_case_by_both_its_numbers(tmp_path: Path) -> None:
    place = _old_office(tmp_path)
    _moved(place, range(1, 6))
    _night(place)
    with open_national(place.settings.national_url) as national:
        for number in ("CU-V2", "V2"):
            found = views.why(national, "moi", ["moi_vu"], [number])
            assert [(f.record_type, f.state) for f in found] == [
                ("complaint_case", "published")
            ]


def _failure(place: Installation) -> str:
    outcome = run_night(place.settings, NightRequest())
    return " ".join(str(o.error) for o in outcome.offices if o.error)


def test_a_chain_must_name_the_first_system(tmp_path: Path) -> None:
    place = _old_office(tmp_path)
    _night(place)
    _moved(place, range(1, 6))
    _night(place)
    (place.folder / "config/provinces/moi.toml").unlink()
    chain = SUCCESSION.replace("moi_vu", "ba_vu").replace("cu_vu", "moi_vu")
    drop = linked.add_office(place, "ba", more=chain)
    linked.write(drop, "don", [linked.petition(1, so_don="CU-CU-D1")])
    assert "itself took over records" in _failure(place)


def test_two_successors_of_one_record_are_refused(tmp_path: Path) -> None:
    place = _old_office(tmp_path)
    _moved(place, range(1, 6))
    _night(place)
    again = SUCCESSION.replace("moi_vu", "hai_vu")
    drop = linked.add_office(place, "hai", more=again)
    linked.write(drop, "don", [linked.petition(1, so_don="CU-D1")])
    assert "claims records of type petition that moi_vu holds" in _failure(place)


def test_two_new_keys_of_one_old_record_are_in_conflict(tmp_path: Path) -> None:
    place = install(tmp_path)
    more = SUCCESSION.replace("^CU-(.+)$", "^CU-0*(D[0-9]+)$")
    drop = linked.add_office(place, "moi", more=more)
    one = linked.petition(1, so_don="CU-D1")
    linked.write(drop, "don", [one, linked.petition(1, so_don="CU-0D1")])
    total = _night(place)
    assert (total.inserted, total.duplicates, total.quarantined) == (0, 0, 2)


def test_status_counts_moved_records_where_they_are(tmp_path: Path) -> None:
    place = _old_office(tmp_path)
    _night(place)
    _moved(place, range(1, 6))
    _night(place)
    with open_national(place.settings.national_url) as national:
        found = views.office_status(national, ["cu", "moi"], datetime.now(UTC))
    # One decision was never moved.
    assert [office.records for office in found] == [1, 12]


@pytest.mark.parametrize(
    "sql",
    [
        "INSERT INTO succession SELECT record_id, 'petition', 'moi_vu', source_id, "
        "batch_id FROM petition WHERE source_id = 'D91'",
        "UPDATE finding SET closed_batch_id = NULL",
    ],
)
def test_identities_and_closings_are_in_the_log(tmp_path: Path, sql: str) -> None:
    place = _old_office(tmp_path)
    drop = _moved(place, range(1, 6))
    linked.write(drop, "vu", [linked.case(7)])
    _night(place)
    linked.write(drop, "don", [linked.petition(91), linked.petition(7)])
    _night(place)
    with open_national(place.settings.national_url) as national:
        assert verify(national).ok
    with closing(sqlite3.connect(place.settings.home / "national.db")) as db:
        db.execute(sql)
        db.commit()
    with open_national(place.settings.national_url) as national:
        assert not verify(national).ok
