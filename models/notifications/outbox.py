"""Writing mails into the outbox, inside the transaction of the deed that causes them."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from models.base import new_id, now
from models.db import after_commit
from models.notifications import wording
from models.notifications.kinds import MailKind
from models.notifications.message import MAX_NAME, message_host, one_line, thread_id
from models.notifications.tables import OutboxMail
from models.notifications.worker import wake
from models.settings import current as settings
from models.users import User


def enqueue(
    db: Session,
    kind: MailKind,
    *,
    to: User,
    context: Mapping[str, object],
    ticket_id: str | None = None,
    due_at: datetime | None = None,
) -> OutboxMail | None:
    """Put a mail to this person into the outbox; it goes after the commit, not before ``due_at``.

    ``MailKind`` names the keys of ``context``. Returns the row, or None for a person without an
    e-mail address.
    """
    if to.email is None:
        return None
    name = _name_for(to, kind)
    words = wording.write(kind, context, name=name)
    mail = OutboxMail(id=new_id(), kind=kind.value, recipient=to.email, recipient_name=name)
    mail.subject, mail.text, mail.html = words.subject, words.text, words.html
    host = message_host(settings().base_url)
    mail.message_id = f"<{mail.id}@{host}>"
    mail.headers = _headers(kind, ticket_id, host)
    mail.ticket_id = ticket_id
    mail.created_at = now()
    mail.due_at = due_at or mail.created_at
    db.add(mail)
    after_commit(db, wake)
    return mail


def _name_for(to: User, kind: MailKind) -> str:
    """The name to write to; a name that anybody could have typed for this address is left out."""
    is_proven = to.email_verified_at is not None and not kind.goes_to_unproven_addresses
    return one_line(to.name)[:MAX_NAME] if is_proven else ""


def _headers(kind: MailKind, ticket_id: str | None, host: str) -> dict[str, str]:
    headers = {
        "Auto-Submitted": "auto-replied" if kind.is_receipt else "auto-generated",  # RFC 3834
        "X-Auto-Response-Suppress": "All",
    }
    if ticket_id is not None:
        headers["In-Reply-To"] = headers["References"] = thread_id(ticket_id, host)
    return headers
