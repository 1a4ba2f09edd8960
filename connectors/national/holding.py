"""What a batch holds back or reports: quarantine, findings, rows set aside."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import polars as pl
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from connectors.national import incoming, merkle
from connectors.national.engines import STRATEGIES, in_chunks
from connectors.national.tables import finding, quarantine
from connectors.seal import SEALED, Sealer
from expectations.frames import LOCATOR, SOURCE_ID

if TYPE_CHECKING:
    from connectors.national.load import Batch

# Rows of `Batch.held`, one a quarantined record. `rules` comma-separated and sorted;
# `row_text` the raw row in clear, sealed here before it is stored.
HELD: dict[str, pl.DataType] = {
    "n": pl.Int64(),
    "record_type": pl.String(),
    "subject": pl.String(),
    SOURCE_ID: pl.String(),
    LOCATOR: pl.String(),
    "rules": pl.String(),
    "content_hash": pl.String(),
    "row_text": pl.String(),
}
# Rows of `Batch.findings`: of the record on line `n`, or with n null of the source,
# whose subject is then "source:<stream>".
FINDINGS: dict[str, pl.DataType] = {
    "n": pl.Int64(),
    "record_type": pl.String(),
    "subject": pl.String(),
    LOCATOR: pl.String(),
    "rule": pl.String(),
    "field": pl.String(),
    "shape": pl.String(),
}
# Rows of `Batch.set_aside`: filtered and rejected rows; `row_text` for rejected ones.
SET_ASIDE: dict[str, pl.DataType] = {
    "subject": pl.String(),
    "record_type": pl.String(),
    LOCATOR: pl.String(),
    "rule": pl.String(),
    "reason": pl.String(),
    "row_text": pl.String(),
}

# What of a quarantine row never changes: a leaf of its batch's root.
LEAF = ["id", "record_type", "subject", SOURCE_ID, "locator", "rules", "content_hash"]
KEEP = ["record_type", "subject", LOCATOR, "rule", "field", "shape"]


@dataclass(frozen=True, slots=True)
class Held:
    """The quarantine rows that this batch opened: `n`, `id` and what they hold."""

    opened: pl.DataFrame


def write_quarantine(
    conn: Connection, sealer: Sealer, work: Batch, batch_id: int, at: datetime
) -> Held:
    """Open what is new, leave what is known, close what the source mended.

    A row already open for the same subject, content and rules is not written again.
    """
    known = _open_rows(conn, work.system)
    same = ["subject", "content_hash", "rules"]
    opened = (
        work.held.join(known, on=same, how="anti", nulls_equal=True)
        .unique(same, keep="first", maintain_order=True)
        .with_columns(
            storable(SOURCE_ID),
            id=pl.concat_str(pl.lit(f"{batch_id}."), "n"),
            locator=storable(LOCATOR),
        )
    )
    still = known.join(work.held, on=same, how="semi", nulls_equal=True)
    left = known.filter(~pl.col("id").is_in(still["id"].implode()))
    mended = left.filter(
        ~pl.col("subject").is_in(list(work.conflicts))
        | pl.col("subject").is_in(list(work.gone))
    )
    gone = _gone_rows(conn, work)
    ids = [*mended["id"].to_list(), *gone]
    for some in in_chunks(ids):
        conn.execute(
            quarantine.update()
            .where(quarantine.c.id.in_(some), quarantine.c.state == "open")
            .values(state="fixed_at_source", closed_at=at, closed_batch_id=batch_id)
        )
    if opened.height:
        _insert(conn, sealer, work, opened, batch_id, at)
    return Held(opened)


def _open_rows(conn: Connection, system: str) -> pl.DataFrame:
    """Open quarantine of the subjects that this batch speaks of."""
    q, i = quarantine.c, incoming.incoming.c
    spoken = sa.select(i.subject).where(
        # A record that the source cancelled (filtered) is mended there, too.
        i.disposition.in_((incoming.ACCEPTED, incoming.QUARANTINED, incoming.FILTERED)),
        sa.not_(i.is_superseded),
    )
    # A record's id is its own wherever it moves; a row's token may stand twice.
    mine = sa.or_(q.source_system == system, sa.not_(q.subject.like("row:%")))
    query = sa.select(q.id, q.subject, q.content_hash, q.rules).where(
        q.state == "open", mine, q.subject.in_(spoken)
    )
    rows = [tuple(row) for row in conn.execute(query)]
    schema = dict.fromkeys(("id", "subject", "content_hash", "rules"), pl.String)
    return pl.DataFrame(rows, schema=schema, orient="row")


def _gone_rows(conn: Connection, work: Batch) -> list[str]:
    if not work.gone:
        return []
    q = quarantine.c
    query = sa.select(q.id, q.subject).where(
        q.state == "open", q.source_system == work.system
    )
    gone = set(work.gone)
    return [row.id for row in conn.execute(query) if row.subject in gone]


def _insert(
    conn: Connection,
    sealer: Sealer,
    work: Batch,
    opened: pl.DataFrame,
    batch_id: int,
    at: datetime,
) -> None:
    sealed = sealer.seal_rows(opened["row_text"].to_list(), opened["id"].to_list())
    rows = opened.select(
        "id",
        pl.lit(batch_id).alias("batch_id"),
        pl.lit(work.province).alias("province"),
        pl.lit(work.system).alias("source_system"),
        "record_type",
        "subject",
        SOURCE_ID,
        "locator",
        "rules",
        "content_hash",
        sealed.alias(SEALED),
        pl.lit(at, pl.Datetime("us", "UTC")).alias("since"),
        pl.lit("open").alias("state"),
    )
    STRATEGIES[conn.dialect.name].bulk_insert(conn, quarantine, rows)


def storable(column: str) -> pl.Expr:
    """Text that every engine can hold: NUL shown as a picture of itself."""
    return pl.col(column).str.replace_all("\x00", "␀", literal=True)


def write_findings(conn: Connection, work: Batch, batch_id: int, held: Held) -> None:
    """Findings of new versions and of newly quarantined records; others stand."""
    of_records = work.findings.filter(pl.col("n").is_not_null())
    versions = incoming.changed(conn).with_columns(
        quarantine_id=pl.lit(None, pl.String)
    )
    quarantined = held.opened.select(
        "n", version=pl.lit(None, pl.Int64), quarantine_id="id"
    )
    fresh = pl.concat([versions, quarantined], how="diagonal_relaxed")
    rows = of_records.join(fresh, on="n", how="inner", maintain_order="left")
    _insert_findings(conn, work, batch_id, rows)
    _insert_findings(conn, work, batch_id, _unsaid(conn, of_records))
    _insert_findings(conn, work, batch_id, _new_source_findings(conn, work))


def _unsaid(conn: Connection, of_records: pl.DataFrame) -> pl.DataFrame:
    """Findings of records whose content stayed, that were not said of it before: a
    value that nobody can read leaves no trace in the content, and rules are added."""
    lines = incoming.unchanged(conn)
    rows = of_records.join(lines, on="n", how="inner", maintain_order="left")
    same, f = ["subject", "version", "rule", "field"], finding.c
    said: list[tuple[object, ...]] = []
    subjects = rows["subject"].unique().to_list()
    for some in in_chunks(subjects):
        query = sa.select(*(f[name] for name in same)).where(f.subject.in_(some))
        said += [tuple(row) for row in conn.execute(query)]
    schema = {name: pl.String() for name in same} | {"version": pl.Int64()}
    known = pl.DataFrame(said, schema=schema, orient="row")
    return rows.join(known, on=same, how="anti", nulls_equal=True)


def _new_source_findings(conn: Connection, work: Batch) -> pl.DataFrame:
    of_source = work.findings.filter(pl.col("n").is_null())
    if of_source.height == 0:
        return of_source
    f = finding.c
    query = sa.select(f.subject, f.rule, f.field, f.shape).where(
        f.source_system == work.system, f.subject.like("source:%")
    )
    keys = ["subject", "rule", "field", "shape"]
    rows = [tuple(row) for row in conn.execute(query)]
    known = pl.DataFrame(rows, schema=dict.fromkeys(keys, pl.String), orient="row")
    return of_source.join(known, on=keys, how="anti", nulls_equal=True).unique(
        keys, keep="first", maintain_order=True
    )


def _insert_findings(
    conn: Connection, work: Batch, batch_id: int, rows: pl.DataFrame
) -> None:
    if rows.height == 0:
        return
    extra = [c for c in ("version", "quarantine_id", SEALED) if c in rows.columns]
    STRATEGIES[conn.dialect.name].bulk_insert(
        conn,
        finding,
        rows.select(
            pl.lit(batch_id).alias("batch_id"),
            pl.lit(work.province).alias("province"),
            pl.lit(work.system).alias("source_system"),
            *KEEP,
            *extra,
        )
        .with_columns(storable(LOCATOR), storable("shape"))
        .rename({LOCATOR: "locator"}),
    )


def write_set_aside(
    conn: Connection, sealer: Sealer, work: Batch, batch_id: int
) -> None:
    """Filtered and rejected rows, each said once; a rejected row is kept sealed."""
    if work.set_aside.height == 0:
        return
    f, i = finding.c, incoming.incoming.c
    spoken = sa.select(i.subject).where(
        i.disposition.in_((incoming.FILTERED, incoming.REJECTED))
    )
    query = sa.select(f.subject, f.shape).where(
        f.source_system == work.system,
        f.rule.in_(("row_filtered", "row_rejected")),
        f.subject.in_(spoken),
    )
    keys = ["subject", "shape"]
    found = [tuple(row) for row in conn.execute(query)]
    known = pl.DataFrame(found, schema=dict.fromkeys(keys, pl.String), orient="row")
    rows = (
        work.set_aside.rename({"reason": "shape"})
        .with_columns(field=pl.lit(None, pl.String))
        .join(known, on=keys, how="anti", nulls_equal=True)
        .unique(keys, keep="first", maintain_order=True)
    )
    if rows.height:
        sealed = sealer.seal_rows(
            rows["row_text"].fill_null("").to_list(), rows["subject"].to_list()
        )
        _insert_findings(conn, work, batch_id, rows.with_columns(sealed.alias(SEALED)))


def quarantine_root(opened: pl.DataFrame) -> str:
    """The RFC 6962 root over the rows a batch opened, sorted by id."""
    leaves = sorted(opened.select(LEAF).rows())
    return merkle.root([leaf_of(leaf) for leaf in leaves]).hex()


def findings_root(conn: Connection, batch_id: int) -> str:
    """The RFC 6962 root over the findings a batch wrote, in their order."""
    f = finding.c
    query = (
        sa.select(
            f.record_type,
            f.subject,
            f.version,
            f.quarantine_id,
            f.locator,
            f.rule,
            f.field,
            f.shape,
        )
        .where(f.batch_id == batch_id)
        .order_by(f.finding_id)
    )
    return merkle.root([leaf_of(tuple(row)) for row in conn.execute(query)]).hex()


def leaf_of(parts: tuple[object, ...]) -> bytes:
    """One quarantine row as a leaf."""
    return json.dumps(list(parts), ensure_ascii=False, separators=(",", ":")).encode()
