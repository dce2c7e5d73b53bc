"""The numbers of the dashboard, as the specification's ``SupportStats``."""

import statistics
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models import db as database
from models import permissions
from models.actor import Actor
from models.base import now
from models.kb import Article
from models.permissions import Permission
from models.tickets import Status, Ticket

RESPONSE_WINDOW = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class TicketStats:
    """Tickets by status, and how fast the first answer comes; durations or None without any."""

    open: int
    in_progress: int
    waiting_user: int
    resolved_today: int
    unassigned: int
    avg_response_time: timedelta | None
    median_response_time: timedelta | None
    p90_response_time: timedelta | None


@dataclass(frozen=True, slots=True)
class ArticleStats:
    """Articles of the knowledge base."""

    total: int
    published: int
    drafts: int


@dataclass(frozen=True, slots=True)
class SupportStats:
    """Everything on the home of the dashboard."""

    tickets: TicketStats
    articles: ArticleStats


def stats(db: Session, *, day_start: datetime | None = None, actor: Actor) -> SupportStats:
    """The numbers now. ``day_start`` is the beginning of the viewer's day (default: in UTC).

    First response runs from creation to the first public answer of staff, over the tickets
    answered in the last 30 days. Raises NotPermitted.
    """
    permissions.require(actor, Permission.TICKETS_READ)
    today = day_start or now().replace(hour=0, minute=0, second=0, microsecond=0)
    return SupportStats(_tickets(db, today), _articles(db))


def _tickets(db: Session, today: datetime) -> TicketStats:
    active = (Status.OPEN.value, Status.IN_PROGRESS.value, Status.WAITING_USER.value)
    by_status = (
        select(Ticket.status, func.count()).where(Ticket.status.in_(active)).group_by(Ticket.status)
    )
    counts = dict(db.execute(by_status).all())
    resolved = select(func.count()).where(Ticket.resolved_at >= today)
    unassigned = select(func.count()).where(
        Ticket.status.in_(active), Ticket.assigned_to_id.is_(None)
    )
    average, median, slowest = _response_times(db)
    return TicketStats(
        open=counts.get(Status.OPEN.value, 0),
        in_progress=counts.get(Status.IN_PROGRESS.value, 0),
        waiting_user=counts.get(Status.WAITING_USER.value, 0),
        resolved_today=db.scalar(resolved) or 0,
        unassigned=db.scalar(unassigned) or 0,
        avg_response_time=average,
        median_response_time=median,
        p90_response_time=slowest,
    )


def _response_times(
    db: Session,
) -> tuple[timedelta | None, timedelta | None, timedelta | None]:
    passed = database.seconds_between(db, Ticket.created_at, Ticket.first_response_at)
    rows = select(passed).where(Ticket.first_response_at >= now() - RESPONSE_WINDOW)
    seconds = sorted(max(0.0, float(value)) for value in db.scalars(rows))
    if not seconds:
        return None, None, None
    slowest = seconds[min(len(seconds) - 1, int(len(seconds) * 0.9))]
    return (
        timedelta(seconds=statistics.fmean(seconds)),
        timedelta(seconds=statistics.median(seconds)),
        timedelta(seconds=slowest),
    )


def _articles(db: Session) -> ArticleStats:
    rows = db.execute(
        select(Article.is_published, func.count())
        .where(Article.deleted_at.is_(None))
        .group_by(Article.is_published)
    )
    counts = dict(rows.all())
    published, drafts = counts.get(True, 0), counts.get(False, 0)
    return ArticleStats(published + drafts, published, drafts)
