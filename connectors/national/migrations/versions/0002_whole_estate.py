"""Six more record types, links of any field, succession, findings that close."""

import sqlalchemy as sa
from alembic import op

from connectors.national.migrations.guards import guard, unguard
from connectors.national.types import UtcTime

revision = "0002"
down_revision = "0001"

APPEND_ONLY = ("record_link", "succession")
NEVER_DELETED = (
    "reception",
    "recommendation_reflection",
    "decision",
    "enforcement",
    "periodic_report",
    "org_unit",
)


def upgrade() -> None:
    op.create_table(
        "decision",
        sa.Column("record_id", sa.String(length=32), nullable=False),
        sa.Column("source_system", sa.String(length=40), nullable=False),
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("org_code", sa.Text(), nullable=True),
        sa.Column("case_type", sa.String(length=60), nullable=True),
        sa.Column("case_id", sa.String(length=32), nullable=True),
        sa.Column("doc_no", sa.Text(), nullable=True),
        sa.Column("doc_date", sa.Date(), nullable=True),
        sa.Column("doc_type", sa.String(length=60), nullable=True),
        sa.Column("signer", sa.Text(), nullable=True),
        sa.Column("signer_title", sa.Text(), nullable=True),
        sa.Column("issuing_org", sa.Text(), nullable=True),
        sa.Column("sent_date", sa.Date(), nullable=True),
        sa.Column("published_date", sa.Date(), nullable=True),
        sa.Column("publication_form", sa.Text(), nullable=True),
        sa.Column("disposition", sa.String(length=60), nullable=True),
        sa.Column("file_ref", sa.Text(), nullable=True),
        sa.Column("file_sha256", sa.Text(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("sealed_denouncer", sa.LargeBinary(), nullable=True),
        sa.Column("personal_token", sa.String(length=32), nullable=True),
        sa.Column("denouncer_token", sa.String(length=32), nullable=True),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("source_changed_at", UtcTime(), nullable=True),
        sa.Column("national_id", sa.String(length=60), nullable=True),
        sa.Column("deleted_at", UtcTime(), nullable=True),
        sa.Column("batch_id", sa.BigInteger(), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("updated_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("record_id", name=op.f("pk_decision")),
    )
    op.create_index(op.f("ix_decision_case_id"), "decision", ["case_id"], unique=False)
    op.create_index(
        "ix_decision_source_system", "decision", ["source_system"], unique=False
    )
    op.create_table(
        "enforcement",
        sa.Column("record_id", sa.String(length=32), nullable=False),
        sa.Column("source_system", sa.String(length=40), nullable=False),
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("org_code", sa.Text(), nullable=True),
        sa.Column("decision_id", sa.String(length=32), nullable=True),
        sa.Column("required", sa.Boolean(), nullable=True),
        sa.Column("start_date", sa.Date(), nullable=True),
        sa.Column("due_date", sa.Date(), nullable=True),
        sa.Column("responsible_org", sa.Text(), nullable=True),
        sa.Column("status", sa.String(length=60), nullable=True),
        sa.Column("completed_date", sa.Date(), nullable=True),
        sa.Column("returned_money", sa.BigInteger(), nullable=True),
        sa.Column("state_money", sa.BigInteger(), nullable=True),
        sa.Column("persons_handled", sa.BigInteger(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("sealed_denouncer", sa.LargeBinary(), nullable=True),
        sa.Column("personal_token", sa.String(length=32), nullable=True),
        sa.Column("denouncer_token", sa.String(length=32), nullable=True),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("source_changed_at", UtcTime(), nullable=True),
        sa.Column("national_id", sa.String(length=60), nullable=True),
        sa.Column("deleted_at", UtcTime(), nullable=True),
        sa.Column("batch_id", sa.BigInteger(), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("updated_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("record_id", name=op.f("pk_enforcement")),
    )
    op.create_index(
        op.f("ix_enforcement_decision_id"), "enforcement", ["decision_id"], unique=False
    )
    op.create_index(
        "ix_enforcement_source_system", "enforcement", ["source_system"], unique=False
    )
    op.create_table(
        "org_unit",
        sa.Column("record_id", sa.String(length=32), nullable=False),
        sa.Column("source_system", sa.String(length=40), nullable=False),
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("org_code", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("level", sa.String(length=60), nullable=True),
        sa.Column("province_code", sa.Text(), nullable=True),
        sa.Column("code_scheme", sa.String(length=60), nullable=True),
        sa.Column("parent", sa.String(length=32), nullable=True),
        sa.Column("legal_document", sa.Text(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("sealed_denouncer", sa.LargeBinary(), nullable=True),
        sa.Column("personal_token", sa.String(length=32), nullable=True),
        sa.Column("denouncer_token", sa.String(length=32), nullable=True),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("source_changed_at", UtcTime(), nullable=True),
        sa.Column("national_id", sa.String(length=60), nullable=True),
        sa.Column("deleted_at", UtcTime(), nullable=True),
        sa.Column("batch_id", sa.BigInteger(), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("updated_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("record_id", name=op.f("pk_org_unit")),
    )
    op.create_index(op.f("ix_org_unit_parent"), "org_unit", ["parent"], unique=False)
    op.create_index(
        "ix_org_unit_source_system", "org_unit", ["source_system"], unique=False
    )
    op.create_table(
        "periodic_report",
        sa.Column("record_id", sa.String(length=32), nullable=False),
        sa.Column("source_system", sa.String(length=40), nullable=False),
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("org_code", sa.Text(), nullable=True),
        sa.Column("form_code", sa.String(length=60), nullable=True),
        sa.Column("period_type", sa.String(length=60), nullable=True),
        sa.Column("year", sa.BigInteger(), nullable=True),
        sa.Column("period_from", sa.Date(), nullable=True),
        sa.Column("period_to", sa.Date(), nullable=True),
        sa.Column("cells", sa.Text(), nullable=True),
        sa.Column("report_no", sa.Text(), nullable=True),
        sa.Column("report_date", sa.Date(), nullable=True),
        sa.Column("requested_at", sa.Date(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("sealed_denouncer", sa.LargeBinary(), nullable=True),
        sa.Column("personal_token", sa.String(length=32), nullable=True),
        sa.Column("denouncer_token", sa.String(length=32), nullable=True),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("source_changed_at", UtcTime(), nullable=True),
        sa.Column("national_id", sa.String(length=60), nullable=True),
        sa.Column("deleted_at", UtcTime(), nullable=True),
        sa.Column("batch_id", sa.BigInteger(), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("updated_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("record_id", name=op.f("pk_periodic_report")),
    )
    op.create_index(
        "ix_periodic_report_source_system",
        "periodic_report",
        ["source_system"],
        unique=False,
    )
    op.create_table(
        "reception",
        sa.Column("record_id", sa.String(length=32), nullable=False),
        sa.Column("source_system", sa.String(length=40), nullable=False),
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("org_code", sa.Text(), nullable=True),
        sa.Column("reception_date", sa.Date(), nullable=True),
        sa.Column("reception_type", sa.String(length=60), nullable=True),
        sa.Column("channel", sa.String(length=60), nullable=True),
        sa.Column("host_role", sa.String(length=60), nullable=True),
        sa.Column("id_type", sa.String(length=60), nullable=True),
        sa.Column("people_count", sa.BigInteger(), nullable=True),
        sa.Column("is_group", sa.Boolean(), nullable=True),
        sa.Column("visit_sequence", sa.String(length=60), nullable=True),
        sa.Column("petition_kind", sa.String(length=60), nullable=True),
        sa.Column("result", sa.String(length=60), nullable=True),
        sa.Column("previous_resolver", sa.Text(), nullable=True),
        sa.Column("petition_id", sa.String(length=32), nullable=True),
        sa.Column("sender_kind", sa.String(length=60), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("sealed_denouncer", sa.LargeBinary(), nullable=True),
        sa.Column("personal_token", sa.String(length=32), nullable=True),
        sa.Column("denouncer_token", sa.String(length=32), nullable=True),
        sa.Column("citizen_name_token", sa.String(length=32), nullable=True),
        sa.Column("id_number_token", sa.String(length=32), nullable=True),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("source_changed_at", UtcTime(), nullable=True),
        sa.Column("national_id", sa.String(length=60), nullable=True),
        sa.Column("deleted_at", UtcTime(), nullable=True),
        sa.Column("batch_id", sa.BigInteger(), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("updated_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("record_id", name=op.f("pk_reception")),
    )
    op.create_index(
        op.f("ix_reception_petition_id"), "reception", ["petition_id"], unique=False
    )
    op.create_index(
        "ix_reception_source_system", "reception", ["source_system"], unique=False
    )
    op.create_table(
        "recommendation_reflection",
        sa.Column("record_id", sa.String(length=32), nullable=False),
        sa.Column("source_system", sa.String(length=40), nullable=False),
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("org_code", sa.Text(), nullable=True),
        sa.Column("sender_kind", sa.String(length=60), nullable=True),
        sa.Column("received_date", sa.Date(), nullable=True),
        sa.Column("channel", sa.String(length=60), nullable=True),
        sa.Column("competent", sa.Boolean(), nullable=True),
        sa.Column("handler", sa.Text(), nullable=True),
        sa.Column("result", sa.String(length=60), nullable=True),
        sa.Column("answer_no", sa.Text(), nullable=True),
        sa.Column("answer_date", sa.Date(), nullable=True),
        sa.Column("origin", sa.String(length=60), nullable=True),
        sa.Column("na_session", sa.Text(), nullable=True),
        sa.Column("skipped_level", sa.Boolean(), nullable=True),
        sa.Column("is_prolonged", sa.Boolean(), nullable=True),
        sa.Column("escalated_on", sa.Date(), nullable=True),
        sa.Column("escalated_to", sa.Text(), nullable=True),
        sa.Column("consultation", sa.Text(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("sealed_denouncer", sa.LargeBinary(), nullable=True),
        sa.Column("personal_token", sa.String(length=32), nullable=True),
        sa.Column("denouncer_token", sa.String(length=32), nullable=True),
        sa.Column("sender_name_token", sa.String(length=32), nullable=True),
        sa.Column("sender_contact_token", sa.String(length=32), nullable=True),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("source_changed_at", UtcTime(), nullable=True),
        sa.Column("national_id", sa.String(length=60), nullable=True),
        sa.Column("deleted_at", UtcTime(), nullable=True),
        sa.Column("batch_id", sa.BigInteger(), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("updated_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("record_id", name=op.f("pk_recommendation_reflection")),
    )
    op.create_index(
        "ix_recommendation_reflection_source_system",
        "recommendation_reflection",
        ["source_system"],
        unique=False,
    )
    op.create_table(
        "record_link",
        sa.Column("record_id", sa.String(length=32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("field", sa.String(length=40), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("target_id", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint(
            "record_id", "version", "field", "position", name=op.f("pk_record_link")
        ),
    )
    op.create_index(
        op.f("ix_record_link_target_id"), "record_link", ["target_id"], unique=False
    )
    op.create_table(
        "succession",
        sa.Column("record_id", sa.String(length=32), nullable=False),
        sa.Column("record_type", sa.String(length=40), nullable=False),
        sa.Column("source_system", sa.String(length=40), nullable=False),
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("batch_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("record_id", name=op.f("pk_succession")),
    )

    # petition_link held the petitions of cases only.
    op.execute(
        "INSERT INTO record_link (record_id, version, field, position, target_id) "
        "SELECT record_id, version, 'petition_ids', position, petition_id "
        "FROM petition_link"
    )
    unguard(("petition_link",), ())
    op.drop_table("petition_link")
    op.create_index(
        op.f("ix_complaint_case_decision_id"),
        "complaint_case",
        ["decision_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_complaint_case_first_case_id"),
        "complaint_case",
        ["first_case_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_complaint_case_head_reception_id"),
        "complaint_case",
        ["head_reception_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_denunciation_case_head_reception_id"),
        "denunciation_case",
        ["head_reception_id"],
        unique=False,
    )
    op.add_column("derived", sa.Column("effective_date", sa.Date(), nullable=True))
    op.add_column("finding", sa.Column("link", sa.String(length=100), nullable=True))
    op.add_column(
        "finding", sa.Column("closed_batch_id", sa.BigInteger(), nullable=True)
    )
    op.create_index(
        "ix_finding_link",
        "finding",
        ["source_system", "link", "closed_batch_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_petition_duplicate_of"), "petition", ["duplicate_of"], unique=False
    )
    op.create_index(op.f("ix_recovery_case_id"), "recovery", ["case_id"], unique=False)
    op.create_index(
        op.f("ix_recovery_decision_id"), "recovery", ["decision_id"], unique=False
    )
    op.add_column("watermark", sa.Column("full_on", sa.Date(), nullable=True))
    op.add_column("watermark", sa.Column("broken_rows", sa.BigInteger(), nullable=True))
    op.add_column("batch", sa.Column("is_full", sa.Boolean(), nullable=True))
    op.create_index(
        "ix_quarantine_open",
        "quarantine",
        ["province", "rules"],
        postgresql_where=sa.text("state = 'open'"),
        sqlite_where=sa.text("state = 'open'"),
    )
    guard(APPEND_ONLY, NEVER_DELETED)


def downgrade() -> None:
    unguard(APPEND_ONLY, NEVER_DELETED)
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
        op.f("ix_petition_link_petition_id"), "petition_link", ["petition_id"]
    )
    op.execute(
        "INSERT INTO petition_link (record_id, version, position, petition_id) "
        "SELECT record_id, version, position, target_id FROM record_link "
        "WHERE field = 'petition_ids'"
    )
    guard(("petition_link",), ())
    op.drop_index("ix_quarantine_open", table_name="quarantine")
    op.drop_column("batch", "is_full")
    op.drop_column("watermark", "broken_rows")
    op.drop_column("watermark", "full_on")
    op.drop_index(op.f("ix_recovery_decision_id"), table_name="recovery")
    op.drop_index(op.f("ix_recovery_case_id"), table_name="recovery")
    op.drop_index(op.f("ix_petition_duplicate_of"), table_name="petition")
    op.drop_index("ix_finding_link", table_name="finding")
    op.drop_column("finding", "closed_batch_id")
    op.drop_column("finding", "link")
    op.drop_column("derived", "effective_date")
    op.drop_index(
        op.f("ix_denunciation_case_head_reception_id"), table_name="denunciation_case"
    )
    op.drop_index(
        op.f("ix_complaint_case_head_reception_id"), table_name="complaint_case"
    )
    op.drop_index(op.f("ix_complaint_case_first_case_id"), table_name="complaint_case")
    op.drop_index(op.f("ix_complaint_case_decision_id"), table_name="complaint_case")
    op.drop_table("succession")
    op.drop_table("record_link")
    op.drop_table("recommendation_reflection")
    op.drop_table("reception")
    op.drop_table("periodic_report")
    op.drop_table("org_unit")
    op.drop_table("enforcement")
    op.drop_table("decision")
