"""What people choose on their account page: no mail for each reply; that the account shall go."""

import sqlalchemy as sa
from alembic import op

from models.base import UTCDateTime

revision = "0013"
down_revision = "0011"
branch_labels = None
depends_on = None

COLUMNS = ("reply_mails_stopped_at", "deletion_asked_at")


def upgrade() -> None:
    for name in COLUMNS:
        op.add_column("users", sa.Column(name, UTCDateTime(), nullable=True))


def downgrade() -> None:
    for name in COLUMNS:
        op.drop_column("users", name)
