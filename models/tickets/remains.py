"""What is left of tickets once nobody needs it: dead private links, files without a place."""

from collections.abc import Iterator

from models import batches
from models.base import now
from models.tickets.tables import GuestLink
from models.tickets.uploads import sweep_uploads


def sweep() -> Iterator[int]:
    """Delete private links that open nothing, and files that belong to nothing; see batches."""
    is_dead = (GuestLink.expires_at <= now()) | GuestLink.revoked_at.is_not(None)
    yield from batches.deleted(GuestLink, is_dead)
    yield from sweep_uploads()
