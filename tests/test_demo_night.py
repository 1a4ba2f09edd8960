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

from connectors.national import National, open_national, views
from connectors.national.verify import verify
from connectors.seal import Sealer
from flows.demo import postgres
from flows.engine.night import NightRequest, run_night
from flows.engine.outcome import Counts, NightOutcome, NightVerdict
from tests.demo import RECORD_TABLES, Estate, everything, query, running_estate
from tests.small import KEYS

RECORDS = 600
OFFICES = ("can_tho", "ha_tinh", "lao_cai", "phu_tho", "quang_tri", "vinh_long")

Place = tuple[str, str]  # record type, source id ("" when blank)


@dataclass(frozen=True, slots=True)
class Nights:
    """An estate after two nights on SQLite."""

    estate: Estate
    url: str
    first: NightOutcome
    after_first: dict[str, list[tuple[Any, ...]]]
    second: NightOutcome

    def expected(self, stem: str) -> dict[str, Any]:
        """The oracle's answer for an office."""
        answer: dict[str, Any] = self.estate.oracle["provinces"][stem]
        return answer

    def counts(self, stem: str) -> Counts:
        """What the first night said of an office."""
        return next(o.counts for o in self.first.offices if o.province == stem)

    def system(self, stem: str) -> str:
        """The name of the office's one installation."""
        sql = f"SELECT DISTINCT source_system FROM batch WHERE province = '{stem}'"
        [(name,)] = query(self.url, sql)
        return str(name)


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
    assert tuple(o.province for o in nights.first.offices) == OFFICES
    assert set(nights.estate.oracle["provinces"]) == set(OFFICES)


@pytest.mark.parametrize("stem", OFFICES)
def test_rows_and_records_are_as_many_as_were_planted(
    nights: Nights, stem: str
) -> None:
    counts, expected = nights.counts(stem), nights.expected(stem)
    for name in ("rows_read", "rows_mapped", "rows_filtered", "rows_rejected"):
        assert getattr(counts, name) == expected[name], name
    assert counts.read == sum(expected["read"].values())
    assert counts.inserted == sum(expected["published"].values())
    assert counts.quarantined == len(expected["quarantined"])
    assert counts.duplicates == expected["duplicates"]
    assert (counts.updated, counts.unchanged, counts.deleted) == (0, 0, 0)
    assert counts.rows_balance()
    assert counts.records_balance()


@pytest.mark.parametrize("stem", OFFICES)
def test_the_tables_hold_the_records_that_were_published(
    nights: Nights, stem: str
) -> None:
    system = nights.system(stem)
    found = {
        name: query(
            nights.url,
            f"SELECT COUNT(*) FROM {name} WHERE source_system = '{system}'",
        )[0][0]
        for name in RECORD_TABLES
    }
    published = nights.expected(stem)["published"]
    assert {name: n for name, n in found.items() if n} == published


@pytest.mark.parametrize("stem", OFFICES)
def test_all_that_was_planted_to_be_held_is_held_and_nothing_else(
    nights: Nights, stem: str
) -> None:
    rows = query(
        nights.url,
        "SELECT record_type, source_id, rules FROM quarantine "
        f"WHERE province = '{stem}' AND state = 'open'",
    )
    found = Counter(
        ((record_type, source_id or ""), rule)
        for record_type, source_id, rules in rows
        for rule in {stem_of(r) for r in rules.split(",")}
    )
    assert found == planted(nights.expected(stem)["quarantined"])


@pytest.mark.parametrize("stem", OFFICES)
def test_all_that_was_planted_to_be_found_is_found_and_no_clean_record_is_blamed(
    nights: Nights, stem: str
) -> None:
    names = {
        record_id: (table, source_id)
        for table in RECORD_TABLES
        for record_id, source_id in query(
            nights.url, f"SELECT record_id, source_id FROM {table}"
        )
    }
    rows = query(
        nights.url,
        "SELECT DISTINCT subject, rule FROM finding WHERE version IS NOT NULL "
        f"AND province = '{stem}'",
    )
    found = {(names[subject], stem_of(rule)) for subject, rule in rows}
    assert found == set(planted(nights.expected(stem)["findings"]))


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
    offices = nights.estate.oracle["provinces"].values()
    assert aside == {
        "row_filtered": sum(o["rows_filtered"] for o in offices),
        "row_rejected": sum(o["rows_rejected"] for o in offices),
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
    national: National, nights: Nights, stem: str, source_id: str
) -> list[views.WhyRecord]:
    return views.why(national, stem, [nights.system(stem)], [source_id])


def test_why_knows_what_became_of_a_record(nights: Nights) -> None:
    with open_national(nights.url) as national:
        for stem in OFFICES:
            expected = nights.expected(stem)
            for entry in expected["quarantined"]:
                if entry["source_id"]:
                    said = asked(national, nights, stem, entry["source_id"])
                    assert {(w.record_type, w.state) for w in said} == {
                        (entry["record_type"], "quarantined")
                    }
                    assert all(w.locator for w in said)
            for entry in expected["findings"]:
                [record] = asked(national, nights, stem, entry["source_id"])
                assert (record.state, record.version) == ("published", 1)
                assert {stem_of(r) for r in record.rules} == {entry["rule"]}
            for entry in expected["filtered"]:
                [record] = asked(national, nights, stem, entry["source_id"])
                assert record.state == "filtered"
                assert record.rules[0].startswith("row_filtered: ")
        [nobody] = asked(national, nights, "can_tho", "CT-D1999-99999")
        assert nobody.state == "unknown"


def test_the_log_verifies_with_and_without_the_keys(nights: Nights) -> None:
    published = sum(
        sum(o["published"].values()) for o in nights.estate.oracle["provinces"].values()
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
