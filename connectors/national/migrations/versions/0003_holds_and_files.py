"""Why sources were held and who took them as they are; files read; versions."""

import sqlalchemy as sa
from alembic import op

from connectors.national.migrations.guards import guard, unguard
from connectors.national.types import Serial, UtcTime

revision = "0003"
down_revision = "0002"

APPEND_ONLY = ("source_hold", "acceptance")


def upgrade() -> None:
    op.create_table(
        "source_file",
        sa.Column("source_system", sa.String(length=40), nullable=False),
        sa.Column("stream", sa.String(length=40), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=512), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("batch_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(
            "source_system", "stream", "sha256", "name", name=op.f("pk_source_file")
        ),
    )
    op.create_table(
        "source_hold",
        sa.Column("hold_id", Serial, autoincrement=True, nullable=False),
        sa.Column("run", sa.String(length=40), nullable=False),
        sa.Column("province", sa.String(length=255), nullable=False),
        sa.Column("source_system", sa.String(length=40), nullable=False),
        sa.Column("held_at", UtcTime(), nullable=False),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("hold_id", name=op.f("pk_source_hold")),
    )
    op.create_index(
        "ix_source_hold_source_system", "source_hold", ["source_system", "hold_id"]
    )
    op.create_table(
        "acceptance",
        sa.Column("acceptance_id", Serial, autoincrement=True, nullable=False),
        sa.Column("hold_id", sa.BigInteger(), nullable=False),
        sa.Column("province", sa.String(length=255), nullable=False),
        sa.Column("source_system", sa.String(length=40), nullable=False),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("because", sa.Text(), nullable=False),
        sa.Column("accepted_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("acceptance_id", name=op.f("pk_acceptance")),
        sa.UniqueConstraint("hold_id", name=op.f("uq_acceptance_hold_id")),
    )
    op.create_index("ix_acceptance_source_system", "acceptance", ["source_system"])
    op.add_column(
        "watermark", sa.Column("high_version", sa.String(length=200), nullable=True)
    )
    guard(APPEND_ONLY, ())


def downgrade() -> None:
    unguard(APPEND_ONLY, ())
    op.drop_column("watermark", "high_version")
    op.drop_table("acceptance")
    op.drop_table("source_hold")
    op.drop_table("source_file")
