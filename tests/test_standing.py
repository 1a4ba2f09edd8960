"""Every office at a glance: states at their edges, bands, and numbers that are those
of the tables, on both engines."""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.engine import Engine

from connectors.national import open_national, views
from connectors.national.offices import OfficeStatus, Reading, office_status
from connectors.national.tables import RECORDS, batch, finding, run
from flows.demo import postgres
from flows.engine import report
from flows.engine.night import NightRequest, run_night
from flows.engine.outcome import NightOutcome, Verdict
from flows.engine.remarks import volume_finding
from flows.engine.report.standing import (
    FRESH,
    LONGEST_NIGHT,
    READINGS,
    State,
    in_order,
    standing,
    state,
    summary,
    volume,
)
from flows.engine.volume import Band, Side, band
from tests.small import Installation, install, petition

NOW = datetime(2026, 11, 23, 0, 0, tzinfo=UTC)
FRIDAY, SUNDAY = date(2026, 11, 20), date(2026, 11, 22)
MOMENT = timedelta(microseconds=1)
_names = count()


def office(
    verdict: str | None = "published",
    age: timedelta | None = timedelta(0),
    started: timedelta | None = timedelta(hours=1),
    stem: str = "mau",
) -> OfficeStatus:
    """An office whose last run began and whose last publication was so long ago."""
    return OfficeStatus(
        stem,
        verdict,
        None if age is None else NOW - age,
        None if age is None else round(age / timedelta(hours=1), 1),
        0,
        0,
        None if started is None else NOW - started,
    )


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (office(age=timedelta(0)), State.FRESH),
        (office(age=FRESH), State.FRESH),
        (office(age=FRESH + MOMENT), State.LATE),
        (office(age=-timedelta(hours=3)), State.FRESH),  # a clock that ran ahead
        (office("skipped", FRESH), State.FRESH),
        (office("skipped", None), State.LATE),
        (office("failed", FRESH), State.FAILED),
        (office("failed", timedelta(days=9)), State.FAILED),
        (office("failed", None), State.FAILED),
        (office("held", FRESH), State.HELD),
        (office("misconfigured", FRESH), State.MISCONFIGURED),
        (office(None, None, None), State.NEVER),
        (office(None, None, LONGEST_NIGHT), State.RUNNING),
        (office(None, FRESH, LONGEST_NIGHT), State.RUNNING),
        (office(None, FRESH, LONGEST_NIGHT + MOMENT), State.UNFINISHED),
    ],
)
def test_a_state_follows_from_the_last_verdict_and_its_age(
    status: OfficeStatus, expected: State
) -> None:
    assert state(status, NOW) is expected


def test_what_needs_a_person_comes_first_and_the_rest_by_stem() -> None:
    offices = [
        office(stem="b"),
        office(stem="a"),
        office(age=timedelta(days=3), stem="c"),
        office("misconfigured", stem="d"),
        office("held", stem="f"),
        office("held", stem="e"),
        office("failed", stem="g"),
    ]
    found = in_order(standing(o, NOW) for o in offices)
    assert [o.status.province for o in found] == ["g", "e", "f", "d", "c", "a", "b"]
    assert summary(found) == [
        (State.FRESH, 2), (State.FAILED, 1), (State.HELD, 2), (State.MISCONFIGURED, 1),
        (State.LATE, 1),
    ]  # fmt: skip


def reading(
    rows: int, *before: int, system: str = "so", on: date | None = FRIDAY
) -> Reading:
    return Reading(system, rows, 2, on, NOW, nights(before))


def nights(rows: Sequence[int]) -> tuple[tuple[date, int], ...]:
    """Readings of the nights before FRIDAY, newest first."""
    days = (FRIDAY - timedelta(days=n) for n in range(1, len(rows) + 1))
    return tuple(zip(days, rows, strict=True))


CALM = (100, 90, 110, 95, 105)


@pytest.mark.parametrize(
    ("rows", "side"),
    [(44, Side.LOW), (45, None), (100, None), (220, None), (221, Side.HIGH)],
)
def test_a_band_goes_from_half_the_least_to_twice_the_most(
    rows: int, side: Side | None
) -> None:
    found = volume([reading(rows, *CALM)])
    assert found.band == Band(45, 220)
    assert (found.rows, found.findings, found.side) == (rows, 2, side)


@given(st.integers(0, 10**6), st.lists(st.integers(0, 10**6), min_size=5, max_size=5))
def test_the_mark_is_the_gates_own(rows: int, before: list[int]) -> None:
    said = volume_finding("so", rows, nights(before), FRIDAY).height == 1
    assert bool(volume([reading(rows, *before)]).outliers) is said


def test_few_readings_make_no_band_and_a_day_off_no_mark() -> None:
    assert band(nights(CALM[:-1]), FRIDAY) is None
    assert volume([reading(0, *CALM[:-1])]).outliers == ()
    assert volume([reading(0, *CALM, on=SUNDAY)]).outliers == ()
    assert volume([]).rows is None


def test_a_dead_installation_does_not_hide_behind_a_large_one() -> None:
    large = tuple(n * 100 for n in CALM)
    found = volume([reading(0, *CALM, system="nho"), reading(10_000, *large)])
    assert (found.rows, found.band) == (10_000, Band(4_545, 22_220))
    assert [(o.system, o.side) for o in found.outliers] == [("nho", Side.LOW)]
    assert found.side is Side.LOW


def test_an_installation_without_a_band_leaves_the_office_without_one() -> None:
    found = volume([reading(0, *CALM, system="cu"), reading(7, 5, system="moi")])
    assert (found.rows, found.band) == (7, None)
    assert [o.system for o in found.outliers] == ["cu"]


def installed(folder: Path, url: str = "") -> Installation:
    """Three offices; who has files, and who runs, is each test's own."""
    made = install(folder, url)
    for stem in ("mau", "rong", "sau"):
        made.add_office(stem, source="batch_rows = 20")
    return made


@pytest.fixture(params=["sqlite", "postgresql"])
def place(
    request: pytest.FixtureRequest, tmp_path: Path, cluster: postgres.Cluster
) -> Installation:
    """Three offices on each engine: for what is SQL of its own."""
    if request.param == "sqlite":
        return installed(tmp_path)
    name = f"standing_{next(_names)}"
    cluster.create_database(name)
    return installed(tmp_path, cluster.url(name))


@pytest.fixture
def here(tmp_path: Path) -> Installation:
    """Three offices on SQLite."""
    return installed(tmp_path)


def night(place: Installation, *stems: str) -> NightOutcome:
    return run_night(place.settings, NightRequest(stems))


def statuses(
    place: Installation, stems: Sequence[str] = ("mau", "rong", "sau")
) -> dict[str, OfficeStatus]:
    with open_national(place.settings.national_url) as national:
        found = office_status(national, stems, datetime.now(UTC), READINGS)
    assert [status.province for status in found] == list(stems)
    return {status.province: status for status in found}


def stored(place: Installation) -> int:
    """Records that are not marked deleted, counted one by one."""
    parts = [
        sa.select(sa.func.count())
        .where(table.c.deleted_at.is_(None))
        .select_from(table)
        for table in RECORDS.values()
    ]
    with open_national(place.settings.national_url) as national, national.read() as c:
        return sum(c.execute(query).scalar_one() for query in parts)


def test_status_says_what_the_tables_hold(place: Installation) -> None:
    bad = [petition(n, **{"Loại đơn": "Không rõ"}) for n in range(90, 94)]
    place.write("mau", [*(petition(n) for n in range(50)), *bad])
    place.write("rong", [])
    night(place, "mau", "rong")
    first = statuses(place)
    assert first["mau"].records == stored(place) == 50
    assert first["mau"].quarantine_open == 4
    assert (first["mau"].verdict, first["rong"].verdict) == ("published", "held")
    assert first["rong"].published_at is None
    assert "0 rows" in str(first["rong"].error)
    assert first["sau"] == OfficeStatus("sau", None, None, None, 0, 0)
    now = datetime.now(UTC)
    states = [state(status, now) for status in first.values()]
    assert states == [State.FRESH, State.HELD, State.NEVER]


def test_records_follow_what_left_its_source_and_came_back(
    here: Installation,
) -> None:
    rows = [petition(n) for n in range(60)]
    for size in (60, 50, 55):
        here.write("mau", rows[:size])
        outcome = night(here, "mau")
        assert outcome.offices[0].verdict is Verdict.PUBLISHED, outcome.offices
        assert statuses(here)["mau"].records == stored(here) == size


def ledger_rows(
    province: str, system: str, readings: Sequence[int], first: int, at: datetime
) -> list[dict[str, object]]:
    """Batches of one installation, two a reading, one reading an hour."""
    return [
        {
            "batch_id": first + 2 * k + seq,
            "run": f"r{k}",
            "province": province,
            "source_system": system,
            "stage": f"{system}-{k}",
            "seq": seq,
            "is_last": seq == 1,
            "source_digest": "0" * 64,
            "committed_at": at + timedelta(hours=k),
            "rows_read": rows - 1 if seq else 1,
            "rows_filtered": rows - 1 if seq else 1,
            "findings": k,
        }
        for k, rows in enumerate(readings)
        for seq in (0, 1)
    ]


def test_the_last_reading_stands_beside_the_ones_before_it(
    place: Installation,
) -> None:
    at, old = datetime.now(UTC) - timedelta(days=2), datetime(2020, 1, 1, tzinfo=UTC)
    rows = [
        *ledger_rows("mau", "mau_so", (50, 40, 45, 44, 43, 42, 41), 1, at),
        *ledger_rows("mau", "mau_moi", (7,), 100, at),
        *ledger_rows("sau", "sau_so", (9,), 200, old),
    ]
    runs = [
        {"run": name, "province": stem, "night_on": FRIDAY, "token_key_id": "k"}
        | {"started_at": began}
        for name, stem, began in [(f"r{k}", "mau", at) for k in range(7)]
    ]
    rows[-2]["run"] = rows[-1]["run"] = "old"
    runs.append(runs[0] | {"run": "old", "province": "sau", "started_at": old})
    with open_national(place.settings.national_url) as national, national.write() as c:
        c.execute(run.insert(), runs)
        c.execute(batch.insert(), rows)
    found = statuses(place)
    new, last = found["mau"].readings
    assert (new.system, new.rows, new.before) == ("mau_moi", 7, ())
    assert (last.system, last.rows, last.findings) == ("mau_so", 41, 12)
    assert (last.night_on, last.at) == (FRIDAY, at + timedelta(hours=6))
    assert [n for _, n in last.before] == [42, 43, 44, 45, 40, 50]
    # What was read years ago tells nothing of today's volume.
    assert found["sau"].readings == ()


def test_an_office_that_fails_keeps_the_age_of_its_last_publication(
    here: Installation,
) -> None:
    here.write("mau", [petition(n) for n in range(20)])
    night(here, "mau")
    before = statuses(here)["mau"]
    here.write("mau", [])
    night(here, "mau")
    after = statuses(here)["mau"]
    assert (before.verdict, after.verdict) == ("published", "held")
    assert after.published_at == before.published_at is not None
    assert after.records == 20
    assert state(after, datetime.now(UTC)) is State.HELD


def test_a_run_that_never_ended_is_told_from_its_last_publication(
    here: Installation,
) -> None:
    here.write("mau", [petition(n) for n in range(20)])
    night(here, "mau")
    with open_national(here.settings.national_url) as national, national.write() as c:
        started = datetime.now(UTC) + timedelta(seconds=1)
        line = c.execute(sa.select(run).where(run.c.province == "mau")).mappings().one()
        dead = dict(line) | {"run": "dead", "started_at": started}
        c.execute(run.insert(), dead | {"finished_at": None, "verdict": None})
    found = statuses(here)["mau"]
    assert (found.verdict, found.published_at is None) == (None, False)
    later = started + LONGEST_NIGHT
    assert state(found, later) is State.RUNNING
    assert state(found, later + MOMENT) is State.UNFINISHED


def test_no_office_is_no_question(here: Installation) -> None:
    assert statuses(here, ()) == {}


def test_the_report_counts_what_the_items_say(place: Installation) -> None:
    worse = {"Loại đơn": "Không rõ", "Ngày nhận": "31/02/2026"}
    bad = [petition(n, **{"Loại đơn": "Không rõ"}) for n in range(90, 94)]
    place.write("mau", [*(petition(n) for n in range(50)), *bad])
    place.write("sau", [petition(n) for n in range(30)])
    night(place)
    place.write(
        "mau", [*(petition(n) for n in range(50)), *bad[1:], petition(99, **worse)]
    )
    outcome = night(place)
    found = report.collect(place.settings, outcome)
    with open_national(place.settings.national_url) as national:
        items = views.quarantine_list(national, ["mau"])
        rules = Counter(rule for item in items for rule in item.rules)
        said = views.night_findings(national, outcome.run, "mau")
    assert len(rules) >= 2
    assert dict(found["mau"].quarantine) == rules
    assert [n for _, n in found["mau"].quarantine] == sorted(rules.values())[::-1]
    assert found["mau"].findings == tuple(said) != ()
    assert (found["mau"].opened, found["mau"].quarantine_open) == (1, len(items))
    assert found["mau"].volume.rows == 54
    assert (found["sau"].quarantine, found["sau"].opened) == ((), 0)


def test_a_finding_that_was_closed_is_not_told(here: Installation) -> None:
    here.write("mau", [petition(1), petition(2, **{"Loại đơn": "Không rõ"})])
    outcome = night(here, "mau")
    assert report.collect(here.settings, outcome)["mau"].findings
    with open_national(here.settings.national_url) as national, national.write() as c:
        newest = c.execute(sa.select(sa.func.max(batch.c.batch_id))).scalar_one()
        c.execute(finding.update().values(closed_batch_id=newest))
    assert report.collect(here.settings, outcome)["mau"].findings == ()


@contextmanager
def statements() -> Iterator[list[str]]:
    """Every statement sent to any database meanwhile."""
    sent: list[str] = []

    def hear(_c: object, _cursor: object, statement: str, *_: object) -> None:
        sent.append(statement)

    sa.event.listen(Engine, "before_cursor_execute", hear)
    try:
        yield sent
    finally:
        sa.event.remove(Engine, "before_cursor_execute", hear)


def test_all_offices_cost_as_many_statements_as_one(here: Installation) -> None:
    for stem in ("mau", "rong", "sau"):
        here.write(stem, [petition(n) for n in range(20)])
    outcome = night(here)
    with statements() as for_all:
        report.collect(here.settings, outcome)
    with statements() as for_one:
        report.collect(here.settings, replace(outcome, offices=outcome.offices[:1]))
    assert len(for_all) == len(for_one) > 0
    record_tables = [s for s in for_all if any(f"FROM {t}" in s for t in RECORDS)]
    assert record_tables == []
