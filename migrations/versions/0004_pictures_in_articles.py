"""Pictures, which article shows which, and the files that articles were imported from."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "pictures",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("original_sha256", sa.String(length=64), nullable=False),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("content_type", sa.String(length=60), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("storage_name", sa.String(length=64), nullable=False),
        sa.Column("original_storage_name", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("width > 0 AND height > 0", name=op.f("ck_pictures_size")),
        sa.CheckConstraint("length(file_name) <= 200", name=op.f("ck_pictures_file_name_length")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pictures")),
        sa.UniqueConstraint("name", name=op.f("uq_pictures_name")),
        sa.UniqueConstraint("original_sha256", name=op.f("uq_pictures_original_sha256")),
        sa.UniqueConstraint("storage_name", name=op.f("uq_pictures_storage_name")),
        sa.UniqueConstraint(
            "original_storage_name", name=op.f("uq_pictures_original_storage_name")
        ),
    )
    op.create_table(
        "article_pictures",
        sa.Column("article_id", sa.String(length=36), nullable=False),
        sa.Column("picture_id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(
            ["article_id"],
            ["kb_articles.id"],
            name=op.f("fk_article_pictures_article_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["picture_id"], ["pictures.id"], name=op.f("fk_article_pictures_picture_id")
        ),
        sa.PrimaryKeyConstraint("article_id", "picture_id", name=op.f("pk_article_pictures")),
    )
    op.create_index(
        op.f("ix_article_pictures_picture_id"), "article_pictures", ["picture_id"], unique=False
    )
    op.create_table(
        "article_sources",
        sa.Column("article_id", sa.String(length=36), nullable=False),
        sa.Column("source_id", sa.String(length=100), nullable=True),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "length(source_id) <= 100", name=op.f("ck_article_sources_source_id_length")
        ),
        sa.ForeignKeyConstraint(
            ["article_id"],
            ["kb_articles.id"],
            name=op.f("fk_article_sources_article_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("article_id", name=op.f("pk_article_sources")),
        sa.UniqueConstraint("source_id", name=op.f("uq_article_sources_source_id")),
    )


def downgrade() -> None:
    op.drop_table("article_sources")
    op.drop_table("article_pictures")
    op.drop_table("pictures")
