"""How the outbox is doing."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from models.notifications.tables import MailStatus, OutboxMail


@dataclass(frozen=True, slots=True)
class OutboxHealth:
    """Mails that wait and mails given up; ``oldest_waiting`` is when the oldest was written."""

    waiting: int
    dead: int
    oldest_waiting: datetime | None


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
