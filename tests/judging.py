"""What check and check_links say of records, one record or line after the other."""

import polars as pl

from expectations import frames
from expectations.check import check, check_links
from expectations.rule import Rule
from expectations.rules import RULES
from tests.valid_records import TODAY, provided, valid

NO_FINDINGS = frames.empty(frames.FINDINGS)


def of(frame: str) -> list[Rule]:
    """The rules that read a record type's frame, or a link frame."""
    return [rule for rule in RULES if rule.frame == frame]


def numbered(rows: list[pl.DataFrame]) -> pl.DataFrame:
    """The rows as one batch, each with a key of its own unless it is blank."""
    whole = pl.concat(rows)
    keys = pl.Series([f"{i:032x}" for i in range(whole.height)])
    return whole.with_columns(
        pl.int_range(whole.height, dtype=pl.UInt32).alias(frames.ROW),
        pl.when(pl.col(frames.RECORD_ID).is_not_null())
        .then(keys)
        .alias(frames.RECORD_ID),
    )


def faults(record_type: str, frame: pl.DataFrame) -> list[set[tuple[str, str]]]:
    """The (rule, field) pairs found in each row."""
    findings = check(
        record_type, frame, NO_FINDINGS, provided(record_type), TODAY
    ).findings
    rows: list[set[tuple[str, str]]] = [set() for _ in range(frame.height)]
    for row, rule, field in findings.select(frames.ROW, "rule", "field").iter_rows():
        rows[row].add((rule, field))
    return rows


def judged(record_type: str, changes: list[dict[str, object]]) -> list[set[str]]:
    """The rules that the valid record breaks with each of these changes."""
    frame = numbered([valid(record_type, **each) for each in changes])
    return [{rule for rule, _ in pairs} for pairs in faults(record_type, frame)]


def judged_along(link: str, lines: list[pl.DataFrame]) -> list[set[str]]:
    """The rules that each line of a link frame breaks."""
    keys = pl.Series([f"{i:032x}" for i in range(len(lines))])
    frame = pl.concat(lines).with_columns(keys.alias(frames.RECORD_ID))
    findings = check_links(link, frame, provided(link), TODAY)
    assert set(findings["field"]) <= {frames.BY_LINK[link].field}
    return [
        set(findings.filter(pl.col(frames.RECORD_ID) == key)["rule"]) for key in keys
    ]
