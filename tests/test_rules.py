"""Every rule passes the valid record and fails with what breaks it."""

from datetime import date

import polars as pl
import pytest

from expectations import describe, frames
from expectations.check import check
from expectations.records import BY_NAME
from expectations.rules import (
    NORMALISE_MESSAGES_VI,
    PATH_MESSAGES_VI,
    RULES,
    message_vi,
)
from expectations.rules_common import HAS_OWN_RULE
from tests.judging import NO_FINDINGS, faults, numbered, of
from tests.valid_records import TODAY, VALUES, many, provided, valid


@pytest.mark.parametrize("record_type", list(VALUES))
def test_a_rule_passes_the_valid_record_and_fails_what_breaks_it(
    record_type: str,
) -> None:
    rules = of(record_type)
    assert rules
    broken = [valid(record_type, **rule.broken_by) for rule in rules]
    found = faults(record_type, numbered([valid(record_type), *broken]))
    assert found[0] == set()
    for row, rule in enumerate(rules, start=1):
        ids = {id_ for id_, _ in found[row]}
        assert rule.id in ids, f"{rule.id} of {record_type} did not notice"
        assert ids - {rule.id} <= rule.also, f"{rule.id} of {record_type}"


@pytest.mark.parametrize("record_type", list(VALUES))
def test_what_a_rule_withholds_is_withheld_and_nothing_else(record_type: str) -> None:
    rules = of(record_type)
    frame = numbered([valid(record_type, **rule.broken_by) for rule in rules])
    checked = check(record_type, frame, NO_FINDINGS, provided(record_type), TODAY)
    withholding = {rule.id for rule in rules if rule.quarantines}
    expected = {
        row
        for row, rule in enumerate(rules)
        if rule.quarantines or rule.id in {"2a", "2b", "60b"}  # these break 23a, 60d
    }
    assert set(checked.quarantined[frames.ROW]) <= expected
    assert {r for r in expected if rules[r].quarantines} <= set(
        checked.quarantined[frames.ROW]
    )
    assert set(checked.quarantined["rules"].explode()) <= withholding


def test_only_what_promise_p6_names_is_quarantined() -> None:
    allowed = ("key_blank", "event_date", "kind", "8", "23", "25", "60", "43", "44")
    for rule in RULES:
        number = rule.id.rstrip("abcdefgh")
        if rule.quarantines:
            assert not rule.through, rule.id
            assert rule.id in allowed or number in allowed or number == "58"
    assert {r.id for r in RULES if r.quarantines} >= {"43a", "43b", "44", "58", "60d"}


def test_rules_name_what_exists_and_speak_to_the_steward() -> None:
    assert len({(r.id, r.frame) for r in RULES}) == len(RULES)
    numbers = {r.id.rstrip("abcdefgh") for r in RULES if r.id[0].isdigit()}
    assert len(numbers) >= 40
    for rule in RULES:
        columns = set(frames.schema(rule.frame))
        assert set(rule.fields) <= columns, rule.id
        assert rule.message_vi.endswith(".")
        assert rule.because
        assert message_vi(rule.id, rule.record_type) == rule.message_vi
        for group in rule.groups:
            assert set(group) <= set(rule.expectation.columns), rule.id
    for finding in (*NORMALISE_MESSAGES_VI, *PATH_MESSAGES_VI):
        assert message_vi(finding, "petition")
    assert message_vi("no such rule", "petition") is None


@pytest.mark.parametrize("record_type", list(VALUES))
def test_each_mandatory_field_is_named_once_when_empty(record_type: str) -> None:
    # These have a rule of their own: it withholds or is numbered; one is the date.
    own = {*HAS_OWN_RULE.get(record_type, ()), BY_NAME[record_type].event_date}
    fields = [
        f.name
        for f in BY_NAME[record_type].fields
        if f.need == "M" and f.name not in own
    ]
    found = faults(
        record_type, numbered([valid(record_type, **{f: None}) for f in fields])
    )
    for row, field in enumerate(fields):
        named = [pair for pair in found[row] if pair[1] == field]
        assert named == [("mandatory", field)]


def test_ten_thousand_bad_rows_are_all_named_by_every_kind_of_expectation() -> None:
    rows, kinds = 10_000, set()
    for record_type in VALUES:
        # many() gives keys, so what a blank key breaks is tested elsewhere.
        rules = [rule for rule in of(record_type) if rule.id != "key_blank"]
        first = {rule.expectation.name: rule for rule in reversed(rules)}
        new = [rule for name, rule in first.items() if name not in kinds]
        kinds |= set(first)
        if not new:
            continue
        frame = numbered([many(record_type, rows, **r.broken_by) for r in new])
        frame = pl.concat([frame, many(record_type, 10).select(frame.columns)])
        counts = (
            check(record_type, frame, NO_FINDINGS, provided(record_type), TODAY)
            .findings.group_by("rule")
            .len()
        )
        named = dict(counts.iter_rows())
        for rule in new:
            assert named[rule.id] >= rows, rule.id
    assert kinds == {rule.expectation.name for rule in RULES if not rule.through}


def test_a_dated_rule_does_not_judge_what_happened_before_it() -> None:
    old, new = date(2020, 3, 2), date(2022, 3, 1)
    changes = {
        "eligible": False,
        "processing_result": "xep_luu",
        "processed_date": None,
    }
    frame = numbered(
        [
            valid("petition", received_date=day, written_date=None, **changes)
            for day in (old, new)
        ]
    )
    found = faults("petition", frame)
    assert ("13a", "ineligible_reason") not in found[0]
    assert ("13a", "ineligible_reason") in found[1]


@pytest.mark.parametrize("name", list(describe.PAGES))
def test_the_written_pages_are_current(name: str) -> None:
    written = (describe.DOCS / name).read_text(encoding="utf-8")
    assert written == describe.PAGES[name](), "run python -m expectations.describe"
