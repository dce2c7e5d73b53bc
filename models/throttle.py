"""Rate limits that hold over all processes: one row for each counted event."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import Index, String, delete, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from models import batches
from models import db as database
from models.base import Base, Id, UTCDateTime, new_id, now
from models.errors import TooMany

KEPT = timedelta(days=1)  # the longest window
MINUTES_SAID = 90


class ThrottleHit(Base):
    """One counted event of a bucket, for example ``sign-in:account:ann@example.com``."""

    __tablename__ = "throttle_hits"
    __table_args__ = (Index("ix_throttle_hits_bucket_at", "bucket", "at"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    bucket: Mapped[str] = mapped_column(String(400))
    at: Mapped[datetime] = mapped_column(UTCDateTime, default=now, index=True)


def check(db: Session, bucket: str, *, limit: int, window: timedelta) -> None:
    """Raise TooMany when ``limit`` events of this bucket lie within ``window``."""
    since = now() - window
    hits = select(func.count(), func.min(ThrottleHit.at)).where(
        ThrottleHit.bucket == bucket, ThrottleHit.at > since
    )
    count, oldest = db.execute(hits).one()
    if count >= limit:
        wait = max(1, int((oldest - since).total_seconds()) + 1)
        raise TooMany(wait, f"Too many tries. Please wait {_said(wait)} and try again.")


def hit(db: Session, bucket: str) -> None:
    """Count one event; old rows of the bucket go at the same time."""
    db.execute(
        delete(ThrottleHit).where(ThrottleHit.bucket == bucket, ThrottleHit.at < now() - KEPT)
    )
    db.add(ThrottleHit(bucket=bucket))
    db.flush()


def take(db: Session, bucket: str, *, limit: int, window: timedelta) -> None:
    """Check and count in one step that parallel requests cannot overrun. Raises TooMany."""
    database.lock(db, bucket)
    check(db, bucket, limit=limit, window=window)
    hit(db, bucket)


def clear(db: Session, bucket: str) -> None:
    """Forget a bucket, for example after a successful sign-in."""
    db.execute(delete(ThrottleHit).where(ThrottleHit.bucket == bucket))


def undo(db: Session, bucket: str) -> None:
    """Take the newest event back: it turned out not to count."""
    database.lock(db, bucket)
    newest = (
        select(ThrottleHit.id)
        .where(ThrottleHit.bucket == bucket)
        .order_by(ThrottleHit.id.desc())
        .limit(1)
    )
    db.execute(delete(ThrottleHit).where(ThrottleHit.id == newest.scalar_subquery()))


def sweep() -> Iterator[int]:
    """Delete events that no window reaches any more; gives how many after each batch."""
    yield from batches.deleted(ThrottleHit, ThrottleHit.at < now() - KEPT)


def _said(seconds: int) -> str:
    minutes = (seconds + 59) // 60
    if minutes > MINUTES_SAID:
        return f"{(minutes + 59) // 60} hours"
    return "a minute" if minutes == 1 else f"{minutes} minutes"
