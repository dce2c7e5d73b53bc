"""How often somebody may search, and be offered articles while typing."""

from models.actor import Actor
from models.pace import Pace

SEARCHES_A_MINUTE = 120
SUGGESTIONS_A_MINUTE = 240
_searches = Pace(SEARCHES_A_MINUTE, 60)
_suggestions = Pace(SUGGESTIONS_A_MINUTE, 60)


def count_search(*, actor: Actor) -> None:
    """Count a search of this visitor. Raises TooMany above 120 a minute."""
    if not actor.is_system:
        _searches.take(_visitor(actor))


def count_suggestion(*, actor: Actor) -> None:
    """Count what is offered to this visitor while typing. Raises TooMany above 240 a minute."""
    if not actor.is_system:
        _suggestions.take(_visitor(actor))


def _visitor(actor: Actor) -> str:
    return actor.user_id or f"address:{actor.address}"
