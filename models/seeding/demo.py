"""The demo: people, articles that were read, and three months of tickets.

The past is played: each deed is done through the rooms, in order of time, with the clock set to
its moment, so that numbers, histories and waiting times are what they would have been. Mails
that these deeds write are taken out of the outbox again before the transaction ends: nobody gets
mail about a past that never was.
"""

from collections import Counter
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from models import db as database
from models import kb, tickets, users
from models.actor import Actor, Door, Role
from models.base import now
from models.deeds import read
from models.errors import NotPermitted
from models.notifications import OutboxMail
from models.seeding import library, past, starter
from models.seeding.story import CUSTOMER, TRIAGER, Story, events
from models.users import Gateway, User

DEMO_PASSWORD = "demo-password"  # noqa: S105  # known to all; the demo listens on loopback only
DEMO_SIGN_INS = (
    "member@example.com",
    "support@example.com",
    "admin@example.com",
    "super@example.com",
)


# Who wrote the articles that have no readers yet, and when.
DRAFT = {"author": "admin@example.com", "published_days_ago": 2}


def seed_demo(*, actor: Actor) -> Counter[str]:
    """Add what is missing of the base data and the demo, and count it by kind.

    Opens its own transactions. Raises NotPermitted unless the actor may create every role.
    """
    if actor.role is not Role.SUPER_ADMIN:
        raise NotPermitted
    present = now()
    added = Counter({"people": _add_people(present, actor)})
    added += starter.seed_base(actor=actor, writing=_writing(present))
    with database.unit_of_work() as db:
        database.lock(db, starter.LOCK)
        _add_readers(db)
        added["tickets"] = _add_tickets(db, present)
    return added


def _add_people(present: datetime, actor: Actor) -> int:
    people = library.entries("demo_people.yaml", "people")
    with database.reading() as db:
        known = set(db.scalars(select(User.email)))
    if all(entry["email"] in known for entry in people):
        return 0
    password_hash = users.hash_new_password(DEMO_PASSWORD)
    with database.unit_of_work() as db:
        database.lock(db, starter.LOCK)
        known = set(db.scalars(select(User.email)))
        missing = [entry for entry in people if entry["email"] not in known]
        for entry in sorted(missing, key=lambda entry: -entry["joined_days_ago"]):
            _add_person(db, entry, password_hash, present, actor)
    return len(missing)


def _add_person(
    db: Session, entry: dict[str, Any], password_hash: str, present: datetime, actor: Actor
) -> None:
    deed = read(users.NewUser, {name: entry[name] for name in ("email", "name", "role", "plan")})
    with past.at(present - timedelta(days=entry["joined_days_ago"])):
        user = users.create(db, deed, password_hash=password_hash, actor=actor)
    with past.at(present - timedelta(hours=entry["last_login_hours_ago"])):
        user.last_login_at = now()
        db.flush()
    db.add_all(_gateway(user, gateway, present) for gateway in entry.get("gateways", ()))


def _gateway(user: User, entry: dict[str, Any], present: datetime) -> Gateway:
    hours = entry.get("last_error_hours_ago")
    return Gateway(
        owner_id=user.id,
        name=entry["name"],
        type=entry["type"],
        status=entry["status"],
        last_error=entry.get("last_error"),
        last_error_at=None if hours is None else present - timedelta(hours=hours),
    )


def _writing(present: datetime) -> starter.Writing:
    """The demo's articles were written by its administrators, over the past year."""
    entries = {entry["slug"]: entry for entry in library.entries("demo_articles.yaml", "articles")}
    with database.reading() as db:
        emails = {entry["author"] for entry in (*entries.values(), DRAFT)}
        authors = {email: _person(db, email) for email in emails}

    def of(slug: str) -> tuple[Actor, AbstractContextManager[None]]:
        entry = entries.get(slug, DRAFT)
        moment = present - timedelta(days=entry["published_days_ago"])
        return users.actor_of(authors[entry["author"]], door=Door.BACKOFFICE), past.at(moment)

    return of


def _person(db: Session, email: str) -> User:
    return db.scalars(select(User).where(User.email == email, User.external_id.is_(None))).one()


def _add_readers(db: Session) -> None:
    """Views and votes, as if readers had come; only where nobody has been yet."""
    for entry in library.entries("demo_articles.yaml", "articles"):
        unread = (kb.Article.slug == entry["slug"]) & (kb.Article.view_count == 0)
        counts = {
            "view_count": entry["views"],
            "helpful_count": entry["helpful"],
            "not_helpful_count": entry["not_helpful"],
        }
        unvoted = kb.Article.helpful_count + kb.Article.not_helpful_count == 0
        article_id = db.scalar(
            update(kb.Article).where(unread & unvoted).values(counts).returning(kb.Article.id)
        )
        if article_id is not None:
            _add_votes(db, article_id, entry)


def _add_votes(db: Session, article_id: str, entry: dict[str, Any]) -> None:
    votes = [True] * entry["helpful"] + [False] * entry["not_helpful"]
    db.execute(
        insert(kb.ArticleFeedback),
        [
            {"article_id": article_id, "visitor": f"demo-reader-{number}", "helpful": helpful}
            for number, helpful in enumerate(votes, 1)
        ],
    )


def _add_tickets(db: Session, present: datetime) -> int:
    missing = _missing_tickets(db)
    stories = [_story(db, entry, present) for entry in missing]
    play = sorted(
        (event for story in stories for event in events(story)), key=lambda event: event.at
    )
    for event in play:
        with past.at(min(event.at, present)):
            event.happen(db)
            db.flush()
    ids = [story.ticket.id for story in stories]
    db.execute(delete(OutboxMail).where(OutboxMail.ticket_id.in_(ids)))
    return len(stories)


def _missing_tickets(db: Session) -> list[dict[str, Any]]:
    rows = select(User.email, tickets.Ticket.title).join(User, User.id == tickets.Ticket.user_id)
    known = {(email, title) for email, title in db.execute(rows)}
    return [
        entry
        for entry in library.entries("demo_tickets.yaml", "tickets")
        if (entry["customer"], entry["title"]) not in known
    ]


def _story(db: Session, entry: dict[str, Any], present: datetime) -> Story:
    involved = {entry["customer"], entry["assignee"] or TRIAGER, TRIAGER}
    involved |= {message["from"] for message in entry["messages"]} - {CUSTOMER}
    people = {email: _actor(db, email) for email in involved}
    return Story(entry, present, people)


def _actor(db: Session, email: str) -> Actor:
    person = _person(db, email)
    door = Door.BACKOFFICE if Role(person.role).is_staff else Door.WEB
    return users.actor_of(person, door=door)
