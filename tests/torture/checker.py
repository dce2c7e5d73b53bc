"""What must be true after a crash: all that was acknowledged is there, and nothing in part."""

from collections import Counter

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from models import db
from models.audit import AuditEntry
from models.counters import Counter as NumberRow
from models.idempotency import IdempotencyKey
from models.notifications import OutboxMail
from models.tickets import Ticket
from tests.torture.load import History


def check(history: History) -> int:
    """Assert that database and history agree; gives how many tickets there are."""
    with db.reading() as session:
        found = session.execute(
            select(Ticket.id, Ticket.number, Ticket.ticket_number, Ticket.title)
        ).all()
        _whole(session, {row.id: row.number for row in found})
        _consecutive(session, sorted(row.number for row in found))
        _intact(session)
    titles = Counter(row.title for row in found)
    assert [title for title, count in titles.items() if count > 1] == [], "sent once, there twice"
    assert set(titles) <= set(history.told), "there, but never sent"
    numbers = {row.title: row.ticket_number for row in found}
    lost = {title for title, number in history.acknowledged.items() if numbers.get(title) != number}
    assert not lost, f"acknowledged and lost: {lost}"
    return len(found)


def _whole(session: Session, numbers: dict[str, int]) -> None:
    """Each ticket has each of its parts once, and there is no part without its ticket."""
    once = dict.fromkeys(numbers, 1)
    audited = select(AuditEntry.object_id).where(AuditEntry.action == "ticket.create")
    mailed = select(OutboxMail.ticket_id).where(OutboxMail.kind == "ticket_received")
    kept = [answer["id"] for answer in session.scalars(select(IdempotencyKey.answer))]
    assert Counter(session.scalars(audited)) == once, "audit rows"
    assert Counter(session.scalars(mailed)) == once, "mails in the outbox"
    assert Counter(kept) == once, "answers kept for a second sending"
    column = "rowid" if db.is_sqlite(session) else "number"
    indexed = session.scalars(text(f"SELECT {column} FROM search_tickets"))  # noqa: S608  # one of two words
    assert sorted(indexed) == sorted(numbers.values()), "rows of the search index"


def _consecutive(session: Session, numbers: list[int]) -> None:
    assert numbers == list(range(1, len(numbers) + 1)), "a number is missing"
    assert session.get_one(NumberRow, "tickets").value == len(numbers)


def _intact(session: Session) -> None:
    if db.is_sqlite(session):
        assert session.scalars(text("PRAGMA integrity_check")).all() == ["ok"]
        assert session.execute(text("PRAGMA foreign_key_check")).all() == []
