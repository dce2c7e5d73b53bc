"""Consecutive numbers: a counter row that is raised in the transaction that uses the number.

A transaction that rolls back gives its number back, so there is no gap that a rollback would not
explain, and the row lock keeps parallel transactions in turn.
"""

from typing import cast

from sqlalchemy import BigInteger, CheckConstraint, String, Table, bindparam, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base


class Counter(Base):
    """The last number given out under a name."""

    __tablename__ = "counters"
    __table_args__ = (CheckConstraint("value >= 0", name="value"),)

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[int] = mapped_column(BigInteger, default=0)


TICKETS = "tickets"
ARTICLES = "articles"
EDITION = "edition"  # of the knowledge base
_TABLE = cast(Table, Counter.__table__)
_RAISE = (
    update(_TABLE)
    .where(_TABLE.c.name == bindparam("counter"))
    .values(value=_TABLE.c.value + bindparam("count"))
    .returning(_TABLE.c.value)
)


def next_number(db: Session, name: str, *, count: int = 1) -> int:
    """Take ``count`` consecutive numbers and return the first; the migration made the row."""
    value: int = db.execute(_RAISE, {"counter": name, "count": count}).scalar_one()
    return value - count + 1
