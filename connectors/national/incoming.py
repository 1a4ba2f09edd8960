"""The incoming table: every line of a batch and what became of it, counted by SQL."""

import polars as pl
import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.schema import CreateTable

from connectors.national.engines import STRATEGIES
from connectors.national.tables import (
    COUNTS,
    RECORDS,
    finding,
    record_history,
)
from connectors.national.types import UtcTime

ACCEPTED = "accepted"
QUARANTINED = "quarantined"
DUPLICATE = "duplicate"
FILTERED = "filtered"
REJECTED = "rejected"

# One line a record, and one a row that gave none; `n` numbers the lines of a batch.
LINES: dict[str, pl.DataType] = {
    "n": pl.Int64(),
    "row_no": pl.Int64(),
    "record_type": pl.String(),
    "subject": pl.String(),
    "content_hash": pl.String(),
    "changed_at": pl.Datetime("us", "UTC"),
    "disposition": pl.String(),
    # 0 for the first version of a key in the batch, 1 for the next, by change time
    "wave": pl.Int64(),
    # the same reading holds a later version of the key
    "is_superseded": pl.Boolean(),
}

incoming = sa.Table(
    "kntc_incoming",
    sa.MetaData(),
    sa.Column("n", sa.BigInteger(), nullable=False),
    sa.Column("row_no", sa.BigInteger(), nullable=False),
    sa.Column("record_type", sa.String(40)),
    sa.Column("subject", sa.String(80)),
    sa.Column("content_hash", sa.String(64)),
    sa.Column("changed_at", UtcTime()),
    sa.Column("disposition", sa.String(12), nullable=False),
    sa.Column("wave", sa.BigInteger(), nullable=False),
    sa.Column("is_superseded", sa.Boolean(), nullable=False),
    # inserted, updated, late, unchanged; of a record marked deleted: restored (with
    # the content it had), returned (with another)
    sa.Column("state", sa.String(10)),
    sa.Column("version", sa.Integer()),  # of the stored record before this line
    prefixes=["TEMPORARY"],
)
_i = incoming.c


def fill(conn: Connection, lines: pl.DataFrame) -> None:
    """Put a batch's lines into the empty incoming table of this connection."""
    conn.execute(CreateTable(incoming, if_not_exists=True))
    conn.execute(incoming.delete())
    strategy = STRATEGIES[conn.dialect.name]
    if lines.height:
        strategy.bulk_insert(conn, incoming, lines)
    if strategy.analyze:
        # Without figures the planner reads the whole record table for each batch.
        conn.exec_driver_sql(f"{strategy.analyze} {incoming.name}")


def classify(conn: Connection, record_type: str, wave: int, system: str) -> None:
    """Decide state and version of one wave of accepted lines of one type.

    The latest version of a key in a reading is what its source says now, whatever its
    time: a source's clock may have run ahead once. Only a version that the same
    reading supersedes can be late. A record that another system held until now is
    updated, whatever its content (succession).
    """
    table = RECORDS[record_type]
    mine = sa.and_(
        _i.record_type == record_type,
        _i.disposition == ACCEPTED,
        _i.wave == wave,
        _i.state.is_(None),
    )
    known = sa.and_(mine, table.c.record_id == _i.subject)
    equal = sa.and_(known, table.c.content_hash == _i.content_hash)
    same = sa.and_(equal, table.c.source_system == system)
    deleted = table.c.deleted_at.is_not(None)
    earlier = sa.and_(
        known, _i.is_superseded, _i.changed_at < table.c.source_changed_at
    )
    seen = (
        sa.select(record_history.c.record_id)
        .where(
            record_history.c.record_id == _i.subject,
            record_history.c.hash_after == _i.content_hash,
        )
        .exists()
    )
    _set(conn, sa.and_(equal, deleted), "restored", table.c.version)
    _set(conn, sa.and_(known, deleted), "returned", table.c.version)
    _set(conn, same, "unchanged", table.c.version)
    _set(conn, sa.and_(earlier, seen), "unchanged", table.c.version)
    _set(conn, earlier, "late", table.c.version)
    _set(conn, known, "updated", table.c.version)
    _set(conn, mine, "inserted", sa.literal(0))


def _set(
    conn: Connection,
    where: sa.ColumnElement[bool],
    state: str,
    version: sa.ColumnElement[int],
) -> None:
    conn.execute(incoming.update().where(where).values(state=state, version=version))


def waves(conn: Connection, record_type: str) -> int:
    """How many waves the accepted lines of a type have."""
    query = sa.select(sa.func.max(_i.wave)).where(
        _i.record_type == record_type, _i.disposition == ACCEPTED
    )
    highest = conn.execute(query).scalar()
    return 0 if highest is None else int(highest) + 1


def in_state(conn: Connection, record_type: str, wave: int, state: str) -> pl.DataFrame:
    """`n` and `version` of the lines of a wave in that state."""
    query = sa.select(_i.n, _i.version).where(
        _i.record_type == record_type, _i.wave == wave, _i.state == state
    )
    schema = {"n": pl.Int64, "version": pl.Int64}
    rows = [tuple(row) for row in conn.execute(query)]
    return pl.DataFrame(rows, schema=schema, orient="row")


def changed(conn: Connection) -> pl.DataFrame:
    """`n` and the new `version` of all lines that added a version."""
    query = sa.select(_i.n, _i.version + 1).where(
        _i.state.in_(("inserted", "updated", "returned", "restored", "late"))
    )
    schema = {"n": pl.Int64, "version": pl.Int64}
    rows = [tuple(row) for row in conn.execute(query)]
    return pl.DataFrame(rows, schema=schema, orient="row")


def unchanged(conn: Connection) -> pl.DataFrame:
    """`n` and the `version` of the lines that are stored as they were read."""
    query = sa.select(_i.n, _i.version).where(_i.state == "unchanged")
    schema = {"n": pl.Int64, "version": pl.Int64}
    rows = [tuple(row) for row in conn.execute(query)]
    return pl.DataFrame(rows, schema=schema, orient="row")


def written(conn: Connection) -> pl.DataFrame:
    """`n` of the lines whose content now stands in the record tables."""
    query = sa.select(_i.n).where(_i.state.in_(("inserted", "updated", "returned")))
    return pl.DataFrame(
        {"n": pl.Series(conn.execute(query).scalars().all(), dtype=pl.Int64)}
    )


def rewritten_subjects() -> sa.Select[tuple[str]]:
    """A query for the subjects whose stored content was replaced."""
    return sa.select(_i.subject).where(_i.state.in_(("updated", "returned")))


def count(conn: Connection, batch_id: int, rows_read: int) -> dict[str, int]:
    """The batch's counts: lines from this table, rows_read from the manifest."""
    mapped = (ACCEPTED, QUARANTINED, DUPLICATE)
    distinct = sa.func.count(sa.distinct(_i.row_no))
    rows: dict[str, int] = dict(
        conn.execute(
            sa.select(
                sa.case((_i.disposition.in_(mapped), "mapped"), else_=_i.disposition),
                distinct,
            ).group_by(sa.text("1"))
        ).all()
    )
    kind = sa.case((_i.disposition == ACCEPTED, _i.state), else_=_i.disposition)
    lines: dict[str, int] = dict(
        conn.execute(sa.select(kind, sa.func.count()).group_by(sa.text("1"))).all()
    )
    found = sa.select(sa.func.count()).where(finding.c.batch_id == batch_id)
    h = record_history.c
    marked = sa.select(sa.func.count()).where(
        h.batch_id == batch_id, h.action == "delete"
    )
    came_back = lines.get("restored", 0) + lines.get("returned", 0)
    counts = dict.fromkeys(COUNTS, 0) | {
        "rows_read": rows_read,
        "rows_mapped": rows.get("mapped", 0),
        "rows_filtered": rows.get(FILTERED, 0),
        "rows_rejected": rows.get(REJECTED, 0),
        "inserted": lines.get("inserted", 0),
        "updated": sum(lines.get(s, 0) for s in ("updated", "late", "returned")),
        "unchanged": lines.get("unchanged", 0) + lines.get("restored", 0),
        "quarantined": lines.get(QUARANTINED, 0),
        "duplicates": lines.get(DUPLICATE, 0),
        "deleted": conn.execute(marked).scalar_one(),
        "restored": came_back,
        "findings": conn.execute(found).scalar_one(),
    }
    read = sa.select(sa.func.count()).where(_i.disposition.in_(mapped))
    return counts | {"read": conn.execute(read).scalar_one()}
