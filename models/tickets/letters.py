"""Which mail goes to whom when something happens to a ticket.

Mails to an address that nobody has proven carry no word of the guest, no title, no name, and can
be stopped.
"""

from datetime import datetime

from sqlalchemy.orm import Session

from models import notifications, users
from models.actor import Actor
from models.notifications import MailKind
from models.settings import current as settings
from models.tickets import intake
from models.tickets.tables import NAMELESS_AGENT, Channel, Severity, Ticket, TicketMessage
from models.tickets.titles import SEVERITY_TITLES
from models.users import User


def received(db: Session, ticket: Ticket, user: User) -> None:
    """Tell the customer that the ticket is here."""
    guest = _is_from_guest(ticket)
    kind = MailKind.TICKET_RECEIVED_GUEST if guest else MailKind.TICKET_RECEIVED
    _to_customer(db, kind, ticket, user)


def answered(db: Session, ticket: Ticket, message: TicketMessage, actor: Actor) -> None:
    """Send the customer what staff answered, unless the customer wants no mail for each reply.

    A guest's own choice is the link at the foot of the mail: nobody else has proven the address.
    """
    user = db.get_one(User, ticket.user_id)
    if user.reply_mails_stopped_at is not None and not _is_from_guest(ticket):
        return
    _to_customer(
        db,
        MailKind.TICKET_REPLY,
        ticket,
        user,
        agent_name=_agent_name(actor),
        text=message.content,
    )


def resolved(db: Session, ticket: Ticket, actor: Actor, *, due_at: datetime | None = None) -> None:
    """Tell the customer how it was resolved; ``due_at`` holds the mail back while undo works."""
    _to_customer(
        db,
        MailKind.TICKET_RESOLVED,
        ticket,
        db.get_one(User, ticket.user_id),
        due_at=due_at,
        agent_name=_agent_name(actor),
        resolution=ticket.resolution,
    )


def _agent_name(actor: Actor) -> str:
    """What customers call the agent; one without a name goes by the address among staff only."""
    return NAMELESS_AGENT if actor.name in ("", actor.email) else actor.name


def _to_customer(
    db: Session,
    kind: MailKind,
    ticket: Ticket,
    user: User,
    *,
    due_at: datetime | None = None,
    **context: object,
) -> None:
    if user.email is None:
        return
    guest = _is_from_guest(ticket)
    url = intake.private_link(db, ticket) if guest else _page("support", ticket)
    title = None if guest else ticket.title
    notifications.enqueue(
        db,
        kind,
        to=user,
        ticket_id=ticket.id,
        due_at=due_at,
        stoppable=guest,
        context={
            "number": ticket.ticket_number,
            "title": title,
            "url": url,
            "rating_url": f"{url}/rating",
            **context,
        },
    )


def _is_from_guest(ticket: Ticket) -> bool:
    """Whether nobody has proven to be the owner of the address, even if it has an account."""
    return ticket.channel == Channel.GUEST.value


def customer_replied(db: Session, ticket: Ticket, message: TicketMessage) -> None:
    """Tell the assigned agent what the customer wrote."""
    if ticket.assigned_to_id is None:
        return
    agent = users.assignable(db, ticket.assigned_to_id)  # nobody who is staff no more
    customer = db.get_one(User, ticket.user_id)
    if agent is not None:
        notifications.enqueue(
            db,
            MailKind.TICKET_CUSTOMER_REPLIED,
            to=agent,
            ticket_id=ticket.id,
            context={
                **_for_agent(ticket),
                "customer_name": str(customer),
                "text": message.content,
            },
        )


def assigned(
    db: Session,
    ticket: Ticket,
    assignee: User,
    actor: Actor,
    *,
    due_at: datetime | None = None,
) -> None:
    """Tell an agent that the ticket is theirs now."""
    notifications.enqueue(
        db,
        MailKind.TICKET_ASSIGNED,
        to=assignee,
        ticket_id=ticket.id,
        due_at=due_at,
        context={
            **_for_agent(ticket),
            "by_name": actor.name,
            "customer_name": str(db.get_one(User, ticket.user_id)),
            "severity": SEVERITY_TITLES[Severity(ticket.severity)],
        },
    )


def _for_agent(ticket: Ticket) -> dict[str, object]:
    return {
        "number": ticket.ticket_number,
        "title": ticket.title,
        "url": _page("support-dashboard/tickets", ticket),
    }


def _page(folder: str, ticket: Ticket) -> str:
    return f"{settings().base_url}/{folder}/{ticket.ticket_number}"
