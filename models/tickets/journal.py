"""What every write on a ticket leaves: the times of the change, and its audit row."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from models import audit
from models.actor import Actor
from models.tickets.tables import Ticket


def changed(ticket: Ticket, at: datetime, *, visibly: bool = True) -> None:
    """Note when a ticket changed, and whether its customer can see it."""
    ticket.updated_at = at
    if visibly:
        ticket.customer_updated_at = at


def record(db: Session, verb: str, ticket: Ticket, actor: Actor, **data: Any) -> None:
    """Write the audit row ``ticket.verb`` in the transaction of the deed."""
    db.flush()
    audit.record(
        db,
        f"ticket.{verb}",
        "ticket",
        ticket.id,
        actor=actor,
        subject_id=ticket.user_id,
        **data,
    )
