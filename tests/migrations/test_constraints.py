"""Every constraint of the catalog is violated once, and refuses.

References, keys and unique columns are tried as the catalog lists them; each CHECK has its case in
``VIOLATIONS``, and one without a case fails the test.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, Table, inspect
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError

from models import db, schema

THEN = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
BEFORE, LATER = THEN - timedelta(days=1), THEN + timedelta(days=1)
TIMES = {"created_at": THEN, "updated_at": THEN}
LASTS = {"created_at": THEN, "expires_at": LATER}

# One row of each table that breaks no rule; ids are made from the table's name.
ROWS: dict[str, dict[str, Any]] = {
    "users": {"email": "ann@example.com", "external_id": "x-1", "password_hash": "$argon2$"},
    "article_categories": {"slug": "getting_started", "title": "Getting started"},
    "ticket_categories": {"slug": "gateway", "title": "Gateway"},
    "counters": {"name": "extra", "value": 1},
    "idempotency_keys": {"owner": "ann", "key": "k", "fingerprint": "f", "answer": {}},
    "throttle_hits": {"bucket": "b"},
    "audit_entries": {
        "door": "web", "action": "user.create", "object_type": "user",
        "actor_id": "users", "subject_id": "users",
    },
    "sign_ins": {"user_id": "users", "token_hash": "s", **LASTS},
    "one_time_links": {"user_id": "users", "token_hash": "l", "purpose": "sign_in", **LASTS},
    "api_tokens": {"user_id": "users", "token_hash": "t", "name": "Script", **LASTS},
    "gateways": {"owner_id": "users", "name": "Bot", "type": "telegram", "status": "error"},
    "kb_articles": {
        "number": 1, "slug": "first-steps", "title": "First steps", "content": "x", "version": 1,
        "category": "getting_started", "author_id": "users", **TIMES,
    },
    "article_feedback": {"article_id": "kb_articles", "visitor": "v", "helpful": True},
    "former_slugs": {"slug": "old-steps", "article_id": "kb_articles"},
    "pictures": {
        "name": "p.png", "original_sha256": "p", "file_name": "p.png", "content_type": "image/png",
        "width": 1, "height": 1, "storage_name": "p", "original_storage_name": "o",
    },
    "article_pictures": {"article_id": "kb_articles", "picture_id": "pictures"},
    "article_sources": {
        "article_id": "kb_articles", "source_id": "17", "path": "a.md", "sha256": "a", "version": 1,
    },
    "quick_issues": {"title": "Slow", "suggested_type": "bug", "suggested_category": "gateway"},
    "support_tickets": {
        "number": 1, "ticket_number": "TICKET-0001", "user_id": "users", "type": "bug",
        "category": "gateway", "title": "Help", "description": "Please", "version": 1,
        "assigned_to_id": "users", "related_article_id": "kb_articles",
        "quick_issue_id": "quick_issues", **TIMES,
    },
    "ticket_tags": {"ticket_id": "support_tickets", "tag": "vip"},
    "ticket_messages": {
        "ticket_id": "support_tickets", "sender_id": "users", "content": "x", "html": "x",
    },
    "attachments": {
        "owner_id": "users", "ticket_id": "support_tickets", "message_id": "ticket_messages",
        "name": "a.png", "size": 1, "content_type": "image/png", "sha256": "0" * 64,
        "storage_name": "r",
    },
    "ticket_ratings": {"ticket_id": "support_tickets", "score": 5, **TIMES},
    "guest_links": {"ticket_id": "support_tickets", "token_hash": "g", **LASTS},
    "outbox_mails": {
        "kind": "ticket_reply", "recipient": "ann@example.com", "subject": "s", "text": "t",
        "html": "h", "message_id": "<1@example.com>", "ticket_id": "support_tickets",
    },
    "vain_searches": {"query": "refund", "count": 1, "results": 0},
    "deflections": {
        "article_id": "kb_articles", "visitor": "v", "source": "issue", "day": THEN.date(),
    },
    "mail_stops": {"address": "ann@example.com"},
    "chores": {"name": "sweeping", "due_at": TIMES["created_at"]},
}  # fmt: skip

VIOLATIONS: dict[str, dict[str, Any]] = {
    "ck_vain_searches_query_length": {"query": "x" * 101},
    "ck_vain_searches_counts": {"count": 0},
    "ck_deflections_source": {"source": "chat"},
    "ck_api_tokens_lasts": {"expires_at": BEFORE},
    "ck_article_sources_source_id_length": {"source_id": "x" * 101},
    "ck_pictures_file_name_length": {"file_name": "x" * 201},
    "ck_pictures_size": {"width": 0},
    "ck_api_tokens_name_length": {"name": "x" * 121},
    "ck_article_categories_title_length": {"title": "x" * 81},
    "ck_attachments_kind": {"kind": "virus"},
    "ck_attachments_message_has_ticket": {"ticket_id": None},
    "ck_attachments_name_length": {"name": "x" * 201},
    "ck_attachments_screenshot_of_ticket": {"kind": "screenshot"},
    "ck_attachments_size": {"size": 0},
    "ck_counters_value": {"value": -1},
    "ck_gateways_error_has_time": {"last_error": "refused"},
    "ck_gateways_name_length": {"name": "x" * 121},
    "ck_gateways_status": {"status": "asleep"},
    "ck_guest_links_lasts": {"expires_at": BEFORE},
    "ck_kb_articles_content_length": {"content": "x" * 200_001},
    "ck_kb_articles_counts": {"helpful_count": -1},
    "ck_kb_articles_deleted_is_not_published": {
        "is_published": True, "published_at": THEN, "deleted_at": THEN,
    },
    "ck_kb_articles_published_has_time": {"is_published": True},
    "ck_kb_articles_title_filled": {"title": ""},
    "ck_kb_articles_title_length": {"title": "x" * 201},
    "ck_kb_articles_version": {"version": 0},
    "ck_mail_stops_address_canonical": {"address": "Ann@example.com"},
    "ck_one_time_links_lasts": {"expires_at": BEFORE},
    "ck_one_time_links_purpose": {"purpose": "become_admin"},
    "ck_outbox_mails_attempts": {"attempts": -1},
    "ck_outbox_mails_sent_has_time": {"status": "sent"},
    "ck_outbox_mails_status": {"status": "lost"},
    "ck_quick_issues_suggested_type": {"suggested_type": "complaint"},
    "ck_quick_issues_use_count": {"use_count": -1},
    "ck_sign_ins_lasts": {"expires_at": BEFORE},
    "ck_support_tickets_channel": {"channel": "fax"},
    "ck_support_tickets_description_length": {"description": "x" * 20_001},
    "ck_support_tickets_number": {"number": 0},
    "ck_support_tickets_priority": {"priority": 3},
    "ck_support_tickets_resolution_length": {"resolution": "x" * 20_001},
    "ck_support_tickets_resolved_text": {"status": "resolved", "resolved_at": THEN},
    "ck_support_tickets_resolved_time": {"resolved_at": THEN},
    "ck_support_tickets_severity": {"severity": "worst"},
    "ck_support_tickets_status": {"status": "lost"},
    "ck_support_tickets_title_filled": {"title": ""},
    "ck_support_tickets_title_length": {"title": "x" * 201},
    "ck_support_tickets_type": {"type": "complaint"},
    "ck_support_tickets_version": {"version": 0},
    "ck_ticket_categories_title_length": {"title": "x" * 81},
    "ck_ticket_messages_content_filled": {"content": ""},
    "ck_ticket_messages_content_length": {"content": "x" * 20_001},
    "ck_ticket_messages_format": {"format": "html"},
    "ck_ticket_ratings_comment_length": {"comment": "x" * 2_001},
    "ck_ticket_ratings_score": {"score": 6},
    "ck_ticket_tags_tag_length": {"tag": "x" * 51},
    "ck_users_email_canonical": {"email": "Ann@example.com"},
    "ck_users_known": {"email": None, "external_id": None, "password_hash": None},
    "ck_users_name_length": {"name": "x" * 121},
    "ck_users_password_needs_email": {"email": None},
    "ck_users_role": {"role": "ROOT"},
}  # fmt: skip


@pytest.fixture
def connection(database: db.Database) -> Iterator[Connection]:
    """A transaction that holds one good row of each table."""
    with database.engine.connect() as connection, connection.begin() as transaction:
        for name, values in ROWS.items():
            table = schema.metadata.tables[name]
            connection.execute(table.insert().values(_whole(table, values)))
        yield connection
        transaction.rollback()


def _whole(table: Table, values: dict[str, Any]) -> dict[str, Any]:
    own_id = {"id": table.name} if "id" in table.c else {}
    return {**own_id, **values}


def _refusal(connection: Connection, statement: Any) -> DBAPIError:
    with pytest.raises(DBAPIError) as refused, connection.begin_nested():
        connection.execute(statement)
    return refused.value


def _is_by(refusal: DBAPIError, name: str, table: Table, columns: list[str]) -> bool:
    """Whether this very constraint refused; SQLite names the columns of keys, and no reference."""
    if not isinstance(refusal, IntegrityError):
        # PostgreSQL looks at the length of the type before it asks the CHECK.
        return isinstance(refusal, DataError) and name.endswith("_length")
    diagnosis = getattr(refusal.orig, "diag", None)
    if diagnosis is not None:
        return bool(diagnosis.constraint_name == name)
    said = str(refusal.orig)
    if name.startswith("ck_"):
        return said == f"CHECK constraint failed: {name}"
    if name.startswith("fk_"):
        return said == "FOREIGN KEY constraint failed"
    return said == "UNIQUE constraint failed: " + ", ".join(f"{table.name}.{c}" for c in columns)


def _one(table: Table) -> Any:
    """The condition for the good row."""
    key = [column for column in table.primary_key if column.name in _whole(table, ROWS[table.name])]
    row = _whole(table, ROWS[table.name])
    return [column == row[column.name] for column in key]


def test_every_table_has_a_good_row(connection: Connection) -> None:
    known = set(schema.metadata.tables)
    assert known == set(ROWS)
    found = set(inspect(connection).get_table_names())
    assert {name for name in found if not name.startswith(("search_", "alembic_"))} == known


def test_every_check_refuses(connection: Connection) -> None:
    tables = inspect(connection)
    checks = {
        str(check["name"]): schema.metadata.tables[name]
        for name in ROWS
        for check in tables.get_check_constraints(name)
    }
    assert set(checks) == set(VIOLATIONS)
    for name, table in checks.items():
        statement = table.update().where(*_one(table)).values(VIOLATIONS[name])
        refusal = _refusal(connection, statement)
        assert _is_by(refusal, name, table, []), (name, str(refusal.orig))


def test_every_reference_refuses_what_is_not_there(connection: Connection) -> None:
    tables = inspect(connection)
    tried = 0
    for table_name in ROWS:
        table = schema.metadata.tables[table_name]
        for key in tables.get_foreign_keys(table_name):
            (column,) = key["constrained_columns"]
            statement = table.update().where(*_one(table)).values({column: "nobody"})
            refusal = _refusal(connection, statement)
            assert _is_by(refusal, str(key["name"]), table, []), (key["name"], str(refusal.orig))
            tried += 1
    assert tried == sum(len(table.foreign_keys) for table in schema.metadata.tables.values())


def _unique(connection: Connection, table: Table) -> dict[str, list[str]]:
    tables = inspect(connection)
    key = tables.get_pk_constraint(table.name)
    found = {str(key["name"]): list(key["constrained_columns"])}
    for constraint in tables.get_unique_constraints(table.name):
        found[str(constraint["name"])] = list(constraint["column_names"])
    for index in tables.get_indexes(table.name):
        if index["unique"]:
            found[str(index["name"])] = [str(column) for column in index["column_names"]]
    return found


def _other(table: Table, values: dict[str, Any], same: list[str]) -> dict[str, Any]:
    """The row again with other values wherever they must differ, but for the columns ``same``."""
    references = {key.parent.name for key in table.foreign_keys}
    changed = dict(values)
    for name, value in values.items():
        if name in same or (name in references and name not in table.primary_key.columns):
            continue
        if name in ("number", "value"):
            changed[name] = 2
        elif isinstance(value, str) and (name == "id" or name in _FREE_TEXT):
            changed[name] = f"other-{value}"
    return changed


_FREE_TEXT = {
    "slug", "key", "token_hash", "ticket_number", "storage_name", "message_id", "email",
    "external_id", "name", "tag", "visitor", "original_sha256", "original_storage_name",
    "source_id",
}  # fmt: skip


def test_every_key_refuses_a_second_one(connection: Connection) -> None:
    for table_name, values in ROWS.items():
        table = schema.metadata.tables[table_name]
        whole = _whole(table, values)
        for name, columns in _unique(connection, table).items():
            row = _other(table, whole, columns)
            if name == "uq_users_email":
                # Only people of this site: a host application's may share an address.
                connection.execute(table.insert().values({**row, "id": "host"}))
                connection.execute(table.update().where(*_one(table)).values(external_id=None))
                row["external_id"] = None
            if name == "uq_article_sources_source_id":  # another article with the same source
                other = _other(schema.metadata.tables["kb_articles"], ROWS["kb_articles"], [])
                articles = schema.metadata.tables["kb_articles"]
                connection.execute(articles.insert().values({**other, "id": "another"}))
                row["article_id"] = "another"
            refusal = _refusal(connection, table.insert().values(row))
            assert _is_by(refusal, name, table, columns), (name, str(refusal.orig))


def test_what_goes_with_its_owner_and_what_stays(connection: Connection) -> None:
    tables = schema.metadata.tables
    connection.execute(tables["quick_issues"].delete())
    connection.execute(tables["article_categories"].update().values(slug="start"))
    connection.execute(tables["ticket_categories"].update().values(slug="bots"))
    article = connection.execute(tables["kb_articles"].select()).one()
    ticket = connection.execute(tables["support_tickets"].select()).one()
    assert (article.category, ticket.category, ticket.quick_issue_id) == ("start", "bots", None)

    connection.execute(tables["kb_articles"].delete())
    ticket = connection.execute(tables["support_tickets"].select()).one()
    assert ticket.related_article_id is None
    for name in ("article_feedback", "former_slugs"):
        assert connection.execute(tables[name].select()).all() == [], name

    connection.execute(tables["support_tickets"].delete())
    for name in ("ticket_tags", "ticket_messages", "attachments", "guest_links"):
        assert connection.execute(tables[name].select()).all() == [], name
    assert connection.execute(tables["outbox_mails"].select()).one().ticket_id is None
    person = tables["users"].delete().where(tables["users"].c.id == "users")
    assert isinstance(_refusal(connection, person), IntegrityError), "people are kept"
