"""The tables of the national database: record tables follow from the declarations."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.types import TypeEngine

from connectors.national.types import Serial, UtcTime
from connectors.seal import (
    CONTENT_HASH,
    DENOUNCER_TOKEN,
    PERSONAL_TOKEN,
    SEALED,
    SEALED_DENOUNCER,
    TOKEN_DIGITS,
)
from expectations.frames import RECORD_ID, SOURCE_ID
from expectations.records import RECORD_TYPES, TOKENS, Field, Privacy, RecordType, Type

Hash = sa.String(64)
RecordId = sa.String(32)
Token = sa.String(TOKEN_DIGITS)
System = sa.String(40)
Stem = sa.String(255)  # an office file's name without .toml
Code = sa.String(60)

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

_SQL: dict[Type, TypeEngine[Any]] = {
    Type.TEXT: sa.Text(),
    Type.DATE: sa.Date(),
    Type.BOOL: sa.Boolean(),
    Type.INT: sa.BigInteger(),
    Type.AMOUNT_VND: sa.BigInteger(),
    Type.CODE: Code,
    Type.REFERENCE: RecordId,
    Type.ITEMS: sa.Text(),
}


def open_fields(declared: RecordType) -> tuple[Field, ...]:
    """The fields that stand in a record table; link fields stand in record_link."""
    fields = declared.having(Privacy.OPEN)
    return tuple(f for f in fields if f.type is not Type.REFERENCES)


def link_fields(declared: RecordType) -> tuple[Field, ...]:
    """The fields held as rows of record_link."""
    return tuple(f for f in declared.fields if f.type is Type.REFERENCES)


def _field_column(field: Field) -> sa.Column[Any]:
    # A parent that changes is looked for from its children's side.
    is_reference = field.type is Type.REFERENCE
    return sa.Column(field.name, _SQL[field.type], index=is_reference or None)


def _record_table(declared: RecordType) -> sa.Table:
    return sa.Table(
        declared.name,
        metadata,
        sa.Column(RECORD_ID, RecordId, primary_key=True),
        sa.Column("source_system", System, nullable=False),
        sa.Column(SOURCE_ID, sa.Text(), nullable=False),
        *(_field_column(f) for f in open_fields(declared)),
        sa.Column(SEALED, sa.LargeBinary()),
        sa.Column(SEALED_DENOUNCER, sa.LargeBinary()),
        sa.Column(PERSONAL_TOKEN, Token),
        sa.Column(DENOUNCER_TOKEN, Token),
        *(sa.Column(name, Token) for name in TOKENS[declared.name]),
        sa.Column(CONTENT_HASH, Hash, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("source_changed_at", UtcTime()),
        sa.Column("national_id", sa.String(60)),
        sa.Column("deleted_at", UtcTime()),
        sa.Column("batch_id", sa.BigInteger(), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("updated_at", UtcTime(), nullable=False),
        sa.Index(f"ix_{declared.name}_source_system", "source_system"),
    )


RECORDS: dict[str, sa.Table] = {t.name: _record_table(t) for t in RECORD_TYPES}

# Fields that name several records (petition_ids, predecessor): the links of one
# version of a record; those of its current version are in force. Never rewritten.
record_link = sa.Table(
    "record_link",
    metadata,
    sa.Column(RECORD_ID, RecordId, primary_key=True),
    sa.Column("version", sa.Integer(), primary_key=True),
    sa.Column("field", System, primary_key=True),
    sa.Column("position", sa.Integer(), primary_key=True),
    sa.Column("target_id", RecordId, nullable=False, index=True),
)

# Under which system and key a record got its id, when it has moved to another system.
succession = sa.Table(
    "succession",
    metadata,
    sa.Column(RECORD_ID, RecordId, primary_key=True),
    sa.Column("record_type", System, nullable=False),
    sa.Column("source_system", System, nullable=False),
    sa.Column(SOURCE_ID, sa.Text(), nullable=False),
    sa.Column("batch_id", sa.BigInteger(), nullable=False),
)

run = sa.Table(
    "run",
    metadata,
    sa.Column("run", sa.String(40), primary_key=True),
    # "" is the night itself, else the office's stem
    sa.Column("province", Stem, primary_key=True),
    sa.Column("night_on", sa.Date(), nullable=False),
    sa.Column("started_at", UtcTime(), nullable=False),
    sa.Column("finished_at", UtcTime()),
    sa.Column("verdict", sa.String(20)),
    sa.Column("error", sa.Text()),
    # names the token key: another key would make every record look changed
    sa.Column("token_key_id", sa.String(16), nullable=False),
    sa.Index("ix_run_province", "province", "started_at"),
)

COUNTS = (
    "rows_read",
    "rows_mapped",
    "rows_filtered",
    "rows_rejected",
    "read",
    "inserted",
    "updated",
    "unchanged",
    "quarantined",
    "duplicates",
    "deleted",
    "restored",
    "findings",
)

batch = sa.Table(
    "batch",
    metadata,
    sa.Column("batch_id", Serial, primary_key=True, autoincrement=True),
    sa.Column("run", sa.String(40), nullable=False),
    sa.Column("province", Stem, nullable=False),
    sa.Column("source_system", System, nullable=False),
    sa.Column("stage", sa.String(60), nullable=False),
    sa.Column("seq", sa.Integer(), nullable=False),
    sa.Column("is_last", sa.Boolean(), nullable=False),
    # of a reading that asked for all the source has; null before version 0.2
    sa.Column("is_full", sa.Boolean()),
    sa.Column("source_digest", Hash, nullable=False),
    sa.Column("committed_at", UtcTime(), nullable=False),
    *(
        sa.Column(c, sa.BigInteger(), nullable=False, server_default="0")
        for c in COUNTS
    ),
    sa.UniqueConstraint("source_system", "stage", "seq"),
    sa.CheckConstraint(
        "rows_read = rows_mapped + rows_filtered + rows_rejected", name="rows"
    ),
    sa.CheckConstraint(
        '"read" = inserted + updated + unchanged + quarantined + duplicates',
        name="records",
    ),
    sa.Index("ix_batch_run", "run", "province"),
)

watermark = sa.Table(
    "watermark",
    metadata,
    sa.Column("source_system", System, primary_key=True),
    sa.Column("stream", System, primary_key=True),
    sa.Column("high_at", UtcTime()),  # greatest change time seen, never the future
    sa.Column("full_rows", sa.BigInteger()),  # of the last full read
    sa.Column("full_on", sa.Date()),  # the night of the last full read
    # rows without a readable key in the last full read in which none of them could have
    # been an absent record; see flows/engine/absent.py
    sa.Column("broken_rows", sa.BigInteger()),
    # version of rules and preset that checked what was read; see ledger.known
    sa.Column("checked_with", Hash),
    # greatest value of the version columns, "2026,15"; of streams that have them
    sa.Column("high_version", sa.String(200)),
    sa.Column("batch_id", sa.BigInteger(), nullable=False),
)

# Files that were read, by the content they had: what a delivery is known by, and what a
# register in several files must still hold tomorrow.
source_file = sa.Table(
    "source_file",
    metadata,
    sa.Column("source_system", System, primary_key=True),
    sa.Column("stream", System, primary_key=True),
    sa.Column("sha256", Hash, primary_key=True),
    sa.Column("name", sa.String(512), primary_key=True),
    sa.Column("size_bytes", sa.BigInteger(), nullable=False),
    sa.Column("rows", sa.BigInteger(), nullable=False),
    # of the last reading that found it; the newest of a stream are those in force
    sa.Column("batch_id", sa.BigInteger(), nullable=False),
)

# Why a source was held, each time: what a person is asked to look at.
source_hold = sa.Table(
    "source_hold",
    metadata,
    sa.Column("hold_id", Serial, primary_key=True, autoincrement=True),
    sa.Column("run", sa.String(40), nullable=False),
    sa.Column("province", Stem, nullable=False),
    sa.Column("source_system", System, nullable=False),
    sa.Column("held_at", UtcTime(), nullable=False),
    sa.Column("reasons", sa.Text(), nullable=False),  # canonical JSON, see holds.py
    sa.Index("ix_source_hold_source_system", "source_system", "hold_id"),
)

# Who took a held source as it is, and why; an entry of the audit log says the same.
acceptance = sa.Table(
    "acceptance",
    metadata,
    sa.Column("acceptance_id", Serial, primary_key=True, autoincrement=True),
    sa.Column("hold_id", sa.BigInteger(), nullable=False, unique=True),
    sa.Column("province", Stem, nullable=False),
    sa.Column("source_system", System, nullable=False),
    sa.Column("reasons", sa.Text(), nullable=False),
    sa.Column("actor", sa.Text(), nullable=False),
    sa.Column("because", sa.Text(), nullable=False),
    sa.Column("accepted_at", UtcTime(), nullable=False),
    sa.Index("ix_acceptance_source_system", "source_system"),
)

quarantine = sa.Table(
    "quarantine",
    metadata,
    sa.Column("id", sa.String(40), primary_key=True),
    sa.Column("batch_id", sa.BigInteger(), nullable=False, index=True),
    sa.Column("province", Stem, nullable=False),
    sa.Column("source_system", System, nullable=False),
    sa.Column("record_type", System, nullable=False),
    # the record_id, or "row:" and a token of the row when the key is blank
    sa.Column("subject", sa.String(40), nullable=False),
    sa.Column(SOURCE_ID, sa.Text()),
    sa.Column("locator", sa.Text(), nullable=False),
    sa.Column("rules", sa.Text(), nullable=False),  # comma-separated, sorted
    sa.Column(CONTENT_HASH, Hash, nullable=False),
    sa.Column(SEALED, sa.LargeBinary(), nullable=False),  # the row, denouncer's key
    sa.Column("since", UtcTime(), nullable=False),
    sa.Column("state", sa.String(20), nullable=False),
    sa.Column("closed_at", UtcTime()),
    sa.Column("closed_batch_id", sa.BigInteger()),
    sa.CheckConstraint(
        "state IN ('open', 'fixed_at_source', 'corrected', 'waived', 'released')",
        name="state",
    ),
    sa.Index("ix_quarantine_subject", "subject", "state"),
    # Closed items stay for ever, with their sealed rows; who looks wants the open ones.
    sa.Index(
        "ix_quarantine_open",
        "province",
        "rules",
        postgresql_where=sa.text("state = 'open'"),
        sqlite_where=sa.text("state = 'open'"),
    ),
)

finding = sa.Table(
    "finding",
    metadata,
    sa.Column("finding_id", Serial, primary_key=True, autoincrement=True),
    sa.Column("batch_id", sa.BigInteger(), nullable=False, index=True),
    sa.Column("province", Stem, nullable=False),
    sa.Column("source_system", System, nullable=False),
    # a record's: its type, id and version; a source's: null, "source:<stream>", null
    sa.Column("record_type", System),
    sa.Column("subject", sa.String(80), nullable=False),
    sa.Column("version", sa.Integer()),
    sa.Column("quarantine_id", sa.String(40), index=True),
    sa.Column("locator", sa.Text()),
    sa.Column("rule", sa.String(40), nullable=False),
    sa.Column("field", sa.Text()),
    sa.Column("shape", sa.Text()),
    sa.Column(SEALED, sa.LargeBinary()),  # a rejected row, under the denouncer's key
    # along a link (Reference.name): such a finding is closed when the parent mends it
    sa.Column("link", sa.String(100)),
    sa.Column("closed_batch_id", sa.BigInteger()),
    sa.Index("ix_finding_subject", "subject"),
    sa.Index("ix_finding_link", "source_system", "link", "closed_batch_id"),
)

record_history = sa.Table(
    "record_history",
    metadata,
    sa.Column(RECORD_ID, RecordId, primary_key=True),
    sa.Column("version", sa.Integer(), primary_key=True),
    sa.Column("record_type", System, nullable=False),
    sa.Column("batch_id", sa.BigInteger(), nullable=False, index=True),
    # insert, update, late (an earlier version that arrived after a later one), delete
    # (marked: it left its source), restore (it came back)
    sa.Column("action", sa.String(10), nullable=False),
    sa.Column("locator", sa.Text(), nullable=False),
    sa.Column("hash_before", Hash),
    sa.Column("hash_after", Hash, nullable=False),
    # what stood before (for `late`: what came late): open fields as JSON, envelopes
    sa.Column("image", sa.Text()),
    sa.Column(SEALED, sa.LargeBinary()),
    sa.Column(SEALED_DENOUNCER, sa.LargeBinary()),
)

audit_head = sa.Table(
    "audit_head",
    metadata,
    sa.Column("chain", Stem, primary_key=True),
    sa.Column("seq", sa.BigInteger(), nullable=False),
    sa.Column("entry_hash", Hash, nullable=False),
)

audit_entry = sa.Table(
    "audit_entry",
    metadata,
    sa.Column("chain", Stem, primary_key=True),
    sa.Column("seq", sa.BigInteger(), primary_key=True),
    sa.Column("batch_id", sa.BigInteger(), index=True),
    sa.Column("payload", sa.Text(), nullable=False),  # canonical JSON
    sa.Column("prev_hash", Hash, nullable=False),
    sa.Column("entry_hash", Hash, nullable=False),
    sa.UniqueConstraint("chain", "prev_hash"),
)

derived = sa.Table(
    "derived",
    metadata,
    sa.Column(RECORD_ID, RecordId, primary_key=True),
    sa.Column("record_type", System, nullable=False),
    sa.Column("due_date", sa.Date(), index=True),
    sa.Column("due_basis", sa.Text()),
    sa.Column("effective_date", sa.Date()),  # of a decision, Luật Khiếu nại Art. 44
    sa.Column("legal_regime", sa.String(20)),
    sa.Column("province_code", sa.String(2)),
    sa.Column("code_scheme", sa.String(10)),
)

# Rows may be added to these, never changed or removed (triggers in the migration).
APPEND_ONLY = (
    record_history,
    audit_entry,
    record_link,
    succession,
    source_hold,
    acceptance,
)
# Rows of these may be changed, never removed (NĐ 55/2022, prohibited acts).
NEVER_DELETED = (*RECORDS.values(), quarantine, finding, batch)
