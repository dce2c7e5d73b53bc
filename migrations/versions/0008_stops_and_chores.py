"""Addresses that want no mail which they did not ask for, and what is done from time to time."""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "mail_stops",
        sa.Column("address", sa.String(length=254), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "address = lower(address)", name=op.f("ck_mail_stops_address_canonical")
        ),
        sa.PrimaryKeyConstraint("address", name=op.f("pk_mail_stops")),
    )
    chores = op.create_table(
        "chores",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claimed_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_chores")),
    )
    long_ago = datetime(2000, 1, 1, tzinfo=UTC)
    op.bulk_insert(chores, [{"name": "housekeeping", "due_at": long_ago}])


def downgrade() -> None:
    op.drop_table("chores")
    op.drop_table("mail_stops")
