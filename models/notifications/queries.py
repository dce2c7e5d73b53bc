"""How the outbox is doing, and which mails did not get out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from models import paging, permissions
from models.actor import Actor
from models.base import now
from models.deeds import Deed, PageNumber, PageSize
from models.notifications.tables import MailStatus, OutboxMail
from models.paging import Page
from models.permissions import Permission

TOO_OLD = timedelta(minutes=15)
NEWEST_ERRORS = 3


@dataclass(frozen=True, slots=True)
class OutboxHealth:
    """Mails that wait and mails given up; ``oldest_waiting`` is when the oldest was written."""

    waiting: int
    dead: int
    oldest_waiting: datetime | None

    @property
    def is_late(self) -> bool:
        """Whether a mail waits for longer than a quarter of an hour."""
        return self.oldest_waiting is not None and now() - self.oldest_waiting > TOO_OLD


@dataclass(frozen=True, slots=True)
class MailRow:
    """A mail that did not get out yet, without its words. Times are in UTC."""

    id: str
    kind: str
    recipient: str
    ticket_id: str | None
    status: str
    attempts: int
    last_error: str | None
    created_at: datetime
    due_at: datetime


class MailFilter(Deed):
    """Which of the mails that did not get out."""

    status: Literal["dead", "waiting"] | None = None
    page: PageNumber = 1
    page_size: PageSize = 20


def health(db: Session) -> OutboxHealth:
    """Count what has not been sent."""
    is_waiting = OutboxMail.status == MailStatus.WAITING.value
    is_dead = OutboxMail.status == MailStatus.DEAD.value
    waiting, dead, oldest = db.execute(
        select(
            func.count().filter(is_waiting),
            func.count().filter(is_dead),
            func.min(OutboxMail.created_at).filter(is_waiting),
        ).where(or_(is_waiting, is_dead))
    ).one()
    return OutboxHealth(waiting, dead, oldest)


def undelivered(db: Session, filters: MailFilter, *, actor: Actor) -> Page[MailRow]:
    """Mails given up, then those that wait, the next to be tried first. Raises NotPermitted."""
    permissions.require(actor, Permission.TICKETS_READ)
    states = [filters.status] if filters.status else ["dead", "waiting"]
    rows = (
        select(
            OutboxMail.id,
            OutboxMail.kind,
            OutboxMail.recipient,
            OutboxMail.ticket_id,
            OutboxMail.status,
            OutboxMail.attempts,
            OutboxMail.last_error,
            OutboxMail.created_at,
            OutboxMail.due_at,
        )
        .where(OutboxMail.status.in_(states))
        .order_by(OutboxMail.status, OutboxMail.due_at, OutboxMail.id)
    )
    found = paging.of_rows(db, rows, page=filters.page, page_size=filters.page_size)
    items = [MailRow(*row) for row in found.items]
    return Page(items, found.page, found.page_size, found.total, found.total_is_capped)


def newest_errors(db: Session) -> Sequence[str]:
    """Why the newest mails were given up, for operators."""
    return db.scalars(
        select(OutboxMail.last_error)
        .where(OutboxMail.status == MailStatus.DEAD.value, OutboxMail.last_error.is_not(None))
        .order_by(OutboxMail.id.desc())
        .limit(NEWEST_ERRORS)
    ).all()  # type: ignore[return-value]  # the condition leaves no None
