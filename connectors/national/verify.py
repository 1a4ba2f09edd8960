"""Verify: re-read the chains, the history and the records themselves.

Without keys: every entry's hash and link, every batch's changes and quarantine
against its Merkle roots, every record's content hash recomputed from its row and
compared with its last version. With keys also: that each envelope opens for its
record and holds what its token says.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import polars as pl
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from connectors.errors import KntcError
from connectors.national import National, audit, holding, holds, linking, writing
from connectors.national.tables import (
    RECORDS,
    audit_entry,
    audit_head,
    batch,
    finding,
    link_fields,
    open_fields,
    quarantine,
    record_history,
    record_link,
    succession,
)
from connectors.seal import (
    CONTENT_HASH,
    DENOUNCER_TOKEN,
    PERSONAL_TOKEN,
    SEALED,
    SEALED_DENOUNCER,
    Sealer,
    content_hashes,
)
from expectations.frames import RECORD_ID, SOURCE_ID, dtype
from expectations.records import BY_NAME, RecordType, Type, record_id

READ_ROWS = 20_000


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is not as the log says."""

    province: str | None
    entry: int | None
    record_id: str | None
    problem: str


@dataclass(frozen=True, slots=True)
class Verification:
    """What was read again and what was found."""

    ok: bool
    chains: int
    entries: int
    records: int
    problems: tuple[Problem, ...]


def verify(national: National, sealer: Sealer | None = None) -> Verification:
    """Re-read everything; memory does not grow with the number of records."""
    problems: list[Problem] = []
    with national.read() as conn:
        heads = _heads(conn)
        entries = 0
        for chain, head in heads.items():
            count, found = _chain(conn, chain, head)
            entries += count
            problems += found
        problems += _unlogged(conn)
        problems += [Problem(None, None, None, said) for said in holds.unlogged(conn)]
        if sealer is not None:
            problems += _held_faults(conn, sealer)
            problems += _image_faults(conn, sealer)
        records = 0
        for record_type in RECORDS:
            for count, found in _records(conn, record_type, sealer):
                records += count
                problems += found
    return Verification(not problems, len(heads), entries, records, tuple(problems))


def _heads(conn: Connection) -> dict[str, sa.Row[tuple[str, int, str]] | None]:
    """Every chain that has entries or a head; None where its head was removed."""
    chains = conn.execute(sa.select(audit_entry.c.chain).distinct()).scalars().all()
    heads = {row.chain: row for row in conn.execute(sa.select(audit_head))}
    return {chain: heads.get(chain) for chain in sorted({*chains, *heads})}


def _chain(
    conn: Connection, chain: str, head: sa.Row[tuple[str, int, str]] | None
) -> tuple[int, list[Problem]]:
    """How many entries a chain has, and what is wrong with them."""
    previous, expected, problems = audit.GENESIS, 1, list[Problem]()
    query = (
        sa.select(audit_entry)
        .where(audit_entry.c.chain == chain)
        .order_by(audit_entry.c.seq)
    )
    rows = conn.execute(query).all()
    for row in rows:
        faults = []
        if row.seq != expected:
            faults.append(f"entry {expected} is missing")
        if row.prev_hash != previous:
            faults.append("does not follow the entry before it")
        if audit.entry_hash(row.payload, row.prev_hash) != row.entry_hash:
            faults.append("payload does not give its hash")
        faults += _batch_faults(conn, row)
        problems += [Problem(chain, row.seq, None, fault) for fault in faults]
        previous, expected = row.entry_hash, row.seq + 1
    last = expected - 1
    if head is None:
        problems.append(Problem(chain, last, None, "the chain's head was removed"))
    elif (head.seq, head.entry_hash) != (last, previous):
        fault = f"head says {head.seq} entries or names another last hash"
        problems.append(Problem(chain, last, None, fault))
    return len(rows), problems


def _batch_faults(conn: Connection, row: sa.Row[tuple[object, ...]]) -> list[str]:
    """The entry's claims on its batch against the tables."""
    try:
        payload = json.loads(row.payload)
        if payload["kind"] != "load":
            return []
        batch_id, counts = payload["batch"], payload["counts"]
        changes_root, quarantine_root, findings_root = (
            payload[f"{name}_root"] for name in ("changes", "quarantine", "findings")
        )
    except (ValueError, KeyError, TypeError):
        return ["payload cannot be read"]
    faults = []
    if batch_id != row.batch_id:
        faults.append("names another batch than its column")
    if audit.changes_root(audit.changes(conn, batch_id)) != changes_root:
        faults.append("history of the batch was changed")
    if _opened_root(conn, batch_id) != quarantine_root:
        faults.append("quarantine of the batch was changed")
    if holding.findings_root(conn, batch_id) != findings_root:
        faults.append("findings of the batch were changed")
    # Entries of version 0.1 know neither.
    if (
        payload.get("closed_root", closed := linking.closed_in(conn, batch_id))
        != closed
    ):
        faults.append("closed findings of the batch were changed")
    if payload.get("moved_root", moved := writing.moved_in(conn, batch_id)) != moved:
        faults.append("identities of moved records were changed")
    stored = (
        conn.execute(sa.select(batch).where(batch.c.batch_id == batch_id))
        .mappings()
        .one_or_none()
    )
    if stored is None or any(stored[name] != value for name, value in counts.items()):
        faults.append("counts of the batch were changed")
    return faults


def _opened_root(conn: Connection, batch_id: int) -> str:
    q = quarantine.c
    query = sa.select(*(q[name] for name in holding.LEAF)).where(q.batch_id == batch_id)
    rows = [tuple(row) for row in conn.execute(query)]
    schema = dict.fromkeys(holding.LEAF, pl.String)
    return holding.quarantine_root(pl.DataFrame(rows, schema=schema, orient="row"))


def _unlogged(conn: Connection) -> list[Problem]:
    """Batches that no entry speaks of, and rows that name such a batch."""
    entry = audit_entry.c.batch_id
    logged = sa.select(entry).where(entry.is_not(None))
    columns = {
        "batch": batch.c.batch_id,
        "history": record_history.c.batch_id,
        "quarantine": quarantine.c.batch_id,
        "closing of quarantine": quarantine.c.closed_batch_id,
        "findings": finding.c.batch_id,
        "closing of findings": finding.c.closed_batch_id,
        "succession": succession.c.batch_id,
    }
    problems = [
        Problem(None, None, None, f"{what} of batch {number} is not in the log")
        for what, column in columns.items()
        for number in conn.execute(
            sa.select(column).where(column.not_in(logged)).distinct()
        ).scalars()
    ]
    # No command of today changes a state but a load, which names its batch.
    q = quarantine.c
    states = sa.select(q.id).where(
        sa.or_(
            q.state.not_in(("open", "fixed_at_source")),
            (q.state == "open") != q.closed_batch_id.is_(None),
        )
    )
    return problems + [
        Problem(None, None, None, f"state of quarantine {item} is not in the log")
        for item in conn.execute(states).scalars()
    ]


def _records(
    conn: Connection, record_type: str, sealer: Sealer | None
) -> Iterator[tuple[int, list[Problem]]]:
    """Each chunk of a record table: how many rows, and what is wrong with them."""
    table, h = RECORDS[record_type], record_history.c
    for frame in _chunks(conn, record_type):
        ids = frame[RECORD_ID].to_list()
        bounds = (ids[0], ids[-1])
        versions = _last_versions(conn, record_type, bounds)
        computed = frame.with_columns(
            computed=content_hashes(BY_NAME[record_type], frame),
            named=_names(conn, record_type, frame),
        ).join(versions, on=RECORD_ID, how="left")
        faulty = computed.filter(
            (pl.col("computed") != pl.col(CONTENT_HASH))
            | (pl.col(CONTENT_HASH) != pl.col("hash_after")).fill_null(value=True)
            | (pl.col("version") != pl.col("last_version")).fill_null(value=True)
            | (pl.col(RECORD_ID) != pl.col("named"))
            | (pl.col("is_deleted") != (pl.col("last_action") == "delete"))
        )
        problems = [
            Problem(None, None, record, "row differs from the log")
            for record in faulty[RECORD_ID]
        ]
        if sealer is not None:
            problems += _envelope_faults(record_type, frame, sealer)
        yield frame.height, problems
    lost = sa.select(h.record_id).where(
        h.record_type == record_type,
        h.action == "insert",
        h.record_id.not_in(sa.select(table.c.record_id)),
    )
    gone = conn.execute(lost).scalars().all()
    yield 0, [Problem(None, None, r, "row was removed behind the log") for r in gone]


def _chunks(conn: Connection, record_type: str) -> Iterator[pl.DataFrame]:
    """A record table in chunks by record id, typed as its frames are."""
    table, declared = RECORDS[record_type], BY_NAME[record_type]
    after = ""
    while True:
        query = (
            sa.select(table)
            .where(table.c.record_id > after)
            .order_by(table.c.record_id)
            .limit(READ_ROWS)
        )
        rows = conn.execute(query).mappings().all()
        if not rows:
            return
        frame = _frame(declared, rows)
        after = str(rows[-1][RECORD_ID])
        yield _with_links(conn, declared, frame, str(rows[0][RECORD_ID]), after)


def _names(conn: Connection, record_type: str, frame: pl.DataFrame) -> pl.Series:
    """The id that each row's identity gives: its system and source id, or those under
    which it was first known where it moved (succession)."""
    s, ids = succession.c, frame[RECORD_ID]
    query = sa.select(s.record_id, s.source_system, s.source_id).where(
        s.record_type == record_type, s.record_id.between(ids.min(), ids.max())
    )
    former = {
        row.record_id: (row.source_system, row.source_id) for row in conn.execute(query)
    }
    names = [
        record_id(known[0], record_type, known[1])
        for known in (
            former.get(record, (system, source_id))
            for record, system, source_id in frame.select(
                RECORD_ID, "source_system", SOURCE_ID
            ).rows()
        )
    ]
    return pl.Series(names, dtype=pl.String)


def _frame(declared: RecordType, rows: Sequence[sa.RowMapping]) -> pl.DataFrame:
    columns: dict[str, pl.Series] = {}
    texts = (RECORD_ID, SOURCE_ID, "source_system", CONTENT_HASH)
    for name in (*texts, PERSONAL_TOKEN, DENOUNCER_TOKEN):
        columns[name] = pl.Series([row[name] for row in rows], dtype=pl.String)
    columns["version"] = pl.Series([row["version"] for row in rows], dtype=pl.Int64)
    deleted = [row["deleted_at"] is not None for row in rows]
    columns["is_deleted"] = pl.Series(deleted, dtype=pl.Boolean)
    for name in (SEALED, SEALED_DENOUNCER):
        columns[name] = pl.Series([row[name] for row in rows], dtype=pl.Binary)
    for field in open_fields(declared):
        values = [row[field.name] for row in rows]
        if field.type is Type.ITEMS:
            series = pl.Series(values, dtype=pl.String).str.json_decode(dtype(field))
        else:
            series = pl.Series(values, dtype=dtype(field))
        columns[field.name] = series
    return pl.DataFrame(columns)


def _with_links(
    conn: Connection, declared: RecordType, frame: pl.DataFrame, low: str, high: str
) -> pl.DataFrame:
    for field in link_fields(declared):
        c = record_link.c
        query = (
            sa.select(c.record_id, c.version, c.target_id)
            .where(c.record_id.between(low, high), c.field == field.name)
            .order_by(c.record_id, c.version, c.position)
        )
        rows = [tuple(row) for row in conn.execute(query)]
        schema = {RECORD_ID: pl.String, "version": pl.Int64, field.name: pl.String}
        links = (
            pl.DataFrame(rows, schema=schema, orient="row")
            .group_by(RECORD_ID, "version", maintain_order=True)
            .agg(field.name)
        )
        frame = frame.join(
            links, on=[RECORD_ID, "version"], how="left", maintain_order="left"
        )
    return frame


def _last_versions(
    conn: Connection, record_type: str, bounds: tuple[str, str]
) -> pl.DataFrame:
    """The newest version of each record, and the hash its row must have."""
    h = record_history.c
    query = sa.select(h.record_id, h.version, h.action, h.hash_after).where(
        h.record_type == record_type, h.record_id.between(*bounds)
    )
    rows = [tuple(row) for row in conn.execute(query)]
    schema = {
        RECORD_ID: pl.String,
        "last_version": pl.Int64,
        "action": pl.String,
        "hash_after": pl.String,
    }
    history = pl.DataFrame(rows, schema=schema, orient="row").sort("last_version")
    newest = history.group_by(RECORD_ID).agg(pl.col("last_version").max())
    current = (
        history.filter(pl.col("action") != "late")
        .group_by(RECORD_ID)
        .agg(pl.col("hash_after").last(), last_action=pl.col("action").last())
    )
    return newest.join(current, on=RECORD_ID, how="left")


def _held_faults(conn: Connection, sealer: Sealer) -> list[Problem]:
    """Quarantine whose sealed row does not open."""
    q = quarantine.c
    query = sa.select(q.id, q.province, q.sealed)
    problems = []
    for row in conn.execute(query.execution_options(yield_per=READ_ROWS)):
        try:
            sealer.open_text(row.sealed, row.id)
        except KntcError:
            fault = (
                f"the sealed row of quarantine {row.id} {_fault(sealer, row.sealed)}"
            )
            problems.append(Problem(row.province, None, None, fault))
    return problems


def _image_faults(conn: Connection, sealer: Sealer) -> list[Problem]:
    """Envelopes of earlier versions that do not hold what their image says."""
    h = record_history.c
    query = sa.select(h.record_id, h.record_type, h.image, h.sealed, h.sealed_denouncer)
    problems = []
    # A restored record has an image when its content changed, too.
    returned = sa.and_(h.action == "restore", h.hash_before != h.hash_after)
    stated = query.where(sa.or_(h.action == "update", returned)).execution_options(
        yield_per=READ_ROWS
    )
    for row in conn.execute(stated):
        tokens = _tokens_of(row.image)
        envelopes = {PERSONAL_TOKEN: row.sealed, DENOUNCER_TOKEN: row.sealed_denouncer}
        if any(
            not _is_whole(
                sealer, row.record_type, row.record_id, envelope, name, tokens
            )
            for name, envelope in envelopes.items()
        ):
            fault = "an earlier version's image or envelope was altered or removed"
            problems.append(Problem(None, None, row.record_id, fault))
    return problems


def _tokens_of(image: str | None) -> dict[str, str | None] | None:
    """The tokens that an image states; None when it states none."""
    try:
        stated = json.loads(image or "")
        return {name: stated[name] for name in (PERSONAL_TOKEN, DENOUNCER_TOKEN)}
    except (ValueError, KeyError, TypeError):
        return None


def _is_whole(
    sealer: Sealer,
    record_type: str,
    record: str,
    envelope: bytes | None,
    name: str,
    tokens: dict[str, str | None] | None,
) -> bool:
    """True when the envelope is there exactly if its token is, and holds it."""
    if tokens is None:
        return False
    token = tokens[name]
    if envelope is None or token is None:
        return envelope is None and token is None
    return _holds(sealer, record_type, record, envelope, (name, token))


def _fault(sealer: Sealer, envelope: bytes) -> str:
    """Why an envelope does not open, as far as can be told."""
    if sealer.knows(envelope):
        return "was altered"
    return "is under a key that is not given (KNTC_SEAL_KEY, KNTC_DENOUNCER_KEY)"


def _envelope_faults(
    record_type: str, frame: pl.DataFrame, sealer: Sealer
) -> list[Problem]:
    columns = ((SEALED, PERSONAL_TOKEN), (SEALED_DENOUNCER, DENOUNCER_TOKEN))
    faults = []
    for column, token in columns:
        chosen = frame.select(RECORD_ID, column, token)
        for record, envelope, expected in chosen.iter_rows():
            if (envelope is None) != (expected is None):
                faults.append(Problem(None, None, record, f"{column} was removed"))
            elif envelope is not None and not _holds(
                sealer, record_type, record, envelope, (token, expected)
            ):
                faults.append(
                    Problem(None, None, record, f"{column} {_fault(sealer, envelope)}")
                )
    return faults


def _holds(
    sealer: Sealer,
    record_type: str,
    record: str,
    envelope: bytes,
    token: tuple[str, str],
) -> bool:
    try:
        text = sealer.open_text(envelope, record)
    except KntcError:
        return False
    return sealer.token_of(record_type, token[0], text) == token[1]
