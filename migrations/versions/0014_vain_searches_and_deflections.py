"""Searches that no article answers, and tickets that an article saved."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "vain_searches",
        sa.Column("query", sa.String(length=100), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("results", sa.Integer(), nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("count >= 1 AND results >= 0", name=op.f("ck_vain_searches_counts")),
        sa.CheckConstraint("length(query) <= 100", name=op.f("ck_vain_searches_query_length")),
        sa.PrimaryKeyConstraint("query", name=op.f("pk_vain_searches")),
    )
    op.create_index(op.f("ix_vain_searches_count"), "vain_searches", ["count"])
    op.create_index(op.f("ix_vain_searches_last_at"), "vain_searches", ["last_at"])
    op.create_table(
        "deflections",
        sa.Column("article_id", sa.String(length=36), nullable=False),
        sa.Column("visitor", sa.String(length=64), nullable=False),
        sa.Column("source", sa.String(length=20), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.CheckConstraint("source IN ('issue', 'title')", name=op.f("ck_deflections_source")),
        sa.ForeignKeyConstraint(
            ["article_id"],
            ["kb_articles.id"],
            name=op.f("fk_deflections_article_id_kb_articles"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("article_id", "visitor", name=op.f("pk_deflections")),
    )
    op.create_index(op.f("ix_deflections_day"), "deflections", ["day"])


def downgrade() -> None:
    op.drop_table("deflections")
    op.drop_table("vain_searches")
