"""Writing the records of a batch and their history, by set."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

import polars as pl
import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.schema import CreateTable

from connectors.canonical import value_text
from connectors.national import incoming, merkle
from connectors.national.engines import IN_LIST, STRATEGIES, in_chunks
from connectors.national.tables import (
    RECORDS,
    derived,
    link_fields,
    open_fields,
    record_history,
    record_link,
    succession,
)
from connectors.seal import CONTENT_HASH, SEALED, SEALED_DENOUNCER, Sealer
from expectations.frames import (
    CURSOR,
    FORMER_ID,
    FORMER_SYSTEM,
    LOCATOR,
    RECORD_ID,
    SOURCE_ID,
)
from expectations.records import BY_NAME, Type

NOT_IN_IMAGE = {RECORD_ID, SEALED, SEALED_DENOUNCER}


def write_records(
    conn: Connection,
    sealer: Sealer,
    record_type: str,
    frame: pl.DataFrame,
    system: str,
    batch_id: int,
    at: datetime,
) -> None:
    """Classify and write the accepted records of one type, wave by wave.

    Unchanged records are neither sealed nor written.
    """
    for wave in range(incoming.waves(conn, record_type)):
        incoming.classify(conn, record_type, wave, system)
        for state, write in _WRITERS.items():
            lines = incoming.in_state(conn, record_type, wave, state)
            if lines.height:
                chosen = frame.join(lines, on="n", how="inner", maintain_order="left")
                sealed = sealer.seal(record_type, chosen)
                write(conn, Write(record_type, system, batch_id, at), sealed)


@dataclass(frozen=True, slots=True)
class Write:
    """What is written: records of one type, from which system, in which batch, when."""

    record_type: str
    system: str
    batch_id: int
    at: datetime


def _insert(conn: Connection, to: Write, sealed: pl.DataFrame) -> None:
    rows = _stored(to, sealed)
    bulk = STRATEGIES[conn.dialect.name].bulk_insert
    bulk(conn, RECORDS[to.record_type], rows)
    _write_links(conn, to.record_type, sealed)
    _write_succession(conn, to, sealed)
    _write_history(conn, to, sealed, "insert", None)


def _update(
    conn: Connection, to: Write, sealed: pl.DataFrame, action: str = "update"
) -> None:
    table = RECORDS[to.record_type]
    before = _images(conn, to.record_type, sealed[RECORD_ID])
    changed = _changed_table(table)
    conn.execute(CreateTable(changed, if_not_exists=True))
    conn.execute(changed.delete())
    rows = _stored(to, sealed)
    STRATEGIES[conn.dialect.name].bulk_insert(conn, changed, rows)
    kept = {RECORD_ID, "created_at", "national_id"}
    values = {c.name: changed.c[c.name] for c in table.c if c.name not in kept}
    conn.execute(
        table.update().where(table.c.record_id == changed.c.record_id).values(values)
    )
    _write_links(conn, to.record_type, sealed)
    _write_succession(conn, to, sealed)
    _write_history(conn, to, sealed, action, before)


def _return(conn: Connection, to: Write, sealed: pl.DataFrame) -> None:
    """A record that was marked deleted comes back with another content."""
    _update(conn, to, sealed, "restore")


def _restore(conn: Connection, to: Write, sealed: pl.DataFrame) -> None:
    """A record that was marked deleted comes back with the content it had."""
    table, ids = RECORDS[to.record_type], sealed[RECORD_ID].to_list()
    before = sealed.select(RECORD_ID, hash_before=CONTENT_HASH)
    _step(conn, to, ids, {"deleted_at": None, "source_system": to.system})
    conn.execute(
        table.update()
        .where(table.c.record_id == sa.bindparam("id"))
        .values(
            source_changed_at=sa.bindparam("changed"), source_id=sa.bindparam("key")
        ),
        [
            {"id": record, "changed": changed, "key": key}
            for record, changed, key in sealed.select(
                RECORD_ID, CURSOR, SOURCE_ID
            ).rows()
        ],
    )
    _write_succession(conn, to, sealed)
    _write_history(conn, to, sealed, "restore", before)


def _late(conn: Connection, to: Write, sealed: pl.DataFrame) -> None:
    """An earlier version that arrived after a later one: into history only.

    The stored record keeps its content and takes the new version number, so that a
    version number is never used twice.
    """
    record_type = to.record_type
    links = [value_text(f).alias(f.name) for f in link_fields(BY_NAME[record_type])]
    image = sealed.select(
        RECORD_ID,
        hash_before=pl.lit(None, pl.String),
        image=pl.struct(
            *_open_columns(record_type, sealed), *links
        ).struct.json_encode(),
        sealed=SEALED,
        sealed_denouncer=SEALED_DENOUNCER,
    )
    _write_history(conn, to, sealed, "late", image)
    table, ids = RECORDS[record_type], sealed[RECORD_ID].to_list()
    _carry_links(conn, table, ids)
    for chunk in in_chunks(ids):
        conn.execute(
            table.update()
            .where(table.c.record_id.in_(chunk))
            .values(version=table.c.version + 1)
        )


_WRITERS: dict[str, Callable[[Connection, Write, pl.DataFrame], None]] = {
    "inserted": _insert,
    "updated": _update,
    "returned": _return,
    "restored": _restore,
    "late": _late,
}


def mark_deleted(conn: Connection, to: Write, gone: pl.DataFrame) -> None:
    """Mark records that left their source: RECORD_ID and LOCATOR (what says so).

    Nothing is removed (NĐ 55/2022, prohibited acts); what is marked already stays as
    it is.
    """
    table = RECORDS[to.record_type]
    for chunk in gone.iter_slices(IN_LIST):
        query = sa.select(table.c.record_id, table.c.version, table.c.content_hash)
        standing = query.where(
            table.c.record_id.in_(chunk[RECORD_ID].to_list()),
            table.c.source_system == to.system,
            table.c.deleted_at.is_(None),
        )
        rows = [tuple(row) for row in conn.execute(standing)]
        schema = {RECORD_ID: pl.String, "version": pl.Int64, CONTENT_HASH: pl.String}
        found = pl.DataFrame(rows, schema=schema, orient="row").join(
            chunk, on=RECORD_ID
        )
        if found.height:
            _step(conn, to, found[RECORD_ID].to_list(), {"deleted_at": to.at})
            before = found.select(RECORD_ID, hash_before=CONTENT_HASH)
            _write_history(conn, to, found, "delete", before)


def _step(
    conn: Connection, to: Write, ids: list[str], values: dict[str, object]
) -> None:
    """One more version of those records, with their links and without new content."""
    table = RECORDS[to.record_type]
    _carry_links(conn, table, ids)
    told = {"version": table.c.version + 1, "batch_id": to.batch_id}
    for chunk in in_chunks(ids):
        conn.execute(
            table.update()
            .where(table.c.record_id.in_(chunk))
            .values(updated_at=to.at, **told, **values)
        )


def _carry_links(conn: Connection, table: sa.Table, ids: list[str]) -> None:
    """The links of the stored content follow it to its new version number."""
    link = record_link.c
    kept = (
        sa.select(
            link.record_id,
            table.c.version + 1,
            link.field,
            link.position,
            link.target_id,
        )
        .join(table, table.c.record_id == link.record_id)
        .where(link.version == table.c.version)
    )
    for chunk in in_chunks(ids):
        some = kept.where(link.record_id.in_(chunk))
        conn.execute(record_link.insert().from_select(list(link), some))


def _open_columns(record_type: str, frame: pl.DataFrame) -> list[pl.Expr]:
    fields = open_fields(BY_NAME[record_type])
    nested = [value_text(f).alias(f.name) for f in fields if f.type is Type.ITEMS]
    plain = [pl.col(f.name) for f in fields if f.type is not Type.ITEMS]
    assert set(frame.columns) >= {f.name for f in fields}
    return [*plain, *nested]


def _stored(to: Write, sealed: pl.DataFrame) -> pl.DataFrame:
    """The rows of the record table; `version` in the frame is the one before."""
    table, at = RECORDS[to.record_type], to.at
    values = {e.meta.output_name(): e for e in _open_columns(to.record_type, sealed)}
    values |= {
        "source_system": pl.lit(to.system),
        "version": pl.col("version") + 1,
        "source_changed_at": pl.col(CURSOR),
        "national_id": pl.lit(None, pl.String),
        "deleted_at": pl.lit(None, pl.String),
        "batch_id": pl.lit(to.batch_id),
        "created_at": pl.lit(at, pl.Datetime("us", "UTC")),
        "updated_at": pl.lit(at, pl.Datetime("us", "UTC")),
    }
    return sealed.select(
        values.get(c.name, pl.col(c.name)).alias(c.name) for c in table.c
    )


def _write_links(conn: Connection, record_type: str, sealed: pl.DataFrame) -> None:
    for field in link_fields(BY_NAME[record_type]):
        links = (
            sealed.select(
                RECORD_ID,
                pl.col("version") + 1,
                field=pl.lit(field.name),
                target_id=field.name,
            )
            .filter(pl.col("target_id").list.len() > 0)
            .with_columns(position=pl.int_ranges(pl.col("target_id").list.len()))
            .explode("target_id", "position")
        )
        if links.height:
            STRATEGIES[conn.dialect.name].bulk_insert(conn, record_link, links)


def _write_succession(conn: Connection, to: Write, sealed: pl.DataFrame) -> None:
    """Where a record got its id, when that was in another system."""
    moved = sealed.filter(pl.col(FORMER_SYSTEM).is_not_null())
    if moved.height == 0:
        return
    known = [
        record
        for chunk in in_chunks(moved[RECORD_ID].to_list())
        for record in conn.execute(
            sa.select(succession.c.record_id).where(succession.c.record_id.in_(chunk))
        ).scalars()
    ]
    rows = moved.filter(~pl.col(RECORD_ID).is_in(known)).select(
        RECORD_ID,
        record_type=pl.lit(to.record_type),
        source_system=FORMER_SYSTEM,
        source_id=FORMER_ID,
        batch_id=pl.lit(to.batch_id),
    )
    if rows.height:
        STRATEGIES[conn.dialect.name].bulk_insert(conn, succession, rows)


def moved_in(conn: Connection, batch_id: int) -> str:
    """The RFC 6962 root over the identities that a batch wrote, sorted."""
    s = succession.c
    query = sa.select(s.record_id, s.record_type, s.source_system, s.source_id).where(
        s.batch_id == batch_id
    )
    leaves = sorted(tuple(row) for row in conn.execute(query))
    return merkle.root([json.dumps(leaf).encode() for leaf in leaves]).hex()


def _write_history(
    conn: Connection,
    to: Write,
    frame: pl.DataFrame,
    action: str,
    images: pl.DataFrame | None,
) -> None:
    rows = frame.select(
        RECORD_ID,
        version=pl.col("version") + 1,
        record_type=pl.lit(to.record_type),
        batch_id=pl.lit(to.batch_id),
        action=pl.lit(action),
        locator=LOCATOR,
        hash_after=CONTENT_HASH,
    )
    if images is not None:
        rows = rows.join(images, on=RECORD_ID, how="left", maintain_order="left")
    bulk = STRATEGIES[conn.dialect.name].bulk_insert
    bulk(conn, record_history, rows)


def _images(conn: Connection, record_type: str, record_ids: pl.Series) -> pl.DataFrame:
    """What stands in the record table now: open columns as JSON, envelopes, hash."""
    table = RECORDS[record_type]
    rows: list[tuple[object, ...]] = []
    for chunk in in_chunks(record_ids.to_list()):
        query = sa.select(table).where(table.c.record_id.in_(chunk))
        for row in conn.execute(query).mappings():
            image = {k: v for k, v in row.items() if k not in NOT_IN_IMAGE}
            text = json.dumps(image, ensure_ascii=False, default=_plain)
            envelopes = (row[SEALED], row[SEALED_DENOUNCER])
            rows.append((row[RECORD_ID], row[CONTENT_HASH], text, *envelopes))
    schema = {
        RECORD_ID: pl.String,
        "hash_before": pl.String,
        "image": pl.String,
        SEALED: pl.Binary,
        SEALED_DENOUNCER: pl.Binary,
    }
    return pl.DataFrame(rows, schema=schema, orient="row")


def _plain(value: object) -> str:
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    raise TypeError(type(value).__name__)


def _changed_table(table: sa.Table) -> sa.Table:
    """A temporary table with the columns of a record table."""
    return sa.Table(
        f"kntc_changed_{table.name}",
        sa.MetaData(),
        *(sa.Column(c.name, c.type) for c in table.c),
        prefixes=["TEMPORARY"],
    )


def write_derived(conn: Connection, rows: pl.DataFrame) -> None:
    """Derived values of the records that were inserted or updated in this batch."""
    states = incoming.written(conn)
    fresh = rows.join(states, on="n", how="inner").drop("n")
    if fresh.height == 0:
        return
    fresh = fresh.unique(RECORD_ID, keep="last", maintain_order=True)
    conn.execute(
        derived.delete().where(derived.c.record_id.in_(incoming.rewritten_subjects()))
    )
    STRATEGIES[conn.dialect.name].bulk_insert(conn, derived, fresh)
