"""What leaves its source is marked deleted, never removed; it may come back."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

from connectors.national import open_national
from connectors.national.verify import verify
from flows.engine.night import NightRequest, run_night
from flows.engine.outcome import NightOutcome
from tests import linked
from tests.small import Installation, install, petition

MARKS = "SELECT source_id FROM petition WHERE deleted_at IS NOT NULL ORDER BY source_id"


def _office(tmp_path: Path, source: str = "") -> Installation:
    place = install(tmp_path)
    place.add_office("thu", source)
    place.write("thu", [petition(n) for n in range(1, 41)])
    return place


def _night(
    place: Installation, verdict: str = "published", on: date | None = None
) -> NightOutcome:
    settings = replace(place.settings, night_on=on)
    outcome = run_night(settings, NightRequest())
    assert [str(o.verdict) for o in outcome.offices] == [verdict], outcome
    return outcome


def _rows(place: Installation, query: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(place.settings.home / "national.db")) as db:
        return db.execute(query).fetchall()


def _is_whole(place: Installation) -> bool:
    with open_national(place.settings.national_url) as national:
        return verify(national).ok


def test_a_record_that_left_a_whole_reading_is_marked_once(tmp_path: Path) -> None:
    place = _office(tmp_path)
    _night(place)
    place.write("thu", [petition(n) for n in range(3, 41)])
    total = _night(place).total
    assert (total.deleted, total.unchanged, total.read) == (2, 38, 38)
    assert _rows(place, MARKS) == [("D-000001",), ("D-000002",)]
    assert _rows(place, "SELECT count(*) FROM petition") == [(40,)]
    assert _night(place).total.deleted == 0
    actions = _rows(
        place,
        "SELECT action, count(*) FROM record_history GROUP BY action ORDER BY action",
    )
    assert actions == [("delete", 2), ("insert", 40)]
    assert _is_whole(place)


def test_a_record_that_comes_back_is_restored_as_it_was_or_changed(
    tmp_path: Path,
) -> None:
    place = _office(tmp_path)
    _night(place)
    place.write("thu", [petition(n) for n in range(3, 41)])
    _night(place)
    back = petition(2, **{"Nội dung": "Nội dung đã sửa lại, hồ sơ số HS-2"})
    place.write("thu", [petition(1), back, *(petition(n) for n in range(3, 41))])
    total = _night(place).total
    assert (total.restored, total.unchanged, total.updated) == (2, 39, 1)
    assert _rows(place, MARKS) == []
    versions = _rows(place, "SELECT version FROM petition ORDER BY source_id LIMIT 2")
    assert versions == [(3,), (3,)]
    assert _night(place).total.unchanged == 40
    assert _is_whole(place)


def test_a_cancelled_row_is_a_deletion_that_names_its_place(tmp_path: Path) -> None:
    place = _office(tmp_path)
    _night(place)
    cancelled = petition(7, **{"Trạng thái": "Hủy"})
    place.write("thu", [cancelled if n == 7 else petition(n) for n in range(1, 41)])
    total = _night(place).total
    assert (total.deleted, total.rows_filtered) == (1, 1)
    said = _rows(place, "SELECT locator FROM record_history WHERE action = 'delete'")
    assert str(said[0][0]).startswith("cancelled at its source: so_don_thu_2026.csv")
    assert _night(place).total.deleted == 0


def test_a_row_without_a_readable_key_postpones_the_marks_while_it_stands(
    tmp_path: Path,
) -> None:
    place = _office(tmp_path)
    first = date(2026, 9, 14)
    _night(place, on=first)
    blank = petition(5, **{"Số đơn": " "})
    place.write("thu", [blank if n == 5 else petition(n) for n in range(1, 41)])
    for day in (1, 1, 2, 9):  # the same night twice, the next, a week later
        assert _night(place, on=first + timedelta(day)).total.deleted == 0
    said = _rows(place, "SELECT shape FROM finding WHERE rule = 'deletion_postponed'")
    assert len(said) == 3
    assert str(said[0][0]).endswith(
        "1 records are absent, 1 rows have no readable key, 0 had none before"
    )
    place.write("thu", [petition(n) for n in range(1, 40)])
    assert _night(place, on=first + timedelta(10)).total.deleted == 1
    assert _rows(place, MARKS) == [("D-000040",)]


def test_a_row_that_was_always_broken_hides_nothing_however_it_changes(
    tmp_path: Path,
) -> None:
    place = _office(tmp_path)
    for day in range(4):
        broken = petition(90, **{"Số đơn": "", "Nội dung": f"in ngày {day}"})
        left = (petition(n) for n in range(1 + day, 41))
        place.write("thu", [*left, broken])
        total = _night(place, on=date(2026, 9, 14) + timedelta(day)).total
        assert total.deleted == (1 if day else 0)


def test_a_row_of_an_unknown_kind_is_not_absent(tmp_path: Path) -> None:
    place = install(tmp_path)
    drop = linked.add_office(place, "thu")
    preset = place.folder / "config/systems/so_vu_viec.toml"
    text = preset.read_text(encoding="utf-8")
    when = 'type = "petition"\nwhen = {column = "trang_thai", is_blank = true}\n'
    preset.write_text(text.replace('type = "petition"\n', when), encoding="utf-8")
    linked.write(drop, "don", [linked.petition(n) for n in range(1, 5)])
    _night(place, on=date(2026, 9, 14))
    strange = linked.petition(2, trang_thai="khác")
    rows = [strange if n == 2 else linked.petition(n) for n in range(1, 5)]
    linked.write(drop, "don", rows)
    for day in (15, 16):
        total = _night(place, on=date(2026, 9, day)).total
        assert (total.rows_rejected, total.deleted) == (1, 0)


def test_new_keys_for_everything_hold_the_source(tmp_path: Path) -> None:
    place = _office(tmp_path)
    _night(place)
    renamed = [petition(n, **{"Số đơn": f"MOI-{n}"}) for n in range(1, 41)]
    place.write("thu", renamed)
    outcome = _night(place, "held")
    assert "40 of its 40 stored records" in str(outcome.offices[0].error)
    assert _rows(place, "SELECT count(*) FROM petition") == [(40,)]
    assert _rows(place, MARKS) == []


def test_a_mark_made_or_taken_away_behind_the_log_is_found(tmp_path: Path) -> None:
    place = _office(tmp_path)
    _night(place)
    place.write("thu", [petition(n) for n in range(2, 41)])
    _night(place)
    assert _is_whole(place)
    with closing(sqlite3.connect(place.settings.home / "national.db")) as db:
        db.execute("UPDATE petition SET deleted_at = NULL")
        db.commit()
    assert not _is_whole(place)


def test_a_quarantined_record_is_not_absent(tmp_path: Path) -> None:
    place = _office(tmp_path)
    _night(place)
    broken = petition(9, **{"Ngày nhận": "31/02/2026"})
    place.write("thu", [broken if n == 9 else petition(n) for n in range(1, 41)])
    total = _night(place).total
    assert (total.deleted, total.quarantined) == (0, 1)


def test_a_rejected_row_that_moves_down_hides_nothing(tmp_path: Path) -> None:
    place = _office(tmp_path)
    path = place.folder / "drop" / "thu" / "so_don_thu_2026.csv"
    first = date(2026, 9, 14)

    def write(numbers: range) -> None:
        place.write("thu", [petition(n) for n in numbers])
        path.write_bytes(path.read_bytes() + b"mot;dong;rach\r\n")

    write(range(1, 41))
    _night(place, on=first)
    write(range(1, 43))
    assert _night(place, on=first + timedelta(1)).total.rows_rejected == 1
    write(range(3, 43))
    assert _night(place, on=first + timedelta(2)).total.deleted == 2
    said = _rows(place, "SELECT count(*) FROM finding WHERE rule = 'row_rejected'")
    assert said == [(1,)]


def test_a_small_office_that_loses_all_is_held(tmp_path: Path) -> None:
    place = _office(tmp_path)
    place.write("thu", [petition(n) for n in range(1, 21)])
    _night(place)
    place.write("thu", [petition(99)])
    _night(place, "held")
