"""The first schema: all tables, the search indexes, the operator and the counters."""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

OPERATOR_ID = "00000000-0000-7000-8000-000000000000"
SEARCH_TABLES = ("search_articles", "search_tickets")


def upgrade() -> None:
    op.create_table(
        "article_categories",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("slug", sa.String(length=60), nullable=False),
        sa.Column("title", sa.String(length=80), nullable=False),
        sa.Column("sort_order", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("length(title) <= 80", name=op.f("ck_article_categories_title_length")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_article_categories")),
        sa.UniqueConstraint("slug", name=op.f("uq_article_categories_slug")),
    )
    op.create_table(
        "counters",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("value >= 0", name=op.f("ck_counters_value")),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_counters")),
    )
    op.create_table(
        "idempotency_keys",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("owner", sa.String(length=200), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column(
            "answer", sa.Text().with_variant(postgresql.JSONB(), "postgresql"), nullable=False
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_idempotency_keys")),
        sa.UniqueConstraint("owner", "key", name=op.f("uq_idempotency_keys_owner_key")),
    )
    op.create_index(
        op.f("ix_idempotency_keys_created_at"), "idempotency_keys", ["created_at"], unique=False
    )
    op.create_table(
        "throttle_hits",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("bucket", sa.String(length=400), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_throttle_hits")),
    )
    op.create_index(op.f("ix_throttle_hits_at"), "throttle_hits", ["at"], unique=False)
    op.create_index("ix_throttle_hits_bucket_at", "throttle_hits", ["bucket", "at"], unique=False)
    op.create_table(
        "ticket_categories",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("slug", sa.String(length=60), nullable=False),
        sa.Column("title", sa.String(length=80), nullable=False),
        sa.Column("sort_order", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("length(title) <= 80", name=op.f("ck_ticket_categories_title_length")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_categories")),
        sa.UniqueConstraint("slug", name=op.f("uq_ticket_categories_slug")),
    )
    op.create_table(
        "users",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("plan", sa.String(length=40), nullable=False),
        sa.Column("external_id", sa.String(length=200), nullable=True),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("is_system", sa.Boolean(), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=True),
        sa.Column("email_verified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_login_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "role IN ('MEMBER', 'SUPPORT', 'ADMIN', 'SUPER_ADMIN')", name=op.f("ck_users_role")
        ),
        sa.CheckConstraint("email = lower(email)", name=op.f("ck_users_email_canonical")),
        sa.CheckConstraint(
            "email IS NOT NULL OR external_id IS NOT NULL OR is_system", name=op.f("ck_users_known")
        ),
        sa.CheckConstraint("length(name) <= 120", name=op.f("ck_users_name_length")),
        sa.CheckConstraint(
            "password_hash IS NULL OR email IS NOT NULL", name=op.f("ck_users_password_needs_email")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint("external_id", name=op.f("uq_users_external_id")),
    )
    op.create_index(op.f("ix_users_created_at"), "users", ["created_at"], unique=False)
    op.create_index("ix_users_name", "users", ["name"], unique=False)
    op.create_index("ix_users_role", "users", ["role"], unique=False)
    op.create_index(
        "uq_users_email",
        "users",
        ["email"],
        unique=True,
        sqlite_where=sa.text("external_id IS NULL"),
        postgresql_where=sa.text("external_id IS NULL"),
    )
    op.create_table(
        "api_tokens",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("user_id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column(
            "scopes", sa.Text().with_variant(postgresql.JSONB(), "postgresql"), nullable=False
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "expires_at IS NULL OR expires_at > created_at", name=op.f("ck_api_tokens_lasts")
        ),
        sa.CheckConstraint("length(name) <= 120", name=op.f("ck_api_tokens_name_length")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_api_tokens_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_tokens")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_api_tokens_token_hash")),
    )
    op.create_index(op.f("ix_api_tokens_user_id"), "api_tokens", ["user_id"], unique=False)
    op.create_table(
        "audit_entries",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.String(length=36), nullable=True),
        sa.Column("door", sa.String(length=20), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=True),
        sa.Column("action", sa.String(length=60), nullable=False),
        sa.Column("object_type", sa.String(length=30), nullable=False),
        sa.Column("object_id", sa.String(length=80), nullable=True),
        sa.Column("subject_id", sa.String(length=36), nullable=True),
        sa.Column("data", sa.Text().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["users.id"], name=op.f("fk_audit_entries_actor_id")),
        sa.ForeignKeyConstraint(
            ["subject_id"], ["users.id"], name=op.f("fk_audit_entries_subject_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entries")),
    )
    op.create_index("ix_audit_entries_action", "audit_entries", ["action", "id"], unique=False)
    op.create_index("ix_audit_entries_actor", "audit_entries", ["actor_id", "id"], unique=False)
    op.create_index(
        "ix_audit_entries_object", "audit_entries", ["object_type", "object_id", "id"], unique=False
    )
    op.create_index("ix_audit_entries_subject", "audit_entries", ["subject_id", "id"], unique=False)
    op.create_table(
        "gateways",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("owner_id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("type", sa.String(length=40), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("last_error_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "status IN ('connected', 'disconnected', 'error')", name=op.f("ck_gateways_status")
        ),
        sa.CheckConstraint(
            "last_error IS NULL OR last_error_at IS NOT NULL",
            name=op.f("ck_gateways_error_has_time"),
        ),
        sa.CheckConstraint("length(name) <= 120", name=op.f("ck_gateways_name_length")),
        sa.ForeignKeyConstraint(["owner_id"], ["users.id"], name=op.f("fk_gateways_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gateways")),
    )
    op.create_index(op.f("ix_gateways_owner_id"), "gateways", ["owner_id"], unique=False)
    op.create_table(
        "kb_articles",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=100), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column(
            "headings", sa.Text().with_variant(postgresql.JSONB(), "postgresql"), nullable=False
        ),
        sa.Column("excerpt", sa.String(length=300), nullable=True),
        sa.Column("category", sa.String(length=60), nullable=False),
        sa.Column("tags", sa.Text().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("view_count", sa.Integer(), nullable=False),
        sa.Column("helpful_count", sa.Integer(), nullable=False),
        sa.Column("not_helpful_count", sa.Integer(), nullable=False),
        sa.Column("is_published", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("author_id", sa.String(length=36), nullable=False),
        sa.CheckConstraint(
            "NOT is_published OR deleted_at IS NULL",
            name=op.f("ck_kb_articles_deleted_is_not_published"),
        ),
        sa.CheckConstraint(
            "NOT is_published OR published_at IS NOT NULL",
            name=op.f("ck_kb_articles_published_has_time"),
        ),
        sa.CheckConstraint("length(content) <= 200000", name=op.f("ck_kb_articles_content_length")),
        sa.CheckConstraint("length(title) <= 200", name=op.f("ck_kb_articles_title_length")),
        sa.CheckConstraint("length(title) > 0", name=op.f("ck_kb_articles_title_filled")),
        sa.CheckConstraint("version >= 1", name=op.f("ck_kb_articles_version")),
        sa.CheckConstraint(
            "view_count >= 0 AND helpful_count >= 0 AND not_helpful_count >= 0",
            name=op.f("ck_kb_articles_counts"),
        ),
        sa.ForeignKeyConstraint(["author_id"], ["users.id"], name=op.f("fk_kb_articles_author_id")),
        sa.ForeignKeyConstraint(
            ["category"],
            ["article_categories.slug"],
            name=op.f("fk_kb_articles_category"),
            onupdate="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kb_articles")),
        sa.UniqueConstraint("number", name=op.f("uq_kb_articles_number")),
        sa.UniqueConstraint("slug", name=op.f("uq_kb_articles_slug")),
    )
    op.create_index(op.f("ix_kb_articles_author_id"), "kb_articles", ["author_id"], unique=False)
    op.create_index(op.f("ix_kb_articles_category"), "kb_articles", ["category"], unique=False)
    op.create_index(
        op.f("ix_kb_articles_is_published"), "kb_articles", ["is_published"], unique=False
    )
    op.create_index(
        "ix_kb_articles_listed",
        "kb_articles",
        ["is_published", "category", "view_count"],
        unique=False,
    )
    op.create_index(op.f("ix_kb_articles_view_count"), "kb_articles", ["view_count"], unique=False)
    op.create_table(
        "one_time_links",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("user_id", sa.String(length=36), nullable=False),
        sa.Column("purpose", sa.String(length=20), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "purpose IN ('sign_in', 'set_password')", name=op.f("ck_one_time_links_purpose")
        ),
        sa.CheckConstraint("expires_at > created_at", name=op.f("ck_one_time_links_lasts")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_one_time_links_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_one_time_links")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_one_time_links_token_hash")),
    )
    op.create_index(
        op.f("ix_one_time_links_expires_at"), "one_time_links", ["expires_at"], unique=False
    )
    op.create_index(op.f("ix_one_time_links_user_id"), "one_time_links", ["user_id"], unique=False)
    op.create_table(
        "quick_issues",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("description", sa.String(length=300), nullable=True),
        sa.Column("suggested_type", sa.String(length=20), nullable=False),
        sa.Column("suggested_category", sa.String(length=60), nullable=False),
        sa.Column("article_slug", sa.String(length=100), nullable=True),
        sa.Column("use_count", sa.Integer(), nullable=False),
        sa.Column("icon", sa.String(length=20), nullable=True),
        sa.Column("sort_order", sa.Integer(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "suggested_type IN ('bug', 'question', 'billing', 'feature_request', 'other')",
            name=op.f("ck_quick_issues_suggested_type"),
        ),
        sa.CheckConstraint("use_count >= 0", name=op.f("ck_quick_issues_use_count")),
        sa.ForeignKeyConstraint(
            ["suggested_category"],
            ["ticket_categories.slug"],
            name=op.f("fk_quick_issues_suggested_category"),
            onupdate="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quick_issues")),
    )
    op.create_index(op.f("ix_quick_issues_is_active"), "quick_issues", ["is_active"], unique=False)
    op.create_index(
        op.f("ix_quick_issues_sort_order"), "quick_issues", ["sort_order"], unique=False
    )
    op.create_table(
        "sign_ins",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("user_id", sa.String(length=36), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("address", sa.String(length=64), nullable=True),
        sa.Column("user_agent", sa.String(length=300), nullable=False),
        sa.CheckConstraint("expires_at > created_at", name=op.f("ck_sign_ins_lasts")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_sign_ins_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_ins")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_sign_ins_token_hash")),
    )
    op.create_index(op.f("ix_sign_ins_expires_at"), "sign_ins", ["expires_at"], unique=False)
    op.create_index(op.f("ix_sign_ins_user_id"), "sign_ins", ["user_id"], unique=False)
    op.create_table(
        "article_feedback",
        sa.Column("article_id", sa.String(length=36), nullable=False),
        sa.Column("visitor", sa.String(length=64), nullable=False),
        sa.Column("helpful", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["article_id"],
            ["kb_articles.id"],
            name=op.f("fk_article_feedback_article_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("article_id", "visitor", name=op.f("pk_article_feedback")),
    )
    op.create_table(
        "former_slugs",
        sa.Column("slug", sa.String(length=100), nullable=False),
        sa.Column("article_id", sa.String(length=36), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["article_id"],
            ["kb_articles.id"],
            name=op.f("fk_former_slugs_article_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("slug", name=op.f("pk_former_slugs")),
    )
    op.create_index(
        op.f("ix_former_slugs_article_id"), "former_slugs", ["article_id"], unique=False
    )
    op.create_table(
        "support_tickets",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("ticket_number", sa.String(length=20), nullable=False),
        sa.Column("user_id", sa.String(length=36), nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("type", sa.String(length=20), nullable=False),
        sa.Column("category", sa.String(length=60), nullable=False),
        sa.Column("severity", sa.String(length=20), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column(
            "context_data", sa.Text().with_variant(postgresql.JSONB(), "postgresql"), nullable=False
        ),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("assigned_to_id", sa.String(length=36), nullable=True),
        sa.Column("resolution", sa.Text(), nullable=True),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("related_article_id", sa.String(length=36), nullable=True),
        sa.Column("quick_issue_id", sa.String(length=36), nullable=True),
        sa.Column("sentry_event_id", sa.String(length=64), nullable=True),
        sa.Column("first_response_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("waiting_since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("customer_updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(status = 'resolved') = (resolved_at IS NOT NULL)",
            name=op.f("ck_support_tickets_resolved_time"),
        ),
        sa.CheckConstraint(
            "channel IN ('web', 'guest', 'api', 'agent')", name=op.f("ck_support_tickets_channel")
        ),
        sa.CheckConstraint(
            "severity IN ('low', 'medium', 'high', 'critical')",
            name=op.f("ck_support_tickets_severity"),
        ),
        sa.CheckConstraint(
            "status <> 'resolved' OR resolution IS NOT NULL",
            name=op.f("ck_support_tickets_resolved_text"),
        ),
        sa.CheckConstraint(
            "status IN ('open', 'in_progress', 'waiting_user', 'resolved', 'closed')",
            name=op.f("ck_support_tickets_status"),
        ),
        sa.CheckConstraint(
            "type IN ('bug', 'question', 'billing', 'feature_request', 'other')",
            name=op.f("ck_support_tickets_type"),
        ),
        sa.CheckConstraint(
            "length(description) <= 20000", name=op.f("ck_support_tickets_description_length")
        ),
        sa.CheckConstraint(
            "length(resolution) <= 20000", name=op.f("ck_support_tickets_resolution_length")
        ),
        sa.CheckConstraint("length(title) <= 200", name=op.f("ck_support_tickets_title_length")),
        sa.CheckConstraint("length(title) > 0", name=op.f("ck_support_tickets_title_filled")),
        sa.CheckConstraint("number > 0", name=op.f("ck_support_tickets_number")),
        sa.CheckConstraint("priority BETWEEN -1 AND 2", name=op.f("ck_support_tickets_priority")),
        sa.CheckConstraint("version >= 1", name=op.f("ck_support_tickets_version")),
        sa.ForeignKeyConstraint(
            ["assigned_to_id"], ["users.id"], name=op.f("fk_support_tickets_assigned_to_id")
        ),
        sa.ForeignKeyConstraint(
            ["category"],
            ["ticket_categories.slug"],
            name=op.f("fk_support_tickets_category"),
            onupdate="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["quick_issue_id"],
            ["quick_issues.id"],
            name=op.f("fk_support_tickets_quick_issue_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["related_article_id"],
            ["kb_articles.id"],
            name=op.f("fk_support_tickets_related_article_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_support_tickets_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_support_tickets")),
        sa.UniqueConstraint("number", name=op.f("uq_support_tickets_number")),
        sa.UniqueConstraint("ticket_number", name=op.f("uq_support_tickets_ticket_number")),
    )
    op.create_index(
        "ix_support_tickets_assigned",
        "support_tickets",
        ["assigned_to_id", "status", "number"],
        unique=False,
    )
    op.create_index(
        op.f("ix_support_tickets_assigned_to_id"),
        "support_tickets",
        ["assigned_to_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_support_tickets_category"), "support_tickets", ["category"], unique=False
    )
    op.create_index(
        op.f("ix_support_tickets_created_at"), "support_tickets", ["created_at"], unique=False
    )
    op.create_index(
        "ix_support_tickets_own",
        "support_tickets",
        ["user_id", "customer_updated_at", "number"],
        unique=False,
    )
    op.create_index(
        op.f("ix_support_tickets_priority"), "support_tickets", ["priority"], unique=False
    )
    op.create_index(op.f("ix_support_tickets_status"), "support_tickets", ["status"], unique=False)
    op.create_index(op.f("ix_support_tickets_type"), "support_tickets", ["type"], unique=False)
    op.create_index(
        op.f("ix_support_tickets_updated_at"), "support_tickets", ["updated_at"], unique=False
    )
    op.create_index(
        op.f("ix_support_tickets_user_id"), "support_tickets", ["user_id"], unique=False
    )
    op.create_table(
        "guest_links",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("ticket_id", sa.String(length=36), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("expires_at > created_at", name=op.f("ck_guest_links_lasts")),
        sa.ForeignKeyConstraint(
            ["ticket_id"],
            ["support_tickets.id"],
            name=op.f("fk_guest_links_ticket_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guest_links")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_guest_links_token_hash")),
    )
    op.create_index(op.f("ix_guest_links_ticket_id"), "guest_links", ["ticket_id"], unique=False)
    op.create_table(
        "outbox_mails",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("recipient", sa.String(length=254), nullable=False),
        sa.Column("recipient_name", sa.String(length=120), nullable=False),
        sa.Column("subject", sa.String(length=300), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column(
            "headers", sa.Text().with_variant(postgresql.JSONB(), "postgresql"), nullable=False
        ),
        sa.Column("message_id", sa.String(length=200), nullable=False),
        sa.Column("ticket_id", sa.String(length=36), nullable=True),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("last_error", sa.String(length=500), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claimed_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(status = 'sent') = (sent_at IS NOT NULL)", name=op.f("ck_outbox_mails_sent_has_time")
        ),
        sa.CheckConstraint(
            "status IN ('waiting', 'sent', 'dead')", name=op.f("ck_outbox_mails_status")
        ),
        sa.CheckConstraint("attempts >= 0", name=op.f("ck_outbox_mails_attempts")),
        sa.ForeignKeyConstraint(
            ["ticket_id"],
            ["support_tickets.id"],
            name=op.f("fk_outbox_mails_ticket_id"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox_mails")),
        sa.UniqueConstraint("message_id", name=op.f("uq_outbox_mails_message_id")),
    )
    op.create_index("ix_outbox_mails_due", "outbox_mails", ["status", "due_at"], unique=False)
    op.create_index(op.f("ix_outbox_mails_ticket_id"), "outbox_mails", ["ticket_id"], unique=False)
    op.create_table(
        "ticket_messages",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("ticket_id", sa.String(length=36), nullable=False),
        sa.Column("sender_id", sa.String(length=36), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("format", sa.String(length=20), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("is_internal", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "format IN ('text', 'markdown')", name=op.f("ck_ticket_messages_format")
        ),
        sa.CheckConstraint(
            "length(content) <= 20000", name=op.f("ck_ticket_messages_content_length")
        ),
        sa.CheckConstraint("length(content) > 0", name=op.f("ck_ticket_messages_content_filled")),
        sa.ForeignKeyConstraint(
            ["sender_id"], ["users.id"], name=op.f("fk_ticket_messages_sender_id")
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"],
            ["support_tickets.id"],
            name=op.f("fk_ticket_messages_ticket_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_messages")),
    )
    op.create_index(
        op.f("ix_ticket_messages_sender_id"), "ticket_messages", ["sender_id"], unique=False
    )
    op.create_index(
        "ix_ticket_messages_thread", "ticket_messages", ["ticket_id", "id"], unique=False
    )
    op.create_index(
        op.f("ix_ticket_messages_ticket_id"), "ticket_messages", ["ticket_id"], unique=False
    )
    op.create_table(
        "ticket_tags",
        sa.Column("ticket_id", sa.String(length=36), nullable=False),
        sa.Column("tag", sa.String(length=50), nullable=False),
        sa.CheckConstraint("length(tag) <= 50", name=op.f("ck_ticket_tags_tag_length")),
        sa.ForeignKeyConstraint(
            ["ticket_id"],
            ["support_tickets.id"],
            name=op.f("fk_ticket_tags_ticket_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("ticket_id", "tag", name=op.f("pk_ticket_tags")),
    )
    op.create_index("ix_ticket_tags_tag", "ticket_tags", ["tag", "ticket_id"], unique=False)
    op.create_table(
        "attachments",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("owner_id", sa.String(length=36), nullable=False),
        sa.Column("ticket_id", sa.String(length=36), nullable=True),
        sa.Column("message_id", sa.String(length=36), nullable=True),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("content_type", sa.String(length=100), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("storage_name", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind <> 'screenshot' OR message_id IS NULL",
            name=op.f("ck_attachments_screenshot_of_ticket"),
        ),
        sa.CheckConstraint("kind IN ('file', 'screenshot')", name=op.f("ck_attachments_kind")),
        sa.CheckConstraint("length(name) <= 200", name=op.f("ck_attachments_name_length")),
        sa.CheckConstraint(
            "message_id IS NULL OR ticket_id IS NOT NULL",
            name=op.f("ck_attachments_message_has_ticket"),
        ),
        sa.CheckConstraint("size > 0", name=op.f("ck_attachments_size")),
        sa.ForeignKeyConstraint(
            ["message_id"],
            ["ticket_messages.id"],
            name=op.f("fk_attachments_message_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["users.id"], name=op.f("fk_attachments_owner_id")),
        sa.ForeignKeyConstraint(
            ["ticket_id"],
            ["support_tickets.id"],
            name=op.f("fk_attachments_ticket_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachments")),
        sa.UniqueConstraint("storage_name", name=op.f("uq_attachments_storage_name")),
    )
    op.create_index(op.f("ix_attachments_created_at"), "attachments", ["created_at"], unique=False)
    op.create_index(op.f("ix_attachments_message_id"), "attachments", ["message_id"], unique=False)
    op.create_index(op.f("ix_attachments_owner_id"), "attachments", ["owner_id"], unique=False)
    op.create_index(op.f("ix_attachments_ticket_id"), "attachments", ["ticket_id"], unique=False)
    _make_queue_indexes()
    _make_search_indexes()
    _insert_operator_and_counters()


def _make_queue_indexes() -> None:
    order = [sa.text(column) for column in ("priority DESC", "waiting_since", "number DESC")]
    op.create_index("ix_support_tickets_queue", "support_tickets", order)
    op.create_index(
        "ix_support_tickets_status_queue", "support_tickets", [sa.text("status"), *order]
    )


def _make_search_indexes() -> None:
    for table in SEARCH_TABLES:
        if op.get_bind().dialect.name == "sqlite":
            op.execute(
                f"CREATE VIRTUAL TABLE {table} USING fts5(title, tags, body,"
                " tokenize='porter unicode61 remove_diacritics 2', prefix='2 3')"
            )
        else:
            op.create_table(
                table,
                sa.Column("number", sa.BigInteger(), nullable=False, autoincrement=False),
                sa.Column("body", sa.Text(), nullable=False),
                sa.Column("document", postgresql.TSVECTOR(), nullable=False),
                sa.PrimaryKeyConstraint("number", name=f"pk_{table}"),
            )
            op.create_index(f"ix_{table}_document", table, ["document"], postgresql_using="gin")


def _insert_operator_and_counters() -> None:
    users = sa.table(
        "users",
        *(sa.column(name) for name in ("id", "name", "role", "plan")),
        *(sa.column(name, sa.Boolean()) for name in ("is_active", "is_system")),
        *(sa.column(name, sa.DateTime(timezone=True)) for name in ("created_at", "updated_at")),
    )
    moment = datetime.now(UTC)
    if op.get_bind().dialect.name == "sqlite":
        moment = moment.replace(tzinfo=None)
    op.bulk_insert(
        users,
        [
            {
                "id": OPERATOR_ID,
                "name": "Operator",
                "role": "SUPER_ADMIN",
                "plan": "",
                "is_active": False,
                "is_system": True,
                "created_at": moment,
                "updated_at": moment,
            }
        ],
    )
    counters = sa.table("counters", sa.column("name"), sa.column("value", sa.BigInteger()))
    op.bulk_insert(counters, [{"name": name, "value": 0} for name in ("tickets", "articles")])


def downgrade() -> None:
    for table in SEARCH_TABLES:
        op.drop_table(table)
    op.drop_index(op.f("ix_attachments_ticket_id"), table_name="attachments")
    op.drop_index(op.f("ix_attachments_owner_id"), table_name="attachments")
    op.drop_index(op.f("ix_attachments_message_id"), table_name="attachments")
    op.drop_index(op.f("ix_attachments_created_at"), table_name="attachments")
    op.drop_table("attachments")
    op.drop_index("ix_ticket_tags_tag", table_name="ticket_tags")
    op.drop_table("ticket_tags")
    op.drop_index(op.f("ix_ticket_messages_ticket_id"), table_name="ticket_messages")
    op.drop_index("ix_ticket_messages_thread", table_name="ticket_messages")
    op.drop_index(op.f("ix_ticket_messages_sender_id"), table_name="ticket_messages")
    op.drop_table("ticket_messages")
    op.drop_index(op.f("ix_outbox_mails_ticket_id"), table_name="outbox_mails")
    op.drop_index("ix_outbox_mails_due", table_name="outbox_mails")
    op.drop_table("outbox_mails")
    op.drop_index(op.f("ix_guest_links_ticket_id"), table_name="guest_links")
    op.drop_table("guest_links")
    op.drop_index(op.f("ix_support_tickets_user_id"), table_name="support_tickets")
    op.drop_index(op.f("ix_support_tickets_updated_at"), table_name="support_tickets")
    op.drop_index(op.f("ix_support_tickets_type"), table_name="support_tickets")
    op.drop_index(op.f("ix_support_tickets_status"), table_name="support_tickets")
    op.drop_index(op.f("ix_support_tickets_priority"), table_name="support_tickets")
    op.drop_index("ix_support_tickets_own", table_name="support_tickets")
    op.drop_index(op.f("ix_support_tickets_created_at"), table_name="support_tickets")
    op.drop_index(op.f("ix_support_tickets_category"), table_name="support_tickets")
    op.drop_index(op.f("ix_support_tickets_assigned_to_id"), table_name="support_tickets")
    op.drop_index("ix_support_tickets_assigned", table_name="support_tickets")
    op.drop_table("support_tickets")
    op.drop_index(op.f("ix_former_slugs_article_id"), table_name="former_slugs")
    op.drop_table("former_slugs")
    op.drop_table("article_feedback")
    op.drop_index(op.f("ix_sign_ins_user_id"), table_name="sign_ins")
    op.drop_index(op.f("ix_sign_ins_expires_at"), table_name="sign_ins")
    op.drop_table("sign_ins")
    op.drop_index(op.f("ix_quick_issues_sort_order"), table_name="quick_issues")
    op.drop_index(op.f("ix_quick_issues_is_active"), table_name="quick_issues")
    op.drop_table("quick_issues")
    op.drop_index(op.f("ix_one_time_links_user_id"), table_name="one_time_links")
    op.drop_index(op.f("ix_one_time_links_expires_at"), table_name="one_time_links")
    op.drop_table("one_time_links")
    op.drop_index(op.f("ix_kb_articles_view_count"), table_name="kb_articles")
    op.drop_index("ix_kb_articles_listed", table_name="kb_articles")
    op.drop_index(op.f("ix_kb_articles_is_published"), table_name="kb_articles")
    op.drop_index(op.f("ix_kb_articles_category"), table_name="kb_articles")
    op.drop_index(op.f("ix_kb_articles_author_id"), table_name="kb_articles")
    op.drop_table("kb_articles")
    op.drop_index(op.f("ix_gateways_owner_id"), table_name="gateways")
    op.drop_table("gateways")
    op.drop_index("ix_audit_entries_subject", table_name="audit_entries")
    op.drop_index("ix_audit_entries_object", table_name="audit_entries")
    op.drop_index("ix_audit_entries_actor", table_name="audit_entries")
    op.drop_index("ix_audit_entries_action", table_name="audit_entries")
    op.drop_table("audit_entries")
    op.drop_index(op.f("ix_api_tokens_user_id"), table_name="api_tokens")
    op.drop_table("api_tokens")
    op.drop_index(
        "uq_users_email",
        table_name="users",
        sqlite_where=sa.text("external_id IS NULL"),
        postgresql_where=sa.text("external_id IS NULL"),
    )
    op.drop_index("ix_users_role", table_name="users")
    op.drop_index("ix_users_name", table_name="users")
    op.drop_index(op.f("ix_users_created_at"), table_name="users")
    op.drop_table("users")
    op.drop_table("ticket_categories")
    op.drop_index("ix_throttle_hits_bucket_at", table_name="throttle_hits")
    op.drop_index(op.f("ix_throttle_hits_at"), table_name="throttle_hits")
    op.drop_table("throttle_hits")
    op.drop_index(op.f("ix_idempotency_keys_created_at"), table_name="idempotency_keys")
    op.drop_table("idempotency_keys")
    op.drop_table("counters")
    op.drop_table("article_categories")
