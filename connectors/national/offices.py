"""Every office at once, from the ledger: runs, readings, counts by rule; reads only.

A fixed number of statements for all offices, none that reads the record tables: the
morning's look must not cost more as the records grow.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from connectors.national import National
from connectors.national.tables import (
    batch,
    finding,
    quarantine,
    record_history,
    run,
    succession,
)

DONE = ("published", "skipped")

# Readings older than this say nothing of today's volume; without a bound, the morning's
# look would read five years of batches.
RECENT = timedelta(days=60)

# Rule and count, commonest first; an item of several rules counts under each.
RuleCounts = tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """The last reading of one installation; `before`: night and rows of those before
    it, newest first, whole readings beside a whole one, else incremental ones."""

    system: str
    rows: int
    findings: int
    night_on: date | None
    at: datetime
    before: tuple[tuple[date, int], ...] = ()


@dataclass(frozen=True, slots=True)
class OfficeStatus:
    """One office this morning; `verdict` None when it never ran or never ended."""

    province: str
    verdict: str | None
    published_at: datetime | None
    age_hours: float | None
    records: int
    quarantine_open: int
    started_at: datetime | None = None  # of its last run
    error: str | None = None  # of its last run
    readings: tuple[Reading, ...] = ()  # one an installation, by name


def office_status(
    national: National, stems: Sequence[str], now: datetime, readings: int = 1
) -> list[OfficeStatus]:
    """One line an office, in the order asked; the last so many readings of each
    installation."""
    if not stems:
        return []
    with national.read() as conn:
        moved = _moved(conn)
        # Of two runs that began at once, the last named counts.
        lines = {row.province: row for row in conn.execute(_standing(stems))}
        read = _readings(conn, _last_readings(stems, now - RECENT, readings))
    return [
        _status(lines[stem], read.get(stem, ()), moved.get(stem, 0), now)
        for stem in stems
    ]


def _status(
    row: sa.Row[tuple[object, ...]],
    readings: tuple[Reading, ...],
    moved: int,
    now: datetime,
) -> OfficeStatus:
    at = row.published_at
    return OfficeStatus(
        row.province,
        row.verdict,
        at,
        None if at is None else round((now - at) / timedelta(hours=1), 1),
        int(row.records) + moved,
        int(row.held),
        row.started_at,
        row.error,
        readings,
    )


def _standing(stems: Sequence[str]) -> sa.Select[tuple[object, ...]]:
    """One row an office, also for one that never ran."""
    office = sa.union_all(
        *(sa.select(sa.literal(stem).label("province")) for stem in stems)
    ).subquery("office")
    newest, done = _runs(stems)
    records, held = _counts(stems)
    joined: sa.FromClause = office
    for part in (newest, done, records, held):
        joined = joined.outerjoin(part, part.c.province == office.c.province)
    r = run.c
    last = sa.and_(r.province == office.c.province, r.started_at == newest.c.started_at)
    return (
        sa.select(
            office.c.province,
            r.verdict,
            r.started_at,
            r.error,
            done.c.published_at,
            sa.func.coalesce(records.c.n, 0).label("records"),
            sa.func.coalesce(held.c.n, 0).label("held"),
        )
        .select_from(joined.outerjoin(run, last))
        .order_by(r.run)
    )


def _runs(stems: Sequence[str]) -> tuple[sa.Subquery, sa.Subquery]:
    """By office: when its last run began, and when it was last published."""
    r = run.c
    newest = (
        sa.select(r.province, sa.func.max(r.started_at).label("started_at"))
        .where(r.province.in_(stems))
        .group_by(r.province)
    )
    done = (
        sa.select(r.province, sa.func.max(r.finished_at).label("published_at"))
        .where(r.province.in_(stems), r.verdict.in_(DONE))
        .group_by(r.province)
    )
    return newest.subquery("newest"), done.subquery("done")


def _counts(stems: Sequence[str]) -> tuple[sa.Subquery, sa.Subquery]:
    """By office: its records and its open quarantine."""
    b, q = batch.c, quarantine.c
    # What load.py proved of every batch, so that nobody counts a million rows again.
    standing = sa.func.sum(b.inserted - b.deleted + b.restored)
    records = (
        sa.select(b.province, standing.label("n"))
        .where(b.province.in_(stems))
        .group_by(b.province)
    )
    held = (
        sa.select(q.province, sa.func.count().label("n"))
        .where(q.state == "open")
        .group_by(q.province)
    )
    return records.subquery("records"), held.subquery("held")


def _moved(conn: Connection) -> dict[str, int]:
    """By office: records that came from another office's system (succession), less
    those that went; the batches count a record where it was inserted."""
    h, s, first, last = record_history.c, succession.c, batch.alias(), batch.alias()
    query = (
        sa.select(first.c.province, last.c.province, sa.func.count())
        .select_from(succession)
        .join(record_history, sa.and_(h.record_id == s.record_id, h.version == 1))
        .join(first, first.c.batch_id == h.batch_id)
        .join(last, last.c.batch_id == s.batch_id)
        .where(first.c.province != last.c.province)
        .group_by(first.c.province, last.c.province)
    )
    counted: dict[str, int] = {}
    for went, came, count in conn.execute(query):
        counted[went] = counted.get(went, 0) - count
        counted[came] = counted.get(came, 0) + count
    return counted


def _readings(
    conn: Connection, last_readings: sa.Select[tuple[object, ...]]
) -> dict[str, tuple[Reading, ...]]:
    """By office: the last reading of each installation with the ones before it."""
    found: dict[str, list[Reading]] = {}
    rows = conn.execute(last_readings)
    for (province, system), of_system in groupby(
        rows, lambda row: (row.province, row.source_system)
    ):
        last, *before = of_system
        found.setdefault(province, []).append(
            Reading(
                system,
                int(last.rows),
                int(last.findings),
                last.night_on,
                last.at,
                tuple(
                    (r.night_on, int(r.rows))
                    for r in before
                    if r.is_full == last.is_full and r.night_on is not None
                ),
            )
        )
    return {province: tuple(of_office) for province, of_office in found.items()}


def _last_readings(
    stems: Sequence[str], after: datetime, readings: int
) -> sa.Select[tuple[object, ...]]:
    b = batch.c
    recent = sa.select(run.c.run).where(run.c.started_at >= after).distinct()
    sums = (
        sa.select(
            b.province,
            b.source_system,
            sa.func.sum(b.rows_read).label("rows"),
            sa.func.sum(b.findings).label("findings"),
            sa.func.max(b.committed_at).label("at"),
            sa.func.max(b.run).label("run"),
            sa.func.max(b.batch_id).label("newest"),
            b.is_full,
        )
        .where(b.province.in_(stems), b.run.in_(recent))
        .group_by(b.province, b.source_system, b.stage, b.is_full)
        .subquery("sums")
    )
    s = sums.c
    rank = sa.func.row_number().over(
        # Like with like: a weekly whole reading is no outlier among incremental ones.
        partition_by=(s.province, s.source_system, s.is_full),
        order_by=s.newest.desc(),
    )
    ranked = sa.select(sums, rank.label("rank")).subquery("ranked")
    k = ranked.c
    night = sa.and_(run.c.run == k.run, run.c.province == k.province)
    return (
        sa.select(
            k.province,
            k.source_system,
            k.rows,
            k.findings,
            k.at,
            k.is_full,
            run.c.night_on,
        )
        .select_from(ranked.outerjoin(run, night))
        .where(k.rank <= readings)
        .order_by(k.province, k.source_system, k.newest.desc())
    )


def findings_of_run(national: National, run_id: str) -> dict[str, RuleCounts]:
    """By office: the findings first seen in a run and still open, by rule."""
    b, f = batch.c, finding.c
    query = (
        sa.select(b.province, f.rule, sa.func.count())
        .join(finding, f.batch_id == b.batch_id)
        .where(b.run == run_id, f.closed_batch_id.is_(None))
        .group_by(b.province, f.rule)
    )
    with national.read() as conn:
        return _by_rule(tuple(row) for row in conn.execute(query))


def opened_in_run(national: National, run_id: str) -> dict[str, int]:
    """By office: how many quarantine items a run opened."""
    b = batch.c
    query = (
        sa.select(b.province, sa.func.count())
        .join(quarantine, quarantine.c.batch_id == b.batch_id)
        .where(b.run == run_id)
        .group_by(b.province)
    )
    with national.read() as conn:
        return dict(conn.execute(query).all())


def open_quarantine(national: National, stems: Sequence[str]) -> dict[str, RuleCounts]:
    """By office: the open quarantine by rule."""
    q = quarantine.c
    # Few sets of rules stand for many items: the sets are taken apart here.
    query = (
        sa.select(q.province, q.rules, sa.func.count())
        .where(q.state == "open", q.province.in_(stems))
        .group_by(q.province, q.rules)
    )
    with national.read() as conn:
        sets = conn.execute(query).all()
    return _by_rule(
        (province, rule, count)
        for province, rules, count in sets
        for rule in rules.split(",")
    )


def _by_rule(counted: Iterable[tuple[str, str, int]]) -> dict[str, RuleCounts]:
    sums: dict[str, dict[str, int]] = {}
    for province, rule, count in counted:
        of_office = sums.setdefault(province, {})
        of_office[rule] = of_office.get(rule, 0) + count
    return {
        province: tuple(sorted(rules.items(), key=lambda pair: (-pair[1], pair[0])))
        for province, rules in sums.items()
    }
