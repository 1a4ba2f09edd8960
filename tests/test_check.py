"""A batch is split without loss, and only by what is withheld."""

import logging
import subprocess
import sys

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from expectations import frames
from expectations.check import Checked, check
from expectations.rules import RULES
from tests.valid_records import TODAY, VALUES, many, provided, valid

NO_FINDINGS = frames.empty(frames.FINDINGS)


def _run(
    frame: pl.DataFrame,
    prior: pl.DataFrame = NO_FINDINGS,
    without: frozenset[str] = frozenset(),
) -> Checked:
    return check("petition", frame, prior, provided("petition") - without, TODAY)


def _prior(frame: pl.DataFrame, rule: str, field: str) -> pl.DataFrame:
    """What normalise would say of each row of the frame."""
    return frame.select(
        frames.ROW,
        frames.LOCATOR,
        pl.lit("petition").alias("record_type"),
        frames.RECORD_ID,
        pl.lit(rule).alias("rule"),
        pl.lit(field).alias("field"),
        pl.lit("text of 3 characters").alias("shape"),
    )


BREAKS = [rule.broken_by for rule in RULES if rule.frame == "petition"]


@settings(max_examples=8, deadline=None)
@given(st.lists(st.integers(-1, len(BREAKS) - 1), max_size=12))
def test_each_row_is_accepted_or_quarantined_once(choice: list[int]) -> None:
    rows = [valid("petition", **(BREAKS[i] if i >= 0 else {})) for i in choice]
    frame = pl.concat([valid("petition").clear(), *rows]).with_columns(
        pl.int_range(len(rows), dtype=pl.UInt32).alias(frames.ROW)
    )
    checked = _run(frame)
    both = pl.concat([checked.accepted, checked.quarantined.drop("rules")])
    assert_frame_equal(both.sort(frames.ROW), frame)
    assert checked.accepted.schema == frame.schema
    assert checked.findings.schema == pl.Schema(frames.FINDINGS)
    for rules in checked.quarantined["rules"].to_list():
        assert rules == sorted(set(rules)) != []


def test_rows_that_share_a_source_row_are_told_apart() -> None:
    frame = many("petition", 2).with_columns(pl.lit(7, pl.UInt32).alias(frames.ROW))
    keys = frame[frames.RECORD_ID]
    kinds = pl.Series("kind", ["khieu_nai", None])
    checked = _run(frame.with_columns(kinds))
    assert checked.accepted[frames.RECORD_ID].to_list() == [keys[0]]
    assert checked.quarantined[frames.RECORD_ID].to_list() == [keys[1]]
    prior = _prior(frame[:1], "text_broken", "content")
    assert _run(frame, prior).quarantined[frames.RECORD_ID].to_list() == [keys[0]]


def test_an_empty_batch_gives_empty_parts() -> None:
    checked = _run(valid("petition").clear())
    assert checked.accepted.is_empty()
    assert checked.quarantined.columns[-1] == "rules"
    assert checked.findings.is_empty()


def test_late_or_incomplete_is_published_with_a_finding() -> None:
    frame = valid("petition", field_area=None, source=None, has_signature=None)
    checked = _run(frame)
    assert checked.accepted.height == 1
    assert set(checked.findings["field"]) == {"field_area", "source", "has_signature"}
    assert set(checked.findings["rule"]) == {"mandatory"}
    assert set(checked.findings["shape"]) == {"empty"}


def test_what_normalise_could_not_read_is_not_reported_as_missing_too() -> None:
    frame = valid("petition", field_area=None)
    prior = _prior(frame, "code_unknown", "field_area")
    checked = _run(frame, prior)
    assert_frame_equal(checked.findings, prior)
    assert checked.accepted.height == 1


def test_an_unknown_kind_is_withheld_and_keeps_both_findings() -> None:
    frame = valid("petition", kind=None)
    checked = _run(frame, _prior(frame, "code_unknown", "kind"))
    assert checked.quarantined["rules"].to_list() == [["kind"]]
    assert sorted(checked.findings["rule"]) == ["code_unknown", "kind"]


def test_broken_text_is_withheld_whoever_noticed() -> None:
    frame = valid("petition")
    known = _run(frame, _prior(frame, "text_broken", "content"))
    assert known.quarantined["rules"].to_list() == [["58"]]
    assert known.findings["rule"].to_list() == ["text_broken"]
    for sign in ("\ufffd", "\u0000", "\u0085"):
        seen = _run(valid("petition", content=f"n{sign}i dung"))
        assert seen.quarantined["rules"].to_list() == [["58"]]
        assert seen.findings.select("rule", "field").rows() == [("58", "content")]


def test_a_blank_key_is_reported_once() -> None:
    frame = valid("petition", record_id=None)
    assert _run(frame).quarantined["rules"].to_list() == [["key_blank"]]
    checked = _run(frame, _prior(frame, "key_blank", "source_id"))
    assert checked.quarantined["rules"].to_list() == [["key_blank"]]
    assert checked.findings["rule"].to_list() == ["key_blank"]


def test_what_a_source_does_not_provide_is_not_asked_of_its_rows() -> None:
    gone = frozenset({"field_area", "is_anonymous", "sender_contact", "processed_date"})
    frame = valid("petition", **dict.fromkeys(gone))
    checked = _run(frame, without=gone)
    assert checked.findings.is_empty()
    assert checked.accepted.height == 1


def test_a_missing_kind_or_date_is_withheld_even_if_never_provided() -> None:
    gone = frozenset({"kind", "received_date"})
    checked = _run(valid("petition", kind=None, received_date=None), without=gone)
    assert checked.quarantined["rules"].to_list() == [["event_date", "kind"]]


def test_a_secret_is_kept_though_the_kind_is_never_provided() -> None:
    name = VALUES["petition"]["sender_name"]
    frame = valid("petition", kind=None, content=f"tôi là {name}")
    checked = _run(frame, without=frozenset({"kind"}))
    assert "43a" in checked.quarantined["rules"].explode().to_list()


def test_findings_hold_shapes_and_never_values() -> None:
    frame = valid("petition", sender_id_number="98765432109", org_code="bí mật quá")
    findings = _run(frame).findings
    assert set(findings["shape"]) == {"11 digits", "text of 10 characters"}
    assert "98765432109" not in str(findings.rows())


def test_an_expectation_that_raises_is_our_error_and_shows_no_value(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from expectations import predicates

    def explode(frame: pl.DataFrame) -> pl.DataFrame:
        raise ValueError(str(frame.rows()))

    broken = {**predicates.PREDICATES, "text_readable": explode}
    monkeypatch.setattr(predicates, "PREDICATES", broken)
    with (
        caplog.at_level(logging.DEBUG),
        pytest.raises(RuntimeError, match="rule 58 of petition") as caught,
    ):
        _run(valid("petition", content="Tên mật"))
    assert "Tên mật" not in str(caught.value) + caplog.text
    assert caught.value.__cause__ is None


def test_reading_rules_and_checking_nothing_imports_no_engine() -> None:
    script = (
        "import sys, polars as pl\n"
        "from datetime import date\n"
        "from expectations import check, frames, rules\n"
        "nothing = frames.empty(frames.schema('petition'))\n"
        "none = frames.empty(frames.FINDINGS)\n"
        "check.check('petition', nothing, none, frozenset(), date(2026, 1, 1))\n"
        "assert not {'great_expectations', 'pandas'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True)


def test_batches_do_not_pile_up_in_memory() -> None:
    import gc

    import pandas as pd

    def alive() -> int:
        gc.collect()
        return sum(type(thing) is pd.DataFrame for thing in gc.get_objects())

    frame = many("petition", 5)
    _run(frame)
    before = alive()
    for _ in range(4):
        _run(frame)
    assert alive() <= before + 2
