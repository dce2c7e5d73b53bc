"""Idempotency keys: the same deed sent twice is done once, and answered with the same words."""

import hashlib
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import String, UniqueConstraint, bindparam, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Mapped, Session, mapped_column

from models import batches
from models import db as database
from models.actor import Actor
from models.base import Base, Id, JSONText, UTCDateTime, new_id, now
from models.errors import Invalid, NotAllowedNow

KEPT = timedelta(hours=24)
MAX_KEY = 200


class IdempotencyKey(Base):
    """A key that an actor sent with a deed, the fingerprint of the body, and the answer given."""

    __tablename__ = "idempotency_keys"
    __table_args__ = (UniqueConstraint("owner", "key"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    owner: Mapped[str] = mapped_column(String(200))
    key: Mapped[str] = mapped_column(String(MAX_KEY))
    fingerprint: Mapped[str] = mapped_column(String(64))
    answer: Mapped[dict[str, Any]] = mapped_column(JSONText, default=dict)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now, index=True)


_FIND = select(IdempotencyKey).where(
    IdempotencyKey.owner == bindparam("owner"), IdempotencyKey.key == bindparam("key")
)


def stored_answer(db: Session, key: str, body: str, *, actor: Actor) -> dict[str, Any] | None:
    """The answer given to this key before, or None when the deed is still to be done.

    A parallel twin waits here until the first one commits, 5 seconds at most: then NotAllowedNow
    (on SQLite, where all writers wait for one another, Unavailable). Raises Invalid for what is no
    key, and for a key that came with another body within 24 hours.
    """
    if not (0 < len(key) <= MAX_KEY and key.isascii() and key.isprintable()):
        raise Invalid({"Idempotency-Key": f"A key has 1 to {MAX_KEY} plain characters."})
    owner = _owner(actor)
    _wait_for_twin(db, f"{owner}:{key}")
    found = db.scalar(_FIND, {"owner": owner, "key": key})
    if found is None:
        return None
    if found.created_at < now() - KEPT:
        db.delete(found)
        db.flush()
        return None
    if found.fingerprint != _fingerprint(body):
        raise Invalid({"Idempotency-Key": "This key came with another body. Use a new key."})
    return found.answer


def _wait_for_twin(db: Session, name: str) -> None:
    try:
        database.lock(db, name)
    except OperationalError as error:  # longer than this database lets anybody wait
        raise NotAllowedNow(
            "The same request is still being worked on. Please send it again in a moment."
        ) from error


def store_answer(db: Session, key: str, body: str, answer: dict[str, Any], *, actor: Actor) -> None:
    """Keep the answer of a deed that succeeded, in the deed's own transaction."""
    db.add(
        IdempotencyKey(owner=_owner(actor), key=key, fingerprint=_fingerprint(body), answer=answer)
    )
    db.flush()


def sweep() -> Iterator[int]:
    """Delete answers older than 24 hours; gives how many after each batch."""
    yield from batches.deleted(IdempotencyKey, IdempotencyKey.created_at < now() - KEPT)


def _owner(actor: Actor) -> str:
    return actor.user_id or f"guest:{actor.address or ''}"


def _fingerprint(body: str) -> str:
    return hashlib.sha256(body.encode()).hexdigest()
