"""Indexes for the orders of the queue that had none."""

from alembic import op
from sqlalchemy import text

revision = "0006"
down_revision = "0004"
branch_labels = None
depends_on = None

SEVERITY = (
    "(CASE severity WHEN 'low' THEN 0 WHEN 'medium' THEN 1 WHEN 'high' THEN 2"
    " WHEN 'critical' THEN 3 END)"
)
STATUS = (
    "(CASE status WHEN 'open' THEN 0 WHEN 'in_progress' THEN 1 WHEN 'waiting_user' THEN 2"
    " WHEN 'resolved' THEN 3 WHEN 'closed' THEN 4 END)"
)
INDEXES = {
    "ix_support_tickets_waiting": [text("waiting_since"), text("number DESC")],
    "ix_support_tickets_by_severity": [text(SEVERITY), text("number")],
    "ix_support_tickets_by_status": [text(STATUS), text("number")],
}


def upgrade() -> None:
    for name, columns in INDEXES.items():
        op.create_index(name, "support_tickets", columns)


def downgrade() -> None:
    for name in INDEXES:
        op.drop_index(name, table_name="support_tickets")
