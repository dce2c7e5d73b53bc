"""Indexes for several filters at once and for the staff; the edition of the knowledge base."""

from alembic import op
from sqlalchemy import text

revision = "0010"
down_revision = "0008"
branch_labels = None
depends_on = None

QUEUE = [text("priority DESC"), text("waiting_since"), text("number DESC")]
TICKETS = "support_tickets"
# Each is the beginning of another index.
REPEATED = ("status", "category", "priority", "assigned_to_id", "user_id")


def upgrade() -> None:
    op.drop_index("ix_kb_articles_listed", table_name="kb_articles")
    op.create_index(
        "ix_kb_articles_readable", "kb_articles", ["category", "view_count"],
        sqlite_where=text("is_published = 1 AND deleted_at IS NULL"),
        postgresql_where=text("is_published AND deleted_at IS NULL"),
    )  # fmt: skip
    op.execute("INSERT INTO counters (name, value) VALUES ('edition', 0)")
    op.create_index(
        "ix_support_tickets_filters", TICKETS, ["category", "type", "severity", "status"]
    )
    op.create_index("ix_support_tickets_resolved_at", TICKETS, ["resolved_at"])
    op.create_index("ix_support_tickets_answered", TICKETS, ["first_response_at", "created_at"])
    op.drop_index("ix_support_tickets_queue", table_name=TICKETS)
    op.create_index("ix_support_tickets_queue", TICKETS, [*QUEUE, text("created_at")])
    op.create_index(
        "ix_users_email_begins", "users", ["email"], postgresql_ops={"email": "text_pattern_ops"}
    )
    staff = text("role <> 'MEMBER'")
    op.create_index("ix_users_staff", "users", ["name"], sqlite_where=staff, postgresql_where=staff)
    for column in REPEATED:
        op.drop_index(f"ix_support_tickets_{column}", table_name=TICKETS)


def downgrade() -> None:
    for column in REPEATED:
        op.create_index(f"ix_support_tickets_{column}", TICKETS, [column])
    op.drop_index("ix_users_email_begins", table_name="users")
    op.drop_index("ix_support_tickets_queue", table_name=TICKETS)
    op.create_index("ix_support_tickets_queue", TICKETS, QUEUE)
    op.drop_index("ix_support_tickets_answered", table_name=TICKETS)
    op.drop_index("ix_support_tickets_resolved_at", table_name=TICKETS)
    op.drop_index("ix_users_staff", table_name="users")
    op.drop_index("ix_support_tickets_filters", table_name=TICKETS)
    op.drop_index("ix_kb_articles_readable", table_name="kb_articles")
    op.create_index(
        "ix_kb_articles_listed", "kb_articles", ["is_published", "category", "view_count"]
    )
    op.execute("DELETE FROM counters WHERE name = 'edition'")
