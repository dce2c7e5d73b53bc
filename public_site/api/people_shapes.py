"""People and the numbers of the dashboard, as the API gives them."""

from datetime import datetime, timedelta

from models.overview import SupportStats, TicketStats, UserCard
from models.users import PersonRow
from public_site.api.shapes import PageShape, Shape

HOUR, MINUTE = 3600, 60


class Me(Shape):
    """Who is signed in."""

    id: str
    email: str | None
    name: str
    role: str
    permissions: list[str]


class Gateway(Shape):
    """A gateway of a customer, as the host last told."""

    id: str
    name: str
    type: str
    status: str
    last_error: str | None
    last_error_at: datetime | None


class RecentTicket(Shape):
    """One of a customer's latest tickets."""

    id: str
    ticket_number: str
    title: str
    status: str
    created_at: datetime


class PersonItem(Shape):
    """Somebody in a list of people."""

    id: str
    email: str | None
    name: str
    role: str
    plan: str
    is_active: bool
    created_at: datetime
    last_login_at: datetime | None
    gateway_count: int
    ticket_count: int


class PersonPage(PageShape):
    """A page of people."""

    items: list[PersonItem]


def person_item(row: PersonRow, ticket_count: int) -> PersonItem:
    """Somebody in a list of people."""
    names = PersonItem.model_fields.keys() - {"ticket_count"}
    return PersonItem(**{name: getattr(row, name) for name in names}, ticket_count=ticket_count)


class Card(Shape):
    """All about one customer."""

    id: str
    email: str | None
    name: str
    role: str
    plan: str
    is_active: bool
    created_at: datetime
    last_login_at: datetime | None
    gateways: list[Gateway]
    tickets: list[RecentTicket]
    ticket_count: int


def card(found: UserCard) -> Card:
    """All about one customer."""
    return Card.model_validate(found)


class TicketNumbers(Shape):
    """Tickets by status, and how fast the first answer comes (like ``2h 15m``)."""

    open: int
    in_progress: int
    waiting_user: int
    resolved_today: int
    unassigned: int
    avg_response_time: str | None
    median_response_time: str | None
    p90_response_time: str | None


class ArticleNumbers(Shape):
    """Articles of the knowledge base."""

    total: int
    published: int
    drafts: int


class Stats(Shape):
    """The numbers of the dashboard."""

    tickets: TicketNumbers
    articles: ArticleNumbers


def stats(found: SupportStats) -> Stats:
    """The numbers of the dashboard."""
    return Stats(
        tickets=_ticket_numbers(found.tickets),
        articles=ArticleNumbers.model_validate(found.articles),
    )


def _ticket_numbers(found: TicketStats) -> TicketNumbers:
    return TicketNumbers(
        open=found.open,
        in_progress=found.in_progress,
        waiting_user=found.waiting_user,
        resolved_today=found.resolved_today,
        unassigned=found.unassigned,
        avg_response_time=said(found.avg_response_time),
        median_response_time=said(found.median_response_time),
        p90_response_time=said(found.p90_response_time),
    )


def said(length: timedelta | None) -> str | None:
    """A length of time as people say it: ``2h 15m``; None without one."""
    if length is None:
        return None
    hours, rest = divmod(int(length.total_seconds()), HOUR)
    return f"{hours}h {rest // MINUTE}m" if hours else f"{rest // MINUTE}m"
