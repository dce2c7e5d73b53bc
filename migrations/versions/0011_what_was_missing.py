"""What readers say was missing in an article that did not help."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("article_feedback", sa.Column("missing", sa.Text(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("article_feedback") as table:
        table.drop_column("missing")
