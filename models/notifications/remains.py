"""What is left of mails once they are out for a while."""

from collections.abc import Iterator
from datetime import timedelta

from models import batches
from models.base import now
from models.notifications.tables import MailStatus, OutboxMail

KEPT = timedelta(days=30)


def sweep() -> Iterator[int]:
    """Delete mails sent more than 30 days ago; gives how many after each batch."""
    before = now() - KEPT
    # No mail is sent before it is due, and by that time the index finds them.
    is_due = (OutboxMail.status == MailStatus.SENT.value) & (OutboxMail.due_at < before)
    yield from batches.deleted(OutboxMail, is_due & (OutboxMail.sent_at < before))
