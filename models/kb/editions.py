"""The edition of the knowledge base: each change raises it, so that pages of it can be kept."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import counters
from models import db as database
from models.counters import Counter

_EDITION = select(Counter.value).where(Counter.name == counters.EDITION)


def edition(db: Session) -> int:
    """The present edition; whatever readers saw of another one may have changed."""
    return db.scalar(_EDITION) or 0


def new_edition(db: Session) -> None:
    """Raise the edition once this transaction is committed.

    In a transaction of its own, so that nobody who writes waits for another writer's end.
    """
    database.after_commit(db, _raise)


def _raise() -> None:
    with database.unit_of_work() as db:
        counters.next_number(db, counters.EDITION)
