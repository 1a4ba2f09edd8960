"""Four nights of the sample estate: after each, the national database holds what the
oracle says, table by table, and nothing else."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from benchmarks.nights import compare_all, compared
from flows.demo import oracle
from flows.demo.offices import INSTALLATIONS
from flows.demo.troubles import trouble
from flows.engine.night import NightRequest, run_night
from flows.engine.outcome import NightOutcome
from tests.demo import Estate, query, running_estate

RECORDS = 3_000
NIGHTS = (1, 2, 3, 4)


@dataclass(frozen=True, slots=True)
class Ran:
    """What became of the nights: each outcome, and what differed after it."""

    estate: Estate
    outcomes: dict[int, NightOutcome]
    differences: dict[int, list[str]]

    @property
    def url(self) -> str:
        """The national database."""
        return self.estate.settings().national_url


@pytest.fixture(scope="module")
def ran() -> Iterator[Ran]:
    with running_estate(RECORDS) as estate:
        outcomes, differences = {}, {}
        for night in NIGHTS:
            estate.advance(night)
            settings = estate.settings(night=night)
            outcomes[night] = run_night(settings, NightRequest())
            database = Path(settings.national_url.removeprefix("sqlite:///"))
            differences[night] = compare_all(estate.sources, database, night)
        yield Ran(estate, outcomes, differences)


@pytest.mark.parametrize("night", NIGHTS)
def test_the_tables_hold_what_the_oracle_says(ran: Ran, night: int) -> None:
    assert ran.differences[night] == []


@pytest.mark.parametrize("night", NIGHTS)
def test_only_what_was_planned_to_fail_fails(ran: Ran, night: int) -> None:
    planned = {
        office.stem: said
        for office, one in INSTALLATIONS
        if (said := trouble(one.system, night))
    }
    found = {
        office.province: str(office.verdict)
        for office in ran.outcomes[night].offices
        if office.verdict != "published"
    }
    assert found == planned


def test_an_outage_and_a_drifted_column_are_among_these_nights() -> None:
    said = {trouble(one.system, n) for _, one in INSTALLATIONS for n in NIGHTS}
    assert said == {"", "held", "failed"}


@pytest.mark.parametrize("night", NIGHTS[1:])
def test_each_later_night_brings_changes_and_few_of_them(ran: Ran, night: int) -> None:
    total = ran.outcomes[night].total
    assert total.inserted > 20
    assert total.updated > 40
    assert total.deleted > 0
    assert total.inserted + total.updated < RECORDS / 5


def test_what_a_night_found_missing_is_marked_and_comes_back_as_itself(
    ran: Ran,
) -> None:
    actions = dict(
        query(ran.url, "SELECT action, COUNT(*) FROM record_history GROUP BY action")
    )
    assert actions["delete"] > 5
    assert actions["restore"] > 0


def test_quarantine_opens_and_is_closed_when_the_source_is_mended(ran: Ran) -> None:
    states = dict(
        query(ran.url, "SELECT state, COUNT(*) FROM quarantine GROUP BY state")
    )
    assert states["open"] > 20
    assert states["fixed_at_source"] > 0


def test_a_child_that_came_before_its_parent_is_said_and_then_unsaid(ran: Ran) -> None:
    closed = query(
        ran.url,
        "SELECT COUNT(*) FROM finding WHERE rule = 'parent_missing' "
        "AND closed_batch_id IS NOT NULL",
    )
    assert closed[0][0] > 0


def test_the_oracle_knows_of_rows_that_only_a_whole_reading_finds(ran: Ran) -> None:
    hidden = 0
    for _, one in INSTALLATIONS:
        nights = [
            oracle.Night(n, trouble(one.system, n) or "published") for n in NIGHTS
        ]
        held = oracle.holding(ran.estate.sources, one.system, one.product, nights)
        there = oracle.standing(ran.estate.sources, one.system, one.product, NIGHTS[-1])
        hidden += len(there - held.records.keys() - held.quarantine.keys())
    assert hidden > 0


SYSTEM = "ho_chi_minh_qlkntc"
ONE = f"SELECT max({{}}) FROM {{}} WHERE source_system = '{SYSTEM}'"
TAMPERED = {
    "a value": "UPDATE petition SET received_date = '2020-01-01' "
    f"WHERE record_id = ({ONE.format('record_id', 'petition')})",
    "a mark": "UPDATE reception SET deleted_at = '2026-09-14 00:00:00' "
    f"WHERE record_id = ({ONE.format('record_id', 'reception')})",
    "a record": "DELETE FROM decision "
    f"WHERE record_id = ({ONE.format('record_id', 'decision')})",
    "a reference": "UPDATE decision SET case_id = record_id "
    f"WHERE record_id = ({ONE.format('record_id', 'decision')})",
    "a link": "DELETE FROM record_link WHERE record_id IN "
    f"(SELECT record_id FROM complaint_case WHERE source_system = '{SYSTEM}')",
    "quarantine": f"UPDATE quarantine SET state = 'waived' "
    f"WHERE source_system = '{SYSTEM}'",
    "an orphan": "INSERT INTO finding (batch_id, province, source_system, subject, "
    f"rule, link) VALUES (1, 'x', '{SYSTEM}', 'nobody', 'parent_missing', 'x')",
}


@pytest.mark.parametrize("what", TAMPERED)
def test_the_comparison_sees_each_kind_of_difference(
    ran: Ran, what: str, tmp_path: Path
) -> None:
    copy = tmp_path / "national.db"
    with (
        closing(sqlite3.connect(ran.url.removeprefix("sqlite:///"))) as source,
        closing(sqlite3.connect(copy)) as target,
    ):
        source.backup(target)
        found = target.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        for (name,) in found.fetchall():
            target.execute(f"DROP TRIGGER {name}")
        assert target.execute(TAMPERED[what]).rowcount > 0
        target.commit()
    [one] = [i for _, i in INSTALLATIONS if i.system == SYSTEM]
    assert compared(ran.estate.sources, copy, one, NIGHTS[-1]) != []
