"""What spans rooms: the numbers of the dashboard, and all about one customer."""

from models.overview.people import GatewayRow, TicketRow, UserCard, user_card
from models.overview.stats import ArticleStats, SupportStats, TicketStats, stats

__all__ = [
    "ArticleStats",
    "GatewayRow",
    "SupportStats",
    "TicketRow",
    "TicketStats",
    "UserCard",
    "stats",
    "user_card",
]
