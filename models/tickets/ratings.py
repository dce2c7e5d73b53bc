"""What customers say about how they were helped: one vote a ticket, after it was resolved."""

from datetime import timedelta

from sqlalchemy.orm import Session

from models import audit
from models import db as database
from models.actor import Actor
from models.base import now
from models.errors import NotAllowedNow
from models.tickets.deeds import Rating
from models.tickets.queries import get_own
from models.tickets.tables import Status, Ticket, TicketRating

CHANGEABLE = timedelta(days=7)
_DONE = frozenset({Status.RESOLVED.value, Status.CLOSED.value})


def may_rate(ticket: Ticket, rating: TicketRating | None) -> bool:
    """Whether the customer may vote now: once it is done, and again for a week."""
    if rating is None:
        return ticket.status in _DONE
    return now() - rating.created_at <= CHANGEABLE


def rate(db: Session, ticket: Ticket, deed: Rating, *, actor: Actor) -> TicketRating:
    """Keep the customer's vote on a resolved or closed ticket; voting again changes it for a week.

    Nothing about the ticket itself changes. Raises NotFound, NotAllowedNow.
    """
    database.lock_row(db, ticket)
    get_own(db, ticket.id, actor=actor)
    rating = db.get(TicketRating, ticket.id)
    if rating is None and not may_rate(ticket, None):
        raise NotAllowedNow(f"{ticket.ticket_number} is not resolved yet.")
    if rating is None:
        rating = TicketRating(ticket_id=ticket.id, score=deed.score, created_at=now())
        db.add(rating)
    elif not may_rate(ticket, rating):
        raise NotAllowedNow("This vote is older than a week and stays as it is.")
    rating.score, rating.comment, rating.updated_at = deed.score, deed.comment or None, now()
    db.flush()
    audit.record(
        db, "ticket.rate", "ticket", ticket.id,
        actor=actor, subject_id=ticket.user_id, score=deed.score,
    )  # fmt: skip
    return rating
