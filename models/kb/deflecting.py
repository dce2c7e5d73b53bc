"""Tickets that nobody had to write: an article that was suggested in the form solved it."""

from datetime import date, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models import audit, permissions, throttle
from models import db as database
from models.actor import Actor
from models.base import now
from models.errors import NotFound
from models.kb.deeds import Solved
from models.kb.queries import article_by_slug
from models.kb.tables import Article, Deflection
from models.permissions import Permission

AN_HOUR = 60
HOUR = timedelta(hours=1)


def deflect(db: Session, deed: Solved, *, visitor: str, actor: Actor) -> Article:
    """Note that a suggested article solved it, once for each visitor and article.

    Raises NotFound for a draft, TooMany above 60 an hour from one network address.
    """
    if not actor.is_signed_in:
        throttle.take(db, f"solved:address:{actor.address}", limit=AN_HOUR, window=HOUR)
    article = article_by_slug(db, deed.article, actor=actor)
    database.lock_row(db, article)
    if not article.is_published:
        raise NotFound
    if db.get(Deflection, (article.id, visitor)) is None:
        db.add(
            Deflection(
                article_id=article.id, visitor=visitor, source=deed.source.value, day=now().date()
            )
        )
        db.flush()
        audit.record(
            db, "article.deflect", "article", article.id, actor=actor, source=deed.source.value
        )
    return article


def deflections(db: Session, *, since: date | None = None, actor: Actor) -> int:
    """How many tickets articles have saved, from a day (UTC) on, for who reads articles."""
    permissions.require(actor, Permission.KB_READ)
    counted = select(func.count()).select_from(Deflection)
    if since is not None:
        counted = counted.where(Deflection.day >= since)
    return db.scalar(counted) or 0
