"""Findings along links: opened when a parent is missing or contradicts, closed later.

They live: what was found is evaluated again when the child or its parent changes, and
a finding that no longer holds names the batch that closed it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl
import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.schema import CreateTable

from connectors.national import National, merkle, reduced
from connectors.national.engines import STRATEGIES, in_chunks
from connectors.national.ledger import LINKS
from connectors.national.tables import (
    RECORDS,
    RecordId,
    batch,
    finding,
    record_history,
    record_link,
    watermark,
)
from expectations.frames import LOCATOR, RECORD_ID, link_schema, plain_fields
from expectations.records import BY_NAME, Reference, Type

if TYPE_CHECKING:
    from connectors.national.load import Batch

PAGE = 20_000
VERSION = "version"

# A finding along a link, of one version of the child.
OPENED: dict[str, pl.DataType] = {
    RECORD_ID: pl.String(),
    VERSION: pl.Int64(),
    LOCATOR: pl.String(),
    "record_type": pl.String(),
    "rule": pl.String(),
    "field": pl.String(),
    "shape": pl.String(),
    "link": pl.String(),
}

_affected = sa.Table(
    "kntc_affected",
    sa.MetaData(),
    sa.Column(RECORD_ID, RecordId, primary_key=True),
    prefixes=["TEMPORARY"],
)


@dataclass(frozen=True, slots=True)
class LinkFindings:
    """What a closing batch brings: OPENED, and the ids of findings to close."""

    opened: pl.DataFrame
    closed: Sequence[int]


@dataclass(frozen=True, slots=True)
class Page:
    """Some affected children of a link: their lines, and what is open about them.

    `lines`: frames.link_schema and VERSION, a line a child and parent. `open`: OPENED
    but the locator, and `finding_id`.
    """

    lines: pl.DataFrame
    open: pl.DataFrame


def write_links(
    conn: Connection, work: Batch, links: LinkFindings, batch_id: int
) -> None:
    """Open and close findings inside the transaction of the closing batch."""
    if links.opened.height:
        rows = links.opened.select(
            batch_id=pl.lit(batch_id),
            province=pl.lit(work.province),
            source_system=pl.lit(work.system),
            record_type="record_type",
            subject=RECORD_ID,
            version=VERSION,
            locator=LOCATOR,
            rule="rule",
            field="field",
            shape="shape",
            link="link",
        )
        STRATEGIES[conn.dialect.name].bulk_insert(conn, finding, rows)
    for some in in_chunks(links.closed):
        conn.execute(
            finding.update()
            .where(finding.c.finding_id.in_(some))
            .values(closed_batch_id=batch_id)
        )


def closed_root(links: LinkFindings | None) -> str:
    """The RFC 6962 root over the ids of the findings that a batch closes, sorted."""
    closed = sorted(links.closed) if links is not None else []
    return merkle.root([str(number).encode() for number in closed]).hex()


def closed_in(conn: Connection, batch_id: int) -> str:
    """The same root, read from the findings that name the batch."""
    query = sa.select(finding.c.finding_id).where(finding.c.closed_batch_id == batch_id)
    empty = pl.DataFrame(schema=OPENED)
    return closed_root(LinkFindings(empty, list(conn.execute(query).scalars())))


@dataclass(frozen=True, slots=True)
class Mark:
    """Up to which batch a source's links were looked at, and with which rules."""

    batch_id: int
    checked_with: str | None


def links_mark(national: National, system: str) -> Mark:
    """Where the last closing batch of a source ended; 0 when there was none."""
    w = watermark.c
    query = sa.select(w.batch_id, w.checked_with).where(
        w.source_system == system, w.stream == LINKS
    )
    with national.read() as conn:
        row = conn.execute(query).one_or_none()
    return Mark(0, None) if row is None else Mark(row.batch_id, row.checked_with)


def has_changed(national: National, system: str | None, since: int) -> bool:
    """True when a batch after `since` changed a record of the source (None: of any)."""
    query = sa.select(_changed(system, since).exists())
    with national.read() as conn:
        return bool(conn.execute(query).scalar())


def pages(
    national: National,
    system: str,
    reference: Reference,
    since: int,
    parents: str | None,
) -> Iterator[Page]:
    """The children of a source that must be looked at along a link, page by page.

    Those that changed after the batch `since`, those whose parent did, and with
    `since` 0 all. `parents` is the system whose changes count; None: any, for parents
    that stand in another one (succession).
    """
    with reduced("reading links"), national.engine.connect() as conn:
        conn.execute(CreateTable(_affected, if_not_exists=True))
        conn.execute(_affected.delete())
        for query in _children(system, reference, since, parents):
            fresh = query.where(
                query.selected_columns[0].not_in(sa.select(_affected.c.record_id))
            )
            conn.execute(_affected.insert().from_select([RECORD_ID], fresh))
        after = ""
        while True:
            ids = conn.execute(
                sa.select(_affected.c.record_id)
                .where(_affected.c.record_id > after)
                .order_by(_affected.c.record_id)
                .limit(PAGE)
            ).scalars()
            chunk = list(ids)
            if not chunk:
                break
            bounds = (chunk[0], chunk[-1])
            yield Page(_lines(conn, reference, bounds), _open(conn, reference, bounds))
            after = chunk[-1]
        conn.rollback()


def forgotten(
    national: National, system: str, looked_at: Sequence[Reference]
) -> list[int]:
    """Open findings of a source along links that its preset does not give any more."""
    f = finding.c
    query = sa.select(f.finding_id).where(
        f.source_system == system,
        f.link.is_not(None),
        f.link.not_in([reference.name for reference in looked_at]),
        f.closed_batch_id.is_(None),
    )
    with national.read() as conn:
        return list(conn.execute(query).scalars())


def _changed(system: str | None, since: int) -> sa.Select[tuple[str]]:
    h = record_history.c
    batches = sa.select(batch.c.batch_id).where(batch.c.batch_id > since)
    if system is not None:
        batches = batches.where(batch.c.source_system == system)
    return sa.select(h.record_id).where(h.batch_id.in_(batches))


def _children(
    system: str, reference: Reference, since: int, parents: str | None
) -> list[sa.Select[tuple[str]]]:
    """Queries for the affected children; a child of none of them is not affected."""
    child = RECORDS[reference.record_type].c
    mine = sa.select(child.record_id).distinct().where(child.source_system == system)
    if since == 0:
        return [mine]
    changed = _changed(parents, since)
    by_parent = mine
    if _is_list(reference):
        link = record_link.c
        by_parent = mine.join(
            record_link,
            sa.and_(
                link.record_id == child.record_id,
                link.version == child.version,
                link.field == reference.field,
            ),
        ).where(link.target_id.in_(changed))
    else:
        by_parent = mine.where(child[reference.field].in_(changed))
    return [mine.where(child.record_id.in_(changed)), by_parent]


def _is_list(reference: Reference) -> bool:
    field = BY_NAME[reference.record_type].field(reference.field)
    return field.type is Type.REFERENCES


def _lines(
    conn: Connection, reference: Reference, bounds: tuple[str, str]
) -> pl.DataFrame:
    """The link frame of the affected children between two ids, both included."""
    child, parent = RECORDS[reference.record_type], RECORDS[reference.target].alias("p")
    h, link = record_history.c, record_link.c
    named = child.c.get(reference.field)
    source: sa.FromClause = _affected.join(
        child, child.c.record_id == _affected.c.record_id
    )
    if named is None:
        source = source.join(
            record_link,
            sa.and_(
                link.record_id == child.c.record_id,
                link.version == child.c.version,
                link.field == reference.field,
            ),
        )
        named = link.target_id
    source = source.outerjoin(
        parent, sa.and_(parent.c.record_id == named, parent.c.deleted_at.is_(None))
    ).outerjoin(
        record_history,
        sa.and_(h.record_id == child.c.record_id, h.version == child.c.version),
    )
    own = [child.c[f.name] for f in plain_fields(reference.record_type)]
    theirs = [parent.c[f.name] for f in plain_fields(reference.target)]
    query = (
        sa.select(
            child.c.record_id,
            h.locator,
            *own,
            parent.c.record_id,
            *theirs,
            child.c.version,
        )
        .select_from(source)
        .where(
            _affected.c.record_id.between(*bounds),
            child.c.deleted_at.is_(None),
            named.is_not(None),
        )
        .order_by(child.c.record_id)
    )
    if reference.chosen_by:
        query = query.where(child.c[reference.chosen_by] == reference.target)
    schema = link_schema(reference) | {VERSION: pl.Int64()}
    rows = [tuple(row) for row in conn.execute(query)]
    return pl.DataFrame(rows, schema=schema, orient="row")


def _open(
    conn: Connection, reference: Reference, bounds: tuple[str, str]
) -> pl.DataFrame:
    f = finding.c
    query = sa.select(
        f.finding_id,
        f.subject,
        f.version,
        f.record_type,
        f.rule,
        f.field,
        f.shape,
        f.link,
    ).where(
        f.link == reference.name,
        f.closed_batch_id.is_(None),
        f.subject.between(*bounds),
        f.subject.in_(sa.select(_affected.c.record_id)),
    )
    schema = {"finding_id": pl.Int64()} | {
        name: dtype for name, dtype in OPENED.items() if name != LOCATOR
    }
    rows = [tuple(row) for row in conn.execute(query)]
    return pl.DataFrame(rows, schema=schema, orient="row")
