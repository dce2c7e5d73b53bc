"""What spans rooms: the numbers of the dashboard, and all about one customer."""

from models.overview.log import LogRow, audit_log
from models.overview.people import GatewayRow, TicketRow, UserCard, ticket_counts, user_card
from models.overview.stats import ArticleStats, SupportStats, TicketStats, stats

__all__ = [
    "ArticleStats",
    "GatewayRow",
    "LogRow",
    "SupportStats",
    "TicketRow",
    "TicketStats",
    "UserCard",
    "audit_log",
    "stats",
    "ticket_counts",
    "user_card",
]
