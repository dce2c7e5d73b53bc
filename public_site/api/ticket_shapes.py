"""Tickets as the API gives them: to their customers, and to agents."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from models.tickets import Attachment as File
from models.tickets import AttachmentKind, MessageRow, TicketSummary, TicketView
from public_site.api.shapes import PageShape, Shape


class Named(Shape):
    """Somebody of staff, as customers know them."""

    name: str


class Person(Shape):
    """Somebody by id and name."""

    id: str
    name: str


class Customer(Person):
    """Whose ticket it is."""

    email: str | None


class ArticleRef(Shape):
    """The article that answers a ticket."""

    slug: str
    title: str


class Sender(Person):
    """Who wrote a message."""

    role: str


class Attachment(Shape):
    """A file at a ticket or a message."""

    id: str
    name: str
    url: str
    size: int


class Upload(Shape):
    """A file that waits to be attached."""

    id: str
    name: str
    size: int
    content_type: str


class Message(Shape):
    """A message of a conversation; ``html`` is safe."""

    id: str
    content: str
    html: str
    is_internal: bool
    sender: Sender
    attachments: list[Attachment]
    created_at: datetime


class TicketBase(Shape):
    """What every view of a ticket holds."""

    id: str
    ticket_number: str
    type: str
    category: str
    severity: str
    tags: list[str]
    title: str
    status: str
    user: Customer
    resolution: str | None
    resolved_at: datetime | None
    related_article: ArticleRef | None
    sentry_event_id: str | None
    created_at: datetime
    updated_at: datetime


class OwnTicketItem(TicketBase):
    """A ticket in its customer's list."""

    assigned_to: Named | None


class DeskTicketItem(TicketBase):
    """A ticket in the agents' queue."""

    priority: int
    assigned_to: Person | None
    waiting_since: datetime | None


class Conversation(Shape):
    """What a ticket holds besides what a list shows."""

    description: str
    context_data: dict[str, Any]
    screenshot_url: str | None
    attachments: list[Attachment]
    messages: list[Message]


class OwnTicket(Conversation, OwnTicketItem):
    """A ticket as its customer sees it."""


class NewTicket(OwnTicket):
    """A ticket that was just created; ``contextDropped`` names what was not kept."""

    context_dropped: list[str]


class DeskTicket(Conversation, DeskTicketItem):
    """A ticket as agents see it, internal notes among its messages."""


class OwnTicketPage(PageShape):
    """A page of one's own tickets."""

    items: list[OwnTicketItem]


class DeskTicketPage(PageShape):
    """A page of the queue; ``nextCursor`` leads on, also beyond the numbered pages."""

    items: list[DeskTicketItem]
    next_cursor: str | None


class ChangedTickets(Shape):
    """The tickets that a bulk deed was done to."""

    items: list[DeskTicketItem]


class Rating(Shape):
    """The customer's vote on how a ticket was handled."""

    score: int
    comment: str | None
    created_at: datetime
    updated_at: datetime


def own_item(row: TicketSummary) -> OwnTicketItem:
    """A ticket in its customer's list."""
    return OwnTicketItem(**_own_values(row))


def desk_item(row: TicketSummary) -> DeskTicketItem:
    """A ticket in the queue."""
    return DeskTicketItem(**_desk_values(row))


def own_ticket(view: TicketView) -> OwnTicket:
    """A ticket as its customer sees it."""
    return OwnTicket(**_own_values(view.summary), **_conversation(view))


def new_ticket(view: TicketView, dropped: Sequence[str]) -> NewTicket:
    """A ticket that was just created."""
    return NewTicket(
        **_own_values(view.summary), **_conversation(view), context_dropped=list(dropped)
    )


def desk_ticket(view: TicketView) -> DeskTicket:
    """A ticket as agents see it."""
    return DeskTicket(**_desk_values(view.summary), **_conversation(view))


def _own_values(row: TicketSummary) -> dict[str, Any]:
    agent = row.assigned_to
    return {**_values(row), "assigned_to": Named(name=agent.name) if agent else None}


def _desk_values(row: TicketSummary) -> dict[str, Any]:
    agent = row.assigned_to
    return {
        **_values(row),
        "priority": row.priority,
        "waiting_since": row.waiting_since,
        "assigned_to": Person(id=agent.id or "", name=agent.name) if agent else None,
    }


def _values(row: TicketSummary) -> dict[str, Any]:
    names = TicketBase.model_fields.keys() - {"user", "related_article"}
    link = row.related_article
    return {
        **{name: getattr(row, name) for name in names},
        "user": Customer(id=row.user.id or "", name=row.user.name, email=row.user.email),
        "related_article": ArticleRef(slug=link.slug, title=link.title) if link else None,
    }


def _conversation(view: TicketView) -> dict[str, Any]:
    at_ticket = [file for file in view.files if file.message_id is None]
    shots = [file for file in at_ticket if file.kind == AttachmentKind.SCREENSHOT]
    return {
        "description": view.description,
        "context_data": view.context_data,
        "screenshot_url": address_of(shots[0]) if shots else None,
        "attachments": [_file(file) for file in at_ticket if file not in shots],
        "messages": [_message(row, view.files) for row in view.messages],
    }


def _message(row: MessageRow, files: Sequence[File]) -> Message:
    return Message(
        id=row.id,
        content=row.content,
        html=row.html,
        is_internal=row.is_internal,
        sender=Sender(id=row.sender_id, name=row.sender_name, role=row.sender_role),
        attachments=[_file(file) for file in files if file.message_id == row.id],
        created_at=row.created_at,
    )


def _file(file: File) -> Attachment:
    return Attachment(id=file.id, name=file.name, url=address_of(file), size=file.size)


def upload(file: File) -> Upload:
    """A file that waits to be attached."""
    return Upload(id=file.id, name=file.name, size=file.size, content_type=file.content_type)


def address_of(file: File) -> str:
    """Where a file is fetched by whoever sees it."""
    return f"/api/attachments/{file.id}"
