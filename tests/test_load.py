"""Loading: nothing lost, nothing doubled, nothing written twice."""

import sqlite3
from contextlib import closing
from itertools import count
from pathlib import Path

import psycopg
import pytest

from connectors.national import open_national, views
from connectors.national.verify import verify
from connectors.seal import Sealer
from flows.demo import postgres
from flows.engine.night import NightRequest, run_night
from flows.engine.outcome import Counts, NightOutcome, NightVerdict, Verdict
from tests.small import KEYS, Installation, csv_text, install, petition

SEALER = Sealer(KEYS.seal, KEYS.denouncer, KEYS.token)
_names = count()


@pytest.fixture(params=["sqlite", "postgresql"])
def place(
    request: pytest.FixtureRequest, tmp_path: Path, cluster: postgres.Cluster
) -> Installation:
    """An installation with one office, on each engine."""
    url = ""
    if request.param == "postgresql":
        name = f"load_{next(_names)}"
        cluster.create_database(name)
        url = cluster.url(name)
    made = install(tmp_path, url)
    made.add_office("mau", source="batch_rows = 40")
    return made


def night(place: Installation) -> NightOutcome:
    outcome = run_night(place.settings, NightRequest())
    for office in outcome.offices:
        assert office.counts.rows_balance(), office
        assert office.counts.records_balance(), office
    with open_national(place.settings.national_url) as national:
        found = verify(national, SEALER)
        assert found.ok, found.problems
    return outcome


def counts(place: Installation) -> Counts:
    outcome = night(place)
    assert outcome.verdict is NightVerdict.PUBLISHED, outcome.offices
    return outcome.total


def query(place: Installation, sql: str) -> list[tuple[object, ...]]:
    url = place.settings.national_url
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as conn:
            return conn.execute(sql).fetchall()
    with psycopg.connect(url.replace("+psycopg", "")) as pg:
        return pg.execute(sql.encode()).fetchall()


def test_a_second_night_changes_nothing(place: Installation) -> None:
    place.write("mau", [petition(n) for n in range(100)])
    first = counts(place)
    assert (first.read, first.inserted) == (100, 100)
    before = query(place, "SELECT * FROM petition ORDER BY record_id")
    second = counts(place)
    assert (second.read, second.unchanged, second.findings) == (100, 100, 0)
    assert query(place, "SELECT * FROM petition ORDER BY record_id") == before


def test_an_unchanged_night_writes_no_row_outside_the_ledger(
    place: Installation,
) -> None:
    """The database's own counters: versions on PostgreSQL, data pages on SQLite."""
    bad = petition(200, **{"Loại đơn": "Không rõ"})
    place.write("mau", [*(petition(n) for n in range(100)), bad])
    counts(place)
    tables = ("petition", "record_history", "quarantine", "finding", "derived")
    before = {t: _written(place, t) for t in tables}
    counts(place)
    assert {t: _written(place, t) for t in tables} == before


def _written(place: Installation, table: str) -> object:
    if place.url:
        # xmin names the transaction that wrote a row version last, ctid its place.
        return query(place, f"SELECT xmin::text, ctid::text FROM {table} ORDER BY 2")
    return query(place, f"SELECT * FROM {table} ORDER BY 1")


def test_a_changed_row_becomes_a_version_with_its_image_before(
    place: Installation,
) -> None:
    rows = [petition(n) for n in range(50)]
    place.write("mau", rows)
    counts(place)
    rows[7] = petition(7, **{"Cơ quan xử lý": "BHXH huyện Khác"})
    place.write("mau", rows)
    changed = counts(place)
    assert (changed.updated, changed.unchanged) == (1, 49)
    history = query(
        place,
        "SELECT action, image FROM record_history WHERE version = 2",
    )
    assert [action for action, _ in history] == ["update"]
    assert "BHXH huyện Mẫu" in str(history[0][1])


def test_the_same_row_twice_in_one_run_is_a_duplicate_across_batches(
    place: Installation,
) -> None:
    rows = [petition(n) for n in range(60)]
    place.write("mau", [*rows, petition(1), petition(59), petition(59)])
    found = counts(place)
    assert (found.read, found.inserted, found.duplicates) == (63, 60, 3)
    again = counts(place)
    assert (again.unchanged, again.duplicates) == (60, 3)


def test_one_key_with_two_contents_and_no_cursor_is_held_in_both_and_heals(
    place: Installation,
) -> None:
    rows = [petition(n) for n in range(60)]
    rival = petition(3, **{"Số văn bản": "9/CV-BHXH"})
    place.write("mau", [*rows, rival])
    found = counts(place)
    assert (found.inserted, found.quarantined) == (59, 2)
    assert counts(place).quarantined == 2
    items = _open(place)
    assert [i.rules for i in items] == [("key_conflict",)] * 2
    place.write("mau", rows)
    healed = counts(place)
    assert (healed.inserted, healed.unchanged, healed.quarantined) == (1, 59, 0)
    assert _open(place) == []


def _open(place: Installation) -> list[views.QuarantineItem]:
    with open_national(place.settings.national_url) as national:
        return views.quarantine_list(national, [])


def test_a_blank_key_is_held_once_and_closed_when_the_source_fills_it(
    place: Installation,
) -> None:
    rows = [petition(n) for n in range(10)]
    place.write("mau", [*rows, petition(11, **{"Số đơn": "  "})])
    assert counts(place).quarantined == 1
    assert counts(place).quarantined == 1
    assert len(_open(place)) == 1
    place.write("mau", [*rows, petition(11)])
    assert counts(place).inserted == 1
    assert _open(place) == []


def test_filtered_and_ragged_rows_are_said_with_a_reason(place: Installation) -> None:
    place.write(
        "mau",
        [petition(1), petition(2, **{"Trạng thái": "Hủy"})],
    )
    path = place.folder / "drop/mau/so_don_thu_2026.csv"
    path.write_text(path.read_text("utf-8-sig") + "a;b;c\r\n", "utf-8-sig")
    found = counts(place)
    assert (found.rows_read, found.rows_filtered, found.rows_rejected) == (3, 1, 1)
    with open_national(place.settings.national_url) as national:
        why = views.why(national, "mau", ["mau_so"], ["D-000002"])
    assert [(w.state, w.rules) for w in why] == [
        ("filtered", ("row_filtered: đơn đã hủy",))
    ]
    assert counts(place).findings == 0


def test_a_full_read_of_nothing_holds_the_office(place: Installation) -> None:
    place.write("mau", [])
    outcome = night(place)
    assert outcome.offices[0].verdict is Verdict.HELD
    assert "0 rows" in str(outcome.offices[0].error)


def test_a_register_that_shrank_holds_the_office_and_keeps_what_was(
    place: Installation,
) -> None:
    place.write("mau", [petition(n) for n in range(100)])
    counts(place)
    place.write("mau", [petition(n) for n in range(10)])
    outcome = night(place)
    assert outcome.offices[0].verdict is Verdict.HELD
    assert "shrank from 100 to 10" in str(outcome.offices[0].error)
    assert query(place, "SELECT COUNT(*) FROM petition") == [(100,)]


def test_a_missing_column_holds_the_office_before_anything_is_loaded(
    place: Installation,
) -> None:
    place.write("mau", [petition(n) for n in range(5)])
    path = place.folder / "drop/mau/so_don_thu_2026.csv"
    text = path.read_text("utf-8-sig").replace("Loại đơn", "Kiểu đơn", 1)
    path.write_text(text, "utf-8-sig")
    outcome = night(place)
    assert outcome.offices[0].verdict is Verdict.HELD
    assert "'Loại đơn'" in str(outcome.offices[0].error)


def test_a_dry_run_counts_and_touches_nothing(place: Installation) -> None:
    place.write("mau", [petition(n) for n in range(100)])
    dry = run_night(place.settings, NightRequest(dry_run=True))
    assert dry.total.inserted == 100
    assert query(place, "SELECT COUNT(*) FROM petition") == [(0,)]
    assert query(place, "SELECT COUNT(*) FROM run") == [(0,)]
    assert query(place, "SELECT COUNT(*) FROM audit_entry") == [(0,)]


def test_history_and_log_refuse_change_and_records_refuse_deletion(
    place: Installation,
) -> None:
    place.write("mau", [petition(1)])
    counts(place)
    refused = [
        "UPDATE audit_entry SET payload = ''",
        "DELETE FROM audit_entry",
        "UPDATE record_history SET action = 'late'",
        "DELETE FROM record_history",
        "DELETE FROM petition",
        "DELETE FROM quarantine",
        "DELETE FROM finding",
    ]
    for sql in refused:
        if "quarantine" in sql or "finding" in sql:
            place.write("mau", [petition(1), petition(2, **{"Loại đơn": "?"})])
            counts(place)
        with pytest.raises((sqlite3.Error, psycopg.Error)):
            _execute(place, sql)


def _execute(place: Installation, sql: str) -> None:
    url = place.settings.national_url
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as conn:
            conn.execute(sql)
            conn.commit()
        return
    with psycopg.connect(url.replace("+psycopg", "")) as pg:
        pg.execute(sql.encode())


@pytest.mark.parametrize(
    ("sql", "problem"),
    [
        ("UPDATE petition SET handler_org = 'x'", "row differs"),
        ("UPDATE petition SET sealed = NULL", "sealed was removed"),
        ("UPDATE petition SET sealed = sealed_other", "sealed was altered"),
        ("DELETE FROM petition WHERE source_id = 'D-000001'", "removed behind"),
        ("UPDATE audit_entry SET payload = '{}' WHERE seq = 1", "hash"),
        ("DELETE FROM audit_entry WHERE seq = 2", "missing"),
        ("DELETE FROM audit_entry WHERE seq = 3", "head says"),
        ("UPDATE record_history SET hash_after = hash_before", "history"),
        ("DELETE FROM record_history WHERE version = 2", "history"),
        ("UPDATE quarantine SET rules = 'x'", "quarantine"),
        ("UPDATE quarantine SET state = 'waived'", "state of quarantine"),
        ("UPDATE quarantine SET locator = 'x'", "quarantine"),
        ("UPDATE finding SET shape = 'x'", "findings"),
        ("UPDATE petition SET deleted_at = updated_at", "row differs"),
        ("UPDATE petition SET source_id = 'x' || source_id", "row differs"),
        ("DELETE FROM audit_head", "head was removed"),
        ("UPDATE record_history SET sealed = NULL", "earlier version"),
        ("UPDATE record_history SET image = NULL", "earlier version"),
        ("UPDATE record_history SET batch_id = 77", "not in the log"),
        ("UPDATE batch SET inserted = 1, read = read + 1 - inserted", "counts"),
    ],
)
def test_whatever_is_altered_behind_the_log_is_found(
    tmp_path: Path, sql: str, problem: str
) -> None:
    place = install(tmp_path)
    place.add_office("mau", source="batch_rows = 40")
    rows = [petition(n) for n in range(30)]
    place.write("mau", [*rows, petition(99, **{"Loại đơn": "?"})])
    counts(place)
    rows[1] = petition(1, **{"Cơ quan xử lý": "BHXH huyện Khác"})
    place.write("mau", rows)
    counts(place)
    counts(place)
    path = place.settings.national_url.removeprefix("sqlite:///")
    with closing(sqlite3.connect(path)) as conn:
        for (name,) in conn.execute(
            "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        ).fetchall():
            conn.execute(f"DROP TRIGGER {name}")
        if "hash_before" in sql:
            sql = sql.replace("= hash_before", "= '" + "0" * 64 + "'")
        if "sealed_other" in sql:
            other = "SELECT sealed FROM petition o WHERE o.rowid <> petition.rowid"
            sql = sql.replace("sealed_other", f"({other})")
        conn.execute(sql)
        conn.commit()
    with open_national(place.settings.national_url) as national:
        found = verify(national, SEALER)
    assert not found.ok
    assert any(problem in p.problem for p in found.problems), found.problems[:3]


def test_one_broken_office_stops_no_other(place: Installation) -> None:
    place.write("mau", [petition(n) for n in range(10)])
    place.add_office("rong")
    place.add_office("hong", source="unknown_key = 1")
    outcome = night(place)
    verdicts = {o.province: o.verdict for o in outcome.offices}
    assert verdicts == {
        "mau": Verdict.PUBLISHED,
        "rong": Verdict.FAILED,
        "hong": Verdict.MISCONFIGURED,
    }
    assert outcome.verdict is NightVerdict.PARTIAL
    errors = {o.province: str(o.error) for o in outcome.offices}
    assert "hong.toml" in errors["hong"]
    assert "unknown_key" in errors["hong"]


def test_failed_only_touches_only_what_failed(place: Installation) -> None:
    place.write("mau", [petition(n) for n in range(10)])
    place.add_office("rong")
    night(place)
    place.write("rong", [petition(n) for n in range(5)])
    again = run_night(place.settings, NightRequest(failed_only=True))
    assert [o.province for o in again.offices] == ["rong"]
    assert again.verdict is NightVerdict.PUBLISHED
    assert run_night(place.settings, NightRequest(failed_only=True)).offices == ()


def test_a_batch_of_cancelled_rows_alone_is_a_batch(place: Installation) -> None:
    cancelled = {"Trạng thái": "Hủy"}
    rows = [petition(n) for n in range(40)]
    rows += [petition(n, **cancelled) for n in range(40, 80)]
    rows += [petition(n) for n in range(80, 120)]
    place.write("mau", rows)
    found = counts(place)
    assert (found.inserted, found.rows_filtered) == (80, 40)
    assert counts(place).unchanged == 80


def test_a_held_record_that_its_source_cancels_is_released(place: Installation) -> None:
    rows = [petition(n) for n in range(20)]
    place.write("mau", [*rows, petition(30, **{"Loại đơn": "?"})])
    assert counts(place).quarantined == 1
    cancelled = {"Loại đơn": "?", "Trạng thái": "Hủy"}
    place.write("mau", [*rows, petition(30, **cancelled)])
    assert counts(place).rows_filtered == 1
    assert _open(place) == []


def test_a_large_bad_share_holds_the_office_but_withholds_nothing_good(
    place: Installation,
) -> None:
    bad = [petition(n, **{"Loại đơn": "?"}) for n in range(700)]
    place.write("mau", [*bad, *(petition(n) for n in range(700, 1100))])
    outcome = night(place)
    assert outcome.offices[0].verdict is Verdict.HELD
    assert (outcome.total.inserted, outcome.total.quarantined) == (400, 700)


def test_two_offices_with_one_system_name_are_both_refused(
    place: Installation,
) -> None:
    place.write("mau", [petition(n) for n in range(10)])
    counts(place)
    first = place.settings.config_dir / "provinces" / "mau.toml"
    first.with_name("sao.toml").write_text(first.read_text("utf-8"), "utf-8")
    outcome = night(place)
    assert {o.verdict for o in outcome.offices} == {Verdict.MISCONFIGURED}
    assert "mau_so" in str(outcome.offices[0].error)


def test_a_broken_source_of_an_office_stops_none_of_its_others(
    place: Installation,
) -> None:
    rows = [petition(n) for n in range(10)]
    place.write("mau", [])
    second = place.folder / "drop" / "hai"
    second.mkdir()
    (second / "so_don_thu_2026.csv").write_text(csv_text(rows), "utf-8-sig")
    office = place.settings.config_dir / "provinces" / "mau.toml"
    text = office.read_text("utf-8")
    more = text[text.index("[[sources]]") :].replace("mau_so", "mau_hai")
    office.write_text(text + more.replace("drop/mau", "drop/hai"), "utf-8")
    outcome = night(place)
    assert outcome.offices[0].verdict is Verdict.HELD
    assert outcome.total.inserted == 10


@pytest.mark.parametrize("line", ["deadline_s = inf", "deadline_s = nan"])
def test_a_number_without_sense_makes_one_office_misconfigured(
    place: Installation, line: str
) -> None:
    place.write("mau", [petition(1)])
    place.add_office("la", office=line)
    verdicts = [o.verdict for o in night(place).offices]
    assert verdicts == [Verdict.MISCONFIGURED, Verdict.PUBLISHED]


def test_what_cannot_be_read_of_an_unchanged_record_is_said_once(
    tmp_path: Path,
) -> None:
    place = install(tmp_path)
    place.add_office("mau")
    place.write("mau", [petition(1, **{"Lý do không đủ điều kiện": ""})])
    run_night(place.settings, NightRequest())
    strange = petition(1, **{"Lý do không đủ điều kiện": "Lý do lạ"})
    for _ in range(2):
        place.write("mau", [strange])
        outcome = run_night(place.settings, NightRequest())
        assert outcome.total.unchanged == 1
    with (
        open_national(place.settings.national_url) as national,
        national.read() as conn,
    ):
        query = "SELECT version, field FROM finding WHERE rule = 'code_unknown'"
        said = conn.exec_driver_sql(query).fetchall()
    assert [tuple(row) for row in said] == [(1, "ineligible_reason")]
