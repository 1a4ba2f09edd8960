"""Writing the records of a batch and their history, by set."""

import json
from collections.abc import Sequence
from datetime import date, datetime

import polars as pl
import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.schema import CreateTable

from connectors.canonical import value_text
from connectors.national import incoming
from connectors.national.engines import STRATEGIES
from connectors.national.tables import (
    RECORDS,
    derived,
    link_fields,
    open_fields,
    petition_link,
    record_history,
)
from connectors.seal import CONTENT_HASH, SEALED, SEALED_DENOUNCER, Sealer
from expectations.frames import CURSOR, LOCATOR, RECORD_ID
from expectations.records import BY_NAME, Type

NOT_IN_IMAGE = {RECORD_ID, "source_system", SEALED, SEALED_DENOUNCER}


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
        incoming.classify(conn, record_type, wave)
        parts = {
            state: incoming.in_state(conn, record_type, wave, state)
            for state in ("inserted", "updated", "late")
        }
        for state, lines in parts.items():
            if lines.height:
                chosen = frame.join(lines, on="n", how="inner", maintain_order="left")
                sealed = sealer.seal(record_type, chosen)
                _WRITERS[state](conn, record_type, sealed, system, batch_id, at)


def _insert(
    conn: Connection,
    record_type: str,
    sealed: pl.DataFrame,
    system: str,
    batch_id: int,
    at: datetime,
) -> None:
    rows = _stored(record_type, sealed, system, batch_id, at)
    bulk = STRATEGIES[conn.dialect.name].bulk_insert
    bulk(conn, RECORDS[record_type], rows)
    _write_links(conn, record_type, sealed)
    _write_history(conn, record_type, sealed, batch_id, "insert", None)


def _update(
    conn: Connection,
    record_type: str,
    sealed: pl.DataFrame,
    system: str,
    batch_id: int,
    at: datetime,
) -> None:
    table = RECORDS[record_type]
    before = _images(conn, record_type, sealed[RECORD_ID])
    changed = _changed_table(table)
    conn.execute(CreateTable(changed, if_not_exists=True))
    conn.execute(changed.delete())
    rows = _stored(record_type, sealed, system, batch_id, at)
    STRATEGIES[conn.dialect.name].bulk_insert(conn, changed, rows)
    kept = {RECORD_ID, "source_system", "source_id", "created_at", "national_id"}
    values = {c.name: changed.c[c.name] for c in table.c if c.name not in kept}
    conn.execute(
        table.update().where(table.c.record_id == changed.c.record_id).values(values)
    )
    _write_links(conn, record_type, sealed)
    _write_history(conn, record_type, sealed, batch_id, "update", before)


def _late(
    conn: Connection,
    record_type: str,
    sealed: pl.DataFrame,
    system: str,  # noqa: ARG001
    batch_id: int,
    at: datetime,  # noqa: ARG001
) -> None:
    """An earlier version that arrived after a later one: into history only.

    The stored record keeps its content and takes the new version number, so that a
    version number is never used twice.
    """
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
    _write_history(conn, record_type, sealed, batch_id, "late", image)
    table, link = RECORDS[record_type], petition_link.c
    ids = sealed[RECORD_ID].to_list()
    # The links of the stored content follow it to its new version number.
    kept = (
        sa.select(link.record_id, table.c.version + 1, link.position, link.petition_id)
        .join(table, table.c.record_id == link.record_id)
        .where(link.version == table.c.version, link.record_id.in_(ids))
    )
    conn.execute(petition_link.insert().from_select(list(link), kept))
    conn.execute(
        table.update()
        .where(table.c.record_id.in_(ids))
        .values(version=table.c.version + 1)
    )


_WRITERS = {"inserted": _insert, "updated": _update, "late": _late}


def _open_columns(record_type: str, frame: pl.DataFrame) -> list[pl.Expr]:
    fields = open_fields(BY_NAME[record_type])
    nested = [value_text(f).alias(f.name) for f in fields if f.type is Type.ITEMS]
    plain = [pl.col(f.name) for f in fields if f.type is not Type.ITEMS]
    assert set(frame.columns) >= {f.name for f in fields}
    return [*plain, *nested]


def _stored(
    record_type: str,
    sealed: pl.DataFrame,
    system: str,
    batch_id: int,
    at: datetime,
) -> pl.DataFrame:
    """The rows of the record table; `version` in the frame is the one before."""
    table = RECORDS[record_type]
    values = {e.meta.output_name(): e for e in _open_columns(record_type, sealed)}
    values |= {
        "source_system": pl.lit(system),
        "version": pl.col("version") + 1,
        "source_changed_at": pl.col(CURSOR),
        "national_id": pl.lit(None, pl.String),
        "deleted_at": pl.lit(None, pl.String),
        "batch_id": pl.lit(batch_id),
        "created_at": pl.lit(at, pl.Datetime("us", "UTC")),
        "updated_at": pl.lit(at, pl.Datetime("us", "UTC")),
    }
    return sealed.select(
        values.get(c.name, pl.col(c.name)).alias(c.name) for c in table.c
    )


def _write_links(conn: Connection, record_type: str, sealed: pl.DataFrame) -> None:
    for field in link_fields(BY_NAME[record_type]):
        links = (
            sealed.select(RECORD_ID, pl.col("version") + 1, petition_id=field.name)
            .filter(pl.col("petition_id").list.len() > 0)
            .with_columns(position=pl.int_ranges(pl.col("petition_id").list.len()))
            .explode("petition_id", "position")
        )
        if links.height:
            STRATEGIES[conn.dialect.name].bulk_insert(conn, petition_link, links)


def _write_history(
    conn: Connection,
    record_type: str,
    sealed: pl.DataFrame,
    batch_id: int,
    action: str,
    images: pl.DataFrame | None,
) -> None:
    rows = sealed.select(
        RECORD_ID,
        version=pl.col("version") + 1,
        record_type=pl.lit(record_type),
        batch_id=pl.lit(batch_id),
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
    for chunk in _chunks(record_ids.to_list(), 5_000):
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


def _chunks(values: Sequence[str], size: int) -> list[Sequence[str]]:
    return [values[i : i + size] for i in range(0, len(values), size)]


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
        derived.delete().where(
            derived.c.record_id.in_(incoming.subjects_in_state("updated"))
        )
    )
    STRATEGIES[conn.dialect.name].bulk_insert(conn, derived, fresh)
