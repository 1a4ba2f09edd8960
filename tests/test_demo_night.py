"""A night on the sample estate against its oracle: nothing lost, nothing invented.

What the oracle says was counted from what was planted; what the night did is counted
by SQL. Neither side asks the rules.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from config.office import former_keys
from config.settings import packaged_config
from connectors.national import National, open_national, views
from connectors.national.verify import verify
from connectors.seal import Sealer
from flows.demo import oracle, postgres
from flows.demo.offices import INSTALLATIONS, OFFICES
from flows.demo.products import CSV, MARIADB, REST, SQL, TCD, XLSX
from flows.engine.night import NightRequest, run_night
from flows.engine.outcome import NightOutcome, NightVerdict
from tests.demo import RECORD_TABLES, Estate, everything, query, running_estate
from tests.small import KEYS

RECORDS = 3_000
SYSTEMS = tuple(sorted(one.system for _, one in INSTALLATIONS))

COUNTS = (
    "rows_read",
    "rows_mapped",
    "rows_filtered",
    "rows_rejected",
    "read",
    "inserted",
    "updated",
    "unchanged",
    "quarantined",
    "duplicates",
    "deleted",
)
Place = tuple[str, str]  # record type, source id ("" when blank)


@dataclass(frozen=True, slots=True)
class Nights:
    """An estate after two nights on SQLite."""

    estate: Estate
    url: str
    first: NightOutcome
    after_first: dict[str, list[tuple[Any, ...]]]
    second: NightOutcome

    def expected(self, system: str) -> dict[str, Any]:
        """The oracle's answer for an installation."""
        answer: dict[str, Any] = self.estate.oracle["systems"][system]
        return answer

    def counts(self, system: str) -> dict[str, int]:
        """What the first night's batches counted of an installation."""
        sums = ", ".join(f"SUM({name})" for name in COUNTS)
        first = self.first.run
        [row] = query(
            self.url,
            f"SELECT {sums} FROM batch "
            f"WHERE source_system = '{system}' AND run = '{first}'",
        )
        return dict(zip(COUNTS, row, strict=True))


@pytest.fixture(scope="module")
def nights() -> Iterator[Nights]:
    with running_estate(RECORDS) as estate:
        settings = estate.settings()
        first = run_night(settings, NightRequest())
        state = everything(settings.national_url)
        second = run_night(settings, NightRequest())
        yield Nights(estate, settings.national_url, first, state, second)


def stem_of(rule: str) -> str:
    """Rule 23a is a part of rule 23."""
    return re.sub(r"^(\d+)[a-z]$", r"\1", rule)


def planted(entries: list[dict[str, Any]]) -> Counter[tuple[Place, str]]:
    return Counter(
        ((e["record_type"], e["source_id"] or ""), e["rule"]) for e in entries
    )


def test_every_office_of_the_estate_is_published(nights: Nights) -> None:
    assert nights.first.verdict is NightVerdict.PUBLISHED, nights.first.offices
    stems = tuple(sorted(office.stem for office in OFFICES))
    assert tuple(o.province for o in nights.first.offices) == stems
    assert tuple(sorted(nights.estate.oracle["systems"])) == SYSTEMS
    assert nights.first.total.rows_balance()
    assert nights.first.total.records_balance()


@pytest.mark.parametrize("system", SYSTEMS)
def test_rows_and_records_are_as_many_as_were_planted(
    nights: Nights, system: str
) -> None:
    counts, expected = nights.counts(system), nights.expected(system)
    if expected["product"] != REST:
        for name in ("rows_read", "rows_mapped", "rows_filtered", "rows_rejected"):
            assert counts[name] == expected[name], name
    assert counts["read"] == sum(expected["read"].values())
    assert counts["inserted"] == sum(expected["published"].values())
    assert counts["quarantined"] == len(expected["quarantined"])
    assert counts["duplicates"] == expected["duplicates"]
    assert (counts["updated"], counts["unchanged"], counts["deleted"]) == (0, 0, 0)


@pytest.mark.parametrize("system", SYSTEMS)
def test_the_tables_hold_the_records_that_were_published(
    nights: Nights, system: str
) -> None:
    found = {
        name: query(
            nights.url,
            f"SELECT COUNT(*) FROM {name} WHERE source_system = '{system}'",
        )[0][0]
        for name in RECORD_TABLES
    }
    published = nights.expected(system)["published"]
    assert {name: n for name, n in found.items() if n} == published


@pytest.mark.parametrize("system", SYSTEMS)
def test_all_that_was_planted_to_be_held_is_held_and_nothing_else(
    nights: Nights, system: str
) -> None:
    rows = query(
        nights.url,
        "SELECT record_type, source_id, rules FROM quarantine "
        f"WHERE source_system = '{system}' AND state = 'open'",
    )
    found = Counter(
        ((record_type, source_id or ""), rule)
        for record_type, source_id, rules in rows
        for rule in {stem_of(r) for r in rules.split(",")}
    )
    assert found == planted(nights.expected(system)["quarantined"])


@pytest.mark.parametrize("system", SYSTEMS)
def test_all_that_was_planted_to_be_found_is_found_and_no_clean_record_is_blamed(
    nights: Nights, system: str
) -> None:
    names = {
        record_id: (table, source_id)
        for table in RECORD_TABLES
        for record_id, source_id in query(
            nights.url,
            f"SELECT record_id, source_id FROM {table} "
            f"WHERE source_system = '{system}'",
        )
    }
    rows = query(
        nights.url,
        "SELECT DISTINCT subject, rule FROM finding WHERE version IS NOT NULL "
        f"AND closed_batch_id IS NULL AND source_system = '{system}'",
    )
    found = {(names[subject], stem_of(rule)) for subject, rule in rows}
    expected = set(planted(nights.expected(system)["findings"]))
    assert found == expected | orphans_of_quarantine(nights, system)


def orphans_of_quarantine(nights: Nights, system: str) -> set[tuple[Place, str]]:
    """Records whose parent is held back: they are children of nobody so far."""
    product = nights.expected(system)["product"]
    held = oracle.holding(nights.estate.sources, system, product, [oracle.Night(1)])
    return {(place, "parent_missing") for place, _ in oracle.orphans(held)}


def test_what_speaks_of_no_record_speaks_of_a_source_or_a_row_set_aside(
    nights: Nights,
) -> None:
    rows = query(
        nights.url,
        "SELECT DISTINCT rule FROM finding WHERE version IS NULL "
        "AND quarantine_id IS NULL",
    )
    assert {rule for (rule,) in rows} == {
        "not_provided",
        "row_filtered",
        "row_rejected",
    }
    aside = dict(
        query(
            nights.url,
            "SELECT rule, COUNT(*) FROM finding WHERE rule LIKE 'row_%' GROUP BY rule",
        )
    )
    systems = nights.estate.oracle["systems"].values()
    assert aside == {
        "row_filtered": sum(one["rows_filtered"] for one in systems),
        "row_rejected": sum(one["rows_rejected"] for one in systems),
    }


def test_the_second_night_changes_nothing(nights: Nights) -> None:
    assert nights.second.verdict is NightVerdict.PUBLISHED, nights.second.offices
    total = nights.second.total
    assert total.read > 0
    assert (total.inserted, total.updated, total.findings) == (0, 0, 0)
    for office in nights.second.offices:
        assert office.counts.rows_balance(), office
        assert office.counts.records_balance(), office
    assert everything(nights.url) == nights.after_first


def asked(
    national: National, nights: Nights, system: str, source_id: str
) -> list[views.WhyRecord]:
    province = nights.expected(system)["province"]
    former = former_keys(packaged_config(), province, source_id)
    return views.why(national, province, [system], [source_id], former)


@pytest.mark.parametrize("product", [SQL, MARIADB, REST, CSV, XLSX, TCD])
def test_why_knows_what_became_of_a_record(nights: Nights, product: str) -> None:
    systems = [o.system for _, o in INSTALLATIONS if o.product == product]
    with open_national(nights.url) as national:
        for system in systems:
            expected = nights.expected(system)
            for entry in expected["quarantined"][:2]:
                if entry["source_id"]:
                    said = asked(national, nights, system, entry["source_id"])
                    assert {(w.record_type, w.state) for w in said} == {
                        (entry["record_type"], "quarantined")
                    }
                    assert all(w.locator for w in said)
            for entry in expected["findings"][:2]:
                [record] = asked(national, nights, system, entry["source_id"])
                assert (record.state, record.version) == ("published", 1)
                assert entry["rule"] in {stem_of(r) for r in record.rules}
            for entry in expected["filtered"][:2]:
                [record] = asked(national, nights, system, entry["source_id"])
                assert record.state == "filtered"
                assert record.rules[0].startswith("row_filtered: ")
        [nobody] = asked(national, nights, systems[0], "CT-D1999-99999")
        assert nobody.state == "unknown"


def test_the_log_verifies_with_and_without_the_keys(nights: Nights) -> None:
    published = sum(
        sum(o["published"].values()) for o in nights.estate.oracle["systems"].values()
    )
    with open_national(nights.url) as national:
        for sealer in (None, Sealer(KEYS.seal, KEYS.denouncer, KEYS.token)):
            found = verify(national, sealer)
            assert found.ok, found.problems[:3]
            assert (found.chains, found.records) == (len(OFFICES), published)


def test_postgresql_comes_to_the_same_keys_and_contents(
    nights: Nights, cluster: postgres.Cluster
) -> None:
    cluster.create_database("demo_night")
    settings = nights.estate.settings(cluster.url("demo_night"))
    outcome = run_night(settings, NightRequest())
    assert outcome.verdict is NightVerdict.PUBLISHED, outcome.offices
    assert {o.province: o.counts for o in outcome.offices} == {
        o.province: o.counts for o in nights.first.offices
    }
    assert everything(settings.national_url) == nights.after_first
    with open_national(settings.national_url) as national:
        found = verify(national, Sealer(KEYS.seal, KEYS.denouncer, KEYS.token))
        assert found.ok, found.problems[:3]
