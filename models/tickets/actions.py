"""Writes on one ticket: conversing, moving, assigning, marking."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete
from sqlalchemy.orm import Session

from models import db as database
from models import permissions, users
from models.actor import Actor
from models.base import now
from models.errors import Invalid, NotAllowedNow, NotFound, NotPermitted
from models.kb import Article
from models.permissions import Permission
from models.text import plain_to_html
from models.tickets import letters, uploads
from models.tickets.deeds import AgentReply, Note, Reply
from models.tickets.journal import changed, index, record
from models.tickets.lifecycle import move
from models.tickets.queries import own_of
from models.tickets.tables import (
    MAX_TAGS,
    NOT_WAITING,
    Priority,
    Severity,
    Status,
    Ticket,
    TicketMessage,
    TicketTag,
)
from models.tickets.uploads import CheckedFile

SOLVED_BY_CUSTOMER = "Solved by the customer"


def hold(db: Session, ticket: Ticket) -> None:
    """Hold a ticket until this transaction ends, so that its version stays what it is."""
    database.lock_row(db, ticket)


def reply(
    db: Session,
    ticket: Ticket,
    deed: Reply | AgentReply,
    *,
    files: Sequence[CheckedFile] = (),
    actor: Actor,
) -> TicketMessage:
    """Add a message to the conversation: staff's answer, or the customer's reply.

    ``files`` came with the form itself, beside those that the deed names.

    The customer's reply reopens a resolved ticket and ends waiting; on a closed one it raises
    NotAllowedNow. Staff's first answer starts the work; a status sent along follows the text,
    which is the resolution for ``resolved``. Staff reopen a closed ticket before replying.
    """
    database.lock_row(db, ticket)
    if isinstance(deed, AgentReply):
        message = _answer(db, ticket, deed, actor)
    else:
        message = _customer_reply(db, ticket, deed, actor)
    uploads.attach_new(db, files, ticket, message)
    return message


def _customer_reply(db: Session, ticket: Ticket, deed: Reply, actor: Actor) -> TicketMessage:
    _require_own(db, ticket, actor)
    if ticket.status == Status.CLOSED.value:
        raise NotAllowedNow(
            f"{ticket.ticket_number} is closed. Please open a new ticket and mention this number."
        )
    moment = now()
    sender_id = actor.user_id or ticket.user_id
    message = _add_message(db, ticket, deed, moment, sender_id=sender_id, actor=actor)
    if ticket.status == Status.WAITING_USER.value:
        next_status = Status.IN_PROGRESS if ticket.assigned_to_id else Status.OPEN
        _move(db, ticket, next_status, actor, at=moment)
    elif ticket.status == Status.RESOLVED.value:
        _move(db, ticket, Status.OPEN, actor, at=moment)
    if ticket.waiting_since == NOT_WAITING:
        ticket.waiting_since = moment
    changed(ticket, moment)
    record(db, "reply", ticket, actor, message_id=message.id)
    letters.customer_replied(db, ticket, message)
    return message


def _require_own(db: Session, ticket: Ticket, actor: Actor) -> None:
    if db.scalar(own_of(actor).where(Ticket.id == ticket.id).with_only_columns(Ticket.id)) is None:
        raise NotFound


def _answer(db: Session, ticket: Ticket, deed: AgentReply, actor: Actor) -> TicketMessage:
    permissions.require(actor, Permission.TICKETS_WRITE)
    if ticket.status == Status.CLOSED.value:
        raise NotAllowedNow(f"{ticket.ticket_number} is closed. Reopen it before you reply.")
    moment = now()
    message = _add_message(db, ticket, deed, moment, sender_id=_sender(actor), actor=actor)
    ticket.first_response_at = ticket.first_response_at or moment
    ticket.waiting_since = NOT_WAITING
    wanted = deed.status
    if wanted is None and ticket.status == Status.OPEN.value:
        wanted = Status.IN_PROGRESS
    resolved = False
    if wanted is not None:
        resolved = _move(db, ticket, wanted, actor, at=moment, resolution=deed.content) and (
            wanted is Status.RESOLVED
        )
        ticket.waiting_since = NOT_WAITING  # just answered, whatever the status is called
    changed(ticket, moment)
    record(db, "reply", ticket, actor, message_id=message.id)
    if resolved:
        letters.resolved(db, ticket, actor)
    else:
        letters.answered(db, ticket, message, actor)
    return message


def _sender(actor: Actor) -> str:
    if actor.user_id is None:
        raise NotPermitted
    return actor.user_id


def _add_message(
    db: Session,
    ticket: Ticket,
    deed: Reply | AgentReply | Note,
    at: datetime,
    *,
    sender_id: str,
    is_internal: bool = False,
    actor: Actor,
) -> TicketMessage:
    message = TicketMessage(
        ticket_id=ticket.id,
        sender_id=sender_id,
        content=deed.content,
        html=plain_to_html(deed.content),
        is_internal=is_internal,
        created_at=at,
    )
    db.add(message)
    db.flush()
    uploads.attach(db, deed.attachment_ids, ticket, message, actor=actor)
    if not is_internal:
        index(db, ticket)
    return message


def add_note(db: Session, ticket: Ticket, deed: Note, *, actor: Actor) -> TicketMessage:
    """Add an internal note; nothing that the customer sees changes. Raises NotPermitted."""
    permissions.require(actor, Permission.TICKETS_WRITE)
    database.lock_row(db, ticket)
    moment = now()
    message = _add_message(
        db, ticket, deed, moment, sender_id=_sender(actor), is_internal=True, actor=actor
    )
    changed(ticket, moment, visibly=False)
    record(db, "note", ticket, actor, message_id=message.id)
    return message


def assign(
    db: Session,
    ticket: Ticket,
    assignee_id: str | None,
    *,
    mail_due_at: datetime | None = None,
    actor: Actor,
) -> Ticket:
    """Give a ticket to somebody of staff, or to nobody; an open one becomes in progress.

    ``mail_due_at`` holds the mail back until then.

    Raises NotPermitted, Invalid for somebody who cannot be assigned. The same again does nothing.
    """
    permissions.require(actor, Permission.TICKETS_ASSIGN)
    database.lock_row(db, ticket)
    assignee = users.assignable(db, assignee_id) if assignee_id else None
    if assignee_id and assignee is None:
        raise Invalid({"assigneeId": "This person cannot be assigned. Please choose an agent."})
    if assignee_id == ticket.assigned_to_id:
        return ticket
    before, moment = ticket.assigned_to_id, now()
    ticket.assigned_to_id = assignee_id
    if assignee is not None and ticket.status == Status.OPEN.value:
        _move(db, ticket, Status.IN_PROGRESS, actor, at=moment)
    changed(ticket, moment)
    record(
        db,
        "assign",
        ticket,
        actor,
        before=before,
        after=assignee_id,
        name=str(assignee) if assignee else None,
    )
    if assignee is not None and assignee.id != actor.user_id:
        letters.assigned(db, ticket, assignee, actor, due_at=mail_due_at)
    return ticket


def change_status(
    db: Session,
    ticket: Ticket,
    status: Status,
    *,
    resolution: str | None = None,
    mail_due_at: datetime | None = None,
    actor: Actor,
) -> Ticket:
    """Move a ticket by the table of ``lifecycle``; the same status again does nothing.

    ``mail_due_at`` holds the mail back until then.

    Raises NotPermitted, NotAllowedNow, Invalid for ``resolved`` without a resolution.
    """
    permissions.require(actor, Permission.TICKETS_WRITE)
    database.lock_row(db, ticket)
    if (
        _move(db, ticket, status, actor, at=now(), resolution=resolution)
        and status is Status.RESOLVED
    ):
        letters.resolved(db, ticket, actor, due_at=mail_due_at)
    return ticket


def resolve(db: Session, ticket: Ticket, resolution: str, *, actor: Actor) -> Ticket:
    """Resolve a ticket with a text for the customer. Raises like ``change_status``."""
    return change_status(db, ticket, Status.RESOLVED, resolution=resolution, actor=actor)


def solve(db: Session, ticket: Ticket, *, actor: Actor) -> Ticket:
    """The customer says that it is solved. Raises NotFound, NotAllowedNow on a closed ticket."""
    database.lock_row(db, ticket)
    _require_own(db, ticket, actor)
    _move(db, ticket, Status.RESOLVED, actor, at=now(), resolution=SOLVED_BY_CUSTOMER)
    return ticket


def _move(
    db: Session,
    ticket: Ticket,
    status: Status,
    actor: Actor,
    *,
    at: datetime,
    resolution: str | None = None,
) -> bool:
    before, former_resolution = ticket.status, ticket.resolution
    if not move(ticket, status, at=at, resolution=resolution):
        return False
    changed(ticket, at)
    data: dict[str, Any] = {"before": before, "after": status.value}
    if former_resolution and before == Status.RESOLVED.value:
        data["former_resolution"] = former_resolution
    if status is Status.RESOLVED:
        data["resolution"] = resolution
    record(db, "status", ticket, actor, **data)
    return True


def set_priority(db: Session, ticket: Ticket, priority: Priority, *, actor: Actor) -> Ticket:
    """Change how soon agents should answer; customers do not see it. Raises NotPermitted."""
    return _set(db, ticket, "priority", priority.value, actor=actor, visibly=False)


def set_severity(db: Session, ticket: Ticket, severity: Severity, *, actor: Actor) -> Ticket:
    """Change how bad it is; the priority stays. Raises NotPermitted."""
    return _set(db, ticket, "severity", severity.value, actor=actor, visibly=True)


def _set(
    db: Session, ticket: Ticket, name: str, value: Any, *, actor: Actor, visibly: bool
) -> Ticket:
    permissions.require(actor, Permission.TICKETS_WRITE)
    database.lock_row(db, ticket)
    before = getattr(ticket, name)
    if before == value:
        return ticket
    setattr(ticket, name, value)
    changed(ticket, now(), visibly=visibly)
    record(db, name, ticket, actor, before=before, after=value)
    return ticket


def set_tags(db: Session, ticket: Ticket, tags: Iterable[str], *, actor: Actor) -> Ticket:
    """Give a ticket exactly these tags. Raises NotPermitted, Invalid for more than 20."""
    return _retag(db, ticket, lambda _before: set(tags), actor)


def change_tags(
    db: Session, ticket: Ticket, *, add: Iterable[str], remove: Iterable[str], actor: Actor
) -> Ticket:
    """Add tags and remove tags; the others stay. Raises NotPermitted, Invalid for more than 20."""
    return _retag(db, ticket, lambda before: before.union(add).difference(remove), actor)


def _retag(
    db: Session, ticket: Ticket, wanted: Callable[[set[str]], set[str]], actor: Actor
) -> Ticket:
    permissions.require(actor, Permission.TICKETS_WRITE)
    database.lock_row(db, ticket)
    db.expire(ticket, ["tag_rows"])  # somebody may have changed them while we waited
    before = ticket.tags
    after = sorted(wanted(set(before)))
    if before == after:
        return ticket
    if len(after) > MAX_TAGS:
        raise Invalid({"tags": f"Please give at most {MAX_TAGS} tags."})
    db.execute(delete(TicketTag).where(TicketTag.ticket_id == ticket.id))
    db.add_all([TicketTag(ticket_id=ticket.id, tag=tag) for tag in after])
    db.flush()
    db.expire(ticket, ["tag_rows"])
    index(db, ticket)
    changed(ticket, now(), visibly=True)
    record(db, "tags", ticket, actor, before=before, after=after)
    return ticket


def link_article(db: Session, ticket: Ticket, article_id: str, *, actor: Actor) -> Ticket:
    """Link the article that answers; only a published one. Raises NotPermitted, Invalid."""
    permissions.require(actor, Permission.TICKETS_WRITE)
    article = db.get(Article, article_id)
    if article is None or not article.is_published:
        raise Invalid({"articleId": "Only a published article can be linked."})
    return _set(db, ticket, "related_article_id", article.id, actor=actor, visibly=True)
