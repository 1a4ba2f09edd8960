"""What people ask of the national database; reads only, shows no personal value."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import product

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from connectors.national import National
from connectors.national.tables import (
    RECORDS,
    batch,
    finding,
    quarantine,
    record_history,
    run,
)
from expectations.records import record_id

DONE = ("published", "skipped")


@dataclass(frozen=True, slots=True)
class OfficeStatus:
    """One office this morning; `verdict` None when it never ran or never ended."""

    province: str
    verdict: str | None
    published_at: datetime | None
    age_hours: float | None
    records: int
    quarantine_open: int


@dataclass(frozen=True, slots=True)
class WhyRecord:
    """What became of a source id in one record type."""

    record_id: str
    record_type: str
    state: str
    version: int | None
    batch: int | None
    locator: str | None
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class QuarantineItem:
    """One held record: where it stands and what it breaks."""

    id: str
    province: str
    record_type: str
    source_id: str | None
    rules: tuple[str, ...]
    locator: str
    since: datetime
    state: str


@dataclass(frozen=True, slots=True)
class Fault:
    """A rule broken in a field, with the shape of the fault, never the value."""

    rule: str
    field: str | None
    shape: str | None


@dataclass(frozen=True, slots=True)
class QuarantineDetail:
    """A held record with its faults."""

    item: QuarantineItem
    faults: tuple[Fault, ...]


def office_status(
    national: National, stems: Sequence[str], now: datetime
) -> list[OfficeStatus]:
    """One line an office, in the order asked."""
    with national.read() as conn:
        records = _records_by_province(conn)
        held = _open_by_province(conn)
        return [
            _status(conn, stem, records.get(stem, 0), held.get(stem, 0), now)
            for stem in stems
        ]


def _records_by_province(conn: Connection) -> dict[str, int]:
    """Published records that are not marked deleted, by the office that sent them."""
    owner = (
        sa.select(
            batch.c.source_system, sa.func.max(batch.c.province).label("province")
        )
        .group_by(batch.c.source_system)
        .subquery()
    )
    counted: dict[str, int] = {}
    for table in RECORDS.values():
        query = (
            sa.select(owner.c.province, sa.func.count())
            .join(table, table.c.source_system == owner.c.source_system)
            .where(table.c.deleted_at.is_(None))
            .group_by(owner.c.province)
        )
        for province, count in conn.execute(query):
            counted[province] = counted.get(province, 0) + count
    return counted


def _open_by_province(conn: Connection) -> dict[str, int]:
    query = (
        sa.select(quarantine.c.province, sa.func.count())
        .where(quarantine.c.state == "open")
        .group_by(quarantine.c.province)
    )
    return dict(conn.execute(query).all())


def _status(
    conn: Connection, stem: str, records: int, held: int, now: datetime
) -> OfficeStatus:
    latest = (
        sa.select(run.c.verdict)
        .where(run.c.province == stem)
        .order_by(run.c.started_at.desc(), run.c.run.desc())
        .limit(1)
    )
    published = sa.select(sa.func.max(run.c.finished_at)).where(
        run.c.province == stem, run.c.verdict.in_(DONE)
    )
    verdict = conn.execute(latest).scalar()
    at = conn.execute(published).scalar()
    age = None if at is None else round((now - at) / timedelta(hours=1), 1)
    return OfficeStatus(stem, verdict, at, age, records, held)


def why(
    national: National,
    province: str,
    systems: Sequence[str],
    source_ids: Sequence[str],
) -> list[WhyRecord]:
    """What became of a source id, in every installation of an office.

    `source_ids`: the id as it may be stored, plain and as its token. One line a
    state: a record may be published in an old version while a newer one is
    quarantined.
    """
    found: list[WhyRecord] = []
    with national.read() as conn:
        for system, record_type, name in product(systems, RECORDS, source_ids):
            subject = record_id(system, record_type, name)
            found += _published(conn, record_type, subject)
            found += _quarantined(conn, province, record_type, subject)
            found += _filtered(conn, record_type, subject)
    return found or [WhyRecord("", "", "unknown", None, None, None, ())]


def _published(conn: Connection, record_type: str, subject: str) -> list[WhyRecord]:
    table, h = RECORDS[record_type], record_history.c
    query = (
        sa.select(table.c.version, table.c.batch_id, h.locator)
        .join(
            record_history,
            sa.and_(h.record_id == table.c.record_id, h.batch_id == table.c.batch_id),
        )
        .where(table.c.record_id == subject, h.action != "late")
        .order_by(h.version.desc())
        .limit(1)
    )
    row = conn.execute(query).one_or_none()
    if row is None:
        return []
    rules = conn.execute(
        sa.select(finding.c.rule)
        .distinct()
        .where(
            finding.c.subject == subject,
            finding.c.version == row.version,
        )
        .order_by(finding.c.rule)
    ).scalars()
    return [
        WhyRecord(
            subject,
            record_type,
            "published",
            row.version,
            row.batch_id,
            row.locator,
            tuple(rules),
        )
    ]


def _quarantined(
    conn: Connection, province: str, record_type: str, subject: str
) -> list[WhyRecord]:
    q = quarantine.c
    query = sa.select(q.batch_id, q.locator, q.rules).where(
        q.subject == subject, q.province == province, q.state == "open"
    )
    return [
        WhyRecord(
            subject,
            record_type,
            "quarantined",
            None,
            row.batch_id,
            row.locator,
            tuple(row.rules.split(",")),
        )
        for row in conn.execute(query.order_by(q.batch_id, q.id))
    ]


def _filtered(conn: Connection, record_type: str, subject: str) -> list[WhyRecord]:
    f = finding.c
    query = sa.select(f.batch_id, f.locator, f.rule, f.shape).where(
        f.subject == subject, f.rule.in_(("row_filtered", "row_rejected"))
    )
    return [
        WhyRecord(
            subject,
            record_type,
            "filtered",
            None,
            row.batch_id,
            row.locator,
            (f"{row.rule}: {row.shape}",),
        )
        for row in conn.execute(query)
    ]


def quarantine_list(
    national: National, provinces: Sequence[str], *, open_only: bool = True
) -> list[QuarantineItem]:
    """Held records, oldest first; an empty list of provinces means all."""
    q = quarantine.c
    query = sa.select(quarantine).order_by(q.since, q.batch_id, q.id)
    if provinces:
        query = query.where(q.province.in_(provinces))
    if open_only:
        query = query.where(q.state == "open")
    with national.read() as conn:
        return [_item(row) for row in conn.execute(query).mappings()]


def _item(row: sa.RowMapping) -> QuarantineItem:
    return QuarantineItem(
        row["id"],
        row["province"],
        row["record_type"],
        row["source_id"],
        tuple(row["rules"].split(",")),
        row["locator"],
        row["since"],
        row["state"],
    )


def quarantine_show(national: National, item_id: str) -> QuarantineDetail | None:
    """One held record with its faults; None when there is none of that id."""
    f = finding.c
    with national.read() as conn:
        query = sa.select(quarantine).where(quarantine.c.id == item_id)
        row = conn.execute(query).mappings().one_or_none()
        if row is None:
            return None
        faults = conn.execute(
            sa.select(f.rule, f.field, f.shape)
            .where(f.quarantine_id == item_id)
            .order_by(f.finding_id)
        )
        return QuarantineDetail(_item(row), tuple(Fault(*fault) for fault in faults))


def night_findings(
    national: National, run_id: str, province: str
) -> list[tuple[str, int]]:
    """Findings first seen in a run, rule and count, commonest first."""
    query = (
        sa.select(finding.c.rule, sa.func.count().label("n"))
        .join(batch, batch.c.batch_id == finding.c.batch_id)
        .where(batch.c.run == run_id, batch.c.province == province)
        .group_by(finding.c.rule)
        .order_by(sa.desc("n"), finding.c.rule)
    )
    with national.read() as conn:
        return [(rule, count) for rule, count in conn.execute(query)]
