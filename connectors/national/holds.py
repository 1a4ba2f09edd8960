"""Why a source is held, and what a person has taken as it is.

A reason is named by its kind and subject and measured by a size (rows missing, say).
An acceptance covers a reason of that name that is not worse than what was looked at:
a source that goes on shrinking is held again.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from connectors.errors import SourceError
from connectors.national import National, audit, reduced
from connectors.national.tables import acceptance, audit_entry, batch, source_hold

# Between the look and the next night a few more may go.
SLACK_SHARE, SLACK = 0.05, 5
LOST_ROWS = ("shrunk", "file_gone", "file_shorter")


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that a person must look at before a source is loaded.

    `kind`: which promise is in doubt; `subject`: of what (a stream, a column, a file);
    `size`: how much is missing, 0 where there is nothing to count; `text`: the whole
    sentence, without a personal value. `lasts`: an acceptance holds for good, not for
    the next reading only (a column that is gone stays gone).
    """

    kind: str
    subject: str
    text: str
    size: int = 0
    lasts: bool = False

    def is_covered_by(self, other: "Reason") -> bool:
        """True when `other` was accepted and this is the same and not worse."""
        same = (self.kind, self.subject) == (other.kind, other.subject)
        return same and self.size <= other.size * (1 + SLACK_SHARE) + SLACK


@dataclass(frozen=True, slots=True)
class Hold:
    """A source as it was held last."""

    hold_id: int
    run: str
    province: str
    system: str
    held_at: datetime
    reasons: tuple[Reason, ...]
    is_accepted: bool


def write_hold(
    national: National,
    run: str,
    province: str,
    system: str,
    reasons: Sequence[Reason],
    at: datetime,
) -> None:
    """Keep why a source is held tonight."""
    row = {
        "run": run,
        "province": province,
        "source_system": system,
        "held_at": at,
        "reasons": _text(reasons),
    }
    with reduced("writing a hold into the ledger"), national.write() as conn:
        head = audit.lock_head(conn, province)
        conn.execute(source_hold.insert(), row)
        audit.append(conn, head, None, _payload("hold", row, "held_at"))


def last_hold(national: National, system: str) -> Hold | None:
    """The last hold of a source after which nothing of it was loaded; None when its
    last reading was."""
    h, b = source_hold.c, batch.c
    loaded = (
        sa.select(sa.func.max(b.committed_at))
        .where(b.source_system == system)
        .scalar_subquery()
    )
    query = (
        sa.select(source_hold, acceptance.c.acceptance_id)
        .outerjoin(acceptance, acceptance.c.hold_id == h.hold_id)
        .where(
            h.source_system == system,
            sa.or_(loaded.is_(None), h.held_at > loaded, _is_after_load(system)),
        )
        .order_by(h.hold_id.desc())
        .limit(1)
    )
    with national.read() as conn:
        row = conn.execute(query).one_or_none()
    if row is None:
        return None
    return Hold(
        row.hold_id,
        row.run,
        row.province,
        row.source_system,
        row.held_at,
        _reasons(row.reasons),
        row.acceptance_id is not None,
    )


def _is_after_load(system: str) -> sa.ColumnElement[bool]:
    """A hold that came after its own reading was loaded (the share of rule 69)."""
    newest = (
        sa.select(batch.c.run)
        .where(batch.c.source_system == system)
        .order_by(batch.c.batch_id.desc())
        .limit(1)
        .scalar_subquery()
    )
    return source_hold.c.run == newest


def accepted(national: National, system: str) -> tuple[Reason, ...]:
    """What has been taken as it is and still counts: for good, or until the source's
    next whole publication."""
    a = acceptance.c
    published = (
        sa.select(sa.func.max(batch.c.committed_at))
        .where(
            batch.c.source_system == system, batch.c.is_last, batch.c.is_full.is_(True)
        )
        .scalar_subquery()
    )
    fresh = sa.or_(published.is_(None), a.accepted_at > published)
    query = sa.select(a.reasons, fresh.label("is_fresh")).where(
        a.source_system == system
    )
    with national.read() as conn:
        rows = conn.execute(query).all()
    return tuple(
        reason
        for row in rows
        for reason in _reasons(row.reasons)
        if row.is_fresh or reason.lasts
    )


def uncovered(
    reasons: Iterable[Reason], accepted_reasons: Sequence[Reason]
) -> list[Reason]:
    """The reasons that nobody has accepted.

    Who took a register that lost rows took the absence of their records with it.
    """
    sizes = [r.size for r in accepted_reasons if r.kind in LOST_ROWS]
    lost = max(sizes, default=0)  # they may count the same rows
    known = [*accepted_reasons, *([Reason("absent", "", "", lost)] if lost else [])]
    return [r for r in reasons if not any(r.is_covered_by(other) for other in known)]


def accept(
    national: National, hold: Hold, actor: str, because: str, at: datetime
) -> None:
    """Write who took a held source as it is, with its entry in the office's audit log.

    Raises SourceError when somebody accepted it already.
    """
    with reduced("writing an acceptance into the ledger"), national.write() as conn:
        head = audit.lock_head(conn, hold.province)
        taken = sa.select(acceptance.c.actor).where(
            acceptance.c.hold_id == hold.hold_id
        )
        if conn.execute(taken).first() is not None:
            raise SourceError(
                f"{hold.province}: the hold of {hold.system} was accepted already; run "
                f"kntc sync --province {hold.province}"
            )
        row = {
            "hold_id": hold.hold_id,
            "province": hold.province,
            "source_system": hold.system,
            "reasons": _text(hold.reasons),
            "actor": actor,
            "because": because,
            "accepted_at": at,
        }
        conn.execute(acceptance.insert(), row)
        audit.append(conn, head, None, _payload("accept", row, "accepted_at"))


def _payload(kind: str, row: Mapping[str, object], clock: str) -> dict[str, object]:
    at = row[clock]
    assert isinstance(at, datetime)
    return {
        "kind": kind,
        "at": at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        **{k: v for k, v in row.items() if k != clock},
    }


def unlogged(conn: Connection) -> list[str]:
    """What holds, acceptances and the audit log do not say alike, one line each."""
    return [
        *_differing(conn, "hold", source_hold, "held_at", "hold_id"),
        *_differing(conn, "accept", acceptance, "accepted_at", "acceptance_id"),
    ]


def _differing(
    conn: Connection, kind: str, table: sa.Table, clock: str, key: str
) -> Iterator[str]:
    entry = audit_entry.c.payload
    like = entry.like(f'%"kind":"{kind}"%')
    said = set(conn.execute(sa.select(entry).where(like)).scalars())
    rows = conn.execute(sa.select(table)).mappings()
    stored = {
        audit.canonical(_payload(kind, {k: row[k] for k in row if k != key}, clock))
        for row in rows
    }
    name = table.name.replace("_", " ")
    yield from (f"a row of {name} is not as the log says" for _ in stored - said)
    yield from (f"a row of {name} was removed behind the log" for _ in said - stored)


def _text(reasons: Iterable[Reason]) -> str:
    return json.dumps([asdict(r) for r in reasons], ensure_ascii=False, sort_keys=True)


def _reasons(text: str) -> tuple[Reason, ...]:
    return tuple(Reason(**reason) for reason in json.loads(text))
