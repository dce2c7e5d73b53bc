"""Each check sees what it is for, and nothing in a world where nothing is wrong."""

import sqlite3
from dataclasses import dataclass

import pytest

from models import db
from models.consistency import NAMED, checks
from tests.house import none_of
from tests.models.consistency.conftest import Desk
from tests.models.consistency.damage import damaged, found
from tests.models.world import person, ticket

FIRST = "(SELECT id FROM support_tickets WHERE number = 1)"
OLD = "'2001-01-01 00:00:00.000000'"
NOBODY = "00000000-0000-0000-0000-000000000000"


@dataclass(frozen=True)
class Damage:
    """Statements, the check that must see them, and what it names."""

    check: str
    names: str
    statements: tuple[str, ...]


def broken(check: str, names: str, *statements: str) -> Damage:
    """A damage done by these statements."""
    return Damage(check, names, statements)


EVERYWHERE = [
    broken(
        "ticket numbers",
        "TICKET-0099",
        "UPDATE support_tickets SET ticket_number = 'TICKET-0099' WHERE number = 1",
    ),
    broken(
        "ticket numbers",
        "TICKET-1",
        "UPDATE support_tickets SET ticket_number = 'TICKET-1' WHERE number = 1",
    ),
    broken("ticket counter", "tickets", "UPDATE counters SET value = 6 WHERE name = 'tickets'"),
    broken("ticket counter", "tickets", "DELETE FROM counters WHERE name = 'tickets'"),
    broken("article counter", "articles", "UPDATE counters SET value = 2 WHERE name = 'articles'"),
    broken(
        "tickets in the audit log",
        "TICKET-0001",
        f"DELETE FROM audit_entries WHERE object_id = {FIRST}",
    ),
    broken(
        "articles in the audit log",
        "steps",
        "DELETE FROM audit_entries WHERE action = 'article.create'"
        " AND object_id = (SELECT id FROM kb_articles WHERE slug = 'steps')",
    ),
    broken(
        "audit rows once",
        "ticket/",
        "INSERT INTO audit_entries (id, at, door, action, object_type, object_id, data) SELECT"
        " 'twice', at, door, action, object_type, object_id, data FROM audit_entries"
        f" WHERE action = 'ticket.create' AND object_id = {FIRST}",
    ),
    broken(
        "audit rows of objects",
        f"ticket/{NOBODY}",
        f"UPDATE audit_entries SET object_id = '{NOBODY}' WHERE action = 'ticket.create'"
        f" AND object_id = {FIRST}",
    ),
    broken(
        "resolutions",
        "TICKET-0001",
        "UPDATE support_tickets SET resolution = 'Restarted it.' WHERE number = 1",
    ),
    broken(
        "resolutions",
        "TICKET-0004",
        f"UPDATE support_tickets SET resolved_at = {OLD} WHERE number = 4",
    ),
    broken(
        "waiting customers",
        "TICKET-0001",
        "UPDATE support_tickets SET waiting_since = '9999-01-01 00:00:00.000000' WHERE number = 1",
    ),
    broken(
        "waiting customers",
        "TICKET-0003",
        "UPDATE support_tickets SET waiting_since = created_at WHERE number = 3",
    ),
    broken(
        "waiting customers",
        "TICKET-0001",
        f"UPDATE support_tickets SET waiting_since = {OLD} WHERE number = 1",
    ),
    broken(
        "first answers",
        "TICKET-0006",
        f"UPDATE support_tickets SET first_response_at = {OLD} WHERE number = 6",
    ),
    broken(
        "ticket times",
        "TICKET-0001",
        f"UPDATE support_tickets SET updated_at = {OLD} WHERE number = 1",
    ),
    broken(
        "attachments",
        "",
        f"UPDATE attachments SET message_id = (SELECT id FROM ticket_messages WHERE ticket_id <>"
        f" {FIRST} LIMIT 1) WHERE ticket_id IS NOT NULL",
    ),
    broken("guests' links", "", "UPDATE guest_links SET token_hash = ''"),
    broken(
        "kept answers",
        "",
        "UPDATE idempotency_keys SET answer ="
        f""" '{{"id":"{NOBODY}","ticketNumber":"TICKET-0001"}}' WHERE key = 'the-form'""",
    ),
    broken(
        "kept answers",
        "",
        "UPDATE idempotency_keys SET answer ="
        f""" '{{"headers":{{"Location":"/api/tickets/{NOBODY}"}}}}' WHERE key = 'by-api'""",
    ),
    broken(
        "former slugs",
        "steps",
        "UPDATE former_slugs SET slug = 'steps'",
    ),
    broken(
        "deleted articles",
        "gone",
        "UPDATE kb_articles SET slug = 'gone' WHERE deleted_at IS NOT NULL",
    ),
    broken(
        "pictures of deleted articles",
        "deleted-",
        "UPDATE article_pictures SET article_id ="
        " (SELECT id FROM kb_articles WHERE deleted_at IS NOT NULL)",
    ),
    broken("votes", "steps", "UPDATE kb_articles SET helpful_count = 0"),
    broken("mails", "", "UPDATE outbox_mails SET kind = 'spam' WHERE status = 'waiting'"),
    broken("mails", "", "UPDATE outbox_mails SET message_id = '<x@y>' WHERE status = 'waiting'"),
    broken("mails", "", "UPDATE outbox_mails SET recipient = 'nobody' WHERE status = 'waiting'"),
    broken("mails", "", "UPDATE outbox_mails SET text = '' WHERE status = 'waiting'"),
    broken("mails", "", "UPDATE outbox_mails SET text = 'x' WHERE status = 'sent'"),
    broken(
        "rows of support_tickets",
        "against ck_support_tickets_status",
        "UPDATE support_tickets SET status = 'lost' WHERE number = 1",
    ),
    broken(
        "rows of support_tickets",
        "against ck_support_tickets_resolved_time",
        "UPDATE support_tickets SET resolved_at = NULL WHERE number = 4",
    ),
    broken(
        "rows of support_tickets",
        "with an unreadable context_data",
        "UPDATE support_tickets SET context_data = '[]' WHERE number = 1",
    ),
    broken(
        "rows of kb_articles",
        "with an unreadable tags",
        "UPDATE kb_articles SET tags = '{}' WHERE slug = 'steps'",
    ),
    broken(
        "rows of support_tickets",
        "with a assigned_to_id that is not in users",
        f"UPDATE support_tickets SET assigned_to_id = '{NOBODY}' WHERE number = 1",
    ),
    broken(
        "rows of ticket_messages",
        "with a ticket_id that is not in support_tickets",
        f"UPDATE ticket_messages SET ticket_id = '{NOBODY}' WHERE is_internal",
    ),
    broken(
        "rows of outbox_mails",
        "against ck_outbox_mails_sent_has_time",
        "UPDATE outbox_mails SET sent_at = NULL WHERE status = 'sent'",
    ),
]
ON_SQLITE = [
    broken(
        "tickets in the search index",
        "TICKET-0001",
        "DELETE FROM search_tickets WHERE rowid = 1",
    ),
    broken(
        "search index of tickets",
        "99",
        "INSERT INTO search_tickets (rowid, title) VALUES (99, 'x')",
    ),
    broken(
        "articles in the search index",
        "steps",
        "DELETE FROM search_articles WHERE rowid = 1",
    ),
    broken(
        "search index of articles",
        "2",
        "INSERT INTO search_articles (rowid, title) VALUES (2, 'the deleted one')",
    ),
    broken(
        "rows of support_tickets",
        "with an unreadable context_data",
        "UPDATE support_tickets SET context_data = '{' WHERE number = 1",
    ),
    broken(
        "rows of support_tickets",
        "with no time in created_at",
        "UPDATE support_tickets SET created_at = '!' WHERE number = 1",
    ),
    broken(
        "rows of support_tickets",
        "with no number in priority",
        "UPDATE support_tickets SET priority = 0.5 WHERE number = 1",
    ),
    broken(
        "rows of idempotency_keys",
        "with an unreadable answer",
        "UPDATE idempotency_keys SET answer = ''",
    ),
]
ON_POSTGRESQL = [
    broken(
        "tickets in the search index",
        "TICKET-0001",
        "DELETE FROM search_tickets WHERE number = 1",
    ),
    broken(
        "search index of tickets",
        "99",
        "INSERT INTO search_tickets (number, body, document) VALUES (99, 'x', '')",
    ),
    broken(
        "search index of articles",
        "2",
        "INSERT INTO search_articles (number, body, document) VALUES (2, 'the deleted one', '')",
    ),
    broken(
        "rows of support_tickets",
        "without title",
        "ALTER TABLE support_tickets ALTER COLUMN title DROP NOT NULL",
        "UPDATE support_tickets SET title = NULL WHERE number = 1",
    ),
    broken(
        "database file",
        "ix_support_tickets_own",
        "UPDATE pg_index SET indisvalid = false"
        " WHERE indexrelid = 'ix_support_tickets_own'::regclass",
    ),
]


def test_nothing_is_found_where_nothing_is_wrong(desk: Desk) -> None:
    with db.reading() as session:
        assert found(session) == {}


def test_each_check_sees_what_it_is_for(database: db.Database, desk: Desk) -> None:
    wrong = []
    for damage in [*EVERYWHERE, *(ON_SQLITE if database.is_sqlite else ON_POSTGRESQL)]:
        with damaged(database, *damage.statements) as session:
            findings = found(session, only=damage.check).get(damage.check, [])
        if len(findings) != 1 or damage.names not in str(findings[0]):
            wrong.append(f"{damage.statements}: {damage.check} finds {findings}")
    none_of(wrong)
    with db.reading() as session:
        assert found(session) == {}, "not everything was undone"


def test_every_rule_is_broken_once_at_least() -> None:
    tried = {damage.check for damage in (*EVERYWHERE, *ON_SQLITE, *ON_POSTGRESQL)}
    never = {check.name for check in checks() if not check.name.startswith("rows of ")} - tried
    assert never == {"files"}, "files have tests of their own"


def test_twenty_are_named_and_the_rest_is_counted(house: db.Database) -> None:
    for _ in range(NAMED + 3):
        ticket(person())
    with damaged(house, "DELETE FROM audit_entries WHERE action = 'ticket.create'") as session:
        (finding,) = found(session, only="tickets in the audit log").popitem()[1]
    assert (len(finding.objects), finding.count) == (NAMED, NAMED + 3)
    assert str(finding).endswith(" and 3 more. Bring what is missing back from a backup.")


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_damaged_file_is_said_by_the_database(database: db.Database, desk: Desk) -> None:
    database.dispose()
    with sqlite3.connect(database.file or "") as connection:
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute(
            "UPDATE sqlite_schema SET sql = replace(sql, '(name)', '(email)')"
            " WHERE name = 'ix_users_name'"
        )
    connection.close()
    with db.reading() as session:
        (finding,) = found(session)["database file"]
    assert "ix_users_name" in str(finding)
