"""Reads of tickets: which exist for whom, the queue, the conversation."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Select, false, or_, select
from sqlalchemy.orm import Session, aliased, joinedload

from models import paging, permissions
from models.actor import Actor
from models.audit import AuditEntry
from models.errors import Invalid, NotFound
from models.paging import Page, Rows
from models.permissions import Permission
from models.tickets import finding, ordering
from models.tickets.deeds import OwnFilter, QueueFilter
from models.tickets.tables import (
    NAMELESS_AGENT,
    NOT_WAITING,
    Ticket,
    TicketCategory,
    TicketMessage,
    TicketTag,
)
from models.users import User


@dataclass(frozen=True, slots=True)
class OwnRow:
    """A ticket in its customer's list. Times are in UTC."""

    id: str
    ticket_number: str
    title: str
    type: str
    category: str
    status: str
    created_at: datetime
    customer_updated_at: datetime


@dataclass(frozen=True, slots=True)
class QueueRow:
    """A ticket in the agents' queue. ``waiting_since`` is None when the customer does not wait."""

    id: str
    number: int
    ticket_number: str
    title: str
    type: str
    category: str
    severity: str
    status: str
    priority: int
    created_at: datetime
    updated_at: datetime
    waiting_since: datetime | None
    user_id: str
    user_name: str
    user_email: str | None
    assigned_to_id: str | None
    assigned_to_name: str | None
    tags: tuple[str, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class MessageRow:
    """A message of a thread; ``html`` is safe. ``is_staff``: not by the ticket's customer."""

    id: str
    content: str
    html: str
    is_internal: bool
    created_at: datetime
    sender_id: str
    sender_name: str
    sender_role: str
    is_staff: bool


def visible_to(actor: Actor) -> Select[Ticket]:
    """The tickets that exist for this actor: all for agents, else one's own."""
    if permissions.may_any(actor, permissions.ON_TICKETS):
        return select(Ticket)
    return own_of(actor)


def own_of(actor: Actor) -> Select[Ticket]:
    """The tickets of which the actor is the customer; a guest's link opens one."""
    tickets = select(Ticket)
    if actor.guest_ticket_id is not None:
        return tickets.where(Ticket.id == actor.guest_ticket_id)
    return tickets.where(Ticket.user_id == actor.user_id if actor.is_signed_in else false())


def messages_for_customer() -> Select[TicketMessage]:
    """The messages that customers may see: no internal note is ever among them."""
    return select(TicketMessage).where(TicketMessage.is_internal.is_(False))


def get(db: Session, ref: str, *, actor: Actor) -> Ticket:
    """A ticket by id or number, for agents. Raises NotSignedIn, NotPermitted, NotFound."""
    permissions.require_any(actor, permissions.ON_TICKETS)
    return _one(db, visible_to(actor), ref)


def get_own(db: Session, ref: str, *, actor: Actor) -> Ticket:
    """The actor's own ticket by id or number, or the one of a guest's link. Raises NotFound."""
    if actor.guest_ticket_id is None:
        permissions.require_sign_in(actor)
    return _one(db, own_of(actor), ref)


def _one(db: Session, tickets: Select[Ticket], ref: str) -> Ticket:
    match = or_(Ticket.id == ref, Ticket.ticket_number == ref.upper())
    ticket = db.scalar(
        tickets.where(match).options(
            joinedload(Ticket.user),
            joinedload(Ticket.assigned_to),
            joinedload(Ticket.related_article),
        )
    )
    if ticket is None:
        raise NotFound(f"There is no ticket {ref}.")
    return ticket


def own_tickets(db: Session, filters: OwnFilter, *, actor: Actor) -> Page[OwnRow]:
    """The actor's own tickets, latest visible change first."""
    permissions.require_sign_in(actor)
    rows: Rows = own_of(actor)
    if filters.status is not None:
        rows = rows.where(Ticket.status == filters.status.value)
    if filters.q:
        rows = finding.searched(db, rows, filters.q, by_email=False)
    rows = rows.with_only_columns(
        Ticket.id,
        Ticket.ticket_number,
        Ticket.title,
        Ticket.type,
        Ticket.category,
        Ticket.status,
        Ticket.created_at,
        Ticket.customer_updated_at,
    ).order_by(Ticket.customer_updated_at.desc(), Ticket.number.desc())
    found = paging.of_rows(db, rows, page=filters.page, page_size=filters.page_size)
    items = [OwnRow(*row) for row in found.items]
    return Page(items, found.page, found.page_size, found.total, found.total_is_capped)


def queue(db: Session, filters: QueueFilter, *, actor: Actor) -> Page[QueueRow]:
    """The agents' queue; without a sort: urgent first, then the longest customer wait.

    Pages are numbered to 10 000 rows; beyond them ``next_cursor`` leads on. Raises NotPermitted,
    Invalid for a page or a cursor beyond the list.
    """
    rows: Rows = matching(db, filters, actor=actor)
    total, capped = paging.count_up_to(db, rows.with_only_columns(Ticket.id))
    first = (filters.page - 1) * filters.page_size
    if capped and first >= paging.COUNT_CAP:
        raise Invalid(
            {"page": "Pages end at 10 000 tickets. Go on by the cursor, or narrow the list."}
        )
    sort = filters.sort or ordering.DEFAULT
    ranked = finding.by_rank(db, rows, filters.q) if filters.q and not filters.sort else None
    if ranked is not None and filters.after:
        raise Invalid(
            {"after": "What was searched is ordered by how well it fits. Choose an order."}
        )
    rows = ordering.ordered(rows, sort) if ranked is None else ranked
    if filters.after:
        rows = ordering.after(rows, sort, filters.after)
    found = db.execute(_queue_columns(rows).offset(first).limit(filters.page_size + 1)).all()
    has_more, found = len(found) > filters.page_size, found[: filters.page_size]
    onward = ordering.cursor(sort, found[-1]) if has_more and ranked is None else None
    tags = _tags_of(db, [row[0] for row in found])
    items = [_queue_row(row, tags) for row in found]
    return Page(items, filters.page, filters.page_size, total, capped, onward)


def _queue_columns(rows: Rows) -> Rows:
    assignee = aliased(User)
    return (
        rows.join(User, User.id == Ticket.user_id)
        .outerjoin(assignee, assignee.id == Ticket.assigned_to_id)
        .with_only_columns(
            Ticket.id,
            Ticket.number,
            Ticket.ticket_number,
            Ticket.title,
            Ticket.type,
            Ticket.category,
            Ticket.severity,
            Ticket.status,
            Ticket.priority,
            Ticket.created_at,
            Ticket.updated_at,
            Ticket.waiting_since,
            User.id,
            User.name,
            User.email,
            assignee.id,
            assignee.name,
        )
    )


def search(
    db: Session, q: str, *, page: int = 1, page_size: int = 20, actor: Actor
) -> Page[QueueRow]:
    """Tickets by number, by the beginning of an e-mail, or by words, best first, for agents."""
    return queue(db, QueueFilter(q=q, page=page, page_size=page_size), actor=actor)


def _queue_row(row: Any, tags: dict[str, tuple[str, ...]]) -> QueueRow:
    values: list[Any] = [None if value == NOT_WAITING else value for value in row]
    return QueueRow(*values, tags.get(row[0], ()))  # type: ignore[call-arg]  # as many as selected


def _tags_of(db: Session, ticket_ids: Sequence[str]) -> dict[str, tuple[str, ...]]:
    tags: dict[str, tuple[str, ...]] = {}
    rows = select(TicketTag.ticket_id, TicketTag.tag).where(TicketTag.ticket_id.in_(ticket_ids))
    for ticket_id, tag in db.execute(rows.order_by(TicketTag.tag)):
        tags[ticket_id] = (*tags.get(ticket_id, ()), tag)
    return tags


def matching(db: Session, filters: QueueFilter, *, actor: Actor) -> Select[Ticket]:
    """The tickets that a filter of the queue leaves, in no order.

    Raises NotPermitted, Invalid for a category or a person that there is not.
    """
    permissions.require(actor, Permission.TICKETS_READ)
    _require_known(db, filters)
    return _filtered(db, visible_to(actor), filters, actor)


def _require_known(db: Session, filters: QueueFilter) -> None:
    wrong = {}
    slug, person = filters.category, filters.assignee
    if slug and not db.scalar(select(TicketCategory.id).where(TicketCategory.slug == slug)):
        wrong["category"] = "There is no such category."
    if person not in (None, "me", "none") and not db.get(User, person):
        wrong["assignee"] = "Please choose me, none or the id of a person."
    if wrong:
        raise Invalid(wrong)


def _filtered(db: Session, rows: Rows, filters: QueueFilter, actor: Actor) -> Rows:
    equal = {
        Ticket.status: filters.status,
        Ticket.type: filters.type,
        Ticket.category: filters.category,
        Ticket.severity: filters.severity,
    }
    rows = rows.where(*(column == value for column, value in equal.items() if value is not None))
    if filters.from_ is not None:
        rows = rows.where(Ticket.created_at >= filters.from_)
    if filters.to is not None:
        rows = rows.where(Ticket.created_at <= filters.to)
    if filters.tag is not None:
        tagged = select(TicketTag.ticket_id).where(TicketTag.tag == filters.tag)
        rows = rows.where(Ticket.id.in_(tagged))
    if filters.assignee is not None:
        rows = rows.where(_assigned_to(filters.assignee, actor))
    return finding.searched(db, rows, filters.q, by_email=True) if filters.q else rows


def _assigned_to(assignee: str, actor: Actor) -> Any:
    if assignee == "none":
        return Ticket.assigned_to_id.is_(None)
    return Ticket.assigned_to_id == (actor.user_id if assignee == "me" else assignee)


def conversation(db: Session, ticket: Ticket, *, actor: Actor) -> list[MessageRow]:
    """The messages of one's own ticket as its customer sees them, in order."""
    own = own_of(actor).where(Ticket.id == ticket.id).with_only_columns(Ticket.id)
    messages = messages_for_customer().where(TicketMessage.ticket_id.in_(own))
    return _messages(db, messages, for_customer=True)


def thread(db: Session, ticket: Ticket, *, actor: Actor) -> list[MessageRow]:
    """The messages with the internal notes, in order, for agents. Raises NotPermitted."""
    permissions.require_any(actor, permissions.ON_TICKETS)
    messages = select(TicketMessage).where(TicketMessage.ticket_id == ticket.id)
    return _messages(db, messages, for_customer=False)


def _messages(
    db: Session, messages: Select[TicketMessage], *, for_customer: bool
) -> list[MessageRow]:
    rows = (
        messages.join(User, User.id == TicketMessage.sender_id)
        .with_only_columns(
            TicketMessage.id,
            TicketMessage.content,
            TicketMessage.html,
            TicketMessage.is_internal,
            TicketMessage.created_at,
            User.id,
            User.name,
            User.email,
            User.role,
            TicketMessage.ticket_id,
            Ticket.user_id,
        )
        .join(Ticket, Ticket.id == TicketMessage.ticket_id)
        .order_by(TicketMessage.id)
    )
    return [
        MessageRow(
            id=row[0],
            content=row[1],
            html=row[2],
            is_internal=row[3],
            created_at=row[4],
            sender_id=row[5],
            sender_name=_sender_name(row, for_customer=for_customer),
            sender_role=row[8],
            is_staff=row[5] != row[10],
        )
        for row in db.execute(rows)
    ]


def _sender_name(row: Any, *, for_customer: bool) -> str:
    """The name at a message; the address of an agent without a name is not for customers."""
    is_staff = row[5] != row[10]
    return row[6] or (NAMELESS_AGENT if for_customer and is_staff else row[7]) or ""


def timeline(db: Session, ticket: Ticket, *, actor: Actor) -> list[tuple[AuditEntry, str]]:
    """Every change of a ticket with the name of who made it, oldest first, for agents."""
    permissions.require(actor, Permission.TICKETS_READ)
    rows = (
        select(AuditEntry, User.name, User.email)
        .outerjoin(User, User.id == AuditEntry.actor_id)
        .where(AuditEntry.object_type == "ticket", AuditEntry.object_id == ticket.id)
        .order_by(AuditEntry.id)
    )
    return [(entry, name or email or "Guest") for entry, name, email in db.execute(rows)]


def categories(db: Session) -> Sequence[TicketCategory]:
    """All ticket categories in their order."""
    return db.scalars(
        select(TicketCategory).order_by(TicketCategory.sort_order, TicketCategory.title)
    ).all()
