"""Writing mails into the outbox, inside the transaction of the deed that causes them."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from models.base import new_id, now
from models.db import after_commit
from models.notifications import stops, wording
from models.notifications.kinds import MailKind
from models.notifications.message import (
    MAX_NAME,
    message_host,
    one_line,
    plain_address,
    thread_id,
)
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
    stoppable: bool = False,
) -> OutboxMail | None:
    """Put a mail to this person into the outbox; it goes after the commit, not before ``due_at``.

    ``MailKind`` names the keys of ``context``. ``stoppable`` are mails to an address that nobody
    proved to own: they say how to stop them, and to an address that did there is none. Returns the
    row, or None for a person without an e-mail address and for a stopped one.
    """
    if to.email is None or (stoppable and stops.is_stopped(db, to.email)):
        return None
    name = _name_for(to, kind)
    stop_url = stops.stop_link(to) if stoppable else None
    words = wording.write(kind, context, name=name, stop_url=stop_url)
    mail = OutboxMail(id=new_id(), kind=kind.value, recipient=to.email, recipient_name=name)
    mail.subject, mail.text, mail.html = words.subject, words.text, words.html
    host = message_host(settings().base_url)
    mail.message_id = f"<{mail.id}@{host}>"
    mail.headers = _headers(kind, ticket_id, host) | _stop_headers(stop_url)
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


def _stop_headers(stop_url: str | None) -> dict[str, str]:
    """How a mail program stops such mails by one press (RFC 2369, RFC 8058)."""
    if stop_url is None:
        return {}
    return {
        "List-Unsubscribe": f"<{plain_address(stop_url)}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
