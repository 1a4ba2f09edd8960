"""The ledger's own rows: runs, their verdicts, and watermarks."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import polars as pl
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from connectors.errors import ConfigError
from connectors.national import National, reduced
from connectors.national.engines import in_chunks
from connectors.national.tables import (
    COUNTS,
    RECORDS,
    batch,
    quarantine,
    run,
    succession,
    watermark,
)
from connectors.seal import CONTENT_HASH
from connectors.sources.base import Version
from expectations.frames import RECORD_ID

STORED_CHUNK = 100_000
# The stream whose mark says up to which batch links were looked at; see linking.py.
LINKS = "kntc:links"


@dataclass(frozen=True, slots=True)
class Watermark:
    """How far a stream has been read: greatest change time, rows of a full read."""

    stream: str
    high_at: datetime | None
    full_rows: int | None
    checked_with: str | None = None  # the rules and preset that checked it
    full_on: date | None = None  # the night of the last full read
    broken_rows: int | None = None  # without a readable key, in the last settled one
    high_version: Version | None = None  # greatest value of the version columns


def start_run(
    national: National,
    run_id: str,
    provinces: Iterable[str],
    night_on: date,
    token_key_id: str,
    at: datetime,
) -> None:
    """One row for the night ("" as province) and one an office."""
    shared = {"run": run_id, "night_on": night_on, "started_at": at}
    shared |= {"token_key_id": token_key_id}
    rows = [shared | {"province": stem} for stem in ("", *provinces)]
    with reduced("writing the run into the ledger"), national.write() as conn:
        conn.execute(run.insert(), rows)


def check_token_key(national: National, token_key_id: str) -> None:
    """Raise ConfigError when the database was filled under another token key."""
    newest = sa.select(run.c.token_key_id).order_by(run.c.started_at.desc()).limit(1)
    with national.read() as conn:
        found = conn.execute(newest).scalar()
    if found not in (None, token_key_id):
        raise ConfigError(
            f"KNTC_TOKEN_KEY is key {token_key_id}, but this national database was "
            f"filled under key {found}: every record would look changed. Give that "
            "key (or its folder beside KNTC_HOME); nothing was touched"
        )


def end_run(
    national: National,
    run_id: str,
    province: str,
    verdict: str,
    error: str | None,
    at: datetime,
) -> None:
    """Write a verdict; the last word counts when an office was tried again."""
    with reduced("writing the run into the ledger"), national.write() as conn:
        conn.execute(
            run.update()
            .where(run.c.run == run_id, run.c.province == province)
            .values(verdict=verdict, error=error, finished_at=at)
        )


def watermarks(national: National, system: str) -> dict[str, Watermark]:
    """The watermarks of a source by stream."""
    w = watermark.c
    query = sa.select(
        w.stream,
        w.high_at,
        w.full_rows,
        w.checked_with,
        w.full_on,
        w.broken_rows,
        w.high_version,
    ).where(w.source_system == system, w.stream != LINKS)
    with national.read() as conn:
        return {
            row.stream: Watermark(*row[:-1], high_version=_version(row.high_version))
            for row in conn.execute(query)
        }


def _version(text: str | None) -> Version | None:
    return None if text is None else tuple(int(part) for part in text.split(","))


def move_watermarks(
    conn: Connection, system: str, moved: Sequence[Watermark], batch_id: int
) -> None:
    """Set watermarks inside the transaction of a source's last batch."""
    w = watermark.c
    for mark in moved:
        conn.execute(
            watermark.delete().where(w.source_system == system, w.stream == mark.stream)
        )
        conn.execute(
            watermark.insert(),
            {
                "source_system": system,
                "stream": mark.stream,
                "high_at": mark.high_at,
                "full_rows": mark.full_rows,
                "checked_with": mark.checked_with,
                "full_on": mark.full_on,
                "broken_rows": mark.broken_rows,
                "high_version": mark.high_version
                and ",".join(map(str, mark.high_version)),
                "batch_id": batch_id,
            },
        )


def run_counts(national: National, run_id: str, province: str) -> dict[str, int]:
    """The sums over the batches of an office's last reading of each source in a run.

    An office that was tried again in the same run is not counted twice.
    """
    newest = (
        sa.select(sa.func.max(batch.c.batch_id))
        .where(batch.c.run == run_id, batch.c.province == province)
        .group_by(batch.c.source_system)
    )
    stages = sa.select(batch.c.stage).where(batch.c.batch_id.in_(newest))
    sums = [sa.func.coalesce(sa.func.sum(batch.c[c]), 0).label(c) for c in COUNTS]
    query = sa.select(*sums).where(
        batch.c.run == run_id,
        batch.c.province == province,
        batch.c.stage.in_(stages),
    )
    with national.read() as conn:
        row = conn.execute(query).one()
    return {name: int(value) for name, value in zip(COUNTS, row, strict=True)}


def past_readings(
    national: National, system: str, since: date, is_full: bool
) -> pl.DataFrame:
    """`stage`, `night_on` and `rows` of a source's readings of that kind since a
    night, in order.

    A weekly whole reading says nothing of the volume of an incremental one.
    """
    query = (
        sa.select(batch.c.stage, run.c.night_on, sa.func.sum(batch.c.rows_read))
        .join(run, (run.c.run == batch.c.run) & (run.c.province == batch.c.province))
        .where(
            batch.c.source_system == system,
            batch.c.is_full == is_full,
            run.c.night_on >= since,
        )
        .group_by(batch.c.stage, run.c.night_on)
        .order_by(sa.func.max(batch.c.batch_id))
    )
    with national.read() as conn:
        rows = [(stage, on, int(n)) for stage, on, n in conn.execute(query)]
    schema = {"stage": pl.String, "night_on": pl.Date, "rows": pl.Int64}
    return pl.DataFrame(rows, schema=schema, orient="row")


def open_subjects(national: National, system: str) -> list[str]:
    """The subjects of a source's open quarantine."""
    q = quarantine.c
    query = sa.select(q.subject).where(q.source_system == system, q.state == "open")
    with national.read() as conn:
        return sorted(set(conn.execute(query).scalars()))


@dataclass(frozen=True, slots=True)
class Known:
    """Records that stand in the database as they were read again.

    `published`: record_id, content_hash. `held`: record_id (null for a blank key),
    content_hash, rules (comma-separated).
    """

    published: pl.DataFrame
    held: pl.DataFrame

    @classmethod
    def nothing(cls) -> "Known":
        """When all must be checked."""
        ids = {RECORD_ID: pl.String, CONTENT_HASH: pl.String}
        return cls(
            pl.DataFrame(schema=ids), pl.DataFrame(schema=ids | {"rules": pl.String})
        )


def known(
    national: National, system: str, record_type: str, record_ids: Sequence[str]
) -> Known:
    """What is stored of those records and of the source's quarantine."""
    table, q = RECORDS[record_type], quarantine.c
    nothing = Known.nothing()
    rows: list[tuple[object, ...]] = []
    with national.read() as conn:
        for chunk in in_chunks(record_ids):
            query = sa.select(table.c.record_id, table.c.content_hash).where(
                table.c.record_id.in_(chunk),
                table.c.source_system == system,
                table.c.deleted_at.is_(None),
            )
            rows += [tuple(row) for row in conn.execute(query)]
        blank = q.subject.like("row:%")
        held = sa.select(
            sa.case((blank, sa.null()), else_=q.subject), q.content_hash, q.rules
        ).where(
            q.source_system == system,
            q.record_type == record_type,
            q.state == "open",
        )
        held_rows = [tuple(row) for row in conn.execute(held)]
    return Known(
        pl.DataFrame(rows, schema=nothing.published.schema, orient="row"),
        pl.DataFrame(held_rows, schema=nothing.held.schema, orient="row").unique(),
    )


def last_verdicts(national: National) -> dict[str, str | None]:
    """The newest verdict of each office; None while, or if, it never ended."""
    newest = (
        sa.select(
            run.c.province,
            run.c.verdict,
            sa.func.row_number()
            .over(
                partition_by=run.c.province,
                order_by=(run.c.started_at.desc(), run.c.run.desc()),
            )
            .label("rank"),
        )
        .where(run.c.province != "")
        .subquery()
    )
    query = sa.select(newest.c.province, newest.c.verdict).where(newest.c.rank == 1)
    with national.read() as conn:
        return dict(conn.execute(query).all())


def stored_ids(
    national: National, system: str, record_type: str
) -> Iterator[list[str]]:
    """The ids of a source's records that are not marked deleted, in pieces."""
    table = RECORDS[record_type]
    query = sa.select(table.c.record_id).where(
        table.c.source_system == system, table.c.deleted_at.is_(None)
    )
    with national.read() as conn:
        rows = conn.execute(query.execution_options(yield_per=STORED_CHUNK)).scalars()
        for part in rows.partitions():
            yield list(part)


def stored_among(
    national: National, system: str, record_type: str, record_ids: Sequence[str]
) -> set[str]:
    """Those of the ids that the source has published and not lost."""
    table = RECORDS[record_type]
    found: set[str] = set()
    with national.read() as conn:
        for chunk in in_chunks(record_ids):
            query = sa.select(table.c.record_id).where(
                table.c.record_id.in_(chunk),
                table.c.source_system == system,
                table.c.deleted_at.is_(None),
            )
            found |= set(conn.execute(query).scalars())
    return found


def has_moved_on(national: National, system: str) -> bool:
    """True when records of a system got their id under another one (succession)."""
    with national.read() as conn:
        for table in RECORDS.values():
            query = (
                sa.select(succession.c.record_id)
                .join(table, table.c.record_id == succession.c.record_id)
                .where(table.c.source_system == system)
                .limit(1)
            )
            if conn.execute(query).first() is not None:
                return True
    return False


def held_by(
    national: National, record_type: str, record_ids: Sequence[str]
) -> dict[str, str]:
    """Record id -> the system that holds it now, for those that are stored."""
    table = RECORDS[record_type]
    found: dict[str, str] = {}
    with national.read() as conn:
        for chunk in in_chunks(record_ids):
            query = sa.select(table.c.record_id, table.c.source_system).where(
                table.c.record_id.in_(chunk)
            )
            found |= {row.record_id: row.source_system for row in conn.execute(query)}
    return found
