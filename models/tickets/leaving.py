"""Asking that one's account is deleted: a ticket for staff, who look before anything goes."""

from sqlalchemy.orm import Session

from models import audit, permissions
from models import db as database
from models.actor import Actor
from models.base import now
from models.errors import NotAllowedNow
from models.tickets.creation import create
from models.tickets.deeds import NewTicket
from models.tickets.queries import categories
from models.tickets.tables import Severity, Ticket, TicketType
from models.users import User

TITLE = "Please delete my account and my data"
TEXT = (
    "I ask you to delete my account with everything that belongs to it.\n\n"
    "(Sent from the account page, after the question whether it is meant.)"
)


def ask_for_deletion(db: Session, *, actor: Actor) -> Ticket:
    """Ask staff to delete one's account. Nothing ends and nothing goes until they do it.

    Raises NotSignedIn, NotPermitted for an API token, NotAllowedNow when it was asked before.
    """
    permissions.require_in_person(actor)
    user = db.get_one(User, actor.user_id)
    database.lock_row(db, user)
    if user.deletion_asked_at is not None:
        raise NotAllowedNow("You asked for this already. We answer on the ticket.")
    known = categories(db)
    if not known:
        raise NotAllowedNow("Nobody can be asked here yet.")
    deed = NewTicket(
        type=TicketType.OTHER, category=known[-1].slug, severity=Severity.MEDIUM, title=TITLE,
        description=TEXT,
    )  # fmt: skip
    ticket = create(db, deed, actor=actor)
    user.deletion_asked_at = now()
    audit.record(db, "user.ask_deletion", "user", user.id, actor=actor, subject_id=user.id,
                 ticket=ticket.ticket_number)  # fmt: skip
    db.flush()
    return ticket
