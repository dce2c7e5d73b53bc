"""How often somebody may search."""

from models.actor import Actor
from models.pace import Pace

SEARCHES_A_MINUTE = 120
_searches = Pace(SEARCHES_A_MINUTE, 60)


def count_search(*, actor: Actor) -> None:
    """Count a search of this visitor. Raises TooMany above 120 a minute."""
    if not actor.is_system:
        _searches.take(actor.user_id or f"address:{actor.address}")
