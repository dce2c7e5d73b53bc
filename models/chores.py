"""What one process does from time to time, whichever comes first: a row with a lease for each."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, String, or_, select, update
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, UTCDateTime, now
from models.db import reading, unit_of_work

LEASE = timedelta(minutes=5)


class Chore(Base):
    """Something that is done again and again; ``claimed_until`` is the lease of who is at it."""

    __tablename__ = "chores"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    due_at: Mapped[datetime] = mapped_column(UTCDateTime)
    claimed_until: Mapped[datetime | None] = mapped_column(UTCDateTime)


def take(name: str) -> datetime | None:
    """Take what is due, if nobody else is at it; gives the end of the lease.

    The migration made the row. Raises Unavailable.
    """
    with reading() as db:  # without a write lock, since most of the time there is nothing to do
        if db.scalar(select(Chore.name).where(_is_free(name))) is None:
            return None
    lease = now() + LEASE
    with unit_of_work() as db:
        claim = update(Chore).where(_is_free(name)).values(claimed_until=lease)
        return lease if db.execute(claim.returning(Chore.name)).first() else None


def give_back(name: str, lease: datetime, *, due_at: datetime | None = None) -> None:
    """End the lease, if it is still ours; without ``due_at`` the chore stays due."""
    values = {"claimed_until": None} | ({"due_at": due_at} if due_at else {})
    with unit_of_work() as db:
        db.execute(
            update(Chore).where(Chore.name == name, Chore.claimed_until == lease).values(values)
        )


def _is_free(name: str) -> ColumnElement[bool]:
    is_unclaimed = or_(Chore.claimed_until.is_(None), Chore.claimed_until <= now())
    return (Chore.name == name) & (Chore.due_at <= now()) & is_unclaimed
