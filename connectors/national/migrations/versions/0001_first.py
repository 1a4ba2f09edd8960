"""The record tables, the ledger, and the guards against change."""

import sqlalchemy as sa
from alembic import op

from connectors.national.migrations.guards import guard, unguard
from connectors.national.types import Serial, UtcTime

revision = "0001"
down_revision = None

APPEND_ONLY = ("record_history", "audit_entry", "petition_link")
NEVER_DELETED = (
    "petition",
    "complaint_case",
    "denunciation_case",
    "recovery",
    "quarantine",
    "finding",
    "batch",
)


def upgrade() -> None:
    op.create_table(
        "audit_entry",
        sa.Column("chain", sa.String(length=255), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("batch_id", sa.BigInteger(), nullable=True),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("prev_hash", sa.String(length=64), nullable=False),
        sa.Column("entry_hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("chain", "seq", name=op.f("pk_audit_entry")),
        sa.UniqueConstraint(
            "chain", "prev_hash", name=op.f("uq_audit_entry_chain_prev_hash")
        ),
    )
    op.create_index(
        op.f("ix_audit_entry_batch_id"), "audit_entry", ["batch_id"], unique=False
    )
    op.create_table(
        "audit_head",
        sa.Column("chain", sa.String(length=255), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("entry_hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("chain", name=op.f("pk_audit_head")),
    )
    op.create_table(
        "batch",
        sa.Column("batch_id", Serial, autoincrement=True, nullable=False),
        sa.Column("run", sa.String(length=40), nullable=False),
        sa.Column("province", sa.String(length=255), nullable=False),
        sa.Column("source_system", sa.String(length=40), nullable=False),
        sa.Column("stage", sa.String(length=60), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("is_last", sa.Boolean(), nullable=False),
        sa.Column("source_digest", sa.String(length=64), nullable=False),
        sa.Column("committed_at", UtcTime(), nullable=False),
        sa.Column("rows_read", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("rows_mapped", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("rows_filtered", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("rows_rejected", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("read", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("inserted", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("updated", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("unchanged", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("quarantined", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("duplicates", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("deleted", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("restored", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("findings", sa.BigInteger(), server_default="0", nullable=False),
        sa.CheckConstraint(
            '"read" = inserted + updated + unchanged + quarantined + duplicates',
            name=op.f("ck_batch_records"),
        ),
        sa.CheckConstraint(
            "rows_read = rows_mapped + rows_filtered + rows_rejected",
            name=op.f("ck_batch_rows"),
        ),
        sa.PrimaryKeyConstraint("batch_id", name=op.f("pk_batch")),
        sa.UniqueConstraint(
            "source_system",
            "stage",
            "seq",
            name=op.f("uq_batch_source_system_stage_seq"),
        ),
    )
    op.create_index("ix_batch_run", "batch", ["run", "province"], unique=False)
    op.create_table(
        "complaint_case",
        sa.Column("record_id", sa.String(length=32), nullable=False),
        sa.Column("source_system", sa.String(length=40), nullable=False),
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("org_code", sa.Text(), nullable=True),
        sa.Column("instance", sa.BigInteger(), nullable=True),
        sa.Column("sender_kind", sa.String(length=60), nullable=True),
        sa.Column("respondent_org", sa.Text(), nullable=True),
        sa.Column("object_type", sa.String(length=60), nullable=True),
        sa.Column("object_doc_no", sa.Text(), nullable=True),
        sa.Column("object_doc_date", sa.Date(), nullable=True),
        sa.Column("received_date", sa.Date(), nullable=True),
        sa.Column("accepted_date", sa.Date(), nullable=True),
        sa.Column("notice_no", sa.Text(), nullable=True),
        sa.Column("refused_date", sa.Date(), nullable=True),
        sa.Column("refusal_ground", sa.String(length=60), nullable=True),
        sa.Column("is_remote", sa.Boolean(), nullable=True),
        sa.Column("is_complex", sa.Boolean(), nullable=True),
        sa.Column("suspensions", sa.Text(), nullable=True),
        sa.Column("dialogue_date", sa.Date(), nullable=True),
        sa.Column("dialogue_attended", sa.Boolean(), nullable=True),
        sa.Column("dialogue_held_by", sa.String(length=60), nullable=True),
        sa.Column("head_reception_id", sa.String(length=32), nullable=True),
        sa.Column("withdrawn_date", sa.Date(), nullable=True),
        sa.Column("withdrawn_scope", sa.String(length=60), nullable=True),
        sa.Column("outcome", sa.String(length=60), nullable=True),
        sa.Column("decision_no", sa.Text(), nullable=True),
        sa.Column("decision_date", sa.Date(), nullable=True),
        sa.Column("decision_sent_date", sa.Date(), nullable=True),
        sa.Column("published_date", sa.Date(), nullable=True),
        sa.Column("decision_id", sa.String(length=32), nullable=True),
        sa.Column("first_case_id", sa.String(length=32), nullable=True),
        sa.Column("settled_by", sa.Text(), nullable=True),
        sa.Column("lawsuit_date", sa.Date(), nullable=True),
        sa.Column("lawsuit_court", sa.Text(), nullable=True),
        sa.Column("skipped_level", sa.Boolean(), nullable=True),
        sa.Column("is_prolonged", sa.Boolean(), nullable=True),
        sa.Column("escalated_on", sa.Date(), nullable=True),
        sa.Column("escalated_to", sa.Text(), nullable=True),
        sa.Column("consultation", sa.Text(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("sealed_denouncer", sa.LargeBinary(), nullable=True),
        sa.Column("personal_token", sa.String(length=32), nullable=True),
        sa.Column("denouncer_token", sa.String(length=32), nullable=True),
        sa.Column("complainant_name_token", sa.String(length=32), nullable=True),
        sa.Column("complainant_id_number_token", sa.String(length=32), nullable=True),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("source_changed_at", UtcTime(), nullable=True),
        sa.Column("national_id", sa.String(length=60), nullable=True),
        sa.Column("deleted_at", UtcTime(), nullable=True),
        sa.Column("batch_id", sa.BigInteger(), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("updated_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("record_id", name=op.f("pk_complaint_case")),
    )
    op.create_index(
        "ix_complaint_case_source_system",
        "complaint_case",
        ["source_system"],
        unique=False,
    )
    op.create_table(
        "denunciation_case",
        sa.Column("record_id", sa.String(length=32), nullable=False),
        sa.Column("source_system", sa.String(length=40), nullable=False),
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("org_code", sa.Text(), nullable=True),
        sa.Column("sender_kind", sa.String(length=60), nullable=True),
        sa.Column("act_type", sa.String(length=60), nullable=True),
        sa.Column("is_anonymous", sa.Boolean(), nullable=True),
        sa.Column("received_date", sa.Date(), nullable=True),
        sa.Column("check_multi_place", sa.Boolean(), nullable=True),
        sa.Column("accepted_date", sa.Date(), nullable=True),
        sa.Column("acceptance_decision_no", sa.Text(), nullable=True),
        sa.Column("acceptance_decision_date", sa.Date(), nullable=True),
        sa.Column("notified_date", sa.Date(), nullable=True),
        sa.Column("extensions", sa.Text(), nullable=True),
        sa.Column("is_complex", sa.Boolean(), nullable=True),
        sa.Column("is_specially_complex", sa.Boolean(), nullable=True),
        sa.Column("is_continued", sa.Boolean(), nullable=True),
        sa.Column("outcome", sa.String(length=60), nullable=True),
        sa.Column("conclusion_no", sa.Text(), nullable=True),
        sa.Column("conclusion_date", sa.Date(), nullable=True),
        sa.Column("hc_persons", sa.BigInteger(), nullable=True),
        sa.Column("hc_officials", sa.BigInteger(), nullable=True),
        sa.Column("transferred_cases", sa.BigInteger(), nullable=True),
        sa.Column("transferred_persons", sa.BigInteger(), nullable=True),
        sa.Column("transferred_officials", sa.BigInteger(), nullable=True),
        sa.Column("money_recover", sa.BigInteger(), nullable=True),
        sa.Column("land_recover", sa.BigInteger(), nullable=True),
        sa.Column("money_return", sa.BigInteger(), nullable=True),
        sa.Column("protection_applied", sa.Boolean(), nullable=True),
        sa.Column("published_date", sa.Date(), nullable=True),
        sa.Column("dialogue_held_by", sa.String(length=60), nullable=True),
        sa.Column("head_reception_id", sa.String(length=32), nullable=True),
        sa.Column("skipped_level", sa.Boolean(), nullable=True),
        sa.Column("is_prolonged", sa.Boolean(), nullable=True),
        sa.Column("escalated_on", sa.Date(), nullable=True),
        sa.Column("escalated_to", sa.Text(), nullable=True),
        sa.Column("consultation", sa.Text(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("sealed_denouncer", sa.LargeBinary(), nullable=True),
        sa.Column("personal_token", sa.String(length=32), nullable=True),
        sa.Column("denouncer_token", sa.String(length=32), nullable=True),
        sa.Column("denouncer_ref", sa.String(length=32), nullable=True),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("source_changed_at", UtcTime(), nullable=True),
        sa.Column("national_id", sa.String(length=60), nullable=True),
        sa.Column("deleted_at", UtcTime(), nullable=True),
        sa.Column("batch_id", sa.BigInteger(), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("updated_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("record_id", name=op.f("pk_denunciation_case")),
    )
    op.create_index(
        "ix_denunciation_case_source_system",
        "denunciation_case",
        ["source_system"],
        unique=False,
    )
    op.create_table(
        "derived",
        sa.Column("record_id", sa.String(length=32), nullable=False),
        sa.Column("record_type", sa.String(length=40), nullable=False),
        sa.Column("due_date", sa.Date(), nullable=True),
        sa.Column("due_basis", sa.Text(), nullable=True),
        sa.Column("legal_regime", sa.String(length=20), nullable=True),
        sa.Column("province_code", sa.String(length=2), nullable=True),
        sa.Column("code_scheme", sa.String(length=10), nullable=True),
        sa.PrimaryKeyConstraint("record_id", name=op.f("pk_derived")),
    )
    op.create_index(op.f("ix_derived_due_date"), "derived", ["due_date"], unique=False)
    op.create_table(
        "finding",
        sa.Column("finding_id", Serial, autoincrement=True, nullable=False),
        sa.Column("batch_id", sa.BigInteger(), nullable=False),
        sa.Column("province", sa.String(length=255), nullable=False),
        sa.Column("source_system", sa.String(length=40), nullable=False),
        sa.Column("record_type", sa.String(length=40), nullable=True),
        sa.Column("subject", sa.String(length=80), nullable=False),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("quarantine_id", sa.String(length=40), nullable=True),
        sa.Column("locator", sa.Text(), nullable=True),
        sa.Column("rule", sa.String(length=40), nullable=False),
        sa.Column("field", sa.Text(), nullable=True),
        sa.Column("shape", sa.Text(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("finding_id", name=op.f("pk_finding")),
    )
    op.create_index(op.f("ix_finding_batch_id"), "finding", ["batch_id"], unique=False)
    op.create_index(
        op.f("ix_finding_quarantine_id"), "finding", ["quarantine_id"], unique=False
    )
    op.create_index("ix_finding_subject", "finding", ["subject"], unique=False)
    op.create_table(
        "petition",
        sa.Column("record_id", sa.String(length=32), nullable=False),
        sa.Column("source_system", sa.String(length=40), nullable=False),
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("org_code", sa.Text(), nullable=True),
        sa.Column("received_date", sa.Date(), nullable=True),
        sa.Column("written_date", sa.Date(), nullable=True),
        sa.Column("source", sa.String(length=60), nullable=True),
        sa.Column("na_session", sa.Text(), nullable=True),
        sa.Column("kind", sa.String(length=60), nullable=True),
        sa.Column("field_area", sa.String(length=60), nullable=True),
        sa.Column("sender_kind", sa.String(length=60), nullable=True),
        sa.Column("respondent_org", sa.Text(), nullable=True),
        sa.Column("is_anonymous", sa.Boolean(), nullable=True),
        sa.Column("has_signature", sa.Boolean(), nullable=True),
        sa.Column("language_ok", sa.Boolean(), nullable=True),
        sa.Column("signatories", sa.BigInteger(), nullable=True),
        sa.Column("eligible", sa.Boolean(), nullable=True),
        sa.Column("ineligible_reason", sa.String(length=60), nullable=True),
        sa.Column("within_competence", sa.Boolean(), nullable=True),
        sa.Column("processing_result", sa.String(length=60), nullable=True),
        sa.Column("forwarded_to_class", sa.String(length=60), nullable=True),
        sa.Column("forwarded_to", sa.Text(), nullable=True),
        sa.Column("forwarded_date", sa.Date(), nullable=True),
        sa.Column("reply_no", sa.Text(), nullable=True),
        sa.Column("duplicate_of", sa.String(length=32), nullable=True),
        sa.Column("on_admin_regulation", sa.Boolean(), nullable=True),
        sa.Column("processed_date", sa.Date(), nullable=True),
        sa.Column("handler_org", sa.Text(), nullable=True),
        sa.Column("skipped_level", sa.Boolean(), nullable=True),
        sa.Column("is_prolonged", sa.Boolean(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("sealed_denouncer", sa.LargeBinary(), nullable=True),
        sa.Column("personal_token", sa.String(length=32), nullable=True),
        sa.Column("denouncer_token", sa.String(length=32), nullable=True),
        sa.Column("sender_name_token", sa.String(length=32), nullable=True),
        sa.Column("sender_contact_token", sa.String(length=32), nullable=True),
        sa.Column("sender_id_number_token", sa.String(length=32), nullable=True),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("source_changed_at", UtcTime(), nullable=True),
        sa.Column("national_id", sa.String(length=60), nullable=True),
        sa.Column("deleted_at", UtcTime(), nullable=True),
        sa.Column("batch_id", sa.BigInteger(), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("updated_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("record_id", name=op.f("pk_petition")),
    )
    op.create_index(
        "ix_petition_source_system", "petition", ["source_system"], unique=False
    )
    op.create_table(
        "petition_link",
        sa.Column("record_id", sa.String(length=32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("petition_id", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint(
            "record_id", "version", "position", name=op.f("pk_petition_link")
        ),
    )
    op.create_index(
        op.f("ix_petition_link_petition_id"),
        "petition_link",
        ["petition_id"],
        unique=False,
    )
    op.create_table(
        "quarantine",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("batch_id", sa.BigInteger(), nullable=False),
        sa.Column("province", sa.String(length=255), nullable=False),
        sa.Column("source_system", sa.String(length=40), nullable=False),
        sa.Column("record_type", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=40), nullable=False),
        sa.Column("source_id", sa.Text(), nullable=True),
        sa.Column("locator", sa.Text(), nullable=False),
        sa.Column("rules", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("since", UtcTime(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("closed_at", UtcTime(), nullable=True),
        sa.Column("closed_batch_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "state IN ('open', 'fixed_at_source', 'corrected', 'waived', 'released')",
            name=op.f("ck_quarantine_state"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quarantine")),
    )
    op.create_index(
        op.f("ix_quarantine_batch_id"), "quarantine", ["batch_id"], unique=False
    )
    op.create_index(
        "ix_quarantine_subject", "quarantine", ["subject", "state"], unique=False
    )
    op.create_table(
        "record_history",
        sa.Column("record_id", sa.String(length=32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("record_type", sa.String(length=40), nullable=False),
        sa.Column("batch_id", sa.BigInteger(), nullable=False),
        sa.Column("action", sa.String(length=10), nullable=False),
        sa.Column("locator", sa.Text(), nullable=False),
        sa.Column("hash_before", sa.String(length=64), nullable=True),
        sa.Column("hash_after", sa.String(length=64), nullable=False),
        sa.Column("image", sa.Text(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("sealed_denouncer", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("record_id", "version", name=op.f("pk_record_history")),
    )
    op.create_index(
        op.f("ix_record_history_batch_id"), "record_history", ["batch_id"], unique=False
    )
    op.create_table(
        "recovery",
        sa.Column("record_id", sa.String(length=32), nullable=False),
        sa.Column("source_system", sa.String(length=40), nullable=False),
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("org_code", sa.Text(), nullable=True),
        sa.Column("case_type", sa.String(length=60), nullable=True),
        sa.Column("case_id", sa.String(length=32), nullable=True),
        sa.Column("fund", sa.String(length=60), nullable=True),
        sa.Column("benefit_type", sa.Text(), nullable=True),
        sa.Column("period_from", sa.Date(), nullable=True),
        sa.Column("period_to", sa.Date(), nullable=True),
        sa.Column("amount_wrong", sa.BigInteger(), nullable=True),
        sa.Column("decision_no", sa.Text(), nullable=True),
        sa.Column("decision_id", sa.String(length=32), nullable=True),
        sa.Column("amount_recovered", sa.BigInteger(), nullable=True),
        sa.Column("remaining", sa.BigInteger(), nullable=True),
        sa.Column("hard_to_recover", sa.Boolean(), nullable=True),
        sa.Column("last_recovery_date", sa.Date(), nullable=True),
        sa.Column("found_through", sa.String(length=60), nullable=True),
        sa.Column("measure", sa.Text(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("sealed_denouncer", sa.LargeBinary(), nullable=True),
        sa.Column("personal_token", sa.String(length=32), nullable=True),
        sa.Column("denouncer_token", sa.String(length=32), nullable=True),
        sa.Column("beneficiary_token", sa.String(length=32), nullable=True),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("source_changed_at", UtcTime(), nullable=True),
        sa.Column("national_id", sa.String(length=60), nullable=True),
        sa.Column("deleted_at", UtcTime(), nullable=True),
        sa.Column("batch_id", sa.BigInteger(), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("updated_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("record_id", name=op.f("pk_recovery")),
    )
    op.create_index(
        "ix_recovery_source_system", "recovery", ["source_system"], unique=False
    )
    op.create_table(
        "run",
        sa.Column("run", sa.String(length=40), nullable=False),
        sa.Column("province", sa.String(length=255), nullable=False),
        sa.Column("night_on", sa.Date(), nullable=False),
        sa.Column("started_at", UtcTime(), nullable=False),
        sa.Column("finished_at", UtcTime(), nullable=True),
        sa.Column("verdict", sa.String(length=20), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("token_key_id", sa.String(length=16), nullable=False),
        sa.PrimaryKeyConstraint("run", "province", name=op.f("pk_run")),
    )
    op.create_index("ix_run_province", "run", ["province", "started_at"], unique=False)
    op.create_table(
        "watermark",
        sa.Column("source_system", sa.String(length=40), nullable=False),
        sa.Column("stream", sa.String(length=40), nullable=False),
        sa.Column("high_at", UtcTime(), nullable=True),
        sa.Column("full_rows", sa.BigInteger(), nullable=True),
        sa.Column("checked_with", sa.String(length=64), nullable=True),
        sa.Column("batch_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("source_system", "stream", name=op.f("pk_watermark")),
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION kntc_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ "
            "BEGIN RAISE EXCEPTION 'kntc: % of % is refused', TG_OP, TG_TABLE_NAME "
            "USING ERRCODE = 'integrity_constraint_violation'; END $$"
        )
    guard(APPEND_ONLY, NEVER_DELETED)


def downgrade() -> None:
    unguard(APPEND_ONLY, NEVER_DELETED)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION kntc_refuse()")
    op.drop_table("watermark")
    op.drop_index("ix_run_province", table_name="run")
    op.drop_table("run")
    op.drop_index("ix_recovery_source_system", table_name="recovery")
    op.drop_table("recovery")
    op.drop_index(op.f("ix_record_history_batch_id"), table_name="record_history")
    op.drop_table("record_history")
    op.drop_index("ix_quarantine_subject", table_name="quarantine")
    op.drop_index(op.f("ix_quarantine_batch_id"), table_name="quarantine")
    op.drop_table("quarantine")
    op.drop_index(op.f("ix_petition_link_petition_id"), table_name="petition_link")
    op.drop_table("petition_link")
    op.drop_index("ix_petition_source_system", table_name="petition")
    op.drop_table("petition")
    op.drop_index("ix_finding_subject", table_name="finding")
    op.drop_index(op.f("ix_finding_quarantine_id"), table_name="finding")
    op.drop_index(op.f("ix_finding_batch_id"), table_name="finding")
    op.drop_table("finding")
    op.drop_index(op.f("ix_derived_due_date"), table_name="derived")
    op.drop_table("derived")
    op.drop_index("ix_denunciation_case_source_system", table_name="denunciation_case")
    op.drop_table("denunciation_case")
    op.drop_index("ix_complaint_case_source_system", table_name="complaint_case")
    op.drop_table("complaint_case")
    op.drop_index("ix_batch_run", table_name="batch")
    op.drop_table("batch")
    op.drop_table("audit_head")
    op.drop_index(op.f("ix_audit_entry_batch_id"), table_name="audit_entry")
    op.drop_table("audit_entry")
