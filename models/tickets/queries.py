"""Reads of tickets: which exist for whom, the queue, the conversation."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, bindparam, false, or_, select
from sqlalchemy.orm import Session, joinedload

from models import paging, permissions
from models.actor import Actor
from models.audit import AuditEntry
from models.errors import NotFound
from models.paging import Page, Rows
from models.permissions import Permission
from models.tickets import finding
from models.tickets.deeds import OwnFilter
from models.tickets.tables import (
    NAMELESS_AGENT,
    Ticket,
    TicketCategory,
    TicketMessage,
    TicketRating,
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


@dataclass(frozen=True, slots=True)
class StatusRow:
    """A move of a ticket as its customer reads it; ``name`` is empty for the customer's own."""

    id: str
    at: datetime
    before: str
    after: str
    name: str


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


# Made once, since to put a statement together takes as long as to run it.
_NAMED = or_(Ticket.id == bindparam("ref"), Ticket.ticket_number == bindparam("number"))
_WHOLE = (
    joinedload(Ticket.user),
    joinedload(Ticket.assigned_to),
    joinedload(Ticket.related_article),
)


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
    named = tickets.where(_NAMED).options(*_WHOLE)
    ticket = db.scalar(named, {"ref": ref, "number": ref.upper()})
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


def conversation(db: Session, ticket: Ticket, *, actor: Actor) -> list[MessageRow]:
    """The messages of one's own ticket as its customer sees them, in order."""
    own = own_of(actor).where(Ticket.id == ticket.id).with_only_columns(Ticket.id)
    messages = messages_for_customer().where(TicketMessage.ticket_id.in_(own))
    return _messages(db.execute(_with_senders(messages)), for_customer=True)


def thread(db: Session, ticket: Ticket, *, actor: Actor) -> list[MessageRow]:
    """The messages with the internal notes, in order, for agents. Raises NotPermitted."""
    permissions.require_any(actor, permissions.ON_TICKETS)
    return _messages(db.execute(_THREAD, {"ticket_id": ticket.id}), for_customer=False)


def _with_senders(messages: Select[TicketMessage]) -> Rows:
    return (
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


_THREAD = _with_senders(
    select(TicketMessage).where(TicketMessage.ticket_id == bindparam("ticket_id"))
)
_TIMELINE = (
    select(AuditEntry, User.name, User.email)
    .outerjoin(User, User.id == AuditEntry.actor_id)
    .where(AuditEntry.object_type == "ticket", AuditEntry.object_id == bindparam("ticket_id"))
    .order_by(AuditEntry.id)
)


def _messages(rows: Iterable[Any], *, for_customer: bool) -> list[MessageRow]:
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
        for row in rows
    ]


def _sender_name(row: Any, *, for_customer: bool) -> str:
    """The name at a message; the address of an agent without a name is not for customers."""
    is_staff = row[5] != row[10]
    return row[6] or (NAMELESS_AGENT if for_customer and is_staff else row[7]) or ""


def timeline(db: Session, ticket: Ticket, *, actor: Actor) -> list[tuple[AuditEntry, str]]:
    """Every change of a ticket with the name of who made it, oldest first, for agents."""
    permissions.require(actor, Permission.TICKETS_READ)
    rows = db.execute(_TIMELINE, {"ticket_id": ticket.id})
    return [(entry, name or email or "Guest") for entry, name, email in rows]


def status_changes(db: Session, ticket: Ticket, *, actor: Actor) -> list[StatusRow]:
    """The moves of one's own ticket with what its customer may know of them, in order."""
    own = own_of(actor).where(Ticket.id == ticket.id).with_only_columns(Ticket.id)
    rows = (
        select(AuditEntry.id, AuditEntry.at, AuditEntry.data, AuditEntry.actor_id, User.name,
               User.is_system)
        .outerjoin(User, User.id == AuditEntry.actor_id)
        .where(
            AuditEntry.object_type == "ticket",
            AuditEntry.object_id.in_(own),
            AuditEntry.action == "ticket.status",
        )
        .order_by(AuditEntry.id)
    )  # fmt: skip
    return [
        StatusRow(row[0], row[1], str(data.get("before", "")), str(data["after"]),
                  _mover_name(ticket, *row[3:]))
        for row in db.execute(rows)
        if isinstance(data := row[2], dict) and "after" in data
    ]  # fmt: skip


def _mover_name(ticket: Ticket, actor_id: str | None, name: str | None, is_system: bool) -> str:
    if actor_id == ticket.user_id:
        return ""
    return NAMELESS_AGENT if is_system else name or NAMELESS_AGENT


def rating_of(db: Session, ticket: Ticket, *, actor: Actor) -> TicketRating | None:
    """What the customer of one's own ticket said about how it was handled, if anything."""
    own = own_of(actor).where(Ticket.id == ticket.id).with_only_columns(Ticket.id)
    return db.scalar(select(TicketRating).where(TicketRating.ticket_id.in_(own)))


def categories(db: Session) -> Sequence[TicketCategory]:
    """All ticket categories in their order."""
    return db.scalars(
        select(TicketCategory).order_by(TicketCategory.sort_order, TicketCategory.title)
    ).all()
