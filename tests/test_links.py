"""A missing parent is a warning, looked at again when child or parent changes."""

import sqlite3
from contextlib import closing
from pathlib import Path

from connectors.national import open_national
from connectors.national.verify import verify
from flows.engine.night import NightRequest, run_night
from tests import linked
from tests.small import Installation, install

OPEN = (
    "SELECT f.rule, f.field, f.version, r.source_id FROM finding f "
    "JOIN complaint_case r ON r.record_id = f.subject "
    "WHERE f.link IS NOT NULL AND f.closed_batch_id IS NULL "
    "ORDER BY r.source_id, f.rule, f.field"
)


def _night(place: Installation) -> None:
    outcome = run_night(place.settings, NightRequest())
    assert [o.verdict for o in outcome.offices] == ["published"], outcome


def _rows(place: Installation, query: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(place.settings.home / "national.db")) as db:
        return db.execute(query).fetchall()


def _office(tmp_path: Path) -> tuple[Installation, Path]:
    place = install(tmp_path)
    drop = linked.add_office(place, "thu")
    linked.write(drop, "don", [linked.petition(n) for n in range(1, 4)])
    linked.write(drop, "vu", [linked.case(n) for n in range(1, 4)])
    linked.write(drop, "van_ban", [linked.decision(n) for n in range(1, 4)])
    return place, drop


def test_parents_in_later_batches_and_streams_are_no_orphans(tmp_path: Path) -> None:
    place, drop = _office(tmp_path)
    linked.write(drop, "vu", [linked.case(n, van_ban=f"{n}/TB") for n in (1, 2, 3)])
    _night(place)
    assert _rows(place, OPEN) == []


def test_an_orphan_is_published_with_a_finding_and_healed_by_its_parent(
    tmp_path: Path,
) -> None:
    place, drop = _office(tmp_path)
    linked.write(drop, "vu", [linked.case(n) for n in range(1, 5)])
    _night(place)
    assert _rows(place, OPEN) == [("parent_missing", "petition_ids", 1, "V4")]
    assert _rows(place, "SELECT count(*) FROM complaint_case") == [(4,)]
    _night(place)
    assert len(_rows(place, OPEN)) == 1
    linked.write(drop, "don", [linked.petition(n) for n in range(1, 5)])
    _night(place)
    assert _rows(place, OPEN) == []
    closed = _rows(place, "SELECT count(*) FROM finding WHERE closed_batch_id > 0")
    assert closed == [(1,)]


def test_one_missing_petition_of_several_is_told(tmp_path: Path) -> None:
    place, drop = _office(tmp_path)
    linked.write(drop, "vu", [linked.case(1, don="D1,D2,D9")])
    linked.write(drop, "van_ban", [linked.decision(1)])
    _night(place)
    assert _rows(place, OPEN) == [("parent_missing", "petition_ids", 1, "V1")]


def test_a_parent_that_changes_makes_its_child_be_looked_at_again(
    tmp_path: Path,
) -> None:
    place, drop = _office(tmp_path)
    _night(place)
    assert _rows(place, OPEN) == []
    outside = [
        linked.petition(n, tham_quyen="Không" if n == 2 else "Có") for n in (1, 2, 3)
    ]
    linked.write(drop, "don", outside)
    _night(place)
    assert [row[0] for row in _rows(place, OPEN)] == ["14"]
    linked.write(drop, "don", [linked.petition(n) for n in (1, 2, 3)])
    _night(place)
    assert _rows(place, OPEN) == []


def test_a_parent_marked_deleted_leaves_an_orphan(tmp_path: Path) -> None:
    place, drop = _office(tmp_path)
    _night(place)
    linked.write(drop, "don", [linked.petition(n) for n in (1, 2)])
    source = place.folder / "config/provinces/thu.toml"
    text = source.read_text(encoding="utf-8")
    source.write_text(
        text.replace("[sources.files]", "gate = {max_shrink = 0.9}\n[sources.files]"),
        encoding="utf-8",
    )
    _night(place)
    assert _rows(place, OPEN) == [("parent_missing", "petition_ids", 1, "V3")]


def test_a_night_without_news_writes_no_closing_batch(tmp_path: Path) -> None:
    place, _ = _office(tmp_path)
    _night(place)
    before = _rows(place, "SELECT count(*) FROM finding")
    batches = _rows(place, "SELECT max(batch_id) FROM batch")[0][0]
    _night(place)
    assert _rows(place, "SELECT count(*) FROM finding") == before
    later = _rows(
        place, f"SELECT count(*) FROM batch WHERE batch_id > {batches} AND seq = 3"
    )
    assert later == [(0,)]


def test_closing_batches_are_in_the_log_and_a_reopened_finding_is_found(
    tmp_path: Path,
) -> None:
    place, drop = _office(tmp_path)
    linked.write(drop, "vu", [linked.case(n) for n in range(1, 5)])
    _night(place)
    linked.write(drop, "don", [linked.petition(n) for n in range(1, 5)])
    _night(place)
    with open_national(place.settings.national_url) as national:
        assert verify(national).problems == ()
    with closing(sqlite3.connect(place.settings.home / "national.db")) as db:
        db.execute("UPDATE finding SET closed_batch_id = 99 WHERE link IS NOT NULL")
        db.commit()
    with open_national(place.settings.national_url) as national:
        assert not verify(national).ok
