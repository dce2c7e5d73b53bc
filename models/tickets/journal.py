"""What every write on a ticket leaves: times, an audit row, and its words in the index."""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import audit, fulltext
from models.actor import Actor
from models.tickets.tables import Ticket, TicketMessage

# A thread without end must not make each reply slower than the one before.
MESSAGES_INDEXED = 50
TEXT_INDEXED = 60_000


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


def index_new(db: Session, ticket: Ticket) -> None:
    """Make a ticket findable that was just created, without tags and messages."""
    entry = (ticket.number, ticket.title, "", ticket.description[:TEXT_INDEXED])
    fulltext.TICKETS.put_new(db, [entry])


def index(db: Session, ticket: Ticket) -> None:
    """Make a ticket findable by its title, its tags, and what its customer may read.

    Internal notes are not in the index: nobody can find, count or guess what stands in them.
    """
    said = select(TicketMessage.content).where(
        TicketMessage.ticket_id == ticket.id, TicketMessage.is_internal.is_(False)
    )
    newest_first = db.scalars(said.order_by(TicketMessage.id.desc()).limit(MESSAGES_INDEXED))
    fulltext.TICKETS.put(
        db,
        ticket.number,
        title=ticket.title,
        tags=" ".join(ticket.tags),
        body="\n".join([ticket.description, *newest_first])[:TEXT_INDEXED],
    )
