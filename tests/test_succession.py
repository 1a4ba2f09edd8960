"""A case that moves to another system keeps its identity, its history and its links."""

import sqlite3
from contextlib import closing
from pathlib import Path

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
