"""The one transaction of a batch: records, history, quarantine, findings, audit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

import polars as pl
import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError
from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_random

from connectors.errors import SourceError, TargetError
from connectors.national import (
    National,
    audit,
    deliveries,
    holding,
    incoming,
    ledger,
    writing,
)
from connectors.national.faults import describe, is_about_data, is_retryable
from connectors.national.linking import LinkFindings, closed_root, write_links
from connectors.national.tables import COUNTS, batch, quarantine, record_history
from connectors.seal import Sealer
from connectors.sources.base import Deadline, FileRead

TRIES = 5  # of the whole transaction: deadlocks and lost connections pass


@dataclass(frozen=True, slots=True)
class Batch:
    """Everything that one batch brings to the national database.

    `lines`: incoming.LINES, one line a record and one a row that gave none.
    `accepted`: record type -> fingerprinted frame with a column `n` naming its line.
    `derived`: record_id, record_type and the derived columns of accepted records.
    `held`: holding.HELD. `findings` and `set_aside`: see holding.py.
    """

    run: str
    province: str
    system: str
    stage: str
    seq: int
    is_last: bool
    is_full: bool
    source_digest: str
    rows_read: int
    lines: pl.DataFrame
    accepted: Mapping[str, pl.DataFrame]
    derived: pl.DataFrame
    held: pl.DataFrame
    findings: pl.DataFrame
    set_aside: pl.DataFrame
    # record type -> RECORD_ID, LOCATOR of the records that left their source
    deleted: Mapping[str, pl.DataFrame] = field(default_factory=dict)
    links: LinkFindings | None = None  # of the closing batch
    conflicts: Sequence[str] = ()  # subjects whose open quarantine must stay
    gone: Sequence[str] = ()  # open quarantine subjects that left a full read
    watermarks: Sequence[ledger.Watermark] = ()
    files: Sequence[tuple[str, FileRead]] = ()  # of the reading, with its last batch
    # names the rules, preset and declared corrections that made these of the rows
    checked_with: str = ""
    actor: str = field(default="kntc")


def load(
    national: National,
    sealer: Sealer,
    work: Batch,
    at: datetime,
    deadline: Deadline,
    *,
    dry_run: bool = False,
) -> dict[str, int]:
    """Load a batch in one transaction and return its counts.

    The whole transaction is tried again after a deadlock or a lost connection; a
    batch whose commit was not answered is found by its (stage, seq) and not repeated.
    Raises DeadlineError before the commit when the office's time is used up, and
    TargetError when the database refuses or the counts do not balance.
    """
    attempt = partial(_once, national, sealer, work, at, deadline, dry_run)
    try:
        for one in Retrying(
            stop=stop_after_attempt(TRIES),
            wait=wait_random(0.05, 1.0),
            retry=retry_if_exception(_passes),
            reraise=True,
        ):
            with one:
                return attempt()
    except DBAPIError as error:
        # Data the database could not hold is this office's trouble, no one else's.
        trouble = SourceError if is_about_data(error) else TargetError
        raise trouble(
            f"{work.province}: the national database refused batch {work.seq} of "
            f"{work.system} ({describe(error)}); nothing of it was kept. Mend the "
            "database, then kntc sync --failed"
        ) from None
    raise AssertionError("unreachable")


def _passes(error: BaseException) -> bool:
    return isinstance(error, DBAPIError) and is_retryable(error)


def _once(
    national: National,
    sealer: Sealer,
    work: Batch,
    at: datetime,
    deadline: Deadline,
    dry_run: bool,
) -> dict[str, int]:
    with national.write(keep=not dry_run) as conn:
        head = audit.lock_head(conn, work.province)
        done = _already_loaded(conn, work)
        if done is not None:
            return done
        batch_id = _open_batch(conn, work, at)
        incoming.fill(conn, work.lines)
        for record_type, frame in work.accepted.items():
            writing.write_records(
                conn, sealer, record_type, frame, work.system, batch_id, at
            )
        for record_type, gone in work.deleted.items():
            to = writing.Write(record_type, work.system, batch_id, at)
            writing.mark_deleted(conn, to, gone)
        writing.write_derived(conn, work.derived)
        held = holding.write_quarantine(conn, sealer, work, batch_id, at)
        holding.write_findings(conn, work, batch_id, held)
        holding.write_set_aside(conn, sealer, work, batch_id)
        if work.links is not None:
            write_links(conn, work, work.links, batch_id)
        ledger.move_watermarks(conn, work.system, work.watermarks, batch_id)
        deliveries.remember(conn, work.system, work.files, batch_id)
        counts = incoming.count(conn, batch_id, work.rows_read)
        _prove(conn, work, batch_id, counts, held)
        conn.execute(
            batch.update().where(batch.c.batch_id == batch_id).values(**counts)
        )
        audit.append(
            conn, head, batch_id, _payload(conn, work, batch_id, counts, held, at)
        )
        deadline.check(f"{work.province}: batch {work.seq} of {work.system}")
        return counts


def _already_loaded(conn: Connection, work: Batch) -> dict[str, int] | None:
    query = sa.select(*(batch.c[name] for name in COUNTS)).where(
        batch.c.source_system == work.system,
        batch.c.stage == work.stage,
        batch.c.seq == work.seq,
    )
    row = conn.execute(query).one_or_none()
    return None if row is None else dict(zip(COUNTS, row, strict=True))


def _open_batch(conn: Connection, work: Batch, at: datetime) -> int:
    result = conn.execute(
        batch.insert(),
        {
            "run": work.run,
            "province": work.province,
            "source_system": work.system,
            "stage": work.stage,
            "seq": work.seq,
            "is_last": work.is_last,
            "is_full": work.is_full,
            "source_digest": work.source_digest,
            "committed_at": at,
        },
    )
    key = result.inserted_primary_key
    assert key is not None
    return int(key[0])


def _prove(
    conn: Connection,
    work: Batch,
    batch_id: int,
    counts: Mapping[str, int],
    held: holding.Held,
) -> None:
    """Both equations, and what stands in the tables against what was counted."""
    h, q = record_history.c, quarantine.c
    written: dict[str, int] = dict(
        conn.execute(
            sa.select(h.action, sa.func.count())
            .where(h.batch_id == batch_id)
            .group_by(h.action)
        ).all()
    )
    opened = conn.execute(
        sa.select(sa.func.count()).select_from(quarantine).where(q.batch_id == batch_id)
    ).scalar_one()
    parts = ("inserted", "updated", "unchanged", "quarantined", "duplicates")
    aside = counts["rows_filtered"] + counts["rows_rejected"]
    claims = {
        "rows": counts["rows_read"] == counts["rows_mapped"] + aside,
        "records": counts["read"] == sum(counts[part] for part in parts),
        "inserted": written.get("insert", 0) == counts["inserted"],
        "updated": written.get("update", 0)
        + written.get("late", 0)
        + written.get("restore", 0)
        == counts["updated"] + counts["restored"] - _returned(conn, batch_id),
        "restored": written.get("restore", 0) == counts["restored"],
        "quarantine": opened == held.opened.height,
    }
    broken = [name for name, holds in claims.items() if not holds]
    if broken:
        raise TargetError(
            f"{work.province}: batch {work.seq} of {work.system} does not balance "
            f"({', '.join(broken)}; counts {dict(counts)}); nothing of it was kept. "
            "This is a fault of kntc-sync: report it with these numbers"
        )


def _returned(conn: Connection, batch_id: int) -> int:
    """Restored records whose content changed: counted as updated, too."""
    h = record_history.c
    query = sa.select(sa.func.count()).where(
        h.batch_id == batch_id, h.action == "restore", h.hash_before != h.hash_after
    )
    return int(conn.execute(query).scalar_one())


def _payload(
    conn: Connection,
    work: Batch,
    batch_id: int,
    counts: Mapping[str, int],
    held: holding.Held,
    at: datetime,
) -> dict[str, object]:
    leaves = audit.changes(conn, batch_id)
    return {
        "kind": "load",
        "batch": batch_id,
        "run": work.run,
        "system": work.system,
        "stage": work.stage,
        "seq": work.seq,
        "at": at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        "actor": work.actor,
        "counts": dict(counts),
        "changes": len(leaves),
        "changes_root": audit.changes_root(leaves),
        "quarantine_root": holding.quarantine_root(held.opened),
        "findings_root": holding.findings_root(conn, batch_id),
        "source_digest": work.source_digest,
        "checked_with": work.checked_with,
        "closed_root": closed_root(work.links),
        "moved_root": writing.moved_in(conn, batch_id),
    }
