"""One deed on many tickets: all of them or none."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from models import permissions
from models.actor import Actor
from models.base import now
from models.errors import Invalid, NotAllowedNow
from models.permissions import Permission
from models.tickets import queries
from models.tickets.actions import assign, change_status, change_tags, set_priority
from models.tickets.deeds import BulkDeed
from models.tickets.tables import Ticket

UNDO_WINDOW = timedelta(seconds=30)


def bulk(db: Session, deed: BulkDeed, *, actor: Actor) -> list[Ticket]:
    """Do one deed on up to 200 tickets. Mails wait 30 s, so that an undo comes before them.

    Raises what the deed itself raises, naming the ticket that refused; then nothing is changed.
    """
    needed = Permission.TICKETS_ASSIGN if deed.action == "assign" else Permission.TICKETS_WRITE
    permissions.require(actor, needed)
    due_at = now() + UNDO_WINDOW
    changed = []
    for ref in sorted(set(deed.ids)):  # one order for everybody: overlapping deeds cannot deadlock
        ticket = queries.get(db, ref, actor=actor)
        try:
            changed.append(_one(db, ticket, deed, due_at, actor))
        except NotAllowedNow as error:
            raise NotAllowedNow(f"Nothing was changed. {error}") from None
        except Invalid as error:
            raise Invalid(
                error.fields, f"Nothing was changed. {ticket.ticket_number}: {error}"
            ) from None
    return changed


def _one(db: Session, ticket: Ticket, deed: BulkDeed, due_at: datetime, actor: Actor) -> Ticket:
    if deed.action == "assign":
        return assign(
            db, ticket, deed.assignee_id or actor.user_id, mail_due_at=due_at, actor=actor
        )
    if deed.action == "status" and deed.status is not None:
        return change_status(
            db,
            ticket,
            deed.status,
            resolution=deed.resolution or None,
            mail_due_at=due_at,
            actor=actor,
        )
    if deed.action == "priority" and deed.priority is not None:
        return set_priority(db, ticket, deed.priority, actor=actor)
    return change_tags(db, ticket, add=deed.add_tags, remove=deed.remove_tags, actor=actor)
