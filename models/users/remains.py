"""What is left of links and sign-ins once they open nothing."""

from collections.abc import Iterator

from models import batches
from models.base import now
from models.users.tables import OneTimeLink, SignIn


def sweep() -> Iterator[int]:
    """Delete links and sign-ins that are used, ended or too old; says how many."""
    is_dead = (OneTimeLink.expires_at <= now()) | OneTimeLink.used_at.is_not(None)
    yield from batches.deleted(OneTimeLink, is_dead)
    is_over = (SignIn.expires_at <= now()) | SignIn.ended_at.is_not(None)
    yield from batches.deleted(SignIn, is_over)
