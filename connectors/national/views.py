"""What people ask of the national database; reads only, shows no personal value."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import product

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from connectors.national import National
from connectors.national.offices import OfficeStatus as OfficeStatus
from connectors.national.offices import office_status as office_status
from connectors.national.tables import (
    RECORDS,
    batch,
    finding,
    quarantine,
    record_history,
    succession,
)
from expectations.records import record_id


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
    faults: tuple["Fault", ...] = ()  # what is known of its rules, in full


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


def why(
    national: National,
    province: str,
    systems: Sequence[str],
    source_ids: Sequence[str],
    former: Sequence[tuple[str, str]] = (),
) -> list[WhyRecord]:
    """What became of a source id, in every installation of an office.

    `source_ids`: the id as it may be stored, plain and as its token. `former`: the
    closed systems and keys that it may stand for (succession). One line a
    state: a record may be published in an old version while a newer one is
    quarantined.
    """
    found: list[WhyRecord] = []
    with national.read() as conn:
        for record_type in RECORDS:
            for subject in _subjects(conn, record_type, systems, source_ids, former):
                found += _published(conn, record_type, subject)
                found += _quarantined(conn, province, record_type, subject)
                found += _filtered(conn, record_type, subject)
    return found or [WhyRecord("", "", "unknown", None, None, None, ())]


def _subjects(
    conn: Connection,
    record_type: str,
    systems: Sequence[str],
    source_ids: Sequence[str],
    former: Sequence[tuple[str, str]],
) -> list[str]:
    """The record ids that those source ids stand for, under their present system or
    the one they came from (succession)."""
    table, s, q = RECORDS[record_type].c, succession.c, quarantine.c
    moved = (
        sa.select(s.record_id)
        .join(RECORDS[record_type], table.record_id == s.record_id)
        .where(
            table.source_system.in_(systems),
            sa.or_(s.source_id.in_(source_ids), table.source_id.in_(source_ids)),
        )
    )
    held = sa.select(q.subject).where(
        q.source_system.in_(systems),
        q.record_type == record_type,
        q.source_id.in_(source_ids),
        q.state == "open",
    )
    names = (record_id(*pair) for pair in product(systems, [record_type], source_ids))
    old = (record_id(system, record_type, key) for system, key in former)
    found = [*names, *old, *conn.execute(sa.union(moved, held)).scalars()]
    return list(dict.fromkeys(found))


def _published(conn: Connection, record_type: str, subject: str) -> list[WhyRecord]:
    table, h = RECORDS[record_type], record_history.c
    query = (
        sa.select(table.c.version, table.c.batch_id, table.c.deleted_at, h.locator)
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
    faults = _faults(
        conn,
        finding.c.subject == subject,
        finding.c.version == row.version,
        finding.c.closed_batch_id.is_(None),
    )
    return [
        WhyRecord(
            subject,
            record_type,
            "published" if row.deleted_at is None else "deleted",
            row.version,
            row.batch_id,
            row.locator,
            tuple(dict.fromkeys(fault.rule for fault in faults)),
            faults,
        )
    ]


def _faults(conn: Connection, *where: sa.ColumnElement[bool]) -> tuple[Fault, ...]:
    f = finding.c
    query = sa.select(f.rule, f.field, f.shape).distinct().where(*where)
    rows = conn.execute(query.order_by(f.rule, f.field, f.shape))
    return tuple(Fault(*row) for row in rows)


def _quarantined(
    conn: Connection, province: str, record_type: str, subject: str
) -> list[WhyRecord]:
    q = quarantine.c
    query = sa.select(q.id, q.batch_id, q.locator, q.rules).where(
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
            _faults(conn, finding.c.quarantine_id == row.id),
        )
        for row in conn.execute(query.order_by(q.batch_id, q.id)).all()
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
    """Findings first seen in a run and still open, by rule, commonest first."""
    query = (
        sa.select(finding.c.rule, sa.func.count().label("n"))
        .join(batch, batch.c.batch_id == finding.c.batch_id)
        .where(
            batch.c.run == run_id,
            batch.c.province == province,
            finding.c.closed_batch_id.is_(None),
        )
        .group_by(finding.c.rule)
        .order_by(sa.desc("n"), finding.c.rule)
    )
    with national.read() as conn:
        return [(rule, count) for rule, count in conn.execute(query)]
