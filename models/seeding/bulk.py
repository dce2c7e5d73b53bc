"""Many people, articles and tickets, the same ones for the same numbers and seed.

Rows are written as the rooms would leave them (numbers, histories, waiting times, index), but many
at a time and without mail. What is there already is not added again, so an interrupted run can be
continued.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Table, insert, select, text
from sqlalchemy.orm import Session

from models import counters, fulltext, kb, permissions, tickets
from models import db as database
from models.actor import Actor
from models.audit import AuditEntry
from models.kb import Article
from models.permissions import Permission
from models.seeding import crowd, library, pile, shelf
from models.seeding.starter import seed_base
from models.tickets import Ticket, TicketMessage, TicketTag
from models.users import Gateway, User

BATCH = 2_000
TICKETS_A_PERSON = 20
AGENTS = 8
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Wanted:
    """How many of each kind there should be, and the seed that makes them what they are."""

    users: int = 0
    articles: int = 0
    tickets: int = 0
    seed: int = 1


def seed_bulk(wanted: Wanted, progress: Progress, *, actor: Actor) -> dict[str, int]:
    """Add what is missing of the bulk data, and count it by kind; ``progress`` hears of each step.

    Opens transactions of some thousand rows. Raises NotPermitted unless the actor may write in
    the knowledge base and create people.
    """
    permissions.require(actor, Permission.KB_WRITE)
    seed_base(actor=actor)
    words = library.whole("bulk.yaml")
    people = max(wanted.users, -(-wanted.tickets // TICKETS_A_PERSON))
    staff = crowd.Crowd(wanted.seed, "agent", AGENTS if wanted.tickets else 0)
    customers = crowd.Crowd(wanted.seed, "person", people)
    added = {"people": _add_people(staff, progress) + _add_people(customers, progress)}
    with database.reading() as db:
        article_slugs = [category.slug for category in kb.categories(db)]
        ticket_slugs = [category.slug for category in tickets.categories(db)]
    books = shelf.Shelf(wanted.seed, wanted.articles, words, article_slugs, actor.user_id or "")
    added["articles"] = _add_articles(books, progress)
    heap = pile.Pile(wanted.seed, wanted.tickets, words, ticket_slugs, customers, staff)
    added["tickets"] = _add_tickets(heap, progress)
    _learn_what_there_is()
    return added


def _batches(total: int) -> Iterator[range]:
    for start in range(0, total, BATCH):
        yield range(start, min(start + BATCH, total))


def _missing(db: Session, column: Any, ids: Sequence[str]) -> set[str]:
    return set(ids) - set(db.scalars(select(column).where(column.in_(ids))))


def _put(db: Session, table: Any, rows: list[dict[str, Any]]) -> None:
    if rows:
        made: Table = table.__table__
        db.execute(insert(made), rows)


def _add_people(people: crowd.Crowd, progress: Progress) -> int:
    added = 0
    for batch in _batches(people.count):
        with database.unit_of_work(long=True) as db:
            missing = _missing(db, User.id, [people.id_of(n) for n in batch])
            rows = [people.row(n) for n in batch if people.id_of(n) in missing]
            _put(db, User, rows)
            _put(db, Gateway, [crowd.gateway(row) for row in rows if row["plan"] == "pro"])
            added += len(rows)
        progress(f"{people.kind}s", batch.stop, people.count)
    return added


def _add_articles(books: shelf.Shelf, progress: Progress) -> int:
    added = 0
    for batch in _batches(books.count):
        with database.unit_of_work(long=True) as db:
            missing = _missing(db, Article.id, [books.id_of(n) for n in batch])
            wanted = [n for n in batch if books.id_of(n) in missing]
            first = counters.next_number(db, counters.ARTICLES, count=len(wanted)) if wanted else 0
            made = [books.volume(n, first + at) for at, n in enumerate(wanted)]
            _put(db, Article, [volume.row for volume in made])
            _put(db, AuditEntry, [entry for volume in made for entry in volume.audit])
            fulltext.ARTICLES.put_new(db, [volume.entry for volume in made])
            added += len(made)
        progress("articles", batch.stop, books.count)
    return added


def _add_tickets(heap: pile.Pile, progress: Progress) -> int:
    added = 0
    for batch in _batches(heap.count):
        with database.unit_of_work(long=True) as db:
            missing = _missing(db, Ticket.id, [heap.id_of(n) for n in batch])
            wanted = [n for n in batch if heap.id_of(n) in missing]
            first = counters.next_number(db, counters.TICKETS, count=len(wanted)) if wanted else 0
            made = [heap.story(n, first + at) for at, n in enumerate(wanted)]
            _put(db, Ticket, [story.row for story in made])
            _put(db, TicketMessage, [row for story in made for row in story.messages])
            _put(db, TicketTag, [row for story in made for row in story.tags])
            _put(db, AuditEntry, [story.audit for story in made])
            fulltext.TICKETS.put_new(db, [story.entry for story in made])
            added += len(made)
        progress("tickets", batch.stop, heap.count)
    return added


def _learn_what_there_is() -> None:
    """Let the database count what it holds, so that it plans its queries for that."""
    with database.unit_of_work(long=True) as db:
        db.execute(text("ANALYZE"))
        kb.new_edition(db)
