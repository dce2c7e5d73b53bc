"""The card of one customer: account, gateways, tickets."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from models import permissions, users
from models.actor import Actor
from models.permissions import Permission
from models.tickets import Ticket
from models.users import User

RECENT = 5


@dataclass(frozen=True, slots=True)
class GatewayRow:
    """A gateway as the host last told. Times are in UTC."""

    id: str
    name: str
    type: str
    status: str
    last_error: str | None
    last_error_at: datetime | None


@dataclass(frozen=True, slots=True)
class TicketRow:
    """One of the customer's latest tickets."""

    id: str
    ticket_number: str
    title: str
    status: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class UserCard:
    """All about one customer. Times are in UTC."""

    id: str
    email: str | None
    name: str
    role: str
    plan: str
    is_active: bool
    created_at: datetime
    last_login_at: datetime | None
    gateways: list[GatewayRow]
    tickets: list[TicketRow]
    ticket_count: int


def ticket_counts(db: Session, user_ids: Sequence[str], *, actor: Actor) -> dict[str, int]:
    """How many tickets these people sent; who sent none is left out. Raises NotPermitted."""
    permissions.require(actor, Permission.USERS_READ)
    rows = (
        select(Ticket.user_id, func.count())
        .where(Ticket.user_id.in_(user_ids))
        .group_by(Ticket.user_id)
    )
    return dict(db.execute(rows).all())


_OF_USER = Ticket.user_id == bindparam("user_id")
_LATEST = (
    select(Ticket.id, Ticket.ticket_number, Ticket.title, Ticket.status, Ticket.created_at)
    .where(_OF_USER)
    .order_by(Ticket.number.desc())
    .limit(RECENT)
)
_COUNT = select(func.count()).where(_OF_USER)


def user_card(db: Session, user: User, *, actor: Actor) -> UserCard:
    """The card of a person for staff who look people up. Raises NotPermitted."""
    permissions.require(actor, Permission.USERS_READ)
    gateways = [
        GatewayRow(row.id, row.name, row.type, row.status, row.last_error, row.last_error_at)
        for row in users.gateways(db, user.id, actor=actor)
    ]
    return UserCard(
        id=user.id,
        email=user.email,
        name=user.name,
        role=user.role,
        plan=user.plan,
        is_active=user.is_active,
        created_at=user.created_at,
        last_login_at=user.last_login_at,
        gateways=gateways,
        tickets=[TicketRow(*row) for row in db.execute(_LATEST, {"user_id": user.id})],
        ticket_count=db.scalar(_COUNT, {"user_id": user.id}) or 0,
    )
