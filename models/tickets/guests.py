"""The actor behind a guest's private link."""

from sqlalchemy.orm import Session

from models.actor import Actor, Door
from models.errors import NotFound
from models.tickets import intake
from models.tickets.tables import Ticket
from models.users import User


def guest_actor(db: Session, token: str, *, address: str | None) -> Actor:
    """Who holds this private link: the customer of one ticket, without any role.

    Raises NotFound for an unknown, expired or revoked link, and for a deactivated person.
    """
    ticket = db.get_one(Ticket, intake.ticket_of_link(db, token))
    user = db.get_one(User, ticket.user_id)
    if not user.is_active:
        raise NotFound
    return Actor(
        door=Door.WEB,
        user_id=user.id,
        name=user.name or "Guest",
        guest_ticket_id=ticket.id,
        address=address,
    )
