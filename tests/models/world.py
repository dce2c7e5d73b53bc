"""People, articles and tickets for tests of the rooms, made through the rooms' faces."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, TypeVar

from sqlalchemy import inspect, select

from models import db, kb, tickets, users
from models.actor import Actor, Door, Role, anonymous, operator
from models.audit import AuditEntry
from models.base import Base
from models.notifications import OutboxMail
from models.tickets import MessageRow, NewTicket, OwnFilter, OwnRow, Status, Ticket
from models.users import User

OPERATOR = operator()
PASSWORD = "a quite good one"
ADDRESS = "192.0.2.1"
MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
T = TypeVar("T")
R = TypeVar("R", bound=Base)
_numbers = count(1)


class Clock:
    """The time as a test wants it."""

    def __init__(self, moment: datetime = MONDAY) -> None:
        self.moment = moment

    def __call__(self) -> datetime:
        return self.moment

    def forward(self, *, seconds: float = 0, **parts: float) -> datetime:
        """Let time pass: ``hours=8``."""
        self.moment += timedelta(seconds=seconds, **parts)
        return self.moment


def visitor(address: str = ADDRESS) -> Actor:
    """Somebody who did not sign in."""
    return anonymous(Door.WEB, address=address)


def person(
    role: Role = Role.MEMBER,
    *,
    email: str | None = None,
    name: str | None = None,
    password_hash: str | None = None,
) -> Actor:
    """Somebody new with a role, acting at the site."""
    number = next(_numbers)
    email = email or f"{role.value.lower()}{number}@example.com"
    deed = users.NewUser(email=email, name=name or f"{role.value.title()} {number}", role=role)
    with db.unit_of_work() as session:
        user = users.create(session, deed, password_hash=password_hash, actor=OPERATOR)
    return users.actor_of(user, door=Door.WEB, address=ADDRESS)


def prove_address(actor: Actor) -> None:
    """What pressing a mailed link does to the person."""
    with db.unit_of_work() as session:
        user = session.get_one(User, actor.user_id)
        user.email_verified_at = user.created_at


def asked(**changes: Any) -> NewTicket:
    """What a customer writes."""
    given: dict[str, Any] = {
        "type": "bug",
        "category": "gateway",
        "title": "The gateway is offline",
        "description": "It says: connection refused.",
    }
    return NewTicket.model_validate({**given, **changes})


def ticket(actor: Actor, **changes: Any) -> str:
    """A new ticket of this person; gives its id."""
    with db.unit_of_work() as session:
        return tickets.create(session, asked(**changes), actor=actor).id


def ticket_in(status: Status, customer: Actor, agent: Actor) -> str:
    """A ticket that reached this status as tickets do."""
    ticket_id = ticket(customer)
    if status is not Status.OPEN:
        move(ticket_id, status, agent, resolution="Restarted it.")
    return ticket_id


def on_ticket(ticket_id: str, deed: Callable[..., T], *args: Any, actor: Actor, **named: Any) -> T:
    """Do a deed of the tickets' room in a unit of work of its own."""
    with db.unit_of_work() as session:
        return deed(session, session.get_one(Ticket, ticket_id), *args, actor=actor, **named)


def move(ticket_id: str, status: Status, actor: Actor, *, resolution: str | None = None) -> Ticket:
    """Change the status."""
    return on_ticket(ticket_id, tickets.change_status, status, resolution=resolution, actor=actor)


def answer(
    ticket_id: str, actor: Actor, text: str = "Please try again.", status: Status | None = None
) -> None:
    """Staff's answer."""
    deed = tickets.AgentReply(content=text, status=status)
    on_ticket(ticket_id, tickets.reply, deed, actor=actor)


def reply(ticket_id: str, actor: Actor, text: str = "It still fails.") -> None:
    """The customer's reply."""
    on_ticket(ticket_id, tickets.reply, tickets.Reply(content=text), actor=actor)


def note(ticket_id: str, actor: Actor, text: str = "Looks like the proxy.") -> None:
    """An internal note."""
    on_ticket(ticket_id, tickets.add_note, tickets.Note(content=text), actor=actor)


def seen(ticket_id: str) -> Ticket:
    """The ticket as it is stored now."""
    with db.reading() as session:
        found = session.get_one(Ticket, ticket_id)
        assert found.tags is not None  # read while the session is open
        return found


def conversation(ticket_id: str, actor: Actor) -> list[MessageRow]:
    """What the customer reads."""
    with db.reading() as session:
        return tickets.conversation(session, session.get_one(Ticket, ticket_id), actor=actor)


def own_list(actor: Actor, **filters: Any) -> Sequence[OwnRow]:
    """The customer's list."""
    with db.reading() as session:
        return tickets.own_tickets(session, OwnFilter(**filters), actor=actor).items


def article(
    title: str = "First steps",
    content: str = "Press the *green* button.",
    *,
    publish: bool = True,
    actor: Actor = OPERATOR,
    **changes: Any,
) -> str:
    """A new article; gives its id."""
    given = {"title": title, "content": content, "category": "getting_started", **changes}
    deed = kb.ArticleDeed.model_validate(given)
    with db.unit_of_work() as session:
        made = kb.create_article(session, deed, actor=actor)
        if publish:
            kb.publish(session, made, actor=actor)
        return made.id


def rewrite(article_id: str, *, version: int | None = None, **changes: Any) -> None:
    """Change an article."""
    with db.unit_of_work() as session:
        made = kb.get(session, article_id, actor=OPERATOR)
        given = {
            "title": made.title, "content": made.content, "category": made.category,
            "tags": made.tags, **changes,
        }  # fmt: skip
        deed = kb.ArticleDeed.model_validate(given)
        kb.update_article(session, made, deed, version=version, actor=OPERATOR)


def on_article(article_id: str, deed: Callable[..., Any], *args: Any, **named: Any) -> None:
    """Do a deed of the knowledge base in a unit of work of its own."""
    with db.unit_of_work() as session:
        made = session.get_one(kb.Article, article_id)
        deed(session, made, *args, **{"actor": OPERATOR, **named})


def stored(table: type[R], /, **equal: Any) -> list[R]:
    """The rows of a table with these values, oldest first."""
    with db.reading() as session:
        rows = select(table).filter_by(**equal).order_by(*inspect(table).primary_key)
        return list(session.scalars(rows))


def audited(object_id: str | None, action: str | None = None) -> list[AuditEntry]:
    """The audit rows of an object, oldest first."""
    rows = stored(AuditEntry, object_id=object_id)
    return [row for row in rows if action in (None, row.action)]


def mails(kind: str | None = None, **equal: Any) -> list[OutboxMail]:
    """The mails in the outbox, oldest first."""
    return stored(OutboxMail, **({"kind": kind} if kind else {}), **equal)


def together(times: int, deed: Callable[[int], T]) -> list[T | Exception]:
    """Do something many times at once; gives what came of each, an exception too."""
    start = threading.Barrier(times)

    def one(number: int) -> T | Exception:
        start.wait()
        try:
            return deed(number)
        except Exception as error:  # noqa: BLE001  # the test looks at it
            return error

    with ThreadPoolExecutor(times) as threads:
        return list(threads.map(one, range(times)))
