"""A ticket as programs see it: everything about it in one value, as its customer or as an agent.

What the two must not see alike is decided here: a customer gets no priority, no internal note, no
agent's id, and the time of the last change that the customer could see.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session, joinedload, selectinload

from models import permissions
from models.actor import Actor
from models.kb import Article
from models.permissions import Permission
from models.tickets import queries, uploads
from models.tickets.tables import NAMELESS_AGENT, NOT_WAITING, Attachment, Ticket
from models.users import User


@dataclass(frozen=True, slots=True)
class Somebody:
    """A person named at a ticket; customers learn no ids and addresses of agents."""

    id: str | None
    name: str
    email: str | None = None


@dataclass(frozen=True, slots=True)
class ArticleLink:
    """The article that answers a ticket."""

    slug: str
    title: str


@dataclass(frozen=True, slots=True)
class TicketSummary:
    """A ticket in a list. ``priority`` and ``waiting_since`` are None for customers."""

    id: str
    ticket_number: str
    type: str
    category: str
    severity: str
    tags: list[str]
    title: str
    status: str
    priority: int | None
    assigned_to: Somebody | None
    user: Somebody
    resolution: str | None
    resolved_at: datetime | None
    related_article: ArticleLink | None
    sentry_event_id: str | None
    waiting_since: datetime | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class TicketView:
    """A ticket with its description and its conversation. Times are in UTC."""

    summary: TicketSummary
    description: str
    context_data: dict[str, Any]
    messages: list[queries.MessageRow]
    files: list[Attachment]
    version: int


def own_view(db: Session, ticket: Ticket, *, actor: Actor) -> TicketView:
    """The ticket as its customer sees it, read anew. Raises NotFound for somebody else's."""
    found = queries.get_own(db, _forgotten(db, ticket), actor=actor)
    messages = queries.conversation(db, found, actor=actor)
    files = uploads.attachments_of(db, found, for_customer=True)
    return _view(found, messages, files, actor, for_customer=True)


def desk_view(db: Session, ticket: Ticket, *, actor: Actor) -> TicketView:
    """The ticket as agents see it, read anew. Raises NotPermitted."""
    found = queries.get(db, _forgotten(db, ticket), actor=actor)
    messages = queries.thread(db, found, actor=actor)
    files = uploads.attachments_of(db, found, for_customer=False)
    return _view(found, messages, files, actor, for_customer=False)


def _forgotten(db: Session, ticket: Ticket) -> str:
    """The ticket's id; who is named at it is read again, as a deed may just have changed it."""
    db.flush()
    db.expire(ticket, ["assigned_to", "related_article", "tag_rows"])
    return ticket.id


def _view(
    ticket: Ticket,
    messages: list[queries.MessageRow],
    files: list[Attachment],
    actor: Actor,
    *,
    for_customer: bool,
) -> TicketView:
    return TicketView(
        summary=_summary(ticket, actor, for_customer=for_customer),
        description=ticket.description,
        context_data=ticket.context_data or {},
        messages=messages,
        files=files,
        version=ticket.version,
    )


def own_summaries(db: Session, ids: Sequence[str], *, actor: Actor) -> list[TicketSummary]:
    """Own tickets in the order of the ids, as their customer sees them."""
    return _summaries(db, queries.own_of(actor), ids, actor, for_customer=True)


def desk_summaries(db: Session, ids: Sequence[str], *, actor: Actor) -> list[TicketSummary]:
    """Tickets in the order of the ids, as agents see them. Raises NotPermitted."""
    permissions.require_any(actor, permissions.ON_TICKETS)
    return _summaries(db, queries.visible_to(actor), ids, actor, for_customer=False)


def _summaries(
    db: Session, visible: Any, ids: Sequence[str], actor: Actor, *, for_customer: bool
) -> list[TicketSummary]:
    rows = visible.where(Ticket.id.in_(ids)).options(
        joinedload(Ticket.user),
        joinedload(Ticket.assigned_to),
        joinedload(Ticket.related_article).load_only(
            Article.slug, Article.title, Article.is_published, Article.deleted_at
        ),
        selectinload(Ticket.tag_rows),
    )
    found = {ticket.id: ticket for ticket in db.scalars(rows)}
    return [
        _summary(found[ticket_id], actor, for_customer=for_customer)
        for ticket_id in ids
        if ticket_id in found
    ]


def _summary(ticket: Ticket, actor: Actor, *, for_customer: bool) -> TicketSummary:
    waits = not for_customer and ticket.waiting_since != NOT_WAITING
    return TicketSummary(
        id=ticket.id,
        ticket_number=ticket.ticket_number,
        type=ticket.type,
        category=ticket.category,
        severity=ticket.severity,
        tags=ticket.tags,
        title=ticket.title,
        status=ticket.status,
        priority=None if for_customer else ticket.priority,
        assigned_to=_assignee(ticket.assigned_to, for_customer=for_customer),
        user=Somebody(ticket.user.id, ticket.user.name, ticket.user.email),
        resolution=ticket.resolution,
        resolved_at=ticket.resolved_at,
        related_article=_article(ticket.related_article, actor),
        sentry_event_id=ticket.sentry_event_id,
        waiting_since=ticket.waiting_since if waits else None,
        created_at=ticket.created_at,
        updated_at=ticket.customer_updated_at if for_customer else ticket.updated_at,
    )


def _assignee(agent: User | None, *, for_customer: bool) -> Somebody | None:
    if agent is None:
        return None
    if for_customer:
        return Somebody(None, agent.name or NAMELESS_AGENT)
    return Somebody(agent.id, str(agent), agent.email)


def _article(article: Article | None, actor: Actor) -> ArticleLink | None:
    """The link, unless the article was taken back and the actor reads no drafts."""
    if article is None or article.deleted_at is not None:
        return None
    if not (article.is_published or permissions.may(actor, Permission.KB_READ)):
        return None
    return ArticleLink(article.slug, article.title)
