"""The audit log: one hash chain an office, one entry a batch, under a locked head.

entry_hash = SHA-256(0x00 || len(payload) || payload || prev_hash), where payload is
canonical JSON (sorted keys, no blanks, UTF-8) and len is 8 bytes, big-endian.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from connectors.national import merkle
from connectors.national.tables import audit_entry, audit_head, record_history

GENESIS = "0" * 64

# record type, record id, version, action, hash before, hash after, hash of the image
Leaf = tuple[str, str, int, str, str | None, str, str | None]
# One encoder for all leaves: json.dumps makes one a leaf.
_LEAF = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


@dataclass(frozen=True, slots=True)
class Head:
    """The last entry of a chain; seq 0 and GENESIS when it has none."""

    chain: str
    seq: int
    entry_hash: str


def canonical(payload: Mapping[str, object]) -> str:
    """Canonical JSON: sorted keys, no blanks."""
    return json.dumps(
        payload, ensure_ascii=False, sort_keys=True, separators=(",", ":")
    )


def entry_hash(payload: str, prev_hash: str) -> str:
    """The hash that the next entry will name as its predecessor's."""
    body = payload.encode()
    framed = b"\x00" + len(body).to_bytes(8, "big") + body + bytes.fromhex(prev_hash)
    return hashlib.sha256(framed).hexdigest()


def lock_head(conn: Connection, chain: str) -> Head:
    """The chain's head, locked until the transaction ends: writers queue here."""
    conn.execute(
        sa.text(
            "INSERT INTO audit_head (chain, seq, entry_hash) "
            "VALUES (:chain, 0, :genesis) ON CONFLICT DO NOTHING"
        ),
        {"chain": chain, "genesis": GENESIS},
    )
    query = sa.select(audit_head).where(audit_head.c.chain == chain).with_for_update()
    row = conn.execute(query).one()
    return Head(row.chain, row.seq, row.entry_hash)


def append(
    conn: Connection, head: Head, batch_id: int | None, payload: Mapping[str, object]
) -> Head:
    """Add one entry after the locked head and move the head."""
    text = canonical(payload)
    new = Head(head.chain, head.seq + 1, entry_hash(text, head.entry_hash))
    conn.execute(
        audit_entry.insert(),
        {
            "chain": head.chain,
            "seq": new.seq,
            "batch_id": batch_id,
            "payload": text,
            "prev_hash": head.entry_hash,
            "entry_hash": new.entry_hash,
        },
    )
    conn.execute(
        audit_head.update()
        .where(audit_head.c.chain == head.chain)
        .values(seq=new.seq, entry_hash=new.entry_hash)
    )
    return new


def changes(conn: Connection, batch_id: int) -> list[Leaf]:
    """A batch's changes as leaves, sorted by record and version."""
    h = record_history.c
    query = sa.select(
        h.record_type,
        h.record_id,
        h.version,
        h.action,
        h.hash_before,
        h.hash_after,
        h.image,
    ).where(h.batch_id == batch_id)
    leaves: list[Leaf] = [
        (row[0], row[1], row[2], row[3], row[4], row[5], _hash(row[6]))
        for row in conn.execute(query)
    ]
    return sorted(leaves, key=lambda leaf: (leaf[1], leaf[2]))


def _hash(image: str | None) -> str | None:
    return None if image is None else hashlib.sha256(image.encode()).hexdigest()


def changes_root(leaves: Iterable[Sequence[object]]) -> str:
    """The RFC 6962 root over leaves, each the JSON array of its parts."""
    encoded = [_LEAF.encode(list(leaf)).encode() for leaf in leaves]
    return merkle.root(encoded).hex()
