"""What is exported: for each noun its columns, and its rows as the actor may see them.

Rows are read in batches by an ascending key, so that memory stays the same however many there
are, and nothing is held open while a slow reader takes them.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from models import audit, kb, permissions, users
from models import tickets as room
from models.actor import Actor
from models.audit import AuditEntry
from models.errors import NotPermitted
from models.export.table import Row, Table
from models.kb import Article
from models.permissions import Permission
from models.tickets import QueueFilter, Ticket, TicketMessage, TicketTag
from models.users import User

NOUNS = ("tickets", "articles", "users", "audit")
BATCH = 500
BETWEEN_TAGS = "\x1f"  # no tag has one
AnySelect = Select[*tuple[Any, ...]]


def record(db: Session, noun: str, *, actor: Actor, **chosen: Any) -> None:
    """Keep in the audit log that somebody exports, and what was chosen.

    Raises NotPermitted like the export itself.
    """
    _require(noun, actor)
    kept = {name: value for name, value in chosen.items() if value}
    audit.record(db, f"export.{noun}", "export", noun, actor=actor, **kept)


def _require(noun: str, actor: Actor) -> None:
    permissions.require_sign_in(actor)
    needed = {
        "tickets": Permission.TICKETS_READ,
        "articles": Permission.KB_READ,
        "users": Permission.USERS_READ,
    }
    if noun in needed:
        permissions.require(actor, needed[noun])
    elif not permissions.may_read_audit_log(actor):
        raise NotPermitted


def tickets(
    db: Session,
    filters: QueueFilter,
    *,
    messages: bool = False,
    internal: bool = False,
    actor: Actor,
) -> Table:
    """Tickets in order of their numbers; ``messages`` adds the conversation.

    ``internal`` adds the messages with the internal notes. Raises NotPermitted.
    """
    _require("tickets", actor)
    found = room.matching(db, filters, actor=actor)
    return Table(
        "tickets",
        TICKET_COLUMNS,
        _ticket_rows(db, found, messages=messages or internal, internal=internal),
        parts="messages" if messages or internal else None,
        part_columns=MESSAGE_COLUMNS if messages or internal else (),
    )


TICKET_COLUMNS = (
    "id", "ticketNumber", "type", "category", "severity", "status", "priority", "channel",
    "tags", "title", "description", "resolution", "contextData", "sentryEventId",
    "relatedArticle", "user.id", "user.name", "user.email", "assignedTo.id", "assignedTo.name",
    "assignedTo.email", "createdAt", "updatedAt", "firstResponseAt", "resolvedAt",
)  # fmt: skip
TAGS_AT = TICKET_COLUMNS.index("tags")
MESSAGE_COLUMNS = (
    "id", "isInternal", "sender.id", "sender.name", "sender.email", "createdAt", "content",
)  # fmt: skip


def _ticket_rows(db: Session, found: AnySelect, *, messages: bool, internal: bool) -> Iterator[Row]:
    assignee = aliased(User)
    tags = (
        select(func.aggregate_strings(TicketTag.tag, BETWEEN_TAGS))
        .where(TicketTag.ticket_id == Ticket.id)
        .scalar_subquery()
    )
    rows = (
        found.join(User, User.id == Ticket.user_id)
        .outerjoin(assignee, assignee.id == Ticket.assigned_to_id)
        .outerjoin(Article, Article.id == Ticket.related_article_id)
        .with_only_columns(
            Ticket.id, Ticket.ticket_number, Ticket.type, Ticket.category, Ticket.severity,
            Ticket.status, Ticket.priority, Ticket.channel, tags, Ticket.title, Ticket.description,
            Ticket.resolution, Ticket.context_data, Ticket.sentry_event_id, Article.slug,
            User.id, User.name, User.email, assignee.id, assignee.name, assignee.email,
            Ticket.created_at, Ticket.updated_at, Ticket.first_response_at, Ticket.resolved_at,
        )
    )  # fmt: skip
    for batch in _batches(db, rows, Ticket.number):
        conversations = {}
        if messages:
            conversations = _conversations(db, [row[0] for row in batch], internal=internal)
        for row in batch:
            values = list(row)
            values[TAGS_AT] = sorted(row[TAGS_AT].split(BETWEEN_TAGS)) if row[TAGS_AT] else []
            yield values, conversations.get(row[0], ())


def _batches(
    db: Session, rows: AnySelect, key: InstrumentedAttribute[Any]
) -> Iterator[Sequence[Any]]:
    """The rows in order of an ascending unique key, which is cut off again, in batches."""
    keyed = rows.add_columns(key).order_by(key).limit(BATCH)
    connection = db.connection()  # its rows are plain ones; a session would look at each
    batch = connection.execute(keyed).all()
    while batch:
        yield [row[:-1] for row in batch]
        if len(batch) < BATCH:
            return
        batch = connection.execute(keyed.where(key > batch[-1][-1])).all()


def _conversations(
    db: Session, ids: list[str], *, internal: bool
) -> dict[str, list[Sequence[Any]]]:
    rows = (
        select(
            TicketMessage.ticket_id, TicketMessage.id, TicketMessage.is_internal,
            User.id, User.name, User.email, TicketMessage.created_at, TicketMessage.content,
        )
        .join(User, User.id == TicketMessage.sender_id)
        .where(TicketMessage.ticket_id.in_(ids))
        .order_by(TicketMessage.id)
    )  # fmt: skip
    if not internal:
        rows = rows.where(TicketMessage.is_internal.is_(False))
    found: dict[str, list[Sequence[Any]]] = defaultdict(list)
    for ticket_id, *message in db.execute(rows):
        found[ticket_id].append(message)
    return found


def articles(
    db: Session,
    *,
    is_published: bool | None = None,
    category: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    actor: Actor,
) -> Table:
    """Articles with drafts in order of creation; times narrow the creation. Raises NotPermitted."""
    _require("articles", actor)
    found = _within(kb.visible_to(actor), Article.created_at, since, until)
    if is_published is not None:
        found = found.where(Article.is_published.is_(is_published))
    if category is not None:
        found = found.where(Article.category == category)
    rows = found.join(User, User.id == Article.author_id).with_only_columns(
        Article.id, Article.slug, Article.title, Article.excerpt, Article.category, Article.tags,
        Article.content, Article.is_published, Article.view_count, Article.helpful_count,
        Article.not_helpful_count, User.id, User.name, Article.created_at, Article.updated_at,
        Article.published_at,
    )  # fmt: skip
    return Table("articles", ARTICLE_COLUMNS, _plain(db, rows, Article.number))


ARTICLE_COLUMNS = (
    "id", "slug", "title", "excerpt", "category", "tags", "content", "isPublished", "viewCount",
    "helpfulCount", "notHelpfulCount", "author.id", "author.name", "createdAt", "updatedAt",
    "publishedAt",
)  # fmt: skip


def people(
    db: Session, *, since: datetime | None = None, until: datetime | None = None, actor: Actor
) -> Table:
    """People in order of their ids; times narrow the day of joining. Raises NotPermitted."""
    _require("users", actor)
    rows = _within(users.visible_to(actor), User.created_at, since, until).with_only_columns(
        User.id, User.email, User.name, User.role, User.plan, User.is_active, User.external_id,
        User.created_at, User.last_login_at,
    )  # fmt: skip
    return Table("users", USER_COLUMNS, _plain(db, rows, User.id))


USER_COLUMNS = (
    "id", "email", "name", "role", "plan", "isActive", "externalId", "createdAt", "lastLoginAt",
)  # fmt: skip


def audit_entries(
    db: Session, *, since: datetime | None = None, until: datetime | None = None, actor: Actor
) -> Table:
    """The audit log, oldest entries first. Raises NotPermitted."""
    _require("audit", actor)
    subject = aliased(User)
    rows = (
        _within(audit.visible_to(actor), AuditEntry.at, since, until)
        .outerjoin(User, User.id == AuditEntry.actor_id)
        .outerjoin(subject, subject.id == AuditEntry.subject_id)
        .with_only_columns(
            AuditEntry.id, AuditEntry.at, AuditEntry.action, AuditEntry.object_type,
            AuditEntry.object_id, AuditEntry.actor_id, User.name, User.email, AuditEntry.door,
            AuditEntry.address, AuditEntry.subject_id, subject.name, subject.email,
            AuditEntry.data,
        )
    )  # fmt: skip
    return Table("audit", AUDIT_COLUMNS, _plain(db, rows, AuditEntry.id))


AUDIT_COLUMNS = (
    "id", "at", "action", "objectType", "objectId", "actor.id", "actor.name", "actor.email",
    "door", "address", "subject.id", "subject.name", "subject.email", "data",
)  # fmt: skip


def _plain(db: Session, rows: AnySelect, key: InstrumentedAttribute[Any]) -> Iterator[Row]:
    return ((row, ()) for batch in _batches(db, rows, key) for row in batch)


def _within(
    rows: AnySelect,
    time: InstrumentedAttribute[datetime],
    since: datetime | None,
    until: datetime | None,
) -> AnySelect:
    if since is not None:
        rows = rows.where(time >= since)
    return rows if until is None else rows.where(time <= until)
