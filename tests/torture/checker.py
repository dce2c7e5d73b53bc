"""What must be true after a crash: all that was acknowledged is there, and nothing in part."""

from collections import Counter

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import consistency, db
from models.counters import Counter as NumberRow
from models.idempotency import IdempotencyKey
from models.notifications import OutboxMail
from models.tickets import Ticket
from tests.house import none_of
from tests.torture.load import History


def check(history: History) -> int:
    """Assert that database and history agree; gives how many tickets there are."""
    with db.reading() as session:
        found = session.execute(
            select(Ticket.id, Ticket.number, Ticket.ticket_number, Ticket.title)
        ).all()
        _once(session, [row.id for row in found])
        _consecutive(session, sorted(row.number for row in found))
    agree()
    titles = Counter(row.title for row in found)
    assert [title for title, count in titles.items() if count > 1] == [], "sent once, there twice"
    assert set(titles) <= set(history.told), "there, but never sent"
    numbers = {row.title: row.ticket_number for row in found}
    lost = {title for title, number in history.acknowledged.items() if numbers.get(title) != number}
    assert not lost, f"acknowledged and lost: {lost}"
    return len(found)


def agree() -> None:
    """Assert that ``supportctl doctor --deep`` would find nothing (V4)."""
    with db.reading() as session:
        none_of(
            f"{check.name}: {finding}"
            for check in consistency.checks()
            for finding in check.findings(session)
        )


def _once(session: Session, ids: list[str]) -> None:
    """Each ticket has its mail and its kept answer once (V3)."""
    once = dict.fromkeys(ids, 1)
    mailed = select(OutboxMail.ticket_id).where(OutboxMail.kind == "ticket_received")
    kept = [answer["id"] for answer in session.scalars(select(IdempotencyKey.answer))]
    assert Counter(session.scalars(mailed)) == once, "mails in the outbox"
    assert Counter(kept) == once, "answers kept for a second sending"


def _consecutive(session: Session, numbers: list[int]) -> None:
    assert numbers == list(range(1, len(numbers) + 1)), "a number is missing"
    assert session.get_one(NumberRow, "tickets").value == len(numbers)
