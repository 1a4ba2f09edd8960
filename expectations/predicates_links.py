"""What is asked of a record and the one it names, as pure functions on a link frame.

Columns are known by their place, for a parent's bear the field's name before theirs;
faults as in predicates.py.
"""

from datetime import date

import polars as pl

from expectations import deadlines

# What second_allowed reads, in this order: the second complaint, then the first case.
SECOND = (
    "filed",
    "decision_date",
    "accepted_date",
    "received_date",
    "is_remote",
    "is_complex",
)


def second_allowed(frame: pl.DataFrame) -> pl.DataFrame:
    """A second complaint follows a first decision, or the end of the first's limit.

    Luật Khiếu nại Art. 33. A link frame holds no suspensions, which would make the
    limit longer; while acceptance is unknown its ten days (Art. 27) run from receipt.
    """
    first = frame.rename(dict(zip(frame.columns, SECOND, strict=True)))
    known = pl.col("is_remote").is_not_null() & pl.col("is_complex").is_not_null()
    days = pl.when(known).then(deadlines.complaint_days())
    latest = pl.col("received_date") + pl.duration(days=10)
    accepted = pl.coalesce("accepted_date", latest)
    due = first.with_columns(instance=1).select(accepted + pl.duration(days=days))
    is_undecided = (pl.col("decision_date") > pl.col("filed")).fill_null(True)
    fault = is_undecided & (pl.col("filed") <= deadlines.roll(due.to_series()))
    return first.select(fault.fill_null(False).alias(frame.columns[0]))


def second_in_time(frame: pl.DataFrame) -> pl.DataFrame:
    """A second complaint comes 30 days after the first decision, remote 45 (Art. 33).

    From the day it was sent, where that is known; an unknown place counts as remote.
    """
    filed, remote, decided, sent = frame.columns
    days = 30 + 15 * pl.col(remote).fill_null(True).cast(pl.Int64)
    received = pl.coalesce(sent, decided)
    plain = frame.select(received + pl.duration(days=days)).to_series()
    fault = (frame[filed] > deadlines.roll(plain)).fill_null(False)
    return fault.alias(filed).to_frame()


def within_parent(frame: pl.DataFrame) -> pl.DataFrame:
    """A unit begins and ends while the unit above it is there; no end is the last."""
    start, end, first, last = (pl.col(name) for name in frame.columns)
    final = last.fill_null(date.max)
    # What ends before it begins is rule 23's, so its start need not be asked twice.
    outside = (start < first) | (end.fill_null(date.max) > final)
    return frame.select(outside.fill_null(False).alias(frame.columns[0]))
